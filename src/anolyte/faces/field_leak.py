"""`anolyte simulate leak`: electrons that form lithium inside, at the terminal and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.core.units import show as display
from anolyte.faces.cells import AnodeName, Electrolyte, Output, Save, Temperature
from anolyte.faces.field_page import Told
from anolyte.faces.options import Csv, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.studies.leaking import LeakRow, LeakRun

SMALL = 1e-6
"""m, below which lengths are told in nm."""
DISPUTED = (
    "Whether leakage is what starts filaments is disputed: some depth profiles were read so, for a "
    "garnet others found it negligible and fracture in control."
)


def leak(
    electrolyte: Electrolyte,
    anode: AnodeName = None,
    current: Annotated[
        str, typer.Option(metavar='"1 mA/cm2"', help="Current density.")
    ] = "1 mA/cm2",
    temperature: Temperature = None,
    thickness: Annotated[str, typer.Option(metavar='"50 um"', help="Of the electrolyte.")] = (
        "50 um"
    ),
    grain_size: Annotated[str, typer.Option(metavar='"5 um"', help="Mean intercept.")] = "5 um",
    resistance: Annotated[
        str | None,
        typer.Option(metavar='"10 ohm*cm2"', help="Of charge transfer at the lithium."),
    ] = None,
    electronic: Annotated[
        str | None, typer.Option(metavar='"1e-8 S/cm"', help="What the grains let through.")
    ] = None,
    site_radius: Annotated[
        str | None, typer.Option(metavar='"100 nm"', help="Of pores or nuclei inside.")
    ] = None,
    sites: Annotated[str | None, typer.Option(metavar='"1 %"', help="Of the volume.")] = None,
    cells: Annotated[int, typer.Option(metavar="N", help="Along the thickness, 24 to 256.")] = 96,
    seed: Annotated[int, typer.Option(help="Of the grains.")] = 0,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """How much lithium leaking electrons form inside, by how well grain boundaries conduct them.

    Example: anolyte simulate leak LLZO Li --current "1 mA/cm2" --resistance "10 ohm*cm2"
    """
    from functools import partial

    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import asking
    from anolyte.faces.field_telling import percent
    from anolyte.materials.stack import Conditions, Interface
    from anolyte.studies.leaking import LeakSetup

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    lib = asking.library(materials)
    if anode is None:
        raise DataError("which anode? anolyte simulate leak LLZO Li")
    warm = {} if temperature is None else {"temperature": si(temperature, "temperature")}
    setup = LeakSetup(
        Interface(lib.electrolyte(electrolyte), lib.anode(anode)),
        Conditions(current_density=si(current, "current_density"), **warm),
        si(thickness, "length"),
        si(grain_size, "length"),
        cells,
        None if resistance is None else si(resistance, "area_resistance"),
        None if electronic is None else si(electronic, "electronic_conductivity"),
        site_radius=None if site_radius is None else si(site_radius, "length"),
        sites=None if sites is None else si(sites, "fraction"),
        seed=seed,
        lib=lib,
    )
    seen = progress.silent if json or csv else progress.with_time_left(percent)
    result, fields = setup(seen)
    if plot is not None:
        from anolyte.faces import field_page
        from anolyte.faces.figures.field_leak import leak_figure

        field_page.write(plot, told(result), result, leak_figure(fields, result))
    output.finish(result, partial(show, plot=plot))


def share(value: float | None) -> str:
    """Of the current, in words."""
    if value is None:
        return "too little to tell"
    return "none" if value == 0.0 else f"{100.0 * value:.2g} %"


def small(length: float) -> str:
    """m, in nm where they are few."""
    return f"{1e9 * length:.3g} nm" if length < SMALL else display(length, "length")


def verdict(result: LeakRun) -> str:
    """In one line."""
    size = small(2.0 * result.site_radius)
    if result.needed is None:
        return (
            f"{result.cell}: at {display(result.current, 'current_density')} electrons form no "
            f"lithium inside, in pores of {size} across, however well boundaries conduct them"
        )
    if result.needed == 0.0:
        return f"{result.cell}: electrons form lithium inside, without any help of boundaries"
    return (
        f"{result.cell}: electrons form lithium inside where boundaries conduct them "
        f"at least {result.needed:,.0f} times as well as grains".replace(",", " ")
    )


def told(result: LeakRun) -> Told:
    """In words."""
    rows = [
        ("highest drive: overpotential of the anode", f"{1e3 * result.overpotential:.3g} mV"),
        ("needed in such a pore, by its curvature", f"{1e3 * result.threshold:.3g} mV"),
        ("least radius that this drive opens", small(result.least_radius)),
        ("electrons in the grains", display(result.electronic, "electronic_conductivity")),
        ("ions in the electrolyte", display(result.ionic, "conductivity")),
    ]
    grains = f"grains of {display(result.grain_size, 'length')}"
    return Told(
        "Electrons that leak, simulated",
        verdict(result),
        f"{display(result.thickness, 'length')} of electrolyte, {grains}, at "
        f"{display(result.current, 'current_density')}",
        rows,
        [
            DISPUTED,
            "Deep is beyond a tenth of the thickness: what forms before grows on the anode. Pores "
            "keep their surface, and lithium in them neither presses nor conducts. Poor contact "
            "raises the drive (--resistance).",
            f"cells of {small(result.spacing)}; in cells half as large the last row is "
            f"{share(None if result.finer is None else result.finer.deep)} deep",
        ],
        "How to read this: colour is what lithium is worth over that of the anode, at the highest "
        "ratio; red is where it can form. Right, by how well boundaries conduct electrons: how "
        "much of the current leaks, and how much of it ends as lithium deep inside.",
    )


def cells_of(row: LeakRow) -> tuple[str, ...]:
    """A line of the table."""
    depth = "" if row.depth is None else display(row.depth, "length")
    return f"{row.ratio:,.0f}".replace(",", " "), share(row.leaking), share(row.deep), depth


def show(result: LeakRun, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.faces.console import Page

    page, words = Page(), told(result)
    page.line(words.headline)
    page.line(words.said)
    for name, text in words.rows:
        page.line(f"  {name:<44}{text}")
    page.line()
    page.columns(
        [cells_of(row) for row in result.ratios],
        head=("boundary/grain", "leaks", "lithium deep inside", "nine tenths within"),
    )
    page.line()
    for text in words.keep_in_mind:
        page.line(text)
    page.line(f"assumed, not measured: {', '.join(result.assumed).replace('_', ' ')}")
    if plot is not None:
        page.line(f"page with the map: {plot}")
