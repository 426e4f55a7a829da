"""Figures of measured spectra: Nyquist, Bode, relaxation times, Arrhenius, growth, residuals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from anolyte.core.units import KINDS, ZERO_CELSIUS, habitual, show
from anolyte.faces.figures import style
from anolyte.faces.figures.impedance import hertz
from anolyte.measure.series.growth_law import GrowthResult
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy, TemperatureTrend

MOST = 12
"""Spectra in one figure; of more, evenly chosen ones are drawn."""
LEGEND = 8
"""Names in a legend; with more of them the colours speak, and labels stand at the points."""


def all_figures(result: SpectraResult) -> dict[str, Any]:
    """Every figure that a result has something for, by name, the headline first."""
    drawn = {"nyquist": nyquist(result), "bode": bode(result)}
    if any(s.relaxation is not None for s in result.spectra):
        drawn["relaxation"] = relaxation(result)
    if result.temperatures:
        drawn["arrhenius"] = arrhenius(result)
    if result.times:
        drawn["growth"] = growth(result)
    drawn["residuals"] = residuals(result)
    return drawn


def headline(result: SpectraResult) -> Any:
    """The figure that says most: Arrhenius lines or growth where there are some, else Nyquist."""
    if result.temperatures:
        return arrhenius(result)
    return growth(result) if result.times else nyquist(result)


def nyquist(result: SpectraResult) -> Any:
    """Points as measured, open where the fit did not use them, and the fitted circuit."""
    scale, unit = _scale(result)
    figure = style.empty(f"real part ({unit})", f"minus imaginary part ({unit})", _title(result))
    chosen = _chosen(result)
    for study, colour in zip(chosen, _colours(len(chosen)), strict=True):
        x, y = np.array(study.real) * scale, -np.array(study.imaginary) * scale
        _points(figure, study, x, y, colour, [hertz(f) for f in study.frequency], unit)
        _decades(figure, study, x, y, colour)
        if study.fit is not None:
            z = _curve(study) * scale
            figure.add_scatter(
                x=z.real, y=-z.imag, mode="lines", line={"color": colour, "width": 1.5},
                legendgroup=study.name, showlegend=False, hoverinfo="skip",
            )  # fmt: skip
    figure.update_yaxes(scaleanchor="x", scaleratio=1.0)
    figure.update_layout(height=480)
    return _crowded(figure, chosen)


def bode(result: SpectraResult) -> Any:
    """Modulus and phase against frequency."""
    from plotly.subplots import make_subplots

    scale, unit = _scale(result)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    figure.update_layout(style.empty("", "", _title(result)).layout)
    chosen = _chosen(result)
    for study, colour in zip(chosen, _colours(len(chosen)), strict=True):
        z = (np.array(study.real) + 1j * np.array(study.imaginary)) * scale
        f = np.array(study.frequency)
        parts: list[tuple[Any, Any, str]] = [(f, z, "markers")]
        if study.fit is not None:
            parts.append((_fine(study), _curve(study) * scale, "lines"))
        for x, value, mode in parts:
            for row, y in ((1, np.abs(value)), (2, -np.degrees(np.angle(value)))):
                figure.add_scatter(
                    x=x, y=y, mode=mode, name=study.label, legendgroup=study.name, row=row, col=1,
                    showlegend=mode == "markers" and row == 1,
                    marker={"color": colour, "size": 5}, line={"color": colour, "width": 1.5},
                    hovertemplate="%{x:.4g} Hz<br>%{y:.4g}<extra></extra>",
                )  # fmt: skip
    axis = style.empty("", "", "").layout
    for row, text in ((1, f"modulus ({unit})"), (2, "minus phase (°)")):
        figure.update_xaxes(axis.xaxis, row=row, col=1)
        figure.update_yaxes(axis.yaxis, row=row, col=1)
        figure.update_yaxes(title_text=text, row=row, col=1)
    figure.update_xaxes(type="log", exponentformat="power")
    figure.update_xaxes(title_text="frequency (Hz)", row=2, col=1)
    figure.update_yaxes(type="log", exponentformat="power", row=1, col=1)
    figure.update_layout(height=560)
    return _crowded(figure, chosen)


def relaxation(result: SpectraResult) -> Any:
    """Spectra of relaxation times, with the band of the noise where there are few."""
    scale, unit = _scale(result)
    figure = style.empty("time constant (s)", f"γ per unit of ln τ ({unit})", _title(result))
    chosen = [s for s in _chosen(result) if s.relaxation is not None]
    for study, colour in zip(chosen, _colours(len(chosen)), strict=True):
        found = study.relaxation
        assert found is not None
        tau, gamma = np.array(found.time_constant), np.array(found.gamma) * scale
        if found.lower and len(chosen) <= 3:
            low, high = np.array(found.lower) * scale, np.array(found.upper) * scale
            figure.add_scatter(
                x=[*tau, *tau[::-1]], y=[*high, *low[::-1]], fill="toself", mode="lines",
                line={"width": 0}, fillcolor=_faint(colour), hoverinfo="skip",
                showlegend=False, legendgroup=study.name,
            )  # fmt: skip
        figure.add_scatter(
            x=tau, y=gamma, mode="lines", line={"color": colour, "width": 1.5}, name=study.label,
            legendgroup=study.name, hovertemplate="%{x:.3g} s<br>%{y:.4g}<extra></extra>",
        )  # fmt: skip
    measured = chosen[0].frequency
    for edge in (0.5 / math.pi / max(measured), 0.5 / math.pi / min(measured)):
        figure.add_vline(x=edge, line={"color": style.GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(type="log", exponentformat="power")
    figure.update_yaxes(rangemode="tozero")
    return _crowded(figure, chosen)


def residuals(result: SpectraResult) -> Any:
    """What the Kramers-Kronig test leaves, per cent of the modulus; crosses are bad points."""
    figure = style.empty("frequency (Hz)", "misfit of Kramers-Kronig (%)", _title(result))
    chosen = _chosen(result)
    for study, colour in zip(chosen, _colours(len(chosen)), strict=True):
        q, bad = study.quality, set(study.quality.bad_points)
        f = np.array(q.frequency)
        for values, symbol in ((q.residual_real, "circle"), (q.residual_imaginary, "square-open")):
            if not np.isfinite(values).any():
                continue
            figure.add_scatter(
                x=f, y=100.0 * np.array(values), mode="markers", name=study.label,
                legendgroup=study.name, showlegend=symbol == "circle",
                marker={"color": colour, "size": 5,
                        "symbol": ["x" if k in bad else symbol for k in range(f.size)]},
                hovertemplate="%{x:.4g} Hz<br>%{y:.3g} %<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(type="log", exponentformat="power")
    return _crowded(figure, chosen)


def arrhenius(result: SpectraResult) -> Any:
    """Conductivities and resistances against the inverse temperature, each with its line."""
    trends = result.temperatures
    of = {t.law.of for t in trends}
    left = "conductivity" if "conductivity" in of else "resistance"
    figure = style.empty("1000/T (K⁻¹)", _axis(trends, left), _title(result, every=True))
    other = next((o for o in sorted(of) if o != left), None)
    for trend, colour in zip(trends, style.PALETTE * len(trends), strict=False):
        _law(figure, trend, colour, second=trend.law.of != left)
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    if other is not None:
        figure.update_layout(
            yaxis2={"overlaying": "y", "side": "right", "type": "log", "showgrid": False,
                    "exponentformat": "power", "dtick": 1, "automargin": True,
                    "title": {"text": _axis(trends, other)}},
        )  # fmt: skip
    return _celsius(figure, trends)


def _law(figure: Any, trend: TemperatureTrend, colour: str, *, second: bool) -> None:
    law = trend.law
    factor = _factor(trend)
    t = np.array(law.temperatures)
    axis = "y2" if second else "y"
    name = f"{trend.process}: {habitual(law.energy, 'energy'):.3f} eV"
    figure.add_scatter(
        x=1e3 / t, y=np.array(law.values) / factor, mode="markers", name=name, yaxis=axis,
        legendgroup=name, marker={"color": colour, "size": 8, "symbol": "square-open" if second
                                  else "circle"},
        text=[show(v, "temperature") for v in t],
        hovertemplate="%{text}<br>%{y:.4g}<extra></extra>",
    )  # fmt: skip
    fine = np.linspace(t.min(), t.max(), 60)
    figure.add_scatter(
        x=1e3 / fine, y=law(fine) / factor, mode="lines", yaxis=axis, legendgroup=name,
        line={"color": colour, "width": 1.5, "dash": "dash" if second else "solid"},
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip


def _axis(trends: Sequence[TemperatureTrend], of: str) -> str:
    if of == "conductivity":
        return f"conductivity ({KINDS['electronic_conductivity'].label})"
    units = {_unit(t) for t in trends if t.law.of == of}
    return f"resistance ({', '.join(sorted(units))})"


def _unit(trend: TemperatureTrend) -> str:
    return "Ω cm², one interface" if _per_area(trend) else "Ω"


def _per_area(trend: TemperatureTrend) -> bool:
    return trend.per_area


def _factor(trend: TemperatureTrend) -> float:
    if trend.law.of == "conductivity":
        return KINDS["electronic_conductivity"].factor
    return KINDS["area_resistance"].factor if _per_area(trend) else 1.0


def _celsius(figure: Any, trends: Sequence[TemperatureTrend]) -> Any:
    """Temperatures in °C on top."""
    t = np.array([v for trend in trends for v in trend.law.temperatures])
    low, high = t.min() - ZERO_CELSIUS, t.max() - ZERO_CELSIUS
    step = next((s for s in (5, 10, 20, 25, 50, 100) if (high - low) / s <= 8), 200)
    ticks = np.arange(math.ceil(low / step) * step, high + 0.1, step)
    span = 1e3 / t.min() - 1e3 / t.max()
    shown = [1e3 / t.max() - 0.05 * span, 1e3 / t.min() + 0.05 * span]
    figure.update_xaxes(range=shown)
    figure.update_layout(
        xaxis2={"overlaying": "x", "side": "top", "matches": None, "range": shown,
                "tickvals": list(1e3 / (ticks + ZERO_CELSIUS)),
                "ticktext": [f"{v:g} °C" for v in ticks], "showgrid": False},
        margin={"l": 60, "r": 60, "t": 84, "b": 56},
    )  # fmt: skip
    figure.add_scatter(x=[], y=[], xaxis="x2", showlegend=False)
    return figure


def growth(result: SpectraResult) -> Any:
    """Resistances against time with the best law, and the band of its forecast."""
    of = result.times[0].law.of
    kind = "resistance" if of == "cell" else "area_resistance"
    words = "" if of == "cell" else f", {of}"
    figure = style.empty(
        "time (h)", f"resistance ({KINDS[kind].label}{words})", _title(result, every=True)
    )
    for trend, colour in zip(result.times, style.PALETTE * len(result.times), strict=False):
        _grown(figure, trend.process, trend.law, colour, KINDS[kind].factor)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=True)
    return figure


def _grown(figure: Any, process: str, law: GrowthResult, colour: str, factor: float) -> None:
    t, r = np.array(law.times) / 3600.0, np.array(law.resistances) / factor
    best = law.best
    name = f"{process}: {best.law}"
    if law.exponent is not None:
        name += f", exponent {law.exponent:.3f}"
    figure.add_scatter(
        x=t, y=r, mode="markers", name=name, legendgroup=name,
        marker={"color": colour, "size": 5 if t.size > 40 else 8, "opacity": 0.6},
        hovertemplate="%{x:.4g} h<br>%{y:.4g}<extra></extra>",
    )  # fmt: skip
    ahead = best.ahead / 3600.0
    low, high = (n.si / factor for n in law.forecast)
    mid = best.forecast.si / factor
    figure.add_scatter(
        x=[ahead], y=[mid], mode="markers", legendgroup=name, showlegend=False,
        marker={"color": colour, "size": 9, "symbol": "diamond-open"},
        error_y={"type": "data", "symmetric": False, "array": [high - mid],
                 "arrayminus": [mid - low]},
        hovertemplate="forecast %{x:.4g} h<br>%{y:.4g}<extra></extra>",
    )  # fmt: skip
    fine = np.linspace(0.0, ahead, 200)
    figure.add_scatter(
        x=fine, y=[best(3600.0 * v) / factor for v in fine], mode="lines", legendgroup=name,
        line={"color": colour, "width": 1.5}, showlegend=False, hoverinfo="skip",
    )  # fmt: skip


# --- parts ----------------------------------------------------------------------------------------


def _chosen(result: SpectraResult) -> list[SpectrumStudy]:
    """All spectra, or some of many, evenly."""
    several = list(result.spectra)
    if len(several) <= MOST:
        return several
    places = np.unique(np.linspace(0, len(several) - 1, MOST).round().astype(int))
    return [several[k] for k in places]


def _title(result: SpectraResult, *, every: bool = False) -> str:
    """File or number of spectra, and the circuit; `every` where none is left out."""
    count = len(result.spectra)
    what = style.plain(result.spectra[0].name.rsplit("/", 1)[-1]) if count == 1 else (
        f"{count} spectra" if every or count <= MOST else f"{MOST} of {count} spectra"
    )  # fmt: skip
    return f"{what}, {style.plain(result.circuit)}" if result.circuit else what


def _scale(result: SpectraResult) -> tuple[float, str]:
    """From ohm of the cell to what is drawn: per area where all have one."""
    areas = {s.setup.area for s in result.spectra}
    area = areas.pop() if len(areas) == 1 else None
    if area is None:
        return 1.0, "Ω"
    return area / KINDS["area_resistance"].factor, KINDS["area_resistance"].label


def _colours(count: int) -> list[str]:
    """Those of the palette for few, a scale from dark to light for a series."""
    if count <= 3:
        return list(style.PALETTE[:count])
    from plotly.colors import sample_colorscale

    return [str(c) for c in sample_colorscale("Viridis", list(np.linspace(0.0, 0.9, count)))]


def _faint(colour: str) -> str:
    r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({r},{g},{b},0.2)"


def _points(
    figure: Any, study: SpectrumStudy, x: Any, y: Any, colour: str, hover: list[str], unit: str
) -> None:
    figure.add_scatter(
        x=x, y=y, mode="markers", name=study.label, legendgroup=study.name, text=hover,
        marker={"size": 5, "color": [colour if u else "white" for u in study.used],
                "line": {"color": colour, "width": 1}},
        hovertemplate="%{text}<br>%{x:.4g}, %{y:.4g} " + unit + "<extra></extra>",
    )  # fmt: skip


def _decades(figure: Any, study: SpectrumStudy, x: Any, y: Any, colour: str) -> None:
    """Larger marks at every whole decade of frequency."""
    log = np.log10(study.frequency)
    near = {round(v): k for k, v in enumerate(log) if abs(v - round(v)) < 0.06}
    places = list(near.values())
    figure.add_scatter(
        x=x[places], y=y[places], mode="markers", showlegend=False, legendgroup=study.name,
        marker={"size": 8, "symbol": "diamond", "color": colour},
        text=[hertz(study.frequency[k]) for k in places], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _fine(study: SpectrumStudy) -> Any:
    return np.geomspace(study.frequency[0], study.frequency[-1], 200)


def _curve(study: SpectrumStudy) -> Any:
    assert study.fit is not None
    return study.fit.impedance(_fine(study))


def _crowded(figure: Any, chosen: Sequence[SpectrumStudy]) -> Any:
    """Without a legend for one spectrum; a smaller one for many."""
    if len(chosen) == 1:
        figure.update_layout(showlegend=False)
    elif len(chosen) > LEGEND:
        figure.update_layout(legend={"font": {"size": 10}})
    return figure
