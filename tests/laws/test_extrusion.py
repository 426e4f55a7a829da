"""Lithium pressed through pores: published lives under pressure, and how damage adds up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws.extrusion import PorePenetration
from anolyte.laws.law import outside
from anolyte.materials import library, pairs

HOUR = 3600.0


@pytest.fixture(scope="module")
def argyrodite() -> PorePenetration:
    """A cold-pressed argyrodite as the data files have it."""
    lib = library.default()
    found = pairs.contact(lib.electrolyte("Li6PS5Cl"), lib.anode("Li"))
    return PorePenetration(
        found.need("penetration_life").si,
        found.need("penetration_exponent").si,
        lib.anode("Li").need("creep_activation_energy").si,
    )


@pytest.mark.parametrize(("pressure", "hours"), [(10, 474), (15, 272), (20, 190), (25, 48)])
def test_lives_that_it_was_fitted_to_within_the_scatter(argyrodite, pressure, hours) -> None:
    life = float(argyrodite.time_to_short(pressure * 1e6, 298.15)) / HOUR
    assert 1 / 1.7 < life / hours < 1.7


def test_five_megapascal_last_more_than_a_thousand_hours(argyrodite) -> None:
    assert float(argyrodite.time_to_short(5e6, 298.15)) > 1000 * HOUR


def test_a_short_at_75_megapascal_within_a_factor_of_three_of_another_laboratory(
    argyrodite,
) -> None:
    life = float(argyrodite.time_to_short(75e6, 298.15)) / HOUR
    assert 1 / 3 < life / 13.0 < 3.0


@given(st.floats(1e4, 1e9), st.floats(200.0, 500.0), st.floats(0.5, 5.0))
def test_life_is_one_over_the_rate_and_a_power_of_pressure(pressure, kelvin, exponent) -> None:
    law = PorePenetration(1e6, exponent, 5e-20)
    life = float(law.time_to_short(pressure, kelvin))
    assert life * float(law.rate(pressure, kelvin)) == pytest.approx(1.0)
    assert float(law.time_to_short(2 * pressure, kelvin)) == pytest.approx(life / 2**exponent)
    assert float(law.time_to_short(pressure, kelvin + 10.0)) < life


def test_at_one_megapascal_and_the_reference_it_is_the_life_itself() -> None:
    law = PorePenetration(7e5, 2.3, 5e-20, reference=310.0)
    assert float(law.time_to_short(1e6, 310.0)) == pytest.approx(7e5)
    assert float(law.rate(0.0, 310.0)) == 0.0


def test_arrays_and_floats_agree_and_its_range_is_told(argyrodite) -> None:
    pressure, kelvin = np.array([1e6, 1e7, 5e7]), np.array([280.0, 300.0, 340.0])
    expected = [
        float(argyrodite.rate(float(p), float(t))) for p, t in zip(pressure, kelvin, strict=True)
    ]
    np.testing.assert_allclose(argyrodite.rate(pressure, kelvin), expected, rtol=1e-14)
    assert outside(argyrodite, pressure=75e6) and not outside(argyrodite, pressure=20e6)
