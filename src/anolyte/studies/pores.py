r"""How current crowds beside a pore or a void: over a stated length, with its convergence.

A rim has a singular current density, cut off only by charge transfer, so that a bare peak is a
number of the grid. What is told is the mean over a length beyond the rim, on three grids, and what
they tend to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.conduction import Conductor
from anolyte.numerics.grid import Field, Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

BOX = {2: 20.0, 3: 8.0}
"""Edge of the field in half-widths: what its sides do falls as the square of it, or the cube."""
CELLS = {2: (16, 32, 64), 3: (8, 12, 16)}
"""Across a half-width, on the three grids."""


class Shape(Protocol):
    """A pore, as the field sees it; lengths in half-widths."""

    def openness(self, grid: Grid) -> Field:
        """Share of every cell that conducts."""
        ...

    def contact(self, grid: Grid) -> Field:
        """Share of every face of the electrode that is in contact."""
        ...

    def layer(self, grid: Grid) -> int:
        """Of faces across z, where the current is looked at."""
        ...

    def closed_form(self, length: float, dimensions: int) -> float | None:
        """The mean in an unbounded field without charge transfer, where it is known."""
        ...


@dataclass(frozen=True)
class InBulk:
    """A pore inside the electrolyte: an ellipse, or an ellipsoid of revolution about z.

    Args:
        aspect: Height over width.

    >>> round(InBulk(1.0).closed_form(1.0, 2), 6), round(InBulk(1.0).closed_form(1.0, 3), 6)
    (1.5, 1.166667)
    """

    aspect: float = 1.0

    def openness(self, grid: Grid) -> Field:
        """One minus the share inside, linear across the surface."""
        z, *across = grid.mesh()
        z = (z - 0.5 * grid.lengths[0]) / self.aspect
        level = np.sqrt(sum((c * c for c in across), z * z))
        steep = np.sqrt(sum((c * c for c in across), (z / self.aspect) ** 2))
        distance = (level - 1.0) * level / np.maximum(steep, 1e-9)
        return np.clip(0.5 + distance / grid.spacing[0], 0.0, 1.0)

    def contact(self, grid: Grid) -> Field:
        """Whole."""
        return np.ones(grid.shape[1:])

    def layer(self, grid: Grid) -> int:
        """Through the middle."""
        return grid.shape[0] // 2

    def closed_form(self, length: float, dimensions: int) -> float | None:
        """Of an ellipse by conformal mapping; of a ball by its dipole."""
        if dimensions == 2:
            focus = 1.0 - self.aspect**2
            radius = 0.5 * (1.0 + self.aspect)
            place = 0.5 * (1.0 + length + math.sqrt((1.0 + length) ** 2 - focus))
            return (place - radius**2 / place) / length
        if self.aspect != 1.0:
            return None
        return 1.0 + (1.0 - 1.0 / (1.0 + length)) / ((1.0 + length) ** 2 - 1.0)


@dataclass(frozen=True)
class AtElectrode:
    """A flat void between electrode and electrolyte: a strip, or a disc.

    >>> round(AtElectrode().closed_form(1.0, 2), 6)
    1.732051
    """

    def openness(self, grid: Grid) -> Field:
        """Whole: the void has no height."""
        return np.ones(grid.shape)

    def contact(self, grid: Grid) -> Field:
        """None within the half-width."""
        _, *across = grid.mesh()
        radius = np.sqrt(sum(c * c for c in across))[0]
        return np.clip(0.5 + (radius - 1.0) / grid.spacing[0], 0.0, 1.0)

    def layer(self, grid: Grid) -> int:
        """The electrode."""
        return 0

    def closed_form(self, length: float, dimensions: int) -> float | None:
        """Of a strip; of a disc by the area under its known current."""
        if dimensions == 2:
            return math.sqrt(1.0 + 2.0 / length)
        radius = 1.0 + np.linspace(0.0, 1.0, 20001)[1:] ** 2 * length
        beyond = np.sqrt(radius**2 - 1.0)
        density = 1.0 + 2.0 / math.pi * (1.0 / beyond - np.arcsin(1.0 / radius))
        # The square root at the rim is integrated by the substitution of the points above.
        weight = 2.0 * radius * np.gradient(radius)
        return float((density * weight).sum() / weight.sum())


@dataclass(frozen=True)
class PoreSetup:
    """What is simulated.

    Args:
        interface: Electrolyte and anode.
        conditions: Current density and temperature.
        half_width: m, across the current.
        shape: Where it is and what it looks like.
        length: m, beyond the rim, over which the current is averaged.
        resistance: ohm m2, of charge transfer; from the pair. Inside the electrolyte it plays no
            part.
        dimensions: 2, a channel; 3, a pore.
        lib: Where pair files are looked up; None: the package's.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    half_width: float = 5e-6
    shape: Shape = field(default_factory=AtElectrode)
    length: float = 1e-6
    resistance: float | None = None
    dimensions: int = 2
    lib: Library | None = None

    def __post_init__(self) -> None:
        """Refuse lengths that the field cannot show."""
        if self.dimensions not in CELLS:
            raise DataError(f"two or three dimensions, not {self.dimensions}")
        least = 2.0 * self.half_width / CELLS[self.dimensions][0]
        most = self.half_width * (BOX[self.dimensions] - 1.0) / 2.0
        if not least <= self.length <= most:
            raise DataError(
                f"the current beside a pore of half-width {self.half_width * 1e6:.3g} um can be "
                f"averaged over {least * 1e6:.3g} to {most * 1e6:.3g} um, not "
                f"{self.length * 1e6:.3g} um"
            )

    @cached_property
    def conductivity(self) -> float:
        """S/m."""
        return self.interface.electrolyte.need("ionic_conductivity").si

    @cached_property
    def transfer_resistance(self) -> float:
        """ohm m2, at rest."""
        if self.resistance is not None:
            return self.resistance
        pair = pairs.contact(self.interface.electrolyte, self.interface.anode, self.lib)
        thermal = BOLTZMANN * self.conditions.temperature / ELEMENTARY_CHARGE
        return thermal / pair.need("exchange_current_density").si

    @property
    def wagner_length(self) -> float:
        """m, sigma R_ct: below it charge transfer evens the current out."""
        return self.conductivity * self.transfer_resistance

    def factor(self, cells: int) -> float:
        """Mean current density beyond the rim over the applied one, on one grid."""
        count = round(BOX[self.dimensions] * cells)
        grid = Grid.cubic((count,) * self.dimensions, 1.0 / cells)
        shape = self.shape
        conductor = Conductor(grid, np.ones(grid.shape), shape.openness(grid))
        faces = conductor.faces(anode=True, counter=False)
        # Charge transfer in series with half a cell; everything in half-widths and conductivities.
        reach = self.wagner_length / self.half_width
        area = grid.face_area(0)
        faces[0][0] = area * shape.contact(grid) / (0.5 / cells + reach)
        right = np.zeros(grid.shape)
        right[-1] = area
        network = Network(grid, faces, np.zeros(grid.shape))
        found = solve(Hierarchy(network), right, stop=Stop(1e-11)).values
        below = np.concatenate([np.zeros_like(found[:1]), found])
        layer = shape.layer(grid)
        through = faces[0][layer] * (below[layer + 1] - below[layer]) / area
        _, *across = grid.mesh()
        radius = np.sqrt(sum(c * c for c in across))[0] * np.ones(grid.shape[1:])
        inside = np.clip(0.5 + (radius - 1.0) * cells, 0.0, 1.0)
        inside *= np.clip(0.5 + (1.0 + self.length / self.half_width - radius) * cells, 0.0, 1.0)
        return float((through * inside).sum() / inside.sum())

    def __call__(self) -> PoreResult:
        """Three grids, and what they tend to."""
        cells = CELLS[self.dimensions]
        found = tuple(self.factor(count) for count in cells)
        # Rims and staircases are of first order: on a straight line to a vanishing edge.
        limit = found[2] + (found[2] - found[1]) * cells[1] / (cells[2] - cells[1])
        closed = None
        if self.wagner_length < 1e-6 * self.half_width or isinstance(self.shape, InBulk):
            closed = self.shape.closed_form(self.length / self.half_width, self.dimensions)
        return PoreResult(
            cell=str(self.interface),
            where="inside the electrolyte" if isinstance(self.shape, InBulk) else "at the anode",
            dimensions=self.dimensions,
            factor=limit,
            error=abs(limit - found[2]),
            factors=found,
            spacings=tuple(self.half_width / count for count in cells),
            closed_form=closed,
            half_width=self.half_width,
            length=self.length,
            wagner_length=self.wagner_length,
            current_density=self.conditions.current_density * limit,
        )


@dataclass(frozen=True)
class PoreResult(Result):
    """How current crowds beside a pore.

    Args:
        cell, where: In words.
        dimensions: 2, a channel; 3, a pore.
        factor: Mean current density over the length beyond the rim, over the applied one.
        error: What the finest grid differs from it.
        factors: On each grid.
        spacings: m, of the grids.
        closed_form: In an unbounded field; None: none is known, or charge transfer counts.
        half_width, length: m.
        wagner_length: m, conductivity times resistance of charge transfer.
        current_density: A/m2, beside the rim.
    """

    cell: str
    where: str
    dimensions: int
    factor: float = quantity("number")
    error: float = quantity("number")
    factors: tuple[float, ...] = quantity("number")
    spacings: tuple[float, ...] = quantity("length")
    closed_form: float | None = quantity("number", default=None)
    half_width: float = quantity("length", default=0.0)
    length: float = quantity("length", default=0.0)
    wagner_length: float = quantity("length", default=0.0)
    current_density: float = quantity("current_density", default=0.0)
