"""What people see of cycling data and voltammograms, in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from anolyte.core.units import show
from anolyte.faces.console import Page

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class View:
    """What is shown of a result, whatever shows it.

    Args:
        kind: What such a result is, in words.
        said: Where the data came from, and how they were measured or read.
        headline: The one number people ask for.
        rows: What was found, by name.
        head, table: A table of it, where there is one.
        right: Columns of the table that hold numbers.
        beside: What others say of it, by name.
    """

    kind: str
    said: str
    headline: str
    rows: Pairs = ()
    head: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    right: Sequence[int] = ()
    beside: Pairs = ()


def terminal(view: View, result: Any, *written: str) -> None:
    """Show a view on standard output.

    Args:
        view: What is shown.
        result: Behind it, with its warnings.
        written: Where its figure and its page went, "figure: PATH".
    """
    page = Page()
    page.line(view.headline, "bold")
    page.line(view.said, "dim")
    page.line()
    page.columns(view.rows, styles=("dim", ""))
    page.columns(view.table, view.head, right=view.right)
    if view.beside:
        page.heading("Beside the computed window")
        page.columns(view.beside, styles=("dim", ""))
    foot(page, result, *written)


def foot(page: Page, result: Any, *written: str) -> None:
    """What to keep in mind, and what was written."""
    if result.warnings:
        page.heading("Keep in mind")
        page.bullets(result.warnings)
    if written:
        page.line()
    for text in written:
        page.line(text)


def _percent(value: float | None, digits: int = 4) -> str:
    return "none" if value is None else f"{100 * value:.{digits}g} %"


def _probability(value: float) -> str:
    """A probability without digits that mean nothing."""
    if value > 0.999:
        return "above 99.9 %"
    return "below 0.1 %" if value < 0.001 else _percent(value, 2)


def ramp(result: Any) -> View:
    """A critical current with its protocol."""
    value = result.critical_current_density
    above = "above " if result.ending in ("not reached", "stopped") else ""
    stated = "not stated, see below" if value is None else (
        f"{above}{show(value, 'current_density')}")  # fmt: skip
    rows = [
        ("last survived", result.flow(result.survived)),
        ("first failed", result.flow(result.failed)),
        ("ended by", f"{result.kind} short" if result.ending == "short" else result.ending),
        *_short_rows(result),
    ]
    if result.charge_at_failure is not None:
        rows += [("charge of the half cycle until then", result.amount(result.charge_at_failure)),
                 ("cumulative capacity until then", result.amount(result.throughput))]  # fmt: skip
    rows += [("cumulative capacity of whole levels", result.amount(result.completed)),
             ("conditions", _conditions(result))]  # fmt: skip
    return View(
        "Ramp of the current", f"{result.file or 'ramp'}: {result.protocol}",
        f"Critical current density: {stated}", rows,
    )  # fmt: skip


def _short_rows(result: Any) -> Pairs:
    from anolyte.measure.traces.shorts import show_time

    if result.ending != "short":
        return []
    short, every = result.check.shorts[0], show_time(result.interval)
    at = f"at {show_time(short.alarm)} ({short.alarm:.0f} s), at a sampling interval of {every}"
    left = _percent(short.resistance / short.reference, 3)
    return [("alarm", at), ("left of the resistance", left)]


def _conditions(result: Any) -> str:
    kinds = (("temperature", "temperature"), ("stack_pressure", "pressure"))
    told = [
        show(v, kind) if (v := getattr(result, name)) is not None
        else f"{name.replace('_', ' ')} not known" for name, kind in kinds
    ]  # fmt: skip
    if result.pressing_pressure is not None:
        told.append(f"pressed at {show(result.pressing_pressure, 'pressure')}")
    return ", ".join(told)


def reading(result: Any) -> View:
    """Whatever a cycling file says."""
    first, *rows = [row for part in result.results for row in _PARTS[type(part).__name__](part)]
    headline = f"{first[0].capitalize()}: {first[1]}"
    said = f"{result.file}, read as {result.kind}: {result.because}"
    return View("Cycles", said, headline, rows)


def _life_rows(life: Any) -> list[tuple[str, str]]:
    from anolyte.measure.traces.shorts import show_time

    area = life.area
    first, last = (
        show(r, "resistance") if area is None else show(r * area, "area_resistance")
        for r in (life.first_resistance, life.last_resistance)
    )
    passed = show(life.throughput, "charge") if area is None else (
        show(life.throughput / area, "areal_capacity"))  # fmt: skip
    words = {"short": "shorted after", "drift": "drifted within", "alive": "alive after"}
    return [
        ("life", f"{words[life.ending]} {show_time(life.life)}"),
        ("health of the voltage", f"{life.check.kind}, at a sampling interval of "
         f"{show_time(life.check.interval)}"),
        ("half cycles until then", str(life.half_cycles)),
        ("resistance", f"{first} at first, {last} at the end"),
        ("charge until then", passed),
    ]  # fmt: skip


def _part_rows(split: Any) -> list[tuple[str, str]]:
    """Shares of the voltage at the end of the first and of the last half cycle."""
    rows = []
    for share in dict.fromkeys((split.shares[0], split.shares[-1])):
        end = share.voltage_end
        names = ("bulk", "grain_boundary", "interface", "charge_transfer")
        parts = [(name.replace("_", " "), getattr(share, name)) for name in names]
        parts.append(("what is left", share.rest_end))
        text = ", ".join(f"{name} {1e3 * v:.3g} mV" for name, v in parts if v != 0.0)
        at = f"voltage of half cycle {share.half_cycle}"
        rows.append((at, f"{1e3 * end:.3g} mV at its end: {text}"))
    return rows


def _void_rows(voids: Any) -> list[tuple[str, str]]:
    if voids.first is None:
        return [("voids", "no half cycle bends")]
    onset = voids.onset_capacity
    at = "" if onset is None else f", from {show(onset, 'areal_capacity')} of it on"
    count = sum(b.voids for b in voids.bends)
    return [("voids", f"{count} half cycles bend, the first is number {voids.first}{at}")]


def _efficiency_rows(found: Any) -> list[tuple[str, str]]:
    rows = [
        ("coulombic efficiency", f"{100 * found.efficiency:.3f} ± {100 * found.sigma:.2g} %, "
         f"{len(found.cycles)} cycles"),
        ("of the first cycle", _percent(found.first)),
    ]  # fmt: skip
    if found.settled is not None:
        rows.append(("of the second half", _percent(found.settled)))
    lost = show(found.lost, "charge") if found.area is None else (
        show(found.lost_capacity, "areal_capacity") if found.lost >= 0.0 else "none")  # fmt: skip
    return [*rows, ("not stripped", lost)]


def _reservoir_rows(found: Any) -> list[tuple[str, str]]:
    return [
        ("coulombic efficiency", f"{100 * found.efficiency:.3f} ± {100 * found.sigma:.2g} %, "
         f"{found.cycles} cycles of a reservoir"),
        ("if all was lost in the cycles", _percent(found.per_cycle)),
        ("reservoir, cycled, last", ", ".join(
            show(q, "charge") for q in (found.reservoir, found.cycled, found.stripped))),
    ]  # fmt: skip


def _fade_rows(found: Any) -> list[tuple[str, str]]:
    kind = "charge" if found.capacity is not None else "specific_capacity"
    first = found.capacity if found.capacity is not None else found.specific_capacity
    end = _percent(found.end, 3)
    rows = [
        ("retention", f"{_percent(found.last, 3)} after cycle {found.cycle[-1]}, "
         f"{100 * found.per_cycle:.3g} % lost a cycle"),
        ("capacity", f"{show(first, kind)} in cycle {found.reference}"),
    ]  # fmt: skip
    if found.knee is not None:
        digits = 0 if found.knee_high - found.knee_low >= 3.0 else 1
        place, low, high = (
            f"{v:.{digits}f}" for v in (found.knee, found.knee_low, found.knee_high)
        )
        rows.append(("knee", f"cycle {place} ({low} to {high})"))
    if found.reached is not None:
        rows.append((f"{end} reached", f"at cycle {found.reached:.0f}"))
    elif found.end_cycle is not None:
        top = "never" if found.end_high == float("inf") else f"{found.end_high:.0f}"
        rows.append((f"{end} expected", f"at cycle {found.end_cycle:.0f} ({found.end_low:.0f} to "
                     f"{top})"))  # fmt: skip
    for law in found.fades:
        weight = "" if law.weight is None else f"probability {_probability(law.weight)}, "
        rows.append((law.law, f"{weight}{end} at cycle {law.end_cycle:.0f}"
                     if law.end_cycle < float("inf") else f"{weight}never {end}"))  # fmt: skip
    return rows


def _inventory_rows(found: Any) -> list[tuple[str, str]]:
    return [
        ("first efficiency", _percent(found.first)),
        ("lost of the first charge", _percent(found.lost[-1], 3)),
        *([] if found.unexplained is None else [
            ("went in beyond what came back", _percent(found.unexplained, 3))
            if found.unexplained >= 0.0 else
            ("came back and did not go in again", _percent(-found.unexplained, 3))]),
    ]  # fmt: skip


_PARTS = {
    "SymmetricLife": _life_rows, "OverpotentialSplit": _part_rows, "VoidCheck": _void_rows,
    "PlatingEfficiency": _efficiency_rows, "ReservoirEfficiency": _reservoir_rows,
    "FadeResult": _fade_rows, "LithiumInventory": _inventory_rows,
}  # fmt: skip


def voltammogram(result: Any) -> View:
    """Onsets sweep by sweep."""
    against = "vs Li/Li⁺" if result.against_lithium else "vs the counter electrode"
    said = (f"{show(result.scan_rate, 'scan_rate')}; electrode: {result.electrode}; "
            f"voltages in V {against}")  # fmt: skip
    table = [
        (str(o.cycle), o.direction,
         *(f"{v:.3f}" if v is not None else "none" for v in (o.tangent, o.threshold)),
         _threshold(o, result.area))
        for o in result.onsets
    ]  # fmt: skip
    return View(
        "Voltammogram", f"{result.file or 'voltammogram'}: {said}", _onsets(result),
        right=(0, 2, 3), table=table,
        head=("cycle", "direction", "by tangent", "by threshold", "threshold"),
    )  # fmt: skip


def _onsets(result: Any) -> str:
    """The onset of each direction in a line."""
    told = []
    for onset in (result.reduction, result.oxidation):
        if onset is not None and (onset.tangent, onset.threshold) != (None, None):
            both = ((onset.tangent, "tangent"), (onset.threshold, "threshold"))
            ways = [f"{v:.2f} V by {way}" for v, way in both if v is not None]
            told.append(f"{onset.direction} from {' and '.join(ways)}")
    text = "; ".join(told) or "no onset in any sweep"
    return text[0].upper() + text[1:]


def _threshold(onset: Any, area: float | None) -> str:
    if area is None:
        return show(onset.threshold_current, "current")
    return f"{onset.threshold_current / area * 100:.3g} µA cm⁻²"


def windows(result: Any) -> View:
    """Onsets beside the computed window."""
    rows = [("electrolyte", result.electrolyte)]
    for side, limit, measured, gap in (
        ("reduction", result.reduction_limit, result.reduction_onset, result.reduction_gap),
        ("oxidation", result.oxidation_limit, result.oxidation_onset, result.oxidation_gap),
    ):
        seen = "none seen" if measured is None else f"{measured:.2f} V measured"
        place = "" if gap is None else "beyond" if gap >= 0.0 else "inside"
        far = "" if gap is None else f", {abs(gap):.2f} V {place} it"
        rows.append((side, f"{limit:.2f} V computed, {seen}{far}"))
    rows += [("reported", text) for text in result.reported]
    rows += [("why they differ", text) for text in result.reasons]
    return replace(voltammogram(result.measured), beside=rows)
