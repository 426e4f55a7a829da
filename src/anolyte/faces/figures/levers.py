"""Levers without and with, a cell over temperature, and first plating over its charge."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual, show
from anolyte.faces.figures import style
from anolyte.studies.levers import (
    CRITICAL,
    FACE,
    FRESH,
    WHOLE,
    Effect,
    FirstPlating,
    LeverResult,
    Measure,
    TemperatureSweep,
)

DRAWN = ((CRITICAL, style.BLUE), (FRESH, style.VERMILION), (FACE, style.ORANGE),
         (WHOLE, style.GREEN))  # fmt: skip
SYMBOLS = {"better": "circle", "worse": "circle", "no effect": "line-ns-open"}
"""Filled where the sign is sure, open where it is not."""


def levers(result: LeverResult) -> Any:
    """How many times larger an answer is with each lever than without it.

    Args:
        result: Levers on one cell; those that do not apply are left out.
    """
    shown = [o for o in result.outcomes if o.effects]
    title = f"{result.cell}: with each lever over without it"
    figure = style.empty("with over without (-)", "", title)
    if not shown:
        return style.note(figure, "no lever applies")
    for number, (measure, colour) in enumerate(DRAWN):
        points = [
            (o, e) for o in shown for e in o.effects if _ratio(e) and e.measure == measure.name
        ]
        figure.add_scatter(
            x=[_ratio(e) for _, e in points],
            y=[shown.index(o) + 0.16 * (number - 1.5) for o, _ in points],
            mode="markers", name=measure.name, showlegend=False,
            marker={"color": colour, "size": 9, "line": {"color": colour, "width": 1.5},
                    "symbol": [SYMBOLS.get(e.sign, "circle-open") for _, e in points]},
            text=[style.wrapped(_told(o.text, measure, e)) for o, e in points],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(x=[None], y=[None], mode="markers", name=measure.name,
                           marker={"color": colour, "size": 9})  # fmt: skip
    figure.add_vline(x=1.0, line={"color": style.GREY, "width": 1})
    marks = [m * 10.0**k for k in range(-9, 10) for m in (1, 2, 5)]
    figure.update_xaxes(type="log", tickvals=marks, ticktext=[f"{m:g}" for m in marks])
    figure.update_yaxes(
        tickvals=list(range(len(shown))), autorange="reversed", ticks="",
        ticktext=[style.plain(o.text) for o in shown],
    )  # fmt: skip
    figure.update_layout(height=140 + 34 * len(shown))
    return figure


def _ratio(effect: Effect) -> float | None:
    """Treated over untreated; None where either is missing or zero."""
    old, new = effect.without, effect.treated
    if old is None or new is None or old.si <= 0.0 or new.si <= 0.0:
        return None
    return new.si / old.si


def _told(text: str, measure: Measure, effect: Effect) -> str:
    old, new = effect.without, effect.treated
    if old is None or new is None:
        return f"{text}: no {measure.name}"
    return (
        f"{text}: {measure.name} {show(old.si, measure.kind)} without, "
        f"{show(new.si, measure.kind)} with; better in {effect.better:.0%}, worse in "
        f"{effect.worse:.0%} of the draws"
    )


def temperature(result: TemperatureSweep) -> Any:
    """Conductivity, resistances and critical current over temperature, one above the other.

    Args:
        result: A cell from cold to warm; temperatures with a doubt are open points.
    """
    from plotly.subplots import make_subplots

    look = style.empty("temperature (°C)", "", f"{result.cell}: from cold to warm")
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(look.layout.to_plotly_json() | {"height": 640, "xaxis": {}, "yaxis": {}})
    celsius = [habitual(t, "temperature") for t in result.temperature]
    symbols = ["circle-open" if doubt else "circle" for doubt in result.doubts]

    def line(row: int, name: str, values: Any, kind: str, colour: str, **more: Any) -> None:
        figure.add_scatter(
            x=celsius, y=[habitual(v, kind) for v in values], name=name, mode="lines+markers",
            line={"color": colour, "width": 1.5}, marker={"symbol": symbols, "size": 7},
            row=row, col=1, text=[style.wrapped(d) for d in result.doubts],
            hovertemplate="%{x:.0f} °C: %{y:.3g}<br>%{text}<extra></extra>", **more,
        )  # fmt: skip

    line(1, "conductivity", result.conductivity, "conductivity", style.BLUE, showlegend=False)
    line(2, "fresh face", result.fresh, "area_resistance", style.SKY)
    line(2, "face after 1 h", result.face, "area_resistance", style.VERMILION)
    line(2, "cell after 1 h", result.whole, "area_resistance", style.GREEN)
    _band(figure, celsius, result)
    line(3, "critical current density", result.critical, "current_density", style.BLUE)
    axis = {"showline": True, "linecolor": style.GREY, "ticks": "outside", "zeroline": False,
            "gridcolor": "rgba(136,136,136,0.25)", "automargin": True}  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(type="log", dtick="D2", **axis)
    figure.update_xaxes(title_text="temperature (°C)", row=3, col=1)
    for row, title in ((1, "mS cm⁻¹"), (2, "Ω cm²"), (3, "mA cm⁻²")):
        figure.update_yaxes(title_text=title, row=row, col=1)
    return figure


def _band(figure: Any, celsius: list[float], result: TemperatureSweep) -> None:
    """The 10th to the 90th percentile of the draws."""
    least = 0.1 * min((v for v in result.critical if v > 0.0), default=1.0)
    ends = [[habitual(max(v, least), "current_density") for v in x]
            for x in (result.low, result.high)]  # fmt: skip
    figure.add_scatter(
        x=[*celsius, *celsius[::-1]], y=[*ends[0], *ends[1][::-1]], fill="toself", mode="none",
        fillcolor="rgba(0,114,178,0.15)", name="80 % of the draws", hoverinfo="skip", row=3, col=1,
    )  # fmt: skip


def first_plating(result: FirstPlating) -> Any:
    """Coverage and Coulombic efficiency of islands and of an even film against the charge.

    Args:
        result: One plating and stripping for each charge.
    """
    title = f"{result.cell}: first plating, islands beside an even film"
    figure = style.empty("charge (mA h cm⁻²)", "share (%)", title)
    charge = [habitual(q, "areal_capacity") for q in result.charge]
    for name, values, colour, dash in (
        ("coverage, islands", result.islands, style.BLUE, "solid"),
        ("coverage, film", result.film, style.BLUE, "dot"),
        ("efficiency, islands", result.islands_efficiency, style.VERMILION, "solid"),
        ("efficiency, film", result.film_efficiency, style.VERMILION, "dot"),
    ):
        figure.add_scatter(
            x=charge, y=[100.0 * v for v in values], name=name, mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate="%{x:.3g}: %{y:.3g} %<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="log")
    figure.update_yaxes(rangemode="tozero")
    return figure
