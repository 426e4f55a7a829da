"""What a series says of each process: activation energies, growth, pressure, shorts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import AnolyteError
from anolyte.core.units import show
from anolyte.measure.arcs import Arc
from anolyte.measure.processes.conductivity import (
    Published,
    ThicknessResult,
    conductivity_by_thickness,
    published,
)
from anolyte.measure.processes.evidence import evidence
from anolyte.measure.processes.short_test import Expected, from_library, total_below_bulk
from anolyte.measure.resistance import CellResistance
from anolyte.measure.series.arrhenius import (
    ArrheniusResult,
    ArrheniusSettings,
    of_conductivity,
    of_resistance,
)
from anolyte.measure.series.growth_law import growth
from anolyte.studies.spectra.gather import distinct
from anolyte.studies.spectra.result import (
    PressureTrend,
    SpectrumStudy,
    TemperatureTrend,
    TimeTrend,
)
from anolyte.studies.spectra.together import UNKNOWN

if TYPE_CHECKING:
    from anolyte.materials.library import Library

VOLUME = ("bulk", "second phase", "ferroelectric bulk", "grain boundary")
"""Processes of the electrolyte's volume; all others are of its faces."""
LEAST = {"temperature": 3, "stack_pressure": 3, "time": 5, "thickness": 2}
"""Different values from which a trend is looked for."""
PARTS = ("bulk", "grain boundary")
BOTH = "bulk and grain boundary"
SETTINGS = ArrheniusSettings(influence=2.0)
"""A point that moves the energy by one standard error is told by chance in every second series."""
SUMMARY = "two processes of different energies add up; one energy is only a summary of both"


def over_temperature(
    studies: Sequence[SpectrumStudy], *, together: bool = False
) -> tuple[TemperatureTrend, ...]:
    """Activation energy of every arc, and of the electrolyte as a whole.

    Args:
        studies: All spectra.
        together: Whether arcs are of a joint fit: what is shared then errs in all alike.
    """
    good = _heated(studies)
    if not _enough(good):
        return ()
    found: list[TemperatureTrend] = []
    names = _resisting(good)
    whole = _whole(good, names)
    if whole is not None:
        found.append(TemperatureTrend(BOTH, "", whole))
    for arc, process in names.items():
        kept = list(good) if together else _seen(good, arc)
        law, per_area = _energy(kept, arc, process) if _enough(kept) else (None, False)
        if law is not None:
            if left := _left_out(good, kept, arc):
                law = replace(law, warnings=(left, *law.warnings))
            found.append(TemperatureTrend(process, arc, law, per_area))
    if not together:
        return tuple(found)
    return tuple(replace(t, law=_widened(t.law, good, t.arc)) for t in found)


def energies_not_told(studies: Sequence[SpectrumStudy], *, together: bool = False) -> list[str]:
    """Arcs of single fits that too few temperatures show for an energy, and why.

    Args:
        studies: All spectra.
        together: Whether arcs are of a joint fit, which carries them; then nothing is left out.
    """
    good = _heated(studies)
    if together or not _enough(good):
        return []
    out = []
    for arc, process in _resisting(good).items():
        kept = _seen(good, arc)
        if not _enough(kept):
            out.append(f"{process}: no activation energy is told: {_left_out(good, kept, arc)}")
    return out


def _heated(studies: Sequence[SpectrumStudy]) -> list[SpectrumStudy]:
    return [s for s in _usable(studies) if s.setup.temperature is not None]


def _enough(studies: Sequence[SpectrumStudy]) -> bool:
    return _different("temperature", studies) >= LEAST["temperature"]


def _seen(good: Sequence[SpectrumStudy], arc: str) -> list[SpectrumStudy]:
    """Spectra whose sweep reaches the arc's top and whose fit knows its resistance.

    Where no fit tells an error (given arcs, exact spectra) that is no reason to leave one out.
    """
    told = any(_arc(s, arc).resistance_error is not None for s in good)
    return [s for s in good if _arc(s, arc).in_sweep and (not told or _known(_arc(s, arc)))]


def _known(arc: Arc) -> bool:
    return arc.resistance_error is not None and arc.resistance_error < UNKNOWN


def _left_out(good: Sequence[SpectrumStudy], kept: Sequence[SpectrumStudy], arc: str) -> str:
    """Which points a series of single fits does without, and why; empty: none."""
    gone = [s for s in good if all(s is not k for k in kept)]
    if not gone:
        return ""
    fast = [s for s in gone if not _arc(s, arc).in_sweep]
    parts = [
        (fast, "it peaks beyond the sweep and may be the sum of faster processes"),
        ([s for s in gone if all(s is not f for f in fast)], "its resistance is not known"),
    ]
    said = [
        f"at {', '.join(show(s.setup.temperature or 0.0, 'temperature') for s in some)} {why}"
        for some, why in parts
        if some
    ]
    return f"{arc} is left out of the line of the single fits: {'; '.join(said)}"


def _arc(study: SpectrumStudy, name: str) -> Arc:
    return next(a for a in study.arcs if a.name == name)


def _widened(law: ArrheniusResult, good: Sequence[SpectrumStudy], arc: str) -> ArrheniusResult:
    """The interval at the reference with the error that all points have in common: their scatter
    about the line does not show it, and the slope does not feel it."""
    errors = [a.resistance_error for s in good for a in s.arcs if a.name == arc]
    known = [e for e in errors if e is not None]
    if not known or not 0.0 < law.reference_low <= law.reference_high < math.inf:
        return law
    common = 1.645 * min(known)
    low = math.hypot(math.log(law.reference_value / law.reference_low), common)
    high = math.hypot(math.log(law.reference_high / law.reference_value), common)
    return replace(
        law, reference_low=law.reference_value * math.exp(-low),
        reference_high=law.reference_value * math.exp(high),
    )  # fmt: skip


def over_time(studies: Sequence[SpectrumStudy]) -> tuple[TimeTrend, ...]:
    """The law of growth of every arc of a face, at unchanged conditions."""
    good = [s for s in _usable(studies) if s.time is not None]
    if len({s.time for s in good}) < LEAST["time"] or not _steady(good):
        return ()
    found = []
    for arc, process in _resisting(good).items():
        if process.partition(" (")[0] in (*VOLUME, "diffusion"):
            continue
        values = [_resistance(s, arc) for s in good]
        try:
            typed: list[Any] = [r.face(s.setup) for r, s in zip(values, good, strict=True)]
        except AnolyteError:  # no area, or two different sides: ohm of the cell then
            typed = list(values)
        try:
            law = growth([s.time or 0.0 for s in good], typed)
        except AnolyteError:
            continue
        found.append(TimeTrend(process, arc, law))
    return tuple(found)


def over_pressure(studies: Sequence[SpectrumStudy]) -> tuple[PressureTrend, ...]:
    """The exponent of the stack pressure in every arc."""
    good = [s for s in _usable(studies) if s.setup.stack_pressure is not None]
    if _different("stack_pressure", good) < LEAST["stack_pressure"]:
        return ()
    try:
        known = evidence([s.arcs for s in good], [s.setup for s in good])
    except AnolyteError:
        return ()
    names = consensus(good)
    return tuple(
        PressureTrend(names[a.name], a.name, a.pressure, a.pressure_error)
        for a in known.arcs
        if a.pressure is not None and a.name in names
    )


def over_thickness(studies: Sequence[SpectrumStudy]) -> ThicknessResult | None:
    """The conductivity without the faces, from pellets of several thicknesses."""
    good = [s for s in _usable(studies) if s.setup.thickness and s.setup.area]
    alike = all(_different(name, good) <= 1 for name in ("temperature", "stack_pressure"))
    if not alike or _different("thickness", good) < LEAST["thickness"]:
        return None
    whole = [_sum(s, [a.name for a in s.arcs if a.shape == "arc"]) for s in good]
    try:
        return conductivity_by_thickness(whole, [s.setup for s in good])
    except AnolyteError:
        return None


def with_short_tests(
    studies: tuple[SpectrumStudy, ...], lib: Library | None
) -> tuple[SpectrumStudy, ...]:
    """Each study with the test whether its whole resistance lies below its electrolyte's."""
    fresh = _fresh(studies)
    return tuple(_tested(s, fresh, lib) for s in studies)


def _fresh(studies: Sequence[SpectrumStudy]) -> tuple[SpectrumStudy, Expected] | None:
    """The first spectrum of a series in time, and the bulk's resistance in it."""
    timed = [s for s in studies if s.time is not None]
    if len(timed) < 2 or not _steady(timed):
        return None
    first = timed[0]
    if not first.good or first.processes is None:
        return None
    bulk = first.processes.named("bulk")
    if len(bulk) != 1:
        return None
    return first, Expected(_resistance(first, bulk[0].name), "this cell's first spectrum")


def _tested(
    study: SpectrumStudy, fresh: tuple[SpectrumStudy, Expected] | None, lib: Library | None
) -> SpectrumStudy:
    if study.fit is None or not 0.0 < study.fit.low_frequency < math.inf or not study.fit.good:
        return study
    # The end of the circuit is known at least as well as one point of the spectrum.
    total = CellResistance(study.fit.low_frequency, study.fit.noise * study.fit.low_frequency)
    expected = fresh[1] if fresh and study is not fresh[0] else None
    if expected is None:
        reports = published(study.setup, lib)
        if not isinstance(reports, Published):
            return study
        try:
            expected = from_library(reports, study.setup)
        except AnolyteError:
            return study
    return replace(study, short=total_below_bulk(total, expected))


def consensus(studies: Sequence[SpectrumStudy]) -> dict[str, str]:
    """Arc to the process that all spectra together hold most probable; alike ones get numbers."""
    weights: dict[str, dict[str, float]] = {}
    for s in studies:
        for p in s.processes.processes if s.processes else ():
            own = weights.setdefault(p.name, {})
            for name, probability in zip(p.classes, p.probabilities, strict=True):
                own[name] = own.get(name, 0.0) + probability
            if not p.classes:
                own.setdefault(p.best, 1.0)
    best = {arc: max(w, key=lambda n, w=w: w[n]) for arc, w in weights.items()}
    several = {n for n in best.values() if list(best.values()).count(n) > 1}
    return {arc: f"{n} ({arc})" if n in several else n for arc, n in best.items()}


def _resisting(good: Sequence[SpectrumStudy]) -> dict[str, str]:
    """Arcs with a resistance in every spectrum; a blocking end has none."""
    finite = {
        a.name for a in good[0].arcs
        if all(0.0 < _resistance(s, a.name).value < math.inf for s in good)
    }  # fmt: skip
    return {arc: name for arc, name in consensus(good).items() if arc in finite}


def _energy(
    good: Sequence[SpectrumStudy], arc: str, process: str
) -> tuple[ArrheniusResult | None, bool]:
    """Of a conductivity where area and thickness are known and the arc is of the volume; and
    whether it is of the resistance of one interface times its area."""
    temperature = [s.setup.temperature or 0.0 for s in good]
    values = [_resistance(s, arc) for s in good]
    if process.partition(" (")[0] in VOLUME:
        return _try(lambda: _of_volume(temperature, values, good)), False
    try:
        typed: list[Any] = [r.face(s.setup) for r, s in zip(values, good, strict=True)]
    except AnolyteError:
        typed = list(values)
    per_area = typed[0] is not values[0]
    return _try(lambda: of_resistance(temperature, typed, SETTINGS)), per_area


def _of_volume(
    temperature: list[float], values: Sequence[CellResistance], good: Sequence[SpectrumStudy],
    settings: ArrheniusSettings = SETTINGS,
) -> ArrheniusResult:  # fmt: skip
    try:
        found = [r.conductivity(s.setup) for r, s in zip(values, good, strict=True)]
    except AnolyteError:
        return of_resistance(temperature, list(values), settings)
    errors = [sigma / value for value, sigma in found if sigma is not None]
    known = errors if len(errors) == len(found) else None
    return of_conductivity(temperature, [v for v, _ in found], known, settings)


def _whole(good: Sequence[SpectrumStudy], names: dict[str, str]) -> ArrheniusResult | None:
    """Of bulk and grain boundaries together, where there are both."""
    parts = [arc for arc, name in names.items() if name.partition(" (")[0] in PARTS]
    if len(parts) < 2:
        return None
    values = [_sum(s, parts) for s in good]
    temperature = [s.setup.temperature or 0.0 for s in good]
    # Two processes of different energies in series always bend a little: that is no VTF law.
    straight = replace(SETTINGS, decisive=math.inf)
    found = _try(lambda: _of_volume(temperature, values, good, straight))
    return None if found is None else replace(found, warnings=(SUMMARY,))


def _sum(study: SpectrumStudy, arcs: Sequence[str]) -> CellResistance:
    """Of several arcs; errors of arcs that overlap cancel, as the covariance of the fit says."""
    fit = study.fit
    assert fit is not None
    parts = [_resistance(study, arc) for arc in arcs]
    names = [p.name for p in fit.parameters]
    if not all(arc in names for arc in arcs):
        return CellResistance(sum(p.value for p in parts))
    places = [names.index(arc) for arc in arcs]
    variance = sum(
        a.value * b.value * fit.covariance[i][j]
        for a, i in zip(parts, places, strict=True)
        for b, j in zip(parts, places, strict=True)
    )
    total = sum(p.value for p in parts)
    known = all(p.sigma is not None for p in parts) and variance > 0.0
    return CellResistance(total, math.sqrt(variance) if known else None)


def _try(law: Callable[[], ArrheniusResult]) -> ArrheniusResult | None:
    try:
        return law()
    except AnolyteError:
        return None


def _usable(studies: Sequence[SpectrumStudy]) -> list[SpectrumStudy]:
    """Good ones without a short, with the same arcs as the first of them."""
    good = [s for s in studies if s.good and not s.shorted and s.processes is not None]
    names = {a.name for a in good[0].arcs} if good else set()
    return [s for s in good if {a.name for a in s.arcs} == names]


def _resistance(study: SpectrumStudy, arc: str) -> CellResistance:
    found = _arc(study, arc)
    error = found.resistance_error
    return CellResistance(found.resistance, None if error is None else error * found.resistance)


def _different(name: str, studies: Sequence[SpectrumStudy]) -> int:
    """How many settings there are, of those that are known."""
    values = [v for s in studies if (v := getattr(s.setup, name)) is not None]
    return distinct(name, values)


def _steady(studies: Sequence[SpectrumStudy]) -> bool:
    """Whether nothing but the time changes."""
    names = ("temperature", "stack_pressure", "thickness")
    return all(_different(name, studies) <= 1 for name in names)
