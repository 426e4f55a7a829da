"""What is learnt from made cells is true, covers, and a wrong model is noticed."""

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.result import Level
from anolyte.materials.protocol import Protocol, Step
from anolyte.models.cell import engine
from anolyte.models.cell.faces import begin
from anolyte.models.cell.operating_point import Storage, operating_point
from anolyte.studies.learn import Drawn, Learned, Noise, Resistances, learn
from anolyte.studies.learn.rivals import LIBRARY, RIVALS, rivals_for
from anolyte.studies.learn.update import posterior


def beside(name: str):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


given = beside("made_cells")
HOUR, measured, ramp, rows = given.HOUR, given.measured, given.ramp, given.rows
sulfide, truth = given.sulfide, given.truth
SPECTRA = (0.0, 2.0, 10.0, 30.0, 60.0, 100.0, 200.0, 300.0, 400.0)


@pytest.fixture(scope="module")
def learnt():
    """A cell with spectra over 400 h and a ramp, and what was learnt of it."""
    cell = sulfide()
    pick, rng = truth(cell, 3), np.random.default_rng(3)
    device = LIBRARY.device(cell, pick)
    seen = [measured(o, device, pick, rng)
            for o in (rows(cell, SPECTRA), rows(cell, (0.0,), bulk=True), ramp(cell))]  # fmt: skip
    return cell, pick, seen, learn(cell, seen, draws=200, rivals=RIVALS[:2])


def test_resistances_are_those_of_the_impedance_at_rest():
    """An independent road: linearised equations of the cell at the state that a rest leads to."""
    cell = sulfide(temperature="40 C")
    observation, device = rows(cell, (0.0, 50.0)), cell.assemble().device
    found = np.exp(observation.predict(device, None, 1))[0]
    cells = engine.start(device, 5e6, 313.15, 1.0, 1)
    assert cells.time[0] == 0.0
    for k, hours in enumerate((1.0, 50.0)):
        engine.simulate(device, Protocol((Step(0.0, duration=HOUR * hours),)), cells)
        point = operating_point(device, Storage((0.1, 0.1)), cells.states, 0.0, 5e6, 313.15)
        bulk = device.bulk.resistance(313.15)
        assert found[k] == pytest.approx(float(point.resistance[0]) - bulk, rel=1e-6)


def test_a_series_follows_the_cell_through_its_pressures_and_temperatures():
    """As the engine carries it through rests at the same conditions."""
    cell = sulfide(attach_pressure="0.5 MPa")  # voids are left to close
    device = cell.assemble().device
    kelvin, pressure = (298.15, 318.15, 338.15, 298.15), (1e5, 2e5, 2e5, 1e6)
    steps = rows(cell, (0.0, 30.0, 60.0, 90.0), temperature=kelvin, pressure=pressure)
    found = np.exp(steps.predict(device, None, 1))[0]
    cells = engine.start(device, 1e5, 298.15, 1.0, 1)
    for k, (p, t) in enumerate(zip(pressure, kelvin, strict=True)):
        rest = Step(0.0, duration=HOUR * (30.0 if k else 1.0), pressure=p, temperature=t)
        engine.simulate(device, Protocol((rest,)), cells)
        point = operating_point(device, Storage((0.1, 0.1)), cells.states, 0.0, p, t)
        bulk = device.bulk.resistance(t)
        assert found[k] == pytest.approx(float(point.resistance[0]) - bulk, rel=1e-5)


def test_two_faces_of_different_metals_are_both_counted():
    cell = sulfide()
    device = cell.assemble().device
    changed = replace(device.faces[1], layers=lambda temperature: 1e-3)
    other = replace(device, faces=(device.faces[0], changed))
    one = np.exp(rows(cell, (0.0,)).predict(device, None, 1))
    two = np.exp(rows(cell, (0.0,)).predict(other, None, 1))
    assert two - one == pytest.approx(1e-3, rel=1e-6)
    assert begin(device.faces[0], 1).void.shape == (1,)


def test_what_was_measured_is_constrained_and_holds_the_truth(learnt):
    cell, pick, _, found = learnt
    names = [n.name for n in found.constrained]
    assert {"conductivity", "interphase_conductivity"} <= set(names)
    assert {n.name for n in found.unconstrained} >= {"penetration_exponent"}
    [bulk] = [n for n in found.learnt if n.name == "conductivity"]
    scale = bulk.before[1]
    put_in = float(LIBRARY.device(cell, pick).bulk.factor[0])
    sigma = math.log(bulk.after[2] / bulk.after[0]) / 2.563
    assert abs(math.log(bulk.after[1] / put_in)) < 3.0 * sigma
    assert scale == 1.0 and sigma == pytest.approx(0.03, rel=0.5)


def test_the_law_that_made_the_data_wins_and_passes(learnt):
    _, _, _, found = learnt
    assert found.law == LIBRARY.name and found.explained
    first, second = found.rivals
    assert first.after > 0.9 > 0.5 == first.before
    assert first.after + second.after == pytest.approx(1.0)
    assert first.low <= first.after <= first.high


def test_the_other_way_round_the_other_law_wins():
    cell, rng = sulfide(), np.random.default_rng(5)
    linear = RIVALS[1]
    pick = truth(cell, 5)
    seen = [measured(rows(cell, SPECTRA), linear.device(cell, pick), pick, rng)]
    found = learn(cell, seen, draws=200, rivals=RIVALS[:2], propose_next=False)
    assert found.law == linear.name


def test_the_answer_is_kept_whole_in_a_file(learnt, tmp_path):
    from anolyte.studies.files import load, save

    cell, _, _, found = learnt
    again = load(save(found, tmp_path / "learned.json"))
    assert isinstance(again, Learned) and again == found
    made = cell.assemble(pick=again.pick().tiled(range(50)))
    assert made.device.bulk.factor.shape == (50,)
    assert float(np.std(np.log(made.device.bulk.factor))) < 0.06  # before: 0.37


def test_changes_name_their_number_and_measurement(learnt):
    found = learnt[3]
    change = {c.name: c for c in found.changes}["both interfaces after 1 h"]
    assert change.observation == "interface"
    before, after = (math.log(x[2] / x[0]) for x in (change.before, change.after))
    assert after < 0.5 * before
    shares = {c.name: c for c in found.changes}["safe as asked"]
    assert 0.0 <= shares.after[0] <= shares.after[1] <= shares.after[2] <= 1.0


def test_numbers_nobody_asked_about_keep_their_prior():
    pick = Drawn(("a",), np.zeros((4, 1)), seed=3)
    from anolyte.core.provenance import Source, Value
    from anolyte.models.cell.build import Draws

    value = Value(2.0, Source("x"), 1.0)
    assert pick("a", value).tolist() == [2.0] * 4
    assert pick("b", value).tolist() == Draws(4, 3)("b", value).tolist()


def test_intervals_cover_the_truth_of_many_cells():
    """Of 24 cells, 10 to 90 % of each constrained number holds the truth in about 80 %."""
    cell, inside, asked = sulfide(), 0, 0
    shifts = []
    for seed in range(24):
        rng, pick = np.random.default_rng([seed, 11]), truth(cell, seed)
        device = LIBRARY.device(cell, pick)
        seen = [measured(o, device, pick, rng)
                for o in (rows(cell, SPECTRA[::2]), rows(cell, (0.0,), bulk=True))]  # fmt: skip
        found = posterior(cell, seen, LIBRARY, draws=400, seed=seed)
        put_in = dict(zip(pick.names, np.asarray(pick.scores)[0], strict=True))
        for k, name in enumerate(found.names):
            column = found.found.draws[:, k]
            if name in ("conductivity", "interphase_conductivity", "exchange_current_density",
                        "growth_lag", "growth_exponent"):  # fmt: skip
                low, high = np.percentile(column, (10.0, 90.0))
                inside += low <= put_in[name] <= high
                asked += 1
                shifts.append((put_in[name] - column.mean()) / column.std())
    assert asked == 120
    assert abs(inside / asked - 0.8) < 0.11  # three standard errors of 120
    shifts = np.array(shifts)
    far = np.abs(shifts) > 3.0  # a rare second explanation that 400 draws may not meet
    assert far.sum() <= 3
    assert abs(shifts[~far].mean()) < 0.3 and 0.75 < shifts[~far].std() < 1.3


@pytest.mark.parametrize("shape", ["falls", "waves"])
def test_a_wrong_model_is_noticed_not_fitted_over(shape):
    cell = sulfide()
    hours = np.linspace(0.0, 400.0, 15)
    ohms = {"falls": 5e-3 * np.exp(-hours / 150.0),
            "waves": 5e-3 * (1.0 + 0.4 * np.sin(hours / 40.0))}[shape]  # fmt: skip
    seen = replace(rows(cell, tuple(hours)), value=tuple(ohms))
    found = learn(cell, [seen], draws=200)
    assert not found.explained and found.changes == () == found.proposals
    [finding] = found.findings(None)
    assert finding.level is Level.BAD and "does not explain" in finding.reason
    with pytest.raises(DataError, match="does not explain"):
        found.pick()


def test_right_models_are_rarely_called_wrong():
    cell, wrong = sulfide(), 0
    for seed in range(8):
        rng, pick = np.random.default_rng([seed, 13]), truth(cell, seed + 50)
        seen = [measured(rows(cell, SPECTRA), LIBRARY.device(cell, pick), pick, rng)]
        found = learn(cell, seen, draws=100, seed=seed, rivals=(LIBRARY,), propose_next=False)
        wrong += not found.explained
    assert wrong <= 1


def test_rivals_are_compared_only_where_the_data_speak_to_them():
    cell = sulfide()
    assert [r.about for r in rivals_for(cell, [rows(cell, (0.0,))])] == ["", "growth"]
    assert "failure" in {r.about for r in rivals_for(cell, [ramp(cell)])}


def test_noise_with_heavy_tails_is_that_of_scipy():
    from scipy import stats

    noise = Noise(np.array([0.3, -0.1]), np.array([0.2, 0.5]), 4.0)
    predicted = np.array([[0.0, 0.0], [1.0, 2.0]])
    exact = [stats.t(4.0, loc=p, scale=[0.2, 0.5]).logpdf([0.3, -0.1]).sum() for p in predicted]
    assert noise.log_likelihood(predicted) == pytest.approx(exact)
    normal = replace(noise, freedom=math.inf)
    exact = [stats.norm(p, [0.2, 0.5]).logpdf([0.3, -0.1]).sum() for p in predicted]
    assert normal.log_likelihood(predicted) == pytest.approx(exact)


def test_a_ramp_is_censored():
    made = ramp(sulfide(), error=0.2)
    middle = np.log(np.array([[2.0], [10.0], [40.0]]))
    survived = made.log_likelihood(middle)  # all levels up to 3 mA/cm2
    assert survived[2] > -0.1 and survived[0] < survived[1] < survived[2]
    failed = replace(made, survived=9, failed=True)  # between 0.9 and 1.0 mA/cm2
    found = failed.log_likelihood(middle)
    assert found[1] > found[0] and found[1] > found[2] and np.isfinite(found).all()
    from scipy import stats

    both = stats.norm(0.0, 0.2).cdf(np.log([0.9, 1.0]))
    assert found[1] == pytest.approx(math.log(both[1] - both[0]))


def test_a_predicted_ramp_ends_where_the_cell_does():
    from anolyte.materials.protocol import current_ramp

    cell = sulfide()
    made = ramp(cell)
    found = cell.critical_current(current_ramp("0.1 mA/cm2", "3 mA/cm2", "0.1 mA/cm2"), draws=0)
    low, high = found.current_density, found.failed_at
    predicted = math.exp(float(made.predict(cell.assemble().device, None, 1)[0, 0]))
    assert low <= predicted <= high


@pytest.mark.parametrize(
    ("change", "says"),
    [({"value": (-1.0, 1.0)}, "positive"), ({"error": (0.0, 0.1)}, "positive"),
     ({"time": (2.0, 1.0)}, "rise"), ({"time": (1.0,)}, "as many")],
)  # fmt: skip
def test_rows_that_make_no_sense_are_refused(change, says):
    good = {"value": (1.0, 1.0), "error": (0.1, 0.1), "time": (0.0, 1.0),
            "pressure": (5e6, 5e6), "temperature": (298.0, 298.0)}  # fmt: skip
    with pytest.raises(DataError, match=says):
        Resistances("r", **(good | change))


def test_nothing_to_learn_from_is_told():
    with pytest.raises(DataError, match="nothing to learn from"):
        learn(sulfide(), [])
    with pytest.raises(DataError, match="rise"):
        replace(ramp(sulfide()), levels=(2.0, 1.0))
