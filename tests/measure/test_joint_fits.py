"""Joint fits over time and pressure: what is shared comes back, wrong starts do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.arcs import Arc, against_sweep
from anolyte.measure.circuits import CircuitFit, JointFit
from anolyte.measure.circuits.joint import Arrhenius, Free, Power, Shared
from anolyte.measure.synthetic import CIRCUIT, ageing, pressures, temperatures


def joint(series, along, laws, **more):
    single = CircuitFit("R0", arcs=lambda _: [t.arcs for t in series.truths])
    return JointFit(CIRCUIT, laws, single=single)(series.spectra, along, noise=0.003, **more)


def test_over_time_the_shared_bulk_comes_back_and_the_interface_is_free():
    """From time zero; the boundary keeps its coefficient, not its capacitance, so that is free."""
    series = ageing(count=6, seed=3)
    laws = {"R1": Shared(), "CPE2_0": Free()}
    found = joint(series, [s.time for s in series.spectra], laws)
    assert found.good
    bulk, capacitance = found.term("R1", "value"), found.term("CPE1_0", "value")
    first = series.truths[0].pellet
    assert abs(bulk.value - first.resistance[0]) < 4.0 * bulk.sigma < 0.05 * bulk.value
    assert abs(capacitance.value - first.capacitance[0]) < 4.0 * capacitance.sigma
    place = found.names.index("R3")
    for values, errors, truth in zip(found.values, found.errors, series.truths, strict=True):
        assert abs(values[place] / truth.pellet.resistance[2] - 1.0) < 4.0 * errors[place]


def test_over_pressure_what_is_shared_and_the_power_come_back():
    series = pressures(seed=5)
    laws = {"R1": Shared(), "R2": Shared(), "R3": Power(5e6), "CPE3_0": Power(5e6)}
    found = joint(series, [s.stack_pressure for s in series.spectra], laws)
    assert found.good
    truth = {("R1", "value"): 254.65, ("R2", "value"): 60.0, ("R3", "at the reference"): 120.0,
             ("R3", "exponent"): -0.5, ("CPE3_0", "exponent"): 0.5}  # fmt: skip
    for (name, what), value in truth.items():
        term = found.term(name, what)
        assert abs(term.value - value) < 4.0 * term.sigma, (name, what)


def test_a_third_of_the_single_fits_in_wrong_minima_does_not_mislead():
    """Arcs that changed places in some single fits once drew what is shared far off."""
    series = temperatures(seed=7001, low=253.0, high=323.0, count=6)
    along = [s.temperature for s in series.spectra]
    fit = CircuitFit(CIRCUIT, arcs=lambda _: [t.arcs for t in series.truths])
    start = list(fit(series.spectra, noise=0.003))
    start[0], start[5] = start[5], start[0]
    found = joint(series, along, {}, start=start)
    assert found.good
    place = found.names.index("R1")
    for values, truth in zip(found.values, series.truths, strict=True):
        assert values[place] == pytest.approx(truth.pellet.resistance[0], rel=0.02)


@pytest.mark.parametrize("law", [Power(1.0), Arrhenius()])
def test_a_law_that_needs_it_refuses_zero(law):
    with pytest.raises(DataError, match="must be positive for"):
        law.design(np.array([0.0, 1.0]))


def test_an_arc_beyond_the_sweep_is_marked():
    fit = CircuitFit(CIRCUIT)(temperatures(False, seed=1000).spectra[-1])
    assert [a.in_sweep for a in fit.arcs if a.name == "R1"] == [False]
    blocking = Arc("CPE0", np.inf, 1e-6, 0.0, shape="blocking")
    assert against_sweep((blocking,), 1e6)[0].in_sweep
