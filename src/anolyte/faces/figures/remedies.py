"""What remedies gained where they were measured."""

from __future__ import annotations

from collections import Counter
from typing import Any

from anolyte.core.units import KINDS, habitual
from anolyte.faces.figures import style
from anolyte.faces.views import case, is_backed, usable
from anolyte.studies.assess import Assessment
from anolyte.studies.cases import Case

MOST = 14


def gains(result: Assessment) -> Any:
    """Untreated and treated value of the nearest case of each measured remedy, on a log axis.

    Shown for the quantity that most remedies were measured by.
    """
    found = _cases(result)
    quantity = found[0][1].quantity if found else "interfacial_resistance"
    unit = KINDS[found[0][1].after.kind].label if found else "\u03a9 cm\u00b2"
    name = quantity.replace("_", " ")
    figure = style.empty(f"{name} ({unit})", "", f"What remedies gained: {name}")
    if not found:
        return style.note(figure, "no measured remedy")
    names = [style.wrapped(title, 24) for title, _ in found]  # room for the points on a phone
    for i, (_, c) in enumerate(found):
        figure.add_shape(
            type="line", x0=_value(c, False), x1=_value(c, True), y0=i, y1=i,
            line={"color": style.GREY, "width": 1.5, "dash": _dash(c)},
        )  # fmt: skip
    for treated, label, colour, symbol in (
        (False, "untreated", style.VERMILION, "circle-open"),
        (True, "treated", style.BLUE, "circle"),
    ):
        figure.add_scatter(
            x=[_value(c, treated) for _, c in found], y=list(range(len(found))), mode="markers",
            name=label, marker={"color": colour, "symbol": symbol, "size": 9},
            text=[style.wrapped(case(c)) for _, c in found],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="log")
    figure.update_yaxes(
        tickvals=list(range(len(found))),
        ticktext=names,
        autorange="reversed",
        tickfont={"size": 11},
    )
    figure.update_layout(height=160 + 34 * len(found), title={"xref": "container", "x": 0.02})
    return figure


def _cases(result: Assessment) -> list[tuple[str, Case]]:
    """Remedies with their nearest case of the commonest quantity."""
    backed = [r for r in usable(result) if is_backed(r) and r.cases]
    counts = Counter(c.quantity for r in backed for c in r.cases[:1] if c.before is not None)
    if not counts:
        return []
    quantity = counts.most_common(1)[0][0]
    found = []
    for r in backed:
        own = [c for c in r.cases if c.quantity == quantity and c.before is not None]
        if own:
            found.append((r.title, own[0]))
    return found[:MOST]


def _value(c: Case, treated: bool) -> float:
    number = c.after if treated or c.before is None else c.before
    return habitual(number.si, number.kind)


def _dash(c: Case) -> str:
    """Broken where the untreated value is the median of other papers."""
    return "solid" if c.control == "same paper" else "dot"
