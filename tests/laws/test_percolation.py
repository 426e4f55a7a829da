"""The probability of a path: limits and monotony; verdicts follow it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws.expansion import pilling_bedworth, plated_thickness
from anolyte.laws.percolation import path_probability
from anolyte.materials.criteria import criteria
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.passivation import Passivation

RANGES = [(0.1, 0.3), (0.16, 0.16), (0.02, 0.16)]


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_conductor_never_makes_a_path_less_likely(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert path_probability(low, RANGES) <= path_probability(high, RANGES)


def test_nothing_has_no_path_and_everything_has_one() -> None:
    thresholds = criteria().thresholds
    assert len(thresholds) >= 3
    assert path_probability(0.0, thresholds) == 0.0
    assert path_probability(1.0, thresholds) == 1.0


@pytest.mark.parametrize(
    "cell", [("Li6PS5Cl", "Li"), ("LGPS", "Li"), ("LATP", "Li"), ("LLTO", "Li")]
)
def test_volume_fractions_sum_to_one_and_the_unknown_only_widens(cell) -> None:
    result = Passivation()(Interface(*cell), Conditions())
    fractions = [p.volume_fraction for p in result.products]
    assert None not in fractions
    assert sum(fractions) == pytest.approx(1.0)
    assert result.electron_path <= result.electron_path_high


def test_a_milliampere_hour_plates_almost_five_micrometres() -> None:
    assert plated_thickness(3.6e4, 13.0e-6) == pytest.approx(4.85e-6, rel=1e-3)
    assert pilling_bedworth(2.0, 1.0) == 2.0
