r"""How gladly a lithium atom sits on a surface: its binding energy against the bulk metal.

$$ E_b = E_\mathrm{slab+Li} - E_\mathrm{slab} - \frac{E_\mathrm{metal}}{n} $$

Below zero, the surface takes lithium before metal forms on it (lithiophilic); above zero, $E_b/e$
is a measure of the overpotential at which the first atoms of a nucleus are put down. It is no
nucleation overpotential: nuclei have many atoms, and a metal's own surface has $E_b > 0$ too.

Range: one atom on the most stable clean face, no charge, no electrolyte, no field; sites are found
by random starts, so that the lowest may be missed; potentials are too soft at surfaces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.adhesion import VACUUM, _cell, _tiled
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, relax
from anolyte.atoms.surfaces import Face
from anolyte.core.errors import NotConverged

Array = NDArray[np.float64]
ABOVE = 2.0
"""Of the adatom over the highest atom at the start, angstrom."""
APART = 5.5
"""Least distance of the adatom from its images, angstrom."""
STARTS = 3
FMAX = 0.08
STEPS = 100


@dataclass(frozen=True)
class Binding:
    """Of one atom on one face.

    Args:
        energy: Against the bulk metal, eV; below zero it is bound.
        face: As (h k l).
        atoms: In the cell.
        starts: Of all starts that came to rest, eV.
    """

    energy: float
    face: str
    atoms: int
    starts: tuple[float, ...] = field(default_factory=tuple)


def binding(
    face: Face,
    metal: Crystal,
    potential: Batched,
    *,
    starts: int = STARTS,
    most: int = 120,
    seed: int = 0,
) -> Binding:
    """The lowest binding energy over random places on a face.

    Args:
        face: Of the surface.
        metal: Bulk of the adatom's element, at rest under the same potential.
        potential: Energies, forces, stresses of many at once.
        starts: Places tried.
        most: Atoms in the cell.
        seed: Of the places.

    Raises:
        NotConverged: The cell would be too large, or no start comes to rest.
    """
    slab = face.slab
    times = _times(np.array(slab.plane))
    symbols, placed = _tiled(slab, times, np.eye(2))
    if len(symbols) >= most:
        raise NotConverged(f"{face}: an adatom needs a cell of {len(symbols) + 1} atoms")
    plane: Array = times.astype(float) @ np.array(slab.plane)
    height = slab.height + ABOVE + VACUUM
    spots = np.random.default_rng(seed).random((starts, 2)) @ plane
    tops = [np.array([*spot, _top(placed, spot, plane) + ABOVE]) for spot in spots]
    cells = [_cell(plane, height, (symbols, placed))]
    atom = metal.symbols[0]
    cells += [_cell(plane, height, ((*symbols, atom), np.vstack([placed, t]))) for t in tops]
    ends = dict(relax(cells, potential, FMAX, STEPS, cells=False))
    if ends[0].force > 0.3:
        raise NotConverged(f"{face}: the bare face: {ends[0].why}")
    bulk = potential.many([metal])[0].energy / len(metal.symbols)
    found = tuple(
        ends[k].energy - ends[0].energy - bulk for k in range(1, len(cells)) if ends[k].force < 0.3
    )
    if not found:
        raise NotConverged(f"{face}: no place of the adatom comes to rest")
    return Binding(min(found), str(face), len(symbols) + 1, found)


def _times(plane: Array) -> NDArray[np.int64]:
    """Repeats that keep the images of the adatom apart."""
    normal = abs(float(np.linalg.det(plane))) / np.linalg.norm(plane, axis=1)[::-1]
    return np.diag([math.ceil(APART / h - 1e-6) for h in normal]).astype(np.int64)


def _top(placed: Array, spot: Array, plane: Array) -> float:
    """Height of the highest atom within two angstrom of a spot, images included."""
    gap = (placed[:, :2] - spot) @ np.linalg.inv(plane)
    near = np.linalg.norm((gap - np.round(gap)) @ plane, axis=1) < 2.0
    return float(placed[near, 2].max()) if near.any() else float(placed[:, 2].max())
