"""Grains: their size, their boundaries, and that a seed gives the same ones."""

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.polycrystal import Polycrystal
from anolyte.numerics.grid import Grid


@pytest.mark.parametrize(("shape", "rounds"), [((320, 320), 3), ((72, 72, 72), 3)])
def test_the_intercept_is_the_one_asked_for(shape, rounds):
    """Within a tenth, and the area of boundaries is two over it (by the lines themselves)."""
    grid = Grid.cubic(shape, 0.5e-6, periodic=(False, *(True,) * (len(shape) - 1)))
    grains = Polycrystal(6e-6, seed=2, rounds=rounds)(grid)
    assert grains.intercept() == pytest.approx(6e-6, rel=0.1)


def test_random_seeds_have_the_intercept_of_poissons_cells():
    """pi / (4 sqrt(density)) in the plane."""
    grid = Grid.cubic((600, 600), 1.0, periodic=(True, True))
    grains = Polycrystal(20.0, seed=1, rounds=0)(grid)
    density = len(grains.seeds) / grid.cells
    assert grains.intercept() == pytest.approx(np.pi / 4.0 / np.sqrt(density), rel=0.03)


def test_columns_are_longer_along_z():
    """By the elongation, as lines along both axes count it."""
    grid = Grid.cubic((256, 256), 1.0, periodic=(False, True))
    grains = Polycrystal(12.0, elongation=3.0, seed=4)(grid)
    counts = [float(grains.boundaries(axis).sum()) for axis in range(2)]
    assert counts[1] / counts[0] == pytest.approx(3.0, rel=0.2)
    assert grains.intercept() == pytest.approx(12.0, rel=0.1)


def test_boundaries_lie_between_grains_and_never_outside():
    """Each face between unlike cells, through periodic sides too."""
    grid = Grid.cubic((40, 48), 1.0, periodic=(False, True))
    grains = Polycrystal(8.0, seed=3)(grid)
    across, along = grains.boundaries(0), grains.boundaries(1)
    assert across.shape == grid.face_shape(0) and along.shape == grid.face_shape(1)
    assert not across[[0, -1]].any()
    assert (along[:, 0] == along[:, -1]).all()
    assert (across[1:-1] == (np.diff(grains.grain, axis=0) != 0)).all()
    assert (along[:, 0] == (grains.grain[:, 0] != grains.grain[:, -1])).all()


def test_a_seed_gives_the_same_grains():
    """To the last cell; another seed gives others."""
    grid = Grid.cubic((64, 64), 1.0)
    one, same, other = (Polycrystal(8.0, seed=seed)(grid).grain for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_grains_that_cells_cannot_show_are_refused():
    """With the cells that they need."""
    with pytest.raises(DataError, match="cells of at most 5e-07 m"):
        Polycrystal(2e-6)(Grid.cubic((16, 16), 1e-6))
