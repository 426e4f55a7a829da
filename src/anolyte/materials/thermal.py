r"""Tabulated thermal functions: how Gibbs energies of substances change with temperature.

A substance's function is a chain of intervals, each with the seven coefficients of the NASA Glenn
form (McBride, Zehe and Gordon 2002),

$$ C_p/R = a_1 T^{-2} + a_2 T^{-1} + a_3 + a_4 T + a_5 T^2 + a_6 T^3 + a_7 T^4 $$

and two constants of integration. One chain runs through the transitions and the melting of a
condensed substance, so that it is always its stable form. Enthalpies of formation are not taken
from here: `increment` is what is added to one of 298.15 K. Outside its intervals a function goes on
with the heat capacity of their end.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.core.provenance import Source
from anolyte.materials import formula

DATA = Path(__file__).parent / "data"
REFERENCE = 298.15
"""K; the temperature of the enthalpies of formation."""
STANDARD = 1e5
"""Pa; the pressure of the tables."""
GAS_CONSTANT_OF_TABLES = 8.314510
"""J/(mol K), CODATA 1986: the one that the coefficients were fitted with."""
LOWEST, HIGHEST = 200.0, 1500.0
"""K; beyond, too many tables end."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The coefficients between two temperatures: `a` (7,), constants of enthalpy and entropy."""

    low: float
    high: float
    a: tuple[float, ...]
    b1: float
    b2: float

    def heat_capacity(self, temperature: float) -> float:
        """J/(mol K)."""
        powers = (temperature**n for n in range(-2, 5))
        return GAS_CONSTANT_OF_TABLES * math.fsum(
            a * p for a, p in zip(self.a, powers, strict=True)
        )

    def enthalpy(self, temperature: float) -> float:
        """J/mol, from the elements at 298.15 K."""
        t, (a1, a2, *rest) = temperature, self.a
        terms = [-a1 / t, a2 * math.log(t), self.b1]
        terms += [a * t ** (n + 1) / (n + 1) for n, a in enumerate(rest)]
        return GAS_CONSTANT_OF_TABLES * math.fsum(terms)

    def entropy(self, temperature: float) -> float:
        """J/(mol K)."""
        t, (a1, a2, a3, *rest) = temperature, self.a
        terms = [-a1 / (2 * t * t), -a2 / t, a3 * math.log(t), self.b2]
        terms += [a * t**n / n for n, a in enumerate(rest, start=1)]
        return GAS_CONSTANT_OF_TABLES * math.fsum(terms)


@dataclass(frozen=True, slots=True)
class ThermalFunction:
    """One substance: `name` is empty for its usual form, or that of a polymorph.

    Args:
        formula: As the field writes it.
        state: condensed | gas.
        enthalpy: Of formation at 298.15 K in the source, J/mol.
        intervals: From low to high temperature.
    """

    formula: str
    state: str
    name: str
    enthalpy: float
    intervals: tuple[Interval, ...]
    source: Source

    def _at(self, temperature: float) -> tuple[float, float]:
        """Enthalpy above that of 298.15 K (J/mol) and entropy (J/(mol K))."""
        inside = (i for i in self.intervals if temperature <= i.high)
        interval = next(inside, self.intervals[-1])
        edge = min(max(temperature, interval.low), interval.high)
        enthalpy, entropy = interval.enthalpy(edge) - self.enthalpy, interval.entropy(edge)
        if edge != temperature:
            capacity = interval.heat_capacity(edge)
            enthalpy += capacity * (temperature - edge)
            entropy += capacity * math.log(temperature / edge)
        return enthalpy, entropy

    def entropy(self, temperature: float = REFERENCE) -> float:
        """J/(mol K)."""
        return self._at(temperature)[1]

    def increment(self, temperature: float) -> float:
        r"""$G(T) - H(298.15\ \mathrm{K})$ of one mole, J/mol."""
        enthalpy, entropy = self._at(temperature)
        return enthalpy - temperature * entropy

    @property
    def atoms(self) -> float:
        """Atoms per formula unit."""
        return formula.atoms(formula.parse(self.formula))


Key = tuple[str, tuple[tuple[str, float], ...]]


def key(composition: Mapping[str, float], state: str) -> Key:
    """Condensed phases are alike by their atomic fractions, gases by their molecules."""
    if state == "gas":
        return "gas", tuple(sorted((e, float(n)) for e, n in composition.items()))
    n = formula.atoms(composition)
    return "condensed", tuple(sorted((e, round(x / n, 6)) for e, x in composition.items()))


@lru_cache(maxsize=1)
def functions() -> Mapping[Key, tuple[ThermalFunction, ...]]:
    """All tabulated functions by composition and state; the usual form first."""
    chains: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    with (DATA / "thermal.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            chains.setdefault((row["formula"], row["state"], row["name"]), []).append(row)
    found: dict[Key, list[ThermalFunction]] = {}
    for (text, state, _), rows in chains.items():
        group = found.setdefault(key(formula.parse(text), state), [])
        group.append(_function(rows))
        group.sort(key=lambda f: f.name)
    return {k: tuple(group) for k, group in found.items()}


def _function(rows: list[dict[str, str]]) -> ThermalFunction:
    first = rows[0]
    return ThermalFunction(
        formula=first["formula"],
        state=first["state"],
        name=first["name"],
        enthalpy=1e3 * float(first["H298_kJ_per_mol"]),
        intervals=tuple(
            Interval(
                float(row["low_K"]),
                float(row["high_K"]),
                tuple(float(row[f"a{i}"]) for i in range(1, 8)),
                float(row["b1"]),
                float(row["b2"]),
            )
            for row in rows
        ),
        source=Source(first["source"], first["where"]),
    )


def find(composition: Mapping[str, float], state: str, name: str = "") -> ThermalFunction | None:
    """The function of a substance; of the polymorph that `name` speaks of, where there is one.

    >>> round(find({"Li": 1.0}, "solid").entropy(), 2)
    29.12
    """
    known = functions().get(key(composition, state), ())
    named = (f for f in known if f.name and f.name in name)
    return next(named, next((f for f in known if not f.name), None))


@lru_cache(maxsize=1)
def entropies() -> Mapping[Key, float]:
    """Entropies at 298.15 K of substances without a function, J/(K mol of atoms)."""
    found: dict[Key, float] = {}
    for file, column in (("entropies.csv", "formula"), ("enthalpies.csv", "formula")):
        with (DATA / file).open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                if value := row["S298_J_per_mol_K"]:
                    amounts = formula.parse(row[column])
                    state = row["phase"].partition(",")[0]
                    found.setdefault(key(amounts, state), float(value) / formula.atoms(amounts))
    return found
