"""Checks of `cathodes.yaml`: schema, units, sources, shares that fit in a layer, names, charges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import KINDS
from anolyte.materials import charge, library
from anolyte.materials.cathode import FILE, Cathode, Part
from anolyte.materials.schema import PROPERTIES, Material, Measurement
from anolyte.studies.check.materials import line_of
from anolyte.studies.check.report import Report

LISTS: dict[str, type[Material]] = {"cathodes": Cathode, "parts": Part}
CONTEXT = "context"
MIX = ("active", "additives", "porosity")
NEEDED = {
    "cathodes": ("specific_capacity", "operating_potential", "density"), "parts": ("density",),
}  # fmt: skip
"""Without these a stack cannot be added up."""
POSITIVE = ("specific_capacity", "operating_potential", "density", "typical_thickness")
Where = tuple[Any, ...]


def check(folder: Path, keys: frozenset[str], found: Report) -> None:
    """The file of a folder, if there is one.

    Args:
        folder: The package's data, or what was given to `--materials`.
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    path = folder / FILE
    if path.is_file():
        _File(path, keys, found).check()


class _File:
    """One file under examination."""

    def __init__(self, path: Path, keys: frozenset[str], found: Report) -> None:
        self.path, self.keys, self.found = path, keys, found
        self.names: dict[tuple[str, str], Where] = {}

    def check(self) -> None:
        """Everything in it."""
        try:
            data = library.read_yaml(self.path)
        except DataError as error:
            told = str(error).removeprefix(str(self.path)).lstrip(": ")
            line = re.match(r"line (\d+): (.*)", told)
            self.found.add(FILE, int(line[1]) if line else 0, "", line[2] if line else told)
            return
        if not isinstance(data, dict) or not set(data) <= {*LISTS, CONTEXT}:
            self.add((), f"holds nothing but {', '.join(LISTS)} and {CONTEXT}")
            return
        for name, cls in LISTS.items():
            for where, entry in self._entries(data, name):
                material = self._read(cls, entry, where)
                if isinstance(material, Material):
                    self._material(material, where)
        for name, entry in self._mapping(data.get(CONTEXT)):
            number = self._read(Measurement, entry, (CONTEXT, name))
            if isinstance(number, Measurement):
                self._context(number, (CONTEXT, name))

    def add(self, where: Where, message: str) -> None:
        """Note a problem with its line."""
        self.found.add(FILE, line_of(self.path, where), ".".join(map(str, where)), message)

    def _entries(self, data: dict[str, Any], name: str) -> Iterator[tuple[Where, Any]]:
        several = data.get(name) or []
        if not isinstance(several, list):
            self.add((name,), "expected a list of materials, each with '- name:'")
            return
        yield from (((name, i), entry) for i, entry in enumerate(several))

    def _mapping(self, data: Any) -> list[tuple[str, Any]]:
        if data is not None and not isinstance(data, dict):
            self.add((CONTEXT,), "expected named numbers")
            return []
        return list((data or {}).items())

    def _read(self, cls: Any, entry: Any, where: Where) -> Any:
        """An entry that follows the schema, or a problem for every field that does not."""
        from pydantic import ValidationError

        if not isinstance(entry, dict):
            self.add(where, "expected fields such as 'name:' and 'class:'")
            return None
        try:
            return cls.model_validate(entry)
        except ValidationError as error:
            for e in error.errors():
                message = str(e["msg"]).removeprefix("Value error, ")
                needed = ("source", "known", "value")
                if e["type"] == "missing" and e["loc"][-1] in needed:
                    message = "a number needs value, source and known"
                about = e["loc"] or _field(message)
                self.add((*where, *about), message)
            return None

    def _material(self, m: Material, where: Where) -> None:
        for name, measurements in m.properties.items():
            for i, number in enumerate(measurements):
                at = (*where, "properties", name, i)
                self._number(number, PROPERTIES[name], at)
                if name in POSITIVE and number.to_value(PROPERTIES[name]).si <= 0.0:
                    self.add((*at, "value"), f"{name} must be positive")
        for name in NEEDED[where[0]]:
            if not m.has(name):
                self.add((*where, "properties"), f"{m.name}: no {name}; no stack without it")
        for i, key in enumerate(m.references):
            self._cited(key, (*where, "references", i))
        self._names(m, where)
        if isinstance(m, Cathode):
            self._mix(m, where)
            self._charge(m, where)

    def _names(self, m: Material, where: Where) -> None:
        """A name means one entry of a list."""
        kind = where[0]
        for name in (m.name, *m.aliases):
            other = self.names.setdefault((kind, name.casefold()), where)
            if other != where:
                self.add((*where, "name"), f"'{name}' also names entry {other[1] + 1} of {kind}")

    def _mix(self, m: Cathode, where: Where) -> None:
        """Shares that can be those of one layer."""
        for name in MIX:
            if (share := getattr(m, name)) is not None:
                self._number(share, "fraction", (*where, name))
        try:
            _ = m.mix
        except AnolyteError as error:
            self.add((*where, "active"), str(error))

    def _charge(self, m: Cathode, where: Where) -> None:
        if m.formula is None or m.as_printed or m.charges:
            return
        if off := charge.imbalance(m.composition):
            told = f"{m.formula} is not charge-balanced ({off:+.2g} per formula unit)"
            self.add((*where, "formula"), f"{told}; mend it, or say in 'as_printed:' who says so")

    def _context(self, number: Measurement, where: Where) -> None:
        """A number for comparison; today all of them are specific energies."""
        self._number(number, "specific_energy", where)

    def _number(self, number: Measurement, kind: str, where: Where) -> None:
        """Its unit, its spread, its source, and how it is known."""
        self.found.count(FILE, number.known)
        self._cited(number.source, (*where, "source"))
        try:
            value = number.to_value(kind)
        except AnolyteError as error:
            self.add((*where, "value"), str(error))
            return
        if value.sigma is not None and value.sigma < 0.0:
            self.add((*where, "sigma"), f"{KINDS[kind].label}: must not be negative")
        if number.known == "read" and not number.where:
            self.add((*where, "where"), "a number that was read says where it stands")

    def _cited(self, key: str, where: Where) -> None:
        if key not in self.keys:
            self.add(where, f"no bibliography entry for '{key}'")


def _field(message: str) -> Sequence[str]:
    """The property of which a check of the whole entry speaks."""
    name = message.partition(":")[0]
    return ("properties", name) if name in PROPERTIES else ()
