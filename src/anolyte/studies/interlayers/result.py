"""What a screen of candidate layers answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Result, quantity
from anolyte.core.units import habitual

CONVENTION = (
    "candidates stand on the hull: what a metastable one or an unlisted composition releases by "
    "falling apart alone is not counted, so its reactivity is a lower bound"
)


@dataclass(frozen=True)
class Candidate:
    """One candidate layer; numbers are None where `unknown` or `refused` says why.

    Args:
        name: As given.
        formula: As read; empty for a mixture.
        to_electrolyte: Worst reaction with the electrolyte, closed, J per atom of the mixture.
        electrolyte_reaction: That reaction, balanced; empty where nothing reacts.
        electrolyte_products: Formulas.
        to_anode: Worst reaction with the anode, open to lithium at its potentials, J per atom other
            than lithium: all that is released, what the candidate does alone included.
        anode_mutual: The part of it that is due to mixing with the anode's host.
        anode_at: V vs Li/Li+ of that reaction.
        reduction_limit, oxidation_limit: Its own window, V vs Li/Li+.
        above_hull: Energy above the hull of its listed phase, J per atom; None: no phase of this
            composition is listed.
        at_rest: The phases that it consists of at equilibrium.
        missing: Known compounds of both junctions without an energy here.
        unknown: The competing phases that the energies lack.
        refused: Why phase equilibria do not describe it.
    """

    name: str
    formula: str = ""
    to_electrolyte: float | None = quantity("energy_per_atom", default=None)
    electrolyte_reaction: str = ""
    electrolyte_products: tuple[str, ...] = ()
    to_anode: float | None = quantity("energy_per_atom", default=None)
    anode_mutual: float | None = quantity("energy_per_atom", default=None)
    anode_at: float | None = quantity("electrode_potential", default=None)
    anode_reaction: str = ""
    anode_products: tuple[str, ...] = ()
    reduction_limit: float | None = quantity("electrode_potential", default=None)
    oxidation_limit: float | None = quantity("electrode_potential", default=None)
    above_hull: float | None = quantity("energy_per_atom", default=None)
    at_rest: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: str = ""
    refused: str = ""

    @property
    def mean(self) -> float | None:
        """Mean of the two worst reactions, J; the two are counted per different atoms."""
        if self.to_electrolyte is None or self.to_anode is None:
            return None
        return 0.5 * (self.to_electrolyte + self.to_anode)


@dataclass(frozen=True)
class Part(Result):
    """Some candidates of a screen, as they are kept on disk."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class InterlayerScreen(Result):
    """Candidate layers between an electrolyte and an anode, the least reactive first.

    Args:
        electrolyte, anode: Names.
        candidates: Answered ones by the mean of both reactions, then unknown, then refused ones.
        potentials: At which lithium enters from the anode, V vs Li/Li+.
        bare: Worst reaction of the electrolyte itself with the anode, J per atom other than
            lithium: what a layer has to beat.
        asked: How many candidates were asked for; more than there are here: interrupted.
        convention: Which energy the candidates are given.
    """

    electrolyte: str
    anode: str
    candidates: tuple[Candidate, ...]
    potentials: tuple[float, ...] = quantity("electrode_potential")
    bare: float = quantity("energy_per_atom")
    asked: int = 0
    convention: str = CONVENTION
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[None] = None

    @property
    def answered(self) -> tuple[Candidate, ...]:
        """The candidates with numbers."""
        return tuple(c for c in self.candidates if c.mean is not None)

    @property
    def unknown(self) -> tuple[Candidate, ...]:
        """The candidates whose competing phases are not all there."""
        return tuple(c for c in self.candidates if c.unknown)

    @property
    def refused(self) -> tuple[Candidate, ...]:
        """The candidates that are no question for phase equilibria."""
        return tuple(c for c in self.candidates if c.refused)

    @property
    def unknown_share(self) -> float:
        """Share of the candidates that cannot be judged for lack of competing phases."""
        return len(self.unknown) / len(self.candidates) if self.candidates else 0.0

    @property
    def lacking(self) -> tuple[tuple[str, int], ...]:
        """What the energies lack, with the number of candidates that it holds up."""
        count = Counter(part for c in self.unknown for part in c.unknown.split(", "))
        return tuple(count.most_common())

    def rows(self) -> list[dict[str, Any]]:
        """One row a candidate."""
        return [_row(c) for c in self.candidates]


def _row(c: Candidate) -> dict[str, Any]:
    def per_atom(value: float | None) -> float | None:
        return None if value is None else habitual(value, "energy_per_atom")

    return {
        "candidate": c.name,
        "formula": c.formula,
        "mean [eV/atom]": per_atom(c.mean),
        "with electrolyte [eV/atom]": per_atom(c.to_electrolyte),
        "with anode [eV/atom other than Li]": per_atom(c.to_anode),
        "of it by mixing [eV/atom other than Li]": per_atom(c.anode_mutual),
        "anode at [V vs Li/Li+]": c.anode_at,
        "reduction limit [V vs Li/Li+]": c.reduction_limit,
        "oxidation limit [V vs Li/Li+]": c.oxidation_limit,
        "above hull [eV/atom]": per_atom(c.above_hull),
        "at rest": " + ".join(c.at_rest),
        "reaction with electrolyte": c.electrolyte_reaction,
        "reaction with anode": c.anode_reaction,
        "known compounds without an energy": ", ".join(c.missing),
        "unknown for lack of": c.unknown,
        "refused": c.refused,
    }
