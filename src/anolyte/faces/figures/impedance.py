"""Nyquist figure of impedance spectra, one curve an operating point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.figures import style
from anolyte.models.cell.impedance import ImpedanceResult

UNIT, OHM = KINDS["area_resistance"].label, KINDS["area_resistance"].factor


def nyquist(result: ImpedanceResult, *others: ImpedanceResult) -> Any:
    """Imaginary against real part, both axes to the same scale, decades of frequency marked.

    Args:
        result: A spectrum; open points are not trusted, the cell changes too fast for them.
        others: The same cell at other operating points.
    """
    title = f"Impedance of {style.plain(result.cell)}"
    figure = style.empty(f"real part ({UNIT})", f"minus imaginary part ({UNIT})", title)
    spectra = (result, *others)
    view = _View.over([_curve_of(s) for s in spectra])
    colours = style.PALETTE * (1 + len(others) // len(style.PALETTE))
    labels = _Labels(view)
    for spectrum, colour in zip(spectra, colours, strict=False):
        _curve(figure, spectrum, colour, labels, alone=not others)
    figure.update_yaxes(scaleanchor="x", scaleratio=1.0)
    figure.update_layout(height=480)
    if view.cut:
        figure.update_xaxes(range=[view.left - 0.05 * view.size, view.right + 0.05 * view.size])
        figure.update_yaxes(range=[-0.1 * view.high, HEADROOM * view.high])
        figure.add_annotation(
            text=f"goes on upwards to {show(view.top * OHM, 'area_resistance')}", x=1.0, y=1.0,
            xref="paper", yref="paper", xanchor="right", yanchor="top", showarrow=False,
            font={"color": style.GREY, "size": 12},
        )  # fmt: skip
    return figure


STEEP = 1.0
"""Minus imaginary part over the real part since the start, beyond which a tail leaves the view."""
HEADROOM = 1.35


@dataclass(frozen=True)
class _View:
    """What is shown of spectra: all, or all but the capacitive end that would squash the arcs.

    Args:
        left, right, high: The real parts and the highest minus imaginary part in it.
        top: The highest of all.
        cut: Whether something is left out.
    """

    left: float
    right: float
    high: float
    top: float
    cut: bool = False

    @property
    def size(self) -> float:
        """The longer side."""
        return max(self.right - self.left, self.high)

    @classmethod
    def over(cls, curves: list[tuple[list[float], list[float]]]) -> _View:
        """The view of curves, each from high to low frequency."""
        whole = [_kept(x, y) for x, y in curves]
        kept = [(x[:n], y[:n]) for (x, y), n in zip(curves, whole, strict=True)]
        return cls(
            min(min(x) for x, _ in kept), max(max(x) for x, _ in kept),
            max(max(y) for _, y in kept), max(max(y) for _, y in curves),
            any(n < len(x) for (x, _), n in zip(curves, whole, strict=True)),
        )  # fmt: skip


def _kept(x: list[float], y: list[float]) -> int:
    """How many points stand before a tail that only rises; all, where there is none."""
    least = min(x)
    last = next((k for k in reversed(range(len(x))) if y[k] <= STEEP * (x[k] - least)), None)
    return len(x) if last is None or last < 2 else last + 1


def _curve_of(spectrum: ImpedanceResult) -> tuple[list[float], list[float]]:
    """Real and minus imaginary part in habitual units, from high to low frequency."""
    order = sorted(range(len(spectrum.frequency)), key=lambda k: -spectrum.frequency[k])
    x = [habitual(spectrum.real[k], "area_resistance") for k in order]
    y = [-habitual(spectrum.imaginary[k], "area_resistance") for k in order]
    return x, y


def _places(x: list[float], y: list[float], marked: list[int]) -> list[str]:
    """Where labels stand: above a flat curve, right of one that rises, left of one that falls."""
    found = []
    for k in marked:
        a, b = max(k - 1, 0), min(k + 1, len(x) - 1)
        steep = abs(y[b] - y[a]) > abs(x[b] - x[a])
        rises = (y[b] - y[a]) * (x[b] - x[a]) > 0.0
        found.append(("middle right" if rises else "middle left") if steep else "top center")
    return found


def _curve(
    figure: Any, spectrum: ImpedanceResult, colour: str, labels: _Labels, *, alone: bool
) -> None:
    """One spectrum: its line, its points, and a larger one with its name at every decade."""
    x = [habitual(v, "area_resistance") for v in spectrum.real]
    y = [-habitual(v, "area_resistance") for v in spectrum.imaginary]
    name = _operating_point(spectrum, alone=alone)
    hover = [
        hertz(f) + ("" if good else "; the cell changes too fast")
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
    texts = [labels.free(x[k], y[k], hertz(spectrum.frequency[k])) for k in marked]
    figure.add_scatter(
        x=[x[k] for k in marked], y=[y[k] for k in marked], mode="markers+text", text=texts,
        textposition=_places(x, y, marked), textfont={"color": colour, "size": 11},
        showlegend=False, legendgroup=name, hoverinfo="skip",
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

    def __init__(self, view: _View) -> None:
        self.kept: list[tuple[float, float]] = []
        self.gap = 0.07 * view.size

    def free(self, x: float, y: float, text: str) -> str:
        """The label, if no other is near; it is wider than high."""
        if any(math.hypot(0.6 * (x - a), y - b) < self.gap for a, b in self.kept):
            return ""
        self.kept.append((x, y))
        return text


def hertz(frequency: float) -> str:
    """A frequency with the prefix that suits it.

    >>> hertz(1e6), hertz(50.0), hertz(1e-3)
    ('1 MHz', '50 Hz', '1 mHz')
    """
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if frequency >= 0.9995 * size:
            return f"{frequency / size:.3g} {prefix}Hz"
    return f"{frequency * 1e3:.3g} mHz"
