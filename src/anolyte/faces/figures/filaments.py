"""The figure of filaments that grow: length against time."""

from __future__ import annotations

from statistics import median
from typing import Any

from anolyte.core.units import show
from anolyte.faces.figures import style
from anolyte.measure.images.filaments import FilamentGrowth


def filaments(result: FilamentGrowth) -> Any:
    """Length against time with its line; against the number of the image where no time is known.

    Args:
        result: Filaments of several images.
    """
    seen = [i for i in result.images if i.found]
    times = [i.time for i in seen if i.time is not None]
    timed, rate = len(times) == len(seen), result.rate
    title = "Length of the filament"
    if rate is not None and result.rate_low is not None and result.rate_high is not None:
        ends = f"{show(result.rate_low, 'speed')} to {show(result.rate_high, 'speed')}"
        title = f"Growth of the filament: {show(rate, 'speed')} ({ends})"
    figure = style.empty("time (s)" if timed else "image", "length (µm)", title)
    x = times if timed else [k for k, i in enumerate(result.images, 1) if i.found]
    figure.add_scatter(
        x=x, y=[1e6 * i.length for i in seen], mode="markers", name="measured, two deviations",
        error_y={"type": "data", "array": [2e6 * i.error for i in seen], "thickness": 1},
        marker={"color": style.BLUE, "size": 8}, text=[style.plain(i.file) for i in seen],
        hovertemplate="%{text}: %{y:.3g} µm<extra></extra>",
    )  # fmt: skip
    if timed and rate is not None:
        level = median(i.length - rate * t for i, t in zip(seen, times, strict=True))
        figure.add_scatter(
            x=[x[0], x[-1]], y=[1e6 * (level + rate * t) for t in (times[0], times[-1])],
            mode="lines", name="median slope", line={"color": style.GREEN, "width": 2},
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return figure
