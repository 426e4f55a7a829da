r"""The life of a symmetric cell: polarisation over time, until a short or until it has drifted.

$$ \bar r_k = \operatorname{median}_{t \in k} \frac{|V|}{|j|}, \qquad
   t_\mathrm{life} = \min\left(t_\mathrm{short},\;
   \min\{t_k : \bar r_k > g\,\bar r_\mathrm{first}\}\right) $$

Validity: the voltage of a symmetric cell does not tell one side from the other, nor how much
lithium is dead: charge goes in and out of a reserve. A cell that was stopped alive has a life of at
least its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import (
    HalfCycle,
    HalfCycles,
    Series,
    half_cycles,
    half_row,
)
from anolyte.measure.traces.shorts import ShortCheck, ShortDetector, find_shorts, show_time

SHORT, DRIFT, ALIVE = "short", "drift", "alive"


@dataclass(frozen=True)
class LifeRules:
    """When a symmetric cell counts as dead.

    Args:
        drift: Median resistance of a half cycle over that of the first ones, from which it is;
            twice is the usual word of "stable" that papers give up at.
        first: Half cycles that make the first resistance.
    """

    drift: float = 2.0
    first: int = 2


@dataclass(frozen=True, kw_only=True)
class SymmetricLife(Result):
    """How long a symmetric cell lived.

    Args:
        file: Where the trace was read.
        ending: short | drift | alive.
        life: From its first current to its end, s; of a cell that is alive its time so far.
        throughput: Charge in both directions until then, C.
        cumulative_areal_capacity: The same per area, C/m2; None: no area.
        current: Median size of the half cycles, A.
        charge: Median charge of a half cycle, C.
        half_cycles: Whole ones until the end.
        first_resistance, last_resistance: Medians, of the first half cycles and the last one alive,
            ohm.
        time: Middle of each half cycle, s.
        resistance: Median of each half cycle, ohm.
        area: m2; None: not given.
        halves: The half cycles.
        check: The search for shorts behind it.
        series: The trace, thinned.
        warnings: A sentence each.
    """

    file: str
    ending: str
    life: float = quantity("time")
    throughput: float = quantity("charge")
    cumulative_areal_capacity: float | None = quantity("areal_capacity")
    current: float = quantity("current")
    charge: float = quantity("charge")
    half_cycles: int
    first_resistance: float = quantity("resistance")
    last_resistance: float = quantity("resistance")
    time: tuple[float, ...] = quantity("time")
    resistance: tuple[float, ...] = quantity("resistance")
    area: float | None = quantity("area")
    halves: tuple[HalfCycle, ...] = ()
    check: ShortCheck
    series: Series = Series()
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a half cycle."""
        return [half_row(h, self.area) for h in self.halves]

    def ratio(self, other: SymmetricLife) -> tuple[float, str]:
        """Life of this cell over that of another, and how far the number holds.

        Args:
            other: Under the same current and charge, or the ratio says little.

        Returns:
            The ratio, and "" or "at least" or "at most" or "open", as cells were alive.
        """
        words = {(False, False): "", (True, False): "at least", (False, True): "at most"}
        alive = (self.ending == ALIVE, other.ending == ALIVE)
        return self.life / other.life, words.get(alive, "open")


def symmetric_life(
    trace: Trace, setup: Setup | None = None, rules: LifeRules | None = None,
    detector: ShortDetector | None = None,
) -> SymmetricLife:  # fmt: skip
    """How long a symmetric cell lived, and what ended it.

    Args:
        trace: Cycles at one current.
        setup: Brings the area.
        rules: When it counts as dead; None: the defaults.
        detector: How shorts are found; None: the defaults.

    Raises:
        DataError: No current flows, or no half cycle is long enough.

    >>> from anolyte.measure.synthetic import ramp
    >>> life = symmetric_life(ramp()[0])
    >>> life.ending, life.life
    ('short', 36900.0)
    """
    rules, detector = rules or LifeRules(), detector or ShortDetector()
    halves = half_cycles(trace, setup, detector.splitting)
    check = find_shorts(trace, setup, detector)
    known = [h for h in halves.half_cycles if h.resistance is not None]
    if not known:
        skip = show_time(detector.splitting.skip)
        raise DataError(
            f"{trace.file or 'trace'}: no half cycle is longer than the {skip} that are skipped"
        )
    values = np.array([h.resistance for h in known], dtype=float)
    first = float(np.median(values[: rules.first]))
    begin = halves.half_cycles[0].start
    ending, end, throughput = _end(known, values, first, check, halves, rules)
    alive = [h for h in known if h.end <= end] or known[:1]
    return SymmetricLife(
        file=trace.file, ending=ending, life=end - begin, throughput=throughput,
        cumulative_areal_capacity=None if halves.area is None else throughput / halves.area,
        current=float(np.median([abs(h.current) for h in alive])),
        charge=float(np.median([h.charge for h in alive])), half_cycles=len(alive),
        first_resistance=first, last_resistance=float(values[max(0, len(alive) - 1)]),
        time=tuple(0.5 * (h.start + h.end) for h in known), resistance=tuple(values.tolist()),
        area=halves.area, halves=tuple(known), check=check, series=Series.of(trace),
        warnings=_warnings(halves, check, ending, end - begin),
    )  # fmt: skip


def _end(
    known: list[HalfCycle], values: Any, first: float, check: ShortCheck, halves: HalfCycles,
    rules: LifeRules,
) -> tuple[str, float, float]:  # fmt: skip
    """What ended the cell, when, and the charge until then."""
    drifted = np.flatnonzero(values > rules.drift * first)
    drift = known[int(drifted[0])] if drifted.size else None
    short = check.shorts[0] if check.shorts else None
    if short is not None and (drift is None or short.start <= drift.start):
        return SHORT, short.start, short.throughput
    if drift is not None:
        return DRIFT, drift.start, drift.throughput - drift.charge
    return ALIVE, halves.half_cycles[-1].end, halves.throughput


def _warnings(halves: HalfCycles, check: ShortCheck, ending: str, life: float) -> tuple[str, ...]:
    told = list(halves.warnings)
    if ending == ALIVE:
        told.append(f"alive at the end: its life is at least {show_time(life)}")
    told.append("how much lithium is dead does not show in a symmetric cell: charge comes from a "
                "reserve; a Li|Cu cell or a titration tells")  # fmt: skip
    return (*told, *check.warnings)
