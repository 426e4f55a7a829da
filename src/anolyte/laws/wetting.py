r"""Wetting: contact angle and adhesion, their change on rough faces, and the contact they leave.

A wetting law is called with the pressure and the contact angle and returns the contact fraction, 0
to 1, of a molten or soft metal on a rough face. The chain of a design is angle -> contact ->
resistance: the fraction goes into `laws.constriction` and `laws.kinetics`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.contact import ContactLaw
from anolyte.laws.law import Ranges
from anolyte.numerics.later import special

TINY = 1e-300
"""What keeps quotients and logarithms finite."""


class WettingLaw(Protocol):
    """Contact fraction as a function of pressure and contact angle."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law may be trusted."""
        ...

    def __call__(self, pressure: Any, contact_angle: Any) -> Any:
        """Contact fraction at a pressure in Pa and a contact angle in rad."""
        ...


def work_of_adhesion(surface_energy: Any, contact_angle: Any) -> Any:
    r"""Young-Dupre: work to part a liquid from a smooth face, J/m2.

    $$ W = \gamma\,(1 + \cos\theta) $$

    Args:
        surface_energy: Of the liquid, J/m2.
        contact_angle: On a smooth, homogeneous face, rad.

    Source: Dupre, Theorie mecanique de la chaleur, 1869 (recalled).

    >>> round(float(work_of_adhesion(0.4, np.pi / 2)), 6)
    0.4
    """
    return surface_energy * (1.0 + np.cos(contact_angle))


def contact_angle_of(adhesion: Any, surface_energy: Any) -> Any:
    r"""Contact angle, rad, that a work of adhesion gives: the inverse of `work_of_adhesion`.

    $$ \theta = \arccos\left(\frac{W}{\gamma} - 1\right), \qquad \theta = 0\ \text{for}\ W \ge
       2\gamma $$

    Args:
        adhesion: W, J/m2; zero or less gives 180 degrees.
        surface_energy: Of the liquid, J/m2.

    >>> round(float(np.degrees(contact_angle_of(0.2, 0.4))))
    120
    """
    cosine = adhesion / surface_energy - 1.0
    return np.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))


def area_ratio(slope: Any) -> Any:
    r"""True area over projected area of an isotropic Gaussian face.

    $$ r = \int_0^\infty \sqrt{1 + h'^2 x}\;e^{-x} dx
       = 1 + \frac{\sqrt\pi}{2} h' e^{1/h'^2} \operatorname{erfc}\frac1{h'} $$

    Args:
        slope: Root-mean-square slope h' of the face (of the gradient, not of a profile).

    The squared gradient of such a face is distributed exponentially. Source: that integral.

    >>> round(float(area_ratio(0.1)), 5), round(float(area_ratio(1.0)), 3)
    (1.00498, 1.379)
    """
    steep = np.maximum(slope, 1e-9)  # below, the ratio is one to double precision
    return 1.0 + 0.5 * np.sqrt(np.pi) * steep * special.erfcx(1.0 / steep)


def wenzel(contact_angle: Any, ratio: Any) -> Any:
    r"""Apparent contact angle, rad, on a rough face that the liquid fills.

    $$ \cos\theta^* = r \cos\theta $$

    Args:
        contact_angle: On the smooth face, rad.
        ratio: True over projected area r, 1 or more (`area_ratio`).

    Roughness makes a wetting liquid wet better and a non-wetting one worse; complete wetting or
    drying where $r|\cos\theta| > 1$. Source: Wenzel, Ind. Eng. Chem. 1936, 28, 988.

    >>> round(float(np.degrees(wenzel(np.radians(120.0), 1.5))), 2)
    138.59
    """
    return np.arccos(np.minimum(np.maximum(ratio * np.cos(contact_angle), -1.0), 1.0))


def cassie_baxter(contact_angle: Any, solid: Any) -> Any:
    r"""Apparent contact angle, rad, of a liquid that rests on summits above trapped gas.

    $$ \cos\theta^* = f(1 + \cos\theta) - 1 $$

    Args:
        contact_angle: On the smooth face, rad.
        solid: Share f of the area that touches, 0 to 1.

    Source: Cassie and Baxter, Trans. Faraday Soc. 1944, 40, 546.

    >>> round(float(np.degrees(cassie_baxter(np.radians(120.0), 0.5))), 2)
    138.59
    """
    return np.arccos(np.minimum(solid * (1.0 + np.cos(contact_angle)) - 1.0, 1.0))


def trapping_angle(ratio: Any, solid: Any) -> Any:
    r"""Contact angle, rad, above which trapped gas is the state of lower energy.

    $$ \cos\theta_c = \frac{f - 1}{r - f} $$

    where the angles of `wenzel` and `cassie_baxter` agree. Below it, and above 90 degrees, trapped
    gas is at most metastable.

    Args:
        ratio: True over projected area r.
        solid: Share f of the area that touches, below r.

    >>> round(float(np.degrees(trapping_angle(1.5, 0.5))), 6)
    120.0
    """
    return np.arccos(np.maximum((solid - 1.0) / np.maximum(ratio - solid, TINY), -1.0))


def capillary_pressure(surface_energy: Any, contact_angle: Any, radius: Any) -> Any:
    r"""Pressure with which a round pore draws a liquid in; negative: it resists.

    $$ p_c = \frac{2\gamma\cos\theta}{r} $$

    Args:
        surface_energy: Of the liquid, J/m2.
        contact_angle: On the walls, rad.
        radius: Of the pore, m.

    Source: Washburn, Proc. Natl. Acad. Sci. 1921, 7, 115.

    >>> round(float(capillary_pressure(0.4, np.pi, 1e-6)))
    -800000
    """
    return 2.0 * surface_energy * np.cos(contact_angle) / radius


@dataclass(frozen=True)
class CapillaryContact:
    r"""A contact law at the pressure that is left after the capillary resistance of the gaps.

    $$ a = a_\mathrm{law}(\max(P + p_c, 0), t), \qquad p_c = \frac{2\gamma\cos\theta}{r} $$

    Above 90 degrees the metal must first be pushed into gaps of radius r; below, they draw it in
    and stand in for stack pressure. Contact falls with the angle at any pressure.

    Args:
        law: Contact law of the metal on this face (`laws.contact`).
        surface_energy: Of the metal, J/m2.
        radius: Of the gaps, m; of the order of half the wavelength of the roughness.

    Assumes one gap size, and that a soft solid follows its surface energy like a liquid: true while
    it creeps faster than the experiment lasts, an upper bound for wetting otherwise.

    Source: our combination of Washburn's pressure with a contact law; no measurement of it known.

    >>> from anolyte.laws.contact import PlasticContact
    >>> law = CapillaryContact(PlasticContact(2.0e6), 0.4, 1e-6)
    >>> [round(float(law(1.0e6, np.radians(x))), 3) for x in (60.0, 90.0, 120.0, 180.0)]
    [0.503, 0.393, 0.259, 0.095]
    """

    law: ContactLaw
    surface_energy: Any = quantity("surface_energy")
    radius: Any = quantity("length")

    references: ClassVar[tuple[str, ...]] = ("washburn1921pores",)

    @property
    def ranges(self) -> Ranges:
        """Those of the contact law, and any angle."""
        return {**self.law.ranges, "contact_angle": (0.0, np.pi, "angle")}

    def __call__(self, pressure: Any, contact_angle: Any, time: Any = 0.0) -> Any:
        drawn = capillary_pressure(self.surface_energy, contact_angle, self.radius)
        return self.law(np.maximum(pressure + drawn, 0.0), time)


@dataclass(frozen=True)
class PoreFilling:
    r"""A melt without strength fills the gaps that its pressure opens, widest first.

    Gaps of radius above $r_c$ are filled; by area, radii are log-normal:

    $$ r_c = \frac{-2\gamma\cos\theta}{P}, \qquad
       a = f + (1-f)\,\tfrac12 \operatorname{erfc}\frac{\ln(r_c/r_{50})}{\sqrt2\,w} $$

    At 90 degrees and below everything fills without pressure; above, without pressure only the
    summits touch (the state of Cassie and Baxter).

    Args:
        surface_energy: Of the melt, J/m2.
        radius: Median radius r50 of the gaps by area, m.
        spread: Standard deviation w of the logarithm of the radius.
        summits: Share f of the area that touches in any case, 0 to 1.

    Assumes gas that can leave or dissolve, and gaps that are reached from the melt's side.

    Source: mercury porosimetry (Washburn, Proc. Natl. Acad. Sci. 1921, 7, 115) read the other way.

    >>> law = PoreFilling(0.4, 1e-6, 0.5, 0.1)
    >>> [round(float(law(0.4e6, np.radians(x))), 3) for x in (85.0, 100.0, 120.0, 180.0)]
    [1.0, 0.985, 0.55, 0.175]
    >>> round(float(law(0.0, np.radians(120.0))), 3)
    0.1
    """

    surface_energy: Any = quantity("surface_energy")
    radius: Any = quantity("length")
    spread: Any = quantity("number")
    summits: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ("washburn1921pores", "cassie1944wettability")

    @property
    def ranges(self) -> Ranges:
        """Any pressure and angle."""
        return {
            "pressure": (0.0, np.inf, "pressure"),
            "contact_angle": (0.0, np.pi, "angle"),
        }

    def __call__(self, pressure: Any, contact_angle: Any) -> Any:
        resists = np.maximum(-2.0 * self.surface_energy * np.cos(contact_angle), TINY)
        logarithm = np.log(resists) - np.log(np.maximum(pressure, TINY)) - np.log(self.radius)
        # Without pressure nothing above 90 degrees fills, and everything below does: the drawing
        # pressure of a wetting melt is counted as infinitely strong.
        share = 0.5 * special.erfc(logarithm / (np.sqrt(2.0) * self.spread))
        filled = np.where(np.cos(contact_angle) >= 0.0, 1.0, share)
        return (self.summits + (1.0 - self.summits) * filled)[()]


RIVALS: tuple[Callable[..., WettingLaw], ...] = (CapillaryContact, PoreFilling)
"""Laws of the contact fraction against pressure and contact angle."""
