"""The levers that come with the package; a number that no source gives is called assumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import quantity
from anolyte.laws.contact import PlasticContact
from anolyte.laws.plating import IslandPlating
from anolyte.laws.plating_losses import CoverageIsolation, Isolation
from anolyte.laws.polymerisation import GeometricMixing, KeptContact, PolymerisedFilm
from anolyte.laws.voids import Together
from anolyte.laws.wetting import CapillaryContact
from anolyte.materials.library import default
from anolyte.materials.protocol import Step
from anolyte.materials.stack import Layer
from anolyte.models.cell.faces import FaceLaws
from anolyte.studies.levers.layer import space_charge
from anolyte.studies.levers.lever import Lever, Side

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

HOUR = 3600.0


def _surface(cell: Cell, **changes: Any) -> Cell:
    surface = replace(cell.interface.surface, **changes)
    return replace(cell, interface=replace(cell.interface, surface=surface))


def _conditions(cell: Cell, **changes: float) -> Cell:
    return replace(cell, conditions=replace(cell.conditions, **changes))


def _liquid(cell: Cell, amount: float) -> Cell:
    return _surface(cell, liquid=amount)


def _rough(cell: Cell, amount: float) -> Cell:
    return _surface(cell, roughness=amount)


def _cleaned(cell: Cell, amount: float) -> Cell:
    return _surface(cell, cleaned=True, film=None)


def _attached(cell: Cell, amount: float) -> Cell:
    return replace(cell, attach_pressure=amount)


def _pressure(cell: Cell, amount: float) -> Cell:
    return _conditions(cell, stack_pressure=cell.conditions.stack_pressure * amount)


def _warmer(cell: Cell, amount: float) -> Cell:
    return _conditions(cell, temperature=cell.conditions.temperature + amount)


def _slower(cell: Cell, amount: float) -> Cell:
    return _conditions(cell, current_density=cell.conditions.current_density * amount)


def _thinner(cell: Cell, amount: float) -> Cell:
    sample = replace(cell.interface.sample, thickness=cell.interface.sample.thickness * amount)
    return replace(cell, interface=replace(cell.interface, sample=sample))


def _lithium_nitride(cell: Cell, amount: float) -> Cell:
    layer = Layer(default().interlayer("Li3N"), amount)
    return replace(cell, interface=cell.interface.with_layers(*cell.interface.layers, layer))


PRESS = 600.0
"""s under the high pressure, before the stack pressure."""


def _pressed_first(cell: Cell, amount: float) -> Cell:
    if cell.protocol is None:
        return cell
    first, own = cell.protocol.steps[0], cell.conditions.stack_pressure
    press = Step(0.0, duration=PRESS, pressure=amount, cycle=first.cycle)
    back = Step(0.0, duration=1.0, pressure=own, cycle=first.cycle)
    return replace(cell, protocol=replace(cell.protocol, steps=(press, back, *cell.protocol.steps)))


PARTS = 4
"""Pulses in which a half cycle is cut."""


def _pulsed(cell: Cell, amount: float) -> Cell:
    """The same current and charge in parts, each with a rest of its own length times the amount."""
    if cell.protocol is None:
        return cell
    steps: list[Step] = []
    for step in cell.protocol.steps:
        if step.current_density:
            charge = None if step.charge is None else step.charge / PARTS
            pulse = replace(step, duration=step.duration / PARTS, charge=charge)
            steps += [pulse, Step(0.0, duration=pulse.lasts * amount, cycle=step.cycle)] * PARTS
        else:
            steps.append(step)
    return replace(cell, protocol=replace(cell.protocol, steps=tuple(steps)))


def _healing(laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
    return replace(laws, voids=Together((laws.voids,), relaxation=1.0 / amount))


@dataclass(frozen=True)
class Added:
    """Films and layers, and one more.

    Args:
        layers: Area resistance of those that are there, ohm m2, of a temperature in K.
        resistance: Of the one more, ohm m2.
    """

    layers: Callable[[Any], Any]
    resistance: Any

    def __call__(self, temperature: Any) -> Any:
        """The sum at a temperature in K, ohm m2."""
        return self.layers(temperature) + self.resistance


@dataclass(frozen=True)
class Polymerised:
    """A film made between electrolyte and metal; the amount is its conversion.

    It keeps the contact of the liquid, fills the gaps of a rough face, and flows into voids that
    open later as far as it is still liquid.

    Args:
        film: Its conductivity, contact and thickness.
    """

    film: PolymerisedFilm

    def __call__(self, laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
        flows = self.film.contact.bridging(amount)
        return replace(
            laws,
            attached=self.film.contact(amount, side.attached_at),
            gap=0.0,
            liquid=laws.liquid + (1.0 - laws.liquid) * flows,
            layers=Added(laws.layers, self.film.film_resistance(amount)),
        )


@dataclass(frozen=True)
class Wetted:
    """Contact by pressure and capillary forces; the amount is the contact angle of lithium, rad.

    Args:
        radius: Of the gaps, m.
    """

    radius: float = quantity("length")

    def __call__(self, laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
        p, metal = side.parameters, default().anode("Li")
        own = p.anode if p.anode.has("hardness") else metal
        law = PlasticContact(p.of(own, "hardness"))
        law = CapillaryContact(law, p.of(metal, "surface_energy"), self.radius)
        return replace(laws, attached=law(side.attached_at, amount))


@dataclass(frozen=True)
class Islands:
    """First plating as islands on a bare collector; the amount is their distance, m.

    Args:
        isolation: What a strip cuts off (`laws.plating_losses.ISOLATIONS`).
        contact_angle: Of lithium on the collector, rad.
    """

    isolation: Isolation
    contact_angle: float = quantity("angle")

    def deposit(self, distance: float, molar_volume: Any) -> IslandPlating:
        """The law of how they cover."""
        return IslandPlating(1.0 / distance**2, self.contact_angle, molar_volume)

    def __call__(self, laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
        if not side.named:
            return laws
        if np.any(np.asarray(laws.inventory) > 0.0):
            raise DataError("islands of first plating need a bare collector (anode-free)")
        charge = side.cell.conditions.areal_capacity
        covered = self.deposit(amount, laws.molar_volume).coverage(charge)
        cut = self.isolation(covered)
        attached = np.minimum(laws.attached, covered)
        # a face counts what it leaves behind by what it strips
        return replace(laws, attached=attached, isolated=cut / (1.0 - cut))


def _space_charge(laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
    return replace(laws, layers=Added(laws.layers, space_charge(side.cell, amount).resistance))


# The film: 5 mS/cm as a liquid, 0.1 mS/cm as a polymer, 5 um; the islands: 90 degrees and 5 % cut
# off from lone ones, none from a film. Assumed, all of them, and said so in `basis`.
IN_PLACE = Polymerised(PolymerisedFilm(GeometricMixing(0.5, 0.01), KeptContact(), 5e-6))
ON_COLLECTOR = Islands(CoverageIsolation(0.0, 0.05), np.pi / 2.0)

LIQUID = Lever(
    "liquid share", "share of the open face that a residual liquid bridges",
    "fraction", 0.1, 0.2, cell=_liquid,
    aliases=("residual liquid", "wetting liquid"), least=0.0, most=1.0,
)  # fmt: skip
HEALING = Lever(
    "self-healing", "time in which a void closes by itself to 1/e",
    "time", 2.0 * HOUR, HOUR, face=_healing, references=("flowable2024",),
    basis="a knob; one network was reported to heal at 5.6 um/h (abstract)",
    aliases=("healing", "healing relaxation"), least=36.0, most=1000.0 * HOUR,
)  # fmt: skip
ROUGHNESS = Lever(
    "rougher face", "root-mean-square roughness; its gaps are open at the start",
    "length", 1e-6, 2e-6, cell=_rough,
    aliases=("roughness",), least=0.0, most=1e-4,
)  # fmt: skip
ATTACHED = Lever(
    "attached under pressure", "pressure at which the metal was attached",
    "pressure", 25e6, 50e6, cell=_attached,
    aliases=("attachment pressure",), least=0.0, most=1e9,
)  # fmt: skip
PRESSED = Lever(
    "pressed first", "pressure for ten minutes before the first cycle",
    "pressure", 25e6, 50e6, cell=_pressed_first,
    aliases=("pressing", "pressing history"), least=0.0, most=1e9,
)  # fmt: skip
PRESSURE = Lever(
    "stack pressure times", "of the cell's own, all the time", "number", 2.0, 4.0, cell=_pressure,
    aliases=("stack pressure", "pressure"), least=0.01, most=100.0,
)  # fmt: skip
WARMTH = Lever(
    "warmer by", "than the cell", "temperature_difference", 20.0, 40.0, cell=_warmer,
    aliases=("warmth", "heating"), least=-100.0, most=200.0,
)  # fmt: skip
POLYMER = Lever(
    "polymerised in the cell", "conversion of a film of 5 um between electrolyte and metal",
    "fraction", 0.5, 1.0, face=IN_PLACE, references=("zhao2019pdol", "lichtenecker1926mixing"),
    basis="5 mS/cm as a liquid, 0.1 mS/cm as a polymer and the thickness are assumed",
    aliases=("polymerisation", "polymerisation conversion", "conversion"),
    least=0.0, most=1.0,
)  # fmt: skip
CLEANED = Lever(
    "cleaned face", "contamination removed and kept away", "fraction", 1.0, cell=_cleaned,
    basis="the resistance of an untreated face is that of others of its class",
    aliases=("cleaning",), least=1.0, most=1.0,
)  # fmt: skip
INTERLAYER = Lever(
    "interlayer of Li3N", "thickness", "length", 50e-9, 100e-9, cell=_lithium_nitride,
    basis="lithium then touches Li3N, a contact that nobody measured, on a face taken as clean",
    aliases=("interlayer", "Li3N"), least=1e-9, most=1e-5,
)  # fmt: skip
THINNER = Lever(
    "electrolyte thickness times", "of the cell's own", "number", 0.5, 0.25, cell=_thinner,
    aliases=("electrolyte thickness", "thickness"), least=0.01, most=100.0,
)  # fmt: skip
SLOWER = Lever(
    "current times", "of the cell's own; the ramp keeps its levels",
    "number", 0.5, 0.25, cell=_slower,
    aliases=("current",), least=0.01, most=100.0,
)  # fmt: skip
PULSED = Lever(
    "rests between pulses times", "of the quarter of a half cycle before each",
    "number", 1.0, 2.0, cell=_pulsed, references=("reisecker2023pulse",),
    basis="a knob; pulses of a microsecond, which helped in one cell, are another thing",
    aliases=("rests", "pulses"), least=0.0, most=100.0,
)  # fmt: skip
WETTING = Lever(
    "wetted face", "contact angle of lithium", "angle", np.pi / 3.0, face=Wetted(0.5e-6),
    basis="gaps of 0.5 um are assumed", references=("washburn1921pores",),
    aliases=("wetting", "contact angle"), least=0.0, most=np.pi,
)  # fmt: skip
SPACE_CHARGE = Lever(
    "space charge", "potential that depletes the electrolyte at the face",
    "potential", 0.1, 0.2, face=_space_charge, references=("klerk2018space",),
    basis="half of the lithium sites filled is assumed",
    aliases=("space-charge layer",), least=-1.0, most=1.0,
)  # fmt: skip
ISLANDS = Lever(
    "islands in place of a film, each", "side of the square that has one island of first plating",
    "length", 20e-6, 40e-6, face=ON_COLLECTOR, references=("avrami1940",),
    basis="a contact angle of 90 degrees and 5 % cut off from lone islands are assumed",
    aliases=("islands", "anode-free islands"), least=1e-6, most=1e-3,
)  # fmt: skip
ALL = (
    LIQUID, HEALING, ROUGHNESS, ATTACHED, PRESSED, PRESSURE, WARMTH, POLYMER, CLEANED,
    INTERLAYER, THINNER, SLOWER, PULSED, WETTING, SPACE_CHARGE, ISLANDS,
)  # fmt: skip
