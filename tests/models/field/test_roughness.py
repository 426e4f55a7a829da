"""Rough faces: their height, their spectrum, and what they mean for contact."""

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.laws.roughness import gap_volume, half_wavelength
from anolyte.models.field.cut_cells import fraction
from anolyte.models.field.roughness import RoughFace, SelfAffine
from anolyte.numerics.grid import Grid


def field(cells):
    """Closed along z, periodic across."""
    return Grid.cubic((cells, cells), 1.0, periodic=(False, True))


def spectrum_slope(heights, low, high):
    """Power of the wave number that the mean power follows between two wavelengths."""
    power = np.abs(np.fft.fftn(heights)) ** 2
    number = np.sqrt(sum(q * q for q in np.meshgrid(
        *(np.fft.fftfreq(n) for n in heights.shape), indexing="ij")))  # fmt: skip
    edges = np.geomspace(1.0 / high, 1.0 / low, 9)
    place = np.digitize(number, edges)
    middle = [np.log(number[place == k]).mean() for k in range(1, 9)]
    return np.polyfit(middle, [np.log(power[place == k].mean()) for k in range(1, 9)], 1)[0]


@pytest.mark.parametrize("hurst", [0.3, 0.8])
@pytest.mark.parametrize(("shape", "dimensions"), [((4, 65536), 1), ((4, 384, 512), 2)])
def test_rough_faces_are_self_affine(shape, dimensions, hurst):
    """Height as asked, the spectrum q^-(2H+D) between roll-off and cut-off, nothing below."""
    grid = Grid.cubic(shape, 1.0, periodic=(False, *(True,) * dimensions))
    face = SelfAffine(0.3, hurst, roll_off=200.0, cut_off=6.0, seed=1)(grid)
    assert face.roughness == pytest.approx(0.3, rel=1e-12)
    assert abs(face.height.mean()) < 1e-12
    assert spectrum_slope(face.height, 7.0, 150.0) == pytest.approx(
        -2.0 * hurst - dimensions, abs=0.1
    )
    power = np.abs(np.fft.fftn(face.height))
    number = np.sqrt(sum(q * q for q in np.meshgrid(
        *(np.fft.fftfreq(n) for n in face.height.shape), indexing="ij")))  # fmt: skip
    assert power[number > 1.01 / 6.0].max() < 1e-9 * power.max()


def test_the_spectrum_is_flat_beyond_the_roll_off():
    """Long waves are alike."""
    grid = Grid.cubic((4, 65536), 1.0, periodic=(False, True))
    height = SelfAffine(1.0, 0.8, roll_off=50.0, seed=2)(grid).height
    assert spectrum_slope(height, 60.0, 5000.0) == pytest.approx(0.0, abs=0.1)


def test_rough_faces_agree_with_the_laws_of_contact():
    """Gaussian gaps; one wave has the half wavelength that height and slope tell."""
    grid = Grid.cubic((4, 512, 512), 1.0, periodic=(False, True, True))
    face = SelfAffine(1.0, 0.8, roll_off=20.0, seed=3)(grid)
    gap = np.maximum(0.0 - face.height, 0.0).mean()  # a flat at the mean touches half
    assert gap == pytest.approx(float(gap_volume(1.0, 0.5)), rel=0.02)
    wave = SelfAffine(0.1, 0.8, cut_off=64.0, seed=1)(Grid.cubic((4, 64), 1.0))
    assert float(half_wavelength(wave.roughness, wave.slope)) == pytest.approx(32.0, rel=1e-9)


def test_a_rough_face_keeps_the_volume_below_it():
    """To second order in the slope of its waves."""
    grid = field(96)
    rough = RoughFace(30.0, SelfAffine(3.0, 0.9, cut_off=16.0, seed=5))
    assert fraction(rough.distance(grid), grid).sum() / 96.0 == pytest.approx(30.0, rel=2e-3)


def test_the_way_to_a_rough_face_is_that_to_its_nearest_point():
    """Next to it, by many points on it."""
    grid = field(96)
    rough = SelfAffine(4.0, 0.9, cut_off=32.0, seed=5)
    ways, height = RoughFace(40.0, rough).distance(grid), rough(grid).height
    fine = np.linspace(-24.0, 120.0, 14401)
    waves = np.fft.rfft(height)
    turn = 2.0 * np.pi * np.outer(np.arange(20), fine - 0.5) / 96.0
    face = 40.0 + 2.0 / 96.0 * (waves[:20, None] * np.exp(1j * turn)).real.sum(axis=0)
    for z, x in np.argwhere(np.abs(ways) < 0.7)[::9]:
        nearest = np.hypot(face - (z + 0.5), fine - (x + 0.5)).min()
        assert abs(ways[z, x]) == pytest.approx(nearest, abs=0.05)


@pytest.mark.parametrize(
    ("face", "message"),
    [
        (lambda: SelfAffine(0.0), "a roughness is a positive length"),
        (lambda: SelfAffine(1.0, 1.5), "between 0 and 1"),
        (lambda: SelfAffine(1.0, cut_off=2.0), "waves of 2 m need cells of at most 0.5 m"),
        (lambda: SelfAffine(1.0, cut_off=9.0, roll_off=5.0), "no shorter than the cut-off"),
        (lambda: SelfAffine(1.0, cut_off=40.0, roll_off=50.0), "no wave of at least 40 m fits"),
        (lambda: SelfAffine(9.0), "leaves a field of 32 m"),
    ],
)
def test_faces_that_cannot_be_are_refused(face, message):
    """With what they need."""
    with pytest.raises(DataError, match=message):
        RoughFace(6.0, face()).distance(field(32))
