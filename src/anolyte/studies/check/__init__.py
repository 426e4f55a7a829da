"""Every data file checked, with messages that name file, line and field.

A number without a source, a key without a bibliography entry, a unit or formula that does not
parse, a reaction that does not balance: each is one line. The counts say how the numbers are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials import references
from anolyte.materials.library import DATA
from anolyte.studies.check import materials, tables
from anolyte.studies.check.report import Problem, Report

__all__ = ["Problem", "Report", "check"]


def check(folder: Path | None = None) -> Report:
    """Check a folder of materials, or the package's own data.

    Args:
        folder: A user's folder with electrolytes/, anodes/, interlayers/; None: the package's.
    """
    found = Report()
    if folder is not None and not folder.is_dir():
        raise DataError(f"--materials {folder}: no such folder")
    keys = _keys(folder, found)
    materials.check(folder or DATA, keys, found)
    if folder is None:
        for part in tables.ALL:
            _guarded(part, keys, found)
    return found


def _guarded(part: Callable[[frozenset[str], Report], None], keys: frozenset[str],
             found: Report) -> None:  # fmt: skip
    """A table that cannot be read at all is one problem, not the end of the checks."""
    try:
        part(keys, found)
    except AnolyteError as error:
        found.add(part.__name__ + " table", 0, "", str(error))
    except OSError as error:
        found.add(Path(error.filename or "?").name, 0, "", f"cannot be read ({error.strerror})")


def _keys(folder: Path | None, found: Report) -> frozenset[str]:
    """Citation keys; a key that stands twice with different texts is a problem."""
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted(references.BIB.glob("*.bib")) + sorted((folder or DATA).glob("*.bib")):
        text = path.read_text(encoding="utf-8")
        for key, entry, line in _entries(text):
            if key in seen and folder is None:
                other, old = seen[key]
                if " ".join(old.split()) != " ".join(entry.split()):
                    found.add(path.name, line, key, f"defined differently in {other}")
            seen.setdefault(key, (path.name, entry))
    return frozenset(seen)


def _entries(text: str) -> Iterator[tuple[str, str, int]]:
    """Key, text and line of every BibTeX entry."""
    starts = list(re.finditer(r"^@\w+\s*\{\s*([^,\s]+)\s*,", text, re.MULTILINE))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        line = text.count("\n", 0, match.start()) + 1
        yield match.group(1), text[match.start() : end].strip(), line
