"""What a filament is simulated in: a cell from the names of an electrolyte and an anode.

Numbers of the cell come from the library, with their sources; what nobody measured is assumed, and
the setup names it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.laws import conduction
from anolyte.laws.fracture import FilledFlaw
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.filament import Filament, Lithium, guarded
from anolyte.models.field.fracture import Fracture
from anolyte.models.field.images import Labels
from anolyte.models.field.microstructure import Layer, Microstructure, Phase
from anolyte.models.field.polycrystal import FEWEST_CELLS, Grains, Polycrystal
from anolyte.models.field.scatter import Apart, Scattered
from anolyte.models.field.shapes import FEWEST_OF_RADIUS
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Roller
from anolyte.numerics.grid import Field, Grid

CELLS_A_WIDTH = 4.0
FLAW_WIDTHS = 2.0
"""Crack widths that a flaw must be long, or it is not seen as one."""
BAND = 1
"""Cells on each side of a grain boundary that have its toughness."""
STEPS = 200.0
"""Steps that the whole time is cut into at least."""
SAME = 1.0
"""K, within which a temperature is that of the measurement."""
GUESSES = {
    "poisson_ratio": 0.26,
    "boundary_share": 0.2,
    "boundary_toughness": 0.5,
    "pore_radius": 1.5e-6,
    "inclusion_radius": 1.5e-6,
    "inclusion_conductivity": 1e-3,
}
"""What is taken where nothing is given: recalled orders of magnitude for dense garnets (resistance
of the boundaries over that of the grains 0.1 to 0.3, pores of micrometres), and guesses of what a
boundary's toughness is to a grain's and how little an inclusion conducts. None of them is a
measurement of the sample."""
HALF = 0.5
"""Share of pore from which a cell is one."""
SIZES = 0.3
"""Standard deviation of the logarithm of radii: sizes differ by a third."""


@dataclass(frozen=True)
class FilamentSetup:
    """What is simulated.

    Args:
        interface: Electrolyte and anode.
        conditions: Current density and temperature.
        thickness: m, of the electrolyte, the height of the field; of the image where there is one.
        cells: Along the thickness; the field is as wide as it is high.
        grain_size: m, mean intercept; none: a single crystal.
        flaw: m, depth of the crack that is there; the pair's measured or estimated flaw size.
        resistance: ohm m2, of charge transfer at the lithium; from the pair.
        toughness: Pa m^0.5, of the grains; from the electrolyte.
        conductivity: S/m, of the grains; from the electrolyte.
        boundary_share: Resistance of grain boundaries over that of the grains.
        boundary_toughness: Fracture energy of a boundary over that of a grain.
        until: s, of model time.
        seed: Of grains, pores and inclusions.
        pores: Share of the volume.
        pore_radius: m, median.
        inclusions: Share of the volume, of something that conducts less.
        inclusion_radius: m, median.
        inclusion_conductivity: Over that of the grains.
        width_cells: Cells of the width of a crack.
        dimensions: 2 or 3.
        image: Segmented electrolyte in which it grows, in place of drawn pores and inclusions.
        lib: Where pair files are looked up; None: the package's.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    thickness: float = 50e-6
    cells: int = 64
    grain_size: float | None = None
    flaw: float | None = None
    resistance: float | None = None
    toughness: float | None = None
    conductivity: float | None = None
    boundary_share: float | None = None
    boundary_toughness: float | None = None
    until: float = 3600.0
    seed: int = 0
    lib: Library | None = None
    pores: float = 0.0
    pore_radius: float | None = None
    inclusions: float = 0.0
    inclusion_radius: float | None = None
    inclusion_conductivity: float | None = None
    width_cells: float = CELLS_A_WIDTH
    dimensions: int = 2
    image: Labels | None = None

    @cached_property
    def numbers(self) -> Mapping[str, Value | float]:
        """What the library knows and what is assumed."""
        electrolyte, anode = self.interface.electrolyte, self.interface.anode
        pair = pairs.contact(electrolyte, anode, self.lib)
        found: dict[str, Value | float] = {
            "ionic_conductivity": self._conductivity(),
            "youngs_modulus": electrolyte.need("youngs_modulus"),
            "fracture_toughness": electrolyte.need("fracture_toughness"),
            "molar_volume": anode.need("molar_volume"),
            "flaw_size": pair.need("flaw_size") if self.flaw is None else self.flaw,
            "exchange_current_density": self._exchange(pair),
        }
        for name, given in (
            ("fracture_toughness", self.toughness), ("ionic_conductivity", self.conductivity)
        ):  # fmt: skip
            if given is not None:
                found[name] = given
        if self.resistance is not None:
            found["exchange_current_density"] = self.thermal / self.resistance
        return found

    def _conductivity(self) -> float:
        """S/m, at the temperature."""
        if self.conductivity is not None:
            return self.conductivity
        return conduction.conductivity(
            self.interface.electrolyte, self.conditions.temperature
        ).value

    def _exchange(self, pair: pairs.Contact) -> float:
        """A/m2, at the temperature."""
        return float(self._transfer(pair).exchange(self.conditions.temperature))

    def _transfer(self, pair: pairs.Contact) -> ChargeTransfer:
        activation = "exchange_activation_energy"
        energy = pair.need(activation).si if pair.has(activation) else 0.0
        return ChargeTransfer(pair.need("exchange_current_density").si, energy)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Keys of where numbers are from."""
        electrolyte = self.interface.electrolyte
        pair = pairs.contact(electrolyte, self.interface.anode, self.lib)
        keys = [v.source.key for v in self.numbers.values() if isinstance(v, Value)]
        kelvin = self.conditions.temperature
        if self.conductivity is None:
            keys += conduction.conductivity(electrolyte, kelvin).sources
        for layer in conduction.films(self.interface):
            keys += conduction.conductivity(layer.material, kelvin).sources
        if self.resistance is None:
            keys.append(pair.need("exchange_current_density").source.key)
        return tuple(dict.fromkeys(keys))

    @property
    def thermal(self) -> float:
        return ButlerVolmer(temperature=self.conditions.temperature).thermal

    def number(self, name: str) -> float:
        """SI."""
        value = self.numbers[name]
        return value.si if isinstance(value, Value) else float(value)

    @property
    def assumed(self) -> tuple[str, ...]:
        """Names of the numbers that nobody measured for this cell."""
        names = ["poisson_ratio"]
        pair = pairs.contact(self.interface.electrolyte, self.interface.anode, self.lib)
        warm = abs(self.conditions.temperature - ChargeTransfer(1.0).reference) > SAME
        if warm and self.resistance is None and not pair.has("exchange_activation_energy"):
            names.append("charge_transfer_does_not_feel_temperature")
        asked = (
            (self.grain_size, ("boundary_share", "boundary_toughness")),
            (self.pores, ("pore_radius",)),
            (self.inclusions, ("inclusion_radius",)),
            (self.impure, ("inclusion_conductivity",)),
        )
        names += [n for there, own in asked if there for n in own if getattr(self, n) is None]
        return tuple(names)

    def or_guess(self, name: str) -> float:
        given = getattr(self, name)
        return GUESSES[name] if given is None else float(given)

    @cached_property
    def grid(self) -> Grid:
        """Square (cubic) cells, periodic across; an image is closed."""
        if self.image is not None:
            return self.image.grid(self.cells)
        edge, axes = self.thickness / self.cells, self.dimensions
        periodic = (False, *(True,) * (axes - 1))
        return Grid.cubic((self.cells,) * axes, edge, periodic=periodic)

    @cached_property
    def made(self) -> Microstructure:
        """Grains, pores and inclusions, or those of the image."""
        layers = [
            Layer(phase, self._scattered(share, self.or_guess(name), number))
            for number, (phase, share, name) in enumerate((
                (Phase.IMPURITY, self.inclusions, "inclusion_radius"),
                (Phase.PORE, self.pores, "pore_radius"),
            ))
            if share
        ]  # fmt: skip
        crystals = None
        if self.grain_size is not None:
            crystals = Polycrystal(self.grain_size, seed=self.seed)
        canvas = None if self.image is None else self.image.shares(self.grid)
        return Microstructure.of(self.grid, layers, polycrystal=crystals, canvas=canvas)

    def _imaged(self, phase: Phase) -> bool:
        return self.image is not None and bool((self.image.label == phase).any())

    @property
    def porous(self) -> bool:
        """Whether there are pores, drawn or in the image."""
        return bool(self.pores) or self._imaged(Phase.PORE)

    @property
    def impure(self) -> bool:
        """Whether there are inclusions, drawn or in the image."""
        return bool(self.inclusions) or self._imaged(Phase.IMPURITY)

    @property
    def film(self) -> float:
        """ohm m2, of layers and films on the anode.

        Raises:
            DataError: A layer that does not cover the whole face, or whose resistance is unknown.
        """
        total = 0.0
        for layer in conduction.films(self.interface):
            found = conduction.layer_resistance(layer, self.conditions.temperature)
            if isinstance(found, str):
                raise DataError(found)
            if layer.coverage < 1.0:
                raise DataError(
                    f"layer {layer.material.name}: a filament is simulated behind layers that "
                    f"cover the whole face, not {layer.coverage:.0%} of it"
                )
            total += found
        return total

    def _scattered(self, share: float, radius: float, number: int) -> Scattered:
        """Away from the electrodes, where half a pore would be a flaw of its own."""
        low, high = 2.0 * radius, self.thickness - 2.0 * radius
        return Scattered(share, radius, SIZES, Apart(), low, high, 1000 * self.seed + number)

    @property
    def grains(self) -> Grains | None:
        """Of the polycrystal."""
        return self.made.grains

    @property
    def width(self) -> float:
        """m, of a crack in the field."""
        return self.width_cells * self.grid.spacing[0]

    @property
    def critical_overpotential(self) -> float:
        """V, at which the flaw alone would run, from fracture mechanics."""
        return float(self._filled_flaw.critical_overpotential)

    @property
    def critical_pressure(self) -> float:
        """Pa, of lithium in the flaw, at which it would run, from fracture mechanics."""
        return float(self._filled_flaw.critical_pressure)

    @property
    def _filled_flaw(self) -> FilledFlaw:
        return FilledFlaw(
            self.number("fracture_toughness"), self.number("flaw_size"),
            self.number("molar_volume"),
        )  # fmt: skip

    @property
    def overpotential(self) -> float:
        """V, of a flat anode at the current."""
        half = self.conditions.current_density / (2.0 * self.number("exchange_current_density"))
        return 2.0 * self.thermal * math.asinh(half)

    @property
    def wagner_length(self) -> float:
        """m, over which charge transfer evens the current out: conductivity times resistance."""
        resistance = self.thermal / self.number("exchange_current_density")
        return self.number("ionic_conductivity") * resistance

    @property
    def least_cells(self) -> int:
        """Along the thickness, that show all that there is."""
        largest = [self.wagner_length, self.number("flaw_size") / (FLAW_WIDTHS * self.width_cells)]
        if self.grain_size is not None:
            largest.append(self.grain_size / FEWEST_CELLS)
        for share, name in ((self.pores, "pore_radius"), (self.inclusions, "inclusion_radius")):
            if share:
                largest.append(self.or_guess(name) / FEWEST_OF_RADIUS)
        return math.ceil(self.thickness / min(largest) * (1.0 - 1e-9))

    def process(self) -> Filament:
        """The process.

        Raises:
            DataError: The cells are too coarse for the flaw, or for the length over which charge
                transfer evens the current out.
            MissingProperty: The library lacks a number.
        """
        grid, flaw = self.grid, self.number("flaw_size")
        if grid.spacing[0] > self.wagner_length * (1.0 + 1e-9):
            raise DataError(
                f"charge transfer evens the current out over {self.wagner_length * 1e6:.3g} um "
                "(conductivity times resistance), and what is finer than the cells is not seen: "
                f"take at least {math.ceil(self.thickness / self.wagner_length)} cells along the "
                "thickness"
            )
        if flaw < FLAW_WIDTHS * self.width * (1.0 - 1e-9):
            least = math.ceil(self.thickness * self.width_cells * FLAW_WIDTHS / flaw)
            raise DataError(
                f"a flaw of {flaw * 1e6:.3g} um cannot be seen by cracks that are "
                f"{self.width * 1e6:.3g} um wide: take at least {least} cells along the thickness, "
                "or a deeper flaw"
            )
        if flaw >= 0.9 * self.thickness:
            raise DataError(
                f"the flaw is as deep as the electrolyte, {self.thickness * 1e6:.3g} um"
            )
        modulus, poisson = self.number("youngs_modulus"), GUESSES["poisson_ratio"]
        first, shear = (np.full(grid.shape, value) for value in lame(modulus, poisson))
        sides = tuple(None if wraps else (Roller(), Roller()) for wraps in grid.periodic)
        solid = Solid(grid, first, shear, sides)
        toughness = self.number("fracture_toughness") ** 2 * (1.0 - poisson**2) / modulus
        energy = self._toughness(np.full(grid.shape, toughness))
        fracture = Fracture(solid, Surface(grid, guarded(energy, self.width, grid), self.width))
        law = ButlerVolmer(temperature=self.conditions.temperature)
        metal = Lithium(
            self.number("exchange_current_density"), self.number("molar_volume"), self.film, law
        )
        pores = self.made.share(Phase.PORE)
        return Filament(
            self._conducts(), fracture, np.maximum(self.flaws(), pores > HALF), metal,
            self.conditions.current_density, self.thickness / 10.0, self.until,
            2.0 * grid.spacing[0], self.until / STEPS, self._boundaries(),
            pores if self.porous else None,
        )  # fmt: skip

    def _conducts(self) -> Field:
        """S/m, of what is not pore."""
        less = 1.0 - self.or_guess("inclusion_conductivity")
        return self.number("ionic_conductivity") * (1.0 - less * self.made.share(Phase.IMPURITY))

    def flaws(self) -> Field:
        """One crack from the anode up, where a boundary meets it if there are any.

        In space half a disc in the plane of z and the last axis.
        """
        grid = self.grid
        z, *across = grid.mesh()
        middle = np.array([n // 2 for n in grid.shape[1:]])
        if self.grains is not None:
            meets = np.argwhere(self.grains.beside()[0])
            if len(meets):
                middle = meets[np.argmin(np.abs(meets - middle).sum(axis=1))]
        away = [
            place - grid.centres(axis)[own]
            for axis, (place, own) in enumerate(zip(across, middle, strict=True), 1)
        ]
        flat = away[0]
        here = np.abs(flat) < 0.6 * grid.spacing[1]
        if grid.dimensions == 2:
            return (here & (z < self.number("flaw_size"))).astype(float)
        return (here & (np.hypot(z, away[1]) < self.number("flaw_size"))).astype(float)

    def _toughness(self, energy: Field) -> Field:
        if self.grains is None:
            return energy
        return np.where(self.grains.beside(), self.or_guess("boundary_toughness"), 1.0) * energy

    def _boundaries(self) -> tuple[Field, ...] | None:
        """ohm m2: what all boundaries together add, shared by those on a straight way."""
        if self.grains is None:
            return None
        each = (
            self.or_guess("boundary_share") * self.grains.intercept()
            / self.number("ionic_conductivity")
        )  # fmt: skip
        return tuple(each * self.made.boundaries(axis) for axis in range(self.dimensions))
