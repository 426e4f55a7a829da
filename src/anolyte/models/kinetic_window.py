r"""Window of an electrolyte by the indirect route: lithium moves first, then the host breaks.

Direct decomposition needs new phases to nucleate. Lithium is mobile, so the electrolyte may first
give up, or take up, lithium while its host stays, and only this state falls apart (Schwietert et
al. 2020). The limit is then the potential of the topotactic step,

$$ V = -\frac{E(\mathrm{Li}_{x_2}H) - E(\mathrm{Li}_{x_1}H) - (x_2 - x_1)\,E(\mathrm{Li})}
   {(x_2 - x_1)\,e}. $$

Energies of such states are in no table of stable phases: they come from `topotactic.csv`, and where
there is none the answer is "unknown". Validity: no barrier has been computed, here or in the
sources; a state that forms says where the first charge flows, not how fast. The thermodynamic
window stays what is certain to be stable, and this one never overrules it.

Source: Schwietert et al. 2020 and 2021.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from anolyte.core.errors import MissingProperty
from anolyte.core.result import Concern, Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.equilibrium import Ladder, lithium_ladder
from anolyte.materials import formula, topotactic
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.reaction import Reaction
from anolyte.materials.stack import Conditions, Interface
from anolyte.materials.topotactic import Side, TopotacticState

EV = ELEMENTARY_CHARGE
UNKNOWN = "unknown: no topotactic state"
REFERENCE = "reference energies"
AGREES = 0.1
"""Volts within which two limits say the same: the error of the energies."""


@dataclass(frozen=True, kw_only=True)
class TopotacticStep:
    """One step from the host, and what becomes of its end.

    Args:
        side: lithiation | delithiation.
        state: Formula at its end; empty: not known.
        lithium: Put in per formula unit of the host; negative: taken out.
        potential: V vs Li/Li+.
        low, high: Interval over all sources of the step and their standard deviations, V.
        decomposition: Thermodynamic limit that the step is compared with, V.
        compared_with: Whose limit that is: a computed step is compared within its own source, so
            that the error of the method cancels; a measured one with the reference energies.
        gap: How far the step lies outside that limit, V; negative: inside.
        energy_above_hull: Of the state above the products of the first decomposition step, in the
            energies that the gap belongs to, J per atom; None where no state is known.
        decay: What the state falls apart to in the reference energies, balanced.
        how, known, source, where, note: Of the potential.
    """

    side: str
    state: str = ""
    lithium: float | None = quantity("number", default=None)
    potential: float = quantity("electrode_potential")
    low: float = quantity("electrode_potential")
    high: float = quantity("electrode_potential")
    decomposition: float = quantity("electrode_potential")
    compared_with: str = ""
    gap: float = quantity("potential")
    energy_above_hull: float | None = quantity("energy_per_atom", default=None)
    decay: str = ""
    how: str = ""
    known: str = ""
    source: str = ""
    where: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class KineticWindowResult(Result):
    """Limits by the indirect route beside the thermodynamic ones; it states no finding.

    Args:
        electrolyte, formula: Name and composition.
        host: Composition that the states belong to; empty: there are none.
        reduction_limit, oxidation_limit: Potential of the topotactic steps, V vs Li/Li+; None:
            no topotactic state is known.
        reduction_interval, oxidation_interval: Over the sources, V; empty where unknown.
        thermodynamic_reduction, thermodynamic_oxidation: On-hull limits in the reference
            energies, V.
        reduction_gap, oxidation_gap: How far the topotactic limit lies outside the thermodynamic
            one of the same kind of energies, V; negative: inside.
        steps: Every step.
        statement: What the two windows say together, a sentence a side.
        warnings, sources: A sentence each, and citation keys.
        energies, energies_digest: Kind and origin of the reference energies, and their SHA-256.
    """

    electrolyte: str
    formula: str
    host: str = ""
    reduction_limit: float | None = quantity("electrode_potential", default=None)
    oxidation_limit: float | None = quantity("electrode_potential", default=None)
    reduction_interval: tuple[float, ...] = quantity("electrode_potential", default=())
    oxidation_interval: tuple[float, ...] = quantity("electrode_potential", default=())
    thermodynamic_reduction: float = quantity("electrode_potential")
    thermodynamic_oxidation: float = quantity("electrode_potential")
    reduction_gap: float | None = quantity("potential", default=None)
    oxidation_gap: float | None = quantity("potential", default=None)
    steps: tuple[TopotacticStep, ...] = ()
    statement: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[Concern] = Concern.WINDOW

    def rows(self) -> list[dict[str, Any]]:
        """One row a step."""
        return [
            {
                "electrolyte": self.electrolyte, "side": s.side, "state": s.state,
                "lithium": s.lithium, "potential [V vs Li/Li⁺]": s.potential,
                "low [V vs Li/Li⁺]": s.low, "high [V vs Li/Li⁺]": s.high,
                "decomposition [V vs Li/Li⁺]": s.decomposition, "compared with": s.compared_with,
                "beyond decomposition [V]": s.gap,
                "above hull [eV/atom]": None if s.energy_above_hull is None
                else s.energy_above_hull / EV,
                "falls apart": s.decay, "how": s.how, "known": s.known, "source": s.source,
            }
            for s in self.steps
        ]  # fmt: skip


@dataclass(frozen=True)
class KineticWindow:
    """The window of an interface's electrolyte by the indirect route.

    Args:
        phases: Reference energies; None: the embedded table.
        states: Topotactic states; None: the embedded ones.
    """

    phases: Phases | None = None
    states: tuple[TopotacticState, ...] | None = field(default=None, repr=False)

    concern: ClassVar[Concern] = Concern.WINDOW
    reads: ClassVar[tuple[str, ...]] = ("electrolyte",)
    references: ClassVar[tuple[str, ...]] = ("schwietert2020", "schwietert2021")

    def __call__(self, interface: Interface, conditions: Conditions) -> KineticWindowResult:
        """Topotactic limits, what their ends decompose to, and the gap to the hull's limits.

        Raises:
            MissingProperty: An organic electrolyte.
            MissingPhases: The energies do not cover the electrolyte.
        """
        material = interface.electrolyte
        composition = material.composition
        if {"C", "H"} <= set(composition):
            raise MissingProperty(
                f"{material.name} is organic: it has no host that lithium leaves or enters"
            )
        phases = self.phases or embedded()
        phases.require({**composition, "Li": 1.0})
        ladder = lithium_ladder(phases, composition, material.formula or "")
        found = topotactic.states_of(material.name, composition, self.states)
        steps = tuple(_step(group, phases, ladder) for group in _groups(found))
        down = _first(steps, Side.LITHIATION)
        up = _first(steps, Side.DELITHIATION)
        return KineticWindowResult(
            electrolyte=material.name, formula=material.formula or "",
            host=found[0].host if found else "",
            reduction_limit=None if down is None else down.potential,
            oxidation_limit=None if up is None else up.potential,
            reduction_interval=() if down is None else (down.low, down.high),
            oxidation_interval=() if up is None else (up.low, up.high),
            thermodynamic_reduction=ladder.reduction_limit,
            thermodynamic_oxidation=ladder.oxidation_limit,
            reduction_gap=None if down is None else down.gap,
            oxidation_gap=None if up is None else up.gap,
            steps=steps,
            statement=(
                _says("reduction", down, ladder.reduction_limit, ladder.formula),
                _says("oxidation", up, ladder.oxidation_limit, ladder.formula),
            ),
            warnings=_warnings(found, composition, [s for s in (down, up) if s is not None]),
            sources=tuple(dict.fromkeys([*(s.source.key for s in found), *self.references])),
            energies=f"{phases.kind} ({phases.origin})", energies_digest=phases.digest,
        )  # fmt: skip


def _groups(states: Iterable[TopotacticState]) -> list[list[TopotacticState]]:
    """The sources of each step. One that does not name its state speaks of its side's first."""
    found: dict[tuple[Side, str], list[TopotacticState]] = {}
    for s in states:
        known = [key for key in found if key[0] is s.side]
        unnamed = next((key for key in known if not (key[1] and s.state)), None)
        found.setdefault(unnamed or (s.side, s.state), []).append(s)
    return list(found.values())


def _step(group: list[TopotacticState], phases: Phases, ladder: Ladder) -> TopotacticStep:
    first = group[0]
    named = next((s for s in group if s.state), first)
    low = min(s.potential - (s.sigma or 0.0) for s in group)
    high = max(s.potential + (s.sigma or 0.0) for s in group)
    up = first.side is Side.DELITHIATION
    limit, whose = first.decomposition, first.source.key
    if limit is None:
        limit, whose = ladder.oxidation_limit if up else ladder.reduction_limit, REFERENCE
    gap = first.potential - limit if up else limit - first.potential
    return TopotacticStep(
        side=str(first.side), state=named.state, lithium=named.lithium, potential=first.potential,
        low=low, high=high, decomposition=limit, compared_with=whose, gap=gap,
        energy_above_hull=_above(named, gap) if first.potential > 0.0 else None,
        decay=_decay(named.state, phases), how=first.source.how, known=first.source.known,
        source=first.source.key, where=first.source.where,
        note="; ".join(dict.fromkeys(s.note for s in group if s.note)),
    )  # fmt: skip


def _above(state: TopotacticState, gap: float) -> float | None:
    """Energy of a state above the products of the first decomposition step, J per atom.

    Both lie on straight lines from the host, |lithium| apart by the gap in their slopes.
    """
    if state.lithium is None:
        return None
    return abs(state.lithium) * gap / formula.atoms(formula.parse(state.state)) * EV


def _decay(state: str, phases: Phases) -> str:
    """What a state falls apart to without more lithium moving."""
    if not state:
        return ""
    return str(Reaction({state: 1.0}, lithium_ladder(phases, formula.parse(state), state).mixture))


def _first(steps: Iterable[TopotacticStep], side: Side) -> TopotacticStep | None:
    """The step of a side that comes first on leaving the host's potential."""
    found = [s for s in steps if s.side == side]
    pick = min if side is Side.DELITHIATION else max
    return pick(found, key=lambda s: s.potential, default=None)


def _says(side: str, step: TopotacticStep | None, limit: float, text: str) -> str:
    """The two limits of a side in one sentence."""
    if step is None:
        return f"{side}: {UNKNOWN} of {text}"
    to = f" to {step.state}" if step.state else ""
    begins = f"{step.side}{to} at {step.potential:.2f} V"
    if step.potential <= 0.0:
        begins = f"no {step.side} of the host above lithium metal"
    told = f"{side}: {begins}, decomposition at {step.decomposition:.2f} V"
    if step.compared_with != REFERENCE:
        told += f" by {step.compared_with} ({limit:.2f} V in the {REFERENCE})"
    told += ": "
    if step.gap > AGREES:
        return told + f"the indirect route begins {step.gap:.2f} V beyond direct decomposition"
    if step.gap < -AGREES:
        return told + (
            f"lithium moves {-step.gap:.2f} V before anything decomposes, and the electrolyte "
            "works as an electrode there"
        )
    return told + "no difference beyond the error of the energies"


def _warnings(
    found: tuple[TopotacticState, ...], composition: Mapping[str, float],
    limits: Iterable[TopotacticStep],
) -> tuple[str, ...]:  # fmt: skip
    told = []
    hosts = dict.fromkeys(s.host for s in found)
    if others := [h for h in hosts if not formula.same(formula.parse(h), composition)]:
        told.append(f"the topotactic states are those of {', '.join(others)}, a relative")
    told += [f"{s.side} ({s.source}): {s.note}" for s in limits if s.note]
    unread = dict.fromkeys(s.source.key for s in found if s.source.known != "read")
    if unread:
        told.append(f"potentials of {', '.join(unread)} are not read in the paper itself")
    if found:
        told.append(
            "no barrier of either route is known: which window holds is a matter of kinetics, and "
            "only the thermodynamic one is certain to be stable"
        )
    return tuple(told)


def kinetic_window(electrolyte: Any, *, phases: Phases | None = None) -> KineticWindowResult:
    """The window by the indirect route of an electrolyte by name, formula or object.

    >>> found = kinetic_window("Li6PS5Cl")
    >>> found.reduction_limit, found.oxidation_limit
    (1.08, 2.24)
    >>> kinetic_window("Li3YCl6").statement[0]
    'reduction: unknown: no topotactic state of Li3YCl6'
    """
    return KineticWindow(phases)(Interface(electrolyte, "Li"), Conditions())
