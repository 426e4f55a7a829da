r"""Dense revised simplex for the small linear programmes of phase equilibrium.

Every programme has the same shape: N columns (phases) with energies E and rows of amounts A (N, m),
and a right-hand side b of m elements,

$$ \min_x \; E \cdot x \quad \text{subject to} \quad x A = b, \; x \ge 0 . $$

A basis is m phases that balance b. The m x m basis matrix is inverted afresh at each pivot: at this
size that costs as much as an update of the inverse and leaves no drift to be cleaned up.

Range: m up to about 12. Source: the textbook method (V. Chvatal, Linear Programming, 1983), with
the rule of R. G. Bland (1977) against cycling.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anolyte.core.errors import NotConverged
from anolyte.numerics.phase_table import Array, Indices

PRICE = 1e-11
"""Energy per atom by which a phase must beat the basis to enter it."""
PIVOT = 1e-10
"""Smallest pivot. Composition fractions give pivots above about 1e-6; rounding gives 1e-13."""
TIE = 1e-12
"""Amounts (or shares of the walk) nearer than this count as equal."""
LENGTH = 1e-9
"""Pieces of a walk no longer than this are degenerate: their slope is an accident of the basis."""
PATIENCE = 20
"""Degenerate pivots in a row after which Bland's rule, which cannot cycle, takes over."""
LIMIT = 2000
"""Pivots after which the programme is given up."""


class Basis(NamedTuple):
    """Phases of a programme (rows of A), the inverse of A[columns], and the prices (m,)."""

    columns: Indices
    inverse: Array
    prices: Array


class Piece(NamedTuple):
    """One linear piece of a walk: amounts x(s) = constant + s * rate of the phases in `columns`."""

    low: float
    high: float
    columns: Indices
    constant: Array
    rate: Array
    prices: Array


def factorise(amounts: Array, energies: Array, columns: Indices) -> Basis:
    """Inverse and prices of the basis made of `columns`.

    Raises:
        NotConverged: the columns are linearly dependent.
    """
    try:
        inverse = np.linalg.inv(amounts[columns])
    except np.linalg.LinAlgError:
        raise NotConverged("the phases of a basis are linearly dependent") from None
    return Basis(columns, inverse, inverse @ energies[columns])


def minimise(amounts: Array, energies: Array, target: Array, columns: Indices) -> Basis:
    """Least-energy basis for `target`, by the primal simplex from the feasible basis `columns`.

    Args:
        amounts: elements in each phase, (N, m).
        energies: (N,), in the unit of the prices.
        target: (m,), non-negative.
        columns: m phases that balance the target.

    Raises:
        NotConverged: more than `LIMIT` pivots.

    >>> minimise(
    ...     np.array([[1.0, 0], [0, 1], [0.5, 0.5]]),
    ...     np.array([0.0, 0, -1]),
    ...     np.array([0.75, 0.25]),
    ...     np.array([0, 1]),
    ... ).prices
    array([ 0., -2.])
    """
    stalled = 0
    for _ in range(LIMIT):
        basis = factorise(amounts, energies, columns)
        gain = energies - amounts @ basis.prices
        gain[columns] = 0.0
        bland = stalled > PATIENCE
        entering = int((gain < -PRICE).argmax() if bland else gain.argmin())
        if gain[entering] >= -PRICE:
            return basis
        present = (target @ basis.inverse).tolist()
        consumed = (amounts[entering] @ basis.inverse).tolist()
        row, step = _leaving(present, consumed, columns if bland else None)
        if row < 0:
            raise NotConverged("the energy of the phase table has no lower bound")
        stalled = stalled + 1 if step <= TIE else 0
        columns = columns.copy()
        columns[row] = entering
    raise NotConverged(f"no equilibrium after {LIMIT} simplex pivots")


def _leaving(
    present: list[float], consumed: list[float], order: Indices | None
) -> tuple[int, float]:
    """Ratio test: the row used up first, and the step; ties by largest pivot, or by `order`."""
    row, step = -1, np.inf
    for i, rate in enumerate(consumed):
        if rate <= PIVOT:
            continue
        ratio = max(present[i], 0.0) / rate
        tied = row >= 0 and abs(ratio - step) <= TIE
        if tied:
            better = rate > consumed[row] if order is None else order[i] < order[row]
        else:
            better = ratio < step
        if better:
            row, step = i, ratio if row < 0 else min(ratio, step)
    return row, step


def walk(
    amounts: Array, energies: Array, base: Array, direction: Array, basis: Basis, start: float
) -> tuple[list[Piece], Basis]:
    """Exact equilibria of b(s) = base + s * direction, from s = `start` down to 0; the last basis.

    A basis stays optimal until one of its amounts reaches zero; that phase leaves, and the dual
    ratio test names the one that enters. Degenerate pieces (`LENGTH`) are passed over.

    Args:
        amounts: elements in each phase, (N, m).
        energies: (N,).
        base: (m,), the right-hand side at s = 0.
        direction: (m,), its change with s.
        basis: optimal at `start`.
        start: may be infinite.

    Raises:
        NotConverged: more than `LIMIT` pivots, or no equilibrium below some s.
    """
    pieces: list[Piece] = []
    high, stalled = start, 0
    for _ in range(LIMIT):
        columns, inverse, prices = basis
        constant, rate = base @ inverse, direction @ inverse
        row, low = _vanishing(constant.tolist(), rate.tolist(), columns, high, stalled > PATIENCE)
        if high - low > LENGTH:
            pieces.append(Piece(low if low > TIE else 0.0, high, columns, constant, rate, prices))
            stalled = 0
        else:
            stalled += 1
        if low <= TIE:
            return pieces, basis
        high = min(low, high)
        entering = _replacement(amounts, energies, basis, row, stalled > PATIENCE)
        if entering < 0:
            raise NotConverged(f"no phases balance the composition beyond s = {high}")
        columns = columns.copy()
        columns[row] = entering
        basis = factorise(amounts, energies, columns)
    raise NotConverged(f"no end of the walk after {LIMIT} simplex pivots")


def _vanishing(
    constant: list[float], rate: list[float], columns: Indices, high: float, bland: bool
) -> tuple[int, float]:
    """Row whose amount reaches zero first as s falls, and the s where it does (-inf: none)."""
    row, low = -1, -np.inf
    for i, slope in enumerate(rate):
        if slope <= PIVOT:
            continue
        zero = min(-constant[i] / slope, high)
        tied = row >= 0 and abs(zero - low) <= TIE
        if tied:
            better = columns[i] < columns[row] if bland else slope > rate[row]
        else:
            better = zero > low
        if better:
            row, low = i, max(zero, low)
    return row, low


def _replacement(amounts: Array, energies: Array, basis: Basis, row: int, bland: bool) -> int:
    """Dual ratio test: the phase that takes the place of `row` at least cost (-1: none can)."""
    pivots = -(amounts @ basis.inverse[:, row])
    pivots[basis.columns] = 0.0
    able = (pivots > PIVOT).nonzero()[0]
    if not able.size:
        return -1
    pivots = pivots[able]
    gain = (energies - amounts @ basis.prices)[able]
    ratio = np.maximum(gain, 0.0) / pivots
    tied = (ratio <= ratio[ratio.argmin()] + TIE).nonzero()[0]
    return int(able[tied[0] if bland else tied[pivots[tied].argmax()]])
