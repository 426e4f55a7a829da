"""Small drawings for a page that is written anew every few seconds: SVG, no script, any colour
scheme (colours are those of the page's style)."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 250
LEFT, RIGHT, TOP, BOTTOM = 58, 132, 12, 38
"""Margins; names of the lines stand at the right."""


@dataclass(frozen=True)
class Line:
    """Points joined, or alone.

    Args:
        x, y: Of each point.
        low, high: Band about y; empty: none.
        name: In the legend.
        dots: Whether the points stand alone.
        colour: Number of a colour of the page's style, from 0.
    """

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    name: str = ""
    dots: bool = False
    colour: int = 0


@dataclass(frozen=True)
class Axes:
    """A frame with its two scales.

    Args:
        x_name, y_name: With units.
        equal: Whether a step is as long on both axes, as in a Nyquist plot.
        marks: Places on the x axis with a line, red where true: alarms.
    """

    x_name: str
    y_name: str
    equal: bool = False
    marks: Sequence[tuple[float, bool]] = ()


def draw(lines: Sequence[Line], axes: Axes, title: str) -> str:
    """The SVG text of a plot; a sentence where there is nothing to draw."""
    xs = [v for line in lines for v in line.x]
    ys = [v for line in lines for part in (line.y, line.low, line.high) for v in part]
    if not xs or not ys:
        return '<p class="soft">nothing to draw yet</p>'
    x, y = _span([*xs, *(m for m, _ in axes.marks)]), _span(ys)
    if axes.equal:
        x, y = _equal(x, y)
    frame = _Frame(x, y)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">',
        *frame.grid(axes),
        *(frame.band(line) for line in lines if line.low),
        *(frame.mark(place, bad) for place, bad in axes.marks),
        *(frame.curve(line) for line in lines),
        *_legend(lines),
        "</svg>",
    ]  # fmt: skip
    return "".join(parts)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two.

    >>> ticks(0.0, 10.0)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    if not high > low:
        return [low]
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(f * size for f in (1.0, 2.0, 5.0, 10.0) if f * size >= raw * (1.0 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


class _Frame:
    """Numbers to places."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.x_span, self.y_span = x, y

    def x(self, value: float) -> float:
        low, high = self.x_span
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_span
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def grid(self, axes: Axes) -> list[str]:
        """Lines, numbers and names of the scales."""
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        parts = []
        for value in ticks(*self.y_span, 5):
            at = self.y(value)
            parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{right}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="end">{value:g}</text>')
        for value in ticks(*self.x_span, 8):
            at = self.x(value)
            parts.append(f'<path class="grid" d="M{at:.1f} {TOP}V{bottom}"/>')
            parts.append(f'<text x="{at:.1f}" y="{bottom + 15}" class="mid">{value:g}</text>')
        across, middle = (LEFT + right) / 2, (TOP + bottom) / 2
        names = html.escape(axes.x_name), html.escape(axes.y_name)
        parts.append(f'<text x="{across}" y="{HEIGHT - 5}" class="mid name">{names[0]}</text>')
        turn = f"rotate(-90 13 {middle})"
        parts.append(
            f'<text x="13" y="{middle}" class="mid name" transform="{turn}">{names[1]}</text>'
        )
        return parts

    def band(self, line: Line) -> str:
        """The area between low and high."""
        over = [f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in zip(line.x, line.high, strict=True)]
        under = [f"{self.x(a):.1f} {self.y(b):.1f}" for a, b in zip(line.x, line.low, strict=True)]
        return f'<path class="band f{line.colour % 5}" d="M{"L".join([*over, *under[::-1]])}Z"/>'

    def mark(self, place: float, bad: bool) -> str:
        """A line from top to bottom."""
        kind = "mark bad" if bad else "mark"
        return f'<path class="{kind}" d="M{self.x(place):.1f} {TOP}V{HEIGHT - BOTTOM}"/>'

    def curve(self, line: Line) -> str:
        """The line, or its points."""
        places = [(self.x(a), self.y(b)) for a, b in zip(line.x, line.y, strict=True)]
        if line.dots or len(places) == 1:
            return "".join(f'<circle class="f{line.colour % 5}" cx="{a:.1f}" cy="{b:.1f}" r="2.2"/>'
                           for a, b in places)  # fmt: skip
        text = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        return f'<path class="line s{line.colour % 5}" d="M{text}"/>'


def _legend(lines: Sequence[Line]) -> list[str]:
    named = [line for line in lines if line.name]
    left, parts = WIDTH - RIGHT + 8, []
    for k, line in enumerate(named):
        at = TOP + 6 + 17 * k
        box = f'x="{left}" y="{at}" width="9" height="9"'
        parts.append(f'<rect class="f{line.colour % 5}" {box}/>')
        parts.append(f'<text x="{left + 13}" y="{at + 8}">{html.escape(line.name)}</text>')
    return parts


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest, with some room."""
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


def _equal(
    x: tuple[float, float], y: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Wider spans, so that a step is as long on both axes."""
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    scale = max((x[1] - x[0]) / wide, (y[1] - y[0]) / tall)
    return (x[0], x[0] + scale * wide), (y[0], y[0] + scale * tall)
