"""Every junction of the library: a balanced reaction, judged with all that is known to exist."""

import csv
import io
import itertools
import json
import random
from pathlib import Path

import pytest

from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.equilibrium import closed_profile
from anolyte.materials import library
from anolyte.materials.phases import Phases, embedded, known_compounds
from anolyte.materials.schema import Anode, Electrolyte, Interlayer
from anolyte.materials.stack import Conditions, Interface, Layer
from anolyte.models.reactions import Reactions
from anolyte.studies.coverage import LibraryCoverage, State, coverage, library_coverage

DOCS = Path(__file__).parents[2] / "docs"
LIBRARY = library.default()


@pytest.fixture(scope="module")
def covered():
    return library_coverage()


def test_every_pair_of_the_library_is_there_once(covered) -> None:
    sizes = [len(LIBRARY.all(cls)) for cls in (Electrolyte, Interlayer, Anode)]
    electrolytes, layers, anodes = sizes
    pairs = {(j.kind, j.left, j.right) for j in covered.junctions}
    assert len(pairs) == len(covered.junctions)
    assert len(pairs) == electrolytes * anodes + electrolytes * layers + layers * anodes
    assert covered.stacks().total() == electrolytes * layers * anodes


def test_the_docs_hold_what_is_computed(covered) -> None:
    page = (DOCS / "coverage.md").read_text(encoding="utf-8")
    assert covered.to_markdown() in page and coverage().to_markdown() in page
    assert (DOCS / "coverage_junctions.csv").read_text(encoding="utf-8") == covered.to_csv()
    rows = list(csv.DictReader(io.StringIO(covered.to_csv())))
    assert {r["state"] for r in rows} <= {State.WHOLE, State.PART, State.UNKNOWN}


def test_a_state_follows_from_the_known_compounds(covered) -> None:
    table = embedded()
    kinds = {cls.__name__: {m.name: m for m in LIBRARY.all(cls)} for cls in
             (Electrolyte, Interlayer, Anode)}  # fmt: skip
    for j in random.Random(0).sample(covered.junctions, 200):
        if j.state not in (State.WHOLE, State.PART):
            continue
        first, second = (side.strip().replace("layer", "interlayer").title()
                         for side in j.kind.split("|"))  # fmt: skip
        left, right = kinds[first][j.left], kinds[second][j.right]
        elements = {"Li", *left.composition, *(right.composition if right.formula else ())}
        known = {t for t, c in known_compounds().items() if len(c) > 1 and set(c) <= elements}
        lacking = {t for t in known if table.find(known_compounds()[t]) is None}
        assert (j.known, set(j.missing)) == (len(known), lacking)
        assert (j.state is State.WHOLE) == (not lacking)
        assert j.reaction and j.energy is not None and j.energy <= 0.0


def test_a_stack_is_answered_where_both_its_junctions_are(covered) -> None:
    """The model itself on stacks: the same closed energies, the same missing compounds."""
    found = {(j.left, j.right): j for j in covered.junctions if j.state in
             (State.WHOLE, State.PART)}  # fmt: skip
    stacks = list(itertools.product(*(LIBRARY.all(c) for c in (Electrolyte, Interlayer, Anode))))
    stacks = [s for s in stacks if (s[0].name, s[1].name) in found
              and (s[1].name, s[2].name) in found]  # fmt: skip
    assert len(stacks) > 10_000
    for electrolyte, layer, anode in random.Random(1).sample(stacks, 25):
        interface = Interface(electrolyte, anode, (Layer(layer, 1e-8),))
        result = Reactions()(interface, Conditions())
        junctions = [found[electrolyte.name, layer.name], found[layer.name, anode.name]]
        assert set(result.missing) == {f for j in junctions for f in j.missing}
        for j in junctions:
            closed = next(p for p in result.profiles if p.potential is None
                          and (p.left, p.right) == (j.left, j.right))  # fmt: skip
            assert j.energy == pytest.approx(min(closed.worst.energy, 0.0), abs=1e-30)


def test_every_reaction_of_two_solids_conserves_every_element() -> None:
    described = [m for cls in (Electrolyte, Interlayer, Anode) for m in LIBRARY.all(cls)
                 if m.formula and not {"C", "H"} <= set(m.composition)]  # fmt: skip
    for left, right in random.Random(2).sample(list(itertools.combinations(described, 2)), 300):
        for kink in closed_profile(
            embedded(), (left.formula, left.composition), (right.formula, right.composition)
        ):
            assert kink.reaction.imbalance() < 1e-10


def test_a_phase_that_leaves_the_table_is_missed() -> None:
    part = library_coverage(embedded().without("Li3P"), _Few())
    one = next(j for j in part.junctions if (j.left, j.right) == ("Li3PS4", "Li"))
    assert one.state is State.PART and "Li3P" in one.missing
    assert ("Li3P", 1) in part.lacking
    none = embedded()
    none = Phases(tuple(p for p in none.rows if not {"P", "S"} <= set(p.composition)), none.kind)
    one = next(j for j in library_coverage(none, _Few()).junctions if j.left == "Li3PS4")
    assert one.state is State.UNKNOWN and one.lacking == ("P-S compounds",) and not one.reaction


class _Few(library.Library):
    """A library of one electrolyte and one anode, and a composite layer."""

    def all(self, cls):
        names = {Electrolyte: "Li3PS4", Anode: "Li", Interlayer: "Ag-C"}
        return tuple(m for m in super().all(cls) if m.name == names[cls])


def test_saved_and_read_back(covered) -> None:
    assert LibraryCoverage.from_dict(json.loads(json.dumps(covered.to_dict()))) == covered
    rows = covered.rows()
    assert all(r["known"] - r["present"] == len(j.missing) for r, j in
               zip(rows, covered.junctions, strict=True))  # fmt: skip


def test_a_mixture_names_its_parts() -> None:
    found = library_coverage(library=_Few())
    assert found.left_out == (("Ag-C", "a mixture: ask for its parts (Ag, graphene)"),)
    assert found.stacks() == {State.LEFT_OUT: 1}


def test_no_junction_loses_its_coverage(covered) -> None:
    """A floor: raise it when the table grows; who lowers it says why."""
    whole = sum(j.state is State.WHOLE for j in covered.junctions)
    assert whole >= 1_236
    assert sum(j.state is State.UNKNOWN for j in covered.junctions) <= 146


def test_an_energy_of_the_table_is_in_joules(covered) -> None:
    one = next(j for j in covered.junctions if (j.left, j.right) == ("Li3PS4", "Li"))
    assert -1.5 < one.energy / ELEMENTARY_CHARGE < -0.3
