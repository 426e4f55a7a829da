"""The verb `screen`: from a line to a short list, a page and structures, and how far one is."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

import anolyte
from anolyte.faces.cli import main
from anolyte.studies.ledger import Ledger


@pytest.fixture
def run(capsys):
    """Run one command in this process; what it printed on both streams."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        return capsys.readouterr()

    return call


LIBRARY = ("screen", "--electrolyte", "LLZTO", "--candidates", "library", "--through", "reactions",
           "--engine", "local")  # fmt: skip


def test_the_library_between_llzto_and_lithium(run):
    out = run(*LIBRARY).out
    assert "Candidates between LLZTO and Li" in out
    head = [line for line in out.splitlines() if line.strip().startswith("1 ")]
    assert head, out
    for name in ("Li2O", "LiCl", "LiF"):  # stable against lithium, as everybody knows
        assert f" {name} " in out
    assert "reaction with anode" in out and "P all" in out


def test_json_csv_and_the_page_hold_the_same_answer(run, tmp_path):
    page = tmp_path / "s.html"
    data = json.loads(run(*LIBRARY, "--json", "--report", page).out)
    rows = list(csv.DictReader(io.StringIO(run(*LIBRARY, "--csv").out)))
    names = [f["candidate"]["name"] for f in data["shortlist"]]
    assert names == [r["name"] for r in rows]
    assert len(names) == len(set(names)) == 12
    loaded = anolyte.load(page)
    assert [f.candidate.name for f in loaded.shortlist] == names
    for finalist in loaded.shortlist:
        for e in finalist.estimates:
            assert e.method
            # Indices and classes of a table have no error that anybody knows.
            tabulated = e.name.endswith(("concentration", "abundance", "hazard", "tightness"))
            told = f"{finalist.candidate.name}: {e.name} has no error"
            assert e.value is None or e.sigma or tabulated, told
            assert e.value is not None or e.note, f"{finalist.candidate.name}: {e.name}: why not?"


def test_one_line_asks_for_other_ions_on_the_germanium_site(run):
    out = run("screen", "--electrolyte", "LGPS", "--swap", "Ge=Sr,Si,Sn", "--through", "reactions",
              "--engine", "local").out  # fmt: skip
    assert "Li10SrP2S12 was dropped" in out and "-2" in out
    assert "Li12SrP2S12" in out
    assert "gain at anode" in out


def test_errors_shared_with_the_host_cancel():
    from anolyte.studies.interlayers import ask
    from anolyte.studies.screen.candidates import Candidate
    from anolyte.studies.screen.estimates import Judged
    from anolyte.studies.screen.estimators import Beside, Reacting

    reacting = Reacting(ask("LGPS", "Li", ["Li10SnP2S12"]))
    (j,) = Beside(reacting)([Judged(Candidate("Li10SnP2S12", "Li10SnP2S12", "given"))])
    (own,) = reacting([Judged(Candidate("Li10SnP2S12", "Li10SnP2S12", "given"))])
    alone, beside = own.best("reaction_with_anode"), j.best("gain_at_anode")
    (host,) = reacting([Judged(Candidate("h", "Li10GeP2S12", "given"))])
    against = host.best("reaction_with_anode")
    assert beside.value == pytest.approx(alone.value - against.value)
    assert beside.sigma < (alone.sigma**2 + against.sigma**2) ** 0.5
    (same,) = Beside(reacting)([Judged(Candidate("h", "Li10GeP2S12", "given"))])
    assert same.best("gain_at_anode").value == 0.0
    assert same.best("gain_at_anode").sigma == pytest.approx(0.0, abs=1e-25)


def test_the_error_of_a_reaction_is_that_of_resampled_energies():
    import numpy as np

    from anolyte.core.units import ELEMENTARY_CHARGE as EV
    from anolyte.materials import formula
    from anolyte.materials.energy_errors import energy_errors
    from anolyte.studies.interlayers import ask
    from anolyte.studies.screen.candidates import Candidate
    from anolyte.studies.screen.estimates import Judged
    from anolyte.studies.screen.estimators import Reacting

    question = ask("LLZO", "Li", ["Li3PO4"])
    (j,) = Reacting(question)([Judged(Candidate("Li3PO4", "Li3PO4", "given"))])
    found = j.best("reaction_with_anode")  # Li3PO4 + 8 Li -> 4 Li2O + Li3P, 5 atoms that count
    phases = question.phases.within({"Li", "P", "O"})
    errors = energy_errors(phases, 0.025)
    table = errors.energies(errors.normal(4000, 3))
    at = {p.formula: k for k, p in reversed(list(enumerate(phases.rows)))
          if p == phases.find(p.composition)}  # fmt: skip
    draws = sum(
        n * formula.atoms(formula.parse(f)) * table[:, at[f]]
        for f, n in {"Li3PO4": -1.0, "Li2O": 4.0, "Li3P": 1.0}.items()
    ) / 5.0  # fmt: skip
    assert found.sigma / EV == pytest.approx(float(np.std(draws)), rel=0.05)


def test_alloy_formers_are_not_dropped_for_taking_up_lithium(run):
    data = json.loads(run(*LIBRARY, "--short", 60, "--json").out)
    gold = next(f for f in data["shortlist"] if f["candidate"]["name"] == "Au")
    said = next(e for e in gold["estimates"] if e["name"] == "reaction_with_anode")
    assert said["value"] is None and "alloys" in said["note"]


def test_how_far_a_screen_is_and_what_failed(run, tmp_path):
    file = tmp_path / "s.db"
    run(*LIBRARY, "--resume", file)
    out = run("screen", "status", file).out
    assert "done" in out and "reactions" in out and "finished" in out
    assert json.loads(run("screen", "status", file, "--json").out)["failed"] == 0
    assert "0 groups failed" in run("screen", "failed", file).out
    assert json.loads(run("screen", "failed", file, "--json").out) == []


def test_what_failed_is_run_again_by_the_command_that_is_remembered(run, tmp_path):
    file = tmp_path / "s.db"
    subprocess.run(
        [sys.executable, "-m", "anolyte", *LIBRARY, "--resume", str(file)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    before = json.loads(run("screen", "status", file, "--json").out)["done"]
    with closing(sqlite3.connect(file)) as database, database:
        (key,) = database.execute("SELECT key FROM task WHERE run IS NOT NULL LIMIT 1").fetchone()
        database.execute("UPDATE task SET status = 'failed', error = 'X' WHERE key = ?", (key,))
        database.execute("DELETE FROM result WHERE key = ?", (key,))
    assert key[:12] in run("screen", "failed", file).out
    said = json.loads(run("screen", "retry", file, "--engine", "local", "--json").out)
    assert said["shortlist"]
    status = json.loads(run("screen", "status", file, "--json").out)
    assert (status["done"], status["failed"]) == (before, 0)
    run(*LIBRARY, "--resume", tmp_path / "other.db")  # begun inside another program
    assert "with --retry" in run("screen", "retry", tmp_path / "other.db", code=2).err


def test_a_ledger_of_another_question_is_refused(run, tmp_path):
    file = tmp_path / "s.db"
    run(*LIBRARY, "--resume", file)
    other = ("screen", "--electrolyte", "Li6PS5Cl", "--anode", "Si", *LIBRARY[3:])
    err = run(*other, "--resume", file, code=2).err
    assert "LLZTO | Li" in err and "Li6PS5Cl | Si" in err and len(err.strip().splitlines()) == 1


def test_each_ion_stands_once_with_its_other_compensations(run):
    asked = ("screen", "--electrolyte", "LGPS", "--swap", "Ge=Sr,Mg", "--through", "reactions")
    data = json.loads(run(*asked, "--json", "--engine", "local").out)
    found = {f["candidate"]["name"]: f["also"] for f in data["shortlist"]}
    assert len(found) == 2
    assert any("Li12SrP2S12" in (name, *also) for name, also in found.items())
    assert {d["name"] for s in data["steps"] for d in s["examples"]} == {
        "Li10SrP2S12", "Li10MgP2S12",
    }  # fmt: skip


def test_what_one_more_number_would_change_is_a_probability():
    from anolyte.studies.screen.candidates import Candidate
    from anolyte.studies.screen.estimates import Estimate
    from anolyte.studies.screen.funnel import Step
    from anolyte.studies.screen.result import Finalist, ScreenResult
    from anolyte.studies.screen.targets import Target

    aims = (Target("a", "number", 0.0, True), Target("b", "number", 0.0, True))
    # One standard deviation above the limit: 0.841; with half the error, two: 0.977.
    estimates = (Estimate("a", "number", 1.0, 1.0, note="seen"), Estimate("b", "number", None))
    candidate = Candidate("x", "LiF", "")
    one = Finalist(candidate, 0.841 * 0.5, (0.841, None), None, False, estimates)
    step = Step("t", 4, 4, 0, 0, 3, 0.0, usual={"a": 0.9, "b": 0.5}, known={"a": 4, "b": 1})
    result = ScreenResult("E", "A", aims, (step,), (one,), 1)
    said = result.change(one)
    assert "b, once known, makes P 0.84" in said
    assert "a with half its error makes P 0.49" in said
    assert result.unknown == {"a": 0.0, "b": 0.75}
    assert result.rests_on(one) == "a: seen"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "which electrolyte"),
        (("--electrolyte", "LLZTO"), "which candidates"),
        (("--electrolyte", "LLZTO", "--candidates", "library", "--through", "all"), "no tier"),
        (("--electrolyte", "LLZTO", "--candidates", "nowhere.csv"), "nowhere.csv"),
        (("--electrolyte", "LGPS", "--swap", "Xx"), "Xx"),
        (
            ("--electrolyte", "LLZTO", "--candidates", "library", "--targets", "none.yaml"),
            "none.yaml",
        ),
        (("--electrolyte", "PEO", "--candidates", "library"), "organic"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(run, arguments, told):
    err = run("screen", *arguments, code=2).err
    assert told in err and len(err.strip().splitlines()) == 1


def test_a_killed_screen_goes_on_where_it_stopped(run, tmp_path):
    file = tmp_path / "s.db"
    asked = ("screen", "--electrolyte", "LLZTO", "--count", "2000", "--elements", "Li,Al,Zr,O,F,S",
             "--through", "reactions", "--engine", "local", "--json")  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "anolyte", *asked, "--resume", str(file)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 60.0
    while time.monotonic() < until and process.poll() is None:
        if file.exists() and _done(file) >= 2:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.05)
    process.wait()
    before = _done(file)
    assert before >= 2
    resumed = json.loads(run(*asked, "--resume", file).out)
    whole = json.loads(run(*asked).out)
    for step in (*resumed["steps"], *whole["steps"]):
        step.pop("seconds")
    assert resumed == whole


def _done(file):
    try:
        with Ledger.open_read_only(file) as ledger:
            return ledger.status()["done"]
    except Exception:
        return 0
