"""One spectrum after the other: gate, warm-started fit, meaning of the arcs, detectors.

What is kept between two spectra is small: the circuit with the last good values and what its arcs
are, a few numbers a detector, the last spectrum to compare with, what the fresh electrolyte had.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from anolyte.measure.detectors import ArcCollapse, BelowBulk, ContactLoss, Cusum, Sample
from anolyte.measure.processes import UNDECIDED, assign
from anolyte.measure.processes.conductivity import Published, published
from anolyte.measure.processes.short_test import from_library
from anolyte.measure.quality.answer import SpectrumQuality, Verdict
from anolyte.measure.quality.gate import Gate
from anolyte.measure.records import Spectrum
from anolyte.measure.resistance import CellResistance
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.decision import Alarm, Decision, worst
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.watcher import Where

FACES = ("interphase", "charge transfer", "constriction")
"""Classes of arcs that belong to an interface."""
SLOW = ("diffusion", "blocking")
"""Shapes of arcs that are neither electrolyte nor interface."""
_NAMES = {
    "arc collapse": ("soft short", Level.BAD), "below bulk": ("short", Level.BAD),
    "contact loss": ("contact area", Level.CAUTION), "drift": ("drift", Level.CAUTION),
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
        collapse, contact, drift: Detectors.
        deviations: By which the whole must lie below the electrolyte to be a short.
        hotter: Change of temperature that makes other conditions, K: an activation energy of
            0.5 eV changes a resistance by an eighth in 2 K.
        pressed: Relative change of the stack pressure that makes other conditions.
        afresh: Every so many spectra a start from relaxation times stands beside the last values,
            so that a wrong minimum is not carried on for ever.
        rougher: Noise over its median so far from which a spectrum is called less stationary.
    """

    circuit: str | None = None
    gate: Gate = Gate()
    choice: Callable[[Spectrum], FitResult] = chosen
    collapse: ArcCollapse = ArcCollapse()
    contact: ContactLoss = ContactLoss()
    drift: Cusum = Cusum()
    deviations: float = 2.0
    hotter: float = 2.0
    pressed: float = 0.1
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
        now = [self.setup.temperature, self.setup.stack_pressure]
        limits = (self.judge.hotter, self.judge.pressed * (now[1] or 0.0))
        old = self.state.get("conditions", now)
        changed = any(
            (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > limit)
            for a, b, limit in zip(now, old, limits, strict=True)
        )
        if changed or "conditions" not in self.state:
            self.state |= {"conditions": now, "period": self.state.get("period", 0) + 1}
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
        try:
            if circuit is None:
                own = self.judge.circuit
                return self.judge.choice(clean) if own is None else CircuitFit(own)(clean)
            quick = CircuitFit(
                circuit, starts=1, most_starts=1, meetings=1, blind=0.0, arcs=None,
                uncertainty=Uncertainty(profile=False),
            )  # fmt: skip
            seeded = replace(quick, starts=4, most_starts=4, arcs=relaxation_arcs)
            afresh = self.state["count"] % self.judge.afresh == 0
            many = replace(seeded, starts=8, most_starts=16, blind=0.25, meetings=2)
            best: FitResult | None = None
            for fit in (seeded if afresh else quick, seeded, many):
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
        if abs(last.imag) > 0.2 * abs(last.real):  # not at the end of its arcs
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
        for arc in fit.arcs:
            self._tell(arc, arc in faces)
        if math.isfinite(fit.low_frequency):
            error = _total_error(fit)
            self.numbers = {
                "total": Number(fit.low_frequency, "resistance", error * fit.low_frequency),
                **self.numbers,
            }
            self._below_bulk(fit.low_frequency, error)
        for arc in faces:
            sample = Sample(
                self.state["count"], arc.resistance, _error(arc), arc.capacitance,
                arc.capacitance_error, arc.time_constant, str(self.state["period"]),
            )  # fmt: skip
            self._feed(arc.name, sample, (self.judge.collapse, self.judge.contact))
            self._feed(arc.name, sample, (self.judge.drift,))
        value, error = _inner(fit, inner)
        if value > 0.0:
            now = Sample(self.state["count"], value, error, condition=str(self.state["period"]))
            self._feed("electrolyte", now, (self.judge.drift,))
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
            whole = CellResistance(
                arc.resistance, None if error is None else error * arc.resistance
            )
            one = whole.face(self.setup)
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
            self.state |= {"circuit": fit.circuit, "values": list(fit.values)}
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


def _inner(fit: FitResult, inner: Sequence[Arc]) -> tuple[float, float]:
    """Resistance of the electrolyte, ohm, and its relative error: of the sum where arcs overlap."""
    value = sum(a.resistance for a in inner) + max(fit.high_frequency, 0.0)
    if not (math.isfinite(value) and value > 0.0):
        return 0.0, 0.0
    error = {s.names: s.error for s in fit.sums}.get(tuple(a.name for a in inner))
    own = math.hypot(*(_error(a) * a.resistance for a in inner), 0.0)
    return value, own / value if error is None else error


def _error(arc: Arc) -> float:
    """Relative standard deviation of a resistance; infinite where the fit does not know it."""
    return math.inf if arc.resistance_error is None else arc.resistance_error


def _total_error(fit: FitResult) -> float:
    """Relative standard deviation of the resistance at low frequency."""
    names = [p.name for p in fit.parameters]
    slopes = np.array(
        [p.value if p.kind == "resistance" and math.isfinite(p.value) else 0.0
         for p in fit.parameters]
    )  # fmt: skip
    covariance = np.array(fit.covariance)
    if covariance.shape != (len(names), len(names)) or not fit.low_frequency > 0.0:
        return fit.noise
    variance = float(slopes @ covariance @ slopes)
    return math.sqrt(max(variance, 0.0)) / fit.low_frequency
