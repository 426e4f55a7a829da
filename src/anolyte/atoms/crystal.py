"""A crystal as plain numbers: what crosses process borders, enters keys and is kept on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.materials import formula

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

Vector = tuple[float, float, float]
DIGITS = 6
"""Decimals that are kept: lengths in angstrom, positions as fractions."""


@dataclass(frozen=True)
class Crystal:
    """A periodic cell with an atom of one element on each site.

    Args:
        lattice: Its three vectors, angstrom.
        symbols: Element of each site.
        positions: Fractional, in the order of `symbols`.

    >>> cell = ((0.0, 2.0, 2.0), (2.0, 0.0, 2.0), (2.0, 2.0, 0.0))
    >>> salt = Crystal(cell, ("Li", "F"), ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)))
    >>> salt.formula, round(salt.volume, 6)
    ('LiF', 16.0)
    """

    lattice: tuple[Vector, Vector, Vector]
    symbols: tuple[str, ...]
    positions: tuple[Vector, ...]

    @classmethod
    def of(cls, structure: Structure | Atoms) -> Crystal:
        """From a pymatgen structure or ASE's atoms.

        Raises:
            DataError: Partial occupancies, or atoms without a cell.
        """
        if (scaled := getattr(structure, "get_scaled_positions", None)) is not None:
            atoms: Any = structure
            if abs(np.linalg.det(atoms.cell)) == 0.0:
                raise DataError(f"{atoms.get_chemical_formula()}: atoms without a cell")
            return cls.of_arrays(np.array(atoms.cell), tuple(atoms.symbols), scaled(wrap=False))
        structure = cast("Structure", structure)
        if not structure.is_ordered:
            raise DataError(f"{structure.formula}: partial occupancies; order it first")
        symbols = tuple(site.specie.symbol for site in structure)
        return cls.of_arrays(structure.lattice.matrix, symbols, structure.frac_coords)

    @classmethod
    def of_arrays(
        cls, lattice: NDArray[np.float64], symbols: tuple[str, ...], positions: NDArray[np.float64]
    ) -> Crystal:
        """From arrays, rounded; positions are brought into the cell."""
        inside = np.round(np.asarray(positions) % 1.0, DIGITS) % 1.0
        rows = [_vector(v) for v in np.round(np.asarray(lattice, dtype=float), DIGITS)]
        return cls((rows[0], rows[1], rows[2]), symbols, tuple(_vector(v) for v in inside))

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """The lattice vectors as rows, angstrom."""
        return np.array(self.lattice)

    @property
    def volume(self) -> float:
        """Of the cell, cubic angstrom."""
        return abs(float(np.linalg.det(self.matrix)))

    @property
    def amounts(self) -> dict[str, float]:
        """Atoms of each element in the cell."""
        return {e: float(self.symbols.count(e)) for e in dict.fromkeys(self.symbols)}

    @property
    def formula(self) -> str:
        """Reduced formula."""
        return formula.write(formula.reduced(self.amounts)[0])

    @property
    def digest(self) -> str:
        """Of its numbers."""
        text = repr((self.lattice, self.symbols, self.positions))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def ase(self) -> Atoms:
        """As atoms of ASE, periodic in all directions."""
        from ase import Atoms

        places = self.positions
        return Atoms(list(self.symbols), cell=self.matrix, scaled_positions=places, pbc=True)

    def pymatgen(self) -> Structure:
        """As a pymatgen structure."""
        from pymatgen.core import Lattice, Structure

        return Structure(Lattice(self.matrix), list(self.symbols), np.array(self.positions))


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = (float(v) + 0.0 for v in values)
    return x, y, z
