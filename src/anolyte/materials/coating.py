"""Processes that make a layer: the thickness each gives and what it covers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from anolyte.core.errors import DataError
from anolyte.core.units import si
from anolyte.materials.library import DATA, read_yaml


@dataclass(frozen=True)
class CoatingProcess:
    """One way to make a layer.

    Args:
        name: In words.
        least, most: Thickness, m.
        coverage: Of the face.
        known: How the numbers are known.
    """

    name: str
    least: float
    most: float
    coverage: float
    known: str


@lru_cache(maxsize=1)
def processes() -> Mapping[str, CoatingProcess]:
    """All that are known, by name."""
    found = {}
    for name, entry in read_yaml(DATA / "coating_processes.yaml").items():
        least, most = (si(text, "length") for text in entry["thickness"])
        made = CoatingProcess(name, least, most, si(entry["coverage"], "fraction"), entry["known"])
        found |= {known: made for known in (name, entry.get("also")) if known}
    return found


def made_by(text: str) -> tuple[str, CoatingProcess | None]:
    """A layer and how it is made, from a text such as `Li3N by sputtering`.

    >>> made_by("Li3N by sputtering")[1].most
    1e-06

    Raises:
        DataError: No such process.
    """
    layer, by, name = text.partition(" by ")
    if not by:
        return text.strip(), None
    if name.strip() not in processes():
        near = difflib.get_close_matches(name, processes(), n=2, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(processes())}"
        raise DataError(f"{text}: no process called {name.strip()}; {hint}")
    return layer.strip(), processes()[name.strip()]
