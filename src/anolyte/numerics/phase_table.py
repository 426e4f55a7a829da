"""Phase tables: which phases and elements a query touches, and what is refused at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]

PURE = 1e-9
"""A phase is a pure element when no more than this fraction is anything else."""
SUM = 1e-6
"""How far from one the element fractions of a phase may sum."""


class MissingReference(ValueError):
    """Elements (`columns`) for which the table holds no pure phase."""

    def __init__(self, columns: Sequence[int]):
        self.columns = tuple(columns)
        named = ", ".join(map(str, self.columns))
        super().__init__(f"the phase table has no pure phase for element column(s) {named}")


class PhaseTable(NamedTuple):
    """The part of a phase table that a query touches: `rows` and `elements` index the whole."""

    compositions: Array
    energies: Array
    rows: Indices
    elements: Indices

    def pure(self) -> Indices:
        """Row of the lowest pure phase of each element.

        Raises:
            MissingReference: there is none for some element.
        """
        rows, elements = np.nonzero(self.compositions >= 1.0 - PURE)
        lowest: dict[int, int] = {}
        for row, element in zip(rows.tolist(), elements.tolist(), strict=True):
            if element not in lowest or self.energies[row] < self.energies[lowest[element]]:
                lowest[element] = row
        missing = [int(self.elements[i]) for i in range(self.elements.size) if i not in lowest]
        if missing:
            raise MissingReference(missing)
        return np.array([lowest[i] for i in range(self.elements.size)], dtype=np.intp)


def validated(compositions: ArrayLike, energies: ArrayLike) -> tuple[Array, Array]:
    """Both as float arrays that make a phase table.

    Args:
        compositions: element fractions, (N, m); each row sums to one.
        energies: per atom, (N,). A row of infinite energy may hold any non-negative numbers.

    Raises:
        ValueError: wrong shapes, fractions that are negative or do not sum to one, nan energies.
    """
    compositions = np.asarray(compositions, dtype=np.float64)
    energies = np.asarray(energies, dtype=np.float64)
    if compositions.ndim != 2 or energies.shape != compositions.shape[:1]:
        raise ValueError(f"{compositions.shape} compositions do not fit {energies.shape} energies")
    if not (energies > -np.inf).all():
        raise ValueError("phase energies must be numbers")
    whole = np.abs(compositions.sum(axis=1) - 1.0) <= SUM
    if not whole[energies < np.inf].all() or not compositions.min(initial=0.0) >= 0.0:
        raise ValueError("each phase needs element fractions from zero to one that sum to one")
    return compositions, energies


def validated_target(target: ArrayLike, compositions: Array) -> Array:
    """Amounts of the elements of a query as a float array.

    Raises:
        ValueError: wrong shape, or amounts that are negative, not finite or all zero.
    """
    target = np.asarray(target, dtype=np.float64)
    if target.shape != compositions.shape[1:]:
        size = compositions.shape[1]
        raise ValueError(f"a target of shape {target.shape} in a table of {size} elements")
    if not (target.min(initial=0.0) >= 0.0 and 0.0 < target.sum() < np.inf):
        raise ValueError("a target needs finite amounts, none negative and one positive")
    return target


def restricted(compositions: Array, energies: Array, present: NDArray[np.bool_]) -> PhaseTable:
    """Phases of finite energy made of nothing but the elements that are `present` (m,).

    The restriction is exact: a phase that holds an absent element has amount zero.
    """
    able = energies < np.inf
    if not present.all():
        able &= ~(compositions[:, ~present] > 0.0).any(axis=1)
    rows, elements = np.flatnonzero(able), np.flatnonzero(present)
    # Columns in memory one after the other: products over all phases run twice as fast.
    inside = np.asfortranarray(compositions[rows][:, elements])
    return PhaseTable(inside, energies[rows], rows, elements)
