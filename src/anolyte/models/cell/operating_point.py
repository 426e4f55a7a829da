"""A cell at one state and current: what stores charge in it, and what may be trusted.

Constriction is part of the electrolyte and relaxes with it; the interphase relaxes with its own
permittivity over its conductivity, however thick it is: both are homogeneous, so that their time
constants know no geometry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import quantity
from anolyte.laws.space_charge import VACUUM_PERMITTIVITY
from anolyte.laws.voids import CLOSED
from anolyte.models.cell import engine
from anolyte.models.cell.dynamics import STEP, Face, Modes
from anolyte.models.cell.faces import Array, FaceLaws, FaceState, Surroundings
from anolyte.models.cell.interior import Answer, Leg, Seen

if TYPE_CHECKING:
    from anolyte.models.cell.assembly import Assembly

SMALLEST_VOID = 1e-15
"""m; nothing, but laws whose loss of contact begins vertically still have a slope there."""
PERIODS = 10.0
"""A state may change by the inverse of this within one period, else a point is not trusted."""
YOUNG = 1.0
"""s; an interphase counts as at least so old when its rate of growth is judged."""

# --- What stores charge -------------------------------------------------------------------------


@dataclass(frozen=True)
class GrainBoundaries:
    """Grain boundaries as a second arc of the electrolyte, where they were measured.

    Args:
        share: Of the electrolyte's resistance.
        time_constant: s.
    """

    share: Any = quantity("fraction")
    time_constant: Any = quantity("time")


@dataclass(frozen=True)
class Storage:
    """What stores charge in a cell; numbers or arrays over cells.

    Args:
        double_layers: Of the named and the counter face, F/m2 of contact.
        permittivity: Of the electrolyte, relative; None: not known, so that electrolyte and
            constriction are resistances at every frequency.
        interphases: Relative permittivities; None: a resistance at every frequency.
        films: Capacitances of contamination and layers, F/m2; None: likewise.
        grains: Grain boundaries; None: not told apart from the grains.
        warnings: What is assumed or missing.
    """

    double_layers: tuple[Any, Any]
    permittivity: Any = None
    interphases: tuple[Any, Any] = (None, None)
    films: tuple[Any, Any] = (None, None)
    grains: GrainBoundaries | None = None
    warnings: tuple[str, ...] = ()


def storage(assembly: Assembly) -> Storage:
    """The storage of charge of a cell from its materials and pairs.

    Raises:
        MissingProperty: No file knows a double-layer capacitance.
    """
    told: list[str] = []
    electrolyte = assembly.device.bulk.electrolyte
    named = assembly.parameters[0]
    layers, interphases = [], []
    for p in assembly.parameters:
        pair = f"{p.electrolyte.name} | {p.anode.name}"
        layers.append(p.pair("double_layer_capacitance"))
        if p.used["double layer capacitance"].source.how == "assumed":
            told.append(
                f"{pair}: the double-layer capacitance is assumed; resistances do not depend on "
                "it, frequencies of arcs do"
            )
        own = p.pair("interphase_permittivity", math.nan)
        known = bool(np.all(np.isfinite(own)))
        if not known and p.electrolyte.has("relative_permittivity"):
            own, known = p.of(p.electrolyte, "relative_permittivity"), True
            told.append(f"{pair}: the interphase's permittivity is taken to be the electrolyte's")
        interphases.append(own if known else None)
    permittivity = None
    if electrolyte.has("relative_permittivity"):
        permittivity = named.of(electrolyte, "relative_permittivity")
    else:
        told.append(
            f"{electrolyte.name}: relative permittivity unknown; electrolyte and constriction "
            "show as a resistance at every frequency"
        )
    return Storage(
        (layers[0], layers[1]), permittivity, (interphases[0], interphases[1]),
        warnings=tuple(dict.fromkeys(told)),
    )  # fmt: skip


# --- The cell at an operating point -------------------------------------------------------------


@dataclass(frozen=True)
class OperatingPoint:
    """Cells at one state and current; arrays over cells.

    Args:
        device: The laws.
        storage: What stores charge.
        states: Of the named and the counter face; `void` and `age` matter.
        current: A/m2, positive strips the named side.
        pressure: Pa.
        temperature: K.
        insides: What stands inside the electrodes (`engine.Cells.insides`).
    """

    device: engine.Device
    storage: Storage
    states: tuple[FaceState, FaceState]
    current: Array
    pressure: Array
    temperature: Array
    insides: tuple[Any, Any] = (None, None)

    @cached_property
    def conductivity(self) -> Array:
        """Of the electrolyte, S/m."""
        found = self.device.bulk.conductivity(self.temperature)
        return np.broadcast_to(found, self.current.shape)

    @cached_property
    def dielectric_time(self) -> Array | None:
        """Time constant of the electrolyte's grains, s."""
        if self.storage.permittivity is None:
            return None
        grains = 0.0 if self.storage.grains is None else self.storage.grains.share
        return self.storage.permittivity * VACUUM_PERMITTIVITY * (1.0 - grains) / self.conductivity

    @cached_property
    def faces(self) -> tuple[Face, Face]:
        """Both faces as dynamic systems."""
        around = Surroundings(self.pressure, self.temperature, self.conductivity)
        found = []
        stored = self.storage
        for laws, state, layer, permittivity, capacitance, seen in zip(
            self.device.faces, self.states, stored.double_layers, stored.interphases, stored.films,
            self.seen, strict=True,
        ):  # fmt: skip
            interphase, ohms = None, laws.layers(self.temperature)
            if permittivity is not None and np.all(np.isfinite(laws.interphase_conductivity)):
                interphase = permittivity * VACUUM_PERMITTIVITY / laws.interphase_conductivity
            films = None if capacitance is None or not np.all(ohms) else capacitance * ohms
            thickness = laws.growth.thickness(state.age)
            times = (self.dielectric_time, interphase, films)
            follows = 1.0 if seen is None else np.ravel(seen.contact)
            found.append(Face(laws, around, thickness, layer, times, follows))
        return found[0], found[1]

    def sides(self) -> tuple[tuple[Face, Array, Array], ...]:
        """Each face with its void and its own current."""
        pairs = zip(self.faces, self.states, (1.0, -1.0), strict=True)
        return tuple(
            (face, np.maximum(state.void, SMALLEST_VOID), sign * self.current)
            for face, state, sign in pairs
        )

    def contact(self, side: int, index: int) -> float:
        """Share of one face that conducts."""
        share = self.faces[side].share(self.states[side].void)
        return float(np.broadcast_to(share, self.current.shape)[index])

    @cached_property
    def electrolyte(self) -> Modes:
        """The electrolyte between the faces."""
        resistance = self.device.bulk.thickness / self.conductivity
        grains = self.storage.grains
        share = 0.0 if grains is None else grains.share
        parts = [((1.0 - share) * resistance, self.dielectric_time)]
        if grains is not None:
            parts.append((share * resistance, grains.time_constant))
        none = np.zeros((resistance.size, 0))
        found = Modes(none, none, np.zeros(resistance.size))
        for ohms, time in parts:
            if time is None:
                found = replace(found, direct=found.direct + ohms)
                continue
            pole = np.broadcast_to(-1.0 / time, ohms.shape)[:, None]
            found = found + Modes(pole, -pole * ohms[:, None], 0.0)
        return found

    @cached_property
    def modes(self) -> Modes:
        """The whole cell."""
        found = self.electrolyte
        for face, void, current in self.sides():
            found = found + face.linear(void, current).modes()
        for answer in self.answers:
            if answer is not None:
                found = found + Modes(answer.poles, answer.residues, answer.direct)
        return found

    def _legs(self) -> tuple[tuple[FaceLaws, Any, Leg], ...]:
        return tuple(
            (laws, inside, Leg(state, sign * self.current, self.temperature, self.pressure))
            for laws, inside, state, sign in zip(
                self.device.faces, self.insides, self.states, (1.0, -1.0), strict=True
            )
        )

    @cached_property
    def answers(self) -> tuple[Answer | None, Answer | None]:
        """How both insides answer; None: not at all, or their state was not given."""
        one, other = (
            None if inside is None else laws.interior.answer(inside, leg)
            for laws, inside, leg in self._legs()
        )
        return one, other

    @cached_property
    def rest(self) -> Array:
        """Voltage without current, V: of the insides' states, as made where none is given."""
        one, other = (
            laws.interior.open_circuit if seen is None else np.ravel(seen.potential)
            for laws, seen in zip(self.device.faces, self.seen, strict=True)
        )
        return np.broadcast_to(one, self.current.shape) - other

    @cached_property
    def seen(self) -> tuple[Seen | None, Seen | None]:
        """What both insides show; None where their state was not given."""
        start = np.zeros((self.current.size, 1))
        one, other = (
            None if inside is None else laws.interior.look(inside, leg, start)
            for laws, inside, leg in self._legs()
        )
        return one, other

    @cached_property
    def voltage(self) -> Array:
        """Quasi-static voltage, V."""
        (one, first, j), (other, second, i) = self.sides()
        ohmic = self.current * self.device.bulk.thickness / self.conductivity
        named = one.voltage(one.relaxed(first, j), j)
        return self.rest + ohmic + named - other.voltage(other.relaxed(second, i), i)

    @cached_property
    def resistance(self) -> Array:
        """dV/dj with frozen voids, ohm m2."""
        found = self.device.bulk.thickness / self.conductivity
        for face, void, current in self.sides():
            found = found + face.slow(void, current)[0]
        return found

    @cached_property
    def least_frequency(self) -> Array:
        """Hz below which the cell changes too much within a period to have an impedance.

        Ten times the rate at which voids change, relative to themselves (at least 1 nm), and at
        which growing interphases raise the resistance of the cell.
        """
        rate = np.zeros(self.current.shape)
        for (face, void, current), state in zip(self.sides(), self.states, strict=True):
            change = np.abs(face.void_speed(void, current)) / np.maximum(void, CLOSED)
            growth = face.laws.growth
            age = np.maximum(state.age, YOUNG)
            grows = growth.thickness(age + 1j * STEP).imag / STEP * growth.ageing(self.temperature)
            share = face.share(void) * face.laws.interphase_conductivity
            rate = np.maximum(rate, np.maximum(change, grows / share / self.resistance))
        for answer in self.answers:
            rate = rate if answer is None else np.maximum(rate, answer.pace)
        return PERIODS * rate


def operating_point(
    device: engine.Device,
    storage: Storage,
    states: tuple[FaceState, FaceState],
    current: Any,
    pressure: Any,
    temperature: Any,
    insides: tuple[Any, Any] = (None, None),
) -> OperatingPoint:
    """Cells at one state and current; numbers are taken for every cell.

    Raises:
        DataError: A number that no cell can have.
    """
    cells = states[0].void.size

    def wide(value: Any, name: str, least: float) -> Array:
        array = np.array(np.broadcast_to(np.asarray(value, dtype=float), cells))
        if not (np.isfinite(array).all() and (array >= least).all()):
            raise DataError(f"impedance: {name} {value} is not possible")
        return array

    return OperatingPoint(
        device, storage, states,
        wide(current, "current density in A/m2", -math.inf),
        wide(pressure, "stack pressure in Pa", 0.0),
        wide(temperature, "temperature in K", 1.0),
        insides,
    )  # fmt: skip
