"""A protocol carried through on many cells at once: steps, events, balances.

Under a current the faces are independent: each is advanced alone, and the voltage is their sum with
the electrolyte's,

$$ V = E_A - E_B + j R_\\mathrm{bulk} + \\eta_A(j) - \\eta_B(-j) $$

positive current stripping the named side A, E the potentials of the electrodes at rest. Events are
looked for at the nodes of a step, then located between two nodes by a second pass on a finer grid;
the state is carried to that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from anolyte.materials.protocol import LONGEST, Protocol, Step
from anolyte.models.cell.faces import (
    TOLERANCE,
    Array,
    FaceLaws,
    FaceState,
    Ready,
    Surroundings,
    advance,
    columned,
    ready,
    trace,
)
from anolyte.models.cell.interior import Leg
from anolyte.models.cell.records import (
    ENDS_CELL,
    FATAL,
    KINDS,
    Cells,
    Device,
    Event,
    Happening,
    Outcome,
    Piece,
    start,
)
from anolyte.models.cell.signals import BOUND, SHORTEST, first, load_of

__all__ = [
    "BOUND", "ENDS_CELL", "FATAL", "KINDS", "NODES", "Cells", "Device", "Event", "Happening",
    "Outcome", "Piece", "Walk", "simulate", "start",
]  # fmt: skip

NODES = 20
FINE = 12
HALVINGS = 60
Side = tuple[FaceLaws, FaceState, float]
"""A face's laws and state, and the sign of its own current."""


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
    even = np.linspace(0.0, 1.0, nodes)
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
        from anolyte.models.cell.ends import by_its_ends

        if self.keep or not self.device.plain:
            return self.carry(number, step, current, self.grid)[0]
        return by_its_ends(self, number, step, current)

    def carry(
        self, number: int, step: Step, current: Array, grid: Array, *, search: bool = True
    ) -> tuple[Any, Piece]:
        """What ended a step, if that is sought, and how it went at some shares of its time."""
        current = current * self.cells.alive
        span, short = self._spans(step, current)
        span, inside = self._inside(current, span)
        wear = self.wear
        with np.errstate(divide="ignore"):
            left = np.where(wear > 0.0, (1.0 - self.cells.damage) / wear, np.inf)
        pressed = left < span
        span = np.where(pressed, np.maximum(left, SHORTEST), span)
        piece = self.look(number, step, current, span[:, None] * grid)
        kind, when = first(self.device, piece) if search else (np.full(current.shape, -1), span)
        found = kind >= 0
        if found.any():
            kind, when = self._refine(piece, kind, when)
            span = np.where(found, when, span)
            piece = self.look(number, step, current, span[:, None] * grid)
        stuck = np.isneginf(piece.after[0].steps) | np.isneginf(piece.after[1].steps)
        kind = np.where(stuck, KINDS.index(Event.FAILED), kind)
        kind = np.where((kind < 0) & pressed, KINDS.index(Event.EXTRUSION), kind)
        kind = np.where(kind < 0, inside, kind)
        kind = np.where((kind < 0) & short, KINDS.index(Event.EXHAUSTED), kind)
        piece = replace(piece, event=kind)
        self.cells.damage = self.cells.damage + np.where(self.cells.alive, wear * span, 0.0)
        self._book(piece)
        return kind, piece

    def _inside(self, current: Array, span: Array) -> tuple[Array, Any]:
        """The span until an electrode is empty or full at its face, and which ends it (or -1)."""
        ends = np.full(current.shape, -1)
        for (laws, _, sign), inside, leg in self.legs(current):
            left = laws.interior.time_left(inside, leg, span)
            if left is None:
                continue
            empty = KINDS.index(Event.DEPLETED), KINDS.index(Event.FULL)
            ends = np.where(left < span, np.where(sign * current > 0.0, *empty), ends)
            span = np.minimum(span, np.maximum(left, SHORTEST))
        return span, ends

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
                charge = step.charge * self.cells.portion
                whole = np.where(current != 0.0, charge / np.abs(current), LONGEST)
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
            return drain * time + face.grown(state, time)

        low, high = np.zeros_like(span), span.copy()
        ends = (drain > 0.0) & (used(high) >= left)
        if not ends.any():
            return np.full(span.shape, np.inf)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            over = used(middle) >= left
            low, high = np.where(over, low, middle), np.where(over, middle, high)
        return np.where(ends, high, np.inf)

    def _sides(self) -> tuple[Side, Side]:
        (one, other), (first, second) = self.device.faces, self.cells.states
        return (one, first, 1.0), (other, second, -1.0)

    def legs(self, current: Array) -> Iterator[tuple[Side, Any, Leg]]:
        """Each side with its inside and the stretch of current that it is to go through."""
        cells = self.cells
        for face, side, inside in zip(self.faces, self._sides(), cells.insides, strict=True):
            _, state, sign = side
            grown = partial(face.grown, state)
            yield side, inside, Leg(state, sign * current, cells.temperature, cells.pressure, grown)

    def look(self, number: int, step: Step, current: Array, times: Array) -> Piece:
        """The step at some times."""
        traces, after, insides = [], [], []
        for face, ((laws, state, _), inside, leg) in zip(
            self.faces, self.legs(current), strict=True
        ):
            new, void, thickness = advance(face, state, leg.current, times, self.tolerance)
            seen = laws.interior.look(inside, leg, times)
            traces.append(
                trace(face.columns, void, thickness, leg.current, self.around, seen.contact)
            )
            insides.append(seen)
            after.append(new)
        ohmic = (current * self.resistance)[:, None] + np.zeros_like(times)
        rest = (insides[0].potential - insides[1].potential) * self.cells.alive[:, None]
        voltage = rest + ohmic + traces[0].overpotential - traces[1].overpotential
        return Piece(
            number=number, step=step, start=self.cells.time.copy(), times=times, current=current,
            voltage=voltage, faces=(traces[0], traces[1]), insides=(insides[0], insides[1]),
            bulk=ohmic, load=load_of(self.columns, (traces[0], traces[1]), current),
            pressure=self.cells.pressure.copy(), temperature=self.cells.temperature.copy(),
            event=np.full(current.shape, -1), span=times[:, -1], after=(after[0], after[1]),
        )  # fmt: skip

    def _refine(self, piece: Piece, kind: Any, when: Array) -> tuple[Any, Array]:
        """What ends a step, and when, from a finer grid around the first estimate."""
        rows = np.arange(when.size)
        sought = np.where(np.isfinite(when), when, piece.times[:, -1])
        node = np.clip((piece.times < sought[:, None]).sum(axis=1), 1, piece.times.shape[1] - 1)
        low, high = piece.times[rows, node - 1], piece.times[rows, node]
        between = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, FINE)
        times = np.concatenate([np.zeros((when.size, 1)), np.maximum(between, 1e-9)], axis=1)
        fine = self.look(piece.number, piece.step, piece.current, times)
        again, time = first(self.device, fine)
        seen = (kind >= 0) & (again >= 0)
        return np.where(seen, again, kind), np.where(seen, np.minimum(time, high), when)

    def _book(self, piece: Piece) -> None:
        """Move the cells to the end of a step and note what happened."""
        cells, kind, span = self.cells, piece.event, piece.span
        alive = cells.alive
        inner, opposite = (
            laws.interior.later(inside, leg, span, alive)
            for (laws, _, _), inside, leg in self.legs(piece.current)
        )
        cells.insides, after = (inner, opposite), piece.after
        if not alive.all():
            one, other = (n.where(alive, old) for n, old in zip(after, cells.states, strict=True))
            after = (one, other)
        cells.states = after
        contact = piece.conducting
        _extreme(cells, "least_contact", np.minimum, contact)
        _extreme(cells, "most_voltage", np.maximum, np.abs(piece.voltage))
        _extreme(cells, "most_load", np.maximum, piece.load)
        charge = np.where(alive, np.abs(piece.current) * span, 0.0)
        cells.passed = cells.passed + charge
        cells.plated = cells.plated + np.where(piece.current < 0.0, charge, 0.0)
        cells.time = cells.time + np.where(alive, span, 0.0)
        happened = alive & (kind >= 0)
        fatal = happened & FATAL[kind]
        if fatal.any():
            cells.ended = np.where(fatal, kind, cells.ended)
            cells.end_time = np.where(fatal, cells.time, cells.end_time)
            cells.end_current = np.where(fatal, np.abs(piece.current), cells.end_current)
            cells.end_cycle = np.where(fatal, piece.step.cycle, cells.end_cycle)
            cells.end_contact = np.where(fatal, contact[:, -1], cells.end_contact)
        if self.keep:
            self.outcome.pieces.append(replace(piece, after=after, insides_after=cells.insides))
            for cell in np.flatnonzero(happened):
                self.outcome.events.append(
                    Happening(int(cell), piece.number, KINDS[int(kind[cell])],
                              float(cells.time[cell]), float(piece.current[cell]))
                )  # fmt: skip
        cells.alive = alive & ~fatal


def _extreme(cells: Cells, name: str, pick: Any, values: Array) -> None:
    before = getattr(cells, name)
    most = pick.reduce(np.ascontiguousarray(values.T), axis=0)  # far faster than along few nodes
    setattr(cells, name, np.where(cells.alive, pick(before, most), before))
