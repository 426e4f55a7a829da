"""Measured cases: how near a published measurement is to a cell, and what a treatment gained in it.

The gain of a case is how many times better the treated value is than the untreated one of the same
paper; a paper without an untreated value is compared with the median of the untreated values that
others measured on the like. Gains are counted in decades, clipped, and weighted by how near the
case is and how it is known. Recalled numbers are shown and weigh nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Number
from anolyte.core.result import quantity as measured_in
from anolyte.materials import library, references
from anolyte.materials.criteria import Criteria
from anolyte.materials.records import QUANTITIES, Record, decades
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
        before: Untreated value; `control` says whose: the same paper's, or the median of others;
            None: nobody's, so it was seen to work and no gain can be told.
        decades: Base-10 logarithm of the gain, clipped; positive is better.
        nearness: 0 to 1; 1 is this very electrolyte and anode.
        weight: Nearness times trust; 0 for what is only recalled or has no untreated value.
    """

    id: str
    strategy: str
    concern: Concern
    quantity: str
    where: str
    after: Number
    before: Number | None
    control: str
    source: str
    known: str
    decades: float = measured_in("number")
    nearness: float = measured_in("fraction")
    weight: float = measured_in("number")
    protocol: str = ""


def nearness(cell: Cell, record: Record) -> float:
    """How near a record's electrolyte and anode are to a cell's: 1 the same, 0 nothing alike."""
    near = 1.0
    for ours, text, cls in (
        (cell.interface.electrolyte, record.electrolyte, Electrolyte),
        (cell.interface.anode, record.anode, Anode),
    ):
        same = bool(text) and names(text, ours)  # a user's own material is in no library of ours
        near *= SAME if same else _near(ours, material(text, cls))
    return near


# What two materials share, and how much one then tells of the other: own choices, told in
# docs/remedies.md; two anodes on which lithium is plated stand between the same and kindred.
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
    found, plated = [], cell.interface.anode.plated
    for record in told:
        if not record.strategy:
            continue
        near = nearness(cell, record)
        before, control = record.before, "same paper"
        if before is None and record.quantity in COMPARABLE and near >= LIKE:
            before, control = medians.get(record.quantity), "median of others"
        if near < limits["nearness_least"]:
            continue
        if before is None:
            if near >= LIKE:  # seen to work on the like, though nobody can say how much it gained
                found.append(_case(record, None, "none", 0.0, near, limits, plated=plated))
            continue
        gained, most = decades(record, before), limits["gain_most"]
        if gained is not None:
            clipped = max(-most, min(most, gained))
            found.append(_case(record, before, control, clipped, near, limits, plated=plated))
    order = {"read": 0, "second_hand": 1, "recalled": 2}
    return tuple(
        sorted(
            found,
            key=lambda c: (
                -c.weight,
                c.before is None,
                order[c.known],
                -c.nearness,
                -c.decades,
                c.id,
            ),
        )
    )


def concern_of(record: Record, *, plated: bool) -> Concern | None:
    """The concern that a record speaks of in a cell.

    Capacity and its retention speak of a host that breathes; where lithium is plated no host does,
    and what such a cell loses it loses to reactions.
    """
    concern = record.about.concern
    return Concern.REACTION if concern == Concern.VOLUME and plated else concern


def _case(
    record: Record,
    before: Number | None,
    control: str,
    decades: float,
    near: float,
    limits: Criteria,
    *,
    plated: bool,
) -> Case:
    trust = {"read": 1.0, "second_hand": limits["trust_second_hand"], "recalled": 0.0}
    weight = near * trust[record.source.known]
    if control == "none":
        weight = 0.0
    elif control != "same paper":
        weight *= limits["trust_other_control"]
    stack = (record.electrolyte, *record.layers, record.anode)
    concern = concern_of(record, plated=plated)
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
        best, rows = max(c.weight for c in own), sum(c.weight for c in own)
        if rows:
            weight += best
            total += best * sum(c.weight * c.decades for c in own) / rows
    return total / weight


def by_paper(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Cases grouped by their paper, by whatever key it is cited."""
    papers: dict[str, list[Case]] = {}
    for case in cases:
        papers.setdefault(references.paper(case.source), []).append(case)
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
