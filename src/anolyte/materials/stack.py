"""The nouns of a cell: `Interface`, `Layer`, `Surface`, `Sample`, `Conditions`, `Cell`.

Names and unit strings are accepted where a person writes (`Interface("Li6PS5Cl", "Li")`,
`Conditions(current_density="0.5 mA/cm2")`); inside there are materials and SI numbers. All of them
are immutable and hash by content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from anolyte.core.errors import AnolyteError, DataError, UnknownMaterial
from anolyte.core.result import encode, quantity
from anolyte.core.units import si
from anolyte.materials import library
from anolyte.materials.schema import Anode, Electrolyte, Interlayer


def _to_si(obj: Any) -> None:
    """Turn the unit strings of a frozen dataclass into SI numbers, in place, once, at birth."""
    for f in fields(obj):
        kind = f.metadata.get("kind")
        value = getattr(obj, f.name)
        if kind and isinstance(value, str):
            object.__setattr__(obj, f.name, si(value, kind))
        elif kind and value is not None:
            object.__setattr__(obj, f.name, float(value))


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
        if isinstance(self.material, str):
            object.__setattr__(self, "material", library.default().interlayer(self.material))
        _to_si(self)
        if not 0.0 < self.coverage <= 1.0 or not self.thickness > 0.0:
            raise DataError(
                f"layer {self.material.name}: thickness must be positive, coverage in 0 to 1"
            )

    @classmethod
    def parse(cls, text: str, lib: library.Library | None = None, **options: Any) -> Self:
        """A layer from `"LiF"` or `"LiF:50 nm"`."""
        name, _, thickness = text.partition(":")
        material = (lib or library.default()).interlayer(name, **options)
        return cls(material, si(thickness, "length")) if thickness else cls(material)


@dataclass(frozen=True)
class Surface:
    """The electrolyte's face towards the anode.

    Args:
        roughness: Root-mean-square height, m; None: unknown.
        film: Contamination film (Li2CO3, LiOH) or None: clean or unknown.
        contact: Contacted share of the area, 0 to 1; None: unknown.
    """

    roughness: float | None = quantity("length", default=None)
    film: Layer | None = None
    contact: float | None = quantity("fraction", default=None)

    def __post_init__(self) -> None:
        if isinstance(self.film, str):
            object.__setattr__(self, "film", Layer.parse(self.film))
        _to_si(self)


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
        _to_si(self)
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
        _to_si(self)
        if self.stack_pressure < 0.0 or self.areal_capacity < 0.0 or self.temperature <= 0.0:
            raise DataError("stack pressure and areal capacity must not be negative, nor K")


@dataclass(frozen=True)
class Interface:
    """Electrolyte | layers | anode: the noun that every model takes.

    Args:
        electrolyte: A material or a name.
        anode: A material or a name.
        layers: From the electrolyte to the anode; layers or texts like `"LiF:50 nm"`.
        surface: The electrolyte's face.
        sample: The pellet.

    >>> str(Interface("Li6PS5Cl", "Li", layers=["LiF:50 nm"]))
    'Li6PS5Cl | LiF | Li'
    """

    electrolyte: Electrolyte
    anode: Anode
    layers: tuple[Layer, ...] = ()
    surface: Surface = field(default_factory=Surface)
    sample: Sample = field(default_factory=Sample)

    if TYPE_CHECKING:  # names and texts are accepted, materials and layers are what is kept

        def __init__(
            self,
            electrolyte: Electrolyte | str,
            anode: Anode | str,
            layers: Iterable[Layer | str] | Layer | str = (),
            surface: Surface = ...,
            sample: Sample = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        lib = library.default()
        if isinstance(self.electrolyte, str):
            object.__setattr__(self, "electrolyte", lib.electrolyte(self.electrolyte))
        if self.electrolyte.formula and set(self.electrolyte.composition) == {"Li"}:
            raise DataError("the electrolyte is lithium metal; name a solid electrolyte")
        if isinstance(self.anode, str):
            object.__setattr__(self, "anode", lib.anode(self.anode))
        layers = (self.layers,) if isinstance(self.layers, str | Layer) else self.layers
        object.__setattr__(
            self, "layers", tuple(Layer.parse(x) if isinstance(x, str) else x for x in layers)
        )

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
    """An interface with its conditions: what a `cell.yaml` holds."""

    interface: Interface
    conditions: Conditions = field(default_factory=Conditions)


_SECTIONS = {"electrolyte", "anode", "layers", "surface", "sample", "conditions"}


def read_cell(path: Path, lib: library.Library | None = None, *, as_printed: bool = False) -> Cell:
    """The cell that a YAML file describes.

    ```yaml
    electrolyte: Li6PS5Cl
    anode: Li
    layers: [LiF:50 nm]
    sample: {thickness: 0.5 mm}
    conditions: {current_density: 0.5 mA/cm2, stack_pressure: 5 MPa, temperature: 25 C}
    ```

    Raises:
        DataError: A section or field that is unknown or missing, with its name.
    """
    data = library.read_yaml(path)
    if not isinstance(data, Mapping):
        raise DataError(f"{path}: expected sections such as 'electrolyte:' and 'anode:'")
    unknown = sorted(str(k) for k in set(data) - _SECTIONS)
    if unknown:
        raise DataError(
            f"{path}: unknown section {', '.join(unknown)}; known: {', '.join(sorted(_SECTIONS))}"
        )
    for name in ("electrolyte", "anode"):
        if not isinstance(data.get(name), str):
            raise DataError(f"{path}: '{name}:' must be a name, for example '{name}: Li6PS5Cl'")
    lib = lib or library.default()
    options = {"as_printed": as_printed}
    layers = data.get("layers") or []
    if not isinstance(layers, list) or not all(isinstance(x, str) for x in layers):
        raise DataError(f"{path}: 'layers:' is a list like [LiF:50 nm]")
    try:
        interface = Interface(
            electrolyte=lib.electrolyte(data["electrolyte"], **options),
            anode=lib.anode(data["anode"], **options),
            layers=tuple(Layer.parse(x, lib, **options) for x in layers),
            surface=_section(Surface, data, path),
            sample=_section(Sample, data, path),
        )
    except UnknownMaterial as error:
        raise UnknownMaterial(f"{path}: {error}") from None
    return Cell(interface, _section(Conditions, data, path))


def _section(cls: Any, data: Mapping[str, Any], path: Path) -> Any:
    name = cls.__name__.lower()
    section = data.get(name) or {}
    if not isinstance(section, Mapping):
        raise DataError(f"{path}: '{name}:' must hold fields")
    known = {f.name for f in fields(cls)}
    for key, value in section.items():
        if key not in known:
            raise DataError(
                f"{path}: {name}: unknown field '{key}'; known: {', '.join(sorted(known))}"
            )
        if not isinstance(value, str) and value is not None:
            raise DataError(f"{path}: {name}.{key}: write the unit, for example '{value} ...'")
    try:
        return cls(**section)
    except AnolyteError as error:
        raise type(error)(f"{path}: {name}: {error}") from None


def write_cell(cell: Cell) -> dict[str, Any]:
    """The plain data of a `cell.yaml`; numbers keep their full precision in SI units."""
    from anolyte.core.units import KINDS

    def section(obj: Any) -> dict[str, str]:
        out = {}
        for f in fields(obj):
            value = getattr(obj, f.name)
            if value is None:
                continue
            if isinstance(value, Layer):
                out[f.name] = f"{value.material.name}:{value.thickness!r} m"
            else:
                unit = KINDS[f.metadata["kind"]].si
                out[f.name] = f"{value!r} {unit}" if unit != "1" else repr(value)
        return out

    i = cell.interface
    data: dict[str, Any] = {"electrolyte": i.electrolyte.name, "anode": i.anode.name}
    if i.layers:
        data["layers"] = [f"{x.material.name}:{x.thickness!r} m" for x in i.layers]
    data |= {"surface": section(i.surface), "sample": section(i.sample)}
    data["conditions"] = section(cell.conditions)
    return {k: v for k, v in data.items() if v}
