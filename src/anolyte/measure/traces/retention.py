r"""Capacity over cycles: retention, laws of fade, the knee, and when 80 % is reached.

$$ Q = Q_0 (1 - k x), \quad Q_0 (1 - k \sqrt x), \quad Q_0 e^{-k x}, \quad
   Q_0 (1 - k x - h \max(0, x - x_\mathrm{knee})) $$

with the cycles $x$ since the first one. The laws are weighed by Akaike's criterion for small
samples,

$$ \mathrm{AICc} = N \ln\frac{S}{N} + 2 p + \frac{2 p (p + 1)}{N - p - 1} $$

with the sum of squares $S$, $p$ parameters (the noise is one) and an effective number $N$ of
cycles: neighbours share their temperature and are no independent measurements. The knee is the
break of two joined lines (Bacon and Watts, Biometrika 1971, 58, 525; of cells Diao et al., Energies
2019, 12, 2910), its interval the profile of the likelihood.

Validity: a law of fade goes on as it did; it knows nothing of a knee that is still to come. What a
retention is worth hangs on the first capacity: name the cycle it is counted from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.measure.records import CycleTable, Trace
from anolyte.measure.traces.cycle_sums import capacities
from anolyte.measure.traces.fade_laws import LAWS, TWO_LINES, Fit, fit_laws, knee_interval

Array = NDArray[Any]


@dataclass(frozen=True)
class FadeRules:
    """How fade is judged.

    Args:
        end: Share of the reference at which a cell counts as spent; 80 % is the habit of vehicles.
        reference: Cycle that retention counts from; None: the first one.
        evidence: AICc by which two lines must beat every smooth law for a knee: ten is "no
            support" for the other by the usual reading.
        sharper: Slope after the knee over that before it.
        level: Of all intervals.
        draws: Sets of parameters behind an interval.
        far: Cycles of a forecast over those measured, beyond which it is warned of.
        seed: Of the draws.
    """

    end: float = 0.8
    reference: int | None = None
    evidence: float = 10.0
    sharper: float = 1.5
    level: float = 0.9
    draws: int = 2000
    far: float = 2.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Fade:
    """One law of fade, fitted.

    Args:
        law: linear | square root | exponential | two lines.
        initial: Q_0 over the reference.
        rate: k, per cycle (per root of cycles for the square root).
        rate_sigma: Its standard deviation; None: as many parameters as cycles.
        misfit: Root mean square over the reference.
        weight: Probability among the laws by AICc; None: too few cycles to weigh.
        end_cycle: When the share of the end is reached; infinite: never by this law.
        low, high: Interval of it; None: too few cycles.
    """

    law: str
    initial: float = quantity("fraction")
    rate: float = quantity("number")
    rate_sigma: float | None = quantity("number")
    misfit: float = quantity("fraction")
    weight: float | None = quantity("fraction")
    end_cycle: float = quantity("number")
    low: float | None = quantity("number")
    high: float | None = quantity("number")


@dataclass(frozen=True, kw_only=True)
class FadeResult(Result):
    """Retention of a cell and what it lets expect.

    Args:
        file: Where the table was read.
        cycle: Numbers, rising.
        retention: Capacity over that of the reference cycle.
        reference: The cycle that counts as 1.
        capacity: Of the reference cycle, C; None: per mass.
        specific_capacity: Of the reference cycle, C/kg; None: not per mass.
        last: Retention at the last cycle.
        per_cycle: Mean loss a cycle between reference and last, of the reference.
        fades: Laws, the most probable first.
        knee: Cycle of the knee; None: none.
        knee_low, knee_high: Its interval.
        end: Share that counts as the end.
        reached: Cycle at which it was reached, from the data; None: not yet.
        end_cycle: When it is reached by the laws together, median; None: reached, or never.
        end_low, end_high: Interval of it, the choice of the law in it.
        curve_cycle, curve: Retention by the laws together, up to the forecast or `far` times the
            data.
        curve_low, curve_high: Interval of it; empty: too few cycles.
        level: Of the intervals.
        warnings: A sentence each.
    """

    file: str
    cycle: tuple[int, ...]
    retention: tuple[float, ...] = quantity("fraction")
    reference: int
    capacity: float | None = quantity("charge")
    specific_capacity: float | None = quantity("specific_capacity")
    last: float = quantity("fraction")
    per_cycle: float = quantity("fraction")
    fades: tuple[Fade, ...]
    knee: float | None = quantity("number")
    knee_low: float | None = quantity("number")
    knee_high: float | None = quantity("number")
    end: float = quantity("fraction")
    reached: float | None = quantity("number")
    end_cycle: float | None = quantity("number")
    end_low: float | None = quantity("number")
    end_high: float | None = quantity("number")
    curve_cycle: tuple[float, ...] = quantity("number")
    curve: tuple[float, ...] = quantity("fraction")
    curve_low: tuple[float, ...] = quantity("fraction")
    curve_high: tuple[float, ...] = quantity("fraction")
    level: float = quantity("fraction")
    warnings: tuple[str, ...] = ()

    references: ClassVar[tuple[str, ...]] = ("bacon1971joined", "diao2019knee")

    def rows(self) -> list[dict[str, Any]]:
        """One row a cycle."""
        return [
            {"cycle": n, "retention [%]": 100.0 * r}
            for n, r in zip(self.cycle, self.retention, strict=True)
        ]


def fade(data: CycleTable | Trace | Any, rules: FadeRules | None = None, **how: Any) -> FadeResult:
    """Retention, laws of fade, knee and forecast of a cell.

    Args:
        data: A table of cycles, a trace (charge is summed by cycle), a DataFrame with a column of
            cycles and one of capacities, or a pair of arrays: cycles and capacities in C.
        rules: How fade is judged; None: the defaults.
        how: `of_charge=True` takes the charge instead of the discharge.

    Raises:
        DataError: No cycle, capacities that are not positive, cycles that do not rise.

    >>> found = fade(([1, 10], [2305.0, 1362.0]))
    >>> round(100 * found.last, 1)
    59.1
    """
    rules = rules or FadeRules()
    table = capacities(data, **how)
    cycle, capacity = table.cycle.astype(float), table.capacity
    at = _reference(cycle, rules, table.file)
    ratio = capacity / capacity[at]
    x = cycle - cycle[0]
    fits = fit_laws(x, ratio)
    knee = _knee(x, ratio, fits, rules)
    if knee is None:
        fits = tuple(f for f in fits if f.law.name != TWO_LINES)
    weights = _weights(fits)
    draws, chosen = _draws(fits, weights, rules)
    reached = _reached(cycle, ratio, rules.end, at)
    ends = np.array([f.crossing(rules.end, d) for f, d in zip(chosen, draws, strict=True)])
    fades = tuple(
        sorted(
            (_fade(f, w, cycle[0], rules) for f, w in zip(fits, weights, strict=True)),
            key=lambda f: -(f.weight or 0.0),
        )
    )
    middle, low, high = _forecast(ends + cycle[0], reached, rules)
    curve = _curve(x, high or 0.0, cycle[0], chosen, draws, rules)
    return FadeResult(
        file=table.file, cycle=tuple(int(n) for n in table.cycle),
        retention=tuple(ratio.tolist()), reference=int(cycle[at]),
        capacity=None if table.specific else float(capacity[at]),
        specific_capacity=float(capacity[at]) if table.specific else None, last=float(ratio[-1]),
        per_cycle=float((1.0 - ratio[-1]) / max(cycle[-1] - cycle[at], 1.0)), fades=fades,
        knee=None if knee is None else float(knee[0] + cycle[0]),
        knee_low=None if knee is None else float(knee[1] + cycle[0]),
        knee_high=None if knee is None else float(knee[2] + cycle[0]),
        end=rules.end, reached=reached, end_cycle=middle, end_low=low, end_high=high,
        **curve, level=rules.level,
        warnings=_warnings(table.warnings, cycle, fits, reached, middle, high, rules),
    )  # fmt: skip


def _reference(cycle: Array, rules: FadeRules, where: str) -> int:
    if rules.reference is None:
        return 0
    hits = np.flatnonzero(cycle == rules.reference)
    if hits.size == 0:
        raise DataError(f"{where}: no cycle {rules.reference} to count retention from")
    return int(hits[0])


def _weights(fits: tuple[Fit, ...]) -> list[float | None]:
    """Probability of each law; None where there are too few cycles to weigh."""
    scores = [f.score for f in fits]
    if not scores or any(s is None for s in scores):
        return [None] * len(fits)
    values = np.array(scores, dtype=float)
    raw = np.exp(-0.5 * (values - values.min()))
    return (raw / raw.sum()).tolist()


def _knee(
    x: Array, ratio: Array, fits: tuple[Fit, ...], rules: FadeRules
) -> tuple[float, float, float] | None:
    """The knee and its interval, where two lines are well better than every smooth law."""
    bent = next((f for f in fits if f.law.name == TWO_LINES), None)
    smooth = [f.score for f in fits if f.law.name != TWO_LINES and f.score is not None]
    if bent is None or bent.score is None or not smooth:
        return None
    if bent.score > min(smooth) - rules.evidence:
        return None
    before, extra = bent.values[1], bent.values[2]
    if extra <= 0.0 or before + extra < rules.sharper * max(before, 0.0):
        return None
    low, high = knee_interval(x, ratio, bent, rules.level)
    return float(bent.values[3]), low, high


def _draws(
    fits: tuple[Fit, ...], weights: list[float | None], rules: FadeRules
) -> tuple[list[Array], list[Fit]]:
    """Parameters drawn from the laws by their weights; of unweighed ones, each law as it is."""
    if not weights or weights[0] is None:
        return [f.values for f in fits], list(fits)
    rng = np.random.default_rng(rules.seed)
    chosen, draws = [], []
    counts = np.round(np.array(weights, dtype=float) * rules.draws).astype(int)
    for fit, count in zip(fits, counts, strict=True):
        for values in fit.draw(rng, int(count)):
            chosen.append(fit)
            draws.append(values)
    return draws, chosen


def _quantiles(values: Array, level: float) -> tuple[float, float, float]:
    tail = 0.5 * (1.0 - level)
    middle, low, high = np.quantile(values, [0.5, tail, 1.0 - tail], method="nearest")
    return float(middle), float(low), float(high)


def _forecast(
    ends: Array, reached: float | None, rules: FadeRules
) -> tuple[float | None, float | None, float | None]:
    """When the end comes by all laws together; nothing where it came already."""
    if reached is not None or ends.size == 0:
        return None, None, None
    middle, low, high = _quantiles(ends, 1.0 if ends.size <= len(LAWS) else rules.level)
    return (middle if math.isfinite(middle) else None), low, high


def _fade(fit: Fit, weight: float | None, begin: float, rules: FadeRules) -> Fade:
    low = high = None
    if fit.covariance is not None:
        rng = np.random.default_rng(rules.seed)
        ends = np.array([fit.crossing(rules.end, d) for d in fit.draw(rng, 400)])
        _, low, high = _quantiles(ends + begin, rules.level)
    sigma = None if fit.covariance is None else math.sqrt(float(fit.covariance[1, 1]))
    return Fade(
        law=fit.law.name, initial=float(fit.values[0]), rate=float(fit.values[1]),
        rate_sigma=sigma, misfit=fit.misfit, weight=weight,
        end_cycle=fit.crossing(rules.end, fit.values) + begin, low=low, high=high,
    )  # fmt: skip


def _reached(cycle: Array, ratio: Array, end: float, at: int) -> float | None:
    """Cycle at which the data first pass the end and stay there for three cycles, or to their
    end."""
    below = ratio < end
    for k in np.flatnonzero(below):
        if k > at and below[k : k + 3].all():
            a, b = ratio[k - 1], ratio[k]
            share = (a - end) / (a - b) if a > b else 1.0
            return float(cycle[k - 1] + min(max(share, 0.0), 1.0) * (cycle[k] - cycle[k - 1]))
    return None


def _curve(
    x: Array, high: float, begin: float, chosen: list[Fit], draws: list[Array], rules: FadeRules
) -> dict[str, tuple[float, ...]]:
    """Retention by the laws together, with its interval, over the data and the forecast."""
    if not draws:
        return dict.fromkeys(("curve_cycle", "curve", "curve_low", "curve_high"), ())
    end = min(max(float(x[-1]), high - begin), rules.far * float(x[-1]))
    grid = np.linspace(0.0, end, 121)
    every = max(1, len(draws) // 300)
    curves = np.array(
        [f.law(grid, d) for f, d in zip(chosen[::every], draws[::every], strict=True)]
    )  # fmt: skip
    tail = 0.5 * (1.0 - (1.0 if chosen[0].covariance is None else rules.level))
    low, middle, high_ = np.quantile(curves, [tail, 0.5, 1.0 - tail], axis=0)
    return {
        "curve_cycle": tuple((grid + begin).tolist()), "curve": tuple(middle.tolist()),
        "curve_low": tuple(low.tolist()), "curve_high": tuple(high_.tolist()),
    }  # fmt: skip


def _warnings(
    before: tuple[str, ...], cycle: Array, fits: tuple[Fit, ...], reached: float | None,
    middle: float | None, high: float | None, rules: FadeRules,
) -> tuple[str, ...]:  # fmt: skip
    told = list(before)
    count = cycle.size
    if fits and fits[0].covariance is None:
        told.append(f"{count} cycles cannot tell one law of fade from another: the forecast spans "
                    "them, each drawn through the points")  # fmt: skip
    if reached is not None and count < 10:
        told.append("the end was passed between cycles that lie far apart: its cycle is a straight "
                    "line between them")  # fmt: skip
    span = cycle[-1] - cycle[0]
    if reached is None:
        if middle is None:
            told.append(f"no law reaches {100 * rules.end:.0f} %: the capacity does not fall")
        elif middle - cycle[0] > rules.far * span:
            told.append(f"the forecast reaches {(middle - cycle[0]) / span:.1f} times as far as "
                        "the data; a knee that is still to come is not in it")  # fmt: skip
        if middle is not None and high is not None and math.isinf(high):
            told.append("the interval of the forecast is open: some laws never reach the end")
    return tuple(told)
