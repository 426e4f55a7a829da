"""A first look at many structures: static energy by the potential, and bond-valence barriers.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/first_look.py [candidates]

Candidates are decorated structure types, every so many of all that the default elements give. One
process, one thread; CPU time. Several cores share candidates without loss (`--engine processes`).
Beside it the plain loops: the potential one crystal at a time by its own `predict_structure`, on
one in twenty of the same crystals. Energies must agree to 1e-4 eV/atom.
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from anolyte.atoms.bond_valence import landscape
from anolyte.atoms.decoration import decorate
from anolyte.atoms.graph_net.made_labels import references, static
from anolyte.atoms.graph_net.network import import_torch
from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import AnolyteError

ANIONS = ("F", "Cl", "Br", "I", "O", "S", "N")
METALS = ("Na", "K", "Mg", "Ca", "Sr", "Ba", "Al", "Y", "La", "Zr", "Zn", "Si", "P", "B", "Ti")


def main(count: int) -> None:
    """Print seconds of the processor."""
    import_torch().set_num_threads(1)
    everything = [crystal for _, crystal in decorate(METALS, ANIONS)]
    crystals = everything[:: max(len(everything) // count, 1)][:count]
    potential = Chgnet()
    static(crystals[:2], potential)  # loads the weights
    began = time.process_time()
    energies = static(crystals, potential).values[:, 0]
    energy_s, began = time.process_time() - began, time.process_time()
    known = 0
    for crystal in crystals:
        try:
            known += bool(np.isfinite(landscape(crystal).barriers).any())
        except AnolyteError:
            continue
    barrier_s = time.process_time() - began
    atoms = np.mean([len(c.symbols) for c in crystals])
    total = energy_s + barrier_s
    print(f"{len(crystals)} candidates of {len(everything)}, {atoms:.1f} atoms on average")
    print(f"static energies {energy_s:.0f} s, {len(crystals) / energy_s:.0f} a second")
    print(f"bond-valence barriers {barrier_s:.0f} s, {known} with a path")
    print(f"together {total:.0f} s of one core")
    _beside(crystals[::20], energies[::20], potential, energy_s / len(crystals))


def _beside(crystals, energies, potential, ours: float) -> None:  # type: ignore[no-untyped-def]
    network, known = potential._network, references()
    cells = [c.pymatgen() for c in crystals]
    began = time.process_time()
    said = [network.predict_structure(cell, task="e")["e"] for cell in cells]
    theirs = (time.process_time() - began) / len(cells)
    shifts = [np.mean([known.get(s, np.nan) for s in c.symbols]) for c in crystals]
    off = np.abs(np.array(said) - shifts - energies)
    assert np.nanmax(off) < 1e-4, f"energies differ by {np.nanmax(off):.1e} eV/atom"
    print(f"one by one {theirs * 1e3:.0f} ms each, ours {ours * 1e3:.0f} ms: {theirs / ours:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
