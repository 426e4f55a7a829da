"""Voids under lithium that is stripped, resolved in two dimensions, from the names of a cell.

Numbers come from the library, with their sources; what nobody measured is assumed, and the answer
names it. How fast voids close is contested: creep, vacancies and motion along walls are switched
one by one, and the effects of each are told beside the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY
from anolyte.laws import conduction
from anolyte.laws.constriction import Stripes
from anolyte.laws.creep import PowerLawCreep
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.kinetics import ChargeTransfer
from anolyte.laws.voids import CreepClosing, HyperbolicLoss
from anolyte.materials import pairs
from anolyte.materials.library import Library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.surface_diffusion import SurfaceDiffusion
from anolyte.models.field.vacancies import Lattice
from anolyte.models.field.void import ByColumn, Closes, RoundVoids, StrippedFace, VoidState
from anolyte.numerics.grid import Field, Grid
from anolyte.studies.march import Checkpoints, march

ROOM = 1.5
"""Periods of electrolyte that are resolved; beyond them the current is even."""
STEPS = 100.0
"""Steps that the whole time is cut into at least."""
LAYERS = 2000.0
"""The layer of metal at the face is so much thinner than the metal."""
FACTOR = 1.5
WARMER = 20.0
"""K: a temperature is not multiplied."""
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
    """

    creep: Callable[[PowerLawCreep], Closes] | None = by_depth
    vacancies: bool = True
    mobility: float = 0.0


@dataclass(frozen=True)
class Notch:
    """The void that is there at the beginning.

    Args:
        share: Of the width of the field.
        depth: Times the depth of gap that halves the contact.
    """

    share: float = 0.2
    depth: float = 4.0

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
        cells: Along the width.
        width: m, from one starting void to the next; the pair's spacing of voids.
        thickness: m, of the electrolyte.
        metal: m, of lithium.
        notch: The void at the beginning.
        supply: What brings lithium back.
        lib: Where pair files are looked up; None: the package's.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    until: float = 3600.0
    cells: int = 48
    width: float | None = None
    thickness: float = 100e-6
    metal: float = 50e-6
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
        return (*names, "depth_of_a_gap_that_halves_contact")

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
            self._start(), HyperbolicLoss(self.number("void_depth")),
            -self.conditions.current_density, self.metal, self.until,
            self.conditions.stack_pressure, ButlerVolmer(temperature=warm), self._lattice(warm),
            SurfaceDiffusion(self.supply.mobility) if self.supply.mobility else None,
            None if self.supply.creep is None else self.supply.creep(self._creep()),
            longest=self.until / STEPS,
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
        """m: a notch with straight walls, resolved to a part of a column."""
        edge = self.grid.spacing[1]
        half = 0.5 * self.notch.share * self.period
        away = np.abs(self.grid.centres(1) - 0.5 * self.period)
        share = np.clip((half - away) / edge + 0.5, 0.0, 1.0)
        return share * self.notch.depth * self.number("void_depth")


@dataclass(frozen=True)
class StripResult(Result):
    """How voids grew.

    Args:
        cell: In words.
        ended: `time`, `contact`, `metal`, or empty where it was stopped.
        time: s, of the model.
        contact_at_start, contact: Contact fraction.
        half_lost: s, until the contact was half of that at the beginning; None: it did not come
            to it.
        overpotential_at_start, overpotential: V, between metal and counter electrode, positive.
        widest, deepest: m, of the voids in the end.
        void_volume: m3/m2, of voids for each area.
        constriction: ohm m2, what crowding costs in the electrolyte in the end.
        stripes: ohm m2, the closed form for stripes with the same share of columns that
            touch by half; None: there are none left.
        focusing: Current density beside the widest void over the mean, greatest.
        length: m, over which it is averaged.
        diffused, crept: Shares of the stripped lithium that diffusion and creep made up for.
        balance: Stripped lithium that was not found, relative.
        current_density: A/m2; positive strips.
        pressure: Pa.
        temperature: K.
        period, spacing: m, of the field and of its cells.
        steps: Of time.
        assumed: Numbers that nobody measured.
        sources: Of the others.
    """

    cell: str
    ended: str
    time: float = quantity("time")
    contact_at_start: float = quantity("fraction", default=1.0)
    contact: float = quantity("fraction", default=1.0)
    half_lost: float | None = quantity("time", default=None)
    overpotential_at_start: float = quantity("potential", default=0.0)
    overpotential: float = quantity("potential", default=0.0)
    widest: float = quantity("length", default=0.0)
    deepest: float = quantity("length", default=0.0)
    void_volume: float = quantity("length", default=0.0)
    constriction: float = quantity("area_resistance", default=0.0)
    stripes: float | None = quantity("area_resistance", default=None)
    focusing: float = quantity("number", default=1.0)
    length: float = quantity("length", default=0.0)
    diffused: float = quantity("fraction", default=0.0)
    crept: float = quantity("fraction", default=0.0)
    balance: float = quantity("number", default=0.0)
    current_density: float = quantity("current_density", default=0.0)
    pressure: float = quantity("pressure", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    period: float = quantity("length", default=0.0)
    spacing: float = quantity("length", default=0.0)
    steps: int = 0
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class VoidFilm:
    """Frames and the course of a run, for a figure.

    Args:
        grid: Of the electrolyte.
        times: s, of the frames.
        gaps: m, in each column, for each of them.
        currents: A/m2, in each column, positive where stripped.
        potentials: V against the metal.
        table: A number for each step, by name.
    """

    grid: Grid
    times: tuple[float, ...]
    gaps: tuple[Field, ...]
    currents: tuple[Field, ...]
    potentials: tuple[Field, ...]
    table: dict[str, np.ndarray]


def strip(
    setup: StripSetup,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    frames: int = 20,
) -> tuple[StripResult, VoidFilm]:
    """Strip to the end of the time, or until contact is lost.

    Args:
        setup: What is simulated.
        checkpoint: An HDF5 file that holds the whole state now and then.
        resume: Go on from it.
        progress: Told thousandths of the way.
        frames: Kept at most, evenly over the steps.
    """
    process = setup.process()
    seen: list[VoidState] = []
    course = march(
        process, checkpoints=None if checkpoint is None else Checkpoints(checkpoint),
        resume=resume, progress=progress, seen=seen.append,
    )  # fmt: skip
    picked = np.unique(np.linspace(0, len(seen) - 1, min(frames, len(seen))).astype(int))
    kept = [seen[k] for k in picked]
    film = VoidFilm(
        setup.grid, tuple(s.time for s in kept), tuple(s.gap for s in kept),
        tuple(-s.current for s in kept), tuple(s.potential for s in kept), course.table,
    )  # fmt: skip
    return _result(setup, process, course.state, course.table, course.ended), film


def _result(
    setup: StripSetup, process: StrippedFace, state: VoidState,
    table: dict[str, np.ndarray], ended: str,
) -> StripResult:  # fmt: skip
    moved = abs(state.charge) * process.molar_volume / FARADAY or 1.0
    contact, volts = table["contact"], np.abs(table["counter"]) + setup.beyond
    touching = float(table["touching"][-1])
    return StripResult(
        cell=str(setup.interface), ended=ended, time=state.time,
        contact_at_start=float(contact[0]), contact=float(contact[-1]),
        half_lost=fallen(table["time"], contact, 0.5 * float(contact[0])),
        overpotential_at_start=float(volts[0]), overpotential=float(volts[-1]),
        widest=float(table["widest"][-1]), deepest=float(table["deepest"][-1]),
        void_volume=process.volume(state) / setup.period,
        constriction=state.constriction,
        stripes=float(Stripes(setup.period, setup.conductivity)(touching)) if touching else None,
        focusing=float(table["focus"].max()), length=process.length,
        diffused=state.diffused / moved, crept=state.crept / moved,
        balance=process.balance(state),
        current_density=setup.conditions.current_density,
        pressure=setup.conditions.stack_pressure, temperature=setup.conditions.temperature,
        period=setup.period, spacing=setup.grid.spacing[1], steps=len(contact) - 1,
        assumed=setup.assumed, sources=setup.sources,
    )  # fmt: skip


def fallen(times: Field, values: Field, level: float) -> float | None:
    """When values first fell to a level; None: they did not.

    >>> fallen(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.8, 0.4]), 0.6)
    1.5
    """
    below = np.flatnonzero(values <= level)
    if not below.size:
        return None
    k = int(below[0])
    if k == 0:
        return float(times[0])
    share = (values[k - 1] - level) / (values[k - 1] - values[k])
    return float(times[k - 1] + share * (times[k] - times[k - 1]))


# --- what the answer hangs on -------------------------------------------------------------------


@dataclass(frozen=True)
class StripEffect(Result):
    """What one change does to the contact in the end.

    Args:
        name: Of the change.
        contact: Contact fraction.
        half_lost: s; None: it did not come to it.
        overpotential: V.
    """

    name: str
    contact: float = quantity("fraction")
    half_lost: float | None = quantity("time", default=None)
    overpotential: float = quantity("potential", default=0.0)


def changes(setup: StripSetup) -> dict[str, StripSetup]:
    """The setup with one thing changed at a time, and on cells half as large."""
    at = setup.conditions
    density, pressure, warm = at.current_density, at.stack_pressure, at.temperature
    supply = setup.supply

    def under(**new: float) -> StripSetup:
        return replace(setup, conditions=replace(at, **new))

    return {
        "as it is": setup,
        "current x 1.5": under(current_density=FACTOR * density),
        "current / 1.5": under(current_density=density / FACTOR),
        "pressure x 1.5": under(stack_pressure=FACTOR * pressure),
        "pressure / 1.5": under(stack_pressure=pressure / FACTOR),
        "20 K warmer": under(temperature=warm + WARMER),
        "20 K colder": under(temperature=warm - WARMER),
        "no diffusion": replace(setup, supply=replace(supply, vacancies=False)),
        "no creep": replace(setup, supply=replace(supply, creep=None)),
        "round voids": replace(setup, supply=replace(supply, creep=round_voids)),
        "cells half as large": replace(setup, cells=2 * setup.cells),
    }


def effect(name: str, setup: StripSetup) -> StripEffect:
    """The answer of one changed setup."""
    result, _ = strip(setup, frames=1)
    return StripEffect(name, result.contact, result.half_lost, result.overpotential)
