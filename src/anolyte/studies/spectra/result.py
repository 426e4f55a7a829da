"""What a folder of spectra says: each spectrum, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Result, quantity
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits import CircuitChoice, FitResult, JointResult
from anolyte.measure.processes import ProcessResult
from anolyte.measure.processes.conductivity import ThicknessResult
from anolyte.measure.processes.short_test import ShortTest
from anolyte.measure.quality.answer import SpectrumQuality
from anolyte.measure.relaxation.times import RelaxationResult
from anolyte.measure.series.arrhenius import ArrheniusResult
from anolyte.measure.series.growth_law import GrowthResult
from anolyte.measure.setup import Setup
from anolyte.studies.spectra.beside import PublishedFace


@dataclass(frozen=True)
class SpectrumStudy(Result):
    """One spectrum, from the gate to its processes.

    Args:
        name: File, and which spectrum of it.
        label: What it was taken at.
        setup: The cell at the time.
        frequency: Of all points that were read, from high to low.
        real, imaginary: As measured, ohm of the whole cell.
        used: Which points the fit has seen.
        quality: What the gate found.
        relaxation: Its spectrum of relaxation times; None: not readable.
        fit: The circuit's fit to it alone; None: none was tried.
        arcs: By rising time constant: of the joint fit where there is one, else of `fit`.
        processes: What the arcs are; None: no fit.
        short: The test for a short; None: nothing to hold it against.
        time: s since the first of the series; None: not known.
    """

    name: str
    label: str
    setup: Setup
    used: tuple[bool, ...]
    quality: SpectrumQuality
    frequency: tuple[float, ...] = quantity("frequency")
    real: tuple[float, ...] = quantity("resistance")
    imaginary: tuple[float, ...] = quantity("resistance")
    relaxation: RelaxationResult | None = None
    fit: FitResult | None = None
    arcs: tuple[Arc, ...] = ()
    processes: ProcessResult | None = None
    short: ShortTest | None = None
    time: float | None = quantity("time", default=None)

    @property
    def good(self) -> bool:
        """Whether the gate let it through and the circuit describes it."""
        return self.quality.usable and self.fit is not None and self.fit.good

    @property
    def shorted(self) -> bool:
        """Whether its whole resistance lies below its electrolyte's."""
        return self.short is not None and self.short.short


@dataclass(frozen=True)
class TemperatureTrend:
    """How a process follows the temperature.

    Args:
        process: What it is ("bulk", "bulk and grain boundary", "charge transfer").
        arc: Of the circuit; empty: several together.
        law: What was found.
        per_area: Whether resistances are those of one interface times its area; else of the cell.
    """

    process: str
    arc: str
    law: ArrheniusResult
    per_area: bool = False


@dataclass(frozen=True)
class TimeTrend:
    """How a process grows.

    Args:
        process: What it is.
        arc: Of the circuit.
        law: What was found.
    """

    process: str
    arc: str
    law: GrowthResult


@dataclass(frozen=True)
class PressureTrend:
    """How a process follows the stack pressure: an exponent.

    Args:
        process: What it is.
        arc: Of the circuit.
        exponent, error: Of the pressure, and its standard deviation.
    """

    process: str
    arc: str
    exponent: float
    error: float


@dataclass(frozen=True)
class SpectraResult(Result):
    """A series of spectra, from files to conductivities and processes.

    Args:
        setup: What holds for all.
        circuit: Fitted to all.
        choice: How it was chosen; None: it was given.
        joint: The fit to all at once, with capacitances and exponents shared; None: not tried,
            or it does not describe them, and arcs are those of single fits.
        spectra: In the order they were taken.
        temperatures, times, pressures: Trends, where these were varied.
        thickness: The electrolyte without its faces, where pellets differ in thickness.
        published: Face resistances of the same pair in the evidence base; None: nothing known.
        skipped: Files and spectra that could not be used, with the reason.
        warnings: What to know before using any of it.
        sources: Of published numbers beside it.
    """

    setup: Setup
    circuit: str
    spectra: tuple[SpectrumStudy, ...]
    choice: CircuitChoice | None = None
    joint: JointResult | None = None
    temperatures: tuple[TemperatureTrend, ...] = ()
    times: tuple[TimeTrend, ...] = ()
    pressures: tuple[PressureTrend, ...] = ()
    thickness: ThicknessResult | None = None
    published: PublishedFace | None = None
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    @property
    def good(self) -> tuple[SpectrumStudy, ...]:
        """Spectra that passed the gate and are described by the circuit."""
        return tuple(s for s in self.spectra if s.good)

    def rows(self) -> list[dict[str, Any]]:
        """One row an arc of a spectrum."""
        return [row for study in self.spectra for row in _rows(study)]


def _rows(study: SpectrumStudy) -> list[dict[str, Any]]:
    head: dict[str, Any] = {
        "spectrum": study.name,
        "temperature [°C]": _shift(study.setup.temperature),
        "stack pressure [MPa]": _scaled(study.setup.stack_pressure, 1e6),
        "time [h]": _scaled(study.time, 3600.0),
        "verdict": str(study.quality.verdict),
        "good fit": study.good,
    }
    if study.fit is None or study.processes is None:
        return [head]
    errors = {a.name: a.resistance_error for a in study.arcs}
    return [
        head
        | {
            "arc": p.name, "process": p.best, "probability": p.probability,
            "resistance [Ω]": p.resistance, "relative error": errors.get(p.name),
            "capacitance [F]": p.capacitance, "time constant [s]": p.time_constant,
            "conductivity [mS cm⁻¹]": _scaled(p.conductivity, 0.1),
            "one interface [Ω cm²]": None if p.face is None else p.face.value * 1e4,
            "both interfaces [Ω cm²]": None if p.total is None else p.total.value * 1e4,
        }
        for p in study.processes.processes
    ]  # fmt: skip


def _shift(value: float | None) -> float | None:
    return None if value is None else value - 273.15


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value / factor
