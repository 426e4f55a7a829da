r"""Faces of a crystal that a film of it would show: dipole-free cuts and their surface energies.

$$ \gamma = \frac{E_\mathrm{slab} - n E_\mathrm{bulk}}{2A} $$

Only slabs of the crystal's own composition whose two faces are equal have one surface energy; the
others depend on the chemical potentials and are left out. The cell of the slab is that of the
crystal, the atoms are relaxed.

Range: unreconstructed faces of low index, clean, at 0 K; universal potentials are too soft at
surfaces, so that the order of the faces is better than the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.atoms.adhesion import EV_PER_A2, VACUUM, Slab, _cell, slabs
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, relax
from anolyte.core.errors import MissingExtra, NotConverged
from anolyte.materials import formula

THICKNESS = 7.0
"""Least thickness of a slab, angstrom."""
FACES = 4
MOST_ATOMS = 60
NOISE = 0.1
"""Distance within which atoms count as being where symmetry puts them, angstrom."""
FMAX = 0.08
STEPS = 120
Miller = tuple[int, int, int]


@dataclass(frozen=True)
class Face:
    """A cut through a crystal.

    Args:
        miller: Of the conventional cell.
        slab: Not relaxed, in the crystal's own cell.
        energy: Surface energy, J/m^2.
    """

    miller: Miller
    slab: Slab
    energy: float

    def __str__(self) -> str:
        return f"({' '.join(map(str, self.miller))})"


def faces(
    crystal: Crystal, potential: Batched, count: int = FACES, thickness: float = THICKNESS
) -> list[Face]:
    """Its dipole-free faces of its own composition, the most stable first.

    Args:
        crystal: At rest under the same potential.
        potential: Energies, forces, stresses of many at once.
        count: Orientations tried, in the order of `orientations`.
        thickness: Of the slabs, angstrom.

    Raises:
        NotConverged: None of them has one.
        MissingExtra: pymatgen is not installed.
    """
    crystal = symmetric(crystal)
    share = formula.reduced(crystal.amounts)[0]
    found = [
        (miller, slab) for miller in orientations(crystal)[:count]
        for slab in slabs(crystal, miller, thickness)
        if len(slab.symbols) <= MOST_ATOMS and _amounts(slab.symbols) == share
    ]  # fmt: skip
    whole = potential.many([crystal])[0].energy / len(crystal.symbols)
    ends = dict(relax((alone(s) for _, s in found), potential, FMAX, STEPS, cells=False))
    answers = []
    for k, (miller, slab) in enumerate(found):
        if ends[k].force < 0.3:
            area = abs(float(np.linalg.det(np.array(slab.plane))))
            excess = ends[k].energy - whole * len(slab.symbols)
            answers.append(Face(miller, slab, excess / (2.0 * area) * EV_PER_A2))
    if not answers:
        tried = f"{count} orientations, up to {MOST_ATOMS} atoms"
        raise NotConverged(f"{crystal.formula}: no dipole-free face of its composition ({tried})")
    return sorted(answers, key=lambda f: f.energy)


def symmetric(crystal: Crystal) -> Crystal:
    """Its primitive cell with the symmetry that it has but for the noise of a relaxation.

    Cutting a crystal that came to rest from displaced atoms would find no two equal faces.
    """
    return Crystal.of(_symmetry(crystal).get_primitive_standard_structure())


def orientations(crystal: Crystal) -> list[Miller]:
    """Low-index faces that symmetry tells apart, the most widely spaced planes of the
    conventional cell first."""
    from pymatgen.core.surface import get_symmetrically_distinct_miller_indices as distinct

    cell = _symmetry(crystal).get_conventional_standard_structure()
    found = [(m[0], m[1], m[-1]) for m in distinct(cell, 1)]
    return sorted(found, key=lambda m: (-cell.lattice.d_hkl(m), m))


def _symmetry(crystal: Crystal) -> Any:
    try:
        from pymatgen.symmetry.analyzer import SpacegroupAnalyzer
    except ImportError as error:
        raise MissingExtra(
            "pymatgen is not installed: pip install 'anolyte[structures]'"
        ) from error
    return SpacegroupAnalyzer(crystal.pymatgen(), symprec=NOISE)


def alone(slab: Slab) -> Crystal:
    """A slab with vacuum above it."""
    plane = np.array(slab.plane)
    return _cell(plane, slab.height + VACUUM, (slab.symbols, np.array(slab.positions)))


def _amounts(symbols: Sequence[str]) -> dict[str, float]:
    amounts = {e: float(symbols.count(e)) for e in dict.fromkeys(symbols)}
    return formula.reduced(amounts)[0]
