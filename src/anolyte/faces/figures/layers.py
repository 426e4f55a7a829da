"""Figure of a screen: how much candidate layers react on either side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.studies.interlayers import Candidate, InterlayerScreen

LABELLED = 14
APART = 0.08
"""Share of the axes within which candidates share a label."""


def layers(result: InterlayerScreen) -> Any:
    """Reaction with the anode against reaction with the electrolyte, one point a candidate.

    Args:
        result: A screen; the best layers lie at the upper right. The dotted line is what the
            electrolyte and the anode release without a layer.
    """
    judged = result.answered
    title = (
        f"Layers between {style.plain(result.electrolyte)} and {style.plain(result.anode)}"
        f"<br><sub>{len(judged)} of {len(result.candidates)} judged; "
        f"{100.0 * result.unknown_share:.0f}% unknown for lack of competing phases</sub>"
    )
    figure = style.empty(
        "with the electrolyte (eV/atom)", "with the anode (eV/atom other than Li)", title
    )
    figure.update_layout(margin={"t": 70}, height=560)
    if not judged:
        return style.note(figure, "no candidate could be judged")
    bare = habitual(result.bare, "energy_per_atom")
    figure.add_hline(
        y=bare, line={"color": style.GREY, "dash": "dot"}, annotation_position="bottom left",
        annotation={"text": "no layer", "font": {"color": style.GREY}},
    )  # fmt: skip
    for name, color, part in (
        ("listed phase", style.BLUE, [c for c in judged if c.above_hull is not None]),
        ("no listed phase: lower bound", style.ORANGE, [c for c in judged if c.above_hull is None]),
    ):
        if part:
            _points(figure, part, name, color, size=8 if len(judged) < 200 else 4)
    if len(judged) < 200:
        _labels(figure, judged[:LABELLED], judged)
    figure.update_yaxes(
        range=[1.08 * min(_y(c) for c in judged), -0.16 * min(_y(c) for c in judged) or 0.1]
    )
    return figure


def _x(c: Candidate) -> float:
    return habitual(c.to_electrolyte or 0.0, "energy_per_atom")


def _y(c: Candidate) -> float:
    return habitual(c.to_anode or 0.0, "energy_per_atom")


def _points(figure: Any, part: Sequence[Candidate], name: str, color: str, *, size: int) -> None:
    figure.add_scatter(
        x=[_x(c) for c in part], y=[_y(c) for c in part], mode="markers",
        name=f"{name} ({len(part)})", marker={"size": size, "color": color, "opacity": 0.75},
        text=[_hover(c) for c in part],
        hovertemplate="%{text}<br>%{x:.3f} and %{y:.3f} eV/atom<extra></extra>",
    )  # fmt: skip


def _labels(figure: Any, best: Sequence[Candidate], judged: Sequence[Candidate]) -> None:
    """Names of the best; those that lie together share a label."""
    wide = -min(_x(c) for c in judged) or 1.0
    high = -min(_y(c) for c in judged) or 1.0
    shared: dict[tuple[int, int], list[Candidate]] = {}
    for c in best:
        place = round(_x(c) / wide / APART), round(_y(c) / high / APART)
        shared.setdefault(place, []).append(c)
    for group in shared.values():
        names = [style.plain(c.name) for c in group]
        lines = [", ".join(names[i : i + 4]) for i in range(0, len(names), 4)]
        figure.add_annotation(
            x=_x(group[0]), y=_y(group[0]), text="<br>".join(lines), xanchor="right", ax=-22,
            ay=-8 * len(lines) - 8, align="right", arrowhead=0, arrowcolor=style.GREY,
            font={"size": 11},
        )  # fmt: skip


def _hover(c: Candidate) -> str:
    lines = [style.plain(c.name), style.wrapped(c.electrolyte_reaction or "electrolyte: nothing")]
    return "<br>".join([*lines, style.wrapped(c.anode_reaction or "anode: nothing")])
