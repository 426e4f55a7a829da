r"""Electrochemical stability window of an electrolyte against lithium.

The lithium content of the composition is raised and lowered through every equilibrium of the
reference energies; the first steps on both sides are the reduction and the oxidation limit (Zhu, He
and Mo 2015; Richards et al. 2016). By the usual convention the electrolyte stands on the hull: only
its composition enters. With `on_hull=False` it keeps its own energy, and a metastable electrolyte
has a driving force at every potential.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from anolyte.core.errors import MissingPhases, MissingProperty
from anolyte.core.memo import kept
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE, FARADAY, habitual
from anolyte.laws.equilibrium import Ladder, Step, lithium_ladder
from anolyte.laws.potential import AnodePotential, anode_potential
from anolyte.materials import formula
from anolyte.materials.charge import imbalance, rounding
from anolyte.materials.entries import as_phases
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.stack import Conditions, Interface

EV = ELEMENTARY_CHARGE
HANGS_ON = 0.05
"""Volts by which a limit must move for it to hang on a phase: the error of the energies."""
METASTABLE = 5e-4
"""eV per atom above the hull that is worth a word."""


@dataclass(frozen=True)
class LadderStep:
    """One step of the ladder, seen from the electrolyte.

    Args:
        side: reduction | oxidation.
        potential: V vs Li/Li+.
        electrons: Lithium (and electrons) taken up or given in this step, per formula unit.
        total: The same from the electrolyte to the end of this step.
        capacity: `total` as charge per mass of the electrolyte, C/kg.
        reaction: Balanced, from the electrolyte to the end of this step.
        products: Formula to formula units per formula unit of the electrolyte.
    """

    side: str
    potential: float = quantity("electrode_potential")
    electrons: float = quantity("number")
    total: float = quantity("number")
    capacity: float = quantity("specific_capacity")
    reaction: str = ""
    products: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Alternative:
    """The limits if one doubtful phase were not there, or more stable by its standard deviation.

    Args:
        case: "without Li3PS4", "with Li4P2S6 44 meV/atom lower".
    """

    case: str
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")


@dataclass(frozen=True)
class WindowResult(Result):
    """Limits, ladder and driving force of one electrolyte.

    Args:
        electrolyte: Name.
        formula: Composition.
        convention: Which energy the electrolyte was given.
        reduction_limit, oxidation_limit: V vs Li/Li+; with its own energy, and metastable, the
            limits are those of the phases it tends to form.
        energy_above_hull: J per atom, None where the phase itself is not in the table.
        anode_potential: V vs Li/Li+ that the findings compare with.
        driving_force: J per atom of the electrolyte at the anode's potential (<= 0).
        at_rest: Phases that the composition consists of at equilibrium, without redox.
        steps: The whole ladder, reduction downwards, then oxidation upwards.
        potentials, driving_forces: The driving force against potential: exact corners.
        alternatives: Limits under the doubts about the phases on which they hang.
        missing: Known compounds of the chemical system that the energies lack.
        recalled: Product phases whose energies are recalled, not read.
        energies, energies_digest: Kind and origin of the reference energies, and their SHA-256.
    """

    electrolyte: str
    formula: str
    convention: str
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")
    energy_above_hull: float | None = quantity("energy_per_atom")
    anode: str = ""
    anode_potential: float = quantity("electrode_potential", default=0.0)
    driving_force: float = quantity("energy_per_atom", default=0.0)
    products_at_anode: str = ""
    at_rest: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[LadderStep, ...] = ()
    potentials: tuple[float, ...] = quantity("electrode_potential", default=())
    driving_forces: tuple[float, ...] = quantity("energy_per_atom", default=())
    alternatives: tuple[Alternative, ...] = ()
    missing: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[Concern] = Concern.WINDOW

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the anode's potential lies inside the window."""
        numbers = {
            "reduction": Number(self.reduction_limit, "electrode_potential"),
            "anode": Number(self.anode_potential, "electrode_potential"),
            "energy": Number(self.driving_force, "energy_per_atom"),
        }
        beyond = self.reduction_limit - self.anode_potential
        negligible = abs(self.driving_force) < criteria["reaction_negligible"]
        if beyond <= 0.0 and negligible:
            level, label = Level.GOOD, "stable"
            because = f"reduced only below {{reduction}}; {self.anode} sits at {{anode}}"
        elif negligible:
            level, label = Level.CAUTION, "nearly stable"
            because = (
                "reduced below {reduction}, but the driving force at {anode} is only {energy}, "
                "within the error of the energies"
            )
        else:
            level, label = Level.BAD, "reduced"
            because = (
                f"reduced below {{reduction}}; at {self.anode} ({{anode}}) {{energy}} drive "
                f"{self.products_at_anode}"
            )
        return (Finding(self.concern, level, because, numbers, self.sources, label, "predicted"),)

    def rows(self) -> list[dict[str, Any]]:
        """One row a step of the ladder."""
        return [
            {
                "side": s.side,
                "potential [V vs Li/Li+]": s.potential,
                "electrons": s.electrons,
                "capacity [mAh/g]": habitual(s.capacity, "specific_capacity"),
                "reaction": s.reaction,
            }
            for s in self.steps
        ]


@dataclass(frozen=True)
class Window:
    """The window of an interface's electrolyte.

    Args:
        phases: Reference energies; None: the embedded table.
        on_hull: Whether the electrolyte is put on the hull (the literature's convention).
        doubts: Whether limits under the doubts about single phases are computed, too.
    """

    phases: Phases | None = None
    on_hull: bool = True
    doubts: bool = True

    concern: ClassVar[Concern] = Concern.WINDOW
    reads: ClassVar[tuple[str, ...]] = ("electrolyte", "anode")
    references: ClassVar[tuple[str, ...]] = ("zhu2015", "richards2016")

    @property
    def quick(self) -> Window:
        """The same window without what no finding depends on."""
        return replace(self, doubts=False)

    def _doubts(
        self, phases: Phases, ladder: Ladder, composition: Mapping[str, float]
    ) -> tuple[Alternative, ...]:
        if not self.doubts:
            return ()
        return kept(
            phases, "alternatives", ladder.formula,
            lambda: _alternatives(phases, ladder, composition),
        )  # fmt: skip

    def __call__(self, interface: Interface, conditions: Conditions) -> WindowResult:
        """Limits and ladder; temperature does not enter (energies are enthalpies at 298 K)."""
        material = interface.electrolyte
        text, composition = material.formula or "", material.composition
        if {"C", "H"} <= set(composition):
            raise MissingProperty(
                f"{material.name} is organic: phase equilibria do not describe its molecules "
                "(see the molecular rules in `react`); a measured window belongs in its YAML file"
            )
        phases = self.phases or embedded()
        coverage = phases.require({**composition, "Li": 1.0})
        ladder = lithium_ladder(phases, composition, text)
        own = phases.find(composition)
        above = None if own is None else max(own.energy - ladder.hull_energy, 0.0)
        offset = above or 0.0 if not self.on_hull else 0.0
        at = anode_potential(interface.anode, phases)
        potentials = _corners(ladder, at)
        return WindowResult(
            electrolyte=material.name,
            formula=text,
            convention="on hull" if self.on_hull else "own energy",
            reduction_limit=ladder.reduction_limit,
            oxidation_limit=ladder.oxidation_limit,
            energy_above_hull=None if above is None else above * EV,
            anode=interface.anode.name,
            anode_potential=at.lowest,
            driving_force=(ladder.driving_force(at.lowest) - offset) * EV,
            products_at_anode=str(ladder.reaction_at(at.lowest)),
            at_rest=dict(ladder.mixture),
            steps=_steps(ladder, formula.molar_mass(composition)),
            potentials=potentials,
            driving_forces=tuple((ladder.driving_force(v) - offset) * EV for v in potentials),
            alternatives=self._doubts(phases, ladder, composition),
            missing=coverage.missing,
            recalled=_recalled(phases, ladder),
            warnings=_warnings(self, composition, above, ladder),
            sources=_sources(phases, ladder) + self.references,
            energies=f"{phases.kind} ({phases.origin})",
            energies_digest=phases.digest,
        )


def _steps(ladder: Ladder, molar_mass: float) -> tuple[LadderStep, ...]:
    def seen(step: Step, side: str) -> LadderStep:
        if side == "reduction":
            total = step.high - ladder.content
            electrons = step.high - max(step.low, ladder.content)
        else:
            total = ladder.content - step.low
            electrons = min(step.high, ladder.content) - step.low
        return LadderStep(
            side=side,
            potential=step.potential,
            electrons=electrons,
            total=total,
            capacity=total * FARADAY / molar_mass,
            reaction=str(ladder.reaction(step, oxidation=side == "oxidation")),
            products=dict(step.at_high if side == "reduction" else step.at_low),
        )

    return tuple(seen(s, "reduction") for s in ladder.reductions) + tuple(
        seen(s, "oxidation") for s in ladder.oxidations
    )


def _corners(ladder: Ladder, at: AnodePotential) -> tuple[float, ...]:
    """Potentials where the driving force changes its slope, with 0 V and 5 V at the ends."""
    corners = {s.potential for s in ladder.reductions + ladder.oxidations}
    return tuple(sorted({0.0, 5.0, at.lowest} | {v for v in corners if 0.0 < v < 5.0}))


def _alternatives(
    phases: Phases, ladder: Ladder, composition: Mapping[str, float]
) -> tuple[Alternative, ...]:
    """Limits under the doubts about single phases, where a limit moves by HANGS_ON.

    Doubtful is a phase whose energy is not measured and read: nobody doubts that Li2S exists. One
    that takes part at the limits is left out; one that lies off the hull is made more stable by its
    standard deviation.
    """
    phases = phases.within({*composition, "Li"})
    near = [ladder.mixture]
    near += [s.at_high for s in ladder.reductions[:1]] + [s.at_low for s in ladder.oxidations[:1]]
    taking_part = {f for mixture in near for f in mixture}
    cases = []
    for phase in phases.rows:
        own = phase.composition
        sure = phase.source.how == "measured" and phase.source.known == "read"
        if sure or len(own) == 1 or formula.same(own, composition) or phases.find(own) != phase:
            continue
        if phase.formula in taking_part:
            cases.append((f"without {phase.formula}", phases.without(phase.formula)))
        elif phase.sigma:
            text = f"with {phase.formula} {1000.0 * phase.sigma:.0f} meV/atom lower"
            cases.append((text, phases.with_energy(phase, phase.energy - phase.sigma)))
    found = []
    for text, table in cases:
        try:
            other = lithium_ladder(table, composition, ladder.formula)
        except MissingPhases:
            continue
        moved = max(
            abs(other.reduction_limit - ladder.reduction_limit),
            _distance(other.oxidation_limit, ladder.oxidation_limit),
        )
        if moved > HANGS_ON:
            found.append(Alternative(text, other.reduction_limit, other.oxidation_limit))
    return tuple(found)


def _distance(a: float, b: float) -> float:
    return 0.0 if a == b else abs(a - b)


def _recalled(phases: Phases, ladder: Ladder) -> tuple[str, ...]:
    return tuple(
        f for f in _involved(ladder)
        if (p := phases.find(formula.parse(f))) is not None and p.source.known == "recalled"
    )  # fmt: skip


def _involved(ladder: Ladder) -> tuple[str, ...]:
    mixtures = [ladder.mixture, *(s.at_high for s in ladder.reductions)]
    mixtures += [s.at_low for s in ladder.oxidations]
    return tuple(dict.fromkeys(f for mixture in mixtures for f in mixture))


def _sources(phases: Phases, ladder: Ladder) -> tuple[str, ...]:
    found = (phases.find(formula.parse(f)) for f in _involved(ladder))
    return tuple(dict.fromkeys(p.source.key for p in found if p is not None))


def _warnings(
    model: Window, composition: Mapping[str, float], above: float | None, ladder: Ladder
) -> tuple[str, ...]:
    found = []
    if charge := imbalance(composition):
        found.append(
            f"the formula as printed carries a charge of {charge:+g} per formula unit: "
            "its window is that of a composition that cannot exist as written"
        )
    elif excess := rounding(composition):
        found.append(
            f"the formula misses charge balance by {excess:+.2g}, as rounded formulas do: its "
            "limits may be those of that excess; write it exactly "
            "(Li3La5Ti9O27 for Li0.33La0.56TiO3)"
        )
    if above is None:
        found.append("the phase itself is not in the reference energies: on-hull limits only")
    elif above > METASTABLE and model.on_hull:
        found.append(
            f"metastable by {above * 1000:.0f} meV/atom in these energies; the limits are those "
            "of the phases it tends to form"
        )
    if math.isclose(ladder.reduction_limit, ladder.oxidation_limit, abs_tol=1e-9):
        found.append("zero width: the composition lies inside one redox step of the hull")
    return tuple(found)


def window(electrolyte: Any, *, phases: Any = None, on_hull: bool = True) -> WindowResult:
    """The window of an electrolyte by name, formula or object, against lithium metal.

    Args:
        electrolyte: A name, a formula, a material, or an object with a composition.
        phases: Reference energies; None: the embedded table; also what `read_entries` takes.
        on_hull: Whether a material above the hull is taken as on it.

    >>> window("Li3YCl6").electrolyte
    'Li3YCl6'
    """
    return Window(as_phases(phases), on_hull)(Interface(electrolyte, "Li"), Conditions())
