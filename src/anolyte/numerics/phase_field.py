r"""The Allen-Cahn equation and its energy on a grid, by explicit steps.

$$ F = \int W g(n) + \tfrac{\kappa}{2}|\nabla n|^2, \qquad
   \partial_t n = -L\,\frac{\delta F}{\delta n} + S\,h'(n),
   \qquad g = n^2(1-n)^2,\; h' = 6n(1-n) $$

At rest $n = (1 - \tanh(2s/\ell))/2$ with $\ell = \sqrt{8\kappa/W}$, and a flat front with the drive
S moves at $v = (3\ell/2) S$ whatever S is, as long as $|S| < LW/3$.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.device import Cpu, Device
from anolyte.numerics.grid import Field
from anolyte.numerics.stencils import Coefficients, Sides

Density = Callable[[Field], Field]
"""Energy per volume of a uniform field."""


def free_energy(values: Field, sides: Sides, density: Density, gradient: float) -> float:
    r"""$\int f(n) + \frac{\kappa}{2}|\nabla n|^2$, differences taken across faces.

    A face of a side has half a cell to it; a pair of periodic ones is one face in two halves.

    >>> from anolyte.numerics.grid import Grid
    >>> ramp = np.array([[0.0, 1.0], [0.0, 1.0]])
    >>> free_energy(ramp, Sides(Grid.cubic((2, 2), 1.0)), np.zeros_like, 1.0)
    1.0
    """
    grid = sides.grid
    padded = sides.pad(values)
    total = float(density(values).sum())
    for axis, edge in enumerate(grid.spacing):
        inner = tuple(slice(None) if k == axis else slice(1, -1) for k in range(values.ndim))
        squares = np.moveaxis(np.diff(padded[inner], axis=axis) ** 2, axis, 0)
        whole = squares[1:-1].sum() + 0.5 * (squares[0].sum() + squares[-1].sum())
        total += 0.5 * gradient * float(whole) / edge**2
    return total * grid.cell_volume


@dataclass(frozen=True)
class AllenCahn:
    """An order parameter between two wells, at 0 and 1.

    Args:
        sides: The grid and what is around it.
        mobility: L.
        barrier: W.
        gradient: kappa.
        drive: S, 1/s, towards 1.

    Raises:
        DataError: A coefficient has the wrong sign, or the drive leaves one well alone.
    """

    sides: Sides
    mobility: float
    barrier: float
    gradient: float
    drive: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what has no front."""
        if min(self.mobility, self.barrier, self.gradient) <= 0.0:
            raise DataError("mobility, barrier and gradient coefficient must be positive")
        if abs(self.drive) >= self.mobility * self.barrier / 3.0:
            raise DataError(
                f"a drive of {self.drive:g} is not below a third of mobility times barrier, "
                f"{self.mobility * self.barrier:g}: only one well is left, and the field falls "
                "into it everywhere"
            )

    @classmethod
    def of_front(
        cls, sides: Sides, width: float, surface_energy: float, mobility: float, speed: float = 0.0
    ) -> AllenCahn:
        """From what a front shows: its width l, its energy gamma, its speed when flat."""
        barrier, gradient = 12.0 * surface_energy / width, 1.5 * surface_energy * width
        return cls(sides, mobility, barrier, gradient, speed / (1.5 * width))

    @property
    def width(self) -> float:
        """l, 0.91 times the distance over which a front goes from 10 to 90 %."""
        return math.sqrt(8.0 * self.gradient / self.barrier)

    @property
    def longest_step(self) -> float:
        """Steps above it grow without bound: checkerboards overshoot near either well."""
        spread = sum(4.0 / edge**2 for edge in self.sides.grid.spacing)
        pull = 2.0 * self.barrier + 6.0 * abs(self.drive) / self.mobility
        return 2.0 / (self.mobility * (self.gradient * spread + pull))

    def coefficients(self, step: float) -> Coefficients:
        """For steps of this length.

        Raises:
            DataError: They are too long to be stable.
        """
        if not 0.0 < step <= self.longest_step:
            raise DataError(
                f"a step of {step:.3g} was asked for; explicit steps are stable up to "
                f"{self.longest_step:.3g} on this grid"
            )
        spread = step * self.mobility * self.gradient
        weights = tuple(spread / edge**2 for edge in self.sides.grid.spacing)
        well = 2.0 * step * self.mobility * self.barrier
        return Coefficients(weights, well, 6.0 * step * self.drive)

    def run(self, values: Field, step: float, steps: int, device: Device | None = None) -> Field:
        """The field after so many steps of one length."""
        return (device or Cpu()).advance(values, self.sides, self.coefficients(step), steps)

    def energy(self, values: Field) -> float:
        """J, or J/m in two dimensions: never rises by itself when the drive is zero."""
        return free_energy(
            values, self.sides, lambda n: self.barrier * (n * (1.0 - n)) ** 2, self.gradient
        )
