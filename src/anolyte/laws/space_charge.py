r"""Space charge at the face of an ionic conductor: potential, charge and capacitance in 1-D.

The potential obeys $\varepsilon\,\Phi'' = -\rho(\Phi)$ with $\Phi = \Phi_0$ at the face and 0 deep
inside. What carries the charge is an object, and a rival of the others: `SiteLimited` (one mobile
ion on a lattice of limited sites, the solid electrolyte), `Dilute` (one mobile ion without limit),
`TwoMobile` (both signs mobile, Gouy and Chapman). Here are the closed forms: Debye's length, the
profile of Gouy and Chapman, the depletion layer of Mott and Schottky, and the first integral that
gives field and capacitance exactly; `laws.space_charge_profile` solves the equation on a grid.

Potentials in V, positions in m from the face, concentrations in mol/m3, $\varepsilon$ in F/m
(`VACUUM_PERMITTIVITY` times the relative one). Continuum theory: at potentials where the profile is
steeper than the lattice spacing it is an extrapolation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.laws.law import Ranges
from anolyte.numerics.later import special

VACUUM_PERMITTIVITY = 8.8541878128e-12
"""F/m, CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 2021, 93, 025010)."""
SMALL = 1e-4
"""Reduced potential below which series replace differences of nearly equal numbers."""


class Carriers(Protocol):
    r"""What fills the space-charge layer, at the reduced potential $\phi = F\Phi/RT$."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the statistics hold."""
        ...

    @property
    def screening(self) -> Any:
        r"""$-dq/d\phi$ in the bulk, mol/m3: what Debye's length counts."""
        ...

    def charge(self, reduced: Any) -> Any:
        """Net charge q over F, mol/m3."""
        ...

    def slope(self, reduced: Any) -> Any:
        r"""$dq/d\phi$, mol/m3; negative."""
        ...

    def stored(self, reduced: Any) -> Any:
        r"""$-\int_0^\phi q\,d\phi'$, mol/m3; positive."""
        ...

    def conducting(self, reduced: Any) -> Any:
        """Local conductivity over that of the bulk."""
        ...


@dataclass(frozen=True)
class SiteLimited:
    r"""One mobile cation on a lattice of limited sites, beside fixed charge of the other sign.

    $$ \frac{q}{F} = c_s\,\frac{\theta e^{-\phi}}{1 - \theta + \theta e^{-\phi}} - c_b,
       \qquad \theta = c_b / c_s $$

    Accumulation stops at full sites, depletion at empty ones. Ions hop to empty sites, so that the
    conductivity goes as occupied times empty sites.

    Args:
        bulk: Concentration of the mobile ion in the bulk, mol/m3.
        sites: Sites that it can occupy, mol/m3; more than the bulk concentration.

    Range: ions that do not interact but by their mean field and by excluding each other.

    Source: Fermi-Dirac occupation of sites as in the pyscses documentation (Wellock and Morgan,
    J. Open Source Softw. 2019, 4, 1209).

    >>> law = SiteLimited(1.0e4, 4.0e4)
    >>> round(float(law.charge(100.0))), round(float(law.charge(-100.0)))
    (-10000, 30000)
    """

    bulk: Any = quantity("concentration")
    sites: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ("wellock2019pyscses", "kilic2007steric")

    @property
    def ranges(self) -> Ranges:
        """Any potential."""
        return {}

    @property
    def _share(self) -> Any:
        return self.bulk / self.sites

    def _occupied(self, reduced: Any) -> Any:
        return special.expit(np.log(self._share) - np.log1p(-self._share) - reduced)

    @property
    def screening(self) -> Any:
        """Bulk concentration times the empty share."""
        return self.bulk * (1.0 - self._share)

    def charge(self, reduced: Any) -> Any:
        """Net charge over F, mol/m3."""
        # Occupied sites less those of the bulk, in the form without cancellation on either side.
        occupied, share = self._occupied(reduced), self._share
        more = -occupied * (1.0 - share) * np.expm1(np.minimum(reduced, 0.0))
        less = (1.0 - occupied) * share * np.expm1(-np.maximum(reduced, 0.0))
        return self.sites * (more + less)

    def slope(self, reduced: Any) -> Any:
        """Its derivative."""
        occupied = self._occupied(reduced)
        return -self.sites * occupied * (1.0 - occupied)

    def stored(self, reduced: Any) -> Any:
        """Minus its integral from the bulk."""
        share = self._share
        entropy = np.logaddexp(np.log1p(-share), np.log(share) - reduced)
        series = reduced**2 / 2.0 - (1.0 - 2.0 * share) * reduced**3 / 6.0
        exact = self.sites * (entropy + share * reduced)
        return np.where(np.abs(reduced) < SMALL, self.screening * series, exact)

    def conducting(self, reduced: Any) -> Any:
        """Occupied times empty sites, over the bulk."""
        return self.slope(reduced) / -self.screening


@dataclass(frozen=True)
class Dilute:
    r"""One mobile cation without a limit of sites: $q/F = c_b (e^{-\phi} - 1)$.

    The limit of `SiteLimited` for few ions on many sites.

    Args:
        bulk: Concentration of the mobile ion in the bulk, mol/m3.

    Range: the local concentration stays far below the sites; accumulation at some
    $-3\,RT/F$ already does not in most solid electrolytes.

    >>> round(float(Dilute(1.0).charge(-1.0)), 4)
    1.7183
    """

    bulk: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """While the concentration stays within twenty times that of the bulk."""
        return {"reduced": (-3.0, np.inf, "number")}

    @property
    def screening(self) -> Any:
        """The bulk concentration."""
        return self.bulk

    def charge(self, reduced: Any) -> Any:
        """Net charge over F, mol/m3."""
        return self.bulk * np.expm1(-reduced)

    def slope(self, reduced: Any) -> Any:
        """Its derivative."""
        return -self.bulk * np.exp(-reduced)

    def stored(self, reduced: Any) -> Any:
        """Minus its integral from the bulk."""
        series = reduced**2 / 2.0 - reduced**3 / 6.0
        return self.bulk * np.where(np.abs(reduced) < SMALL, series, np.expm1(-reduced) + reduced)

    def conducting(self, reduced: Any) -> Any:
        """The concentration over that of the bulk."""
        return np.exp(-reduced)


@dataclass(frozen=True)
class TwoMobile:
    r"""Mobile carriers of both signs, such as interstitials and vacancies: $q/F = -2c\sinh\phi$.

    Args:
        bulk: Concentration c of either carrier in the bulk, mol/m3.

    Range: both dilute; with equal mobilities the conductivity goes as $\cosh\phi$.

    Source: Gouy, J. Phys. 1910, 9, 457; Chapman, Phil. Mag. 1913, 25, 475 (recalled).

    >>> TwoMobile(1.0).screening
    2.0
    """

    bulk: Any = quantity("concentration")

    references: ClassVar[tuple[str, ...]] = ("gouy1910charge", "chapman1913theory")

    @property
    def ranges(self) -> Ranges:
        """While either concentration stays within twenty times that of the bulk."""
        return {"reduced": (-3.0, 3.0, "number")}

    @property
    def screening(self) -> Any:
        """Both carriers screen."""
        return 2.0 * self.bulk

    def charge(self, reduced: Any) -> Any:
        """Net charge over F, mol/m3."""
        return -2.0 * self.bulk * np.sinh(reduced)

    def slope(self, reduced: Any) -> Any:
        """Its derivative."""
        return -2.0 * self.bulk * np.cosh(reduced)

    def stored(self, reduced: Any) -> Any:
        """Minus its integral from the bulk."""
        return 4.0 * self.bulk * np.sinh(0.5 * reduced) ** 2

    def conducting(self, reduced: Any) -> Any:
        """Both carriers over those of the bulk, at equal mobilities."""
        return np.cosh(reduced)


RIVALS: tuple[Callable[..., Carriers], ...] = (SiteLimited, Dilute, TwoMobile)
"""What carries the charge."""


# --- Closed forms ---------------------------------------------------------------------------------


def thermal_voltage(temperature: Any) -> Any:
    """$RT/F$, V; 25.7 mV at 25 C."""
    return GAS_CONSTANT * temperature / FARADAY


def debye_length(permittivity: Any, screening: Any, temperature: Any) -> Any:
    r"""Distance over which a small potential falls by e, m.

    $$ \lambda = \sqrt{\frac{\varepsilon R T}{F^2 \sum_i z_i^2 c_i}} $$

    Args:
        permittivity: $\varepsilon$, F/m.
        screening: The sum over the mobile species, mol/m3: $2c$ for two of them (Gouy and
            Chapman), $c$ for one, $c\,(1-\theta)$ on limited sites (`Carriers.screening`).
        temperature: K.

    Source: IUPAC Gold Book, thickness of electrical double layer.

    >>> water = 78.4 * VACUUM_PERMITTIVITY
    >>> round(float(debye_length(water, 2.0, 298.15)) * 1e9, 2)  # 1 mmol/L, nm
    9.61
    """
    return np.sqrt(permittivity * GAS_CONSTANT * temperature / screening) / FARADAY


def gouy_chapman(position: Any, potential: Any, length: Any, temperature: Any) -> Any:
    r"""Potential at a distance from the face with two mobile species, V.

    $$ \tanh\frac{\phi}{4} = \tanh\frac{\phi_0}{4}\,e^{-x/\lambda} $$

    Args:
        position: x, m.
        potential: At the face, V.
        length: Debye's length for both species, m.
        temperature: K.

    >>> round(float(gouy_chapman(1e-9, 1e-6, 1e-9, 298.15)) * 1e6, 4)
    0.3679
    """
    unit = thermal_voltage(temperature)
    size, fallen = np.abs(potential) / unit, np.exp(-position / length)
    # artanh z as a logarithm of 1 - z, which is summed without cancellation: at large potentials
    # the hyperbolic tangent is one to rounding
    much = np.tanh(size / 4.0) * fallen
    less = 2.0 * special.expit(-size / 2.0) * fallen - np.expm1(-position / length)
    return 2.0 * unit * np.sign(potential) * np.log1p(2.0 * much / less)


def depletion_width(potential: Any, permittivity: Any, concentration: Any) -> Any:
    r"""Mott and Schottky's layer without mobile ions, m.

    $$ w = \sqrt{\frac{2\varepsilon\Phi_0}{F c}} $$

    Args:
        potential: $\Phi_0$, V, of the sign that repels the mobile ion.
        permittivity: $\varepsilon$, F/m.
        concentration: Of the fixed charge that stays, mol/m3.

    Range: potentials far above RT/F. Source: Grundmann, The Physics of Semiconductors, 2010, as
    quoted in an encyclopaedia.

    >>> round(float(depletion_width(1.0, 10 * VACUUM_PERMITTIVITY, 1.0e4)) * 1e9, 3)
    0.428
    """
    return np.sqrt(2.0 * permittivity * potential / (FARADAY * concentration))


def mott_schottky(position: Any, potential: Any, width: Any) -> Any:
    r"""Potential in a depletion layer, V: $\Phi_0 (1 - x/w)^2$, and none behind it.

    >>> float(mott_schottky(0.5, 1.0, 1.0)), float(mott_schottky(2.0, 1.0, 1.0))
    (0.25, 0.0)
    """
    return potential * np.maximum(1.0 - position / width, 0.0) ** 2


def surface_field(carriers: Carriers, potential: Any, permittivity: Any, temperature: Any) -> Any:
    r"""Field at the face, V/m, from the first integral: exact.

    $$ E_0 = \operatorname{sgn}(\Phi_0)
       \sqrt{\frac{2RT}{\varepsilon} \int_0^{\phi_0} \frac{-q}{F}\,d\phi} $$

    The layer's charge per area is $-\varepsilon E_0$.
    """
    reduced = potential / thermal_voltage(temperature)
    energy = 2.0 * GAS_CONSTANT * temperature / permittivity * carriers.stored(reduced)
    return np.sign(potential) * np.sqrt(energy)


def capacitance(carriers: Carriers, potential: Any, permittivity: Any, temperature: Any) -> Any:
    r"""Differential capacitance of the layer, F/m2: exact.

    $$ C = \frac{d(\varepsilon E_0)}{d\Phi_0} = \frac{-q(\Phi_0)}{E_0}
       \;\to\; \frac{\varepsilon}{\lambda}\ \text{at small potentials} $$

    Args:
        carriers: What carries the charge.
        potential: $\Phi_0$, V.
        permittivity: F/m.
        temperature: K.

    >>> water = 78.4 * VACUUM_PERMITTIVITY
    >>> round(float(capacitance(TwoMobile(100.0), 0.0, water, 298.15)) * 100)  # uF/cm2
    72
    """
    reduced = np.asarray(potential / thermal_voltage(temperature))
    reduced = np.where(np.abs(reduced) < SMALL, SMALL, reduced)  # there the limit, to 1e-4
    field = surface_field(
        carriers, reduced * thermal_voltage(temperature), permittivity, temperature
    )
    return -FARADAY * carriers.charge(reduced) / field
