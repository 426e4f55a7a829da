"""What was learnt of a cell as one self-contained page: the verdict first, then why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anolyte.core.units import KINDS
from anolyte.faces import field_page
from anolyte.faces.field_page import Told
from anolyte.faces.figures.learn import learned as numbers_figure
from anolyte.faces.figures.learn import predictions
from anolyte.studies.learn import Change, Learned, Learnt
from anolyte.studies.learn.numbers import in_words
from anolyte.studies.learn.result import interval

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
SETTLED = 1e-3
"""Nats on safe or not, below which it is settled."""


def write(path: Path, result: Learned) -> Path:
    """The page of a result.

    Raises:
        DataError: The path cannot be written.
    """
    worst = {
        seen.observation: min(
            (c.probability for c in result.checks if c.observation == seen.observation), default=1.0
        )
        for seen in result.predicted
    }
    more = [
        (
            predictions(seen),
            f"How to read this: points are what was measured of the {seen.observation}, the band "
            "is what the learnt law says of it (10 to 90 %); data at least so odd come in "
            f"{worst[seen.observation]:.0%} of cells that it describes.",
        )
        for seen in result.predicted
    ]
    origins = [
        ("law", result.law),
        ("draws", f"{result.draws} of each law, seed {result.seed}"),
        ("files read", str(result.files)),
    ]
    return field_page.write(path, told(result), result, numbers_figure(result), origins, more)


def told(result: Learned) -> Told:
    """In words and tables."""
    from anolyte.materials.criteria import criteria

    [finding] = result.findings(criteria())
    tables: list[Table] = []
    if result.explained:
        tables.append(("What the data say of the numbers", *numbers(result.constrained)))
    tables += [("Rival laws", *rivals(result)), ("Does it explain the data?", *checks(result))]
    if result.proposals:
        tables.append(("What to measure next", *proposals(result)))
    open_still = ", ".join(n.words for n in result.unconstrained)
    ties = [
        f"{in_words(one)} and {in_words(other)} are tied (correlation {r:+.2f}): the data know "
        f"their {'ratio' if r > 0.0 else 'product'} better than either"
        for one, other, r in result.tied[:3]
    ]
    return Told(
        "Learned from measurements",
        f"{result.cell}: {finding.reason}",
        f"{result.files} files, {result.draws} draws of each of {len(result.rivals)} laws",
        [row for change in result.changes for row in changed(change)],
        [
            *([f"not constrained by these data: {open_still}"] if open_still else []),
            *ties,
            *result.warnings,
        ],
        "How to read this: each number as a factor of what it was before, 10 to 90 %; grey before, "
        "blue after. Numbers that the data do not constrain stay as they were.",
        tables,
    )


def why(change: Change) -> str:
    """Through which number and which measurement an answer changed."""
    before, after = change.before, change.after
    if change.kind == "fraction" and before[0] < after[2] and after[0] < before[2]:
        return "as before, within what so many draws leave open"
    if not change.number:
        return "no number moved that it hangs on"
    return f"through the {change.number}, of which the {change.observation} speaks most"


def changed(change: Change) -> list[tuple[str, str]]:
    """An answer before and after, with the reason."""
    label = KINDS[change.kind].label
    before, after = (interval(v, change.kind) for v in (change.before, change.after))
    return [(f"{change.name}, {label}", f"{before} before; {after} now; {why(change)}")]


def labelled(number: Learnt) -> str:
    """A number with its unit."""
    label = KINDS[number.kind].label
    return f"{number.words}, {label}" if label else number.words


def numbers(shown: Sequence[Learnt]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows."""
    head = ("number", "before (10 to 90 %)", "after", "nats")
    return head, [
        (labelled(n), interval(n.before, n.kind), interval(n.after, n.kind),
         f"{n.information:.1f}") for n in shown
    ]  # fmt: skip


def rivals(result: Learned) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows."""
    head = ("law", "before", "after", "(one error)", "ln evidence")
    return head, [
        (w.name, f"{w.before:.0%}", f"{w.after:.1%}", f"{w.low:.0%} to {w.high:.0%}",
         f"{w.log_evidence:.1f}±{w.error:.1f}") for w in result.rivals
    ]  # fmt: skip


def checks(result: Learned) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows."""
    return ("measurement", "misfit", "numbers", "p"), [
        (c.observation, c.what, f"{c.count}", f"{c.probability:.2g}") for c in result.checks
    ]


def proposals(result: Learned) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows; by what they say of the decision an hour, or of all numbers if it is made."""
    by = 1 if all(p.decision < SETTLED for p in result.proposals) else 0
    head = ("experiment", "h", "nats on safe or not", "on all numbers", "an hour")
    return head, [
        (p.name, f"{p.hours / 3600.0:.1f}", f"{p.decision:.3f}", f"{p.parameters:.2f}",
         f"{p.rate[by]:.4f}") for p in result.proposals
    ]  # fmt: skip
