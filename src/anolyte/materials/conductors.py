"""How interphase phases conduct: measured conductivities, gaps and classes per formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.core.provenance import Source
from anolyte.core.units import si
from anolyte.materials import formula

DATA = Path(__file__).parent / "data"

# Elements whose presence beside lithium or another metal makes a salt, not an intermetallic.
_NONMETALS = frozenset({"H", "C", "N", "O", "F", "P", "S", "Cl", "Se", "Br", "I"})
_KINDS = {
    "ionic_conductivity": "conductivity",
    "electronic_conductivity": "electronic_conductivity",
    "band_gap": "energy",
}
RULE = Source("anolyte", "rule: compounds of metals and metalloids alone conduct electrons",
              "assumed", "read")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conduction:
    """What is known of how a phase conducts.

    Args:
        formula: The phase.
        electronic: S/m at room temperature, or None.
        ionic: S/m at room temperature, or None.
        kind: metal | semiconductor | insulator | None.
        gap: Band gap, J, or None.
        sources: Where these come from.
        recalled: Whether what decides on electrons is from memory.
    """

    formula: str
    electronic: float | None = None
    ionic: float | None = None
    kind: str | None = None
    gap: float | None = None
    sources: tuple[Source, ...] = ()
    recalled: bool = False

    def conducts_electrons(
        self, threshold: float, conductor_gap: float, insulator_gap: float
    ) -> bool | None:
        """Whether it is an electron path; None where the data leave it open.

        A measured conductivity decides before the class of a metal or an insulator, and that
        before the band gap, which leaves open what lies between both limits.

        Args:
            threshold: S/m.
            conductor_gap, insulator_gap: J.
        """
        if self.electronic is not None:
            return self.electronic >= threshold
        if self.kind in ("metal", "insulator"):
            return self.kind == "metal"
        if self.gap is None or conductor_gap < self.gap < insulator_gap:
            return None
        return self.gap <= conductor_gap

    def conducts_ions(self, threshold: float) -> bool | None:
        """Whether it is a path for lithium ions."""
        return None if self.ionic is None else self.ionic >= threshold


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[dict[str, str], ...]]:
    rows: dict[str, list[dict[str, str]]] = {}
    with (DATA / "conductors.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["formula"], []).append(row)
    return {k: tuple(v) for k, v in rows.items()}


@lru_cache(maxsize=4096)
def conduction(text: str) -> Conduction:
    """What is known of a phase; intermetallics outside the table count as metals by rule.

    >>> conduction("LiCl").kind
    'insulator'
    """
    numbers: dict[str, float] = {}
    kind, sources, known = None, [], {}
    for row in _table().get(text, ()):
        name = row["property"]
        if name == "electronic_class":
            kind = kind or row["value"]
        elif name not in numbers:
            numbers[name] = si(f"{row['value']} {row['unit']}", _KINDS[name])
        else:
            continue
        known.setdefault(name, row["known"])
        sources.append(Source(row["source"], row["where"], row["how"], row["known"]))
    if not sources and not (set(formula.parse(text)) & _NONMETALS):
        return Conduction(text, kind="metal", sources=(RULE,))
    return Conduction(
        text,
        numbers.get("electronic_conductivity"),
        numbers.get("ionic_conductivity"),
        kind,
        numbers.get("band_gap"),
        tuple(dict.fromkeys(sources)),
        known.get("electronic_conductivity", known.get("electronic_class")) == "recalled",
    )
