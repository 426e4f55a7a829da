r"""Charge transfer at a lithium surface in a field, helped or hindered by pressure and curvature.

$$ i_n = a\,i_0\left[e^{\alpha F\eta/RT} - e^{-(1-\alpha)F\eta/RT}\right], \qquad
   \eta = \phi - \phi_m - \frac{\Omega\,p_n + \Omega\,\gamma K}{F} - R_\text{film}\,i_n $$

with i_n positive where lithium is plated, as everywhere inside the field simulation. Pressure on
the lithium and a surface that bulges out of it oppose plating (Monroe and Newman).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import DataError, NotConverged
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.numerics.grid import Field

TURNS = 100
CLOSE = 1e-13
"""Relative to what drives: rounding."""


@dataclass(frozen=True)
class ButlerVolmer:
    """The current of a surface for what drives it, and how steeply it rises.

    Args:
        symmetry: Share of the overpotential that helps plating, alpha.
        temperature: K.

    >>> law = ButlerVolmer()
    >>> current, slope = law(np.array([0.0, 1e-3]), 257.0, 0.0)  # 1 ohm cm2 at rest
    >>> [round(float(i), 4) for i in current], round(1e4 / float(slope[0]), 3)  # ohm cm2
    ([0.0, 10.0035], 1.0)
    """

    symmetry: float = 0.5
    temperature: float = 298.15

    def __post_init__(self) -> None:
        """Refuse what is no share and no temperature."""
        if not 0.0 < self.symmetry < 1.0:
            raise DataError(f"a symmetry factor lies between 0 and 1, not {self.symmetry:g}")
        if not self.temperature > 0.0:
            raise DataError(f"a temperature in kelvin is positive, not {self.temperature:g}")

    @property
    def thermal(self) -> float:
        """V, k_B T / e."""
        return BOLTZMANN * self.temperature / ELEMENTARY_CHARGE

    def bare(self, overpotential: Field, exchange: Field | float) -> tuple[Field, Field]:
        """A/m2 and S/m2, current and slope at a bare surface."""
        ahead, back = self.symmetry / self.thermal, (1.0 - self.symmetry) / self.thermal
        plating = exchange * np.exp(ahead * overpotential)
        stripping = exchange * np.exp(-back * overpotential)
        # By expm1, for at rest the two terms are equal.
        current = exchange * (np.expm1(ahead * overpotential) - np.expm1(-back * overpotential))
        return current, ahead * plating + back * stripping

    def __call__(
        self, drive: Field, exchange: Field | float, film: Field | float
    ) -> tuple[Field, Field]:
        """Current density and its slope with the drive.

        Args:
            drive: V, phi - phi_m less what pressure and curvature take.
            exchange: A/m2, a i_0.
            film: ohm m2, of a layer on the lithium.

        Returns:
            A/m2, positive where lithium is plated, and S/m2.

        Raises:
            NotConverged: The drive is beyond any current that a number can hold.
        """
        if not np.any(film):
            return self.bare(np.asarray(drive), exchange)
        overpotential = self._behind(np.asarray(drive), exchange, film)
        current, slope = self.bare(overpotential, exchange)
        return current, slope / (1.0 + film * slope)

    def _behind(self, drive: Field, exchange: Field | float, film: Field | float) -> Field:
        """V, what is left of the drive behind the film: Newton between zero and what it may be.

        One of the two exponentials alone bounds it; from that bound Newton's method is quick.
        """
        with np.errstate(divide="ignore", invalid="ignore"):  # bare where there is no film
            ratio = np.where(film, np.abs(drive) / (np.asarray(film) * exchange), np.inf)
        share = np.where(drive > 0.0, self.symmetry, 1.0 - self.symmetry)
        bound = np.sign(drive) * np.minimum(np.abs(drive), self.thermal / share * np.log1p(ratio))
        low, high, left = np.minimum(0.0, bound), np.maximum(0.0, bound), bound
        for _ in range(TURNS):
            current, slope = self.bare(left, exchange)
            excess = left + film * current - drive
            high = np.where(excess > 0.0, left, high)
            low = np.where(excess <= 0.0, left, low)
            better = left - excess / (1.0 + film * slope)
            outside = (better < low) | (better > high)
            better = np.where(outside, 0.5 * (low + high), better)
            if np.abs(better - left).max() <= CLOSE * max(np.abs(drive).max(), self.thermal):
                return better
            left = better
        raise NotConverged(
            f"a drive of {np.abs(drive).max():.3g} V through the film gave no current"
        )
