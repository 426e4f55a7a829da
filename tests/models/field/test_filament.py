"""A filament that its own lithium drives: equilibrium, balances, and the sign of every factor."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.filament import Filament, Lithium, guarded
from anolyte.models.field.fracture import Fracture
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Roller
from anolyte.numerics.grid import Grid
from anolyte.studies.march import Checkpoints, march

FARADAY, MOLAR = 96485.33212, 13.0e-6
HEIGHT, CELLS = 18e-6, 18


def cell(
    *, density=2e3, resistance=1e-3, flaw=6e-6, toughness=6.2, sigma=0.05, until=2.0, cells=CELLS,
    boundary=None, weak=1.0,
):  # fmt: skip
    """A flaw at the anode of a thin garnet; a boundary runs up from it or across its way."""
    edge = HEIGHT / cells
    grid = Grid.cubic((cells, cells), edge, periodic=(False, True))
    moduli = (np.full(grid.shape, value) for value in lame(150e9, 0.26))
    solid = Solid(grid, *moduli, ((Roller(), Roller()), None))
    energy = np.full(grid.shape, toughness)
    energy[:, cells // 2 - 1 : cells // 2 + 2] *= weak
    z, x = grid.mesh()
    flaws = ((np.abs(x - HEIGHT / 2 - edge / 2) < 0.6 * edge) & (z < flaw)).astype(float)
    fracture = Fracture(solid, Surface(grid, guarded(energy, 3.0 * edge, grid), 3.0 * edge))
    law = ButlerVolmer()
    return Filament(
        np.full(grid.shape, sigma), fracture, flaws,
        Lithium(law.thermal / resistance, MOLAR, 0.0, law),
        density, 3e-6, until, 2.0 * edge, 0.25, boundary,
    )  # fmt: skip


@cache
def course(**changes):
    """A run to its end."""
    return march(cell(**changes))


def test_below_the_critical_overpotential_the_pressure_stops_the_plating():
    """p = F eta / Om inside a flaw that does not grow; 7.42 MPa for each millivolt."""
    process = replace(cell(density=10.0, resistance=1e-3, until=400.0), longest=40.0)
    run = march(process)
    state = run.state
    assert run.ended == "time"
    assert state.depth == pytest.approx(run.table["depth"][0], abs=1e-7)
    _, walls = process.surfaces(process.metal(state.crack))
    over = float((walls * state.potential).sum() / walls.sum())
    assert state.pressure == pytest.approx(FARADAY * over / MOLAR, rel=0.1)
    assert over > 10.0 * 1e-3  # V, of a flat anode: walls lie nearer to the counter electrode
    assert abs(state.share) < 1e-3


def test_above_it_the_filament_shorts_the_cell():
    """And everything that was plated is somewhere."""
    run = course()
    assert run.ended == "short"
    table = run.table
    assert (np.diff(table["depth"]) >= -1e-12).all()
    begin = table["volume"][0]
    deposit = table["plated"] + table["volume"] - begin
    assert deposit == pytest.approx(MOLAR / FARADAY * table["charge"], rel=1e-10, abs=1e-30)
    assert table["focus"][1:-1].min() > 1.0


def test_what_opens_is_what_was_plated():
    """The volume between the faces of the crack, against the charge that went in."""
    process = cell(until=0.1)
    run = march(process)
    near = process.fracture.deformed(run.state.crack, run.state.pressure)
    assert process.fracture.opened(run.state.crack, near) == pytest.approx(
        run.state.volume, rel=1e-3
    )


@pytest.mark.parametrize(
    ("harder", "easier"),
    [
        ({"density": 1e3}, {"density": 2e3}),
        ({"toughness": 9.0}, {"toughness": 5.0}),
        ({"flaw": 5e-6}, {"flaw": 9e-6}),
        ({"weak": 1.0}, {"weak": 0.4}),
    ],
)
def test_the_sign_of_every_factor(harder, easier):
    """More current, less toughness, a larger flaw, a weaker grain boundary: sooner short."""
    late, soon = course(**harder), course(**easier)
    assert soon.ended == "short"
    assert soon.state.time < late.state.time


def test_a_pore_has_to_be_filled_before_the_filament_goes_on():
    whole = cell(until=0.9)
    z, x = whole.grid.mesh()
    away = np.hypot(z - 13e-6, x - HEIGHT / 2 - whole.grid.spacing[0] / 2)
    pore = (away < 1.5e-6).astype(float)
    process = replace(whole, pores=pore, flaws=np.maximum(whole.flaws, pore))
    run = march(process)
    first = np.flatnonzero(run.table["depth"] > 12e-6)[0]
    assert 0 < first and run.table["pressure"][first + 1 :].max() == 0.0
    assert run.ended == "time"
    assert course(until=0.9).ended == "short"  # without it
    state = run.state
    deposit = state.plated + state.volume - run.table["volume"][0]
    assert deposit == pytest.approx(process.lithium.per_charge * state.charge, rel=1e-12)
    room = pore.sum() * whole.grid.cell_volume
    assert state.volume < run.table["volume"][0] + room
    assert process.key() != whole.key()
    # no current through an empty one
    flow = process._potential(process.metal(process.flaws), 0.0, None)
    plain = whole._potential(whole.metal(whole.flaws), 0.0, None)
    assert flow.counter is not None and plain.counter is not None
    assert flow.counter > plain.counter


def test_lithium_presses_only_where_it_has_come():
    whole = cell()
    z, x = whole.grid.mesh()
    far = (np.abs(x - 2.5e-6) < 1e-6) & (np.abs(z - 14e-6) < 2.5e-6)
    crack = whole.fracture.surface.least(np.maximum(whole.flaws, far.astype(float)))
    reached = replace(whole.fracture, reached=(z < 9e-6) * np.ones(crack.shape))
    near = reached.deformed(crack, 1e8)
    both = whole.fracture.deformed(crack, 1e8)
    alone = whole.fracture.surface.least(whole.flaws)
    single = whole.fracture.deformed(alone, 1e8)
    opened = reached.opened(crack, near)
    assert opened == pytest.approx(whole.fracture.opened(alone, single), rel=0.05)
    assert opened < 0.8 * whole.fracture.opened(crack, both)
    step = 1e-5  # and what it does to the crack is the derivative of its work
    way = np.random.default_rng(1).random(crack.shape) - 0.5
    more, less = (reached.opened(crack + sign * step * way, near) for sign in (1, -1))
    pulled = float((reached.pulled(near, 1e8) * way).sum())
    assert pulled == pytest.approx(-1e8 * (more - less) / (2.0 * step), rel=1e-6)


def test_stopped_and_resumed_is_the_same(tmp_path):
    """To the last digit, as a run that was not stopped."""
    path = tmp_path / "filament.h5"
    count = iter(range(100))

    def tired(state):
        if next(count) == 2:
            raise KeyboardInterrupt

    stopped = march(cell(), checkpoints=Checkpoints(path), seen=tired)
    assert not stopped.ended
    again = march(cell(), checkpoints=Checkpoints(path), resume=True)
    whole = course()
    assert again.resumed == 2
    for name, values in whole.table.items():
        assert again.table[name].tobytes() == values.tobytes(), name
    with pytest.raises(DataError, match="other settings"):
        march(cell(density=1e3), checkpoints=Checkpoints(path), resume=True)


def test_what_cannot_begin_is_refused():
    """A short from the start; stripping."""
    with pytest.raises(DataError, match="shorted before"):
        cell(flaw=HEIGHT)
    with pytest.raises(DataError, match="positive current"):
        cell(density=-1.0)
