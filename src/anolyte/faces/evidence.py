"""`anolyte evidence`: what was measured on an interface, what it gave, and how it is known."""

from __future__ import annotations

import math
import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.units import KINDS, habitual
from anolyte.faces import export
from anolyte.faces.console import Page, print_json
from anolyte.materials import references
from anolyte.materials.evidence import evidence as every_record
from anolyte.materials.records import Record
from anolyte.studies.query import EvidenceResult, find, query

_BOUND = {"at_least": "≥ ", "at_most": "≤ ", "approx": "≈ ", "order": "~ ",
          "range_low": "from ", "range_high": "up to "}  # fmt: skip
_KNOWN = {"read": "read", "second_hand": "second-hand", "recalled": "recalled"}
NARROW, WIDE, WIDE_FROM = 24, 36, 100
"""Widths of the first column, and the width of a terminal from which it is wide."""


def main(
    key: str | None,
    *,
    electrolyte: str | None,
    anode: str | None,
    quantity: str | None,
    strategy: str | None,
    source: str | None,
    known: str | None,
    method: str | None,
    files: Sequence[Path],
    json: bool,
    csv: bool,
    plot: Path | None,
) -> None:
    """Show one record, or those that match."""
    export.only_one(json=json, csv=csv)
    records = every_record(files)
    if key is not None:
        if any((electrolyte, anode, quantity, strategy, source, known, method)):
            raise DataError(f"'{key[:60]}' is one record: leave the other options out")
        found = EvidenceResult((find(key, records),))
    else:
        found = query(
            records, electrolyte=electrolyte, anode=anode, quantity=quantity, strategy=strategy,
            source=source, known=known, method=method,
        )  # fmt: skip
    if plot is not None:
        export.page(found, plot)
    if json:
        print_json(as_plain(found))
    elif csv:
        export.print_csv(found.rows())
    elif key is not None:
        one(found.records[0])
    else:
        table(found)
        if plot is not None:
            Page().line(f"figure: {plot}", "dim")


def as_plain(found: EvidenceResult) -> dict[str, Any]:
    """Records with their totals, numbers in SI beside their unit."""
    return {
        "count": len(found.records),
        "papers": len(found.papers),
        "known": found.known,
        "records": [export.plain(r) for r in found.records],
    }


# --- words ----------------------------------------------------------------------------------------


def number(value: float, kind: str) -> str:
    """A number of a kind in its habitual unit, four digits, without the unit."""
    rounded = float(f"{habitual(value, kind):.4g}")
    return f"{rounded:.10g}" if rounded == 0 or 1e-3 <= abs(rounded) < 1e6 else f"{rounded:.3g}"


def amount(value: float, kind: str) -> str:
    """A number with its unit; short lengths in nanometres, short times in seconds."""
    if kind == "length" and abs(value) < 1e-6:
        return f"{float(f'{value * 1e9:.4g}'):g} nm"
    if kind == "time" and abs(value) < 3600.0:
        return f"{float(f'{value:.4g}'):g} s"
    label = KINDS[kind].label
    return f"{number(value, kind)}{'' if label in ('%', '°') else ' '}{label}".strip()


def value(r: Record) -> str:
    """Untreated value, arrow, treated value with its unit; what kind of bound it is."""
    kind = r.value.kind
    after = _BOUND.get(r.bound, "") + amount(r.value.si, kind)
    if r.before is None:
        return after
    whole = kind in ("length", "time")  # the two may be shown in different units
    return f"{amount(r.before.si, kind) if whole else number(r.before.si, kind)} → {after}"


def stack(r: Record) -> str:
    """Electrolyte | layers | anode, as measured."""
    electrolyte = r.electrolyte.removeprefix("class:")
    if electrolyte != r.electrolyte:
        electrolyte = f"({electrolyte}s)"
    return " | ".join(x for x in (electrolyte, *r.layers, r.anode) if x) or "-"


def unit_marks(text: str) -> str:
    """A unit as people print it: cm² for cm^2."""
    return text.replace("^2", "²").replace("^3", "³")


def conditions(r: Record) -> str:
    """Temperature, current, pressures, charge and cycle, as far as the source tells."""
    parts = [
        amount(r.temperature.si, "temperature") if r.temperature else "",
        unit_marks(r.current_text),
        f"{amount(r.stack_pressure.si, 'pressure')} stack" if r.stack_pressure else "",
        f"pressed at {amount(r.fabrication_pressure.si, 'pressure')}"
        if r.fabrication_pressure else "",
        f"{amount(r.areal_capacity.si, 'areal_capacity')} a half cycle"
        if r.areal_capacity else "",
        f"cycle {r.cycle}" if r.cycle is not None else "",
        f"for {amount(r.duration.si, 'time')}" if r.duration else "",
    ]  # fmt: skip
    return ", ".join(p for p in parts if p)


def origin(r: Record) -> str:
    """The source, how it is known, and whether it is more than a measurement or doubted."""
    about = [_KNOWN[r.source.known]]
    if r.method != "experiment":
        about.append(r.method)
    if r.role == "calibration":
        about.append("calibrates")
    return f"{r.source.key} [{', '.join(about)}]{' (!)' if r.doubt else ''}"


# --- pages ----------------------------------------------------------------------------------------


def table(found: EvidenceResult) -> None:
    """Two lines a record, grouped by quantity; totals at the foot."""
    page = Page()
    groups: dict[str, list[Record]] = {}
    for record in found.records:
        groups.setdefault(record.quantity, []).append(record)
    for name, own in groups.items():
        page.heading(f"{name.replace('_', ' ')}{_better(own[0])}: {_count(own)}")
        wide = max(len(value(r)) for r in own) > 24
        page.columns([row for r in own for row in _rows(r, wide)])
    page.line()
    page.line(foot(found))
    if any(r.doubt for r in found.records):
        page.line("(!) is doubted: `anolyte evidence ID` says why, and shows everything", "dim")


def _better(record: Record) -> str:
    return {1: " (more is better)", -1: " (less is better)", 0: ""}[record.about.better]


def _count(records: Sequence[Record]) -> str:
    papers = len({r.source.key for r in records})
    return f"{_some(len(records), 'record')}, {_some(papers, 'paper')}"


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _rows(r: Record, wide: bool) -> Iterable[tuple[str, str, str]]:
    """What was measured and how; then how it was treated, who says so, and the id."""
    treated = f"  by {r.strategy}" if r.strategy else ""
    says = f"{origin(r)}  {r.id}"
    shown = value(r)
    if wide and " → " in shown:  # one long pair must not take the room of all others
        shown = shown.replace(" → ", " →\n", 1)
    return ((folded(stack(r)), shown, _circumstances(r)),
            (folded(treated), "", says))  # fmt: skip


def folded(text: str) -> str:
    """Lines of a bounded width; a long name breaks after an underscore, a stack at a blank."""
    lead = " " * (len(text) - len(text.lstrip()))
    room = shutil.get_terminal_size((WIDE_FROM, 24)).columns
    width = WIDE if room >= WIDE_FROM else NARROW
    lines = [""]
    for piece in re.findall(r"\s*(?:[^\s_]+_*|_+)", text):
        if lines[-1].strip() and len(lines[-1] + piece) > width:
            lines.append(f"{lead}  {piece.lstrip()}")
        else:
            lines[-1] += piece
    return "\n".join(lines)


def _circumstances(r: Record) -> str:
    """The conditions; the protocol where the number means little without it."""
    around = conditions(r)
    told = r.protocol if not around or "protocol" in r.about.needs else ""
    told = textwrap.shorten(told, 70, placeholder=" ...")
    return "; ".join(p for p in (around, told) if p) or "conditions not stated"


def foot(found: EvidenceResult) -> str:
    """Count, papers, and how the records are known."""
    if not found.records:
        return "no record matches; `anolyte evidence` without options lists all"
    known = ", ".join(f"{n} {_KNOWN[k]}" for k, n in found.known.items())
    return f"{_count(found.records)}: {known}"


def one(r: Record) -> None:
    """Everything of one record, with its citation."""
    page = Page()
    page.line(f"{stack(r)}: {r.quantity.replace('_', ' ')} {value(r)}", "bold")
    page.columns(_fields(r), styles=("dim",))
    page.heading("Source")
    page.columns([(references.cite(r.source.key),)])
    if r.source.key in references.all_references():
        page.columns([(f"`anolyte cite {r.source.key}` gives the BibTeX",)])


def _fields(r: Record) -> list[tuple[str, str]]:
    gain = r.gain
    about = [
        ("id", r.id), ("treated by", r.strategy), ("as printed", r.as_printed),
        ("spread", f"± {amount(r.value.sigma, _spread(r.value.kind))}" if r.value.sigma else ""),
        ("gain", "" if gain is None else _gain(gain)),
        ("conditions", conditions(r)), ("protocol", r.protocol), ("method", r.method),
        ("source", f"{r.source.key}, {r.source.where}".rstrip(", ")),
        ("known", _how_known(r)), ("role", r.role), ("doubt", r.doubt), ("note", r.note),
        ("file", f"{r.file}, line {r.line}" if r.file not in ("", "evidence.csv") else ""),
    ]  # fmt: skip
    return [(name, text) for name, text in about if text]


def _gain(times: float) -> str:
    return f"{times:.3g} times better than untreated" if math.isfinite(times) else "a whole cure"


def _spread(kind: str) -> str:
    return "temperature_difference" if kind == "temperature" else kind


def _how_known(r: Record) -> str:
    return {
        "read": "read in the source",
        "second_hand": "second-hand: quoted by another",
        "recalled": "recalled from memory: never scores a model, never ranks a remedy",
    }[r.source.known]
