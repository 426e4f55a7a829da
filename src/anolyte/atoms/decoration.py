r"""Structure types filled with other elements: crystals that nobody has listed yet.

A type of the AFLOW library (Mehl et al. 2017; pymatgen ships some 290 of them) has sites of k
species. Lithium, one or two further cations and an anion are put on them in every way that balances
the charges with usual oxidation states and surrounds each anion by cations. The cell is then grown
or shrunk as a whole until the closest contact, measured in sums of ionic radii, is one:

$$ a \leftarrow a \max_{i<j} \frac{r_i + r_j}{d_{ij}} $$

over the pairs of cation and anion (pairs of like charge only may not come closer than 0.8 of their
sum). Relaxation decides the rest.

Range: many decorations of one formula are not many materials; most of them are not stable. A type
and a formula together name a decoration; counts are given for both.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError, MissingExtra
from anolyte.materials import charge
from anolyte.materials.substitution import states

Array = NDArray[np.float64]
MOST_SITES = 20
LIKE = 0.8
"""Ions of like charge come no closer than this share of the sum of their radii."""
TYPICAL = 1.2
"""Ionic radius where none is tabulated, angstrom."""


@dataclass(frozen=True)
class Prototype:
    """A structure type.

    Args:
        tag: AFLOW's name of it.
        species: Letters of its kinds of site, in the order of the tag.
        lattice: Of the primitive cell, angstrom.
        sites: Letter of each site.
        positions: Fractional.
    """

    tag: str
    species: tuple[str, ...]
    lattice: tuple[tuple[float, float, float], ...]
    sites: tuple[str, ...]
    positions: tuple[tuple[float, float, float], ...]


@lru_cache(maxsize=4)
def prototypes(most: int = MOST_SITES) -> tuple[Prototype, ...]:
    """The types with two to four species and no more sites than that, in the library's order.

    Raises:
        MissingExtra: pymatgen is not installed.
    """
    try:
        from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY as LIBRARY
    except ImportError as error:
        raise MissingExtra(
            "pymatgen is not installed: pip install 'anolyte[structures]'"
        ) from error
    found: dict[str, Prototype] = {}
    for item in LIBRARY:
        structure = item["snl"].structure
        symbols = [site.specie.symbol for site in structure]
        kinds = tuple(dict.fromkeys(symbols))
        tag = f"{item['tags']['aflow']} ({item['tags']['mineral'] or 'no name'})"
        if 2 <= len(kinds) <= 4 and len(symbols) <= most:
            cell = Crystal.of(structure)
            found.setdefault(tag, Prototype(tag, kinds, cell.lattice, cell.symbols, cell.positions))
    return tuple(found.values())


def decorate(
    elements: Sequence[str], anions: Sequence[str], most: int = MOST_SITES
) -> Iterator[tuple[Prototype, Crystal]]:
    """Every charge-balanced decoration with lithium, of each type and formula the first.

    Args:
        elements: Cations beside lithium.
        anions: One of them in each decoration.
        most: Sites a cell.

    Raises:
        DataError: An element without usual oxidation states.
        MissingExtra: pymatgen is not installed.
    """
    unknown = [e for e in (*elements, *anions) if e not in charge.STATES]
    if unknown:
        raise DataError(f"no usual oxidation state is listed for {', '.join(unknown)}")
    for prototype in prototypes(most):
        seen: set[str] = set()
        for anion in anions:
            others = [e for e in elements if e not in ("Li", anion)]
            for cations in itertools.combinations(others, len(prototype.species) - 2):
                for order in itertools.permutations(("Li", *cations, anion)):
                    crystal = _decorated(prototype, order)
                    if crystal is not None and crystal.formula not in seen:
                        seen.add(crystal.formula)
                        yield prototype, crystal


def _decorated(prototype: Prototype, order: Sequence[str]) -> Crystal | None:
    """A type with its species replaced, scaled; None where charges or contacts forbid it."""
    names = dict(zip(prototype.species, order, strict=True))
    symbols = tuple(names[s] for s in prototype.sites)
    amounts = {e: float(symbols.count(e)) for e in dict.fromkeys(symbols)}
    if charge.imbalance(amounts) != 0.0:
        return None
    try:
        valence = states(amounts)
    except DataError:
        return None
    lattice, positions = np.array(prototype.lattice), np.array(prototype.positions)
    scale = _scale(lattice, positions, symbols, valence)
    if scale is None:
        return None
    return Crystal.of_arrays(lattice * scale, symbols, positions)


def _scale(
    lattice: Array, positions: Array, symbols: Sequence[str], valence: Mapping[str, float]
) -> float | None:
    """Factor on the lengths that brings the closest contact to the sum of radii.

    None: an anion's nearest neighbour is an anion, or no cation is near it at all.
    """
    distance = _distances(lattice, positions)
    sign = np.array([np.sign(valence[s]) for s in symbols])
    radius = np.array([_radius(s, round(valence[s])) for s in symbols])
    sums = radius[:, None] + radius[None, :]
    unlike = sign[:, None] * sign[None, :] < 0.0
    nearest = distance.argmin(axis=1)
    if (sign[nearest][sign < 0.0] < 0.0).any():
        return None
    grow = float((sums / distance)[unlike].max())
    crowd = float((LIKE * sums / distance)[~unlike].max())
    return max(grow, crowd)


def _distances(lattice: Array, positions: Array) -> Array:
    """Shortest distances between sites over all images, own images on the diagonal."""
    cells = np.array(list(np.ndindex(3, 3, 3))) - 1
    steps = positions[None, :, :] - positions[:, None, :]
    steps -= np.round(steps)
    images = np.linalg.norm((steps[:, :, None, :] + cells[None, None, :, :]) @ lattice, axis=3)
    images[images < 1e-6] = np.inf
    return images.min(axis=2)


@lru_cache(maxsize=512)
def _radius(symbol: str, state: int) -> float:
    """Shannon's ionic radius, angstrom, mean over coordinations, as pymatgen tabulates it."""
    from pymatgen.core import Element

    radii = Element(symbol).ionic_radii
    found = radii.get(state) or Element(symbol).average_ionic_radius
    return float(found) if found else TYPICAL
