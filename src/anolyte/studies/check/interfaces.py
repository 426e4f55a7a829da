"""Checks of the pair files: schema, sources, spreads, and that each material named is known."""

from __future__ import annotations

from pathlib import Path

from anolyte.core.errors import DataError
from anolyte.materials import library
from anolyte.materials.pairs import FOLDER, PAIR_PROPERTIES, Pair
from anolyte.studies.check.materials import line_of
from anolyte.studies.check.report import Report


def check(folder: Path, keys: frozenset[str], found: Report) -> None:
    """Every `interfaces/*.yaml` of a folder.

    Args:
        folder: The package's data, or what was given to `--materials`.
        keys: Citation keys with a bibliography entry.
        found: Where problems and counts go.
    """
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        short = f"{FOLDER}/{path.name}"
        try:
            pair = library.validate(Pair, library.read_yaml(path), short)
        except DataError as error:
            found.add(short, 0, "", str(error).removeprefix(f"{short}: "))
            continue
        _contents(pair, path, short, keys, found)


def _contents(pair: Pair, path: Path, short: str, keys: frozenset[str], found: Report) -> None:
    for name, measurements in pair.properties.items():
        for i, m in enumerate(measurements):
            found.count(FOLDER, m.known)
            where = ("properties", name, i, "source")
            if m.source not in keys:
                told = f"no bibliography entry for '{m.source}'"
                found.add(short, line_of(path, where), ".".join(map(str, where)), told)
            value = m.to_value(PAIR_PROPERTIES[name])
            if value.sigma is not None and value.sigma < 0.0:
                found.add(short, line_of(path, where), f"{name}.sigma", "must not be negative")
    for i, key in enumerate(pair.references):
        if key not in keys:
            where = ("references", i)
            told = f"no bibliography entry for '{key}'"
            found.add(short, line_of(path, where), f"references.{i}", told)
