"""Remedies as data: one YAML a strategy, and what it sets on an interface.

`strategy.apply(interface)` gives a new interface. A strategy says where it applies, which concerns
it is meant to mend, what it is stated to cost, and when it must not be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

from pydantic import Field, field_validator, model_validator

from anolyte.core.errors import AnolyteError, DataError, MissingProperty
from anolyte.core.result import Concern
from anolyte.core.units import KINDS, si
from anolyte.materials import library
from anolyte.materials.library import DATA, Library
from anolyte.materials.schema import PROPERTIES, Material, Measurement, Strict
from anolyte.materials.scope import Scope
from anolyte.materials.stack import (
    Additive,
    Cell,
    Conditions,
    Form,
    Interface,
    Layer,
    Sample,
    Surface,
)

FAMILIES = (
    "computational design",
    "electrochemical window",
    "dendrite suppression",
    "volume effect control",
    "wettability",
    "side reaction suppression",
    "electrolyte modification",
    "composite electrolyte",
    "anode design",
    "cell and operation",
)
"""The review's six ways of regulation, then what is done to each part of the cell."""
_PARTS = ("surface", "sample", "form", "conditions")
_PARTS_FIELDS = {
    name: tuple(cls.__dataclass_fields__)
    for name, cls in zip(_PARTS, (Surface, Sample, Form, Conditions), strict=True)
}
_MATERIALS = ("electrolyte", "anode")

Known = Literal["read", "second_hand", "recalled"]
T = TypeVar("T", Interface, Cell)


class Change(Strict):
    """One thing that a strategy sets, with where the number comes from.

    Args:
        what: `layer`, `electrolyte`, `anode`, `additive`, a field such as `surface.roughness`,
            `sample.grain_size`, `form.free_volume`, `conditions.stack_pressure`, or a material's
            property such as `electrolyte.youngs_modulus`.
        value: The new value as text with unit (a layer: `MgF2:20 nm`).
        times: A factor on the present value instead (properties and conditions).
        side: Where a layer goes: next to the electrolyte or next to the anode.
        only: A condition that is set only where that raises or lowers it.
    """

    what: str
    value: str | float | bool | None = None
    times: float | None = None
    side: Literal["electrolyte", "anode"] = "electrolyte"
    only: Literal["raise", "lower"] | None = None
    source: str
    where: str = ""
    how: Literal["measured", "computed", "estimated", "assumed"] = "assumed"
    known: Known
    note: str = ""

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        head, _, field = self.what.partition(".")
        if (self.value is None) == (self.times is None):
            raise ValueError(f"{self.what}: give either 'value' or 'times'")
        if field and head not in (*_PARTS, *_MATERIALS):
            raise ValueError(f"'{self.what}' is no part of an interface")
        if not field and self.what not in ("layer", "additive", *_MATERIALS):
            raise ValueError(f"'{self.what}' is nothing that a strategy can set")
        if field and head in _MATERIALS and field not in PROPERTIES:
            raise ValueError(f"'{field}' is no property; {_hint(field, PROPERTIES)}")
        if head in _PARTS and field not in (known := _PARTS_FIELDS[head]):
            raise ValueError(f"'{self.what}' is no field of {head}; {_hint(field, known)}")
        if self.times is not None and not self.times > 0.0:
            raise ValueError(f"{self.what}: 'times' must be positive")
        if self.only and head != "conditions":
            raise ValueError(f"{self.what}: 'only' is for conditions")
        if self.times is not None and not (field and head in (*_MATERIALS, "conditions")):
            raise ValueError(f"{self.what}: 'times' is for properties of a material or conditions")
        return self

    def apply(self, cell: Cell, lib: Library) -> Cell:
        """The cell with this one change."""
        head, _, field = self.what.partition(".")
        interface = cell.interface
        if head == "conditions":
            value: Any = self.value
            if self.times is not None:
                value = self.times * getattr(cell.conditions, field)
            changed = replace(cell.conditions, **{field: value})
            step = getattr(changed, field) - getattr(cell.conditions, field)
            if (self.only == "raise" and step <= 0.0) or (self.only == "lower" and step >= 0.0):
                return cell
            return replace(cell, conditions=changed)
        if head == "layer":
            changed = replace(interface, layers=self._layers(interface, lib))
        elif head == "additive":
            added = Additive.parse(str(self.value))
            present = [a.species for a in interface.additives]
            more = () if added.species in present else (added,)
            changed = replace(interface, additives=(*interface.additives, *more))
        elif head in _MATERIALS:
            present = getattr(interface, head)
            material = self._property(present, field) if field else self._material(lib)
            changed = replace(interface, **{head: material})
        else:
            part = self._part(getattr(interface, head), field, lib)
            changed = replace(interface, **{head: part})
        return replace(cell, interface=changed)

    def _layers(self, interface: Interface, lib: Library) -> tuple[Layer, ...]:
        layer = Layer.parse(str(self.value), lib, as_printed=True)
        own = interface.layers
        if layer.material.name in (x.material.name for x in own):
            return own  # it is there already
        return (layer, *own) if self.side == "electrolyte" else (*own, layer)

    def _material(self, lib: Library) -> Material:
        find = lib.electrolyte if self.what == "electrolyte" else lib.anode
        return find(str(self.value), as_printed=True)

    def _part(self, part: Any, field: str, lib: Library) -> Any:
        if field in ("film", "coating"):
            return replace(part, **{field: Layer.parse(str(self.value), lib, as_printed=True)})
        if field == "cleaned":  # what was removed is no longer there
            return replace(part, film=None, cleaned=bool(self.value))
        return replace(part, **{field: self.value})

    def _property(self, material: Material, name: str) -> Material:
        value: Any = self.value
        if self.times is not None:
            unit = KINDS[PROPERTIES[name]].si
            value = f"{self.times * material.need(name).si!r} {unit if unit != '1' else ''}".strip()
        entry = Measurement(
            value=value, source=self.source, where=self.where,
            how=self.how, known=self.known, note=self.note,
        )  # fmt: skip
        return material.model_copy(update={"properties": material.properties | {name: (entry,)}})


def _hint(text: str, known: Iterable[str]) -> str:
    """Near names, else all of them."""
    import difflib

    known = list(known)
    near = difflib.get_close_matches(text[:60], known, n=3, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known)}"


# Field of a condition -> field of `Conditions`, kind of its unit.
_BOUNDS = {
    "temperature": "temperature",
    "stack_pressure": "pressure",
    "current_density": "current_density",
}


class Condition(Strict):
    """When something holds: every field that is given must."""

    electrolytes: Scope | None = None
    anodes: Scope | None = None
    temperature_above: str | None = None
    temperature_below: str | None = None
    stack_pressure_above: str | None = None
    stack_pressure_below: str | None = None
    current_density_above: str | None = None

    @model_validator(mode="after")
    def _parses(self) -> Self:
        try:
            self._bounds()
        except AnolyteError as error:
            raise ValueError(str(error)) from None
        return self

    def _bounds(self) -> list[tuple[str, bool, float]]:
        """Field of the conditions, whether it must lie above, and the bound in SI."""
        found = []
        for name, kind in _BOUNDS.items():
            for side in ("above", "below"):
                text = getattr(self, f"{name}_{side}", None)
                if text is not None:
                    found.append((name, side == "above", si(text, kind)))
        return found

    def holds(self, cell: Cell) -> bool:
        """Whether a cell is such a case."""
        for scope, material in (
            (self.electrolytes, cell.interface.electrolyte),
            (self.anodes, cell.interface.anode),
        ):
            if scope is not None and not scope.match(material):
                return False
        for name, above, bound in self._bounds():
            value = getattr(cell.conditions, name)
            if (value <= bound) if above else (value >= bound):
                return False
        return True


class Contraindication(Strict):
    """When a strategy must not be used, or costs more than it gives, and why."""

    when: Condition
    because: str
    source: str
    where: str = ""
    known: Known


class TradeOff(Strict):
    """What a strategy is stated to make worse."""

    concern: Concern
    because: str
    source: str
    where: str = ""
    known: Known


class Applies(Strict):
    """Where a strategy was reported or is meant to work."""

    electrolytes: Scope = Field(default_factory=Scope)
    anodes: Scope = Field(default_factory=Scope)


class Strategy(Strict):
    """One way to mend an interface.

    Args:
        kind: `action` changes the interface; `computational` and `observational` tell what to
            change without changing it.
        status: reported (with a case), outlook (named as a way) or summary (a statement on a
            family).
        mechanism_basis: Who says how it works: the review, the paper, or general knowledge.
        mends: Concerns it is meant to mend, the first first.
        sets: What it changes on an interface; assumed values say so.
        process: How it is made (sputtering, atomic layer deposition, ...).
    """

    name: str
    title: str
    family: str
    kind: Literal["action", "computational", "observational"] = "action"
    status: Literal["reported", "outlook", "summary"] = "reported"
    mechanism: str
    mechanism_basis: Literal["review", "paper", "inferred"]
    applies_to: Applies = Field(default_factory=Applies)
    mends: tuple[Concern, ...] = ()
    worsens: tuple[TradeOff, ...] = ()
    sets: tuple[Change, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()
    process: str = ""
    benefits: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    origin: str = "library"
    digest: str = ""

    @field_validator("family")
    @classmethod
    def _known_family(cls, value: str) -> str:
        if value not in FAMILIES:
            raise ValueError(f"family '{value}' is not one of {', '.join(FAMILIES)}")
        return value

    @model_validator(mode="after")
    def _action_sets(self) -> Self:
        if self.kind == "action" and not self.sets:
            raise ValueError("an action must say in 'sets:' what it changes")
        if self.kind != "action" and self.sets:
            raise ValueError(f"a {self.kind} strategy changes nothing: leave 'sets:' out")
        return self

    def applies(self, cell: Cell) -> bool:
        """Whether it is meant for this electrolyte and this anode."""
        i, scope = cell.interface, self.applies_to
        return scope.electrolytes.match(i.electrolyte) and scope.anodes.match(i.anode)

    def apply(self, target: T, lib: Library | None = None) -> T:
        """The interface (or the cell, with its conditions) after the remedy.

        Args:
            target: An `Interface` or a `Cell`; what comes back is of the same kind. Conditions
                that a strategy sets (a stack pressure) show on a cell only.
            lib: Where names of materials are looked up; None: the package's library.

        Raises:
            MissingProperty: It scales a property that the material does not have.

        >>> str(find("mgf2_film").apply(Interface("LLZTO", "Li")))
        'LLZTO | MgF2 | Li'
        """
        cell = Cell(target) if isinstance(target, Interface) else target
        for change in self.sets:
            try:
                cell = change.apply(cell, lib or library.default())
            except MissingProperty as error:
                raise MissingProperty(f"{self.name}: {error}") from None
            except (AnolyteError, TypeError) as error:
                raise DataError(f"strategy {self.name}: {change.what}: {error}") from None
        return cast(T, cell.interface if isinstance(target, Interface) else cell)

    def contraindicated(self, cell: Cell) -> tuple[Contraindication, ...]:
        """The written reasons against it in this cell."""
        return tuple(c for c in self.contraindications if c.when.holds(cell))


@lru_cache(maxsize=1024)
def _load(path: Path, ours: bool, stamp: int) -> Strategy:
    data = library.read_yaml(path)
    if isinstance(data, dict) and not ours:
        data = data | {"origin": str(path), "digest": library.digest_of(path)}
    return library.validate(Strategy, data, path.name if ours else str(path))


def strategies(folders: tuple[Path, ...] = ()) -> tuple[Strategy, ...]:
    """Every strategy of the package and of the user's folders (later ones override), by name."""
    found: dict[str, Strategy] = {}
    for folder in (DATA, *folders):
        for path in sorted((folder / "strategies").glob("*.yaml")):
            strategy = _load(path, folder == DATA, path.stat().st_mtime_ns)
            found[strategy.name] = strategy
    return tuple(found[name] for name in sorted(found))


def find(name: str, folders: tuple[Path, ...] = ()) -> Strategy:
    """A strategy by name.

    Raises:
        DataError: No such strategy; the message offers near names.
    """
    known = {s.name: s for s in strategies(folders)}
    if name in known:
        return known[name]
    raise DataError(f"no strategy '{name[:60]}'; {_hint(name, known)}")
