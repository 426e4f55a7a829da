r"""Learning curves: how few labels suffice, and whether transfer helped.

Each draw splits the materials anew by chemical system; all learners see the same N rows, nested in
those of the next N, and are judged on the same test rows. The mean absolute error is taken over the
test rows that every learner speaks of; the share that each one speaks of stands beside it. Two
learners are compared by the ratio of their errors draw by draw.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.baselines import Learner
from anolyte.atoms.learned.labels import Labelled, check, split
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result

Array = NDArray[np.float64]
SIZES = (20, 40, 80)
DRAWS = 5
"""The least from which anything is concluded: two draws have misled before."""
TEST_SHARE = 0.33


@dataclass(frozen=True)
class Point:
    """One learner on one draw.

    Args:
        learner: Its name.
        labels: It was trained on.
        draw: Number of the split.
        error: Mean absolute, over the test rows that all learners speak of; unit of the target.
        own_error: Over all test rows that it speaks of itself.
        answered: Share of the test rows that it speaks of.
        judged: Test rows behind `error`.
        seconds: Of the processor, training and prediction.
    """

    learner: str
    labels: int
    draw: int
    error: float
    own_error: float
    answered: float
    judged: int
    seconds: float


@dataclass(frozen=True)
class Compared:
    """Two learners, draw by draw.

    Args:
        learner, other: Names.
        labels: They were trained on.
        ratio: Mean of the ratios of their errors; below 1 the first is better.
        least, most: Of the ratios.
        wins: Draws in which the first is better.
        draws: In all.
    """

    learner: str
    other: str
    labels: int
    ratio: float
    least: float
    most: float
    wins: int
    draws: int

    def __str__(self) -> str:
        return (
            f"N = {self.labels}: {self.learner} / {self.other} = {self.ratio:.2f} "
            f"({self.least:.2f} to {self.most:.2f}), better in {self.wins} of {self.draws} draws"
        )


@dataclass(frozen=True)
class LearningCurve(Result):
    """Errors of several learners against the number of labels.

    Args:
        target, unit, label_kind: What was learned, and what the labels are.
        data: Digest of the labels.
        materials, systems: In the data.
        seed: Of the draws.
        points: One a learner, size and draw.
    """

    target: str
    unit: str
    label_kind: str
    data: str
    materials: int
    systems: int
    seed: int
    points: tuple[Point, ...]

    @property
    def learners(self) -> tuple[str, ...]:
        """Names in their order."""
        return tuple(dict.fromkeys(p.learner for p in self.points))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of labels, rising."""
        return tuple(sorted({p.labels for p in self.points}))

    def errors(self, learner: str, labels: int) -> Array:
        """Of one learner, draw by draw."""
        mine = [p for p in self.points if p.learner == learner and p.labels == labels]
        return np.array([p.error for p in sorted(mine, key=lambda p: p.draw)])

    def compare(self, learner: str, other: str, labels: int) -> Compared:
        """Two learners on the same draws.

        Raises:
            DataError: A learner that is not in the curve.
        """
        mine, theirs = self.errors(learner, labels), self.errors(other, labels)
        if not len(mine) or len(mine) != len(theirs):
            raise DataError(f"no such learners; there are: {'; '.join(self.learners)}")
        ratio = mine / theirs
        return Compared(
            learner, other, labels, float(ratio.mean()), float(ratio.min()), float(ratio.max()),
            int((ratio < 1.0).sum()), len(ratio),
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """One row a learner and size: mean and deviation over the draws."""
        found = []
        for learner in self.learners:
            for n in self.sizes:
                mine = [p for p in self.points if p.learner == learner and p.labels == n]
                errors = self.errors(learner, n)
                found.append({
                    "learner": learner, "labels": n, "label_kind": self.label_kind,
                    f"error [{self.unit}]": float(errors.mean()),
                    f"deviation [{self.unit}]": float(errors.std(ddof=1)),
                    "draws": len(errors), "judged": sum(p.judged for p in mine),
                    "answered": float(np.mean([p.answered for p in mine])),
                    f"error of all answered [{self.unit}]": float(
                        np.mean([p.own_error for p in mine])
                    ),
                    "processor time [s]": float(np.mean([p.seconds for p in mine])),
                })  # fmt: skip
        return found


def learning_curve(
    data: Labelled,
    learners: Sequence[Learner],
    sizes: Sequence[int] = SIZES,
    draws: int = DRAWS,
    test_share: float = TEST_SHARE,
    seed: int = 0,
    progress: Progress = silent,
) -> LearningCurve:
    """Train every learner on every size and draw.

    Args:
        data: The labels.
        learners: With different names.
        sizes: Numbers of labels.
        draws: Splits.
        test_share: Of the rows, in chemical systems that training never sees.
        seed: Of the splits and learners.
        progress: Told of every training.

    Raises:
        DataError: Fewer than two draws, equal names, or too few labels.
    """
    if draws < 2 or len({x.name for x in learners}) < len(learners):
        raise DataError("a learning curve needs two draws at least, and learners of unlike names")
    points: list[Point] = []
    for draw in range(draws):
        pool, test = split(data, test_share, seed + draw)
        if max(sizes) > len(pool):
            raise DataError(f"{max(sizes)} labels were asked for; {len(pool)} are left to train on")
        for n in sorted(sizes):
            points += _points(data.take(pool[:n]), data.take(test), learners, draw, seed)
            progress(len(points), draws * len(sizes) * len(learners), "trainings")
    target = data.targets[0]
    return LearningCurve(
        target.name, target.unit, target.label_kind, data.digest, len(data),
        len(set(data.systems)), seed, tuple(points),
    )  # fmt: skip


def _points(
    train: Labelled, test: Labelled, learners: Sequence[Learner], draw: int, seed: int
) -> list[Point]:
    """All learners on one split."""
    check(train, test)
    said, seconds = [], []
    for learner in learners:
        begun = time.process_time()
        said.append(np.abs(learner(train, test, seed + draw) - test.values[:, 0]))
        seconds.append(time.process_time() - begun)
    common = np.isfinite(said).all(axis=0)
    if not common.any():
        raise DataError(f"with {len(train)} labels no test row is spoken of by every learner")
    return [
        Point(
            learner.name, len(train), draw, float(errors[common].mean()),
            float(np.nanmean(errors)), float(np.isfinite(errors).mean()), int(common.sum()), spent,
        )
        for learner, errors, spent in zip(learners, said, seconds, strict=True)
    ]  # fmt: skip
