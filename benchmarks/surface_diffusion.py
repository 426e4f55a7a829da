"""Diffusion of lithium near a surface of Li2O against the bulk, beside the barrier of its hop.

    OMP_NUM_THREADS=1 python benchmarks/surface_diffusion.py STATE.npz [steps] [barrier/eV]

A slab with two (111) faces and the bulk in the same orientation, both short of lithium by the
same share, at three temperatures, all moving together. A run that was stopped goes on from its
file; more steps make a finished one longer.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from anolyte.atoms import structures
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.diffusion import NearSurface, arrhenius, diffusivity, ratio, slab_and_bulk
from anolyte.atoms.dynamics import Settings, Start, run
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import AnolyteError
from anolyte.core.progress import lines, with_time_left

TEMPERATURES = (1000.0, 1300.0, 1600.0)
LAGS = (60.0, 140.0)  # fs
SKIP = 100.0
DEPTH = 3.0  # angstrom


def main(place: Path, steps: int, barrier: float | None) -> None:
    """Coefficients, ratios, and the line over temperature."""
    begun = time.process_time()
    potential = Chgnet()
    described = next(p for p in structures.load() if p.name == "Li2O")
    [(_, rest)] = relax([Crystal.of(described.structures(1)[0])], potential, fmax=0.01)
    slab, bulk = slab_and_bulk(rest.crystal, (1, 0, 0), thickness=6.0, width=5.5)
    print(f"slab {slab.formula}, {len(slab.symbols)} atoms; bulk {len(bulk.symbols)} atoms")
    starts = [Start(c, t, n) for n, c in (("slab", slab), ("bulk", bulk)) for t in TEMPERATURES]
    runs = run(starts, potential, Settings(steps, 2.0, 0.01, 5), checkpoint=place,
               progress=with_time_left(lines))  # fmt: skip
    near = NearSurface(DEPTH)
    found: dict[str, list] = {"surface": [], "bulk": []}
    for t in runs:
        name = "surface" if t.start.name == "slab" else "bulk"
        region = near if name == "surface" else None
        heat = t.temperatures[len(t.temperatures) // 2 :].mean()
        try:
            d = diffusivity(t, LAGS, region=region, axes=(0, 1), skip=SKIP, blocks=4, name=name)
        except AnolyteError as error:
            print(f"{name} {t.start.temperature:.0f} K: {error}")
            continue
        found[name].append(d)
        print(f"{name}: {d}; {d.value:.2g} ± {d.error:.1g}, {d.jumps:.1f} jumps, at {heat:.0f} K")
    for one, other in zip(found["surface"], found["bulk"], strict=False):
        print("surface over bulk:", ratio(one, other))
    for name, some in found.items():
        line = arrhenius(some)
        agrees = "" if barrier is None else f"; agrees with the band: {line.agrees(barrier, 0.15)}"
        print(f"{name}: {line}{agrees}")
    print(f"{time.process_time() - begun:.0f} CPU s, {steps} steps")


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 300,
        float(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
