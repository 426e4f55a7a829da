"""Pieces of lithium: labels, volumes, floating potentials, and dead lithium by stripping."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field import front
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.pieces import isolated, pieces, solve_floating
from anolyte.models.field.potential import Driven, Problem, Surface
from anolyte.numerics.grid import Grid

FARADAY, MOLAR, SIGMA, TENSION = 96485.33212, 13.0e-6, 0.05, 0.5


@pytest.mark.parametrize("shape", [(6, 8), (6, 5, 8)])
def test_periodic_sides_join_pieces(shape):
    metal = np.zeros(shape)
    metal[0, ..., 0] = 1.0
    metal[0:4, ..., -1] = 1.0
    sides = (True,) * (len(shape) - 1)
    closed = pieces(metal, Grid.cubic(shape, 2.0))
    wrapped = pieces(metal, Grid.cubic(shape, 2.0, periodic=(False, *sides)))
    assert (closed.count, wrapped.count) == (2, 1)
    metal[0, ..., -1] = 0.0
    closed = pieces(metal, Grid.cubic(shape, 2.0))
    assert closed.joined.tolist() == [True, False]
    metal[1, ..., 0] = 1.0
    assert pieces(metal, Grid.cubic(shape, 2.0, periodic=(False, *sides))).joined.tolist() == [True]
    assert pieces(metal, Grid.cubic(shape, 2.0)).joined.tolist() == [True, False]


@pytest.mark.parametrize("shape", [(24, 16), (14, 12, 16)])
def test_volumes_add_up_to_all_lithium(shape):
    sides = (True,) * (len(shape) - 1)
    grid = Grid.cubic(shape, 0.5, periodic=(False, *sides))
    metal = np.random.default_rng(3).random(shape) ** 2
    found = pieces(metal, grid)
    assert found.count > 3
    assert found.volumes.sum() == pytest.approx(metal.sum() * grid.cell_volume, rel=1e-12)
    assert found.dead + found.volumes[found.joined].sum() == pytest.approx(found.volumes.sum())


def test_no_lithium_and_bad_fields():
    grid = Grid.cubic((4, 4), 1.0)
    empty = pieces(np.zeros(grid.shape), grid)
    assert (empty.count, empty.dead) == (0, 0.0)
    with pytest.raises(DataError, match="plated"):
        empty.dead_share(0.0)
    with pytest.raises(DataError, match="shape"):
        pieces(np.zeros((3, 3)), grid)


class DumbBell:
    """A bulb on a neck on a layer of lithium, stripped in a host that gives way."""

    def __init__(
        self, *, neck=6e-8, radius=2e-7, current=10.0, resistance=1e-2, tension=0.0, finer=1
    ):
        self.edge, self.width = 1e-8 / finer, 3e-8 / finer
        self.grid = Grid.cubic((96 * finer, 64 * finer), self.edge, periodic=(False, True))
        self.law, self.current = ButlerVolmer(), current * self.grid.lengths[1]
        self.resistance, self.tension, self.charge = resistance, tension, 0.0
        z, x = self.grid.mesh()
        x = x - 0.5 * self.grid.lengths[1]
        bulb = np.hypot(z - 5e-7, x) - radius
        column = np.maximum(np.abs(x) - 0.5 * neck, z - 5e-7)
        distance = np.minimum(np.minimum(bulb, column), z - 1.5e-7)
        self.share = front.profile(distance, self.width)
        self.plated = float(self.share.sum()) * self.grid.cell_volume
        self.last = None

    def limit(self):
        """s, half the decay of the finest ripple by capillarity."""
        finest = math.pi / self.edge
        decay = (MOLAR / FARADAY) ** 2 * self.tension * SIGMA * finest**3
        decay /= 1.0 + finest * SIGMA * self.resistance
        return 0.5 / max(decay, 1e-30)

    def step(self, part=0.25):
        """Strip by at most a part of a cell."""
        shape = front.shape_of(self.share, self.grid, self.width)
        density = np.where(shape.density * self.width > 1e-9, shape.density, 0.0)
        shift = MOLAR * self.tension / FARADAY * shape.curvature
        openness = np.maximum(1.0 - self.share, 1e-14)
        conductor = Conductor(self.grid, np.full(self.grid.shape, SIGMA), openness)
        area = density * self.grid.cell_volume
        surface = Surface(area, self.law.thermal / self.resistance, shift)
        problem = Problem(conductor, surface, self.law, Driven(-self.current))
        self.last = problem(self.last)
        fastest = MOLAR / FARADAY * float(np.abs(self.last.current_density).max())
        step = min(part * self.edge / fastest, self.limit())
        rate = MOLAR / FARADAY * density * self.last.current_density
        self.share = front.advance(
            self.share, rate, step, self.grid, width=self.width, speed=fastest
        )
        self.charge += self.last.total * step

    def until_isolated(self):
        """Strip until a piece comes off."""
        before = pieces(self.share, self.grid)
        for _ in range(700):
            self.step()
            after = pieces(self.share, self.grid)
            if isolated(before, after):
                return after
            before = after
        raise AssertionError("nothing came off")


def test_a_dumb_bell_isolates_at_its_neck():
    """Even stripping takes half the neck off all round: the bulb keeps its radius less that."""
    neck, radius = 6e-8, 2e-7
    bell = DumbBell(neck=neck, radius=radius)
    found = bell.until_isolated()
    expected = math.pi * (radius - 0.5 * neck) ** 2
    uncertain = 2.0 * math.pi * radius * bell.edge  # a cell all round
    assert found.joined.sum() == 1
    assert abs(found.dead - expected) < uncertain
    assert found.dead_share(bell.plated) == pytest.approx(found.dead / bell.plated)
    moved = float(bell.share.sum()) * bell.grid.cell_volume - bell.plated
    assert moved == pytest.approx(MOLAR / FARADAY * bell.charge, rel=1e-10)


def test_the_miss_shrinks_with_the_cells():
    """A neck as thin as its diffuse front breaks early; how early is a matter of resolution."""
    expected = math.pi * (2e-7 - 3e-8) ** 2
    coarse, fine = (abs(DumbBell(finer=k).until_isolated().dead - expected) for k in (1, 2))
    assert fine < 0.75 * coarse


def test_a_thinner_neck_leaves_more_dead():
    thin, thick = DumbBell(neck=4e-8).until_isolated(), DumbBell(neck=8e-8).until_isolated()
    assert thin.dead > 1.05 * thick.dead


def test_faster_stripping_leaves_more_dead_where_capillarity_acts():
    """Stripped slowly, the bulb feeds the concave fillets of its neck, which lasts longer."""
    slow, fast = (
        DumbBell(current=current, tension=TENSION).until_isolated() for current in (0.3, 10.0)
    )
    assert fast.dead > 1.2 * slow.dead


def test_a_floating_piece_carries_no_net_current():
    bell = DumbBell(resistance=1e-5)
    z, x = bell.grid.mesh()
    distance = np.minimum(np.hypot(z - 5e-7, x - 0.5 * bell.grid.lengths[1]) - 1e-7, z - 1.5e-7)
    share = front.profile(distance, bell.width)
    density = front.shape_of(share, bell.grid, bell.width).density
    area = np.where(density * bell.width > 1e-9, density, 0.0) * bell.grid.cell_volume
    openness = np.maximum(1.0 - share, 1e-14)
    conductor = Conductor(bell.grid, np.full(bell.grid.shape, SIGMA), openness)
    surface = Surface(area, bell.law.thermal / bell.resistance)
    found = pieces(share, bell.grid)
    problem = Problem(conductor, surface, bell.law, Driven(bell.current))
    answer = solve_floating(problem, found)
    assert found.joined.tolist() == [True, False]
    assert abs(answer.currents[1]) < 1e-8 * bell.current
    assert answer.currents[0] == pytest.approx(bell.current, rel=1e-8)
    middle = int(5e-7 / bell.edge)
    host = float(answer.field.potential[middle, 0])
    # By symmetry its potential is close to that of the host at its middle.
    assert answer.potentials[1] == pytest.approx(host, rel=0.1)
    bulb = np.where(found.nearest == 2, answer.field.current_density * area, 0.0)
    assert bulb[middle:].sum() > 0.0 > bulb[:middle].sum()


def test_several_floating_pieces_in_space():
    shape, edge, law, current = (24, 12, 16), 1e-7, ButlerVolmer(), 1e-11
    grid = Grid.cubic(shape, edge, periodic=(False, True, True))
    z, y, x = grid.mesh()
    first = np.sqrt((z - 9e-7) ** 2 + (y - 6e-7) ** 2 + (x - 4e-7) ** 2) - 2.5e-7
    second = np.sqrt((z - 16e-7) ** 2 + (y - 6e-7) ** 2 + (x - 12e-7) ** 2) - 2.5e-7
    share = front.profile(np.minimum(np.minimum(first, second), z - 3e-7), 3e-7)
    density = front.shape_of(share, grid, 3e-7).density
    area = np.where(density * 3e-7 > 1e-9, density, 0.0) * grid.cell_volume
    conductor = Conductor(grid, np.full(shape, SIGMA), np.maximum(1.0 - share, 1e-14))
    problem = Problem(conductor, Surface(area, law.thermal / 1e-5), law, Driven(current))
    found = pieces(share, grid)
    answer = solve_floating(problem, found)
    assert found.joined.tolist() == [True, False, False]
    assert np.abs(answer.currents[1:]).max() < 1e-7 * current
    assert answer.currents[0] == pytest.approx(current, rel=1e-7)
    assert 0.0 < answer.potentials[1] < answer.potentials[2]
