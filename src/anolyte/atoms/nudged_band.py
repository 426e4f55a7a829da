r"""The lowest pass between two neighbouring sites, by a nudged elastic band with a climbing image.

Images of the supercell between both vacancies at rest feel the force of the potential across the
path and springs along it; the highest one climbs,

$$ F_i = -\nabla E_\perp + k\,(|x_{i+1} - x_i| - |x_i - x_{i-1}|)\,\hat\tau_i, \qquad
   F_\mathrm{top} = -\nabla E + 2\,(\nabla E \cdot \hat\tau)\,\hat\tau $$

with the tangent $\hat\tau$ toward the higher neighbour. The path starts as a straight line or so
that the distances of all pairs change evenly (image-dependent pair potential), displaced by a
recorded seed, and all images of all bands go through the potential together.

Range: that of the potential and of `atoms.hops`; the pass found is the one nearest to the start.

Sources: Henkelman and Jónsson 2000 (tangent), Henkelman, Uberuaga and Jónsson 2000 (climbing
image), Smidstrup et al. 2014 (pair distances), Bitzek et al. 2006 (FIRE); all from memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.forces import Forces
from anolyte.atoms.hops import Hop, Network, network
from anolyte.atoms.midpoint import Migration, Top, crowded, gathered, rattled
from anolyte.atoms.pool import MOST_ATOMS, STRONGEST, Batched, Rest, relax
from anolyte.atoms.potentials import Point
from anolyte.core.progress import Progress, silent

Array = NDArray[np.float64]
IMAGES = 5
SPRING = 0.1
"""eV/angstrom^2."""
FORCE = 0.05
"""Largest force on an image at rest, eV/angstrom."""
REST = 0.03
"""The same of an end."""
CLIMB = 0.5
"""Force below which the highest image begins to climb, eV/angstrom."""
STEPS = 300
LONGEST = 0.2
"""Step of an atom, angstrom."""
DISPLACED = 0.1
"""Of every atom of the images between, angstrom."""


@dataclass
class Fire:
    """Moves along forces: faster while they push on, from rest when they push back.

    >>> walk, x = Fire(), np.array([[1.0, 0.0, 0.0]])
    >>> for _ in range(60):
    ...     x = x + walk.step(-x)
    >>> bool(np.linalg.norm(x) < 1e-3)
    True
    """

    step_time: float = 0.1
    mixing: float = 0.1
    uphill_free: int = 0
    velocity: Array | None = None

    def step(self, force: Array) -> Array:
        """The move under a force; no atom farther than `LONGEST`."""
        v: Array = np.zeros_like(force) if self.velocity is None else self.velocity
        if float((v * force).sum()) > 0.0:
            size = np.sqrt((v**2).sum() / (force**2).sum())
            v = (1.0 - self.mixing) * v + self.mixing * size * force
            self.uphill_free += 1
            if self.uphill_free > 5:
                self.step_time = min(1.1 * self.step_time, 1.0)
                self.mixing *= 0.99
        else:
            v, self.uphill_free, self.mixing = np.zeros_like(force), 0, 0.1
            if self.velocity is not None:
                self.step_time *= 0.5
        v = v + self.step_time * force
        self.velocity, move = v, self.step_time * v
        return move * min(1.0, LONGEST / max(float(np.linalg.norm(move, axis=-1).max()), 1e-12))


def band_forces(
    path: Array, energies: Array, forces: Array, climbing: bool, spring: float = SPRING
) -> Array:
    """Forces on the images between the ends.

    Args:
        path: All images with both ends, cartesian (images + 2, atoms, 3).
        energies: Of all (images + 2).
        forces: Of those between (images, atoms, 3).
        climbing: Whether the highest one climbs.
        spring: Stiffness.
    """
    ways = np.diff(path, axis=0)
    top = int(np.argmax(energies[1:-1]))
    found = np.empty_like(forces)
    for k, force in enumerate(forces):
        low, here, high = energies[k : k + 3]
        tangent = _tangent(ways[k], ways[k + 1], low - here, high - here)
        along = float((force * tangent).sum())
        if climbing and k == top:
            found[k] = force - 2.0 * along * tangent
        else:
            stretch = float(np.linalg.norm(ways[k + 1]) - np.linalg.norm(ways[k]))
            found[k] = force + (spring * stretch - along) * tangent
    return found


def _tangent(before: Array, after: Array, low: float, high: float) -> Array:
    """Toward the higher neighbour; at an extremum a mixture that turns without a jump."""
    if low < 0.0 < high:
        way = after
    elif high < 0.0 < low:
        way = before
    else:
        most, least = max(abs(low), abs(high)), min(abs(low), abs(high))
        way = after * most + before * least if high > low else after * least + before * most
    return way / max(float(np.linalg.norm(way)), 1e-12)


@dataclass
class Band:
    """A band on its way.

    Args:
        start: Its first end, at rest.
        path: All images with both ends, cartesian and unwrapped (images + 2, atoms, 3).
        ends: Energies of both ends, eV.
    """

    start: Crystal
    path: Array
    ends: tuple[float, float]
    climbing: bool = False
    steps: int = 0
    walk: Fire = field(default_factory=Fire)
    energies: Array = field(default_factory=lambda: np.zeros(0))
    force: float = float("inf")
    why: str = ""

    @property
    def top(self) -> tuple[float, int]:
        """The highest energy, eV, and its image; the ends count."""
        return float(self.energies.max()), int(self.energies.argmax())

    def crystals(self) -> list[Crystal]:
        """The images between the ends."""
        inverse, symbols = np.linalg.inv(self.start.matrix), self.start.symbols
        return [Crystal.of_arrays(self.start.matrix, symbols, x @ inverse) for x in self.path[1:-1]]

    def advance(self, points: Sequence[Point], fmax: float, steps: int) -> bool:
        """A step of all images; whether there is another one to come."""
        self.energies = np.array([self.ends[0], *(p.energy for p in points), self.ends[1]])
        forces = np.array([p.forces for p in points])
        strongest = float(np.linalg.norm(forces, axis=2).max())
        if not (np.isfinite(strongest) and strongest < STRONGEST):
            self.why = f"a force of {strongest:.0f} eV/angstrom"
            return False
        moved = band_forces(self.path, self.energies, forces, self.climbing)
        self.force = float(np.linalg.norm(moved, axis=2).max())
        self.steps += 1
        if self.force < fmax and self.climbing:
            return False
        if self.steps >= steps:
            self.why = f"a force of {self.force:.2f} eV/angstrom after {steps} steps"
            return False
        self.climbing = self.climbing or self.force < max(CLIMB, fmax)
        self.path[1:-1] += self.walk.step(moved)
        return True


def between(start: Rest, end: Rest, way: Array, images: int = IMAGES, seed: int = 0) -> Band:
    """A band between two ends at rest.

    Args:
        start, end: With their atoms in the same order.
        way: About how far each atom goes, angstrom (atoms, 3); tells the image of its end.
        images: Between the ends.
        seed: Of the displacement of the images.
    """
    lattice = start.crystal.matrix
    first = np.array(start.crystal.positions)
    moves = np.array(end.crystal.positions) - first - way @ np.linalg.inv(lattice)
    moves = (moves - np.rint(moves)) @ lattice + way
    moves -= moves[1:].mean(axis=0)  # the frame as a whole may have slid while it came to rest
    shares = np.linspace(0.0, 1.0, images + 2)[:, None, None]
    path = first @ lattice + shares * moves
    path = even_distances(path, lattice)
    noise = np.random.default_rng(seed).standard_normal((images, *first.shape))
    path[1:-1] += DISPLACED * noise / np.linalg.norm(noise, axis=2, keepdims=True)
    return Band(start.crystal, path, (start.energy, end.energy))


def even_distances(path: Array, lattice: Array, reach: float = 4.0, steps: int = 200) -> Array:
    """A path along which the distances of the first atom change evenly from end to end.

    Args:
        path: All images with both ends, cartesian (images + 2, atoms, 3).
        lattice: Rows, angstrom.
        reach: Of the distances that count, angstrom.
        steps: At most.
    """
    others, images = path[:, 1:], len(path)
    away = others - path[:, :1]
    nearest = away - np.rint(away @ np.linalg.inv(lattice)) @ lattice
    start, end = (np.linalg.norm(nearest[k], axis=1) for k in (0, -1))
    near = np.flatnonzero((start < reach) | (end < reach))
    shares = np.linspace(0.0, 1.0, images)[1:-1, None]
    wanted = (1.0 - shares) * start[near] + shares * end[near]
    walk, path = Fire(), path.copy()
    for _ in range(steps):
        ways = path[1:-1, 1:][:, near] - path[1:-1, :1]
        ways -= np.rint(ways @ np.linalg.inv(lattice)) @ lattice
        apart = np.maximum(np.linalg.norm(ways, axis=2), 0.1)
        miss = apart - wanted
        slope = 2.0 * miss / apart**4 - 4.0 * miss**2 / apart**5
        force = (slope / apart)[:, :, None] * ways
        energies = np.pad((miss**2 / apart**4).sum(axis=1), 1)
        first = band_forces(path[:, :1], energies, force.sum(axis=1)[:, None, :], False)
        if float(np.linalg.norm(first, axis=2).max()) < 0.01:
            break
        path[1:-1, :1] += walk.step(first)
    return path


def settle(
    bands: Sequence[Band], potential: Batched, fmax: float = FORCE, steps: int = STEPS
) -> Iterator[Band]:
    """Bring bands to rest, all of them together.

    Args:
        bands: They are moved in place.
        potential: Energies and forces of many crystals at once.
        fmax: Largest force on an image at rest, eV/angstrom.
        steps: After which a band is given up.

    Yields:
        Bands as they end; with `why` where they did not come to rest.
    """
    walking = list(bands)
    while walking:
        images = [band.crystals() for band in walking]
        points = iter(potential.many([c for some in images for c in some]))
        held = []
        for band, some in zip(walking, images, strict=True):
            if band.advance([next(points) for _ in some], fmax, steps):
                held.append(band)
            else:
                yield band
        walking = held


def passes(
    crystal: Crystal,
    potential: Batched,
    *,
    images: int = IMAGES,
    seed: int = 0,
    fmax: float = FORCE,
    steps: int = STEPS,
    atoms: int = MOST_ATOMS,
    progress: Progress = silent,
) -> Migration:
    """Barriers of a crystal by bands over its distinct hops.

    Args:
        crystal: At rest under the potential; its cell stays.
        potential: Energies and forces.
        images: Between the ends.
        seed: Of the displacements.
        fmax: Largest force on an image at rest, eV/angstrom.
        steps: Of one band.
        atoms: In one forward pass; more on a device.
        progress: Told of each band.

    Raises:
        MissingProperty: No lithium, or no way through.
        DataError: Too many distinct hops, or too large a cell.
        MissingExtra: spglib is not installed.
    """
    net, potential = network(crystal), Forces(potential, atoms)
    bands, lost, rests = {}, {}, {}
    for number, hop in enumerate(net.hops):
        start, end, way = _ends(net, hop, potential, seed + number, min(REST, fmax))
        for kind, rest in zip(net.emptied(hop), (start, end), strict=True):
            if kind not in rests or rest.energy < rests[kind].energy:
                rests[kind] = rest
        if why := start.why or end.why:
            lost[number] = f"an end of a hop: {why}"
        else:
            bands[number] = between(start, end, way, images, seed + number)
    progress(0, len(bands), "bands")
    for done, _ in enumerate(settle(list(bands.values()), potential, fmax, steps), 1):
        progress(done, len(bands), "bands")
    tops = [
        _top(hop, bands[n], seed + n) if n in bands else Top(hop, None, why=lost[n], seed=seed + n)
        for n, hop in enumerate(net.hops)
    ]
    return gathered(net, tops, rests, f"nudged elastic band, {potential.model}")


def _ends(
    net: Network, hop: Hop, potential: Batched, seed: int, fmax: float
) -> tuple[Rest, Rest, Array]:
    """Both vacancies of a hop at rest, and about how far each atom goes."""
    start, step = net.ends(hop)
    way = np.zeros((len(start.symbols), 3))
    way[0] = step
    at = np.array(start.positions) + way @ np.linalg.inv(start.matrix)
    end = Crystal.of_arrays(start.matrix, start.symbols, at)
    both = (rattled(c, seed + k) for k, c in enumerate((start, end)))
    rests = dict(relax(both, potential, fmax=fmax, cells=False))
    return rests[0], rests[1], way


def _top(hop: Hop, band: Band, seed: int) -> Top:
    energy, place = band.top
    at_end = place in (0, len(band.path) - 1)
    crystal = band.start if at_end else band.crystals()[place - 1]
    why = f"band: {band.why}" if band.why else crowded(crystal)
    return Top(hop, None if why else energy, crystal, band.steps, band.force, why, seed)
