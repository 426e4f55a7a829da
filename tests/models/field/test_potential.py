"""The potential against closed forms: laminates, obstacles, contacts, charge transfer."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import (
    Driven,
    Held,
    Problem,
    Surface,
    Uniform,
)
from anolyte.numerics.grid import Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve


def between_plates(conductor: Conductor) -> tuple[float, np.ndarray]:
    """Current for 1 V between z = 0 and z = H, and the current through every face across z."""
    faces = conductor.faces(anode=True, counter=True)
    right = np.zeros(conductor.grid.shape)
    right[-1] = faces[0][-1]
    found = solve(
        Hierarchy(Network(conductor.grid, faces, np.zeros(conductor.grid.shape))),
        right, stop=Stop(1e-11),
    ).values  # fmt: skip
    ends = np.concatenate([np.zeros_like(found[:1]), found, np.ones_like(found[:1])])
    through = faces[0] * np.diff(ends, axis=0)
    return float(through[0].sum()), through


def open_share(distance, grid):
    """Share of a cell outside a shape, from the distance to its surface."""
    return np.clip(0.5 + distance / grid.spacing[0], 0.0, 1.0)


# --- mixtures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(12, 12), (8, 8, 8)])
@pytest.mark.parametrize("along", [True, False])
def test_laminates_are_exact(shape, along):
    """Layers in series and in parallel, to rounding."""
    grid = Grid.cubic(shape, 1e-6, periodic=(False, *(True,) * (len(shape) - 1)))
    values = 10.0 ** np.random.default_rng(0).uniform(-3, 0, shape[0])
    axis = len(shape) - 1 if along else 0
    layout = np.moveaxis(np.broadcast_to(values, shape), -1, axis).copy()
    current, _ = between_plates(Conductor(grid, layout))
    section = math.prod(grid.lengths[1:]) / grid.lengths[0]
    mean = values.mean() if along else 1.0 / (1.0 / values).mean()
    assert current == pytest.approx(mean * section, rel=1e-10)


def test_a_boundary_across_the_current_adds_its_resistance():
    """Thickness over conductivity, and one sheet of it in between."""
    grid = Grid.cubic((10, 4), 1e-6)
    resistances = np.zeros(grid.face_shape(0))
    resistances[5] = 3e-4
    conductor = Conductor(grid, np.full(grid.shape, 0.05), boundaries=(resistances, None))
    current, _ = between_plates(conductor)
    assert current == pytest.approx(4e-6 / (10e-6 / 0.05 + 3e-4), rel=1e-12)


@pytest.mark.parametrize(
    ("shape", "inside", "slope"), [((96, 96), 0.0, -2.0), ((96, 96), 1e6, 2.0),
                                   ((32, 32, 32), 0.0, -1.5), ((32, 32, 32), 1e6, 3.0)]
)  # fmt: skip
def test_dilute_inclusions(shape, inside, slope):
    """Maxwell's mixture of discs and of balls."""
    grid = Grid.cubic(shape, 1.0)
    radius = 0.16 * shape[0]
    distance = np.sqrt(sum((c - shape[0] / 2) ** 2 for c in grid.mesh())) - radius
    share = open_share(distance, grid)
    if inside:
        share = np.round(share)
        conductor = Conductor(grid, share + (1.0 - share) * inside)
    else:
        conductor = Conductor(grid, np.ones(shape), openness=share)
    current, _ = between_plates(conductor)
    found = current / math.prod(shape[1:]) * shape[0]
    filled = 1.0 - share.mean()
    dimensions = len(shape)
    side = (slope / dimensions) * filled
    maxwell = (1.0 + (dimensions - 1) * side) / (1.0 - side)
    assert found - 1.0 == pytest.approx(maxwell - 1.0, rel=0.06)


# --- what crowds where --------------------------------------------------------------------------


def crowding(across: float, along: float, length: float) -> float:
    """Mean current beside an insulating ellipse over a length from its rim; exact in the open."""
    focus = across**2 - along**2
    radius = 0.5 * (across + along)
    place = 0.5 * (across + length + math.sqrt((across + length) ** 2 - focus))
    return (place - radius**2 / place) / length


@pytest.mark.parametrize("aspect", [1.0, 2.0, 4.0])
def test_current_crowds_beside_an_insulating_ellipse(aspect):
    """Over its own half-width; the bare peak would be 1 + aspect."""
    cells, across = 512, 48.0
    grid = Grid.cubic((2 * cells, cells), 1.0)
    z, x = grid.mesh()
    z, along = z - cells, across / aspect
    level = np.hypot(x / across, z / along)
    slope = np.hypot(x / across**2, z / along**2) / np.maximum(level, 1e-9)
    share = open_share((level - 1.0) / slope, grid)
    _, through = between_plates(Conductor(grid, np.ones(grid.shape), openness=share))
    first, last = int(across), int(2 * across)
    found = through[cells, first:last].mean() / through[-1].mean()
    assert found == pytest.approx(crowding(across, along, across), rel=0.02)


def test_current_crowds_beside_a_strip_without_contact():
    """Mean over a length L beyond the rim of a strip of half-width a: sqrt(1 + 2 a / L)."""
    cells, half = 384, 32
    grid = Grid.cubic((cells, cells), 1.0)
    conductor = Conductor(grid, np.ones(grid.shape))
    faces = list(conductor.faces(anode=True, counter=True))
    faces[0][0, :half] = 0.0
    right = np.zeros(grid.shape)
    right[-1] = faces[0][-1]
    found = solve(Hierarchy(Network(grid, tuple(faces), np.zeros(grid.shape))), right)
    through = faces[0][0] * found.values[0]
    for length in (16, 32, 64):
        mean = through[half : half + length].mean() * cells / through.sum()
        wanted = math.sqrt(1.0 + 2.0 * half / length)
        assert mean == pytest.approx(wanted, rel=0.02)


def test_a_round_contact_has_the_resistance_of_holm():
    """rho / 4 a on one side, from two contacts in a wide box."""
    cells, found = 64, []
    for radius in (6.0, 12.0):
        grid = Grid.cubic((cells, cells, cells), 1.0)
        conductor = Conductor(grid, np.ones(grid.shape))
        faces = list(conductor.faces(anode=True, counter=True))
        _, y, x = grid.mesh()
        faces[0][0] *= open_share(radius - np.hypot(y, x), grid)[0]
        right = np.zeros(grid.shape)
        right[-1] = faces[0][-1]
        potential = solve(Hierarchy(Network(grid, tuple(faces), np.zeros(grid.shape))), right)
        current = float((faces[0][0] * potential.values[0]).sum())
        # A quarter of the contact; the box beyond it; its walls carry part of the spreading.
        spread = 1.0 / current - 1.0 / cells
        share = radius / (cells * 2.0 / math.sqrt(math.pi))
        narrowed = 1.0 - 1.40925 * share + 0.33801 * share**3 + 0.06790 * share**5
        found.append(spread / (narrowed / radius))
    assert found == pytest.approx([1.0, 1.0], rel=0.05)
    assert abs(found[1] - 1.0) < abs(found[0] - 1.0)


# --- charge transfer ----------------------------------------------------------------------------


def flat(counter, *, resistance=1e-4, film=0.0, shift=0.0, symmetry=0.5):
    """Lithium at the bottom of 20 um of electrolyte, one column of cells wide enough to matter."""
    grid = Grid.cubic((40, 4), 0.5e-6, periodic=(False, True))
    law = ButlerVolmer(symmetry)
    area = np.zeros(grid.shape)
    area[0] = grid.face_area(0)
    conductor = Conductor(grid, np.full(grid.shape, 0.05))
    surface = Surface(area, law.thermal / resistance, shift, film)
    return Problem(conductor, surface, law, counter)()


@pytest.mark.parametrize("density", [-1e4, -10.0, 1e-3, 10.0, 1e3, 1e6])
@pytest.mark.parametrize("symmetry", [0.3, 0.5])
@pytest.mark.parametrize("film", [0.0, 2e-4])
def test_the_whole_curve_of_a_flat_electrode(density, symmetry, film):
    """Overpotential, film and the ohmic drop to the counter electrode, both directions."""
    width = 4 * 0.5e-6
    found = flat(Driven(density * width), film=film, shift=2e-3, symmetry=symmetry)
    law = ButlerVolmer(symmetry)
    assert found.counter is not None
    drop = density * (39.5 + 0.5) * 0.5e-6 / 0.05  # from the middle of the first cell on
    over = found.counter - drop + density * 0.25e-6 / 0.05 - 2e-3 - film * density
    current, _ = law.bare(np.array(over), law.thermal / 1e-4)
    assert float(current) == pytest.approx(density, rel=1e-9)
    assert found.total == pytest.approx(density * width, rel=1e-12)


def test_a_held_and_a_uniform_counter_agree_with_a_driven_one():
    """Three ways to say the same of a flat electrode."""
    width = 4 * 0.5e-6
    driven = flat(Driven(50.0 * width))
    assert driven.counter is not None
    held = flat(Held(driven.counter))
    uniform = flat(Uniform(50.0 * width))
    assert held.total == pytest.approx(driven.total, rel=1e-9)
    assert uniform.potential == pytest.approx(driven.potential, rel=1e-9)


def test_equilibrium_pressure_stops_the_plating():
    """7.42 MPa for each millivolt: with that shift no current flows."""
    molar, faraday = 13.0e-6, 96485.33212
    pressure = 7.4219e6
    found = flat(Held(1e-3), shift=molar * pressure / faraday)
    free = flat(Held(1e-3))
    assert abs(found.total) < 1e-4 * free.total


def test_what_cannot_be_is_refused():
    """No lithium; a conductivity of another grid; a symmetry factor of one."""
    grid = Grid.cubic((4, 4), 1e-6)
    conductor = Conductor(grid, np.ones(grid.shape))
    with pytest.raises(DataError, match="no lithium surface"):
        Problem(conductor, Surface(np.zeros(grid.shape), 1.0), ButlerVolmer(), Held(0.1))()
    with pytest.raises(DataError, match="shape"):
        Conductor(grid, np.ones((4, 5)))
    with pytest.raises(DataError, match="between 0 and 1"):
        ButlerVolmer(1.0)
