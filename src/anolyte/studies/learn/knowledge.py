"""Where the numbers of a cell come from: the library's sources, or what was learnt of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.materials.pairs import spread
from anolyte.models.cell import build
from anolyte.models.cell.assembly import Assembly
from anolyte.studies.cell import Cell
from anolyte.studies.learn.result import Learned
from anolyte.studies.learn.rivals import RIVALS, Rival


class Knowledge(Protocol):
    """What is known of a cell, draw by draw."""

    @property
    def identity(self) -> str:
        """That tells one from another."""
        ...

    def assemble(
        self, cell: Cell, draws: int, seed: int, index: Any = None, **options: Any
    ) -> Assembly:
        """The laws of a cell with so many sets of its numbers.

        Args:
            cell: The cell.
            draws: Sets of numbers.
            seed: Of what is drawn.
            index: Which set each run takes; None: each once.
            options: Of `Cell.assemble`.
        """
        ...


@dataclass(frozen=True)
class Sources:
    """Numbers drawn from the spread of their sources."""

    identity: str = ""

    def assemble(
        self, cell: Cell, draws: int, seed: int, index: Any = None, **options: Any
    ) -> Assembly:
        """The laws with their draws."""
        return cell.assemble(pick=_Tiled(build.Draws(draws, seed), index), **options)


@dataclass(frozen=True)
class Measured:
    """Numbers and law as they were learnt of one cell; what that cell does not share is drawn.

    A design with another layer has other numbers under the same names: those keep their sources.

    Args:
        cell: That was measured.
        learned: What `learn` made of it.

    Raises:
        DataError: It was learnt of another pair, or its law does not explain the data.
    """

    cell: Cell
    learned: Learned = field(repr=False)

    def __post_init__(self) -> None:
        if self.learned.cell != str(self.cell.interface):
            raise DataError(
                f"what was learnt is of {self.learned.cell}, the study is of {self.cell.interface}"
            )
        self.learned.pick()  # refuses a law that does not explain its data

    @cached_property
    def rival(self) -> Rival:
        """Its law."""
        for rival in RIVALS:
            if rival.name == self.learned.law:
                return rival
        raise DataError(f"no law called '{self.learned.law}' is known here")

    @cached_property
    def own(self) -> dict[str, Value]:
        """The numbers of the cell that was measured, before."""
        return self.rival.asks(self.cell).values

    @cached_property
    def identity(self) -> str:
        """Of the posterior."""
        text = repr((self.learned.law, self.learned.names, self.learned.scores))
        return hashlib.sha256(text.encode()).hexdigest()

    def assemble(
        self, cell: Cell, draws: int, seed: int, index: Any = None, **options: Any
    ) -> Assembly:
        """The laws with draws of what was learnt."""
        if draws > self.learned.draws:
            raise DataError(f"{draws} draws of {self.learned.draws} that were learnt; ask for less")
        pick = _Tiled(_Pick(self, draws, seed), index)
        made = cell.assemble(pick=pick, **dict(self.rival.options) | options)
        change = self.rival.change
        return made if change is None else replace(made, device=change(made))


@dataclass(frozen=True)
class _Tiled:
    """A pick whose sets are handed out to runs by their number."""

    pick: Any
    index: Any

    def __call__(self, name: str, value: Value) -> Any:
        found = self.pick(name, value)
        return found if self.index is None else found[self.index]


@dataclass(frozen=True)
class _Pick:
    """Takes what was learnt where it is the same number."""

    known: Measured
    draws: int
    seed: int

    @cached_property
    def _scores(self) -> Any:
        """Some draws of the posterior, the first near its middle."""
        whole = np.asarray(self.known.learned.scores)
        return whole[np.linspace(0, len(whole) - 1, self.draws).astype(int)]

    def __call__(self, name: str, value: Value) -> Any:
        names, own = self.known.learned.names, self.known.own.get(name)
        if name not in names or own is None or (own.si, own.source) != (value.si, value.source):
            return build.Draws(self.draws, self.seed)(name, value)
        return value.si * np.exp(spread(value) * self._scores[:, names.index(name)])
