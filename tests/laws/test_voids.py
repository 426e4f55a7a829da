"""What closes voids and what contact they leave: rivals, limits, and the measured anchors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws import voids
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.voids import (
    CLOSED,
    LEAST_CONTACT,
    CapLoss,
    Closing,
    CreepClosing,
    ExponentialLoss,
    FittedLimit,
    HyperbolicLoss,
    Together,
    VacancyDiffusion,
    stripping_speed,
)
from anolyte.materials import library
from anolyte.models.cell import build
from anolyte.models.cell.assembly import assemble

VOLUME = 13.0e-6
CREEP = PowerLawCreep(7.7e-3, 6.56, 6e-20)
PRESSURE = st.floats(0.0, 5e7)
KELVIN = st.floats(230.0, 420.0)
VOID = st.floats(0.0, 1e-4)
losses = pytest.mark.parametrize("kind", voids.CONTACT_RIVALS, ids=lambda x: x.__name__)


def laws() -> dict[str, voids.VoidLaw]:
    """One of each rival."""
    fitted = FittedLimit(0.5, 0.2, 1.8, VOLUME, 8e-20, 6e-20)
    diffusion = VacancyDiffusion(0.7, VOLUME, 8e-20)
    creep = CreepClosing(CREEP, 20e-6)
    return {
        "FittedLimit": fitted, "VacancyDiffusion": diffusion, "CreepClosing": creep,
        "Together": Together((creep, diffusion), 1e-5),
    }  # fmt: skip


every = pytest.mark.parametrize("name", laws())


def speed(law, void, contact, pressure, kelvin) -> float:
    return float(law.closing(pressure, kelvin)(void, contact, pressure))


# --- the measured anchors -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def argyrodite() -> FittedLimit:
    """The stripping limit of lithium on Li6PS5Cl as the data files have it."""
    from anolyte.materials.stack import Conditions, Interface

    law = assemble(Interface("Li6PS5Cl", "Li"), Conditions()).device.faces[0].voids
    assert isinstance(law, FittedLimit)
    return law


@pytest.mark.parametrize(("pressure", "limit"), [(3e6, 2.0), (7e6, 10.0)])
def test_stripping_limits_that_it_was_fitted_to(argyrodite, pressure, limit) -> None:
    """0.2 mA/cm2 at 3 MPa and 1.0 mA/cm2 at 7 MPa."""
    assert float(argyrodite.limit(pressure, 298.15)) == pytest.approx(limit, rel=0.02)


def test_garnet_passes_its_two_points() -> None:
    lib = library.default()
    p = build.Parameters(lib.electrolyte("LLZO"), lib.anode("Li"))
    law = FittedLimit(
        p.pair("diffusion_limited_current"), p.pair("pressure_limited_current"),
        p.pair("pressure_exponent"), VOLUME,
    )  # fmt: skip
    assert float(law.limit(0.4e6, 298.15)) == pytest.approx(1.0, rel=0.02)
    assert float(law.limit(2.0e6, 298.15)) == pytest.approx(4.0, rel=0.02)


def test_no_local_creep_law_can_pass_the_two_stripping_points(argyrodite) -> None:
    """From 3 to 7 MPa the limit rises fivefold; the sixth power would give more than a hundred."""
    fitted = argyrodite.limit(7e6, 298.15) / argyrodite.limit(3e6, 298.15)
    assert 4.5 < float(fitted) < 5.5
    assert float(CREEP(7e6, 298.15) / CREEP(3e6, 298.15)) > 100.0


def test_stripping_removes_nearly_five_micrometres_a_milliampere_hour() -> None:
    assert float(stripping_speed(10.0, VOLUME)) * 3600.0 * 1e6 == pytest.approx(4.85, abs=0.01)


# --- closing --------------------------------------------------------------------------------------


@given(VOID, st.floats(1e-3, 1.0), PRESSURE, st.floats(1.0, 8.0))
def test_the_closing_speed_as_it_is_written(void, contact, pressure, exponent) -> None:
    c = Closing(1e-10, 1e-3, exponent, 3e6, 20e-6, 1e-4)
    stress = min(pressure / contact, 3e6) / 1e6
    expected = 1e-10 + 1e-3 * stress**exponent * 20e-6 + 1e-4 * void
    fading = 1.0 - math.exp(-void / CLOSED)
    assert float(c(void, contact, pressure)) == pytest.approx(expected * fading)


def test_a_closed_void_closes_no_further_and_an_open_one_at_full_speed() -> None:
    c = Closing(steady=1e-10)
    assert c(0.0, 1.0, 1e6) == 0.0
    assert float(c(50 * CLOSED, 1.0, 1e6)) == pytest.approx(1e-10, rel=1e-12)
    assert float(c(1e-3 * CLOSED, 1.0, 1e6)) == pytest.approx(1e-13, rel=1e-3)


def test_without_a_spacing_metal_flows_over_the_voids_own_depth() -> None:
    own, given_ = CreepClosing(CREEP), CreepClosing(CREEP, 3e-6)
    assert speed(own, 3e-6, 0.5, 0.1e6, 300.0) == pytest.approx(
        speed(given_, 3e-6, 0.5, 0.1e6, 300.0)
    )
    assert speed(own, 6e-6, 0.5, 0.1e6, 300.0) == pytest.approx(
        2 * speed(own, 3e-6, 0.5, 0.1e6, 300.0)
    )


@given(st.floats(1e-3, 1.0), st.floats(1e4, 1e7), KELVIN)
def test_creep_acts_with_the_stress_of_what_is_left_in_contact(contact, pressure, kelvin) -> None:
    found = speed(CreepClosing(CREEP, 20e-6), 1e-6, contact, pressure, kelvin)
    stress = min(pressure / contact, CREEP.highest)
    assert found == pytest.approx(float(CREEP(stress, kelvin)) * 20e-6)


@every
@given(VOID, st.floats(1e-2, 1.0), PRESSURE, KELVIN)
def test_every_rival_closes_faster_under_pressure_and_in_the_warmth(
    name, void, contact, pressure, kelvin
) -> None:
    law = laws()[name]
    here = speed(law, void, contact, pressure, kelvin)
    assert here >= 0.0 and math.isfinite(here)
    assert speed(law, void, contact, 1.5 * pressure, kelvin) >= here * (1 - 1e-12)
    assert speed(law, void, contact, pressure, kelvin + 20.0) >= here * (1 - 1e-12)


@every
def test_every_rival_takes_arrays_and_says_what_it_is(name) -> None:
    law = laws()[name]
    assert type(law) in voids.RIVALS
    pressure, kelvin = np.array([0.0, 1e6, 7e6]), np.array([260.0, 298.15, 350.0])
    void, contact = np.array([1e-9, 1e-7, 1e-5]), np.array([0.9, 0.5, 0.1])
    together = law.closing(pressure, kelvin)(void, contact, pressure)
    single = [speed(law, *map(float, x)) for x in zip(void, contact, pressure, kelvin, strict=True)]
    np.testing.assert_allclose(together, single, rtol=1e-13)
    assert isinstance(law.references, tuple) and isinstance(dict(law.ranges), dict)


def test_all_rivals_are_listed() -> None:
    assert {type(law) for law in laws().values()} == set(voids.RIVALS)


@given(PRESSURE, KELVIN, st.floats(0.1, 10.0), st.floats(0.0, 10.0), st.floats(0.5, 3.0))
def test_the_fitted_limit_as_it_is_written(pressure, kelvin, j0, k, n) -> None:
    law = FittedLimit(j0, k, n, VOLUME, 8e-20, 6e-20, reference=300.0)
    change = (1.0 / kelvin - 1.0 / 300.0) / BOLTZMANN
    expected = j0 * math.exp(-8e-20 * change)
    expected += k * (pressure / 1e6) ** n * math.exp(-6e-20 * change)
    assert float(law.limit(pressure, kelvin)) == pytest.approx(expected, rel=1e-9)
    steady = law.closing(pressure, kelvin).steady
    assert float(steady) == pytest.approx(expected * VOLUME / FARADAY, rel=1e-9)


@given(PRESSURE, KELVIN)
def test_without_a_pressure_term_the_limit_is_that_of_diffusion(pressure, kelvin) -> None:
    fitted = FittedLimit(0.7, 0.0, 2.0, VOLUME, 8e-20)
    plain = VacancyDiffusion(0.7, VOLUME, 8e-20)
    assert speed(fitted, 1e-6, 0.5, pressure, kelvin) == pytest.approx(
        speed(plain, 1e-6, 0.5, pressure, kelvin)
    )


@given(VOID, st.floats(1e-2, 1.0), PRESSURE, KELVIN)
def test_together_adds_speeds(void, contact, pressure, kelvin) -> None:
    creep, diffusion = laws()["CreepClosing"], laws()["VacancyDiffusion"]
    at = (void, contact, pressure, kelvin)
    parts = speed(creep, *at) + speed(diffusion, *at)
    assert speed(Together((creep, diffusion)), *at) == pytest.approx(parts, rel=1e-12)
    healing = 1e-4 * void * (1.0 - math.exp(-void / CLOSED))
    healed = speed(Together((creep, diffusion), 1e-4), *at)
    assert healed == pytest.approx(parts + healing, rel=1e-12)
    assert speed(Together((diffusion,)), *at) == pytest.approx(speed(diffusion, *at))


def test_together_refuses_two_that_creep_and_keeps_the_narrowest_range() -> None:
    creep, fitted = laws()["CreepClosing"], laws()["FittedLimit"]
    with pytest.raises(ValueError, match="at most one"):
        Together((creep, creep)).closing(1e6, 300.0)
    low, high, _ = Together((creep, fitted)).ranges["pressure"]
    assert (low, high) == (0.0, CREEP.highest)


# --- contact --------------------------------------------------------------------------------------


@losses
@given(st.floats(1e-9, 1e-5), st.floats(0.01, 1.0))
def test_a_void_and_its_contact_belong_together(kind, depth, contact) -> None:
    law = kind(depth)
    assert float(law(law.void(contact))) == pytest.approx(contact, rel=1e-9)
    assert float(law(0.0)) == 1.0 and float(law.void(1.0)) == pytest.approx(0.0, abs=1e-20)


@losses
def test_contact_falls_with_the_void_and_arrays_agree_with_floats(kind) -> None:
    law = kind(0.5e-6)
    void = np.geomspace(1e-12, 1e-4, 200)
    contact = law(void)
    assert (np.diff(contact) <= 0.0).all() and contact[0] > contact[100]
    assert (contact > 0.0).all() or kind is ExponentialLoss
    np.testing.assert_allclose(contact, [float(law(float(x))) for x in void], rtol=1e-14)


def test_the_forms_at_their_depth() -> None:
    assert float(HyperbolicLoss(1e-6)(1e-6)) == 0.5
    assert float(ExponentialLoss(1e-6)(1e-6)) == pytest.approx(math.exp(-1.0))
    assert float(CapLoss(1e-6)(0.999e-6)) < 1e-3
    assert float(CapLoss(1e-6)(5e-6)) == LEAST_CONTACT


@given(st.floats(1e-7, 1e-4), st.floats(0.01, 0.5))
def test_caps_are_hemispheres_in_squares(side, share) -> None:
    """One hemisphere of radius r a square of side s: a = 1 - pi r^2 / s^2, h = 2 pi r^3 / 3 s^2."""
    radius = share * side
    void = 2.0 / 3.0 * math.pi * radius**3 / side**2
    law = CapLoss(2.0 / 3.0 * side / math.sqrt(math.pi))
    assert float(law(void)) == pytest.approx(1.0 - math.pi * share**2, rel=1e-9)
