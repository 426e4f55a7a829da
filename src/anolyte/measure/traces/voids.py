r"""Voids under stripping: the bend of the voltage at constant current.

$$ V = a + b\,q + c\,q^2, \qquad t_c = c / s_c $$

A contact that loses area makes the voltage rise faster and faster: $c > 0$ with $t_c$ above a
threshold, and a voltage at the end that is well above that at the start. The onset is the first
charge from which the voltage stays above the line through the first part of the half cycle by three
standard deviations of its noise.

Validity: in a symmetric cell one side is always stripped, so that every half cycle is tested and
belongs to the side it strips. A bend may also come from a salt that runs out (polymers) or from an
interphase that grows: a capacitance of the interface that falls at constant time constant, in
spectra between the half cycles, tells a loss of contact from both. A flat voltage is no proof of
health: a soft short makes it flat too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import Result, quantity
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.half_cycles import HalfCycle, Splitting, half_cycles, pieces, spans

Array = NDArray[Any]


@dataclass(frozen=True)
class BendTest:
    """When a half cycle bends as voids make it bend.

    Args:
        t_value: Of the curvature, above which it is not noise.
        growth: Voltage at the end over that at the start; below it no contact worth the name is
            lost.
        straight: Share of the half cycle, at its start, whose line the voltage leaves.
        deviations: Standard deviations of the noise by which it leaves the line.
        stays: Rows on end above the line, which one spike is not.
        fewest: Rows that a parabola needs.
        steady: Relative spread of the current above which the half cycle is not tested: the voltage
            would follow the current.
        splitting: How half cycles are told.
    """

    t_value: float = 4.0
    growth: float = 1.05
    straight: float = 0.3
    deviations: float = 3.0
    stays: int = 3
    fewest: int = 12
    steady: float = 0.01
    splitting: Splitting = field(default_factory=Splitting)


@dataclass(frozen=True, kw_only=True)
class Bend:
    """The bend of one half cycle.

    Args:
        half_cycle: Number, from 1.
        current: A; positive strips the working electrode.
        curvature: c, of the size of the voltage, V/C2.
        t_value: c over its standard deviation.
        growth: Size of the voltage at the end over that at the start, both from the fit.
        voids: Whether both say so.
        onset: Charge in the half cycle from which the voltage has left its line, C; None: it has
            not.
        onset_capacity: The same per area, C/m2.
    """

    half_cycle: int
    current: float = quantity("current")
    curvature: float
    t_value: float
    growth: float
    voids: bool
    onset: float | None = quantity("charge")
    onset_capacity: float | None = quantity("areal_capacity")

    @property
    def side(self) -> str:
        """The electrode that is stripped."""
        return "working" if self.current > 0.0 else "counter"


@dataclass(frozen=True, kw_only=True)
class VoidCheck(Result):
    """Bends of all half cycles of a trace.

    Args:
        file: Where the trace was read.
        bends: One a half cycle that could be tested.
        first: Number of the first half cycle with voids; None: none.
        onset_capacity: Of the first one with voids, C/m2; None: none, or no area.
        area: m2; None: not given.
        warnings: A sentence each.
    """

    file: str
    bends: tuple[Bend, ...]
    first: int | None
    onset_capacity: float | None = quantity("areal_capacity")
    area: float | None = quantity("area")
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a half cycle."""
        scale = 3.6 if self.area is None else 3.6e4 * self.area
        unit = "mA h" if self.area is None else "mA h cm⁻²"
        return [
            {
                "half cycle": b.half_cycle, "stripped": b.side, "t of the curvature": b.t_value,
                "end over start": b.growth, "voids": b.voids,
                f"onset [{unit}]": None if b.onset is None else b.onset / scale,
            }
            for b in self.bends
        ]  # fmt: skip


def find_voids(trace: Trace, setup: Setup | None = None, test: BendTest | None = None) -> VoidCheck:
    """Which half cycles bend as voids make them bend, and from which charge on.

    Args:
        trace: Current and voltage over time.
        setup: Brings the area.
        test: Thresholds; None: the defaults.

    Raises:
        DataError: No current flows.

    >>> from anolyte.measure.synthetic import ramp
    >>> found = find_voids(ramp(shorts=())[0])
    >>> found.first  # 0.4 mA/cm2, where the made resistance rises by 6 %
    7
    """
    test = test or BendTest()
    halves = half_cycles(trace, setup, test.splitting)
    current = np.asarray(trace.current, float)
    parts = pieces(current, test.splitting)
    time, voltage = np.asarray(trace.time, float), np.asarray(trace.voltage, float)
    lasts = spans(time, parts)
    bends = []
    for half, rows in zip(halves.half_cycles, parts, strict=True):
        charge = np.cumsum(np.abs(current[rows]) * lasts[rows])
        kept = time[rows] - time[rows[0]] >= test.splitting.skip
        bend = _bend(
            half, charge[kept], np.abs(voltage[rows])[kept], np.abs(current[rows])[kept], test,
            halves.area,
        )  # fmt: skip
        bends += [] if bend is None else [bend]
    first = next((b for b in bends if b.voids), None)
    return VoidCheck(
        file=trace.file, bends=tuple(bends), first=None if first is None else first.half_cycle,
        onset_capacity=None if first is None else first.onset_capacity, area=halves.area,
        warnings=_warnings(halves.warnings, first, len(halves.half_cycles) - len(bends)),
    )  # fmt: skip


def _bend(
    half: HalfCycle, charge: Array, voltage: Array, current: Array, test: BendTest,
    area: float | None,
) -> Bend | None:  # fmt: skip
    """The bend of a half cycle; None where it cannot be tested."""
    if charge.size < test.fewest or not charge[-1] > charge[0]:
        return None
    if np.ptp(current) > test.steady * np.median(current):
        return None
    x = (charge - charge[0]) / (charge[-1] - charge[0])
    values, t_value = parabola(x, voltage)
    start, end = values[0], float(values.sum())
    growth = end / start if start > 0.0 else float("inf")
    voids = bool(values[2] > 0.0 and t_value > test.t_value and growth > test.growth)
    k = _leaves(x, voltage, test)
    onset = None if k is None or not voids else float(charge[k])
    return Bend(
        half_cycle=half.number, current=half.current,
        curvature=float(values[2]) / float(charge[-1] - charge[0]) ** 2, t_value=t_value,
        growth=float(growth), voids=voids, onset=onset,
        onset_capacity=None if onset is None or area is None else onset / area,
    )  # fmt: skip


def parabola(x: Array, y: Array) -> tuple[Array, float]:
    """Least squares a + b x + c x2, and c over its standard deviation.

    Args:
        x, y: (N,), N above 3.

    >>> x = np.linspace(0.0, 1.0, 9)
    >>> np.round(parabola(x, 1.0 + x**2)[0], 6).tolist()
    [1.0, 0.0, 1.0]
    """
    columns = np.stack([np.ones_like(x), x, x * x], axis=1)
    values, *_ = np.linalg.lstsq(columns, y, rcond=None)
    rest = y - columns @ values
    # rounding is a floor of the noise: a made curve without noise has a finite t
    variance = max(float(rest @ rest) / (x.size - 3), (1e-12 * float(np.abs(y).max())) ** 2)
    spread = np.sqrt(variance * np.linalg.pinv(columns.T @ columns)[2, 2])
    return values, float(values[2] / spread) if spread > 0.0 else 0.0


def _leaves(x: Array, voltage: Array, test: BendTest) -> int | None:
    """First row from which the voltage stays above the line of the first part."""
    early = x <= test.straight
    if early.sum() < 4:
        early = np.arange(x.size) < 4
    if not np.ptp(x[early]) > 0.0:
        return None
    slope, level = np.polyfit(x[early], voltage[early], 1)
    rest = voltage - (level + slope * x)
    noise = float(np.std(rest[early], ddof=2))
    above = rest > max(test.deviations * noise, 1e-9 * float(np.abs(voltage).max()))
    runs = np.convolve(above.astype(int), np.ones(test.stays, int), mode="valid") == test.stays
    hits = np.flatnonzero(runs)
    hits = hits[~early[hits]]
    return int(hits[0]) if hits.size else None


def _warnings(before: tuple[str, ...], first: Bend | None, untested: int) -> tuple[str, ...]:
    told = list(before)
    if first is not None:
        told.append("the voltage bends upwards under stripping: voids, or salt or lithium that "
                    "runs out; a capacitance of the interface that falls in spectra between the "
                    "half cycles tells a loss of contact")  # fmt: skip
    else:
        told.append("no bend is seen; a soft short makes the voltage flat too, so that a flat "
                    "voltage proves nothing without a spectrum")  # fmt: skip
    if untested:
        told.append(f"{untested} half cycles were not tested: too few rows, or no steady current")
    return tuple(told)
