"""Speed of screens of layers beside pymatgen: one process, the same energies, equal answers.

    OMP_NUM_THREADS=1 python benchmarks/interlayers.py [count]

Both sides get the package's own energies and made candidates between LLZO and lithium. pymatgen's
user builds one closed diagram for each junction and one open diagram for the anode's; its entries
are ready before the clock starts. CPU time of the process, one thread. Hull energies in 6 to 10
elements are those of seeded tables; there pymatgen's diagram is ready before the clock starts, too.
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from hull import arrays, random_entries

from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.materials import formula, library
from anolyte.materials.phases import embedded
from anolyte.numerics.growing_hull import GrowingHull
from anolyte.studies.interlayers import ask, balanced_formulas
from anolyte.studies.ledger import Ledger

EV = ELEMENTARY_CHARGE
TOLERANCE = 1e-8  # eV/atom
ELEMENTS = ("Li", "P", "S", "Cl", "Si", "O", "La", "Zr", "Ge", "Al")
WELL_COVERED = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ba", "Al", "Ga", "In", "Y", "La", "Ti", "Zr",
                "V", "Nb", "Ta", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Ag", "Zn", "B", "Si", "Ge",
                "Sn", "P", "Sb", "Bi", "O", "S", "F")  # fmt: skip


class Peer:
    """One candidate between LLZO and lithium by pymatgen."""

    def __init__(self) -> None:
        from pymatgen.analysis import interface_reactions, phase_diagram
        from pymatgen.core import Composition, Element

        self.reactions, self.diagram = interface_reactions, phase_diagram
        self.composition, self.lithium = Composition, Element("Li")
        self.electrolyte = library.default().electrolyte("LLZO").composition
        self.entries = [
            (set(p.composition), phase_diagram.PDEntry(Composition(p.composition), p.energy * n))
            for p in embedded().rows
            for n in [formula.atoms(p.composition)]
        ]

    def within(self, elements) -> list:
        return [entry for held, entry in self.entries if held <= set(elements)]

    def __call__(self, text: str) -> tuple[float, float]:
        """Worst reaction with the electrolyte, and with lithium; eV/atom."""
        amounts = formula.parse(text)
        closed = self.diagram.PhaseDiagram(self.within({*self.electrolyte, *amounts, "Li"}))
        kinks = self.reactions.InterfacialReactivity(
            self.composition(self.electrolyte), self.composition(amounts), closed,
            use_hull_energy=True,
        ).get_kinks()  # fmt: skip
        held = self.within({*amounts, "Li"})
        own = self.diagram.PhaseDiagram(held)
        mu = own.el_refs[self.lithium].energy_per_atom
        grand = self.diagram.GrandPotentialPhaseDiagram(held, {self.lithium: mu})
        others = {e: n for e, n in amounts.items() if e != "Li"}
        before = own.get_hull_energy(self.composition(amounts)) - mu * amounts.get("Li", 0.0)
        after = grand.get_hull_energy(self.composition(others))
        return min(k[2] for k in kinks), (after - before) / sum(others.values())


def beside_pymatgen(count: int = 60) -> None:
    """CPU time a candidate of both, on the candidates that the energies cover."""
    question = ask("LLZO", "Li", balanced_formulas(6 * count, 1, embedded().elements))
    answered = question.run(Ledger()).answered
    texts = [c.formula for c in sorted(answered, key=lambda c: c.name)][:count]
    fresh = ask("LLZO", "Li", texts)
    embedded().__dict__.pop("_kept_within", None)
    embedded().__dict__.pop("_kept_ladder", None)
    begun = time.process_time()
    ours = [fresh.judge(t, t) for t in texts]
    fast = time.process_time() - begun
    peer = Peer()
    peer(texts[0])
    begun = time.process_time()
    theirs = [peer(t) for t in texts]
    slow = time.process_time() - begun
    pairs = [(c.to_electrolyte / EV, c.to_anode / EV) for c in ours]
    np.testing.assert_allclose(pairs, theirs, atol=TOLERANCE, rtol=0)
    print(
        f"{len(texts)} candidates x 2 junctions, equal within {TOLERANCE:g}: "
        f"{fast / len(texts) * 1e3:.2f} ms each, pymatgen {slow / len(texts) * 1e3:.0f} ms; "
        f"ratio {slow / fast:.0f}x"
    )


def whole(count: int, elements, electrolyte: str, anode: str) -> float:
    """A whole screen from a warm start, ledger included; CPU s of one process."""
    begun = time.process_time()
    texts = balanced_formulas(count, 0, elements)
    result = ask(electrolyte, anode, texts).run(Ledger())
    seconds = time.process_time() - begun
    used = len({e for t in texts for e in formula.parse(t)})
    print(
        f"{electrolyte} | layer | {anode}: {count:,} compositions of {used} elements x 2 "
        f"junctions, {100 * result.unknown_share:.0f}% unknown: {seconds:.0f} s of CPU on one core"
    )
    return seconds


def many_elements(size: int, stable: int = 60, count: int = 20_000) -> None:
    """Hull energies a second where convex hulls end."""
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Composition

    entries = random_entries(0, count=stable, stable=stable, elements=ELEMENTS[:size])
    table = arrays(entries, ELEMENTS[:size])
    points = np.random.default_rng(1).dirichlet(np.ones(size), 2 * count)
    begun = time.process_time()
    grown = GrowingHull(*table)
    energies = grown.energies(points[:count])
    first = count / (time.process_time() - begun)
    begun = time.process_time()
    grown.energies(points[count:])
    warm = count / (time.process_time() - begun)
    text = f"{size} elements, {stable} phases: {first:,.0f} a second, warm {warm:,.0f}"
    if size <= 8:
        begun = time.process_time()
        diagram = PhaseDiagram(
            [PDEntry(Composition(e["composition"]), e["energy"]) for e in entries]
        )
        build = time.process_time() - begun
        compositions = [Composition(dict(zip(ELEMENTS, p, strict=False))) for p in points[:100]]
        begun = time.process_time()
        theirs = [diagram.get_hull_energy_per_atom(c) for c in compositions]
        slow = 100 / (time.process_time() - begun)
        np.testing.assert_allclose(energies[:100], theirs, atol=TOLERANCE, rtol=0)
        text += f"; pymatgen {slow:,.0f} after {build:.1f} s of hull; ratio {first / slow:.0f}x"
    print(f"{text} ({len(grown.planes)} planes made)")


def main(count: int = 10_000) -> int:
    """Print all; 1 if a screen takes more than a minute on two cores."""
    beside_pymatgen()
    everything = embedded().elements
    whole(200, everything, "LLZTO", "Li")  # to warm up
    screens = [
        whole(count, elements, electrolyte, anode)
        for electrolyte, anode in (("LLZTO", "Li"), ("Li6PS5Cl", "Si"))
        for elements in (everything, WELL_COVERED)
    ]
    for size in (6, 8, 9, 10):
        many_elements(size)
    return int(max(screens) * 10_000 > 120.0 * count)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
