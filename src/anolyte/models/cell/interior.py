"""What lithium does inside an electrode: the side of a face that the electrolyte does not see.

Plated metal has no inside: it rests at one potential and every atom can be stripped. An alloy and a
host hold their lithium inside, where it must diffuse; what arrives at the face sets the potential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from anolyte.core.units import FARADAY

if TYPE_CHECKING:
    from anolyte.models.cell.faces import Array, FaceState


@dataclass(frozen=True)
class Seen:
    """The inside of an electrode at some times; what broadcasts to arrays (cells, times).

    Args:
        potential: At rest with what stands at the face, V vs Li/Li+.
        lithium: At the face, as a share of what it holds when full (an alloy: as made).
        contact: Share of the face's contact that is left after the electrode has shrunk.
        growth: Of the electrode's thickness since it was made, m.
        stress: In the plane of a host that is held, Pa; zero where none is known.
    """

    potential: Any
    lithium: Any = 1.0
    contact: Any = 1.0
    growth: Any = 0.0
    stress: Any = 0.0


@dataclass(frozen=True)
class Leg:
    """A stretch of constant current that a face goes through; arrays over cells.

    Args:
        face: The face's state at its start.
        current: A/m2, positive strips this face.
        temperature: K.
        pressure: Pa.
        grown: Lithium that the interphase takes in times after the start, C/m2.
    """

    face: FaceState
    current: Array
    temperature: Any
    pressure: Any
    grown: Callable[[Array], Any] = lambda times: 0.0

    def taken(self, times: Array) -> Array:
        """Lithium that interphase and lost pieces have taken at times, C/m2, (cells, times)."""
        return (self.face.lost + self.face.dead)[:, None] + self.grown(times)


@dataclass(frozen=True)
class Answer:
    r"""How the inside's potential answers a small current, $Z = d + \sum_k r_k/(s - p_k)$.

    Args:
        poles: 1/s, shape (cells, modes).
        residues: ohm m2/s.
        direct: ohm m2, shape (cells,).
        resistance: Of diffusion once it has spread, ohm m2.
        time: Of diffusion across the piece, s.
        capacitance: Charge that moves the potential, F/m2.
        pace: Share of the capacity that the current of the moment takes, 1/s.
    """

    poles: Array
    residues: Array
    direct: Array
    resistance: Array
    time: Array
    capacitance: Array
    pace: Array


class Interior(Protocol):
    """What an electrode's inside answers; its state over cells is handed in and out."""

    moves: ClassVar[bool]
    """Whether its potential moves with its charge."""

    @property
    def open_circuit(self) -> Any:
        """Its potential as made, V vs Li/Li+."""
        ...

    @property
    def capacity(self) -> float | None:
        """Charge that fills it, C/m2; None: nothing does."""
        ...

    def rest(self, cells: int) -> Any:
        """The state as made."""
        ...

    def time_left(self, inside: Any, leg: Leg, span: Array) -> Array | None:
        """When within a span no more lithium leaves or enters, s; infinite: it goes on.

        None where the inside never ends a step.
        """
        ...

    def currents(self, inside: Any, leg: Leg, span: Array) -> tuple[Array, Array] | None:
        """Between which a span does not end on an empty or a full face, A/m2; None: any."""
        ...

    def later(self, inside: Any, leg: Leg, span: Array, chosen: Any) -> Any:
        """The state after a span, s; the same as before in cells that are not chosen."""
        ...

    def look(self, inside: Any, leg: Leg, times: Array) -> Seen:
        """What it shows at times after the start, s, shape (cells, times)."""
        ...

    def answer(self, inside: Any, leg: Leg) -> Answer | None:
        """Its potential under a small alternating current; None: it does not move."""
        ...


def column(value: Any) -> Any:
    """A number, or one a cell as a column that meets arrays (cells, times)."""
    array = np.asarray(value, dtype=float)
    return array[:, None] if array.ndim == 1 else value


@dataclass(frozen=True)
class PlatedMetal:
    """Metal without an inside: one potential, and a thickness that follows the charge.

    Args:
        potential: V vs Li/Li+.
        molar_volume: m3/mol of lithium; zero: its growth is not followed.
    """

    potential: Any = 0.0
    molar_volume: Any = 0.0

    moves: ClassVar[bool] = False

    @property
    def open_circuit(self) -> Any:
        """Its potential, whatever its charge."""
        return self.potential

    @property
    def capacity(self) -> None:
        """Nothing fills it."""

    def rest(self, cells: int) -> None:
        """Nothing."""

    def time_left(self, inside: None, leg: Leg, span: Array) -> None:
        """It never ends a step: what is left of a foil is the face's inventory."""

    def currents(self, inside: None, leg: Leg, span: Array) -> None:
        """Any: there is no field inside."""

    def later(self, inside: None, leg: Leg, span: Array, chosen: Any) -> None:
        """Nothing."""

    def look(self, inside: None, leg: Leg, times: Array) -> Seen:
        """One potential; what is plated makes it thicker."""
        plated = -(leg.face.stripped[:, None] + leg.current[:, None] * times)
        return Seen(column(self.potential), growth=plated * column(self.molar_volume) / FARADAY)

    def answer(self, inside: None, leg: Leg) -> None:
        """One potential."""
