r"""Alarms on numbers that come one at a time: each detector keeps a few numbers, never a history.

A detector is its settings; `start()` gives an empty state, `feed(state, sample)` the next state and
an alarm or None. States are frozen dataclasses of plain numbers: `core.result.encode` writes them,
`decode` reads them, and a stopped watch goes on as if it had never stopped.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, TypeVar

from anolyte.core.units import show
from anolyte.materials.criteria import threshold

S = TypeVar("S")


@dataclass(frozen=True)
class Sample:
    """One spectrum's numbers for the detectors.

    Args:
        number: Which spectrum, as the watch counts.
        resistance: Of the arc that is watched, or of the cell, ohm.
        resistance_error: Relative standard deviation; None: not told, the spread of the samples
            themselves counts; infinite: the fit does not know the resistance, and no detector of
            changes heeds the sample.
        capacitance: Of the same arc, F; None: not needed.
        capacitance_error: Relative standard deviation.
        time_constant: Of the same arc, s.
        time: s of a clock that all samples share; None: not known, so that no law is looked for.
        condition: What must not change (temperature, pressure, cycle state): a sample whose text
            differs from the last one's starts the reference anew.
    """

    number: int
    resistance: float
    resistance_error: float | None = None
    capacitance: float | None = None
    capacitance_error: float | None = None
    time_constant: float | None = None
    condition: str = ""
    time: float | None = None

    @property
    def known(self) -> bool:
        """Whether it says anything of the resistance."""
        return self.resistance > 0.0 and self.resistance_error != math.inf


@dataclass(frozen=True)
class Alarm:
    """What a detector saw.

    Args:
        detector: Its name.
        number: Of the sample.
        text: One sentence.
        size: How far beyond the limit, in the detector's own measure.
    """

    detector: str
    number: int
    text: str
    size: float


class Detector(Protocol[S]):
    """What every detector can do."""

    name: ClassVar[str]

    def start(self) -> S:
        """An empty state."""
        ...

    def feed(self, state: S, sample: Sample) -> tuple[S, Alarm | None]:
        """The state after a sample, and an alarm where it calls for one."""
        ...


@dataclass(frozen=True)
class CusumState:
    """Numbers kept by `Cusum`.

    Args:
        count: Samples of the reference so far.
        mean, square: Their mean and sum of squared deviations, of ln R.
        up, down: Sums of both sides, in standard deviations.
        condition: Of the last sample.
    """

    count: int = 0
    mean: float = 0.0
    square: float = 0.0
    up: float = 0.0
    down: float = 0.0
    condition: str = ""

    def learned(self, y: float) -> CusumState:
        """With one more sample in the reference."""
        count = self.count + 1
        mean = self.mean + (y - self.mean) / count
        square = self.square + (y - self.mean) * (y - mean)
        return replace(self, count=count, mean=mean, square=square)


@dataclass(frozen=True)
class Cusum:
    r"""A lasting shift of ln R away from where it stood.

    $$ S^\pm_i = \max(0,\ S^\pm_{i-1} \pm z_i - k) $$

    with $z_i$ the deviation from all samples before, as a Student variable turned into a normal
    one, so that a short reference does not cry wolf. After an alarm the reference is learned anew,
    so every further shift is told once. A resistance that grows by its nature alarms again and
    again; `Growth` of the watch tells its law instead.

    Args:
        learning: Samples before which nothing is said.
        allowance: k, half the shift in standard deviations that is to be found quickly.
        limit: h; 5 is usual with k 0.5, but cries wolf once in 465 samples, 8 in some 9,500.
        least: Smallest spread of ln R; fits of one cell repeat no better.

    Source: Page, Biometrika 1954, 41, 100; the pair of limits and the self-starting form from
    memory.
    """

    learning: int = 8
    allowance: float = 0.5
    limit: float = 8.0
    least: float = 0.003

    name: ClassVar[str] = "drift"

    def start(self) -> CusumState:
        """An empty state."""
        return CusumState()

    def feed(self, state: CusumState, sample: Sample) -> tuple[CusumState, Alarm | None]:
        """The state after a sample, and an alarm where ln R has shifted."""
        if not sample.known:
            return state, None
        if sample.condition != state.condition:
            state = CusumState(condition=sample.condition)
        y = math.log(sample.resistance)
        if state.count < self.learning:
            return state.learned(y), None
        own = math.sqrt(state.square / (state.count - 1))
        spread = max(own, sample.resistance_error or 0.0, self.least)
        scaled = (y - state.mean) / (spread * math.sqrt(1.0 + 1.0 / state.count))
        z = _normal(scaled, state.count - 1)
        up = max(0.0, state.up + z - self.allowance)
        down = max(0.0, state.down - z - self.allowance)
        if max(up, down) <= self.limit:
            return replace(state.learned(y), up=up, down=down), None
        change = math.exp(y - state.mean) - 1.0
        way = "risen" if up > down else "fallen"
        text = (
            f"the resistance has {way} by {abs(change):.1%} from {_ohm(math.exp(state.mean))} to "
            f"{_ohm(sample.resistance)}"
        )
        alarm = Alarm(self.name, sample.number, text, max(up, down))
        return CusumState(condition=state.condition), alarm


def _normal(t: float, freedom: int) -> float:
    """A Student variable as the normal one of equal probability, by Wallace's approximation."""
    size = math.sqrt(freedom * math.log1p(t * t / freedom))
    return math.copysign(size * (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0), t)


@dataclass(frozen=True)
class RecentState:
    """Numbers kept by detectors that hold a rolling median.

    Args:
        values: The last ln R (or ln C), oldest first.
        times: The last ln time constants beside them; empty where none is needed.
        condition: Of the last sample.
        pending: Samples in a row beyond the limit, where a detector asks for some.
    """

    values: tuple[float, ...] = ()
    times: tuple[float, ...] = ()
    condition: str = ""
    pending: int = 0


@dataclass(frozen=True)
class ArcCollapse:
    r"""The arc of the interface falls far below its rolling median: an electron path beside it.

    $$ R < (1 - \phi)\,\tilde R \quad\text{and}\quad \ln\tilde R - \ln R > n s $$

    Args:
        share: phi, the fall from which it counts.
        deviations: n.
        window: Samples of the median.
        fewest: Samples before which nothing is said.
        least: Smallest standard deviation of ln R.

    A sample that alarms does not enter the median, so a short that lasts goes on alarming.
    """

    share: float = threshold("arc_collapse")
    deviations: float = 5.0
    window: int = 9
    fewest: int = 3
    least: float = 0.01

    name: ClassVar[str] = "arc collapse"

    def start(self) -> RecentState:
        """An empty state."""
        return RecentState()

    def feed(self, state: RecentState, sample: Sample) -> tuple[RecentState, Alarm | None]:
        """The state after a sample, and an alarm where the arc has collapsed."""
        if not sample.known:
            return state, None
        if sample.condition != state.condition:
            state = RecentState(condition=sample.condition)
        y = math.log(sample.resistance)
        if len(state.values) >= self.fewest:
            middle = statistics.median(state.values)
            spread = max(_spread(state.values), sample.resistance_error or 0.0, self.least)
            if y < middle + math.log1p(-self.share) and middle - y > self.deviations * spread:
                fall = 1.0 - math.exp(y - middle)
                text = (
                    f"the arc fell by {fall:.0%} below its rolling median of "
                    f"{_ohm(math.exp(middle))} at unchanged conditions: an electronic path beside "
                    "it, or contact regained; a total below the bulk's resistance would decide"
                )
                alarm = Alarm(self.name, sample.number, text, (middle - y) / spread)
                return state, alarm
        return RecentState(_last(state.values, y, self.window), (), state.condition), None


@dataclass(frozen=True)
class ContactLoss:
    r"""The capacitance of an interface falls while its time constant stays: less area in contact.

    With $R \propto 1/a$ and $C \propto a$ the product $\tau = R C$ does not know the contact
    fraction a; a film that grows raises R and changes tau. The reference is a rolling median, so
    that slow growth does not hide a loss; a loss slower than `share` in half a window hides in it.

    Args:
        share: Fall of the capacitance from which it counts.
        constant: Relative change of tau that still counts as none.
        deviations: Standard deviations by which the capacitance must have fallen.
        window: Samples of the rolling median; the reference lags by half of it.
        fewest: Samples before which nothing is said.
        least: Smallest standard deviation of ln C.
        row: Samples in a row beyond the limit.
    """

    share: float = threshold("contact_area_lost")
    constant: float = 0.10
    deviations: float = 5.0
    window: int = 25
    fewest: int = 5
    least: float = 0.01
    row: int = 2

    name: ClassVar[str] = "contact loss"

    def start(self) -> RecentState:
        """An empty state."""
        return RecentState()

    def feed(self, state: RecentState, sample: Sample) -> tuple[RecentState, Alarm | None]:
        """The state after a sample, and an alarm where contact was lost."""
        if not (sample.capacitance and sample.time_constant and sample.known):
            return state, None
        if sample.condition != state.condition:
            state = RecentState(condition=sample.condition)
        c, tau = math.log(sample.capacitance), math.log(sample.time_constant)
        if len(state.values) >= self.fewest:
            before, then = statistics.median(state.values), statistics.median(state.times)
            spread = max(_spread(state.values), sample.capacitance_error or 0.0, self.least)
            fell = before - c > max(-math.log1p(-self.share), self.deviations * spread)
            if fell and abs(tau - then) <= math.log1p(self.constant):
                kept = RecentState(state.values, state.times, state.condition, state.pending + 1)
                if kept.pending < self.row:
                    return kept, None
                left = math.exp(c - before)
                text = (
                    f"the capacitance of the interface is {left:.0%} of what it was at a constant "
                    "time constant: about that share of the contact is left (voids, or pressure "
                    "lost)"
                )
                return kept, Alarm(self.name, sample.number, text, (before - c) / spread)
        values, times = _last(state.values, c, self.window), _last(state.times, tau, self.window)
        return RecentState(values, times, state.condition), None


@dataclass(frozen=True)
class NoState:
    """Nothing kept."""


@dataclass(frozen=True)
class BelowBulk:
    """The whole cell has less resistance than its electrolyte can have: a short.

    Args:
        expected: Resistance of the electrolyte at the temperature of the samples, ohm.
        expected_error: Standard deviation, ohm.
        deviations: Standard deviations by which the total must lie below.
    """

    expected: float
    expected_error: float = 0.0
    deviations: float = 2.0

    name: ClassVar[str] = "below bulk"

    def start(self) -> NoState:
        """An empty state."""
        return NoState()

    def feed(self, state: NoState, sample: Sample) -> tuple[NoState, Alarm | None]:
        """An alarm where the sample's resistance (of the whole cell) lies below the bulk's."""
        error = math.hypot((sample.resistance_error or 0.0) * sample.resistance,
                           self.expected_error)  # fmt: skip
        if not sample.resistance + self.deviations * error < self.expected:  # or not a number
            return state, None
        text = (
            f"the cell has {_ohm(sample.resistance)}, its electrolyte alone should have "
            f"{_ohm(self.expected)}: an electronic path exists whatever the voltage looks like"
        )
        size = (self.expected - sample.resistance) / error if error > 0.0 else math.inf
        return state, Alarm(self.name, sample.number, text, size)


def _spread(values: tuple[float, ...]) -> float:
    """Standard deviation by the median of neighbours' differences: a slow drift adds little."""
    steps = sorted(abs(b - a) for a, b in zip(values, values[1:], strict=False))
    return 1.4826 * statistics.median(steps) / math.sqrt(2.0) if steps else 0.0


def _last(values: tuple[float, ...], new: float, window: int) -> tuple[float, ...]:
    return (*values, new)[-window:]


def _ohm(value: float) -> str:
    return show(value, "resistance")
