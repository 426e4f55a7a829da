"""A circuit fitted to spectra: many starts, all spectra at once, and a verdict on the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.box import Box
from anolyte.measure.circuits.judgement import Floor, judged
from anolyte.measure.circuits.noise import Roughness
from anolyte.measure.circuits.result import FitResult, values_of
from anolyte.measure.circuits.search import Search
from anolyte.measure.circuits.tree import Circuit
from anolyte.measure.circuits.uncertainty import Uncertainty
from anolyte.measure.records import Spectrum
from anolyte.numerics.least_squares import LevenbergMarquardt

Array = NDArray[Any]
ArcFinder = Callable[[Sequence[Spectrum]], Sequence[Sequence[Arc]]]
"""Spectra to the arcs of each."""
Start = Sequence[float] | Mapping[str, float] | None
Noise = float | Array | Sequence[Any] | None


def relaxation_arcs(spectra: Sequence[Spectrum]) -> list[tuple[Arc, ...]]:
    """Arcs of the spectra of relaxation times."""
    from anolyte.measure.relaxation.times import RelaxationTimes

    find = RelaxationTimes(resamples=0)
    return [tuple(find(s).arcs) for s in spectra]


@dataclass(frozen=True)
class CircuitFit:
    """A circuit to fit and how; call it with spectra.

    Args:
        circuit: As impedance.py writes it.
        fixed: Parameters that are known, by name, SI.
        bounds: Lowest and highest value of parameters, by name, SI.
        starts: In the first round; those that are given count, then those from arcs, then spread
            copies of these, then blind ones.
        most_starts: Rounds double until the best minimum was met `meetings` times at the floor of
            the noise, or so many starts were made.
        meetings: How often a minimum must be met to be believed.
        odd_starts: As many at least where the best minimum is odd (see `regular`): what stands idle
            there may be missing elsewhere.
        blind: Share of the starts that know nothing but the sweep: insurance against a wrong
            spectrum of relaxation times.
        moved: Share of the starts after the first round that are the best end so far with one arc
            put elsewhere: wrong minima differ from the right one by a misplaced arc.
        same: Relative difference of squares below which two starts met the same minimum; far
            smaller than what noise tells apart, since a start may end beside the best.
        hit: The same for the hit rate.
        rival: Rise of squares, in variances of the noise, up to which another minimum is reported:
            9 is three standard deviations.
        regular: Whether, of minima that noise does not tell apart, the most regular is taken:
            diffusion slower than all arcs, no exponent at its bound, no arc far outside the sweep
            (a finite Warburg and a depressed arc can stand in for each other). The rest is in
            `others`.
        arcs: What finds arcs to start from; None: only blind starts and those given.
        scout, finish: The method for all starts, and for the best of them to the end.
        floor: How a fit is held against the noise.
        roughness: How noise is seen that is not given.
        uncertainty: Intervals.

    >>> fit = CircuitFit("R0-p(R1,C1)", arcs=None)
    >>> import numpy as np
    >>> f = np.geomspace(1e5, 1.0, 40)
    >>> data = Circuit.of("R0-p(R1,C1)").impedance([10.0, 100.0, 1e-6], f)
    >>> found = fit(Spectrum.of(f, data))
    >>> [f"{p.value:.4g} {p.unit}" for p in found.parameters]
    ['10 ohm', '100 ohm', '1e-06 F']
    """

    circuit: str | Circuit
    fixed: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    starts: int = 8
    most_starts: int = 64
    meetings: int = 3
    odd_starts: int = 32
    blind: float = 0.25
    moved: float = 0.5
    same: float = 1e-4
    hit: float = 0.02
    rival: float = 9.0
    regular: bool = True
    arcs: ArcFinder | None = relaxation_arcs
    scout: LevenbergMarquardt = LevenbergMarquardt(tolerance=1e-5, most=60)
    finish: LevenbergMarquardt = LevenbergMarquardt()
    floor: Floor = Floor()
    roughness: Roughness = Roughness()
    uncertainty: Uncertainty = Uncertainty()

    def __post_init__(self) -> None:
        Box.of(self.circuit, self.fixed, self.bounds)  # names and bounds are checked at once

    @overload
    def __call__(
        self,
        spectra: Spectrum,
        *,
        noise: Noise = None,
        seed: int = 0,
        start: Start = None,
        warm: FitResult | Sequence[FitResult] | None = None,
        ordered: bool = False,
    ) -> FitResult: ...
    @overload
    def __call__(
        self,
        spectra: Sequence[Spectrum],
        *,
        noise: Noise = None,
        seed: int = 0,
        start: Start = None,
        warm: FitResult | Sequence[FitResult] | None = None,
        ordered: bool = False,
    ) -> tuple[FitResult, ...]: ...

    def __call__(
        self,
        spectra: Spectrum | Sequence[Spectrum],
        *,
        noise: Noise = None,
        seed: int = 0,
        start: Start = None,
        warm: FitResult | Sequence[FitResult] | None = None,
        ordered: bool = False,
    ) -> FitResult | tuple[FitResult, ...]:
        """Fit every spectrum.

        Args:
            spectra: One or several.
            noise: Relative standard deviation of each part where it is known: one for all, or one
                a spectrum, a number or an array over its points; None: seen from the points.
            seed: Of spread and blind starts.
            start: Values to start from, all of them.
            warm: Earlier fits of this circuit to start from: one, or one a spectrum.
            ordered: Whether spectra are a series: neighbours then lend each other their minima, in
                both directions, until none of them helps.

        Raises:
            DataError: A start or a number of the noise that makes no sense; it is named.
        """
        several = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
        if not several:
            return ()
        search = Search(self, several, noise, seed)
        found = search(_given(search.circuit, start, warm, len(several)), ordered)
        spreads = search.spreads(found)
        results = tuple(
            judged(self, search, k, f, s)
            for k, (f, s) in enumerate(zip(found, spreads, strict=True))
        )
        return results[0] if isinstance(spectra, Spectrum) else results


def _given(
    circuit: Circuit,
    start: Start,
    warm: FitResult | Sequence[FitResult] | None,
    count: int,
) -> list[list[Any]]:
    """Starts that the caller brought, for each spectrum."""
    found: list[list[Any]] = [[] for _ in range(count)]
    if isinstance(start, Mapping):
        if missing := [n for n in circuit.names if n not in start]:
            raise DataError(f"start: no value for {', '.join(missing)}")
        start = [start[n] for n in circuit.names]
    if warm is not None:
        values = values_of(warm)
        if len(values) not in (1, count):
            raise DataError(f"{len(values)} earlier fits beside {count} spectra; one, or one each")
        for k, own in enumerate(found):
            own.append(values[k % len(values)])
    if start is not None:
        for own in found:
            own.insert(0, start)
    return found
