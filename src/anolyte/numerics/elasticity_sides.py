"""What is done to the outer sides of a solid, as objects.

Along each axis of the grid that is not periodic a solid has a lower and an upper side. For every
component of the displacement a side either holds it or puts a stress on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anolyte.numerics.grid import Field

Amount = float | Field


class Side(Protocol):
    """One outer side."""

    def held(self, component: int, axis: int) -> bool:
        """Whether the side across an axis holds a component of the displacement."""
        ...

    def displacement(self, component: int, axis: int) -> Amount:
        """m, where it holds that component."""
        ...

    def stress(self, component: int, axis: int) -> Amount:
        """Pa, entry (axis, component) of the stress tensor there, where it is not held."""
        ...


@dataclass(frozen=True, eq=False)
class Loaded:
    """A stress is put on the side: a traction, written as entries of the stress tensor.

    Args:
        entries: Pa, one for each axis of the grid: (axis of the side, that axis). Tension is
            positive on either side.
    """

    entries: tuple[Amount, ...]

    def held(self, component: int, axis: int) -> bool:
        """Nothing is held."""
        return False

    def displacement(self, component: int, axis: int) -> Amount:
        """Not asked for."""
        return 0.0

    def stress(self, component: int, axis: int) -> Amount:
        """As given."""
        return self.entries[component]


@dataclass(frozen=True)
class Free:
    """No stress on the side."""

    def held(self, component: int, axis: int) -> bool:
        """Nothing is held."""
        return False

    def displacement(self, component: int, axis: int) -> Amount:
        """Not asked for."""
        return 0.0

    def stress(self, component: int, axis: int) -> Amount:
        """None."""
        return 0.0


@dataclass(frozen=True, eq=False)
class Roller:
    """The normal displacement is held, along the side it slips.

    Args:
        normal: m, along the axis.
    """

    normal: Amount = 0.0

    def held(self, component: int, axis: int) -> bool:
        """The normal one."""
        return component == axis

    def displacement(self, component: int, axis: int) -> Amount:
        """As given."""
        return self.normal

    def stress(self, component: int, axis: int) -> Amount:
        """No shear."""
        return 0.0


@dataclass(frozen=True, eq=False)
class Clamped:
    """Every component of the displacement is held.

    Args:
        entries: m, one for each axis; the normal one on the faces of the side, the others where
            the displacement along the side has its places (centres of faces of its own axis).
    """

    entries: tuple[Amount, ...]

    def held(self, component: int, axis: int) -> bool:
        """All."""
        return True

    def displacement(self, component: int, axis: int) -> Amount:
        """As given."""
        return self.entries[component]

    def stress(self, component: int, axis: int) -> Amount:
        """Not asked for."""
        return 0.0


@dataclass(frozen=True)
class Platen:
    """A rigid plate without friction: it moves as a whole until it carries a mean stress.

    Args:
        mean_stress: Pa, of the normal stress over the side; a stack pressure P is -P, a side that
            is free in the mean 0.
    """

    mean_stress: float = 0.0

    def held(self, component: int, axis: int) -> bool:
        """The normal one, at a place to be found."""
        return component == axis

    def displacement(self, component: int, axis: int) -> Amount:
        """Where it starts from."""
        return 0.0

    def stress(self, component: int, axis: int) -> Amount:
        """No shear."""
        return 0.0


def broadcast(amount: Amount, shape: tuple[int, ...], axis: int) -> Field:
    """An amount on a side, as an array with one entry along the axis of the side."""
    flat = shape[:axis] + shape[axis + 1 :]
    return np.expand_dims(np.broadcast_to(np.asarray(amount, np.float64), flat), axis)
