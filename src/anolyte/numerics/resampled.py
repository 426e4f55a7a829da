r"""The ladder of one composition under many energy vectors at once: compiled, warm-started.

The compositions of the phases, the target and the right-hand side b(t) = b_closed + t e_open are
the same for every vector; only the energies differ. A basis that balances b at large t does so
whatever the energies are, so the basis of the first vector starts every other one: a few pivots of
the primal simplex, then the walk of `simplex.walk` down to t = 0,

$$ x(t) = p + q\,t, \quad p = b_{closed} B^{-1}, \quad q = e_{open} B^{-1}, \quad
   t^* = \max_{q_i > 0} (-p_i / q_i) $$

with the dual ratio test naming the phase that enters. The rules and tolerances are those of
`numerics.simplex`; a vector that stalls or cannot be factorised is given to `hull.ladder`, which
has a rule against cycling.

Range: as `hull.ladder`. Energies may be infinite (the phase is not there), those of the elements
excepted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anolyte.numerics import hull
from anolyte.numerics.phase_table import (
    PURE,
    Array,
    PhaseTable,
    restricted,
    validated,
    validated_target,
)
from anolyte.numerics.resampled_kernel import ABSENT, CROWDED, STALLED, walk_all
from anolyte.numerics.simplex import LENGTH, minimise

Counts = NDArray[np.int64]

STEPS = 32
"""Steps a ladder is given room for at first."""
EACH_STEP = ("slope", "low", "high", "at_low", "at_high", "amounts_low", "amounts_high")


@dataclass(frozen=True, slots=True, eq=False)
class Ladders:
    """The ladders of one composition, one an energy vector; S steps at most, m elements.

    Steps run from open-element-rich to poor; what lies beyond `count` is undefined. Content and
    amounts as in `hull.Ladder`.

    Attributes:
        content: of the open element in the target.
        count: steps of each ladder, (n,).
        slope: the open element's chemical potential, (n, S).
        low, high: content at the ends of each step, (n, S).
        at_low, at_high: rows of the phases present there, `ABSENT` where fewer than m, (n, S, m).
        amounts_low, amounts_high: their amounts, (n, S, m).
        ground: hull energy of the target, (n,).
    """

    content: float
    count: Counts
    slope: Array
    low: Array
    high: Array
    at_low: Counts
    at_high: Counts
    amounts_low: Array
    amounts_high: Array
    ground: Array

    @property
    def potential(self) -> Array:
        """Of each step against the pure open element, in the unit of the energies, (n, S)."""
        return self.slope[:, :1] - self.slope

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which steps there are, (n, S)."""
        return np.arange(self.slope.shape[1]) < self.count[:, None]

    @property
    def reduction(self) -> Counts:
        """Index of the step by which the target takes up the open element, (n,)."""
        return (self.held & (self.high > self.content + LENGTH)).sum(axis=1) - 1

    @property
    def oxidation(self) -> Counts:
        """Index of the step by which it gives that element up; `count` where there is none."""
        return (self.held & (self.low >= self.content - LENGTH)).sum(axis=1)

    def force(self, potentials: Array) -> Array:
        r"""Energy of decomposition at potentials (p,), (n, p), for the amounts of the target.

        $$ E_D(\varphi) = -\sum_{V_i > \varphi} (V_i - \varphi)\,\Delta n_i
           - \sum_{V_j < \varphi} (\varphi - V_j)\,\Delta n_j $$
        """
        at = np.arange(self.slope.shape[1])
        down = self.held & (at > 0) & (self.high > self.content + LENGTH)
        up = self.held & (self.low < self.content - LENGTH)
        taken = np.where(down, self.high - np.maximum(self.low, self.content), 0.0)
        given = np.where(up, np.minimum(self.high, self.content) - self.low, 0.0)
        steps = np.where(self.held, self.potential, 0.0)
        energy = np.empty((len(steps), len(potentials)))
        for i, potential in enumerate(potentials):
            away = steps - potential
            energy[:, i] = (np.minimum(away, 0.0) * given - np.maximum(away, 0.0) * taken).sum(1)
        return energy

    def present(self, potential: float, tolerance: float) -> Counts:
        """Rows of the phases present at a potential, `ABSENT` for none, (n, 2m)."""
        steps, vectors = self.potential, np.arange(len(self.count))
        at, first = np.arange(steps.shape[1]), self.reduction
        below = (at > 0) & (at <= first[:, None]) & (steps > potential + tolerance)
        above = self.held & (at >= self.oxidation[:, None]) & (steps < potential - tolerance)
        # Without redox the target lies at the low end of its reduction step, or inside it.
        inside = self.low[vectors, first] < self.content - LENGTH
        rest = np.where(inside[:, None], self.at_high[vectors, first], ABSENT)
        rest = np.hstack([self.at_low[vectors, first], rest])
        none = np.full_like(self.at_low[:, 0], ABSENT)
        reduced = np.hstack([self.at_high[vectors, below.argmax(axis=1)], none])
        last = steps.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
        oxidised = np.hstack([self.at_low[vectors, last], none])
        found = np.where(below.any(axis=1)[:, None], reduced, rest)
        return np.where(above.any(axis=1)[:, None], oxidised, found)


def ladders(
    compositions: ArrayLike, energies: ArrayLike, target: ArrayLike, open_element: int
) -> Ladders:
    """Ladders of a composition, each as `hull.ladder` gives it.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (n, N).
        target: fractions of the elements, (m,), the open element included.
        open_element: its column.

    Raises:
        MissingReference: an element has no phase of its own.
        NotConverged: as `hull.ladder`.

    >>> table = [[1, 0], [0, 1], [0.5, 0.5]], [[0.0, 0.0, -1.0], [0.0, 0.0, -1.5]]
    >>> ladders(*table, [0.5, 0.5], 0).potential[:, :2]
    array([[0., 2.],
           [0., 3.]])
    """
    energies = np.atleast_2d(np.asarray(energies, dtype=np.float64))
    compositions, _ = validated(compositions, energies[0])
    target = validated_target(target, compositions)
    opened = np.arange(target.size) == open_element
    if not ((energies > -np.inf).all() and opened.any()):
        raise ValueError("energies must be numbers, and the open element a column of the table")
    able = np.where((energies < np.inf).any(axis=0), 0.0, np.inf)
    table = restricted(compositions, able, (target > 0.0) | opened)
    found = _walked(table, energies[:, table.rows], target[table.elements], opened[table.elements])
    result = Ladders(float(target[open_element]), *_named(found, table.rows))
    for i in np.flatnonzero(found[0] == STALLED).tolist():
        one = hull.ladder(compositions, energies[i], target, open_element)
        ground = hull.lower_hull(compositions, energies[i], target).energy
        result = _with(result, i, one, ground)
    return result


def _walked(
    table: PhaseTable, energies: Array, target: Array, opened: NDArray[np.bool_]
) -> tuple[NDArray, ...]:
    """The fields of `Ladders` but its content, for a table that holds nothing absent."""
    amounts, energies = np.ascontiguousarray(table.compositions), np.ascontiguousarray(energies)
    place, base = int(np.flatnonzero(opened)[0]), np.where(opened, 0.0, target)
    pure = table._replace(energies=energies[0]).pure()
    # More of the open element than all phases together can hold: the pure phase is present.
    held = amounts[:, place]
    mixed = held[held < 1.0 - PURE]
    excess = 1.0 + base.sum() * np.max(mixed / (1.0 - mixed), initial=0.0)
    start = minimise(amounts, energies[0], base + excess * opened, pure).columns
    room = STEPS
    while True:
        found = _empty(len(energies), room, base.size)
        walk_all(amounts, energies, base, place, excess, target[place], start, pure, *found)
        if not (found[0] == CROWDED).any():
            return found
        room *= 2


def _empty(count: int, room: int, size: int) -> tuple[NDArray, ...]:
    """Arrays for `Ladders`, its content left out."""
    flat, deep = (count, room), (count, room, size)
    return (
        np.zeros(count, np.int64), np.full(flat, np.nan), np.full(flat, np.nan),
        np.full(flat, np.nan), np.full(deep, ABSENT, np.int64), np.full(deep, ABSENT, np.int64),
        np.zeros(deep), np.zeros(deep), np.full(count, -np.inf),
    )  # fmt: skip


def _named(found: tuple[NDArray, ...], rows: NDArray[np.intp]) -> tuple[NDArray, ...]:
    """Rows of the restricted table as rows of the whole."""
    whole = np.append(rows, ABSENT)
    return tuple(whole[a] if a.ndim == 3 and a.dtype == np.int64 else a for a in found)


def _with(ladders: Ladders, i: int, one: hull.Ladder, ground: float) -> Ladders:
    """The ladders with that of vector `i` put in."""
    lack = len(one.steps) - ladders.slope.shape[1]
    if lack > 0:
        room = np.array([(0, 0), (0, lack), (0, 0)])
        arrays = {name: getattr(ladders, name) for name in EACH_STEP}
        ladders = replace(ladders, **{n: np.pad(a, room[: a.ndim]) for n, a in arrays.items()})
    ladders.count[i], ladders.ground[i] = len(one.steps), ground
    for s, step in enumerate(one.steps):
        ladders.slope[i, s], ladders.low[i, s], ladders.high[i, s] = step.slope, step.low, step.high
        for mixture, phases, amounts in (
            (step.at_low, ladders.at_low, ladders.amounts_low),
            (step.at_high, ladders.at_high, ladders.amounts_high),
        ):
            phases[i, s], amounts[i, s] = ABSENT, 0.0
            phases[i, s, : len(mixture.phases)] = mixture.phases
            amounts[i, s, : len(mixture.phases)] = mixture.amounts
    return ladders
