"""Predictions beside measurements."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.studies.validate.scorecard import CALCULATION, PREDICTED, Line, RowScorecard


def parity(card: RowScorecard) -> Any:
    """Predicted over measured, record by record, on a log axis; 1 is right.

    Potentials and fractions are drawn by the same ratio as all others.
    """
    figure = style.empty("predicted / measured (ratio)", "", "Every prediction beside its record")
    used = (PREDICTED, CALCULATION)
    lines = [x for x in card.lines if x.use in used and _ratio(x) is not None]
    if not lines:
        return style.note(figure, "nothing is predicted")
    names = list(dict.fromkeys(x.predictor for x in lines))
    for use, in_range, label, colour, symbol in (
        (PREDICTED, True, "measured, in the model's range", style.BLUE, "circle"),
        (PREDICTED, False, "another sample, not scored", style.GREY, "circle-open"),
        (CALCULATION, True, "published calculation", style.ORANGE, "diamond-open"),
    ):
        part = [x for x in lines if (x.use, x.in_range) == (use, in_range)]
        if part:
            figure.add_scatter(
                x=[_ratio(x) for x in part], y=[names.index(x.predictor) for x in part],
                mode="markers", name=label,
                marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.75},
                text=[style.wrapped(f"{x.id}: {x.predicted} beside {x.measured}") for x in part],
                hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    figure.add_vline(x=1.0, line={"color": style.GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(type="log")
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, autorange="reversed")
    figure.update_layout(height=180 + 40 * len(names))
    return figure


def _ratio(line: Line) -> float | None:
    if line.predicted is None:
        return None
    predicted, measured = (habitual(n.si, n.kind) for n in (line.predicted, line.measured))
    return predicted / measured if predicted > 0.0 < measured else None
