r"""Lithium that electrons form inside an electrolyte: how well boundaries must conduct them for it.

Grains and their boundaries conduct ions as measured, grains electrons too; how well the boundaries
conduct electrons is hardly ever known. So it is varied, over that of the grains: a boundary of
width delta between two cells of edge h carries along itself what raises their conductivity to

$$ \sigma_e\left(1 + c\,\frac{\delta}{2h}\right) $$

(c: the ratio; half of the boundary for either cell). Each row of the answer is one ratio: how much
of the current leaks as electrons, how much of it ends as lithium inside, and how deep.

Lithium forms at sites (pores, nuclei) where the drive overcomes their curvature. Whether leakage is
what starts filaments is disputed: this is one of several rival explanations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY, habitual
from anolyte.laws import conduction
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.leakage import Electrodes, Leak, Leakage, Lithium, Sites
from anolyte.models.field.polycrystal import Grains, Polycrystal
from anolyte.numerics.grid import Field, Grid

GUESSES = {
    "boundary_width": 5e-9,
    "boundary_share": 0.2,
    "site_radius": 100e-9,
    "sites": 0.01,
    "surface_energy": 0.5,
}
"""What is taken where nothing is given: recalled orders of magnitude of a garnet's boundaries, its
closed pores and of lithium's interface with it. None is a measurement of the sample."""
RATIOS = (0.0, 1e2, 1e4, 1e6, 1e8)
"""Of the boundaries' electronic conductivity to that of the grains."""
DEEP = 0.1
"""Share of the thickness from which lithium is inside, and no skin on the anode."""
MOST = 0.9
"""Of the lithium, within the depth that is told."""
FEWEST_CELLS, MOST_CELLS = 24, 256
NOTED = 1e-6
"""Share of the current from which lithium inside is told: 40 nm a year at 1 mA/cm2."""
RESOLVED = 1e-6
"""Share that leaks, below which rounding hides where the electrons end."""


@dataclass(frozen=True)
class LeakRow:
    """One ratio.

    Args:
        ratio: Electronic conductivity of boundaries over that of the grains.
        leaking: Electrons over all charge that leaves the counter electrode.
        deep: Lithium that forms beyond a tenth of the thickness, over the current; what forms
            before it grows on the anode. None: less leaks than can be resolved.
        depth: m from the anode, within which nine tenths of that form; None: none forms.
    """

    ratio: float = quantity("number")
    leaking: float = quantity("number")
    deep: float | None = quantity("number", default=None)
    depth: float | None = quantity("length", default=None)


@dataclass(frozen=True)
class LeakRun(Result):
    """What leaks and what forms, by how well boundaries conduct electrons.

    Args:
        cell: In words.
        ratios: What each ratio does.
        finer: The last of them in cells half as large.
        current: A/m2, ionic, of plating.
        overpotential: V, of the anode: the highest drive there is.
        threshold: V, that the drive must exceed at a site.
        least_radius: m, of sites that the drive can open.
        thickness: m.
        grain_size: m.
        electronic: S/m, of the grains.
        ionic: S/m, of the electrolyte.
        site_radius: m.
        sites: Share of the volume.
        boundary_width: m.
        spacing: m, of the cells.
        temperature: K.
        assumed: Numbers that nobody measured on this cell.
        sources: Of the others.
    """

    cell: str = ""
    ratios: tuple[LeakRow, ...] = ()
    finer: LeakRow | None = None
    current: float = quantity("current_density", default=0.0)
    overpotential: float = quantity("potential", default=0.0)
    threshold: float = quantity("potential", default=0.0)
    least_radius: float = quantity("length", default=0.0)
    thickness: float = quantity("length", default=0.0)
    grain_size: float = quantity("length", default=0.0)
    electronic: float = quantity("electronic_conductivity", default=0.0)
    ionic: float = quantity("conductivity", default=0.0)
    site_radius: float = quantity("length", default=0.0)
    sites: float = quantity("number", default=0.0)
    boundary_width: float = quantity("length", default=0.0)
    spacing: float = quantity("length", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """A line for each ratio, with what holds for all."""
        shared = super().rows()[0]
        return [
            {
                "ratio": row.ratio,
                "leaking": row.leaking,
                "deep": row.deep,
                "depth [um]": None if row.depth is None else habitual(row.depth, "length"),
            }
            | shared
            for row in self.ratios
        ]

    @property
    def needed(self) -> float | None:
        """The least ratio at which a millionth of the current ends deep; None: none tried."""
        return next((row.ratio for row in self.ratios if (row.deep or 0.0) > NOTED), None)


@dataclass(frozen=True, eq=False)
class LeakMap:
    """The last ratio, for a figure.

    Args:
        grid: The cells.
        drive: V, what lithium is worth over that of the metal.
        source: A/m3 of electrolyte, of lithium that forms.
        boundary: Which cells are beside a boundary.
    """

    grid: Grid
    drive: Field
    source: Field
    boundary: np.ndarray


@dataclass(frozen=True)
class LeakSetup:
    """What is simulated, in a plane.

    Args:
        interface: Electrolyte and anode.
        conditions: Current density and temperature.
        thickness: m, of the electrolyte, the height of the field; the field is as wide as high.
        grain_size: m, mean intercept.
        cells: Along the thickness.
        resistance: ohm m2, of charge transfer at the lithium; from the pair.
        electronic: S/m, of the grains; from the electrolyte.
        ratios: Of the boundaries' electronic conductivity to the grains'.
        boundary_width: m, that conducts electrons.
        boundary_share: Ionic resistance of grain boundaries over that of the grains.
        site_radius: m, of the pores or nuclei where lithium can form.
        sites: Share of the volume that they are.
        surface_energy: J/m2, of lithium towards the electrolyte.
        seed: Of the grains.
        lib: Where pair files are looked up; None: the package's.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    thickness: float = 50e-6
    grain_size: float = 5e-6
    cells: int = 96
    resistance: float | None = None
    electronic: float | None = None
    ratios: tuple[float, ...] = RATIOS
    boundary_width: float | None = None
    boundary_share: float | None = None
    site_radius: float | None = None
    sites: float | None = None
    surface_energy: float | None = None
    seed: int = 0
    lib: Library | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not self.conditions.current_density > 0.0:
            raise DataError("lithium is plated: give a current density above zero")
        if not FEWEST_CELLS <= self.cells <= MOST_CELLS:
            raise DataError(
                f"{self.cells} cells: between {FEWEST_CELLS} and {MOST_CELLS} along the thickness"
            )
        if not self.ratios or min(self.ratios) < 0.0:
            raise DataError("ratios of two conductivities are not negative")
        if not 0.0 < self.value("sites") < 1.0:
            raise DataError("sites are a share of the volume, between 0 and 1")

    def value(self, name: str) -> float:
        """What was given, or the guess."""
        given = getattr(self, name)
        return GUESSES[name] if given is None else float(given)

    @cached_property
    def numbers(self) -> Mapping[str, Value]:
        """Of the library.

        Raises:
            MissingProperty: It lacks one.
        """
        electrolyte, anode = self.interface.electrolyte, self.interface.anode
        found = {"molar_volume": anode.need("molar_volume")}
        if self.electronic is None:
            found["electronic"] = electrolyte.need("electronic_conductivity")
        if self.resistance is None:
            pair = pairs.contact(electrolyte, anode, self.lib)
            found["exchange"] = pair.need("exchange_current_density")
            if pair.has("exchange_activation_energy"):
                found["activation"] = pair.need("exchange_activation_energy")
        return found

    @cached_property
    def ionic(self) -> conduction.Conductivity:
        """Of the electrolyte, at the temperature."""
        return conduction.conductivity(self.interface.electrolyte, self.conditions.temperature)

    @property
    def grains_conduct(self) -> float:
        """S/m, electrons in grains."""
        given = self.electronic
        return self.numbers["electronic"].si if given is None else given

    @property
    def exchange(self) -> float:
        """A/m2, at a lithium surface, at the temperature."""
        kelvin = self.conditions.temperature
        if self.resistance is not None:
            return ButlerVolmer(temperature=kelvin).thermal / self.resistance
        energy = self.numbers["activation"].si if "activation" in self.numbers else 0.0
        law = ChargeTransfer(self.numbers["exchange"].si, energy)
        return float(law.exchange(kelvin))

    @property
    def overpotential(self) -> float:
        """V, of a flat anode at the current: the highest drive that there is."""
        half = self.conditions.current_density / (2.0 * self.exchange)
        return (
            2.0 * ButlerVolmer(temperature=self.conditions.temperature).thermal * math.asinh(half)
        )

    @property
    def lithium(self) -> Lithium:
        """What forms."""
        return Lithium(self.numbers["molar_volume"].si, self.value("surface_energy"))

    @property
    def places(self) -> Sites:
        """Where lithium can form, everywhere alike: cylinders, as the field is plane."""
        radius = self.value("site_radius")
        return Sites(self.value("sites") / (math.pi * radius**2), radius, self.exchange)

    @cached_property
    def grid(self) -> Grid:
        """Square cells, periodic across."""
        edge = self.thickness / self.cells
        return Grid.cubic((self.cells, self.cells), edge, periodic=(False, True))

    @cached_property
    def grains(self) -> Grains:
        """Of the electrolyte."""
        return Polycrystal(self.grain_size, seed=self.seed)(self.grid)

    @cached_property
    def ions(self) -> Conductor:
        """Grains, and what boundaries between them add."""
        inside, grains = self.ionic.value, self.grains
        each = self.value("boundary_share") * grains.intercept() / inside
        resistances = tuple(each * grains.boundaries(axis) for axis in range(2))
        return Conductor(self.grid, np.full(self.grid.shape, inside), boundaries=resistances)

    def electrons(self, ratio: float) -> Conductor:
        """Grains, and the boundary as far as it lies in each cell beside it."""
        more = ratio * self.value("boundary_width") / (2.0 * self.grid.spacing[0])
        inside = np.where(self.grains.beside(), 1.0 + more, 1.0)
        return Conductor(self.grid, self.grains_conduct * inside)

    @cached_property
    def voltage(self) -> float:
        """V, between two lithium electrodes, that drives the current if nothing leaks."""
        current = self.conditions.current_density
        transfer = self.overpotential / current
        unit = Electrodes(1.0, 0.0, transfer)
        flows = Leakage(self.ions, self.electrons(0.0), unit, self.lithium)().through[-1]
        return current * self.grid.lengths[1] / float(flows)

    def leakage(self, ratio: float) -> Leakage:
        """The problem at one ratio."""
        transfer = self.overpotential / self.conditions.current_density
        sides = Electrodes(self.voltage, 0.0, transfer)
        law = ButlerVolmer(temperature=self.conditions.temperature)
        electrons = self.electrons(ratio)
        return Leakage(self.ions, electrons, sides, self.lithium, self.places, law)

    def __call__(self, progress: Progress = silent) -> tuple[LeakRun, LeakMap]:
        """Every ratio, and the last once more in cells half as large.

        Raises:
            MissingProperty: The library lacks a number.
            NotConverged: A search did not arrive.
        """
        found, every = [], len(self.ratios) + 1
        for number, ratio in enumerate(self.ratios):
            progress(number, every, f"boundaries {ratio:g} times the grains")
            found.append(self.row(ratio))
        progress(every - 1, every, "in finer cells")
        finer, _ = replace(self, cells=2 * self.cells).row(self.ratios[-1])
        progress(every, every, "")
        leak = found[-1][1]
        seen = LeakMap(self.grid, leak.drive, leak.source, self.grains.beside())
        return self._result([row for row, _ in found], finer), seen

    def row(self, ratio: float) -> tuple[LeakRow, Leak]:
        """One ratio; where too little leaks, without sites."""
        leakage = self.leakage(ratio)
        alone = replace(leakage, sites=None)()
        if share(alone) < RESOLVED:
            return LeakRow(ratio, share(alone)), alone
        leak, depths = leakage(), self.grid.centres(0)
        formed = leak.source.sum(axis=1) * self.grid.cell_volume * (depths > DEEP * self.thickness)
        total, depth = float(formed.sum()), None
        if total > 0.0:
            depth = float(depths[np.searchsorted(np.cumsum(formed), MOST * total)])
        return LeakRow(ratio, share(leak), total / float(leak.through[-1]), depth), leak

    def _result(self, rows: list[LeakRow], finer: LeakRow) -> LeakRun:
        lithium = self.lithium
        names = [name for name in GUESSES if getattr(self, name) is None]
        keys = (*self.ionic.sources, *(value.source.key for value in self.numbers.values()))
        return LeakRun(
            cell=str(self.interface),
            ratios=tuple(rows),
            finer=finer,
            current=self.conditions.current_density,
            overpotential=self.overpotential,
            threshold=float(self.places.threshold(lithium, 2)),
            least_radius=lithium.molar_volume
            * lithium.surface_energy
            / (FARADAY * self.overpotential),
            thickness=self.thickness,
            grain_size=self.grain_size,
            electronic=self.grains_conduct,
            ionic=self.ionic.value,
            site_radius=self.value("site_radius"),
            sites=self.value("sites"),
            boundary_width=self.value("boundary_width"),
            spacing=self.grid.spacing[0],
            temperature=self.conditions.temperature,
            assumed=(*names, "no_pressure_on_the_lithium_inside"),
            sources=tuple(dict.fromkeys(keys)),
        )


def share(leak: Leak) -> float:
    """Of the charge that leaves the counter electrode, what leaves as electrons."""
    return float(leak.leaking[-1] / (leak.through[-1] + leak.leaking[-1]))
