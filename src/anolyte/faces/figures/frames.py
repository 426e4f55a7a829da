"""Frames of a film as PNG files, and a sheet of a few of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError, MissingExtra
from anolyte.numerics.grid import Field

SIDE = 360
"""Pixels along the longer edge of a picture, at least."""
ON_SHEET = 4
"""Pictures on the sheet."""
MARGIN, LINE = 12, 22
"""Pixels around a picture, and of a line of text."""
PAPER, INK = (255, 255, 255), (30, 30, 30)
COLOURS = 256


@dataclass(frozen=True, eq=False)
class Frame:
    """One moment.

    Args:
        title: Written above it.
        values: In the cells, z up from the first row; NaN is paper.
        over: Masks of cells drawn in one colour, over the values, in their order: (r, g, b).
    """

    title: str
    values: Field
    over: Mapping[tuple[int, int, int], np.ndarray]


@dataclass(frozen=True)
class Legend:
    """What the colours and the length of the bar mean.

    Args:
        quantity: With its unit.
        low, high: Of the colours.
        spacing: m, edge of a cell.
    """

    quantity: str
    low: float
    high: float
    spacing: float


def write_frames(frames: list[Frame], legend: Legend, folder: Path) -> list[Path]:
    """`frame_000.png` and so on, and `sheet.png`, evenly from the first to the last.

    Raises:
        MissingExtra: Pillow is not installed.
        AnolyteError: The folder cannot be written to.
    """
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra(
            "frames need Pillow; install it with: pip install 'anolyte[images]'"
        ) from None
    pictures = [_picture(frame, legend) for frame in frames]
    few = np.unique(np.linspace(0, len(pictures) - 1, ON_SHEET).round().astype(int))
    width, height = pictures[0].size
    sheet = Image.new("RGB", (width * len(few), height + 2 * LINE), PAPER)
    for place, number in enumerate(few):
        sheet.paste(pictures[number], (place * width, 0))
    _key(sheet, legend, height)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in (
            *((f"frame_{k:03d}.png", p) for k, p in enumerate(pictures)), ("sheet.png", sheet)
        ):  # fmt: skip
            picture.save(folder / name, optimize=True)
            written.append(folder / name)
    except OSError as error:
        raise AnolyteError(f"{folder} cannot be written to: {error.strerror or error}") from None
    return written


def _picture(frame: Frame, legend: Legend) -> Any:
    """A moment with its title and a bar of length."""
    from PIL import Image, ImageDraw

    factor = max(1, -(-SIDE // max(frame.values.shape)))
    cells = _coloured(frame, legend)[::-1].repeat(factor, 0).repeat(factor, 1)
    height, width = cells.shape[:2]
    out = Image.new("RGB", (width + 2 * MARGIN, height + LINE + 2 * MARGIN), PAPER)
    out.paste(Image.fromarray(cells), (MARGIN, LINE + MARGIN // 2))
    draw = ImageDraw.Draw(out)
    draw.text((MARGIN, 4), frame.title, INK, font=_font())
    length = _round_length(0.25 * legend.spacing * frame.values.shape[1])
    bar = round(length / legend.spacing * factor)
    base = LINE + MARGIN // 2 + height - 10
    draw.rectangle((MARGIN + 8, base - 3, MARGIN + 8 + bar, base), fill=PAPER)
    draw.text((MARGIN + 8, base - 20), f"{length * 1e6:g} um", PAPER, font=_font())
    return out


def _coloured(frame: Frame, legend: Legend) -> Any:
    table = _scale()
    span = legend.high - legend.low or 1.0
    share = (np.nan_to_num(frame.values, nan=legend.low) - legend.low) / span
    place = np.clip(share * (COLOURS - 1), 0, COLOURS - 1)
    out = table[place.astype(int)]
    out[~np.isfinite(frame.values)] = PAPER
    for colour, mask in frame.over.items():
        out[mask] = colour
    return out


def _key(sheet: Any, legend: Legend, top: int) -> None:
    """The scale of colours along the lower edge."""
    from PIL import Image, ImageDraw

    bar = _scale()[None].repeat(10, 0)
    left = MARGIN
    sheet.paste(Image.fromarray(bar), (left, top + 8))
    text = f"{legend.low:.3g} to {legend.high:.3g} {legend.quantity}"
    ImageDraw.Draw(sheet).text((left + COLOURS + 10, top + 4), text, INK, font=_font())


def _scale() -> Any:
    """(colours, 3)."""
    from plotly.colors import sample_colorscale, unlabel_rgb

    names = sample_colorscale("Viridis", np.linspace(0.0, 1.0, COLOURS).tolist())
    return np.array([unlabel_rgb(name) for name in names]).round().astype(np.uint8)


def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(13)


def _round_length(length: float) -> float:
    """The next shorter of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= length * 1.0001))
