r"""Labels for the pre-training, made here: structure types filled with other elements.

    python -m anolyte.atoms.graph_net.made_labels out.npz --count 2000 --seed 0

A type is filled at random with distinct elements whose charges balance and whose anions have no
anion for a nearest neighbour, or with elements that form no anions; the cell is scaled until its
closest contact is a drawn share of the sum of the atomic radii (Slater 1964, as pymatgen tabulates
them). The potential then gives, without relaxation, the energy, written as a formation energy
against the references of the elements,

$$ E_f = \frac{E}{n} - \sum_e x_e \, E_\mathrm{ref}(e) $$

and its own 64 numbers of the crystal. These are labels of a potential, `Target.label_kind` says of
which, and cells far from rest: nothing that was measured, nothing from a first-principles code.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import contextlib
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from anolyte.atoms.anchored import anchors
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.decoration import Prototype, prototypes
from anolyte.atoms.graph_net.graphs import NUMBERS, Graph, graph
from anolyte.atoms.graph_net.network import import_torch
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.atoms.potentials import Chgnet
from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.progress import Progress, lines, silent
from anolyte.materials import charge

MOST_SITES = 12
STRETCH = (0.85, 1.10)
"""Closest contact over the sum of the atomic radii."""
HIGHEST = 0.5
"""eV/atom above the elements: what lies higher is no material."""
WIDEST = 45.0
"""angstrom^3 an atom: what is wider falls apart."""
IONIC = 0.75
"""Share of the draws with one element that forms anions, the others cations."""
PART = 100
"""Crystals that are labelled before all is written again."""
FEATURES = 64
STRONGEST = ("O", "F", "Cl", "Br", "I")
"""Anions beside all else."""
ENERGY, VOLUME = "formation energy", "volume"
WEIGHTS = (1.0, 0.25, *(1.0 / FEATURES for _ in range(FEATURES)))
"""Of the targets in the loss: the energy weighs as much as all features together."""


def references() -> dict[str, float]:
    """Energy of each element that a formation energy of the potential is counted from, eV/atom."""
    return {next(iter(a.share)): a.computed - a.measured for a in anchors() if a.element}


def filled(
    elements: Sequence[str], count: int, seed: int = 0, most: int = MOST_SITES
) -> Iterator[Crystal]:
    """Structure types filled at random, none twice.

    Args:
        elements: What they are filled with.
        count: How many.
        seed: Of the random numbers.
        most: Sites a cell.

    Raises:
        DataError: Elements that fill too few types.
    """
    draws = np.random.default_rng(seed)
    types = [p for p in prototypes(most) if len(p.species) < 4]
    anions = [e for e in elements if e in charge.ANIONS]
    others = [e for e in elements if e not in STRONGEST]
    if len(others) < max(len(p.species) for p in types):
        raise DataError(f"{len(elements)} elements are too few to fill structure types with")
    met: set[tuple[str, str]] = set()
    for _ in range(400 * count):
        if len(met) == count:
            return
        kind = types[draws.integers(len(types))]
        chosen = draws.choice(others, len(kind.species), replace=False)
        if anions and draws.random() < IONIC:
            chosen[draws.integers(len(chosen))] = draws.choice(anions)
        crystal = _filled(kind, chosen.tolist(), float(draws.uniform(*STRETCH)))
        if crystal is not None and (kind.tag, crystal.formula) not in met:
            met.add((kind.tag, crystal.formula))
            yield crystal
    raise DataError(f"{len(elements)} elements fill only {len(met)} of {count} crystals")


def label(
    crystals: Sequence[Crystal],
    potential: Chgnet | None = None,
    batch: int = 8,
    progress: Progress = silent,
) -> Labelled:
    """Static energies, volumes and features of crystals, those of materials only.

    Args:
        crystals: Of elements that have a reference energy.
        potential: None: CHGNet with its checked weights.
        batch: Crystals a forward pass.
        progress: Told of every pass.
    """
    found = static(crystals, potential, batch, progress)
    usual = np.isfinite(found.values).all(axis=1) & (found.values[:, 0] < HIGHEST)
    return found.take(np.flatnonzero(usual))


def static(
    crystals: Sequence[Crystal],
    potential: Chgnet | None = None,
    batch: int = 8,
    progress: Progress = silent,
) -> Labelled:
    """The same of every crystal; NaN where an element has no reference energy."""
    potential = potential or Chgnet()
    known, values = references(), []
    for i in range(0, len(crystals), batch):
        part = crystals[i : i + batch]
        for crystal, (energy, features) in zip(part, _static(potential, part), strict=True):
            shift = np.mean([known.get(s, np.nan) for s in crystal.symbols])
            values.append([energy - shift, crystal.volume / len(crystal.symbols), *features])
        progress(i + len(part), len(crystals), "labels")
    formulas = tuple(c.formula for c in crystals)
    shape = (len(crystals), FEATURES + 2)
    return Labelled(
        formulas, targets(potential.model), np.array(values).reshape(shape), tuple(crystals)
    )


def joined(first: Labelled, second: Labelled) -> Labelled:
    """The rows of both."""
    return Labelled(
        first.formulas + second.formulas, first.targets,
        np.vstack([first.values, second.values]), first.crystals + second.crystals,
    )  # fmt: skip


def targets(model: str) -> tuple[Target, ...]:
    """What the pre-training learns, with the potential that says so."""
    kind = f"ML ({model})"
    features = (Target(f"feature {k}", "1", kind) for k in range(FEATURES))
    return (Target(ENERGY, "eV/atom", kind), Target(VOLUME, "angstrom^3/atom", kind), *features)


def write(path: Path, data: Labelled) -> None:
    """Keep labels; plain arrays and JSON, nothing that can run."""
    card = {
        "targets": [[t.name, t.unit, t.label_kind] for t in data.targets],
        "crystals": [[c.lattice, c.symbols, c.positions] for c in data.crystals],
        "digest": data.digest,
    }
    with path.open("wb") as file:
        np.savez_compressed(file, values=data.values, card=np.array(json.dumps(card)))


def read(path: Path) -> Labelled:
    """Labels that were kept.

    Raises:
        DataError: Not such a file, or one that was changed.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            card, values = json.loads(str(file["card"])), file["values"]
        crystals = tuple(_crystal(*c) for c in card["crystals"])
        found = tuple(Target(*t) for t in card["targets"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} does not hold labels: {error}") from None
    data = Labelled(tuple(c.formula for c in crystals), found, values, crystals)
    if data.digest != card["digest"]:
        raise DataError(f"{path}: the labels are not those that were written; make them again")
    return data


def _crystal(lattice: Any, symbols: Any, positions: Any) -> Crystal:
    return Crystal.of_arrays(np.array(lattice), tuple(symbols), np.array(positions))


def _filled(kind: Prototype, chosen: Sequence[str], stretch: float) -> Crystal | None:
    """A type with these elements; None: they do not suit it."""
    names = dict(zip(kind.species, chosen, strict=True))
    symbols = tuple(names[s] for s in kind.sites)
    if len(set(chosen)) < len(chosen) or not _balanced(symbols):
        return None
    lattice, positions = np.array(kind.lattice), np.array(kind.positions)
    try:
        near = graph(Crystal.of_arrays(lattice, symbols, positions))
    except AnolyteError:
        return None
    if _crowded(near, symbols):
        return None
    radius = np.array([_radius(s) for s in symbols])
    scale = stretch * float(((radius[near.at] + radius[near.to]) / near.lengths).max())
    crystal = Crystal.of_arrays(lattice * scale, symbols, positions)
    return crystal if crystal.volume < WIDEST * len(symbols) else None


def _crowded(near: Graph, symbols: Sequence[str]) -> bool:
    """Whether the nearest neighbour of an anion is an anion."""
    anion = np.array([s in charge.ANIONS for s in symbols])
    nearest = np.full(len(symbols), np.inf)
    np.minimum.at(nearest, near.at, near.lengths)
    bond = near.lengths < nearest[near.at] + 0.01
    return bool((anion[near.at] & anion[near.to] & bond).any())


def _balanced(symbols: Sequence[str]) -> bool:
    """Metals alone, or usual charges that add up to nothing."""
    if not set(symbols) & set(charge.ANIONS):
        return True
    try:
        return charge.imbalance({e: float(symbols.count(e)) for e in set(symbols)}) == 0.0
    except AnolyteError:
        return False


@lru_cache(maxsize=256)
def _radius(symbol: str) -> float:
    """Slater's atomic radius, angstrom."""
    from pymatgen.core import Element

    return float(Element(symbol).atomic_radius or 1.5)


def _static(potential: Chgnet, crystals: Sequence[Crystal]) -> Iterator[tuple[float, Any]]:
    """Energy an atom and features of each."""
    with contextlib.redirect_stdout(sys.stderr):  # it says how large it is when it is loaded
        network = potential._network
    graphs = [network.graph_converter(c.pymatgen()) for c in crystals]
    with import_torch().no_grad():  # no forces: nothing has to be kept for them
        answer = network.predict_graph(
            graphs, task="e", return_crystal_feas=True, batch_size=len(graphs)
        )
    for found in [answer] if len(graphs) == 1 else answer:
        yield float(found["e"]), np.asarray(found["crystal_fea"], dtype=float).ravel()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line of the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--elements", default="", help="as Li,P,S; else all with a reference")
    chosen = parser.parse_args(arguments)
    usable = sorted(references(), key=NUMBERS.__getitem__)
    elements = [e for e in chosen.elements.split(",") if e] or usable
    crystals, potential = filled(elements, chosen.count, chosen.seed), Chgnet()
    data: Labelled | None = None
    done = 0
    while part := list(itertools.islice(crystals, PART)):
        more = label(part, potential)
        data = more if data is None else joined(data, more)
        write(chosen.out, data)  # a kill loses one part
        lines(done := done + len(part), chosen.count, "crystals")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
