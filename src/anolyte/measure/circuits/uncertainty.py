r"""How far parameters may be off: covariance, and profiles where it is not enough.

$$ \mathrm{cov}(x) = s^2 (J^T J)^{-1}, \qquad s^2 = \frac{r \cdot r}{2N - p} $$

for the logarithms of the parameters (exponents as they are). Where two parameters are all but one,
or the squares do not rise like a parabola, the interval is a profile: the parameter is held beside
its best value, all others are fitted again, and its end is where the squares have risen by
$t^2 s^2$ with Student's $t$. Beside a parameter at its bound the covariance is conditional on that
bound, so that every other one is profiled, the bound one moving again. The coefficient of a pair is
no inner parameter; its profile holds $\ln Q = n \ln\tau - \ln R$ by a stiff residual.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.circuits.problem import Problem
from anolyte.measure.circuits.tree import Circuit
from anolyte.numerics.least_squares import LevenbergMarquardt

Array = NDArray[Any]
SMALLEST = 1e-13
"""Relative eigenvalue of the scaled normal matrix below which the data say nothing."""
ROUNDS = 8
"""Corrections of the end of a profile; four are enough but for the flattest."""
STIFF = 1e3
"""Squares of holding a coefficient one interval off its place, over the rise at an interval's end:
it is then held to a thousandth of its interval."""
CLOSE = 0.02
"""How near to the wanted rise (its root) an end must come."""


@dataclass(frozen=True, eq=False)
class Minima:
    """Minima whose uncertainty is asked for.

    Args:
        problem: Circuit and spectra.
        x: Inner parameters, (B, p).
        cost: Squares, (B,).
        owner: Spectrum of each, (B,).
        lower, upper: Bounds, (B, p).
        above: Squares from which the rise is counted, (B,): those of the minimum itself, or of the
            best one where this is its rival.
    """

    problem: Problem
    x: Array
    cost: Array
    owner: Array
    lower: Array
    upper: Array
    above: Array

    def freedom(self, k: int, free: int) -> int:
        """Degrees of freedom of a residual after so many parameters."""
        return max(2 * int(self.problem.counts[self.owner[k]]) - free, 1)


class Ends(NamedTuple):
    """Ends of an interval, and whether they are a profile's."""

    low: float
    high: float
    profiled: bool = False


@dataclass(frozen=True, eq=False)
class Spread:
    """Of one spectrum, inner parameters.

    Args:
        covariance: (p, p); rows of parameters that do not move are zero.
        low, high: Ends of the interval, (p,); infinite where it is open.
        profiled: Whether they are a profile's, (p,).
        at_bound: Whether the parameter stands at its bound, (p,).
        variance: Of the noise, as the residual has it.
        better: A point below the minimum, met on the way; None: there is none.
        coefficients: Ends of the logarithms of coefficients of pairs, less their best, by outer
            place.
    """

    covariance: Array
    low: Array
    high: Array
    profiled: Array
    at_bound: Array
    variance: float
    better: Array | None = None
    coefficients: dict[int, Ends] = field(default_factory=dict)

    def spanning(self, rivals: Sequence[Spread], turned: Array) -> Spread:
        """With intervals that reach over those of rivals: which of them is true is not known.

        Args:
            rivals: Of minima that noise does not tell from this one.
            turned: How far the logarithms of their outer parameters lie from this one's, (K, p).
        """
        if not rivals:
            return self
        coefficients = {}
        for place, own in self.coefficients.items():
            theirs = [
                (r.coefficients[place], t[place]) for r, t in zip(rivals, turned, strict=True)
            ]
            low = min(own.low, *(e.low + t for e, t in theirs))
            coefficients[place] = Ends(low, max(own.high, *(e.high + t for e, t in theirs)), True)
        low = np.min([self.low, *(r.low for r in rivals)], axis=0)
        high = np.max([self.high, *(r.high for r in rivals)], axis=0)
        spread = np.ones_like(self.profiled)
        return replace(self, low=low, high=high, profiled=spread, coefficients=coefficients)


@dataclass(frozen=True)
class Uncertainty:
    """Settings of the intervals.

    Args:
        level: Of the intervals.
        profile: Whether profiles are made where they are needed; without them all intervals come
            from the covariance, in a tenth of the time.
        correlation: Beyond which two parameters count as all but one.
        asymmetry: Relative deviation of the rise of the squares from a parabola's at either end
            of the interval beyond which it is profiled.
        method: For the fits of a profile.
    """

    level: float = 0.90
    profile: bool = True
    correlation: float = 0.95
    asymmetry: float = 0.25
    method: LevenbergMarquardt = LevenbergMarquardt(tolerance=1e-6, most=30, damping=1e-3)

    def quantile(self, freedom: int) -> float:
        """Student's t of the interval (an expansion for many degrees of freedom).

        >>> round(Uncertainty().quantile(167), 4)
        1.654
        """
        z = NormalDist().inv_cdf(0.5 + 0.5 * self.level)
        n = max(freedom, 1)
        return z + (z**3 + z) / (4.0 * n) + (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / (96.0 * n**2)

    def __call__(self, minima: Minima) -> list[Spread]:
        """Of each minimum."""
        spreads = []
        for k in range(len(minima.x)):
            x, low, high = minima.x[k], minima.lower[k], minima.upper[k]
            r, slopes = minima.problem.residuals(x[None], minima.owner[k : k + 1])
            normal, gradient = slopes[0] @ slopes[0].T, slopes[0] @ r[0]
            still = (low == high) | _pushed(x, gradient, low, high)
            freedom = minima.freedom(k, int(np.count_nonzero(~still)))
            variance = float(minima.above[k]) / freedom
            covariance = variance * inverse(normal, ~still)
            lift = float(minima.cost[k] - minima.above[k]) / max(variance, 1e-300)
            wide = math.sqrt(max(self.quantile(freedom) ** 2 - lift, 0.0))
            reach = wide * np.sqrt(np.diag(covariance))
            turn = minima.problem.circuit.turned(x)
            sigma = np.sqrt(np.einsum("oi,ij,oj->o", turn, covariance, turn))
            spreads.append(
                Spread(
                    covariance,
                    np.maximum(x - reach, low),
                    np.minimum(x + reach, high),
                    np.zeros(x.size, dtype=bool),
                    still & (low < high),
                    variance,
                    coefficients={
                        o: Ends(-wide * sigma[o], wide * sigma[o])
                        for o in coefficients_of(minima.problem.circuit)
                    },
                )  # fmt: skip
            )
        return self._profiled(minima, spreads) if self.profile else spreads

    def _profiled(self, minima: Minima, spreads: list[Spread]) -> list[Spread]:
        """Replace intervals by profiles where they are needed."""
        ends: list[_End] = []
        for k, spread in enumerate(spreads):
            moved = int(np.count_nonzero(np.diag(spread.covariance)))
            target = self.quantile(minima.freedom(k, moved)) ** 2 * spread.variance
            doubtful = self._doubtful(minima, k, target, spread)
            places = [(i, False) for i in doubtful]
            places += [(i, True) for i in _coefficients(minima, k, doubtful)]
            ends += [
                _End(k, i, side, float(minima.above[k]), target, pair)
                for i, pair in places
                for side in (-1.0, 1.0)
            ]
        if ends:
            follow(ends, self.method, minima, spreads)
        return [
            _with_ends(s, [t for t in ends if t.row == k], minima.x[k])
            for k, s in enumerate(spreads)
        ]

    def _doubtful(self, minima: Minima, k: int, target: float, spread: Spread) -> list[int]:
        """Parameters whose interval the covariance does not give."""
        x, cost = minima.x[k], float(minima.cost[k])
        scale = np.sqrt(np.diag(spread.covariance))
        free = np.flatnonzero(scale > 0.0)
        if not free.size or not cost > 0.0:
            return []
        if spread.at_bound.any():
            return [int(i) for i in free]
        held = spread.covariance[np.ix_(free, free)] / np.outer(scale[free], scale[free])
        tied = np.max(np.abs(held - np.eye(free.size)), axis=1) > self.correlation
        along = spread.covariance[free] / scale[free, None] * np.sqrt(target / spread.variance)
        rise = []
        for sign in (-1.0, 1.0):
            r, _ = minima.problem.residuals(x + sign * along, np.full(free.size, minima.owner[k]))
            rise.append((np.einsum("bm,bm->b", r, r) - cost) / target)
        with np.errstate(invalid="ignore"):
            bent = ~np.all(np.abs(np.array(rise) - 1.0) < self.asymmetry, axis=0)
        return [int(i) for i in free[tied | bent]]


def _coefficients(minima: Minima, k: int, doubtful: Sequence[int]) -> list[int]:
    """Outer places of coefficients of which a part is profiled."""
    circuit = minima.problem.circuit
    turn = circuit.turned(minima.x[k])
    return [o for o in coefficients_of(circuit) if np.any(turn[o, doubtful] != 0.0)]


def coefficients_of(circuit: Circuit) -> list[int]:
    """Outer places that are no inner parameters: coefficients of pairs."""
    return [
        int(outer)
        for inner, outer in enumerate(circuit.order)
        if circuit.inner_meanings[inner] is not circuit.meanings[outer]
    ]


class _End:
    """One end of one profile: of an inner parameter, or of the coefficient of a pair (`place` is
    then that of the outer one)."""

    def __init__(
        self, row: int, place: int, side: float, cost: float, target: float, pair: bool = False
    ) -> None:
        self.row, self.place, self.side, self.cost, self.target = row, place, side, cost, target
        self.pair = pair
        self.done = False
        self.at, self.room = np.nan, np.inf
        self.inside, self.outside = (0.0, 0.0), (np.inf, np.inf)
        self.better: Array | None = None
        self.beside: Array | None = None

    def next(self) -> float:
        """Where to look: how far from the minimum."""
        (a, f), (b, g) = self.inside, self.outside
        if not np.isfinite(b):
            return a * min(1.0 / max(f, 0.25), 4.0)
        guess = a + (b - a) * (1.0 - f) / (g - f)
        return min(max(guess, a + 0.05 * (b - a)), b - 0.05 * (b - a))

    def note(self, far: float, cost: float, x: Array) -> None:
        """The squares have risen so much there."""
        if not np.isfinite(cost):
            self.outside = (far, 1e3)
            return
        root = float(np.sqrt(max(cost - self.cost, 0.0) / self.target))
        if cost < self.cost * (1.0 - 1e-6) - 1e-30:
            self.better = x
        if abs(root - 1.0) < CLOSE:
            self.at, self.done = far, True
        elif root < 1.0:
            self.inside, self.beside = (far, root), x
            if far >= self.room:  # the bound itself is still inside
                self.at, self.done = far, True
        else:
            self.outside = (far, root)


class _Held(Problem):
    """The problem of the rows of a walk, with a stiff residual that holds a coefficient.

    Args:
        problem: Circuit and spectra.
        owner: Spectrum of each row, (B,).
        place: Outer parameter that is held, (B,).
        at: Its logarithm there, (B,).
        weight: Of the residual; zero: the row holds none, (B,).
    """

    def __init__(
        self, problem: Problem, owner: Array, place: Array, at: Array, weight: Array
    ) -> None:
        self.problem, self.circuit, self.data = problem, problem.circuit, problem.data
        self.owner, self.place, self.at, self.held = owner, place, at, weight

    def residuals(self, x: Array, owner: Array) -> tuple[Array, Array]:
        """As those of the problem with one more; `owner` is the row."""
        r, slopes = self.problem.residuals(x, self.owner[owner])
        more, along = np.zeros((len(x), 1)), np.zeros((*x.shape, 1))
        held = np.flatnonzero(self.held[owner] > 0.0)
        if held.size:
            row = owner[held]
            found = self.circuit.logarithms(x[held])[np.arange(held.size), self.place[row]]
            more[held, 0] = self.held[row] * (found - self.at[row])
        for j in held:
            row = owner[j]
            along[j, :, 0] = self.held[row] * self.circuit.turned(x[j])[self.place[row]]
        return np.concatenate([r, more], axis=1), np.concatenate([slopes, along], axis=2)


def follow(
    ends: list[_End], method: LevenbergMarquardt, minima: Minima, spreads: Sequence[Spread]
) -> None:
    """Walk to the ends of all profiles together."""
    circuit = minima.problem.circuit
    for number in range(ROUNDS):
        walking = [e for e in ends if not e.done]
        if not walking:
            return
        rows = np.array([e.row for e in walking])
        x, lower, upper = minima.x[rows], minima.lower[rows].copy(), minima.upper[rows].copy()
        far, at, weight = np.zeros((3, len(walking)))
        for j, e in enumerate(walking):
            spread = spreads[e.row]
            slopes = circuit.turned(x[j])[e.place] if e.pair else np.eye(x.shape[1])[e.place]
            along = spread.covariance @ slopes
            variance = max(float(slopes @ along), 1e-300)
            first = math.sqrt(variance * e.target / spread.variance)
            if not e.pair:
                edge = (upper if e.side > 0.0 else lower)[j, e.place]
                e.room = float(abs(edge - x[j, e.place]))
            far[j] = min(first if number == 0 else e.next(), e.room)
            if e.pair:
                at[j] = circuit.logarithms(x[j])[e.place] + e.side * far[j]
                weight[j] = math.sqrt(STIFF * e.target) / first
            else:
                held = x[j, e.place] + e.side * far[j]
                lower[j, e.place] = upper[j, e.place] = held
            ahead = far[j]
            if e.beside is not None:  # on from the last point inside: valleys bend
                x[j], ahead = e.beside, far[j] - e.inside[0]
            x[j] += np.clip(e.side * ahead * along / variance, -3.0, 3.0)
        problem = _Held(
            minima.problem, minima.owner[rows], np.array([e.place for e in walking]), at, weight
        )
        ended = problem.solve(method, x, np.arange(len(rows)), lower, upper)
        for e, reach, cost, end in zip(walking, far, ended.cost, ended.x, strict=True):
            e.note(float(reach), float(cost), end)


def _with_ends(spread: Spread, ends: list[_End], best: Array) -> Spread:
    low, high, profiled = spread.low.copy(), spread.high.copy(), spread.profiled.copy()
    better = None
    pairs: dict[int, list[float]] = {}
    for e in ends:
        better = e.better if e.better is not None else better
        at = e.at
        if not e.done:  # never met: the last place that is known, or open
            at = e.next() if np.isfinite(e.outside[0]) else np.inf
        if e.pair:
            pairs.setdefault(e.place, []).append(e.side * at)  # the low end comes first
            continue
        profiled[e.place] = True
        if e.side < 0.0:
            low[e.place] = best[e.place] - at
        else:
            high[e.place] = best[e.place] + at
    return replace(
        spread, low=low, high=high, profiled=profiled, better=better,
        coefficients=spread.coefficients
        | {place: Ends(a, b, True) for place, (a, b) in pairs.items()},
    )  # fmt: skip


def inverse(normal: Array, free: Array) -> Array:
    """Inverse of the free part of a normal matrix, zero elsewhere; what the data do not see at all
    gets an enormous variance instead of an error."""
    found = np.zeros_like(normal)
    places = np.flatnonzero(free)
    if not places.size:
        return found
    part = normal[np.ix_(places, places)]
    scale = np.sqrt(np.maximum(np.diag(part), 1e-300))
    values, vectors = np.linalg.eigh(part / np.outer(scale, scale))
    values = np.maximum(values, SMALLEST * values.max())
    found[np.ix_(places, places)] = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return found


def _pushed(x: Array, gradient: Array, lower: Array, upper: Array) -> Array:
    """Parameters that lie at a bound and would leave it."""
    near = 1e-9
    return ((x <= lower + near) & (gradient > 0.0)) | ((x >= upper - near) & (gradient < 0.0))
