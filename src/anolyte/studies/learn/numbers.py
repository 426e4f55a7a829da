r"""The uncertain numbers of a cell as coordinates of a prior, and back.

A number of spread $s$ is $x = \bar x\,e^{s z}$ with a standard normal $z$ before anything is
measured. All that learning does is to move and narrow the $z$.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.provenance import Value
from anolyte.materials.pairs import PAIR_PROPERTIES, spread
from anolyte.materials.schema import PROPERTIES
from anolyte.models.cell import build
from anolyte.numerics.tempering import Array


@dataclass
class Asked:
    """A pick that takes the best values, and notes which numbers are uncertain."""

    def __post_init__(self) -> None:
        self.values: dict[str, Value] = {}

    def __call__(self, name: str, value: Value) -> float:
        """The number as its source has it."""
        if spread(value) > 0.0:
            self.values[name] = value
        return value.si


@dataclass(frozen=True)
class Drawn:
    """A pick of numbers whose coordinates were drawn, for `Cell.assemble(pick=...)`.

    Args:
        names: As the assembly asks for them.
        scores: Coordinates, (draws, names).
        seed: Of numbers that no measurement was asked about: these keep their prior.
    """

    names: tuple[str, ...]
    scores: Any
    seed: int = 0

    @property
    def cells(self) -> int:
        """How many draws."""
        return len(self.scores)

    def __call__(self, name: str, value: Value) -> Any:
        """Draws of one number."""
        if name not in self.names:
            return build.Draws(self.cells, self.seed)(name, value)
        return value.si * np.exp(spread(value) * self.scores[:, self.names.index(name)])

    def tiled(self, index: Any) -> Drawn:
        """Some of the draws, by their numbers, each as often as it is named."""
        return Drawn(self.names, np.asarray(self.scores)[index], self.seed)


def prior(names: Sequence[str], draws: int, seed: int = 0) -> Array:
    """Coordinates before anything is measured, (draws, names).

    >>> prior(["growth_constant"], 3).shape
    (3, 1)
    """
    return np.random.default_rng(seed).standard_normal((draws, len(names)))


def kind_of(name: str) -> str:
    """The kind of quantity of a number, by the name that the assembly gives it.

    >>> kind_of("contact_spacing"), kind_of("Li: hardness")
    ('length', 'pressure')
    """
    if name == FIRST_AGE:
        return "time"
    if name == "conductivity":  # drawn as a factor
        return "number"
    bare = name.rpartition(": ")[2]
    return (PAIR_PROPERTIES | PROPERTIES).get(bare, "number")


FIRST_AGE = "age at the first spectrum"
"""Time from pressing the metal on to the first spectrum; a number like others where nobody told."""


def in_words(name: str) -> str:
    """A name as people read it.

    >>> in_words("growth_constant"), in_words("conductivity")
    ('growth constant', "electrolyte's conductivity (factor)")
    """
    if name == "conductivity":
        return "electrolyte's conductivity (factor)"
    return name.replace("_", " ")
