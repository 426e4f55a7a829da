"""A filament as a film: lithium, potential and grain boundaries of a plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.faces.field_page import in_time
from anolyte.faces.figures.frames import Frame, Legend
from anolyte.studies.filaments import FilamentResult, Film

MOST_CELLS = 100
"""Along an edge of a frame; more are thinned out."""
MOST_FRAMES = 16
"""Of a page, which is to stay small."""
NOTHING = "rgba(0, 0, 0, 0)"
LITHIUM = "#d55e00"
BOUNDARY = "rgba(40, 40, 40, 0.35)"
PORE = "#ffffff"
INCLUSION = "#8c6bb1"


def film_figure(film: Film, result: FilamentResult) -> Any:
    """Potential as colour, lithium on top of it, boundaries as a shade; a slider over time."""
    import plotly.graph_objects as go

    thin = max(1, -(-max(film.grid.shape) // MOST_CELLS))
    z, x = (film.grid.centres(axis)[::thin] * 1e6 for axis in range(2))
    top = max(float(values.max()) for values in film.potential) * 1e3
    low = min(float(values.min()) for values in film.potential) * 1e3
    still = [
        (share[::thin, ::thin], colour, name)
        for share, colour, name in (
            (film.boundaries, BOUNDARY, "grain boundary"),
            (film.inclusions, INCLUSION, "inclusion"),
            (film.pores, PORE, "pore"),
        )
        if share is not None
    ]  # fmt: skip

    def moving(k: int) -> list[Any]:
        volts = (film.potential[k][::thin, ::thin] * 1e3).astype(np.float32)
        return [
            go.Heatmap(
                z=volts, x=x, y=z, zmin=low, zmax=top, colorscale="Viridis",
                colorbar={"title": {"text": "potential (mV vs Li)"}},
                hovertemplate="%{x:.1f} µm, %{y:.1f} µm: %{z:.1f} mV<extra></extra>",
            ),
            _of_one_colour(film.lithium[k][::thin, ::thin], x, z, LITHIUM, "lithium"),
        ]  # fmt: skip

    last = len(film.times) - 1
    shown = np.unique(np.linspace(0, last, min(MOST_FRAMES, last + 1)).round().astype(int))
    volts, lithium = moving(last)
    traces = [volts, *(_of_one_colour(share, x, z, *look) for share, *look in still), lithium]
    frames = [
        go.Frame(data=moving(k), traces=[0, len(traces) - 1], name=in_time(film.times[k]))
        for k in shown
    ]
    figure = go.Figure(data=traces, frames=frames)
    figure.update_layout(
        title={"text": _title(result)},
        template="plotly_white",
        height=780,
        margin={"t": 70, "b": 190},
        sliders=[_slider(frames, len(frames) - 1)],
        updatemenus=[_buttons()],
    )
    figure.update_xaxes(title_text="across (µm)", constrain="domain")
    figure.update_yaxes(title_text="from the anode (µm)", scaleanchor="x", constrain="domain")
    return figure


def film_frames(film: Film, result: FilamentResult) -> tuple[list[Frame], Legend]:
    """The same as pictures."""
    top = max(float(values.max()) for values in film.potential) * 1e3
    low = min(float(values.min()) for values in film.potential) * 1e3
    still = [
        (colour, share > 0.5)
        for colour, share in ((BOUNDARY, film.boundaries), (INCLUSION, film.inclusions),
                              (PORE, film.pores))
        if share is not None
    ]  # fmt: skip
    frames = [
        Frame(f"{result.cell}, {in_time(time)}", volts * 1e3, {
            **{_rgb(colour): mask for colour, mask in still}, _rgb(LITHIUM): metal > 0.5,
        })
        for time, metal, volts in zip(film.times, film.lithium, film.potential, strict=True)
    ]  # fmt: skip
    return frames, Legend("mV against lithium", low, top, film.grid.spacing[0])


def _rgb(colour: str) -> tuple[int, int, int]:
    """Of a name as a page knows it, without what shines through."""
    if colour.startswith("#"):
        r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    else:
        r, g, b = (int(part) for part in colour[5:].split(",")[:3])
    return r, g, b


def _of_one_colour(share: Any, x: Any, z: Any, colour: str, name: str) -> Any:
    """Cells that are mostly one thing."""
    import plotly.graph_objects as go

    return go.Heatmap(
        z=(share > 0.5).astype(np.uint8), x=x, y=z, zmin=0, zmax=1, showscale=False,
        colorscale=[[0, NOTHING], [1, colour]], hoverinfo="skip", name=name,
    )  # fmt: skip


def _title(result: FilamentResult) -> str:
    from anolyte.core.units import show

    current = show(result.current_density, "current_density")
    if result.time_to_short is not None:
        return f"{result.cell}: short after {in_time(result.time_to_short)} at {current}"
    return f"{result.cell}: {in_time(result.time)} at {current}"


def _slider(frames: list[Any], active: int) -> dict[str, Any]:
    steps = [
        {"method": "animate", "label": frame.name,
         "args": [[frame.name], {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}]}
        for frame in frames
    ]  # fmt: skip
    return {"steps": steps, "active": active, "currentvalue": {"prefix": "time "}, "pad": {"t": 50}}


def _buttons() -> dict[str, Any]:
    play = {"frame": {"duration": 120, "redraw": True}, "fromcurrent": False}
    stop = {"frame": {"duration": 0}, "mode": "immediate"}
    return {
        "type": "buttons", "direction": "left", "x": 0.0, "y": -0.28, "xanchor": "left",
        "yanchor": "top", "buttons": [
            {"label": "Play", "method": "animate", "args": [None, play]},
            {"label": "Stop", "method": "animate", "args": [[None], stop]},
        ],
    }  # fmt: skip
