"""Hull energies of many compositions in many elements, against programmes solved one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from anolyte.numerics import hull
from anolyte.numerics.growing_hull import GrowingHull

TOLERANCE = 1e-9


def random_table(seed, size, count, grid=0.0):
    """Pure elements and compounds; on a coarse grid of energies facets hold many phases."""
    rng = np.random.default_rng(seed)
    amounts = rng.integers(1, 5, (count, size)) * (rng.random((count, size)) < 3.0 / size)
    amounts = amounts[amounts.sum(axis=1) > 0]
    amounts = np.vstack([np.eye(size), amounts]).astype(float)
    compositions = amounts / amounts.sum(axis=1, keepdims=True)
    formation = np.where(np.arange(len(amounts)) < size, 0.0, rng.normal(-0.8, 0.5, len(amounts)))
    if grid:
        formation = np.round(formation / grid) * grid
    return compositions, formation + compositions @ rng.uniform(-9.0, -1.0, size), rng


def by_scipy(compositions, energies, target):
    found = linprog(energies, A_eq=compositions.T, b_eq=target, method="highs")
    assert found.success
    return found.fun


@pytest.mark.parametrize("size", [8, 9, 10])
def test_many_elements(size):
    compositions, energies, rng = random_table(size, size, 80)
    points = rng.dirichlet(np.ones(size), 300)
    points[::3, rng.integers(0, size)] = 0.0  # on the faces, too
    points /= points.sum(axis=1, keepdims=True)
    found = GrowingHull(compositions, energies).energies(points)
    single = [hull.lower_hull(compositions, energies, p).energy for p in points]
    np.testing.assert_allclose(found, single, atol=TOLERANCE, rtol=0)
    other = [by_scipy(compositions, energies, p) for p in points[:60]]
    np.testing.assert_allclose(found[:60], other, atol=1e-7, rtol=0)


@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([0.0, 0.5]))
def test_any_table(seed, size, grid):
    compositions, energies, rng = random_table(seed, size, 25, grid)
    rows = rng.integers(0, 4, (20, size)).astype(float)
    rows[rows.sum(axis=1) == 0.0] = 1.0
    points = np.vstack([rows, compositions])  # the phases themselves lie on corners
    grown = GrowingHull(compositions, energies)
    found = grown.energies(points)
    single = [hull.lower_hull(compositions, energies, p).energy for p in points]
    np.testing.assert_allclose(found, single, atol=TOLERANCE * 40, rtol=0)
    # Every plane supports the hull: no phase lies below one.
    assert (grown.planes @ compositions.T - energies).max() < 1e-9


def test_planes_are_made_once():
    """Asked again, or in a table whose facets hold more phases than elements, none is added."""
    compositions, energies, rng = random_table(3, 8, 60, grid=0.5)
    points = rng.dirichlet(np.ones(8), 2000)
    grown = GrowingHull(compositions, energies)
    first = grown.energies(points)
    planes = grown.planes
    np.testing.assert_allclose(grown.energies(points), first, atol=1e-13, rtol=0)
    assert len(grown.planes) == len(planes)
    distinct = np.unique(planes.round(7), axis=0)
    assert len(distinct) > 0.9 * len(planes)


def test_bad_input():
    with pytest.raises(hull.MissingReference):
        GrowingHull([[1.0, 0.0], [0.5, 0.5]], [0.0, -1.0])
    grown = GrowingHull([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])
    for points in ([[-1.0, 2.0]], [[0.0, 0.0]], [[1.0, 1.0, 1.0]], [[np.nan, 1.0]]):
        with pytest.raises(ValueError):
            grown.energies(points)
