"""Gas pressures over a solid at a potential: Nernst, limits of a window, and an order of gases."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from anolyte.core.errors import DataError
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.laws.gibbs import at
from anolyte.laws.vapours import gas_pressures
from anolyte.materials import formula
from anolyte.materials.phases import embedded
from anolyte.numerics import hull

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


@pytest.mark.parametrize(
    ("solid", "potential"),
    [("Li6PS5Cl", 3.0), ("Li3N", 0.4), ("Li7La3Zr2O12", 3.1), ("LiNH2", 1.0), ("Li3PO4", 4.0)],
)
def test_equal_to_the_least_chemical_potentials_of_a_general_solver(room, solid, potential):
    """Over all duals of the open equilibrium, the ones that hold a gas down most."""
    composition = formula.parse(solid)
    table = room.within({*composition, "Li"})
    lithium = table.elements.index("Li")
    closed = [i for i in range(len(table.elements)) if i != lithium]
    metal = hull.lower_hull(table.fractions, table.energies, np.eye(len(closed) + 1)[lithium])
    held, target = table.fractions[:, closed], table.vector(composition)[closed]
    bound = table.energies - table.fractions[:, lithium] * (metal.energy - potential)
    free = [(None, None)] * len(closed)
    ground = linprog(-target, A_ub=held, b_ub=bound, bounds=free, method="highs")
    found = gas_pressures(room, composition, potential)
    rows = {p.formula: i for i, p in enumerate(table.rows) if p.state == "gas"}
    for gas, pressure in list(found.items())[:3]:
        least = linprog(
            held[rows[gas]], A_ub=np.vstack([held, -target]), b_ub=[*bound, ground.fun + 1e-9],
            bounds=free, method="highs",
        ).fun  # fmt: skip
        excess = (least - table.energies[rows[gas]]) * table.atoms[rows[gas]]
        assert math.log(pressure / 1e5) == pytest.approx(excess * VOLT, abs=1e-3)


def test_whole_numbers_are_amounts_too_and_lithium_has_no_gas(room):
    found = gas_pressures(room, {"Li": 3, "N": 1}, 0.4)
    assert found == gas_pressures(room, {"Li": 3.0, "N": 1.0}, 0.4)
    assert gas_pressures(room, {"Li": 1.0}, 1.0) == {}
