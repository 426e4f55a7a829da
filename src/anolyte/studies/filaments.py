"""A filament through a polycrystal, from the names of an electrolyte and an anode.

Numbers of the cell come from the library, with their sources; what nobody measured is assumed, and
the answer names it. The path of a crack and the current at which it runs hang on the flaw, on the
toughness of single grain boundaries and on the resistance of the interface: they are calibrated by
what is given here, not predicted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.laws import conduction
from anolyte.laws.fracture import FilledFlaw
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.filament import Filament, FilamentState, Lithium, guarded
from anolyte.models.field.fracture import Fracture
from anolyte.models.field.polycrystal import Grains, Polycrystal
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Roller
from anolyte.numerics.grid import Field, Grid
from anolyte.studies.march import Checkpoints, march

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
}
"""What is taken where nothing is given: recalled orders of magnitude for dense garnets (resistance
of the boundaries over that of the grains 0.1 to 0.3), and a guess of what a boundary's toughness is
to a grain's. None of them is a measurement of the sample."""


@dataclass(frozen=True)
class FilamentSetup:
    """What is simulated.

    Args:
        interface: Electrolyte and anode.
        conditions: Current density and temperature.
        thickness: m, of the electrolyte, the height of the field.
        cells: Along the thickness; the field is as wide as it is high.
        grain_size: m, mean intercept; none: a single crystal.
        flaw: m, depth of the crack that is there; the pair's measured or estimated flaw size.
        resistance: ohm m2, of charge transfer at the lithium; from the pair.
        toughness: Pa m^0.5, of the grains; from the electrolyte.
        conductivity: S/m, of the grains; from the electrolyte.
        boundary_share: Resistance of grain boundaries over that of the grains.
        boundary_toughness: Fracture energy of a boundary over that of a grain.
        until: s, of model time.
        seed: Of grains.
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
        if self.conductivity is None:
            keys += conduction.conductivity(electrolyte, self.conditions.temperature).sources
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
        if self.grain_size is not None:
            for name in ("boundary_share", "boundary_toughness"):
                if getattr(self, name) is None:
                    names.append(name)
        return tuple(names)

    def or_guess(self, name: str) -> float:
        given = getattr(self, name)
        return GUESSES[name] if given is None else float(given)

    @cached_property
    def grid(self) -> Grid:
        """Square cells, periodic across."""
        edge = self.thickness / self.cells
        return Grid.cubic((self.cells, self.cells), edge, periodic=(False, True))

    @cached_property
    def grains(self) -> Grains | None:
        """The polycrystal."""
        if self.grain_size is None:
            return None
        return Polycrystal(self.grain_size, seed=self.seed)(self.grid)

    @property
    def width(self) -> float:
        """m, of a crack in the field."""
        return CELLS_A_WIDTH * self.grid.spacing[0]

    @property
    def critical_overpotential(self) -> float:
        """V, at which the flaw alone would run, from fracture mechanics."""
        law = FilledFlaw(
            self.number("fracture_toughness"), self.number("flaw_size"),
            self.number("molar_volume"),
        )  # fmt: skip
        return float(law.critical_overpotential)

    @property
    def overpotential(self) -> float:
        """V, of a flat anode at the current."""
        half = self.conditions.current_density / (2.0 * self.number("exchange_current_density"))
        return 2.0 * self.thermal * math.asinh(half)

    def process(self) -> Filament:
        """The process.

        Raises:
            DataError: The cells are too coarse for the flaw.
            MissingProperty: The library lacks a number.
        """
        grid, flaw = self.grid, self.number("flaw_size")
        if flaw < FLAW_WIDTHS * self.width * (1.0 - 1e-9):
            least = math.ceil(self.thickness * CELLS_A_WIDTH * FLAW_WIDTHS / flaw)
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
        solid = Solid(grid, first, shear, ((Roller(), Roller()), None))
        toughness = self.number("fracture_toughness") ** 2 * (1.0 - poisson**2) / modulus
        energy = self._toughness(np.full(grid.shape, toughness))
        fracture = Fracture(solid, Surface(grid, guarded(energy, self.width, grid), self.width))
        law = ButlerVolmer(temperature=self.conditions.temperature)
        metal = Lithium(
            self.number("exchange_current_density"), self.number("molar_volume"), 0.0, law
        )
        return Filament(
            np.full(grid.shape, self.number("ionic_conductivity")), fracture, self.flaws(), metal,
            self.conditions.current_density, self.thickness / 10.0, self.until,
            2.0 * grid.spacing[0], self.until / STEPS, self._boundaries(),
        )  # fmt: skip

    def flaws(self) -> Field:
        """One crack from the anode up, where a boundary meets it if there are any."""
        grid = self.grid
        z, x = grid.mesh()
        column = grid.shape[1] // 2
        if self.grains is not None:
            meets = np.flatnonzero(self.grains.beside()[0])
            if meets.size:
                column = int(meets[np.argmin(np.abs(meets - column))])
        here = np.abs(x - grid.centres(1)[column]) < 0.6 * grid.spacing[1]
        return (here & (z < self.number("flaw_size"))).astype(float)

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
        return tuple(each * self.grains.boundaries(axis) for axis in range(2))


@dataclass(frozen=True)
class FilamentResult(Result):
    """How a filament grew.

    Args:
        cell: In words.
        ended: `short`, `time`, or empty where it was stopped.
        time: s, of the model.
        time_to_short: s; None: it did not come to it.
        depth: m, how far it reached from the anode.
        speed: m/s, mean of the tip while it moved.
        pressure: Pa, greatest of the lithium in it.
        overpotential: V, of the flat anode far from the flaw at the beginning.
        critical_overpotential: V, at which this flaw runs by fracture mechanics.
        share: Of the current, into the filament, greatest.
        focusing: Current density at the tip over the mean, greatest.
        length: m, over which it is averaged.
        in_boundaries: Share of the way that lies in grain boundaries; None: there are none.
        grain_size: m, mean intercept that the grains have.
        flaw_size, thickness, spacing: m.
        current_density: A/m2.
        balance: Charge that is not found as lithium, relative.
        temperature: K.
        assumed: Numbers that nobody measured.
        sources: Of the others.
        steps: Of time.
    """

    cell: str
    ended: str
    time: float = quantity("time")
    time_to_short: float | None = quantity("time", default=None)
    depth: float = quantity("length", default=0.0)
    speed: float = quantity("speed", default=0.0)
    pressure: float = quantity("pressure", default=0.0)
    overpotential: float = quantity("potential", default=0.0)
    critical_overpotential: float = quantity("potential", default=0.0)
    share: float = quantity("fraction", default=0.0)
    focusing: float = quantity("number", default=0.0)
    length: float = quantity("length", default=0.0)
    in_boundaries: float | None = quantity("fraction", default=None)
    grain_size: float | None = quantity("length", default=None)
    flaw_size: float = quantity("length", default=0.0)
    thickness: float = quantity("length", default=0.0)
    spacing: float = quantity("length", default=0.0)
    current_density: float = quantity("current_density", default=0.0)
    balance: float = quantity("number", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of a run, for a figure.

    Args:
        grid: The cells.
        times: s.
        lithium: Share of each cell that is metal, for each time.
        potential: V, for each time.
        boundaries: Cells that touch a grain boundary; None: there are none.
    """

    grid: Grid
    times: tuple[float, ...]
    lithium: tuple[Field, ...]
    potential: tuple[Field, ...]
    boundaries: np.ndarray | None = None


def filament(
    setup: FilamentSetup,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    frames: int = 20,
) -> tuple[FilamentResult, Film]:
    """Run it to a short or to the end of the time.

    Args:
        setup: What is simulated.
        checkpoint: An HDF5 file that holds the whole state now and then.
        resume: Go on from it.
        progress: Told thousandths of the way.
        frames: Kept at most, evenly over the steps.
    """
    process = setup.process()
    seen: list[FilamentState] = []
    course = march(
        process,
        checkpoints=None if checkpoint is None else Checkpoints(checkpoint),
        resume=resume,
        progress=progress,
        seen=_keeper(seen, frames),
    )
    if seen[-1].time < course.state.time:
        seen.append(course.state)
    film = Film(
        setup.grid,
        tuple(state.time for state in seen),
        tuple(process.metal(state.crack) for state in seen),
        tuple(state.potential for state in seen),
        None if setup.grains is None else setup.grains.beside(),
    )
    return _result(setup, process, course.state, course.table, course.ended), film


def _keeper(kept: list[FilamentState], most: int) -> Callable[[FilamentState], None]:
    """Keeps states evenly, and never more than twice as many as wanted."""
    every, count = 1, 0

    def keep(state: FilamentState) -> None:
        nonlocal every, count
        if count % every == 0:
            kept.append(state)
        count += 1
        if len(kept) > 2 * most:
            del kept[1::2]
            every *= 2

    return keep


def _result(
    setup: FilamentSetup, process: Filament, state: FilamentState,
    table: Mapping[str, np.ndarray], ended: str,
) -> FilamentResult:  # fmt: skip
    depth, time = table["depth"], table["time"]
    moving = np.diff(depth) > 1e-3 * setup.grid.spacing[0]
    spent = float(np.diff(time)[moving].sum())
    deposit = state.plated + state.volume - float(table["volume"][0])
    wanted = process.lithium.per_charge * state.charge
    return FilamentResult(
        cell=str(setup.interface),
        ended=ended,
        time=state.time,
        time_to_short=state.time if ended == "short" else None,
        depth=state.depth,
        speed=float(np.diff(depth)[moving].sum()) / spent if spent else 0.0,
        pressure=float(table["pressure"].max()),
        overpotential=setup.overpotential,
        critical_overpotential=setup.critical_overpotential,
        share=float(table["share"].max()),
        focusing=float(table["focus"].max()),
        length=process.length,
        in_boundaries=_inside(setup, process, state),
        grain_size=None if setup.grains is None else setup.grains.intercept(),
        flaw_size=setup.number("flaw_size"),
        thickness=setup.thickness,
        spacing=setup.grid.spacing[0],
        current_density=setup.conditions.current_density,
        balance=deposit / wanted - 1.0 if wanted else 0.0,
        temperature=setup.conditions.temperature,
        assumed=setup.assumed,
        sources=setup.sources,
        steps=len(time) - 1,
    )


def _inside(setup: FilamentSetup, process: Filament, state: FilamentState) -> float | None:
    """Share of the new crack's middle that lies beside boundaries."""
    if setup.grains is None:
        return None
    new = (state.crack > 0.95) & (process.flaws < 0.5)
    if not new.any():
        return None
    return float(setup.grains.beside()[new].mean())


def finer(setup: FilamentSetup, factor: float = 2.0) -> FilamentSetup:
    """The same with smaller cells: what a converged answer would not notice."""
    return replace(setup, cells=round(setup.cells * factor))
