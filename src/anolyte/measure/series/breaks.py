"""Two straight Arrhenius lines in place of one: a kink where they meet, a jump where not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN
from anolyte.numerics import separable
from anolyte.numerics.separable import stacked

Array = NDArray[Any]


@dataclass(frozen=True)
class Break:
    """Two straight lines.

    Args:
        temperature: Where they part, K.
        low, high: Its interval, K; for a jump the two temperatures beside it.
        energy_below, energy_above: At temperatures below and above it, J.
        energy_below_error, energy_above_error: Standard deviations, J.
        aicc: Akaike's criterion.
        jump: Whether the lines do not meet.
    """

    temperature: float = quantity("temperature")
    low: float = quantity("temperature")
    high: float = quantity("temperature")
    energy_below: float = quantity("energy")
    energy_above: float = quantity("energy")
    energy_below_error: float = quantity("energy")
    energy_above_error: float = quantity("energy")
    aicc: float = math.inf
    jump: bool = False


def kink(x: Array, y: Array, weight: Array, beside: int, level: float) -> Break | None:
    """Two lines that meet, at a place between the points that leaves enough on each side.

    Args:
        x: $-1/k_B T$, 1/J, (N,).
        y: Logarithms, (N,).
        weight: One over their errors, (N,).
        beside: Temperatures on each side.
        level: Of the interval of the place.
    """
    ordered = np.sort(np.unique(x))
    if ordered.size < 2 * beside or y.size < 7:
        return None
    low, high = ordered[beside - 1], ordered[-beside]
    if not high > low:
        return None

    def columns(values: Array) -> Array:
        above = np.maximum(x[None, :] - values[:, None], 0.0)
        return stacked(values, np.ones_like(x), x, above)

    found = separable.fit(columns, y, weight, np.linspace(low, high, 60), level)
    _, below, change = map(float, found.coefficients)
    place = found.parameter or 0.0
    c = found.covariance
    first, last = max(found.low or low, low), min(found.high or high, high)
    return Break(
        _kelvin(place), _kelvin(float(first)), _kelvin(float(last)), below, below + change,
        found.error(1),
        math.sqrt(max(float(c[1, 1] + c[2, 2] + 2.0 * c[1, 2]), 0.0)), found.aicc,
    )  # fmt: skip


def _kelvin(x: float) -> float:
    return -1.0 / (BOLTZMANN * x)


def jump(x: Array, y: Array, weight: Array, beside: int) -> Break | None:
    """Two lines that do not meet, parted between two neighbouring temperatures.

    Args:
        x, y, weight, beside: As of `kink`.
    """
    ordered = np.sort(np.unique(x))
    if ordered.size < 2 * beside or y.size < 8:
        return None
    best: Break | None = None
    for k in range(beside, ordered.size - beside + 1):
        cold = x < 0.5 * (ordered[k - 1] + ordered[k])
        parts = [
            separable.fit(lambda g, a=x[m]: stacked(g, np.ones_like(a), a), y[m], weight[m])
            for m in (cold, ~cold)
        ]
        cost = parts[0].cost + parts[1].cost
        aicc = separable.information(cost, y.size, 5)
        if best is None or aicc < best.aicc:
            ends = _kelvin(float(ordered[k - 1])), _kelvin(float(ordered[k]))
            cold_energy, hot_energy = (float(p.coefficients[1]) for p in parts)
            cold_error, hot_error = (_pooled(p, cost / (y.size - 4)) for p in parts)
            best = Break(
                sum(ends) / 2.0, *ends, cold_energy, hot_energy,
                cold_error, hot_error, aicc, jump=True,
            )  # fmt: skip
    return best


def _pooled(part: separable.Separated, scatter: float) -> float:
    """Standard deviation of a line's slope with the scatter of both lines: few points on one of
    them would lie on it by chance."""
    return part.error(1) * math.sqrt(scatter * (part.count - 2) / part.cost)
