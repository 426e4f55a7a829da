r"""Non-negative least squares with a quadratic penalty, on the normal equations.

$$ \min_{x_F \ge 0}\; \tfrac12 x^T (G + \lambda P)\, x - c^T x $$

with the Gram matrix $G = A^T A$, $c = A^T b$, a penalty $P$ and a set $F$ of components that may
not be negative. An active-set method exchanges all wrong components at once (block principal
pivoting) and falls back to one at a time where that runs in circles; a start from a neighbouring
answer (another penalty, another right-hand side) needs one or two factorisations.

Source: Portugal, Judice and Vicente, Math. Comp. 1994, 63, 625; Kim and Park, SIAM J. Sci. Comput.
2011, 33, 3261 (both recalled).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import NotConverged
from anolyte.numerics.later import Later

Array = NDArray[Any]
lapack: Any = Later("scipy.linalg.lapack")
TOLERANCE = 1e-10
"""Gradients below this share of the steepest count as zero."""
PATIENCE = 3
"""Full exchanges without progress before single ones."""


@dataclass(frozen=True, eq=False)
class Quadratic:
    """A least-squares problem by its normal equations.

    Args:
        gram: A^T A, (K, K), positive semidefinite.
        product: A^T b, (K,).
        penalty: P, (K, K).
        square: b^T b.
        rows: Of A; what freedom is counted from.
        bounded: Components that may not be negative, boolean (K,).
    """

    gram: Array
    product: Array
    penalty: Array
    square: float
    rows: int
    bounded: Array

    def misfit(self, x: Array) -> float:
        """|A x - b|^2, never negative."""
        return max(float(self.square - 2.0 * self.product @ x + x @ self.gram @ x), 0.0)

    def roughness(self, x: Array) -> float:
        """x^T P x."""
        return max(float(x @ self.penalty @ x), 0.0)


@dataclass(frozen=True, eq=False)
class Solution:
    """The minimum for one weight of the penalty.

    Args:
        weight: Of the penalty.
        unknown: x, (K,).
        positive: Components that are not held at zero, boolean (K,).
        steps: Factorisations it took.
    """

    weight: float
    unknown: Array
    positive: Array
    steps: int


def solve(problem: Quadratic, weight: float, start: Array | None = None) -> Solution:
    """The minimum for one weight.

    Args:
        problem: Normal equations.
        weight: Of the penalty.
        start: Components thought to be positive, boolean (K,); None: all.

    Raises:
        NotConverged: As `one_by_one`.

    >>> eye, b = np.eye(2), np.array([1.0, -1.0])
    >>> solve(Quadratic(eye, b, eye, 2.0, 2, np.ones(2, bool)), 0.0).unknown.tolist()
    [1.0, 0.0]
    """
    matrix = problem.gram + weight * problem.penalty
    x, positive, steps = exchange(matrix, problem.product, problem.bounded, start)
    return Solution(weight, x, positive, steps)


def exchange(
    matrix: Array, right: Array, bounded: Array, start: Array | None = None
) -> tuple[Array, Array, int]:
    """Block principal pivoting; the unknowns, which are positive, and the factorisations.

    Where full exchanges run in circles (problems singular to rounding), `one_by_one` goes on.
    """
    positive = np.ones(right.size, dtype=bool) if start is None else start | ~bounded
    tolerance = _tolerance(matrix, right)
    fewest, patience, step = right.size + 1, PATIENCE, 0
    while patience > 0:
        step += 1
        x = _on(matrix, right, positive)
        gradient = matrix @ x - right
        wrong = np.where(positive, bounded & (x < 0.0), gradient < -tolerance)
        count = int(np.count_nonzero(wrong))
        if count == 0:
            return x, positive, step
        if count < fewest:
            fewest, patience = count, PATIENCE
        else:
            patience -= 1
        positive = positive ^ wrong
    x, positive, more = one_by_one(matrix, right, bounded, positive)
    return x, positive, step + more


def one_by_one(
    matrix: Array, right: Array, bounded: Array, start: Array
) -> tuple[Array, Array, int]:
    """Lawson and Hanson's method on the normal equations: the misfit falls at every step.

    Source: Bro and de Jong, J. Chemometrics 1997, 11, 393 (recalled).

    Raises:
        NotConverged: More steps than ten for each component.
    """
    size, steps = right.size, 1
    positive = start | ~bounded
    x = _on(matrix, right, positive)
    while (low := positive & bounded & (x <= 0.0)).any():  # what is left can be gone on from
        positive &= ~low
        x = _on(matrix, right, positive)
        steps += 1
    tolerance = _tolerance(matrix, right)
    barred = np.zeros(size, dtype=bool)  # entered and was sent back at once: rounding
    while steps < 10 * size:
        pull = np.where(positive | barred, -np.inf, (right - matrix @ x) / tolerance)
        entering = int(np.argmax(pull))
        if not pull[entering] > 1.0:
            return x, positive, steps
        positive[entering] = True
        wanted = _on(matrix, right, positive)
        steps += 1
        if wanted[entering] <= 0.0:
            positive[entering], barred[entering] = False, True
            continue
        while (low := positive & bounded & (wanted <= 0.0)).any():
            share = float(np.min(x[low] / (x[low] - wanted[low])))
            x = x + share * (wanted - x)
            positive &= ~(bounded & (x <= 1e-14 * np.max(x, initial=0.0)) & low)
            x[~positive] = 0.0
            wanted = _on(matrix, right, positive)
            steps += 1
        x = wanted
        barred[:] = False
    raise NotConverged(f"non-negative least squares: {10 * size} steps were not enough")


def _tolerance(matrix: Array, right: Array) -> Array:
    """Gradients that count as zero: alike for all components whatever their columns' lengths."""
    length = np.sqrt(np.maximum(np.diagonal(matrix), 1e-300))
    return TOLERANCE * length * max(float(np.max(np.abs(right) / length, initial=0.0)), 1e-300)


def _on(matrix: Array, right: Array, positive: Array) -> Array:
    """The unconstrained minimum over some components, the others zero."""
    chosen = np.flatnonzero(positive)
    x = np.zeros(right.shape)
    if chosen.size:
        x[chosen] = positive_definite(matrix[chosen][:, chosen], right[chosen])
    return x


def positive_definite(matrix: Array, right: Array) -> Array:
    """Solve by Cholesky's factors; a matrix that is singular to rounding gets a ridge."""
    _, solved, info = lapack.dposv(matrix, right, lower=1)
    if info == 0:
        return solved
    ridge = 1e-15 * float(np.trace(matrix)) / len(matrix)
    while info != 0:
        ridge *= 10.0
        _, solved, info = lapack.dposv(matrix + ridge * np.eye(len(matrix)), right, lower=1)
    return solved


def solve_many(problem: Quadratic, rights: Array, solution: Solution) -> Array:
    """Minima for other right-hand sides near that of a solution, (B, K).

    All are solved with its positive components in one factorisation; only those that this does not
    suit go on by themselves.

    Args:
        problem: Normal equations.
        rights: A^T b of each, (B, K).
        solution: Of the problem, for the weight and the start.
    """
    matrix = problem.gram + solution.weight * problem.penalty
    tolerance = _tolerance(matrix, problem.product)
    chosen = np.flatnonzero(solution.positive)
    found = np.zeros(rights.shape)
    found[:, chosen] = positive_definite(matrix[np.ix_(chosen, chosen)], rights[:, chosen].T).T
    gradient = found @ matrix - rights
    low = problem.bounded & (found < 0.0)
    wrong = np.where(solution.positive, low, gradient < -tolerance).any(axis=1)
    for k in np.flatnonzero(wrong):
        first = solution.positive & ~low[k]
        found[k] = exchange(matrix, rights[k], problem.bounded, first)[0]
    return found


def freedom_spent(problem: Quadratic, solution: Solution) -> float:
    r"""Effective number of parameters, $\mathrm{tr}[(G_{PP} + \lambda P_{PP})^{-1} G_{PP}]$.

    Over the positive components; to first order in the data no other component moves.
    """
    chosen = np.flatnonzero(solution.positive)
    if chosen.size == 0:
        return 0.0
    part = np.ix_(chosen, chosen)
    gram = problem.gram[part]
    matrix = gram + solution.weight * problem.penalty[part]
    return float(np.trace(positive_definite(matrix, gram)))


class WeightChoice(Protocol):
    """How the weight of the penalty is chosen."""

    def __call__(self, problem: Quadratic) -> Solution:
        """The solution with the chosen weight."""
        ...


@dataclass(frozen=True)
class Fixed:
    """A weight that is given.

    Args:
        weight: Of the penalty.
    """

    weight: float = 1e-3

    def __call__(self, problem: Quadratic) -> Solution:
        """The solution with this weight."""
        return solve(problem, self.weight)


@dataclass(frozen=True)
class GeneralisedCrossValidation:
    r"""The weight that foretells left-out data best.

    $$ \frac{|A x_\lambda - b|^2 / n}{(1 - p_\lambda / n)^2} \to \min $$

    with the effective number of parameters $p_\lambda$ and n rows.

    Args:
        least, most: Weights between which it is sought.
        per_decade: Weights tried per decade on the way up from the least.

    Source: Golub, Heath and Wahba, Technometrics 1979, 21, 215 (recalled).
    """

    least: float = 1e-7
    most: float = 1.0
    per_decade: float = 1.0

    def __call__(self, problem: Quadratic) -> Solution:
        """The solution with the best weight of those tried."""
        tried = path(problem, _weights(self.least, self.most, self.per_decade))
        scores = []
        for solution in tried:
            share = freedom_spent(problem, solution) / problem.rows
            scores.append(problem.misfit(solution.unknown) / max(1.0 - share, 1e-9) ** 2)
        return tried[int(np.argmin(scores))]


@dataclass(frozen=True)
class LCurve:
    """The weight at the corner of misfit against roughness, both as logarithms.

    The corner is the point nearest to that of least misfit and least roughness, each axis scaled
    to its range over the weights tried; it therefore moves a little with that range. (The point of
    largest curvature is not used: with active bounds the curve has small corners everywhere.)

    Args:
        least, most: Weights between which it is sought.
        per_decade: Weights tried per decade.

    Source: Hansen and O'Leary, SIAM J. Sci. Comput. 1993, 14, 1487 (recalled).
    """

    least: float = 1e-7
    most: float = 1.0
    per_decade: float = 1.0

    def __call__(self, problem: Quadratic) -> Solution:
        """The solution with the weight at the corner."""
        tried = path(problem, _weights(self.least, self.most, self.per_decade))
        misfit = _unit(np.array([problem.misfit(s.unknown) for s in tried]))
        rough = _unit(np.array([problem.roughness(s.unknown) for s in tried]))
        return tried[int(np.argmin(np.hypot(misfit, rough)))]


def _unit(values: Array) -> Array:
    """Logarithms, scaled to their range."""
    logs = np.log(np.maximum(values, 1e-300))
    return (logs - logs.min()) / max(float(np.ptp(logs)), 1e-300)


@dataclass(frozen=True)
class Discrepancy:
    r"""The smoothest answer that the noise allows.

    The largest weight whose misfit stays below $S_0 (1 + m\sqrt{2/n})$, with the misfit $S_0$ of
    the least weight and n its rows less its parameters.

    Args:
        margin: m, in standard deviations of the misfit.
        least, most: Weights between which it is sought.
        per_decade: Weights tried per decade.

    Source: Morozov, Soviet Math. Dokl. 1966, 7, 414 (recalled).
    """

    margin: float = 1.0
    least: float = 1e-7
    most: float = 1.0
    per_decade: float = 1.0

    def __call__(self, problem: Quadratic) -> Solution:
        """The solution with the largest weight allowed."""
        tried = path(problem, _weights(self.least, self.most, self.per_decade))
        left = max(problem.rows - freedom_spent(problem, tried[-1]), 1.0)
        allowed = problem.misfit(tried[-1].unknown) * (1.0 + self.margin * np.sqrt(2.0 / left))
        return next(s for s in tried if problem.misfit(s.unknown) <= allowed)


def _weights(least: float, most: float, per_decade: float) -> Array:
    count = int(round(np.log10(most / least) * per_decade)) + 1
    return np.geomspace(most, least, max(count, 3))


def path(problem: Quadratic, weights: Array) -> list[Solution]:
    """Solutions for several weights, each started from the one before."""
    found: list[Solution] = []
    for weight in weights:
        start = found[-1].positive if found else None
        found.append(solve(problem, float(weight), start))
    return found
