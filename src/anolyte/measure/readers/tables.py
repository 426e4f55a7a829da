"""Tables of text with units in their header, whatever wrote them; and three bare columns.

The last resort of `readers.read`: any separator, any words before the header, a second row of
units or none, decimal points or commas, the header repeated between sweeps. Three columns of
numbers without any header are taken as frequency, real and imaginary part, and a flag says so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import Block, block, decimal_comma, to_number
from anolyte.measure.readers.columns import (
    Column,
    Columns,
    Records,
    Table,
    kinds,
    recognise,
    records,
)
from anolyte.measure.readers.heads import LETTER, LONGEST, MOST, numeric
from anolyte.measure.readers.names import Unit
from anolyte.measure.readers.whole import electrodes
from anolyte.measure.records import Recording

MARKS = "#%!~ "
"""Before the names of columns, where the lines above the numbers are marked as remarks."""
SEPARATORS = ("\t", ";", ",", None)
"""Tried in this order; None: any white space."""
DEEPEST = 300
"""Lines before the header."""
BARE = {
    "frequency": Column(0, "frequency", "frequency", Unit(1.0), "column 1"),
    "real": Column(1, "real", "resistance", Unit(1.0), "column 2"),
    "imaginary": Column(2, "imaginary", "resistance", Unit(1.0), "column 3"),
}
_SPACES = re.compile(r"\s{2,}|\t")


@dataclass(frozen=True)
class Header:
    """Where a table starts and how it is cut.

    Args:
        at: Index of the line of names; -1: there is none.
        first: Index of the first row.
        separator: Between cells of a row; None: white space.
        columns: What is known of them.
        width: Number of cells in a row.
    """

    at: int
    first: int
    separator: str | None
    columns: Columns
    width: int


@dataclass(frozen=True)
class Plain:
    """Reader of CSV, TSV and other tables of text."""

    name: str = "table with units in its header"

    def knows(self, raw: Raw) -> bool:
        """Whether a row of names is known, or there are three bare columns of numbers."""
        return not raw.binary and header(raw) is not None

    def read(self, raw: Raw) -> Recording:
        """Spectra, a trace, or a table of cycles."""
        found = header(raw)
        if found is None:
            raise raw.wrong("no row of names with units and no three bare columns of numbers")
        made, complete = tabulated(raw, found)
        flags = made.flags
        if found.at < 0:
            flags = (*flags, "no header: columns taken as frequency in Hz, real and imaginary "
                     "part in ohm; give them a header to be sure")  # fmt: skip
        return Recording(
            raw.path, self.name, made.spectra, made.trace, made.cycles,
            clock=_clock(made), complete=complete, flags=flags,
        )  # fmt: skip


def _clock(made: Records) -> float | None:
    if made.spectra:
        return made.spectra[0].clock
    return None if made.trace is None else made.trace.clock


def tabulated(raw: Raw, found: Header, **facts: object) -> tuple[Records, bool]:
    """The records of a table whose header is known, and whether it is complete.

    Args:
        raw: The file.
        found: From `header`.
        facts: Other fields of the `Table`: clock, steady, rest.

    Raises:
        DataError: By line.
    """
    lines = raw.beginning
    names = set(lines[found.at : found.first]) if found.at >= 0 else set()
    width = max((c.place for c in found.columns.values()), default=0) + 1
    wanted = [c.place for c in found.columns.values()]
    if any('"' in line for line in lines[found.first : found.first + 20]):
        raw, separator = _unquoted(raw, found), "\t"
    else:
        separator = found.separator
    numbers = block(raw, found.first + 1, None, width, separator, names, wanted)
    texts = _texts(raw, numbers, separator)
    table = Table(raw.path, found.columns, numbers, texts, **facts)  # pyright: ignore[reportArgumentType]
    made = records(table)
    names = cut(lines[found.at].lstrip(MARKS), found.separator) if found.at >= 0 else []
    told = electrodes(names, found.columns)
    return (replace(made, flags=(*made.flags, *told)) if told else made), numbers.complete


def _texts(raw: Raw, numbers: Block, separator: str | None) -> Callable[[int], list[str]]:
    """Cells of a column as text."""

    def texts(place: int) -> list[str]:
        rows = (raw.lines[k - 1].split(separator) for k in numbers.lines)
        return [r[place].strip().strip('"') if place < len(r) else "" for r in rows]

    return texts


def _unquoted(raw: Raw, found: Header) -> Raw:
    """The same lines with tabs and without quotes, so that a quoted separator is none."""
    rows = [cut(line, found.separator) for line in raw.lines]
    text = "\n".join("\t".join(c.replace("\t", " ") for c in row) for row in rows)
    return replace(raw, data=text.encode())


def cut(line: str, separator: str | None) -> list[str]:
    """The cells of a line; quotes hold separators together.

    >>> cut('"a, b";2', ";"), cut("Freq [Hz]  Re [Ohm]", None)
    (['a, b', '2'], ['Freq [Hz]', 'Re [Ohm]'])
    """
    if separator is None:
        cells = _SPACES.split(line.strip())
        return cells if len(cells) > 1 else line.split()
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def header(raw: Raw) -> Header | None:
    """The row of names of a table, or the first of three bare columns; None: neither.

    The row with the most known columns that has numbers under it; without numbers under any, the
    first that makes sense (a file whose first row is still to come).
    """
    lines = raw.beginning[:DEEPEST]
    best: tuple[int, Header] | None = None
    for at, line in enumerate(lines):
        if len(line) > LONGEST or LETTER.search(line) is None or _row(line):
            continue
        for separator in SEPARATORS:
            made = _header(lines, at, separator)
            if made is None:
                continue
            worth = len(made.columns) + 100 * bool(kinds(made.columns))
            if best is None or worth > best[0]:
                best = worth, made
        if best is not None and best[0] >= 100:
            return best[1]
    return _bare(lines) or (best[1] if best is not None else None)


def _row(line: str) -> bool:
    """Whether a line is of numbers, with a word among them or none, whatever separates them."""
    return numeric(_CELLS.split(line), 0.75)


_CELLS = re.compile(r"[\t;, ]+")


def _header(lines: list[str], at: int, separator: str | None) -> Header | None:
    """The line as a row of names; None where fewer than two are known, or no numbers follow."""
    if separator is not None and separator not in lines[at]:
        return None
    names = cut(lines[at].lstrip(MARKS), separator)
    if len(names) < 2 or len(names) > MOST or numeric(names):
        return None
    following = [k for k in range(at + 1, min(at + 6, len(lines))) if lines[k].strip()]
    cells = [cut(lines[k].lstrip(MARKS), separator) for k in following]
    columns, first = recognise(names), at + 1
    if cells and not _numbers(cells[0], separator):
        units = recognise(names, [u.strip().strip("()[]") for u in cells[0]])
        if len(units) >= 2 and len(cells[0]) <= len(names):
            columns, first = {**columns, **units}, following[0] + 1
    if len(columns) < 2:
        return None
    rows = [c for k, c in zip(following, cells, strict=True) if k >= first]
    if rows and not _numbers(rows[0], separator):
        return None
    return Header(at, first, separator, columns, len(names))


def _numbers(cells: list[str], separator: str | None) -> bool:
    """Whether at least two cells, or all, are numbers."""
    comma = decimal_comma([" ".join(cells)], ";" if separator == "," else separator)
    good = [np.isfinite(to_number(c, comma)) or _odd(c) for c in cells]
    return sum(good) >= min(2, len(good))


def _odd(cell: str) -> bool:
    return cell.strip().lower() in ("nan", "inf", "-inf")


def _bare(lines: list[str]) -> Header | None:
    """Three columns of numbers from the first line on."""
    rows = [(k, line) for k, line in enumerate(lines) if line.strip() and line[0] not in "#%!~"]
    if len(rows) < 2:
        return None
    for separator in SEPARATORS:
        cells = [line.split(separator) for _, line in rows[:5]]
        comma = decimal_comma([line for _, line in rows[:5]], separator)
        if all(len(c) == 3 and all(np.isfinite(to_number(x, comma)) for x in c) for c in cells):
            return Header(-1, rows[0][0], separator, BARE, 3)
    return None
