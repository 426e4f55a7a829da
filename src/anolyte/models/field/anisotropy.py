r"""Crystals of lithium: surface energy and kinetics that depend on the normal.

$$ \gamma(\mathbf n) = \gamma_0\Big[1 + \epsilon\Big(4\sum_k n_k^4 - 3\Big)\Big], \qquad
   i_0(\mathbf n) = i_0\Big[1 + \epsilon_k\Big(4\sum_k n_k^4 - 3\Big)\Big] $$

in the axes of a cubic crystal; in the plane the bracket is 1 + epsilon cos 4 theta. What surface
energy takes from the overpotential of plating is Omega / F times the divergence of

$$ \boldsymbol\xi = \nabla_{\mathbf p}\big(|\mathbf p|\,\gamma(\mathbf p/|\mathbf p|)\big) $$

(Cahn and Hoffman) along the surface: in the plane the stiffness gamma + gamma'' times the
curvature, gamma_0 (1 - 15 epsilon cos 4 theta) / R on a circle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError
from anolyte.models.field.front import Shape, bend
from anolyte.numerics.grid import Field, Grid

SHARPEST = 1.0 / 15.0
"""Anisotropy of surface energy from which directions are missing on a crystal, edges in place."""


@dataclass(frozen=True)
class Cubic:
    """How surface energy and exchange current follow the axes of a cubic crystal.

    Args:
        surface: epsilon, of the surface energy; positive: corners along the axes grow out.
        kinetic: epsilon_k, of the exchange current; positive: fast along the axes.
        turned: rad, of the crystal in the plane of the last two axes (the plane itself in 2-D).

    Raises:
        DataError: Directions would be missing on the crystal, which a smooth front cannot show; or
            the exchange current is not above zero everywhere.

    >>> crystal = Cubic(surface=0.02)
    >>> [round(float(v[0]), 3) for v in (crystal.factor((np.ones(1), np.zeros(1)), 0.02),)]
    [1.02]
    """

    surface: float = 0.0
    kinetic: float = 0.0
    turned: float = 0.0

    def __post_init__(self) -> None:
        """Refuse crystals with missing directions."""
        if not abs(self.surface) < SHARPEST:
            raise DataError(
                f"an anisotropy of surface energy of {self.surface:g}: from 1/15 = "
                f"{SHARPEST:.3f} directions are missing on the crystal, and no smooth front has it"
            )
        if not abs(self.kinetic) < 1.0 / 3.0:
            raise DataError(
                f"an anisotropy of the exchange current of {self.kinetic:g} leaves some faces "
                "without any; it must lie between -1/3 and 1/3"
            )

    def own(self, normal: tuple[Field, ...]) -> tuple[Field, ...]:
        """The normal in the crystal's axes."""
        return _turned(normal, -self.turned)

    def factor(self, normal: tuple[Field, ...], strength: float) -> Field:
        """1 + strength (4 sum n^4 - 3)."""
        fourth = sum(part**4 for part in self.own(normal))
        return np.asarray(1.0 + strength * (4.0 * fourth - 3.0))

    def pull(self, normal: tuple[Field, ...], axis: int) -> Field:
        """One component of xi over gamma_0."""
        own, strength = self.own(normal), self.surface
        fourth = sum(part**4 for part in own)
        even = 1.0 + strength * (4.0 * fourth - 3.0)
        vector = tuple(even * part + 16.0 * strength * (part**3 - fourth * part) for part in own)
        return _turned(vector, self.turned)[axis]

    def bending(self, share: Field, grid: Grid, width: float) -> Field:
        """1/m, div xi / gamma_0: takes the place of the curvature."""
        return bend(share, grid, width, self.pull)

    def exchange(self, shape: Shape) -> Field:
        """i_0 of every cell over that of the mean; 1 away from the surface."""
        return np.where(shape.density > 0.0, self.factor(shape.normal, self.kinetic), 1.0)


def _turned(vector: tuple[Field, ...], angle: float) -> tuple[Field, ...]:
    """By an angle, in the plane of the last two axes."""
    *rest, one, two = vector
    cosine, sine = np.cos(angle), np.sin(angle)
    return *rest, cosine * one - sine * two, sine * one + cosine * two
