"""Gamry `.DTA`: `EXPLAIN`, facts with tabs, then tables: `NAME TABLE`, names, units, rows.

Rows of a table begin with a tab; the table ends with the first line that does not. `ZCURVE` is a
spectrum, `CURVE`, `CURVE1`, ... are measurements over time (a cycle each), `OCVCURVE` is the open
circuit before them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block, block, positive, to_number
from anolyte.measure.readers.columns import Records, Table, kinds, recognise, records
from anolyte.measure.readers.moments import doubt, moment
from anolyte.measure.records import Claims, Recording, Spectrum, Trace

START = re.compile(r"^([A-Z]*CURVE)([0-9]{0,9})\tTABLE\b", re.IGNORECASE)
SPECTRUM, OPEN = "ZCURVE", "OCVCURVE"
ABORTED = "EXPERIMENTABORTED"


@dataclass(frozen=True)
class Gamry:
    """Reader of `.DTA` files."""

    name: str = "Gamry .DTA"

    def knows(self, raw: Raw) -> bool:
        """By its first word."""
        return raw.head.lstrip().startswith("EXPLAIN")

    def read(self, raw: Raw) -> Recording:
        """All spectra of it; what was written over time; else its open circuit."""
        parts = _tables(raw)
        if not parts:
            raise raw.wrong("no table (ZCURVE, CURVE) in it; was the measurement started at all?")
        facts = _facts(raw, parts[0].at)
        clock = _clock(facts)
        flags = [*_aborted(raw), *doubt(facts.get("DATE", ""))]
        spectra: list[Spectrum] = []
        traces: list[Trace] = []
        broken: list[DataError] = []
        complete = True
        for part in parts:
            try:
                whole, told, made = _read(raw, part, clock)
            except DataError as error:
                if part.name != SPECTRUM:  # a trace with a gap is none
                    raise
                broken.append(error)
                flags.append(f"a sweep was left out: {error}")
                continue
            complete &= whole
            flags += [f"{part.name}: {t}" for t in told]
            spectra += made.spectra
            traces += [made.trace] if made.trace is not None else []
        if broken and not spectra:
            raise broken[0]
        if not spectra and not traces:
            raise raw.wrong("its tables hold no complete row; is it still measuring?")
        return Recording(
            raw.path, self.name, _numbered(spectra), _joined(traces), claims=_claims(facts),
            header={k: facts[k] for k in SHOWN if facts.get(k)}, clock=clock, complete=complete,
            flags=tuple(flags),
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One table: index of the line of its name, and of the line after its last row."""

    name: str
    number: str
    at: int
    end: int


def _tables(raw: Raw) -> list[Part]:
    """The tables worth reading: the open circuit only where there is nothing else."""
    starts = [(k, m) for k, line in enumerate(raw.lines) if (m := START.match(line)) is not None]
    parts = []
    for k, m in starts:
        end = k + 1
        while end < len(raw.lines) and (raw.lines[end].startswith("\t") or not raw.lines[end]):
            end += 1
        parts.append(Part(m[1].upper(), m[2], k, end))
    known = [p for p in parts if p.name in (SPECTRUM, "CURVE")]
    return known or [p for p in parts if p.name == OPEN]


def _read(raw: Raw, part: Part, clock: float | None) -> tuple[bool, tuple[str, ...], Records]:
    """Whether it is complete, what was odd, and its records; none where it has no rows."""
    if part.end - part.at < 4:
        return part.end < len(raw.lines), ("has no rows",), Records()
    names, units = (raw.lines[part.at + k].split("\t") for k in (1, 2))
    columns = recognise(names, [u.replace("vs. Ref.", "") for u in units])
    rest = part.name == OPEN
    if not kinds(columns, rest):
        if part.name == SPECTRUM:
            raise raw.wrong(f"not the columns of a spectrum: {' '.join(names)[:100]}", part.at + 2)
        return True, ("holds neither time nor voltage with current; left out",), Records()
    last = max(c.place for c in columns.values()) + 1
    wanted = [c.place for c in columns.values()]
    found = block(raw, part.at + 4, part.end, last, "\t", wanted=wanted)
    if not len(found.values):
        return found.complete, ("has no complete row",), Records()
    cycle = {"cycle": int(part.number)} if part.number and part.name == SPECTRUM else None
    made = records(Table(raw.path, columns, found, None, clock, cycle, rest))
    return found.complete, made.flags, _cycled(made, part, found)


def _cycled(made: Records, part: Part, found: Block) -> Records:
    """With the number of the curve as the cycle of its trace."""
    from dataclasses import replace

    if made.trace is None or not part.number or made.trace.cycle is not None:
        return made
    cycle = np.full(len(found.values), int(part.number))
    return replace(made, trace=replace(made.trace, cycle=cycle))


def _numbered(spectra: list[Spectrum]) -> tuple[Spectrum, ...]:
    from dataclasses import replace

    return tuple(replace(s, number=k) for k, s in enumerate(spectra))


def _joined(traces: list[Trace]) -> Trace | None:
    """Curve after curve; where the time starts again, the next follows on."""
    if not traces:
        return None
    from dataclasses import replace

    times, last = [], 0.0
    for t in traces:
        time = t.time if not times or t.time[0] >= last else t.time + last
        times.append(time)
        last = float(time[-1])
    names = ("voltage", "current", "cycle", "step", "charge", "temperature", "stack_pressure",
             "lines")  # fmt: skip
    found = {}
    for name in names:
        values = [getattr(t, name) for t in traces]
        found[name] = None if any(v is None for v in values) else np.concatenate(values)
    flags = tuple(dict.fromkeys(f for t in traces for f in t.flags))
    return replace(traces[0], time=np.concatenate(times), flags=flags, **found)


# --- header -------------------------------------------------------------------------------------

SHOWN = ("TITLE", "TAG", "DATE", "TIME", "PSTAT", "NOTES")


def _facts(raw: Raw, end: int) -> dict[str, str]:
    """Name to value; notes run over as many lines as they say."""
    facts: dict[str, str] = {}
    lines = raw.lines[:end]
    for k, line in enumerate(lines):
        cells = line.split("\t")
        if len(cells) < 2 or not cells[0]:
            continue
        value = cells[1] if cells[0] == "TAG" or len(cells) < 3 else cells[2]
        if cells[0] == "NOTES":
            count = to_number(cells[2]) if len(cells) > 2 else 0.0
            count = int(count) if 0.0 <= count < 1000.0 else 0
            value = "; ".join(t.strip() for t in lines[k + 1 : k + 1 + count] if t.strip())
        facts.setdefault(cells[0], value.strip())
    return facts


def _clock(facts: dict[str, str]) -> float | None:
    return moment(f"{facts.get('DATE', '')} {facts.get('TIME', '')}")


def _claims(facts: dict[str, str]) -> Claims:
    """The area, cm2 by the format."""
    text = facts.get("AREA", "")
    area = to_number(text, comma="," in text)
    return Claims(area=positive(area, 1e-4))


def _aborted(raw: Raw) -> list[str]:
    """A sentence where the user or the instrument stopped it."""
    for number, line in enumerate(raw.lines, 1):
        if line.startswith(ABORTED) and "\tT" in line:
            return [f"line {number}: the experiment was aborted; what was measured is given"]
    return []
