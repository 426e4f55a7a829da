"""The nouns of a cell: `Interface`, `Layer`, `Surface`, `Sample`, `Form`, `Conditions`, `Cell`.

Names and unit strings are accepted where a person writes (`Interface("Li6PS5Cl", "Li")`,
`Conditions(current_density="0.5 mA/cm2")`); inside there are materials and SI numbers. All of them
are immutable and hash by content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from anolyte.core.errors import DataError
from anolyte.core.result import encode, quantity
from anolyte.core.units import show, si
from anolyte.materials import library
from anolyte.materials.protocol import Protocol
from anolyte.materials.schema import Anode, Electrolyte, Interlayer, Material


def to_si(obj: Any) -> None:
    """Turn the unit strings of a frozen dataclass into SI numbers, in place, once, at birth."""
    for f in fields(obj):
        kind = f.metadata.get("kind")
        value = getattr(obj, f.name)
        if kind and isinstance(value, str):
            object.__setattr__(obj, f.name, si(value, kind))
        elif kind and value is not None:
            object.__setattr__(obj, f.name, float(value))


def _tuple_of(obj: Any, name: str, cls: Any) -> None:
    """A tuple of `cls` from one or several of them or of their texts."""
    given = getattr(obj, name)
    several = (given,) if isinstance(given, str | cls) else given
    found = tuple(cls.parse(x) if isinstance(x, str) else x for x in several)
    object.__setattr__(obj, name, found)


def _layer_of_text(obj: Any, name: str) -> None:
    """A layer that was given as text, such as `"Li2CO3:100 nm"`."""
    if isinstance(value := getattr(obj, name), str):
        object.__setattr__(obj, name, Layer.parse(value))


@dataclass(frozen=True)
class Layer:
    """A film between electrolyte and anode.

    Args:
        material: The interlayer.
        thickness: m.
        coverage: Covered share of the area, 0 to 1.
    """

    material: Interlayer
    thickness: float = quantity("length", default=100e-9)
    coverage: float = quantity("fraction", default=1.0)

    def __post_init__(self) -> None:
        if not isinstance(self.material, Material):
            object.__setattr__(self, "material", library.default().interlayer(self.material))
        to_si(self)
        if not 0.0 < self.coverage <= 1.0 or not self.thickness > 0.0:
            raise DataError(
                f"layer {self.material.name}: thickness must be positive, coverage in 0 to 1"
            )

    @classmethod
    def parse(cls, text: str, lib: library.Library | None = None, **options: Any) -> Self:
        """A layer from `"LiF"`, `"LiF:50 nm"` or `"LiF:50 nm:80 %"` (of the area)."""
        name, _, rest = text.partition(":")
        material = (lib or library.default()).interlayer(name, **options)
        if not rest:
            return cls(material)
        thickness, _, coverage = rest.partition(":")
        covered = si(coverage, "fraction") if coverage else 1.0
        return cls(material, si(thickness, "length"), covered)

    @property
    def text(self) -> str:
        """The text that `parse` reads, numbers in SI with their full precision."""
        covered = "" if self.coverage == 1.0 else f":{self.coverage!r}"
        return f"{self.material.name}:{self.thickness!r} m{covered}"


@dataclass(frozen=True)
class Surface:
    """The electrolyte's face towards the anode.

    Args:
        roughness: Root-mean-square height, m; None: unknown.
        film: Contamination film (Li2CO3, LiOH); None: none known.
        cleaned: The contamination was removed and is kept away.
        contact: Contacted share of the area, 0 to 1; None: unknown.
        contact_angle: Of lithium on it, rad; its adhesion is W = gamma (1 + cos angle).
        liquid: Share of the area that a residual liquid bridges, 0 to 1.
    """

    roughness: float | None = quantity("length", default=None)
    film: Layer | None = None
    cleaned: bool = False
    contact: float | None = quantity("fraction", default=None)
    contact_angle: float | None = quantity("angle", default=None)
    liquid: float = quantity("fraction", default=0.0)

    def __post_init__(self) -> None:
        _layer_of_text(self, "film")
        to_si(self)
        if self.cleaned and self.film is not None:
            raise DataError(f"a cleaned surface has no film of {self.film.material.name}")
        for name in ("contact", "liquid"):
            if not 0.0 <= (getattr(self, name) or 0.0) <= 1.0:
                raise DataError(f"surface {name} must lie between 0 and 1")


class Shape(StrEnum):
    """The geometry of an anode's active material."""

    FOIL = "foil"
    FILM = "film"
    COLUMNS = "columns"
    RODS = "rods"
    PARTICLES = "particles"
    POROUS = "porous"


@dataclass(frozen=True)
class Form:
    """How the anode is made.

    Args:
        shape: Geometry of the active material; None: not said.
        size: Thickness of a foil or film, diameter of columns, rods or particles, m.
        free_volume: Empty share of the anode's volume, into which it may expand.
        coating: Shell on the active material.
        carbon: Volume share of conducting carbon.
        electrolyte: Volume share of electrolyte mixed into the anode.
        prelithiation: Share of the capacity that is filled before the first cycle.
    """

    shape: Shape | None = None
    size: float | None = quantity("length", default=None)
    free_volume: float | None = quantity("fraction", default=None)
    coating: Layer | None = None
    carbon: float | None = quantity("fraction", default=None)
    electrolyte: float | None = quantity("fraction", default=None)
    prelithiation: float | None = quantity("fraction", default=None)

    def __post_init__(self) -> None:
        _layer_of_text(self, "coating")
        if isinstance(self.shape, str) and not isinstance(self.shape, Shape):
            if self.shape not in list(Shape):
                raise DataError(f"form shape '{self.shape}' is none of {', '.join(Shape)}")
            object.__setattr__(self, "shape", Shape(self.shape))
        to_si(self)
        if self.size is not None and not self.size > 0.0:
            raise DataError("form size must be positive")
        for name in ("free_volume", "carbon", "electrolyte", "prelithiation"):
            if not 0.0 <= (getattr(self, name) or 0.0) <= 1.0:
                words = name.replace("_", " ")
                raise DataError(f"form {words} must lie between 0 and 100 %; write '40 %'")


@dataclass(frozen=True)
class Additive:
    """A species mixed into the electrolyte: salt, solvent, filler or film former.

    Args:
        species: Name or formula.
        fraction: Share of the electrolyte, 0 to 1, as its source counts it; None: unknown.
    """

    species: str
    fraction: float | None = quantity("fraction", default=None)

    def __post_init__(self) -> None:
        to_si(self)
        if not self.species.strip() or not 0.0 <= (self.fraction or 0.0) <= 1.0:
            raise DataError(f"additive '{self.species}': a name, and a share between 0 and 1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """An additive from `"LiDFOB"` or `"LiDFOB:5 %"`."""
        name, _, fraction = text.partition(":")
        return cls(name.strip(), si(fraction, "fraction") if fraction else None)


@dataclass(frozen=True)
class Sample:
    """The pellet or film as made.

    Args:
        thickness: m.
        relative_density: Share of the crystal density, 0 to 1; None: unknown.
        grain_size: m; None: unknown.
        area: m2; None: unknown, never assumed.
        pressing_pressure: Fabrication pressure, Pa; None: unknown.
    """

    thickness: float = quantity("length", default=500e-6)
    relative_density: float | None = quantity("fraction", default=None)
    grain_size: float | None = quantity("length", default=None)
    area: float | None = quantity("area", default=None)
    pressing_pressure: float | None = quantity("pressure", default=None)

    def __post_init__(self) -> None:
        to_si(self)
        if not self.thickness > 0.0:
            raise DataError("sample thickness must be positive")


@dataclass(frozen=True)
class Conditions:
    """What the interface is asked to bear. Numbers are SI, strings carry their unit.

    Args:
        current_density: A/m2; positive strips the named side.
        stack_pressure: Pa.
        temperature: K.
        areal_capacity: Charge a half cycle, C/m2.

    >>> Conditions(current_density="0.5 mA/cm2", temperature="60 C").temperature
    333.15
    """

    current_density: float = quantity("current_density", default=1.0)
    stack_pressure: float = quantity("pressure", default=5e6)
    temperature: float = quantity("temperature", default=298.15)
    areal_capacity: float = quantity("areal_capacity", default=3.6e4)

    if TYPE_CHECKING:  # texts with units are accepted, SI numbers are what is kept

        def __init__(
            self,
            current_density: float | str = 1.0,
            stack_pressure: float | str = 5e6,
            temperature: float | str = 298.15,
            areal_capacity: float | str = 3.6e4,
        ) -> None: ...

    def __post_init__(self) -> None:
        to_si(self)
        for name, kind in (("stack_pressure", "pressure"), ("areal_capacity", "areal_capacity")):
            if (value := getattr(self, name)) < 0.0:
                told = f"{name.replace('_', ' ')} {show(value, kind)}"
                raise DataError(f"{told}: must be zero or more, not negative")
        if self.temperature <= 0.0:
            raise DataError("the temperature must lie above absolute zero; 25 C is 298.15 K")


@dataclass(frozen=True)
class Interface:
    """Electrolyte | layers | anode: the noun that every model takes.

    Args:
        electrolyte: A material or a name.
        anode: A material or a name.
        layers: From the electrolyte to the anode; layers or texts like `"LiF:50 nm"`.
        surface: The electrolyte's face.
        sample: The pellet.
        form: How the anode is made.
        additives: What is mixed into the electrolyte; additives or texts like `"LiDFOB:5 %"`.

    >>> str(Interface("Li6PS5Cl", "Li", layers=["LiF:50 nm"]))
    'Li6PS5Cl | LiF | Li'
    """

    electrolyte: Electrolyte
    anode: Anode
    layers: tuple[Layer, ...] = ()
    surface: Surface = field(default_factory=Surface)
    sample: Sample = field(default_factory=Sample)
    form: Form = field(default_factory=Form)
    additives: tuple[Additive, ...] = ()

    if TYPE_CHECKING:  # names and texts are accepted, materials and layers are what is kept

        def __init__(
            self,
            electrolyte: Any,  # a material, its name or formula, an object with a composition
            anode: Any,
            layers: Iterable[Layer | str] | Layer | str = (),
            surface: Surface = ...,
            sample: Sample = ...,
            form: Form = ...,
            additives: Iterable[Additive | str] | Additive | str = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        lib = library.default()
        if not isinstance(self.electrolyte, Material):
            object.__setattr__(self, "electrolyte", lib.electrolyte(self.electrolyte))
        if self.electrolyte.formula and set(self.electrolyte.composition) == {"Li"}:
            raise DataError("the electrolyte is lithium metal; name a solid electrolyte")
        if not isinstance(self.anode, Material):
            object.__setattr__(self, "anode", lib.anode(self.anode))
        _tuple_of(self, "layers", Layer)
        _tuple_of(self, "additives", Additive)

    def __str__(self) -> str:
        return " | ".join(
            [self.electrolyte.name, *(x.material.name for x in self.layers), self.anode.name]
        )

    def __hash__(self) -> int:
        return int(self.digest[:15], 16)

    @property
    def digest(self) -> str:
        """The content's SHA-256: the interface's share of a ledger key."""
        text = json.dumps(encode(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def with_layers(self, *layers: Layer | str) -> Interface:
        """The same interface with other layers."""
        return replace(self, layers=layers)


@dataclass(frozen=True)
class Cell:
    """An interface with its conditions: what a `cell.yaml` holds.

    Args:
        interface: Electrolyte | layers | anode.
        conditions: What it stands in.
        counter: The other side; None: the same metal, or lithium against a collector.
        protocol: What is done to it; None: not said.
    """

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)
    counter: Anode | None = None
    protocol: Protocol | None = None
