r"""The Cahn-Hilliard equation on a box, alone or with the charge that it moves, and in any shape.

$$ \partial_t c = \nabla\cdot M\nabla\mu, \qquad \mu = f'(c) - \kappa\nabla^2 c + k\Phi, \qquad
   f = \rho\,(c - c_a)^2 (c_b - c)^2 $$

Differences on the grid are second order. The modes of the discrete Laplacian on a box are sines and
cosines, so that the stiff part is integrated exactly, mode by mode, and the rest by the pair of
`timestep.ExponentialPair`. A linear share $A c$, half of the largest curvature of f, is moved from
the rest to the stiff part, which keeps long steps from blowing up. No step touches the mode of the
mean. Where cells are missing from the box, steps are explicit and short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import fft

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid
from anolyte.numerics.phase_field import free_energy
from anolyte.numerics.stencils import COMPILED, Sides
from anolyte.numerics.timestep import Array, Controller, ExponentialPair, Step


@dataclass(frozen=True)
class Modes:
    """Sines, cosines and waves that the discrete Laplacian only multiplies.

    Args:
        grid: The cells.
        held: Axes both of whose sides are held at zero; others are closed, or periodic.

    >>> modes = Modes(Grid.cubic((4, 6), 1.0, periodic=(False, True)))
    >>> values = np.arange(24.0).reshape(4, 6)
    >>> bool(np.allclose(modes.backward(modes.forward(values)), values))
    True
    """

    grid: Grid
    held: tuple[int, ...] = ()

    @cached_property
    def _periodic(self) -> list[int]:
        return [axis for axis, wraps in enumerate(self.grid.periodic) if wraps]

    @cached_property
    def laplacian(self) -> Array:
        """What the discrete Laplacian multiplies each mode by, 1/m2; none is positive."""
        total = np.zeros((1,) * self.grid.dimensions)
        for axis, (n, edge) in enumerate(zip(self.grid.shape, self.grid.spacing, strict=True)):
            if self.grid.periodic[axis]:
                count = n // 2 + 1 if axis == self._periodic[-1] else n
                angle = np.pi * np.arange(count) / n
            else:
                angle = 0.5 * np.pi * (np.arange(n) + (axis in self.held)) / n
            shape = [-1 if k == axis else 1 for k in range(self.grid.dimensions)]
            total = total - (4.0 / edge**2 * np.sin(angle) ** 2).reshape(shape)
        return total

    def forward(self, values: Field) -> Array:
        """Amplitudes of the modes."""
        out: Array = np.asarray(values)
        for axis in range(out.ndim):
            if not self.grid.periodic[axis]:
                out = np.asarray((fft.dst if axis in self.held else fft.dct)(out, axis=axis))
        return np.asarray(fft.rfftn(out, axes=self._periodic)) if self._periodic else out

    def backward(self, amplitudes: Array) -> Field:
        """The field of these amplitudes."""
        out = amplitudes
        if self._periodic:
            shape = [self.grid.shape[axis] for axis in self._periodic]
            out = np.asarray(fft.irfftn(out, shape, axes=self._periodic))
        for axis in range(out.ndim):
            if not self.grid.periodic[axis]:
                out = np.asarray((fft.idst if axis in self.held else fft.idct)(out, axis=axis))
        return np.asarray(out, np.float64)


@dataclass(frozen=True)
class DoubleWell:
    """f = rho (c - ca)2 (cb - c)2."""

    height: float
    low: float
    high: float

    def energy(self, c: Field) -> Field:
        """f."""
        return self.height * ((c - self.low) * (self.high - c)) ** 2

    def slope(self, c: Field) -> Field:
        """f'.

        >>> well = DoubleWell(5.0, 0.3, 0.7)
        >>> well.slope(np.array([0.3, 0.4, 0.6])).round(6).tolist()
        [0.0, 0.06, -0.06]
        """
        below, above = c - self.low, self.high - c
        return 2.0 * self.height * below * above * (above - below)

    @property
    def steepest(self) -> float:
        """The largest curvature of f between the wells and a tenth of their distance beyond."""
        half = 0.5 * (self.high - self.low)
        return self.height * half**2 * (12.0 * 1.2**2 - 4.0)


@dataclass(frozen=True, eq=False)
class Charge:
    r"""$\nabla^2\Phi = -kc/\epsilon$, with $\Phi$ given at both ends of the last axis.

    Args:
        coupling: k.
        permittivity: epsilon.
        low: Potential of the low side, one value a row.
        high: Potential of the high side.
    """

    coupling: float
    permittivity: float
    low: Field
    high: Field

    def applied(self, modes: Modes) -> Field:
        """The potential without any charge."""
        # Half a cell lies between a side and the first centres.
        right = np.zeros(modes.grid.shape)
        share = 2.0 / modes.grid.spacing[-1] ** 2
        right[:, 0] -= share * self.low
        right[:, -1] -= share * self.high
        return modes.backward(modes.forward(right) / modes.laplacian)

    def own(self, c: Field, modes: Modes) -> Field:
        """The potential of the charge between sides at zero."""
        right = modes.forward(-self.coupling / self.permittivity * c)
        return modes.backward(right / modes.laplacian)


@dataclass(frozen=True, eq=False)
class Moment:
    """The state of a run: all that the next step depends on."""

    values: Field
    step: Step


@dataclass(frozen=True)
class CahnHilliard:
    """A conserved field between two wells in a box.

    Args:
        grid: The cells; sides that are not periodic are closed.
        well: f.
        mobility: M.
        gradient: kappa.
        charge: What the field carries, if anything.
    """

    grid: Grid
    well: DoubleWell
    mobility: float
    gradient: float
    charge: Charge | None = None

    def __post_init__(self) -> None:
        """Refuse what would grow without bound."""
        if min(self.mobility, self.gradient, self.well.height) <= 0.0:
            raise DataError("mobility, gradient coefficient and the well must be positive")
        if self.charge is not None and (self.grid.dimensions != 2 or any(self.grid.periodic)):
            raise DataError("a potential is applied to a plane without periodic sides")

    @cached_property
    def modes(self) -> Modes:
        """Of the field."""
        return Modes(self.grid)

    @cached_property
    def _charged(self) -> Modes:
        return Modes(self.grid, held=(1,))

    @cached_property
    def _applied(self) -> Field:
        assert self.charge is not None
        return self.charge.applied(self._charged)

    @cached_property
    def _pair(self) -> ExponentialPair:
        """The stiff part; A is half of the largest curvature."""
        laplacian = self.modes.laplacian
        share = 0.5 * self.well.steepest
        rates = self.mobility * laplacian * (share - self.gradient * laplacian)

        def rest(amplitudes: Array, time: float) -> Array:
            c = self.modes.backward(amplitudes)
            slope = self.well.slope(c) - share * c
            if self.charge is not None:
                slope += self.charge.coupling * self.potential(c)
            return self.mobility * laplacian * self.modes.forward(slope)

        return ExponentialPair(rates, rest)

    def potential(self, c: Field) -> Field:
        """V, of the charge and of what is applied; zero without charge."""
        if self.charge is None:
            return np.zeros(self.grid.shape)
        return self._applied + self.charge.own(c, self._charged)

    def energy(self, c: Field) -> float:
        r"""$\int f + \frac{\kappa}{2}|\nabla c|^2 + \frac{k}{2} c\,(\Phi + \Phi_h)$: what falls.

        $\Phi_h$ is the potential without charge; the benchmark's own energy lacks it, and need not
        fall when a potential is applied.
        """
        total = free_energy(c, Sides(self.grid), self.well.energy, self.gradient)
        if self.charge is None:
            return total
        work = c * (self.potential(c) + self._applied)
        return total + 0.5 * self.charge.coupling * float(work.sum()) * self.grid.cell_volume

    def moments(self, start: Moment, end: float, control: Controller) -> Iterator[Moment]:
        """The states after each step that is taken, the start among them.

        The error of a step is the largest change between first and second order; a run that goes
        on from one of these states goes on with the same bits.
        """
        yield start
        pair, moment = self._pair, start
        amplitudes = self.modes.forward(moment.values)
        rest = pair.rest(amplitudes, moment.step.time)
        while moment.step.time < end * (1.0 - 1e-12):
            used = moment.step.until(end)
            low, high = pair.step(amplitudes, rest, moment.step.time, used)
            error = float(np.abs(self.modes.backward(high - low)).max())
            step = control.after(moment.step, error, used=used)
            if control.accepts(error):
                moment = Moment(self.modes.backward(high), step)
                amplitudes = self.modes.forward(moment.values)
                rest = pair.rest(amplitudes, step.time)
                yield moment
            else:
                moment = Moment(moment.values, step)

    def fixed(self, values: Field, step: float, steps: int) -> Field:
        """The field after so many steps of one length."""
        amplitudes = self.modes.forward(values)
        for k in range(steps):
            rest = self._pair.rest(amplitudes, k * step)
            amplitudes = self._pair.step(amplitudes, rest, k * step, step)[1]
        return self.modes.backward(amplitudes)


# --- shapes cut from a rectangle ----------------------------------------------------------------


def well_slope(c, height, low, high):  # pragma: no cover - compiled
    """f'."""
    below, above = c - low, high - c
    return 2.0 * height * below * above * (above - below)


def outflow(here, left, right, under, over, west, east, south, north):  # pragma: no cover
    """What leaves a cell to its neighbours, each through a face that is open (1) or closed (0)."""
    return (
        west * (here - left)
        + east * (here - right)
        + south * (here - under)
        + north * (here - over)
    )


_well_slope = njit(inline="always")(well_slope)
_outflow = njit(inline="always")(outflow)


@njit(**COMPILED)
def _cut_steps(
    c, mu, east, north, steps, height, low, high, gradient, spread
):  # pragma: no cover - compiled
    """Explicit steps; `gradient` is kappa / h2, `spread` is dt M / h2."""
    rows, columns = c.shape[0] - 2, c.shape[1] - 2
    for _ in range(steps):
        for i in range(1, rows + 1):
            here, e, n, s = c[i], east[i], north[i], north[i - 1]
            for j in range(1, columns + 1):
                mu[i, j] = _well_slope(here[j], height, low, high) + gradient * _outflow(
                    here[j], here[j - 1], here[j + 1], c[i - 1, j], c[i + 1, j],
                    e[j - 1], e[j], s[j], n[j],
                )  # fmt: skip
        for i in range(1, rows + 1):
            here, e, n, s = mu[i], east[i], north[i], north[i - 1]
            for j in range(1, columns + 1):
                c[i, j] -= spread * _outflow(
                    here[j], here[j - 1], here[j + 1], mu[i - 1, j], mu[i + 1, j],
                    e[j - 1], e[j], s[j], n[j],
                )  # fmt: skip


@dataclass(frozen=True, eq=False)
class CutCahnHilliard:
    """A conserved field in a shape cut from a plane of square cells, closed all around.

    Args:
        grid: The cells of the rectangle.
        inside: Which of them belong to the shape.
        well: f.
        mobility: M.
        gradient: kappa.
    """

    grid: Grid
    inside: NDArray[np.bool_]
    well: DoubleWell
    mobility: float
    gradient: float

    def __post_init__(self) -> None:
        """Refuse what the stencil does not hold for."""
        if self.grid.dimensions != 2 or self.grid.spacing[0] != self.grid.spacing[1]:
            raise DataError("a shape is cut from a plane of square cells")
        if self.inside.shape != self.grid.shape or not self.inside.any():
            raise DataError(f"a shape needs some cells of the grid's {self.grid.shape}")

    @property
    def longest_step(self) -> float:
        """For checkerboards at the steepest place of the well."""
        largest = 8.0 / self.grid.spacing[0] ** 2
        return 2.0 / (self.mobility * largest * (self.gradient * largest + self.well.steepest))

    @cached_property
    def _faces(self) -> tuple[Field, Field]:
        """Whether the faces to the next cell along axis 1 and along axis 0 are open."""
        padded = np.pad(self.inside, 1).astype(np.float64)
        east, north = np.zeros_like(padded), np.zeros_like(padded)
        east[:, :-1] = padded[:, :-1] * padded[:, 1:]
        north[:-1] = padded[:-1] * padded[1:]
        return east, north

    def run(self, values: Field, step: float, steps: int) -> Field:
        """The field after so many steps of one length; cells outside keep theirs.

        Raises:
            DataError: The steps are too long to be stable.
        """
        if not 0.0 < step <= self.longest_step:
            raise DataError(
                f"a step of {step:.3g} was asked for; explicit steps are stable up to "
                f"{self.longest_step:.3g} on this grid"
            )
        c, area = np.pad(values, 1), self.grid.cell_volume
        w = self.well
        _cut_steps(c, np.zeros_like(c), *self._faces, steps, w.height, w.low, w.high,
                   self.gradient / area, step * self.mobility / area)  # fmt: skip
        return c[1:-1, 1:-1].copy()

    def energy(self, c: Field) -> float:
        """What falls with time: the well's share and that of open faces."""
        east, north = self._faces
        padded = np.pad(c, 1)
        squares = float((east[:, :-1] * np.diff(padded, axis=1) ** 2).sum())
        squares += float((north[:-1] * np.diff(padded, axis=0) ** 2).sum())
        flat = float(self.well.energy(c[self.inside]).sum())
        return flat * self.grid.cell_volume + 0.5 * self.gradient * squares
