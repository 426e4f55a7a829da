"""Barriers of lithium by bond valence, midpoints and bands, beside published ones.

    OMP_NUM_THREADS=1 python benchmarks/migration_barriers.py [seed] [name ...]

Cells are relaxed by the potential first. One line a material: one, two, three dimensions, eV; CPU
seconds, one thread.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from anolyte.atoms import structures
from anolyte.atoms.bond_valence import landscape
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.midpoint import Migration, midpoints
from anolyte.atoms.nudged_band import passes
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import AnolyteError

NAMES = ("LiF", "LiCl", "Li2O", "Li2S", "Li3P", "alpha-Li3N")


def timed(job: Callable[[], tuple[str, tuple[float | None, ...]]]) -> str:
    """What a job says, and its time."""
    begun = time.process_time()
    try:
        note, barriers = job()
    except AnolyteError as error:
        note, barriers = str(error), (None, None, None)
    spent = time.process_time() - begun
    texts = ("unknown" if b is None else f"{b:.3f}" for b in barriers)
    return f"{' '.join(texts)} ({spent:.0f} s) {note}"


def told(found: Migration) -> tuple[str, tuple[float | None, ...]]:
    """Barriers and what was done for them."""
    low = min(found.sites.values())
    tops = ", ".join(
        f"{t.hop.length:.2f} A: "
        + (t.why if t.energy is None else f"{t.energy - low:.3f} after {t.steps}")
        for t in found.tops
    )
    sites = ", ".join(f"{e - low:.3f}" for e in found.sites.values())
    return f"[{found.atoms} atoms; sites {sites}; {tops}]", found.barriers


def main(seed: int, names: tuple[str, ...]) -> None:
    """Three lines a material."""
    potential = Chgnet()
    described = {p.name: p for p in structures.load()}
    for name in names:
        start = Crystal.of(described[name].structures(1)[0])
        [(_, rest)] = relax([start], potential, fmax=0.01)
        crystal = rest.crystal
        print(f"{name}: volume {crystal.volume / start.volume:.3f} of the described one")
        print("  bond valence", timed(lambda c=start: ("", landscape(c).barriers)))
        for what, way in (("midpoint", midpoints), ("band", passes)):
            print(f"  {what}", timed(lambda w=way, c=crystal: told(w(c, potential, seed=seed))))
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0, tuple(sys.argv[2:]) or NAMES)
