"""The space-charge layer of a cell's electrolyte: a number, usually a negligible one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from anolyte.core.errors import MissingProperty
from anolyte.core.result import Result, quantity
from anolyte.laws import space_charge as laws
from anolyte.laws.conduction import conductivity
from anolyte.laws.space_charge_profile import profile
from anolyte.materials import formula

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell


@dataclass(frozen=True)
class SpaceCharge(Result):
    """A space-charge layer in the electrolyte at the metal, by continuum theory.

    Args:
        potential: At the face against the bulk, V; positive depletes.
        debye_length, depletion_width: m; the second by Mott and Schottky.
        resistance: That the layer adds, ohm m2; negative where ions accumulate.
        lithium: Concentration in the bulk, mol/m3.
        warnings: What is assumed, and where the theory ends.
    """

    electrolyte: str
    potential: float = quantity("potential")
    debye_length: float = quantity("length")
    depletion_width: float = quantity("length")
    resistance: float = quantity("area_resistance")
    lithium: float = quantity("concentration")
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None


FILLED = 0.5
"""Share of the lithium sites that is filled; assumed."""
LATTICE = 0.3e-9
"""m, about the distance of lithium sites; below it continuum theory means little."""


def space_charge(cell: Cell, potential: float) -> SpaceCharge:
    """The layer of a cell's electrolyte at a potential.

    Args:
        cell: Electrolyte and temperature.
        potential: V; positive depletes.

    Raises:
        MissingProperty: No permittivity, density or formula is known.
    """
    material, kelvin = cell.interface.electrolyte, cell.conditions.temperature
    epsilon, density = material.need("relative_permittivity"), material.need("density")
    amounts = material.composition
    if "Li" not in amounts:
        raise MissingProperty(f"{material.name}: no lithium in its formula")
    lithium = amounts["Li"] * density.si / formula.molar_mass(amounts)
    permittivity = epsilon.si * laws.VACUUM_PERMITTIVITY
    carriers = laws.SiteLimited(lithium, lithium / FILLED)
    layer = profile(carriers, potential, permittivity, kelvin)
    length = float(laws.debye_length(permittivity, carriers.screening, kelvin))
    told = [f"{FILLED:.0%} of the lithium sites filled is assumed"]
    if length < LATTICE:
        told.append("thinner than the distance of sites: an extrapolation of continuum theory")
    width = laws.depletion_width(max(potential, 0.0), permittivity, lithium)
    return SpaceCharge(
        electrolyte=material.name, potential=potential, debye_length=length,
        depletion_width=float(width), lithium=lithium,
        resistance=layer.resistance(conductivity(material, kelvin).value),
        warnings=tuple(told), sources=(epsilon.source.key, density.source.key, "klerk2018space"),
    )  # fmt: skip
