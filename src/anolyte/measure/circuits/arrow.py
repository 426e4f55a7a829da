r"""Least squares with a normal matrix like an arrow: terms common to all spectra, others their own.

$$ \begin{pmatrix} A & B_1 & B_2 & \dots \\ B_1^T & C_1 & & \\ B_2^T & & C_2 & \end{pmatrix}
   \begin{pmatrix} \Delta g \\ \Delta l_1 \\ \Delta l_2 \end{pmatrix} = -\text{gradient}, \qquad
   S = A - \sum_m B_m C_m^{-1} B_m^T $$

The Schur complement $S$ is solved for the common terms, each $l_m$ then by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.circuits.box import Box
from anolyte.measure.circuits.problem import Problem

Array = NDArray[Any]
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Design:
    """Inner parameters as linear functions of what is fitted: x = offset + common g + free l.

    Args:
        offset: (M, p).
        common: (M, p, terms).
        free: (p, own).
        owners: Of each common term: outer name, law, term, inner place.
    """

    offset: Array
    common: Array
    free: Array
    owners: tuple[Any, ...]

    def inner(self, g: Array, own: Array) -> Array:
        """Inner parameters of all spectra, (M, p)."""
        return self.offset + self.common @ g + own @ self.free.T


@dataclass(frozen=True, eq=False)
class JointMinimum:
    """Where a joint fit ended.

    Args:
        x: Inner parameters, (M, p).
        common: Terms of laws, (terms,).
        cost: Squares of each spectrum, (M,).
        common_covariance: (terms, terms).
        own_covariance: Of the free parameters with the common ones held, (M, own, own).
        lean: How free parameters follow the common ones, (M, own, terms).
        converged: False where the steps ran out.
    """

    x: Array
    common: Array
    cost: Array
    common_covariance: Array
    own_covariance: Array
    lean: Array
    converged: bool

    def covariances(self, design: Design) -> Array:
        """Of the inner parameters of each spectrum, (M, p, p)."""
        turn = design.common + design.free @ self.lean
        shared = turn @ self.common_covariance @ turn.swapaxes(1, 2)
        return shared + design.free @ self.own_covariance @ design.free.T


@dataclass(frozen=True)
class Arrow:
    """Levenberg and Marquardt's method for such a matrix.

    Args:
        tolerance: Relative fall of the squares below which it has ended.
        most: Steps tried at most.
        largest: Change of an inner parameter in one step.
        robust: Standardised distance at which a single fit loses weight in the start: some single
            fits end in a wrong minimum.
    """

    tolerance: float = 1e-9
    most: int = 200
    largest: float = 1.0
    robust: float = 3.0

    def __call__(self, problem: Problem, design: Design, first: Array, box: Box) -> JointMinimum:
        """Minimise from single fits.

        Args:
            problem: Circuit and spectra.
            design: Laws.
            first: Inner parameters of the single fits, (M, p).
            box: Bounds; exponents are kept inside.
        """
        ends = [
            self._down(problem, design, *start, box)
            for start in (
                self._start(problem, design, first, box, weighted=True),
                self._start(problem, design, first, box, weighted=False),
            )
        ]
        return min(ends, key=lambda e: float(e.cost.sum()))

    def _start(
        self, problem: Problem, design: Design, first: Array, box: Box, weighted: bool
    ) -> tuple[Array, Array]:
        """Terms nearest to the single fits, those that fall out of line weighing less."""
        count, size = first.shape
        own = design.free.shape[1]
        terms = design.common.shape[2]
        weight = np.broadcast_to(np.eye(size), (count, size, size)).copy()
        if weighted:
            _, slopes = problem.residuals(first, np.arange(count))
            normal = slopes @ slopes.swapaxes(1, 2)
            top = np.einsum("mpp->mp", normal).max(axis=1)[:, None, None]
            weight = normal / top + 1e-6 * np.eye(size)
        trust = np.ones(count)
        g, free = np.zeros(terms), np.zeros((count, own))
        for _ in range(8):
            w = weight * trust[:, None, None]
            parts = _Blocks.of(w, np.einsum("mpq,mq->mp", w, design.offset - first), design)
            g, free = parts.solve(1e-9)
            apart = design.inner(g, free) - first
            distance = np.sqrt(np.maximum(np.einsum("mp,mpq,mq->m", apart, weight, apart), 0.0))
            scale = np.median(distance) + TINY
            trust = 1.0 / (1.0 + (distance / (self.robust * scale)) ** 2)
        return g, free

    def _down(
        self, problem: Problem, design: Design, g: Array, free: Array, box: Box
    ) -> JointMinimum:
        """Follow the squares down."""
        rows = np.arange(len(design.offset))
        x = np.clip(design.inner(g, free), box.lower, box.upper)
        r, slopes = problem.residuals(x, rows)
        cost = np.einsum("bm,bm->b", r, r)
        damping, converged = 1e-2, False
        blocks = _Blocks.of(slopes @ slopes.swapaxes(1, 2), (slopes @ r[..., None])[..., 0], design)
        for _ in range(self.most):
            dg, dfree = blocks.solve(damping)
            move = design.common @ dg + dfree @ design.free.T
            shrink = min(1.0, self.largest / max(float(np.abs(move).max()), TINY))
            trial_g, trial_free = g + shrink * dg, free + shrink * dfree
            trial = np.clip(design.inner(trial_g, trial_free), box.lower, box.upper)
            r, slopes = problem.residuals(trial, rows)
            found = np.einsum("bm,bm->b", r, r)
            if found.sum() < cost.sum():
                converged = bool(cost.sum() - found.sum() <= self.tolerance * cost.sum())
                g, free, x, cost = trial_g, trial_free, trial, found
                blocks = _Blocks.of(
                    slopes @ slopes.swapaxes(1, 2), (slopes @ r[..., None])[..., 0], design
                )
                damping = max(0.2 * damping, 1e-12)
            else:
                damping *= 5.0
                converged = damping > 1e9
            if converged:
                break
        return blocks.minimum(x, g, cost, problem, converged)


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The arrow and its gradient."""

    common: Array
    between: Array
    own: Array
    common_gradient: Array
    own_gradient: Array

    @classmethod
    def of(cls, normal: Array, gradient: Array, design: Design) -> _Blocks:
        """From the normal matrices (M, p, p) and gradients (M, p) of the single spectra."""
        c, f = design.common, design.free
        half = normal @ c
        return cls(
            np.einsum("mpt,mpu->tu", c, half),
            half.swapaxes(1, 2) @ f,
            f.T @ normal @ f,
            np.einsum("mpt,mp->t", c, gradient),
            gradient @ f,
        )

    def eliminated(self, damping: float) -> tuple[Array, Array]:
        """Schur complement and the inverses of the own blocks."""
        own = _damped(self.own, damping)
        inverse = np.linalg.inv(own) if own.shape[1] else own
        schur = _damped(self.common[None], damping)[0] - np.einsum(
            "mto,mop,mup->tu", self.between, inverse, self.between
        )
        return schur, inverse

    def solve(self, damping: float) -> tuple[Array, Array]:
        """Step of the common and of the own parameters."""
        schur, inverse = self.eliminated(damping)
        held = np.einsum("mop,mp->mo", inverse, self.own_gradient)
        right = self.common_gradient - np.einsum("mto,mo->t", self.between, held)
        dg = -np.linalg.solve(schur, right) if right.size else right
        return dg, -held - np.einsum("mop,mtp,t->mo", inverse, self.between, dg)

    def minimum(
        self, x: Array, g: Array, cost: Array, problem: Problem, converged: bool
    ) -> JointMinimum:
        """With covariances, the variance taken from the residual of all spectra."""
        schur, inverse = self.eliminated(1e-12)
        free = g.size + self.own_gradient.size
        variance = float(cost.sum()) / max(2 * int(problem.counts.sum()) - free, 1)
        lean = -np.einsum("mop,mtp->mot", inverse, self.between)
        common = variance * np.linalg.inv(schur) if g.size else np.zeros((0, 0))
        return JointMinimum(x, g, cost, common, variance * inverse, lean, converged)


def _damped(matrix: Array, damping: float) -> Array:
    """With the damping on its diagonal, (M, q, q)."""
    found = matrix.copy()
    size = found.shape[1]
    if size:
        diagonal = np.einsum("mqq->mq", matrix)
        scale = np.maximum(diagonal, 1e-12 * diagonal.max(axis=1, keepdims=True)) + TINY
        found.reshape(-1, size * size)[:, :: size + 1] += damping * scale
    return found
