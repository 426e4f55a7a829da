"""Cells to compute: bulk phases of the project's files, molecules, and slabs cut of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from anolyte.atoms import structures
from anolyte.atoms.first_principles.jobs import Cell
from anolyte.core.errors import DataError, MissingExtra
from anolyte.materials import formula
from anolyte.materials.phases import DATA

if TYPE_CHECKING:
    from pymatgen.core import Structure

MOLECULES = ("H2", "N2", "O2", "F2", "Cl2")
"""Elements that are gases, as ASE's G2 set has them; relaxed in a box."""
BOX = 12.0  # angstrom
MOST_SLABS = 20  # terminations looked at


@lru_cache(maxsize=1)
def _phases() -> tuple[structures.Phase, ...]:
    return tuple(structures.load())


@lru_cache(maxsize=1)
def _computed() -> Mapping[str, float]:
    """Energy of each structure by name, eV per atom: which polymorph is the lowest."""
    with (DATA / "computed.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["energy_eV_per_atom"]) for row in csv.DictReader(file)}


def structure_of(composition: Mapping[str, float]) -> structures.Phase | None:
    """The project's structure of lowest computed energy with this composition."""
    energies = _computed()
    same = [p for p in _phases() if formula.same(formula.parse(p.formula), composition, 1e-3)]
    return min(same, key=lambda p: (energies.get(p.name, 1e9), p.name), default=None)


def bulk(phase: structures.Phase) -> Structure:
    """An ordered cell of a phase.

    Raises:
        DataError: Site occupations that cannot be ordered.
        MissingExtra: pymatgen is not installed.
    """
    return phase.structures(count=1)[0]


def molecule(element: str) -> Cell | None:
    """The molecule of a gaseous element in a box; None for elements that are none.

    Raises:
        MissingExtra: ase is not installed.
    """
    name = f"{element}2"
    if name not in MOLECULES:
        return None
    try:
        from ase.build import molecule as build
    except ImportError:
        raise MissingExtra("molecules come from ase: pip install 'anolyte[structures]'") from None
    atoms: Any = build(name, vacuum=BOX / 2.0)
    atoms.set_cell([BOX, BOX + 0.5, BOX + 1.0])  # no symmetry to break
    atoms.center()
    return _cell(atoms.cell, list(atoms.symbols), atoms.get_scaled_positions())


def slab(structure: Structure, miller: tuple[int, int, int], thickness: float, gap: float) -> Cell:
    """A slab whose third vector is normal to its surface, with vacuum beside it.

    Of the terminations the symmetric one with the fewest atoms is taken, for a slab with two
    unlike faces has a dipole; where there is none, the first.

    Args:
        structure: Bulk.
        miller: Indices of the surface.
        thickness: Least, angstrom.
        gap: Vacuum, angstrom.

    Raises:
        DataError: No such slab.
    """
    from pymatgen.core.surface import SlabGenerator

    try:
        maker = SlabGenerator(
            structure.to_conventional(), miller, thickness, gap,
            center_slab=True, primitive=True, max_normal_search=max(map(abs, miller)),
        )  # fmt: skip
        found = maker.get_slabs(symmetrize=False)[:MOST_SLABS]
    except (ValueError, IndexError, RuntimeError) as error:
        raise DataError(f"no slab {miller}: {str(error)[:100]}") from None
    if not found:
        raise DataError(f"no slab {miller}: every cut breaks the composition")
    best = min(found, key=lambda s: (not s.is_symmetric(), len(s)))
    upright = best.get_orthogonal_c_slab().get_sorted_structure()
    return from_structure(upright)


def from_structure(structure: Structure) -> Cell:
    """The cell of an ordered pymatgen structure.

    Raises:
        DataError: Sites that are partly occupied.
    """
    if not structure.is_ordered:
        raise DataError(f"{structure.composition.reduced_formula}: sites are partly occupied")
    species = [site.specie.symbol for site in structure]  # type: ignore[union-attr]
    return _cell(structure.lattice.matrix, species, structure.frac_coords)


def _cell(vectors: Any, species: list[str], positions: Any) -> Cell:
    def triples(rows: Any) -> tuple[tuple[float, float, float], ...]:
        return tuple((float(a), float(b), float(c)) for a, b, c in rows)

    return Cell(triples(vectors), tuple(species), triples(positions))
