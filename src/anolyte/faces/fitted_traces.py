"""What people see of cycling data and voltammograms in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anolyte.core.units import show
from anolyte.faces.console import Page


def foot(page: Page, result: Any, page_path: str) -> None:
    """What to keep in mind, and where the figure went."""
    if result.warnings:
        page.heading("Keep in mind")
        page.bullets(result.warnings)
    if page_path:
        page.line()
        page.line(f"figure: {page_path}")


def _percent(value: float | None, digits: int = 4) -> str:
    return "none" if value is None else f"{100 * value:.{digits}g} %"


def _probability(value: float) -> str:
    """A probability without digits that mean nothing."""
    if value > 0.999:
        return "above 99.9 %"
    return "below 0.1 %" if value < 0.001 else _percent(value, 2)


def ramp(result: Any, page_path: str = "") -> None:
    """A critical current with its protocol."""
    from anolyte.measure.traces.shorts import show_time

    page = Page()
    page.line(result.file or "ramp", "bold")
    page.line(result.protocol)
    page.line()
    value = result.critical_current_density
    stated = value is not None
    above = "above " if result.ending in ("not reached", "stopped") else ""
    if stated:
        page.line(f"Critical current density: {above}{show(value, 'current_density')}", "bold")
    else:
        page.line("Critical current density: not stated, see below", "bold")
    every = show_time(result.interval)
    rows = [
        ("last survived", result.flow(result.survived)),
        ("first failed", result.flow(result.failed)),
        ("ended by", f"{result.kind} short" if result.ending == "short" else result.ending),
    ]
    if result.ending == "short":
        short = result.check.shorts[0]
        left = _percent(short.resistance / short.reference, 3)
        at = f"at {show_time(short.alarm)} ({short.alarm:.0f} s), at a sampling interval of {every}"
        rows += [("alarm", at), ("left of the resistance", left)]
    if result.charge_at_failure is not None:
        rows += [("charge of the half cycle until then", result.amount(result.charge_at_failure)),
                 ("cumulative capacity until then", result.amount(result.throughput))]  # fmt: skip
    rows += [("cumulative capacity of whole levels", result.amount(result.completed)),
             ("conditions", _conditions(result))]  # fmt: skip
    page.columns(rows, styles=("dim", ""))
    foot(page, result, page_path)


def _conditions(result: Any) -> str:
    kinds = (("temperature", "temperature"), ("stack_pressure", "pressure"))
    told = [
        show(v, kind) if (v := getattr(result, name)) is not None
        else f"{name.replace('_', ' ')} not known" for name, kind in kinds
    ]  # fmt: skip
    if result.pressing_pressure is not None:
        told.append(f"pressed at {show(result.pressing_pressure, 'pressure')}")
    return ", ".join(told)


def reading(result: Any, page_path: str = "") -> None:
    """Whatever a cycling file says."""
    page = Page()
    page.line(result.file, "bold")
    page.line(f"read as {result.kind}: {result.because}")
    page.line()
    rows: list[tuple[str, str]] = []
    for part in result.results:
        rows += _PARTS[type(part).__name__](part)
    page.columns(rows, styles=("dim", ""))
    foot(page, result, page_path)


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
        ("capacity", f"{show(first, kind)} in cycle {found.reference}"),
        ("retention", f"{_percent(found.last, 3)} after cycle {found.cycle[-1]}, "
         f"{100 * found.per_cycle:.3g} % lost a cycle"),
    ]  # fmt: skip
    if found.knee is not None:
        rows.append(("knee", f"cycle {found.knee:.0f} ({found.knee_low:.0f} to "
                     f"{found.knee_high:.0f})"))  # fmt: skip
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
    "SymmetricLife": _life_rows, "VoidCheck": _void_rows, "PlatingEfficiency": _efficiency_rows,
    "ReservoirEfficiency": _reservoir_rows, "FadeResult": _fade_rows,
    "LithiumInventory": _inventory_rows,
}  # fmt: skip


def voltammogram(result: Any, page_path: str = "", extra: Sequence[Any] = ()) -> None:
    """Onsets sweep by sweep."""
    page = Page()
    page.line(result.file or "voltammogram", "bold")
    against = "vs Li/Li⁺" if result.against_lithium else "vs the counter electrode"
    page.line(f"{show(result.scan_rate, 'scan_rate')}; electrode: {result.electrode}; "
              f"voltages in V {against}")  # fmt: skip
    page.line()
    volts = [[f"{v:.3f}" if v is not None else "none" for v in (o.tangent, o.threshold)]
             for o in result.onsets]  # fmt: skip
    page.columns(
        [(str(o.cycle), o.direction, *v, _threshold(o, result.area))
         for o, v in zip(result.onsets, volts, strict=True)],
        ("cycle", "direction", "by tangent", "by threshold", "threshold"), right=(0, 2, 3),
    )  # fmt: skip
    if extra:
        page.heading("Beside the computed window")
        page.columns(extra, styles=("dim", ""))
    foot(page, result, page_path)


def _threshold(onset: Any, area: float | None) -> str:
    if area is None:
        return show(onset.threshold_current, "current")
    return f"{onset.threshold_current / area * 100:.3g} µA cm⁻²"


def windows(result: Any, page_path: str = "") -> None:
    """Onsets beside the computed window."""
    rows = [("electrolyte", result.electrolyte)]
    for side, limit, measured, gap in (
        ("reduction", result.reduction_limit, result.reduction_onset, result.reduction_gap),
        ("oxidation", result.oxidation_limit, result.oxidation_onset, result.oxidation_gap),
    ):
        seen = "none seen" if measured is None else f"{measured:.2f} V measured"
        far = "" if gap is None else f", {gap:.2f} V beyond it"
        rows.append((side, f"{limit:.2f} V computed, {seen}{far}"))
    rows += [("reported", text) for text in result.reported]
    rows += [("why they differ", text) for text in result.reasons]
    voltammogram(result, page_path, rows)
