"""The potentials at which an anode holds lithium, from its phases and from measurement."""

from __future__ import annotations

from dataclasses import dataclass

from anolyte.core.errors import MissingPhases, MissingProperty
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
        passed_over: Lithium compounds of the host that are more stable in the energies than its
            known states and do not form in use (Li2C2).
    """

    lowest: float
    plateaus: tuple[Plateau, ...] = ()
    host: str = ""
    basis: str = "lithium metal: 0 V by definition"
    passed_over: tuple[str, ...] = ()


def anode_potential(anode: Anode, phases: Phases) -> AnodePotential:
    """The potentials of an anode.

    Lithium metal and anodes on which lithium is plated sit at 0 V. A host sits at its lowest
    measured operating potential, else at the last of its computed plateaus; a lithiated formula
    (Li15Si4, LiIn) at the plateau above its own lithium content.

    Raises:
        MissingProperty: A composite without a formula on which no lithium is plated.
    """
    composition = formula.parse(anode.formula) if anode.formula else {}
    host = {e: n for e, n in composition.items() if e != "Li"}
    if anode.formula is None and not anode.plated:
        raise MissingProperty(
            f"{anode.name} has no chemical formula, so what touches the electrolyte is not known; "
            "name its active phase (Si, C, Li15Si4)"
        )
    if anode.plated or not host:
        return AnodePotential(0.0)
    plateaus = _plateaus(host, phases, anode.states)
    text = formula.write(formula.reduced(host)[0])
    free = {p.phase for p in _plateaus(host, phases, ())}
    over = tuple(sorted(free - {p.phase for p in plateaus})) if len(anode.states) > 1 else ()
    if anode.has("operating_potential"):
        value = anode.need("operating_potential")
        return AnodePotential(max(value.si, 0.0), plateaus, text, f"{value.source}", over)
    if not plateaus:
        return AnodePotential(0.0, (), text, "no lithium compound of the host known: 0 V assumed")
    lithium = composition.get("Li", 0.0) / formula.atoms(host)
    if lithium > 0.0:
        reached = [p for p in plateaus if _content(p.phase) <= lithium + 1e-6]
        if reached:
            return AnodePotential(reached[-1].potential, plateaus, text, "computed plateau", over)
    return AnodePotential(plateaus[-1].potential, plateaus, text, "computed last plateau", over)


def _plateaus(
    host: dict[str, float], phases: Phases, states: tuple[str, ...]
) -> tuple[Plateau, ...]:
    """Plateaus through the host's known states: LiC6 forms at room temperature, Li2C2 does not."""
    table = phases.within({*host, "Li"})
    if len(states) > 1:
        named = [formula.parse(s) for s in states]
        others = [
            c
            for c in table.compositions
            if len(c) > 1 and not any(formula.same(c, s) for s in named)
        ]
        table = table.without(*(formula.write(c) for c in others))
    try:
        ladder = lithium_ladder(table, host)
    except MissingPhases:
        return ()
    return tuple(Plateau(s.potential, max(s.at_high, key=_content)) for s in ladder.reductions)


def _content(text: str) -> float:
    """Lithium atoms per other atom."""
    composition = formula.parse(text)
    others = sum(n for e, n in composition.items() if e != "Li")
    return composition.get("Li", 0.0) / others if others else float("inf")
