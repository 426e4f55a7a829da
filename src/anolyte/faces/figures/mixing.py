"""Reaction energy against mixing ratio, every kink labelled with what forms there."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.faces.figures.reactions import lowest
from anolyte.models.reactions import Kink, Profile, ReactionsResult

NEGLIGIBLE = 1e-6  # eV/atom
LINE = 18  # px of height a line of the key


def mixing(result: ReactionsResult) -> Any:
    """Reaction energy of the junctions against mixing ratio with the products at every kink.

    Args:
        result: Of the junction that releases most the closed profile and, of several potentials,
            the lowest. Numbers lead to the products below; the dashed line is the part due to
            mixing.
    """
    drawn = _reacting(result)
    title = f"Reactions of {style.plain(result.interface)}"
    figure = style.empty("share of the left neighbour's atoms", "reaction energy (eV/atom)", title)
    if not drawn:
        why = "see the molecular rule" if not result.profiles else "no junction reacts at any ratio"
        return style.note(figure, why)
    figure.add_hline(y=0.0, line={"color": style.GREY, "width": 1})
    key: list[str] = []
    for i, profile in enumerate(drawn):
        _curve(figure, profile, style.PALETTE[i], key)
    figure.update_xaxes(range=[-0.06, 1.06])
    figure.update_layout(
        height=520 + LINE * len(key), margin={"b": 150 + LINE * len(key)}, showlegend=True
    )
    figure.add_annotation(
        text="<br>".join(key), x=0.0, y=0.0, xref="paper", yref="paper", yshift=-76,
        xanchor="left", yanchor="top", align="left", showarrow=False, font={"size": 12},
    )  # fmt: skip
    return figure


def _reacting(result: ReactionsResult) -> list[Profile]:
    """The closed and the open profile of the junction that releases most."""
    found = [p for p in lowest(result.profiles) if _depth(p) > NEGLIGIBLE]
    if not found:
        return []
    worst = max(found, key=_depth)
    return [p for p in found if (p.left, p.right) == (worst.left, worst.right)]


def _depth(profile: Profile) -> float:
    return -habitual(profile.worst.energy, "energy_per_atom")


def _curve(figure: Any, p: Profile, color: str, key: list[str]) -> None:
    """A profile with a number at each kink that reacts; what forms there joins the key."""
    is_open = p.potential is not None
    where = f"open at {p.potential:.2f} V, per atom other than Li" if is_open else "closed"
    energies = [habitual(k.energy, "energy_per_atom") for k in p.kinks]
    numbers = []
    for kink, energy in zip(p.kinks, energies, strict=True):
        reacts = energy < -NEGLIGIBLE
        numbers.append(f"<b>{len(key) + 1}</b>" if reacts else "")
        if reacts:
            key.append(_entry(len(key) + 1, kink, energy, color))
    common = {
        "x": [k.x for k in p.kinks],
        "hovertext": [style.wrapped(k.reaction) for k in p.kinks],
        "hovertemplate": "x = %{x:.3f}: %{y:.3f} eV/atom<br>%{hovertext}<extra></extra>",
    }
    single = len(p.kinks) == 1  # against lithium itself there is no ratio to choose
    figure.add_scatter(
        **common, y=energies, text=numbers, textposition="bottom center",
        textfont={"color": color}, name=f"{style.plain(p.left)} | {style.plain(p.right)}, {where}",
        mode="markers+text" if single else "lines+markers+text",
        line={"color": color, "width": 2.5}, cliponaxis=False,
        marker={"size": 12 if single else 8, "symbol": "diamond" if single else "circle",
                "color": color},
    )  # fmt: skip
    if is_open and not single:
        figure.add_scatter(
            **common, y=[habitual(k.mutual, "energy_per_atom") for k in p.kinks],
            name="part due to mixing", mode="lines",
            line={"color": color, "width": 1.5, "dash": "dash"},
        )  # fmt: skip


def _entry(number: int, kink: Kink, energy: float, color: str) -> str:
    made = " + ".join(style.plain(f) for f in kink.products) or "nothing"
    return (f"<b><span style='color:{color}'>{number}</span></b>  x = {kink.x:.2f}, "
            f"{energy:.3f} eV/atom: {made}")  # fmt: skip
