r"""Charge transfer between lithium and a single-ion conductor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.law import Ranges


@dataclass(frozen=True)
class ChargeTransfer:
    r"""Symmetric Butler-Volmer kinetics on the part of the face that is in contact.

    $$ \eta = \frac{2 k_B T}{e} \operatorname{asinh}\frac{j}{2 j_0(T)\,a}, \qquad
       R = \frac{k_B T}{e\,j_0(T)\,a} \ \text{at rest} $$

    Args:
        exchange_current_density: j0 at the reference temperature, A/m2.
        activation_energy: J per particle.
        reference: K.

    >>> law = ChargeTransfer(100.0)
    >>> round(float(law.resistance(1.0, 298.15)) * 1e4, 2)  # ohm cm2
    2.57
    """

    exchange_current_density: Any = quantity("current_density")
    activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    def exchange(self, temperature: Any) -> Any:
        """Exchange current density at a temperature, A/m2."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        return self.exchange_current_density * np.exp(-self.activation_energy / BOLTZMANN * change)

    def __call__(self, current_density: Any, contact: Any, temperature: Any) -> Any:
        """Overpotential, V, of a current density in A/m2 of the whole face."""
        thermal = 2.0 * BOLTZMANN * np.asarray(temperature) / ELEMENTARY_CHARGE
        ratio = current_density / (2.0 * self.exchange(temperature) * contact)
        return thermal * np.arcsinh(ratio)

    def resistance(self, contact: Any, temperature: Any) -> Any:
        """Area resistance at rest, ohm m2."""
        thermal = BOLTZMANN * np.asarray(temperature) / ELEMENTARY_CHARGE
        return thermal / (self.exchange(temperature) * contact)
