"""Rival laws of a cell's two limits, ranked on what was published.

What ends a ramp by plating: a constant, a constant overpotential, a flaw filled with lithium, or an
overpotential over more than the face's own resistance, held against the garnets of which one paper
gives both resistance and critical current. What ends stripping: the fitted limit, creep, diffusion
or both, held against the published onsets of voids.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.fracture import FilledFlaw
from anolyte.laws.voids import CreepClosing, Together, VacancyDiffusion, VoidLaw
from anolyte.materials import library, references
from anolyte.materials.evidence import evidence
from anolyte.materials.pairs import contact
from anolyte.materials.records import Record
from anolyte.materials.schema import Electrolyte
from anolyte.materials.stack import Interface
from anolyte.models.cell import build
from anolyte.studies.cases import material as material_of
from anolyte.studies.validate.device import of_stripping
from anolyte.studies.validate.device_cells import ROOM_TEMPERATURE, papers_in

GARNET = frozenset({"La", "Zr"})
GRID = np.concatenate([[0.0], np.geomspace(1e-5, 1.0, 200)])
"""ohm m2 among which a resistance in series is sought."""


@dataclass(frozen=True)
class Rival:
    """One law beside the published points of its question; errors in decades.

    Args:
        question: What it says: `plating` or `stripping`.
        law: In words.
        parameters: How many were fitted to the points.
        points: Exact ones it was held against; each left out of the fit in turn.
        error, worst: Median and largest size of the error.
        checks, check_error: Points that calibrate nothing, and the median error on them of a fit
            to the calibration points alone.
        kept, bounds: Published bounds that it keeps, of how many.
    """

    question: str
    law: str
    parameters: int
    points: int
    error: float = quantity("number")
    worst: float = quantity("number")
    checks: int = 0
    check_error: float = quantity("number", default=math.nan)
    kept: int = 0
    bounds: int = 0


def rivals() -> tuple[Rival, ...]:
    """Every rival, the better first in each question (by the error on checks)."""
    found = (*plating_rivals(), *stripping_rivals())
    return tuple(sorted(found, key=lambda r: (r.question, r.check_error)))


# --- plating ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GarnetPoint:
    """A garnet whose resistance (ohm m2) and critical current (A/m2) one paper gives."""

    paper: str
    resistance: float
    current: float
    calibration: bool


Law = Callable[[float], float]
Fit = Callable[[Sequence[GarnetPoint]], Law]


@lru_cache(maxsize=1)
def garnet_points() -> tuple[GarnetPoint, ...]:
    """Every paper that gives both, by name; what one of them calls a bound is left out."""
    fitted = _calibrating("LLZO", "critical_overpotential")
    values: dict[str, dict[str, float]] = {}
    for record in evidence():
        if record.counts and record.bound in ("exact", "approx") and _garnet(record):
            both = values.setdefault(record.source.key, {})
            best = max if record.quantity == "critical_current_density" else min
            known = both.get(record.quantity, record.value.si)
            warm = record.temperature is not None and abs(record.temperature.si - 298.15) > 16.0
            if not warm:
                both[record.quantity] = best(known, record.value.si)
    return tuple(
        GarnetPoint(key, both["interfacial_resistance"], both["critical_current_density"],
                    references.paper(key) in fitted)
        for key, both in sorted(values.items()) if len(both) == 2
    )  # fmt: skip


def _garnet(record: Record) -> bool:
    if record.quantity not in ("interfacial_resistance", "critical_current_density"):
        return False
    found = material_of(record.electrolyte, Electrolyte)
    return found is not None and bool(found.formula) and set(found.composition) >= GARNET


def _calibrating(electrolyte: str, name: str) -> frozenset[str]:
    """Papers that a pair's file names as those that fitted a number."""
    lib = library.default()
    pairs = contact(lib.electrolyte(electrolyte), lib.anode("Li")).pairs
    pair = next(p for p in pairs if name in p.properties)
    fitted = [n.partition(".")[0] for n in pair.notes if n.startswith("Calibration")]
    return frozenset(p for text in fitted for p in papers_in(text))


def _mean(values: Iterable[float]) -> float:
    """Geometric mean."""
    return math.exp(statistics.fmean(math.log(v) for v in values))


def constant(points: Sequence[GarnetPoint]) -> Law:
    """Every garnet carries the same current."""
    level = _mean(p.current for p in points)
    return lambda resistance: level


def constant_overpotential(points: Sequence[GarnetPoint]) -> Law:
    """The same overpotential starts filaments everywhere: j R is constant."""
    limit = _mean(p.current * p.resistance for p in points)
    return lambda resistance: limit / resistance


def in_series(points: Sequence[GarnetPoint]) -> Law:
    """The overpotential falls over the face and something else: j = limit / (R + R0)."""

    def misfit(more: float) -> tuple[float, float]:
        logs = [math.log(p.current * (p.resistance + more)) for p in points]
        return statistics.pvariance(logs), more

    _, more = min(misfit(float(r)) for r in GRID)
    limit = _mean(p.current * (p.resistance + more) for p in points)
    return lambda resistance: limit / (resistance + more)


def exponential(points: Sequence[GarnetPoint]) -> Law:
    """The current falls exponentially with the resistance, as Flatscher et al. (2020) saw."""
    x = np.array([p.resistance for p in points])
    slope, level = np.polyfit(x, np.log([p.current for p in points]), 1)
    return lambda resistance: float(np.exp(level + slope * resistance))


def filled_flaw(points: Sequence[GarnetPoint]) -> Law:
    """A flaw filled with lithium opens: toughness and flaw size of the library, nothing fitted."""
    lib = library.default()
    p = build.Parameters(lib.electrolyte("LLZO"), lib.anode("Li"))
    law = FilledFlaw(
        toughness=p.of(p.electrolyte, "fracture_toughness"), flaw_size=p.pair("flaw_size"),
        molar_volume=p.of(p.anode, "molar_volume"),
    )  # fmt: skip
    return lambda resistance: float(law.critical_overpotential) / resistance


PLATING: tuple[tuple[str, int, Fit], ...] = (
    ("a constant current", 1, constant),
    ("j R constant (OverpotentialLimit)", 1, constant_overpotential),
    ("filled flaw (FilledFlaw)", 0, filled_flaw),
    ("j = limit / (R + R0)", 2, in_series),
    ("j falls exponentially with R", 2, exponential),
)


def plating_rivals() -> tuple[Rival, ...]:
    """The plating limits, each point left out in turn, and fitted to the calibration points."""
    points = garnet_points()
    fitted, checks = ([p for p in points if p.calibration is c] for c in (True, False))
    found = []
    for name, parameters, fit in PLATING:
        left = [_error(fit([p for p in points if p is not out]), out) for out in points]
        beside = [_error(fit(fitted), p) for p in checks]
        found.append(Rival(
            "plating", name, parameters, len(points), statistics.median(left), max(left),
            len(checks), statistics.median(beside),
        ))  # fmt: skip
    return tuple(found)


def _error(law: Law, point: GarnetPoint) -> float:
    return abs(math.log10(law(point.resistance) / point.current))


# --- stripping ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class StrippingPoint:
    """A published onset of voids; SI. `bound` as in the evidence base."""

    id: str
    electrolyte: str
    pressure: float
    temperature: float
    current: float
    bound: str
    calibration: bool


@lru_cache(maxsize=1)
def stripping_points() -> tuple[StrippingPoint, ...]:
    """Onsets of voids at a stated pressure; a pressure that fails bounds the current from above."""
    found = []
    for record in evidence():
        turned = record.quantity == "critical_stack_pressure" and record.current is not None
        if turned and record.bound == "at_least" and record.current is not None:
            pressure, current, bound = record.value.si, record.current.si, "at_most"
        elif of_stripping(record) and record.stack_pressure is not None:
            pressure, current = record.stack_pressure.si, record.value.si
            bound = record.bound
        else:
            continue
        kelvin = record.temperature.si if record.temperature else ROOM_TEMPERATURE
        found.append(StrippingPoint(record.id, record.electrolyte, pressure, kelvin, current, bound,
                                    record.role == "calibration"))  # fmt: skip
    return tuple(found)


def void_laws(electrolyte: str) -> dict[str, tuple[int, VoidLaw]]:
    """Rival closures of voids of lithium on an electrolyte: parameters fitted, law."""
    lib = library.default()
    p = build.Parameters(lib.electrolyte(electrolyte), lib.anode("Li"))
    volume = p.of(p.anode, "molar_volume")
    creep = build.metal_creep(p)
    fitted = build.metal_face(Interface(electrolyte, "Li"), p, 1e6).voids
    diffusion = VacancyDiffusion(
        p.pair("diffusion_limited_current"), volume, p.pair("diffusion_activation_energy")
    )
    return {
        "fitted limit (FittedLimit)": (2, fitted),
        "diffusion alone (VacancyDiffusion)": (1, diffusion),
        "creep over the void's depth (CreepClosing)": (0, CreepClosing(creep)),
        "creep over the void spacing (CreepClosing)":
            (0, CreepClosing(creep, p.pair("void_spacing"))),
        "creep without breakdown, over the spacing":
            (0, CreepClosing(replace(creep, highest=1e12), p.pair("void_spacing"))),
        "creep and diffusion (Together)": (1, Together((CreepClosing(creep), diffusion))),
    }  # fmt: skip


def held_current(law: VoidLaw, electrolyte: str, pressure: float, temperature: float) -> float:
    """Current at which the void that halves the contact neither grows nor closes, A/m2."""
    lib = library.default()
    p = build.Parameters(lib.electrolyte(electrolyte), lib.anode("Li"))
    closing: Any = law.closing(pressure, temperature)
    speed = closing(p.pair("void_depth"), 0.5, pressure)
    return float(speed * FARADAY / p.of(p.anode, "molar_volume"))


def stripping_rivals() -> tuple[Rival, ...]:
    """The closures of voids beside the published onsets."""
    points = stripping_points()
    found = []
    for name, (parameters, _) in void_laws("LLZO").items():
        ours = {
            p.id: held_current(
                void_laws(p.electrolyte)[name][1], p.electrolyte, p.pressure, p.temperature
            )
            for p in points
        }
        exact = [p for p in points if p.bound in ("exact", "approx")]
        bounds = [p for p in points if p not in exact]
        errors = {p.id: abs(math.log10(max(ours[p.id], 1e-30) / p.current)) for p in exact}
        checks = [errors[p.id] for p in exact if not p.calibration]
        kept = sum(
            (ours[p.id] >= p.current) if p.bound == "at_least" else (ours[p.id] <= p.current)
            for p in bounds
        )
        found.append(Rival(
            "stripping", name, parameters, len(exact), statistics.median(errors.values()),
            max(errors.values()), len(checks), statistics.median(checks), kept, len(bounds),
        ))  # fmt: skip
    return tuple(found)
