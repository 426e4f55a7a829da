"""One lever on one cell at several amounts: best values, intervals, and its sign in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Number, Result
from anolyte.core.units import KINDS, habitual
from anolyte.materials.protocol import Protocol
from anolyte.models.cell.faces import Array
from anolyte.studies.levers.lever import MEASURES, NOTHING, Lever, Measure
from anolyte.studies.levers.run import (
    DRAWS,
    Effect,
    effect_of,
    judged,
    question_on,
    signs,
    told_of,
)

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

MOST_AMOUNTS = 40


@dataclass(frozen=True)
class Answer:
    """One answer, without a lever first and then with each amount of it.

    Args:
        measure: What is answered.
        best: With the best values; None: it never comes (a cell that lasts has no end).
        low, high: 10th and 90th percentile of the draws; None: it never comes.
        effects: Beside the cell without it, one for each amount.
    """

    measure: str
    best: tuple[Number | None, ...]
    low: tuple[Number | None, ...]
    high: tuple[Number | None, ...]
    effects: tuple[Effect, ...]

    @property
    def sign(self) -> str:
        """Of the first amount, in words."""
        return self.effects[0].sign


@dataclass(frozen=True)
class LeverCurve(Result):
    """One lever on one cell, without and with some amounts of it.

    Args:
        cell: In words, with its conditions.
        lever, changes, basis: The lever, what its amount is, where its numbers come from.
        protocol: What was done for the time to the end; the critical current has the ramp.
        amounts: With it.
        answers: One for each measure.
        doubts: What is missing or assumed with it and was not without.
        draws: Sets of parameters behind each sign and interval.
    """

    cell: str
    lever: str
    changes: str
    protocol: str
    amounts: tuple[Number, ...]
    answers: tuple[Answer, ...]
    basis: str = ""
    doubts: tuple[str, ...] = ()
    draws: int = DRAWS
    seed: int = 0
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def answer(self, measure: Measure) -> Answer:
        """To one measure.

        Raises:
            DataError: It was not asked.
        """
        for found in self.answers:
            if found.measure == measure.name:
                return found
        raise DataError(f"{self.lever}: no {measure.name}")

    @property
    def sentence(self) -> str:
        """The sign of its first amount on every answer, in one sentence."""
        return f"{self.lever}, {self.amounts[0]}: {signs([a.effects[0] for a in self.answers])}"

    def rows(self) -> list[dict[str, Any]]:
        """One row an answer and amount; the first of each answer is without."""
        table = []
        for a in self.answers:
            kind = next(m.kind for m in MEASURES if m.name == a.measure)
            for k, amount in enumerate(("without", *map(str, self.amounts))):
                effect = a.effects[k - 1] if k else None
                table.append({
                    "answer": a.measure, "amount": amount, "unit": KINDS[kind].label,
                    "best": _plain(a.best[k], kind), "10 %": _plain(a.low[k], kind),
                    "90 %": _plain(a.high[k], kind), "sign": effect.sign if effect else "",
                    "better [% of draws]": 100.0 * effect.better if effect else None,
                    "worse [% of draws]": 100.0 * effect.worse if effect else None,
                })  # fmt: skip
        return table


def _plain(number: Number | None, kind: str) -> float | None:
    return None if number is None else float(f"{habitual(number.si, kind):.6g}")


def lever_curve(
    cell: Cell,
    lever: Lever,
    amounts: Sequence[float | str] = (),
    *,
    protocol: Protocol | None = None,
    ramp: Protocol | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress = silent,
) -> LeverCurve:
    """Run one lever on one cell without and with several amounts of it, on the same draws.

    Args:
        cell: What it is tried on.
        lever: The lever.
        amounts: SI, or texts with units; none: its own one or two.
        protocol, ramp, draws, seed: As in `levers`.
        progress: Told after each amount.

    Raises:
        DataError: An amount outside the lever's range, or a cell to which it does not apply.
        MissingProperty: A number that the cell, or the lever, cannot do without.
    """
    own = [a for a in (lever.amount, lever.twice) if a is not None]
    asked = [lever.at(a).amount for a in amounts] or own
    if len(asked) > MOST_AMOUNTS:
        raise DataError(f"a lever at {len(asked)} amounts: at most {MOST_AMOUNTS}")
    question = question_on(cell, protocol, ramp, draws, seed)
    without, plain = question(NOTHING, 0.0)
    tables, doubts = [without], {}
    for number, amount in enumerate(asked):
        answers, assembly = question(lever, amount)
        tables.append(answers)
        doubts |= dict.fromkeys((*assembly.warnings, *assembly.basis))
        progress(number + 1, len(asked), f"{lever.name} {Number(amount, lever.kind)}")
    known = {*plain.basis, *plain.warnings}
    return LeverCurve(
        cell=told_of(cell), lever=lever.name, changes=lever.changes,
        protocol=question.described, amounts=tuple(Number(a, lever.kind) for a in asked),
        answers=tuple(_answer(m, tables) for m in judged(question)),
        basis=lever.basis, doubts=tuple(x for x in doubts if x not in known),
        draws=draws, seed=seed, rests_on=plain.basis, warnings=plain.warnings,
        sources=tuple(dict.fromkeys((*plain.sources, *lever.references))),
    )  # fmt: skip


def _answer(measure: Measure, tables: Sequence[dict[str, Array]]) -> Answer:
    values = [t[measure.name] for t in tables]
    low, high = (
        tuple(_number(float(np.quantile(v, q, method="nearest")), measure) for v in values)
        for q in (0.1, 0.9)
    )
    return Answer(
        measure.name, tuple(_number(float(v[0]), measure) for v in values), low, high,
        tuple(effect_of(measure, values[0], v, None) for v in values[1:]),
    )  # fmt: skip


def _number(value: float, measure: Measure) -> Number | None:
    return Number(float(f"{value:.6g}"), measure.kind) if np.isfinite(value) else None
