"""`anolyte check-data`: every data file, with messages that name file, line and field.

A number without a source, a key without a bibliography entry, a unit or formula that does not
parse, a reaction that does not balance: each is one line. The counts say how the numbers are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.faces.console import Page, print_json
from anolyte.materials.library import DATA

KNOWN = ("read", "second_hand", "recalled")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands and what is wrong."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        )


@dataclass
class Report:
    """What was found: problems, and how the numbers of each file are known."""

    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, file: str, line: int, name: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(file, line, name, message))

    def count(self, file: str, known: str) -> None:
        """Count a number."""
        self.counts.setdefault(file, Counter())[known] += 1


def check(folder: Path | None = None) -> Report:
    """Check a folder of materials, or the package's own data.

    Args:
        folder: A user's folder with electrolytes/, anodes/, interlayers/; None: the package's.
    """
    from anolyte.faces import check_materials, check_tables

    found = Report()
    if folder is not None and not folder.is_dir():
        raise DataError(f"--materials {folder}: no such folder")
    keys = _keys(folder, found)
    check_materials.check(folder or DATA, keys, found)
    if folder is None:
        for part in check_tables.ALL:
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
    from anolyte.materials import references

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
    import re

    starts = list(re.finditer(r"^@\w+\s*\{\s*([^,\s]+)\s*,", text, re.MULTILINE))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        line = text.count("\n", 0, match.start()) + 1
        yield match.group(1), text[match.start() : end].strip(), line


def main(folder: Path | None, *, json: bool) -> int:
    """Check, show, and return 0, or 2 where something is to be mended."""
    found = check(folder)
    if json:
        print_json(_plain(found))
    else:
        _show(found)
    return 2 if found.problems else 0


def _plain(found: Report) -> dict[str, Any]:
    return {
        "problems": [
            {"file": p.file, "line": p.line or None, "field": p.field, "message": p.message}
            for p in found.problems
        ],
        "notes": found.notes,
        "numbers": {name: {k: c[k] for k in KNOWN} for name, c in found.counts.items()},
    }


def _show(found: Report) -> None:
    page = Page()
    total: Counter[str] = Counter()
    for count in found.counts.values():
        total += count
    rows = [
        (name, *(c[k] or "" for k in KNOWN)) for name, c in [*found.counts.items(), ("all", total)]
    ]
    page.columns(rows, head=("numbers", "read", "second-hand", "recalled"), right=(1, 2), indent=0)
    page.line()
    for note in found.notes:
        page.line(f"note: {note}", "dim")
    alike = Counter((p.file, p.field, p.message) for p in found.problems)
    for problem in found.problems:
        more = alike.pop((problem.file, problem.field, problem.message), 0) - 1
        if more >= 0:  # the first of its kind; the others differ in the line alone
            page.raw(str(problem) + (f" (and {more} more lines)" if more else ""))
    count = len(found.problems)
    page.line(
        "nothing to mend" if not count else f"{count} to mend", "green" if not count else "bold red"
    )
