"""Measured labels of the project's own tables, with structures: what models are fine-tuned on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from anolyte.atoms import assemble
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.atoms.structures import load
from anolyte.core.errors import AnolyteError

ENTHALPY = Target("formation enthalpy", "eV/atom", "measured")


@lru_cache(maxsize=1)
def formation_enthalpies() -> Labelled:
    """Measured formation enthalpies at 298 K of ordered compounds whose structure is known.

    The cells are the published ones. Recalled enthalpies are left out, and so are elements. Those
    on which the potential is far off are kept: leaving them out would favour what it taught.

    Raises:
        MissingExtra: pymatgen is not installed.
    """
    measured = assemble.read_measured(assemble.DATA / "enthalpies.csv")
    computed = assemble.read_computed(assemble.DATA / "computed.csv")
    pairs = [(a.name, a.measured) for a in assemble.anchors(measured, computed) if not a.element]
    off = assemble.outliers(measured, computed, above=assemble.ANCHOR_LIMIT)
    pairs += [(name, value) for _, name, value, _ in off]
    phases = {phase.name: phase for phase in load()}
    crystals, values = [], []
    for name, value in pairs:
        try:
            crystals.append(Crystal.of(phases[name].average()))
        except (AnolyteError, KeyError):
            continue  # partial occupancies, or a structure that was renamed since
        values.append([value])
    formulas = tuple(c.formula for c in crystals)
    return Labelled(formulas, (ENTHALPY,), np.array(values), tuple(crystals))
