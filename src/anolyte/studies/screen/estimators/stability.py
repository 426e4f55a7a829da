"""A candidate's own structure relaxed by a potential: its stability, volume and density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anolyte.atoms.anchored import MODEL, tie
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, Rest, relax
from anolyte.core.errors import AnolyteError
from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.laws import equilibrium
from anolyte.materials import formula
from anolyte.materials.phases import Phases
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

DISPLACED = 0.1
"""angstrom by which every atom is moved at the start: what is symmetric would stay so."""
DENSITY_SIGMA = 0.08
"""Relative: close-packed salts come out within 5 %, soft and layered ones 6 to 22 % off."""
AVOGADRO = 6.02214076e23


@dataclass(frozen=True)
class Resting:
    """Relaxes each structure and ties its energy to the measured ones.

    Args:
        potential: Of the anchors of the reference energies.
        phases: The hull; the candidate's own listed phase does not count.
        fmax: Largest force at rest, eV/angstrom.
    """

    potential: Batched
    phases: Phases
    fmax: float = 0.05

    name = "relaxation"
    gives = (
        Property("above_hull", "energy_per_atom", "its own structure above the reference hull"),
        Property("density", "density", "of the relaxed structure"),
    )

    @property
    def digest(self) -> str:
        """Of the potential, the hull and the settings."""
        way = "steps as stiff as the last one found"  # other ways end in other minima
        return digest(
            self.name, way, self.potential.model, self.phases.digest, self.fmax, DISPLACED
        )

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its numbers, in the structure in which it came to rest."""
        starts = [(k, j.candidate.crystal) for k, j in enumerate(judged) if j.candidate.crystal]
        ends = dict(relax((_displaced(c) for _, c in starts), self.potential, fmax=self.fmax))
        rests = {k: ends[place] for place, (k, _) in enumerate(starts)}
        return [self._one(j, rests.get(k)) for k, j in enumerate(judged)]

    def _one(self, judged: Judged, rest: Rest | None) -> Judged:
        method = f"{self.potential.model}, tied to measured enthalpies"
        why = "no structure is known" if rest is None else rest.why
        if rest is None or why:
            return judged.adding(Estimate(p.name, p.kind, None, method=method, note=why)
                                 for p in self.gives)  # fmt: skip
        crystal = rest.crystal
        mass = formula.molar_mass(crystal.amounts) / AVOGADRO
        density = mass / (crystal.volume * 1e-30)
        dense = Estimate("density", "density", density, DENSITY_SIGMA * density, "computed",
                         self.potential.model, self._source)  # fmt: skip
        return judged.adding([self._above(crystal, rest.energy, method), dense], crystal)

    def _above(self, crystal: Crystal, energy: float, method: str) -> Estimate:
        name, kind = "above_hull", "energy_per_atom"
        if self.potential.model != MODEL:
            note = f"measured energies are tied to {MODEL}, not to {self.potential.model}"
            return Estimate(name, kind, None, method=self.potential.model, note=note)
        try:
            tied = tie(crystal.formula, energy / len(crystal.symbols))
            self.phases.require(crystal.amounts)
            ladder = equilibrium.lithium_ladder(self.phases, crystal.amounts, crystal.formula)
        except AnolyteError as error:
            return Estimate(name, kind, None, method=method, note=str(error))
        note = f"{tied.anchor}; falls to {' + '.join(ladder.mixture)}"
        return Estimate(name, kind, (tied.energy - ladder.hull_energy) * EV, tied.sigma * EV,
                        "computed", method, self._source, note)  # fmt: skip

    @property
    def _source(self) -> str:
        return "deng2023chgnet" if self.potential.model == MODEL else ""


def _displaced(crystal: Crystal) -> Crystal:
    """Every atom moved a little, by a seed of the crystal's own."""
    seed = int(crystal.digest[:12], 16)
    moves = np.random.default_rng(seed).standard_normal((len(crystal.symbols), 3))
    moves *= DISPLACED / np.linalg.norm(moves, axis=1, keepdims=True)
    shifted = np.array(crystal.positions) + moves @ np.linalg.inv(crystal.matrix)
    return Crystal.of_arrays(crystal.matrix, crystal.symbols, shifted)
