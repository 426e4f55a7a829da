"""The verb `react` with many layers, and its figures by name."""

import csv
import io
import json

import pytest

from anolyte.faces.cli import main
from anolyte.studies import interlayers
from anolyte.studies.ledger import Ledger


@pytest.fixture
def run(capsys):
    """Run one command in this process; what it printed on both streams."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        return capsys.readouterr()

    return call


def test_the_library_between_llzo_and_lithium(run):
    out, err = run("react", "--all-interlayers", "LLZO", "Li")
    assert "Layers between LLZO and Li" in out
    assert "unknown for lack of competing phases: 0 of" in out
    assert "lower bound" in out and "neither conduction nor speed" in out
    best = out.splitlines()
    rows = [line.split() for line in best if line.startswith("  Li3P")]
    assert rows[0][2] == "-0.043"
    assert "failed" in err  # the progress


def test_json_and_csv_tell_the_same(run, tmp_path):
    asked = ("react", "LLZO", "Li", "--count", 40, "--seed", 2, "--elements", "Li,Al,Zr,O,F,S")
    data = json.loads(run(*asked, "--json").out)
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--csv").out)))
    assert data["type"] == "anolyte.studies.interlayers.result:InterlayerScreen"
    assert data["asked"] == len(rows) == len(data["candidates"]) == 40
    assert [c["name"] for c in data["candidates"]] == [r["candidate"] for r in rows]
    first = data["candidates"][0]["to_anode"]
    assert first["unit"] == "J"
    run(*asked, "--save", tmp_path / "screen.json")
    import anolyte

    assert anolyte.load(tmp_path / "screen.json").to_dict() == data


def test_many_candidates_go_over_several_processes(run, tmp_path, monkeypatch):
    asked = ("react", "LLZO", "Li", "--count", 110, "--elements", "Li,Al,Zr,O,F,S", "--json")
    alone = run(*asked).out
    monkeypatch.setattr("anolyte.faces.interlayers.MANY", 1)
    assert run(*asked, "--resume", tmp_path / "kept.db").out == alone
    with Ledger(tmp_path / "kept.db") as ledger:
        assert {e for (e,) in ledger._all("SELECT engine FROM task")} == {"processes"}


def test_formulas_of_a_file(run, tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("LiF\nLi3PO4\nnonsense\nWI6\n", encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(
        run("react", "LLZO", "Li", "--compositions", file, "--csv").out
    )))  # fmt: skip
    assert [r["candidate"] for r in rows] == ["LiF", "Li3PO4", "WI6", "nonsense"]
    assert rows[2]["unknown for lack of"] and not rows[2]["mean [eV/atom]"]
    assert "not part of a formula" in rows[3]["refused"] or rows[3]["refused"]


def test_ctrl_c_shows_and_keeps_what_is_done(run, tmp_path, monkeypatch):
    ledger = tmp_path / "kept.db"
    asked = ("react", "LLZO", "Li", "--count", 150, "--elements", "Li,Al,Zr,Ti,O,F,S",
             "--resume", ledger)  # fmt: skip
    judge, seen = interlayers.Screening.judge, []

    def stopping(self, *named):
        seen.append(named)
        if len(seen) == 60:
            raise KeyboardInterrupt
        return judge(self, *named)

    monkeypatch.setattr(interlayers.Screening, "judge", stopping)
    out, err = run(*asked, code=130)
    assert "judged so far: 50 of 150 candidates" in out
    assert "anolyte: stopped" in err
    monkeypatch.setattr(interlayers.Screening, "judge", judge)
    assert "so far" not in run(*asked).out
    with Ledger(ledger) as kept:
        assert kept.status() == {"done": 3, "failed": 0}


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("--all-interlayers", "LLZO"), "which anode?"),
        (("LLZO", "Li", "--seed", "3"), "add --count N"),
        (("LLZO", "Li", "--elements", "Li,O"), "add --count N"),
        (("LLZO", "Li", "--resume", "x.db"), "belongs to a screen"),
        (("LLZO", "Li", "--count", "0"), "one or more"),
        (("LLZO", "Li", "--count", "5", "--elements", "Li,Dy,O"), "Dy not in"),
        (("LLZO", "Li", "--compositions", "absent.txt"), "cannot be read"),
        (("LLZO", "Li", "--count", "5", "--interlayer", "LiF:10 nm"), "no place in a screen"),
        (("LLZO", "Li", "--count", "5", "--json", "--csv"), "choose one"),
        (("LLZO", "Li", "--figure", "layers=x.html"), "known here are mixing"),
        (("LLZO", "Li", "--count", "5", "--figure", "map=x.html"), "known here are layers"),
        (("LLZO", "Li", "--figure", "mixing=x.gif"), "written as .html, .svg"),
        (("LLZO", "LiCoO2", "--figure", "volume=x.html"), "needs an anode"),
        (("Li1.3Al0.3Ti1.7(PO4)3", "Li", "--figure", "map=x.html"), "three or four"),
    ],
)
def test_one_line_for_what_makes_no_sense(run, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out, err = run("react", *arguments, code=2)
    assert words in err and err.count("\n") == 1 and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_figures_by_name(run, tmp_path):
    names = ("mixing", "profile", "map", "open-map", "potentials", "volume")
    pages = {name: tmp_path / f"{name}.html" for name in names}
    wanted = [part for name, page in pages.items() for part in ("--figure", f"{name}={page}")]
    out, _ = run("react", "Li6PS5Cl", "Si", *wanted, "--figure", tmp_path / "headline.html")
    assert out.count("figure: ") == 7
    for page in [*pages.values(), tmp_path / "headline.html"]:
        text = page.read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert "cdn" not in text.split("plotly", 1)[0]  # self-contained
        assert "Plotly.newPlot" in text
