"""`anolyte simulate pore`: current beside a pore or a void, at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.faces.cells import AnodeName, Electrolyte, Output, Save, Temperature
from anolyte.faces.options import Csv, Json, Materials

if TYPE_CHECKING:
    from anolyte.studies.pores import PoreResult


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
    current: Annotated[
        str, typer.Option(metavar='"1 mA/cm2"', help="Current density.")
    ] = "1 mA/cm2",
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
