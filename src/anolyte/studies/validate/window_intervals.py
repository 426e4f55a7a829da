"""Every published window beside ours with its error bars, and what each disagreement comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from anolyte.core.errors import AnolyteError
from anolyte.core.units import habitual
from anolyte.materials.library import default
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.references import fields
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window import Window, WindowResult
from anolyte.models.window_uncertainty import Limit, WindowUncertainty, WindowUncertaintyResult
from anolyte.studies.validate.windows import (
    STABLE_WITH_LITHIUM,
    PublishedRow,
    published_rows,
    reasons,
)

ROUNDING = 0.005
"""V and eV per atom: published numbers have two decimals."""
AGREES = 0.1
"""V and eV per atom: a larger distance is explained even inside a wide interval."""
TINY = 1e-9
"""Added before printing, so that no zero is negative."""
SIDES = ("reduction", "oxidation", "energy")


@dataclass(frozen=True)
class WindowInterval:
    """One published window and ours with error bars; None where energies lack.

    The driving force at 0 V is that of the phase's own energy where the table has the phase.
    """

    published: PublishedRow
    ours: WindowUncertaintyResult | None
    nominal: WindowResult | None

    def span(self, side: str) -> tuple[float, float, float] | None:
        """Ours with the energies of the table, 5 % and 95 %: V, or eV per atom for the energy."""
        if self.ours is None or self.nominal is None:
            return None
        if side == "energy":
            own, at = self.nominal, self.ours.at_anode
            force = own.driving_force - (own.energy_above_hull or 0.0)
            low, middle, high = (
                habitual(v, "energy_per_atom") for v in (at.low[0], force, at.high[0])
            )
            return middle, low, high
        limit: Limit = getattr(self.ours, side)
        return limit.nominal, limit.low, limit.high

    def printed(self, side: str) -> float | None:
        """What was published, in the units of `span`."""
        value = getattr(self.published, side)
        if side == "energy" and value is not None:
            return habitual(value, "energy_per_atom")
        return value

    def inside(self, side: str) -> bool | None:
        """Whether the published number lies inside our 5 to 95 %; None: nothing to compare."""
        value, span = self.printed(side), self.span(side)
        if value is None or span is None:
            return None
        return span[1] - ROUNDING <= value <= span[2] + ROUNDING

    def disagrees(self, side: str) -> bool:
        """Whether it lies outside, or farther from ours than `AGREES`."""
        value, span = self.printed(side), self.span(side)
        if value is None or span is None:
            return False
        return self.inside(side) is False or not abs(value - span[0]) <= AGREES

    @property
    def unexplained(self) -> tuple[str, ...]:
        """What disagrees and has no reason in the data."""
        return tuple(s for s in SIDES if self.disagrees(s) and not self.published.reasons.get(s))


def window_intervals(
    phases: Phases | None = None, draws: int = 1000, seed: int = 0, errors: float = 1.0
) -> tuple[WindowInterval, ...]:
    """Every published window beside ours.

    Args:
        phases: Reference energies; None: the embedded table.
        draws, seed: As of `WindowUncertainty`.
        errors: What all standard deviations are multiplied by.
    """
    phases = phases or embedded()
    rows = tuple(
        replace(p, sigma=None if p.sigma is None else errors * p.sigma) for p in phases.rows
    )
    scaled = phases if errors == 1.0 else replace(phases, rows=rows)
    sampled, exact = WindowUncertainty(scaled, draws, seed, on_hull=False), Window(phases)
    known: dict[str, tuple[WindowUncertaintyResult, WindowResult] | tuple[None, None]] = {}
    for text in dict.fromkeys(row.formula for row in published_rows()):
        try:
            at = Interface(default().electrolyte(text, as_printed=True), "Li"), Conditions()
            known[text] = sampled(*at), exact(*at)
        except AnolyteError:
            known[text] = None, None
    return tuple(WindowInterval(row, *known[row.formula]) for row in published_rows())


def judged(found: Iterable[WindowInterval], side: str) -> list[WindowInterval]:
    """Those whose published limit counts.

    Only what papers computed themselves does; that a compound is stable with lithium (0 V) is a
    statement apart from how far a limit is off.
    """
    return [
        x for x in found
        if x.published.own and x.inside(side) is not None
        and (side != "reduction" or (x.printed(side) or 0.0) > STABLE_WITH_LITHIUM)
    ]  # fmt: skip


def counts(found: Iterable[WindowInterval], side: str) -> tuple[int, int]:
    """How many published limits lie inside, and of how many."""
    among = judged(found, side)
    return sum(x.inside(side) is True for x in among), len(among)


# --- the tables of the docs -----------------------------------------------------------------------


def to_markdown(found: Sequence[WindowInterval]) -> str:
    """Every published limit beside ours; one outside our 5 to 95 % is bold and has its reason."""
    number = _numbered(found)
    lines = [
        "| formula | paper | reduction / V | ours (5 to 95 %) | oxidation / V | ours (5 to 95 %) "
        "| why |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for x in found:
        cells = [
            cell for side in ("reduction", "oxidation")
            for cell in (_printed(x, side), _ours(x, side))
        ]  # fmt: skip
        keys = _keys(x, ("reduction", "oxidation"))
        why = "no energies" if x.ours is None else ", ".join(str(number[key]) for key in keys)
        lines.append(f"| {x.published.formula} | {_paper(x)} | {' | '.join(cells)} | {why} |")
    inside = [counts(found, side) for side in ("reduction", "oxidation")]
    lines += [
        "",
        f"Of the papers' own limits {inside[0][0]} of {inside[0][1]} reductions (those of 0 V "
        f"apart) and {inside[1][0]} of {inside[1][1]} oxidations lie inside our 5 to 95 %.",
        "",
        *_products(found, number),
        "",
        "Why:",
        "",
        *(f"{i}. {reasons()[key]}" for key, i in number.items()),
    ]
    return "\n".join(lines) + "\n"


def _products(found: Sequence[WindowInterval], number: dict[str, int]) -> list[str]:
    """Published products and driving forces at 0 V beside ours."""
    lines = [
        "| formula | paper | first reduction to | ours (probability) | at 0 V | ours "
        "| eV/atom at 0 V | ours (5 to 95 %) | why |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for x in found:
        p = x.published
        if x.ours is None or not (p.first_products or p.lithium_products):
            continue
        why = ", ".join(str(number[key]) for key in _keys(x, ("energy",)))
        lines.append(
            f"| {p.formula} | {_paper(x)} | {p.first_products} | {_first(x)} "
            f"| {p.lithium_products} | {_made(x)} | {_printed(x, 'energy')} "
            f"| {_ours(x, 'energy')} | {why} |"
        )
    return lines


def _first(x: WindowInterval) -> str:
    """Products of our first reduction step, and how likely they are the first."""
    assert x.nominal is not None and x.ours is not None
    step = next((s for s in x.nominal.steps if s.side == "reduction"), None)
    made = set(step.products) if step is not None else set()
    modes = x.ours.reduction.modes
    chance = next((m.probability for m in modes if set(m.products) == made), 0.0)
    return f"{', '.join(sorted(made)) or 'none'} ({100 * chance:.0f} %)"


def _made(x: WindowInterval) -> str:
    """Our products at 0 V, without their amounts."""
    assert x.nominal is not None
    terms = x.nominal.products_at_anode.partition(" → ")[2].split(" + ")
    return ", ".join(sorted(term.rpartition(" ")[2] for term in terms))


def _numbered(found: Iterable[WindowInterval]) -> dict[str, int]:
    """The number of each reason, in the order of the tables."""
    found = tuple(found)
    first = [key for x in found for key in _keys(x, ("reduction", "oxidation"))]
    last = [key for x in found for key in _keys(x, ("energy",))]
    return {key: i for i, key in enumerate(dict.fromkeys([*first, *last]), start=1)}


def _keys(x: WindowInterval, sides: Iterable[str]) -> list[str]:
    """Reasons of what disagrees."""
    return list(dict.fromkeys(
        key for side in sides if x.disagrees(side)
        for key in x.published.reasons.get(side, ())
    ))  # fmt: skip


def _paper(x: WindowInterval) -> str:
    about = fields(x.published.source)
    author = about.get("author", x.published.source).split(" and ")[0].split(",")[0].split()[-1]
    name = f"{author} {about.get('year', '')}".strip()
    return {"later corrections": "later corrections", "quoted": f"{name} (quotes)"}.get(
        x.published.method, f"{name} (from memory)" if x.published.known == "recalled" else name
    )


def _printed(x: WindowInterval, side: str) -> str:
    value = x.printed(side)
    if value is None:
        return ""
    return f"**{value:.2f}**" if x.inside(side) is False else f"{value:.2f}"


def _ours(x: WindowInterval, side: str) -> str:
    """Ours with its interval, whether or not the paper printed this number."""
    span = x.span(side)
    if span is None:
        return ""
    middle, low, high = (f"{v + TINY:.2f}" if math.isfinite(v) else "none" for v in span)
    return f"{middle} ({low} to {high})"
