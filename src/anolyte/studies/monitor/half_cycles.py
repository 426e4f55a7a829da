r"""Rows of a cycler as they come: half cycles with their shorts and their bends, from a few sums.

The answer does not depend on the portions in which the rows came. What the cell's other files said
is asked at the first settled row of a half cycle, by its clock: the reference of an earlier file,
and the whole resistance of the last spectrum,

$$ \big|\,|V|/|I| - R_\mathrm{total}\big| > f R_\mathrm{total} + n\sqrt{s_V^2 + s_R^2}
   \;\Rightarrow\; \text{both disagree} $$
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from itertools import repeat
from typing import Any

import numpy as np

from anolyte.core.result import Level, Number, decode, encode
from anolyte.core.units import show
from anolyte.materials.criteria import threshold
from anolyte.measure.processes.conductivity import Published, published
from anolyte.measure.processes.short_test import from_library
from anolyte.measure.records import Trace
from anolyte.measure.traces.shorts import ShortDetector, show_time
from anolyte.measure.traces.voids import BendTest
from anolyte.measure.traces.watching import ShortState, Tally, Watch
from anolyte.studies.monitor.bend_sums import BendSums
from anolyte.studies.monitor.conditions import Conditions, Known, read, told
from anolyte.studies.monitor.decision import Alarm, Decision, worst
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.watcher import Where

EARLY_ROWS = 5
"""Settled rows at the start of a half cycle whose mean is held against a spectrum."""
Ask = Callable[[str, float], Decision | None]
"""Kind of a decision, and s since the start of the file, to the last one over by then."""


@dataclass
class Beside:
    """What is kept beside the short detector and the sums.

    Args:
        conditions: Temperature, K, and stack pressure, Pa, under which the reference was learned.
        early: |V|/|I| of the first settled rows of the half cycle that is open, ohm.
        whole: Resistance of a spectrum before it, its standard deviation, ohm, and when it was
            over, s since 1970; None: nothing to compare with.
        compared: When the last spectrum was over that has been compared.
        carried: File whose reference was taken over; empty: none.
        below: Whether a half cycle was below the electrolyte's resistance.
    """

    conditions: list[float | None] = field(default_factory=lambda: [None, None])
    early: list[float] = field(default_factory=list)
    whole: list[float] | None = None
    compared: float | None = None
    carried: str = ""
    below: bool = False


@dataclass(frozen=True)
class Ended:
    """A half cycle that is over, as the watch had it then.

    Args:
        number: From 1.
        started, over: Its first row, and the last one before the next, s.
        current: A; positive strips the working electrode.
        charge: C.
        resistance: Median, ohm.
        reference: For shorts, after it, ohm; None: none yet.
        shorted, noisy: Whether a short was in it, and whether its voltage became noisy.
        fallen: Its resistance over the highest before, where that is news.
        bend: Of its voltage, where that says voids.
        beside: What was kept beside it.
    """

    number: int
    started: float
    over: float
    current: float
    charge: float
    resistance: float
    reference: float | None
    shorted: bool
    noisy: bool
    fallen: float | None
    bend: tuple[float, float] | None
    beside: Beside


class HalfCycleWatch(Watch):
    """The short detector, which also tells when a half cycle ends and when a short begins.

    Args:
        judge: Settings.
        state: To go on from.
        sums: Of the half cycle that is open.
        beside: What else is kept.
        ask: What the cell's other files said; None: their clocks are not known.

    `now` is temperature and pressure of the row that comes, `seen` of the settled one before.
    """

    def __init__(
        self, judge: RowsJudge, state: ShortState, sums: BendSums, beside: Beside, ask: Ask | None
    ) -> None:
        super().__init__(judge.shorts, state)
        self.judge, self.sums, self.beside, self.ask = judge, sums, beside, ask
        self.now: Known = (None, None)
        self.seen: Known = ()
        self.events: list[Any] = []

    def row(self, time: float, voltage: float, current: float) -> None:
        """A further row; what it tells stands in `events`."""
        before = self.alarmed
        super().row(time, voltage, current)
        if self.alarmed and not before:
            self.events.append(replace(self.candidate, resistance=self.during.median()))

    def kept(self) -> ShortState:
        """The state to save, without shorts that were told: it must not grow."""
        state = self.state()
        mine = tuple(s for s in state.closed if s.half_cycle == state.number)
        return replace(state, closed=mine, noisy=())

    def _under(self, now: Known) -> None:
        """Conditions of a settled row; other ones begin a new reference."""
        old, self.seen = self.beside.conditions, now
        if self.judge.conditions.differ(old, now):
            self.reference = self.early = self.highest = self.lowest = self.noise = None
            self.resistances, self.during, self.candidate = Tally(), Tally(), None
            self.low, self.good, self.alarmed = 0, 0, False
            self.beside.conditions = list(now)
        else:
            self.beside.conditions = [
                b if a is None else a for a, b in zip(old, now, strict=True)
            ]  # fmt: skip

    def _settled(self, time: float, voltage: float, current: float) -> None:
        if self.now != self.seen:
            self._under(self.now)
        if not self.beside.early and self.ask is not None:
            if self.number == 1 and self.reference is None:
                self._carry(self.ask("half cycle", time), current)
            self._beside(self.ask("spectrum", time))
        if len(self.beside.early) < EARLY_ROWS:
            self.beside.early.append(abs(voltage) / abs(current))
        self.sums.add(self.charge, abs(voltage), abs(current))
        super()._settled(time, voltage, current)

    def _carry(self, said: Decision | None, current: float) -> None:
        """The reference of the cell's earlier file, where its conditions were these."""
        if said is None or self._unlike(said):
            return
        number, then = said.numbers.get("reference"), said.numbers.get("current")
        if number is None or then is None:
            return
        if self.judge.conditions.same_current(then.si, current):
            self.reference, self.beside.carried = number.si, said.file

    def _beside(self, said: Decision | None) -> None:
        """A spectrum that was not compared yet, and was measured under these conditions."""
        if said is None or said.until in (None, self.beside.compared) or self._unlike(said):
            return
        found = said.numbers.get("total", said.numbers.get("at the lowest frequency"))
        if found is not None and found.si > 0.0 and said.until is not None:
            self.beside.compared = said.until
            self.beside.whole = [found.si, found.sigma or 0.0, said.until]

    def _unlike(self, said: Decision) -> bool:
        return self.judge.conditions.differ(read(said.numbers), self.beside.conditions)

    def _close_half(self) -> None:
        if self.number:
            noisy, shorted, low = len(self.noisy), self.alarmed, self.lowest
            shorted = shorted or any(s.half_cycle == self.number for s in self.closed)
            median = (self.during if self.alarmed else self.resistances).median()
            super()._close_half()
            limit = self.settings.fallen
            news = self.lowest is not None and self.lowest < limit
            news = news and not (low is not None and low < limit)
            self.events.append(
                Ended(self.number, self.started, self.time or 0.0, self.sign * self.size,
                      self.charge, median, self.reference, shorted, len(self.noisy) > noisy,
                      self.lowest if news else None, self.sums.bent(self.judge.bends),
                      replace(self.beside))
            )  # fmt: skip
        self.sums, self.beside.early, self.beside.whole = BendSums(), [], None
        if self.number:
            self.beside.carried = ""


@dataclass(frozen=True)
class RowsJudge:
    """Judges the next rows of a file.

    Args:
        shorts: When the voltage counts as a short.
        bends: When a half cycle bends as voids make it bend.
        conditions: Under which references hold.
        apart: Share of a spectrum's resistance by which a voltage over its current may differ.
        deviations: Of both, which come on top.
    """

    shorts: ShortDetector = field(default_factory=ShortDetector)
    bends: BendTest = BendTest()
    conditions: Conditions = field(default_factory=Conditions)
    apart: float = threshold("voltage_against_spectrum")
    deviations: float = 2.0

    def __call__(
        self, rows: Trace, where: Where, state: State
    ) -> tuple[tuple[Decision, ...], State]:
        """Decisions on half cycles that ended and shorts that began, and the state after."""
        kept = decode(ShortState, state["short"]) if state else ShortState()
        sums = BendSums(**state["sums"]) if state else BendSums()
        beside = Beside(**state["beside"]) if state else Beside()
        clock, ask = rows.clock, None
        if clock is not None:
            ask = lambda kind, time: where.earlier(kind, clock + time)  # noqa: E731
        watch = HalfCycleWatch(self, kept, sums, beside, ask)
        found: list[Decision] = []
        both = zip(_rows(rows), _conditions(rows, where), strict=True)
        for (time, voltage, current), watch.now in both:
            watch.row(time, voltage, current)
            while watch.events:
                found.append(Told(self, where, clock, watch.beside).of(watch.events.pop(0)))
        after = {
            "short": encode(watch.kept()), "sums": vars(watch.sums), "beside": asdict(watch.beside)
        }  # fmt: skip
        return tuple(found), after


def _rows(rows: Trace) -> Any:
    columns = (np.asarray(c, float).tolist() for c in (rows.time, rows.voltage, rows.current))
    return zip(*columns, strict=True)


def _conditions(rows: Trace, where: Where) -> Any:
    """Temperature and pressure of each row: what was written, else what is known of the cell."""
    given = (where.setup.temperature, where.setup.stack_pressure)
    columns = (rows.temperature, rows.stack_pressure)
    if all(c is None for c in columns):
        return repeat(given, len(rows))
    return zip(
        *(repeat(g, len(rows)) if c is None else [g if math.isnan(x) else x for x in map(float, c)]
          for c, g in zip(columns, given, strict=True)), strict=True
    )  # fmt: skip


@dataclass
class Told:
    """How events of a watch become decisions.

    Args:
        judge: Settings.
        where: File and cell.
        clock: At the start of the rows; None: not written.
        beside: Of the watch; what was told once is noted in it.
    """

    judge: RowsJudge
    where: Where
    clock: float | None
    beside: Beside

    def of(self, event: Any) -> Decision:
        """The decision on a half cycle that ended, or on a short that began."""
        return self._half_cycle(event) if isinstance(event, Ended) else self._short(event)

    def _at(self, time: float) -> float:
        return time if self.clock is None else self.clock + time

    def _bulk(self) -> float | None:
        """Resistance that the library expects of the electrolyte, ohm; None: not known."""
        setup = self.where.setup
        if self.judge.shorts.bulk is not None or setup.area is None or setup.thickness is None:
            return self.judge.shorts.bulk
        now = self.beside.conditions[0]
        setup = replace(setup, temperature=setup.temperature if now is None else now)
        reports = published(setup)
        return (
            from_library(reports, setup).resistance.value
            if isinstance(reports, Published) else None
        )  # fmt: skip

    def _half_cycle(self, ended: Ended) -> Decision:
        area, alarms = self.where.setup.area, self._alarms(ended)
        numbers = {"current": Number(ended.current, "current"),
                   "charge": Number(ended.charge, "charge")}  # fmt: skip
        if area is not None:
            numbers["current density"] = Number(ended.current / area, "current_density")
            numbers["capacity"] = Number(ended.charge / area, "areal_capacity")
        shown = "no resistance"
        if ended.resistance > 0.0:
            shown = show(ended.resistance, "resistance")
            numbers["resistance"] = Number(ended.resistance, "resistance")
            if area is not None:
                both = Number(ended.resistance * area, "area_resistance")
                numbers["resistance of both sides"] = both
        if ended.reference is not None:
            numbers["reference"] = Number(ended.reference, "resistance")
        carried = ended.beside.carried
        way = "strips" if ended.current > 0.0 else "plates"
        return Decision(
            "half cycle", self.where.cell, self.where.file, ended.number, self._at(ended.started),
            worst([a.level for a in alarms] + [Level.BAD] * ended.shorted),
            f"{way} the working electrode at {show(abs(ended.current), 'current')}: {shown}, "
            f"{show(ended.charge, 'charge')}" + ("; within a short" if ended.shorted else ""),
            numbers | told(ended.beside.conditions), alarms,
            (f"shorts are told against the reference of {carried}",) if carried else (),
            until=None if self.clock is None else self._at(ended.over),
        )  # fmt: skip

    def _alarms(self, ended: Ended) -> tuple[Alarm, ...]:
        said: list[tuple[str, str]] = []
        if ended.noisy:
            said.append(("soft short", "the voltage became noisy: current that finds paths and "
                         "loses them, or a loose contact"))  # fmt: skip
        if ended.fallen is not None:
            said.append(("soft short", f"the resistance of a half cycle fell to "
                         f"{100 * ended.fallen:.0f} % of an earlier one, too slowly for a sudden "
                         "short: a soft short that grows, warming, or a contact that gets better; "
                         "a spectrum decides"))  # fmt: skip
        if ended.bend is not None and not ended.shorted:
            growth, t_value = ended.bend
            said.append(("void", f"the voltage bends upwards to {growth:.2f} times its start (t "
                         f"{t_value:.0f}): voids, or salt or lithium that runs out; a capacitance "
                         "of the interface that falls in a spectrum tells a loss of contact")
            )  # fmt: skip
        said += [(name, text) for name, text in (self._below(ended), self._apart(ended)) if text]
        return tuple(Alarm(name, Level.CAUTION, text) for name, text in said)

    def _below(self, ended: Ended) -> tuple[str, str]:
        """Whether the whole has less resistance than its electrolyte; told once for a while."""
        bulk = self._bulk()
        low = (
            bulk is not None and 0.0 < ended.resistance < (1.0 - self.judge.shorts.tolerance) * bulk
        )
        news, self.beside.below = low and not self.beside.below, low
        if not news or bulk is None:
            return "soft short", ""
        return "soft short", (
            f"{show(ended.resistance, 'resistance')} is less than the electrolyte alone should "
            f"have, {show(bulk, 'resistance')}: current flows past the ions; a spectrum decides"
        )

    def _apart(self, ended: Ended) -> tuple[str, str]:
        """The first settled rows against the whole resistance of a spectrum before."""
        name, early, whole = "disagreement", ended.beside.early, ended.beside.whole
        setup = self.where.setup
        if whole is None or ended.shorted or setup.electrodes is None or not setup.symmetric:
            return name, ""  # another cell has a voltage of its own, without current
        value, sigma, until = whole
        mean, spread = statistics.fmean(early), statistics.pstdev(early)
        off = abs(mean - value) - self.judge.deviations * math.hypot(sigma, spread)
        if off <= self.judge.apart * value:
            return name, ""
        ago = show_time(max(self._at(ended.started) - until, 0.0))
        why = (
            "contact that was lost or constricted since, a polarisation slower than the spectrum "
            "reached, or leads that only one of them sees"
            if mean > value else
            "a path for electrons that opens under current, contact regained or warming since, or "
            "a charge transfer driven beyond its linear range"
        )  # fmt: skip
        return name, (
            f"voltage over current begins at {show(mean, 'resistance')}, the spectrum of {ago} "
            f"before has {show(value, 'resistance')}: {why}; a spectrum now decides"
        )

    def _short(self, raw: Any) -> Decision:
        """A short that has just become certain."""
        hard = raw.resistance < self.judge.shorts.hard * (self._bulk() or raw.reference)
        numbers = {
            "resistance": Number(raw.resistance, "resistance"),
            "reference": Number(raw.reference, "resistance"),
            "current": Number(raw.current, "current"),
            "charge in the half cycle": Number(raw.charge, "charge"),
            "throughput": Number(raw.throughput, "charge"),
        }  # fmt: skip
        text = (
            f"at {show_time(raw.start)} the resistance fell from "
            f"{show(raw.reference, 'resistance')} to {show(raw.resistance, 'resistance')} at "
            f"{show(abs(raw.current), 'current')}"
        )
        if self.beside.carried:
            text += f"; the reference is of {self.beside.carried}"
        return Decision(
            "short", self.where.cell, self.where.file, raw.half_cycle, self._at(raw.alarm),
            Level.BAD, text, numbers,
            (Alarm("short" if hard else "soft short", Level.BAD, text),),
        )  # fmt: skip
