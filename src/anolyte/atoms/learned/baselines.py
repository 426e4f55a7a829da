"""Plain models that any network is shown beside, on the same splits.

A learner is anything with a `name` and a call `(train, test) -> predictions` that gives NaN where
it says nothing. The features are scaled by the training rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.elements import features
from anolyte.atoms.learned.labels import Labelled
from anolyte.core.errors import MissingExtra

Array = NDArray[np.float64]
Features = Callable[[Labelled], Array]
TREES = 200
FOREST_SHARE = 0.33


class Learner(Protocol):
    """Learns from some materials and speaks of others."""

    @property
    def name(self) -> str:
        """As the table of results calls it."""
        ...

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> Array:
        """The first target of each test row; NaN: unknown."""
        ...


@dataclass(frozen=True)
class Mean:
    """The mean of the training labels: what knowing nothing is worth."""

    name: str = "mean"

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> Array:
        """The same number for all."""
        return np.full(len(test), train.values[:, 0].mean())


@dataclass(frozen=True)
class Forest:
    """A random forest.

    Args:
        features: Of the materials; the statistics of their elements by default.
        name: As the table of results calls it.
    """

    features: Features = features
    name: str = "element statistics, forest"
    trees: int = TREES

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> Array:
        """The mean of the trees.

        Raises:
            MissingExtra: scikit-learn is not installed.
        """
        return self.spoken(train, test, seed)[0]

    def spoken(self, train: Labelled, test: Labelled, seed: int) -> tuple[Array, Array]:
        """Mean and standard deviation of the trees; the deviation is not calibrated."""
        model = _sklearn("ensemble").RandomForestRegressor(
            self.trees, max_features=FOREST_SHARE, random_state=seed
        )
        model.fit(self.features(train), train.values[:, 0])
        rows = self.features(test)
        said = np.array([tree.predict(rows) for tree in model.estimators_])
        return said.mean(axis=0), said.std(axis=0, ddof=1)


@dataclass(frozen=True)
class Ridge:
    """Linear, the strength of its penalty by leave-one-out on the training rows."""

    features: Features = features
    name: str = "element statistics, ridge"

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> Array:
        """A linear function of scaled features.

        Raises:
            MissingExtra: scikit-learn is not installed.
        """
        model = _sklearn("linear_model").RidgeCV(alphas=np.logspace(-2.0, 4.0, 13))
        return _scaled(model, self.features, train, test)


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian process with one length and a noise, by marginal likelihood."""

    features: Features = features
    name: str = "element statistics, Gaussian process"

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> Array:
        """Its mean.

        Raises:
            MissingExtra: scikit-learn is not installed.
        """
        kernels = _sklearn("gaussian_process.kernels")
        kernel = kernels.ConstantKernel() * kernels.Matern(10.0, (1.0, 1e3), nu=2.5)
        model = _sklearn("gaussian_process").GaussianProcessRegressor(
            kernel + kernels.WhiteKernel(0.1, (1e-4, 10.0)), normalize_y=True
        )
        return _scaled(model, self.features, train, test)


def _scaled(model: Any, of: Features, train: Labelled, test: Labelled) -> Array:
    """Fit and predict with features of mean 0 and deviation 1 over the training rows."""
    import warnings

    rows, others = of(train), of(test)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation[deviation < 1e-9] = np.inf  # says nothing in training: it may say nothing later
    with warnings.catch_warnings():
        # A length or noise at its bound is an answer like any other here.
        warnings.simplefilter("ignore")
        model.fit((rows - mean) / deviation, train.values[:, 0])
        return np.asarray(model.predict((others - mean) / deviation))


def _sklearn(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{part}")
    except ImportError as error:
        raise MissingExtra("scikit-learn is not installed: pip install scikit-learn") from error
