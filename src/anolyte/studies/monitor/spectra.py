"""One spectrum after the other: gate, warm-started fit, meaning of the arcs, detectors.

What is kept is small: the circuit with the last good values and what its arcs are, some numbers a
detector, the last spectrum to compare with, what the fresh electrolyte had.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Level, Number, decode, encode
from anolyte.core.units import show
from anolyte.measure import detectors
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.choice import choose
from anolyte.measure.circuits.fit import CircuitFit, relaxation_arcs
from anolyte.measure.circuits.result import FitResult
from anolyte.measure.circuits.uncertainty import Uncertainty
from anolyte.measure.detectors import ArcCollapse, BelowBulk, ContactLoss, Sample
from anolyte.measure.processes import UNDECIDED, assign
from anolyte.measure.processes.conductivity import Published, published
from anolyte.measure.processes.short_test import from_library
from anolyte.measure.quality.answer import SpectrumQuality, Verdict
from anolyte.measure.quality.gate import Gate
from anolyte.measure.records import Spectrum
from anolyte.measure.resistance import CellResistance
from anolyte.measure.setup import Setup
from anolyte.numerics import separable
from anolyte.studies.monitor.conditions import Conditions, told
from anolyte.studies.monitor.decision import Alarm, Decision, worst
from anolyte.studies.monitor.fit_numbers import arc_error, inner_resistance, total_error
from anolyte.studies.monitor.growth import Growth, GrowthState
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.watcher import Where

FACES = ("interphase", "charge transfer", "constriction")
"""Classes of arcs that belong to an interface."""
INNER = ("bulk", "second phase", "ferroelectric bulk", "grain boundary")
"""Classes of arcs that belong to the electrolyte."""
SLOW = ("diffusion", "blocking")
"""Shapes of arcs that are neither electrolyte nor interface."""
_NAMES = {
    "arc collapse": ("soft short", Level.BAD), "below bulk": ("short", Level.BAD),
    "contact loss": ("contact area", Level.CAUTION), "drift": ("drift", Level.CAUTION),
    "growth": ("growth", Level.CAUTION),
}  # fmt: skip
"""Detector to the name of its alarm and how grave it is."""


def chosen(spectrum: Spectrum) -> FitResult:
    """The first fit of a cell: circuit and values."""
    return choose(spectrum).fits[0]


@dataclass(frozen=True)
class SpectrumJudge:
    """Judges a spectrum in the light of those before it.

    Args:
        circuit: As impedance.py writes it; None: chosen at the first spectrum of a cell.
        gate: Kramers-Kronig test.
        choice: How a circuit is chosen.
        collapse, contact, growth: Detectors.
        deviations: By which the whole must lie below the electrolyte to be a short.
        conditions: Changes of temperature and pressure that begin new references.
        afresh: Every so many spectra a start from relaxation times stands beside the last values,
            so that a wrong minimum is not carried on for ever.
        rougher: Noise over its median so far from which a spectrum is called less stationary.
    """

    circuit: str | None = None
    gate: Gate = Gate()
    choice: Callable[[Spectrum], FitResult] = chosen
    collapse: ArcCollapse = field(default_factory=ArcCollapse)
    contact: ContactLoss = field(default_factory=ContactLoss)
    growth: Growth = field(default_factory=Growth)
    deviations: float = 2.0
    conditions: Conditions = field(default_factory=Conditions)
    afresh: int = 10
    rougher: float = 3.0

    def __call__(
        self, spectrum: Spectrum, where: Where, state: State
    ) -> tuple[tuple[Decision, ...], State]:
        """The decision on a spectrum, and the state after it."""
        return Judgement(self, spectrum, where, state).decide()


class Judgement:
    """The steps for one spectrum.

    Args:
        judge: Settings.
        spectrum: As it was read.
        where: File and cell.
        state: Before it; is not changed.
    """

    def __init__(
        self, judge: SpectrumJudge, spectrum: Spectrum, where: Where, state: State
    ) -> None:
        self.judge, self.spectrum, self.where = judge, spectrum, where
        self.state = {**state, "count": state.get("count", 0) + 1}
        self.alarms: list[Alarm] = []
        self.notes: list[str] = []
        self.numbers: dict[str, Number] = {}
        self.setup = _at(spectrum, where.setup)

    def decide(self) -> tuple[tuple[Decision, ...], State]:
        """The decision, and the state after it."""
        quality = self._gate()
        if quality.verdict is Verdict.UNREADABLE:
            return (self._said(Level.UNKNOWN, quality.because),), self.state
        self._stationary(quality)
        clean = _cleaned(quality, self.spectrum)
        fit = self._fit(clean)
        good = fit is not None and fit.good
        if fit is not None and good:
            self._follow(fit)
        else:
            self._unfitted(clean, fit)
        self._remember(clean, fit if good else None)
        level = worst([a.level for a in self.alarms] + [Level.CAUTION] * (not good))
        return (self._said(level, self._because(quality, good)),), self.state

    def _said(self, level: Level, because: str) -> Decision:
        s = self.spectrum
        time = s.clock if s.clock is not None else s.time
        return Decision(
            "spectrum", self.where.cell, self.where.file, self.where.number, time, level, because,
            self.numbers, tuple(self.alarms), tuple(dict.fromkeys(self.notes)),
        )  # fmt: skip

    def _because(self, quality: SpectrumQuality, good: bool) -> str:
        shown = [f"{name} {n}" for name, n in self.numbers.items() if n.kind == "resistance"]
        parts = [", ".join(shown)] if shown else []
        if not good:
            parts.append("no fit at the noise, so no arc is told")
        parts.append(quality.because.partition(";")[0])
        return "; ".join(parts)

    def _gate(self) -> SpectrumQuality:
        """Kramers-Kronig and drift against the spectrum before, where times are known."""
        self._condition()
        before, near = self.state.get("before"), ()
        if before and before["time"] is not None and self.spectrum.clock is not None:
            near = (_spectrum(before),)
        timed = replace(self.spectrum, time=self.spectrum.clock)
        quality = self.judge.gate(timed, neighbours=near).spectra[0]
        self.notes += quality.warnings
        if math.isfinite(quality.noise):
            self.numbers["noise"] = Number(quality.noise, "fraction")
        return quality

    def _condition(self) -> None:
        """Other conditions begin where temperature or pressure have changed."""
        now = (self.setup.temperature, self.setup.stack_pressure)
        self.numbers |= told(now)
        old = self.state.get("conditions")
        if old is not None and not self.judge.conditions.differ(old, now):
            self.state["conditions"] = [
                b if a is None else a for a, b in zip(old, now, strict=True)
            ]
            return
        if self.state.get("shorted"):
            self.notes.append("the cell was shorted before the conditions changed; what its "
                              "electrolyte alone has here is not known")  # fmt: skip
        self.state |= {"conditions": list(now), "period": self.state.get("period", 0) + 1}
        for name in ("before", "fresh", "noise"):
            self.state.pop(name, None)

    def _stationary(self, quality: SpectrumQuality) -> None:
        """Drift within the spectrum, and a misfit that rises from spectrum to spectrum."""
        if quality.verdict is Verdict.DRIFT:
            self.alarms.append(Alarm("stationarity", Level.CAUTION, quality.because))
        elif not quality.usable:
            self.notes.append(quality.because)
        known = self.state.get("noise", [])
        usual = statistics.median(known) if len(known) >= 3 else math.inf
        if quality.noise > self.judge.rougher * max(usual, self.judge.gate.negligible):
            text = (
                f"the misfit of Kramers-Kronig rose to {show(quality.noise, 'fraction')} from "
                f"{show(usual, 'fraction')}: the cell changes during the sweep, or a contact is "
                "loose; a shorter sweep would decide"
            )
            self.alarms.append(Alarm("stationarity", Level.CAUTION, text))
        elif math.isfinite(quality.noise):
            self.state["noise"] = [*known, quality.noise][-9:]

    def _fit(self, clean: Spectrum) -> FitResult | None:
        """From the last good values, now and then also from relaxation times; else many starts."""
        circuit, values = self.state.get("circuit"), self.state.get("values")
        own = self.judge.circuit
        try:
            if circuit is None or self.state.get("asked") != own:
                return self.judge.choice(clean) if own is None else CircuitFit(own)(clean)
            quick = CircuitFit(
                circuit, starts=1, most_starts=1, meetings=1, blind=0.0, arcs=None,
                uncertainty=Uncertainty(profile=False),
            )  # fmt: skip
            seeded = replace(quick, starts=4, most_starts=4, arcs=relaxation_arcs)
            afresh = self.state["count"] % self.judge.afresh == 0
            many = replace(seeded, starts=8, most_starts=16, blind=0.25, meetings=2)
            best: FitResult | None = None
            for fit in (seeded, many) if afresh else (quick, seeded, many):
                found = fit(clean, start=values)
                best = found if best is None or found.chi2 < best.chi2 else best
                if best.good:
                    break
            return best
        except AnolyteError as error:
            self.notes.append(str(error))
            return None

    def _unfitted(self, clean: Spectrum, fit: FitResult | None) -> None:
        """Without a good fit there is still the whole resistance, at the lowest frequency."""
        if fit is not None:
            self.notes += fit.warnings
        last = clean.impedance[-1]
        if not abs(last.imag) <= 0.2 * last.real:  # not at the end of its arcs, or no resistance
            return
        noise = self.numbers.get("noise")
        error = noise.si if noise is not None else 0.05
        self._below_bulk(float(last.real), error)
        self.numbers["at the lowest frequency"] = Number(
            float(last.real), "resistance", error * float(last.real)
        )

    def _follow(self, fit: FitResult) -> None:
        """Numbers of a good fit, and what the detectors say of them."""
        self._meaning(fit)
        self.notes += [w for w in fit.warnings if "overlap" not in w]
        faces = [a for a in fit.arcs if self._label(a) in FACES]
        if not faces:  # without area and thickness nothing is assigned
            faces = [a for a in fit.arcs if a.shape not in SLOW][-1:]
        inner = [a for a in fit.arcs if a not in faces and a.shape not in SLOW]
        if self.state.get("labels"):  # what is not assigned may be of an interface
            inner = [a for a in inner if self._label(a) in INNER]
        for arc in fit.arcs:
            self._tell(arc, arc in faces)
        if math.isfinite(fit.low_frequency):
            error = total_error(fit)
            self.numbers = {
                "total": Number(fit.low_frequency, "resistance", error * fit.low_frequency),
                **self.numbers,
            }
            self._below_bulk(fit.low_frequency, error)
        for arc in faces:
            sample = Sample(
                self.state["count"], arc.resistance, arc_error(arc), arc.capacitance,
                arc.capacitance_error, arc.time_constant, self._period(fit), self.spectrum.clock,
            )  # fmt: skip
            self._feed(
                arc.name, sample, (self.judge.collapse, self.judge.contact, self.judge.growth)
            )
        value, error = inner_resistance(fit, inner)
        if value > 0.0:
            facts = {"condition": self._period(fit), "time": self.spectrum.clock}
            now = Sample(self.state["count"], value, error, **facts)
            self._feed("electrolyte", now, (self.judge.growth,))
            self._fresh(value, error)

    def _meaning(self, fit: FitResult) -> None:
        """What the arcs are, decided once for a circuit under the same conditions."""
        key = [fit.circuit, self.state["period"]]
        if self.state.get("meant") == key:
            return
        arcs = [a for a in fit.arcs if a.shape != "blocking" and 0.0 < a.capacitance < math.inf]
        found = assign(arcs, self.setup)
        labels = {p.name: p.best for p in found.processes if p.best != UNDECIDED}
        self.state |= {"meant": key, "labels": labels}
        self.notes += found.warnings

    def _period(self, fit: FitResult) -> str:
        """What must be the same for a resistance to be compared: conditions, and the circuit."""
        return f"{self.state['period']} {fit.circuit}"

    def _label(self, arc: Arc) -> str:
        return self.state.get("labels", {}).get(arc.name, "")

    def _tell(self, arc: Arc, face: bool) -> None:
        """Numbers of an arc, under a name that stays."""
        label = self._label(arc) or ("diffusion" if arc.shape == "diffusion" else "arc")
        name = f"{label} {arc.name}"
        error = arc.resistance_error
        self.numbers[name] = Number(
            arc.resistance, "resistance", None if error is None else error * arc.resistance
        )
        if not face:
            return
        self.numbers[f"{name}, capacitance"] = Number(arc.capacitance, "capacitance")
        try:
            sigma = None if error is None else error * arc.resistance
            one = CellResistance(arc.resistance, sigma).face(self.setup)
            self.numbers[f"{name}, one interface"] = Number(one.value, "area_resistance", one.sigma)
        except AnolyteError:
            pass  # no area or no electrodes: stays in ohm

    def _feed(self, name: str, sample: Sample, which: Sequence[Any]) -> None:
        """Give a sample to detectors, and keep their states."""
        kept = self.state["detectors"] = dict(self.state.get("detectors", {}))
        for detector in which:
            key = f"{name} {detector.name}"
            start = detector.start()
            before = decode(type(start), kept[key]) if key in kept else start
            after, alarm = detector.feed(before, sample)
            kept[key] = encode(after)
            if alarm is not None:
                self._alarm(alarm, name)
            if isinstance(after, GrowthState):
                self._foretold(name, before, after, alarm is None)

    def _foretold(self, name: str, before: GrowthState, after: GrowthState, silent: bool) -> None:
        """The forecast of a law that is followed; a law that was fitted anew is a note."""
        law, clock = after.law, self.spectrum.clock
        if law is None or clock is None:
            return
        wide = 2.0 * separable.student(self.judge.growth.laws.level, 1000)
        error = (law.forecast_high - law.forecast_low) / wide
        ahead = after.times[0] + law.knots[-1] - clock
        self.numbers |= {
            f"{name}, forecast": Number(law.forecast, "resistance", error),
            f"{name}, forecast in": Number(ahead, "time"),
        }
        if math.isfinite(law.exponent):
            width = (law.exponent_high - law.exponent_low) / wide
            self.numbers[f"{name}, exponent"] = Number(
                law.exponent, "number", width if math.isfinite(width) else None
            )
        if silent and (before.law is None or before.law.says != law.says):
            self.notes.append(f"{name}: {law.says}")

    def _alarm(self, alarm: detectors.Alarm, of: str) -> None:
        name, level = _NAMES[alarm.detector]
        self.alarms.append(Alarm(name, level, f"{of}: {alarm.text}" if of else alarm.text))

    def _below_bulk(self, total: float, error: float) -> None:
        """The whole against the fresh electrolyte, and at first against the library."""
        expected = self.state.get("fresh")
        if expected is None:
            reports = published(self.setup)
            if not isinstance(reports, Published):
                return
            try:
                best = from_library(reports, self.setup).resistance
            except AnolyteError:
                return
            expected = [best.value, best.sigma or 0.0]
        test = BelowBulk(*expected, deviations=self.judge.deviations)
        _, alarm = test.feed(test.start(), Sample(self.state["count"], total, error))
        if alarm is not None:
            self._alarm(alarm, "")

    def _fresh(self, value: float, error: float) -> None:
        """What the electrolyte has, the first time that it is seen under these conditions."""
        bad = any(a.level is Level.BAD for a in self.alarms)
        self.state["shorted"] = bad
        if "fresh" not in self.state and math.isfinite(error) and not bad:
            self.state["fresh"] = [value, error * value]

    def _remember(self, clean: Spectrum, fit: FitResult | None) -> None:
        """Keep this spectrum, to compare the next with and to be drawn, and its fit."""
        z = np.asarray(clean.impedance)
        drawn = {
            "frequency": clean.frequency.tolist(), "real": np.real(z).tolist(),
            "imaginary": np.imag(z).tolist(), "time": clean.clock,
        }  # fmt: skip
        if fit is not None:
            asked = self.judge.circuit
            self.state |= {"circuit": fit.circuit, "values": list(fit.values), "asked": asked}
            model = fit.impedance(clean.frequency)
            drawn |= {"fitted": [np.real(model).tolist(), np.imag(model).tolist()]}
        self.state["before"] = drawn


def _at(spectrum: Spectrum, setup: Setup) -> Setup:
    """The setup with what the instrument wrote of the conditions."""
    own = {n: getattr(spectrum, n) for n in ("temperature", "stack_pressure")}
    return replace(setup, **{n: v for n, v in own.items() if v is not None})


def _spectrum(kept: State) -> Spectrum:
    z = np.array(kept["real"]) + 1j * np.array(kept["imaginary"])
    return Spectrum(np.array(kept["frequency"]), z, time=kept["time"])


def _cleaned(quality: SpectrumQuality, spectrum: Spectrum) -> Spectrum:
    """Without the points that are bad; all of them where too few would be left."""
    try:
        return quality.cleaned(spectrum)
    except AnolyteError:
        return spectrum
