"""Checks of the strategies: schema, sources, materials named, and that an action does something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError, MissingProperty, UnitsError
from anolyte.core.units import si
from anolyte.materials import formula, library
from anolyte.materials.library import Library
from anolyte.materials.schema import PROPERTIES, Anode, Electrolyte, Strict
from anolyte.materials.scope import Scope, names
from anolyte.materials.stack import Cell, Conditions, Form, Interface, Sample, Surface
from anolyte.materials.strategy import Change, Strategy
from anolyte.studies.check.evidence import did_you_mean, library_of
from anolyte.studies.check.materials import line_of
from anolyte.studies.check.report import Report

_PARTS: dict[str, type[Any]] = {
    "surface": Surface,
    "sample": Sample,
    "form": Form,
    "conditions": Conditions,
}
_PLAIN = ("fraction", "number")  # kinds of which a bare number says all
_MEMBERS = ("str", "float", "bool")  # what pydantic calls the members of a union


def check(folder: Path, keys: frozenset[str], found: Report) -> None:
    """Every `strategies/*.yaml` of a folder: the package's own or a user's.

    Args:
        folder: The package's data, or what was given to `--materials`.
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    paths = sorted((folder / "strategies").glob("*.yaml"))
    if not paths:
        return
    lib = library_of(folder)
    for path in paths:
        strategy = _read(path, found)
        if strategy is not None:
            _File(path, strategy, keys, lib, found).look()


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _read(path: Path, found: Report) -> Strategy | None:
    """A file that follows the schema, or one problem for every field that does not."""
    from pydantic import ValidationError

    try:
        data = library.read_yaml(path)
        if not isinstance(data, dict):
            raise DataError("expected fields such as 'name:' and 'sets:'")
        return Strategy.model_validate(data)
    except ValidationError as error:
        told: set[tuple[Any, ...]] = set()
        for e in error.errors():
            where = tuple(e["loc"])
            where = where[:-1] if where and where[-1] in _MEMBERS else where
            if where not in told:
                told.add(where)
                found.add(_short(path), line_of(path, where), _name(where), _said(dict(e), where))
    except AnolyteError as error:
        message = str(error).removeprefix(str(path)).lstrip(": ")
        line = re.match(r"line (\d+): (.*)", message)
        where = ("contraindications",) if isinstance(error, UnitsError) else ()  # their bounds
        at = int(line[1]) if line else line_of(path, where)
        found.add(_short(path), at, _name(where), line[2] if line else message)
    return None


def _name(where: Sequence[Any]) -> str:
    """`sets.0.value` as a person counts: `sets 1, value`."""
    parts = [f" {p + 1}," if isinstance(p, int) else f" {p}" for p in where]
    return "".join(parts).strip(" ,")


def _said(error: dict[str, Any], where: Sequence[Any]) -> str:
    """What the schema says, in words that tell what to do."""
    given = str(error.get("input"))[:60]
    expected = str(error.get("ctx", {}).get("expected", ""))
    if error["type"] == "missing":
        return _LACKING.get(str(where[-1]), "is missing")
    if error["type"] == "extra_forbidden":
        return f"unknown field; {did_you_mean(str(where[-1]), _FIELDS, 'see the other files')}"
    if error["type"] in ("literal_error", "enum"):
        return f"'{given}' is none of {expected}"
    if error["type"] == "string_type":
        return f"'{given}' is no text; a number needs its unit, for example '60 C'"
    if "sequence" in error["type"] or "tuple" in error["type"] or "list" in error["type"]:
        return f"'{given}' is no list; write [ ... ]"
    return str(error["msg"]).removeprefix("Value error, ")


def _all_fields(cls: type[Strict]) -> Iterator[str]:
    for name, about in cls.model_fields.items():
        yield name
        for part in (about.annotation, *getattr(about.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, Strict):
                yield from _all_fields(part)


_FIELDS = tuple(dict.fromkeys(_all_fields(Strategy)))
_LACKING = {
    "source": "is missing: a number or a statement without a source does not count",
    "known": "is missing: read, second_hand or recalled",
    "because": "is missing: say why",
}


@dataclass(frozen=True)
class _File:
    """One strategy and where it stands."""

    path: Path
    strategy: Strategy
    keys: frozenset[str]
    lib: Library
    found: Report

    def wrong(self, where: Sequence[Any], message: str) -> None:
        self.found.add(_short(self.path), line_of(self.path, where), _name(where), message)

    def look(self) -> None:
        """Everything that the schema cannot know."""
        s, before = self.strategy, len(self.found.problems)
        if s.name != self.path.stem:
            self.wrong(("name",), f"'{s.name}' is not the file's name; write {self.path.stem}")
        for i, key in enumerate(s.references):
            self._cited(key, ("references", i))
        for part in ("sets", "worsens", "contraindications"):
            for i, entry in enumerate(getattr(s, part)):
                self._cited(entry.source, (part, i, "source"))
        self._scopes()
        for i, change in enumerate(s.sets):
            self.found.count("strategies", change.known)
            if message := self._change(change):
                self.wrong(("sets", i, "value"), f"{change.what}: {message}")
        if s.kind == "action" and len(self.found.problems) == before:
            self._acts()

    def _cited(self, key: str, where: Sequence[Any]) -> None:
        if key not in self.keys:
            hint = did_you_mean(key, self.keys, "add one to a .bib file")
            self.wrong(where, f"no bibliography entry for '{key[:60]}'; {hint}")

    def _scopes(self) -> None:
        s = self.strategy
        cases: list[tuple[Any, tuple[Any, ...]]] = [(s.applies_to, ("applies_to",))]
        cases += [(c.when, ("contraindications", i, "when"))
                  for i, c in enumerate(s.contraindications)]  # fmt: skip
        for case, where in cases:
            for name, cls in (("electrolytes", Electrolyte), ("anodes", Anode)):
                scope: Scope | None = getattr(case, name)
                for i, pattern in enumerate(scope.root if scope else ()):
                    if message := _pattern(pattern, cls, self.lib):
                        self.wrong((*where, name, i), message)

    def _change(self, change: Change) -> str:
        """What is wrong with one thing that is set; empty where nothing is."""
        head, _, name = change.what.partition(".")
        if head in ("electrolyte", "anode") and name:
            return _property(change, name)
        if head in _PARTS:
            kinds = {f.name: f.metadata.get("kind") for f in fields(_PARTS[head])}
            if name not in kinds:
                return f"no such field; {did_you_mean(name, kinds, ', '.join(kinds))}"
            if message := _written(change.value, name, kinds[name]):
                return message
        try:
            change.apply(self._any_cell(), self.lib)
        except AnolyteError as error:
            return str(error)
        return ""

    def _any_cell(self) -> Cell:
        return Cell(Interface(self.lib.all(Electrolyte)[0], self.lib.all(Anode)[0]))

    def _acts(self) -> None:
        """An action changes at least one cell of those that it is meant for."""
        meant = False
        lacking = ""
        for cell in self._cells():
            meant = True
            try:
                if self.strategy.apply(cell, self.lib) != cell:
                    return
            except MissingProperty as error:
                lacking = str(error)
            except AnolyteError as error:
                self.wrong(("sets",), str(error).removeprefix(f"strategy {self.strategy.name}: "))
                return
        if not meant:
            self.wrong(("applies_to",), "is meant for no electrolyte and anode of the library")
        elif lacking:
            self.wrong(("sets",), f"can be applied to no cell: {lacking}")
        else:
            self.wrong(("sets",), "changes no cell that it is meant for; what does it do?")

    def _cells(self) -> Iterator[Cell]:
        """Pairs of the library, and of what its scopes name beyond the library."""
        meant = self.strategy.applies_to
        electrolytes = (*self.lib.all(Electrolyte), *_named(meant.electrolytes, self.lib))
        anodes = (*self.lib.all(Anode), *_named(meant.anodes, self.lib, Anode))
        for electrolyte in filter(meant.electrolytes.match, electrolytes):
            for anode in filter(meant.anodes.match, anodes):
                yield Cell(Interface(electrolyte, anode, sample=_SAMPLE), _CONDITIONS)


# A cell unlike the defaults, so that a strategy which sets a default still changes it.
_SAMPLE = Sample(thickness=1.234e-3)
_CONDITIONS = Conditions(
    current_density=1.234, stack_pressure=1.234e5, temperature=301.234, areal_capacity=1.234e4
)


def _named(scope: Scope, lib: Library, cls: type[Any] = Electrolyte) -> Iterator[Any]:
    """Formulas that a scope names."""
    find = lib.electrolyte if cls is Electrolyte else lib.anode
    for pattern in scope.root:
        if ":" not in pattern and pattern not in ("any", "plated"):
            try:
                yield find(pattern, as_printed=True)
            except AnolyteError:
                continue


def _pattern(pattern: str, cls: type[Electrolyte] | type[Anode], lib: Library) -> str:
    """What is wrong with one pattern of a scope; empty where nothing is."""
    head, colon, rest = pattern.partition(":")
    if pattern == "any":
        return ""
    if pattern == "plated":
        return "" if cls is Anode else "'plated' speaks of anodes"
    if colon and head == "class":
        known = ", ".join(cls.families)
        return "" if rest in cls.families else f"'{pattern}': no such class; known: {known}"
    if colon:
        strange = [e for e in rest.split("+") if e not in formula.ATOMIC_WEIGHTS]
        return f"'{pattern}': no element {', '.join(strange)}" if strange else ""
    try:
        found = (lib.electrolyte if cls is Electrolyte else lib.anode)(pattern, as_printed=True)
    except AnolyteError as error:
        return str(error)
    return "" if names(pattern, found) else f"'{pattern}' is a file's name; write '{found.name}'"


def _property(change: Change, name: str) -> str:
    """A property of a material: a known one, with a value that parses."""
    if name not in PROPERTIES:
        return f"no such property; {did_you_mean(name, PROPERTIES, ', '.join(PROPERTIES))}"
    if change.value is None:
        return ""
    if message := _written(change.value, name, PROPERTIES[name]):
        return message
    try:
        si(change.value, PROPERTIES[name])
    except AnolyteError as error:
        return str(error)
    return ""


def _written(value: object, name: str, kind: str | None) -> str:
    """Whether a value is written as its field needs it: yes or no, or text with a unit."""
    if name == "cleaned":
        return "" if isinstance(value, bool) else f"'{value}' is neither true nor false"
    if isinstance(value, bool) or (isinstance(value, float) and kind not in _PLAIN):
        return f"'{value}': write the value as text, with its unit"
    return ""
