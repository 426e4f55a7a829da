r"""Elastic constants of a crystal by small strains, with the ions relaxed in each.

$$ C_{ij} = \frac{\sigma_i(+\delta_j) - \sigma_i(-\delta_j)}{2\delta_j}, \quad
   9 K_V = C_{11} + C_{22} + C_{33} + 2 (C_{12} + C_{13} + C_{23}), \quad
   15 G_V = C_{11} + C_{22} + C_{33} - (C_{12} + C_{13} + C_{23}) + 3 (C_{44} + C_{55} + C_{66}) $$

(Voigt; Reuss from the inverse; their mean is given). The central difference takes the stress that
is left in the reference cell out.

Range: universal potentials are soft: against handbook values CHGNet's bulk moduli are about right
(x 0.9), its shear moduli about x 0.6 with a spread of a factor 1.7; a difference of 20 % means
nothing. Rigid ions would give other, stiffer numbers.

Source: Hill 1952 for the mean of Voigt and Reuss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, relax
from anolyte.core.errors import NotConverged

Array = NDArray[np.float64]
PASCAL = 1.602176634e11  # of an eV/angstrom^3
STRAIN = 0.005
STILL = 0.005
"""Force at which the ions of a strained cell are at rest, eV/angstrom."""
VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


@dataclass(frozen=True)
class Elastic:
    """Elastic constants and what follows for a polycrystal.

    Args:
        constants: 6 x 6, Voigt, Pa.
        bulk, shear: Mean of Voigt and Reuss, Pa.
    """

    constants: tuple[tuple[float, ...], ...]
    bulk: float
    shear: float

    @property
    def youngs(self) -> float:
        """Young's modulus of the polycrystal, Pa."""
        return 9.0 * self.bulk * self.shear / (3.0 * self.bulk + self.shear)


def elastic(crystal: Crystal, potential: Batched, strain: float = STRAIN) -> Elastic:
    """Elastic constants of a relaxed crystal.

    Args:
        crystal: At rest under the same potential.
        potential: Energies, forces, stresses of many at once.
        strain: Of each of the twelve strained cells.

    Raises:
        NotConverged: Ions that do not come to rest, or a crystal that strain makes unstable.
    """
    cells = [_strained(crystal, k, sign * strain) for k in range(6) for sign in (1.0, -1.0)]
    ends = dict(relax(cells, potential, fmax=STILL, cells=False))
    lost = [e.why for e in ends.values() if e.why]
    if lost:
        raise NotConverged(f"{crystal.formula}: a strained cell does not come to rest: {lost[0]}")
    points = potential.many([ends[k].crystal for k in range(12)])
    stress = np.array([[p.stress[a] for a in VOIGT] for p in points])
    return _of((stress[0::2] - stress[1::2]).T / (2.0 * strain) * PASCAL, crystal.formula)


def _strained(crystal: Crystal, which: int, size: float) -> Crystal:
    """One of six strains; shear strains are engineering ones."""
    a, b = VOIGT[which]
    deformation = np.eye(3)
    deformation[a, b] += size if a == b else 0.5 * size
    if a != b:
        deformation[b, a] += 0.5 * size
    return Crystal.of_arrays(
        crystal.matrix @ deformation, crystal.symbols, np.array(crystal.positions)
    )


def _of(constants: Array, name: str) -> Elastic:
    """What the constants mean for a polycrystal.

    Raises:
        NotConverged: An eigenvalue that is not positive: some strain costs nothing.
    """
    c = 0.5 * (constants + constants.T)
    low = float(np.linalg.eigvalsh(c).min())
    if low <= 0.0:
        raise NotConverged(f"{name}: elastically unstable (eigenvalue {low / 1e9:.1f} GPa)")
    s: Array = np.linalg.inv(c).astype(float)
    diagonal, mixed, shear = _thirds(c)
    bulk_voigt = (diagonal + 2.0 * mixed) / 9.0
    shear_voigt = (diagonal - mixed + 3.0 * shear) / 15.0
    diagonal, mixed, shear = _thirds(s)
    bulk_reuss = 1.0 / (diagonal + 2.0 * mixed)
    shear_reuss = 15.0 / (4.0 * diagonal - 4.0 * mixed + 3.0 * shear)
    return Elastic(
        tuple(tuple(float(x) for x in row) for row in c),
        0.5 * (bulk_voigt + bulk_reuss), 0.5 * (shear_voigt + shear_reuss),
    )  # fmt: skip


def _thirds(m: Array) -> tuple[float, float, float]:
    """Sums of the three axial, mixed and shear elements."""
    return (
        float(m[0, 0] + m[1, 1] + m[2, 2]),
        float(m[0, 1] + m[0, 2] + m[1, 2]),
        float(m[3, 3] + m[4, 4] + m[5, 5]),
    )
