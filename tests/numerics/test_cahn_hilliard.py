"""Decomposition on boxes and in shapes, with and without charge: balances, descent, orders."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.numerics.cahn_hilliard import (
    CahnHilliard,
    Charge,
    CutCahnHilliard,
    Modes,
    Moment,
)
from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Held, Sides
from anolyte.numerics.timestep import Controller, Step


def beside(name: str):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


given = beside("phase_field_problems")


def test_slope_is_that_of_the_well():
    c = np.linspace(0.26, 0.74, 13)
    difference = (given.WELL.energy(c + 1e-6) - given.WELL.energy(c - 1e-6)) / 2e-6
    np.testing.assert_allclose(given.WELL.slope(c), difference, atol=1e-8)
    curvature = (given.WELL.slope(c + 1e-6) - given.WELL.slope(c - 1e-6)) / 2e-6
    assert 0.9 * given.WELL.steepest < curvature.max() < 1.0001 * given.WELL.steepest


@pytest.mark.parametrize("shape", [(8, 6), (4, 6, 10)])
@pytest.mark.parametrize("held", [(), (0,)])
def test_modes_are_those_of_the_grid(shape, held):
    """The multiplied modes are differences on a padded array, in both dimensions and all sides."""
    grid = Grid(shape, tuple(0.5 + 0.1 * k for k in range(len(shape))),
                tuple(k > 0 and k % 2 == 1 for k in range(len(shape))))  # fmt: skip
    walls = [(Held(0.0), Held(0.0)) if k in held else (None, None) for k in range(len(shape))]
    values = np.random.default_rng(1).random(shape)
    padded, wanted = Sides(grid, tuple(walls)).pad(values), np.zeros(shape)
    for axis, edge in enumerate(grid.spacing):
        inner = tuple(slice(None) if k == axis else slice(1, -1) for k in range(len(shape)))
        wanted += np.diff(padded[inner], n=2, axis=axis) / edge**2
    modes = Modes(grid, held)
    found = modes.backward(modes.laplacian * modes.forward(values))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize("periodic", [True, False])
def test_spinodal_decomposition(periodic):
    """The mean stays, energy falls at every step, and the grid's error is of second order."""
    model, start = given.square(64, periodic=periodic)
    _, energies, moved = given.followed(model, start, 30.0, 1e-3)
    assert moved < 1e-13
    assert np.all(np.diff(energies) < 0.0) and energies[-1] < 0.6 * energies[0]
    if not periodic:  # the start jumps over a periodic side
        made = [given.square(n) for n in (50, 100, 200)]
        ends = [m.energy(m.fixed(c, 0.2, 50)) for m, c in made]
        assert given.ratios(ends)[0] == pytest.approx(4.0, abs=0.5)


def test_steps_converge_and_go_on_with_the_same_bits():
    """Second order for fixed steps; an error that follows the tolerance; a stop in between."""
    model, start = given.square(50)
    truth = model.fixed(start, 0.00625, 3200)
    off = [float(np.abs(model.fixed(start, 20.0 / k, k) - truth).max()) for k in (200, 400, 800)]
    assert given.order(1.0 / np.array([200, 400, 800]), off) == pytest.approx(2.0, abs=0.2)
    runs = []
    for tolerance in (1e-3, 1e-4):
        states = list(model.moments(Moment(start, Step(0.0, 0.1)), 20.0, Controller(tolerance)))
        runs.append(float(np.abs(states[-1].values - truth).max()))
    assert 5.0 < runs[0] / runs[1] < 20.0
    middle = states[len(states) // 2]
    *_, again = model.moments(Moment(middle.values.copy(), middle.step), 20.0, Controller(1e-4))
    assert np.array_equal(again.values, states[-1].values) and again.step == states[-1].step


def test_a_shape_without_missing_cells_is_the_box():
    """Explicit steps and modes, two programs of one equation."""
    grid = Grid.cubic((40, 50), 1.0)
    y, x = grid.mesh()
    start = given.ripples(x, y)
    cut = CutCahnHilliard(grid, np.ones(grid.shape, bool), given.WELL, 5.0, 2.0)
    box = CahnHilliard(grid, given.WELL, 5.0, 2.0)
    truth = box.fixed(start, 0.005, 2000)
    off = [np.abs(cut.run(start, 10.0 / n, n) - truth).max() for n in (4000, 8000)]
    assert off[0] < 2e-4 and off[0] / off[1] > 1.8
    assert cut.energy(start) == pytest.approx(box.energy(start), rel=1e-13)


def test_spinodal_decomposition_in_a_tee():
    """What is inside stays inside, and energy falls."""
    model, start = given.tee(10)
    c, energies = start, [model.energy(start)]
    step = 0.8 * model.longest_step
    for _ in range(5):
        c = model.run(c, step, int(4.0 / step))
        energies.append(model.energy(c))
    inside = model.inside
    assert abs(c[inside].mean() - start[inside].mean()) < 1e-13
    assert np.array_equal(c[~inside], start[~inside])
    assert np.all(np.diff(energies) < 0.0) and energies[-1] < 0.8 * energies[0]


def test_charge_makes_its_potential():
    """The benchmark's Poisson equation, by differences of a padded array."""
    model, c = given.charged(40)
    edge, potential = model.grid.spacing[0], model.potential(c)
    assert model.charge is not None
    padded = np.pad(potential, 1, mode="edge")
    padded[1:-1, 0] = 2.0 * model.charge.low - potential[:, 0]
    padded[1:-1, -1] = 2.0 * model.charge.high - potential[:, -1]
    second = np.diff(padded[1:-1], n=2, axis=1) + np.diff(padded[:, 1:-1], n=2, axis=0)
    np.testing.assert_allclose(second / edge**2, -0.09 / 90.0 * c, atol=1e-14)


def test_energy_belongs_to_what_moves():
    """Its change with any change of the field is the potential that drives the flux."""
    model, c = given.charged(20)
    other = np.random.default_rng(1).standard_normal(c.shape)
    assert model.charge is not None
    spread = model.modes.backward(model.modes.laplacian * model.modes.forward(c))
    drive = model.well.slope(c) - model.gradient * spread
    drive += model.charge.coupling * model.potential(c)
    wanted = float((drive * other).sum()) * model.grid.cell_volume
    found = (model.energy(c + 1e-5 * other) - model.energy(c - 1e-5 * other)) / 2e-5
    assert found == pytest.approx(wanted, rel=1e-6)


def test_charge_moves_what_carries_it():
    """Energy with the share of the applied potential falls; the grid's error is second order."""
    model, start = given.charged(50)
    _, energies, moved = given.followed(model, start, 40.0, 1e-3)
    assert moved < 1e-13
    assert np.all(np.diff(energies) < 0.0)
    made = [given.charged(n) for n in (25, 50, 100)]
    ends = [m.energy(m.fixed(c, 0.1, 50)) for m, c in made]
    assert given.ratios(ends)[0] == pytest.approx(4.0, abs=0.4)


def test_bad_decompositions_are_refused():
    with pytest.raises(DataError, match="positive"):
        CahnHilliard(Grid.cubic((4, 4), 1.0), given.WELL, -1.0, 1.0)
    charge = Charge(0.1, 1.0, np.zeros(4), np.zeros(4))
    with pytest.raises(DataError, match="potential"):
        CahnHilliard(Grid.cubic((4, 4), 1.0, periodic=(True, False)), given.WELL, 1.0, 1.0, charge)
    with pytest.raises(DataError, match="square cells"):
        CutCahnHilliard(
            Grid((4, 4), (1.0, 2.0), (False,) * 2), np.ones((4, 4), bool), given.WELL, 1, 1
        )
    model, start = given.tee(2)
    with pytest.raises(DataError, match="stable up to"):
        model.run(start, 1e9, 1)
