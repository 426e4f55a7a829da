"""What a run is told in: events, where cells stand, how each step went."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from anolyte.materials.protocol import Step
from anolyte.models.cell.build import Bulk
from anolyte.models.cell.faces import Array, FaceLaws, FaceState, Trace, begin
from anolyte.models.cell.interior import PlatedMetal, Seen


class Event(StrEnum):
    """What ends a step, or a cell."""

    CRACK = "crack"
    EXTRUSION = "lithium pressed through pores"
    CONTACT_LOSS = "contact loss"
    EXHAUSTED = "lithium exhausted"
    DEPLETED = "no lithium at the face"
    FULL = "full of lithium"
    OPEN = "open circuit"
    CUT_OFF = "cut-off"
    FAILED = "not converged"


ENDS_CELL = (Event.CRACK, Event.EXTRUSION, Event.CONTACT_LOSS, Event.OPEN, Event.FAILED)
KINDS = tuple(Event)
FATAL = np.array([e in ENDS_CELL for e in KINDS])


@dataclass(frozen=True)
class Device:
    """A cell as its laws: electrolyte and two faces.

    Args:
        bulk: The electrolyte.
        faces: The named side and the counter side.
        least_contact: Conducting share below which contact counts as lost.
    """

    bulk: Bulk
    faces: tuple[FaceLaws, FaceLaws]
    least_contact: float = 0.05

    @property
    def plain(self) -> bool:
        """Whether both sides are metal, so that a voltage grows with voids and films alone."""
        metal = all(isinstance(laws.interior, PlatedMetal) for laws in self.faces)
        return metal and not np.any(self.rest)

    @property
    def breathes(self) -> bool:
        """Whether a side's potential moves with its charge, so that a voltage has a sign."""
        return any(laws.interior.moves for laws in self.faces)

    @property
    def rest(self) -> Any:
        """Voltage of the cell as made, without current, V."""
        one, other = (laws.interior.open_circuit for laws in self.faces)
        return one - other


@dataclass
class Cells:
    """Where a batch of cells stands; arrays over cells.

    `scale` is what a step's current is multiplied by, `portion` the same of its charge.
    """

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
    insides: tuple[Any, Any] = (None, None)
    portion: Any = 1.0


@dataclass(frozen=True)
class Piece:
    """One step as it went; arrays (cells, nodes).

    `after` and `insides_after` are what its end left of the faces and inside the electrodes.
    """

    number: int
    step: Step
    start: Array
    times: Array
    current: Array
    voltage: Array
    faces: tuple[Trace, Trace]
    insides: tuple[Seen, Seen]
    bulk: Array
    load: Array
    pressure: Array
    temperature: Array
    event: np.ndarray[Any, np.dtype[np.int64]]
    span: Array
    after: tuple[FaceState, FaceState]
    insides_after: tuple[Any, Any] = (None, None)

    @property
    def conducting(self) -> Array:
        """Share of the face that passes ions, of the side that has less of it."""
        return np.minimum(self.faces[0].share, self.faces[1].share)


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


def start(
    device: Device, pressure: Any, temperature: Any, scale: Any, cells: int, portion: Any = 1.0
) -> Cells:
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
        insides=(device.faces[0].interior.rest(cells), device.faces[1].interior.rest(cells)),
        portion=wide(portion),
    )  # fmt: skip
