"""A study as a file: `study.yaml` to a `Study`.

cell: {electrolyte: LLZO, anode: Li, conditions: {current_density: 0.5 mA/cm2}}
change:
  stack pressure: 0.5 MPa to 20 MPa
  interlayer: [none, Li3N by atomic layer deposition, LiF by sputtering]
  interlayer thickness: 10 nm to 1 um
want: [critical current density, specific energy]
limits:
  cell resistance: at most 50 ohm*cm2, 90 % sure
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.units import KINDS, si
from anolyte.materials import library
from anolyte.materials.cell_file import cell_of, read_cell
from anolyte.materials.library import Library
from anolyte.studies.cell import Cell
from anolyte.studies.optimise.objectives import OBJECTIVES, Limit, Objective
from anolyte.studies.optimise.space import KNOBS, Choice, Range, Space, Variable
from anolyte.studies.optimise.study import DRAWS, Study

SECTIONS = ("cell", "change", "want", "limits", "draws", "seed")
_LIMIT = re.compile(
    r"^\s*at\s+(?P<side>least|most)\s+(?P<value>[^,]+?)\s*(?:,\s*(?P<sure>[^,]+?)\s+sure)?\s*$"
)
_RANGE = re.compile(r"^\s*(?P<low>.+?)\s+to\s+(?P<high>.+?)\s*$")


def read_study(path: Path, lib: Library | None = None) -> Study:
    """The study that a YAML file describes.

    Raises:
        DataError: A section, name or text that is not understood; it says which, and what is.
    """
    data = library.read_yaml(path)
    if not isinstance(data, Mapping):
        raise DataError(f"{path}: expected sections such as 'cell:', 'change:' and 'want:'")
    for name in data:
        _known(str(name), SECTIONS, f"{path}: section")
    for name in ("cell", "change", "want"):
        if not data.get(name):
            raise DataError(f"{path}: '{name}:' is missing")
    try:
        space = Space(_cell(data["cell"], path, lib), tuple(_variables(data["change"], path)))
        return Study(
            space,
            tuple(_objective(str(n), f"{path}: want") for n in _names(data["want"], path)),
            tuple(_limits(data.get("limits") or {}, path)),
            _whole(data, "draws", DRAWS, path),
            _whole(data, "seed", 0, path),
        )
    except AnolyteError as error:
        if str(error).startswith(str(path)):
            raise
        raise type(error)(f"{path}: {error}") from None


def _cell(given: Any, path: Path, lib: Library | None) -> Cell:
    if isinstance(given, str):
        found = read_cell(path.parent / given, lib)
    else:
        found = cell_of(given, f"{path}: cell", lib)
    return Cell(
        interface=found.interface, conditions=found.conditions, counter=found.counter,
        protocol=found.protocol, lib=lib,
    )  # fmt: skip


def _variables(given: Any, path: Path) -> Iterable[Variable]:
    if not isinstance(given, Mapping):
        raise DataError(f"{path}: 'change:' holds lines such as 'stack pressure: 1 MPa to 9 MPa'")
    by_name = {knob.name: knob for knob in KNOBS}
    for name, value in given.items():
        where = f"{path}: change: {name}"
        knob = by_name[_known(str(name), by_name, f"{path}: change:")]
        try:
            if not knob.kind:
                if not isinstance(value, list):
                    raise DataError("write its settings as a list, [none, Li3N, LiF]")
                yield Choice(knob, tuple(str(v) for v in value))
                continue
            ends = _RANGE.match(value) if isinstance(value, str) else None
            if ends is None:
                unit = KINDS[knob.kind].habitual
                raise DataError(f"write two ends with their units, as '1 {unit} to 9 {unit}'")
            low, high = (si(ends[side], knob.kind) for side in ("low", "high"))
            yield Range(knob, low, high)
        except AnolyteError as error:
            raise type(error)(f"{where}: {error}".replace(f"{name}: {name}:", f"{name}:")) from None


def _names(given: Any, path: Path) -> Iterable[str]:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise DataError(f"{path}: 'want:' is a list, [critical current density, specific energy]")
    return given


def _objective(name: str, where: str) -> Objective:
    by_name = {o.name: o for o in OBJECTIVES}
    return by_name[_known(name, by_name, where)]


def _limits(given: Any, path: Path) -> Iterable[Limit]:
    if not isinstance(given, Mapping):
        raise DataError(f"{path}: 'limits:' holds lines such as 'cell resistance: at most ...'")
    for name, text in given.items():
        where = f"{path}: limits: {name}"
        objective = _objective(str(name), f"{path}: limits:")
        found = _LIMIT.match(str(text))
        if found is None:
            unit = KINDS[objective.kind].habitual
            raise DataError(f"{where}: write 'at most 50 {unit}, 90 % sure' (or 'at least')")
        try:
            value = si(found["value"], objective.kind)
            sure = si(found["sure"], "fraction") if found["sure"] else 0.9
            yield Limit(objective, value, found["side"] == "least", sure)
        except AnolyteError as error:
            raise type(error)(f"{where}: {error}") from None


def _whole(data: Mapping[str, Any], name: str, usual: int, path: Path) -> int:
    value = data.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool):
        raise DataError(f"{path}: '{name}:' is a whole number, not {value!r}")
    return value


def _known(name: str, names: Iterable[str], where: str) -> str:
    """The name, if it is one of those.

    Raises:
        DataError: It is not; with the nearest.
    """
    known = list(names)
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(known)}"
    raise DataError(f"{where} unknown '{name}'; {hint}")
