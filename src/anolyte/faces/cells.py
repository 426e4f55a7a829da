"""What the verbs that run a cell share: options, the cell they describe, where answers go."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

Electrolyte = Annotated[
    str, typer.Argument(metavar="ELECTROLYTE", help="Name or formula; or a cell.yaml.")
]
AnodeName = Annotated[str | None, typer.Argument(metavar="ANODE", help="Name or formula.")]
Pressure = Annotated[str | None, typer.Option(metavar='"3 MPa"', help="Stack pressure.")]
Attach = Annotated[
    str | None,
    typer.Option(metavar='"25 MPa"', help="Pressure at which the metal was attached."),
]
Temperature = Annotated[str | None, typer.Option(metavar='"25 C"', help="Temperature.")]
Thickness = Annotated[
    str | None, typer.Option(metavar='"0.5 mm"', help="Thickness of the electrolyte.")
]
Counter = Annotated[
    str | None, typer.Option(metavar="NAME", help="The other side; left out: symmetric, or Li.")
]
Current = Annotated[str | None, typer.Option(metavar='"0.5 mA/cm2"', help="Current density.")]
Capacity = Annotated[str | None, typer.Option(metavar='"1 mAh/cm2"', help="Charge a half cycle.")]
Draws = Annotated[int, typer.Option(metavar="N", help="Sets of parameters for the interval.")]
Save = Annotated[Path | None, typer.Option(metavar="OUT.json", help="Write the whole result.")]
Resume = Annotated[
    Path | None, typer.Option(metavar="FILE.db", help="Keep runs here, and go on from there.")
]
WhatWasLearnt = Annotated[
    Path | None,
    typer.Option("--learned", metavar="LEARNED.json", help="What `learn --save` made of the cell."),
]
Loading = Annotated[
    str | None,
    typer.Option(metavar='"1 mAh/cm2"', help="So much of a host of no given thickness."),
]
Shape = Annotated[
    str | None,
    typer.Option(metavar="film", help="Of a host: film, foil, particles, columns, rods, porous."),
]
Size = Annotated[
    str | None,
    typer.Option(metavar='"1 um"', help="Thickness of a film or foil, diameter of particles."),
]
FreeVolume = Annotated[
    str | None, typer.Option(metavar='"20 %"', help="Of a host's electrode: its empty share.")
]
Carbon = Annotated[
    str | None, typer.Option(metavar='"5 %"', help="Of a host's electrode: its share of carbon.")
]
Mixed = Annotated[
    str | None,
    typer.Option(
        "--electrolyte-share",
        metavar='"40 %"',
        help="Of a host's electrode: its share of electrolyte.",
    ),
]
Prelithiation = Annotated[
    str | None, typer.Option(metavar='"30 %"', help="Of a host: share that is filled as made.")
]


def cell(
    electrolyte: str, anode: str | None, *, interlayer: list[str] | None = None,
    pressure: str | None = None, temperature: str | None = None, thickness: str | None = None,
    counter: str | None = None, attach: str | None = None, materials: list[Path] | None = None,
    current: str | None = None, capacity: str | None = None,
    form: Mapping[str, str | None] | None = None,
) -> Any:  # fmt: skip
    """The cell that names (or a cell.yaml) and options describe."""
    from anolyte.faces import asking, half_cells
    from anolyte.studies.cell import Cell

    asking.with_units({"stack_pressure": pressure, "temperature": temperature})
    lib = asking.library(materials)
    found = asking.cell(lib, electrolyte, anode, interlayer or [])
    return Cell(
        interface=half_cells.formed(found.interface, form or {}), conditions=found.conditions,
        counter=counter or found.counter, protocol=found.protocol,
        thickness=thickness, pressure=pressure, temperature=temperature, current=current,
        capacity=capacity, attach_pressure=attach, lib=lib,
    )  # fmt: skip


def measured(cell: Any, path: Path) -> Any:
    """What was learnt of a cell, from a file.

    Raises:
        DataError: It holds no such result, or one of another cell.
    """
    from anolyte.core.errors import DataError
    from anolyte.studies.files import load
    from anolyte.studies.learn import Learned, Measured

    found = load(path)
    if not isinstance(found, Learned):
        raise DataError(f"{path}: is no result of `anolyte learn cell.yaml data/ --save FILE`")
    return Measured(cell, found)


@dataclass(frozen=True)
class Output:
    """Where an answer goes. Made before the work, so that nobody waits for a path that fails.

    Raises:
        DataError: Two forms at once, a figure that is no page, a folder that cannot be written to.
    """

    json: bool = False
    csv: bool = False
    plot: Path | None = None
    save: Path | None = None

    def __post_init__(self) -> None:
        from anolyte.core.errors import DataError
        from anolyte.faces import export

        export.only_one(json=self.json, csv=self.csv)
        if self.plot is not None:
            export.check_page_name(self.plot)
        for path in (self.plot, self.save):
            if path is None:
                continue
            if path.is_dir():
                raise DataError(f"{path}: cannot be written (it is a folder); name a file in it")
            if not path.parent.is_dir():
                raise DataError(f"{path}: cannot be written (no such folder: {path.parent})")
            if not os.access(path.parent, os.W_OK):
                raise DataError(f"{path}: cannot be written (no permission in {path.parent})")

    def finish(self, result: Any, show: Callable[[Any, str], None] | None = None) -> None:
        """Write what was asked for, and print the result.

        Args:
            result: Any result.
            show: Prints it for people, told where the figure went; None: `runs.show_result`.
        """
        from anolyte.faces import export

        if self.save is not None:
            from anolyte.studies.files import save as write

            write(result, self.save)
        if self.plot is not None:
            export.page(result, self.plot)
        if self.json:
            from anolyte.faces.console import print_json

            print_json(result.to_dict())
        elif self.csv:
            export.print_csv(result.rows())
        else:
            from anolyte.faces import runs

            (show or runs.show_result)(result, str(self.plot or ""))


def ends(text: str | None) -> list[str] | None:
    """`"1 MPa to 20 MPa"` or `"1 to 20 MPa"` as its two ends; anything else as the one text.

    >>> ends("1 to 20 MPa")
    ['1 MPa', '20 MPa']
    """
    if text is None:
        return None
    low, to, high = text.partition(" to ")
    if not to:
        return [text]
    unit = high.strip().lstrip("+-.0123456789eE").strip()
    bare = low.strip().replace(".", "", 1).replace("-", "", 1).isdigit()
    return [f"{low.strip()} {unit}" if bare else low.strip(), high.strip()]
