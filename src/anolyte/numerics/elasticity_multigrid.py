"""Conjugate gradients behind a geometric multigrid cycle, for displacements on faces.

A coarse grid joins cells by twos. A displacement is interpolated linearly: along its own axis from
the faces that both grids share, along the others between centres. Coarse operators are Galerkin
products with the fine one, so that thin layers, holes and cracks stay known to the coarse grids.
The smoother is Gauss-Seidel over cells, all faces of a cell at once, forwards on the way down and
backwards on the way up, so that the cycle is a symmetric preconditioner. By single faces it would
be slow beside voids: a cell that sticks out into one is held by normal stress alone, and its two
faces move only together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numba import njit, prange
from scipy import sparse

from anolyte.core.errors import NotConverged
from anolyte.numerics import conjugate_gradients as vectors
from anolyte.numerics.grid import Field

Matrix = Any
"""A scipy array of compressed rows."""

SMALLEST = 300
"""Unknowns at which a cycle solves directly."""
FEWEST = 2
"""Cells along an axis that are not joined any more."""
SWEEPS = 1
"""Of the smoother before and after the coarse grid."""
FLAT = 1e-12
"""Share of the largest eigenvalue below which a mode counts as a motion that nothing holds."""
MOST_ITERATIONS = 1000
MANY = 30_000
"""Cells from which a level is smoothed in strips."""
STRIPS, WIDE = 8, 4
"""How many, and their rows at least: none of a strip may touch the next but one."""
Step = tuple[Matrix, Any, Any]
"""Interpolation, faces of cells and strips of a level."""


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(x, start, column, entry, faces, inverse, right, backwards, first, last):
    """Gauss-Seidel over cells: the values on all faces of a cell at once."""
    most = faces.shape[1]
    lack = np.zeros(most, x.dtype)
    for step in range(last - first):
        cell = last - 1 - step if backwards else first + step
        for k in range(most):
            face = faces[cell, k]
            lack[k] = 0.0
            if face < 0:
                continue
            # two sums, so that neither waits for the other
            one = right[face]
            other = one - one
            place, end = start[face], start[face + 1]
            while place + 1 < end:
                one -= entry[place] * x[column[place]]
                other -= entry[place + 1] * x[column[place + 1]]
                place += 2
            if place < end:
                one -= entry[place] * x[column[place]]
            lack[k] = one + other
        for k in range(most):
            if faces[cell, k] >= 0:
                moved = inverse[cell, k, 0] * lack[0]
                for m in range(1, most):
                    moved += inverse[cell, k, m] * lack[m]
                x[faces[cell, k]] += moved


@njit(parallel=True, cache=True, nogil=True, error_model="numpy")
def sweep_strips(x, start, column, entry, faces, inverse, right, backwards, strips):
    """The same, every second strip at once and then the others: the same bits on any threads."""
    for turn in range(2):
        odd = 1 - turn if backwards else turn
        for pair in prange(strips.size // 2):
            k = 2 * pair + odd
            sweep(
                x, start, column, entry, faces, inverse, right, backwards, strips[k], strips[k + 1]
            )


@njit(cache=True, nogil=True, error_model="numpy")
def _block(start, column, entry, faces, out):
    """The part of a matrix between the faces of one cell; one for a face that is held."""
    most = faces.size
    for k in range(most):
        for m in range(most):
            out[k, m] = 0.0
        face = faces[k]
        if face < 0:
            out[k, k] = 1.0
            continue
        for place in range(start[face], start[face + 1]):
            for m in range(most):
                if faces[m] == column[place]:
                    out[k, m] = entry[place]


@njit(cache=True, nogil=True, error_model="numpy")
def _invert(matrix):
    """A symmetric positive matrix in place, by Gauss and Jordan without pivots."""
    size = matrix.shape[0]
    for k in range(size):
        pivot = 1.0 / matrix[k, k]
        matrix[k, k] = 1.0
        for m in range(size):
            matrix[k, m] *= pivot
        for row in range(size):
            if row == k:
                continue
            factor = matrix[row, k]
            matrix[row, k] = 0.0
            for m in range(size):
                matrix[row, m] -= factor * matrix[k, m]


@njit(cache=True, nogil=True, error_model="numpy")
def inverses(start, column, entry, faces, digits):
    """Inverse of the part of a matrix between the faces of each cell."""
    cells, most = faces.shape
    out = np.zeros((cells, most, most), digits.dtype)
    block = np.zeros((most, most))
    for cell in range(cells):
        _block(start, column, entry, faces[cell], block)
        _invert(block)
        for k in range(most):
            for m in range(most):
                out[cell, k, m] = block[k, m]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def times(matrix, x):
    """A dense matrix times a vector, each row summed in one order whatever the threads."""
    out = np.zeros(matrix.shape[0], matrix.dtype)
    for row in range(matrix.shape[0]):
        for column in range(x.size):
            out[row] += matrix[row, column] * x[column]
    return out


def along_faces(cells: int, *, periodic: bool) -> Matrix:
    """From the faces of a coarse row of cells to those of a fine one.

    >>> along_faces(4, periodic=False).toarray()[:3].tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
    """
    faces = cells if periodic else cells + 1
    shared = list(range(0, faces, 2)) + ([cells] if cells % 2 and not periodic else [])
    place = {fine: coarse for coarse, fine in enumerate(shared)}
    rows, columns, weights = [], [], []
    for fine in range(faces):
        near = [fine] if fine in place else [fine - 1, (fine + 1) % faces]
        for face in near:
            rows.append(fine)
            columns.append(place[face])
            weights.append(1.0 / len(near))
    return sparse.csr_array((weights, (rows, columns)), shape=(faces, len(shared)))


def along_centres(cells: int, *, periodic: bool, held: tuple[bool, bool]) -> Matrix:
    """From the centres of a coarse row of cells to those of a fine one.

    Beyond a side that holds the displacement it is taken as odd, beyond another one as even.

    >>> along_centres(4, periodic=False, held=(True, False)).toarray()[[0, 1, 3]].tolist()
    [[0.5, 0.0], [0.75, 0.25], [0.0, 1.0]]
    """
    coarse = (cells + 1) // 2
    fine = np.arange(cells)
    own = fine // 2
    other = own + np.where(fine % 2, 1, -1)
    near, far = np.full(cells, 0.75), np.full(cells, 0.25)
    if periodic:
        other %= coarse
    else:
        for beyond, holds in ((other < 0, held[0]), (other >= coarse, held[1])):
            near[beyond], far[beyond] = (0.5 if holds else 1.0), 0.0
        other = np.clip(other, 0, coarse - 1)
    weights, columns = np.concatenate([near, far]), np.concatenate([own, other])
    rows = np.concatenate([fine, fine])
    return sparse.csr_array((weights, (rows, columns)), shape=(cells, coarse))


def kronecker(parts: list[Matrix]) -> Matrix:
    """The operator that acts along every axis at once."""
    return reduce(lambda left, right: sparse.kron(left, right, format="csr"), parts)


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the unknown displacements of a grid are.

    Args:
        cells: Along each axis.
        periodic: For each axis.
        held: held[component][axis]: whether the lower and the upper side hold that component.
    """

    cells: tuple[int, ...]
    periodic: tuple[bool, ...]
    held: tuple[tuple[tuple[bool, bool], ...], ...]

    def shape(self, component: int) -> tuple[int, ...]:
        """Of the values of a component; of a periodic axis each face counts once."""
        return tuple(
            n + (axis == component and not self.periodic[axis]) for axis, n in enumerate(self.cells)
        )

    def free(self, component: int) -> Any:
        """Which values of a component no side holds, flat."""
        mask = np.ones(self.shape(component), bool)
        if not self.periodic[component]:
            rows = np.moveaxis(mask, component, 0)
            for end, holds in zip((0, -1), self.held[component][component], strict=True):
                rows[end] &= not holds
        return mask.ravel()

    def unknowns(self) -> int:
        """How many values are free."""
        return sum(int(self.free(component).sum()) for component in range(len(self.cells)))

    def coarser(self) -> Layout:
        """Cells joined by twos."""
        joined = tuple((n + 1) // 2 if n > FEWEST else n for n in self.cells)
        return Layout(joined, self.periodic, self.held)

    def transfer(self) -> Matrix:
        """Interpolation from the coarser grid."""
        coarse, blocks = self.coarser(), []
        for component in range(len(self.cells)):
            whole = kronecker([self._along(component, axis) for axis in range(len(self.cells))])
            blocks.append(whole[self.free(component)][:, coarse.free(component)])
        return sparse.block_diag(blocks, format="csr")

    def _along(self, component: int, axis: int) -> Matrix:
        """Interpolation of a component along one axis."""
        cells, periodic = self.cells[axis], self.periodic[axis]
        if cells <= FEWEST:
            return sparse.eye_array(self.shape(component)[axis], format="csr")
        if axis == component:
            return along_faces(cells, periodic=periodic)
        return along_centres(cells, periodic=periodic, held=self.held[component][axis])

    def faces(self) -> Any:
        """(cells, 2 x axes): the unknowns on the faces of every cell, -1 where one is held."""
        columns, begin = [], 0
        for component, cells in enumerate(self.cells):
            free = self.free(component)
            number = np.full(free.size, -1)
            number[free] = begin + np.arange(free.sum())
            begin += int(free.sum())
            number = number.reshape(self.shape(component))
            lower = np.arange(cells)
            for place in (lower, (lower + 1) % number.shape[component]):
                columns.append(np.take(number, place, component).ravel())
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def strips(self) -> Any:
        """Where strips of rows of cells begin and end, for threads; one strip if all are few."""
        rows = self.cells[0]
        each = math.prod(self.cells[1:])
        count = STRIPS if rows * each >= MANY and rows >= STRIPS * WIDE else 1
        return np.round(np.linspace(0, rows, count + 1)).astype(np.int64) * each

    def steps(self) -> tuple[Step, ...]:
        """Interpolation, faces of cells and strips of every level, the finest first."""
        found, layout = [], self
        while layout.unknowns() > SMALLEST and max(layout.cells) > FEWEST:
            found.append((layout.transfer(), layout.faces(), layout.strips()))
            layout = layout.coarser()
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Level:
    """One grid of a cycle.

    Args:
        matrix: The operator.
        faces, inverse: Of every cell: its unknowns, and the inverse of the operator between them.
        strips: Of cells, for threads.
        up, down: Interpolation from the coarser grid, and its transpose.
    """

    matrix: Matrix
    faces: Any
    strips: Any
    inverse: Field
    up: Matrix
    down: Matrix

    def smoothed(self, x: Field, right: Field, *, backwards: bool) -> None:
        """Sweeps over all cells, in place."""
        rows = self.matrix.indptr, self.matrix.indices, self.matrix.data
        given = x, *rows, self.faces, self.inverse, right, backwards
        for _ in range(SWEEPS):
            if self.strips.size == 2:
                sweep(*given, *self.strips)
            else:
                sweep_strips(*given, self.strips)


class Cycle:
    """A symmetric multigrid cycle for one operator.

    Args:
        matrix: Symmetric, of compressed rows, not indefinite.
        steps: Of `Layout.steps`.
        digits: Of the cycle: single precision is half as much to move through memory, and enough
            for a guess unless islands of stiff cells lie in soft ones.
    """

    def __init__(self, matrix: Matrix, steps: tuple[Step, ...], digits: Any = np.float64) -> None:
        self.levels: list[Level] = []
        self.digits = digits
        for up, faces, strips in steps:
            inverse = self._inverses(matrix, faces)
            down = up.T.tocsr()
            own, *between = (self._rounded(part) for part in (matrix, up, down))
            self.levels.append(Level(own, faces, strips, inverse, *between))
            matrix = (down @ (matrix @ up)).tocsr()
        dense = matrix.toarray()
        values, modes = np.linalg.eigh(0.5 * (dense + dense.T))
        kept = values > FLAT * values[-1]
        inverse = (modes[:, kept] / values[kept]) @ modes[:, kept].T
        self.inverse = np.ascontiguousarray(inverse, digits)

    def _inverses(self, matrix: Matrix, faces: Any) -> Field:
        rows = matrix.indptr, matrix.indices, matrix.data
        return inverses(*rows, faces, np.zeros(1, self.digits))

    def _rounded(self, matrix: Matrix) -> Matrix:
        """With as many digits, and short numbers of columns."""
        rows = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        return sparse.csr_array((matrix.data.astype(self.digits), *rows), shape=matrix.shape)

    def for_matrix(self, matrix: Matrix) -> Cycle:
        """The cycle with another operator on its finest grid, and the coarse ones as they are.

        Right where the operator changed in a few cells: the smoother takes care of those.
        """
        if not self.levels:
            return self
        first, other = self.levels[0], copy(self)
        inverse = self._inverses(matrix, first.faces)
        first = replace(first, matrix=self._rounded(matrix), inverse=inverse)
        other.levels = [first, *self.levels[1:]]
        return other

    def __call__(self, right: Field) -> Field:
        """An approximate solution."""
        size = float(np.abs(right).max(initial=0.0))
        if size == 0.0:
            return np.zeros_like(right)
        return size * self._from((right / size).astype(self.digits), 0)

    def _from(self, right: Any, depth: int) -> Any:
        """The same from a level on, begun at zero."""
        if depth == len(self.levels):
            return times(self.inverse, right)
        level = self.levels[depth]
        x = np.zeros_like(right)
        level.smoothed(x, right, backwards=False)
        x += level.up @ self._from(level.down @ (right - level.matrix @ x), depth + 1)
        level.smoothed(x, right, backwards=True)
        return x


def conjugate_gradients(
    matrix: Matrix,
    right: Field,
    cycle: Callable[[Field], Field],
    start: Field,
    tolerance: float,
    size: float,
) -> tuple[Field, int]:
    """Solution and iterations.

    Args:
        matrix: Symmetric.
        right: Right-hand side.
        cycle: Of this matrix or of one like it.
        start: Where to begin.
        tolerance: Of the residual, relative to the size.
        size: What the residual is measured by: a root sum of squares.

    Raises:
        NotConverged: The tolerance was not reached.
    """
    x = start.copy()
    residual = right - matrix @ x
    left = float(np.sqrt(vectors.dot(residual, residual)))
    if left <= tolerance * size:
        return x, 0
    guess = cycle(residual)
    direction, strength = guess.copy(), vectors.dot(residual, guess)
    for iteration in range(1, MOST_ITERATIONS + 1):
        image = matrix @ direction
        step = strength / vectors.dot(direction, image)
        left = float(np.sqrt(vectors.advance(x, residual, direction, image, step)))
        if left <= tolerance * size:
            return x, iteration
        guess = cycle(residual)
        before, strength = strength, vectors.dot(residual, guess)
        vectors.turn(direction, guess, strength / before)
    raise NotConverged(
        f"after {MOST_ITERATIONS} iterations forces are balanced to {left / size:.1e} only, "
        f"{tolerance:.1e} was asked for: do moduli jump by more than a million?"
    )
