"""Coverage: which of the systems that the review describes have data, and which have a model."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anolyte.core.result import Result
from anolyte.materials.library import DATA
from anolyte.studies.validate.claims import ClaimScorecard
from anolyte.studies.validate.scorecard import PREDICTED, RowScorecard


@dataclass(frozen=True)
class System:
    """One system of the review: what a user asks of it, and what there is for it.

    Args:
        evidence: Records.
        strategies: Entries of the catalogue.
        served_by: Verbs that answer it.
    """

    id: str
    title: str
    tier: str
    question: str
    evidence: tuple[str, ...]
    strategies: tuple[str, ...] = ()
    served_by: str = ""


@dataclass(frozen=True)
class SystemScore:
    """A system beside the data and the models.

    Args:
        records: The review's records of it that the project holds.
        predicted: Those that a model predicts.
        passed, failed, untestable: Its claims.
    """

    system: System
    records: int
    predicted: int
    passed: int
    failed: int
    untestable: int

    @property
    def state(self) -> str:
        """In words, the most that there is for it."""
        if self.predicted or self.passed or self.failed:
            return "a model is tested on it"
        if self.system.served_by:
            return "answered, not tested by numbers"
        if self.system.strategies:
            return "in the catalogue, no model yet"
        return "records, no model yet" if self.records else "nothing yet"


@dataclass(frozen=True)
class SystemScorecard(Result):
    """All systems."""

    scores: tuple[SystemScore, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row a system."""
        return [
            {"id": s.system.id, "system": s.system.title, "tier": s.system.tier,
             "records": s.records, "predicted": s.predicted, "claims passed": s.passed,
             "failed": s.failed, "untestable": s.untestable,
             "strategies": ", ".join(s.system.strategies), "served by": s.system.served_by,
             "state": s.state}
            for s in self.scores
        ]  # fmt: skip


@lru_cache(maxsize=1)
def systems() -> tuple[System, ...]:
    """The systems as the package holds them."""
    with (DATA / "systems.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            System(
                id=row["id"], title=row["title"], tier=row["tier"], question=row["question"],
                evidence=_list(row["evidence"]), strategies=_list(row["strategies"]),
                served_by=row["served_by"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def _list(text: str) -> tuple[str, ...]:
    return tuple(x.strip() for x in text.split(";") if x.strip())


def score_systems(card: RowScorecard, verdicts: ClaimScorecard) -> SystemScorecard:
    """Every system with its records, its predictions and its claims."""
    lines = {x.id: x for x in card.lines}
    return SystemScorecard(tuple(_score(s, lines, verdicts) for s in systems()))


def _score(system: System, lines: dict[str, Any], verdicts: ClaimScorecard) -> SystemScore:
    own = [lines[i] for i in system.evidence if i in lines]
    claims = [v.outcome for v in verdicts.verdicts if system.id in v.claim.systems]
    return SystemScore(
        system=system, records=len(own), predicted=_count(own), passed=claims.count("pass"),
        failed=claims.count("fail"), untestable=claims.count("untestable"),
    )  # fmt: skip


def _count(own: Iterable[Any]) -> int:
    return sum(x.use == PREDICTED for x in own)
