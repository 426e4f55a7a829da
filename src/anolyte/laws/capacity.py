r"""Charge that a host takes up, from its formula and the formula of its lithiated state."""

from __future__ import annotations

from anolyte.core.units import FARADAY
from anolyte.materials import formula


def theoretical_capacity(host: str, state: str) -> float:
    r"""Specific capacity of a host between empty and a lithiated state, C per kg of the host.

    $$ q = x F / M_\mathrm{host} $$

    Args:
        host: Formula without the lithium (`Si`); lithium itself counts all of its atoms.
        state: Formula of the lithiated state (`Li15Si4`).

    Returns:
        C/kg; 3.6e3 C/kg is 1 mAh/g.

    Raises:
        FormulaError: A text that is no formula.

    >>> round(theoretical_capacity("Si", "Li15Si4") / 3600)
    3579
    >>> round(theoretical_capacity("Li", "Li") / 3600)
    3862
    """
    full, empty = formula.parse(state), formula.parse(host)
    if set(empty) == {"Li"}:
        return FARADAY / formula.molar_mass(empty) * empty["Li"]
    rest = {e: n for e, n in full.items() if e != "Li"}
    units = formula.atoms(rest) / formula.atoms(empty)
    lithium = full.get("Li", 0.0) - units * empty.get("Li", 0.0)
    return lithium / units * FARADAY / formula.molar_mass(empty)
