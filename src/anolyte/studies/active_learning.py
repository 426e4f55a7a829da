r"""Active learning on a pool with known answers: is choosing what to label next worth it?

A round labels a few materials of the pool. One strategy draws them by chance; the other takes those
of the highest expected improvement on the lowest value known so far,

$$ EI = (b - m)\,\Phi(z) + s\,\varphi(z), \qquad z = (b - m)/s $$

with mean m and spread s of the model and b the lowest label. Both start from the same random rows.
What counts is how many of the ten lowest values of the pool were labelled, against the labels that
were spent; a strategy is judged over at least twenty repeats.

Range: labels of equal cost. That it pays on this pool does not say that it pays on another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.labels import Labelled
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result

Array = NDArray[np.float64]
TOP = 10
REPEATS = 20


class Model(Protocol):
    """Speaks of materials with a spread."""

    @property
    def name(self) -> str:
        """In a few words."""
        ...

    def spoken(self, train: Labelled, test: Labelled, seed: int) -> tuple[Array, Array]:
        """Mean and spread of the first target."""
        ...


@dataclass(frozen=True)
class Reached:
    """What was found with so many labels.

    Args:
        labels: Spent.
        chosen, random: Mean number of the ten lowest that were labelled.
        gain: Mean of the paired differences.
        gain_error: Standard error of the gain.
        wins, draws: Repeats in which choosing found more, and in which it found as many.
    """

    labels: int
    chosen: float
    random: float
    gain: float
    gain_error: float
    wins: int
    draws: int


@dataclass(frozen=True)
class ActiveLearning(Result):
    """Choosing against drawing by chance, round by round.

    Args:
        model: That chose.
        target, unit, label_kind: What was looked for.
        data: Digest of the pool.
        pool: Materials in it.
        repeats: From different first rows.
        reached: After each round.
    """

    model: str
    target: str
    unit: str
    label_kind: str
    data: str
    pool: int
    repeats: int
    reached: tuple[Reached, ...]

    @property
    def verdict(self) -> str:
        """A sentence, at the middle of the labels that were spent."""
        middle = self.reached[len(self.reached) // 2]
        clear = abs(middle.gain) > 2.0 * middle.gain_error
        how = "beats" if clear and middle.gain > 0 else "loses to" if clear else "does not beat"
        return (
            f"with {middle.labels} of {self.pool} labels, choosing by {self.model} {how} chance: "
            f"{middle.chosen:.1f} against {middle.random:.1f} of the {TOP} lowest, difference "
            f"{middle.gain:+.1f} ± {middle.gain_error:.1f} over {self.repeats} repeats"
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row a round."""
        return [vars(r) for r in self.reached]


def active_learning(
    data: Labelled,
    model: Model,
    first: int = 10,
    more: int = 5,
    rounds: int = 10,
    repeats: int = REPEATS,
    seed: int = 0,
    progress: Progress = silent,
) -> ActiveLearning:
    """Label a pool round by round, by choice and by chance.

    Args:
        data: The pool; its labels are shown as they are asked for.
        model: Chooses.
        first: Random labels at the start.
        more: Labels a round.
        rounds: After the first.
        repeats: From different first rows.
        seed: Of all random numbers.
        progress: Told of every repeat.

    Raises:
        DataError: A pool that is too small, fewer than two repeats.
    """
    if repeats < 2 or len(data) < max(first + more * rounds, 2 * TOP):
        raise DataError(f"{len(data)} materials are too few for {rounds} rounds, or one repeat")
    values = data.values[:, 0]
    lowest = set(np.argsort(values)[:TOP].tolist())
    found = np.zeros((2, repeats, rounds + 1))
    for r in range(repeats):
        order = np.random.default_rng([seed, r]).permutation(len(data)).tolist()
        mine = order[:first]
        for k in range(rounds + 1):
            found[0, r, k] = len(lowest & set(mine))
            found[1, r, k] = len(lowest & set(order[: first + more * k]))
            if k < rounds:
                mine = [*mine, *_chosen(data, mine, model, more, seed + r)]
        progress(r + 1, repeats, "repeats")
    target = data.targets[0]
    reached = tuple(_reached(first + more * k, *found[:, :, k]) for k in range(rounds + 1))
    return ActiveLearning(
        model.name, target.name, target.unit, target.label_kind, data.digest, len(data), repeats,
        reached,
    )  # fmt: skip


def _chosen(data: Labelled, known: Sequence[int], model: Model, count: int, seed: int) -> list[int]:
    """The rows of the highest expected improvement."""
    from scipy.stats import norm

    rest = np.setdiff1d(np.arange(len(data)), known)
    mean, spread = model.spoken(data.take(known), data.take(rest), seed)
    spread = np.maximum(spread, 1e-9)
    z = (data.values[known, 0].min() - mean) / spread
    improvement = spread * (z * norm.cdf(z) + norm.pdf(z))
    return rest[np.argsort(-improvement)[:count]].tolist()


def _reached(labels: int, chosen: Array, random: Array) -> Reached:
    gain = chosen - random
    error = float(gain.std(ddof=1) / np.sqrt(len(gain)))
    return Reached(
        labels, float(chosen.mean()), float(random.mean()), float(gain.mean()), error,
        int((gain > 0).sum()), int((gain == 0).sum()),
    )  # fmt: skip
