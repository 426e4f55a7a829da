"""The verb `air`: what it prints, and what it refuses in one line."""

import json

import pytest

from anolyte.core.errors import DataError
from anolyte.faces.air import energies_at, vapour_lines
from anolyte.faces.cli import main
from anolyte.laws.gibbs import GibbsPhases
from anolyte.materials.phases import embedded


def test_words(capsys):
    assert main(["air", "Li3PS4", "--in", "dry room"]) == 0
    text = capsys.readouterr().out
    assert "Li3PS4 + 4 H2O → Li3PO4 + 4 H2S(g)" in text
    assert "mL per gram" in text and "how fast it happens" in text


def test_json_and_csv(capsys, tmp_path):
    saved = tmp_path / "out.json"
    arguments = ["air", "LLZO", "--humidity", "20 %", "--gas", "CO2:1000 ppm"]
    assert main([*arguments, "--json", "--save", str(saved)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pressures"]["CO2"] == pytest.approx(99.4, rel=0.01)
    assert told["attacks"][1]["driving_force"]["unit"] == "J"
    assert json.loads(saved.read_text())
    assert main([*arguments, "--csv"]) == 0
    assert capsys.readouterr().out.startswith("gases,")


@pytest.mark.parametrize(
    "arguments",
    [
        ["air", "Li3PS4", "--in", "moon"],
        ["air", "Li3PS4", "--dew-point", "-40 C", "--humidity", "5 %"],
        ["air", "Li3PS4", "--dew-point", "60 C"],
        ["air", "Li3PS4", "--gas", "CO2"],
        ["air", "Li3PS4", "--humidity", "lots"],
        ["air", "Li3PS4", "--released-at", "0"],
        ["air", "Li3PS4", "--temperature", "5 V"],
        ["air", "PEO"],
        ["air", "Li3PS4", "--json", "--csv"],
    ],
)
def test_a_mistake_is_one_line(arguments, capsys):
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and "internal" not in told.err


def test_energies_at():
    assert energies_at(embedded(), None, []) is embedded()
    hot = energies_at(embedded(), "60 C", ["O2:0.2 bar"])
    assert isinstance(hot, GibbsPhases) and hot.gas("O2").pressure == 2e4
    with pytest.raises(DataError, match="--temperature"):
        energies_at(embedded(), None, ["O2:0.2 bar"])
    lines = vapour_lines(hot, {"Li": 1.0, "Cl": 1.0}, 3.953, [3.9, float("inf")])
    assert len(lines) == 2 and "Cl2" in lines[0]
