"""Checks of the material files: schema, sources, units, charges, components."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials import charge, library
from anolyte.materials.schema import PROPERTIES, Anode, Electrolyte, Interlayer, Material
from anolyte.studies.check.report import Report

FOLDERS: dict[str, type[Material]] = {
    "electrolytes": Electrolyte,
    "anodes": Anode,
    "interlayers": Interlayer,
}


def check(folder: Path, keys: frozenset[str], found: Report) -> None:
    """Every material file of a folder."""
    names: dict[str, Path] = {}
    any_file = False
    for sub, cls in FOLDERS.items():
        names.clear()
        for path in sorted((folder / sub).glob("*.yaml")):
            any_file = True
            material = _one(cls, path, found)
            if material is None:
                continue
            _contents(material, path, keys, found)
            for name in (material.name, *material.aliases):
                other = names.setdefault(name.casefold(), path)
                if other != path:
                    found.add(_short(path), 0, "name", f"'{name}' also names {other.name}")
    if not any_file:
        found.add(str(folder), 0, "", "holds no electrolytes/*.yaml, anodes/*.yaml, "
                  "interlayers/*.yaml")  # fmt: skip


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _one(cls: type[Material], path: Path, found: Report) -> Material | None:
    """A file that follows the schema, or one problem for every field that does not."""
    from pydantic import ValidationError

    try:
        data = library.read_yaml(path)
    except DataError as error:
        message = str(error).removeprefix(str(path)).lstrip(": ")
        line = re.match(r"line (\d+): (.*)", message)
        found.add(_short(path), int(line[1]) if line else 0, "", line[2] if line else message)
        return None
    if not isinstance(data, dict):
        found.add(_short(path), 0, "", "expected fields such as 'name:' and 'class:'")
        return None
    try:
        return cls.model_validate(data)
    except ValidationError as error:
        for e in error.errors():
            message = str(e["msg"]).removeprefix("Value error, ")
            if e["type"] == "missing" and e["loc"] and e["loc"][-1] in ("source", "known", "value"):
                message = "a number needs value, source and known"
            where = e["loc"] or _where(message)
            name = ".".join(str(p) for p in where)
            found.add(_short(path), line_of(path, where), name, message)
        return None


def _where(message: str) -> tuple[str, ...]:
    """The field of which a check of the whole file speaks."""
    name = message.partition(":")[0]
    if name in PROPERTIES:
        return ("properties", name)
    return ("formula",) if name.startswith("formula ") else ()


def _contents(m: Material, path: Path, keys: frozenset[str], found: Report) -> None:
    file = _short(path)

    def cited(key: str, where: Sequence[Any]) -> None:
        if key not in keys:
            name = ".".join(str(p) for p in where)
            found.add(file, line_of(path, where), name, f"no bibliography entry for '{key}'")

    for name, measurements in m.properties.items():
        for i, measurement in enumerate(measurements):
            found.count(path.parent.name, measurement.known)
            cited(measurement.source, ("properties", name, i, "source"))
            _believable(m, name, i, path, found)
    for i, component in enumerate(m.components):
        cited(component.source, ("components", i, "source"))
        _component(component.material, path, i, found)
    for i, key in enumerate(m.references):
        cited(key, ("references", i))
    if _letters(path.stem) not in map(_letters, (m.name, *m.aliases)):
        found.add(file, line_of(path, ("name",)), "name",
                  f"'{m.name}' is neither the file's name nor is that an alias")  # fmt: skip
    _charge(m, path, found)


def _letters(text: str) -> str:
    """A name without what a file name cannot hold."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _believable(m: Material, name: str, i: int, path: Path, found: Report) -> None:
    """A spread must not be negative."""
    value = m.properties[name][i].to_value(PROPERTIES[name])
    if value.sigma is not None and value.sigma < 0.0:
        where = ("properties", name, i, "sigma")
        found.add(_short(path), line_of(path, where), f"{name}.sigma", "must not be negative")


def _component(name: str, path: Path, i: int, found: Report) -> None:
    lib = library.Library((path.parent.parent,))
    for kind in (lib.electrolyte, lib.anode, lib.interlayer):
        try:
            kind(name, as_printed=True)
            return
        except AnolyteError:
            continue
    where = ("components", i, "material")
    found.add(_short(path), line_of(path, where), "components", f"'{name}' is no known material")


def _charge(m: Material, path: Path, found: Report) -> None:
    """Charges must balance, unless the file says that the formula stands as printed."""
    if m.formula is None or isinstance(m, Anode) or m.as_printed or m.charges:
        return
    if imbalance := charge.imbalance(m.composition):
        found.add(
            _short(path), line_of(path, ("formula",)), "formula",
            f"{m.formula} is not charge-balanced ({imbalance:+.2g} per formula unit); mend it, or "
            "say in 'as_printed:' who printed it so",
        )  # fmt: skip


def line_of(path: Path, where: Sequence[Any]) -> int:
    """The line on which a field of a YAML file stands; 0 where it cannot be told."""
    import yaml

    try:
        node: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return 0
    line = 0
    for part in where:
        child, at = _child(node, part)
        if child is None:
            break
        node, line = child, at
    return line


def _child(node: Any, part: Any) -> tuple[Any, int]:
    """A field or list entry of a YAML node, and the line on which it begins."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    if isinstance(node, yaml.MappingNode) and part == 0:  # a number may stand without its list
        return node, node.start_mark.line + 1
    return None, 0
