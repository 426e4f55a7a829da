"""Energies and forces of many crystals at once, without the stress where it is not asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import MOST_ATOMS, Batched
from anolyte.atoms.potentials import Point


@dataclass(frozen=True)
class Forces:
    """A potential in passes of a bearable size.

    A potential that has a method `forces` (as `many`, the stresses left at zero) is asked that: the
    stress takes a third of the time of CHGNet, and fixed cells do not need it.

    Args:
        potential: Energies, forces and stresses of many crystals.
        atoms: In one forward pass, at most; one crystal may be larger. On a processor larger passes
            spend their time on memory, on a device they gain.
    """

    potential: Batched
    atoms: int = MOST_ATOMS

    @property
    def model(self) -> str:
        """That of the potential."""
        return self.potential.model

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        """In the order of the crystals."""
        asked: Any = getattr(self.potential, "forces", self.potential.many)
        return [point for group in self._groups(crystals) for point in asked(group)]

    def _groups(self, crystals: Sequence[Crystal]) -> Iterator[list[Crystal]]:
        group: list[Crystal] = []
        for crystal in crystals:
            if group and sum(len(c.symbols) for c in [*group, crystal]) > self.atoms:
                yield group
                group = []
            group.append(crystal)
        if group:
            yield group
