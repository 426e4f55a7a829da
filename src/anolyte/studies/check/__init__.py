"""Every data file checked, with messages that name file, line and field.

A number without a source, a key without a bibliography entry, a unit or formula that does not
parse, a reaction that does not balance, a measurement that stands twice: each is one line. The
counts say how the numbers are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials import references
from anolyte.materials.library import DATA
from anolyte.studies.check import (
    cathodes,
    evidence,
    host_potentials,
    interfaces,
    materials,
    processes,
    strategies,
    tables,
)
from anolyte.studies.check.report import Problem, Report

__all__ = ["Problem", "Report", "check"]


def check(folder: Path | None = None) -> Report:
    """Check a folder of materials, strategies and measurements, or the package's own data.

    Args:
        folder: A user's folder with electrolytes/, anodes/, interlayers/, interfaces/,
            strategies/, evidence.csv or cathodes.yaml; None: the package's.
    """
    found = Report()
    if folder is not None and not folder.is_dir():
        raise DataError(f"--materials {folder}: no such folder")
    keys = _keys(folder, found)
    if folder is None or not _without_materials(folder):
        materials.check(folder or DATA, keys, found)
    interfaces.check(folder or DATA, keys, found)
    cathodes.check(folder or DATA, keys, found)
    strategies.check(folder or DATA, keys, found)
    evidence.check(folder or DATA, keys, found)
    if folder is None:
        bibliography(found)
        evidence.claims(DATA, keys, found)
        evidence.systems(DATA, keys, found)
        for part in (*tables.ALL, host_potentials.check, processes.check):
            _guarded(part, keys, found)
    return found


def _without_materials(folder: Path) -> bool:
    """A user's folder may hold measurements or strategies alone."""
    if any((folder / name).is_dir() for name in materials.FOLDERS):
        return False
    folders, files = ("strategies", "interfaces"), (evidence.FILE, cathodes.FILE)
    found = any((folder / x).is_dir() for x in folders)
    return found or any((folder / x).is_file() for x in files)


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


def bibliography(found: Report) -> None:
    """A paper of the package has one key: the same DOI, title or first page is told."""
    marked: dict[tuple[str, ...], str] = {}
    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for path in sorted(references.BIB.glob("*.bib")):
        for key, _, line in _entries(path.read_text(encoding="utf-8")):
            about = references.fields(key)
            twin, why = _same_page(about, key, places)
            for mark in _marks(about):
                other = marked.setdefault(mark, key)
                twin, why = (other, f"same {mark[0]}") if other != key else (twin, why)
            if twin != key:
                message = f"is the same paper as '{twin}' ({why}); keep one key for it"
                found.add(path.name, line, key, message)


def _marks(about: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """What only one paper has: its title in its year, its DOI."""
    title = re.sub(r"\W", "", about.get("title", "").casefold())
    if len(title) >= LONG_TITLE:
        yield "title", title, about.get("year", "")
    if doi := _DOI.sub("", about.get("doi", "").casefold().strip()):
        yield "DOI", doi


LONG_TITLE = 30  # letters: a shorter title may well be that of two papers
_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)")
_SMALL_WORDS = frozenset({"a", "and", "der", "fur", "für", "of", "the", "und", "in", "on", "for"})


def _same_page(
    about: Mapping[str, str], key: str, places: dict[tuple[str, str], list[tuple[str, str]]]
) -> tuple[str, str]:
    """The key of an earlier paper on the same page of the same journal, or the key itself."""
    journal, volume = about.get("journal", ""), about.get("volume", "")
    page = re.split(r"[-–—,\s]", about.get("pages", "").strip())[0].casefold()
    if not (journal and volume and page):
        return key, ""
    earlier = places.setdefault((volume, page), [])
    for other, name in earlier:
        if other != key and same_journal(journal, name):
            return other, f"same page: {name} {volume}, {page}"
    earlier.append((key, journal))
    return key, ""


def same_journal(one: str, two: str) -> bool:
    """Whether two texts name one journal, one of them perhaps abbreviated.

    >>> same_journal("Adv. Energy Mater.", "Advanced Energy Materials")
    True
    >>> same_journal("Adv. Mater.", "Advanced Energy Materials")
    False
    """
    a, b = _words(one), _words(two)
    return len(a) == len(b) and all(map(_abbreviates, a, b))


def _words(journal: str) -> list[str]:
    plain = re.sub(r"\([^)]*\)", " ", journal.casefold())
    return [w for w in re.findall(r"\w+", plain) if w not in _SMALL_WORDS]


def _abbreviates(one: str, two: str) -> bool:
    """Whether the letters of the shorter word stand in the longer one, in order, the first first.

    >>> _abbreviates("natl", "national"), _abbreviates("energy", "letters")
    (True, False)
    """
    short, long = sorted((one, two), key=len)
    letters = iter(long)
    return short[0] == long[0] and all(letter in letters for letter in short)
