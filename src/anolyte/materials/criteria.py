"""The thresholds that turn numbers into findings: data, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.provenance import Source, Value
from anolyte.core.units import si
from anolyte.materials.library import read_yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Morphology:
    """The percolation threshold of one arrangement of grains, as a range of volume fraction."""

    name: str
    low: float
    high: float
    source: Source


@dataclass(frozen=True)
class Criteria:
    """Thresholds by name, in SI.

    >>> criteria()["pilling_bedworth_high"] > 1.0
    True
    """

    values: Mapping[str, Value]
    morphologies: tuple[Morphology, ...] = ()

    def __getitem__(self, name: str) -> float:
        try:
            return self.values[name].si
        except KeyError:
            raise DataError(
                f"criteria.yaml has no '{name}'; known: {', '.join(self.values)}"
            ) from None

    def source(self, name: str) -> str:
        """Citation key of a threshold."""
        self[name]
        return self.values[name].source.key

    @property
    def thresholds(self) -> tuple[tuple[float, float], ...]:
        """Percolation threshold ranges, one a morphology."""
        return tuple((m.low, m.high) for m in self.morphologies)


@lru_cache(maxsize=1)
def criteria() -> Criteria:
    """The package's thresholds."""
    return read(DATA / "criteria.yaml")


def threshold(name: str) -> Any:
    """A field of settings whose default is one of the package's thresholds, read when it is asked.

    Args:
        name: In criteria.yaml.
    """
    return field(default_factory=lambda: criteria()[name])


def read(path: Path) -> Criteria:
    """Thresholds from a YAML file.

    Raises:
        DataError: A threshold without value, kind or source.
    """
    data = read_yaml(path)
    values, morphologies = {}, []
    for name, entry in data.items():
        if name == "percolation":
            morphologies = [_morphology(m, path) for m in entry]
            continue
        try:
            values[name] = Value(si(entry["value"], entry["kind"]), _source(entry))
        except (KeyError, TypeError):
            raise DataError(f"{path.name}: {name} needs value, kind, source and known") from None
    return Criteria(values, tuple(morphologies))


def _morphology(entry: Mapping[str, Any], path: Path) -> Morphology:
    try:
        return Morphology(
            name=entry["morphology"],
            low=si(entry["low"], "fraction"),
            high=si(entry["high"], "fraction"),
            source=_source(entry),
        )
    except (KeyError, TypeError, ValueError):
        raise DataError(
            f"{path.name}: a percolation entry needs morphology, low, high, source, known"
        ) from None


def _source(entry: Mapping[str, Any]) -> Source:
    return Source(
        entry["source"], entry.get("where", ""), entry.get("how", "measured"), entry["known"]
    )
