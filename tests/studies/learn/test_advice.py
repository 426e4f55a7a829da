"""What is advised of a learnt cell, and learning while spectra come."""

from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.result import Level, Number
from anolyte.faces.cli import main
from anolyte.studies.cell import Cell
from anolyte.studies.files import load
from anolyte.studies.learn import Measured, Resistances, Sources, learn
from anolyte.studies.learn.advice import GO_ON, OPTIONS, STOP, Advice, advise
from anolyte.studies.learn.live import Live
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.optimise import (
    KNOBS,
    OBJECTIVES,
    Choice,
    Range,
    Space,
    Study,
    optimise,
)

CELL = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa", current="0.05 mA/cm2",
            capacity="0.1 mAh/cm2")  # fmt: skip
TIMES = tuple(float(t) for t in np.arange(8) * 7200.0)
VALUES = tuple(float(v) for v in 20e-4 * (1.0 + 0.3 * np.sqrt(np.array(TIMES) / 3600.0 + 1.0)))
SEEN = Resistances("interface resistance", VALUES, (0.05,) * 8, TIMES, (5e6,) * 8, (298.15,) * 8,
                   age=3600.0)  # fmt: skip


@pytest.fixture(scope="module")
def learned():
    return learn(CELL, [SEEN], draws=200, propose_next=False)


def at(current):
    return replace(CELL, conditions=replace(CELL.conditions, current_density=current))


def test_a_gentle_current_goes_on_and_a_hard_one_does_not(learned):
    gentle, hard, absurd = (advise(at(j), learned) for j in (0.05, 12.0, 500.0))
    assert gentle.chosen == GO_ON.name and gentle.level is Level.GOOD
    assert hard.tried[0].safe < 0.9 and hard.chosen != GO_ON.name
    assert absurd.chosen == STOP and absurd.level is Level.BAD
    assert "live through ten cycles" in absurd.reason and absurd.tried[0].ends


def test_less_current_and_more_pressure_never_harm_on_the_whole(learned):
    shares = {t.name: t.safe for t in advise(at(6.0), learned).tried}
    assert shares["take half of the current"] >= shares["take 0.7 of the current"]
    assert shares["take 0.7 of the current"] >= shares["go on"]
    assert shares["press twice as hard"] >= shares["go on"]
    assert [o.name for o in OPTIONS] == list(shares)


def test_the_mildest_that_is_safe_is_taken(learned):
    for current in (2.0, 4.0, 6.0, 8.0):
        found = advise(at(current), learned)
        safe = [t.name for t in found.tried if t.safe >= 0.9]
        assert not safe or found.chosen == safe[0]


def decision(number, value, time, name="."):
    return Decision("spectrum", name, f"s{number}.dta", 1, time=time, numbers={
        "charge transfer R2, one interface": Number(value, "area_resistance", 0.02 * value),
        "temperature": Number(298.15, "temperature"),
    })  # fmt: skip


def test_learning_as_spectra_come(tmp_path):
    said = []
    live = Live(CELL, tmp_path / "learned.json", said.append, draws=100)
    for number, (value, time) in enumerate(zip(VALUES, TIMES, strict=True)):
        live.decided(decision(number, 0.5 * value, 1.7e9 + time))
        live.looked()
        live.looked()  # nothing new: nothing is said again
        assert len(said) == max(0, number - 1)
    assert "go on" in said[-1] and "both interfaces after 1 h" in said[-1]
    kept = load(tmp_path / "learned.json")
    assert kept.predicted[0].measured == pytest.approx(VALUES)
    again = Live(CELL, tmp_path / "again.json", said.append, draws=100)
    for number, (value, time) in enumerate(zip(VALUES, TIMES, strict=True)):
        again.decided(decision(number, 0.5 * value, 1.7e9 + time))
    again.looked()
    assert said[-1] == said[-2]  # what a watcher that was stopped says when it goes on


def test_a_clock_is_needed_and_told_once(tmp_path):
    said = []
    live = Live(CELL, tmp_path / "learned.json", said.append)
    live.decided(decision(1, 1e-3, None))
    live.decided(decision(2, 1e-3, None))
    assert len(said) == 1 and "has no clock" in said[0]


def test_each_folder_is_a_cell_of_its_own(tmp_path):
    said = []
    live = Live(CELL, tmp_path / "learned.json", said.append, draws=50)
    for number in range(3):
        for name in ("a", "b"):
            live.decided(decision(number, VALUES[number], 1.7e9 + TIMES[number], name))
    live.looked()
    assert {text[:2] for text in said} == {"a:", "b:"}
    assert (tmp_path / "learned-a.json").exists() and (tmp_path / "learned-b.json").exists()


def test_watch_needs_to_know_which_cell_it_learns(tmp_path, capsys):
    assert main(["watch", str(tmp_path), "--once", "--learn", "x.json",
                 "--log", str(tmp_path / "w.jsonl")]) == 2  # fmt: skip
    assert "--learn needs --cell" in capsys.readouterr().err


def test_designs_rest_on_what_was_learnt(learned):
    pytest.importorskip("optuna")
    knobs = {k.name: k for k in KNOBS}
    wants = {o.name: o for o in OBJECTIVES}
    space = Space(CELL, (Range(knobs["stack pressure"], "1 MPa", "20 MPa"),
                         Choice(knobs["interlayer"], ("none", "Li3N"))))  # fmt: skip
    study = Study(space, (wants["cell resistance"], wants["critical current density"]), draws=8)
    before, after = (optimise(s, evaluations=20)
                     for s in (study, replace(study, known=Measured(CELL, learned))))  # fmt: skip
    assert after.learnt and not before.learnt
    then, now = (f.own.scores[0] for f in (before, after))
    assert now.high.si - now.low.si < then.high.si - then.low.si
    bulk = 0.5e-3 / CELL.assemble().device.bulk.conductivity(298.15)
    assert now.value.si - bulk == pytest.approx(VALUES[0], rel=0.5)
    with pytest.raises(DataError, match="learnt is of"):
        Measured(Cell("LLZO", "Li"), learned)


def test_a_map_rests_on_what_was_learnt(learned, tmp_path, capsys):
    axes = {"current": ("0.2 mA/cm2", "4 mA/cm2"), "n": 20 * 16, "draws": 16}
    before, after = CELL.map(**axes), CELL.map(**axes, known=Measured(CELL, learned))
    assert before.share().shape == after.share().shape
    # the resistive interphase that was found brings filaments sooner
    assert after.share().sum() < before.share().sum()
    assert np.all(np.diff(after.share().ravel()) <= 0.0)
    same = CELL.map(**axes, known=Sources())
    assert same.probability == before.probability
    from anolyte.studies.files import save

    path = save(learned, tmp_path / "learned.json")
    asked = ["map", "Li6PS5Cl", "Li", "--current", "0.2 mA/cm2 to 4 mA/cm2", "-n", "64",
             "--draws", "16", "--learned", str(path), "--json"]  # fmt: skip
    assert main(asked) == 0
    asked[1] = "LLZO"
    capsys.readouterr()
    assert main(asked) == 2 and "learnt is of" in capsys.readouterr().err


def test_advice_is_a_result_that_is_read_back(learned, tmp_path):
    from anolyte.studies.files import save

    found = advise(at(2.0), learned)
    assert load(save(found, tmp_path / "a.json")) == found
    assert isinstance(found, Advice) and found.findings({})[0].label == found.chosen
