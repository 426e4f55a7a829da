r"""How well two crystals hold together: the work of adhesion of a small coherent interface.

$$ W_{ad} = \frac{E_\mathrm{film} + E_\mathrm{substrate} - E_\mathrm{interface}}{A}, \qquad
   \cos\theta = \frac{W_{ad}}{\gamma} - 1 $$

Both slabs stand alone in the same strained cell, with their atoms relaxed, so that the strain of
the film cancels; $\gamma$ is the surface energy of the liquid or soft metal (Young and Dupré). The
substrate keeps its cell, the film is stretched onto it.

Range: one termination and a few starts a pair, thin slabs, a potential that is soft at surfaces:
an order of materials, no contact angle. No common cell within the area means nothing is known, not
that nothing adheres.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Batched, Rest, relax
from anolyte.core.errors import MissingExtra, NotConverged
from anolyte.numerics.matching import Match, matches

Array = NDArray[np.float64]
EV_PER_A2 = 16.02176634
"""J/m^2 of an eV/angstrom^2."""
VACUUM = 12.0
GAP = 2.2
"""Between the outermost planes at the start, angstrom."""


@dataclass(frozen=True)
class Slab:
    """Atoms over a plane cell, along z.

    Args:
        plane: Two vectors in the plane, angstrom (2, 2) as tuples.
        symbols: Elements.
        positions: Cartesian, angstrom; the lowest atom at 0.
    """

    plane: tuple[tuple[float, float], tuple[float, float]]
    symbols: tuple[str, ...]
    positions: tuple[tuple[float, float, float], ...]

    @property
    def height(self) -> float:
        """From the lowest to the highest atom, angstrom."""
        return max(p[2] for p in self.positions)


@dataclass(frozen=True)
class Adhesion:
    """Work of adhesion of one pair of surfaces.

    Args:
        work: J/m^2.
        area: Of the common cell, square angstrom.
        strain: Largest strain of the film.
        atoms: In the interface.
        starts: Works of all starts, J/m^2: how far it hangs on where the film was put.
    """

    work: float
    area: float
    strain: float
    atoms: int
    starts: tuple[float, ...] = field(default_factory=tuple)

    def contact_angle(self, surface_energy: float) -> float:
        """Of a liquid of that surface energy (J/m^2), rad; 0: it spreads, pi: it does not wet."""
        return math.acos(min(max(self.work / surface_energy - 1.0, -1.0), 1.0))


def slabs(crystal: Crystal, miller: tuple[int, int, int], thickness: float = 8.0) -> list[Slab]:
    """The slabs of a face without a dipole, the smallest first.

    Raises:
        MissingExtra: pymatgen is not installed.
    """
    try:
        from pymatgen.core.surface import SlabGenerator
        from pymatgen.symmetry.analyzer import SpacegroupAnalyzer
    except ImportError as error:
        raise MissingExtra(
            "pymatgen is not installed: pip install 'anolyte[structures]'"
        ) from error
    cell = SpacegroupAnalyzer(crystal.pymatgen()).get_conventional_standard_structure()
    made = SlabGenerator(
        cell, miller, thickness, 10.0, center_slab=True, primitive=True
    ).get_slabs()
    found = [_slab(s) for s in made if _symmetric(s)]
    return sorted((s for s in found if s is not None), key=lambda s: len(s.symbols))


def _symmetric(slab: object) -> bool:
    """Whether both faces are equal, so that no dipole stands across the slab."""
    return bool(slab.is_symmetric(symprec=0.1))  # type: ignore[attr-defined]


def _slab(slab: object) -> Slab | None:
    """Along z, in the plane's own axes."""
    lattice = np.array(slab.lattice.matrix)  # type: ignore[attr-defined]
    a, b = lattice[0], lattice[1]
    normal = np.cross(a, b)
    normal /= np.linalg.norm(normal)
    x = a / np.linalg.norm(a)
    y = np.cross(normal, x)
    turn = np.stack([x, y, normal])
    positions = np.array(slab.cart_coords) @ turn.T  # type: ignore[attr-defined]
    positions[:, 2] -= positions[:, 2].min()
    plane = (np.stack([a, b]) @ turn.T)[:, :2]
    symbols = tuple(site.specie.symbol for site in slab)  # type: ignore[attr-defined]
    return Slab(_pairs(plane), symbols, tuple(tuple(map(float, p)) for p in positions))  # type: ignore[arg-type]


def _pairs(plane: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    return (
        (float(plane[0, 0]), float(plane[0, 1])), (float(plane[1, 0]), float(plane[1, 1]))
    )  # fmt: skip


def adhesion(
    film: Slab,
    substrate: Slab,
    potential: Batched,
    *,
    area: float = 60.0,
    strain: float = 0.06,
    most: int = 120,
    starts: int = 2,
    seed: int = 0,
) -> Adhesion:
    """The best work of adhesion over a few places of the film on the substrate.

    Args:
        film: Is stretched.
        substrate: Keeps its cell.
        potential: Energies, forces, stresses of many at once.
        area: Largest common cell, square angstrom.
        strain: That the film may bear.
        most: Atoms in the interface.
        starts: Places tried.
        seed: Of them.

    Raises:
        NotConverged: No common cell, or atoms that do not come to rest.
    """
    match = _chosen(film, substrate, area, strain, most)
    plane: Array = match.second.astype(float) @ np.array(substrate.plane)
    below = _tiled(substrate, match.second, np.eye(2))
    above = _onto(film, match, plane)
    shifts = np.random.default_rng(seed).random((starts, 2)) @ plane
    height = substrate.height + film.height + GAP + VACUUM
    cells = [_cell(plane, height, below), _cell(plane, height, above)]
    lift = substrate.height + GAP
    cells += [
        _cell(plane, height, (below[0] + above[0],
                              np.vstack([below[1], above[1] + [*shift, lift]])))
        for shift in shifts
    ]  # fmt: skip
    ends = dict(relax(cells, potential, cells=False, steps=150, fmax=0.08))
    bottom, top, *joined = (_settled(ends[k], film, substrate) for k in range(len(cells)))
    size = abs(float(np.linalg.det(plane)))
    works = tuple((bottom + top - e) / size * EV_PER_A2 for e in joined)
    borne = max(abs(s) for s in match.strains)
    return Adhesion(max(works), size, borne, len(cells[2].symbols), works)


def _settled(end: Rest, film: Slab, substrate: Slab) -> float:
    """Energy at rest, eV; a few hundredths of an eV/angstrom short of it count as rest."""
    if end.why and end.force > 0.3:
        names = (
            f"{''.join(dict.fromkeys(film.symbols))} on {''.join(dict.fromkeys(substrate.symbols))}"
        )
        raise NotConverged(f"{names}: {end.why}")
    return end.energy


def _chosen(film: Slab, substrate: Slab, area: float, strain: float, most: int) -> Match:
    """The least strained common cell that is small enough."""
    base = [abs(float(np.linalg.det(np.array(s.plane)))) for s in (film, substrate)]
    for match in matches(np.array(film.plane), np.array(substrate.plane), area, 0.5 * strain):
        counts = [abs(round(float(np.linalg.det(m)))) for m in (match.first, match.second)]
        if counts[0] * len(film.symbols) + counts[1] * len(substrate.symbols) <= most:
            return match
    raise NotConverged(
        f"no common cell below {area:g} square angstrom, {most} atoms and {strain:.0%} strain "
        f"(plane cells of {base[0]:.0f} and {base[1]:.0f} square angstrom)"
    )


def _tiled(slab: Slab, times: NDArray[np.int64], stretch: Array) -> tuple[tuple[str, ...], Array]:
    """Atoms of a supercell of a slab, the plane stretched."""
    plane = np.array(slab.plane)
    inverse = np.linalg.inv(times @ plane)
    reach = int(np.abs(times).sum()) + 1
    symbols: list[str] = []
    placed: list[Array] = []
    for i, j in _grid(reach):
        shift = np.array([i, j]) @ plane
        for symbol, p in zip(slab.symbols, slab.positions, strict=True):
            inside = (np.array(p[:2]) @ np.linalg.inv(plane) % 1.0) @ plane + shift
            u = inside @ inverse
            if (u > -1e-9).all() and (u < 1.0 - 1e-9).all():
                symbols.append(symbol)
                placed.append(np.array([*(inside @ stretch), p[2]]))
    return tuple(symbols), np.array(placed)


def _grid(reach: int) -> Iterator[tuple[int, int]]:
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            yield i, j


def _onto(film: Slab, match: Match, plane: Array) -> tuple[tuple[str, ...], Array]:
    """The film's atoms in the cell of the substrate: stretched, then turned."""
    own = match.first @ np.array(film.plane)
    symbols, placed = _tiled(film, match.first, np.eye(2))
    placed[:, :2] = placed[:, :2] @ np.linalg.inv(own) @ plane
    return symbols, placed


def _cell(plane: Array, height: float, atoms: tuple[tuple[str, ...], Array]) -> Crystal:
    lattice = np.zeros((3, 3))
    lattice[:2, :2] = plane
    lattice[2, 2] = height
    return Crystal.of_arrays(
        lattice, atoms[0], (atoms[1] + [0.0, 0.0, 1.0]) @ np.linalg.inv(lattice)
    )
