"""How well the device model stands, and the page of the documentation that says so."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.materials import references
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.studies.validate.device import DEVICE_PREDICTORS, of_stripping
from anolyte.studies.validate.device_rivals import Rival, rivals
from anolyte.studies.validate.device_table import CALIBRATION, CHECK, SAME_PAPER, Row, device_table
from anolyte.studies.validate.page import markdown
from anolyte.studies.validate.scorecard import PREDICTED, Line, score_rows

DOUBLE, TRIPLE = math.log10(2.0), math.log10(3.0)


@dataclass(frozen=True)
class Standing:
    """A group of predicted records beside what needs no model; errors in decades.

    Args:
        group: Which records.
        n, papers: How many exact measured values, of how many papers.
        error: Median size of the model's error.
        double, triple: How many lie within a factor of 2 and 3.
        covered: How many lie in the interval of 80 %.
        constant: Median error of the median of the calibration rows; NaN: there are none.
        constant_triple: How many that constant has within a factor of 3.
        others: Median error of the median of the other papers' values in the same group.
        others_triple: How many those have within a factor of 3.
    """

    group: str
    n: int
    papers: int
    error: float = quantity("number")
    double: int = 0
    triple: int = 0
    covered: int = 0
    constant: float = quantity("number", default=math.nan)
    constant_triple: int = 0
    others: float = quantity("number", default=math.nan)
    others_triple: int = 0


def _ramp(record: Record) -> bool:
    return record.quantity == "critical_current_density" and not of_stripping(record)


def _resistance(record: Record) -> bool:
    return record.quantity == "interfacial_resistance"


GROUPS: tuple[tuple[str, Callable[[Record], bool]], ...] = (
    ("critical current of a ramp", _ramp),
    ("of it without a layer", lambda r: _ramp(r) and not r.layers),
    ("of it with a layer", lambda r: _ramp(r) and bool(r.layers)),
    ("onset of voids", lambda r: of_stripping(r) and not _ramp(r)),
    ("interfacial resistance", _resistance),
    ("of it without a layer", lambda r: _resistance(r) and not r.layers),
    ("of it with a layer", lambda r: _resistance(r) and bool(r.layers)),
    ("life of a symmetric cell", lambda r: r.quantity == "symmetric_cell_life"),
)


def standing() -> tuple[Standing, ...]:
    """The model, a constant and other papers' median beside the same records."""
    records = evidence()
    lines = {x.id: x for x in score_rows(records, DEVICE_PREDICTORS).lines}
    found = []
    for name, meant in GROUPS:
        rows = [r for r in records if meant(r)]
        used = [(r, lines[r.id]) for r in rows if _exact(lines[r.id])]
        if used:
            fitted = [r.value.si for r in rows if r.role == "calibration"]
            found.append(_standing(name, used, fitted))
    return tuple(found)


def _exact(line: Line) -> bool:
    return line.use == PREDICTED and line.in_range and line.error is not None


def _standing(name: str, used: Sequence[tuple[Record, Line]], fitted: Sequence[float]) -> Standing:
    errors = [abs(x.error or 0.0) for _, x in used]
    papers = {references.paper(r.source.key) for r, _ in used}
    level = statistics.median(fitted) if fitted else math.nan
    constant = [abs(math.log10(level / r.value.si)) for r, _ in used]
    others = []
    for record, _ in used:
        own = references.paper(record.source.key)
        rest = [r.value.si for r, _ in used if references.paper(r.source.key) != own]
        if rest:
            others.append(abs(math.log10(statistics.median(rest) / record.value.si)))
    return Standing(
        name, len(used), len(papers), statistics.median(errors),
        sum(e <= DOUBLE for e in errors), sum(e <= TRIPLE for e in errors),
        sum(bool(x.within) for _, x in used),
        statistics.median(constant), sum(e <= TRIPLE for e in constant),
        statistics.median(others) if others else math.nan, sum(e <= TRIPLE for e in others),
    )  # fmt: skip


# --- the page -----------------------------------------------------------------------------------


def page() -> str:
    """The computed part of the page: standing, rivals, table, misses."""
    rows = device_table()
    parts = (
        ("Predictions beside records", _standing_table(standing())),
        ("Rivals", _rival_table(rivals())),
        ("Published results, one by one", _count(rows) + "\n\n" + _row_table(rows)),
        ("What does not agree", _misses(rows)),
    )
    return "\n".join(f"### {title}\n\n{text}" for title, text in parts)


def _decades(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _standing_table(found: Sequence[Standing]) -> str:
    head = ("records", "n", "papers", "median error, decades", "within 2", "within 3",
            "in the 80 % interval", "a constant: median error", "within 3",
            "other papers' median: median error", "within 3")  # fmt: skip
    return markdown((head, [
        (s.group, str(s.n), str(s.papers), _decades(s.error), str(s.double), str(s.triple),
         str(s.covered), _decades(s.constant),
         "" if math.isnan(s.constant) else str(s.constant_triple), _decades(s.others),
         "" if math.isnan(s.others) else str(s.others_triple))
        for s in found
    ]))  # fmt: skip


def _rival_table(found: Sequence[Rival]) -> str:
    head = ("question", "law", "fitted numbers", "points", "median error, decades", "worst",
            "checks", "median error on them", "bounds kept")  # fmt: skip
    return markdown((head, [
        (r.question, r.law, str(r.parameters), str(r.points), _decades(r.error), _decades(r.worst),
         str(r.checks), _decades(r.check_error), f"{r.kept} of {r.bounds}" if r.bounds else "")
        for r in found
    ]))  # fmt: skip


_SIGN = {"at_least": "≥ ", "at_most": "≤ "}
_KNOWN = {"read": "", "second_hand": ", second-hand", "recalled": ", recalled"}


def _row_table(rows: Sequence[Row]) -> str:
    head = ("law", "result", "published", "model", "80 % of draws", "ratio", "role", "source",
            "says")  # fmt: skip
    return markdown((head, [_cells(r) for r in rows]))


def _cells(row: Row) -> tuple[str, ...]:
    kind = row.published.kind
    ours = "" if row.ours is None else show(row.ours.si, kind)
    open_ended = row.ours is None or row.low == row.high
    interval = "" if open_ended else f"{show(row.low, kind)} to {show(row.high, kind)}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2g}"
    return (
        row.about, row.result, _SIGN.get(row.bound, "") + show(row.published.si, kind), ours,
        interval, ratio, row.role, row.source.key + _KNOWN[row.source.known], row.verdict,
    )  # fmt: skip


def _count(rows: Sequence[Row]) -> str:
    told = []
    for role in (CHECK, SAME_PAPER, CALIBRATION):
        mine = [r for r in rows if r.role == role and r.verdict != "no answer"]
        good = sum(r.verdict in ("agrees", "bound kept") for r in mine)
        near = sum(r.verdict == "near" for r in mine)
        papers = len({r.source.key for r in mine})
        told.append(
            f"{role}: {len(mine)} results of {papers} papers, {good} agree (within a factor of 2, "
            "exponents within 1.25, shares within 1.1, or a bound kept), "
            f"{near} lie up to 1.5 times further off, {len(mine) - good - near} miss"
        )
    silent = sum(r.verdict == "no answer" for r in rows)
    return "\n".join(f"- {t}" for t in (*told, f"no answer: {silent}"))


def _misses(rows: Sequence[Row]) -> str:
    missed = [r for r in rows if r.verdict not in ("agrees", "bound kept")]
    return "".join(f"- {_miss(r)}\n" for r in missed)


def _miss(row: Row) -> str:
    kind, why = row.published.kind, f": {row.note}" if row.note else ""
    published = _SIGN.get(row.bound, "") + show(row.published.si, kind)
    head = f"{row.result} ({row.source.key}, {row.role}): {published} published"
    if row.ours is None:
        return f"{head}, no answer{why}."
    return f"{head}, {show(row.ours.si, kind)} here, {_times(row.ratio)}{why}."


def _times(ratio: float | None) -> str:
    if ratio is None or not ratio:
        return "nothing"
    times = float(f"{max(ratio, 1.0 / ratio):.2g}")
    return f"{times:g} times too {'high' if ratio > 1.0 else 'low'}"
