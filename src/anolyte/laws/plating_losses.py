r"""What plating and stripping lose: lithium bound in the interphase, lithium cut off.

`PlatingCycle` books the charge of each cycle; how far a deposit covers the collector (a law of
`laws.plating`) can decide how much of it a strip leaves behind. Charges are per area, C/m2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import quantity
from anolyte.laws.law import Ranges
from anolyte.laws.plating import Deposit


class Isolation(Protocol):
    """Which share of the plated lithium a strip leaves behind, cut off."""

    def __call__(self, coverage: Any) -> Any:
        """The share, from how far the deposit covered the collector."""
        ...


@dataclass(frozen=True)
class FixedIsolation:
    """A share that does not depend on the deposit's shape.

    Args:
        share: Of the plated lithium, 0 to 1.
    """

    share: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ("fang2019",)
    ranges: ClassVar[Ranges] = {}

    def __call__(self, coverage: Any) -> Any:
        """The share."""
        return self.share + 0.0 * np.asarray(coverage)


@dataclass(frozen=True)
class CoverageIsolation:
    r"""Less is cut off the better the deposit has grown together.

    $$ f = f_\mathrm{film} + (f_\mathrm{islands} - f_\mathrm{film})(1 - a) $$

    A straight line between two shares: an assumption, no measurement of it is known.

    Args:
        film: Share cut off from a closed film.
        islands: Share cut off from islands that hardly cover.
    """

    film: Any = quantity("fraction")
    islands: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    def __call__(self, coverage: Any) -> Any:
        """The share."""
        return self.film + (self.islands - self.film) * (1.0 - np.asarray(coverage))


ISOLATIONS: tuple[type[Isolation], ...] = (FixedIsolation, CoverageIsolation)


@dataclass(frozen=True)
class LithiumInventory:
    """Where a cell's lithium is, as charge per area; moved between places, never made or lost.

    Args:
        source: In the cathode, able to be plated.
        active: Plated, in contact.
        isolated: Plated once, cut off.
        interphase: Bound in reaction products.
    """

    source: float = quantity("areal_capacity")
    active: float = quantity("areal_capacity", default=0.0)
    isolated: float = quantity("areal_capacity", default=0.0)
    interphase: float = quantity("areal_capacity", default=0.0)

    def __post_init__(self) -> None:
        amounts = (self.source, self.active, self.isolated, self.interphase)
        if not all(math.isfinite(x) and x >= 0.0 for x in amounts):
            raise DataError("a lithium inventory holds finite amounts that are not negative")

    @property
    def total(self) -> float:
        """All lithium, C/m2."""
        return math.fsum((self.source, self.active, self.isolated, self.interphase))

    def plate(self, charge: float, side: float) -> LithiumInventory:
        """After a charge has left the source, of which the interphase took `side`.

        Args:
            charge: C/m2; no more than the source holds leaves it.
            side: C/m2; no more than the charge.
        """
        moved = min(charge, self.source)
        bound = min(side, moved)
        return replace(
            self,
            source=self.source - moved,
            active=self.active + (moved - bound),
            interphase=self.interphase + bound,
        )

    def strip(self, share: float) -> LithiumInventory:
        """After all that is active has gone back, but for the share that was cut off."""
        lost = share * self.active
        return replace(
            self,
            source=self.source + (self.active - lost),
            active=0.0,
            isolated=self.isolated + lost,
        )


@dataclass(frozen=True)
class Cycled:
    """One cycle of plating and stripping.

    Args:
        inventory: After stripping.
        charged, discharged: C/m2.
        coverage: Of the collector at the end of plating.
    """

    inventory: LithiumInventory
    charged: float = quantity("areal_capacity")
    discharged: float = quantity("areal_capacity")
    coverage: float = quantity("fraction")

    @property
    def efficiency(self) -> float:
        """Coulombic efficiency: discharged over charged."""
        return self.discharged / self.charged if self.charged > 0.0 else 0.0


@dataclass(frozen=True)
class PlatingCycle:
    r"""Coulombic efficiency from the balance of lithium.

    $$ \mathrm{CE} = \left(1 - \frac{q_\mathrm{side}}{q}\right)(1 - f) $$

    with $q_\mathrm{side}$ what the interphase takes in the cycle and f the share that is cut off.
    That cut-off metal and not the interphase is most of the loss was measured in liquid
    electrolytes (Fang et al., Nature 2019, 572, 511); in solid ones both shares are open.

    Args:
        deposit: A law of `laws.plating.RIVALS`.
        isolation: A law of `ISOLATIONS`.

    >>> from anolyte.laws.plating import PlanarPlating
    >>> cycle = PlatingCycle(PlanarPlating(13.0e-6), FixedIsolation(0.01))
    >>> first = next(cycle.run(LithiumInventory(3.6e4), 3.6e4, [720.0]))
    >>> round(first.efficiency, 4)  # 0.98 x 0.99
    0.9702
    """

    deposit: Deposit
    isolation: Isolation

    def run(self, inventory: LithiumInventory, charge: float, sides: Any) -> Iterator[Cycled]:
        """Cycle after cycle, as long as side charges are given.

        Args:
            inventory: At the start.
            charge: Wanted in each cycle, C/m2; the source's lithium if that is less.
            sides: Charge that the interphase takes in each cycle, C/m2.

        Raises:
            DataError: A charge below zero.
        """
        for side in sides:
            if not (charge >= 0.0 and side >= 0.0):
                raise DataError("charges that are plated or lost are not negative")
            plated = inventory.plate(charge, float(side))
            coverage = float(self.deposit.coverage(plated.active))
            stripped = plated.strip(float(self.isolation(coverage)))
            yield Cycled(
                inventory=stripped,
                charged=inventory.source - plated.source,
                discharged=stripped.source - plated.source,
                coverage=coverage,
            )
            inventory = stripped
