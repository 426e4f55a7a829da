"""What cells are at rest: resistances of a face, growth of its interphase, limits, hosts."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.models.cell.contact import AgeingResult, ContactResult
from anolyte.models.silicon import HostCyclingResult

CONTENT = "lithium per host atom"
"""Column of a host's trace."""


def resistances(result: ContactResult) -> Any:
    """Parts of a face's area resistance, and the interval of their sum.

    Args:
        result: Contact and resistance after an hour under the pressure.
    """
    figure = style.empty("area resistance (Ω cm²)", "", f"{result.interface}: one face")
    if result.silent:
        return style.note(figure, "no model of contact on a host anode")
    names = ["charge transfer", "constriction and interphase", "films and layers", "sum"]
    parts = [result.transfer, result.constriction, result.films, result.resistance]
    values = [habitual(v, "area_resistance") for v in parts]
    low, high = (habitual(v, "area_resistance") for v in (result.low, result.high))
    figure.add_bar(
        x=values, y=names, orientation="h", marker={"color": style.SKY},
        error_x={"type": "data", "symmetric": False, "array": [0, 0, 0, max(high - values[3], 0)],
                 "arrayminus": [0, 0, 0, max(values[3] - low, 0)], "color": style.VERMILION},
        hovertemplate="%{y}: %{x:.3g} Ω cm²<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=300, showlegend=False)
    return figure


def growth(result: AgeingResult) -> Any:
    """The interphase after a week and after 1,000 h, with its interval.

    Args:
        result: Growth at rest.
    """
    figure = style.empty("", "interphase (nm)", f"{result.interface}: growth at rest")
    figure.update_xaxes(title_text="time (h)")
    if result.silent or result.unknown:
        return style.note(figure, result.unknown or "no model of this interphase")
    figure.add_scatter(
        x=[168, 1000], y=[1e9 * result.week, 1e9 * result.thousand_hours], mode="markers",
        marker={"color": style.BLUE, "size": 10},
        error_y={"type": "data", "symmetric": False, "color": style.VERMILION,
                 "array": [0, 1e9 * max(result.high - result.thousand_hours, 0.0)],
                 "arrayminus": [0, 1e9 * max(result.thousand_hours - result.low, 0.0)]},
        hovertemplate="%{x} h: %{y:.3g} nm<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1100])
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(height=320, showlegend=False)
    return figure


def host(result: HostCyclingResult) -> Any:
    """Stress of a host over the lithium in it, round its cycle.

    Args:
        result: A host over a cycle.
    """
    figure = style.empty(
        "lithium content (Li per host atom)", "stress (MPa)", f"{result.interface}: host"
    )
    if result.trace is None:
        return style.note(figure, "no trace of this host")
    rows = result.trace.rows()
    name = next((k for k in rows[0] if k.startswith("stress")), None)
    if name is None:
        return style.note(figure, "no stress is known of this host")
    unit = 1e3 if "GPa" in name else 1.0
    values = [None if row[name] is None else unit * row[name] for row in rows]
    figure.add_scatter(x=[row[CONTENT] for row in rows], y=values, mode="lines",
                       line={"color": style.BLUE})  # fmt: skip
    figure.update_layout(height=340, showlegend=False)
    return figure
