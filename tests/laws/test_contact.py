"""Contact laws: limits, monotony, rivals swapped; holds against their own rate equation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from anolyte.laws import contact as laws
from anolyte.laws.contact import (
    CreepHold,
    ElasticContact,
    GreenwoodWilliamson,
    HardnessDecay,
    PersistentAsperities,
    PlasticContact,
    Pressed,
)
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.law import outside
from anolyte.laws.roughness import plasticity_index
from anolyte.materials.references import bibtex

HARDNESS, RATE, EXPONENT = 2.4e6, 7.7e-3, 6.56
ALL = (
    ElasticContact(9.0e9, 0.1),
    GreenwoodWilliamson(9.0e9, 0.2e-6, 5e-6, 0.05),
    PlasticContact(HARDNESS),
    PersistentAsperities(HARDNESS),
    HardnessDecay(HARDNESS, RATE, EXPONENT),
    CreepHold(HARDNESS, RATE, EXPONENT),
    Pressed(PlasticContact(HARDNESS), 1e6, 0.5),
)
PRESSURE = st.floats(0.0, 1e8)
TIME = st.floats(0.0, 1e7)


@pytest.mark.parametrize("law", ALL, ids=lambda x: type(x).__name__)
def test_rivals_are_interchangeable(law) -> None:
    pressures = np.concatenate([[-1.0, 0.0], np.geomspace(1e-3, 1e10, 40)])
    shares = law(pressures, 60.0)
    assert shares.shape == pressures.shape
    assert np.all((shares >= 0.0) & (shares <= 1.0))
    assert np.all(np.diff(shares) >= 0.0)
    one_by_one = [float(law(float(p), 60.0)) for p in pressures]
    np.testing.assert_allclose(shares, one_by_one, rtol=1e-13, atol=0)
    assert isinstance(law.ranges["pressure"][1], float)
    bibtex(law.references)


def test_every_rival_is_tried() -> None:
    assert {type(x) for x in ALL} == {*laws.RIVALS, Pressed}


@pytest.mark.parametrize("law", ALL[:-1], ids=lambda x: type(x).__name__)
def test_no_pressure_no_contact_and_more_pressure_more_contact(law) -> None:
    assert float(law(0.0, 3600.0)) == 0.0
    shares = law(np.geomspace(1e2, 4e5, 30), 3600.0)
    assert np.all(np.diff(shares) > 0.0)


# --- Elastic --------------------------------------------------------------------------------------


def test_a_small_load_gives_perssons_factor_and_a_large_one_full_contact() -> None:
    law = ElasticContact(9.0e9, 0.1)
    reduced = 1.0 / (9.0e9 * 0.1)
    assert law(1e3) == pytest.approx(np.sqrt(8 / np.pi) * 1e3 * reduced, rel=1e-6)
    assert law(1e10) == 1.0


def test_the_error_function_is_the_absorbed_diffusion_of_the_theory() -> None:
    """Pressures spread as a Gaussian that starts at P and is absorbed at zero."""
    modulus, slope, load = 1.0e9, 0.2, 3.0e7
    variance = (modulus * slope) ** 2 / 4.0  # of the pressure in full contact

    def density(p: float) -> float:
        near, far = (
            np.exp(-((p - load) ** 2) / (2 * variance)),
            np.exp(-((p + load) ** 2) / (2 * variance)),
        )
        return (near - far) / np.sqrt(2 * np.pi * variance)

    share, _ = quad(density, 0.0, 2e9, points=[1e8, 3e8], epsabs=0, epsrel=1e-10)
    borne, _ = quad(lambda p: p * density(p), 0.0, 2e9, points=[1e8, 3e8], epsabs=0, epsrel=1e-10)
    assert ElasticContact(modulus, slope)(load) == pytest.approx(share, rel=1e-9)
    assert borne == pytest.approx(load, rel=1e-9)  # the contacted share bears the load


def test_elastic_spots_bear_more_than_the_hardness_of_lithium() -> None:
    """So that plastic laws, not the elastic one, are those of lithium."""
    assert plasticity_index(9.0e9, 0.1, HARDNESS) > 100.0
    law = ElasticContact(9.0e9, 0.1)
    index = plasticity_index(9.0e9, 0.1, 1e9)
    assert 1e4 / law(1e4) == pytest.approx(index * 1e9, rel=1e-6)


def test_greenwood_williamson_is_independent_hertz_contacts() -> None:
    """Pressure from the separation, forwards, with Hertz' area and force of each summit."""
    modulus, spread, radius, crowding = 9.0e9, 0.2e-6, 5e-6, 0.05
    law = GreenwoodWilliamson(modulus, spread, radius, crowding)
    density, separation = crowding / (spread * radius), 2.0 * spread

    def heights(z: float) -> float:
        return np.exp(-0.5 * (z / spread) ** 2) / (spread * np.sqrt(2 * np.pi))

    def force(z: float) -> float:
        return 4 / 3 * modulus * np.sqrt(radius) * (z - separation) ** 1.5 * heights(z)

    def area(z: float) -> float:
        return np.pi * radius * (z - separation) * heights(z)

    top = 10 * spread
    pressure = density * quad(force, separation, top, epsabs=0, epsrel=1e-10)[0]
    cover = density * quad(area, separation, top, epsabs=0, epsrel=1e-10)[0]
    assert law(pressure) == pytest.approx(1 - np.exp(-cover), rel=1e-7)


def test_greenwood_williamson_ends_at_a_tenth_and_is_nearly_proportional() -> None:
    law = GreenwoodWilliamson(9.0e9, 0.2e-6, 5e-6, 0.05)
    end = law.ranges["pressure"][1]
    assert law(end) == pytest.approx(1 - np.exp(-0.1), rel=1e-9)
    assert outside(law, pressure=2 * end) and not outside(law, pressure=0.5 * end)
    exponent = np.log(law(1e5) / law(1e4)) / np.log(10)
    assert 0.9 < exponent < 1.0


# --- Plastic and creep ----------------------------------------------------------------------------


def test_plastic_laws_agree_at_small_loads_and_part_at_large_ones() -> None:
    soft, confined = PlasticContact(HARDNESS), PersistentAsperities(HARDNESS)
    assert soft(1e2) == pytest.approx(1e2 / HARDNESS, rel=1e-4)
    assert confined(1e2) == pytest.approx(1e2 / HARDNESS, rel=1e-4)
    assert soft(3e7) > 0.99999 and confined(3e7) < 0.95


@pytest.mark.parametrize("pressure", [0.02e6, 0.2e6, 1.0e6])
@pytest.mark.parametrize("time", [1e-3, 1.0, 600.0, 1e5])
def test_holds_integrate_their_rate_equations(pressure: float, time: float) -> None:
    def rate(stress: float) -> float:
        return RATE * (stress / 1e6) ** EXPONENT

    first = 1 - np.exp(-pressure / HARDNESS)
    settings = {"method": "LSODA", "rtol": 1e-11, "atol": 1e-14}
    gaps = solve_ivp(lambda _, x: -rate(pressure / (1 - x)) * x, (0, time), [1 - first], **settings)
    law = CreepHold(HARDNESS, RATE, EXPONENT)
    assert law(pressure, time) == pytest.approx(1 - gaps.y[0, -1], rel=1e-8)

    spots = solve_ivp(
        lambda _, s: s * rate(pressure / s), (0, time), [pressure / HARDNESS], **settings
    )
    other = HardnessDecay(HARDNESS, RATE, EXPONENT)
    assert other(pressure, time) == pytest.approx(1 - np.exp(-spots.y[0, -1]), rel=1e-8)


@pytest.mark.parametrize("kind", [HardnessDecay, CreepHold])
def test_a_hold_starts_plastic_and_ends_in_full_contact(kind) -> None:
    law, pressures = kind(HARDNESS, RATE, EXPONENT), np.geomspace(1.0, 1e7, 8)
    np.testing.assert_allclose(law(pressures), PlasticContact(HARDNESS)(pressures), rtol=1e-13)
    assert law(1e6, 1e30) == 1.0
    assert law(0.0, 1e7) == 0.0


def test_small_contact_grows_by_its_power_law() -> None:
    law, load, time = CreepHold(HARDNESS, RATE, EXPONENT), 5e3, 3600.0
    first = load / HARDNESS
    power = EXPONENT + 1
    grown = (first**power + power * RATE * (load / 1e6) ** EXPONENT * time) ** (1 / power)
    assert law(load, time) == pytest.approx(grown, rel=0.01)
    assert grown > 2 * first


def test_hardness_late_in_a_hold_forgets_its_start() -> None:
    soft, hard = HardnessDecay(2e6, RATE, EXPONENT), HardnessDecay(8e6, RATE, EXPONENT)
    assert soft.hardness_after(1e6) == pytest.approx(hard.hardness_after(1e6), rel=1e-6)
    slope = np.log(soft.hardness_after(1e7) / soft.hardness_after(1e6)) / np.log(10)
    assert slope == pytest.approx(-1 / EXPONENT, rel=1e-4)


@given(PRESSURE, TIME, TIME)
def test_a_longer_hold_never_loses_contact_and_gaps_close_faster_than_spots_grow(p, a, b) -> None:
    short, long = sorted((a, b))
    for kind in (HardnessDecay, CreepHold):
        law = kind(HARDNESS, RATE, EXPONENT)
        assert law(p, long) >= law(p, short) - 1e-13
        assert law(p, short) >= PlasticContact(HARDNESS)(p) - 1e-13
    spots = HardnessDecay(HARDNESS, RATE, EXPONENT)(p, long)
    assert CreepHold(HARDNESS, RATE, EXPONENT)(p, long) >= spots - 1e-12


def test_a_hold_takes_the_creep_law_at_its_temperature() -> None:
    creep = PowerLawCreep(RATE, EXPONENT, 37e3 / 6.02214076e23)
    cold, warm = (CreepHold.of(HARDNESS, creep, t) for t in (298.15, 333.15))
    assert cold == CreepHold(HARDNESS, RATE, EXPONENT)
    assert warm(0.2e6, 600.0) > cold(0.2e6, 600.0)


def test_times_and_pressures_broadcast() -> None:
    law = CreepHold(HARDNESS, RATE, EXPONENT)
    table = law(np.array([[1e5], [1e6]]), np.array([0.0, 10.0, 1000.0]))
    assert table.shape == (2, 3)
    assert np.all(np.diff(table, axis=0) > 0) and np.all(np.diff(table, axis=1) > 0)


def test_pressing_is_remembered_as_far_as_it_is_kept() -> None:
    law = PlasticContact(HARDNESS)
    for kept in (0.0, 0.3, 1.0):
        pressed = Pressed(law, 5e6, kept)
        assert pressed(0.0) == pytest.approx(kept * law(5e6))
        assert pressed(5e6) == law(5e6)
    assert Pressed(law, 1e6, 0.0)(2e5) == law(2e5)


def test_small_loads_keep_their_digits() -> None:
    """A pressure of 1e-9 of the hardness is a contact of 1e-9, to every digit."""
    for law in (PlasticContact(1e6), PersistentAsperities(1e6)):
        assert law(1e-3) == pytest.approx(1e-9 * (1.0 - 0.5e-9), rel=1e-9)
    for law in (HardnessDecay(1e6, RATE, EXPONENT), CreepHold(1e6, RATE, EXPONENT)):
        assert law(1e-3) == pytest.approx(1e-9, rel=1e-8)
