"""A stiffness from moduli: where each product of two differences goes is found once.

The energy of a solid is a sum of products of differences, each times a modulus. A crack that grows
changes moduli alone, so that a new stiffness costs one pass over its entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from anolyte.numerics.elasticity_multigrid import Matrix
from anolyte.numerics.grid import Field

Places = NDArray[np.int32]
TERMS = 2
"""Values in a difference."""


@njit(cache=True, nogil=True, error_model="numpy")
def _put(entries, places, products, weights):
    """Add every product times its weight where it belongs."""
    for row in range(places.shape[0]):
        for k in range(places.shape[1]):
            if places[row, k] >= 0:
                entries[places[row, k]] += weights[row] * products[row, k]


@dataclass(frozen=True, eq=False)
class Line:
    """Differences of at most two unknowns each.

    Args:
        unknowns: (differences, 2), -1 where there is none.
        factors: 1/m, what multiplies each.
    """

    unknowns: NDArray[np.int64]
    factors: Field

    @classmethod
    def of(cls, operator: Matrix, begin: int) -> Line:
        """The rows of an operator on unknowns that are counted from somewhere."""
        rows = operator.tocsr()
        unknowns = np.full((rows.shape[0], TERMS), -1, np.int64)
        factors = np.zeros((rows.shape[0], TERMS))
        count = np.diff(rows.indptr)
        row = np.repeat(np.arange(rows.shape[0]), count)
        place = np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], count)
        unknowns[row, place] = rows.indices + begin
        factors[row, place] = rows.data
        return cls(unknowns, factors)


@dataclass(frozen=True, eq=False)
class Assembly:
    """The pattern of a stiffness, and where products go in it.

    Args:
        start, column: Of compressed rows.
        parts: For each kind of product which weights it takes, its places and its products.
    """

    start: Places
    column: Places
    parts: tuple[tuple[int, Places, Field], ...]

    @classmethod
    def of(cls, products: Sequence[tuple[int, Line, Line]], unknowns: int) -> Assembly:
        """For products of differences.

        Args:
            products: Which weights, and the two differences.
            unknowns: How many there are.
        """
        keys, found = [], []
        for weights, left, right in products:
            row = np.repeat(left.unknowns, TERMS, axis=1)
            column = np.tile(right.unknowns, TERMS)
            factor = np.repeat(left.factors, TERMS, axis=1) * np.tile(right.factors, TERMS)
            keys.append(np.where((row >= 0) & (column >= 0), row * unknowns + column, -1))
            found.append((weights, factor))
        distinct, where = np.unique(np.concatenate([k.ravel() for k in keys]), return_inverse=True)
        nothing = int(distinct[0] < 0)
        where, distinct = where - nothing, distinct[nothing:]
        start = np.searchsorted(distinct, np.arange(unknowns + 1) * unknowns)
        parts, begin = [], 0
        for key, (weights, factor) in zip(keys, found, strict=True):
            places = where[begin : begin + key.size].reshape(key.shape)
            begin += key.size
            parts.append((weights, places.astype(np.int32), factor))
        return cls(start.astype(np.int32), (distinct % unknowns).astype(np.int32), tuple(parts))

    def __call__(self, weights: Sequence[Field]) -> Matrix:
        """The stiffness."""
        entries = np.zeros(self.column.size)
        for which, places, products in self.parts:
            _put(entries, places, products, weights[which])
        size = self.start.size - 1
        return sparse.csr_array((entries, self.column, self.start), shape=(size, size))
