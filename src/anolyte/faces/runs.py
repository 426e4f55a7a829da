"""What a terminal shows of cells that were run: a chart, the numbers, what ended it, the doubts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from anolyte.core.units import show
from anolyte.faces import host_runs
from anolyte.faces.console import Page
from anolyte.models.cell.critical import CriticalCurrent
from anolyte.models.cell.run import Run

WIDTH, HEIGHT = 72, 10


def show_result(result: Any, page_path: str = "", about: Sequence[str] = ()) -> None:
    """A run, a critical current or a map on standard output.

    Args:
        result: What is shown.
        page_path: Where its figure was written.
        about: What was understood of the cell beyond its names.
    """
    page = Page()
    kinds: dict[type, Any] = {CriticalCurrent: _critical} | _others(result)
    shower = next((f for kind, f in kinds.items() if isinstance(result, kind)), _map)
    if isinstance(result, Run):
        _run(page, result, about)
    else:
        shower(page, result)
        for text in about:
            page.line(text, "dim")
    _doubts(page, result)
    if page_path:
        page.line()
        page.line(f"figure: {page_path}")


def _others(result: Any) -> dict[type, Any]:
    """What shows levers and sensitivities; imported only where there is one."""
    if not type(result).__module__.startswith(("anolyte.studies.levers", "anolyte.studies.sens")):
        return {}
    from anolyte.faces import effects

    return effects.SHOWERS


def chart(
    x: Sequence[float], y: Sequence[float], *, width: int = WIDTH, height: int = HEIGHT
) -> list[str]:
    """A series as lines of text: each column shows the range of values that the curve has in it.

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
    for a, b in _joined(x, y, length / (4 * width)):
        column = min(width - 1, int((a - begin) / length * width))
        row = min(height - 1, int((b - low) / span * height))
        before = columns[column] or (row, row)
        columns[column] = (min(before[0], row), max(before[1], row))
    lines = []
    for row in range(height - 1, -1, -1):
        cells = ("*" if c is not None and c[0] <= row <= c[1] else " " for c in columns)
        lines.append("".join(cells))
    return lines


def _joined(x: Sequence[float], y: Sequence[float], step: float) -> Iterator[tuple[float, float]]:
    """The points, and others on the straight lines between them where they lie far apart."""
    for k in range(len(x)):
        yield x[k], y[k]
        if k + 1 < len(x):
            count = int((x[k + 1] - x[k]) / step)
            for n in range(1, count):
                share = n / count
                yield x[k] + share * (x[k + 1] - x[k]), y[k] + share * (y[k + 1] - y[k])


def _draw(page: Page, run: Run) -> None:
    """Voltage against time with its scale; an empty host's first moments are cut off."""
    if len(run.time) < 2:
        return
    host = host_runs.is_host(run)
    volts = [v if host else 1e3 * v for v in run.voltage]
    if host and any(run.current_density):
        scale = [v for v, good in zip(volts, host_runs.settled(run), strict=True) if good]
        volts = [min(max(v, min(scale)), max(scale)) for v in volts]
    kept = [k for k, good in enumerate(host_runs.drawn(run)) if good]
    lines = chart([run.time[k] for k in kept], [volts[k] for k in kept])
    low, high = f"{min(volts):.3g}", f"{max(volts):.3g}"
    pad = max(len(low), len(high))
    page.line()
    page.line(f"voltage ({'V' if host else 'mV'}) against time")
    for i, line in enumerate(lines):
        label = high if i == 0 else low if i == len(lines) - 1 else ""
        page.raw(f"  {label:>{pad}} |{line}".rstrip())
    page.raw(f"  {'':>{pad}} +{'-' * WIDTH}")
    end = host_runs.lasted(run.time[-1])
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
    page.line(critical_headline(found), "bold")
    page.columns(critical_rows(found), styles=("dim", ""))


def critical_headline(found: CriticalCurrent) -> str:
    """The critical current density in one line."""
    if found.failed_at is None:
        return f"Critical current density: above {_current(found.current_density)}"
    if found.current_density is None:
        return f"Critical current density: below {_current(found.failed_at)}"
    return f"Critical current density: {_current(found.current_density)}"


def critical_rows(found: CriticalCurrent) -> list[tuple[str, str]]:
    """What a critical current hangs on: names and values."""
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
    return rows


def _run(page: Page, run: Run, about: Sequence[str] = ()) -> None:
    host = host_runs.is_host(run)
    page.line(run.cell, "bold")
    page.line(run.protocol)
    for text in about:
        page.line(text)
    _draw(page, run)
    page.line()
    page.columns(run_rows(run), styles=("dim", ""))
    for spectrum in run.spectra:
        _spectrum(page, spectrum)
    (_steps if host else _events)(page, run)


def run_rows(run: Run) -> list[tuple[str, str]]:
    """The numbers of a run: names and values."""
    host = host_runs.is_host(run)
    rows = host_runs.numbers(run) if host else []
    if len(run.resistance) == 2:
        first, last = (show(r, "area_resistance") for r in run.resistance)
        rows.append(("area resistance at rest", f"{first} at the start, {last} at the end"))
    if run.time:
        rows += _faces(run, host=host)
    if run.balance is not None:
        worst = max(run.balance.charge, run.balance.lithium)
        rows.append(("charge and lithium balance", f"closed to {worst:.1g}"))
    return rows


def _faces(run: Run, *, host: bool) -> list[tuple[str, str]]:
    """Contact, voids and interphases of both faces."""
    worst = min(min(run.contact), min(run.counter_contact))
    voids = f"{_small(run.void[-1])} and {_small(run.counter_void[-1])}"
    films = f"{_small(run.interphase[-1])} and {_small(run.counter_interphase[-1])}"
    rows = [("least contact", f"{100 * worst:.3g} %")]
    rows += [] if host else [("void at the end", voids)]
    if not host or run.lithium_lost:
        rows += [
            ("interphase at the end", films),
            ("lithium lost to it", _charge(run.lithium_lost)),
        ]
    return rows


def _events(page: Page, run: Run) -> None:
    """What ended steps or the cell, between metals."""
    if not run.events:
        page.line("carried through to the end", "green")
        return
    page.heading("What happened")
    page.columns(
        [(e.kind, f"after {e.time / 3600:.3g} h", f"step {e.step + 1}, "
          f"{show(e.current_density, 'current_density')}") for e in run.events]
    )  # fmt: skip


def _steps(page: Page, run: Run) -> None:
    """A half cell cycle by cycle, or step by step."""
    if rows := host_runs.cycle_rows(run):
        page.heading("Cycles: charge in mA h cm⁻², mean potential against Li/Li⁺")
        page.columns(rows, host_runs.CYCLE_HEAD, right=range(7))
    elif run.time:
        page.heading("Steps")
        page.columns(host_runs.step_rows(run), host_runs.STEP_HEAD, right=(0, 2))
    page.line(host_runs.ended(run), "green" if run.end is None else "bold red")


def _spectrum(page: Page, found: Any) -> None:
    """The processes of an impedance spectrum, the quickest first."""
    at = "at rest" if found.current_density == 0.0 else (
        f"at {show(found.current_density, 'current_density')}")  # fmt: skip
    page.heading(f"Impedance {at} after {found.time / 3600:.3g} h, at {found.voltage:.3f} V")
    rows = [
        (p.name, p.face, show(p.resistance, "area_resistance"), _peak(p.time_constant))
        for p in sorted(found.processes, key=lambda p: p.time_constant)
        if p.resistance > 1e-9
    ]
    page.columns(rows, ("process", "side", "area resistance", "peak"), right=(2,))
    if found.frequency and not all(found.trusted):
        page.line(f"below {_hertz(found.least_frequency)} the cell changes too fast to trust it")


def _peak(time: float) -> str:
    """The frequency of an arc with a time constant."""
    if not 0.0 < time < math.inf:
        return ""
    return _hertz(1.0 / (2.0 * math.pi * time))


def _hertz(frequency: float) -> str:
    from anolyte.faces.figures.impedance import hertz

    return hertz(frequency)


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
    ends = {n: float(found.share(n).mean()) for n in found.outcomes[1:]}
    told = [
        f"{100 * p:.0f} % {n}" for n, p in sorted(ends.items(), key=lambda e: -e[1]) if p >= 0.005
    ]
    if told:
        page.line(f"what ends the others, of all runs: {', '.join(told)}")
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


def _with_it(result: Any) -> list[str]:
    """What comes in with a lever, and was not there without."""
    found = getattr(result, "doubts", ()) if hasattr(result, "answers") else ()
    return [f"with it: {text}" for text in found]


def _doubts(page: Page, result: Any) -> None:
    told: list[str] = [*getattr(result, "warnings", ()), *_with_it(result)]
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
