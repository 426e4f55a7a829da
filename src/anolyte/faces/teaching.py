"""The verb `learn cell.yaml data/`: what measurements change of a cell, what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.faces.cells import Output, Save
from anolyte.faces.options import Csv, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.faces.console import Page
    from anolyte.studies.learn import Learned

MOST = 8
"""Numbers shown; --csv has all."""


def cell(
    cell_file: Annotated[
        Path, typer.Argument(metavar="cell.yaml", help="The cell that was measured.")
    ],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Folder (or file) of spectra and ramps.")
    ],
    draws: Annotated[int, typer.Option(metavar="N", min=50, help="Of each rival law.")] = 800,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the draws.")] = 0,
    circuit: Annotated[
        str | None,
        typer.Option(metavar='"R0-p(R1,CPE1)"', help="Of all spectra; chosen where not given."),
    ] = None,
    age: Annotated[
        str | None,
        typer.Option(metavar='"2 h"', help="Of the cell at its first spectrum, where known."),
    ] = None,
    scatter: Annotated[
        str, typer.Option(metavar='"3 %"', help="Error of a resistance beside that of its fit.")
    ] = "3 %",
    next_file: Annotated[
        Path | None,
        typer.Option("--next", metavar="OUT.txt", help="Write the best next experiment there."),
    ] = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """What measurements change of a cell: its numbers, its laws, its limits; what to measure next.

    Example: anolyte learn cell.yaml data --save learned.json --next next.txt
    """
    from anolyte.core import progress
    from anolyte.core.errors import DataError
    from anolyte.core.units import si
    from anolyte.faces import cells, measuring
    from anolyte.studies.learn import learn
    from anolyte.studies.learn.folder import Reading

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    if next_file is not None and not next_file.parent.is_dir():
        raise DataError(f"{next_file}: cannot be written (no such folder: {next_file.parent})")
    asked = cells.cell(str(cell_file), None, materials=materials)
    setup = measuring.setup(cell_file, lib=asked.lib)
    reading = Reading(
        setup, asked, circuit, scatter=si(scatter, "fraction"),
        age=None if age is None else si(age, "time"),
    )  # fmt: skip
    found = learn(
        asked, reading(data), draws=draws, seed=seed,
        progress=progress.silent if json or csv else progress.with_time_left(),
    )  # fmt: skip
    if next_file is not None and found.proposals:
        found.proposals[0].write(next_file)
    if plot is not None:
        from anolyte.faces import taught_page

        taught_page.write(plot, found)
    output.finish(found, lambda result, _: show(result, str(plot or ""), next_file))


def show(result: Learned, page_path: str = "", next_file: Path | None = None) -> None:
    """What was learnt, on standard output."""
    from anolyte.faces.console import Page
    from anolyte.materials.criteria import criteria

    page = Page()
    [finding] = result.findings(criteria())
    page.line(f"{result.cell}: {finding.reason}", "bold" if result.explained else "red")
    if result.explained:
        _numbers(page, result)
    _rivals(page, result)
    _checks(page, result)
    if result.explained:
        _changes(page, result)
        _proposals(page, result, next_file)
    if result.warnings:
        page.heading("To know before using it")
        page.bullets(result.warnings)
    if page_path:
        page.line()
        page.line(f"page: {page_path}")


def _numbers(page: Page, result: Learned) -> None:
    from anolyte.faces.taught_page import numbers

    page.heading("What the data say of the numbers")
    head, rows = numbers(result.constrained[:MOST])
    if rows:
        page.columns([tuple(r) for r in rows], head=tuple(head), right=(3,))
    if len(result.constrained) > MOST:
        page.line(f"and {len(result.constrained) - MOST} more; --csv has all", "dim")
    if result.unconstrained:
        names = ", ".join(n.words for n in result.unconstrained)
        page.line(f"not constrained by these data: {names}")
    for one, other, r in result.tied[:3]:
        way = "ratio" if r > 0.0 else "product"
        page.line(
            f"{_words(one)} and {_words(other)} are tied (correlation {r:+.2f}): the data know "
            f"their {way} better than either"
        )


def _words(name: str) -> str:
    from anolyte.studies.learn.numbers import in_words

    return in_words(name)


def _rivals(page: Page, result: Learned) -> None:
    from anolyte.faces.taught_page import rivals

    page.heading("Rival laws")
    head, rows = rivals(result)
    page.columns([tuple(r) for r in rows], head=tuple(head), right=(1, 2, 3, 4))


def _checks(page: Page, result: Learned) -> None:
    from anolyte.faces.taught_page import checks

    page.heading("Does the best law explain the data?")
    head, rows = checks(result)
    page.columns([tuple(r) for r in rows], head=tuple(head), right=(2, 3))


def _changes(page: Page, result: Learned) -> None:
    from anolyte.core.units import KINDS
    from anolyte.faces.taught_page import why
    from anolyte.studies.learn.result import interval

    page.heading("What changes")
    page.columns(
        [(f"{c.name}, {KINDS[c.kind].label}", interval(c.before, c.kind),
          interval(c.after, c.kind)) for c in result.changes],
        head=("answer", "before (10 to 90 %)", "after"),
    )  # fmt: skip
    for c in result.changes:
        page.line(f"{c.name}: {why(c)}", "dim")


def _proposals(page: Page, result: Learned, next_file: Path | None) -> None:
    from anolyte.faces.taught_page import SETTLED, proposals

    if not result.proposals:
        return
    page.heading("What to measure next")
    head, rows = proposals(result)
    page.columns([tuple(r) for r in rows], head=tuple(head), right=(1, 2, 3, 4))
    if all(p.decision < SETTLED for p in result.proposals):
        page.line("safe or not is settled as far as the model goes; ranked by what is said of all "
                  "numbers", "dim")  # fmt: skip
    if next_file is not None:
        page.line(f"protocol of the first: {next_file}")
    else:
        page.line("--next FILE writes the protocol of the first", "dim")
