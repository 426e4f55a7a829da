"""Constriction: published spreading resistances, limits, a field solution, patterns swapped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import spsolve
from scipy.special import gamma, jn_zeros, jv

from anolyte.laws import constriction as laws
from anolyte.laws.constriction import CooperMikicYovanovich, FluxTube, Holm, Stripes
from anolyte.laws.contact import PlasticContact
from anolyte.materials.references import bibtex

names = pytest.mark.parametrize("kind", laws.RIVALS, ids=lambda x: x.__name__)


def test_published_resistance_of_a_round_spot_in_a_round_tube() -> None:
    """Handbook of Heat Transfer 1998: 0.08491 K/W for radii 1 and 2 m and 1 W/(m K)."""
    spacing = np.sqrt(np.pi) * 2.0
    resistance = FluxTube(spacing, 1.0)(0.25) / spacing**2
    assert resistance == pytest.approx(0.08491, abs=1e-5)
    assert CooperMikicYovanovich(spacing, 1.0)(0.25) / spacing**2 == pytest.approx(
        0.08491, rel=0.05
    )


def tube(ratio: float, terms: int = 10, modes: int = 60_000) -> float:
    """Resistance of an equipotential spot at the end of a round tube over that of a lone one.

    The flux is a series of (1 - r2)^(k - 1/2) with the edge's singularity; Galerkin's method on
    the Bessel modes of the tube makes the potential of the spot constant.
    """
    few = jn_zeros(1, 1000)
    far = (np.arange(1001, modes + 1) + 0.25) * np.pi
    zeros = np.concatenate([few, far - 3.0 / (8.0 * far)])
    powers = np.arange(terms) - 0.5
    x = zeros * ratio
    overlap = np.array([2.0**m * gamma(m + 1) * jv(m + 1, x) / x ** (m + 1) for m in powers])
    mean = 0.5 / (powers + 1.0)
    weights = 2.0 / (jv(0, zeros) ** 2 * zeros)
    flux = np.linalg.lstsq((overlap * weights) @ overlap.T, mean, rcond=1e-13)[0]
    return float(2.0 * ratio / np.pi / (flux @ mean))


@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_round_spots_are_the_solution_of_the_tube(ratio: float) -> None:
    exact = tube(ratio)
    lone = Holm(1.0, 1.0)(ratio**2)
    assert FluxTube(1.0, 1.0)(ratio**2) / lone == pytest.approx(exact, abs=1.3e-4)
    common = CooperMikicYovanovich(1.0, 1.0)(ratio**2) / lone
    assert common == pytest.approx(exact, rel=0.05 if ratio <= 0.5 else 1.5)


def test_published_resistance_of_a_round_spot_in_a_square_tube() -> None:
    """The same handbook: 0.1016 K/W for a radius of 1 m in a square of 4 m."""
    share = np.pi / 16.0
    for kind, error in ((FluxTube, 0.005), (CooperMikicYovanovich, 0.03)):
        assert kind(4.0, 1.0)(share) / 16.0 == pytest.approx(0.1016, rel=error)


@pytest.mark.parametrize("load", [1e-5, 1e-4, 1e-3, 1e-2])
def test_published_joint_conductance_of_rough_faces(load: float) -> None:
    """Cooper, Mikic and Yovanovich: 1.25 k (m/w) (P/H)^0.95, k the harmonic mean of both sides.

    Beside a perfect conductor k is twice the conductivity of the other side.
    """
    roughness, slope, conductivity = 1e-6, 0.1, 0.1
    contact = PlasticContact(1.0)(load)
    spacing = laws.spot_spacing(roughness, slope, load)
    law = CooperMikicYovanovich(spacing, conductivity)
    correlation = 1.25 * 2 * conductivity * slope / roughness * load**0.95
    assert law(load) == pytest.approx(1 / correlation, rel=0.025)
    assert contact == pytest.approx(load, rel=0.01)


@names
def test_no_contact_diverges_and_full_contact_has_none(kind) -> None:
    law = kind(20e-6, 0.1)
    shares = np.geomspace(1e-8, 1.0, 60)
    values = law(shares)
    assert np.all(np.diff(values) < 0.0)
    assert np.isfinite(law(0.0)) and law(0.0) >= values[0]
    if kind is not Holm:
        assert 0.0 <= law(1.0) < 1e-3 * law(0.01)
    bibtex(law.references)
    assert law.ranges["contact"][0] == 0.0


@names
@given(st.floats(0.0, 1.0))
def test_arrays_are_floats_and_lengths_and_conductivities_scale(kind, contact) -> None:
    law = kind(20e-6, 0.1)
    one = float(law(contact))
    assert law(np.array([contact, contact]))[1] == pytest.approx(one, rel=1e-14)
    assert kind(40e-6, 0.1)(contact) == pytest.approx(2 * one)
    assert kind(20e-6, 0.2)(contact) == pytest.approx(one / 2)
    assert one >= 0.0


def test_round_spots_far_apart_are_isolated() -> None:
    for kind in (CooperMikicYovanovich, FluxTube):
        assert kind(20e-6, 0.1)(1e-8) == pytest.approx(Holm(20e-6, 0.1)(1e-8), rel=3e-4)
    radius = laws.spot_radius(20e-6, 1e-4)
    assert np.pi * radius**2 == pytest.approx(1e-4 * (20e-6) ** 2)
    spots_per_area = 1 / (20e-6) ** 2
    side_by_side = laws.isolated_spot(radius, 0.1) / spots_per_area
    assert Holm(20e-6, 0.1)(1e-4) == pytest.approx(side_by_side)


def test_spots_at_fixed_places_give_the_root_of_the_pressure() -> None:
    """As measured on Li6PS5Cl: the interfacial resistance falls with the pressure to the -0.5."""
    law, hardness = Holm(20e-6, 0.1), PlasticContact(2.4e9)
    ratio = law(hardness(2e6)) / law(hardness(1e6))
    assert np.log2(ratio) == pytest.approx(-0.5, abs=1e-3)


def added_length(share: float, cells: int) -> float:
    """Length that stripes add to a strip of width 1/2, by finite volumes; flux 1 from above."""
    h, rows = 0.5 / cells, 3 * cells
    touching = (np.arange(cells) + 0.5) * h < 0.5 * share
    side = sparse.diags_array(
        [np.r_[1.0, 2.0 * np.ones(cells - 2), 1.0], -np.ones(cells - 1), -np.ones(cells - 1)],
        offsets=[0, 1, -1],
    )
    up = sparse.diags_array(
        [np.r_[1.0, 2.0 * np.ones(rows - 2), 1.0], -np.ones(rows - 1), -np.ones(rows - 1)],
        offsets=[0, 1, -1],
    )
    matrix = sparse.kron(sparse.eye_array(rows), side) + sparse.kron(up, sparse.eye_array(cells))
    hold = np.zeros(rows * cells)
    hold[:cells] = 2.0 * touching
    load = np.zeros(rows * cells)
    load[-cells:] = h
    top = spsolve((matrix + sparse.diags_array(hold)).tocsc(), load)[-cells:]
    return float(top.mean() + h / 2 - rows * h)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_stripes_are_the_field_solution(share: float) -> None:
    """The error of the field solution at the stripe's edge is of first order: extrapolated."""
    coarse, fine = added_length(share, 16), added_length(share, 32)
    assert Stripes(1.0, 1.0)(share) == pytest.approx(2 * fine - coarse, rel=0.01)


def test_stripes_diverge_less_than_spots() -> None:
    stripes, spots = Stripes(20e-6, 0.1), CooperMikicYovanovich(20e-6, 0.1)
    assert stripes(1e-6) / stripes(1e-2) < 4.0  # a logarithm
    assert spots(1e-6) / spots(1e-2) > 100.0  # a square root


def test_spots_multiply_with_contact_and_follow_the_roughness() -> None:
    shares = np.geomspace(1e-5, 0.1, 20)
    assert np.all(np.diff(laws.spot_spacing(1e-6, 0.1, shares)) < 0.0)
    assert laws.spot_spacing(2e-6, 0.1, 0.01) == pytest.approx(
        2 * laws.spot_spacing(1e-6, 0.1, 0.01)
    )
    wave = laws.wavelength(1e-6, 0.5)
    x = np.linspace(0, wave, 4000, endpoint=False)
    heights = np.sqrt(2) * 1e-6 * np.sin(2 * np.pi * x / wave)
    assert np.std(np.gradient(heights, x)) == pytest.approx(0.5, rel=1e-3)
