"""The generated tables of the documentation.

    python -m anolyte.studies.docs [FOLDER]

Each table stands between two marker lines of its page and is replaced by what the program computes;
the tests fail when a page says something else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from anolyte.studies.check import check
from anolyte.studies.coverage import coverage, library_coverage
from anolyte.studies.files import write_whole
from anolyte.studies.validate import (
    device_page,
    to_markdown,
    validate,
    validate_interphases,
    validate_windows,
    window_coverage,
)
from anolyte.studies.validate import window_intervals as intervals
from anolyte.studies.validate.page import page

START, END = "<!-- computed: do not edit -->", "<!-- end -->"
PAGES: dict[str, Callable[[], str]] = {
    "models/window_scorecard.md": lambda: to_markdown(validate_windows()),
    "models/window.md": lambda: intervals.to_markdown(intervals.window_intervals()),
    "models/window_uncertainty.md": window_coverage.to_markdown,
    "models/passivation_cases.md": lambda: validate_interphases().to_markdown(),
    "coverage.md": lambda: f"{library_coverage().to_markdown()}\n{coverage().to_markdown()}",
    "models/cell.md": device_page.page,
    "scorecard.md": lambda: page(validate()),
    "../README.md": lambda: check().to_markdown(),
}
FILES: dict[str, Callable[[], str]] = {
    "coverage_junctions.csv": lambda: library_coverage().to_csv(),
}
"""Written whole."""


def refresh(folder: Path) -> list[str]:
    """Rewrite the tables of the pages in a folder, and the tables that are files; their names."""
    pattern = re.compile(re.escape(START) + ".*?" + re.escape(END), re.DOTALL)
    for name, table in PAGES.items():
        path = folder / name
        text = path.read_text(encoding="utf-8")
        block = f"{START}\n{table()}{END}"
        write_whole(path, pattern.sub(lambda _, block=block: block, text, count=1))
    for name, table in FILES.items():
        write_whole(folder / name, table())
    return [*PAGES, *FILES]


if __name__ == "__main__":
    for done in refresh(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(done)
