"""Plating on a bare collector: cap geometry, nucleation, growing together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws.plating import (
    RIVALS,
    ClassicalNucleation,
    IslandPlating,
    PlanarPlating,
    cap_factor,
)

VOLUME = 13.0e-6
ANGLES = np.radians([10.0, 45.0, 90.0, 120.0, 170.0])


# --- geometry and nucleation --------------------------------------------------------------------


def test_cap_factor_is_the_share_of_the_sphere():
    """The sections of a sphere of radius one, added up from the wall to its top."""
    for angle in ANGLES:
        u = np.linspace(math.cos(angle), 1.0, 20_001)
        sections = math.pi * (1.0 - u**2)
        volume = 0.5 * (sections[1:] + sections[:-1]) @ np.diff(u)
        assert float(cap_factor(angle)) == pytest.approx(volume / (4.0 / 3.0 * math.pi), rel=1e-6)


def test_the_barrier_at_the_nucleation_overpotential_is_the_one_asked_for():
    law = ClassicalNucleation(0.5, VOLUME, 40.0)
    eta = law(1.0, 298.15)
    radius = law.critical_radius(eta)
    share = cap_factor(1.0)
    surface = 4.0 * math.pi * radius**2 * 0.5 * share
    bulk = 4.0 / 3.0 * math.pi * radius**3 * share * FARADAY * eta / VOLUME
    assert float(surface - bulk) / (BOLTZMANN * 298.15) == pytest.approx(40.0, rel=1e-12)


def test_a_lithiophilic_layer_lowers_the_nucleation_overpotential():
    law = ClassicalNucleation(0.5, VOLUME, 40.0)
    eta = law(np.radians([0.0, 20.0, 60.0, 120.0, 180.0]), 298.15)
    assert eta[0] == 0.0
    assert (np.diff(eta) > 0.0).all()
    assert float(eta[-1] / law(math.pi / 2, 298.15)) == pytest.approx(math.sqrt(2.0))


def test_signs_of_nucleation():
    law = ClassicalNucleation(0.5, VOLUME, 40.0)
    assert law(1.0, 333.15) < law(1.0, 298.15)  # heat helps over the barrier
    assert ClassicalNucleation(0.6, VOLUME, 40.0)(1.0, 298.15) > law(1.0, 298.15)
    # Pei 2017 (liquid electrolyte): size as 1/eta, density as its cube
    assert float(law.critical_radius(0.2) / law.critical_radius(0.1)) == pytest.approx(0.5)
    assert float(law.density_ratio(0.2, 0.1)) == pytest.approx(8.0)


# --- growing together ---------------------------------------------------------------------------


def test_first_islands_are_lone_caps():
    law = IslandPlating(1e10, 1.2, VOLUME)
    charge = 1e-3 * float(law.charge_to_cover(0.5))
    radius = float(law.base_radius(charge))
    sphere = 4.0 / 3.0 * math.pi * (radius / math.sin(1.2)) ** 3
    lone = 1e10 * sphere * float(cap_factor(1.2)) * FARADAY / VOLUME
    assert lone == pytest.approx(charge, rel=5e-3)
    assert float(law.coverage(charge)) == pytest.approx(1e10 * math.pi * radius**2, rel=1e-2)


@pytest.mark.parametrize("angle", ANGLES[:3])
def test_thickness_is_the_integral_over_the_height(angle):
    """The closed form (Dawson's) against the integral it stands for, at several sizes."""
    density = 1e12
    law = IslandPlating(density, angle, VOLUME)
    for covered in (1e-6, 1e-3, 0.1, 0.6, 0.99):
        charge = float(law.charge_to_cover(covered))
        sphere = math.sqrt(-math.log1p(-covered) / (math.pi * density)) / math.sin(angle)
        u, rule = np.polynomial.legendre.leggauss(200)
        half = 0.5 * (1.0 - math.cos(angle))
        sections = sphere**2 * (1.0 - (math.cos(angle) + half * (u + 1.0)) ** 2)
        thickness = rule @ -np.expm1(-density * math.pi * sections) * half * sphere
        assert charge * VOLUME / FARADAY / thickness == pytest.approx(1.0, rel=1e-9)
        assert float(law.coverage(charge)) == pytest.approx(covered, rel=1e-8)


def test_coverage_of_random_hemispheres():
    """A thousand islands dropped at random on a torus: their union is what the law says."""
    rng = np.random.default_rng(3)
    islands, side = 1000, 1.0
    sites = rng.random((islands, 2))
    law = IslandPlating(islands / side**2, math.pi / 2, VOLUME)
    charge = float(law.charge_to_cover(0.7))
    radius = float(law.base_radius(charge))
    points = rng.random((20_000, 2))
    height = np.zeros(len(points))
    for site in sites:
        away = np.abs(points - site)
        away = np.minimum(away, 1.0 - away)
        square = radius**2 - (away**2).sum(axis=1)
        height = np.maximum(height, np.sqrt(np.maximum(square, 0.0)))
    assert (height > 0.0).mean() == pytest.approx(0.7, abs=0.02)
    assert height.mean() / (charge * VOLUME / FARADAY) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("angle", ANGLES)
def test_coverage_rises_with_charge_to_a_closed_film(angle):
    law = IslandPlating(1e12, angle, VOLUME)
    charge = np.geomspace(1e-3, 1e7, 101)
    covered = law.coverage(charge)
    assert (np.diff(covered) >= 0.0).all()
    assert (np.diff(law.height(charge)) > 0.0).all()
    assert covered[0] < 0.01
    assert covered[-1] == pytest.approx(1.0)
    thickness = PlanarPlating(VOLUME).thickness(charge)
    assert law.thickness(charge) / thickness == pytest.approx(np.ones(101), rel=1e-14)
    assert (law.height(charge) >= thickness * (1.0 - 1e-12)).all()


def test_better_wetting_and_more_islands_cover_earlier():
    base = IslandPlating(1e12, 1.5, VOLUME)
    charge = float(base.charge_to_cover(0.5))
    for better in (IslandPlating(1e12, 1.0, VOLUME), IslandPlating(2e12, 1.5, VOLUME)):
        assert float(better.coverage(charge)) > 0.5
        assert better.charge_to_cover(0.95) < base.charge_to_cover(0.95)
    # a charge to cover goes with the spacing of islands: a hundred times the islands, a tenth
    many = IslandPlating(1e14, 1.5, VOLUME)
    assert float(many.charge_to_cover(0.95) / base.charge_to_cover(0.95)) == pytest.approx(0.1)


def test_perfect_wetting_is_planar_plating():
    flat, planar = IslandPlating(1e12, 0.002, VOLUME), PlanarPlating(VOLUME)
    charge = 3.6e3  # 0.1 mAh/cm2, half a micrometre
    assert float(flat.coverage(charge)) == pytest.approx(float(planar.coverage(charge)))
    assert float(flat.height(charge)) == pytest.approx(float(planar.height(charge)), rel=0.02)


@pytest.mark.parametrize("law", [IslandPlating(1e12, 1.0, VOLUME), PlanarPlating(VOLUME)])
def test_no_charge_no_lithium(law):
    assert type(law) in RIVALS
    assert float(law.coverage(0.0)) == 0.0
    assert float(law.height(0.0)) == 0.0


def test_planar_thickness():
    assert float(PlanarPlating(VOLUME).thickness(3.6e4)) * 1e6 == pytest.approx(4.85, rel=1e-3)


def test_the_series_of_small_islands_joins_the_closed_form():
    density, angle = 1e12, 1.0
    law = IslandPlating(density, angle, VOLUME)
    size = 0.03 * math.sin(angle) * np.array([1.0 - 1e-9, 1.0 + 1e-9])
    charge = law.charge_to_cover(-np.expm1(-(size**2)))
    assert charge[0] == pytest.approx(charge[1] * (1.0 - 6e-9), rel=1e-9)
