r"""Lithium that wanders along the wall of a void, from where it bulges to where it is hollow.

$$ \frac{\partial g}{\partial t} = -B\,\frac{\partial^4 g}{\partial x^4}, \qquad
   B = \frac{D_s \delta_s \gamma \Omega}{RT} $$

for the depth g of a gap along the face, as long as its walls are not steep. Each wave decays at its
own rate, so that a step of any length is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anolyte.numerics.grid import Field


@dataclass(frozen=True)
class SurfaceDiffusion:
    """Motion along the wall.

    Args:
        mobility: B, m4/s.

    >>> gap = 1e-6 + 1e-8 * np.cos(2.0 * np.pi * np.arange(32) / 32)
    >>> moved = SurfaceDiffusion(1e-30)(gap, 1e-7, 1e6)
    >>> bool(np.isclose(moved.sum(), gap.sum(), rtol=1e-14))
    True
    """

    mobility: float

    def __call__(self, gap: Field, edge: float, time: float) -> Field:
        """The gap after a time; its volume stays.

        Args:
            gap: m, along a periodic face.
            edge: m, of a cell.
            time: s.
        """
        wave = 2.0 * np.pi * np.fft.rfftfreq(len(gap), edge)
        spectrum = np.fft.rfft(gap) * np.exp(-self.mobility * wave**4 * time)
        moved = np.fft.irfft(spectrum, len(gap))
        # A wave that undershoots would put metal into the electrolyte: it stays at the face.
        above = np.maximum(moved, 0.0)
        total = float(above.sum())
        return above * (float(gap.sum()) / total) if total > 0.0 else above
