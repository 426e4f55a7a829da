"""`anolyte lever`: one thing that can be done to an interface, without and with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from anolyte.faces import cells
from anolyte.faces.cells import (
    AnodeName,
    Attach,
    Capacity,
    Counter,
    Current,
    Output,
    Pressure,
    Save,
    Temperature,
    Thickness,
)
from anolyte.faces.options import Csv, Interlayers, Json, Materials, Plot


def lever(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A lever; left out: the list of them.")
    ] = None,
    electrolyte: Annotated[
        str | None,
        typer.Argument(metavar="ELECTROLYTE", help="Name or formula; or a cell.yaml."),
    ] = None,
    anode: AnodeName = None,
    amount: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"20 %"', help='How much of it; repeatable, or two ends as in "0 to 50 %".'
        ),
    ] = None,
    interlayer: Interlayers = None,
    current: Current = None,
    capacity: Capacity = None,
    pressure: Pressure = None,
    temperature: Temperature = None,
    thickness: Thickness = None,
    counter: Counter = None,
    attach: Attach = None,
    draws: Annotated[
        int, typer.Option(metavar="N", help="Sets of parameters behind each sign.")
    ] = 32,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """What one thing that can be done to an interface changes: without it, with it, with more.

    Example: anolyte lever "pressing history" Li6PS5Cl Li --pressure "3 MPa" --amount "25 MPa"

    `anolyte lever` lists them, `anolyte lever NAME` tells of one, and `anolyte lever all Li6PS5Cl
    Li` runs each in turn.
    """
    from anolyte.core import progress

    output = Output(json, csv, plot, save)
    if name is None or electrolyte is None:
        _tell(name, output)
        return
    chosen = find(name)
    asked = cells.cell(
        electrolyte, anode, interlayer=interlayer, pressure=pressure, temperature=temperature,
        thickness=thickness, counter=counter, attach=attach, materials=materials,
        current=current, capacity=capacity,
    )  # fmt: skip
    output.finish(
        chosen.ask(asked, _filled(amount or [], chosen), draws, progress.with_time_left())
    )


Ask = Callable[[Any, Sequence[float], int, Any], Any]
"""Cell, amounts in SI, draws, progress; gives a result."""


@dataclass(frozen=True)
class Choice:
    """One thing that `anolyte lever` can run.

    Args:
        name, aliases: What it is called.
        what: What its amount is.
        kind: Of the amount.
        range, usual: Between which amounts, and those that are taken where none is named.
        ask: What runs it.
        points: Into how many amounts two ends are filled.
        basis, references: Where its numbers come from.
    """

    name: str
    what: str
    kind: str
    range: str
    usual: str
    ask: Ask
    aliases: tuple[str, ...] = ()
    points: int = 5
    basis: str = ""
    references: tuple[str, ...] = ()

    def row(self) -> dict[str, str]:
        """The choice as one row of a table."""
        return {"lever": self.name, "amount": self.what, "range": self.range,
                "usual": self.usual, "also called": ", ".join(self.aliases)}  # fmt: skip


def choices() -> tuple[Choice, ...]:
    """Every lever of the package, then the sweeps."""
    from anolyte.studies.levers import ALL

    return (*(_of(x) for x in ALL), *_sweeps())


def _of(known: Any) -> Choice:
    """A lever of the package."""
    from anolyte.core.units import show
    from anolyte.studies.levers import lever_curve

    def ask(cell: Any, amounts: Sequence[float], draws: int, progress: Any) -> Any:
        return lever_curve(cell, known, amounts, draws=draws, progress=progress)

    usual = [show(a, known.kind) for a in (known.amount, known.twice) if a is not None]
    return Choice(
        known.name, known.changes, known.kind, known.range, ", ".join(usual), ask,
        known.aliases, basis=known.basis, references=known.references,
    )  # fmt: skip


def _sweeps() -> tuple[Choice, ...]:
    """What is no lever with an amount, but is asked for in the same way."""
    from anolyte.core.errors import DataError
    from anolyte.studies.levers import ALL, first_plating, levers, temperature_sweep

    def warm(cell: Any, amounts: Sequence[float], draws: int, progress: Any) -> Any:
        return temperature_sweep(cell, *([list(amounts)] if amounts else []), draws=draws)

    def plate(cell: Any, amounts: Sequence[float], draws: int, progress: Any) -> Any:
        if len(amounts) > 1 or any(a <= 0.0 for a in amounts):
            raise DataError("first plating takes one --amount above zero: the islands' distance")
        return first_plating(cell, amounts[0]) if amounts else first_plating(cell)

    def every(cell: Any, amounts: Sequence[float], draws: int, progress: Any) -> Any:
        if amounts:
            raise DataError("--amount goes with one lever; name it in the place of 'all'")
        return levers(cell, chosen=ALL, draws=draws, progress=progress)

    return (
        Choice("temperature", "the cell's temperature: conductivity, resistances, critical current",
               "temperature", "above absolute zero", "0 °C to 80 °C", warm,
               ("temperature sweep",), points=9),
        Choice("first plating", "distance of islands on a bare collector, against the charge",
               "length", "above zero", "20 µm", plate, ("anode-free plating",)),
        Choice("all", "every lever above, each with its usual amounts", "number", "", "", every),
    )  # fmt: skip


def find(name: str) -> Choice:
    """The choice that a person typed.

    Raises:
        DataError: None has that name; the near ones are told.
    """
    from anolyte.core.errors import AnolyteError, DataError
    from anolyte.studies.levers import find_lever
    from anolyte.studies.levers.names import folded

    for sweep in _sweeps():
        if folded(name) in map(folded, (sweep.name, *sweep.aliases)):
            return sweep
    try:
        return _of(find_lever(name))
    except DataError as error:
        from anolyte.faces import asking

        try:
            found = asking.find(asking.library(None), name, as_printed=True)
        except AnolyteError:
            raise error from None
        if found.origin == "formula":
            raise
        raise DataError(
            f"'{name[:40]}' is a material: name the lever first, as in anolyte lever "
            f"\"liquid share\" {name[:40]} Li, or 'all'"
        ) from None


def _filled(texts: Sequence[str], choice: Choice) -> list[float]:
    """Amounts in SI; two ends are filled evenly."""
    import numpy as np

    from anolyte.core.errors import DataError
    from anolyte.core.units import si

    found: list[float] = []
    for text in texts:
        limits = [si(x, choice.kind) for x in cells.ends(text) or ()]
        if len(limits) == 2 and limits[0] == limits[1]:
            raise DataError(f"--amount '{text[:40]}': the two ends are the same")
        points = choice.points if len(limits) == 2 else 1
        found += [float(x) for x in np.linspace(limits[0], limits[-1], points)]
    return found


def _tell(name: str | None, output: Output) -> None:
    """The list, or what is known of one."""
    from anolyte.core.errors import DataError
    from anolyte.faces import export
    from anolyte.faces.console import Page, print_json

    if output.plot or output.save:
        raise DataError("a figure or a file of which cell? anolyte lever NAME Li6PS5Cl Li")
    chosen = choices() if name is None else (find(name),)
    if output.json:
        print_json({"levers": [c.row() | {"basis": c.basis} for c in chosen]})
    elif output.csv:
        export.print_csv([c.row() for c in chosen])
    elif name is not None:
        _one(chosen[0])
    else:
        page = Page()
        page.line(f"{len(chosen)} levers", "bold")
        page.columns(
            [(c.name, c.range, c.usual, c.what) for c in chosen],
            head=("name", "range", "usual", "what its amount is"), styles=("bold",),
        )  # fmt: skip
        page.line()
        page.line('`anolyte lever NAME` tells of one; anolyte lever "liquid share" Li6PS5Cl Li '
                  "runs it", "dim")  # fmt: skip


def _one(choice: Choice) -> None:
    from anolyte.faces.console import Page
    from anolyte.materials import references

    page = Page()
    page.line(choice.name, "bold")
    rows = [("also called", ", ".join(choice.aliases)), ("its amount is", choice.what),
            ("range", choice.range), ("usual", choice.usual), ("basis", choice.basis)]  # fmt: skip
    rows += [("source", f"{key}: {references.cite(key)}") for key in choice.references]
    page.columns([r for r in rows if r[1]], styles=("dim",))
    page.line()
    page.line(f'run it: anolyte lever "{choice.name}" Li6PS5Cl Li', "dim")
