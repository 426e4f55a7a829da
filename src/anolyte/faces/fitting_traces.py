"""The verbs that read cycling data and voltammograms: `fit ccd`, `fit cycling`, `fit cv`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces import fitted_traces
from anolyte.faces.cells import Save
from anolyte.faces.measuring import (
    Area,
    At,
    CellFile,
    Electrodes,
    ElectrolyteName,
    Mass,
    Report,
    Thickness,
    UnderPressure,
)
from anolyte.faces.options import Csv, Json, Materials, Plot

MeasuredFile = Annotated[Path, typer.Argument(metavar="FILE", help="File of an instrument.")]
Bulk = Annotated[
    str | None,
    typer.Option("--bulk", metavar='"250 ohm"', help="Resistance of the electrolyte alone."),
]
AreaText = Annotated[
    str | None, typer.Option("--threshold", metavar='"10 uA/cm2"', help="Above the background.")
]
KINDS = {"bare": "bare metal", "carbon": "carbon composite"}


def ccd(
    file: MeasuredFile,
    cell: CellFile = None,
    area: Area = None,
    thickness: Thickness = None,
    electrodes: Electrodes = None,
    temperature: At = None,
    pressure: UnderPressure = None,
    bulk: Bulk = None,
    report: Report = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Critical current density of a ramp that was measured, with its protocol and its short.

    Example: anolyte fit ccd ramp.mpt --area "0.785 cm2" --temperature "25 C" --pressure "5 MPa"
    """
    from anolyte.measure.traces.ramp import critical_current
    from anolyte.measure.traces.shorts import ShortDetector

    where = output(json, csv, plot, save, report)
    setup = _setup(cell, area=area, thickness=thickness, electrodes=electrodes,
                   temperature=temperature, pressure=pressure)  # fmt: skip
    record, trace, doubts = _trace(file, setup)
    detector = ShortDetector(bulk=None if bulk is None else _ohm(bulk))
    result = _doubting(critical_current(trace, setup, detector), doubts)
    _finish(where, report, fitted_traces.ramp(result), result, setup, record, (detector,))


def cycling(
    file: MeasuredFile,
    cell: CellFile = None,
    area: Area = None,
    thickness: Thickness = None,
    mass: Mass = None,
    electrodes: Electrodes = None,
    temperature: At = None,
    pressure: UnderPressure = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="KIND",
            help="symmetric, collector (Li|Cu), reservoir or full; left out: by the electrodes.",
        ),
    ] = None,
    until: Annotated[
        str, typer.Option(metavar='"80 %"', help="Retention at which a cell is spent.")
    ] = "80 %",
    reference: Annotated[
        int | None, typer.Option(metavar="CYCLE", help="That retention counts from.")
    ] = None,
    spectrum: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of the same cell and time: parts the voltage."),
    ] = None,
    conditioning: Annotated[
        int, typer.Option(metavar="N", help="Cycles before a reservoir is plated.")
    ] = 0,
    bulk: Bulk = None,
    report: Report = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
) -> None:  # fmt: skip
    """Cycles that were measured: life and shorts, coulombic efficiency, or retention and fade.

    Example: anolyte fit cycling cell.csv --electrodes "Li|Li" --area "0.785 cm2"

    Example: anolyte fit cycling full.xlsx --as full --until "80 %"
    """
    from anolyte.core.units import si
    from anolyte.measure import readers
    from anolyte.measure.traces.reading import read_cycling
    from anolyte.measure.traces.retention import FadeRules
    from anolyte.measure.traces.shorts import ShortDetector

    where = output(json, csv, plot, save, report)
    setup = _setup(cell, area=area, thickness=thickness, mass=mass, electrodes=electrodes,
                   temperature=temperature, pressure=pressure)  # fmt: skip
    chosen = None if kind is None else _cell_kind(kind)
    rules = FadeRules(end=si(until, "fraction"), reference=reference)
    detector = ShortDetector(bulk=None if bulk is None else _ohm(bulk))
    record = readers.read(file)
    result = read_cycling(
        record, setup, chosen, detector=detector, rules=rules, conditioning=conditioning
    )
    if spectrum is not None:
        result = _parted(result, record.trace, spectrum, setup)
    result = _doubting(result, (*record.flags, *setup.doubts(record.claims)))
    _finish(where, report, fitted_traces.reading(result), result, setup, record,
            _settings(result.kind, detector, rules))  # fmt: skip


def cv(
    file: MeasuredFile,
    cell: CellFile = None,
    area: Area = None,
    electrodes: Electrodes = None,
    electrode: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Working electrode: bare (metal) or carbon (composite)."),
    ] = None,
    threshold: AreaText = None,
    electrolyte: ElectrolyteName = None,
    report: Report = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Onsets of reduction and oxidation, by tangent and by threshold, beside the computed window.

    Example: anolyte fit cv scan.mpt --area "0.785 cm2" --electrodes "C|Li" --electrode carbon
    --electrolyte Li6PS5Cl
    """
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.measure.traces.voltammetry import OnsetRules, voltammetry

    where = output(json, csv, plot, save, report)
    lib = asking.library(materials)
    setup = _setup(cell, area=area, electrodes=electrodes, electrolyte=electrolyte, lib=lib)
    rules = OnsetRules()
    if threshold is not None:
        asking.with_units({"current_density": threshold})
        rules = OnsetRules(threshold=si(threshold, "current_density"))
    record, trace, doubts = _trace(file, setup)
    found: Any = _doubting(voltammetry(trace, setup, _electrode(electrode), rules), doubts)
    view = fitted_traces.voltammogram(found)
    if setup.electrolyte is not None:
        from anolyte.studies.measured_window import beside_computed

        found = beside_computed(found, lib.electrolyte(setup.electrolyte))
        view = fitted_traces.windows(found)
    _finish(where, report, view, found, setup, record, (rules,))


def read_scan(
    file: Path, *, area: str | None, electrodes: str | None, electrode: str | None
) -> Any:
    """Onsets of a voltammogram in a file, with what is odd about it."""
    from anolyte.measure.traces.voltammetry import voltammetry

    setup = _setup(None, area=area, electrodes=electrodes)
    _, trace, doubts = _trace(file, setup)
    return _doubting(voltammetry(trace, setup, _electrode(electrode)), doubts)


# --- where it goes ------------------------------------------------------------------------------


def output(json: bool, csv: bool, plot: Path | None, save: Path | None, report: Path | None) -> Any:
    """Where answers go, checked before the work."""
    from anolyte.faces.cells import Output

    Output(save=report)  # the same checks of the path
    return Output(json, csv, plot, save)


def _finish(
    where: Any, report: Path | None, view: Any, result: Any, setup: Any, record: Any,
    settings: Sequence[Any],
) -> None:  # fmt: skip
    """Write the page that was asked for, then everything else."""
    if report is not None:
        from anolyte.faces import traces_page

        traces_page.report(report, view, result, setup, record, settings)
    written = [f"page: {report}"] if report is not None else []

    def shown(found: Any, page: str) -> None:
        fitted_traces.terminal(view, found, *([f"figure: {page}"] if page else []), *written)

    where.finish(result, shown)


def _parted(result: Any, trace: Any, spectrum: Path, setup: Any) -> Any:
    """A symmetric cell's reading with the parts of its voltage."""
    from dataclasses import replace

    from anolyte.core.errors import DataError
    from anolyte.measure.traces.overpotential import split_overpotential
    from anolyte.studies.spectra import SpectraStudy, gather
    from anolyte.studies.spectra.parts import spectrum_parts

    if result.life is None:
        raise DataError("--spectrum: parts the voltage of a symmetric cell only")
    found = SpectraStudy()(gather([spectrum], setup))
    first, *others = found.spectra
    if others:
        raise DataError(f"{spectrum}: holds {len(found.spectra)} spectra; give one that is meant")
    if shorts := result.life.check.shorts:
        trace = trace.part(trace.time < shorts[0].start)  # past ions there are no parts
    split = split_overpotential(trace, spectrum_parts(first), setup)
    told = dict.fromkeys((*result.warnings, *split.warnings, *found.warnings))
    return replace(result, overpotential=split, warnings=tuple(told))


def _settings(kind: str, detector: Any, rules: Any) -> tuple[Any, ...]:
    """The thresholds that a kind of cell is read with."""
    from anolyte.measure.traces.efficiency import Accuracy
    from anolyte.measure.traces.polarisation import LifeRules
    from anolyte.measure.traces.voids import BendTest

    return {"symmetric": (detector, LifeRules(), BendTest()), "full": (rules,)}.get(
        kind, (Accuracy(),)
    )


# --- from what was typed ------------------------------------------------------------------------


def _setup(cell: Path | None, **given: Any) -> Any:
    from anolyte.faces.measuring import setup

    return setup(cell, **given)


def _trace(file: Path, setup: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """A recording, its trace, and what is odd about them."""
    from anolyte.core.errors import DataError
    from anolyte.measure import readers

    record = readers.read(file)
    if record.trace is None:
        what = f"{len(record.spectra)} spectra" if record.spectra else "a table of cycles"
        raise DataError(f"{file}: holds {what} and nothing over time; is it the right file?")
    doubts = dict.fromkeys((*record.flags, *record.trace.flags, *setup.doubts(record.claims)))
    return record, record.trace, tuple(doubts)


def _doubting(result: Any, doubts: Sequence[str]) -> Any:
    """The result with what is odd about its file among its warnings."""
    from dataclasses import replace

    return replace(result, warnings=tuple(dict.fromkeys((*doubts, *result.warnings))))


def _ohm(text: str) -> float:
    from anolyte.core.units import si

    return si(text, "resistance")


def _cell_kind(text: str) -> Any:
    from anolyte.core.errors import DataError
    from anolyte.measure.traces.reading import CellKind

    try:
        return CellKind(text.strip().lower())
    except ValueError:
        kinds = ", ".join(CellKind)
        raise DataError(f"--as {text[:40]}: cells are read as {kinds}") from None


def _electrode(text: str | None) -> Any:
    from anolyte.core.errors import DataError
    from anolyte.measure.traces.voltammetry import ElectrodeKind

    if text is None:
        return ElectrodeKind.UNKNOWN
    word = text.strip().lower()
    kind = next((full for short, full in KINDS.items() if word in (short, full)), None)
    if kind is None:
        raise DataError(f"--electrode {text[:40]}: write bare (metal) or carbon (composite)")
    return ElectrodeKind(kind)
