"""Instrument files to records: `read(path)` finds the format by the content.

Ours stand in the tuples of their modules; others install theirs under the entry point group
`anolyte.readers`: an object with `name`, `knows` and `read` (see `base.Reader`), or what makes one.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core import plugins
from anolyte.core.errors import AnolyteError, DataError
from anolyte.measure.readers.base import Raw, Reader
from anolyte.measure.records import Recording

GROUP = "anolyte.readers"


def read(path: Path | str) -> Recording:
    """What a file of an instrument holds.

    Args:
        path: The file; its suffix does not matter.

    Raises:
        DataError: No file, an unknown format, or a damaged one: one line with file, line, mend.
        MissingExtra: A format whose reader is an optional part that is not installed.
    """
    return interpret(Raw.of(path))


def interpret(raw: Raw) -> Recording:
    """What bytes hold, by the first reader that knows them."""
    if (reader := known(raw)) is None:
        raise _unknown(raw)
    try:
        with np.errstate(all="ignore"):  # numbers that overflow are refused by line
            return reader.read(raw)
    except AnolyteError:
        raise
    except Exception as error:  # a reader's slip must not hide which file it was
        raise DataError(
            f"{raw.path}: damaged, or a variety of {reader.name} that is not known "
            f"({type(error).__name__}: {_short(error)}); export it as CSV with units in the header"
        ) from error


def known(raw: Raw) -> Reader | None:
    """The first reader that knows the file."""
    return next((reader for reader in readers() if _knows(reader, raw)), None)


def _knows(reader: Reader, raw: Raw) -> bool:
    try:
        return reader.knows(raw)
    except Exception:  # of a plug-in
        return False


def _unknown(raw: Raw) -> DataError:
    """What to do with a file that nobody knows."""
    for start, what in _BINARY:
        if raw.data.startswith(start):
            return DataError(f"{raw.path}: {what}")
    if raw.binary:
        return DataError(
            f"{raw.path}: a binary file of no known format; export it as text or CSV from the "
            "program that wrote it"
        )
    names = ", ".join(r.name for r in readers())
    return DataError(
        f"{raw.path}: no known format; known: {names}. Export it as CSV with a header such as "
        "'frequency [Hz], real [ohm], imaginary [ohm]'"
    )


_BINARY = (
    (b"BIO-LOGIC MODULAR FILE", "a binary .mpr of EC-Lab; export it as text (.mpt) from EC-Lab"),
    (b"\xd0\xcf\x11\xe0", "an old .xls or another compound file; save it as .xlsx or CSV"),
    (b"PK\x03\x04", "a packed file; unpack it and name the files in it"),
)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:150]


def readers() -> tuple[Reader, ...]:
    """Ours, the surest first, then those that others have installed, tables of text at the end.

    >>> [r.name for r in readers()][:3]
    ['BioLogic .mpt', 'Gamry .DTA', 'ZView .z']
    """
    return (*_ours(), *plug_ins()[0], *_last())


@lru_cache(1)
def plug_ins() -> tuple[tuple[Reader, ...], tuple[str, ...]]:
    """Readers that others have installed, and those that do not load, with the reason."""
    return plugins.load(_entries(), _checked, "reader")


def _checked(made: Any) -> Reader:
    """A reader from an object, a class, or a function without arguments."""
    reader = made() if isinstance(made, type) or not hasattr(made, "knows") else made
    if not (isinstance(reader.name, str) and callable(reader.knows) and callable(reader.read)):
        raise TypeError("a reader has a name, knows(raw) and read(raw)")
    return reader


def _entries() -> list[EntryPoint]:
    return plugins.offers(GROUP)


@lru_cache(1)
def _ours() -> tuple[Reader, ...]:
    """Formats that say what they are."""
    from anolyte.measure.readers.bdf import BDF
    from anolyte.measure.readers.biologic import BioLogic
    from anolyte.measure.readers.cyclers import CYCLERS
    from anolyte.measure.readers.gamry import Gamry
    from anolyte.measure.readers.packed import PACKED
    from anolyte.measure.readers.potentiostats import POTENTIOSTATS
    from anolyte.measure.readers.zview import ZView

    return (BioLogic(), Gamry(), ZView(), *PACKED, *POTENTIOSTATS, *BDF, *CYCLERS)


@lru_cache(1)
def _last() -> tuple[Reader, ...]:
    """Tables that any program may have written."""
    from anolyte.measure.readers.sheets import Workbook
    from anolyte.measure.readers.tables import Plain

    return (Workbook(), Plain())
