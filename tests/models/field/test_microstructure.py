"""What a cell is made of: shares, grains, rough faces, cracks, and what is refused."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.cut_cells import fraction
from anolyte.models.field.microstructure import Crack, Layer, Microstructure, Phase, joins
from anolyte.models.field.polycrystal import BetweenGrains, Fibre, Polycrystal, Untextured
from anolyte.models.field.roughness import RoughFace, SelfAffine
from anolyte.models.field.scatter import Overlapping, Scattered
from anolyte.models.field.shapes import Ball, Coated, HalfSpace, Slab
from anolyte.models.field.stereology import surface_density
from anolyte.numerics.grid import Grid


def field(cells, dimensions=2, edge=1.0):
    """Closed along z, periodic across."""
    return Grid.cubic((cells,) * dimensions, edge, periodic=(False, *(True,) * (dimensions - 1)))


# --- surface by lines ---------------------------------------------------------------------------


@pytest.mark.parametrize(("dimensions", "cells"), [(2, 200), (3, 64)])
def test_the_surface_of_balls_is_found_by_lines(dimensions, cells):
    """Within 2 %, where faces of cells say 27 % and 50 % too much."""
    grid = Grid.cubic((cells,) * dimensions, 0.5)
    radius = 0.3 * cells * 0.5
    inside = Ball((0.25 * cells,) * dimensions, radius).distance(grid) < 0.0
    exact = {2: 2.0 * math.pi * radius, 3: 4.0 * math.pi * radius**2}[dimensions]
    found = surface_density(inside, grid) * math.prod(grid.lengths)
    assert found == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(("dimensions", "cells", "error"), [(2, 240, 0.015), (3, 80, 0.021)])
def test_flat_surfaces_are_found_within_what_is_said(dimensions, cells, error):
    """Lamellae that close on themselves through periodic sides, in many orientations."""
    grid = Grid.cubic((cells,) * dimensions, 1.0, periodic=(True,) * dimensions)
    for way in itertools.product(range(4), repeat=dimensions):
        if math.gcd(*way) != 1:
            continue
        turn = sum(c * x for c, x in zip(way, grid.mesh(), strict=True)) % cells
        exact = 2.0 * math.hypot(*way) / cells
        assert surface_density(turn < 0.5 * cells + 0.1, grid) == pytest.approx(exact, rel=error)


def test_random_grains_have_the_boundaries_of_poissons_cells():
    """2 sqrt(n) in the plane, exact; 2.910 cbrt(n) in space, less what the steps of lines miss."""
    grid = Grid.cubic((500, 500), 1.0, periodic=(True, True))
    grains = Polycrystal(20.0, seed=1, rounds=0)(grid)
    density = len(grains.seeds) / grid.cells
    assert grains.boundary_density() == pytest.approx(2.0 * math.sqrt(density), rel=0.03)
    assert grains.boundary_density() == pytest.approx(math.pi / 2.0 / grains.intercept(), rel=0.03)
    grid = Grid.cubic((100, 100, 100), 1.0, periodic=(True,) * 3)
    grains = Polycrystal(16.0, seed=1, rounds=0)(grid)
    density = len(grains.seeds) / grid.cells
    assert grains.boundary_density() == pytest.approx(2.910 * density ** (1 / 3), rel=0.05)
    assert grains.boundary_density() == pytest.approx(2.0 / grains.intercept(), rel=0.05)


# --- grains -------------------------------------------------------------------------------------


def test_crystals_of_no_texture_point_everywhere_and_fibres_one_way():
    """Second moments of their axes."""
    random = np.random.default_rng(0)
    free = Untextured().axes(20_000, 3, random)
    assert free.T @ free / 20_000 == pytest.approx(np.eye(3) / 3.0, abs=0.01)
    lean = Fibre((2.0, 0.0, 0.0), 0.1).axes(20_000, 3, random)
    assert np.linalg.norm(lean, axis=1) == pytest.approx(1.0)
    slopes = lean[:, 1:] / lean[:, :1]
    assert slopes.std(axis=0) == pytest.approx([0.1, 0.1], rel=0.03)
    grains = Polycrystal(8.0, seed=2, texture=Fibre((1.0, 0.0), 0.0))(field(64))
    assert grains.axes is not None and (grains.axes == [1.0, 0.0]).all()


def test_a_texture_leaves_the_grains_as_they_are():
    """It is drawn after them."""
    plain, turned = (
        Polycrystal(8.0, seed=2, texture=texture)(field(64)).grain
        for texture in (Untextured(), Fibre((1.0, 0.0), 0.2))
    )
    assert (plain == turned).all()


@pytest.mark.parametrize("elongation", [1.0, 3.0, 0.5])
def test_the_way_to_a_boundary_is_that_to_the_nearest_other_grain(elongation):
    """By a search among all finer cells, within their size."""
    grid = field(24)
    grains = Polycrystal(8.0, elongation, seed=3)(grid)
    fine = Grid.cubic((240, 240), 0.1, periodic=grid.periodic)
    place = np.stack(np.meshgrid(fine.centres(0), fine.centres(1), indexing="ij"), -1)
    stretch = np.array([1.0 / elongation, 1.0])

    def owner(places):
        away = places[..., None, :] - grains.seeds
        away[..., 1] -= 24.0 * np.round(away[..., 1] / 24.0)
        return np.argmin(((away * stretch) ** 2).sum(axis=-1), axis=-1)

    owners = owner(place)
    ways = grains.to_boundary()
    for cell in np.ndindex(24, 24):
        if (cell[0] * 24 + cell[1]) % 17:
            continue
        away = place - (np.array(cell) + 0.5)
        away[..., 1] -= 24.0 * np.round(away[..., 1] / 24.0)
        other = owners != grains.grain[cell]
        nearest = np.sqrt((away**2).sum(axis=-1))[other].min()
        assert ways[cell] == pytest.approx(nearest, abs=0.15)


def test_a_film_between_grains_has_its_volume():
    """Length of the boundaries times thickness, less where films meet."""
    grid = field(256)
    polycrystal = Polycrystal(24.0, seed=4)
    film = fraction(BetweenGrains(polycrystal, 1.5).distance(grid), grid).mean()
    assert film == pytest.approx(1.5 * polycrystal(grid).boundary_density(), rel=0.05)


@pytest.mark.parametrize(
    ("grains", "message"),
    [
        (lambda: Polycrystal(3.0), "grains of 3 m need cells of at most 0.75 m"),
        (lambda: Polycrystal(6.0, 8.0), "cells of at most"),
        (lambda: Polycrystal(8.0, 0.0), "an elongation of grains is positive"),
        (lambda: Polycrystal(8.0, texture=Fibre((1.0,), 0.1)), "needs 2 numbers"),
        (lambda: Polycrystal(math.nan), "must be positive lengths"),
    ],
)
def test_grains_that_cannot_be_are_refused(grains, message):
    """With what they need."""
    with pytest.raises(DataError, match=message):
        grains()(field(32))


# --- the whole ----------------------------------------------------------------------------------


def made(**changed):
    """Something of everything."""
    anode = RoughFace(12.0, SelfAffine(1.0, cut_off=12.0, seed=3))
    parts = {
        "layers": [
            Layer(Phase.IMPURITY, Scattered(0.05, 3.0, low=30.0, seed=1)),
            Layer(Phase.PORE, Scattered(0.1, 3.0, 0.2, Overlapping(), low=25.0, seed=2)),
            Layer(Phase.INTERLAYER, Coated(anode, 2.0)),
            Layer(Phase.LITHIUM, anode),
            Layer(Phase.COLLECTOR, Slab(0.0, 4.0)),
        ],
        "polycrystal": Polycrystal(8.0, seed=4),
        "cracks": [Crack((12.0, 48.0), 20.0, 0.3)],
        **changed,
    }
    return Microstructure.of(field(96), **parts)


def test_shares_sum_to_one_and_the_report_counts_them():
    """What was asked for is there."""
    cell = made()
    report = cell.report()
    assert cell.shares.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    assert sum(report.shares.values()) == pytest.approx(1.0)
    assert report.shares[Phase.COLLECTOR] == pytest.approx(4.0 / 96.0, rel=1e-9)
    assert report.shares[Phase.LITHIUM] == pytest.approx(8.0 / 96.0, rel=0.01)
    assert report.shares[Phase.PORE] == pytest.approx(0.1, abs=0.01)
    assert report.porosity == pytest.approx(report.shares[Phase.PORE] * 96.0 / 84.0, rel=0.01)
    assert report.shares[Phase.INTERLAYER] == pytest.approx(2.0 / 96.0, rel=0.1)
    assert report.grain_size == pytest.approx(8.0, rel=0.1)
    assert cell.grains is not None and report.grains == len(cell.grains.seeds)
    assert report.cracked > 0.0


def test_the_interface_of_flat_lithium_and_its_contact():
    """One line across; half of it behind a pore."""
    grid = field(64)
    half = Ball((20.0, 16.0), 16.0)
    cell = Microstructure.of(
        grid, [Layer(Phase.PORE, half), Layer(Phase.LITHIUM, HalfSpace(20.0))]
    ).report()
    assert cell.interface * 64.0 == pytest.approx(1.0, rel=0.03)
    assert cell.contact == pytest.approx(0.5, abs=0.03)
    assert Microstructure.of(grid).report().contact is None
    backed = Microstructure.of(
        grid, [Layer(Phase.LITHIUM, HalfSpace(20.0)), Layer(Phase.COLLECTOR, Slab(0.0, 4.0))]
    ).report()
    assert backed.contact == pytest.approx(1.0) and backed.interface * 64.0 == pytest.approx(
        1.0, rel=0.03
    )


def test_later_layers_cover_earlier_ones_exactly():
    """A film on lithium is as thick as asked, and the lithium whole."""
    grid = field(64)
    lithium = HalfSpace(20.3)
    cell = Microstructure.of(
        grid, [Layer(Phase.INTERLAYER, Coated(lithium, 3.4)), Layer(Phase.LITHIUM, lithium)]
    )
    assert cell.share(Phase.LITHIUM).sum() / 64.0 == pytest.approx(20.3, rel=1e-9)
    assert cell.share(Phase.INTERLAYER).sum() / 64.0 == pytest.approx(3.4, rel=1e-9)


def test_boundaries_lie_in_electrolyte_only():
    """On both sides of each face; outer sides have none."""
    cell = made()
    assert cell.grains is not None
    electrolyte = cell.phase == Phase.ELECTROLYTE
    across, along = cell.boundaries(0), cell.boundaries(1)
    assert across.shape == cell.grid.face_shape(0) and along.shape == cell.grid.face_shape(1)
    assert not across[[0, -1]].any()
    assert (across[1:-1] == (
        (np.diff(cell.grains.grain, axis=0) != 0) & electrolyte[1:] & electrolyte[:-1]
    )).all()  # fmt: skip
    wrap = (cell.grains.grain[:, 0] != cell.grains.grain[:, -1]) & electrolyte[:, 0]
    assert (along[:, 0] == (wrap & electrolyte[:, -1])).all()
    assert (along[:, 0] == along[:, -1]).all()
    assert not made(polycrystal=None).boundaries(0).any()


def test_a_key_is_the_same_for_the_same_and_another_for_another():
    """Each part counts."""
    key = made().key()
    assert key == made().key()
    others = [
        made(polycrystal=Polycrystal(8.0, seed=5)),
        made(polycrystal=None),
        made(polycrystal=Polycrystal(8.0, seed=4, texture=Fibre((1.0, 0.0), 0.1))),
        made(cracks=[]),
        made(layers=[]),
    ]
    assert len({key, *(other.key() for other in others)}) == 6
    cell = made()
    assert cell.grains is not None
    merged = replace(cell.grains, grain=cell.grains.grain // 2)
    assert replace(cell, grains=merged).key() != key


def test_a_key_does_not_change_from_day_to_day():
    """Of a simple cell, whose numbers are exact everywhere."""
    cell = Microstructure.of(field(16), [Layer(Phase.LITHIUM, HalfSpace(4.5))])
    assert cell.key() == "8d160cd8908af58bd8dad3909052902a018f077ae6376e9a0c20d26caa7cf046"


# --- cracks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mouth", [20.0, 20.25, 20.5, 20.9])
def test_an_upright_crack_is_one_cell_wide(mouth):
    """Wherever it lies between centres."""
    seed = Crack((0.0, mouth), 10.0).seed(field(40))
    assert seed.sum() == 10 and seed[:10].any(axis=1).all()
    assert np.count_nonzero(seed.any(axis=0)) == 1


@pytest.mark.parametrize("angle", [0.2, 0.6, -1.0, 1.3])
def test_a_slanted_crack_is_an_unbroken_row(angle):
    """As long as asked, through periodic sides; its cells share faces."""
    grid = field(64)
    seed = Crack((10.0, 60.0), 30.0, angle).seed(grid)
    shifted = np.roll(seed, 32, axis=1)
    z, x = np.nonzero(shifted)
    reach = math.hypot(np.ptp(z), np.ptp(x))
    assert reach == pytest.approx(30.0, abs=2.5)
    links = (shifted[1:] & shifted[:-1]).sum() + (shifted[:, 1:] & shifted[:, :-1]).sum()
    assert links >= shifted.sum() - 1


def test_a_crack_in_space_goes_through_or_is_as_broad_as_asked():
    """Along y."""
    grid = field(24, 3)
    assert Crack((0.0, 12.0, 12.0), 8.0).seed(grid).sum() == 8 * 24
    assert Crack((0.0, 12.0, 12.0), 8.0, breadth=6.0).seed(grid).sum() == 8 * 6


def test_cracks_stay_out_of_pores_and_metal():
    """Lithium and pores do not break."""
    cell = made(cracks=[Crack((0.0, 48.5), 90.0)])
    broken = cell.crack > 0.5
    assert broken.any()
    assert np.isin(cell.phase[broken], (Phase.ELECTROLYTE, Phase.IMPURITY, Phase.INTERLAYER)).all()


@pytest.mark.parametrize(
    ("crack", "message"),
    [
        (Crack((0.0, 5.0), 1.0), "a crack of 1 m needs cells of at most 0.5 m"),
        (Crack((40.0, 5.0), 5.0), "lies outside the field"),
        (Crack((0.0, 5.0, 5.0), 5.0), "does not fit 2 axes"),
        (Crack((0.0, 5.0), math.nan), "needs cells"),
    ],
)
def test_cracks_that_cannot_be_are_refused(crack, message):
    """With what they need."""
    with pytest.raises(DataError, match=message):
        Microstructure.of(field(32), cracks=[crack])


# --- shorts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_cell_that_is_shorted_before_it_begins_is_refused(dimensions):
    """By lithium, by a crack, by both; not by what stops short of the other side."""
    grid = field(16, dimensions)
    mouth = (0.0, *(8.0,) * (dimensions - 1))
    lithium = [Layer(Phase.LITHIUM, HalfSpace(6.0))]
    Microstructure.of(grid, lithium, cracks=[Crack(mouth, 15.0)])
    with pytest.raises(DataError, match="shorted before the current flows"):
        Microstructure.of(grid, lithium, cracks=[Crack(mouth, 16.0)])
    with pytest.raises(DataError, match="shorted"):
        Microstructure.of(grid, cracks=[Crack(mouth, 16.0)])
    with pytest.raises(DataError, match="shorted"):
        Microstructure.of(grid, [Layer(Phase.LITHIUM, HalfSpace(16.0))])
    collector = Layer(Phase.COLLECTOR, Slab(0.0, 3.0))
    with pytest.raises(DataError, match="shorted"):
        Microstructure.of(grid, [*lithium, collector], cracks=[Crack(mouth, 16.0)])


def test_a_way_through_periodic_sides_is_a_short():
    """Where the same way between closed sides is none."""
    way = np.zeros((6, 6), bool)
    way[:3, 0] = way[2:, 5] = True
    assert joins(way, Grid.cubic((6, 6), 1.0, periodic=(False, True)))
    assert not joins(way, Grid.cubic((6, 6), 1.0))
    assert not joins(np.zeros((6, 6), bool), Grid.cubic((6, 6), 1.0))


def test_shares_that_are_none_are_refused():
    """Of another grid, or not summing to one."""
    cell = made()
    for shares in (cell.shares[:, :5], 0.5 * cell.shares):
        with pytest.raises(DataError, match="shares"):
            Microstructure(cell.grid, shares, None, cell.crack)
    for canvas in ({9: np.ones((96, 96))}, {0: np.ones((5, 5))}):
        with pytest.raises(DataError, match="a canvas of"):
            Microstructure.of(cell.grid, canvas=canvas)
    with pytest.raises(DataError, match="sum to one"):
        Microstructure.of(cell.grid, canvas={Phase.PORE: np.full((96, 96), 0.5)})
