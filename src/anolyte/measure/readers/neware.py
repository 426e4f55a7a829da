"""Neware exports as text and spreadsheets: one flat table of records, or three nested levels.

The nested export has a row of names for cycles, one for steps (one cell further in) and one for
records (two cells further in), and rows of the three kinds one below the other. Layouts were taken
from small public samples: fastnda (BSD-3-Clause), battery-data-standard (MIT), and the table of
names of battery-data-format (Apache-2.0).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.cells import (
    Grid,
    added_up,
    found_header,
    grid,
    has_header,
    recording,
    restored,
    sheet_names,
    summed,
    table,
    traced,
    unsigned,
    with_column,
)
from anolyte.measure.readers.heads import cut, keys
from anolyte.measure.readers.sheets import sheets, spreadsheet
from anolyte.measure.records import Array, Recording

RECORD = {"recordid", "recordindex", "recordnumber", "datapoint"}
MARKS = {"steptype", "status", "state", "stepname", "dchgcap", "capacitancedchg", "realtime"}
FLAT = (RECORD, {"current", "cur"}, {"voltage", "vol", "volt"}, MARKS)
BARE = ({"stepindex"}, {"cycleindex"}, {"steptype"}, {"time"}, {"current"}, {"voltage"})
"""Of an export without numbers of records, as those in Chinese are."""
NEVER = {"testtime"}
BOOK = re.compile(r"^(?:record|detail_)", re.IGNORECASE)
LAYERS = {"记录层": "record", "工步层": "step", "循环层": "cycle"}
"""Sheets of an export in Chinese."""
TYPES = ("steptype", "stepname", "status", "state")
OUTWARD = re.compile(
    r"^(?:.*D_?CHG.*|.*DISCHARGE.*|D|CC_D|CCCV_D|CP_D|CR_D|.*放电)$", re.IGNORECASE
)
"""Kinds of step in which a cell is discharged."""


@dataclass(frozen=True)
class Neware:
    """Reader of CSV and spreadsheets of BTSDA, flat or nested.

    The time since the start is the total time, else the times of the steps added up.
    """

    name: str = "Neware"

    def knows(self, raw: Raw) -> bool:
        """By the names of the columns, or of the sheets."""
        if spreadsheet(raw):
            names = [_layer(n) for n in sheet_names(raw)]
            return any(n.startswith("detail_") for n in names) or (
                "record" in names and bool({"cycle", "step", "unit", "test"} & set(names))
            )
        if raw.binary:
            return False
        flat = has_header(raw, FLAT, NEVER) or has_header(raw, BARE, NEVER)
        return flat or _nested_at(raw) is not None

    def read(self, raw: Raw) -> Recording:
        """One trace, and a table of cycles where the file has it."""
        if spreadsheet(raw):
            return self._book(raw)
        at = _nested_at(raw)
        return self._flat(raw) if at is None else self._nested(raw, at)

    def _flat(self, raw: Raw) -> Recording:
        found = found_header(raw, FLAT, NEVER) or found_header(raw, BARE, NEVER)
        if found is None:
            raise raw.wrong("no row of names as Neware writes it: Record ID, Voltage(V), ...")
        made, told = added_up(table(found, _headers(found)))
        result, odd = traced(made)
        if unsigned(result):
            result = restored(result, _kinds(found))
        return recording(raw, self.name, result, found.complete, (*odd, *told))

    def _book(self, raw: Raw) -> Recording:
        parts = sheets(raw, lambda n: BOOK.match(_layer(n)) or _layer(n) == "cycle")
        found = [n for n, s in parts.items() if BOOK.match(_layer(n)) and s.data.strip()]
        if not found:
            raise raw.wrong("no sheet of records; export the record layer")
        made = self._flat(parts[found[0]])
        table_of = next((s for n, s in parts.items() if _layer(n) == "cycle"), None)
        flags = made.flags
        if len(found) > 1:
            others = ", ".join(f"'{n}'" for n in found[1:])[:120]
            flags = (
                *flags,
                f"of several sheets of records only '{found[0]}' is given, not {others}",
            )
        return replace(made, file=raw.path, cycles=summed(table_of), flags=flags)

    def _nested(self, raw: Raw, at: int) -> Recording:
        separator = max(",;\t", key=raw.lines[at + 2].count)
        names = cut(raw.lines[at + 2], separator)
        found = grid(raw, at + 2, separator, names)
        depth = _depths(found.rows, separator)
        if not (depth >= 2).any():
            raise raw.wrong("no row of records; export all three layers: cycle, step, record")
        records = found.chosen(depth >= 2)
        made = table(records, _headers(records))
        step, word = _above(found, depth, cut(raw.lines[at + 1], separator))
        cycle, _ = _above(found, depth, cut(raw.lines[at], separator))
        for quantity, values in (("step", step), ("cycle", cycle)):
            if values is not None:
                made = with_column(made, quantity, values)
        made, told = added_up(made)
        result, odd = traced(made)
        result = restored(result, word)
        return recording(raw, self.name, result, found.complete, (*odd, *told))


def _layer(sheet: str) -> str:
    """Name of a sheet in English and small letters."""
    return LAYERS.get(sheet.strip(), sheet.strip().lower())


def _nested_at(raw: Raw) -> int | None:
    """Index of the row of names of cycles; None: the file is not nested."""
    for head in raw.heads:
        at, names, mark = head.at, head.names, head.separator
        if at < 2 or len(names) < 3 or any(names[:2]) or keys(names[2:3])[0] not in RECORD:
            continue
        above, top = raw.lines[at - 1], raw.lines[at - 2]
        if above.startswith(mark) and not top.startswith(mark) and top.strip():
            return at - 2
    return None


def _depths(rows: Sequence[str], separator: str) -> Array:
    """Empty cells before the first: 0 of a cycle, 1 of a step, 2 of a record."""
    return np.array([2 if r[:2] == separator * 2 else int(r[:1] == separator) for r in rows])


def _above(found: Grid, depth: Array, names: list[str]) -> tuple[Array | None, Array | None]:
    """For each record the number of its cycle or step, and whether the step is a discharge."""
    level = next((k for k, n in enumerate(names) if n), 0)
    heads = np.flatnonzero(depth == level)
    records = np.flatnonzero(depth >= 2)
    place = np.searchsorted(heads, records) - 1
    if not heads.size or (place < 0).any():
        return None, None
    cells = [cut(found.rows[int(k)], found.separator) for k in heads]
    numbers = [c[level] if level < len(c) else "" for c in cells]
    if not all(n.isascii() and n.isdigit() and len(n) < 9 for n in numbers):
        return None, None
    word = [k for k, key in enumerate(keys(names)) if key in TYPES]
    kind = None
    if word:
        out = [bool(OUTWARD.match(_kind(c[word[0]]))) if word[0] < len(c) else False for c in cells]
        kind = np.array(out)[place]
    return np.array([int(n) for n in numbers])[place], kind


def _kind(text: str) -> str:
    """A kind of step without spaces."""
    return text.strip().replace(" ", "_")


def _headers(found: Grid) -> list[str]:
    """Names for the engine: `Time` is that of the step."""
    own = keys(found.names)
    headers = []
    first = cut(found.rows[0], found.separator) if len(found.rows) else []
    for place, (key, name) in enumerate(zip(own, found.names, strict=True)):
        sample = first[place] if place < len(first) else ""
        headers.append(_header(key, name, sample))
    return headers


def _header(key: str, name: str, sample: str) -> str:
    """One name; a time in words (`0:00:01.5`) is in seconds once it is read."""
    unit = name[len(name.split("(")[0]) :]
    if key == "totaltime":
        return "time [s]" if ":" in sample or not unit else f"time {unit}"
    if key in ("time", "relativetime", "steptime", "statetime"):
        return "step time [s]" if ":" in sample or not unit else f"step time {unit}"
    if key in ("realtime", "date", "datetime", "absolutetime", "systemtime"):
        return "date time"
    replaced = {
        "cur": "current", "vol": "voltage", "volt": "voltage", "cycleid": "cycle",
        "capacitancechg": "charge capacity", "capacitancedchg": "discharge capacity",
        "stepid": "step", "datapoint": "", "speccap": "",
    }  # fmt: skip
    return f"{replaced[key]} {unit}".strip() if replaced.get(key) else replaced.get(key, name)


def _kinds(found: Grid) -> Array | None:
    """Whether each row is a discharge, by its kind of step."""
    places = [k for k, key in enumerate(keys(found.names)) if key in TYPES]
    if not places:
        return None
    words = found.words(places[:1])[places[0]]
    known = {w: bool(OUTWARD.match(_kind(w))) for w in set(words)}
    return np.array([known[w] for w in words], dtype=bool)


NEWARE = Neware()
