"""The verb `window`: error bars, temperature, three windows, figures by name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anolyte.faces.cli import main


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out = capsys.readouterr()
    return code, out.out, out.err


def test_error_bars_stand_beside_the_window(capsys):
    code, out, _ = run(capsys, "window", "Li3YCl6", "--draws", "200", "--json")
    found = json.loads(out)
    assert code == 0 and found["uncertainty"]["draws"] == 200
    low, high = (found["uncertainty"]["reduction"][k]["value"] for k in ("low", "high"))
    assert low < found["reduction_limit"]["value"] < high


def test_a_temperature_changes_the_kind_of_the_energies(capsys):
    cold = json.loads(run(capsys, "window", "LiCl", "--json")[1])
    hot = json.loads(run(capsys, "window", "LiCl", "--temperature", "25 C", "--json")[1])
    apart = cold["oxidation_limit"]["value"] - hot["oxidation_limit"]["value"]
    assert apart == pytest.approx(0.25, abs=0.02)  # the entropy of half a mole of chlorine
    assert "Gibbs energy at 298.15 K" in hot["energies"]
    _, out, _ = run(capsys, "window", "LiCl", "--temperature", "60 C")
    assert "Gas over it at the oxidation limit" in out and "Cl2" in out


def test_gases_need_a_temperature(capsys):
    code, _, err = run(capsys, "window", "LiCl", "--gas", "Cl2:1 Pa")
    assert code == 2 and err.count("\n") == 1 and "--temperature" in err


def test_three_windows_with_a_voltammogram(capsys, tmp_path):
    t = np.arange(0.0, 30_000.0, 10.0)
    v = 2.0 + 1e-4 * t
    i = 1e-7 + 2e-5 * np.exp((v - 3.2) / 0.08) / (1.0 + np.exp((v - 3.2) / 0.08))
    path = tmp_path / "scan.csv"
    rows = "\n".join(f"{a:.1f},{b:.5f},{c:.4e}" for a, b, c in zip(t, v, i, strict=True))
    path.write_text(f"time [s],voltage [V],current [A]\n{rows}\n", encoding="utf-8")
    page = tmp_path / "three.html"
    words = ("window", "Li6PS5Cl", "--three", "--cv", str(path), "--area", "0.785 cm2",
             "--electrodes", "C|Li", "--electrode", "carbon")  # fmt: skip
    code, out, _ = run(capsys, *words, "--figure", f"windows={page}")
    assert code == 0 and "measured" in out and "kinetic" in out
    assert page.stat().st_size > 10_000
    found = json.loads(run(capsys, *words, "--json")[1])
    assert 2.4 < found["measured"]["oxidation_onset"]["value"] < 3.3


def test_a_voltammogram_alone_belongs_elsewhere(capsys, tmp_path):
    code, _, err = run(capsys, "window", "Li6PS5Cl", "--cv", str(tmp_path / "a.csv"))
    assert code == 2 and "fit cv" in err


@pytest.mark.parametrize("name", ["force", "potentials", "map"])
def test_figures_by_name(capsys, tmp_path, name):
    page = tmp_path / "figure.html"
    assert run(capsys, "window", "Li3PS4", "--figure", f"{name}={page}")[0] == 0
    assert "plotly" in page.read_text(encoding="utf-8")


def test_an_unknown_figure_names_the_known(capsys):
    code, _, err = run(capsys, "window", "Li3PS4", "--figure", "pie=a.html")
    assert code == 2 and "force, potentials, map" in err


def test_three_windows_with_error_bars_of_the_thermodynamic_one(capsys, tmp_path):
    page = tmp_path / "three.html"
    words = ("window", "Li6PS5Cl", "--three", "--draws", "200")
    code, out, _ = run(capsys, *words, "--figure", f"windows={page}")
    assert code == 0 and "Under the errors of the energies (200 draws, seed 0)" in out
    assert "can reach 7 V" in out and "+4.76 V beyond" in " ".join(out.split())
    found = json.loads(run(capsys, *words, "--json")[1])
    assert found["uncertainty"]["draws"] == 200


@pytest.mark.parametrize("more", [["--own-energy"], ["--temperature", "60 C"]])
def test_three_windows_refuse_what_they_would_have_to_ignore(capsys, more):
    code, _, err = run(capsys, "window", "Li6PS5Cl", "--three", *more)
    assert code == 2 and err.count("\n") == 1 and more[0] in err
