"""What a check of the data finds: problems, notes, and how the numbers are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from anolyte.core.provenance import KNOWN


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands and what is wrong."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        )


@dataclass
class Report:
    """What was found: problems, and how the numbers of each file are known."""

    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_markdown(self) -> str:
        """The counts as the table of the README."""
        lines = ["| numbers in | read | second-hand | recalled |", "| --- | --- | --- | --- |"]
        total: Counter[str] = Counter()
        for name, count in self.counts.items():
            total += count
            lines.append(f"| {name} | " + " | ".join(str(count[k]) for k in KNOWN) + " |")
        lines.append("| all | " + " | ".join(str(total[k]) for k in KNOWN) + " |")
        return "\n".join(lines) + "\n"

    def add(self, file: str, line: int, name: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(file, line, name, message))

    def count(self, file: str, known: str) -> None:
        """Count a number."""
        self.counts.setdefault(file, Counter())[known] += 1
