r"""How well a metal holds on a crystal: work of adhesion on its most stable faces, and the angle.

$$ \gamma_{12} = \gamma_1 + \gamma_2 - W_{12} $$

The faces are those of `surfaces.py`, from the most stable on, each with the first face of the metal
that shares a small cell. A layer that grows in contact with the metal shows it the face of the
lowest interface energy $\gamma_{12}$: that pair gives the work of adhesion. A layer that is wetted
later shows its own most stable face: that one gives the contact angle of Young and Dupré, with a
band: the works one standard deviation to both sides, each with the surface tension to the other.

Range: that of `adhesion.py`; an order of materials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.atoms.adhesion import Adhesion, adhesion
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched
from anolyte.atoms.surfaces import Face, faces
from anolyte.core.errors import NotConverged
from anolyte.core.provenance import Source, Value
from anolyte.laws.wetting import contact_angle_of

TENSION = Value(
    0.441,
    Source(
        "aqra2011tension", "calculated at the melting point, close to measured; quoted elsewhere",
        "computed", "second_hand",
    ),
    0.03,
)  # fmt: skip
"""Surface tension of liquid lithium, J/m^2."""
RELATIVE = 0.3
"""Assumed standard deviation of a work of adhesion by a universal potential, relative."""
LEAST = 0.1
"""The same, at least, J/m^2."""
WIDEST = math.radians(10.0)
"""Least standard deviation of an angle: faces are neither flat nor clean."""


@dataclass(frozen=True)
class Contact:
    """One face of the metal on one face of the crystal.

    Args:
        name: The pair in words.
        adhesion: Of the pair.
        interface: Energy of the interface, J/m^2.
    """

    name: str
    adhesion: Adhesion
    interface: float


@dataclass(frozen=True)
class Hold:
    """A metal on a crystal.

    Args:
        contacts: Those that share a cell, the crystal's most stable face first.
    """

    contacts: tuple[Contact, ...]

    @property
    def closest(self) -> Contact:
        """The pair of the lowest interface energy: what grows in contact with the metal."""
        return min(self.contacts, key=lambda c: c.interface)

    @property
    def work(self) -> tuple[float, float]:
        """Work of adhesion of the closest pair and its standard deviation, J/m^2."""
        return self._with_error(self.closest.adhesion.work)

    def angle(self, tension: Value = TENSION) -> tuple[float, float]:
        """Contact angle of the liquid on the most stable face, and its standard deviation, rad."""
        work, sigma = self._with_error(self.contacts[0].adhesion.work)
        loose = tension.sigma or 0.0
        low = contact_angle_of(work + sigma, tension.si - loose)
        high = contact_angle_of(max(work - sigma, 0.0), tension.si + loose)
        middle = float(contact_angle_of(work, tension.si))
        return middle, max(0.5 * float(high - low), WIDEST)

    def _with_error(self, work: float) -> tuple[float, float]:
        works = [c.adhesion.work for c in self.contacts]
        spread = 0.5 * (max(works) - min(works))
        return work, math.hypot(max(RELATIVE * abs(work), LEAST), spread)


def hold(
    crystal: Crystal,
    metal: Sequence[Face],
    potential: Batched,
    *,
    count: int = 2,
    starts: int = 2,
    area: float = 60.0,
    most: int = 100,
) -> Hold:
    """Work of adhesion of a metal on a crystal's most stable faces.

    Args:
        crystal: At rest under the same potential.
        metal: Faces of the metal, the preferred first.
        potential: Energies, forces, stresses of many at once.
        count: Faces of the crystal that are to answer.
        starts: Places of the metal on each.
        area: Largest common cell, square angstrom.
        most: Atoms in an interface.

    Raises:
        NotConverged: No face of its own composition, or none that shares a cell with the metal.
    """
    found: list[Contact] = []
    lost: list[str] = []
    for face in faces(crystal, potential):
        if len(found) == count:
            break
        pair = _first(face, metal, potential, starts, area, most)
        if isinstance(pair, str):
            lost.append(pair)
        else:
            found.append(pair)
    if not found:
        raise NotConverged(f"{crystal.formula}: no match: {lost[0]}")
    return Hold(tuple(found))


def _first(
    face: Face, metal: Sequence[Face], potential: Batched, starts: int, area: float, most: int
) -> Contact | str:
    """The first face of the metal that shares a cell; else why there is none."""
    why = ""
    for film in metal:
        try:
            answer = adhesion(film.slab, face.slab, potential, area=area, most=most, starts=starts)
        except NotConverged as error:
            why = why or f"{face}: {error}"
            continue
        element = film.slab.symbols[0]
        name = f"{element}{film} on {face}, surface energy {face.energy:.2g} J/m2"
        return Contact(name, answer, face.energy + film.energy - answer.work)
    return why
