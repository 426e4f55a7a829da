"""Lithium in an alloy slab under a constant current: limits, signs, rivals, Li-Mg."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anolyte.core.units import ELEMENTARY_CHARGE, FARADAY
from anolyte.laws.diffusion import (
    RIVALS,
    AlloySlab,
    ArrheniusDiffusivity,
    WellMixedSlab,
    slab_depletion,
    slab_utilisation,
)
from anolyte.laws.law import outside
from anolyte.materials.library import default

LENGTH, D, INITIAL, LEAST = 25e-6, 3.0e-15, 6.96e4, 2.40e4
TIME = LENGTH**2 / D  # s


def cosine_series(fourier, terms=20_000):
    """The long-time series of the textbooks, summed blindly."""
    n = np.arange(1, terms + 1)
    waves = np.exp(-((n * math.pi) ** 2) * np.atleast_1d(fourier)[:, None]) / n**2
    return fourier + 1 / 3 - 2 / math.pi**2 * waves.sum(axis=1)


def test_both_series_are_the_textbook_series():
    fourier = np.geomspace(1e-3, 3.0, 41)
    found = slab_depletion(fourier * TIME, 1.0, D, LENGTH) * FARADAY * D / LENGTH
    assert found == pytest.approx(cosine_series(fourier), rel=1e-11)


def test_the_series_join_without_a_step():
    near = slab_depletion(np.array([0.3 - 1e-12, 0.3 + 1e-12]) * TIME, 1.0, D, LENGTH)
    assert near[0] == pytest.approx(near[1], rel=1e-11)


def test_early_is_a_half_space_and_late_a_falling_mean():
    early = 2.0 * 5.0 / FARADAY * math.sqrt(1.0 / (math.pi * D))
    assert float(slab_depletion(1.0, 5.0, D, LENGTH)) == pytest.approx(early, rel=1e-9)
    late = 5.0 * LENGTH / FARADAY / D * (8.0 + 1.0 / 3.0)
    assert float(slab_depletion(8.0 * TIME, 5.0, D, LENGTH)) == pytest.approx(late, rel=1e-12)
    assert float(slab_depletion(0.0, 5.0, D, LENGTH)) == 0.0


def test_utilisation_of_slow_and_of_fast_stripping():
    unit = FARADAY * D * (INITIAL - LEAST) / LENGTH
    slow, fast = 1e-3, 1e3
    found = slab_utilisation(np.array([slow, fast]) * unit, D, LENGTH, INITIAL, LEAST)
    assert found[0] == pytest.approx(1.0 - slow / 3.0, abs=1e-12)
    assert found[1] == pytest.approx(math.pi / (4.0 * fast), rel=1e-9)


def test_utilisation_is_the_time_at_which_the_face_is_depleted():
    slab = AlloySlab(ArrheniusDiffusivity(D), LENGTH, INITIAL, LEAST)
    current = np.geomspace(0.01, 100.0, 9)
    time = slab.endurance(current, 298.15)
    assert slab(time, current, 298.15) == pytest.approx(np.full(9, LEAST), rel=1e-11)


@pytest.mark.parametrize(("change", "sign"), [("current", -1), ("thickness", -1), ("heat", 1)])
def test_signs(change, sign):
    slab = AlloySlab(ArrheniusDiffusivity(D, 0.57 * ELEMENTARY_CHARGE), LENGTH, INITIAL, LEAST)
    more = AlloySlab(slab.diffusivity, LENGTH * 2.0, INITIAL, LEAST)
    changed = {
        "current": slab.utilisation(2.0, 298.15),
        "thickness": more.utilisation(1.0, 298.15),
        "heat": slab.utilisation(1.0, 333.15),
    }[change]
    assert sign * (float(changed) - float(slab.utilisation(1.0, 298.15))) > 0.0


def test_rivals_differ_by_the_limit_only():
    assert RIVALS == (AlloySlab, WellMixedSlab)
    slab = AlloySlab(ArrheniusDiffusivity(1e-6), LENGTH, INITIAL, LEAST)  # fast: nearly mixed
    mixed = WellMixedSlab(LENGTH, INITIAL, LEAST)
    assert float(slab(3600.0, 1.0, 298.15)) == pytest.approx(
        float(mixed(3600.0, 1.0, 298.15)), rel=1e-7
    )
    assert float(mixed.utilisation(1e6, 298.15)) == 1.0


# --- published: Li0.9Mg0.1 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("celsius", "published"), [(0, 3.9e-16), (50, 1.7e-14), (80, 9.5e-14), (100, 2.6e-13)]
)
def test_diffusivity_of_li_mg_at_temperature(celsius, published):
    """No independent check: the published values obey the published law to their digits."""
    law = ArrheniusDiffusivity(3.0e-15, 0.57 * ELEMENTARY_CHARGE)
    assert float(law(celsius + 273.15)) / published == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    ("current", "ours", "published", "within"),
    [(0.1, 0.937, 0.93, 0.02), (1.0, 0.413, 0.41, 0.02), (10.0, 0.0415, 0.09, None)],
)
def test_use_of_the_beta_phase_of_li_mg(current, ours, published, within):
    """Krauskopf 2019: 93, 41 and 9 % at 10, 100 and 1000 uA/cm2; the last is missed by 2.2.

    The formula of the same paper with its own numbers gives 4.1 % at 1 mA/cm2; 9 % needs D
    = 6.5e-15 m2/s, with which the second comes out at 71 %. Nothing is tuned here: the miss is
    kept as what it is, and this test fails if it goes away.
    """
    slab = AlloySlab.of(default().anode("Li0.9Mg0.1"), LENGTH)
    found = float(slab.utilisation(current, 298.15))
    assert found == pytest.approx(ours, abs=6e-4)
    if within is None:
        assert published / found == pytest.approx(2.2, abs=0.1)
    else:
        assert found == pytest.approx(published, rel=within)


def test_no_diffusivity_gives_all_three_published_uses():
    twice = slab_utilisation(np.array([1.0, 10.0]), 6.5e-15, LENGTH, INITIAL, LEAST)
    assert twice[1] == pytest.approx(0.09, abs=0.002)
    assert twice[0] == pytest.approx(0.71, abs=0.01)


def test_a_slab_without_removable_lithium_gives_none():
    assert float(slab_utilisation(1.0, D, LENGTH, LEAST, LEAST)) == 0.0
    assert slab_utilisation(np.array([1e-9, 1.0]), D, LENGTH, LEAST, INITIAL).tolist() == [0.0, 0.0]


def test_the_well_mixed_slab_loses_what_was_stripped():
    mixed = WellMixedSlab(LENGTH, INITIAL, LEAST)
    everything = FARADAY * INITIAL * LENGTH
    assert float(mixed(everything / 4.0, 2.0, 298.15)) == pytest.approx(0.5 * INITIAL)


def test_the_law_knows_its_temperatures():
    assert outside(ArrheniusDiffusivity(D), temperature=1000.0) == ()
    law = ArrheniusDiffusivity(D, lowest=273.15, highest=373.15)
    assert outside(law, temperature=298.15) == ()
    assert "outside" in outside(law, temperature=423.15)[0]
