r"""How scarce, dear and hazardous the elements of a compound are.

Concentration of supply is a mean over mass, $H = \sum_i w_i H_i$, with Herfindahl-Hirschman indices
of 0 to 10,000; a price is that of the raw elements, without synthesis.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import MissingProperty
from anolyte.materials import formula

TABLE = Path(__file__).parent / "data" / "element_supply.csv"


@dataclass(frozen=True)
class Supply:
    """Of a compound.

    Args:
        scarcest: Element of the least abundance.
        crust: Its mass fraction of the crust.
    """

    scarcest: str
    crust: float


@lru_cache(maxsize=1)
def _table() -> Mapping[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["element"]: row for row in csv.DictReader(file)}


def of_elements(amounts: Mapping[str, float], column: str) -> dict[str, float]:
    """A column of the table, by element.

    Raises:
        MissingProperty: Some element lacks it.
    """
    rows = {e: _table().get(e, {}).get(column, "") for e in amounts}
    missing = sorted(e for e, text in rows.items() if not text)
    if missing or not rows:
        raise MissingProperty(f"no {column.split('_')[0]} of {', '.join(missing) or 'nothing'}")
    return {e: float(text) for e, text in rows.items()}


def by_mass(amounts: Mapping[str, float], column: str) -> float:
    """Mean of a column over the mass of a compound.

    >>> round(by_mass({"Li": 1, "F": 1}, "hhi_production"))
    1875

    Raises:
        MissingProperty: As `of_elements`.
    """
    values = of_elements(amounts, column)
    masses = {e: formula.molar_mass({e: n}) for e, n in amounts.items()}
    return sum(masses[e] * values[e] for e in amounts) / sum(masses.values())


def scarcest(amounts: Mapping[str, float]) -> Supply:
    """The element that the crust holds least of.

    >>> scarcest({"Li": 1, "F": 1}).scarcest
    'Li'

    Raises:
        MissingProperty: As `of_elements`.
    """
    values = of_elements(amounts, "crust_mg_per_kg")
    element = min(values, key=lambda e: values[e])
    return Supply(element, values[element] * 1e-6)


def hazard(amounts: Mapping[str, float]) -> tuple[int, str]:
    """Class of the worst element, 1 to 3, and why; from memory, of the element and its compounds.

    Raises:
        MissingProperty: As `of_elements`.
    """
    values = of_elements(amounts, "hazard")
    worst = max(values, key=lambda e: values[e])
    return int(values[worst]), f"{worst}: {_table()[worst]['hazard_text']}"
