r"""Crystals as graphs: atoms, and edges to their nearest neighbours.

An atom has edges to the neighbours within `CUTOFF`: the nearest `NEAREST`, and every further one at
the distance of the last of them. A cut in the middle of a shell would depend on the order of the
atoms. An edge of length r carries Gaussians of it,

$$ e_k(r) = \exp\!\Big(-\frac{(r - 0.2\,k)^2}{0.04}\Big), \qquad k = 0 \dots 30 $$

Range: lengths alone: mirror images, and the few crystals that have all these lengths in common,
look the same. An atom with no neighbour within the cutoff is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError

CUTOFF = 6.0
"""Longest edge, angstrom."""
NEAREST = 12
TIE = 1e-3
"""Lengths that differ by less are one shell, angstrom."""
CENTRES = np.linspace(0.0, CUTOFF, 31)
WIDTH = 0.2
MOST_ATOMS = 500
SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb "
    "Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu"
).split()
NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Graph:
    """Atoms and edges of one crystal, or of several side by side.

    Args:
        numbers: Atomic number of each atom.
        at, to: Atoms at the two ends of each edge.
        lengths: Of the edges, angstrom.
        owner: Which crystal each atom belongs to.
        count: Crystals.
    """

    numbers: Indices
    at: Indices
    to: Indices
    lengths: Array
    owner: Indices
    count: int = 1

    @property
    def elements(self) -> frozenset[str]:
        """Symbols of its atoms."""
        return frozenset(SYMBOLS[n - 1] for n in set(self.numbers.tolist()))

    @property
    def edges(self) -> Array:
        """Gaussians of the lengths, (edges, 31)."""
        return np.exp(-(((self.lengths[:, None] - CENTRES) / WIDTH) ** 2))


def graph(crystal: Crystal) -> Graph:
    """The graph of a crystal.

    Raises:
        DataError: An atom without neighbours, an element that is not known, too many atoms.

    >>> cell = ((0.0, 2.0, 2.0), (2.0, 0.0, 2.0), (2.0, 2.0, 0.0))
    >>> salt = Crystal(cell, ("Li", "F"), ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)))
    >>> len(graph(salt).lengths)  # six at 2.00 and twelve at 2.83 angstrom, twice
    36
    """
    strange = sorted(set(crystal.symbols) - set(NUMBERS))
    if strange:
        raise DataError(f"{crystal.formula}: no such element: {', '.join(strange)}")
    if len(crystal.symbols) > MOST_ATOMS:
        raise DataError(f"{len(crystal.symbols)} atoms in a cell; at most {MOST_ATOMS}")
    distances = _distances(crystal)
    at, to, lengths = [], [], []
    for site, row in enumerate(distances):
        last = np.partition(row.ravel(), NEAREST - 1)[NEAREST - 1]
        found = np.argwhere(row <= min(last + TIE, CUTOFF))
        if not len(found):
            raise DataError(
                f"{crystal.formula}: an atom of {crystal.symbols[site]} has no neighbour within "
                f"{CUTOFF:g} angstrom"
            )
        at.append(np.full(len(found), site))
        to.append(found[:, 0])
        lengths.append(row[found[:, 0], found[:, 1]])
    numbers = np.array([NUMBERS[s] for s in crystal.symbols])
    ends = np.concatenate(at), np.concatenate(to), np.concatenate(lengths)
    return Graph(numbers, *ends, np.zeros(len(numbers), dtype=np.int64))


def pack(graphs: Sequence[Graph]) -> Graph:
    """Several graphs as one that falls apart."""
    starts = np.cumsum([0, *(len(g.numbers) for g in graphs)])[:-1]
    crystals = np.cumsum([0, *(g.count for g in graphs)])
    return Graph(
        np.concatenate([g.numbers for g in graphs]),
        np.concatenate([g.at + s for g, s in zip(graphs, starts, strict=True)]),
        np.concatenate([g.to + s for g, s in zip(graphs, starts, strict=True)]),
        np.concatenate([g.lengths for g in graphs]),
        np.concatenate([g.owner + c for g, c in zip(graphs, crystals[:-1], strict=True)]),
        int(crystals[-1]),
    )


def _distances(crystal: Crystal) -> Array:
    """From each site to each image of each site, (sites, sites, images); itself is far away."""
    lattice, positions = crystal.matrix, np.array(crystal.positions)
    # Planes of the lattice are this far apart: no image beyond `reach` cells is within the cutoff.
    heights = 1.0 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    reach = np.floor(CUTOFF / heights).astype(int) + 1
    cells = np.array(list(np.ndindex(*(2 * reach + 1)))) - reach
    steps = (positions[None, :, :] - positions[:, None, :]) @ lattice
    found = np.linalg.norm(steps[:, :, None, :] + (cells @ lattice)[None, None], axis=3)
    found[found < 1e-3] = np.inf
    return found
