"""Equilibria with reservoirs: against a general solver with free columns, and by conservation."""

import numpy as np
import pytest
from scipy.optimize import linprog

from anolyte.core.errors import NotConverged
from anolyte.numerics.hull import MissingReference, lower_hull
from anolyte.numerics.reservoir import open_equilibrium


def random_table(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pure elements at zero and stable compounds of up to three of five elements."""
    rng = np.random.default_rng(seed)
    rows = [np.eye(5)[i] for i in range(5)]
    energies = [0.0] * 5
    for _ in range(40):
        chosen = rng.choice(5, size=rng.integers(2, 4), replace=False)
        amounts = np.zeros(5)
        amounts[chosen] = rng.integers(1, 5, size=chosen.size)
        rows.append(amounts / amounts.sum())
        energies.append(-3.0 * rng.random())
    return np.array(rows), np.array(energies)


@pytest.mark.parametrize("seed", range(25))
def test_equal_to_a_general_solver(seed):
    compositions, energies = random_table(seed)
    target = np.array([0.3, 0.5, 0.2, 0.0, 0.0])
    reservoirs = [3, 5 + seed]  # an element, and a compound of two or three
    energies[3], energies[5 + seed] = -0.2, energies[5 + seed] + 0.4
    bounds = [(None if i in reservoirs else 0.0, None) for i in range(len(energies))]
    peer = linprog(energies, A_eq=compositions.T, b_eq=target, bounds=bounds, method="highs")
    if peer.status == 3:
        with pytest.raises(NotConverged, match="reservoirs react"):
            open_equilibrium(compositions, energies, target, reservoirs)
        return
    found = open_equilibrium(compositions, energies, target, reservoirs)
    assert found.energy == pytest.approx(peer.fun, abs=1e-9)
    made = sum(x * compositions[row] for row, x in found.amounts.items())
    assert made == pytest.approx(target, abs=1e-12)
    assert all(x > 0.0 or row in reservoirs for row, x in found.amounts.items())
    for row in reservoirs:  # what is exchanged is in balance
        held = compositions[row] > 0.0
        price = compositions[row][held] @ found.chemical_potentials[held]
        assert price == pytest.approx(energies[row], abs=1e-9)


def test_without_reservoirs_it_is_the_hull():
    compositions, energies = random_table(3)
    target = np.array([0.2, 0.2, 0.2, 0.2, 0.2])
    closed = lower_hull(compositions, energies, target)
    assert open_equilibrium(compositions, energies, target, []).energy == pytest.approx(
        closed.energy, abs=1e-12
    )


def test_a_reservoir_never_costs():
    compositions, energies = random_table(7)
    target = np.array([0.4, 0.3, 0.3, 0.0, 0.0])
    closed = lower_hull(compositions, energies, target).energy
    assert open_equilibrium(compositions, energies, target, [4]).energy <= closed + 1e-12


def test_an_element_without_a_phase_of_its_own_is_named():
    with pytest.raises(MissingReference):
        open_equilibrium([[0.5, 0.5], [1.0, 0.0]], [-1.0, 0.0], [1.0, 0.0], [0])


def test_a_reservoir_without_an_energy_is_refused_not_taken_for_another():
    compositions, energies = random_table(7)
    energies[4] = np.inf
    with pytest.raises((ValueError, MissingReference)):
        open_equilibrium(compositions, energies, np.array([0.4, 0.3, 0.3, 0.0, 0.0]), [4])
    energies[4], energies[10] = 0.0, np.inf
    with pytest.raises(ValueError, match="finite"):
        open_equilibrium(compositions, energies, np.array([0.4, 0.3, 0.3, 0.0, 0.0]), [10])
