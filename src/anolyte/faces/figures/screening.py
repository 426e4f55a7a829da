"""Figures of a screen: what each tier let go, and how likely each finalist meets each target."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import KINDS
from anolyte.faces.figures import style
from anolyte.studies.screen.result import Finalist, ScreenResult
from anolyte.studies.screen.targets import Target

ROW = 30
"""Pixels of a finalist."""
WIDTH = 18
"""Letters in a line of a target."""


def all_figures(result: ScreenResult) -> dict[str, Any]:
    """Name to figure."""
    found = {"funnel": funnel(result)}
    if result.shortlist and result.targets:
        found["chances"] = chances(result)
    if len(best_known(result)) == 2:
        found["front"] = front(result)
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


def best_known(result: ScreenResult) -> list[int]:
    """Places of the two targets that most finalists are known by; fewer if no others are."""
    counts = [
        sum(d.values[k] is not None for d in result.compared) for k in range(len(result.targets))
    ]
    known = [k for k in range(len(counts)) if counts[k] > 1]
    return sorted(sorted(known, key=lambda k: -counts[k])[:2])


def front(result: ScreenResult) -> Any:
    """Finalists by two targets: whoever has nobody beyond it in both is on the front."""
    first, second = best_known(result)
    x, y = (result.targets[k] for k in (first, second))
    figure = style.empty(_axis(x), _axis(y), "")
    names = {f.candidate.name for f in result.shortlist}
    others = [d for d in result.compared if d.name not in names]
    figure.add_scatter(
        x=[_shown(d.values[first], x) for d in others],
        y=[_shown(d.values[second], y) for d in others],
        mode="markers", name="other finalists", marker={"color": style.GREY, "opacity": 0.5},
        text=[style.plain(d.name) for d in others],
        hovertemplate="%{text}<br>%{x:.3g}, %{y:.3g}<extra></extra>",
    )  # fmt: skip
    best = [(f.best(x.name), f.best(y.name)) for f in result.shortlist]
    figure.add_scatter(
        x=[_shown(a and a.value, x) for a, _ in best],
        y=[_shown(b and b.value, y) for _, b in best],
        error_x={"array": [_shown(a and a.sigma, x) for a, _ in best], "color": style.SKY},
        error_y={"array": [_shown(b and b.sigma, y) for _, b in best], "color": style.SKY},
        mode="markers+text", name="short list", marker={"color": style.BLUE, "size": 9},
        text=[str(k) for k in range(1, len(best) + 1)], textposition="top right",
        customdata=[style.plain(f.candidate.name) for f in result.shortlist],
        hovertemplate="%{customdata}<br>%{x:.3g}, %{y:.3g}<extra></extra>",
    )  # fmt: skip
    limit = {"color": style.VERMILION, "dash": "dash", "width": 1}
    figure.add_vline(x=_shown(x.limit, x), line=limit)
    figure.add_hline(y=_shown(y.limit, y), line=limit)
    return figure


def _axis(target: Target) -> str:
    better = "more" if target.at_least else "less"
    name, unit = target.name.replace("_", " "), KINDS[target.kind].label
    return f"{name}{f' ({unit})' if unit else ''}<br>{better} is better"


def _shown(value: float | None, target: Target) -> float | None:
    return None if value is None else value / KINDS[target.kind].factor


def _numbers(finalist: Finalist, result: ScreenResult) -> list[str]:
    return [str(finalist.best(t.name) or "unknown") for t in result.targets]
