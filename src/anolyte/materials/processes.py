"""What an arc of a spectrum can be (`processes.yaml`): bands of capacitance, what it follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from pydantic import Field, field_validator, model_validator

from anolyte.core.provenance import Source
from anolyte.core.units import si
from anolyte.materials.library import DATA, read_yaml, validate
from anolyte.materials.schema import Strict

FILE = "processes.yaml"
KINDS = {
    "thickness": "number", "pressure": "number", "energy_above_bulk": "energy", "rise": "number",
}  # fmt: skip
"""What is expected of a class, and the kind of its number."""


@lru_cache(maxsize=512)
def _number(text: str, kind: str) -> float:
    """A text of the file in SI; the same ones are asked for with every arc."""
    return si(text, kind)


class Sourced(Strict):
    """Where a number comes from."""

    source: str
    where: str
    how: Literal["measured", "computed", "estimated", "assumed"]
    known: Literal["read", "second_hand", "recalled"]

    @property
    def origin(self) -> Source:
        """As results keep it."""
        return Source(self.source, self.where, self.how, self.known)


class Expectation(Sourced):
    """What a slope or an energy is in cells of a class: mean and one standard deviation.

    Args:
        mean, spread: Texts with units.
    """

    mean: str
    spread: str

    def numbers(self, kind: str) -> tuple[float, float]:
        """Mean and spread, SI."""
        return _number(self.mean, kind), _number(self.spread, kind)


class ProcessClass(Sourced):
    """One kind of process.

    Args:
        name: As it is printed.
        meaning: In words.
        normalised_by: volume: C L/A; face: n C/A of one interface.
        low, high: Band, texts with units.
        width: Of its edges, decades.
        prior: Weight before anything is known.
        families: Factors on the prior by class of the electrolyte.
        shapes: Shapes of an `Arc` that it may have.
        electrodes: At which it can be.
        order: Place in time constant.
        left_out: Whether it takes a setting to count.
        expected: By quantity, see `KINDS`.
    """

    name: str
    meaning: str
    normalised_by: Literal["volume", "face"]
    low: str
    high: str
    width: float = Field(gt=0.0)
    prior: float = Field(gt=0.0, le=1.0)
    families: dict[str, float] = Field(default_factory=dict)
    shapes: tuple[Literal["arc", "diffusion", "blocking"], ...]
    electrodes: Literal["any", "active", "blocking"]
    order: int
    left_out: bool = False
    expected: dict[str, Expectation]

    @property
    def kind(self) -> str:
        """Kind of its capacitance."""
        return "line_capacitance" if self.normalised_by == "volume" else "area_capacitance"

    @property
    def band(self) -> tuple[float, float]:
        """Decimal logarithm of the band's ends in SI."""
        return math.log10(_number(self.low, self.kind)), math.log10(_number(self.high, self.kind))

    @field_validator("expected")
    @classmethod
    def _all_expected(cls, value: dict[str, Expectation]) -> dict[str, Expectation]:
        if set(value) != set(KINDS):
            raise ValueError(f"expected needs {', '.join(KINDS)}")
        for name, entry in value.items():
            if not entry.numbers(KINDS[name])[1] > 0.0:
                raise ValueError(f"the spread of {name} must be positive")
        return value

    @model_validator(mode="after")
    def _a_band(self) -> ProcessClass:
        low, high = self.band
        if not low < high:
            raise ValueError("the band's low end must lie below its high end")
        return self


class Suspect(Sourced):
    """Electrolytes, by elements they all hold, whose faces are first suspected of bad contact."""

    elements: tuple[str, ...]
    why: str


class Decision(Strict):
    """What would tell two classes apart."""

    between: tuple[str, str]
    measurement: str


class Processes(Strict):
    """The file.

    Args:
        classes: In order of time constant.
        contact_suspects: Electrolytes of easy charge transfer.
        decided_by: Measurements that tell two classes apart.
    """

    classes: tuple[ProcessClass, ...]
    contact_suspects: tuple[Suspect, ...]
    decided_by: tuple[Decision, ...]

    @model_validator(mode="after")
    def _names(self) -> Processes:
        known = [c.name for c in self.classes]
        if len(set(known)) < len(known):
            raise ValueError("a class stands twice")
        for decision in self.decided_by:
            if missing := set(decision.between) - set(known):
                raise ValueError(f"decided_by names the unknown class '{min(missing)}'")
        return self

    def named(self, name: str) -> ProcessClass:
        """A class by its name."""
        return next(c for c in self.classes if c.name == name)

    def decide(self, one: str, other: str) -> str:
        """What would tell two classes apart, in words; empty where nothing is written."""
        return next((d.measurement for d in self.decided_by if {one, other} == set(d.between)), "")

    def suspect(self, elements: Iterable[str]) -> Suspect | None:
        """The entry for an electrolyte of these elements."""
        held = set(elements)
        return next((s for s in self.contact_suspects if set(s.elements) <= held), None)


@lru_cache(maxsize=1)
def read() -> Processes:
    """The package's file.

    >>> [c.name for c in read().classes if c.normalised_by == "volume"][:2]
    ['bulk', 'second phase']
    """
    path = DATA / FILE
    return validate(Processes, read_yaml(path), str(path))
