r"""Whether the cell changed while its spectrum was swept.

A change during the sweep multiplies resistances by $1 + d\,t(f)$, with the share $t$ of the sweep
that had passed at the frequency $f$. To first order the impedance gains

$$ \delta Z(\omega) = t(\omega)\left[\delta_0
   + \sum_j \frac{\delta_j}{1 + i\omega\tau_j}\right] , $$

which in general does not obey the Kramers-Kronig relations. A few such columns beside those of the
fit are a test for this one fault, far sharper than the size of the misfit. What it cannot see is
told by the spectra measured before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.bank import even_bank
from anolyte.numerics.later import special

Array = NDArray[Any]


class SweepClock(Protocol):
    """When each point of a sweep from high to low frequency was measured."""

    def __call__(self, frequency: Array) -> Array:
        """Share of the sweep that has passed at each frequency, 0 to 1, (N,)."""
        ...


@dataclass(frozen=True)
class EvenSteps:
    """Every point takes as long as the next.

    >>> EvenSteps()(np.array([100.0, 10.0, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    def __call__(self, frequency: Array) -> Array:
        """Share of the sweep, (N,)."""
        return np.linspace(0.0, 1.0, np.size(frequency))


@dataclass(frozen=True)
class Periods:
    """Every point takes some periods, and a least time.

    Args:
        count: Periods of a point.
        least: Of a point, s.

    >>> Periods(count=1.0, least=0.0).duration(np.array([1.0, 0.5]))
    3.0
    """

    count: float = 2.0
    least: float = 0.5

    def __call__(self, frequency: Array) -> Array:
        """Share of the sweep, (N,)."""
        passed = np.cumsum(np.maximum(self.count / frequency, self.least))
        return passed / passed[-1]

    def duration(self, frequency: Array) -> float:
        """Of the whole sweep, s."""
        return float(np.maximum(self.count / frequency, self.least).sum())


def drifting_columns(frequency: Array, clock: SweepClock, windows: int) -> Array:
    """What a change during the sweep may add: unweighted columns, complex (N, windows + 1)."""
    bank = even_bank(2.0 * np.pi * frequency, 0.0, windows)
    all_of_it = np.concatenate([np.ones((np.size(frequency), 1)), bank.columns()], axis=1)
    return clock(frequency)[:, None] * all_of_it


@dataclass(frozen=True)
class SweepDrift:
    """What is known of a change during the sweep.

    Args:
        seen: Whether either test says that the cell changed.
        chance: Probability that noise alone lets a drift explain as much of the misfit.
        visible: Change of the whole impedance over the sweep that the test on the spectrum alone
            sees in half of the cases; less stays unseen.
        between: Largest smooth change against the more alike of the neighbouring spectra, scaled
            to one sweep, relative to the modulus; None: no neighbour, or a single one far off.
        between_chance: Probability that noise alone makes the two so different.
        at: Frequency of the largest change between neighbours, Hz.
    """

    seen: bool
    chance: float
    visible: float | None = quantity("fraction", default=None)
    between: float | None = quantity("fraction", default=None)
    between_chance: float | None = None
    at: float | None = quantity("frequency", default=None)


@dataclass(frozen=True)
class Between:
    """Change between two spectra of one cell.

    Args:
        change: Largest, relative to the modulus, scaled to the length of one sweep.
        chance: That noise alone does it.
        frequency: Where it is largest, Hz.
        sweeps: Time between the starts, in sweeps; 1 where a time is not known.
    """

    change: float
    chance: float
    frequency: float
    sweeps: float = 1.0


def between(
    one: Spectrum, other: Spectrum, noise: float, windows: int, sweep: Periods
) -> Between | None:
    """The change of a spectrum against its neighbour; None where they share no frequencies.

    The difference is projected on a few smooth relaxations, so that noise averages out. Where both
    times are known the change is scaled by the length of a sweep over the time between the starts;
    else the two are taken to follow each other at once.

    Args:
        one, other: Spectra; the other may be short (some frequencies repeated).
        noise: Relative standard deviation of a part.
        windows: Of smooth relaxations.
        sweep: How long a sweep takes at least.
    """
    mine, theirs = _shared(one.frequency, other.frequency)
    if mine.size < 2:
        return None
    f, z = one.frequency[mine], one.impedance[mine]
    change = (other.impedance[theirs] - z) / np.abs(z)
    count = min(windows, mine.size - 1)
    smooth = np.concatenate(
        [np.ones((f.size, 1)), even_bank(2.0 * np.pi * f, 0.0, count).columns()], axis=1
    )
    smooth = smooth / np.abs(z)[:, None]
    basis, size, _ = np.linalg.svd(np.concatenate([smooth.real, smooth.imag]), full_matrices=False)
    basis = basis[:, size > 1e-6 * size[0]]
    along = basis.T @ np.concatenate([change.real, change.imag])
    chance = float(special.chdtrc(along.size, float(along @ along) / (2.0 * noise**2)))
    drawn = basis @ along
    largest = np.hypot(drawn[: f.size], drawn[f.size :])
    where = int(np.argmax(largest))
    apart = 1.0
    if one.time is not None and other.time is not None and one.time != other.time:
        apart = max(1.0, abs(other.time - one.time) / sweep.duration(one.frequency))
    return Between(float(largest[where]) / apart, chance, float(f[where]), apart)


def steady(changes: Sequence[Between], near: float) -> Between | None:
    """What the neighbours say of a cell that drifts: the smaller of the changes.

    A cell that drifts evenly differs from both neighbours; a sudden event (a short) parts it from
    one of them only. A single neighbour cannot tell the two apart unless it is near.

    Args:
        changes: Against each neighbour.
        near: Sweeps up to which a single neighbour says something.

    >>> event, calm = Between(0.5, 0.0, 1.0), Between(0.001, 0.5, 1.0)
    >>> steady([calm, event], 10.0) is calm
    True
    """
    if len(changes) == 1 and changes[0].sweeps > near:
        return None
    return min(changes, key=lambda b: b.change, default=None)


def _shared(first: Array, second: Array) -> tuple[Array, Array]:
    """Places of frequencies that both have, equal within 0.1 %; both fall."""
    order = np.argsort(second)
    near = np.clip(np.searchsorted(second[order], first), 1, max(second.size - 1, 1))
    left, right = second[order][near - 1], second[order][np.minimum(near, second.size - 1)]
    pick = np.where(np.abs(left - first) < np.abs(right - first), near - 1, near)
    pick = order[np.minimum(pick, second.size - 1)]
    mine = np.flatnonzero(np.abs(second[pick] / first - 1.0) < 1e-3)
    return mine, pick[mine]


def beside(spectrum: Spectrum, series: Sequence[Spectrum]) -> list[Spectrum]:
    """The spectra before and after this one in a series; all of them where it is not in it."""
    for k, each in enumerate(series):
        if each is spectrum:
            return [series[j] for j in (k - 1, k + 1) if 0 <= j < len(series)]
    return list(series)
