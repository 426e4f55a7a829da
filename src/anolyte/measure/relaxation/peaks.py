r"""From a spectrum of relaxation times to processes: peaks, which of them count, their areas.

A peak is a local maximum; cut at the minima between, its area is a resistance,
$R = \sum \gamma\,\Delta\ln\tau$, and $C = \tau/R$. Depressed arcs and finite-length diffusion have
small peaks beside their main one (a transmissive Warburg element: resistances 81, 9, 3 % at
$\tau_W/2.5$, $\tau_W/22$, $\tau_W/62$); such side peaks belong to the main peak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.measure.arcs import Arc

Array = NDArray[Any]
LN10 = float(np.log(10.0))


@dataclass(frozen=True)
class RelaxationPeak:
    """A peak of the spectrum of relaxation times.

    Args:
        part_of: Number of the main peak that it is a side peak of, from 0; its own number where
            it is a main peak.
        main: Whether it counts as a process.
        outside: Whether its top lies outside the measured range of frequencies.
        valley: Height of the higher minimum beside it, relative to the lower of both peaks.
        resistance: Area between the minima beside it, ohm.
        time_constant: Of its top, s.
        capacitance: Time constant over resistance, F.
        resistance_error: Relative standard deviation: by resampling, where it was done, and by
            what the smoothing moves to other peaks.
    """

    part_of: int
    main: bool
    outside: bool
    valley: float
    resistance: float = quantity("resistance")
    time_constant: float = quantity("time")
    capacitance: float = quantity("capacitance")
    resistance_error: float | None = None


@dataclass(frozen=True)
class PeakRules:
    """Which peaks count as processes.

    Args:
        height: Relative to the highest peak, below which nothing is a peak.
        side: A peak with less than this share of the largest area within `reach` is a side peak.
            Depressed arcs make 3-8 %; a grain boundary may be as small as a sixth of the bulk.
        reach: Decades of time constant over which side peaks appear.
        diffusion: On the fast side of the slowest peak a side peak may have this share: that of
            finite-length diffusion has an eighth before it is smoothed.
        certain: A peak whose area is smaller than so many standard deviations does not count.
        valley: Peaks with a minimum between them above this share of the lower are not resolved.
    """

    height: float = 0.01
    side: float = 0.12
    reach: float = 2.5
    diffusion: float = 0.3
    certain: float = 2.0
    valley: float = 0.5


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where the peaks are.

    Args:
        tops: Places of the maxima, (P,).
        edges: Places of the minima between, with both ends, (P + 1,).
    """

    tops: Array
    edges: Array

    def areas(self, gamma: Array, step: float) -> Array:
        """Area of every peak, (..., P), ohm."""
        return np.add.reduceat(gamma, self.edges[:-1], axis=-1) * step


@dataclass(frozen=True, eq=False)
class Scatter:
    """What the areas of peaks are uncertain by.

    Args:
        rough: Gamma without smoothing, ohm, (K,): what smoothing moves from peak to peak.
        resampled: Gamma of resampled spectra, ohm, (B, K): what noise does; None: not resampled.
    """

    rough: Array
    resampled: Array | None

    def errors(self, cuts: Cuts, step: float, areas: Array, groups: Array) -> Array:
        """Relative standard deviation of the areas of groups of peaks, (G,).

        Args:
            cuts: Of the peaks.
            step: Of ln tau.
            areas: Of the groups, ohm, (G,).
            groups: Whether a peak belongs to a group, boolean (P, G).
        """
        moved = cuts.areas(self.rough, step) @ groups - areas
        noise = np.zeros(areas.size)
        if self.resampled is not None:
            noise = (cuts.areas(self.resampled, step) @ groups).std(axis=0)
        return np.hypot(moved, noise) / areas


def cut(gamma: Array, height: float) -> Cuts:
    """Maxima above a share of the highest, and the minima between them.

    >>> found = cut(np.array([0.0, 1.0, 0.2, 0.5, 0.0]), 0.01)
    >>> found.tops.tolist(), found.edges.tolist()
    ([1, 3], [0, 2, 5])
    """
    before = np.concatenate([[-np.inf], gamma[:-1]])
    after = np.concatenate([gamma[1:], [-np.inf]])
    top = (gamma > before) & (gamma >= after) & (gamma > height * np.max(gamma, initial=0.0))
    tops = np.flatnonzero(top)
    inner = [int(a + np.argmin(gamma[a:b])) for a, b in zip(tops[:-1], tops[1:], strict=True)]
    return Cuts(tops, np.array([0, *inner, gamma.size]) if tops.size else np.zeros(1, dtype=int))


def peaks(
    gamma: Array,
    time_constants: Array,
    scatter: Scatter,
    measured: tuple[float, float],
    rules: PeakRules,
) -> tuple[RelaxationPeak, ...]:
    """All peaks in order of time constant, side peaks marked.

    Args:
        gamma: ohm, (K,).
        time_constants: s, evenly spaced in their logarithm, (K,).
        scatter: What the areas are uncertain by.
        measured: Shortest and longest time constant of the measured range, s.
        rules: Which count.
    """
    cuts = cut(gamma, rules.height)
    if not cuts.tops.size:
        return ()
    step = float(np.log(time_constants[1] / time_constants[0]))
    areas = cuts.areas(gamma, step)
    errors = scatter.errors(cuts, step, areas, np.eye(areas.size))
    tau = np.array([_top(gamma, time_constants, int(k)) for k in cuts.tops])
    main = _main(areas, tau, errors, rules)
    places = np.flatnonzero(main)
    valleys = _valleys(gamma, cuts)
    near = np.abs(np.log(tau[:, None] / tau[places]))
    return tuple(
        RelaxationPeak(
            resistance=float(areas[k]),
            time_constant=float(tau[k]),
            capacitance=float(tau[k] / areas[k]),
            resistance_error=float(errors[k]),
            part_of=int(places[np.argmin(near[k])]),
            main=bool(main[k]),
            outside=not measured[0] <= tau[k] <= measured[1],
            valley=float(valleys[k]),
        )
        for k in range(len(tau))
    )


def _top(gamma: Array, time_constants: Array, k: int) -> float:
    """Time constant of a maximum, by a parabola through three points."""
    if k in (0, gamma.size - 1):
        return float(time_constants[k])
    low, mid, high = gamma[k - 1 : k + 2]
    bend = low - 2.0 * mid + high
    shift = 0.5 * (low - high) / bend if bend < 0.0 else 0.0
    return float(time_constants[k] * (time_constants[1] / time_constants[0]) ** shift)


def _main(areas: Array, tau: Array, errors: Array, rules: PeakRules) -> Array:
    """Which peaks count as processes, boolean (P,); the largest always does."""
    apart = np.abs(np.log(tau[:, None] / tau)) / LN10
    largest = np.where(apart <= rules.reach, areas, 0.0).max(axis=1)
    main = areas >= rules.side * largest
    main &= errors * rules.certain < 1.0
    main[np.argmax(areas)] = True
    slow = int(np.flatnonzero(main)[-1])
    for k in range(slow):
        if apart[k, slow] < 2.0 and areas[k] < rules.diffusion * areas[slow]:
            main[k] = main[k] and k != slow - 1 and bool(main[k + 1 : slow].any())
    return main


def _valleys(gamma: Array, cuts: Cuts) -> Array:
    """Of every peak the higher minimum beside it, relative to the lower of the two peaks."""
    found = np.zeros(cuts.tops.size)
    for k, edge in enumerate(cuts.edges[1:-1]):
        share = gamma[edge] / min(gamma[cuts.tops[k]], gamma[cuts.tops[k + 1]])
        found[k : k + 2] = np.maximum(found[k : k + 2], share)
    return found


def arcs_of(
    found: Sequence[RelaxationPeak],
    gamma: Array,
    time_constants: Array,
    scatter: Scatter,
    rules: PeakRules,
) -> tuple[Arc, ...]:
    """Main peaks with their side peaks as arcs, in order of time constant.

    Args:
        found: Peaks.
        gamma: ohm, (K,).
        time_constants: s, (K,).
        scatter: What the areas are uncertain by.
        rules: As for the peaks.
    """
    if not found:
        return ()
    cuts = cut(gamma, rules.height)
    step = float(np.log(time_constants[1] / time_constants[0]))
    owner = np.array([p.part_of for p in found])
    mains = [k for k, p in enumerate(found) if p.main]
    groups = owner[:, None] == np.array(mains)
    totals = np.array([p.resistance for p in found]) @ groups
    errors = scatter.errors(cuts, step, totals, groups)
    made = []
    for number, k in enumerate(mains):
        total, error = float(totals[number]), float(errors[number])
        slowest = k == mains[-1] and _diffusion(found, k, rules)
        made.append(
            Arc(
                name=f"peak {number + 1}",
                resistance=total,
                capacitance=found[k].time_constant / total,
                time_constant=found[k].time_constant,
                resistance_error=error,
                capacitance_error=error,
                shape="diffusion" if slowest else "arc",
                resolved=found[k].valley <= rules.valley and not found[k].outside,
            )
        )
    return tuple(made)


def _diffusion(found: Sequence[RelaxationPeak], k: int, rules: PeakRules) -> bool:
    """Whether a peak has the one-sided company of finite-length diffusion, on its fast side."""
    own = found[k]
    fast = [p for p in found[:k] if p.part_of == k]
    near = [
        p.resistance / own.resistance
        for p in fast
        if 0.4 < np.log10(own.time_constant / p.time_constant) < 1.7
    ]
    slow = [p.resistance / own.resistance for p in found[k + 1 :] if p.part_of == k]
    return any(0.04 < share < rules.diffusion for share in near) and sum(slow) < 0.04
