r"""Shorts in the voltage of a cell under current: hard, soft, noisy; in one go or row by row.

$$ \frac{|V|}{|I|} < f\,R_\mathrm{ref} \text{ in } n \text{ rows on end}
   \;\Rightarrow\; \text{alarm}, \qquad
   R_\mathrm{ref} \leftarrow m\,R_\mathrm{ref} + (1 - m)\,\tilde R_\mathrm{half} $$

with the median $\tilde R$ of the last half cycle. The reference stands still while an alarm is
pending, else it would follow the short. The state between two rows is small and can be saved, and
rows that come in portions give the answer of all rows at once.

Validity: a voltage sees an electronic path only once it carries a good share of the current. A
trace without an alarm is no proof of health (Menkin et al., Faraday Discuss. 2023; Counihan et al.,
Joule 2023): compare the whole resistance of a spectrum with that of the bulk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.materials.criteria import threshold
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import Splitting
from anolyte.measure.traces.watching import ShortState, Watch

HEALTHY, SOFT, NOISY, HARD = "healthy", "soft", "noisy-soft", "hard"


@dataclass(frozen=True)
class ShortDetector:
    """When the voltage of a trace counts as a short.

    The thresholds are starting values, to be tuned on made series of the own cell; those that
    judge physics are in criteria.yaml.

    Args:
        fraction: Of the reference, below which a row is low; half leaves room for a resistance
            that falls with the current or with warming.
        rows: Low rows on end until the alarm; one or two may be an instrument's range change.
        memory: Share of the old reference in the new one.
        hard: Share of the bulk's resistance below which a short that stays is hard.
        noise: Growth of the variance of the voltage about its trend that makes a half cycle noisy.
        flicker: Standard deviation over voltage below which no half cycle is noisy: finer than
            what a current that finds paths and loses them does.
        fallen: Share of the highest median below which a median of later half cycles is told.
        bulk: Expected resistance of the electrolyte's bulk, ohm; None: not known, and `hard` is
            taken of the reference, which holds the interfaces too.
        tolerance: Share by which the cell's resistance may stay below the bulk's (its conductivity
            and thickness are no better known).
        splitting: How half cycles are told.
    """

    fraction: float = threshold("short_fraction")
    rows: int = 3
    memory: float = 0.5
    hard: float = threshold("short_hard")
    noise: float = 5.0
    flicker: float = 2e-3
    fallen: float = threshold("short_fallen")
    bulk: float | None = quantity("resistance", default=None)
    tolerance: float = threshold("short_bulk_tolerance")
    splitting: Splitting = field(default_factory=Splitting)

    def watch(self, trace: Trace, state: ShortState | None = None) -> ShortState:
        """What is known after further rows of a trace.

        Args:
            trace: The rows that are new, in order of time.
            state: After the rows before; None: these are the first.

        Raises:
            DataError: The new rows begin before the last one that was seen.
        """
        watch = Watch(self, state or ShortState())
        columns = (
            np.asarray(x, float).tolist() for x in (trace.time, trace.voltage, trace.current)
        )
        rows = list(zip(*columns, strict=True))
        if state is not None and state.time is not None and rows and rows[0][0] < state.time:
            raise DataError(
                f"{trace.file or 'trace'}: the new rows begin at {rows[0][0]:g} s, before "
                f"{state.time:g} s that was seen already; give only rows that are new"
            )
        for time, voltage, current in rows:
            watch.row(time, voltage, current)
        return watch.state()

    def judge(self, state: ShortState, setup: Setup | None = None, *, file: str = "") -> ShortCheck:
        """What the rows that were seen say.

        Args:
            state: After the last row.
            setup: Brings the area.
            file: Where the trace was read.
        """
        shorts = tuple(self._told(s) for s in state.found)
        kind = HEALTHY
        if any(s.kind == HARD for s in shorts):
            kind = HARD
        elif shorts or self._below_bulk(state):
            kind = SOFT
        elif state.noisy:
            kind = NOISY
        return ShortCheck(
            file=file, kind=kind, shorts=shorts, noisy=state.noisy, interval=state.interval,
            reference=state.reference, throughput=state.throughput, half_cycles=state.number,
            area=None if setup is None else setup.area, warnings=self._warnings(state, shorts),
        )  # fmt: skip

    def _told(self, raw: Any) -> Short:
        resistance = raw.resistance
        limit = self.hard * (self.bulk or raw.reference)
        stays = raw.end is None
        return Short(
            start=raw.start, alarm=raw.alarm, end=raw.end, current=raw.current,
            half_cycle=raw.half_cycle, charge=raw.charge, throughput=raw.throughput,
            resistance=resistance, reference=raw.reference,
            kind=HARD if stays and resistance < limit else SOFT,
        )  # fmt: skip

    def _below_bulk(self, state: ShortState) -> bool:
        if self.bulk is None or state.reference is None:
            return False
        return state.reference < (1.0 - self.tolerance) * self.bulk

    def _warnings(self, state: ShortState, shorts: tuple[Short, ...]) -> tuple[str, ...]:
        every = show_time(state.interval)
        told = []
        if not shorts:
            told.append(f"no short seen at a sampling interval of {every}; what is quicker, and a "
                        "path that carries less than about half of the current, shows in a "
                        "spectrum: is its whole resistance below the bulk's?")  # fmt: skip
        if state.reference is None:
            told.append("not one half cycle was complete: there is nothing to compare with")
        if self._below_bulk(state):
            told.append("the cell's resistance is below that of its electrolyte: current flows "
                        "past the ions; a spectrum at rest decides")  # fmt: skip
        if state.noisy:
            first = state.noisy[0]
            told.append(f"{len(state.noisy)} half cycles are noisy, from number {first} on: "
                        "current that finds paths and loses them, or a loose contact")  # fmt: skip
        low = state.lowest
        if not shorts and low is not None and low < self.fallen:
            told.append(f"the median resistance of a half cycle fell to {100 * low:.0f} % of an "
                        "earlier one, too slowly for an alarm: a soft short that grows, warming, "
                        "or a contact that gets better; a spectrum decides")  # fmt: skip
        if self.bulk is None and shorts:
            told.append("hard and soft are told apart by the cell's own resistance, as the bulk's "
                        "is not given")  # fmt: skip
        return tuple(told)


@dataclass(frozen=True, kw_only=True)
class Short:
    """A time during which a part of the current went past the ions.

    Args:
        start: Of its first low row, s.
        alarm: Row in which it was certain, s.
        end: Of the first row that was good again, s; None: it stayed.
        current: A.
        half_cycle: Number, from 1.
        charge: Passed in this half cycle until its start, C.
        throughput: Passed in both directions until its start, C.
        resistance: Median while it lasted, ohm.
        reference: What was expected, ohm.
        kind: hard | soft.
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
    kind: str


@dataclass(frozen=True, kw_only=True)
class ShortCheck(Result):
    """Whether a trace shows shorts.

    Args:
        file: Where the trace was read.
        kind: healthy | soft | noisy-soft | hard: the worst that was seen.
        shorts: In order of time.
        noisy: Numbers of half cycles whose voltage became noisy.
        interval: Median time between rows, s.
        reference: Resistance that the next rows are compared with, ohm; None: none yet.
        throughput: Charge passed in both directions, C.
        half_cycles: How many were begun.
        area: Of one side, m2; None: not given.
        warnings: A sentence each.
    """

    file: str
    kind: str
    shorts: tuple[Short, ...]
    noisy: tuple[int, ...]
    interval: float = quantity("time")
    reference: float | None = quantity("resistance")
    throughput: float = quantity("charge")
    half_cycles: int
    area: float | None = quantity("area", default=None)
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a short."""
        return [
            {
                "start [h]": s.start / 3600.0, "alarm [h]": s.alarm / 3600.0,
                "end [h]": None if s.end is None else s.end / 3600.0, "kind": s.kind,
                "half cycle": s.half_cycle, "current [mA]": s.current * 1e3,
                "charge in the half cycle [mA h]": s.charge / 3.6,
                "resistance [Ω]": s.resistance, "reference [Ω]": s.reference,
            }
            for s in self.shorts
        ]  # fmt: skip


def find_shorts(
    trace: Trace, setup: Setup | None = None, detector: ShortDetector | None = None
) -> ShortCheck:
    """The shorts of a whole trace.

    Args:
        trace: Current and voltage over time.
        setup: Brings the area.
        detector: Thresholds; None: the defaults.

    Raises:
        DataError: No current flows.

    >>> from anolyte.measure.synthetic import ramp
    >>> found = find_shorts(ramp()[0])
    >>> found.kind, found.shorts[0].alarm
    ('soft', 36930.0)
    """
    detector = detector or ShortDetector()
    state = detector.watch(trace)
    if state.number == 0:
        least = show(detector.splitting.least_current, "current")
        raise DataError(
            f"{trace.file or 'trace'}: no current above {least}; is the column of the current the "
            "right one?"
        )
    return detector.judge(state, setup, file=trace.file)


def show_time(seconds: float) -> str:
    """A time with the unit that suits it.

    >>> show_time(10.0), show_time(1800.0), show_time(36930.0)
    ('10 s', '30 min', '10.3 h')
    """
    for size, unit in ((86400.0 * 4, "d"), (3600.0, "h"), (120.0, "min")):
        if seconds >= size:
            scale = {"d": 86400.0, "h": 3600.0, "min": 60.0}[unit]
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.3g} s"
