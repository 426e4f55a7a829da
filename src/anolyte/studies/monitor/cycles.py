r"""Tables of capacities as they grow: each new cycle, with sudden losses and the knee.

A loss is sudden where it stands out from the losses of the cycles before it,

$$ \frac{Q_{k-1} - Q_k}{Q_1} - m > \max(z\, s, l) $$

with their median $m$, their scatter $s$ (1.4826 times the median distance from it) and a least
share $l$; the same of the efficiency. What is said of a cycle depends on it and on those before it
alone, so that it does not matter in which portions a table came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Level, Number
from anolyte.core.units import show
from anolyte.measure.records import CycleTable
from anolyte.measure.traces.retention import FadeRules, fade
from anolyte.studies.monitor.decision import Alarm, Decision, worst
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.watcher import Where

Array = np.ndarray[Any, np.dtype[Any]]
NORMAL = 1.4826
"""Standard deviation over median distance, of normal noise."""
MOST = 400
"""Cycles in which a knee is looked for; of more, every second, third, ... one is taken."""


@dataclass(frozen=True)
class CyclesJudge:
    """Judges the cycles of a table that are new.

    Args:
        window: Cycles before, whose losses a loss is compared with.
        fewest: Of them; fewer do not show what is usual.
        deviations: From which a loss is sudden: in a thousand cycles of normal noise, with its
            scatter from twenty, six are hardly reached.
        least: Of the first capacity, from which a loss is worth an alarm: rooms warm and cool.
        lost: Of the first capacity, from which it is bad.
        leak: Loss of efficiency that is worth an alarm.
        knees: When two lines count as a knee; looked for at each cycle up to the fortieth, then
            each time that the table has grown by a twentieth.
    """

    window: int = 20
    fewest: int = 8
    deviations: float = 6.0
    least: float = 0.01
    lost: float = 0.2
    leak: float = 0.002
    knees: FadeRules = field(default_factory=lambda: FadeRules(draws=50))

    def __call__(
        self, table: CycleTable, where: Where, state: State
    ) -> tuple[tuple[Decision, ...], State]:
        """Decisions on the cycles that are new, and the state after them.

        Args:
            table: All cycles so far.
            where: File and cell.
            state: What was kept after the cycles before; empty: none were judged.
        """
        first, knee = _new(table, state)
        if first == len(table.cycle):
            return (), state
        judged = Cycles(self, table, where, knee)
        found = [judged.decide(k) for k in range(first, len(table.cycle))]
        rows = [_row(table, k) for k in range(len(table.cycle))][-2:]
        return tuple(found), {"rows": rows, "knee": judged.knee, "knee_before": judged.before}


class Cycles:
    """The steps for the cycles of one table.

    Args:
        judge: Settings.
        table: All cycles so far.
        where: File and cell.
        knee: Cycle at which one was told; None: not yet.
    """

    def __init__(
        self, judge: CyclesJudge, table: CycleTable, where: Where, knee: int | None
    ) -> None:
        self.judge, self.table, self.where = judge, table, where
        self.knee = self.before = knee
        charge, discharge = (np.asarray(c, float) for c in (table.charge, table.discharge))
        self.capacity = np.where(np.isfinite(discharge), discharge, charge)
        good = np.isfinite(self.capacity) & (self.capacity > 0.0)
        self.first = float(self.capacity[np.argmax(good)]) if good.any() else float("nan")
        self.good, self.count = good, np.cumsum(good)
        self.losses = -np.diff(self.capacity[good]) / self.first
        self.usual, self.limit = self._limits(self.losses, judge.least)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = discharge / charge
        self.efficiency = np.where((charge > 0.0) & (discharge >= 0.0), ratio, np.nan)
        known = np.isfinite(self.efficiency)
        self.leaks, self.told = 1.0 - self.efficiency[known], np.cumsum(known)
        self.usual_leak, self.limit_leak = self._limits(self.leaks, judge.leak)

    def decide(self, k: int) -> Decision:
        """The decision on a cycle; knows nothing of later ones."""
        self.before = self.knee
        number, name = int(self.table.cycle[k]), "cycle"
        if not self.good[k]:
            return Decision(name, self.where.cell, self.where.file, number, level=Level.UNKNOWN,
                            because="no capacity above zero in this cycle")  # fmt: skip
        capacity, retention = float(self.capacity[k]), float(self.capacity[k]) / self.first
        kind = "specific_capacity" if self.table.specific else "charge"
        numbers = {"capacity": Number(capacity, kind), "retention": Number(retention, "fraction")}
        said = [show(capacity, kind), f"{100.0 * retention:.2f} % of the first"]
        efficiency = float(self.efficiency[k])
        if np.isfinite(efficiency):
            numbers["efficiency"] = Number(efficiency, "fraction")
            said.append(f"efficiency {100.0 * efficiency:.3f} %")
        alarms = [a for a in (self._loss(k), self._leak(k), self._bend(k)) if a is not None]
        notes = () if not efficiency > 1.0 + self.judge.least else (MORE,)
        return Decision(
            name, self.where.cell, self.where.file, number, None, worst(a.level for a in alarms),
            ", ".join(said), numbers, tuple(alarms), notes,
        )  # fmt: skip

    def _limits(self, losses: Array, least: float) -> tuple[Array, Array]:
        """Median of the losses before each, and by how much it may be above; endless: too few."""
        window, usual, limit = self.judge.window, np.zeros(losses.size), np.zeros(losses.size)
        for k in range(losses.size):
            before = losses[max(0, k - window) : k]
            if before.size < self.judge.fewest:
                limit[k] = np.inf
                continue
            usual[k] = np.median(before)
            scatter = NORMAL * float(np.median(np.abs(before - usual[k])))
            limit[k] = max(self.judge.deviations * scatter, least)
        return usual, limit

    def _loss(self, k: int) -> Alarm | None:
        """A capacity that fell by more than it usually does."""
        at = int(self.count[k]) - 2
        if at < 0 or self.losses[at] - self.usual[at] <= self.limit[at]:
            return None
        loss = float(self.losses[at])
        level = Level.BAD if loss > self.judge.lost else Level.CAUTION
        text = (
            f"the capacity fell by {100 * loss:.2g} % of the first in one cycle, usual are "
            f"{100 * self.usual[at]:.2g} %: lithium or a contact that was lost, a short, or "
            "another current, temperature or cut-off"
        )
        return Alarm("sudden loss", level, text)

    def _leak(self, k: int) -> Alarm | None:
        """An efficiency below what it usually is."""
        at = int(self.told[k]) - 1
        if not np.isfinite(self.efficiency[k]):
            return None
        if self.leaks[at] - self.usual_leak[at] <= self.limit_leak[at]:
            return None
        text = (
            f"the coulombic efficiency is {100 * (1 - self.leaks[at]):.2f} %, usual are "
            f"{100 * (1 - self.usual_leak[at]):.2f} %: charge that a soft short or a reaction "
            "took; a rest at open circuit decides"
        )
        return Alarm("efficiency", Level.CAUTION, text)

    def _bend(self, k: int) -> Alarm | None:
        """A knee, told once."""
        first, end = self._since_step(int(self.count[k])), int(self.count[k])
        size = end - first
        if self.knee is not None or size < 2 * self.judge.fewest or size % max(1, size // 20):
            return None
        part = slice(first, end, -(-size // MOST))
        cycle, capacity = self.table.cycle[self.good][part], self.capacity[self.good][part]
        try:
            found = fade((cycle, capacity), self.judge.knees)
        except DataError:
            return None
        if found.knee is None or found.knee_low is None or found.knee_high is None:
            return None
        self.knee = int(self.table.cycle[k])
        text = (
            f"the capacity falls faster since cycle {found.knee:.0f} ({found.knee_low:.0f} to "
            f"{found.knee_high:.0f}): a forecast from the cycles before holds no more"
        )
        return Alarm("knee", Level.CAUTION, text)

    def _since_step(self, end: int) -> int:
        """Place after the last sudden fall or rise, for two lines would bend there."""
        off = np.abs(self.losses[: end - 1] - self.usual[: end - 1])
        steps = np.flatnonzero(off > self.limit[: end - 1])
        return int(steps[-1]) + 1 if steps.size else 0


MORE = ("more was given back than was charged: the first charge is not in it, or the columns are "
        "those of a half cell")  # fmt: skip


def _row(table: CycleTable, k: int) -> list[float | None]:
    """Number, charge and discharge of a cycle; what is no number: None."""
    values = (float(c[k]) for c in (table.cycle, table.charge, table.discharge))
    return [v if np.isfinite(v) else None for v in values]


def _new(table: CycleTable, state: State) -> tuple[int, int | None]:
    """Place of the first cycle to judge, and the knee that was told before it.

    A table that is written anew goes on where it was, if it holds what was judged last; its last
    cycle may have become more since, and is judged once more then.
    """
    if not state:
        return 0, None
    *before, last = state["rows"]
    places = np.flatnonzero(np.asarray(table.cycle, float) == last[0])
    if not places.size:
        return 0, None
    k = int(places[0])
    if _row(table, k) == last:
        return k + 1, state["knee"]
    if before and k > 0 and _row(table, k - 1) == before[0]:
        return k, state["knee_before"]
    return 0, None
