r"""One face of a cell: its laws, its state, and what it does to the voltage.

A face strips or plates lithium on a solid electrolyte. Its state is a void volume per area, an
interphase and an inventory; contact, resistances and overpotential follow from them:

$$ \eta = \frac{2k_BT}{e}\operatorname{asinh}\frac{j}{2 j_0 a}
   + j\left[R_\mathrm{con}(a) + \frac{L}{\sigma_s a} + R_\mathrm{layers}\right] $$
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import NotConverged
from anolyte.laws.growth import InterphaseGrowth
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.voids import LEAST_CONTACT, VoidLaw, stripping_speed
from anolyte.models.cell import closed_form
from anolyte.models.cell import table as at
from anolyte.models.cell.interior import Interior, PlatedMetal, column

Array = np.ndarray[Any, np.dtype[np.float64]]
TOLERANCE = 1e-4


@dataclass(frozen=True)
class FaceLaws:
    """The laws of one face; every one can be replaced by a rival. Numbers or arrays over cells.

    Args:
        voids: What closes voids (`laws.voids.RIVALS`).
        loss: How much contact a void leaves (`laws.voids.CONTACT_RIVALS`).
        transfer: Charge transfer.
        constriction: Area resistance, ohm m2, of a contact fraction and the electrolyte's
            conductivity, S/m.
        growth: Growth of the interphase.
        flaw: What starts a filament (`laws.fracture.RIVALS`); None: nothing known.
        molar_volume: Of the metal, m3/mol.
        refill: Share of plated metal that goes into voids, 0 to 1.
        interphase_conductivity: S/m; infinite where no resistance is known.
        volume_per_charge: Interphase volume per charge of lithium, m3/C; zero: not known.
        layers: Area resistance of films and layers, ohm m2, of a temperature in K.
        liquid: Share of the open area that a liquid bridges.
        attached: Contact fraction when the cell is put together.
        inventory: Lithium that can be stripped at the start, C/m2; infinite: in excess.
        penetration: How pressure squeezes metal into pores; None: nothing known.
        gap: Void volume per area that the roughness of the face leaves at the start, m.
        interior: What lithium does behind the face: `PlatedMetal`, an alloy or a host.
        isolated: Share of stripped lithium that is left behind without contact (dead lithium).
    """

    voids: VoidLaw
    loss: Any
    transfer: ChargeTransfer
    constriction: Callable[[Any, Any], Any]
    growth: InterphaseGrowth
    flaw: Any
    molar_volume: Any
    refill: Any = 1.0
    interphase_conductivity: Any = np.inf
    volume_per_charge: Any = 0.0
    layers: Callable[[Any], Any] = lambda temperature: 0.0
    liquid: Any = 0.0
    attached: Any = 1.0
    inventory: Any = np.inf
    penetration: Any = None
    gap: Any = 0.0
    interior: Interior = PlatedMetal()
    isolated: Any = 0.0

    def conducting(self, void: Any, follows: Any = 1.0) -> Any:
        """Share of the face that passes ions: in contact, or bridged by a liquid."""
        contact = self.loss(void) * follows
        return np.maximum(contact + (1.0 - contact) * self.liquid, LEAST_CONTACT)


@dataclass(frozen=True)
class FaceState:
    """What a face remembers; arrays over cells.

    Args:
        void: Void volume per area, m.
        age: Of the interphase, as seconds at its reference temperature (`InterphaseGrowth`).
        stripped: Net charge that has left the metal, C/m2.
        lost: Lithium in the interphase, C/m2.
        dead: Lithium without contact, C/m2.
        clipped: Void that clamping at zero added, m.
        steps: Steps of the integrator.
    """

    void: Array
    age: Array
    stripped: Array
    lost: Array
    dead: Array
    clipped: Array
    steps: Array

    def where(self, chosen: Any, other: FaceState) -> FaceState:
        """This state in the chosen cells, another one in the rest."""
        return FaceState(
            *(
                np.where(chosen, getattr(self, name), getattr(other, name))
                for name in self.__dataclass_fields__
            )
        )


@dataclass(frozen=True)
class Trace:
    """A face at some times; arrays (cells, times) in SI; `share` of it passes ions."""

    void: Array
    contact: Array
    share: Array
    interphase: Array
    transfer: Array
    ohmic: Array
    films: Array

    @property
    def overpotential(self) -> Array:
        """V, with the sign of the current."""
        return self.transfer + self.ohmic + self.films

    @property
    def at_the_metal(self) -> Array:
        """The part that stands at the metal itself, without what its films take, V."""
        return self.transfer + self.ohmic


def begin(laws: FaceLaws, cells: int) -> FaceState:
    """The state of a face that was just put together."""
    zero = np.zeros(cells)
    contact = np.clip(np.broadcast_to(laws.attached, cells), 1e-3, 1.0)
    return FaceState(
        void=np.array(np.maximum(np.maximum(laws.loss.void(contact), laws.gap), 0.0) + zero),
        age=zero.copy(), stripped=zero.copy(),
        lost=zero.copy(), dead=zero.copy(), clipped=zero.copy(), steps=zero.copy(),
    )  # fmt: skip


def coefficients(laws: FaceLaws, pressure: Any, temperature: Any, cells: int) -> Array:
    """The laws at a pressure and a temperature as the steppers' table."""
    closing = laws.voids.closing(pressure, temperature)
    table = np.zeros((cells, at.COLUMNS))
    table[:, at.SPEED] = stripping_speed(1.0, laws.molar_volume)
    table[:, at.REFILL] = laws.refill
    table[:, at.STEADY] = closing.steady
    table[:, at.CREEP] = closing.creep_rate
    table[:, at.EXPONENT] = closing.exponent
    table[:, at.BREAKDOWN] = closing.breakdown
    table[:, at.LENGTH] = closing.length
    table[:, at.RELAXATION] = closing.relaxation
    table[:, at.PRESSURE] = pressure
    table[:, at.DEPTH] = laws.loss.depth
    table[:, at.FORM] = laws.loss.form
    return table


@dataclass(frozen=True)
class Surroundings:
    """What a face stands in during a step; numbers or arrays over cells.

    Args:
        pressure: Pa.
        temperature: K.
        conductivity: Of the electrolyte, S/m.
    """

    pressure: Any
    temperature: Any
    conductivity: Any


@dataclass(frozen=True)
class Held:
    """A law of temperature where that does not change: one value, or one a cell as a column."""

    value: Any

    def __call__(self, temperature: Any) -> Any:
        """The value."""
        return self.value


@dataclass(frozen=True)
class Ready:
    """A face's laws at one pressure and temperature, as the stepper takes them.

    Args:
        laws: The laws, and the same as columns.
        table: Coefficients of the kernel.
        pace: Seconds of age in a second.
        charge: Lithium in the interphase, C/m3; zero where its volume is not known.
    """

    laws: FaceLaws
    columns: FaceLaws
    around: Surroundings
    table: Array
    pace: Array
    charge: Array

    def grown(self, state: FaceState, time: Array) -> Any:
        """Lithium that the interphase takes in a time, C/m2; zero where that is not known.

        Args:
            state: The face at the start.
            time: s, shape (cells,) or (cells, times).
        """
        if not self.charge.any():
            return 0.0
        growth, age, pace, charge = self.laws.growth, state.age, self.pace, self.charge
        if time.ndim == 2:
            growth = self.columns.growth
            age, pace, charge = age[:, None], pace[:, None], charge[:, None]
        return charge * (growth.thickness(age + pace * time) - growth.thickness(age))


def ready(laws: FaceLaws, columns: FaceLaws, around: Surroundings, cells: int) -> Ready:
    """Lower a face's laws for as long as pressure and temperature hold."""
    volume = np.array(np.broadcast_to(laws.volume_per_charge, cells), dtype=float)
    columns = replace(columns, layers=Held(columns.layers(column(around.temperature))))
    return Ready(
        laws, columns, around,
        coefficients(laws, around.pressure, around.temperature, cells),
        np.array(np.broadcast_to(laws.growth.ageing(around.temperature), cells)),
        np.divide(1.0, volume, out=np.zeros(cells), where=volume > 0.0),
    )  # fmt: skip


def advance(
    face: Ready, state: FaceState, current: Array, times: Array, tolerance: float = TOLERANCE
) -> tuple[FaceState, Array, Array]:
    """Carry a face through a time at constant current.

    Args:
        face: Its laws, made `ready`.
        state: At the start.
        current: A/m2, positive strips this face, shape (cells,).
        times: s from the start, shape (cells, nodes).
        tolerance: Of the void, relative to the depth at which contact is lost.

    Returns:
        The state at the last time, the voids and interphase thicknesses at all times.

    Raises:
        NotConverged: One cell alone, which the stepper could not carry. In a batch its void is
            held and marked by a negative step count.
    """
    laws = face.laws
    if closed_form.speaks(face.table, times):
        found = closed_form.advance(state.void, current, face.table, times)
    else:
        from anolyte.models.cell import kernel  # compiled code costs a second at its first use

        found = kernel.advance(state.void, current, face.table, times, tolerance)
    voids, stuck, steps, booked = found
    if stuck.any() and current.size == 1:
        raise NotConverged("the void could not be followed; are pressure and laws as meant?")
    span = times[:, -1]
    age = state.age[:, None] + face.pace[:, None] * times
    thickness = face.columns.growth.thickness(age)
    charge = current * span
    leaves = np.maximum(charge, 0.0) * laws.isolated
    after = FaceState(
        void=voids[:, -1].copy(),
        age=age[:, -1],
        stripped=state.stripped + charge,
        lost=state.lost + face.charge * (thickness[:, -1] - thickness[:, 0]),
        dead=state.dead + leaves,
        clipped=state.clipped + booked,
        steps=np.where(stuck == at.STUCK, -np.inf, state.steps + steps),
    )
    return after, voids, thickness


def columned(law: Any) -> Any:
    """A law whose arrays over cells stand as columns, to meet arrays (cells, times)."""
    changed: dict[str, Any] = {}
    for name in law.__dataclass_fields__:
        value = getattr(law, name)
        if isinstance(value, np.ndarray) and value.ndim == 1:
            changed[name] = value[:, None]
        elif is_dataclass(value) and not isinstance(value, type):
            changed[name] = columned(value)
    return replace(law, **changed) if changed else law


def trace(
    laws: FaceLaws, void: Array, thickness: Array, current: Array, around: Surroundings,
    follows: Any = 1.0,
) -> Trace:  # fmt: skip
    """Contact and overpotential of a face.

    Args:
        laws: Its laws, `columned`.
        void, thickness: m, shape (cells, times).
        current: A/m2, positive strips, shape (cells,).
        around: Temperature and conductivity.
        follows: Share of the contact that an electrode that shrinks keeps.
    """
    share = laws.conducting(void, follows)
    j = np.asarray(current, dtype=float)
    j = j[:, None] if j.ndim == 1 else j
    temperature = column(around.temperature)
    resistance = laws.constriction(share, column(around.conductivity))
    resistance = resistance + thickness / (laws.interphase_conductivity * share)
    return Trace(
        void=void,
        contact=laws.loss(void) * follows + 0.0 * void,
        share=share + 0.0 * void,
        interphase=thickness,
        transfer=laws.transfer(j, share, temperature) + 0.0 * void,
        ohmic=j * resistance + 0.0 * void,
        films=j * laws.layers(temperature) + 0.0 * void,
    )
