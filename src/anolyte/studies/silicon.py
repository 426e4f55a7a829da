"""Silicon anodes with solid electrolytes side by side: the review's second table as a live view.

Capacities are those of the evidence records; every retention is computed from two capacities of one
source at one current, or stands apart as the source prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from anolyte.core.result import Result, quantity
from anolyte.core.units import ZERO_CELSIUS
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.schema import Anode
from anolyte.materials.scope import elements
from anolyte.studies.cases import material


@dataclass(frozen=True)
class SiliconRow:
    """One silicon anode at one current: its capacities, and what is left after cycling.

    Args:
        anode_as_printed: What the source calls it.
        conductivity: Of the electrolyte, by the same source, S/m.
        first_cycle, last_cycle: Cycles of the two capacities.
        first, last: Capacities, C/kg, of the mass that the source counts.
        retention: Computed from the two; or as printed, where `computed` is false.
        fade: Share lost each cycle if every cycle lost the same share.
        doubts: Of all records behind the row.
        records: Their ids.
    """

    electrolyte: str
    anode: str
    anode_as_printed: str
    source: str
    known: str
    conductivity: float | None = quantity("electronic_conductivity", default=None)
    conductivity_temperature: float | None = quantity("temperature", default=None)
    current: str = ""
    temperature: float | None = quantity("temperature", default=None)
    first_cycle: int | None = None
    first: float | None = quantity("specific_capacity", default=None)
    last_cycle: int | None = None
    last: float | None = quantity("specific_capacity", default=None)
    retention: float | None = quantity("fraction", default=None)
    computed: bool = False
    bound: str = "exact"
    fade: float | None = quantity("fraction", default=None)
    protocol: str = ""
    doubts: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class SiliconComparison(Result):
    """Silicon anodes with solid electrolytes side by side."""

    systems: tuple[SiliconRow, ...]
    sources: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row a pair of capacities, or a single capacity or retention."""
        return [_silicon_row(s) for s in self.systems]


def _silicon_row(s: SiliconRow) -> dict[str, Any]:
    def scaled(value: float | None, factor: float) -> float | None:
        return None if value is None else float(f"{value / factor:.6g}")

    def celsius(value: float | None) -> float | None:
        return None if value is None else round(value - ZERO_CELSIUS, 6)

    return {
        "electrolyte": s.electrolyte, "anode": s.anode, "anode as printed": s.anode_as_printed,
        "conductivity [S/cm]": scaled(s.conductivity, 100.0),
        "at [°C]": celsius(s.conductivity_temperature), "current": s.current,
        "temperature [°C]": celsius(s.temperature),
        "first cycle": s.first_cycle, "first capacity [mA h/g]": scaled(s.first, 3600.0),
        "last cycle": s.last_cycle, "last capacity [mA h/g]": scaled(s.last, 3600.0),
        "retention [%]": scaled(s.retention, 0.01),
        "retention computed": s.computed, "bound": s.bound,
        "fade per cycle [%]": scaled(s.fade, 0.01), "protocol": s.protocol,
        "source": s.source, "known": s.known, "doubt": "; ".join(s.doubts),
        "records": "; ".join(s.records),
    }  # fmt: skip


def compare_silicon(records: Iterable[Record] | None = None) -> SiliconComparison:
    """Silicon anodes side by side; each retention computed from two capacities of one source.

    Args:
        records: Measurements; None: the package's evidence.

    >>> found = compare_silicon().systems
    >>> any(s.computed and abs(s.retention - 1362 / 2305) < 1e-9 for s in found)
    True
    """
    every = tuple(evidence() if records is None else records)
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in every:
        if record.quantity in ("specific_capacity", "capacity_retention") and has_silicon(record):
            groups.setdefault(_same_cell(record), []).append(record)
    rows = [row for group in groups.values() for row in _systems(group, every)]
    rows.sort(key=lambda s: (not s.computed, s.first is None, s.last is None))
    return SiliconComparison(tuple(rows), tuple(dict.fromkeys(s.source for s in rows)))


def has_silicon(record: Record) -> bool:
    """Whether the anode of a record contains silicon."""
    found = material(record.anode, Anode)
    if found is not None and "Si" in elements(found):
        return True
    return re.search(r"(?<![A-Za-z])Si(?![a-z])", record.anode) is not None


def _same_cell(r: Record) -> tuple[Any, ...]:
    """What two capacities must share to belong to one cell."""
    temperature = None if r.temperature is None else round(r.temperature.si, 2)
    return (r.source.key, r.electrolyte, r.anode, r.layers, r.strategy, r.current_text, temperature)


def _systems(group: Sequence[Record], every: Iterable[Record]) -> list[SiliconRow]:
    """First capacity with each later one of the cell; retentions that the source prints apart."""
    group = sorted(group, key=lambda r: r.cycle or 0)
    capacities = [r for r in group if r.quantity == "specific_capacity"]
    found = []
    if len(capacities) == 1 or (capacities and capacities[0].cycle == capacities[-1].cycle):
        found += [_row([c], every) for c in capacities]
    elif capacities:
        found += [_row([capacities[0], c], every) for c in capacities[1:]]
    printed = [r for r in group if r.quantity == "capacity_retention"]
    return found + [_row([r], every) for r in printed]


def _row(own: Sequence[Record], every: Iterable[Record]) -> SiliconRow:
    head, tail = own[0], own[-1]
    conductor = _conductivity(head, every)
    first = head if head.quantity == "specific_capacity" and head.cycle == 1 else None
    if len(own) == 2:
        first = head
    last = tail if tail is not first and tail.quantity == "specific_capacity" else None
    kept, computed, bound = None, False, tail.bound
    if tail.quantity == "capacity_retention":
        kept, last_cycle = tail.value.si, tail.cycle
    else:
        last_cycle = last.cycle if last else None
        if first is not None and last is not None and first.value.si > 0.0:
            kept, computed = last.value.si / first.value.si, True
    start = first.cycle if first else 1 if kept is not None else None
    behind = [*own, *([conductor] if conductor else ())]
    return SiliconRow(
        electrolyte=head.electrolyte, anode=head.anode, anode_as_printed=as_printed(head),
        source=head.source.key, known=head.source.known,
        conductivity=conductor.value.si if conductor else None,
        conductivity_temperature=_kelvin(conductor) if conductor else None,
        current=head.current_text, temperature=_kelvin(head),
        first_cycle=first.cycle if first else None, first=first.value.si if first else None,
        last_cycle=last_cycle, last=last.value.si if last else None,
        retention=kept, computed=computed, bound=bound,
        fade=fade(kept, start, last_cycle), protocol=head.protocol,
        doubts=tuple(dict.fromkeys(r.doubt for r in behind if r.doubt)),
        records=tuple(r.id for r in behind),
    )  # fmt: skip


def _kelvin(record: Record) -> float | None:
    return None if record.temperature is None else record.temperature.si


def fade(retention: float | None, start: int | None, end: int | None) -> float | None:
    """Share of the capacity that each cycle loses, if all lose the same share.

    >>> round(fade(0.81, 1, 3), 9)
    0.1
    """
    if retention is None or start is None or end is None or end <= start or retention < 0.0:
        return None
    return 1.0 - retention ** (1.0 / (end - start))


def _conductivity(record: Record, every: Iterable[Record]) -> Record | None:
    """The electrolyte's conductivity by the same source."""
    for other in every:
        if (
            other.quantity == "ionic_conductivity"
            and other.source.key == record.source.key
            and other.electrolyte == record.electrolyte
        ):
            return other
    return None


def as_printed(record: Record) -> str:
    """What the source calls the anode, where the note says it; else its name here."""
    match = re.search(r"anode printed (.+?)(?= \(|, set as|;|$)", record.note)
    return match[1] if match else record.anode
