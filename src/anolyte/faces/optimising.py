"""`anolyte optimise`: from a study.yaml to the best designs, at the terminal and as a page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anolyte.core.units import KINDS, habitual
from anolyte.faces.cells import Output, Resume, Save, WhatWasLearnt, measured
from anolyte.faces.field_page import Told
from anolyte.faces.options import Csv, Json, Materials, Plot

if TYPE_CHECKING:
    from anolyte.core.result import Number
    from anolyte.studies.optimise.front import Design, Front

SHOWN = 12
"""Designs of a table."""
BEST = 3
"""Objectives whose best designs are shown side by side."""


def optimise(
    study: Annotated[
        Path, typer.Argument(metavar="STUDY.yaml", help="What may change, is wanted.")
    ],
    evaluations: Annotated[int, typer.Option(metavar="N", help="Designs to be tried.")] = 1000,
    draws: Annotated[
        int | None, typer.Option(metavar="N", help="Sets of parameters of each; the file's, or 16.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="The file's, or 0.")] = None,
    learned: WhatWasLearnt = None,
    resume: Resume = None,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
    materials: Materials = None,
) -> None:
    """The best designs of a cell: what may change, what is wanted, what must be kept, from a file.

    Example: anolyte optimise study.yaml --evaluations 1000 --plot front.html
    """
    from dataclasses import replace

    from anolyte.core import progress
    from anolyte.faces import asking
    from anolyte.studies.ledger import Ledger
    from anolyte.studies.optimise import optimise as run
    from anolyte.studies.optimise.files import read_study

    output = Output(json, csv, None, save)
    if plot is not None:
        from anolyte.faces import export

        export.check_page_name(plot)
    asked = read_study(study, asking.library(materials))
    if draws is not None:
        asked = replace(asked, draws=draws)
    if seed is not None:
        asked = replace(asked, seed=seed)
    if learned is not None:
        asked = replace(asked, known=measured(asked.space.cell, learned))
    told_of = progress.silent if json or csv else progress.with_time_left()
    with Ledger(resume) as ledger:
        result = run(asked, evaluations=evaluations, ledger=ledger, progress=told_of)
    if plot is not None:
        from anolyte.faces import field_page
        from anolyte.faces.figures.optimise import front_figure

        origins = [("assumed or recalled", ", ".join(result.rests_on) or "nothing")]
        field_page.write(plot, told(result), result, front_figure(result), origins)
    output.finish(result, partial(show, plot=plot))


def settings(design: Design) -> list[tuple[str, Number | str]]:
    """Its variables; no layer has no thickness."""
    bare = any(s.value == "none" for s in design.settings)
    return [
        (s.name, "-" if bare and s.name == "interlayer thickness" else s.value)
        for s in design.settings
    ]


def one(design: Design) -> str:
    """A design in words."""
    return ", ".join(f"{name} {value}" for name, value in settings(design) if value != "-")


def verdict(result: Front) -> str:
    """In one line."""
    if result.knee is None:
        return f"{result.cell}: none of {result.evaluations} designs keeps the limits"
    found = ", ".join(f"{s.objective} {s.value}" for s in result.designs[result.knee].scores)
    return f"{result.cell}: a design with {found}"


def told(result: Front) -> Told:
    """In words."""
    rows: list[tuple[str, str]] = []
    if result.knee is not None:
        rows.append(("the design recommended", one(result.designs[result.knee])))
        rows += _beside(result, result.designs[result.knee], "there")
        if result.robust is not None and result.robust != result.knee:
            rows.append(("at the bad ends of the intervals", one(result.designs[result.robust])))
    elif result.nearest is not None:
        rows.append(("nearest to the limits", one(result.nearest)))
        rows += [
            (text, f"kept by {share:.0%} of the draws")
            for text, share in zip(result.limits, result.nearest.kept, strict=True)
        ]
    rows += [(f"not run: {count} designs", why) for why, count in result.refused]
    basis = "numbers as learnt from measurements of this cell; " if result.learnt else ""
    tried = f"{basis}{result.evaluations} designs tried, {result.keeping} keep the limits"
    size = f"{len(result.designs)} of them are not beaten in everything"
    wanted = "; ".join(result.objectives)
    return Told(
        "Designs, optimised",
        verdict(result),
        f"{tried}; {size}",
        rows,
        [
            *result.conflicts,
            f"wanted: {wanted}",
            *(f"limit: {text}" for text in result.limits),
            "The design named is nearest to the best of everything that is wanted, each counted "
            "from its best to its worst on the front; another weight takes another design.",
            f"Intervals are the 10th to 90th percentile of {result.draws} sets of parameters, the "
            "same for all designs, so that differences are surer than the numbers themselves. "
            "Critical currents are calibrated, not predicted, and end at the top of the ramp "
            "(35 mA/cm2).",
            *result.warnings,
        ],
        "How to read this: each point is a design that no other beats in everything, with its "
        "interval; the star is the one recommended, the cross the cell as it is.",
        [
            ("Designs that no other beats", _head(result), _lines(result)),
            ("What each variable does at the design named", BOUGHT, _moved(result)),
        ]
        if result.designs
        else [],
    )


def _beside(result: Front, design: Design, where: str) -> list[tuple[str, str]]:
    """Every answer of a design, with that of the cell as it is."""
    own = {} if result.own is None else {s.objective: s for s in result.own.scores}
    rows = []
    for score in design.scores:
        span = f" ({score.span})" if score.span else ""
        before = own.get(score.objective)
        now = "" if before is None else f"; as it is {before.value}"
        rows.append((f"{score.objective} {where}", f"{score.value}{span}{now}"))
    return rows


BOUGHT = ("at the design named", "from .. to", "better", "worse")


def _moved(result: Front) -> list[tuple[str, ...]]:
    """What each variable does, a line each."""
    return [
        (b.name, f"{b.before} to {b.after}", ", ".join(b.better), ", ".join(b.worse))
        for b in result.bought
    ]


def moved(result: Front) -> list[str]:
    """What each variable does at the design recommended, in sentences."""
    lines, still = ["at the design recommended:"], []
    for b in result.bought:
        parts = [
            f"{word} {', '.join(names)}"
            for word, names in (("better", b.better), ("worse", b.worse)) if names
        ]  # fmt: skip
        if parts:
            lines.append(f"  {b.name} {b.before} to {b.after}: {'; '.join(parts)}")
        else:
            still.append(f"{b.name} to {b.after}")
    return [*lines, *([f"  nothing changes by {', '.join(still)}"] if still else [])]


def show(result: Front, page_path: str = "", plot: Path | None = None) -> None:
    """The answer on standard output."""
    from anolyte.faces.console import Page

    page, words = Page(), told(result)
    page.line(words.headline)
    page.line(words.said)
    for name, text in words.rows:
        page.line(f"  {name}: {text}")
    if result.designs:
        page.line()
        columns = sheet(result)
        page.columns(
            [tuple(row) for row in zip(*(values for _, values in columns), strict=True)],
            head=tuple(name for name, _ in columns),
        )
        page.line(
            f"best 1., 2., ..: of what is wanted, in its order; all {len(result.designs)}: --csv, "
            "--plot"
        )
        page.line()
        for line in moved(result):
            page.line(line)
    page.line()
    for text in words.keep_in_mind:
        page.line(text)
    if plot is not None:
        page.line(f"page with the front: {plot}")


def sheet(result: Front) -> list[tuple[str, list[str]]]:
    """Designs side by side: as it is, recommended, and the best of each that is wanted."""
    designs = result.designs
    first = designs[0]
    kinds = [
        *((s.name, None if isinstance(s.value, str) else s.value.kind) for s in first.settings),
        *((s.objective, s.value.kind) for s in first.scores),
    ]
    names = [n if k is None or not KINDS[k].label else f"{n} ({KINDS[k].label})" for n, k in kinds]
    columns = [("", names)]
    if result.own is not None:
        columns.append(("as it is", _plain(result.own)))
    if result.knee is not None:
        columns.append(("recommended", _plain(designs[result.knee])))
    for place, said in enumerate(result.objectives[:BEST]):
        ends = [d.scores[place].value.si for d in designs]
        best = ends.index(max(ends) if said.startswith("more") else min(ends))
        columns.append((f"best {place + 1}.", _plain(designs[best])))
    return columns


def _plain(design: Design) -> list[str]:
    """Values without their units."""
    values = [*(value for _, value in settings(design)), *(s.value for s in design.scores)]
    return [v if isinstance(v, str) else f"{habitual(v.si, v.kind):.3g}" for v in values]


def _head(result: Front) -> tuple[str, ...]:
    first = result.designs[0]
    return ("", *(s.name for s in first.settings), *(s.objective for s in first.scores))


def _lines(result: Front) -> list[tuple[str, ...]]:
    """Designs evenly along the front, the named ones among them."""
    designs, named = result.designs, {result.knee: "*", result.robust: "r"}
    if result.knee == result.robust:
        named = {result.knee: "*r"}
    step = max(1.0, (len(designs) - 1) / (SHOWN - 1))
    places = sorted({round(k * step) for k in range(SHOWN) if round(k * step) < len(designs)}
                    | {k for k in named if k is not None})  # fmt: skip
    return [
        (
            named.get(k, ""),
            *(str(value) for _, value in settings(designs[k])),
            *(str(s.value) for s in designs[k].scores),
        )
        for k in places
    ]
