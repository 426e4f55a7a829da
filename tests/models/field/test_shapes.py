"""Bodies in cells: volumes and areas against closed forms, and how fast they converge."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.cut_cells import fraction, surface
from anolyte.models.field.scatter import Apart, Balls, Overlapping, Scattered
from anolyte.models.field.shapes import (
    Ball,
    Block,
    Coated,
    Ellipsoid,
    HalfSpace,
    Slab,
    Slit,
    Union,
    directions,
)
from anolyte.numerics.grid import Grid

PLANE = [
    (lambda place: Ball(place, 0.3), math.pi * 0.09),
    (lambda place: Ellipsoid(place, (0.3, 0.15), 0.5), math.pi * 0.045),
    (lambda place: Block(place, (0.5, 0.3), 0.4), 0.15),
    (lambda place: Slit(place, 0.3, 0.2, -0.7), 0.06 + math.pi * 0.01),
]
SPACE = [
    (lambda place: Ball(place, 0.3), 4.0 / 3.0 * math.pi * 0.027),
    (lambda place: Ellipsoid(place, (0.3, 0.15, 0.2), 0.5, 0.3), 4.0 / 3.0 * math.pi * 0.009),
    (lambda place: Block(place, (0.5, 0.4, 0.3), 0.4, 0.2), 0.06),
    (lambda place: Slit(place, 0.3, 0.2, -0.7), 0.06 + math.pi * 0.01),
]


def box(cells, dimensions):
    """A unit of length with periodic sides."""
    return Grid.cubic((cells,) * dimensions, 1.0 / cells, periodic=(True,) * dimensions)


def misses(made, exact, cells, places, measure):
    """Root mean square of the relative errors of a body at several places."""
    grid = box(cells, places.shape[1])
    found = [measure(made(tuple(place)).distance(grid), grid) / exact - 1.0 for place in places]
    return float(np.sqrt(np.mean(np.square(found))))


def volume(distance, grid):
    """As the cells have it."""
    return fraction(distance, grid).sum() * grid.cell_volume


def area(distance, grid):
    """As the cells have it."""
    return surface(distance, grid).sum()


# --- shares and areas ---------------------------------------------------------------------------


@pytest.mark.parametrize(("dimensions", "normal"), [(2, (0.3, 0.9)), (3, (0.2, 1.0, 0.5))])
def test_a_plane_cuts_exactly(dimensions, normal):
    """Share and area of a cell, by very many points in it."""
    random = np.random.default_rng(0)
    ways = np.array(normal) / np.linalg.norm(normal)
    grid = Grid((6,) * dimensions, (1.0, 0.7, 1.3)[:dimensions], (False,) * dimensions)
    middle = [length / 2.1 for length in grid.lengths]
    plane = sum(w * (x - m) for w, x, m in zip(ways, grid.mesh(), middle, strict=True)) + np.zeros(
        grid.shape
    )
    share = fraction(plane, grid)
    inside = (random.random((200_000, dimensions)) - 0.5) * np.array(grid.spacing) @ ways
    inside = np.sort(inside)
    for cell in np.argwhere((share > 0.0) & (share < 1.0)):
        depth = plane[tuple(cell)]
        counted = np.searchsorted(inside, -depth) / len(inside)
        assert share[tuple(cell)] == pytest.approx(counted, abs=5e-3)
        thin = 1e-4
        slope = (fraction(plane - thin, grid) - fraction(plane + thin, grid))[tuple(cell)]
        assert surface(plane, grid)[tuple(cell)] == pytest.approx(
            grid.cell_volume * slope / (2.0 * thin), rel=1e-3, abs=1e-3
        )


def test_a_plane_in_the_faces_of_cells_is_counted_once():
    """Exactly, as a plane a little above or below it."""
    for dimensions in (2, 3):
        grid = Grid.cubic((8,) * dimensions, 0.5)
        for level in (2.0, 2.0 + 1e-7, 2.0 - 1e-7, 1.7):
            distance = HalfSpace(level).distance(grid)
            assert area(distance, grid) == pytest.approx(4.0 ** (dimensions - 1), rel=1e-6)
            assert volume(distance, grid) == pytest.approx(level * 4.0 ** (dimensions - 1), 1e-6)


@pytest.mark.parametrize(("body", "exact"), PLANE)
def test_areas_of_bodies_in_the_plane_converge_at_second_order(body, exact):
    """Through periodic sides, at any place."""
    places = np.random.default_rng(1).random((12, 2))
    coarse, fine = (misses(body, exact, n, places, volume) for n in (24, 96))
    assert fine < 1.5e-3
    assert math.log(coarse / fine) / math.log(4.0) > 1.8


@pytest.mark.parametrize(("body", "exact"), SPACE)
def test_volumes_of_bodies_converge_at_second_order(body, exact):
    """Through periodic sides, at any place."""
    places = np.random.default_rng(1).random((3, 3))
    coarse, fine = (misses(body, exact, n, places, volume) for n in (16, 48))
    assert fine < 6e-3
    assert math.log(coarse / fine) / math.log(3.0) > 1.8


def test_surfaces_converge():
    """Circles by more than first order at each place, spheres at second."""
    places = np.random.default_rng(1).random((30, 3))
    circle, exact = (lambda place: Ball(place, 0.3)), 0.6 * math.pi
    coarse, fine = (misses(circle, exact, n, places[:, :2], area) for n in (16, 128))
    assert fine < 1e-3
    assert math.log(coarse / fine) / math.log(8.0) > 1.4
    coarse, fine = (misses(circle, 0.36 * math.pi, n, places[:3], area) for n in (16, 48))
    assert math.log(coarse / fine) / math.log(3.0) > 1.8


def test_an_ellipsoid_is_as_far_as_its_nearest_point():
    """By a fine net of points on it."""
    axes = np.array([0.5, 0.2, 0.3])
    u, v = np.meshgrid(np.linspace(0, np.pi, 400), np.linspace(0, 2 * np.pi, 800))
    net = np.stack([np.cos(u), np.sin(u) * np.cos(v), np.sin(u) * np.sin(v)], axis=-1)
    net = (net * axes).reshape(-1, 3) @ directions(0.6, 0.4, 3)
    places = np.random.default_rng(2).uniform(-0.8, 0.8, (60, 3))
    nearest = np.array([np.linalg.norm(net - place, axis=1).min() for place in places])
    found = Ellipsoid((0.0, 0.0, 0.0), tuple(axes), 0.6, 0.4).at(list(places.T))
    assert np.abs(found) == pytest.approx(nearest, abs=2e-4)
    own = places @ directions(0.6, 0.4, 3).T / axes
    assert ((found < 0) == ((own**2).sum(axis=1) < 1)).all()


def test_the_nearest_image_counts():
    """Of a long ellipse across periodic sides, as of all nine by hand."""
    grid = box(40, 2)
    body = Ellipsoid((0.1, 0.9), (0.45, 0.1), 0.8)
    images = [
        body.at([place - away for place, away in zip(grid.mesh(), (i, j), strict=True)])
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    ]
    assert body.distance(grid) == pytest.approx(np.minimum.reduce(images), abs=1e-12)


def test_directions_are_at_right_angles():
    """And the first of them is where it was sent."""
    frame = directions(0.7, 0.3, 3)
    assert frame @ frame.T == pytest.approx(np.eye(3), abs=1e-12)
    first = [math.cos(0.7), math.sin(0.7) * math.sin(0.3), math.sin(0.7) * math.cos(0.3)]
    assert frame[0] == pytest.approx(first)


def test_unions_and_coatings():
    """Two layers as one; a film around a circle is a ring."""
    grid = box(64, 2)
    both = Union((Slab(0.1, 0.2), Slab(0.5, 0.8)))
    assert volume(both.distance(grid), grid) == pytest.approx(0.4, rel=1e-9)
    film = Coated(Ball((0.5, 0.5), 0.2), 0.05)
    assert volume(film.distance(grid), grid) == pytest.approx(math.pi * 0.0625, rel=2e-3)


@pytest.mark.parametrize(
    ("region", "needed"),
    [
        (Ball((0.5, 0.5), 0.1), "radii of 0.1 m need cells of at most 0.05 m; they are 0.1 m"),
        (Ellipsoid((0.5, 0.5), (0.4, 0.1)), "semi-axes of 0.1 m"),
        (Coated(HalfSpace(0.3), 0.02), "coatings of 0.02 m need cells of at most 0.02 m"),
        (Slit((0.0, 0.5), 0.4, 0.05), "slits of 0.05 m"),
        (Slab(0.4, 0.45), "layers of 0.05 m"),
        (Block((0.5, 0.5), (0.4, 0.05)), "edges of 0.05 m"),
        (Ball((0.5, 0.5, 0.5), 0.3), "does not fit a grid of 2 axes"),
        (Ball((0.5, 0.5), math.nan), "must be positive lengths"),
        (Ball((0.5, math.inf), 0.3), "does not fit a grid of 2 axes"),
        (HalfSpace(math.nan), "does not fit"),
        (Ellipsoid((0.5, 0.5), (0.4, 0.3, 0.3)), "does not fit a grid of 2 axes"),
        (Block((0.5, 0.5), (0.4, 0.3), math.nan), "angles are numbers in radian"),
        (Slit((0.0, 0.5), -0.4, 0.2), "slit lengths must be positive lengths"),
        (Scattered(0.2, 0.2, seed=-1), "a seed is a whole number from 0 up"),
        (Scattered(0.2, 0.15), "pore radii of 0.15 m need cells of at most 0.075 m"),
        (Scattered(0.2, 5.0), "does not fit into a field of 1 m"),
        (Scattered(0.9, 0.2, separation=Apart()), "no room is left for more than"),
        (Scattered(0.2, 0.2, low=3.0, high=4.0), "no cell lies between"),
    ],
)
def test_what_cells_cannot_show_is_refused(region, needed):
    """With the cells that it needs."""
    with pytest.raises(DataError, match=needed):
        region.distance(Grid.cubic((10, 10), 0.1))


@pytest.mark.parametrize(
    "wrong", [{"share": 1.0}, {"share": -0.1}, {"spread": -1.0}, {"low": 2.0, "high": 1.0}]
)
def test_what_is_no_set_of_pores_is_refused(wrong):
    """In one line."""
    with pytest.raises(DataError):
        Scattered(**{"share": 0.1, "radius": 1.0, **wrong})


# --- pores at random ----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(160, 120), (48, 40, 44)])
@pytest.mark.parametrize("separation", [Apart(), Apart(0.5), Overlapping()])
def test_pores_fill_the_share_within_half_of_the_last(shape, separation):
    """As all cells together have it, and as it is said."""
    grid = Grid.cubic(shape, 1.0, periodic=(False, *(True,) * (len(shape) - 1)))
    pores = Scattered(0.2, 4.0, 0.3, separation, seed=5).placed(grid)
    filled = fraction(pores.distance(grid), grid).mean()
    assert pores.filled == pytest.approx(filled, abs=1e-12)
    largest = {2: math.pi, 3: 4.0 / 3.0 * math.pi}[len(shape)] * pores.radii.max() ** len(shape)
    assert abs(pores.filled - 0.2) <= 0.5 * largest / grid.cells


@pytest.mark.parametrize("gap", [0.0, 3.0])
def test_pores_lie_apart_through_periodic_sides(gap):
    """Each from each, and from their images."""
    grid = Grid.cubic((128, 128), 1.0, periodic=(True, True))
    pores = Scattered(0.2, 4.0, 0.2, Apart(gap), seed=1).placed(grid)
    away = pores.centres[:, None] - pores.centres[None]
    away -= 128.0 * np.round(away / 128.0)
    between = np.hypot(away[..., 0], away[..., 1]) - pores.radii[:, None] - pores.radii[None]
    assert between[np.triu_indices(len(pores.radii), 1)].min() >= gap


def test_overlapping_pores_are_as_many_as_poisson_needs():
    """Uncovered share exp(-n v)."""
    grid = Grid.cubic((240, 240), 1.0, periodic=(True, True))
    pores = Scattered(0.5, 4.0, separation=Overlapping(), seed=3).placed(grid)
    needed = math.log(2.0) * grid.cells / (math.pi * 16.0)
    assert len(pores.radii) == pytest.approx(needed, rel=0.05)


def test_radii_are_log_normal():
    """Median and spread, where no draw is cut off."""
    grid = Grid.cubic((800, 800), 1.0, periodic=(True, True))
    pores = Scattered(0.3, 8.0, 0.25, Overlapping(), seed=2).placed(grid)
    logs = np.log(pores.radii)
    assert pores.redrawn < 0.01
    assert logs.mean() == pytest.approx(math.log(8.0), abs=3.0 * 0.25 / math.sqrt(len(logs)))
    assert logs.std() == pytest.approx(0.25, rel=0.1)


def test_radii_that_cells_cannot_show_are_drawn_again():
    """And it is said how many."""
    grid = Grid.cubic((200, 200), 1.0)
    pores = Scattered(0.2, 2.5, 0.5, Overlapping(), seed=2).placed(grid)
    below = 0.5 * math.erfc(math.log(2.5 / 2.0) / 0.5 / math.sqrt(2.0))
    assert pores.radii.min() >= 2.0
    assert pores.redrawn == pytest.approx(below, abs=0.06)


def test_pores_stay_between_heights_and_a_seed_gives_the_same():
    """Bit for bit; another seed gives others; none are none."""
    grid = Grid.cubic((64, 64), 1.0, periodic=(False, True))
    one, same, other = (
        Scattered(0.05, 3.0, 0.2, low=20.0, high=30.0, seed=seed).placed(grid) for seed in (1, 1, 2)
    )
    assert (one.centres == same.centres).all() and (one.radii == same.radii).all()
    assert one.centres.tolist() != other.centres.tolist()
    assert one.centres[:, 0].min() >= 20.0 and one.centres[:, 0].max() <= 30.0
    assert not len(Scattered(0.0, 3.0).placed(grid).radii)
    assert (fraction(Scattered(0.0, 3.0).distance(grid), grid) == 0.0).all()


def test_many_balls_are_their_union():
    """Distances to the nearest image of each."""
    grid = Grid.cubic((32, 32), 1.0, periodic=(False, True))
    balls = Balls(np.array([[10.0, 1.0], [20.0, 17.0]]), np.array([4.0, 6.0]))
    alone = Union((Ball((10.0, 1.0), 4.0), Ball((20.0, 17.0), 6.0)))
    assert balls.distance(grid) == pytest.approx(alone.distance(grid), abs=1e-12)
