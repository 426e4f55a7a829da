"""What leaves for other programs: CSV that a spreadsheet does not run, JSON, a figure's page."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import Number
from anolyte.core.units import KINDS
from anolyte.faces.console import clean
from anolyte.materials.records import Record

_STEERS = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a text for a formula."""


def safe_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Rows as CSV; a text that a spreadsheet would run gets a leading apostrophe.

    Args:
        rows: Column to cell; numbers stay numbers, None is empty, truth is yes or no.
        columns: Their order; empty: as they come.

    >>> safe_csv([{"a": "=1+1", "b": -2.5}])
    "a,b\\n'=1+1,-2.5\\n"
    """
    rows = list(rows)
    columns = tuple(columns) or tuple(dict.fromkeys(c for row in rows for c in row))
    lines = [_line(columns), *(_line([row.get(c) for c in columns]) for row in rows)]
    return "".join(lines)


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    # The writer quotes what its own line end holds: \r and \n both, though lines end in \n here.
    csv.writer(text, lineterminator="\r\n").writerow([_cell(c) for c in cells])
    return text.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.startswith(_STEERS) else text


def print_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """CSV on standard output; on a terminal without anything that could steer it."""
    text = safe_csv(rows, columns)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and "utf" not in (sys.stdout.encoding or "").lower():
        reconfigure(errors="replace")
    sys.stdout.write(clean(text) if sys.stdout.isatty() else text)


def plain(record: Record) -> dict[str, Any]:
    """A record as plain JSON: every number in SI beside its unit."""
    numbers = ("before", "value", "temperature", "current", "stack_pressure",
               "fabrication_pressure", "areal_capacity", "duration")  # fmt: skip
    row: dict[str, Any] = {
        "id": record.id, "electrolyte": record.electrolyte, "anode": record.anode,
        "layers": list(record.layers), "strategy": record.strategy, "quantity": record.quantity,
        "bound": record.bound,
    }  # fmt: skip
    row |= {name: _number(getattr(record, name)) for name in numbers}
    row |= {
        "current_as_printed": record.current_text, "as_printed": record.as_printed,
        "cycle": record.cycle, "protocol": record.protocol, "method": record.method,
        "source": record.source.key, "where": record.source.where, "known": record.source.known,
        "role": record.role, "doubt": record.doubt, "note": record.note,
    }  # fmt: skip
    return row


def _number(number: Number | None) -> dict[str, Any] | None:
    if number is None:
        return None
    found: dict[str, Any] = {"value": number.si, "unit": KINDS[number.kind].si}
    return found if number.sigma is None else found | {"sigma": number.sigma}


def only_one(**options: bool) -> None:
    """Refuse two forms of output at once."""
    given = [f"--{name}" for name, on in options.items() if on]
    if len(given) > 1:
        raise DataError(f"{' and '.join(given)} together: choose one")


def check_page_name(path: Path) -> None:
    """Refuse a figure under a name that neither a browser nor a paper would take.

    Raises:
        DataError: The name ends in none of .html, .svg, .pdf, .png.
        MissingExtra: A picture, and no browser to draw it.
    """
    from anolyte.faces.print_figure import check_name

    check_name(path)


def page(result: Any, path: Path) -> Path:
    """A result's figures as one self-contained page, or as pictures.

    Raises:
        DataError: The name ends in no known suffix, or the file cannot be written.
    """
    check_page_name(path)
    from anolyte.faces.figures import figures

    return write_figures(figures(result), path)


def write_figures(every: Sequence[Any], path: Path) -> Path:
    """Figures as one self-contained page, or as pictures where the name is that of one.

    Raises:
        DataError: The file cannot be written.
    """
    from anolyte.faces.print_figure import is_picture, write_pictures
    from anolyte.studies.files import write_whole

    if is_picture(path):
        return write_pictures(every, path)[0]
    parts = []
    for drawn in every:
        drawn.update_layout(autosize=True)
        parts.append(
            drawn.to_html(full_html=False, include_plotlyjs=not parts,
                          config={"responsive": True, "displayModeBar": False})
        )  # fmt: skip
    title = (every[0].layout.title.text or "anolyte").partition("<br>")[0]
    return write_whole(path, _PAGE.format(title=title, body="\n".join(parts)))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0 auto; padding: 8px; max-width: 1100px; background: white; }}</style>
</head>
<body>
{body}
</body>
</html>
"""
