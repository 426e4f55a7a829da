"""Ordered supercells of a crystal with partial occupancies, ranked by their Ewald energy.

The electrostatic energy of point charges q on the N sites of a cell is quadratic,
`E(q) = q^T M q`, with M the Ewald matrix of unit charges (vacancies carry q = 0). Occupants are
swapped within the orbits of partially occupied sites while E falls (greedy, from random starts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from anolyte.core.errors import DataError
from anolyte.materials.formula import parse

if TYPE_CHECKING:
    from pymatgen.core import Structure

MAX_ATOMS = 100
STARTS = 24
# Published occupancies may be off the formula by this share.
MISS = 0.02
_VACANCY = ""


@dataclass(frozen=True)
class _Orbit:
    """Sites that share their occupants, and how many of each occupant they hold."""

    sites: list[int]
    occupants: list[str]


def order(
    average: Structure,
    formula: str,
    charges: Mapping[str, float],
    count: int = 3,
    seed: int = 0,
) -> list[Structure]:
    """The `count` ordered structures of lowest Ewald energy that were met, lowest first.

    Args:
        average: Cell with partially occupied sites.
        formula: Composition the ordered cells have exactly.
        charges: Formal charge of each element.
        count: Number of distinct structures.
        seed: Seed of the random starts.

    Raises:
        DataError: A charge is missing, or no supercell of at most 100 atoms fits the formula.
    """
    import numpy as np

    missing = {element.symbol for element in average.composition.elements} - set(charges)
    if missing:
        raise DataError(f"partial occupancies need `charges`, missing for {sorted(missing)}")
    cell = _supercell(average, formula)
    orbits = _orbits(cell, formula)
    matrix = _ewald_matrix(cell)
    generator = np.random.default_rng(seed)
    found: dict[float, list[str]] = {}
    for _ in range(STARTS):
        occupants = _random(cell, orbits, generator)
        energy, occupants = _descend(matrix, occupants, orbits, charges, generator)
        found.setdefault(round(energy, 3), occupants)
    return [_build(cell, found[energy]) for energy in sorted(found)[:count]]


def _supercell(average: Structure, formula: str) -> Structure:
    """The smallest supercell whose atoms per element are whole numbers of the formula's."""
    amounts = parse(formula)
    base = average.composition.num_atoms / sum(amounts.values())
    fits = []
    for scale in product(range(1, 6), repeat=3):
        units = base * scale[0] * scale[1] * scale[2]
        counts = [round(units) * amount for amount in amounts.values()]
        whole = all(abs(count - round(count)) < 1e-6 for count in counts)
        miss = abs(units / round(units) - 1) if round(units) else 1.0
        if miss < MISS and whole:
            lengths = [n * length for n, length in zip(scale, average.lattice.abc, strict=True)]
            # A cell that fits the published occupancies comes before a smaller one.
            fits.append((miss > 1e-3, round(sum(counts)), max(lengths) / min(lengths), scale))
    fits = [fit for fit in fits if fit[1] <= MAX_ATOMS] or sorted(fits)[:1]
    if not fits:
        raise DataError(f"no supercell of {formula} has whole numbers of atoms")
    cell = average.copy()
    cell.make_supercell(min(fits)[3])
    return cell


def _orbits(cell: Structure, formula: str) -> list[_Orbit]:
    """Group partial sites by their occupants and share out whole atoms to meet the formula."""
    amounts = parse(formula)
    units = round(cell.composition.num_atoms / sum(amounts.values()))
    groups: dict[str, list[int]] = {}
    for index, site in enumerate(cell):
        if not site.is_ordered:
            groups.setdefault(site.species.formula, []).append(index)
    shares: list[tuple[str, str, float]] = []
    for key, sites in groups.items():
        species = cell[sites[0]].species.get_el_amt_dict()
        shares += [(key, element, share * len(sites)) for element, share in species.items()]
    whole = {(key, element): int(value + 1e-6) for key, element, value in shares}
    for element, amount in amounts.items():
        fixed = sum(1 for site in cell if site.is_ordered and site.specie.symbol == element)
        left = round(amount * units) - fixed
        left -= sum(n for (_, symbol), n in whole.items() if symbol == element)
        ranked = sorted(
            (share for share in shares if share[1] == element), key=lambda s: -(s[2] % 1.0)
        )
        if left < 0 or left > len(ranked):
            raise DataError(f"occupancies of {element} do not round to {formula}")
        for key, symbol, _ in ranked[:left]:
            whole[key, symbol] += 1
    return [_orbit(key, sites, whole) for key, sites in groups.items()]


def _orbit(key: str, sites: list[int], whole: Mapping[tuple[str, str], int]) -> _Orbit:
    occupants = [symbol for (group, symbol), n in whole.items() if group == key for _ in range(n)]
    if len(occupants) > len(sites):
        raise DataError(f"{len(occupants)} atoms on {len(sites)} sites of {key}")
    return _Orbit(sites, occupants + [_VACANCY] * (len(sites) - len(occupants)))


def _ewald_matrix(cell: Structure) -> Any:
    from pymatgen.analysis.ewald import EwaldSummation
    from pymatgen.core import Structure

    unit = Structure(cell.lattice, ["H+"] * len(cell), cell.frac_coords)
    return EwaldSummation(unit).total_energy_matrix


def _random(cell: Structure, orbits: list[_Orbit], generator: Any) -> list[str]:
    occupants = [site.specie.symbol if site.is_ordered else _VACANCY for site in cell]
    for orbit in orbits:
        shuffled = generator.permutation(len(orbit.sites))
        for place, index in zip(shuffled, range(len(orbit.sites)), strict=True):
            occupants[orbit.sites[place]] = orbit.occupants[index]
    return occupants


def _descend(
    matrix: Any,
    occupants: list[str],
    orbits: list[_Orbit],
    charges: Mapping[str, float],
    generator: Any,
) -> tuple[float, list[str]]:
    """Swap the best pair of each random site until no swap lowers the energy."""
    import numpy as np

    charge = np.array([charges.get(symbol, 0.0) for symbol in occupants], dtype=float)
    occupants = list(occupants)
    symmetric = matrix + matrix.T
    improved = True
    while improved:
        improved = False
        for orbit in orbits:
            for i in generator.permutation(orbit.sites):
                sites = np.array(orbit.sites)
                change = charge[sites] - charge[i]
                field = symmetric @ charge
                # q -> q + d (e_i - e_j), so dE = d (f_i - f_j) + d^2 (M_ii + M_jj - M_ij - M_ji)
                gain = change * (field[i] - field[sites]) + change**2 * (
                    matrix[i, i] + matrix[sites, sites] - matrix[i, sites] - matrix[sites, i]
                )
                best = int(np.argmin(gain))
                if gain[best] < -1e-6:
                    j = int(sites[best])
                    charge[[i, j]] = charge[[j, i]]
                    occupants[i], occupants[j] = occupants[j], occupants[i]
                    improved = True
    return float(charge @ matrix @ charge), occupants


def _build(cell: Structure, occupants: list[str]) -> Structure:
    from pymatgen.core import Structure

    kept = [index for index, symbol in enumerate(occupants) if symbol != _VACANCY]
    coordinates = [cell[index].frac_coords for index in kept]
    return Structure(cell.lattice, [occupants[index] for index in kept], coordinates)
