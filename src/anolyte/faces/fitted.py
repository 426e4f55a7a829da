"""What people see of fitted spectra: a terminal page, and the cells of its tables."""

from __future__ import annotations

import math
from pathlib import Path

from anolyte.core.units import KINDS, habitual
from anolyte.core.units import show as shown
from anolyte.faces.console import Page
from anolyte.measure.processes import Process
from anolyte.measure.processes.assignment import UNDECIDED
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy, TemperatureTrend, TimeTrend

MOST_ROWS = 24
"""Spectra in the table of a terminal."""
MOST_WARNINGS = 12
FIELDS = {
    "area": "area", "thickness": "length", "temperature": "temperature",
    "stack_pressure": "pressure", "pressing_pressure": "pressure", "mass": "mass",
}  # fmt: skip


def show(result: SpectraResult, page_path: str = "") -> None:
    """A series of spectra on standard output.

    Args:
        result: What was found.
        page_path: Where its page went.
    """
    page = Page()
    page.line(headline(result), "bold")
    page.line(setup_text(result), "dim")
    if len(result.spectra) == 1:
        _single(page, result.spectra[0])
    else:
        _several(page, result)
    _trends(page, result)
    _doubts(page, result)
    if page_path:
        page.line()
        page.line(f"page: {page_path}")


def headline(result: SpectraResult) -> str:
    """How many spectra, which circuit, how many of them it describes, and what the gate says."""
    count = len(result.spectra)
    fits = sum(s.fit is not None and s.fit.good for s in result.spectra)
    doubted = [s.quality.verdict for s in result.spectra if s.fit and s.fit.good and not s.good]
    name = Path(result.spectra[0].name).name if count == 1 else f"{count} spectra"
    verdict = "described to the noise" if fits == count else f"{fits} of {count} described"
    if count == 1 and not fits:
        verdict = "NOT a good fit"
    text = f"{name}: {verdict} by {result.circuit}"
    if not doubted:
        return text
    many = "" if count == 1 else f" of {len(doubted)}"
    return f"{text}; the gate says{many}: {', '.join(dict.fromkeys(map(str, doubted)))}"


def setup_text(result: SpectraResult) -> str:
    """What was known of the cell, what of it was varied, and what was not given."""
    setups = [s.setup for s in result.spectra]
    first = setups[0]
    parts = [first.electrodes or "", first.electrolyte or ""]
    for name, kind in FIELDS.items():
        values = [v for s in setups if (v := getattr(s, name)) is not None]
        if not values:
            continue
        text = fact(values[0], kind)
        if max(values) > min(values) * (1.0 + 1e-9):
            text = f"{fact(min(values), kind)} to {fact(max(values), kind)}"
        origin = first.origins.get(name, "")
        parts.append(f"{name.replace('_', ' ')} {text}" + (f" ({origin})" if origin else ""))
    missing = [n for n in ("area", "thickness", "electrodes") if getattr(first, n) is None]
    told = f"not given: {', '.join(missing)}; what needs them stays in ohm" if missing else ""
    return "; ".join(p for p in (*parts, told) if p)


def fact(value: float, kind: str) -> str:
    """A number of a cell; pellets in mm, layers in µm.

    >>> fact(1e-3, "length"), fact(3e-5, "length")
    ('1 mm', '30 µm')
    """
    return f"{1e3 * value:.3g} mm" if kind == "length" and value >= 1e-3 else shown(value, kind)


def _single(page: Page, study: SpectrumStudy) -> None:
    """One spectrum: gate, processes, parameters."""
    q = study.quality
    page.line()
    page.columns(
        [("Kramers-Kronig", f"{q.verdict}; {q.because}"), *_fit_lines(study)], styles=("dim", "")
    )
    if study.processes is not None:
        page.heading(process_title(study))
        page.columns(
            [process_row(p) for p in study.processes.processes], PROCESS_HEAD, right=(2, 3, 4)
        )
    if study.fit is not None:
        page.heading("Parameters")
        page.columns(parameter_rows(study), ["", "value", "90 % interval", ""], right=(1, 2))


def process_title(study: SpectrumStudy, what: str = "Processes") -> str:
    """A heading that says where numbers are not to be used, or with care."""
    if study.fit is None or not study.fit.good:
        return f"{what}, of a fit that is NOT good: do not use them"
    gate = study.quality.verdict
    return what if study.good else f"{what}, of a spectrum of which the gate says: {gate}"


PROCESS_HEAD = ["arc", "process", "sure", "R (Ω)", "C (F)", "means"]


def process_row(p: Process) -> tuple[str, ...]:
    """An arc as the cells of a table."""
    return (
        p.name, p.best, f"{100 * p.probability:.0f} %" if p.probabilities else "",
        f"{p.resistance:.4g}" if math.isfinite(p.resistance) else "blocks",
        f"{p.capacitance:.2g}", meaning(p),
    )  # fmt: skip


def meaning(p: Process) -> str:
    """What an arc says of the electrolyte or its faces."""
    parts = []
    if p.conductivity is not None:
        text = shown(p.conductivity, "conductivity")
        if p.conductivity_error is not None:
            text += f" ± {p.conductivity_error / 0.1:.1g}"
        parts.append(text)
    if p.permittivity is not None:
        parts.append(f"permittivity {p.permittivity:.3g}")
    finite = p.face is not None and math.isfinite(p.face.value)
    if finite:
        parts.append(str(p.face))
    if p.area_capacitance is not None and p.face is not None and p.best != "diffusion":
        parts.append(shown(p.area_capacitance, "area_capacitance"))
    if p.thinnest is not None and p.thickest is not None:
        parts.append(
            f"{shown(p.thinnest, 'length')} to {shown(p.thickest, 'length')} thick by capacitance"
        )
    if p.contact_suspected:
        parts.append("may be contact geometry")
    return "; ".join(parts)


def _fit_lines(study: SpectrumStudy) -> list[tuple[str, str]]:
    fit = study.fit
    if fit is None:
        return [("fit", "none")]
    level = math.sqrt(fit.chi2 / fit.floor) if fit.floor > 0.0 else math.inf
    good = "good" if fit.good else "NOT good"
    lines = [
        ("fit", f"{good}: misfit {100 * math.sqrt(fit.chi2):.2g} % a part, {level:.2f} times what "
                f"noise leaves ({fit.noise_origin}); {100 * fit.hit_rate:.0f} % of {fit.starts} "
                "starts met it"),
    ]  # fmt: skip
    if study.short is not None:
        lines.append(("short", "SHORTED" if study.short.short else f"none seen against "
                      f"{study.short.basis}"))  # fmt: skip
    return lines


def parameter_rows(study: SpectrumStudy) -> list[tuple[str, ...]]:
    """Parameters of a fit with their intervals."""
    assert study.fit is not None
    rows = []
    for p in study.fit.parameters:
        span = "" if p.low is None or p.high is None else f"{p.low:.4g} to {p.high:.4g}"
        note = "fixed" if p.fixed else "at its bound" if p.at_bound else ""
        note = note or ("profile" if p.profiled else "")
        unit = "" if p.unit == "1" else f" {p.unit}"
        rows.append((p.name, f"{p.value:.5g}{unit}", span, note))
    return rows


def _several(page: Page, result: SpectraResult) -> None:
    page.heading("Spectra")
    page.line("  " + arc_names(result) + "; ohm of the whole cell", "dim")
    rows = spectrum_rows(result)
    page.columns(rows[:MOST_ROWS], spectrum_head(result),
                 right=range(3, len(spectrum_head(result)) - 1))  # fmt: skip
    if len(rows) > MOST_ROWS:
        page.line(f"  and {len(rows) - MOST_ROWS} more; --csv lists all", "dim")


def _names(result: SpectraResult) -> dict[str, str]:
    from anolyte.studies.spectra.trends import consensus

    return consensus(result.good or result.spectra)


def arc_names(result: SpectraResult) -> str:
    """Which arc is which process."""
    names = _names(result)
    if set(names.values()) == {UNDECIDED}:
        return "no arc is assigned"
    return ", ".join(f"{arc} {name.partition(' (')[0]}" for arc, name in names.items())


def spectrum_head(result: SpectraResult) -> list[str]:
    """Heads of the table of spectra: one column an arc."""
    return ["at", "gate", "fit", *_names(result), ""]


def spectrum_rows(result: SpectraResult) -> list[tuple[str, ...]]:
    """One row a spectrum: what it was taken at, its verdicts, its resistances."""
    names = _names(result)
    return [(s.label, *_verdicts(s), *_resistances(s, names), "") for s in result.spectra]


def _verdicts(study: SpectrumStudy) -> tuple[str, str]:
    fit = "none" if study.fit is None else "good" if study.fit.good else "NOT good"
    return str(study.quality.verdict), fit


def _resistances(study: SpectrumStudy, names: dict[str, str]) -> list[str]:
    """The resistance of each arc with its relative error."""
    arcs = {a.name: a for a in study.arcs}
    cells = []
    for arc in names:
        found = arcs.get(arc)
        text = "" if found is None else f"{found.resistance:.4g}"
        text = "blocks" if text == "inf" else text
        error = None if found is None or text == "blocks" else found.resistance_error
        cells.append(text if not error else f"{text} ±{percent(error)}")
    return cells


def percent(share: float) -> str:
    """A relative error as people read it.

    >>> percent(0.0031), percent(0.66)
    ('0.3%', '66%')
    """
    return f"{100 * share:.1g}%" if share < 0.095 else f"{100 * share:.0f}%"


def _trends(page: Page, result: SpectraResult) -> None:
    if result.temperatures:
        page.heading("Over temperature")
        page.columns([(*temperature_row(t), "") for t in result.temperatures],
                     [*TEMPERATURE_HEAD, ""])  # fmt: skip
    if result.times:
        page.heading("Over time")
        page.columns([(t.process, time_text(t)) for t in result.times], styles=("dim", ""))
    if result.pressures:
        page.heading("Over pressure")
        page.columns(
            [(t.process, f"{t.exponent:+.2f} ± {t.error:.2g}", "-0.5 is contact, 0 none")
             for t in result.pressures],
            ["process", "exponent", ""],
        )  # fmt: skip
    if lines := other_lines(result):
        page.heading("Beside it")
        page.columns(lines, styles=("dim", ""))


TEMPERATURE_HEAD = ["process", "activation energy", "at 25 °C (90 % interval)", "law"]


def energy_text(energy: float, error: float) -> str:
    """An activation energy with its error; a meV is as fine as thermometers let it be.

    >>> energy_text(4.8e-20, 1e-23), energy_text(4.8e-20, 4e-22)
    ('0.300 eV ± under 0.001', '0.300 eV ± 0.002')
    """
    text, size = f"{habitual(energy, 'energy'):.3f} eV", habitual(error, "energy")
    if not math.isfinite(size):
        return text
    return f"{text} ± under 0.001" if size < 5e-4 else f"{text} ± {size:.1g}"


def temperature_row(trend: TemperatureTrend) -> tuple[str, ...]:
    """A trend over temperature as the cells of a table."""
    law = trend.law
    energy = energy_text(law.energy, law.energy_error)
    kind = "conductivity"
    if law.of != "conductivity":
        kind = "area_resistance" if trend.per_area else "resistance"
    factor = KINDS[kind].factor
    span = f"{law.reference_low / factor:.3g} to {law.reference_high / factor:.3g}"
    words = ", one side" if trend.per_area else ""
    value = f"{shown(law.reference_value, kind)}{words} ({span})"
    return trend.process, energy, value, law.law


def time_text(trend: TimeTrend) -> str:
    """A trend over time in a sentence."""
    law = trend.law
    best = law.best
    rivals = f" (or {', '.join(law.undecided)})" if law.undecided else ""
    parts = [f"{best.law}{rivals}"]
    if law.exponent is not None and law.exponent_low is not None:
        span = f"{law.exponent_low:.3f} to {law.exponent_high:.3f}"
        parts.append(f"exponent {law.exponent:.3f} ({span})")
    unit = "Ω" if law.of == "cell" else "Ω cm²"
    parts.append(f"{best.start} of {law.of} at the start")
    if best.exponent is not None:
        scale = 1.0 if law.of == "cell" else KINDS["area_resistance"].factor
        rate, error = (v * 3600.0**best.exponent / scale for v in (best.rate, best.rate_error))
        hours = {0.5: "root hour", 1.0: "hour"}.get(best.exponent, f"hour^{best.exponent:.3g}")
        parts.append(f"grows by {rate:.4g} ± {error:.1g} {unit} a {hours}")
    if math.isfinite(best.doubles):
        text = f"twice its last value after another {shown(best.doubles, 'time')}"
        if math.isfinite(best.doubles_high):
            low, high = shown(best.doubles_low, "time"), shown(best.doubles_high, "time")
            text += f" ({low} to {high})"
        parts.append(text)
    else:
        parts.append("never twice its last value by this law")
    return "; ".join(parts)


def other_lines(result: SpectraResult) -> list[tuple[str, str]]:
    """What pellets of several thicknesses say, and what has been published of the face."""
    lines = []
    if (t := result.thickness) is not None:
        value = shown(t.conductivity, "conductivity")
        span = f"{t.low / 0.1:.3g} to {t.high / 0.1:.3g}"
        faces = f"; arcs that do not grow with thickness: {t.faces}, diffusion not counted"
        lines.append((f"{t.pellets} pellets", f"{value} ({span}) without the faces{faces}"))
    if (p := result.published) is not None:
        low, middle, high = (shown(v, "area_resistance") for v in (p.low, p.middle, p.high))
        span = f"{p.pair}: {low} to {high}, median {middle}, {p.records} values"
        lines.append(("published", f"{span}; one interface or both is often not stated"))
    return lines


def _doubts(page: Page, result: SpectraResult) -> None:
    if result.warnings or result.skipped:
        page.heading("Keep in mind")
        told = [*result.skipped, *result.warnings]
        page.bullets(told[:MOST_WARNINGS])
        if len(told) > MOST_WARNINGS:
            page.line(f"  and {len(told) - MOST_WARNINGS} more in --json and --report", "dim")
    if result.sources:
        page.line()
        page.line(f"{len(result.sources)} sources: {', '.join(result.sources)}", "dim")
