r"""The order of the finalists: how likely each meets every target, and who is beaten by whom.

$$ P_\mathrm{all} = \prod_k P(y_k \text{ meets } t_k) $$

over independent errors of the properties. An unknown property counts as likely as a candidate of
this screen meets it on average, dropped ones included; how many are unknown stands beside it. The
share of draws in which no other candidate is better in every property at once (Pareto) says how
much the order hangs on errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from anolyte.studies.screen.estimates import Judged
from anolyte.studies.screen.targets import Target

Array = NDArray[np.float64]
DRAWS = 400
RANKED = 5000
"""Places that are kept: a short list needs far fewer, and a million finalists fill no memory."""
MOST = 100
"""Finalists among which the front is sought; those of lower probability stand behind."""


@dataclass(frozen=True)
class Place:
    """A finalist in the order.

    Args:
        judged: With its estimates.
        probability: That it meets every target.
        chances: Of each target, in their order; None: unknown.
        front: Share of draws in which no other finalist is better in every property; None: not
            among those compared.
    """

    judged: Judged
    probability: float
    chances: tuple[float | None, ...]
    front: float | None = None

    @property
    def unknown(self) -> int:
        """Targets of which nothing is known."""
        return sum(c is None for c in self.chances)


def rank(
    finalists: Iterable[Judged],
    targets: Sequence[Target],
    usual: Mapping[str, float] | None = None,
    seed: int = 0,
    most: int = RANKED,
) -> list[Place]:
    """Finalists, the likeliest first; of equals those known better, then those further beyond.

    Args:
        finalists: With their estimates; read once, and never held but for the first places.
        targets: What must be met.
        usual: Mean probability of each target over all candidates of the screen, which stands
            where nothing is known; a half of a target that is not named.
        seed: Of the draws of the front.
        most: Places that are kept.
    """
    prior = [(usual or {}).get(t.name, 0.5) for t in targets]

    def placed(j: Judged) -> Place:
        chances = tuple(t.probability(j.best(t.name)) for t in targets)
        held = [u if p is None else p for p, u in zip(chances, prior, strict=True)]
        return Place(j, math.prod(held), chances)

    def order(p: Place) -> tuple[float, int, float, str]:
        margin = _margin(p.judged, targets)
        return -round(p.probability, 3), p.unknown, -margin, p.judged.candidate.name

    places = nsmallest(most, map(placed, finalists), key=order)
    shares = front([p.judged for p in places[:MOST]], targets, seed)
    head = [replace(p, front=float(s)) for p, s in zip(places, shares, strict=False)]
    return head + places[MOST:]


def _margin(judged: Judged, targets: Sequence[Target]) -> float:
    """Mean distance beyond the known targets, in standard deviations."""
    found = []
    for target in targets:
        e = judged.best(target.name)
        if e is not None and e.value is not None and e.sigma:
            found.append((e.value - target.limit) / e.sigma * (1.0 if target.at_least else -1.0))
    return sum(found) / len(found) if found else 0.0


def front(
    finalists: Sequence[Judged], targets: Sequence[Target], seed: int = 0, draws: int = DRAWS
) -> Array:
    """Share of draws in which each finalist is beaten by no other, (finalists,).

    Beaten: another one is at least as good in every property of which both are known, and better
    in one. An unknown number neither beats nor is beaten.
    """
    count, kinds = len(finalists), len(targets)
    middle, sigma = np.full((count, kinds), np.nan), np.zeros((count, kinds))
    for i, j in enumerate(finalists):
        for k, target in enumerate(targets):
            e = j.best(target.name)
            if e is not None and e.value is not None and e.known:
                sign = 1.0 if target.at_least else -1.0
                middle[i, k], sigma[i, k] = sign * e.value, e.sigma or 0.0
    noise = np.random.default_rng(seed)
    free = np.zeros(count)
    for _ in range(draws if sigma.any() else 1):
        free += ~_beaten(middle + sigma * noise.standard_normal((count, kinds)))
    return free / (draws if sigma.any() else 1)


def _beaten(values: Array) -> NDArray[np.bool_]:
    """Which rows another row is at least as good as in every known column and better in one."""
    mine, other = values[:, None, :], values[None, :, :]
    known = ~(np.isnan(mine) | np.isnan(other))
    as_good = np.all(~known | (other >= mine), axis=2)
    better = np.any(known & (other > mine), axis=2)
    beaten: NDArray[np.bool_] = np.any(as_good & better, axis=1)
    return beaten
