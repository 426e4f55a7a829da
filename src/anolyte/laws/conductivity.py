r"""Ionic conductivity at temperature, and of composites.

Arrhenius for crystals and glasses, Vogel-Tammann-Fulcher (VTF) for polymers above their glass
transition, Hashin-Shtrikman bounds with Bruggeman's effective medium between them for composites.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from anolyte.core.units import BOLTZMANN


class ConductivityLaw(Protocol):
    """Conductivity as a function of temperature."""

    @property
    def validity(self) -> tuple[float, float]:
        """Temperatures in K between which the law may be trusted."""
        ...

    def __call__(self, temperature: float) -> float:
        """Conductivity in S/m at a temperature in K."""
        ...


@dataclass(frozen=True)
class Arrhenius:
    r"""Thermally activated hopping.

    $$ \sigma(T) = \sigma_0 \frac{T_0}{T}
       \exp\left[-\frac{E_a}{k_B}\left(\frac1T - \frac1{T_0}\right)\right] $$

    that is, $\sigma T$ follows Arrhenius' law, the form in which activation energies of solid
    electrolytes are reported.

    Args:
        conductivity: S/m at `reference`.
        activation_energy: J per particle.
        reference: K.
        validity: Temperatures in K between which the law was measured or may be trusted.

    >>> from anolyte.core.units import ELEMENTARY_CHARGE as e
    >>> round(Arrhenius(0.2, 0.35 * e)(333.15) / 0.2, 2)
    3.74
    """

    conductivity: float
    activation_energy: float
    reference: float = 298.15
    validity: tuple[float, float] = (0.0, math.inf)
    name: ClassVar[str] = "Arrhenius"

    def __call__(self, temperature: float) -> float:
        slope = self.activation_energy / BOLTZMANN
        return (
            self.conductivity
            * (self.reference / temperature)
            * math.exp(-slope * (1.0 / temperature - 1.0 / self.reference))
        )


@dataclass(frozen=True)
class VogelTammannFulcher:
    r"""Ion motion coupled to the segments of a polymer.

    $$ \sigma(T) = A \exp\left[-\frac{B}{k_B (T - T_0)}\right] $$

    Args:
        prefactor: A, S/m.
        activation_energy: B, J per particle.
        ideal_glass_temperature: T0, K.
        validity: Temperatures in K between which the law holds.

    Raises:
        ValueError: At or below the ideal glass temperature.
    """

    prefactor: float
    activation_energy: float
    ideal_glass_temperature: float
    validity: tuple[float, float] = (0.0, math.inf)
    name: ClassVar[str] = "Vogel-Tammann-Fulcher"

    def __call__(self, temperature: float) -> float:
        excess = temperature - self.ideal_glass_temperature
        if excess <= 0.0:
            raise ValueError("a VTF law ends at its ideal glass temperature")
        return self.prefactor * math.exp(-self.activation_energy / (BOLTZMANN * excess))


def hashin_shtrikman(
    conductivities: Sequence[float], fractions: Sequence[float]
) -> tuple[float, float]:
    r"""Tightest bounds on an isotropic composite of known volume fractions.

    $$ \sigma_\pm = \left[\sum_i \frac{f_i}{\sigma_i + 2\sigma_x}\right]^{-1} - 2\sigma_x, \quad
       \sigma_x = \max(\sigma)\ \text{or}\ \min(\sigma) $$

    Args:
        conductivities: S/m of each constituent.
        fractions: Volume fractions, summing to one.

    Returns:
        Lower and upper bound, S/m.

    Source: Hashin and Shtrikman, J. Appl. Phys. 1962, 33, 3125.

    >>> [round(b, 3) for b in hashin_shtrikman([1.0, 10.0], [0.5, 0.5])]
    [2.8, 4.706]
    """

    def bound(extreme: float) -> float:
        if extreme == 0.0 and 0.0 in conductivities:
            return 0.0
        total = sum(f / (s + 2.0 * extreme) for s, f in zip(conductivities, fractions, strict=True))
        return 1.0 / total - 2.0 * extreme

    return bound(min(conductivities)), bound(max(conductivities))


def bruggeman(conductivities: Sequence[float], fractions: Sequence[float]) -> float:
    r"""Effective medium of randomly mixed grains, between the Hashin-Shtrikman bounds.

    $$ \sum_i f_i \frac{\sigma_i - \sigma}{\sigma_i + 2\sigma} = 0 $$

    Args:
        conductivities: S/m of each constituent.
        fractions: Volume fractions, summing to one.

    Source: Bruggeman, Ann. Phys. 1935, 416, 636.

    >>> round(bruggeman([1.0, 10.0], [0.5, 0.5]), 6)
    4.0
    """
    low, high = min(conductivities), max(conductivities)
    for _ in range(200):  # bisection: the sum falls monotonically with sigma
        middle = 0.5 * (low + high)
        balance = sum(
            f * (s - middle) / (s + 2.0 * middle) if s + middle > 0.0 else 0.0
            for s, f in zip(conductivities, fractions, strict=True)
        )
        low, high = (middle, high) if balance > 0.0 else (low, middle)
    return 0.5 * (low + high)
