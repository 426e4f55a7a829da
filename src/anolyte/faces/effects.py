"""What a terminal shows of levers, of sweeps, and of the numbers that an answer hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anolyte.core.result import Number
from anolyte.core.units import KINDS, habitual, show
from anolyte.faces.console import Page
from anolyte.studies.levers import (
    LIFE,
    MEASURES,
    Answer,
    FirstPlating,
    LeverCurve,
    LeverResult,
    TemperatureSweep,
)
from anolyte.studies.sensitivity import QuickSensitivity, Sensitivity

MOST_AMOUNTS = 5
MOST_NUMBERS = 12
SMALL = 0.005
"""Share of the variance or of the moves below which a number is only counted."""
_KIND = {m.name: m.kind for m in MEASURES}


def curve(page: Page, found: LeverCurve) -> None:
    """One lever: its sign in a sentence, then every answer without and with it."""
    page.line(found.cell, "bold")
    page.line(f"{found.protocol}; {found.draws} sets of parameters", "dim")
    page.line()
    page.line(found.sentence)
    page.line()
    shown = _some(len(found.amounts), MOST_AMOUNTS)
    head = ["", "", "without", *(str(found.amounts[k]) for k in shown),
            f"sign at {found.amounts[0]}"]  # fmt: skip
    rows = []
    for a in found.answers:
        values = [a.best[0], *(a.best[k + 1] for k in shown)]
        rows.append((a.measure, KINDS[_KIND[a.measure]].label,
                     *(_value(v, a.measure) for v in values), _sign(a)))  # fmt: skip
    page.columns(rows, head, right=tuple(range(2, 3 + len(shown))))
    page.line()
    page.line(f"amount: {found.changes}; {found.basis}", "dim")
    page.line("sign: share of the draws that get better (then: worse) by 1 % or more", "dim")


def _sign(answer: Answer) -> str:
    """The sign, with the shares of the draws where not all say the same."""
    effect = answer.effects[0]
    if answer.sign == "no effect" or max(effect.better, effect.worse) == 1.0:
        return answer.sign
    shares = [f"{100 * share:.0f}" for share in (effect.better, effect.worse) if share]
    return f"{answer.sign}: {' and '.join(shares)} %"


def _value(number: Number | None, measure: str) -> str:
    """A number without its unit; a time to the end that never comes lasts."""
    if number is None:
        return "lasts" if measure == LIFE.name else "-"
    text = f"{habitual(number.si, number.kind):.3g}"
    return f"{float(text):.0f}" if "e+0" in text else text


def every_lever(page: Page, found: LeverResult) -> None:
    """Each lever with its signs in one paragraph."""
    page.line(found.cell, "bold")
    page.line(f"{found.protocol}; {found.draws} sets of parameters", "dim")
    page.line()
    page.columns([(o.text, o.sentence if o.effects else f"not here: {o.reason}")
                  for o in found.outcomes], styles=("bold",))  # fmt: skip


def warm(page: Page, found: TemperatureSweep) -> None:
    """A cell from cold to warm."""
    page.line(found.cell, "bold")
    page.line(f"{found.draws} sets of parameters at each temperature", "dim")
    page.line()
    page.line(_course("critical current density", found.critical, found, "current_density"))
    page.line(_course("cell resistance after 1 h", found.whole, found, "area_resistance"))
    page.line()
    head = ("°C", "mS cm⁻¹", "fresh face", "face, 1 h", "cell, 1 h", "mA cm⁻²", "10 to 90 %", "")
    rows = [
        (f"{habitual(t, 'temperature'):.4g}", _plain(s, "conductivity"),
         *(_plain(r, "area_resistance") for r in (fresh, face, whole)),
         _plain(j, "current_density"),
         f"{_plain(low, 'current_density')} to {_plain(high, 'current_density')}", doubt)
        for t, s, fresh, face, whole, j, low, high, doubt in zip(
            found.temperature, found.conductivity, found.fresh, found.face, found.whole,
            found.critical, found.low, found.high, found.doubts, strict=True,
        )
    ]  # fmt: skip
    page.columns(rows, head, right=tuple(range(6)))
    page.line()
    page.line("conductivity; resistances of the fresh face, of the face and of the cell after 1 h "
              "at rest (Ω cm²); critical current density with its interval", "dim")  # fmt: skip


def _course(name: str, values: Sequence[float], found: TemperatureSweep, kind: str) -> str:
    """From the first to the last temperature, and where it is highest and lowest."""
    at = [show(t, "temperature") for t in found.temperature]
    told = f"{name}: {show(values[0], kind)} at {at[0]} to {show(values[-1], kind)} at {at[-1]}"
    inside = range(1, len(values) - 1)
    low, high = min(values), max(values)
    turns = [(k, "least") for k in inside if values[k] == low < min(values[0], values[-1])][:1]
    turns += [(k, "most") for k in inside if values[k] == high > max(values[0], values[-1])][:1]
    return told + "".join(f"; {word} {show(values[k], kind)} at {at[k]}" for k, word in turns)


def _plain(value: float, kind: str) -> str:
    return f"{habitual(value, kind):.3g}"


def plating(page: Page, found: FirstPlating) -> None:
    """Islands beside an even film."""
    page.line(f"{found.cell}: first plating, islands beside an even film", "bold")
    page.line()
    head = ("mA h cm⁻²", "islands cover %", "efficiency, islands %", "efficiency, film %", "")
    rows = [
        (_plain(q, "areal_capacity"), f"{100 * c:.3g}", f"{100 * e:.4g}", f"{100 * f:.4g}", "")
        for q, c, e, f in zip(found.charge, found.islands, found.islands_efficiency,
                              found.film_efficiency, strict=True)
    ]  # fmt: skip
    page.columns([rows[k] for k in _some(len(rows), 12)], head, right=(0, 1, 2, 3))


def sobol(page: Page, found: Sensitivity) -> None:
    """Sobol indices, the most important first."""
    page.line(found.cell, "bold")
    page.line(f"{found.of}: variance by number, {found.runs} runs", "dim")
    page.line()
    big = [k for k, t in enumerate(found.total) if t >= SMALL][:MOST_NUMBERS]
    rows = [
        (found.names[k], f"{100 * found.total[k]:.0f} %", _bar(found.total[k]),
         f"{100 * max(found.first[k], 0.0):.0f} %", _factor(found.spreads[k]),
         found.known[k].replace("_", "-"))
        for k in big
    ]  # fmt: skip
    page.columns(rows, ("", "in all", "", "alone", "spread", "known"), right=(1, 3, 4))
    _rest(page, len(found.names) - len(big))


def quick(page: Page, found: QuickSensitivity) -> None:
    """What each number does when it alone is moved by its spread."""
    page.line(found.cell, "bold")
    page.line(
        f"{found.of} {show(found.answer, found.kind)} with the best values; each number moved "
        f"alone by its spread, at {found.draws} points, {found.runs} runs", "dim",
    )  # fmt: skip
    page.line()
    big = [k for k, w in enumerate(found.share) if w >= SMALL][:MOST_NUMBERS]
    rows = [
        (found.names[k], f"{100 * found.share[k]:.0f} %", _bar(found.share[k]),
         f"{_plain(found.lower[k], found.kind)} to {_plain(found.upper[k], found.kind)}",
         f"{found.slope[k]:+.2f}", _factor(found.spreads[k]), found.known[k].replace("_", "-"))
        for k in big
    ]  # fmt: skip
    label = KINDS[found.kind].label
    page.columns(rows, ("", "share", "", label, "exponent", "spread", "known"), right=(1, 4, 5))
    _rest(page, len(found.names) - len(big))


def _factor(sigma: float) -> str:
    """A logarithmic spread as people say it."""
    import math

    return f"×÷ {math.exp(sigma):.2g}"


def _bar(share: float, width: int = 20) -> str:
    return "#" * round(width * min(max(share, 0.0), 1.0))


def _rest(page: Page, count: int) -> None:
    if count:
        page.line(f"  and {count} more that hardly matter (--json, --csv)", "dim")


def _some(count: int, most: int) -> list[int]:
    """At most so many indices, spread evenly, both ends among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})


SHOWERS: dict[type, Any] = {
    LeverCurve: curve, LeverResult: every_lever, TemperatureSweep: warm, FirstPlating: plating,
    Sensitivity: sobol, QuickSensitivity: quick,
}  # fmt: skip
