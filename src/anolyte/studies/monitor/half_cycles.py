r"""Rows of a cycler as they come: half cycles with their shorts and their bends, from a few sums.

The bend of a half cycle is the least-squares parabola $V = a + b\,q + c\,q^2$; its sums are kept in
place of its rows, so that the answer does not depend on the portions in which the rows came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anolyte.core.result import Level, Number, decode, encode
from anolyte.core.units import show
from anolyte.measure.processes.conductivity import Published, published
from anolyte.measure.processes.short_test import from_library
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.shorts import ShortDetector, show_time
from anolyte.measure.traces.voids import BendTest
from anolyte.measure.traces.watching import ShortState, Watch
from anolyte.studies.monitor.decision import Alarm, Decision, worst
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.watcher import Where


@dataclass
class BendSums:
    """What is kept of the rows of one half cycle to fit its parabola.

    Args:
        count: Rows.
        charge, voltage: Of the first row, C and V; what is summed is less these.
        reach: Charge of the last row less the first, C.
        least, most: Current, A.
        powers: Sums of the charge to the power 1 to 4.
        products: Sums of the voltage times the charge to the power 0 to 2.
        square: Sum of the squared voltage.
    """

    count: int = 0
    charge: float = 0.0
    voltage: float = 0.0
    reach: float = 0.0
    least: float = 0.0
    most: float = 0.0
    powers: list[float] = field(default_factory=lambda: [0.0] * 4)
    products: list[float] = field(default_factory=lambda: [0.0] * 3)
    square: float = 0.0

    def add(self, charge: float, voltage: float, current: float) -> None:
        """A row: C, V and A, all positive."""
        if self.count == 0:
            self.charge, self.voltage, self.least, self.most = charge, voltage, current, current
        q, v = charge - self.charge, voltage - self.voltage
        self.count, self.reach = self.count + 1, q
        self.least, self.most = min(self.least, current), max(self.most, current)
        power = 1.0
        for k in range(4):
            if k < 3:
                self.products[k] += v * power
            power *= q
            self.powers[k] += power
        self.square += v * v

    def bent(self, test: BendTest) -> tuple[float, float] | None:
        """Voltage at the end over that at the start, where the parabola says voids; else None."""
        steady = self.most - self.least <= test.steady * self.most
        if self.count < max(test.fewest, 4) or self.reach <= 0.0 or not steady:
            return None
        sums = [float(self.count), *(p / self.reach**k for k, p in enumerate(self.powers, 1))]
        normal = np.array([[sums[i + j] for j in range(3)] for i in range(3)])
        right = np.array([p / self.reach**k for k, p in enumerate(self.products)])
        inverse = np.linalg.inv(normal)
        values = inverse @ right
        rest = max(self.square - float(values @ right), 0.0) / (self.count - 3)
        rest = max(rest, (1e-9 * (abs(self.voltage) + np.abs(values).max())) ** 2)  # rounding
        t_value = float(values[2] / np.sqrt(rest * inverse[2, 2]))
        start = self.voltage + float(values[0])
        growth = (self.voltage + float(values.sum())) / start if start > 0.0 else float("inf")
        if values[2] > 0.0 and t_value > test.t_value and growth > test.growth:
            return growth, t_value
        return None


@dataclass(frozen=True)
class Ended:
    """A half cycle that is over, as the watch had it then."""

    number: int
    started: float
    current: float
    charge: float
    resistance: float
    rows: int
    shorted: bool
    noisy: bool
    fallen: float | None
    bend: tuple[float, float] | None


class HalfCycleWatch(Watch):
    """The short detector, which also tells when a half cycle ends and when a short begins.

    Args:
        settings: Of shorts.
        state: To go on from.
        test: Of bends.
        sums: Of the half cycle that is open.
    """

    def __init__(
        self, settings: ShortDetector, state: ShortState, test: BendTest, sums: BendSums
    ) -> None:
        super().__init__(settings, state)
        self.test, self.sums = test, sums
        self.events: list[Any] = []

    def row(self, time: float, voltage: float, current: float) -> None:
        """A further row; what it tells stands in `events`."""
        before = self.alarmed
        super().row(time, voltage, current)
        if self.alarmed and not before:
            self.events.append(self.candidate)

    def _settled(self, time: float, voltage: float, current: float) -> None:
        self.sums.add(self.charge, abs(voltage), abs(current))
        super()._settled(time, voltage, current)

    def _close_half(self) -> None:
        if self.number:
            noisy, shorted = len(self.noisy), self.alarmed
            median = (self.during if self.alarmed else self.resistances).median()
            low = self.lowest
            shorted = shorted or any(s.half_cycle == self.number for s in self.closed)
            super()._close_half()
            fell = self.lowest is not None and self.lowest < self.settings.fallen
            news = fell and not (low is not None and low < self.settings.fallen)
            self.events.append(
                Ended(self.number, self.started, self.sign * self.size, self.charge, median,
                      self.count, shorted, len(self.noisy) > noisy,
                      self.lowest if news else None, self.sums.bent(self.test))
            )  # fmt: skip
        self.sums = BendSums()


@dataclass(frozen=True)
class RowsJudge:
    """Judges the next rows of a file.

    Args:
        shorts: When the voltage counts as a short.
        bends: When a half cycle bends as voids make it bend.
    """

    shorts: ShortDetector = ShortDetector()
    bends: BendTest = BendTest()

    def __call__(
        self, rows: Trace, where: Where, state: State
    ) -> tuple[tuple[Decision, ...], State]:
        """Decisions on half cycles that ended and shorts that began, and the state after."""
        from dataclasses import replace

        bulk = state["bulk"] if state else _bulk(where.setup)
        detector = replace(self.shorts, bulk=self.shorts.bulk or bulk)
        kept = decode(ShortState, state["short"]) if state else ShortState()
        sums = BendSums(**state["sums"]) if state else BendSums()
        watch = HalfCycleWatch(detector, kept, self.bends, sums)
        columns = (np.asarray(c, float).tolist() for c in (rows.time, rows.voltage, rows.current))
        for time, voltage, current in zip(*columns, strict=True):
            watch.row(time, voltage, current)
        found = [
            _half_cycle(e, where, rows.clock) if isinstance(e, Ended)
            else _short(e, where, rows.clock, detector)
            for e in watch.events
        ]  # fmt: skip
        after = {"bulk": bulk, "short": encode(watch.state()), "sums": vars(watch.sums)}
        return tuple(found), after


def _bulk(setup: Setup) -> float | None:
    """Resistance that the library expects of the electrolyte, ohm; None: not known."""
    reports = published(setup)
    if not isinstance(reports, Published) or setup.area is None or setup.thickness is None:
        return None
    return from_library(reports, setup).resistance.value


def _half_cycle(ended: Ended, where: Where, clock: float | None) -> Decision:
    area = where.setup.area
    numbers = {
        "current": Number(ended.current, "current"), "charge": Number(ended.charge, "charge"),
        "resistance": Number(ended.resistance, "resistance"),
    }  # fmt: skip
    if area is not None:
        numbers |= {
            "current density": Number(ended.current / area, "current_density"),
            "capacity": Number(ended.charge / area, "areal_capacity"),
            "resistance of both sides": Number(ended.resistance * area, "area_resistance"),
        }
    alarms = _half_cycle_alarms(ended)
    if not ended.resistance > 0.0:
        numbers = {n: v for n, v in numbers.items() if not n.startswith("resistance")}
    shown = show(ended.resistance, "resistance") if ended.resistance > 0.0 else "no resistance"
    way = "strips" if ended.current > 0.0 else "plates"
    return Decision(
        "half cycle", where.cell, where.file, ended.number,
        ended.started if clock is None else clock + ended.started,
        worst([a.level for a in alarms] + [Level.BAD] * ended.shorted),
        f"{way} the working electrode at {show(abs(ended.current), 'current')}: {shown}, "
        f"{show(ended.charge, 'charge')}" + ("; within a short" if ended.shorted else ""),
        numbers, alarms,
    )  # fmt: skip


def _half_cycle_alarms(ended: Ended) -> tuple[Alarm, ...]:
    alarms = []
    if ended.noisy:
        alarms.append(Alarm("soft short", Level.CAUTION, "the voltage became noisy: current that "
                            "finds paths and loses them, or a loose contact"))  # fmt: skip
    if ended.fallen is not None:
        alarms.append(
            Alarm("soft short", Level.CAUTION,
                  f"the resistance of a half cycle fell to {100 * ended.fallen:.0f} % of an "
                  "earlier one, too slowly for a sudden short: a soft short that grows, warming, "
                  "or a contact that gets better; a spectrum decides")
        )  # fmt: skip
    if ended.bend is not None and not ended.shorted:
        growth, t_value = ended.bend
        alarms.append(
            Alarm("void", Level.CAUTION,
                  f"the voltage bends upwards to {growth:.2f} times its start (t {t_value:.0f}): "
                  "voids, or salt or lithium that runs out; a capacitance of the interface that "
                  "falls in a spectrum tells a loss of contact")
        )  # fmt: skip
    return tuple(alarms)


def _short(raw: Any, where: Where, clock: float | None, detector: ShortDetector) -> Decision:
    """A short that has just become certain."""
    bulk = detector.bulk or raw.reference
    hard = raw.resistance < detector.hard * bulk
    name = "short" if hard else "soft short"
    numbers = {
        "resistance": Number(raw.resistance, "resistance"),
        "reference": Number(raw.reference, "resistance"),
        "current": Number(raw.current, "current"),
        "charge in the half cycle": Number(raw.charge, "charge"),
        "throughput": Number(raw.throughput, "charge"),
    }  # fmt: skip
    text = (
        f"at {show_time(raw.start)} the resistance fell from {show(raw.reference, 'resistance')} "
        f"to {show(raw.resistance, 'resistance')} at {show(abs(raw.current), 'current')}"
    )
    return Decision(
        "short", where.cell, where.file, raw.half_cycle,
        raw.alarm if clock is None else clock + raw.alarm, Level.BAD, text, numbers,
        (Alarm(name, Level.BAD, text),),
    )  # fmt: skip
