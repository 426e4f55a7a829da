r"""How a host swells with lithium, what room takes it up, and what it does to the cell's pressure.

The volume of a host follows its lithium content, $V = V_0(1 + \beta x)$. A film on a stiff base
puts all of it into its thickness, a particle grows alike in all directions. An electrode grows only
by what its free volume does not take up; a cell between plates turns the growth into pressure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges

TINY = 1e-30
"""Keeps a quotient finite where nothing has moved yet."""


class ExpansionLaw(Protocol):
    """Volume of a host over its volume without lithium, against lithium per host atom."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Lithium contents in which the law may be trusted."""
        ...

    def __call__(self, content: Any) -> Any:
        """V/V0 at a lithium content."""
        ...


@dataclass(frozen=True)
class LinearExpansion:
    r"""Every lithium atom takes up the same volume.

    $$ V/V_0 = 1 + \beta x $$

    Args:
        coefficient: beta, per lithium atom of a host atom.
        content: Lithium content up to which it was measured.

    Range: amorphous silicon follows it closely; a host with stages (graphite) only at both ends.
    Source: volumes at both ends, +280 % at Li3.75Si (sethuraman2010, second-hand).

    >>> float(LinearExpansion(2.8 / 3.75, 3.75)(3.75))
    3.8
    """

    coefficient: Any = quantity("number")
    content: float = quantity("number", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010",)

    @property
    def ranges(self) -> Ranges:
        """From the empty host to its measured end."""
        return {"content": (0.0, self.content, "number")}

    def __call__(self, content: Any) -> Any:
        return 1.0 + self.coefficient * np.asarray(content)


@dataclass(frozen=True)
class StagedExpansion:
    r"""Volumes at the phases of a host, the lever rule between them.

    $$ V(x) = V_i + (V_{i+1} - V_i)\frac{x - x_i}{x_{i+1} - x_i} $$

    Args:
        contents: Lithium contents of the phases, rising from zero.
        volumes: V/V0 of each.

    Range: two-phase hosts and stages (graphite), at equilibrium. Rival of `LinearExpansion`.
    Source: lever rule.

    >>> float(StagedExpansion((0.0, 0.5, 1.0), (1.0, 1.06, 1.13))(0.75))
    1.095
    """

    contents: tuple[float, ...] = quantity("number")
    volumes: tuple[float, ...] = quantity("number")

    references: ClassVar[tuple[str, ...]] = ("dahn1991",)

    @property
    def ranges(self) -> Ranges:
        """From the first to the last phase."""
        return {"content": (self.contents[0], self.contents[-1], "number")}

    def __call__(self, content: Any) -> Any:
        return np.interp(content, self.contents, self.volumes)


def linear_strain(volume: Any) -> Any:
    r"""Logarithmic strain in each direction of a body whose volume changes alike in all.

    $$ \varepsilon = \tfrac13 \ln(V/V_0) $$

    >>> round(float(linear_strain(3.8)), 3)
    0.445
    """
    return np.log(volume) / 3.0


def radius_ratio(volume: Any) -> Any:
    r"""Radius of a free particle over its radius without lithium: $(V/V_0)^{1/3}$.

    >>> round(float(radius_ratio(3.8)), 2)
    1.56
    """
    return volume ** (1.0 / 3.0)


def partial_molar_volume(coefficient: Any, host_molar_volume: Any) -> Any:
    r"""Volume that a mole of lithium adds to the host, m3/mol: $\Omega = \beta V_\mathrm{host}$.

    >>> round(float(partial_molar_volume(2.8 / 3.75, 12.05e-6)) * 1e6, 1)  # silicon, cm3/mol
    9.0
    """
    return coefficient * host_molar_volume


# --- room inside the electrode ------------------------------------------------------------------


@dataclass(frozen=True)
class BufferedGrowth:
    r"""Growth of an electrode whose free volume and yielding carbon are used up first.

    $$ g = \max\left[a\left(\frac{V}{V_a} - 1\right) - \varphi - \chi c,\; 0\right] $$

    Args:
        active: a, volume share of the host in the electrode as made.
        free: phi, empty share of the volume.
        yielding: chi c, share of carbon times what it gives way.

    Range: an upper bound of what the room does, since some of it is not reached.
    Source: volume balance.

    >>> law = BufferedGrowth(0.5, 0.5)
    >>> round(float(law(3.8)), 6), float(law.closing)
    (0.9, 2.0)
    """

    active: Any = quantity("fraction", default=1.0)
    free: Any = quantity("fraction", default=0.0)
    yielding: Any = quantity("fraction", default=0.0)

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {}

    @property
    def closing(self) -> Any:
        """Volume of the host over its volume as made at which the room is used up."""
        return 1.0 + (self.free + self.yielding) / self.active

    def __call__(self, volume: Any) -> Any:
        """Growth over the thickness as made, at a volume of the host over that as made."""
        wanted = self.active * (np.asarray(volume) - 1.0)
        return np.maximum(wanted - self.free - self.yielding, 0.0)


@dataclass(frozen=True)
class UnbufferedGrowth:
    r"""Growth of an electrode none of whose room is reached: the upper bound, $g = a(V/V_a - 1)$.

    Args:
        active: a, volume share of the host in the electrode as made.

    Range: a stiff skeleton that is pushed apart as a whole. Rival of `BufferedGrowth`.
    Source: volume balance.

    >>> round(float(UnbufferedGrowth(0.5)(3.8)), 6)
    1.4
    """

    active: Any = quantity("fraction", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {}

    @property
    def closing(self) -> Any:
        """There is no room: stress begins at once."""
        return 1.0 + 0.0 * np.asarray(self.active)

    def __call__(self, volume: Any) -> Any:
        """Growth over the thickness as made, at a volume of the host over that as made."""
        return self.active * (np.asarray(volume) - 1.0)


# --- the cell between its plates ----------------------------------------------------------------


@dataclass(frozen=True)
class Fixture:
    """What holds the cell.

    Args:
        stiffness: Pressure per change of the gap, Pa/m; zero keeps the pressure (a spring press, a
            pneumatic one), a large one keeps the gap (bolted plates).

    >>> RIGID.stiffness > 1e20 > CONSTANT_PRESSURE.stiffness
    True
    """

    stiffness: Any = 0.0


CONSTANT_PRESSURE = Fixture(0.0)
RIGID = Fixture(1e30)


def stack_stiffness(moduli: Sequence[Any], thicknesses: Sequence[Any]) -> Any:
    r"""Pressure per compression of layers on top of each other, Pa/m.

    $$ \frac{1}{K} = \sum_i \frac{L_i}{E_i} $$

    Args:
        moduli: Pa, one a layer; lateral contraction is free.
        thicknesses: m.

    Source: springs in series.

    >>> f"{stack_stiffness([22e9], [0.5e-3]):.1e}"
    '4.4e+13'
    """
    compliance = sum(t / e for e, t in zip(moduli, thicknesses, strict=True))
    return 1.0 / compliance


def pressure_swing(fixture: Fixture, stack: Any, growth: Any) -> Any:
    r"""Change of the cell's pressure when an electrode grows, Pa.

    $$ \Delta P = \frac{K_\mathrm{fix}}{1 + K_\mathrm{fix}/K_\mathrm{stack}}\,\Delta h $$

    Args:
        fixture: What holds the cell.
        stack: Stiffness of everything between its plates, Pa/m.
        growth: m.

    Range: elastic layers; a sulfide or lithium that flows keeps the swing lower. An upper bound.
    Source: springs in series.

    >>> round(float(pressure_swing(RIGID, 4.4e13, 1e-6)) / 1e6)  # MPa
    44
    """
    return fixture.stiffness / (1.0 + fixture.stiffness / stack) * np.asarray(growth)


# --- contact of a host that shrinks -------------------------------------------------------------


@dataclass(frozen=True)
class ShrinkageContact:
    r"""Contact that a shrinking particle keeps with what surrounds it.

    $$ a = a_0(P)\,\min\left(1,\; \frac{P}{S\,\delta}\right), \qquad
       \delta = 1 - \frac{r(x)}{r_\mathrm{max}} $$

    The surroundings were shaped by the particle at its largest; under the stack pressure they
    follow it by the strain P/S, the rest is gap. S = 0 follows all the way (a film under a press
    that keeps its pressure), S = their elastic modulus is the stiffest that they can be.

    Args:
        contact: Any law of contact against pressure: Pa to a share of the face.
        stiffness: S, Pa.

    Range: a bound from each end of S, no prediction between them; adhesion is neglected.
    Source: elastic following; own closure.

    >>> law = ShrinkageContact(lambda pressure: 1.0, 22e9)
    >>> round(float(law(50e6, 0.1)), 4)
    0.0227
    """

    contact: Callable[[Any], Any]
    stiffness: Any = quantity("modulus", default=0.0)

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {}

    def __call__(self, pressure: Any, gap: Any) -> Any:
        """Contact fraction at a pressure in Pa and a linear shrinkage from the largest size."""
        pressure = np.maximum(np.asarray(pressure, dtype=float), 0.0)
        resisted = self.stiffness * np.maximum(gap, 0.0)
        followed = np.minimum(1.0, (pressure + TINY) / (resisted + TINY))
        return self.contact(pressure) * followed


RIVALS = (LinearExpansion, StagedExpansion)
GROWTH_RIVALS = (BufferedGrowth, UnbufferedGrowth)
