r"""Images of a cross-section over time: how long a filament is, and how fast it grows.

Each image is smoothed. Its background has the median grey value and the spread of most pixels; what
stands out by several of these spreads is filament, and the threshold lies half-way between both.
What is joined to the electrode's edge of the image counts; its length is the farthest way along it,

$$ \ell = \max_{p \in \text{filament}} d(p, \text{base}), $$

with the distance d along its pixels, steps of a staircase straightened within half of its width.
The growth rate is the median of the slopes of all pairs of
times (Theil and Sen), so that one bad image does not spoil it.

Validity: filaments that cover less than half of the image, lie in its plane and are resolved by its
pixels; a branch behind another one, or one that leaves the plane, is seen too short.
Source: Sen, J. Am. Stat. Assoc. 1968, 63, 1379 (slopes of pairs; recalled).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.images.grey import read_image, skimage

Array = NDArray[Any]
UNEVEN = 3.0
"""Scatter about a line over the error of a length from which the growth is not even."""


@dataclass(frozen=True)
class Side:
    """An edge of the image from which filaments grow.

    Args:
        name: left | right | top | bottom, for messages.
        turns: Quarter turns that bring it to the left.
    """

    name: str
    turns: int


LEFT, TOP, RIGHT, BOTTOM = Side("left", 0), Side("top", 1), Side("right", 2), Side("bottom", 3)
SIDES = {s.name: s for s in (LEFT, RIGHT, TOP, BOTTOM)}


@dataclass(frozen=True)
class FilamentSettings:
    """How a filament is told from its background.

    Args:
        dark: Whether filaments are darker than their background.
        base: Edge from which they grow.
        smooth: Standard deviation of the smoothing, pixels; noise of single pixels vanishes.
        speck: Pixels below which a part is noise.
        doubt: The threshold is moved by this share of the distance between background and
            filament, up and down; how much the length follows is its uncertainty.
        contrast: Standard deviations of the smoothed background by which a filament must stand
            out; noise alone does so in fewer than a speck of pixels.
        gap: Pixels of background that a filament may bridge: it may dip out of the plane.
        background: Whether the first image, smoothed, is taken off the others.
    """

    dark: bool = False
    base: Side = BOTTOM
    smooth: float = 1.0
    speck: int = 20
    doubt: float = 0.15
    contrast: float = 5.0
    gap: int = 2
    background: bool = False


@dataclass(frozen=True)
class FilamentImage(Result):
    """The filament of one image.

    Args:
        file: Where it was read.
        found: Whether there is one.
        tip: Row and column of its farthest pixel, in pixels of the image.
        threshold: Of the smoothed grey value, 0 black to 1 white.
        contrast: Of filament over background, in standard deviations of the background.
        uncertain: Share of the filament's pixels that the moved thresholds do not agree on.
        branches: Other tips, at half the length or more.
        time: s; None: not given.
        length: Along it, m; 0 where there is none.
        error: Standard deviation, m: half a pixel at both ends and what the threshold does.
        reach: Of its tip from the edge, straight, m.
        area_fraction: Of the image that is filament.
    """

    file: str
    found: bool
    tip: tuple[int, int] | None
    threshold: float
    contrast: float
    uncertain: float
    branches: int
    time: float | None = quantity("time")
    length: float = quantity("length", default=0.0)
    error: float = quantity("length", default=0.0)
    reach: float = quantity("length", default=0.0)
    area_fraction: float = quantity("fraction", default=0.0)


@dataclass(frozen=True)
class FilamentGrowth(Result):
    """Length against time.

    Args:
        images: In order of time.
        scale: Length of a pixel, m.
        rate: Median of the slopes of all pairs, m/s; None: fewer than two images with times.
        rate_low, rate_high: Between which nine in ten of the slopes' medians lie, m/s; the errors
            of lengths and their scatter about the line are in it.
        start: Time at which the fitted line has no length, s.
        warnings: One sentence each.
    """

    images: tuple[FilamentImage, ...]
    scale: float = quantity("length")
    rate: float | None = quantity("speed", default=None)
    rate_low: float | None = quantity("speed", default=None)
    rate_high: float | None = quantity("speed", default=None)
    start: float | None = quantity("time", default=None)
    warnings: tuple[str, ...] = ()
    references: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row an image."""
        return [
            {
                "file": i.file, "time [s]": i.time, "length [µm]": i.length * 1e6,
                "error [µm]": i.error * 1e6, "reach [µm]": i.reach * 1e6,
                "area [%]": 100.0 * i.area_fraction, "threshold": i.threshold,
                "uncertain [%]": 100.0 * i.uncertain,
            }
            for i in self.images
        ]  # fmt: skip


def filament(
    image: Array, scale: float, time: float | None = None,
    settings: FilamentSettings | None = None, file: str = "",
) -> FilamentImage:  # fmt: skip
    """The filament of one image.

    Args:
        image: Grey values, 0 to 1, (rows, columns).
        scale: Length of a pixel, m.
        time: s.
        settings: How it is told from its background.
        file: Where it was read.

    Raises:
        DataError: The scale is not positive.
        MissingExtra: scikit-image is not installed.
    """
    s = settings or FilamentSettings()
    if not (math.isfinite(scale) and scale > 0.0):
        raise DataError(f"scale {scale:g} m: the length of a pixel must be positive")
    view = np.rot90(1.0 - image if s.dark else image, s.base.turns)
    filters = skimage("filters")
    smooth = filters.gaussian(view, s.smooth, preserve_range=True)
    threshold, apart, contrast = _parted(smooth, s)
    mask, path, away = _grown(smooth, threshold, s)
    shown = 1.0 - threshold if s.dark else threshold
    if contrast < s.contrast or not mask.any():
        return FilamentImage(file, False, None, shown, contrast, 0.0, 0, time)
    others = [_grown(smooth, threshold + sign * s.doubt * apart, s) for sign in (-1.0, 1.0)]
    lengths = [_length(m, p) for m, p, _ in others]
    moved = 0.5 * abs(lengths[0] - lengths[1])
    doubtful = np.count_nonzero(others[0][0] ^ others[1][0]) / np.count_nonzero(mask)
    tip = (int(path[-1][0]), int(path[-1][1]))
    return FilamentImage(
        file, True, _back(tip, view.shape, s.base.turns), shown, contrast, float(doubtful),
        _branches(mask, away), time, _length(mask, path) * scale,
        math.hypot(moved, math.sqrt(2.0) * 0.5) * scale, (tip[1] + 1) * scale,
        float(np.count_nonzero(mask) / mask.size),
    )  # fmt: skip


def _parted(smooth: Array, s: FilamentSettings) -> tuple[float, float, float]:
    """Threshold, distance of filament and background, and that in the background's spreads."""
    level = float(np.median(smooth))
    spread = max(1.4826 * float(np.median(np.abs(smooth - level))), 1e-6)
    apart = s.contrast * spread
    threshold = level + apart
    for _ in range(3):
        bright = smooth[smooth > threshold]
        if bright.size < s.speck:
            return level + s.contrast * spread, s.contrast * spread, 0.0
        apart = float(np.median(bright)) - level
        threshold = max(level + 0.5 * apart, level + 0.6 * s.contrast * spread)
    return threshold, apart, apart / spread


def _grown(smooth: Array, threshold: float, s: FilamentSettings) -> tuple[Array, Array, Array]:
    """Pixels of what grows from the left edge, the way to its tip, and distances from the edge."""
    morphology, graph = skimage("morphology"), skimage("graph")
    mask = smooth > threshold
    if s.gap:
        mask = morphology.closing(np.pad(mask, s.gap, mode="edge"), morphology.disk(s.gap))
        mask = mask[s.gap : -s.gap, s.gap : -s.gap]
    labels = skimage("measure").label(mask, connectivity=2)
    sizes = np.bincount(labels.ravel())
    rooted = np.unique(labels[:, : s.gap + 1])
    mask = np.isin(labels, [k for k in rooted if k and sizes[k] >= s.speck])
    if not mask.any():
        return mask, np.zeros((0, 2)), np.zeros(mask.shape)
    first = int(np.flatnonzero(mask.any(axis=0))[0])
    starts = [(int(r), first) for r in np.flatnonzero(mask[:, first])]
    way = graph.MCP_Geometric(np.where(mask, 1.0, -1.0), fully_connected=True)
    away, _ = way.find_costs(starts)
    away = np.where(mask & np.isfinite(away), away, 0.0)
    tip = np.unravel_index(int(np.argmax(away)), mask.shape)
    return mask, np.array(way.traceback(tip)), away


def _length(mask: Array, path: Array) -> float:
    """Length of a path in pixels, from the edge to the end of its last pixel."""
    if len(path) < 2:
        return float(len(path))
    # A filament's half width: area over twice its length.
    half = max(0.5 * np.count_nonzero(mask) / len(path), 1.0)
    straight = skimage("measure").approximate_polygon(path, 0.7 * half)
    return float(np.hypot(*np.diff(straight, axis=0).T).sum()) + float(path[0][1]) + 1.0


def _branches(mask: Array, away: Array) -> int:
    """Ends of the skeleton beside the farthest one, at half of its length or more."""
    thin = skimage("morphology").skeletonize(mask)
    padded = np.pad(thin.astype(int), 1)
    around = sum(
        np.roll(np.roll(padded, a, 0), b, 1) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b
    )
    ends = (padded == 1) & (around == 1)
    far = away[ends[1:-1, 1:-1]]
    return max(int(np.count_nonzero(far > 0.5 * away.max())) - 1, 0)


def _back(place: tuple[int, int], shape: tuple[int, ...], turns: int) -> tuple[int, int]:
    """A pixel of the turned image in the image as it was."""
    row, column = place
    rows, columns = shape
    for _ in range(turns):  # undo a quarter turn anticlockwise
        row, column, rows, columns = column, rows - 1 - row, columns, rows
    return row, column


def filament_growth(
    images: Sequence[Array], scale: float, times: Sequence[float] | None = None,
    settings: FilamentSettings | None = None, files: Sequence[str] = (),
) -> FilamentGrowth:  # fmt: skip
    """Length against time, and how fast it grows.

    Args:
        images: Grey values, 0 to 1, of one size, in order of time.
        scale: Length of a pixel, m.
        times: s, rising, one an image; None: not known.
        settings: How filaments are told from their background.
        files: Where they were read.

    Raises:
        DataError: No image, times that do not rise or are not as many, images that differ in size.
        MissingExtra: scikit-image is not installed.
    """
    s = settings or FilamentSettings()
    _check(images, times)
    names = list(files) or [f"image {k + 1}" for k in range(len(images))]
    known: list[float | None] = [None] * len(images) if times is None else [float(t) for t in times]
    used = list(images)
    if s.background and len(images) > 1:
        first = skimage("filters").gaussian(images[0], s.smooth, preserve_range=True)
        used = [np.clip(0.5 + 0.5 * (i - first), 0.0, 1.0) for i in images]
    found = tuple(filament(i, scale, t, s, n) for i, t, n in zip(used, known, names, strict=True))
    return FilamentGrowth(found, scale, *_rate(found), _warnings(found, s, scale))


def _check(images: Sequence[Array], times: Sequence[float] | None) -> None:
    if not len(images):
        raise DataError("no image is given")
    if len({i.shape for i in images}) > 1:
        sizes = ", ".join(f"{i.shape[1]} x {i.shape[0]}" for i in images[:4])
        raise DataError(f"images differ in size ({sizes}); take them at one magnification")
    if times is None:
        return
    if len(times) != len(images):
        raise DataError(f"{len(times)} times beside {len(images)} images; give one each")
    if any(not b > a for a, b in zip(times, times[1:], strict=False)):
        raise DataError("times do not rise; give images and times in order")


def _rate(
    found: Sequence[FilamentImage],
) -> tuple[float | None, float | None, float | None, float | None]:
    """Median slope of all pairs, its range, and where the line starts."""
    pairs = [(i.time, i.length, i.error) for i in found if i.time is not None and i.found]
    if len(pairs) < 2:
        return None, None, None, None
    t, y, e = (np.array(c, dtype=float) for c in zip(*pairs, strict=True))
    first, second = np.triu_indices(t.size, 1)

    def slope(values: Array) -> Array:
        rises = (values[..., second] - values[..., first]) / (t[second] - t[first])
        return np.median(rises, axis=-1)

    rate = float(slope(y))
    level = float(np.median(y - rate * t))
    spread = np.hypot(e, scatter(y - level - rate * t))
    drawn = y + spread * np.random.default_rng(0).standard_normal((500, t.size))
    low, high = (float(v) for v in np.quantile(slope(drawn), (0.05, 0.95)))
    start = -level / rate if rate > 0.0 else None
    return rate, low, high, start if start is not None and start >= 0.0 else None


def scatter(rest: Array) -> float:
    """Standard deviation of lengths about a line; 0 of two, which lie on theirs.

    Args:
        rest: Lengths less the line, m, (N,).

    >>> round(scatter(np.array([1.0, -1.0, 1.0, -1.0])), 3)
    1.414
    """
    return math.sqrt(float(rest @ rest) / (rest.size - 2)) if rest.size > 2 else 0.0


def _uneven(seen: Sequence[FilamentImage]) -> bool:
    """Whether lengths leave their line by more than their errors explain."""
    pairs = [(i.time, i.length, i.error) for i in seen if i.time is not None]
    if len(pairs) < 3:
        return False
    t, y, e = (np.array(c, dtype=float) for c in zip(*pairs, strict=True))
    slope, level = np.polyfit(t - t[0], y, 1)
    return scatter(y - level - slope * (t - t[0])) > UNEVEN * float(np.median(e))


def _warnings(found: Sequence[FilamentImage], s: FilamentSettings, scale: float) -> tuple[str, ...]:
    told = []
    for i in found:
        if not i.found:
            told.append(
                f"{i.file}: no filament at the {s.base.name} edge stands out (contrast "
                f"{i.contrast:.1f}); is the edge the right one, and is it bright on dark?"
            )
        elif i.uncertain > 0.3:
            told.append(
                f"{i.file}: {100 * i.uncertain:.0f} % of the filament hang on the threshold of "
                f"{i.threshold:.2f}; a sharper image would decide"
            )
        if i.found and i.branches:
            told.append(f"{i.file}: {i.branches} other tips reach half of the length or more")
    seen = [i for i in found if i.found]
    for a, b in zip(seen, seen[1:], strict=False):
        if b.length < a.length - 2.0 * math.hypot(a.error, b.error):
            told.append(
                f"{b.file}: shorter than the one before; it left the plane, or the stage moved"
            )
    if _uneven(seen):
        told.append(
            "the length does not grow evenly: the rate is a mean over the time, and its interval "
            "holds the scatter about the line; images at more times tell steps from a curve"
        )
    if seen and min(i.length for i in seen) < 5.0 * scale:
        told.append(f"the shortest is below five pixels of {show(scale, 'length')}")
    return tuple(told)


def read_filaments(
    paths: Sequence[Path | str], scale: float, times: Sequence[float] | None = None,
    settings: FilamentSettings | None = None,
) -> FilamentGrowth:  # fmt: skip
    """Files of images to length against time.

    Args:
        paths: In order of time.
        scale: Length of a pixel, m.
        times: s, one a file.
        settings: How filaments are told from their background.

    Raises:
        DataError: A file that is no image, or as `filament_growth`.
        MissingExtra: scikit-image is not installed.
    """
    images = [read_image(p) for p in paths]
    names = [Path(p).name for p in paths]
    return filament_growth(images, scale, times, settings, names)
