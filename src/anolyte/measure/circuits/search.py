"""The search for the minima of many spectra at once: rounds of starts, the best followed down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.circuits import seeds
from anolyte.measure.circuits.box import Box
from anolyte.measure.circuits.problem import Problem
from anolyte.measure.circuits.uncertainty import Minima, Spread
from anolyte.measure.records import Spectrum
from anolyte.numerics.least_squares import LevenbergMarquardt, Minimum

if TYPE_CHECKING:
    from anolyte.measure.circuits.fit import CircuitFit

Array = NDArray[Any]
SAME_PLACE, SAME_VALLEY = 0.01, 0.2
"""Largest difference of inner parameters of two ends that are one minimum; before they are followed
to the bottom, one valley."""
SCREENED = 16
"""So many starts are drawn for each that is followed: their squares cost a hundredth of a fit."""
MOST_FINISHED = 6
"""Ends that are followed to the bottom; more rivals than these say: too many parameters."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the search left for one spectrum.

    Args:
        x: Ends of starts, the best first, (K, p).
        cost: Of them, (K,).
        scouted: Cost of every start after scouting, for the hit rate.
    """

    x: Array
    cost: Array
    scouted: Array

    def under(self, x: Array, cost: float) -> Found:
        """With a better minimum (1, p) put first."""
        return Found(
            np.concatenate([x, self.x]),
            np.concatenate([[cost], self.cost]),
            np.append(self.scouted, cost),
        )


class Search:
    """The search for the minima of many spectra."""

    def __init__(self, fit: CircuitFit, spectra: Sequence[Spectrum], noise: Any, seed: int) -> None:
        self.fit, self.spectra = fit, spectra
        self.box = Box.of(fit.circuit, fit.fixed, fit.bounds)
        self.circuit = self.box.circuit
        self.noise, self.given, self.freedom, weights = levels(fit, spectra, noise)
        self.problem = Problem(self.circuit, spectra, weights)
        self.rng = [np.random.default_rng(seed) for _ in spectra]  # no batch changes an answer
        self.pool: list[list[tuple[Array, Array]]] = [[] for _ in spectra]

    def __call__(self, given: list[list[Any]], ordered: bool) -> list[Found]:
        """The best minima of every spectrum."""
        count = len(self.spectra)
        known = [[self.box.check(v) for v in own] for own in given]
        self.sides = self.box.around(self.spectra, known)
        self.base = self._from_arcs(known)
        made = np.zeros(count, dtype=int)
        first = max(self.fit.starts, *(len(own) for own in known))
        todo = np.arange(count)
        while todo.size:
            more = first if made[todo[0]] == 0 else int(made[todo[0]])
            self._round(todo, known if made[todo[0]] == 0 else None, more)
            made[todo] += more
            todo = todo[[not self._settled(int(k)) for k in todo]]
            todo = todo[made[todo] < self.fit.most_starts] if self.fit.starts > 1 else todo[:0]
        found = self._finished()
        return self._lent(found) if ordered and count > 1 else found

    def _from_arcs(self, known: list[list[Array]]) -> list[list[Array]]:
        """Starts from the arcs of each spectrum, the one of least squares first."""
        enough = self.fit.starts <= min(len(own) for own in known)
        found: list[list[Array]] = [[] for _ in self.spectra]
        if self.fit.arcs is None or enough:
            return found
        arcs = self.fit.arcs(self.spectra)
        rows = [
            (k, x)
            for k, (a, s) in enumerate(zip(arcs, self.spectra, strict=True))
            for x in seeds.from_arcs(self.circuit, a, span(s))
        ]
        if not rows:
            return found
        owner = np.array([k for k, _ in rows])
        x = seeds.with_amplitudes(self.problem, np.array([x for _, x in rows]), owner)
        x = np.clip(x, self.sides.lower[owner], self.sides.upper[owner])
        r, _ = self.problem.residuals(x, owner)
        squares = np.einsum("bm,bm->b", r, r)
        for j in np.argsort(squares):
            found[owner[j]].append(x[j])
        return found

    def _round(self, todo: Array, known: list[list[Array]] | None, count: int) -> None:
        """Run so many more starts for some spectra."""
        starts, owner = [], []
        for k in todo:
            own = self._starts(int(k), known[k] if known is not None else None, count)
            starts.append(own)
            owner.append(np.full(len(own), k))
        ended = self._solve(
            self.fit.scout,
            np.concatenate(starts),
            np.concatenate(owner),
        )
        at = 0
        for k, own in zip(todo, starts, strict=True):
            part = slice(at, at + len(own))
            self.pool[k].append((ended.x[part], ended.cost[part]))
            at += len(own)

    def _starts(self, k: int, known: list[Array] | None, count: int) -> Array:
        """Starts of one spectrum: given, from arcs, spread copies, blind."""
        centres = [*(known or []), *self.base[k]] or self.base[k]
        rows = centres[:count] if known is not None else []
        blind = count if not centres else max(1, round(self.fit.blind * count))
        blind = min(blind, count - len(rows))
        moved = 0 if known is not None else round(self.fit.moved * count)
        blind = min(blind, count - moved)
        for j in range(count - len(rows) - blind - moved):
            centre = centres[j % len(centres)]
            rows = [*rows, seeds.jittered(self.circuit, centre, 1, self.rng[k])[0]]
        own = span(self.spectra[k])
        if blind > 0:
            drawn = seeds.blind(self.circuit, SCREENED * blind, own, self.rng[k])
            rows = [*rows, *self._screened(k, drawn, blind)]
        if moved:
            drawn = seeds.moved(self.circuit, self._best(k), SCREENED * moved, own, self.rng[k])
            rows = [*rows, *self._screened(k, drawn, moved)]
        return np.array(rows)

    def _screened(self, k: int, x: Array, count: int) -> Array:
        """Those of many starts that have the least squares once their amplitudes are solved for."""
        owner = np.full(len(x), k)
        x = seeds.with_amplitudes(self.problem, x, owner)
        x = np.clip(x, self.sides.lower[k], self.sides.upper[k])
        r, _ = self.problem.residuals(x, owner)
        squares = np.nan_to_num(np.einsum("bm,bm->b", r, r), nan=np.inf)
        return x[np.argsort(squares)[:count]]

    def _solve(self, method: LevenbergMarquardt, start: Array, owner: Array) -> Minimum:
        """Minimise within the bounds of each spectrum."""
        return self.problem.solve(
            method, start, owner, self.sides.lower[owner], self.sides.upper[owner]
        )

    def _settled(self, k: int) -> bool:
        """Whether the best minimum was met often enough and lies at the floor."""
        cost = np.concatenate([c for _, c in self.pool[k]])
        best = cost.min()
        if not np.isfinite(best):
            return False
        met = np.count_nonzero(cost <= best * (1.0 + self.fit.same) + 1e-30)
        if met < self.fit.meetings or self.height(k, float(best)) > self.fit.floor.content:
            return False
        if cost.size < self.fit.odd_starts and self._odd(k):
            return False
        r, _ = self.problem.residuals(self._best(k)[None], np.array([k]))
        residual = r.view(complex)[0, : self.problem.counts[k]]
        return self.fit.floor.together(residual) <= self.fit.floor.content

    def _odd(self, k: int) -> bool:
        """Whether the best minimum has a part that stands idle: it may be missing elsewhere."""
        best = self._best(k)[None]
        odd = seeds.oddities(self.circuit, best, span(self.spectra[k]))[0] > 0.0
        return bool(odd or seeds.idle(self.circuit, best[0]))

    def _best(self, k: int) -> Array:
        """Where the lowest start of a spectrum ended."""
        x, cost = min(self.pool[k], key=lambda part: float(part[1].min()))
        return x[int(np.argmin(cost))]

    def height(self, k: int, cost: float) -> float:
        """How far squares lie above what noise leaves, in standard deviations."""
        parts = 2 * int(self.problem.counts[k])
        free = int(np.count_nonzero(self.box.lower < self.box.upper))
        return self.fit.floor.height(
            cost / parts, float(self.noise[k]), parts, free, self.freedom[k]
        )

    def _finished(self) -> list[Found]:
        """Follow the best few ends of every spectrum to the bottom."""
        starts, owner, scouted = [], [], []
        for k, pool in enumerate(self.pool):
            x = np.concatenate([a for a, _ in pool])
            cost = np.concatenate([c for _, c in pool])
            scouted.append(cost)
            chosen = self._promising(k, self.circuit.sorted(x), cost)
            starts.append(chosen)
            owner.append(np.full(len(chosen), k))
        ended = self._solve(
            self.fit.finish,
            np.concatenate(starts),
            np.concatenate(owner),
        )
        found, at = [], 0
        for own, cost in zip(starts, scouted, strict=True):
            part = slice(at, at + len(own))
            x = self.circuit.sorted(ended.x[part])
            order = self._ranked(len(found), x, ended.cost[part])
            order = order[distinct(x[order])]
            found.append(Found(x[order], ended.cost[part][order], cost))
            at += len(own)
        return found

    def _ranked(self, k: int, x: Array, cost: Array) -> Array:
        """Minima from the best on; of those that noise does not tell apart, the most regular
        first."""
        order = np.argsort(cost)
        if not self.fit.regular:
            return order
        near = cost <= cost[order[0]] + self.fit.rival * self._variance(k, float(cost[order[0]]))
        odd = seeds.oddities(self.circuit, x, span(self.spectra[k]))
        rank = np.where(near, odd, np.inf)
        return order[np.argsort(rank[order], kind="stable")]

    def _variance(self, k: int, cost: float) -> float:
        return cost / max(2 * int(self.problem.counts[k]) - self.circuit.size, 1)

    def spreads(self, found: list[Found]) -> list[Spread]:
        """Uncertainties of the best minima; one that a profile undercuts is followed down."""
        spreads = self._spreads(found)
        below = [k for k, s in enumerate(spreads) if s.better is not None]
        if not below:
            return self._spanning(found, spreads)
        start = np.array([spreads[k].better for k in below])
        ended = self._solve(self.fit.finish, start, np.array(below))
        for k, x, cost in zip(below, ended.x, ended.cost, strict=True):
            if cost < found[k].cost.min() * (1.0 - self.fit.same):
                found[k] = found[k].under(self.circuit.sorted(x[None]), float(cost))
        return self._spanning(found, self._spreads(found))

    def _spreads(self, found: list[Found]) -> list[Spread]:
        best = np.array([f.cost[0] for f in found])
        return self._around(np.array([f.x[0] for f in found]), best, np.arange(len(found)), best)

    def _around(self, x: Array, cost: Array, owner: Array, above: Array) -> list[Spread]:
        lower, upper = self.sides.lower[owner], self.sides.upper[owner]
        minima = Minima(self.problem, x, cost, owner, lower, upper, above)
        return self.fit.uncertainty(minima)

    def _spanning(self, found: list[Found], spreads: list[Spread]) -> list[Spread]:
        """Intervals that reach over the rivals that they cannot exclude."""
        within = self.fit.uncertainty.quantile(2 * int(self.problem.counts.min())) ** 2
        near = [self.rivals(f, s, within) for f, s in zip(found, spreads, strict=True)]
        owner = np.repeat(np.arange(len(found)), [len(j) for j in near])
        if not owner.size:
            return spreads
        places = np.concatenate(near)
        x = np.array([found[k].x[j] for k, j in zip(owner, places, strict=True)])
        cost = np.array([found[k].cost[j] for k, j in zip(owner, places, strict=True)])
        above = np.array([found[k].cost[0] for k in owner])
        theirs = self._around(x, cost, owner, above)
        spanning = []
        for k, own in enumerate(spreads):
            mine = np.flatnonzero(owner == k)
            turned = self.circuit.logarithms(x[mine]) - self.circuit.logarithms(found[k].x[:1])
            spanning.append(own.spanning([theirs[j] for j in mine], turned))
        return spanning

    def rivals(self, found: Found, spread: Spread, within: float) -> Array:
        """Which minima are places of their own: the parabola of the best does not explain them.

        Args:
            found: Minima of one spectrum.
            spread: Of the best of them.
            within: Rise of the squares up to which they count, in variances of the noise.
        """
        distance = (found.cost - found.cost[0]) / max(spread.variance, 1e-300)
        reach = 4.0 * np.sqrt(np.outer(np.maximum(distance, 1.0), np.diag(spread.covariance)))
        far = np.any(np.abs(found.x - found.x[0]) > np.maximum(reach, 0.02), axis=1)
        return np.flatnonzero(far & (distance <= within))

    def _promising(self, k: int, x: Array, cost: Array) -> Array:
        """Ends that may become the best or a rival, each place once, the best first."""
        order = np.argsort(cost)
        variance = self._variance(k, float(cost[order[0]]))
        high = 1.05 * cost[order[0]] + 2.0 * self.fit.rival * variance
        near = x[order[cost[order] <= high]]
        return near[distinct(near, SAME_VALLEY)[:MOST_FINISHED]]

    def _lent(self, found: list[Found]) -> list[Found]:
        """Minima of neighbours as starts, as long as one of them helps."""
        count = len(found)
        for _ in range(count):
            pairs = [(k, j) for k in range(count) for j in (k - 1, k + 1) if 0 <= j < count]
            owner = np.array([k for k, _ in pairs])
            start = np.array([found[j].x[0] for _, j in pairs])
            ended = self._solve(self.fit.finish, start, owner)
            helped = False
            for (k, _), x, cost in zip(pairs, ended.x, ended.cost, strict=True):
                own = found[k]
                if cost < own.cost[0] * (1.0 - self.fit.same):
                    helped = True
                    found[k] = own.under(self.circuit.sorted(x[None]), float(cost))
            if not helped:
                break
        return found


def distinct(x: Array, apart: float = SAME_PLACE) -> Array:
    """Rows of (B, p) that are no earlier row again, in their order."""
    kept: list[int] = []
    for j, row in enumerate(x):
        if not kept or np.abs(x[kept] - row).max(axis=1).min() > apart:
            kept.append(j)
    return np.array(kept)


def span(spectrum: Spectrum) -> tuple[float, float]:
    """Fastest and slowest time constant of a sweep, s."""
    f = spectrum.frequency
    return 1.0 / (2.0 * math.pi * float(f.max())), 1.0 / (2.0 * math.pi * float(f.min()))


def levels(
    fit: CircuitFit, spectra: Sequence[Spectrum], noise: Any
) -> tuple[Array, bool, list[float], list[Array] | None]:
    """Relative noise of each spectrum, whether it was given, its degrees of freedom, weights.

    Raises:
        DataError: A noise that is not positive, or not one a spectrum.
    """
    if noise is None:
        seen = [fit.roughness(s.frequency, s.impedance) for s in spectra]
        return np.array([float(v[0]) for v, _ in seen]), False, [n for _, n in seen], None
    own = [noise] * len(spectra) if np.ndim(noise) == 0 else list(noise)
    if len(own) != len(spectra) and len(spectra) == 1:
        own = [np.asarray(noise)]
    if len(own) != len(spectra):
        raise DataError(f"{len(own)} noises beside {len(spectra)} spectra; one, or one each")
    level, weights = [], []
    for s, value in zip(spectra, own, strict=True):
        array = np.asarray(value, dtype=float)
        if array.ndim and array.shape != s.frequency.shape:
            raise DataError(f"{s.name}: {array.size} noises beside {s.frequency.size} points")
        if not (np.all(np.isfinite(array)) and np.all(array > 0.0)):
            raise DataError(f"{s.name}: noise must be positive; 0.003 is 0.3 % of each part")
        level.append(float(np.sqrt(np.mean(array**2))))
        weights.append(np.broadcast_to(array / level[-1], s.frequency.shape))
    same = all(np.ndim(v) == 0 for v in own)
    return np.array(level), True, [math.inf] * len(spectra), None if same else weights
