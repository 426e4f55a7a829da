"""Models beside published numbers: what agrees, what does not, by how much, and what is silent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.studies.validate.backtest import Backtest, backtest
from anolyte.studies.validate.claims import ClaimScorecard, check_claims
from anolyte.studies.validate.interphases import (
    InterphaseCase,
    InterphaseScorecard,
    validate_interphases,
)
from anolyte.studies.validate.predictions import Predictor
from anolyte.studies.validate.scorecard import EVERY, RowScorecard, score_rows
from anolyte.studies.validate.systems import SystemScorecard, score_systems
from anolyte.studies.validate.windows import (
    CORE,
    PublishedWindow,
    WindowScore,
    WindowScorecard,
    published_windows,
    to_markdown,
    validate_windows,
)

__all__ = [
    "CORE",
    "InterphaseCase",
    "InterphaseScorecard",
    "PublishedWindow",
    "Scorecard",
    "WindowScore",
    "WindowScorecard",
    "published_windows",
    "to_markdown",
    "validate",
    "validate_interphases",
    "validate_windows",
]


@dataclass(frozen=True)
class Scorecard(Result):
    """Everything that the models can be held against.

    Args:
        records: Every record of the evidence base beside its model.
        windows: Published computed windows beside ours.
        interphases: Known interphases beside ours.
        claims: The review's claims as checks of sign and order.
        systems: Coverage of the systems that the review describes.
        backtest: Remedies ranked without the paper that found them.
    """

    records: RowScorecard
    windows: WindowScorecard
    interphases: InterphaseScorecard
    claims: ClaimScorecard
    systems: SystemScorecard
    backtest: Backtest = field(default_factory=lambda: Backtest(()))

    def rows(self) -> list[dict[str, Any]]:
        """One row a record."""
        return self.records.rows()


def validate(
    records: Iterable[Record] | None = None,
    predictors: tuple[Predictor, ...] = EVERY,
    *,
    progress: Progress = silent,
) -> Scorecard:
    """Hold every model against everything published that it can speak to.

    Args:
        records: Measurements; None: the package's.
        predictors: The models' ways to a quantity.
        progress: Told after each part.
    """
    records = evidence() if records is None else tuple(records)
    rows = score_rows(records, predictors)
    progress(1, 5, "records")
    windows = validate_windows()
    progress(2, 5, "windows")
    interphases = validate_interphases()
    progress(3, 5, "interphases")
    verdicts = check_claims()
    progress(4, 5, "claims")
    tested = backtest(records)
    progress(5, 5, "backtest")
    return Scorecard(
        records=rows, windows=windows, interphases=interphases, claims=verdicts,
        systems=score_systems(rows, verdicts), backtest=tested,
    )  # fmt: skip
