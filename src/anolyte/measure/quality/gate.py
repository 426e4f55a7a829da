r"""The gate before every fit: does a spectrum obey the Kramers-Kronig relations, and if not, why?

A sum of relaxations of either sign with a resistance, an inductance and, for blocking cells, a
capacitance is fitted at every order (linear Kramers-Kronig test). The residual of the best order
then goes through tests, each with the same small chance of a false alarm: a change of the cell
during the sweep, single bad points, an end of the sweep that does not fit, structure that nothing
explains. A spectrum that passes is consistent, not shown to be stationary.

Sources: Boukamp, J. Electrochem. Soc. 1995, 142, 1885 (linear test; not read, quoted by a page of
the Karlsruhe Institute of Technology); Schönleber et al. 2014 (mu; recalled).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.quality import fit
from anolyte.measure.quality.answer import GateResult, SpectrumQuality, Verdict
from anolyte.measure.quality.checks import examine, sane
from anolyte.measure.quality.sweep_drift import EvenSteps, Periods, SweepClock
from anolyte.measure.quality.verdict import judge
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.bank import blocks

Array = NDArray[Any]


class OrderChoice(Protocol):
    """How the order of the fit is chosen among all."""

    def __call__(self, found: fit.Orders, floor: float) -> Array:
        """Place of the chosen order for each spectrum, (B,)."""
        ...


@dataclass(frozen=True)
class Gate:
    """Settings of the gate; call it with spectra.

    Args:
        orders: First and last number of relaxations tried.
        choice: How one of them is chosen.
        beyond: Decades that the time constants reach outside the measured range, each side: arcs
            whose top lies outside are still seen in part, and without it the noise of such a
            spectrum comes out up to 40 % too large.
        clock: When each point of the sweep was measured, for the test of drift.
        windows: Relaxations that may drift apart from each other.
        false_alarm: Chance that one test speaks of a clean spectrum.
        negligible: Relative misfit below which nothing is judged; no instrument is better.
        noise_tolerated: Relative noise above which small arcs are lost: an arc of a tenth of the
            whole is then known to a third.
        drift_tolerated: Change between neighbours, per sweep, that bends arcs less than the
            systematic error of common instruments.
        most_bad: Share of the points that may be bad before the whole is doubted.
        negative_tolerated: Negative real part, relative to the modulus, that noise may make; points
            beyond are left out before the fit.
        fewest: Points below which there is nothing to test.
        blocking: Whether a capacitance in series is fitted; None: where the phase at the lowest
            frequency is nearer to a capacitor's than to a resistor's.
        sweep: How long a sweep takes at least, to scale what neighbours say.
        near: Sweeps up to which a single neighbour (at the end of a series) says something: over
            a longer time a sudden event cannot be told from a drift.

    >>> omega = 2 * np.pi * np.geomspace(1e6, 1e-1, 50)
    >>> z = 10 + 100 / (1 + 1j * omega * 1e-3)
    >>> found = Gate()(Spectrum.of(omega / 2 / np.pi, z))
    >>> str(found.spectra[0].verdict), found.spectra[0].noise < 1e-4
    ('passed', True)
    """

    orders: tuple[int, int] = (3, 60)
    choice: OrderChoice = fit.LeastInformation()
    beyond: float = 0.5
    clock: SweepClock = EvenSteps()
    windows: int = 5
    false_alarm: float = 1e-3
    negligible: float = 1e-4
    noise_tolerated: float = 0.03
    drift_tolerated: float = 0.01
    most_bad: float = 0.15
    negative_tolerated: float = 0.05
    fewest: int = 10
    blocking: bool | None = None
    sweep: Periods = Periods()
    near: float = 10.0

    def __call__(
        self,
        spectra: Spectrum | Sequence[Spectrum],
        noise: float | None = None,
        neighbours: Sequence[Spectrum] = (),
    ) -> GateResult:
        """Judge spectra; those with the same frequencies are fitted together.

        Args:
            spectra: One or several.
            noise: Relative standard deviation of each part, where it is known (0.003); the tests
                are sharper then.
            neighbours: Spectra of the same cell measured just before or after, or some of its
                frequencies repeated. With several spectra pass the series itself: each is
                compared with those beside it.
        """
        several = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
        if noise is not None and not 0.0 < noise < 1.0:
            raise DataError(f"noise {noise:g}: a relative noise lies between 0 and 1, as 0.003")
        found: dict[int, SpectrumQuality] = {}
        groups: dict[tuple[bytes, bool], list[int]] = {}
        for k, s in enumerate(several):
            if (why := _unreadable(s, self.fewest, self.negative_tolerated)) is not None:
                found[k] = _no_fit(s, why)
            else:
                blocking = blocks(s.impedance) if self.blocking is None else self.blocking
                groups.setdefault((s.frequency.tobytes(), blocking), []).append(k)
        for (_, blocking), places in groups.items():
            seen = examine([several[k] for k in places], self, noise, blocking)
            for k, examined in zip(places, seen, strict=True):
                found[k] = judge(several[k], examined, self, noise, neighbours)
        return GateResult(tuple(found[k] for k in range(len(several))))


def _unreadable(spectrum: Spectrum, fewest: int, tolerated: float) -> str | None:
    """Why there is nothing to test; None: there is."""
    z = spectrum.impedance
    good = sane(z, tolerated)
    if np.count_nonzero(good) < max(fewest, 0.5 * z.size):
        if z.size < fewest:
            return f"{z.size} points are too few for the test; {fewest} are needed"
        return (
            f"the real part is not positive at {z.size - np.count_nonzero(good)} of {z.size} "
            "points; the columns may be exchanged or the sign turned"
        )
    if np.count_nonzero(np.imag(z) > 0.0) > 0.8 * z.size and _turned(spectrum):
        return (
            "the imaginary part has the wrong sign: with -Im Z in its place the spectrum obeys "
            "Kramers-Kronig; turn the sign of that column"
        )
    return None


def _turned(spectrum: Spectrum) -> bool:
    """Whether the conjugate fits far better."""
    both = np.stack([spectrum.impedance, spectrum.impedance.conj()])
    kept = np.abs(both) > 0.0
    last = max(3, min(20, spectrum.frequency.size - 3))
    found = fit.all_orders(2.0 * np.pi * spectrum.frequency, both, kept, (3, last), 0.0, False)
    best = found.squares.min(axis=1)
    return bool(best[1] < 0.1 * best[0])


def _no_fit(spectrum: Spectrum, why: str) -> SpectrumQuality:
    """The answer for a spectrum that cannot be tested."""
    f = tuple(float(v) for v in spectrum.frequency)
    nothing = (math.nan,) * len(f)
    return SpectrumQuality(
        name=spectrum.name, verdict=Verdict.UNREADABLE, because=why, frequency=f,
        residual_real=nothing, residual_imaginary=nothing,
        not_positive=tuple(int(k) for k in np.flatnonzero(~(np.real(spectrum.impedance) > 0.0))),
    )  # fmt: skip
