r"""Growth of an interphase with time: what it does to resistance and to the lithium inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.laws.law import Ranges


@dataclass(frozen=True)
class InterphaseGrowth:
    r"""Growth to a power of time, after a lag.

    $$ L^m = L_0^m + (k\tau)^{m/2}\,\frac{t_\mathrm{eff}}{\tau}, \quad
       t_\mathrm{eff} = t^* - t_\mathrm{lag}\left(1 - e^{-t^*/t_\mathrm{lag}}\right), \quad
       t^* = \int e^{-\frac{Q}{k_B}\left(\frac1T - \frac1{T_0}\right)} dt $$

    with m = 2 for growth by diffusion through the film (parabolic, the case that passivates) and
    m = 1 for growth at a constant rate (limited by the reaction, or fed through an electron path).
    Time counts as age at the reference temperature, lag included. The constant is quoted as a
    parabolic one, $k$ in m2/s, for every exponent: at the reference time $\tau$ films of all
    exponents without a lag are equally thick.

    Args:
        constant: k, m2/s.
        activation_energy: Q, J per particle.
        exponent: m.
        lag: t_lag, s.
        initial: L0, m.
        reference: T0, K.
        reference_time: tau, s.

    >>> law = InterphaseGrowth(2e-19, 0.0)
    >>> round(float(law(3.6e3 * 400, 298.15)) * 1e9)  # nm after 400 h
    537
    """

    constant: Any = quantity("diffusivity")
    activation_energy: Any = quantity("energy", default=0.0)
    exponent: Any = quantity("number", default=2.0)
    lag: Any = quantity("time", default=0.0)
    initial: Any = quantity("length", default=0.0)
    reference: float = quantity("temperature", default=298.15)
    reference_time: float = quantity("time", default=3.6e6)

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """Longer than a year nothing was measured."""
        return {"time": (0.0, 3.2e7, "time")}

    def ageing(self, temperature: Any) -> Any:
        """Seconds of age that a second at a temperature in K counts."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        return np.exp(-self.activation_energy / BOLTZMANN * change)

    def effective_age(self, age: Any) -> Any:
        """Age less what the lag takes, s."""
        lag = np.maximum(self.lag, 1e-9)
        return age - lag * (1.0 - np.exp(-age / lag))

    def thickness(self, age: Any) -> Any:
        """Thickness, m, at an age in s at the reference temperature."""
        # (k tau)^(m/2): the same thickness at the reference time whatever the exponent
        scale = (self.constant * self.reference_time) ** (self.exponent / 2.0)
        grown = scale * np.maximum(self.effective_age(age), 0.0) / self.reference_time
        return (self.initial**self.exponent + grown) ** (1.0 / self.exponent)

    def __call__(self, time: Any, temperature: Any) -> Any:
        """Thickness, m, after a time in s at one temperature in K."""
        return self.thickness(time * self.ageing(temperature))
