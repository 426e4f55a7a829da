r"""Creep of lithium and other soft metals: strain rate against stress and temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.laws.law import Ranges

UNIT_STRESS = 1e6
"""Pa at which the rate of a power law is quoted."""


@dataclass(frozen=True)
class PowerLawCreep:
    r"""Dislocation creep.

    $$ \dot\varepsilon = \dot\varepsilon_1 \left(\frac{\sigma}{1\,\mathrm{MPa}}\right)^n
       \exp\left[-\frac{Q}{k_B}\left(\frac1T - \frac1{T_0}\right)\right] $$

    Args:
        rate: Strain rate at 1 MPa and the reference temperature, 1/s.
        exponent: n.
        activation_energy: Q, J per particle.
        reference: T0, K.
        lowest, highest: Stresses between which it was measured, Pa; above the highest the power law
            breaks down and the stress that enters it is held there.

    Source: the form is that of Masias et al., J. Mater. Sci. 2019, 54, 2585 (second-hand).

    >>> law = PowerLawCreep(7.7e-3, 6.56, 0.0)
    >>> round(float(law(0.6e6, 298.15)), 6)
    0.00027
    """

    rate: Any = quantity("rate")
    exponent: Any = quantity("number")
    activation_energy: Any = quantity("energy")
    reference: float = quantity("temperature", default=298.15)
    lowest: float = quantity("pressure", default=0.2e6)
    highest: float = quantity("pressure", default=0.6e6)

    references: ClassVar[tuple[str, ...]] = ("masias2019",)

    @property
    def ranges(self) -> Ranges:
        """The stresses of the measurement."""
        return {"stress": (self.lowest, self.highest, "pressure")}

    def rate_at(self, temperature: Any) -> Any:
        """Strain rate at 1 MPa, 1/s."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        return self.rate * np.exp(-self.activation_energy / BOLTZMANN * change)

    def __call__(self, stress: Any, temperature: Any) -> Any:
        """Strain rate, 1/s, at a stress in Pa and a temperature in K; no breakdown is applied."""
        return self.rate_at(temperature) * (np.asarray(stress) / UNIT_STRESS) ** self.exponent
