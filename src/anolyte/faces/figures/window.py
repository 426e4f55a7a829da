"""Figures of a stability window: driving force against potential, and the lithium ladder."""

from __future__ import annotations

import math
from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.models.window import WindowResult

POTENTIAL = "potential (V vs Li/Li⁺)"
TOP = 5.0  # V; where the curve of the result ends


def driving_force(result: WindowResult) -> Any:
    """Energy of decomposition against potential; its exact corners joined by straight lines.

    Args:
        result: A window; the shaded band is the window, the diamond where the anode sits.
    """
    force = "driving force (eV/atom)"
    figure = style.empty(POTENTIAL, force, f"Decomposition of {style.plain(result.electrolyte)}")
    figure.add_hline(y=0.0, line={"color": style.GREY, "width": 1})
    low, high = result.reduction_limit, min(result.oxidation_limit, TOP)
    if high > low:
        figure.add_vrect(x0=low, x1=high, fillcolor=style.GREEN, opacity=0.18, line_width=0)
    figure.add_scatter(
        **corners(result),
        mode="lines+markers",
        line={"color": style.BLUE, "width": 2.5},
        marker={"size": 6},
        name=f"window {low:.2f} to {_limit(result.oxidation_limit)} V",
    )
    figure.add_scatter(
        x=[result.anode_potential],
        y=[habitual(result.driving_force, "energy_per_atom")],
        mode="markers",
        marker={"symbol": "diamond", "size": 13, "color": style.VERMILION},
        text=[style.wrapped(result.products_at_anode)],
        hovertemplate="%{x:.2f} V: %{y:.3f} eV/atom<br>%{text}<extra></extra>",
        name=f"at {style.plain(result.anode)} ({result.anode_potential:.2f} V)",
    )
    figure.update_xaxes(range=[-0.1, TOP + 0.05])
    return figure


def corners(result: WindowResult) -> dict[str, Any]:
    """The corners of the curve of the driving force, each with its reaction."""
    return {
        "x": list(result.potentials),
        "y": [habitual(v, "energy_per_atom") for v in result.driving_forces],
        "text": [_what_happens(result, v) for v in result.potentials],
        "hovertemplate": "%{x:.2f} V: %{y:.3f} eV/atom<br>%{text}<extra></extra>",
    }


def ladder(result: WindowResult) -> Any:
    """Lithium taken up against potential: one stair a two-phase equilibrium.

    Args:
        result: A window.
    """
    title = f"Lithium ladder of {style.plain(result.electrolyte)}"
    figure = style.empty("lithium taken up (Li per formula unit)", POTENTIAL, title)
    down = [s for s in result.steps if s.side == "reduction"]
    up = [s for s in result.steps if s.side == "oxidation"]
    for steps, sign, color, name in (
        (down, 1.0, style.VERMILION, "reduction"),
        (up, -1.0, style.BLUE, "oxidation"),
    ):
        if not steps:
            continue
        x, y, hover = [], [], []
        for step in steps:
            x += [sign * (step.total - step.electrons), sign * step.total]
            y += [step.potential, step.potential]
            hover += [_step_text(step)] * 2
        figure.add_scatter(
            x=x, y=y, mode="lines+markers", name=name, text=hover,
            line={"color": color, "width": 2.5}, marker={"size": 5},
            hovertemplate="%{y:.2f} V, %{x:.2f} Li<br>%{text}<extra></extra>",
        )  # fmt: skip
    if math.isfinite(result.oxidation_limit):
        figure.add_scatter(
            x=[0.0, 0.0], y=[result.reduction_limit, result.oxidation_limit],
            mode="lines", line={"color": style.GREEN, "width": 5}, name="window",
            hoverinfo="skip",
        )  # fmt: skip
    return figure if result.steps else style.note(figure, "no redox step")


def _limit(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "no limit"


def _step_text(step: Any) -> str:
    charge = habitual(step.capacity, "specific_capacity")
    return f"{style.wrapped(step.reaction)}<br>{charge:.0f} mAh/g"


def _what_happens(result: WindowResult, potential: float) -> str:
    """The reaction of the step that lies at a corner of the curve."""
    for step in result.steps:
        if math.isclose(step.potential, potential, abs_tol=1e-9):
            return f"{step.side}: {style.wrapped(step.reaction)}"
    return ""
