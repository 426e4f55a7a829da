"""Figures of reactions, phases, volumes and layers: what they show is what the result says."""

import pytest

import anolyte
from anolyte.core.errors import DataError
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.faces.figures.layers import layers
from anolyte.faces.figures.mixing import mixing
from anolyte.faces.figures.stability_map import phase_map, potentials
from anolyte.faces.figures.volume_change import volume_changes
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.volume import VolumeChange
from anolyte.studies.interlayers import screen
from anolyte.studies.stability_map import stability_map

EV = ELEMENTARY_CHARGE


def texts(figure):
    return " ".join(a.text for a in figure.layout.annotations)


def test_every_kink_that_reacts_is_numbered_and_told():
    result = anolyte.react("LLZO", "Al2O3")
    figure = mixing(result)
    kinks = [k for k in result.profiles[0].kinks if k.energy < -1e-6 * EV]
    numbers = [t for t in figure.data[0].text if t]
    assert numbers == [f"<b>{i + 1}</b>" for i in range(len(kinks))]
    lines = texts(figure).split("<br>")
    assert len(lines) == len(kinks)
    for line, kink in zip(lines, kinks, strict=True):
        assert all(f in line for f in kink.products)
        assert f"{kink.energy / EV:.3f}" in line


def test_an_open_junction_has_both_curves():
    figure = mixing(anolyte.react("Li6PS5Cl", "Si"))
    names = [t.name for t in figure.data]
    assert [("closed" in n, "open at" in n) for n in names[:2]] == [(True, False), (False, True)]
    assert "part due to mixing" in names


def test_nothing_that_reacts_says_so():
    assert "no junction reacts" in texts(mixing(anolyte.react("LLZO", "Li2O")))
    assert "molecular rule" in texts(mixing(anolyte.react("PEO", "Li")))


def test_a_triangle_has_its_phases_ties_and_marks():
    result = stability_map(("Li", "P", "S"), ["Li3PS4"])
    figure = phase_map(result)
    by_name = {t.name: t for t in figure.data}
    ties = [x for x in by_name["tie line: both coexist"].x if x is not None]
    assert len(ties) == 2 * len(result.ties)
    assert len(by_name["stable"].x) == sum(p.stable for p in result.places)
    assert len(by_name["not stable"].x) == sum(not p.stable for p in result.places)
    mark = by_name["Li3PS4"]
    place = next(p for p in result.places if p.formula == "Li3PS4")
    assert mark.x[0] == pytest.approx(place.fractions[1] + 0.5 * place.fractions[2])
    assert max(by_name["not stable"].marker.color) == pytest.approx(
        max(p.above_hull for p in result.places) / EV
    )


def test_a_tetrahedron_turns_and_an_open_map_is_flat():
    closed = phase_map(stability_map(("Li", "P", "S", "Cl"), ["Li6PS5Cl"]))
    assert {t.type for t in closed.data} == {"scatter3d"}
    opened = phase_map(stability_map(("Li", "P", "S", "Cl"), ["Li6PS5Cl"], potential=0.0))
    assert {t.type for t in opened.data} == {"scatter"}
    assert "open to lithium at 0.00 V" in opened.layout.title.text
    assert "corner S" in texts(opened)  # Li2S stands there


def test_bars_of_potentials_end_at_the_limits():
    result = stability_map(("Li", "P", "S"), ["Li3PS4"])
    figure = potentials(result)
    bars = {y: (b, b + x) for t in figure.data for y, b, x in zip(t.y, t.base, t.x, strict=True)}
    assert "Li" not in bars
    window = anolyte.window("Li3PS4")
    assert bars["Li3PS4"] == pytest.approx((window.reduction_limit, window.oxidation_limit))


def test_volume_bars_are_those_of_the_results():
    pairs = [("Li6PS5Cl", "Li"), ("Li6PS5Cl", "Si")]
    results = [VolumeChange()(Interface(e, a), Conditions()) for e, a in pairs]
    figure = volume_changes(*results)
    bars = {t.name: t.x for t in figure.data}
    assert bars["whole interface, lithium counted"] == pytest.approx(
        tuple(100 * r.change for r in results)
    )
    with pytest.raises(DataError):
        volume_changes()


def test_layers_are_told_apart():
    found = screen("LLZO", "Li", ["LiF", "Li3PO4", "Li5AlO3F2", "WI6"])
    figure = layers(found)
    assert [t.name for t in figure.data] == ["listed phase (2)", "no listed phase: lower bound (1)"]
    assert "25% unknown" in figure.layout.title.text
    assert "LiF" in texts(figure)
    nothing = layers(screen("LLZO", "Li", ["WI6"]))
    assert "no candidate could be judged" in texts(nothing)
