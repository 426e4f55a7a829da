r"""Size up to which a swelling host holds together, and what a shell around it bears.

A flaw cannot be larger than the body it sits in; with the stress limited by flow, a body below some
size cannot feed a crack. Lengths are those of the body: film thickness, diameter of a particle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges

LEAST_STRESS = 1.0
"""Pa below which a body is taken as free of stress (its critical size is then astronomical)."""


@dataclass(frozen=True)
class CrackGeometry:
    r"""A crack as large as the body allows: energy release $G = Z \sigma^2 d / E'$.

    Args:
        name: In words.
        release: Z; for a crack of length $c = f d$ with $K = Y\sigma\sqrt{\pi c}$ it is
            $\pi Y^2 f$.

    Source: handbook solutions (beuth1992, tada2000; from memory).
    """

    name: str
    release: float = quantity("number")


FILM = CrackGeometry("channel crack through a film on a stiff base", 2.0)
PARTICLE = CrackGeometry("surface crack half through a particle", math.pi * 0.713**2 / 2.0)
ROD = CrackGeometry("edge crack half through a rod or column", math.pi * 1.12**2 / 2.0)


def _driving(stress: Any, confinement: Any) -> Any:
    """Tension that opens a crack: the host's, less the pressure that holds it shut."""
    return np.maximum(np.asarray(stress) - confinement, LEAST_STRESS)


@dataclass(frozen=True)
class ToughnessLimit:
    r"""Critical size by the stress intensity at the largest flaw.

    $$ d_c = \frac{K_\mathrm{IC}^2}{Z\,(\sigma - P)^2} $$

    Args:
        toughness: K_IC, Pa m^0.5.
        geometry: The crack.

    Range: brittle bodies; lithium-rich silicon (beyond Li1.5Si) is tougher, so this is a lower
    bound of the size there (wang2015damage).
    Source: liu2012 for the idea that the stored energy must feed the crack.

    >>> round(float(ToughnessLimit(0.8e6, PARTICLE).critical_size(1.75e9)) * 1e9)  # nm
    262
    """

    toughness: Any = quantity("toughness")
    geometry: CrackGeometry = PARTICLE

    references: ClassVar[tuple[str, ...]] = ("liu2012", "wang2015damage")
    ranges: ClassVar[Ranges] = {"size": (1e-9, 1e-4, "length")}

    def critical_size(self, stress: Any, confinement: Any = 0.0) -> Any:
        """Largest size, m, that holds a tension in Pa under a confining pressure in Pa."""
        return self.toughness**2 / (self.geometry.release * _driving(stress, confinement) ** 2)

    def load(self, size: Any, stress: Any, confinement: Any = 0.0) -> Any:
        """Size over the critical size: from one on a crack runs."""
        return size / self.critical_size(stress, confinement)


@dataclass(frozen=True)
class EnergyReleaseLimit:
    r"""Critical size by the energy that a crack sets free. Rival of `ToughnessLimit`.

    $$ d_c = \frac{\Gamma E'}{Z\,(\sigma - P)^2} $$

    Args:
        fracture_energy: Gamma, J/m2; twice the surface energy for a crack that costs nothing else
            (Griffith).
        modulus: E', Pa.
        geometry: The crack.

    Range: as `ToughnessLimit`; both agree where $K_\mathrm{IC}^2 = \Gamma E'$.
    Source: griffith1921; fracture energies of lithiated silicon by pharr2013.

    >>> round(float(EnergyReleaseLimit(8.5, 60e9, FILM).critical_size(1.0e9)) * 1e9)  # nm
    255
    """

    fracture_energy: Any = quantity("surface_energy")
    modulus: Any = quantity("modulus")
    geometry: CrackGeometry = PARTICLE

    references: ClassVar[tuple[str, ...]] = ("griffith1921", "pharr2013")
    ranges: ClassVar[Ranges] = {"size": (1e-9, 1e-4, "length")}

    def critical_size(self, stress: Any, confinement: Any = 0.0) -> Any:
        """Largest size, m, that holds a tension in Pa under a confining pressure in Pa."""
        driving = _driving(stress, confinement)
        return self.fracture_energy * self.modulus / (self.geometry.release * driving**2)

    def load(self, size: Any, stress: Any, confinement: Any = 0.0) -> Any:
        """Size over the critical size: from one on a crack runs."""
        return size / self.critical_size(stress, confinement)


RIVALS = (ToughnessLimit, EnergyReleaseLimit)


@dataclass(frozen=True)
class Shell:
    r"""A thin elastic shell that holds a swelling particle until it cracks.

    $$ \varepsilon = \frac{\varepsilon_f}{1 + \dfrac{2 t M_s}{3 K r}}, \qquad
       \sigma_\theta = M_s \varepsilon, \qquad p = \frac{2 t}{r}\,\sigma_\theta, \qquad
       \sigma_\mathrm{crack} = \frac{K_\mathrm{IC}}{Y\sqrt{\pi t}} $$

    The particle would strain by $\varepsilon_f$ if it were free; the shell presses on it with p and
    is stretched by $\sigma_\theta$, until a flaw as deep as the shell is thick runs through it.

    Args:
        modulus: M_s, biaxial modulus of the shell, Pa.
        thickness: t, m.
        radius: r of the particle without lithium, m.
        bulk_modulus: K of the particle, Pa.
        toughness: K_IC of the shell, Pa m^0.5.
        geometry: Y of its flaw; 1.12 for an edge crack.

    Range: t well below r, bonded shell, small strain: the strain of full silicon (0.45) is far
    outside; what holds there is only the sign, and that a stiff shell has cracked before.
    Source: Lame's thin sphere; two ways to fail as in zhao2012shell.

    >>> shell = Shell(100e9, 5e-9, 50e-9, 60e9, 1.0e6)
    >>> float(shell.strain(0.01)) < 0.01, bool(shell.cracked(0.3))
    (True, True)
    """

    modulus: Any = quantity("modulus")
    thickness: Any = quantity("length")
    radius: Any = quantity("length")
    bulk_modulus: Any = quantity("modulus")
    toughness: Any = quantity("toughness")
    geometry: float = quantity("number", default=1.12)

    references: ClassVar[tuple[str, ...]] = ("zhao2012shell",)
    ranges: ClassVar[Ranges] = {"free_strain": (0.0, 0.1, "number")}

    @property
    def hold(self) -> Any:
        """Share of the free strain that an uncracked shell lets through."""
        stiff = 2.0 * self.thickness * self.modulus
        return 1.0 / (1.0 + stiff / (3.0 * self.bulk_modulus * self.radius))

    @property
    def cracking_stress(self) -> Any:
        """Hoop stress at which the shell cracks, Pa."""
        root = np.sqrt(math.pi * np.asarray(self.thickness))
        return self.toughness / (self.geometry * root)

    @property
    def cracking_strain(self) -> Any:
        """Free strain of the particle at which its shell cracks."""
        return self.cracking_stress / (self.modulus * self.hold)

    def cracked(self, free_strain: Any) -> Any:
        """Whether a free strain breaks the shell."""
        return np.asarray(free_strain) >= self.cracking_strain

    def strain(self, free_strain: Any) -> Any:
        """Strain of the particle in its shell; a cracked shell holds nothing."""
        free = np.asarray(free_strain)
        return np.where(self.cracked(free), free, self.hold * free)

    def hoop_stress(self, free_strain: Any) -> Any:
        """Tension in the shell, Pa; zero once it has cracked."""
        free = np.asarray(free_strain)
        return np.where(self.cracked(free), 0.0, self.modulus * self.hold * free)

    def pressure(self, free_strain: Any) -> Any:
        """Pressure on the particle, Pa."""
        return 2.0 * self.thickness / self.radius * self.hoop_stress(free_strain)
