"""The verbs `screen`, `screen status`, `screen failed`: candidates through a funnel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.faces.options import Entries, Json, Materials

if TYPE_CHECKING:
    from anolyte.studies.screen.result import ScreenResult
    from anolyte.studies.screen.study import Screen

INTERRUPTED, WITH_FAILURES = 130, 4


def screen(
    electrolyte: Annotated[str, typer.Option(metavar="NAME", help="Name or formula.")],
    anode: Annotated[str, typer.Option(metavar="NAME", help="Name or formula.")] = "Li",
    candidates: Annotated[
        list[str] | None,
        typer.Option(metavar="all|library|FILE", help="FILE: one formula a line. Repeatable."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", help="Seeded formulas whose charges balance.")
    ] = None,
    swap: Annotated[
        list[str] | None,
        typer.Option(metavar="Ge|Ge=Sn,Sr", help="Other ions on a site of the electrolyte."),
    ] = None,
    elements: Annotated[
        str | None, typer.Option(metavar="Li,Al,O", help="Of seeded formulas.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="0", help="Of seeded formulas.")] = 0,
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="What must be met.")
    ] = None,
    short: Annotated[int, typer.Option(metavar="12", help="Length of the short list.")] = 12,
    resume: Annotated[
        Path | None, typer.Option(metavar="FILE.db", help="Keeps what is done, and goes on.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Run again what failed before.")] = False,
    json: Json = False,
    materials: Materials = None,
    entries: Entries = None,
) -> int:
    """Thousands of candidates between an electrolyte and an anode, to a short list with reasons.

    Example: anolyte screen --electrolyte LLZTO --anode Li --candidates all --resume screen.db
    """
    from anolyte.faces import asking
    from anolyte.studies.screen import study
    from anolyte.studies.screen import targets as aims
    from anolyte.studies.screen.sources import Wanted

    lib, phases = asking.library(materials), asking.energies(entries)
    wanted = Wanted(tuple(candidates or ()), count, tuple(swap or ()), elements, seed)
    asked = study.screen(
        electrolyte, anode, wanted.sources(electrolyte, lib, phases),
        lambda known: aims.read(targets or aims.STANDARD, known),
        phases=phases, lib=lib, short=short,
    )  # fmt: skip
    result, code = _run(asked, resume, retry)
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    else:
        show(result)
    return code


def _run(asked: Screen, resume: Path | None, retry: bool) -> tuple[ScreenResult, int]:
    """The answer and the exit code; after Ctrl-C what is done."""
    from anolyte.core import progress
    from anolyte.studies.ledger import Ledger

    with Ledger(resume) as ledger:
        try:
            failed = asked.run(ledger, retry=retry, progress=progress.with_time_left())
            return asked.collect(ledger), WITH_FAILURES if failed else 0
        except KeyboardInterrupt:
            return asked.collect(ledger, finished=False), INTERRUPTED


def show(result: ScreenResult) -> None:
    """The short list, what each tier let go, and what the numbers mean."""
    from anolyte.faces import views
    from anolyte.faces.console import Page

    page = Page()
    page.line(f"Candidates between {result.electrolyte} and {result.anode}", "bold")
    page.line("asked: " + ", ".join(str(t) for t in result.targets))
    page.heading("The funnel")
    page.columns(
        [
            (s.tier, s.came, s.kept, s.dropped, s.undecided, f"{s.seconds:.1f} s",
             views.some((f"{name} ({n})" for name, n in s.reasons), 4))
            for s in result.steps
        ],
        head=("tier", "came", "kept", "dropped", "unknown", "CPU", "dropped for"),
        right=(1, 2, 3, 4, 5),
    )  # fmt: skip
    page.heading(f"The likeliest {len(result.shortlist)} of {result.finalists}")
    page.columns(
        [
            (
                k,
                f.candidate.name,
                f"{f.probability:.2f}",
                "" if f.front is None else f"{f.front:.2f}",
                result.reason(f),
            )
            for k, f in enumerate(result.shortlist, 1)
        ],
        head=("", "candidate", "P all", "front", "why"),
        right=(0, 2, 3),
    )
    flags = [f.candidate.flag for f in result.shortlist if f.candidate.flag]
    page.heading("Keep in mind")
    page.bullets([*flags, *_doubts(result)])


def _doubts(result: ScreenResult) -> list[str]:
    texts = [
        "P all: probability of meeting every target, errors of different properties taken as "
        "independent; an unknown one counts as its mean over the screen",
        "front: share of draws in which no other finalist is better in every property",
    ]
    if not result.finished:
        texts.insert(0, "interrupted: --resume FILE.db keeps what is done and goes on from there")
    spared = sum(s.spared for s in result.steps)
    if spared:
        texts.append(f"{spared} that should have been dropped went on, to measure what is lost")
    return [*texts, *result.warnings, f"energies: {result.energies}"]
