"""How gladly a lithium atom sits on a candidate, against the metal: where plating begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anolyte.atoms.binding import APART, STARTS, binding
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched
from anolyte.atoms.surfaces import FACES, THICKNESS, faces
from anolyte.core.errors import AnolyteError
from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property
from anolyte.studies.screen.estimators.adhesion import LITHIUM, Metal


@dataclass(frozen=True)
class Binding:
    """Energy of a lithium atom on the most stable face of a candidate, against the bulk metal.

    Args:
        potential: Energies, forces, stresses of many at once.
        sigma: Assumed standard deviation, J.
        starts: Places of the atom that are tried.
        most: Atoms in the cell.
        metal: Structure of the metal.
        seed: Of the places of the atom.
    """

    potential: Batched
    sigma: float = 0.2 * EV
    starts: int = STARTS
    most: int = 120
    metal: Crystal = LITHIUM
    seed: int = 0

    name = "binding"
    gives = (
        Property("binding_energy", "energy",
                 "of a lithium atom on its most stable face, less that in the metal"),
    )  # fmt: skip

    @property
    def digest(self) -> str:
        """Of the potential and the settings."""
        return digest(self.name, self.potential.model, self.sigma, self.starts, self.most,
                      self.metal.digest, self.seed, FACES, THICKNESS, APART)  # fmt: skip

    @cached_property
    def _metal(self) -> Metal:
        return Metal(self.metal, self.potential)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its binding energy."""
        return [j.adding([self._one(j.candidate)]) for j in judged]

    def _one(self, candidate: Candidate) -> Estimate:
        [p] = self.gives
        method = f"adatom on a slab, {self.potential.model}"
        try:
            if candidate.crystal is None:
                raise AnolyteError("no structure is known")
            face = faces(candidate.crystal, self.potential)[0]
            found = binding(face, self._metal.rest, self.potential,
                            starts=self.starts, most=self.most, seed=self.seed)  # fmt: skip
        except AnolyteError as error:
            return Estimate(p.name, p.kind, None, method=method, note=str(error))
        note = (
            f"{found.face}, {found.atoms} atoms, lowest of {len(found.starts)} places, "
            f"highest {max(found.starts):.2f} eV; sigma is assumed"
        )
        return Estimate(p.name, p.kind, found.energy * EV, self.sigma, "computed", method,
                        "deng2023chgnet", note)  # fmt: skip
