"""Three windows side by side as people read them in a terminal."""

from __future__ import annotations

import math

from anolyte.core.units import show as shown
from anolyte.faces import uncertainties
from anolyte.faces.console import Page
from anolyte.materials.references import cite, fields
from anolyte.models.window_uncertainty import WindowUncertaintyResult
from anolyte.studies.three_windows import ThreeWindows
from anolyte.studies.window_gaps import Gap, reached


def show(result: ThreeWindows, sample: WindowUncertaintyResult | None = None) -> None:
    """The limits, the gaps with what they come from, and what others measured.

    Args:
        result: The three windows.
        sample: Error bars of the thermodynamic one; None: not asked for.
    """
    page = Page()
    title = result.electrolyte
    if result.formula not in ("", title):
        title += f" ({result.formula})"
    page.line(f"{title}: windows, V vs Li/Li⁺", "bold")
    page.columns(
        [row(name, result) for name in result.limits],
        head=("", "reduction", "oxidation", "width", ""), right=(1, 2, 3),
    )  # fmt: skip
    page.heading("Gaps, and what they come from")
    for gap in result.gaps:
        if not gap.source:
            page.line(f"  {gap.side}, {gap.inner} to {gap.beyond}: {width(gap)}")
            page.columns([("-", r) for r in gap.reasons], styles=("dim",), indent=4)
    if result.reported:
        page.heading("Measured by others, and how far beyond the computed window")
        for side, text, beyond, reasons in others(result):
            page.bullets([f"{side}: {text}: {beyond}"])
            page.columns([("-", r) for r in reasons], styles=("dim",), indent=4)
    if sample is not None:
        uncertainties.show(page, sample)
    if result.warnings:
        page.heading("Keep in mind")
        page.bullets(result.warnings)
    page.heading("Sources")
    page.bullets((cite(k) for k in result.sources), "dim")


def others(result: ThreeWindows) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What each paper measured: side, text, distance, and the reasons that were not told before."""
    told: set[str] = set()
    rows = []
    gaps = [gap for gap in result.gaps if gap.source]
    for limit, gap in zip(result.reported, gaps, strict=True):
        fresh = tuple(r for r in gap.reasons if r not in told)
        told |= set(fresh)
        rows.append((limit.side, limit.text, f"{width(gap)} beyond the {gap.inner} limit", fresh))
    return rows


def width(gap: Gap) -> str:
    """The width of a gap in words."""
    if gap.width is None:
        return "unknown"
    return ("at least " if gap.at_least else "") + f"{gap.width:+.2f} V"


def basis(name: str, result: ThreeWindows) -> str:
    """What a window rests on, in a few words."""
    if name == "thermodynamic":
        return f"equilibria of phases, {result.thermodynamic.convention}"
    if name == "measured":
        m = result.measured
        return "" if m is None else (
            f"onsets by threshold, {m.electrode}, {shown(m.scan_rate, 'scan_rate')}"
        )  # fmt: skip
    steps = [s for s in result.kinetic.steps if s.potential > 0.0]
    if not steps:
        return "no topotactic state is known"
    whose = ", ".join(dict.fromkeys(f"{s.how} by {author(s.source)}" for s in steps))
    gaps = [g.width for g in result.gaps if g.beyond == "kinetic"]
    apart = " and ".join("unknown" if g is None else f"{g:+.2f} V" for g in gaps)
    return f"{whose}; beyond decomposition in like energies by {apart}"


def ends(name: str, result: ThreeWindows) -> tuple[tuple[float | None, str], ...]:
    """Place and label of both ends of a window; a place is None where nothing is known."""
    found = []
    for side, limit in zip(result.sides, result.limits[name], strict=True):
        if limit is not None:
            found.append((limit, f"{limit:.2f}" if math.isfinite(limit) else "no limit"))
        elif name == "measured" and result.measured is not None:
            place, _ = reached(side, result.measured)
            beyond = "<" if side == "reduction" else ">"
            found.append((place, "not swept" if place is None else f"{beyond} {place:.2f}"))
        else:
            found.append((None, "unknown"))
    return tuple(found)


def row(name: str, result: ThreeWindows) -> tuple[str, ...]:
    """Name, limits, width, and what a window rests on."""
    low, high = result.limits[name]
    whole = "" if low is None or high is None or math.isinf(high) else f"{high - low:.2f}"
    return (name, *(label for _, label in ends(name, result)), whole, basis(name, result))


def author(key: str) -> str:
    """First author and year of a source."""
    about = fields(key)
    authors = about.get("author", key).split(" and ")
    name = authors[0].split(",")[0].split()[-1]
    return f"{name}{' et al.' if len(authors) > 1 else ''} {about.get('year', '')}".strip()
