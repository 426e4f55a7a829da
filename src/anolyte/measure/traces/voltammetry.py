r"""Onsets of reduction and oxidation in voltammograms, by tangent and by threshold.

$$ i(V) = I(V) - (a + b V), \qquad
   V_\mathrm{thr}: |i| > A\,j_\mathrm{thr} \text{ and stays}, \qquad
   V_\mathrm{tan} = V_\mathrm{s} - \frac{i(V_\mathrm{s})}{(\mathrm{d}i/\mathrm{d}V)_\mathrm{s}} $$

with the background $a + bV$ through the quietest stretch of the sweep (double layer and leakage)
and the steepest place $V_s$ of the first wave. Neither is a thermodynamic limit: both move with the
scan rate, the threshold and the area on which electrons meet the electrolyte. Bare metal has so
little of it that slow decomposition hides, a composite with carbon shows it (Han et al. 2016); so
both onsets are given with scan rate and kind of electrode.

Validity: two-electrode voltages hold the counter electrode's overpotential too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.sweeps import Sweep, sweeps

Array = NDArray[Any]
PLATEAU = 0.2
"""Share of the current's range by which a stretch without a reaction may lie above the lowest."""
FEWEST = 5
"""Rows that a background needs."""
POINTS = 801
"""Of the even grid on which a sweep is smoothed."""
SURE = 2.0
"""Standard errors by which one slope is steeper than another."""


class ElectrodeKind(StrEnum):
    """On what the electrolyte meets electrons."""

    BARE_METAL = "bare metal"
    CARBON_COMPOSITE = "carbon composite"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OnsetRules:
    """When a current counts as a reaction.

    Args:
        threshold: Current density above the background, A/m2; 10 uA/cm2 is a common choice, a
            tenth of it moves an onset by 0.1 V and more: it is printed with every onset.
        relative: Share of the largest current above the background, where no area is known.
        noise: Standard deviations of the quiet stretch below which no current counts.
        stays: Rows on end above the threshold.
        quiet: Share of the sweep that the background is fitted over.
        window: Voltages between which the background is fitted, V; None: the quietest stretch.
        smooth: Share of the sweep over which slopes are averaged.
    """

    threshold: float = quantity("current_density", default=0.1)
    relative: float = 0.01
    noise: float = 5.0
    stays: int = 4
    quiet: float = 0.2
    window: tuple[float, float] | None = quantity("potential", default=None)
    smooth: float = 0.02


@dataclass(frozen=True, kw_only=True)
class Onset:
    """Where one sweep begins to react.

    Args:
        sweep: Number, from 1.
        cycle: From 1; two sweeps make one.
        direction: oxidation (voltage rises) | reduction (voltage falls).
        tangent, threshold: V; None: no reaction was seen.
        threshold_current: Above which current the threshold counts, A.
        noise_limited: Whether noise, not the rule, set it.
        at_vertex: Whether the steepest place is the turn: the tangent then hangs on where the
            sweep was turned.
        peak_current: Largest above the background, A; signed.
        scan_rate: V/s.
        start, end: Of the sweep, V.
        background: a and b, A and A/V.
        quiet: Voltages between which the background was fitted, V.
    """

    sweep: int
    cycle: int
    direction: str
    tangent: float | None = quantity("potential")
    threshold: float | None = quantity("potential")
    threshold_current: float = quantity("current")
    noise_limited: bool
    at_vertex: bool
    peak_current: float = quantity("current")
    scan_rate: float = quantity("scan_rate")
    start: float = quantity("potential")
    end: float = quantity("potential")
    background: tuple[float, ...] = ()
    quiet: tuple[float, ...] = quantity("potential", default=())


@dataclass(frozen=True, kw_only=True)
class Voltammogram(Result):
    """Onsets of all sweeps.

    Args:
        file: Where the trace was read.
        electrode: bare metal | carbon composite | unknown.
        onsets: One a sweep, those without a reaction too.
        scan_rate: Median, V/s.
        against_lithium: Whether voltages are against Li/Li+; else against the counter electrode.
        area: m2; None: not given, currents stay in A.
        voltage, current: The trace, thinned, V and A.
        warnings: A sentence each.
    """

    file: str
    electrode: str
    onsets: tuple[Onset, ...]
    scan_rate: float = quantity("scan_rate")
    against_lithium: bool
    area: float | None = quantity("area")
    voltage: tuple[float, ...] = quantity("potential")
    current: tuple[float, ...] = quantity("current")
    warnings: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = ("han2016",)

    @property
    def reduction(self) -> Onset | None:
        """The first sweep that shows a reduction."""
        return self._first("reduction")

    @property
    def oxidation(self) -> Onset | None:
        """The first sweep that shows an oxidation."""
        return self._first("oxidation")

    def _first(self, direction: str) -> Onset | None:
        found = (o for o in self.onsets if o.direction == direction and o.threshold is not None)
        return next(found, None)

    def rows(self) -> list[dict[str, Any]]:
        """One row a sweep."""
        against = " vs Li/Li⁺" if self.against_lithium else ""
        return [
            {
                "cycle": o.cycle, "direction": o.direction,
                f"tangent [V{against}]": o.tangent, f"threshold [V{against}]": o.threshold,
                "threshold current [mA]": o.threshold_current * 1e3,
                "peak current [mA]": o.peak_current * 1e3,
                "scan rate [mV s⁻¹]": o.scan_rate * 1e3, "electrode": self.electrode,
            }
            for o in self.onsets
        ]  # fmt: skip


def voltammetry(
    trace: Trace, setup: Setup | None = None,
    electrode: ElectrodeKind = ElectrodeKind.UNKNOWN, rules: OnsetRules | None = None,
) -> Voltammogram:  # fmt: skip
    """Onsets of every sweep of a voltammogram, by tangent and by threshold.

    Args:
        trace: Voltage, swept up and down, and current.
        setup: Brings the area and the electrodes, the working one first.
        electrode: Kind of the working electrode.
        rules: When a current counts; None: the defaults.

    Raises:
        DataError: No sweep of the voltage, or none that covers the window of the background.

    >>> from anolyte.measure.traces.sweeps import made_sweep
    >>> found = voltammetry(made_sweep(onset=2.0), Setup(area="1 cm2", electrodes="C|Li"))
    >>> abs(found.oxidation.tangent - 2.0) < 0.02, round(found.scan_rate * 1e3, 3)
    (True, 1.0)
    """
    setup, rules = setup or Setup(), rules or OnsetRules()
    found = sweeps(trace)
    if not found:
        raise DataError(
            f"{trace.file or 'trace'}: the voltage is not swept: no stretch of rising or falling "
            "voltage; is it a cycling file?"
        )
    _covered(found, rules, trace.file or "trace")
    onsets = tuple(_onset(s, k, setup.area, rules) for k, s in enumerate(found, 1))
    every = max(1, len(trace) // 4000)
    counter = setup.sides[1] if setup.electrodes else ""
    return Voltammogram(
        file=trace.file, electrode=str(electrode), onsets=onsets,
        scan_rate=float(np.median([o.scan_rate for o in onsets])),
        against_lithium=counter == "Li", area=setup.area,
        voltage=tuple(np.asarray(trace.voltage, float)[::every].tolist()),
        current=tuple(np.asarray(trace.current, float)[::every].tolist()),
        warnings=_warnings(setup, counter, electrode, onsets),
    )  # fmt: skip


def _covered(found: tuple[Sweep, ...], rules: OnsetRules, where: str) -> None:
    """Refuse a window of the background that no sweep covers."""
    if rules.window is None:
        return
    low, high = sorted(rules.window)
    if not any(((s.voltage >= low) & (s.voltage <= high)).sum() >= FEWEST for s in found):
        ends = [float(v) for s in found for v in (s.voltage.min(), s.voltage.max())]
        raise DataError(
            f"{where}: no rows of a sweep between {low:g} V and {high:g} V, the background's "
            f"window; the sweeps run from {min(ends):.3g} V to {max(ends):.3g} V"
        )


def _onset(sweep: Sweep, number: int, area: float | None, rules: OnsetRules) -> Onset:
    sign = 1.0 if sweep.rises else -1.0
    a, b, noise, quiet = background(sweep.voltage, sweep.current, rules)
    wave = sign * (sweep.current - a - b * sweep.voltage)  # positive where it reacts this way
    ahead = sign * (sweep.voltage - quiet[1 if sweep.rises else 0]) > 0.0
    top = float(wave[ahead].max()) if ahead.any() else 0.0
    wanted = rules.relative * top if area is None else rules.threshold * area
    limit = max(wanted, rules.noise * noise)
    first = _stays(ahead & (wave > limit), rules.stays)
    tangent, at_vertex, threshold = None, False, None
    if first is not None:
        threshold = _crossing(sweep.voltage, wave, first, limit)
        tangent, at_vertex = _tangent(sweep.voltage, wave, first, sign, noise, rules)
    return Onset(
        sweep=number, cycle=(number + 1) // 2,
        direction="oxidation" if sweep.rises else "reduction", tangent=tangent,
        threshold=threshold, threshold_current=limit, noise_limited=limit > wanted,
        at_vertex=at_vertex, peak_current=sign * top, scan_rate=sweep.rate,
        start=float(sweep.voltage[0]), end=float(sweep.voltage[-1]), background=(a, b),
        quiet=quiet,
    )  # fmt: skip


def background(
    voltage: Array, current: Array, rules: OnsetRules
) -> tuple[float, float, float, tuple[float, float]]:
    """Line through the quietest stretch of a sweep: a, b, noise, and its voltages.

    Args:
        voltage: V, (N,), of one sweep.
        current: A, (N,).
        rules: Width of the stretch, or its voltages.
    """
    low, high = sorted(rules.window) if rules.window else _quietest(voltage, current, rules.quiet)
    inside = (voltage >= low) & (voltage <= high)
    if inside.sum() < FEWEST:  # the window lies outside this sweep
        low, high = _quietest(voltage, current, rules.quiet)
        inside = (voltage >= low) & (voltage <= high)
    b, a = np.polyfit(voltage[inside], current[inside], 1)
    noise = float(np.std(current[inside] - a - b * voltage[inside], ddof=2))
    return float(a), float(b), noise, (float(low), float(high))


def _quietest(voltage: Array, current: Array, share: float) -> tuple[float, float]:
    """The stretch of voltage over which the current moves least; a plateau of a reaction may move
    less still, but lies higher than a stretch without one."""
    low, high = float(voltage.min()), float(voltage.max())
    width = share * (high - low)
    found: list[tuple[float, float, float]] = []
    for begin in np.linspace(low + 0.02 * (high - low), high - width, 41):
        inside = (voltage >= begin) & (voltage <= begin + width)
        if inside.sum() >= FEWEST:
            part = current[inside]
            found.append((float(np.ptp(part)), abs(float(np.median(part))), float(begin)))
    if not found:  # a sweep of few rows: a wider stretch holds enough
        return _quietest(voltage, current, min(1.5 * share, 1.0)) if share < 1.0 else (low, high)
    most = min(level for _, level, _ in found) + PLATEAU * float(np.ptp(current))
    _, _, begin = min(f for f in found if f[1] <= most)
    return begin, begin + width


def _stays(above: Array, rows: int) -> int | None:
    """First row of so many on end."""
    if above.size < rows:
        return None
    runs = np.convolve(above.astype(int), np.ones(rows, int), mode="valid") == rows
    hits = np.flatnonzero(runs)
    return int(hits[0]) if hits.size else None


def _crossing(voltage: Array, wave: Array, first: int, limit: float) -> float:
    """Where the current passes the limit, between two rows."""
    if first == 0 or wave[first] <= wave[first - 1]:
        return float(voltage[first])
    share = (limit - wave[first - 1]) / (wave[first] - wave[first - 1])
    share = min(max(share, 0.0), 1.0)
    return float(voltage[first - 1] + share * (voltage[first] - voltage[first - 1]))


def _tangent(
    voltage: Array, wave: Array, first: int, sign: float, noise: float, rules: OnsetRules
) -> tuple[float, bool]:
    """Where the tangent at the steepest place of the first wave meets the background."""
    order = np.argsort(sign * voltage, kind="stable")
    x = np.linspace(sign * voltage[order[0]], sign * voltage[order[-1]], POINTS)
    y = np.interp(x, sign * voltage[order], wave[order])
    width = max(3, 2 * (round(rules.smooth * POINTS) // 2) + 1)
    y = _smoothed(y, width)
    slope = _smoothed(np.gradient(y, x), width)  # the steepest place of noise is none
    begin = int(np.searchsorted(x, sign * voltage[first]))
    end = _first_peak(y, begin, 3.0 * noise)
    # Of places that noise does not tell apart the first: far from the onset a slope's error weighs.
    rows = max(voltage.size * width / POINTS, 1.0)
    error = np.full(POINTS, noise * np.sqrt(2.0 / rows) / (width * (x[1] - x[0])))
    error[-width:] *= np.sqrt(2.0 * rows)  # there the smoothing hangs on the last row
    sure = np.max(slope[begin:end] - SURE * error[begin:end], initial=0.0)
    steep = slope[begin:end] >= sure
    steepest = begin + int(np.argmax(steep)) if end > begin else begin
    found = x[steepest] - y[steepest] / slope[steepest] if slope[steepest] > 0.0 else x[begin]
    return float(sign * found), steepest >= POINTS - 1 - 2 * width


def _smoothed(y: Array, width: int) -> Array:
    """Moving line fits at the ends, moving means between: neither bends a straight line."""
    half = width // 2
    left = 2.0 * y[0] - y[half:0:-1]
    right = 2.0 * y[-1] - y[-2 : -half - 2 : -1]
    return np.convolve(np.concatenate([left, y, right]), np.ones(width) / width, mode="valid")


def _first_peak(y: Array, begin: int, prominence: float) -> int:
    """End of the first wave: where the current has fallen from a peak for good."""
    top = begin
    for k in range(begin, y.size):
        if y[k] > y[top]:
            top = k
        elif y[k] < y[top] - max(prominence, 0.02 * y[top]):
            return top + 1
    return y.size


def _warnings(
    setup: Setup, counter: str, electrode: ElectrodeKind, onsets: tuple[Onset, ...]
) -> tuple[str, ...]:
    told = []
    if setup.area is None:
        told.append("no area is given: the threshold is a share of each sweep's largest "
                    "current, and onsets of different sweeps do not compare; give --area "
                    "'0.785 cm2'")  # fmt: skip
    if counter != "Li":
        what = counter or "an unknown counter electrode"
        told.append(f"voltages are against {what}, not against Li/Li+; give --electrodes 'C|Li', "
                    "the working one first")  # fmt: skip
    if electrode is ElectrodeKind.BARE_METAL:
        told.append("on bare metal slow decomposition hides: the window looks wider than it is; a "
                    "composite of the electrolyte with carbon decides")  # fmt: skip
    elif electrode is ElectrodeKind.UNKNOWN:
        told.append("kind of the electrode not given: bare metal shows wider windows than a carbon "
                    "composite; give --electrode")  # fmt: skip
    seen = [o for o in onsets if o.tangent is not None and o.threshold is not None]
    if apart := [o for o in seen if abs((o.tangent or 0.0) - (o.threshold or 0.0)) > 0.1]:
        o = apart[0]
        told.append(f"tangent and threshold of the {o.direction} in cycle {o.cycle} lie "
                    f"{abs((o.tangent or 0.0) - (o.threshold or 0.0)):.2f} V apart: the onset is "
                    "gradual, and neither is sharp; a slower scan tells more")  # fmt: skip
    if any(o.at_vertex for o in seen):
        told.append("the current still rises at a turn of the sweep: its tangent hangs on where "
                    "the sweep was turned")  # fmt: skip
    limited = [o for o in onsets if o.noise_limited and setup.area is not None]
    if limited:
        most = max(o.threshold_current for o in limited)
        told.append("noise, not the rule, sets the threshold of some sweeps "
                    f"({show(most, 'current')}): a slower reaction is not seen")  # fmt: skip
    return tuple(told)
