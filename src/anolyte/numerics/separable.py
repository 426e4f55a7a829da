r"""Least squares that is linear but for one parameter: scan that one, solve the rest exactly.

$$ \min_{\theta, c} \sum_i w_i^2 \big(y_i - \sum_j c_j\, g_j(x_i; \theta)\big)^2 $$

For every $\theta$ the best $c$ is linear algebra, so nothing has to be guessed and no local minimum
on the grid is missed. Weights count up to a common factor: the scatter of the points about the
curve decides how wide intervals are, and Student's t how much wider with few points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.numerics.later import special

Array = NDArray[Any]
Columns = Callable[[Array], Array]
"""Parameter values (G,) to columns (G, N, p)."""
ROUNDING = 1e-12
"""Residuals below this share of the data are rounding; no model is better than another there."""
ZOOMS, POINTS = 8, 21
"""Each zoom looks at so many values between the neighbours of the best one."""


@dataclass(frozen=True, eq=False)
class Separated:
    """The best curve.

    Args:
        coefficients: c, (p,).
        parameter: theta; None where the model has none.
        covariance: Of the coefficients and, last, theta; scaled by the scatter, (q, q).
        cost: Weighted sum of squares.
        residuals: Weighted, (N,).
        count: N.
        low, high: Interval of theta by its profile; infinite where it is open; None: no theta.
        leverage: Share of each point in its own curve value (theta fixed), (N,).
    """

    coefficients: Array
    parameter: float | None
    covariance: Array
    cost: float
    residuals: Array
    count: int
    low: float | None
    high: float | None
    leverage: Array

    @property
    def fitted(self) -> int:
        """Parameters, theta included."""
        return int(self.covariance.shape[0])

    @property
    def aicc(self) -> float:
        """Akaike's criterion for few points, see `information`."""
        return information(self.cost, self.count, self.fitted)

    def error(self, k: int) -> float:
        """Standard deviation of a parameter; not a number where the points leave none to judge."""
        return math.sqrt(max(float(self.covariance[k, k]), 0.0))

    def draws(self, count: int, seed: int) -> tuple[Array, Array]:
        """Coefficients (count, p) and theta (count,) as the covariance spreads them."""
        mean = self.coefficients if self.parameter is None else np.append(
            self.coefficients, self.parameter)  # fmt: skip
        rng = np.random.default_rng(seed)
        scale = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        scale = np.where(scale > 0.0, scale, 1.0)
        values, vectors = np.linalg.eigh(self.covariance / np.outer(scale, scale))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        # as wide as Student's t with what is left of the points
        spare = max(self.count - self.fitted, 1)
        normal = rng.standard_normal((count, mean.size))
        wide = np.sqrt(spare / rng.chisquare(spare, count))[:, None]
        drawn = mean + (normal @ root.T) * scale * wide
        if self.parameter is None:
            return drawn, np.zeros(count)
        return drawn[:, :-1], drawn[:, -1]


def information(cost: float, count: int, parameters: int) -> float:
    r"""Akaike's criterion with the correction for few points.

    $$ \mathrm{AICc} = N \ln\frac{\chi^2}{N} + 2k + \frac{2k(k+1)}{N-k-1}, \qquad k = p + 1 $$

    Args:
        cost: Weighted sum of squares.
        count: Points N.
        parameters: p; the scatter is one more.

    Source: Hurvich and Tsai, Biometrika 1989, 76, 297.

    >>> round(information(10.0, 10, 2), 6)
    10.0
    """
    k = parameters + 1
    if count <= k + 1:
        return math.inf
    return count * math.log(max(cost, 1e-300) / count) + 2 * k + 2 * k * (k + 1) / (count - k - 1)


def student(level: float, spare: int) -> float:
    """Half width of a two-sided interval in standard deviations.

    Args:
        level: Share of intervals that hold the truth.
        spare: Points less parameters.

    >>> round(student(0.95, 10), 3)
    2.228
    """
    return float(special.stdtrit(max(spare, 1), 0.5 + 0.5 * level))


def fit(
    columns: Columns, y: Array, weight: Array, grid: Array | None = None, level: float = 0.95
) -> Separated:
    """The best coefficients, and the best theta of a grid, refined.

    Args:
        columns: Values of theta (G,) to columns (G, N, p); called with one value where `grid` is
            None.
        y: (N,).
        weight: One over the standard deviation of each point, (N,).
        grid: Values of theta, rising; None: the model has none.
        level: Of the interval of theta.
    """
    if grid is None:
        return _linear(columns(np.zeros(1))[0], y, weight)
    costs = _costs(columns, y, weight, grid)
    best = int(np.argmin(costs))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    theta = float(grid[best])
    for _ in range(ZOOMS):
        fine = np.linspace(low, high, POINTS)
        found = _costs(columns, y, weight, fine)
        k = int(np.argmin(found))
        theta = float(fine[k])
        low, high = float(fine[max(k - 1, 0)]), float(fine[min(k + 1, POINTS - 1)])
    return _with_parameter(columns, y, weight, theta, grid, costs, level)


def likely(
    columns: Columns, y: Array, weight: Array, found: Separated, grid: Array | None, count: int,
    seed: int,
) -> tuple[Array, Array]:  # fmt: skip
    r"""Curves that fit about as well, also where theta is hardly known: coefficients and theta.

    $$ p(\theta) \propto \chi^2(\theta)^{-(\nu + 1)/2} \text{ on the grid}, \qquad
       c\,|\,\theta \sim t_\nu\big(\hat c(\theta), \chi^2(\theta)/\nu\,(X^T X)^{-1}\big) $$

    with what is left of the points, nu. `Separated.draws` takes the curve to be straight in theta,
    and is wrong where the interval of theta reaches the end of the grid.

    Args:
        columns, y, weight, grid: As of `fit`.
        found: What `fit` gave.
        count: Curves.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    spare = max(found.count - found.fitted, 1)
    theta = np.zeros(count)
    if grid is not None:
        place = np.arange(float(grid.size))
        ends = np.interp(np.array([found.low, found.high], float), grid, place)
        reach = max(float(ends[1] - ends[0]), 1e-6)
        looks = np.clip(np.linspace(ends[0] - reach, ends[1] + reach, 301), 0.0, place[-1])
        costs = _costs(columns, y, weight, np.interp(looks, place, grid))
        heights = (costs / costs.min()) ** (-0.5 * (spare + 1))
        area = np.append(0.0, np.cumsum(0.5 * (heights[1:] + heights[:-1]) * np.diff(looks)))
        even = (rng.permutation(count) + 0.5) / count * area[-1]
        theta = np.interp(np.interp(even, area, looks), place, grid)
    cost, _, size, triangle, inner = _project(columns(theta), y, weight)
    wide = np.sqrt(cost / rng.chisquare(spare, count))[:, None]
    target = inner + wide * rng.standard_normal(inner.shape)
    solved = np.linalg.pinv(triangle, rcond=1e-12) @ target[..., None]
    return solved[..., 0] / size, theta


def stacked(values: Array, *columns: Array) -> Array:
    """Columns (N,) or (G, N) as (G, N, p)."""
    parts = [np.broadcast_to(c, (values.size, c.shape[-1])) for c in columns]
    return np.stack(parts, axis=-1)


def _linear(matrix: Array, y: Array, weight: Array) -> Separated:
    coefficients, cost, residuals = _solve(matrix, y, weight)
    spare = y.size - matrix.shape[1]
    left = (matrix * weight[:, None]) / (size := _size(matrix * weight[:, None]))
    inverse = np.linalg.pinv(left.T @ left)
    covariance = inverse / np.outer(size, size) * _scatter(cost, spare)
    leverage = np.einsum("ij,jk,ik->i", left, inverse, left)
    return Separated(coefficients, None, covariance, cost, residuals, y.size, None, None, leverage)


def _with_parameter(
    columns: Columns, y: Array, weight: Array, theta: float, grid: Array, costs: Array,
    level: float,
) -> Separated:  # fmt: skip
    """Covariance with the derivative by theta as a further column; interval by the profile."""
    plain = _linear(columns(np.array([theta]))[0], y, weight)
    step = 1e-4 * float(grid[-1] - grid[0]) / grid.size
    around = columns(np.array([theta - step, theta, theta + step]))
    slope = (around[2] - around[0]) @ plain.coefficients / (2.0 * step)
    matrix = np.column_stack([around[1], slope]) * weight[:, None]
    left = matrix / (size := _size(matrix))
    spare = y.size - matrix.shape[1]
    covariance = np.linalg.pinv(left.T @ left, rcond=1e-13, hermitian=True)
    covariance = covariance / np.outer(size, size) * _scatter(plain.cost, spare)
    limit = plain.cost * (1.0 + student(level, spare) ** 2 / max(spare, 1))

    def beyond(values: Array) -> Array:
        return _costs(columns, y, weight, values) > limit

    below = [g for g, c in zip(grid, costs, strict=True) if g < theta and c > limit]
    above = [g for g, c in zip(grid, costs, strict=True) if g > theta and c > limit]
    low = _edge(beyond, theta, max(below)) if below else -math.inf
    high = _edge(beyond, theta, min(above)) if above else math.inf
    return Separated(plain.coefficients, theta, covariance, plain.cost, plain.residuals, y.size,
                     low, high, plain.leverage)  # fmt: skip


def _edge(beyond: Callable[[Array], Array], inside: float, outside: float) -> float:
    """Where the profile crosses its limit, each look dividing what is left by ten."""
    for _ in range(ZOOMS):
        looks = np.linspace(inside, outside, 11)[1:-1]
        crossed = beyond(looks)
        k = int(np.argmax(crossed)) if crossed.any() else looks.size
        steps = np.concatenate([[inside], looks, [outside]])
        inside, outside = float(steps[k]), float(steps[k + 1])
    return 0.5 * (inside + outside)


def _costs(columns: Columns, y: Array, weight: Array, values: Array) -> Array:
    """Weighted sum of squares for each value of theta."""
    return _project(columns(values), y, weight)[0]


def _project(stack: Array, y: Array, weight: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Cost, weighted residuals and what the coefficients follow from, of many linear problems.

    Residuals come from the projection on an orthonormal base, which does not lose digits where
    columns are nearly alike.
    """
    scaled = stack * weight[:, None]
    size = np.sqrt((scaled * scaled).sum(axis=1))
    size = np.where(size > 0.0, size, 1.0)
    target = y * weight
    base, triangle = np.linalg.qr(scaled / size[:, None, :])
    inner = (base.transpose(0, 2, 1) @ target[:, None])[..., 0]
    residuals = target - (base @ inner[..., None])[..., 0]
    floor = (ROUNDING * float(np.linalg.norm(target))) ** 2
    cost = np.maximum((residuals * residuals).sum(axis=1), floor)
    return cost, residuals, size, triangle, inner


def _solve(matrix: Array, y: Array, weight: Array) -> tuple[Array, float, Array]:
    """Coefficients, cost and weighted residuals of one linear problem."""
    cost, residuals, size, triangle, inner = _project(matrix[None], y, weight)
    found = np.linalg.lstsq(triangle[0], inner[0], rcond=1e-13)[0]
    return found / size[0], float(cost[0]), residuals[0]


def _size(matrix: Array) -> Array:
    size = np.sqrt((matrix**2).sum(axis=0))
    return np.where(size > 0.0, size, 1.0)


def _scatter(cost: float, spare: int) -> float:
    """Variance of a point of weight one; not a number where no point is to spare."""
    return cost / spare if spare > 0 else math.nan
