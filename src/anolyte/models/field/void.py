r"""Voids between lithium and a rigid electrolyte while lithium is stripped, in two dimensions.

The metal's face is a depth g(x) below the electrolyte, zero where both touch. In each step

- the field of the potential in the electrolyte gives the current density i(x) at the face, with
  charge transfer on the contacted share a(g) and the total current held (`potential`);
- lithium leaves at the speed $\Omega i/F$; vacancies that diffuse into the metal make up for a part
  (`vacancies`), the rest deepens the gap;
- creep closes gaps under the pressure that the contacts carry (`void_closing`);
- lithium wanders along the walls (`surface_diffusion`).

The metal's back is held, so that it descends only as far as creep moves it, or it sinks as a whole
until some column touches (`sinks`). A column touches while its gap is no deeper than the face is
rough; how much contact a volume of voids leaves is a result. What is not in it: flow of the
metal resolved on the grid, walls that overhang (and so pieces that come off), current through gas.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY
from anolyte.laws.voids import ExponentialLoss
from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import Driven, PotentialField, Problem, Surface
from anolyte.models.field.surface_diffusion import SurfaceDiffusion
from anolyte.models.field.vacancies import Lattice
from anolyte.models.field.void_closing import LEAST_CONTACT, OPEN, Closes, Gaps, voids
from anolyte.numerics.grid import Field, Grid

STRAIN = 0.02
"""Share of a gap that creep may close in a step."""


@dataclass(frozen=True, eq=False)
class VoidState:
    """Where it stands. Volumes are m3 for each m of depth and m of width, that is m2.

    Args:
        time: s.
        gap: m, in each column.
        empty: Share of lithium sites, by layer of the metal and column.
        potential: V in the cells of the electrolyte.
        counter: V, of the counter electrode against the metal.
        current: A/m2 in each column, positive where plated.
        charge: C/m, passed; positive where plated.
        diffused, crept, sunk, lifted: m2: gap that vacancies kept shut, that creep closed, that the
            metal sank into as a whole, and lithium plated where there was no gap left to fill.
        constriction: ohm m2, of the face: what crowding costs in the electrolyte.
    """

    time: float
    gap: Field
    empty: Field
    potential: Field
    counter: float
    current: Field
    charge: float = 0.0
    diffused: float = 0.0
    crept: float = 0.0
    sunk: float = 0.0
    lifted: float = 0.0
    constriction: float = 0.0


@dataclass(frozen=True, eq=False)
class StrippedFace:
    """The process.

    Args:
        grid: Of the electrolyte, two-dimensional, periodic across.
        conductivity: S/m.
        exchange: A/m2, of the contacted face.
        molar_volume: m3/mol, of the metal.
        start: m, gap in each column at the beginning.
        loss: Contact that a gap leaves in its own column.
        current_density: A/m2, negative where lithium is stripped; over the whole face.
        thickness: m, of the metal.
        until: s.
        pressure: Pa.
        transfer: Law of charge transfer, with the temperature.
        lattice: Diffusion in the metal; None: off.
        walls: Diffusion along the walls; None: off.
        creep: What closes gaps; None: off.
        sinks: Whether the metal sinks as a whole, without friction.
        advance: Depths of `loss` that the face may move in a step.
        longest: s, a step at most.
        least: Contact fraction at which stripping ends.
    """

    grid: Grid
    conductivity: float
    exchange: float
    molar_volume: float
    start: Field
    loss: ExponentialLoss
    current_density: float
    thickness: float
    until: float
    pressure: float = 0.0
    transfer: ButlerVolmer = ButlerVolmer()
    lattice: Lattice | None = None
    walls: SurfaceDiffusion | None = None
    creep: Closes | None = None
    sinks: bool = False
    advance: float = 0.2
    longest: float = np.inf
    least: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot begin."""
        if self.grid.dimensions != 2 or not self.grid.periodic[1]:
            raise DataError("voids are resolved in two dimensions, periodic across")
        if self.start.shape != self.grid.shape[1:] or self.start.min() < 0.0:
            raise DataError("give one gap, none of them negative, for each column of the face")
        if self.current_density == 0.0:
            raise DataError("a current density of zero strips nothing")

    def key(self) -> str:
        """A hash of everything that decides the answer."""
        made = hashlib.sha256(np.ascontiguousarray(self.start).tobytes())
        made.update(
            repr((
                self.grid, self.conductivity, self.exchange, self.molar_volume, self.loss,
                self.current_density, self.thickness, self.until, self.pressure, self.transfer,
                self.lattice, self.walls, self.creep, self.sinks, self.advance,
                self.longest, self.least,
            )).encode()
        )  # fmt: skip
        return made.hexdigest()

    @cached_property
    def _film(self) -> float:
        """ohm m2, from the middle of the first cells to the face."""
        return 0.5 * self.grid.spacing[0] / self.conductivity

    @cached_property
    def _conductor(self) -> Conductor:
        return Conductor(self.grid, np.full(self.grid.shape, self.conductivity))

    def contact(self, gap: Field) -> Field:
        """Share of each column that touches."""
        return np.maximum(self.loss(gap), LEAST_CONTACT)

    # Steps ----------------------------------------------------------------------------------------

    def begin(self) -> VoidState:
        """The first state."""
        empty = np.zeros((1, 1)) if self.lattice is None else self.lattice.begin(len(self.start))
        field = self._field(self.start, None)
        return self._state(0.0, self.start.copy(), empty, field, None)

    def step(self, state: VoidState) -> VoidState:
        """The next state."""
        closing = self._closing(state.gap)
        time = self._time(state, closing)
        edge = self.grid.spacing[1]
        removed = -state.current * self.molar_volume / FARADAY * time
        empty, diffused = state.empty, np.zeros_like(removed)
        if self.lattice is not None:
            empty, diffused = self.lattice.step(state.empty, removed, time)
        gap = state.gap + removed - diffused
        lifted = np.maximum(-gap, 0.0)
        gap = gap + lifted
        crept = np.minimum(closing * time, gap)
        gap = gap - crept
        sunk = np.full_like(gap, gap.min() if self.sinks else 0.0)
        gap = gap - sunk
        if self.walls is not None:
            gap = self.walls(gap, edge, time)
        field = self._field(gap, state)
        sums = tuple(float(values.sum()) * edge for values in (diffused, crept, sunk, lifted))
        return self._state(state.time + time, gap, empty, field, (state, time, sums))

    def _closing(self, gap: Field) -> Field:
        if self.creep is None:
            return np.zeros_like(gap)
        face = Gaps(
            gap, self.contact(gap), self.grid.spacing[1], self.pressure, self.transfer.temperature
        )
        return self.creep(face)

    def _time(self, state: VoidState, closing: Field) -> float:
        """s, of a step in which the face moves little and creep closes little."""
        speed = float(np.abs(state.current).max()) * self.molar_volume / FARADAY
        longest = min(self.longest, self.advance * float(self.loss.depth) / speed)
        open_now = state.gap > 0.0
        if open_now.any():
            rate = float((closing[open_now] / np.maximum(state.gap[open_now],
                          STRAIN * float(self.loss.depth))).max())  # fmt: skip
            longest = min(longest, STRAIN / rate) if rate > 0.0 else longest
        return min(longest, self.until - state.time)

    def _field(self, gap: Field, state: VoidState | None) -> PotentialField:
        """The potential with the contact that a gap leaves."""
        area = np.zeros(self.grid.shape)
        area[0] = self.grid.face_area(0)
        exchange = np.zeros(self.grid.shape)
        exchange[0] = self.exchange * self.contact(gap)
        total = self.current_density * self.grid.lengths[1]
        problem = Problem(
            self._conductor, Surface(area, exchange, 0.0, self._film), self.transfer, Driven(total)
        )
        begin = None
        if state is not None:
            begin = PotentialField(state.potential, state.counter, state.potential, 0.0, 0, 0)
        return problem(begin)

    def _state(
        self, time: float, gap: Field, empty: Field, field: PotentialField,
        before: tuple[VoidState, float, tuple[float, ...]] | None,
    ) -> VoidState:  # fmt: skip
        current = field.current_density[0].copy()
        sums = (0.0,) * 5
        if before is not None:
            last, step, added = before
            passed = self.current_density * self.grid.lengths[1] * step
            old = (last.charge, last.diffused, last.crept, last.sunk, last.lifted)
            sums = tuple(a + b for a, b in zip(old, (passed, *added), strict=True))
        return VoidState(
            time, gap, empty, field.potential, field.counter or 0.0, current, *sums,
            constriction=self._constriction(field, current),
        )  # fmt: skip

    def _constriction(self, field: PotentialField, current: Field) -> float:
        """ohm m2: heat in the electrolyte, less that of an even current, over the current squared.

        The counter electrode's power is that heat and the one of charge transfer.
        """
        mean = self.current_density
        drop = field.potential[0] - self._film * current
        transfer = float((current * drop).mean())
        ohmic = (field.counter or 0.0) * mean - transfer
        return ohmic / mean**2 - self.grid.lengths[0] / self.conductivity

    # Answers --------------------------------------------------------------------------------------

    def ended(self, state: VoidState) -> str:
        """Why there is no next state."""
        if state.time >= self.until * (1.0 - 1e-12):
            return "time"
        if self.current_density < 0.0 and self.contact(state.gap).mean() < self.least:
            return "contact"
        return "metal" if state.gap.max() >= self.thickness else ""

    def reached(self, state: VoidState) -> float:
        """Share of the time."""
        return state.time / self.until

    def volume(self, state: VoidState) -> float:
        """m2, of all gaps."""
        return float(state.gap.sum()) * self.grid.spacing[1]

    def balance(self, state: VoidState) -> float:
        """Lithium that gaps and metal do not account for, over what was moved."""
        wanted = -state.charge * self.molar_volume / FARADAY
        opened = self.volume(state) - float(self.start.sum()) * self.grid.spacing[1]
        found = opened + state.diffused + state.crept + state.sunk - state.lifted
        return (found - wanted) / abs(wanted) if wanted else 0.0

    @property
    def length(self) -> float:
        """m, over which the current beside a void is averaged: what charge transfer evens out."""
        return self._beside * self.grid.spacing[1]

    @cached_property
    def _beside(self) -> int:
        """Columns within the conductivity times the resistance of charge transfer."""
        wagner = self.conductivity * self.transfer.thermal / self.exchange
        columns = int(np.ceil(wagner / self.grid.spacing[1]))
        return min(max(1, columns), len(self.start))

    def focus(self, state: VoidState) -> float:
        """Current density beside the widest void over the mean one, over the length."""
        found = voids(self.contact(state.gap) < OPEN)
        if not found:
            return 1.0
        widest = max(found, key=len)
        after = np.arange(1, min(self._beside, max(1, len(self.start) - len(widest))) + 1)
        left, right = (
            state.current[place % len(self.start)].mean() / self.current_density
            for place in (widest[0] - after, widest[-1] + after)
        )
        return float(max(left, right))

    def row(self, state: VoidState) -> dict[str, float]:
        """Numbers of a state."""
        contact = self.contact(state.gap)
        widest = max((len(c) for c in voids(contact < OPEN)), default=0)
        return {
            "time": state.time, "counter": state.counter, "contact": float(contact.mean()),
            "blur": float((4.0 * contact * (1.0 - contact)).mean()),
            "touching": float((contact >= OPEN).mean()), "volume": self.volume(state),
            "widest": widest * self.grid.spacing[1], "deepest": float(state.gap.max()),
            "constriction": state.constriction, "balance": self.balance(state),
            "diffused": state.diffused, "crept": state.crept,
            "sunk": state.sunk, "lifted": state.lifted, "focus": self.focus(state),
        }  # fmt: skip
