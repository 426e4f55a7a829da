"""The design space: knobs of a cell, and the range or the choices that each of them has.

A knob knows how a cell looks when it is set; a new one is one more line of `KNOBS`. Choices of
material are set before numbers, so that a thickness finds its layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import DataError
from anolyte.core.units import number, show
from anolyte.laws import conduction
from anolyte.materials.coating import made_by
from anolyte.materials.library import Library, default
from anolyte.materials.protocol import cycling
from anolyte.materials.stack import Layer
from anolyte.studies.cell import Cell

NONE = "none"
"""The choice of no layer."""


@dataclass(frozen=True)
class Knob:
    """One thing that a designer sets.

    Args:
        name: In words.
        kind: Of its number; empty for a choice of names.
        set: The cell with it.
        least, most: Between which it makes sense, SI.
        logarithmic: Whether factors matter rather than differences.
        needs: What must be there for it to change anything.
    """

    name: str
    kind: str
    set: Callable[[Cell, Any], Cell]
    least: float = 0.0
    most: float = math.inf
    logarithmic: bool = False
    needs: str = ""


def _condition(name: str) -> Callable[[Cell, float], Cell]:
    def put(cell: Cell, value: float) -> Cell:
        return replace(cell, conditions=replace(cell.conditions, **{name: value}))

    return put


def _surface(name: str) -> Callable[[Cell, float], Cell]:
    def put(cell: Cell, value: float) -> Cell:
        surface = replace(cell.interface.surface, **{name: value})
        return replace(cell, interface=replace(cell.interface, surface=surface))

    return put


def _attached(cell: Cell, value: float) -> Cell:
    return replace(cell, attach_pressure=value)


def _thickness(cell: Cell, value: float) -> Cell:
    sample = replace(cell.interface.sample, thickness=value)
    return replace(cell, interface=replace(cell.interface, sample=sample))


def _layered(cell: Cell, value: float) -> Cell:
    layers = tuple(replace(layer, thickness=value) for layer in cell.interface.layers)
    return replace(cell, interface=replace(cell.interface, layers=layers))


def _library(cell: Cell) -> Library:
    return cell.lib or default()


def _electrolyte(cell: Cell, name: str) -> Cell:
    material = _library(cell).electrolyte(name)
    return replace(cell, interface=replace(cell.interface, electrolyte=material))


def _anode(cell: Cell, name: str) -> Cell:
    material = _library(cell).anode(name)
    return replace(cell, interface=replace(cell.interface, anode=material))


def _interlayer(cell: Cell, text: str) -> Cell:
    name, process = made_by(text)
    layers: tuple[Layer, ...] = ()
    if name != NONE:
        layer = Layer.parse(name, _library(cell))
        layers = (layer if process is None else replace(layer, coverage=process.coverage),)
    return replace(cell, interface=replace(cell.interface, layers=layers))


CYCLES = 20
RESTED = "cycling with rests"


def _rested(cell: Cell, text: str) -> Cell:
    pause = number(text, "time")
    made = cycling(1.0, charge=1.0, cycles=CYCLES, rest=pause)
    return replace(cell, protocol=replace(made, name=RESTED) if pause else None)


KNOBS = (
    Knob("electrolyte", "", _electrolyte),
    Knob("anode", "", _anode),
    Knob("interlayer", "", _interlayer),
    Knob("interlayer thickness", "length", _layered, 1e-9, 1e-4, True, "an interlayer"),
    Knob("electrolyte thickness", "length", _thickness, 1e-7, 1e-2, True),
    Knob("stack pressure", "pressure", _condition("stack_pressure"), 0.0, 1e9, True),
    Knob("attachment pressure", "pressure", _attached, 0.0, 1e9, True),
    Knob("temperature", "temperature", _condition("temperature"), 200.0, 500.0),
    Knob("current", "current_density", _condition("current_density"), 1e-3, 1e4, True),
    Knob("capacity", "areal_capacity", _condition("areal_capacity"), 1.0, 1e7, True),
    Knob("roughness", "length", _surface("roughness"), 0.0, 1e-4),
    Knob("liquid share", "fraction", _surface("liquid"), 0.0, 1.0),
    Knob("rest", "", _rested),
)  # fmt: skip
"""In the order in which they are set."""


@dataclass(frozen=True)
class Range:
    """A knob between two values.

    Args:
        knob: Which.
        low, high: SI or texts.

    Raises:
        DataError: Bounds that contradict each other, or that make no sense for this knob.
    """

    knob: Knob
    low: float
    high: float

    if TYPE_CHECKING:

        def __init__(self, knob: Knob, low: float | str, high: float | str) -> None: ...

    def __post_init__(self) -> None:
        name, kind = self.knob.name, self.knob.kind
        for side in ("low", "high"):
            object.__setattr__(self, side, number(getattr(self, side), kind))
        if not self.low < self.high:
            raise DataError(
                f"{name}: from {show(self.low, kind)} to {show(self.high, kind)} is no range; "
                "the first must be less"
            )
        if not self.knob.least <= self.low <= self.high <= self.knob.most:
            raise DataError(
                f"{name}: goes from {show(self.knob.least, kind)} to "
                f"{show(self.knob.most, kind)}, not from {show(self.low, kind)} to "
                f"{show(self.high, kind)}"
            )

    @property
    def logarithmic(self) -> bool:
        """Whether it is searched by factors."""
        return self.knob.logarithmic and self.low > 0.0 and self.high > 2.0 * self.low

    def at(self, share: float) -> float:
        """The value at a share of the way."""
        if self.logarithmic:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share

    def share(self, value: float) -> float:
        """How far along a value lies."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def told(self, value: float) -> str:
        """A value in words."""
        return show(value, self.knob.kind)


@dataclass(frozen=True)
class Choice:
    """A knob with a few settings.

    Args:
        knob: Which.
        options: Names.

    Raises:
        DataError: Fewer than two, or the same twice.
    """

    knob: Knob
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.options)) != len(self.options) or len(self.options) < 2:
            raise DataError(
                f"{self.knob.name}: a choice needs two settings or more, each once; to keep one, "
                "write it in the cell"
            )

    def told(self, value: str) -> str:
        """A setting in words."""
        return value


Variable = Range | Choice
Point = Mapping[str, float | str]
"""Values by the name of the knob, SI."""


@dataclass(frozen=True)
class Space:
    """A cell and what of it may change.

    Args:
        cell: As it is where nothing is changed.
        variables: Each knob at most once.

    Raises:
        DataError: A knob twice, none, or a number for something that is not there.

    >>> by_name = {knob.name: knob for knob in KNOBS}
    >>> space = Space(Cell("LLZO", "Li"), (Range(by_name["stack pressure"], "1 MPa", "9 MPa"),))
    >>> space.at({"stack pressure": 4e6}).conditions.stack_pressure
    4000000.0
    """

    cell: Cell
    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        names = [v.knob.name for v in self.variables]
        if not names:
            raise DataError("nothing may change: name one variable or more")
        for name in names:
            if names.count(name) > 1:
                raise DataError(f"{name}: named twice")
        layers = self.cell.interface.layers or "interlayer" in names
        if "interlayer thickness" in names and not layers:
            raise DataError(
                "interlayer thickness: the cell has no interlayer; give it one, or let "
                "`interlayer` change too"
            )
        for variable in self.variables:
            if isinstance(variable, Choice):
                for option in variable.options:
                    variable.knob.set(self.cell, option)  # unknown names are refused here

    @cached_property
    def ordered(self) -> tuple[Variable, ...]:
        """In the order in which knobs are set."""
        order = {knob.name: number for number, knob in enumerate(KNOBS)}
        return tuple(sorted(self.variables, key=lambda v: order.get(v.knob.name, len(order))))

    def at(self, point: Point) -> Cell:
        """The cell at a point; what it does not name stays."""
        cell = self.cell
        for variable in self.ordered:
            if variable.knob.name in point:
                cell = variable.knob.set(cell, point[variable.knob.name])
        return cell

    def refused(self, point: Point, cell: Cell) -> str:
        """Why a design cannot be made, or is beyond what is known; empty: neither."""
        _, process = made_by(str(point.get("interlayer", "")))
        for layer in cell.interface.layers:
            if process is not None and not process.least <= layer.thickness <= process.most:
                return (
                    f"{point['interlayer']}: {process.name} makes "
                    f"{show(process.least, 'length')} to {show(process.most, 'length')}"
                )
        electrolyte, kelvin = cell.interface.electrolyte, cell.conditions.temperature
        if "temperature" in point and conduction.conductivity(electrolyte, kelvin).extrapolated:
            return (
                f"{electrolyte.name}: how it conducts was not measured at all of these temperatures"
            )
        return ""

    def own(self) -> dict[str, float | str]:
        """Where the cell itself stands, as far as it lies in the space."""
        c, i = self.cell.conditions, self.cell.interface
        values: dict[str, Any] = {
            "electrolyte": i.electrolyte.name, "anode": i.anode.name,
            "interlayer": i.layers[0].material.name if i.layers else NONE,
            "interlayer thickness": i.layers[0].thickness if i.layers else None,
            "electrolyte thickness": i.sample.thickness, "stack pressure": c.stack_pressure,
            "attachment pressure": self.cell.attach_pressure or c.stack_pressure,
            "temperature": c.temperature, "current": c.current_density,
            "capacity": c.areal_capacity, "roughness": i.surface.roughness,
            "liquid share": i.surface.liquid, "rest": "0 h",
        }  # fmt: skip
        return {v.knob.name: values.get(v.knob.name) for v in self.variables}  # type: ignore[misc]

    def told(self, point: Point) -> Sequence[str]:
        """A point in words."""
        return [v.told(point[v.knob.name]) for v in self.variables]  # type: ignore[arg-type]
