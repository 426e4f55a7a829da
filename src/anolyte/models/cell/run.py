"""A protocol on one cell, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.laws.fracture import plating_stress
from anolyte.laws.gas import ElectrochemicalGas
from anolyte.laws.law import outside
from anolyte.materials.criteria import criteria
from anolyte.materials.library import Library, default
from anolyte.materials.protocol import Protocol
from anolyte.materials.schema import Anode
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import build, engine
from anolyte.models.cell.faces import FaceLaws

LEAST_CONDUCTIVITY = 1e-15
"""S/m; less is no conduction."""
CONDUCTING = ("mixed-conducting",)
"""Characters of an interphase (`Passivation`) through which electrons feed its growth."""


@dataclass(frozen=True)
class Assembly:
    """A cell ready to run: its laws, and the numbers they rest on.

    Args:
        device: The laws.
        parameters: Numbers of the named and the counter side, with their sources.
        warnings: What is missing or assumed.
    """

    device: engine.Device
    parameters: tuple[build.Parameters, build.Parameters]
    warnings: tuple[str, ...] = ()

    @property
    def used(self) -> Mapping[str, Value]:
        """Every number that was asked for."""
        return self.parameters[1].used | self.parameters[0].used

    @property
    def sources(self) -> tuple[str, ...]:
        """Citation keys of the numbers."""
        return tuple(dict.fromkeys(v.source.key for v in self.used.values() if v.source.key))

    @property
    def basis(self) -> tuple[str, ...]:
        """The numbers that nobody has read at their source, in words."""
        doubtful = [
            name
            for name, v in self.used.items()
            if v.source.known == "recalled" or v.source.how == "assumed"
        ]
        return tuple(dict.fromkeys(doubtful))


def assemble(
    interface: Interface,
    conditions: Conditions,
    *,
    counter: Anode | None = None,
    lib: Library | None = None,
    pick: build.Pick = build.best,
    attach_pressure: Any = None,
    conducts: bool = False,
    laws: Mapping[str, Any] | None = None,
) -> Assembly:
    """The laws of a cell from its materials.

    Args:
        interface: Electrolyte | layers | anode, the named side.
        conditions: Stack pressure and temperature at the start.
        counter: Metal of the other side; None: the same as the named side (a symmetric cell), or
            lithium against a collector.
        lib: Where materials and pairs are looked up.
        pick: How numbers are taken from sourced values (`build.best`, or `build.Draws`).
        attach_pressure: Pressure at which the metal was attached, Pa; None: the stack pressure.
        conducts: The interphase is known to conduct electrons.
        laws: Rivals to put in the place of a face's laws, by field of `FaceLaws`.

    Raises:
        MissingProperty: A number that no law can do without.
    """
    for anode in (interface.anode, counter):
        if anode is not None and not _metal(anode):
            raise MissingProperty(
                f"{anode.name}: this model speaks of plated metal (Li, anode-free) and of alloys "
                "whose diffusivity is known; for hosts such as silicon see `anolyte assess`"
            )
    own = interface.anode
    own_metal = own.plated and own.family != "current collector"
    other = counter or (own if own_metal else default().anode("Li"))
    pressure = conditions.stack_pressure if attach_pressure is None else attach_pressure
    if not np.all(np.asarray(pressure) >= 0.0):
        raise DataError("the pressure at which the metal is attached must not be negative")
    _conducts(interface, conditions)
    named = _parameters(interface, interface.anode, lib, pick)
    opposite = build.Parameters(interface.electrolyte, other, lib, pick)
    if build.is_alloy(interface.anode):
        one = build.alloy_face(interface, named, pressure)
    else:
        one = build.metal_face(interface, named, pressure, conducts=conducts)
    far = replace(interface, anode=other, form=type(interface.form)())
    if interface.anode.name != other.name:
        far = replace(far, layers=())
    opposite = opposite if far.layers == () else _parameters(far, other, lib, pick)
    two = build.metal_face(far, opposite, pressure, conducts=conducts)
    one, two = (_with(face, laws or {}) for face in (one, two))
    device = engine.Device(
        build.bulk(interface, named), (one, two),
        rest=_rest(interface.anode) - _rest(other), least_contact=criteria()["contact_lost"],
    )  # fmt: skip
    warnings: dict[str, None] = dict.fromkeys(
        [*_lacking(named),
         *build.LayerStack(interface).unknown(conditions.temperature),
         *outside(one.voids, pressure=conditions.stack_pressure),
         *([] if one.penetration is None else
           outside(one.penetration, pressure=conditions.stack_pressure)),
         *_extrapolated(interface, conditions)]
    )  # fmt: skip
    return Assembly(device, (named, opposite), tuple(warnings))


def _rest(anode: Anode) -> float:
    """Potential of an anode at rest, V vs Li/Li+; a collector counts once lithium is on it."""
    if anode.plated or not build.is_alloy(anode) or not anode.has("operating_potential"):
        return 0.0
    return anode.need("operating_potential").si


_TOLD = {
    "critical_overpotential": "no plating limit is known for this pair, so no filament starts",
    "growth_constant": "no growth of an interphase is known for this pair; none is counted",
    "interphase_conductivity": "the interphase's resistance is not known and not counted",
}


def _lacking(parameters: build.Parameters) -> tuple[str, ...]:
    """What the answer leaves out for want of a number."""
    return tuple(_TOLD[name] for name in parameters.missing if name in _TOLD)


def _metal(anode: Anode) -> bool:
    return anode.plated or anode.family == "current collector" or build.is_alloy(anode)


def _conducts(interface: Interface, conditions: Conditions) -> None:
    """Refuse a temperature at which the electrolyte's law has come to nothing."""
    if build.conductivity(interface.electrolyte, conditions.temperature).value < LEAST_CONDUCTIVITY:
        raise DataError(
            f"{interface.electrolyte.name} does not conduct at "
            f"{show(conditions.temperature, 'temperature')}; ask for a warmer cell"
        )


def _with(face: FaceLaws, laws: Mapping[str, Any]) -> FaceLaws:
    """A face with rivals in the place of some laws."""
    unknown = sorted(set(laws) - set(FaceLaws.__dataclass_fields__))
    if unknown:
        known = ", ".join(FaceLaws.__dataclass_fields__)
        raise DataError(f"no law called {', '.join(unknown)}; a face has {known}")
    return replace(face, **laws)


def _parameters(
    interface: Interface, anode: Anode, lib: Library | None, pick: build.Pick
) -> build.Parameters:
    """The numbers of what the metal touches, and of the electrolyte behind it."""
    electrolyte = interface.electrolyte
    if not interface.layers:
        return build.Parameters(electrolyte, anode, lib, pick)
    return build.Parameters(interface.layers[-1].material, anode, lib, pick, electrolyte)


def _extrapolated(interface: Interface, conditions: Conditions) -> tuple[str, ...]:
    found = build.conductivity(interface.electrolyte, conditions.temperature)
    name = interface.electrolyte.name
    told = f"{name}: {show(conditions.temperature, 'temperature')} is outside the range of its law"
    return (told,) if found.extrapolated else ()


@dataclass(frozen=True)
class RunEvent:
    """Something that ended a step or the cell."""

    kind: str
    step: int
    cycle: int
    time: float = quantity("time")
    current_density: float = quantity("current_density")


@dataclass(frozen=True)
class Balance:
    """What must add up over a run; shares of the charge passed.

    Args:
        charge: Charge through one face less charge through the other.
        lithium: Lithium at the start less lithium found at the end.
        clipped: Void volume that guards added, as a share of the volume stripped.
        clips: How often.
    """

    charge: float = quantity("number")
    lithium: float = quantity("number")
    clipped: float = quantity("number")


@dataclass(frozen=True)
class Run(Result):
    """A protocol as a cell went through it; series over time.

    Args:
        cell: In words.
        protocol: Its name, or its first step.
        time, current_density, voltage: What a cycler would have written.
        contact, counter_contact: Share of each face that is in contact.
        void, counter_void: Void volume per area, m.
        interphase, counter_interphase: Thickness, m.
        bulk, charge_transfer, ohmic: Parts of the voltage: electrolyte, kinetics, and constriction
            with interphase and layers, of both faces.
        plating_stress: Largest pressure that plating can build up in a confined space, Pa.
        face_lithium: At the named side's face, as a share of the start (alloys; else one).
        efficiency: Charge stripped after each plating of the named side, over that plating's.
        spectra: Impedance at the end of the steps that asked for it.
        load: Of the flaws on the plating face; one cracks the electrolyte.
        stack_pressure, temperature: Over time.
        steps, cycles: Number of step and cycle at each time.
        lithium_lost: In the interphases of both faces at the end, C/m2.
        resistance: Area resistance of the whole cell at rest, at the start and at the end.
        plated: Charge plated on the named side in all, C/m2.
        rests_on: Numbers behind it that are assumed or recalled.
    """

    cell: str
    protocol: str
    time: tuple[float, ...] = quantity("time")
    current_density: tuple[float, ...] = quantity("current_density")
    voltage: tuple[float, ...] = quantity("potential")
    contact: tuple[float, ...] = quantity("fraction")
    counter_contact: tuple[float, ...] = quantity("fraction")
    void: tuple[float, ...] = quantity("length")
    counter_void: tuple[float, ...] = quantity("length")
    interphase: tuple[float, ...] = quantity("length")
    counter_interphase: tuple[float, ...] = quantity("length")
    bulk: tuple[float, ...] = quantity("potential")
    charge_transfer: tuple[float, ...] = quantity("potential")
    ohmic: tuple[float, ...] = quantity("potential")
    load: tuple[float, ...] = quantity("number")
    plating_stress: tuple[float, ...] = quantity("pressure")
    face_lithium: tuple[float, ...] = quantity("fraction")
    stack_pressure: tuple[float, ...] = quantity("pressure")
    temperature: tuple[float, ...] = quantity("temperature")
    steps: tuple[int, ...] = ()
    cycles: tuple[int, ...] = ()
    events: tuple[RunEvent, ...] = ()
    balance: Balance | None = None
    lithium_lost: float = quantity("areal_capacity", default=0.0)
    plated: float = quantity("areal_capacity", default=0.0)
    resistance: tuple[float, ...] = quantity("area_resistance", default=())
    efficiency: tuple[float, ...] = quantity("fraction", default=())
    spectra: tuple[Result, ...] = ()
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    @property
    def end(self) -> RunEvent | None:
        """What ended the cell; None where the protocol was carried through."""
        fatal = [e for e in self.events if e.kind in engine.ENDS_CELL]
        return fatal[-1] if fatal else None

    def gas_bound(self, gas: ElectrochemicalGas, free_volume: float) -> float:
        """Highest pressure that gas from the lithium lost could reach, Pa; not validated.

        Args:
            gas: The reaction: which gas, and how many electrons a molecule takes.
            free_volume: Empty volume per area of the cell, m.
        """
        end = self.temperature[-1] if self.temperature else 298.15
        return float(gas.pressure(self.lithium_lost, free_volume, end))

    def rows(self) -> list[dict[str, Any]]:
        """One row a time."""
        from anolyte.core.units import KINDS, habitual

        columns: dict[str, list[Any]] = {}
        for name, f in type(self).__dataclass_fields__.items():
            kind, values = f.metadata.get("kind"), getattr(self, name)
            if isinstance(values, tuple) and len(values) == len(self.time) and kind:
                label = f"{name} [{KINDS[kind].label}]"
                columns[label] = [habitual(v, kind) for v in values]
        columns["step"], columns["cycle"] = list(self.steps), list(self.cycles)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def run(
    interface: Interface,
    conditions: Conditions,
    protocol: Protocol,
    *,
    assembly: Assembly | None = None,
    progress: Any = None,
    **options: Any,
) -> Run:
    """Carry one cell through a protocol.

    Args:
        interface: Electrolyte | layers | anode.
        conditions: Stack pressure and temperature at the start.
        protocol: What is done.
        assembly: A cell that `assemble` made; None: made from the materials, with `options`.
        progress: Told after each step.

    Raises:
        MissingProperty: A number that no law can do without.
        NotConverged: A stretch that the stepper could not carry.
    """
    assembly = assembly or assemble(interface, conditions, **options)
    device = assembly.device
    cells = engine.start(device, conditions.stack_pressure, conditions.temperature, 1.0, 1)
    before = resistance(device, cells)

    def told(number: int, _: engine.Cells) -> None:
        if progress is not None:
            progress(number + 1, len(protocol), "steps")

    outcome = engine.simulate(device, protocol, cells, after_step=told)
    return _result(interface, protocol, assembly, outcome, before)


def resistance(device: engine.Device, cells: engine.Cells) -> float:
    """Area resistance of a single cell at rest, for a vanishing current, ohm m2."""
    tiny = 1e-6
    walk = engine.Walk(device, cells, engine.Outcome(device, cells), False, 1e-4, np.zeros(1))
    from anolyte.materials.protocol import Step

    piece, _ = walk.look(0, Step(tiny, duration=1.0), np.full(1, tiny), np.array([[0.0, 1e-6]]))
    return float(piece.voltage[0, 0] - device.rest) / tiny


def _result(
    interface: Interface,
    protocol: Protocol,
    assembly: Assembly,
    outcome: engine.Outcome,
    before: float,
) -> Run:
    pieces = outcome.pieces

    def series(get: Any) -> tuple[float, ...]:
        if not pieces:
            return ()
        return tuple(float(v) for p in pieces for v in np.broadcast_to(get(p), p.times.shape)[0])

    states = outcome.cells.states
    named, counter = (lambda p: p.faces[0]), (lambda p: p.faces[1])
    alive = outcome.cells.alive.copy()
    outcome.cells.alive[:] = True
    after = resistance(outcome.device, outcome.cells)
    outcome.cells.alive = alive
    return Run(
        cell=_name(interface, assembly),
        protocol=protocol.name or str(protocol.steps[0]),
        time=series(lambda p: p.start[:, None] + p.times),
        current_density=series(lambda p: p.current[:, None]),
        voltage=series(lambda p: p.voltage),
        contact=series(lambda p: named(p).contact),
        counter_contact=series(lambda p: counter(p).contact),
        void=series(lambda p: named(p).void),
        counter_void=series(lambda p: counter(p).void),
        interphase=series(lambda p: named(p).interphase),
        counter_interphase=series(lambda p: counter(p).interphase),
        bulk=series(lambda p: p.bulk),
        charge_transfer=series(lambda p: named(p).transfer - counter(p).transfer),
        ohmic=series(
            lambda p: named(p).ohmic + named(p).films - counter(p).ohmic - counter(p).films
        ),
        load=series(lambda p: p.load),
        plating_stress=series(lambda p: _stress(outcome.device, p)),
        face_lithium=series(lambda p: p.lithium),
        efficiency=efficiency(outcome),
        spectra=_spectra(assembly, protocol, outcome),
        stack_pressure=series(lambda p: p.pressure[:, None]),
        temperature=series(lambda p: p.temperature[:, None]),
        steps=tuple(p.number for p in pieces for _ in range(p.times.shape[1])),
        cycles=tuple(p.step.cycle for p in pieces for _ in range(p.times.shape[1])),
        events=tuple(
            RunEvent(str(h.kind), h.step, protocol.steps[h.step].cycle, h.time, h.current)
            for h in outcome.events
        ),
        balance=balance(outcome),
        lithium_lost=float(sum(s.lost[0] for s in states)),
        plated=float(outcome.cells.plated[0]),
        resistance=(before, after),
        rests_on=assembly.basis,
        warnings=assembly.warnings,
        sources=assembly.sources,
    )


def _stress(device: engine.Device, piece: engine.Piece) -> Any:
    """Pressure that the overpotential of the plating face can build up, Pa."""
    side = int(piece.current[0] > 0.0)  # stripping the named side plates the counter side
    own = np.maximum(-piece.faces[side].at_the_metal, 0.0)
    return plating_stress(own, np.ravel(device.faces[side].molar_volume)[0])


def _spectra(assembly: Assembly, protocol: Protocol, outcome: engine.Outcome) -> tuple[Result, ...]:
    """Impedance spectra at the steps that ask for one."""
    if not any(step.impedance for step in protocol.steps):
        return ()
    from anolyte.models.cell.impedance import spectra

    return spectra(assembly, protocol, outcome)


def efficiency(outcome: engine.Outcome) -> tuple[float, ...]:
    """Charge stripped after each plating of the named side, as a share of that plating's charge.

    Only where the named side has no lithium of its own: a foil in excess strips as well as it
    plates whatever is lost.
    """
    if not np.all(np.asarray(outcome.device.faces[0].inventory) == 0.0):
        return ()
    found: list[list[float]] = []
    for piece in outcome.pieces:
        charge = float(piece.current[0] * piece.times[0, -1])
        if charge < 0.0 and (not found or found[-1][1] > 0.0):
            found.append([0.0, 0.0])
        if charge and found:
            found[-1][int(charge > 0.0)] += abs(charge)
    return tuple(out / into for into, out in found if out > 0.0)


def _name(interface: Interface, assembly: Assembly) -> str:
    other = assembly.parameters[1].anode.name
    return f"{interface} (symmetric)" if _symmetric(assembly) else f"{interface} | {other}"


def _symmetric(assembly: Assembly) -> bool:
    one, other = assembly.parameters
    return one.anode.name == other.anode.name


def balance(outcome: engine.Outcome) -> Balance:
    """Charge and lithium before less after, as shares of the charge that has passed."""
    cells, faces = outcome.cells, outcome.device.faces
    passed = max(float(cells.passed[0]), 1e-30)
    charge = sum(
        float(p.current[0] * p.times[0, -1])
        for p in outcome.pieces
        if math.isfinite(p.times[0, -1])
    )
    stripped = [float(s.stripped[0]) for s in cells.states]
    volume = float(np.max(np.asarray(faces[0].molar_volume))) / 96485.33212
    return Balance(
        charge=max(abs(stripped[0] - charge), abs(stripped[1] + charge)) / passed,
        lithium=abs(sum(stripped)) / passed,
        clipped=float(sum(s.clipped[0] for s in cells.states)) / (passed * volume),
    )


__all__ = ["Assembly", "Balance", "FaceLaws", "Run", "RunEvent", "assemble", "run"]
