"""Ladders of resampled energies beside pymatgen's element profile of the same energies."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.laws.equilibrium_draws import lithium_ladders
from anolyte.materials import formula
from anolyte.materials.energy_errors import energy_errors
from anolyte.materials.phases import embedded

pytest.importorskip("pymatgen", reason="pymatgen is the oracle of this file")

from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

pytestmark = pytest.mark.filterwarnings("ignore")
SETS = 3
OFFSET = 1e-5
"""Lithium that the peer adds, in atoms of its critical composition, before it reads a potential."""


@pytest.mark.parametrize(
    "text", ["Li6PS5Cl", "Li10GeP2S12", "Li7La3Zr2O12", "Li3YCl6", "LiTi2P3O12", "Li4SnS4"]
)
def test_resampled_ladders_are_those_of_the_element_profile(text: str) -> None:
    composition = formula.parse(text)
    table = embedded().within({*composition, "Li"})
    errors = energy_errors(table, 0.025)
    energies = errors.energies(errors.normal(SETS, 11))
    sample = lithium_ladders(table, composition, energies)
    atoms = formula.atoms(composition)
    for i, vector in enumerate(energies):
        entries = [
            PDEntry(Composition(c), float(e) * formula.atoms(c))
            for c, e in zip(table.compositions, vector, strict=True)
        ]
        diagram = PhaseDiagram(entries)
        metal = diagram.el_refs[Element("Li")].energy_per_atom
        profile = diagram.get_element_profile(Element("Li"), Composition(composition))
        contents = np.array([composition["Li"] + step["evolution"] for step in profile]) / atoms
        ladders = sample.ladders
        steps = slice(0, ladders.count[i])
        low, high, ours = (x[i, steps] for x in (ladders.low, ladders.high, ladders.potential))
        compared = 0
        for content, step in zip(contents, profile, strict=True):
            # The peer reads a step a little to the rich side of its poor end.
            inside = np.flatnonzero((low - 1e-7 < content) & (content + 2 * OFFSET < high))
            if inside.size:
                theirs = metal - step["chempot"]
                assert ours[inside[-1]] == pytest.approx(theirs, abs=1e-8)
                compared += 1
        assert compared >= ladders.count[i] - 1 >= 2
        ground = diagram.get_hull_energy_per_atom(Composition(composition))
        assert ladders.ground[i] == pytest.approx(ground, abs=1e-8)
