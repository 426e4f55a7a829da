"""A cell as a file: `cell.yaml` to a `Cell`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import KINDS
from anolyte.materials import library
from anolyte.materials.protocol import Protocol, sentence
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

_SECTIONS = {
    "electrolyte", "anode", "layers", "surface", "sample", "form", "additives", "conditions",
    "counter", "protocol", "electrodes",
}  # fmt: skip


_LAYERS = {"film", "coating"}


def read_cell(path: Path, lib: library.Library | None = None, *, as_printed: bool = False) -> Cell:
    """The cell that a YAML file describes.

    ```yaml
    electrolyte: Li6PS5Cl
    anode: Li
    layers: [LiF:50 nm]
    sample: {thickness: 0.5 mm}
    conditions: {current_density: 0.5 mA/cm2, stack_pressure: 5 MPa, temperature: 25 C}
    protocol: [Strip at 0.5 mA/cm2 for 1 h, Plate at 0.5 mA/cm2 for 1 h]
    ```

    Raises:
        DataError: A section or field that is unknown or missing, with its name.
    """
    return cell_of(library.read_yaml(path), path, lib, as_printed=as_printed)


def cell_of(
    data: Any, path: Path | str, lib: library.Library | None = None, *, as_printed: bool = False
) -> Cell:
    """The cell that the sections of a file describe; `path` says where they stand.

    Raises:
        DataError: As `read_cell`.
    """
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
    layers = _texts(data, "layers", "[LiF:50 nm]", path)
    additives = _texts(data, "additives", "[LiDFOB:5 %]", path)
    steps = _texts(data, "protocol", "[Strip at 0.5 mA/cm2 for 1 h]", path)
    surface, sample, form = (_section(cls, data, path, lib) for cls in (Surface, Sample, Form))
    try:
        interface = Interface(
            electrolyte=lib.electrolyte(data["electrolyte"], **options),
            anode=lib.anode(data["anode"], **options),
            layers=tuple(Layer.parse(x, lib, **options) for x in layers),
            surface=surface,
            sample=sample,
            form=form,
            additives=tuple(Additive.parse(x) for x in additives),
        )
        counter = data.get("counter")
        side = None if counter is None else lib.anode(str(counter), **options)
        protocol = Protocol.parse(*steps) if steps else None
    except AnolyteError as error:
        raise type(error)(f"{path}: {error}") from None
    return Cell(interface, _section(Conditions, data, path, lib), side, protocol)


def _texts(data: Mapping[str, Any], name: str, example: str, path: Path | str) -> list[str]:
    found = data.get(name) or []
    if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
        raise DataError(f"{path}: '{name}:' is a list like {example}")
    return found


def _section(cls: Any, data: Mapping[str, Any], path: Path | str, lib: library.Library) -> Any:
    name = cls.__name__.lower()
    section = data.get(name) or {}
    if not isinstance(section, Mapping):
        raise DataError(f"{path}: '{name}:' must hold fields")
    known = {f.name: f for f in fields(cls)}
    for key, value in section.items():
        if key not in known:
            raise DataError(
                f"{path}: {name}: unknown field '{key}'; known: {', '.join(sorted(known))}"
            )
        default = known[key].default
        if isinstance(default, bool):
            if not isinstance(value, bool):
                raise DataError(f"{path}: {name}.{key}: is true or false, not {value!r}")
        elif not isinstance(value, str) and not (value is None and default is None):
            raise DataError(f"{path}: {name}.{key}: write the unit, for example '{value} ...'")
    try:
        return cls(
            **{k: Layer.parse(v, lib) if k in _LAYERS and v else v for k, v in section.items()}
        )
    except AnolyteError as error:
        raise type(error)(f"{path}: {name}: {error}") from None


def write_cell(cell: Cell) -> dict[str, Any]:
    """The plain data of a `cell.yaml`; numbers keep their full precision in SI units."""
    i = cell.interface
    data: dict[str, Any] = {
        "electrolyte": i.electrolyte.name,
        "anode": i.anode.name,
        "layers": [x.text for x in i.layers],
        "surface": _plain(i.surface),
        "sample": _plain(i.sample),
        "form": _plain(i.form),
        "additives": [
            a.species if a.fraction is None else f"{a.species}:{a.fraction!r}" for a in i.additives
        ],
        "conditions": _plain(cell.conditions),
        "counter": cell.counter and cell.counter.name,
        "protocol": [sentence(s) for s in cell.protocol.steps] if cell.protocol else [],
    }
    return {k: v for k, v in data.items() if v}


def _plain(obj: Any) -> dict[str, str | bool]:
    """The fields of a part that say something: numbers in SI with their unit."""
    out: dict[str, str | bool] = {}
    for f in fields(obj):
        value, kind = getattr(obj, f.name), f.metadata.get("kind")
        if value is None or value is False:
            continue
        if isinstance(value, Layer):
            out[f.name] = value.text
        elif kind:
            unit = KINDS[kind].si
            out[f.name] = f"{value!r} {unit}" if unit != "1" else repr(value)
        else:
            out[f.name] = value if isinstance(value, bool) else str(value)
    return out
