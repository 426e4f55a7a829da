"""Chemical formulas to element amounts, through a strict gate.

The grammar is `formula := (element [amount] | '(' formula ')' [amount])+` with `[`/`]` allowed as
brackets and `.`-separated decimal amounts. Anything else is refused in one line: isotope marks,
charges, unknown symbols, exponents, non-ASCII digits, empty brackets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from anolyte.core.errors import FormulaError

# IUPAC 2021 abridged standard atomic weights, g/mol (Prohaska et al., Pure Appl. Chem. 2022, 94,
# 573); radioactive elements are left out: no battery holds them.
ATOMIC_WEIGHTS: dict[str, float] = {
    "H": 1.008, "He": 4.0026, "Li": 6.94, "Be": 9.0122, "B": 10.81, "C": 12.011, "N": 14.007,
    "O": 15.999, "F": 18.998, "Ne": 20.180, "Na": 22.990, "Mg": 24.305, "Al": 26.982,
    "Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45, "Ar": 39.95, "K": 39.098, "Ca": 40.078,
    "Sc": 44.956, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938, "Fe": 55.845,
    "Co": 58.933, "Ni": 58.693, "Cu": 63.546, "Zn": 65.38, "Ga": 69.723, "Ge": 72.630,
    "As": 74.922, "Se": 78.971, "Br": 79.904, "Kr": 83.798, "Rb": 85.468, "Sr": 87.62,
    "Y": 88.906, "Zr": 91.224, "Nb": 92.906, "Mo": 95.95, "Ru": 101.07, "Rh": 102.91,
    "Pd": 106.42, "Ag": 107.87, "Cd": 112.41, "In": 114.82, "Sn": 118.71, "Sb": 121.76,
    "Te": 127.60, "I": 126.90, "Xe": 131.29, "Cs": 132.91, "Ba": 137.33, "La": 138.91,
    "Ce": 140.12, "Pr": 140.91, "Nd": 144.24, "Sm": 150.36, "Eu": 151.96, "Gd": 157.25,
    "Tb": 158.93, "Dy": 162.50, "Ho": 164.93, "Er": 167.26, "Tm": 168.93, "Yb": 173.05,
    "Lu": 174.97, "Hf": 178.49, "Ta": 180.95, "W": 183.84, "Re": 186.21, "Os": 190.23,
    "Ir": 192.22, "Pt": 195.08, "Au": 196.97, "Hg": 200.59, "Tl": 204.38, "Pb": 207.2,
    "Bi": 208.98,
}  # fmt: skip

MAX_LENGTH = 200
MAX_ELEMENTS = 12
MAX_DEPTH = 5
MAX_AMOUNT = 1000.0

_TOKEN = re.compile(r"([A-Z][a-z]?)|([(\[])|([)\]])|([0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def parse(text: str) -> dict[str, float]:
    """Element amounts of a chemical formula, in the order of their first mention.

    Args:
        text: A formula such as `Li1.3Al0.3Ti1.7(PO4)3`; Unicode subscripts are accepted.

    Returns:
        Element symbol to amount (atoms per formula unit, > 0).

    Raises:
        FormulaError: The text is not a formula of real elements with finite positive amounts.

    >>> parse("Li1.3Al0.3Ti1.7(PO4)3")
    {'Li': 1.3, 'Al': 0.3, 'Ti': 1.7, 'P': 3.0, 'O': 12.0}
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is text such as Li6PS5Cl, not {type(text).__name__}")
    return dict(_parse(text))


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[tuple[str, float], ...]:
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"formula '{text[:20]}...' has {len(text)} characters; at most {MAX_LENGTH} are read"
        )
    shown = "".join(c if c.isprintable() else "?" for c in text)
    tokens = list(_tokens(text.strip().translate(_SUBSCRIPTS), shown))
    amounts, end = _group(tokens, 0, 0, shown)
    if end != len(tokens):
        raise FormulaError(f"formula '{shown}': a bracket closes that was never opened")
    if not amounts:
        raise FormulaError("the formula is empty; write for example Li6PS5Cl")
    if len(amounts) > MAX_ELEMENTS:
        raise FormulaError(f"formula '{shown}' has {len(amounts)} elements; at most {MAX_ELEMENTS}")
    return tuple(amounts.items())


def _tokens(text: str, original: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position) if text[position].isascii() else None
        if match is None:
            raise FormulaError(
                f"formula '{original}': character {text[position]!r} at place {position + 1} "
                "is not part of a formula (elements, brackets, amounts such as 1.3)"
            )
        element, opening, closing, _ = match.groups()
        if element and element not in ATOMIC_WEIGHTS:
            raise FormulaError(f"formula '{original}': '{element}' is not a (stable) element")
        kind = "element" if element else "open" if opening else "close" if closing else "amount"
        yield kind, match.group()
        position = match.end()


def _group(
    tokens: list[tuple[str, str]], start: int, depth: int, original: str
) -> tuple[dict[str, float], int]:
    """Amounts from `start` to the closing bracket (or the end), and the place after it."""
    if depth > MAX_DEPTH:
        raise FormulaError(f"formula '{original}': brackets nested deeper than {MAX_DEPTH}")
    amounts: dict[str, float] = {}
    i = start
    while i < len(tokens) and tokens[i][0] != "close":
        kind, token = tokens[i]
        if kind == "amount":
            raise FormulaError(f"formula '{original}': amount {token} follows no element")
        if kind == "element":
            inner, i = {token: 1.0}, i + 1
        else:
            inner, i = _group(tokens, i + 1, depth + 1, original)
            if i >= len(tokens) or not inner:
                raise FormulaError(f"formula '{original}': a bracket is empty or not closed")
            i += 1
        factor, i = _amount(tokens, i, original)
        for element, amount in inner.items():
            amounts[element] = amounts.get(element, 0.0) + amount * factor
            if amounts[element] > MAX_AMOUNT:
                raise FormulaError(f"formula '{original}': more than {MAX_AMOUNT:g} of {element}")
    return amounts, i


def _amount(tokens: list[tuple[str, str]], i: int, original: str) -> tuple[float, int]:
    if i >= len(tokens) or tokens[i][0] != "amount":
        return 1.0, i
    value = float(tokens[i][1])
    if not (math.isfinite(value) and 0.0 < value <= MAX_AMOUNT):
        raise FormulaError(
            f"formula '{original}': amount {tokens[i][1][:20]} is not in 0 < x <= {MAX_AMOUNT:g}"
        )
    return value, i + 1


def atoms(amounts: Mapping[str, float]) -> float:
    """Number of atoms per formula unit.

    >>> atoms(parse("Li6PS5Cl"))
    13.0
    """
    return math.fsum(amounts.values())


def molar_mass(amounts: Mapping[str, float]) -> float:
    """Molar mass in kg per mole of formula units, `M = sum_i n_i A_i`.

    >>> round(molar_mass(parse("Li3PS4")), 5)
    0.18003
    """
    return 1e-3 * math.fsum(n * ATOMIC_WEIGHTS[e] for e, n in amounts.items())


def reduced(amounts: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """Smallest-integer form of a composition and how many such units it holds.

    Fractional amounts (solid solutions as printed) stay as they are, with a factor of 1.

    >>> reduced({"Li": 4.0, "S": 2.0})
    ({'Li': 2.0, 'S': 1.0}, 2.0)
    """
    whole = [round(n) for n in amounts.values()]
    if any(abs(n - w) > 1e-6 or w == 0 for n, w in zip(amounts.values(), whole, strict=True)):
        return dict(amounts), 1.0
    units = math.gcd(*whole)
    return {e: float(w // units) for e, w in zip(amounts, whole, strict=True)}, float(units)


# Order of increasing electronegativity (Pauling), the usual order in which formulas are written;
# metals first, then P, C, H, S, I, Br, N, Cl, O, F as inorganic nomenclature has it.
_LAST = ["B", "Si", "Ge", "As", "Sb", "P", "C", "H", "Se", "S", "I", "Br", "N", "Cl", "O", "F"]


def write(amounts: Mapping[str, float]) -> str:
    """A formula text from element amounts, elements in the customary order.

    >>> write({"Cl": 1, "S": 5.0, "Li": 6, "P": 1})
    'Li6PS5Cl'
    """
    anion_last = {"Cl": 30, "Br": 30, "I": 30} if "S" in amounts and "P" in amounts else {}

    def rank(element: str) -> tuple[float, str]:
        if element == "Li":
            return (-1, "")
        if element in _LAST:
            return (10 + anion_last.get(element, _LAST.index(element)), element)
        return (0, element)

    parts = []
    for element in sorted(amounts, key=rank):
        amount = amounts[element]
        text = "" if abs(amount - 1.0) < 1e-9 else f"{amount:.6g}"
        parts.append(element + text)
    return "".join(parts)


def same(first: Mapping[str, float], second: Mapping[str, float], tolerance: float = 1e-6) -> bool:
    """Whether two compositions have the same atomic fractions.

    >>> same(parse("Li2S"), parse("Li4S2"))
    True
    """
    if set(first) != set(second):
        return False
    a, b = atoms(first), atoms(second)
    return all(abs(first[e] / a - second[e] / b) < tolerance for e in first)
