"""The constants of nature and the atomic weights against independent tables."""

import pytest
from scipy import constants

from anolyte.core import units
from anolyte.materials.formula import ATOMIC_WEIGHTS


def test_constants_of_nature_are_those_of_codata() -> None:
    assert units.ELEMENTARY_CHARGE == constants.e
    assert units.AVOGADRO == constants.N_A
    assert units.BOLTZMANN == constants.k


def test_atomic_weights_agree_with_another_table() -> None:
    core = pytest.importorskip("pymatgen.core", reason="pymatgen is the other table")
    for element, weight in ATOMIC_WEIGHTS.items():
        assert weight == pytest.approx(float(core.Element(element).atomic_mass), rel=5e-4), element
