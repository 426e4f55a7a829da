"""Figures: one look, units on every axis, numbers of the result and no others."""

import pytest

import anolyte
from anolyte.core.units import habitual
from anolyte.faces.figures import window as window_figures
from anolyte.models.passivation import PassivationResult, Product
from anolyte.models.volume import VolumeResult


@pytest.fixture(scope="module")
def assessment():
    return anolyte.assess(anolyte.Interface("Li6PS5Cl", "Si", layers=["LiF:50 nm"]))


def test_driving_force_shows_the_corners_of_the_result(assessment):
    w = anolyte.window("Li6PS5Cl")
    figure = anolyte.figure(w)
    curve = figure.data[0]
    assert list(curve.x) == list(w.potentials)
    assert list(curve.y) == [habitual(e, "energy_per_atom") for e in w.driving_forces]
    assert "V vs Li/Li" in figure.layout.xaxis.title.text
    assert "eV/atom" in figure.layout.yaxis.title.text


def test_ladder_starts_and_ends_with_the_steps():
    w = anolyte.window("Li6PS5Cl")
    figure = window_figures.ladder(w)
    ends = {x for trace in figure.data if trace.name != "window" for x in trace.x}
    for step in w.steps:
        assert (step.total if step.side == "reduction" else -step.total) in ends


def test_every_result_with_a_figure(assessment):
    for part in assessment.results:
        if type(part).__name__ == "TransportResult":
            with pytest.raises(anolyte.AnolyteError, match="no figure"):
                anolyte.figure(part)
            continue
        figure = anolyte.figure(part)
        titles = figure.layout.xaxis.title.text + figure.layout.yaxis.title.text
        assert "(" in titles  # a unit
        assert figure.to_json()


def test_assessment_gives_the_driving_force(assessment):
    assert "driving force" in anolyte.figure(assessment).layout.yaxis.title.text


def test_markup_in_names_is_shown_not_obeyed():
    w = anolyte.window("Li6PS5Cl")
    object.__setattr__(w, "electrolyte", "<b onload=x>")
    text = anolyte.figure(w).to_json()
    assert "<b onload" not in text


def test_what_cannot_be_drawn_says_so():
    empty = PassivationResult("a | b", 0.0, 0.0)
    assert "nothing forms" in anolyte.figure(empty).layout.annotations[0].text
    lacking = PassivationResult("a | b", 0.0, 0.0, products=(Product("LiCl", None),))
    assert "volume" in anolyte.figure(lacking).layout.annotations[0].text
    silent = VolumeResult("a | b", unknown="no cell volume for LiCl")
    assert "LiCl" in anolyte.figure(silent).layout.annotations[0].text
