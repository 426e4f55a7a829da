"""Which numbers an answer hangs on: bars, the longest first, coloured by how each is known."""

from __future__ import annotations

from typing import Any

from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.figures import style
from anolyte.studies.sensitivity import QuickSensitivity, Sensitivity

MOST = 12
SMALL = 0.005
COLOURS = {"read": style.BLUE, "second_hand": style.ORANGE, "recalled": style.VERMILION}
WORDS = {"read": "read", "second_hand": "second-hand", "recalled": "recalled"}


def sobol(result: Sensitivity) -> Any:
    """Share of the variance in which each number has a hand, and what it does alone.

    Args:
        result: Sobol indices.
    """
    title = (
        f"{result.of.capitalize()}: numbers it hangs on<br><sub>{style.plain(result.cell)}</sub>"
    )
    figure = style.empty("share of the variance (%)", "", title)
    big = _big(result.total)
    if not big:
        return style.note(figure, "no number has a hand in it")
    _bars(figure, result, big, [100.0 * result.total[k] for k in big], "%{y}: %{x:.0f} % in all")
    figure.add_scatter(
        x=[100.0 * max(result.first[k], 0.0) for k in big], y=_rows(big), mode="markers",
        name="alone", marker={"symbol": "diamond", "color": "#222222", "size": 8},
        hovertemplate="alone: %{x:.0f} %<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero")
    return _finished(figure, result, big)


def quick(result: QuickSensitivity) -> Any:
    """The answer with each number one spread lower and one spread higher.

    Args:
        result: Numbers moved one at a time.
    """
    label = KINDS[result.kind].label
    title = (f"{result.of.capitalize()} when one number moves by its spread<br>"
             f"<sub>{style.plain(result.cell)}</sub>")  # fmt: skip
    figure = style.empty(f"{result.of} ({label})", "", title)
    big = _big(result.share)
    if not big:
        return style.note(figure, "no number moves it")
    low, high = ([habitual(v[k], result.kind) for k in big] for v in (result.lower, result.upper))
    _bars(figure, result, big, [b - a for a, b in zip(low, high, strict=True)],
          "%{customdata}", base=low, told=_moves(result, big))  # fmt: skip
    figure.add_scatter(
        x=high, y=_rows(big), mode="markers", name="one spread higher", hoverinfo="skip",
        marker={"symbol": "circle", "color": "#222222", "size": 8},
    )  # fmt: skip
    best = habitual(result.answer, result.kind)
    figure.add_vline(x=best, line={"color": style.GREY, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=1.0, y=1.0, xref="paper", yref="paper", yanchor="bottom", xanchor="right",
        showarrow=False, text=f"dotted: {show(result.answer, result.kind)}, the best values",
        font={"size": 12, "color": style.GREY},
    )  # fmt: skip
    return _finished(figure, result, big)


def _big(shares: tuple[float, ...]) -> list[int]:
    return [k for k, share in enumerate(shares) if share >= SMALL][:MOST]


def _rows(big: list[int]) -> list[int]:
    return list(range(len(big)))


def _moves(result: QuickSensitivity, big: list[int]) -> list[str]:
    return [
        f"{style.plain(result.names[k])}: {show(result.lower[k], result.kind)} one spread lower, "
        f"{show(result.upper[k], result.kind)} higher; {100 * result.share[k]:.0f} % of the moves"
        for k in big
    ]


def _bars(
    figure: Any, result: Any, big: list[int], lengths: list[float], hover: str,
    base: list[float] | None = None, told: list[str] | None = None,
) -> None:  # fmt: skip
    """Bars of one colour for each way of knowing, with a legend for it."""
    for known, colour in COLOURS.items():
        rows = [r for r, k in enumerate(big) if result.known[k] == known]
        if not rows:
            continue
        figure.add_bar(
            x=[lengths[r] for r in rows], y=rows, orientation="h", name=WORDS[known], width=0.62,
            base=None if base is None else [base[r] for r in rows],
            customdata=None if told is None else [told[r] for r in rows],
            marker={"color": colour, "opacity": 0.8}, hovertemplate=f"{hover}<extra></extra>",
        )  # fmt: skip


def _finished(figure: Any, result: Any, big: list[int]) -> Any:
    figure.update_yaxes(
        tickvals=_rows(big), ticktext=[style.plain(result.names[k]) for k in big],
        range=[len(big) - 0.4, -0.6], ticks="", showgrid=False,
    )  # fmt: skip
    figure.update_layout(height=190 + 30 * len(big), barmode="overlay", margin={"t": 76})
    return figure
