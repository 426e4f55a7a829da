r"""When plated lithium starts to grow into an electrolyte: rival criteria."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.law import Ranges


def plating_stress(overpotential: Any, molar_volume: Any) -> Any:
    r"""Largest pressure that plating can build up in a confined space, Pa.

    $$ \sigma = \eta F / V_\mathrm{Li} $$

    >>> round(float(plating_stress(1e-3, 13.0e-6)) / 1e6, 2)  # MPa per mV
    7.42
    """
    return overpotential * FARADAY / molar_volume


@dataclass(frozen=True)
class OverpotentialLimit:
    r"""The plating overpotential of the interface at which filaments start, as it is measured.

    $$ \text{load} = \frac{\eta}{a\,\eta_c}, \qquad \eta_c = j_\mathrm{CCD} R_\mathrm{int} $$

    Interfaces whose resistance and critical current were both reported give the limit; it scatters
    by a factor of two between papers. What opens (flaw, grain boundary, soft spot) is left open.

    Args:
        limit: Critical overpotential of an interface in full contact, V.

    >>> float(OverpotentialLimit(0.012).load(0.006, 1.0))
    0.5
    """

    limit: Any = quantity("potential")

    references: ClassVar[tuple[str, ...]] = ()
    ranges: ClassVar[Ranges] = {}

    @property
    def critical_overpotential(self) -> Any:
        """Overpotential at which filaments start, V."""
        return self.limit

    def load(self, overpotential: Any, contact: Any) -> Any:
        """How far a face is loaded; one starts a filament.

        Args:
            overpotential: Of plating at the face, V (positive while plating).
            contact: Contact fraction; current crowds at the edges of voids.
        """
        return overpotential / (contact * self.limit)


@dataclass(frozen=True)
class FilledFlaw:
    r"""A surface flaw filled with lithium, pressed open by the overpotential of plating.

    $$ \eta_c = \frac{K_\mathrm{IC} V_\mathrm{Li}}{F\,Y\sqrt{\pi c}} $$

    Flow of lithium out of the flaw is neglected: a lower bound on the overpotential that cracks.

    Args:
        toughness: K_IC, Pa m^0.5.
        flaw_size: c, m.
        molar_volume: Of lithium, m3/mol.
        geometry: Y of the flaw; 1.12 for an edge crack.
        focusing: Current at the flaw over the mean current, on a face in full contact.

    >>> law = FilledFlaw(1.0e6, 1e-6, 13.0e-6)
    >>> round(float(law.critical_overpotential) * 1e3)  # mV
    68
    """

    toughness: Any = quantity("toughness")
    flaw_size: Any = quantity("length")
    molar_volume: Any = quantity("molar_volume")
    geometry: float = quantity("number", default=1.12)
    focusing: Any = quantity("number", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("porz2017",)
    ranges: ClassVar[Ranges] = {}

    @property
    def critical_overpotential(self) -> Any:
        """Overpotential at which the flaw opens, V."""
        root = np.sqrt(math.pi * np.asarray(self.flaw_size))
        return self.toughness * self.molar_volume / (FARADAY * self.geometry * root)

    @property
    def critical_pressure(self) -> Any:
        """Pressure of the lithium at which the flaw opens, Pa."""
        return self.critical_overpotential * FARADAY / self.molar_volume

    def load(self, overpotential: Any, contact: Any) -> Any:
        """How far a face is loaded: one opens the flaw.

        Args:
            overpotential: Of plating at the face, V (positive while plating).
            contact: Contact fraction; current crowds at the edges of voids.
        """
        return self.focusing / contact * overpotential / self.critical_overpotential


RIVALS = (OverpotentialLimit, FilledFlaw)
