"""Exports of battery cyclers as text and spreadsheets: Arbin, Landt, Maccor (Neware: `neware`).

Each reader knows the names of columns that its instrument writes, gives them their unit, and
leaves the rest to the engine in `columns`. A positive current charges. Layouts were taken from
small public samples and tables of names: PyProBE (BSD-3-Clause), battery-data-format
(Apache-2.0), cellpy's documentation (MIT).
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
    when,
)
from anolyte.measure.readers.heads import Head, keys
from anolyte.measure.readers.moments import day_first, doubt
from anolyte.measure.readers.neware import NEWARE
from anolyte.measure.readers.sheets import sheets, spreadsheet
from anolyte.measure.records import Array, Recording, Trace

LARGEST_VOLTAGE = 100.0
"""V; a single cell has less, so that more under a header without prefix is a wrong unit."""


# --- Arbin --------------------------------------------------------------------------------------

ARBIN = ({"datapoint"}, {"testtime"}, {"steptime"}, {"stepindex"}, {"cycleindex"})
CHANNEL = re.compile(r"^Channel[_-]?\s?(\d+)[_-]?.*?(?:_(\d+))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Arbin:
    """Reader of CSV and spreadsheets of Arbin's MITS Pro: `Data_Point, Test_Time(s), ...`.

    A long test goes on from sheet to sheet (`Channel_1-001_1`, `Channel_1-001_2`); sheets of
    several channels are several tests and are refused, because a recording has one trace.
    """

    name: str = "Arbin"

    def knows(self, raw: Raw) -> bool:
        """By the names of the columns, or of the sheets."""
        if spreadsheet(raw):
            return any(CHANNEL.match(n) for n in sheet_names(raw))
        return has_header(raw, ARBIN, set())

    def read(self, raw: Raw) -> Recording:
        """One trace."""
        if spreadsheet(raw):
            return self._book(raw)
        made, complete, flags = self._sheet(raw)
        return recording(raw, self.name, made, complete, flags)

    def _sheet(self, raw: Raw) -> tuple[Trace, bool, tuple[str, ...]]:
        found = found_header(raw, ARBIN, set())
        if found is None:
            raise raw.wrong("no row of names as Arbin writes it: Data_Point, Test_Time(s), ...")
        own = zip(keys(found.names), found.names, strict=True)
        headers = ["" if key in ARBIN_PASSED else name for key, name in own]
        made, flags = traced(table(found, headers))
        return made, found.complete, flags

    def _book(self, raw: Raw) -> Recording:
        found = sheets(raw, CHANNEL.match)
        parts = [(n, *self._sheet(s)) for n, s in found.items() if has_header(s, ARBIN, set())]
        if not parts:
            raise raw.wrong("no sheet of a channel with Data_Point, Test_Time(s), ...")
        parts.sort(key=lambda p: float(p[1].time[0]) if len(p[1]) else 0.0)
        made = joined(raw, [(n, t) for n, t, _, _ in parts if len(t)])
        return recording(raw, self.name, made, True, ())


ARBIN_PASSED = {"capacity", "mah", "datapoint"}
"""Names that are not what they look like: its capacity is not of the step or the cycle."""


def joined(raw: Raw, parts: Sequence[tuple[str, Trace]]) -> Trace:
    """Sheets of one test, one after the other.

    Raises:
        DataError: Sheets of several tests, whose times overlap.
    """
    if not parts:
        raise raw.wrong("no complete row under the names; is it still measuring?")
    for (before, first), (after, second) in zip(parts, parts[1:], strict=False):
        if second.time[0] < first.time[-1]:
            raise raw.wrong(
                f"sheets '{before}' and '{after}' are two tests at the same time; save each "
                "channel as a file of its own"
            )
    series = {}
    for field in ("time", "voltage", "current", "cycle", "step", "charge", "temperature"):
        own = [getattr(t, field) for _, t in parts]
        series[field] = None if any(v is None for v in own) else np.concatenate(own)
    first = parts[0][1]
    told = (f"{len(parts)} sheets were joined: {', '.join(n for n, _ in parts)[:120]}",)
    flags = (*first.flags, *(told if len(parts) > 1 else ()))
    return Trace(**series, file=raw.path, clock=first.clock, flags=flags)


# --- Maccor -------------------------------------------------------------------------------------

MACCOR = ({"rec#", "rec"}, {"cyc#", "cyclec", "cyclep"}, {"step"}, {"testtime", "test"})
MACCOR_NAMES = {
    "rec#": "", "rec": "", "cyc#": "cycle", "cyclec": "cycle", "cyclep": "", "step": "step",
    "es": "", "dpttime": "date time", "dpt": "date time",
    "amps": "current [A]", "mamps": "current [mA]", "uamps": "current [uA]",
    "volts": "voltage [V]", "mvolts": "voltage [mV]",
    "amphr": "capacity [Ah]", "mamphr": "capacity [mAh]", "uamphr": "capacity [uAh]",
    "watthr": "", "mwatthr": "", "energy": "", "state": "", "md": "",
}  # fmt: skip
STATES = {"state", "md", "mode", "status"}
OUTWARD = {"D"}
"""Letters of the column of states for a discharge."""


@dataclass(frozen=True)
class Maccor:
    """Reader of Maccor's text exports: `Rec#, Cyc#, Step, TestTime, ..., Amps, Volts, State`.

    Units are in the names (`mAmps`) or, where there is none, SI. Currents come without sign and
    with a column of states (`D`: discharge); the sign is restored from it.
    """

    name: str = "Maccor"

    def knows(self, raw: Raw) -> bool:
        """By the names of its columns."""
        return not raw.binary and has_header(raw, MACCOR, {"datapoint"})

    def read(self, raw: Raw) -> Recording:
        """One trace."""
        found = found_header(raw, MACCOR, {"datapoint"})
        if found is None:
            raise raw.wrong("no row of names as Maccor writes it: Rec#, Cyc#, Step, TestTime, ...")
        clock, doubts = _maccor_clock(raw)
        made, told = added_up(table(found, _maccor_headers(found), **clock))
        result, odd = traced(made)
        result = restored(result, _states(found))
        flags = (*odd, *doubts, *told, *_maccor_odd(result))
        return recording(raw, self.name, result, found.complete, flags)


def _maccor_headers(found: Grid) -> list[str]:
    """Names with units, from Maccor's own."""
    headers = []
    first = found.rows[0].split(found.separator) if len(found.rows) else []
    for place, (key, name) in enumerate(zip(keys(found.names), found.names, strict=True)):
        if key in ("testtime", "test", "steptime"):
            headers.append(_duration(name, key, first[place] if place < len(first) else ""))
        elif key in ("voltage", "current", "capacity"):
            headers.append(name.replace("[Ah]", "(Ah)"))
        else:
            headers.append(MACCOR_NAMES.get(key, name))
    return headers


def _duration(name: str, key: str, sample: str) -> str:
    """A time with its unit; words such as `0d 00:01:00` are read as they stand."""
    kind = "step time" if key == "steptime" else "time"
    if ":" in sample:
        return f"{kind} [s]"
    unit = re.search(r"[(\[]\s*(\w+)\s*[)\]]", name)
    return f"{kind} [{unit[1].lower()}]" if unit else kind


def _states(found: Grid) -> Array | None:
    """Whether each row is a discharge; None: no column says."""
    places = [k for k, key in enumerate(keys(found.names)) if key in STATES]
    if not places:
        return None
    words = found.words(places[:1])[places[0]]
    return np.array([w.strip().upper() in OUTWARD for w in words], dtype=bool)


def _maccor_clock(raw: Raw) -> tuple[dict[str, float], tuple[str, ...]]:
    """The date of the test in the lines before the table, and doubts of it."""
    told = STARTED.search("\n".join(raw.lines[:10]))
    if told is None:
        return {}, ()
    order = day_first(DATE.findall(raw.text))
    found = when(told[1], order)
    return ({} if found is None else {"clock": found}), doubt(told[1], order)


STARTED = re.compile(r"\b(?:date of test|started)\b[:\s,;]*([^\t;\n]+)", re.IGNORECASE)
DATE = re.compile(r"\b\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b")


def _maccor_odd(made: Trace) -> tuple[str, ...]:
    """A sentence where the voltages are not those of a cell."""
    if not len(made) or np.abs(made.voltage).max() <= LARGEST_VOLTAGE:
        return ()
    return (
        f"voltages up to {np.abs(made.voltage).max():.4g} V are not of a cell: the export had "
        "another unit than its header says; export it again in V",
    )


# --- Landt --------------------------------------------------------------------------------------

LANDT_LONG = ({"testtimes"}, {"steptimes"}, {"datetimeisostring"}, {"currenta"}, {"voltagev"})
LANDT_SHEETS = ("Record-Tab", "Cycle-Tab")
LANDT_STATES = {"state", "stepstatus", "stepstate", "stepname", "workmode"}
LANDT_SHORT = ({"testtime"}, {"steptime"}, {"voltage"}, {"current"}, LANDT_STATES)
LANDT_NAMES = {
    "index": "", "energy": "", "senergy": "", "scapacity": "",
    "systime": "date time", "cycleno": "cycle", "stepno": "step", "datetimeisostring": "date time",
    "channelindex": "",
}  # fmt: skip
LANDT_OUTWARD = re.compile(r"^D(?:_|$)|(?:C|V|P|R|_)D$|D_?CHG|DISCHARGE", re.IGNORECASE)
"""Kinds of step in which a cell is discharged: `D_CC`, `CCD`, `CC_DChg`."""


@dataclass(frozen=True)
class Landt:
    """Reader of tables of Landt (Lanhe): `Index, TestTime/Sec., ..., Voltage/V, Current/mA, State`.

    Also the newer table `channel_index, cycle_index, ..., test_time_s, current_A, voltage_V` under
    lines of facts about the cell.
    """

    name: str = "Landt"

    def knows(self, raw: Raw) -> bool:
        """By the names of its columns, or of its sheets."""
        if spreadsheet(raw):
            return "Record-Tab" in sheet_names(raw)
        return not raw.binary and self._at(raw) is not None

    def _at(self, raw: Raw) -> Head | None:
        """The row of names."""
        for head in raw.heads:
            slashes = sum("/" in n for n in head.names) >= 3
            if (slashes and head.has(LANDT_SHORT, {"recordid"})) or head.has(LANDT_LONG):
                return head
        return None

    def read(self, raw: Raw) -> Recording:
        """One trace, and a table of cycles where a spreadsheet has it."""
        book = sheets(raw, LANDT_SHEETS.__contains__) if spreadsheet(raw) else {}
        sheet = book.get("Record-Tab") if spreadsheet(raw) else raw
        at = self._at(sheet) if sheet is not None else None
        if sheet is None or at is None:
            raise raw.wrong("no row of names as Landt writes it: TestTime/Sec., Voltage/V, ...")
        found = grid(sheet, at.at, at.separator, at.names)
        made, told = added_up(table(found, _landt_headers(found)))
        result, odd = traced(made)
        if result.stack_pressure is not None and not result.stack_pressure.any():
            result = replace(result, stack_pressure=None)  # no sensor is written as zeros
        result = restored(result, _landt_kinds(found))
        whole = recording(raw, self.name, result, found.complete, (*odd, *told))
        return replace(whole, cycles=summed(book.get("Cycle-Tab")))


def _landt_headers(found: Grid) -> list[str]:
    headers = []
    for key, name in zip(keys(found.names), found.names, strict=True):
        clean = name.replace("/Sec.", " [s]").replace("/Sec", " [s]")
        headers.append(LANDT_NAMES.get(key, clean))
    return headers


def _landt_kinds(found: Grid) -> Array | None:
    """Whether each row is a discharge."""
    places = [k for k, key in enumerate(keys(found.names)) if key in LANDT_STATES]
    if not places:
        return None
    words = found.words(places[:1])[places[0]]
    known = {w: bool(LANDT_OUTWARD.search(w.strip())) for w in set(words)}
    return np.array([known[w] for w in words], dtype=bool)


CYCLERS = (NEWARE, Arbin(), Maccor(), Landt())
"""Readers of cyclers' exports; no file is known by two of them."""
