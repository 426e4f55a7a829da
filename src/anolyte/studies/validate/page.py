"""The scorecard as tables: one way for the documentation and the terminal."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

from anolyte.core.units import show
from anolyte.materials.records import QUANTITIES
from anolyte.studies.validate import Scorecard
from anolyte.studies.validate.backtest import Backtest
from anolyte.studies.validate.claims import ClaimScorecard
from anolyte.studies.validate.scorecard import (
    CALCULATION,
    CALIBRATION,
    INPUT,
    NO_MODEL,
    NOT_COUNTED,
    PREDICTED,
    SILENT,
    Line,
    RowScorecard,
)
from anolyte.studies.validate.systems import SystemScorecard

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Head and rows."""


def scores(card: RowScorecard) -> Table:
    """One row a predictor."""
    head = ("what", "model", "n", "median error", "worst", "in interval", "bounds kept",
            "calculations", "median error beside them", "other sample", "input",
            "no answer")  # fmt: skip
    rows = []
    for s in card.scores:
        error = s.why_none or ("" if s.error is None else f"{s.error:.2g} {s.unit}")
        rows.append((
            s.predictor, s.model, str(s.n), error, "" if s.worst is None else f"{s.worst:.2g}",
            f"{s.within} of {s.intervals}" if s.intervals else "",
            f"{s.kept} of {s.bounds}" if s.bounds else "",
            str(s.calculations or ""), "" if s.beside is None else f"{s.beside:.2g} {s.unit}",
            str(s.outside or ""), str(s.inputs or ""), str(s.silent or ""),
        ))  # fmt: skip
    return head, rows


def uses(card: RowScorecard) -> Table:
    """How many records each quantity has, and what the models do with them."""
    head = ("quantity", "records", "predicted", "calculation", "input", "calibration", "recalled",
            "no answer", "no model")  # fmt: skip
    counts: dict[str, Counter[str]] = {}
    for line in card.lines:
        counts.setdefault(line.quantity, Counter())[line.use] += 1
    order = (PREDICTED, CALCULATION, INPUT, CALIBRATION, NOT_COUNTED, SILENT, NO_MODEL)
    rows = [
        (q.replace("_", " "), str(c.total()), *(str(c[u] or "") for u in order))
        for q in QUANTITIES
        if (c := counts.get(q))
    ]
    total: Counter[str] = Counter()
    for c in counts.values():
        total += c
    rows.append(("all", str(total.total()), *(str(total[u] or "") for u in order)))
    return head, rows


def predictions(card: RowScorecard) -> Table:
    """Every prediction beside its measurement."""
    head = ("record", "of", "measured", "predicted", "interval", "error", "says")
    return head, [_prediction(x) for x in card.lines if x.use in (PREDICTED, CALCULATION)]


def _prediction(line: Line) -> tuple[str, ...]:
    kind = line.measured.kind
    sign = {"at_least": "≥ ", "at_most": "≤ ", "order": "about ", "approx": "about "}
    low, high = (None if n is None else show(n.si, kind) for n in (line.low, line.high))
    interval = "" if low == high else f"{low} to {high}"
    error = "" if line.error is None else f"{line.error:+.2g}"
    if line.use == CALCULATION:
        says = "published calculation or statement"
    elif not line.in_range:
        says = "other sample, not scored"
    elif line.agrees is not None:
        says = "bound kept" if line.agrees else "bound not kept"
    elif line.within is None:
        says = ""
    else:
        says = "in interval" if line.within else "outside interval"
    stack = " | ".join(x for x in (line.electrolyte, line.anode) if x)
    return (
        line.id, f"{line.quantity.replace('_', ' ')}, {stack}",
        sign.get(line.bound, "") + show(line.measured.si, kind),
        show(line.predicted.si, kind) if line.predicted else "", interval, error, says,
    )  # fmt: skip


def claim_table(card: ClaimScorecard, outcomes: Sequence[str]) -> Table:
    """Claims of some outcomes."""
    head = ("claim", "outcome", "because")
    rows = [(v.claim.claim, v.outcome, v.because) for v in card.verdicts if v.outcome in outcomes]
    return head, rows


def system_table(card: SystemScorecard) -> Table:
    """One row a system."""
    head = ("", "system", "tier", "records", "predicted", "claims passed", "failed", "untestable",
            "strategies", "served by", "state")  # fmt: skip
    return head, [
        (s.system.id, s.system.title, s.system.tier, str(s.records or ""), str(s.predicted or ""),
         str(s.passed or ""), str(s.failed or ""), str(s.untestable or ""),
         str(len(s.system.strategies) or ""), s.system.served_by, s.state)
        for s in card.scores
    ]  # fmt: skip


def backtest_table(card: Backtest) -> Table:
    """One row a set of papers: hits beside chance and beside families alone."""
    head = ("trials", "n", "among the first three", "by chance", "by family alone")
    rows = []
    for name, seen in (
        ("all", None), ("remedy measured in another paper, too", True), ("remedy new", False)
    ):  # fmt: skip
        hits, n = card.hits(seen)
        if n:
            rows.append((
                name, str(n), f"{hits} ({100 * hits / n:.0f} %)",
                f"{100 * card.expected('chance', seen):.0f} %",
                f"{100 * card.expected('by_class', seen):.0f} %",
            ))  # fmt: skip
    return head, rows


def trial_table(card: Backtest) -> Table:
    """One row a paper left out."""
    head = ("paper", "interface", "concern", "its remedy", "rank", "offered", "first three")
    return head, [
        (t.source, t.interface, str(t.concern), t.strategy, str(t.rank or "not offered"),
         str(t.offered), ", ".join(t.first))
        for t in card.trials
    ]  # fmt: skip


def summary(card: Scorecard) -> list[str]:
    """The scorecard in a few sentences."""
    r, c = card.records, card.claims
    red, ox = card.windows.errors()
    agree = sum(x.published == x.ours for x in card.interphases.cases)
    known = dict(zip(("read", "second-hand", "recalled"), r.known, strict=True))
    return [
        f"{r.records} records from {r.papers} sources ("
        + ", ".join(f"{n} {k}" for k, n in known.items())
        + f"); {sum(x.use == PREDICTED for x in r.lines)} measurements predicted, "
        f"{sum(x.use == CALCULATION for x in r.lines)} published calculations compared, "
        f"{sum(x.use == NO_MODEL for x in r.lines)} without a model.",
        f"Published computed windows: reduction limits differ by {statistics.fmean(red):.2f} V on "
        f"average (n = {len(red)}), oxidation limits by {statistics.fmean(ox):.2f} V "
        f"(n = {len(ox)}).",
        f"Known interphases: {agree} of {len(card.interphases.cases)} come out as published.",
        f"Claims of the review: {c.count('pass')} pass, {c.count('fail')} fail, "
        f"{c.count('untestable')} are untestable with today's models.",
    ]


def markdown(table: Table) -> str:
    """A table in Markdown."""
    head, rows = table
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(c) for c in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def page(card: Scorecard) -> str:
    """All of it as the page of the documentation."""
    parts: Iterable[tuple[str, str]] = (
        ("", "\n".join(f"- {s}" for s in summary(card)) + "\n"),
        ("Models against records", markdown(scores(card.records))),
        ("What the records are of", markdown(uses(card.records))),
        ("Every prediction", markdown(predictions(card.records))),
        ("Claims that the models can test", markdown(claim_table(card.claims, ("fail", "pass")))),
        ("Claims that they cannot", markdown(claim_table(card.claims, ("untestable",)))),
        ("Systems that the review describes", markdown(system_table(card.systems))),
        ("Backtest", markdown(backtest_table(card.backtest))),
        ("Backtest, paper by paper", markdown(trial_table(card.backtest))),
    )
    return "\n".join(f"## {title}\n\n{text}" if title else text for title, text in parts)
