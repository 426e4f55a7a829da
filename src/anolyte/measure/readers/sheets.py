"""Spreadsheets (`.xlsx`): each sheet is a table of text for the other readers.

openpyxl is an optional part; without it a spreadsheet is named as one, and what to install.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from anolyte.core.errors import DataError, MissingExtra
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.tables import header, tabulated
from anolyte.measure.records import CycleTable, Recording, Spectrum, Trace

MAGIC = b"PK\x03\x04"
FEWEST_CELLS = 1_000_000
"""Cells that any sheet may have; a larger one no more than it has bytes unpacked."""


def spreadsheet(raw: Raw) -> bool:
    """Whether a file is an Office spreadsheet."""
    return raw.data.startswith(MAGIC) and b"xl/" in raw.data


def sheets(raw: Raw, wanted: Callable[[str], object] = bool) -> dict[str, Raw]:
    """Name of each sheet to its cells as text with tabs; line n is row n.

    Args:
        raw: The spreadsheet.
        wanted: Whether a sheet of that name is to be read, which is slow.

    Raises:
        MissingExtra: openpyxl is not installed.
        DataError: A damaged file.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra(
            f"{raw.path}: a spreadsheet needs openpyxl: pip install 'anolyte[files]', "
            "or save it as CSV"
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as packed:
            size = sum(i.file_size for i in packed.infolist())
        if size > raw.room:
            raise raw.wrong("too large when unpacked; save the sheet as CSV")
        most = max(size, FEWEST_CELLS)
        with redirect_stdout(None):  # openpyxl prints what it finds odd in a style
            book = openpyxl.load_workbook(io.BytesIO(raw.data), read_only=True, data_only=True)
            return {s.title: _sheet(raw, s, most) for s in book.worksheets if wanted(s.title)}
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise DataError(
            f"{raw.path}: a damaged spreadsheet ({type(error).__name__}); open it and save it as "
            "CSV"
        ) from error


def _sheet(raw: Raw, sheet: Any, most: int) -> Raw:
    """The cells of one sheet.

    Raises:
        DataError: More rows and cells, empty ones among them, than the file has room for.
    """
    sheet.reset_dimensions()  # the size that the sheet tells of itself may be wrong
    rows, widest = [], 0
    for row in sheet.iter_rows(values_only=True):
        widest = max(widest, len(row))
        rows.append(row)
        if len(rows) * (widest + 1) > most:
            raise raw.wrong(
                f"sheet '{sheet.title[:60]}' has far more empty rows or columns than numbers; "
                "save it as CSV"
            )
    text = ("\t".join(map(_cell, r)) + "\t" * (widest - len(r)) for r in rows)
    return Raw(f"{raw.path} [{sheet.title}]", ("\n".join(text) + "\n").encode())


def _cell(value: Any) -> str:
    """A cell as the text readers know it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, timedelta):  # a duration in words, whatever the unit in the header
        seconds = value.total_seconds()
        return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02d}:{seconds % 60:09.6f}"
    if isinstance(value, time):
        return value.isoformat()
    return " ".join(str(value).split()) if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Workbook:
    """Reader of spreadsheets whose sheets have units in their header."""

    name: str = "spreadsheet with units in its header"

    def knows(self, raw: Raw) -> bool:
        """By the packing and its content."""
        return spreadsheet(raw)

    def read(self, raw: Raw) -> Recording:
        """All spectra of all sheets; the longest trace; the first table of cycles."""
        spectra: list[Spectrum] = []
        traces: list[Trace] = []
        tables: list[CycleTable] = []
        flags: list[str] = []
        seen = sheets(raw)
        for name, sheet in seen.items():
            found = header(sheet) if sheet.data.strip() else None
            if found is None:
                continue
            made, _ = tabulated(sheet, found)
            spectra += made.spectra
            traces += [made.trace] if made.trace is not None else []
            tables += [made.cycles] if made.cycles is not None else []
            flags += [f"sheet '{name}': {f}" for f in made.flags]
        if not (spectra or traces or tables):
            raise raw.wrong(
                f"no sheet ({', '.join(seen)[:80]}) has a row of names with units, such as "
                "'frequency [Hz]', 'real [ohm]', 'imaginary [ohm]'"
            )
        if len(traces) > 1:
            flags.append(f"{len(traces)} sheets over time: the longest is given")
        numbered = tuple(replace(s, number=k) for k, s in enumerate(spectra))
        trace = max(traces, key=len, default=None)
        return Recording(
            raw.path, self.name, numbered, trace, tables[0] if tables else None,
            flags=tuple(flags),
        )  # fmt: skip
