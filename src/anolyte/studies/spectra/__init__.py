"""From a folder of spectra to conductivities, activation energies, processes and growth laws."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anolyte.measure.records import Spectrum
from anolyte.measure.setup import Setup
from anolyte.studies.spectra.gather import Measured, Series, gather
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy
from anolyte.studies.spectra.study import SpectraStudy

if TYPE_CHECKING:
    from anolyte.materials.library import Library

__all__ = [
    "Measured", "Series", "SpectraResult", "SpectraStudy", "SpectrumStudy", "fit_spectra", "gather",
]  # fmt: skip


def fit_spectra(
    data: Any,
    circuit: str | None = None,
    *,
    noise: float | None = None,
    table: Path | str | None = None,
    seed: int = 0,
    lib: Library | None = None,
    **setup: Any,
) -> SpectraResult:
    """Spectra to processes, conductivities and laws.

    Args:
        data: A file or folder, a `Spectrum`, a data frame as `Spectrum.to_frame` writes it, or
            several of any one of these.
        circuit: As impedance.py writes it; None: chosen by the data, one for all.
        noise: Relative standard deviation of each part, where it is known.
        table: Conditions of files, see `gather`.
        seed: Of starts and resampling.
        lib: Where the electrolyte's published numbers are.
        setup: Fields of `Setup`, texts with units accepted: `area="0.785 cm2"`.

    Raises:
        DataError: Nothing to read, or nothing that can be fitted.

    >>> from anolyte.measure import synthetic
    >>> made = synthetic.ageing(count=1)
    >>> found = fit_spectra(
    ...     made.spectra[0],
    ...     synthetic.CIRCUIT,
    ...     area="0.7854 cm2",
    ...     thickness="1 mm",
    ...     electrodes="Li|Li",
    ... )
    >>> round(found.spectra[0].processes.bulk, 2)  # S/m; 0.05 was put in
    0.05
    """
    known = Setup(**setup)
    several = [data] if _single(data) else list(data)
    if several and isinstance(several[0], str | Path):
        paths = [Path(p) for p in several]
        series = gather(paths, known, table=None if table is None else Path(table))
    else:
        series = Series(tuple(_measured(several, known)), files=0)
    return SpectraStudy(circuit, noise, seed=seed)(series, lib=lib)


def _single(data: Any) -> bool:
    return isinstance(data, str | Path | Spectrum) or hasattr(data, "columns")


def _measured(data: Iterable[Any], setup: Setup) -> Iterable[Measured]:
    from dataclasses import replace

    for k, one in enumerate(data):
        spectrum = one if isinstance(one, Spectrum) else Spectrum.from_frame(one, number=k)
        own = {n: getattr(spectrum, n) for n in ("temperature", "stack_pressure")}
        found = replace(setup, **{n: v for n, v in own.items() if v is not None})
        yield Measured(spectrum, found, spectrum.time, f"spectrum {k + 1}")
