r"""Elastic equilibrium of solids on a grid: small strain, any mix of materials, plane or in space.

$$ \nabla\cdot S = 0, \qquad S = \lambda\,\mathrm{tr}(\varepsilon - \varepsilon^*)\,I
   + 2\mu\,(\varepsilon - \varepsilon^*) $$

Displacements live on faces, normal stresses at centres, shear stresses on edges with the harmonic
mean of the moduli of the cells that meet there: a cell without stiffness makes a free surface by
itself. In two dimensions the strain across the plane is zero. The stiffness is the second
derivative of the elastic energy, so it is symmetric, and forces between cells cancel exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.conjugate_gradients import dot
from anolyte.numerics.elasticity_frame import Frame, Sides
from anolyte.numerics.elasticity_multigrid import Cycle, Matrix, Step, conjugate_gradients
from anolyte.numerics.elasticity_tensor import Tensor, pairs
from anolyte.numerics.grid import Field, Grid

TOLERANCE = 1e-8
"""Of the forces left over, relative to the forces of the loads."""
RIGID = 1e-10
"""Forces of a motion, relative to those of its parts alone, below which a rigid body makes it."""
UNBALANCED = 1e-6
"""Share of the loads that may push such a motion: rounding."""


def lame(youngs_modulus: Field | float, poissons_ratio: Field | float):
    r"""First Lame constant and shear modulus, Pa.

    $$ \lambda = \frac{E\nu}{(1+\nu)(1-2\nu)}, \qquad \mu = \frac{E}{2(1+\nu)} $$

    >>> lame(2.5, 0.25)
    (1.0, 1.0)
    """
    shear = youngs_modulus / (2.0 * (1.0 + poissons_ratio))
    return 2.0 * shear * poissons_ratio / (1.0 - 2.0 * poissons_ratio), shear


Stressless = tuple[Tensor | None, Sequence[Field] | None]
"""Strain without stress: in the cells, and shear angles on edges."""


@dataclass(frozen=True, eq=False)
class Deformation:
    """Where the loads bring a solid.

    Args:
        displacement: m, for each axis on the faces across it, `grid.face_shape(axis)`.
        strain: In the cells, total.
        stress: Pa, in the cells; tension is positive.
        edge_stress: Pa, shear on the edges of each plane of shear, where the solid decides it.
        energy: J (J/m in the plane), elastic.
        side_stress: Pa, mean normal stress on the lower and upper side of each axis; zero along a
            periodic one.
        iterations: Of conjugate gradients.
        unknowns: What the next solution may start from.
    """

    displacement: tuple[Field, ...]
    strain: Tensor
    stress: Tensor
    edge_stress: tuple[Field, ...]
    energy: float
    side_stress: tuple[tuple[float, float], ...]
    iterations: int
    unknowns: Field


@dataclass(frozen=True, eq=False)
class Solid:
    """Cells of elastic material between sides.

    Args:
        grid: The cells.
        first_lame: Pa, lambda of every cell.
        shear_modulus: Pa, mu of every cell, positive: give a void a millionth of its neighbours.
        sides: For each axis its lower and its upper side, None along a periodic one.

    Raises:
        DataError: A modulus that no stable solid has, or fields of another grid.

    A plate pulled by 1 Pa, its stiffness 1 Pa and Poisson's ratio zero:

    >>> from anolyte.numerics.elasticity_sides import Loaded, Roller
    >>> grid = Grid.cubic((4, 4), 1.0)
    >>> sides = (Roller(), Loaded((1.0, 0.0))), (Roller(), Roller())
    >>> solid = Solid(grid, np.zeros((4, 4)), np.full((4, 4), 0.5), sides)
    >>> round(float(solid.deformed().displacement[0][-1, 0]), 9)
    4.0
    """

    grid: Grid
    first_lame: Field
    shear_modulus: Field
    sides: Sides

    def __post_init__(self) -> None:
        """Refuse what is no solid."""
        for name, values in (("lambda", self.first_lame), ("mu", self.shear_modulus)):
            if values.shape != self.grid.shape:
                raise DataError(f"{name} has shape {values.shape}, not {self.grid.shape}")
            if not np.isfinite(values).all():
                raise DataError(f"{name} must be finite in every cell")
        if self.shear_modulus.min() <= 0.0 or self._bulk().min() < 0.0:
            raise DataError(
                "the shear modulus must be positive and the bulk modulus not negative in every "
                "cell; give voids a small stiffness"
            )

    def _bulk(self) -> Field:
        return self.first_lame + 2.0 / 3.0 * self.shear_modulus

    @cached_property
    def frame(self) -> Frame:
        """The grid with its sides."""
        return Frame(self.grid, self.sides)

    @cached_property
    def edge_moduli(self) -> tuple[Field, ...]:
        """Pa, harmonic mean of the shear moduli that meet in each edge, for each pair."""
        each = 1.0 / self.shear_modulus
        return tuple(1.0 / self.frame.to_edges(each, pair) for pair in pairs(self.grid.dimensions))

    def with_moduli(self, first_lame: Field, shear_modulus: Field) -> Solid:
        """The same body of other materials; what depends on the grid alone is kept."""
        other = Solid(self.grid, first_lame, shear_modulus, self.sides)
        other.__dict__["frame"] = self.frame
        other.__dict__["steps"] = self.steps
        other.__dict__["rigid"] = self.rigid
        return other

    # Stiffness ------------------------------------------------------------------------------------

    @cached_property
    def matrix(self) -> Matrix:
        """N/m, the stiffness between free values."""
        frame, volume = self.frame, self.grid.cell_volume
        weights = [self.first_lame.ravel() * volume, self.shear_modulus.ravel() * 2.0 * volume]
        weights += [(v * m).ravel() for v, m in zip(frame.volumes, self.edge_moduli, strict=True)]
        return frame.assembly(weights)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The levels of the multigrid cycle."""
        return self.frame.layout.steps()

    @cached_property
    def cycle(self) -> Cycle:
        """A preconditioner."""
        return Cycle(self.matrix, self.steps)

    @cached_property
    def rigid(self) -> tuple[Field, ...]:
        """Orthonormal motions of the whole body that nothing holds."""
        size = abs(self.matrix)
        kept = [
            motion
            for motion in self.frame.rigid_motions()
            if np.abs(self.matrix @ motion).max() <= RIGID * (size @ np.abs(motion)).max()
        ]
        if not kept:
            return ()
        return tuple(np.ascontiguousarray(np.linalg.qr(np.stack(kept, axis=1))[0].T))

    def _solved(
        self, right: Field, start: Field, cycle: Cycle | None, tolerance: float
    ) -> tuple[Field, int]:
        """Free values, without any rigid motion, and iterations."""
        size, rigid, own = math.sqrt(dot(right, right)), self.rigid, cycle or self.cycle
        if size == 0.0:
            return np.zeros_like(right), 0
        if not rigid:
            return conjugate_gradients(self.matrix, right, own, start, tolerance, size)
        if max(abs(dot(motion, right)) for motion in rigid) > UNBALANCED * size:
            raise DataError("nothing holds the body, and its loads are not in balance")

        def still(values: Field) -> Field:
            for motion in rigid:
                values = values - dot(motion, values) * motion
            return values

        def guess(residual: Field) -> Field:
            return still(own(still(residual)))

        return conjugate_gradients(self.matrix, still(right), guess, start, tolerance, size)

    # Stresses -------------------------------------------------------------------------------------

    def stresses(
        self,
        normal: Sequence[Field],
        angles: Sequence[Field],
        eigenstrain: Tensor | None = None,
        slip: Sequence[Field] | None = None,
    ) -> tuple[list[Field], list[Field], Field]:
        """Pa, at centres along the axes, on edges, and at centres along the third direction.

        Args:
            normal: Stretches of the cells along the axes of the grid.
            angles: Shear angles on edges.
            eigenstrain: Strain without stress, in the cells.
            slip: Shear angles without stress, on edges, besides.
        """
        volumetric, third = sum(normal, np.zeros(self.grid.shape)), np.zeros(self.grid.shape)
        if eigenstrain is not None:
            volumetric = volumetric - eigenstrain.trace()
            normal = [part - eigenstrain.normal[k] for k, part in enumerate(normal)]
            third = -eigenstrain.normal[2]
            angles = [
                angle - 2.0 * self.frame.to_edges(eigenstrain.shear[k], pair)
                for k, (pair, angle) in enumerate(
                    zip(pairs(self.grid.dimensions), angles, strict=True)
                )
            ]
        if slip is not None:
            angles = [angle - part for angle, part in zip(angles, slip, strict=True)]
        pressure, twice = self.first_lame * volumetric, 2.0 * self.shear_modulus
        shear = [modulus * angle for modulus, angle in zip(self.edge_moduli, angles, strict=True)]
        return [pressure + twice * part for part in normal], shear, pressure + twice * third

    def _pull(
        self,
        values: Sequence[Field],
        angles: Sequence[Field],
        eigenstrain: Tensor | None = None,
        slip: Sequence[Field] | None = None,
    ) -> list[Field]:
        """N on faces, of values with angles added to theirs."""
        normal, own = self.frame.strains(values)
        own = [a + b for a, b in zip(own, angles, strict=True)]
        along, shear, _ = self.stresses(normal, own, eigenstrain, slip)
        return self.frame.forces(along, shear)

    def pull(self, values: Sequence[Field], eigenstrain: Tensor | None = None) -> list[Field]:
        """N on faces, with which stresses pull at them where displacements are these."""
        return self._pull(values, self.frame.held_angles, eigenstrain)

    def at(
        self, values: Sequence[Field], eigenstrain: Tensor | None = None, of: Solid | None = None
    ) -> Deformation:
        """Strains and stresses where displacements are these, in equilibrium or not.

        Args:
            values: m, of every component, those held among them.
            eigenstrain: Strain without stress, in the cells.
            of: The same body of other materials.
        """
        told = of or self
        return told._told(tuple(values), (eigenstrain, None), 0, self.frame.vector(values))

    # Platens --------------------------------------------------------------------------------------

    @cached_property
    def _motions(self) -> tuple[tuple[tuple[Field, ...], Field, list[Field]], ...]:
        """For each platen: everything when it moves by one, free values, and N on faces."""
        none = [np.zeros_like(angle) for angle in self.frame.held_angles]
        found = []
        for axis, place, _, _ in self.frame.platens:
            unit = [np.zeros_like(part) for part in self.frame.held_values]
            unit[axis][(slice(None),) * axis + (place,)] = 1.0
            right = self.frame.vector(self._pull(unit, none))
            vector, _ = self._solved(right, np.zeros_like(right), None, 0.01 * TOLERANCE)
            values = self.frame.spread(vector, unit)
            found.append((values, vector, self._pull(values, none)))
        return tuple(found)

    def _moved(self, values: tuple[Field, ...], pull: list[Field]) -> tuple[Field, ...]:
        """Values after the platens have moved to where they carry what they should."""
        platens, motions = self.frame.platens, self._motions

        def total(forces: Sequence[Field], platen: int) -> float:
            axis, place, _, _ = platens[platen]
            return float(forces[axis][(slice(None),) * axis + (place,)].sum())

        wanted = np.zeros(len(platens))
        stiffness = np.zeros((len(platens), len(platens)))
        for row, (axis, _, sign, side) in enumerate(platens):
            area = math.prod(self.grid.lengths) / self.grid.lengths[axis]
            wanted[row] = sign * side.mean_stress * area + total(pull, row)
            stiffness[row] = [-total(motion[2], row) for motion in motions]
        moves = np.linalg.lstsq(stiffness, wanted, rcond=1e-12)[0]
        return tuple(
            part + sum(move * motion[0][axis] for move, motion in zip(moves, motions, strict=True))
            for axis, part in enumerate(values)
        )

    # The answer -----------------------------------------------------------------------------------

    def deformed(
        self,
        eigenstrain: Tensor | None = None,
        *,
        slip: Sequence[Field] | None = None,
        force: Sequence[Field] | None = None,
        start: Deformation | None = None,
        cycle: Cycle | None = None,
        tolerance: float = TOLERANCE,
    ) -> Deformation:
        """Equilibrium.

        Args:
            eigenstrain: Strain without stress, in the cells.
            slip: Shear angles without stress, besides, on the edges of each plane of shear.
            force: N (N/m in the plane), on the faces across each axis.
            start: An earlier answer, near this one.
            cycle: A preconditioner of a solid that differs a little; the solid's own.
            tolerance: Of the forces left over, relative to those of the loads.

        Raises:
            DataError: The loads of a body that nothing holds are not in balance.
            NotConverged: The tolerance was not reached.
        """
        frame = self.frame
        pull = self._pull(frame.held_values, frame.held_angles, eigenstrain, slip)
        loads = [a + b for a, b in zip(pull, frame.side_forces, strict=True)]
        if force is not None:
            loads = [a + b for a, b in zip(loads, frame.opened(force), strict=True)]
        right = frame.vector(loads)
        begin = np.zeros_like(right) if start is None else start.unknowns
        vector, iterations = self._solved(right, begin, cycle, tolerance)
        values = frame.spread(vector, frame.held_values)
        if frame.platens:
            pull = self._pull(values, frame.held_angles, eigenstrain, slip)
            values = self._moved(values, pull)
        return self._told(values, (eigenstrain, slip), iterations, vector)

    def _told(
        self, values: tuple[Field, ...], stressless: Stressless, iterations: int, vector: Field
    ) -> Deformation:
        """Strains, stresses and energy of an equilibrium."""
        frame, grid = self.frame, self.grid
        normal, angles = frame.strains(values)
        angles = [a + b for a, b in zip(angles, frame.held_angles, strict=True)]
        along, shear, third = self.stresses(normal, angles, *stressless)
        forces = frame.forces(along, shear)
        energy = self._energy(along, shear, third)
        inside = tuple(
            np.where(share > 0.0, own, 0.0) for share, own in zip(frame.volumes, shear, strict=True)
        )
        angles, shear = self._at_sides(angles, shear, stressless)
        planes = pairs(grid.dimensions)
        flat = [np.zeros(grid.shape)] if grid.dimensions == 2 else []
        strain = Tensor(
            np.stack([*normal, *flat]),
            np.stack([0.5 * frame.to_cells(a, p) for a, p in zip(angles, planes, strict=True)]),
        )
        stress = Tensor(
            np.stack([*along, third] if flat else along),
            np.stack([frame.to_cells(s, p) for s, p in zip(shear, planes, strict=True)]),
        )
        side_stress = tuple(self._side_stress(forces, axis) for axis in range(grid.dimensions))
        closed = frame.closed(values)
        return Deformation(closed, strain, stress, inside, energy, side_stress, iterations, vector)

    def _at_sides(
        self, angles: Sequence[Field], shear: Sequence[Field], stressless: Stressless
    ) -> tuple[list[Field], list[Field]]:
        """Angles and shear stresses on edges, those at sides as the given stress has them."""
        frame, out_angles, out_shear = self.frame, [], []
        eigenstrain, slip = stressless
        for k, pair in enumerate(pairs(self.grid.dimensions)):
            inside, given = frame.volumes[k] > 0.0, frame.side_shear[k]
            angle = given / self.edge_moduli[k]
            if eigenstrain is not None:
                angle = angle + 2.0 * frame.to_edges(eigenstrain.shear[k], pair)
            if slip is not None:
                angle = angle + slip[k]
            out_angles.append(np.where(inside, angles[k], angle))
            out_shear.append(np.where(inside, shear[k], given))
        return out_angles, out_shear

    def _energy(self, along: Sequence[Field], shear: Sequence[Field], third: Field) -> float:
        """J, from the stresses."""
        normal = [*along, third] if self.grid.dimensions == 2 else list(along)
        trace = sum(normal, np.zeros(self.grid.shape))
        twice = 2.0 * self.shear_modulus
        bulk = 3.0 * self.first_lame + twice
        density = (sum(part**2 for part in normal) - self.first_lame / bulk * trace**2) / twice
        total = 0.5 * self.grid.cell_volume * float(density.sum())
        for share, stress, modulus in zip(self.frame.volumes, shear, self.edge_moduli, strict=True):
            total += 0.5 * float((share * stress**2 / modulus).sum())
        return total

    def _side_stress(self, forces: Sequence[Field], axis: int) -> tuple[float, float]:
        """Pa, mean normal stress on both sides across an axis."""
        if self.grid.periodic[axis]:
            return 0.0, 0.0
        area = math.prod(self.grid.lengths) / self.grid.lengths[axis]
        rows = np.moveaxis(forces[axis], axis, 0)
        return float(rows[0].sum()) / area, -float(rows[-1].sum()) / area
