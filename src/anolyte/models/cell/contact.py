"""What a face resists: contact after attaching and after a hold, its resistances, the pressure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.laws.conduction import films, layer_resistance
from anolyte.materials.criteria import criteria as default_criteria
from anolyte.materials.library import Library
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.schema import Anode
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import Assembly, assemble
from anolyte.models.cell.faces import Array, columned, trace

HOLD = 3600.0
DRAWS = 24
PRESSURES = np.geomspace(0.1e6, 100e6, 46)
TINY = 1e-3  # A/m2


def speaks(interface: Interface) -> bool:
    """Whether the anode is one of plated metal, of which this model speaks."""
    return _speaks(interface.anode)


def _speaks(anode: Anode) -> bool:
    return anode.plated or anode.family == "current collector"


def host_finding(concern: Concern, of: str) -> Finding:
    """The finding that these models do not speak of a host."""
    because = f"no model of {of} on a host anode; this one speaks of plated metal"
    return Finding(concern, Level.UNKNOWN, because, {}, (), "host anode", "rule")


@dataclass(frozen=True)
class ContactResult(Result):
    """Contact and resistance of one face, just attached and after an hour under the pressure.

    Args:
        interface: In words.
        attached, contact: Share in contact at once and after the hold.
        contact_low, contact_high: 10th and 90th percentile of the draws after the hold.
        resistance: Area resistance of one face after the hold, ohm m2.
        low, high: 10th and 90th percentile of the draws.
        transfer, constriction, films: Its parts; constriction holds the young interphase.
        pressure_needed: Stack pressure at which the wanted contact is there after the hold, Pa;
            None: at none that was tried.
        uncounted: Films and layers whose resistance is not known.
        untreated: An untreated face is assumed, as measured on this class.
        silent: The model does not speak of this anode.
    """

    interface: str
    attached: float = quantity("fraction", default=0.0)
    contact: float = quantity("fraction", default=0.0)
    contact_low: float = quantity("fraction", default=0.0)
    contact_high: float = quantity("fraction", default=0.0)
    resistance: float = quantity("area_resistance", default=0.0)
    low: float = quantity("area_resistance", default=0.0)
    high: float = quantity("area_resistance", default=0.0)
    transfer: float = quantity("area_resistance", default=0.0)
    constriction: float = quantity("area_resistance", default=0.0)
    films: float = quantity("area_resistance", default=0.0)
    pressure_needed: float | None = quantity("pressure", default=None)
    stack_pressure: float = quantity("pressure", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    untreated: bool = False
    uncounted: tuple[str, ...] = ()
    silent: bool = False
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.WETTING

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """How much a face resists, and the pressure that contact asks for."""
        if self.silent:
            return (host_finding(self.concern, "contact"),)
        good = criteria["interfacial_resistance_good"]
        fair = criteria["interfacial_resistance_caution"]
        numbers = {
            "contact": Number(self.contact, "fraction"),
            "resistance": Number(self.resistance, "area_resistance"),
            "low": Number(self.low, "area_resistance"),
            "high": Number(self.high, "area_resistance"),
            "pressure": Number(self.stack_pressure, "pressure"),
            "needed": Number(self.pressure_needed or 0.0, "pressure"),
        }
        if self.uncounted and self.resistance <= fair:
            level, label = Level.UNKNOWN, "layer not counted"
        elif self.resistance <= good:
            level, label = Level.GOOD, "good contact"
        elif self.resistance <= fair:
            level, label = Level.CAUTION, "fair contact"
        else:
            level, label = Level.BAD, "poor contact"
        because = (
            "{resistance} a face ({low} to {high}), {contact} in contact after 1 h at {pressure}"
        )
        if self.untreated:
            label = "untreated face" if level == Level.BAD else label
            because += "; most of it what was measured on untreated faces"
        elif self.uncounted:
            because += " (without {uncounted})".replace("{uncounted}", ", ".join(self.uncounted))
        elif self.pressure_needed is not None and self.contact < criteria["contact_wanted"]:
            because += "; {needed} for 90% contact"
        basis = "calibrated" if self.untreated else "predicted"
        return (Finding(self.concern, level, because, numbers, self.sources, label, basis),)


@dataclass(frozen=True)
class InterfaceContact:
    """Contact fraction and area resistance of the face towards plated metal.

    Args:
        draws: Sets of parameters for the interval.
        lib: Where pair files are looked up; None: the package's.
        search: Also look for the pressure that contact asks for.
    """

    draws: int = DRAWS
    lib: Library | None = None
    search: bool = True

    concern: ClassVar[Concern] = Concern.WETTING
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "surface", "sample",
        "conditions.stack_pressure", "conditions.temperature",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = ("cooper1969conductance",)

    @property
    def quick(self) -> InterfaceContact:
        """The same judgement without the search for a pressure."""
        return replace(self, search=False)

    def __call__(self, interface: Interface, conditions: Conditions) -> ContactResult:
        """Contact and resistance at the cell's pressure and temperature."""
        if not speaks(interface):
            return ContactResult(str(interface), silent=True)
        drawn = assemble(interface, conditions, lib=self.lib, pick=build.Draws(self.draws))
        seen = held(drawn, conditions.stack_pressure, conditions.temperature, self.draws)
        needed = None
        if self.search:
            wanted = default_criteria()["contact_wanted"]
            needed = needed_pressure(interface, conditions, wanted, self.lib)
        low, high = np.quantile(seen["total"], [0.1, 0.9])
        thin, thick = np.quantile(seen["contact"], [0.1, 0.9])
        return ContactResult(
            interface=str(interface),
            attached=float(np.broadcast_to(drawn.device.faces[0].attached, self.draws)[0]),
            contact=float(seen["contact"][0]), contact_low=float(thin), contact_high=float(thick),
            resistance=float(seen["total"][0]), low=float(low), high=float(high),
            transfer=float(seen["transfer"][0]), constriction=float(seen["ohmic"][0]),
            films=float(seen["films"][0]),
            pressure_needed=needed,
            stack_pressure=conditions.stack_pressure, temperature=conditions.temperature,
            untreated="surface film resistance" in drawn.used,
            uncounted=tuple(
                layer.material.name for layer in films(interface)
                if isinstance(layer_resistance(layer, conditions.temperature), str)
            ),
            rests_on=drawn.basis, warnings=drawn.warnings, sources=drawn.sources,
        )  # fmt: skip


def held(assembly: Assembly, pressure: Any, temperature: Any, cells: int) -> dict[str, Array]:
    """Contact and area resistances of the named face after a hold, one number a cell."""
    device = assembly.device
    batch = engine.start(device, pressure, temperature, 1.0, cells)
    outcome = engine.simulate(
        device, Protocol((Step(0.0, duration=HOLD),)), batch, keep=False, nodes=3
    )
    state, laws = outcome.cells.states[0], columned(device.faces[0])
    walk = engine.Walk(device, outcome.cells, outcome, False, 1e-4, np.zeros(1))
    thickness = laws.growth.thickness(state.age[:, None])
    tiny = np.full(cells, TINY)
    seen = trace(laws, state.void[:, None], thickness, tiny, walk.around)
    parts = {name: getattr(seen, name)[:, 0] / TINY for name in ("transfer", "ohmic", "films")}
    return parts | {"contact": seen.contact[:, 0], "total": seen.overpotential[:, 0] / TINY}


def needed_pressure(
    interface: Interface, conditions: Conditions, wanted: float, lib: Library | None = None
) -> float | None:
    """The lowest stack pressure with which a contact is reached within the hold, Pa."""
    assembly = assemble(interface, conditions, lib=lib, attach_pressure=PRESSURES)
    seen = held(assembly, PRESSURES, conditions.temperature, len(PRESSURES))
    enough = seen["contact"] >= wanted
    return float(PRESSURES[enough.argmax()]) if enough.any() else None


def conducts(results: Iterable[Result]) -> bool:
    """Whether an earlier result says that the interphase conducts electrons."""
    return any(getattr(r, "character", "") == "mixed-conducting" for r in results)


@dataclass(frozen=True)
class AgeingResult(Result):
    """The interphase and what it costs over time, at rest.

    Args:
        week, thousand_hours: Thickness after a week and after 1,000 h, m.
        low, high: 10th and 90th percentile after 1,000 h, m.
        lithium: Lost to it in 1,000 h, C/m2; None: volume per charge not known.
        resistance: Of the film after 1,000 h, ohm m2; None: conductivity not known.
        unbounded: Electrons feed it, so nothing slows it down.
        measured: Growth was measured on this pair.
    """

    interface: str
    week: float = quantity("length", default=0.0)
    thousand_hours: float = quantity("length", default=0.0)
    low: float = quantity("length", default=0.0)
    high: float = quantity("length", default=0.0)
    lithium: float | None = quantity("areal_capacity", default=None)
    resistance: float | None = quantity("area_resistance", default=None)
    temperature: float = quantity("temperature", default=298.15)
    unbounded: bool = False
    measured: bool = False
    silent: bool = False
    unknown: str = ""
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.REACTION

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """What the interphase costs in 1,000 h."""
        if self.silent:
            return ()
        if self.unknown:
            return (Finding(self.concern, Level.UNKNOWN, self.unknown, {}, (), "growth unknown"),)
        lost = self.lithium or 0.0
        numbers = {
            "week": Number(self.week, "length"),
            "long": Number(self.thousand_hours, "length"),
            "low": Number(self.low, "length"),
            "high": Number(self.high, "length"),
            "lithium": Number(lost, "areal_capacity"),
            "resistance": Number(self.resistance or 0.0, "area_resistance"),
        }
        because = "interphase {week} after a week, {long} ({low} to {high}) after 1000 h"
        because += "" if self.lithium is None else ", {lithium} of lithium lost"
        because += "" if self.resistance is None else ", {resistance}"
        bad, caution = criteria["lithium_lost_bad"], criteria["lithium_lost_caution"]
        level = Level.BAD if lost > bad else Level.CAUTION if lost > caution else Level.GOOD
        label = "growing on" if self.unbounded else "slow growth" if lost <= bad else "fast growth"
        basis = "calibrated" if self.measured else "predicted"
        return (Finding(self.concern, level, because, numbers, self.sources, label, basis),)


WEEK, LONG = 168 * 3600.0, 1000 * 3600.0


@dataclass(frozen=True)
class InterphaseAgeing:
    """Growth of the interphase at rest, and the lithium and resistance that it costs.

    Args:
        conducting: The interphase conducts electrons (what `Passivation` found).
        draws: Sets of parameters for the interval.
        lib: Where pair files are looked up; None: the package's.
    """

    conducting: bool = False
    draws: int = DRAWS
    lib: Library | None = None

    concern: ClassVar[Concern] = Concern.REACTION
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "conditions.temperature",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = ("aktekin2023",)

    def given(self, results: Iterable[Result]) -> InterphaseAgeing:
        """The same model with what another one found of the interphase."""
        return replace(self, conducting=conducts(results))

    def __call__(self, interface: Interface, conditions: Conditions) -> AgeingResult:
        """Thickness, lithium and resistance after a week and after 1,000 h."""
        if not speaks(interface):
            return AgeingResult(str(interface), silent=True)
        try:
            drawn = assemble(
                interface, conditions, lib=self.lib, pick=build.Draws(self.draws),
                conducts=self.conducting,
            )  # fmt: skip
        except AnolyteError as error:
            return AgeingResult(str(interface), unknown=str(error))
        laws, p = drawn.device.faces[0], drawn.parameters[0]
        if "growth constant" not in p.used:
            told = (
                f"no growth of an interphase is known for {p.contact.electrolyte} | {p.anode.name}"
            )
            return AgeingResult(str(interface), unknown=told)
        kelvin = conditions.temperature
        week = np.broadcast_to(laws.growth(WEEK, kelvin), self.draws)
        later = np.broadcast_to(laws.growth(LONG, kelvin), self.draws)
        low, high = np.quantile(later, [0.1, 0.9])
        per = float(np.ravel(laws.volume_per_charge)[0])
        sigma = float(np.ravel(laws.interphase_conductivity)[0])
        value = p.used["growth constant"].source
        return AgeingResult(
            interface=str(interface), week=float(week[0]), thousand_hours=float(later[0]),
            low=float(low), high=float(high),
            lithium=float(later[0]) / per if per > 0.0 else None,
            resistance=float(later[0]) / sigma if np.isfinite(sigma) else None,
            temperature=kelvin, unbounded=self.conducting,
            measured=value.known != "recalled" and value.how != "assumed",
            warnings=tuple(
                f"interphase growth: {name} is assumed or recalled"
                for name in ("growth constant", "interphase conductivity")
                if name in drawn.basis
            ),
            sources=tuple(dict.fromkeys(
                v.source.key for n, v in p.used.items() if n.startswith(("growth", "interphase"))
            )),
        )  # fmt: skip
