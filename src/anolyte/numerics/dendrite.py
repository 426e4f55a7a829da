r"""A dendrite in an undercooled melt: a phase field with anisotropic fronts and the heat they make.

$$ \tau\,\partial_t\phi = [\phi - \lambda U(1-\phi^2)](1-\phi^2) + \nabla\cdot(W^2\nabla\phi)
   + \sum_i \partial_i\Big(|\nabla\phi|^2\, W \frac{\partial W}{\partial(\partial_i\phi)}\Big),
   \qquad \partial_t U = D\nabla^2 U + \tfrac12\partial_t\phi $$

$\phi$ is 1 in the solid and -1 in the melt, $W = a(\theta)$ and $\tau = a^2$ with
$a = 1 + \epsilon\cos 4\theta$, and $\lambda = D/0.6267$, for which a front has no kinetics of its
own. The quarter of a crystal with closed sides; lengths and times in units of the front.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid
from anolyte.numerics.stencils import COMPILED

THIN_FRONT = 0.6267
"""D tau / (lambda W2) of fronts without kinetics, as the benchmark prints it."""
ROOM = 32
"""Cells by which the window grows when the melt at its edge has changed."""


def flux(along, across, anisotropy):  # pragma: no cover - compiled
    """What passes a face, of the slope along its normal and of the one across.

    W2 along - W W' across, with W' the derivative by the angle from the first axis to the slope; a
    turn by a right angle leaves both as they are, so that either axis may be the normal.
    """
    a2, b2 = along * along, across * across
    r4 = (a2 + b2) ** 2 + 1e-60  # a cell without slope counts as one along an axis
    w = 1.0 + anisotropy * (1.0 - 8.0 * a2 * b2 / r4)
    turn = -16.0 * anisotropy * along * across * (a2 - b2) / r4
    return w * (w * along - turn * across)


def relaxation(along, across, anisotropy):  # pragma: no cover - compiled
    """tau of the slopes in a cell."""
    a2, b2 = along * along, across * across
    w = 1.0 + anisotropy * (1.0 - 8.0 * a2 * b2 / ((a2 + b2) ** 2 + 1e-60))
    return w * w


_flux = njit(inline="always")(flux)
_relaxation = njit(inline="always")(relaxation)


@njit(**COMPILED)
def _faces(up, side, p, i, n, edge, anisotropy):  # pragma: no cover - compiled
    """Fluxes of row i through its upper faces, and through the right ones of its cells."""
    low, here, high = p[i - 1], p[i], p[i + 1]
    share, mean = 1.0 / edge, 0.25 / edge
    for j in range(1, n + 1):
        up[j] = _flux(
            share * (high[j] - here[j]),
            mean * (here[j + 1] - here[j - 1] + high[j + 1] - high[j - 1]),
            anisotropy,
        )
    side[0] = 0.0
    for j in range(1, n + 1):
        side[j] = _flux(
            share * (here[j + 1] - here[j]),
            mean * (high[j] - low[j] + high[j + 1] - low[j + 1]),
            anisotropy,
        )


@njit(**COMPILED)
def _mirror(p, n):  # pragma: no cover - compiled
    """Ghost cells of closed sides around a window of n rows and columns."""
    m0, m1 = p.shape[0] - 2, p.shape[1] - 2
    rows, columns = min(n, m0), min(n, m1)
    for j in range(columns + 2):
        p[0, j] = p[1, j]
        p[m0 + 1, j] = p[m0, j]
    for i in range(rows + 2):
        p[i, 0] = p[i, 1]
        p[i, m1 + 1] = p[i, m1]


@njit(**COMPILED)
def _heat(v, u, i, n, spread):  # pragma: no cover - compiled
    """Heat of row i after a step, but for what melting takes."""
    under, heat, over, out = u[i - 1], u[i], u[i + 1], v[i]
    for j in range(1, n + 1):
        flow = (over[j] - heat[j]) + (under[j] - heat[j])
        flow += (heat[j + 1] - heat[j]) + (heat[j - 1] - heat[j])
        out[j] = heat[j] + spread * flow


@njit(**COMPILED)
def _front(q, v, p, u, i, n, up, down, side, numbers):  # pragma: no cover - compiled
    """Front of row i after a step, and the heat that it makes."""
    edge, step, _, coupling, anisotropy = numbers
    share, mean = 1.0 / edge, 0.5 / edge
    low, here, high, heat = p[i - 1], p[i], p[i + 1], u[i]
    for j in range(1, n + 1):
        phi = here[j]
        melt = 1.0 - phi * phi
        inflow = share * ((up[j] - down[j]) + (side[j] - side[j - 1]))
        slow = _relaxation(
            mean * (here[j + 1] - here[j - 1]), mean * (high[j] - low[j]), anisotropy
        )
        grown = step * (inflow + (phi - coupling * heat[j] * melt) * melt) / slow
        q[i, j] = phi + grown
        v[i, j] += 0.5 * grown


@njit(**COMPILED)
def _last(p, last, before, rows, columns):  # pragma: no cover - compiled
    """The last column of each row that is not melt; it moves by one in a step at most."""
    for i in range(1, rows + 1):
        j = min(max(before[i - 1], before[i], before[i + 1]) + 1, columns)
        while j > 0 and p[i, j] == -1.0:
            j -= 1
        last[i] = j


@njit(**COMPILED)
def _touched(q, v, n, far):  # pragma: no cover - compiled
    """Whether anything has come to the edge of the window."""
    rows, columns = min(n, q.shape[0] - 2), min(n, q.shape[1] - 2)
    for j in range(1, columns + 1):
        if v[rows, j] != far or q[rows, j] != -1.0:
            return True
    for i in range(1, rows + 1):
        if v[i, columns] != far or q[i, columns] != -1.0:
            return True
    return False


@njit(**COMPILED)
def _run(p, u, q, v, steps, n, far, last, numbers):  # pragma: no cover - compiled
    """Steps of the window, which grows with what happens; an even count ends in p and u.

    Where a cell and its neighbours are melt, the front does exactly nothing and is left out.
    """
    m0, m1 = p.shape[0] - 2, p.shape[1] - 2
    faces, side, before = np.zeros((2, m1 + 2)), np.zeros(m1 + 2), last.copy()
    spread = numbers[1] * numbers[2] / numbers[0] ** 2
    for _ in range(steps):
        _mirror(p, n)
        _mirror(u, n)
        up, down = faces[0], faces[1]
        down[:] = 0.0
        rows, columns = min(n, m0), min(n, m1)
        for i in range(1, rows + 1):
            wide = min(columns, max(last[i - 1], last[i], last[i + 1]) + 1)
            up[:] = 0.0
            _faces(up, side, p, i, wide, numbers[0], numbers[4])
            _heat(v, u, i, columns, spread)
            _front(q, v, p, u, i, wide, up, down, side, numbers)
            up, down = down, up
        p, u, q, v = q, v, p, u
        last, before = before, last
        _last(p, last, before, rows, columns)
        if n < max(m0, m1) and _touched(p, u, n, far):
            n += ROOM
    return n


@dataclass(frozen=True, eq=False)
class Melt:
    """Phase field and heat at a time.

    Args:
        phase: 1 in the solid, -1 in the melt.
        heat: Temperature above melting, in units of latent heat over heat capacity.
        time: In units of the front.
    """

    phase: Field
    heat: Field
    time: float = 0.0

    @property
    def solid(self) -> float:
        """Share of the cells that is solid."""
        return float(np.mean(0.5 * (1.0 + self.phase)))


@dataclass(frozen=True)
class Dendrite:
    """A crystal that grows from the corner of a closed square or rectangle.

    Args:
        grid: Square cells; their edge in units of the front's.
        anisotropy: epsilon.
        diffusivity: D.
        undercooling: Temperature of the melt at first; below zero.

    >>> model = Dendrite(Grid.cubic((40, 40), 1.0))
    >>> first = model.seed(8.0)
    >>> round(model.tip(first), 2), model.run(first, 0.02, 100).solid > first.solid
    (7.99, True)
    """

    grid: Grid
    anisotropy: float = 0.05
    diffusivity: float = 10.0
    undercooling: float = -0.3

    def __post_init__(self) -> None:
        """Refuse what the stencil does not hold for."""
        if self.grid.dimensions != 2 or any(self.grid.periodic):
            raise DataError("a quarter of a dendrite lies in a plane with closed sides")
        if self.grid.spacing[0] != self.grid.spacing[1]:
            raise DataError(f"a dendrite needs square cells, not {self.grid.spacing}")
        if not 0.0 <= self.anisotropy < 1.0 / 15.0:
            raise DataError(
                f"an anisotropy of {self.anisotropy:g}: from 1/15 on, some directions are missing "
                "from the front and the equation has no solution"
            )

    @property
    def coupling(self) -> float:
        """lambda."""
        return self.diffusivity / THIN_FRONT

    @property
    def longest_step(self) -> float:
        """For heat, which spreads faster than a front."""
        return 0.25 * self.grid.spacing[0] ** 2 / max(self.diffusivity, 2.0)

    def seed(self, radius: float) -> Melt:
        """A quarter of a disc in a melt of one temperature."""
        y, x = self.grid.mesh()
        phase = np.tanh((radius - np.hypot(y, x)) / np.sqrt(2.0))
        return Melt(phase, np.full(self.grid.shape, self.undercooling))

    def run(self, melt: Melt, step: float, steps: int) -> Melt:
        """After so many steps of one length.

        Raises:
            DataError: They are too long to be stable.
        """
        if not 0.0 < step <= self.longest_step:
            raise DataError(
                f"a step of {step:.3g} was asked for; explicit steps are stable up to "
                f"{self.longest_step:.3g} on this grid"
            )
        p, u = np.pad(melt.phase, 1, mode="edge"), np.pad(melt.heat, 1, mode="edge")
        q, v = p.copy(), u.copy()
        numbers = (
            self.grid.spacing[0], step, self.diffusivity, self.coupling, self.anisotropy,
        )  # fmt: skip
        columns = np.arange(p.shape[1])
        last = np.where(p != -1.0, columns, 0).max(axis=1)
        window = self._window(melt)
        _run(p, u, q, v, steps, window, self.undercooling, last, numbers)
        phase, heat = (p, u) if steps % 2 == 0 else (q, v)
        inner = (slice(1, -1), slice(1, -1))
        return Melt(phase[inner].copy(), heat[inner].copy(), melt.time + steps * step)

    def _window(self, melt: Melt) -> int:
        """Rows and columns that hold all that has changed, and room."""
        changed = (melt.phase != -1.0) | (melt.heat != self.undercooling)
        places = np.argwhere(changed)
        return int(places.max()) + 1 + ROOM if places.size else ROOM

    def tip(self, melt: Melt) -> float:
        """Distance from the corner, along axis 1, of the contour phase = 0 in the first row."""
        row = melt.phase[0]
        k = int(np.flatnonzero(row > 0.0)[-1])
        share = row[k] / (row[k] - row[k + 1]) if k + 1 < row.size else 0.0
        return float((k + 0.5 + share) * self.grid.spacing[1])

    def energy(self, melt: Melt) -> float:
        r"""$\int \frac{W^2}{2}|\nabla\phi|^2 - \frac{\phi^2}{2} + \frac{\phi^4}{4}
        + \lambda U\phi\,(1 - \frac23\phi^2 + \frac15\phi^4)$, with slopes of the cells."""
        phi = melt.phase
        padded = np.pad(phi, 1, mode="edge")
        slope0 = 0.5 * (padded[2:, 1:-1] - padded[:-2, 1:-1]) / self.grid.spacing[0]
        slope1 = 0.5 * (padded[1:-1, 2:] - padded[1:-1, :-2]) / self.grid.spacing[1]
        squares = slope0**2 + slope1**2
        wide = relaxation(slope1, slope0, self.anisotropy)
        tilt = self.coupling * melt.heat * phi * (1.0 - 2.0 / 3.0 * phi**2 + 0.2 * phi**4)
        density = 0.5 * wide * squares - 0.5 * phi**2 + 0.25 * phi**4 + tilt
        return float(density.sum()) * self.grid.cell_volume
