"""Crystals: stiffness of a circle and a ball, Wulff's shape, decay of ripples, fast faces."""

import math

import numpy as np
import pytest
from scipy.spatial import KDTree

from anolyte.core.errors import DataError
from anolyte.models.field import front
from anolyte.models.field.anisotropy import Cubic
from anolyte.numerics.grid import Grid

STRENGTH = 0.03


def around(share, grid, width, values, turned=0.0):
    """Mean over the surface, by angle."""
    density = front.shape_of(share, grid, width).density
    z, x = (place - 0.5 * length for place, length in zip(grid.mesh(), grid.lengths, strict=True))
    angle = np.mod(np.arctan2(x, z) - turned, 0.5 * math.pi)
    bins = np.minimum((angle / (0.5 * math.pi) * 8).astype(int), 7)
    sums = [np.bincount(bins.ravel(), (density * w).ravel(), 8) for w in (values, 1.0)]
    return sums[0] / sums[1]


def circle(cells=160, radius=0.3, turned=0.0):
    grid = Grid.cubic((cells, cells), 1.0 / cells)
    z, x = grid.mesh()
    width = 6.0 / cells
    share = front.profile(np.hypot(z - 0.5, x - 0.5) - radius, width)
    return share, grid, width


@pytest.mark.parametrize("turned", [0.0, 0.4])
def test_stiffness_on_a_circle(turned):
    """(gamma + gamma'')/R: 1 - 15 epsilon cos 4 theta."""
    share, grid, width = circle()
    bending = Cubic(STRENGTH, turned=turned).bending(share, grid, width)
    middle = (np.arange(8) + 0.5) * math.pi / 16.0
    mean_of_bin = np.cos(4.0 * middle) * math.sin(math.pi / 8.0) / (math.pi / 8.0)
    wanted = (1.0 - 15.0 * STRENGTH * mean_of_bin) / 0.3
    assert around(share, grid, width, bending, turned) == pytest.approx(wanted, rel=0.02)


def test_without_anisotropy_it_is_the_curvature():
    share, grid, width = circle(cells=64)
    curvature = front.shape_of(share, grid, width).curvature
    assert np.array_equal(Cubic().bending(share, grid, width), curvature)


def test_on_wulffs_shape_all_directions_are_at_rest_alike():
    """Its outline is R xi(n), and div xi is 1/R everywhere on it."""
    crystal, cells, radius = Cubic(STRENGTH, turned=0.3), 200, 0.35
    theta = np.linspace(0.0, 2.0 * math.pi, 20001)[:-1]
    normal = np.cos(theta), np.sin(theta)
    outline = np.stack([radius * crystal.pull(normal, axis) for axis in range(2)], axis=1)
    grid = Grid.cubic((cells, cells), 1.0 / cells)
    places = np.stack([place.ravel() - 0.5 for place in np.broadcast_arrays(*grid.mesh())], axis=1)
    away, nearest = KDTree(outline).query(places)
    out = ((places - outline[nearest]) * np.stack(normal, axis=1)[nearest]).sum(axis=1)
    width = 6.0 / cells
    share = front.profile((np.sign(out) * away).reshape(grid.shape), width)
    bending = around(share, grid, width, crystal.bending(share, grid, width), 0.3)
    assert bending == pytest.approx(np.full(8, 1.0 / radius), rel=0.03)
    even = around(share, grid, width, front.shape_of(share, grid, width).curvature, 0.3)
    assert np.ptp(even) > 0.4 * even.mean()  # which the curvature is not


def test_a_ball_in_space():
    """div xi on a sphere, by differences of the closed form."""
    cells, radius = 48, 0.34
    grid = Grid.cubic((cells,) * 3, 1.0 / cells)
    crystal, width = Cubic(STRENGTH), 6.0 / cells
    places = np.stack(np.broadcast_arrays(*grid.mesh())) - 0.5
    size = np.sqrt((places**2).sum(axis=0))
    share = front.profile(size - radius, width)
    bending = crystal.bending(share, grid, width)

    def vector(at):
        normal = tuple(at / np.sqrt((at**2).sum()))
        return np.array([crystal.pull(normal, axis) for axis in range(3)])

    for direction in ((1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (1.0, 1.0, 1.0)):
        point = radius * np.array(direction) / np.linalg.norm(direction)
        small = 1e-5 * np.eye(3)
        wanted = sum(
            (vector(point + step)[k] - vector(point - step)[k]) / 2e-5
            for k, step in enumerate(small)
        )
        cell = tuple(np.floor((point + 0.5) * cells).astype(int))
        near = tuple(slice(k - 1, k + 2) for k in cell)
        weight = front.shape_of(share, grid, width).density[near]
        found = (bending[near] * weight).sum() / weight.sum()
        assert found == pytest.approx(wanted, rel=0.08)


@pytest.mark.parametrize(("turned", "stiffness"), [(0.0, 0.55), (math.pi / 4.0, 1.45)])
def test_a_ripple_bends_back_by_its_stiffness(turned, stiffness):
    """A small cosine on a flat face of the crystal: amplitude k^2 (gamma + gamma'')/gamma."""
    grid = Grid.cubic((64, 64), 1.0 / 64, periodic=(False, True))
    z, x = grid.mesh()
    share = front.profile(z - 0.5 - 0.01 * np.cos(2.0 * math.pi * x), 6.0 / 64)
    crystal = Cubic(STRENGTH, turned=turned)
    density = front.shape_of(share, grid, 6.0 / 64).density
    bending = crystal.bending(share, grid, 6.0 / 64)
    column = (density * bending).sum(0) / density.sum(0)
    amplitude = 2.0 * float(np.mean(column * np.cos(2.0 * math.pi * grid.centres(1))))
    assert amplitude == pytest.approx(0.01 * (2.0 * math.pi) ** 2 * stiffness, rel=0.02)


def test_fast_faces_carry_more():
    share, grid, width = circle(cells=64)
    shape = front.shape_of(share, grid, width)
    ratio = around(share, grid, width, Cubic(kinetic=0.2).exchange(shape))
    assert ratio[0] > 1.15 and ratio[4] < 0.85
    assert ratio == pytest.approx(ratio[::-1], rel=0.02)


@pytest.mark.parametrize("wrong", [{"surface": 0.07}, {"kinetic": -0.4}])
def test_what_no_smooth_front_can_have_is_refused(wrong):
    with pytest.raises(DataError):
        Cubic(**wrong)
