"""Laws of fade, fitted by least squares with an effective number of points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
TWO_LINES = "two lines"
FLOOR = 1e-7
"""Noise of a capacity over the first one below which a table was rounded, s.d."""
EDGE = 4
"""Points that each of two lines needs."""


@dataclass(frozen=True)
class Law:
    """A law of fade.

    Args:
        name: In words.
        value: x and parameters to retention.
        slopes: x and parameters to the derivatives, (N, parameters).
        crossing: Retention and parameters to x; infinite: never.
        parameters: How many.
    """

    name: str
    value: Callable[[Array, Array], Array]
    slopes: Callable[[Array, Array], Array]
    crossing: Callable[[float, Array], float]
    parameters: int = 2

    def __call__(self, x: Array, values: Array) -> Array:
        return self.value(x, values)


LARGEST = 300.0
"""Exponent that a number and its square still hold."""


def _linear(x: Array, p: Array) -> Array:
    return p[0] * (1.0 - p[1] * x)


def _linear_slopes(x: Array, p: Array) -> Array:
    return np.stack([1.0 - p[1] * x, -p[0] * x], axis=1)


def _linear_crossing(y: float, p: Array) -> float:
    return float((1.0 - y / p[0]) / p[1]) if p[1] > 0.0 else math.inf


def _root_crossing(y: float, p: Array) -> float:
    share = 1.0 - y / p[0]
    if p[1] <= 0.0:
        return math.inf
    return float(max(share, 0.0) / p[1]) ** 2


def _exponential(x: Array, p: Array) -> Array:
    return p[0] * np.exp(np.minimum(-p[1] * x, LARGEST))


def _exponential_slopes(x: Array, p: Array) -> Array:
    e = np.exp(np.minimum(-p[1] * x, LARGEST))
    return np.stack([e, -p[0] * x * e], axis=1)


def _exponential_crossing(y: float, p: Array) -> float:
    return float(math.log(p[0] / y) / p[1]) if p[1] > 0.0 and p[0] > 0.0 else math.inf


def _bent(x: Array, p: Array) -> Array:
    return p[0] * (1.0 - p[1] * x - p[2] * np.maximum(0.0, x - p[3]))


def _bent_slopes(x: Array, p: Array) -> Array:
    over = np.maximum(0.0, x - p[3])
    return np.stack(
        [1.0 - p[1] * x - p[2] * over, -p[0] * x, -p[0] * over, p[0] * p[2] * (x > p[3])], axis=1
    )


def _bent_crossing(y: float, p: Array) -> float:
    first = _linear_crossing(y, p)
    if first <= p[3]:
        return first
    slope = p[1] + p[2]
    if slope <= 0.0:
        return math.inf
    return float((1.0 - y / p[0] + p[2] * p[3]) / slope)


LINEAR = Law("linear", _linear, _linear_slopes, _linear_crossing)
SQUARE_ROOT = Law(
    "square root", lambda x, p: _linear(np.sqrt(x), p), lambda x, p: _linear_slopes(np.sqrt(x), p),
    _root_crossing,
)  # fmt: skip
EXPONENTIAL = Law("exponential", _exponential, _exponential_slopes, _exponential_crossing)
BENT = Law(TWO_LINES, _bent, _bent_slopes, _bent_crossing, 4)
LAWS = (LINEAR, SQUARE_ROOT, EXPONENTIAL, BENT)


@dataclass(frozen=True)
class Fit:
    """A law with its parameters.

    Args:
        law: Which.
        values: Parameters.
        covariance: Of them; None: as many parameters as points.
        misfit: Root mean square residual.
        squares: Sum of squared residuals.
        effective: Number of points that are as good as independent.
        score: AICc; None: too few points.
    """

    law: Law
    values: Array
    covariance: Array | None
    misfit: float
    squares: float
    effective: float
    score: float | None

    def crossing(self, y: float, values: Array) -> float:
        """When a retention is reached, with given parameters."""
        return self.law.crossing(y, values)

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Parameters from their normal distribution, (count, parameters)."""
        if self.covariance is None:
            return np.tile(self.values, (count, 1))
        return rng.multivariate_normal(
            self.values, self.covariance, size=count, method="svd", check_valid="ignore"
        )


def fit_laws(x: Array, y: Array) -> tuple[Fit, ...]:
    """All laws that the points allow.

    Args:
        x: Cycles since the first one, (N,), rising.
        y: Capacity over the reference, (N,).
    """
    if x.size < 2:
        return ()
    starts = [(LINEAR, _line_start(x, y)), (SQUARE_ROOT, _line_start(np.sqrt(x), y)),
              (EXPONENTIAL, _exponential_start(x, y))]  # fmt: skip
    if x.size >= 2 * EDGE + 2 and (bent := _bent_start(x, y)) is not None:
        starts.append((BENT, bent))
    fits = [_refined(law, x, y, p) for law, p in starts]
    effective = _effective(x, y, fits)
    return tuple(_finished(law, x, y, p, effective) for law, p in fits)


def _line_start(x: Array, y: Array) -> Array:
    slope, level = np.polyfit(x, y, 1)
    return np.array([level, -slope / level])


def _exponential_start(x: Array, y: Array) -> Array:
    slope, level = np.polyfit(x, np.log(np.maximum(y, 1e-6)), 1)
    return np.array([math.exp(level), -slope])


def _bent_start(x: Array, y: Array) -> Array | None:
    """The best break, on a grid that is refined about it."""
    low, high = float(x[EDGE - 1]), float(x[-EDGE])
    best = low
    for _ in range(4):
        places = np.linspace(low, high, 61)
        best = float(places[int(np.argmin(_squares(x, y, places)))])
        step = (high - low) / 60
        low, high = max(best - 2 * step, float(x[EDGE - 1])), min(best + 2 * step, float(x[-EDGE]))
    return _broken(x, y, best)[0]


def _broken(x: Array, y: Array, knee: float) -> tuple[Array | None, float]:
    """Two joined lines with the break at a place: parameters and sum of squares."""
    columns = np.stack([np.ones_like(x), -x, -np.maximum(0.0, x - knee)], axis=1)
    c, *_ = np.linalg.lstsq(columns, y, rcond=None)
    rest = y - columns @ c
    if c[0] <= 0.0:
        return None, math.inf
    return np.array([c[0], c[1] / c[0], c[2] / c[0], knee]), float(rest @ rest)


def _refined(law: Law, x: Array, y: Array, p: Array) -> tuple[Law, Array]:
    """A few steps of Gauss and Newton; the break of two lines stays on its grid."""
    free = np.arange(min(law.parameters, 3))
    for _ in range(20):
        jacobian = law.slopes(x, p)[:, free]
        step, *_ = np.linalg.lstsq(jacobian, y - law(x, p), rcond=None)
        trial = p.copy()
        trial[free] += step
        with np.errstate(over="ignore"):  # a step too far is infinitely bad, and not taken
            better = np.sum((y - law(x, trial)) ** 2) < np.sum((y - law(x, p)) ** 2)
        if not better:
            break
        p = trial
    return law, p


def _effective(x: Array, y: Array, fits: list[tuple[Law, Array]]) -> float:
    """Points that are as good as independent, by the correlation of neighbours."""
    law, p = min(fits, key=lambda f: float(np.sum((y - f[0](x, f[1])) ** 2)))
    rest = y - law(x, p)
    if x.size <= law.parameters + 2 or np.std(rest) < FLOOR:
        return float(x.size)
    rest = rest - rest.mean()
    rho = float(rest[1:] @ rest[:-1] / (rest @ rest))
    rho = min(max(rho, 0.0), 0.98)
    return max(x.size * (1.0 - rho) / (1.0 + rho), min(float(x.size), 8.0))


def _finished(law: Law, x: Array, y: Array, p: Array, effective: float) -> Fit:
    rest = y - law(x, p)
    squares = float(rest @ rest) + x.size * FLOOR**2
    spare = x.size - law.parameters
    covariance = score = None
    if spare >= 1:
        jacobian = law.slopes(x, p)
        inverse = np.linalg.pinv(jacobian.T @ jacobian)
        covariance = squares / spare * inverse * (x.size / effective)
    k = law.parameters + 1
    if effective - k - 1 > 0.0:
        score = effective * math.log(squares / x.size) + 2 * k
        score += 2 * k * (k + 1) / (effective - k - 1)
    return Fit(
        law, p, covariance, math.sqrt(squares / x.size), squares, effective,
        score if covariance is not None else None,
    )  # fmt: skip


def _squares(x: Array, y: Array, places: Array) -> Array:
    """Sums of squares of two joined lines with the break at many places."""
    scale = float(x[-1])
    u, mean = x / scale, float(y.mean())
    over = np.maximum(0.0, u - places[:, None] / scale)
    ones = np.broadcast_to(np.ones_like(u), over.shape)
    columns = np.stack([ones, np.broadcast_to(u, over.shape), over], axis=2)
    gram = np.einsum("kni,knj->kij", columns, columns)
    right = np.einsum("kni,n->ki", columns, y - mean)
    values = np.linalg.solve(gram + 1e-12 * np.eye(3), right[..., None])[..., 0]
    rest = y - mean - np.einsum("kni,ki->kn", columns, values)
    return np.einsum("kn,kn->k", rest, rest)


def knee_interval(x: Array, y: Array, bent: Fit, level: float) -> tuple[float, float]:
    """Places of the break that the likelihood does not rule out.

    Args:
        x, y: The points.
        bent: Two lines, fitted.
        level: Of the interval.
    """
    from statistics import NormalDist

    limit = NormalDist().inv_cdf(0.5 + 0.5 * level) ** 2  # chi square of one degree of freedom
    knee = float(bent.values[3])
    low, high = float(x[EDGE - 1]), float(x[-EDGE])
    for _ in range(3):
        places = np.linspace(low, high, 201)
        squares = _squares(x, y, places) + x.size * FLOOR**2
        best = min(squares.min(), bent.squares)
        good = places[bent.effective * np.log(squares / best) <= limit]
        step = (high - low) / 200
        if good.size == 0:
            low, high = max(low, knee - 2 * step), min(high, knee + 2 * step)
        else:
            low, high = max(low, good[0] - step), min(high, good[-1] + step)
    return min(low, knee), max(high, knee)
