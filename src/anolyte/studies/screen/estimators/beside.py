r"""A substituted electrolyte beside the one that it is made from, both against the anode.

$$ \Delta = \Delta\Phi_\mathrm{candidate} - \Delta\Phi_\mathrm{host} $$

per atom other than lithium; above zero the candidate releases less. Errors of energies that occur
in both reactions cancel as far as they are shared, so that the difference is known better than
either energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.interlayers import Candidate as Layer
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property
from anolyte.studies.screen.estimators.reactions import METHOD, Reacting


@dataclass(frozen=True)
class Beside:
    """How much less a candidate reacts with the anode than the electrolyte.

    Args:
        reacting: The reactions of both.
    """

    reacting: Reacting

    name = "beside the host"
    gives = (
        Property("gain_at_anode", "energy_per_atom",
                 "less released with the anode than by the host, per atom other than lithium"),
        Property("gain_of_reduction", "electrode_potential",
                 "reduction limit below that of the host"),
        Property("gain_of_oxidation", "electrode_potential",
                 "oxidation limit above that of the host"),
    )  # fmt: skip

    @property
    def digest(self) -> str:
        """Of what the reactions depend on."""
        return digest(self.name, self.reacting.digest)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its differences."""
        judge = self.reacting.screening.judge
        return [j.adding(self._one(judge(j.candidate.name, j.candidate.formula))) for j in judged]

    @cached_property
    def _host(self) -> Layer:
        s = self.reacting.screening
        return s.judge(s.electrolyte.name, s.electrolyte.formula or "")

    def _one(self, layer: Layer) -> tuple[Estimate, ...]:
        host = self._host
        why = layer.refused or (layer.unknown and f"competing phases lack: {layer.unknown}")
        if layer.to_anode is None or host.to_anode is None:
            why = why or f"the host: {host.refused or host.unknown}"
            return tuple(Estimate(p.name, p.kind, None, method=METHOD, note=why)
                         for p in self.gives)  # fmt: skip
        values = (
            layer.to_anode - host.to_anode,
            (host.reduction_limit or 0.0) - (layer.reduction_limit or 0.0),
            (layer.oxidation_limit or 0.0) - (host.oxidation_limit or 0.0),
        )
        sigma = self._sigma(layer)
        sigmas = (sigma, *(2 * [self.reacting.volts]))
        note = f"{layer.anode_reaction or 'nothing reacts'}; host: {host.anode_reaction or 'none'}"
        return tuple(
            Estimate(p.name, p.kind, value, error, "computed", METHOD, note=note)
            for p, value, error in zip(self.gives, values, sigmas, strict=True)
        )

    def _sigma(self, layer: Layer) -> float:
        """Errors that both reactions share cancel; at least what rounds a formula."""
        mine = self.reacting.amounts(layer.anode_reaction, layer, lithium=False)
        theirs = self.reacting.amounts(self._host.anode_reaction, self._host, lithium=False)
        if not mine or not theirs:
            return self.reacting.sigma
        total = {f: mine.get(f, 0.0) - theirs.get(f, 0.0) for f in {**mine, **theirs}}
        return self.reacting.error(total) * EV
