"""Known interphases beside ours."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from anolyte.core.result import Result, quantity
from anolyte.materials.library import DATA
from anolyte.materials.phases import Phases
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.passivation import Passivation


@dataclass(frozen=True)
class InterphaseCase:
    """One interphase whose character is known, beside ours."""

    electrolyte: str
    anode: str
    published: str
    ours: str
    reaction: str
    electron_fraction: float = quantity("fraction")
    electron_path: float = quantity("fraction")
    because: str = ""
    source: str = ""
    known: str = ""


@dataclass(frozen=True)
class InterphaseScorecard(Result):
    """All known interphases beside ours."""

    cases: tuple[InterphaseCase, ...]

    def to_markdown(self) -> str:
        """The table of the docs."""
        lines = [
            "| interface | published | ours | conductors / vol% | path / % | at the anode |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {c.electrolyte} \\| {c.anode} | {c.published} | {c.ours} | "
            f"{100 * c.electron_fraction:.0f} | {100 * c.electron_path:.0f} | {c.reaction} |"
            for c in self.cases
        ]
        return "\n".join(lines) + "\n"


def validate_interphases(phases: Phases | None = None) -> InterphaseScorecard:
    """Our character of every interphase whose character is known; nothing is tuned to it."""
    cases = []
    model = Passivation(phases=phases)
    with (DATA / "known_interphases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = model(Interface(row["electrolyte"], row["anode"]), Conditions())
            cases.append(
                InterphaseCase(
                    electrolyte=row["electrolyte"],
                    anode=row["anode"],
                    published=row["character"],
                    ours=found.character,
                    reaction=found.reaction,
                    electron_fraction=found.electron_fraction,
                    electron_path=found.electron_path,
                    because=found.because,
                    source=row["source"],
                    known=row["known"],
                )
            )
    return InterphaseScorecard(tuple(cases))
