"""Backtest: would the ranking have named the remedy of a paper that it has not seen?

For every paper that treated an interface and gained, all of its records are left out and the
remedies for its starting point are ranked from the rest. A hit is its own strategy among the first
three. Beside it stand what chance gives, and a ranking by the mean gain of each family alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Finding, Result
from anolyte.core.result import quantity as measured_in
from anolyte.materials.criteria import criteria
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.stack import Cell, Interface
from anolyte.materials.strategy import Strategy, strategies
from anolyte.models import installed
from anolyte.studies.cases import Case, cases, concern_of, family_mean
from anolyte.studies.diagnosis import ask
from anolyte.studies.remedies import remedies

TOP = 3


@dataclass(frozen=True)
class Trial:
    """One paper left out: its starting point, its remedy, and where the rankings put it.

    Args:
        rank: Place of the paper's strategy in our ranking, from 1; None: not offered.
        offered: How many remedies were offered.
        chance: Probability that it is among the first three of a random order.
        by_class: The same when families are ordered by their mean gain, ties at random.
        family_hit: Whether one of the first three belongs to the same family.
        seen: Whether another paper measured the same strategy.
    """

    source: str
    interface: str
    concern: Concern
    strategy: str
    offered: int
    rank: int | None
    seen: bool
    family_hit: bool
    chance: float = measured_in("fraction")
    by_class: float = measured_in("fraction")
    first: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backtest(Result):
    """All papers left out, one at a time."""

    trials: tuple[Trial, ...]

    def hits(self, seen: bool | None = None) -> tuple[int, int]:
        """Papers whose remedy was among the first three, and papers in all."""
        chosen = [t for t in self.trials if seen is None or t.seen == seen]
        return sum(t.rank is not None and t.rank <= TOP for t in chosen), len(chosen)

    def expected(self, name: str, seen: bool | None = None) -> float:
        """Mean of `chance` or `by_class` over the papers."""
        chosen = [t for t in self.trials if seen is None or t.seen == seen]
        return sum(getattr(t, name) for t in chosen) / len(chosen) if chosen else 0.0

    def rows(self) -> list[dict[str, Any]]:
        """One row a paper."""
        return [
            {"paper": t.source, "interface": t.interface, "concern": str(t.concern),
             "strategy": t.strategy, "rank": t.rank, "offered": t.offered,
             "chance": t.chance, "by class": t.by_class, "seen elsewhere": t.seen,
             "first three": ", ".join(t.first)}
            for t in self.trials
        ]  # fmt: skip


def backtest(
    records: Iterable[Record] | None = None, catalogue: Iterable[Strategy] | None = None
) -> Backtest:
    """Leave one paper out at a time.

    Args:
        records: Measurements; None: the package's.
        catalogue: Strategies; None: the package's.
    """
    records = evidence() if records is None else tuple(records)
    known = {s.name: s for s in (strategies() if catalogue is None else catalogue)}
    trials = []
    memory: dict[Cell, tuple[Finding, ...]] = {}
    for source, own in _papers(records).items():
        rest = tuple(r for r in records if r.source.key != source)
        for record in _targets(own, known):
            trial = _trial(record, rest, known, memory)
            if trial is not None:
                trials.append(trial)
    return Backtest(tuple(trials))


def _papers(records: Iterable[Record]) -> dict[str, list[Record]]:
    papers: dict[str, list[Record]] = {}
    for record in records:
        if record.counts and record.strategy:
            papers.setdefault(record.source.key, []).append(record)
    return papers


def _targets(own: list[Record], known: dict[str, Strategy]) -> list[Record]:
    """One record for each strategy of a paper that gained beside its own control."""
    best: dict[str, Record] = {}
    for record in own:
        gained = record.gain
        if gained is None or gained <= 1.0 or record.about.concern is None:
            continue
        strategy = known.get(record.strategy)
        if strategy is None or strategy.kind != "action":
            continue
        old = best.get(record.strategy)
        if old is None or gained > (old.gain or 0.0):
            best[record.strategy] = record
    return list(best.values())


def _trial(
    record: Record,
    rest: tuple[Record, ...],
    known: dict[str, Strategy],
    memory: dict[Cell, tuple[Finding, ...]],
) -> Trial | None:
    try:
        cell = Cell(Interface(record.electrolyte, record.anode))
    except AnolyteError:  # a class, or an anode that is not named: no starting point
        return None
    if not known[record.strategy].applies(cell):
        return None
    limits = criteria()
    answers = ask(installed(), cell, limits)
    concern = concern_of(record, plated=cell.interface.anode.plated)
    assert concern is not None
    ranked = remedies(
        cell, answers, limits, known.values(), rest, [concern], [concern], memory=memory
    )
    offered = [r.strategy for r in ranked if not r.against]
    if not offered:
        return None
    measured = cases(cell, rest, limits)
    name = record.strategy
    rank = offered.index(name) + 1 if name in offered else None
    families = [known[s].family for s in offered[:TOP]]
    return Trial(
        source=record.source.key, interface=str(cell.interface), concern=concern, strategy=name,
        offered=len(offered), rank=rank, seen=any(r.strategy == name and r.counts for r in rest),
        family_hit=known[name].family in families,
        chance=min(1.0, TOP / len(offered)) if rank else 0.0,
        by_class=_by_class(name, offered, known, measured, concern), first=tuple(offered[:TOP]),
    )  # fmt: skip


def _by_class(
    name: str,
    offered: list[str],
    known: dict[str, Strategy],
    measured: tuple[Case, ...],
    concern: Concern,
) -> float:
    """Chance of a place among the first three when only the families are ranked."""
    if name not in offered:
        return 0.0
    members: dict[str, list[str]] = {}
    for s in offered:
        members.setdefault(known[s].family, []).append(s)
    every = {f: frozenset(s.name for s in known.values() if s.family == f) for f in members}
    means = {f: family_mean(measured, every[f], concern, "") for f in members}
    own = known[name].family
    before = sum(len(m) for f, m in members.items() if means[f] > means[own])
    tied = sum(len(m) for f, m in members.items() if means[f] == means[own])
    return max(0.0, min(1.0, (TOP - before) / tied))
