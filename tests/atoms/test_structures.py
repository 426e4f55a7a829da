"""Crystal structures: the files load, symmetry and occupancies give the cells they say."""

from __future__ import annotations

import pytest

from anolyte.atoms import structures
from anolyte.core.errors import DataError

pytest.importorskip("pymatgen.core", reason="crystal structures need the [ml] extra")

ARGYRODITE = {
    "formula": "Li6PS5Cl",
    "name": "argyrodite",
    "space_group": 216,
    "cell": [9.859, 9.859, 9.859, 90, 90, 90],
    "sites": [
        ["Li", 0.183, 0.183, 0.024, 0.5],
        ["P", 0.5, 0.5, 0.5],
        ["S", 0.618, 0.618, 0.618],
        [{"S": 0.5, "Cl": 0.5}, 0, 0, 0],
        [{"S": 0.5, "Cl": 0.5}, "1/4", "1/4", "1/4"],
    ],
    "Z": 4,
    "charges": {"Li": 1, "P": 5, "S": -2, "Cl": -1},
    "source": "test",
    "known": "recalled",
}
FLUORITE = {
    "formula": "Li2S",
    "name": "Li2S",
    "prototype": {"aflow": "AB2_cF12_225_a_c", "elements": {"Ca": "S", "F": "Li"}},
    "cell": [5.71],
    "source": "test",
    "known": "recalled",
}


def test_the_files_load_with_sources_and_one_name_each():
    phases = structures.load()
    assert len(phases) > 200
    assert all(phase.source and phase.known in structures.KNOWN for phase in phases)


def test_a_prototype_is_rescaled_to_the_published_cell():
    phase = structures.phase(FLUORITE)
    assert phase.published_volume() == pytest.approx(5.71**3 / 4)
    (cell,) = phase.structures()
    assert cell.composition.reduced_formula == "Li2S"
    assert cell.get_distance(0, 2) == pytest.approx(5.71 * 3**0.5 / 4, rel=1e-6)


def test_partial_occupancies_are_ordered_to_the_exact_formula_and_reproducibly():
    phase = structures.phase(ARGYRODITE)
    first = phase.structures(seed=3)
    assert first[0].is_ordered and first[0].composition.reduced_formula == "Li6PS5Cl"
    assert structures.shortest_contact(first[0]) > structures.SHORTEST_CONTACT
    assert first[0] == phase.structures(seed=3)[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"source": ""}, "source"),
        ({"known": "guessed"}, "known"),
        ({"colour": "red"}, "unknown fields"),
        ({"sites": None}, "either"),
        ({"Z": 3}, "Z ="),
        ({"formula": "Li5PS5Cl", "Z": 4}, "sites give"),
        ({"setting": "Pnma"}, "does not belong"),
    ],
)
def test_a_wrong_entry_is_refused_in_words(change, word):
    with pytest.raises(DataError, match=word):
        structures.phase({**ARGYRODITE, **change}).average()


def test_atoms_on_top_of_each_other_are_refused():
    entry = {**FLUORITE, "cell": [2.9]}
    with pytest.raises(DataError, match="radii"):
        structures.phase(entry).structures()


def test_origin_choice_and_hexagonal_axes_are_the_standard_ones():
    diamond = {
        "formula": "Si", "name": "Si", "space_group": 227, "cell": [5.431] * 3 + [90] * 3,
        "sites": [["Si", "1/8", "1/8", "1/8"]], "Z": 8, "source": "test", "known": "read",
    }  # fmt: skip
    assert len(structures.phase(diamond).average()) == 2
    moved = {**diamond, "setting": "Fd-3m:1", "sites": [["Si", 0, 0, 0]]}
    assert len(structures.phase(moved).average()) == 2


def test_the_potential_gives_energy_forces_and_stress():
    pytest.importorskip("chgnet", reason="the potential needs the [ml] extra")
    from anolyte.atoms.potentials import Chgnet, relax

    (cell,) = structures.phase(FLUORITE).structures()
    potential = Chgnet()
    point = potential(cell)
    assert point.forces.shape == (3, 3) and point.stress.shape == (3, 3)
    assert abs(point.forces).max() < 1e-3
    squeezed = cell.copy()
    squeezed.scale_lattice(cell.volume * 0.95)
    end = relax(squeezed, potential)
    assert end.converged and end.structure.volume == pytest.approx(cell.volume, rel=0.04)
    assert end.energy / 3 == pytest.approx(point.energy / 3, abs=0.01)
