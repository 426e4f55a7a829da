"""What forms where the anode touches its neighbour, open to lithium at the anode's potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anolyte.core.errors import MissingProperty
from anolyte.laws import equilibrium
from anolyte.laws.potential import anode_potential
from anolyte.materials import formula, library
from anolyte.materials.phases import Phases
from anolyte.materials.reaction import Reaction
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Interface


@dataclass(frozen=True)
class ContactProducts:
    """The reaction at the anode's face.

    Args:
        junction: The neighbours.
        material: Formula of the solid that is consumed.
        potential: V vs Li/Li+.
        energy: eV per atom other than lithium (<= 0).
        reaction: Balanced, per formula unit of the solid.
    """

    junction: str
    material: str
    potential: float
    energy: float
    reaction: Reaction
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def products(self) -> Mapping[str, float]:
        """Solid and liquid products, formula units per formula unit of the solid."""
        return {
            f: n for f, n in self.reaction.products.items()
            if f not in self.reaction.gases and f != "Li"
        }  # fmt: skip

    def volume(self, phases: Phases) -> float | None:
        """Volume of the products, m3 per mole of the solid; None where a cell volume is missing."""
        volumes = {f: molar_volume(phases, f) for f in self.products}
        if any(v is None for v in volumes.values()):
            return None
        return sum(n * (volumes[f] or 0.0) for f, n in self.products.items())

    def volume_fractions(self, phases: Phases) -> Mapping[str, float] | None:
        """Share of each product in the products' volume; None where a cell volume is missing."""
        total = self.volume(phases)
        if not total:
            return None if total is None else {}
        return {f: n * (molar_volume(phases, f) or 0.0) / total for f, n in self.products.items()}


def molar_volume(phases: Phases, text: str) -> float | None:
    """Molar volume of a phase, m3 per mole of formula units as written.

    Lithium's is the one value of `Li.yaml`; all others are those of the table.
    """
    composition = formula.parse(text)
    if set(composition) == {"Li"}:
        return composition["Li"] * library.default().anode("Li").need("molar_volume").si
    phase = phases.find(composition)
    if phase is None or phase.volume is None:
        return None
    return phase.volume * formula.atoms(composition) / formula.atoms(phase.composition)


def neighbours(interface: Interface) -> tuple[Material, ...]:
    """The solids from the anode's neighbour to the electrolyte."""
    return (*(x.material for x in reversed(interface.layers)), interface.electrolyte)


def contact_products(neighbour: Material, anode: Anode, phases: Phases) -> ContactProducts:
    """What a solid becomes at the anode's potential.

    Against lithium the solid takes up lithium until it is at equilibrium at the anode's
    potential; against a host it reacts in the ratio that releases most by mixing, or alone where
    mixing releases nothing.

    Raises:
        MissingPhases: Energies that do not cover the chemistry.
        MissingProperty: A solid without a formula, or an organic one.
    """
    composition = neighbour.composition
    if {"C", "H"} <= set(composition):
        raise MissingProperty(
            f"{neighbour.name} is organic: its products follow a molecular rule, not a phase "
            "equilibrium; whether they passivate is not known"
        )
    phases.require({**composition, "Li": 1.0})
    at = anode_potential(anode, phases)
    text = neighbour.formula or neighbour.name
    ladder = equilibrium.lithium_ladder(phases, composition, text)
    reaction = ladder.reaction_at(at.lowest)
    closed = sum(n for e, n in composition.items() if e != "Li") or 1.0
    energy = ladder.driving_force(at.lowest) * ladder.atoms / closed
    if at.host and set(formula.parse(at.host)) != set(composition):
        host = formula.parse(at.host)
        phases.vector({**composition, **host})
        kinks = equilibrium.open_profile(phases, (text, composition), (at.host, host), at.lowest)
        mixed = min(kinks, key=lambda k: k.mutual)
        if mixed.mutual < -1e-6:
            reaction, energy = mixed.reaction, mixed.energy
    found = (phases.find(formula.parse(f)) for f in reaction.products)
    return ContactProducts(
        junction=f"{neighbour.name} | {anode.name}",
        material=text,
        potential=at.lowest,
        energy=energy,
        reaction=reaction,
        warnings=(f"anode potential: {at.basis}",) if at.host else (),
        sources=tuple(dict.fromkeys(p.source.key for p in found if p is not None)),
    )
