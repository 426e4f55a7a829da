"""Crystal structures described in the project's own files, turned into pymatgen structures.

Each file `data/structures/*.yaml` is a list of phases. A phase is given either by its asymmetric
unit or by a structure type of the AFLOW library that pymatgen ships (Mehl et al., Comput. Mater.
Sci. 2017, 136, S1):

```yaml
- formula: Li3PS4              # reduced formula
  name: beta-Li3PS4            # a second polymorph has another name
  space_group: 62              # international number, coordinates in its standard setting: unique
                               # axis b, cell choice 1, origin choice 2, hexagonal axes
  setting: Pnma                # only for another one: H-M symbol (P21/n, Pbnm, Fd-3m:1, R-3m:R)
  cell: [12.82, 8.22, 6.12, 90, 90, 90]    # angstrom, degrees, as published
  sites:                       # element, x, y, z, occupancy (1 if left out)
    - [Li, 0.3562, 0.0128, 0.4392, 1.0]
    - [{Li: 0.5, Mg: 0.5}, 0.0, 0.5, 0.0]  # a mixed site; what is missing to 1 is vacancy
  Z: 4                         # formula units in the cell
  charges: {Li: 1, P: 5, S: -2}            # needed only where an occupancy is partial
  source: homma2011li3ps4      # key in materials/data/bib/structures_*.bib
  where: Table 2               # or COD 1234567
  known: recalled              # read | second_hand | recalled
  note: ...
- formula: Li2S
  name: Li2S
  prototype: {aflow: AB2_cF12_225_a_c, elements: {Ca: S, F: Li}}
  cell: [5.71]                 # the free parameters of the conventional cell (cubic a; tetragonal,
                               # hexagonal, rhombohedral on hexagonal axes a, c; orthorhombic
                               # a, b, c; monoclinic a, b, c, beta; triclinic all six), or all six
  volume: null                 # angstrom^3 a formula unit. Left out: that of the published `cell`.
                               # null: no published volume is known, `cell` is a start only
```
Numbers may be written as fractions (`1/3`). Partial occupancies are ordered by `ordering.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import DataError, MissingExtra
from anolyte.materials.formula import parse

if TYPE_CHECKING:
    from pymatgen.core import Structure

DIRECTORY = Path(__file__).parent / "data" / "structures"
KNOWN = ("read", "second_hand", "recalled")
# Contacts below this share of the sum of atomic radii are mistakes, not bonds.
SHORTEST_CONTACT = 0.6
# Published occupancies are rounded, so a site list may miss its formula by this share.
COMPOSITION_TOLERANCE = 0.02
_FIELDS = {
    "formula", "name", "space_group", "setting", "prototype", "cell", "volume", "sites", "Z",
    "charges", "source", "where", "known", "note",
}  # fmt: skip
Occupied = tuple[dict[str, float], tuple[float, float, float]]
"""Share of each element on a site, and where the site is."""
_GEOMETRY = ("formula", "space_group", "setting", "prototype", "cell", "sites", "Z", "charges")


@dataclass(frozen=True)
class Phase:
    """One crystal structure as described in a data file; `cell` in angstrom and degrees."""

    formula: str
    name: str
    source: str
    known: str
    where: str = ""
    note: str = ""
    cell: tuple[float, ...] = ()
    volume: float | None = None
    cell_published: bool = True
    space_group: int | None = None
    setting: str | None = None
    prototype: Mapping[str, Any] | None = None
    sites: tuple[tuple[Mapping[str, float], tuple[float, float, float]], ...] = ()
    Z: float | None = None
    charges: Mapping[str, float] = field(default_factory=dict)
    geometry_hash: str = ""

    def average(self) -> Structure:
        """The primitive cell, with partial occupancies as published.

        Raises:
            DataError: Sites, space group and formula do not agree.
            MissingExtra: pymatgen is not installed.
        """
        structure = _from_prototype(self) if self.prototype else _from_sites(self)
        _check_composition(self, structure)
        return structure

    def structures(self, count: int = 3, seed: int = 0) -> list[Structure]:
        """Ordered structures: one, or the `count` of lowest Ewald energy when sites are partial."""
        from anolyte.atoms.ordering import order

        average = self.average()
        ordered = (
            [average]
            if average.is_ordered
            else order(average, self.formula, self.charges, count, seed)
        )
        for structure in ordered:
            _check_contacts(self, structure)
        return ordered

    def in_cell(self) -> tuple[Occupied, ...]:
        """Every site of the cell with who is on it, as published; fractional coordinates.

        Raises:
            DataError: The space group is not known.
            MissingExtra: spglib is not installed, or pymatgen for a structure type.
        """
        if self.prototype:
            return tuple(
                ({e.symbol: float(n) for e, n in site.species.items()}, _triple(site.frac_coords))
                for site in _conventional(self)
            )
        operations = _operations(self.space_group, self.setting)
        return tuple(
            (dict(occupants), _triple(image))
            for occupants, position in self.sites
            for image in _orbit(position, operations)
        )

    def six(self) -> tuple[float, ...]:
        """Edges (angstrom) and angles (degrees) of the cell that `in_cell` fills."""
        if self.prototype:
            return tuple(float(x) for x in _conventional(self).lattice.parameters)
        return self.cell

    def published_volume(self) -> float | None:
        """Volume of a formula unit from the published cell (angstrom^3), None if none is known."""
        if self.volume or not (self.cell and self.cell_published):
            return self.volume
        average = self.average()
        return average.volume / formula_units(average, self.formula)


def load(directory: Path = DIRECTORY) -> list[Phase]:
    """All phases of the YAML files in a directory, in the order of file name and entry.

    Raises:
        DataError: An entry lacks a source, has an unknown field, or a name appears twice.
    """
    phases: list[Phase] = []
    for path in sorted(directory.glob("*.yaml")):
        phases.extend(read(path))
    names = [phase.name for phase in phases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"structures with the same name: {', '.join(twice)}; rename one of each")
    return phases


def read(path: Path) -> Iterator[Phase]:
    """The phases of one YAML file."""
    import yaml

    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        try:
            yield phase(entry)
        except (DataError, KeyError, TypeError, ValueError) as error:
            label = entry.get("name", entry) if isinstance(entry, dict) else entry
            raise DataError(f"{path.name}, {label}: {error}") from error


def phase(entry: Mapping[str, Any]) -> Phase:
    """A checked `Phase` from one entry of a data file.

    >>> phase(
    ...     {
    ...         "formula": "LiH",
    ...         "name": "LiH",
    ...         "source": "a",
    ...         "known": "read",
    ...         "cell": [4.08],
    ...         "prototype": {"aflow": "AB_cF8_225_a_b", "elements": {"Na": "Li", "Cl": "H"}},
    ...     }
    ... ).cell
    (4.08,)
    """
    unknown = set(entry) - _FIELDS
    if unknown:
        raise DataError(f"unknown fields {sorted(unknown)}; known are {sorted(_FIELDS)}")
    missing = [key for key in ("formula", "name", "source", "known") if not entry.get(key)]
    if missing:
        raise DataError(f"fields {missing} are missing or empty")
    if entry["known"] not in KNOWN:
        raise DataError(f"known is '{entry['known']}'; it must be one of {', '.join(KNOWN)}")
    if bool(entry.get("prototype")) == bool(entry.get("sites")):
        raise DataError("give either `sites` or `prototype`")
    if entry.get("sites") and not (entry.get("Z") and entry.get("cell")):
        raise DataError("`sites` need `cell` and `Z`")
    parse(str(entry["formula"]))
    text = json.dumps({key: entry.get(key) for key in _GEOMETRY}, sort_keys=True)
    return Phase(
        formula=str(entry["formula"]),
        name=str(entry["name"]),
        source=str(entry["source"]),
        known=str(entry["known"]),
        where=str(entry.get("where") or ""),
        note=str(entry.get("note") or ""),
        cell=tuple(number(value) for value in entry.get("cell") or ()),
        volume=entry.get("volume"),
        cell_published="volume" not in entry,
        space_group=entry.get("space_group"),
        setting=entry.get("setting"),
        prototype=entry.get("prototype"),
        sites=tuple(_site(site) for site in entry.get("sites") or ()),
        Z=entry.get("Z"),
        charges=dict(entry.get("charges") or {}),
        geometry_hash=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def number(value: float | str) -> float:
    """A number, or a fraction written as text.

    >>> number("1/3") == 1 / 3
    True
    """
    return float(Fraction(value)) if isinstance(value, str) else float(value)


def formula_units(structure: Structure, formula: str) -> float:
    """How many formula units a cell holds, counted in all atoms."""
    return structure.composition.num_atoms / sum(parse(formula).values())


def _site(site: list[Any]) -> tuple[Mapping[str, float], tuple[float, float, float]]:
    species, x, y, z, *rest = site
    if isinstance(species, str):
        species = {species: number(rest[0]) if rest else 1.0}
    total = sum(species.values())
    if not 0 < total <= 1 + 1e-6:
        raise DataError(f"site {site}: occupancies add up to {total}")
    return dict(species), (number(x), number(y), number(z))


def _triple(position: Any) -> tuple[float, float, float]:
    x, y, z = (round(float(v) % 1.0, 6) for v in position)
    return x, y, z


def _from_sites(phase: Phase) -> Structure:
    core = _pymatgen()
    if len(phase.cell) != 6:
        raise DataError(f"{phase.name}: six cell parameters are needed beside `sites`")
    operations = _operations(phase.space_group, phase.setting)
    species, coordinates = [], []
    for occupants, position in phase.sites:
        for image in _orbit(position, operations):
            species.append(occupants)
            coordinates.append(image)
    cell = core.Structure(core.Lattice.from_parameters(*phase.cell), species, coordinates)
    units = formula_units(cell, phase.formula)
    if phase.Z is None or abs(units / phase.Z - 1) > COMPOSITION_TOLERANCE:
        raise DataError(f"{phase.name}: the sites give Z = {units:.3f}, the entry says {phase.Z}")
    return cell.get_primitive_structure(tolerance=0.01)


def _orbit(position: tuple[float, float, float], operations: Any) -> list[Any]:
    """The distinct images of a position; images within 0.005 of the cell edges are the same."""
    import numpy as np

    rotations, translations = operations
    images: list[Any] = []
    # Three printed digits of 1/3 miss the special position: average what falls together.
    for image in (rotations @ np.array(position) + translations) % 1.0:
        for index, (mean, count) in enumerate(images):
            shift = image - mean
            shift -= np.round(shift)
            if np.abs(shift).max() < 5e-3:
                images[index] = (mean + shift / (count + 1), count + 1)
                break
        else:
            images.append((image, 1))
    return [mean % 1.0 for mean, _ in images]


def _group_type(hall: int) -> Any:
    """What spglib knows of a Hall number; it knows all of 1 to 530."""
    import spglib

    return spglib.get_spacegroup_type(hall)


@lru_cache(maxsize=1)
def _settings() -> dict[str, int]:
    """Hall numbers by international number and by Hermann-Mauguin symbol, standard ones first."""
    found: dict[str, int] = {}
    rank = {"2": 0, "H": 0, "b1": 0, "b": 0, "": 0, "abc": 0}
    types = [(hall, _group_type(hall)) for hall in range(1, 531)]
    for hall, kind in sorted(types, key=lambda pair: (rank.get(pair[1].choice, 1), pair[0])):
        full = kind.international_full.replace("_", "").split()
        short = kind.international_short.replace("_", "")
        trimmed = "".join([full[0], *[part for part in full[1:] if part != "1"]])
        printed = kind.international.split("=")[-1].replace("_", "").replace(" ", "")
        for name in (str(kind.number), short, trimmed, "".join(full), printed):
            found.setdefault(name, hall)
            found.setdefault(f"{name}:{kind.choice}", hall)
    return found


def _operations(space_group: int | None, setting: str | None) -> Any:
    try:
        import spglib
    except ImportError:
        told = "space groups need spglib: pip install 'anolyte[web]' or 'anolyte[structures]'"
        raise MissingExtra(told) from None

    symbol = (setting or str(space_group)).replace("_", "").replace(" ", "")
    hall = _settings().get(symbol)
    if hall is None:
        raise DataError(f"space-group symbol '{setting or space_group}' is not known")
    if space_group is not None and _group_type(hall).number != space_group:
        raise DataError(f"setting '{setting}' does not belong to space group {space_group}")
    operations: Any = spglib.get_symmetry_from_database(hall)
    return operations["rotations"], operations["translations"]


def _from_prototype(phase: Phase) -> Structure:
    return _conventional(phase).get_primitive_structure(0.01)


def _conventional(phase: Phase) -> Structure:
    """The conventional cell of a structure type with a phase's elements and edges."""
    core = _pymatgen()
    conventional = _prototype(phase.prototype or {})
    mapping = (phase.prototype or {})["elements"]
    species = [mapping[site.specie.symbol] for site in conventional]
    shape = core.Structure(conventional.lattice, species, conventional.frac_coords)
    if phase.cell:
        lattice = core.Lattice.from_parameters(*_six(phase, conventional))
    else:
        lattice = shape.lattice.scale(_guessed_volume(shape))
    return core.Structure(lattice, species, shape.frac_coords)


def _prototype(prototype: Mapping[str, Any]) -> Structure:
    """The conventional cell of an AFLOW type, found by its tag, elements and Strukturbericht."""
    from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

    tag, elements = prototype["aflow"], set(prototype["elements"])
    symbol = prototype.get("strukturbericht")
    for item in AFLOW_PROTOTYPE_LIBRARY:
        structure = item["snl"].structure
        found = {element.symbol for element in structure.composition.elements}
        same_symbol = symbol is None or symbol == item["tags"]["strukturbericht"].strip()
        if item["tags"]["aflow"] == tag and found == elements and same_symbol:
            return SpacegroupAnalyzer(structure, symprec=0.01).get_refined_structure()
    raise DataError(f"no AFLOW prototype '{tag}' with elements {sorted(elements)}")


def _six(phase: Phase, conventional: Structure) -> tuple[float, ...]:
    """All six cell parameters from the free ones of the crystal system."""
    cell = phase.cell
    if len(cell) == 6:
        return cell
    group = int((phase.prototype or {})["aflow"].split("_")[2])
    if group >= 195 and len(cell) == 1:
        return (cell[0],) * 3 + (90.0,) * 3
    if 75 <= group < 195 and len(cell) == 2:
        gamma = 120.0 if group >= 143 else 90.0
        return (cell[0], cell[0], cell[1], 90.0, 90.0, gamma)
    if 16 <= group < 75 and len(cell) == 3:
        return (*cell, 90.0, 90.0, 90.0)
    if 3 <= group < 16 and len(cell) == 4:
        return (*cell[:3], 90.0, cell[3], 90.0)
    raise DataError(f"{phase.name}: {len(cell)} cell parameters do not fit space group {group}")


def _guessed_volume(structure: Structure) -> float:
    """A starting volume (angstrom^3) from tabulated bond lengths; relaxation decides."""
    from pymatgen.analysis.structure_prediction.volume_predictor import DLSVolumePredictor

    return DLSVolumePredictor().predict(structure)


def _check_composition(phase: Phase, structure: Structure) -> None:
    wanted, total = parse(phase.formula), sum(parse(phase.formula).values())
    found = structure.composition.fractional_composition.get_el_amt_dict()
    for element in set(wanted) | set(found):
        share = wanted.get(element, 0.0) / total
        if abs(found.get(element, 0.0) - share) > COMPOSITION_TOLERANCE * max(share, 0.05):
            raise DataError(
                f"{phase.name}: the sites give {structure.composition.reduced_formula}, "
                f"the entry says {phase.formula}"
            )


def _check_contacts(phase: Phase, structure: Structure) -> None:
    contact = shortest_contact(structure)
    if contact < SHORTEST_CONTACT:
        raise DataError(
            f"{phase.name}: two atoms are at {contact:.2f} of the sum of their radii; "
            "check coordinates, cell and setting"
        )


def shortest_contact(structure: Structure) -> float:
    """Smallest distance between two atoms over the sum of their (Slater) atomic radii."""
    centres, points, _, distances = structure.get_neighbor_list(r=4.0)
    radii = [float(site.specie.atomic_radius or 1.5) for site in structure]
    ratios = (d / (radii[i] + radii[j]) for i, j, d in zip(centres, points, distances, strict=True))
    return min(ratios, default=float("inf"))


def _pymatgen() -> Any:
    try:
        import pymatgen.core
    except ImportError as error:
        raise MissingExtra("crystal structures need pymatgen: pip install 'anolyte[ml]'") from error
    return pymatgen.core
