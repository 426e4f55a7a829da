"""The figure of the parts of a voltage under current."""

from __future__ import annotations

from typing import Any

from anolyte.faces.figures import style
from anolyte.measure.traces.overpotential import OverpotentialSplit

PARTS = {"bulk": style.BLUE, "grain_boundary": style.SKY, "interface": style.PURPLE,
         "charge_transfer": style.ORANGE, "rest_end": style.GREY}  # fmt: skip


def overpotential(result: OverpotentialSplit) -> Any:
    """The size of the voltage at the end of each half cycle, and its parts.

    Args:
        result: The parts of every half cycle.
    """
    figure = style.empty("half cycle", "voltage (mV)", "Parts of the voltage by the spectrum")
    x = [s.half_cycle for s in result.shares]
    signs = [1e3 if s.current > 0.0 else -1e3 for s in result.shares]
    for name, colour in PARTS.items():
        values = [k * getattr(s, name) for k, s in zip(signs, result.shares, strict=True)]
        if any(values):
            words = "what is left" if name == "rest_end" else name.replace("_", " ")
            figure.add_bar(
                x=x, y=values, name=words, marker={"color": colour},
                hovertemplate="half cycle %{x}: %{y:.3g} mV<extra></extra>",
            )  # fmt: skip
    figure.add_scatter(
        x=x, y=[k * s.voltage_end for k, s in zip(signs, result.shares, strict=True)],
        mode="markers", name="measured", marker={"color": style.VERMILION, "size": 6},
        hovertemplate="half cycle %{x}: %{y:.3g} mV<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="relative", bargap=0.15)
    return figure
