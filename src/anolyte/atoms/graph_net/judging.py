"""Networks beside plain models on the same folds: what each is worth, and whether transfer helped.

The mean of the labels, a forest and a Gaussian process on element statistics, a forest on the
features of the potential, an ensemble of networks from scratch, and one that starts from a
pre-trained network. Folds go by chemical system; errors are those over the rows of which every
learner speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.graph_net.ensemble import Ensemble
from anolyte.atoms.graph_net.learners import Looked
from anolyte.atoms.graph_net.training import FINE_TUNING, Settings, Trained, seeded, train
from anolyte.atoms.learned.baselines import Forest, Gaussian, Learner, Mean
from anolyte.atoms.learned.labels import Labelled, check, folds
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent

Array = NDArray[np.float64]
FOLDS = 5
CLEAR = 2.0
"""Standard errors of a mean difference that count as a difference."""
SCRATCH, TUNED = "networks, from scratch", "networks, pre-trained"


@dataclass(frozen=True)
class Recipe:
    """How the networks of an ensemble are trained.

    Args:
        members: Networks.
        epochs: Times that every label is seen; None: the usual.
        seed: Of folds, weights and plain models.
    """

    members: int = 5
    epochs: int | None = None
    seed: int = 0

    def settings(self, start: Trained | None) -> Settings:
        """Of the first network."""
        usual = FINE_TUNING if start else Settings()
        return replace(usual, seed=self.seed, epochs=self.epochs or usual.epochs)

    def networks(
        self, data: Labelled, start: Trained | None, progress: Progress = silent
    ) -> tuple[Trained, ...]:
        """Alike but for their seeds.

        Raises:
            DataError: Fewer than two.
        """
        if self.members < 2:
            raise DataError("an ensemble has two members at least")
        found = []
        for m in range(self.members):
            found.append(train(data, seeded(self.settings(start), m), start))
            progress(m + 1, self.members, "networks")
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Trial:
    """What learners said of rows that they were not trained on.

    Args:
        unit: Of the labels.
        off: Label minus prediction, by learner; NaN: nothing was said.
        spreads: Standard deviation of the members, by ensemble.
    """

    unit: str
    off: dict[str, Array]
    spreads: dict[str, Array]

    @property
    def common(self) -> NDArray[np.bool_]:
        """The rows of which all speak."""
        return np.logical_and.reduce([np.isfinite(off) for off in self.off.values()])

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute error over the common rows.

        Raises:
            DataError: There is none.
        """
        if not self.common.any():
            raise DataError("no label is spoken of by every learner: elements occur only once")
        return {name: float(np.abs(off[self.common]).mean()) for name, off in self.off.items()}

    @property
    def answered(self) -> dict[str, float]:
        """Share of the rows that each speaks of."""
        return {name: float(np.isfinite(off).mean()) for name, off in self.off.items()}

    @property
    def network(self) -> str:
        """The better of the two ensembles."""
        return min(self.spreads, key=self.errors.__getitem__)

    @property
    def transfer(self) -> str:
        """Whether a pre-trained start helped, in a sentence."""
        if TUNED not in self.off:
            return "Transfer was not tried: no pre-trained network was given."
        gains = (np.abs(self.off[SCRATCH]) - np.abs(self.off[TUNED]))[self.common]
        error = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else np.inf
        old, new = self.errors[SCRATCH], self.errors[TUNED]
        told = (
            f"{new:.3g} against {old:.3g} {self.unit} from scratch, difference {old - new:+.2g} "
            f"± {error:.2g} over {len(gains)} labels"
        )
        if abs(float(gains.mean())) <= CLEAR * error:
            return f"Transfer made no difference that these labels can tell: {told}."
        return f"Transfer {'helped' if old > new else 'did harm'}: {told}."


def plain(looked: Labelled | None) -> tuple[Learner, ...]:
    """The learners without a network of their own.

    Args:
        looked: Features of the potential of every structure; None: left out.
    """
    usual: tuple[Learner, ...] = (Mean(), Forest(), Gaussian())
    if looked is None:
        return usual
    columns = looked.values.shape[1]
    return (*usual, Forest(Looked(looked, columns), "features of the potential, forest"))


def judge(
    data: Labelled,
    learners: Sequence[Learner],
    starts: dict[str, Trained | None],
    recipe: Recipe,
    progress: Progress = silent,
) -> Trial:
    """Ask learners and ensembles of held-out chemical systems.

    Args:
        data: Labels with structures.
        learners: Plain ones.
        starts: Ensembles by name, with what they start from.
        recipe: Of the ensembles.
        progress: Told of every fold and learner.

    Raises:
        DataError: Too few chemical systems.
    """
    off = {n: np.full(len(data), np.nan) for n in (*(x.name for x in learners), *starts)}
    spreads = {n: np.full(len(data), np.nan) for n in starts}
    done, total = 0, FOLDS * len(off)
    for rows in folds(data, FOLDS, recipe.seed):
        known, held = data.take(np.setdiff1d(np.arange(len(data)), rows)), data.take(rows)
        check(known, held)
        for learner in learners:
            off[learner.name][rows] = held.values[:, 0] - learner(known, held, recipe.seed)
            progress(done := done + 1, total, "trainings")
        for name, start in starts.items():
            mean, spread = Ensemble(recipe.networks(known, start)).spoken(held.crystals)
            off[name][rows], spreads[name][rows] = held.values[:, 0] - mean, spread
            progress(done := done + 1, total, "trainings")
    return Trial(data.targets[0].unit, off, spreads)
