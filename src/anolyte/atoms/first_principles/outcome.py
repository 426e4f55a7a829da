"""What a calculation gave, whatever code ran it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from anolyte.atoms.first_principles.jobs import Cell, Job, Settings, same_formula
from anolyte.atoms.first_principles.profile import Profile
from anolyte.core.errors import DataError

PARTLY = 0.05
"""Share of its electrons from which on a state is neither empty nor full."""
MOST_EV_PER_ATOM = 1e5


@dataclass(frozen=True)
class Outcome:
    """Energies in eV, of the whole cell.

    Args:
        energy: Total energy of the cell.
        cell: The atoms at the end.
        fermi: Fermi level, None where the code states none.
        valence_edge, conduction_edge: Highest filled and lowest empty state on the k-points; None
            for a metal.
        code: Name and version as the output states them.
        stated: Settings that the output states; compared with those asked for.
        potential: Planar average of the electrostatic potential of a slab.
    """

    energy: float
    cell: Cell
    fermi: float | None = None
    valence_edge: float | None = None
    conduction_edge: float | None = None
    code: str = ""
    stated: tuple[tuple[str, object], ...] = field(default=())
    potential: Profile | None = None

    @property
    def gap(self) -> float | None:
        """Band gap on the k-points; None where no edges are known, as in a metal."""
        if self.valence_edge is None or self.conduction_edge is None:
            return None
        return self.conduction_edge - self.valence_edge

    @property
    def metal(self) -> bool:
        """Whether no gap is seen."""
        return self.gap is None


class Code(Protocol):
    """A first-principles code: inputs out, outputs in."""

    @property
    def name(self) -> str:
        """As it stands in the kind of the energies."""
        ...

    def write(self, cell: Cell, job: Job, settings: Settings) -> dict[str, str]:
        """File name to text of a job's inputs."""
        ...

    def command(self, job: Job) -> str:
        """Shell line that runs the job in its folder."""
        ...

    def follow(self, folder: Path, job: Job, settings: Settings) -> dict[str, str]:
        """Inputs that need what an earlier run of the job gave; none for most codes."""
        ...

    def read(self, folder: Path, job: Job, settings: Settings) -> Outcome:
        """What the job gave.

        Raises:
            DataError: Not run, killed, unconverged, or of other settings: one line.
        """
        ...


def checked(outcome: Outcome, job: Job, settings: Settings) -> Outcome:
    """The outcome, if it is of the job's atoms and of the settings that were asked for.

    Raises:
        DataError: Another formula, other settings, no believable energy.
    """
    species = outcome.cell.species
    if not same_formula(job.formula, species):
        found = " ".join(f"{e}{species.count(e)}" for e in dict.fromkeys(species))
        raise DataError(f"{job.name}: asked for {job.formula}, the output is of {found or 'none'}")
    if not math.isfinite(outcome.energy) or abs(outcome.energy) > MOST_EV_PER_ATOM * len(species):
        raise DataError(f"{job.name}: energy {outcome.energy:g} eV is not believable")
    for name, stated in outcome.stated:
        asked = getattr(settings, name)
        if name == "pseudopotentials":
            asked = tuple(p for p in asked if p[0] in species)
        if not _alike(asked, stated):
            raise DataError(
                f"{job.name}: was run with {name.replace('_', ' ')} {_text(stated)}, the table "
                f"with {_text(asked)}; energies of different settings are never mixed: run it again"
            )
    return outcome


def edges(
    points: Iterable[Sequence[tuple[float, float]]], most: float
) -> tuple[float | None, float | None]:
    """Highest filled and lowest empty state of an insulator; None twice for a metal.

    A metal shows by a partly filled state, or by another number of filled states at another
    k-point: the levels of a coarse grid alone would leave a gap in it.

    Args:
        points: Energy (eV) and occupation of the states of one spin, k-point by k-point.
        most: Occupation of a full state.

    >>> edges([[(-2.0, 1.0), (3.0, 0.0)], [(-1.0, 1.0), (4.0, 0.0)]], 1.0)
    (-1.0, 3.0)
    >>> edges([[(-2.0, 1.0), (3.0, 0.0)], [(-1.0, 1.0), (1.0, 1.0)]], 1.0)
    (None, None)
    """
    filled: list[float] = []
    empty: list[float] = []
    counts = set()
    for states in points:
        if any(PARTLY * most < f < (1.0 - PARTLY) * most for _, f in states):
            return None, None
        full = [e for e, f in states if f > 0.5 * most]
        counts.add(len(full))
        filled += full
        empty += [e for e, f in states if f <= 0.5 * most]
    if len(counts) != 1 or not filled or not empty or min(empty) <= max(filled):
        return None, None
    return max(filled), min(empty)


def _alike(asked: object, stated: object) -> bool:
    if isinstance(asked, float) and isinstance(stated, float):
        return math.isclose(asked, stated, rel_tol=1e-4)
    if isinstance(asked, str) and isinstance(stated, str):
        return asked.lower() == stated.lower()
    if isinstance(asked, tuple) and isinstance(stated, tuple):
        return sorted(asked) == sorted(stated)
    return asked == stated


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part[-1]) for part in value) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
