"""The state of a short detector between two rows, and what a further row does to it.

Medians come from tallies: counts of values in steps of a thousandth, with the sum of each step.
They do not grow with the number of rows, and do not depend on the portions in which the rows came.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from anolyte.core.result import Result, quantity

STEP = 1e-3
"""Relative width of a step of a tally."""
EARLY = 10
"""Rows of the first half cycle after which they are a reference themselves, and until the next."""
FEWEST_NOISE = 50
"""Rows below which a variance five times as large may be chance."""
Cells = tuple[tuple[int, int, float], ...]
"""A tally as it is saved: step, count, sum."""


class Tally:
    """Counts of positive numbers on a logarithmic scale."""

    __slots__ = ("cells", "count", "last", "last_cell")

    def __init__(self, saved: Cells = ()) -> None:
        self.cells = {step: [count, total] for step, count, total in saved}
        self.count = sum(count for _, count, _ in saved)
        self.last, self.last_cell = 0.0, [0, 0.0]

    def add(self, value: float) -> None:
        """Count a number; one that is not positive is passed over."""
        if value != self.last:  # intervals repeat themselves
            if value <= 0.0:
                return
            step = math.floor(math.log(value) / STEP)
            self.last, self.last_cell = value, self.cells.setdefault(step, [0, 0.0])
        elif value == 0.0:
            return
        self.last_cell[0] += 1
        self.last_cell[1] += value
        self.count += 1

    def median(self) -> float:
        """Mean of the step that holds the middle; 0 of nothing.

        >>> tally = Tally()
        >>> for x in (1.0, 2.0, 9.0):
        ...     tally.add(x)
        >>> tally.median()
        2.0
        """
        seen = 0
        for step in sorted(self.cells):
            count, total = self.cells[step]
            seen += count
            if 2 * seen >= self.count:
                return total / count
        return 0.0

    def saved(self) -> Cells:
        """As it is saved."""
        return tuple((step, int(n), float(s)) for step, (n, s) in sorted(self.cells.items()))


@dataclass(frozen=True, kw_only=True)
class RawShort:
    """A short as the watch keeps it; see `Short`.

    Args:
        start, alarm, end: s.
        current: A.
        half_cycle: Number.
        charge, throughput: Until its start, C.
        resistance, reference: ohm.
    """

    start: float = quantity("time")
    alarm: float = quantity("time")
    end: float | None = quantity("time")
    current: float = quantity("current")
    half_cycle: int
    charge: float = quantity("charge")
    throughput: float = quantity("charge")
    resistance: float = quantity("resistance")
    reference: float = quantity("resistance")


@dataclass(frozen=True)
class ShortState(Result):
    """All that a short detector keeps between two rows; small, and saved as any result.

    Args:
        time, voltage, current: Last row, s, V, A; None: no row yet.
        flowed: Whether current flowed in it.
        largest: Current so far, A.
        throughput: Charge so far, C.
        intervals: Tally of times between rows.
        number: Half cycles begun.
        started, sign, size, longest: Of this half cycle: its start in s, direction, last current
            in A, longest interval in s.
        count: Rows with current in it.
        charge: Passed in it, C.
        resistances: Tally of its good rows.
        previous: Last two settled rows of it on end (time, voltage).
        residuals, squares: Rows with a residual about the trend, and the sum of its squares, V2.
        level: Sum of |V| over the same rows, V.
        reference, early: ohm; from whole half cycles, and from the first one so far.
        highest: Highest median of a half cycle, ohm.
        lowest: Lowest median since, over the highest before it.
        noise, noise_current: Expected standard deviation, V, and the current it was seen at, A.
        low, good: Low rows on end, and good rows on end while a short is open.
        candidate: The short that the low rows would be, or are.
        alarmed: Whether it is one.
        during: Tally of its resistance.
        good_since: First good row, s.
        closed: Shorts that ended.
        noisy: Numbers of noisy half cycles.
    """

    time: float | None = None
    voltage: float = 0.0
    current: float = 0.0
    flowed: bool = False
    largest: float = 0.0
    throughput: float = 0.0
    intervals: Cells = ()
    number: int = 0
    started: float = 0.0
    sign: float = 0.0
    size: float = 0.0
    longest: float = 0.0
    count: int = 0
    charge: float = 0.0
    resistances: Cells = ()
    previous: tuple[tuple[float, float], ...] = ()
    residuals: int = 0
    squares: float = 0.0
    level: float = 0.0
    reference: float | None = None
    early: float | None = None
    highest: float | None = None
    lowest: float | None = None
    noise: float | None = None
    noise_current: float = 0.0
    low: int = 0
    good: int = 0
    candidate: RawShort | None = None
    alarmed: bool = False
    during: Cells = ()
    good_since: float = 0.0
    closed: tuple[RawShort, ...] = ()
    noisy: tuple[int, ...] = ()

    @property
    def found(self) -> tuple[RawShort, ...]:
        """Shorts that ended, and the one that lasts."""
        if not self.alarmed or self.candidate is None:
            return self.closed
        lasting = replace(self.candidate, resistance=Tally(self.during).median())
        return (*self.closed, lasting)

    @property
    def interval(self) -> float:
        """Median time between rows, s."""
        return Tally(self.intervals).median()


class Watch:
    """A short detector at work: rows go in one by one.

    Args:
        settings: Thresholds, a `ShortDetector`.
        state: To go on from.
    """

    candidate: Any
    previous: tuple[tuple[float, float], ...]

    def __init__(self, settings: Any, state: ShortState) -> None:
        self.settings, self.splitting = settings, settings.splitting
        for f in fields(ShortState):
            setattr(self, f.name, getattr(state, f.name))
        self.intervals = Tally(state.intervals)
        self.resistances = Tally(state.resistances)
        self.during = Tally(state.during)
        self.closed, self.noisy = list(state.closed), list(state.noisy)

    def __getattr__(self, name: str) -> Any:  # fields are set from the state
        raise AttributeError(name)

    def state(self) -> ShortState:
        """The state to save."""
        values = {f.name: getattr(self, f.name) for f in fields(ShortState)}
        for name in ("intervals", "resistances", "during"):
            values[name] = values[name].saved()
        return ShortState(**values | {"closed": tuple(self.closed), "noisy": tuple(self.noisy)})

    def row(self, time: float, voltage: float, current: float) -> None:
        """A further row: s, V, A."""
        size = abs(current)
        self.largest = max(self.largest, size)
        flows = size > max(self.splitting.least_current, self.splitting.rest * self.largest)
        joins = flows and self._joins(current, size)
        if self.time is not None:
            self._charge(time - self.time, joined=joins)
        if flows:
            if not joins:
                self._close_half()
                self._open_half(time, current)
            elif not self.flowed:
                self.previous = ()  # no trend across a rest
            self.count += 1
            self.size = size
            if time - self.started >= self.splitting.skip:
                self._settled(time, voltage, current)
        self.time, self.voltage, self.current, self.flowed = time, voltage, current, flows

    def _joins(self, current: float, size: float) -> bool:
        """Whether a row with current belongs to the half cycle before it."""
        if self.number == 0 or (current > 0.0) != (self.sign > 0.0):
            return False
        rises = size > (1.0 + self.splitting.rise) * self.size
        return not (rises and self.count >= self.splitting.settling)

    def _charge(self, step: float, *, joined: bool) -> None:
        """What flowed since the last row."""
        if step > 0.0:
            self.intervals.add(step)
        if not self.flowed:
            return
        if joined:
            self.longest = max(self.longest, step)
        elif self.longest > 0.0:
            step = min(step, self.longest)
        self.charge += abs(self.current) * step
        self.throughput += abs(self.current) * step

    def _open_half(self, time: float, current: float) -> None:
        self.number += 1
        self.started, self.sign = time, math.copysign(1.0, current)
        self.count, self.charge, self.longest = 0, 0.0, 0.0
        self.resistances, self.previous = Tally(), ()
        self.residuals, self.squares, self.level = 0, 0.0, 0.0

    def _settled(self, time: float, voltage: float, current: float) -> None:
        """A row that counts: is it low?"""
        resistance = abs(voltage) / abs(current)
        self._trend(time, voltage)
        reference = self.early if self.reference is None else self.reference
        if reference is not None and resistance < self.settings.fraction * reference:
            self._low(time, current, resistance, reference)
        elif self.alarmed:
            self._recovers(time)
        else:
            if self.low:
                self.low, self.candidate, self.during = 0, None, Tally()
            self.resistances.add(resistance)
            if self.reference is None and self.resistances.count % EARLY == 0:
                self.early = self.resistances.median()

    def _low(self, time: float, current: float, resistance: float, reference: float) -> None:
        self.low, self.good = self.low + 1, 0
        self.during.add(max(resistance, 1e-12))
        if self.candidate is None:
            self.candidate = RawShort(
                start=time, alarm=time, end=None, current=current, half_cycle=self.number,
                charge=self.charge, throughput=self.throughput, resistance=resistance,
                reference=reference,
            )  # fmt: skip
        if not self.alarmed and self.low >= self.settings.rows:
            self.candidate, self.alarmed = replace(self.candidate, alarm=time), True

    def _recovers(self, time: float) -> None:
        """A good row while a short is open; enough of them end it."""
        if self.good == 0:
            self.good_since = time
        self.good += 1
        if self.good < self.settings.rows:
            return
        self.closed.append(
            replace(self.candidate, end=self.good_since, resistance=self.during.median())
        )
        self.low = self.good = 0
        self.candidate, self.alarmed, self.during = None, False, Tally()

    def _trend(self, time: float, voltage: float) -> None:
        """Residual of the row before about the line through its neighbours."""
        if len(self.previous) == 2:
            (a, va), (b, vb) = self.previous
            if time > a:
                share = (b - a) / (time - a)
                off = vb - (va + share * (voltage - va))
                self.squares += off * off / (1.0 + share * share + (1.0 - share) ** 2)
                self.level += abs(vb)
                self.residuals += 1
        self.previous = (*self.previous[-1:], (time, voltage))

    def _close_half(self) -> None:
        """The reference follows the good rows of a half cycle; it stands still under an alarm."""
        if self.number == 0:
            return
        if self.alarmed:
            self.reference = self.early if self.reference is None else self.reference
            return
        if 2 * self.resistances.count < max(1, self.count - 2 * self.splitting.settling):
            return
        median = self.resistances.median()
        if median <= 0.0:
            return
        memory = self.settings.memory
        old = self.reference
        self.reference = median if old is None else memory * old + (1.0 - memory) * median
        if self.highest is not None:
            share = median / self.highest
            self.lowest = share if self.lowest is None else min(self.lowest, share)
        self.highest = max(self.highest or 0.0, median)
        self._close_noise()

    def _close_noise(self) -> None:
        """Whether the half cycle was noisy beyond what its current explains."""
        if self.residuals < FEWEST_NOISE:
            return
        deviation = math.sqrt(self.squares / self.residuals)
        level = self.level / self.residuals
        if self.noise is None:
            self.noise, self.noise_current = deviation, self.size
            return
        expected = self.noise * max(1.0, self.size / self.noise_current)
        limit = math.sqrt(self.settings.noise) * expected
        if deviation > limit and deviation > self.settings.flicker * level:
            self.noisy.append(self.number)
            return
        memory = self.settings.memory
        self.noise = math.sqrt(memory * self.noise**2 + (1.0 - memory) * deviation**2)
        self.noise_current = self.size
