"""Public benchmarks of phase fields, set up from their specification; no dimensions.

PFHub 1 (spinodal decomposition), 3 (dendrite), 6 (Cahn-Hilliard-Poisson) and 7 (manufactured
solution), and how errors are fitted. Used by the tests here and by the campaign.
"""

from dataclasses import dataclass

import numpy as np

from anolyte.numerics.cahn_hilliard import (
    CahnHilliard,
    Charge,
    CutCahnHilliard,
    DoubleWell,
    Modes,
    Moment,
)
from anolyte.numerics.dendrite import Dendrite
from anolyte.numerics.grid import Grid
from anolyte.numerics.phase_field import AllenCahn
from anolyte.numerics.stencils import Held, Sides
from anolyte.numerics.timestep import Controller, ExponentialPair, Step

ENDS = ((Held(1.0), Held(0.0)), (None, None))
WELL = DoubleWell(5.0, 0.3, 0.7)


@dataclass(frozen=True)
class Manufactured:
    """A wavy front whose shape is prescribed (PFHub benchmark 7), and the source that holds it.

    Axis 0 is the benchmark's y, from one to zero; axis 1 its periodic x.
    """

    kappa: float = 4e-4
    speed: float = 0.0625 * np.pi  # C2

    def front(self, x, time):
        """Place of the front, its change with time, its slope and curvature."""
        a1, b1, a2, b2 = 0.0075, 8.0 * np.pi, 0.03, 22.0 * np.pi
        phase = b2 * x + self.speed * time
        return (
            0.25 + a1 * time * np.sin(b1 * x) + a2 * np.sin(phase),
            a1 * np.sin(b1 * x) + a2 * self.speed * np.cos(phase),
            a1 * time * b1 * np.cos(b1 * x) + a2 * b2 * np.cos(phase),
            -a1 * time * b1**2 * np.sin(b1 * x) - a2 * b2**2 * np.sin(phase),
        )

    def field(self, y, x, time):
        """The solution."""
        return 0.5 * (1.0 - np.tanh((y - self.front(x, time)[0]) / np.sqrt(2.0 * self.kappa)))

    def source(self, y, x, time):
        """What must be added to the rate for it to be one."""
        at, rate, slope, curvature = self.front(x, time)
        t = np.tanh((y - at) / np.sqrt(2.0 * self.kappa))
        drift = (rate - self.kappa * curvature) / (2.0 * np.sqrt(2.0 * self.kappa))
        return (1.0 - t**2) * (drift - 0.5 * t * slope**2)


def manufactured_grid(cells: int) -> Grid:
    """Cells over the half and the whole edge of the rectangle."""
    return Grid.cubic((cells // 2, cells), 1.0 / cells, periodic=(False, True))


def explicit_error(problem: Manufactured, cells: int, step: float, end: float) -> float:
    """Discrete L2 norm of the error of explicit Euler."""
    grid = manufactured_grid(cells)
    model = AllenCahn(Sides(grid, ENDS), 1.0, 1.0, problem.kappa)
    y, x = grid.mesh()
    steps = int(np.ceil(end / step - 1e-9))
    step = end / steps
    field = problem.field(y, x, 0.0)
    for k in range(steps):
        field = model.run(field, step, 1) + step * problem.source(y, x, k * step)
    return norm(field - problem.field(y, x, end), grid)


def exponential(problem: Manufactured, cells: int, steps: int, end: float):
    """The field by the exponential pair, low and high order, and the grid."""
    grid = manufactured_grid(cells)
    modes = Modes(grid, held=(0,))
    y, x = grid.mesh()
    held = np.zeros(grid.shape)
    held[0] = 2.0 * problem.kappa / grid.spacing[0] ** 2  # one at the low side

    def rest(amplitudes, time):
        n = modes.backward(amplitudes)
        well = 2.0 * n * (1.0 - n) * (1.0 - 2.0 * n)
        return modes.forward(held + problem.source(y, x, time) - well)

    pair = ExponentialPair(problem.kappa * modes.laplacian, rest)
    step = end / steps
    fields = []
    for place in (0, 1):
        u = modes.forward(problem.field(y, x, 0.0))
        for k in range(steps):
            u = pair.step(u, rest(u, k * step), k * step, step)[place]
        fields.append(modes.backward(u))
    return fields, grid


def exponential_errors(problem: Manufactured, cells: int, steps: int, end: float):
    """Discrete L2 norms of the errors of first and second order."""
    fields, grid = exponential(problem, cells, steps, end)
    y, x = grid.mesh()
    return [norm(field - problem.field(y, x, end), grid) for field in fields]


def norm(difference, grid: Grid) -> float:
    """Discrete L2."""
    return float(np.sqrt(np.sum(difference**2) * grid.cell_volume))


def order(sizes, errors) -> float:
    """Slope of a line through logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


def ripples(x, y, amplitude=0.01, first=0.105):
    """Where PFHub benchmarks 1 and 6 start."""
    return 0.5 + amplitude * (
        np.cos(first * x) * np.cos(0.11 * y)
        + (np.cos(0.13 * x) * np.cos(0.087 * y)) ** 2
        + np.cos(0.025 * x - 0.15 * y) * np.cos(0.07 * x - 0.02 * y)
    )


def square(cells: int, *, periodic: bool = False):
    """Benchmark 1 on its square of 200, and its start."""
    grid = Grid.cubic((cells, cells), 200.0 / cells, periodic=(periodic, periodic))
    y, x = grid.mesh()
    return CahnHilliard(grid, WELL, mobility=5.0, gradient=2.0), ripples(x, y)


def charged(cells: int):
    """Benchmark 6 on its square of 100, and its start."""
    grid = Grid.cubic((cells, cells), 100.0 / cells)
    y, x = grid.mesh()
    charge = Charge(0.09, 90.0, low=np.zeros(cells), high=np.sin(grid.centres(0) / 7.0))
    return CahnHilliard(grid, WELL, 5.0, 2.0, charge), ripples(x, y, 0.04, 0.2)


def tee(cells: int):
    """Benchmark 1 on its T, so many cells an edge of 20; places from the corner of the box."""
    grid = Grid.cubic((6 * cells, 5 * cells), 20.0 / cells)
    y, x = grid.mesh()
    inside = (y > 100.0) | ((x > 40.0) & (x < 60.0))
    return CutCahnHilliard(grid, inside, WELL, 5.0, 2.0), ripples(x, y)


def followed(model, start, end: float, tolerance: float):
    """The last state of a run, its energies, and how far the mean has moved."""
    states = model.moments(Moment(start, Step(0.0, 0.1)), end, Controller(tolerance))
    energies, last = [], next(states)
    for state in states:
        energies.append(model.energy(state.values))
        last = state
    return last, np.array(energies), abs(last.values.mean() - start.mean())


def ratios(values) -> np.ndarray:
    """How much smaller each change is than the one before: four for second order in halves."""
    changes = np.diff(values)
    return changes[:-1] / changes[1:]


def dendrite(extent: float, edge: float) -> Dendrite:
    """PFHub benchmark 3 on a smaller square."""
    cells = round(extent / edge)
    return Dendrite(Grid.cubic((cells, cells), extent / cells))
