"""Parts that other packages bring, found by their entry points and loaded softly.

A part that does not load never stops the package: it is skipped with one warning, and
`anolyte doctor` lists it with the reason.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, TypeVar

GROUPS = MappingProxyType({
    "anolyte.models": "models that `assess` asks",
    "anolyte.materials": "folders of materials",
    "anolyte.readers": "readers of instrument files",
    "anolyte.calculators": "interatomic potentials",
    "anolyte.sources": "reference energies",
    "anolyte.evidence": "measured records",
})  # fmt: skip
"""Groups of entry points, and what their parts are."""

T = TypeVar("T")


class PlugInWarning(UserWarning):
    """A part of another package that was skipped, with the reason."""


def offers(group: str) -> list[EntryPoint]:
    """The entry points of a group by name, so that no order of installation decides anything.

    >>> offers("anolyte.no_such_group")
    []
    """
    return sorted(entry_points(group=group), key=lambda e: e.name)


def fault(entry: EntryPoint, error: Exception) -> str:
    """One line on a part that does not load."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return f"{entry.name} ({entry.value}): {reason}"


def load(
    entries: Iterable[EntryPoint], make: Callable[[Any], T], what: str
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """The parts that load, and a line on each that does not.

    Args:
        entries: As `offers` finds them.
        make: From what an entry point names to the part; may raise anything.
        what: Such as "model", for the warning.
    """
    parts: list[T] = []
    faults: list[str] = []
    for entry in entries:
        try:
            parts.append(make(entry.load()))
        except Exception as error:  # a plug-in may fail in any way
            faults.append(fault(entry, error))
            warnings.warn(f"skipped {what} {faults[-1]}", PlugInWarning, stacklevel=2)
    return tuple(parts), tuple(faults)
