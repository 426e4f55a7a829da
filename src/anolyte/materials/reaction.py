"""A balanced chemical reaction between formula units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anolyte.core.errors import FormulaError
from anolyte.materials import formula

BALANCE = 1e-9
"""Largest imbalance of an element, moles per mole of the first reactant."""


@dataclass(frozen=True)
class Reaction:
    """Reactants and products in moles of formula units.

    >>> str(Reaction({"Li6PS5Cl": 1.0, "Li": 8.0}, {"Li2S": 5.0, "Li3P": 1.0, "LiCl": 1.0}))
    'Li6PS5Cl + 8 Li → 5 Li2S + Li3P + LiCl'
    """

    reactants: Mapping[str, float]
    products: Mapping[str, float]
    gases: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{_side(self.reactants)} → {_side(self.products, self.gases)}"

    @classmethod
    def read(cls, text: str) -> Reaction:
        """A reaction as it is written; amounts to the four digits that are written.

        Raises:
            FormulaError: No arrow, or a term that is not an amount and a formula.

        >>> Reaction.read("Si + 0.5 Li2S → 0.5 Li2Si + 0.5 S").products
        {'Li2Si': 0.5, 'S': 0.5}
        """
        left, arrow, right = text.partition(" → ")
        if not arrow:
            raise FormulaError(f"'{text[:60]}' is no reaction: write A + 2 B → C")
        return cls(_read(left), _read(right))

    def imbalance(self) -> float:
        """Largest imbalance over the elements, moles."""
        total: dict[str, float] = {}
        for side, sign in ((self.reactants, 1.0), (self.products, -1.0)):
            for text, amount in side.items():
                for element, n in formula.parse(text).items():
                    total[element] = total.get(element, 0.0) + sign * amount * n
        return max((abs(v) for v in total.values()), default=0.0)


def _side(amounts: Mapping[str, float], gases: tuple[str, ...] = ()) -> str:
    parts = []
    for text, amount in amounts.items():
        label = f"{text}(g)" if text in gases else text
        number = f"{amount:.4g}"
        parts.append(label if number == "1" else f"{number} {label}")
    return " + ".join(parts) or "nothing"


def _read(side: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for term in side.split(" + "):
        amount, _, text = term.strip().rpartition(" ")
        try:
            found[text.removesuffix("(g)")] = float(amount or 1.0)
        except ValueError:
            raise FormulaError(f"'{term[:60]}' is no amount and formula") from None
    return {} if side == "nothing" else found
