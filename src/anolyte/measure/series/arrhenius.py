r"""Activation energy of a conductivity or a resistance, and what would overthrow its line.

$$ \ln(\sigma T) = \ln B - \frac{E_a}{k_B T}, \qquad
   \ln\frac{T}{R} = \ln B' - \frac{E_a}{k_B T} $$

A weighted straight line; beside it a kink (two lines that meet), a jump (two lines that do not) and
the VTF law of polymers, $\sigma = B\,T^{-1/2} \exp[-E_v / k_B(T - T_0)]$, weighed by Akaike's
criterion. All are fitted to the same logarithms, so their criteria compare.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE, ZERO_CELSIUS, show
from anolyte.measure.resistance import CellResistance, FaceResistance, TotalResistance
from anolyte.measure.series import breaks, vogel
from anolyte.measure.series.breaks import Break
from anolyte.measure.series.vogel import Vogel
from anolyte.numerics import separable
from anolyte.numerics.separable import Separated, stacked

Array = NDArray[Any]
ROOM = ZERO_CELSIUS + 25.0
FEWEST_VOGEL = 5
"""Temperatures below which three parameters of a VTF law would only be drawn through points."""
FINEST = 1e-3 * ELEMENTARY_CHARGE
"""Shift of an energy, J, that is not worth a word: thermometers tell no meV."""
SMALLEST = 1e-300
"""Below it no logarithm is taken."""


@dataclass(frozen=True)
class ArrheniusSettings:
    """What a scientist may want otherwise.

    Args:
        reference: Temperature to which the law is carried, K.
        level: Share of intervals that hold the truth.
        least_beside: Points on each side of a kink or jump; a line through two has no scatter.
        decisive: Difference in AICc above which a richer law replaces the straight line; 2 is the
            usual rule, below which two laws are equally good.
        influence: Standard errors by which one point may move the energy before it is named.
        lowest_glass: Share of the lowest temperature up to which the VTF law's T0 is sought.
        beyond: Kelvins outside the measured range from which an extrapolation is told.
    """

    reference: float = quantity("temperature", default=ROOM)
    level: float = 0.90
    least_beside: int = 3
    decisive: float = 2.0
    influence: float = 1.0
    lowest_glass: float = 0.98
    beyond: float = quantity("temperature_difference", default=5.0)


@dataclass(frozen=True)
class Influence:
    """A point that carries the result by itself.

    Args:
        point: Which, from 0 in the order given.
        temperature: K.
        shift: Of the energy when the point is left out, J.
        errors: The same in standard errors.
        leverage: Its share in its own value on the line.
    """

    point: int
    temperature: float = quantity("temperature")
    shift: float = quantity("energy")
    errors: float = 0.0
    leverage: float = 0.0


@dataclass(frozen=True)
class ArrheniusResult(Result):
    """What a series over temperature says.

    Args:
        of: "conductivity", or "resistance" (of the cell, of one face, of all).
        energy: Of the straight line, J.
        energy_error: Standard deviation, J; not a number with two points without errors.
        energy_low, energy_high: Interval, J.
        logarithm: ln B; B in S K/m of a conductivity, else K/ohm or K/(ohm m2).
        logarithm_error: Standard deviation.
        correlation: Between energy and ln B.
        coldest, hottest: Range of the points, K.
        temperatures: Of the points, as given, K.
        values: Of the points, SI.
        residuals: Of ln value about the straight line.
        leverages: Share of each point in its own value.
        scatter: Root mean square of the residuals over their errors; 1 is as the errors say.
        influential: Points whose removal moves the energy by more than a standard error.
        kink, jump, vogel: Rivals of the straight line; None: too few points or no such law.
        law: "Arrhenius", "kink", "jump" or "VTF": what the points favour.
        gain: AICc of the straight line less that of `law`.
        reference: Temperature to which the law is carried, K.
        reference_value: There, SI, by `law`.
        reference_low, reference_high: Its interval.
        level: Share of intervals that hold the truth.
        warnings: One sentence each.
    """

    of: str
    logarithm: float
    logarithm_error: float
    correlation: float
    values: tuple[float, ...]
    residuals: tuple[float, ...]
    leverages: tuple[float, ...]
    scatter: float
    energy: float = quantity("energy")
    energy_error: float = quantity("energy")
    energy_low: float = quantity("energy")
    energy_high: float = quantity("energy")
    coldest: float = quantity("temperature")
    hottest: float = quantity("temperature")
    temperatures: tuple[float, ...] = quantity("temperature")
    influential: tuple[Influence, ...] = ()
    kink: Break | None = None
    jump: Break | None = None
    vogel: Vogel | None = None
    law: str = "Arrhenius"
    gain: float = 0.0
    reference: float = quantity("temperature", default=ROOM)
    reference_value: float = math.nan
    reference_low: float = math.nan
    reference_high: float = math.nan
    level: float = 0.90
    warnings: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = ("hurvich1989aicc",)

    def __call__(self, temperature: Any) -> Any:
        """Value of the straight line at a temperature in K, SI."""
        t = np.asarray(temperature, dtype=float)
        line = np.exp(self.logarithm - self.energy / (BOLTZMANN * t))
        return line / t if self.of == "conductivity" else t / line

    def deviation(self, temperature: float) -> float:
        """Standard deviation of the logarithm of the straight line at a temperature."""
        x = -1.0 / (BOLTZMANN * temperature)
        a, b = self.logarithm_error, self.energy_error * x
        return math.sqrt(max(a * a + b * b + 2.0 * self.correlation * a * b, 0.0))


def of_conductivity(
    temperature: Sequence[float] | Array,
    conductivity: Sequence[float] | Array,
    error: Sequence[float] | Array | None = None,
    settings: ArrheniusSettings | None = None,
) -> ArrheniusResult:
    r"""Activation energy of a conductivity: $\ln(\sigma T)$ against $1/k_B T$.

    Args:
        temperature: K, (N,).
        conductivity: S/m, (N,).
        error: Relative standard deviation of each, (N,); None: all alike. Their scatter about the
            line sets the scale, so a common factor does not matter.
        settings: Thresholds.

    Raises:
        DataError: Fewer than two temperatures, numbers that are not positive, or one temperature.

    >>> from anolyte.core.units import ELEMENTARY_CHARGE as e
    >>> t = np.array([280.0, 300.0, 320.0, 340.0, 360.0])
    >>> sigma = 1e5 / t * np.exp(-0.3 * e / (BOLTZMANN * t))
    >>> round(of_conductivity(t, sigma).energy / e, 9)
    0.3
    """
    t, value, weight = _checked(temperature, conductivity, error)
    return _answer("conductivity", t, value, weight, settings or ArrheniusSettings(),
                   error is not None)  # fmt: skip


def of_resistance(
    temperature: Sequence[float] | Array,
    resistance: Sequence[CellResistance | FaceResistance | TotalResistance],
    settings: ArrheniusSettings | None = None,
) -> ArrheniusResult:
    r"""Activation energy of a resistance: $\ln(T/R)$ against $1/k_B T$, as of its conductivity.

    Args:
        temperature: K, (N,).
        resistance: All of one type, (N,); their standard deviations are the errors where all have
            one.
        settings: Thresholds.

    Raises:
        DataError: As `of_conductivity`, or resistances of different types.
    """
    kinds = {type(r) for r in resistance}
    if len(kinds) > 1:
        names = ", ".join(sorted(k.__name__ for k in kinds))
        raise DataError(f"resistances of different types ({names}) make no series; convert first")
    known = [r.sigma for r in resistance]
    error = None
    if resistance and all(s is not None for s in known):
        error = [s / r.value for s, r in zip(known, resistance, strict=True) if s is not None]
    t, value, weight = _checked(temperature, [r.value for r in resistance], error)
    return _answer("resistance", t, value, weight, settings or ArrheniusSettings(),
                   error is not None)  # fmt: skip


def _checked(temperature: Any, value: Any, error: Any) -> tuple[Array, Array, Array]:
    """Arrays of one length, positive; weights one over the relative errors."""
    t, y = np.asarray(temperature, dtype=float), np.asarray(value, dtype=float)
    e = np.ones_like(y) if error is None else np.asarray(error, dtype=float)
    if not t.shape == y.shape == e.shape or t.ndim != 1:
        raise DataError(
            f"Arrhenius: {t.size} temperatures, {y.size} values, {e.size} errors; one of each a "
            "point"
        )
    for name, numbers in (("temperature", t), ("value", y), ("error", e)):
        bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers > SMALLEST)))
        if bad.size:
            raise DataError(
                f"Arrhenius: {name} of point {bad[0] + 1} is {numbers[bad[0]]:g}; must be positive"
            )
    if np.unique(t).size < 2:
        raise DataError("Arrhenius: an activation energy needs at least two temperatures")
    return t, y, 1.0 / e


def _answer(
    of: str, t: Array, value: Array, weight: Array, s: ArrheniusSettings, told: bool
) -> ArrheniusResult:
    y = np.log(value * t) if of == "conductivity" else np.log(t / value)
    x = -1.0 / (BOLTZMANN * t)
    line = separable.fit(lambda g: stacked(g, np.ones_like(x), x), y, weight)
    error, spare = _errors(line, x, weight, told), y.size - 2
    width = separable.student(s.level, spare) if spare > 0 else 1.645
    rivals = _rivals(of, x, t, y, weight, s)
    law, gain = _choice(line, rivals, s)
    kink, jump, vogel = rivals
    energy = float(line.coefficients[1])
    found = ArrheniusResult(
        of=of, energy=energy, energy_error=error[1],
        energy_low=energy - width * error[1], energy_high=energy + width * error[1],
        logarithm=float(line.coefficients[0]), logarithm_error=error[0], correlation=error[2],
        coldest=float(t.min()), hottest=float(t.max()), temperatures=tuple(map(float, t)),
        values=tuple(map(float, value)), residuals=tuple(map(float, line.residuals / weight)),
        leverages=tuple(map(float, line.leverage)),
        scatter=math.sqrt(line.cost / spare) if spare > 0 else math.nan,
        influential=_influences(t, x, y, weight, line, error[1], s), kink=kink, jump=jump,
        vogel=vogel, law=law, gain=gain, reference=s.reference, level=s.level,
    )  # fmt: skip
    from dataclasses import replace

    value_there = _carried(found, x, weight, width, s)
    found = replace(found, reference_value=value_there[0], reference_low=value_there[1],
                    reference_high=value_there[2])  # fmt: skip
    return replace(found, warnings=_warnings(found, s, told))


def _errors(line: Separated, x: Array, weight: Array, told: bool) -> tuple[float, float, float]:
    """Standard deviations of ln B and the energy, and their correlation.

    Two points have no scatter; what is known of their errors must do.
    """
    covariance = line.covariance
    if line.count == 2 and told:
        left = np.column_stack([np.ones_like(x), x]) * weight[:, None]
        size = np.sqrt((left**2).sum(axis=0))
        covariance = np.linalg.inv((left / size).T @ (left / size)) / np.outer(size, size)
    a, b = (math.sqrt(covariance[k, k]) for k in (0, 1))
    return a, b, float(covariance[0, 1] / (a * b)) if a * b > 0.0 else 0.0


def _influences(
    t: Array, x: Array, y: Array, weight: Array, line: Separated, error: float,
    s: ArrheniusSettings,
) -> tuple[Influence, ...]:  # fmt: skip
    """Points without which the energy moves by more than a standard error."""
    if t.size < 4 or not error > 0.0:
        return ()
    w = weight**2
    middle = float((w * x).sum() / w.sum())
    spread = float((w * (x - middle) ** 2).sum())
    free = np.maximum(1.0 - line.leverage, 1e-12)
    shift = -w * (x - middle) * (line.residuals / weight) / (spread * free)
    least = max(s.influence * error, FINEST)
    named = np.flatnonzero(np.abs(shift) > least)
    return tuple(
        Influence(int(k), float(t[k]), float(shift[k]), float(shift[k]) / error,
                  float(line.leverage[k]))
        for k in named
    )  # fmt: skip


def _rivals(
    of: str, x: Array, t: Array, y: Array, weight: Array, s: ArrheniusSettings
) -> tuple[Break | None, Break | None, Vogel | None]:
    bent = breaks.kink(x, y, weight, s.least_beside, s.level)
    parted = breaks.jump(x, y, weight, s.least_beside)
    if of != "conductivity" or np.unique(t).size < FEWEST_VOGEL:
        return bent, parted, None
    found = vogel.solve(t, np.exp(y) / t, weight, s.level, s.lowest_glass)
    return bent, parted, vogel.law(found, float(t.min()))


def _choice(
    line: Separated,
    rivals: tuple[Break | None, Break | None, Vogel | None],
    s: ArrheniusSettings,
) -> tuple[str, float]:
    """The straight line unless a rival is decisively better; of rivals the best."""
    aicc = separable.information(line.cost, line.count, 2)
    names = ("kink", "jump", "VTF")
    found = [(r.aicc, n) for n, r in zip(names, rivals, strict=True) if r is not None]
    if not found or not math.isfinite(min(found)[0]):
        return "Arrhenius", 0.0
    best, name = min(found)
    gain = aicc - best
    return (name, gain) if gain > s.decisive else ("Arrhenius", 0.0)


def _carried(
    found: ArrheniusResult, x: Array, weight: Array, width: float, s: ArrheniusSettings
) -> tuple[float, float, float]:
    """Value and interval at the reference, by the favoured law."""
    t = found.reference
    if found.law == "VTF" and found.vogel is not None:
        law = found.vogel
        if t <= law.temperature:
            return 0.0, 0.0, 0.0
        ts, sigma = np.array(found.temperatures), np.array(found.values)
        solved = vogel.solve(ts, sigma, weight, found.level, s.lowest_glass)
        return float(law(t)), *vogel.carried(solved, t, found.level)
    part = found
    broken = found.kink if found.law == "kink" else found.jump
    if found.law in ("kink", "jump") and broken is not None:
        same = (x < -1.0 / (BOLTZMANN * broken.temperature)) == (t < broken.temperature)
        ts, values = np.array(found.temperatures)[same], np.array(found.values)[same]
        only = ArrheniusSettings(reference=t, level=found.level, least_beside=ts.size)
        part = _answer(found.of, ts, values, weight[same], only, True)
        return part.reference_value, part.reference_low, part.reference_high
    value, spread = float(part(t)), math.exp(min(width * part.deviation(t), 300.0))
    return value, value / spread, value * spread


def _warnings(found: ArrheniusResult, s: ArrheniusSettings, told: bool) -> tuple[str, ...]:
    """What a reader must know beside the energy."""
    out = []
    low, high = (show(v, "temperature") for v in (found.coldest, found.hottest))
    if len(found.values) == 2:
        out.append("two temperatures make a line without a test; measure at a third")
    if not found.coldest - s.beyond <= found.reference <= found.hottest + s.beyond:
        out.append(
            f"the value at {show(found.reference, 'temperature')} is extrapolated; measured from "
            f"{low} to {high}"
        )
    if found.law in ("kink", "jump") and (b := found.kink if found.law == "kink" else found.jump):
        out.append(
            f"not one straight line: {show(b.energy_below, 'energy')} below and "
            f"{show(b.energy_above, 'energy')} above {show(b.temperature, 'temperature')} "
            f"({show(b.low, 'temperature')} to {show(b.high, 'temperature')}); an arc that leaves "
            "the range of frequencies bends a line too, so look at the spectra beside it"
        )
    if found.law == "VTF":
        out.append(
            "the line is curved as by the VTF law; its activation energy depends on the range of "
            f"temperatures ({low} to {high})"
        )
    for point in found.influential:
        out.append(
            f"without the point at {show(point.temperature, 'temperature')} the energy would be "
            f"{show(found.energy + point.shift, 'energy', 4)} ({point.errors:+.1f} standard errors)"
        )
    if told and found.scatter > 3.0:
        out.append(
            f"the points scatter {found.scatter:.1f} times more than their errors say; the "
            "intervals follow the scatter"
        )
    return tuple(out)
