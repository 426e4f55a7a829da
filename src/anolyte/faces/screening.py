"""The verb `screen`, with `screen status`, `failed` and `retry`: candidates through a funnel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anolyte.core.errors import DataError
from anolyte.faces.options import Csv, Entries, Json, Materials

if TYPE_CHECKING:
    from anolyte.studies.runner import Runner
    from anolyte.studies.screen.result import ScreenResult
    from anolyte.studies.screen.study import Screen

INTERRUPTED, WITH_FAILURES = 130, 4
File = Annotated[Path, typer.Argument(metavar="FILE.db", help="What --resume named.")]

app = typer.Typer(
    name="screen", rich_markup_mode=None, invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@app.callback()
def screen(
    context: typer.Context,
    electrolyte: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name or formula.")
    ] = None,
    anode: Annotated[str, typer.Option(metavar="NAME", help="Name or formula.")] = "Li",
    candidates: Annotated[
        list[str] | None,
        typer.Option(
            metavar="all|library|PATH|QUERY",
            help="PATH: a CSV or text with one formula a line, a CIF, POSCAR or .jsonl, a folder "
            "of them. QUERY: optimade:URL?filter=..., or mp:FILTER. Repeatable.",
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", help="Seeded formulas whose charges balance.")
    ] = None,
    swap: Annotated[
        list[str] | None,
        typer.Option(metavar="Ge|Ge=Sn,Sr", help="Other ions on a site of the electrolyte."),
    ] = None,
    elements: Annotated[
        str | None,
        typer.Option(metavar="Li,Al,O", help="Of seeded formulas and decorated types."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="0", help="Of seeded formulas.")] = 0,
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="What must be met.")
    ] = None,
    through: Annotated[
        str,
        typer.Option(
            metavar="TIER",
            help="Last tier: tables, reactions, migration, relaxation, volumes, moduli, midpoints, "
            "bands or adhesion; each dearer than the one before.",
        ),
    ] = "volumes",
    model: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MODEL.safetensors", help="Made by `learn train`; a property to ask for."
        ),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Take models whose hash is not that of their card.")
    ] = False,
    potential: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="chgnet, chgnet@cuda, or what an installed package offers."
        ),
    ] = "chgnet",
    short: Annotated[int, typer.Option(metavar="12", min=1, help="Length of the short list.")] = 12,
    resume: Annotated[
        Path | None, typer.Option(metavar="FILE.db", help="Keeps what is done, and goes on.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Run again what failed before.")] = False,
    engine: Annotated[
        str,
        typer.Option(
            metavar="WHERE",
            help="local, processes[:N], dask[:N], a scheduler as tcp://host:8786, or "
            "slurm:PARTITION[:JOBS].",
        ),
    ] = "processes",
    report: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help="The answer as one page.")
    ] = None,
    structures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="CIF files of the short list.")
    ] = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
    entries: Entries = None,
) -> int:
    """Thousands of candidates between an electrolyte and an anode, to a short list with reasons.

    `screen status FILE.db` says how far one is, `screen failed FILE.db` what went wrong.

    Example: anolyte screen --electrolyte LLZTO --candidates all --resume screen.db --report s.html
    """
    if context.invoked_subcommand is not None:
        return 0
    from anolyte.atoms.potentials import Offered
    from anolyte.faces import asking, engines, export
    from anolyte.studies.screen import study
    from anolyte.studies.screen import targets as aims
    from anolyte.studies.screen.sources import Wanted

    export.only_one(json=json, csv=csv)
    if electrolyte is None:
        raise DataError("which electrolyte? add --electrolyte NAME, for example LLZTO")
    lib, phases = asking.library(materials), asking.energies(entries)
    wanted = Wanted(tuple(candidates or ()), count, tuple(swap or ()), elements, seed)
    by = Offered(*potential.split("@", 1))
    ladder, standard = (
        (study.substitutes(by), aims.SUBSTITUTES) if wanted.substitutes
        else (study.ladder(by), aims.STANDARD)
    )  # fmt: skip
    if model:
        from anolyte.studies.screen.estimators import learned

        ladder = learned.taught(ladder, model, trust)
    asked = study.screen(
        electrolyte, anode, wanted.sources(electrolyte, lib, phases),
        lambda known: aims.read(targets, known) if targets else aims.usual(standard, known),
        phases=phases, lib=lib, short=short, through=through, ladder=ladder,
    )  # fmt: skip
    result, code = _run(asked, resume, engines.engine(engine), retry)
    _leave(result, json=json, csv=csv)
    for line in _written(result, report, structures):
        if not (json or csv):
            print(line)
    return code


def _run(
    asked: Screen, resume: Path | None, engine: Runner | None, retry: bool
) -> tuple[ScreenResult, int]:
    """The answer and the exit code; after Ctrl-C what is done."""
    from anolyte.core import progress
    from anolyte.studies.ledger import Ledger

    with Ledger(resume) as ledger:
        try:
            failed = asked.run(
                ledger, runner=engine, retry=retry, progress=progress.with_time_left()
            )
            return asked.collect(ledger), WITH_FAILURES if failed else 0
        except KeyboardInterrupt:
            return asked.collect(ledger, finished=False), INTERRUPTED


def _leave(result: ScreenResult, *, json: bool, csv: bool) -> None:
    if json:
        from anolyte.faces.console import print_json

        print_json(result.to_dict())
    elif csv:
        from anolyte.faces.export import print_csv

        print_csv(result.rows())
    else:
        show(result)


def _written(result: ScreenResult, report: Path | None, structures: Path | None) -> list[str]:
    """Pages and files beside the answer, in words."""
    lines: list[str] = []
    if report is not None:
        from anolyte.faces import screen_page

        lines.append(f"report: {screen_page.report(report, result)}")
    if structures is not None:
        from anolyte.studies.screen.structured import write_structures

        lines += [f"structure: {path}" for path in write_structures(result, structures)]
    return lines


@app.command()
def status(file: File, json: Json = False) -> int:
    """How far a screen is, also while it runs.

    Example: anolyte screen status screen.db
    """
    from anolyte.faces.console import Page, print_json
    from anolyte.studies.ledger import Ledger

    with Ledger.open_read_only(file) as ledger:
        counts, runs = ledger.status(), ledger.runs()
    if json:
        print_json({**counts, "runs": [r._asdict() for r in runs]})
        return 0
    page = Page()
    page.line(f"{file}: {counts['done']} groups done, {counts['failed']} failed", "bold")
    page.columns(
        [
            (r.number, r.inputs.get("tier", ""), r.status, r.done, r.failed, _lasted(r))
            for r in runs
        ],
        head=("run", "tier", "state", "done", "failed", "time"),
        right=(0, 3, 4, 5),
    )
    return 0


def _lasted(run: Any) -> str:
    return "" if run.ended is None else f"{run.ended - run.started:.0f} s"


@app.command()
def failed(file: File, json: Json = False) -> int:
    """What went wrong in a screen; `screen retry` runs it again.

    Example: anolyte screen failed screen.db
    """
    from anolyte.faces.console import Page, print_json
    from anolyte.studies.ledger import Ledger

    with Ledger.open_read_only(file) as ledger:
        found = ledger.failed()
    if json:
        print_json([f._asdict() for f in found])
        return 0
    page = Page()
    page.line(f"{file}: {len(found)} groups failed", "bold")
    page.columns(
        [(f.key[:12], f.error, f.attempts, f.text) for f in found],
        head=("group", "error", "tries", "what it says"), right=(2,),
    )  # fmt: skip
    return 0


@app.command()
def retry(
    file: File,
    engine: Annotated[
        str | None, typer.Option(metavar="ENGINE", help="Another one than the last time.")
    ] = None,
    json: Json = False,
) -> int:
    """Run again what failed in a screen, by the command that the ledger remembers.

    Example: anolyte screen retry screen.db
    """
    from anolyte.faces import cli
    from anolyte.studies.ledger import Ledger

    with Ledger.open_read_only(file) as ledger:
        words = ledger.command()
    if "screen" not in words[1:2]:
        raise DataError(
            f"{file} was not filled by `anolyte screen`: give that screen again, with --retry"
        )
    asked = [*_without(words[2:], "--resume", "--engine" if engine else ""), "--resume", str(file)]
    asked = [word for word in asked if word not in ("--retry", "--json", "--csv")]
    if engine is not None:
        asked += ["--engine", engine]
    return cli.main(["screen", *asked, "--retry", *(["--json"] if json else [])])


def _without(words: Sequence[str], *options: str) -> list[str]:
    """Words without these options and their values.

    >>> _without(["--anode", "Li", "--resume", "a.db", "--engine=local"], "--resume", "--engine")
    ['--anode', 'Li']
    """
    kept: list[str] = []
    skip = False
    for word in words:
        name, equals, _ = word.partition("=")
        if skip or (name and name in options):
            skip = not skip and not equals
            continue
        kept.append(word)
    return kept


def show(result: ScreenResult) -> None:
    """The short list, what each tier let go, and what the numbers mean."""
    from anolyte.faces import views
    from anolyte.faces.console import Page

    page = Page()
    page.line(f"Candidates between {result.electrolyte} and {result.anode}", "bold")
    page.line("asked: " + ", ".join(str(t).replace("_", " ") for t in result.targets))
    page.heading("The funnel")
    page.columns(
        [
            (s.tier, s.came, s.kept, s.dropped, s.undecided, f"{s.seconds:.1f} s",
             views.some((f"{name.replace('_', ' ')} ({n})" for name, n in s.reasons), 4))
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
    page.heading("Keep in mind")
    page.bullets([*_MEANING, *result.cautions, f"energies: {result.energies}"])


_MEANING = (
    "P all: probability of meeting every target, errors of different properties taken as "
    "independent; an unknown one counts as its mean over the screen",
    "front: share of draws in which no other finalist is better in every property",
)
