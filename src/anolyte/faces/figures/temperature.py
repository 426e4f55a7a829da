"""Temperature limits of the materials beside the cell's temperature."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.models.temperature import TemperatureResult


def limits(result: TemperatureResult) -> Any:
    """One bar a material; the line is the cell's temperature.

    Args:
        result: Limits, the lowest first.
    """
    figure = style.empty("temperature limit (°C)", "", "Temperature limits of the materials")
    if not result.limits:
        return style.note(figure, "no limit known")
    names = [x.material + (f" ({x.of})" if x.of else "") for x in result.limits]
    figure.add_bar(
        x=[habitual(x.temperature, "temperature") for x in result.limits],
        y=[style.plain(n) for n in names], orientation="h", marker={"color": style.SKY},
        text=[style.plain(x.note.split(";")[0]) for x in result.limits], textposition="auto",
        hovertemplate="%{y}: %{x:.0f} °C, %{text}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(
        x=habitual(result.temperature, "temperature"),
        line={"color": style.VERMILION, "width": 2}, annotation_text="the cell",
        annotation_position="top",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=max(220, 150 + 42 * len(names)), showlegend=False)
    return figure
