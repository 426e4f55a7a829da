"""Gas pressures over a solid at a potential: Nernst, limits of a window, and an order of gases."""

import math

import pytest

from anolyte.core.errors import DataError
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.laws.gibbs import at
from anolyte.laws.vapours import gas_pressures
from anolyte.materials.phases import embedded

VOLT = 96485.332 / (8.314462618 * 298.15)


@pytest.fixture(scope="module")
def room():
    return at(embedded(), 298.15)


def test_at_the_oxidation_limit_the_gas_stands_at_its_pressure(room):
    salt = {"Li": 1.0, "Cl": 1.0}
    limit = lithium_ladder(room, salt).oxidation_limit
    assert gas_pressures(room, salt, limit)["Cl2"] == pytest.approx(1e5, rel=1e-3)


@pytest.mark.parametrize("below", [0.05, 0.2])
def test_nernst(room, below):
    """2 LiCl = 2 Li + Cl2: two electrons a molecule."""
    salt = {"Li": 1.0, "Cl": 1.0}
    limit = lithium_ladder(room, salt).oxidation_limit
    found = gas_pressures(room, salt, limit - below)["Cl2"]
    assert math.log(found / 1e5) == pytest.approx(-2.0 * below * VOLT, rel=1e-3)


def test_no_gas_stands_above_its_pressure(room):
    solid = {"Li": 6.0, "P": 1.0, "S": 5.0, "Cl": 1.0}
    for potential in (0.0, 1.0, 2.2, 3.0, 4.5):
        assert all(p <= 1e5 * 1.001 for p in gas_pressures(room, solid, potential).values())


def test_enthalpies_are_refused():
    with pytest.raises(DataError, match="temperature"):
        gas_pressures(embedded(), {"Li": 1.0, "Cl": 1.0}, 3.0)
