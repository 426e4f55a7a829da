"""A page that follows a watch: one file without a script, written anew and reloaded by itself."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError
from anolyte.core.units import show
from anolyte.studies.files import write_whole
from anolyte.studies.monitor.board import Board, Card, Series
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.drawing import Axes, Line, draw

SHOWN = 24
"""Cells on the page; those that changed last."""
MANY = {"spectrum": "spectra", "half cycle": "half cycles and shorts", "cycle": "cycles"}
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5c6570; --line: #d9dde2; --paper: #fff;
 --card: #f6f7f9; --good: #00704f; --caution: #8a5a00; --bad: #b3261e; --unknown: #5c6570;
 --c0: #0063a3; --c1: #b3261e; --c2: #00704f; --c3: #8a5a00; --c4: #6b3fa0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a3abb5; --line: #3a4048;
 --paper: #14171a; --card: #1e2226; --good: #4cc9a0; --caution: #f0b94a; --bad: #ff8a80;
 --unknown: #a3abb5; --c0: #7cc0f4; --c1: #ff8a80; --c2: #4cc9a0; --c3: #f0b94a; --c4: #c6a4f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1rem 3rem; max-width: 76rem; background: var(--paper);
 color: var(--ink); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
h3 { font-size: 1rem; margin: 0 0 .3rem; }
.soft { color: var(--soft); } .head { display: flex; gap: 1rem; flex-wrap: wrap;
 align-items: baseline; }
.level { font-weight: 700; white-space: nowrap; } .level::before { content: "\\25cf  "; }
.good { color: var(--good); } .caution { color: var(--caution); } .bad { color: var(--bad); }
.unknown { color: var(--unknown); } .level.caution::before { content: "\\25b2  "; }
.level.bad::before { content: "\\25a0  "; } .level.unknown::before { content: "\\25cb  "; }
.cell { background: var(--card); border-radius: 8px; padding: .8rem 1rem; margin: .8rem 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
 gap: .4rem 1.2rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;
 width: 100%; }
td { border-bottom: 1px solid var(--line); padding: .25rem .8rem .25rem 0; vertical-align: top; }
td.n { white-space: nowrap; } svg { width: 100%; max-width: 40rem; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } .mid { text-anchor: middle; }
.end { text-anchor: end; } svg text.name { fill: var(--ink); }
.grid { stroke: var(--line); stroke-width: 1; fill: none; } .line { fill: none; stroke-width: 1.8; }
.mark { stroke: var(--caution); stroke-dasharray: 3 3; opacity: .55; }
.mark.bad { stroke: var(--bad); stroke-width: 1.5; opacity: .9; }
.band { opacity: .25; }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
.f4 { fill: var(--c4); } .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); }
.s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); }
"""


@dataclass
class Page:
    """A listener that keeps a page up to date.

    Args:
        path: The HTML file.
        title: Name of the folder that is watched.
        state: What the chain keeps of a cell; the last spectrum is drawn from it.
        refresh: After which the reader's program loads it again, s.
        least: Time between two writings, s.
        board: What is shown.
        clock: Seconds of a steady clock.
    """

    path: Path
    title: str
    state: Callable[[str], Mapping[str, Any]]
    refresh: float = 5.0
    least: float = 1.0
    board: Board = field(default_factory=Board)
    clock: Callable[[], float] = time.monotonic
    problem: str = ""
    _written: float = -math.inf
    _new: bool = True

    def decided(self, decision: Decision) -> None:
        """Take a decision in, and write now and then."""
        self.board.add(decision)
        self._new = True
        if self.clock() - self._written >= 5.0 * self.least:
            self.write()

    def looked(self) -> None:
        """Write what is new."""
        if self._new and self.clock() - self._written >= self.least:
            self.write()

    def write(self, over: bool = False) -> None:
        """Write the page whole; a disk that is full does not end the watch.

        Args:
            over: Whether the watch has ended: the page is not loaded again then.
        """
        try:
            write_whole(self.path, self.render(over))
            self.problem = ""
        except AnolyteError as error:
            self.problem = str(error)
        self._written, self._new = self.clock(), False

    def render(self, over: bool = False) -> str:
        """The HTML text."""
        board = self.board
        again = "" if over else f'<meta http-equiv="refresh" content="{self.refresh:g}">'
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        cards = list(board.cards.values())[::-1][:SHOWN]
        more = len(board.cards) - len(cards)
        parts = [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">', again,
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{board.level}: {_text(self.title)}</title>",
            f"<style>{_STYLE}</style></head><body>",
            f'<div class="head"><h1>{_text(self.title)}</h1>{_level(board.level)}'
            f'<span class="soft">{"watched until" if over else "as of"} {at}</span></div>',
            self._alarms(),
            *(self._card(card) for card in cards),
            f'<p class="soft">and {more} more</p>' if more > 0 else "",
            self._unread(),
            "</body></html>\n",
        ]  # fmt: skip
        return "".join(parts)

    def _alarms(self) -> str:
        if not self.board.alarms:
            return '<h2>Alarms</h2><p class="soft">none</p>'
        rows = "".join(
            f'<tr><td class="n">{_level(a.level)}</td><td class="n">{_text(a.name)}</td>'
            f"<td>{_text(a.text)}{_times(a.times)}</td></tr>"
            for a in list(self.board.alarms)[:12]
        )
        more = len(self.board.alarms) - 12
        tail = f'<p class="soft">and {more} earlier ones in the journal</p>' if more > 0 else ""
        return f"<h2>Alarms, the newest first</h2><table>{rows}</table>{tail}"

    def _card(self, card: Card) -> str:
        last = card.last
        name = "this folder" if card.name == "." else card.name
        what = f"{card.count} {MANY[card.kind] if card.count != 1 else card.kind}"
        said = "" if last is None else f"<p>{_text(last.name)}: {_text(last.because)}</p>"
        notes = () if last is None else last.notes
        told = "".join(f'<p class="soft">{_text(n)}</p>' for n in notes[:3])
        plots = _against_time(card) + (self._nyquist(card) if card.kind == "spectrum" else "")
        return (
            f'<section class="cell"><div class="head"><h3>{_text(name)}</h3>{_level(card.level)}'
            f'<span class="soft">{what}; worst so far: {card.worst}</span></div>{said}{told}'
            f'<div class="plots">{plots}</div>{_numbers(last)}</section>'
        )

    def _nyquist(self, card: Card) -> str:
        """The last spectrum with its fit."""
        kept = self.state(f"cell {card.name}").get("before")
        if not kept:
            return ""
        lines = [Line(kept["real"], [-v for v in kept["imaginary"]], name="measured", dots=True)]
        if fitted := kept.get("fitted"):
            lines.append(Line(fitted[0], [-v for v in fitted[1]], name="fitted", colour=1))
        axes = Axes("Re Z / Ω", "−Im Z / Ω", equal=True)
        return f"<div>{draw(lines, axes, 'last spectrum')}</div>"

    def _unread(self) -> str:
        if not self.board.unread:
            return ""
        rows = "".join(f"<tr><td>{_text(t)}</td></tr>" for t in self.board.unread)
        return f"<h2>Files without a decision: {self.board.files}</h2><table>{rows}</table>"


def _text(text: Any) -> str:
    return html.escape(str(text))


def _times(times: int) -> str:
    return "" if times == 1 else f' <span class="soft">({times} times in a row)</span>'


def _level(level: Any) -> str:
    return f'<span class="level {level}">{level}</span>'


def _against_time(card: Card) -> str:
    """Resistances with bands of two standard deviations."""
    chosen = [(n, s) for n, s in card.series.items() if len(s.value) > 1 or card.count == 1]
    chosen = sorted(chosen, key=lambda pair: -pair[1].value[-1])[:5]
    lines = [_line(name, series, k) for k, (name, series) in enumerate(chosen)]
    unit = "time / h" if card.timed else f"number of the {card.kind}"
    scale, title = "R / Ω", "resistance against time"
    if card.kind == "cycle":
        scale, title = "share", "retention and efficiency against cycles"
    axes = Axes(unit, scale, marks=tuple(card.marks))
    return f"<div>{draw(lines, axes, title)}</div>"


def _line(name: str, series: Series, colour: int) -> Line:
    pairs = list(zip(series.value, series.sigma, strict=True))
    return Line(series.time, series.value, [v - 2.0 * s for v, s in pairs],
                [v + 2.0 * s for v, s in pairs], name, colour=colour)  # fmt: skip


def _numbers(decision: Decision | None) -> str:
    if decision is None or not decision.numbers:
        return ""
    cells = "".join(
        f'<tr><td>{_text(name)}</td><td class="n">{_text(_shown(number))}</td></tr>'
        for name, number in decision.numbers.items()
    )
    return f"<details><summary>numbers of the last one</summary><table>{cells}</table></details>"


def _shown(number: Any) -> str:
    if number.kind == "capacitance":
        return show(number.si, "capacitance", 3)
    return str(number)
