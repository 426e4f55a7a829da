"""Numbers that belong to a pair of materials: what happens where one anode touches one electrolyte.

`data/interfaces/*.yaml` hold them, each with its source, for a pair, a class of pairs or any; the
most special file that knows a number speaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator, model_validator

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.memo import kept
from anolyte.core.provenance import Value
from anolyte.materials.library import DATA, Library, read_yaml, validate
from anolyte.materials.schema import Material, Measurement, Strict
from anolyte.materials.scope import Scope

FOLDER = "interfaces"

# property -> kind of quantity; a name outside this table does not load.
PAIR_PROPERTIES: dict[str, str] = {
    "exchange_current_density": "current_density",
    "exchange_activation_energy": "energy",
    "double_layer_capacitance": "area_capacitance",
    "contact_spacing": "length",
    "roughness": "length",
    "roughness_slope": "number",
    "contact_angle": "angle",
    "surface_film_resistance": "area_resistance",
    "diffusion_limited_current": "current_density",
    "diffusion_activation_energy": "energy",
    "pressure_limited_current": "current_density",
    "pressure_exponent": "number",
    "void_spacing": "length",
    "void_depth": "length",
    "refill_fraction": "fraction",
    "critical_overpotential": "potential",
    "penetration_life": "time",
    "penetration_exponent": "number",
    "flaw_size": "length",
    "current_focusing": "number",
    "growth_constant": "diffusivity",
    "growth_activation_energy": "energy",
    "growth_exponent": "number",
    "growth_lag": "time",
    "interphase_conductivity": "conductivity",
    "interphase_permittivity": "number",
    "interphase_volume_per_charge": "swelling",
}


class Pair(Strict):
    """What is known of the contact of some electrolytes with some anodes.

    Args:
        name: In words.
        electrolyte, anode: Which materials are meant (patterns of `Scope`).
        properties: Measurements by property.
    """

    name: str
    electrolyte: Scope = Scope(("any",))
    anode: Scope = Scope(("any",))
    properties: dict[str, tuple[Measurement, ...]] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    known: ClassVar[dict[str, str]] = PAIR_PROPERTIES

    @field_validator("properties", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        if unknown := sorted(set(value) - set(PAIR_PROPERTIES)):
            raise ValueError(
                f"unknown property {', '.join(unknown)}; known: {', '.join(PAIR_PROPERTIES)}"
            )
        return {k: v if isinstance(v, list | tuple) else [v] for k, v in value.items()}

    @model_validator(mode="after")
    def _numbers_parse(self) -> Pair:
        for name, measurements in self.properties.items():
            for m in measurements:
                try:
                    value = m.to_value(PAIR_PROPERTIES[name])
                except AnolyteError as error:
                    raise ValueError(f"{name}: {error}") from None
                if value.si < 0.0:
                    raise ValueError(f"{name}: must not be negative, not {m.value}")
        return self

    @property
    def special(self) -> tuple[int, int]:
        """How special the scopes are; the more special pair speaks first."""
        return _special(self.electrolyte), _special(self.anode)


def _values(pair: Pair, name: str) -> tuple[Value, ...]:
    return tuple(m.to_value(PAIR_PROPERTIES[name]) for m in pair.properties[name])


def _special(scope: Scope) -> int:
    rank = {"any": 0, "class": 1, "plated": 1, "contains": 2}
    return min(rank.get(p.partition(":")[0], 3) for p in scope.root)


@dataclass(frozen=True)
class Contact:
    """The numbers of one electrolyte on one anode, from every file that speaks of them.

    >>> from anolyte.materials.library import default
    >>> lib = default()
    >>> contact(lib.electrolyte("Li6PS5Cl"), lib.anode("Li")).has("exchange_current_density")
    True
    """

    electrolyte: str
    anode: str
    pairs: tuple[Pair, ...]

    def values(self, name: str) -> tuple[Value, ...]:
        """All values of a property in the most special file that has any."""
        for pair in self.pairs:
            if name in pair.properties:
                return kept(pair, "values", name, lambda pair=pair: _values(pair, name))
        return ()

    def special(self, name: str) -> tuple[int, int]:
        """How special the file is that speaks of a property; negative: none does."""
        return next((p.special for p in self.pairs if name in p.properties), (-1, -1))

    def has(self, name: str) -> bool:
        """Whether any value of the property is known."""
        return any(name in pair.properties for pair in self.pairs)

    def need(self, name: str) -> Value:
        """The default value of a property.

        Raises:
            MissingProperty: Nothing is known; the message says where to add it.
        """
        values = self.values(name)
        if not values:
            raise MissingProperty(
                f"no {name.replace('_', ' ')} is known for {self.electrolyte} | {self.anode}; add "
                f"it to a file in {FOLDER}/ with a source (--materials DIR reads your own)"
            )
        return values[0]


def contact(electrolyte: Material, anode: Material, lib: Library | None = None) -> Contact:
    """What is known where an electrolyte (or a layer) touches an anode, the most special first."""
    found = [p for p in pairs(lib) if p.electrolyte.match(electrolyte) and p.anode.match(anode)]
    found.sort(key=lambda p: p.special, reverse=True)
    return Contact(electrolyte.name, anode.name, tuple(found))


def pairs(lib: Library | None = None) -> tuple[Pair, ...]:
    """Every pair file; the user's folders come first, so that they win a tie."""
    own = tuple(pair for folder in reversed(lib.folders if lib else ()) for pair in _load(folder))
    return own + _package()


@lru_cache(maxsize=1)
def _package() -> tuple[Pair, ...]:
    return tuple(_load(DATA))


def _load(folder: Path) -> Iterator[Pair]:
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        yield _load_cached(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _load_cached(path: Path, stamp: int) -> Pair:
    where = path.name if DATA in path.parents else str(path)
    return validate(Pair, read_yaml(path), where)


def spread(value: Value) -> float:
    """Logarithmic standard deviation of a positive number from its relative one.

    $$ s = \\sqrt{\\ln(1 + (\\sigma/\\mu)^2)} $$

    >>> from anolyte.core.provenance import Source
    >>> round(spread(Value(1.0, Source("x"), sigma=0.1)), 3)
    0.1
    """
    if value.sigma is None or value.si == 0.0:
        return 0.0
    return math.sqrt(math.log1p((value.sigma / value.si) ** 2))
