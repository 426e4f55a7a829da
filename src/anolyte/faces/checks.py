"""`anolyte check-data`: what the checks of the data found, shown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from anolyte.core.provenance import KNOWN
from anolyte.faces.console import Page, print_json
from anolyte.studies.check import Report, check


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
