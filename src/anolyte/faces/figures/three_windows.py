"""Three windows of an electrolyte as bars on one axis of voltage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from anolyte.faces.figures import style
from anolyte.faces.three_windows import author, basis, ends
from anolyte.models.window_uncertainty import WindowUncertaintyResult
from anolyte.studies.three_windows import ReportedLimit, ThreeWindows

Spans = tuple[tuple[float, ...], ...]
COLORS = {"thermodynamic": style.GREEN, "kinetic": style.BLUE, "measured": style.ORANGE}
REPORTED = "measured by others"
LOW, TOP = 0.0, 5.0
"""V; an open side runs to here."""
MARGIN = 0.6
"""V beside that, for labels."""
ROOM = 0.45
"""V that a bar needs to hold its width as text."""


def three_windows(result: ThreeWindows, sample: WindowUncertaintyResult | None = None) -> Any:
    """A bar a window from its reduction to its oxidation limit, each labelled; others' as marks.

    A window with an open side is pale; one of which nothing is known says so. Whiskers
    span what several sources say of one topotactic step, and the thermodynamic limits' 5 to 95 %.

    Args:
        result: The three windows.
        sample: Error bars of the thermodynamic one; None: it has none.
    """
    title = f"Windows of {style.plain(result.electrolyte)}"
    figure = style.empty("potential (V vs Li/Li⁺)", "", title)
    marks = [r for r in result.reported if r.side in result.sides]
    names: list[str] = [*result.limits]
    if result.measured is None and not marks:
        names.append("measured")
    spans: dict[str, Spans] = {
        "kinetic": (result.kinetic.reduction_interval, result.kinetic.oxidation_interval)
    }
    if sample is not None:
        both = (sample.reduction, sample.oxidation)
        spans["thermodynamic"] = tuple((x.low, x.high) if x.high < TOP else () for x in both)
    for name in names:
        _bar(figure, name, result, spans.get(name, ()))
    for name, intervals in spans.items():
        _whiskers(figure, name, intervals)
    if marks:
        names.append(REPORTED)
        _reported(figure, marks)
    tops = [v for pair in result.limits.values() for v in pair if v is not None]
    tops += [r.value for r in marks]
    top = max([TOP, *(v for v in tops if math.isfinite(v))])
    figure.update_xaxes(range=[LOW - MARGIN, top + MARGIN], dtick=1.0)
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, showgrid=False,
        range=[len(names) - 0.45, -0.45],
    )  # fmt: skip
    figure.update_layout(
        height=max(420, 100 + 95 * len(names)), bargap=0.5, showlegend=False, barmode="overlay"
    )
    return figure


def _bar(figure: Any, name: str, result: ThreeWindows, spans: Spans) -> None:
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
    reached = [v for interval in spans for v in interval]
    # Beside the bar; where the window is open there, at its end, which is beside the row's name.
    _label(figure, min([start, *reached]), name, left, "left" if low is None else "right")
    _label(figure, max([end, *reached]), name, right, "left")
    figure.add_annotation(
        x=LOW - 0.9 * MARGIN, y=name, text=style.wrapped(basis(name, result)), showarrow=False,
        xanchor="left", yanchor="top", yshift=-26, align="left",
        font={"size": 11, "color": style.GREY},
    )  # fmt: skip


def _reported(figure: Any, marks: Sequence[ReportedLimit]) -> None:
    """What papers measured: one mark each, pointing into the window."""
    figure.add_scatter(
        x=[r.value for r in marks], y=[REPORTED] * len(marks), mode="markers+text",
        text=[f"{r.value:g}" for r in marks], textposition="top center",
        marker={"symbol": ["triangle-right" if r.side == "reduction" else "triangle-left"
                           for r in marks], "size": 13, "color": COLORS["measured"]},
        hovertext=[style.wrapped(r.text) for r in marks],
        hovertemplate="%{x:.2f} V<br>%{hovertext}<extra></extra>",
    )  # fmt: skip
    who = dict.fromkeys(r.source for r in marks)
    figure.add_annotation(
        x=LOW - 0.9 * MARGIN, y=REPORTED, text=style.wrapped(", ".join(map(author, who))),
        showarrow=False, xanchor="left", yanchor="top", yshift=-14, align="left",
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


def _whiskers(figure: Any, name: str, intervals: Spans) -> None:
    """What several sources say of one topotactic limit, or the draws of a thermodynamic one."""
    for interval in intervals:
        if interval and interval[1] - interval[0] > 1e-9:
            figure.add_scatter(
                x=list(interval), y=[name] * 2, mode="lines+markers",
                line={"color": "black", "width": 1.5},
                marker={"symbol": "line-ns-open", "size": 12, "color": "black"},
                hovertemplate="%{x:.2f} V<extra></extra>",
            )  # fmt: skip
