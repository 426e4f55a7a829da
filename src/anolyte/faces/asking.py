"""From what a person typed to a question for a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from anolyte.core.errors import AnolyteError, DataError, UnknownMaterial
from anolyte.core.units import si
from anolyte.materials.cell_file import read_cell
from anolyte.materials.library import Library, default
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.materials.stack import Cell, Conditions, Interface, Layer
from anolyte.models.reactions import Reactions, ReactionsResult, between
from anolyte.models.window import Window, WindowResult

if TYPE_CHECKING:  # remedies and their schema cost as much as a window: loaded when asked for
    from anolyte.studies.assess import Assessment

CELL_FILES = (".yaml", ".yml")
M = TypeVar("M", bound=Material)


def library(folders: Sequence[Path] | None) -> Library:
    """The package's materials, overridden by the user's own folders."""
    for folder in folders or ():
        if not folder.is_dir():
            raise DataError(f"--materials {folder}: no such folder")
    return Library(tuple(folders)) if folders else default()


def energies(entries: Path | None) -> Phases:
    """The embedded reference energies, or the user's own."""
    if entries is None:
        return embedded()
    from anolyte.materials.entries import read_entries

    return read_entries(entries)


def cell(
    lib: Library,
    electrolyte: str,
    anode: str | None,
    interlayers: Sequence[str],
    *,
    as_printed: bool = False,
) -> Cell:
    """The cell that names, or a cell.yaml in their place, describe."""
    if electrolyte.lower().endswith(CELL_FILES):
        if anode is not None:
            raise DataError(
                f"{electrolyte} names the anode itself; leave '{anode[:40]}' out, or give two names"
            )
        found = read_cell(Path(electrolyte), lib, as_printed=as_printed)
        for solid in (found.interface.electrolyte, *(x.material for x in found.interface.layers)):
            _solid(solid)
        layers = _layers(lib, interlayers, as_printed=as_printed)
        return (
            replace(found, interface=replace(found.interface, layers=layers)) if layers else found
        )
    if anode is None:
        raise DataError(
            "which anode? write for example: anolyte assess Li6PS5Cl Li, or name a cell.yaml"
        )
    _in_order(lib, electrolyte, anode)
    return Cell(
        Interface(
            _solid(lib.electrolyte(electrolyte, as_printed=as_printed)),
            lib.anode(anode, as_printed=as_printed),
            _layers(lib, interlayers, as_printed=as_printed),
        )
    )


def _in_order(lib: Library, electrolyte: str, anode: str) -> None:
    """Refuse the two names the other way round."""
    first, last = _known(lib.anode, electrolyte), _known(lib.electrolyte, anode)
    if first and last and not _known(lib.electrolyte, electrolyte):
        raise DataError(
            f"{first} is an anode and {last} an electrolyte: name the electrolyte first, "
            f"as in {last} {first}"
        )


def _known(kind: Callable[..., Material], name: str) -> str | None:
    """The library's name of a material of a kind; None where it has none of that name."""
    try:
        found = kind(name, as_printed=True)
    except AnolyteError:
        return None
    return found.name if found.origin != "formula" else None


def _layers(lib: Library, texts: Sequence[str], *, as_printed: bool) -> tuple[Layer, ...]:
    layers = tuple(Layer.parse(x, lib, as_printed=as_printed) for x in texts)
    for layer in layers:
        _solid(layer.material)
    return layers


def _solid(material: M) -> M:
    """Refuse lithium itself in the place of a solid that may react with it."""
    if material.formula is not None and set(material.composition) == {"Li"}:
        raise DataError(
            f"{material.name} is lithium itself: name the electrolyte first and the anode last, "
            "as in Li6PS5Cl Li"
        )
    return material


_BARE = {"temperature": (150.0, "C or K"), "stack_pressure": (2000.0, "MPa or kPa")}
"""Bare numbers beyond which another unit was meant than the habitual one: 298 is no C."""


def with_units(conditions: Mapping[str, str | None]) -> None:
    """Refuse bare numbers so large that another unit was meant.

    Raises:
        DataError: Such a number, with the units it could have.
    """
    for name, (most, units) in _BARE.items():
        try:
            value = float(conditions.get(name) or "0")
        except ValueError:
            continue
        if abs(value) > most:
            words = name.replace("_", " ")
            raise DataError(f"{words} '{conditions[name]}': {units}? write the unit")


def override(asked: Cell, conditions: Mapping[str, str | None], thickness: str | None) -> Cell:
    """The cell with the conditions that the options give."""
    with_units(conditions)
    given = {name: text for name, text in conditions.items() if text is not None}
    if given:
        asked = replace(asked, conditions=replace(asked.conditions, **given))
    if thickness is not None:
        sample = replace(asked.interface.sample, thickness=si(thickness, "length"))
        asked = replace(asked, interface=replace(asked.interface, sample=sample))
    return asked


def assess(
    asked: Cell, entries: Path | None, lib: Library | None = None, files: Sequence[Path] = ()
) -> Assessment:
    """Every concern of a cell, and its remedies from the package's data and the user's."""
    from anolyte.materials.evidence import evidence
    from anolyte.materials.strategy import strategies
    from anolyte.studies.assess import assess as ask

    folders = () if lib is None else lib.folders
    own = [f / "evidence.csv" for f in folders if (f / "evidence.csv").is_file()]
    return ask(
        asked.interface, asked.conditions, phases=energies(entries),
        strategies=strategies(folders), records=evidence([*own, *files]), lib=lib,
    )  # fmt: skip


def keep(result: Assessment, report: Path | None, save: Path | None) -> None:
    """Write the page and the result, where they were asked for."""
    if save is not None:
        from anolyte.studies.files import save as write

        write(result, save)
    if report is not None:
        from anolyte.faces.report import report as write_page

        write_page(result, report)


def window(
    lib: Library,
    material: str,
    anode: str,
    entries: Path | None,
    *,
    on_hull: bool,
    as_printed: bool,
) -> WindowResult:
    """The window of a material of any kind."""
    if material.lower().endswith(CELL_FILES):
        found = cell(lib, material, None, (), as_printed=as_printed).interface
        return Window(energies(entries), on_hull)(found, Conditions())
    solid = _as_electrolyte(find(lib, material, as_printed=as_printed))
    return Window(energies(entries), on_hull)(Interface(solid, lib.anode(anode)), Conditions())


def react(
    lib: Library,
    first: str,
    second: str | None,
    interlayers: Sequence[str],
    entries: Path | None,
    *,
    as_printed: bool,
    potential: str | None = None,
) -> ReactionsResult:
    """The reactions of a solid with an anode, or with a second solid.

    An anode sets the potential of the lithium that enters; between two solids nothing does, and
    their profiles are closed, with one that is open at `potential` where it is given.
    """
    phases = energies(entries)
    if first.lower().endswith(CELL_FILES):
        found = cell(lib, first, second, interlayers, as_printed=as_printed)
        return Reactions(phases)(found.interface, found.conditions)
    if second is None:
        raise DataError("react with what? write for example: anolyte react Li6PS5Cl Li")
    left = _as_electrolyte(find(lib, first, as_printed=as_printed))
    right = find(lib, second, as_printed=as_printed, anode_first=True)
    if isinstance(right, Anode):
        if potential is not None:
            raise DataError(f"--potential is for two solids; {right.name} sets its own potential")
        layers = _layers(lib, interlayers, as_printed=as_printed)
        return Reactions(phases)(Interface(left, right, layers), Conditions())
    if interlayers:
        raise DataError(f"--interlayer needs an anode; {right.name} is none of the library's")
    _solid(right)
    held = None if potential is None else si(potential, "electrode_potential")
    if held is not None and held < 0.0:
        raise DataError("--potential: below 0 V vs Li/Li+ lithium plates")
    return between(left, right, phases=phases, potential=held)


def find(
    lib: Library, name: str, *, as_printed: bool = False, anode_first: bool = False
) -> Material:
    """A material of any kind by name, else by formula."""
    kinds = [lib.electrolyte, lib.interlayer]
    kinds.insert(0 if anode_first else 2, lib.anode)
    for kind in kinds:
        try:
            material = kind(name, as_printed=True)
        except UnknownMaterial:
            continue
        if material.origin != "formula":
            return material
    try:
        return lib.electrolyte(name, as_printed=as_printed)
    except UnknownMaterial as error:  # it was sought among all kinds
        raise UnknownMaterial(str(error).replace("electrolyte", "material", 1)) from None


def _as_electrolyte(material: Material) -> Electrolyte:
    """A material in the electrolyte's place, whatever its kind."""
    _solid(material)
    if isinstance(material, Electrolyte):
        return material
    data = material.model_dump(by_alias=True) | {"class": "unknown"}
    fields = {f.alias or n for n, f in Electrolyte.model_fields.items()}
    return Electrolyte.model_validate({k: v for k, v in data.items() if k in fields})
