"""Pressure around a scratch that is plated full, and how it grew."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.faces.figures import style
from anolyte.studies.plating_stress import PlatingStress, StressMap

MICRO, MEGA = 1e6, 1e-6


def stress_figure(stresses: StressMap, result: PlatingStress) -> Any:
    """A map, and the course of three stresses with the charge."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=1, cols=2, column_widths=[0.5, 0.5], horizontal_spacing=0.22)
    z, x = (stresses.grid.centres(axis) * MICRO for axis in range(2))
    pressure = (stresses.pressure * MEGA).astype(np.float32)
    most = float(np.abs(pressure).max())
    figure.add_heatmap(
        z=pressure, x=x, y=z, zmin=-most, zmax=most, colorscale="RdBu_r",
        colorbar={"title": {"text": "MPa"}, "x": 0.41, "thickness": 12},
        hovertemplate="%{x:.1f} µm, %{y:.1f} µm: %{z:.2f} MPa<extra></extra>", row=1, col=1,
    )  # fmt: skip
    figure.add_contour(
        z=stresses.metal.astype(np.uint8), x=x, y=z, showscale=False, hoverinfo="skip",
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "lines"},
        colorscale=[[0, "#333333"], [1, "#333333"]], row=1, col=1,
    )  # fmt: skip
    charge = np.asarray(result.charge) / 36.0 * 1e3  # nAh/cm2
    for name, values, colour in (
        ("bottom", result.bottom, style.VERMILION), ("mouth", result.mouth, style.BLUE),
        ("tension ahead", result.tension, style.GREEN),
    ):  # fmt: skip
        figure.add_scatter(
            x=charge, y=np.asarray(values) * MEGA, mode="lines+markers", name=name,
            line={"color": colour}, row=1, col=2,
        )  # fmt: skip
    figure.update_xaxes(title_text="across (µm)", constrain="domain", row=1, col=1)
    figure.update_yaxes(title_text="z (µm)", scaleanchor="x", constrain="domain", row=1, col=1)
    figure.update_xaxes(title_text="plated (nA h cm⁻²)", type="log", row=1, col=2)
    figure.update_yaxes(title_text="pressure, or tension ahead (MPa)", row=1, col=2)
    figure.update_layout(
        template="plotly_white", height=520, margin={"t": 40},
        legend={"orientation": "h", "x": 1.0, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure
