"""The self-contained page of a cycling file or a voltammogram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from anolyte.core.result import Result
from anolyte.faces.fitted import FIELDS, fact
from anolyte.faces.fitted_page import fingerprint, reference, setting_rows
from anolyte.faces.fitted_traces import View

MOST_ROWS = 400
"""Rows of a table on a page; the page's own data hold all of them."""
HINTS = {
    "CriticalRamp": "How to read this: voltage and current against time, the short where it began; "
    "below, the resistance of each level. It rises before contact is lost and falls in a short.",
    "SymmetricLife": "How to read this: the voltage against time; below, the median resistance of "
    "each half cycle. It drifts up as an interphase grows, and falls in a short.",
    "OverpotentialSplit": "How to read this: the size of the voltage at the end of each half cycle "
    "and its parts by the spectrum's resistances; what is left is concentration, lost contact, or "
    "a spectrum of another time.",
    "VoidCheck": "How to read this: how much the voltage of each half cycle grew from its start to "
    "its end. Full points bend upwards beyond noise, as voids make them.",
    "PlatingEfficiency": "How to read this: what was stripped over what was plated; bars are two "
    "standard deviations.",
    "FadeResult": "How to read this: points as measured, the line is the laws weighed together, "
    "the band their interval; a knee stands with its interval.",
    "LithiumInventory": "How to read this: discharge over charge of each cycle, and how much of "
    "the first charge is lost.",
    "Voltammogram": "How to read this: diamonds are onsets by tangent, circles by threshold; "
    "neither is a limit of stability.",
}
TABLES = {
    "CriticalRamp": "Levels", "SymmetricLife": "Half cycles",
    "OverpotentialSplit": "Parts of the voltage", "VoidCheck": "Bends",
    "PlatingEfficiency": "Efficiency of each cycle", "FadeResult": "Retention",
    "ReservoirEfficiency": "Reservoir", "LithiumInventory": "Efficiency and losses",
    "Voltammogram": "Onsets", "MeasuredWindow": "Onsets and limits",
}  # fmt: skip
FACTS = {"electrodes": "", "electrolyte": ""} | FIELDS


def report(
    path: Path, view: View, result: Any, setup: Any, record: Any, settings: Iterable[Any]
) -> Path:
    """Write the page of what a recording says.

    Args:
        path: The HTML file.
        view: What is shown, as in a terminal.
        result: What the page holds.
        setup: The cell, with where each number was given.
        record: The file as it was read.
        settings: Dataclasses of thresholds behind the numbers.

    Raises:
        DataError: The path cannot be written.
    """
    from anolyte.faces import page
    from anolyte.faces.figures.traces import all_figures

    drawn = all_figures(result)
    context = {
        "view": view,
        "charts": [(name, HINTS.get(name, "")) for name in drawn],
        "details": [_table(part) for part in _parts(result)],
        "warnings": result.warnings,
        "origins": _origins(setup, record),
        "settings": setting_rows(settings),
        "references": [reference(key) for key in _sources(result)],
    }
    return page.write(path, "traces.html.j2", result, context, drawn)


def _parts(result: Any) -> tuple[Result, ...]:
    return getattr(result, "results", None) or (result,)


def _sources(result: Any) -> tuple[str, ...]:
    keys = [k for p in (result, *_parts(result))
            for k in (*getattr(p, "references", ()), *getattr(p, "sources", ()))]  # fmt: skip
    return tuple(dict.fromkeys(keys))


def _table(part: Result) -> tuple[str, Sequence[str], list[tuple[str, ...]]]:
    """Every row of a result, to fold away."""
    rows = part.rows()
    head = tuple(dict.fromkeys(name for row in rows for name in row))
    cells = [tuple(_cell(row.get(name)) for name in head) for row in rows[:MOST_ROWS]]
    more = f", the first {MOST_ROWS} shown" if len(rows) > MOST_ROWS else ""
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    return f"{TABLES[type(part).__name__]}: {count}{more}", head, cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _origins(setup: Any, record: Any) -> list[tuple[str, str]]:
    """The file and its fingerprint, and who said what of the cell."""
    rows = [("file", f"{record.file}, read as {record.format}")]
    if digest := fingerprint(record.file):
        rows.append(("sha256", digest))
    if record.clock is not None:
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(record.clock, UTC)
        rows.append(("start", f"{moment:%Y-%m-%d %H:%M} by the instrument's clock"))
    missing = []
    for name, kind in FACTS.items():
        value = getattr(setup, name)
        words = name.replace("_", " ")
        if value is None:
            missing.append(words)
            continue
        text = fact(value, kind) if kind else value
        origin = f" ({setup.origins[name]})" if name in setup.origins else ""
        rows.append((words, f"{text}{origin}"))
    return [*rows, ("not given, and not assumed", ", ".join(missing))] if missing else rows
