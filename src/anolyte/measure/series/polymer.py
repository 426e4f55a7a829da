r"""Conductivity of a polymer electrolyte against temperature and salt content.

$$ \sigma = B\,T^{-1/2} \exp\left[-\frac{E_v}{k_B (T - T_0)}\right] \text{ at each salt content},
   \qquad \ln\sigma = c_0 + c_1 \ln r + c_2 \ln^2 r \text{ at each temperature} $$

with the salt ratio r (lithium per repeat unit, [Li]/[EO]). The parabola in ln r has its top at the
optimum, $\ln r^* = -c_1 / 2 c_2$, with an interval by Fieller's theorem, which may be open. A
conductivity is of all ions: nothing here says how much of it is lithium's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.series.arrhenius import ArrheniusResult, ArrheniusSettings, of_conductivity
from anolyte.numerics import separable
from anolyte.numerics.separable import stacked

Array = NDArray[Any]
TRANSFERENCE = (
    "the conductivity is of all ions; a transference number needs a polarisation beside the "
    "spectra and is not inferred"
)


@dataclass(frozen=True)
class PolymerSettings:
    """What a scientist may want otherwise.

    Args:
        level: Share of intervals that hold the truth.
        fewest_temperatures: From which a law is fitted at a salt content.
        fewest_contents: From which an optimum is sought at a temperature; three points lie on any
            parabola.
        same: Temperatures that are nearer than so many kelvins are one.
        arrhenius: Of the laws over temperature.
    """

    level: float = 0.90
    fewest_temperatures: int = 3
    fewest_contents: int = 4
    same: float = quantity("temperature_difference", default=1.0)
    arrhenius: ArrheniusSettings = ArrheniusSettings()


@dataclass(frozen=True)
class SaltLaw:
    """The law over temperature at one salt content.

    Args:
        salt_ratio: Lithium per repeat unit.
        law: Straight line, kink or VTF, with all their numbers.
    """

    salt_ratio: float
    law: ArrheniusResult


@dataclass(frozen=True)
class Optimum:
    """The salt content of highest conductivity at one temperature.

    Args:
        salt_ratio: Lithium per repeat unit; None: the points have no maximum between them.
        low, high: Its interval; 0 and infinite where it is open on that side.
        contents: How many salt contents there are.
        temperature: K.
        conductivity: There, S/m; None: no maximum.
    """

    salt_ratio: float | None
    low: float
    high: float
    contents: int
    temperature: float = quantity("temperature")
    conductivity: float | None = quantity("conductivity", default=None)


@dataclass(frozen=True)
class PolymerResult(Result):
    """What a table of temperature, salt content and conductivity says.

    Args:
        laws: One a salt content with enough temperatures, by rising content.
        optima: One a temperature with enough contents, by rising temperature.
        warnings: One sentence each.
    """

    laws: tuple[SaltLaw, ...]
    optima: tuple[Optimum, ...]
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a salt content."""
        out = []
        for s in self.laws:
            row = {"salt ratio": s.salt_ratio, "law": s.law.law}
            v = s.law.vogel
            row |= {"E_v": None if v is None else show(v.energy, "energy"),
                    "T0 [K]": None if v is None else v.temperature,
                    "E_a": show(s.law.energy, "energy")}  # fmt: skip
            out.append(row)
        return out


def polymer(
    temperature: Sequence[float] | Array,
    salt_ratio: Sequence[float] | Array,
    conductivity: Sequence[float] | Array,
    error: Sequence[float] | Array | None = None,
    settings: PolymerSettings | None = None,
) -> PolymerResult:
    """Laws over temperature at each salt content, and the best content at each temperature.

    Args:
        temperature: K, (N,).
        salt_ratio: Lithium per repeat unit, (N,).
        conductivity: S/m, (N,).
        error: Relative standard deviations, (N,); None: all alike.
        settings: Thresholds.

    Raises:
        DataError: Columns of different lengths, or numbers that are not positive.
    """
    s = settings or PolymerSettings()
    t, r, y = (np.asarray(v, dtype=float) for v in (temperature, salt_ratio, conductivity))
    e = np.ones_like(y) if error is None else np.asarray(error, dtype=float)
    if not t.shape == r.shape == y.shape == e.shape or t.ndim != 1 or t.size == 0:
        raise DataError(
            f"polymer: {t.size} temperatures, {r.size} salt contents, {y.size} conductivities, "
            f"{e.size} errors; one of each a row"
        )
    for name, v in (("temperature", t), ("salt content", r), ("conductivity", y), ("error", e)):
        bad = np.flatnonzero(~(np.isfinite(v) & (v > 0.0)))
        if bad.size:
            raise DataError(f"polymer: {name} of row {bad[0] + 1} is {v[bad[0]]:g}; not positive")
    laws = _laws(t, r, y, None if error is None else e, s)
    optima = tuple(
        _optimum(float(t[m].mean()), r[m], y[m], 1.0 / e[m], s)
        for m in _groups(t, s.same)
        if np.unique(r[m]).size >= s.fewest_contents
    )
    return PolymerResult(laws, optima, _warnings(laws, optima, s))


def _laws(t: Array, r: Array, y: Array, e: Array | None, s: PolymerSettings) -> tuple[SaltLaw, ...]:
    out = []
    for ratio in np.unique(r):
        m = r == ratio
        if np.unique(t[m]).size >= s.fewest_temperatures:
            law = of_conductivity(t[m], y[m], None if e is None else e[m], s.arrhenius)
            out.append(SaltLaw(float(ratio), law))
    return tuple(out)


def _groups(t: Array, same: float) -> list[Array]:
    """Masks of rows at one temperature, by rising temperature."""
    starts: list[float] = []
    for value in np.unique(t).tolist():
        if not starts or value - starts[-1] >= same:  # from the first: neighbours would chain
            starts.append(value)
    which = np.searchsorted(starts, t, side="right")
    return [which == k + 1 for k in range(len(starts))]


def _optimum(
    temperature: float, ratio: Array, conductivity: Array, weight: Array, s: PolymerSettings
) -> Optimum:
    """The top of the parabola in ln r, with Fieller's interval."""
    x, y = np.log(ratio), np.log(conductivity)
    middle = float(x.mean())
    u = x - middle
    found = separable.fit(lambda g: stacked(g, np.ones_like(u), u, u**2), y, weight)
    c0, c1, c2 = map(float, found.coefficients)
    count = int(np.unique(ratio).size)
    place = -c1 / (2.0 * c2) if c2 < 0.0 else math.nan
    if not float(u.min()) <= place <= float(u.max()):
        return Optimum(None, 0.0, math.inf, count, temperature)
    spare = u.size - 3
    low, high = -math.inf, math.inf
    if spare > 0:
        low, high = _fieller(c1, c2, found.covariance, separable.student(s.level, spare))
    top = math.exp(c0 + c1 * place + c2 * place**2)
    return Optimum(
        math.exp(place + middle), _exp(low + middle), _exp(high + middle), count, temperature, top
    )


def _fieller(c1: float, c2: float, v: Array, width: float) -> tuple[float, float]:
    r"""Interval of $-c_1 / 2 c_2$: where $(c_1 + 2 c_2 x)^2 \le w^2\,\mathrm{var}$.

    Open on both sides where the curvature may be nought.
    """
    w = width**2
    a = 4.0 * (c2**2 - w * float(v[2, 2]))
    b = 4.0 * (c1 * c2 - w * float(v[1, 2]))
    c = c1**2 - w * float(v[1, 1])
    root = b * b - 4.0 * a * c
    if a <= 0.0 or root < 0.0:
        return -math.inf, math.inf
    return (-b - math.sqrt(root)) / (2.0 * a), (-b + math.sqrt(root)) / (2.0 * a)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700.0 else math.inf


def _warnings(
    laws: tuple[SaltLaw, ...], optima: tuple[Optimum, ...], s: PolymerSettings
) -> tuple[str, ...]:
    out = [TRANSFERENCE]
    if not laws:
        out.append(f"no salt content has {s.fewest_temperatures} temperatures, so no law is fitted")
    if not optima:
        out.append(f"no temperature has {s.fewest_contents} salt contents, so no optimum is sought")
    for o in optima:
        where = show(o.temperature, "temperature")
        if o.salt_ratio is None:
            out.append(
                f"at {where} the conductivity has no maximum between the salt contents measured; "
                "measure beyond them"
            )
        elif o.low <= 0.0 or not math.isfinite(o.high):
            out.append(f"at {where} the optimum of {o.salt_ratio:.3g} has no closed interval")
    return tuple(out)
