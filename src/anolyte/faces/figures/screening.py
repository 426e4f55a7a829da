"""Figures of a screen: what each tier let go, and how likely each finalist meets each target."""

from __future__ import annotations

from typing import Any

from anolyte.faces.figures import style
from anolyte.studies.screen.result import Finalist, ScreenResult

ROW = 30
"""Pixels of a finalist."""
WIDTH = 18
"""Letters in a line of a target."""


def all_figures(result: ScreenResult) -> dict[str, Any]:
    """Name to figure."""
    found = {"funnel": funnel(result)}
    if result.shortlist and result.targets:
        found["chances"] = chances(result)
    return found


def funnel(result: ScreenResult) -> Any:
    """Candidates that each tier kept and dropped."""
    figure = style.empty("candidates", "", f"From {result.asked} candidates to {result.finalists}")
    tiers = [s.tier for s in result.steps][::-1]
    parts = (("kept", [s.kept for s in result.steps][::-1], style.BLUE),
             ("dropped", [s.dropped for s in result.steps][::-1], style.GREY))  # fmt: skip
    for name, counts, color in parts:
        figure.add_bar(
            x=counts, y=tiers, name=name, orientation="h", marker={"color": color},
            text=[str(n) for n in counts], textposition="auto",
            hovertemplate=f"%{{y}}: %{{x}} {name}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", height=160 + 46 * len(tiers), hovermode="closest")
    return figure


def chances(result: ScreenResult) -> Any:
    """Probability of each finalist to meet each target; empty where nothing is known."""
    names = [f"{k}. {style.plain(f.candidate.name)}" for k, f in enumerate(result.shortlist, 1)]
    heads = [style.wrapped(str(t).replace("_", " "), WIDTH) for t in result.targets]
    figure = style.empty("", "", "")
    figure.add_heatmap(
        z=[list(f.chances) for f in result.shortlist], x=heads, y=names, zmin=0.0, zmax=1.0,
        colorscale=[[0.0, style.VERMILION], [0.5, "#F5F0C8"], [1.0, style.BLUE]],
        text=[_numbers(f, result) for f in result.shortlist], texttemplate="%{text}",
        xgap=2, ygap=2, colorbar={"title": {"text": "P"}, "thickness": 12},
        hovertemplate="%{y}<br>%{x}<br>%{text}, P %{z:.2f}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showline=False, ticks="")
    figure.update_xaxes(side="top", showline=False, ticks="", tickangle=0, tickfont={"size": 11})
    figure.update_layout(height=150 + ROW * len(names), margin={"t": 84})
    return figure


def _numbers(finalist: Finalist, result: ScreenResult) -> list[str]:
    return [str(finalist.best(t.name) or "unknown") for t in result.targets]
