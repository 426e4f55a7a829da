"""The evidence base: published measurements at the interface, each with source, protocol and doubt.

`evidence.csv` holds one measurement a row: the value as printed beside the corrected one, the
untreated value of the same paper where there is one, the conditions, and how it is known. Further
files (`--file FILE`, the entry point group `anolyte.evidence`) have the same columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from anolyte.core import plugins
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.provenance import KNOWN, Source
from anolyte.core.result import Number
from anolyte.core.units import si
from anolyte.materials import references
from anolyte.materials.library import DATA
from anolyte.materials.records import QUANTITIES, Quantity, Record

FILE = DATA / "evidence.csv"
COLUMNS = (
    "id", "electrolyte", "anode", "layers", "strategy", "quantity", "bound", "before", "value",
    "unit", "sigma", "as_printed", "temperature", "current_density", "stack_pressure",
    "fabrication_pressure", "areal_capacity", "cycle", "duration", "protocol", "method", "source",
    "where", "known", "role", "doubt", "note",
)  # fmt: skip
BOUNDS = ("exact", "approx", "at_least", "at_most", "order", "range_low", "range_high")
METHODS = ("experiment", "computed", "theory", "review")
ROLES = ("calibration", "check")
MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row."""

    line: int
    column: str
    message: str


# A resistance or a current printed per the wrong power of the area.
_DOTS = r"[\s·⋅*]*"
_PER = r"(?:(?:/|per)\s*cm|cm\s*\^?[{(]?\s*[-−⁻–])"
_PER_AREA = re.compile(rf"(?:Ω|\u2126|[Oo]hms?){_DOTS}{_PER}[\s^]*[2²]")
_HOURS = re.compile(rf"A{_DOTS}h{_DOTS}{_PER}")


def parse(
    row: Mapping[str, str], line: int = 0, file: str = ""
) -> tuple[Record | None, list[RowProblem]]:
    """A row as a record, or everything that is wrong with it.

    Args:
        row: Column to text; columns that are absent count as empty.
        line: Line of the file.
        file: Its name.

    Returns:
        The record (None where a problem forbids it) and the problems.

    >>> parse(
    ...     {
    ...         "id": "x",
    ...         "quantity": "interfacial_resistance",
    ...         "value": "4.1",
    ...         "unit": "ohm/cm^2",
    ...         "source": "dubey2021",
    ...         "known": "read",
    ...     }
    ... )[1][0].column
    'unit'
    """
    return _Row({k: (v or "").strip() for k, v in row.items() if k}, line, file).read()


class _Row:
    """One row while it is read: collects what is wrong instead of stopping at the first."""

    def __init__(self, cells: dict[str, str], line: int, file: str) -> None:
        self.cells, self.line, self.file = cells, line, file
        self.problems: list[RowProblem] = []

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def wrong(self, column: str, message: str) -> None:
        self.problems.append(RowProblem(self.line, column, message))

    def read(self) -> tuple[Record | None, list[RowProblem]]:
        for column in sorted(set(self.cells) - set(COLUMNS)):
            self.wrong(column, f"unknown column; known: {', '.join(COLUMNS)}")
        for column in ("id", "quantity", "value", "unit", "source", "known"):
            if not self[column]:
                self.wrong(column, _LACKING.get(column, "is empty"))
        self._words()
        about = QUANTITIES.get(self["quantity"])
        if about is None:
            if self["quantity"]:
                self.wrong("quantity", _unknown_quantity(self["quantity"]))
            return None, self.problems
        self._needs(about)
        value, before = self._measured("value", about.kind), self._measured("before", about.kind)
        current = self._current()
        numbers = {
            column: self._condition(column, kind)
            for column, kind in (
                ("temperature", "temperature"),
                ("stack_pressure", "pressure"),
                ("fabrication_pressure", "pressure"),
                ("areal_capacity", "areal_capacity"),
                ("duration", "time"),
            )
        }
        cycle = self._cycle()
        self._prints(about)
        if self.problems or value is None:
            return None, self.problems
        return Record(
            id=self["id"], electrolyte=self["electrolyte"], anode=self["anode"],
            quantity=self["quantity"], value=value, before=before,
            source=Source(
                self["source"], self["where"], _HOW.get(self["method"], "measured"), self["known"]
            ),
            bound=self["bound"] or "exact",
            layers=tuple(x.strip() for x in self["layers"].split(";") if x.strip()),
            strategy=self["strategy"], as_printed=self["as_printed"], current=current,
            current_text=self["current_density"], cycle=cycle, protocol=self["protocol"],
            method=self["method"] or "experiment", role=self["role"] or "check",
            doubt=self["doubt"], note=self["note"], file=self.file, line=self.line, **numbers,
        ), []  # fmt: skip

    def _words(self) -> None:
        for column, allowed in (
            ("bound", BOUNDS), ("method", METHODS), ("known", KNOWN), ("role", ROLES)
        ):  # fmt: skip
            if self[column] and self[column] not in allowed:
                self.wrong(column, f"'{self[column][:40]}' is none of {', '.join(allowed)}")
        if self["known"] == "recalled" and self["role"] == "calibration":
            self.wrong("role", "a recalled value must not calibrate anything")

    def _needs(self, about: Quantity) -> None:
        for column in about.needs:
            if not self[column]:
                what = self["quantity"].replace("_", " ")
                self.wrong(column, f"a {what} means little without it ({_HINT[column]})")

    def _measured(self, column: str, kind: str) -> Number | None:
        if not self[column]:
            return None
        sigma = None
        try:
            value = si(f"{self[column]} {self['unit']}", kind)
            if column == "value" and self["sigma"]:
                sigma = abs(si(f"{self['sigma']} {self['unit']}", _difference(kind)))
        except AnolyteError as error:
            self.wrong("unit" if _is_number(self[column]) else column, str(error))
            return None
        return Number(value, kind, sigma)

    def _condition(self, column: str, kind: str) -> Number | None:
        if not self[column]:
            return None
        try:
            return Number(si(self[column], kind), kind)
        except AnolyteError as error:
            self.wrong(column, str(error))
            return None

    def _current(self) -> Number | None:
        """One number with a unit, a rate such as `0.5 C-rate`, or None for a range."""
        text = self["current_density"]
        if not text:
            return None
        if match := re.fullmatch(r"([\d.]+)\s*(?:-|to|–)\s*([\d.]+\s*\D.*)", text):
            self._one_current(f"{match[1]} {re.sub(r'^[0-9.]+', '', match[2])}")
            self._one_current(match[2])
            return None  # a range is no one number
        return self._one_current(text)

    def _one_current(self, text: str) -> Number | None:
        if match := re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*C-rate", text):
            return Number(float(match[1]) / 3600.0, "rate")
        # A current per mass is another quantity: 200 mA/g, not 200 mA/cm2.
        kind = "specific_current" if re.search(r"g(?:-1|⁻¹)?\s*$", text) else "current_density"
        try:
            return Number(si(text, kind), kind)
        except AnolyteError as error:
            hint = "; a rate is written '0.1 C-rate'" if "C" in text else ""
            self.wrong("current_density", f"{error}{hint}")
            return None

    def _cycle(self) -> int | None:
        if not self["cycle"]:
            return None
        try:
            return int(self["cycle"])
        except ValueError:
            self.wrong("cycle", f"'{self['cycle'][:20]}' is no whole number")
            return None

    def _prints(self, about: Quantity) -> None:
        """A unit that was printed wrong is kept as printed, and must be spoken of."""
        printed = self["as_printed"]
        if self["doubt"] or not printed:
            return
        if about.kind == "area_resistance" and _PER_AREA.search(printed):
            self.wrong("as_printed", "printed per area (ohm cm-2): an area resistance is ohm cm2; "
                       "say in 'doubt' how it was read")  # fmt: skip
        if about.kind == "current_density" and _HOURS.search(printed):
            self.wrong("as_printed", "printed as an areal capacity (mAh cm-2) where a current "
                       "density is meant; say in 'doubt' how it was read")  # fmt: skip


_LACKING = {
    "unit": "a number without a unit is refused; write for example 'ohm*cm^2'",
    "source": "a number without a source does not count: a citation key, doi:... or own:...",
    "known": f"say how it is known: {', '.join(KNOWN)}",
    "value": "is empty; what was measured?",
}
_HINT = {
    "protocol": "symmetric or full cell, step size and time, cut-off, hold; 'not stated' if so",
    "cycle": "the number of the cycle",
    "current_density": "for example '0.1 mA/cm^2'",
}
_HOW = {"experiment": "measured", "computed": "computed", "theory": "computed"}


def _unknown_quantity(text: str) -> str:
    import difflib

    near = difflib.get_close_matches(text, QUANTITIES, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(QUANTITIES)}"
    return f"'{text[:40]}' is no known quantity; {hint}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _difference(kind: str) -> str:
    return "temperature_difference" if kind == "temperature" else kind


def rows(path: Path) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Line and cells of each row of a file; None for a row with too many or too few cells.

    Raises:
        DataError: The file cannot be read, or its first line is no header.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: larger than {MAX_BYTES // 10**6} MB; is it the right file?")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not reader.fieldnames or "quantity" not in reader.fieldnames:
                raise DataError(f"{path}: the first line must name columns: {', '.join(COLUMNS)}")
            for row in reader:
                whole = None not in row and None not in row.values()
                yield reader.line_num, row if whole else None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text") from None
    except csv.Error as error:
        raise DataError(f"{path}: not CSV ({error})") from None


def read(path: Path) -> tuple[Record, ...]:
    """Every record of a file.

    Raises:
        DataError: The first row that cannot stand, with its line and column.
    """
    found = []
    for line, row in rows(path):
        if row is None:
            raise DataError(f"{path}:{line}: has more or fewer cells than the first line")
        record, problems = parse(row, line, path.name)
        if record is None:
            first = problems[0]
            raise DataError(f"{path}:{line}: {first.column}: {first.message}")
        found.append(record)
    return tuple(found)


@lru_cache(maxsize=8)
def _read_cached(path: Path, stamp: int) -> tuple[Record, ...]:
    return read(path)


def evidence(files: Iterable[Path] = ()) -> tuple[Record, ...]:
    """The package's records, those of installed packs, and those of the user's files.

    A pack that fails to load is left out; `packs()` names it.

    Raises:
        DataError: A file that cannot be read, or a row whose id stands already.
    """
    found: dict[str, Record] = {}
    for path in (FILE, *packs()[0], *files):
        try:
            records = _read_cached(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        for record in records:
            if (other := found.get(record.id)) is not None:
                raise DataError(
                    f"{path}:{record.line}: id: '{record.id}' is a row of {other.file} already; "
                    "give yours another id"
                )
            found[record.id] = record
    return tuple(found.values())


def packs() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Files of third parties (entry points `anolyte.evidence`), and those that do not load.

    An entry point names a path, or a function that returns one.
    """
    return plugins.load(entry_points(group="anolyte.evidence"), _pack, "evidence")


def _pack(made: Any) -> Path:
    path = Path(str(made() if callable(made) else made))
    read(path)
    return path


def papers(records: Iterable[Record]) -> tuple[str, ...]:
    """The sources of some records, each once."""
    found = {references.paper(r.source.key): r.source.key for r in reversed(tuple(records))}
    return tuple(reversed(found.values()))
