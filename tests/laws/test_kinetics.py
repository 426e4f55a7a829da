"""Charge transfer: Ohm's law near rest, Tafel's far away, and the part of a face in contact."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.kinetics import ChargeTransfer

J0 = st.floats(1e-3, 1e6)
CONTACT = st.floats(1e-4, 1.0)
KELVIN = st.floats(220.0, 450.0)
CURRENT = st.floats(-1e6, 1e6)
THERMAL = BOLTZMANN * 298.15 / ELEMENTARY_CHARGE


@given(CURRENT, CONTACT, KELVIN, J0)
def test_it_is_the_butler_volmer_equation_solved_for_the_overpotential(j, a, kelvin, j0) -> None:
    law = ChargeTransfer(j0)
    f = ELEMENTARY_CHARGE / (BOLTZMANN * kelvin)
    eta = float(law(j, a, kelvin))
    forward = a * j0 * (math.exp(0.5 * f * eta) - math.exp(-0.5 * f * eta))
    assert forward == pytest.approx(j, rel=1e-6, abs=1e-9 * a * j0)
    assert float(law(-j, a, kelvin)) == pytest.approx(-eta)


@given(CONTACT, KELVIN, J0)
def test_near_rest_it_is_a_resistance(a, kelvin, j0) -> None:
    law = ChargeTransfer(j0)
    tiny = 1e-6 * j0 * a
    assert float(law(tiny, a, kelvin)) / tiny == pytest.approx(
        float(law.resistance(a, kelvin)), rel=1e-9
    )


def test_far_from_rest_a_decade_of_current_costs_the_same_voltage() -> None:
    law = ChargeTransfer(1.0)
    step = float(law(1e7, 1.0, 298.15) - law(1e6, 1.0, 298.15))
    assert step == pytest.approx(2.0 * THERMAL * math.log(10.0), rel=1e-9)


def test_the_clean_contact_of_the_literature() -> None:
    """0.1 ohm cm2 and its exchange current density belong together: k T / (e R)."""
    j0 = THERMAL / 0.1e-4
    assert j0 == pytest.approx(2569.0, rel=1e-3)
    assert float(ChargeTransfer(j0).resistance(1.0, 298.15)) == pytest.approx(0.1e-4)


def test_resistance_goes_with_one_over_the_contact() -> None:
    law = ChargeTransfer(50.0)
    assert law.resistance(0.25, 300.0) == pytest.approx(4.0 * law.resistance(1.0, 300.0))
    assert abs(law(1.0, 0.25, 300.0)) > abs(law(1.0, 1.0, 300.0))


def test_exchange_current_is_activated_about_its_reference() -> None:
    energy = 0.3 * ELEMENTARY_CHARGE
    law = ChargeTransfer(10.0, energy, reference=320.0)
    assert float(law.exchange(320.0)) == pytest.approx(10.0)
    slope = math.log(float(law.exchange(350.0)) / 10.0) / (1 / 320.0 - 1 / 350.0)
    assert slope * BOLTZMANN == pytest.approx(energy)
    warm, cold = law(1.0, 1.0, 350.0), law(1.0, 1.0, 300.0)
    assert warm < cold


def test_arrays_and_floats_agree() -> None:
    law = ChargeTransfer(np.array([1.0, 10.0, 100.0]), 1e-20)
    j, a, t = np.array([-3.0, 0.0, 7.0]), np.array([0.1, 0.5, 1.0]), np.array([280.0, 300.0, 350.0])
    expected = [
        float(ChargeTransfer(x, 1e-20)(*args))
        for x, *args in zip((1.0, 10.0, 100.0), j, a, t, strict=True)
    ]
    np.testing.assert_allclose(law(j, a, t), expected, rtol=1e-14)
    assert law(j, a, t)[1] == 0.0
