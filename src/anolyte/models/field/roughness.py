r"""Rough faces: heights whose spectrum is self-affine, drawn at random.

$$ C(q) \propto \begin{cases} q_r^{-2H-D} & q < q_r \\ q^{-2H-D} & q_r \le q \le q_s \\
   0 & q > q_s \end{cases} $$

with q = 2 pi / wavelength, H the Hurst exponent and D the dimensions of the face (1 for the edge of
a plane, 2 for a face in space). Heights are the sum of all waves that fit the field, with random
normal amplitudes; their root mean square is then the one asked for. `laws.roughness` has what the
same numbers mean for contact: `roughness` the rms height, `slope` the rms slope of the gradient.

Source: the power spectrum with roll-off and cut-off of contact mechanics (Persson; recalled).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError
from anolyte.models.field.shapes import generator, resolved
from anolyte.numerics.grid import Field, Grid

FEWEST_OF_WAVE = 4.0
"""Cells in the shortest wave."""


@dataclass(frozen=True, eq=False)
class Heights:
    """A rough face over the cells across.

    Args:
        height: m, about a mean of zero.
        gradient: By axis across.
    """

    height: Field
    gradient: tuple[Field, ...]

    @property
    def roughness(self) -> float:
        """m, root-mean-square height."""
        return float(np.sqrt((self.height**2).mean()))

    @property
    def slope(self) -> float:
        """Root-mean-square slope of the gradient."""
        return float(np.sqrt((self._square()).mean()))

    def _square(self) -> Field:
        return sum((part * part for part in self.gradient), np.zeros(1))

    def above(self, level: float, grid: Grid) -> Field:
        """m, from the face to the centres of cells, negative below it; exact near the face."""
        tilt = np.sqrt(1.0 + self._square())
        return (grid.mesh()[0] - level - self.height[None]) / tilt[None]


@dataclass(frozen=True)
class SelfAffine:
    """How a rough face is drawn.

    Args:
        roughness: m, root-mean-square height.
        hurst: Exponent H in (0, 1]: near 1 smooth at small scale, near 0 jagged.
        roll_off: m, wavelength above which the spectrum is flat; None: the width of the field.
        cut_off: m, wavelength below which there is nothing; None: four cells.
        seed: Of the random numbers.

    >>> grid = Grid.cubic((8, 64), 1e-6, periodic=(False, True))
    >>> round(SelfAffine(0.5e-6, seed=1)(grid).roughness * 1e6, 6)
    0.5
    """

    roughness: float
    hurst: float = 0.8
    roll_off: float | None = None
    cut_off: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no self-affine face."""
        if not (math.isfinite(self.roughness) and self.roughness > 0.0):
            raise DataError(f"a roughness is a positive length, not {self.roughness:g} m")
        if not 0.0 < self.hurst <= 1.0:
            raise DataError(f"a Hurst exponent lies between 0 and 1, not {self.hurst:g}")

    def __call__(self, grid: Grid) -> Heights:
        """The face over the cells of a grid.

        Raises:
            DataError: The cells cannot show the shortest wave, or no wave lies between cut-off and
                the width of the field.
        """
        shape, spacing = grid.shape[1:], grid.spacing[1:]
        longest, shortest = self._waves(grid)
        number = np.meshgrid(
            *(2.0 * np.pi * np.fft.fftfreq(n, h) for n, h in zip(shape, spacing, strict=True)),
            indexing="ij", sparse=True,
        )  # fmt: skip
        size = np.sqrt(sum((q * q for q in number), np.zeros(1)))
        kept = (size > 0.0) & (size <= 2.0 * np.pi / shortest * (1.0 + 1e-9))
        if not kept.any():
            width = max(grid.lengths[1:])
            raise DataError(f"no wave of at least {shortest:.3g} m fits a field of {width:.3g} m")
        power = -self.hurst - 0.5 * len(shape)
        reduced = np.maximum(size * longest / (2.0 * np.pi), 1.0)
        noise = generator(self.seed).standard_normal(shape)
        wave = np.fft.fftn(noise) * np.where(kept, reduced**power, 0.0)
        raw = np.fft.ifftn(wave).real
        scale = self.roughness / float(np.sqrt((raw * raw).mean()))
        gradient = tuple(scale * np.fft.ifftn(1j * q * wave).real for q in number)
        return Heights(scale * raw, gradient)

    def _waves(self, grid: Grid) -> tuple[float, float]:
        """m, longest and shortest wavelength."""
        edge = max(grid.spacing[1:])
        shortest = FEWEST_OF_WAVE * edge if self.cut_off is None else self.cut_off
        longest = max(grid.lengths[1:]) if self.roll_off is None else self.roll_off
        resolved("waves", shortest, FEWEST_OF_WAVE, grid)
        if not longest >= shortest:
            raise DataError(
                f"the roll-off at {longest:.3g} m must be no shorter than the cut-off at "
                f"{shortest:.3g} m"
            )
        return longest, shortest


@dataclass(frozen=True)
class RoughFace:
    """All that lies below a rough face, as a region that can be drawn.

    Args:
        level: m, mean height.
        roughness: Of the face.
    """

    level: float
    roughness: SelfAffine

    def distance(self, grid: Grid) -> Field:
        """m, to the face.

        Raises:
            DataError: The face leaves the field.
        """
        heights = self.roughness(grid)
        low, high = float(heights.height.min()), float(heights.height.max())
        if self.level + low < 0.0 or self.level + high > grid.lengths[0]:
            raise DataError(
                f"a rough face between {low:.3g} and {high:.3g} m about its mean leaves a field of "
                f"{grid.lengths[0]:.3g} m at a mean height of {self.level:.3g} m"
            )
        return heights.above(self.level, grid)
