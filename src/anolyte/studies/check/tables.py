"""Checks of the tables: reference energies, conductors, thresholds, rules, published windows."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from anolyte.core.errors import AnolyteError
from anolyte.core.provenance import HOW, KNOWN
from anolyte.core.units import KINDS, si
from anolyte.materials import criteria, formula
from anolyte.materials.library import DATA, read_yaml
from anolyte.studies.check.report import Report

RECALLED_SIGMA = 0.05  # eV/atom: the least spread of an energy from memory
BELIEVABLE = 10.0  # eV/atom: beyond any formation enthalpy
_NUMBER = re.compile(r"_(eV_per_atom|kJ_per_mol|V|A3_per_fu|J_per_mol_K|decades|C|eV)$")
_CLASSES = ("metal", "semiconductor", "insulator", "semimetal")
_PROPERTIES = {
    "ionic_conductivity": "conductivity",
    "electronic_conductivity": "electronic_conductivity",
    "band_gap": "energy",
}


def rows(name: str, found: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row of a table of the package; a broken row is a problem."""
    text = (DATA / name).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if None in row or None in row.values():
            found.add(name, reader.line_num, "", "has more or fewer cells than the first line")
            continue
        yield reader.line_num, row


def sourced(name: str, keys: frozenset[str], found: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table of numbers: formula, source, known, how and every number are looked at."""
    for line, row in rows(name, found):
        if "source" in row:
            _source(name, line, row["source"], keys, found)
        for column, allowed in (("known", KNOWN), ("how", HOW)):
            if column in row and row[column] not in allowed:
                found.add(name, line, column, f"'{row[column]}' is none of {', '.join(allowed)}")
        if row.get("known") in KNOWN:
            found.count(name, row["known"])
        if row.get("formula"):
            _formula(name, line, "formula", row["formula"], found)
        for column, text in row.items():
            if text and _NUMBER.search(column):
                _finite(name, line, column, text, found)
        yield line, row


def _source(name: str, line: int, key: str, keys: frozenset[str], found: Report) -> None:
    if not key.strip():
        found.add(name, line, "source", "a number without a source does not count")
    elif key not in keys:
        found.add(name, line, "source", f"no bibliography entry for '{key[:60]}'")


def _formula(name: str, line: int, column: str, text: str, found: Report) -> bool:
    try:
        formula.parse(text)
    except AnolyteError as error:
        found.add(name, line, column, str(error))
        return False
    return True


def _finite(name: str, line: int, column: str, text: str, found: Report) -> float | None:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    if text.strip().lower() not in ("inf", "none"):
        found.add(name, line, column, f"'{text[:30]}' is not a finite number")
    return None


def phases(keys: frozenset[str], found: Report) -> None:
    """Reference energies: one kind, no phase twice, every element, volumes with their source."""
    name = "phases.csv"
    kinds: dict[str, int] = {}
    seen: dict[tuple[str, ...], int] = {}
    held: set[str] = set()
    elements: set[str] = set()
    for line, row in sourced(name, keys, found):
        kinds.setdefault(row["kind"], line)
        twin = (row["formula"], row.get("name", ""), row.get("state", ""))
        if twin in seen:
            found.add(
                name, line, "formula", f"{row['formula']} stands on line {seen[twin]} already"
            )
        seen.setdefault(twin, line)
        _energy(name, line, row, found)
        _volume(name, line, row, keys, found)
        try:
            composition = formula.parse(row["formula"])
        except AnolyteError:
            continue
        held |= set(composition)
        if len(composition) == 1:
            elements |= set(composition)
    if len(kinds) > 1:
        places = ", ".join(f"'{k}' (line {n})" for k, n in kinds.items())
        found.add(name, 0, "kind", f"one hull needs one kind of energy; found {places}")
    for element in sorted(held - elements):
        found.add(name, 0, "formula", f"compounds of {element}, but no {element} as an element")


def _energy(name: str, line: int, row: Mapping[str, str], found: Report) -> None:
    column = "energy_eV_per_atom"
    energy = _finite(name, line, column, row[column] or "nothing", found)
    if energy is not None and abs(energy) > BELIEVABLE:
        found.add(name, line, column, f"{energy:g} eV/atom is no formation enthalpy")
    sigma = row.get("sigma_eV_per_atom") or ""
    if row["known"] == "recalled" and float(sigma or 0.0) < RECALLED_SIGMA:
        found.add(name, line, "sigma_eV_per_atom",
                  f"an energy from memory carries at least {RECALLED_SIGMA} eV/atom")  # fmt: skip


def _volume(
    name: str, line: int, row: Mapping[str, str], keys: frozenset[str], found: Report
) -> None:
    if not row.get("volume_A3_per_fu"):
        return
    _source(name, line, row.get("volume_source", ""), keys, found)
    if row.get("volume_known") not in KNOWN:
        found.add(name, line, "volume_known", f"is none of {', '.join(KNOWN)}")
    volume = _finite(name, line, "volume_A3_per_fu", row["volume_A3_per_fu"], found)
    if volume is not None and not volume > 0.0:
        found.add(name, line, "volume_A3_per_fu", "a cell volume is positive")


def conductors(keys: frozenset[str], found: Report) -> None:
    """How phases conduct: known properties, units of the right dimension."""
    name = "conductors.csv"
    for line, row in sourced(name, keys, found):
        what, value = row["property"], row["value"]
        if what == "electronic_class":
            if value not in _CLASSES:
                found.add(name, line, "value", f"'{value}' is none of {', '.join(_CLASSES)}")
            continue
        if what not in _PROPERTIES:
            known = ", ".join([*_PROPERTIES, "electronic_class"])
            found.add(name, line, "property", f"'{what}' is none of {known}")
            continue
        try:
            si(f"{value} {row['unit']}", _PROPERTIES[what])
        except AnolyteError as error:
            found.add(name, line, what, str(error))


def thresholds(keys: frozenset[str], found: Report) -> None:
    """Criteria: every threshold that a model asks for, each with value, kind and source."""
    path = DATA / "criteria.yaml"
    data = read_yaml(path)
    for name, entry in data.items():
        for part in entry if isinstance(entry, list) else [entry]:
            if not isinstance(part, Mapping) or part.get("known") not in KNOWN:
                found.add(path.name, 0, name, "needs value, kind, source and known")
                continue
            found.count(path.name, part["known"])
            if part.get("source") not in keys:
                found.add(path.name, 0, name, f"no bibliography entry for '{part.get('source')}'")
            if part.get("kind", "fraction") not in KINDS:
                found.add(path.name, 0, name, f"unknown kind '{part.get('kind')}'")
    held = criteria.read(path)
    for name, where in _asked().items():
        if name not in held.values:
            found.add(path.name, 0, name, f"is missing; {where} asks for it")
    if not held.morphologies:
        found.add(path.name, 0, "percolation", "no morphology: nothing can be said of paths")


def _asked() -> dict[str, str]:
    """Thresholds that the models ask for, with the file that does."""
    models = Path(__file__).parent.parent / "models"
    pattern = re.compile(r'(?:criteria|limits)\["([a-z_]+)"\]')
    return {
        name: path.name
        for path in sorted(models.glob("*.py"))
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }


def molecular_rules(keys: frozenset[str], found: Report) -> None:
    """Molecular rules: formulas, balance, sources."""
    from anolyte.laws.molecular import RULES
    from anolyte.materials.reaction import BALANCE, Reaction

    for entry in read_yaml(RULES):
        name = str(entry.get("name", "?"))
        try:
            reaction = Reaction(entry["reactants"], entry["products"])
            if reaction.imbalance() > BALANCE:
                found.add(RULES.name, 0, name, f"{reaction} does not balance")
            found.count(RULES.name, entry["known"])
            if entry["source"] not in keys:
                found.add(RULES.name, 0, name, f"no bibliography entry for '{entry['source']}'")
        except KeyError as error:
            found.add(RULES.name, 0, name, f"has no {error.args[0]}")
        except AnolyteError as error:
            found.add(RULES.name, 0, name, str(error))


def verdicts(keys: frozenset[str], found: Report) -> None:
    """Verdict rules speak of concerns that exist and say something."""
    from anolyte.core.result import Concern

    name = "verdicts.yaml"
    data = read_yaml(DATA / name)
    for i, rule in enumerate(data["verdicts"], start=1):
        for concern in rule.get("when", {}):
            if concern not in list(Concern):
                found.add(name, 0, f"rule {i}", f"'{concern}' is no concern")
        if not rule.get("verdict"):
            found.add(name, 0, f"rule {i}", "has no verdict")


def known_compounds(keys: frozenset[str], found: Report) -> None:
    """Known compounds: formulas, none twice."""
    name = "known_compounds.csv"
    seen: dict[str, int] = {}
    for line, row in sourced(name, keys, found):
        text = row["formula"]
        if text in seen:
            found.add(name, line, "formula", f"{text} stands on line {seen[text]} already")
        seen.setdefault(text, line)


def windows(keys: frozenset[str], found: Report) -> None:
    """Published windows: the reduction limit lies below the oxidation limit."""
    name = "literature_windows.csv"
    for line, row in sourced(name, keys, found):
        low, high = row["reduction_limit_V"], row["oxidation_limit_V"]
        try:
            if low and high and float(low) > float(high):
                found.add(name, line, "reduction_limit_V", f"{low} lies above {high}")
        except ValueError:
            continue  # named already


def other_tables(keys: frozenset[str], found: Report) -> None:
    """Every other table of numbers: what the reference energies were made from."""
    own = {
        "phases.csv", "conductors.csv", "known_compounds.csv", "literature_windows.csv",
        "evidence.csv", "claims.csv", "systems.csv",
    }  # fmt: skip
    for path in sorted(DATA.glob("*.csv")):
        if path.name not in own:
            for _ in sourced(path.name, keys, found):
                pass


def structures(keys: frozenset[str], found: Report) -> None:
    """Crystal structures behind the computed energies: formula, source, how it is known."""
    for path in sorted((DATA.parent.parent / "atoms" / "data").rglob("*.yaml")):
        for i, entry in enumerate(read_yaml(path) or [], start=1):
            name = f"entry {i} ({entry.get('name') or entry.get('formula')})"
            _formula(path.name, 0, name, str(entry.get("formula")), found)
            if entry.get("known") not in KNOWN:
                found.add(path.name, 0, name, f"known: is none of {', '.join(KNOWN)}")
            else:
                found.count("structures", entry["known"])
            if entry.get("source") not in keys:
                found.add(path.name, 0, name, f"no bibliography entry for '{entry.get('source')}'")


def volumes(keys: frozenset[str], found: Report) -> None:
    """What forms against lithium: products without a cell volume are noted, not refused."""
    from anolyte.laws.contact_products import contact_products, molar_volume
    from anolyte.materials import library
    from anolyte.materials.phases import embedded
    from anolyte.materials.schema import Electrolyte

    lib, table = library.default(), embedded()
    lithium = lib.anode("Li")
    lacking: dict[str, None] = {}
    uncovered = []
    for material in lib.all(Electrolyte):
        if material.formula is None or {"C", "H"} <= set(material.composition):
            continue
        try:
            products = contact_products(material, lithium, table).products
        except AnolyteError:
            uncovered.append(material.name)
            continue
        lacking |= dict.fromkeys(f for f in products if molar_volume(table, f) is None)
    if lacking:
        found.notes.append(f"products against lithium without a cell volume: {', '.join(lacking)}")
    if uncovered:
        found.notes.append(f"electrolytes that the energies do not cover: {', '.join(uncovered)}")


ALL: tuple[Callable[[frozenset[str], Report], None], ...] = (
    phases,
    conductors,
    thresholds,
    molecular_rules,
    verdicts,
    known_compounds,
    windows,
    other_tables,
    structures,
    volumes,
)
