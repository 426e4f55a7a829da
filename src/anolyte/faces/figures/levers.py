"""Levers without and with, a cell over temperature, and first plating over its charge."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.figures import style
from anolyte.studies.levers import (
    CRITICAL,
    FACE,
    FRESH,
    LIFE,
    MEASURES,
    WHOLE,
    Answer,
    Effect,
    FirstPlating,
    LeverCurve,
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
    title = f"With each lever over without it<br><sub>{style.plain(result.cell)}</sub>"
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
    figure.update_layout(height=156 + 34 * len(shown), margin={"t": 64})
    return figure


def curve(result: LeverCurve) -> Any:
    """Every answer that a lever changes, without it and with each amount, with its interval.

    Args:
        result: One lever at some amounts.
    """
    from plotly.subplots import make_subplots

    shown = [a for a in result.answers if any(e.sign != "no effect" for e in a.effects)]
    names = ["without", *(f"× {a}" if a.kind == "number" else str(a) for a in result.amounts)]
    title = f"{_sentence_case(result.lever)}: {result.cell}"
    look = style.empty("", "", title)
    if not shown:
        return style.note(look, f"{result.lever}, {result.amounts[0]}: no effect on any answer")
    lines = (len(shown) + 1) // 2
    figure = make_subplots(
        rows=lines, cols=min(2, len(shown)), horizontal_spacing=0.16,
        vertical_spacing=0.5 / (lines + 1),
        subplot_titles=[f"{style.plain(a.measure)}: {a.sign}" for a in shown],
    )  # fmt: skip
    figure.update_annotations(font={"size": 13})
    figure.update_layout(look.layout.to_plotly_json() | {
        "height": 120 + 250 * lines, "xaxis": {}, "yaxis": {}, "showlegend": False,
        "margin": {"l": 60, "r": 16, "t": 88, "b": 84},
        "title": {"text": title, "x": 0.0, "xref": "paper", "y": 1.0, "yref": "container",
                  "yanchor": "top", "pad": {"t": 20}, "font": {"size": 15}},
    })  # fmt: skip
    for number, answer in enumerate(shown):
        _panel(figure, answer, names, number // 2 + 1, number % 2 + 1)
    _foot(figure, f"{result.changes}; bars: 10 to 90 % of {result.draws} sets of parameters")
    return figure


def _panel(figure: Any, answer: Answer, names: list[str], row: int, col: int) -> None:
    """One answer: points with bars; grey without, blue where better, red where worse."""
    kind = next(m.kind for m in MEASURES if m.name == answer.measure)
    rows = [
        tuple(None if n is None else habitual(n.si, kind) for n in three)
        for three in zip(answer.best, answer.low, answer.high, strict=True)
    ]
    colours = [style.GREY, *(_colour(e) for e in answer.effects)]
    for name, (best, low, high), colour in zip(names, rows, colours, strict=True):
        if best is None:
            _lasts(figure, names.index(name), answer, row, col)
            continue
        figure.add_scatter(
            x=[name], y=[best], mode="markers", marker={"color": colour, "size": 10},
            error_y={"type": "data", "symmetric": False, "array": [max((high or best) - best, 0)],
                     "arrayminus": [max(best - (low or best), 0)], "thickness": 1.5, "width": 4},
            hovertemplate=f"{style.plain(name)}: %{{y:.3g}}<extra></extra>", row=row, col=col,
        )  # fmt: skip
    found = [v for three in rows for v in three if v is not None]
    axis = {"showline": True, "linecolor": style.GREY, "ticks": "outside", "zeroline": False,
            "automargin": True}  # fmt: skip
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names, **axis,
                        row=row, col=col)  # fmt: skip
    figure.update_xaxes(range=[-0.5, len(names) - 0.5], row=row, col=col)
    figure.update_yaxes(
        title_text=KINDS[kind].label, row=row, col=col, gridcolor="rgba(136,136,136,0.25)",
        **axis, **_reach(found),
    )  # fmt: skip


def _lasts(figure: Any, place: int, answer: Answer, row: int, col: int) -> None:
    """A word in the place of a point that never comes."""
    figure.add_annotation(
        x=place, y=1.0, yref="y domain", yanchor="top", showarrow=False, row=row, col=col,
        text="lasts" if answer.measure == LIFE.name else "none", font={"size": 12},
    )  # fmt: skip


def _reach(values: list[float]) -> dict[str, Any]:
    """A logarithmic axis where the values span more than a decade, else one from zero."""
    if not values or min(values) <= 0.0 or max(values) < 10.0 * min(values):
        return {"rangemode": "tozero"}
    marks = [m * 10.0**k for k in range(-9, 10) for m in (1, 2, 5)]
    if max(values) > 100.0 * min(values):
        marks = [10.0**k for k in range(-9, 10)]
    return {"type": "log", "tickvals": marks, "ticktext": [f"{m:g}" for m in marks]}


def _colour(effect: Effect) -> str:
    word = effect.sign.rpartition(" ")[2]
    return {"better": style.BLUE, "worse": style.VERMILION}.get(word, style.GREY)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _foot(figure: Any, text: str) -> None:
    figure.add_annotation(
        text=style.plain(text), x=0.0, y=0.0, xref="paper", yref="paper", yshift=-58,
        xanchor="left", yanchor="top", showarrow=False, font={"size": 12, "color": style.GREY},
    )  # fmt: skip


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
