r"""The distinct hops of lithium in a crystal, and the barrier of the network that they make.

A lithium ion jumps into an empty neighbouring lithium site. Pairs of sites are sorted into classes
of symmetry, shortest first, and as many classes are kept as let lithium pass in as many dimensions
as the crystal allows. With the energy of each saddle $E_h$ and of the vacancy on each kind of site
$E_k$, all in the same supercell, the barrier of migration in one, two or three dimensions is

$$ E_m = \min_\mathrm{paths} \max_{h \in \mathrm{path}} E_h - \min_k E_k $$

Range: one neutral vacancy in a cell of some eight angstrom; no interstitials, no concerted hops, no
charge state. Hops longer than `REACH` are not looked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError, MissingExtra, MissingProperty
from anolyte.numerics.periodic_graph import Edge, thresholds

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
REACH = 5.0
"""Longest hop that is looked for, angstrom."""
SAME = 0.05
"""Distances that symmetry may blur in a structure that a potential relaxed, angstrom."""
CLEAR = 1.0
"""An atom nearer than this to the line of a hop stands in its way, angstrom."""
LENGTH = 8.0
"""Least distance from a vacancy to its images, angstrom."""
MOST_ATOMS = 220
"""In a supercell."""
MOST_HOPS = 8
"""Distinct hops above which a crystal is left as unknown."""


@dataclass(frozen=True)
class Hop:
    """One of a class of equivalent hops.

    Args:
        edge: The two lithium sites (of the crystal's atoms) and the cell of the second.
        length: angstrom.
        count: Of such pairs in a cell.
    """

    edge: Edge
    length: float
    count: int


@dataclass(frozen=True)
class Network:
    """All hops of a crystal that are needed to cross it.

    Args:
        crystal: Its primitive cell.
        kinds: Of each atom that is lithium: the first atom that symmetry makes equal to it.
        hops: Distinct ones, shortest first.
        edges: Of all pairs, with the number of their hop.
        dimensions: In how many dimensions they cross the crystal.
    """

    crystal: Crystal
    kinds: Mapping[int, int]
    hops: tuple[Hop, ...]
    edges: tuple[tuple[Edge, int], ...]
    dimensions: int

    def barriers(
        self, saddles: Sequence[float | None], sites: Mapping[int, float]
    ) -> tuple[float | None, ...]:
        """Barriers in one, two and three dimensions.

        Args:
            saddles: Energy at the top of each hop, eV; None: not known.
            sites: Energy of the vacancy on each kind of site, eV, in the same supercell.

        Returns:
            eV; infinite: no way through; None: it hangs on a hop that is not known.
        """
        low, edges = min(sites.values()), [edge for edge, _ in self.edges]
        # A saddle that is not known lies anywhere above the ends of its hop.
        floors = [max(sites[k] for k in self.emptied(hop)) for hop in self.hops]
        bounds = []
        for unknown in ([math.inf] * len(floors), floors):
            tops = [u if s is None else s for s, u in zip(saddles, unknown, strict=True)]
            bounds.append(thresholds(edges, [tops[number] for _, number in self.edges]))
        return tuple(
            high - low if high == least else None for high, least in zip(*bounds, strict=True)
        )

    @cached_property
    def supercell(self) -> Integers:
        """Rows: the vectors of the smallest supercell whose images are `LENGTH` apart."""
        return supercell(self.crystal)

    def ends(self, hop: Hop) -> tuple[Crystal, Array]:
        """A supercell without the lithium at the end of a hop, and the way of the one that moves.

        The moving atom comes first. The way is the vector of the hop itself, so a neighbour in the
        next cell is no other case.

        Returns:
            The crystal before the hop, and the displacement of its first atom, angstrom.
        """
        start, end, cells = hop.edge
        at, matrix = np.array(self.crystal.positions), self.supercell
        whole, origin = _fill(self.crystal, matrix)
        inverse = np.linalg.inv(matrix)
        first = _find(at[start] @ inverse, whole, origin, start)
        gone = _find((at[end] + np.array(cells)) @ inverse, whole, origin, end)
        if first == gone:
            raise DataError(f"{self.crystal.formula}: a hop onto its own image; a larger cell")
        order = [first, *(k for k in range(len(whole)) if k not in (first, gone))]
        symbols = tuple(self.crystal.symbols[origin[k]] for k in order)
        lattice = matrix @ self.crystal.matrix
        way = (at[end] + np.array(cells) - at[start]) @ self.crystal.matrix
        return Crystal.of_arrays(lattice, symbols, whole[order]), way

    def emptied(self, hop: Hop) -> tuple[int, int]:
        """The kinds of site that are empty before and after a hop."""
        return self.kinds[hop.edge[1]], self.kinds[hop.edge[0]]


def network(crystal: Crystal, reach: float = REACH) -> Network:
    """The hops that a crystal needs.

    Args:
        crystal: Ordered.
        reach: Longest hop, angstrom.

    Raises:
        MissingProperty: No lithium, or no two of them within reach.
        DataError: Too many distinct hops.
        MissingExtra: spglib is not installed.
    """
    if "Li" not in crystal.symbols:
        raise MissingProperty(f"{crystal.formula}: no lithium to move")
    crystal = _primitive(crystal)
    lithium = [k for k, s in enumerate(crystal.symbols) if s == "Li"]
    operations = list(_operations(crystal))
    kinds = {k: min(sites[k] for _, sites, _ in operations) for k in lithium}
    classes: list[Hop] = []
    edges: list[tuple[Edge, int]] = []
    seen: set[Edge] = set()
    reached, needed, kept = 0, math.inf, (0, 0)
    for edge, length in _pairs(crystal, lithium, reach):
        if edge in seen:
            continue
        if length > needed + SAME:
            break
        same = {_moved(edge, operation) for operation in operations}
        seen |= same
        edges += [(e, len(classes)) for e in sorted(same)]
        classes.append(Hop(edge, length, len(same)))
        dimensions = _dimensions(edges)
        if dimensions > reached:
            reached, needed = dimensions, (length if dimensions == 3 else math.inf)
            kept = len(classes), len(edges)
    if not reached:
        raise MissingProperty(
            f"{crystal.formula}: no hops up to {reach:g} angstrom lead through it"
        )
    many, all_of_them = (len(classes), len(edges)) if reached == 3 else kept
    if many > MOST_HOPS:
        raise DataError(f"{crystal.formula}: {many} distinct hops, at most {MOST_HOPS} are done")
    return Network(crystal, kinds, tuple(classes[:many]), tuple(edges[:all_of_them]), reached)


def _dimensions(edges: Sequence[tuple[Edge, int]]) -> int:
    return sum(map(math.isfinite, thresholds([e for e, _ in edges], [0.0] * len(edges))))


def _pairs(crystal: Crystal, lithium: list[int], reach: float) -> Iterator[tuple[Edge, float]]:
    """Pairs of lithium sites with a free line between them, shortest first, each once."""
    at = np.array(crystal.positions)
    cells = _cells(crystal.matrix, reach)
    where = (at[None, :, :] + cells[:, None, :]).reshape(-1, 3) @ crystal.matrix
    found: list[tuple[float, Edge]] = []
    for start in lithium:
        here = at[start] @ crystal.matrix
        distance = np.linalg.norm(where - here, axis=1)
        for place in np.flatnonzero((distance > 0.5) & (distance < reach)):
            end = int(place % len(at))
            if end not in lithium:
                continue
            x, y, z = (int(c) for c in cells[place // len(at)])
            edge = (start, end, (x, y, z))
            if edge == _either(edge) and _is_free(here, where[place], where):
                found.append((round(float(distance[place]), 3), edge))
    for length, edge in sorted(found):
        yield edge, length


def _is_free(start: Array, end: Array, where: Array) -> bool:
    """Whether no atom stands within `CLEAR` of the line between two sites."""
    way = end - start
    share = np.clip((where - start) @ way / (way @ way), 0.0, 1.0)
    between = (share > 0.0) & (share < 1.0)
    apart = np.linalg.norm(where - start - share[:, None] * way, axis=1)
    return not bool((between & (apart < CLEAR) & (share > 0.02) & (share < 0.98)).any())


def _cells(lattice: Array, reach: float) -> Integers:
    """Cells within reach of the first."""
    margin = np.ceil(reach * np.linalg.norm(np.linalg.inv(lattice), axis=0)).astype(int) + 1
    ranges = [np.arange(-n, n + 1) for n in margin]
    return np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)


def _either(edge: Edge) -> Edge:
    """An edge and its reverse are one."""
    start, end, (x, y, z) = edge
    return min(edge, (end, start, (-x, -y, -z)))


def _spglib() -> Any:
    try:
        import spglib
    except ImportError as error:
        raise MissingExtra("spglib is not installed: pip install 'anolyte[structures]'") from error
    return spglib


def _cell(crystal: Crystal) -> tuple[Array, Array, list[int]]:
    """As spglib takes it; elements as numbers in the order of their names."""
    names = sorted(set(crystal.symbols))
    return crystal.matrix, np.array(crystal.positions), [names.index(s) for s in crystal.symbols]


def _primitive(crystal: Crystal) -> Crystal:
    """The smallest cell: a larger one hides symmetry, and makes larger supercells."""
    found = _spglib().standardize_cell(_cell(crystal), True, True, SAME)
    if found is None or len(found[2]) >= len(crystal.symbols):
        return crystal
    names = sorted(set(crystal.symbols))
    return Crystal.of_arrays(found[0], tuple(names[n] for n in found[2]), found[1])


def _operations(crystal: Crystal) -> Iterator[tuple[Any, dict[int, int], dict[int, Any]]]:
    """Each rotation, where it brings every atom, and into which cell."""
    at = np.array(crystal.positions)
    found = _spglib().get_symmetry(_cell(crystal), symprec=SAME)
    if found is None:
        found = {"rotations": [np.eye(3, dtype=int)], "translations": [np.zeros(3)]}
    for turn, step in zip(found["rotations"], found["translations"], strict=True):
        sites, cells = {}, {}
        for k, place in enumerate(at @ np.array(turn).T + step):
            other = _nearest(place, at, crystal, crystal.symbols[k])
            sites[k], cells[k] = other, np.rint(place - at[other]).astype(int)
        if len(set(sites.values())) == len(at):
            yield np.array(turn), sites, cells


def _nearest(place: Array, at: Array, crystal: Crystal, symbol: str) -> int:
    away = place - at
    apart = np.linalg.norm((away - np.rint(away)) @ crystal.matrix, axis=1)
    apart[[s != symbol for s in crystal.symbols]] = np.inf
    return int(apart.argmin())


def _moved(edge: Edge, operation: tuple[Any, dict[int, int], dict[int, Any]]) -> Edge:
    """Where a symmetry brings an edge."""
    turn, sites, cells = operation
    start, end, shift = edge
    x, y, z = (int(c) for c in turn @ np.array(shift) + cells[end] - cells[start])
    return _either((sites[start], sites[end], (x, y, z)))


def supercell(crystal: Crystal, length: float = LENGTH) -> Integers:
    """The smallest supercell of which no lattice vector is shorter than a length.

    All cells of a size are tried (Hermite normal forms); of equals the one with the longest
    shortest vector is taken, in a reduced basis.

    Args:
        crystal: Its own cell.
        length: angstrom.

    Raises:
        DataError: It would hold more than `MOST_ATOMS` atoms.
    """
    vectors = _cells(crystal.matrix, length * 1.5)
    vectors = vectors[vectors.any(axis=1)]
    sizes = np.linalg.norm(vectors @ crystal.matrix, axis=1)
    vectors, sizes = vectors[sizes < 1.5 * length], sizes[sizes < 1.5 * length]
    most = MOST_ATOMS // len(crystal.symbols)
    least = max(1, math.floor(length**3 / math.sqrt(2.0) / crystal.volume))  # densest packing
    for count in range(least, most + 1):
        best, room = None, length - 1e-6
        for matrix in _forms(count):
            share = vectors @ np.linalg.inv(matrix)
            own = sizes[(np.abs(share - np.rint(share)) < 1e-6).all(axis=1)]
            shortest = float(own.min(initial=1.5 * length))
            if shortest > room + 1e-3:
                best, room = matrix, shortest
        if best is not None:
            return _reduced(best, crystal.matrix)
    raise DataError(
        f"{crystal.formula}: a cell with vacancies {length:g} angstrom apart would hold more than "
        f"{MOST_ATOMS} atoms"
    )


def _forms(count: int) -> Iterator[Integers]:
    """Every sublattice of an index, as a Hermite normal form."""
    for a in (d for d in range(1, count + 1) if count % d == 0):
        rest = count // a
        for b in (d for d in range(1, rest + 1) if rest % d == 0):
            c = rest // b
            for x in range(b):
                for y in range(c):
                    for z in range(c):
                        yield np.array([[a, x, y], [0, b, z], [0, 0, c]])


def _reduced(matrix: Integers, lattice: Array) -> Integers:
    """The same sublattice with short vectors."""
    matrix = matrix.copy()
    while True:
        matrix = matrix[np.argsort(np.linalg.norm(matrix @ lattice, axis=1), kind="stable")]
        cell = matrix @ lattice
        for i, j in ((1, 0), (2, 0), (2, 1)):
            times = round(float(cell[i] @ cell[j]) / float(cell[j] @ cell[j]) * (1 - 1e-9))
            if times:
                matrix[i] -= times * matrix[j]
                break
        else:
            return matrix if np.linalg.det(matrix @ lattice) > 0.0 else -matrix


def _fill(crystal: Crystal, matrix: Integers) -> tuple[Array, list[int]]:
    """Fractional positions of all atoms of a supercell, and which atom of the cell each is."""
    corners = np.array(list(np.ndindex(2, 2, 2))) @ matrix
    ranges = [
        np.arange(low, high + 1) for low, high in zip(corners.min(0), corners.max(0), strict=True)
    ]
    cells = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    share = cells @ np.linalg.inv(matrix)
    inside = cells[((share > -1e-9) & (share < 1.0 - 1e-9)).all(axis=1)]
    at = np.array(crystal.positions)
    whole = (at[:, None, :] + inside[None, :, :]).reshape(-1, 3) @ np.linalg.inv(matrix)
    return whole, [k for k in range(len(at)) for _ in range(len(inside))]


def _find(place: Array, whole: Array, origin: list[int], atom: int) -> int:
    away = np.abs((whole - place) - np.rint(whole - place)).sum(axis=1)
    away[[o != atom for o in origin]] = np.inf
    return int(away.argmin())
