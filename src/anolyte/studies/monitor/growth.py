r"""A resistance that grows by a law is told once, with its forecast, and watched against it.

A shift that the drift detector finds is held against the laws of growth. Where one describes what
was measured, better than a step does, later samples are compared with what it foretold,

$$ S^\pm_i = \max(0,\ S^\pm_{i-1} \pm d_i / s - k) $$

with the distance $d$ of a sample from the corridor of all laws that fit as well, and the noise $s$.
The corridor reaches as far ahead as was measured; then the laws are fitted again.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from anolyte.core.units import show
from anolyte.measure.detectors import Alarm, Cusum, CusumState, Sample
from anolyte.measure.resistance import CellResistance
from anolyte.measure.series.growth_answer import GrowthResult
from anolyte.measure.series.growth_law import GrowthSettings, foretell
from anolyte.measure.traces.shorts import show_time
from anolyte.numerics import separable

KNOTS = 17
"""Times at which a corridor is kept; between them it is straight."""
NORMAL = 1.4826
"""Standard deviation over median distance, of normal noise."""
_WAYS = {
    "linear": "linearly", "parabolic": "as a parabola", "logarithmic": "logarithmically",
    "saturating": "towards an end", "power": "as a power of time",
}  # fmt: skip


@dataclass(frozen=True)
class Law:
    """A law that describes a series, and what it foretells.

    Args:
        way: Which law and exponent, as what "it" does.
        says: The same with its forecast.
        knots: Times of the corridor, s since the first sample.
        low, high: The corridor there, ohm.
        noise: Relative standard deviation of a sample.
        rises: Whether the resistance does.
        forecast, forecast_low, forecast_high: At the last knot, ohm.
        exponent, exponent_low, exponent_high: Of the free power; where open, infinite.
        up, down: Sums of both sides, in standard deviations.
    """

    way: str
    says: str
    knots: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    noise: float
    rises: bool
    forecast: float
    forecast_low: float
    forecast_high: float
    exponent: float
    exponent_low: float
    exponent_high: float
    up: float = 0.0
    down: float = 0.0


@dataclass(frozen=True)
class GrowthState:
    """What `Growth` keeps.

    Args:
        drift: Of its drift detector; its condition is that of the last sample.
        times: Of the samples kept, s; even in the root of the time since the first.
        values: Their resistances, ohm.
        errors: Their relative standard deviations.
        law: That is followed; None: none.
        left: Whether a law was left, and nothing else was told since.
    """

    drift: CusumState = field(default_factory=CusumState)
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    law: Law | None = None
    left: bool = False

    def after(self, sample: Sample, most: int) -> GrowthState:
        """With a further sample; of too many the one goes that leaves the smallest gap."""
        times = (*self.times, sample.time or 0.0)
        values = (*self.values, sample.resistance)
        errors = (*self.errors, sample.resistance_error or 0.0)
        if len(times) > most:
            x = np.sqrt(np.array(times) - times[0])
            gone = 1 + int(np.argmin(x[2:] - x[:-2]))
            times, values, errors = (
                c[:gone] + c[gone + 1 :] for c in (times, values, errors)
            )  # fmt: skip
        return replace(self, times=times, values=values, errors=errors)


@dataclass(frozen=True)
class Growth:
    """A lasting shift of a resistance, told as a law of growth where it follows one.

    Samples without a time are given to the drift detector alone. A clock that runs backwards, or
    another condition, begins anew.

    Args:
        drift: What finds a shift.
        laws: How laws are fitted, and the level of the forecast that is told. Laws that are within
            6 in AICc stay possible: a twentieth of the best one's support.
        fewest: Samples from which a law is told; a shift that is found before them waits.
        most: Samples kept.
        scatter: Of the samples about the law, over their noise: beyond it the law does not
            describe them. Noise that is seen in so few differences is known to a third.
        level: Of the corridor that later samples are held against; it is fitted anew some ten
            times in the life of a cell, and should hold in all of them.
    """

    drift: Cusum = field(default_factory=Cusum)
    laws: GrowthSettings = field(default_factory=lambda: GrowthSettings(undecided=6.0))
    fewest: int = 12
    most: int = 64
    scatter: float = 1.5
    level: float = 0.99

    name: ClassVar[str] = "growth"

    def start(self) -> GrowthState:
        """An empty state."""
        return GrowthState()

    def feed(self, state: GrowthState, sample: Sample) -> tuple[GrowthState, Alarm | None]:
        """The state after a sample, and an alarm where it calls for one."""
        if not sample.known:
            return state, None
        if sample.time is None:
            drift, alarm = self.drift.feed(state.drift, sample)
            return GrowthState(drift), alarm
        back = bool(state.times) and sample.time < state.times[-1]
        if back or sample.condition != state.drift.condition:
            state = GrowthState(CusumState(condition=sample.condition))
        state = state.after(sample, self.most)
        if state.law is not None:
            return self._followed(state, state.law, sample)
        drift, alarm = self.drift.feed(state.drift, sample)
        if alarm is None:
            return replace(state, drift=drift), None
        if len(state.times) < self.fewest:
            return state, None  # the next sample meets the same reference
        law = self._law(state)
        if law is None:
            return GrowthState(drift), alarm
        relearned = state.left and len(state.times) <= 2 * self.fewest
        state = replace(state, drift=drift, law=law, left=False)
        if relearned:
            return state, None
        return state, Alarm(
            self.name if law.rises else self.drift.name, sample.number, law.says, alarm.size
        )

    def _followed(
        self, state: GrowthState, law: Law, sample: Sample
    ) -> tuple[GrowthState, Alarm | None]:
        """A sample against what was foretold of it."""
        time = (sample.time or 0.0) - state.times[0]
        if time > law.knots[-1]:
            again = self._law(state)
            if again is not None:
                return replace(state, law=again), None
            text = f"it {law.way} until then, and no law describes it with what came since"
            return self._lost(state, sample, text, 0.0)
        low, high = (float(np.interp(time, law.knots, edge)) for edge in (law.low, law.high))
        beyond = max(sample.resistance - high, 0.0) + min(sample.resistance - low, 0.0)
        z = beyond / (law.noise * sample.resistance)
        up = max(0.0, law.up + z - self.drift.allowance)
        down = max(0.0, law.down - z - self.drift.allowance)
        if max(up, down) <= self.drift.limit:
            return replace(state, law=replace(law, up=up, down=down)), None
        edge = f"above the {_ohm(high)}" if up > down else f"below the {_ohm(low)}"
        text = f"{_ohm(sample.resistance)} lies {edge} that it should have while it {law.way}"
        return self._lost(state, sample, text, max(up, down))

    def _lost(
        self, state: GrowthState, sample: Sample, text: str, size: float
    ) -> tuple[GrowthState, Alarm]:
        """The law was left; learn anew from here."""
        fresh = GrowthState(CusumState(condition=state.drift.condition), left=True)
        told = f"the resistance left its law: {text}"
        return fresh.after(sample, self.most), Alarm(self.name, sample.number, told, size)

    def _law(self, state: GrowthState) -> Law | None:
        """The law that describes what was kept; None: there is none."""
        time = np.array(state.times) - state.times[0]
        values = np.array(state.values)
        noise = max(statistics.median(state.errors), _rough(time, np.log(values)), self.drift.least)
        series = [CellResistance(float(v), float(noise * v)) for v in values]
        if np.unique(time).size < self.fewest:
            return None
        knots = np.linspace(time[-1], (1.0 + self.laws.horizon) * time[-1], KNOTS)
        told = foretell(time, series, knots, self.level, self.laws)
        best = told.growth.best
        if best.law == "constant" or best.scatter > self.scatter:
            return None
        if _step(values, 1.0 / (noise * values)) < best.aicc:
            return None
        growth, now = told.growth, best(float(time[-1]))
        low, high = (n.si for n in growth.forecast)
        exponents = (growth.exponent, growth.exponent_low, growth.exponent_high)
        way = _way(growth, now > best(0.0))
        return Law(
            way, f"{way}, {_ahead(growth, float(time[-1]))}", tuple(knots.tolist()),
            tuple(told.low.tolist()), tuple(told.high.tolist()), noise, now > best(0.0),
            best.forecast.si, low, high, *(math.nan if e is None else e for e in exponents),
        )  # fmt: skip


def _way(growth: GrowthResult, rises: bool) -> str:
    """Which laws, and the exponent of the free power."""
    alike = " or ".join(_WAYS[n] for n in growth.undecided if n in _WAYS)
    text = f"{'grows' if rises else 'falls'} {_WAYS[growth.best.law]}"
    if alike:
        text += f" ({alike} fits as well)"
    low, high = growth.exponent_low, growth.exponent_high
    if growth.exponent is not None and low is not None and high is not None:
        text += f", free exponent {growth.exponent:.2f} ({low:.2f} to {high:.2f})"
    return text


def _ahead(growth: GrowthResult, end: float) -> str:
    """From where to where in which time, and what is to come."""
    best = growth.best
    low, high = (_ohm(n.si) for n in growth.forecast)
    text = (
        f"by {abs(best(end) / best(0.0) - 1.0):.1%} from {_ohm(best(0.0))} to {_ohm(best(end))} in "
        f"{show_time(end)}; in as long again {_ohm(best.forecast.si)} ({low} to {high})"
    )
    soonest = min(f.doubles_low for f in growth.told)
    if best(end) > best(0.0) and math.isfinite(soonest):
        text += f"; doubled {show_time(soonest)} from now at the earliest"
    return text


def _rough(time: np.ndarray, y: np.ndarray) -> float:
    """Standard deviation of the points about the lines through their neighbours."""
    span = time[2:] - time[:-2]
    share = np.divide(time[1:-1] - time[:-2], span, out=np.full(span.size, 0.5), where=span > 0.0)
    off = y[1:-1] - (y[:-2] + share * (y[2:] - y[:-2]))
    return NORMAL * float(np.median(np.abs(off) / np.sqrt(1.0 + share**2 + (1.0 - share) ** 2)))


def _step(values: np.ndarray, weight: np.ndarray) -> float:
    """Akaike's criterion of the rival of all laws: one level, and from some sample on another."""
    squares = weight**2
    sums = [np.cumsum(squares * values**k) for k in range(3)]
    before = sums[2][:-1] - sums[1][:-1] ** 2 / sums[0][:-1]
    rest = [s[-1] - s[:-1] for s in sums]
    after = rest[2] - rest[1] ** 2 / rest[0]
    return separable.information(float(np.min(before + after)), values.size, 3)


def _ohm(value: float) -> str:
    return show(value, "resistance")
