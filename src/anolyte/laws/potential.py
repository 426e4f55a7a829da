"""The potentials at which an anode holds lithium, from its phases and from measurement."""

from __future__ import annotations

from dataclasses import dataclass

from anolyte.core.errors import MissingPhases
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials import formula
from anolyte.materials.phases import Phases
from anolyte.materials.schema import Anode


@dataclass(frozen=True)
class Plateau:
    """A two-phase plateau of an anode host: V vs Li/Li+, and its lithium-rich phase."""

    potential: float
    phase: str


@dataclass(frozen=True)
class AnodePotential:
    """Where an anode sits.

    Args:
        lowest: The lowest potential it reaches in use, V vs Li/Li+.
        plateaus: Computed plateaus of its host, from high to low.
        host: Composition of the host without lithium; empty for lithium itself or where lithium is
            plated on it.
        basis: How `lowest` is known.
    """

    lowest: float
    plateaus: tuple[Plateau, ...] = ()
    host: str = ""
    basis: str = "lithium metal: 0 V by definition"


def anode_potential(anode: Anode, phases: Phases) -> AnodePotential:
    """The potentials of an anode.

    Lithium metal and anodes on which lithium is plated sit at 0 V. A host sits at its lowest
    measured operating potential, else at the last of its computed plateaus; a lithiated formula
    (Li15Si4, LiIn) at the plateau above its own lithium content.
    """
    composition = formula.parse(anode.formula) if anode.formula else {}
    host = {e: n for e, n in composition.items() if e != "Li"}
    if anode.plated or not host:
        return AnodePotential(0.0)
    plateaus = _plateaus(host, phases)
    text = formula.write(formula.reduced(host)[0])
    if anode.has("operating_potential"):
        value = anode.need("operating_potential")
        return AnodePotential(max(value.si, 0.0), plateaus, text, f"{value.source}")
    if not plateaus:
        return AnodePotential(0.0, (), text, "no lithium compound of the host known: 0 V assumed")
    lithium = composition.get("Li", 0.0) / formula.atoms(host)
    if lithium > 0.0:
        reached = [p for p in plateaus if _content(p.phase) <= lithium + 1e-6]
        if reached:
            return AnodePotential(reached[-1].potential, plateaus, text, "computed plateau")
    return AnodePotential(plateaus[-1].potential, plateaus, text, "computed last plateau")


def _plateaus(host: dict[str, float], phases: Phases) -> tuple[Plateau, ...]:
    try:
        ladder = lithium_ladder(phases, host)
    except MissingPhases:
        return ()
    return tuple(Plateau(s.potential, max(s.at_high, key=_content)) for s in ladder.reductions)


def _content(text: str) -> float:
    """Lithium atoms per other atom."""
    composition = formula.parse(text)
    others = sum(n for e, n in composition.items() if e != "Li")
    return composition.get("Li", 0.0) / others if others else float("inf")
