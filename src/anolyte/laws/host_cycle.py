r"""A host over cycles of charge: swelling, stress, potential, pressure and contact at once.

The path is quasi-static: nothing but the lithium content drives it, and the content is the same
everywhere in the host. Every law can be swapped for a rival by passing another object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import Result, quantity
from anolyte.core.units import habitual
from anolyte.laws.host_expansion import (
    CONSTANT_PRESSURE,
    BufferedGrowth,
    ExpansionLaw,
    Fixture,
    UnbufferedGrowth,
    pressure_swing,
    radius_ratio,
)
from anolyte.laws.law import Ranges
from anolyte.laws.lithiation_stress import FilmStress


@dataclass(frozen=True)
class CycleTrace(Result):
    """Point by point along cycles of charge; an empty tuple is a quantity that is not known.

    Args:
        content: Lithium atoms per host atom.
        stress: In the plane of the host, Pa, positive in tension.
        shift: Of the potential by that stress, V.
        growth: Of the electrode's thickness since it was made, m.
        pressure: Of the cell, Pa.
        contact: Of host and electrolyte, 0 to 1.
    """

    content: tuple[float, ...] = quantity("number")
    stress: tuple[float, ...] = quantity("pressure", default=())
    shift: tuple[float, ...] = quantity("potential", default=())
    growth: tuple[float, ...] = quantity("length", default=())
    pressure: tuple[float, ...] = quantity("pressure", default=())
    contact: tuple[float, ...] = quantity("fraction", default=())

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a point."""
        columns = {
            "lithium per host atom": (self.content, "number"),
            "stress [MPa]": (self.stress, "pressure"),
            "potential shift [V]": (self.shift, "potential"),
            "growth [µm]": (self.growth, "length"),
            "cell pressure [MPa]": (self.pressure, "pressure"),
            "contact [%]": (self.contact, "fraction"),
        }
        return [
            {name: habitual(values[i], kind) for name, (values, kind) in columns.items() if values}
            for i in range(len(self.content))
        ]


@dataclass(frozen=True)
class HostCycle:
    r"""One host in one electrode in one cell.

    Where there is room the host swells into it without stress, up to the content at which
    $V/V_a$ reaches the `closing` of the growth law; a host that adheres to a base is held in its
    plane at once, and can be stretched as well as compressed.

    Args:
        expansion: Volume against content.
        growth: Growth of the electrode against the host's volume over that as made.
        thickness: Of the electrode as made, m.
        made: Lithium content as made.
        film: Stress of the held host; None: not known.
        coupling: Potential against stress; None: not known.
        adherent: Held by a base in its plane (a film), not only by its neighbours.
        pressure: Of the cell as made, Pa.
        fixture: What holds the cell.
        stack: Stiffness of everything between its plates, Pa/m.
        contact: Contact against the cell's pressure and the linear shrinkage; None: not known.

    Range: slow cycles, uniform content, no cracks; that of each law.

    >>> from anolyte.laws.host_expansion import LinearExpansion
    >>> cell = HostCycle(LinearExpansion(2.8), BufferedGrowth(), 1e-6)
    >>> round(max(cell.run(0.0, 1.0).growth) * 1e6, 3)
    2.8
    """

    expansion: ExpansionLaw
    growth: BufferedGrowth | UnbufferedGrowth
    thickness: float
    made: float = 0.0
    film: FilmStress | None = None
    coupling: Callable[[Any], Any] | None = None
    adherent: bool = True
    pressure: float = 0.0
    fixture: Fixture = CONSTANT_PRESSURE
    stack: float = 1e30
    contact: Callable[[Any, Any], Any] | None = None

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010",)

    @property
    def ranges(self) -> Ranges:
        """Those of the expansion."""
        return self.expansion.ranges

    def run(self, low: float, high: float, *, points: int = 33, cycles: int = 2) -> CycleTrace:
        """Lithiate from `low` to `high` and back, so many times.

        Args:
            low, high: Lithium contents.
            points: Along each half cycle.
            cycles: The second and later ones of a film are its steady loop.

        Raises:
            ValueError: No way between both contents, fewer than two points or no cycle.
        """
        if not (high > low and points >= 2 and cycles >= 1):
            raise ValueError("a cycle needs a lower and a higher content, two points and one cycle")
        up = np.linspace(low, high, points)
        content = np.concatenate([up] + [up[::-1], up] * (cycles - 1) + [up[::-1]])
        volume = self.expansion(content) / self.expansion(self.made)
        growth = self._growth(volume)
        pressure = np.maximum(self.pressure + pressure_swing(self.fixture, self.stack, growth), 0.0)
        stress = None if self.film is None else self._stress(self.film, up, cycles)
        shift = None if stress is None or self.coupling is None else self.coupling(stress)
        contact = None
        if self.contact is not None:
            gap = 1.0 - radius_ratio(volume / np.maximum.accumulate(volume))
            contact = self.contact(pressure, 0.0 * gap if self.adherent else gap)
        return CycleTrace(
            *(_floats(v) for v in (content, stress, shift, growth, pressure, contact))
        )

    def closing(self, high: float) -> float:
        """Lithium content at which the room around the host is used up; `high` if it never is."""
        wanted = float(self.growth.closing) * float(self.expansion(self.made))
        low = self.made
        if float(self.expansion(high)) <= wanted:
            return high
        for _ in range(60):  # bisection: the volume rises with the content
            middle = 0.5 * (low + high)
            low, high = (middle, high) if float(self.expansion(middle)) < wanted else (low, middle)
        return 0.5 * (low + high)

    def _growth(self, volume: Any) -> Any:
        """Growth after the room is used up; below the volume as made the press follows inwards."""
        inwards = float(self.growth.active) * np.minimum(volume - 1.0, 0.0)
        return self.thickness * (self.growth(volume) + inwards)

    def _stress(self, film: FilmStress, up: Any, cycles: int) -> Any:
        """Stress along the cycles; contents without contact to anything add none."""
        if self.adherent:
            parts, last = [], 0.0
            for _ in range(cycles):
                parts.append(film.lithiate(up, last))
                parts.append(film.delithiate(up[::-1], parts[-1][-1]))
                last = parts[-1][-1]
            return np.concatenate(parts)
        held = np.maximum(up, self.closing(float(up[-1])))
        first = film.lithiate(held)
        back = np.minimum(first[-1] + film.elastic(held[::-1]), 0.0)
        # neighbours only press: what has flowed once is met again elastically
        return np.concatenate([first] + [back, back[::-1]] * (cycles - 1) + [back])


def _floats(values: Any) -> tuple[float, ...]:
    return () if values is None else tuple(float(v) for v in np.asarray(values, dtype=float))
