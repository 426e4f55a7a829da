"""Multigrid against a sparse direct solution, and against what its parts must be."""

import math

import numpy as np
import pytest
import scipy.sparse as sparse
import scipy.sparse.linalg as direct

from anolyte.core.errors import DataError, NotConverged
from anolyte.numerics import multigrid
from anolyte.numerics.grid import Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

SHAPES = [
    ((16, 16), (False, False)),
    ((17, 24), (False, True)),
    ((21, 13), (True, True)),
    ((40, 9), (True, False)),
    ((8, 8, 8), (False, False, False)),
    ((9, 10, 7), (False, True, True)),
    ((11, 6, 12), (True, False, True)),
]


def lumpy(shape: tuple[int, ...], periodic: tuple[bool, ...], decades: float, seed: int) -> Network:
    """Conductances that jump at random, a sink in some cells."""
    rng = np.random.default_rng(seed)
    grid = Grid.cubic(shape, 0.1, periodic=periodic)
    faces = []
    for axis in range(grid.dimensions):
        values = 10.0 ** rng.uniform(-decades / 2, decades / 2, grid.face_shape(axis))
        ends = np.moveaxis(values, axis, 0)
        if periodic[axis]:
            ends[-1] = ends[0]
        elif axis > 0:
            ends[0] = ends[-1] = 0.0
        faces.append(values)
    sink = np.where(rng.random(shape) < 0.2, rng.random(shape), 0.0)
    return Network(grid, tuple(faces), sink)


def matrix(network: Network) -> np.ndarray:
    """The operator, column by column."""
    size = network.grid.cells
    columns = [network(unit.reshape(network.grid.shape)).ravel() for unit in np.eye(size)]
    return np.array(columns).T


def islands(cells: int, contrast: float) -> tuple[Network, np.ndarray]:
    """A plate with fingers and islands that conduct, smoothed over about three cells."""
    grid = Grid.cubic((cells, cells), 1.0 / cells, periodic=(False, True))
    z, x = grid.mesh()
    inside = 0.1 - z + 0.0 * x
    for k in range(5):
        inside = np.maximum(inside, np.minimum(0.02 - abs(x - (k + 0.5) / 5), 0.15 + 0.05 * k - z))
    rng = np.random.default_rng(0)
    for _ in range(25):
        up, right, radius = rng.uniform(0.3, 0.95), rng.uniform(0.05, 0.95), rng.uniform(0.01, 0.04)
        inside = np.maximum(inside, radius - np.hypot(z - up, x - right))
    share = 0.5 * (1.0 + np.tanh(inside * cells / 1.5))
    conductivity = 1.0 + (contrast - 1.0) * share
    faces = []
    for axis, mode in enumerate(("edge", "wrap")):
        rim = [(0, 0), (0, 0)]
        rim[axis] = (1, 1)
        padded = np.moveaxis(np.pad(conductivity, rim, mode=mode), axis, 0)  # pyright: ignore
        mean = 2.0 * padded[1:] * padded[:-1] / (padded[1:] + padded[:-1])
        faces.append(np.moveaxis(mean, 0, axis).copy())
    faces[0][[0, -1]] *= 2.0
    right = np.zeros(grid.shape)
    right[-1] = faces[0][-1]
    return Network(grid, tuple(faces), np.zeros(grid.shape)), right


@pytest.mark.parametrize(("shape", "periodic"), SHAPES)
def test_equals_a_direct_solution(shape, periodic):
    """Random conductances over six decades, with sinks."""
    network = lumpy(shape, periodic, 6.0, seed=1)
    right = np.random.default_rng(2).normal(size=shape)
    found = solve(Hierarchy(network), right, stop=Stop(1e-12))
    true = direct.spsolve(sparse.csc_matrix(matrix(network)), right.ravel()).reshape(shape)
    assert np.abs(found.values - true).max() < 1e-8 * np.abs(true).max()


@pytest.mark.parametrize(("shape", "periodic"), SHAPES)
def test_the_cycle_is_symmetric(shape, periodic):
    """Conjugate gradients need it."""
    cycle = Hierarchy(lumpy(shape, periodic, 4.0, seed=3))
    rng = np.random.default_rng(4)
    one, other = (np.pad(rng.normal(size=shape), 1) for _ in range(2))
    images = [np.zeros_like(one) for _ in range(2)]
    for out, values in zip(images, (one, other), strict=True):
        cycle.precondition(out, values)
    inner = (slice(1, -1),) * len(shape)
    left = float((other[inner] * images[0][inner]).sum())
    right = float((one[inner] * images[1][inner]).sum())
    assert left == pytest.approx(right, rel=1e-9)


@pytest.mark.parametrize(("shape", "periodic"), SHAPES)
def test_the_coarse_operator_is_a_galerkin_product(shape, periodic):
    """P^T A P, with P read off by prolonging unit vectors."""
    network = lumpy(shape, periodic, 4.0, seed=5)
    fine = multigrid._finest(network)
    coarse = fine.coarser()
    inner = (slice(1, -1),) * len(shape)
    columns = []
    for cell in np.ndindex(*coarse.shape):
        unit = np.zeros([m + 2 for m in coarse.shape])
        unit[tuple(k + 1 for k in cell)] = 1.0
        coarse.wrap(unit)
        out = np.zeros([m + 2 for m in fine.shape])
        fine.prolong(out, unit)
        columns.append(out[inner].ravel())
    takes = np.array(columns).T
    wanted = takes.T @ matrix(network) @ takes
    found = []
    for cell in np.ndindex(*coarse.shape):
        unit = np.zeros([m + 2 for m in coarse.shape])
        unit[tuple(k + 1 for k in cell)] = 1.0
        coarse.wrap(unit)
        out = np.zeros_like(unit)
        coarse.apply(out, unit)
        found.append(out[inner].ravel())
    assert np.abs(np.array(found) - wanted).max() < 1e-10 * np.abs(wanted).max()


@pytest.mark.parametrize("cells", [64, 256, 512])
@pytest.mark.parametrize("contrast", [1e2, 1e4, 1e6, 1e9])
def test_iterations_hardly_depend_on_cells_or_contrast(cells, contrast):
    """Where a cycle with averaged coarse faces needs from 47 to over 400."""
    network, right = islands(cells, contrast)
    found = solve(Hierarchy(network), right, stop=Stop(1e-8))
    assert found.iterations <= 15
    through = (network.faces[0][0] * found.values[0]).sum()
    brought = (network.faces[0][-1] * (1.0 - found.values[-1])).sum()
    assert through == pytest.approx(brought, rel=1e-7)


def test_a_constant_that_nothing_holds_is_left_out():
    """Closed on all sides: the answer is known up to a constant."""
    grid = Grid.cubic((24, 24), 1.0)
    faces = tuple(np.ones(grid.face_shape(axis)) for axis in range(2))
    for axis, values in enumerate(faces):
        np.moveaxis(values, axis, 0)[[0, -1]] = 0.0
    network = Network(grid, faces, np.zeros(grid.shape))
    wave = np.cos(math.pi * grid.mesh()[0] / 24) * np.ones(grid.shape)
    found = solve(Hierarchy(network), network(wave), stop=Stop(1e-11))
    shift = found.values - wave
    assert np.ptp(shift) < 1e-9


def test_cells_that_nothing_joins_are_left_alone():
    """A hole in the network does not disturb the rest."""
    network = lumpy((20, 20), (False, True), 2.0, seed=6)
    faces = tuple(values.copy() for values in network.faces)
    sink = network.sink.copy()
    faces[0][5:12, 5:11] = faces[1][5:11, 5:12] = 0.0
    sink[5:11, 5:11] = 0.0
    holed = Network(network.grid, faces, sink)
    right = np.random.default_rng(7).normal(size=(20, 20))
    right[5:11, 5:11] = 0.0
    found = solve(Hierarchy(holed), right, stop=Stop(1e-11))
    assert np.abs(holed(found.values) - right).max() < 1e-9
    assert not found.values[6:10, 6:10].any()


def test_a_start_and_a_cycle_from_elsewhere_serve():
    """The answer is the same, from another beginning and behind another preconditioner."""
    network, right = islands(64, 1e4)
    other, _ = islands(64, 3e3)
    plain = solve(Hierarchy(network), right, stop=Stop(1e-11))
    near = solve(Hierarchy(network), right, start=plain.values + 1e-6, stop=Stop(1e-11))
    lent = solve(Hierarchy(other), right, stop=Stop(1e-11), operator=Hierarchy(network))
    assert near.iterations < plain.iterations
    for found in (near, lent):
        assert np.abs(found.values - plain.values).max() < 1e-8


def test_the_energy_stop_bounds_the_power():
    """Asked for 1e-5 of the energy norm, the current is right to about its square."""
    network, right = islands(128, 1e4)
    exact = solve(Hierarchy(network), right, stop=Stop(1e-12))
    rough = solve(Hierarchy(network), right, stop=Stop(0.0, energy=1e-5))
    power = [(right * found.values).sum() for found in (exact, rough)]
    assert rough.iterations < exact.iterations
    assert power[1] == pytest.approx(power[0], rel=1e-8)


def test_what_is_no_network_is_refused():
    """Wrong shapes, negative and unknown numbers."""
    grid = Grid.cubic((4, 4), 1.0)
    faces = tuple(np.ones(grid.face_shape(axis)) for axis in range(2))
    with pytest.raises(DataError, match="faces across axis 1"):
        Network(grid, (faces[0], faces[0]), np.zeros((4, 4)))
    with pytest.raises(DataError, match="not negative"):
        Network(grid, faces, np.full((4, 4), -1.0))
    with pytest.raises(DataError, match="not negative"):
        Network(grid, faces, np.full((4, 4), np.nan))
    with pytest.raises(DataError, match="two or three axes"):
        Grid.cubic((4,), 1.0)


def test_what_does_not_converge_says_so(monkeypatch):
    """After the most iterations that are allowed."""
    monkeypatch.setattr(multigrid, "MOST_ITERATIONS", 3)
    network, right = islands(64, 1e4)
    with pytest.raises(NotConverged, match="3 iterations left"):
        solve(Hierarchy(network), right, stop=Stop(1e-12))
