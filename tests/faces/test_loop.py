"""The worked example of the docs, in few draws: choose, measure, learn, choose again, ask again."""

import json
import runpy
import shutil
from pathlib import Path

import pytest

from anolyte.faces.cli import main

LOOP = Path(__file__).parents[2] / "docs" / "howto" / "loop"


def settings(front, name):
    return [next(s["value"] for s in d["settings"] if s["name"] == name)
            for d in front["designs"]]  # fmt: skip


def test_the_loop_of_the_docs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("optuna")
    shutil.copytree(LOOP, tmp_path / "loop")
    monkeypatch.chdir(tmp_path / "loop")
    asked = ["optimise", "study.yaml", "--evaluations", "60"]
    assert main([*asked, "--save", "before.json"]) == 0
    runpy.run_path("measure.py")
    assert main(["learn", "cell.yaml", "data", "--draws", "200", "--save", "learned.json",
                 "--plot", "learned.html", "--next", "next.txt"]) == 0  # fmt: skip
    assert main([*asked, "--learned", "learned.json", "--plot", "after.html",
                 "--save", "after.json"]) == 0  # fmt: skip
    before, after = (json.loads(Path(f"{n}.json").read_text()) for n in ("before", "after"))
    # an untreated face is thrown out before, for nobody knows it, and is back when it was measured
    assert "none" not in settings(before, "interlayer")
    assert after["keeping"] > before["keeping"] and after["learnt"] and not before["learnt"]
    own = [{s["objective"]: s for s in front["own"]["scores"]} for front in (before, after)]
    name = "critical current density"
    spans = [o[name]["high"]["si"] / o[name]["low"]["si"] for o in own]
    assert spans[1] < spans[0]
    learned = json.loads(Path("learned.json").read_text())
    change = {c["name"]: c for c in learned["changes"]}["both interfaces after 1 h"]
    assert change["number"] == "surface film resistance"
    assert change["observation"] == "interface resistance"
    assert Path("next.txt").read_text().startswith("# ramp of the current")
    capsys.readouterr()
    assert main(["rerun", "after.json"]) == 0
    assert "the same answer, to the last digit" in capsys.readouterr().out
