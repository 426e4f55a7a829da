"""Made spectra as files, to try what reads files: one CSV a spectrum, units in its header."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.synthetic.made import Series


def write(series: Series, folder: Path | str) -> tuple[Path, ...]:
    """One file a spectrum, and `conditions.csv` with what each was taken at.

    Args:
        series: Of `synthetic`.
        folder: Made where it does not exist.

    Raises:
        DataError: The folder cannot be written.
    """
    folder = Path(folder)
    rows = ["file,temperature [K],stack_pressure [Pa],thickness [m],time [s]"]
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for k, (spectrum, truth) in enumerate(zip(series.spectra, series.truths, strict=True)):
            path = folder / f"made_{k + 1:03d}.csv"
            z = spectrum.impedance
            lines = [
                f"{f!r},{a!r},{b!r}"
                for f, a, b in zip(
                    spectrum.frequency.tolist(),
                    np.real(z).tolist(),
                    np.imag(z).tolist(),
                    strict=True,
                )
            ]
            head = "frequency [Hz],real [ohm],imaginary [ohm]"
            path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
            known = (spectrum.temperature, spectrum.stack_pressure, truth.setup.thickness,
                     spectrum.time)  # fmt: skip
            rows.append(",".join([path.name, *("" if v is None else repr(v) for v in known)]))
            written.append(path)
        (folder / "conditions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror})") from None
    return tuple(written)
