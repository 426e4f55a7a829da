"""From what a person typed to a question for a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    from anolyte.models.window_uncertainty import WindowUncertaintyResult
    from anolyte.studies.assess import Assessment

CELL_FILES = (".yaml", ".yml")
M = TypeVar("M", bound=Material)


def library(folders: Sequence[Path] | None) -> Library:
    """The package's materials, overridden by installed packs and the user's own folders."""
    for folder in folders or ():
        if not folder.is_dir():
            raise DataError(f"--materials {folder}: no such folder")
    return Library((*default().folders, *folders)) if folders else default()


def energies(
    entries: str | Path | None, solids: Iterable[Material] = (), *, refresh: bool = False
) -> Phases:
    """The embedded reference energies, the user's own, or a database's.

    Args:
        entries: As typed: a file, `mp`, `optimade:URL`; None: the embedded ones.
        solids: What is asked about: a database is asked for their elements and lithium.
        refresh: Ask a database although its answer is kept.

    Raises:
        DataError: A database without solids, which would be all of it.
    """
    if entries is None:
        if refresh:
            raise DataError("--refresh asks a database anew: name one, as in --entries mp")
        return embedded()
    from anolyte.materials.remote.sources import EntryFile, entry_source

    source = entry_source(str(entries), refresh=refresh)
    elements = {e for m in solids if m.formula is not None for e in m.composition}
    if not elements and not isinstance(source, EntryFile):
        raise DataError(
            f"--entries {entries}: a database is asked for the elements of one interface, and this "
            "question has others: use a file, or the embedded energies"
        )
    return source.phases(elements | {"Li"})


def solids_of(interface: Interface) -> list[Material]:
    """The materials that meet in an interface."""
    layers = [*interface.layers, interface.surface.film]
    return [interface.electrolyte, interface.anode, *(x.material for x in layers if x is not None)]


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
    asked: Cell,
    entries: str | Path | None,
    lib: Library | None = None,
    files: Sequence[Path] = (),
    *,
    refresh: bool = False,
) -> Assessment:
    """Every concern of a cell, and its remedies from the package's data and the user's."""
    from anolyte.materials.evidence import evidence
    from anolyte.materials.strategy import strategies
    from anolyte.studies.assess import assess as ask

    folders = () if lib is None else lib.folders
    own = [f / "evidence.csv" for f in folders if (f / "evidence.csv").is_file()]
    phases = energies(entries, solids_of(asked.interface), refresh=refresh)
    return ask(
        asked.interface, asked.conditions, phases=phases,
        strategies=strategies(folders), records=evidence([*own, *files]), lib=lib,
    )  # fmt: skip


def keep(
    result: Assessment, report: Path | None, save: Path | None, entries: str | Path | None = None
) -> None:
    """Write the page, with error bars from the energies, and the result, where asked for."""
    if save is not None:
        from anolyte.studies.files import save as write

        write(result, save)
    if report is not None:
        from anolyte.faces.report import report as write_page

        write_page(result, report, energies(entries, solids_of(result.cell.interface)))


@dataclass(frozen=True)
class Windowed:
    """A window, and what was asked for beside it.

    Args:
        window: Limits and ladder.
        composition: Of the material.
        phases: The energies that were used.
        sample: Error bars; None: not asked for.
        vapours: Lines on the gases at the oxidation limit; empty without a temperature.
    """

    window: WindowResult
    composition: Mapping[str, float]
    phases: Phases
    sample: WindowUncertaintyResult | None = None
    vapours: Sequence[str] = ()


def window(
    lib: Library,
    material: str,
    anode: str,
    entries: str | Path | None,
    *,
    on_hull: bool,
    as_printed: bool,
    refresh: bool = False,
    draws: int | None = None,
    seed: int = 0,
    temperature: str | None = None,
    gas: Sequence[str] = (),
) -> Windowed:
    """The window of a material of any kind; with `draws`, its error bars, too."""
    if material.lower().endswith(CELL_FILES):
        asked = cell(lib, material, None, (), as_printed=as_printed).interface
    else:
        solid = as_electrolyte(find(lib, material, as_printed=as_printed))
        asked = Interface(solid, lib.anode(anode))
    phases = energies(entries, [asked.electrolyte, asked.anode], refresh=refresh)
    vapours: Sequence[str] = ()
    if temperature is not None or gas:
        from anolyte.faces.air import energies_at

        phases = energies_at(phases, temperature, gas)
    result = Window(phases, on_hull)(asked, Conditions())
    composition = asked.electrolyte.composition
    if temperature is not None:
        from anolyte.faces.air import vapour_lines
        from anolyte.laws.gibbs import GibbsPhases

        assert isinstance(phases, GibbsPhases)
        vapours = vapour_lines(phases, composition, result.oxidation_limit, [])
    sample = None
    if draws is not None:
        from anolyte.models.window_uncertainty import WindowUncertainty

        sample = WindowUncertainty(phases, draws, seed, on_hull)(asked, Conditions())
    return Windowed(result, composition, phases, sample, vapours)


def react(
    lib: Library,
    first: str,
    second: str | None,
    interlayers: Sequence[str],
    entries: str | Path | None,
    *,
    as_printed: bool,
    potential: str | None = None,
    refresh: bool = False,
) -> ReactionsResult:
    """The reactions of a solid with an anode, or with a second solid.

    An anode sets the potential of the lithium that enters; between two solids nothing does, and
    their profiles are closed, with one that is open at `potential` where it is given.
    """
    if first.lower().endswith(CELL_FILES):
        found = cell(lib, first, second, interlayers, as_printed=as_printed)
        phases = energies(entries, solids_of(found.interface), refresh=refresh)
        return Reactions(phases)(found.interface, found.conditions)
    if second is None:
        raise DataError("react with what? write for example: anolyte react Li6PS5Cl Li")
    left = as_electrolyte(find(lib, first, as_printed=as_printed))
    right = find(lib, second, as_printed=as_printed, anode_first=True)
    if isinstance(right, Anode):
        if potential is not None:
            raise DataError(f"--potential is for two solids; {right.name} sets its own potential")
        asked = Interface(left, right, _layers(lib, interlayers, as_printed=as_printed))
        phases = energies(entries, solids_of(asked), refresh=refresh)
        return Reactions(phases)(asked, Conditions())
    if interlayers:
        raise DataError(f"--interlayer needs an anode; {right.name} is none of the library's")
    _solid(right)
    held = None if potential is None else si(potential, "electrode_potential")
    if held is not None and held < 0.0:
        raise DataError("--potential: below 0 V vs Li/Li+ lithium plates")
    phases = energies(entries, [left, right], refresh=refresh)
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


def as_electrolyte(material: Material) -> Electrolyte:
    """A material in the electrolyte's place, whatever its kind."""
    _solid(material)
    if isinstance(material, Electrolyte):
        return material
    data = material.model_dump(by_alias=True) | {"class": "unknown"}
    fields = {f.alias or n for n, f in Electrolyte.model_fields.items()}
    return Electrolyte.model_validate({k: v for k, v in data.items() if k in fields})
