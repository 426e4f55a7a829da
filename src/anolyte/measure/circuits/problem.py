r"""Spectra beside a circuit: the residual that is made small, and what it is held against.

$$ r = \frac{Z_\mathrm{model} - Z}{|Z|}, \qquad
   \chi^2 = \frac{1}{2N} \sum_k |r_k|^2, \qquad
   \chi^2_\mathrm{floor} = s^2 \Big(1 - \frac{p}{2N}\Big) $$

with relative noise $s$ of each part. Points may be given noise of their own; they weigh less then,
and $s$ is its root mean square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.circuits.elements import Sweep
from anolyte.measure.circuits.tree import Circuit
from anolyte.measure.records import Spectrum
from anolyte.numerics.least_squares import LevenbergMarquardt, Minimum

Array = NDArray[Any]
BLOCK = 1e6
"""Bytes of slopes in one block; a block that stays in the cache runs twice as fast."""


class Problem:
    """One circuit and spectra of any grids; rows of shorter ones are padded with weight zero.

    Args:
        circuit: Ready to evaluate.
        spectra: Measured.
        weights: Relative noise of the points over its root mean square, an array a spectrum;
            None: all points alike.
    """

    def __init__(
        self,
        circuit: Circuit,
        spectra: Sequence[Spectrum],
        weights: Sequence[Array] | None = None,
    ) -> None:
        self.circuit, self.spectra = circuit, spectra
        self.counts = np.array([s.frequency.size for s in spectra])
        most = int(self.counts.max())
        first = spectra[0].frequency
        alike = all(np.array_equal(s.frequency, first) for s in spectra)
        grid = first[None] if alike else np.array([_pad(s.frequency, most) for s in spectra])
        self.sweep = Sweep.of(grid)
        self.data = np.array([_pad(s.impedance, most) for s in spectra])
        size = np.abs(self.data)
        if (size == 0.0).any():
            k = int(np.flatnonzero((size == 0.0).any(axis=1))[0])
            raise DataError(f"{spectra[k].name}: an impedance of zero has no relative weight")
        self.weight = 1.0 / size
        for k, s in enumerate(spectra):
            self.weight[k, s.frequency.size :] = 0.0
            if weights is not None:
                self.weight[k, : s.frequency.size] /= weights[k]

    def residuals(self, x: Array, owner: Array) -> tuple[Array, Array]:
        """Residuals (b, 2N) and slopes (b, p, 2N), real and imaginary parts in turn.

        Args:
            x: Inner parameters, (b, p).
            owner: Spectrum of each row, (b,).
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            z, slopes = self.circuit.evaluate(self.sweep.rows(owner), x)
            weight = self.weight[owner]
            slopes *= weight[:, None]
            return ((z - self.data[owner]) * weight).view(float), slopes.view(float)

    def solve(
        self,
        method: LevenbergMarquardt,
        start: Array,
        owner: Array,
        lower: Array,
        upper: Array,
    ) -> Minimum:
        """Minimise from many starts, in blocks that fit the cache.

        Args:
            method: How.
            start: Inner parameters, (B, p).
            owner: Spectrum of each start, (B,).
            lower, upper: Bounds, broadcasting to (B, p).
        """
        lower, upper = np.broadcast_to(lower, start.shape), np.broadcast_to(upper, start.shape)
        largest = np.array([2.0 if m.log else 0.1 for m in self.circuit.inner_meanings])
        room = 16.0 * self.circuit.size * self.data.shape[1]
        step = max(1, int(BLOCK / room))
        parts = []
        for k in range(0, len(start), step):
            chosen = slice(k, k + step)
            own = owner[chosen]
            parts.append(
                method(
                    lambda x, which, own=own: self.residuals(x, own[which]),
                    start[chosen],
                    lower[chosen],
                    upper[chosen],
                    largest,
                )
            )
        names = ("x", "cost", "iterations", "converged")
        return Minimum(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def _pad(values: Array, most: int) -> Array:
    """The last value repeated to a common length."""
    return np.concatenate([values, np.repeat(values[-1:], most - values.size)])
