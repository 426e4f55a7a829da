r"""What loads a solid when lithium is plated and interphases grow, and what the stress then means.

Lithium plated into an opened crack spreads its faces, products of a reaction swell:

$$ \varepsilon^* = m\,n n^T, \quad \frac{dm}{dt} = \frac{V_\mathrm{Li}}{F}\,\delta\,i_n,
   \qquad \varepsilon^* = \frac{\beta}{3} I $$

Elastic equilibrium turns them into stress; the pressure that lithium bears at its surface,
p_n = -n.S.n, then opposes plating.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from anolyte.core.units import FARADAY
from anolyte.numerics.elasticity_tensor import Tensor
from anolyte.numerics.grid import Field, Grid, rim

FLATTEST = 1e-12
"""Of a gradient, per m of the greatest one: below it no direction is told."""


def normals(share: Field, grid: Grid) -> tuple[Field, ...]:
    r"""Unit vectors out of the lithium, n = -grad xi/|grad xi|; zero where xi is uniform.

    Args:
        share: xi, lithium fraction of every cell.
        grid: The cells.

    >>> grid = Grid.cubic((4, 3), 1.0)
    >>> out = normals(np.array([[1.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]), grid)
    >>> np.abs(out[0][:, 0]).tolist(), bool(np.any(out[1]))
    ([0.0, 1.0, 1.0, 0.0], False)
    """
    slopes = [_slope(share, grid, axis) for axis in range(grid.dimensions)]
    steepness = np.sqrt(sum(np.square(slope) for slope in slopes))
    told = steepness > FLATTEST * max(float(steepness.max()), np.finfo(float).tiny)
    return tuple(-slope * told / np.where(told, steepness, 1.0) for slope in slopes)


def _slope(values: Field, grid: Grid, axis: int) -> Field:
    mode = "wrap" if grid.periodic[axis] else "edge"
    padded = np.moveaxis(np.pad(values, rim(axis, values.ndim), mode=mode), axis, 0)
    return np.moveaxis(padded[2:] - padded[:-2], 0, axis) / (2.0 * grid.spacing[axis])


def inserted(
    current_density: Field, surface_density: Field, molar_volume: float, duration: float
) -> Field:
    r"""Lithium plated into a cell, as thickness per width of the cell: V_Li/F delta i_n dt.

    Args:
        current_density: A/m2, positive while plating.
        surface_density: 1/m, area of lithium surface per volume.
        molar_volume: m3/mol, of lithium.
        duration: s.

    >>> f"{inserted(np.array(10.0), np.array(1e6), 13.0e-6, 1.0):.3e}"
    '1.347e-03'
    """
    return molar_volume / FARADAY * surface_density * current_density * duration


def plating_strain(thickness: Field, direction: tuple[Field, ...]) -> Tensor:
    """Strain without stress of lithium plated into a crack: m n n^T.

    Args:
        thickness: m, inserted per width of a cell.
        direction: n across the crack, of unit length.
    """
    return Tensor.along(thickness, direction)


def product_strain(expansion: Field) -> Tensor:
    """Strain without stress of products that take up more room: beta/3 along every axis.

    Args:
        expansion: beta, relative growth of volume.
    """
    return Tensor.isotropic(expansion / 3.0)


def contact_pressure(stress: Tensor, direction: tuple[Field, ...]) -> Field:
    """Pa, compressive normal stress at a surface across n: p_n = -n.S.n.

    Args:
        stress: Pa.
        direction: n, of unit length; the pressure is zero where it is none.

    >>> stress = Tensor.isotropic(np.full((2, 2), -3.0))
    >>> contact_pressure(stress, (np.ones((2, 2)), np.zeros((2, 2)))).tolist()
    [[3.0, 3.0], [3.0, 3.0]]
    """
    return -stress.across(direction)


@dataclass(frozen=True, eq=False)
class Stressed:
    """What a stress means for a brittle solid.

    Args:
        stress: Pa, in the cells.

    >>> state = Stressed(Tensor(np.array([2.0, -1.0, -1.0]).reshape(3, 1, 1), np.zeros((1, 1, 1))))
    >>> state.pressure.item(), state.von_mises.item(), state.greatest.item()
    (-0.0, 3.0, 2.0)
    """

    stress: Tensor

    @property
    def pressure(self) -> Field:
        """Pa, hydrostatic, compression positive."""
        return -self.stress.mean()

    @property
    def von_mises(self) -> Field:
        """Pa, equivalent stress."""
        return self.stress.von_mises()

    @property
    def greatest(self) -> Field:
        """Pa, greatest principal stress, tension positive."""
        return self.stress.principal()[-1]

    @property
    def least(self) -> Field:
        """Pa, least principal stress."""
        return self.stress.principal()[0]

    def strength_ratio(self, strength: float | Field) -> Field:
        """Greatest tension over the strength; 1 breaks."""
        return np.maximum(self.greatest, 0.0) / strength

    def toughness_ratio(
        self, toughness: float | Field, flaw_size: float, geometry: float = 1.12
    ) -> Field:
        """Y s sqrt(pi a)/K_IC of a flaw in the tension s of each cell; 1 makes it run.

        Args:
            toughness: K_IC, Pa m^0.5.
            flaw_size: a, m, small against the length over which the stress changes.
            geometry: Y; 1.12 for an edge flaw.
        """
        factor = geometry * math.sqrt(math.pi * flaw_size)
        return np.maximum(self.greatest, 0.0) * factor / toughness
