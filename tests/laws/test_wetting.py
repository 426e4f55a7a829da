"""Wetting: textbook limits, monotony, and the chain from angle to contact to resistance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from anolyte.laws import wetting as laws
from anolyte.laws.constriction import CooperMikicYovanovich
from anolyte.laws.contact import RIVALS as CONTACTS
from anolyte.laws.contact import CreepHold, PlasticContact
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.wetting import CapillaryContact, PoreFilling
from anolyte.materials.references import bibtex

ANGLE = st.floats(0.0, np.pi)
ALL = (
    CapillaryContact(PlasticContact(2.4e6), 0.4, 0.5e-6),
    PoreFilling(0.4, 0.5e-6, 0.6, 0.05),
)
names = pytest.mark.parametrize("law", ALL, ids=lambda x: type(x).__name__)


def test_adhesion_at_complete_wetting_right_angle_and_complete_drying() -> None:
    angles = np.radians([0.0, 90.0, 180.0])
    np.testing.assert_allclose(laws.work_of_adhesion(0.4, angles), [0.8, 0.4, 0.0], atol=1e-15)


@given(st.floats(0.01, np.pi))
def test_adhesion_and_angle_are_each_others_inverse(angle: float) -> None:
    adhesion = laws.work_of_adhesion(0.4, angle)
    assert laws.contact_angle_of(adhesion, 0.4) == pytest.approx(angle, abs=1e-6)


def test_more_adhesion_than_twice_the_surface_energy_spreads() -> None:
    assert laws.contact_angle_of(1.0, 0.4) == 0.0
    assert laws.contact_angle_of(-1.0, 0.4) == pytest.approx(np.pi)


@pytest.mark.parametrize("slope", [1e-12, 1e-3, 0.1, 1.0, 5.0])
def test_area_ratio_is_the_mean_over_a_gaussian_face(slope: float) -> None:
    exact, _ = quad(lambda x: np.sqrt(1 + slope**2 * x) * np.exp(-x), 0, 60, epsrel=1e-12)
    assert laws.area_ratio(slope) == pytest.approx(exact, rel=1e-9)
    assert laws.area_ratio(slope) <= np.sqrt(1 + slope**2) + 1e-12  # Jensen


def test_roughness_drives_the_angle_away_from_the_right_angle() -> None:
    angles = np.radians([30.0, 90.0, 150.0])
    apparent = laws.wenzel(angles, 1.1)
    assert apparent[0] < angles[0] and apparent[2] > angles[2]
    assert apparent[1] == pytest.approx(angles[1])
    np.testing.assert_allclose(laws.wenzel(angles, 1.0), angles)
    assert laws.wenzel(np.radians(150.0), 3.0) == pytest.approx(np.pi)


def test_a_drop_on_summits_sits_up_and_a_full_face_is_the_smooth_one() -> None:
    angle = np.radians(110.0)
    assert laws.cassie_baxter(angle, 1.0) == pytest.approx(angle)
    assert laws.cassie_baxter(angle, 0.0) == pytest.approx(np.pi)
    assert laws.cassie_baxter(angle, 0.2) > laws.cassie_baxter(angle, 0.6)


@given(st.floats(1.05, 3.0), st.floats(0.05, 0.95))
def test_both_states_have_one_angle_where_trapping_begins(ratio: float, solid: float) -> None:
    angle = laws.trapping_angle(ratio, solid)
    wet, dry = np.cos(laws.wenzel(angle, ratio)), np.cos(laws.cassie_baxter(angle, solid))
    if ratio * abs(np.cos(angle)) < 1.0:
        assert wet == pytest.approx(dry, abs=1e-9)


def test_capillary_pressure_changes_sign_at_the_right_angle() -> None:
    low, zero, high = laws.capillary_pressure(0.4, np.radians([60.0, 90.0, 120.0]), 1e-6)
    assert low == pytest.approx(0.4e6) and high == pytest.approx(-0.4e6)
    assert abs(zero) < 1e-6


@names
@given(ANGLE, ANGLE, st.floats(0.0, 5e7))
def test_a_higher_angle_never_gives_more_contact(law, a, b, pressure) -> None:
    low, high = sorted((a, b))
    wet, dry = law(pressure, low), law(pressure, high)
    assert 0.0 <= dry <= wet + 1e-12 and wet <= 1.0


@names
@given(st.floats(0.0, 1e8), st.floats(0.0, 1e8), ANGLE)
def test_more_pressure_never_gives_less_contact(law, a, b, angle) -> None:
    low, high = sorted((a, b))
    assert law(low, angle) <= law(high, angle) + 1e-12


@names
def test_rivals_take_arrays_and_name_their_sources(law) -> None:
    angles = np.radians(np.linspace(0, 180, 13))
    many = law(1e6, angles)
    np.testing.assert_allclose(many, [float(law(1e6, float(x))) for x in angles], rtol=1e-14)
    assert law(np.array([[1e5], [1e6]]), angles).shape == (2, 13)
    assert law.ranges["contact_angle"][1] == pytest.approx(np.pi)
    bibtex(law.references)


def test_every_rival_is_tried() -> None:
    assert {type(x) for x in ALL} == set(laws.RIVALS)


def test_at_the_right_angle_only_the_contact_law_is_left() -> None:
    law = CapillaryContact(PlasticContact(2.4e6), 0.4, 0.5e-6)
    assert law(1e6, np.pi / 2) == pytest.approx(PlasticContact(2.4e6)(1e6))
    assert law(0.0, np.radians(60.0)) > 0.0  # drawn in without pressure
    assert law(0.5e6, np.pi) == 0.0  # the gaps resist 1.6 MPa


def test_any_contact_law_may_stand_beneath() -> None:
    assert len(CONTACTS) >= 3
    hold = CapillaryContact(CreepHold(2.4e6, 7.7e-3, 6.56), 0.4, 0.5e-6)
    angle = np.radians(100.0)
    assert hold(1e6, angle, 600.0) > hold(1e6, angle)


def test_a_melt_fills_everything_or_touches_summits_only() -> None:
    law = PoreFilling(0.4, 0.5e-6, 0.6, 0.05)
    assert law(0.0, np.radians(89.0)) == 1.0
    assert law(0.0, np.radians(91.0)) == pytest.approx(0.05)
    assert law(1e12, np.pi) == pytest.approx(1.0)
    # half of the gaps, by area, are wider than the median radius
    pressure = 2 * 0.4 * 0.5 / 0.5e-6
    assert law(pressure, np.radians(120.0)) == pytest.approx(0.05 + 0.95 / 2)


@names
def test_angle_to_contact_to_resistance(law) -> None:
    """Cleaner faces wet better, contact grows, resistance falls; the order never breaks."""
    angles = np.radians([60.0, 95.0, 120.0, 146.0, 170.0])
    contact = law(2e6, angles)
    narrow = CooperMikicYovanovich(10e-6, 0.05)(contact)
    transfer = ChargeTransfer(100.0).resistance(np.maximum(contact, 1e-12), 298.15)
    assert np.all(np.diff(contact) < 0.0)
    assert np.all(np.diff(narrow + transfer) > 0.0)


def test_radii_spread_as_a_log_normal() -> None:
    """One spread wider or narrower than the median: what a normal distribution leaves beyond."""
    law = PoreFilling(0.4, 0.5e-6, 0.6, 0.05)
    pressure = 2 * 0.4 * 0.5 / 0.5e-6
    for away, beyond in ((1.0, 0.15865525), (-2.0, 0.97724987)):
        found = law(pressure * np.exp(-0.6 * away), np.radians(120.0))
        assert found == pytest.approx(0.05 + 0.95 * beyond, rel=1e-6)
