"""Published windows beside ours with error bars: how many lie inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

from anolyte.core.errors import AnolyteError
from anolyte.materials.library import default
from anolyte.materials.phases import Phases
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window_uncertainty import Limit, WindowUncertainty, WindowUncertaintyResult
from anolyte.studies.validate.windows import (
    STABLE_WITH_LITHIUM,
    PublishedWindow,
    published_windows,
)

ROUNDING = 0.005
"""V: published limits have two decimals."""


@dataclass(frozen=True)
class WindowInterval:
    """One electrolyte: published limits and ours with error bars, None where energies lack."""

    published: PublishedWindow
    ours: WindowUncertaintyResult | None

    @property
    def reduction(self) -> bool | None:
        """Whether the published reduction limits reach into our 5 to 95 %; None: 0 V, or lacking.

        That a compound is stable with lithium is a statement apart from how far a limit is off.
        """
        p = self.published
        if self.ours is None or p.reduction_limit <= STABLE_WITH_LITHIUM:
            return None
        return _meets(self.ours.reduction, p.reduction_limit, p.reduction_spread)

    @property
    def oxidation(self) -> bool | None:
        """The same for the oxidation limits; None: none published, or energies lacking."""
        p = self.published
        if self.ours is None or math.isnan(p.oxidation_limit):
            return None
        return _meets(self.ours.oxidation, p.oxidation_limit, p.oxidation_spread)


def _meets(limit: Limit, median: float, spread: float) -> bool:
    half = spread / 2 + ROUNDING
    return median + half >= limit.low and median - half <= limit.high


def window_intervals(
    phases: Phases | None = None, draws: int = 1000, seed: int = 0
) -> tuple[WindowInterval, ...]:
    """Every formula that has a published window."""
    model, lib = WindowUncertainty(phases, draws, seed), default()
    found = []
    for published in published_windows():
        try:
            solid = lib.electrolyte(published.formula, as_printed=True)
            ours = model(Interface(solid, "Li"), Conditions())
        except AnolyteError:
            ours = None
        found.append(WindowInterval(published, ours))
    return tuple(found)


def to_markdown(intervals: tuple[WindowInterval, ...]) -> str:
    """The table of the docs; a published limit outside our 5 to 95 % is set in bold."""
    lines = [
        "| formula | published reduction / V | ours | 5 to 95 % | published oxidation / V | ours "
        "| 5 to 95 % | likeliest first reduction |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for x in intervals:
        p = x.published
        reduction = _published(p.reduction_limit, p.reduction_spread, x.reduction)
        oxidation = _published(p.oxidation_limit, p.oxidation_spread, x.oxidation)
        if x.ours is None:
            lines.append(f"| {p.formula} | {reduction} | no energies | | {oxidation} | | | |")
            continue
        mode = x.ours.reduction.modes[0]
        made = f"{' + '.join(mode.products) or 'none'} ({100 * mode.probability:.0f} %)"
        lines.append(
            f"| {p.formula} | {reduction} | {_ours(x.ours.reduction)} | {oxidation} "
            f"| {_ours(x.ours.oxidation)} | {made} |"
        )
    counts = []
    for side in ("reduction", "oxidation"):
        judged = [y for y in (getattr(x, side) for x in intervals) if y is not None]
        counts.append(f"{sum(judged)} of {len(judged)} published {side} limits")
    return "\n".join(lines) + f"\n\nInside 5 to 95 %: {' and '.join(counts)}.\n"


def _published(median: float, spread: float, inside: bool | None) -> str:
    if math.isnan(median):
        return ""
    low, high = median - spread / 2, median + spread / 2
    text = f"{low:.2f}" if spread < ROUNDING else f"{low:.2f} to {high:.2f}"
    return f"**{text}**" if inside is False else text


def _ours(limit: Limit) -> str:
    nominal, low, high = (
        f"{v:.2f}" if math.isfinite(v) else "none" for v in (limit.nominal, limit.low, limit.high)
    )
    return f"{nominal} | {low} to {high}"
