r"""Which law a resistance follows in time, with its exponent and a forecast.

$$ R = R_0 + k t, \quad R_0 + k\sqrt t, \quad R_0 + k t^m, \quad R_0 + k \ln(1 + t/t_0), \quad
   R_0 + \Delta R\,(1 - e^{-t/t_0}), \quad R_0 $$

The laws are linear but for one parameter, which is scanned; Akaike's criterion weighs them. An
exponent of one half is never assumed: the free power is always among them and its interval is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.core.units import show
from anolyte.measure.resistance import CellResistance, FaceResistance, TotalResistance
from anolyte.measure.series.growth_answer import GrowthFit, GrowthResult, Parabolic
from anolyte.measure.series.growth_fit import (
    Curves,
    Frame,
    GrowthSettings,
    Law,
    described,
    laws,
)
from anolyte.numerics import separable

__all__ = [
    "FEWEST", "Foretold", "GrowthFit", "GrowthResult", "GrowthSettings", "Law", "Parabolic",
    "Resistance", "foretell", "growth", "laws",
]  # fmt: skip

Array = NDArray[Any]
Resistance = CellResistance | FaceResistance | TotalResistance
FEWEST, FEWEST_TIMES = 5, 3
_Series = tuple[Array, Array, Array, tuple[str, str]]
"""Times, resistances, weights, and what the resistances are of."""

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
        DataError: Fewer than five points or three different times, resistances of different types,
            negative times.

    >>> t = np.linspace(0.0, 3.6e5, 20)
    >>> made = [CellResistance(float(r)) for r in 120.0 + 0.4 * np.sqrt(t)]
    >>> growth(t, made).best.law
    'parabolic'
    """
    s = settings or GrowthSettings()
    series = _checked(time, resistance)
    return _answer(series, _known(series, s), conductivity, s)


@dataclass(frozen=True, eq=False)
class Foretold:
    """The law of growth of a series, and what it foretells.

    Args:
        growth: Laws and their numbers.
        time: s since contact, (M,).
        low, middle, high: SI, (M,): over the laws in `growth.told`, the middle by the best one.
    """

    growth: GrowthResult
    time: Array
    low: Array
    middle: Array
    high: Array


def foretell(
    time: Sequence[float] | Array,
    resistance: Sequence[Resistance],
    ahead: Array,
    level: float,
    settings: GrowthSettings | None = None,
) -> Foretold:
    """The law of growth of a series with a corridor of what it foretells; see `growth`.

    Args:
        time, resistance, settings: As of `growth`.
        ahead: Times to foretell, s since contact, (M,).
        level: Share of the curves that fit about as well inside the corridor.

    >>> t = np.linspace(0.0, 3.6e5, 20)
    >>> made = [CellResistance(120.0 + 0.4 * float(x) ** 0.5) for x in t]
    >>> float(foretell(t, made, np.array([1.44e6]), 0.99).middle[0].round(3))
    600.0
    """
    s = settings or GrowthSettings()
    series = _checked(time, resistance)
    known = _known(series, s)
    found, longest = _answer(series, known, None, s), float(series[0].max())
    told, t = {f.law for f in found.told}, np.asarray(ahead, float)
    bands = {c.law.name: c.band(t / longest, level) for c in known if c.law.name in told}
    all_bands = np.stack(list(bands.values()))
    low, high = all_bands[:, 0].min(axis=0), all_bands[:, 2].max(axis=0)
    return Foretold(found, t, low, bands[found.best.law][1], high)


def _known(series: _Series, s: GrowthSettings) -> list[Curves]:
    """Each law's curves, in times scaled by the longest."""
    t, y, weight, _ = series
    return [Curves.of(law, t / float(t.max()), y, weight, s.level) for law in laws(s)]


def _answer(
    series: _Series, known: list[Curves], conductivity: Value | None, s: GrowthSettings
) -> GrowthResult:
    """Laws in order, with their shares, forecasts and warnings."""
    t, y, _, (words, kind) = series
    longest = float(t.max())
    lowest = min(c.found.aicc for c in known)
    shares = np.exp(-0.5 * np.array([c.found.aicc - lowest for c in known]))
    shares = shares / shares.sum()
    fits = [
        described(c, Frame(t, kind, longest, lowest, float(share)), s)
        for c, share in zip(known, shares, strict=True)
    ]
    fits.sort(key=lambda f: f.aicc)
    power = next(f for f in fits if f.law == "power")
    flat = fits[0].law == "constant"
    close = tuple(f.law for f in fits[1:] if f.behind <= s.undecided and not _nested(fits[0], f))
    found = GrowthResult(
        words, tuple(fits), None if flat else power.exponent, None if flat else power.exponent_low,
        None if flat else power.exponent_high, close,
        _parabolic(fits, words, t.size, conductivity, s), tuple(map(float, y)), s.level, (),
        () if conductivity is None else (conductivity.source.key,), tuple(map(float, t)),
    )  # fmt: skip
    return replace(found, warnings=_warnings(found, conductivity))


def _checked(time: Any, resistance: Sequence[Resistance]) -> _Series:
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
    if np.unique(t).size < FEWEST_TIMES:
        raise DataError(f"growth: a law needs at least {FEWEST_TIMES} different times")
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


def _parabolic(
    fits: list[GrowthFit], words: str, points: int, conductivity: Value | None, s: GrowthSettings
) -> Parabolic | None:
    """The constant of a film, where one face's resistance grows with the root of time."""
    found = next(f for f in fits if f.law == "parabolic")
    if conductivity is None or words != "one interface" or found.rate <= 0.0:
        return None
    if found.behind > s.undecided and fits[0].law != "power":
        return None
    margin = separable.student(s.level, points - 2) * found.rate_error
    ends = (max(found.rate - margin, 0.0), found.rate + margin)
    k = [(conductivity.si * r) ** 2 for r in (found.rate, *ends)]
    source = conductivity.source
    return Parabolic(k[0], k[1], k[2], conductivity.si, source.key, source.known, source.how)


def _warnings(found: GrowthResult, conductivity: Value | None) -> tuple[str, ...]:
    out = []
    best = found.best
    if found.undecided:
        names = " and ".join((best.law, *found.undecided))
        later = show(3.0 * max(found.times), "time")
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
