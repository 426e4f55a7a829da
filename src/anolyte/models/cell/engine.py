"""A protocol carried through on many cells at once: steps, events, balances.

Under a current the faces are independent: each is advanced alone, and the voltage is their sum with
the electrolyte's,

$$ V = E + j R_\\mathrm{bulk} + \\eta_A(j) - \\eta_B(-j) $$

positive current stripping the named side A. Events are looked for at the nodes of a step, then
located between two nodes by a second pass on a finer grid; the state is carried to that time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from anolyte.materials.protocol import LONGEST, Protocol, Step
from anolyte.models.cell.build import Bulk
from anolyte.models.cell.faces import (
    TOLERANCE,
    Array,
    FaceLaws,
    FaceState,
    Ready,
    Surroundings,
    Trace,
    advance,
    begin,
    columned,
    ready,
    trace,
)

NODES = 20
FINE = 12
BOUND = 10.0
"""V; beyond it a cell is as good as open."""


class Event(StrEnum):
    """What ends a step, or a cell."""

    CRACK = "crack"
    EXTRUSION = "lithium pressed through pores"
    CONTACT_LOSS = "contact loss"
    EXHAUSTED = "lithium exhausted"
    DEPLETED = "alloy depleted"
    OPEN = "open circuit"
    CUT_OFF = "cut-off"
    FAILED = "not converged"


ENDS_CELL = (Event.CRACK, Event.EXTRUSION, Event.CONTACT_LOSS, Event.OPEN, Event.FAILED)
KINDS = tuple(Event)
FATAL = np.array([e in ENDS_CELL for e in KINDS])
HALVINGS = 60
SHORTEST = 1e-6
"""s; no step is shorter."""


@dataclass(frozen=True)
class Device:
    """A cell as its laws: electrolyte, two faces, and the difference of their rest potentials.

    Args:
        bulk: The electrolyte.
        faces: The named side and the counter side.
        rest: Rest potential of the named side against the counter side, V.
        least_contact: Conducting share below which contact counts as lost.
    """

    bulk: Bulk
    faces: tuple[FaceLaws, FaceLaws]
    rest: float = 0.0
    least_contact: float = 0.05


@dataclass
class Cells:
    """Where a batch of cells stands; arrays over cells."""

    states: tuple[FaceState, FaceState]
    pressure: Array
    temperature: Array
    scale: Array
    time: Array
    alive: np.ndarray[Any, np.dtype[np.bool_]]
    ended: np.ndarray[Any, np.dtype[np.int64]]
    end_time: Array
    end_current: Array
    end_cycle: np.ndarray[Any, np.dtype[np.int64]]
    least_contact: Array
    most_voltage: Array
    most_load: Array
    plated: Array
    passed: Array
    damage: Array
    end_contact: Array
    fields: tuple[Any, Any] = (None, None)


@dataclass(frozen=True)
class Piece:
    """One step as it went; arrays (cells, nodes)."""

    number: int
    step: Step
    start: Array
    times: Array
    current: Array
    voltage: Array
    faces: tuple[Trace, Trace]
    conducting: tuple[Array, Array]
    bulk: Array
    load: Array
    lithium: Array
    pressure: Array
    temperature: Array
    event: np.ndarray[Any, np.dtype[np.int64]]
    span: Array


@dataclass(frozen=True)
class Happening:
    """An event: in which cell, at which step, what, when (s), and at which current (A/m2)."""

    cell: int
    step: int
    kind: Event
    time: float
    current: float


@dataclass
class Outcome:
    """What came of a protocol: the last state and, where kept, every step."""

    device: Device
    cells: Cells
    pieces: list[Piece] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)


def start(device: Device, pressure: Any, temperature: Any, scale: Any, cells: int) -> Cells:
    """Cells that were just put together."""

    def wide(value: Any) -> Array:
        return np.array(np.broadcast_to(np.asarray(value, dtype=float), cells))

    zero = np.zeros(cells)
    return Cells(
        states=(begin(device.faces[0], cells), begin(device.faces[1], cells)),
        pressure=wide(pressure), temperature=wide(temperature), scale=wide(scale),
        time=zero.copy(), alive=np.ones(cells, dtype=bool),
        ended=np.full(cells, -1), end_time=np.full(cells, np.nan),
        end_current=np.full(cells, np.nan), end_cycle=np.full(cells, -1),
        least_contact=np.ones(cells), most_voltage=zero.copy(), most_load=zero.copy(),
        plated=zero.copy(), passed=zero.copy(), damage=zero.copy(),
        end_contact=np.ones(cells),
        fields=(_field(device.faces[0], cells), _field(device.faces[1], cells)),
    )  # fmt: skip


def _field(laws: FaceLaws, cells: int) -> Any:
    return None if laws.alloy is None else laws.alloy.rest(cells)


def simulate(
    device: Device,
    protocol: Protocol,
    cells: Cells,
    *,
    keep: bool = True,
    nodes: int = NODES,
    tolerance: float = TOLERANCE,
    after_step: Callable[[int, Cells], None] | None = None,
) -> Outcome:
    """Carry a protocol through.

    Args:
        device: Electrolyte and faces.
        protocol: The steps.
        cells: Where the cells stand; changed in place.
        keep: Keep every step (single runs) or only the last state and the extremes (maps).
        nodes: Times at which a step is looked at.
        tolerance: Of the stepper.
        after_step: Called with the number of the step that is done.
    """
    from anolyte.models.cell.hold import hold

    early = np.append(np.geomspace(1.0 / 3600.0, 1.0, max(nodes - 1, 1)), 1.0)
    even = np.linspace(0.0, 1.0, nodes if keep else 5)
    grid = np.unique(np.concatenate([early, even]))
    walk = Walk(device, cells, Outcome(device, cells), keep, tolerance, grid)
    for number, step in enumerate(protocol.steps):
        if not cells.alive.any():
            break
        walk.surround(step)
        if step.current_density is None:
            hold(walk, number, step)
        else:
            walk.constant(number, step, step.current_density * cells.scale)
        if after_step is not None:
            after_step(number, cells)
    return walk.outcome


@dataclass
class Walk:
    """A batch of cells on its way through a protocol."""

    device: Device
    cells: Cells
    outcome: Outcome
    keep: bool
    tolerance: float
    grid: Array

    def __post_init__(self) -> None:
        one, other = self.device.faces
        self.columns: tuple[FaceLaws, FaceLaws] = (columned(one), columned(other))
        self.refresh()

    def refresh(self) -> None:
        """What depends on pressure and temperature alone, for as long as they hold."""
        kelvin = self.cells.temperature
        kappa = np.broadcast_to(self.device.bulk.conductivity(kelvin), kelvin.shape)
        self.around = Surroundings(self.cells.pressure, kelvin, kappa)
        self.resistance = self.device.bulk.thickness / kappa
        self.wear = self._wear()
        one, other = (
            ready(laws, columns, self.around, kelvin.size)
            for laws, columns in zip(self.device.faces, self.columns, strict=True)
        )
        self.faces: tuple[Ready, Ready] = (one, other)

    def surround(self, step: Step) -> None:
        """Pressure and temperature from a step on."""
        cells = self.cells
        if step.pressure is not None:
            cells.pressure = np.full_like(cells.pressure, step.pressure)
        if step.temperature is not None:
            cells.temperature = np.full_like(cells.temperature, step.temperature)
        if step.pressure is not None or step.temperature is not None:
            self.refresh()

    def constant(self, number: int, step: Step, current: Array) -> Any:
        """One step at a given current; what ended it in each cell (-1: nothing)."""
        current = current * self.cells.alive
        span, short = self._spans(step, current)
        span, dry = self._dry(current, span)
        wear = self.wear
        with np.errstate(divide="ignore"):
            left = np.where(wear > 0.0, (1.0 - self.cells.damage) / wear, np.inf)
        pressed = left < span
        span = np.where(pressed, np.maximum(left, SHORTEST), span)
        piece, after = self.look(number, step, current, span[:, None] * self.grid)
        kind, when = self._first(piece)
        found = kind >= 0
        # a cell that is lost in a map needs no state any more: a straight line tells when
        exact = found if self.keep else found & ~FATAL[kind]
        if exact.any():
            when = np.where(exact, self._refine(piece, kind, when), when)
            span = np.where(exact, when, span)
            piece, after = self.look(number, step, current, span[:, None] * self.grid)
        piece = replace(piece, span=np.where(found, when, span))
        stuck = np.isneginf(after[0].steps) | np.isneginf(after[1].steps)
        kind = np.where(stuck, KINDS.index(Event.FAILED), kind)
        kind = np.where((kind < 0) & pressed, KINDS.index(Event.EXTRUSION), kind)
        kind = np.where((kind < 0) & dry, KINDS.index(Event.DEPLETED), kind)
        kind = np.where((kind < 0) & short, KINDS.index(Event.EXHAUSTED), kind)
        self.cells.damage = self.cells.damage + np.where(self.cells.alive, wear * piece.span, 0.0)
        self._book(replace(piece, event=kind), after)
        return kind

    def _dry(self, current: Array, span: Array) -> tuple[Array, Any]:
        """The span until an alloy's face is depleted, and whether that ends it."""
        dry = np.zeros(current.shape, dtype=bool)
        for (laws, _, sign), inside in zip(self._sides(), self.cells.fields, strict=True):
            if laws.alloy is None:
                continue
            left = laws.alloy.time_left(inside, sign * current, span, self.cells.temperature)
            dry |= left < span
            span = np.minimum(span, np.maximum(left, SHORTEST))
        return span, dry

    def _wear(self) -> Array:
        """Damage a second by pressure, of the face that wears faster."""
        cells = self.cells
        wear = np.zeros_like(cells.time)
        for laws in self.device.faces:
            if laws.penetration is not None:
                rate = laws.penetration.rate(cells.pressure, cells.temperature)
                wear = np.maximum(wear, rate)
        return wear

    def _spans(self, step: Step, current: Array) -> tuple[Array, Any]:
        """How long each cell's step may last, and whether lithium ends it."""
        span = np.full(current.shape, step.duration)
        if step.charge is not None:
            with np.errstate(divide="ignore"):
                whole = np.where(current != 0.0, step.charge / np.abs(current), LONGEST)
            span = np.minimum(np.minimum(span, whole), LONGEST)
        span = np.where(self.cells.alive, span, 1.0)
        short = np.zeros(current.shape, dtype=bool)
        for face, (laws, state, sign) in zip(self.faces, self._sides(), strict=True):
            drain = np.maximum(sign * current, 0.0) * (1.0 + np.asarray(laws.isolated))
            if np.all(np.isinf(laws.inventory)) or not drain.any():
                continue
            lasts = self._lasts(face, state, drain, span)
            short |= lasts < span
            span = np.minimum(span, np.maximum(lasts, SHORTEST))
        return span, short

    def _lasts(self, face: Ready, state: FaceState, drain: Array, span: Array) -> Array:
        """When the lithium of a face is used up, by the current and by its growing interphase."""
        left = np.asarray(face.laws.inventory) - state.stripped - state.lost - state.dead
        left = np.broadcast_to(np.maximum(left, 0.0), drain.shape)

        def used(time: Array) -> Array:
            grown = face.grown(state, time)
            return drain * time + (0.0 if grown is None else grown)

        low, high = np.zeros_like(span), span.copy()
        ends = (drain > 0.0) & (used(high) >= left)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            over = used(middle) >= left
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return np.where(ends, high, np.inf)

    def _sides(self) -> tuple[tuple[FaceLaws, FaceState, float], ...]:
        (one, other), (first, second) = self.device.faces, self.cells.states
        return (one, first, 1.0), (other, second, -1.0)

    def look(
        self, number: int, step: Step, current: Array, times: Array
    ) -> tuple[Piece, tuple[FaceState, FaceState]]:
        """The step at some times, and the states at the last of them."""
        device, around = self.device, self.around
        traces, after = [], []
        for face, (_, state, sign) in zip(self.faces, self._sides(), strict=True):
            own = sign * current
            new, void, thickness = advance(face, state, own, times, self.tolerance)
            traces.append(trace(face.columns, void, thickness, own, around))
            after.append(new)
        ohmic = (current * self.resistance)[:, None] + np.zeros_like(times)
        rest = device.rest * self.cells.alive[:, None]
        voltage = rest + ohmic + traces[0].overpotential - traces[1].overpotential
        share = [
            columns.conducting(seen.void)
            for columns, seen in zip(self.columns, traces, strict=True)
        ]
        piece = Piece(
            number=number, step=step, start=self.cells.time.copy(), times=times, current=current,
            voltage=voltage, faces=(traces[0], traces[1]), conducting=(share[0], share[1]),
            bulk=ohmic, load=_load(self.columns, traces, share, current),
            lithium=self._lithium(current, times),
            pressure=self.cells.pressure.copy(), temperature=self.cells.temperature.copy(),
            event=np.full(current.shape, -1), span=times[:, -1],
        )  # fmt: skip
        return piece, (after[0], after[1])

    def _lithium(self, current: Array, times: Array) -> Array:
        """Lithium at the named side's face, as a share of what was there at the start."""
        laws, inside = self.device.faces[0], self.cells.fields[0]
        if laws.alloy is None:
            return np.ones_like(times)
        found = laws.alloy.face(inside, current, times, self.cells.temperature)
        return found / np.reshape(laws.alloy.initial, (-1, 1))

    def _first(self, piece: Piece) -> tuple[Any, Array]:
        """The first thing that ends the step in each cell (-1: nothing), and when."""
        cells = piece.current.size
        kind, when = np.full(cells, -1), np.full(cells, np.inf)
        for number, signal in _signals(self.device, piece):
            over = signal >= 0.0
            some = over.any(axis=1)
            if not some.any():
                continue
            time = _crossing(piece.times, signal, over.argmax(axis=1))
            earlier = some & (time < when)
            kind = np.where(earlier, number, kind)
            when = np.where(earlier, time, when)
        return kind, np.maximum(when, SHORTEST)

    def _refine(self, piece: Piece, kind: Any, when: Array) -> Array:
        """The time of what ends a step, from a finer grid around the first estimate."""
        rows = np.arange(when.size)
        sought = np.where(np.isfinite(when), when, piece.times[:, -1])
        node = np.clip((piece.times < sought[:, None]).sum(axis=1), 1, piece.times.shape[1] - 1)
        low, high = piece.times[rows, node - 1], piece.times[rows, node]
        between = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, FINE)
        times = np.concatenate([np.zeros((when.size, 1)), np.maximum(between, 1e-9)], axis=1)
        fine, _ = self.look(piece.number, piece.step, piece.current, times)
        again, time = self._first(fine)
        return np.where(again == kind, np.minimum(time, high), when)

    def _book(self, piece: Piece, after: tuple[FaceState, FaceState]) -> None:
        """Move the cells to the end of a step and note what happened."""
        cells, kind, span = self.cells, piece.event, piece.span
        alive = cells.alive
        one, other = (new.where(alive, old) for new, old in zip(after, cells.states, strict=True))
        cells.states = (one, other)
        fields = [
            None
            if laws.alloy is None
            else laws.alloy.later(inside, sign * piece.current, span, cells.temperature, alive)
            for (laws, _, sign), inside in zip(self._sides(), cells.fields, strict=True)
        ]
        cells.fields = (fields[0], fields[1])
        within = piece.times <= span[:, None] * (1.0 + 1e-12)
        contact = np.minimum(*piece.conducting)
        _extreme(cells, "least_contact", np.minimum, np.where(within, contact, 1.0).min(axis=1))
        volts = np.where(within, np.abs(piece.voltage), 0.0)
        _extreme(cells, "most_voltage", np.maximum, volts.max(axis=1))
        _extreme(cells, "most_load", np.maximum, np.where(within, piece.load, 0.0).max(axis=1))
        charge = np.where(alive, np.abs(piece.current) * span, 0.0)
        cells.passed = cells.passed + charge
        cells.plated = cells.plated + np.where(piece.current < 0.0, charge, 0.0)
        cells.time = cells.time + np.where(alive, span, 0.0)
        happened = alive & (kind >= 0)
        fatal = happened & FATAL[kind]
        cells.ended = np.where(fatal, kind, cells.ended)
        cells.end_time = np.where(fatal, cells.time, cells.end_time)
        cells.end_current = np.where(fatal, np.abs(piece.current), cells.end_current)
        cells.end_cycle = np.where(fatal, piece.step.cycle, cells.end_cycle)
        cells.end_contact = np.where(fatal, _at(piece.times, contact, span), cells.end_contact)
        if self.keep:
            self.outcome.pieces.append(piece)
            for cell in np.flatnonzero(happened):
                self.outcome.events.append(
                    Happening(int(cell), piece.number, KINDS[int(kind[cell])],
                              float(cells.time[cell]), float(piece.current[cell]))
                )  # fmt: skip
        cells.alive = alive & ~fatal


def _at(times: Array, values: Array, when: Array) -> Array:
    """A series at one time of each cell, by a straight line."""
    rows = np.arange(when.size)
    node = np.clip((times < when[:, None]).sum(axis=1), 1, times.shape[1] - 1)
    low, high = times[rows, node - 1], times[rows, node]
    share = np.clip((when - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
    return values[rows, node - 1] + share * (values[rows, node] - values[rows, node - 1])


def _extreme(cells: Cells, name: str, pick: Any, value: Array) -> None:
    before = getattr(cells, name)
    setattr(cells, name, np.where(cells.alive, pick(before, value), before))


def _load(
    columns: tuple[FaceLaws, FaceLaws], traces: list[Trace], share: list[Any], current: Array
) -> Array:
    """How far the plating face's flaws are loaded; one opens them."""
    load = np.zeros_like(traces[0].void)
    for laws, seen, contact, sign in zip(columns, traces, share, (1.0, -1.0), strict=True):
        flaw = laws.flaw
        if flaw is None:
            continue
        plating = (sign * current < 0.0)[:, None]
        own = np.maximum(-seen.at_the_metal, 0.0)
        load = np.maximum(load, np.where(plating, flaw.load(own, contact), 0.0))
    return load


def _signals(device: Device, piece: Piece) -> tuple[tuple[int, Array], ...]:
    """What ends a step: kind, and a signal that reaches zero there."""
    contact = np.minimum(*piece.conducting)
    size = np.abs(piece.voltage)
    moving = (piece.current != 0.0)[:, None]
    limit = piece.step.stop_voltage
    found = [
        (KINDS.index(Event.CRACK), piece.load - 1.0),
        (KINDS.index(Event.CONTACT_LOSS), np.where(moving, device.least_contact - contact, -1.0)),
        (KINDS.index(Event.OPEN), size - BOUND),
    ]
    if limit is not None:
        found.append((KINDS.index(Event.CUT_OFF), np.where(moving, size - limit, -1.0)))
    return tuple(found)


def _crossing(times: Array, signal: Array, node: Any) -> Array:
    """Where a signal passes zero before a node, by a straight line."""
    rows = np.arange(times.shape[0])
    before = np.maximum(node - 1, 0)
    low, high = signal[rows, before], signal[rows, node]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(node > 0, -low / (high - low), 0.0)
    share = np.clip(np.nan_to_num(share), 0.0, 1.0)
    return times[rows, before] + share * (times[rows, node] - times[rows, before])
