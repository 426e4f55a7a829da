"""What is wanted of a design, each as a name, a kind, a direction and a way to find it.

Risks are shares of the draws, so they have no interval of their own. Where nothing was measured of
how a pair fails they are unknown, and such a design is none: it must not win by silence.

* filaments: the critical current is below the current times the margin of the criteria;
* contact loss: at worst in twenty cycles less of the face is in contact than the criteria want;
* side reactions: in 1000 h the interphase takes more lithium than the criteria allow, or the cell's
  resistance passes what they call bad.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import show
from anolyte.laws.clamping import ClampingPlates
from anolyte.materials import element_supply
from anolyte.materials.criteria import criteria
from anolyte.models.cell.faces import Array
from anolyte.models.cell_design import CellPlan, design
from anolyte.models.cell_design.stack import density
from anolyte.studies.cell import Cell
from anolyte.studies.optimise.answers import Answers

CATHODE, PLATES = "NMC811", ClampingPlates()
HELD = 0.05
"""m of stack that one pair of plates holds: assumed."""


@dataclass(frozen=True)
class Objective:
    """An answer that designs are judged by.

    Args:
        name: In words.
        kind: Of the quantity.
        more: Whether more of it is better.
        of: Its values, (designs, draws) or (designs, 1); not a number where it is unknown.
        stated: What it is, where the name does not say it.
    """

    name: str
    kind: str
    more: bool
    of: Callable[[Answers], Array]
    stated: str = ""

    @property
    def sign(self) -> float:
        """That makes less better."""
        return -1.0 if self.more else 1.0

    @property
    def risk(self) -> bool:
        """Whether it is a share of the draws already."""
        return self.name.startswith("risk of")


@dataclass(frozen=True)
class Limit:
    """A limit that a design must keep with a probability.

    Args:
        objective: On what.
        value: SI.
        at_least: Whether the value must lie above it; else below.
        sure: Least share of the draws.
    """

    objective: Objective
    value: float
    at_least: bool
    sure: float = 0.9

    def __post_init__(self) -> None:
        if not 0.0 < self.sure <= 1.0:
            raise DataError(f"{self.objective.name}: a limit is kept with 0 to 100 %")

    def kept(self, values: Array) -> Array:
        """Share of the draws of each design that keep it; unknown is not kept."""
        good = values >= self.value if self.at_least else values <= self.value
        return np.asarray(np.mean(good, axis=1))

    def __str__(self) -> str:
        side = "at least" if self.at_least else "at most"
        told = show(self.value, self.objective.kind)
        return f"{self.objective.name} {side} {told}, {100.0 * self.sure:g} % sure"


def _each(of: Callable[[Cell, float], float]) -> Callable[[Answers], Array]:
    """A number of each design that its middle resistance enters, alike for all draws."""

    def found(answers: Answers) -> Array:
        middle = np.median(answers.cell_resistance, axis=1)
        values = []
        for cell, resistance in zip(answers.cells, middle, strict=True):
            try:
                values.append(of(cell, float(resistance)))
            except AnolyteError:
                values.append(np.nan)
        return np.array(values)[:, None]

    return found


def _specific_energy(cell: Cell, resistance: float) -> float:
    """J/kg, of cells behind NMC811 with the plates that hold their pressure."""
    c = cell.conditions
    plan = CellPlan(
        areal_capacity=c.areal_capacity, separator_thickness=cell.interface.sample.thickness,
        current_density=abs(c.current_density), area_resistance=resistance,
    )  # fmt: skip
    made = design(cell.interface.electrolyte, cell.interface.anode, CATHODE, plan, cell.lib)
    held = PLATES.areal_mass(c.stack_pressure, HELD) * made.thickness / HELD
    return made.specific_energy * made.areal_mass / (made.areal_mass + held)


def _price(material: Any) -> float:
    """USD/m3 of the raw elements."""
    by_mass = element_supply.by_mass(material.composition, "price_USD_per_kg")
    return by_mass * density(material).si


def _cost(cell: Cell, _: float) -> float:
    """USD/m2 of the elements of electrolyte and layers."""
    electrolyte = cell.interface.sample.thickness * _price(cell.interface.electrolyte)
    layers = (x.thickness * x.coverage * _price(x.material) for x in cell.interface.layers)
    return float(electrolyte + sum(layers))


def _share(bad: Any, of: Any = 0.0) -> Array:
    """Of the draws; not a number where what it rests on is none."""
    unknown = np.isnan(np.broadcast_to(of, bad.shape)).any(axis=1, keepdims=True)
    return np.where(unknown, np.nan, np.mean(bad, axis=1, keepdims=True))


def _filaments(a: Answers) -> Array:
    return _share(a.critical < criteria()["current_margin"] * a.current, a.critical)


def _contact(a: Answers) -> Array:
    return _share(a.least_contact < criteria()["contact_wanted"])


def _reactions(a: Answers) -> Array:
    limits = criteria()
    lost = a.lithium_lost > limits["lithium_lost_caution"]
    worn = a.aged_resistance > limits["area_resistance_bad"]
    return _share(lost | worn, a.aged_resistance)


OBJECTIVES = (
    Objective("critical current density", "current_density", True, lambda a: a.critical,
              "by a ramp of 1 h half cycles that rise by a fifth"),
    Objective("face resistance", "area_resistance", False, lambda a: a.face_resistance,
              "after 1 h at rest"),
    Objective("cell resistance", "area_resistance", False, lambda a: a.cell_resistance,
              "after 1 h at rest, both faces and the electrolyte"),
    Objective("aged cell resistance", "area_resistance", False, lambda a: a.aged_resistance,
              "with interphases of 1000 h"),
    Objective("interphase", "length", False, lambda a: a.interphase, "after 1000 h"),
    Objective("lithium lost", "areal_capacity", False, lambda a: a.lithium_lost, "in 1000 h"),
    Objective("least contact", "fraction", True, lambda a: a.least_contact,
              "at worst in twenty cycles at the design's current and capacity"),
    Objective("cycles", "number", True, lambda a: a.cycles, "of twenty that are carried through"),
    Objective("specific energy", "specific_energy", True, _each(_specific_energy),
              f"behind {CATHODE}, with plates that press 5 cm of stack"),
    Objective("cost", "number", False, _each(_cost),
              "USD/m2 of the raw elements of electrolyte and layers, no synthesis"),
    Objective("thickness", "length", False,
              lambda a: np.array([[c.interface.sample.thickness] for c in a.cells]),
              "of the electrolyte"),
    Objective("risk of filaments", "fraction", False, _filaments,
              "share of the draws below the current times its margin"),
    Objective("risk of contact loss", "fraction", False, _contact,
              "share of the draws with too little contact in twenty cycles"),
    Objective("risk of side reactions", "fraction", False, _reactions,
              "share of the draws that lose too much lithium or resistance in 1000 h"),
)  # fmt: skip
"""What can be wanted."""
