"""How easily lithium moves through a candidate's structure, by bond-valence site energies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.atoms.bond_valence import landscape
from anolyte.core.errors import AnolyteError
from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

METHOD = "bond-valence site energies, rigid frame"


@dataclass(frozen=True)
class Migrating:
    """The barrier of lithium in one and in three dimensions.

    Args:
        sigma: Standard deviation of a barrier, J: bond valences against first principles scatter
            by 0.2 eV.
        spacing: Of the grid, angstrom.
    """

    sigma: float = 0.2 * EV
    spacing: float = 0.2

    name = "migration"
    gives = (
        Property("migration_barrier", "energy", "of lithium, in its easiest direction"),
        Property("migration_barrier_3d", "energy", "of lithium, in all three directions"),
    )

    @property
    def digest(self) -> str:
        """Of its settings; the parameters go with the version."""
        return digest(self.name, self.sigma, self.spacing)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its barriers."""
        return [j.adding(self._one(j.candidate)) for j in judged]

    def _one(self, candidate: Candidate) -> tuple[Estimate, ...]:
        if candidate.crystal is None:
            return self._unknown("no structure is known")
        try:
            one, _, three = landscape(candidate.crystal, self.spacing).barriers
        except AnolyteError as error:
            return self._unknown(str(error))
        return tuple(
            Estimate(p.name, p.kind, value * EV, self.sigma, "estimated", METHOD, "chen2019softbv")
            if math.isfinite(value)
            else Estimate(p.name, p.kind, None, note="no way through below 5 eV", method=METHOD)
            for p, value in zip(self.gives, (one, three), strict=True)
        )

    def _unknown(self, why: str) -> tuple[Estimate, ...]:
        return tuple(Estimate(p.name, p.kind, None, method=METHOD, note=why) for p in self.gives)
