"""The moving front: profile, charge, speed, and how ripples of it grow."""

import math

import numpy as np
import pytest

from anolyte.models.field import front
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import Driven, Problem, Surface, Uniform
from anolyte.numerics.grid import Grid

FARADAY, MOLAR, TENSION, SIGMA, CURRENT = 96485.33212, 13.0e-6, 0.5, 0.05, 10.0
SPEED = MOLAR * CURRENT / FARADAY


class Ripple:
    """A cosine of lithium under a uniform current, or under an equipotential."""

    def __init__(self, length, resistance, *, cells=64, width=4, depth=2.0, counter=Uniform):
        edge = length / cells
        self.grid = Grid.cubic((int(depth * cells), cells), edge, periodic=(False, True))
        self.wave, self.width, self.counter = 2.0 * math.pi / length, width * edge, counter
        self.law, self.resistance, self.length = ButlerVolmer(), resistance, length
        z, x = self.grid.mesh()
        surface = 0.5 * length + 0.01 * length * np.cos(self.wave * x)
        self.share = front.profile(z - surface, self.width)
        self.begin, self.charge, self.time, self.last = self.share.sum(), 0.0, 0.0, None

    def heights(self):
        """Amplitude and mean of the surface."""
        column = self.share.sum(0) * self.grid.spacing[0]
        x = self.grid.centres(1)
        return 2.0 * float(np.mean(column * np.cos(self.wave * x))), float(column.mean())

    def limit(self):
        """s, of an explicit step: a tenth of a cell, and the fastest capillary decay."""
        edge = self.grid.spacing[0]
        finest = math.pi / edge
        decay = (MOLAR / FARADAY) ** 2 * TENSION * SIGMA * finest**3
        decay /= 1.0 + finest * SIGMA * self.resistance
        return min(0.1 * edge / SPEED, 0.5 / decay)

    def run(self, duration):
        """Plate."""
        steps = math.ceil(duration / self.limit())
        step = duration / steps
        for _ in range(steps):
            shape = front.shape_of(self.share, self.grid, self.width)
            density = np.where(shape.density * self.width > 1e-9, shape.density, 0.0)
            shift = MOLAR * TENSION / FARADAY * shape.curvature
            conductor = Conductor(
                self.grid, np.full(self.grid.shape, SIGMA), np.maximum(1.0 - self.share, 1e-14)
            )
            surface = Surface(
                density * self.grid.cell_volume, self.law.thermal / self.resistance, shift
            )
            problem = Problem(conductor, surface, self.law, self.counter(CURRENT * self.length))
            self.last = problem(self.last)
            rate = MOLAR / FARADAY * density * self.last.current_density
            self.share = front.advance(
                self.share, rate, step, self.grid, width=self.width, speed=SPEED
            )
            self.charge += self.last.total * step
            self.time += step
        return self

    def growth(self, duration):
        """1/s, measured, and by the linear theory."""
        first, _ = self.heights()
        last, mean = self.run(duration).heights()
        above = self.wave * (self.grid.lengths[0] - mean)
        reach = self.wave * (
            math.tanh(above) if self.counter is Uniform else 1.0 / math.tanh(above)
        )
        tension = SIGMA * TENSION * MOLAR * self.wave**2 / FARADAY
        theory = MOLAR / FARADAY * reach * (CURRENT - tension)
        return math.log(last / first) / duration, theory / (1.0 + reach * SIGMA * self.resistance)


@pytest.mark.parametrize(
    ("length", "resistance"),
    [(4e-6, 1e-4), (8e-6, 1e-4), (16e-6, 1e-4), (40e-6, 1e-4), (4e-6, 1e-3), (40e-6, 1e-3)],
)
def test_ripples_grow_as_linear_theory_says(length, resistance):
    """Over a decade of wave numbers, within 3 % of k v; the width is a quarter of sigma R_ct."""
    cells = 64 if length / 16 <= SIGMA * resistance / 4 else 128
    ripple = Ripple(length, resistance, cells=cells, depth=1.5)
    found, theory = ripple.growth(0.5 * ripple.grid.spacing[0] / SPEED)
    assert abs(found - theory) < 0.03 * ripple.wave * SPEED


def test_ripples_under_an_equipotential_grow_faster():
    """coth instead of tanh, in a thin electrolyte."""
    theories = []
    for counter in (Uniform, Driven):
        ripple = Ripple(8e-6, 1e-4, depth=0.75, counter=counter)
        found, theory = ripple.growth(0.5 * ripple.grid.spacing[0] / SPEED)
        assert abs(found - theory) < 0.03 * ripple.wave * SPEED
        theories.append(theory)
    assert theories[1] > 1.03 * theories[0]


def test_short_ripples_decay():
    """Below the cut-off, 3.65 um at 10 A/m2, 0.05 S/m and 0.5 J/m2."""
    cut = 2.0 * math.pi * math.sqrt(SIGMA * TENSION * MOLAR / (CURRENT * FARADAY))
    assert cut == pytest.approx(3.65e-6, rel=2e-3)
    rates = []
    for length in (0.85 * cut, 1.2 * cut):
        ripple = Ripple(length, 1e-4, depth=1.5)
        rates.append(ripple.growth(0.5 * ripple.grid.spacing[0] / SPEED)[0])
    assert rates[0] < 0.0 < rates[1]


def test_what_is_deposited_is_the_charge():
    """To rounding, over many steps; and the flat front moves as Faraday says."""
    ripple = Ripple(16e-6, 1e-4, depth=1.0)
    _, before = ripple.heights()
    ripple.run(2.0 * ripple.grid.spacing[0] / SPEED)
    _, after = ripple.heights()
    deposited = (ripple.share.sum() - ripple.begin) * ripple.grid.cell_volume
    assert deposited == pytest.approx(MOLAR / FARADAY * ripple.charge, rel=1e-12)
    assert after - before == pytest.approx(SPEED * ripple.time, rel=1e-12)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_profile_keeps_its_width(dimensions):
    """A ball at rest neither spreads nor loses lithium: the better, the more cells lie across."""
    worst = []
    for cells in (4.0, 5.0):
        grid = Grid.cubic((round(9 * cells),) * dimensions, 1.0, periodic=(True,) * dimensions)
        distance = np.sqrt(sum((c - 4.5 * cells) ** 2 for c in grid.mesh())) - 2.5 * cells
        share = start = front.profile(distance, cells)
        still = np.zeros(grid.shape)
        for _ in range(20):
            share = front.advance(share, still, cells / 4.0, grid, width=cells, speed=0.5)
        assert share.sum() == pytest.approx(start.sum(), rel=1e-13)
        worst.append(float(np.abs(share - start).max()))
    assert worst[0] < 0.06
    assert worst[1] < 0.8 * worst[0]


def test_a_blurred_profile_sharpens():
    """From three times the width back to one."""
    grid = Grid.cubic((64, 4), 1.0, periodic=(False, True))
    z, _ = grid.mesh()
    blurred = front.profile(z - 32.0, 12.0) * np.ones(grid.shape)
    share = front.advance(blurred, np.zeros(grid.shape), 400.0, grid, width=4.0, speed=1.0)
    assert np.abs(share - front.profile(z - 32.0, 4.0)).max() < 0.02


@pytest.mark.parametrize(("dimensions", "bends"), [(2, 1.0), (3, 2.0)])
def test_curvature_of_a_ball(dimensions, bends):
    """1 / r in the plane, 2 / r in space, within 2 % on the surface."""
    grid = Grid.cubic((40,) * dimensions, 1.0)
    distance = np.sqrt(sum((c - 20.0) ** 2 for c in grid.mesh())) - 12.0
    shape = front.shape_of(front.profile(distance, 4.0), grid, 4.0)
    near = np.abs(distance) < 0.5
    assert shape.curvature[near] == pytest.approx(bends / 12.0, rel=0.06)
    assert float(shape.curvature[near].mean()) == pytest.approx(bends / 12.0, rel=0.01)
    spread = (math.pi * 4.0) ** 2 / 48.0  # of a profile of width 4, as a variance
    area = {2: 2.0 * math.pi * 12.0, 3: 4.0 * math.pi * (144.0 + spread)}[dimensions]
    assert shape.density.sum() == pytest.approx(area, rel=0.005)
