"""A half cell that was run: voltage against charge, and what the host does over time."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from anolyte.core.units import habitual
from anolyte.faces import host_runs
from anolyte.faces.figures import style
from anolyte.models.cell.run import Run

MOST_POINTS = 20_000
MARGIN = 0.06
"""Room above and below a curve, as a share of its span."""
LEGEND = {"x": 0.995, "y": 0.995, "xanchor": "right", "yanchor": "top",
          "bgcolor": "rgba(255,255,255,0.7)"}  # fmt: skip
PANELS = (
    ("potential", "potential", 1.0, "potential<br>(V vs Li/Li⁺)"),
    ("face_lithium", "fraction", 1.0, "lithium at<br>the face (%)"),
    ("growth", "length", 1.0, "growth (µm)"),
    ("host_stress", "pressure", 1.0, "stress (MPa)"),
    ("contact", "fraction", 1.0, "contact (%)"),
)
"""Series over time: name in a run, kind, the span of an axis that is shown at least, title."""


def run(result: Run) -> Any:
    """Voltage against the charge inside; below it potential, lithium, growth and stress over time.

    Stress is drawn where it is known, contact where it is lost.

    Args:
        result: A half cell's run.
    """
    from plotly.subplots import make_subplots

    panels = [p for p in PANELS if _tells(result, p[0])]
    count = 1 + len(panels)
    heights = [0.36, *[0.64 / len(panels)] * len(panels)]
    figure = make_subplots(rows=count, cols=1, row_heights=heights, vertical_spacing=0.0)
    title = f"{style.plain(result.cell)}: {style.wrapped(result.protocol, 90)}"
    look = style.empty("", "", title)
    figure.update_layout(
        look.layout.to_plotly_json()
        | {"height": 360 + 170 * len(panels), "xaxis": {}, "yaxis": {}, "legend": LEGEND,
           "margin": {"l": 60, "r": 16, "t": 64, "b": 56}}
    )  # fmt: skip
    _axes(figure, count)
    _loop(figure, result)
    for row, panel in enumerate(panels, start=2):
        _series(figure, result, row, panel)
    return figure


def _tells(result: Run, name: str) -> bool:
    """Whether a series says something: a stress that is known, a contact that is lost."""
    values = np.array(getattr(result, name))
    if name == "host_stress":
        return bool(values.any())
    return name != "contact" or bool(values.min() < 0.999)


def _axes(figure: Any, count: int) -> None:
    """The first panel on an axis of its own, the others on one axis of time."""
    axis = {"showline": True, "linecolor": style.GREY, "ticks": "outside", "zeroline": False,
            "gridcolor": "rgba(136,136,136,0.25)", "automargin": True}  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    top, gap = 1.0, 0.03
    room = (1.0 - 0.36 - 0.12 - gap * (count - 2)) / (count - 1)
    figure.update_yaxes(domain=[top - 0.36, top], row=1, col=1)
    for k in range(count - 1):
        low = (count - 2 - k) * (room + gap)
        figure.update_yaxes(domain=[low, low + room], row=k + 2, col=1)
        if k < count - 2:
            figure.update_xaxes(matches=f"x{count}", showticklabels=False, row=k + 2, col=1)
    figure.update_xaxes(title_text="lithium inside (mA h cm⁻²)", row=1, col=1)
    figure.update_xaxes(title_text="time (h)", row=count, col=1)
    figure.update_yaxes(title_text="voltage (V)", row=1, col=1)


def _loop(figure: Any, result: Run) -> None:
    """Voltage against the charge inside: filling, emptying and resting apart."""
    charge = [habitual(q, "areal_capacity") for q in host_runs.inside(result)]
    drawn = host_runs.drawn(result)
    looks = {-1: ("lithiation", style.BLUE), 1: ("delithiation", style.VERMILION),
             0: ("rest", style.GREY)}  # fmt: skip
    signs = [int(np.sign(j)) for j in result.current_density]
    shown: set[int] = set()
    begin = 0
    for sign, part in groupby(signs):
        end = begin + len(list(part))
        one = [k for k in range(max(begin - 1, 0) if sign == 0 else begin, end) if drawn[k]]
        name, colour = looks[sign]
        figure.add_scatter(
            x=[charge[k] for k in one], y=[result.voltage[k] for k in one], mode="lines",
            name=name, legendgroup=name,
            showlegend=sign not in shown, line={"color": colour, "width": 1.8},
            hovertemplate="%{x:.3g} mA h cm⁻²: %{y:.3f} V<extra></extra>", row=1, col=1,
        )  # fmt: skip
        shown.add(sign)
        begin = end
    figure.update_yaxes(range=_range(result, result.voltage), row=1, col=1)


def _series(figure: Any, result: Run, row: int, panel: tuple[str, str, float, str]) -> None:
    """One series over time."""
    name, kind, least, title = panel
    kept = [k for k, good in enumerate(host_runs.drawn(result)) if good]
    kept = kept[:: max(1, len(kept) // MOST_POINTS)]
    values = [habitual(v, kind) for v in getattr(result, name)]
    figure.add_scatter(
        x=[result.time[k] / 3600.0 for k in kept], y=[values[k] for k in kept], mode="lines",
        name=name.replace("_", " "), showlegend=False, line={"color": style.BLUE, "width": 1.5},
        hovertemplate="%{x:.3g} h: %{y:.4g}<extra></extra>", row=row, col=1,
    )  # fmt: skip
    figure.update_yaxes(title_text=title, range=_range(result, values, least), row=row, col=1)


def _range(result: Run, values: Any, least: float = 0.05) -> list[float]:
    """An axis over what comes after the opening: an empty host begins far above all the rest."""
    array = np.array(values)
    kept = array[host_runs.settled(result)] if any(result.current_density) else array
    low, high = float(kept.min()), float(kept.max())
    room = MARGIN * max(high - low, least)
    return [low - room, high + room]
