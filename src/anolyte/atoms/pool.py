r"""Many small cells relaxed together: one forward pass of the network for all of them at each step.

Each cell walks by itself under a limited-memory BFGS in the positions $r_0$ of its undeformed frame
and the deformation gradient F of its cell, with the exact gradient

$$ \frac{\partial E}{\partial r_0} = -f F, \qquad
   \frac{\partial E}{\partial F} = V \sigma F^{-T} $$

(f forces as rows, $\sigma$ stress, tension positive, V volume; F is scaled by the number of atoms).
A cell that has arrived, or is lost, leaves and the next one enters.

Range: as that of the potential. A start that is symmetric stays symmetric: displace it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.potentials import VOLUME_BOUNDS, Point

Array = NDArray[np.float64]
STIFFNESS = 70.0
"""Of the first step, eV/angstrom^2."""
LONGEST = 0.2
"""Step, angstrom."""
STRONGEST = 50.0
"""Force above which a cell is lost, eV/angstrom."""
MEMORY = 30
MOST_ATOMS = 160
"""Atoms in one forward pass: larger ones gain nothing on a processor."""


class Batched(Protocol):
    """Many structures to their energies, forces and stresses."""

    @property
    def model(self) -> str:
        """Name and version."""
        ...

    def many(self, crystals: Sequence[Crystal]) -> Sequence[Point]:
        """In the order of the crystals."""
        ...


@dataclass(frozen=True)
class Rest:
    """The end of a relaxation.

    Args:
        crystal: As it came to rest.
        energy: eV of the cell.
        steps: Evaluations.
        force: Largest generalised force, eV/angstrom.
        why: Why it is no minimum; empty: it is one.
    """

    crystal: Crystal
    energy: float
    steps: int
    force: float
    why: str = ""


@dataclass
class _Walk:
    """One cell on its way."""

    start: Crystal
    frame: Array  # undeformed lattice
    x: Array  # positions in the frame, then n F
    cells: bool = True
    steps: int = 0
    last: tuple[Array, Array] | None = None
    pairs: deque[tuple[Array, Array, float]] = field(default_factory=lambda: deque(maxlen=MEMORY))

    @classmethod
    def of(cls, crystal: Crystal, cells: bool = True) -> _Walk:
        count = len(crystal.symbols)
        cartesian = np.array(crystal.positions) @ crystal.matrix
        return cls(crystal, crystal.matrix, np.vstack([cartesian, count * np.eye(3)]), cells)

    @property
    def deformation(self) -> Array:
        return self.x[-3:] / len(self.start.symbols)

    def crystal(self) -> Crystal:
        lattice = self.frame @ self.deformation.T
        fractional = self.x[:-3] @ np.linalg.inv(self.frame)
        return Crystal.of_arrays(lattice, self.start.symbols, fractional)

    def gradient(self, point: Point, volume: float) -> Array:
        cell = volume * point.stress @ np.linalg.inv(self.deformation).T / len(self.start.symbols)
        return np.vstack([-point.forces @ self.deformation, cell * self.cells])

    def advance(self, gradient: Array) -> None:
        """A step of limited-memory BFGS, no row longer than `LONGEST`."""
        flat = gradient.ravel()
        if self.last is not None:
            s, y = self.x.ravel() - self.last[0], flat - self.last[1]
            if (bend := float(s @ y)) > 1e-12:
                self.pairs.append((s, y, 1.0 / bend))
        self.last = (self.x.ravel().copy(), flat.copy())
        step, weights = flat.copy(), []
        for s, y, rho in reversed(self.pairs):
            weights.append(rho * float(s @ step))
            step -= weights[-1] * y
        # As stiff as the last step found it, which halves the steps of a fixed stiffness.
        if self.pairs:
            _, y, rho = self.pairs[-1]
            step /= rho * float(y @ y)
        else:
            step /= STIFFNESS
        for (s, y, rho), weight in zip(self.pairs, reversed(weights), strict=True):
            step += s * (weight - rho * float(y @ step))
        move = -step.reshape(self.x.shape)
        longest = float(np.sqrt((move**2).sum(axis=1)).max())
        self.x = self.x + move * min(1.0, LONGEST / max(longest, 1e-12))
        self.steps += 1


def relax(
    crystals: Iterable[Crystal],
    potential: Batched,
    fmax: float = 0.05,
    steps: int = 300,
    atoms: int = MOST_ATOMS,
    cells: bool = True,
) -> Iterator[tuple[int, Rest]]:
    """Relax cells and positions of many crystals.

    Args:
        crystals: Read as there is room.
        potential: Energies, forces, stresses of many at once.
        fmax: Largest generalised force at rest, eV/angstrom.
        steps: Evaluations after which a cell is given up.
        atoms: In one forward pass.
        cells: Whether the cells move too; else the atoms alone.

    Yields:
        Number of the crystal in the stream and where it came to rest, as they finish.
    """
    waiting = enumerate(crystals)
    walks: dict[int, _Walk] = {}
    ahead = next(waiting, None)
    while True:
        held = sum(len(w.start.symbols) for w in walks.values())
        while ahead is not None and (not walks or held + len(ahead[1].symbols) <= atoms):
            walks[ahead[0]] = _Walk.of(ahead[1], cells)
            held += len(ahead[1].symbols)
            ahead = next(waiting, None)
        if not walks:
            return
        now = {number: walk.crystal() for number, walk in walks.items()}
        for number, point in zip(now, potential.many(list(now.values())), strict=True):
            rest = _step(walks[number], now[number], point, fmax, steps)
            if rest is not None:
                del walks[number]
                yield number, rest


def _step(walk: _Walk, crystal: Crystal, point: Point, fmax: float, most: int) -> Rest | None:
    """Move one cell; where it ends, or None while it walks."""
    share = crystal.volume / walk.start.volume
    gradient = walk.gradient(point, crystal.volume)
    force = float(np.sqrt((gradient**2).sum(axis=1)).max())
    why = ""
    if not (np.isfinite(force) and force < STRONGEST):
        why = f"a force of {force:.0f} eV/angstrom"
    elif not VOLUME_BOUNDS[0] < share < VOLUME_BOUNDS[1]:
        why = f"the cell went to {share:.2f} of its start"
    elif force >= fmax:
        if walk.steps < most:
            walk.advance(gradient)
            return None
        why = f"a force of {force:.2f} eV/angstrom after {most} steps"
    return Rest(crystal, point.energy, walk.steps, force, why)
