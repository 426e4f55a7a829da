"""Figure of a window's error bars: the driving force against potential with its band."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.faces.figures.window import corners
from anolyte.models.window import WindowResult
from anolyte.models.window_uncertainty import Limit, WindowUncertaintyResult

POTENTIAL = "potential (V vs Li/Li⁺)"


def driving_force(result: WindowUncertaintyResult, nominal: WindowResult | None = None) -> Any:
    """Energy of decomposition against potential: median, 5 to 95 % of the draws, and the limits.

    Args:
        result: A window with error bars; its limits are shaded from 5 to 95 %, each with a line at
            its median, and the diamond is where the anode sits.
        nominal: The window with the energies of the table, drawn beside with its reactions.
    """
    title = f"Decomposition of {style.plain(result.electrolyte)}, {result.draws} draws"
    figure = style.empty(POTENTIAL, "driving force (eV/atom)", title)
    figure.add_hline(y=0.0, line={"color": style.GREY, "width": 1})
    x, top = list(result.band.potentials), max(result.band.potentials)
    low, middle, high = (
        [habitual(v, "energy_per_atom") for v in band]
        for band in (result.band.low, result.band.median, result.band.high)
    )
    figure.add_scatter(
        x=x + x[::-1], y=high + low[::-1], fill="toself", fillcolor="rgba(0,114,178,0.2)",
        mode="none", hoverinfo="skip", name="5 to 95 %",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=middle, mode="lines", line={"color": style.BLUE, "width": 2.5}, name="median",
        hovertemplate="%{x:.2f} V: %{y:.3f} eV/atom<extra></extra>",
    )  # fmt: skip
    if nominal is not None:
        figure.add_scatter(
            **corners(nominal), mode="lines+markers", marker={"size": 5},
            line={"color": "black", "width": 1.2, "dash": "dash"}, name="energies of the table",
        )  # fmt: skip
    for limit, color in ((result.reduction, style.VERMILION), (result.oxidation, style.ORANGE)):
        _limit(figure, limit, color, top)
    at = result.at_anode
    force = [habitual(v[0], "energy_per_atom") for v in (at.low, at.median, at.high)]
    figure.add_scatter(
        x=[at.potentials[0]], y=[force[1]], mode="markers",
        error_y={"type": "data", "symmetric": False, "array": [force[2] - force[1]],
                 "arrayminus": [force[1] - force[0]]},
        marker={"symbol": "diamond", "size": 13, "color": style.VERMILION},
        hovertemplate="%{x:.2f} V: %{y:.3f} eV/atom<extra></extra>",
        name=f"at {style.plain(result.anode)} ({at.potentials[0]:.2f} V)",
    )  # fmt: skip
    figure.update_xaxes(range=[-0.1, top + 0.05])
    return figure


def _limit(figure: Any, limit: Limit, color: str, top: float) -> None:
    """The 5 to 95 % of a limit as far as the figure goes, and its median."""
    low, high = min(limit.low, top), min(limit.high, top)
    if high > low:
        figure.add_vrect(x0=low, x1=high, fillcolor=color, opacity=0.15, line_width=0)
    if limit.median <= top:
        figure.add_vline(
            x=limit.median, line={"color": color, "width": 1, "dash": "dot"},
            annotation_text=f"{limit.side} {limit.median:.2f} V",
            annotation_position="bottom left" if limit.side == "reduction" else "bottom right",
        )  # fmt: skip
