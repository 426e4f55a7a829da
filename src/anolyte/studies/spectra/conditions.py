"""What spectra were taken at, as the names of files and the user's tables say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import si

TABLE = "conditions.csv"
LEAST_DEGREES = 10.0
"""`5C` in a name is as often a rate as a temperature; a rate is not negative, and does not stand
where files beside it have their temperature."""
FIELDS = {
    "temperature": "temperature", "stack_pressure": "pressure", "thickness": "length",
    "area": "area", "pressing_pressure": "pressure", "time": "time",
}  # fmt: skip
_START, _NUMBER, _END = r"(?<![A-Za-z0-9.])", r"(-?\d{1,4}(?:[.,p]\d+)?)[ _]?", r"(?![A-Za-z0-9])"
_IN_NAMES = {
    "temperature": (re.compile(_START + _NUMBER + r"(°?C|degC|K)" + _END), (150.0, 700.0)),
    "stack_pressure": (re.compile(_START + _NUMBER + r"(MPa|kPa|GPa)" + _END), (0.0, 5e9)),
    "thickness": (re.compile(_START + _NUMBER + r"(mm|um|µm)" + _END), (1e-7, 2e-2)),
    "time": (re.compile(_START + _NUMBER + r"(h|min|d)" + _END), (0.0, 1e9)),
}
"""What a file's name may say, its unit needed, and between which values (SI) it is believed."""
_ANY_NUMBER = re.compile(r"-?\d+(?:[.,p]\d+)?")


def from_names(files: Sequence[Path]) -> dict[Path, dict[str, float]]:
    """What the names of files say; few degrees count where a name that is alike has more of them.

    Args:
        files: Of one series.
    """
    found = {f: from_name(f.stem) for f in files}
    warm = {_ANY_NUMBER.sub("#", f.stem) for f in files if "temperature" in found[f]}
    return {
        f: from_name(f.stem, 0.0) if _ANY_NUMBER.sub("#", f.stem) in warm else found[f]
        for f in files
    }


def from_name(stem: str, least: float = LEAST_DEGREES) -> dict[str, float]:
    """What a file's name says, in SI; only numbers with a unit count.

    Args:
        stem: The name without its suffix.
        least: Positive degrees Celsius below which a number is taken for a rate.

    >>> from_name("LLZO_pellet3_60C_5MPa")
    {'temperature': 333.15, 'stack_pressure': 5000000.0}
    """
    found = {}
    for name, (pattern, (low, high)) in _IN_NAMES.items():
        hits = pattern.findall(stem.replace("_", " "))
        if len(hits) != 1:
            continue
        number, unit = hits[0]
        if unit.endswith("C") and 0.0 <= float(re.sub("[,p]", ".", number)) < least:
            continue
        value = si(f"{number.replace('p', '.').replace(',', '.')} {unit}", FIELDS[name])
        if low <= value <= high:
            found[name] = value
    return found


def of_tables(
    table: Path | None, files: Sequence[Path]
) -> tuple[dict[Path, dict[str, float]], list[str]]:
    """What the user's tables say of each file, and which rows of them are of no file.

    Args:
        table: It holds for all files; None: those that lie beside files hold for these.
        files: Of instruments.

    Raises:
        DataError: A table that cannot be read or does not fit, with its line.
    """
    beside = [(t, [f for f in files if f.parent == t.parent])
              for t in sorted({f.parent / TABLE for f in files}) if t.is_file()]  # fmt: skip
    found: dict[Path, dict[str, float]] = {}
    told = []
    for path, own in beside if table is None else [(table, list(files))]:
        rows = _rows(path)
        names = {f.name for f in own}
        if unknown := [n for n in rows if n not in names and not (path.parent / n).exists()]:
            if len(unknown) == len(rows):
                raise DataError(f"{path}: names none of the files, for example not '{unknown[0]}'")
            told.append(f"{path}: {len(unknown)} rows are of no file, as '{unknown[0][:40]}'")
        found |= {f: rows[f.name] for f in own if f.name in rows}
    return found, told


def _rows(table: Path) -> dict[str, dict[str, float]]:
    """File name to conditions, of a table; where commas are decimal, semicolons part its cells."""
    import csv

    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            comma = ";" if ";" in first else ","
            rows = list(csv.reader(file, delimiter=comma))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table}: cannot be read as CSV ({error})") from None
    if not rows or "file" not in [c.strip() for c in rows[0]]:
        raise DataError(f"{table}: needs a header with a column 'file', as 'file,temperature [C]'")
    heads = [_head(table, c) for c in rows[0]]
    found: dict[str, dict[str, float]] = {}
    for number, row in enumerate(rows[1:], 2):
        if any(c.strip() for c in row):
            name, facts = _row(table, number, heads, row, "," if comma == ";" else ".")
            if name in found:
                raise DataError(f"{table}, line {number}: '{name[:40]}' stands in it twice")
            found[name] = facts
    return found


def _head(table: Path, cell: str) -> tuple[str, str]:
    """Name and unit of a column."""
    match = re.fullmatch(r"\s*([A-Za-z_ ]+?)\s*(?:[\[(]\s*(.*?)\s*[\])])?\s*", cell)
    name = match.group(1).strip().lower().replace(" ", "_") if match else cell.strip()
    name = {"pressure": "stack_pressure"}.get(name, name)
    if match is None or (name != "file" and name not in FIELDS):
        raise DataError(
            f"{table}, line 1: unknown column '{cell.strip()[:40]}'; known: file, "
            + ", ".join(FIELDS)
        )
    return name, match.group(2) or ""


def _row(
    table: Path, number: int, heads: Sequence[tuple[str, str]], row: Sequence[str], decimal: str
) -> tuple[str, dict[str, float]]:
    if len(row) != len(heads):
        raise DataError(f"{table}, line {number}: {len(row)} cells under {len(heads)} columns")
    name, facts = "", {}
    for (column, unit), cell in zip(heads, row, strict=True):
        if column == "file":
            name = Path(cell.strip()).name
        elif cell.strip():
            try:
                facts[column] = si(f"{cell.strip().replace(decimal, '.')} {unit}", FIELDS[column])
            except AnolyteError as error:
                raise DataError(f"{table}, line {number}: {error}") from None
    return name, facts
