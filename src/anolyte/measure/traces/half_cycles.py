r"""Half cycles of a trace: stretches in which the current flows one way.

$$ R(t) = \frac{|V|}{|I|}, \qquad r = R A, \qquad q = \int |I|\,\mathrm{d}t $$

A half cycle ends when the current changes its sign or steps up; rests do not end one. The current
of a row is taken to flow until the next row, so that a half cycle of n rows at a steady interval
lasts n intervals, whether the instrument wrote the start or the end of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup

Array = NDArray[Any]


@dataclass(frozen=True)
class Splitting:
    """How a trace is cut into half cycles.

    Args:
        skip: Time after a step of current that is left out of resistances, s: the double layer
            and the instrument settle in it.
        rest: Share of the largest current so far below which the cell rests.
        least_current: A; below it nothing flows, whatever was the largest: offsets of instruments.
        rise: Relative step up of the current, at the same sign, that starts another half cycle.
        settling: Rows at the start of a half cycle in which a step up is only its beginning.
    """

    skip: float = quantity("time", default=10.0)
    rest: float = 1e-3
    least_current: float = quantity("current", default=1e-7)
    rise: float = 0.02
    settling: int = 3


@dataclass(frozen=True)
class HalfCycle:
    """One stretch of current in one direction.

    Args:
        number: From 1.
        start, end: s; the end is where the current of its last row ends.
        current: Median, A; positive strips the working electrode.
        charge: Passed, C; positive.
        throughput: Passed in both directions since the start of the trace, up to its end, C.
        voltage_start, voltage_end: After the skipped time and at the last row, V.
        resistance: Median of |V|/|I|, ohm; None: no row after the skipped time.
        rows: Rows with current.
        resting: Rest within it and after it, s.
        first, last: Rows of the trace, the last one included.
    """

    number: int
    start: float = quantity("time")
    end: float = quantity("time")
    current: float = quantity("current")
    charge: float = quantity("charge")
    throughput: float = quantity("charge")
    voltage_start: float = quantity("potential")
    voltage_end: float = quantity("potential")
    resistance: float | None = quantity("resistance")
    rows: int = 0
    resting: float = quantity("time", default=0.0)
    first: int = 0
    last: int = 0

    @property
    def strips(self) -> bool:
        """Whether the working electrode is stripped (oxidised)."""
        return self.current > 0.0

    @property
    def duration(self) -> float:
        """From its first to its last row with current, s."""
        return self.end - self.start


@dataclass(frozen=True)
class HalfCycles(Result):
    """All half cycles of a trace.

    Args:
        file: Where the trace was read.
        half_cycles: In order of time.
        interval: Median time between two rows, s; nothing shorter is seen.
        throughput: Charge passed in both directions, C.
        resting: Without current, s.
        area: Of one side, m2; None: not given, and everything stays in A, C and ohm.
        warnings: A sentence each.
    """

    file: str
    half_cycles: tuple[HalfCycle, ...]
    interval: float = quantity("time")
    throughput: float = quantity("charge")
    resting: float = quantity("time")
    area: float | None = quantity("area", default=None)
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a half cycle; per area where the area is known."""
        return [half_row(h, self.area) for h in self.half_cycles]


@dataclass(frozen=True)
class Series:
    """A trace thinned for a figure: no peak of the voltage and no turn is lost.

    Args:
        time: s.
        voltage: V.
        current: A.
    """

    time: tuple[float, ...] = quantity("time", default=())
    voltage: tuple[float, ...] = quantity("potential", default=())
    current: tuple[float, ...] = quantity("current", default=())

    @classmethod
    def of(cls, trace: Trace, most: int = 6000) -> Series:
        """At most so many rows: of each stretch the first, the last, the lowest and the highest.

        Even rows would miss short shorts, and make slow waves of quick ones.

        Args:
            trace: Current and voltage over time.
            most: Rows.
        """
        columns = [np.asarray(x, float) for x in (trace.time, trace.voltage, trace.current)]
        if len(trace) > most:
            voltage = columns[1]
            rows = [
                k
                for part in np.array_split(np.arange(len(trace)), most // 4)
                for k in (part[0], part[voltage[part].argmin()], part[voltage[part].argmax()],
                          part[-1])
            ]  # fmt: skip
            kept = np.unique(rows)
            columns = [x[kept] for x in columns]
        return cls(*(tuple(x.tolist()) for x in columns))


def half_row(half: HalfCycle, area: float | None) -> dict[str, Any]:
    """A half cycle as a row of a table.

    Args:
        half: Of a trace.
        area: m2; None: the row stays in mA, mA h and ohm.
    """
    row: dict[str, Any] = {
        "half cycle": half.number, "start [h]": half.start / 3600.0,
        "duration [h]": half.duration / 3600.0, "direction": "strip" if half.strips else "plate",
    }  # fmt: skip
    resistance = half.resistance
    if area is None:
        row |= {"current [mA]": half.current * 1e3, "charge [mA h]": half.charge / 3.6,
                "resistance [Ω]": resistance}  # fmt: skip
    else:
        row |= {
            "current density [mA cm⁻²]": half.current / area / 10.0,
            "charge [mA h cm⁻²]": half.charge / area / 3.6e4,
            "resistance [Ω cm²]": None if resistance is None else resistance * area * 1e4,
        }
    return row | {
        "voltage at start [V]": half.voltage_start,
        "voltage at end [V]": half.voltage_end,
    }


def flowing(current: Array, splitting: Splitting) -> Array:
    """Where current flows: above the least, and above a share of the largest so far.

    Args:
        current: A, (N,).
        splitting: Its thresholds.
    """
    size = np.abs(current)
    if size.size == 0:
        return np.zeros(0, dtype=bool)
    return size > np.maximum(splitting.least_current, splitting.rest * np.maximum.accumulate(size))


def pieces(current: Array, splitting: Splitting) -> list[Array]:
    """Rows of each half cycle, without those at rest.

    Args:
        current: A, (N,).
        splitting: How to cut.

    >>> [p.tolist() for p in pieces(np.array([1.0, 1.0, 0.0, 1.0, -1.0, -1.0]), Splitting())]
    [[0, 1, 3], [4, 5]]
    """
    rows = np.flatnonzero(flowing(current, splitting))
    if rows.size == 0:
        return []
    live = current[rows]
    turn = np.append(True, np.sign(live[1:]) != np.sign(live[:-1]))
    size = np.abs(live)
    rise = np.append(False, size[1:] > (1.0 + splitting.rise) * size[:-1])
    cuts: list[int] = []
    for k in np.flatnonzero(turn | rise):
        if turn[k] or k - cuts[-1] >= splitting.settling:
            cuts.append(int(k))
    return np.split(rows, cuts[1:])


def half_cycles(
    trace: Trace, setup: Setup | None = None, splitting: Splitting | None = None
) -> HalfCycles:
    """The half cycles of a trace, with their charge and resistance.

    Args:
        trace: Current and voltage over time.
        setup: Brings the area.
        splitting: How to cut; None: the defaults.

    Raises:
        DataError: No current flows.

    >>> t = np.arange(0.0, 40.0, 1.0)
    >>> i = np.where(t < 20, 1e-3, -1e-3)
    >>> found = half_cycles(Trace(t, 100 * i, i))
    >>> [(round(h.charge, 6), h.resistance) for h in found.half_cycles]
    [(0.02, 100.0), (0.02, 100.0)]
    """
    splitting = splitting or Splitting()
    area = None if setup is None else setup.area
    time, voltage, current = (
        np.asarray(getattr(trace, n), dtype=float) for n in ("time", "voltage", "current")
    )
    parts = pieces(current, splitting)
    where = trace.file or "trace"
    if not parts:
        raise DataError(
            f"{where}: no current above {show(splitting.least_current, 'current')}; "
            "is the column of the current the right one?"
        )
    live = flowing(current, splitting)
    lasts = spans(time, parts)
    amounts = np.where(live, np.abs(current) * lasts, 0.0)
    total = np.cumsum(amounts)
    halves = tuple(
        _half(k, part, time, voltage, current, lasts, amounts, total, splitting)
        for k, part in enumerate(parts, 1)
    )
    halves = _rested(halves, time)
    return HalfCycles(
        file=trace.file, half_cycles=halves, interval=interval(time),
        throughput=float(total[-1]), resting=float(lasts[~live].sum()), area=area,
        warnings=_doubts(area, setup),
    )  # fmt: skip


def interval(time: Array) -> float:
    """Median time between rows that differ in time, s.

    Args:
        time: s, (N,).
    """
    steps = np.diff(time)
    steps = steps[steps > 0.0]
    return float(np.median(steps)) if steps.size else 0.0


def spans(time: Array, parts: Sequence[Array]) -> Array:
    """How long the current of each row flows, s.

    Until the next row; where the half cycle stops there, no longer than its longest interval before
    (a rest that was not written is none of it); of the last row as long as it was, in the median,
    at the other ends: nothing where an instrument writes both sides of a step.

    Args:
        time: s, (N,).
        parts: Rows of each half cycle.
    """
    steps = np.diff(time)
    for part in parts:
        _cap(steps, part)
    ends = [part[-1] for part in parts[:-1]]
    last = float(np.median(steps[ends])) if ends and steps.size else 0.0
    return np.append(steps, min(last, 2.0 * interval(time)))


def _cap(steps: Array, part: Array) -> None:
    """Shorten the last intervals of a half cycle's stretches to the longest before them."""
    stops = np.append(np.flatnonzero(np.diff(part) > 1), part.size - 1)
    longest, begin = 0.0, 0
    for stop in stops:
        inner = steps[part[begin:stop]]
        longest = max(longest, float(inner.max()) if inner.size else 0.0)
        row = part[stop]
        if longest > 0.0 and row < steps.size:
            steps[row] = min(steps[row], longest)
        begin = stop + 1


def _half(
    number: int, rows: Array, time: Array, voltage: Array, current: Array, lasts: Array,
    amounts: Array, total: Array, splitting: Splitting,
) -> HalfCycle:  # fmt: skip
    settled = rows[time[rows] - time[rows[0]] >= splitting.skip]
    ratio = np.abs(voltage[settled]) / np.abs(current[settled])
    first = settled[0] if settled.size else rows[0]
    return HalfCycle(
        number=number, start=float(time[rows[0]]), end=float(time[rows[-1]] + lasts[rows[-1]]),
        current=float(np.median(current[rows])), charge=float(amounts[rows].sum()),
        throughput=float(total[rows[-1]]), voltage_start=float(voltage[first]),
        voltage_end=float(voltage[rows[-1]]),
        resistance=float(np.median(ratio)) if settled.size else None,
        rows=int(rows.size), first=int(rows[0]), last=int(rows[-1]),
    )  # fmt: skip


def _rested(halves: tuple[HalfCycle, ...], time: Array) -> tuple[HalfCycle, ...]:
    """The half cycles with the rest after each of them."""
    from dataclasses import replace

    starts = [h.start for h in halves[1:]] + [max(halves[-1].end, float(time[-1]))]
    return tuple(
        replace(h, resting=max(0.0, s - h.end)) for h, s in zip(halves, starts, strict=True)
    )


def _doubts(area: float | None, setup: Setup | None) -> tuple[str, ...]:
    if area is not None:
        return ()
    return (
        "no area is given: currents, charges and resistances are of the whole cell (A, C, ohm); "
        "give --area '0.785 cm2' or 'sample: {area: 0.785 cm2}' in cell.yaml",
    )
