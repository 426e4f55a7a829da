"""Studies of a cell: fronts, limits, what variables buy, resuming, files and their faults."""

import json
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError, UnitsError
from anolyte.faces.cli import main
from anolyte.laws.clamping import ClampingPlates
from anolyte.models.cell import build
from anolyte.models.cell.joined import at, joined, likeness
from anolyte.studies.cell import Cell
from anolyte.studies.ledger import Ledger
from anolyte.studies.levers.run import Batch, fine_ramp
from anolyte.studies.optimise import KNOBS, OBJECTIVES, Choice, Limit, Range, Space, Study, optimise
from anolyte.studies.optimise.answers import answers
from anolyte.studies.optimise.files import read_study
from anolyte.studies.optimise.front import nondominated

pytest.importorskip("optuna", reason="Optuna is in the [opt] extra")

KNOB = {knob.name: knob for knob in KNOBS}
WANT = {objective.name: objective for objective in OBJECTIVES}
CELL = Cell("LLZO", "Li", current="0.5 mA/cm2", pressure="5 MPa", capacity="3 mAh/cm2",
            thickness="50 um")  # fmt: skip
SPACE = Space(CELL, (
    Range(KNOB["stack pressure"], "0.5 MPa", "20 MPa"),
    Choice(KNOB["interlayer"], ("none", "Li3N")),
    Range(KNOB["interlayer thickness"], "10 nm", "1 um"),
    Range(KNOB["electrolyte thickness"], "10 um", "500 um"),
))  # fmt: skip
STUDY = Study(
    SPACE, (WANT["critical current density"], WANT["specific energy"]),
    (Limit(WANT["cell resistance"], 50e-4, False),), draws=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return optimise(STUDY, evaluations=160)


def value(design, name):
    return next(s.value.si for s in design.scores if s.objective == name)


def setting(design, name):
    return next(s.value for s in design.settings if s.name == name)


def test_joined_devices_give_the_same_bits():
    """Designs of one likeness in one batch, beside each alone."""
    cells = [SPACE.at({"stack pressure": p, "interlayer": name, "electrolyte thickness": t})
             for p in (1e6, 9e6) for name in ("none", "Li3N") for t in (2e-5, 1e-4)]  # fmt: skip
    draws, pick = 4, build.Draws(4, 0)
    devices = [at(c.assemble(pick=pick).device, c.conditions.temperature, draws) for c in cells]
    assert len({likeness(d) for d in devices}) == 1
    pressure = np.repeat([c.conditions.stack_pressure for c in cells], draws)
    whole = Batch(joined(devices, draws), pressure, np.full(pressure.size, 298.15), pressure.size)  # type: ignore[arg-type]
    ramp = fine_ramp(ratio=1.5)
    together = whole.critical(ramp).reshape(-1, draws)
    for cell, row in zip(cells, together, strict=True):
        device = cell.assemble(pick=pick).device
        alone = Batch(device, cell.conditions.stack_pressure, 298.15, draws).critical(ramp)
        assert np.array_equal(alone, row)


def test_the_charge_of_a_step_can_differ_from_cell_to_cell():
    groups, _ = answers([replace(CELL, conditions=replace(CELL.conditions, areal_capacity=c))
                         for c in (3.6e3, 3.6e4)], 2, 0)  # fmt: skip
    lived = groups[0][1]._lived
    passed = lived.passed.reshape(2, 2)[:, 0]
    assert passed == pytest.approx([40 * 3.6e3, 40 * 3.6e4], rel=1e-9)


def test_nothing_on_the_front_is_beaten_and_all_keep_the_limits(found):
    values = np.array([[-value(d, o.name) for o in STUDY.wanted] for d in found.designs])
    assert nondominated(values).all() and len(found.designs) >= 3
    assert all(share >= 0.9 for d in found.designs for share in d.kept)
    assert found.knee is not None and 0 < found.keeping <= found.evaluations == 160


def test_the_answers_are_those_of_the_cell(found):
    """One design asked again, by the cell's own way to a critical current."""
    design = found.designs[found.knee]
    point = {s.name: s.value if isinstance(s.value, str) else s.value.si for s in design.settings}
    cell = SPACE.at(point)
    batch = Batch(cell.assemble(pick=build.Draws(8, 0)).device, cell.conditions.stack_pressure,
                  298.15, 8)  # fmt: skip
    alone = np.median(batch.critical(fine_ramp(last=400.0, ratio=1.2)))
    assert value(design, "critical current density") == pytest.approx(alone, rel=1e-6)


def test_pressure_buys_current_and_plates_cost_energy(found):
    bought = [b for b in found.bought if b.name == "stack pressure"]
    up = next(b for b in bought if b.after.si > b.before.si)
    assert "specific energy" in up.worse
    assert any(text.startswith("stack pressure") for text in found.conflicts)
    thick = [b for b in found.bought if b.name == "electrolyte thickness"]
    assert all("specific energy" in b.worse for b in thick if b.after.si > b.before.si)
    assert setting(found.designs[found.knee], "electrolyte thickness").si < 5e-5


def test_a_study_that_was_stopped_comes_to_the_same_front(found, tmp_path):
    class Stop(Exception):
        pass

    def halfway(done, total, what=""):
        if done >= 60:
            raise Stop

    path = tmp_path / "study.db"
    with Ledger(path) as ledger, pytest.raises(Stop):
        optimise(STUDY, evaluations=160, ledger=ledger, progress=halfway)
    seen = []
    with Ledger(path) as ledger:
        kept = ledger.status()["done"]
        again = optimise(STUDY, evaluations=160, ledger=ledger,
                         progress=lambda d, t, w="": seen.append(d))  # fmt: skip
        assert ledger.status()["done"] == 8 > kept >= 3
    assert json.dumps(again.to_dict()) == json.dumps(found.to_dict())


def test_limits_that_nothing_keeps_are_told_with_the_nearest():
    hard = replace(STUDY, limits=(Limit(WANT["cell resistance"], 1e-9, False),))
    answer = optimise(hard, evaluations=20)
    assert not answer.designs and answer.nearest is not None and answer.keeping == 0


def test_a_process_bounds_the_thickness_and_covers_what_it_covers():
    choice = Choice(KNOB["interlayer"], ("none", "LiF by sputtering"))
    space = Space(CELL, (choice, Range(KNOB["interlayer thickness"], "1 nm", "10 um")))
    point = {"interlayer": "LiF by sputtering", "interlayer thickness": 5e-6}
    cell = space.at(point)
    assert cell.interface.layers[0].coverage == pytest.approx(0.95)
    assert "sputtering makes" in space.refused(point, cell)
    thin = point | {"interlayer thickness": 1e-7}
    assert space.refused(thin, space.at(thin)) == ""


def test_what_nobody_measured_does_not_win_by_silence():
    """No growth and no filament limit is known of LAGP | Li: that is not the same as no risk."""
    cells = [Cell(name, "Li", thickness="30 um") for name in ("LAGP", "LLZO", "Li6PS5Cl")]
    by_place = {}
    for places, found in answers(cells, 4, 0)[0]:
        for name in ("risk of filaments", "risk of side reactions", "critical current density"):
            table = WANT[name].of(found)
            by_place |= {(cells[k].interface.electrolyte.name, name): table[row]
                         for row, k in enumerate(places)}  # fmt: skip
    for (electrolyte, name), values in by_place.items():
        assert np.isnan(values).all() == (electrolyte == "LAGP"), (electrolyte, name)
    space = Space(CELL, (Choice(KNOB["electrolyte"], ("LLZO", "LAGP")),))
    front = optimise(replace(STUDY, space=space, limits=()), evaluations=20)
    assert {setting(d, "electrolyte") for d in front.designs} == {"LLZO"}
    assert any("unknown" in why for why, _ in front.refused)


def test_rests_are_time_in_which_pressure_and_age_act():
    base = Cell("Li6PS5Cl", "Li", pressure="5 MPa", capacity="0.5 mAh/cm2", thickness="50 um")
    rests = Choice(KNOB["rest"], ("0 h", "10 h"))
    space = Space(base, (rests, Range(KNOB["current"], "0.1 mA/cm2", "3 mA/cm2")))
    cells = [space.at({"rest": r, "current": 3.0}) for r in ("0 h", "10 h", "0 h")]
    groups, _ = answers(cells, 8, 0)
    cycles = {place: found.cycles[row]
              for places, found in groups for row, place in enumerate(places)}  # fmt: skip
    assert len(groups) == 2 and np.array_equal(cycles[0], cycles[2])
    assert np.all(cycles[1] <= cycles[0]) and cycles[1].mean() < cycles[0].mean()
    with pytest.raises(UnitsError, match="2 parsecs"):
        Space(CELL, (Choice(KNOB["rest"], ("0 h", "2 parsecs")),))


def test_plates_that_press():
    plates = ClampingPlates(side=0.1, strength=200e6, density=2700.0)
    assert plates.thickness(4e6) == pytest.approx(2.0 * plates.thickness(1e6))
    stress = 0.2874 * 5e6 * (0.1 / plates.thickness(5e6)) ** 2
    assert stress == pytest.approx(200e6)


TEXT = """
cell: {electrolyte: LLZO, anode: Li, sample: {thickness: 20 um}}
change:
  stack pressure: 0.5 MPa to 20 MPa
  interlayer: [none, Li3N by ALD]
  interlayer thickness: 10 nm to 1 um
want: [critical current density, cost]
limits:
  cell resistance: at most 50 ohm*cm2, 80 % sure
draws: 4
"""


def test_a_file_is_read(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(TEXT)
    study = read_study(path)
    assert [v.knob.name for v in study.space.variables][:2] == ["stack pressure", "interlayer"]
    assert study.limits[0].sure == 0.8 and study.draws == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stack pressure:", "stack-pressure:", "did you mean stack pressure"),
        ("0.5 MPa to 20 MPa", "20 MPa to 0.5 MPa", "is no range"),
        ("0.5 MPa to 20 MPa", "0.5 MPa to 20 mV", "stack pressure"),
        ("0.5 MPa to 20 MPa", "5 MPa", "two ends"),
        ("[none, Li3N by ALD]", "[none]", "two settings or more"),
        ("[none, Li3N by ALD]", "[none, Li9N9Xx]", "Li9N9Xx"),
        ("[none, Li3N by ALD]", "[none, Li3N by magic]", "no process called magic"),
        ("  interlayer: [none, Li3N by ALD]\n", "", "has no interlayer"),
        ("[critical current density, cost]", "[critical current]", "did you mean critical"),
        ("at most 50 ohm*cm2, 80 % sure", "below 50", "at most 50"),
        ("at most 50 ohm*cm2, 80 % sure", "at most 50 MPa", "cell resistance"),
        ("want:", "wish:", "unknown 'wish'"),
        ("anode: Li", "anode: Lx", "Lx"),
        ("draws: 4", "draws: many", "whole number"),
        ("change:\n", "change: all\nother:\n", "unknown 'other'"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named(tmp_path, capsys, old, new, said):
    path = tmp_path / "study.yaml"
    path.write_text(TEXT.replace(old, new))
    assert main(["optimise", str(path)]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and "study.yaml" in told


@pytest.mark.parametrize("wrong", [
    lambda: Space(CELL, ()),
    lambda: Space(CELL, SPACE.variables[:1] * 2),
    lambda: replace(STUDY, wanted=()),
    lambda: replace(STUDY, draws=1),
    lambda: optimise(STUDY, evaluations=0),
])  # fmt: skip
def test_what_is_no_question_is_refused(wrong):
    with pytest.raises(DataError):
        wrong()


def test_the_verb_tells_it_and_draws_it(capsys, tmp_path):
    path, page = tmp_path / "study.yaml", tmp_path / "front.html"
    path.write_text(TEXT)
    asked = ["optimise", str(path), "--evaluations", "60"]
    assert main([*asked, "--plot", str(page), "--resume", str(tmp_path / "s.db")]) == 0
    out = capsys.readouterr().out
    assert "the design recommended" in out and "as it is" in out and "calibrated" in out
    assert "Designs that no other beats" in page.read_text() and page.stat().st_size < 6e6
    assert main([*asked, "--csv"]) == 0
    assert "critical current density [mA cm⁻²]" in capsys.readouterr().out
