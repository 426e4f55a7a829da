"""The network, and the potential that taught it, as learners that stand beside plain models."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.graph_net.training import FINE_TUNING, Settings, Trained, train
from anolyte.atoms.learned.labels import Labelled

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FromScratch:
    """A network that has seen these labels alone."""

    settings: Settings = Settings()
    name: str = "network, from scratch"

    def __call__(self, train_on: Labelled, test: Labelled, seed: int) -> Array:
        """The first target; NaN where an element was not seen."""
        return train(train_on, replace(self.settings, seed=seed))(test.crystals)[:, 0]


@dataclass(frozen=True)
class FineTuned:
    """A network that has learned made labels before.

    Args:
        start: The pre-trained network.
    """

    start: Trained
    settings: Settings = FINE_TUNING
    name: str = "network, pre-trained"

    def __call__(self, train_on: Labelled, test: Labelled, seed: int) -> Array:
        """The first target; NaN where an element was not seen, in the pre-training neither."""
        tuned = train(train_on, replace(self.settings, seed=seed), self.start)
        return tuned(test.crystals)[:, 0]


@dataclass(frozen=True, eq=False)
class Looked:
    """Made labels of the materials themselves as features of a plain model.

    Args:
        made: Labels of all crystals that will be asked for.
        columns: How many of the targets, from the first.
    """

    made: Labelled
    columns: int

    def __call__(self, data: Labelled) -> Array:
        """One row a material."""
        place = {c.digest: i for i, c in enumerate(self.made.crystals)}
        return self.made.values[[place[c.digest] for c in data.crystals], : self.columns]
