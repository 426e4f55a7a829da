r"""What cracks cost: their energy as a field, and the field of least energy.

$$ E_s = \int \frac{G_c}{c_w}\left(\frac{w(d)}{\ell} + \ell|\nabla d|^2\right) $$

d is 0 in intact material and 1 where it is broken; it lies at the centres of cells, its slopes on
faces. One row of broken cells costs nearly what a sharp crack does: `1 + (h/ell)^2/32` of it where
w = d, `sqrt(1 + (h/(2 ell))^2)` where w = d^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from scipy import sparse

from anolyte.core.errors import NotConverged
from anolyte.numerics.elasticity_frame import slide
from anolyte.numerics.elasticity_multigrid import Matrix, kronecker
from anolyte.numerics.grid import Field, Grid

OVERRELAXED = 1.6
"""Of the projected sweeps for d: near the best where ell is a few cells."""
STILL = 1e-6
"""Change of d in a sweep below which it is found."""
MOST_SWEEPS = 2000


@dataclass(frozen=True)
class Linear:
    """Dissipation w = d (AT1): elastic up to a strength, cracks of a finite width.

    >>> Linear().normalisation, round(Linear().strength(150e9, 6.0, 1e-6) / 1e6)  # MPa
    (2.6666666666666665, 581)
    """

    slope: float = 1.0
    curvature: float = 0.0
    normalisation: float = 8.0 / 3.0

    def strength(self, modulus: float, fracture_energy: float, width: float) -> float:
        """Pa, uniaxial stress at which a uniform body starts to soften: sqrt(3 E G_c/(8 ell))."""
        return math.sqrt(3.0 * modulus * fracture_energy / (8.0 * width))


@dataclass(frozen=True)
class Quadratic:
    """Dissipation w = d^2 (AT2): softens from the first load on.

    >>> round(Quadratic().strength(150e9, 6.0, 1e-6) / 1e6)  # MPa
    308
    """

    slope: float = 0.0
    curvature: float = 2.0
    normalisation: float = 2.0

    def strength(self, modulus: float, fracture_energy: float, width: float) -> float:
        """Pa, greatest uniaxial stress of a uniform body: (9/16) sqrt(E G_c/(3 ell))."""
        return 9.0 / 16.0 * math.sqrt(modulus * fracture_energy / (3.0 * width))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _projected(d, start, end, column, entry, diagonal, right, own, low):
    """The value of one cell that fulfils its row, held between its past and one."""
    for place in range(start, end):
        right -= entry[place] * d[column[place]]
    return min(1.0, max(low, own + OVERRELAXED * right / diagonal))


@njit(cache=True, nogil=True, error_model="numpy")
def _sweep(d, cells, start, column, entry, diagonal, added, right, low):
    """One sweep over cells; the greatest change of d."""
    most = 0.0
    for k in cells:
        whole = diagonal[k] + added[k]
        value = _projected(
            d,
            start[k],
            start[k + 1],
            column,
            entry,
            whole,
            right[k] - added[k] * d[k],
            d[k],
            low[k],
        )
        most = max(most, abs(value - d[k]))
        d[k] = value
    return most


def slopes(grid: Grid) -> tuple[Matrix, ...]:
    """From a field at centres to its slope on the faces across each axis; none at outer sides."""
    axes = range(grid.dimensions)
    return tuple(
        kronecker(
            [
                slide(n, h, periodic=wraps, held=(False, False))
                if k == axis
                else sparse.eye_array(n, format="csr")
                for k, n, h, wraps in zip(
                    axes, grid.shape, grid.spacing, grid.periodic, strict=True
                )
            ]
        )
        for axis in axes
    )


@dataclass(frozen=True, eq=False)
class Surface:
    """The energy of cracks: G_c, spread over a width.

    Args:
        grid: The cells.
        fracture_energy: J/m2, G_c of every cell.
        width: m, ell.
        dissipation: `Linear` (AT1) or `Quadratic` (AT2).
    """

    grid: Grid
    fracture_energy: Field
    width: float
    dissipation: Linear | Quadratic = Linear()

    @cached_property
    def slopes(self) -> tuple[Matrix, ...]:
        """Of a field, on faces."""
        return slopes(self.grid)

    @cached_property
    def matrix(self) -> Matrix:
        """Second derivative of the energy by the field."""
        scale = self.grid.cell_volume / self.dissipation.normalisation
        toughness = self.fracture_energy.ravel()
        local = scale * self.dissipation.curvature / self.width * toughness
        total = sparse.diags_array(local)
        for slope in self.slopes:
            # the mean over the two cells of a face
            near = 0.5 * abs(slope)
            weight = near.sum(axis=1)
            mean = (near @ toughness) / np.where(weight > 0.0, weight, 1.0)
            total = total + slope.T @ sparse.diags_array(2.0 * scale * self.width * mean) @ slope
        return total.tocsr()

    @cached_property
    def push(self) -> Field:
        """J, first derivative of the energy at d = 0, flat."""
        scale = self.grid.cell_volume * self.dissipation.slope / self.dissipation.normalisation
        return scale / self.width * self.fracture_energy.ravel()

    def energy(self, crack: Field) -> float:
        """J (J/m in the plane).

        >>> grid = Grid.cubic((64, 4), 0.25)
        >>> surface = Surface(grid, np.ones(grid.shape), 1.0)
        >>> crack = surface.least(np.pad(np.ones((1, 4)), ((32, 31), (0, 0))))
        >>> round(surface.energy(crack), 4)  # a unit of length
        1.002
        """
        flat = crack.ravel()
        return float(self.push @ flat + 0.5 * (flat @ (self.matrix @ flat)))

    def least(
        self,
        past: Field,
        *,
        released: Field | None = None,
        pulled: Field | None = None,
        start: Field | None = None,
        cells: Any = None,
    ) -> Field:
        """The crack field of least energy between its past and one.

        Args:
            past: d that cannot heal.
            released: J/m3, Psi+ of every cell.
            pulled: J, the derivative by d of the work of the pressure.
            start: Where to begin; its past.
            cells: The only ones that may change, flat; all.

        Raises:
            NotConverged: The sweeps did not come to rest.
        """
        volume, matrix = self.grid.cell_volume, self.matrix
        none = np.zeros(self.grid.cells)
        added = none if released is None else 2.0 * volume * released.ravel()
        right = added - self.push - (none if pulled is None else pulled.ravel())
        low = past.ravel()
        found = low.copy() if start is None else start.ravel().copy()
        swept = np.arange(low.size) if cells is None else cells
        diagonal = matrix.diagonal()
        change = math.inf
        for _ in range(MOST_SWEEPS):
            change = _sweep(
                found, swept, matrix.indptr, matrix.indices, matrix.data, diagonal, added, right,
                low,
            )  # fmt: skip
            if change < STILL:
                return found.reshape(past.shape)
        raise NotConverged(
            f"the crack field still moves by {change:.1e} after {MOST_SWEEPS} sweeps: is its width "
            f"({self.width:.1e} m) many cells?"
        )
