r"""What it weighs to hold a stack under pressure: two plates that bend and rods that pull.

$$ t = a\sqrt{\frac{\beta p}{\sigma}}, \qquad
   \frac{m}{A} = 2\rho t + \rho\,\frac{p}{\sigma}\,(L + 2t) $$

A square plate of side a, simply supported along its rim under an even pressure p, bears at most the
stress beta p a^2 / t^2; tie rods of length L between the plates carry the same force. A sized frame
is heavier by its rim, corners and safety; pressure that a fluid, a wound can or a neighbour brings
costs less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from anolyte.core.errors import DataError
from anolyte.core.result import quantity

BENDING = 0.2874
"""beta of a simply supported square plate at a Poisson ratio of 0.3: recalled, of the tables of
Roark's formulas for stress and strain."""


@dataclass(frozen=True)
class ClampingPlates:
    """Two plates and their rods.

    Args:
        side: a, m.
        strength: sigma, Pa, that the metal may bear.
        density: rho, kg/m3.

    The defaults are 10 cm of an aluminium alloy at 200 MPa: assumed.

    >>> round(ClampingPlates().areal_mass(5e6, 5e-3), 1)  # kg/m2
    47.3
    """

    side: float = quantity("length", default=0.1)
    strength: float = quantity("pressure", default=200e6)
    density: float = quantity("density", default=2700.0)

    def __post_init__(self) -> None:
        if not (self.side > 0.0 and self.strength > 0.0 and self.density > 0.0):
            raise DataError("clamping plates need a side, a strength and a density above zero")

    def thickness(self, pressure: float) -> float:
        """Of each plate, m."""
        return self.side * math.sqrt(BENDING * pressure / self.strength)

    def areal_mass(self, pressure: float, stack: float) -> float:
        """Mass for an area of stack, kg/m2.

        Args:
            pressure: Pa.
            stack: m, thickness of what is held.
        """
        plate = self.thickness(pressure)
        rods = pressure / self.strength * (stack + 2.0 * plate)
        return self.density * (2.0 * plate + rods)
