"""The field of an alloy slab: exact propagation, the grid's order, conservation."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY
from anolyte.laws.diffusion import AlloySlab, ArrheniusDiffusivity, slab_depletion
from anolyte.laws.slab_field import FIELDS, SlabGrid, SlabModes

LENGTH, D, INITIAL, LEAST = 25e-6, 3.0e-15, 6.96e4, 2.40e4
TIME = LENGTH**2 / D  # s

# --- modes ---------------------------------------------------------------------------


def test_modes_are_exact_from_the_first_second():
    """37 modes, one second to eleven days after the current began, for every slab at once."""
    slab = SlabModes(LENGTH)
    time = np.geomspace(1.0, 1e6, 60)
    state = slab.advance(slab.rest(np.full(60, INITIAL)), 10.0, time, D)
    fallen = INITIAL - slab.surface(state)
    assert state.amplitudes.shape[-1] <= 40
    assert fallen == pytest.approx(slab_depletion(time, 10.0, D, LENGTH), rel=1e-6)


def test_modes_of_a_current_that_changes_are_the_sum_of_its_jumps():
    slab = SlabModes(LENGTH)
    currents, times = (5.0, -8.0, 0.0, 2.0), (3600.0, 1800.0, 7200.0, 5.0)
    state = slab.rest(INITIAL)
    for current, time in zip(currents, times, strict=True):
        state = slab.advance(state, current, time, D)
    before, since, exact = 0.0, sum(times), INITIAL
    for current, time in zip(currents, times, strict=True):
        exact -= float(slab_depletion(since, current - before, D, LENGTH))
        before, since = current, since - time
    assert float(slab.surface(state)) == pytest.approx(exact, abs=1e-6 * abs(INITIAL - exact))


def test_a_step_in_two_is_the_step():
    slab = SlabModes(LENGTH)
    whole = slab.advance(slab.rest(INITIAL), 1.0, 1000.0, D)
    part = slab.advance(slab.advance(slab.rest(INITIAL), 1.0, 300.0, D), 1.0, 700.0, D)
    assert part.amplitudes == pytest.approx(whole.amplitudes, rel=1e-12)


def test_modes_forget_at_rest():
    slab = SlabModes(LENGTH)
    state = slab.advance(slab.rest(INITIAL), 10.0, 3600.0, D)
    state = slab.advance(state, 0.0, 20.0 * TIME, D)
    assert float(slab.surface(state)) == pytest.approx(float(state.mean), rel=1e-12)


def test_modes_of_the_profile():
    slab = SlabModes(LENGTH)
    state = slab.advance(slab.rest(INITIAL), 0.1, 2.0 * TIME, D)
    depth = np.linspace(0.0, 1.0, 5)
    unit = 0.1 * LENGTH / (FARADAY * D)
    steady = float(state.mean) - unit * (1.0 / 3.0 - depth + depth**2 / 2.0)
    assert slab.profile(state, depth) == pytest.approx(steady, rel=1e-9)
    assert float(slab.profile(state, [0.0])[0]) == pytest.approx(float(slab.surface(state)))


def test_time_to_depletion_within_a_step():
    slab = SlabModes(LENGTH)
    law = AlloySlab(ArrheniusDiffusivity(D), LENGTH, INITIAL, LEAST)
    current = np.array([0.01, 1.0, 10.0])
    found = slab.time_to(slab.rest(np.full(3, INITIAL)), LEAST, current, 1e6, D)
    assert np.isinf(found[0])
    assert found[1:] == pytest.approx(law.endurance(current[1:], 298.15), rel=1e-6)


def test_modes_take_points_of_different_slabs_and_temperatures():
    lengths, diffusivities = np.array([10e-6, 50e-6]), np.array([1e-15, 1e-13])
    slab = SlabModes(lengths)
    state = slab.advance(slab.rest(INITIAL), np.array([1.0, 2.0]), 1e4, diffusivities)
    for i in range(2):
        one = SlabModes(lengths[i])
        alone = one.advance(one.rest(INITIAL), [1.0, 2.0][i], 1e4, diffusivities[i])
        assert slab.surface(state)[i] == pytest.approx(float(one.surface(alone)), rel=1e-13)


# --- finite volumes ----------------------------------------------------------------------------


def test_grid_is_of_second_order_in_space():
    exact = INITIAL - float(slab_depletion(2e4, 1.0, D, LENGTH))
    errors = []
    for cells in (8, 16, 32, 64):
        slab = SlabGrid(LENGTH, cells=cells, grading=2.0, steps=400)
        errors.append(abs(float(slab.advance(slab.rest(INITIAL), 1.0, 2e4, D).face) - exact))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx([2.0, 2.0, 2.0], abs=0.25)


def steep(cells, steps):
    """A diffusivity that falls sevenfold on stripping."""
    return SlabGrid(
        LENGTH, (LEAST, 4e4, INITIAL), (0.15, 0.4, 1.0), cells=cells, grading=2.0, steps=steps
    )


def test_grid_is_of_second_order_with_a_steep_diffusivity():
    faces = []
    for cells in (12, 24, 48, 96):
        slab = steep(cells, 200)
        faces.append(float(slab.advance(slab.rest(INITIAL), 1.0, 2e4, D).face))
    differences = np.abs(np.diff(faces))
    orders = np.log2(differences[:-1] / differences[1:])
    assert orders == pytest.approx([2.0, 2.0], abs=0.35)


@pytest.mark.parametrize(("steps", "slab"), [(20, SlabGrid), (160, steep)])
def test_grid_is_of_second_order_in_time(steps, slab):
    """With a steep diffusivity the order shows only once the first steps resolve the first cell."""
    faces = []
    for number in steps * np.array([1, 2, 4, 8]):
        grid = slab(LENGTH, steps=number) if slab is SlabGrid else steep(60, number)
        faces.append(float(grid.advance(grid.rest(INITIAL), 1.0, 2e4, D).face))
    differences = np.abs(np.diff(faces))
    orders = np.log2(differences[:-1] / differences[1:])
    assert orders == pytest.approx([2.0, 2.0], abs=0.3)


def test_a_diffusivity_that_falls_with_lithium_depletes_the_face_earlier():
    even, falling = SlabGrid(LENGTH), steep(60, 40)
    low = falling.advance(falling.rest(INITIAL), 1.0, 2e4, D).face
    assert low < even.advance(even.rest(INITIAL), 1.0, 2e4, D).face


def test_steady_field_of_a_diffusivity_of_concentration():
    """Late, the flux falls linearly with depth, so the potential is a parabola: an exact answer."""
    slab = SlabGrid(LENGTH, (0.0, 1e5), (0.2, 1.8), cells=200, grading=2.0, steps=60)
    current, constant = 0.02, 3e-13
    state = slab.rest(INITIAL)
    for sign in (1.0, -1.0, 1.0):
        state = slab.advance(state, sign * current, 50.0 * LENGTH**2 / constant, constant)
    middle = 0.5 * (slab.faces[1:] + slab.faces[:-1]) / LENGTH
    slope = 1.6 / 1e5
    potential = 0.2 * state.cells + 0.5 * slope * state.cells**2
    unit = current * LENGTH / (FARADAY * constant)
    parabola = unit * (middle - 0.5 * middle**2)
    assert np.ptp(potential - parabola) < 2e-3 * unit


@pytest.mark.parametrize("field", [SlabModes(LENGTH), steep(40, 30)])
def test_lithium_is_conserved(field):
    state, charge = field.rest(np.full(3, INITIAL)), np.zeros(3)
    for current, time in ((2.0, 3600.0), (-1.0, 1800.0), (0.0, 600.0), (3.0, 900.0)):
        currents = current * np.array([1.0, 0.5, 0.1])
        state = field.advance(state, currents, time, D)
        charge += currents * time
    expected = INITIAL - charge / (FARADAY * LENGTH)
    assert field.mean(state) == pytest.approx(expected, rel=1e-12)


def test_grid_and_modes_agree_under_a_current_that_changes():
    modes, grid = (field(LENGTH) for field in FIELDS)
    one, other = modes.rest(INITIAL), grid.rest(INITIAL)
    for current, time in ((1.0, 3600.0), (0.0, 1800.0), (-1.0, 3600.0)):
        one, other = (
            modes.advance(one, current, time, D),
            grid.advance(other, current, time, D),
        )
        change = abs(INITIAL - float(modes.surface(one)))
        assert float(grid.surface(other)) == pytest.approx(
            float(modes.surface(one)), abs=2e-3 * change + 1.0
        )


def face_after(slab, use, current):
    """Concentration at the face when a share of the removable lithium has been stripped."""
    time = use * FARADAY * (INITIAL - LEAST) * LENGTH / current
    return float(slab.advance(slab.rest(INITIAL), current, time, D).face)


def test_fast_stripping_uses_half_at_twice_the_current_whatever_the_diffusivity():
    """A half space has no length: the time to a given concentration goes as 1/j2 for any D(c)."""
    slab = SlabGrid(LENGTH, (LEAST, 4e4, INITIAL), (0.15, 0.4, 1.0), cells=150, grading=7.0)
    slow, fast = face_after(slab, 0.016, 10.0), face_after(slab, 0.008, 20.0)
    assert slow < INITIAL - 0.7 * (INITIAL - LEAST)
    assert slow == pytest.approx(fast, abs=2e-3 * (INITIAL - LEAST))


def test_a_diffusivity_of_concentration_does_not_mend_the_miss_of_li_mg():
    """Three times faster at the end of the phase: 9 % at 1 mA/cm2, but then 75 and not 41 %."""
    slab = SlabGrid(LENGTH, (LEAST, INITIAL), (3.0, 1.0), cells=80)
    assert face_after(slab, 0.09, 10.0) == pytest.approx(LEAST, rel=0.03)
    assert face_after(slab, 0.41, 1.0) > 1.5 * LEAST
    assert face_after(slab, 0.755, 1.0) == pytest.approx(LEAST, rel=0.03)


@pytest.mark.parametrize(
    ("at", "factors"), [((0.0, 1.0), (1.0,)), ((1.0, 0.0), (1.0, 1.0)), ((0.0,), (0.0,)), ((), ())]
)
def test_bad_tables_are_refused(at, factors):
    with pytest.raises(DataError, match="diffusivity table"):
        SlabGrid(LENGTH, at, factors)
