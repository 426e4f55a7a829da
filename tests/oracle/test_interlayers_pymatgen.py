"""Screens and maps beside pymatgen, on the package's own energies."""

from __future__ import annotations

import pytest

from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.materials import formula, library
from anolyte.materials.phases import embedded
from anolyte.studies.interlayers import balanced_formulas, screen
from anolyte.studies.stability_map import stability_map

pytest.importorskip("pymatgen", reason="pymatgen is the oracle of this file")

from pymatgen.analysis.interface_reactions import (
    GrandPotentialInterfacialReactivity,
    InterfacialReactivity,
)
from pymatgen.analysis.phase_diagram import GrandPotentialPhaseDiagram, PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

EV = ELEMENTARY_CHARGE
TOLERANCE = 1e-8  # eV/atom
ELEMENTS = ("Li", "Na", "Mg", "Ca", "Sr", "Al", "Y", "La", "Ti", "Zr", "Si", "P", "B", "Zn", "Ta",
            "O", "S", "F", "Cl", "N")  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore")


def entries(elements):
    """The table's phases of some elements as pymatgen's."""
    rows = embedded().within(elements).rows
    return [PDEntry(Composition(p.composition), p.energy * sum(p.composition.values()))
            for p in rows]  # fmt: skip


@pytest.fixture(scope="module")
def candidates():
    """Fifty made candidates that the table covers."""
    found = screen("LLZO", "Li", balanced_formulas(90, 21, ELEMENTS)).answered[:50]
    assert len(found) == 50
    return found


def test_closed_junctions(candidates):
    electrolyte = library.default().electrolyte("LLZO").composition
    for c in candidates:
        amounts = formula.parse(c.formula)
        diagram = PhaseDiagram(entries({**electrolyte, **amounts, "Li": 1.0}))
        peer = InterfacialReactivity(
            Composition(electrolyte), Composition(amounts), diagram, use_hull_energy=True
        )
        worst = min(kink[2] for kink in peer.get_kinks())
        assert c.to_electrolyte / EV == pytest.approx(worst, abs=TOLERANCE)


def test_open_to_lithium_metal(candidates):
    for c in candidates:
        amounts = formula.parse(c.formula)
        held = entries({**amounts, "Li": 1.0})
        closed = PhaseDiagram(held)
        mu = closed.el_refs[Element("Li")].energy_per_atom
        others = {e: n for e, n in amounts.items() if e != "Li"}
        grand = GrandPotentialPhaseDiagram(held, {Element("Li"): mu})
        own = closed.get_hull_energy(Composition(amounts)) - mu * amounts.get("Li", 0.0)
        made = grand.get_hull_energy(Composition(others))
        assert c.to_anode / EV == pytest.approx((made - own) / sum(others.values()), abs=TOLERANCE)


def test_open_to_a_host(candidates):
    """Against silicon: pymatgen's worst mixing at the anode's lowest potential."""
    found = screen("LLZO", "Si", [c.formula for c in candidates[:12]])
    host = {"Si": 1.0}
    for c in found.answered:
        amounts = formula.parse(c.formula)
        if {e for e in amounts if e != "Li"} == {"Si"}:
            continue
        held = entries({**amounts, **host, "Li": 1.0})
        closed = PhaseDiagram(held)
        mu = closed.el_refs[Element("Li")].energy_per_atom - c.anode_at
        peer = GrandPotentialInterfacialReactivity(
            Composition(amounts), Composition(host),
            GrandPotentialPhaseDiagram(held, {Element("Li"): mu}), closed,
            include_no_mixing_energy=True,
        )  # fmt: skip
        worst = min(k[2] for k in peer.get_kinks() if k[1] > 1e-9)
        assert c.to_anode / EV == pytest.approx(worst, abs=TOLERANCE)


@pytest.mark.parametrize(
    "elements", [("Li", "P", "S"), ("Li", "P", "S", "Cl"), ("Li", "La", "Zr", "O")]
)
def test_tie_lines_and_distances(elements):
    """Pairs of phases that share a facet of pymatgen's hull, and its energies above it."""
    found = stability_map(elements)
    diagram = PhaseDiagram(entries(elements))
    names = [p.formula for p in found.places]
    for place in found.places:
        amounts = formula.parse(place.formula)
        phase = embedded().find(amounts)
        above = phase.energy - diagram.get_hull_energy_per_atom(Composition(amounts))
        assert place.above_hull / EV == pytest.approx(max(above, 0.0), abs=TOLERANCE)
    shared = set()
    for facet in diagram.facets:
        held = [diagram.qhull_entries[i].composition.reduced_formula for i in facet]
        shared |= {frozenset((a, b)) for a in held for b in held if a != b}
    reduced = {n: Composition(formula.parse(n)).reduced_formula for n in names}
    ours = {frozenset((reduced[names[i]], reduced[names[j]])) for i, j in found.ties}
    assert ours == shared
