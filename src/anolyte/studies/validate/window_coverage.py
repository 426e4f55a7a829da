r"""Whether intervals of 90 % hold 90 % of the published limits, and what the shortfall comes from.

Every standard deviation times a factor tells how much larger the errors would have to be; two
papers on one compound tell how far published limits differ among themselves,

$$ s = \sqrt{\overline{(V_a - V_b)^2} / 2} . $$

Nothing is tuned by it: the factor in use is one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from itertools import combinations

from anolyte.studies.validate.window_intervals import (
    WindowInterval,
    counts,
    judged,
    window_intervals,
)

FACTORS = (1.5, 2.0, 3.0, 4.0)
NARROW = 0.1
"""V: an interval as narrow rests on measured energies alone."""
NORMAL = statistics.NormalDist().inv_cdf(0.95)


def scatter(found: Sequence[WindowInterval], side: str) -> float:
    """Standard deviation of one published limit, V, from pairs of papers on one compound."""
    groups: dict[str, list[float]] = {}
    for x in judged(found, side):
        groups.setdefault(x.published.formula, []).append(x.printed(side) or 0.0)
    apart = [(a - b) ** 2 for values in groups.values() for a, b in combinations(values, 2)]
    return math.sqrt(statistics.fmean(apart) / 2.0)


def _with_scatter(found: Sequence[WindowInterval], side: str) -> tuple[int, int]:
    """How many lie inside once the scatter of the papers is added in quadrature."""
    own, among = NORMAL * scatter(found, side), judged(found, side)
    hits = 0
    for x in among:
        value, span = x.printed(side), x.span(side)
        assert value is not None and span is not None
        below, above = span[0] - span[1], span[2] - span[0]
        # The nominal limit may lie outside the draws' interval, which stays as it is there.
        low = span[0] - math.hypot(max(below, 0.0), own)
        high = span[0] + math.hypot(max(above, 0.0), own)
        hits += min(low, span[1]) <= value <= max(high, span[2])
    return hits, len(among)


def _part(
    found: Sequence[WindowInterval], side: str, wanted: Callable[[WindowInterval], bool]
) -> tuple[int, int]:
    return counts([x for x in found if wanted(x)], side)


def _narrow(x: WindowInterval, side: str) -> bool:
    span = x.span(side)
    return span is not None and span[2] - span[1] < NARROW


def to_markdown(draws: int = 1000) -> str:
    """The shares of published limits inside our 5 to 95 %, taken apart."""
    found = window_intervals(draws=draws)
    sides = ("reduction", "oxidation")
    rows = {"with the errors as stated": [counts(found, s) for s in sides]}
    for factor in FACTORS:
        scaled = window_intervals(draws=draws, errors=factor)
        rows[f"all standard deviations × {factor:g}"] = [counts(scaled, s) for s in sides]
    both = " and ".join(f"{scatter(found, s):.2f} V" for s in sides)
    rows[f"with the papers' own scatter ({both})"] = [_with_scatter(found, s) for s in sides]
    for name, key in (("Zhu et al.", "zhu2015"), ("Richards et al.", "richards2016")):
        rows[f"of {name} alone"] = [
            _part(found, s, lambda x, key=key: x.published.source == key) for s in sides
        ]
    rows[f"intervals narrower than {NARROW} V"] = [
        _part(found, s, lambda x, s=s: _narrow(x, s)) for s in sides
    ]
    rows["wider intervals"] = [_part(found, s, lambda x, s=s: not _narrow(x, s)) for s in sides]
    lines = ["| published limits inside 5 to 95 % | reduction | oxidation |", "| --- | --- | --- |"]
    lines += [f"| {name} | {' | '.join(map(_share, cells))} |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"


def _share(cell: tuple[int, int]) -> str:
    hits, among = cell
    return f"{hits} of {among} ({100 * hits / among:.0f} %)" if among else "none"
