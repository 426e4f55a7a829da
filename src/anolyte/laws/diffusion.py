r"""Lithium in an alloy slab that is stripped or plated at one face.

An alloy (Li-Mg, Li-In) does not open voids where lithium is taken out: lithium must come from the
depth of the slab by diffusion, and what ends the strip is the lithium left at the face,

$$ \frac{\partial c}{\partial t} = \frac{\partial}{\partial y}\left(D\frac{\partial c}{\partial y}
   \right), \qquad D\,\frac{\partial c}{\partial y}\Big|_{y=0} = \frac{j}{F}, \qquad
   \frac{\partial c}{\partial y}\Big|_{y=L} = 0 $$

with y the depth below the electrolyte and j positive where it strips. The slab keeps its thickness
(the volume of the lithium taken out is neglected) and stays one phase. How the potential of an
alloy depends on its lithium content is not known in general, so no overpotential is given: the
strip ends when the face is depleted, at its least concentration. Here are the closed forms for one
constant current; `laws.slab_field` follows the whole field under any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws.law import Ranges
from anolyte.materials.schema import Anode
from anolyte.numerics.later import special

EARLY = 0.3
"""Fourier number below which the image series is summed, above which the cosine series."""
TERMS = 6
"""Of either series: the first neglected one is below 1e-30 on its side of `EARLY`."""
HALVINGS = 100
LEAST_ROOM = 1e-9
"""mol/m3 of removable lithium; what has less has none."""


def _shape(fourier: Any) -> Any:
    """Depletion of the face in units of j L / (F D) at a Fourier number D t / L2."""
    number = np.asarray(fourier, dtype=float)
    early = np.clip(number, 1e-300, EARLY)
    late = np.maximum(number, EARLY)
    root = np.sqrt(early)
    images = sum(_ierfc(m / root) for m in range(1, TERMS + 1))
    first = 2.0 * root * (1.0 / math.sqrt(math.pi) + 2.0 * images)
    waves = sum(np.exp(-((n * math.pi) ** 2) * late) / n**2 for n in range(1, TERMS + 1))
    second = late + 1.0 / 3.0 - (2.0 / math.pi**2) * waves
    return np.where(number <= 0.0, 0.0, np.where(number < EARLY, first, second))


def _ierfc(x: Any) -> Any:
    """First integral of the complementary error function."""
    return np.exp(-x * x) / math.sqrt(math.pi) - x * special.erfc(x)


def slab_depletion(time: Any, current_density: Any, diffusivity: Any, thickness: Any) -> Any:
    r"""How far the concentration at the face has fallen under a constant current.

    $$ c_0 - c(0, t) = \frac{jL}{FD}\left[\frac{Dt}{L^2} + \frac13 - \frac{2}{\pi^2}
       \sum_{n\ge1}\frac{e^{-n^2\pi^2Dt/L^2}}{n^2}\right]
       = \frac{2j}{F}\sqrt{\frac{t}{D}}\left[\frac{1}{\sqrt\pi} + 2\sum_{m\ge1}
       \mathrm{ierfc}\frac{mL}{\sqrt{Dt}}\right] $$

    Both series are exact; the second, of the slab's mirror images, is summed early and the first
    late, so that a few terms give full precision at any time.

    Args:
        time: t, s; zero or later.
        current_density: j, A/m2; positive strips.
        diffusivity: D, m2/s.
        thickness: L, m.

    Returns:
        mol/m3; arrays broadcast.

    Source: Carslaw and Jaeger, Conduction of Heat in Solids, 2nd ed., section 3.8; for Li-Mg:
    Krauskopf et al., Adv. Energy Mater. 2019, 9, 1902568.

    >>> early = slab_depletion(1.0, 1.0, 3e-15, 25e-6)  # a half space: 2 j/F sqrt(t / (pi D))
    >>> round(float(early / (2 / 96485.33212 * (1 / (3.141592653589793 * 3e-15)) ** 0.5)), 9)
    1.0
    """
    scale = np.asarray(current_density) * thickness / (FARADAY * np.asarray(diffusivity))
    return scale * _shape(np.asarray(diffusivity) * time / np.asarray(thickness) ** 2)


def slab_utilisation(
    current_density: Any, diffusivity: Any, thickness: Any, initial: Any, least: Any
) -> Any:
    r"""Share of the removable lithium that a constant current takes before the face is depleted.

    $$ u = \frac{j t^*}{F (c_0 - c_\mathrm{min}) L}, \qquad c(0, t^*) = c_\mathrm{min} $$

    With $\theta = jL/[FD(c_0 - c_\mathrm{min})]$ it is $1 - \theta/3$ for slow and
    $\pi/(4\theta)$ for fast stripping; zero where c0 does not exceed c_min.

    Args:
        current_density: j, A/m2; positive.
        diffusivity: D, m2/s.
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3, the end of the phase.

    >>> round(float(slab_utilisation(1.0, 3.0e-15, 25e-6, 6.96e4, 2.40e4)), 3)  # 0.1 mA/cm2
    0.413
    """
    removable = np.asarray(initial) - least
    room = FARADAY * np.asarray(diffusivity) * np.maximum(removable, LEAST_ROOM)
    load = np.maximum(np.asarray(current_density) * thickness / room, 1e-12)
    low = np.maximum(1.0 / load - 1.0 / 3.0, 0.0)
    high = np.minimum(1.0 / load, math.pi / (4.0 * load * load))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = _shape(middle) > 1.0 / load
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(removable > 0.0, load * 0.5 * (low + high), 0.0)[()]


@dataclass(frozen=True)
class ArrheniusDiffusivity:
    r"""Thermally activated diffusion.

    $$ D(T) = D_0 \exp\left[-\frac{E_a}{k_B}\left(\frac1T - \frac1{T_0}\right)\right] $$

    Args:
        diffusivity: D0, m2/s at `reference`.
        activation_energy: J per particle.
        reference: K.
        lowest, highest: Temperatures between which it was measured, K.

    >>> from anolyte.core.units import ELEMENTARY_CHARGE as e
    >>> float(ArrheniusDiffusivity(3.0e-15, 0.57 * e)(323.15)).__format__(".1e")
    '1.7e-14'
    """

    diffusivity: Any = quantity("diffusivity")
    activation_energy: Any = quantity("energy", default=0.0)
    reference: float = quantity("temperature", default=298.15)
    lowest: float = quantity("temperature", default=0.0)
    highest: float = quantity("temperature", default=math.inf)

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """The temperatures of the measurement."""
        return {"temperature": (self.lowest, self.highest, "temperature")}

    def __call__(self, temperature: Any) -> Any:
        """Diffusivity, m2/s, at a temperature in K."""
        change = 1.0 / np.asarray(temperature) - 1.0 / self.reference
        return self.diffusivity * np.exp(-self.activation_energy / BOLTZMANN * change)


class Slab(Protocol):
    """What rivals answer of a slab under a constant current."""

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3."""
        ...

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """Share of the removable lithium stripped before the face is depleted."""
        ...


@dataclass(frozen=True)
class AlloySlab:
    r"""A slab fed by its own diffusion: `slab_depletion` with the numbers of an alloy.

    Args:
        diffusivity: Of lithium in the alloy, a function of temperature.
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3; below it the phase ends and the law with it.

    Source: Krauskopf et al., Adv. Energy Mater. 2019, 9, 1902568.

    >>> from anolyte.materials.library import default
    >>> slab = AlloySlab.of(default().anode("Li0.9Mg0.1"), 25e-6)
    >>> round(float(slab.utilisation(0.1, 298.15)), 3)  # 10 uA/cm2
    0.937
    """

    diffusivity: ArrheniusDiffusivity
    thickness: Any = quantity("length")
    initial: Any = quantity("concentration")
    least: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ("krauskopf2019", "carslaw1959")

    @classmethod
    def of(cls, anode: Anode, thickness: float) -> Self:
        """A slab of a library anode.

        Raises:
            MissingProperty: Diffusivity or concentrations are not known; the message says where.
        """
        energy = "diffusion_activation_energy"
        diffusivity = anode.need("diffusivity")
        return cls(
            ArrheniusDiffusivity(
                diffusivity.si,
                anode.need(energy).si if anode.has(energy) else 0.0,
                diffusivity.temperature or 298.15,
            ),
            thickness,
            anode.need("lithium_concentration").si,
            anode.need("least_lithium_concentration").si,
        )

    @property
    def ranges(self) -> Ranges:
        """The temperatures of its diffusivity."""
        return self.diffusivity.ranges

    @property
    def removable(self) -> Any:
        """Charge per area between the initial and the least concentration, C/m2."""
        return FARADAY * (np.asarray(self.initial) - self.least) * self.thickness

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3, under a current that began at time zero."""
        return self.initial - slab_depletion(
            time, current_density, self.diffusivity(temperature), self.thickness
        )

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """Share of the removable lithium that can be stripped at a current."""
        return slab_utilisation(
            current_density,
            self.diffusivity(temperature),
            self.thickness,
            self.initial,
            self.least,
        )

    def endurance(self, current_density: Any, temperature: Any) -> Any:
        """Time until the face is depleted, s."""
        use = self.utilisation(current_density, temperature)
        return use * self.removable / np.asarray(current_density)


@dataclass(frozen=True)
class WellMixedSlab:
    """The rival without a limit: lithium is everywhere alike, all of it can be stripped.

    Args:
        thickness: L, m.
        initial: c0, mol/m3.
        least: c_min, mol/m3.
    """

    thickness: Any = quantity("length")
    initial: Any = quantity("concentration")
    least: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    def __call__(self, time: Any, current_density: Any, temperature: Any) -> Any:
        """Concentration at the face, mol/m3."""
        taken = np.asarray(current_density) * time / (FARADAY * np.asarray(self.thickness))
        return self.initial - taken + 0.0 * np.asarray(temperature)

    def utilisation(self, current_density: Any, temperature: Any) -> Any:
        """One, whatever the current."""
        return np.ones(np.broadcast(current_density, temperature, self.thickness).shape)


RIVALS: tuple[type[Slab], ...] = (AlloySlab, WellMixedSlab)
