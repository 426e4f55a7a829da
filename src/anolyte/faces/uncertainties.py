"""The error bars of a window as people read them in a terminal."""

from __future__ import annotations

import math

from anolyte.core.units import habitual
from anolyte.faces import views
from anolyte.faces.console import Page
from anolyte.models.window_uncertainty import Forces, Limit, Mode, WindowUncertaintyResult

MOST_SETS, MOST_PRODUCTS, MOST_ABSENCES, MOST_SHARES = 3, 8, 8, 6
SELDOM = 0.05
"""Products less likely are not printed."""


def show(page: Page, u: WindowUncertaintyResult) -> None:
    """Limits with intervals, probabilities, and what the answer hangs on."""
    page.heading(f"Under the errors of the energies ({u.draws} draws, seed {u.seed})")
    page.columns(
        [row for x in (u.reduction, u.oxidation) for row in limit_rows(x)],
        head=("V vs Li/Li⁺", "table", "5 %", "50 %", "95 %", "", "first products"),
        right=(1, 2, 3, 4, 5),
    )
    page.columns(certainties(u))
    if u.absences:
        page.heading("Limits without one phase; measured: nobody doubts that it exists")
        page.columns(
            [
                (f"without {a.formula}", "measured" if a.measured else "", volts(a.reduction_limit),
                 " + ".join(a.reduction_products) or "none", volts(a.oxidation_limit),
                 " + ".join(a.oxidation_products) or "none")
                for a in u.absences[:MOST_ABSENCES]
            ],
            head=("", "", "down to", "by", "up to", "by"), right=(2, 4),
        )  # fmt: skip
    if u.shares:
        page.heading("Whose error makes the variance of the limits")
        page.columns(
            [
                (s.formula, s.how, f"{1000 * habitual(s.sigma, 'energy_per_atom'):.0f}",
                 percent(s.reduction), percent(s.oxidation))
                for s in u.shares[:MOST_SHARES]
            ] + [("a change of products", "", "", _rest(u.reduction), _rest(u.oxidation))],
            head=("", "", "meV/atom", "reduction", "oxidation"), right=(2, 3, 4),
        )  # fmt: skip


def limit_rows(limit: Limit) -> list[tuple[str, ...]]:
    """A row for all draws, and one for each of the likeliest product sets."""
    rows = [(limit.side, volts(limit.nominal), *_quantiles(limit), "", "")]
    rows += [
        ("", "", *_quantiles(m), percent(m.probability), " + ".join(m.products) or "no step")
        for m in limit.modes[:MOST_SETS]
    ]
    others = limit.rest + sum(m.probability for m in limit.modes[MOST_SETS:])
    if others > 0.0:
        rows.append(("", "", "", "", "", percent(others), "other products"))
    return rows


def _quantiles(of: Limit | Mode) -> tuple[str, ...]:
    return (volts(of.low), volts(of.median), volts(of.high))


def certainties(u: WindowUncertaintyResult) -> list[tuple[str, str]]:
    """What is likely, one line each."""
    where = f"{u.anode} ({u.at_anode.potentials[0]:.2f} V)"
    rows = [(f"{where} inside the window", percent(u.inside))]
    if u.stable is not None:
        rows.append((f"{u.electrolyte} on the hull", percent(u.stable)))
    if u.zero_width:
        rows.append(("window of zero width", percent(u.zero_width)))
    rows.append((f"driving force at {where}", _force(u.at_anode)))
    likely = [
        f"{c.formula} {percent(c.probability)}"
        for c in u.chances
        if c.where == "anode" and c.probability >= SELDOM
    ]
    rows.append((f"products at {where}", views.some(likely, MOST_PRODUCTS)))
    return rows


def _force(forces: Forces) -> str:
    low, middle, high = (views.energy(x[0]) for x in (forces.low, forces.median, forces.high))
    return f"{middle} eV/atom (5 to 95 %: {low} to {high})"


def _rest(limit: Limit) -> str:
    return "" if limit.linear is None else percent(1.0 - limit.linear)


def volts(value: float) -> str:
    """A limit, which there may not be."""
    return f"{value:.2f}" if math.isfinite(value) else "none"


def percent(share: float) -> str:
    """A probability; what did not happen in every draw is never 100 %."""
    if 0.0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1.0 else f"{100.0 * share:.0f} %"
