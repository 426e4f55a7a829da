"""Many designs run at once: one batch of cells for all that share their laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.models.cell import engine
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.faces import Array, columned, trace
from anolyte.models.cell.host_face import refuse_host
from anolyte.models.cell.joined import at, joined, likeness
from anolyte.studies.cell import Cell
from anolyte.studies.learn.knowledge import Knowledge, Sources
from anolyte.studies.levers.run import HOUR, LONG, TINY, Batch, fine_ramp
from anolyte.studies.optimise.space import CYCLES, RESTED

SOURCES = Sources()
STABLE = "stable"
"""What thermodynamics calls a pair that does not react."""
RAMP = fine_ramp(last=400.0, ratio=1.2)
"""Half cycles of 1 h from 0.05 to 35 mA/cm2 that rise by a fifth: so well is a limit known."""


@dataclass(frozen=True)
class Silence:
    """Of what nobody has measured anything, so that no risk of it can be told.

    Args:
        growth: How the interphase grows, of a pair that reacts.
        filaments: At what a filament starts.
    """

    growth: bool
    filaments: bool

    @classmethod
    def of(cls, cell: Cell, made: Assembly) -> Silence:
        """What the laws of a cell lack; a pair that does not react needs no law of growth."""
        missing = {name for part in made.parameters for name in part.missing}
        reacts = "growth_constant" in missing and cell._character() != STABLE
        return cls(reacts, all(face.flaw is None for face in made.device.faces))


@dataclass(frozen=True, eq=False)
class Answers:
    """What cells of one likeness say; every array is (designs, draws).

    What nobody measured is not a number: it must not pass for no risk.

    Args:
        cells: The designs.
        silent: Of what nothing is known, of each.
        device: All of them joined, with their draws.
        draws: Sets of parameters of each.
    """

    cells: Sequence[Cell]
    silent: Sequence[Silence]
    device: engine.Device
    draws: int

    def _unless(self, silent: Sequence[bool], values: Array) -> Array:
        return np.where(np.array(silent)[:, None], np.nan, values)

    def _wide(self, values: Sequence[float]) -> Array:
        return np.repeat(np.asarray(values, float), self.draws)

    def _table(self, values: Any) -> Array:
        return np.broadcast_to(values, len(self.cells) * self.draws).reshape(-1, self.draws)

    @cached_property
    def pressure(self) -> Array:
        return self._wide([c.conditions.stack_pressure for c in self.cells])

    @cached_property
    def temperature(self) -> Array:
        return self._wide([c.conditions.temperature for c in self.cells])

    @cached_property
    def current(self) -> Array:
        """A/m2, (designs, 1)."""
        return np.array([[abs(c.conditions.current_density)] for c in self.cells])

    @cached_property
    def _batch(self) -> Batch:
        runs = len(self.cells) * self.draws
        return Batch(self.device, self.pressure, self.temperature, runs)  # type: ignore[arg-type]

    @cached_property
    def critical(self) -> Array:
        """A/m2, the highest level of the ramp that was carried."""
        found = self._table(self._batch.critical(RAMP))
        return self._unless([s.filaments for s in self.silent], found)

    @cached_property
    def _rested(self) -> tuple[Array, Array]:
        return self._batch.resistances(Protocol((Step(0.0, duration=HOUR),)))

    @cached_property
    def face_resistance(self) -> Array:
        """ohm m2, of the named face after an hour at rest."""
        return self._table(self._rested[0])

    @cached_property
    def cell_resistance(self) -> Array:
        """ohm m2, of the whole cell after an hour at rest."""
        return self._table(self._rested[1])

    @cached_property
    def aged_resistance(self) -> Array:
        """ohm m2, of the whole cell whose interphases are 1000 h old."""
        faces, total = self.device.faces, np.zeros(len(self.cells) * self.draws)
        batch = self._batch
        cells = engine.start(self.device, self.pressure, self.temperature, 1.0, batch.runs)
        outcome = engine.Outcome(self.device, cells)
        walk = engine.Walk(self.device, cells, outcome, False, 1e-4, np.zeros(1))
        tiny = np.full(batch.runs, TINY)
        for laws, state in zip(faces, cells.states, strict=True):
            tall = columned(laws)
            thick = np.broadcast_to(laws.growth(LONG, self.temperature), batch.runs)
            seen = trace(tall, state.void[:, None], thick[:, None], tiny, walk.around)
            total = total + seen.overpotential[:, 0] / TINY
        return self._unless(self._growing, self._table(total + walk.resistance))

    @property
    def _growing(self) -> list[bool]:
        return [s.growth for s in self.silent]

    @cached_property
    def interphase(self) -> Array:
        """m, on the named face after 1000 h."""
        found = self._table(self.device.faces[0].growth(LONG, self.temperature))
        return self._unless(self._growing, found)

    @cached_property
    def lithium_lost(self) -> Array:
        """C/m2, in that interphase; not a number where nobody knows how much it takes."""
        volume = self._table(self.device.faces[0].volume_per_charge)
        with np.errstate(divide="ignore", invalid="ignore"):
            lost = np.where(volume > 0.0, self.interphase / volume, np.nan)
        return np.where(self.interphase == 0.0, 0.0, lost)

    @cached_property
    def _lived(self) -> engine.Cells:
        """After twenty cycles at the current and with the charge of each design."""
        current = self._wide([abs(c.conditions.current_density) for c in self.cells])
        charge = self._wide([c.conditions.areal_capacity for c in self.cells])
        size = len(self.cells) * self.draws
        cells = engine.start(self.device, self.pressure, self.temperature, current, size, charge)
        protocol = _cycles(self.cells[0]) or cycling(1.0, charge=1.0, cycles=CYCLES)
        engine.simulate(self.device, protocol, cells, keep=False, nodes=10)
        return cells

    @cached_property
    def least_contact(self) -> Array:
        """Share of the face, at worst in those cycles."""
        return self._table(self._lived.least_contact)

    @cached_property
    def cycles(self) -> Array:
        """Cycles that were carried through, twenty at most."""
        ended = self._lived.end_cycle
        return self._table(np.where(self._lived.ended < 0, CYCLES, np.maximum(ended, 0)))


def _cycles(cell: Cell) -> Protocol | None:
    """What is done twenty times, where the design has rests."""
    protocol = cell.protocol
    return protocol if protocol is not None and protocol.name == RESTED else None


def answers(
    cells: Sequence[Cell], draws: int, seed: int, known: Knowledge = SOURCES
) -> tuple[list[tuple[list[int], Answers]], dict[int, str]]:
    """Cells by their likeness, and why some cannot be run.

    Args:
        cells: The designs.
        draws: Sets of parameters of each, the same for all.
        seed: Of the draws.
        known: Where numbers come from.

    Returns:
        Places in `cells` with their answers, and a reason for each place that has none.
    """
    groups: dict[Any, list[tuple[int, engine.Device]]] = {}
    silent: dict[int, Silence] = {}
    refused: dict[int, str] = {}
    for number, cell in enumerate(cells):
        try:
            refuse_host(cell.interface.anode)
            made = known.assemble(cell, draws, seed)
            device = at(made.device, cell.conditions.temperature, draws)
            silent[number] = Silence.of(cell, made)
        except AnolyteError as error:
            refused[number] = str(error)
            continue
        alike = likeness(device), _cycles(cell)
        groups.setdefault(alike, []).append((number, device))
    found = []
    for members in groups.values():
        places = [number for number, _ in members]
        device = joined([part for _, part in members], draws)
        told = [silent[k] for k in places]
        found.append((places, Answers([cells[k] for k in places], told, device, draws)))
    return found, refused
