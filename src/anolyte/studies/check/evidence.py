"""Checks of the evidence base: what was measured, the claims and the systems that rest on it.

Every problem of a row is told with its line, also those that `evidence.parse` would let pass
because a row by itself cannot know them: sources, materials, strategies, rows that repeat another.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.provenance import KNOWN
from anolyte.materials import evidence
from anolyte.materials.library import DATA, Library
from anolyte.materials.records import Record
from anolyte.materials.schema import Anode, Electrolyte
from anolyte.materials.stack import Layer
from anolyte.studies.check.report import Report

FILE = "evidence.csv"
CLAIMS = (
    "id", "claim", "section", "sources", "kind", "test", "systems", "evidence", "doubt",
)  # fmt: skip
SYSTEMS = ("id", "title", "tier", "question", "evidence", "strategies", "served_by")
TIERS = ("A", "B", "C")
_OWN_SOURCE = re.compile(r"doi:10\.\d{4,9}/\S+|own:\s*\S.*")
_NEEDED = ("id", "quantity", "value", "unit", "source", "known")


def check(folder: Path, keys: frozenset[str], found: Report) -> None:
    """The `evidence.csv` of a folder, if there is one: the package's own or a user's.

    Args:
        folder: The package's data, or what was given to `--materials`.
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    path = folder / FILE
    if not path.is_file():
        return
    rows = _Rows(path, _Names(folder, keys), found)
    try:
        for line, cells in evidence.rows(path):
            rows.look(line, cells)
    except DataError as error:
        found.add(FILE, 0, "", str(error).removeprefix(str(path)).lstrip(": "))


@dataclass
class _Names:
    """What the texts of a row may speak of; answers with what is wrong, or with nothing."""

    folder: Path
    keys: frozenset[str]
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ours = self.folder == DATA
        self.lib = library_of(self.folder)
        folders = (DATA,) if self.ours else (DATA, self.folder)
        self.strategies = {p.stem for f in folders for p in (f / "strategies").glob("*.yaml")}

    def wrong(self, column: str, text: str) -> str:
        """What is wrong with one name; each is looked up once."""
        if (column, text) not in self.told:
            self.told[column, text] = _LOOK[column](self, text)
        return self.told[column, text]

    def source(self, text: str) -> str:
        if text in self.keys or (not self.ours and _OWN_SOURCE.fullmatch(text)):
            return ""
        near = did_you_mean(text, self.keys, "add one to a .bib file")
        own = "" if self.ours else ", or write doi:10.1234/abc or own:notebook 7"
        return f"no bibliography entry for '{text[:60]}'; {near}{own}"

    def electrolyte(self, text: str) -> str:
        return self._material(text, Electrolyte)

    def anode(self, text: str) -> str:
        return self._material(text, Anode)

    def _material(self, text: str, cls: type[Electrolyte] | type[Anode]) -> str:
        head, _, family = text.partition(":")
        if head == "class":
            known = ", ".join(cls.families)
            return "" if family in cls.families else f"'{text[:60]}': no such class; known: {known}"
        find = self.lib.electrolyte if cls is Electrolyte else self.lib.anode
        return _trouble(lambda: find(text, as_printed=True))

    def layers(self, text: str) -> str:
        several = [x.strip() for x in text.split(";") if x.strip()]
        wrong = (_trouble(lambda x=x: Layer.parse(x, self.lib, as_printed=True)) for x in several)
        return next(filter(None, wrong), "")

    def strategy(self, text: str) -> str:
        if text in self.strategies:
            return ""
        hint = did_you_mean(text, self.strategies, "`anolyte strategies` lists them")
        return f"no file strategies/{text[:60]}.yaml; write one, or leave it empty; {hint}"


_LOOK = {
    "source": _Names.source,
    "electrolyte": _Names.electrolyte,
    "anode": _Names.anode,
    "layers": _Names.layers,
    "strategy": _Names.strategy,
}


@dataclass
class _Rows:
    """The rows of one file as they come, with what must not come twice."""

    path: Path
    names: _Names
    found: Report
    ids: dict[str, int] = field(default_factory=dict)
    said: dict[tuple[object, ...], tuple[int, str]] = field(default_factory=dict)
    header: bool = False

    def look(self, line: int, cells: dict[str, str] | None) -> None:
        """One row: what it says by itself, whom it names, and whether it was said before."""
        if cells is None:
            self.found.add(FILE, line, "", "has more or fewer cells than the first line; a text "
                           'with a comma in it stands in "quotes"')  # fmt: skip
            return
        if not self.header:
            self._header(cells)
        known = {k: v for k, v in cells.items() if k in evidence.COLUMNS}
        record, problems = evidence.parse(known, line, FILE)
        units = [p for p in problems if p.column == "unit"]
        for p in problems:
            if p not in units[1:]:  # value and control share one unit: it is told once
                self.found.add(FILE, p.line, p.column, p.message)
        if (how := known.get("known", "").strip()) in KNOWN:
            self.found.count(FILE, how)
        self._names(line, known)
        self._twice(line, known.get("id", "").strip(), record)

    def _header(self, cells: Mapping[str, str]) -> None:
        self.header = True
        for column in cells:
            if column not in evidence.COLUMNS:
                hint = did_you_mean(column, evidence.COLUMNS, ", ".join(evidence.COLUMNS))
                self.found.add(FILE, 1, column, f"unknown column; {hint}")
        for column in _NEEDED:
            if column not in cells:
                self.found.add(FILE, 1, column, "this column is missing")

    def _names(self, line: int, cells: Mapping[str, str]) -> None:
        for column in _LOOK:
            text = cells.get(column, "").strip()
            if text and (wrong := self.names.wrong(column, text)):
                self.found.add(FILE, line, column, wrong)

    def _twice(self, line: int, name: str, record: Record | None) -> None:
        if name and name in self.ids:
            self.found.add(FILE, line, "id", f"'{name[:60]}' stands on line {self.ids[name]} "
                           "already; give each row its own")  # fmt: skip
        self.ids.setdefault(name, line)
        if record is None:
            return
        same = _content(record)
        if same in self.said:
            first, other = self.said[same]
            self.found.add(FILE, line, "value", f"says the same as line {first} ({other}): same "
                           "source, quantity, materials, value and conditions; keep one, or name "
                           "the condition that differs")  # fmt: skip
        self.said.setdefault(same, (line, record.id))


def _content(r: Record) -> tuple[object, ...]:
    """What makes two rows one measurement."""
    temperature = None if r.temperature is None else r.temperature.si
    current = r.current_text if r.current is None else (r.current.si, r.current.kind)
    return (r.source.key, r.quantity, r.electrolyte.casefold(), r.anode.casefold(), r.layers,
            r.strategy, r.value.si, r.cycle, temperature, current)  # fmt: skip


def _trouble(look: Callable[[], object]) -> str:
    """What an attempt to find something raises, as text; empty where it is found."""
    try:
        look()
    except AnolyteError as error:
        return str(error)
    return ""


def library_of(folder: Path) -> Library:
    """The materials of the package and of a user's folder.

    A folder whose files do not load counts as empty: the check of the files tells why.
    """
    lib = Library((folder,)) if folder != DATA else Library()
    try:
        for cls in (Electrolyte, Anode):
            lib.all(cls)
        lib.interlayer("LiF")
    except AnolyteError:
        return Library()
    return lib


def did_you_mean(text: str, known: Iterable[str], otherwise: str) -> str:
    """Near names, or what to do where there are none.

    >>> did_you_mean("jia2042", ["jia2024", "han2017"], "look it up")
    'did you mean jia2024?'
    """
    near = difflib.get_close_matches(text[:60], known, n=3, cutoff=0.75)
    return f"did you mean {', '.join(near)}?" if near else otherwise


def claims(folder: Path, keys: frozenset[str], found: Report) -> None:
    """`claims.csv`: its sources, systems and evidence exist."""
    known = {
        "sources": (keys, "no bibliography entry for"),
        "systems": (_ids(folder / "systems.csv"), "systems.csv has no"),
        "evidence": (_ids(folder / FILE), f"{FILE} has no row"),
    }
    for line, row in _table(folder / "claims.csv", CLAIMS, found):
        for column in ("claim", "sources", "kind", "test", "systems"):
            if not row[column].strip():
                found.add("claims.csv", line, column, "is empty")
        _listed("claims.csv", line, row, known, found)


def systems(folder: Path, keys: frozenset[str], found: Report) -> None:
    """`systems.csv`: a title, a question, a tier, and evidence that exists."""
    ways = frozenset(p.stem for p in (folder / "strategies").glob("*.yaml"))
    known = {
        "evidence": (_ids(folder / FILE), f"{FILE} has no row"),
        "strategies": (ways, "the catalogue has no strategy"),
    }
    for line, row in _table(folder / "systems.csv", SYSTEMS, found):
        for column in ("title", "question"):
            if not row[column].strip():
                found.add("systems.csv", line, column, "is empty")
        if row["tier"] not in TIERS:
            found.add("systems.csv", line, "tier",
                      f"'{row['tier'][:20]}' is none of {', '.join(TIERS)}")  # fmt: skip
        _listed("systems.csv", line, row, known, found)


def _listed(
    name: str, line: int, row: Mapping[str, str], known: Mapping[str, tuple[frozenset[str], str]],
    found: Report,
) -> None:  # fmt: skip
    """Cells that hold names, with semicolons between."""
    for column, (names, lacking) in known.items():
        for text in filter(None, (x.strip() for x in row[column].split(";"))):
            if text not in names:
                hint = did_you_mean(text, names, "mend the name or take it out")
                found.add(name, line, column, f"{lacking} '{text[:60]}'; {hint}")


def _ids(path: Path) -> frozenset[str]:
    """The ids of a table; none where it cannot be read, which its own check tells."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return frozenset((row.get("id") or "").strip() for row in csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return frozenset()


def _table(
    path: Path, columns: tuple[str, ...], found: Report
) -> Iterator[tuple[int, dict[str, str]]]:
    """Whole rows of a table whose columns are fixed and whose ids are unique."""
    seen: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != columns:
                found.add(path.name, 1, "", f"the first line must read {','.join(columns)}")
                return
            for row in reader:
                line = reader.line_num
                if None in row or None in row.values():
                    found.add(path.name, line, "", "has more or fewer cells than the first line")
                    continue
                if not row["id"].strip() or row["id"] in seen:
                    at = f"stands on line {seen.get(row['id'])} already"
                    found.add(path.name, line, "id", at if row["id"].strip() else "is empty")
                seen.setdefault(row["id"], line)
                yield line, row
    except OSError as error:
        found.add(path.name, 0, "", f"cannot be read ({error.strerror})")
    except (UnicodeDecodeError, csv.Error) as error:
        found.add(path.name, 0, "", f"not CSV in UTF-8 ({error})")
