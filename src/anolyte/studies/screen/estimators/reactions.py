r"""Reactions with both neighbours, and the candidate's own window, by phase equilibria.

The error of a reaction energy is that of the energies in it, errors that they share counted once,

$$ \sigma = \Big|\sum_k \nu_k N_k L_k\Big| \Big/ N $$

with L the loadings of `materials.energy_errors`, N the atoms that the energy is counted per. That
another reaction might win under other errors is not in it. A composition without a listed phase
stands for the mixture that it consists of. Where nothing reacts, and for potentials, the error is
the usual one of reaction energies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.laws import equilibrium
from anolyte.materials import formula
from anolyte.materials.charge import ANIONS
from anolyte.materials.energy_errors import EnergyErrors, energy_errors
from anolyte.materials.reaction import Reaction
from anolyte.studies.interlayers import Candidate as Layer
from anolyte.studies.interlayers import Screening
from anolyte.studies.screen.candidates import Candidate, digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

METHOD = "phase equilibria of the reference energies"
ON_HULL = 1e-4 * EV
"""J per atom above the hull up to which a phase is part of it."""
VOLTS_PER_ERROR = 4.0
"""V of a potential's error per eV/atom of a reaction energy's: an electron for some four atoms."""


@dataclass(frozen=True)
class Reacting:
    """How far a candidate reacts with the electrolyte and with the anode.

    Args:
        screening: Electrolyte, anode and energies; its own candidates are not looked at.
        sigma: Usual standard deviation of a reaction energy, J per atom.
    """

    screening: Screening
    sigma: float = 0.025 * EV

    name = "reactions"
    gives = (
        Property("reaction_with_electrolyte", "energy_per_atom",
                 "worst reaction with the electrolyte, closed, per atom of the mixture"),
        Property("reaction_with_anode", "energy_per_atom",
                 "worst reaction with the anode, open to lithium, per atom other than lithium"),
        Property("reduction_limit", "electrode_potential", "below it lithium is taken up"),
        Property("oxidation_limit", "electrode_potential", "above it lithium is given up"),
        Property("above_hull", "energy_per_atom", "energy above the hull of its listed phase"),
    )  # fmt: skip

    @property
    def digest(self) -> str:
        """Of electrolyte, anode and energies."""
        s = self.screening
        return digest(self.name, s.electrolyte.formula, s.anode.formula, s.potentials,
                      s.phases.digest, s.as_printed, self.sigma)  # fmt: skip

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its reactions."""
        judge = self.screening.judge
        return [
            j.adding(
                self._one(judge(j.candidate.name, j.candidate.formula), _invented(j.candidate))
            )
            for j in judged
        ]

    def _one(self, layer: Layer, invented: bool = False) -> tuple[Estimate, ...]:
        why = layer.refused or (layer.unknown and f"competing phases lack: {layer.unknown}")
        notes = {
            "reaction_with_electrolyte": layer.electrolyte_reaction or "nothing reacts",
            "reaction_with_anode": layer.anode_reaction or "nothing reacts",
            "above_hull": _rest(layer, invented),
        }
        alloys = layer.to_anode is not None and _alloys(layer.formula)
        if alloys:
            notes["reaction_with_anode"] = f"alloys, which is its work: {layer.anode_reaction}"
        above = layer.above_hull if layer.above_hull is None else max(layer.above_hull, 0.0)
        values = (
            layer.to_electrolyte, None if alloys else layer.to_anode, layer.reduction_limit,
            layer.oxidation_limit, None if invented else above,
        )  # fmt: skip
        sigmas = self._sigmas(layer)
        return tuple(
            Estimate(p.name, p.kind, value, None if value is None else sigma,
                     "computed", METHOD, note=why or notes.get(p.name, ""))
            for p, value, sigma in zip(self.gives, values, sigmas, strict=True)
        )  # fmt: skip

    @property
    def volts(self) -> float:
        """Usual error of a potential, V."""
        return VOLTS_PER_ERROR * self.sigma / EV

    @cached_property
    def _errors(self) -> EnergyErrors:
        return energy_errors(self.screening.phases, self.sigma / EV)

    def _sigmas(self, layer: Layer) -> tuple[float, ...]:
        """Of each property, in their order."""
        return (
            self._of(layer.electrolyte_reaction, layer, lithium=True),
            self._of(layer.anode_reaction, layer, lithium=False),
            self.volts, self.volts,
            self._above(layer),
        )  # fmt: skip

    def _of(self, text: str, layer: Layer, *, lithium: bool) -> float:
        """Error of a reaction energy per atom of the reactants, or per atom other than lithium."""
        if not text:
            return self.sigma
        return self.error(self.amounts(text, layer, lithium=lithium)) * EV

    def amounts(self, text: str, layer: Layer, *, lithium: bool) -> dict[str, float]:
        """Moles of listed phases, products positive, for each counted atom of the reactants.

        Args:
            text: A reaction; empty: nothing reacts.
            layer: Of which candidate.
            lithium: Whether its atoms count.
        """
        if not text:
            return {}
        reaction = Reaction.read(text)
        amounts = dict(reaction.products)
        for name, n in reaction.reactants.items():
            amounts[name] = amounts.get(name, 0.0) - n
        counted = sum(
            n * sum(x for e, x in formula.parse(name).items() if lithium or e != "Li")
            for name, n in reaction.reactants.items()
        )
        listed: dict[str, float] = {}
        for name, n in amounts.items():
            for part, share in self._parts(name, layer).items():
                listed[part] = listed.get(part, 0.0) + n * share / counted
        return listed

    def error(self, amounts: Mapping[str, float]) -> float:
        """Standard deviation of a sum of energies, eV."""
        return self._errors.of(amounts)

    def _above(self, layer: Layer) -> float:
        """Error of the distance between a listed phase and the mixture that it would fall to."""
        if layer.above_hull is None or layer.above_hull < ON_HULL:
            return self.sigma  # what else it might be is not known
        amounts = {f: -n for f, n in _mixture(layer.formula, layer.at_rest).items()}
        amounts[layer.formula] = amounts.get(layer.formula, 0.0) + 1.0
        return self._errors.of(amounts) * EV / formula.atoms(formula.parse(layer.formula))

    def _parts(self, name: str, layer: Layer) -> Mapping[str, float]:
        phases = self.screening.phases
        if phases.find(formula.parse(name)) is not None:
            return {name: 1.0}
        if name == layer.formula:
            return _mixture(name, layer.at_rest)
        return _mixture(name, self._electrolyte_at_rest)

    @cached_property
    def _electrolyte_at_rest(self) -> tuple[str, ...]:
        """The phases that an electrolyte without a row of its own consists of."""
        s = self.screening
        ladder = equilibrium.lithium_ladder(s.phases, s.electrolyte.composition)
        return tuple(ladder.mixture)


def _rest(layer: Layer, invented: bool) -> str:
    """What is to be said of a phase's place against the hull."""
    if invented:
        return "its own structure is not the listed phase"
    return "" if layer.above_hull is not None else "no phase of it is listed"


def _invented(candidate: Candidate) -> bool:
    """Whether its structure is its own and not that of the phase that the energies list."""
    return candidate.crystal is not None and candidate.origin != "library"


def _alloys(text: str) -> bool:
    """Whether it is of metals, semimetals or carbon alone: lithium is meant to enter it."""
    return not set(formula.parse(text)) & (set(ANIONS) | {"P", "H"})


def _mixture(text: str, phases: Sequence[str]) -> dict[str, float]:
    """Moles of each phase in a formula unit."""
    composition = formula.parse(text)
    parts = [formula.parse(p) for p in phases]
    matrix = np.array([[p.get(e, 0.0) for p in parts] for e in composition])
    moles = np.linalg.lstsq(matrix, np.array(list(composition.values())), rcond=None)[0]
    return {p: float(n) for p, n in zip(phases, moles, strict=True)}
