"""Cathodes of full cells and the passive parts beside them, as `data/cathodes.yaml` has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from anolyte.core.errors import DataError, UnknownMaterial
from anolyte.core.result import quantity
from anolyte.materials.library import DATA, Library, read_yaml, validate
from anolyte.materials.schema import Material, Measurement, Strict
from anolyte.materials.stack import to_si

FILE = "cathodes.yaml"


@dataclass(frozen=True)
class Mix:
    """What an electrode layer is made of, beside the cell's electrolyte.

    Args:
        active: Share of the active material in the mass of the layer.
        additives: Share of carbon and binder; what is left is electrolyte.
        porosity: Empty share of the layer's volume.
        follows: Share of the active material's change of volume that the layer's thickness
            follows; the rest is taken up by its pores. One is the cautious case.
    """

    active: float = quantity("fraction", default=1.0)
    additives: float = quantity("fraction", default=0.0)
    porosity: float = quantity("fraction", default=0.0)
    follows: float = quantity("fraction", default=1.0)

    def __post_init__(self) -> None:
        to_si(self)
        if not (0.0 < self.active <= 1.0 and 0.0 <= self.additives <= 1.0 - self.active + 1e-12):
            raise DataError("a mix needs active material, and shares that sum to one at most")
        if not (0.0 <= self.porosity < 1.0 and 0.0 <= self.follows <= 1.0):
            raise DataError("a mix: porosity from 0 to below 1, follows from 0 to 1")


class Cathode(Material):
    """A positive electrode: its active material and a mix that is usual for it.

    `operating_potential` is the mean potential of discharge; `volume_expansion` the relative
    change of the active material from the state it is built in to the other one.
    """

    families: ClassVar[tuple[str, ...]] = (
        "layered oxide", "olivine", "spinel", "conversion", "unknown",
    )  # fmt: skip
    holds_lithium: bool = True
    active: Measurement | None = None
    additives: Measurement | None = None
    porosity: Measurement | None = None

    @property
    def mix(self) -> Mix:
        """The usual mix; what is not given is pure and dense."""
        given = {"active": self.active, "additives": self.additives, "porosity": self.porosity}
        return Mix(**{k: m.to_value("fraction").si for k, m in given.items() if m is not None})


class Part(Material):
    """A passive part: a collector foil, or what an electrode holds beside active material."""

    families: ClassVar[tuple[str, ...]] = ("collector", "additive")


class _File(Strict):
    cathodes: tuple[Cathode, ...] = ()
    parts: tuple[Part, ...] = ()
    context: dict[str, Measurement] = {}


@lru_cache(maxsize=16)
def _load(path: Path, stamp: int) -> _File:
    return validate(_File, read_yaml(path), str(path) if path.parent != DATA else FILE)


def _files(lib: Library | None) -> tuple[_File, ...]:
    """The user's files, the last folder first, then the package's."""
    folders = (*reversed(lib.folders if lib else ()), DATA)
    paths = [folder / FILE for folder in folders]
    return tuple(_load(p, p.stat().st_mtime_ns) for p in paths if p.is_file())


def cathodes(lib: Library | None = None) -> tuple[Cathode, ...]:
    """Every cathode that is known by name."""
    found = {c.name: c for f in reversed(_files(lib)) for c in f.cathodes}
    return tuple(found.values())


def cathode(name: str, lib: Library | None = None) -> Cathode:
    """A cathode by name or alias.

    Raises:
        UnknownMaterial: None has that name; the message lists those that are known.

    >>> cathode("LiFePO4").name
    'LFP'
    """
    wanted = name.strip().casefold()
    for file in _files(lib):
        for found in file.cathodes:
            if wanted in (n.casefold() for n in (found.name, *found.aliases)):
                return found
    known = ", ".join(c.name for c in cathodes(lib))
    raise UnknownMaterial(f"unknown cathode '{name[:60]}'; known: {known}")


def part(name: str, lib: Library | None = None) -> Part:
    """A collector or additive by name or alias.

    Raises:
        UnknownMaterial: None has that name.

    >>> part("Cu").name
    'copper foil'
    """
    found = part_of((name,), lib)
    if found is None:
        known = ", ".join(sorted({p.name for f in _files(lib) for p in f.parts}))
        raise UnknownMaterial(f"unknown part '{name[:60]}'; known: {known}")
    return found


def part_of(names: Iterable[str], lib: Library | None = None) -> Part | None:
    """The first part that has one of several names; None: no part has."""
    wanted = {n.strip().casefold() for n in names}
    for file in _files(lib):
        for found in file.parts:
            if wanted & {n.casefold() for n in (found.name, *found.aliases)}:
                return found
    return None


def context(name: str, lib: Library | None = None) -> Measurement | None:
    """A number that stands beside results for comparison and enters none of them."""
    return next((f.context[name] for f in _files(lib) if name in f.context), None)
