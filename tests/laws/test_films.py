"""Contamination films: bounds, cleaning, and the current that a patch sends elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws import films as laws
from anolyte.laws.films import ParallelPatches, UniformCurrent

SHARE = st.floats(0.0, 1.0)
CLEAN = st.floats(1e-6, 1.0)
names = pytest.mark.parametrize("kind", laws.RIVALS, ids=lambda x: x.__name__)


@names
@given(SHARE, SHARE, CLEAN)
def test_a_film_adds_resistance_and_more_of_it_adds_more(kind, a, b, clean) -> None:
    low, high = sorted((a, b))
    less, more = kind(10e-9, 1e-6, low)(clean), kind(10e-9, 1e-6, high)(clean)
    assert clean * (1 - 1e-12) <= less <= more * (1 + 1e-12)
    thick = kind(20e-9, 1e-6, high)(clean)
    assert thick >= more * (1 - 1e-12)


@names
@given(SHARE, CLEAN)
def test_cleaning_takes_all_of_it_away(kind, coverage, clean) -> None:
    law = kind(10e-9, 1e-8, coverage).cleaned()
    assert type(law) is kind
    assert law(clean) == pytest.approx(clean, rel=1e-14)
    assert law.focusing(clean) == pytest.approx(1.0)


@names
def test_a_closed_film_is_in_series(kind) -> None:
    law = kind(10e-9, 1e-6)
    assert law(5e-4) == pytest.approx(5e-4 + laws.film_resistance(10e-9, 1e-6))
    clean = np.geomspace(1e-6, 1e-1, 9)
    np.testing.assert_allclose(law(clean), [law(float(x)) for x in clean], rtol=1e-14)
    assert law.ranges["clean"][0] == 0.0


@given(SHARE, CLEAN, st.floats(1e-9, 1e-3))
def test_rivals_are_lower_and_upper_bound(coverage, clean, conductivity) -> None:
    low = ParallelPatches(10e-9, conductivity, coverage)(clean)
    high = UniformCurrent(10e-9, conductivity, coverage)(clean)
    assert low <= high * (1 + 1e-12)


def test_an_insulating_patch_takes_its_area_and_focuses_the_current() -> None:
    law = ParallelPatches(10e-9, 1e-30, 0.75)
    assert law(1e-3) == pytest.approx(4e-3)
    assert law.focusing(1e-3) == pytest.approx(4.0)


@given(SHARE, CLEAN)
def test_current_is_conserved_over_clean_and_covered_area(coverage, clean) -> None:
    law = ParallelPatches(10e-9, 1e-5, coverage)
    drop = law(clean)  # V at 1 A/m2
    on_film = drop / (clean + law.resistance)
    assert (1 - coverage) * law.focusing(clean) + coverage * on_film == pytest.approx(1.0)
