r"""First plating on a bare collector: nucleation, and islands that grow together.

Lithium on a collector (or on the layer between it and the electrolyte) begins as caps whose shape
its contact angle sets. `IslandPlating` follows caps of one size at random sites until they have
grown together; `PlanarPlating` is the rival that covers everything at once. What a cycle loses is
booked in `laws.plating_losses`.

Charges are per area of the collector, C/m2, and positive; angles are measured through the lithium.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, FARADAY
from anolyte.laws.expansion import plated_thickness
from anolyte.laws.law import Ranges
from anolyte.numerics.later import special

LEAST_ANGLE = 1e-3
"""rad; flatter caps are taken as this flat, so that shapes stay finite."""
HALVINGS = 100
SMALL = 0.03
"""Size of an island over the spacing of islands below which the series is more exact."""


# --- geometry and nucleation --------------------------------------------------------------------


def cap_factor(contact_angle: Any) -> Any:
    r"""Volume of a cap over that of the whole sphere; also how far a wall lowers the barrier.

    $$ f(\theta) = \frac{(2 + \cos\theta)(1 - \cos\theta)^2}{4} $$

    Source: Volmer, Kinetik der Phasenbildung, 1939.

    >>> round(float(cap_factor(math.pi / 2)), 12), round(float(cap_factor(math.pi)), 12)
    (0.5, 1.0)
    """
    flat = 2.0 * np.sin(np.asarray(contact_angle) / 2.0) ** 2  # 1 - cos, without cancellation
    return (3.0 - flat) * flat**2 / 4.0


@dataclass(frozen=True)
class ClassicalNucleation:
    r"""The overpotential that nucleates lithium on a surface it wets with some contact angle.

    $$ r^* = \frac{2\gamma V_\mathrm{Li}}{F\eta}, \qquad
       \frac{\Delta G^*}{k_B T} = \frac{16\pi\gamma^3V_\mathrm{Li}^2}{3F^2\eta^2}
       \frac{f(\theta)}{k_B T} = B $$

    solved for $\eta$. A surface that lithium wets better (smaller angle) needs less, a wetted one
    none. Below a few nanometres the surface energy of the bulk is no longer a good number.

    Args:
        surface_energy: Of lithium against what surrounds it, gamma, J/m2.
        molar_volume: Of lithium, m3/mol.
        barrier: B, the barrier that nucleation overcomes in the time it is given, in k_B T (20 to
            70 by custom: it stands for the logarithm of attempts over events).

    Source: Volmer, Kinetik der Phasenbildung, 1939; that nuclei of lithium on copper shrink as
    1/eta and their density grows as its cube: Pei et al., Nano Lett. 2017, 17, 1132 (in a liquid).

    >>> law = ClassicalNucleation(0.5, 13.0e-6, 40.0)
    >>> bool(law(0.5, 298.15) < law(1.5, 298.15))
    True
    """

    surface_energy: Any = quantity("surface_energy")
    molar_volume: Any = quantity("molar_volume")
    barrier: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = ("volmer1939", "pei2017")
    ranges: ClassVar[Ranges] = {"contact_angle": (0.0, math.pi, "angle")}

    def __call__(self, contact_angle: Any, temperature: Any) -> Any:
        """Nucleation overpotential, V (its size)."""
        energy = self.barrier * BOLTZMANN * np.asarray(temperature)
        work = 16.0 * math.pi * np.asarray(self.surface_energy) ** 3 * cap_factor(contact_angle)
        return self.molar_volume / FARADAY * np.sqrt(work / (3.0 * energy))

    def critical_radius(self, overpotential: Any) -> Any:
        """Radius of the sphere of which the smallest stable cap is a part, m."""
        driving = FARADAY * np.asarray(overpotential)
        return 2.0 * np.asarray(self.surface_energy) * self.molar_volume / driving

    def density_ratio(self, overpotential: Any, reference: Any) -> Any:
        """Density of nuclei over that at a reference overpotential: its cube."""
        return (np.asarray(overpotential) / reference) ** 3


# --- how the deposit covers ---------------------------------------------------------------------


class Deposit(Protocol):
    """What rivals answer of the lithium that a charge leaves on the collector."""

    references: ClassVar[tuple[str, ...]]

    def coverage(self, charge: Any) -> Any:
        """Share of the collector that lithium touches."""
        ...

    def height(self, charge: Any) -> Any:
        """Height of the tallest lithium, m."""
        ...

    def thickness(self, charge: Any) -> Any:
        """Mean thickness, m."""
        ...


@dataclass(frozen=True)
class PlanarPlating:
    """The rival: a film of even thickness from the first charge on.

    Args:
        molar_volume: Of lithium, m3/mol.
    """

    molar_volume: Any = quantity("molar_volume")

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    def coverage(self, charge: Any) -> Any:
        """One wherever there is lithium."""
        return np.where(np.asarray(charge) > 0.0, 1.0, 0.0)

    def thickness(self, charge: Any) -> Any:
        """Mean thickness, m."""
        return plated_thickness(np.maximum(charge, 0.0), self.molar_volume)

    def height(self, charge: Any) -> Any:
        """The same everywhere, m."""
        return self.thickness(charge)


def _filled(size: Any, cosine: Any) -> Any:
    r"""Mean thickness of overlapping caps times the square root of pi N; `size` is R times it.

    With $u = z/R + \cos\theta$ the section of a cap at height z has the radius
    $\rho^2 = R^2(1 - u^2)$, and Poisson's random sites leave $\exp(-N\pi\rho^2)$ of that height
    uncovered; the integral over the height is one of Dawson's.
    """
    s = np.asarray(size, dtype=float)
    c = np.asarray(cosine, dtype=float)
    # integrals of (1 - u^2), its square and its cube from cos to 1, for small islands
    flat = 1.0 - c
    first = flat**2 * (2.0 + c) / 3.0
    second = flat**3 * (8.0 + 9.0 * c + 3.0 * c**2) / 15.0
    third = flat**4 * (16.0 + 29.0 * c + 20.0 * c**2 + 5.0 * c**3) / 35.0
    small = s**3 * (first - s**2 * (second / 2.0 - s**2 * third / 6.0))
    covered = np.exp(-(s**2) * (1.0 - c**2)) * special.dawsn(s * c)
    return np.where(s < SMALL, small, s * flat - special.dawsn(s) + covered)


@dataclass(frozen=True)
class IslandPlating:
    r"""Caps of one size at random sites, growing into each other until the film is closed.

    All islands nucleate at once and keep their contact angle; where they overlap the deposit is
    their union. By the theorem of Kolmogorov, Johnson, Mehl and Avrami the collector's coverage
    and the mean thickness are

    $$ a = 1 - e^{-N\pi r^2}, \qquad \frac{q V_\mathrm{Li}}{F} = \int_0^H
       \left[1 - e^{-N\pi\rho(z)^2}\right]dz, \qquad r = R\sin\theta $$

    with $\rho(z)$ the radius of a cap's section at height z. The first is Avrami's law in the
    extended area, the second makes it a law in charge, exact for random sites. Above 90 degrees
    caps overhang: they meet in the air before they cover, and voids stay below.

    Args:
        density: Islands per area, N, 1/m2.
        contact_angle: Of lithium on the collector or its layer, rad.
        molar_volume: Of lithium, m3/mol.

    Source: Avrami, J. Chem. Phys. 1940, 8, 212; Kolmogorov, Izv. Akad. Nauk SSSR 1937, 1, 355.

    >>> law = IslandPlating(1e12, 1.0, 13.0e-6)
    >>> covered = law.coverage(law.charge_to_cover(0.95))
    >>> round(float(covered), 9)
    0.95
    """

    density: Any
    contact_angle: Any = quantity("angle")
    molar_volume: Any = quantity("molar_volume")

    references: ClassVar[tuple[str, ...]] = ("avrami1940", "kolmogorov1937")
    ranges: ClassVar[Ranges] = {"contact_angle": (0.0, math.pi, "angle")}

    @property
    def _angle(self) -> Any:
        return np.clip(self.contact_angle, LEAST_ANGLE, math.pi - LEAST_ANGLE)

    @property
    def _per_length(self) -> Any:
        return np.sqrt(math.pi * np.asarray(self.density, dtype=float))

    def _size(self, charge: Any) -> Any:
        """Radius of the islands' spheres over the length of their spacing."""
        wanted = self.thickness(charge) * self._per_length
        cosine = np.cos(self._angle)
        alone = np.cbrt(3.0 * wanted / ((2.0 + cosine) * (1.0 - cosine) ** 2))
        low = np.zeros_like(alone)
        # overlap makes caps larger than lone ones, a closed film is one spacing below its top
        high = alone + (wanted + 1.1) / (1.0 - cosine)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            above = _filled(middle, cosine) > wanted
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(wanted > 0.0, 0.5 * (low + high), 0.0)

    def thickness(self, charge: Any) -> Any:
        """Mean thickness, m: the same as that of a planar film."""
        return plated_thickness(np.maximum(charge, 0.0), self.molar_volume)

    def base_radius(self, charge: Any) -> Any:
        """Radius of an island's base, m, as if it were alone at its size."""
        return self._size(charge) * np.sin(self._angle) / self._per_length

    def coverage(self, charge: Any) -> Any:
        """Share of the collector that lithium touches."""
        return -np.expm1(-((self._size(charge) * np.sin(self._angle)) ** 2))

    def height(self, charge: Any) -> Any:
        """Height of the islands, m."""
        return self._size(charge) * (1.0 - np.cos(self._angle)) / self._per_length

    def charge_to_cover(self, coverage: Any) -> Any:
        """Charge at which a share of the collector is covered, C/m2.

        Args:
            coverage: Above 0 and below 1, such as 0.95 for a film grown together.
        """
        size = np.sqrt(-np.log1p(-np.asarray(coverage, dtype=float))) / np.sin(self._angle)
        thickness = _filled(size, np.cos(self._angle)) / self._per_length
        return thickness * FARADAY / self.molar_volume


RIVALS: tuple[type[Deposit], ...] = (IslandPlating, PlanarPlating)
