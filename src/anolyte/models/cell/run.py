"""A protocol on one cell, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY
from anolyte.laws.fracture import plating_stress
from anolyte.laws.gas import ElectrochemicalGas
from anolyte.materials.protocol import Protocol
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import engine
from anolyte.models.cell.assembly import Assembly, assemble
from anolyte.models.cell.signals import SHORTEST


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
        face_lithium: At the named side's face: of an alloy as a share of the start, of a host of
            what it holds when full; else one.
        potential: Of the named side at rest with that lithium, V vs Li/Li+.
        host_stress: In the plane of a host that its base holds, Pa, positive in tension.
        growth, stack_growth: Of the thickness of the named side, and of both sides, since they
            were made, m.
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
    potential: tuple[float, ...] = quantity("potential")
    host_stress: tuple[float, ...] = quantity("pressure")
    growth: tuple[float, ...] = quantity("length")
    stack_growth: tuple[float, ...] = quantity("length")
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
    cuts = [] if device.breathes else [s for s in protocol.steps if s.stop_voltage is not None]
    if wrong := next((s for s in cuts if (s.stop_voltage or 0.0) <= 0.0), None):
        raise DataError(
            f"step '{wrong}': between plated metals the size of the voltage counts, so its cut-off "
            "must be positive"
        )
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

    piece = walk.look(0, Step(tiny, duration=1.0), np.full(1, tiny), np.array([[0.0, 1e-6]]))
    one, other = (np.ravel(seen.potential)[0] for seen in piece.insides)
    return float(piece.voltage[0, 0] - (one - other)) / tiny


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
        rows = [(np.asarray(get(p)), p.times.shape[1]) for p in pieces]
        wide = [np.broadcast_to(row if row.ndim == 0 else row[0], n) for row, n in rows]
        return tuple(np.concatenate(wide).tolist())

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
        face_lithium=series(lambda p: p.insides[0].lithium),
        growth=series(lambda p: p.insides[0].growth + named(p).void),
        stack_growth=series(_stack_growth),
        host_stress=series(lambda p: p.insides[0].stress),
        potential=series(lambda p: p.insides[0].potential),
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
        warnings=assembly.warnings + _doubts(protocol, outcome),
        sources=assembly.sources,
    )


def _doubts(protocol: Protocol, outcome: engine.Outcome) -> tuple[str, ...]:
    """What a reader may not expect of a run."""
    told: dict[str, None] = {}
    moves = outcome.device.faces[0].interior.moves
    for piece in outcome.pieces:
        words = f"step {piece.number + 1} '{protocol.steps[piece.number]}'"
        cut = piece.event[0] == engine.KINDS.index(engine.Event.CUT_OFF)
        if cut and piece.span[0] <= SHORTEST:
            told[f"{words} ended at once: its cut-off was passed before it began"] = None
        plates = piece.insides[0].potential + piece.faces[0].transfer
        if moves and piece.current[0] < 0.0 and np.min(plates) < 0.0:
            told[f"{words}: the host falls below 0 V vs Li/Li+; lithium that plates on it is not "
                 "modelled"] = None  # fmt: skip
    return tuple(told)


def _stack_growth(piece: engine.Piece) -> Any:
    """Growth of the stack: both electrodes and their voids, m."""
    return sum(
        seen.growth + face.void for seen, face in zip(piece.insides, piece.faces, strict=True)
    )


def _stress(device: engine.Device, piece: engine.Piece) -> Any:
    """Pressure that the overpotential of the plating face can build up, Pa."""
    side = int(piece.current[0] > 0.0)  # stripping the named side plates the counter side
    own = np.maximum(-piece.faces[side].at_the_metal, 0.0)
    volume = np.ravel(device.faces[side].molar_volume)[0]
    return plating_stress(own, volume) if volume else 0.0 * own  # a host takes lithium up


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
    volume = max(float(np.max(np.asarray(laws.molar_volume))) for laws in faces) / FARADAY
    return Balance(
        charge=max(abs(stripped[0] - charge), abs(stripped[1] + charge)) / passed,
        lithium=abs(sum(stripped)) / passed,
        clipped=float(sum(s.clipped[0] for s in cells.states)) / max(passed * volume, 1e-30),
    )
