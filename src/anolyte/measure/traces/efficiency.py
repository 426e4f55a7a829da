r"""Coulombic efficiency: on a collector cycle by cycle, from a reservoir, and of a full cell.

$$ \mathrm{CE}_k = \frac{Q_{\mathrm{strip},k}}{Q_{\mathrm{plate},k}}, \qquad
   \mathrm{CE}_\mathrm{reservoir} = \frac{n Q_\mathrm{C} + Q_\mathrm{S}}{n Q_\mathrm{C} +
   Q_\mathrm{T}} $$

with the reservoir $Q_T$ that is plated first, $n$ cycles of $Q_C$ and the charge $Q_S$ of the last
stripping to its cut-off (Aurbach's method as refined by Adams et al., Adv. Energy Mater. 2018, 8,
1702097). A common error of the current cancels; what does not is a difference of its gain between
both directions, an offset, and the time in which a step ends.

Validity: a short lets charge pass without lithium and makes every number here wrong; above 1 it is
no efficiency. What is lost is lithium that reacted or lost contact; which of both, titration tells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.measure.records import CycleTable, Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import HalfCycle, HalfCycles, Splitting, half_cycles

PART = 0.9
"""Share of a reservoir above which cycles take all of it and each meets the cut-off; the method
cycles a fifth."""
BALANCED = 0.05
"""Share of the first charge up to which the lithium balance counts as closed: cut-offs are met at
another rate or temperature within it."""


@dataclass(frozen=True)
class Accuracy:
    """How well the instrument knows charge.

    Args:
        mismatch: Relative difference of the gain between both directions, one standard deviation;
            assumed of a usual cycler, a high-precision charger is ten to a hundred times better.
        offset: Of the current, one standard deviation, A.
        time: In which the end of a step is known, s; None: the interval between rows.
    """

    mismatch: float = 2e-4
    offset: float = quantity("current", default=0.0)
    time: float | None = quantity("time", default=None)


@dataclass(frozen=True, kw_only=True)
class CycleEfficiency:
    """One cycle on a collector.

    Args:
        cycle: From 1.
        plated, stripped: C.
        efficiency: Stripped over plated.
        sigma: Its standard deviation.
    """

    cycle: int
    plated: float = quantity("charge")
    stripped: float = quantity("charge")
    efficiency: float = quantity("fraction")
    sigma: float = quantity("fraction")


@dataclass(frozen=True, kw_only=True)
class PlatingEfficiency(Result):
    """Efficiency of plating on a collector (Li|Cu), cycle by cycle.

    Args:
        file: Where the trace was read.
        cycles: Whole ones.
        efficiency: All that was stripped over all that was plated.
        sigma: Its standard deviation.
        first: Of the first cycle, which forms the interphase.
        settled: Mean over the second half of the cycles; None: fewer than four.
        lost: Plated and not stripped, C.
        lost_capacity: The same per area, C/m2; None: no area.
        area: m2; None: not given.
        interval: Median time between rows, s.
        warnings: A sentence each.
    """

    file: str
    cycles: tuple[CycleEfficiency, ...]
    efficiency: float = quantity("fraction")
    sigma: float = quantity("fraction")
    first: float = quantity("fraction")
    settled: float | None = quantity("fraction")
    lost: float = quantity("charge")
    lost_capacity: float | None = quantity("areal_capacity")
    area: float | None = quantity("area")
    interval: float = quantity("time")
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a cycle."""
        return [
            {
                "cycle": c.cycle, "plated [mA h]": c.plated / 3.6,
                "stripped [mA h]": c.stripped / 3.6, "efficiency [%]": 100.0 * c.efficiency,
                "standard deviation [%]": 100.0 * c.sigma,
            }
            for c in self.cycles
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReservoirEfficiency(Result):
    """Mean efficiency from a plated reservoir.

    Args:
        file: Where the trace was read.
        efficiency: All that was stripped over all that was plated.
        sigma: Its standard deviation.
        per_cycle: One minus the loss over the cycled charge: as if all of it was lost in the n
            cycles, none when the reservoir was plated and stripped.
        cycles: n.
        reservoir, cycled, stripped: Q_T, median Q_C and Q_S, C.
        area: m2; None: not given.
        interval: Median time between rows, s.
        warnings: A sentence each.
    """

    file: str
    efficiency: float = quantity("fraction")
    sigma: float = quantity("fraction")
    per_cycle: float = quantity("fraction")
    cycles: int
    reservoir: float = quantity("charge")
    cycled: float = quantity("charge")
    stripped: float = quantity("charge")
    area: float | None = quantity("area")
    interval: float = quantity("time")
    warnings: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = ("adams2018efficiency",)


@dataclass(frozen=True, kw_only=True)
class LithiumInventory(Result):
    r"""Efficiency of a full cell, and where its lithium went.

    $$ 1 - \sum_{k \le N} \frac{Q_{\mathrm{c},k} - Q_{\mathrm{d},k}}{Q_{\mathrm{c},1}} =
       \frac{Q_{\mathrm{d},N}}{Q_{\mathrm{c},1}} -
       \sum_{k < N} \frac{Q_{\mathrm{c},k+1} - Q_{\mathrm{d},k}}{Q_{\mathrm{c},1}} $$

    is an identity; the last sum is charge that went in and had not come back before. Without an
    excess of lithium it is near zero; where it is not, it was no lithium (a short, a side reaction)
    or it came from a reserve.

    Args:
        file: Where the table was read.
        cycle: Numbers.
        efficiency: Discharge over charge.
        first: Of the first cycle.
        lost: Cumulative loss over the first charge, after each cycle that is listed.
        unexplained: The last sum over the first charge: what went in beyond what had come back;
            negative where less went in again;
            None: cycles are missing in between.
        product: Product of all efficiencies after the first.
        retention: Last discharge over the first.
        warnings: A sentence each.
    """

    file: str
    cycle: tuple[int, ...]
    efficiency: tuple[float, ...] = quantity("fraction")
    first: float = quantity("fraction")
    lost: tuple[float, ...] = quantity("fraction")
    unexplained: float | None = quantity("fraction")
    product: float = quantity("fraction")
    retention: float = quantity("fraction")
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a cycle."""
        return [
            {"cycle": n, "efficiency [%]": 100.0 * e, "lost of the first charge [%]": 100.0 * q}
            for n, e, q in zip(self.cycle, self.efficiency, self.lost, strict=True)
        ]


@dataclass(frozen=True)
class _Way:
    """Charge in one direction, before it turns.

    Args:
        charge: C.
        duration: s.
        ending: Current at its end, A.
        voltage: At its start and end, V.
    """

    charge: float
    duration: float
    ending: float
    voltage: tuple[float, float]


def plating_efficiency(
    trace: Trace, setup: Setup | None = None, accuracy: Accuracy | None = None,
    splitting: Splitting | None = None,
) -> PlatingEfficiency:  # fmt: skip
    """Efficiency of plating and stripping on a collector, cycle by cycle.

    The first direction plates: a bare collector has nothing to strip.

    Args:
        trace: Cycles of a Li|Cu cell.
        setup: Brings the area.
        accuracy: Of the charge; None: a usual cycler.
        splitting: How half cycles are told; None: the defaults.

    Raises:
        DataError: Not one whole cycle.
    """
    accuracy = accuracy or Accuracy()
    halves = half_cycles(trace, setup, splitting)
    ways = _ways(halves)
    pairs = list(zip(ways[::2], ways[1::2], strict=False))
    if not pairs:
        raise DataError(
            f"{trace.file or 'trace'}: the current flows one way only; an efficiency needs a "
            "plating and a stripping"
        )
    step = halves.interval if accuracy.time is None else accuracy.time
    cycles = tuple(
        CycleEfficiency(
            cycle=k, plated=p.charge, stripped=s.charge, efficiency=s.charge / p.charge,
            sigma=_sigma([p], [s], accuracy, step),
        )
        for k, (p, s) in enumerate(pairs, 1)
    )  # fmt: skip
    plates, strips = [p for p, _ in pairs], [s for _, s in pairs]
    plated, stripped = sum(p.charge for p in plates), sum(s.charge for s in strips)
    each = [c.efficiency for c in cycles]
    lost = plated - stripped
    return PlatingEfficiency(
        file=trace.file, cycles=cycles, efficiency=stripped / plated,
        sigma=_sigma(plates, strips, accuracy, step), first=each[0],
        settled=float(np.mean(each[len(each) // 2 :])) if len(each) >= 4 else None, lost=lost,
        lost_capacity=None if halves.area is None else lost / halves.area, area=halves.area,
        interval=halves.interval, warnings=_warnings(halves, each, len(ways)),
    )  # fmt: skip


def reservoir_efficiency(
    trace: Trace, setup: Setup | None = None, conditioning: int = 0,
    accuracy: Accuracy | None = None, splitting: Splitting | None = None,
) -> ReservoirEfficiency:  # fmt: skip
    """Mean efficiency from a plated reservoir, cycles of a part of it, and a last stripping.

    Args:
        trace: Plating of the reservoir, n times strip and plate, stripping to the cut-off.
        setup: Brings the area.
        conditioning: Whole cycles before the reservoir that are left out.
        accuracy: Of the charge; None: a usual cycler.
        splitting: How half cycles are told; None: the defaults.

    Raises:
        DataError: Another order of steps.
    """
    accuracy = accuracy or Accuracy()
    halves = half_cycles(trace, setup, splitting)
    ways = _ways(halves)[2 * conditioning :]
    if len(ways) < 4 or len(ways) % 2:
        raise DataError(
            f"{trace.file or 'trace'}: {len(ways)} changes of direction are no reservoir: plate "
            "the reservoir, strip and plate a part of it n times, strip all"
        )
    plates, strips = ways[::2], ways[1::2]
    n = len(ways) // 2 - 1
    reservoir, last = plates[0].charge, strips[-1].charge
    cycled = float(np.median([w.charge for w in ways[1:-1]]))
    plated, stripped = sum(w.charge for w in plates), sum(w.charge for w in strips)
    step = halves.interval if accuracy.time is None else accuracy.time
    told = list(_warnings(halves, [stripped / plated], len(ways)))
    if max(w.charge for w in ways[1:-1]) > PART * reservoir:
        told.append("the cycles take the whole reservoir: read them cycle by cycle instead")
    start, end = (abs(v) for v in strips[-1].voltage)
    if not end > 3.0 * start:
        told.append("the last stripping ends without a rise of the voltage: was all stripped? its "
                    "cut-off must be reached")  # fmt: skip
    return ReservoirEfficiency(
        file=trace.file, efficiency=stripped / plated,
        sigma=_sigma(plates, strips, accuracy, step),
        per_cycle=1.0 - (reservoir - last) / (n * cycled), cycles=n, reservoir=reservoir,
        cycled=cycled, stripped=last, area=halves.area, interval=halves.interval,
        warnings=tuple(told),
    )  # fmt: skip


def lithium_inventory(table: CycleTable) -> LithiumInventory:
    """Efficiency of a full or anode-free cell, and the balance of its lithium.

    Args:
        table: Charge and discharge of each cycle.

    Raises:
        DataError: No cycle, or one without charge.

    >>> table = CycleTable(np.array([1, 2]), np.array([10.0, 8.0]), np.array([8.0, 7.8]))
    >>> found = lithium_inventory(table)
    >>> round(found.first, 3), round(found.lost[-1], 3), found.unexplained
    (0.8, 0.22, 0.0)
    """
    charge = np.asarray(table.charge, dtype=float)
    discharge = np.asarray(table.discharge, dtype=float)
    where = table.file or "table of cycles"
    if charge.size == 0 or not (charge > 0.0).all() or not np.isfinite(discharge).all():
        raise DataError(f"{where}: a cycle without charge has no efficiency; take it out")
    each = discharge / charge
    told = []
    if (each > 1.0).any():
        number = int(np.asarray(table.cycle)[np.argmax(each > 1.0)])
        told.append(f"more comes out than went in, from cycle {number} on: a reserve of lithium, "
                    "or another rate or temperature")  # fmt: skip
    unexplained = None
    if (np.diff(np.asarray(table.cycle, dtype=float)) == 1.0).all():
        unexplained = float((charge[1:] - discharge[:-1]).sum() / charge[0])
    else:
        told.append("cycles are missing in between: the lithium balance is not closed")
    if unexplained is not None and unexplained > BALANCED:
        told.append(f"{100 * unexplained:.1f} % of the first charge went in beyond what had come "
                    "back: a short, a side reaction, or a reserve of lithium")  # fmt: skip
    elif unexplained is not None and unexplained < -BALANCED:
        told.append(f"{-100 * unexplained:.1f} % of the first charge came back and did not go in "
                    "again: room for lithium is lost, not lithium alone, or the upper cut-off is "
                    "met sooner by a resistance that grew; a slow cycle tells")  # fmt: skip
    return LithiumInventory(
        file=table.file, cycle=tuple(int(n) for n in table.cycle),
        efficiency=tuple(each.tolist()), first=float(each[0]),
        lost=tuple((np.cumsum(charge - discharge) / charge[0]).tolist()),
        unexplained=unexplained, product=float(np.prod(each[1:])),
        retention=float(discharge[-1] / discharge[0]), warnings=tuple(told),
    )  # fmt: skip


def _ways(halves: HalfCycles) -> list[_Way]:
    """Half cycles of one direction on end as one; those in which no time passes are none."""
    groups: list[list[HalfCycle]] = []
    for half in halves.half_cycles:
        if half.charge <= 0.0:
            continue
        if groups and groups[-1][-1].strips == half.strips:
            groups[-1].append(half)
        else:
            groups.append([half])
    return [
        _Way(
            sum(h.charge for h in g), sum(h.duration for h in g), abs(g[-1].current),
            (g[0].voltage_start, g[-1].voltage_end),
        )
        for g in groups
    ]  # fmt: skip


def _sigma(
    plates: Sequence[_Way], strips: Sequence[_Way], accuracy: Accuracy, step: float
) -> float:
    """Standard deviation of stripped over plated."""
    plated, stripped = sum(w.charge for w in plates), sum(w.charge for w in strips)
    drift = accuracy.offset * (
        sum(w.duration for w in plates) / plated + sum(w.duration for w in strips) / stripped
    )
    # an end of a step is known to a row, uniform within it; what one step gains there the next
    # one loses, so that a shared end counts twice
    shared = len(plates) + len(strips) - 1
    ending = sum(w.ending for w in (*plates, *strips)) / (shared + 1)
    ends = (ending * step) ** 2 * (4 * shared + 2) / 12.0 / (plated * stripped)
    return stripped / plated * math.sqrt(accuracy.mismatch**2 + drift**2 + ends)


def _warnings(halves: HalfCycles, each: Sequence[float], ways: int) -> tuple[str, ...]:
    told = list(halves.warnings)
    if any(e > 1.0 for e in each):
        told.append("more was stripped than plated: not an efficiency; lithium of before, a short, "
                    "or an offset of the current")  # fmt: skip
    if ways % 2:
        told.append("the last plating was not stripped and is left out")
    return tuple(told)
