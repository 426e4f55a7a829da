"""Barrier and electron transfer distance of made contacts."""

import numpy as np
import pytest

from anolyte.atoms.first_principles.contact import (
    electron_transfer_distance,
    schottky_from_profile,
)
from anolyte.atoms.first_principles.profile import Profile
from anolyte.core.errors import DataError

Z = np.arange(800) * 0.05


def made(values: np.ndarray) -> Profile:
    return Profile(tuple(Z.tolist()), tuple(values.tolist()))


def potential(slope: float = 0.0) -> Profile:
    noise = np.random.default_rng(3).normal(0.0, 0.02, Z.size)
    level = np.where(Z < 16.0, -3.0, 1.2) + slope * (Z - 28.0) * (Z > 16.0)
    return made(level + 2.0 * np.cos(2 * np.pi * Z / 2.0) + noise)


def density(noise: float) -> Profile:
    """90 % of what is gained within 3.10 angstrom of z = 16."""
    scatter = np.random.default_rng(4).normal(0.0, noise, Z.size)
    gained = np.exp(-(Z - 16.0) * np.log(10.0) / 3.10)
    return made(np.where(Z >= 16.0, gained, 0.0) + scatter)


def test_the_barrier_comes_back_from_a_noisy_profile() -> None:
    found = schottky_from_profile(potential(), 2.0, (22.0, 34.0), edge=2.5, fermi=3.57)
    assert found == pytest.approx(0.13, abs=0.01)


def test_the_transfer_distance_comes_back_from_a_noisy_profile() -> None:
    assert electron_transfer_distance(density(0.01), 16.0, 38.0) == pytest.approx(3.10, abs=0.15)
    assert electron_transfer_distance(density(0.0), 16.0, 38.0) == pytest.approx(3.10, abs=0.06)


def test_profiles_without_a_plateau_are_refused() -> None:
    with pytest.raises(DataError, match="no plateau"):
        schottky_from_profile(potential(0.05), 2.0, (22.0, 34.0), 2.5, 3.57)
    with pytest.raises(DataError, match="no plateau"):
        electron_transfer_distance(made(np.ones(Z.size)), 16.0, 38.0)
    with pytest.raises(DataError, match="no plateau"):
        electron_transfer_distance(made(-np.ones(Z.size)), 16.0, 38.0)
