"""Creep of lithium against the published end points, its own formula and its limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.units import BOLTZMANN
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.law import outside
from anolyte.materials import library
from anolyte.models.cell.build import Parameters, metal_creep

RATE, EXPONENT, ENERGY = 7.7e-3, 6.56, 6e-20
KELVIN = st.floats(200.0, 500.0)
STRESS = st.floats(1e4, 1e8)


@pytest.fixture(scope="module")
def lithium() -> PowerLawCreep:
    """Creep as the data files have it."""
    lib = library.default()
    return metal_creep(Parameters(lib.electrolyte("Li6PS5Cl"), lib.anode("Li"), lib))


@pytest.mark.parametrize(("stress", "measured"), [(0.2e6, 2.0e-7), (0.6e6, 3.89e-4)])
def test_end_points_of_masias_within_a_factor_of_one_and_a_half(lithium, stress, measured) -> None:
    ratio = float(lithium(stress, 299.15)) / measured
    assert 1 / 1.5 < ratio < 1.5


def test_the_steep_rise_between_the_end_points(lithium) -> None:
    """Threefold stress, more than a thousandfold rate: no law of a lower power can do this."""
    rise = float(lithium(0.6e6, 298.15) / lithium(0.2e6, 298.15))
    assert rise == pytest.approx(3.0**lithium.exponent)
    assert 1000.0 < rise < 3.89e-4 / 2.0e-7 * 1.2


@given(STRESS, KELVIN, st.floats(0.5, 8.0))
def test_the_formula_as_it_is_written(stress, kelvin, exponent) -> None:
    law = PowerLawCreep(RATE, exponent, ENERGY, reference=300.0)
    arrhenius = math.exp(-ENERGY / BOLTZMANN * (1.0 / kelvin - 1.0 / 300.0))
    assert law(stress, kelvin) == pytest.approx(RATE * (stress / 1e6) ** exponent * arrhenius)
    assert law.rate_at(kelvin) == pytest.approx(law(1e6, kelvin))


def test_the_slope_over_temperature_is_the_activation_energy() -> None:
    law = PowerLawCreep(RATE, EXPONENT, ENERGY)
    assert law(1e6, 298.15) == pytest.approx(RATE)
    warm = float(law(1e6, 348.15))
    slope = math.log(warm / RATE) / (1 / 298.15 - 1 / 348.15)
    assert slope * BOLTZMANN == pytest.approx(ENERGY)
    assert warm > RATE


def test_arrays_and_floats_agree_and_nothing_flows_without_stress() -> None:
    law = PowerLawCreep(RATE, EXPONENT, ENERGY)
    stress, kelvin = np.geomspace(1e4, 1e7, 7), np.linspace(250.0, 400.0, 7)
    expected = [float(law(float(s), float(t))) for s, t in zip(stress, kelvin, strict=True)]
    np.testing.assert_allclose(law(stress, kelvin), expected, rtol=1e-14)
    assert law(0.0, 300.0) == 0.0


def test_its_range_is_told() -> None:
    law = PowerLawCreep(RATE, EXPONENT, ENERGY)
    assert outside(law, stress=0.4e6) == ()
    assert outside(law, stress=0.2e6) == outside(law, stress=0.6e6) == ()
    (told,) = outside(law, stress=3e6)
    assert "stress 3 MPa is outside 0.2 MPa to 0.6 MPa" in told
    assert law.references and law.ranges["stress"] == (law.lowest, law.highest, "pressure")
