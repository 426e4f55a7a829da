"""Figures of what forms: volume shares of the products, and volume changes."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import show
from anolyte.faces.figures import style
from anolyte.models.passivation import PassivationResult, Product
from anolyte.models.volume import VolumeResult


def volume_fractions(result: PassivationResult) -> Any:
    """Share of each product in the interphase, coloured by what it conducts.

    Args:
        result: The interphase at the anode.
    """
    title = f"Interphase of {style.plain(result.junction)}: {result.character}"
    figure = style.empty("share of the interphase's volume (%)", "", title)
    known = [p for p in result.products if p.volume_fraction is not None]
    if not known:
        why = "nothing forms" if not result.products else "a cell volume is missing"
        return style.note(figure, why)
    for label, color in _CLASSES.items():
        part = [p for p in known if conducts(p) == label]
        if part:
            figure.add_bar(
                x=[100.0 * (p.volume_fraction or 0.0) for p in part],
                y=[style.plain(p.formula) for p in part],
                orientation="h", marker={"color": color}, name=label,
                hovertemplate="%{y}: %{x:.1f}%<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=max(240, 150 + 42 * len(known)), bargap=0.35)
    return figure


_CLASSES = {
    "conducts electrons and ions": style.PURPLE,
    "conducts electrons": style.VERMILION,
    "conducts ions, blocks electrons": style.GREEN,
    "blocks electrons": style.SKY,
    "not known": style.GREY,
}


def conducts(product: Product) -> str:
    """What a product conducts, in words."""
    if product.electrons is None:
        return "not known"
    if product.electrons:
        return "conducts electrons and ions" if product.ions else "conducts electrons"
    return "conducts ions, blocks electrons" if product.ions else "blocks electrons"


def volume_change(result: VolumeResult) -> Any:
    """Volume changes of the interphase, of the whole interface and of the anode's host.

    Args:
        result: A volume change.
    """
    figure = style.empty("", "volume change (%)", f"Volume at {style.plain(result.interface)}")
    bars = {
        "products against<br>what they replace": None
        if result.ratio is None else 100.0 * (result.ratio - 1.0),
        "whole interface,<br>lithium counted": None
        if result.change is None else 100.0 * result.change,
        f"{style.plain(result.host)},<br>empty to full": None
        if result.host_expansion is None else 100.0 * result.host_expansion,
    }  # fmt: skip
    drawn = {k: v for k, v in bars.items() if v is not None}
    if not drawn:
        return style.note(figure, result.unknown[:80] or "no volume change")
    figure.add_hline(y=0.0, line={"color": style.GREY, "width": 1})
    figure.add_bar(
        x=list(drawn), y=list(drawn.values()), width=0.5, showlegend=False,
        marker={"color": [style.BLUE if v >= 0 else style.ORANGE for v in drawn.values()]},
        text=[f"{v:+.0f}%" for v in drawn.values()], textposition="auto",
        hovertemplate="%{y:.1f}%<extra></extra>",
    )  # fmt: skip
    if result.swing is not None:
        text = f"the lithium face moves by {show(result.swing, 'length')} each half cycle"
        figure.add_annotation(
            text=text, x=0.0, y=1.06, xref="paper", yref="paper", showarrow=False, xanchor="left"
        )
    figure.update_xaxes(showgrid=False)
    return figure
