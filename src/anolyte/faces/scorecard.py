"""`anolyte validate`: the scorecard in a terminal, as JSON, or as the page of the documentation."""

from __future__ import annotations

from pathlib import Path

from anolyte.faces import export
from anolyte.faces.console import Page, print_json
from anolyte.studies.validate import Scorecard, page, validate


def main(
    *,
    json: bool = False,
    markdown: bool = False,
    files: tuple[Path, ...] = (),
    plot: Path | None = None,
) -> None:
    """Hold the models against everything published, and show it.

    Args:
        json: As JSON.
        markdown: As the page of the documentation.
        files: Further records of the user's own.
        plot: Where to write the figure of every prediction.
    """
    from anolyte.core.progress import on_terminal, silent
    from anolyte.materials.evidence import evidence

    card = validate(evidence(files), progress=silent if json else on_terminal())
    if plot is not None:
        export.page(card.records, plot)
    if json:
        print_json(card.to_dict())
    elif markdown:
        print(page.page(card), end="")
    else:
        show(card)


def show(card: Scorecard) -> None:
    """Sums first, then each table."""
    out = Page()
    for sentence in page.summary(card):
        out.line(sentence)
    out.heading("Models against records; `--markdown` lists every one")
    head, rows = page.scores(card.records)
    keep = (0, 2, 3, 4, 5, 6)
    out.columns([_some(r, keep) for r in rows], head=_some(head, keep), right=(1,))
    out.heading("Claims that fail")
    out.bullets(f"{claim} {why}" for claim, _, why in page.claim_table(card.claims, ("fail",))[1])
    out.heading("Remedies ranked without the paper that found them")
    head, rows = page.backtest_table(card.backtest)
    out.columns(rows, head=head, right=(1,))
    states: dict[str, list[str]] = {}
    for s in card.systems.scores:
        states.setdefault(s.state, []).append(s.system.id)
    out.heading("Systems that the review describes")
    out.columns([(state, str(len(ids)), ", ".join(ids)) for state, ids in states.items()])
    out.line()
    out.line("What the models cannot predict: docs/limits.md", "dim")


def _some(row: tuple[str, ...], keep: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(row[i] for i in keep)
