"""Rows of numbers in text: the block under a header, with the line of each row.

Large tables are read by pandas' parser, small ones and odd ones by Python, to the same numbers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from anolyte.measure.readers.base import HEAD, Raw

FEW = 60
"""Rows up to which Python is quicker than the start of pandas' parser."""
LIKE = 6
"""A last row that has no end, with those above it that it is compared with."""
EMPTY = " ,;\t\r"
"""What a row without anything is made of."""


@dataclass(frozen=True, eq=False)
class Block:
    """Numbers in rows and columns, with the line of each row.

    Args:
        values: (rows, columns); what is no number is NaN.
        lines: Line of each row in its file, from 1, (rows,).
        complete: False where the last row was cut short and left out.
        flags: What was odd, each a sentence.
    """

    values: np.ndarray
    lines: np.ndarray
    complete: bool = True
    flags: tuple[str, ...] = ()


_COMMA = re.compile(r"\d,\d")
_POINT = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
"""A number with a point; a date such as 03.04.2024 is none."""


def decimal_comma(sample: Sequence[str], separator: str | None) -> bool:
    """Whether numbers have a decimal comma, judged from some rows.

    Args:
        sample: Rows of numbers.
        separator: Between columns; None: any white space.
    """
    if separator == ",":
        return False
    hits = sum(bool(_COMMA.search(row)) for row in sample)
    return hits > 0 and not any(_POINT.search(row) for row in sample)


def block(
    raw: Raw,
    first: int,
    last: int | None,
    columns: int,
    separator: str | None,
    without: Container[str] = (),
    wanted: Sequence[int] | None = None,
) -> Block:
    """The numbers of lines `first` to `last` (from 1, both inclusive; None: to the end).

    Empty lines are passed over. A last line of the file that has no end is left out, and `complete`
    is False, where the file grows or the line lacks a number; else it is taken, with a word where
    its last number may lack digits. Any other row with too few columns is refused by its number.

    Args:
        raw: The file.
        first, last: Lines.
        columns: Expected in each row; further ones are ignored.
        separator: Between columns; None: any white space.
        without: Lines to pass over (a header that comes again).
        wanted: Columns to read, the others are NaN; None: all.

    Raises:
        DataError: A row with too few columns.
    """
    use = sorted({*(range(columns) if wanted is None else wanted), columns - 1})
    if last is None and (found := _straight(raw, first, columns, use, separator, without)):
        return found
    rows = raw.lines[first - 1 : last]
    numbers = np.arange(first, first + len(rows))
    good = [bool(row.strip(EMPTY)) and row not in without for row in rows]
    if not all(good):
        rows = [row for row, kept in zip(rows, good, strict=True) if kept]
        numbers = numbers[np.array(good)]
    complete, flags = True, ()
    if rows and not raw.complete and numbers[-1] == len(raw.lines):
        complete = not raw.growing and _parses(rows, columns, use, separator)
        flags = _endless(int(numbers[-1]), complete, rows, separator)
        if not complete:
            rows, numbers = rows[:-1], numbers[:-1]
    comma, use = decimal_comma(rows[:20], separator), _numeric(rows[:1], use, separator)
    found = None
    if len(rows) > FEW:
        data = "\n".join(rows).encode("utf-8", "replace")
        found = _fast(data, len(rows), columns, use, separator, comma)
    values = np.full((len(rows), columns), np.nan)
    values[:, use] = _slow(rows, use, separator, comma) if found is None else found
    _narrow(raw, values, numbers, columns, separator)
    return Block(values, numbers, complete, flags)


def _straight(
    raw: Raw, first: int, columns: int, use: list[int], separator: str | None,
    without: Container[str],
) -> Block | None:  # fmt: skip
    """All lines from `first` on, read from the bytes at once; None where one of them is odd."""
    if raw.data.count(b"\n") <= FEW or not raw.simple or first > len(raw.beginning):
        return None
    start = 0
    for _ in range(first - 1):
        start = raw.data.find(b"\n", start) + 1
    data, complete, flags = raw.data[start:], True, ()
    if not data.endswith(b"\n"):
        end = data.rfind(b"\n") + 1
        ends = data[max(0, end - 20_000) :].decode("latin-1").split("\n")
        left = data[end:].decode("utf-8", "replace")
        if not left.strip(EMPTY) or left in without:
            data = data[:end]
        else:
            complete = not raw.growing and _parses(ends, columns, use, separator)
            flags = _endless(first + data.count(b"\n"), complete, ends, separator)
            data = data if complete else data[:end]
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    sample = [row for row in raw.beginning[first - 1 : first + 19] if row.strip()]
    if not sample or not data:
        return None
    use = _numeric(sample, use, separator)
    found = _fast(data, count, columns, use, separator, decimal_comma(sample, separator))
    if found is None:
        return None
    values = np.full((count, columns), np.nan)
    values[:, use] = found
    numbers = np.arange(first, first + count)
    some = ~np.isnan(found).all(axis=1)  # no number where one is wanted: empty, or text
    if not some.all():
        return None
    _narrow(raw, values, numbers, columns, separator)
    return Block(values, numbers, complete, flags)


def _numeric(rows: Sequence[str], use: list[int], separator: str | None) -> list[int]:
    """Columns without those of dates or durations, as the first row shows them."""
    cells = rows[0].split(separator) if rows else []
    return [k for k in use if k >= len(cells) or not _DATED.search(cells[k])] or use[:1]


_DATED = re.compile(r"\d[:/]\d|\d-\d|\d-[A-Za-z]{3}-")


def _parses(rows: list[str], columns: int, use: list[int], separator: str | None) -> bool:
    """Whether the last row is one like the others, as far as its last cell shows.

    It has all cells, numbers where they are wanted, and its last one is no shorter than the
    shortest of those above, ends with a digit, and with two where it has an exponent.
    """
    cells = [row.split(separator) for row in rows[-LIKE:]]
    before, last = cells[0] if len(cells) == 1 else cells[-2], cells[-1]
    comma = decimal_comma(rows[:-1], separator)
    if len(last) < max(columns, len(before)):
        return False
    asked = {*use, len(before) - 1} & set(range(len(before)))
    known = [k for k in asked if np.isfinite(to_number(before[k], comma))]
    if not all(np.isfinite(to_number(last[k], comma)) for k in known):
        return False
    end = last[-1].strip()
    if end.endswith((".", ",")) or ("e" in end.lower() and not _EXPONENT.search(end)):
        return False
    return len(end) >= min((len(c[-1].strip()) for c in cells[:-1]), default=0)


def _endless(line: int, taken: bool, rows: list[str], separator: str | None) -> tuple[str, ...]:
    """A sentence on a last line that has no end; none where it is surely whole."""
    if not taken:
        return (f"line {line}: has no end and was left out; it may be cut short",)
    if _whole(rows, separator):
        return ()
    return (f"line {line}: has no end; if the file was cut there, its last number lacks digits",)


def _whole(rows: list[str], separator: str | None) -> bool:
    """Whether the last row has all its digits, as rows of one width show."""
    if len(rows) < 4:
        return False
    cells = [row.split(separator) for row in rows[-4:]]
    if len({len(c) for c in cells}) > 1:
        return False
    ends = [c[-1].strip() for c in cells]
    if all(_EXPONENT.search(e) for e in ends):
        return len({len(_EXPONENT.search(e)[0]) for e in ends}) == 1  # pyright: ignore
    return len({len(e) for e in ends}) == 1 and len(ends[0]) > 3


_EXPONENT = re.compile(r"[eE][+-]?\d{2,3}$")


def _narrow(
    raw: Raw, values: np.ndarray, numbers: np.ndarray, columns: int, separator: str | None
) -> None:
    """Refuse rows with too few columns, which pandas fills up."""
    for row in np.flatnonzero(np.isnan(values[:, -1])):
        number = int(numbers[row])
        if (size := len(raw.lines[number - 1].split(separator))) < columns:
            raise raw.wrong(
                f"{size} columns where {columns} are expected; was the file cut short or edited? "
                "take the line out",
                number,
            )


def _fast(
    data: bytes, rows: int, columns: int, use: list[int], separator: str | None, comma: bool
) -> np.ndarray | None:
    """The wanted columns by pandas' parser; None where one of the rows is odd."""
    import pandas as pd

    if _TRUTH.search(data[:HEAD]):  # pandas would make a column of them ones and zeros
        return None
    try:
        frame = pd.read_csv(
            io.BytesIO(data), header=None, sep=separator or r"\s+",
            decimal="," if comma else ".", names=range(columns), usecols=use,
            dtype=float, quoting=3, index_col=False, na_values=["--", "---"],
            skip_blank_lines=False,
        )  # fmt: skip
    except (ValueError, OverflowError):  # ParserError is a ValueError
        return None
    return frame.to_numpy() if len(frame) == rows else None


_TRUTH = re.compile(rb"(?i)true|false")


def _slow(rows: list[str], use: list[int], separator: str | None, comma: bool) -> np.ndarray:
    """Cell by cell; what is no number is NaN."""
    out = np.full((len(rows), len(use)), np.nan)
    for row, line in enumerate(rows):
        cells = line.split(separator)
        if not comma and "_" not in line and line.isascii():
            try:
                out[row] = [float(cells[k]) for k in use]
                continue
            except (ValueError, IndexError):
                pass
        for place, column in enumerate(use):
            if column < len(cells):
                out[row, place] = to_number(cells[column], comma)
    return out


def to_number(text: str, comma: bool = False) -> float:
    """The number that a text stands for; NaN where it is none.

    >>> to_number("1,5e3", comma=True), to_number("--")
    (1500.0, nan)
    """
    clean = text.strip().strip('"')
    if comma:
        clean = clean.replace(",", ".")
    if "_" in clean or not clean.isascii():  # Python would read 1_000 and the digits of Arabic
        return float("nan")
    try:
        return float(clean)
    except ValueError:
        return float("nan")


def positive(value: float, factor: float = 1.0) -> float | None:
    """A number that somebody typed, times a factor; None where it is not positive, or infinite.

    >>> positive(2.0, 0.5), positive(0.0), positive(1e-320, 1e-9), positive(float("nan"))
    (1.0, None, None, None)
    """
    found = value * factor
    return found if 0.0 < found < float("inf") else None
