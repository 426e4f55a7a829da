r"""Many small nonlinear least-squares problems at once.

Levenberg and Marquardt's method with box bounds: every problem of the batch has its own damping,
its own bounds and ends on its own; one call to numpy serves all that are still running. Steps solve

$$ (J^T J + \lambda D)\,\Delta x = -J^T r, \qquad D = \max(\mathrm{diag}\,J^T J,\ \epsilon) $$

Source: Marquardt, J. Soc. Ind. Appl. Math. 1963, 11, 431.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Function = Callable[[Array, Array], tuple[Array, Array]]
"""Parameters (b, p) of which problems (b,) -> residuals (b, m), slopes (b, p, m)."""
TINY = 1e-300
"""Keeps a problem without any slope solvable; it then does not move."""
SMALLEST_SCALE = 1e-12
"""Of the diagonal, beside its largest entry: a parameter without effect is damped like this."""


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where each problem ended.

    Args:
        x: Parameters, (B, p).
        cost: Sum of squared residuals, (B,).
        iterations: Steps tried, (B,).
        converged: False where the steps ran out, (B,).
    """

    x: Array
    cost: Array
    iterations: Array
    converged: Array


@dataclass(frozen=True)
class LevenbergMarquardt:
    """The method and its numbers.

    Args:
        tolerance: Relative fall of the cost by an accepted step below which a problem has ended.
        most: Steps tried at most.
        damping: At the start.
        shrink, grow: Factors of the damping after an accepted and a refused step.
        stuck: Damping at which a problem ends because no step falls any more.

    >>> import numpy as np
    >>> def line(x, which):
    ...     t = np.array([0.0, 1.0, 2.0])
    ...     slopes = np.stack([np.ones((len(x), 3)), np.broadcast_to(t, (len(x), 3))], axis=1)
    ...     return x[:, :1] + x[:, 1:] * t - np.array([1.0, 3.0, 5.0]), slopes
    >>> found = LevenbergMarquardt()(line, np.zeros((1, 2)))
    >>> np.round(found.x, 6).tolist(), bool(found.converged[0])
    ([[1.0, 2.0]], True)
    """

    tolerance: float = 1e-10
    most: int = 200
    damping: float = 1e-3
    shrink: float = 0.2
    grow: float = 5.0
    stuck: float = 1e11

    def __call__(
        self,
        function: Function,
        start: Array,
        lower: Array | float = -np.inf,
        upper: Array | float = np.inf,
        largest: Array | float = np.inf,
    ) -> Minimum:
        """Minimise all problems.

        Args:
            function: Residuals and slopes of some of the problems.
            start: (B, p); moved into the bounds.
            lower, upper: Bounds that broadcast to (B, p); equal ones hold a parameter.
            largest: Largest change of a parameter in one step, broadcasts to (p,).
        """
        shape = np.shape(start)
        low, high = (np.array(np.broadcast_to(b, shape), float) for b in (lower, upper))
        state = _State(np.clip(np.array(start, float), low, high), low, high, self.damping)
        answer = Minimum(
            state.x.copy(),
            np.full(shape[0], np.inf),
            np.zeros(shape[0], dtype=int),
            np.zeros(shape[0], dtype=bool),
        )
        state.begin(*function(state.x, state.which))
        for _ in range(self.most):
            if not state.which.size:
                break
            answer.iterations[state.which] += 1
            trial = _between(
                state.x + _between(state.step(), -np.asarray(largest), largest), low, high
            )
            done = state.judge(trial, *function(trial, state.which), self)
            if done.any():
                _write(answer, state, done)
                answer.converged[state.which[done]] = True
                state.drop(done)
                low, high = state.low, state.high
        _write(answer, state, np.ones(state.which.size, dtype=bool))
        return answer


class _State:
    """The problems that still run; every array has one entry a problem."""

    def __init__(self, x: Array, low: Array, high: Array, damping: float) -> None:
        self.x, self.low, self.high = x, low, high
        self.which = np.arange(len(x))
        self.damping = np.full(len(x), damping)
        self.held = low == high

    def begin(self, r: Array, slopes: Array) -> None:
        self.cost = np.einsum("bm,bm->b", r, r)
        self.normal, self.gradient = _normal(r, slopes)

    def step(self) -> Array:
        """Damped step; parameters that push out of their bounds stand still."""
        g, h = self.gradient, self.normal
        diagonal = np.einsum("bpp->bp", h)
        scale = np.maximum(diagonal, SMALLEST_SCALE * diagonal.max(axis=1, keepdims=True)) + TINY
        still = self.held | ((self.x <= self.low) & (g > 0.0)) | ((self.x >= self.high) & (g < 0.0))
        size = g.shape[1]
        matrix = h.copy()
        matrix.reshape(-1, size * size)[:, :: size + 1] += self.damping[:, None] * scale
        if still.any():
            free = ~still
            matrix *= free[:, :, None] & free[:, None, :]
            matrix.reshape(-1, size * size)[:, :: size + 1] += still
            g = g * free
        return -np.linalg.solve(matrix, g[..., None])[..., 0]

    def judge(self, x: Array, r: Array, slopes: Array, method: LevenbergMarquardt) -> Array:
        """Take the trials that fall; which problems have ended by that."""
        cost = np.einsum("bm,bm->b", r, r)
        better = cost < self.cost
        with np.errstate(invalid="ignore"):
            ended = better & (self.cost - cost <= method.tolerance * self.cost)
        normal, gradient = _normal(r, slopes)
        if better.all():
            self.x, self.cost, self.normal, self.gradient = x, cost, normal, gradient
        else:
            self.x[better] = x[better]
            self.cost[better] = cost[better]
            self.normal[better] = normal[better]
            self.gradient[better] = gradient[better]
        self.damping *= np.where(better, method.shrink, method.grow)
        np.maximum(self.damping, 1e-12, out=self.damping)
        return ended | (self.damping >= method.stuck)

    def drop(self, done: Array) -> None:
        for name in ("x", "low", "high", "which", "damping", "held", "cost", "normal", "gradient"):
            setattr(self, name, getattr(self, name)[~done])


def _between(x: Array, low: Any, high: Any) -> Array:
    """As numpy's clip, which is slow for small arrays."""
    return np.minimum(np.maximum(x, low), high)


def _normal(r: Array, slopes: Array) -> tuple[Array, Array]:
    return slopes @ slopes.swapaxes(1, 2), (slopes @ r[..., None])[..., 0]


def _write(answer: Minimum, state: _State, chosen: Array) -> None:
    rows = state.which[chosen]
    answer.x[rows] = state.x[chosen]
    answer.cost[rows] = state.cost[chosen]
