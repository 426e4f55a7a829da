"""The verb `design`: energy, size and breathing of a stack, layer by layer."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from anolyte.faces.options import Csv, Json, Materials


def design(
    electrolyte: Annotated[str, typer.Argument(metavar="ELECTROLYTE", help="Name or formula.")],
    anode: Annotated[str, typer.Argument(metavar="ANODE", help="Name; `anode-free` is one.")],
    cathode: Annotated[
        str, typer.Option(metavar="NAME", help="`anolyte materials cathodes` lists them.")
    ] = "NMC811",
    capacity: Annotated[
        str, typer.Option(metavar='"4 mAh/cm2"', help="Areal capacity of the cathode.")
    ] = "4 mAh/cm2",
    separator: Annotated[
        str, typer.Option(metavar='"30 um"', help="Thickness of the electrolyte layer.")
    ] = "30 um",
    ratio: Annotated[
        float, typer.Option(metavar="N", help="Capacity of the negative over the positive side.")
    ] = 1.1,
    cells: Annotated[int, typer.Option(metavar="N", help="Cells in the stack.")] = 20,
    bipolar: Annotated[
        str | None,
        typer.Option(metavar='"SS:10 um"', help="Bipolar stack with this plate: voltages add."),
    ] = None,
    packaging: Annotated[
        str, typer.Option(metavar='"10 %"', help="Share of case and tabs, by mass and volume.")
    ] = "10 %",
    pad: Annotated[
        str | None,
        typer.Option(metavar='"0.5 mm:20 MPa"', help="Pad in a stiff frame: pressure in a charge."),
    ] = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """Energy density and breathing of a full stack, from layers that can be added up by hand.

    Example: anolyte design Li6PS5Cl Si --cathode NMC811 --separator "30 um"
    """
    from anolyte.core.units import si
    from anolyte.faces import asking, export
    from anolyte.models.cell_design import CellPlan, Fixture, Parallel
    from anolyte.models.cell_design import design as calculate

    export.only_one(json=json, csv=csv)
    if not math.isfinite(ratio):
        raise typer.BadParameter(f"--ratio {ratio}: a finite number, as 1.1")
    lib = asking.library(materials)
    connection = Parallel() if bipolar is None else _plate(bipolar)
    fixture = None
    if pad is not None:
        thick, modulus = _pair("pad", pad, "0.5 mm:20 MPa")
        fixture = Fixture(float("inf"), si(thick, "length"), si(modulus, "modulus"))
    plan = CellPlan(
        areal_capacity=capacity, separator_thickness=separator, ratio=ratio, cells=cells,
        connection=connection, packaging_mass=packaging, packaging_volume=packaging,
        fixture=fixture,
    )  # fmt: skip
    found = calculate(lib.electrolyte(electrolyte), lib.anode(anode), cathode, plan, lib)
    if csv:
        export.print_csv(found.rows())
    elif json:
        from anolyte.faces.console import print_json

        print_json(found.to_dict())
    else:
        _show(found)


def _plate(text: str) -> Any:
    """A bipolar connection with a named plate."""
    from anolyte.core.errors import DataError, UnknownMaterial
    from anolyte.models.cell_design import Bipolar, Foil

    name, thickness = _pair("bipolar", text, "SS:10 um")
    try:
        return Bipolar(Foil(name, thickness))
    except UnknownMaterial as error:
        raise DataError(f"--bipolar '{text[:40]}': {error}; write for example 'SS:10 um'") from None


def _pair(option: str, text: str, example: str) -> list[str]:
    """A text of two parts."""
    from anolyte.core.errors import DataError

    parts = [p.strip() for p in text.split(":")]
    if len(parts) != 2 or not all(parts):
        raise DataError(f"--{option} '{text[:40]}': write two parts, as in '{example}'")
    return parts


def _show(found: Any) -> None:
    from anolyte.core.units import show
    from anolyte.faces.console import Page

    page = Page()
    page.line(found.cell, "bold")
    rows = found.rows()
    names = ("layer", "number", "thickness each [µm]", "areal mass [mg cm⁻²]", "mass share [%]",
             "swelling in a charge [µm]")  # fmt: skip
    head = ["layer", "number", "µm each", "mg cm⁻²", "% of mass", "µm in a charge", ""]
    page.line()
    page.columns(
        [[r[names[0]], r[names[1]], *(f"{r[n]:.3g}" for n in names[2:]), ""] for r in rows],
        head, right=(1, 2, 3, 4, 5),
    )  # fmt: skip
    page.line()
    volume = found.energy_density / 3.6e6
    packed = found.packed_energy_density / 3.6e6
    lines = [
        ("stack", f"{show(found.specific_energy, 'specific_energy')}, {volume:.0f} W h L⁻¹"),
        ("with packaging",
         f"{show(found.packed_specific_energy, 'specific_energy')}, {packed:.0f} W h L⁻¹"),
        ("voltage", show(found.voltage, "potential")),
        ("thickness", f"{show(found.thickness, 'length')}, "
                      f"{found.thickness_change * 1e6:+.3g} µm in a charge"),
    ]  # fmt: skip
    if found.pressure_change is not None:
        lines.append(("pressure", f"{show(found.pressure_change, 'pressure')} more when charged"))
    page.columns(lines, styles=("dim", ""))
    if found.warnings:
        page.heading("Keep in mind")
        page.bullets(found.warnings)
    page.line()
    page.line(f"{len(found.sources)} sources: {', '.join(found.sources)}", "dim")
