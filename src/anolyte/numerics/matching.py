r"""Two plane lattices laid on each other: the small common cells and the strain that each costs.

Every supercell of both lattices up to an area is reduced; two of them fit when one is brought onto
the other by a rotation and a small stretch,

$$ B = A\,F, \qquad F = U R, \qquad \varepsilon_i = u_i - 1 $$

with rows as vectors and $u_i$ the eigenvalues of the stretch U. The strain is shared between both
sides, half and half. All cells of an area are tried (Hermite normal forms), and of each all bases
of equal lengths, so nothing small is missed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_TURNS = np.array(
    [
        m
        for m in (np.array(v).reshape(2, 2) for v in itertools.product((-1, 0, 1), repeat=4))
        if round(float(np.linalg.det(m))) == 1
    ]
)
"""Other bases of a reduced cell with vectors of about equal lengths."""


@dataclass(frozen=True, eq=False)
class Match:
    """A common cell of two plane lattices.

    Args:
        first, second: Integer rows: the cell in the vectors of each lattice.
        stretch: Deformation of the first that brings it onto the second, without rotation (2, 2).
        strains: Its two principal strains, for the whole misfit.
        area: Of the common cell in the second lattice, in the square of its unit.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    stretch: Array
    strains: tuple[float, float]
    area: float

    @property
    def strain(self) -> float:
        """The larger of both, shared half and half: what each side bears."""
        return 0.5 * max(abs(s) for s in self.strains)


def matches(first: Array, second: Array, area: float, strain: float = 0.05) -> list[Match]:
    """Common cells of two plane lattices, small and little strained ones first.

    Args:
        first, second: Two rows each, plane vectors of the same unit.
        area: Largest common cell.
        strain: That each side may bear at most.

    Returns:
        Sorted by strain in steps of a hundredth, then by area; empty: no match in this area.

    >>> square = np.eye(2)
    >>> [(m.area, round(m.strain, 3)) for m in matches(square, 2.0 * square, 4.0)][:1]
    [(4.0, 0.0)]
    """
    found: list[Match] = []
    others = list(_supercells(second, area))
    for m, cell in _supercells(first, area * (1.0 + 2.0 * strain) ** 2):
        size = abs(float(np.linalg.det(cell)))
        for n, other in others:
            room = abs(float(np.linalg.det(other)))
            if abs(size / room - 1.0) <= 4.0 * strain + 4.0 * strain**2:
                best = _best(m, cell, n, other, room)
                if best.strain <= strain:
                    found.append(best)
    found.sort(key=lambda x: (round(x.strain, 2), round(x.area, 6), round(x.strain, 6)))
    return found


def _supercells(lattice: Array, area: float) -> Iterator[tuple[NDArray[np.int64], Array]]:
    """Every supercell up to an area, with a reduced basis of positive orientation."""
    lattice = lattice if np.linalg.det(lattice) > 0.0 else lattice[::-1]
    most = int(area / float(np.linalg.det(lattice)) + 1e-9)
    for count in range(1, most + 1):
        for a in (d for d in range(1, count + 1) if count % d == 0):
            for shift in range(count // a):
                yield _reduced(np.array([[count // a, 0], [shift, a]]), lattice)


def _reduced(m: NDArray[np.int64], lattice: Array) -> tuple[NDArray[np.int64], Array]:
    """Lagrange's reduction: the two shortest vectors of a supercell."""
    m = m.copy()
    while True:
        cell = m @ lattice
        if cell[0] @ cell[0] > cell[1] @ cell[1] + 1e-12:
            m = np.array([m[1], -m[0]])
            continue
        times = float(cell[0] @ cell[1]) / float(cell[0] @ cell[0])
        if abs(times) <= 0.5 + 1e-9:
            return m, cell
        m = np.array([m[0], m[1] - round(times) * m[0]])


def _best(
    m: NDArray[np.int64], cell: Array, n: NDArray[np.int64], other: Array, area: float
) -> Match:
    """The least stretch over the bases in which the first cell can be written."""
    inverse = np.linalg.inv(_TURNS @ cell)
    gradient = inverse @ other
    square = np.einsum("kab,kcb->kac", gradient, gradient)
    values, vectors = np.linalg.eigh(square)
    u = np.sqrt(values)
    k = int(np.abs(u - 1.0).max(axis=1).argmin())
    stretch = vectors[k] @ np.diag(u[k]) @ vectors[k].T
    low, high = (float(x) - 1.0 for x in u[k])
    return Match(_TURNS[k] @ m, n, stretch, (low, high), area)
