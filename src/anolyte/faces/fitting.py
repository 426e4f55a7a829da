"""The verb `fit`: measured files in, numbers that mean something out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces import fitting_images, fitting_polymer, fitting_traces
from anolyte.faces.measuring import (
    Area,
    At,
    CellFile,
    Electrodes,
    ElectrolyteName,
    MeasuredFiles,
    Report,
    Thickness,
    UnderPressure,
)
from anolyte.faces.options import Csv, Json, Materials, Plot

app = typer.Typer(
    name="fit", no_args_is_help=True, rich_markup_mode=None,
    help="Read measured files: spectra, cycling, voltammograms, images.",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

CircuitText = Annotated[
    str,
    typer.Option(
        metavar='"R0-p(R1,CPE1)-Ws1"',
        help="As impedance.py writes it; auto: chosen by the data, one for all.",
    ),
]
Noise = Annotated[
    str | None,
    typer.Option(metavar='"0.3 %"', help="Of each part, where it is known; sharpens every test."),
]
Table = Annotated[
    Path | None,
    typer.Option(
        "--conditions",
        metavar="FILE.csv",
        help="Columns: file, temperature [C], stack_pressure [MPa], time [h], thickness [mm]; "
        "left out: conditions.csv beside the files.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Of starts and resampling.")]
Save = Annotated[Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")]


@app.command()
def eis(
    files: MeasuredFiles,
    circuit: CircuitText = "auto",
    area: Area = None,
    thickness: Thickness = None,
    electrodes: Electrodes = None,
    temperature: At = None,
    pressure: UnderPressure = None,
    electrolyte: ElectrolyteName = None,
    cell: CellFile = None,
    conditions: Table = None,
    noise: Noise = None,
    seed: Seed = 0,
    report: Report = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Impedance spectra: gate, relaxation times, circuit, processes; trends where several differ.

    Example: anolyte fit eis pellet.mpt --area "0.785 cm2" --thickness "1 mm" --electrodes "Li|Li"

    Example: anolyte fit eis folder --cell cell.yaml --report out.html
    """
    where = fitting_traces.output(json, csv, plot, save, report)
    study, found = _study(
        files, circuit, noise, seed, conditions, materials, where,
        dict(cell=cell, area=area, thickness=thickness, electrodes=electrodes,
             temperature=temperature, pressure=pressure, electrolyte=electrolyte),
    )  # fmt: skip
    _finish(study, found, where, report)


@app.command()
def arrhenius(
    files: MeasuredFiles,
    circuit: CircuitText = "auto",
    area: Area = None,
    thickness: Thickness = None,
    electrodes: Electrodes = None,
    pressure: UnderPressure = None,
    electrolyte: ElectrolyteName = None,
    cell: CellFile = None,
    conditions: Table = None,
    noise: Noise = None,
    seed: Seed = 0,
    report: Report = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Spectra at several temperatures: conductivities and activation energies of each process.

    Temperatures come from `conditions.csv`, the files, or their names (`pellet_60C.mpt`).

    Example: anolyte fit arrhenius folder --area "0.785 cm2" --thickness "1 mm" --report out.html
    """
    from anolyte.core.errors import DataError

    where = fitting_traces.output(json, csv, plot, save, report)
    study, found = _study(
        files, circuit, noise, seed, conditions, materials, where,
        dict(cell=cell, area=area, thickness=thickness, electrodes=electrodes,
             pressure=pressure, electrolyte=electrolyte), need="temperature",
    )  # fmt: skip
    if not found.temperatures:
        why = found.warnings[0] if found.warnings else "the fits are not good"
        raise DataError(
            f"no activation energy: {len(found.good)} of {len(found.spectra)} spectra could be "
            f"used, at least 3 temperatures are needed; {why}"
        )
    _finish(study, found, where, report)


def _study(
    files: list[Path], circuit: str, noise: str | None, seed: int, conditions: Path | None,
    materials: list[Path] | None, output: Any, said: dict[str, Any], need: str = "",
) -> tuple[Any, Any]:  # fmt: skip
    """The study that options ask for, and what it found."""
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking, measuring
    from anolyte.measure.circuits import Circuit
    from anolyte.studies.spectra import SpectraStudy, gather

    chosen = None if circuit.strip().lower() == "auto" else Circuit.of(circuit).text
    level = None if noise is None else si(noise, "fraction")
    if level is not None and not 0.0 < level < 0.5:
        raise DataError(f"--noise '{noise}': a share of the modulus, as '0.3 %'")
    lib = asking.library(materials)
    series = gather(files, measuring.setup(**said, lib=lib), table=conditions)
    if need and (missing := [m.label for m in series.measured if m.at(need) is None]):
        raise DataError(
            f"no {need} of {missing[0]} and {len(missing) - 1} more: write conditions.csv with "
            f"'file,{need} [C]', or put it in the names, as 'pellet_60C.mpt'"
            if len(missing) > 1
            else f"no {need} of {missing[0]}: write conditions.csv with 'file,{need} [C]'"
        )
    study = SpectraStudy(chosen, level, seed=seed)
    return study, study(series, lib=lib, progress=_progress(output))


def _progress(output: Any) -> Any:
    """A line on a terminal that waits, with the time left; nothing for programs."""
    from anolyte.core.progress import on_terminal, silent

    return silent if output.json or output.csv else on_terminal()


def _finish(study: Any, found: Any, output: Any, report: Path | None) -> None:
    from anolyte.faces import fitted, fitted_page

    if report is not None:
        from anolyte.measure.circuits import CircuitFit, CircuitSearch
        from anolyte.studies.spectra.trends import SETTINGS

        fitter = CircuitSearch() if study.circuit is None else CircuitFit(study.circuit)
        laws = (SETTINGS,) if found.temperatures else ()
        fitted_page.report(found, report, (study, fitter, *laws))
    output.finish(found, lambda result, page: fitted.show(result, page or str(report or "")))


VERBS = (
    fitting_traces.ccd, fitting_traces.cycling, fitting_traces.cv, fitting_images.images,
    fitting_polymer.polymer,
)  # fmt: skip
for verb in VERBS:
    app.command()(verb)
