"""Elastic equilibrium: exact states of strain, order of convergence, inclusions, orientation."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Clamped, Free, Loaded, Platen, Roller
from anolyte.numerics.elasticity_tensor import Tensor
from anolyte.numerics.grid import Grid

YOUNG, POISSON = 2.0, 0.3
LAMBDA, MU = lame(YOUNG, POISSON)
BULK = LAMBDA + 2.0 / 3.0 * MU
SHAPES = ((10, 7), (6, 5, 4))


def box(shape):
    return Grid(shape, tuple(0.1 + 0.03 * k for k in range(len(shape))), (False,) * len(shape))


def uniform(shape, sides):
    return Solid(box(shape), np.full(shape, LAMBDA), np.full(shape, MU), sides)


def faces(grid, component, along):
    """Places of a displacement component along an axis, ready to broadcast."""
    at_faces = np.arange(grid.shape[along] + 1) * grid.spacing[along]
    places = at_faces if along == component else grid.centres(along)
    return places.reshape([-1 if axis == along else 1 for axis in range(grid.dimensions)])


@pytest.mark.parametrize("shape", SHAPES)
def test_uniaxial_stress_is_exact(shape):
    dimensions = len(shape)
    pulled = Loaded((1.0,) + (0.0,) * (dimensions - 1))
    sides = ((Roller(), pulled),) + ((Roller(), Free()),) * (dimensions - 1)
    answer = uniform(shape, sides).deformed(tolerance=1e-13)
    modulus = YOUNG / (1.0 - POISSON**2) if dimensions == 2 else YOUNG
    assert answer.stress.normal[0] == pytest.approx(1.0, abs=1e-11)
    assert np.abs(answer.stress.normal[1]).max() < 1e-11
    assert np.abs(answer.stress.shear).max() < 1e-11
    assert answer.strain.normal[0] == pytest.approx(1.0 / modulus, abs=1e-11)
    volume = math.prod(box(shape).lengths)
    assert answer.energy == pytest.approx(0.5 * volume / modulus, rel=1e-11)
    assert answer.side_stress[0] == pytest.approx((1.0, 1.0), abs=1e-11)


@pytest.mark.parametrize("shape", SHAPES)
def test_hydrostatic_stress_is_exact_though_nothing_is_held(shape):
    sides = tuple(
        (Loaded(tuple(-1.0 * (k == axis) for k in range(len(shape)))),) * 2
        for axis in range(len(shape))
    )
    answer = uniform(shape, sides).deformed(tolerance=1e-13)
    assert answer.stress.normal[: len(shape)] == pytest.approx(-1.0, abs=1e-10)
    if len(shape) == 3:
        assert answer.strain.trace() == pytest.approx(-1.0 / BULK, abs=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_pure_shear_by_force_is_exact(shape):
    dimensions, stress = len(shape), 0.7
    entries = np.zeros((dimensions, dimensions))
    entries[0, 1] = entries[1, 0] = stress
    sides = [(Loaded(tuple(entries[axis])),) * 2 for axis in range(dimensions)]
    answer = uniform(shape, sides).deformed(tolerance=1e-13)
    assert answer.stress.shear[0] == pytest.approx(stress, abs=1e-10)
    assert answer.strain.shear[0] == pytest.approx(stress / (2.0 * MU), abs=1e-10)
    assert np.abs(answer.stress.normal).max() < 1e-10


@pytest.mark.parametrize("shape", SHAPES)
def test_pure_shear_by_displacement_is_exact(shape):
    """u along axis 1 grows with the place along axis 0."""
    dimensions, angle = len(shape), 1e-2
    grid = box(shape)
    rest = (0.0,) * (dimensions - 2)
    slope = angle * np.arange(shape[0] + 1) * grid.spacing[0]
    centres = angle * grid.centres(0)
    if dimensions == 3:
        slope, centres = slope[:, None] + 0.0 * grid.centres(2), centres[:, None]
    flank = Clamped((0.0, centres, *rest))
    sides = [
        (
            Clamped((0.0,) * dimensions),
            Clamped((0.0, slope[-1, ..., 0] if dimensions == 3 else slope[-1], *rest)),
        )
    ]
    sides += [(flank, flank), (Roller(), Roller())][: dimensions - 1]
    answer = uniform(shape, sides).deformed(tolerance=1e-13)
    assert answer.stress.shear[0] == pytest.approx(MU * angle, abs=1e-12)
    assert np.abs(answer.stress.normal).max() < 1e-12


def test_lithium_between_platens_carries_the_stack_pressure():
    """Confined at its flanks, every layer shortens by its own uniaxial modulus."""
    grid = Grid((12, 6), (0.5, 0.25), (False, True))
    first, shear = np.full(grid.shape, LAMBDA), np.full(grid.shape, MU)
    first[:5], shear[:5] = lame(1e-2, 0.38)
    sides = (Roller(), Platen(-3.0)), None
    answer = Solid(grid, first, shear, sides).deformed(tolerance=1e-13)
    shortening = sum(0.5 * 3.0 / (first + 2.0 * shear)[:, 0])
    assert answer.stress.normal[0] == pytest.approx(-3.0, abs=1e-9)
    assert answer.displacement[0][-1] == pytest.approx(-shortening, rel=1e-10)
    assert answer.side_stress[0] == pytest.approx((-3.0, -3.0), abs=1e-9)


def test_a_platen_below_presses_as_one_above():
    """And the body hangs on what holds it."""
    above, below = (
        uniform((8, 6), (ends, (Roller(), Roller()))).deformed(tolerance=1e-13)
        for ends in ((Roller(), Platen(-2.0)), (Platen(-2.0), Roller()))
    )
    assert below.stress.normal == pytest.approx(above.stress.normal, abs=1e-10)
    assert below.displacement[0][0] == pytest.approx(-above.displacement[0][-1], rel=1e-10)


def test_platens_on_both_axes_share_a_swelling_body():
    """Swelling that is free in the mean leaves no stress."""
    sides = ((Roller(), Platen()), (Roller(), Platen()), (Roller(), Platen()))
    solid = uniform((5, 4, 6), sides)
    answer = solid.deformed(Tensor.isotropic(np.full((5, 4, 6), 1e-2)))
    assert np.abs(answer.stress.normal).max() < 1e-9
    assert answer.strain.normal == pytest.approx(1e-2, abs=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_confined_swelling_gives_the_bulk_modulus(shape):
    solid = uniform(shape, ((Roller(), Roller()),) * len(shape))
    answer = solid.deformed(Tensor.isotropic(np.full(shape, 1e-3)))
    assert answer.stress.normal == pytest.approx(-3e-3 * BULK, rel=1e-12)
    assert answer.energy == pytest.approx(0.5 * BULK * (3e-3) ** 2 * math.prod(box(shape).lengths))


def _manufactured(cells):
    """Root mean square error of a displacement field whose forces are known."""
    sympy = pytest.importorskip("sympy")
    z, x = sympy.symbols("z x")
    u = [sympy.sin(2 * z + x) + x * z, sympy.cos(z - 2 * x) + z**2]
    first, shear = 1 + sympy.sin(z) * x, 1 + z * x / 2 + x**2
    place = (z, x)
    strain = [
        [(sympy.diff(u[a], place[b]) + sympy.diff(u[b], place[a])) / 2 for b in (0, 1)]
        for a in (0, 1)
    ]
    trace = strain[0][0] + strain[1][1]
    stress = [
        [first * trace * int(a == b) + 2 * shear * strain[a][b] for b in (0, 1)] for a in (0, 1)
    ]
    pull = [-sum(sympy.diff(stress[a][b], place[b]) for b in (0, 1)) for a in (0, 1)]

    def of(expression):
        function = sympy.lambdify((z, x), expression, "numpy")
        return lambda a, b: np.broadcast_to(function(a, b), np.broadcast(a, b).shape).astype(float)

    grid = Grid.cubic((cells, cells), 1.0 / cells)
    faces_z, centres = np.arange(cells + 1) / cells, grid.centres(0)
    exact = of(u[0])(faces_z[:, None], centres), of(u[1])(centres[:, None], faces_z)
    force = [
        of(pull[0])(faces_z[:, None], centres) / cells**2,
        of(pull[1])(centres[:, None], faces_z) / cells**2,
    ]

    def side(axis, at):
        if axis == 0:
            return Clamped((of(u[0])(at, centres), of(u[1])(at, faces_z)))
        return Clamped((of(u[0])(faces_z, at), of(u[1])(centres, at)))

    sides = [(side(axis, np.array(0.0)), side(axis, np.array(1.0))) for axis in (0, 1)]
    places = grid.mesh()
    solid = Solid(grid, of(first)(*places), of(shear)(*places), sides)
    answer = solid.deformed(force=force, tolerance=1e-10)
    return math.sqrt(
        sum(float(((a - b) ** 2).mean()) for a, b in zip(answer.displacement, exact, strict=True))
    )


def test_a_manufactured_field_converges_with_the_second_order():
    errors = [_manufactured(cells) for cells in (16, 32, 64)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders == pytest.approx(2.0, abs=0.2)


MISFIT, RADIUS = 1e-3, 0.25


def inclusion(cells, dimensions, ratio):
    """A ball or a cylinder with a misfit, held outside as in an endless body; its pressure, exact.

    Outside u = C R^d r / r^d; inside C r.
    """
    grid = Grid.cubic((cells,) * dimensions, 1.0 / cells)
    square = sum(np.meshgrid(*[grid.centres(0) ** 2] * dimensions, indexing="ij", sparse=True))
    share = np.where(square < RADIUS**2, 1.0, 0.0)
    first_in, shear_in = lame(ratio * YOUNG, POISSON)
    swelling = (3.0 * first_in + 2.0 * shear_in) * MISFIT
    stiffness = dimensions * first_in + 2.0 * shear_in
    growth = swelling / (stiffness + 2.0 * (dimensions - 1) * MU)

    def outside(axis):
        entries = []
        for component in range(dimensions):
            places = [faces(grid, component, along) for along in range(dimensions)]
            places[axis] = np.ones([1] * dimensions)
            square = sum(place**2 for place in places)
            value = growth * RADIUS**dimensions * places[component] / square ** (dimensions / 2)
            entries.append(np.squeeze(value, axis))
        return Clamped(tuple(entries))

    solid = Solid(
        grid,
        LAMBDA + (first_in - LAMBDA) * share,
        MU + (shear_in - MU) * share,
        [(Roller(), outside(axis)) for axis in range(dimensions)],
    )
    answer = solid.deformed(Tensor.isotropic(MISFIT * share))
    pressure = -answer.stress.normal[:dimensions].mean(axis=0)[square < (0.7 * RADIUS) ** 2]
    return pressure / (2.0 * (dimensions - 1) * MU * growth)


@pytest.mark.parametrize("ratio", [1.0, 10.0, 0.1])
def test_a_cylinder_carries_the_uniform_pressure_of_eshelby(ratio):
    pressure = inclusion(64, 2, ratio)
    assert pressure.mean() == pytest.approx(1.0, abs=0.03)
    assert pressure.std() < 2e-3


@pytest.mark.parametrize(("ratio", "within"), [(1.0, 1e-3), (0.1, 0.05)])
def test_a_ball_carries_the_uniform_pressure_of_eshelby(ratio, within):
    pressure = inclusion(24, 3, ratio)
    assert pressure.mean() == pytest.approx(1.0, abs=within)
    assert pressure.std() < 2e-3


def test_a_stiff_ball_converges_with_the_first_order_of_its_steps():
    """Its surface of cells is too large: 10 % at six cells a radius, half of that at twelve."""
    coarse, fine = (inclusion(cells, 3, 10.0).mean() for cells in (16, 32))
    assert (fine - 1.0) / (coarse - 1.0) == pytest.approx(0.5, abs=0.1)
    assert 2.0 * fine - coarse == pytest.approx(1.0, abs=0.03)


def test_the_closed_forms_of_like_moduli():
    """The general pressure of an inclusion is the known one when it is of its host's stuff."""
    growth = (3.0 * LAMBDA + 2.0 * MU) * MISFIT
    plane = 2.0 * MU * growth / (2.0 * LAMBDA + 4.0 * MU)
    assert plane == pytest.approx(YOUNG * MISFIT / (2.0 * (1.0 - POISSON)))
    ball = 4.0 * MU * growth / (3.0 * LAMBDA + 6.0 * MU)
    assert ball == pytest.approx(2.0 * YOUNG * MISFIT / (3.0 * (1.0 - POISSON)))


def slab_energy(degrees):
    """Energy of a square of misfit in a periodic body, the square turned."""
    cells, fine = 96, 6
    grid = Grid.cubic((cells, cells), 1.0 / cells, periodic=(True, True))
    points = (np.arange(cells * fine) + 0.5) / (cells * fine) - 0.5
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    first = np.abs(c * points[:, None] + s * points)
    second = np.abs(-s * points[:, None] + c * points)
    inside = (np.maximum(first, second) < 0.08).reshape(cells, fine, cells, fine).mean(axis=(1, 3))
    solid = Solid(grid, np.full(grid.shape, LAMBDA), np.full(grid.shape, MU), (None, None))
    # a stretch along the square's own axis
    eigen = Tensor.along(1e-3 * inside, (np.full(grid.shape, c), np.full(grid.shape, s)))
    return solid.deformed(eigen).energy / (1e-6 * inside.sum() / cells**2)


def test_turning_a_misfitting_square_changes_little():
    energies = [slab_energy(degrees) for degrees in (0.0, 17.0, 45.0)]
    assert energies[1] == pytest.approx(energies[0], rel=0.03)
    assert energies[2] == pytest.approx(energies[0], rel=0.03)


def islands(cells, contrast):
    """Discs of a stiffness one over the contrast."""
    generator = np.random.default_rng(1)
    grid = Grid.cubic((cells, cells), 1.0 / cells)
    z, x = grid.mesh()
    factor = np.ones(grid.shape)
    for _ in range(12):
        (a, b), radius = generator.random(2), 0.04 + 0.06 * generator.random()
        factor[(z - a) ** 2 + (x - b) ** 2 < radius**2] = 1.0 / contrast
    sides = (Roller(), Loaded((1.0, 0.0))), (Roller(), Roller())
    return Solid(grid, LAMBDA * factor, MU * factor, sides)


@pytest.mark.parametrize(("contrast", "most"), [(1.0, 9), (20.0, 16), (1e3, 24), (1e6, 30)])
def test_iterations_hardly_depend_on_cells_or_contrast(contrast, most):
    for cells in (64, 128):
        assert islands(cells, contrast).deformed().iterations <= most


def test_a_long_body_is_no_harder():
    """Joined along its length alone, once it is thin."""
    grid = Grid.cubic((2, 512), 1.0)
    sides = (Roller(), Roller()), (Roller(), Loaded((0.0, 1.0)))
    solid = Solid(grid, np.full(grid.shape, LAMBDA), np.full(grid.shape, MU), sides)
    answer = solid.deformed()
    assert answer.iterations <= 15
    assert answer.stress.normal[1] == pytest.approx(1.0, abs=1e-6)


def test_a_nearby_answer_is_a_good_start():
    solid = islands(64, 1e3)
    answer = solid.deformed()
    assert solid.deformed(start=answer).iterations == 0


def test_forces_are_those_of_the_energy():
    """The stiffness is symmetric and its quadratic form is twice the energy."""
    solid = islands(16, 1e3)
    answer = solid.deformed(tolerance=1e-13)
    assert abs(solid.matrix - solid.matrix.T).max() < 1e-12
    quadratic = float(answer.unknowns @ (solid.matrix @ answer.unknowns))
    assert quadratic == pytest.approx(2.0 * answer.energy, rel=1e-10)


def test_bad_solids_are_refused():
    grid = Grid.cubic((4, 4), 1.0)
    ones, sides = np.ones(grid.shape), ((Roller(), Roller()),) * 2
    with pytest.raises(DataError, match="must be positive"):
        Solid(grid, ones, 0.0 * ones, sides)
    with pytest.raises(DataError, match="has shape"):
        Solid(grid, ones[:2], ones, sides)
    with pytest.raises(DataError, match="periodic one None"):
        _ = Solid(grid, ones, ones, (None, (Free(), Free()))).frame
    unbalanced = Loaded((0.0, 0.0)), Loaded((1.0, 0.0))
    with pytest.raises(DataError, match="in balance"):
        Solid(grid, ones, ones, (unbalanced, (Free(), Free()))).deformed()


def test_strips_for_threads_change_no_bit_and_hardly_an_iteration(monkeypatch):
    """A large level is smoothed in strips, whatever the threads; the answer is that of one."""
    import numba

    from anolyte.numerics import elasticity_multigrid

    most = numba.get_num_threads()
    found = []
    try:
        for threads in sorted({1, most}):
            numba.set_num_threads(threads)
            found.append(islands(192, 1e3).deformed())
    finally:
        numba.set_num_threads(most)
    assert all(one.unknowns.tobytes() == found[0].unknowns.tobytes() for one in found)
    monkeypatch.setattr(elasticity_multigrid, "MANY", 10**9)
    whole = islands(192, 1e3).deformed()
    assert whole.unknowns.tobytes() != found[0].unknowns.tobytes()  # it was in strips
    assert found[0].iterations <= whole.iterations + 3
    scale = np.abs(whole.unknowns).max()
    assert found[0].unknowns == pytest.approx(whole.unknowns, rel=0.0, abs=1e-7 * scale)
