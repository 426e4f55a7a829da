"""Measured cases: how near a published measurement is to a cell, and what a treatment gained in it.

The gain of a case is how many times better the treated value is than the untreated one of the same
paper; a paper without an untreated value is compared with the median of the untreated values that
others measured on the like. Gains are counted in decades, clipped, and weighted by how near the
case is and how it is known. Recalled numbers are shown and weigh nothing.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Number
from anolyte.core.result import quantity as measured_in
from anolyte.materials import library
from anolyte.materials.criteria import Criteria
from anolyte.materials.records import QUANTITIES, Record
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.materials.scope import elements, names
from anolyte.materials.stack import Cell

COMPARABLE = ("interfacial_resistance", "critical_current_density")
"""Quantities whose untreated values from other papers may stand in for a missing control."""


@dataclass(frozen=True)
class Case:
    """One measurement of a treated interface beside its untreated value.

    Args:
        id: The record.
        where: Electrolyte | layers | anode as measured.
        before: Untreated value; `control` says whose: the same paper's, or the median of others.
        decades: Base-10 logarithm of the gain, clipped; positive is better.
        nearness: 0 to 1; 1 is this very electrolyte and anode.
        weight: Nearness times trust; 0 for what is only recalled.
    """

    id: str
    strategy: str
    concern: Concern
    quantity: str
    where: str
    after: Number
    before: Number
    control: str
    source: str
    known: str
    decades: float = measured_in("number")
    nearness: float = measured_in("fraction")
    weight: float = measured_in("number")
    protocol: str = ""


def nearness(cell: Cell, record: Record) -> float:
    """How near a record's electrolyte and anode are to a cell's: 1 the same, 0 nothing alike."""
    electrolyte = material(record.electrolyte, Electrolyte)
    anode = material(record.anode, Anode)
    return _near(cell.interface.electrolyte, electrolyte) * _near(cell.interface.anode, anode)


# What two materials share, and how much one then tells of the other: own choices, see the docs.
SAME, KINDRED, CLASS, OTHER = 1.0, 0.7, 0.35, 0.1
LIKE = KINDRED * KINDRED
"""Near enough for the untreated values of other papers to be compared with."""


def _near(ours: Material, theirs: Material | None) -> float:
    if theirs is None:
        return OTHER
    if names(ours.name, theirs) or names(theirs.name, ours):
        return SAME
    if isinstance(ours, Anode) and isinstance(theirs, Anode) and ours.plated and theirs.plated:
        return 0.5 * (SAME + KINDRED)
    if ours.family == theirs.family and _alike(ours, theirs):
        return KINDRED
    if isinstance(ours, Anode) and elements(ours) & elements(theirs) - {"Li", "C"}:
        return KINDRED
    return CLASS if ours.family == theirs.family else OTHER


def _alike(one: Material, other: Material) -> bool:
    """Most of the elements are shared."""
    a, b = elements(one), elements(other)
    return bool(a and b) and len(a & b) / len(a | b) >= 0.6


@lru_cache(maxsize=1024)
def material(text: str, cls: type[Electrolyte] | type[Anode]) -> Material | None:
    """The material that a record names; a class as a nameless member of it; None: neither."""
    lib = library.default()
    if text.startswith("class:"):
        family = text.removeprefix("class:")
        known = family in cls.families
        return cls.model_validate({"name": text, "class": family}) if known else None
    if not text:
        return None
    try:
        find = lib.electrolyte if cls is Electrolyte else lib.anode
        return find(text, as_printed=True)
    except AnolyteError:
        return None


def cases(cell: Cell, records: Iterable[Record], limits: Criteria) -> tuple[Case, ...]:
    """Every measured treatment that tells something of a cell, the heaviest first."""
    told = [r for r in records if r.method == "experiment" and r.about.concern and r.about.better]
    medians = _untreated(cell, [r for r in told if r.counts])
    found = []
    for record in told:
        if not record.strategy:
            continue
        near = nearness(cell, record)
        before, control = record.before, "same paper"
        if before is None and record.quantity in COMPARABLE and near >= LIKE:
            before, control = medians.get(record.quantity), "median of others"
        if before is None or near < limits["nearness_least"]:
            continue
        decades = _decades(record, before, limits["gain_most"])
        if decades is not None:
            found.append(_case(record, before, control, decades, near, limits))
    return tuple(sorted(found, key=lambda c: (-c.weight, -c.decades, c.id)))


def _decades(record: Record, before: Number, most: float) -> float | None:
    if before.si <= 0.0 or record.value.si <= 0.0:
        return None
    gained = record.about.better * math.log10(record.value.si / before.si)
    return max(-most, min(most, gained))


def _case(
    record: Record, before: Number, control: str, decades: float, near: float, limits: Criteria
) -> Case:
    trust = {"read": 1.0, "second_hand": limits["trust_second_hand"], "recalled": 0.0}
    weight = near * trust[record.source.known]
    if control != "same paper":
        weight *= limits["trust_other_control"]
    stack = (record.electrolyte, *record.layers, record.anode)
    concern = record.about.concern
    assert concern is not None
    return Case(
        id=record.id, strategy=record.strategy, concern=concern, quantity=record.quantity,
        where=" | ".join(x for x in stack if x), after=record.value, before=before,
        control=control, source=record.source.key, known=record.source.known, decades=decades,
        nearness=near, weight=weight, protocol=record.protocol,
    )  # fmt: skip


def _untreated(cell: Cell, records: Iterable[Record]) -> Mapping[str, Number]:
    """Medians of the untreated values, one vote a paper, on electrolytes and anodes of the like."""
    values: dict[str, dict[str, list[float]]] = {}
    for record in records:
        if record.quantity not in COMPARABLE or nearness(cell, record) < LIKE:
            continue
        number = record.before if record.strategy else record.value
        if number is not None:
            papers = values.setdefault(record.quantity, {})
            papers.setdefault(record.source.key, []).append(number.si)
    return {
        name: Number(
            statistics.median(statistics.median(v) for v in papers.values()),
            QUANTITIES[name].kind,
        )
        for name, papers in values.items()
    }


def gain(cases: Iterable[Case], limits: Criteria) -> float:
    """Decades that a treatment is expected to gain: a weighted mean, one vote a paper.

    A sceptic's prior (no gain at all) counts as much as `prior_weight` papers on this very pair
    with their own control, so that one lucky paper does not win against five good ones.
    """
    weight, total = limits["prior_weight"], 0.0
    for own in by_paper(cases).values():
        best = max(own, key=lambda c: c.weight).weight
        weight += best
        total += best * statistics.fmean(c.decades for c in own)
    return total / weight


def by_paper(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Cases grouped by their paper."""
    papers: dict[str, list[Case]] = {}
    for case in cases:
        papers.setdefault(case.source, []).append(case)
    return papers


def family_mean(
    cases: Iterable[Case], family: frozenset[str], concern: Concern, strategy: str
) -> float:
    """What the other strategies of a family gain on a concern: the mean over papers, in decades.

    Zero where nobody measured any.
    """
    others = [
        c for c in cases
        if c.concern == concern and c.strategy in family and c.strategy != strategy and c.weight
    ]  # fmt: skip
    if not others:
        return 0.0
    return statistics.fmean(
        statistics.fmean(c.decades for c in own) for own in by_paper(others).values()
    )
