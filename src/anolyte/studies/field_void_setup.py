"""What voids under stripped lithium are simulated in, from the names of a cell.

Numbers come from the library, with their sources; what nobody measured is assumed, and the setup
names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.laws import conduction
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.voids import CreepClosing, ExponentialLoss
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.surface_diffusion import SurfaceDiffusion
from anolyte.models.field.vacancies import Lattice
from anolyte.models.field.void import StrippedFace
from anolyte.models.field.void_closing import ByColumn, Closes, RoundVoids
from anolyte.numerics.grid import Field, Grid

ROOM = 1.5
"""Periods of electrolyte that are resolved; beyond them the current is even."""
STEPS = 100.0
"""Steps that the whole time is cut into at least."""
LAYERS = 2000.0
"""The layer of metal at the face is so much thinner than the metal."""
FROM_THE_ANODE = ("creep_rate", "creep_exponent", "diffusivity", "molar_volume")


def by_depth(creep: PowerLawCreep) -> Closes:
    """Every column closes by the device model's law, over its own depth."""
    return ByColumn(CreepClosing(creep))


def round_voids(creep: PowerLawCreep) -> Closes:
    """Every void closes as a half cylinder in creeping metal."""
    return RoundVoids(creep)


@dataclass(frozen=True)
class Supply:
    """What brings lithium back to the face.

    Args:
        creep: Makes a closing law of the metal's creep; None: off.
        vacancies: Whether vacancies diffuse into the metal.
        mobility: m4/s, along walls of voids; zero: off. No measurement of it is known.
        sinks: Whether the metal sinks as a whole until it touches.
    """

    creep: Callable[[PowerLawCreep], Closes] | None = by_depth
    vacancies: bool = True
    mobility: float = 0.0
    sinks: bool = False


@dataclass(frozen=True)
class Notch:
    """The void that is there at the beginning.

    Args:
        share: Of the width of the field.
        depth: m.
    """

    share: float = 0.2
    depth: float = 2e-6

    def __post_init__(self) -> None:
        """Refuse what leaves no contact or no void."""
        if not (0.0 < self.share < 1.0 and self.depth > 0.0):
            raise DataError("a starting void is deep, and covers a share between 0 and 1")


@dataclass(frozen=True)
class StripSetup:
    """What is simulated.

    Args:
        interface: Electrolyte and anode.
        conditions: Current density (positive strips), pressure and temperature.
        until: s, of model time.
        cells: Along the width; best such that walls of the notch fall between two of them.
        width: m, from one starting void to the next; the pair's spacing of voids.
        thickness: m, of the electrolyte.
        metal: m, of lithium.
        touch: m, gap within which a column still touches: the roughness of the face.
        notch: The void at the beginning.
        supply: What brings lithium back.
        lib: Where pair files are looked up; None: the package's.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    until: float = 3600.0
    cells: int = 50
    width: float | None = None
    thickness: float = 100e-6
    metal: float = 50e-6
    touch: float = 0.1e-6
    notch: Notch = field(default_factory=Notch)
    supply: Supply = field(default_factory=Supply)
    lib: Library | None = None

    @cached_property
    def _pair(self) -> pairs.Contact:
        return pairs.contact(self.interface.electrolyte, self.interface.anode, self.lib)

    @cached_property
    def numbers(self) -> dict[str, Value]:
        """What the library knows.

        Raises:
            MissingProperty: It does not know one.
        """
        anode = self.interface.anode
        found = {name: anode.need(name) for name in FROM_THE_ANODE}
        for name in ("exchange_current_density", "void_depth", "void_spacing"):
            found[name] = self._pair.need(name)
        for name in ("creep_activation_energy", "diffusion_activation_energy"):
            if anode.has(name):
                found[name] = anode.need(name)
        return found

    def number(self, name: str) -> float:
        """SI; zero for an activation energy that is not known."""
        return self.numbers[name].si if name in self.numbers else 0.0

    @cached_property
    def conductivity(self) -> float:
        """S/m, at the temperature."""
        electrolyte = self.interface.electrolyte
        return float(conduction.conductivity(electrolyte, self.conditions.temperature).value)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of where numbers are from."""
        keys = [value.source.key for value in self.numbers.values()]
        electrolyte = self.interface.electrolyte
        keys += conduction.conductivity(electrolyte, self.conditions.temperature).sources
        return tuple(dict.fromkeys(keys))

    @property
    def assumed(self) -> tuple[str, ...]:
        """What nobody measured for this cell."""
        names = ["starting_void", "thickness_of_the_metal"]
        if self.width is None:
            names.append("spacing_of_voids")
        if not self._pair.has("exchange_activation_energy"):
            names.append("charge_transfer_does_not_feel_temperature")
        return (*names, "depth_within_which_the_face_touches")

    @property
    def period(self) -> float:
        """m, from void to void."""
        return self.number("void_spacing") if self.width is None else self.width

    @cached_property
    def grid(self) -> Grid:
        """Square cells of the electrolyte, periodic across."""
        edge = self.period / self.cells
        rows = max(2, round(min(self.thickness, ROOM * self.period) / edge))
        return Grid.cubic((rows, self.cells), edge, periodic=(False, True))

    @property
    def beyond(self) -> float:
        """V, lost in the electrolyte beyond the field, positive."""
        rest = max(0.0, self.thickness - self.grid.lengths[0])
        return abs(self.conditions.current_density) * rest / self.conductivity

    def process(self) -> StrippedFace:
        """The process."""
        warm = self.conditions.temperature
        energy = self._pair.need("exchange_activation_energy").si if self._pair.has(
            "exchange_activation_energy") else 0.0  # fmt: skip
        exchange = ChargeTransfer(self.number("exchange_current_density"), energy).exchange(warm)
        return StrippedFace(
            self.grid, self.conductivity, float(exchange), self.number("molar_volume"),
            self._start(), ExponentialLoss(self.touch),
            -self.conditions.current_density, self.metal, self.until,
            self.conditions.stack_pressure, ButlerVolmer(temperature=warm), self._lattice(warm),
            SurfaceDiffusion(self.supply.mobility) if self.supply.mobility else None,
            None if self.supply.creep is None else self.supply.creep(self._creep()),
            sinks=self.supply.sinks, longest=self.until / STEPS,
        )  # fmt: skip

    def _creep(self) -> PowerLawCreep:
        return PowerLawCreep(
            self.number("creep_rate"), self.number("creep_exponent"),
            self.number("creep_activation_energy"),
        )  # fmt: skip

    def _lattice(self, temperature: float) -> Lattice | None:
        if not self.supply.vacancies:
            return None
        reference = self.numbers["diffusivity"].temperature or 298.15
        law = ArrheniusDiffusivity(
            self.number("diffusivity"), self.number("diffusion_activation_energy"), reference
        )
        return Lattice(float(law(temperature)), self.metal, self.metal / LAYERS)

    def _start(self) -> Field:
        """m: a notch; a column that its wall cuts touches over the share outside of it."""
        edge = self.grid.spacing[1]
        half = 0.5 * self.notch.share * self.period
        away = np.abs(self.grid.centres(1) - 0.5 * self.period)
        share = np.clip((half - away) / edge + 0.5, 0.0, 1.0)
        with np.errstate(divide="ignore"):
            return np.minimum(-self.touch * np.log1p(-share), self.notch.depth)
