r"""Voids under stripped lithium: how fast they close, and how much contact they leave.

Stripping removes lithium at the speed $j V_\mathrm{Li}/F$; what creep, vacancy diffusion and
surface motion do not bring back becomes void volume per area, $h$:

$$ \frac{dh}{dt} = \frac{j V_\mathrm{Li}}{F} - v(P, T, a, h) $$

What closes them is contested. Each law here states one closure; all are rivals of each other and
turn into the same small set of coefficients, `Closing`, so that any can be swapped for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws.creep import UNIT_STRESS, PowerLawCreep
from anolyte.laws.law import Ranges

CLOSED = 1e-9
"""m of void below which closing fades out: nothing is left to close."""


@dataclass(frozen=True)
class Closing:
    r"""Closing speed at one pressure and temperature, as coefficients; numbers or arrays.

    $$ v = \left[v_0 + \dot\varepsilon_1\,
       \left(\frac{\min(P/a, \sigma_b)}{1\,\mathrm{MPa}}\right)^n \ell
       + \frac{h}{\tau}\right]\left(1 - e^{-h/1\,\mathrm{nm}}\right) $$

    Args:
        steady: v0, m/s.
        creep_rate: Strain rate at 1 MPa, 1/s.
        exponent: n.
        breakdown: Stress beyond which the power law is held, Pa.
        length: Void spacing, m; zero takes the void's own depth.
        relaxation: 1/tau, 1/s.
    """

    steady: Any = quantity("speed", default=0.0)
    creep_rate: Any = quantity("rate", default=0.0)
    exponent: Any = quantity("number", default=1.0)
    breakdown: Any = quantity("pressure", default=UNIT_STRESS)
    length: Any = quantity("length", default=0.0)
    relaxation: Any = quantity("rate", default=0.0)

    def __call__(self, void: Any, contact: Any, pressure: Any) -> Any:
        """Closing speed, m/s, at a void volume per area in m, a contact fraction and Pa."""
        stress = np.minimum(pressure / contact, self.breakdown) / UNIT_STRESS
        reach = self.length + (self.length == 0.0) * void
        creep = self.creep_rate * stress**self.exponent * reach
        fades = 1.0 - np.exp(-void / CLOSED)
        return (self.steady + creep + self.relaxation * void) * fades


class VoidLaw(Protocol):
    """What closes voids."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Pressures and temperatures in which the law may be trusted."""
        ...

    def closing(self, pressure: Any, temperature: Any) -> Closing:
        """The coefficients at a pressure in Pa and a temperature in K."""
        ...


def _activated(energy: Any, temperature: Any, reference: float) -> Any:
    change = 1.0 / np.asarray(temperature) - 1.0 / reference
    return np.exp(-energy / BOLTZMANN * change)


def stripping_speed(current_density: Any, molar_volume: Any) -> Any:
    """Speed at which stripping removes metal, m/s.

    >>> round(float(stripping_speed(1.0, 13.0e-6)) * 1e10, 3)  # 0.1 mA/cm2, angstrom a second
    1.347
    """
    return current_density * molar_volume / FARADAY


@dataclass(frozen=True)
class FittedLimit:
    r"""The critical stripping current as measured: a diffusion limit plus a power of pressure.

    $$ j_\mathrm{crit} = j_0 e^{-\frac{E_0}{k_B}\left(\frac1T-\frac1{T_0}\right)}
       + k \left(\frac{P}{1\,\mathrm{MPa}}\right)^n
       e^{-\frac{Q}{k_B}\left(\frac1T-\frac1{T_0}\right)}, \qquad
       v = j_\mathrm{crit} V_\mathrm{Li}/F $$

    Measured limits rise with the first to second power of pressure, far slower than creep's sixth
    or seventh; so the exponent is fitted, for each interface.

    Args:
        diffusion_limited_current: j0, A/m2.
        pressure_limited_current: k, A/m2.
        exponent: n.
        molar_volume: Of the metal, m3/mol.
        diffusion_activation_energy, creep_activation_energy: E0, Q, J per particle.
        lowest, highest: Pressures of the fit, Pa.
    """

    diffusion_limited_current: Any = quantity("current_density")
    pressure_limited_current: Any = quantity("current_density")
    exponent: Any = quantity("number")
    molar_volume: Any = quantity("molar_volume")
    diffusion_activation_energy: Any = quantity("energy", default=0.0)
    creep_activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)
    lowest: float = quantity("pressure", default=0.0)
    highest: float = quantity("pressure", default=10e6)

    references: ClassVar[tuple[str, ...]] = ("kasemchainan2019",)

    @property
    def ranges(self) -> Ranges:
        """The pressures of the fit."""
        return {"pressure": (self.lowest, self.highest, "pressure")}

    def limit(self, pressure: Any, temperature: Any) -> Any:
        """Current density that can be stripped without a growing void, A/m2."""
        diffusion = self.diffusion_limited_current * _activated(
            self.diffusion_activation_energy, temperature, self.reference
        )
        flow = self.pressure_limited_current * (np.asarray(pressure) / UNIT_STRESS) ** self.exponent
        return diffusion + flow * _activated(
            self.creep_activation_energy, temperature, self.reference
        )

    def closing(self, pressure: Any, temperature: Any) -> Closing:
        """A speed that does not depend on the void."""
        return Closing(steady=stripping_speed(self.limit(pressure, temperature), self.molar_volume))


@dataclass(frozen=True)
class VacancyDiffusion:
    """Vacancies diffuse away into the metal: `FittedLimit` without a pressure term.

    Args:
        diffusion_limited_current: A/m2.
        molar_volume: m3/mol.
        activation_energy: J per particle.
    """

    diffusion_limited_current: Any = quantity("current_density")
    molar_volume: Any = quantity("molar_volume")
    activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)

    references: ClassVar[tuple[str, ...]] = ("krauskopf2019acsami",)

    @property
    def ranges(self) -> Ranges:
        """No pressure enters."""
        return {}

    def closing(self, pressure: Any, temperature: Any) -> Closing:
        """A speed that depends on temperature alone."""
        current = self.diffusion_limited_current * _activated(
            self.activation_energy, temperature, self.reference
        )
        return Closing(steady=stripping_speed(current, self.molar_volume) + 0.0 * pressure)


@dataclass(frozen=True)
class CreepClosing:
    r"""Creep presses metal into the voids, at the stress of the contacts that are left.

    $$ v = \dot\varepsilon(P/a, T)\,\ell $$

    Args:
        creep: Creep of the metal.
        spacing: Distance over which metal flows, m; zero takes the void's own depth.
    """

    creep: PowerLawCreep
    spacing: Any = quantity("length", default=0.0)

    references: ClassVar[tuple[str, ...]] = ("masias2019",)

    @property
    def ranges(self) -> Ranges:
        """Up to the stress at which the power law breaks down."""
        return {"pressure": (0.0, self.creep.highest, "pressure")}

    def closing(self, pressure: Any, temperature: Any) -> Closing:
        """Creep's coefficients."""
        return Closing(
            creep_rate=self.creep.rate_at(temperature) + 0.0 * np.asarray(pressure),
            exponent=self.creep.exponent,
            breakdown=self.creep.highest,
            length=self.spacing,
        )


@dataclass(frozen=True)
class Together:
    """Several closures at once: speeds add up.

    At most one of them may creep; a relaxation heals voids by themselves.

    Args:
        laws: The closures.
        relaxation: Self-healing rate, 1/s.
    """

    laws: tuple[VoidLaw, ...]
    relaxation: Any = quantity("rate", default=0.0)

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """The narrowest range of each argument."""
        found: dict[str, tuple[float, float, str]] = {}
        for law in self.laws:
            for name, (low, high, kind) in law.ranges.items():
                before = found.get(name, (low, high, kind))
                found[name] = (max(low, before[0]), min(high, before[1]), kind)
        return found

    def closing(self, pressure: Any, temperature: Any) -> Closing:
        """The sum of the steady parts and the creep of the one that creeps."""
        parts = [law.closing(pressure, temperature) for law in self.laws]
        creeping = [p for p in parts if not (np.isscalar(p.creep_rate) and p.creep_rate == 0.0)]
        if len(creeping) > 1:
            raise ValueError("at most one of several void laws may creep")
        creep = creeping[0] if creeping else Closing()
        return Closing(
            steady=sum(p.steady for p in parts),
            creep_rate=creep.creep_rate,
            exponent=creep.exponent,
            breakdown=creep.breakdown,
            length=creep.length,
            relaxation=self.relaxation + sum(p.relaxation for p in parts),
        )


RIVALS = (FittedLimit, VacancyDiffusion, CreepClosing, Together)


# --- how much contact a void leaves -------------------------------------------------------------


@dataclass(frozen=True)
class HyperbolicLoss:
    r"""Contact falls to one half at a depth. $ a = 1/(1 + h/h_0) $

    >>> float(HyperbolicLoss(1e-6)(1e-6))
    0.5
    """

    depth: Any = quantity("length")
    references: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[int] = 0
    ranges: ClassVar[Ranges] = {}

    def __call__(self, void: Any) -> Any:
        """Contact fraction at a void volume per area in m."""
        return 1.0 / (1.0 + void / self.depth)

    def void(self, contact: Any) -> Any:
        """The void volume per area, m, that leaves a contact fraction."""
        return self.depth * (1.0 / contact - 1.0)


@dataclass(frozen=True)
class ExponentialLoss:
    r"""Voids of one depth open at random places. $ a = e^{-h/h_0} $"""

    depth: Any = quantity("length")
    references: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[int] = 1
    ranges: ClassVar[Ranges] = {}

    def __call__(self, void: Any) -> Any:
        """Contact fraction at a void volume per area in m."""
        return np.exp(-void / self.depth)

    def void(self, contact: Any) -> Any:
        """The void volume per area, m, that leaves a contact fraction."""
        return -self.depth * np.log(contact)


@dataclass(frozen=True)
class CapLoss:
    r"""A fixed number of hemispheres grows until they touch. $ a = 1 - (h/h_0)^{2/3} $

    With one hemisphere a square of side $s$, $h_0 = \tfrac{2}{3} s / \sqrt{\pi}$.

    >>> float(CapLoss(1e-6)(1e-6)) < 1e-3
    True
    """

    depth: Any = quantity("length")
    references: ClassVar[tuple[str, ...]] = ()
    form: ClassVar[int] = 2
    ranges: ClassVar[Ranges] = {}

    def __call__(self, void: Any) -> Any:
        """Contact fraction at a void volume per area in m."""
        return np.maximum(1.0 - (np.maximum(void, 0.0) / self.depth) ** (2.0 / 3.0), LEAST_CONTACT)

    def void(self, contact: Any) -> Any:
        """The void volume per area, m, that leaves a contact fraction."""
        return self.depth * (1.0 - np.asarray(contact)) ** 1.5


LEAST_CONTACT = 1e-6
"""Contact below which there is none; keeps resistances finite."""

CONTACT_RIVALS = (HyperbolicLoss, ExponentialLoss, CapLoss)
