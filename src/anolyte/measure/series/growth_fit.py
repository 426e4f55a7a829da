r"""One law of growth fitted to a series: shapes, curves that fit about as well, forecasts.

$$ R = R_0 + k\, g(t; \theta) $$

Each law is linear but for one parameter, which is scanned; intervals of a forecast are those of
curves drawn from the covariance, as wide as Student's t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import Number
from anolyte.measure.series.growth_answer import GrowthFit
from anolyte.numerics import separable
from anolyte.numerics.separable import Separated, stacked

Array = NDArray[Any]
DRAWS, SEED = 400, 0
"""Curves that fit about as well, for intervals of what is not linear."""


@dataclass(frozen=True)
class GrowthSettings:
    """What a scientist may want otherwise.

    Args:
        level: Share of intervals that hold the truth.
        undecided: Difference in AICc within which two laws are equally good, and both are told.
        lowest_exponent, highest_exponent: Of the free power.
        horizon: How far ahead to forecast, as a multiple of the time measured.
        farthest: Multiple of the time measured beyond which no doubling is told.
    """

    level: float = 0.90
    undecided: float = 2.0
    lowest_exponent: float = 0.05
    highest_exponent: float = 3.0
    horizon: float = 1.0
    farthest: float = 1e3


@dataclass(frozen=True)
class Law:
    """A law of growth, as a shape that starts at zero.

    Args:
        name: As it is printed.
        shape: Scaled times (N,) and parameters (G, 1) to (G, N).
        grid: Parameters to scan; None: it has none.
        flat: Whether it does not grow at all.
    """

    name: str
    shape: Any
    grid: Array | None = None
    flat: bool = False

    def columns(self, time: Array) -> separable.Columns:
        """A constant and the shape, for a scan."""
        if self.flat:
            return lambda values: stacked(values, np.ones_like(time))
        return lambda values: stacked(values, np.ones_like(time), self.shape(time, values[:, None]))


def laws(settings: GrowthSettings) -> tuple[Law, ...]:
    """The rivals; times are in units of the longest one."""
    times = np.logspace(-3.0, 2.0, 81)
    exponents = np.linspace(settings.lowest_exponent, settings.highest_exponent, 119)
    return (
        Law("constant", None, flat=True),
        Law("linear", lambda t, _: t[None, :]),
        Law("parabolic", lambda t, _: np.sqrt(t)[None, :]),
        Law("logarithmic", lambda t, p: np.log1p(t[None, :] / p), times),
        Law("saturating", lambda t, p: -np.expm1(-t[None, :] / p), times),
        Law("power", lambda t, m: np.maximum(t[None, :], 1e-30) ** m, exponents),
    )


@dataclass(frozen=True, eq=False)
class Curves:
    """The best curve of a law and then those that fit about as well, in scaled times.

    Args:
        law: Which.
        found: Its fit.
        coefficients: (1 + D, p).
        parameter: (1 + D,).
    """

    law: Law
    found: Separated
    coefficients: Array
    parameter: Array

    @classmethod
    def of(cls, law: Law, t: Array, y: Array, weight: Array, level: float) -> Curves:
        """Fitted to scaled times (N,), values and weights."""
        columns = law.columns(t)
        found = separable.fit(columns, y, weight, law.grid, level)
        best = found.parameter or 0.0
        if found.count > found.fitted:
            c, p = separable.likely(columns, y, weight, found, law.grid, DRAWS, SEED)
        else:
            c = np.repeat(found.coefficients[None, :], DRAWS, 0)
            p = np.full(DRAWS, best)
        return cls(law, found, np.vstack([found.coefficients, c]), np.append(best, p))

    def at(self, t: Array) -> Array:
        """Values at scaled times, (1 + D, times)."""
        if self.law.flat:
            return np.repeat(self.coefficients, t.size, axis=1)
        grown = self.law.shape(t, self.parameter[:, None])
        return self.coefficients[:, :1] + self.coefficients[:, 1:] * grown

    def band(self, t: Array, level: float) -> Array:
        """Lowest, best and highest value at scaled times, (3, times)."""
        values = self.at(t)
        low, high = np.quantile(values[1:], [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0)
        return np.stack([low, values[0], high])


@dataclass(frozen=True, eq=False)
class Frame:
    """What all laws of a series share."""

    time: Array
    kind: str
    longest: float
    lowest: float
    share: float


def described(curves: Curves, frame: Frame, s: GrowthSettings) -> GrowthFit:
    """A law's numbers in SI, its forecast and when it doubles."""
    law, found = curves.law, curves.found
    end = float(frame.time.max())
    ahead = end + s.horizon * (end - float(frame.time.min()))
    low, best, high = curves.band(np.array([ahead / frame.longest]), s.level)[:, 0]
    doubles = _doublings(curves, end / frame.longest, s) * frame.longest
    soon, late = _ends(doubles[1:], s.level)
    spare = found.count - found.fitted
    grows = not law.flat
    power = {"linear": 1.0, "parabolic": 0.5, "power": found.parameter}.get(law.name)
    scale = frame.longest ** -(power or 0.0)
    number = [Number(float(v), frame.kind) for v in (best, low, high)]
    free = law.name == "power"
    return GrowthFit(
        law=law.name,
        start=Number(float(found.coefficients[0]), frame.kind, found.error(0)),
        rate=float(found.coefficients[1]) * scale if grows else 0.0,
        rate_error=_rate_error(law, found, frame.longest) * scale,
        aicc=found.aicc, behind=found.aicc - frame.lowest, share=frame.share,
        scatter=math.sqrt(found.cost / spare) if spare > 0 else math.nan,
        forecast=number[0], forecast_low=number[1], forecast_high=number[2], ahead=ahead,
        doubles=float(doubles[0]), doubles_low=soon, doubles_high=late, exponent=power,
        exponent_low=found.low if free else None, exponent_high=found.high if free else None,
        time_constant=found.parameter * frame.longest
        if found.parameter is not None and not free else None,
    )  # fmt: skip


def _rate_error(law: Law, found: Separated, longest: float) -> float:
    """Of the rate at scaled time; the unit of a free power's rate moves with its exponent."""
    if law.flat:
        return 0.0
    if law.name != "power":
        return found.error(1)
    c, unit = found.covariance, float(found.coefficients[1]) * math.log(longest)
    variance = c[1, 1] + unit**2 * c[2, 2] - 2.0 * unit * c[1, 2]
    return math.sqrt(max(float(variance), 0.0))


def _doublings(curves: Curves, end: float, s: GrowthSettings) -> Array:
    """Scaled time from the end until each curve is twice what it is there, by bisection."""
    now = curves.at(np.array([end]))[:, 0]
    out = np.full(now.size, math.inf)
    if curves.law.flat or curves.found.count <= curves.found.fitted:
        return out
    far = np.logspace(-4.0, math.log10(s.farthest), 120)
    values = curves.at(end + far)
    reached = values >= 2.0 * now[:, None]
    first = np.argmax(reached, axis=1)
    any_reached = reached.any(axis=1) & (now > 0.0)
    for k in np.flatnonzero(any_reached):
        j = int(first[k])
        if j == 0:
            out[k] = far[0]
            continue
        a, b = values[k, j - 1], values[k, j]
        share = (2.0 * now[k] - a) / (b - a)
        out[k] = far[j - 1] + share * (far[j] - far[j - 1])
    return out


def _ends(values: Array, level: float) -> tuple[float, float]:
    """Quantiles of numbers some of which are infinite."""
    ordered = np.sort(values)
    place = [(0.5 - level / 2.0) * (ordered.size - 1), (0.5 + level / 2.0) * (ordered.size - 1)]
    return float(ordered[math.floor(place[0])]), float(ordered[math.ceil(place[1])])
