r"""Conductances between the cells of a conductor that is made of unlike parts.

$$ g = \bar\psi\,A\Big/\left(\frac{h}{2\sigma_L} + r + \frac{h}{2\sigma_R}\right) $$

for two neighbours, with r the resistance of a boundary between them (grain boundaries are far
thinner than a cell) and psi the open share of a cell, which metal or a pore leaves to the
conductor. The conductivities of neighbours are in series, so their mean is harmonic; psi changes
smoothly over the width of an interface, and its mean is arithmetic: a harmonic one would shift the
front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid


@dataclass(frozen=True, eq=False)
class Conductor:
    """What conducts ions in the cells.

    Args:
        grid: The cells.
        conductivity: S/m, of each cell where it is open.
        openness: Share of each cell that is left to the conductor, psi; all of it.
        boundaries: ohm m2, for each axis the resistance of every face across it; none.
    """

    grid: Grid
    conductivity: Field
    openness: Field | None = None
    boundaries: Sequence[Field | None] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays of another grid, and numbers that are no conductivity."""
        for name, values in (("conductivity", self.conductivity), ("openness", self.openness)):
            if values is None:
                continue
            if values.shape != self.grid.shape:
                raise DataError(f"{name} has shape {values.shape}, the grid {self.grid.shape}")
            if not (np.isfinite(values).all() and values.min() >= 0.0):
                raise DataError(f"{name} must be a number that is not negative in every cell")

    def faces(self, *, anode: bool, counter: bool) -> tuple[Field, ...]:
        """S, or S/m in two dimensions: the conductance of every face, by axis.

        Args:
            anode: Whether an equipotential touches the side z = 0.
            counter: Whether one touches the side z = H. Other outer sides are closed, unless they
                are periodic.
        """
        found = []
        with np.errstate(divide="ignore"):
            half = 0.5 / self.conductivity
        for axis, edge in enumerate(self.grid.spacing):
            inside = edge * (_before(half, axis) + _after(half, axis))
            if self.boundaries is not None and (extra := self.boundaries[axis]) is not None:
                inside = inside + extra
            area = self.grid.face_area(axis)
            found.append(area * self._share(axis) / inside)
            ends = np.moveaxis(found[-1], axis, 0)
            if self.grid.periodic[axis]:
                continue
            alone = area / (edge * np.moveaxis(half, axis, 0))
            open_share = np.moveaxis(self._open(), axis, 0)
            for side, there in ((0, anode), (-1, counter)):
                ends[side] = open_share[side] * alone[side] if there and axis == 0 else 0.0
        return tuple(found)

    def _open(self) -> Field:
        return np.ones(self.grid.shape) if self.openness is None else self.openness

    def _share(self, axis: int) -> Field | float:
        if self.openness is None:
            return 1.0
        return 0.5 * (_before(self.openness, axis) + _after(self.openness, axis))


def _before(values: Field, axis: int) -> Field:
    """The cell before each face; at the first one the last cell."""
    return np.concatenate([np.take(values, [-1], axis), values], axis)


def _after(values: Field, axis: int) -> Field:
    """The cell after each face; at the last one the first cell."""
    return np.concatenate([values, np.take(values, [0], axis)], axis)
