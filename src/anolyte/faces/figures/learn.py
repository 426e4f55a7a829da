"""What measurements changed: numbers before and after, and data beside what the learnt law says."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.figures import style
from anolyte.studies.learn import Learned, Learnt
from anolyte.studies.learn.result import Predicted


def learned(result: Learned) -> Any:
    """Every uncertain number as a factor of its value before: 10 to 90 %, before and after.

    Args:
        result: Numbers that the data constrain come first.
    """
    figure = style.empty("factor of the value before (-)", "", f"{result.cell}: what was learnt")
    shown = [*result.constrained, *result.unconstrained]
    for place, number in enumerate(shown):
        colour = style.BLUE if number.constrained else style.GREY
        _interval(figure, number, number.before, place - 0.16, style.GREY, "before")
        _interval(figure, number, number.after, place + 0.16, colour, "after")
    for name, colour in (("before", style.GREY), ("after", style.BLUE)):
        figure.add_scatter(x=[None], y=[None], mode="lines+markers", name=name,
                           line={"color": colour})  # fmt: skip
    figure.add_vline(x=1.0, line={"color": style.GREY, "width": 1})
    marks = [m * 10.0**k for k in range(-6, 7) for m in (1, 3)]
    figure.update_xaxes(type="log", tickvals=marks, ticktext=[f"{m:g}" for m in marks])
    figure.update_yaxes(
        tickvals=list(range(len(shown))), autorange="reversed", ticks="",
        ticktext=[style.plain(n.words if n.constrained else f"{n.words}: as open as before")
                  for n in shown],
    )  # fmt: skip
    figure.update_layout(height=150 + 30 * len(shown))
    return figure


def _interval(
    figure: Any, number: Learnt, values: tuple[float, float, float], y: float, colour: str,
    when: str,
) -> None:  # fmt: skip
    scale = number.before[1]
    low, middle, high = (v / scale for v in values)
    figure.add_scatter(
        x=[low, middle, high], y=[y, y, y], mode="lines+markers", showlegend=False,
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": [0, 8, 0]},
        hovertext=style.plain(f"{number.words}, {when}: {number.shown(values)}"),
        hoverinfo="text",
    )  # fmt: skip


def predictions(seen: Predicted, verdict: str = "") -> Any:
    """One observation beside what the learnt law says of it: a band of 10 to 90 %."""
    label = KINDS[seen.kind].label
    title = f"{seen.observation}{': ' if verdict else ''}{verdict}"
    if len(seen.middle) < 2 or not seen.along:
        low, middle, high = (show(min(v), seen.kind) for v in (seen.low, seen.middle, seen.high))
        bounds = " to ".join(show(v, seen.kind) for v in seen.measured)
        figure = style.empty("", "", title)
        figure.update_layout(height=180)
        figure.update_xaxes(visible=False)
        figure.update_yaxes(visible=False)
        return style.note(figure, f"measured: {bounds}; predicted: {middle} ({low} to {high})")
    figure = style.empty("time since the first (h)", f"{seen.observation} ({label})", title)
    x = [t / 3600.0 for t in seen.along]
    lines = [[habitual(v, seen.kind) for v in row]
             for row in (seen.low, seen.high, seen.middle, seen.measured)]  # fmt: skip
    low, high, middle, measured = lines
    figure.add_scatter(x=x, y=low, mode="lines", line={"width": 0}, showlegend=False,
                       hoverinfo="skip")  # fmt: skip
    figure.add_scatter(x=x, y=high, mode="lines", line={"width": 0}, fill="tonexty",
                       fillcolor="rgba(0,114,178,0.25)", name="10 to 90 %",
                       hoverinfo="skip")  # fmt: skip
    figure.add_scatter(x=x, y=middle, mode="lines", line={"color": style.BLUE}, name="predicted")
    figure.add_scatter(x=x, y=measured, mode="markers", name="measured",
                       marker={"color": style.VERMILION, "size": 6})  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return figure


def all_figures(result: Learned) -> list[Any]:
    """The numbers, then each observation."""
    worst = {
        seen.observation: min(
            (c.probability for c in result.checks if c.observation == seen.observation), default=1.0
        )
        for seen in result.predicted
    }
    return [
        learned(result),
        *(predictions(p, f"data at least so odd: {worst[p.observation]:.2g}")
          for p in result.predicted),
    ]  # fmt: skip
