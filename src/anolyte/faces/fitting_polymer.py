"""The verb `fit polymer`: a table of conductivities over temperature and salt content."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from anolyte.faces.cells import Output, Save
from anolyte.faces.options import Csv, Json, Plot

TableFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.csv",
        help="Columns: temperature [C], salt_ratio (Li per repeat unit), conductivity [S/cm]; "
        "error [%] may stand beside.",
    ),
]
KINDS = {"temperature": "temperature", "salt_ratio": "number",
         "conductivity": "electronic_conductivity", "error": "fraction"}  # fmt: skip
HABITS = {"temperature": "C", "salt_ratio": "1", "error": "%"}
"""Units of columns that have none; a conductivity must have one."""


def polymer(
    file: TableFile,
    plot: Plot = None,
    save: Save = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Conductivity of a polymer: VTF or Arrhenius at each salt content, and the best content.

    Example: anolyte fit polymer peo.csv --plot peo.html
    """
    from anolyte.measure.series.polymer import polymer as fit

    output = Output(json, csv, plot, save)
    table = read_table(file)
    output.finish(fit(**table), show)


def read_table(path: Path) -> dict[str, Any]:
    """The columns of a table in SI.

    Raises:
        DataError: No such file, a column that is missing or has no unit, a cell that is no number;
            with its line.
    """
    import csv

    from anolyte.core.errors import DataError

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(k, r) for k, r in enumerate(csv.reader(file), 1) if any(c.strip() for c in r)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV ({error})") from None
    if not rows:
        raise DataError(f"{path}: the file is empty")
    heads = [_head(path, c) for c in rows[0][1]]
    names = [name for name, _ in heads]
    for needed in ("temperature", "salt_ratio", "conductivity"):
        if needed not in names:
            raise DataError(
                f"{path}: no column '{needed}'; write for example "
                "'temperature [C],salt_ratio,conductivity [S/cm]'"
            )
    columns: dict[str, list[float]] = {name: [] for name in names}
    for number, row in rows[1:]:
        if len(row) != len(heads):
            raise DataError(f"{path}, line {number}: {len(row)} cells under {len(heads)} columns")
        for (name, unit), cell in zip(heads, row, strict=True):
            columns[name].append(_number(path, number, name, unit, cell))
    return columns


def _head(path: Path, cell: str) -> tuple[str, str]:
    from anolyte.core.errors import DataError

    name, _, unit = cell.strip().replace("(", "[").partition("[")
    name = name.strip().lower().replace(" ", "_")
    unit = unit.rstrip(" ])") or HABITS.get(name, "")
    if name not in KINDS:
        raise DataError(f"{path}, line 1: unknown column '{cell.strip()[:40]}'; known: "
                        + ", ".join(KINDS))  # fmt: skip
    if not unit:
        raise DataError(f"{path}, line 1: '{cell.strip()[:40]}' needs a unit, as '{name} [S/cm]'")
    return name, unit


def _number(path: Path, line: int, name: str, unit: str, cell: str) -> float:
    from anolyte.core.errors import DataError, UnitsError
    from anolyte.core.units import si

    try:
        return si(f"{cell.strip()} {'' if unit == '1' else unit}".strip(), KINDS[name])
    except UnitsError as error:
        raise DataError(f"{path}, line {line}: {error}") from None


def show(result: Any, page_path: str = "") -> None:
    """Laws and optima on standard output."""
    from anolyte.core.units import show as shown
    from anolyte.faces.console import Page

    page = Page()
    page.line("Over temperature", "bold")
    rows = []
    for law in result.laws:
        r = law.law
        vtf = "" if r.vogel is None else f"{shown(r.vogel.energy, 'energy')} above " + shown(
            r.vogel.temperature, "temperature")  # fmt: skip
        rows.append((f"{law.salt_ratio:g}", r.law, shown(r.energy, "energy"), vtf,
                     shown(r.reference_value, "electronic_conductivity"), ""))  # fmt: skip
    page.columns(rows, ["Li per unit", "law", "Arrhenius", "VTF", "at 25 °C", ""])
    if result.optima:
        page.heading("Best salt content")
        page.columns([_optimum(o) for o in result.optima], ["at", "Li per unit", "90 %", ""])
    if result.warnings:
        page.heading("Keep in mind")
        page.bullets(result.warnings)
    if page_path:
        page.line()
        page.line(f"figure: {page_path}")


def _optimum(o: Any) -> tuple[str, ...]:
    from anolyte.core.units import show as shown

    at = shown(o.temperature, "temperature")
    if o.salt_ratio is None:
        return at, "not within the contents measured", "", ""
    span = f"{o.low:.3g} to {o.high:.3g}" if math.isfinite(o.high) and o.low > 0 else "open"
    return at, f"{o.salt_ratio:.3g}", span, shown(o.conductivity, "electronic_conductivity")
