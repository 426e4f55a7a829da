r"""Vacancies that stripping leaves in the metal, and how far they diffuse into it.

$$ \frac{\partial x}{\partial t} = D\,\frac{\partial^2 x}{\partial y^2}, \qquad
   -D\,\frac{\partial x}{\partial y}\Big|_{y=0} = \frac{\Omega\,i}{F} $$

with y the depth below the face, x the share of lithium sites that are empty and D the coefficient
of *self*-diffusion: vacancies move faster by 1/x, but what counts is how much lithium they bring.
A face takes no more of them than an empty lattice holds; the rest opens a gap. Depths are stepped
implicitly, each column for itself: along the face metal is short of vacancies over the same depth
that it is into the metal, micrometres in hours, and that exchange is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_banded

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field

GRADING = 1.12
"""Each layer is so much thicker than the one above it."""


@dataclass(frozen=True)
class Lattice:
    """Layers of metal below the face.

    Args:
        diffusivity: m2/s, of lithium in lithium.
        thickness: m, of the metal; at its collector nothing passes.
        finest: m, the layer at the face.
        most: Share of sites that may be empty.

    >>> metal = Lattice(5.7e-15, 5e-6, 2e-8)
    >>> empty, taken = metal.step(metal.begin(3), np.full(3, 1e-9), 1.0)
    >>> bool(np.allclose(metal.held(empty), taken, rtol=1e-12))
    True
    """

    diffusivity: float
    thickness: float
    finest: float
    most: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no metal."""
        if not (self.diffusivity > 0.0 and 0.0 < self.finest < self.thickness):
            raise DataError("vacancies need a diffusivity, and layers thinner than the metal")

    @cached_property
    def layers(self) -> Field:
        """m, their thicknesses, from the face down."""
        count = np.log1p(self.thickness / self.finest * (GRADING - 1.0)) / np.log(GRADING)
        sizes = GRADING ** np.arange(max(2, int(np.ceil(count))))
        return np.asarray(sizes * self.thickness / sizes.sum(), np.float64)

    def begin(self, columns: int) -> Field:
        """No vacancy anywhere."""
        return np.zeros((len(self.layers), columns))

    def held(self, empty: Field) -> Field:
        """m of lithium missing, in each column."""
        return self.layers @ empty

    def step(self, empty: Field, wanted: Field, time: float) -> tuple[Field, Field]:
        """Vacancies after a time, and what the lattice took.

        Args:
            empty: Share of sites, by layer and column.
            wanted: m of lithium stripped from each column; negative where it was plated.
            time: s.

        Returns:
            Shares of empty sites; m of lithium that diffusion brought to the face.
        """
        matrix, first = self._matrix(time), self.layers[0]
        right = empty * self.layers[:, None]
        push = np.zeros((len(self.layers), 1))
        push[0] = 1.0
        found = solve_banded((1, 1), matrix, np.hstack([right, push]))
        rest, answer = found[:, :-1], found[:, -1:]
        # The face lies half a layer above the first layer's middle.
        ahead = 0.5 * first / (self.diffusivity * time)
        gain = float(answer[0, 0]) + ahead
        taken = np.clip(wanted, -rest[0] / gain, (self.most - rest[0]) / gain)
        return rest + answer * taken, taken

    def _matrix(self, time: float) -> Field:
        """Of a step backward in time, by diagonals."""
        sizes = self.layers
        reach = self.diffusivity * time / (0.5 * (sizes[1:] + sizes[:-1]))
        bands = np.zeros((3, len(sizes)))
        bands[0, 1:] = bands[2, :-1] = -reach
        bands[1] = sizes
        bands[1, 1:] += reach
        bands[1, :-1] += reach
        return bands
