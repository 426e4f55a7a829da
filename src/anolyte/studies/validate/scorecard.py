"""Every model against every record that it can speak to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anolyte.core.provenance import KNOWN
from anolyte.core.result import Number, Result
from anolyte.core.result import quantity as measured_in
from anolyte.core.units import KINDS, habitual
from anolyte.materials.evidence import papers
from anolyte.materials.records import Record
from anolyte.studies.validate.device import DEVICE_PREDICTORS
from anolyte.studies.validate.predictions import PREDICTORS, Predictor, predicted, speaks

PREDICTED, CALCULATION, INPUT, CALIBRATION, NOT_COUNTED, SILENT, NO_MODEL = (
    "prediction", "calculation", "input", "calibration", "recalled", "no answer", "no model",
)  # fmt: skip
ORDER = 10.0
"""A value given as an order of magnitude is right within this factor."""


EVERY: tuple[Predictor, ...] = (*PREDICTORS, *DEVICE_PREDICTORS)
"""Every predictor: of materials, and of cells that run."""


@dataclass(frozen=True)
class Line:
    """One record beside its model.

    Args:
        use: prediction | calculation (beside a published calculation or statement, scored apart) |
            input (the model's own data) | calibration | recalled (never scores) |
            no answer | no model.
        error: Predicted less measured, in the habitual unit of the quantity; in decades where
            errors are logarithmic.
        within: Whether the measured value lies in the predicted interval; None: no interval.
        agrees: Whether a bound (at least, at most, order of magnitude) is kept; None: exact value.
    """

    id: str
    electrolyte: str
    anode: str
    quantity: str
    predictor: str
    use: str
    measured: Number
    bound: str = "exact"
    predicted: Number | None = None
    low: Number | None = None
    high: Number | None = None
    error: float | None = measured_in("number", default=None)
    within: bool | None = None
    agrees: bool | None = None
    in_range: bool = True
    note: str = ""
    source: str = ""
    known: str = ""
    method: str = ""


@dataclass(frozen=True)
class Score:
    """How one predictor does.

    Args:
        n: Predictions that count: of exact measured values, inside the model's stated range.
        calculations, beside: The same of published calculations and statements, and their median
            absolute error.
        error: Median absolute error (`unit` says in what); None: nothing to score.
        within: How many measured values lie in the predicted interval, of `intervals`.
        kept: How many bounds are kept, of `bounds`.
        outside: Predictions outside the stated range (another sample, an extrapolation).
    """

    predictor: str
    model: str
    n: int
    unit: str
    error: float | None = measured_in("number", default=None)
    worst: float | None = measured_in("number", default=None)
    calculations: int = 0
    beside: float | None = measured_in("number", default=None)
    within: int = 0
    intervals: int = 0
    bounds: int = 0
    kept: int = 0
    papers: int = 0
    inputs: int = 0
    calibration: int = 0
    silent: int = 0
    outside: int = 0
    why_none: str = ""


@dataclass(frozen=True)
class RowScorecard(Result):
    """All records beside all models."""

    lines: tuple[Line, ...]
    scores: tuple[Score, ...]
    records: int
    papers: int
    known: tuple[int, int, int] = (0, 0, 0)

    def rows(self) -> list[dict[str, Any]]:
        """One row a record."""
        return [_flat(line) for line in self.lines]


def score_rows(
    records: Iterable[Record], predictors: tuple[Predictor, ...] = EVERY
) -> RowScorecard:
    """Compare.

    Args:
        records: Measurements.
        predictors: The models' ways to a quantity.
    """
    records = tuple(records)
    lines = tuple(_line(r, speaks(r, predictors)) for r in records)
    counts = [sum(r.source.known == k for r in records) for k in KNOWN]
    return RowScorecard(
        lines=lines,
        scores=tuple(_score(p, [x for x in lines if x.predictor == p.name]) for p in predictors),
        records=len(records),
        papers=len(papers(records)),
        known=(counts[0], counts[1], counts[2]),
    )


def _line(record: Record, predictor: Predictor | None) -> Line:
    plain: dict[str, Any] = {
        "id": record.id, "electrolyte": record.electrolyte, "anode": record.anode,
        "quantity": record.quantity, "measured": record.value, "bound": record.bound,
        "source": record.source.key, "known": record.source.known, "method": record.method,
    }  # fmt: skip
    if predictor is None:
        return Line(predictor="", use=NO_MODEL, **plain)
    plain["predictor"] = predictor.name
    if record.role == "calibration":
        return Line(use=CALIBRATION, **plain)
    if record.source.known == "recalled":
        return Line(use=NOT_COUNTED, **plain)
    found = predicted(predictor, record)
    if found is None:
        return Line(use=INPUT, note="the model's own number comes from this paper", **plain)
    if isinstance(found, str):
        return Line(use=SILENT, note=found, **plain)
    kind, measured = record.value.kind, record.value.si
    if predictor.logarithmic:
        error = math.log10(found.value / measured) if found.value > 0.0 < measured else None
    else:
        error = (found.value - measured) / KINDS[kind].factor
    exact = record.bound in ("exact", "approx", "range_low", "range_high")
    return Line(
        use=PREDICTED if record.method == "experiment" else CALCULATION,
        predicted=Number(found.value, kind), low=Number(found.low, kind),
        high=Number(found.high, kind), error=error if exact else None,
        within=found.low <= measured <= found.high if exact and found.low < found.high else None,
        agrees=None if exact else _agrees(record.bound, found.value, measured),
        in_range=found.in_range, note=found.note, **plain,
    )  # fmt: skip


def _agrees(bound: str, value: float, measured: float) -> bool:
    """Whether a predicted value keeps a bound that was printed."""
    if bound == "order":
        return measured / ORDER <= value <= measured * ORDER
    return value >= measured if bound == "at_least" else value <= measured


def _score(predictor: Predictor, lines: list[Line]) -> Score:
    every = [x for x in lines if x.use == PREDICTED]
    apart = [x for x in lines if x.use == CALCULATION]
    beside = sorted(abs(x.error) for x in apart if x.error is not None)
    used = [x for x in every if x.in_range]
    errors = sorted(abs(x.error) for x in used if x.error is not None)
    bounds = [x for x in used if x.agrees is not None]
    kind = next((x.measured.kind for x in (*every, *apart)), "")
    enough = len(errors) > predictor.parameters
    return Score(
        predictor=predictor.name, model=predictor.model, n=len(errors),
        unit="decades" if predictor.logarithmic else _unit(kind),
        calculations=len(beside), beside=statistics.median(beside) if beside else None,
        error=statistics.median(errors) if errors and enough else None,
        worst=errors[-1] if errors and enough else None,
        within=sum(bool(x.within) for x in used),
        intervals=sum(x.within is not None for x in used), bounds=len(bounds),
        kept=sum(bool(x.agrees) for x in bounds), papers=len({x.source for x in used}),
        inputs=sum(x.use == INPUT for x in lines),
        calibration=sum(x.use == CALIBRATION for x in lines),
        silent=sum(x.use == SILENT for x in lines), outside=len(every) - len(used),
        why_none="" if enough or not errors else "as many free parameters as rows: scores nothing",
    )  # fmt: skip


def _unit(kind: str) -> str:
    """The unit of a difference."""
    return KINDS[kind].label.removesuffix(" vs Li/Li⁺") if kind else ""


def _flat(line: Line) -> dict[str, Any]:
    def number(n: Number | None) -> float | None:
        return None if n is None else float(f"{habitual(n.si, n.kind):.6g}")

    return {
        "id": line.id, "electrolyte": line.electrolyte, "anode": line.anode,
        "quantity": line.quantity, "unit": KINDS[line.measured.kind].label,
        "measured": number(line.measured), "bound": line.bound,
        "predicted": number(line.predicted), "low": number(line.low), "high": number(line.high),
        "error": line.error, "within": line.within, "agrees": line.agrees,
        "in range": line.in_range, "use": line.use, "predictor": line.predictor,
        "source": line.source, "known": line.known, "note": line.note,
    }  # fmt: skip
