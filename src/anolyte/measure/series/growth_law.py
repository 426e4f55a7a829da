r"""Which law a resistance follows in time, with its exponent and a forecast.

$$ R = R_0 + k t, \quad R_0 + k\sqrt t, \quad R_0 + k t^m, \quad R_0 + k \ln(1 + t/t_0), \quad
   R_0 + \Delta R\,(1 - e^{-t/t_0}), \quad R_0 $$

The laws are linear but for one parameter, which is scanned; Akaike's criterion weighs them. An
exponent of one half is never assumed: the free power is always among them and its interval is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.core.result import Number, Result, quantity
from anolyte.core.units import show
from anolyte.measure.resistance import CellResistance, FaceResistance, TotalResistance
from anolyte.numerics import separable
from anolyte.numerics.separable import Separated, stacked

Array = NDArray[Any]
Resistance = CellResistance | FaceResistance | TotalResistance
DRAWS, SEED = 400, 0
"""Curves that fit about as well, for intervals of what is not linear."""
FEWEST = 5


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


@dataclass(frozen=True)
class GrowthFit:
    """One law.

    Args:
        law: constant, linear, parabolic, logarithmic, saturating or power.
        start: R_0, of the kind of the resistances.
        rate: k in SI: ohm (or ohm m2) per s^m; of the logarithmic law per unit of ln(1 + t/t_0),
            of the saturating one the whole rise.
        rate_error: Standard deviation.
        exponent: m; None: the law is no power.
        exponent_low, exponent_high: Its interval by the profile, of the free power only.
        time_constant: t_0, s; None: the law has none.
        aicc: Akaike's criterion.
        behind: AICc above the best law's.
        share: Akaike weight among all laws.
        scatter: Root mean square of the residuals over their errors.
        ahead: Time of the forecast, s since the first measurement.
        forecast, forecast_low, forecast_high: Resistance then, with its interval.
        doubles: Time from the last measurement until the resistance then is twice what it is
            now, s; infinite: never, or not within `farthest`.
        doubles_low, doubles_high: Its interval, s.
    """

    law: str
    start: Number
    rate: float
    rate_error: float
    aicc: float
    behind: float
    share: float
    scatter: float
    forecast: Number
    forecast_low: Number
    forecast_high: Number
    ahead: float = quantity("time")
    doubles: float = quantity("time", default=math.inf)
    doubles_low: float = quantity("time", default=math.inf)
    doubles_high: float = quantity("time", default=math.inf)
    exponent: float | None = None
    exponent_low: float | None = None
    exponent_high: float | None = None
    time_constant: float | None = quantity("time", default=None)

    def __call__(self, time: float) -> float:
        """Resistance at a time since contact, s, SI."""
        grown = 0.0
        if self.exponent is not None:
            grown = time**self.exponent
        elif self.time_constant is not None:
            x = time / self.time_constant
            grown = math.log1p(x) if self.law == "logarithmic" else -math.expm1(-x)
        return self.start.si + self.rate * grown


@dataclass(frozen=True)
class Parabolic:
    r"""The parabolic constant $k_p = d^2/t$ of an interphase, with $d = \sigma_i R$ of one face.

    Args:
        constant: m2/s; some authors write d^2 = 2 k t and have half of it.
        low, high: From the interval of the rate alone, m2/s.
        conductivity: Of the interphase, S/m.
        source: Of the conductivity.
        known: How the project knows it: read, second_hand or recalled.
        how: measured, computed, estimated or assumed.
    """

    constant: float = quantity("diffusivity")
    low: float = quantity("diffusivity")
    high: float = quantity("diffusivity")
    conductivity: float = quantity("conductivity")
    source: str = ""
    known: str = "recalled"
    how: str = "assumed"


@dataclass(frozen=True)
class GrowthResult(Result):
    """Laws in order of how well they do.

    Args:
        of: "cell", "one interface" or "both sides": what the resistances were.
        laws: The best first.
        exponent, exponent_low, exponent_high: Of the free power, whatever law is best; None where
            nothing grows.
        undecided: Names of laws as good as the best; their forecasts stand in `laws`. A free power
            whose interval holds a fixed one says the same and is not named.
        parabolic: The constant of the interphase; None: not asked, or not parabolic.
        times: Of the points, s since the first.
        resistances: SI.
        level: Share of intervals that hold the truth.
        warnings: One sentence each.
        sources: Of a conductivity that was given.
    """

    of: str
    laws: tuple[GrowthFit, ...]
    exponent: float | None
    exponent_low: float | None
    exponent_high: float | None
    undecided: tuple[str, ...]
    parabolic: Parabolic | None
    resistances: tuple[float, ...]
    level: float
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    times: tuple[float, ...] = quantity("time", default=())

    references: ClassVar[tuple[str, ...]] = ("hurvich1989aicc",)

    @property
    def best(self) -> GrowthFit:
        """The law of the lowest AICc."""
        return self.laws[0]

    def rows(self) -> list[dict[str, Any]]:
        """One row a law."""
        return [
            {
                "law": f.law, "AICc": f.aicc, "behind": f.behind, "share": f.share,
                "R0": str(f.start), "rate [SI]": f.rate, "exponent": f.exponent,
                "forecast": str(f.forecast), "doubles in [h]": f.doubles / 3600.0,
            }
            for f in self.laws
        ]  # fmt: skip


_WORDS: dict[type, tuple[str, str]] = {
    CellResistance: ("cell", "resistance"),
    FaceResistance: ("one interface", "area_resistance"),
    TotalResistance: ("both sides", "area_resistance"),
}


def growth(
    time: Sequence[float] | Array,
    resistance: Sequence[Resistance],
    conductivity: Value | None = None,
    settings: GrowthSettings | None = None,
) -> GrowthResult:
    """The law of growth of a series of resistances.

    Args:
        time: s since contact was made (the laws count from there), (N,), none negative.
        resistance: All of one type, (N,); their standard deviations are the weights where all have
            one.
        conductivity: Of the interphase, S/m, with its source: then the parabolic constant is told
            for resistances of one face.
        settings: Thresholds.

    Raises:
        DataError: Fewer than five points, resistances of different types, negative times.

    >>> t = np.linspace(0.0, 3.6e5, 20)
    >>> made = [CellResistance(float(r)) for r in 120.0 + 0.4 * np.sqrt(t)]
    >>> growth(t, made).best.law
    'parabolic'
    """
    s = settings or GrowthSettings()
    t, y, weight, (words, kind) = _checked(time, resistance)
    longest = float(t.max())
    known = [(law, _solve(law, t / longest, y, weight, s)) for law in laws(s)]
    lowest = min(f.aicc for _, f in known)
    shares = np.exp(-0.5 * np.array([f.aicc - lowest for _, f in known]))
    shares = shares / shares.sum()
    fits = [
        _described(law, f, _Frame(t, y, kind, longest, lowest, float(share)), s)
        for (law, f), share in zip(known, shares, strict=True)
    ]
    fits.sort(key=lambda f: f.aicc)
    power = next(f for f in fits if f.law == "power")
    flat = fits[0].law == "constant"
    close = tuple(f.law for f in fits[1:] if f.behind <= s.undecided and not _nested(fits[0], f))
    found = GrowthResult(
        words, tuple(fits), None if flat else power.exponent, None if flat else power.exponent_low,
        None if flat else power.exponent_high, close, _parabolic(fits, words, conductivity, s),
        tuple(map(float, y)), s.level, (),
        () if conductivity is None else (conductivity.source.key,), tuple(map(float, t)),
    )  # fmt: skip
    return replace(found, warnings=_warnings(found, conductivity))


def _checked(
    time: Any, resistance: Sequence[Resistance]
) -> tuple[Array, Array, Array, tuple[str, str]]:
    """Arrays of one length and what the resistances are of."""
    t = np.asarray(time, dtype=float)
    kinds = {type(r) for r in resistance}
    if len(kinds) > 1:
        names = ", ".join(sorted(k.__name__ for k in kinds))
        raise DataError(f"resistances of different types ({names}) make no series; convert first")
    if t.size != len(resistance) or t.size < FEWEST:
        raise DataError(
            f"growth: {t.size} times and {len(resistance)} resistances; at least {FEWEST} of each"
        )
    if not np.isfinite(t).all() or (t < 0.0).any() or not t.max() > 0.0:
        raise DataError("growth: times count in s from the moment of contact; none is negative")
    y = np.array([r.value for r in resistance], dtype=float)
    if not np.isfinite(y).all():
        raise DataError("growth: a resistance is missing or infinite")
    sigma = [r.sigma for r in resistance]
    if all(e is not None and e > 0.0 for e in sigma):
        weight = 1.0 / np.array(sigma, dtype=float)
    else:
        weight = np.full(y.size, 1.0 / float(np.abs(y).mean() or 1.0))
    return t, y, weight, _WORDS[kinds.pop()]


def _nested(one: GrowthFit, other: GrowthFit) -> bool:
    """Whether one is the free power and the other a power inside its interval: the same answer."""
    free, fixed = (one, other) if one.law == "power" else (other, one)
    if free.law != "power" or fixed.exponent is None:
        return False
    low, high = free.exponent_low, free.exponent_high
    return low is not None and high is not None and low <= fixed.exponent <= high


def _solve(law: Law, t: Array, y: Array, weight: Array, s: GrowthSettings) -> Separated:
    return separable.fit(law.columns(t), y, weight, law.grid, s.level)


@dataclass(frozen=True, eq=False)
class _Frame:
    """What all laws of a series share."""

    time: Array
    values: Array
    kind: str
    longest: float
    lowest: float
    share: float


def _described(law: Law, found: Separated, frame: _Frame, s: GrowthSettings) -> GrowthFit:
    """A law's numbers in SI, its forecast and when it doubles."""
    end = float(frame.time.max())
    ahead = end + s.horizon * (end - float(frame.time.min()))
    now = _curves(law, found, np.array([end, ahead]) / frame.longest)
    low, high = np.quantile(now[1:, 1], [0.5 - s.level / 2.0, 0.5 + s.level / 2.0])
    doubles = _doublings(law, found, end / frame.longest, now[:, 0], s) * frame.longest
    soon, late = _ends(doubles[1:], s.level)
    spare = found.count - found.fitted
    grows = not law.flat
    power = {"linear": 1.0, "parabolic": 0.5, "power": found.parameter}.get(law.name)
    scale = frame.longest ** -(power or 0.0)
    number = [Number(float(v), frame.kind) for v in (now[0, 1], low, high)]
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


def _curves(law: Law, found: Separated, t: Array) -> Array:
    """Values at scaled times: the best curve, then those that fit about as well, (1 + D, times)."""
    c, p = (
        found.draws(DRAWS, SEED)
        if found.count > found.fitted
        else (
            np.repeat(found.coefficients[None, :], DRAWS, 0),
            np.full(DRAWS, found.parameter or 0.0),
        )
    )
    c = np.vstack([found.coefficients, c])
    if law.flat:
        return np.repeat(c, t.size, axis=1)
    return c[:, :1] + c[:, 1:] * law.shape(t, _bounded(law, found, p)[:, None])


def _bounded(law: Law, found: Separated, drawn: Array) -> Array:
    """Drawn parameters kept where the law was scanned."""
    if law.grid is None:
        return np.append(0.0, drawn)
    return np.clip(np.append(found.parameter or 0.0, drawn), law.grid[0], law.grid[-1])


def _doublings(law: Law, found: Separated, end: float, now: Array, s: GrowthSettings) -> Array:
    """Scaled time from the end until each curve is twice what it is there, by bisection."""
    out = np.full(now.size, math.inf)
    if law.flat or found.count <= found.fitted:
        return out
    far = np.logspace(-4.0, math.log10(s.farthest), 120)
    values = _curves(law, found, end + far)
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


def _parabolic(
    fits: list[GrowthFit], words: str, conductivity: Value | None, s: GrowthSettings
) -> Parabolic | None:
    """The constant of a film, where one face's resistance grows with the root of time."""
    found = next(f for f in fits if f.law == "parabolic")
    if conductivity is None or words != "one interface" or found.rate <= 0.0:
        return None
    if found.behind > s.undecided and fits[0].law != "power":
        return None
    margin = 1.645 * found.rate_error
    ends = (max(found.rate - margin, 0.0), found.rate + margin)
    k = [(conductivity.si * r) ** 2 for r in (found.rate, *ends)]
    source = conductivity.source
    return Parabolic(k[0], k[1], k[2], conductivity.si, source.key, source.known, source.how)


def _warnings(found: GrowthResult, conductivity: Value | None) -> tuple[str, ...]:
    out = []
    best = found.best
    if found.undecided:
        names = " and ".join((best.law, *found.undecided))
        later = show(3.0 * found.times[-1], "time")
        out.append(
            f"{names} fit equally well and their forecasts differ: both are given; measure until "
            f"{later} to tell"
        )
    if best.law != "constant" and best.rate < 0.0:
        out.append("the resistance falls; no film grows here (contact improves, or a short)")
    if best.scatter > 3.0:
        out.append(f"the points scatter {best.scatter:.1f} times more than their errors say")
    if conductivity is not None and found.parabolic is None:
        out.append(
            "no parabolic constant: it needs resistances of one interface that grow with the root "
            "of time"
        )
    if found.parabolic is not None and found.parabolic.how == "assumed":
        out.append("the parabolic constant rests on an assumed conductivity of the interphase")
    return tuple(out)
