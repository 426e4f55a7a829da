"""The lithium ladders of one composition under many draws of the reference energies.

`laws.equilibrium.lithium_ladder` asked of every draw, in one compiled sweep and without names until
they are wanted. Potentials are V vs Li/Li+, energies eV per atom, as there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import MissingPhases
from anolyte.laws.equilibrium import AT_ZERO, LITHIUM
from anolyte.materials.phases import WAYS_TO_ADD, Phase, Phases
from anolyte.numerics import resampled
from anolyte.numerics.phase_table import Array, MissingReference
from anolyte.numerics.resampled import ABSENT, Counts, Ladders

Flags = NDArray[np.bool_]

SAME = 1e-6
"""Atomic fractions that differ by less are one composition."""


@dataclass(frozen=True, eq=False)
class FirstStep:
    """The first step on one side, in every draw.

    Args:
        limits: V vs Li/Li+; without a step 0 (reduction) or infinite (oxidation), (draws,).
        products: Which names are present at its end, (draws, names); none without a step.
        absent: Whether there is none, (draws,).
    """

    limits: Array
    products: Flags
    absent: Flags


@dataclass(frozen=True, eq=False)
class LadderDraws:
    """All ladders of a composition.

    Args:
        phases: The phases made of nothing but its elements and lithium.
        target: Their atomic fractions in it.
        energies: eV per atom; infinite leaves a phase out, (draws, phases).
        ladders: One a draw.
    """

    phases: Phases
    target: Array
    energies: Array
    ladders: Ladders

    @cached_property
    def names(self) -> tuple[str, ...]:
        """One formula a composition of the table, in its order."""
        return tuple(dict.fromkeys(self._names))

    @cached_property
    def _lowest(self) -> tuple[Phase, ...]:
        """Of each row's composition."""
        pairs = zip(self.phases.compositions, self.phases.rows, strict=True)
        return tuple(self.phases.find(composition) or row for composition, row in pairs)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(phase.formula for phase in self._lowest)

    @cached_property
    def name_of(self) -> Counts:
        """Which name each row of the table has, (phases,)."""
        index = {name: i for i, name in enumerate(self.names)}
        return np.array([index[name] for name in self._names])

    def phase(self, name: str) -> Phase:
        """The lowest phase behind a name of this table."""
        return self._lowest[self._names.index(name)]

    def spelt(self, present: Flags) -> tuple[str, ...]:
        """The names that are present, from (names,)."""
        return tuple(self.names[i] for i in np.flatnonzero(present))

    def _named(self, rows: Counts) -> Flags:
        """Which names are present, (draws, names), from rows of the table or `ABSENT`."""
        found = np.zeros((len(rows), len(self.names) + 1), dtype=bool)
        found[np.arange(len(rows))[:, None], np.append(self.name_of, ABSENT)[rows]] = True
        return found[:, :-1]

    @cached_property
    def reduction(self) -> FirstStep:
        """The step that takes up lithium."""
        step = self.ladders.reduction
        return self._first(step, self.ladders.at_high, step == 0, 0.0)

    @cached_property
    def oxidation(self) -> FirstStep:
        """The step that gives it up."""
        step = self.ladders.oxidation
        absent = step >= self.ladders.count
        return self._first(np.where(absent, 0, step), self.ladders.at_low, absent, math.inf)

    def _first(self, step: Counts, phases: Counts, absent: Flags, without: float) -> FirstStep:
        draws = np.arange(len(step))
        limits = np.where(absent, without, self.ladders.potential[draws, step])
        rows = np.where(absent[:, None], ABSENT, phases[draws, step])
        return FirstStep(limits, self._named(rows), absent)

    def products(self, potential: float) -> Flags:
        """Which names are present at a potential, (draws, names)."""
        return self._named(self.ladders.present(potential, AT_ZERO))

    def driving_force(self, potentials: Array) -> Array:
        """`Ladder.driving_force` at potentials (p,), (draws, p)."""
        return self.ladders.force(potentials)

    def inside(self, potential: float) -> Flags:
        """Whether a potential lies inside the window, (draws,)."""
        low, high = self.reduction.limits, self.oxidation.limits
        return (low <= potential + AT_ZERO) & (potential <= high + AT_ZERO)

    @cached_property
    def moved(self) -> Array:
        """How far the limits are from those of the first draw, the larger of both, V, (draws,)."""
        moves = []
        for limits in (self.reduction.limits, self.oxidation.limits):
            apart = limits != limits[0]  # equal infinities have no difference
            moves.append(np.abs(np.subtract(limits, limits[0], out=0.0 * apart, where=apart)))
        return np.maximum(*moves)

    @property
    def zero_width(self) -> Flags:
        """Whether the composition lies inside one redox step, (draws,)."""
        return self.ladders.reduction == self.ladders.oxidation

    @cached_property
    def own(self) -> Counts:
        """Rows of the phase itself."""
        return np.flatnonzero(np.abs(self.phases.fractions - self.target).max(axis=1) < SAME)

    @cached_property
    def above_hull(self) -> Array | None:
        """Energy of the phase itself above the hull, (draws,); None: not in the table."""
        if not self.own.size:
            return None
        return np.maximum(self.energies[:, self.own].min(axis=1) - self.ladders.ground, 0.0)


def lithium_ladders(
    phases: Phases, composition: Mapping[str, float], energies: Array
) -> LadderDraws:
    """The exact ladders of a composition open to lithium, one a draw.

    Args:
        phases: The phases made of nothing but the composition's elements and lithium, as
            `Phases.within` gives them.
        composition: Element amounts.
        energies: eV per atom in place of those of `phases`; infinite leaves a phase out, the
            elements excepted, (draws, phases).

    Raises:
        MissingPhases: The phases do not hold an element of it.

    >>> from anolyte.materials.phases import embedded
    >>> table = embedded().within({"Li", "Cl"})
    >>> draws = lithium_ladders(table, {"Li": 1, "Cl": 1}, table.energies * [[1.0], [2.0]])
    >>> draws.oxidation.limits.round(3)
    array([4.234, 8.468])
    """
    target = phases.vector(composition)
    place = phases.elements.index(LITHIUM)
    try:
        ladders = resampled.ladders(phases.fractions, energies, target, place)
    except MissingReference as error:
        lacking = [phases.elements[i] for i in error.columns]
        raise MissingPhases(
            f"the reference energies ({phases.origin}) hold no {', '.join(lacking)} as an element; "
            + WAYS_TO_ADD,
            lacking,
        ) from None
    return LadderDraws(phases, target, energies, ladders)


def without_each(
    phases: Phases, composition: Mapping[str, float]
) -> tuple[tuple[str, ...], LadderDraws]:
    """The ladders of a composition with each compound left out, all its polymorphs.

    Elements stay, as their energies are conventions; so does the composition itself, without which
    the question would be another one.

    Args:
        phases, composition: As in `lithium_ladders`.

    Returns:
        What each draw leaves out ("" in the first, which is the whole table), and the draws.
    """
    whole = lithium_ladders(phases, composition, phases.energies[None])
    compound = (phases.fractions > 0.0).sum(axis=1) > 1
    compound[whole.own] = False
    names = np.append(ABSENT, np.unique(whole.name_of[compound]))
    energies = np.where(whole.name_of == names[:, None], np.inf, phases.energies)
    return ("", *(whole.names[i] for i in names[1:])), lithium_ladders(
        phases, composition, energies
    )
