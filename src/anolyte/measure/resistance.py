r"""Three resistances that must never be confused: of the cell, of both interfaces, of one.

$$ R_\mathrm{one} = \frac{R A}{n}, \qquad R_\mathrm{all} = R A $$

with the resistance $R$ of the whole cell (ohm), the area $A$ of one side and the number $n$ of
interfaces that the process belongs to: two in a symmetric cell, one beside a blocking electrode.
Each is a type of its own; nothing adds or compares different ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from anolyte.core.errors import MissingProperty
from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.measure.setup import Setup


@dataclass(frozen=True, slots=True)
class FaceResistance:
    """Resistance times area of **one** interface.

    Args:
        value: ohm m2.
        sigma: Standard deviation, ohm m2; None: not known.
    """

    value: float = quantity("area_resistance")
    sigma: float | None = quantity("area_resistance", default=None)

    def __str__(self) -> str:
        return f"{_with(self.value, self.sigma)} (one interface)"


@dataclass(frozen=True, slots=True)
class TotalResistance:
    """Resistance times area of the whole cell, or of **all** its interfaces together.

    Args:
        value: ohm m2.
        sigma: Standard deviation, ohm m2; None: not known.
    """

    value: float = quantity("area_resistance")
    sigma: float | None = quantity("area_resistance", default=None)

    def __str__(self) -> str:
        return f"{_with(self.value, self.sigma)} (both sides)"


@dataclass(frozen=True, slots=True)
class CellResistance:
    """Resistance of a process in the cell as it was measured; of no area yet.

    Args:
        value: ohm.
        sigma: Standard deviation, ohm; None: not known.

    >>> setup = Setup(area=1e-4, electrodes="Li|Li")
    >>> str(CellResistance(120.0).face(setup))
    '60 Ω cm² (one interface)'
    """

    value: float = quantity("resistance")
    sigma: float | None = quantity("resistance", default=None)

    def __str__(self) -> str:
        return show(self.value, "resistance")

    def face(self, setup: Setup) -> FaceResistance:
        """Of one interface; needs the area and which electrodes the cell has.

        Raises:
            MissingProperty: The area or the pair of electrodes is not given.
        """
        scale = setup.need("area") / setup.interfaces
        return FaceResistance(self.value * scale, _times(self.sigma, scale))

    def total(self, setup: Setup) -> TotalResistance:
        """Of all interfaces together; needs the area.

        Raises:
            MissingProperty: The area is not given.
        """
        scale = setup.need("area")
        return TotalResistance(self.value * scale, _times(self.sigma, scale))

    def conductivity(self, setup: Setup) -> tuple[float, float | None]:
        r"""Conductivity $\sigma = L / (R A)$ and its standard deviation, S/m.

        Raises:
            MissingProperty: Area or thickness is not given, or the resistance is not positive.
        """
        if not self.value > 0.0:
            raise MissingProperty(f"a resistance of {self.value:g} ohm has no conductivity")
        found = setup.need("thickness") / (self.value * setup.need("area"))
        return found, None if self.sigma is None else found * self.sigma / self.value


def _times(sigma: float | None, scale: float) -> float | None:
    return None if sigma is None else sigma * scale


def _with(value: float, sigma: float | None) -> str:
    text = show(value, "area_resistance")
    return text if sigma is None else f"{text} ± {sigma * 1e4:.2g}"
