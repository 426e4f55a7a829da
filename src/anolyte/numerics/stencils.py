r"""Explicit steps of the Allen-Cahn equation, from one source for the CPU and the GPU.

$$ \partial_t n = \kappa L\,\nabla^2 n - L W g'(n) + S\,h'(n), \qquad
   g = n^2 (1-n)^2, \quad h' = 6 n (1-n) $$

What happens in a cell is one plain function of numbers for each count of axes. It is compiled into
the loops over rows of this file, and in `device` into kernels with one thread a cell. The loops
stand beside it because the cache of machine code notices a change of the file in which a loop
stands, and of no other.

Two steps are taken in one pass over memory: the first fills a window of three rows, the second
empties it into the array, whose rows there are no longer needed. A field that does not fit into the
cache is then read and written once for every two steps. No sum is taken, so that bits do not depend
on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit, prange

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid

COMPILED = {"cache": True, "nogil": True, "error_model": "numpy"}


# --- what happens in a cell ---------------------------------------------------------------------


def plane_cell(here, low0, high0, low1, high1, w0, w1, well, push):  # pragma: no cover - compiled
    """The next value of a cell with four neighbours.

    The weights are dt L kappa / h2, `well` is 2 dt L W, `push` is 6 dt S.
    """
    spread = w0 * ((low0 - here) + (high0 - here)) + w1 * ((low1 - here) + (high1 - here))
    return here + spread + here * (1.0 - here) * (push - well * (1.0 - 2.0 * here))


def space_cell(
    here, low0, high0, low1, high1, low2, high2, w0, w1, w2, well, push
):  # pragma: no cover - compiled
    """The next value of a cell with six neighbours."""
    spread = (
        w0 * ((low0 - here) + (high0 - here))
        + w1 * ((low1 - here) + (high1 - here))
        + w2 * ((low2 - here) + (high2 - here))
    )
    return here + spread + here * (1.0 - here) * (push - well * (1.0 - 2.0 * here))


def beyond(edge, far, wraps, sign, offset):  # pragma: no cover - compiled
    """The value in the ghost cell next to an edge cell: that of the other side, or of a wall."""
    return far if wraps else sign * edge + offset


_plane_cell = njit(inline="always")(plane_cell)
_space_cell = njit(inline="always")(space_cell)
_beyond = njit(inline="always")(beyond)


# --- sides --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A side at which the field has a value; on it, half a cell from the centres."""

    value: float


@dataclass(frozen=True)
class Sides:
    """What lies around a grid: nothing passes unless an axis is periodic or a side is held.

    Args:
        grid: The cells.
        held: For each axis what holds its low and its high side, if anything does.

    >>> sides = Sides(Grid.cubic((2, 2), 1.0), held=((Held(1.0), None), (None, None)))
    >>> sides.pad(np.array([[0.75, 0.5], [0.25, 0.0]])).tolist()[0]
    [0.0, 1.25, 1.5, 0.0]
    """

    grid: Grid
    held: tuple[tuple[Held | None, Held | None], ...] = ()

    def __post_init__(self) -> None:
        """Refuse sides that are not there."""
        axes = self.grid.dimensions
        if len(self.held) not in (0, axes):
            raise DataError(f"{axes} axes have sides, {len(self.held)} were given")
        for axis, pair in enumerate(self.held):
            if self.grid.periodic[axis] and any(pair):
                raise DataError(f"axis {axis} is periodic and has no side that could be held")

    @cached_property
    def signs(self) -> Field:
        """A ghost value is that of its edge times this, plus the offset: 1, or -1 if held."""
        held = self.held or ((None, None),) * self.grid.dimensions
        return np.array([[-1.0 if side else 1.0 for side in pair] for pair in held])

    @cached_property
    def offsets(self) -> Field:
        """Twice the value that is held, so that it lies in the middle; zero elsewhere."""
        held = self.held or ((None, None),) * self.grid.dimensions
        return np.array([[2.0 * side.value if side else 0.0 for side in pair] for pair in held])

    def fill(self, padded: Field) -> None:
        """Write the ghost cells of an array that has one on every side; corners are not used."""
        for axis in range(self.grid.dimensions):
            along = np.moveaxis(padded, axis, 0)
            inner = (slice(None), *(slice(1, -1),) * (padded.ndim - 1))
            rows = along[inner]
            if self.grid.periodic[axis]:
                rows[0], rows[-1] = rows[-2], rows[1]
            else:
                (low, high), (below, above) = self.signs[axis], self.offsets[axis]
                rows[0], rows[-1] = low * rows[1] + below, high * rows[-2] + above

    def pad(self, values: Field) -> Field:
        """A copy with ghost cells.

        Raises:
            DataError: The values are not one for each cell.
        """
        if values.shape != self.grid.shape:
            raise DataError(f"a field of shape {values.shape} on a grid of {self.grid.shape}")
        padded = np.pad(np.asarray(values, np.float64), 1)
        self.fill(padded)
        return padded


@dataclass(frozen=True)
class Coefficients:
    """What one step of a certain length multiplies.

    Args:
        weights: dt L kappa / h2 along each axis.
        well: 2 dt L W.
        push: 6 dt S.
    """

    weights: tuple[float, ...]
    well: float
    push: float = 0.0


# --- loops on the CPU ---------------------------------------------------------------------------


@njit(**COMPILED)
def _row(out, low, here, high, w0, w1, well, push, wraps, signs, offsets):  # pragma: no cover
    """One step of a row and its two ghost cells. Views from zero on let loops be vectorised."""
    m = out.size - 2
    row, under, over = out[1 : m + 1], low[1 : m + 1], high[1 : m + 1]
    left, middle, right = here[0:m], here[1 : m + 1], here[2 : m + 2]
    for j in range(m):
        row[j] = _plane_cell(middle[j], under[j], over[j], left[j], right[j], w0, w1, well, push)
    out[0] = _beyond(out[1], out[m], wraps, signs[1, 0], offsets[1, 0])
    out[m + 1] = _beyond(out[m], out[1], wraps, signs[1, 1], offsets[1, 1])


@njit(**COMPILED)
def _wall(out, edge, sign, offset):  # pragma: no cover - compiled
    """The ghost row of a wall."""
    for j in range(out.size):
        out[j] = sign * edge[j] + offset


@njit(**COMPILED)
def _pass(
    x, first, last, old, work, twice, w0, w1, well, push, wraps, signs, offsets
):  # pragma: no cover - compiled
    """One or two steps of the rows from first to last in place.

    `old` has the two rows below and the two above as they were, `work` room for three.
    """
    args = (w0, w1, well, push, wraps[1], signs, offsets)
    low, middle, high = work[0], work[1], work[2]
    after = x[first + 1] if first < last else old[2]
    _row(middle, old[1], x[first], after, *args)
    if first == 1 and not wraps[0]:
        _wall(low, middle, signs[0, 0], offsets[0, 0])
    elif twice:
        _row(low, old[0], old[1], x[first], *args)
    for i in range(first + 1, last + 1):
        _row(high, x[i - 1], x[i], x[i + 1] if i < last else old[2], *args)
        if twice:
            _row(x[i - 1], low, middle, high, *args)
        else:
            x[i - 1, :] = middle
        low, middle, high = middle, high, low
    if last == x.shape[0] - 2 and not wraps[0]:
        _wall(high, middle, signs[0, 1], offsets[0, 1])
    elif twice:
        _row(high, x[last], old[2], old[3], *args)
    if twice:
        _row(x[last], low, middle, high, *args)
    else:
        x[last, :] = middle


@njit(**COMPILED)
def _save(x, bounds, old, wraps, signs, offsets):  # pragma: no cover - compiled
    """Ghost rows, and for each block of rows the two below and the two above as they are."""
    m = x.shape[0] - 2
    if wraps[0]:
        x[0, :], x[m + 1, :] = x[m], x[1]
    else:
        _wall(x[0], x[1], signs[0, 0], offsets[0, 0])
        _wall(x[m + 1], x[m], signs[0, 1], offsets[0, 1])
    for block in range(bounds.size - 1):
        first, last = bounds[block], bounds[block + 1] - 1
        # Beyond a periodic side the second row is an inner one of the other end; beyond a wall the
        # first one alone is used.
        old[block, 0, :] = x[first - 2] if first > 1 else x[m - 1]
        old[block, 1, :], old[block, 2, :] = x[first - 1], x[last + 1]
        old[block, 3, :] = x[last + 2] if last < m else x[2]


@njit(**COMPILED)
def _plane_serial(
    x, steps, bounds, old, work, w0, w1, well, push, wraps, signs, offsets
):  # pragma: no cover - compiled
    while steps > 0:
        twice = steps > 1
        _save(x, bounds, old, wraps, signs, offsets)
        for block in range(bounds.size - 1):
            _pass(x, bounds[block], bounds[block + 1] - 1, old[block], work[block], twice,
                  w0, w1, well, push, wraps, signs, offsets)  # fmt: skip
        steps -= 2 if twice else 1


@njit(parallel=True, **COMPILED)
def _plane_parallel(
    x, steps, bounds, old, work, w0, w1, well, push, wraps, signs, offsets
):  # pragma: no cover - compiled
    while steps > 0:
        twice = steps > 1
        _save(x, bounds, old, wraps, signs, offsets)
        for block in prange(bounds.size - 1):
            _pass(x, bounds[block], bounds[block + 1] - 1, old[block], work[block], twice,
                  w0, w1, well, push, wraps, signs, offsets)  # fmt: skip
        steps -= 2 if twice else 1


@njit(**COMPILED)
def _layer(out, x, i, w0, w1, w2, well, push):  # pragma: no cover - compiled
    """One step of a layer of cells in three dimensions."""
    n, m = x.shape[1] - 2, x.shape[2] - 2
    for j in range(1, n + 1):
        row, middle = out[i, j, 1 : m + 1], x[i, j, 1 : m + 1]
        low0, high0 = x[i - 1, j, 1 : m + 1], x[i + 1, j, 1 : m + 1]
        low1, high1 = x[i, j - 1, 1 : m + 1], x[i, j + 1, 1 : m + 1]
        left, right = x[i, j, 0:m], x[i, j, 2 : m + 2]
        for k in range(m):
            row[k] = _space_cell(
                middle[k], low0[k], high0[k], low1[k], high1[k], left[k], right[k],
                w0, w1, w2, well, push,
            )  # fmt: skip


@njit(**COMPILED)
def _space_serial(out, x, bounds, w0, w1, w2, well, push):  # pragma: no cover - compiled
    for block in range(bounds.size - 1):
        for i in range(bounds[block], bounds[block + 1]):
            _layer(out, x, i, w0, w1, w2, well, push)


@njit(parallel=True, **COMPILED)
def _space_parallel(out, x, bounds, w0, w1, w2, well, push):  # pragma: no cover - compiled
    for block in prange(bounds.size - 1):
        for i in range(bounds[block], bounds[block + 1]):
            _layer(out, x, i, w0, w1, w2, well, push)


def advance(
    values: Field, sides: Sides, coefficients: Coefficients, steps: int, *, threads: int = 1
) -> Field:
    """The field after some steps, on the CPU; the same bits on any number of threads.

    >>> sides = Sides(Grid.cubic((3, 3), 1.0))
    >>> start = np.outer([0.0, 1.0, 0.0], [0.0, 1.0, 0.0])
    >>> advance(start, sides, Coefficients((0.1, 0.1), well=0.0), 1).round(3).tolist()
    [[0.0, 0.1, 0.0], [0.1, 0.6, 0.1], [0.0, 0.1, 0.0]]
    """
    # No more blocks than threads: then no more threads than blocks are at work.
    blocks = min(threads, values.shape[0])
    bounds = 1 + np.linspace(0, values.shape[0], blocks + 1).astype(np.int64)
    if values.ndim == 2:
        return _advance_plane(sides.pad(values), bounds, sides, coefficients, steps)
    return _advance_space(sides.pad(values), bounds, sides, coefficients, steps)


def _advance_plane(x, bounds, sides, coefficients, steps):
    blocks, columns = bounds.size - 1, x.shape[1]
    old, work = np.empty((blocks, 4, columns)), np.empty((blocks, 3, columns))
    run = _plane_serial if blocks == 1 else _plane_parallel
    numbers = (*coefficients.weights, coefficients.well, coefficients.push)
    around: Any = (*numbers, np.array(sides.grid.periodic), sides.signs, sides.offsets)
    run(x, steps, bounds, old, work, *around)
    return np.ascontiguousarray(x[1:-1, 1:-1])


def _advance_space(x, bounds, sides, coefficients, steps):
    out = x.copy()
    run = _space_serial if bounds.size == 2 else _space_parallel
    numbers: Any = (*coefficients.weights, coefficients.well, coefficients.push)
    for _ in range(steps):
        sides.fill(x)
        run(out, x, bounds, *numbers)
        x, out = out, x
    return np.ascontiguousarray(x[1:-1, 1:-1, 1:-1])
