"""Tables of text as cyclers write them: names, rows, words among the numbers.

A `Grid` holds rows as text and gives columns as numbers or words; `table` turns it into a `Table`
of the engine in `columns` after a reader has told what its own names mean. Decimal commas are
judged from the wanted columns alone, because a date has points of its own.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import FEW, Block, block, decimal_comma, to_number
from anolyte.measure.readers.columns import Column, Table, cycles, kinds, recognise, records
from anolyte.measure.readers.heads import cut
from anolyte.measure.readers.moments import day_first, doubt, moment
from anolyte.measure.readers.names import Unit
from anolyte.measure.readers.whole import signed
from anolyte.measure.records import Array, CycleTable, Recording, Trace


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of text under their names.

    Args:
        raw: The file.
        names: Of the columns, as the file has them.
        rows: Lines of the table.
        lines: Line of each row in its file, from 1, (rows,).
        separator: Between cells.
        complete: False where the last row was cut short and left out.
        flags: What was odd.
    """

    raw: Raw
    names: tuple[str, ...]
    rows: Sequence[str]
    lines: Array
    separator: str
    complete: bool = True
    flags: tuple[str, ...] = ()

    def words(self, places: Sequence[int]) -> dict[int, list[str]]:
        """Cells of some columns as text; a missing cell is empty."""
        wanted = sorted(set(places))
        if not wanted or not len(self.rows):
            return {k: [] for k in wanted}
        found = None if len(self.rows) <= FEW else self._fast(wanted)
        return self._slow(wanted) if found is None else found

    def _fast(self, wanted: list[int]) -> dict[int, list[str]] | None:
        import pandas as pd

        if any('"' in row for row in self.rows):
            return None
        try:
            frame = pd.read_csv(
                io.StringIO("\n".join(self.rows)), header=None, sep=self.separator,
                names=range(len(self.names)), usecols=wanted, dtype=object, quoting=3,
                index_col=False, keep_default_na=False, na_filter=False, skip_blank_lines=False,
            )  # fmt: skip
        except (ValueError, OverflowError):
            return None
        if len(frame) != len(self.rows):
            return None
        cells = {k: frame[k].tolist() for k in wanted}  # a short row ends in NaN
        return {k: [c.strip() if isinstance(c, str) else "" for c in v] for k, v in cells.items()}

    def numbers(self, places: Sequence[int]) -> dict[int, Array]:
        """Columns in which every cell is a number or empty; none where one is not."""
        import pandas as pd

        wanted = sorted(set(places))
        if not wanted or len(self.rows) <= FEW or any('"' in row for row in self.rows):
            return {}
        try:
            frame = pd.read_csv(
                io.StringIO("\n".join(self.rows)), header=None, sep=self.separator,
                names=range(len(self.names)), usecols=wanted, dtype=float, quoting=3,
                index_col=False, skip_blank_lines=False,
            )  # fmt: skip
        except (ValueError, OverflowError):
            return {}
        if len(frame) != len(self.rows):
            return {}
        return {k: frame[k].to_numpy() for k in wanted}

    def _slow(self, wanted: list[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {k: [] for k in wanted}
        for row in self.rows:
            cells = cut(row, self.separator)
            for k in wanted:
                found[k].append(cells[k] if k < len(cells) else "")
        return found

    def chosen(self, kept: Array) -> Grid:
        """Only some rows, by a mask."""
        rows = [row for row, keep in zip(self.rows, kept, strict=True) if keep]
        return replace(self, rows=rows, lines=self.lines[kept])


def grid(raw: Raw, at: int, separator: str, names: Sequence[str]) -> Grid:
    """All rows under the names in line `at` (index), without those that come again."""
    tail = block(raw, max(at + 2, len(raw.lines) - 5), len(raw.lines), 1, separator)
    header = raw.lines[at]
    rows = raw.lines[at + 1 :] if tail.complete else raw.lines[at + 1 : -1]
    numbers = np.arange(at + 2, at + 2 + len(rows))
    good = np.array([bool(r.strip(" ,;\t")) and r != header for r in rows], dtype=bool)
    whole = Grid(raw, tuple(names), rows, numbers, separator, tail.complete, tail.flags)
    return whole if good.all() else whole.chosen(good)


def found_header(raw: Raw, needed: Sequence[set[str]], never: set[str]) -> Grid | None:
    """The table whose names have one of each set and none of `never`; None: there is none."""
    for head in raw.heads:
        if head.has(needed, never):
            return grid(raw, head.at, head.separator, head.names)
    return None


def has_header(raw: Raw, needed: Sequence[set[str]], never: set[str]) -> bool:
    """Whether there is such a row of names."""
    return any(head.has(needed, never) for head in raw.heads)


def recording(
    raw: Raw, name: str, made: Trace, complete: bool, flags: tuple[str, ...],
    header: Mapping[str, str] | None = None,
) -> Recording:  # fmt: skip
    """A recording of one trace."""
    return Recording(
        raw.path, name, trace=made, header=header or {}, clock=made.clock, complete=complete,
        flags=tuple(dict.fromkeys(flags)),
    )  # fmt: skip


def table(found: Grid, headers: Sequence[str], **facts: Any) -> Table:
    """The engine's table of a grid.

    Args:
        found: Rows.
        headers: What each column is called in the words of `names`, with its unit; "" passes it
            over.
        facts: Other fields of the `Table`.
    """
    columns = recognise(headers)
    first = cut(found.rows[0], found.separator) if len(found.rows) else []
    if (total := columns.get("time")) is not None and any(first[total.place : total.place + 1]):
        columns.pop("step time", None)  # words are slow to read
    used = [c.place for c in columns.values()]
    width = max(used, default=0) + 1
    values = np.full((len(found.rows), width), np.nan)
    exact = [k for k in used if k < len(first) and _NUMBER.match(first[k])]
    read = found.numbers(exact)
    words = found.words([k for k in used if k not in read])
    for place in used:
        values[:, place] = read[place] if place in read else numbers(words[place])
    start, told = _clock(columns, values, words)
    if start is not None and "clock" in facts:
        told = ()
    elif start is not None:
        facts["clock"] = start
    told_of = columns.get("time", columns.get("step time"))
    if told_of is not None and not told_of.assumed:  # a date in words is slow and less exact
        columns = {q: c for q, c in columns.items() if q != "clock"}
    return Table(
        found.raw.path, columns,
        Block(values, found.lines, found.complete, (*found.flags, *told)),
        lambda place: words.get(place) or found.words([place])[place], **facts,
    )  # fmt: skip


_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$")


def numbers(cells: Sequence[str]) -> Array:
    """Cells of a column as numbers, with points or commas; what is none is NaN.

    >>> numbers(["1,5", "-2", "--"])
    array([ 1.5, -2. ,  nan])
    """
    import pandas as pd

    if cells and ":" in cells[0]:  # durations or dates
        return np.full(len(cells), np.nan)
    comma = decimal_comma(cells[:200], ";")
    if len(cells) <= FEW:
        return np.array([to_number(c, comma) for c in cells], dtype=float)
    text = [c.replace(",", ".") for c in cells] if comma else list(cells)
    found: Any = pd.to_numeric(pd.Series(text, dtype=object), errors="coerce")
    return np.asarray(found, dtype=float)


def _clock(
    columns: Mapping[str, Column], values: Array, words: Mapping[int, list[str]]
) -> tuple[float | None, tuple[str, ...]]:
    """The date of the first row: in words, in days where it has no unit, or in a unit; doubts."""
    known = columns.get("clock")
    if known is None or not len(values):
        return None, ()
    first = values[0, known.place]
    if np.isfinite(first):
        return (when(repr(float(first))) if known.assumed else float(known.si(values)[0])), ()
    cells = words.get(known.place)
    if not cells:
        return None, ()
    order = day_first(cells) if doubt(cells[0]) else None
    # where the column stays, the engine reads it again and tells its doubts itself
    stays = not {"time", "step time"} & columns.keys()
    return when(cells[0], order), () if stays else doubt(cells[0], order)


YEAR = re.compile(r"^(\d{1,2}-[A-Za-z]{3})-(\d{2})\b")


def when(text: str, day_first: bool | None = None) -> float | None:
    """A date as cyclers write it, s since 1970-01-01 as their clock had it; None: it is none.

    Days since 1899-12-30 are what spreadsheets write.

    >>> when("23-Nov-23 3:56:11 PM") == when("2023-11-23 15:56:11") == when("45253.66401620371")
    True
    """
    text = YEAR.sub(r"\1-20\2", text.strip())
    if (found := moment(text, day_first)) is not None:
        return found
    try:
        days = float(text)
    except ValueError:
        return None
    return round((days - 25569.0) * 86400.0, 3) if 25569.0 < days < 110_000.0 else None


def with_column(made: Table, quantity: str, values: Array) -> Table:
    """A table with one more column, already in SI."""
    old = made.block
    place = old.values.shape[1]
    joined = np.column_stack([old.values, np.asarray(values, dtype=float)])
    known = Column(place, quantity, "time" if quantity == "time" else "number", Unit(1.0), quantity)
    return replace(
        made, columns={**made.columns, quantity: known}, block=replace(old, values=joined)
    )


def added_up(made: Table) -> tuple[Table, tuple[str, ...]]:
    """A table whose steps start at zero, with a time that goes on.

    Where the step time falls a step has begun, and the end of the one before is added.
    """
    own = made.get("step time")
    if "time" in made.columns or own is None or not len(own):
        return made, ()
    falls = np.append(False, np.diff(own) < 0.0)
    gained = np.cumsum(np.where(falls, np.append(0.0, own[:-1]), 0.0))
    told = ("no time since the start in the file: the times of the steps were added up",)
    return with_column(made, "time", own + gained), told


def traced(made: Table) -> tuple[Trace, tuple[str, ...]]:
    """The trace of a table, and what was odd.

    Raises:
        DataError: No time, voltage and current, no rows, or bad ones, by line.
    """
    found = records(made)
    if found.trace is None:
        raise DataError(f"{made.file}: no time, voltage and current among its columns")
    return found.trace, found.flags


UNSIGNED = (
    "no negative current: where the cell was discharged it was written without sign; export the "
    "column of the kind of step too"
)


def unsigned(made: Trace) -> bool:
    """Whether there is current, and none of it negative."""
    return len(made) > 0 and bool(made.current.any()) and not (made.current < 0.0).any()


def restored(made: Trace, discharging: Array | None) -> Trace:
    """The trace with a negative current in rows of discharge, where the file has magnitudes only.

    Args:
        made: As it was written.
        discharging: Whether the file calls a row a discharge, (N,); None: it does not say.
    """
    if not unsigned(made):
        return made
    if discharging is None:
        return replace(made, flags=(*made.flags, UNSIGNED))
    rows = discharging & (made.current != 0.0)
    if not rows.any():
        return made
    told = "currents of discharge were written without sign: taken as negative by the kind of step"
    current = np.where(rows, -made.current, made.current)
    charge = signed(made.charge, current)
    return replace(made, current=current, charge=charge, flags=(*made.flags, told))


def summed(sheet: Raw | None) -> CycleTable | None:
    """A sheet of capacities by cycle; None where it has none."""
    if sheet is None:
        return None
    for head in sheet.heads:
        if head.at >= FIRST_ROWS:
            break
        found = grid(sheet, head.at, head.separator, head.names)
        made = table(found, head.names)
        if "cycles" in kinds(made.columns) and len(found.rows):
            return cycles(made)
    return None


FIRST_ROWS = 5
"""Of a sheet, among which its names are."""
SHEET = re.compile(r'<sheet\b[^<>]*?\bname="([^"<>]*)"')
MOST = 1_000_000
"""Characters of the list of sheets."""


def sheet_names(raw: Raw) -> tuple[str, ...]:
    """Names of the sheets of a spreadsheet, without reading them; none where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as packed:
            with packed.open("xl/workbook.xml") as part:
                return tuple(SHEET.findall(part.read(MOST).decode("utf-8", "replace")))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError, RuntimeError):
        return ()
