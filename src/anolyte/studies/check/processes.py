"""Checks of `processes.yaml`: sources, and bands that leave no gap an arc could fall into."""

from __future__ import annotations

from anolyte.materials import processes
from anolyte.materials.library import DATA
from anolyte.materials.processes import FILE, Sourced
from anolyte.studies.check.materials import line_of
from anolyte.studies.check.report import Report


def check(keys: frozenset[str], found: Report) -> None:
    """The package's file.

    Args:
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    data = processes.read()
    for i, entry in enumerate(data.classes):
        _sourced(("classes", i), entry, keys, found)
        for name, expectation in entry.expected.items():
            _sourced(("classes", i, "expected", name), expectation, keys, found)
    for i, suspect in enumerate(data.contact_suspects):
        _sourced(("contact_suspects", i), suspect, keys, found)
    for normalised_by in ("volume", "face"):
        bands = sorted((*c.band, c.width) for c in data.classes if c.normalised_by == normalised_by)
        reach = bands[0][1]
        for low, high, width in bands:
            if low > reach + 4.0 * width:
                found.add(FILE, 0, "classes", f"gap between bands of a {normalised_by}")
            reach = max(reach, high)


def _sourced(
    where: tuple[object, ...], entry: Sourced, keys: frozenset[str], found: Report
) -> None:
    """A key with a bibliography entry, and a place for what was read."""
    found.count(FILE, entry.known)
    at = ".".join(map(str, where))
    line = line_of(DATA / FILE, where)
    if entry.source not in keys:
        found.add(FILE, line, f"{at}.source", f"no bibliography entry for '{entry.source}'")
    if entry.known == "read" and not entry.where:
        found.add(FILE, line, f"{at}.where", "what was read says where it stands")
