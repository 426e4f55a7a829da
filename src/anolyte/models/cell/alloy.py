"""Lithium inside an alloy: the face runs dry before the slab is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.laws.diffusion import ArrheniusDiffusivity, ModesState, SlabModes
from anolyte.models.cell.faces import Array


@dataclass(frozen=True)
class AlloyField:
    """The concentration field of an alloy electrode.

    Args:
        modes: The slab.
        diffusivity: Of lithium in it.
        initial: Concentration at the start, mol/m3.
        least: Concentration at the face below which the phase ends, mol/m3.
    """

    modes: SlabModes
    diffusivity: ArrheniusDiffusivity
    initial: Any
    least: Any

    def rest(self, cells: int) -> ModesState:
        """The field at the start."""
        found = self.modes.rest(np.array(np.broadcast_to(self.initial, cells), dtype=float))
        return ModesState(np.array(found.mean), found.amplitudes, found.gradient)

    def time_left(self, field: ModesState, current: Array, span: Array, temperature: Any) -> Any:
        """When within a step the face is depleted, s; infinite if it is not."""
        if not (current > 0.0).any():
            return np.full(current.shape, np.inf)
        pace = np.broadcast_to(self.diffusivity(temperature), current.shape)
        left = self.modes.time_to(field, self.least, current, span, pace)
        return np.where(current > 0.0, left, np.inf)

    def later(
        self, field: ModesState, current: Array, span: Array, temperature: Any, chosen: Any
    ) -> ModesState:
        """The field after a step, in the chosen cells."""
        pace = np.broadcast_to(self.diffusivity(temperature), current.shape)
        new = self.modes.advance(field, current, span, pace)
        return ModesState(
            np.where(chosen, new.mean, field.mean),
            np.where(np.asarray(chosen)[:, None], new.amplitudes, field.amplitudes),
            np.where(chosen, new.gradient, field.gradient),
        )

    def face(self, field: ModesState, current: Array, times: Array, temperature: Any) -> Array:
        """Concentration at the face at some times, mol/m3, shape (cells, times)."""
        pace = np.broadcast_to(self.diffusivity(temperature), current.shape)
        tall = ModesState(
            np.asarray(field.mean)[:, None],
            np.asarray(field.amplitudes)[:, None, :],
            np.asarray(field.gradient)[:, None],
        )
        late = np.maximum(times, 1e-9)
        return self.modes.surface(self.modes.advance(tall, current[:, None], late, pace[:, None]))
