"""Scarcity, price and hazard of the elements of a candidate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anolyte.core.errors import AnolyteError
from anolyte.materials import element_supply, formula
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property

METHOD = "table of elements"
PRICE_SIGMA = 0.5
"""Relative, own choice: prices of metals double and halve within years."""


@dataclass(frozen=True)
class Supplied:
    """Concentration of supply, abundance, price of raw elements and hazard."""

    name = "supply"
    gives = (
        Property("supply_concentration", "number", "Herfindahl-Hirschman index of production"),
        Property("reserve_concentration", "number", "Herfindahl-Hirschman index of reserves"),
        Property("crust_abundance", "fraction", "mass of its scarcest element in the crust"),
        Property("element_price", "number", "raw elements, USD per kg"),
        Property("hazard", "number", "class of its worst element, 1 irritant to 3 carcinogenic"),
    )

    @property
    def digest(self) -> str:
        """Of the table."""
        table = hashlib.sha256(element_supply.TABLE.read_bytes()).hexdigest()
        return digest(self.name, PRICE_SIGMA, table)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with what its elements say."""
        return [j.adding(self._one(j.candidate.formula)) for j in judged]

    def _one(self, text: str) -> tuple[Estimate, ...]:
        makers = (_hhi("hhi_production"), _hhi("hhi_reserves"), _crust, _price, _hazard)
        return tuple(_estimate(p, make, text) for p, make in zip(self.gives, makers, strict=True))


Said = tuple[float, float | None, str, str]
Maker = Callable[[Mapping[str, float]], Said]


def _estimate(p: Property, make: Maker, text: str) -> Estimate:
    try:
        value, sigma, source, note = make(formula.parse(text))
    except AnolyteError as error:
        return Estimate(p.name, p.kind, None, method=METHOD, note=str(error))
    return Estimate(p.name, p.kind, value, sigma, "estimated", METHOD, source, note)


def _hhi(column: str) -> Maker:
    return lambda amounts: (
        element_supply.by_mass(amounts, column), None, "gaultois2013", "mean over mass",
    )  # fmt: skip


def _crust(amounts: Mapping[str, float]) -> Said:
    found = element_supply.scarcest(amounts)
    return found.crust, None, "haynes2014crc", f"scarcest: {found.scarcest}"


def _price(amounts: Mapping[str, float]) -> Said:
    price = element_supply.by_mass(amounts, "price_USD_per_kg")
    note = "raw elements, without synthesis; years of the prices differ"
    return price, PRICE_SIGMA * price, "prices2024wikipedia", note


def _hazard(amounts: Mapping[str, float]) -> Said:
    level, why = element_supply.hazard(amounts)
    return level, 1.0, "ghs2023", f"{why}; from memory, of elements and not of the compound"
