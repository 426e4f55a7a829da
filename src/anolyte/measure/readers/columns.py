"""Columns by their header: which quantity each one is, and what a table of them holds.

`recognise` knows a column by name and unit (`names` is the table of spellings). `records` turns a
`Table` into spectra, a trace or a table of cycles, whichever its columns make. Rules:

- A unit in the header is obeyed. Without one the SI unit is taken and said in a flag; capacities,
  temperatures, pressures, angles and dates without a unit are not read at all.
- Numbers per area or per mass (`mA/cm2`, `ohm cm2`, `mAh/g`) never become those of the whole cell:
  the file's area or mass would have to be trusted. Only a table of cycles may be per mass.
- A column of a minus (`-Im(Z)/Ohm`) is turned. Where the imaginary part contradicts the real one,
  it is turned too, and a flag says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.readers.blocks import Block
from anolyte.measure.readers.capacities import cycles
from anolyte.measure.readers.heads import LONGEST_NAME
from anolyte.measure.readers.moments import all_seconds, day_first, doubt, moment
from anolyte.measure.readers.names import INDEX, Quantity, Unit, plain, tidy, unit_of
from anolyte.measure.readers.pace import timed
from anolyte.measure.readers.sweeps import rests, spectra
from anolyte.measure.readers.whole import passed
from anolyte.measure.records import Array, CycleTable, Spectrum, Trace

REFERENCE = re.compile(r"\s*\b(?:vs\b\.?|versus\b|against\b)[^()\[\]{}]*", re.IGNORECASE)
BRACKET = re.compile(r"^(.+?)\s*[(\[{]([^()\[\]{}]*)[)\]}]$")
MARKS = re.compile(r"[/_,\s]")
CLOCK_FACE = re.compile(r"h+:m", re.IGNORECASE)
"""A unit such as `h:min:s.ms`: durations written as text."""


@dataclass(frozen=True)
class Column:
    """One column whose meaning is known.

    Args:
        place: Which column of the table, from 0.
        quantity: Name in `names.QUANTITIES`.
        dimension: Of its unit.
        unit: To SI.
        header: As the file has it.
        negative: Whether the header has a minus before the name.
        assumed: Whether the header has no unit and the SI unit was taken.
        rank: Smaller is more wanted where two columns are the same quantity.
    """

    place: int
    quantity: str
    dimension: str
    unit: Unit
    header: str
    negative: bool = False
    assumed: bool = False
    rank: tuple[int, int] = (0, 0)

    def si(self, values: Array) -> Array:
        """Its numbers in SI, from all columns (rows, columns) or from its own (rows,)."""
        own = values[:, self.place] if np.ndim(values) == 2 else values
        sign = -1.0 if self.negative else 1.0
        return sign * (own * self.unit.factor + self.unit.offset)


Columns = Mapping[str, Column]


def column(header: str, place: int = 0, unit: str | None = None) -> Column | None:
    """What a header stands for, or None.

    Args:
        header: One cell of the header row, with or without a unit.
        place: Which column it is.
        unit: Where the file has the units in a row of their own.

    >>> c = column("-Im(Z)/Ohm")
    >>> c.quantity, c.negative, column("Z' (kΩ)").unit.factor
    ('imaginary', True, 1000.0)
    >>> [column(h).quantity for h in ("Test_Time(s)", "Ewe/V vs. Li", "I/mA", "T [°C]")]
    ['time', 'voltage', 'current', 'temperature']
    >>> column("j / mA cm⁻²").dimension, column("Voltage(A)")
    ('current density', None)
    """
    if len(header) > LONGEST_NAME or len(unit or "") > LONGEST_NAME:
        return None
    found = _meant(header, unit)
    return found if found is None or found.place == place else replace(found, place=place)


@lru_cache(4096)
def _meant(header: str, unit: str | None) -> Column | None:
    """The column in place 0; the same few names come again and again."""
    text = REFERENCE.sub("", tidy(header)).strip()
    negative = text.startswith("-") and len(text) > 1
    text = text.lstrip("- ") if negative else text
    for name, written in _splits(text, unit):
        if (found := _known(name, written)) is not None:
            quantity, rank, dimension, known = found
            return Column(
                0, quantity.name, dimension, known, header.strip(), negative,
                assumed=not written.strip() and dimension not in ("number", "fraction"),
                rank=(quantity.dimensions.index(dimension), rank),
            )  # fmt: skip
    return None


def _splits(text: str, unit: str | None) -> list[tuple[str, str]]:
    """All ways to cut a header into name and unit, the likeliest first."""
    if unit is not None and unit.strip():
        given = unit.strip().strip("()[]")
        named = [(m[1], given)] if (m := BRACKET.match(text)) else []
        return [(text, given), *named, *_splits(text, None)]
    found = [(m[1], m[2])] if (m := BRACKET.match(text)) else []
    found += [(text[: m.start()], text[m.end() :]) for m in MARKS.finditer(text)]
    return [(a.strip(), b.strip()) for a, b in found if b.strip()] + [(text, "")]


def _known(name: str, written: str) -> tuple[Quantity, int, str, Unit] | None:
    """The first quantity of that name that can have that unit."""
    for quantity, rank in INDEX.get(plain(name), ()):
        if not written:
            if quantity.bare or quantity.name == "clock":
                return quantity, rank, quantity.dimensions[0], Unit(1.0)
            continue
        for dimension in quantity.dimensions:
            if (known := unit_of(REFERENCE.sub("", written), dimension)) is not None:
                return quantity, rank, dimension, known
        if "time" in quantity.dimensions and CLOCK_FACE.match(written):
            return quantity, rank, "time", Unit(1.0)
    return None


def recognise(header: Sequence[str], units: Sequence[str] | None = None) -> dict[str, Column]:
    """Quantity to column, for all that are known; of two the more usual one.

    Args:
        header: All cells of the header row.
        units: Of a second row with units only.

    >>> sorted(recognise(["freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm", "cycle number", "|Z|/Ohm"]))
    ['cycle', 'frequency', 'imaginary', 'modulus', 'real']
    """
    found: dict[str, Column] = {}
    for place, text in enumerate(header):
        unit = units[place] if units is not None and place < len(units) else None
        known = column(text, place, unit)
        if known is None:
            continue
        rival = found.get(known.quantity)
        if rival is None or known.rank < rival.rank:
            found[known.quantity] = known
    return found


def kinds(columns: Columns, rest: bool = False) -> tuple[str, ...]:
    """What a table with these columns can give: "spectra", "trace", "cycles".

    Args:
        columns: From `recognise`.
        rest: Whether it is of an open circuit, where no current is needed.

    >>> kinds(recognise(["Freq(Hz)", "Z'(a)", "Z''(b)"])), kinds(recognise(["Frequency", "Bias"]))
    (('spectra',), ())
    """
    found = []
    if ({"frequency", "angular frequency"} & columns.keys()) and (
        {"real", "imaginary"} <= columns.keys() or {"modulus", "phase"} <= columns.keys()
    ):
        found.append("spectra")
    timed = {"time", "step time", "clock"} & columns.keys()
    if timed and "voltage" in columns and (rest or "current" in columns):
        found.append("trace")
    capacity = {"charge capacity", "discharge capacity", "charge"} & columns.keys()
    if "cycle" in columns and capacity and not timed and "voltage" not in columns:
        found.append("cycles")
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Table:
    """A header row and the numbers under it.

    Args:
        file: For messages.
        columns: From `recognise`.
        block: Numbers and their lines.
        texts: Gives the cells of a column as text, for dates and durations; None: no such column.
        clock: Start of the table, s since 1970-01-01 UTC.
        steady: Facts that hold for all rows: `temperature`, `cycle`, ...; fields of a `Spectrum`.
        rest: Whether a missing current is none (an open-circuit measurement).
        month_first: Whether the instrument is known to write dates so.
    """

    file: str
    columns: Columns
    block: Block
    texts: Callable[[int], Sequence[str]] | None = None
    clock: float | None = None
    steady: Mapping[str, float | int] | None = None
    rest: bool = False
    month_first: bool = False

    def get(self, quantity: str) -> Array | None:
        """A column in SI; None: there is none, or not one number in it."""
        known = self.columns.get(quantity)
        if known is None:
            return None
        found = known.si(self.block.values)
        if known.dimension == "time" and not np.isfinite(found).any():
            found = self._written(known)
        if known.dimension == "temperature":  # an instrument without a sensor writes -327.67 C
            found = np.where(found > 0.0, found, np.nan)
        return found if np.isfinite(found).any() else None

    def _written(self, known: Column) -> Array:
        """Dates or durations that are written as text; a column of dates is a time as well."""
        if self.texts is None:
            return np.full(len(self.block.values), np.nan)
        cells = self.texts(known.place)
        if known.quantity != "clock":
            found = all_seconds(cells)
            if np.isfinite(found).any():
                return found
        order = day_first(cells)
        found = np.array([moment(c, order) for c in cells], dtype=float)
        if known.quantity == "clock" or not len(found):
            return found
        return found - found[0]

    def whole(self, quantity: str) -> Array | None:
        """A column of integers; None: there is none, or it has gaps."""
        found = self.get(quantity)
        if found is None or not np.isfinite(found).all() or np.abs(found).max() > 1e15:
            return None
        return np.rint(found).astype(int)

    def part(self, chosen: Array) -> Table:
        """Some of its rows, by a mask."""
        rows = np.flatnonzero(chosen)
        block = replace(self.block, values=self.block.values[rows], lines=self.block.lines[rows])
        if (texts := self.texts) is None:
            return replace(self, block=block)

        def some(place: int) -> list[str]:
            cells = texts(place)
            return [cells[int(r)] for r in rows]

        return replace(self, block=block, texts=some)

    def place(self, row: int) -> str:
        """A row for messages."""
        return f"{self.file}, line {int(self.block.lines[row])}"


@dataclass(frozen=True, eq=False)
class Records:
    """What a table gave; the fields of a `Recording`."""

    spectra: tuple[Spectrum, ...] = ()
    trace: Trace | None = None
    cycles: CycleTable | None = None
    flags: tuple[str, ...] = ()


def records(table: Table) -> Records:
    """Spectra, a trace or a table of cycles, by the columns that are there.

    Raises:
        DataError: No such columns, no rows, numbers per area, or bad rows, by line.

    >>> rows = np.array([[10.0**k, 5.0, 1.0 * k] for k in range(6)])
    >>> known = recognise(["freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm"])
    >>> found = records(Table("a.txt", known, Block(rows, np.arange(6) + 2)))
    >>> found.spectra[0].impedance[0]
    np.complex128(5-5j)
    """
    can = kinds(table.columns, table.rest)
    if {"real", "imaginary"} <= table.columns.keys() and "spectra" not in can:
        raise DataError(f"{table.file}: impedances without a frequency; export the frequency too")
    if not can:
        names = ", ".join(f"'{c.header}'" for c in table.columns.values()) or "none that is known"
        raise DataError(
            f"{table.file}: no spectrum (frequency, real, imaginary), no trace (time, voltage, "
            f"current) and no table of cycles (cycle, capacity) among its columns: {names[:200]}"
        )
    if not len(table.block.values):
        raise DataError(f"{table.file}: no complete row under the header; is it still measuring?")
    table, paced = timed(table)
    flags = (*paced, *_assumed(table.columns, can), *table.block.flags, *_dated(table))
    if "spectra" in can:
        found, told = spectra(table)
        between = rests(table)
        beside = trace(between) if "trace" in can and between is not None else None
        if found or beside is not None:
            return Records(spectra=found, trace=beside, flags=(*flags, *told))
    elif "trace" in can:
        return Records(trace=trace(table), flags=flags)
    if "cycles" in can:
        return Records(cycles=cycles(table), flags=flags)
    raise DataError(f"{table.file}: no row has a frequency; was the sweep measured at all?")


_USED = {"spectra": ("frequency", "real", "imaginary"), "trace": ("time", "voltage", "current"),
         "cycles": ()}  # fmt: skip


def _assumed(columns: Columns, can: Sequence[str]) -> tuple[str, ...]:
    """One sentence on the columns that were taken as SI."""
    used = [columns[n] for n in _USED[can[0]] if n in columns]
    bare = [f"'{c.header}'" for c in used if c.assumed]
    if not bare:
        return ()
    return (f"no unit in the header of {', '.join(bare)}: taken as SI (Hz, ohm, s, V, A)",)


def _dated(table: Table) -> tuple[str, ...]:
    """A sentence where the order of day and month cannot be known."""
    known = table.columns.get("clock", table.columns.get("time"))
    if known is None or table.texts is None or table.month_first:
        return ()
    if np.isfinite(known.si(table.block.values)).any():
        return ()
    cells = table.texts(known.place)
    return doubt(cells[0], day_first(cells)) if cells and doubt(cells[0]) else ()


def trace(table: Table) -> Trace:
    """What was written over time.

    Raises:
        DataError: Current per area or mass, no numbers, time that runs backwards.
    """
    _whole_cell(table)
    step, cycle = table.whole("step"), table.whole("cycle")
    time, flags = _times(table, step if step is not None else cycle)
    voltage, current = table.get("voltage"), table.get("current")
    if current is None and table.rest:
        current = np.zeros(len(time))
    if voltage is None or current is None:
        lost = "voltage" if voltage is None else "current"
        raise DataError(f"{table.file}: not one number under the header of the {lost}")
    return Trace(
        time=time, voltage=voltage, current=current, cycle=cycle, step=step,
        charge=passed(table, current), temperature=table.get("temperature"),
        stack_pressure=table.get("stack pressure"), file=table.file, clock=_start(table),
        lines=table.block.lines, flags=flags,
    )  # fmt: skip


def _start(table: Table) -> float | None:
    """The clock of the first row, of its date or a time that is one; else of the header."""
    for name in ("clock", "time"):
        known = table.columns.get(name)
        if known is None:
            continue
        values = known.si(table.block.values)
        if name == "clock" and np.isfinite(values[0]):
            return float(values[0])
        if table.texts is not None and not np.isfinite(values).any():
            cells = table.texts(known.place)
            if (found := moment(next(iter(cells), ""), day_first(cells))) is not None:
                return found
    return table.clock


def _times(table: Table, step: Array | None) -> tuple[Array, tuple[str, ...]]:
    """Seconds that never fall: of the test, of the clock, or of the steps added up."""
    time = table.get("time")
    if time is None:
        time = table.get("clock")
        if time is not None and np.isfinite(time[0]):
            return time - time[0], ()
        time = table.get("step time")
    if time is None:
        raise DataError(f"{table.file}: not one number under the header of the time")
    falls = np.append(False, np.diff(time) < 0.0)
    if not falls.any():
        return time, ()
    if step is None or not np.all(np.append(0, np.diff(step))[falls] != 0):
        return time, ()  # the trace names the line
    gained = np.cumsum(np.where(falls, np.append(0.0, time[:-1]), 0.0))
    return time + gained, ("the time starts again at each step: the steps were added up",)


def _whole_cell(table: Table) -> None:
    """Refuse currents per area or mass."""
    known = table.columns.get("current")
    if known is not None and known.dimension != "current":
        raise DataError(
            f"{table.file}: '{known.header}' is not of the whole cell, and the area or mass that "
            "it was divided by is not known for sure; export it in mA"
        )
