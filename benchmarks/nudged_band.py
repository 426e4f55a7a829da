"""Speed of a pooled band beside the loop of ASE: the same ends, start, potential and convergence.

    OMP_NUM_THREADS=1 python benchmarks/nudged_band.py [name ...]

Both start from one path between two relaxed vacancies and end when no force on an image is above
0.08 eV/angstrom, under FIRE with a climbing image. ASE takes the calculator that ships with the
potential, as its users do. CPU seconds, one thread, interleaved; user and system time together.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from anolyte.atoms import structures
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.forces import Forces
from anolyte.atoms.hops import network
from anolyte.atoms.midpoint import rattled
from anolyte.atoms.nudged_band import Band, between, settle
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import Chgnet

FORCE = 0.08


def start_of(name: str, potential: Forces) -> Band:
    """A path between both vacancies of the first hop of a described crystal."""
    described = next(p for p in structures.load() if p.name == name)
    net = network(Crystal.of(described.structures(1)[0]))
    start, step = net.ends(net.hops[0])
    way = np.zeros((len(start.symbols), 3))
    way[0] = step
    at = np.array(start.positions) + way @ np.linalg.inv(start.matrix)
    end = Crystal.of_arrays(start.matrix, start.symbols, at)
    both = [rattled(start, 0), rattled(end, 1)]
    rests = dict(relax(both, potential, fmax=0.03, cells=False))
    return between(rests[0], rests[1], way)


def peers(band: Band, network: Any) -> tuple[float, int, float]:
    """ASE's seconds, steps and top, eV above the first end."""
    from ase import Atoms
    from ase.mep import NEB
    from ase.optimize import FIRE
    from chgnet.model.dynamics import CHGNetCalculator

    images = [
        Atoms(band.start.symbols, positions=x, cell=band.start.matrix, pbc=True) for x in band.path
    ]
    for image in images:  # one each over one network, so that nothing is computed twice
        image.calc = CHGNetCalculator(network, use_device="cpu", on_isolated_atoms="ignore")
    quiet: Any = None
    begun = time.process_time()
    chain = NEB(images, climb=True, method="improvedtangent")
    walk = FIRE(chain, logfile=quiet)
    walk.run(fmax=FORCE, steps=300)
    spent = time.process_time() - begun
    energies = [float(image.get_potential_energy()) for image in images]
    return spent, walk.nsteps, max(energies) - band.ends[0]


def main(names: tuple[str, ...]) -> None:
    """A row a material."""
    from chgnet.model.model import CHGNet

    potential = Forces(Chgnet())
    network = CHGNet.load(use_device="cpu", verbose=False)
    print("| hop | atoms | ours / s | steps | top / eV | ASE / s | steps | top / eV | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        band = start_of(name, potential)
        theirs, their_steps, their_top = peers(band, network)
        begun = time.process_time()
        [done] = settle([band], potential, FORCE)
        ours = time.process_time() - begun
        print(
            f"| {name} | {len(band.start.symbols)} | {ours:.1f} | {done.steps} "
            f"| {done.top[0] - band.ends[0]:.3f} | {theirs:.1f} | {their_steps} "
            f"| {their_top:.3f} | {theirs / ours:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or ("LiCl", "Li2S"))
