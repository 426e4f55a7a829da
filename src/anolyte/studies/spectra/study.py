"""The chain from a series of spectra to what they mean: gate, relaxations, circuit, processes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.progress import Progress, silent
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits import (
    CircuitChoice,
    CircuitFit,
    CircuitSearch,
    FitResult,
    JointResult,
)
from anolyte.measure.processes import ProcessResult, assign
from anolyte.measure.processes.evidence import SeriesEvidence, evidence
from anolyte.measure.quality.answer import SpectrumQuality, Verdict
from anolyte.measure.quality.gate import Gate
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.times import RelaxationResult, RelaxationTimes
from anolyte.measure.resistance import CellResistance
from anolyte.studies.spectra import trends
from anolyte.studies.spectra.beside import published_face
from anolyte.studies.spectra.gather import Measured, Series, condition_texts
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy
from anolyte.studies.spectra.together import arcs_of_joint, joint_fit

if TYPE_CHECKING:
    from anolyte.materials.library import Library

ONLY_FITS = (
    "errors are those of the fits; those of area, thickness and temperature come on top: 1 K is "
    "about 4 % at 0.3 eV and 25 °C"
)
STEADY = ("temperature", "stack_pressure", "thickness")
"""What must be the same for a neighbour in time to say something of drift."""


@dataclass(frozen=True)
class SpectraStudy:
    """How spectra are studied; call it with a series.

    Args:
        circuit: As impedance.py writes it; None: chosen by the data, one for all.
        noise: Relative standard deviation of each part where it is known; None: seen from the
            spectra.
        gate: The test before every fit.
        relaxation: The spectrum of relaxation times.
        seed: Of starts and resampling.

    >>> from anolyte.measure import synthetic
    >>> made = synthetic.ageing(count=1)
    >>> series = Series(tuple(Measured(s, made.setup) for s in made.spectra))
    >>> found = SpectraStudy(synthetic.CIRCUIT)(series)
    >>> [p.best for p in found.spectra[0].processes.processes]
    ['bulk', 'grain boundary', 'charge transfer', 'diffusion']
    """

    circuit: str | None = None
    noise: float | None = None
    gate: Gate = Gate()
    relaxation: RelaxationTimes = RelaxationTimes()
    seed: int = 0

    def __call__(
        self, series: Series, *, lib: Library | None = None, progress: Progress = silent
    ) -> SpectraResult:
        """What the spectra say, each and together.

        Args:
            series: From `gather`, or made by hand.
            lib: Where the electrolyte's published numbers are.
            progress: Told of each step.

        Raises:
            DataError: No spectrum can be fitted; the first reason is told.
        """
        measured = list(series.measured)
        progress(0, 4, "Kramers-Kronig")
        qualities = self._qualities(measured)
        kept = [k for k, q in enumerate(qualities) if q.verdict is not Verdict.UNREADABLE]
        if not kept:
            why = f"{measured[0].label or measured[0].spectrum.name}: {qualities[0].because}"
            raise DataError(f"none of {len(measured)} spectra can be fitted; {why}")
        clean = [qualities[k].cleaned(measured[k].spectrum) for k in kept]
        progress(1, 4, "relaxation times")
        relaxations = [self.relaxation(s) for s in clean]
        progress(2, 4, "circuit")
        ordered = not series.varies("temperature", 2)
        choice, fits = self._fits(clean, relaxations, ordered)
        progress(3, 4, "processes")
        known = [measured[k] for k in kept]
        temperatures = [m.setup.temperature for m in known]
        joint, held, why = joint_fit(clean, fits, temperatures, self.noise, self.seed)
        arcs = [f.arcs for f in fits]
        for place, k in enumerate(held):
            assert joint is not None  # where it is None, no spectrum is held
            arcs[k] = arcs_of_joint(joint, place, float(clean[k].frequency.max()))
        found = _Found(tuple(kept), tuple(relaxations), fits, tuple(arcs))
        # Each by itself first: a shorted cell must not speak for the others.
        processes, told = _processes(found, known, None, lib)
        studies = _studies(measured, qualities, found, processes)
        studies = trends.with_short_tests(studies, lib)
        series_says = _evidence([s for s in studies if s.good and not s.shorted])
        if series_says is not None:
            again, _ = _processes(found, known, series_says, lib)
            studies = _reassigned(studies, found, again)
        progress(4, 4, "done")
        told = [why] * bool(why) + told
        told += trends.energies_not_told(studies, together=joint is not None)
        return self._result(series, choice, joint, studies, told)

    def _qualities(self, measured: Sequence[Measured]) -> tuple[SpectrumQuality, ...]:
        """The gate's answers; neighbours in time lend each other a test of drift."""
        spectra = [replace(m.spectrum, time=m.time, clock=None) for m in measured]
        steady = len({tuple(m.at(n) for n in STEADY) for m in measured}) == 1
        timed = steady and all(m.time is not None for m in measured)
        return self.gate(spectra, self.noise, spectra if timed and len(spectra) > 1 else ()).spectra

    def _fits(
        self, clean: list[Spectrum], relaxations: Sequence[RelaxationResult], ordered: bool
    ) -> tuple[CircuitChoice | None, tuple[FitResult, ...]]:
        """Fits of the given circuit, or of the one that the data choose."""
        arcs = [r.arcs for r in relaxations]
        if self.circuit is not None:
            fit = CircuitFit(self.circuit, arcs=lambda _: arcs)
            return None, fit(clean, noise=self.noise, seed=self.seed, ordered=ordered)
        search = CircuitSearch()
        search = replace(search, fit=replace(search.fit, arcs=lambda _: arcs))
        choice = search(clean, noise=self.noise, seed=self.seed)
        return replace(choice, fits=()), choice.fits

    def _result(
        self, series: Series, choice: CircuitChoice | None, joint: JointResult | None,
        studies: tuple[SpectrumStudy, ...], told: list[str],
    ) -> SpectraResult:  # fmt: skip
        fitted = [s for s in studies if s.fit is not None]
        circuit = fitted[0].fit.circuit if fitted and fitted[0].fit else self.circuit or ""
        found = SpectraResult(
            setup=series.measured[0].setup, circuit=circuit, spectra=studies, choice=choice,
            joint=joint,
            temperatures=trends.over_temperature(studies, together=joint is not None),
            times=trends.over_time(studies),
            pressures=trends.over_pressure(studies), thickness=trends.over_thickness(studies),
            published=published_face(series.measured[0].setup),
            skipped=tuple(f for f in series.flags if f.startswith("passed over")),
        )  # fmt: skip
        flags = [f for f in series.flags if not f.startswith("passed over")]
        return replace(
            found, warnings=_warnings(found, series, [*flags, *told]),
            sources=_sources(found),
        )  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """What was fitted: which of the spectra, and what to each."""

    kept: tuple[int, ...]
    relaxations: tuple[RelaxationResult, ...]
    fits: tuple[FitResult, ...]
    arcs: tuple[tuple[Arc, ...], ...]


def _evidence(good: Sequence[SpectrumStudy]) -> SeriesEvidence | None:
    """What the series says of all arcs."""
    if len(good) < 2:
        return None
    times = [s.time for s in good]
    timed = [t for t in times if t is not None] if None not in times else None
    try:
        return evidence([s.arcs for s in good], [s.setup for s in good], timed)
    except DataError:  # arcs that are missing in some: each spectrum then speaks for itself
        return None


def _processes(
    found: _Found, measured: Sequence[Measured], known: SeriesEvidence | None, lib: Library | None
) -> tuple[list[ProcessResult | None], list[str]]:
    """What the arcs of each spectrum are, and why not."""
    out: list[ProcessResult | None] = []
    told: list[str] = []
    for fit, arcs, m in zip(found.fits, found.arcs, measured, strict=True):
        high = fit.high_frequency
        intercept = CellResistance(high) if 0.0 < high < math.inf else None
        try:
            out.append(assign(arcs, m.setup, known, intercept, lib=lib))
        except AnolyteError as error:
            out.append(None)
            told.append(f"{m.label or m.spectrum.name}: {error}")
    return out, told


def _reassigned(
    studies: tuple[SpectrumStudy, ...], found: _Found, processes: Sequence[ProcessResult | None]
) -> tuple[SpectrumStudy, ...]:
    """Studies with the processes that the series knows; a shorted one keeps its own."""
    out = list(studies)
    for place, k in enumerate(found.kept):
        if not out[k].shorted:
            out[k] = replace(out[k], processes=processes[place])
    return tuple(out)


def _studies(
    measured: Sequence[Measured], qualities: Sequence[SpectrumQuality], found: _Found,
    processes: Sequence[ProcessResult | None],
) -> tuple[SpectrumStudy, ...]:  # fmt: skip
    place = {k: n for n, k in enumerate(found.kept)}
    studies, labels = [], condition_texts(measured)
    for k, (m, quality) in enumerate(zip(measured, qualities, strict=True)):
        bad, z = set(quality.bad_points), m.spectrum.impedance
        study = SpectrumStudy(
            name=m.spectrum.name, label=labels[k], setup=m.setup, quality=quality,
            used=tuple(i not in bad for i in range(z.size)), time=m.time,
            frequency=tuple(map(float, m.spectrum.frequency)),
            real=tuple(map(float, np.real(z))), imaginary=tuple(map(float, np.imag(z))),
        )  # fmt: skip
        if (n := place.get(k)) is not None:
            study = replace(
                study, relaxation=found.relaxations[n], fit=found.fits[n], arcs=found.arcs[n],
                processes=processes[n],
            )  # fmt: skip
        studies.append(study)
    return tuple(studies)


def _warnings(found: SpectraResult, series: Series, told: Sequence[str]) -> tuple[str, ...]:
    """What to know before using the result, the gravest first; the same of many spectra once."""
    out = list(told)
    unused = [s for s in found.spectra if s.quality.verdict is not Verdict.PASSED]
    out += _grouped([(s.label, s.quality.because) for s in unused], len(found.spectra))
    poor = [s for s in found.spectra if s.fit is not None and not s.fit.good]
    bad = [(s.label, w) for s in poor for w in getattr(s.fit, "warnings", ())]
    out += _grouped(bad, len(found.spectra))
    for trend in (*found.temperatures, *found.times):
        out += [f"{trend.process}: {w}" for w in trend.law.warnings]
    if found.choice is not None:
        out += found.choice.warnings
    rest = [(s.label, w) for s in found.spectra for w in _remarks(s)]
    out += _grouped(rest, len(found.spectra))
    if found.temperatures or found.thickness is not None:
        out.append(ONLY_FITS)
    names = {n for m in series.measured for n in m.from_name}
    out += [f"the {n.replace('_', ' ')} stands only in the files' names" for n in sorted(names)]
    return tuple(dict.fromkeys(out))


def _remarks(study: SpectrumStudy) -> list[str]:
    """What gate, relaxations, a good fit, processes and short test remark on one spectrum."""
    fit = study.fit if study.fit is not None and study.fit.good else None
    if fit is not None and fit.arcs != study.arcs:
        fit = None  # what the spectrum alone leaves open the joint fit has decided
    short = study.short if study.short is not None and study.short.short else None
    parts = (short, study.quality, study.processes, fit, study.relaxation)
    told = [w for part in parts for w in getattr(part, "warnings", ())]
    if any("overlap: only their sum" in w for w in told):  # said with its number
        told = [w for w in told if "overlaps a neighbour" not in w]
    if any("beyond the sweep" in w for w in told):  # said of the fit's own arc
        told = [w for w in told if "lies above the highest frequency" not in w]
    return told


_DIGITS = re.compile(r"[-+]?\d[\d.,]*(?:e[-+]?\d+)?")


def _grouped(told: Sequence[tuple[str, str]], spectra: int) -> list[str]:
    """Sentences that differ only in their numbers as one, with how many spectra it holds for."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for label, sentence in told:
        groups.setdefault(_DIGITS.sub("#", sentence), []).append((label, sentence))
    out = []
    for group in groups.values():
        label, sentence = group[0]
        others = len({name for name, _ in group}) - 1
        if spectra == 1:
            out.append(sentence)
        elif others + 1 == spectra:
            out.append(f"all spectra, as {label}: {sentence}")
        else:
            more = f" and {others} more" if others else ""
            out.append(f"{label}{more}: {sentence}")
    return out


def _sources(found: SpectraResult) -> tuple[str, ...]:
    """Of the data and of the methods behind every part."""
    parts = [p for s in found.spectra for p in (s.processes, s.quality, s.relaxation, s.fit)]
    parts += [found.published, found.joint, *(t.law for t in (*found.temperatures, *found.times))]
    keys = [k for p in parts
            for k in (*getattr(p, "sources", ()), *getattr(p, "references", ()))]  # fmt: skip
    return tuple(dict.fromkeys(keys))
