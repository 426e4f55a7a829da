r"""Potential of a host at rest against the share of its capacity that is filled, V vs Li/Li+.

Two ways to write a measured curve down: points between which a line is drawn, and the galleries of
the multi-species, multi-reaction model, each of which fills around a potential of its own,

$$ \theta(U) = \sum_j \frac{X_j}{1 + \exp[e(U - U_j)/(w_j k_B T)]} $$

Where the curves of filling and emptying lie apart, a `Branches` goes from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.law import Ranges

FINE = 4001
"""Potentials at which a sum of galleries is turned round; its error falls with their square."""
LOWEST = 0.5
"""V below the lowest gallery at which all are full."""
HIGHEST = 3.0
"""V vs Li/Li+ above which no host of an anode holds lithium."""
LEAST = 1e-9
"""Share of the sites that counts as none."""
STEP = 1e-6
"""V, of a difference quotient."""
LARGEST = 500.0
"""Exponent beyond which a gallery is full or empty."""


class HostPotential(Protocol):
    """Potential at rest against the filled share."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Filled shares in which the curve was measured."""
        ...

    def __call__(self, share: Any, temperature: Any = 298.15) -> Any:
        """V vs Li/Li+ at a filled share and a temperature in K."""
        ...


@dataclass(frozen=True)
class MeasuredPotential:
    r"""Straight lines between measured points, and the logarithms of a dilute solution beyond.

    $$ U = U_1 - \frac{k_B T}{e}\ln\frac{\theta}{\theta_1} \;(\theta < \theta_1), \qquad
       U = U_n + \frac{k_B T}{e}\ln\frac{1 - \theta}{1 - \theta_n} \;(\theta > \theta_n) $$

    Args:
        shares: Filled shares of the capacity, rising.
        potentials: V vs Li/Li+ at each.

    Range: between the points, at the temperature of their measurement.
    Source: that of the points.

    >>> float(MeasuredPotential((0.0, 1.0), (0.6, 0.1))(0.5))
    0.35
    """

    shares: tuple[float, ...] = quantity("fraction")
    potentials: tuple[float, ...] = quantity("potential")

    references: ClassVar[tuple[str, ...]] = ("anolyte",)

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.potentials) or len(self.shares) < 2:
            raise ValueError("a measured potential needs as many shares as potentials, at least 2")
        if not np.all(np.diff(self.shares) > 0.0):
            raise ValueError("the filled shares of a measured potential must rise")

    @property
    def ranges(self) -> Ranges:
        """From the first to the last point."""
        return {"share": (self.shares[0], self.shares[-1], "fraction")}

    def __call__(self, share: Any, temperature: Any = 298.15) -> Any:
        share = np.asarray(share, dtype=float)
        found = np.interp(share, self.shares, self.potentials)
        thermal = BOLTZMANN * np.asarray(temperature) / ELEMENTARY_CHARGE
        first, last = max(self.shares[0], LEAST), min(self.shares[-1], 1.0 - LEAST)
        below = np.minimum(np.maximum(share, LEAST) / first, 1.0)
        above = np.minimum(np.maximum(1.0 - share, LEAST) / (1.0 - last), 1.0)
        return found - thermal * np.log(below) + thermal * np.log(above)


@dataclass(frozen=True)
class Galleries:
    r"""The multi-species, multi-reaction model: each gallery fills around its own potential.

    $$ \theta(U) = \sum_j \frac{X_j}{1 + \exp[e(U - U_j)/(w_j k_B T)]} $$

    The sum is turned round on a fine grid of potentials. The temperature widens each gallery; how
    its potential itself moves with temperature is not in the model.

    Args:
        parts: X_j, share of the capacity of each gallery; they need not add up to one.
        potentials: U_j, V vs Li/Li+.
        widths: w_j, dimensionless; one is an ideal solution, less is a phase change.

    Range: between a filled share of nothing and the sum of the parts.
    Source: Verbrugge, Baker, Koch, Xiao and Gu, J. Electrochem. Soc. 2017, 164, A3243.

    >>> ideal = Galleries((1.0,), (0.2,), (1.0,))
    >>> round(float(ideal(0.5)), 6)
    0.2
    """

    parts: tuple[float, ...] = quantity("fraction")
    potentials: tuple[float, ...] = quantity("potential")
    widths: tuple[float, ...] = quantity("number")

    references: ClassVar[tuple[str, ...]] = ("verbrugge2017msmr",)

    def __post_init__(self) -> None:
        if not len(self.parts) == len(self.potentials) == len(self.widths) > 0:
            raise ValueError("every gallery needs a part, a potential and a width")
        if min(self.parts) <= 0.0 or min(self.widths) <= 0.0:
            raise ValueError("parts and widths of galleries must be positive")

    @property
    def ranges(self) -> Ranges:
        """From empty to all galleries full."""
        return {"share": (0.0, sum(self.parts), "fraction")}

    def share(self, potential: Any, temperature: Any = 298.15) -> Any:
        """Filled share at a potential, V vs Li/Li+."""
        thermal = BOLTZMANN * np.asarray(temperature) / ELEMENTARY_CHARGE
        total = 0.0
        for part, middle, width in zip(self.parts, self.potentials, self.widths, strict=True):
            exponent = (np.asarray(potential) - middle) / (width * thermal)
            total = total + part / (1.0 + np.exp(np.clip(exponent, -LARGEST, LARGEST)))
        return total

    def __call__(self, share: Any, temperature: Any = 298.15) -> Any:
        kelvin, wanted = np.asarray(temperature, dtype=float), np.asarray(share, dtype=float)
        if kelvin.ndim == 0 or (kelvin == kelvin.flat[0]).all():
            return self._turned(wanted, float(kelvin.flat[0])) + 0.0 * kelvin
        kelvin, wanted = np.broadcast_arrays(kelvin, wanted)
        found = np.empty(wanted.shape)
        for one in np.unique(kelvin):
            found[kelvin == one] = self._turned(wanted[kelvin == one], float(one))
        return found

    def _turned(self, share: Any, kelvin: float) -> Any:
        """Potential at filled shares and one temperature; two Newton steps after the grid."""
        shares, grid = _turned_round(self, kelvin)
        found = np.interp(share, shares, grid)
        for _ in range(2):
            near = self.share(found + STEP, kelvin), self.share(found - STEP, kelvin)
            slope = (near[0] - near[1]) / (2.0 * STEP)
            miss = self.share(found, kelvin) - share
            with np.errstate(divide="ignore", invalid="ignore"):
                change = np.where(np.abs(slope) > 1e-3, miss / slope, 0.0)
            found = found - np.clip(change, -1e-3, 1e-3)
        return np.clip(found, grid[-1], HIGHEST)


@lru_cache(maxsize=64)
def _turned_round(law: Galleries, kelvin: float) -> tuple[Any, Any]:
    """Filled shares, rising, and the potentials at which they stand."""
    grid = np.linspace(HIGHEST, min(law.potentials) - LOWEST, FINE)
    return law.share(grid, kelvin), grid


@dataclass(frozen=True)
class Branches:
    r"""A host whose potential is lower while it fills than while it empties.

    $$ U = \tfrac12[U_\mathrm{f}(\theta) + U_\mathrm{e}(\theta)]
         + \tfrac{m}{2}[U_\mathrm{e}(\theta) - U_\mathrm{f}(\theta)], \qquad
       \frac{dm}{d\theta} = -\frac{m \mp 1}{s} $$

    The memory m goes from +1 (emptied) towards -1 (filled) within a share s of the capacity after
    the current turns, and stays where it is at rest.

    Args:
        filling, emptying: Curves of slow filling and emptying.
        span: s, share of the capacity within which one goes over into the other.

    Range: what makes the branches differ is not said; rates at which they were measured.
    Source: one-state hysteresis, as battery models have it; s is a closure.

    >>> law = Branches(MeasuredPotential((0, 1), (0.4, 0.0)), MeasuredPotential((0, 1), (0.6, 0.2)))
    >>> round(float(law.at(0.5, memory=-1.0)), 3), round(float(law.at(0.5, memory=1.0)), 3)
    (0.2, 0.4)
    """

    filling: HostPotential
    emptying: HostPotential
    span: float = quantity("fraction", default=0.05)

    references: ClassVar[tuple[str, ...]] = ("anolyte",)

    @property
    def ranges(self) -> Ranges:
        """Those of both curves."""
        low = max(law.ranges["share"][0] for law in (self.filling, self.emptying))
        high = min(law.ranges["share"][1] for law in (self.filling, self.emptying))
        return {"share": (low, high, "fraction")}

    def __call__(self, share: Any, temperature: Any = 298.15) -> Any:
        """Half way between both branches, V."""
        return self.at(share, temperature)

    def at(self, share: Any, temperature: Any = 298.15, memory: Any = 0.0) -> Any:
        """V vs Li/Li+ at a filled share and a memory (-1: filling, +1: emptying)."""
        low, high = self.filling(share, temperature), self.emptying(share, temperature)
        return 0.5 * (low + high) + 0.5 * np.asarray(memory) * (high - low)

    def remembered(self, memory: Any, change: Any) -> Any:
        """The memory after the filled share has changed by `change`."""
        goal = np.where(np.asarray(change) > 0.0, -1.0, 1.0)
        return goal + (memory - goal) * np.exp(-np.abs(change) / self.span)


RIVALS = (MeasuredPotential, Galleries, Branches)
