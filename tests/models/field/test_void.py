"""Voids under stripped lithium: closed forms of each supply, constriction, and balances."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY
from anolyte.laws.constriction import Stripes
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.voids import CreepClosing, ExponentialLoss
from anolyte.models.field.surface_diffusion import SurfaceDiffusion
from anolyte.models.field.vacancies import Lattice
from anolyte.models.field.void import StrippedFace
from anolyte.models.field.void_closing import (
    ByColumn,
    Gaps,
    RoundVoids,
    cylinder_closing,
    voids,
)
from anolyte.numerics.grid import Grid
from anolyte.studies.march import march

VOLUME = 13e-6
CREEP = PowerLawCreep(7.7e-3, 6.56, 0.0)


def face(cells=32, **changes):
    """A notch a quarter as wide as the field, stripped at 1 mA/cm2."""
    edge = 20e-6 / cells
    grid = Grid.cubic((cells, cells), edge, periodic=(False, True))
    start = np.where(np.abs(grid.centres(1) - 10e-6) < 2.5e-6, 2e-6, 0.0)
    usual = StrippedFace(
        grid, 0.05, 257.0, VOLUME, start, ExponentialLoss(0.1e-6), -10.0, 50e-6, 300.0
    )
    return replace(usual, **changes)


# --- supplies -----------------------------------------------------------------------------------


def test_vacancies_pile_up_as_the_square_root_of_time():
    """The closed form at the face, and the time at which no lithium is left there."""
    metal, current, time = Lattice(5.7e-15, 50e-6, 2.5e-8), 10.0, 10.0
    flux = current * VOLUME / FARADAY
    full = 0.25 * np.pi * metal.diffusivity / flux**2
    assert full == pytest.approx(2.5e3, rel=0.02)
    empty, passed = metal.begin(2), 0.0
    while True:
        after, taken = metal.step(empty, np.full(2, flux * time), time)
        if taken[0] < flux * time * (1.0 - 1e-9):
            break
        empty, passed = after, passed + time
        if passed in (500.0, 1500.0):
            at = empty[0, 0] + 0.5 * metal.layers[0] * flux / metal.diffusivity
            wanted = 2.0 * flux * np.sqrt(passed / (np.pi * metal.diffusivity))
            assert at == pytest.approx(wanted, rel=0.01)
    assert passed == pytest.approx(full, rel=0.03)
    assert metal.held(empty) == pytest.approx(flux * passed, rel=1e-12)


def test_no_more_vacancies_than_sites_and_no_fewer_than_none():
    metal = Lattice(5.7e-15, 5e-6, 2e-8)
    empty, taken = metal.step(metal.begin(2), np.array([1.0, -1.0]), 10.0)
    assert empty.max() <= 1.0 and empty.min() >= 0.0
    assert 0.0 < taken[0] < 1.0 and taken[1] == 0.0


def test_a_ripple_decays_by_surface_diffusion_as_its_wave_number_to_the_fourth():
    """And a profile of many waves as a direct solution by differences does."""
    count, edge, mobility = 128, 1e-7, 1e-30
    x = np.arange(count) * edge
    wave = 2.0 * np.pi * 2 / (count * edge)
    law = SurfaceDiffusion(mobility)
    time = 1.0 / (mobility * wave**4)
    after = law(1e-6 + 1e-8 * np.cos(wave * x), edge, time) - 1e-6
    assert after[0] == pytest.approx(1e-8 * np.exp(-1.0), rel=1e-6)

    gap = 1e-6 + 5e-7 * np.exp(-(((x - x.mean()) / 1e-6) ** 2))
    eye = np.eye(count)
    second = (np.roll(eye, 1, 0) + np.roll(eye, -1, 0) - 2.0 * eye) / edge**2
    step = np.linalg.inv(eye + mobility * (second @ second) * (1e6 / 400))
    direct = np.linalg.matrix_power(step, 400) @ gap
    moved = law(gap, edge, 1e6)
    assert np.abs(moved - direct).max() < 0.01 * np.ptp(direct)
    assert moved.sum() == pytest.approx(gap.sum(), rel=1e-13)
    assert np.ptp(moved) < 0.9 * np.ptp(gap)


def test_a_wave_that_undershoots_keeps_the_volume_and_stays_above_the_face():
    gap = np.zeros(64)
    gap[20:30] = 1e-6
    moved = SurfaceDiffusion(1e-30)(gap, 1e-7, 1e3)
    assert moved.min() >= 0.0
    assert moved.sum() == pytest.approx(gap.sum(), rel=1e-13)


@pytest.mark.parametrize("exponent", [1.0, 3.0, 6.56])
def test_a_cylinder_closes_as_its_radial_balance_says(exponent):
    """The far pressure of a rate, by quadrature from the wall outwards, scaled."""
    creep, far = PowerLawCreep(1e-4, exponent, 0.0), 2e6

    def stress(log_radius):
        strain = 2.0 / np.sqrt(3.0) * np.exp(-2.0 * log_radius)  # while the radius shrinks at 1/s
        return 1e6 * (strain / 1e-4) ** (1.0 / exponent)

    pressure = 2.0 / np.sqrt(3.0) * quad(stress, 0.0, 40.0 * exponent)[0]
    rate = (far / pressure) ** exponent
    assert cylinder_closing(creep, far, 298.15) == pytest.approx(rate, rel=1e-6)


def test_a_half_cylinder_shrinks_at_the_rate_of_its_closed_form():
    """Area against exp(-2 rate t) after it has lost 45 %, and nearer on finer cells."""
    creep = PowerLawCreep(1e-4, 3.0, 0.0, highest=1e9)
    law, rate = RoundVoids(creep), cylinder_closing(creep, 2e6, 298.15)
    misses = []
    for count in (32, 128):
        edge = 20e-6 / count
        x = (np.arange(count) + 0.5) * edge - 10e-6
        gap = np.sqrt(np.maximum(25e-12 - x * x, 0.0))
        first, steps = gap.sum(), 150
        for _ in range(steps):
            contact = ExponentialLoss(1e-8)(gap)
            now = Gaps(gap, contact, edge, 2e6 * contact.mean(), 298.15)  # 2 MPa at the contacts
            gap = np.maximum(gap - 0.002 / rate * law(now), 0.0)
        misses.append(abs(gap.sum() / first / np.exp(-2.0 * 0.002 * steps) - 1.0))
    assert misses[0] < 0.03 and misses[1] < 0.01 and misses[1] < misses[0]


def test_voids_go_on_around_the_side():
    assert [c.tolist() for c in voids(np.ones(3, bool))] == [[0, 1, 2]]
    assert voids(np.zeros(3, bool)) == []
    assert [c.tolist() for c in voids(np.array([1, 1, 0, 1], bool))] == [[3, 0, 1]]


# --- the face -----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_constriction_is_that_of_stripes(share):
    """With charge transfer as good as none: first order in the cells, and exact without them."""
    exact, found = Stripes(20e-6, 0.05)(share), []
    for count in (64, 128):
        grid = Grid.cubic((count, count), 20e-6 / count, periodic=(False, True))
        start = np.where(np.arange(count) < share * count, 0.0, 1e-5)
        found.append(face(grid=grid, start=start, exchange=1e7).begin().constriction)
    assert 2.0 * found[1] - found[0] == pytest.approx(exact, rel=0.01)
    assert (found[0] - exact) / (found[1] - exact) == pytest.approx(2.0, abs=0.4)


def test_lithium_moved_is_charge_passed_with_every_supply_at_once():
    lattice = Lattice(5.7e-15, 50e-6, 2.5e-8, most=0.05)  # soon full, so that gaps open
    process = face(
        lattice=lattice, creep=ByColumn(CreepClosing(CREEP)), pressure=0.4e6,
        walls=SurfaceDiffusion(1e-33), sinks=True,
    )  # fmt: skip
    course = march(process)
    state = course.state
    assert course.ended == "time" and len(course.table["time"]) > 10
    assert np.abs(course.table["balance"]).max() < 1e-10
    assert min(state.diffused, state.crept, state.sunk) > 0.0
    assert state.diffused == pytest.approx(
        float(lattice.held(state.empty).sum()) * process.grid.spacing[1], rel=1e-10
    )
    assert state.current.mean() == pytest.approx(-10.0, rel=1e-10)


def test_a_void_widens_and_current_crowds_beside_it():
    """A sinking metal keeps contact far away, so that only the rim recedes faster."""
    course = march(face(until=1200.0, exchange=2.57e4, sinks=True))
    table = course.table
    assert table["focus"][0] > 1.2
    assert table["contact"][-1] < table["contact"][0]
    assert (table["touching"] > 0.0).all()
    sharp = march(face(until=1200.0, sinks=True))
    assert sharp.table["focus"][0] < table["focus"][0]  # charge transfer evens the current out


def test_plating_fills_the_gap_again_and_then_lifts_the_metal():
    stripped = march(face()).state
    process = face(start=stripped.gap, current_density=10.0, until=600.0)
    course = march(process)
    assert course.table["contact"][-1] > course.table["contact"][0]
    assert course.state.lifted > 0.0
    assert abs(process.balance(course.state)) < 1e-10


def test_shorter_steps_change_little():
    ends = [march(face(advance=a, until=100.0)) for a in (0.2, 0.05)]
    volumes = [end.state.gap.sum() for end in ends]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-10)  # lithium is lithium
    contacts = [end.table["contact"][-1] for end in ends]
    assert contacts[0] == pytest.approx(contacts[1], rel=0.02)


def test_what_is_no_face_is_refused():
    with pytest.raises(DataError, match="strips nothing"):
        face(current_density=0.0)
    with pytest.raises(DataError, match="none of them negative"):
        face(start=np.full(32, -1e-6))
    with pytest.raises(DataError, match="periodic across"):
        face(grid=Grid.cubic((32, 32), 1e-6))
    with pytest.raises(DataError, match="thinner than the metal"):
        Lattice(1e-15, 1e-6, 2e-6)
