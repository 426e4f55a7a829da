"""Speed of the lower hull beside pymatgen: one process, the same entries, equal answers asserted.

    OMP_NUM_THREADS=1 python benchmarks/hull.py [seed]

Cold: both sides start from the same list of dictionaries (amounts and energy, as entry files
hold them) and build all they need. Warm: the phase table (or the diagram) is there. One thread;
times are medians of process CPU time. The entries are made from a seed: 6 elements, 900 entries,
about 60 of them on the hull.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from anolyte.numerics import hull

ELEMENTS = ("Li", "P", "S", "Cl", "Si", "O")
OPEN = "Li"
TOLERANCE = 1e-8
STABLE = {2: 0.6, 3: 0.35, 4: 0.05}
OTHERS = {2: 0.2, 3: 0.4, 4: 0.3, 5: 0.1}


def random_entries(seed: int, count: int = 900, stable: int = 60, elements=ELEMENTS) -> list[dict]:
    """Entries like those of a materials database: few on the hull, the others scattered above it.

    The first `stable` energies are those of a regular solution, whose convexity keeps nearly all of
    them on the hull; the others lie above that hull by an exponential scatter of 0.1 eV/atom. The
    stable phases are mostly binary and ternary, the others mostly ternary and quaternary.
    """
    rng = np.random.default_rng(seed)
    size = len(elements)
    interaction = np.triu(rng.uniform(1.0, 9.0, (size, size)), 1)
    reference = rng.uniform(-9.0, -1.0, size)
    amounts = list(np.eye(size, dtype=int))
    seen = {tuple(row) for row in np.eye(size)}
    while len(amounts) < stable:
        row = random_amounts(rng, size, STABLE)
        if tuple(row / row.sum()) not in seen:
            seen.add(tuple(row / row.sum()))
            amounts.append(row)
    amounts += [random_amounts(rng, size, OTHERS) for _ in range(count - stable)]
    fractions = np.array(amounts, float)
    fractions /= fractions.sum(axis=1, keepdims=True)
    energies = fractions @ reference - np.einsum("ki,ij,kj->k", fractions, interaction, fractions)
    planes = hull.hull_planes(fractions[:stable], energies[:stable])
    scatter = rng.exponential(0.1, count - stable)
    energies[stable:] = hull.hull_energies(planes, fractions[stable:]) + scatter
    return [entry(elements, row, e) for row, e in zip(amounts, energies, strict=True)]


def random_amounts(rng, size: int, kinds: dict[int, float]):
    """Formula with small whole numbers; `kinds` gives the share of binaries, ternaries, ..."""
    kinds = {kind: share for kind, share in kinds.items() if kind <= size}
    share = np.array(list(kinds.values()))
    row = np.zeros(size, int)
    held = rng.choice(size, size=rng.choice(list(kinds), p=share / share.sum()), replace=False)
    row[held] = rng.integers(1, 9, held.size)
    return row


def entry(elements, amounts, energy_per_atom: float) -> dict:
    """The dictionary an entry file holds: formula and total energy."""
    composition = {e: float(n) for e, n in zip(elements, amounts, strict=True) if n}
    return {
        "composition": composition,
        "energy": float(energy_per_atom * sum(composition.values())),
    }


def arrays(entries: list[dict], elements=ELEMENTS) -> tuple[np.ndarray, np.ndarray]:
    """Phase table of entry dictionaries."""
    place = {element: i for i, element in enumerate(elements)}
    amounts = np.zeros((len(entries), len(elements)))
    for row, item in zip(amounts, entries, strict=True):
        for element, amount in item["composition"].items():
            row[place[element]] = amount
    atoms = amounts.sum(axis=1)
    return amounts / atoms[:, None], np.array([item["energy"] for item in entries]) / atoms


def fractions(formula: dict[str, float], elements=ELEMENTS) -> np.ndarray:
    row = np.array([formula.get(element, 0.0) for element in elements])
    return row / row.sum()


def cpu_time(task: Callable[[], object], repeats: int) -> float:
    """Median process CPU time of one call, in seconds; short tasks are timed in batches."""
    task()
    begun = time.process_time()
    task()
    batch = max(1, int(0.02 / max(time.process_time() - begun, 1e-6)))
    times = []
    for _ in range(repeats):
        gc.collect()
        begun = time.process_time()
        for _ in range(batch):
            task()
        times.append((time.process_time() - begun) / batch)
    return median(times)


def merged(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """(potential, content) steps with neighbours of equal potential joined."""
    kept: list[tuple[float, float]] = []
    for potential, content in pairs:
        if kept and abs(kept[-1][0] - potential) < TOLERANCE:
            kept[-1] = (kept[-1][0], content)
        else:
            kept.append((potential, content))
    return kept


TARGET = {"Li": 6.0, "P": 1.0, "S": 5.0, "Cl": 1.0, "Si": 1.0, "O": 2.0}
FIRST = {"Li": 6.0, "P": 1.0, "S": 5.0, "Cl": 1.0}
SECOND = {"Li": 1.0, "Si": 2.0, "O": 1.0}
POTENTIAL = 1.0


def own_ladder(entries):
    return hull.ladder(*arrays(entries), fractions(TARGET), ELEMENTS.index(OPEN))


def own_closed(entries):
    return hull.tie_line(*arrays(entries), fractions(FIRST), fractions(SECOND))


def own_open(entries):
    place = ELEMENTS.index(OPEN)
    compositions, energies = arrays(entries)
    reference = energies[compositions[:, place] == 1.0].min()
    table = hull.grand_potential(compositions, energies, place, reference - POTENTIAL)
    ends = hull.grand_potential([fractions(FIRST), fractions(SECOND)], [0.0, 0.0], place, 0.0)[0]
    return hull.tie_line(*table, *ends)


class Peer:
    """The same tasks by pymatgen."""

    def __init__(self):
        from pymatgen.analysis import interface_reactions, phase_diagram
        from pymatgen.core import Composition, Element

        self.reactions, self.diagram = interface_reactions, phase_diagram
        self.composition, self.open = Composition, Element(OPEN)
        self.target, self.first, self.second = map(Composition, (TARGET, FIRST, SECOND))

    def entries(self, entries):
        return [
            self.diagram.PDEntry(self.composition(item["composition"]), item["energy"])
            for item in entries
        ]

    def build(self, entries):
        return self.diagram.PhaseDiagram(self.entries(entries))

    def ladder(self, entries):
        return self.profile(self.build(entries))

    def profile(self, diagram):
        return diagram.get_element_profile(self.open, self.target)

    def closed(self, entries):
        return self.closed_kinks(self.build(entries))

    def closed_kinks(self, diagram):
        return self.reactions.InterfacialReactivity(
            self.first, self.second, diagram, use_hull_energy=True
        ).get_kinks()

    def open_kinks(self, entries):
        items = self.entries(entries)
        closed = self.diagram.PhaseDiagram(items)
        potential = closed.el_refs[self.open].energy_per_atom - POTENTIAL
        grand = self.diagram.GrandPotentialPhaseDiagram(items, {self.open: potential})
        return self.reactions.GrandPotentialInterfacialReactivity(
            self.first, self.second, grand, closed
        ).get_kinks()


def check_ladder(own: hull.Ladder, peer: list[dict]) -> None:
    atoms = sum(TARGET.values())
    ours = [(step.slope, step.low) for step in own.steps]
    theirs = [(float(step["chempot"]), own.content + step["evolution"] / atoms) for step in peer]
    np.testing.assert_allclose(merged(ours), merged(theirs), atol=TOLERANCE, rtol=0)


def check_kinks(own: hull.TieLine, peer: list[tuple], factors: tuple[float, float]) -> None:
    """The peer also lists changes of products where the energy has no corner: compared on ours."""
    n1, n2 = factors
    x = np.array([kink.x for kink in own.kinks])
    x_peer = np.array([kink[1] for kink in peer])
    x_peer = x_peer * n1 / (x_peer * n1 + (1 - x_peer) * n2)
    energy = np.interp(x_peer, x, [kink.reaction_energy for kink in own.kinks])
    np.testing.assert_allclose(energy, [kink[2] for kink in peer], atol=TOLERANCE, rtol=0)
    assert np.abs(x[:, None] - x_peer).min(axis=1).max() < TOLERANCE


def main(seed: int = 0) -> int:
    """Print the table; 1 if a wanted figure is missed."""
    entries = random_entries(seed)
    peer = Peer()
    table, diagram = arrays(entries), peer.build(entries)
    place = ELEMENTS.index(OPEN)
    print(
        f"seed {seed}: {len(ELEMENTS)} elements, {len(entries)} entries, "
        f"{len(diagram.stable_entries)} on the hull, {len(diagram.facets)} facets"
    )

    own, theirs = own_ladder(entries), peer.ladder(entries)
    check_ladder(own, theirs)
    closed, closed_theirs = own_closed(entries), peer.closed(entries)
    check_kinks(closed, closed_theirs, (1.0, 1.0))
    opened, open_theirs = own_open(entries), peer.open_kinks(entries)
    left = [1.0 - fractions(formula)[place] for formula in (FIRST, SECOND)]
    check_kinks(opened, open_theirs, (left[0], left[1]))
    print(
        f"equal within {TOLERANCE:g}: {len(own.steps)} ladder steps, "
        f"{len(closed.kinks)} closed kinks, {len(opened.kinks)} open kinks"
    )

    b, c1, c2 = map(fractions, (TARGET, FIRST, SECOND))
    rows = [  # task, wanted ratio, own, peer
        ("window + ladder, cold", 50, lambda: own_ladder(entries), lambda: peer.ladder(entries)),
        (
            "window + ladder, warm",
            None,
            lambda: hull.ladder(*table, b, place),
            lambda: peer.profile(diagram),
        ),
        ("closed tie line, cold", None, lambda: own_closed(entries), lambda: peer.closed(entries)),
        (
            "closed tie line, warm",
            None,
            lambda: hull.tie_line(*table, c1, c2),
            lambda: peer.closed_kinks(diagram),
        ),
        ("open tie line, cold", 70, lambda: own_open(entries), lambda: peer.open_kinks(entries)),
    ]
    missed = False
    print(f"\n{'task':24}{'own / ms':>12}{'pymatgen / ms':>16}{'ratio':>9}{'wanted':>9}")
    for name, wanted, ours, theirs in rows:
        fast, slow = cpu_time(ours, 9), cpu_time(theirs, 5)
        missed |= wanted is not None and slow < wanted * fast
        mark = f"{wanted}x" if wanted else "-"
        print(f"{name:24}{fast * 1e3:12.3f}{slow * 1e3:16.1f}{slow / fast:8.0f}x{mark:>9}")
    missed |= many_energies(table, diagram, peer) < 300_000
    return int(missed)


def many_energies(table, diagram, peer: Peer, count: int = 100_000) -> float:
    """Hull energies of random compositions a second; the first ones checked against the peer."""
    points = np.random.default_rng(1).dirichlet(np.ones(len(ELEMENTS)), count)
    planes = hull.hull_planes(*table)
    build = cpu_time(lambda: hull.hull_planes(*table), 5)
    seconds = cpu_time(lambda: hull.hull_energies(planes, points), 9)
    compositions = [peer.composition(dict(zip(ELEMENTS, p, strict=True))) for p in points[:200]]
    theirs = [diagram.get_hull_energy_per_atom(c) for c in compositions]
    np.testing.assert_allclose(
        hull.hull_energies(planes, points[:200]), theirs, atol=TOLERANCE, rtol=0
    )
    slow = cpu_time(lambda: [diagram.get_hull_energy_per_atom(c) for c in compositions], 3) / 200
    print(
        f"\nhull energies: {count / seconds:,.0f} a second from {len(planes)} planes "
        f"(made in {build * 1e3:.0f} ms); "
        f"pymatgen {1 / slow:,.0f}; ratio {slow * count / seconds:.0f}x; wanted 300,000"
    )
    return count / seconds


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
