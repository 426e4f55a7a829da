"""What a lever is, and the answers that levers are judged by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anolyte.core.errors import DataError
from anolyte.core.units import number, show
from anolyte.models.cell import build
from anolyte.models.cell.faces import FaceLaws

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell


@dataclass(frozen=True)
class Measure:
    """An answer that levers are judged by: its name, its kind, and whether more of it is better."""

    name: str
    kind: str
    more_is_better: bool


CRITICAL = Measure("critical current density", "current_density", True)
FRESH = Measure("fresh face resistance", "area_resistance", False)
FACE = Measure("face resistance after 1 h", "area_resistance", False)
WHOLE = Measure("cell resistance after 1 h", "area_resistance", False)
CONTACT = Measure("least conducting share", "fraction", True)
INTERPHASE = Measure("interphase after 1000 h", "length", False)
LIFE = Measure("time to end", "time", True)
EFFICIENCY = Measure("first Coulombic efficiency", "fraction", True)
MEASURES = (CRITICAL, FRESH, FACE, WHOLE, CONTACT, INTERPHASE, LIFE, EFFICIENCY)


@dataclass(frozen=True)
class Side:
    """One face of a cell that a lever is about to change.

    Args:
        cell: The cell, after the lever's change to it.
        parameters: The numbers of the face, drawn.
        named: Whether it is the named side.
    """

    cell: Cell
    parameters: build.Parameters
    named: bool

    @property
    def attached_at(self) -> float:
        """Pressure at which the metal was attached, Pa."""
        found = self.cell.attach_pressure
        return self.cell.conditions.stack_pressure if found is None else found


def same_cell(cell: Cell, amount: float) -> Cell:
    """The cell as it is."""
    return cell


def same_face(laws: FaceLaws, side: Side, amount: float) -> FaceLaws:
    """The face as it is."""
    return laws


@dataclass(frozen=True)
class Lever:
    """One thing that can be done to an interface.

    Args:
        name: In words.
        changes: What its amount is.
        kind: Of the amount.
        amount, twice: How much there is "with" and with more of it; None: more makes no sense.
        cell: What it makes of a cell (materials, surface, conditions, protocol).
        face: What it makes of the laws of each face, for what no material can say.
        basis: Where the amount and the fixed numbers come from.
        references: Citation keys.
        aliases: Other names that people look for it by.
        least, most: Amounts between which it makes sense.

    >>> from anolyte.studies.cell import Cell
    >>> from anolyte.studies.levers import LIQUID
    >>> LIQUID(Cell("Li6PS5Cl", "Li")).interface.surface.liquid
    0.1
    >>> LIQUID.at("30 %").amount
    0.3
    """

    name: str
    changes: str
    kind: str
    amount: float
    twice: float | None = None
    cell: Callable[[Cell, float], Cell] = same_cell
    face: Callable[[FaceLaws, Side, float], FaceLaws] = same_face
    basis: str = "a knob"
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    least: float = -math.inf
    most: float = math.inf

    def __call__(self, cell: Cell) -> Cell:
        """The cell with the lever."""
        return self.cell(cell, self.amount)

    def at(self, amount: float | str, twice: float | str | None = None) -> Lever:
        """The lever with other amounts, in SI or as texts with units.

        Raises:
            DataError: An amount outside its range.
            UnitsError: A text without a number, or with a unit of something else.
        """
        more = None if twice is None else self._amount(twice)
        return replace(self, amount=self._amount(amount), twice=more)

    @property
    def range(self) -> str:
        """Between which amounts it makes sense, in words."""
        if self.least == self.most:
            return "done or not"
        low, high = show(self.least, self.kind), show(self.most, self.kind)
        return f"{low} to {high}"

    def _amount(self, given: float | str) -> float:
        found = number(given, self.kind)
        if not self.least <= found <= self.most:
            told = "is done or not; leave the amount out" if self.least == self.most else (
                f"goes from {self.range}, not {show(found, self.kind)}"
            )  # fmt: skip
            raise DataError(f"the lever '{self.name}' {told}")
        return found


NOTHING = Lever("nothing", "", "number", 0.0)
