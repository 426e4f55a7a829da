"""Learning while a folder fills: every new spectrum moves what is known, and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from anolyte.core.errors import AnolyteError
from anolyte.core.units import show
from anolyte.studies.cell import Cell
from anolyte.studies.files import save
from anolyte.studies.learn.advice import Advice, advise
from anolyte.studies.learn.observations import Data, Resistances
from anolyte.studies.learn.result import Change, Learned
from anolyte.studies.learn.update import learn
from anolyte.studies.monitor.decision import Decision

DRAWS = 300
LEAST = 3
"""Spectra from which it is worth while."""
SCATTER = 0.03
"""Relative error of a resistance beside that of its fit."""
ONE = ", one interface"


class Row(NamedTuple):
    """One spectrum: s, ohm m2 of both interfaces, its relative error, Pa, K."""

    time: float
    value: float
    error: float
    pressure: float
    temperature: float


@dataclass
class Live:
    """Listens to what a watcher decides, and learns.

    Args:
        cell: As it was built, with the conditions at which it runs.
        path: Where what was learnt is kept; of a folder inside, beside it.
        say: Told each advice, a line.
        draws: Of the posterior.
    """

    cell: Cell
    path: Path
    say: Callable[[str], None]
    draws: int = DRAWS
    seen: dict[str, list[Row]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    timeless: bool = False

    def decided(self, decision: Decision) -> None:
        """Note the resistance of the interfaces that a spectrum has."""
        found = [n for name, n in decision.numbers.items() if name.endswith(ONE)]
        if decision.kind != "spectrum" or not found:
            return
        if decision.time is None:
            if not self.timeless:
                self.say(f"nothing learnt: {decision.file} has no clock, so it says no growth")
            self.timeless = True
            return
        value = 2.0 * math.fsum(n.si for n in found)
        error = 2.0 * math.sqrt(math.fsum((n.sigma or 0.0) ** 2 for n in found))
        if value > 0.0 and math.isfinite(value):
            around = [
                decision.numbers[name].si if name in decision.numbers else usual
                for name, usual in (
                    ("stack pressure", self.cell.conditions.stack_pressure),
                    ("temperature", self.cell.conditions.temperature),
                )
            ]
            row = Row(decision.time, value, math.hypot(error / value, SCATTER), *around)
            self.seen.setdefault(decision.cell, []).append(row)
            self.new.add(decision.cell)

    def looked(self) -> None:
        """Learn of the cells that have new spectra."""
        for name in sorted(self.new):
            if len(self.seen[name]) >= LEAST:
                self.new.discard(name)
                self._learn(name)

    def _learn(self, name: str) -> None:
        head = "" if name == "." else f"{name}: "
        try:
            learned = learn(self.cell, self.data(name), draws=self.draws, propose_next=False)
            save(learned, self.place(name))
            if not learned.explained:
                self.say(f"{head}{learned.findings({})[0].reason}")
                return
            self.say(f"{head}{told(learned, advise(self.cell, learned))}")
        except AnolyteError as error:
            self.say(f"{head}nothing learnt: {error}")

    def data(self, name: str) -> Data:
        """What one cell has shown so far."""
        time, value, error, pressure, kelvin = zip(*sorted(self.seen[name]), strict=True)
        since = tuple(t - time[0] for t in time)
        return Data((Resistances("interface resistance", value, error, since, pressure, kelvin),))

    def place(self, name: str) -> Path:
        """The file of one cell."""
        if name == ".":
            return self.path
        return self.path.with_name(f"{self.path.stem}-{Path(name).name}{self.path.suffix}")


def told(learned: Learned, advice: Advice) -> str:
    """A line: what to do, why, and the forecast with its intervals."""
    answers = "; ".join(_interval(c) for c in learned.changes if c.kind != "fraction")
    return f"{advice.chosen} ({advice.level}): {advice.reason}; {answers}"


def _interval(change: Change) -> str:
    low, middle, high = (show(v, change.kind) for v in change.after)
    return f"{change.name} {middle} ({low} to {high})"
