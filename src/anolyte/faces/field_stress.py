"""`anolyte simulate stress`: lithium plated at a scratch presses, at the terminal and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.core.units import show as display
from anolyte.faces.cells import AnodeName, Electrolyte, Output, Pressure, Save
from anolyte.faces.field_page import Told
from anolyte.faces.options import Csv, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.studies.plating_stress import PlatingStress


def stress(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    depth: Annotated[
        str, typer.Option(metavar='"4 um"', help="Of the scratch in the face.")
    ] = "4 um",
    width: Annotated[str, typer.Option(metavar='"1 um"', help="Of the scratch.")] = "1 um",
    pressure: Pressure = None,
    strength: Annotated[
        str | None,
        typer.Option("--yield", metavar='"16 MPa"', help="Of the lithium; the bulk metal's."),
    ] = None,
    cells: Annotated[int, typer.Option(metavar="N", help="Across the scratch, 2 to 12.")] = 3,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """How far lithium presses that is plated at a scratch in the face of the electrolyte.

    Example: anolyte simulate stress LAGP Li --depth "4 um" --width "1 um" --pressure "5 MPa"
    """
    from functools import partial

    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.faces.field_telling import percent
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.plating_stress import PlatingStressSetup, Scratch

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    lib = asking.library(materials)
    if anode is None:
        raise DataError("which anode? anolyte simulate stress LAGP Li")
    stack = {} if pressure is None else {"stack_pressure": si(pressure, "pressure")}
    setup = PlatingStressSetup(
        Interface(lib.electrolyte(electrolyte), lib.anode(anode)),
        Conditions(**stack),
        Scratch(si(depth, "length"), si(width, "length")),
        cells,
        None if strength is None else si(strength, "pressure"),
    )
    seen = progress.silent if json or csv else progress.with_time_left(percent)
    result, stresses = setup(seen)
    if plot is not None:
        from anolyte.faces import field_page
        from anolyte.faces.figures.field_stress import stress_figure

        field_page.write(plot, told(result), result, stress_figure(stresses, result))
    output.finish(result, partial(show, plot=plot))


def told(result: PlatingStress) -> Told:
    """In words."""
    size = f"{display(result.depth, 'length')} deep, {display(result.width, 'length')} wide"
    over = display(result.length, "length")
    apart = result.bottom[-1] - result.mouth[-1]
    rows = [
        (f"pressure at its bottom, over {over}", display(result.bottom[-1], "pressure")),
        ("the same in cells half as large", display(result.finer, "pressure")),
        ("pressure at its mouth", display(result.mouth[-1], "pressure")),
        ("between them", display(apart, "pressure")),
        ("closed form from end to end", display(result.limit, "pressure")),
        ("pressure on the flat face", display(result.face, "pressure")),
        ("tension in the electrolyte ahead", display(result.tension[-1], "pressure")),
        ("yield strength of the lithium", display(result.yield_strength, "pressure")),
    ]
    if result.toughness_ratio is not None:
        rows.append(("as a crack: intensity over toughness", f"{result.toughness_ratio:.2g}"))
    return Told(
        "Stress of plated lithium, simulated",
        f"{result.cell}: {display(result.bottom[-1], 'pressure')} at the bottom of a scratch",
        f"a scratch {size}, full of lithium, under {display(result.stack_pressure, 'pressure')}",
        rows,
        [
            "It grows with the plated lithium until the lithium slips along the walls; more of it "
            "then leaves through the mouth. At micrometres lithium can be far stronger than the "
            "bulk metal (--yield); products that swell are not counted.",
            f"cells of {display(result.spacing, 'length')}, and half of that",
        ],
        "How to read this: colour is the pressure in lithium and electrolyte, negative where they "
        "are pulled; the line is the outline of the lithium. Right, the course with the charge.",
    )


def show(result: PlatingStress, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.faces.console import Page

    page, words = Page(), told(result)
    page.line(words.headline)
    page.line(words.said)
    for name, text in words.rows:
        page.line(f"  {name:<38}{text}")
    page.line()
    page.columns(
        [
            (display(charge, "areal_capacity"), *(display(v, "pressure") for v in values))
            for charge, *values in zip(
                result.charge, result.bottom, result.mouth, result.tension, strict=True
            )
        ],
        head=("plated", "bottom", "mouth", "tension ahead"),
    )  # fmt: skip
    page.line()
    for text in words.keep_in_mind:
        page.line(text)
    page.line(f"assumed, not measured: {', '.join(result.assumed).replace('_', ' ')}")
    if plot is not None:
        page.line(f"page with the map: {plot}")
