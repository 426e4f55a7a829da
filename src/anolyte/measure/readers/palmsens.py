"""PalmSens .pssession: JSON in UTF-16, whose measurements hold arrays with a class of unit.

The layout was taken from the sample of PSData-in-python (MIT): each measurement has a data set of
arrays whose unit names the quantity (`Potential`, `-Z''`) and the prefix
(`PalmSens.Units.MicroAmpere`); spectra stand in a list of their own. Newer files write the same
keys in capitals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block
from anolyte.measure.readers.columns import Table, recognise, records
from anolyte.measure.records import Array, Recording, Spectrum, Trace

KNOWN = "PalmSens.DataFiles.SessionFile"
TICKS = 1e7
EPOCH = 62_135_596_800.0
"""s between the year 1, in which the ticks start, and 1970."""
TRACE = {"time": "time [s]", "potential": "voltage [V]", "current": "current [A]"}
SWEEP = {"frequency": "frequency [Hz]", "z'": "Z' [ohm]", "-z''": "-Z'' [ohm]"}
"""Quantities as the classes of unit call them, in small letters."""
PULSED = re.compile(r"METHOD_ID=(swv|dpv|npv|acv|fcv)\b", re.IGNORECASE)
"""Techniques whose current is a difference or an amplitude, not that of the cell."""
PREFIXES = {
    "Femto": 1e-15, "Pico": 1e-12, "Nano": 1e-9, "Micro": 1e-6, "Milli": 1e-3, "Kilo": 1e3,
    "Mega": 1e6, "Giga": 1e9,
}  # fmt: skip
_PREFIX = re.compile(r"Units\.(" + "|".join(PREFIXES) + ")")


@dataclass(frozen=True)
class PalmSens:
    """Reader of .pssession."""

    name: str = "PalmSens .pssession"

    def knows(self, raw: Raw) -> bool:
        """By the type of its root."""
        return not raw.binary and KNOWN in raw.head[:400]

    def read(self, raw: Raw) -> Recording:
        """All spectra; the longest trace of the others."""
        spectra: list[Spectrum] = []
        traces: list[Trace] = []
        flags: list[str] = []
        session = _session(raw)
        for measured in session.get("measurements") or []:
            title = _title(measured)
            made, told = _tables(raw, measured)
            flags += [f"'{title}': {t}" for t in told]
            for found in map(records, made):
                flags += [f"'{title}': {f}" for f in found.flags]
                spectra += found.spectra
                traces += [found.trace] if found.trace is not None else []
        if not (spectra or traces):
            told = f" ({flags[0]})" if flags else ""
            raise raw.wrong(f"no spectrum and no time, potential and current in it{told}")
        if len(traces) > 1:
            flags.append(f"{len(traces)} measurements over time: the longest is given")
        trace = max(traces, key=len, default=None)
        clocks = [s.clock for s in spectra] + ([trace.clock] if trace is not None else [])
        return Recording(
            raw.path, self.name, tuple(replace(s, number=k) for k, s in enumerate(spectra)), trace,
            header=_header(session), clock=clocks[0], flags=tuple(flags),
        )  # fmt: skip


def _session(raw: Raw) -> dict[str, Any]:
    """The root, its keys in small letters; the array of UTF-16 ends with a mark of its own."""
    text = raw.text.strip("\ufeff\ufffe\0 \r\n")
    try:
        found = _small(json.loads(text, parse_int=float))  # no integer is too large
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise raw.wrong(
            f"a damaged session ({str(error)[:60]}); save it again from PSTrace", line
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("measurements"), list):
        raise raw.wrong("no measurements in the session; save it again from PSTrace")
    return found


def _small(value: Any) -> Any:
    """The same with the keys of all dictionaries in small letters."""
    if isinstance(value, dict):
        return {str(k).lower(): _small(v) for k, v in value.items()}
    return [_small(v) for v in value] if isinstance(value, list) else value


def _title(measured: Any) -> str:
    return str(measured.get("title", "?"))[:60] if isinstance(measured, dict) else "?"


def _tables(raw: Raw, measured: Any) -> tuple[list[Table], list[str]]:
    """A table of each sweep of frequency, else one of the trace; and what was odd."""
    if not isinstance(measured, dict):
        return [], ["no measurement; left out"]
    clock = measured.get("utctimestamp") or measured.get("timestamp")
    start = clock / TICKS - EPOCH if isinstance(clock, float) and np.isfinite(clock) else None
    swept = [e for e in measured.get("eisdatalist") or [] if isinstance(e, dict)]
    sweeps = [_columns(e.get("dataset"), SWEEP) for e in (*swept, measured)]
    sweeps = [s for s in sweeps if len(s) == len(SWEEP)]
    if sweeps:  # the data set says again what the list of sweeps says
        kept = sweeps[: len(swept)] or sweeps
        return [_table(raw, s, start) for s in kept], []
    if PULSED.search(str(measured.get("method", ""))):
        return [], ["a pulsed technique, whose current is not that of the cell; left out"]
    found = _columns(measured.get("dataset"), TRACE)
    sizes = {len(v) for v in found.values()}
    if len(found) < len(TRACE) or sizes == {0}:
        return [], ["no spectrum and no time, potential and current in it; left out"]
    if len(sizes) > 1:
        return [], ["its arrays have different lengths; left out"]
    return [_table(raw, found, start)], []


def _table(raw: Raw, found: Mapping[str, Array], start: float | None) -> Table:
    size = min(len(v) for v in found.values())
    columns = np.column_stack([v[:size] for v in found.values()])
    rows = Block(columns, np.arange(1, size + 1))
    return Table(raw.path, recognise(list(found)), rows, clock=start)


def _columns(data: Any, wanted: Mapping[str, str]) -> dict[str, Array]:
    """The arrays of a data set by quantity, SI; those of several scans one after the other."""
    values = data.get("values") if isinstance(data, dict) else None
    found: dict[str, list[Array]] = {}
    for part in values if isinstance(values, list) else []:
        unit = part.get("unit") if isinstance(part, dict) else None
        points = part.get("datavalues") if isinstance(part, dict) else None
        if not isinstance(unit, dict) or not isinstance(points, list):
            continue
        name = wanted.get(str(unit.get("q", "")).lower())
        if name is not None:
            prefix = _PREFIX.search(str(unit.get("type", "")))
            found.setdefault(name, []).append(
                _numbers(points) * (PREFIXES[prefix[1]] if prefix else 1.0)
            )
    return {n: np.concatenate(found[n]) for n in wanted.values() if n in found}


def _numbers(points: list[Any]) -> Array:
    """The values of an array; what is none is NaN."""
    cells = [p.get("v") if isinstance(p, dict) else None for p in points]
    good = [c if isinstance(c, int | float) and not isinstance(c, bool) else np.nan for c in cells]
    return np.array(good, dtype=float)


def _header(session: Mapping[str, Any]) -> dict[str, str]:
    version = session.get("coreversion")
    return {"version": str(version)[:60]} if version else {}


PALMSENS = PalmSens()
