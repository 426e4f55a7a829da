"""Several networks from different seeds: their mean, their spread, and intervals that hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net.training import (
    FINE_TUNING,
    Settings,
    Trained,
    latent,
    seeded,
    train,
)  # fmt: skip
from anolyte.atoms.learned.conformal import Intervals, calibrate
from anolyte.atoms.learned.labels import Labelled, check, folds
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent

Array = NDArray[np.float64]
MEMBERS = 5
FOLDS = 5
FARTHEST = 0.95
"""Quantile of the distances among the training rows beyond which a crystal is outside."""


@dataclass(frozen=True)
class Said:
    """What an ensemble says of one crystal.

    Args:
        value: Mean of the members; None: unknown, and `why` says why.
        spread: Standard deviation of the members.
        half_width: Of the calibrated interval; None: not calibrated.
        label_kind: Of the labels that it was trained on.
        why: Why it is unknown.
    """

    value: float | None
    spread: float | None
    half_width: float | None
    label_kind: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks trained alike but for their seeds.

    Args:
        members: The networks.
        intervals: Calibrated on labels that were held out; None: none are given.
        reach: Features of the training rows and the longest distance to them that counts as near;
            None: only the elements are looked at.
    """

    members: tuple[Trained, ...]
    intervals: Intervals | None = None
    reach: tuple[Array, float] | None = None

    @property
    def label_kind(self) -> str:
        """Of the first target."""
        return self.members[0].targets[0].label_kind

    def spoken(self, crystals: Sequence[Crystal]) -> tuple[Array, Array]:
        """Mean and spread of the first target; NaN: an element was not seen."""
        all_ = np.array([m(crystals)[:, 0] for m in self.members])
        return all_.mean(axis=0), all_.std(axis=0, ddof=1)

    def __call__(self, crystals: Sequence[Crystal]) -> list[Said]:
        """The first target of each crystal with its interval, or why it is unknown."""
        means, spreads = self.spoken(crystals)
        return [self._said(*z) for z in zip(crystals, means, spreads, strict=True)]

    def _said(self, crystal: Crystal, mean: float, spread: float) -> Said:
        why = self.outside(crystal)
        if why:
            return Said(None, None, None, self.label_kind, why)
        half = None
        if self.intervals is not None:
            half = float(self.intervals.half_width(np.array([spread]))[0])
        return Said(float(mean), float(spread), half, self.label_kind)

    def outside(self, crystal: Crystal) -> str:
        """Why a crystal is outside of what was learned; empty: it is inside."""
        why = self.members[0].outside(crystal)
        if why or self.reach is None:
            return why
        rows, longest = self.reach
        distance = float(np.linalg.norm(rows - latent(self.members[0], [crystal]), axis=1).min())
        if distance <= longest:
            return ""
        return f"unlike any of the {len(rows)} training structures ({distance / longest:.1f} times)"


def train_ensemble(
    data: Labelled,
    settings: Settings | None = None,
    start: Trained | None = None,
    level: float = 0.9,
    members: int = MEMBERS,
    calibrated: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> Ensemble:
    """Train an ensemble and calibrate its intervals by cross-conformal scores.

    The data are cut into `FOLDS` by chemical system; an ensemble trained on the other folds gives
    the error and the spread of each row. The final members are trained on all rows.

    Args:
        data: Labels with structures; the first target counts.
        settings: None: the usual ones.
        start: Pre-trained network; its labels must not hold compositions of the data.
        level: Of the intervals.
        members: Networks.
        calibrated: Whether intervals are made; costs five times the training.
        seed: Of folds and members.
        progress: Told of every network.

    Raises:
        DataError: Too few labels or chemical systems; fewer than two members.
    """
    if members < 2:
        raise DataError("an ensemble has two members at least")
    settings = settings or (FINE_TUNING if start else Settings())
    total, done = members * (1 + FOLDS * calibrated), 0

    def made(rows: Labelled) -> tuple[Trained, ...]:
        nonlocal done
        found = []
        for m in range(members):
            found.append(train(rows, seeded(settings, seed + m), start))
            progress(done := done + 1, total, "networks")
        return tuple(found)

    intervals = None
    if calibrated:
        errors, spreads = np.full((2, len(data)), np.nan)
        for rows in folds(data, FOLDS, seed):
            others = np.setdiff1d(np.arange(len(data)), rows)
            check(data.take(others), data.take(rows))
            held = Ensemble(made(data.take(others)))
            mean, spread = held.spoken(data.take(rows).crystals)
            errors[rows], spreads[rows] = data.values[rows, 0] - mean, spread
        intervals = calibrate(errors, spreads, level)
    final = made(data)
    return Ensemble(final, intervals, reach(final[0], data))


def reach(trained: Trained, data: Labelled) -> tuple[Array, float]:
    """Features of the rows, and the distance to the nearest other that few of them exceed."""
    rows = latent(trained, data.crystals)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return rows, float(np.quantile(distances.min(axis=1), FARTHEST))
