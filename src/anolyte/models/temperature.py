"""Temperature limits: whether every material of a cell stays what it is at the temperature.

A limit is the temperature at which a material melts, softens, crystallises or decomposes by itself;
what two materials do to each other when hot is another question, and limits are no promise about
it. A composite bears what its weakest constituent bears.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.errors import AnolyteError
from anolyte.core.provenance import Value
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.materials import library
from anolyte.materials.schema import Material
from anolyte.materials.stack import Conditions, Interface


@dataclass(frozen=True)
class Limit:
    """The lowest temperature limit of one material (of the constituent `of`)."""

    material: str
    temperature: float = quantity("temperature")
    of: str = ""
    note: str = ""
    source: str = ""
    known: str = ""


@dataclass(frozen=True)
class TemperatureResult(Result):
    """The temperature beside the limits of the materials, the lowest first.

    Args:
        limits: Known limits.
        unknown: Materials without one.
    """

    temperature: float = quantity("temperature")
    limits: tuple[Limit, ...] = ()
    unknown: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.TEMPERATURE

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """Whether the temperature is below every known limit, and how far."""
        tail = f"; no limit known of {', '.join(self.unknown)}" if self.unknown else ""
        if not self.limits:
            return (
                Finding(self.concern, Level.UNKNOWN, tail.lstrip("; "), {}, (), "unknown", "rule"),
            )
        lowest = self.limits[0]
        numbers = {
            "temperature": Number(self.temperature, "temperature"),
            "limit": Number(lowest.temperature, "temperature"),
        }
        what = lowest.material + (f" ({lowest.of})" if lowest.of else "")
        note = f" ({lowest.note.split(';')[0]})" if lowest.note else ""
        margin = lowest.temperature - self.temperature
        if margin <= 0.0:
            level, label, side = Level.BAD, "too hot", "above"
        elif margin < criteria["temperature_margin"]:
            level, label, side = Level.CAUTION, "near a limit", "close to"
        elif self.unknown:
            level, label, side = Level.UNKNOWN, "limit not known", "below"
        else:
            level, label, side = Level.GOOD, "within limits", "below"
        because = f"{{temperature}} is {side} the {{limit}} of {what}{note}{tail}"
        return (Finding(self.concern, level, because, numbers, self.sources, label, "measured"),)


@dataclass(frozen=True)
class Temperature:
    """Temperature limits of an interface's materials."""

    concern: ClassVar[Concern] = Concern.TEMPERATURE
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte", "layers", "anode", "surface", "form", "conditions.temperature",
    )  # fmt: skip
    references: ClassVar[tuple[str, ...]] = ("anolyte",)

    def __call__(self, interface: Interface, conditions: Conditions) -> TemperatureResult:
        """Every material's limit beside the temperature."""
        found, unknown = [], []
        for material in _materials(interface):
            limit = lowest_limit(material)
            if limit is None:
                unknown.append(material.name)
            else:
                found.append(limit)
        found.sort(key=lambda limit: limit.temperature)
        return TemperatureResult(
            temperature=conditions.temperature,
            limits=tuple(found),
            unknown=tuple(unknown),
            sources=tuple(dict.fromkeys(limit.source for limit in found)),
        )


def _materials(interface: Interface) -> Iterator[Material]:
    """Every material of the cell once, electrolyte first."""
    films = (interface.surface.film, *interface.layers, interface.form.coating)
    layers = [x.material for x in films if x is not None]
    seen = set()
    for material in (interface.electrolyte, *layers, interface.anode):
        if material.name not in seen:
            seen.add(material.name)
            yield material


def lowest_limit(material: Material) -> Limit | None:
    """The limit of a material, or the lowest of its constituents'; None where none is known.

    >>> from anolyte.materials.library import default
    >>> round(lowest_limit(default().anode("Li")).temperature)
    454
    """
    if values := material.values("temperature_limit"):
        return _limit(material.name, values[0])
    found = []
    for component in material.components:
        constituent = _constituent(component.material)
        if constituent is None or not (values := constituent.values("temperature_limit")):
            return None  # the weakest may be the one that is not known
        found.append(_limit(material.name, values[0], of=constituent.name))
    return min(found, key=lambda limit: limit.temperature) if found else None


def _limit(name: str, value: Value, of: str = "") -> Limit:
    return Limit(name, value.si, of, value.note, value.source.key, value.source.known)


def _constituent(name: str) -> Material | None:
    """The library's material of that name, whatever its kind; a bare formula has no limit."""
    lib = library.default()
    for find in (lib.electrolyte, lib.interlayer, lib.anode):
        try:
            material = find(name, as_printed=True)
        except AnolyteError:
            continue
        if material.origin != "formula":
            return material
    return None
