r"""Hull energies of many compositions in many elements: facets made where they are asked for.

A convex hull of all phases has too many facets from eight elements on. Here a composition $b$ is
first compared with the planes $\mu$ known so far, each of which supports the hull from below,

$$ \mu^{(p)} \cdot b \le E_{hull}(b) \quad \text{with equality where} \quad
   b\, B_p^{-1} \ge 0 , $$

with $B_p$ the compositions of the phases that make the plane. Where the highest plane does not hold
the composition, the exact walk from that plane's middle to the composition finds the plane that
does, and it joins the others. So each energy is certified, and no facet is made in vain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from anolyte.core.errors import NotConverged
from anolyte.numerics.phase_table import (
    Array,
    MissingReference,
    restricted,
    validated,
    validated_target,
)
from anolyte.numerics.simplex import PRICE, TIE, Basis, minimise, walk

__all__ = ["GrowingHull", "MissingReference"]

ROOM = 256
"""Planes for which there is room at first; doubled when used up."""
NEGLIGIBLE = 1e-9
"""Amounts no further below zero than this are zero, after rounding."""
BLOCK = 1024
"""Compositions compared with the planes at a time."""


class GrowingHull:
    """The lower hull of a phase table, as far as it has been asked for.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (N,); rows of infinite energy take no part.

    Raises:
        MissingReference: an element without a pure phase.
        ValueError: arrays that are no phase table.

    Range: m up to about 12, tried up to 10.

    >>> hull = GrowingHull([[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0])
    >>> hull.energies([[0.75, 0.25], [0.5, 0.5], [0.0, 1.0]])
    array([-0.5, -1. ,  0. ])
    >>> hull.planes.tolist()
    [[-2.0, 0.0], [0.0, -2.0]]
    """

    def __init__(self, compositions: ArrayLike, energies: ArrayLike) -> None:
        compositions, energies = validated(compositions, energies)
        self._size = compositions.shape[1]
        table = restricted(compositions, energies, np.ones(self._size, dtype=bool))
        self._amounts, self._costs, self._rows = table.compositions, table.energies, table.rows
        self._planes = np.empty((ROOM, self._size))
        self._inverses = np.empty((ROOM, self._size, self._size))
        self._bases: list[Basis] = []
        middle = np.full(self._size, 1.0 / self._size)
        self._add(minimise(self._amounts, self._costs, middle, table.pure()))

    @property
    def planes(self) -> Array:
        """Planes found so far, one row of m chemical potentials each."""
        return self._planes[: len(self._bases)].copy()

    def energies(self, points: ArrayLike) -> Array:
        """Hull energies (n,) of compositions (n, m), for the amounts given.

        Raises:
            ValueError: amounts that are no compositions of the table's elements.
            NotConverged: the simplex gives up.
        """
        points = np.atleast_2d(np.asarray(points, dtype=np.float64))
        for point in points:
            validated_target(point, self._amounts)
        found = np.empty(len(points))
        for low in range(0, len(points), BLOCK):
            found[low : low + BLOCK] = self._block(points[low : low + BLOCK])
        return found

    def _block(self, points: Array) -> Array:
        """Energies of some points: by known planes at once, the others one by one."""
        known = len(self._bases)
        heights = self._planes[:known] @ points.T
        best = heights.argmax(axis=0)
        held = np.einsum("nm,nmk->nk", points, self._inverses[best])
        found = heights[best, np.arange(len(points))]
        for i in np.flatnonzero(held.min(axis=1) < -TIE * points.sum(axis=1)):
            found[i] = self._one(points[i], int(best[i]), known)
        return found

    def _one(self, point: Array, best: int, known: int) -> float:
        """Energy of one point that the first `known` planes do not hold; `best` of them."""
        fresh = self._planes[known : len(self._bases)]
        if len(fresh):
            highest = known + int((fresh @ point).argmax())
            if self._planes[highest] @ point > self._planes[best] @ point:
                best = highest
        target = point / point.sum()
        if (target @ self._inverses[best]).min() < -TIE:
            best = self._reach(target, best)
        return float(self._planes[best] @ point)

    def _reach(self, target: Array, best: int) -> int:
        """Walk from the middle of a plane to a composition; the number of the plane it is on."""
        basis = self._bases[best]
        middle = self._amounts[basis.columns].mean(axis=0)
        _, last = walk(self._amounts, self._costs, target, middle - target, basis, 1.0)
        if (target @ last.inverse).min() < -NEGLIGIBLE:
            raise NotConverged("the walk to a composition did not end on a facet that holds it")
        if target @ (last.prices - basis.prices) <= PRICE:
            return best  # more phases than elements share this plane: it was the right one
        return self._add(last)

    def _add(self, basis: Basis) -> int:
        number = len(self._bases)
        if number == len(self._planes):
            self._planes = np.concatenate([self._planes, np.empty_like(self._planes)])
            self._inverses = np.concatenate([self._inverses, np.empty_like(self._inverses)])
        self._planes[number], self._inverses[number] = basis.prices, basis.inverse
        self._bases.append(basis)
        return number
