"""Voids under stripped lithium: frames of gap and current, the course of contact and voltage."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.faces.field_page import in_time
from anolyte.faces.figures import style
from anolyte.faces.figures.field import _buttons, _slider
from anolyte.studies.field_voids import StripResult, VoidFilm

MICRO = 1e6
METAL = "#b9bec6"
ROOM = 1.3
"""Metal shown, times the deepest gap."""


def void_figure(film: VoidFilm, result: StripResult) -> Any:
    """Metal above, gap and electrolyte below it, current along the face, and two courses."""
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=3, cols=2, row_heights=[0.34, 0.38, 0.28], vertical_spacing=0.09,
        horizontal_spacing=0.13, specs=[[{"colspan": 2}, None], [{"colspan": 2}, None], [{}, {}]],
        subplot_titles=("metal (grey) and void (white) at the face", "potential in the electrolyte",
                        "contact", "overpotential"),
    )  # fmt: skip
    last = len(film.times) - 1
    for trace, (row, column) in zip(_frame(film, last), ((1, 1), (1, 1), (2, 1)), strict=True):
        figure.add_trace(trace, row=row, col=column)
    hours = film.table["time"] / 3600.0
    for column, values in (
        (1, film.table["contact"]),
        (2, _volts(film, result)),
    ):
        figure.add_scatter(
            x=hours, y=values, mode="lines", showlegend=False, line={"color": style.BLUE},
            row=3, col=column,
        )  # fmt: skip
    import plotly.graph_objects as go

    figure.frames = [
        go.Frame(data=_frame(film, k), traces=[0, 1, 2], name=in_time(time))
        for k, time in enumerate(film.times)
    ]
    _axes(figure, film)
    figure.update_layout(
        title={"text": _title(result), "y": 0.985}, template="plotly_white", height=1000,
        margin={"t": 110, "b": 190}, sliders=[_slider(list(figure.frames), last)],
        updatemenus=[{**_buttons(), "y": -0.2}], showlegend=True,
        legend={"orientation": "h", "y": 1.05, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
    )  # fmt: skip
    return figure


def _volts(film: VoidFilm, result: StripResult) -> Any:
    """mV, with the electrolyte that is not drawn."""
    volts = np.abs(film.table["counter"])
    return 1e3 * (volts + result.overpotential - volts[-1])


def _frame(film: VoidFilm, k: int) -> list[Any]:
    """Metal, current and potential at one time."""
    import plotly.graph_objects as go

    x = film.grid.centres(1) * MICRO
    top = ROOM * MICRO * max(float(gap.max()) for gap in film.gaps)
    gap = film.gaps[k] * MICRO
    ends = np.concatenate([x, x[::-1]])
    edge = np.concatenate([gap, np.full_like(gap, top)])
    depth = -film.grid.centres(0) * MICRO
    lows = [float(values.min()) for values in film.potentials]
    highs = [float(values.max()) for values in film.potentials]
    return [
        go.Scatter(
            x=ends, y=edge, fill="toself", mode="lines", fillcolor=METAL, name="lithium",
            line={"color": METAL}, hoverinfo="skip",
        ),
        go.Scatter(
            x=x, y=top * film.currents[k] / max(float(c.max()) for c in film.currents),
            mode="lines", name="current density, relative", line={"color": style.VERMILION},
            customdata=film.currents[k] / 10.0,
            hovertemplate="%{x:.1f} µm: %{customdata:.3g} mA/cm²<extra></extra>",
        ),
        go.Heatmap(
            x=x, y=depth, z=film.potentials[k] * 1e3, zmin=1e3 * min(lows), zmax=1e3 * max(highs),
            colorscale="Viridis",
            colorbar={"title": {"text": "mV vs metal"}, "len": 0.36, "y": 0.47},
            hovertemplate="%{x:.1f} µm, %{y:.1f} µm: %{z:.3g} mV<extra></extra>",
        ),
    ]  # fmt: skip


def _axes(figure: Any, film: VoidFilm) -> None:
    """Titles, and ranges that stay while the frames change."""
    width = film.grid.lengths[1] * MICRO
    top = ROOM * MICRO * max(float(gap.max()) for gap in film.gaps)
    figure.update_xaxes(range=[0.0, width], row=1, col=1)
    figure.update_xaxes(range=[0.0, width], title_text="along the face (µm)", row=2, col=1)
    figure.update_yaxes(title_text="into the metal (µm)", range=[0.0, top], row=1, col=1)
    figure.update_yaxes(title_text="into the<br>electrolyte (µm)", row=2, col=1)
    for column, text in ((1, "contact fraction"), (2, "mV")):
        figure.update_xaxes(title_text="time (h)", row=3, col=column)
        figure.update_yaxes(title_text=text, row=3, col=column)
    figure.update_yaxes(range=[0.0, 1.02], row=3, col=1)


def _title(result: StripResult) -> str:
    from anolyte.core.units import show

    density = show(result.current_density, "current_density")
    return f"{result.cell}: stripped at {density}, {show(result.pressure, 'pressure')}"
