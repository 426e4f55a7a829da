r"""A lithium filament in a ceramic: a crack that the lithium plated inside it drives open.

A rigid ceramic is not consumed. Lithium plated at its flat face lifts the metal; lithium plated at
the walls of a flaw has nowhere to go, its pressure rises until it stops the plating or the flaw
grows. Three things decide, and each step finds them together:

- the field of the potential, with the filled flaw an equipotential at the potential of the anode,
  and charge transfer at the anode and at every wall (`potential`);
- the pressure p of the lithium, one for the whole filament, from the volume that was plated into
  it: $V(p, d) = V_0 + \Delta t\,(\Omega/F)\,I(p)$ (`fracture.Fed`);
- the crack field d of least energy at that volume (`fracture`).

A pore is a place that is broken already. One that the crack runs into becomes lithium as a surface
and an equipotential at once, and takes up what is plated until it is full; till then nothing
presses.

What is not in it: resistance of lithium to flow along the filament, a gap between the tip of the
crack and the tip of the metal, lithium that is stripped again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import ndimage

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.drives import Fed, Pressed
from anolyte.models.field.fracture import Cracked, Fracture
from anolyte.models.field.front import gradient
from anolyte.models.field.pieces import labelled
from anolyte.models.field.potential import Driven, PotentialField, Problem, Surface
from anolyte.numerics.grid import Field, Grid

HALF_BROKEN = 0.5
"""Crack field at which a cell is half metal once lithium has filled the crack."""
RAMP = 0.15
"""How far from that the share of metal changes: over about two cells of a crack's flank."""
LEAP = 1.5
"""Times the wanted advance: a step in which the tip goes farther is taken again."""
SHORTER = 0.25
"""By which a step is taken again."""
STUBBORN = 0.5
"""Of a leap, that a shorter step must save: else the crack is unstable, and runs in no time."""
GUARD = 10.0
"""Times tougher within a width of the anode."""
APART = 2
"""Cells around a pore without lithium in which nothing presses and nothing breaks."""
PROBE = 1e6
"""Pa, at which the current into the filament is found besides, or at none if it is pressed more."""
CLOSED = 1e-14
"""Openness of a cell full of metal: none would leave its potential undefined."""


def guarded(fracture_energy: Field, width: float, grid: Grid) -> Field:
    """J/m2, toughness that keeps cracks from running along the face of the anode.

    At an outer side half of a crack's profile is cut off, so that it would cost half as much there
    as inside: an artefact that would peel the electrolyte from its electrode.
    """
    return np.where(grid.mesh()[0] < width, GUARD, 1.0) * fracture_energy


@dataclass(frozen=True)
class Lithium:
    """The metal, and how it is plated.

    Args:
        exchange: A/m2, of the anode and of the walls of a filament alike.
        molar_volume: m3/mol.
        film: ohm m2, of layers and films on the flat anode; what a crack opens is bare.
        law: Of charge transfer.
    """

    exchange: float
    molar_volume: float
    film: float = 0.0
    law: ButlerVolmer = ButlerVolmer()

    @property
    def per_charge(self) -> float:
        """m3/C."""
        return self.molar_volume / FARADAY


@dataclass(frozen=True, eq=False)
class FilamentState:
    """Where it stands.

    Args:
        time: s.
        step: s, the next one.
        crack: d in the cells.
        unknowns: m, of the displacement: where the next equilibrium begins.
        potential: V in the cells.
        counter: V.
        pressure: Pa, of the lithium in the filament.
        volume: m3 (m2 in the plane), lithium plated into it.
        charge: C (C/m), passed.
        plated: m3 (m2), lithium at the flat anode.
        share: Of the current, into the filament, in the last step.
        depth: m, how far the filament reaches.
        focus: Current density at the tip over the mean one, both over the length of the model.
        elastic, surface: J (J/m), energies.
    """

    time: float
    step: float
    crack: Field
    unknowns: Field
    potential: Field
    counter: float
    pressure: float = 0.0
    volume: float = 0.0
    charge: float = 0.0
    plated: float = 0.0
    share: float = 0.0
    depth: float = 0.0
    focus: float = 0.0
    elastic: float = 0.0
    surface: float = 0.0


@dataclass(frozen=True, eq=False)
class Filament:
    """The process: settings of numerics and the parts of the cell.

    Args:
        conductivity: S/m of the intact electrolyte in every cell.
        boundaries: ohm m2, resistance of every face, by axis; none.
        pores: Share of every cell; none.
        fracture: Solid, toughness and split.
        flaws: d of the cracks that are there from the beginning.
        lithium: The metal.
        current_density: A/m2, positive where lithium is plated; over the whole face.
        length: m, over which the current at the tip is averaged.
        until: s.
        advance: m, that the tip should go in a step.
        longest: s, a step at most.
    """

    conductivity: Field
    fracture: Fracture
    flaws: Field
    lithium: Lithium
    current_density: float
    length: float
    until: float
    advance: float
    longest: float
    boundaries: Sequence[Field | None] | None = None
    pores: Field | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot begin."""
        if self.current_density <= 0.0:
            raise DataError("a filament grows where lithium is plated: give a positive current")
        if self.touches(self.metal(self.flaws)):
            raise DataError(
                "a flaw joins both electrodes: the cell is shorted before the current flows"
            )

    @property
    def grid(self) -> Grid:
        """The cells."""
        return self.fracture.solid.grid

    @cached_property
    def face(self) -> float:
        """m2 (m in the plane), of the anode."""
        return float(np.prod(self.grid.lengths[1:]))

    def key(self) -> str:
        """A hash of everything that decides the answer."""
        made = hashlib.sha256()
        solid, surface = self.fracture.solid, self.fracture.surface
        for values in (
            self.conductivity, self.flaws, solid.first_lame, solid.shear_modulus,
            surface.fracture_energy, self.pores, *(self.boundaries or ()),
        ):  # fmt: skip
            made.update(b"" if values is None else np.ascontiguousarray(values).tobytes())
        rest = (
            self.grid, solid.sides, surface.width, surface.dissipation, self.fracture.split,
            self.fracture.remnant, self.lithium, self.current_density, self.length, self.until,
            self.advance, self.longest,
        )  # fmt: skip
        made.update(repr(rest).encode())
        return made.hexdigest()

    # Geometry -------------------------------------------------------------------------------------

    def metal(self, crack: Field) -> Field:
        """Share of each cell that is lithium: cracks that are joined to the anode.

        A pore is joined once a crack has come within a few cells of it.
        """
        share = 0.5 * (1.0 + np.tanh((crack - HALF_BROKEN) / RAMP))
        labels = labelled(share > 0.5, self.grid)
        names = np.setdiff1d(labels[0], 0)
        joined = np.isin(labels, names)
        while self.pores is not None:
            beside = ndimage.binary_dilation(joined, iterations=APART + 1).astype(bool)
            near = np.setdiff1d(labels[beside], 0)
            if near.size == names.size:
                break
            names, joined = near, np.isin(labels, near)
        near = ndimage.binary_dilation(joined, iterations=2)
        return np.where(near, share, 0.0)

    def _filling(self, metal: Field) -> float:
        """m3 (m2), of the pores that lithium has come to."""
        if self.pores is None:
            return 0.0
        return float((self.pores * (metal > 0.5)).sum()) * self.grid.cell_volume

    @cached_property
    def _full(self) -> float:
        """m3 (m2), of the pores that begin as part of the anode."""
        return self._filling(self.metal(self.flaws))

    def in_pores(self, metal: Field, volume: float) -> float:
        """m3 (m2), of the lithium in the filament, that lies in pores."""
        return min(max(self._filling(metal) - self._full, 0.0), volume)

    def _pressing(self, crack: Field, metal: Field) -> Fracture:
        """The fracture with pressure anywhere but in pores that lithium has not come to."""
        if self.pores is None:
            return self.fracture
        empty = (crack > HALF_BROKEN) & (metal <= 0.5)
        apart = ndimage.binary_dilation(empty, iterations=APART)
        return replace(self.fracture, reached=1.0 - apart)

    def touches(self, metal: Field) -> bool:
        """Whether lithium reaches the counter electrode."""
        return bool((metal[-1] > 0.5).any())

    def reach(self, metal: Field) -> float:
        """m, how deep it lies, between cells by the share of metal."""
        column = metal.reshape(metal.shape[0], -1).max(axis=1)
        inside = np.flatnonzero(column > 0.5)
        if not inside.size:
            return 0.0
        last = int(inside[-1])
        here, beyond = column[last], column[last + 1] if last + 1 < column.size else 0.0
        return float(self.grid.spacing[0] * (last + 0.5 + (here - 0.5) / max(here - beyond, 1e-12)))

    def surfaces(self, metal: Field) -> tuple[Field, Field]:
        """m2 of the flat anode and of the walls of the filament in every cell."""
        slopes = gradient(metal, self.grid)
        walls = np.sqrt(sum(slope * slope for slope in slopes)) * self.grid.cell_volume
        flat = np.zeros_like(metal)
        flat[0] = self.grid.face_area(0) * (1.0 - metal[0])
        return flat, np.where(walls > 1e-9 * self.grid.face_area(0), walls, 0.0)

    # Time -----------------------------------------------------------------------------------------

    def begin(self) -> FilamentState:
        """Flaws at rest, no pressure, no time passed."""
        crack = self.fracture.surface.least(self.flaws)
        at_rest = self.fracture.grown(crack, Pressed(0.0))
        found = self._potential(self.metal(at_rest.crack), 0.0, None)
        assert found.counter is not None
        return FilamentState(
            0.0, self.longest, at_rest.crack, at_rest.deformation.unknowns, found.potential,
            found.counter, volume=at_rest.opened, depth=self.reach(self.metal(at_rest.crack)),
            surface=at_rest.surface, elastic=at_rest.deformation.energy,
        )  # fmt: skip

    def step(self, state: FilamentState) -> FilamentState:
        """Potential, then pressure and crack for what it plates.

        A step in which the tip leaps is taken again, shorter, until it no longer leaps or until it
        leaps as far in a quarter of the time: then the crack is unstable and runs in no time, and
        when is known to that quarter.
        """
        metal = self.metal(state.crack)
        before = PotentialField(state.potential, state.counter, metal, 0.0, 0, 0)
        found = self._potential(metal, state.pressure, before)
        pace, farther = min(state.step, self.until - state.time), np.inf
        start, inside = self._start(state), self._within(found, metal, state.pressure)
        while True:
            after = self._after(state, found, inside, pace, start)
            gone = after.depth - state.depth
            if gone <= LEAP * self.advance or gone > STUBBORN * farther:
                return after
            pace, farther = pace * SHORTER, gone

    def _after(
        self,
        state: FilamentState,
        found: PotentialField,
        inside: tuple[float, float],
        pace: float,
        start: Cracked,
    ) -> FilamentState:
        """The state after a step of a length."""
        metal = self.metal(state.crack)
        rate = self.lithium.per_charge * pace
        there = state.volume - (self._filling(metal) - self._full)
        drive = Fed(there, rate * inside[0], rate * inside[1], state.pressure)
        grown = self._pressing(state.crack, metal).grown(state.crack, drive, start=start)
        added = drive.added(grown.pressure)
        total = self.current_density * self.face * pace
        depth = self.reach(self.metal(grown.crack))
        assert found.counter is not None
        return FilamentState(
            time=state.time + pace,
            step=self._next(pace, depth - state.depth),
            crack=grown.crack,
            unknowns=grown.deformation.unknowns,
            potential=found.potential,
            counter=found.counter,
            pressure=grown.pressure,
            volume=state.volume + added,
            charge=state.charge + total,
            plated=state.plated + self.lithium.per_charge * total - added,
            share=added / (self.lithium.per_charge * total),
            depth=depth,
            focus=self._focus(found, self.surfaces(metal)[1], state.depth),
            elastic=grown.deformation.energy,
            surface=grown.surface,
        )

    def ended(self, state: FilamentState) -> str:
        """A short, or the time is over."""
        if self.touches(self.metal(state.crack)):
            return "short"
        return "time" if state.time >= self.until * (1.0 - 1e-12) else ""

    def reached(self, state: FilamentState) -> float:
        """The farther of time and depth."""
        return max(state.time / self.until, state.depth / self.grid.lengths[0])

    def row(self, state: FilamentState) -> dict[str, float]:
        """Every number of the state."""
        names = (
            "time", "charge", "plated", "volume", "share", "depth", "pressure", "counter", "focus",
            "elastic", "surface",
        )  # fmt: skip
        return {name: getattr(state, name) for name in names}

    # Parts ----------------------------------------------------------------------------------------

    def _potential(
        self, metal: Field, pressure: float, start: PotentialField | None
    ) -> PotentialField:
        flat, walls = self.surfaces(metal)
        area = flat + walls
        shift = (
            self.lithium.per_charge
            * pressure
            * np.divide(walls, area, out=np.zeros_like(area), where=area > 0.0)
        )
        open_ = 1.0 - (metal if self.pores is None else np.maximum(metal, self.pores))
        conductor = Conductor(
            self.grid, self.conductivity, np.maximum(open_, CLOSED), self.boundaries
        )
        surface = Surface(area, self.lithium.exchange, shift, self._film(flat, area))
        counter = Driven(self.current_density * self.face)
        return Problem(conductor, surface, self.lithium.law, counter)(start)

    def _film(self, flat: Field, area: Field) -> Field:
        """ohm m2, by how much of a cell's surface is flat anode."""
        own = np.divide(flat, area, out=np.zeros_like(area), where=area > 0.0)
        return self.lithium.film * own

    def _within(self, found: PotentialField, metal: Field, pressure: float) -> tuple[float, float]:
        """A into the filament, and A/Pa that each Pa takes from it.

        The latter from a second field at another pressure: what the walls lose the face takes up,
        so that it is less than the law of charge transfer alone would have it.
        """
        other = 0.0 if pressure > PROBE else PROBE
        walls = self.surfaces(metal)[1]
        here, there = (
            float((walls * field.current_density).sum())
            for field in (found, self._potential(metal, other, found))
        )
        return here, (here - there) / (other - pressure)

    def _start(self, state: FilamentState) -> Cracked:
        """Where the equilibrium of this step begins."""
        solid = self.fracture.softened(state.crack, np.ones_like(state.crack))
        near = solid.at(solid.frame.spread(state.unknowns, solid.frame.held_values))
        return Cracked(state.crack, near, max(state.pressure, 1.0), 0.0, 0.0, 0, ())

    def _next(self, step: float, gone: float) -> float:
        """s: longer while the tip stands, shorter when it leaps."""
        ratio = self.advance / gone if gone > 0.0 else 2.0
        return min(self.longest, step * min(2.0, max(0.2, ratio)))

    def _focus(self, found: PotentialField, walls: Field, depth: float) -> float:
        """Mean current density of the last `length` of the filament, over the applied one."""
        z = self.grid.mesh()[0] * np.ones(self.grid.shape)
        near = walls * (z > depth - self.length)
        if not near.any():
            return 0.0
        return float((near * found.current_density).sum() / near.sum()) / self.current_density
