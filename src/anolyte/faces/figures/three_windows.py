"""Three windows of an electrolyte as bars on one axis of voltage."""

from __future__ import annotations

import math
from typing import Any

from anolyte.faces.figures import style
from anolyte.faces.three_windows import basis, ends
from anolyte.studies.three_windows import ThreeWindows

COLORS = {"thermodynamic": style.GREEN, "kinetic": style.BLUE, "measured": style.ORANGE}
LOW, TOP = 0.0, 5.0
"""V; an open side runs to here."""
MARGIN = 0.6
"""V beside that, for labels."""
ROOM = 0.45
"""V that a bar needs to hold its width as text."""


def three_windows(result: ThreeWindows) -> Any:
    """A bar a window from its reduction to its oxidation limit, each labelled.

    A window with an open side is pale; one of which nothing is known says so. Whiskers
    span what several sources say of one topotactic step.

    Args:
        result: The three windows.
    """
    title = f"Windows of {style.plain(result.electrolyte)}"
    figure = style.empty("potential (V vs Li/Li⁺)", "", title)
    names = list(dict.fromkeys([*result.limits, "measured"]))
    for name in names:
        _bar(figure, name, result)
    _whiskers(figure, result)
    tops = [v for pair in result.limits.values() for v in pair if v is not None]
    top = max([TOP, *(v for v in tops if math.isfinite(v))])
    figure.update_xaxes(range=[LOW - MARGIN, top + MARGIN], dtick=1.0)
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, showgrid=False,
        range=[len(names) - 0.45, -0.45],
    )  # fmt: skip
    figure.update_layout(height=420, bargap=0.5, showlegend=False, barmode="overlay")
    return figure


def _bar(figure: Any, name: str, result: ThreeWindows) -> None:
    """One window with its limits beside it and what it rests on below."""
    if name not in result.limits:
        _nothing(figure, name, "no voltammogram was given")
        return
    (low, left), (high, right) = ends(name, result)
    if low is None and high is None:
        _nothing(figure, name, "unknown: no topotactic state" if name == "kinetic" else right)
        return
    whole = None not in result.limits[name] and not math.isinf(high or 0.0)
    start = LOW if low is None else low
    end = TOP if high is None or math.isinf(high) else high
    figure.add_bar(
        x=[end - start], base=[start], y=[name], orientation="h", width=0.42,
        marker={"color": COLORS[name], "opacity": 0.85 if whole else 0.4},
        text=[f"{end - start:.2f} V" if whole and end - start > ROOM else ""],
        textposition="inside", insidetextanchor="middle", textangle=0,
        textfont={"color": "white", "size": 13},
        hovertemplate=f"{name}: {left} to {right} V<extra></extra>",
    )  # fmt: skip
    spans = _spans(result) if name == "kinetic" else ((), ())
    _label(figure, min(start, *spans[0], start), name, left, "right")
    _label(figure, max(end, *spans[1], end), name, right, "left")
    figure.add_annotation(
        x=LOW - 0.9 * MARGIN, y=name, text=style.wrapped(basis(name, result)), showarrow=False,
        xanchor="left", yanchor="top", yshift=-22, align="left",
        font={"size": 11, "color": style.GREY},
    )  # fmt: skip


def _nothing(figure: Any, name: str, why: str) -> None:
    """A row without a bar; the unseen point keeps its place."""
    figure.add_scatter(x=[LOW], y=[name], mode="markers", marker={"opacity": 0.0},
                       hoverinfo="skip")  # fmt: skip
    figure.add_annotation(x=LOW, y=name, text=style.plain(why), showarrow=False, xanchor="left",
                          font={"color": style.GREY, "size": 13})  # fmt: skip


def _label(figure: Any, x: float, y: str, text: str, side: str) -> None:
    figure.add_annotation(x=x, y=y, text=style.plain(text), showarrow=False, xanchor=side,
                          xshift=8 if side == "left" else -8)  # fmt: skip


def _whiskers(figure: Any, result: ThreeWindows) -> None:
    """What several sources say of one topotactic limit."""
    for interval in _spans(result):
        if interval and interval[1] - interval[0] > 1e-9:
            figure.add_scatter(
                x=list(interval), y=["kinetic"] * 2, mode="lines+markers",
                line={"color": "black", "width": 1.5},
                marker={"symbol": "line-ns-open", "size": 12, "color": "black"},
                hovertemplate="%{x:.2f} V: a source<extra></extra>",
            )  # fmt: skip


def _spans(result: ThreeWindows) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return result.kinetic.reduction_interval, result.kinetic.oxidation_interval
