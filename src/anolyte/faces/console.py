"""What people read in a terminal: plain columns, colour only where there is a terminal for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

COLORS = {"good": "green", "caution": "yellow", "bad": "bold red", "unknown": "dim"}
WIDEST = 110
PLAIN_WIDTH = 100


def print_json(data: Any) -> None:
    """A result for programs: one JSON document on standard output."""
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    print(json.dumps(data, ensure_ascii=not unicode, indent=1, allow_nan=False))


def clean(text: Any) -> str:
    """Text without anything that could steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}"
                   for c in str(text))  # fmt: skip


class Page:
    """A page of headings, lines and columns on standard output.

    No colour and no control character where the output is no terminal or NO_COLOR is set.
    """

    def __init__(self) -> None:
        from rich.console import Console

        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None and "utf" not in (sys.stdout.encoding or "").lower():
            reconfigure(errors="replace")
        console = Console(highlight=False, markup=False, emoji=False)
        width = min(console.width, WIDEST)
        if not console.is_terminal and "COLUMNS" not in os.environ:
            width = PLAIN_WIDTH
        self._console = Console(highlight=False, markup=False, emoji=False, width=width)

    def line(self, text: str = "", style: str = "") -> None:
        """A paragraph, wrapped between words."""
        self._print(self._text(text, style))

    def raw(self, text: str) -> None:
        """One line as it is, however long: for programs that read lines."""
        sys.stdout.write(clean(text).replace("\n", " ") + "\n")

    def heading(self, text: str) -> None:
        """A blank line and a heading."""
        self.line()
        self.line(text, "bold")

    def bullets(self, texts: Iterable[str], style: str = "") -> None:
        """A list with hanging indents."""
        self.columns([("-", t) for t in texts], styles=("dim", style))

    def columns(
        self,
        rows: Iterable[Sequence[Any]],
        head: Sequence[str] = (),
        styles: Sequence[str] = (),
        right: Sequence[int] = (),
        indent: int = 2,
    ) -> None:
        """Aligned columns; the last one takes the rest of the line and wraps.

        Args:
            rows: Cells; a cell that names a level is coloured.
            head: Column heads, dim.
            styles: A style a column.
            right: Columns that are aligned to the right.
            indent: Spaces before the first column.
        """
        from rich.padding import Padding
        from rich.table import Table

        rows = [tuple(row) for row in rows]
        if not rows:
            return
        count = len(rows[0])
        table = Table.grid(padding=(0, 2, 0, 0))
        for i in range(count):
            last = i == count - 1
            table.add_column(
                justify="right" if i in right else "left", no_wrap=not last,
                overflow="fold", ratio=1 if last else None,
            )  # fmt: skip
        if head:
            table.add_row(*(self._text(h, "dim") for h in head))
        for row in rows:
            table.add_row(*(self._cell(c, i, styles) for i, c in enumerate(row)))
        self._print(Padding(table, (0, 0, 0, indent)))

    def _print(self, what: Any) -> None:
        """Print without the blanks that fill lines up to the width."""
        with self._console.capture() as caught:
            self._console.print(what)
        for line in caught.get().splitlines():
            sys.stdout.write(line.rstrip() + "\n")

    def _cell(self, cell: Any, column: int, styles: Sequence[str]) -> Any:
        text = "" if cell is None else str(cell)
        style = styles[column] if column < len(styles) else ""
        return self._text(text, COLORS.get(text, style))

    @staticmethod
    def _text(text: str, style: str = "") -> Any:
        from rich.text import Text

        return Text(clean(text), style=style)
