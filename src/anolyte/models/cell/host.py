r"""Lithium inside a host: silicon, graphite and the like, whose potential moves with their lithium.

The share $\theta$ of the capacity that is filled diffuses inside; what stands at the face sets the
potential, the mean sets volume and stress:

$$ E = U(\theta_\mathrm{face}, m) + \Delta U(\sigma), \qquad
   \frac{d\bar\theta}{dt} = -\frac{j}{q\,d} $$

with q the charge that a volume of the host takes up and d its dense thickness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from anolyte.core.units import FARADAY
from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.host_expansion import BufferedGrowth, ExpansionLaw, radius_ratio
from anolyte.laws.host_potential import Branches, HostPotential
from anolyte.laws.lithiation_stress import FilmStress
from anolyte.laws.slab_field import ModesState, SlabModes
from anolyte.models.cell.alloy import at_the_face, chosen_modes
from anolyte.models.cell.faces import Array
from anolyte.models.cell.interior import Answer, Leg, Seen, column

CONTENTS = 801
"""Lithium contents between which elastic stress is integrated once."""
STEP = 1e-3
"""Filled share over which a slope is taken."""
TINY = 1e-30
"""Keeps a quotient finite where a potential is flat."""
HALVINGS = 60
PLATES = 0.0
"""V vs Li/Li+; lithium that would stand at less is metal."""
EMPTY = 1e-6
"""Filled share at the face below which no more lithium leaves, and as far from full."""


@dataclass(frozen=True)
class HostState:
    """What a host remembers; arrays over cells.

    Args:
        modes: Lithium inside, mol/m3 of the host without lithium.
        memory: -1 after filling, +1 after emptying (`laws.host_potential.Branches`).
        stress: In its plane, Pa, as if neighbours could pull as well as press.
        largest: Volume that it has reached, over its volume as made.
    """

    modes: ModesState
    memory: Array
    stress: Array
    largest: Array


@dataclass(frozen=True)
class HeldHost:
    """Stress of a host that cannot swell freely.

    Args:
        film: Elastic, then flowing.
        adherent: Held by a base, which pulls and presses; else by neighbours, which only press.
        closing: Lithium content from which it meets its neighbours; zero where it is held at once.
        content: Lithium per host atom when full.
    """

    film: FilmStress
    adherent: bool
    closing: float
    content: float

    @cached_property
    def _elastic(self) -> tuple[Array, Array]:
        grid = np.linspace(0.0, self.content, CONTENTS)
        return grid, self.film.elastic(grid)

    def along(self, stress: Array, shares: Array, filling: Any) -> Array:
        """Stress along rising or falling shares, Pa, shape (cells, times).

        Args:
            stress: Where the path begins, shape (cells,).
            shares: The path, its beginning first.
            filling: Whether the shares rise, shape (cells,).
        """
        held = np.maximum(shares * self.content, self.closing)
        grid, table = self._elastic
        trial = stress[:, None] + np.interp(held, grid, table)
        trial = trial - np.interp(held[:, :1], grid, table)
        flow = self.film.flow
        pressed = np.maximum.accumulate(np.maximum(flow.compression(held) - trial, 0.0), axis=1)
        if not self.adherent:
            return np.where(filling[:, None], trial + pressed, trial)
        pulled = np.maximum.accumulate(np.maximum(trial - flow.tension(held), 0.0), axis=1)
        return np.where(filling[:, None], trial + pressed, trial - pulled)

    def elastic_slope(self, share: Array) -> Array:
        """Change of an elastic stress with the filled share, Pa."""
        grid, table = self._elastic
        ends = [np.interp((share + x) * self.content, grid, table) for x in (-STEP, STEP)]
        return (ends[1] - ends[0]) / (2.0 * STEP)

    def shown(self, stress: Any) -> Any:
        """What there is of it: neighbours do not pull."""
        return stress if self.adherent else np.minimum(stress, 0.0)


@dataclass(frozen=True)
class HostField:
    """The lithium of a host electrode and what follows from it.

    Args:
        modes: Diffusion inside.
        diffusivity: Of lithium in the host.
        area: Surface through which lithium enters, over the area of the cell.
        full: Lithium of the full host, mol per m3 of the host without lithium.
        dense: Thickness of the host without lithium and without pores, m.
        content: Lithium per host atom when full.
        made: Filled share as made.
        potential: At rest against the filled share.
        expansion: Volume against lithium content.
        buffer: Growth of the electrode against the host's volume.
        thickness: Of the electrode as made, m.
        held: Stress; None: not known.
        coupling: Potential against the stress of a host that its base holds; None: not known.
        follows: Share of its contact that is kept, of pressure and linear shrinkage.
        adherent: Held by its base: it shrinks in its thickness alone and keeps its contact.
    """

    modes: SlabModes
    diffusivity: ArrheniusDiffusivity
    area: float
    full: float
    dense: float
    content: float
    made: float
    potential: HostPotential
    expansion: ExpansionLaw
    buffer: BufferedGrowth
    thickness: float
    held: HeldHost | None = None
    coupling: Callable[[Any], Any] | None = None
    follows: Callable[[Any, Any], Any] | None = None
    adherent: bool = True

    moves: ClassVar[bool] = True

    @property
    def open_circuit(self) -> float:
        """Its potential as made, V vs Li/Li+."""
        one = np.zeros((1, 1))
        memory = self.rest(1).memory[:, None]
        return float(self._potential(one + self.made, memory, 0.0 * one, 298.15)[0, 0])

    @property
    def capacity(self) -> float:
        """Charge that fills it, C/m2 of the cell."""
        return FARADAY * self.full * self.dense

    def rest(self, cells: int) -> HostState:
        """As made: uniform, without stress, on the branch of filling."""
        found = self.modes.rest(np.full(cells, self.made * self.full))
        modes = ModesState(np.array(found.mean), found.amplitudes, found.gradient)
        return HostState(modes, np.full(cells, -1.0), np.zeros(cells), np.ones(cells))

    def _pace(self, leg: Leg) -> Array:
        return np.array(np.broadcast_to(self.diffusivity(leg.temperature), leg.current.shape))

    def _face(self, inside: HostState, leg: Leg, times: Array) -> Array:
        """Filled share at the face at times, of which the interphase's lithium is taken off."""
        own = leg.current / self.area
        found = at_the_face(self.modes, inside.modes, own, times, self._pace(leg))
        return found / self.full - leg.taken(times) / self.capacity

    def time_left(self, inside: HostState, leg: Leg, span: Array) -> Array:
        """When within a span the face is empty, or full."""

        def over(time: Array) -> Any:
            share = self._face(inside, leg, time[:, None])[:, 0]
            gone = (leg.current > 0.0) & (share <= EMPTY)
            return gone | ((leg.current < 0.0) & (share >= 1.0 - EMPTY))

        low, high = np.zeros_like(span), span.copy()
        ends = over(high)
        if not ends.any():
            return np.full(span.shape, np.inf)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            there = over(middle)
            low, high = np.where(there, low, middle), np.where(there, middle, high)
        return np.where(ends, high, np.inf)

    def currents(self, inside: HostState, leg: Leg, span: Array) -> tuple[Array, Array]:
        """Between which the face is neither full nor empty after a span, A/m2."""
        times = span[:, None]
        still, moved = (
            self._face(inside, replace(leg, current=np.full(span.shape, j)), times)[:, 0]
            for j in (0.0, 1.0)
        )
        per = np.maximum(still - moved, TINY)  # the field is linear in its current
        return (still - 1.0 + 2.0 * EMPTY) / per, (still - 2.0 * EMPTY) / per

    def later(self, inside: HostState, leg: Leg, span: Array, chosen: Any) -> HostState:
        """After a span."""
        new = self.modes.advance(inside.modes, leg.current / self.area, span, self._pace(leg))
        way = self._way(inside, leg, span[:, None])
        return HostState(
            chosen_modes(new, inside.modes, chosen),
            np.where(chosen, way.memory[:, -1], inside.memory),
            np.where(chosen, way.stress[:, -1], inside.stress),
            np.where(chosen, way.largest[:, -1], inside.largest),
        )

    def look(self, inside: HostState, leg: Leg, times: Array) -> Seen:
        """What it shows."""
        face = self._face(inside, leg, times)
        way = self._way(inside, leg, times)
        gap = 0.0 if self.adherent else 1.0 - radius_ratio(way.volume / way.largest)
        stress = 0.0 if self.held is None else self.held.shown(way.stress)
        return Seen(
            potential=self._potential(face, way.memory, stress, leg.temperature),
            lithium=np.clip(face, 0.0, 1.0),
            contact=1.0 if self.follows is None else self.follows(column(leg.pressure), gap),
            growth=self._growth(way.volume),
            stress=stress,
        )

    def answer(self, inside: HostState, leg: Leg) -> Answer:
        """Small changes of the lithium at the face and, in a held film, of its elastic stress."""
        pace, full = self._pace(leg), self.full
        waves, weights, rest = self.modes.spectrum
        depth, per = np.asarray(self.modes.thickness), FARADAY * full * self.area
        slope, stiff = self._slopes(inside, leg)
        rate = (pace / depth**2)[:, None] * (waves * np.pi) ** 2
        zero = np.zeros((pace.size, 1))
        mean = -(slope + stiff) / self.capacity
        spread = -slope[:, None] * weights * 2.0 / (per * depth)
        tail = -slope * (2.0 / np.pi**2) * rest * depth / (per * pace)
        return Answer(
            poles=np.concatenate([zero, -rate], axis=1),
            residues=np.concatenate([mean[:, None], spread], axis=1),
            direct=tail,
            resistance=(spread / rate).sum(axis=1) + tail,
            time=depth**2 / pace,
            capacitance=1.0 / np.maximum(mean, TINY),
            pace=np.abs(leg.current) / self.capacity,
        )

    def _slopes(self, inside: HostState, leg: Leg) -> tuple[Array, Array]:
        """Change of the potential with the filled share: of its curve, and of elastic stress, V."""
        taken = (leg.face.lost + leg.face.dead) / self.capacity
        face = self.modes.surface(inside.modes) / self.full - taken
        ends = [
            self._potential(
                np.clip(face + sign * STEP, EMPTY, 1.0 - EMPTY)[:, None],
                inside.memory[:, None], np.zeros((face.size, 1)), leg.temperature,
            )[:, 0]
            for sign in (-1.0, 1.0)
        ]  # fmt: skip
        slope = (ends[1] - ends[0]) / (2.0 * STEP)
        if self.coupling is None or self.held is None or not self.adherent:
            return slope, np.zeros(face.size)
        mean = np.clip(inside.modes.mean / self.full - taken, STEP, 1.0 - STEP)
        return slope, np.asarray(self.coupling(self.held.elastic_slope(mean)))

    def _potential(self, share: Array, memory: Array, stress: Any, temperature: Any) -> Array:
        kelvin = column(temperature)
        if self.coupling is not None and self.held is not None and self.adherent:
            rest = self.potential(share, kelvin)  # the stress parts the branches
            return np.maximum(rest, PLATES) + self.coupling(stress)
        if isinstance(self.potential, Branches):
            return np.maximum(self.potential.at(share, kelvin, memory), PLATES)
        return np.maximum(self.potential(share, kelvin), PLATES)

    def _growth(self, volume: Array) -> Array:
        """After the room is used up; below the volume as made the press follows inwards."""
        inwards = self.buffer.active * np.minimum(volume - 1.0, 0.0)
        return self.thickness * (self.buffer(volume) + inwards)

    def _way(self, inside: HostState, leg: Leg, times: Array) -> _Way:
        """Mean lithium, and what follows it, along a leg."""
        before = leg.taken(np.zeros_like(times[:, :1])) / self.capacity
        begin = inside.modes.mean[:, None] / self.full - before
        gone = leg.current[:, None] * times + leg.taken(times)
        change = before - gone / self.capacity
        path = np.concatenate([begin, begin + change], axis=1)
        path = np.clip(path, 0.0, max(1.0, self.made))
        stress = np.tile(inside.stress[:, None], times.shape[1])
        if self.held is not None:
            stress = self.held.along(inside.stress, path, change[:, -1] > 0.0)[:, 1:]
        memory = np.tile(inside.memory[:, None], times.shape[1])
        if isinstance(self.potential, Branches):
            memory = self.potential.remembered(memory, change)
        made = self.expansion(self.made * self.content)
        volume = self.expansion(path[:, 1:] * self.content) / made
        largest = np.maximum(np.maximum.accumulate(volume, axis=1), inside.largest[:, None])
        return _Way(volume, largest, memory, stress)


@dataclass(frozen=True)
class _Way:
    """Along a leg, arrays (cells, times)."""

    volume: Array
    largest: Array
    memory: Array
    stress: Array
