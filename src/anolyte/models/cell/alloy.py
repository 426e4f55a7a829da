"""Lithium inside an alloy: the face runs dry before the slab is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.laws.diffusion import ArrheniusDiffusivity
from anolyte.laws.slab_field import ModesState, SlabModes
from anolyte.models.cell.faces import Array
from anolyte.models.cell.interior import Leg, Seen, column


@dataclass(frozen=True)
class AlloyField:
    """The concentration field of an alloy electrode; its potential is taken as one.

    Args:
        modes: The slab.
        diffusivity: Of lithium in it.
        initial: Concentration at the start, mol/m3.
        least: Concentration at the face below which the phase ends, mol/m3.
        potential: V vs Li/Li+.
    """

    modes: SlabModes
    diffusivity: ArrheniusDiffusivity
    initial: Any
    least: Any
    potential: Any = 0.0

    moves: ClassVar[bool] = False

    @property
    def open_circuit(self) -> Any:
        """Its potential, whatever its charge."""
        return self.potential

    @property
    def capacity(self) -> None:
        """It is made full."""

    def rest(self, cells: int) -> ModesState:
        """The field at the start."""
        found = self.modes.rest(np.array(np.broadcast_to(self.initial, cells), dtype=float))
        return ModesState(np.array(found.mean), found.amplitudes, found.gradient)

    def time_left(self, inside: ModesState, leg: Leg, span: Array) -> Array | None:
        """When within a span the face is depleted."""
        if not (leg.current > 0.0).any():
            return None
        pace = np.broadcast_to(self.diffusivity(leg.temperature), leg.current.shape)
        left = self.modes.time_to(inside, self.least, leg.current, span, pace)
        return np.where(leg.current > 0.0, left, np.inf)

    def currents(self, inside: ModesState, leg: Leg, span: Array) -> None:
        """Any: what is known of it is when it runs dry (`time_left`)."""

    def later(self, inside: ModesState, leg: Leg, span: Array, chosen: Any) -> ModesState:
        """The field after a span."""
        pace = np.broadcast_to(self.diffusivity(leg.temperature), leg.current.shape)
        return chosen_modes(self.modes.advance(inside, leg.current, span, pace), inside, chosen)

    def look(self, inside: ModesState, leg: Leg, times: Array) -> Seen:
        """Lithium at the face."""
        pace = np.broadcast_to(self.diffusivity(leg.temperature), leg.current.shape)
        found = at_the_face(self.modes, inside, leg.current, times, pace)
        return Seen(column(self.potential), found / np.reshape(self.initial, (-1, 1)))

    def answer(self, inside: ModesState, leg: Leg) -> None:
        """How its potential depends on lithium is not known."""


def chosen_modes(new: ModesState, old: ModesState, chosen: Any) -> ModesState:
    """New modes in the chosen cells, the old ones in the rest."""
    return ModesState(
        np.where(chosen, new.mean, old.mean),
        np.where(np.asarray(chosen)[:, None], new.amplitudes, old.amplitudes),
        np.where(chosen, new.gradient, old.gradient),
    )


def at_the_face(
    modes: SlabModes, field: ModesState, current: Array, times: Array, diffusivity: Array
) -> Array:
    """Concentration at the face at some times, mol/m3, shape (cells, times)."""
    tall = ModesState(
        np.asarray(field.mean)[:, None],
        np.asarray(field.amplitudes)[:, None, :],
        np.asarray(field.gradient)[:, None],
    )
    late = np.maximum(times, 1e-9)
    return modes.surface(modes.advance(tall, current[:, None], late, diffusivity[:, None]))
