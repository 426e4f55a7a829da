"""Circuits as text: `R0-p(R1,CPE1)-Ws1` to a tree; read by a parser of our own, never evaluated.

A dash joins in series, `p(...,...)` in parallel, and an element is its letters and a number, as
impedance.py writes them: `R0` or `R_0`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from anolyte.core.errors import DataError
from anolyte.measure.circuits.elements import ELEMENTS, Element

LONGEST = 500
"""Characters of a circuit; nobody fits more, and a file may hold anything."""
DEEPEST = 12
"""Parallels inside each other."""
MOST = 40
"""Elements."""
_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z]+_?[0-9]*)|(?P<mark>[-(),]))", re.ASCII)
_HABITS = {
    "Q": "CPE", "Y": "CPE", "Z": "Zarc", "ZARC": "Zarc", "WS": "Ws", "WO": "Wo", "H": "L",
    "FLW": "Ws", "FSW": "Wo", "ZW": "W", "TLM": "TLMQ", "O": "Ws", "GE": "G",
}  # fmt: skip
"""What other programs call an element."""


@dataclass(frozen=True)
class Leaf:
    """One element of a circuit."""

    element: Element
    name: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of its parameters: `R1`, but `CPE1_0` and `CPE1_1`."""
        count = len(self.element.parameters)
        return (self.name,) if count == 1 else tuple(f"{self.name}_{k}" for k in range(count))


@dataclass(frozen=True)
class Series:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Parallel:
    """Branches side by side."""

    parts: tuple[Node, ...]


Node = Leaf | Series | Parallel


def parse(text: str) -> Node:
    """The tree of a circuit.

    Args:
        text: As impedance.py users write it.

    Raises:
        DataError: It cannot be read; the message names the position, counted from 1.

    >>> [leaf.name for leaf in leaves(parse("R0 - p(R1, CPE1) - Wo1"))]
    ['R0', 'R1', 'CPE1', 'Wo1']
    """
    if len(text) > LONGEST:
        raise DataError(f"circuit of {len(text)} characters: at most {LONGEST} are read")
    return _Parser(text).whole()


def leaves(node: Node) -> Iterator[Leaf]:
    """All elements in the order of the text."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.seen = text, 0, set[str]()

    def whole(self) -> Node:
        node = self.series(0)
        kind, found, where = self.look()
        if kind:
            hint = "a ')' without its 'p('" if found == ")" else "expected '-' or the end"
            raise self.wrong(where, f"'{found}' here: {hint}")
        return node

    def series(self, depth: int) -> Node:
        parts = [self.part(depth)]
        while self.look()[1] == "-":
            self.take()
            parts.append(self.part(depth))
        flat: list[Node] = []
        for part in parts:
            flat += part.parts if isinstance(part, Series) else [part]
        return flat[0] if len(flat) == 1 else Series(tuple(flat))

    def part(self, depth: int) -> Node:
        kind, found, where = self.look()
        if kind == "name":
            self.take()
            return self.parallel(depth, where) if found == "p" else self.leaf(found, where)
        said = f"'{found}'" if kind else "the end"
        raise self.wrong(where, f"{said} where an element or 'p(' should stand")

    def parallel(self, depth: int, where: int) -> Node:
        if depth >= DEEPEST:
            raise self.wrong(where, f"more than {DEEPEST} parallels inside each other")
        if self.look()[1] != "(":
            raise self.wrong(where, "'p' without '('")
        parts: list[Node] = []
        while not parts or self.look()[1] == ",":
            self.take()
            parts.append(self.series(depth + 1))
        if self.look()[1] != ")":
            raise self.wrong(self.look()[2], f"the 'p(' of position {where + 1} needs ',' or ')'")
        self.take()
        if len(parts) < 2:
            raise self.wrong(where, "a parallel needs two branches, as in p(R1,CPE1)")
        return Parallel(tuple(parts))

    def leaf(self, found: str, where: int) -> Leaf:
        letters = found.rstrip("0123456789").rstrip("_")
        element = ELEMENTS.get(letters)
        if element is None:
            near = _HABITS.get(letters.upper()) or next(
                iter(get_close_matches(letters, ELEMENTS, 1, 0.4)), None
            )
            hint = f"; did you mean {near}?" if near else ""
            known = ", ".join(ELEMENTS)
            raise self.wrong(where, f"no element '{letters[:20]}'{hint} (there are {known})")
        if found in self.seen:
            raise self.wrong(where, f"'{found}' stands twice; give each element its own number")
        self.seen.add(found)
        if len(self.seen) > MOST:
            raise self.wrong(where, f"more than {MOST} elements")
        return Leaf(element, found)

    def look(self) -> tuple[str, str, int]:
        """Kind, text and position of the next token; all empty at the end."""
        found = _TOKEN.match(self.text, self.at)
        if found:
            kind = found.lastgroup or ""
            return kind, found[kind], found.start(kind)
        rest = self.text[self.at :].lstrip()
        if rest:
            where = len(self.text) - len(rest)
            raise self.wrong(where, f"'{rest[0]}' has no meaning in a circuit")
        return "", "", len(self.text)

    def take(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        assert found is not None  # only called after `look` saw a token
        self.at = found.end()

    def wrong(self, where: int, why: str) -> DataError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return DataError(f"circuit '{shown}', position {where + 1}: {why}")
