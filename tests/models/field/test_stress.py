"""Loads by plating and swelling, what a stress means, and lithium that yields or creeps."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError, NotConverged
from anolyte.models.field.stress import (
    Stressed,
    contact_pressure,
    inserted,
    normals,
    plating_strain,
    product_strain,
)
from anolyte.models.field.yielding import PerfectlyPlastic, PowerLawCreep, Yielding
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Clamped, Free, Loaded, Platen, Roller
from anolyte.numerics.elasticity_tensor import Tensor
from anolyte.numerics.grid import Grid

LITHIUM = lame(7.82e9, 0.381)
CERAMIC = lame(150e9, 0.26)
YIELD = 0.8e6
METAL = PerfectlyPlastic(YIELD)


def block(shape, sides, *, edge=1.0, periodic=None):
    grid = Grid.cubic(shape, edge, periodic=periodic)
    return Solid(grid, np.full(shape, LITHIUM[0]), np.full(shape, LITHIUM[1]), sides)


def everywhere(solid):
    return np.ones(solid.grid.shape, bool)


# Loads and meanings -------------------------------------------------------------------------------


def test_normals_point_out_of_a_disc():
    grid = Grid.cubic((40, 40), 0.05)
    z, x = (place - 1.0 for place in grid.mesh())
    radius = np.hypot(z, x)
    share = 0.5 * (1.0 - np.tanh((radius - 0.5) / 0.1))
    out = normals(share, grid)
    ring = np.abs(radius - 0.5) < 0.1
    assert out[0][ring] == pytest.approx((z / radius)[ring], abs=0.02)
    assert (out[0] ** 2 + out[1] ** 2)[ring] == pytest.approx(1.0)


def test_a_milliampere_hour_is_five_micrometres():
    thickness = 1e-6 * inserted(np.array(10.0), np.array(1e6), 13.0e-6, 3600.0)
    assert thickness == pytest.approx(4.85e-6, rel=1e-3)


def test_lithium_plated_into_a_layer_presses_by_its_thickness():
    """A full layer between rigid walls: every layer is pressed alike."""
    shape, m = (10, 4), 1e-3
    grid = Grid.cubic(shape, 1e-7, periodic=(False, True))
    first, shear = np.full(shape, CERAMIC[0]), np.full(shape, CERAMIC[1])
    first[4], shear[4] = LITHIUM
    solid = Solid(grid, first, shear, ((Roller(), Roller()), None))
    layer = np.zeros(shape)
    layer[4] = m
    across = (np.ones(shape), np.zeros(shape))
    answer = solid.deformed(plating_strain(layer, across), tolerance=1e-12)
    pressure = m / (1.0 / (first + 2.0 * shear))[:, 0].sum()
    assert contact_pressure(answer.stress, across) == pytest.approx(pressure, rel=1e-9)


def test_products_that_are_confined_bear_their_bulk_modulus():
    solid = block((5, 4), ((Roller(), Roller()),) * 2)
    answer = solid.deformed(product_strain(np.full((5, 4), 0.03)))
    bulk = LITHIUM[0] + 2.0 / 3.0 * LITHIUM[1]
    assert Stressed(answer.stress).pressure == pytest.approx(0.03 * bulk)


def test_principal_stresses_and_ratios_of_pure_shear():
    stress = Tensor(np.zeros((3, 1, 1)), np.full((1, 1, 1), 4.0))
    state = Stressed(stress)
    assert state.greatest.item() == pytest.approx(4.0)
    assert state.least.item() == pytest.approx(-4.0)
    assert state.von_mises.item() == pytest.approx(4.0 * math.sqrt(3.0))
    assert state.strength_ratio(8.0).item() == pytest.approx(0.5)
    ratio = state.toughness_ratio(1.12 * 4.0 * math.sqrt(math.pi), 1.0).item()
    assert ratio == pytest.approx(1.0)
    # the same seen at 45 degrees
    half = np.full((1, 1), math.sqrt(0.5))
    assert stress.across((half, half)).item() == pytest.approx(4.0)
    assert contact_pressure(stress, (half, half)).item() == pytest.approx(-4.0)


# Yield --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strain", [5e-5, 1e-4, 1e-3, 1e-2])
def test_a_pulled_plate_yields_at_two_over_root_three(strain):
    """Plane strain: elastic first, then 2 S_y/sqrt(3)."""
    solid = block((4, 3), ((Roller(), Roller(4.0 * strain)), (Roller(), Free())))
    answer = Yielding(solid, everywhere(solid), METAL).step()
    pull = answer.deformation.stress.normal[0]
    elastic = 7.82e9 / (1.0 - 0.381**2) * strain
    assert np.ptp(pull) < 1e-6 * YIELD
    if elastic < YIELD:
        assert pull[0, 0] == pytest.approx(elastic)
        assert answer.dissipated == 0.0
    else:
        least = elastic if strain < 2e-4 else 2.0 / math.sqrt(3.0) * YIELD
        assert pull[0, 0] == pytest.approx(min(elastic, least), rel=0.01)
        assert answer.deformation.stress.von_mises()[0, 0] <= YIELD * (1.0 + 2e-3)


def test_a_pulled_bar_yields_at_its_yield_stress():
    """In space, free at its flanks."""
    grid = Grid.cubic((4, 3, 3), 1.0)
    sides = ((Roller(), Roller(4e-3)), (Roller(), Free()), (Roller(), Free()))
    solid = Solid(grid, np.full(grid.shape, LITHIUM[0]), np.full(grid.shape, LITHIUM[1]), sides)
    answer = Yielding(solid, everywhere(solid), METAL).step()
    assert answer.deformation.stress.normal[0] == pytest.approx(YIELD, rel=2e-3)
    assert np.abs(answer.deformation.stress.normal[1:]).max() < 1e-3 * YIELD


def test_simple_shear_yields_at_one_over_root_three():
    rows = np.arange(5) / 4.0
    slope = np.asarray(1e-3 * rows, np.float64)
    centres = np.asarray(1e-3 * (np.arange(4) + 0.5) / 4.0, np.float64)
    flank = Clamped((0.0, centres))
    ends = Clamped((0.0, 0.0)), Clamped((0.0, slope[-1]))
    solid = block((4, 4), (ends, (flank, flank)), edge=0.25)
    answer = Yielding(solid, everywhere(solid), METAL).step()
    assert answer.deformation.stress.shear[0] == pytest.approx(YIELD / math.sqrt(3.0), rel=2e-3)


@pytest.mark.parametrize("cells", [2, 4, 8])
def test_a_channel_holds_no_more_than_its_walls(cells):
    """Squeezed along a channel of width w: dp/dx = 2 S_y/(sqrt(3) w), for any number of cells."""
    long = 8
    solid = block(
        (cells, long * cells),
        ((Clamped((0.0, 0.0)), Clamped((0.0, 0.0))), (Roller(3e-3), Free())),
        edge=1.0 / cells,
    )
    answer = Yielding(solid, everywhere(solid), METAL).step()
    pressure = Stressed(answer.deformation.stress).pressure.mean(axis=0)
    x = solid.grid.centres(1)
    middle = np.abs(x / long - 0.5) < 0.15
    slope = -np.polyfit(x[middle], pressure[middle], 1)[0]
    assert slope == pytest.approx(2.0 * YIELD / math.sqrt(3.0), rel=0.01)


def test_confined_lithium_bears_any_pressure_but_little_shear():
    """Plated in one direction between rigid walls: the mean is K m, the rest yields away."""
    solid = block((4, 4), ((Roller(), Roller()),) * 2)
    m = np.full((4, 4), 5e-3)
    across = (np.ones((4, 4)), np.zeros((4, 4)))
    answer = Yielding(solid, everywhere(solid), METAL).step(eigenstrain=plating_strain(m, across))
    stress = answer.deformation.stress
    bulk = LITHIUM[0] + 2.0 / 3.0 * LITHIUM[1]
    assert Stressed(stress).pressure == pytest.approx(5e-3 * bulk, rel=1e-9)
    assert stress.von_mises() == pytest.approx(YIELD, rel=2e-3)


def test_mixed_tension_and_shear_lie_on_the_yield_surface():
    """Plated along a slanting direction in an endless body: one stress everywhere."""
    shape = (4, 4)
    solid = block(shape, (None, None), periodic=(True, True))
    slanting = (np.full(shape, math.cos(0.4)), np.full(shape, math.sin(0.4)))
    eigen = plating_strain(np.full(shape, 2e-3), slanting)
    answer = Yielding(solid, everywhere(solid), METAL).step(eigenstrain=eigen)
    stress = answer.deformation.stress
    assert np.abs(stress.shear).min() > 0.2 * YIELD
    assert stress.von_mises() == pytest.approx(YIELD, rel=1e-6)
    # flow follows the deviator: what was elastic and what flowed are parallel
    elastic = solid.deformed(eigen).stress.deviator()
    ratio = stress.deviator().normal / elastic.normal
    assert ratio == pytest.approx((stress.shear / elastic.shear).item(0), rel=1e-6)


def mixed(push):
    """Lithium around a ceramic grain, pressed by a platen's displacement."""
    shape = (12, 12)
    grid = Grid.cubic(shape, 1.0 / 12)
    grain = np.zeros(shape, bool)
    grain[4:8, 3:7] = True
    first = np.where(grain, CERAMIC[0], LITHIUM[0])
    shear = np.where(grain, CERAMIC[1], LITHIUM[1])
    solid = Solid(grid, first, shear, ((Roller(), Roller(-push)), (Roller(), Free())))
    return Yielding(solid, ~grain, METAL, rest=1e-5)


def test_work_is_stored_or_dissipated():
    """Of small steps: what the platen does is elastic energy and heat, nothing else."""
    pushes = np.linspace(0.0, 1e-3, 15)
    past = start = None
    work, heat, force, energies = 0.0, 0.0, 0.0, []
    for before, push in zip(pushes[:-1], pushes[1:], strict=True):
        start = mixed(push).step(past, start=start)
        past = start.plastic
        pressed = -start.deformation.side_stress[0][1]
        work += 0.5 * (pressed + force) * (push - before)
        heat += start.dissipated
        force = pressed
        energies.append(start.deformation.energy)
    assert heat > 0.5 * work
    assert energies[-1] + heat == pytest.approx(work, rel=0.01)
    assert force < 1.6 * YIELD


def test_unloading_is_elastic_and_leaves_stress_behind():
    loaded = mixed(1e-3).step()
    back = mixed(0.98e-3).step(loaded.plastic, start=loaded)
    assert back.dissipated == pytest.approx(0.0, abs=1e-9 * loaded.dissipated)
    assert np.abs(back.plastic.vector() - loaded.plastic.vector()).max() == 0.0


def test_creep_runs_at_the_rate_of_its_law():
    """Plane strain under a steady pull: rate = (sqrt(3)/2)^(n+1) A (S/S_1)^n."""
    exponent, rate, pull = 6.6, 1e-5, 0.7e6
    sides = (Roller(), Loaded((pull, 0.0))), (Roller(), Free())
    solid = block((3, 3), sides)
    law = Yielding(solid, everywhere(solid), PowerLawCreep(rate, exponent), rest=1e-7)
    past = answer = None
    lengths = []
    for _ in range(12):
        answer = law.step(past, 100.0, start=answer)
        past = answer.plastic
        lengths.append(float(answer.deformation.strain.normal[0, 0, 0]))
    exact = (math.sqrt(3.0) / 2.0) ** (exponent + 1.0) * rate * (pull / 1e6) ** exponent
    assert (lengths[-1] - lengths[-2]) / 100.0 == pytest.approx(exact, rel=5e-3)


def test_the_equation_of_creep_is_solved_far_from_its_start():
    trial = np.logspace(3, 11, 50)
    for exponent in (1.0, 6.6, 20.0):
        law = PowerLawCreep(1e-3, exponent)
        left = law.left(trial, np.array(2.8e9), 10.0)
        flowed = 3.0 * 2.8e9 * 10.0 * 1e-3 * (left / 1e6) ** exponent
        assert left + flowed == pytest.approx(trial, rel=1e-9)


def test_a_platen_presses_soft_lithium_with_the_stack_pressure():
    """Held at its flanks the metal bears a stack pressure well above its yield stress."""
    solid = block((6, 4), ((Roller(), Platen(-5e6)), (Roller(), Roller())))
    answer = Yielding(solid, everywhere(solid), METAL).step()
    assert answer.deformation.side_stress[0] == pytest.approx((-5e6, -5e6))
    assert answer.deformation.stress.von_mises().max() <= YIELD * (1.0 + 2e-3)


def test_more_than_the_metal_can_bear_is_said():
    solid = block((3, 3), ((Roller(), Loaded((2.0 * YIELD, 0.0))), (Roller(), Free())))
    with pytest.raises(NotConverged, match="no more load"):
        Yielding(solid, everywhere(solid), METAL, most_turns=60).step()
    with pytest.raises(DataError, match="mask"):
        Yielding(solid, np.ones((2, 2), bool), METAL)
