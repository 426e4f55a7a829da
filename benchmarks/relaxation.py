"""Relaxation of many small cells: the pool beside ASE's loop, on a processor or a GPU.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/relaxation.py [cells] [device]

Decorated structure types, every atom displaced by 0.1 angstrom, to 0.05 eV/angstrom. Both sides use
the same weights, on the same device, and FIRE; ASE's loop is its FIRE on a Frechet cell filter with
the calculator that CHGNet ships, one cell after the other, one thread of BLAS. Processor time on a
processor, wall time on a GPU (`cuda`). Told: the ratio, and how many cells end within 1 meV/atom of
each other; the two may fall into different minima.
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.decoration import decorate
from anolyte.atoms.graph_net.network import import_torch
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import Chgnet

METALS, ANIONS = ("Na", "Mg", "Al", "Y", "Zr", "Si", "P"), ("F", "Cl", "O", "S")
FMAX, MOST, DISPLACED = 0.05, 300, 0.1


def cells(count: int) -> list[Crystal]:
    """Every so many of the decorated types, rattled."""
    everything = [crystal for _, crystal in decorate(METALS, ANIONS)]
    chosen = everything[:: max(len(everything) // count, 1)][:count]
    draws = np.random.default_rng(0)
    found = []
    for crystal in chosen:
        moves = draws.normal(size=(len(crystal.symbols), 3))
        moves *= DISPLACED / np.linalg.norm(moves, axis=1, keepdims=True)
        shift = moves @ np.linalg.inv(np.array(crystal.lattice))
        places = np.array(crystal.positions) + shift
        found.append(Crystal.of_arrays(np.array(crystal.lattice), crystal.symbols, places))
    return found


def by_ase(crystals: list[Crystal], potential: Chgnet, device: str) -> list[float]:
    """eV/atom, one after the other."""
    from ase.filters import FrechetCellFilter
    from ase.optimize import FIRE
    from chgnet.model.dynamics import CHGNetCalculator
    from pymatgen.io.ase import AseAtomsAdaptor

    calculator = CHGNetCalculator(potential._network, use_device=device)
    found = []
    for crystal in crystals:
        atoms = AseAtomsAdaptor.get_atoms(crystal.pymatgen())
        atoms.calc = calculator
        FIRE(FrechetCellFilter(atoms), logfile=None).run(fmax=FMAX, steps=MOST)
        found.append(float(atoms.get_potential_energy()) / len(atoms))
    return found


def pooled(crystals: list[Crystal], potential: Chgnet, atoms: int) -> list[float]:
    """eV/atom, together; NaN where a cell was given up."""
    found = np.full(len(crystals), np.nan)
    for number, rest in relax(crystals, potential, FMAX, MOST, atoms):
        found[number] = rest.energy / len(crystals[number].symbols)
    return found.tolist()


def main(count: int, device: str) -> None:
    """Print both times and their ratio."""
    import_torch().set_num_threads(1)
    clock = time.process_time if device == "cpu" else time.perf_counter
    crystals, potential = cells(count), Chgnet(device=device)
    potential.many(crystals[:2])  # loads the weights
    began = clock()
    theirs = by_ase(crystals, potential, device)
    ase_s, began = clock() - began, clock()
    ours = pooled(crystals, potential, 100 if device == "cpu" else 4000)
    pool_s = clock() - began
    off = np.abs(np.array(ours) - theirs)
    atoms = np.mean([len(c.symbols) for c in crystals])
    print(f"{len(crystals)} cells of {atoms:.1f} atoms on {device}")
    print(f"ASE {ase_s:.1f} s, pool {pool_s:.1f} s: {ase_s / pool_s:.2f} times as fast")
    lower = int((np.array(ours) < np.array(theirs) - 1e-3).sum())
    higher = int((np.array(ours) > np.array(theirs) + 1e-3).sum())
    print(
        f"the pool ended lower in {lower} and higher in {higher}, by "
        f"{1e3 * float(np.nanmedian(np.array(ours) - theirs)):+.1f} meV/atom in the median"
    )
    print(f"{int((off < 1e-3).sum())} of {len(crystals)} within 1 meV/atom, "
          f"{int(np.isnan(off).sum())} given up by the pool")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24, sys.argv[2] if sys.argv[2:] else "cpu")
