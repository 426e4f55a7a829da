"""Maps of phases: counts that geometry fixes, limits, bad input."""

import math

import pytest

from anolyte.core.errors import DataError, MissingPhases
from anolyte.materials.formula import parse
from anolyte.materials.phases import embedded
from anolyte.studies.stability_map import StabilityMap, stability_map


@pytest.mark.parametrize(
    "elements", [("Li", "P", "S"), ("Li", "La", "O"), ("Li", "Si", "P"), ("Al", "Zr", "O")]
)
def test_a_closed_triangle_is_cut_into_triangles(elements):
    """Euler: n points, h of them on the border, are joined by 3 n - 3 - h lines."""
    found = stability_map(elements)
    stable = [p for p in found.places if p.stable]
    border = [p for p in stable if min(p.fractions) < 1e-12]
    assert len(found.ties) == 3 * len(stable) - 3 - len(border)


@pytest.mark.parametrize("potential", [0.0, 0.4, 1.0, 2.5])
def test_an_open_triangle_is_cut_into_triangles(potential):
    found = stability_map(("Li", "P", "S", "Cl"), ["Li6PS5Cl"], potential=potential)
    assert found.elements == ("P", "S", "Cl")
    stable = {tuple(round(x, 9) for x in p.fractions) for p in found.places if p.stable}
    border = [p for p in stable if min(p) < 1e-9]
    assert len(found.ties) == 3 * len(stable) - 3 - len(border)


def test_open_to_lithium_metal_only_what_lithium_leaves_alone_is_stable():
    found = stability_map(("Li", "P", "S", "Cl"), potential=0.0)
    assert {p.formula for p in found.places if p.stable} == {"Li3P", "Li2S", "LiCl"}


def test_marks_keep_their_energy_above_the_hull():
    found = stability_map(("Li", "P", "S", "Cl"), ["Li6PS5Cl"])
    mark = found.marked[0]
    own = next(p for p in found.places if p.formula == "Li6PS5Cl")
    assert mark.above_hull == pytest.approx(own.above_hull)
    assert set(mark.at_rest) == {"Li3PS4", "Li2S", "LiCl"}
    assert math.isclose(sum(mark.fractions), 1.0)


def test_without_a_phase_its_lines_are_gone():
    phases = embedded()
    whole = stability_map(("Li", "P", "S"), phases=phases)
    part = stability_map(("Li", "P", "S"), phases=phases.without("Li3PS4"))
    named = [{m.places[i].formula for t in m.ties for i in t} for m in (whole, part)]
    assert "Li3PS4" in named[0] and "Li3PS4" not in named[1]


def test_a_phase_on_the_line_of_two_others_parts_them():
    phases = embedded()
    rich, middle, poor = (phases.find(parse(f)) for f in ("Li3P", "LiP", "P"))
    # By atoms LiP = 2/3 Li3P + 1/3 P.
    level = phases.with_energy(middle, (2.0 * rich.energy + poor.energy) / 3.0)
    found = stability_map(("Li", "P", "S"), phases=level)
    ties = {frozenset(found.places[i].formula for i in tie) for tie in found.ties}
    assert {"P", "LiP"} in ties and {"LiP", "Li3P"} in ties
    assert {"P", "Li3P"} not in ties


def test_a_map_reads_back():
    found = stability_map(("Li", "P", "S"), ["Li3PS4"])
    assert StabilityMap.from_dict(found.to_dict()) == found
    assert len(found.rows()) == len(found.places) + 1


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda: stability_map(("Li", "O")), DataError, "three or four"),
        (lambda: stability_map(("Li", "P", "S", "Cl", "O")), DataError, "three or four"),
        (lambda: stability_map(("Li", "P", "S"), potential=1.0), DataError, "three or four"),
        (lambda: stability_map(("Li", "P", "S"), ["LiF"]), DataError, "LiF has no place"),
        (lambda: stability_map(("Li", "Dy", "O")), MissingPhases, "Dy"),
    ],
)
def test_one_line_for_what_makes_no_sense(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
