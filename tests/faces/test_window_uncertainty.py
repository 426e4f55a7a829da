"""The error bars of a window in the terminal, in JSON and as a figure."""

import json

import pytest

from anolyte.core.units import habitual
from anolyte.faces.cli import main
from anolyte.faces.figures.window_uncertainty import driving_force
from anolyte.models.window_uncertainty import WindowUncertaintyResult, window_uncertainty


def printed(capsys, *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(["window", *arguments]) == code
    return tuple(capsys.readouterr())


def test_the_page_has_intervals_probabilities_and_what_the_answer_hangs_on(capsys) -> None:
    page, error = printed(capsys, "Li6PS5Cl", "--draws", "200", "--seed", "3")
    assert error == ""
    for text in (
        "200 draws, seed 3", "5 %", "95 %", "inside the window", "on the hull",
        "without Li2S", "measured", "Whose error", "Ladder",
    ):  # fmt: skip
        assert text in page
    result = window_uncertainty("Li6PS5Cl", draws=200, seed=3)
    for limit in (result.reduction, result.oxidation):
        for value in (limit.nominal, limit.low, limit.median, limit.high):
            assert f"{value:.2f}" in page


def test_a_limit_that_is_not_there_is_none(capsys) -> None:
    page, _ = printed(capsys, "SiO2", "--draws", "100")
    row = next(line for line in page.splitlines() if line.strip().startswith("oxidation"))
    assert row.split() == ["oxidation", "none", "none", "none", "none"]


def test_json_holds_the_window_and_all_of_its_error_bars(capsys) -> None:
    text, _ = printed(capsys, "Li2S", "--draws", "100", "--json")
    data = json.loads(text)
    assert data["oxidation_limit"]["unit"] == "V"
    read = WindowUncertaintyResult.from_dict(data["uncertainty"])
    assert read == window_uncertainty("Li2S", draws=100)
    text, _ = printed(capsys, "Li2S", "--json")
    assert "uncertainty" not in json.loads(text)


@pytest.mark.parametrize("wrong", [("--draws", "7"), ("--draws", "100", "--seed", "-1")])
def test_what_cannot_be_drawn_is_refused_in_one_line(capsys, wrong) -> None:
    out, error = printed(capsys, "Li2S", *wrong, code=2)
    assert out == "" and error.count("\n") == 1 and "take" in error


def test_the_figure_shows_the_band_and_no_other_numbers() -> None:
    result = window_uncertainty("LLZO", draws=200)
    figure = driving_force(result)
    median = next(trace for trace in figure.data if trace.name == "median")
    assert list(median.y) == [habitual(v, "energy_per_atom") for v in result.band.median]
    assert "eV/atom" in figure.layout.yaxis.title.text
    assert "V vs Li/Li" in figure.layout.xaxis.title.text
