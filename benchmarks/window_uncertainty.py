"""Speed of a window's error bars beside pymatgen: one process, the same energies, equal limits.

    OMP_NUM_THREADS=1 python benchmarks/window_uncertainty.py [draws]

Ours is the whole answer: draws, ladders, probabilities, leave-one-out and shares of the variance.
pymatgen has no such answer; its user builds a diagram and an element profile from each set of drawn
energies. A few sets are timed, their entries made before the clock starts. CPU time, one thread,
after a first call of each.
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from anolyte.laws.equilibrium_draws import LadderDraws, lithium_ladders
from anolyte.materials import formula, library
from anolyte.materials.energy_errors import energy_errors
from anolyte.materials.phases import embedded
from anolyte.models.window_uncertainty import window_uncertainty

ELECTROLYTES = ("Li3YCl6", "LLZO", "Li6PS5Cl", "LGPS", "LLZTO", "LATP", "LAGP", "LLTO")
SETS = 8
TOLERANCE = 1e-8  # V
POOR = 1e-6  # atoms of lithium per atom: what counts as the electrolyte's own content


def peer_time(sample: LadderDraws, composition: dict[str, float]) -> float:
    """CPU seconds of pymatgen's ladder of one set; every limit is compared."""
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Composition, Element

    held = [(Composition(c), formula.atoms(c)) for c in sample.phases.compositions]
    target, lithium, spent = Composition(composition), Element("Li"), 0.0
    for i, energies in enumerate(sample.energies[:SETS]):
        entries = [PDEntry(c, e * n) for (c, n), e in zip(held, energies.tolist(), strict=True)]
        begun = time.process_time()
        diagram = PhaseDiagram(entries)
        profile = diagram.get_element_profile(lithium, target)
        spent += time.process_time() - begun
        metal = diagram.el_refs[lithium].energy_per_atom
        taken = [step["evolution"] / formula.atoms(composition) for step in profile]
        theirs = [metal - s["chempot"] for s, t in zip(profile, taken, strict=True) if t > -POOR]
        if not sample.zero_width[i] and not sample.reduction.absent[i]:
            assert abs(theirs[-1] - sample.reduction.limits[i]) < TOLERANCE, (i, theirs)
    return spent / SETS


def main(draws: int) -> None:
    """A row an electrolyte."""
    print(f"| electrolyte | elements | phases | {draws} draws / s | pymatgen / s | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in ELECTROLYTES:
        composition = library.default().electrolyte(name).composition
        table = embedded().within({*composition, "Li"})
        errors = energy_errors(table, 0.025)
        sample = lithium_ladders(table, composition, errors.energies(errors.normal(SETS, 0)))
        peer_time(sample, composition)
        peer = draws * peer_time(sample, composition)
        window_uncertainty(name, draws=draws)
        begun = time.process_time()
        window_uncertainty(name, draws=draws)
        ours = time.process_time() - begun
        print(
            f"| {name} | {len(table.elements)} | {len(table.rows)} | {ours:.3f} | {peer:.1f} "
            f"| {peer / ours:.0f} |"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
