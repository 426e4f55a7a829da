r"""Gas from side reactions: what the stoichiometry allows, as an upper bound.

No measurement of gas at a solid electrolyte's anode was found to compare with. Each result is the
gas that would be there if the reaction ran alone, nothing of it dissolved, reacted on or leaked:
**a bound, not validated** (`BASIS`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.laws.law import Ranges

BASIS = "upper bound from stoichiometry, not validated"
"""What a finding made of these laws must say."""


def gas_pressure(amount: Any, free_volume: Any, temperature: Any) -> Any:
    r"""Pressure of an ideal gas, Pa.

    $$ P = \frac{nRT}{V} $$

    Args:
        amount: n, mol, or mol per area.
        free_volume: V, m3, or m3 per area (the thickness of the free space, m).
        temperature: K.

    Range: below some MPa; walls that do not give way. Raises nothing: without a free volume the
    pressure is infinite.

    >>> round(gas_pressure(1.0, 0.0224, 273.15))
    101388
    """
    return amount * GAS_CONSTANT * temperature / np.maximum(free_volume, 1e-300)


@dataclass(frozen=True)
class ElectrochemicalGas:
    r"""Gas of a side reaction that a charge drives.

    $$ n = \frac{\nu Q}{z F} $$

    Args:
        gas: Molecules of gas $\nu$ per reaction, such as 1 for 2 H2O + 2 e- -> H2 + 2 OH-.
        electrons: Electrons z per reaction, 2 in that example.

    Range: an upper bound (see the module's head).

    Source: Faraday's law.

    >>> law = ElectrochemicalGas(1.0, 2.0)
    >>> amount = law(36.0)  # 1 uAh/cm2
    >>> round(float(law.pressure(36.0, 10e-6, 298.15)) / 1e3, 1)  # kPa in a gap of 10 um
    46.2
    """

    gas: Any = quantity("number")
    electrons: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = ()
    basis: ClassVar[str] = BASIS

    @property
    def ranges(self) -> Ranges:
        """Any charge."""
        return {"charge": (0.0, np.inf, "areal_capacity")}

    def __call__(self, charge: Any) -> Any:
        """Amount of gas, mol/m2, at a charge of the side reaction in C/m2 (or mol at C)."""
        return self.gas * charge / (self.electrons * FARADAY)

    def pressure(self, charge: Any, free_volume: Any, temperature: Any) -> Any:
        """Pressure, Pa, in a free volume per area, m, at a temperature in K."""
        return gas_pressure(self(charge), free_volume, temperature)


@dataclass(frozen=True)
class Hydrolysis:
    r"""Gas from a reaction with water or air, per mass of the solid.

    $$ n = \xi\,\frac{\nu}{M} $$

    Args:
        gas: Molecules of gas $\nu$ per formula unit, such as 5 H2S of Li6PS5Cl when all of its
            sulfur leaves.
        molar_mass: M of the formula unit, kg/mol.

    Range: an upper bound, reached when the reaction is complete ($\xi = 1$); in dry rooms it is not
    by orders of magnitude.

    Source: stoichiometry.

    >>> law = Hydrolysis(5.0, 0.26840)  # all sulfur of Li6PS5Cl
    >>> round(float(law.volume(1.0, 298.15, 101325.0)) * 1e3)  # cm3/g
    456
    """

    gas: Any = quantity("number")
    molar_mass: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = ()
    basis: ClassVar[str] = BASIS

    @property
    def ranges(self) -> Ranges:
        """From nothing to complete."""
        return {"conversion": (0.0, 1.0, "fraction")}

    def __call__(self, conversion: Any) -> Any:
        """Amount of gas, mol per kg of solid, at a conversion of 0 to 1."""
        return conversion * self.gas / self.molar_mass

    def volume(self, conversion: Any, temperature: Any, pressure: Any) -> Any:
        """Volume of the gas, m3 per kg of solid, at a temperature in K and a pressure in Pa."""
        return self(conversion) * GAS_CONSTANT * temperature / pressure
