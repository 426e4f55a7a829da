"""Rough faces: moduli, the integrals over summits, and the gaps that a flat leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtri

from anolyte.laws.contact import ElasticContact
from anolyte.laws.roughness import effective_modulus, gap_volume, separation, summits

SHARE = st.floats(0.0, 1.0)


def test_effective_modulus_of_equal_and_of_rigid_sides() -> None:
    same = effective_modulus(7.8e9, 0.38, 7.8e9, 0.38)
    rigid = effective_modulus(7.8e9, 0.38, 1e30, 0.3)
    assert rigid == pytest.approx(2.0 * same)
    assert rigid == pytest.approx(7.8e9 / (1 - 0.38**2))


def test_the_softer_side_decides() -> None:
    """Springs in series: a stiff side adds a little compliance of its own."""
    both = effective_modulus(7.8e9, 0.38, 150e9, 0.26)
    assert 1.0 / both == pytest.approx((1 - 0.38**2) / 7.8e9 + (1 - 0.26**2) / 150e9)
    assert both < effective_modulus(7.8e9, 0.38, 1e30, 0.26)


@pytest.mark.parametrize("order", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("height", [-6.0, -1.0, 0.0, 1.0, 4.0, 10.0, 30.0])
def test_integrals_over_the_summits(order: float, height: float) -> None:
    end = -height + np.sqrt(max(height, 0.0) ** 2 + 160.0)

    def inner(u: float) -> float:
        return 2 * u ** (2 * order + 1) * np.exp(-((height + u * u) ** 2) / 2)

    exact, _ = quad(inner, 0.0, np.sqrt(end), epsabs=0, epsrel=1e-12, limit=400)
    assert summits(order, height) == pytest.approx(exact / np.sqrt(2 * np.pi), rel=1e-9)


@pytest.mark.parametrize("order", [1.0, 1.5])
def test_the_separation_is_the_inverse_of_the_integral(order: float) -> None:
    heights = np.array([-7.0, -1.0, 0.0, 2.0, 12.0, 30.0])
    np.testing.assert_allclose(separation(order, summits(order, heights)), heights, atol=1e-10)


@pytest.mark.parametrize("contact", [1e-3, 0.1, 0.5, 0.9])
def test_gaps_are_those_of_a_cut_normal(contact: float) -> None:
    """Sorted quantiles of a normal, cut off at the height that leaves the share in contact."""
    heights = ndtri((np.arange(2_000_000) + 0.5) / 2_000_000)
    cut = heights[int(round((1 - contact) * len(heights)))]
    gap = np.mean(np.maximum(cut - heights, 0.0))
    assert gap_volume(1e-6, contact) == pytest.approx(gap * 1e-6, rel=2e-4)


def test_the_gap_without_contact_is_the_distance_of_the_flat() -> None:
    """Far above the face nothing is cut: the gap is the height of the flat over the mean plane."""
    for share in (1e-6, 1e-11):
        assert gap_volume(1e-6, share) == pytest.approx(-1e-6 * ndtri(share), rel=1e-6)


@given(SHARE, SHARE)
def test_more_contact_leaves_less_gap(a: float, b: float) -> None:
    less, more = sorted((a, b))
    assert gap_volume(1e-6, more) <= gap_volume(1e-6, less)
    assert 0.0 <= gap_volume(1e-6, more) < 1e-5


def test_a_rougher_face_has_less_contact_and_more_gap() -> None:
    rough, smooth = ElasticContact(9e9, 0.3), ElasticContact(9e9, 0.03)
    assert rough(5e6) < smooth(5e6)
    assert gap_volume(1e-6, rough(5e6)) > gap_volume(1e-7, smooth(5e6))
