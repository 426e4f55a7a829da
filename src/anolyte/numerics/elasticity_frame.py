r"""Strains of displacements on faces, and the forces that stresses put on faces.

A displacement component lives on the faces across its own axis. Stretches then belong to the
centres of cells and shear angles to the edges (corners in the plane), each from the two nearest
values: nothing is interpolated, so that no displacement looks rigid that is not.

$$ \varepsilon_{aa} = \partial_a u_a, \qquad \gamma_{ab} = \partial_b u_a + \partial_a u_b $$

Forces are the transpose of strains weighted by volumes, so that the stiffness is symmetric and
energy is conserved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from anolyte.core.errors import DataError
from anolyte.numerics.elasticity_assembly import Assembly, Line
from anolyte.numerics.elasticity_multigrid import Layout, Matrix, kronecker
from anolyte.numerics.elasticity_sides import Platen, Side, broadcast
from anolyte.numerics.elasticity_tensor import pairs
from anolyte.numerics.grid import Field, Grid, rim

Sides = Sequence[tuple[Side, Side] | None]


def stretch(cells: int, edge: float, *, periodic: bool) -> Matrix:
    """Differences across cells of values on faces."""
    first = np.arange(cells)
    last = (first + 1) % (cells if periodic else cells + 1)
    ones = np.full(cells, 1.0 / edge)
    places = np.concatenate([first, first]), np.concatenate([first, last])
    shape = (cells, cells if periodic else cells + 1)
    return sparse.csr_array((np.concatenate([-ones, ones]), places), shape=shape)


def slide(cells: int, edge: float, *, periodic: bool, held: tuple[bool, bool]) -> Matrix:
    """Differences across faces of values at centres; to a side that holds them over half a cell."""
    inner = np.arange(0 if periodic else 1, cells)
    rows, columns = [inner, inner], [inner, (inner - 1) % cells]
    weights = [np.ones(inner.size), -np.ones(inner.size)]
    for place, column, weight, holds in ((0, 0, 2.0, held[0]), (cells, cells - 1, -2.0, held[1])):
        if holds and not periodic:
            rows.append(np.array([place]))
            columns.append(np.array([column]))
            weights.append(np.array([weight]))
    entries = np.concatenate(weights) / edge
    shape = (cells if periodic else cells + 1, cells)
    return sparse.csr_array((entries, (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def _end(axis: int, dimensions: int, place: int) -> tuple[Any, ...]:
    """The first (0) or last (-1) layer along an axis, as an index."""
    index: list[Any] = [slice(None)] * dimensions
    index[axis] = slice(0, 1) if place == 0 else slice(-1, None)
    return tuple(index)


@dataclass(frozen=True, eq=False)
class Frame:
    """A grid, what its sides do, and the operators that follow.

    Args:
        grid: The cells.
        sides: For each axis its lower and its upper side, None along a periodic one.

    Raises:
        DataError: Sides and periodic axes do not fit together.
    """

    grid: Grid
    sides: Sides

    def __post_init__(self) -> None:
        """Refuse sides where there are none."""
        if [side is None for side in self.sides] != list(self.grid.periodic):
            raise DataError(
                "every axis that is not periodic needs a lower and an upper side, a periodic one "
                "None"
            )

    def holds(self, component: int, axis: int) -> tuple[bool, bool]:
        """Whether the lower and the upper side across an axis hold a component."""
        ends = self.sides[axis]
        if ends is None:
            return False, False
        return ends[0].held(component, axis), ends[1].held(component, axis)

    @cached_property
    def layout(self) -> Layout:
        """Where the unknowns are."""
        axes = range(self.grid.dimensions)
        held = tuple(tuple(self.holds(component, axis) for axis in axes) for component in axes)
        return Layout(self.grid.shape, self.grid.periodic, held)

    @cached_property
    def free(self) -> tuple[Any, ...]:
        """For each component which of its values no side holds, flat."""
        return tuple(self.layout.free(axis) for axis in range(self.grid.dimensions))

    def _ends(self):
        """Axis, place (0 or -1), sign of the outward normal and side, of every outer side."""
        for axis, ends in enumerate(self.sides):
            if ends is not None:
                yield axis, 0, -1.0, ends[0]
                yield axis, -1, 1.0, ends[1]

    @property
    def platens(self) -> tuple[tuple[int, int, float, Platen], ...]:
        """The sides that move as a whole: axis, place, sign, and what they carry."""
        return tuple(
            (axis, place, sign, side)
            for axis, place, sign, side in self._ends()
            if isinstance(side, Platen)
        )

    # Strains --------------------------------------------------------------------------------------

    @cached_property
    def stretches(self) -> tuple[Matrix, ...]:
        """For each component: from its values to the stretch of the cells along its axis."""
        grid, axes = self.grid, range(self.grid.dimensions)
        return tuple(
            kronecker(
                [
                    stretch(grid.shape[k], grid.spacing[k], periodic=grid.periodic[k])
                    if k == axis
                    else sparse.eye_array(grid.shape[k], format="csr")
                    for k in axes
                ]
            )
            for axis in axes
        )

    def _slide(self, component: int, along: int) -> Matrix:
        """From the values of a component to its slope along another axis, on edges."""
        grid, shape = self.grid, self.layout.shape(component)
        step = slide(
            grid.shape[along],
            grid.spacing[along],
            periodic=grid.periodic[along],
            held=self.holds(component, along),
        )
        return kronecker(
            [
                step if k == along else sparse.eye_array(shape[k], format="csr")
                for k in range(grid.dimensions)
            ]
        )

    @cached_property
    def slides(self) -> tuple[tuple[Matrix, Matrix], ...]:
        """For each pair (a, b): from u_a and from u_b to the shear angle on edges."""
        return tuple((self._slide(a, b), self._slide(b, a)) for a, b in pairs(self.grid.dimensions))

    def edge_shape(self, pair: tuple[int, int]) -> tuple[int, ...]:
        """Of values on the edges of a plane of shear."""
        return tuple(
            n + (axis in pair and not self.grid.periodic[axis])
            for axis, n in enumerate(self.grid.shape)
        )

    @cached_property
    def held_values(self) -> tuple[Field, ...]:
        """m, every component where sides hold its normal value, zero elsewhere."""
        found = [np.zeros(self.layout.shape(axis)) for axis in range(self.grid.dimensions)]
        for axis, place, _, side in self._ends():
            if side.held(axis, axis):
                index = _end(axis, self.grid.dimensions, place)
                value = side.displacement(axis, axis)
                found[axis][index] = broadcast(value, found[axis].shape, axis)
        return tuple(found)

    @cached_property
    def held_angles(self) -> tuple[Field, ...]:
        """Shear angles on edges due to what sides hold along themselves, for each pair."""
        found = []
        for pair in pairs(self.grid.dimensions):
            angles = np.zeros(self.edge_shape(pair))
            for axis, place, sign, side in self._ends():
                component = pair[1] if axis == pair[0] else pair[0]
                if axis in pair and side.held(component, axis):
                    value = broadcast(side.displacement(component, axis), angles.shape, axis)
                    index = _end(axis, self.grid.dimensions, place)
                    angles[index] += sign * 2.0 / self.grid.spacing[axis] * value
            found.append(angles)
        return tuple(found)

    @cached_property
    def unloaded(self) -> bool:
        """Whether no side moves, is pulled or sheared: without other loads nothing does."""
        given = (*self.held_values, *self.held_angles, *self.side_forces)
        return not self.platens and not any(part.any() for part in given)

    @cached_property
    def volumes(self) -> tuple[Field, ...]:
        """m3 (m2 in the plane) that belong to each edge, for each pair.

        Half of a cell at a side that holds what slides along it, none at another one: there the
        shear stress is given.
        """
        found = []
        for pair in pairs(self.grid.dimensions):
            volume = np.full(self.edge_shape(pair), self.grid.cell_volume)
            for axis, place, _, side in self._ends():
                if axis in pair:
                    component = pair[1] if axis == pair[0] else pair[0]
                    share = 0.5 if side.held(component, axis) else 0.0
                    volume[_end(axis, self.grid.dimensions, place)] *= share
            found.append(volume)
        return tuple(found)

    def strains(self, values: Sequence[Field]) -> tuple[list[Field], list[Field]]:
        """Stretches of cells and shear angles on edges, of values that include those held.

        What sides hold along themselves is added by `held_angles`.
        """
        normal = [
            (operator @ part.ravel()).reshape(self.grid.shape)
            for operator, part in zip(self.stretches, values, strict=True)
        ]
        angles = []
        for pair, (first, second) in zip(pairs(self.grid.dimensions), self.slides, strict=True):
            a, b = pair
            whole = first @ values[a].ravel() + second @ values[b].ravel()
            angles.append(whole.reshape(self.edge_shape(pair)))
        return normal, angles

    # Forces ---------------------------------------------------------------------------------------

    def forces(self, normal: Sequence[Field], shear: Sequence[Field]) -> list[Field]:
        """N, what stresses at centres and on edges pull each face with, towards greater u."""
        volume = self.grid.cell_volume
        out = [
            -(operator.T @ (volume * stress.ravel()))
            for operator, stress in zip(self.stretches, normal, strict=True)
        ]
        for (a, b), operators, share, stress in zip(
            pairs(self.grid.dimensions), self.slides, self.volumes, shear, strict=True
        ):
            weighted = (share * stress).ravel()
            out[a] -= operators[0].T @ weighted
            out[b] -= operators[1].T @ weighted
        return [part.reshape(self.layout.shape(axis)) for axis, part in enumerate(out)]

    @cached_property
    def side_shear(self) -> tuple[Field, ...]:
        """Pa, the shear stress that sides are given, on edges; zero inside; for each pair."""
        found = []
        for pair in pairs(self.grid.dimensions):
            stress = np.zeros(self.edge_shape(pair))
            for axis, place, _, side in self._ends():
                component = pair[1] if axis == pair[0] else pair[0]
                if axis in pair and not side.held(component, axis):
                    value = broadcast(side.stress(component, axis), stress.shape, axis)
                    stress[_end(axis, self.grid.dimensions, place)] = value
            found.append(stress)
        return tuple(found)

    @cached_property
    def side_forces(self) -> tuple[Field, ...]:
        """N, what the stresses on the sides pull each face with."""
        dimensions = self.grid.dimensions
        out = [np.zeros(self.layout.shape(axis)) for axis in range(dimensions)]
        for axis, place, sign, side in self._ends():
            index = _end(axis, dimensions, place)
            for component in range(dimensions):
                if not side.held(component, axis):
                    stress = broadcast(side.stress(component, axis), out[component].shape, axis)
                    area = self._areas(component, axis)
                    out[component][index] += sign * stress * area
        for pair, operators, stress in zip(
            pairs(dimensions), self.slides, self.side_shear, strict=True
        ):
            for component, operator in zip(pair, operators, strict=True):
                along = pair[1] if component == pair[0] else pair[0]
                out[component] -= self._rim_force(component, along, operator, stress)
        return tuple(out)

    def _areas(self, component: int, axis: int) -> Field:
        """m2 of a side that belong to each value of a component: half at ends of its own axis."""
        shape = list(self.layout.shape(component))
        shape[axis] = 1
        area = np.full(shape, self.grid.face_area(axis))
        if component != axis and not self.grid.periodic[component]:
            for place in (0, -1):
                area[_end(component, len(shape), place)] *= 0.5
        return area

    def _rim_force(self, component: int, along: int, operator: Matrix, stress: Field) -> Field:
        """N on the faces of a side, across their own axis, of the shear given to that side."""
        weighted = np.zeros_like(stress)
        if not self.grid.periodic[component]:
            for place in (0, -1):
                index = _end(component, stress.ndim, place)
                weighted[index] = 0.5 * self.grid.cell_volume * stress[index]
            if not self.grid.periodic[along]:
                for place in (0, -1):
                    weighted[_end(along, stress.ndim, place)] *= 0.5
        return (operator.T @ weighted.ravel()).reshape(self.layout.shape(component))

    # Between cells and edges ----------------------------------------------------------------------

    def to_edges(self, cells: Field, pair: tuple[int, int]) -> Field:
        """Means over the cells that meet in an edge."""
        for axis in pair:
            mode = "wrap" if self.grid.periodic[axis] else "edge"
            padded = np.pad(cells, rim(axis, cells.ndim), mode=mode)
            lower = padded[(slice(None),) * axis + (slice(None, -1),)]
            upper = padded[(slice(None),) * axis + (slice(1, None),)]
            cells = 0.5 * (lower + upper)
            if self.grid.periodic[axis]:
                cells = cells[(slice(None),) * axis + (slice(None, -1),)]
        return cells

    def to_cells(self, edges: Field, pair: tuple[int, int]) -> Field:
        """Means over the four edges of a cell."""
        for axis in pair:
            if self.grid.periodic[axis]:
                edges = 0.5 * (edges + np.roll(edges, -1, axis))
            else:
                lower = edges[(slice(None),) * axis + (slice(None, -1),)]
                edges = 0.5 * (lower + edges[(slice(None),) * axis + (slice(1, None),)])
        return edges

    # Stiffness ------------------------------------------------------------------------------------

    @cached_property
    def assembly(self) -> Assembly:
        """Puts moduli into the stiffness: those of lambda, of 2 mu, of the edges of each pair."""
        axes, lines = range(self.grid.dimensions), []
        begins = np.cumsum([0, *(int(mask.sum()) for mask in self.free)])
        stretches = [Line.of(self.stretches[a][:, self.free[a]], begins[a]) for a in axes]
        for a in axes:
            lines += [(0, stretches[a], stretches[b]) for b in axes]
            lines.append((1, stretches[a], stretches[a]))
        for k, ((a, b), operators) in enumerate(
            zip(pairs(self.grid.dimensions), self.slides, strict=True)
        ):
            one, two = (
                Line.of(op[:, self.free[axis]], begins[axis])
                for axis, op in zip((a, b), operators, strict=True)
            )
            lines += [(2 + k, left, right) for left in (one, two) for right in (one, two)]
        return Assembly.of(lines, int(begins[-1]))

    # Unknowns -------------------------------------------------------------------------------------

    def rigid_motions(self) -> list[Field]:
        """Free values when the whole body moves along each axis, or turns in each plane."""
        axes, none = range(self.grid.dimensions), [np.zeros_like(v) for v in self.held_values]
        found = []
        for axis in axes:
            found.append(self.vector([part + (k == axis) for k, part in enumerate(none)]))
        for a, b in pairs(self.grid.dimensions):
            turned = list(none)
            turned[a] = none[a] + self._place(a, b)
            turned[b] = none[b] - self._place(b, a)
            found.append(self.vector(turned))
        return found

    def _place(self, component: int, along: int) -> Field:
        """m from the middle along an axis, where the values of another component are."""
        shape = [1] * self.grid.dimensions
        shape[along] = -1
        return (self.grid.centres(along) - 0.5 * self.grid.lengths[along]).reshape(shape)

    def vector(self, values: Sequence[Field]) -> Field:
        """The free values of all components, one after the other."""
        parts = zip(values, self.free, strict=True)
        return np.concatenate([part.ravel()[mask] for part, mask in parts])

    def spread(self, vector: Field, held: Sequence[Field]) -> tuple[Field, ...]:
        """All values: the free ones from a vector, the others as held."""
        out, begin = [], 0
        for part, mask in zip(held, self.free, strict=True):
            whole = part.copy().ravel()
            end = begin + int(mask.sum())
            whole[mask] = vector[begin:end]
            out.append(whole.reshape(part.shape))
            begin = end
        return tuple(out)

    def closed(self, values: Sequence[Field]) -> tuple[Field, ...]:
        """Values as the grid counts faces: along a periodic axis the first again at the end."""
        return tuple(
            np.concatenate([part, part[_end(axis, part.ndim, 0)]], axis)
            if self.grid.periodic[axis]
            else part
            for axis, part in enumerate(values)
        )

    def opened(self, values: Sequence[Field]) -> tuple[Field, ...]:
        """The reverse of `closed`."""
        return tuple(
            part[(slice(None),) * axis + (slice(None, -1),)] if self.grid.periodic[axis] else part
            for axis, part in enumerate(values)
        )
