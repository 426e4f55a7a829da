"""`anolyte simulate filament | pore`: the field simulation at the terminal and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anolyte.faces.cells import AnodeName, Electrolyte, Output, Save, Temperature
from anolyte.faces.options import Csv, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.studies.filament_convergence import Convergence
    from anolyte.studies.filament_effects import Effects
    from anolyte.studies.filament_setup import FilamentSetup
    from anolyte.studies.filaments import FilamentResult
    from anolyte.studies.pores import PoreResult

MOST_CELLS = {2: 1024, 3: 128}
USUAL_CELLS, MOST_CHOSEN = 64, 256
CHECKPOINT = "Keep the whole state in this HDF5 file, every minute and at the end."


def filament(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    current: Annotated[str, typer.Option(metavar='"1 mA/cm2"')] = "1 mA/cm2",
    until: Annotated[
        str, typer.Option(metavar='short|"10 min"', help="Model time, or a short.")
    ] = "short",
    grain_size: Annotated[
        str | None, typer.Option(metavar='"5 um"', help="Mean intercept; none: one crystal.")
    ] = None,
    flaw: Annotated[
        str | None, typer.Option(metavar='"10 um"', help="Depth of the crack that is there.")
    ] = None,
    thickness: Annotated[
        str, typer.Option(metavar='"50 um"', help="Of the electrolyte: height of the field.")
    ] = "50 um",
    resistance: Annotated[
        str | None,
        typer.Option(metavar='"1 ohm*cm2"', help="Of charge transfer at the lithium."),
    ] = None,
    boundary_toughness: Annotated[
        float | None,
        typer.Option(metavar="0.5", help="Fracture energy of a grain boundary over a grain's."),
    ] = None,
    pores: Annotated[
        str | None,
        typer.Option(metavar='"2 %"', help="Share of the volume; the filament fills them."),
    ] = None,
    pore_radius: Annotated[str | None, typer.Option(metavar='"1.5 um"', help="Median.")] = None,
    inclusions: Annotated[
        str | None, typer.Option(metavar='"2 %"', help="Of something that conducts less.")
    ] = None,
    inclusion_radius: Annotated[
        str | None, typer.Option(metavar='"1.5 um"', help="Median.")
    ] = None,
    cells: Annotated[
        int | None,
        typer.Option(metavar="N", help="Along the thickness; 64, or more where that is needed."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of grains, pores and inclusions.")] = 0,
    space: Annotated[
        bool, typer.Option("--3d", help="A flaw like half a disc, in space; with few cells.")
    ] = False,
    temperature: Temperature = None,
    checkpoint: Annotated[Path | None, typer.Option(metavar="FILE.h5", help=CHECKPOINT)] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint, to the same last digit.")
    ] = False,
    effects: Annotated[
        bool,
        typer.Option(
            "--effects",
            help="Instead: the time to a short with each number 1.5 times less and more.",
        ),
    ] = False,
    converge: Annotated[
        bool,
        typer.Option(
            "--converge",
            help="Instead: the numbers with finer cells and narrower cracks beside them.",
        ),
    ] = False,
    frames: Annotated[
        Path | None, typer.Option(metavar="DIR", help="PNG pictures, and a sheet of four of them.")
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """A lithium filament that cracks its way from a flaw, in a plane or in space.

    Example: anolyte simulate filament LLZO Li --grain-size "8 um" --current "10 mA/cm2"
    --resistance "100 ohm*cm2" --plot filament.html
    """
    from functools import partial

    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.core.units import FARADAY, si
    from anolyte.faces import asking
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.filament_convergence import convergence
    from anolyte.studies.filament_effects import one_at_a_time
    from anolyte.studies.filament_setup import FilamentSetup
    from anolyte.studies.filaments import filament

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    lib = asking.library(materials)
    if anode is None:
        raise DataError("which anode? anolyte simulate filament LLZO Li")
    if boundary_toughness is not None and not 0.0 < boundary_toughness <= 10.0:
        raise DataError(f"--boundary-toughness {boundary_toughness:g}: above 0, at most 10")
    interface = Interface(lib.electrolyte(electrolyte), lib.anode(anode))
    density, height = si(current, "current_density"), si(thickness, "length")
    conditions = Conditions(
        current_density=density,
        temperature=298.15 if temperature is None else si(temperature, "temperature"),
    )
    if until == "short":
        # The charge that would fill the whole field with lithium: beyond it nothing is left to ask.
        volume = interface.anode.need("molar_volume").si
        span = height * FARADAY / (volume * max(density, 1e-9))
    else:
        span = si(until, "time")
    setup = FilamentSetup(
        interface, conditions, height, USUAL_CELLS,
        None if grain_size is None else si(grain_size, "length"),
        None if flaw is None else si(flaw, "length"),
        None if resistance is None else si(resistance, "area_resistance"),
        until=span, seed=seed, lib=lib, boundary_toughness=boundary_toughness,
        pores=0.0 if pores is None else si(pores, "fraction"),
        pore_radius=None if pore_radius is None else si(pore_radius, "length"),
        inclusions=0.0 if inclusions is None else si(inclusions, "fraction"),
        inclusion_radius=None if inclusion_radius is None else si(inclusion_radius, "length"),
        dimensions=3 if space else 2,
    )  # fmt: skip
    setup = _celled(setup, cells)
    told = progress.silent if json or csv else progress.with_time_left(_percent)
    if effects:
        output.finish(one_at_a_time(setup, progress=told), show_effects)
        return
    if converge:
        output.finish(convergence(setup, progress=told), show_convergence)
        return
    result, film = filament(
        setup, checkpoint=checkpoint, resume=resume,
        progress=told,
    )  # fmt: skip
    if plot is not None:
        write_film(film, result, plot)
    if frames is not None:
        from anolyte.faces.figures.field import film_frames
        from anolyte.faces.figures.frames import write_frames

        write_frames(*film_frames(film, result), frames)
    output.finish(result, partial(show, plot=plot))


def _celled(setup: FilamentSetup, cells: int | None) -> FilamentSetup:
    """With the cells that were asked for, or with as many as all that is there needs."""
    from dataclasses import replace

    from anolyte.core.errors import DataError

    most = MOST_CELLS[setup.dimensions]
    if cells is None:
        chosen = min(max(USUAL_CELLS, setup.least_cells), MOST_CHOSEN, most)
    elif 16 <= cells <= most:
        chosen = cells
    else:
        raise DataError(f"--cells {cells}: between 16 and {most}")
    return replace(setup, cells=chosen)


def _percent(done: int, total: int, what: str = "") -> None:
    """One line on standard error, rewritten in place on a terminal."""
    import sys

    if sys.stderr.isatty():
        sys.stderr.write(f"\r{100.0 * done / total:5.1f} % {what:30s}")
        sys.stderr.flush()
        if done >= total:
            sys.stderr.write("\n")


def show(result: FilamentResult, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.core.units import show as told
    from anolyte.faces.console import Page

    page = Page()
    page.line(f"{result.cell}: a filament under {told(result.current_density, 'current_density')}")
    if result.time_to_short is not None:
        page.line(f"short after {_time(result.time_to_short)}")
    elif result.ended:
        page.line(f"no short within {_time(result.time)}")
    else:
        page.line(f"stopped after {_time(result.time)}; --resume goes on")
    for name, text in _rows(result):
        page.line(f"  {name:<34}{text}")
    page.line()
    what = "Two dimensions: a wall, not a needle. " if result.dimensions == 2 else ""
    page.line(
        f"{what}Paths of cracks and critical currents are calibrated by flaw, toughness and "
        "resistance, not predicted."
    )
    if result.assumed:
        page.line(f"assumed, not measured: {', '.join(result.assumed).replace('_', ' ')}")
    page.line(
        f"cells of {told(result.spacing, 'length')}: --converge tells which numbers hang on them"
    )
    if plot is not None:
        page.line(f"film: {plot}")


def show_effects(result: Effects, page_path: str = "") -> None:
    """Which numbers carry the answer, on standard output."""
    from anolyte.faces.console import Page

    def told(seconds: float | None) -> str:
        return f"none in {_time(result.until)}" if seconds is None else _time(seconds)

    page = Page()
    page.line(f"{result.cell}: time to a short, one number changed at a time")
    page.columns(
        [
            (e.name, *("not asked" if t is None and e.refused else told(t)
                       for t in (e.less, e.as_is, e.more)))
            for e in result.effects
        ],
        head=("number", f"/ {result.effects[0].factor:g}", "as it is",
              f"x {result.effects[0].factor:g}"),
    )  # fmt: skip
    for effect in result.effects:
        if effect.refused:
            page.line(f"{effect.name}: {effect.refused}")


def show_convergence(result: Convergence, page_path: str = "") -> None:
    """Which numbers finer cells would change, on standard output."""
    from anolyte.core.units import show as told
    from anolyte.faces.console import Page

    def number(value: float | None, kind: str) -> str:
        if value is None:
            return "none"
        return _time(value) if kind == "time" else told(value, kind)

    page = Page()
    page.line(f"{result.cell}: what finer cells and narrower cracks do to the numbers")
    page.columns(
        [
            (n.name, *(number(value, n.kind) for value in (n.as_is, n.cells, n.width)),
             "converged" if n.converged else f"{n.change:.0%} off")
            for n in result.numbers
        ],
        head=("", "as it is", "finer cells", "and cracks", ""),
    )  # fmt: skip
    (cell, finer, _), (crack, _, narrower) = (
        [told(length, "length") for length in lengths]
        for lengths in (result.spacings, result.widths)
    )
    page.line(f"cells of {cell}, then {finer}; cracks {crack} wide, then {narrower}")


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 3600.0 else f"{seconds / 3600.0:.3g} h"


def _rows(result: FilamentResult) -> list[tuple[str, str]]:
    """Names and numbers."""
    from anolyte.core.units import show as told

    length = told(result.length, "length")
    found = [
        ("reach of the filament", told(result.depth, "length")),
        ("speed while it moves", told(result.speed, "speed")),
        ("greatest pressure of the lithium", told(result.pressure, "pressure")),
        ("overpotential of the flat anode", f"{1e3 * result.overpotential:.3g} mV"),
        ("critical one of the flaw", f"{1e3 * result.critical_overpotential:.3g} mV"),
        ("flaw", told(result.flaw_size, "length")),
        ("share of the current, at most", told(result.share, "fraction")),
        (f"current at the tip, over {length}", f"{result.focusing:.2f} times the mean"),
        ("charge not found as lithium", f"{result.balance:.0e}"),
    ]
    if result.grain_size is not None:
        found.append(("grains, mean intercept", told(result.grain_size, "length")))
    if result.porosity:
        found.append(("pores, of the volume", told(result.porosity, "fraction")))
    if result.in_boundaries is not None:
        found.append(("of its way along boundaries", told(result.in_boundaries, "fraction")))
    return found


def write_film(film: Any, result: FilamentResult, path: Path) -> None:
    """The film as one page that needs no network."""
    from anolyte.faces.figures.field import film_figure

    figure = film_figure(film, result)
    figure.write_html(path, include_plotlyjs=True, auto_play=False)


def pore(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    width: Annotated[str, typer.Option(metavar='"10 um"', help="Across the current.")] = "10 um",
    height: Annotated[
        str | None,
        typer.Option(metavar='"5 um"', help="Of a pore inside; none: a void at the anode."),
    ] = None,
    over: Annotated[
        str, typer.Option(metavar='"1 um"', help="Length beyond the rim that is averaged over.")
    ] = "1 um",
    current: Annotated[str, typer.Option(metavar='"1 mA/cm2"')] = "1 mA/cm2",
    resistance: Annotated[
        str | None,
        typer.Option(metavar='"1 ohm*cm2"', help="Of charge transfer at the lithium."),
    ] = None,
    space: Annotated[
        bool, typer.Option("--3d", help="A round pore instead of a channel; some seconds.")
    ] = False,
    temperature: Temperature = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """How current crowds beside a pore or a void, over a stated length and on three grids.

    Example: anolyte simulate pore LLZO Li --width "10 um" --over "2 um" --resistance "1 ohm*cm2"
    """
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.pores import AtElectrode, InBulk, PoreSetup

    output = Output(json, csv, None, save)
    lib = asking.library(materials)
    if anode is None:
        raise DataError("which anode? anolyte simulate pore LLZO Li")
    half = 0.5 * si(width, "length")
    if half <= 0.0:
        raise DataError(f"--width {width}: a pore has one")
    shape = AtElectrode() if height is None else InBulk(0.5 * si(height, "length") / half)
    setup = PoreSetup(
        Interface(lib.electrolyte(electrolyte), lib.anode(anode)),
        Conditions(
            current_density=si(current, "current_density"),
            temperature=298.15 if temperature is None else si(temperature, "temperature"),
        ),
        half, shape, si(over, "length"),
        None if resistance is None else si(resistance, "area_resistance"),
        3 if space else 2, lib,
    )  # fmt: skip
    output.finish(setup(), show_pore)


def show_pore(result: PoreResult, page_path: str = "") -> None:
    """The answer on standard output."""
    from anolyte.core.units import show as told
    from anolyte.faces.console import Page

    page = Page()
    what = "channel" if result.dimensions == 2 else "round pore"
    width = told(2.0 * result.half_width, "length")
    page.line(f"{result.cell}: a {what} {result.where}, {width} wide")
    page.line(
        f"{result.factor:.2f} ± {result.error:.1g} times the mean current, over "
        f"{told(result.length, 'length')} beyond the rim: "
        f"{told(result.current_density, 'current_density')}"
    )
    for spacing, factor in zip(result.spacings, result.factors, strict=True):
        page.line(f"  cells of {told(spacing, 'length'):<12}{factor:.3f}")
    if result.closed_form is not None:
        page.line(f"  closed form, unbounded   {result.closed_form:.3f}")
    page.line(
        f"charge transfer evens the current out over {told(result.wagner_length, 'length')} "
        "(conductivity times resistance)"
    )
    page.line("A bare peak at a rim is not told: it grows without end as cells shrink.")
