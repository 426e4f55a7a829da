"""Fronts at rest and on the move, and the manufactured solution that tells the orders."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Grid
from anolyte.numerics.phase_field import AllenCahn
from anolyte.numerics.stencils import Sides


def beside(name: str):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


given = beside("phase_field_problems")


def strip(cells: int, edge: float) -> Sides:
    """A long strip, one at its low end and zero at its high end."""
    return Sides(Grid.cubic((cells, 2), edge), given.ENDS)


def place(field, edge: float) -> float:
    """Where a front would be if it were sharp: what lies behind it, as a length."""
    return float(field.mean(axis=1).sum() * edge)


@pytest.mark.parametrize("cells_a_width, off", [(4, 0.045), (8, 0.012)])
def test_flat_front_has_its_speed(cells_a_width, off):
    """v is (3 l/2) S even at a strong drive; the error of the grid is of second order."""
    width, speed = 1.0, 0.2
    edge = width / cells_a_width
    sides = strip(12 * cells_a_width, edge)
    model = AllenCahn.of_front(sides, width, surface_energy=1.0, mobility=0.1, speed=speed)
    z = sides.grid.centres(0)[:, None]
    field = 0.5 * (1.0 - np.tanh(2.0 * (z - 4.0) / width)) * np.ones((1, 2))
    step = 0.25 * model.longest_step
    steps = int(5.0 / step)
    first = model.run(field, step, steps)
    second = model.run(first, step, steps)
    moved = place(second, edge) - place(first, edge)
    assert moved == pytest.approx(speed * steps * step, rel=off)
    assert model.width == pytest.approx(width)


def test_energy_falls_and_a_disc_shrinks():
    """A disc shrinks as its curvature wants, d(r2)/dt = -2 L kappa, and never gains energy."""
    sides = Sides(Grid.cubic((96, 96), 0.25))
    model = AllenCahn.of_front(sides, width=1.5, surface_energy=1.0, mobility=0.5)
    y, x = sides.grid.mesh()
    field = 0.5 * (1.0 - np.tanh(2.0 * (np.hypot(y, x) - 14.0) / 1.5))
    step = 0.5 * model.longest_step
    area, energy, every = [], [model.energy(field)], 400
    for _ in range(4):
        field = model.run(field, step, every)
        energy.append(model.energy(field))
        area.append(4.0 * field.sum() * sides.grid.cell_volume / np.pi)
    rate = np.diff(area) / (every * step)
    np.testing.assert_allclose(
        rate, -2.0 * model.mobility * model.gradient, rtol=0.015
    )  # 1 % of the grid
    assert np.all(np.diff(energy) < 0.0)
    # gamma times the arc that is left, a quarter circle
    assert energy[-1] == pytest.approx(np.pi / 2.0 * np.sqrt(area[-1]), rel=0.01)


def test_bad_fronts_are_refused():
    with pytest.raises(DataError, match="positive"):
        AllenCahn(strip(4, 1.0), 1.0, -1.0, 1.0)
    with pytest.raises(DataError, match="one well"):
        AllenCahn(strip(4, 1.0), 1.0, 1.0, 1.0, drive=0.4)
    model = AllenCahn(strip(4, 1.0), 1.0, 1.0, 1.0)
    with pytest.raises(DataError, match="stable up to"):
        model.run(np.zeros((4, 2)), 10.0, 1)


# --- manufactured solution ----------------------------------------------------------------------


def test_explicit_steps_are_of_second_order_in_space():
    """Steps as long as stability lets them be, so that their error falls with the square too."""
    problem, cells = given.Manufactured(), (128, 192, 256)
    steps = [0.2 / (n**2 * problem.kappa) for n in cells]
    errors = [
        given.explicit_error(problem, n, step, 8.0) for n, step in zip(cells, steps, strict=True)
    ]
    assert 1e-4 < min(errors) < max(errors) < 5e-3
    assert given.order(1.0 / np.array(cells), errors) == pytest.approx(2.0, abs=0.2)


def test_time_is_of_the_order_of_each_scheme():
    """One grid, so that its error is out: two schemes of first order, and the pair's second."""
    problem, cells, end = given.Manufactured(), 64, 8.0
    counts = np.array([64, 128, 256])
    (_, truth), grid = given.exponential(problem, cells, 1024, end)
    y, x = grid.mesh()
    model = AllenCahn(Sides(grid, given.ENDS), 1.0, 1.0, problem.kappa)
    euler, low, high = [], [], []
    for count in map(int, counts):
        field = problem.field(y, x, 0.0)
        for k in range(count):
            source = problem.source(y, x, k * end / count)
            field = model.run(field, end / count, 1) + end / count * source
        euler.append(given.norm(field - truth, grid))
        first, second = given.exponential(problem, cells, count, end)[0]
        low.append(given.norm(first - truth, grid))
        high.append(given.norm(second - truth, grid))
    assert given.order(1.0 / counts, euler) == pytest.approx(1.0, abs=0.1)
    assert given.order(1.0 / counts, low) == pytest.approx(1.0, abs=0.1)
    assert given.order(1.0 / counts, high) == pytest.approx(2.0, abs=0.2)
