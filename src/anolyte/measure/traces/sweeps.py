"""Sweeps of a voltammogram: stretches in which the voltage goes one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.records import Trace

Array = NDArray[Any]
TURN = 0.05
"""Share of the whole range of voltage that it must go back for a turn; noise and the steps of a
staircase are far smaller."""
FEWEST = 10
"""Rows of a sweep."""
STRAIGHT = 0.9
"""Share of the variance of a sweep's voltage that a straight line in time must explain."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """One sweep.

    Args:
        time: s, (N,).
        voltage: V, (N,).
        current: A, (N,).
        rate: V/s, positive.
        rises: Whether the voltage rises.
    """

    time: Array
    voltage: Array
    current: Array
    rate: float
    rises: bool


def sweeps(trace: Trace) -> tuple[Sweep, ...]:
    """The sweeps of a trace, with the scan rate of each from its rows.

    Args:
        trace: Voltage over time.

    >>> [s.rises for s in sweeps(made_sweep(turns=1))]
    [True, False]
    """
    time, voltage, current = (
        np.asarray(getattr(trace, n), dtype=float) for n in ("time", "voltage", "current")
    )
    if voltage.size < FEWEST:
        return ()
    found = []
    turns = _turns(voltage, TURN * float(np.ptp(voltage)))
    for a, b in zip(turns[:-1], turns[1:], strict=True):
        rows = slice(a, b + 1)
        if b + 1 - a < FEWEST:
            continue
        rate = _rate(time[rows], voltage[rows])
        if rate is not None:
            found.append(Sweep(time[rows], voltage[rows], current[rows], abs(rate), rate > 0.0))
    return tuple(found)


def _turns(voltage: Array, least: float) -> list[int]:
    """First row, rows at which the voltage turns for good, last row."""
    turns, way = [0], 0
    top = low = 0
    for k, v in enumerate(voltage.tolist()):
        top = k if v > voltage[top] else top
        low = k if v < voltage[low] else low
        if way >= 0 and voltage[top] - v > least:
            if way > 0 or top > 0:
                turns.append(top)
            way, low = -1, k
            top = k
        elif way <= 0 and v - voltage[low] > least:
            if way < 0 or low > 0:
                turns.append(low)
            way, top = 1, k
            low = k
    last = voltage.size - 1
    return turns if turns[-1] == last else [*turns, last]


def _rate(time: Array, voltage: Array) -> float | None:
    """Scan rate of the middle of a sweep, V/s; None where the voltage is not swept."""
    low, high = voltage.min(), voltage.max()
    inside = (voltage >= low + 0.1 * (high - low)) & (voltage <= high - 0.1 * (high - low))
    if inside.sum() < 5 or not np.ptp(time[inside]) > 0.0:
        return None
    slope, level = np.polyfit(time[inside], voltage[inside], 1)
    rest = voltage[inside] - level - slope * time[inside]
    spread = float(np.var(voltage[inside]))
    if spread <= 0.0 or 1.0 - float(np.var(rest)) / spread < STRAIGHT:
        return None
    return float(slope)


def made_sweep(
    onset: float = 2.0, turns: int = 0, rate: float = 1e-3, noise: float = 1e-8, seed: int = 0
) -> Trace:
    """A made sweep from 1 V to 3 V: a sloping background, and a current that rises straight.

    Args:
        onset: Where the current begins to rise, V.
        turns: How often the voltage turns.
        rate: V/s.
        noise: Standard deviation of the current, A.
        seed: Of the noise.
    """
    count = 2001
    up = np.linspace(1.0, 3.0, count)
    voltage = np.concatenate([up if k % 2 == 0 else up[::-1] for k in range(turns + 1)])
    step = 2.0 / (count - 1) / rate
    time = step * np.arange(voltage.size)
    current = 1e-7 + 1e-7 * voltage + 1e-4 * np.maximum(0.0, voltage - onset)
    current = current + noise * np.random.default_rng(seed).standard_normal(voltage.size)
    return Trace(time, voltage, current, file="made")
