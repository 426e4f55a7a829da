"""A full stack with its energy, size and breathing, layer by layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from anolyte.core.result import Result, quantity


@dataclass(frozen=True)
class DesignLayer:
    """One kind of layer of the stack.

    Args:
        name: What it is.
        number: How often it occurs.
        thickness: As built, m.
        density: As built, with its pores, kg/m3.
        swelling: Thickness that it gains when the cell is charged, m; negative: loses.
    """

    name: str
    number: int
    thickness: float = quantity("length")
    density: float = quantity("density")
    swelling: float = quantity("length", default=0.0)

    @property
    def areal_mass(self) -> float:
        """Mass of all of them per area, kg/m2."""
        return self.number * self.thickness * self.density


@dataclass(frozen=True)
class CellDesign(Result):
    """A stack with its energy, size and breathing.

    Args:
        cell: In words.
        layers: What it is made of.
        voltage: Mean voltage of the stack on discharge, V.
        areal_capacity: What the stack gives back, C/m2 of its footprint.
        specific_energy: Per mass of the stack, J/kg.
        packed_specific_energy: With packaging, J/kg.
        specific_volume: Of the stack at its thickest, m3/kg.
        packed_specific_volume: With packaging, m3/kg.
        thickness: Of the stack as built, m.
        thickness_change: What a charge adds to it, m; negative: it shrinks.
        pressure_change: What a charge adds to the pressure, Pa; None: no fixture was given.
        first_cycle_loss: Lithium lost in the first cycle, C/m2 of one cell.
        liquid_reference: What the review says liquid cells reach at most, J/kg: context, no check.
        warnings: What was assumed.
    """

    cell: str
    layers: tuple[DesignLayer, ...]
    voltage: float = quantity("potential")
    areal_capacity: float = quantity("areal_capacity")
    specific_energy: float = quantity("specific_energy")
    packed_specific_energy: float = quantity("specific_energy")
    specific_volume: float = quantity("specific_volume")
    packed_specific_volume: float = quantity("specific_volume")
    thickness: float = quantity("length")
    thickness_change: float = quantity("length")
    pressure_change: float | None = quantity("pressure", default=None)
    first_cycle_loss: float = quantity("areal_capacity", default=0.0)
    liquid_reference: float | None = quantity("specific_energy", default=None)
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def areal_mass(self) -> float:
        """Mass of the stack per footprint, kg/m2."""
        return math.fsum(x.areal_mass for x in self.layers)

    @property
    def energy_density(self) -> float:
        """Energy of the stack over its volume at its thickest, J/m3 (3.6e6 is 1 Wh/L)."""
        return self.specific_energy / self.specific_volume

    @property
    def packed_energy_density(self) -> float:
        """The same with packaging, J/m3."""
        return self.packed_specific_energy / self.packed_specific_volume

    def rows(self) -> list[dict[str, Any]]:
        """One row a layer; masses and thicknesses are of all layers of the kind together."""
        mass, thick = self.areal_mass, self.thickness
        return [
            {
                "layer": x.name,
                "number": x.number,
                "thickness each [µm]": x.thickness * 1e6,
                "density [g cm⁻³]": x.density * 1e-3,
                "thickness [µm]": x.number * x.thickness * 1e6,
                "areal mass [mg cm⁻²]": x.areal_mass * 100.0,
                "mass share [%]": 100.0 * x.areal_mass / mass,
                "thickness share [%]": 100.0 * x.number * x.thickness / thick,
                "swelling in a charge [µm]": x.number * x.swelling * 1e6,
            }
            for x in self.layers
        ]
