"""A result as a person reads it: a dozen plain lines, or a small table in a notebook.

One card is made of any result from its fields and its `rows()`: what it is of, the words and single
numbers in habitual units, the first rows, and how many more there are. No figure, no colour, no
script: the page's own theme decides how it looks.
"""

from __future__ import annotations

import dataclasses
import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anolyte.core import units
from anolyte.core.errors import AnolyteError

OF = ("interface", "cell", "electrolyte", "material", "junction", "spectrum", "name")
"""Fields that say what a result is of; the first that there is stands in the title."""
FACTS, ROWS, COLUMNS = 8, 7, 5
"""How many of each are shown."""
WIDE, NARROW, LEAST, CELL = 100, 70, 16, 200
"""Characters of a line, of the widest and the narrowest cut cell in it, of a cell in a notebook."""
ASIDE = ("warnings", "sources", "convention", "energies", "energies_digest", "seed")
"""Texts and numbers that a card leaves to `to_dict`."""


@dataclass(frozen=True)
class Card:
    """What is shown of a result.

    Args:
        title: Kind of result, and what it is of.
        facts: Name and text.
        head: Columns of the table.
        rows: The first of them, as texts.
        more: Rows that are not shown.
        warnings: How many.
    """

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0
    warnings: int = 0

    @property
    def tail(self) -> str:
        """What was left out, and where it is."""
        parts = [f"{self.more} more rows"] if self.more else []
        parts += [f"{self.warnings} warning{'s' * (self.warnings > 1)}"] if self.warnings else []
        return "; ".join([*parts, "all of it: .to_frame(), .to_dict()"])


def card(result: Any) -> Card:
    """What is shown of a result: any frozen dataclass with `rows()`."""
    try:
        table = [r for r in result.rows() if r]
    except (AnolyteError, ArithmeticError, LookupError, TypeError, ValueError):
        table = []  # a display never fails
    shown = [{k: _cell(v) for k, v in row.items() if _simple(v)} for row in table[:ROWS]]
    of, facts = _facts(result)
    if len(table) == 1:
        facts |= {k: v for k, v in map(_united, shown[0].items()) if k not in facts}
        shown = []
    head = [k for k in dict.fromkeys(k for row in shown for k in row)
            if any(row.get(k) for row in shown)][:COLUMNS]  # fmt: skip
    return Card(
        title=_words(type(result).__name__) + (f" of {of}" if of else ""),
        facts=tuple((k, v) for k, v in facts.items() if v and v != of)[:FACTS],
        head=tuple(map(_plain, head)),
        rows=tuple(tuple(row.get(k, "") for k in head) for row in shown),
        more=len(table) - len(shown) if shown else 0,
        warnings=len(getattr(result, "warnings", ()) or ()),
    )


def text(result: Any) -> str:
    """A few lines for a terminal."""
    found = card(result)
    lines = [_cut(found.title, WIDE)]
    width = max((len(k) for k, _ in found.facts), default=0)
    lines += [_cut(f"  {k:<{width}}  {v}", WIDE) for k, v in found.facts]
    if found.rows:
        widths = _widths([found.head, *found.rows])
        for row in (found.head, *found.rows):
            padded = "  ".join(_cut(c, w).ljust(w) for c, w in zip(row, widths, strict=False))
            lines.append(f"  {padded}".rstrip())
    return "\n".join([*lines, f"  ({found.tail})"])


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Widths of the columns that a line has room for; the last may be cut."""
    widths: list[int] = []
    left = WIDE - 2
    for column in zip(*rows, strict=True):
        width = min(max(map(len, column)), NARROW, left)
        if width < min(max(map(len, column)), LEAST):
            break
        widths.append(width)
        left -= width + 2
    return widths


def markup(result: Any) -> str:
    """A small piece of HTML; every text is escaped, and the page's own colours hold."""
    found = card(result)
    parts = [f"<strong>{html.escape(found.title)}</strong>"]
    if found.facts:
        parts.append(_table([(k, v) for k, v in found.facts], ()))
    if found.rows:
        parts.append(_table(found.rows, found.head))
    parts.append(f"<small>{html.escape(found.tail)}</small>")
    return f'<div class="anolyte-result">{"".join(parts)}</div>'


def _table(rows: Any, head: tuple[str, ...]) -> str:
    cell = '<{0} style="text-align: left">{1}</{0}>'
    top = "".join(cell.format("th", html.escape(h)) for h in head)
    body = "".join(
        "<tr>" + "".join(cell.format("td", html.escape(c)) for c in row) + "</tr>" for row in rows
    )
    return f"<table>{f'<thead><tr>{top}</tr></thead>' if top else ''}<tbody>{body}</tbody></table>"


def _facts(result: Any) -> tuple[str, dict[str, str]]:
    """What a result is of, and its single values by name."""
    of, facts, spans = "", {}, {}
    for field in dataclasses.fields(result):
        value, kind = getattr(result, field.name), field.metadata.get("kind")
        if field.name in ASIDE:
            continue
        if not of and field.name in OF and (of := _noun(value)):
            continue
        if kind and isinstance(value, int | float):
            facts[_plain(field.name)] = units.show(value, kind)
        elif kind and isinstance(value, tuple) and len(value) > 1:
            spans[_plain(field.name)] = _span(value, kind)
        elif _simple(value):
            facts[_plain(field.name)] = _cell(value)
    return of, facts | spans


def _noun(value: Any) -> str:
    """A name, or the words of an interface (a cell has one)."""
    if isinstance(value, str):
        return value
    inside = getattr(value, "interface", value)
    return str(inside) if type(inside).__str__ is not object.__str__ else ""


def _span(values: tuple[Any, ...], kind: str) -> str:
    """A series by its ends: least, most, how many."""
    finite = [v for v in values if isinstance(v, int | float) and math.isfinite(v)]
    if not finite:
        return ""
    low, high = units.show(min(finite), kind), units.show(max(finite), kind)
    return f"{len(values)} values" + (f", {low} to {high}" if low != high else f", {low}")


def _simple(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else _cut(str(value), CELL)


def _cut(text: str, width: int) -> str:
    """One line without control characters, at most so long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split(" "))
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _plain(name: str) -> str:
    return name.replace("_", " ").removesuffix(" []")


def _united(cell: tuple[str, str]) -> tuple[str, str]:
    """A column's name without its unit, which goes behind the number."""
    name, _, unit = cell[0].partition(" [")
    return _plain(name), f"{cell[1]} {unit.removesuffix(']')}".rstrip()


def _words(name: str) -> str:
    """A class name as words.

    >>> _words("HostCyclingResult"), _words("Run"), _words("WindowResult")
    ('Host cycling', 'Run', 'Window')
    """
    parts = re.findall(r"[A-Z][a-z0-9]*", name)
    parts = parts[:-1] if len(parts) > 1 and parts[-1] == "Result" else parts
    return " ".join([parts[0], *(p.lower() for p in parts[1:])]) if parts else name
