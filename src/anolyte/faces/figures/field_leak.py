"""Where leaking electrons can form lithium, and how much by what boundaries let through."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.faces.figures import style
from anolyte.studies.leaking import LeakMap, LeakRun

MICRO, MILLI = 1e6, 1e3
LEAST = 1.0
"""Ratio at which zero is drawn on an axis of logarithms."""


def leak_figure(fields: LeakMap, result: LeakRun) -> Any:
    """A map of the drive, and two shares of the current."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=1, cols=2, column_widths=[0.5, 0.5], horizontal_spacing=0.34)
    z, x = (fields.grid.centres(axis) * MICRO for axis in range(2))
    drive = (fields.drive * MILLI).astype(np.float32)
    most = float(np.abs(drive).max())
    figure.add_heatmap(
        z=drive, x=x, y=z, zmin=-most, zmax=most, colorscale="RdBu_r",
        colorbar={"title": {"text": "mV"}, "x": 0.35, "thickness": 12},
        hovertemplate="%{x:.1f} µm, %{y:.1f} µm: %{z:.3g} mV<extra></extra>", row=1, col=1,
    )  # fmt: skip
    ratio = [max(row.ratio, LEAST) for row in result.ratios]
    deep = [row.deep or None for row in result.ratios]
    for name, values, colour in (
        ("leaks", [row.leaking for row in result.ratios], style.BLUE),
        ("lithium deep inside", deep, style.VERMILION),
    ):
        figure.add_scatter(
            x=ratio, y=values, mode="lines+markers", name=name, line={"color": colour},
            hovertemplate="%{x:.0e}: %{y:.2g}<extra></extra>", row=1, col=2,
        )  # fmt: skip
    figure.update_xaxes(title_text="across (µm)", constrain="domain", row=1, col=1)
    figure.update_yaxes(title_text="z (µm)", scaleanchor="x", constrain="domain", row=1, col=1)
    figure.update_xaxes(
        title_text="σₑ of boundaries over grains (0 at the left)", type="log", dtick=2,
        exponentformat="power", row=1, col=2,
    )  # fmt: skip
    figure.update_yaxes(
        title_text="share of the current", type="log", dtick=1, exponentformat="power", row=1, col=2
    )
    figure.update_layout(
        template="plotly_white", height=520, margin={"t": 40},
        legend={"orientation": "h", "x": 1.0, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure
