"""Conductivity of a polymer against the inverse temperature, a line a salt content."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.core.units import KINDS, show
from anolyte.faces.figures import style
from anolyte.measure.series.polymer import PolymerResult

UNIT, FACTOR = KINDS["electronic_conductivity"].label, KINDS["electronic_conductivity"].factor


def conductivity(result: PolymerResult) -> Any:
    """Points and laws; the VTF law where the points favour it.

    Args:
        result: Laws at each salt content.
    """
    figure = style.empty("1000/T (K⁻¹)", f"conductivity ({UNIT})", "Conductivity of a polymer")
    for one, colour in zip(result.laws, style.PALETTE * len(result.laws), strict=False):
        law = one.law
        t = np.array(law.temperatures)
        name = f"{one.salt_ratio:g} Li a unit, {law.law}"
        figure.add_scatter(
            x=1e3 / t, y=np.array(law.values) / FACTOR, mode="markers", name=name,
            legendgroup=name, marker={"color": colour, "size": 8},
            text=[show(v, "temperature") for v in t],
            hovertemplate="%{text}<br>%{y:.4g}<extra></extra>",
        )  # fmt: skip
        fine = np.linspace(t.min(), t.max(), 80)
        curve = law.vogel if law.law == "VTF" and law.vogel is not None else law
        figure.add_scatter(
            x=1e3 / fine, y=np.array([float(curve(v)) for v in fine]) / FACTOR, mode="lines",
            legendgroup=name, line={"color": colour, "width": 1.5}, showlegend=False,
            hoverinfo="skip",
        )  # fmt: skip
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return figure
