"""Classes of solid electrolytes side by side: the review's first table as a live view.

Conductivities come from the library's measurements, windows and fates against lithium from the
models, and the review's printed ranges from the evidence records.
"""

from __future__ import annotations

import csv
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Result, quantity
from anolyte.core.units import ZERO_CELSIUS
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials import library
from anolyte.materials.criteria import criteria
from anolyte.materials.evidence import evidence
from anolyte.materials.library import DATA
from anolyte.materials.phases import embedded
from anolyte.materials.records import Record
from anolyte.materials.schema import Electrolyte
from anolyte.materials.stack import Cell, Interface
from anolyte.models.passivation import Passivation
from anolyte.models.reactions import Reactions
from anolyte.models.window import Window
from anolyte.studies.diagnosis import Answer, ask, headlines

CLASSES = ("oxide", "sulfide", "halide", "polymer", "composite")
ROOM = (ZERO_CELSIUS + 15.0, ZERO_CELSIUS + 30.0)
"""What counts as room temperature, K."""
REVIEW = "wang2025review"
NOTES = DATA / "class_notes.csv"

# Label of the reaction headline -> what it means for the class.
_FATES = {
    "stable": "stable",
    "passivating": "passivated",
    "ion-blocking": "passivated",
    "mixed-conducting": "unstable",
    "reactive": "open",
    "conducting": "open",
}
FATES = ("stable", "passivated", "unstable", "open", "not judged")


@dataclass(frozen=True)
class ClassNote:
    """An advantage, a disadvantage or an issue with the anode, as the review states it."""

    kind: str
    text: str
    source: str
    where: str = ""
    known: str = "read"


@dataclass(frozen=True)
class Conductor:
    """The median of a material's conductivities near room temperature, S/m."""

    name: str
    conductivity: float = quantity("electronic_conductivity")


@dataclass(frozen=True)
class ClassRow:
    """One class of solid electrolytes.

    Args:
        name: oxide, sulfide, halide, polymer, composite.
        materials: Electrolytes of the library.
        measured: How many of them have a conductivity measured at 15 to 30 C.
        values: How many such values, recalled ones left out.
        conductivity_low, conductivity_high: Their range, S/m.
        lowest, highest: The materials at the ends of that range.
        conductivity_median: The median over materials of each one's median.
        conductors: Those medians, the lowest first.
        printed: The conductivities that the review prints for the class.
        windows: How many windows could be computed.
        reduction_low, reduction_high, oxidation_low, oxidation_high: Ranges of the limits.
        fates: Against lithium: stable, passivated, unstable (the products conduct electrons),
            open (reacts; whether it passivates is not known), not judged.
        members: Each material's fate.
    """

    name: str
    materials: int
    measured: int = 0
    values: int = 0
    conductivity_low: float | None = quantity("electronic_conductivity", default=None)
    conductivity_high: float | None = quantity("electronic_conductivity", default=None)
    conductivity_median: float | None = quantity("electronic_conductivity", default=None)
    lowest: str = ""
    highest: str = ""
    conductors: tuple[Conductor, ...] = ()
    printed: tuple[float, ...] = quantity("electronic_conductivity", default=())
    printed_as: str = ""
    windows: int = 0
    reduction_low: float | None = quantity("electrode_potential", default=None)
    reduction_high: float | None = quantity("electrode_potential", default=None)
    oxidation_low: float | None = quantity("electrode_potential", default=None)
    oxidation_high: float | None = quantity("electrode_potential", default=None)
    fates: tuple[tuple[str, int], ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    notes: tuple[ClassNote, ...] = ()

    def said(self, kind: str) -> tuple[str, ...]:
        """The notes of a kind: advantage | disadvantage | issue."""
        return tuple(n.text for n in self.notes if n.kind == kind)


@dataclass(frozen=True)
class ElectrolyteComparison(Result):
    """The classes of solid electrolytes side by side, against lithium."""

    classes: tuple[ClassRow, ...]
    anode: str = "Li"
    sources: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a class; conductivities in S/cm."""
        return [_class_row(c) for c in self.classes]


def _class_row(c: ClassRow) -> dict[str, Any]:
    def per_cm(value: float | None) -> float | None:
        return None if value is None else float(f"{value / 100.0:.6g}")

    fates = dict(c.fates)
    row: dict[str, Any] = {
        "class": c.name, "electrolytes": c.materials, "with conductivity": c.measured,
        "conductivity low [S/cm]": per_cm(c.conductivity_low),
        "conductivity median [S/cm]": per_cm(c.conductivity_median),
        "conductivity high [S/cm]": per_cm(c.conductivity_high),
        "lowest": c.lowest, "highest": c.highest,
        "review low [S/cm]": per_cm(min(c.printed, default=None)),
        "review high [S/cm]": per_cm(max(c.printed, default=None)),
        "windows": c.windows,
    }  # fmt: skip
    for side in ("reduction", "oxidation"):
        for end in ("low", "high"):
            value = getattr(c, f"{side}_{end}")
            row[f"{side} {end} [V vs Li/Li+]"] = None if value is None else round(value, 3)
    row |= {f"Li: {fate}": fates.get(fate, 0) for fate in FATES}
    for kind, head in (("advantage", "advantages"), ("disadvantage", "disadvantages"),
                       ("issue", "issues with the anode")):  # fmt: skip
        row[head] = "; ".join(c.said(kind))
    return row


def compare_electrolytes(records: Iterable[Record] | None = None) -> ElectrolyteComparison:
    """The classes of solid electrolytes side by side: what the library and the models say of them.

    Args:
        records: Where the review's printed ranges are; None: the package's evidence.

    >>> [c.name for c in compare_electrolytes().classes]
    ['oxide', 'sulfide', 'halide', 'polymer', 'composite']
    """
    known = tuple(evidence() if records is None else records)
    every = library.default().all(Electrolyte)
    rows = tuple(_class(name, [m for m in every if m.family == name], known) for name in CLASSES)
    keys = (REVIEW, *(k for m in (Window, Reactions, Passivation) for k in m.references))
    return ElectrolyteComparison(rows, sources=tuple(dict.fromkeys(keys)))


def _class(name: str, members: Sequence[Electrolyte], records: Iterable[Record]) -> ClassRow:
    own = {m.name: values for m in members if (values := _room_temperature(m))}
    flat_values = [v for values in own.values() for v in values]
    medians = sorted(
        (Conductor(m, statistics.median(values)) for m, values in own.items()),
        key=lambda c: c.conductivity,
    )
    judged = {m.name: _against_lithium(m) for m in members}
    windows = [w for m in members if (w := _limits(m)) is not None]
    down, up = [low for low, _ in windows], [high for _, high in windows]
    count = Counter(judged.values())
    printed = [r for r in records if _printed(r, name)]
    return ClassRow(
        name=name, materials=len(members), measured=len(own), values=len(flat_values),
        conductivity_low=min(flat_values, default=None),
        conductivity_high=max(flat_values, default=None),
        conductivity_median=(
            statistics.median(c.conductivity for c in medians) if medians else None
        ),
        conductors=tuple(medians),
        lowest=min(own, key=lambda m: min(own[m]), default=""),
        highest=max(own, key=lambda m: max(own[m]), default=""),
        printed=tuple(sorted(r.value.si for r in printed)),
        printed_as=printed[0].as_printed if printed else "", windows=len(windows),
        reduction_low=min(down, default=None), reduction_high=max(down, default=None),
        oxidation_low=min(up, default=None), oxidation_high=max(up, default=None),
        fates=tuple((fate, count[fate]) for fate in FATES if count[fate]),
        members=tuple(judged.items()),
        notes=class_notes().get(name, ()),
    )  # fmt: skip


def _room_temperature(m: Electrolyte) -> list[float]:
    """Conductivities that were measured near room temperature, recalled ones left out."""
    return [
        v.si
        for v in m.values("ionic_conductivity")
        if v.source.how == "measured" and v.source.known != "recalled"
        and v.temperature is not None and ROOM[0] <= v.temperature <= ROOM[1]
    ]  # fmt: skip


def _printed(record: Record, name: str) -> bool:
    """Whether the review prints this for the class in its table."""
    return (
        record.source.key == REVIEW
        and record.electrolyte == f"class:{name}"
        and record.quantity == "ionic_conductivity"
        and "Table 1" in record.source.where
    )


def _limits(m: Electrolyte) -> tuple[float, float] | None:
    """Reduction and oxidation limit by the window model's ladder, without its doubts (slow)."""
    phases = embedded()
    try:
        composition = m.composition
        if {"C", "H"} <= set(composition):  # phase equilibria do not describe molecules
            return None
        phases.require({**composition, "Li": 1.0})
        ladder = lithium_ladder(phases, composition, m.formula or "")
    except AnolyteError:
        return None
    return ladder.reduction_limit, ladder.oxidation_limit


def _against_lithium(m: Electrolyte) -> str:
    """The fate against lithium; only the models that decide it are asked."""
    phases = embedded()
    models = (Reactions(phases=phases), Passivation(phases=phases))
    try:
        return _fate(ask(models, Cell(Interface(m, "Li")), criteria()))
    except AnolyteError:
        return "not judged"


def _fate(answers: Iterable[Answer]) -> str:
    head = next(f for f in headlines(answers) if f.concern == Concern.REACTION)
    return _FATES.get(head.label, "not judged")


@lru_cache(maxsize=1)
def class_notes() -> dict[str, tuple[ClassNote, ...]]:
    """What the review says of each class, by class."""
    found: dict[str, list[ClassNote]] = {}
    with NOTES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            name = row.pop("class")
            found.setdefault(name, []).append(ClassNote(**row))
    return {name: tuple(notes) for name, notes in found.items()}
