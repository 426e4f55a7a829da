"""What plating loses: efficiency by hand, the lithium balance, islands against films."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import DataError
from anolyte.laws.plating import IslandPlating, PlanarPlating
from anolyte.laws.plating_losses import (
    ISOLATIONS,
    CoverageIsolation,
    FixedIsolation,
    LithiumInventory,
    PlatingCycle,
)

VOLUME = 13.0e-6


def test_efficiency_by_hand():
    """1 mAh/cm2 plated, 2 % to the interphase, 1 % of the rest cut off: 0.98 x 0.99."""
    cycle = PlatingCycle(PlanarPlating(VOLUME), FixedIsolation(0.01))
    (only,) = cycle.run(LithiumInventory(7.2e4), 3.6e4, [720.0])
    assert only.efficiency == pytest.approx(0.98 * 0.99, rel=1e-14)
    assert only.inventory.interphase == 720.0
    assert only.inventory.isolated == pytest.approx(0.01 * 0.98 * 3.6e4)


def test_capacity_fades_as_the_power_of_the_efficiency():
    """With no spare lithium what is left after n cycles is the product of the efficiencies."""
    cycle = PlatingCycle(PlanarPlating(VOLUME), FixedIsolation(0.02))
    cycles = list(cycle.run(LithiumInventory(3.6e4), 3.6e4, np.zeros(50)))
    assert cycles[-1].discharged == pytest.approx(3.6e4 * 0.98**50, rel=1e-12)


def test_spare_lithium_keeps_the_capacity_until_it_is_gone():
    cycle = PlatingCycle(PlanarPlating(VOLUME), FixedIsolation(0.01))
    cycles = list(cycle.run(LithiumInventory(2.0 * 3.6e4), 3.6e4, np.zeros(200)))
    charged = np.array([c.charged for c in cycles])
    assert (charged[:100] == 3.6e4).all()
    assert (charged[103:] < 3.6e4).all()


@given(
    start=st.floats(1.0, 1e6),
    charge=st.floats(0.0, 1e6),
    share=st.floats(0.0, 1.0),
    sides=st.lists(st.floats(0.0, 1e5), min_size=1, max_size=20),
)
def test_the_inventory_closes(start, charge, share, sides):
    cycle = PlatingCycle(IslandPlating(1e12, 1.0, VOLUME), FixedIsolation(share))
    for step in cycle.run(LithiumInventory(start), charge, sides):
        assert step.inventory.total == pytest.approx(start, rel=1e-13)
        lost = step.charged - step.discharged
        assert -1e-9 * start <= lost <= step.charged + 1e-9 * start
        assert 0.0 <= step.efficiency <= 1.0 + 1e-12


def test_islands_cost_more_lithium_than_a_film():
    assert ISOLATIONS == (FixedIsolation, CoverageIsolation)
    law = CoverageIsolation(0.001, 0.05)
    runs = []
    for deposit in (PlanarPlating(VOLUME), IslandPlating(1e10, 1.5, VOLUME)):
        (step,) = PlatingCycle(deposit, law).run(LithiumInventory(3.6e4), 3.6e3, [0.0])
        runs.append(step)
    assert runs[0].efficiency == pytest.approx(0.999)
    assert runs[1].efficiency < runs[0].efficiency
    assert runs[1].coverage < 1.0


@pytest.mark.parametrize("amount", [-1.0, math.nan, math.inf])
def test_impossible_inventories_are_refused(amount):
    with pytest.raises(DataError, match="inventory"):
        LithiumInventory(amount)


@pytest.mark.parametrize(("charge", "side"), [(-1.0, 0.0), (1.0, -1.0), (math.nan, 0.0)])
def test_impossible_charges_are_refused(charge, side):
    cycle = PlatingCycle(PlanarPlating(VOLUME), FixedIsolation(0.01))
    with pytest.raises(DataError, match="not negative"):
        list(cycle.run(LithiumInventory(3.6e4), charge, [side]))


def test_a_half_covered_collector_loses_half_way_between_film_and_islands():
    law = CoverageIsolation(film=0.01, islands=0.05)
    assert law(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.05, 0.03, 0.01])
    assert FixedIsolation(0.02)(np.array([0.1, 0.9])).tolist() == [0.02, 0.02]
