"""Work of adhesion against surface energies, on a potential that needs no network."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("ase", reason="the potential of these tests is ASE's")
pytest.importorskip("pymatgen", reason="slabs are cut by pymatgen")

from anolyte.atoms.adhesion import EV_PER_A2, Adhesion, Slab, _cell, _tiled, adhesion, slabs
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import FromAse
from anolyte.core.errors import NotConverged


def metal(symbol: str, a: float) -> tuple[Crystal, FromAse]:
    from ase.calculators.emt import EMT

    h = a / 2.0
    cell = Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), (symbol,), ((0.0, 0.0, 0.0),))
    potential = FromAse(EMT(), "effective medium theory")
    return dict(relax([cell], potential, fmax=1e-3))[0].crystal, potential


def surface_energy(slab: Slab, bulk: Crystal, potential: FromAse) -> float:
    plane = np.array(slab.plane)
    alone = _cell(plane, slab.height + 15.0, _tiled(slab, np.eye(2, dtype=int), np.eye(2)))
    end = dict(relax([alone], potential, cells=False))[0]
    per_atom = potential.many([bulk])[0].energy / len(bulk.symbols)
    area = abs(np.linalg.det(plane))
    return (end.energy - per_atom * len(slab.symbols)) / (2.0 * area) * EV_PER_A2


def test_a_metal_on_itself_holds_by_no_more_than_two_surfaces() -> None:
    bulk, potential = metal("Cu", 3.6)
    slab = slabs(bulk, (1, 1, 1), 6.0)[0]
    gamma = surface_energy(slab, bulk, potential)
    found = adhesion(slab, slab, potential, area=8.0, starts=6)
    assert found.strain < 1e-6
    # Random places fall into the hollow of the other face: the whole cohesion comes back.
    assert 0.9 * 2.0 * gamma < found.work <= 2.0 * gamma * 1.001
    assert len(found.starts) == 6 and max(found.starts) == found.work


def test_a_supercell_of_a_slab_has_all_its_atoms() -> None:
    bulk, _ = metal("Al", 4.0)
    slab = slabs(bulk, (1, 0, 0), 6.0)[0]
    times = np.array([[2, 1], [-1, 3]])
    symbols, placed = _tiled(slab, times, np.eye(2))
    assert len(symbols) == 7 * len(slab.symbols)
    gaps = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    assert gaps[gaps > 0.0].min() > 2.5 and len(np.unique(placed.round(5), axis=0)) == len(symbols)


def test_the_angle_goes_from_spreading_to_none() -> None:
    def angle(work: float) -> float:
        return Adhesion(work, 1.0, 0.0, 1).contact_angle(0.5)

    assert angle(1.0) == 0.0 and angle(2.0) == 0.0
    assert angle(0.5) == pytest.approx(math.pi / 2) and angle(0.0) == pytest.approx(math.pi)


def test_no_common_cell_is_no_answer() -> None:
    bulk, potential = metal("Cu", 3.6)
    slab = slabs(bulk, (1, 1, 1), 6.0)[0]
    other = Slab(((7.3, 0.0), (0.0, 9.1)), slab.symbols, slab.positions)
    with pytest.raises(NotConverged, match="no common cell below 20 square angstrom"):
        adhesion(slab, other, potential, area=20.0)
