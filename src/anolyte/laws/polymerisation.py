r"""Polymerisation in the cell: a liquid that wets everything turns solid and keeps its contact.

One number says how far it went, the conversion X: 0 is the liquid monomer with its salt, 1 the
polymer. Time and temperature give X (`FirstOrder`, `Autocatalytic`); X gives the conductivity
(`GeometricMixing`, `PercolatingLiquid`), the contact (`KeptContact`, beside a film that was made
outside and laid on dry, `LaidDry`), and how far a gap that opens later is still filled.
`PolymerisedFilm` chains them to an area resistance.

The signs: more conversion conducts less, does not touch less than the liquid did, and flows less
into new gaps. The first has a known exception: aqueous gels whose polymer and
solution separate conduct better than the liquid they were made from (dinggels2022, abstract).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.laws.contact import ContactLaw
from anolyte.laws.law import Ranges

TINY = 1e-12
"""Keeps quotients finite where nothing touches."""
WHOLE: Ranges = {"conversion": (0.0, 1.0, "fraction")}


def _activated(energy: Any, temperature: Any, reference: float) -> Any:
    return np.exp(-energy / BOLTZMANN * (1.0 / np.asarray(temperature) - 1.0 / reference))


# --- how far it goes ------------------------------------------------------------------------------


class Kinetics(Protocol):
    """Conversion as a function of time."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law may be trusted."""
        ...

    def __call__(self, time: Any, temperature: Any) -> Any:
        """Conversion, 0 to 1, after a time in s at one temperature in K."""
        ...

    def time_to(self, conversion: Any, temperature: Any) -> Any:
        """Time to a conversion, s; infinite where it is never reached."""
        ...


@dataclass(frozen=True)
class FirstOrder:
    r"""Every monomer reacts with the same probability a second.

    $$ \frac{dX}{dt} = k(T)\,(X_\infty - X), \qquad
       k = k_0 e^{-\frac{E}{k_B}\left(\frac1T - \frac1{T_0}\right)}, \qquad
       X = X_\infty (1 - e^{-kt}) $$

    Args:
        rate: k0, 1/s.
        activation_energy: E, J per particle.
        limit: Conversion at which it ends, X_inf: an equilibrium with the monomer (ring opening
            below its ceiling temperature), or a glass in which nothing moves.
        reference: T0, K.

    Range: one temperature, initiator in excess, up to the glass.

    >>> round(float(FirstOrder(1e-4)(1e4, 298.15)), 4)
    0.6321
    """

    rate: Any = quantity("rate")
    activation_energy: Any = quantity("energy", default=0.0)
    limit: Any = quantity("fraction", default=1.0)
    reference: float = quantity("temperature", default=298.15)

    references: ClassVar[tuple[str, ...]] = ("sourour1976cure",)

    @property
    def ranges(self) -> Ranges:
        """From the liquid to the polymer."""
        return WHOLE

    def _pace(self, temperature: Any) -> Any:
        return self.rate * _activated(self.activation_energy, temperature, self.reference)

    def __call__(self, time: Any, temperature: Any) -> Any:
        """Conversion after a time in s at one temperature in K."""
        return -self.limit * np.expm1(-self._pace(temperature) * time)

    def time_to(self, conversion: Any, temperature: Any) -> Any:
        """Time to a conversion, s; infinite at and above the limit."""
        with np.errstate(divide="ignore"):
            left = np.maximum(1.0 - conversion / self.limit, 0.0)
            return -np.log(left) / self._pace(temperature)


@dataclass(frozen=True)
class Autocatalytic:
    r"""What has reacted speeds up the rest: a slow start, a rush, a slow end.

    $$ \frac{dX}{dt} = k(T)\,(\epsilon + X)(X_\infty - X), \qquad
       X = X_\infty\,\frac{e^{\kappa t} - 1}{e^{\kappa t} + X_\infty/\epsilon}, \qquad
       \kappa = k\,(X_\infty + \epsilon) $$

    the rate law of Sourour and Kamal, $(k_1 + k_2 X^m)(1-X)^n$, with both exponents one, and its
    solution.

    Args:
        rate: k0 of the catalysed part (k2), 1/s.
        seed: epsilon, the uncatalysed part over it (k1/k2); more than zero.
        activation_energy: E of both parts, J per particle.
        limit: Conversion at which it ends, X_inf.
        reference: T0, K.

    Range: one temperature, both exponents one. Source: Sourour and Kamal, Thermochim. Acta 1976,
    14, 41 (the rate law, as quoted).

    >>> law = Autocatalytic(1e-3, 0.01)
    >>> round(float(law(law.time_to(0.9, 298.15), 298.15)), 9)
    0.9
    """

    rate: Any = quantity("rate")
    seed: Any = quantity("fraction")
    activation_energy: Any = quantity("energy", default=0.0)
    limit: Any = quantity("fraction", default=1.0)
    reference: float = quantity("temperature", default=298.15)

    references: ClassVar[tuple[str, ...]] = ("sourour1976cure",)

    @property
    def ranges(self) -> Ranges:
        """From the liquid to the polymer."""
        return WHOLE

    def _pace(self, temperature: Any) -> Any:
        flow = _activated(self.activation_energy, temperature, self.reference)
        return self.rate * flow * (self.limit + self.seed)

    def __call__(self, time: Any, temperature: Any) -> Any:
        """Conversion after a time in s at one temperature in K."""
        grown = self._pace(temperature) * time
        fading = np.exp(-grown)  # the form that does not overflow
        return -self.limit * np.expm1(-grown) / (1.0 + self.limit / self.seed * fading)

    def time_to(self, conversion: Any, temperature: Any) -> Any:
        """Time to a conversion, s; infinite at and above the limit."""
        with np.errstate(divide="ignore"):
            left = np.maximum(1.0 - conversion / self.limit, 0.0)
            grown = 1.0 + conversion / self.seed
            return (np.log(grown) - np.log(left)) / self._pace(temperature)


KINETICS: tuple[Callable[..., Kinetics], ...] = (FirstOrder, Autocatalytic)
"""Rivals for the conversion against time."""


# --- what it conducts -----------------------------------------------------------------------------


class MixedConductivity(Protocol):
    """Conductivity between that of the liquid and that of the polymer."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law may be trusted."""
        ...

    def __call__(self, conversion: Any) -> Any:
        """S/m at a conversion."""
        ...


@dataclass(frozen=True)
class GeometricMixing:
    r"""The logarithm goes straight from the liquid's to the polymer's.

    $$ \ln\sigma = (1-X)\ln\sigma_l + X\ln\sigma_p $$

    Args:
        liquid: Conductivity of the monomer with its salt, S/m.
        polymer: Of the polymer with the same salt, S/m.

    Range: an interpolation between two ends that are known, for a mixture without a pattern.
    Source: Lichtenecker's logarithmic rule, Phys. Z. 1926, 27, 115 (recalled).

    >>> round(float(GeometricMixing(1.0, 0.01)(0.5)), 9)
    0.1
    """

    liquid: Any = quantity("conductivity")
    polymer: Any = quantity("conductivity")

    references: ClassVar[tuple[str, ...]] = ("lichtenecker1926mixing",)

    @property
    def ranges(self) -> Ranges:
        """From the liquid to the polymer."""
        return WHOLE

    def __call__(self, conversion: Any) -> Any:
        """S/m at a conversion."""
        # powers and not exp(log): an end that does not conduct at all is zero and not undefined
        return self.liquid ** (1.0 - conversion) * self.polymer**conversion


@dataclass(frozen=True)
class PercolatingLiquid:
    r"""Liquid left in the polymer carries the current as long as it hangs together.

    $$ \sigma = \sigma_p + (\sigma_l - \sigma_p)
       \left(\frac{\max(1 - X - \phi_c,\,0)}{1 - \phi_c}\right)^t $$

    Args:
        liquid: Conductivity of the monomer with its salt, S/m.
        polymer: Of the polymer, S/m.
        threshold: Share of liquid below which no path is left, phi_c.
        exponent: t; 1.725 was computed with a threshold of 0.318 on a cubic lattice of sites.

    Range: liquid and polymer as two phases; the power law of the threshold is stretched to the pure
    liquid. Source: Onizuka, J. Phys. Soc. Jpn. 1975, 39, 527 (abstract); Kirkpatrick, Rev. Mod.
    Phys. 1973, 45, 574 (recalled).

    >>> law = PercolatingLiquid(1.0, 0.01, 0.318, 1.725)
    >>> round(float(law(0.0)), 3), round(float(law(0.5)), 3), round(float(law(0.7)), 3)
    (1.0, 0.111, 0.01)
    """

    liquid: Any = quantity("conductivity")
    polymer: Any = quantity("conductivity")
    threshold: Any = quantity("fraction")
    exponent: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = (
        "onizuka1975percolation",
        "kirkpatrick1973percolation",
    )

    @property
    def ranges(self) -> Ranges:
        """From the liquid to the polymer."""
        return WHOLE

    def __call__(self, conversion: Any) -> Any:
        """S/m at a conversion."""
        path = np.maximum(1.0 - conversion - self.threshold, 0.0) / (1.0 - self.threshold)
        return self.polymer + (self.liquid - self.polymer) * path**self.exponent


CONDUCTIVITIES: tuple[Callable[..., MixedConductivity], ...] = (GeometricMixing, PercolatingLiquid)
"""Rivals for the conductivity against conversion."""


# --- what it touches ------------------------------------------------------------------------------


class FilmContact(Protocol):
    """Contact of a polymer film with a face, now and where a gap opens later."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Where the law may be trusted."""
        ...

    def __call__(self, conversion: Any, pressure: Any, time: Any = 0.0) -> Any:
        """Contact fraction at a conversion, a pressure in Pa and a hold time in s."""
        ...

    def bridging(self, conversion: Any) -> Any:
        """Share of a gap opened later into which the film still flows."""
        ...


@dataclass(frozen=True)
class KeptContact:
    r"""Made in the cell: the solid keeps the contact that the liquid had.

    $$ a = a_l\,(1 - s X), \qquad b = \max(1 - X/X_g,\,0) $$

    with b the share of a later gap into which it still flows.

    Args:
        liquid: Contact of the liquid, a_l; one where it wets.
        lost: Share of the contact that shrinkage has opened at full conversion, s. Zero is the
            assumption of the literature on polymerisation in the cell; a polymer is denser than
            its monomer, so that it is an upper bound.
        gel: Conversion at which it stops to flow, X_g.

    >>> law = KeptContact()
    >>> float(law(1.0, 0.0)), float(law.bridging(0.25))
    (1.0, 0.75)
    """

    liquid: Any = quantity("fraction", default=1.0)
    lost: Any = quantity("fraction", default=0.0)
    gel: Any = quantity("fraction", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("zhao2019pdol",)

    @property
    def ranges(self) -> Ranges:
        """From the liquid to the polymer."""
        return WHOLE

    def __call__(self, conversion: Any, pressure: Any, time: Any = 0.0) -> Any:
        """Contact fraction; pressure and time change nothing."""
        return self.liquid * (1.0 - self.lost * conversion) + 0.0 * pressure + 0.0 * time

    def bridging(self, conversion: Any) -> Any:
        """One in the liquid, zero where it no longer flows."""
        return np.maximum(1.0 - conversion / self.gel, 0.0)


@dataclass(frozen=True)
class LaidDry:
    """Made outside and laid on dry: contact follows the contact law of the film on the face.

    Args:
        law: A law of `laws.contact`.

    >>> from anolyte.laws.contact import PlasticContact
    >>> float(LaidDry(PlasticContact(2.0e6))(1.0, 0.0))
    0.0
    """

    law: ContactLaw

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """Those of the contact law."""
        return self.law.ranges

    def __call__(self, conversion: Any, pressure: Any, time: Any = 0.0) -> Any:
        """Contact fraction; the conversion was done before and changes nothing."""
        return self.law(pressure, time) + 0.0 * conversion

    def bridging(self, conversion: Any) -> Any:
        """A dry film flows into nothing."""
        return 0.0 * conversion


CONTACTS: tuple[Callable[..., FilmContact], ...] = (KeptContact, LaidDry)
"""Made in the cell, or outside it."""


# --- the chain ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PolymerisedFilm:
    r"""A film between electrolyte and metal: what it adds, and what its contact saves.

    $$ R = \frac{L}{\sigma(X)} + \frac{R_0}{a(X, P, t)} $$

    Args:
        conductivity: A law of `CONDUCTIVITIES`.
        contact: A law of `CONTACTS`.
        thickness: L, m.

    Range: R0 is charge transfer, which goes as the area in contact; constriction is left out.

    >>> film = PolymerisedFilm(GeometricMixing(0.5, 0.01), KeptContact(), 5e-6)
    >>> round(float(film(1.0, 1e-3, 1e6)) * 1e4, 3)  # 5 ohm cm2 of film, 10 of the face
    15.0
    """

    conductivity: MixedConductivity
    contact: FilmContact
    thickness: Any = quantity("length")

    @property
    def references(self) -> tuple[str, ...]:
        """Those of its parts."""
        return tuple(dict.fromkeys((*self.conductivity.references, *self.contact.references)))

    @property
    def ranges(self) -> Ranges:
        """Those of its parts."""
        return {**self.contact.ranges, **self.conductivity.ranges}

    def film_resistance(self, conversion: Any) -> Any:
        """Area resistance of the film itself, ohm m2."""
        return self.thickness / self.conductivity(conversion)

    def __call__(self, conversion: Any, clean: Any, pressure: Any, time: Any = 0.0) -> Any:
        """Area resistance, ohm m2.

        Args:
            conversion: X.
            clean: R0, of the face in full contact, ohm m2.
            pressure: Pa.
            time: Of the hold, s.
        """
        share = np.maximum(self.contact(conversion, pressure, time), TINY)
        return self.film_resistance(conversion) + clean / share
