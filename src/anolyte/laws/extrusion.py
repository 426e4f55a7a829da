r"""Soft metal that stack pressure squeezes into the pores of an electrolyte until it shorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.laws.creep import UNIT_STRESS
from anolyte.laws.law import Ranges


@dataclass(frozen=True)
class PorePenetration:
    r"""Life under pressure as it is measured: a power of pressure, damage adding up over time.

    $$ t_\mathrm{short} = t_1 \left(\frac{P}{1\,\mathrm{MPa}}\right)^{-n}
       e^{\frac{Q}{k_B}\left(\frac1T-\frac1{T_0}\right)}, \qquad
       \text{damage} = \int \frac{dt}{t_\mathrm{short}} $$

    One is a short. It holds for a pellet of the density at which it was fitted; a denser one lasts
    longer.

    Args:
        life: t1, s.
        exponent: n.
        activation_energy: Q, of the metal's creep, J per particle.
        lowest, highest: Pressures of the fit, Pa.

    Source: fitted to symmetric cells at 10 to 25 MPa of Doux et al., Adv. Energy Mater. 2020
    (second-hand).

    >>> law = PorePenetration(3.6e3 * 1.08e5, 2.27)
    >>> round(float(law.time_to_short(10e6, 298.15)) / 3600)
    580
    """

    life: Any = quantity("time")
    exponent: Any = quantity("number")
    activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)
    lowest: float = quantity("pressure", default=0.0)
    highest: float = quantity("pressure", default=25e6)

    references: ClassVar[tuple[str, ...]] = ("doux2020",)

    @property
    def ranges(self) -> Ranges:
        """The pressures of the fit."""
        return {"pressure": (self.lowest, self.highest, "pressure")}

    def rate(self, pressure: Any, temperature: Any) -> Any:
        """Damage a second, 1/s."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        flow = np.exp(-self.activation_energy / BOLTZMANN * change)
        return flow * (np.asarray(pressure) / UNIT_STRESS) ** self.exponent / self.life

    def time_to_short(self, pressure: Any, temperature: Any) -> Any:
        """Time to a short under constant pressure, s."""
        return 1.0 / self.rate(pressure, temperature)
