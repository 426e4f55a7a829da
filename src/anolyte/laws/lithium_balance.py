r"""Where the lithium of a host anode goes: interphase, trapped, isolated, and what comes back.

Charges are per area of the cell, C/m2. What an interphase costs depends on the area on which it
grows: one plane for dense or columnar hosts, the surface of every particle where electrolyte is
mixed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges

# --- area of the interphase ---------------------------------------------------------------------


class AreaLaw(Protocol):
    """Area of the interphase for one of the cell."""

    references: ClassVar[tuple[str, ...]]

    def __call__(self, host_thickness: Any, volume: Any) -> Any:
        """m2 per m2, for a host as thick if it were dense (m), at its volume over the empty one."""
        ...


@dataclass(frozen=True)
class PlanarSheet:
    """One plane: a dense film, a pure host without electrolyte inside, the tops of columns.

    Args:
        exposed: Share of the plane that the host takes up.

    Range: the electrolyte does not creep into the host.
    Source: tan2021 and cangaz2020 argue so for their anodes.

    >>> float(PlanarSheet()(1e-6, 3.8))
    1.0
    """

    exposed: Any = quantity("fraction", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("tan2021", "cangaz2020")
    ranges: ClassVar[Ranges] = {}

    def __call__(self, host_thickness: Any, volume: Any) -> Any:
        """m2 per m2, whatever the thickness."""
        return self.exposed + 0.0 * np.asarray(host_thickness)


@dataclass(frozen=True)
class ParticleSurface:
    r"""The surface of every particle, where electrolyte fills the gaps. Rival of `PlanarSheet`.

    $$ A = \frac{6 h_0}{d}\,\left(\frac{V}{V_0}\right)^{2/3} $$

    Args:
        diameter: d without lithium, m.
        sides: 6 for spheres, 4 for the sides of rods.

    Range: an upper bound; particles touch each other and carbon too.
    Source: geometry.

    >>> round(float(ParticleSurface(1e-6)(1e-6, 1.0)))
    6
    """

    diameter: Any = quantity("length")
    sides: float = quantity("number", default=6.0)

    references: ClassVar[tuple[str, ...]] = ("huo2024",)
    ranges: ClassVar[Ranges] = {}

    def __call__(self, host_thickness: Any, volume: Any) -> Any:
        """m2 per m2."""
        return self.sides * host_thickness / self.diameter * np.asarray(volume) ** (2.0 / 3.0)


AREA_RIVALS = (PlanarSheet, ParticleSurface)


# --- the first cycle ----------------------------------------------------------------------------


@dataclass(frozen=True)
class LithiumBalance:
    r"""Where the lithium of one cycle is.

    $$ Q_1 + Q_\mathrm{pre} = Q_\mathrm{back} + Q_\mathrm{SEI} + Q_\mathrm{trap}
       + Q_\mathrm{iso} + Q_\mathrm{res} $$

    Args:
        charged: Q_1, what the other electrode gave.
        prelithiation: What the host held before.
        returned: What the other electrode gets back, at most what it gave.
        interphase, trapped, isolated: What is lost.
        reserve: What stays usable in the host (prelithiation beyond the losses).
    """

    charged: float = quantity("areal_capacity")
    prelithiation: float = quantity("areal_capacity")
    returned: float = quantity("areal_capacity")
    interphase: float = quantity("areal_capacity")
    trapped: float = quantity("areal_capacity")
    isolated: float = quantity("areal_capacity")
    reserve: float = quantity("areal_capacity")

    @property
    def residual(self) -> float:
        """What does not add up, C/m2: rounding alone."""
        spent = self.returned + self.interphase + self.trapped + self.isolated + self.reserve
        return self.charged + self.prelithiation - spent

    @property
    def efficiency(self) -> float:
        """First-cycle efficiency: 1 - (lost - covered by prelithiation) / Q_1."""
        return self.returned / self.charged


def first_cycle(
    charged: float,
    interphase: float,
    *,
    prelithiation: float = 0.0,
    trapped_share: float = 0.0,
    contact: float = 1.0,
) -> LithiumBalance:
    r"""The first charge and discharge.

    $$ \eta_1 = 1 - \frac{Q_\mathrm{SEI} + Q_\mathrm{trap} + Q_\mathrm{iso}}{Q_1} $$

    without prelithiation; with it the losses are paid from what the host held before, first.

    Args:
        charged: Q_1, C/m2, positive.
        interphase: Charge that the interphase takes, C/m2; it cannot take more than there is.
        prelithiation: What the host held before, C/m2.
        trapped_share: Share of the reachable lithium that stays behind at the cut-off.
        contact: Share of the host that still has contact when it is emptied; what lies in the rest
            is isolated.

    >>> balance = first_cycle(3.6e4, 1.8e3, contact=0.95)
    >>> round(balance.efficiency, 4), abs(balance.residual) < 1e-8
    (0.9025, True)
    """
    available = charged + prelithiation
    spent = min(max(interphase, 0.0), available)
    active = available - spent
    isolated = active * (1.0 - contact)
    reachable = active - isolated
    trapped = reachable * trapped_share
    free = reachable - trapped
    returned = min(free, charged)
    return LithiumBalance(
        charged=charged, prelithiation=prelithiation, returned=returned, interphase=spent,
        trapped=trapped, isolated=isolated, reserve=free - returned,
    )  # fmt: skip


# --- later cycles -------------------------------------------------------------------------------


class InterphaseLoss(Protocol):
    """Lithium that the interphase has taken, over the charge of a cycle, against the cycle."""

    references: ClassVar[tuple[str, ...]]

    def __call__(self, cycle: Any) -> Any:
        """Share lost up to and with a cycle (the first is 1)."""
        ...


@dataclass(frozen=True)
class FixedArea:
    r"""The film stays where it is and grows ever more slowly: $L(n) = s\sqrt{n}$.

    Args:
        first: s, share that the first cycle takes.

    Range: equal cycles, a film that blocks, no fresh surface.
    Source: parabolic growth.

    >>> round(float(FixedArea(0.1)(4)), 6)
    0.2
    """

    first: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {"cycle": (1.0, 1e4, "number")}

    def __call__(self, cycle: Any) -> Any:
        return self.first * np.sqrt(cycle)


@dataclass(frozen=True)
class RenewedArea:
    r"""A share of the surface is fresh in every cycle: $L(n) = s[(1-f)\sqrt n + f n]$.

    Args:
        first: s, share that the first cycle takes.
        renewed: f; 0 is `FixedArea`, its rival, 1 makes a whole new film every cycle.

    Range: cracking or flaking hosts.
    Source: own closure between both limits.

    >>> round(float(RenewedArea(0.1, 1.0)(4)), 6)
    0.4
    """

    first: Any = quantity("fraction")
    renewed: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {"cycle": (1.0, 1e4, "number")}

    def __call__(self, cycle: Any) -> Any:
        kept = (1.0 - self.renewed) * np.sqrt(cycle)
        return self.first * (kept + self.renewed * np.asarray(cycle))


LOSS_RIVALS = (FixedArea, RenewedArea)


@dataclass(frozen=True)
class CapacityFade:
    r"""Capacity that is left, of a cell whose lithium all comes from the other electrode.

    $$ \frac{Q_n}{Q_1} = (1 - \lambda)^{n-1} - \left[L(n) - L(1)\right] $$

    Args:
        interphase: L, share of lithium that the interphase has taken.
        isolated: lambda, share of the host that loses contact for good in every cycle.

    Range: an estimate for as long as neither term is large; no knee, no rate, no other electrode.
    Source: lithium balance; own closure.

    >>> round(float(CapacityFade(FixedArea(0.01))(100)), 6)
    0.91
    """

    interphase: InterphaseLoss
    isolated: Any = quantity("fraction", default=0.0)

    references: ClassVar[tuple[str, ...]] = ("anolyte",)
    ranges: ClassVar[Ranges] = {"cycle": (1.0, 1e4, "number")}

    def __call__(self, cycle: Any) -> Any:
        """Share of the first cycle's capacity that is left after a cycle."""
        held = (1.0 - self.isolated) ** (np.asarray(cycle) - 1.0)
        return np.maximum(held - (self.interphase(cycle) - self.interphase(1.0)), 0.0)


# --- the loop of stress and interphase ----------------------------------------------------------


@dataclass(frozen=True)
class LoopTrace:
    """Cycle by cycle: stress, charge in the interphase, free volume that is left."""

    stress: tuple[float, ...] = quantity("pressure")
    interphase: tuple[float, ...] = quantity("areal_capacity")
    free: tuple[float, ...] = quantity("fraction")


@dataclass(frozen=True)
class StressGrowthLoop:
    r"""Stress exposes fresh surface, surface grows interphase, interphase takes room: more stress.

    $$ \sigma_n = \min\left(\frac{M}{3} \ln\frac{V}{1 + \varphi_n/a}, \sigma_y\right), \quad
       f_n = f\,\frac{\sigma_n}{\sigma_y}, \quad
       \Delta q_n = q_1 A\left[(1 - f_n)(\sqrt{n+1} - \sqrt n) + f_n\right], \quad
       \Delta\varphi_n = -\frac{v\,\Delta q_n}{h} $$

    Args:
        volume: V, of the full host over its volume as made.
        active: a, its volume share.
        free: phi, free volume at the start.
        modulus: M, biaxial, Pa.
        flow: sigma_y, Pa, positive.
        first_charge: q_1, charge of the film after the first cycle, C per m2 of interphase.
        area: A, m2 per m2.
        swelling: v, volume of interphase per charge, m3/C.
        thickness: h, of the electrode as made, m.
        renewed: f, share of the surface that a stress at flow renews in a cycle.

    Range: shows the sign and the size of the feedback; f is nowhere measured.
    Source: the mechanism is told of silicon in wang2025review, section 1; own closure.
    """

    volume: float = quantity("number")
    active: float = quantity("fraction")
    free: float = quantity("fraction")
    modulus: float = quantity("modulus")
    flow: float = quantity("pressure")
    first_charge: float = quantity("areal_capacity")
    area: float = quantity("number")
    swelling: float = quantity("swelling")
    thickness: float = quantity("length")
    renewed: float = quantity("fraction", default=0.0)

    references: ClassVar[tuple[str, ...]] = ("wang2025review",)
    ranges: ClassVar[Ranges] = {}

    def stress(self, free: float) -> float:
        """Compression at full lithiation, Pa, positive, with some free volume left."""
        ratio = self.volume / (1.0 + max(free, 0.0) / self.active)
        strain = np.log(np.maximum(ratio, 1.0)) / 3.0
        return float(np.minimum(self.modulus * strain, self.flow))

    def run(self, cycles: int) -> LoopTrace:
        """So many cycles."""
        charge, free = 0.0, self.free
        stress, interphase, room = [], [], []
        for n in range(cycles):
            now = self.stress(free)
            fresh = self.renewed * now / self.flow
            slow = np.sqrt(n + 1.0) - np.sqrt(float(n))
            gained = self.first_charge * self.area * float((1.0 - fresh) * slow + fresh)
            charge += gained
            free = max(free - self.swelling * gained / self.thickness, 0.0)
            stress.append(now)
            interphase.append(charge)
            room.append(free)
        return LoopTrace(tuple(stress), tuple(interphase), tuple(room))
