r"""Molecular dynamics of several crystals together, at one temperature each.

Langevin dynamics in the order B A O A B of Leimkuhler and Matthews (half a push, half a move, the
bath, half a move, half a push),

$$ m\,\dot v = F(x) - m \gamma v + \sqrt{2 m \gamma k_B T}\;\xi(t), \qquad
   v \leftarrow e^{-\gamma \Delta t} v + \sqrt{(1 - e^{-2 \gamma \Delta t})\, k_B T / m}\;\xi $$

which keeps the distribution of positions right to second order. All crystals go through the
potential together. Random numbers come from the seed, the crystal and the number
of the chunk, so a run that was stopped and goes on is the run that was never stopped.

Range: that of the potential; a fixed cell; nuclei as classical bodies. Steps of 1 to 2 fs for
lithium.

Source: Leimkuhler and Matthews 2013 (the order), from memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.forces import Forces
from anolyte.atoms.pool import MOST_ATOMS, STRONGEST, Batched
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.materials import formula

Array = NDArray[np.float64]
BOLTZMANN = 8.617333262e-5
"""eV/K."""
ACCELERATION = 9.648533212e-3
"""angstrom/fs^2 of an eV/angstrom on a dalton."""
CHUNK = 100
"""Steps between two states on disk."""


@dataclass(frozen=True)
class Start:
    """A crystal that is to move.

    Args:
        crystal: Where its atoms start.
        temperature: Of the bath, K.
        name: In words.
    """

    crystal: Crystal
    temperature: float
    name: str = ""


@dataclass(frozen=True)
class Settings:
    """How it moves.

    Args:
        steps: Of the whole run; made up to whole chunks.
        step: fs.
        friction: 1/fs.
        every: Steps between two kept frames; divides `chunk`.
        seed: Of the bath.
        chunk: Steps between two states on disk.
    """

    steps: int
    step: float = 1.5
    friction: float = 0.01
    every: int = 5
    seed: int = 0
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        if self.steps < 1 or self.step <= 0.0 or self.friction < 0.0:
            raise DataError("a run needs steps, a time step above zero and no negative friction")
        if self.every < 1 or self.chunk % self.every:
            raise DataError(f"frames every {self.every} steps do not divide {self.chunk} steps")


@dataclass(frozen=True, eq=False)
class Trajectory:
    """How one crystal moved.

    Args:
        start: From where.
        interval: Between frames, fs.
        frames: Cartesian, not brought back into the cell, angstrom (frames, atoms, 3).
        energies: Of the potential at each frame, eV.
        temperatures: Of the atoms' motion at each frame, K.
        model: The potential.
        seed: Of the bath.
        why: Why it ended early; empty: it did not.
    """

    start: Start
    interval: float
    frames: Array
    energies: Array
    temperatures: Array
    model: str
    seed: int
    why: str = ""


@dataclass
class _Mover:
    """One crystal on its way."""

    start: Start
    x: Array
    v: Array
    masses: Array
    force: Array
    frames: list[Array] = field(default_factory=list)
    numbers: list[tuple[float, float]] = field(default_factory=list)
    why: str = ""

    @classmethod
    def of(cls, start: Start, seed: int) -> _Mover:
        c = start.crystal
        weight = {s: 1e3 * formula.molar_mass({s: 1.0}) for s in set(c.symbols)}
        masses = np.array([weight[s] for s in c.symbols])[:, None]
        x = np.array(c.positions) @ c.matrix
        rng = np.random.default_rng([seed, int(c.digest[:12], 16)])
        spread = np.sqrt(BOLTZMANN * start.temperature * ACCELERATION / masses)
        return cls(start, x, spread * rng.standard_normal(x.shape), masses, np.zeros_like(x))

    def crystal(self) -> Crystal:
        c = self.start.crystal
        return Crystal.of_arrays(c.matrix, c.symbols, self.x @ np.linalg.inv(c.matrix))

    def push(self, time: float) -> None:
        self.v = self.v + time * ACCELERATION * self.force / self.masses

    def drift(self, time: float, friction: float, rng: np.random.Generator) -> None:
        """Half a move, the bath, half a move."""
        kept = np.exp(-friction * time)
        bath = (1.0 - kept**2) * BOLTZMANN * self.start.temperature * ACCELERATION / self.masses
        self.x = self.x + 0.5 * time * self.v
        self.v = kept * self.v + np.sqrt(bath) * rng.standard_normal(self.x.shape)
        self.x = self.x + 0.5 * time * self.v

    def feel(self, energy: float, force: Array) -> float:
        """Take the forces of this place; the energy, and `why` where they are too strong."""
        strongest = float(np.linalg.norm(force, axis=1).max())
        if not (np.isfinite(strongest) and strongest < STRONGEST):
            self.why = f"a force of {strongest:.0f} eV/angstrom"
        self.force = np.asarray(force)
        return energy

    def keep(self, energy: float) -> None:
        kinetic = float((self.masses * self.v**2).mean()) / (ACCELERATION * BOLTZMANN)
        self.frames.append(self.x.copy())
        self.numbers.append((energy, kinetic))


def run(
    starts: Sequence[Start],
    potential: Batched,
    settings: Settings,
    *,
    checkpoint: Path | None = None,
    atoms: int = MOST_ATOMS,
    progress: Progress = silent,
) -> list[Trajectory]:
    """Let crystals move.

    Args:
        starts: All of them move at once.
        potential: Energies and forces of many crystals.
        settings: How.
        checkpoint: A file (.npz) in which the state is kept after each chunk, and from which a
            stopped run goes on; None: nothing is kept.
        atoms: In one forward pass; more on a device.
        progress: Told of each chunk.

    Raises:
        DataError: The file holds another run.
    """
    potential = Forces(potential, atoms)
    movers = [_Mover.of(s, settings.seed) for s in starts]
    name = _key(starts, potential.model, settings)
    done = 0 if checkpoint is None else _restore(checkpoint, name, movers)
    chunks = -(-settings.steps // settings.chunk)
    progress(done, chunks, "chunks")
    while done < chunks:
        _chunk(movers, potential, settings, done)
        done += 1
        if checkpoint is not None:
            _save(checkpoint, name, movers, done)
        progress(done, chunks, "chunks")
    return [_trajectory(m, potential.model, settings) for m in movers]


def _chunk(movers: Sequence[_Mover], potential: Batched, settings: Settings, number: int) -> None:
    """So many steps of all that still move."""
    rngs = [
        np.random.default_rng([settings.seed, int(m.start.crystal.digest[:12], 16), place, number])
        for place, m in enumerate(movers)
    ]
    _felt(movers, potential)
    for step in range(1, settings.chunk + 1):
        for mover, rng in zip(movers, rngs, strict=True):
            if not mover.why:
                mover.push(0.5 * settings.step)
                mover.drift(settings.step, settings.friction, rng)
        energies = _felt(movers, potential)
        for mover, energy in energies:
            mover.push(0.5 * settings.step)
            if step % settings.every == 0:
                mover.keep(energy)


def _felt(movers: Sequence[_Mover], potential: Batched) -> list[tuple[_Mover, float]]:
    """Forces of all that still move, in one forward pass; those that go on, with their energies."""
    moving = [m for m in movers if not m.why]
    if not moving:
        return []
    points = potential.many([m.crystal() for m in moving])
    felt = [(m, m.feel(p.energy, p.forces)) for m, p in zip(moving, points, strict=True)]
    return [(m, e) for m, e in felt if not m.why]


def _trajectory(mover: _Mover, model: str, settings: Settings) -> Trajectory:
    shape = (0, *mover.x.shape)
    numbers = np.array(mover.numbers).reshape(-1, 2)
    return Trajectory(
        mover.start, settings.step * settings.every,
        np.array(mover.frames) if mover.frames else np.zeros(shape),
        numbers[:, 0], numbers[:, 1], model, settings.seed, mover.why,
    )  # fmt: skip


def _key(starts: Sequence[Start], model: str, settings: Settings) -> str:
    """Of all that a run depends on, its length aside: a run may be made longer."""
    s = settings
    parts = [(x.crystal.digest, x.temperature) for x in starts]
    text = repr((parts, model, s.step, s.friction, s.every, s.seed, s.chunk))
    return hashlib.sha256(text.encode()).hexdigest()


def _save(path: Path, name: str, movers: Sequence[_Mover], done: int) -> None:
    """All of it or nothing of it: written beside and put in place."""
    held: dict[str, Array | NDArray[np.str_]] = {
        "run": np.array(name), "done": np.array(float(done))
    }  # fmt: skip
    for k, m in enumerate(movers):
        held |= {
            f"x{k}": m.x, f"v{k}": m.v, f"why{k}": np.array(m.why),
            f"frames{k}": np.array(m.frames).reshape(-1, *m.x.shape),
            f"numbers{k}": np.array(m.numbers).reshape(-1, 2),
        }  # fmt: skip
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **held)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _restore(path: Path, name: str, movers: Sequence[_Mover]) -> int:
    """Set the movers where a file left them; how many chunks it holds."""
    if not path.exists():
        return 0
    try:
        with np.load(path, allow_pickle=False) as held:
            if str(held["run"]) != name:
                raise DataError(
                    f"{path} holds a run of other crystals, temperatures, settings or potential; "
                    "name another file"
                )
            for k, m in enumerate(movers):
                m.x, m.v, m.why = held[f"x{k}"], held[f"v{k}"], str(held[f"why{k}"])
                m.frames = list(held[f"frames{k}"])
                m.numbers = [(float(e), float(t)) for e, t in held[f"numbers{k}"]]
            return int(held["done"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} is no state of a run ({error}); name another file") from None
