r"""Barriers of lithium by midpoints: the lowest energy in the plane halfway between two sites.

The hopping atom starts halfway and stays in the plane normal to its hop, one atom far away is held
so that the frame cannot slide under it, and everything else relaxes. Every way from site to site
crosses that plane, so

$$ E_m = E_\mathrm{plane} - E_\mathrm{vacancy} $$

is the barrier of a hop that is highest in the middle, and a lower bound of any other, as far as the
relaxation finds the lowest point of the plane. Both the midpoint and the vacancy start displaced,
each by a recorded seed: what starts symmetric stays so. A negative barrier is no result: the middle
is then a site of its own, or the vacancy did not reach its rest.

Range: that of the potential and of `atoms.hops`. Starts and methods scatter by 0.1 to 0.15 eV.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.forces import Forces
from anolyte.atoms.hops import Hop, Network, network
from anolyte.atoms.pool import Batched, Rest, relax
from anolyte.atoms.potentials import Point
from anolyte.core.progress import Progress, silent

Array = NDArray[np.float64]
DISPLACED = 0.1
"""angstrom by which every atom is moved at the start."""
FORCE = 0.03
"""Largest force at rest, eV/angstrom."""
STEPS = 300
NEAREST = 0.6
"""Share of two covalent radii below which two atoms are too close for a potential to be trusted."""


@dataclass(frozen=True)
class Top:
    """The top of one hop.

    Args:
        hop: Which.
        energy: Of the supercell at the top, eV; None: `why`.
        crystal: There.
        steps: Evaluations.
        force: Largest force left, eV/angstrom.
        why: Why there is none.
        seed: Of the displacement.
    """

    hop: Hop
    energy: float | None
    crystal: Crystal | None = None
    steps: int = 0
    force: float = 0.0
    why: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Migration:
    """How lithium crosses a crystal.

    Args:
        barriers: In one, two and three dimensions, eV; None: not known; infinite: no way.
        tops: Of the distinct hops, in the order of the network.
        sites: Energy of the vacancy on each kind of site, eV, of the supercell.
        atoms: In the supercell.
        dimensions: In which the hops cross the crystal.
        why: Why barriers are not known.
        method: What made it.
    """

    barriers: tuple[float | None, ...]
    tops: tuple[Top, ...]
    sites: dict[int, float]
    atoms: int
    dimensions: int
    why: str = ""
    method: str = ""


def midpoints(
    crystal: Crystal,
    potential: Batched,
    *,
    seed: int = 0,
    fmax: float = FORCE,
    steps: int = STEPS,
    progress: Progress = silent,
) -> Migration:
    """Barriers of a crystal by the midpoints of its distinct hops.

    Args:
        crystal: At rest under the potential; its cell stays.
        potential: Energies and forces.
        seed: Of the displacements.
        fmax: Largest force at rest, eV/angstrom.
        steps: Of one relaxation.
        progress: Told of each relaxation.

    Raises:
        MissingProperty: No lithium, or no way through.
        DataError: Too many distinct hops, or too large a cell.
        MissingExtra: spglib is not installed.
    """
    net, potential = network(crystal), Forces(potential)
    done, total = 0, len(net.hops) + len(set(net.kinds.values()))
    tops: list[Top] = []
    vacancies = vacant(net, potential, seed, fmax, steps)
    done = total - len(net.hops)
    progress(done, total, "vacancies")
    for hop in net.hops:
        tops.append(_top(net, hop, potential, seed, fmax, steps))
        done += 1
        progress(done, total, "midpoints")
    return gathered(net, tops, vacancies, f"midpoint, {potential.model}")


def gathered(
    net: Network, tops: Sequence[Top], vacancies: dict[int, Rest], method: str
) -> Migration:
    """The barriers that tops and vacancies make; a negative one is no result."""
    sites = {kind: rest.energy for kind, rest in vacancies.items()}
    atoms = round(abs(np.linalg.det(net.supercell))) * len(net.crystal.symbols) - 1
    lost = [f"a vacancy did not come to rest: {r.why}" for r in vacancies.values() if r.why]
    tops = tuple(_checked(net, top, sites) for top in tops)
    why = "; ".join(dict.fromkeys([*lost, *(t.why for t in tops if t.why)]))
    barriers: tuple[float | None, ...] = (None, None, None)
    if not lost:
        barriers = net.barriers([t.energy for t in tops], sites)
    return Migration(barriers, tops, sites, atoms, net.dimensions, why, method)


def _checked(net: Network, top: Top, sites: dict[int, float]) -> Top:
    """A top that lies below an end of its hop is none."""
    ends = max(sites[kind] for kind in net.emptied(top.hop))
    if top.energy is None or top.energy >= ends:
        return top
    why = f"a top {ends - top.energy:.2f} eV below an end of its hop"
    return replace(top, energy=None, why=why)


def vacant(
    net: Network, potential: Batched, seed: int, fmax: float = FORCE, steps: int = STEPS
) -> dict[int, Rest]:
    """The vacancy on each kind of site that the hops touch, at rest."""
    starts: dict[int, Crystal] = {}
    for hop in net.hops:
        start, way = net.ends(hop)
        empty, filled = net.emptied(hop)
        starts.setdefault(empty, start)
        starts.setdefault(filled, _shifted(start, way))
    displaced = (rattled(c, seed + k) for k, c in enumerate(starts.values()))
    rests = dict(relax(displaced, potential, fmax=fmax, steps=steps, cells=False))
    return {kind: rests[k] for k, kind in enumerate(starts)}


def _top(net: Network, hop: Hop, potential: Batched, seed: int, fmax: float, steps: int) -> Top:
    start, way = net.ends(hop)
    middle, normal = _shifted(start, 0.5 * way), way / float(np.linalg.norm(way))
    held = Held(potential, normal, farthest(middle))
    middle = rattled(middle, seed, held.kept)
    [(_, rest)] = relax([middle], held, fmax=fmax, steps=steps, cells=False)
    why = rest.why and f"midpoint: {rest.why}" or crowded(rest.crystal)
    energy = None if why else rest.energy
    return Top(hop, energy, rest.crystal, rest.steps, rest.force, why, seed)


@dataclass(frozen=True)
class Held:
    """A potential under which the first atom stays in a plane and another one where it is.

    Args:
        potential: The free one.
        normal: Of the plane, of length one.
        fixed: Number of the other atom.
    """

    potential: Batched
    normal: Array
    fixed: int

    @property
    def model(self) -> str:
        """That of the potential."""
        return self.potential.model

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        """The same energies, with the forces of the two held back."""
        return [self._projected(p) for p in self.potential.many(crystals)]

    def _projected(self, point: Point) -> Point:
        return Point(point.energy, self.kept(np.array(point.forces)), point.stress)

    def kept(self, rows: Array) -> Array:
        """What is left of vectors, one an atom, under both constraints; in place."""
        rows[0] -= (rows[0] @ self.normal) * self.normal
        rows[self.fixed] = 0.0
        return rows


def farthest(crystal: Crystal) -> int:
    """The atom farthest from the first."""
    return int(np.argmax(np.linalg.norm(_apart(crystal, 0), axis=1)))


def _apart(crystal: Crystal, atom: int) -> Array:
    """From one atom to the nearest images of all, angstrom, in a reduced cell."""
    at = np.array(crystal.positions)
    away = at - at[atom]
    return (away - np.rint(away)) @ crystal.matrix


def rattled(crystal: Crystal, seed: int, kept: Callable[[Array], Array] | None = None) -> Crystal:
    """Every atom displaced by `DISPLACED`, by a seed.

    Args:
        crystal: At its symmetric place.
        seed: Of the displacements.
        kept: What constraints leave of them; None: all.
    """
    moves = np.random.default_rng(seed).standard_normal((len(crystal.symbols), 3))
    moves *= DISPLACED / np.linalg.norm(moves, axis=1, keepdims=True)
    moves = moves if kept is None else kept(moves)
    shifted = np.array(crystal.positions) + moves @ np.linalg.inv(crystal.matrix)
    return Crystal.of_arrays(crystal.matrix, crystal.symbols, shifted)


def _shifted(crystal: Crystal, way: Array) -> Crystal:
    """The first atom moved."""
    at = np.array(crystal.positions)
    at[0] += way @ np.linalg.inv(crystal.matrix)
    return Crystal.of_arrays(crystal.matrix, crystal.symbols, at)


def crowded(crystal: Crystal) -> str:
    """Two atoms too close to each other, in words; empty: none."""
    from ase.data import atomic_numbers, covalent_radii

    radii = np.array([covalent_radii[atomic_numbers[s]] for s in crystal.symbols])
    for k in range(len(radii)):
        apart = np.linalg.norm(_apart(crystal, k), axis=1)
        apart[k] = np.inf
        near = apart < NEAREST * (radii + radii[k])
        if near.any():
            other = int(np.argmin(apart))
            pair = f"{crystal.symbols[k]} and {crystal.symbols[other]}"
            return f"{pair} {apart[other]:.2f} angstrom apart"
    return ""
