"""A uniform grid of cells in two or three dimensions.

Scalars live at cell centres, fluxes on faces. Axis 0 is the one along which the current runs; the
last axis is the one that is contiguous in memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError

Field = NDArray[np.float64]
FEWEST = 2
"""Cells along an axis: a stencil needs a neighbour."""


def rim(axis: int, dimensions: int) -> NDArray[np.int64]:
    """One more cell on both sides along one axis, as `numpy.pad` wants to hear it.

    >>> rim(1, 2).tolist()
    [[0, 0], [1, 1]]
    """
    found = np.zeros((dimensions, 2), np.int64)
    found[axis] = 1
    return found


@dataclass(frozen=True)
class Grid:
    """Cells of one size.

    Args:
        shape: Cells along each axis, two or three of them.
        spacing: m, or any length, edge of a cell along each axis.
        periodic: Whether the field goes on at the other side, for each axis.

    Raises:
        DataError: Two or three axes were not given, or an edge or a count is not usable.

    >>> grid = Grid.cubic((4, 8), 0.5, periodic=(False, True))
    >>> grid.lengths, grid.cells, grid.face_shape(0), grid.centres(0).tolist()
    ((2.0, 4.0), 32, (5, 8), [0.25, 0.75, 1.25, 1.75])
    """

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    periodic: tuple[bool, ...]

    def __post_init__(self) -> None:
        """Refuse what is no grid."""
        if len(self.shape) not in (2, 3):
            raise DataError(f"a grid has two or three axes, not {len(self.shape)}")
        if not len(self.shape) == len(self.spacing) == len(self.periodic):
            raise DataError(
                f"shape {self.shape}, spacing {self.spacing} and periodic {self.periodic} must "
                "have one entry for each axis"
            )
        if min(self.shape) < FEWEST:
            raise DataError(f"a grid needs at least {FEWEST} cells along each axis: {self.shape}")
        if not all(math.isfinite(edge) and edge > 0.0 for edge in self.spacing):
            raise DataError(f"the edges of a cell must be positive: {self.spacing}")

    @classmethod
    def cubic(
        cls, shape: Sequence[int], edge: float, *, periodic: Sequence[bool] | None = None
    ) -> Grid:
        """Cells with equal edges; sides are closed unless told otherwise."""
        wraps = (False,) * len(shape) if periodic is None else tuple(periodic)
        return cls(tuple(shape), (edge,) * len(shape), wraps)

    @property
    def dimensions(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def cells(self) -> int:
        """How many cells."""
        return math.prod(self.shape)

    @property
    def lengths(self) -> tuple[float, ...]:
        """m, edges of the whole."""
        return tuple(n * h for n, h in zip(self.shape, self.spacing, strict=True))

    @property
    def cell_volume(self) -> float:
        """m3, or m2 in two dimensions."""
        return math.prod(self.spacing)

    def face_area(self, axis: int) -> float:
        """m2, or m in two dimensions, of one face across an axis."""
        return self.cell_volume / self.spacing[axis]

    def face_shape(self, axis: int) -> tuple[int, ...]:
        """Shape of an array with a value on each face across an axis, both outer sides in it."""
        return tuple(n + (k == axis) for k, n in enumerate(self.shape))

    def centres(self, axis: int) -> Field:
        """m, where the cells along an axis have their centres."""
        return np.asarray((np.arange(self.shape[axis]) + 0.5) * self.spacing[axis], np.float64)

    def mesh(self) -> tuple[Field, ...]:
        """m, coordinates of the centres of all cells, each ready to broadcast."""
        places = [self.centres(axis) for axis in range(self.dimensions)]
        return tuple(np.meshgrid(*places, indexing="ij", sparse=True))
