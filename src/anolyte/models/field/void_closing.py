"""What presses metal into the gaps under a stripped face: creep by column or by void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.voids import VoidLaw
from anolyte.numerics.grid import Field

OPEN = 0.5
"""Contact below which a column is part of a void."""
LEAST_CONTACT = 1e-9
"""Of a column: none would leave a face without any current."""


class Closes(Protocol):
    """What presses metal into gaps."""

    def __call__(self, face: Gaps) -> Field:
        """m/s, at which each column closes."""
        ...


@dataclass(frozen=True, eq=False)
class Gaps:
    """A face as creep finds it.

    Args:
        gap: m, depth of each column.
        contact: Share of each column that touches.
        edge: m, of a column.
        pressure: Pa, of the stack.
        temperature: K.
    """

    gap: Field
    contact: Field
    edge: float
    pressure: float
    temperature: float

    @property
    def mean_contact(self) -> float:
        """Contact fraction of the face."""
        return float(self.contact.mean())


@dataclass(frozen=True)
class ByColumn:
    """A closing law of the device model, in every column with its own depth.

    Args:
        law: Gives coefficients at a pressure and a temperature.
    """

    law: VoidLaw

    def __call__(self, face: Gaps) -> Field:
        """m/s; the stress is that of the contacts that are left on the whole face."""
        closing = self.law.closing(face.pressure, face.temperature)
        return np.asarray(closing(face.gap, face.mean_contact, face.pressure), np.float64)


def cylinder_closing(creep: PowerLawCreep, pressure: float, temperature: float) -> float:
    r"""1/s, at which the radius of a cylinder in creeping metal shrinks under a far pressure.

    $$ -\frac{1}{a}\frac{da}{dt} = \frac{\sqrt3}{2}\,\dot\varepsilon\!\left(
       \frac{\sqrt3\,p}{n}\right) $$

    Plane strain, no hardening: metal moves as C/r, so that the effective strain rate is
    2C/(sqrt(3) r^2); the law gives the stress, and its radial balance from the wall to infinity
    gives p = (n/sqrt(3)) times the effective stress at the wall.

    >>> viscous = PowerLawCreep(1e-4, 1.0, 0.0)
    >>> round(cylinder_closing(viscous, 2e6, 298.15), 12)  # p / 2 mu with mu = 1 / 3A
    0.0003
    """
    stress = np.sqrt(3.0) * pressure / creep.exponent
    return float(np.sqrt(0.75) * creep(stress, temperature))


@dataclass(frozen=True)
class RoundVoids:
    """Voids close as cylinders cut in half by a face without friction.

    The roof of a void of half-width c and depth b sinks at the rate times c, its walls come
    together at the rate times b. Exact for half cylinders; for elliptical voids it is exact in a
    metal that creeps linearly, and an approximation in others.

    Args:
        creep: Of the metal.
    """

    creep: PowerLawCreep

    def rate(self, face: Gaps) -> float:
        """1/s, at the stress of the contacts that are left, held where the law breaks down."""
        load = min(face.pressure / max(face.mean_contact, LEAST_CONTACT), self.creep.highest)
        return cylinder_closing(self.creep, load, face.temperature)

    def __call__(self, face: Gaps) -> Field:
        """m/s, mean of each column."""
        found, rate = np.zeros_like(face.gap), self.rate(face)
        for columns in voids(face.contact < OPEN):
            half, depth = 0.5 * len(columns) * face.edge, float(face.gap[columns].max())
            ends = np.linspace(-1.0, 1.0, len(columns) + 1)
            arc, chord = np.arcsin(ends), ends * np.sqrt(1.0 - ends**2)
            per = half / face.edge
            roof = np.diff(0.5 * (arc + chord)) * per
            walls = np.diff(0.5 * (arc - chord)) * per
            found[columns] = rate * (half * roof + depth**2 / half * walls)
        return found


def voids(is_open: np.ndarray) -> list[np.ndarray]:
    """Columns of every void along a periodic face.

    >>> [columns.tolist() for columns in voids(np.array([1, 0, 1, 1, 0, 1], bool))]
    [[2, 3], [5, 0]]
    """
    count = len(is_open)
    if is_open.all():
        return [np.arange(count)]
    starts = np.flatnonzero(is_open & ~np.roll(is_open, 1))
    found = []
    for start in starts:
        turned = np.roll(is_open, -start)
        found.append((start + np.arange(int(np.argmin(turned)))) % count)
    return found
