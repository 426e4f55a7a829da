"""Where a window lies that holds all cells which have moved, and some around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.numerics.grid import Grid

MARGIN = 12
"""Cells around those that moved, at least: three widths of four cells."""
ROUNDED = 8
"""Cells to which a window is rounded up, so that windows of few shapes are met; a large one to
between an eighth and a fourth of its size."""
SHARE = 0.3
"""Of all cells: a larger window saves too little."""


@dataclass(frozen=True)
class Span:
    """Cells of a window along each axis, the held rim not counted.

    Args:
        first: Cell, for each axis.
        cells: How many.
    """

    first: tuple[int, ...]
    cells: tuple[int, ...]

    @classmethod
    def around(cls, moved: np.ndarray, grid: Grid) -> Span | None:
        """The largest window around cells that is a small part of the grid; None if none is."""
        if not moved.any():
            return None
        found, margin = None, MARGIN
        while (wider := cls._with_margin(moved, grid, margin)) is not None:
            found, margin = wider, 2 * margin
        return found

    @classmethod
    def _with_margin(cls, moved: np.ndarray, grid: Grid, margin: int) -> Span | None:
        first, cells = [], []
        for axis, n in enumerate(grid.shape):
            others = tuple(k for k in range(grid.dimensions) if k != axis)
            along = np.asarray(moved.any(axis=others))
            start, count = _stretch(along, n, periodic=grid.periodic[axis])
            count += 2 * margin
            count += -count % max(ROUNDED, 1 << (count.bit_length() - 3))
            start -= margin
            if not grid.periodic[axis]:  # its rim stays inside
                count = min(count, n - 2)
                start = min(max(start, 1), n - 1 - count)
            if count > n - 2:
                return None
            first.append(start)
            cells.append(count)
        if np.prod(cells) > SHARE * grid.cells:
            return None
        return cls(tuple(first), tuple(cells))

    def inside(self, grid: Grid) -> Any:
        """Index of its cells, the rim among them."""
        return np.ix_(*(self.places(grid, axis) for axis in range(grid.dimensions)))

    def faces(self, grid: Grid, component: int) -> Any:
        """Index of its faces across an axis."""
        return np.ix_(
            *(self.places(grid, axis, int(axis == component)) for axis in range(grid.dimensions))
        )

    def places(self, grid: Grid, axis: int, more: int = 0) -> np.ndarray:
        """Cells (or with one more, faces) along an axis, the rim among them."""
        found = np.arange(self.first[axis] - 1, self.first[axis] + self.cells[axis] + 1 + more)
        return found % grid.shape[axis] if grid.periodic[axis] else found


def _stretch(moved: np.ndarray, n: int, *, periodic: bool) -> tuple[int, int]:
    """First cell and count of the shortest stretch with all that moved."""
    places = np.flatnonzero(moved)
    if not periodic:
        return int(places[0]), int(places[-1] - places[0] + 1)
    gaps = np.diff(np.append(places, places[0] + n))
    widest = int(np.argmax(gaps))
    start = int(places[(widest + 1) % places.size])
    return start, int(n - gaps[widest] + 1)
