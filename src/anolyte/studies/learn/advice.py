"""What to do with a cell that was learnt: the mildest change after which it is safe, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import show
from anolyte.materials.protocol import Protocol, cycling
from anolyte.models.cell import engine
from anolyte.models.cell.critical import NODES
from anolyte.models.cell.records import KINDS
from anolyte.studies.cell import Cell
from anolyte.studies.learn.result import Learned
from anolyte.studies.learn.rivals import RIVALS, Rival
from anolyte.studies.maps import CYCLES

SURE, LIKELY = 0.9, 0.5
"""Share of the draws from which a cell is called safe, and below which it is told to stop."""
MOST = 200
REST = 3600.0
"""s between half cycles, where a rest is tried."""


@dataclass(frozen=True)
class Option:
    """Something that can be done while a cell runs.

    Args:
        name: What to do.
        cell: The cell with it.
        rest: s between half cycles.
    """

    name: str
    cell: Callable[[Cell], Cell]
    rest: float = 0.0


def _conditions(current: float = 1.0, pressure: float = 1.0) -> Callable[[Cell], Cell]:
    def changed(cell: Cell) -> Cell:
        c = cell.conditions
        made = replace(c, current_density=c.current_density * current,
                       stack_pressure=c.stack_pressure * pressure)  # fmt: skip
        return replace(cell, conditions=made, attach_pressure=_attached(cell))

    return changed


def _attached(cell: Cell) -> float:
    """A cell that is already together was attached at what it had then."""
    own = cell.attach_pressure
    return cell.conditions.stack_pressure if own is None else own


GO_ON = Option("go on", _conditions())
OPTIONS = (
    GO_ON,
    Option("rest an hour between half cycles", _conditions(), REST),
    Option("take 0.7 of the current", _conditions(current=0.7)),
    Option("take half of the current", _conditions(current=0.5)),
    Option("press 1.5 times as hard", _conditions(pressure=1.5)),
    Option("press twice as hard", _conditions(pressure=2.0)),
    Option("take half of the current and press twice as hard", _conditions(0.5, 2.0)),
)
"""The mildest first."""


@dataclass(frozen=True)
class Tried:
    """An option with what it gives.

    Args:
        name: What to do.
        safe: Share of the draws that live through ten cycles as asked.
        ends: What ends most of the others, in words.
    """

    name: str
    safe: float = quantity("fraction")
    ends: str = ""


@dataclass(frozen=True)
class Advice(Result):
    """What to do.

    Args:
        cell: In words.
        tried: All options, the mildest first; the first is to go on.
        chosen: What is advised.
        current, pressure: As they are.
        draws: Sets of learnt numbers.
    """

    cell: str
    tried: tuple[Tried, ...]
    chosen: str
    current: float = quantity("current_density", default=0.0)
    pressure: float = quantity("pressure", default=0.0)
    draws: int = 0

    concern: ClassVar[Concern] = Concern.DENDRITE

    @property
    def reason(self) -> str:
        """In a sentence."""
        now, found = self.tried[0], {t.name: t for t in self.tried}
        head = f"{now.safe:.0%} of the learnt cells live through ten cycles at "
        head += f"{show(self.current, 'current_density')} and {show(self.pressure, 'pressure')}"
        if now.ends:
            head += f"; what ends others is mostly: {now.ends}"
        if self.chosen in found and self.chosen != now.name:
            head += f"; with this {found[self.chosen].safe:.0%}"
        return head

    @property
    def level(self) -> Level:
        """Good: go on; bad: stop."""
        if self.chosen == GO_ON.name:
            return Level.GOOD
        return Level.BAD if self.chosen == STOP else Level.CAUTION

    def findings(self, criteria: object) -> tuple[Finding, ...]:
        """What to do, with its reason."""
        numbers = {"safe": Number(self.tried[0].safe, "fraction")}
        because = f"{self.chosen}: {self.reason}".replace("{", "(").replace("}", ")")
        return (Finding(self.concern, self.level, because, numbers, label=self.chosen,
                        basis="calibrated"),)  # fmt: skip


STOP = "stop"


def advise(
    cell: Cell, learned: Learned, options: Sequence[Option] = OPTIONS, *, draws: int = MOST
) -> Advice:
    """The mildest option after which nine tenths of the learnt cells are safe.

    Args:
        cell: With the current, charge and pressure that it runs at.
        learned: What was learnt of it.
        options: The mildest first; the first is to go on.
        draws: Of the posterior, at most.

    Raises:
        DataError: The law that was learnt does not explain the data.
    """
    pick = learned.pick()
    few = pick.tiled(np.arange(min(draws, pick.cells)))
    rival = next((r for r in RIVALS if r.name == learned.law), RIVALS[0])
    tried = [_tried(option, cell, rival, few) for option in options]
    c = cell.conditions
    return Advice(
        str(cell.interface), tuple(tried), _chosen(tried), abs(c.current_density),
        c.stack_pressure, few.cells,
    )  # fmt: skip


def _chosen(tried: Sequence[Tried]) -> str:
    for one in tried:
        if one.safe >= SURE:
            return one.name
    best = max(tried, key=lambda t: t.safe)
    return best.name if best.safe >= LIKELY else STOP


def _tried(option: Option, cell: Cell, rival: Rival, pick: object) -> Tried:
    changed = option.cell(cell)
    device = rival.device(changed, pick)
    c, cells = changed.conditions, pick.cells  # type: ignore[attr-defined]
    state = engine.start(device, c.stack_pressure, c.temperature, 1.0, cells)
    engine.simulate(device, _protocol(changed, option.rest), state, keep=False, nodes=NODES)
    bad = state.ended[state.ended >= 0]
    ends = "" if not bad.size else str(KINDS[int(np.bincount(bad).argmax())])
    return Tried(option.name, float(np.mean(state.ended < 0)), ends)


def _protocol(cell: Cell, rest: float) -> Protocol:
    """Ten cycles as asked; where nothing is asked, an hour each way at 0.1 mA/cm2."""
    c = cell.conditions
    if c.current_density and c.areal_capacity:
        return cycling(abs(c.current_density), charge=c.areal_capacity, cycles=CYCLES, rest=rest)
    return cycling(1.0, time=REST, cycles=1, rest=rest)
