"""Activation energies: exact on exact lines, honest intervals, and what is not a line."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.materials import library
from anolyte.measure import synthetic
from anolyte.measure.resistance import CellResistance, TotalResistance
from anolyte.measure.series.arrhenius import (
    ArrheniusResult,
    ArrheniusSettings,
    of_conductivity,
    of_resistance,
)
from anolyte.measure.series.polymer import TRANSFERENCE, PolymerResult, polymer
from anolyte.numerics.separable import student

EV = ELEMENTARY_CHARGE
K = BOLTZMANN
T = np.linspace(243.0, 353.0, 12)
ARGYRODITE = {150.58: 2.14, 50.47: 0.132, 25.36: 0.0537, 18.82: 0.0376}
"""Li6PS5Cl, degrees Celsius to S/m: entries 497 to 500 of the database of Hargreaves et al. 2023
(doi 10.1038/s41524-022-00951-z), from doi 10.1016/j.ssi.2012.06.008."""


def line(temperature, energy=0.3, prefactor=1e5):
    return prefactor / temperature * np.exp(-energy * EV / (K * temperature))


def test_an_exact_line_is_found_exactly_and_stays_a_line():
    found = of_conductivity(T, line(T))
    assert found.energy / EV == pytest.approx(0.3, rel=1e-12)
    assert math.exp(found.logarithm) == pytest.approx(1e5, rel=1e-10)
    assert found.law == "Arrhenius"
    assert found.influential == ()
    assert found.reference_value == pytest.approx(line(298.15), rel=1e-10)


def test_resistances_have_the_energy_of_their_conductivity():
    scale = 3.0  # L/A, 1/m
    typed = [TotalResistance(float(scale / s)) for s in line(T)]
    assert of_resistance(T, typed).energy == pytest.approx(
        of_conductivity(T, line(T)).energy, rel=1e-9, abs=0.0
    )
    with pytest.raises(DataError, match="different types"):
        of_resistance([300.0, 310.0], [TotalResistance(1.0), CellResistance(1.0)])


def test_the_made_series_has_the_energies_that_were_put_in():
    series = synthetic.temperatures()
    t = [truth.setup.temperature for truth in series.truths]
    for k, energy in enumerate((0.30, 0.45, 0.55)):
        made = [CellResistance(truth.arcs[k].resistance) for truth in series.truths]
        assert of_resistance(t, made).energy / EV == pytest.approx(energy, rel=1e-9)


def test_the_conductivity_of_argyrodite_has_the_published_energy():
    t = np.array(list(ARGYRODITE)) + 273.15
    sigma = np.array(list(ARGYRODITE.values()))
    found = of_conductivity(t, sigma)
    values = library.default().electrolyte("Li6PS5Cl").values("activation_energy")
    assert found.energy / EV == pytest.approx(values[0].si / EV, abs=6e-4)  # of ln(sigma T)
    # the 0.33 eV quoted for the same paper is nearer to the slope of ln(sigma), smaller by k_B T
    slope = -np.polyfit(1.0 / (K * t), np.log(sigma), 1)[0]
    assert abs(slope / EV - 0.33) < 0.25 * abs(found.energy / EV - 0.33)
    assert found.energy - slope == pytest.approx(K * np.mean(t), rel=0.1, abs=0.0)


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    energy = room = 0
    draws = 500
    settings = ArrheniusSettings(least_beside=99)  # no kinks or jumps: they take most of the time
    for _ in range(draws):
        error = rng.uniform(0.005, 0.03, T.size)
        noisy = line(T) * np.exp(error * rng.standard_normal(T.size))
        found = of_conductivity(T, noisy, error, settings)
        energy += found.energy_low <= 0.3 * EV <= found.energy_high
        room += found.reference_low <= line(298.15) <= found.reference_high
    assert 0.85 <= energy / draws <= 0.95
    assert 0.85 <= room / draws <= 0.95


def test_weights_count():
    """A point of large error hardly moves the line, and one of small error does."""
    sigma = line(T)
    sigma[0] *= 2.0
    error = np.full(T.size, 0.01)
    error[0] = 1.0
    trusted = of_conductivity(T, sigma, error).energy
    assert abs(trusted / EV - 0.3) < 1e-4
    assert abs(of_conductivity(T, sigma).energy / EV - 0.3) > 0.02


def test_a_common_factor_on_the_errors_changes_nothing():
    rng = np.random.default_rng(1)
    noisy, error = line(T) * np.exp(0.02 * rng.standard_normal(T.size)), np.full(T.size, 0.02)
    one, other = (of_conductivity(T, noisy, error * f) for f in (1.0, 10.0))
    assert one.energy_error == pytest.approx(other.energy_error, rel=1e-9, abs=0.0)
    assert one.scatter == pytest.approx(10.0 * other.scatter)


def test_a_point_that_carries_the_energy_is_named():
    sigma = line(T)
    sigma[0] *= 1.5
    sigma *= np.exp(0.001 * np.random.default_rng(2).standard_normal(T.size))
    found = of_conductivity(T, sigma)
    first = found.influential[0]
    assert first.point == 0
    without = of_conductivity(T[1:], sigma[1:])
    assert found.energy + first.shift == pytest.approx(without.energy, rel=1e-6, abs=0.0)
    assert any("without the point at -30.1 °C" in w for w in found.warnings)
    assert sum(found.leverages) == pytest.approx(2.0)


def test_a_kink_is_found_where_it_is():
    t = np.linspace(253.0, 353.0, 15)
    x = -1.0 / (K * t)
    y = 10.0 + 0.5 * EV * x - 0.2 * EV * np.maximum(x + 1.0 / (K * 303.0), 0.0)
    noisy = np.exp(y + 0.01 * np.random.default_rng(3).standard_normal(t.size)) / t
    found = of_conductivity(t, noisy)
    assert found.law == "kink"
    assert found.kink.low <= 303.0 <= found.kink.high
    assert found.kink.high - found.kink.low < 10.0
    assert found.kink.energy_below / EV == pytest.approx(0.5, abs=0.02)
    assert found.kink.energy_above / EV == pytest.approx(0.3, abs=0.02)
    assert found.reference_value == pytest.approx(np.interp(298.15, t, noisy), rel=0.05)
    assert "not one straight line" in found.warnings[0]


def test_a_jump_is_told_from_a_kink():
    t = np.linspace(300.0, 420.0, 13)
    sigma = line(t, 0.7, 1e6) * np.where(t > 380.0, 1e3, 1.0)
    sigma *= np.exp(0.02 * np.random.default_rng(4).standard_normal(t.size))
    found = of_conductivity(t, sigma)
    assert found.law == "jump"
    assert found.jump.low <= 380.0 <= found.jump.high


def test_a_polymer_is_curved_and_its_glass_temperature_is_inside_the_interval():
    t = np.linspace(298.0, 363.0, 10)
    truth = 200.0 / np.sqrt(t) * np.exp(-0.1 * EV / (K * (t - 200.0)))
    inside = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = of_conductivity(t, truth * np.exp(0.01 * rng.standard_normal(t.size)))
        assert found.law == "VTF"
        inside += found.vogel.low <= 200.0 <= found.vogel.high
    assert inside >= 15
    assert found.vogel.energy / EV == pytest.approx(0.1, abs=0.02)
    assert found.reference_low <= np.interp(298.15, t, truth) <= found.reference_high


def test_straight_lines_are_hardly_ever_called_anything_else():
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        wrong += of_conductivity(T, line(T) * np.exp(0.02 * rng.standard_normal(T.size))).law != (
            "Arrhenius"
        )
    assert wrong <= 10


def test_what_lies_outside_the_range_is_said():
    t = np.linspace(323.0, 353.0, 5)
    assert "extrapolated" in of_conductivity(t, line(t)).warnings[0]
    two = of_conductivity([300.0, 350.0], line(np.array([300.0, 350.0])), [0.01, 0.01])
    assert "without a test" in two.warnings[0]
    expected = math.hypot(0.01, 0.01) * K / (1.0 / 300.0 - 1.0 / 350.0)
    assert two.energy_error == pytest.approx(expected, rel=1e-6, abs=0.0)


def test_bad_numbers_are_refused_by_name():
    with pytest.raises(DataError, match="value of point 2 is -1"):
        of_conductivity([300.0, 310.0], [1.0, -1.0])
    with pytest.raises(DataError, match="at least two temperatures"):
        of_conductivity([300.0, 300.0], [1.0, 1.0])
    with pytest.raises(DataError, match="one of each a point"):
        of_conductivity([300.0, 310.0], [1.0])


def test_a_result_goes_through_json():
    found = of_conductivity(T, line(T) * np.exp(0.02 * np.sin(T)))
    again = ArrheniusResult.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
    assert found.rows()[0]["energy [eV]"] == pytest.approx(found.energy / EV)


def salted(t, ratio):
    glass = 195.0 + 60.0 * ratio
    return (
        300.0 / np.sqrt(t) * np.exp(-0.09 * EV / (K * (t - glass)))
        * np.exp(-0.8 * np.log(ratio / 0.08) ** 2)
    )  # fmt: skip


def test_the_best_salt_content_is_inside_its_interval():
    contents = np.array([0.02, 0.04, 0.06, 0.08, 0.12, 0.2])
    inside, draws = 0, 100
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        sigma = np.exp(-0.8 * np.log(contents / 0.07) ** 2 + 0.05 * rng.standard_normal(6))
        optimum = polymer(np.full(6, 333.0), contents, sigma).optima[0]
        inside += optimum.low <= 0.07 <= optimum.high
    assert 0.82 <= inside / draws <= 0.97


def test_a_table_gives_a_law_a_content_and_never_a_transference():
    t, ratio = (a.ravel() for a in np.meshgrid(np.arange(303.0, 374.0, 7.0), [0.04, 0.08, 0.12]))
    found = polymer(t, ratio, salted(t, ratio))
    assert [s.salt_ratio for s in found.laws] == [0.04, 0.08, 0.12]
    assert all(s.law.law == "VTF" for s in found.laws)
    for s in found.laws:
        assert s.law.vogel.temperature == pytest.approx(195.0 + 60.0 * s.salt_ratio, abs=0.5)
    assert found.optima == ()  # three contents lie on any parabola
    assert TRANSFERENCE in found.warnings
    assert any("salt contents" in w for w in found.warnings)
    assert PolymerResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_an_optimum_at_the_edge_is_none():
    contents = np.array([0.02, 0.04, 0.06, 0.08])
    found = polymer(np.full(4, 333.0), contents, contents**0.7)
    assert found.optima[0].salt_ratio is None
    assert any("no maximum" in w for w in found.warnings)


def test_temperatures_that_step_by_little_do_not_chain_into_one():
    t = np.tile(np.arange(290.0, 301.0), 5)
    r = np.repeat([0.02, 0.05, 0.1, 0.15, 0.2], 11)
    assert len(polymer(t, r, np.exp(-((np.log(r / 0.08)) ** 2))).optima) == 11


@pytest.mark.parametrize("count", [3, 5, 6, 10])
def test_points_at_about_one_temperature_give_no_crash_and_no_vtf_law(count):
    rng = np.random.default_rng(0)
    for _ in range(5):
        t = 298.15 + 1e-3 * np.arange(count)
        found = of_conductivity(t, np.exp(0.3 * rng.standard_normal(count)))
        assert found.energy_error > 10.0 * ELEMENTARY_CHARGE  # it says that it knows nothing


def test_energies_beside_a_jump_have_the_scatter_of_both_lines():
    rng, held, t = np.random.default_rng(3), 0, np.linspace(263.0, 353.0, 8)
    width = student(0.90, 4)
    for _ in range(150):
        y = 10.0 - 0.45 * ELEMENTARY_CHARGE / (BOLTZMANN * t) + (t > 308.0)
        found = of_conductivity(t, np.exp(y + 0.01 * rng.standard_normal(8)) / t).jump
        assert found is not None
        held += (
            abs(found.energy_below - 0.45 * ELEMENTARY_CHARGE) < width * found.energy_below_error
        )
        held += (
            abs(found.energy_above - 0.45 * ELEMENTARY_CHARGE) < width * found.energy_above_error
        )
    assert 0.86 < held / 300 < 0.95
