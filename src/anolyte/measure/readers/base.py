"""What every reader of instrument files stands on: bytes, text, lines, blocks of numbers.

A reader is a small frozen object with a `name`, `knows(raw)` (by content, never by suffix, never
raising) and `read(raw) -> Recording`. Our own stand in `readers.READERS`; others come by the entry
point group `anolyte.readers`. All that can be wrong with a file leaves a reader as a `DataError`
that names file, line and mend.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.measure.records import Recording

HEAD = 8192
"""Characters in which a format shows itself."""
BEGINNING = 400_000
"""Characters in which a header ends."""
LARGEST = 2_000_000_000
"""Bytes; more is no file of an instrument."""


@dataclass(frozen=True, eq=False)
class Raw:
    """A file as it lies on the disk.

    Args:
        path: As it was given.
        data: Its bytes.
    """

    path: str
    data: bytes

    @classmethod
    def of(cls, path: Path | str) -> Raw:
        """The file at a path.

        Raises:
            DataError: No such file, a folder, not readable, empty.
        """
        where = Path(path)
        try:
            size = where.stat().st_size
            if size > LARGEST:
                raise DataError(f"{where}: {size / 1e9:.1f} GB is too large; export a part of it")
            data = where.read_bytes()
        except IsADirectoryError:
            raise DataError(f"{where}: is a folder; name the files in it") from None
        except OSError as error:
            raise DataError(f"{where}: cannot be read ({error.strerror or error})") from None
        if not data[:HEAD].strip() and not data.strip():
            raise DataError(f"{where}: the file is empty; was the measurement exported?")
        return cls(str(path), data)

    @cached_property
    def binary(self) -> bool:
        """Whether it is no text: zero bytes without the look of UTF-16."""
        head = self.data[:HEAD]
        return b"\0" in head and _wide(head) is None

    @cached_property
    def text(self) -> str:
        """The text, whatever the encoding: UTF-8, UTF-16, Chinese (GBK), else Latin-1."""
        if self.data.startswith(b"\xef\xbb\xbf"):
            return self.data[3:].decode("utf-8", "replace")
        if wide := _wide(self.data[:HEAD]):
            even = len(self.data) - len(self.data) % 2
            return self.data[:even].decode(wide, "replace").lstrip("\ufeff")
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return _chinese(self.data) or self.data.decode("latin-1")

    @cached_property
    def head(self) -> str:
        """The first characters."""
        return "" if self.binary else self.text[:HEAD]

    @cached_property
    def lines(self) -> list[str]:
        """All lines, without their ends; line 1 is `lines[0]`."""
        return _lines(self.text)

    @cached_property
    def beginning(self) -> list[str]:
        """The first lines, enough for any header; cheap where `lines` is not."""
        if len(self.text) <= BEGINNING:
            return self.lines
        return _lines(self.text[:BEGINNING])[:-1]

    @cached_property
    def simple(self) -> bool:
        """Whether its bytes are lines as they stand: neither UTF-16 nor ended by CR alone."""
        if _wide(self.data[:HEAD]) is not None:
            return False
        return b"\r" not in self.data or self.data.count(b"\r") == self.data.count(b"\r\n")

    @cached_property
    def complete(self) -> bool:
        """Whether the last line ends; a file that is still being written stops in its middle."""
        return self.text.endswith(("\n", "\r"))

    def wrong(self, what: str, line: int | None = None) -> DataError:
        """The error that names this file and a line (from 1)."""
        where = self.path if line is None else f"{self.path}, line {line}"
        return DataError(f"{where}: {what}")


class Reader(Protocol):
    """What a reader is."""

    @property
    def name(self) -> str:
        """Of the format, as its users call it: 'BioLogic .mpt'."""
        ...

    def knows(self, raw: Raw) -> bool:
        """Whether the file is of this format, by its content; never raises."""
        ...

    def read(self, raw: Raw) -> Recording:
        """What the file holds.

        Raises:
            DataError: With file, line and mend.
        """
        ...


def _chinese(data: bytes) -> str | None:
    """The text where it is one in GBK that speaks of a cell; None: some other encoding.

    Two bytes of Latin-1 such as those of `µA` are a character of GBK too, so that it must hold a
    word that a table of a cycler has.
    """
    try:  # a character that is cut at the end is no damage
        head = codecs.getincrementaldecoder("gb18030")().decode(data[:HEAD])
        if not any(word in head for word in WORDS):
            return None
        return codecs.getincrementaldecoder("gb18030")().decode(data)
    except UnicodeDecodeError:
        return None


WORDS = ("电压", "电流", "时间", "循环", "工步")
"""Voltage, current, time, cycle, step."""


def _lines(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def _wide(head: bytes) -> str | None:
    """The kind of UTF-16 that bytes look like, or None."""
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    even, odd = head[0:400:2], head[1:400:2]
    if len(odd) > 10 and odd.count(0) > 0.9 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    return None


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


def decimal_comma(sample: Sequence[str], separator: str | None) -> bool:
    """Whether numbers have a decimal comma, judged from some rows.

    Args:
        sample: Rows of numbers.
        separator: Between columns; None: any white space.
    """
    if separator == ",":
        return False
    hits = sum(bool(_COMMA.search(row)) for row in sample)
    return hits > 0 and not any(re.search(r"\d\.\d", row) for row in sample)


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

    Empty lines are passed over. The last line of the file is left out, and `complete` is False,
    where it may be one that is still being written: it has no end, and nothing shows that all its
    digits are there. Any other row with too few columns is refused with its number.

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
    if last is None and (found := _straight(raw, first, columns, use, separator)) is not None:
        return found
    rows = raw.lines[first - 1 : last]
    numbers = np.arange(first, first + len(rows))
    good = [bool(row) and not row.isspace() and row not in without for row in rows]
    if not all(good):
        rows = [row for row, kept in zip(rows, good, strict=True) if kept]
        numbers = numbers[np.array(good)]
    complete, flags = True, ()
    if rows and not raw.complete and numbers[-1] == len(raw.lines) and not _whole(rows, separator):
        flags = (_cut(int(numbers[-1])),)
        rows, numbers, complete = rows[:-1], numbers[:-1], False
    comma = decimal_comma(rows[:20], separator)
    data = "\n".join(rows).encode("utf-8", "replace")
    found = _fast(data, len(rows), columns, use, separator, comma) if rows else None
    values = np.full((len(rows), columns), np.nan)
    values[:, use] = _slow(rows, use, separator, comma) if found is None else found
    _narrow(raw, values, numbers, columns, separator)
    return Block(values, numbers, complete, flags)


def _straight(
    raw: Raw, first: int, columns: int, use: list[int], separator: str | None
) -> Block | None:
    """All lines from `first` on, read from the bytes at once; None where one of them is odd."""
    if not raw.simple or first > len(raw.beginning):
        return None
    start = 0
    for _ in range(first - 1):
        start = raw.data.find(b"\n", start) + 1
    data, complete, flags = raw.data[start:], True, ()
    if not data.endswith(b"\n"):
        end = data.rfind(b"\n", 0, len(data)) + 1
        ends = data[max(0, end - 20_000) :].decode("latin-1").split("\n")
        if not data[end:].strip() or not _whole(ends[-4:], separator):
            complete = not data[end:].strip()
            flags = () if complete else (_cut(first + data.count(b"\n")),)
            data = data[:end]
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    sample = [row for row in raw.beginning[first - 1 : first + 19] if row.strip()]
    if not sample or not data:
        return None
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


def _cut(line: int) -> str:
    return f"line {line}: has no end and was left out; it may be cut short"


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


def _slow(rows: list[str], use: list[int], separator: str | None, comma: bool) -> np.ndarray:
    """Cell by cell; what is no number is NaN."""
    out = np.full((len(rows), len(use)), np.nan)
    for row, line in enumerate(rows):
        cells = line.split(separator)
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
    if "_" in clean:  # Python would read 1_000
        return float("nan")
    try:
        return float(clean)
    except ValueError:
        return float("nan")
