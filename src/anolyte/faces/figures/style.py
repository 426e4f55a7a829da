"""One look for every figure: colours that all eyes tell apart, units in every axis title.

The colours are those of Okabe and Ito (2008); they stay readable on white and on black.
"""

from __future__ import annotations

from typing import Any

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#888888"
PALETTE = (BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE, GREY)

_AXIS = {
    "showline": True,
    "linecolor": GREY,
    "ticks": "outside",
    "tickcolor": GREY,
    "gridcolor": "rgba(136,136,136,0.25)",
    "zeroline": False,
    "automargin": True,
}


def empty(x: str, y: str, title: str) -> Any:
    """A figure without data: axis titles with units, legend below, room for a phone."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(
        template="none",
        title={"text": title, "x": 0.0, "xref": "paper", "font": {"size": 15}},
        font={"family": "system-ui, -apple-system, Segoe UI, sans-serif", "size": 13},
        colorway=list(PALETTE),
        paper_bgcolor="white",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 60, "r": 16, "t": 48, "b": 56},
        height=420,
        hovermode="closest",
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0.0, "x": 0.0},
        xaxis=_AXIS | {"title": {"text": x}},
        yaxis=_AXIS | {"title": {"text": y}},
    )
    return figure


def note(figure: Any, text: str) -> Any:
    """The figure with a sentence in its middle, for what cannot be drawn."""
    figure.add_annotation(
        text=plain(text), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False
    )
    return figure


def plain(text: str) -> str:
    """Text that a figure shows as it stands: plotly reads a few HTML tags in its labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(text: str, width: int = 60) -> str:
    """Plain text in lines for a hover label."""
    import textwrap

    return "<br>".join(plain(line) for line in textwrap.wrap(text, width)) or " "
