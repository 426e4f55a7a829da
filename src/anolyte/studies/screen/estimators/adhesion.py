"""How well lithium holds on a candidate and wets it, by a coherent interface of a potential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, relax
from anolyte.atoms.surfaces import FACES, THICKNESS, Face, faces
from anolyte.atoms.wetting import LEAST, RELATIVE, TENSION, Hold, hold
from anolyte.core.errors import AnolyteError
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

LITHIUM = Crystal(
    ((-1.755, 1.755, 1.755), (1.755, -1.755, 1.755), (1.755, 1.755, -1.755)),
    ("Li",), ((0.0, 0.0, 0.0),),
)  # fmt: skip
"""Body-centred, of 3.51 angstrom; it is relaxed before it is used."""


@dataclass(frozen=True)
class Metal:
    """A metal at rest under a potential, and its faces.

    Args:
        crystal: Where it starts.
        potential: Energies, forces, stresses of many at once.
    """

    crystal: Crystal
    potential: Batched

    @cached_property
    def rest(self) -> Crystal:
        """As it comes to rest."""
        return dict(relax([self.crystal], self.potential, fmax=0.01))[0].crystal

    @cached_property
    def faces(self) -> list[Face]:
        """Of the lowest energy first."""
        return faces(self.rest, self.potential)


@dataclass(frozen=True)
class Adhering:
    """Work of adhesion and contact angle of a metal on the most stable faces of a candidate.

    Args:
        potential: Energies, forces, stresses of many at once.
        count: Faces of the candidate that are to answer.
        area: Largest common cell, square angstrom.
        most: Atoms in an interface.
        metal: Structure of the metal.
    """

    potential: Batched
    count: int = 2
    area: float = 60.0
    most: int = 100
    metal: Crystal = LITHIUM

    name = "adhesion"
    gives = (
        Property("work_of_adhesion", "surface_energy", "of lithium on the face that suits it best"),
        Property("contact_angle", "angle", "of liquid lithium on its most stable face"),
    )

    @property
    def digest(self) -> str:
        """Of the potential and the settings."""
        return digest(self.name, self.potential.model, self.count, self.area, self.most,
                      self.metal.digest, FACES, THICKNESS, RELATIVE, LEAST, TENSION.si)  # fmt: skip

    @cached_property
    def _metal(self) -> Metal:
        return Metal(self.metal, self.potential)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its adhesion."""
        return [j.adding(self._one(j.candidate)) for j in judged]

    def _one(self, candidate: Candidate) -> tuple[Estimate, ...]:
        method = f"coherent interface, {self.potential.model}"
        try:
            if candidate.crystal is None:
                raise AnolyteError("no structure is known")
            found = hold(candidate.crystal, self._metal.faces, self.potential,
                         count=self.count, area=self.area, most=self.most)  # fmt: skip
        except AnolyteError as error:
            return tuple(Estimate(p.name, p.kind, None, method=method, note=str(error))
                         for p in self.gives)  # fmt: skip
        values = (found.work, found.angle(TENSION))
        notes = (
            said(found),
            f"{found.contacts[0].name}; Young and Dupré with {TENSION.si:g} J/m2, {TENSION.source}",
        )
        return tuple(
            Estimate(p.name, p.kind, value, sigma, "computed", method, "deng2023chgnet", note)
            for p, (value, sigma), note in zip(self.gives, values, notes, strict=True)
        )


def said(found: Hold) -> str:
    """The pairs behind a work of adhesion, the one that gives it first."""
    pairs = sorted(found.contacts, key=lambda c: c.interface)
    return "; ".join(
        f"{c.name}: {c.adhesion.work:.2f} J/m2, interface {c.interface:.2f} J/m2, "
        f"{c.adhesion.atoms} atoms, strain {c.adhesion.strain:.1%}"
        for c in pairs
    )
