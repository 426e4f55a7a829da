"""Cells that were run: voltage and interface over time, and maps of safe operation."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.core.units import habitual, show
from anolyte.faces import host_runs
from anolyte.faces.figures import half_cell, style
from anolyte.models.cell.critical import CriticalCurrent
from anolyte.models.cell.run import Run
from anolyte.studies.maps import SAFE, OperatingMap

MOST_POINTS = 20_000


def run(result: Run) -> Any:
    """Voltage, contact and interphase of a run, one above the other; of a half cell, its host.

    Args:
        result: A protocol as a cell went through it.
    """
    if host_runs.is_host(result):
        return half_cell.run(result)
    return _panels(result, f"{result.cell}: {result.protocol}")


def critical(result: CriticalCurrent) -> Any:
    """The ramp that gave a critical current, with the level at which it ended.

    Args:
        result: The critical current and its run.
    """
    if result.run is None:
        return _limit(result)
    value = result.current_density
    told = "none" if value is None else show(value, "current_density")
    title = f"{result.cell}: critical current density {told}"
    if result.mechanism:
        title += f", {result.mechanism}"
    figure = _panels(result.run, title)
    if result.run.end is not None:
        hours = result.run.end.time / 3600.0
        figure.add_vline(x=hours, line={"color": style.VERMILION, "width": 2}, row="all", col=1)
    return figure


def _limit(result: CriticalCurrent) -> Any:
    """The limit with its interval, beside the current that is asked for."""
    title = f"{result.cell}: critical current density"
    figure = style.empty("current density (mA cm⁻²)", "", title)
    if result.silent:
        return style.note(figure, "no model of filaments on a host anode")
    low, best, high = (
        habitual(v or 0.0, "current_density")
        for v in (result.low, result.current_density, result.high)
    )
    figure.add_scatter(
        x=[low, best, high], y=["limit"] * 3, mode="lines+markers", name="limit",
        line={"color": style.BLUE, "width": 3}, marker={"size": [8, 14, 8]},
        hovertemplate="%{x:.3g} mA cm⁻²<extra></extra>",
    )  # fmt: skip
    figure.add_vline(
        x=habitual(result.asked, "current_density"),
        line={"color": style.VERMILION, "width": 2},
        annotation_text="asked",
    )
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(height=240, showlegend=False)
    return figure


def _panels(result: Run, title: str) -> Any:
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    look = style.empty("time (h)", "", title)
    figure.update_layout(look.layout.to_plotly_json() | {"height": 640, "xaxis": {}, "yaxis": {}})
    every = slice(None, None, max(1, len(result.time) // MOST_POINTS))
    hours = [t / 3600.0 for t in result.time[every]]
    series = [
        (1, "voltage", result.voltage, 1e3, style.BLUE),
        (2, "named side", result.contact, 100.0, style.BLUE),
        (2, "counter side", result.counter_contact, 100.0, style.ORANGE),
        (3, "named side", result.interphase, 1e9, style.BLUE),
        (3, "counter side", result.counter_interphase, 1e9, style.ORANGE),
    ]
    for row, name, values, factor, colour in series:
        dash = "dot" if name == "counter side" else "solid"
        figure.add_scatter(
            x=hours, y=[factor * v for v in values[every]], name=name, mode="lines",
            line={"color": colour, "width": 1.5, "dash": dash}, row=row, col=1,
            showlegend=row == 2, hovertemplate="%{x:.3g} h: %{y:.4g}<extra></extra>",
        )  # fmt: skip
    axis = {"showline": True, "linecolor": style.GREY, "ticks": "outside", "zeroline": False,
            "gridcolor": "rgba(136,136,136,0.25)", "automargin": True}  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_xaxes(title_text="time (h)", row=3, col=1)
    figure.update_yaxes(title_text="voltage (mV)", row=1, col=1)
    figure.update_yaxes(title_text="contact (%)", range=[0, 103], row=2, col=1)
    figure.update_yaxes(title_text="interphase (nm)", rangemode="tozero", row=3, col=1)
    return figure


def operating_map(result: OperatingMap) -> Any:
    """Probability of safe operation, with the lines of one half and nine tenths.

    Args:
        result: Outcomes over current, pressure and temperature; the first two axes that have
            more than one value are drawn.
    """
    safe = result.share(SAFE)
    (xn, xk, x), (yn, yk, y), table = _axes(result, safe)
    title = (f"{result.cell}: share of {result.draws} draws that last through {result.protocol}"
             f"{_held(result)}")  # fmt: skip
    figure = style.empty(_label(xn, xk), _label(yn, yk), title)
    if len(y) < 2:
        figure.add_scatter(x=x, y=100.0 * table[0], mode="lines+markers",
                           line={"color": style.BLUE})  # fmt: skip
        figure.update_yaxes(title_text="safe (% of the draws)", range=[-2, 102])
        figure.update_xaxes(**_scaled(xn, x))
        return figure
    colours = [[0.0, "#F7F7F7"], [0.5, "#A6CEE3"], [1.0, style.BLUE]]
    figure.add_heatmap(
        x=x, y=y, z=100.0 * table, colorscale=colours, zmin=0, zmax=100, zsmooth="best",
        colorbar={"title": {"text": "safe (%)"}, "thickness": 14},
        hovertemplate="%{x:.3g}, %{y:.3g}: %{z:.0f} % safe<extra></extra>",
    )  # fmt: skip
    for level, dash, colour in ((50.0, "dot", style.VERMILION), (90.0, "solid", style.VERMILION)):
        figure.add_contour(
            x=x, y=y, z=100.0 * table, showscale=False, name=f"{level:.0f} % safe",
            contours={"start": level, "end": level, "size": 1, "coloring": "none"},
            line={"color": colour, "width": 2.5, "dash": dash, "smoothing": 1.0},
            showlegend=True, hoverinfo="skip",
        )  # fmt: skip
    figure.update_xaxes(showgrid=False, **_scaled(xn, x))
    figure.update_yaxes(showgrid=False, **_scaled(yn, y))
    figure.update_layout(height=500, margin={"t": 76})
    _whole(figure, x, y)
    for name in result.outcomes[1:]:
        _region(figure, name, x, y, _axes(result, result.share(name))[2])
    return figure


def _whole(figure: Any, x: list[float], y: list[float]) -> None:
    """Axes from the first to the last value, whatever is written on them."""
    for axis, values in ((figure.layout.xaxis, x), (figure.layout.yaxis, y)):
        scale = np.log10(values) if axis.type == "log" else np.asarray(values)
        axis.range = [float(scale[0]), float(scale[-1])]


def _held(result: OperatingMap) -> str:
    """What was held at one value, in words."""
    parts = [
        show(values[0], _KINDS[name])
        for name, values in _values(result).items() if len(values) == 1
    ]  # fmt: skip
    return f"<br><sub>at {', '.join(parts)}</sub>" if parts else ""


def _region(figure: Any, name: str, x: list[float], y: list[float], share: Any) -> None:
    """The name of what ends most draws, in the middle of where it does."""
    up, across = np.nonzero(np.asarray(share) >= 0.5)
    if len(up) < max(4, 0.02 * np.size(share)):
        return
    place, share_of_width = [], 0.5
    for axis, values, found in (("xaxis", x, across), ("yaxis", y, up)):
        scale = np.log10(values) if figure.layout[axis].type == "log" else np.asarray(values)
        place.append(float(np.mean(scale[found])))
        if axis == "xaxis":
            share_of_width = (place[0] - scale[0]) / (scale[-1] - scale[0])
    anchor = "left" if share_of_width < 0.25 else "right" if share_of_width > 0.75 else "center"
    if anchor != "center":  # from the edge inwards, so that no label is cut
        end = x[-1] if anchor == "right" else x[0]
        place[0] = float(np.log10(end)) if figure.layout.xaxis.type == "log" else end
    figure.add_annotation(
        x=place[0], y=place[1], text=style.plain(name), showarrow=False, xanchor=anchor,
        font={"size": 13, "color": "#333333"}, bgcolor="rgba(255,255,255,0.6)",
    )  # fmt: skip


_KINDS = {
    "current density": "current_density",
    "stack pressure": "pressure",
    "temperature": "temperature",
}


def _values(result: OperatingMap) -> dict[str, tuple[float, ...]]:
    """The axes by name, in the order of the table."""
    return {"current density": result.current_density, "stack pressure": result.stack_pressure,
            "temperature": result.temperature}  # fmt: skip


def _axes(result: OperatingMap, safe: np.ndarray[Any, Any]) -> Any:
    """The two axes that are drawn (pressure or temperature across, current up) and the table."""
    values = _values(result)
    names = list(values)
    wide = [n for n in names if len(values[n]) > 1][:2] or names[:1]
    up, across = (wide[0], wide[1]) if len(wide) == 2 else (names[-1], wide[0])
    index: list[Any] = [0, 0, 0]
    index[names.index(up)] = index[names.index(across)] = slice(None)
    table = safe[tuple(index)]
    if names.index(up) > names.index(across):
        table = table.T

    def axis(name: str) -> tuple[str, str, list[float]]:
        kind = _KINDS[name]
        return name, kind, [habitual(v, kind) for v in values[name]]

    return axis(across), axis(up), table


def _label(name: str, kind: str) -> str:
    from anolyte.core.units import KINDS

    return f"{name} ({KINDS[kind].label})"


def _scaled(name: str, values: list[float]) -> dict[str, Any]:
    """Logarithmic axes, marked at 1, 2 and 5 of every decade; temperature is even."""
    if name == "temperature" or min(values) <= 0.0:
        return {"type": "linear"}
    marks = [m * 10.0**k for k in range(-6, 7) for m in (1, 2, 5)]
    inside = [m for m in marks if 0.999 * min(values) <= m <= 1.001 * max(values)]
    return {"type": "log", "tickvals": inside, "ticktext": [f"{m:g}" for m in inside]}
