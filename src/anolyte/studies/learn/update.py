"""From a cell and what was measured of it to what is now known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.materials.pairs import spread
from anolyte.numerics.tempering import Array, Likelihood, Tempered, tempered
from anolyte.studies.learn import changes, checks
from anolyte.studies.learn.next_experiment import candidates, propose
from anolyte.studies.learn.numbers import FIRST_AGE, Drawn, kind_of
from anolyte.studies.learn.observations import UNTOLD, Data, Observation, Resistances
from anolyte.studies.learn.result import Learned, Learnt, Weighed
from anolyte.studies.learn.rivals import RIVALS, Rival, rivals_for

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

DRAWS = 800
FEW = 400
"""Draws by which experiments are weighed: their cost goes with the square."""
TIED = 0.7
SHARES = (10.0, 50.0, 90.0)
DOUBT = 0.1
"""Probability of another law from which the answer says that it rests on one law."""


@dataclass(frozen=True)
class Posterior:
    """One rival with its draws.

    Args:
        rival: The law.
        values: Its uncertain numbers as their sources have them.
        found: Draws and evidence.
        seed: Of numbers beside these.
    """

    rival: Rival
    values: dict[str, Value]
    found: Tempered
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers, in the order of the draws' columns."""
        return tuple(self.values)

    def pick(self, scores: Array | None = None) -> Drawn:
        """Its draws, or others, as a pick."""
        return Drawn(self.names, self.found.draws if scores is None else scores, self.seed)


def posterior(
    cell: Cell, observations: Sequence[Observation], rival: Rival, *, draws: int = DRAWS,
    seed: int = 0, progress: Progress = silent,
) -> Posterior:  # fmt: skip
    """What the data say of the numbers of one law, and how probable they are under it."""
    values = dict(sorted(rival.asks(cell).values.items()))
    if any(isinstance(o, Resistances) and not o.bulk and o.age is None for o in observations):
        values[FIRST_AGE] = UNTOLD
    names = tuple(values)
    if not names:
        raise DataError(f"{cell.interface}: no number of this cell is uncertain; nothing to learn")

    def of(group: Sequence[Observation]) -> Likelihood:
        def log_likelihood(scores: Array) -> Array:
            pick = Drawn(names, scores, seed)
            device = rival.device(cell, pick)
            with np.errstate(all="ignore"):  # draws that no cell can have: their likelihood is none
                parts = [o.log_likelihood(o.predict(device, pick, pick.cells)) for o in group]
            return np.sum(parts, axis=0)

        return log_likelihood

    def told(done: float) -> None:
        progress(int(100 * done), 100, rival.name)

    cheap = [o for o in observations if isinstance(o, Resistances)]
    dear = [o for o in observations if not isinstance(o, Resistances)]
    stages = [of(group) for group in (cheap, dear) if group]
    found = tempered(stages, len(names), particles=draws, seed=seed, after_step=told)
    return Posterior(rival, values, found, seed)


def learn(
    cell: Cell, data: Data | Sequence[Observation], *, rivals: Sequence[Rival] = RIVALS,
    draws: int = DRAWS, seed: int = 0, propose_next: bool = True, progress: Progress = silent,
) -> Learned:  # fmt: skip
    """Update what is known of a cell by what was measured of it.

    Args:
        cell: As it was built.
        data: What was measured, of a folder (`read_data`) or by hand.
        rivals: Laws to compare; those of which the data say nothing are left out.
        draws: Of the posterior of each law.
        seed: Of draws.
        propose_next: Weigh what to measure next.
        progress: Told as temperatures rise.

    Raises:
        DataError: Nothing to learn from.
        NotConverged: Data that no draw comes near.

    >>> from anolyte.studies.cell import Cell
    >>> cell = Cell("LLZTO", "Li", thickness="1 mm", pressure="2 MPa")
    >>> seen = Resistances("bulk", (0.02,), (0.02,), (0.0,), (2e6,), (298.15,), bulk=True)
    >>> found = learn(cell, [seen], draws=200, propose_next=False)
    >>> [n.name for n in found.constrained]
    ['conductivity']
    """
    known = data if isinstance(data, Data) else Data(tuple(data))
    seen = known.observations
    found = [
        posterior(cell, seen, r, draws=draws, seed=seed, progress=progress)
        for r in rivals_for(cell, seen, rivals)
    ]
    if not found:
        raise DataError("no law to compare; name one of studies.learn.RIVALS")
    weighed = weigh(found)
    best = found[max(range(len(found)), key=lambda k: found[k].found.log_evidence)]
    order = _from_the_middle(best.found.draws)
    scores = best.found.draws[order]
    pick = best.pick(scores)
    device = best.rival.device(cell, pick)
    predicted = [o.predict(device, pick, draws) for o in seen]
    tests = checks.checks(seen, predicted, seed)
    warnings = (*known.told, *_doubts(weighed, best))
    result = Learned(
        cell=str(cell.interface), law=best.rival.name, learnt=_learnt(best, scores),
        tied=_tied(best.names, scores), rivals=weighed, checks=tests,
        predicted=checks.beside(seen, predicted), names=best.names,
        scores=tuple(tuple(float(f"{v:.6g}") for v in row) for row in scores),
        draws=draws, seed=seed, files=known.files, warnings=warnings,
        sources=cell.assemble().sources,
    )  # fmt: skip
    return (
        _with_consequences(result, cell, best, seen, propose_next) if result.explained else result
    )


def _with_consequences(
    result: Learned, cell: Cell, best: Posterior, seen: Sequence[Observation], proposing: bool
) -> Learned:
    """The result with what it changes and what to measure next."""
    from dataclasses import replace

    changed = changes.changes(cell, best, result.pick(), seen)
    if not proposing:
        return replace(result, changes=changed)
    few = result.pick().tiled(np.arange(min(FEW, result.draws)))
    device = best.rival.device(cell, few)
    safe = changes.safe(cell, device, few.cells)
    age = max([o.time[-1] + (o.age or UNTOLD.si) for o in seen if isinstance(o, Resistances)] or
              [0.0])  # fmt: skip
    proposals = propose(candidates(cell, age=age), device, few, few.cells, safe, seed=result.seed)
    return replace(result, changes=changed, proposals=proposals)


def weigh(found: Sequence[Posterior]) -> tuple[Weighed, ...]:
    """Probabilities of rivals that were equally probable before."""
    logs = np.array([p.found.log_evidence for p in found])
    errors = np.array([p.found.evidence_error for p in found])

    def shares(values: Array) -> Array:
        weights = np.exp(values - values.max())
        return weights / weights.sum()

    out = []
    for k, (p, share) in enumerate(zip(found, shares(logs), strict=True)):
        one = np.arange(len(logs)) == k
        others = math.sqrt(float((errors**2).sum()))
        low, high = (float(shares(logs + sign * others * one)[k]) for sign in (-1.0, 1.0))
        out.append(
            Weighed(p.rival.name, float(logs[k]), float(errors[k]), 1.0 / len(logs), float(share),
                    low, high)
        )  # fmt: skip
    return tuple(sorted(out, key=lambda w: w.after, reverse=True))


def _learnt(best: Posterior, scores: Array) -> tuple[Learnt, ...]:
    """Each number before and after, the most learnt first."""
    normal = np.array([-1.2815515655446004, 0.0, 1.2815515655446004])
    out = []
    for k, (name, value) in enumerate(best.values.items()):
        s = spread(value)
        mean, sigma = float(scores[:, k].mean()), float(scores[:, k].std())
        information = 0.5 * (sigma**2 + mean**2 - 1.0) - math.log(max(sigma, 1e-12))
        before = value.si * np.exp(s * normal)
        after = value.si * np.exp(s * np.percentile(scores[:, k], SHARES))
        out.append(Learnt(name, kind_of(name), _three(before), _three(after),
                          max(0.0, information), sigma))  # fmt: skip
    return tuple(sorted(out, key=lambda n: n.information, reverse=True))


def _three(values: Any) -> tuple[float, float, float]:
    low, middle, high = map(float, values)
    return low, middle, high


def _tied(names: tuple[str, ...], scores: Array) -> tuple[tuple[str, str, float], ...]:
    """Pairs of numbers of which the data know a combination."""
    if len(names) < 2:
        return ()
    r = np.asarray(np.corrcoef(scores.T))
    pairs = [(names[i], names[k], float(r[i, k])) for i in range(len(names)) for k in range(i)]
    return tuple(sorted((p for p in pairs if abs(p[2]) > TIED), key=lambda p: -abs(p[2])))


def _from_the_middle(scores: Array) -> Any:
    """The draw nearest the ensemble's middle first: others take it for the best values."""
    rest = scores - scores.mean(axis=0)
    spread_ = np.maximum(scores.std(axis=0), 1e-12)
    nearest = int(((rest / spread_) ** 2).sum(axis=1).argmin())
    return np.concatenate([[nearest], np.delete(np.arange(len(scores)), nearest)])


def _doubts(weighed: Sequence[Weighed], best: Posterior) -> tuple[str, ...]:
    told = []
    for other in weighed[1:]:
        if other.after > DOUBT:
            told.append(
                f"numbers and forecasts are of '{best.rival.name}'; '{other.name}' has "
                f"{other.after:.0%} and is not in their intervals"
            )
    return tuple(told)
