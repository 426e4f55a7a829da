"""What an optimisation answers: the front, its knee, what variables buy, and what conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import Number, Result, quantity
from anolyte.core.units import KINDS, habitual
from anolyte.models.cell.faces import Array

LIKE = 0.01
"""Relative difference of the ends of a front, below which they are alike."""


@dataclass(frozen=True)
class Setting:
    """A variable of a design.

    Args:
        name: Of the knob.
        value: A number, or a name.
    """

    name: str
    value: Number | str


@dataclass(frozen=True)
class Score:
    """One answer of a design.

    Args:
        objective: Its name.
        value: Median over the draws.
        low, high: 10th and 90th percentile; None: it has no spread.
    """

    objective: str
    value: Number
    low: Number | None = None
    high: Number | None = None

    @property
    def span(self) -> str:
        """The interval in words."""
        return "" if self.low is None else f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Design:
    """A design with its answers.

    Args:
        settings: Every variable.
        scores: Every objective.
        kept: Share of the draws that keep each limit.
    """

    settings: tuple[Setting, ...]
    scores: tuple[Score, ...]
    kept: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bought:
    """What a variable does at the knee, the others as they are there.

    Args:
        name: Of the variable.
        before, after: Its value.
        answers: Every objective with it changed.
        better, worse: Names of the objectives that gain or lose by more than a hundredth.
    """

    name: str
    before: Number | str
    after: Number | str
    answers: tuple[Score, ...]
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()


@dataclass(frozen=True)
class Front(Result):
    """The best that can be had.

    Args:
        cell: That was to be changed, in words.
        objectives: What is wanted, in words, with its direction.
        limits: That designs must keep, in words.
        designs: None of them is beaten by another in all objectives; all keep the limits.
        knee: Place of the one that is nearest to the best of every objective, each counted from
            the best to the worst on the front.
        robust: The same with the bad ends of the intervals.
        own: The cell as it is.
        bought: What each variable does at the knee.
        conflicts: Variables that give one thing for another, in words.
        refused: Reasons why designs could not be run, with how many.
        evaluations: Designs that were tried.
        keeping: Of those, how many keep the limits.
        draws: Sets of parameters of each.
        seed: Of draws and search.
        learnt: Whether numbers were learnt from measurements of the cell.
        nearest: Where no design keeps the limits: the one that fails them least.
    """

    cell: str
    objectives: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    designs: tuple[Design, ...] = ()
    knee: int | None = None
    robust: int | None = None
    own: Design | None = None
    bought: tuple[Bought, ...] = ()
    conflicts: tuple[str, ...] = ()
    refused: tuple[tuple[str, int], ...] = ()
    evaluations: int = 0
    keeping: int = 0
    draws: int = quantity("number", default=1)
    seed: int = 0
    learnt: bool = False
    nearest: Design | None = None
    rests_on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a design."""
        return [_row(design) for design in self.designs]


def _row(design: Design) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for setting in design.settings:
        value = setting.value
        if isinstance(value, str):
            row[setting.name] = value
        else:
            row[f"{setting.name} [{KINDS[value.kind].label}]"] = habitual(value.si, value.kind)
    for score in design.scores:
        label = KINDS[score.value.kind].label
        for end, number in (("", score.value), (" low", score.low), (" high", score.high)):
            shown = None if number is None else habitual(number.si, number.kind)
            row[f"{score.objective}{end} [{label}]"] = shown
    return row


def nondominated(values: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows no other row beats: as good in all columns and better in one; less is better.

    >>> nondominated(np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 2.0]])).tolist()
    [True, True, False]
    """
    below = (values[:, None] <= values[None]).all(axis=2)
    better = (values[:, None] < values[None]).any(axis=2)
    return np.asarray(~(below & better).any(axis=0))


def hypervolume(values: Array, reference: Array) -> float:
    """Volume between points and a reference that is worse than all of them; less is better.

    By slices along the last column (Fonseca and others 2006 in its plain form): for a few
    objectives and a few hundred points.

    >>> hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 2.0]))
    3.0
    """
    inside = values[(values < reference).all(axis=1)]
    if not len(inside):
        return 0.0
    if values.shape[1] == 1:
        return float(reference[0] - inside.min())
    if values.shape[1] == 2:
        inside = inside[np.argsort(inside[:, 0], kind="stable")]
        lowest = np.minimum.accumulate(inside[:, 1])
        widths = np.diff(np.append(inside[:, 0], reference[0]))
        return float(((reference[1] - lowest) * widths).sum())
    order = np.argsort(inside[:, -1], kind="stable")
    inside = inside[order]
    total, levels = 0.0, np.append(inside[:, -1], reference[-1])
    for count in range(1, len(inside) + 1):
        height = levels[count] - levels[count - 1]
        if height > 0.0:
            total += height * hypervolume(inside[:count, :-1], reference[:-1])
    return float(total)


def knee(values: Array) -> int:
    """The row nearest to the best of all columns, each scaled from its best to its worst.

    A column whose ends differ by less than a hundredth decides nothing.

    >>> knee(np.array([[0.0, 1.0], [0.2, 0.2], [1.0, 0.0]]))
    1
    """
    low, high = values.min(axis=0), values.max(axis=0)
    width = high - low
    scaled = (values - low) / np.where(width > 0.0, width, 1.0)
    decides = width > LIKE * np.maximum(np.abs(low), np.abs(high))
    return int(np.argmin((scaled**2 * np.where(decides, 1.0, 1e-6)).sum(axis=1)))


def spread_out(values: Array, most: int) -> Sequence[int]:
    """Rows that stand for all: the ends first, then always the one farthest from those taken."""
    if len(values) <= most:
        return range(len(values))
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = (values - low) / np.where(high > low, high - low, 1.0)
    taken = [int(np.argmin(scaled[:, 0])), knee(values)]
    while len(set(taken)) < most:
        away = np.min([((scaled - scaled[k]) ** 2).sum(axis=1) for k in taken], axis=0)
        taken.append(int(np.argmax(away)))
    return sorted(set(taken), key=lambda k: float(scaled[k, 0]))
