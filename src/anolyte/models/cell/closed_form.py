r"""A void that neither creep nor relaxation closes, in closed form and without a compiler.

With $u = e^{h/c}$, c = 1 nm, the equation of `models.cell.kernel` is then linear,
$u' = (s - v)u/c + v/c$. The kernel has the same compiled, for large batches; a diagnosis asks for
few cells, and compiled code costs a second before its first answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.laws.voids import CLOSED
from anolyte.models.cell import table as at

FEW = 5_000
"""Cells times nodes up to which this is at least as good as compiled code."""
TINY = 1e-9
"""Exponent below which (e^x - 1)/x is one."""


def speaks(table: Any, times: Any) -> bool:
    """Whether a batch is small and nothing but a steady closing acts on any of its voids."""
    return times.size <= FEW and not (table[:, at.CREEP].any() or table[:, at.RELAXATION].any())


def advance(void: Any, current: Any, table: Any, times: Any) -> Any:
    """The void of some cells at the given times.

    Args:
        void: At the start, m, shape (cells,).
        current: A/m2, positive strips this face, shape (cells,).
        table: Coefficients, shape (cells, COLUMNS).
        times: s; the first is the start.

    Returns:
        Voids, m, (cells, times); states; steps; what clamping booked: as the kernel's `advance`.
    """
    speed = table[:, at.SPEED]
    steady = table[:, at.STEADY] + speed * table[:, at.REFILL] * np.maximum(-current, 0.0)
    net = (speed * np.maximum(current, 0.0) - steady)[:, None]
    time = (times - times[:, :1]) / CLOSED
    deep = void[:, None] / CLOSED
    x = net * time
    end = deep + x
    least = -np.maximum(np.abs(x), TINY)
    closed = steady[:, None] * time * np.expm1(least) / least
    # the exponential of a deep void is never taken
    over = np.maximum(end, 0.0)
    grown = np.exp(end - over) + closed * np.exp(-np.where(x > 0.0, deep, over))
    found = np.maximum(CLOSED * (over + np.log(grown)), 0.0)
    found[:, 0] = void
    stuck = ~(np.isfinite(found).all(axis=1) & ~np.isnan(table).any(axis=1))
    found[stuck] = void[stuck, None]
    one = np.ones(void.shape, dtype=np.int64)
    return found, np.where(stuck, at.STUCK, at.DONE), one, np.zeros(void.shape)
