r"""The critical current density of a ramp, with the protocol without which it means nothing.

$$ j_\mathrm{c} = \max\{\,j_k : \text{every half cycle at } j_k \text{ was survived}\,\}, \qquad
   Q = \int_0^{t_\mathrm{s}} |j|\,\mathrm{d}t, \qquad
   q_\mathrm{s} = \int_{t_\mathrm{half}}^{t_\mathrm{s}} |j|\,\mathrm{d}t $$

with the start $t_s$ of the first short, the cumulative areal capacity $Q$ until it and the charge
$q_s$ of the failing half cycle, the threshold capacity at this current. Whoever compares two
critical currents compares their ramps too: for garnets the value moves with the charge a half cycle
(Commun. Chem. 2023, 10.1038/s42004-023-01002-4), for Li6PS5Cl with the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import HalfCycle, HalfCycles, Series, half_cycles
from anolyte.measure.traces.shorts import Short, ShortCheck, ShortDetector, find_shorts, show_time

SHORT, CUT, STOPPED, SURVIVED = "short", "cut short", "stopped", "not reached"
COMPLETE = 0.95
"""Share of the usual time or charge from which a half step counts as complete; timers and rows cost
a few per cent."""
STEADY, MOVING = 0.03, 0.2
"""Relative spread of the current in a half step from which it is not held, and the share of the
time in which that may be so."""
SAME = 0.01
"""Relative difference of currents of one level; cyclers hold a current to a thousandth."""


@dataclass(frozen=True, kw_only=True)
class RampLevel:
    """One current of a ramp.

    Args:
        current: Size, A.
        half_cycles: How many.
        duration: Longest of its half cycles, s.
        charge: Most of its half cycles, C.
        resistance: Median of its half cycles, ohm; None: none was long enough.
        state: survived | short | cut short | stopped.
    """

    current: float = quantity("current")
    half_cycles: int
    duration: float = quantity("time")
    charge: float = quantity("charge")
    resistance: float | None = quantity("resistance", default=None)
    state: str


@dataclass(frozen=True, kw_only=True)
class CriticalRamp(Result):
    """What a ramp of the current says of the largest current that a cell stands.

    Args:
        file: Where the trace was read.
        ending: short | cut short (a half step ended early, as at a voltage limit) | stopped (the
            trace ends within a level) | not reached.
        kind: The worst in the whole trace: hard | soft | noisy-soft; healthy where there is none.
        levels: In order.
        survived: Highest current of which every half cycle was survived, A; None: not even the
            first.
        failed: First current that was not, A; None: none.
        critical_current_density: The same as `survived` per area, A/m2; None where it may not be
            stated: no area, temperature or stack pressure, or nothing survived.
        failed_current_density: A/m2; None: no area, or none failed.
        increment: From level to level, median, A.
        step_time: Median of the half steps, s.
        step_charge: Lowest and highest charge of a complete half step, C.
        by_charge: Whether half steps end by charge; else by time.
        one_sided: Whether the current flows one way only.
        interruption: Median rest between half steps, s.
        completed: Charge of all complete levels, both directions, C.
        throughput: Charge until the failure, or to the end, both directions, C.
        charge_at_failure: In the failing half cycle until the failure, C.
        completed_areal_capacity, cumulative_areal_capacity, threshold_capacity: The three above per
            area, C/m2; None: no area.
        temperature: K; None: not known.
        stack_pressure, pressing_pressure: Pa; None: not known.
        area: m2; None: not given.
        interval: Median time between rows, s.
        check: The search for shorts behind it.
        series: The trace, thinned.
        warnings: A sentence each.
    """

    file: str
    ending: str
    kind: str
    levels: tuple[RampLevel, ...]
    survived: float | None = quantity("current")
    failed: float | None = quantity("current")
    critical_current_density: float | None = quantity("current_density")
    failed_current_density: float | None = quantity("current_density")
    increment: float = quantity("current")
    step_time: float = quantity("time")
    step_charge: tuple[float, ...] = quantity("charge")
    by_charge: bool
    one_sided: bool
    interruption: float = quantity("time")
    completed: float = quantity("charge")
    throughput: float = quantity("charge")
    charge_at_failure: float | None = quantity("charge")
    completed_areal_capacity: float | None = quantity("areal_capacity")
    cumulative_areal_capacity: float | None = quantity("areal_capacity")
    threshold_capacity: float | None = quantity("areal_capacity")
    temperature: float | None = quantity("temperature")
    stack_pressure: float | None = quantity("pressure")
    pressing_pressure: float | None = quantity("pressure")
    area: float | None = quantity("area")
    interval: float = quantity("time")
    check: ShortCheck
    series: Series = Series()
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a level."""
        return [_level_row(level, self.area) for level in self.levels]

    @property
    def protocol(self) -> str:
        """The ramp in words; no critical current is printed without it."""
        way = "one way" if self.one_sided else "forth and back"
        charges = [self.amount(q) for q in self.step_charge]
        charge = charges[0] if charges[0] == charges[-1] else " to ".join((charges[0], charges[-1]))
        length = f"{charge} a half step" if self.by_charge else (
            f"{show_time(self.step_time)} a half step ({charge})")  # fmt: skip
        rest = f"{show_time(self.interruption)} of rest" if self.interruption > 0.0 else "no rest"
        return f"{self.flow(self.increment)} more a level, {way}, {length}, {rest} between"

    def flow(self, current: float | None) -> str:
        """A current as people read it: per area where the area is known."""
        if current is None:
            return "none"
        if self.area is None:
            return show(current, "current")
        return show(current / self.area, "current_density")

    def amount(self, charge: float | None) -> str:
        """A charge as people read it: per area where the area is known."""
        if charge is None:
            return "none"
        if self.area is None:
            return show(charge, "charge")
        return show(charge / self.area, "areal_capacity")


def _level_row(level: RampLevel, area: float | None) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if area is None:
        row |= {"current [mA]": level.current * 1e3, "charge [mA h]": level.charge / 3.6,
                "resistance [Ω]": level.resistance}  # fmt: skip
    else:
        r = level.resistance
        row |= {"current density [mA cm⁻²]": level.current / area / 10.0,
                "charge [mA h cm⁻²]": level.charge / area / 3.6e4,
                "resistance [Ω cm²]": None if r is None else r * area * 1e4}  # fmt: skip
    return row | {
        "half cycles": level.half_cycles, "duration [h]": level.duration / 3600.0,
        "state": level.state,
    }  # fmt: skip


def critical_current(
    trace: Trace, setup: Setup | None = None, detector: ShortDetector | None = None
) -> CriticalRamp:
    """The critical current density of a ramp.

    It is stated per area only together with area, temperature and stack pressure; step time,
    charge, increment and rests come from the trace itself.

    Args:
        trace: A ramp: current that rises from level to level.
        setup: The cell; what it lacks of temperature and pressure is taken from the trace.
        detector: How shorts are found; None: the defaults.

    Raises:
        DataError: No current, or no ramp: a critical current without its ramp means nothing.

    >>> from anolyte.measure.synthetic import ramp
    >>> trace, truth = ramp()
    >>> found = critical_current(trace, Setup(area=truth.setup.area))
    >>> found.flow(found.survived), found.flow(found.failed), found.amount(found.completed)
    ('1 mA cm⁻²', '1.1 mA cm⁻²', '5.5 mA h cm⁻²')
    """
    setup, detector = setup or Setup(), detector or ShortDetector()
    halves = half_cycles(trace, setup, detector.splitting)
    _refuse_unsteady(trace, halves)
    check = find_shorts(trace, setup, detector)
    groups = _levels(halves, detector, trace.file or "trace")
    steps = [h for group in groups for h in group]
    typical, by_charge = _typical(steps, trace.file or "trace")
    failure = _failure(groups, check, typical, by_charge=by_charge)
    return _result(trace, setup, halves, check, groups, failure, by_charge=by_charge)


def _refuse_unsteady(trace: Trace, halves: HalfCycles) -> None:
    """Refuse a current that is not held: a sweep of the voltage looks like many small levels."""
    size = np.abs(np.asarray(trace.current, dtype=float))
    moving = total = 0.0
    for half in halves.half_cycles:
        rows = size[half.first : half.last + 1]
        rows = rows[rows > 0.5 * np.median(rows)]
        low, high = np.quantile(rows, [0.1, 0.9])
        total += half.duration
        moving += half.duration if high - low > STEADY * np.median(rows) else 0.0
    if moving > MOVING * total:
        raise DataError(
            f"{trace.file or 'trace'}: the current is not held at levels, so this is no ramp of "
            "constant currents; read a sweep of the voltage by 'anolyte fit cv'"
        )


def _levels(
    halves: HalfCycles, detector: ShortDetector, where: str
) -> tuple[tuple[HalfCycle, ...], ...]:
    """Half cycles by level, from the first to the last one of a rise."""
    known = [h for h in halves.half_cycles if h.rows >= detector.splitting.settling]
    groups: list[list[HalfCycle]] = []
    for half in known:
        size = abs(half.current)
        last = abs(groups[-1][0].current) if groups else 0.0
        if groups and abs(size - last) <= SAME * last:
            groups[-1].append(half)
        elif size > last:
            groups.append([half])
        else:
            break
    if len(groups) < 2:
        level = show(abs(known[0].current), "current") if known else "none"
        raise DataError(
            f"{where}: no ramp: the current has one level ({level}); a critical current density "
            "means nothing without its ramp; read cycles at one current by 'anolyte fit cycling'"
        )
    return tuple(tuple(g) for g in groups)


def _typical(steps: list[HalfCycle], where: str) -> tuple[float, bool]:
    """Usual time of half steps, or their usual charge where that is what is constant."""
    times = np.array([h.duration for h in steps])
    charges = np.array([h.charge for h in steps])

    if not min(np.median(times), np.median(charges)) > 0.0:
        raise DataError(f"{where}: no time passes within half steps; is the time's column right?")

    def spread(x: Any) -> float:
        return float(np.median(np.abs(x / np.median(x) - 1.0)))

    by_charge = spread(charges) < spread(times)
    return float(np.median(charges if by_charge else times)), by_charge


@dataclass(frozen=True)
class _Failure:
    """Where a ramp ended: the level, how, and the half cycle and short of it."""

    level: int
    ending: str
    half: HalfCycle | None = None
    short: Short | None = None


def _failure(
    groups: tuple[tuple[HalfCycle, ...], ...], check: ShortCheck, typical: float, *, by_charge: bool
) -> _Failure:
    first = check.shorts[0] if check.shorts else None
    final = groups[-1][-1]
    for number, group in enumerate(groups):
        for half in group:
            if first is not None and first.half_cycle <= half.number:
                return _Failure(number, SHORT, half, first)
            passed = half.charge if by_charge else half.duration
            if passed < COMPLETE * typical:
                return _Failure(number, STOPPED if half is final else CUT, half)
    return _Failure(len(groups), SURVIVED)


def _result(
    trace: Trace, setup: Setup, halves: HalfCycles, check: ShortCheck,
    groups: tuple[tuple[HalfCycle, ...], ...], failure: _Failure, *, by_charge: bool,
) -> CriticalRamp:  # fmt: skip
    sizes = [float(np.median([abs(h.current) for h in g])) for g in groups]
    good = groups[: failure.level]
    survived = sizes[failure.level - 1] if failure.level else None
    real = failure.ending in (SHORT, CUT)
    failed = sizes[failure.level] if real else None
    area, conditions = setup.area, _conditions(trace, setup)
    whole = [h for g in (good or groups[:1]) for h in g]
    signs = {h.strips for h in whole}
    completed = sum(h.charge for g in good for h in g)
    passed, last = _passed(halves, failure)
    stated = area is not None and None not in (
        conditions["temperature"], conditions["stack_pressure"]
    )  # fmt: skip
    return CriticalRamp(
        file=trace.file, ending=failure.ending,
        kind=check.kind,
        levels=_told(groups, sizes, failure), survived=survived, failed=failed,
        critical_current_density=_per(survived, area) if stated else None,
        failed_current_density=_per(failed, area),
        increment=float(np.median(np.diff(sizes))),
        step_time=float(np.median([h.duration for h in whole])),
        step_charge=(min(h.charge for h in whole), max(h.charge for h in whole)),
        by_charge=by_charge, one_sided=len(signs) < 2,
        interruption=float(np.median([h.resting for h in whole])),
        completed=completed, throughput=passed, charge_at_failure=last,
        completed_areal_capacity=_per(completed, area),
        cumulative_areal_capacity=_per(passed, area), threshold_capacity=_per(last, area),
        **conditions, area=area, interval=halves.interval, check=check,
        series=Series.of(trace), warnings=_warnings(setup, conditions, failure, halves, check),
    )  # fmt: skip


def _per(value: float | None, area: float | None) -> float | None:
    return None if value is None or area is None else value / area


def _passed(halves: HalfCycles, failure: _Failure) -> tuple[float, float | None]:
    """Charge until the failure, and that of the failing half cycle."""
    if failure.short is not None:
        return failure.short.throughput, failure.short.charge
    if failure.half is not None and failure.ending == CUT:
        return failure.half.throughput, failure.half.charge
    return halves.throughput, None


def _conditions(trace: Trace, setup: Setup) -> dict[str, float | None]:
    """Temperature and pressures: as the user says, else as the instrument wrote."""
    found: dict[str, float | None] = {"pressing_pressure": setup.pressing_pressure}
    for name in ("temperature", "stack_pressure"):
        value, series = getattr(setup, name), getattr(trace, name)
        if value is None and series is not None and np.isfinite(series).any():
            value = float(np.nanmedian(series))
        found[name] = value
    return found


def _told(
    groups: tuple[tuple[HalfCycle, ...], ...], sizes: list[float], failure: _Failure
) -> tuple[RampLevel, ...]:
    out = []
    for k, (group, size) in enumerate(zip(groups, sizes, strict=True)):
        known = [h.resistance for h in group if h.resistance is not None]
        state = "survived" if k < failure.level else failure.ending
        after = k > failure.level and failure.ending != SURVIVED
        out.append(RampLevel(
            current=size, half_cycles=len(group), duration=max(h.duration for h in group),
            charge=max(h.charge for h in group),
            resistance=float(np.median(known)) if known else None,
            state="after the failure" if after else state,
        ))  # fmt: skip
    return tuple(out)


def _warnings(
    setup: Setup, conditions: dict[str, float | None], failure: _Failure, halves: HalfCycles,
    check: ShortCheck,
) -> tuple[str, ...]:  # fmt: skip
    told = list(halves.warnings)
    lacking = [n for n in ("temperature", "stack_pressure") if conditions[n] is None]
    if lacking or setup.area is None:
        what = [*(["area"] if setup.area is None else []), *lacking]
        words = ", ".join(w.replace("_", " ") for w in what)
        told.append(f"no critical current density is stated; not known: {words}; give "
                    + ", ".join(_OPTIONS[w] for w in what))  # fmt: skip
    if conditions["pressing_pressure"] is None:
        told.append("the pressure at which the contact was made is not known; the value moves "
                    "with it")  # fmt: skip
    every = show_time(halves.interval)
    if failure.ending == STOPPED:
        told.append("the trace stops within a level: a stop, a limit of the instrument or a break "
                    "cannot be told apart; the next level's fate is open")  # fmt: skip
    elif failure.ending == CUT:
        told.append("a half step ended early without a short: a voltage limit or loss of contact; "
                    "a spectrum then tells which")  # fmt: skip
    elif failure.ending == SURVIVED:
        told.append(f"no failure up to the last level, at a sampling interval of {every}: the "
                    "critical current lies above it")  # fmt: skip
    if failure.level < 2 and failure.ending in (SHORT, CUT):
        told.append("it failed at the first or second level: begin lower")
    return (*told, *check.warnings)


_OPTIONS = {
    "area": "--area '0.785 cm2'",
    "temperature": "--temperature '25 C'",
    "stack_pressure": "--pressure '5 MPa'",
}
