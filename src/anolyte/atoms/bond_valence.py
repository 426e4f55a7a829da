r"""Migration of lithium by bond-valence site energies: a landscape in tenths of a second.

A lithium ion at r in the frame of the other ions has the energy

$$ E(r) = \sum_X \frac{D_0}{2}\left[\left(e^{\alpha (R_{min} - R)} - 1\right)^2 - 1\right]
   + \frac{e^2}{4\pi\varepsilon_0} \sum_A \frac{q_\mathrm{Li} q_A}{R}\,
     \mathrm{erfc}\!\left(\frac{R}{\rho_A}\right), \qquad \rho_A = f\,(r_\mathrm{Li} + r_A) $$

over the anions X (half a Morse curve each: a bond belongs to two ions) and the other cations A
(screened repulsion), with $q_A = V_A/\sqrt{n_A}$, V the oxidation state and n the principal quantum
number of the valence shell. The lithium that moves sees no other lithium. The barrier of migration
in one, two or three dimensions is the level at which the landscape lets it pass, less its lowest
value.

Range: ions with known parameters (lithium among N, O, F, S, Cl, Se, Br, Te, I); a rigid frame, no
correlated hops. The order of materials is better than the numbers: 0.2 eV is the error to take, and
a conductivity does not follow. Phosphides, alloys and metals are outside.

Sources: Adams and Rao 2011 (the landscape, from memory), Chen et al. 2019 (softBV parameters),
Cordero et al. 2008 (radii).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError, MissingExtra, MissingProperty
from anolyte.materials.library import DATA
from anolyte.materials.substitution import states
from anolyte.numerics.percolation import thresholds

Array = NDArray[np.float64]
COULOMB = 14.3996  # eV angstrom, e^2/(4 pi epsilon_0)
SCREENING = 0.74
"""f; Adams and Rao give 0.74 with a spread of 0.04, from memory."""
MOST_POINTS = 3_000_000


@dataclass(frozen=True)
class Pair:
    """Parameters of lithium beside one anion: angstrom, 1/angstrom, eV."""

    anion: str
    r_min: float
    alpha: float
    d0: float


@dataclass(frozen=True)
class Landscape:
    """Bond-valence energies of a lithium ion over the cell.

    Args:
        energy: eV, periodic, (a, b, c).
        barriers: Of migration in one, two and three dimensions, eV; infinite: no way through.
    """

    energy: Array
    barriers: tuple[float, float, float]


@lru_cache(maxsize=1)
def pairs() -> Mapping[str, Pair]:
    """The anions that the parameters know."""
    with (DATA / "bond_valence.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["anion"]: Pair(
                row["anion"], float(row["r_min_angstrom"]), float(row["alpha_per_angstrom"]),
                float(row["d0_eV"]),
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


def landscape(
    crystal: Crystal, spacing: float = 0.2, cutoff: float = 10.0, ceiling: float = 5.0
) -> Landscape:
    """The landscape of a crystal and its barriers.

    Args:
        crystal: Its lithium is taken out.
        spacing: Of the grid, angstrom.
        cutoff: Of the sums, angstrom.
        ceiling: Above the lowest value nothing is looked for, eV.

    Raises:
        MissingProperty: An anion without parameters, no lithium, no anion.
        DataError: Charges that do not balance, or a cell that is too large.
        MissingExtra: ase is not installed.
    """
    text, symbols = crystal.formula, crystal.symbols
    if "Li" not in symbols:
        raise MissingProperty(f"{text}: no lithium to move")
    lengths = np.linalg.norm(crystal.matrix, axis=1)
    shape = np.maximum(np.ceil(lengths / spacing).astype(int), 4)
    if shape.prod() > MOST_POINTS:
        raise DataError(
            f"{text}: {shape.prod()} grid points are too many (at most {MOST_POINTS}); take the "
            "primitive cell"
        )
    frame = [k for k, s in enumerate(symbols) if s != "Li"]
    table = _table([symbols[k] for k in frame], states(crystal.amounts, text))
    positions, kinds = _images(crystal.matrix, np.array(crystal.positions)[frame], cutoff)
    energy = _grid(crystal.matrix, shape, positions, table[kinds], cutoff)
    low = float(energy.min())
    one, two, three = (level - low for level in thresholds(energy, low + ceiling))
    return Landscape(energy, (one, two, three))


def _table(symbols: Sequence[str], valence: Mapping[str, float]) -> Array:
    """Of each ion of the frame: is it an anion; r_min, alpha, d0; or q_Li q_A and rho."""
    known = pairs()
    charges = {e: abs(valence[e]) / math.sqrt(_shell(e)) for e in {*symbols, "Li"}}
    radius = {e: _radius(e) for e in {*symbols, "Li"}}
    rows: dict[str, tuple[float, float, float, float]] = {}
    for e in dict.fromkeys(symbols):
        if valence[e] < 0.0:
            if e not in known:
                raise MissingProperty(f"no bond-valence parameters of lithium beside {e}")
            rows[e] = (1.0, known[e].r_min, known[e].alpha, 0.5 * known[e].d0)
        else:
            repulsion = COULOMB * charges["Li"] * charges[e]
            rows[e] = (0.0, repulsion, SCREENING * (radius["Li"] + radius[e]), 0.0)
    if not any(row[0] for row in rows.values()):
        raise MissingProperty("no anion, so no bond valence")
    return np.array([rows[e] for e in symbols])


def _shell(symbol: str) -> int:
    """Principal quantum number of the valence shell: the row of the periodic table."""
    from ase.data import atomic_numbers

    number, row = int(atomic_numbers[symbol]), 1
    for last in (2, 10, 18, 36, 54, 86):
        if number <= last:
            return row
        row += 1
    return row


def _radius(symbol: str) -> float:
    """Covalent radius, angstrom."""
    try:
        from ase.data import atomic_numbers, covalent_radii
    except ImportError as error:
        raise MissingExtra("ase is not installed: pip install 'anolyte[structures]'") from error
    return float(covalent_radii[atomic_numbers[symbol]])


def _images(lattice: Array, fractional: Array, cutoff: float) -> tuple[Array, NDArray[np.int64]]:
    """All ions within the cutoff of the cell, cartesian, and which of the frame each is."""
    margin = cutoff * np.linalg.norm(np.linalg.inv(lattice), axis=0)  # over the cell's heights
    ranges = [np.arange(-n, n + 1) for n in np.ceil(margin).astype(int)]
    cells = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    everywhere = (fractional[None, :, :] + cells[:, None, :]).reshape(-1, 3)
    near = ((everywhere > -margin) & (everywhere < 1.0 + margin)).all(axis=1)
    return everywhere[near] @ lattice, np.tile(np.arange(len(fractional)), len(cells))[near]


@numba.njit(cache=True)
def _grid(lattice, shape, positions, table, cutoff):  # type: ignore[no-untyped-def]
    """Energies on the grid, eV."""
    energy = np.zeros((shape[0], shape[1], shape[2]))
    limit = cutoff * cutoff
    for a in range(shape[0]):
        for b in range(shape[1]):
            for c in range(shape[2]):
                u, v, w = a / shape[0], b / shape[1], c / shape[2]
                x = u * lattice[0, 0] + v * lattice[1, 0] + w * lattice[2, 0]
                y = u * lattice[0, 1] + v * lattice[1, 1] + w * lattice[2, 1]
                z = u * lattice[0, 2] + v * lattice[1, 2] + w * lattice[2, 2]
                total = 0.0
                for k in range(positions.shape[0]):
                    dx, dy, dz = positions[k, 0] - x, positions[k, 1] - y, positions[k, 2] - z
                    square = dx * dx + dy * dy + dz * dz
                    if square > limit:
                        continue
                    r = max(math.sqrt(square), 0.1)
                    if table[k, 0] > 0.5:
                        e = math.exp(table[k, 2] * (table[k, 1] - r)) - 1.0
                        total += table[k, 3] * (e * e - 1.0)
                    elif r < 4.0 * table[k, 2]:
                        total += table[k, 1] / r * math.erfc(r / table[k, 2])
                energy[a, b, c] = total
    return energy
