"""Figure of interface reactions: energy against mixing ratio, every kink a balanced reaction."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import habitual
from anolyte.faces.figures import style
from anolyte.models.reactions import Profile, ReactionsResult


def profile(result: ReactionsResult) -> Any:
    """Reaction energy against mixing ratio of every junction, closed and open to lithium.

    Args:
        result: Solid lines: all that is released; broken lines: the part due to mixing. Open
            profiles count atoms other than lithium. Of several anode plateaus the lowest is drawn.
    """
    figure = style.empty(
        "share of the left neighbour's atoms",
        "reaction energy (eV/atom)",
        f"Reactions of {style.plain(result.interface)}",
    )
    if not result.profiles:
        return style.note(figure, "no phase equilibria here: see the molecular rule")
    for i, p in enumerate(lowest(result.profiles)):
        _draw(figure, p, style.PALETTE[i % len(style.PALETTE)])
    figure.update_xaxes(range=[-0.05, 1.05])
    figure.update_layout(height=460)
    return figure


def lowest(profiles: tuple[Profile, ...]) -> list[Profile]:
    """Of every junction the closed profile and the open one at the lowest potential."""
    chosen: dict[tuple[str, str, bool], Profile] = {}
    for p in profiles:
        key = (p.left, p.right, p.potential is None)
        if key not in chosen or (p.potential or 0.0) < (chosen[key].potential or 0.0):
            chosen[key] = p
    return list(chosen.values())


def _draw(figure: Any, p: Profile, color: str) -> None:
    where = "closed" if p.potential is None else f"open at {p.potential:.2f} V"
    name = f"{style.plain(p.left)} | {style.plain(p.right)}, {where}"
    common = {
        "x": [k.x for k in p.kinks],
        "text": [style.wrapped(k.reaction) for k in p.kinks],
        "legendgroup": name,
        "hovertemplate": "x = %{x:.3f}: %{y:.3f} eV/atom<br>%{text}<extra></extra>",
    }
    single = len(p.kinks) == 1  # against lithium itself there is no ratio to choose
    figure.add_scatter(
        **common, y=[habitual(k.energy, "energy_per_atom") for k in p.kinks], name=name,
        mode="markers" if single else "lines+markers",
        line={"color": color, "width": 2.5},
        marker={"size": 12 if single else 7, "symbol": "diamond" if single else "circle",
                "color": color},
    )  # fmt: skip
    mutual = [habitual(k.mutual, "energy_per_atom") for k in p.kinks]
    if p.potential is not None and not single:
        figure.add_scatter(
            **common, y=mutual, name=f"{name}, mixing part", showlegend=False, mode="lines",
            line={"color": color, "width": 1.5, "dash": "dash"},
        )  # fmt: skip
