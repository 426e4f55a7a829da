r"""From a prior to a posterior by steps of temperature, with the evidence on the way.

Particles drawn from a standard normal prior are carried to the posterior through

$$ p_\beta(z) \propto \mathcal{N}(z; 0, 1)\,L(z)^{\beta}, \qquad
   \beta: 0 = \beta_0 < \beta_1 < \dots = 1, \qquad
   \ln Z = \sum_k \ln \frac1N \sum_i L(z_i)^{\beta_{k+1} - \beta_k} $$

each step as long as four fifths of the particles still count (sequential Monte Carlo; with longer
steps a rare mode dies out). Likelihoods of several data are brought in one after the other, the
cheap ones first, so that the dear ones are asked about few draws only. Between two steps
the particles move by Crank-Nicolson proposals about the Gaussian of the whole ensemble,

$$ z' = \mu + \sqrt{1 - s^2}\,(z - \mu) + s\,\xi, \qquad \xi \sim \mathcal{N}(0, C) $$

which leave that Gaussian as it is, so that only the ratio of target to Gaussian decides: s = 1 is
an independent draw, a small s a walk. Whatever is not Gaussian (several modes, bananas) costs
acceptance; a mode that holds few of the first draws may be missed, and more particles find it.
Coordinates of which the likelihood says nothing so far move apart from the others and about their
prior: a covariance of many numbers that hardly matter, guessed from few particles, would shrink
them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.errors import DataError, NotConverged

Array = np.ndarray[Any, np.dtype[Any]]
STRIDES = (1.0, 0.6, 0.3, 0.1)
"""Sizes s of a move; each particle draws one of them at every move."""
COUNTING = 0.8
"""Share of the particles that must still count after a step."""
MOST_STEPS = 500
MOVED = 3.0
"""Accepted moves of a particle, on average, after which a temperature counts as left behind."""
FEWEST = 4
"""Moves at a temperature, at least."""
WIDENED = 1.1
"""Factor of the ensemble's spread in proposals: their tails must not be thinner than the target's.
"""

LEFT, TIED = 0.1, 0.2
"""Shift or narrowing of a coordinate, and correlation with another, from which it counts as known.
"""


@dataclass(frozen=True)
class Tempered:
    """Draws of a posterior.

    Args:
        draws: Standard-normal coordinates, (particles, dimensions); all count alike.
        log_likelihood: Of each.
        log_evidence: Logarithm of the mean likelihood under the prior.
        evidence_error: Standard deviation of that, from the weights of all steps.
        temperatures: The steps beta, from 0 to 1 for each likelihood; the second from 1 to 2.
        acceptance: Share of moves that were accepted at each.
        evaluations: How many likelihoods were computed.
    """

    draws: Array
    log_likelihood: Array
    log_evidence: float
    evidence_error: float
    temperatures: tuple[float, ...]
    acceptance: tuple[float, ...]
    evaluations: int


Likelihood = Callable[[Array], Array]
"""Of (particles, dimensions) -> (particles,), a logarithm; minus infinity where impossible."""


def tempered(
    log_likelihood: Likelihood | Sequence[Likelihood],
    dimensions: int,
    *,
    particles: int = 1000,
    seed: int = 0,
    moves: int = 12,
    after_step: Callable[[float], None] | None = None,
) -> Tempered:
    """The posterior of numbers whose prior is standard normal.

    Args:
        log_likelihood: Of all data, or of several that are independent, the cheapest first.
        dimensions: How many numbers.
        particles: Draws that are carried.
        seed: Same seed, same draws.
        moves: At a temperature, at most; fewer where moves are often accepted.
        after_step: Told the share of the way that is done, 0 to 1.

    Raises:
        DataError: Fewer than 20 particles, or no number.
        NotConverged: No particle of the prior is possible at all, or temperature does not rise.

    >>> found = tempered(lambda z: -0.5 * ((z[:, 0] - 1.0) / 0.5) ** 2, 1, particles=2000)
    >>> round(float(found.draws.mean()), 1)  # 1 / (1 + 0.25)
    0.8
    """
    if particles < 20 or dimensions < 1:
        raise DataError(f"{particles} particles of {dimensions} numbers; ask for 20 or more of 1")
    stages = (log_likelihood,) if callable(log_likelihood) else tuple(log_likelihood)
    rng = np.random.default_rng(seed)
    walk = _Walk(stages, rng, rng.standard_normal((particles, dimensions)), moves)
    for number in range(len(stages)):
        walk.begin(number)
        while walk.beta < 1.0:
            walk.step()
            if after_step is not None:
                after_step((number + walk.beta) / len(stages))
            if len(walk.temperatures) > MOST_STEPS:
                raise NotConverged(
                    "the data are so far from what is expected that no draw gets there"
                )
    return Tempered(
        walk.draws, walk.base + walk.values, walk.evidence, math.sqrt(walk.variance),
        tuple(walk.temperatures), tuple(walk.acceptance), walk.evaluations,
    )  # fmt: skip


@dataclass
class _Walk:
    """Particles on their way: `base` of likelihoods that count whole, `values` of the one that is
    being brought in.
    """

    stages: tuple[Likelihood, ...]
    rng: np.random.Generator
    draws: Array
    moves: int
    stage: int = 0
    beta: float = 0.0
    evidence: float = 0.0
    variance: float = 0.0
    evaluations: int = 0

    def __post_init__(self) -> None:
        self.temperatures, self.acceptance = [0.0], [1.0]
        self.base = np.zeros(len(self.draws))
        self.values = np.zeros(len(self.draws))

    def begin(self, stage: int) -> None:
        """Turn to the next likelihood."""
        self.base, self.stage, self.beta = self.base + self.values, stage, 0.0
        self.values = self._one(self.stages[stage], self.draws)
        self.evaluations += len(self.draws)
        if not np.isfinite(self.values).any():
            raise NotConverged("no draw of the prior can have given these data")

    def _one(self, likelihood: Likelihood, draws: Array) -> Array:
        return np.nan_to_num(likelihood(draws), nan=-np.inf, neginf=-np.inf)

    def _likelihoods(self, draws: Array) -> tuple[Array, Array]:
        """What counts whole, and what is being brought in."""
        self.evaluations += len(draws)
        base = np.zeros(len(draws))
        for likelihood in self.stages[: self.stage]:
            base = base + self._one(likelihood, draws)
        return base, self._one(self.stages[self.stage], draws)

    def step(self) -> None:
        """Raise the temperature, weigh, choose, move."""
        span = _span(self.values, 1.0 - self.beta)
        log_weights = span * self.values
        top = float(log_weights.max())
        weights = np.exp(log_weights - top)
        mean = float(weights.mean())
        self.evidence += top + math.log(mean)
        self.variance += float(weights.var()) / mean**2 / len(weights)
        self.beta = 1.0 if self.beta + span >= 1.0 - 1e-12 else self.beta + span
        chosen = _systematic(weights / weights.sum(), self.rng)
        self.draws = self.draws[chosen].copy()
        self.base, self.values = self.base[chosen].copy(), self.values[chosen].copy()
        self.temperatures.append(self.stage + self.beta)
        self.acceptance.append(self._move())

    def _move(self) -> float:
        """Crank-Nicolson moves of what matters, and of the rest; the share that was accepted."""
        matters = _mattering(self.draws)
        accepted, move = 0.0, 0
        while move < self.moves and (move < FEWEST or accepted < MOVED):
            if matters.any():
                accepted += self._one_move(matters, _Gaussian.of(self.draws[:, matters]))
            if not matters.all() and move % 2 == 0:
                rest = self._one_move(~matters, _Gaussian.standard(int((~matters).sum())))
                accepted += 0.0 if matters.any() else rest
            move += 1
        return accepted / max(move, 1)

    def _one_move(self, chosen: Any, gaussian: _Gaussian) -> float:
        """Move the chosen coordinates about a Gaussian."""
        before = self.draws[:, chosen]
        stride = self.rng.choice(STRIDES, size=(len(before), 1))
        noise = self.rng.standard_normal(before.shape) @ gaussian.root.T
        after = gaussian.mean + np.sqrt(1.0 - stride**2) * (before - gaussian.mean) + stride * noise
        proposed = self.draws.copy()
        proposed[:, chosen] = after
        base, values = self._likelihoods(proposed)
        with np.errstate(invalid="ignore"):
            log_ratio = self._target(proposed, base, values) - gaussian.log(after)
            log_ratio -= self._target(self.draws, self.base, self.values) - gaussian.log(before)
        takes = np.log(self.rng.random(len(self.draws))) < np.nan_to_num(log_ratio, nan=-np.inf)
        self.draws[takes] = proposed[takes]
        self.base[takes], self.values[takes] = base[takes], values[takes]
        return float(takes.mean())

    def _target(self, draws: Array, base: Array, values: Array) -> Array:
        return base + self.beta * values - 0.5 * (draws**2).sum(axis=1)


@dataclass(frozen=True)
class _Gaussian:
    """Mean and covariance of an ensemble, as its root and the inverse of that."""

    mean: Array
    root: Array
    inverse: Array

    @classmethod
    def standard(cls, dimensions: int) -> _Gaussian:
        """The prior."""
        return cls(np.zeros(dimensions), np.eye(dimensions), np.eye(dimensions))

    @classmethod
    def of(cls, draws: Array) -> _Gaussian:
        """Of an ensemble, a little wider."""
        spread = np.atleast_2d(np.cov(draws.T)) * WIDENED**2
        root = np.linalg.cholesky(spread + 1e-10 * np.eye(draws.shape[1]))
        return cls(draws.mean(axis=0), root, np.linalg.inv(root))

    def log(self, draws: Array) -> Array:
        """Of the density, but for a constant."""
        return -0.5 * (((draws - self.mean) @ self.inverse.T) ** 2).sum(axis=1)


def _mattering(draws: Array) -> Any:
    """Coordinates that have left their prior, and those tied to them."""
    sigma, mean = draws.std(axis=0), draws.mean(axis=0)
    noise = 3.0 / math.sqrt(len(draws))
    left = (np.abs(mean) > LEFT + noise) | (np.abs(1.0 - sigma) > LEFT + 0.7 * noise)
    tied = np.abs(np.atleast_2d(np.corrcoef(draws.T))) > TIED + noise
    np.fill_diagonal(tied, val=False)
    return left | tied.any(axis=1)


def _span(values: Array, most: float) -> float:
    """The longest rise of temperature after which enough of the particles still count."""

    def counting(span: float) -> float:
        weights = np.exp(span * (values - values.max()))
        return float(weights.sum() ** 2 / (weights**2).sum()) / len(weights)

    possible = float(np.isfinite(values).mean())
    if counting(most) >= COUNTING * possible:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if counting(middle) >= COUNTING * possible else (low, middle)
    if high <= 0.0:
        raise NotConverged("the likelihood is infinitely sharp; give the data an error")
    return high


def _systematic(weights: Array, rng: np.random.Generator) -> Any:
    """Which particles go on, each about as often as its weight says."""
    count = len(weights)
    edges = np.cumsum(weights)
    edges[-1] = 1.0
    return np.searchsorted(edges, (rng.random() + np.arange(count)) / count)
