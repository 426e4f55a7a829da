"""What all tests share: campaigns, which run small by default and at full size on demand."""

import csv
import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Matrices here are small; on a busy machine threads of the linear algebra wait for each other. What
# reads this has not been imported yet.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("date", "commit", "campaign", "size", "seed", "figures")

# Property tests are repeatable in both sizes: the examples follow from the test alone.
_steady = {
    "derandomize": True,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "print_blob": True,
}
settings.register_profile("reduced", max_examples=100, **_steady)
settings.register_profile("full", max_examples=5000, **_steady)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("campaigns")
    group.addoption("--full-size", action="store_true", help="campaigns at full size, recorded")
    group.addoption("--campaign-seed", type=int, default=1, help="seed of the campaigns (1)")
    group.addoption(
        "--campaign-table",
        type=Path,
        default=ROOT / "docs" / "campaigns.csv",
        help="where full-size campaigns append their figures",
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.getoption("--full-size") else "reduced")


@dataclass
class Campaign:
    """One large run: its size and seed, and where its figures go.

    A test marked `campaign` asks for `campaign.size(reduced, full)`, seeds itself with
    `campaign.seed` and ends with `campaign.record(worst=..., cases=...)`. Figures of reduced runs
    are thrown away, so that only those of full runs can be quoted.
    """

    name: str
    full: bool
    seed: int
    table: Path
    cases: int = 0

    def size(self, reduced: int, full: int) -> int:
        """Return the number of cases of this run."""
        self.cases = full if self.full else reduced
        return self.cases

    def record(self, **figures: float | int | str) -> None:
        """Append one row to the table, if this run is of full size."""
        if not self.full:
            return
        date = datetime.now(UTC).date().isoformat()
        row = (date, commit(), self.name, self.cases, self.seed, json.dumps(figures))
        new = not self.table.exists()
        self.table.parent.mkdir(parents=True, exist_ok=True)
        with self.table.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(COLUMNS)
            writer.writerow(row)


def commit() -> str:
    """Return the short commit of the checkout, with + if files differ from it."""
    try:
        command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """The campaign of the test that asks for it, named after the test."""
    option = request.config.getoption
    return Campaign(
        name=request.node.name,
        full=option("--full-size"),
        seed=option("--campaign-seed"),
        table=option("--campaign-table"),
    )
