"""Which materials a statement speaks of: names, classes, elements."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import RootModel, field_validator

from anolyte.core.errors import AnolyteError
from anolyte.materials import formula
from anolyte.materials.schema import Material


class Scope(RootModel[tuple[str, ...]]):
    """A list of patterns; a material is meant if one of them fits.

    A pattern is a name, alias or formula; `class:sulfide`; `contains:La+Zr` (all these elements);
    `plated` (an anode of plated lithium); or `any`. An empty scope means any.

    >>> from anolyte.materials.library import default
    >>> Scope(("contains:La+Zr",)).match(default().electrolyte("LLZTO"))
    True
    """

    root: tuple[str, ...] = ("any",)
    model_config = {"frozen": True}

    @field_validator("root", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("root")
    @classmethod
    def _known_patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            head, colon, rest = pattern.partition(":")
            if colon and (head not in ("class", "contains") or not rest.strip()):
                raise ValueError(
                    f"'{pattern}': write a name, class:oxide, contains:La+Zr, plated or any"
                )
        return value or ("any",)

    def match(self, material: Material) -> bool:
        """Whether the material is meant."""
        return any(_fits(pattern, material) for pattern in self.root)

    @property
    def is_any(self) -> bool:
        """Whether every material is meant."""
        return "any" in self.root


def _fits(pattern: str, material: Material) -> bool:
    head, _, rest = pattern.partition(":")
    if pattern == "any":
        return True
    if pattern == "plated":
        return bool(getattr(material, "plated", False))
    if head == "class":
        return material.family == rest
    if head == "contains":
        return set(rest.split("+")) <= elements(material)
    return names(pattern, material)


def elements(material: Material) -> frozenset[str]:
    """The elements of a material's formula; none where it has no formula."""
    return frozenset(material.composition) if material.formula else frozenset()


def names(text: str, material: Material) -> bool:
    """Whether a text is the material's name, alias or formula."""
    if text.casefold() in (n.casefold() for n in (material.name, *material.aliases)):
        return True
    return bool(material.formula) and _same(text, str(material.formula))


@lru_cache(maxsize=4096)
def _same(one: str, two: str) -> bool:
    try:
        return formula.same(formula.parse(one), formula.parse(two))
    except AnolyteError:
        return False
