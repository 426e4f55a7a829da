r"""Whether a layer stops electrons: band edges from atoms, barrier to the anode, tunnelling.

The middle of the gap of a compound lies below vacuum by the geometric mean of the Mulliken
electronegativities of its atoms, $\chi = (\prod_i \chi_i^{n_i})^{1/N}$ (Nethercot, Phys. Rev. Lett.
1974, 33, 1088), hence

$$ E_c = -\chi + E_g/2, \quad E_v = -\chi - E_g/2, \quad \Phi_e = E_c + \phi . $$

Range: no surface dipole, no pinning, no defects; 0.5 to 1 eV wrong. An order, not a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.materials.criteria import threshold
from anolyte.materials.electronic_levels import atoms

PLANCK = 1.054571817e-34  # J s, reduced; CODATA 2018
ELECTRON_MASS = 9.1093837015e-31  # kg, CODATA 2018
LITHIUM_BELOW_VACUUM = 1.40
"""V: the hydrogen electrode lies 4.44 V below vacuum (Trasatti 1986), lithium 3.04 V above it."""
FORTY = 40.0
"""Natural logarithm of the attenuation that usually counts as tight (from memory)."""


class Leak(StrEnum):
    """Traffic light of electrons."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class BandEdges:
    """Against vacuum, J; negative: below it."""

    conduction: float
    valence: float


def electronegativity(amounts: Mapping[str, float]) -> float:
    r"""Mulliken electronegativity of a compound, J.

    $$ \chi = \Bigl(\prod_i \chi_i^{n_i}\Bigr)^{1/\sum_i n_i} $$

    Args:
        amounts: Element amounts.

    Raises:
        MissingProperty: An element whose ionization energy or affinity is not in the table.

    >>> round(electronegativity({"Li": 1, "F": 1}) / ELEMENTARY_CHARGE, 2)
    5.59
    """
    table = atoms()
    missing = sorted(set(amounts) - set(table))
    if missing or not amounts:
        raise MissingProperty(f"no ionization energy and affinity of {', '.join(missing) or '-'}")
    total = sum(amounts.values())
    logs = sum(n * math.log(table[e].electronegativity) for e, n in amounts.items())
    return math.exp(logs / total)


def band_edges(amounts: Mapping[str, float], gap: float) -> BandEdges:
    r"""Band edges, $-\chi \pm E_g/2$.

    Args:
        amounts: Element amounts.
        gap: Band gap, J.

    Raises:
        DataError: A negative gap.
        MissingProperty: As `electronegativity`.
    """
    if not gap >= 0.0:
        raise DataError(f"band gap {gap:g} J: give zero or more")
    middle = electronegativity(amounts)
    return BandEdges(-middle + gap / 2, -middle - gap / 2)


def electron_barrier(edges: BandEdges, work_function: float) -> float:
    r"""Barrier for electrons out of a metal, J: $\Phi_e = E_c + \phi$ (Schottky-Mott).

    Negative: the metal's electrons lie above the conduction edge.
    """
    return edges.conduction + work_function


def tunnelling_decay_length(barrier: float, mass: float = 1.0) -> float:
    r"""Depth over which the tunnelling current falls by e, m.

    $$ \lambda = \frac{1}{2\kappa}, \quad \kappa = \frac{\sqrt{2 m^* \Phi_e}}{\hbar} $$

    This is not the electron transfer distance of a computed charge density.

    Args:
        barrier: J.
        mass: Effective mass over that of the electron.

    Raises:
        DataError: No barrier; the electron does not tunnel, it flows.

    >>> round(tunnelling_decay_length(1.0 * ELEMENTARY_CHARGE) * 1e10, 2)
    0.98
    """
    if not (barrier > 0.0 and mass > 0.0):
        raise DataError(f"barrier {barrier:g} J, mass {mass:g}: both must be above zero")
    return PLANCK / (2.0 * math.sqrt(2.0 * mass * ELECTRON_MASS * barrier))


def critical_thickness(barrier: float, mass: float = 1.0, attenuation: float = FORTY) -> float:
    r"""Thickness that attenuates tunnelling by $e^{-a}$, m: $d = a \lambda$."""
    return attenuation * tunnelling_decay_length(barrier, mass)


def chance(barrier: float, sigma: float, required: float) -> float:
    """Probability that a barrier is higher than required; all in J."""
    if sigma <= 0.0:
        return float(barrier > required)
    return 0.5 * math.erfc((required - barrier) / (sigma * math.sqrt(2.0)))


@dataclass(frozen=True)
class Light:
    """When a layer counts as tight.

    Args:
        required: Barrier, J.
        good, bad: Probabilities from which on it is good, up to which it is bad.
    """

    required: float = threshold("electron_barrier_required")
    good: float = threshold("electron_barrier_good")
    bad: float = threshold("electron_barrier_bad")

    def __call__(self, barrier: float, sigma: float) -> Leak:
        """Good, caution or bad.

        >>> Light()(3 * ELEMENTARY_CHARGE, 0.7 * ELEMENTARY_CHARGE).value
        'good'
        """
        found = chance(barrier, sigma, self.required)
        if found >= self.good:
            return Leak.GOOD
        return Leak.BAD if found <= self.bad else Leak.CAUTION


def lithium_potential(level: float) -> float:
    """Potential, V vs Li/Li+, of a level against vacuum, J.

    >>> round(lithium_potential(-6.76 * ELEMENTARY_CHARGE), 2)
    5.36
    """
    return -level / ELEMENTARY_CHARGE - LITHIUM_BELOW_VACUUM


def vacuum_level(potential: float) -> float:
    """Level against vacuum, J, of a potential, V vs Li/Li+: the inverse of `lithium_potential`."""
    return -(potential + LITHIUM_BELOW_VACUUM) * ELEMENTARY_CHARGE
