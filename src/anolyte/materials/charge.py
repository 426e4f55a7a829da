"""Charge audit: does a formula balance with the elements' usual oxidation states?

The most electronegative element takes its negative states only, every other element any of its
usual ones; a composition is balanced when zero lies between the least and the greatest sum.
"""

from __future__ import annotations

from collections.abc import Mapping

from anolyte.core.errors import FormulaError

# Usual oxidation states in battery solids, lowest and highest, from general chemical knowledge;
# elements not listed are not audited.
STATES: dict[str, tuple[int, int]] = {
    "Li": (1, 1), "Na": (1, 1), "K": (1, 1), "Rb": (1, 1), "Cs": (1, 1), "Be": (2, 2),
    "Mg": (2, 2), "Ca": (2, 2), "Sr": (2, 2), "Ba": (2, 2), "B": (3, 3), "Al": (3, 3),
    "Ga": (3, 3), "In": (1, 3), "Sc": (3, 3), "Y": (3, 3), "La": (3, 3), "Ce": (3, 4),
    "Nd": (3, 3), "Sm": (2, 3), "Gd": (3, 3), "Er": (3, 3), "Yb": (2, 3), "Ti": (2, 4),
    "Zr": (2, 4), "Hf": (4, 4), "V": (2, 5), "Nb": (3, 5), "Ta": (5, 5), "Cr": (2, 6),
    "Mo": (2, 6), "W": (4, 6), "Mn": (2, 7), "Fe": (2, 3), "Co": (2, 4), "Ni": (2, 4),
    "Cu": (1, 2), "Ag": (1, 1), "Au": (1, 3), "Zn": (2, 2), "Cd": (2, 2), "Si": (-4, 4),
    "Ge": (-4, 4), "Sn": (-4, 4), "Pb": (2, 4), "P": (-3, 5), "As": (-3, 5), "Sb": (-3, 5),
    "Bi": (-3, 5), "C": (-4, 4), "H": (-1, 1), "S": (-2, 6), "Se": (-2, 6), "Te": (-2, 6),
    "N": (-3, 5), "Br": (-1, -1), "I": (-1, -1), "Cl": (-1, -1), "O": (-2, -2), "F": (-1, -1),
}  # fmt: skip

# Pauling electronegativities of the elements that can be the anion.
ANIONS = {"F": 3.98, "O": 3.44, "Cl": 3.16, "N": 3.04, "Br": 2.96, "I": 2.66, "S": 2.58,
           "Se": 2.55, "Te": 2.1}  # fmt: skip
TOLERANCE = 0.02  # charge per formula unit: printed solid solutions are rounded to two decimals


def imbalance(amounts: Mapping[str, float]) -> float | None:
    """The charge that no choice of usual oxidation states removes; 0 when balanced.

    Returns:
        Charge per formula unit (negative: too much anion), or None where no audit applies (no
        anion, organic matter, an element without listed states).

    >>> imbalance({"Li": 10, "Sr": 1, "P": 2, "S": 12})
    -2.0
    >>> imbalance({"Li": 12, "Sr": 1, "P": 2, "S": 12})
    0.0
    """
    anions = [e for e in amounts if e in ANIONS]
    if not anions or len(amounts) < 2 or {"C", "H"} <= set(amounts):
        return None
    if any(e not in STATES for e in amounts):
        return None
    strongest = max(anions, key=ANIONS.__getitem__)
    low = high = 0.0
    for element, n in amounts.items():
        least, most = STATES[element]
        # Sulfur, nitrogen etc. beside a metal and no oxygen are anions too, not cations.
        if element == strongest or (element in ANIONS and "O" not in amounts):
            most = least = min(least, -1)
        low, high = low + n * least, high + n * most
    if low - TOLERANCE <= 0.0 <= high + TOLERANCE:
        return 0.0
    return high if high < 0.0 else low


def rounding(amounts: Mapping[str, float]) -> float:
    """The small charge that is left with every cation in its highest state; 0 when there is none.

    A printed solid solution is rounded; what is left of its charge makes a composition that must
    be reduced or oxidised a little, which a phase equilibrium takes at its word.

    >>> round(rounding({"Li": 0.33, "La": 0.56, "Ti": 1, "O": 3}), 3)
    0.01
    """
    if imbalance(amounts) is None:
        return 0.0
    anions = {e for e in amounts if e in ANIONS}
    charge = sum(n * (min(STATES[e][0], -1) if e in anions else STATES[e][1])
                 for e, n in amounts.items())  # fmt: skip
    return charge if 1e-6 < abs(charge) <= TOLERANCE else 0.0


def require_neutral(text: str, amounts: Mapping[str, float]) -> None:
    """Refuse a formula whose charges cannot balance.

    Raises:
        FormulaError: With the missing charge, and how to go on all the same.
    """
    charge = imbalance(amounts)
    if charge:
        raise FormulaError(
            f"formula '{text}' is not charge-balanced: {charge:+g} per formula unit with usual "
            "oxidation states; mend the formula, or add --as-printed to compute it as it stands"
        )
