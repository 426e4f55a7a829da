"""Explicit steps beside a plain reference, on any sides and any number of threads; step control."""

import numpy as np
import pytest

from anolyte.core.errors import DataError, NotConverged
from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Coefficients, Held, Sides, advance
from anolyte.numerics.timestep import Controller, Step

WALLS = [(True, False), (False, True), (True, True), (False, False)]


def around(grid: Grid) -> Sides:
    """One held side on every axis that has sides."""
    return Sides(grid, tuple((None, None) if p else (Held(0.3), None) for p in grid.periodic))


def plain(x, sides, c, steps):
    """The same steps by numpy on whole arrays, differences taken along padded axes."""
    for _ in range(steps):
        new = x + x * (1.0 - x) * (c.push - c.well * (1.0 - 2.0 * x))
        padded = sides.pad(x)
        for axis, weight in enumerate(c.weights):
            inner = tuple(slice(None) if k == axis else slice(1, -1) for k in range(x.ndim))
            new = new + weight * np.diff(padded[inner], n=2, axis=axis)
        x = new
    return x


@pytest.mark.parametrize("periodic", WALLS)
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("shape", [(7, 5), (2, 2)])
def test_steps_in_the_plane(periodic, steps, shape):
    grid = Grid(shape, (1.0, 0.5), periodic)
    start = np.random.default_rng(1).random(grid.shape)
    sides, c = around(grid), Coefficients((0.1, 0.2), 0.05, 0.01)
    found = advance(start, sides, c, steps)
    np.testing.assert_allclose(found, plain(start, sides, c, steps), rtol=0, atol=1e-15)


@pytest.mark.parametrize("periodic", WALLS)
def test_bits_do_not_depend_on_threads(periodic):
    """Blocks of one row and of many, an odd and an even count of steps."""
    grid = Grid((7, 5), (1.0, 0.5), periodic)
    start = np.random.default_rng(2).random(grid.shape)
    sides, c = around(grid), Coefficients((0.1, 0.2), 0.05, 0.01)
    for steps in (3, 4):
        once = advance(start, sides, c, steps)
        for threads in (2, 3, 7):
            assert np.array_equal(once, advance(start, sides, c, steps, threads=threads))


def test_steps_in_space():
    grid = Grid((4, 5, 6), (1.0, 0.7, 0.5), (True, False, False))
    start = np.random.default_rng(3).random(grid.shape)
    sides, c = around(grid), Coefficients((0.1, 0.05, 0.02), 0.05, 0.01)
    found = advance(start, sides, c, 3)
    np.testing.assert_allclose(found, plain(start, sides, c, 3), rtol=0, atol=1e-15)
    assert np.array_equal(found, advance(start, sides, c, 3, threads=2))


def test_steps_in_two_goes_are_the_same_bits():
    """A run that is stopped after an odd count of steps and goes on."""
    grid = Grid((33, 20), (1.0, 1.0), (False, True))
    start = np.random.default_rng(4).random(grid.shape)
    sides, c = around(grid), Coefficients((0.1, 0.1), 0.05)
    half = advance(start, sides, c, 5)
    assert np.array_equal(advance(start, sides, c, 10), advance(half, sides, c, 5))


def test_what_does_not_react_is_kept():
    """Closed and periodic sides let nothing out; the given field stays as it was."""
    grid = Grid.cubic((16, 24), 1.0, periodic=(False, True))
    start = np.random.default_rng(5).random(grid.shape)
    kept = start.copy()
    end = advance(start, Sides(grid), Coefficients((0.2, 0.2), 0.0), 100)
    assert np.array_equal(start, kept)
    assert end.sum() == pytest.approx(start.sum(), rel=1e-13)
    assert np.ptp(end) < 0.2 * np.ptp(start)


@pytest.mark.parametrize("axis", [0, 1])
def test_held_sides_make_a_ramp(axis):
    """At rest a field that only spreads is the straight line between what holds it."""
    shape = (20, 6) if axis == 0 else (6, 20)
    ends = (Held(2.0), Held(-1.0))
    grid = Grid.cubic(shape, 0.1)
    model = Sides(grid, tuple(ends if k == axis else (None, None) for k in (0, 1)))
    end = advance(np.zeros(shape), model, Coefficients((0.24, 0.24), 0.0), 8000)
    ramp = 2.0 - 3.0 * grid.mesh()[axis] / grid.lengths[axis]
    np.testing.assert_allclose(end, np.broadcast_to(ramp, shape), atol=1e-12)


def test_bad_sides_are_refused():
    grid = Grid.cubic((4, 4), 1.0, periodic=(True, False))
    with pytest.raises(DataError, match="periodic"):
        Sides(grid, ((Held(1.0), None), (None, None)))
    with pytest.raises(DataError, match="2 axes"):
        Sides(grid, ((None, None),))
    with pytest.raises(DataError, match="shape"):
        advance(np.zeros((3, 4)), Sides(grid), Coefficients((0.1, 0.1), 0.0), 1)


# --- step control -------------------------------------------------------------------------------


def decay(control: Controller, end: float, step: Step, value: float) -> tuple[Step, float]:
    """y' = -y from a state to an end by Heun's pair."""
    while step.time < end - 1e-12:
        used = step.until(end)
        first = value * (1.0 - used)
        second = value - 0.5 * used * (value + first)
        error = abs(second - first)
        if control.accepts(error):
            value = second
        step = control.after(step, error, used=used)
    return step, value


def test_tolerance_sets_the_error():
    """A tolerance a hundred times smaller: ten times the steps, a hundredth of the error."""
    errors, steps = [], []
    for tolerance in (1e-4, 1e-6):
        step, value = decay(Controller(tolerance), 5.0, Step(0.0, 1.0), 1.0)
        errors.append(abs(value - np.exp(-5.0)))
        steps.append(step.taken)
        assert step.refused > 0  # a first step of one is too long for either
    assert 50.0 < errors[0] / errors[1] < 200.0
    assert 7.0 < steps[1] / steps[0] < 12.0


def test_a_stored_state_goes_on_with_the_same_steps():
    """Stopped between steps, not cut: the same bits."""
    control, half = Controller(1e-5), Step(0.0, 0.1)
    value = 1.0
    for _ in range(20):
        first = value * (1.0 - half.length)
        second = value - 0.5 * half.length * (value + first)
        if control.accepts(abs(second - first)):
            value = second
        half = control.after(half, abs(second - first), used=half.length)
    stored = Step(half.time, half.length, half.taken, half.refused)
    assert decay(control, 5.0, stored, value) == decay(control, 5.0, Step(0.0, 0.1), 1.0)


def test_steps_keep_their_limits():
    control, step = Controller(1e-3, longest=1.0, shortest=0.01), Step(0.0, 0.8)
    assert control.after(step, 0.0, used=0.8).length == 1.0
    assert control.after(step, 0.0, used=0.8, limit=0.3).length == 0.3
    assert control.after(step, float("nan"), used=0.8).length == pytest.approx(0.16)
    assert control.after(step, 1e9, used=0.8).refused == 1
    # cut to an end, it comes back to the step that was planned
    assert control.after(step, 0.0, used=0.1).length == 0.8
    with pytest.raises(NotConverged, match="shorter than"):
        control.after(Step(0.0, 0.02), 1.0, used=0.02)
    with pytest.raises(DataError, match="positive"):
        Step(0.0, 0.0)
    with pytest.raises(DataError, match="tolerance"):
        Controller(0.0)
    with pytest.raises(DataError, match="no step fits"):
        Controller(1.0, longest=1.0, shortest=2.0)
