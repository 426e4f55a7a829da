"""How good a spectrum is, in words and numbers: what the Kramers-Kronig gate answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.measure.quality.sweep_drift import SweepDrift
from anolyte.measure.records import FEWEST, Spectrum


class Verdict(StrEnum):
    """What the gate says of a spectrum."""

    PASSED = "passed"
    DRIFT = "drift"
    CUT = "cut"
    BAD_POINTS = "bad points"
    NOISY = "noisy"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SpectrumQuality(Result):
    """What the gate found in one spectrum.

    Args:
        name: File, and which spectrum of it.
        verdict: passed | drift | cut | bad points | noisy | unreadable.
        because: A sentence.
        noise: Relative standard deviation of the real and of the imaginary part, estimated from
            the misfit less the unknowns spent.
        noise_error: Standard deviation of that estimate.
        order: Relaxations in the fit.
        overfit: mu of that order, 1 less the share of negative resistances.
        frequency: Hz, of every point.
        residual_real, residual_imaginary: Measured less fitted, relative to the modulus.
        autocorrelation: Of the residual from point to point, less what the fit itself makes.
        structure_chance: Probability that noise alone makes it so large.
        drift: What is known of a change during the sweep.
        inductance: In series, H; negative: a stray capacitance or a correction too large.
        inductance_error: Standard deviation, H.
        inductive_above: Frequency from which the inductance outweighs the rest of the imaginary
            part, Hz; None: nowhere, or it does not stand out from its error.
        capacitance: In series, F; None: not fitted, or not positive.
        cut_above, cut_below: Points beyond do not fit the rest, Hz; None: nothing to cut.
        bad_points: Places of points to leave out, from 0, in the order of the spectrum.
        bad_places: The same by line or frequency.
        not_positive: Places of points whose real part is not positive.
        warnings: What else is odd, a sentence each.
    """

    name: str
    verdict: Verdict
    because: str
    noise: float = quantity("fraction", default=math.nan)
    noise_error: float = quantity("fraction", default=math.nan)
    order: int = 0
    overfit: float = math.nan
    frequency: tuple[float, ...] = quantity("frequency", default=())
    residual_real: tuple[float, ...] = quantity("fraction", default=())
    residual_imaginary: tuple[float, ...] = quantity("fraction", default=())
    autocorrelation: float = 0.0
    structure_chance: float = 1.0
    drift: SweepDrift = SweepDrift(False, 1.0)
    inductance: float | None = quantity("inductance", default=None)
    inductance_error: float | None = quantity("inductance", default=None)
    inductive_above: float | None = quantity("frequency", default=None)
    capacitance: float | None = quantity("capacitance", default=None)
    cut_above: float | None = quantity("frequency", default=None)
    cut_below: float | None = quantity("frequency", default=None)
    bad_points: tuple[int, ...] = ()
    bad_places: tuple[str, ...] = ()
    not_positive: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    references: ClassVar[tuple[str, ...]] = ("boukamp1995linear", "schonleber2014kramers")

    @property
    def usable(self) -> bool:
        """Whether a fit may follow, after `cleaned`: all but drift, noise and the unreadable."""
        return self.verdict in (Verdict.PASSED, Verdict.BAD_POINTS, Verdict.CUT)

    def cleaned(self, spectrum: Spectrum) -> Spectrum:
        """The spectrum without the points that are named here, and nothing else changed.

        Raises:
            DataError: It is not the spectrum that was judged, or too little of it is left.
        """
        if np.shape(self.frequency) != np.shape(spectrum.frequency) or not np.allclose(
            self.frequency, spectrum.frequency, rtol=1e-9
        ):
            raise DataError(f"{spectrum.name}: not the spectrum that was judged ({self.name})")
        if not self.bad_points:
            return spectrum
        kept = np.ones(spectrum.frequency.size, dtype=bool)
        kept[list(self.bad_points)] = False
        if np.count_nonzero(kept) < FEWEST:
            raise DataError(f"{spectrum.name}: fewer than {FEWEST} good points are left")
        return spectrum.keep(kept)

    def rows(self) -> list[dict[str, Any]]:
        """One row a point: frequency, residuals, whether it is bad."""
        bad = set(self.bad_points)
        return [
            {
                "spectrum": self.name, "frequency [Hz]": f, "residual real [%]": 100.0 * re,
                "residual imaginary [%]": 100.0 * im, "bad": k in bad,
            }
            for k, (f, re, im) in enumerate(
                zip(self.frequency, self.residual_real, self.residual_imaginary, strict=True)
            )
        ]  # fmt: skip


@dataclass(frozen=True)
class GateResult(Result):
    """What the gate found in each of several spectra.

    Args:
        spectra: In the order they came.
    """

    spectra: tuple[SpectrumQuality, ...]
    references: ClassVar[tuple[str, ...]] = ("boukamp1995linear", "schonleber2014kramers")

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that is odd, each with the name of its spectrum."""
        told = [(q.name, w) for q in self.spectra for w in (q.because, *q.warnings)]
        dull = {(q.name, q.because) for q in self.spectra if q.verdict is Verdict.PASSED}
        return tuple(f"{name}: {text}" for name, text in told if (name, text) not in dull)

    def rows(self) -> list[dict[str, Any]]:
        """One row a spectrum."""
        return [
            {
                "spectrum": q.name, "verdict": str(q.verdict), "noise [%]": 100.0 * q.noise,
                "order": q.order, "bad points": len(q.bad_points), "because": q.because,
            }
            for q in self.spectra
        ]  # fmt: skip
