"""What every reader of instrument files stands on: bytes, text, lines.

A reader is a small frozen object with a `name`, `knows(raw)` (by content, never by suffix, never
raising) and `read(raw) -> Recording`. Our own stand in `readers.READERS`; others come by the entry
point group `anolyte.readers`. All that can be wrong with a file leaves a reader as a `DataError`
that names file, line and mend.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from anolyte.core.errors import DataError
from anolyte.measure.readers.heads import Head, heads
from anolyte.measure.records import Recording

HEAD = 8192
"""Characters in which a format shows itself."""
BEGINNING = 400_000
"""Characters in which a header ends."""
LARGEST = 2_000_000_000
"""Bytes; more is no file of an instrument."""
SWOLLEN, SPARE = 200, 20_000_000
"""Times its size, and bytes beside, that a packed file unpacks to; real ones to 5 to 20 times."""


@dataclass(frozen=True, eq=False)
class Raw:
    """A file as it lies on the disk.

    Args:
        path: As it was given.
        data: Its bytes.
        growing: Whether it is still being written: a last line without its end is left for later.
    """

    path: str
    data: bytes
    growing: bool = False

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
    def heads(self) -> tuple[Head, ...]:
        """The lines near its start that may be names of columns; many readers ask for them."""
        return () if self.binary else heads(self.text)

    @cached_property
    def lines(self) -> list[str]:
        """All lines, without their ends; line 1 is `lines[0]`."""
        return _lines(self.text)

    @cached_property
    def beginning(self) -> list[str]:
        """The first lines, enough for any header; cheap where `lines` is not."""
        whole = len(self.text) <= BEGINNING
        return self.lines if whole else _lines(self.text[:BEGINNING])[:-1]

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

    @property
    def room(self) -> int:
        """Bytes that it may unpack to; a file that was made to fill the memory wants more."""
        return min(LARGEST, SPARE + SWOLLEN * len(self.data))

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
    for kind, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(high) > 10 and high.count(0) > 0.9 * len(high) and low.count(0) < 0.1 * len(low):
            return kind
    return None
