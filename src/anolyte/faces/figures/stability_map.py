"""Maps of phases: which coexist, how far from the hull the others are, where they are stable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.studies.stability_map import Place, StabilityMap

TOP = 6.0  # V; where the axis of potentials ends
FAR = 1.0  # eV/atom above the hull; the farthest end of the colour scale
SCALE = [[0.0, style.SKY], [0.4, style.ORANGE], [1.0, style.VERMILION]]
ZOOM = 1.7
MARKS = (style.VERMILION, style.PURPLE, style.ORANGE)
HEIGHT = math.sqrt(3.0) / 2.0
_TETRAHEDRON = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.5, HEIGHT, 0.0),
                (0.5, HEIGHT / 3.0, math.sqrt(2.0 / 3.0)))  # fmt: skip


def phase_map(result: StabilityMap) -> Any:
    """Stable phases with their tie lines, the others by their distance from the hull.

    Args:
        result: Three corners are drawn as a triangle, four as a tetrahedron that can be turned.
    """
    return _triangle(result) if len(result.elements) == 3 else _tetrahedron(result)


def potentials(result: StabilityMap) -> Any:
    """The potentials between which each phase is stable against lithium.

    Args:
        result: Bars end where a phase takes up or gives lithium; marked compositions come first.
    """
    title = f"Stability in {'-'.join(result.elements)} against potential"
    figure = style.empty("potential (V vs Li/Li⁺)", "", title)
    stable = [p for p in result.places if p.stable or p.above_hull == 0.0]
    stable = sorted(stable, key=lambda p: (p.oxidation_limit, p.reduction_limit, p.formula))
    for kind, color, part in (
        ("marked", style.VERMILION, [p for p in result.marked]),
        ("stable phases", style.BLUE, [p for p in stable if _is_other(p, result)]),
    ):
        if part:
            _bars(figure, part, kind, color)
    names = [_bar_name(p) for p in stable if _is_other(p, result)]
    names += [_bar_name(p) for p in result.marked]
    if result.potential is not None:
        figure.add_vline(x=result.potential, line={"color": style.GREY, "dash": "dot"})
    figure.update_xaxes(range=[-0.1, TOP + 0.1])
    figure.update_yaxes(categoryorder="array", categoryarray=names, showgrid=False)
    figure.update_layout(height=max(260, 150 + 26 * len(names)), bargap=0.35)
    return figure


def _is_other(p: Place, result: StabilityMap) -> bool:
    """Whether a phase is drawn on its own: not lithium, not marked."""
    return p.oxidation_limit > 0.0 and p.formula not in {m.formula for m in result.marked}


def _bar_name(p: Place) -> str:
    return style.plain(p.formula)


def _bars(figure: Any, part: Sequence[Place], kind: str, color: str) -> None:
    low = [min(p.reduction_limit, TOP) for p in part]
    high = [min(p.oxidation_limit, TOP) for p in part]
    figure.add_bar(
        y=[_bar_name(p) for p in part], base=low,
        x=[end - start for start, end in zip(low, high, strict=True)],
        orientation="h", marker={"color": color}, name=kind,
        text=[_range(p) for p in part], cliponaxis=False, insidetextanchor="start",
        textposition=["inside" if h > 0.7 * TOP else "outside" for h in high],
        textfont={"size": 11}, hovertemplate="%{y}: %{text}<extra></extra>",
    )  # fmt: skip


def _range(p: Place) -> str:
    if math.isfinite(p.oxidation_limit):
        return f"{p.reduction_limit:.2f} to {p.oxidation_limit:.2f} V"
    return f"from {p.reduction_limit:.2f} V"


# --- triangle -------------------------------------------------------------------------------------


def _title(result: StabilityMap) -> str:
    where = "closed" if result.potential is None else (
        f"open to lithium at {result.potential:.2f} V, lithium left out"
    )  # fmt: skip
    return f"Phases of {'-'.join(result.elements)}, {where}"


def _flat(p: Sequence[float]) -> tuple[float, float]:
    """Plane coordinates: the second corner at the lower right, the third on top."""
    return p[1] + 0.5 * p[2], HEIGHT * p[2]


def _triangle(result: StabilityMap) -> Any:
    figure = style.empty("", "", _title(result))
    corners = [_flat(c) for c in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
    x, y = zip(*corners, corners[0], strict=True)
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": style.GREY, "width": 1},
                       hoverinfo="skip", showlegend=False)  # fmt: skip
    lines = [(_flat(result.places[i].fractions), _flat(result.places[j].fractions))
             for i, j in result.ties]  # fmt: skip
    figure.add_scatter(
        x=[v for a, b in lines for v in (a[0], b[0], None)],
        y=[v for a, b in lines for v in (a[1], b[1], None)],
        mode="lines", line={"color": style.GREEN, "width": 1.5}, hoverinfo="skip",
        name="tie line: both coexist",
    )  # fmt: skip
    stable = [p for p in result.places if p.stable]
    _points(figure, [p for p in result.places if not p.stable and not _hidden(p, stable)])
    _stable_points(figure, stable)
    _corners(figure, result.elements, {s.formula for s in stable})
    for i, mark in enumerate(result.marked):
        px, py = _flat(mark.fractions)
        figure.add_scatter(
            x=[px], y=[py], mode="markers", name=style.plain(mark.formula),
            marker={"symbol": "star", "size": 17, "color": MARKS[i % len(MARKS)],
                    "line": {"color": "white", "width": 1}},
            text=[_hover(mark)], hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    hidden = {"visible": False, "showgrid": False}
    figure.update_xaxes(**hidden, range=[-0.12, 1.12])
    figure.update_yaxes(**hidden, range=[-0.09, 0.97], scaleanchor="x")
    figure.update_layout(height=620)
    return figure


def _corners(figure: Any, elements: Sequence[str], shown: set[str]) -> None:
    """Names of the corners where another phase stands on them, as when open to lithium."""
    for i, (element, turn) in enumerate(zip(elements, ("right", "left", "center"), strict=True)):
        if element in shown:
            continue
        x, y = _flat([float(k == i) for k in range(3)])
        figure.add_annotation(
            x=x, y=y, text=f"corner {element}", showarrow=False, font={"color": style.GREY},
            xanchor=turn, yshift=36 if i == 2 else -30,
        )  # fmt: skip


def _hidden(p: Place, stable: Sequence[Place]) -> bool:
    """Whether a stable phase stands on the same point (they differ in lithium only)."""
    return any(math.dist(p.fractions, s.fractions) < 1e-6 for s in stable)


def _stable_points(figure: Any, stable: Sequence[Place]) -> None:
    figure.add_scatter(
        x=[_flat(p.fractions)[0] for p in stable], y=[_flat(p.fractions)[1] for p in stable],
        mode="markers", name="stable", marker={"size": 10, "color": style.BLUE,
                                               "line": {"color": "white", "width": 1}},
        text=[_hover(p) for p in stable], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for p in stable:
        x, y = _flat(p.fractions)
        away = (x - 0.5, y - HEIGHT / 3.0)  # from the middle of the triangle outwards
        size = math.hypot(*away) or 1.0
        figure.add_annotation(
            x=x, y=y, text=style.plain(p.formula), showarrow=False, font={"size": 12},
            xshift=24.0 * away[0] / size, yshift=(16.0 * away[1] / size) or 14.0,
            bgcolor="rgba(255,255,255,0.75)", borderpad=0,
        )  # fmt: skip


def _points(figure: Any, unstable: Sequence[Place]) -> None:
    if not unstable:
        return
    figure.add_scatter(
        x=[_flat(p.fractions)[0] for p in unstable], y=[_flat(p.fractions)[1] for p in unstable],
        mode="markers", name="not stable", text=[_hover(p) for p in unstable],
        hovertemplate="%{text}<extra></extra>", marker=_coloured(unstable) | {"symbol": "square"},
    )  # fmt: skip


def _coloured(unstable: Sequence[Place]) -> dict[str, Any]:
    """Colour by distance from the hull."""
    above = [min(habitual(p.above_hull or 0.0, "energy_per_atom"), FAR) for p in unstable]
    return {
        "size": 8, "color": above, "colorscale": SCALE, "cmin": 0.0, "cmax": max(above),
        "line": {"color": "white", "width": 0.5},
        "colorbar": {"title": {"text": "above hull (eV/atom)", "side": "right"}, "len": 0.6,
                     "thickness": 12, "outlinewidth": 0},
    }  # fmt: skip


def _hover(p: Place) -> str:
    lines = [style.plain(p.formula)]
    if p.above_hull is not None:
        lines.append(f"{habitual(p.above_hull, 'energy_per_atom'):.3f} eV/atom above the hull")
    if p.at_rest and p.at_rest != (p.formula,):
        lines.append(f"consists of {style.plain(' + '.join(p.at_rest))}")
    return "<br>".join([*lines, f"stable against lithium {_range(p)}"])


# --- tetrahedron ----------------------------------------------------------------------------------


def _solid(p: Sequence[float]) -> tuple[float, float, float]:
    """Space coordinates of four fractions."""
    x, y, z = (sum(f * c[i] for f, c in zip(p, _TETRAHEDRON, strict=True)) for i in range(3))
    return x, y, z


def _tetrahedron(result: StabilityMap) -> Any:
    figure = style.empty("", "", _title(result))
    edges = [(a, b) for i, a in enumerate(_TETRAHEDRON) for b in _TETRAHEDRON[:i]]
    _strokes(figure, edges, style.GREY, 2, "")
    ties = [(_solid(result.places[i].fractions), _solid(result.places[j].fractions))
            for i, j in result.ties]  # fmt: skip
    _strokes(figure, ties, style.GREEN, 2, "tie line: both coexist")
    unstable = [p for p in result.places if not p.stable]
    if unstable:
        _cloud(figure, unstable, "not stable", _coloured(unstable) | {"size": 4}, labels=False)
    stable = [p for p in result.places if p.stable]
    named = {f for mark in result.marked for f in mark.at_rest} | set(result.elements)
    for labels in (True, False):  # too many names hide the map: the others have their hover
        part = [p for p in stable if (p.formula in named or _pure(p)) == labels]
        about = {"size": 5, "color": style.BLUE}
        if part:
            _cloud(figure, part, "stable" if labels else "", about, labels=labels)
    for i, mark in enumerate(result.marked):
        about = {"size": 9, "color": MARKS[i % len(MARKS)], "symbol": "diamond"}
        _cloud(figure, [mark], style.plain(mark.formula), about, labels=False)
    spans = {"x": 1.0, "y": HEIGHT, "z": math.sqrt(2.0 / 3.0)}
    axes = {f"{k}axis": {"visible": False, "range": [-0.02, v + 0.02]} for k, v in spans.items()}
    figure.update_layout(
        height=680, margin={"l": 20, "r": 0},
        scene=axes | {
               "aspectmode": "manual", "aspectratio": {k: ZOOM * v for k, v in spans.items()},
               "camera": {"eye": {"x": 0.75, "y": -1.1, "z": 0.45}, "center": {"z": -0.06},
                          "projection": {"type": "orthographic"}}},
    )  # fmt: skip
    return figure


def _pure(p: Place) -> bool:
    return max(p.fractions) > 1.0 - 1e-9


def _strokes(figure: Any, lines: Sequence[Any], color: str, width: int, name: str) -> None:
    coordinates = [
        [v for a, b in lines for v in (a[i], b[i], None)] for i in range(3)
    ]  # fmt: skip
    figure.add_scatter3d(
        x=coordinates[0], y=coordinates[1], z=coordinates[2], mode="lines", hoverinfo="skip",
        line={"color": color, "width": width}, name=name, showlegend=bool(name),
    )  # fmt: skip


def _cloud(
    figure: Any, places: Sequence[Place], name: str, marker: dict[str, Any], *, labels: bool
) -> None:
    points = [_solid(p.fractions) for p in places]
    figure.add_scatter3d(
        x=[p[0] for p in points], y=[p[1] for p in points], z=[p[2] for p in points],
        mode="markers+text" if labels else "markers", name=name, marker=marker,
        showlegend=bool(name),
        text=[style.plain(p.formula) for p in places], textposition="top center",
        textfont={"size": 11}, hovertext=[_hover(p) for p in places],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
