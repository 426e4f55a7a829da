r"""Phase equilibria of an electrolyte open to lithium: the bridge from phases to the hull.

Potentials are measured against lithium metal of the same table,
$\varphi = -(\mu_\mathrm{Li} - \mu^0_\mathrm{Li})/e$; with energies in eV per atom the numbers of
eV and of volts agree. Nothing here takes a chemical potential as input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from anolyte.core.errors import MissingPhases
from anolyte.core.memo import kept
from anolyte.materials import formula
from anolyte.materials.phases import WAYS_TO_ADD, Phases
from anolyte.materials.reaction import Reaction
from anolyte.numerics import hull

LITHIUM = "Li"
NEGLIGIBLE_LITHIUM = 1e-9
AT_ZERO = 1e-9
"""Potentials this close to 0 V are lithium metal."""


@dataclass(frozen=True)
class Step:
    """One step of the lithium ladder.

    Args:
        potential: V vs Li/Li+.
        low, high: Lithium content at its ends, Li per formula unit.
        at_low, at_high: Phases at its ends, formula units per formula unit of the electrolyte.
    """

    potential: float
    low: float
    high: float
    at_low: Mapping[str, float]
    at_high: Mapping[str, float]


@dataclass(frozen=True)
class Ladder:
    """All equilibria of a composition against its lithium content.

    Args:
        formula: The composition, as written.
        content: Lithium per formula unit in it.
        atoms: Atoms per formula unit.
        hull_energy: eV per atom of the phases it is made of at equilibrium.
        mixture: Those phases, formula units per formula unit.
        reductions: Steps that take up lithium, from high to low potential (0 V not included).
        oxidations: Steps that give up lithium, from low to high potential.
        gases: Formulas of the products that are gases.
    """

    formula: str
    content: float
    atoms: float
    hull_energy: float
    mixture: Mapping[str, float]
    reductions: tuple[Step, ...]
    oxidations: tuple[Step, ...]
    gases: tuple[str, ...] = ()

    @property
    def reduction_limit(self) -> float:
        """V vs Li/Li+ below which lithium is taken up; 0 for a phase stable with lithium."""
        return self.reductions[0].potential if self.reductions else 0.0

    @property
    def oxidation_limit(self) -> float:
        """V vs Li/Li+ above which lithium is given up; infinite without anything to give up."""
        return self.oxidations[0].potential if self.oxidations else float("inf")

    def driving_force(self, potential: float) -> float:
        r"""Energy of decomposition at a potential, eV per atom of the electrolyte (<= 0).

        $$ E_D(\varphi) = -\sum_{V_i > \varphi} (V_i - \varphi)\,\Delta n_i / N
           - \sum_{V_j < \varphi} (\varphi - V_j)\,\Delta n_j / N $$

        with the sums over the reduction steps above and the oxidation steps below the potential,
        $\Delta n$ the lithium each takes or gives and $N$ the atoms per formula unit.
        """
        energy = 0.0
        for step in self.reductions:
            taken = step.high - max(step.low, self.content)
            energy -= max(step.potential - potential, 0.0) * taken
        for step in self.oxidations:
            given = min(step.high, self.content) - step.low
            energy -= max(potential - step.potential, 0.0) * given
        return energy / self.atoms

    def products(self, potential: float) -> Mapping[str, float]:
        """Phases at a potential, formula units per formula unit of the electrolyte."""
        mixture = self.mixture
        for step in self.reductions:
            if step.potential > potential + AT_ZERO:
                mixture = step.at_high
        for step in self.oxidations:
            if step.potential < potential - AT_ZERO:
                mixture = step.at_low
        return mixture

    def reaction(self, step: Step, *, oxidation: bool) -> Reaction:
        """Electrolyte plus (or minus) lithium to the phases at the far end of a step.

        A composition inside a redox step has this step on both sides; `oxidation` tells which end.
        """
        if oxidation:
            return self._reaction(step.low, step.at_low)
        return self._reaction(step.high, step.at_high)

    def reaction_at(self, potential: float) -> Reaction:
        """Electrolyte to its products at a potential."""
        products = self.products(potential)
        lithium = sum(n * formula.parse(f).get(LITHIUM, 0.0) for f, n in products.items())
        return self._reaction(lithium, products)

    def _reaction(self, content: float, products: Mapping[str, float]) -> Reaction:
        reactants, made = {self.formula: 1.0}, dict(products)
        taken = content - self.content
        if taken > NEGLIGIBLE_LITHIUM:
            reactants[LITHIUM] = taken
        elif taken < -NEGLIGIBLE_LITHIUM:
            made = {LITHIUM: -taken} | made
        return Reaction(reactants, made, tuple(f for f in made if f in self.gases))


def lithium_ladder(phases: Phases, composition: Mapping[str, float], text: str = "") -> Ladder:
    """The exact ladder of a composition open to lithium.

    Args:
        phases: The reference energies.
        composition: Element amounts of one formula unit.
        text: How the formula is written in reactions.

    Raises:
        MissingPhases: The energies do not hold an element of it.
    """
    key = (tuple(sorted(composition.items())), text)
    return kept(phases, "ladder", key, lambda: _ladder(phases, composition, text))


def _ladder(phases: Phases, composition: Mapping[str, float], text: str) -> Ladder:
    table = phases.within({*composition, LITHIUM})
    target = _vector(table, composition)
    try:
        walk = hull.ladder(table.fractions, table.energies, target, table.elements.index(LITHIUM))
        ground = hull.lower_hull(table.fractions, table.energies, target)
    except hull.MissingReference as error:
        raise _missing(table, error) from None
    n = formula.atoms(composition)
    metal, content = walk.steps[0].slope, walk.content

    def step(segment: hull.Segment) -> Step:
        return Step(
            potential=metal - segment.slope,
            low=segment.low * n,
            high=segment.high * n,
            at_low=amounts(table, segment.at_low, n),
            at_high=amounts(table, segment.at_high, n),
        )

    up = [s for s in walk.steps[1:] if s.high > content + hull.LENGTH]
    down = [s for s in walk.steps if s.low < content - hull.LENGTH]
    return Ladder(
        formula=text or formula.write(composition),
        content=composition.get(LITHIUM, 0.0),
        atoms=n,
        hull_energy=ground.energy,
        mixture=amounts(table, ground.mixture, n),
        reductions=tuple(step(s) for s in reversed(up)),
        oxidations=tuple(step(s) for s in down),
        gases=_gases(table),
    )


def amounts(table: Phases, mixture: hull.Mixture, atoms: float) -> dict[str, float]:
    """Formula units of each phase, per formula unit of `atoms` atoms."""
    found: dict[str, float] = {}
    for row, amount in zip(mixture.phases, mixture.amounts, strict=True):
        if not np.isfinite(amount):
            continue
        name = table.rows[row].formula
        found[name] = found.get(name, 0.0) + float(amount * atoms / table.atoms[row])
    return found


@dataclass(frozen=True)
class Kink:
    """A corner of the reaction energy between two reactants.

    Args:
        x: Atomic share of the first reactant (of its atoms other than lithium, when open).
        energy: Reaction energy, eV per atom (per atom other than lithium, when open).
        mutual: The part due to mixing; the rest is what each reactant does on its own.
        reaction: Balanced.
    """

    x: float
    energy: float
    mutual: float
    reaction: Reaction


def closed_profile(
    phases: Phases, first: tuple[str, Mapping[str, float]], second: tuple[str, Mapping[str, float]]
) -> tuple[Kink, ...]:
    """Kinks of the reaction of two solids that exchange nothing with the outside.

    End members carry hull energies: what a metastable reactant releases on its own is its energy
    above the hull and is not part of these numbers.

    Args:
        phases: The reference energies.
        first: Text and element amounts of the reactant at x = 1.
        second: The same at x = 0.
    """
    table = phases.within({*first[1], *second[1]})
    one, two = _vector(table, first[1]), _vector(table, second[1])
    try:
        line = hull.tie_line(table.fractions, table.energies, one, two)
    except hull.MissingReference as error:
        raise _missing(table, error) from None
    kinks = []
    for kink in line.kinks:
        reactants = _reactants(kink.x, first, second, formula.atoms)
        scale = _scale(reactants)
        products = amounts(table, kink.mixture, scale)
        reaction = Reaction({k: v * scale for k, v in reactants.items()}, products, _gases(table))
        kinks.append(Kink(kink.x, kink.reaction_energy, kink.reaction_energy, reaction))
    return tuple(kinks)


def open_profile(
    phases: Phases,
    first: tuple[str, Mapping[str, float]],
    second: tuple[str, Mapping[str, float]],
    potential: float,
) -> tuple[Kink, ...]:
    """Kinks of the reaction of two solids open to lithium at a potential.

    Args:
        phases: The reference energies.
        first: Text and element amounts of the reactant at x = 1; not pure lithium.
        second: The same at x = 0; not pure lithium.
        potential: V vs Li/Li+.
    """
    table = phases.within({*first[1], *second[1], LITHIUM})
    one, two = _vector(table, first[1]), _vector(table, second[1])
    lithium = table.elements.index(LITHIUM)
    mu = _ground(table, np.eye(len(one))[lithium]) - potential
    fractions, potentials = hull.grand_potential(table.fractions, table.energies, lithium, mu)
    closed = [_without(v, lithium) for v in (one, two)]
    try:
        line = hull.tie_line(fractions, potentials, closed[0][0], closed[1][0])
        own = [
            (_ground(table, v) - mu * v[lithium]) / left
            for v, (_, left) in zip((one, two), closed, strict=True)
        ]
    except hull.MissingReference as error:
        raise _missing(table, error) from None
    alone = [line.kinks[-1].energy - own[0], line.kinks[0].energy - own[1]]
    kinks = []
    for kink in line.kinks:
        reaction = _open_reaction(table, kink, first, second)
        total = kink.reaction_energy + kink.x * alone[0] + (1.0 - kink.x) * alone[1]
        kinks.append(Kink(kink.x, total, kink.reaction_energy, reaction))
    return tuple(kinks)


def _ground(table: Phases, target: np.ndarray) -> float:
    """Hull energy of a composition, eV per atom: the same at every potential."""
    return kept(
        table, "ground", target.tobytes(),
        lambda: hull.lower_hull(table.fractions, table.energies, target).energy,
    )  # fmt: skip


def _open_reaction(
    table: Phases,
    kink: hull.Kink,
    first: tuple[str, Mapping[str, float]],
    second: tuple[str, Mapping[str, float]],
) -> Reaction:
    """The balanced reaction of an open kink; lithium makes up the difference."""
    reactants = _reactants(kink.x, first, second, _closed_atoms)
    scale = _scale(reactants)
    reactants = {k: v * scale for k, v in reactants.items()}
    products: dict[str, float] = {}
    for row, amount in zip(kink.mixture.phases, kink.mixture.amounts, strict=True):
        units = amount * scale / _closed_atoms(table.compositions[row])
        products[table.rows[row].formula] = units
    held = {first[0]: first[1], second[0]: second[1]}
    lithium = sum(n * formula.parse(f).get(LITHIUM, 0.0) for f, n in products.items()) - sum(
        n * held[f].get(LITHIUM, 0.0) for f, n in reactants.items()
    )
    if lithium > NEGLIGIBLE_LITHIUM:
        reactants = reactants | {LITHIUM: lithium}
    elif lithium < -NEGLIGIBLE_LITHIUM:
        products = {LITHIUM: -lithium} | products
    return Reaction(reactants, products, _gases(table))


def _reactants(
    x: float,
    first: tuple[str, Mapping[str, float]],
    second: tuple[str, Mapping[str, float]],
    count: Callable[[Mapping[str, float]], float],
) -> dict[str, float]:
    """Formula units of both reactants in one mole of (counted) atoms."""
    found: dict[str, float] = {}
    for share, (text, composition) in ((x, first), (1.0 - x, second)):
        if share > hull.NEGLIGIBLE:
            found[text] = found.get(text, 0.0) + share / count(composition)
    return found


def _scale(reactants: Mapping[str, float]) -> float:
    """Factor that makes the first reactant one formula unit."""
    return 1.0 / next(iter(reactants.values()))


def _closed_atoms(composition: Mapping[str, float]) -> float:
    return sum(n for e, n in composition.items() if e != LITHIUM)


def _without(vector: np.ndarray, column: int) -> tuple[np.ndarray, float]:
    """Fractions of the other elements, and their share of the whole."""
    left = 1.0 - vector[column]
    closed = vector.copy()
    closed[column] = 0.0
    return closed / left, left


def _gases(table: Phases) -> tuple[str, ...]:
    """Formulas that stand for gases: the lowest phase of their composition is one."""

    def find() -> tuple[str, ...]:
        gases = (p for p in table.rows if p.state == "gas")
        return tuple(p.formula for p in gases if table.find(p.composition) is p)

    return kept(table, "gases", None, find)


def _vector(table: Phases, composition: Mapping[str, float]) -> np.ndarray:
    return table.vector(composition)


def _missing(table: Phases, error: hull.MissingReference) -> MissingPhases:
    lacking = [table.elements[i] for i in error.columns]
    return MissingPhases(
        f"the reference energies ({table.origin}) hold no {', '.join(lacking)} as an element; "
        + WAYS_TO_ADD,
        lacking,
    )
