"""Averages and vacuum levels on potentials whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anolyte.atoms.first_principles.profile import (
    Profile,
    read_profile,
    transfer_depth,
    vacuum,
)
from anolyte.core.errors import DataError


def wave(*terms, count=480, length=24.0):
    z = np.arange(count) / count * length
    values = sum(a * np.cos(2 * np.pi * z / period) for a, period in terms)
    return Profile(tuple(z), tuple(np.asarray(values)))


def test_the_macroscopic_average_removes_its_window_and_scales_the_rest():
    """The window d removes period d, and scales period p by sin(pi d/p)/(pi d/p)."""
    profile = wave((5.0, 3.0), (1.0, 24.0))
    smooth = np.array(profile.macroscopic(3.0).values)
    x = math.pi * 3.0 / 24.0
    expected = math.sin(x) / x * np.cos(2 * np.pi * np.array(profile.z) / 24.0)
    assert np.allclose(smooth, expected, atol=1e-12)
    # an independent way: the integral over the window, by adaptive quadrature
    from scipy.integrate import quad

    def potential(z):
        return 5.0 * math.cos(2 * math.pi * z / 3.0) + math.cos(2 * math.pi * z / 24.0)

    by_hand = quad(potential, profile.z[77] - 1.0, profile.z[77] + 1.0)[0] / 2.0
    assert profile.macroscopic(2.0).values[77] == pytest.approx(by_hand, abs=1e-9)


def test_the_mean_is_conserved():
    rng = np.random.default_rng(3)
    profile = Profile(tuple(np.arange(200) * 0.1), tuple(rng.normal(size=200)))
    for window in (0.3, 2.0, 7.7, 20.0):
        assert np.mean(profile.macroscopic(window).values) == pytest.approx(np.mean(profile.values))
    with pytest.raises(DataError, match="window"):
        profile.macroscopic(21.0)


def test_a_dipole_gives_two_levels_whatever_the_origin():
    z = np.arange(600) / 600 * 30.0
    for shift in (0.0, 4.0, 17.0, 29.0):
        into = np.mod(z - shift, 30.0)  # slab from 0 to 8, then vacuum with a jump in its middle
        values = np.where(into < 8.0, -10.0, np.where(into < 19.0, 3.5, 3.0))
        levels = vacuum(Profile(tuple(z), tuple(values)), [(shift + h) % 30.0 for h in (0, 4, 8)])
        assert (levels.above, levels.below) == (3.5, 3.0) and levels.flat


def test_too_little_vacuum_is_refused():
    with pytest.raises(DataError, match="vacuum is 5.0 angstrom"):
        vacuum(wave((1.0, 24.0)), np.arange(0, 20.0, 1.0))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_depth_of_an_exponential_tail(share):
    """n ~ exp(-z/l): a share s lies within -l ln(1-s)."""
    z = np.arange(6000) * 0.01
    tail = Profile(tuple(z), tuple(np.where(z >= 10.0, np.exp(-(z - 10.0) / 1.7), 0.0)))
    assert transfer_depth(tail, 10.0, share) == pytest.approx(-1.7 * math.log(1 - share), abs=0.01)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no planar average"), ("0 1\n1 x\n", "line 2"), ("0 1\n1 2\n3 4\n4 5\n", "evenly"),
     ("0 1\n1 nan\n2 1\n3 1\n", "finite"), ("3 1\n2 1\n1 1\n0 1\n", "rising")],
)  # fmt: skip
def test_files_that_are_none(tmp_path, text, said):
    path = tmp_path / "avg.dat"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_profile(path)
