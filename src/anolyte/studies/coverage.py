"""Which known compounds the embedded energies hold, by chemical system."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from anolyte.core.result import Result
from anolyte.materials import formula
from anolyte.materials.library import DATA
from anolyte.materials.phases import Phases, embedded


@dataclass(frozen=True)
class SystemCoverage:
    """One group of chemical systems: its known compounds, present and missing."""

    system: str
    present: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CoverageResult(Result):
    """Coverage of every group of systems."""

    systems: tuple[SystemCoverage, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One row a group."""
        return [
            {
                "system": s.system,
                "known": len(s.present) + len(s.missing),
                "present": len(s.present),
                "missing": ", ".join(s.missing),
            }
            for s in self.systems
        ]

    def to_markdown(self) -> str:
        """The table of the docs."""
        lines = ["| system | known | present | missing |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {r['system']} | {r['known']} | {r['present']} | {r['missing'] or 'none'} |"
            for r in self.rows()
        ]
        return "\n".join(lines) + "\n"


def coverage(phases: Phases | None = None) -> CoverageResult:
    """The known compounds that a table of energies holds and lacks."""
    phases = phases or embedded()
    groups: dict[str, tuple[list[str], list[str]]] = {}
    with (DATA / "known_compounds.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            present, missing = groups.setdefault(row["system"], ([], []))
            held = phases.find(formula.parse(row["formula"])) is not None
            (present if held else missing).append(row["formula"])
    return CoverageResult(
        tuple(SystemCoverage(k, tuple(p), tuple(m)) for k, (p, m) in groups.items())
    )
