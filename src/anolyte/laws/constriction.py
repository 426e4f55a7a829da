r"""Constriction: the resistance of current that squeezes through the contacted part of a face.

A constriction law is called with the contact fraction and returns an area resistance of the whole
face, ohm m2, on the side of the electrolyte; the metal beside it is an equipotential. It depends on
the pattern of the contact, which is hardly ever known: the laws of `RIVALS` are patterns, and each
is the other's error bar. All vanish at full contact (`Holm` apart) and diverge without contact;
contact fractions below `SMALLEST_CONTACT` are raised to it, so that nothing is infinite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges
from anolyte.numerics.later import special

SMALLEST_CONTACT = 1e-12
"""Contact fractions are kept at or above this."""


class ConstrictionLaw(Protocol):
    """Area resistance as a function of the contact fraction."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Contact fractions for which the law was made."""
        ...

    def __call__(self, contact: Any) -> Any:
        """Area resistance of the face, ohm m2, at a contact fraction."""
        ...


def wavelength(roughness: Any, slope: Any) -> Any:
    r"""Wavelength of a face whose roughness has one scale: a spacing of its contact spots.

    $$ \lambda = 2\pi\,\sigma / h' $$

    Args:
        roughness: Root-mean-square height, m.
        slope: Root-mean-square slope h' of the gradient.

    Exact for an isotropic face with one wave number. On faces with many scales the height belongs
    to the longest and the slope to the shortest of them, and spots are spaced on all.

    >>> round(float(wavelength(1e-6, 0.5)) * 1e6, 2)
    12.57
    """
    return 2.0 * np.pi * roughness / slope


def spot_spacing(roughness: Any, mean_slope: Any, contact: Any) -> Any:
    r"""Side of the cell of one spot on a Gaussian face with spots of equal size, m.

    $$ s = \frac{4\sigma}{m}\, e^{\lambda^2/2} \sqrt{2a}, \qquad a = \tfrac12
       \operatorname{erfc}\frac{\lambda}{\sqrt2} $$

    Spots multiply as contact grows. With `CooperMikicYovanovich` and $a = P/H$ this is the joint
    conductance $1.25\,k\,(m/\sigma)(P/H)^{0.95}$ of heat transfer.

    Args:
        roughness: Root-mean-square height $\sigma$ of the combined surface, m.
        mean_slope: Mean absolute slope m of a profile; $h'/\sqrt\pi$ on an isotropic Gaussian face
            with the root-mean-square slope h' of its gradient.
        contact: Contact fraction a.

    Range: contact below about a half, above which spots have merged.

    Source: Cooper, Mikic and Yovanovich, Int. J. Heat Mass Transfer 1969, 12, 279.

    >>> round(float(spot_spacing(1e-6, 0.1, 0.01)) * 1e6, 1)
    84.7
    """
    share = np.minimum(np.maximum(contact, SMALLEST_CONTACT), 0.5)
    height = special.ndtri(1.0 - share)
    return 4.0 * roughness / mean_slope * np.exp(0.5 * height**2) * np.sqrt(2.0 * share)


def spot_radius(spacing: Any, contact: Any) -> Any:
    r"""Radius of round spots, one per square cell: $r = s\sqrt{a/\pi}$, m.

    Args:
        spacing: Side s of a cell, m.
        contact: Contact fraction a.

    >>> round(float(spot_radius(1.0, np.pi / 4)), 12)
    0.5
    """
    return spacing * np.sqrt(np.maximum(contact, SMALLEST_CONTACT) / np.pi)


def isolated_spot(radius: Any, conductivity: Any) -> Any:
    r"""Holm's resistance of one round, equipotential spot on a half-space, one side, ohm.

    $$ R = \frac{1}{4\kappa r} $$

    Args:
        radius: Of the spot, m.
        conductivity: Of the half-space, S/m.

    Source: Holm, Electric Contacts, Springer 1967.

    >>> isolated_spot(0.25, 1.0)
    1.0
    """
    return 1.0 / (4.0 * conductivity * radius)


@dataclass(frozen=True)
class Holm:
    r"""Round spots that do not feel each other.

    $$ R = \frac{s^2}{4\kappa r} = \frac{s\sqrt\pi}{4\kappa\sqrt a} $$

    Args:
        spacing: Side s of the square cell of one spot, m.
        conductivity: Of the electrolyte, S/m.

    Range: contact below about one per cent; it does not vanish at full contact.

    Source: Holm, Electric Contacts, Springer 1967.

    >>> round(float(Holm(20e-6, 0.1)(0.01)) * 1e4, 2)  # ohm cm2
    8.86
    """

    spacing: Any = quantity("length")
    conductivity: Any = quantity("conductivity")

    references: ClassVar[tuple[str, ...]] = ("holm1967contacts",)

    @property
    def ranges(self) -> Ranges:
        """Spots far apart."""
        return {"contact": (0.0, 0.01, "fraction")}

    def __call__(self, contact: Any) -> Any:
        radius = spot_radius(self.spacing, contact)
        return self.spacing**2 * isolated_spot(radius, self.conductivity)


@dataclass(frozen=True)
class CooperMikicYovanovich:
    r"""Round spots in cells, by the common approximation of their interaction.

    $$ R = \frac{s\,\psi\sqrt\pi}{4\kappa\sqrt a}, \qquad \psi = (1 - \sqrt a)^{3/2} $$

    Args:
        spacing: Side s of the square cell of one spot, m.
        conductivity: Of the electrolyte, S/m.

    Range: any contact; 2 % above the solution of the square cell at a fifth of the area, 18 % above
    that of the round tube at half of it.

    Source: Cooper, Mikic and Yovanovich, Int. J. Heat Mass Transfer 1969, 12, 279.

    >>> round(float(CooperMikicYovanovich(20e-6, 0.1)(0.25)) * 1e4, 4)  # ohm cm2
    0.6267
    """

    spacing: Any = quantity("length")
    conductivity: Any = quantity("conductivity")

    references: ClassVar[tuple[str, ...]] = ("cooper1969conductance",)

    @property
    def ranges(self) -> Ranges:
        """Any contact."""
        return {"contact": (0.0, 1.0, "fraction")}

    def __call__(self, contact: Any) -> Any:
        share = np.minimum(np.sqrt(np.maximum(contact, SMALLEST_CONTACT)), 1.0)
        return Holm(self.spacing, self.conductivity)(contact) * (1.0 - share) ** 1.5


@dataclass(frozen=True)
class FluxTube:
    r"""An equipotential round spot at the end of a round tube: a polynomial of the exact solution.

    $$ R = \frac{s\,\psi\sqrt\pi}{4\kappa\sqrt a}, \qquad
       \psi = 1 - 1.40978\,\epsilon + 0.34406\,\epsilon^3 + 0.04305\,\epsilon^5
       + 0.02271\,\epsilon^7, \qquad \epsilon = \sqrt a $$

    Args:
        spacing: Side s of the cell of one spot, m; the tube has its area.
        conductivity: Of the electrolyte, S/m.

    Range: any contact; within $1.2\cdot10^{-4}$ of the exact $\psi$ (tests solve the tube), which
    is 2 % of it at a contact of nine tenths; at full contact $4\cdot10^{-5}$ is left.

    Source: Negus and Yovanovich, ASME 84-HT-84, 1984 (coefficients recalled).

    >>> round(float(FluxTube(20e-6, 0.1)(0.25)) * 1e4, 4)  # ohm cm2
    0.602
    """

    spacing: Any = quantity("length")
    conductivity: Any = quantity("conductivity")

    references: ClassVar[tuple[str, ...]] = ("negus1984constriction", "rohsenow1998handbook")

    @property
    def ranges(self) -> Ranges:
        """Any contact."""
        return {"contact": (0.0, 1.0, "fraction")}

    def __call__(self, contact: Any) -> Any:
        e = np.minimum(np.sqrt(np.maximum(contact, SMALLEST_CONTACT)), 1.0)
        shape = 1.0 - 1.40978 * e + 0.34406 * e**3 + 0.04305 * e**5 + 0.02271 * e**7
        return Holm(self.spacing, self.conductivity)(contact) * shape


@dataclass(frozen=True)
class Stripes:
    r"""Contact along parallel stripes: exact, and the mildest divergence.

    $$ R = \frac{s}{\pi\kappa} \ln\frac{1}{\sin(\pi a/2)} $$

    Args:
        spacing: Period s of the stripes, m.
        conductivity: Of the electrolyte, S/m.

    Range: any contact. Grooves of grinding, edges of grains; voids that have grown together.

    Source: conformal map of a strip; the flow through a slit in a channel.

    >>> round(float(Stripes(20e-6, 0.1)(0.25)) * 1e4, 4)  # ohm cm2
    0.6115
    """

    spacing: Any = quantity("length")
    conductivity: Any = quantity("conductivity")

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """Any contact."""
        return {"contact": (0.0, 1.0, "fraction")}

    def __call__(self, contact: Any) -> Any:
        share = np.minimum(np.maximum(contact, SMALLEST_CONTACT), 1.0)
        return (
            self.spacing / (np.pi * self.conductivity) * np.log(1.0 / np.sin(0.5 * np.pi * share))
        )


RIVALS: tuple[Callable[..., ConstrictionLaw], ...] = (
    CooperMikicYovanovich,
    FluxTube,
    Stripes,
    Holm,
)
"""Patterns of the contact; all take a spacing and a conductivity."""
