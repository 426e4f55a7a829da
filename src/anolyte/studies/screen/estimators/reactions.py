"""Reactions with both neighbours, and the candidate's own window, by phase equilibria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.interlayers import Candidate as Layer
from anolyte.studies.interlayers import Screening
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

METHOD = "phase equilibria of the reference energies"


@dataclass(frozen=True)
class Reacting:
    """How far a candidate reacts with the electrolyte and with the anode.

    Args:
        screening: Electrolyte, anode and energies; its own candidates are not looked at.
        sigma: Standard deviation of a reaction energy, J per atom, where none is told.
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
        return [j.adding(self._one(judge(j.candidate.name, j.candidate.formula))) for j in judged]

    def _one(self, layer: Layer) -> tuple[Estimate, ...]:
        why = layer.refused or (layer.unknown and f"competing phases lack: {layer.unknown}")
        notes = {
            "reaction_with_electrolyte": layer.electrolyte_reaction or "nothing reacts",
            "reaction_with_anode": layer.anode_reaction or "nothing reacts",
            "above_hull": "" if layer.above_hull is not None else "no phase of it is listed",
        }
        values = (
            layer.to_electrolyte, layer.to_anode, layer.reduction_limit, layer.oxidation_limit,
            layer.above_hull,
        )  # fmt: skip
        return tuple(
            Estimate(p.name, p.kind, value, None if value is None else self._sigma(p),
                     "computed", METHOD, note=why or notes.get(p.name, ""))
            for p, value in zip(self.gives, values, strict=True)
        )  # fmt: skip

    def _sigma(self, p: Property) -> float:
        return self.sigma if p.kind == "energy_per_atom" else 4.0 * self.sigma / EV
