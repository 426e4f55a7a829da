"""What a terminal shows of cells that were run: a chart, the numbers, what ended it, the doubts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anolyte.core.units import show
from anolyte.faces.console import Page
from anolyte.models.cell.critical import CriticalCurrent
from anolyte.models.cell.run import Run

WIDTH, HEIGHT = 72, 10


def show_result(result: Any, page_path: str = "") -> None:
    """A run, a critical current or a map on standard output."""
    page = Page()
    kinds: dict[type, Any] = {CriticalCurrent: _critical, Run: _run}
    shower = next((f for kind, f in kinds.items() if isinstance(result, kind)), _map)
    shower(page, result)
    _doubts(page, result)
    if page_path:
        page.line()
        page.line(f"figure: {page_path}")


def chart(
    x: Sequence[float], y: Sequence[float], *, width: int = WIDTH, height: int = HEIGHT
) -> list[str]:
    """A series as lines of text: each column shows the range of values that fall in it.

    Args:
        x: Rising.
        y: Same length.

    >>> chart([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0], width=4, height=4)
    ['   *', '  * ', ' *  ', '*   ']
    """
    low, high = min(y), max(y)
    span = (high - low) or 1.0
    begin, length = x[0], (x[-1] - x[0]) or 1.0
    columns: list[tuple[int, int] | None] = [None] * width
    for a, b in zip(x, y, strict=True):
        column = min(width - 1, int((a - begin) / length * width))
        row = min(height - 1, int((b - low) / span * height))
        before = columns[column] or (row, row)
        columns[column] = (min(before[0], row), max(before[1], row))
    lines = []
    for row in range(height - 1, -1, -1):
        cells = ("*" if c is not None and c[0] <= row <= c[1] else " " for c in columns)
        lines.append("".join(cells))
    return lines


def _draw(page: Page, run: Run) -> None:
    """Voltage against time with its scale."""
    if len(run.time) < 2:
        return
    volts = [1e3 * v for v in run.voltage]
    lines = chart(run.time, volts)
    low, high = f"{min(volts):.3g}", f"{max(volts):.3g}"
    pad = max(len(low), len(high))
    page.line()
    page.line("voltage (mV) against time")
    for i, line in enumerate(lines):
        label = high if i == 0 else low if i == len(lines) - 1 else ""
        page.raw(f"  {label:>{pad}} |{line}".rstrip())
    page.raw(f"  {'':>{pad}} +{'-' * WIDTH}")
    end = f"{run.time[-1] / 3600:.3g} h"
    page.raw(f"  {'':>{pad}}  0{end:>{WIDTH - 1}}")


def _current(value: float | None) -> str:
    return "none" if value is None else show(value, "current_density")


def _critical(page: Page, found: CriticalCurrent) -> None:
    page.line(found.cell, "bold")
    page.line(
        f"ramp at {show(found.stack_pressure, 'pressure')}, "
        f"{show(found.temperature, 'temperature')}, attached at "
        f"{show(found.attach_pressure, 'pressure')}; {found.half_cycle / 3600:.3g} h a half cycle"
    )
    if found.run is not None:
        _draw(page, found.run)
    page.line()
    if found.failed_at is None:
        page.line(f"Critical current density: above {_current(found.current_density)}", "bold")
    elif found.current_density is None:
        page.line(f"Critical current density: below {_current(found.failed_at)}", "bold")
    else:
        page.line(f"Critical current density: {_current(found.current_density)}", "bold")
    rows = [("limited by", found.mechanism or "nothing up to the last level")]
    if found.failed_at is not None:
        rows.append(("failed at", _current(found.failed_at)))
    if found.draws > 1:
        rows.append(
            ("interval", f"{_current(found.low)} to {_current(found.high)} "
             f"(10 to 90 % of {found.draws} sets of parameters)")
        )  # fmt: skip
    for name, share in sorted((found.mechanisms or {}).items(), key=lambda kv: -kv[1]):
        rows.append(("", f"{100 * share:.0f} % {name}"))
    rows.append(("plated until then", show(found.cumulative_capacity, "areal_capacity")))
    if found.calibrated_on:
        rows.append(("calibrated on", ", ".join(found.calibrated_on)))
    page.columns(rows, styles=("dim", ""))


def _run(page: Page, run: Run) -> None:
    page.line(run.cell, "bold")
    page.line(run.protocol)
    _draw(page, run)
    page.line()
    rows = []
    if len(run.resistance) == 2:
        first, last = (show(r, "area_resistance") for r in run.resistance)
        rows.append(("area resistance at rest", f"{first} at the start, {last} at the end"))
    if run.time:
        worst = min(min(run.contact), min(run.counter_contact))
        rows += [
            ("least contact", f"{100 * worst:.3g} %"),
            ("void at the end", f"{_small(run.void[-1])} and {_small(run.counter_void[-1])}"),
            ("interphase at the end", f"{_small(run.interphase[-1])} and "
                                      f"{_small(run.counter_interphase[-1])}"),
            ("lithium lost to it", _charge(run.lithium_lost)),
        ]  # fmt: skip
    if run.balance is not None:
        worst = max(run.balance.charge, run.balance.lithium)
        rows.append(("charge and lithium balance", f"closed to {worst:.1g}"))
    page.columns(rows, styles=("dim", ""))
    if run.events:
        page.heading("What happened")
        page.columns(
            [(e.kind, f"after {e.time / 3600:.3g} h", f"step {e.step + 1}, "
              f"{show(e.current_density, 'current_density')}") for e in run.events]
        )  # fmt: skip
    else:
        page.line("carried through to the end", "green")


def _charge(value: float) -> str:
    return f"{value / 36.0:.3g} µA h cm⁻²"


def _small(metres: float) -> str:
    return f"{metres * 1e9:.3g} nm" if metres < 1e-6 else show(metres, "length")


def _map(page: Page, found: Any) -> None:
    """Probability of safe operation as a table of current (down) and pressure (across)."""
    page.line(found.cell, "bold")
    page.line(f"{found.protocol}; {found.runs} runs, {found.draws} sets of parameters a node")
    safe = found.share()
    layer = safe[:, :, 0] if safe.shape[1] > 1 or safe.shape[2] == 1 else safe[:, 0, :]
    across, kind = (found.stack_pressure, "pressure")
    if safe.shape[1] == 1 and safe.shape[2] > 1:
        across, kind = found.temperature, "temperature"
    pick_x, pick_y = _some(len(across), 8), _some(len(found.current_density), 14)
    page.line()
    page.line(f"safe in % of the draws; current down, {kind} across")
    head = ["", *(show(across[i], kind) for i in pick_x), ""]
    rows = [
        [show(found.current_density[j], "current_density"),
         *(f"{100 * layer[j, i]:.0f}" for i in pick_x), ""]
        for j in reversed(pick_y)
    ]  # fmt: skip
    page.columns(rows, head, right=tuple(range(len(head) - 1)))
    page.line()
    page.line("current that is safe in nine of ten draws: " + ", ".join(
        f"{_bound(found, layer[:, i])} at {show(across[i], kind)}" for i in _some(len(across), 3)
    ))  # fmt: skip
    if found.unknown:
        page.line(f"{found.unknown} runs are unknown: they failed numerically")
    if found.calibrated_on:
        page.line("calibrated on " + ", ".join(found.calibrated_on))


def _bound(found: Any, column: Any) -> str:
    """The highest current below which all nodes are safe in nine of ten draws."""
    safe = 0
    while safe < len(column) and column[safe] >= 0.9:
        safe += 1
    if safe == 0:
        return f"below {show(found.current_density[0], 'current_density')}"
    return show(found.current_density[safe - 1], "current_density")


def _some(count: int, most: int) -> list[int]:
    """At most so many indices, spread evenly, both ends among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})


def _doubts(page: Page, result: Any) -> None:
    told: list[str] = list(getattr(result, "warnings", ()))
    basis = getattr(result, "rests_on", ())
    if basis and not any("assumed" in t for t in told):
        told.append(f"rests on assumed or recalled numbers: {', '.join(basis)}")
    if told:
        page.heading("Keep in mind")
        page.bullets(told)
    sources = getattr(result, "sources", ())
    if sources:
        page.line()
        page.line(f"{len(sources)} sources: {', '.join(sources)}", "dim")
