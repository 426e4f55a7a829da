"""What a simulation or a study came to as one self-contained page, its picture among it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.core.result import Result
from anolyte.core.units import show


@dataclass(frozen=True)
class Told:
    """An answer in words, for a terminal and for a page.

    Args:
        kind: What was simulated.
        headline: The verdict.
        said: Under what.
        rows: Names and numbers.
        keep_in_mind: Sentences.
        hint: How to read the film.
        tables: Of the page: title, head and rows.
    """

    kind: str
    headline: str
    said: str
    rows: Sequence[tuple[str, str]]
    keep_in_mind: Sequence[str]
    hint: str
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = ()


def in_time(seconds: float) -> str:
    """As people say it.

    >>> in_time(90.0), in_time(1800.0), in_time(2e4)
    ('90 s', '30 min', '5.56 h')
    """
    if seconds < 120.0:
        return f"{seconds:.3g} s"
    return f"{seconds / 60.0:.3g} min" if seconds < 7200.0 else f"{seconds / 3600.0:.3g} h"


def write(
    path: Path, told: Told, result: Result, film: Any,
    origins: Sequence[tuple[str, str]] | None = None,
    more: Sequence[tuple[Any, str]] = (),
) -> Path:  # fmt: skip
    """Write it.

    Args:
        path: The HTML file; under the name of a picture the figures alone.
        told: In words.
        result: With `sources`; of a field also `assumed`, `spacing` and `temperature`.
        film: A figure, with frames or without.
        origins: What the answer rests on; None: what a field says of it.
        more: Further figures, each with how to read it.

    Raises:
        DataError: The path cannot be written.
    """
    from anolyte.faces import export, page, print_figure
    from anolyte.faces.fitted_page import reference

    if print_figure.is_picture(path):
        return export.write_figures([film, *(drawn for drawn, _ in more)], path)
    found: Any = result
    origins = origins or [
        ("cells", f"{show(found.spacing, 'length')} wide"),
        ("temperature", show(found.temperature, "temperature")),
        ("assumed, not measured", ", ".join(found.assumed).replace("_", " ") or "nothing"),
    ]
    context = {
        "kind": told.kind, "headline": told.headline, "said": told.said, "rows": told.rows,
        "warnings": told.keep_in_mind, "hint": told.hint, "origins": origins, "tables": told.tables,
        "references": [reference(key) for key in found.sources],
        "more": [(f"more{number}", hint) for number, (_, hint) in enumerate(more)],
    }  # fmt: skip
    drawn = {"film": film} | {f"more{number}": drawn for number, (drawn, _) in enumerate(more)}
    return page.write(path, "field.html.j2", result, context, drawn)
