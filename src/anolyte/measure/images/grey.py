"""Images as grey values: whatever wrote them, 0 is black and 1 is white."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError, MissingExtra

Array = NDArray[Any]
LARGEST = 100_000_000
"""Pixels of an image; more is a slip."""
FEWEST = 16
"""Pixels of a side."""


def read_image(path: Path | str) -> Array:
    """An image as grey values, 0 black to 1 white, (rows, columns).

    Args:
        path: PNG, TIFF, JPEG and what else imageio reads.

    Raises:
        MissingExtra: scikit-image is not installed.
        DataError: No image, too small or too large.
    """
    io = skimage("io")
    try:
        data = np.asarray(io.imread(str(path)))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except Exception as error:  # each format has its own
        first = (str(error).splitlines() or [""])[0][:120]
        raise DataError(
            f"{path}: no image that can be read ({first}); export PNG or TIFF"
        ) from None
    return grey(data, str(path))


def grey(data: Array, name: str = "image") -> Array:
    """Grey values, 0 to 1, of an array of an image.

    Args:
        data: (rows, columns) or (rows, columns, 1, 3 or 4), integers or floats.
        name: For messages.

    Raises:
        DataError: Not the shape of an image, or values that are not finite.
    """
    data = np.asarray(data)
    if data.ndim == 3 and data.shape[2] in (1, 2, 3, 4):
        colours = data[..., :3] if data.shape[2] >= 3 else data[..., :1]
        kind = data.dtype
        data = colours.mean(axis=2)
    else:
        kind = data.dtype
    if data.ndim != 2 or min(data.shape) < FEWEST or data.size > LARGEST:
        raise DataError(
            f"{name}: an array of shape {data.shape} is no single image of {FEWEST} pixels or more "
            "a side; export one frame a file"
        )
    data = data.astype(float)
    if not np.isfinite(data).all():
        raise DataError(f"{name}: some grey values are missing or infinite")
    if np.issubdtype(kind, np.integer):
        return data / float(np.iinfo(kind).max)
    low, high = float(data.min()), float(data.max())
    return data if 0.0 <= low and high <= 1.0 else (data - low) / max(high - low, 1e-300)


def skimage(part: str) -> Any:
    """A module of scikit-image.

    Raises:
        MissingExtra: It is not installed.
    """
    from importlib import import_module

    try:
        return import_module(f"skimage.{part}")
    except ImportError:
        raise MissingExtra(
            "images need scikit-image; install it with: pip install 'anolyte[images]'"
        ) from None
