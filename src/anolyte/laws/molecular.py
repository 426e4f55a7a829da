"""Reactions of molecules that phase equilibria cannot describe: declared rules, labelled so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.core.provenance import Source
from anolyte.materials import formula
from anolyte.materials.library import DATA, read_yaml
from anolyte.materials.reaction import BALANCE, Reaction

RULES = DATA / "molecular_rules.yaml"


@dataclass(frozen=True)
class MolecularRule:
    """What a molecule or repeat unit does at lithium metal, as reported, with its source."""

    name: str
    reaction: Reaction
    source: Source
    note: str = ""


@lru_cache(maxsize=1)
def rules(path: Path = RULES) -> tuple[MolecularRule, ...]:
    """The declared rules.

    Raises:
        DataError: A rule that does not balance, or has no source.
    """
    found = []
    for entry in read_yaml(path):
        reaction = Reaction(entry["reactants"], entry["products"], tuple(entry.get("gases", ())))
        if reaction.imbalance() > BALANCE:
            raise DataError(f"{path.name}: {entry['name']}: {reaction} does not balance")
        source = Source(entry["source"], entry.get("where", ""), entry["how"], entry["known"])
        found.append(MolecularRule(entry["name"], reaction, source, entry.get("note", "")))
    return tuple(found)


def molecular_rule(composition: Mapping[str, float]) -> MolecularRule | None:
    """The rule whose first reactant has this composition.

    >>> str(molecular_rule({"C": 2, "H": 4, "O": 1}).reaction)
    'C2H4O + 2 Li → Li2O + C2H4(g)'
    """
    for rule in rules():
        if formula.same(formula.parse(next(iter(rule.reaction.reactants))), composition):
            return rule
    return None
