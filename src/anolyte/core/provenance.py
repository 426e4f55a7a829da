"""Where a number comes from, and how it is known."""

from __future__ import annotations

from dataclasses import dataclass

HOW = ("measured", "computed", "estimated", "assumed")
KNOWN = ("read", "second_hand", "recalled")


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a number.

    Args:
        key: Citation key in the project's bibliography.
        where: Place in the source (table, figure, species, file).
        how: How the source got the number: measured | computed | estimated | assumed.
        known: How the project got it: read (in the paper, handbook or data file) | second_hand |
            recalled (from memory: never scores, never calibrates).
    """

    key: str
    where: str = ""
    how: str = "measured"
    known: str = "read"

    def __str__(self) -> str:
        place = f", {self.where}" if self.where else ""
        doubt = "" if self.known == "read" else f" [{self.known.replace('_', '-')}]"
        return f"{self.key}{place}{doubt}"


@dataclass(frozen=True, slots=True)
class Value:
    """A number in SI with its source and, where known, its standard deviation.

    >>> Value(1.0, Source("handbook", known="recalled"), sigma=0.1).source.known
    'recalled'
    """

    si: float
    source: Source
    sigma: float | None = None
    temperature: float | None = None
    note: str = ""
