"""Growth of the interphase: published thicknesses, and the limits of its formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.law import outside
from anolyte.materials import library, pairs

HOUR = 3600.0
TIME = st.floats(1.0, 3e7)
EXPONENT = st.floats(1.0, 4.0)
CONSTANT = st.floats(1e-24, 1e-15)


@pytest.fixture(scope="module")
def argyrodite() -> InterphaseGrowth:
    """The interphase of lithium on Li6PS5Cl as the data files have it."""
    lib = library.default()
    found = pairs.contact(lib.electrolyte("Li6PS5Cl"), lib.anode("Li"))
    return InterphaseGrowth(
        constant=found.need("growth_constant").si,
        activation_energy=found.need("growth_activation_energy").si,
        exponent=found.need("growth_exponent").si,
        lag=found.need("growth_lag").si,
    )


@pytest.mark.parametrize(("hours", "nanometres"), [(168.0, 315.0), (400.0, 540.0)])
def test_thicknesses_of_the_argyrodite(argyrodite, hours, nanometres) -> None:
    found = float(argyrodite(hours * HOUR, 298.15)) * 1e9
    assert found == pytest.approx(nanometres, rel=0.05)


def test_the_same_charge_comes_at_40_degrees_after_120_hours(argyrodite) -> None:
    warm, cool = argyrodite(120 * HOUR, 313.15), argyrodite(400 * HOUR, 298.15)
    assert float(warm) == pytest.approx(float(cool), rel=0.05)


def test_without_the_lag_the_week_would_be_missed(argyrodite) -> None:
    """Pure square root through the late point gives 350 nm after a week; 315 nm was measured."""
    plain = InterphaseGrowth(float(argyrodite(400 * HOUR, 298.15)) ** 2 / (400 * HOUR))
    assert float(plain(168 * HOUR, 298.15)) * 1e9 == pytest.approx(350.0, abs=5.0)


@given(CONSTANT, TIME)
def test_without_lag_and_start_it_is_a_parabola(constant, time) -> None:
    law = InterphaseGrowth(constant)
    assert float(law(time, 298.15)) == pytest.approx((constant * time) ** 0.5, rel=1e-9)


@given(TIME, st.floats(0.0, 1e6))
def test_at_a_constant_rate_it_is_linear(time, lag) -> None:
    law = InterphaseGrowth(1e-18, exponent=1.0, lag=lag)
    rate = (1e-18 / law.reference_time) ** 0.5
    assert float(law(time, 298.15)) == pytest.approx(rate * float(law.effective_age(time)))
    assert float(law(2 * time, 298.15)) >= 2 * float(law(time, 298.15)) * (1 - 1e-12)


@given(CONSTANT, EXPONENT)
def test_all_exponents_meet_at_the_reference_time(constant, exponent) -> None:
    law = InterphaseGrowth(constant, exponent=exponent)
    parabola = InterphaseGrowth(constant)
    tau = law.reference_time
    assert float(law(tau, 298.15)) == pytest.approx(float(parabola(tau, 298.15)), rel=1e-9)
    early, late = (float(law(t, 298.15) / parabola(t, 298.15)) for t in (0.1 * tau, 10 * tau))
    assert (late - 1.0) * (2.0 - exponent) >= -1e-9 and (early - 1.0) * (exponent - 2.0) >= -1e-9


@given(TIME, st.floats(230.0, 420.0), EXPONENT, st.floats(0.0, 1e6))
def test_temperature_only_scales_the_age(time, kelvin, exponent, lag) -> None:
    law = InterphaseGrowth(2e-19, 1e-19, exponent, lag, initial=1e-9)
    pace = float(law.ageing(kelvin))
    assert float(law(time, kelvin)) == pytest.approx(float(law.thickness(time * pace)), rel=1e-12)
    assert float(law.ageing(law.reference)) == 1.0
    assert (pace - 1.0) * (kelvin - law.reference) >= 0.0


@given(st.floats(1e3, 1e6))
def test_lag_starts_as_a_square_and_ends_as_a_shift(lag) -> None:
    law = InterphaseGrowth(1e-19, lag=lag)
    early, late = 1e-2 * lag, 1e3 * lag
    assert float(law.effective_age(early)) == pytest.approx(early**2 / (2 * lag), rel=0.01)
    assert float(law.effective_age(late)) == pytest.approx(late - lag, rel=1e-9)
    assert float(law.effective_age(0.0)) == 0.0


@given(st.floats(0.0, 1e-6), EXPONENT)
def test_it_begins_at_its_initial_thickness_and_never_shrinks(initial, exponent) -> None:
    law = InterphaseGrowth(2e-19, exponent=exponent, lag=1e5, initial=initial)
    thickness = law(np.geomspace(1.0, 1e8, 200), 298.15)
    assert float(law(0.0, 298.15)) == pytest.approx(initial, rel=1e-9, abs=1e-15)
    assert (np.diff(thickness) >= -1e-12 * thickness[:-1]).all()


def test_arrays_and_floats_agree_and_no_constant_grows_nothing() -> None:
    law = InterphaseGrowth(np.array([0.0, 1e-19]), 1e-20, np.array([2.0, 1.0]), lag=1e4)
    found = law(np.array([1e6, 1e6]), 310.0)
    one = InterphaseGrowth(1e-19, 1e-20, 1.0, 1e4)(1e6, 310.0)
    np.testing.assert_allclose(found, [0.0, float(one)], rtol=1e-14)
    assert outside(law, time=1e9) and not outside(law, time=1e6)
