"""Figures of measurements: the evidence, the classes of electrolytes, and silicon anodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from anolyte.core.provenance import KNOWN
from anolyte.core.units import KINDS, habitual
from anolyte.faces import evidence as views_of
from anolyte.faces.figures import style
from anolyte.materials.records import QUANTITIES, Record
from anolyte.studies.compare import ClassRow, ElectrolyteComparison
from anolyte.studies.query import EvidenceResult
from anolyte.studies.silicon import SiliconComparison, SiliconRow

_KNOWN = {"read": style.BLUE, "second_hand": style.ORANGE, "recalled": style.GREY}
_LINEAR = ("temperature", "angle", "fraction", "electrode_potential", "potential")
"""Kinds that are not drawn on a logarithmic axis."""


_LEGEND = "arrow: from the untreated value of that paper; ◇: no experiment"


# --- evidence -------------------------------------------------------------------------------------


def evidence(result: EvidenceResult) -> Any:
    """The values of one quantity by electrolyte; an arrow leads from the untreated value.

    Args:
        result: Records; of several quantities the one with most records is drawn.
    """
    if not result.records:
        return style.note(style.empty("", "", "Evidence"), "no record matches")
    name = _commonest(result.records)
    kind = QUANTITIES[name].kind
    logarithmic = kind not in _LINEAR
    own = [r for r in result.records if r.quantity == name and (r.value.si > 0 or not logarithmic)]
    label = KINDS[kind].label
    words = name.replace("_", " ")
    papers = len({r.source.key for r in own})
    title = f"{words.capitalize()}: {len(own)} records, {papers} papers<br><sub>{_LEGEND}</sub>"
    figure = style.empty(f"{words} ({label})" if label else words, "", title)
    lanes = _lanes(own)
    for known in KNOWN:
        part = [r for r in own if r.source.known == known]
        for record in part:
            if record.before is not None and (record.before.si > 0.0 or not logarithmic):
                _arrow(figure, record, lanes[record.id], kind)
        if part:
            _points(figure, part, known, lanes, kind)
    if logarithmic:
        figure.update_xaxes(type="log", exponentformat="power", dtick=_decades(own, kind))
    _name_lanes(figure, own, lanes)
    figure.update_xaxes(tickfont={"size": 12})
    figure.update_layout(
        margin={"t": 70}, height=200 + 18 * max(4, round(max(lanes.values(), default=0.0)))
    )
    return figure


def _lanes(records: Iterable[Record]) -> dict[str, float]:
    """One line a record: by electrolyte, the best median on top, each group by value."""
    records = list(records)
    lanes: dict[str, float] = {}
    place = 0.0
    for name in _by_median(records):
        group = [r for r in records if _electrolyte(r) == name]
        for r in sorted(group, key=lambda r: (r.about.better or 1) * r.value.si):
            lanes[r.id] = place
            place += 1.0
        place += 0.8
    return lanes


def _name_lanes(figure: Any, records: Iterable[Record], lanes: dict[str, float]) -> None:
    """Names in the middle of their group, and a line between groups."""
    groups: dict[str, list[float]] = {}
    for r in records:
        groups.setdefault(_electrolyte(r), []).append(lanes[r.id])
    for places in groups.values():
        figure.add_hline(y=max(places) + 0.9, line={"color": style.GREY, "width": 1}, opacity=0.35)
    figure.update_yaxes(
        tickvals=[0.5 * (min(p) + max(p)) for p in groups.values()],
        ticktext=[style.plain(name) for name in groups], ticks="", showgrid=False,
        range=[-0.9, max((max(p) for p in groups.values()), default=0.0) + 0.9],
    )  # fmt: skip


def _commonest(records: Sequence[Record]) -> str:
    counts: dict[str, int] = {}
    for r in records:
        counts[r.quantity] = counts.get(r.quantity, 0) + 1
    return max(counts, key=lambda q: counts[q])


def _decades(records: Iterable[Record], kind: str) -> int:
    """Decades between ticks: no more than about six ticks."""
    import math

    values = [abs(habitual(r.value.si, kind)) for r in records]
    span = math.log10(max(values) / min(values)) if values and min(values) > 0.0 else 1.0
    return max(1, math.ceil(span / 6.0))


def _electrolyte(record: Record) -> str:
    return record.electrolyte.removeprefix("class:") or "no electrolyte"


def _by_median(records: Iterable[Record]) -> list[str]:
    """Electrolytes, the best median value on top."""
    import statistics

    values: dict[str, list[float]] = {}
    better = 1
    for r in records:
        values.setdefault(_electrolyte(r), []).append(r.value.si)
        better = r.about.better or 1
    return sorted(values, key=lambda s: better * statistics.median(values[s]))


def _points(figure: Any, own: Sequence[Record], known: str, lanes: dict[str, float],
            kind: str) -> None:  # fmt: skip
    figure.add_scatter(
        x=[habitual(r.value.si, kind) for r in own],
        y=[lanes[r.id] for r in own],
        mode="markers", name=f"{known.replace('_', '-')} ({len(own)})",
        marker={
            "size": 9, "color": _KNOWN[known],
            "symbol": ["circle" if r.method == "experiment" else "diamond-open" for r in own],
            "line": {"color": "white", "width": 1},
        },
        text=[_hover(r) for r in own], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _hover(r: Record) -> str:
    stack = " | ".join(x for x in (r.electrolyte, *r.layers, r.anode) if x)
    lines = [f"{stack}: {views_of.value(r)}", r.strategy, f"{r.source.key}, {r.source.where}",
             r.protocol]  # fmt: skip
    return "<br>".join(style.wrapped(line) for line in lines if line)


def _arrow(figure: Any, r: Record, y: float, kind: str) -> None:
    """From the untreated value to the treated one."""
    assert r.before is not None
    color = _KNOWN[r.source.known]
    figure.add_scatter(
        x=[habitual(r.before.si, kind), habitual(r.value.si, kind)], y=[y, y],
        mode="lines+markers", showlegend=False, hoverinfo="skip", opacity=0.6,
        line={"color": color, "width": 1.5},
        marker={"symbol": ["line-ns-open", "arrow"], "size": [9, 10], "standoff": [0, 4],
                "angleref": "previous", "color": color},
    )  # fmt: skip


# --- classes of electrolytes ----------------------------------------------------------------------


def conductivities(result: ElectrolyteComparison) -> Any:
    """Room-temperature conductivity of each class: measured range and median, and the review's.

    Args:
        result: The comparison.
    """
    figure = style.empty(
        "ionic conductivity (S cm⁻¹)", "", "Ionic conductivity at 15 to 30 °C, by class"
    )
    names = [c.name for c in result.classes][::-1]
    for c in result.classes:
        y = names.index(c.name)
        first = c is result.classes[0]
        _range(figure, c.conductivity_low, c.conductivity_high, y + 0.15, style.BLUE, first,
               "library: range measured", _of_library(c), width=2)  # fmt: skip
        _range(figure, min(c.printed, default=None), max(c.printed, default=None), y - 0.2,
               style.ORANGE, first, "printed in the review", style.plain(c.printed_as),
               width=7)  # fmt: skip
    pairs = [(c, m) for c in result.classes for m in c.conductors]
    _dots(figure, [(names.index(c.name) + 0.15, m.conductivity, m.name) for c, m in pairs],
          "each material", "circle", style.BLUE, 9)  # fmt: skip
    middle = [(names.index(c.name) + 0.15, c.conductivity_median, "median of the materials")
              for c in result.classes if c.conductivity_median is not None]  # fmt: skip
    _dots(figure, middle, "median", "diamond", style.VERMILION, 12)
    figure.update_xaxes(type="log", exponentformat="power", dtick=3, tickfont={"size": 12})
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names,
                        range=[-0.6, len(names) - 0.4], showgrid=False)  # fmt: skip
    figure.update_layout(height=450)
    return figure


def _of_library(c: ClassRow) -> str:
    ends = f"{style.plain(c.lowest)} to {style.plain(c.highest)}"
    return f"{c.values} values of {c.measured} materials<br>{ends}"


def _dots(figure: Any, points: Iterable[tuple[float, float, str]], name: str, symbol: str,
          color: str, size: int) -> None:  # fmt: skip
    points = list(points)
    figure.add_scatter(
        x=[value / 100.0 for _, value, _ in points], y=[y for y, _, _ in points], mode="markers",
        name=name, text=[style.plain(text) for *_, text in points],
        marker={"symbol": symbol, "size": size, "color": color,
                "line": {"color": "white", "width": 1}},
        hovertemplate="%{text}: %{x:.2e} S/cm<extra></extra>",
    )  # fmt: skip


def _range(figure: Any, low: float | None, high: float | None, y: float, color: str, legend: bool,
           name: str, about: str, width: int) -> None:  # fmt: skip
    """A bar from low to high; a dot where both are one."""
    figure.add_scatter(
        x=[None if v is None else v / 100.0 for v in (low, high)], y=[y, y], name=name,
        legendgroup=name, showlegend=legend, mode="lines+markers",
        line={"color": color, "width": width}, marker={"size": width + 1, "color": color},
        text=[about, about], hovertemplate="%{x:.2e} S/cm<br>%{text}<extra></extra>",
    )  # fmt: skip


# --- silicon --------------------------------------------------------------------------------------


def capacities(result: SiliconComparison) -> Any:
    """Capacity against cycle of every silicon anode; a line joins two capacities of one source.

    Args:
        result: The comparison.
    """
    title = (
        "Silicon anodes: capacity against cycle<br>"
        "<sub>only the ends of the lines are measured; full cells left out</sub>"
    )
    figure = style.empty("cycle", "specific capacity (mA h g⁻¹)", title)
    # A full cell counts its capacity by the mass of the cathode.
    own = [s for s in result.systems if (s.first or s.last) and "full cell" not in s.protocol]
    if not own:
        return style.note(figure, "no capacity of a silicon anode")
    for i, s in enumerate(own):
        _system(figure, s, style.PALETTE[i % len(style.PALETTE)], i // len(style.PALETTE))
    figure.update_xaxes(type="log", dtick=1, range=[-0.08, 2.1], minor={"ticks": "outside"})
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(margin={"t": 70}, height=450 + 20 * len(own))
    return figure


_SYMBOLS = ("circle", "square", "diamond")


def _system(figure: Any, s: SiliconRow, color: str, turn: int) -> None:
    ends = [(s.first_cycle, s.first), (s.last_cycle, s.last)]
    there = [(n, habitual(q, "specific_capacity")) for n, q in ends if n and q is not None]
    about = f"{style.plain(s.anode_as_printed)} | {style.plain(s.electrolyte)}"
    kept = f", {100.0 * s.retention:.1f}% kept" if s.computed and s.retention is not None else ""
    current = f", {style.plain(views_of.unit_marks(s.current))}" if s.current else ""
    hover = f"{about}{current}<br>{style.plain(s.source)}, {s.known.replace('_', '-')}"
    figure.add_scatter(
        x=[n for n, _ in there], y=[q for _, q in there], mode="lines+markers",
        name=f"{about}{current}{kept}", line={"color": color, "width": 2, "dash": "dot"},
        marker={"size": 10, "color": color, "symbol": _SYMBOLS[turn % len(_SYMBOLS)]},
        hovertemplate=f"cycle %{{x}}: %{{y:.0f}} mA h/g<br>{hover}<extra></extra>",
    )  # fmt: skip
