r"""Hosts that breathe: silicon, and graphite and other alloys beside it, over a cycle of charge.

A host takes up lithium and swells, $V = V_0(1 + \beta x)$. From that follow the growth of the
electrode after its room is used up, the stress where it is held and the hysteresis that the stress
makes, the size above which it cracks, the contact that it keeps while it shrinks, the lithium that
the first cycle loses and bounds of the capacity that is left. Plated lithium is no host: the
result is then empty and states nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from anolyte.core.errors import MissingProperty
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.laws.host_cycle import CycleTrace, HostCycle
from anolyte.laws.host_data import Host, Make, Window, read_host, read_make, read_window
from anolyte.laws.host_expansion import (
    CONSTANT_PRESSURE,
    RIGID,
    Fixture,
    ShrinkageContact,
    pressure_swing,
    radius_ratio,
)
from anolyte.laws.host_limits import (
    critical_size,
    interphase_area,
    interphase_charge,
    read_shell,
    read_stack,
    shell_end,
    shell_pressure,
)
from anolyte.laws.lithiation_stress import MeasuredCoupling
from anolyte.laws.lithium_balance import CapacityFade, LithiumBalance, RenewedArea, first_cycle
from anolyte.materials.criteria import criteria
from anolyte.materials.stack import Conditions, Interface

GRAVEST_LAST = (Level.GOOD, Level.UNKNOWN, Level.CAUTION, Level.BAD)
UNBENDING = 1e30
"""Pa/m of a stack whose modulus is not known: it only matters where the fixture is stiff too."""

T = TypeVar("T")


def full_contact(pressure: Any) -> Any:
    """Contact of a face that was pressed on for good: what is left then is a share of it."""
    return 1.0 + 0.0 * pressure


@dataclass(frozen=True)
class HostCyclingResult(Result):
    """What a host does over a cycle; a number that is not known is None, and `missing` says why.

    Args:
        host: Empty: the anode is plated and nothing is said.
        expansion: Of the host over the content that is cycled, from its smallest volume.
        electrode_swing: Of the electrode's thickness, over its thickness as made.
        growth: The same, m.
        rigid_swing: Pressure swing between plates that keep their gap, Pa: an upper bound.
        compression, tension: Extreme stresses along the cycles, Pa.
        hysteresis: Part of the voltage hysteresis that the stress makes, V.
        critical_size, critical_low, critical_high: Size above which the host cracks, m.
        shell_cracks: Share of the charge at which a coating cracks; 1: it holds.
        contact_low, contact_high: Contact kept at the end of delithiation, of the first one.
        efficiency_low, efficiency_high: First-cycle efficiency, with and without that loss.
        efficiency_basis: Where it comes from.
        area_factor: Interphase area over the area of the cell.
        retention_low, retention_high: Capacity left after `cycles`.
        balance: Lithium of the first cycle, at the optimistic end.
        trace: Point by point.
    """

    interface: str
    host: str = ""
    expansion: float | None = quantity("fraction", default=None)
    electrode_swing: float | None = quantity("fraction", default=None)
    growth: float | None = quantity("length", default=None)
    rigid_swing: float | None = quantity("pressure", default=None)
    compression: float | None = quantity("pressure", default=None)
    tension: float | None = quantity("pressure", default=None)
    hysteresis: float | None = quantity("potential", default=None)
    size: float | None = quantity("length", default=None)
    critical_size: float | None = quantity("length", default=None)
    critical_low: float | None = quantity("length", default=None)
    critical_high: float | None = quantity("length", default=None)
    shell: str = ""
    shell_cracks: float | None = quantity("fraction", default=None)
    contact_low: float | None = quantity("fraction", default=None)
    contact_high: float | None = quantity("fraction", default=None)
    efficiency_low: float | None = quantity("fraction", default=None)
    efficiency_high: float | None = quantity("fraction", default=None)
    efficiency_basis: str = ""
    area_factor: float | None = quantity("number", default=None)
    retention_low: float | None = quantity("fraction", default=None)
    retention_high: float | None = quantity("fraction", default=None)
    cycles: float | None = quantity("number", default=None)
    balance: LithiumBalance | None = None
    trace: CycleTrace | None = None
    warnings: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.VOLUME

    def rows(self) -> list[dict[str, Any]]:
        """The cycle point by point; a result without one is a single row."""
        return super().rows() if self.trace is None else self.trace.rows()

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Lithium, potential, cracks and contact, then the swelling; the gravest last."""
        found = [
            self._lithium(criteria), self._potential(criteria), self._cracks(criteria),
            self._contact(criteria), self._swelling(criteria),
        ]  # fmt: skip
        known = [f for f in found if f is not None]
        return tuple(sorted(known, key=lambda f: GRAVEST_LAST.index(f.level)))

    def _finding(
        self, level: Level, because: str, label: str, numbers: dict[str, Number], basis: str = ""
    ) -> Finding:
        basis = basis or "predicted"
        return Finding(self.concern, level, because, numbers, self.sources, label, basis)

    def _swelling(self, criteria: Any) -> Finding | None:
        if self.electrode_swing is None or self.growth is None or self.expansion is None:
            return None
        size = abs(self.electrode_swing)
        level = (
            Level.BAD if size > criteria["volume_change_bad"]
            else Level.CAUTION if size > criteria["volume_change_caution"] else Level.GOOD
        )  # fmt: skip
        because = (
            f"{self.host} swells by {{expansion}} and its electrode by {{swing}}: {{growth}} "
            "each half cycle"
        )
        numbers = {
            "expansion": Number(self.expansion, "fraction"),
            "swing": Number(self.electrode_swing, "fraction"),
            "growth": Number(self.growth, "length"),
        }
        if self.rigid_swing is not None:
            because += "; plates that keep their gap would see up to {pressure}"
            numbers["pressure"] = Number(self.rigid_swing, "pressure")
        return self._finding(level, because, "breathing electrode", numbers)

    def _cracks(self, criteria: Any) -> Finding | None:
        if self.critical_low is None or self.critical_high is None or self.critical_size is None:
            return None
        numbers = {
            "critical": Number(self.critical_size, "length"),
            "low": Number(self.critical_low, "length"),
            "high": Number(self.critical_high, "length"),
        }
        if self.size is None:
            because = (
                f"the size of {self.host} is not said; it cracks above {{critical}} "
                "({low} to {high})"
            )
            return self._finding(Level.UNKNOWN, because, "size not said", numbers)
        numbers["size"] = Number(self.size, "length")
        if self.size <= self.critical_low:
            level, label = Level.GOOD, "holds together"
            because = f"{self.host} of {{size}} is too small to crack: it takes {{low}} to {{high}}"
        elif self.size >= self.critical_high:
            level, label = Level.CAUTION, "cracks"
            because = (
                f"{self.host} of {{size}} is expected to crack, above {{critical}} ({{low}} to "
                "{high}); pressure must hold the pieces"
            )
        else:
            level, label = Level.CAUTION, "may crack"
            because = (
                f"{self.host} of {{size}} may crack: the limit lies between {{low}} and {{high}}"
            )
        if self.shell_cracks is not None and self.shell_cracks < 1.0:
            because += f"; its shell of {self.shell} cracks at {{shell}} of the charge"
            numbers["shell"] = Number(self.shell_cracks, "fraction")
        return self._finding(level, because, label, numbers)

    def _contact(self, criteria: Any) -> Finding | None:
        if self.contact_low is None or self.contact_high is None:
            return None
        caution, bad = criteria["host_contact_caution"], criteria["host_contact_bad"]
        level = Level.GOOD
        if self.contact_high < bad:
            level = Level.BAD
        elif self.contact_low < caution:
            level = Level.CAUTION
        numbers = {
            "low": Number(self.contact_low, "fraction"),
            "high": Number(self.contact_high, "fraction"),
        }
        sure = self.contact_high == self.contact_low
        share = "{high}" if sure else "{low} to {high}"
        because = f"emptied, {self.host} keeps {share} of its contact with the electrolyte"
        because += ", if the press follows it" if sure else ""
        label = "keeps contact" if level == Level.GOOD else "loses contact"
        return self._finding(level, because, label, numbers)

    def _potential(self, criteria: Any) -> Finding | None:
        if self.hysteresis is None or self.compression is None or self.tension is None:
            return None
        wide = self.hysteresis > criteria["stress_hysteresis_caution"]
        numbers = {
            "low": Number(self.compression, "pressure"),
            "high": Number(self.tension, "pressure"),
            "hysteresis": Number(self.hysteresis, "potential"),
        }
        because = (
            f"held in its plane, {self.host} goes from {{low}} to {{high}}, which makes "
            "{hysteresis} of the hysteresis of its potential"
        )
        level = Level.CAUTION if wide else Level.GOOD
        return self._finding(level, because, "stress hysteresis", numbers, "calibrated")

    def _lithium(self, criteria: Any) -> Finding | None:
        if self.efficiency_high is None or self.efficiency_low is None:
            return None
        low = self.efficiency_high < criteria["first_cycle_efficiency_caution"]
        numbers = {"first": Number(self.efficiency_high, "fraction")}
        word = "about" if self.balance is None else "at most"
        because = f"the first cycle gives back {word} {{first}} ({self.efficiency_basis})"
        if self.retention_high is not None and self.retention_low is not None:
            low = low or self.retention_high < criteria["retention_caution"]
            numbers["left_low"] = Number(self.retention_low, "fraction")
            numbers["left_high"] = Number(self.retention_high, "fraction")
            because += (
                f"; after {self.cycles:.0f} cycles {{left_low}} to {{left_high}} would be left, "
                "bounds from assumed losses"
            )
        level = Level.CAUTION if low else Level.GOOD
        return self._finding(level, because, "lithium lost", numbers, "rule")


@dataclass(frozen=True)
class HostCycling:
    """Swelling, stress, cracks, contact and lithium of a host anode.

    Args:
        contact: Law of contact against pressure (Pa to a share); None: the face was pressed on, and
            what is told is the share of that contact that is left.
        fixture: What holds the cell.
        points: Along each half cycle.

    >>> result = HostCycling()(Interface("Li6PS5Cl", "Si"), Conditions())
    >>> round(result.growth * 1e6, 1)  # um in a half cycle of 1 mAh/cm2
    3.3
    """

    contact: Callable[[Any], Any] | None = None
    fixture: Fixture = CONSTANT_PRESSURE
    points: int = 13

    concern: ClassVar[Concern] = Concern.VOLUME
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "form", "sample", "conditions.current_density",
        "conditions.stack_pressure", "conditions.temperature", "conditions.areal_capacity",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = (
        "sethuraman2010", "sethuraman2010coupling", "liu2012", "huo2024",
    )  # fmt: skip

    def __call__(self, interface: Interface, conditions: Conditions) -> HostCyclingResult:
        """One host in one electrode, cycled once and again.

        Raises:
            MissingProperty: A host whose capacity, density or expansion is not known.
            DataError: A form that leaves no room for the host.
        """
        if interface.anode.plated:
            return HostCyclingResult(str(interface))
        host = read_host(interface.anode)
        if host.made > 1.0:  # an alloy rich in lithium is stripped like the metal
            return HostCyclingResult(str(interface))
        make = read_make(host, interface.form)
        at = read_window(host, make, interface.form, conditions.areal_capacity)
        return _Call(self, interface, conditions, host, make, at).result()


@dataclass(frozen=True)
class _Call:
    """One call of the model, and the steps to its answer."""

    model: HostCycling
    interface: Interface
    conditions: Conditions
    host: Host
    make: Make
    at: Window

    def result(self) -> HostCyclingResult:
        missing: list[str] = []
        stack = _asked(lambda: read_stack(self.interface), missing)
        trace = self._cycle(stack, missing).run(self.at.low, self.at.high, points=self.model.points)
        swing = max(trace.growth) - min(trace.growth)
        empty, full = (float(self.host.expansion(x)) for x in (self.at.low, self.at.high))
        held = bool(trace.shift) and self.make.adherent
        return HostCyclingResult(
            interface=str(self.interface), host=self.host.anode.name, expansion=full / empty - 1.0,
            electrode_swing=swing / self.at.thickness, growth=swing,
            rigid_swing=None if stack is None else float(pressure_swing(RIGID, stack, swing)),
            compression=min(trace.stress, default=None), tension=max(trace.stress, default=None),
            hysteresis=_loop(trace.shift, self.model.points) if held else None,
            **self._cracks(max(trace.stress, default=None), missing),
            **self._losses(trace, missing),
            trace=trace, warnings=self._warnings(), missing=tuple(dict.fromkeys(missing)),
            sources=self._sources(),
        )  # fmt: skip

    def _cycle(self, stack: float | None, missing: list[str]) -> HostCycle:
        """The laws, as far as their parameters are known."""
        coupling = _asked(lambda: self.host.need("stress_potential_coupling").si, missing)
        return HostCycle(
            expansion=self.host.expansion, growth=self.make.growth, thickness=self.at.thickness,
            made=self.at.made, film=_asked(self.host.film, missing),
            coupling=None if coupling is None else MeasuredCoupling(coupling),
            adherent=self.make.adherent, pressure=self.conditions.stack_pressure,
            fixture=self.model.fixture, stack=UNBENDING if stack is None else stack,
            contact=self._contact(0.0) if self._pressed else None,
        )  # fmt: skip

    @property
    def _pressed(self) -> bool:
        """Without any pressure nothing makes the faces follow each other: contact is not told."""
        return self.conditions.stack_pressure > 0.0 or self.model.fixture.stiffness > 0.0

    def _contact(self, stiffness: float) -> ShrinkageContact:
        return ShrinkageContact(self.model.contact or full_contact, stiffness)

    def _cracks(self, tension: float | None, missing: list[str]) -> dict[str, Any]:
        """Critical size, and what a coating adds to the pressure that holds cracks shut."""
        form, told = self.interface.form, {}
        confined = self.conditions.stack_pressure
        shell = _asked(lambda: read_shell(self.host, self.make, form), missing)
        if shell is not None and form.coating is not None:
            told = {
                "shell": form.coating.material.name,
                "shell_cracks": shell_end(shell, self.host, self.at),
            }
            confined += shell_pressure(shell, self.host, self.at)
        limit = _asked(
            lambda: critical_size(self.host, self.make, form.shape, tension, confined), missing
        )
        if limit is None:
            return told
        return told | {
            "size": form.size, "critical_size": limit.size, "critical_low": limit.low,
            "critical_high": limit.high,
        }  # fmt: skip

    def _losses(self, trace: CycleTrace, missing: list[str]) -> dict[str, Any]:
        """Contact at the end of delithiation, then what the first and later cycles lose."""
        high = low = trace.contact[-1] if trace.contact else 1.0
        if trace.contact and not self.make.adherent and self.make.electrolyte > 0.0:
            modulus = self.interface.electrolyte
            stiff = _asked(lambda: modulus.need("youngs_modulus").si, missing)
            if stiff is not None:
                full, empty = self.host.expansion(self.at.high), self.host.expansion(self.at.low)
                gap = 1.0 - float(radius_ratio(empty / full))
                low = float(self._contact(stiff)(trace.pressure[-1], gap))
        area = interphase_area(self.host, self.make, self.interface.form, self.at)
        told: dict[str, Any] = {"area_factor": area}
        if trace.contact:
            told |= {"contact_low": low, "contact_high": high}
        film = _asked(
            lambda: interphase_charge(self.interface, self.host, self.conditions), missing
        )
        if film is not None:
            return told | self._lithium(film * area, low, high)
        known = _asked(lambda: self.host.need("first_cycle_efficiency"), missing)
        if known is None:
            return told
        basis = f"{known.source.how} as a whole, {known.source.known.replace('_', '-')}"
        return told | {
            "efficiency_low": known.si, "efficiency_high": known.si, "efficiency_basis": basis
        }  # fmt: skip

    def _lithium(self, film: float, low: float, high: float) -> dict[str, Any]:
        """First-cycle efficiency and fade, at both ends of the contact and of what is assumed."""
        limits, host, at = criteria(), self.host, self.at
        whole = host.capacity * at.dense
        charge = (at.high - at.low) / host.content * whole
        before = (self.interface.form.prelithiation or 0.0) * whole
        best = first_cycle(charge, film, prelithiation=before, contact=high)
        worst = first_cycle(charge, film, prelithiation=before, contact=low)
        share, cycles = best.interphase / charge, limits["retention_cycles"]
        pessimist = RenewedArea(share, limits["surface_renewed"])
        kept = (1.0 - low) * limits["contact_loss_kept"]
        return {
            "efficiency_low": worst.efficiency, "efficiency_high": best.efficiency,
            "efficiency_basis": "interphase and contact, nothing trapped",
            "retention_low": float(CapacityFade(pessimist, kept)(cycles)),
            "retention_high": float(CapacityFade(RenewedArea(share, 0.0))(cycles)),
            "cycles": cycles, "balance": best,
        }  # fmt: skip

    def _warnings(self) -> tuple[str, ...]:
        name, told = self.host.anode.name, []
        if not self._pressed:
            told.append(f"{name}: without stack pressure its contact is not predicted")
        if self.at.clipped:
            told.append(f"{name}: the film holds less than the charge asked for")
        if self.interface.form.shape is None and self.make.adherent:
            told.append(f"{name}: nothing is said of its form, taken as a dense film")
        if self.make.carbon > 0.0:
            told.append(f"{name}: how far the carbon around it gives way is assumed")
        return tuple(told)

    def _sources(self) -> tuple[str, ...]:
        names = (
            "volume_expansion", "specific_capacity", "flow_stress_lithiation",
            "stress_potential_coupling", "fracture_toughness",
        )  # fmt: skip
        return tuple(dict.fromkeys(self.host.need(n).source.key for n in names if self.host.has(n)))


def _asked(need: Callable[[], T], missing: list[str]) -> T | None:
    """What a function gives, or None with the reason noted."""
    try:
        return need()
    except MissingProperty as error:
        missing.append(str(error))
        return None


def _loop(shift: tuple[float, ...], points: int) -> float:
    """Widest gap between both branches of the last cycle, V."""
    up, down = shift[-2 * points : -points], shift[-points:]
    return max(d - u for u, d in zip(up, reversed(down), strict=True))
