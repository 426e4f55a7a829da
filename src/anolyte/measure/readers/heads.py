"""Lines that may be names of columns, found once for all readers that look for theirs."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anolyte.measure.readers.names import plain, tidy

DEEPEST = 60
"""Lines before the names of a cycler's table."""
LONGEST = 20_000
"""Characters of a line of names; more is no header."""
MOST = 500
"""Cells of a line of names."""
LONGEST_NAME = 150
"""Characters of a name; longer cells are sentences."""
SEPARATORS = ("\t", ";", ",")
UNIT = re.compile(r"^(.*?)\s*[(\[/]\s*([^()\[\]]*)[)\]]?\s*$")
LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Head:
    """A line that may be names of columns.

    Args:
        at: Its index.
        separator: Between its cells.
        names: Its cells.
    """

    at: int
    separator: str
    names: list[str]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names as `keys` gives them."""
        return frozenset(keys(self.names))

    def has(self, needed: Sequence[set[str]], never: set[str] = frozenset()) -> bool:  # pyright: ignore[reportArgumentType]
        """Whether its names have one of each set and none of `never`."""
        return all(self.keys & some for some in needed) and not self.keys & never


def heads(text: str) -> tuple[Head, ...]:
    """All lines near the start of a text that may be names: several cells, few of them numbers."""
    top = text[: 4 * LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")[:DEEPEST]
    found = []
    for at, line in enumerate(top):
        if len(line) > LONGEST or LETTER.search(line) is None:
            continue
        separator = max(SEPARATORS, key=line.count)
        if 2 <= line.count(separator) < MOST and not numeric(names := cut(line, separator)):
            found.append(Head(at, separator, names))
    return tuple(found)


def numeric(cells: Sequence[str], share: float = 0.5) -> bool:
    """Whether at least that share of the cells that are not empty begin as numbers do.

    >>> numeric(["1", "-0.5", "CC_Chg", ""]), numeric(["Step", "-Im(Z)", "1"])
    (True, False)
    """
    own = [c for cell in cells if (c := cell.strip(' "'))]
    return sum(c.lstrip("+-.")[:1].isdigit() for c in own) >= max(share * len(own), 1)


def cut(line: str, separator: str) -> list[str]:
    """The cells of a line, quotes and spaces off.

    >>> cut('1, "a;b" ,3', ",")
    ['1', 'a;b', '3']
    """
    if '"' not in line:
        return [c.strip() for c in line.split(separator)]
    try:
        read = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        read = line.split(separator)
    return [c.strip().strip('"') for c in read]


def keys(names: Sequence[str]) -> list[str]:
    """Names without unit, case, spaces and marks, to compare with; "" for a sentence.

    >>> keys(["Test_Time(s)", "Current (mA)", "Cyc#", "Voltage/V", "Chg. Cap.(Ah)"])
    ['testtime', 'current', 'cyc#', 'voltage', 'chgcap']
    """
    return [plain(_name(n)) if len(n) <= LONGEST_NAME else "" for n in names]


def _name(name: str) -> str:
    """Without its unit."""
    text = tidy(name)
    found = UNIT.match(text)
    return found[1] if found and found[1] else text
