r"""How well a metal holds on a crystal: work of adhesion on its most stable faces, and the angle.

The faces are those of `surfaces.py`, from the most stable on; the first that shares a small cell
with a face of the metal answers, the others tell how much it hangs on the choice. The contact
angle is that of Young and Dupré with a band: the works one standard deviation to both sides, each
with the surface tension to the other side.

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
class Hold:
    """A metal on a crystal.

    Args:
        work, sigma: Work of adhesion and its standard deviation, J/m^2.
        faces: Tried pairs in words, the one that answers first.
        adhesions: Of those that share a cell, in the same order.
        strain: Largest strain of the metal in the pair that answers.
    """

    work: float
    sigma: float
    faces: tuple[str, ...]
    adhesions: tuple[Adhesion, ...]

    @property
    def strain(self) -> float:
        """Largest strain of the film in the pair that answers."""
        return self.adhesions[0].strain

    def angle(self, tension: Value = TENSION) -> tuple[float, float]:
        """Contact angle of the liquid and its standard deviation, rad."""
        loose = tension.sigma or 0.0
        low = contact_angle_of(self.work + self.sigma, tension.si - loose)
        high = contact_angle_of(max(self.work - self.sigma, 0.0), tension.si + loose)
        middle = float(contact_angle_of(self.work, tension.si))
        return middle, max(0.5 * float(high - low), WIDEST)


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
    found: list[tuple[str, Adhesion]] = []
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
    works = [a.work for _, a in found]
    spread = 0.5 * (max(works) - min(works))
    sigma = math.hypot(max(RELATIVE * abs(works[0]), LEAST), spread)
    return Hold(works[0], sigma, tuple(name for name, _ in found), tuple(a for _, a in found))


def _first(
    face: Face, metal: Sequence[Face], potential: Batched, starts: int, area: float, most: int
) -> tuple[str, Adhesion] | str:
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
        return name, answer
    return why
