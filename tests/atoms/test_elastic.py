"""Elastic constants against second derivatives of the energy, and against isotropy."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("ase", reason="the potential of these tests is ASE's")
pytest.importorskip("pymatgen", reason="structures are handed over as pymatgen's")

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.elastic import PASCAL, _of, elastic
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import FromAse
from anolyte.core.errors import NotConverged


def copper() -> tuple[Crystal, FromAse]:
    from ase.calculators.emt import EMT

    h = 1.8
    cell = Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), ("Cu",), ((0.0, 0.0, 0.0),))
    potential = FromAse(EMT(), "effective medium theory")
    return dict(relax([cell], potential, fmax=1e-4))[0].crystal, potential


def test_cubic_constants_are_the_curvature_of_the_energy() -> None:
    crystal, potential = copper()
    found = elastic(crystal, potential)
    c = np.array(found.constants)
    assert c[0, 0] == pytest.approx(c[1, 1], rel=1e-3)
    assert abs(c[0, 3]) < 1e-3 * c[0, 0]
    energies = []
    for size in (-0.004, 0.0, 0.004):
        lattice = crystal.matrix @ (np.eye(3) * (1.0 + size))
        moved = Crystal.of_arrays(lattice, crystal.symbols, np.array(crystal.positions))
        energies.append(potential.many([moved])[0].energy)
    curvature = (energies[0] - 2.0 * energies[1] + energies[2]) / 0.004**2
    assert found.bulk == pytest.approx(curvature / (9.0 * crystal.volume) * PASCAL, rel=0.01)


def test_an_isotropic_solid_has_one_answer_by_both_means() -> None:
    bulk, shear = 50e9, 30e9
    axial, mixed = bulk + 4.0 * shear / 3.0, bulk - 2.0 * shear / 3.0
    c = np.diag([axial] * 3 + [shear] * 3)
    c[:3, :3] += mixed * (1.0 - np.eye(3))
    found = _of(c, "glass")
    assert found.bulk == pytest.approx(bulk) and found.shear == pytest.approx(shear)
    assert found.youngs == pytest.approx(9 * bulk * shear / (3 * bulk + shear))


def test_a_solid_that_shears_at_no_cost_is_refused() -> None:
    c = np.diag([100e9, 100e9, 100e9, 20e9, 20e9, -1e9])
    with pytest.raises(NotConverged, match="elastically unstable"):
        _of(c, "LiX")
