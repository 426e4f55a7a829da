r"""Diffusion with coefficients that jump, solved by conjugate gradients behind a multigrid cycle.

$$ \sum_f g_f\,(u - u_f) + s\,u = b $$

in every cell: g the conductances of its faces, s a sink. The cycle is a black-box one (Dendy 1982):
interpolation comes from the operator, so that it follows walls and islands, coarse operators are
Galerkin products, the smoother is Gauss-Seidel by colours, forwards on the way down and backwards
on the way up. So the preconditioner is symmetric, and the number of iterations hardly depends on
the number of cells or on how far coefficients jump.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.numerics.grid import Field, Grid, rim

COARSEST = 64
"""Cells at which the cycle solves directly."""
FLAT = 1e-13
"""Share of the largest eigenvalue below which one belongs to a constant that nothing holds."""
MOST_ITERATIONS = 200


@dataclass(frozen=True, eq=False)
class Network:
    """The operator: cells joined by conductances.

    Args:
        grid: The cells.
        faces: For each axis the conductance of every face across it, `grid.face_shape(axis)`. Those
            of a closed outer side count as sinks: a boundary value times its conductance belongs on
            the right-hand side. Along a periodic axis the first and the last are one face.
        sink: Of every cell, not negative.
    """

    grid: Grid
    faces: tuple[Field, ...]
    sink: Field

    def __post_init__(self) -> None:
        """Refuse arrays of another grid and negative conductances."""
        if len(self.faces) != self.grid.dimensions:
            raise DataError(f"a grid of {self.grid.dimensions} axes needs faces across each")
        for axis, values in enumerate(self.faces):
            if values.shape != self.grid.face_shape(axis):
                raise DataError(
                    f"faces across axis {axis} have shape {values.shape}, not "
                    f"{self.grid.face_shape(axis)}"
                )
        if self.sink.shape != self.grid.shape:
            raise DataError(f"the sink has shape {self.sink.shape}, not {self.grid.shape}")
        for values in (*self.faces, self.sink):
            if not (np.isfinite(values).all() and values.min() >= 0.0):
                raise DataError("conductances and sinks must be numbers that are not negative")

    def diagonal(self) -> Field:
        """What multiplies a cell's own value."""
        total = self.sink.copy()
        for axis, values in enumerate(self.faces):
            total += _lower(values, axis) + _upper(values, axis)
        return total

    def couplings(self) -> tuple[Field, ...]:
        """For each axis the conductance to the next cell along it, zero where there is none."""
        found = []
        for axis, values in enumerate(self.faces):
            upper = _upper(values, axis).copy()
            if not self.grid.periodic[axis]:
                np.moveaxis(upper, axis, 0)[-1] = 0.0
            found.append(upper)
        return tuple(found)

    def held(self) -> Field:
        """The sink, with the conductances of closed outer sides."""
        total = self.sink.copy()
        for axis, values in enumerate(self.faces):
            if not self.grid.periodic[axis]:
                side, ends = np.moveaxis(total, axis, 0), np.moveaxis(values, axis, 0)
                side[0] += ends[0]
                side[-1] += ends[-1]
        return total

    def __call__(self, values: Field) -> Field:
        """The left-hand side, outer sides held at zero."""
        out = self.sink * values
        for axis, conductance in enumerate(self.faces):
            periodic = self.grid.periodic[axis]
            flow = conductance * _jump(values, axis, periodic=periodic)
            out -= np.diff(flow, axis=axis)
        return out


def _lower(values: Field, axis: int) -> Field:
    return np.take(values, range(values.shape[axis] - 1), axis)


def _upper(values: Field, axis: int) -> Field:
    return np.take(values, range(1, values.shape[axis]), axis)


def _jump(values: Field, axis: int, *, periodic: bool) -> Field:
    """Difference across every face; beyond a closed side the value is zero."""
    beyond = rim(axis, values.ndim)
    padded = np.pad(values, beyond, mode="wrap") if periodic else np.pad(values, beyond)
    return np.diff(padded, axis=axis)


@dataclass(frozen=True)
class Stop:
    """When a solution is good enough: whichever comes first.

    Args:
        residual: Of the right-hand side, both as root sums of squares.
        energy: Of the energy norm of the solution, as the preconditioner sees the error.
    """

    residual: float = 1e-10
    energy: float = 0.0


@dataclass(frozen=True, eq=False)
class Solution:
    """Values in the cells, and what they cost.

    Args:
        values: In every cell.
        iterations: Of conjugate gradients.
        residual: Left over, relative to the right-hand side.
    """

    values: Field
    iterations: int
    residual: float


class Level(Protocol):
    """An operator on one grid, in arrays with a rim of a cell, and the way to the coarser one."""

    shape: tuple[int, ...]

    def coarser(self) -> Level:
        """The level below."""
        ...

    def wrap(self, x: Field) -> None:
        """Fill the rim along periodic axes."""
        ...

    def relax(self, x: Field, b: Field, *, back: bool) -> None:
        """A sweep over all cells, forwards or backwards."""
        ...

    def apply(self, out: Field, x: Field) -> float:
        """A x, and the sum of x A x."""
        ...

    def restrict(self, out: Field, x: Field, b: Field) -> None:
        """What is left of the right-hand side, on the coarser level."""
        ...

    def prolong(self, x: Field, coarse: Field) -> None:
        """Add what the coarser level says."""
        ...


class Hierarchy:
    """A network on every grid from the finest to the coarsest: operator and preconditioner.

    Args:
        network: The operator.

    >>> grid = Grid.cubic((8, 8), 1.0)
    >>> ones = tuple(np.ones(grid.face_shape(axis)) for axis in range(2))
    >>> network = Network(grid, ones, np.zeros(grid.shape))
    >>> answer = solve(Hierarchy(network), network(np.ones(grid.shape)))
    >>> bool(np.allclose(answer.values, 1.0))
    True
    """

    def __init__(self, network: Network) -> None:
        """Coarsen until a direct solution is cheap."""
        level = _finest(network)
        self.levels = [level]
        while math.prod(level.shape) > COARSEST:
            level = level.coarser()
            self.levels.append(level)
        self._direct = Direct.of(level)
        self._rooms = [
            tuple(np.zeros([m + 2 for m in below.shape]) for _ in range(2))
            for below in self.levels[1:]
        ]

    def apply(self, out: Field, values: Field) -> float:
        """The operator of the finest level, and the sum of values times result."""
        return self.levels[0].apply(out, values)

    def wrap(self, values: Field) -> None:
        """Fill the rim along periodic axes."""
        self.levels[0].wrap(values)

    def precondition(self, out: Field, right: Field, depth: int = 0) -> None:
        """One symmetric cycle that begins at zero; its rim is filled."""
        level = self.levels[depth]
        if depth == len(self.levels) - 1:
            self._direct(out, right)
            level.wrap(out)
            return
        coarse, coarse_right = self._rooms[depth]
        out[:] = 0.0
        level.relax(out, right, back=False)
        level.restrict(coarse_right, out, right)
        self.precondition(coarse, coarse_right, depth + 1)
        level.prolong(out, coarse)
        level.relax(out, right, back=True)


def _finest(network: Network) -> Level:
    if network.grid.dimensions == 2:
        from anolyte.numerics.multigrid_plane import Plane

        return Plane.finest(network)
    from anolyte.numerics.multigrid_space import Space

    return Space.finest(network)


@dataclass(frozen=True, eq=False)
class Direct:
    """A symmetric inverse; constants that nothing holds are left at zero.

    Args:
        inverse: As a matrix over the cells.
    """

    inverse: Field

    @classmethod
    def of(cls, level: Level) -> Direct:
        """The inverse of an operator, known by what it does to every unit vector."""
        inner = (slice(1, -1),) * len(level.shape)
        columns = []
        for cell in np.ndindex(*level.shape):
            unit = np.zeros([m + 2 for m in level.shape])
            unit[tuple(k + 1 for k in cell)] = 1.0
            level.wrap(unit)
            out = np.zeros_like(unit)
            level.apply(out, unit)
            columns.append(out[inner].ravel())
        matrix = np.stack(columns)
        matrix = 0.5 * (matrix + matrix.T)
        scale = 1.0 / np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
        values, vectors = np.linalg.eigh(scale[:, None] * matrix * scale)
        kept = values > FLAT * values[-1]
        scaled = scale[:, None] * vectors[:, kept]
        return cls(np.asarray((scaled / values[kept]) @ scaled.T))

    def __call__(self, out: Field, right: Field) -> None:
        """Solve; both arrays have a rim of one cell."""
        inner = (slice(1, -1),) * out.ndim
        out[inner] = (self.inverse @ right[inner].ravel()).reshape(out[inner].shape)


class Operator(Protocol):
    """What conjugate gradients need to know of an operator; arrays have a rim of one cell."""

    def apply(self, out: Field, values: Field) -> float:
        """The operator, and the sum of values times result."""
        ...

    def wrap(self, values: Field) -> None:
        """Fill the rim along periodic axes."""
        ...


def solve(
    cycle: Hierarchy,
    right: Field,
    *,
    start: Field | None = None,
    stop: Stop | None = None,
    operator: Operator | None = None,
) -> Solution:
    """Conjugate gradients to the stop.

    Args:
        cycle: Hierarchy of the operator, or of one that differs a little.
        right: Right-hand side, of the grid's shape.
        start: Where to begin; zero.
        stop: When to end.
        operator: Where it is not the cycle's own.

    Raises:
        NotConverged: The stop was not reached.
    """
    from anolyte.numerics import conjugate_gradients as vectors

    stop = stop or Stop()
    operator = operator or cycle
    residual = np.pad(right, 1)
    values = np.zeros_like(residual) if start is None else np.pad(start, 1)
    image, guess = np.zeros_like(residual), np.zeros_like(residual)
    size = math.sqrt(vectors.dot(residual, residual))
    if size == 0.0:
        return Solution(np.zeros_like(right), 0, 0.0)
    if start is not None:
        operator.wrap(values)
        operator.apply(image, values)
        residual -= image
    cycle.precondition(guess, residual)
    direction = guess.copy()
    strength = vectors.dot(residual, guess)
    energy = 0.0
    left = math.sqrt(vectors.dot(residual, residual)) / size
    for iteration in range(MOST_ITERATIONS + 1):
        if left <= stop.residual or strength <= stop.energy**2 * energy:
            return Solution(_inner(values), iteration, left)
        step = strength / operator.apply(image, direction)
        energy += step * strength
        left = math.sqrt(vectors.advance(values, residual, direction, image, step)) / size
        cycle.precondition(guess, residual)
        before, strength = strength, vectors.dot(residual, guess)
        vectors.turn(direction, guess, strength / before)
    raise NotConverged(
        f"{MOST_ITERATIONS} iterations left {left:.1e} of the right-hand side, {stop.residual:.1e} "
        "was asked for: do coefficients jump by more than 1e12?"
    )


def _inner(padded: Field) -> Field:
    return np.ascontiguousarray(padded[(slice(1, -1),) * padded.ndim])
