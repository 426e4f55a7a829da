r"""Stress of lithium that is plated at a scratch in the face of a solid electrolyte.

At a flat face plated lithium lifts the metal and presses no more than the stack. In a scratch it
has to leave through the mouth: it presses until it yields along the walls, and then by

$$ \Delta p = \frac{2 S_y a}{\sqrt3\,w} $$

more at the bottom than at the mouth (a depth, w width), however much more is plated. Lithium is
elastic and perfectly plastic, the electrolyte elastic, both in plane strain; current density is the
same on walls and face, as where charge transfer limits it.

What is not in it: products of a reaction that swell, creep, and cracks: the ratio to the toughness
tells how near one is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY
from anolyte.laws.fracture import FilledFlaw
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.stress import Stressed, plating_strain
from anolyte.models.field.yielding import PerfectlyPlastic, Yielded, Yielding
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Platen, Roller
from anolyte.numerics.elasticity_tensor import Tensor
from anolyte.numerics.grid import Field, Grid

POISSON = {"electrolyte": 0.26, "metal": 0.381}
"""Of oxides of this kind, recalled; of lithium as quoted from masias2019."""
AROUND = 4.0
"""Depths of the scratch between it and its neighbour."""
BEHIND = 3.0
"""Depths of electrolyte behind the scratch."""
FOIL = 1.0
"""Depths of metal before it."""
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 25.0, 40.0)
"""Yield strains by which the lithium in the scratch has been widened."""
LEAST_CELLS, MOST_CELLS = 2, 12
DEEPEST = 8.0
"""Widths: a deeper scratch needs more cells than this is for."""


@dataclass(frozen=True)
class Scratch:
    """A straight groove in the face, filled with lithium.

    Args:
        depth, width: m.
    """

    depth: float = quantity("length", default=4e-6)
    width: float = quantity("length", default=1e-6)

    def __post_init__(self) -> None:
        """Refuse what is none."""
        if not (self.depth > 0.0 and self.width > 0.0):
            raise DataError("a scratch has a depth and a width above zero")
        if not 1.0 <= self.depth / self.width <= DEEPEST:
            raise DataError(
                f"a scratch {self.depth / self.width:.3g} times as deep as wide: between 1 and "
                f"{DEEPEST:g} is simulated"
            )


@dataclass(frozen=True)
class PlatingStress(Result):
    """How far plated lithium presses.

    Args:
        cell: In words.
        charge: C/m2 of face, plated so far.
        bottom, mouth: Pa, pressure of the lithium over the last and first width of the scratch.
        tension: Pa, greatest principal stress of the electrolyte over half a width ahead of it.
        face: Pa, mean pressure on the flat face.
        finer: Pa, pressure at the bottom in the end with cells half as large; their difference is
            what the cells still do.
        limit: Pa, by which the bottom is above the mouth once all walls slip, in closed form.
        length: m, over which stresses are averaged.
        toughness_ratio: Stress intensity of the scratch as a crack under its mean pressure over
            that of the stack, over the toughness; None: unknown.
        depth, width: m, of the scratch.
        yield_strength: Pa, of the lithium.
        stack_pressure: Pa.
        spacing: m.
        temperature: K; the numbers are those of room temperature.
        assumed: Numbers that nobody measured on this cell.
        sources: Of the others.
    """

    cell: str
    charge: tuple[float, ...] = quantity("areal_capacity", default=())
    bottom: tuple[float, ...] = quantity("pressure", default=())
    mouth: tuple[float, ...] = quantity("pressure", default=())
    tension: tuple[float, ...] = quantity("pressure", default=())
    face: float = quantity("pressure", default=0.0)
    finer: float = quantity("pressure", default=0.0)
    limit: float = quantity("pressure", default=0.0)
    length: float = quantity("length", default=0.0)
    toughness_ratio: float | None = quantity("number", default=None)
    depth: float = quantity("length", default=0.0)
    width: float = quantity("length", default=0.0)
    yield_strength: float = quantity("pressure", default=0.0)
    stack_pressure: float = quantity("pressure", default=0.0)
    spacing: float = quantity("length", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None


@dataclass(frozen=True, eq=False)
class StressMap:
    """The end of a run, for a figure.

    Args:
        grid: The cells.
        pressure: Pa, hydrostatic.
        metal: Which cells are lithium.
    """

    grid: Grid
    pressure: Field
    metal: np.ndarray


@dataclass(frozen=True)
class PlatingStressSetup:
    """What is simulated.

    Args:
        interface: Electrolyte and a metal anode.
        conditions: Stack pressure.
        scratch: In the face.
        cells: Across the scratch.
        yield_strength: Pa, of the lithium; of the anode's file. At micrometres it is greater.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    scratch: Scratch = field(default_factory=Scratch)
    cells: int = 4
    yield_strength: float | None = None

    def __post_init__(self) -> None:
        """Refuse cells that show nothing or take for ever."""
        if not LEAST_CELLS <= self.cells <= MOST_CELLS:
            raise DataError(
                f"{self.cells} cells across a scratch: between {LEAST_CELLS} and {MOST_CELLS}"
            )

    @cached_property
    def numbers(self) -> Mapping[str, Value]:
        """What the library knows.

        Raises:
            MissingProperty: It lacks one.
        """
        electrolyte, anode = self.interface.electrolyte, self.interface.anode
        found = {
            "electrolyte": electrolyte.need("youngs_modulus"),
            "metal": anode.need("youngs_modulus"),
            "molar_volume": anode.need("molar_volume"),
        }
        if self.yield_strength is None:
            found["yield_strength"] = anode.need("yield_strength")
        if electrolyte.has("fracture_toughness"):
            found["toughness"] = electrolyte.need("fracture_toughness")
        return found

    @property
    def flow(self) -> PerfectlyPlastic:
        """Of the lithium."""
        given = self.yield_strength
        return PerfectlyPlastic(self.numbers["yield_strength"].si if given is None else given)

    @property
    def yield_strain(self) -> float:
        """At which lithium yields."""
        return self.flow.yield_stress / self.numbers["metal"].si

    def charge(self, widened: float) -> float:
        """C/m2 of face that widens the lithium in the scratch by so many yield strains."""
        thickness = 0.5 * self.scratch.width * widened * self.yield_strain
        return thickness * FARADAY / self.numbers["molar_volume"].si

    def __call__(self, progress: Progress = silent) -> tuple[PlatingStress, StressMap]:
        """Plate step by step, and once more in cells half as large.

        Raises:
            MissingProperty: The library lacks a number.
            NotConverged: A step is more than the lithium can bear.
        """
        run = _Run(self)
        rows = []
        for step, widened in enumerate(STEPS):
            progress(step, 2 * len(STEPS), "plating")
            rows.append(run.plate(widened))
        fine = _Run(replace(self, cells=2 * self.cells)) if 2 * self.cells <= MOST_CELLS else run
        finer = rows[-1]
        if fine is not run:
            for step, widened in enumerate(STEPS, len(STEPS)):
                progress(step, 2 * len(STEPS), "in finer cells")
                finer = fine.plate(widened)
        progress(2 * len(STEPS), 2 * len(STEPS), "")
        return self._result(rows, finer, run), fine.seen()

    def _result(
        self, rows: list[dict[str, float]], finer: dict[str, float], run: _Run
    ) -> PlatingStress:
        scratch, flow, pressure = self.scratch, self.flow, self.conditions.stack_pressure
        ratio = None
        if "toughness" in self.numbers:
            molar = self.numbers["molar_volume"].si
            law = FilledFlaw(self.numbers["toughness"].si, scratch.depth, molar)
            ratio = (finer["mean"] - pressure) / float(law.critical_pressure)
        keys = dict.fromkeys(value.source.key for value in self.numbers.values())
        return PlatingStress(
            cell=str(self.interface),
            charge=tuple(self.charge(widened) for widened in STEPS),
            bottom=tuple(row["bottom"] for row in rows),
            mouth=tuple(row["mouth"] for row in rows),
            tension=tuple(row["tension"] for row in rows),
            face=rows[-1]["face"],
            finer=finer["bottom"],
            limit=2.0 * flow.yield_stress * scratch.depth / (math.sqrt(3.0) * scratch.width),
            length=scratch.width,
            toughness_ratio=ratio,
            depth=scratch.depth,
            width=scratch.width,
            yield_strength=flow.yield_stress,
            stack_pressure=pressure,
            spacing=run.grid.spacing[0],
            temperature=self.conditions.temperature,
            assumed=("poisson_ratio", "even_current_on_walls_and_face"),
            sources=tuple(keys),
        )


class _Run:
    """Plating into one grid."""

    def __init__(self, setup: PlatingStressSetup) -> None:
        self.setup, scratch, n = setup, setup.scratch, setup.cells
        edge = scratch.width / n
        deep = round(scratch.depth / edge)
        self.foil, self.deep = round(FOIL * deep), deep
        across = round(AROUND * deep)
        across += (across - n) % 2
        self.grid = Grid.cubic(
            (self.foil + deep + round(BEHIND * deep), across), edge, periodic=(False, True)
        )
        first = (across - n) // 2
        self.across = slice(first, first + n)
        self.metal = np.zeros(self.grid.shape, bool)
        self.metal[: self.foil] = True
        self.metal[self.foil : self.foil + deep, self.across] = True
        metal = lame(setup.numbers["metal"].si, POISSON["metal"])
        ceramic = lame(setup.numbers["electrolyte"].si, POISSON["electrolyte"])
        first_lame, shear = (
            np.where(self.metal, *pair) for pair in zip(metal, ceramic, strict=True)
        )
        plate = Platen(-setup.conditions.stack_pressure)
        solid = Solid(self.grid, first_lame, shear, ((plate, Roller()), None))
        self.yielding = Yielding(solid, self.metal, setup.flow)
        self.now: Yielded = self.yielding.step()

    def plate(self, widened: float) -> dict[str, float]:
        """The lithium widened by so many yield strains in all; what is seen of it."""
        self.now = self.yielding.step(
            self.now.plastic, eigenstrain=self._inserted(widened), start=self.now
        )
        stressed, n = Stressed(self.now.deformation.stress), self.setup.cells
        inside = stressed.pressure[self.foil : self.foil + self.deep, self.across].mean(axis=1)
        ahead = slice(self.foil + self.deep, self.foil + self.deep + max(1, n // 2))
        low = self.metal[self.foil - 1] & ~self.metal[self.foil]
        return {
            "bottom": float(inside[-n:].mean()),
            "mouth": float(inside[:n].mean()),
            "mean": float(inside.mean()),
            "tension": float(stressed.greatest[ahead, self.across].mean()),
            "face": float(stressed.pressure[self.foil - 1, low].mean()),
        }

    def _inserted(self, widened: float) -> Tensor:
        """Lithium plated at both walls and at the bottom, as strain of the cells beside them."""
        edge, setup = self.grid.spacing[0], self.setup
        each = 0.5 * setup.scratch.width * widened * setup.yield_strain / edge
        rows, first, last = slice(self.foil, self.foil + self.deep), self.across.start, -1
        walls, bottom = np.zeros(self.grid.shape), np.zeros(self.grid.shape)
        walls[rows, first] = walls[rows, self.across.stop + last] = each
        bottom[self.foil + self.deep - 1, self.across] = each
        none, one = np.zeros(self.grid.shape), np.ones(self.grid.shape)
        return plating_strain(walls, (none, one)) + plating_strain(bottom, (one, none))

    def seen(self) -> StressMap:
        """The fields of the last step."""
        pressure = Stressed(self.now.deformation.stress).pressure
        return StressMap(self.grid, pressure, self.metal)
