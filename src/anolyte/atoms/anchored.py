"""Energies of relaxed crystals tied to measured enthalpies, ready for the reference hull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from anolyte.atoms import assemble
from anolyte.atoms.assemble import Anchor, Computed
from anolyte.core.errors import MissingPhases

MODEL = "CHGNet 0.3.0"
"""Potential of the anchors: an energy of another one is on another scale."""


@dataclass(frozen=True)
class Tied:
    """A formation enthalpy of the kind of the reference energies.

    Args:
        energy: eV per atom.
        sigma: Standard deviation, eV per atom.
        anchor: The reaction that ties it, in words.
        by_elements: Whether an element takes part: the weak kind of anchor.
    """

    energy: float
    sigma: float
    anchor: str
    by_elements: bool


@lru_cache(maxsize=1)
def anchors() -> tuple[Anchor, ...]:
    """The phases that tie computed energies to measured ones."""
    measured = assemble.read_measured(assemble.DATA / "enthalpies.csv")
    computed = assemble.read_computed(assemble.DATA / "computed.csv")
    return tuple(assemble.anchors(measured, computed))


def tie(formula: str, energy: float, by: Sequence[Anchor] | None = None) -> Tied:
    r"""The formation enthalpy of a crystal from its total energy.

    $$ E = \sum_i y_i E_{exp}(i) + \Big[E_\mathrm{total} - \sum_i y_i E_\mathrm{total}(i)\Big] $$

    Args:
        formula: Of the crystal.
        energy: Total energy by the potential of the anchors (CHGNet 0.3.0), eV per atom.
        by: Anchors; None: those of the reference energies.

    Raises:
        MissingPhases: No anchors hold all its elements.

    >>> tied = tie("Li2O", next(a.computed for a in anchors() if a.formula == "Li2O"))
    >>> round(tied.energy, 2), tied.anchor
    (-2.07, 'Li2O = Li2O')
    """
    parts = assemble.reaction(Computed(formula, "", energy, {}), by or anchors())
    if parts is None:
        raise MissingPhases(f"{formula}: no measured phases hold all its elements", (formula,))
    elements = any(a.element for a, _ in parts)
    own = sum((y * a.sigma) ** 2 for a, y in parts)
    base = assemble.SIGMA_ELEMENTS if elements else assemble.SIGMA_COMPOUNDS
    return Tied(
        energy + sum(y * (a.measured - a.computed) for a, y in parts),
        float(np.sqrt(base**2 + own)), assemble.spell(formula, parts), elements,
    )  # fmt: skip
