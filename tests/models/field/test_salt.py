"""Salt in a polymer: Sand's time, the limiting current, closed forms of a symmetric cell."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import Problem, Surface, Uniform
from anolyte.models.field.salt import Salt, SaltCell
from anolyte.numerics.grid import Grid

SALT = Salt(1000.0, 1e-11, 0.1, 0.2)
LAW = ButlerVolmer()
EXCHANGE = 10.0


def slab(cells, thickness, current, salt=SALT, across=2):
    edge = thickness / cells
    grid = Grid((cells, across), (edge, edge), (False, True))
    return SaltCell(grid, salt, current, EXCHANGE)


def test_salt_runs_out_at_sands_time():
    """Of a polymer six diffusion lengths thick; second order in the cells."""
    wanted, missed = SALT.sands_time(10.0), []
    for cells in (24, 48):
        run = slab(cells, 600e-6, 10.0).run(2.0 * wanted, tolerance=5e-4)
        assert run.ended == "depleted"
        assert run.amount < 1e-12
        missed.append(run.last.time / wanted - 1.0)
    assert abs(missed[1]) < 2e-3
    assert abs(missed[1]) < abs(missed[0]) / 3.0


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_symmetric_cell_comes_to_the_closed_form(share):
    """A straight profile, the limiting current at its end, and three parts of the voltage."""
    thickness, cells = 50e-6, 32
    limit = SALT.limiting_current(thickness)
    run = slab(cells, thickness, share * limit).run(4.0 * thickness**2 / 1e-11)
    assert run.ended == "time" and run.amount < 1e-12
    profile = run.last.concentration[:, 0]
    z = (np.arange(cells) + 0.5) / cells - 0.5
    assert profile == pytest.approx(1000.0 * (1.0 + 2.0 * share * z), rel=1e-4)
    ends = 1000.0 * np.array([1.0 - share, 1.0 + share])
    ohmic = share * limit * thickness / 0.1
    diffusion = 2.0 * LAW.thermal * 0.8 * math.log(ends[1] / ends[0])
    exchange = EXCHANGE * np.sqrt(ends / 1000.0)
    kinetic = 2.0 * LAW.thermal * np.arcsinh(share * limit / (2.0 * exchange)).sum()
    assert run.last.voltage == pytest.approx(ohmic + diffusion + kinetic, rel=3e-3)


def test_beyond_the_limiting_current_it_runs_out_and_below_it_lasts():
    thickness = 50e-6
    limit, long = SALT.limiting_current(thickness), 6.0 * thickness**2 / 1e-11
    assert slab(16, thickness, 1.02 * limit).run(long).ended == "depleted"
    assert slab(16, thickness, 0.98 * limit).run(long).ended == "time"


def test_without_moving_anions_it_is_the_potential_alone():
    """Transference of one: nothing is gathered, and the field is that of a single-ion conductor."""
    cell = slab(12, 50e-6, 20.0, Salt(1000.0, 1e-11, 0.1, 1.0))
    run = cell.run(500.0)
    assert run.last.concentration == pytest.approx(1000.0, rel=1e-12)
    grid = cell.grid
    area = np.zeros(grid.shape)
    area[0] = grid.face_area(0)
    plain = Problem(
        Conductor(grid, np.full(grid.shape, 0.1)), Surface(area, EXCHANGE), LAW, Uniform(cell.total)
    )()
    assert run.last.field.potential == pytest.approx(plain.potential, rel=1e-10)


def test_steps_are_of_second_order():
    """Properties that depend on concentration, at a time at which the profile still moves."""
    salt = Salt(
        1000.0, lambda c: 1e-11 * (0.5 + 5e-4 * c), lambda c: 0.1 * (c / 1000.0) ** 0.5,
        lambda c: 0.3 - 1e-4 * c, lambda c: 1.0 + 2e-4 * c,
    )  # fmt: skip
    cell, found = slab(8, 50e-6, 15.0, salt), []
    begun = cell.run(40.0).last  # the current's onset is over
    for steps in (8, 16, 32):
        state = begun
        for _ in range(steps):
            state, _ = cell.after(state, 40.0 / steps)
        found.append(state.concentration)
    apart = [np.abs(a - b).max() for a, b in zip(found, found[1:], strict=False)]
    assert math.log2(apart[0] / apart[1]) > 1.7
    assert cell.amount(found[-1]) == pytest.approx(
        cell.amount(cell.begin().concentration), rel=1e-12
    )


def test_the_diffusion_potential_is_an_integral():
    """Of a factor that depends on concentration, in closed form."""
    salt = Salt(1000.0, 1e-11, 0.1, lambda c: 0.2 + 1e-4 * c)
    c = np.array([20.0, 700.0, 3000.0])
    wanted = 2.0 * LAW.thermal * (0.8 * np.log(c / 1000.0) - 1e-4 * (c - 1000.0))
    assert salt.gathered(c, 298.15) == pytest.approx(wanted, rel=1e-9)


def test_current_gathers_on_a_bump_the_more_salt_lacks():
    """It reaches where there is more; a conductor of one ion knows only its ohmic drop."""
    cells, thickness = 16, 32e-6
    edge = thickness / cells
    grid = Grid((cells, cells), (edge, edge), (False, True))
    z, x = grid.mesh()
    height = 6e-6 * np.exp(-(((x - 16e-6) / 5e-6) ** 2)) + 6e-6
    metal = 0.5 * (1.0 - np.tanh((z - height) / (1.5 * edge)))
    metal[0] = 1.0
    limit, crowded = SALT.limiting_current(thickness), []
    for share in (0.2, 0.6):
        cell = SaltCell(grid, SALT, share * limit, EXCHANGE, metal)
        run = cell.run(40.0, tolerance=2e-2)
        assert run.ended == "time" and run.amount < 1e-12
        here = sum(cell.areas) * run.last.field.current_density
        assert here.sum() == pytest.approx(cell.total, rel=1e-6)
        top, foot = here[:, 8].sum(), here[:, 0].sum()
        crowded.append(top / foot)
    assert 1.0 < crowded[0] < crowded[1]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Salt(0.0, 1e-11, 0.1, 0.2),
        lambda: Salt(1000.0, -1e-11, 0.1, 0.2),
        lambda: Salt(1000.0, 1e-11, 0.1, 1.5),
        lambda: slab(8, 50e-6, -1.0),
    ],
)
def test_what_is_no_salt_is_refused(wrong):
    with pytest.raises(DataError):
        wrong()


def test_the_flux_of_salt_at_lithium_is_that_of_its_anions():
    """The form of textbooks, as a check of the conservative one."""
    cell = slab(64, 50e-6, 20.0)
    state = cell.begin()
    for _ in range(10):
        state, _ = cell.after(state, 2.0)
    c, edge = state.concentration[:, 0], cell.grid.spacing[0]
    slope = (-3.0 * c[0] + 4.0 * c[1] - c[2]) / (2.0 * edge)  # at the centre of the first cell
    slope -= 0.5 * edge * (c[0] - 2.0 * c[1] + c[2]) / edge**2
    assert slope == pytest.approx(0.8 * 20.0 / (FARADAY * 1e-11), rel=0.02)
