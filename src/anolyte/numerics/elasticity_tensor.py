"""Symmetric tensors in the cells of a grid: strains and stresses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid


def pairs(dimensions: int) -> tuple[tuple[int, int], ...]:
    """The planes of shear: two different axes each.

    >>> pairs(2), pairs(3)
    (((0, 1),), ((0, 1), (0, 2), (1, 2)))
    """
    return tuple(combinations(range(dimensions), 2))


@dataclass(frozen=True, eq=False)
class Tensor:
    """A symmetric tensor in every cell.

    Args:
        normal: (3, cells): along the axes of the grid; in two dimensions the third is the one
            across the plane.
        shear: (1, cells) in two dimensions and (3, cells) in three, in the order of `pairs`: the
            entries of the tensor itself, half of the angle if it is a strain.

    >>> stress = Tensor(np.array([[[3.0]], [[0.0]], [[0.0]]]), np.zeros((1, 1, 1)))
    >>> float(stress.mean()[0, 0]), float(stress.von_mises()[0, 0])
    (1.0, 3.0)
    """

    normal: Field
    shear: Field

    def __post_init__(self) -> None:
        """Refuse entries that do not belong together."""
        cells = self.normal.shape[1:]
        if self.normal.shape[0] != 3 or self.shear.shape != (len(pairs(len(cells))), *cells):
            raise DataError(
                f"normal entries {self.normal.shape} and shear entries {self.shear.shape} make no "
                "tensor: (3, cells) and (1 or 3, cells) do"
            )

    @classmethod
    def zero(cls, grid: Grid) -> Tensor:
        """Nothing in every cell."""
        return cls(np.zeros((3, *grid.shape)), np.zeros((len(pairs(grid.dimensions)), *grid.shape)))

    @classmethod
    def isotropic(cls, each: Field) -> Tensor:
        """The same along every axis, across the plane too."""
        shape = (len(pairs(each.ndim)), *each.shape)
        return cls(np.repeat(each[None], 3, axis=0), np.zeros(shape))

    @classmethod
    def along(cls, amount: Field, direction: tuple[Field, ...]) -> Tensor:
        """m n n^T, a stretch m along unit vectors n in the space of the grid."""
        normal = np.zeros((3, *amount.shape))
        for axis, part in enumerate(direction):
            normal[axis] = amount * part**2
        shear = [amount * direction[a] * direction[b] for a, b in pairs(amount.ndim)]
        return cls(normal, np.stack(shear))

    def __add__(self, other: Tensor) -> Tensor:
        """Entry by entry."""
        return Tensor(self.normal + other.normal, self.shear + other.shear)

    def __sub__(self, other: Tensor) -> Tensor:
        """Entry by entry."""
        return Tensor(self.normal - other.normal, self.shear - other.shear)

    def __mul__(self, factor: Field | float) -> Tensor:
        """Times a number, or one for each cell."""
        return Tensor(self.normal * factor, self.shear * factor)

    def trace(self) -> Field:
        """Sum of the normal entries."""
        return self.normal.sum(axis=0)

    def mean(self) -> Field:
        """A third of the trace: of a stress, the pressure with its sign turned."""
        return self.trace() / 3.0

    def deviator(self) -> Tensor:
        """Without the mean."""
        return Tensor(self.normal - self.mean(), self.shear)

    def product(self, other: Tensor) -> Field:
        """Double contraction with another tensor."""
        return (self.normal * other.normal).sum(axis=0) + 2.0 * (self.shear * other.shear).sum(
            axis=0
        )

    def von_mises(self) -> Field:
        """Equivalent stress, sqrt(3/2 s:s)."""
        deviator = self.deviator()
        return np.sqrt(1.5 * deviator.product(deviator))

    def principal(self) -> Field:
        """(3, cells): the principal values, the least first."""
        cells = self.normal.shape[1:]
        matrix = np.zeros((*cells, 3, 3))
        for axis in range(3):
            matrix[..., axis, axis] = self.normal[axis]
        for (a, b), entry in zip(pairs(len(cells)), self.shear, strict=True):
            matrix[..., a, b] = matrix[..., b, a] = entry
        return np.asarray(np.moveaxis(np.linalg.eigvalsh(matrix), -1, 0), np.float64)

    def across(self, direction: tuple[Field, ...]) -> Field:
        """n.S.n for unit vectors n in the space of the grid."""
        total = sum(self.normal[axis] * part**2 for axis, part in enumerate(direction))
        for (a, b), entry in zip(pairs(len(direction)), self.shear, strict=True):
            total = total + 2.0 * entry * direction[a] * direction[b]
        return np.asarray(total, np.float64)
