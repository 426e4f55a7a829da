"""A filament as a film: lithium, potential and grain boundaries of a plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.faces.figures.frames import Frame, Legend
from anolyte.studies.filaments import FilamentResult, Film

MOST_CELLS = 128
"""Along an edge of a frame; more are thinned out."""
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

    def layers(k: int) -> list[Any]:
        metal = film.lithium[k][::thin, ::thin]
        volts = film.potential[k][::thin, ::thin] * 1e3
        return [
            go.Heatmap(
                z=np.round(np.where(metal > 0.5, np.nan, volts), 1), x=x, y=z, zmin=low, zmax=top,
                colorscale="Viridis", colorbar={"title": {"text": "potential (mV vs Li)"}},
                hovertemplate="%{x:.1f} µm, %{y:.1f} µm: %{z} mV<extra></extra>",
            ),
            _boundaries(film, x, z, thin),
            *(
                _of_one_colour(share[::thin, ::thin], x, z, colour, name)
                for share, colour, name in (
                    (film.inclusions, INCLUSION, "inclusion"), (film.pores, PORE, "pore"),
                    (film.lithium[k], LITHIUM, "lithium"),
                )
                if share is not None
            ),
        ]  # fmt: skip

    last = len(film.times) - 1
    frames = [
        go.Frame(data=layers(k), name=f"{film.times[k]:.3g} s") for k in range(len(film.times))
    ]
    figure = go.Figure(data=layers(last), frames=frames)
    figure.update_layout(
        title={"text": _title(result)},
        template="plotly_white",
        width=760,
        height=780,
        margin={"t": 70, "b": 190},
        sliders=[_slider(frames, last)],
        updatemenus=[_buttons()],
    )
    figure.update_xaxes(title_text="across (µm)", constrain="domain")
    figure.update_yaxes(title_text="from the anode (µm)", scaleanchor="x")
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
        Frame(f"{result.cell}, {time:.3g} s", volts * 1e3, {
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
        z=np.where(share > 0.5, 1.0, np.nan), x=x, y=z, showscale=False,
        colorscale=[[0, colour], [1, colour]], hovertemplate=f"{name}<extra></extra>",
    )  # fmt: skip


def _boundaries(film: Film, x: Any, z: Any, thin: int) -> Any:
    """Cells beside grain boundaries as a shade."""
    import plotly.graph_objects as go

    shade = np.full((len(z), len(x)), np.nan)
    if film.boundaries is not None:
        shade[film.boundaries[::thin, ::thin]] = 1.0
    return go.Heatmap(
        z=shade, x=x, y=z, showscale=False, hoverinfo="skip",
        colorscale=[[0, BOUNDARY], [1, BOUNDARY]],
    )  # fmt: skip


def _title(result: FilamentResult) -> str:
    from anolyte.core.units import show

    current = show(result.current_density, "current_density")
    if result.time_to_short is not None:
        return f"{result.cell}: short after {result.time_to_short:.3g} s at {current}"
    return f"{result.cell}: {result.time:.3g} s at {current}"


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
