"""Polymerisation in the cell: limits, the rate laws against an integrator, signs, the chain."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from anolyte.core.units import BOLTZMANN
from anolyte.laws import polymerisation as laws
from anolyte.laws.contact import CreepHold, PlasticContact
from anolyte.laws.law import outside
from anolyte.laws.polymerisation import (
    Autocatalytic,
    FirstOrder,
    GeometricMixing,
    KeptContact,
    LaidDry,
    PercolatingLiquid,
    PolymerisedFilm,
)
from anolyte.materials.references import bibtex

WARM = 333.15
COOL = 298.15
ENERGY = 80e3 / 6.02214076e23
KINETICS = (
    FirstOrder(2e-4, ENERGY, 0.92),
    Autocatalytic(1e-3, 0.02, ENERGY, 0.92),
)
MIXTURES = (GeometricMixing(0.5, 0.01), PercolatingLiquid(0.5, 0.01, 0.318, 1.725))
SHARE = st.floats(0.0, 1.0)


def named(laws_):
    return pytest.mark.parametrize("law", laws_, ids=lambda x: type(x).__name__)


# --- conversion -----------------------------------------------------------------------------------


def slope(law, conversion, kelvin):
    """The rate law as it is written, apart from its solution."""
    rate = law.rate * math.exp(-law.activation_energy / BOLTZMANN * (1 / kelvin - 1 / 298.15))
    drive = law.seed + conversion if isinstance(law, Autocatalytic) else 1.0
    return rate * drive * (law.limit - conversion)


@named(KINETICS)
@pytest.mark.parametrize("kelvin", [COOL, WARM])
def test_the_solution_obeys_its_rate_law(law, kelvin) -> None:
    span = law.time_to(0.9, kelvin)
    times = np.linspace(0.0, span, 25)
    exact = solve_ivp(
        lambda _, x: slope(law, x, kelvin), (0.0, span), [0.0], t_eval=times, rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(law(times, kelvin), exact.y[0], atol=1e-8)


@named(KINETICS)
def test_it_starts_at_the_liquid_and_ends_at_its_limit(law) -> None:
    assert law(0.0, COOL) == 0.0
    assert law(1e9, COOL) == pytest.approx(0.92)
    assert law.time_to(0.0, COOL) == 0.0
    assert np.isinf(law.time_to(0.92, COOL)) and np.isinf(law.time_to(0.99, COOL))


@named(KINETICS)
def test_the_first_moment_has_the_first_rate(law) -> None:
    """To every digit: a conversion of 1e-12 is no difference of numbers near one."""
    assert law(1e-9, COOL) == pytest.approx(1e-9 * slope(law, 0.0, COOL), rel=1e-9)


@named(KINETICS)
@given(st.floats(0.01, 0.91))
def test_time_and_conversion_are_each_others_inverse(law, conversion) -> None:
    assert law(law.time_to(conversion, WARM), WARM) == pytest.approx(conversion, rel=1e-9)


@named(KINETICS)
def test_heat_hastens_it_by_its_activation_energy(law) -> None:
    ratio = law.time_to(0.5, COOL) / law.time_to(0.5, WARM)
    assert ratio == pytest.approx(math.exp(ENERGY / BOLTZMANN * (1 / COOL - 1 / WARM)))
    assert ratio > 10.0


def test_only_the_autocatalytic_law_starts_slowly() -> None:
    """Its rate is highest at (limit - seed) / 2; the first-order law's at the start."""
    first, auto = KINETICS
    times = np.linspace(0.0, auto.time_to(0.9, COOL), 4001)
    rates = np.gradient(auto(times, COOL), times)
    assert auto(times[rates.argmax()], COOL) == pytest.approx((0.92 - 0.02) / 2, abs=2e-3)
    rates = np.gradient(first(times, COOL), times)
    assert rates.argmax() <= 1


def test_a_seed_that_does_all_the_work_is_first_order() -> None:
    """epsilon k stays, k goes to zero: (k epsilon)(1 - X)."""
    auto, first = Autocatalytic(1e-10, 1e6), FirstOrder(1e-4)
    times = np.geomspace(1e2, 1e5, 9)
    np.testing.assert_allclose(auto(times, COOL), first(times, COOL), rtol=1e-5)


# --- conductivity ---------------------------------------------------------------------------------


@named(MIXTURES)
def test_both_ends_are_the_liquid_and_the_polymer(law) -> None:
    assert law(0.0) == pytest.approx(0.5) and law(1.0) == pytest.approx(0.01)


@named(MIXTURES)
@given(SHARE, SHARE)
def test_more_conversion_never_conducts_better(law, one, other) -> None:
    low, high = sorted((one, other))
    assert law(high) <= law(low) * (1.0 + 1e-12)


@named(MIXTURES)
def test_where_the_polymer_conducts_better_the_sign_turns(law) -> None:
    swapped = type(law)(**{**vars(law), "liquid": 0.01, "polymer": 0.5})
    assert swapped(0.9) > swapped(0.1)


def test_geometric_mixing_is_the_geometric_mean_half_way() -> None:
    assert MIXTURES[0](0.5) == pytest.approx(math.sqrt(0.5 * 0.01))


def test_a_polymer_that_does_not_conduct_stops_the_mixture_and_not_the_liquid() -> None:
    law = GeometricMixing(0.5, 0.0)
    assert law(np.array([0.0, 0.5, 1.0])).tolist() == [0.5, 0.0, 0.0]


def test_liquid_without_a_path_does_not_count() -> None:
    law = MIXTURES[1]
    assert law(1.0 - 0.318) == law(0.95) == pytest.approx(0.01)
    near = [law(1.0 - 0.318 - step) - 0.01 for step in (1e-2, 1e-3)]
    assert math.log10(near[0] / near[1]) == pytest.approx(1.725)


# --- contact --------------------------------------------------------------------------------------


@given(SHARE)
def test_a_film_made_in_the_cell_keeps_the_contact_of_the_liquid(conversion) -> None:
    assert KeptContact(0.97)(conversion, 0.0) == pytest.approx(0.97)


def test_shrinkage_costs_contact_where_it_is_told_to() -> None:
    assert KeptContact(1.0, lost=0.1)(1.0, 1e6) == pytest.approx(0.9)
    assert KeptContact(1.0, lost=0.1)(0.0, 1e6) == 1.0


@pytest.mark.parametrize("law", [PlasticContact(2.3e6), CreepHold(2.3e6, 7.7e-3, 6.56)])
def test_a_dry_film_has_the_contact_of_its_law_and_less_than_the_liquid(law) -> None:
    dry, kept = LaidDry(law), KeptContact()
    for pressure in (0.0, 0.1e6, 1e6):
        assert dry(0.7, pressure, 60.0) == law(pressure, 60.0)
        assert dry(0.7, pressure) < kept(0.7, pressure)


def test_only_what_is_still_liquid_flows_into_new_gaps() -> None:
    kept = KeptContact(gel=0.6)
    assert kept.bridging(0.0) == 1.0
    assert kept.bridging(0.3) == pytest.approx(0.5)
    assert kept.bridging(0.6) == kept.bridging(1.0) == 0.0
    assert LaidDry(PlasticContact(2.3e6)).bridging(0.0) == 0.0


# --- the chain ------------------------------------------------------------------------------------

FACE = 5e-4  # ohm m2


@named(MIXTURES)
def test_conversion_costs_resistance_and_nothing_of_the_contact(law) -> None:
    film = PolymerisedFilm(law, KeptContact(), 5e-6)
    found = film(np.linspace(0.0, 1.0, 11), FACE, 1e6)
    assert (np.diff(found) >= 0.0).all() and found[-1] > found[0]
    np.testing.assert_allclose(found - film.film_resistance(np.linspace(0.0, 1.0, 11)), FACE)


def test_polymer_made_in_the_cell_beats_the_same_polymer_laid_on_dry() -> None:
    """At every pressure; the lead shrinks as pressure presses the dry film on."""
    inside = PolymerisedFilm(MIXTURES[0], KeptContact(), 5e-6)
    outside_ = PolymerisedFilm(MIXTURES[0], LaidDry(PlasticContact(2.3e6)), 5e-6)
    lead = [float(outside_(1.0, FACE, p) - inside(1.0, FACE, p)) for p in (1e4, 1e5, 1e6, 1e7)]
    assert all(x > 0.0 for x in lead)
    assert lead == sorted(lead, reverse=True)
    assert lead[1] == pytest.approx(FACE * (1.0 / (1.0 - math.exp(-1e5 / 2.3e6)) - 1.0))


def test_a_film_that_hardly_conducts_eats_up_the_gain() -> None:
    thick = PolymerisedFilm(GeometricMixing(0.5, 1e-4), KeptContact(), 50e-6)
    assert thick(1.0, FACE, 1e6) > FACE / PlasticContact(2.3e6)(1e6)


def test_without_contact_the_resistance_is_huge_and_finite() -> None:
    found = PolymerisedFilm(MIXTURES[0], LaidDry(PlasticContact(2.3e6)), 5e-6)(1.0, FACE, 0.0)
    assert 1e6 < found < np.inf


# --- housekeeping ---------------------------------------------------------------------------------


def test_every_law_has_sources_that_exist_and_a_range() -> None:
    for law in (*KINETICS, *MIXTURES, KeptContact()):
        bibtex(law.references)
        assert outside(law, conversion=1.2) and not outside(law, conversion=0.5)
    film = PolymerisedFilm(MIXTURES[1], KeptContact(), 5e-6)
    bibtex(film.references)
    assert "onizuka1975percolation" in film.references and film.ranges
    assert outside(LaidDry(PlasticContact(2.3e6)), pressure=1e9)


def test_rivals_are_listed_and_take_arrays() -> None:
    assert set(laws.KINETICS) == {FirstOrder, Autocatalytic}
    assert set(laws.CONDUCTIVITIES) == {GeometricMixing, PercolatingLiquid}
    assert set(laws.CONTACTS) == {KeptContact, LaidDry}
    grid = np.linspace(0.0, 1.0, 5)
    for law in MIXTURES:
        assert law(grid).shape == (5,)
    for law in KINETICS:
        assert law(grid * 1e4, np.full(5, WARM)).shape == (5,)
