"""The verb `react`: what two solids do to each other, or what a layer between them would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.core.errors import DataError
from anolyte.faces.options import AsPrinted, Csv, Entries, Interlayers, Json, Materials, Refresh


def react(
    a: Annotated[
        str, typer.Argument(metavar="A", help="Name or formula of a solid; or a cell.yaml.")
    ],
    b: Annotated[
        str | None, typer.Argument(metavar="B", help="An anode, or a second solid.")
    ] = None,
    interlayer: Interlayers = None,
    potential: Annotated[
        str | None,
        typer.Option(
            metavar='"1 V"',
            help="Two solids: open to lithium at this potential, too (V vs Li/Li+).",
        ),
    ] = None,
    all_interlayers: Annotated[
        bool, typer.Option("--all-interlayers", help="Screen every interlayer of the library.")
    ] = False,
    compositions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Screen these formulas, one a line.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", help="Screen N made, charge-balanced formulas.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Of the made formulas (0).")] = None,
    elements: Annotated[
        str | None, typer.Option(metavar="Li,Al,O,F", help="Of the made formulas (all known).")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="FILE.db", help="Keep a screen here; go on from there.")
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            "--plot",
            metavar="NAME=OUT.html",
            help="Write a figure: mixing, profile, map, potentials or volume; of a screen: layers; "
            ".svg, .pdf or .png for print. Repeatable.",
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")
    ] = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
    entries: Entries = None,
    refresh: Refresh = False,
    as_printed: AsPrinted = False,
) -> int:
    """What two solids do to each other: every mixing ratio at which the products change.

    Example: anolyte react Li6PS5Cl Si --figure mixing=kinks.html

    Example: anolyte react --all-interlayers LLZO Li
    """
    from anolyte.faces import asking, drawing, export, interlayers, tables

    export.only_one(json=json, csv=csv)
    batch = interlayers.Batch(all_interlayers, compositions, count, seed, elements, resume)
    batch.check()
    pictures = drawing.wanted(figure or (), drawing.SCREEN if batch else drawing.REACTION)
    result: Any
    if batch:
        if interlayer or potential or refresh:
            raise DataError("--interlayer, --potential, --refresh have no place in a screen")
        result, code = interlayers.screen(
            batch, a, b, materials=materials, entries=entries, as_printed=as_printed
        )
        show = interlayers.show
    else:
        result = asking.react(
            asking.library(materials), a, b, interlayer or [], entries,
            as_printed=as_printed, potential=potential, refresh=refresh,
        )  # fmt: skip
        code, show = 0, tables.reactions
    if save is not None:
        from anolyte.studies.files import save as write

        write(result, save)
    _leave(result, show, json=json, csv=csv)
    asked = drawing.Asked(result, a, b, tuple(interlayer or ()), materials, entries, as_printed)
    written = drawing.draw(pictures, asked)
    if written and not (json or csv):
        typer.echo("\n".join(f"figure: {path}" for path in written))
    return code


def _leave(result: Any, show: Callable[[Any], None], *, json: bool, csv: bool) -> None:
    """The answer on standard output, in the form that was asked for."""
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    elif csv:
        from anolyte.faces.export import print_csv

        print_csv(result.rows())
    else:
        show(result)
