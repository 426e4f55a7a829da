"""Names to materials: YAML files of the package, then of the user's own folders.

A user's file of the same name overrides ours and leaves its digest in every result that used it. A
chemical formula outside the library becomes a material with no other property.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from anolyte.core import plugins
from anolyte.core.errors import DataError, FormulaError, UnknownMaterial
from anolyte.materials import charge, formula
from anolyte.materials.borders import as_text
from anolyte.materials.schema import Anode, Electrolyte, Interlayer, Material, Strict

DATA = Path(__file__).parent / "data"
MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 50

M = TypeVar("M", bound=Material)
S = TypeVar("S", bound=Strict)
_FOLDERS: dict[type[Material], str] = {
    Electrolyte: "electrolytes",
    Anode: "anodes",
    Interlayer: "interlayers",
}


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, safely.

    Raises:
        DataError: Unreadable, too large, or not YAML; the message names file and line.
    """
    import yaml

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(
                f"{path}: larger than {MAX_FILE_BYTES // 1000} kB; is it the right file?"
            )
        text = path.read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        if DATA not in path.parents:
            _refuse_deep(yaml.parse(text, Loader=loader), path)
        return yaml.load(text, Loader=loader)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", error)).split())
        raise DataError(f"{path}{line}: not YAML ({problem})") from None


def _refuse_deep(events: Any, path: Path) -> None:
    """Refuse a file nested so deeply that the parser would run out of stack."""
    depth = 0
    for event in events:
        name = type(event).__name__
        depth += name.endswith("StartEvent") - name.endswith("EndEvent")
        if depth > MAX_DEPTH:
            raise DataError(f"{path}: nested deeper than {MAX_DEPTH} levels; is it the right file?")


def validate(cls: type[S], data: Any, where: str) -> S:
    """A material or a strategy from plain data.

    Raises:
        DataError: The first thing that breaks the schema, with the file and the field.
    """
    from pydantic import ValidationError

    if not isinstance(data, dict):
        raise DataError(f"{where}: expected fields such as 'name:' and 'class:'")
    try:
        return cls.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"]) or "file"
        message = str(first["msg"]).removeprefix("Value error, ")
        raise DataError(f"{where}: {field}: {message}") from None


@dataclass(frozen=True)
class Library:
    """The materials that names refer to.

    Args:
        folders: The user's folders with `electrolytes/`, `anodes/`, `interlayers/` inside (or YAML
            files with a `kind:` line), later ones override earlier ones.

    >>> Library().electrolyte("LPSCl").formula
    'Li6PS5Cl'
    """

    folders: tuple[Path, ...] = ()

    def electrolyte(self, name: Any, *, as_printed: bool = False) -> Electrolyte:
        """An electrolyte by name, alias, formula, or an object with a composition (`borders`)."""
        return self._find(Electrolyte, name, as_printed)

    def anode(self, name: Any, *, as_printed: bool = False) -> Anode:
        """An anode by name, alias, formula, or an object with a composition."""
        return self._find(Anode, name, as_printed)

    def interlayer(self, name: Any, *, as_printed: bool = False) -> Interlayer:
        """An interlayer by name, alias, formula, or an object with a composition."""
        return self._find(Interlayer, name, as_printed)

    def all(self, cls: type[M]) -> tuple[M, ...]:
        """Every material of a class, by name."""
        found = {m.name: m for folder in (DATA, *self.folders) for m in _load_folder(cls, folder)}
        return tuple(found[name] for name in sorted(found, key=str.casefold))

    def _find(self, cls: type[M], name: Any, as_printed: bool) -> M:
        key = as_text(name).strip()
        for folder in reversed((DATA, *self.folders)):
            if (material := _by_file(cls, folder, key)) is not None:
                return material
        wanted = key.casefold()
        known = self.all(cls)
        for material in reversed(known):
            if wanted in (n.casefold() for n in (material.name, *material.aliases)):
                return material
        return self._from_formula(cls, key, as_printed, known)

    def _from_formula(self, cls: type[M], text: str, as_printed: bool, known: tuple[M, ...]) -> M:
        what = cls.__name__.lower()
        try:
            amounts = formula.parse(text)
        except FormulaError as error:
            near = self._near(text, known)
            hint = (
                f"; did you mean {near}?" if near else "; `anolyte materials` lists the known ones"
            )
            raise UnknownMaterial(
                f"unknown {what} '{text[:60]}': not in the library, and {error}{hint}"
            ) from None
        for material in known:
            if material.formula and formula.same(material.composition, amounts):
                return material
        if cls is not Anode and not as_printed:
            charge.require_neutral(text, amounts)
        near = self._near(text, known)
        note = f"not in the library (near names: {near})" if near else "not in the library"
        return cls.model_validate(
            {"name": text, "class": "unknown", "formula": text, "origin": "formula",
             "notes": [note + ": only its composition is known"]}
        )  # fmt: skip

    @staticmethod
    def _near(text: str, known: tuple[Material, ...]) -> str:
        names = {n.casefold(): m.name for m in known for n in (m.name, *m.aliases)}
        near = difflib.get_close_matches(text.casefold()[:60], names, n=3, cutoff=0.6)
        return ", ".join(dict.fromkeys(names[n] for n in near))


def _by_file(cls: type[M], folder: Path, name: str) -> M | None:
    if not name or any(c in name for c in "/\\:\0") or len(name) > 100:
        return None
    path = folder / _FOLDERS[cls] / f"{name}.yaml"
    return _load(cls, path, folder == DATA) if path.is_file() else None


def _load_folder(cls: type[M], folder: Path) -> Iterator[M]:
    if not folder.is_dir():
        raise DataError(f"--materials {folder}: no such folder")
    for path in sorted((folder / _FOLDERS[cls]).glob("*.yaml")):
        yield _load(cls, path, folder == DATA)


def digest_of(path: Path) -> str:
    """What tells one version of a user's file from another: 16 digits of its SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _load_cached(cls: type[M], path: Path, ours: bool, stamp: int) -> M:
    data = read_yaml(path)
    if isinstance(data, dict) and not ours:
        data = data | {"origin": str(path), "digest": digest_of(path)}
    return validate(cls, data, path.name if ours else str(path))


def _load(cls: type[M], path: Path, ours: bool) -> M:
    return _load_cached(cls, path, ours, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def packs() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Folders of other packages (entry points `anolyte.materials`), and those that do not load.

    An entry point names a path, or a function that returns one; the folder is laid out as a user's.
    """
    return plugins.load(plugins.offers("anolyte.materials"), _pack, "materials")


def _pack(made: Any) -> Path:
    """A folder whose every file holds; one that does not would stop each later question."""
    folder = Path(str(made() if callable(made) else made))
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    for cls in _FOLDERS:
        list(_load_folder(cls, folder))
    if (folder / "strategies").is_dir():
        from anolyte.materials.strategy import strategies

        strategies((folder,))
    if (folder / "evidence.csv").is_file():
        from anolyte.materials import evidence

        evidence.read(folder / "evidence.csv")
    return folder


@lru_cache(maxsize=1)
def default() -> Library:
    """The library of the package and of the packs that others have installed."""
    return Library(packs()[0])
