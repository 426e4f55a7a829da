"""Volume changes of several interfaces side by side."""

from __future__ import annotations

from typing import Any

from anolyte.core.errors import DataError
from anolyte.faces.figures import style
from anolyte.models.volume import VolumeResult


def volume_changes(*results: VolumeResult) -> Any:
    """Bars of the volume changes at each interface: products, whole interface, the anode's host.

    Args:
        results: One or more; what is not known has no bar, and says so.

    Raises:
        DataError: Nothing to draw.
    """
    if not results:
        raise DataError("volume changes of nothing: give one result or more")
    figure = style.empty("volume change (%)", "", "Volume changes at the interface")
    names = [style.plain(r.interface) for r in results]
    for label, color, values in (
        ("products against what they replace", style.BLUE,
         [None if r.ratio is None else r.ratio - 1.0 for r in results]),
        ("whole interface, lithium counted", style.ORANGE, [r.change for r in results]),
        ("the anode's host, empty to full", style.PURPLE, [r.host_expansion for r in results]),
    ):  # fmt: skip
        if any(v is not None for v in values):
            _bars(figure, names, [None if v is None else 100.0 * v for v in values], label, color)
    for name, r in zip(names, results, strict=True):
        if r.ratio is None:
            why = style.plain(r.unknown[:70]) or "no interphase forms"
            figure.add_annotation(x=0.0, y=name, text=why, showarrow=False, xanchor="left",
                                  xshift=6, font={"size": 11, "color": style.GREY})  # fmt: skip
    figure.add_vline(x=0.0, line={"color": style.GREY, "width": 1})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=180 + 95 * len(results), bargap=0.3, barmode="group",
                         legend={"traceorder": "normal"})  # fmt: skip
    return figure


def _bars(
    figure: Any, names: list[str], values: list[float | None], label: str, color: str
) -> None:
    figure.add_bar(
        x=values, y=names, orientation="h", name=label, marker={"color": color},
        text=["" if v is None else f"{v:+.0f}%" for v in values], textposition="auto",
        hovertemplate="%{y}: %{x:.1f}%<extra></extra>",
    )  # fmt: skip
