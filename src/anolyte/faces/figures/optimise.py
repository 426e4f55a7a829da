"""The front of an optimisation: what is wanted, two by two."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import KINDS, habitual
from anolyte.faces.figures import style
from anolyte.studies.optimise.front import Design, Front, Score

MOST = 3
"""Pictures side by side: the first objective against each of the next."""


def front_figure(result: Front) -> Any:
    """The first objective against the others, with intervals.

    Args:
        result: A front; of one objective the designs in their order.
    """
    from plotly.subplots import make_subplots

    names = [s.objective for s in _any(result).scores] if result.designs else []
    others = list(range(1, min(len(names), MOST + 1))) or [0]
    figure = make_subplots(rows=1, cols=len(others), horizontal_spacing=0.12)
    if not result.designs:
        return style.note(figure, "no design keeps the limits")
    for column, other in enumerate(others, 1):
        _draw(figure, result, other, column)
    figure.update_layout(
        template="plotly_white", height=480, margin={"t": 40},
        legend={"orientation": "h", "x": 1.0, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure


def _any(result: Front) -> Design:
    return result.designs[0]


def _draw(figure: Any, result: Front, other: int, column: int) -> None:
    """One picture."""
    star = [] if result.knee is None else [result.designs[result.knee]]
    own = [] if result.own is None else [result.own]
    for name, designs, marker in (
        ("not beaten", result.designs, {"color": style.BLUE, "size": 7}),
        ("recommended", star, {"color": style.VERMILION, "size": 15, "symbol": "star"}),
        ("as it is", own, {"color": style.GREY, "size": 11, "symbol": "x"}),
    ):
        if not designs:
            continue
        along = [d.scores[0] for d in designs]
        up = [d.scores[other] for d in designs]
        figure.add_scatter(
            x=[_shown(s) for s in along], y=[_shown(s) for s in up], mode="markers", name=name,
            marker=marker, showlegend=column == 1, legendgroup=name,
            error_x=_error(along), error_y=_error(up),
            text=["<br>".join(f"{s.name}: {s.value}" for s in d.settings) for d in designs],
            hovertemplate="%{x:.3g}, %{y:.3g}<br>%{text}<extra></extra>", row=1, col=column,
        )  # fmt: skip
    first = _any(result).scores
    figure.update_xaxes(title_text=_axis(first[0]), row=1, col=column)
    figure.update_yaxes(title_text=_axis(first[other]), row=1, col=column)


def _axis(score: Score) -> str:
    label = KINDS[score.value.kind].label
    return f"{score.objective} ({label})" if label else score.objective


def _shown(score: Score) -> float:
    return habitual(score.value.si, score.value.kind)


def _error(scores: list[Score]) -> dict[str, Any] | None:
    """Bars from the low to the high end."""
    if all(s.low is None for s in scores):
        return None
    ends = [
        (0.0, 0.0)
        if s.low is None or s.high is None
        else (
            _shown(s) - habitual(s.low.si, s.low.kind), habitual(s.high.si, s.high.kind) - _shown(s)
        )
        for s in scores
    ]  # fmt: skip
    return {
        "type": "data", "symmetric": False, "array": [up for _, up in ends],
        "arrayminus": [down for down, _ in ends], "thickness": 0.8, "width": 0,
        "color": "rgba(120,120,120,0.5)",
    }  # fmt: skip
