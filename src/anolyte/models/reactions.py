r"""Reaction energy of every junction of electrolyte | layers | anode.

Each pair of neighbours is mixed in every ratio, closed (nothing enters) and open to lithium at the
anode's potentials; only the kinks of the reaction energy matter and each is a balanced reaction
(Richards et al. 2016; Zhu et al. 2016). The open energy is given in all and as the part due to
mixing, the rest being what each neighbour does on its own at that potential.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from anolyte.core.errors import MissingProperty
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE, habitual
from anolyte.laws import equilibrium
from anolyte.laws.molecular import MolecularRule, molecular_rule
from anolyte.laws.potential import AnodePotential, anode_potential
from anolyte.materials import formula, library
from anolyte.materials.entries import as_phases
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Conditions, Interface

EV = ELEMENTARY_CHARGE
Reactant = tuple[str, Mapping[str, float]]


LAYER_REACTS = "layer reacts"


@dataclass(frozen=True)
class Kink:
    """One mixing ratio at which the products change.

    Args:
        x: Share of the left neighbour's atoms (of atoms other than lithium, when open).
        energy: J per atom of the mixture (per atom other than lithium, when open).
        mutual: The part due to mixing.
        reaction: Balanced.
        products: Formula to formula units, per formula unit of the left neighbour.
    """

    x: float = quantity("number")
    energy: float = quantity("energy_per_atom")
    mutual: float = quantity("energy_per_atom")
    reaction: str = ""
    products: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """Reaction energy against mixing ratio of one junction under one condition.

    Args:
        left, right: The neighbours, from electrolyte to anode.
        potential: V vs Li/Li+ of the lithium that may enter; None: closed.
        plateau: What the potential belongs to.
        kinks: From x = 0 (right neighbour alone) to x = 1 (left neighbour alone).
    """

    left: str
    right: str
    potential: float | None = quantity("electrode_potential", default=None)
    plateau: str = ""
    kinks: tuple[Kink, ...] = ()

    @property
    def worst(self) -> Kink:
        """The most exothermic kink; open to lithium, the anode taking it up alone is none."""
        mixed = [k for k in self.kinks if k.x > 0.0 or self.potential is None]
        return min(mixed or self.kinks, key=lambda k: k.energy)

    @property
    def worst_mutual(self) -> Kink:
        """The kink at which mixing releases most."""
        return min(self.kinks, key=lambda k: k.mutual)


@dataclass(frozen=True)
class ReactionsResult(Result):
    """All junctions of an interface, closed and open.

    Args:
        interface: As written, electrolyte to anode.
        profiles: One a junction and condition.
        molecular: Reactions by a declared molecular rule, as text, where a neighbour is organic.
    """

    interface: str
    profiles: tuple[Profile, ...]
    layers: tuple[str, ...] = ()
    molecular: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[Concern] = Concern.REACTION

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the junctions have a driving force beyond the error of the energies."""
        if not self.profiles:
            if not self.molecular:
                return ()
            because = "by molecular rule, no energy: " + "; ".join(self.molecular)
            return (Finding(self.concern, Level.CAUTION, because, {}, self.sources, "reactive",
                            "rule"),)  # fmt: skip
        return (*self._anode_side(criteria), *self._behind_layers(criteria))

    def _behind_layers(self, criteria: Any) -> tuple[Finding, ...]:
        """What a layer does to its neighbour on the electrolyte's side.

        Judged closed: a layer that does its work lets the anode's lithium through to nothing.
        """
        inner = [p for p in self.profiles if p.potential is None and p.right in self.layers]
        worst = min(inner, key=lambda p: p.worst.energy, default=None)
        if worst is None or worst.worst.energy > -criteria["reaction_negligible"]:
            return ()
        number = {"energy": Number(worst.worst.energy, "energy_per_atom")}
        because = f"{worst.left} | {worst.right} react: {{energy}} by {worst.worst.reaction}"
        return (Finding(self.concern, Level.BAD, because, number, self.sources, LAYER_REACTS),)

    def _anode_side(self, criteria: Any) -> tuple[Finding, ...]:
        worst = min(self.profiles, key=lambda p: p.worst.energy)
        number = {"energy": Number(worst.worst.energy, "energy_per_atom")}
        where = f"{worst.left} | {worst.right}"
        if worst.worst.energy > -criteria["reaction_negligible"]:
            because = (
                f"no junction releases more than the error of the energies; {where}: {{energy}}"
            )
            return (Finding(self.concern, Level.GOOD, because, number, self.sources, "stable"),)
        condition = ""
        if worst.potential is not None:
            number["at"] = Number(worst.potential, "electrode_potential")
            condition = " open to lithium at {at}"
        per = "" if worst.potential is None else " (per atom other than Li)"
        because = f"{where}{condition}: {{energy}}{per} by {worst.worst.reaction}"
        return (Finding(self.concern, Level.BAD, because, number, self.sources, "reactive"),)

    def rows(self) -> list[dict[str, Any]]:
        """One row a kink."""
        return [
            {
                "junction": f"{p.left} | {p.right}",
                "lithium [V vs Li/Li+]": p.potential,
                "x": k.x,
                "energy [eV/atom]": habitual(k.energy, "energy_per_atom"),
                "mutual [eV/atom]": habitual(k.mutual, "energy_per_atom"),
                "reaction": k.reaction,
            }
            for p in self.profiles
            for k in p.kinks
        ]


@dataclass(frozen=True)
class Reactions:
    """The reaction energies of an interface.

    Args:
        phases: Reference energies; None: the embedded table.
    """

    phases: Phases | None = None

    concern: ClassVar[Concern] = Concern.REACTION
    reads: ClassVar[tuple[str, ...]] = ("electrolyte", "layers", "anode")
    references: ClassVar[tuple[str, ...]] = ("richards2016", "zhu2016firstprinciples")

    def __call__(self, interface: Interface, conditions: Conditions) -> ReactionsResult:
        """Every junction, closed and at each potential of the anode."""
        phases = self.phases or embedded()
        at = anode_potential(interface.anode, phases)
        potentials = _potentials(at)
        materials = [interface.electrolyte, *(x.material for x in interface.layers)]
        junctions = [*zip(materials, [*materials[1:], interface.anode], strict=True)]
        profiles: list[Profile] = []
        molecular: list[str] = []
        missing: dict[str, None] = {}
        for left, right in junctions:
            organic = [m for m in (left, right) if _organic(m)]
            if organic:
                molecular += [_by_rule(m) for m in organic if isinstance(right, Anode)]
                continue
            missing |= dict.fromkeys(_coverage(phases, left, right))
            profiles += _profiles(phases, left, right, potentials)
            profiles += _with_collector(phases, left, right)
        return ReactionsResult(
            interface=str(interface),
            profiles=tuple(profiles),
            layers=tuple(x.material.name for x in interface.layers),
            molecular=tuple(molecular),
            missing=tuple(missing),
            warnings=_warnings(at, profiles),
            sources=_sources(phases, profiles) + self.references,
            energies=f"{phases.kind} ({phases.origin})",
            energies_digest=phases.digest,
        )


def _coverage(phases: Phases, left: Material, right: Material) -> tuple[str, ...]:
    touching = right.composition if right.formula else {}  # a plated anode's bare collector, too
    both = {**left.composition, **touching, "Li": 1.0}
    phases.require({**left.composition, "Li": 1.0})
    return (*phases.lacking(both), *phases.coverage(both).missing)


def _organic(material: Material) -> bool:
    return material.formula is not None and {"C", "H"} <= set(material.composition)


def _by_rule(material: Material) -> str:
    rule: MolecularRule | None = molecular_rule(material.composition)
    if rule is None:
        raise MissingProperty(
            f"{material.name} is organic and has no molecular rule; add one to "
            "molecular_rules.yaml with its source"
        )
    return f"{rule.reaction} (molecular rule, {rule.source.key})"


def _reactant(material: Material) -> Reactant:
    """What reacts: the material as made, or lithium where an anode is lithium or bears it."""
    if isinstance(material, Anode) and (material.plated or material.formula is None):
        return "Li", {"Li": 1.0}
    return material.formula or material.name, material.composition


def _profiles(
    phases: Phases, left: Material, right: Material, potentials: list[tuple[float, str]]
) -> list[Profile]:
    """Closed, then open to lithium at the potentials."""
    first, second = _reactant(left), _reactant(right)
    found = [Profile(left.name, right.name, None, "closed",
                     _kinks(equilibrium.closed_profile(phases, first, second)))]  # fmt: skip
    found += [
        Profile(left.name, right.name, v, plateau, _open_kinks(phases, first, second, v))
        for v, plateau in potentials
    ]
    return found


def _with_collector(phases: Phases, left: Material, right: Material) -> list[Profile]:
    """The bare current collector, before lithium is plated on it: closed."""
    if not isinstance(right, Anode) or not right.plated or right.formula is None:
        return []
    collector = (right.formula, right.composition)
    if set(collector[1]) == {"Li"}:
        return []
    phases.vector({**left.composition, **collector[1]})
    first = (left.formula or left.name, left.composition)
    kinks = _kinks(equilibrium.closed_profile(phases, first, collector))
    return [Profile(left.name, f"{right.formula} (bare collector)", None, "closed", kinks)]


BELOW_USE = 0.05
"""V below the lowest potential in use; plateaus further down are reached by overcharge only."""


def _potentials(at: AnodePotential) -> list[tuple[float, str]]:
    reached = [p for p in at.plateaus if p.potential > at.lowest - BELOW_USE]
    potentials = [(p.potential, f"{p.phase} plateau") for p in reached]
    if all(abs(at.lowest - v) > 1e-3 for v, _ in potentials):
        potentials.append((at.lowest, at.basis))
    return potentials


def _open_kinks(
    phases: Phases, first: Reactant, second: Reactant, potential: float
) -> tuple[Kink, ...]:
    if set(second[1]) == {"Li"} or set(first[1]) == {"Li"}:
        solid = first if set(second[1]) == {"Li"} else second
        ladder = equilibrium.lithium_ladder(phases, solid[1], solid[0])
        closed = sum(n for e, n in solid[1].items() if e != "Li") / ladder.atoms
        energy = ladder.driving_force(potential) * EV / closed
        reaction = ladder.reaction_at(potential)
        return (Kink(1.0, energy, 0.0, str(reaction), reaction.products),)
    return _kinks(equilibrium.open_profile(phases, first, second, potential))


def _kinks(kinks: tuple[equilibrium.Kink, ...]) -> tuple[Kink, ...]:
    return tuple(
        Kink(k.x, k.energy * EV, k.mutual * EV, str(k.reaction), k.reaction.products) for k in kinks
    )


def _warnings(at: AnodePotential, profiles: list[Profile]) -> tuple[str, ...]:
    found = []
    if profiles and at.host:
        found.append(f"anode potential: {at.basis}")
    if profiles and at.passed_over:
        found.append(
            f"the energies know {', '.join(at.passed_over)}, which the host does not form in use: "
            "open energies count it"
        )
    if len({p.left for p in profiles}) > 1:
        found.append(
            "junctions behind a layer see the anode's potential only if the layer leaks electrons"
        )
    return tuple(found)


def _sources(phases: Phases, profiles: list[Profile]) -> tuple[str, ...]:
    products = dict.fromkeys(f for p in profiles for k in p.kinks for f in k.products)
    found = (phases.find(formula.parse(f)) for f in products)
    return tuple(dict.fromkeys(p.source.key for p in found if p is not None))


def between(
    left: Material,
    right: Material,
    *,
    phases: Phases | None = None,
    potential: float | None = None,
) -> ReactionsResult:
    """The reactions of two solids without an anode.

    Args:
        left, right: Neither organic nor lithium itself.
        phases: Reference energies; None: the embedded table.
        potential: V vs Li/Li+ at which lithium may enter, too; None: closed only.

    Raises:
        MissingPhases: Energies that do not cover the chemistry.
        MissingProperty: A solid without a formula, or an organic one.
    """
    phases = phases or embedded()
    for solid in (left, right):
        if _organic(solid):
            raise MissingProperty(
                f"{solid.name} is organic: phase equilibria do not describe its molecules"
            )
    missing = _coverage(phases, left, right)
    potentials = [] if potential is None else [(potential, "as asked")]
    profiles = _profiles(phases, left, right, potentials)
    return ReactionsResult(
        interface=f"{left.name} | {right.name}",
        profiles=tuple(profiles),
        missing=missing,
        sources=_sources(phases, profiles) + Reactions.references,
        energies=f"{phases.kind} ({phases.origin})",
        energies_digest=phases.digest,
    )


def react(
    left: Any,
    right: Any = "Li",
    *,
    phases: Any = None,
    layers: Any = (),
    potential: float | None = None,
) -> ReactionsResult:
    """The reactions of an electrolyte with an anode or with a second solid.

    Args:
        left: Electrolyte: a name, a formula, a material, or an object with a composition.
        right: An anode of the library, or any solid.
        phases: Reference energies; None: the embedded table; also what `read_entries` takes.
        layers: Between electrolyte and anode.
        potential: For two solids: V vs Li/Li+ at which lithium may enter, too.

    >>> react("Li3YCl6", "Li").profiles[0].left
    'Li3YCl6'
    >>> react("Li6PS5Cl", "LiCoO2").profiles[0].potential is None
    True
    """
    lib, phases = library.default(), as_phases(phases)
    if not isinstance(right, Material):
        anode = lib.anode(right)
        right = anode if anode.origin != "formula" else lib.electrolyte(right)
    if isinstance(right, Anode):
        return Reactions(phases)(Interface(left, right, layers), Conditions())
    left = left if isinstance(left, Material) else lib.electrolyte(left)
    return between(left, right, phases=phases, potential=potential)


def products_against_potential(
    left: Any, right: Any, *, phases: Phases | None = None, low: float = 0.0, high: float = 3.0
) -> dict[str, tuple[float, float]]:
    """Potentials between which each product forms at some mixing ratio of two solids.

    The ladder of every mixture is exact in potential; mixtures are taken at the kinks of the open
    profiles and between them.

    Args:
        left, right: Names, formulas or materials; `right` may be an anode's host.
        phases: Reference energies; None: the embedded table.
        low, high: Potentials to look at, V vs Li/Li+.

    Returns:
        Formula to lowest and highest potential, V vs Li/Li+.
    """
    phases = phases or embedded()
    interface = Interface(left, right)
    first, second = _reactant(interface.electrolyte), _reactant(interface.anode)
    found: dict[str, tuple[float, float]] = {}
    for composition in _mixtures(first[1], second[1]):
        ladder = equilibrium.lithium_ladder(phases, composition)
        limits = [s.potential for s in ladder.reductions] + [s.potential for s in ladder.oxidations]
        edges = sorted({low, high} | {v for v in limits if low < v < high})
        for bottom, top in itertools.pairwise(edges):
            for product in ladder.products(0.5 * (bottom + top)):
                old = found.get(product, (top, bottom))
                found[product] = (min(old[0], bottom), max(old[1], top))
    return found


def _mixtures(
    first: Mapping[str, float], second: Mapping[str, float], count: int = 40
) -> list[dict[str, float]]:
    """Compositions between two reactants, in even shares of their atoms."""
    sizes = formula.atoms(first), formula.atoms(second)
    return [
        {
            e: first.get(e, 0.0) * (1 - i / count) / sizes[0]
            + second.get(e, 0.0) * (i / count) / sizes[1]
            for e in {**first, **second}
        }
        for i in range(count)
    ]
