r"""How noisy a spectrum is, seen from the points alone, without any model of the cell.

A window of neighbouring points has one combination that no polynomial in $\ln f$ of low degree
shows in: its divided difference. Of a smooth spectrum only the noise is left in it,

$$ e_k = \frac{\sum_i w_{ki} Z_i}{\sqrt{\sum_i w_{ki}^2 |Z_i|^2}}, \qquad
   w_{ki} \propto \prod_{j \ne i} (\ln f_i - \ln f_j)^{-1}, \qquad
   s^2 = \tfrac12 \langle |e|^2 \rangle $$

with the relative standard deviation $s$ of each part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Roughness:
    """Noise from divided differences of neighbouring points.

    Args:
        window: Points of one difference; seven leave less than 1e-5 of a smooth spectrum of ten
            points a decade, and 2e-4 at five points a decade.
        spike: A window whose difference is this many times the median (of squares) counts as a bad
            point and is left out; among a thousand clean ones none is.

    >>> f = np.geomspace(1e6, 1.0, 61)
    >>> z = 10.0 + 100.0 / (1.0 + 2j * np.pi * f * 1e-3)
    >>> part = np.random.default_rng(0).standard_normal((2, 61))
    >>> noise, _ = Roughness()(f, z + 0.01 * abs(z) * (part[0] + 1j * part[1]))
    >>> bool(0.008 < noise[0] < 0.012)
    True
    """

    window: int = 7
    spike: float = 20.0

    def __call__(self, frequency: Array, impedance: Array) -> tuple[Array, float]:
        """Relative standard deviation of each part, (B,), and the degrees of freedom behind it.

        Args:
            frequency: Hz, (N,), falling or rising.
            impedance: ohm, (N,) or (B, N).
        """
        z = np.atleast_2d(impedance)
        count = frequency.size - self.window + 1
        if count < 1:
            return np.zeros(len(z)), 0.0
        w = self._weights(np.log(frequency), count)
        places = np.arange(count)[:, None] + np.arange(self.window)
        part = z[:, places] * w
        seen = np.abs(part.sum(axis=2)) ** 2 / np.sum(np.abs(part) ** 2, axis=2)
        kept = seen <= self.spike * np.median(seen, axis=1, keepdims=True)
        square = np.sum(seen * kept, axis=1) / np.maximum(kept.sum(axis=1), 1)
        full = np.zeros((count, frequency.size))
        np.put_along_axis(full, places, w, axis=1)
        overlap = np.sum((full @ full.T) ** 2)
        return np.sqrt(0.5 * square), float(2.0 * count**2 / overlap)

    def _weights(self, log: Array, count: int) -> Array:
        """Unit vectors that no polynomial shows in, (windows, points)."""
        x = log[np.arange(count)[:, None] + np.arange(self.window)]
        apart = x[:, :, None] - x[:, None, :] + np.eye(self.window)
        w = 1.0 / apart.prod(axis=2)
        return w / np.linalg.norm(w, axis=1, keepdims=True)
