"""Figures of cycling data and voltammograms: what a paper shows of them, with what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anolyte.core.units import habitual, show
from anolyte.faces.figures import style
from anolyte.faces.figures.filaments import filaments
from anolyte.faces.figures.overpotentials import overpotential
from anolyte.measure.images.filaments import FilamentGrowth
from anolyte.measure.traces.efficiency import LithiumInventory, PlatingEfficiency
from anolyte.measure.traces.half_cycles import Series
from anolyte.measure.traces.overpotential import OverpotentialSplit
from anolyte.measure.traces.polarisation import SymmetricLife
from anolyte.measure.traces.ramp import CriticalRamp
from anolyte.measure.traces.reading import CyclingReading
from anolyte.measure.traces.retention import FadeResult
from anolyte.measure.traces.shorts import ShortCheck
from anolyte.measure.traces.voids import VoidCheck
from anolyte.measure.traces.voltammetry import Voltammogram
from anolyte.studies.measured_window import MeasuredWindow


def drawn() -> dict[type, Any]:
    """Kind of result to the function that draws it."""
    return {
        CriticalRamp: ramp,
        SymmetricLife: life,
        PlatingEfficiency: efficiency,
        FadeResult: retention,
        LithiumInventory: inventory,
        VoidCheck: voids,
        OverpotentialSplit: overpotential,
        Voltammogram: voltammogram,
        MeasuredWindow: windows,
        FilamentGrowth: filaments,
        CyclingReading: reading,
    }


def ramp(result: CriticalRamp) -> Any:
    """A ramp: voltage and current over time with the short, and the resistance of each level.

    Args:
        result: A critical current density with its trace.
    """
    title = f"Survived {result.flow(result.survived)}"
    if result.failed is not None:
        end = f"{result.kind} short" if result.ending == "short" else result.ending
        title += f", failed at {result.flow(result.failed)} ({end})"
    title += f"<br><sub>{style.plain(result.protocol)}</sub>"
    titles = [_volts(result.series)[1], _flow_title(result.area), _ohm_title(result.area)]
    figure = _stack(title, ["time (h)", "time (h)", _flow_title(result.area)], titles, (1, 2))
    _over_time(figure, result.series, result.area)
    _mark_shorts(figure, result.check, ("x", "x2"))
    _levels(figure, result)
    figure.update_layout(height=900, margin={"t": 84, "b": 96})
    return figure


def life(result: SymmetricLife) -> Any:
    """A symmetric cell over time: voltage, and the median resistance of each half cycle.

    Args:
        result: The life of a symmetric cell.
    """
    words = {"short": "shorted after", "drift": "drifted within", "alive": "alive after"}
    title = f"Symmetric cell: {words[result.ending]} {show(result.life, 'time')}"
    unit = _ohm_title(result.area)
    figure = _stack(title, ["time (h)"] * 2, [_volts(result.series)[1], unit], (1, 2))
    _over_time(figure, result.series, None, current=False)
    _mark_shorts(figure, result.check, ("x", "x2"))
    factor = 1.0 if result.area is None else result.area * 1e4
    for sign, name, colour in ((1.0, "strip", style.BLUE), (-1.0, "plate", style.ORANGE)):
        kept = [k for k, h in enumerate(result.halves) if h.current * sign > 0.0]
        figure.add_scatter(
            x=[result.time[k] / 3600.0 for k in kept],
            y=[result.resistance[k] * factor for k in kept], mode="markers+lines",
            name=f"half cycles that {name} the working side", row=2, col=1,
            line={"color": colour, "width": 1}, marker={"size": 5},
            hovertemplate="%{x:.3g} h: %{y:.4g}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", row=2, col=1)
    figure.update_layout(height=560)
    return figure


def retention(result: FadeResult) -> Any:
    """Retention over cycles with the laws' band, the knee and the end.

    Args:
        result: Fade of a cell.
    """
    title = f"{100 * result.last:.3g} % after cycle {result.cycle[-1]}"
    if result.knee is not None:
        title += f", knee at cycle {result.knee:.0f}"
    end = f"{100 * result.end:.0f} %"
    if result.reached is not None:
        title += f", {end} reached at cycle {result.reached:.0f}"
    elif result.end_cycle is not None:
        title += f", {end} expected at cycle {_span(result.end_low, result.end_high)}"
    figure = style.empty("cycle", f"retention (% of cycle {result.reference})", title)
    if result.curve_cycle:
        _band(figure, result)
    figure.add_scatter(
        x=result.cycle, y=[100.0 * r for r in result.retention], mode="markers", name="measured",
        marker={"color": style.BLUE, "size": 5 if len(result.cycle) > 30 else 9},
        hovertemplate="cycle %{x}: %{y:.4g} %<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=100.0 * result.end, line={"color": style.GREY, "width": 1, "dash": "dash"},
                     annotation_text=end, annotation_position="top left")  # fmt: skip
    if result.knee is not None:
        figure.add_vrect(x0=result.knee_low, x1=result.knee_high, fillcolor=style.VERMILION,
                         opacity=0.25, line_width=0)  # fmt: skip
        figure.add_vline(x=result.knee, line={"color": style.VERMILION, "width": 1.5},
                         annotation_text="knee", annotation_position="bottom left")  # fmt: skip
    return figure


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "unknown"
    top = "never" if high == float("inf") else f"{high:.0f}"
    return f"{low:.0f} to {top}" if f"{low:.0f}" != top else top


def _band(figure: Any, result: FadeResult) -> None:
    """The laws together, with their interval."""
    x = list(result.curve_cycle)
    low, high = ([100.0 * v for v in c] for c in (result.curve_low, result.curve_high))
    few = all(f.weight is None for f in result.fades)
    name = "span of the laws" if few else f"{100 * result.level:.0f} % interval of the laws"
    figure.add_scatter(
        x=x + x[::-1], y=high + low[::-1], fill="toself", fillcolor="rgba(0,158,115,0.2)",
        line={"width": 0}, name=name, hoverinfo="skip", mode="lines",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[100.0 * v for v in result.curve], mode="lines",
        name=", ".join(f.law for f in result.fades if few or (f.weight or 0.0) > 0.05),
        line={"color": style.GREEN, "width": 2},
    )  # fmt: skip


def efficiency(result: PlatingEfficiency) -> Any:
    """Coulombic efficiency of each cycle, with two standard deviations.

    Args:
        result: Efficiency on a collector.
    """
    title = (f"Coulombic efficiency {100 * result.efficiency:.3f} ± {100 * result.sigma:.2g} % "
             f"over {len(result.cycles)} cycles<br><sub>± is one standard deviation, bars are two"
             "</sub>")  # fmt: skip
    figure = style.empty("cycle", "stripped over plated (%)", title)
    figure.add_scatter(
        x=[c.cycle for c in result.cycles], y=[100.0 * c.efficiency for c in result.cycles],
        error_y={"type": "data", "array": [200.0 * c.sigma for c in result.cycles],
                 "color": style.BLUE, "thickness": 1},
        mode="markers", marker={"color": style.BLUE, "size": 7}, name="each cycle",
        hovertemplate="cycle %{x}: %{y:.3f} %<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=100.0, line={"color": style.GREY, "width": 1, "dash": "dash"})
    figure.update_layout(showlegend=False, margin={"t": 68})
    return figure


def voltammogram(result: Voltammogram, limits: tuple[float, float] | None = None) -> Any:
    """Current against voltage, cycle by cycle, with both onsets of both directions.

    Args:
        result: Onsets of a voltammogram.
        limits: Computed reduction and oxidation limit, V; None: not shown.
    """
    against = " vs Li/Li⁺" if result.against_lithium else " vs counter electrode"
    y = "current (mA)" if result.area is None else "current density (µA cm⁻²)"
    factor = 1e3 if result.area is None else 100.0 / result.area
    title = f"{show(result.scan_rate, 'scan_rate')}, electrode: {result.electrode}"
    figure = style.empty(f"voltage (V{against})", y, title)
    if limits is not None:
        figure.add_vrect(
            x0=limits[0], x1=limits[1], fillcolor=style.GREEN, opacity=0.18, line_width=0,
            annotation_text="computed window", annotation_position="top left",
        )  # fmt: skip
    figure.add_scatter(
        x=result.voltage, y=[factor * i for i in result.current], mode="lines", name="measured",
        line={"color": style.BLUE, "width": 1.2},
        hovertemplate="%{x:.3f} V: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    for onset, colour in ((result.reduction, style.VERMILION), (result.oxidation, style.ORANGE)):
        if onset is None:
            continue
        a, b = onset.background
        over = onset.threshold_current * (1.0 if onset.direction == "oxidation" else -1.0)
        for value, height, name, symbol in (
            (onset.tangent, 0.0, "tangent", "diamond"),
            (onset.threshold, over, "threshold", "circle"),
        ):
            if value is not None:
                figure.add_scatter(
                    x=[value], y=[factor * (a + b * value + height)], mode="markers",
                    name=f"{onset.direction}, {name}: {value:.2f} V",
                    marker={"color": colour, "size": 11, "symbol": symbol,
                            "line": {"color": "white", "width": 1}},
                )  # fmt: skip
    figure.update_layout(height=480)
    return figure


def windows(result: MeasuredWindow) -> Any:
    """A voltammogram with the computed window behind it.

    Args:
        result: Both.
    """
    figure = voltammogram(result.measured, (result.reduction_limit, result.oxidation_limit))
    title = f"{style.plain(result.electrolyte)}: {figure.layout.title.text}"
    figure.update_layout(title={"text": title})
    return figure


def reading(result: CyclingReading) -> Any:
    """The headline of a cycling file.

    Args:
        result: What the file says.
    """
    for drawn_part in all_figures(result).values():
        return drawn_part
    figure = style.empty("", "", "Efficiency from a reservoir")
    if result.reservoir is None:
        return style.note(figure, "nothing to draw")
    found = result.reservoir
    return style.note(
        figure, f"{100 * found.efficiency:.2f} % over {found.cycles} cycles of a plated reservoir"
    )


def all_figures(result: Any) -> dict[str, Any]:
    """Every figure of a result, by the name of its part, the headline first.

    Args:
        result: A cycling file, a ramp, a voltammogram.
    """
    draw = drawn()
    if isinstance(result, CyclingReading):
        return {type(p).__name__: draw[type(p)](p) for p in result.results if type(p) in draw}
    name = "Voltammogram" if isinstance(result, MeasuredWindow) else type(result).__name__
    return {name: draw[type(result)](result)}


def voids(result: VoidCheck) -> Any:
    """How much the voltage of each half cycle grew, and which bend beyond noise.

    Args:
        result: Bends of the half cycles of a symmetric cell.
    """
    count = sum(b.voids for b in result.bends)
    title = "No half cycle bends"
    if result.first is not None:
        title = f"{count} of {len(result.bends)} half cycles bend, from number {result.first} on"
    figure = style.empty("half cycle", "voltage at the end over that at the start", title)
    for side, colour in (("working", style.BLUE), ("counter", style.ORANGE)):
        bends = [b for b in result.bends if b.side == side]
        figure.add_scatter(
            x=[b.half_cycle for b in bends], y=[b.growth for b in bends], mode="markers",
            name=f"strips the {side} side",
            marker={"size": 8, "color": colour,
                    "symbol": ["circle" if b.voids else "circle-open" for b in bends]},
            hovertemplate="half cycle %{x}: %{y:.3f}<extra></extra>",
        )  # fmt: skip
    # A half cycle in which a short begins has a start and an end that do not compare.
    seen = [1.0, *(b.growth for b in result.bends if 0.5 < b.growth < 2.0 or b.voids)]
    room = 0.1 * (max(seen) - min(seen)) + 0.01
    figure.update_yaxes(range=[min(seen) - room, max(seen) + room])
    return figure


def inventory(result: LithiumInventory) -> Any:
    """Efficiency of each cycle, and the lithium that is lost.

    Args:
        result: Efficiency of a full cell.
    """
    title = f"First efficiency {100 * result.first:.3g} %, {100 * result.lost[-1]:.3g} % lost"
    figure = style.empty("cycle", "discharge over charge (%)", title)
    figure.add_scatter(
        x=result.cycle, y=[100.0 * e for e in result.efficiency], mode="markers",
        name="efficiency", marker={"color": style.BLUE, "size": 5},
        hovertemplate="cycle %{x}: %{y:.3f} %<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=result.cycle, y=[100.0 * q for q in result.lost], mode="lines", yaxis="y2",
        name="lost of the first charge (right)", line={"color": style.ORANGE, "width": 2},
        hovertemplate="cycle %{x}: %{y:.3g} %<extra></extra>",
    )  # fmt: skip
    low, high = 100.0 * min(result.efficiency), 100.0 * max(result.efficiency)
    room = max(0.1 * (high - low), 0.05)  # no cycler tells less than that
    figure.update_yaxes(range=[low - room, high + room])
    right = {"title": {"text": "lost of the first charge (%)"}, "overlaying": "y", "side": "right",
             "showgrid": False, "zeroline": False, "tickmode": "auto", "rangemode": "tozero",
             "automargin": True}  # fmt: skip
    figure.update_layout(yaxis2=right, margin={"r": 60})
    return figure


# --- parts --------------------------------------------------------------------------------------


def _volts(series: Series) -> tuple[float, str]:
    """Factor and title of a voltage: mV of a symmetric cell, V of others."""
    size = sorted(abs(v) for v in series.voltage)
    small = not size or size[int(0.95 * (len(size) - 1))] < 1.0
    return (1e3, "voltage (mV)") if small else (1.0, "voltage (V)")


def _flow_title(area: float | None) -> str:
    return "current (mA)" if area is None else "current density (mA cm⁻²)"


def _ohm_title(area: float | None) -> str:
    return "resistance (Ω)" if area is None else "resistance (Ω cm²)"


def _stack(title: str, x: Sequence[str], y: Sequence[str], shared: tuple[int, int]) -> Any:
    """Panels one above the other, the shared ones with one axis of time."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=len(y), cols=1, vertical_spacing=0.12)
    look = style.empty("", "", title)
    figure.update_layout(look.layout.to_plotly_json() | {"xaxis": {}, "yaxis": {}})
    figure.update_layout(template="none")  # which subplots bring another of
    axis = {"showline": True, "linecolor": style.GREY, "ticks": "outside", "zeroline": False,
            "gridcolor": "rgba(136,136,136,0.25)", "automargin": True}  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    for row, (a, b) in enumerate(zip(x, y, strict=True), 1):
        figure.update_xaxes(title_text="" if row == shared[0] else a, row=row, col=1)
        figure.update_yaxes(title_text=b, row=row, col=1)
    figure.update_xaxes(matches="x", row=shared[1], col=1)
    return figure


def _over_time(figure: Any, series: Series, area: float | None, *, current: bool = True) -> None:
    """Voltage, and the current below it."""
    hours = [t / 3600.0 for t in series.time]
    factor = _volts(series)[0]
    figure.add_scatter(
        x=hours, y=[factor * v for v in series.voltage], mode="lines", row=1, col=1,
        line={"color": style.BLUE, "width": 1}, name="voltage", showlegend=False,
        hovertemplate="%{x:.4g} h: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    if current:
        scale = 1e3 if area is None else 0.1 / area
        figure.add_scatter(
            x=hours, y=[scale * i for i in series.current], mode="lines", row=2, col=1,
            line={"color": style.BLUE, "width": 1, "shape": "hv"}, name="current",
            showlegend=False, hovertemplate="%{x:.4g} h: %{y:.4g}<extra></extra>",
        )  # fmt: skip


def _mark_shorts(figure: Any, check: ShortCheck, axes: Sequence[str]) -> None:
    """Shorts as bands, the first alarm as a line with its name."""
    end = habitual(max((s.alarm for s in check.shorts), default=0.0), "time")
    for k, short in enumerate(check.shorts[:50]):
        start, alarm = habitual(short.start, "time"), habitual(short.alarm, "time")
        stop = None if short.end is None else habitual(short.end, "time")
        for row in range(1, len(axes) + 1):
            if stop is not None:
                figure.add_vrect(x0=start, x1=stop, fillcolor=style.VERMILION, opacity=0.2,
                                 line_width=0, row=row, col=1)  # fmt: skip
            figure.add_vline(x=alarm, line={"color": style.VERMILION, "width": 1.5}, row=row, col=1)
        if k == 0:
            figure.add_annotation(
                x=alarm, y=1.0, xref="x", yref="y domain", showarrow=False, yanchor="bottom",
                text=f"alarm: {short.kind} short", font={"color": style.VERMILION, "size": 12},
                xanchor="right" if alarm > 0.7 * max(end, 1e-9) else "left",
            )  # fmt: skip


def _levels(figure: Any, result: CriticalRamp) -> None:
    """Resistance of each level: survived, failed, later."""
    factor = 1.0 if result.area is None else result.area * 1e4
    scale = 1e3 if result.area is None else 0.1 / result.area
    told: set[str] = set()
    looks = {"survived": (style.GREEN, "circle"), "after the failure": (style.GREY, "circle-open")}
    for level in result.levels:
        if level.resistance is None:
            continue
        colour, symbol = looks.get(level.state, (style.VERMILION, "x"))
        figure.add_scatter(
            x=[scale * level.current], y=[factor * level.resistance], mode="markers", row=3, col=1,
            marker={"color": colour, "symbol": symbol, "size": 10}, name=level.state,
            showlegend=level.state not in told, legendgroup=level.state,
            hovertemplate=f"%{{x:.3g}}: %{{y:.4g}}, {level.state}<extra></extra>",
        )  # fmt: skip
        told.add(level.state)
    figure.update_yaxes(rangemode="tozero", row=3, col=1)
