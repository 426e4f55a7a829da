"""Segmented images of a cross-section, or slices of a volume, as shares of phases in cells.

Each grey value stands for one phase. An image lies as a micrograph is printed: its lowest row is at
the anode, z = 0; slices of a volume follow each other along y. A cell of another size than the
pixels takes each phase by the area (volume) of the pixels that it covers.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.core.errors import DataError, MissingExtra
from anolyte.models.field.microstructure import Phase
from anolyte.numerics.grid import Field, Grid

LARGEST = 100_000_000
"""Pixels of an image or of all slices together; more is a slip."""
FORMATS = ("PNG", "TIFF")
"""Without loss: others invent grey values."""
MODES = frozenset({"1", "L", "P", "I;16", "I;16B", "I"})
"""Of Pillow, with one whole number a pixel."""
NAMED = 5
"""Grey values that a message lists."""
SLACK = 0.5
"""Pixels by which a grid may reach over the image."""


@dataclass(frozen=True, eq=False)
class Labels:
    """A segmented image.

    Args:
        label: Number of the phase of each pixel, (z, x) or (z, y, x), z up from the anode.
        spacing: m, edges of a pixel.
    """

    label: np.ndarray
    spacing: tuple[float, ...]

    @property
    def lengths(self) -> tuple[float, ...]:
        """m, edges of the whole."""
        return tuple(n * h for n, h in zip(self.label.shape, self.spacing, strict=True))

    def grid(self, cells: int) -> Grid:
        """Cubic cells, so many along z, as many across as lie wholly in the image; sides closed."""
        edge = self.lengths[0] / cells
        across = [math.floor(length / edge * (1.0 + 1e-9)) for length in self.lengths[1:]]
        return Grid.cubic((cells, *across), edge)

    def shares(self, grid: Grid) -> dict[int, Field]:
        """Share of each cell that each label covers.

        Raises:
            DataError: The grid has other axes or is larger than the image.
        """
        if grid.dimensions != self.label.ndim:
            raise DataError(
                f"an image of {self.label.ndim} axes does not fit a grid of {grid.dimensions}"
            )
        for mine, theirs, pixel in zip(self.lengths, grid.lengths, self.spacing, strict=True):
            if theirs > mine + SLACK * pixel:
                raise DataError(
                    f"a field of {theirs:.3g} m is larger than the image, {mine:.3g} m: take fewer "
                    "or smaller cells"
                )
        found = {}
        for number in np.unique(self.label):
            covered = (self.label == number).astype(float)
            for axis, edge in enumerate(grid.spacing):
                covered = _averaged(covered, axis, self.spacing[axis], edge, grid.shape[axis])
            found[int(number)] = covered
        return found


def _averaged(values: Field, axis: int, pixel: float, edge: float, cells: int) -> Field:
    """Means over cells along an axis, from the running sum between its pixels."""
    ends = np.arange(cells + 1) * edge / pixel
    rows = np.moveaxis(values, axis, 0)
    total = np.concatenate([np.zeros_like(rows[:1]), np.cumsum(rows, axis=0)])
    whole = np.minimum(ends.astype(int), len(rows) - 1)
    part = (ends - whole).reshape(-1, *(1,) * (rows.ndim - 1))
    at = total[whole] + part * rows[whole]
    return np.moveaxis(np.diff(at, axis=0) * (pixel / edge), 0, axis)


# --- reading ------------------------------------------------------------------------------------


def read(
    path: Path | str | Sequence[Path | str],
    scale: float | None,
    phases: Mapping[int, Phase],
    *,
    between: float | None = None,
) -> Labels:
    """A segmented image, a stack of them in one TIFF, or a folder or list of slices.

    Args:
        path: PNG or TIFF; slices of a folder are taken in the order of their names.
        scale: m, edge of a pixel.
        phases: Phase for each grey value.
        between: m, from slice to slice; as the edge of a pixel.

    Raises:
        MissingExtra: Pillow is not installed.
        DataError: No image, not one grey value a pixel, too large, or grey values without a phase.
    """
    across = scale if between is None else between
    for name, length in (("a pixel", scale), ("the way between slices", across)):
        if length is None or not (math.isfinite(length) and length > 0.0):
            raise DataError(f"an image needs a scale: give {name} as a positive length in m")
    assert scale is not None and across is not None
    if not phases:
        raise DataError("an image needs a phase for each of its grey values: none was given")
    if strange := [phase for phase in phases.values() if phase not in iter(Phase)]:
        raise DataError(f"{strange[0]} is no phase; there are {', '.join(p.name for p in Phase)}")
    slices: list[np.ndarray] = []
    room = LARGEST
    for file in _files(path):
        for grey in _frames(file, room):
            slices.append(_labelled(grey, phases, file))
            room -= grey.size
            if slices[-1].shape != slices[0].shape:
                raise DataError(
                    f"{file}: a slice of {slices[-1].shape} pixels among slices of "
                    f"{slices[0].shape}"
                )
    if len(slices) == 1:
        return Labels(slices[0], (scale, scale))
    return Labels(np.stack(slices, axis=1), (scale, across, scale))


def _files(path: Path | str | Sequence[Path | str]) -> list[Path]:
    """One file, or those of a folder or list."""
    if not isinstance(path, (str, Path)):
        found = [Path(each) for each in path]
    elif Path(path).is_dir():
        found = sorted(
            each
            for each in Path(path).iterdir()
            if each.suffix.lower() in (".png", ".tif", ".tiff")
        )
    else:
        found = [Path(path)]
    if not found:
        raise DataError(f"{path}: no PNG or TIFF in it")
    return found


def _frames(file: Path, room: int) -> Iterator[np.ndarray]:
    """Grey values of each image in a file, none of which is decoded before its size is known."""
    image = _opened(file)
    with image:
        for frame in range(getattr(image, "n_frames", 1)):
            try:
                image.seek(frame)
            except Exception as error:
                raise _broken(file, error) from None
            room -= math.prod(image.size)
            if room < 0:
                raise DataError(
                    f"{file}: more than {LARGEST:.0e} pixels in all; crop it or make it coarser"
                )
            if image.mode not in MODES:
                raise DataError(
                    f"{file}: pixels of mode {image.mode} are no single whole numbers; export the "
                    "segmentation as grey values"
                )
            try:
                yield np.asarray(image)
            except Exception as error:  # each format has its own
                raise _broken(file, error) from None


def _opened(file: Path) -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra(
            "images need Pillow; install it with: pip install 'anolyte[images]'"
        ) from None
    if not file.is_file():
        raise DataError(f"{file}: no such file")
    try:
        with warnings.catch_warnings():
            # Large images are refused below, by the same limit for all.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise DataError(
            f"{file}: more than {LARGEST:.0e} pixels in all; crop it or make it coarser"
        ) from None
    except Exception as error:
        raise _broken(file, error) from None


def _broken(file: Path, error: Exception) -> DataError:
    first = (str(error).splitlines() or [""])[0][:120]
    return DataError(f"{file}: no image that can be read ({first}); export PNG or TIFF")


def _labelled(grey: np.ndarray, phases: Mapping[int, Phase], file: Path) -> np.ndarray:
    """Phase of each pixel, the lowest row first."""
    values, place, counts = np.unique(grey, return_inverse=True, return_counts=True)
    unknown = [
        f"{int(value)} ({count / grey.size:.1%})"
        for value, count in zip(values, counts, strict=True)
        if int(value) not in phases
    ]
    if unknown:
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        raise DataError(
            f"{file}: grey values without a phase, with their share of the pixels: "
            f"{', '.join(unknown[:NAMED])}{more}"
        )
    table = np.array([Phase(phases[int(value)]) for value in values], np.uint8)
    return np.ascontiguousarray(table[place.reshape(grey.shape)][::-1])
