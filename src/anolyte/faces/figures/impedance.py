"""Nyquist figure of impedance spectra, one curve an operating point."""

from __future__ import annotations

import math
from typing import Any

from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.figures import style
from anolyte.models.cell.impedance import ImpedanceResult

UNIT = KINDS["area_resistance"].label


def nyquist(result: ImpedanceResult, *others: ImpedanceResult) -> Any:
    """Imaginary against real part, both axes to the same scale, decades of frequency marked.

    Args:
        result: A spectrum; open points are not trusted, the cell changes too fast for them.
        others: The same cell at other operating points.
    """
    title = f"Impedance of {style.plain(result.cell)}"
    figure = style.empty(f"real part ({UNIT})", f"minus imaginary part ({UNIT})", title)
    colours = style.PALETTE * (1 + len(others) // len(style.PALETTE))
    labels = _Labels()
    for spectrum, colour in zip((result, *others), colours, strict=False):
        _curve(figure, spectrum, colour, labels, alone=not others)
    figure.update_yaxes(scaleanchor="x", scaleratio=1.0)
    figure.update_layout(height=480)
    return figure


def _curve(
    figure: Any, spectrum: ImpedanceResult, colour: str, labels: _Labels, *, alone: bool
) -> None:
    """One spectrum: its line, its points, and a larger one with its name at every decade."""
    x = [habitual(v, "area_resistance") for v in spectrum.real]
    y = [-habitual(v, "area_resistance") for v in spectrum.imaginary]
    name = _operating_point(spectrum, alone=alone)
    hover = [
        _hertz(f) + ("" if good else "; the cell changes too fast")
        for f, good in zip(spectrum.frequency, spectrum.trusted, strict=True)
    ]
    figure.add_scatter(
        x=x, y=y, mode="lines+markers", name=name, legendgroup=name, text=hover,
        line={"color": colour, "width": 1.5},
        marker={"size": 5, "color": ["white" if not good else colour for good in spectrum.trusted],
                "line": {"color": colour, "width": 1}},
        hovertemplate="%{text}<br>%{x:.4g}, %{y:.4g} " + UNIT + "<extra></extra>",
    )  # fmt: skip
    marked = _decades(spectrum.frequency)
    gap = 0.07 * max(max(x) - min(x), max(y) - min(y))
    texts = [labels.free(x[k], y[k], _hertz(spectrum.frequency[k]), gap) for k in marked]
    figure.add_scatter(
        x=[x[k] for k in marked], y=[y[k] for k in marked], mode="markers+text", text=texts,
        textposition="top center", textfont={"color": colour, "size": 11}, showlegend=False,
        legendgroup=name, hoverinfo="skip",
        marker={"size": 9, "symbol": "diamond", "line": {"color": colour, "width": 1},
                "color": [colour if spectrum.trusted[k] else "white" for k in marked]},
    )  # fmt: skip


def _operating_point(spectrum: ImpedanceResult, *, alone: bool) -> str:
    """Current (and what else tells spectra of one cell apart) in words."""
    current = spectrum.current_density
    head = "at rest" if current == 0.0 else f"at {show(current, 'current_density')}"
    told = f"{head}, {show(spectrum.stack_pressure, 'pressure')}"
    told += f", {show(spectrum.temperature, 'temperature')}"
    return told if alone or not spectrum.time else f"{told}, after {show(spectrum.time, 'time')}"


def _decades(frequency: tuple[float, ...]) -> list[int]:
    """The points nearest to whole decades, one for each."""
    found: dict[int, int] = {}
    for k, f in enumerate(frequency):
        decade = round(math.log10(f))
        best = found.get(decade)
        off = abs(math.log10(f) - decade)
        if off < 0.06 and (best is None or off < abs(math.log10(frequency[best]) - decade)):
            found[decade] = k
    return sorted(found.values())


class _Labels:
    """Labels of points that lie apart; where it is crowded a point stays without."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, float]] = []

    def free(self, x: float, y: float, text: str, gap: float) -> str:
        """The label, if no other is near; it is wider than high."""
        if any(math.hypot(0.6 * (x - a), y - b) < gap for a, b in self.kept):
            return ""
        self.kept.append((x, y))
        return text


def _hertz(frequency: float) -> str:
    """A frequency with the prefix that suits it.

    >>> _hertz(1e6), _hertz(50.0), _hertz(1e-3)
    ('1 MHz', '50 Hz', '1 mHz')
    """
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if frequency >= 0.9995 * size:
            return f"{frequency / size:.3g} {prefix}Hz"
    return f"{frequency * 1e3:.3g} mHz"
