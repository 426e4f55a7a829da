"""Cycling as a measurement: the voltage of the cell's own run, and what is learnt from it."""

from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.studies.cell import Cell
from anolyte.studies.learn import Cycled, Drawn, learn
from anolyte.studies.learn.cycled import of_trace
from anolyte.studies.learn.folder import Reading
from anolyte.studies.learn.rivals import LIBRARY

HOUR, CURRENT, COUNT = 3600.0, 2.0, 6
CELL = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa", current="0.2 mA/cm2",
            capacity="0.2 mAh/cm2")  # fmt: skip
SIGNS = tuple(CURRENT * (-1.0) ** k for k in range(COUNT))
ASKED = Cycled("cycling", (1.0,) * COUNT, (0.05,) * COUNT, SIGNS, (HOUR,) * COUNT,
               (0.0,) + (600.0,) * (COUNT - 1), 5e6, 298.15, age=HOUR)  # fmt: skip


def test_it_is_the_voltage_of_the_cells_own_run():
    sentences = ["Rest for 1 h"]
    for k in range(COUNT):
        sentences += ["Rest for 10 min"] if k else []
        sentences.append(f"{'Strip' if k % 2 == 0 else 'Plate'} at 0.2 mA/cm2 for 1 h")
    run = CELL.run(*sentences)
    found = np.exp(ASKED.predict(CELL.assemble().device, None, 1))[0]
    ends = HOUR + np.array(ASKED.time)
    voltage = [float(np.interp(t - 1e-3, run.time, run.voltage)) for t in ends]
    assert found == pytest.approx(np.abs(voltage) / CURRENT, rel=2e-3)


def test_what_is_learnt_holds_the_truth():
    names = tuple(sorted(LIBRARY.asks(CELL).values))
    truth = Drawn(names, np.random.default_rng([5, 7]).standard_normal((1, len(names))))
    device = LIBRARY.device(CELL, truth)
    predicted = ASKED.predict(device, truth, 1)
    seen = ASKED.at(ASKED.repeated(predicted, np.random.default_rng(5))[0])
    found = learn(CELL, [seen], draws=150, rivals=(LIBRARY,), propose_next=False)
    assert found.explained and found.constrained
    [band] = found.predicted
    inside = (np.array(band.low) < np.exp(predicted[0]) * 1.03) & (
        np.array(band.high) > np.exp(predicted[0]) * 0.97
    )
    assert inside.mean() >= 0.8
    known = {n.name: n for n in found.constrained}
    for name in known:
        low, _, high = known[name].after
        true = LIBRARY.asks(CELL).values[name]
        value = float(truth(name, true)[0])
        assert low / 3.0 < value < high * 3.0


def test_a_cell_that_does_not_get_there_is_no_explanation():
    device = CELL.assemble().device
    hard = replace(ASKED, current=tuple(1e6 * s for s in SIGNS))
    with np.errstate(all="ignore"):
        assert not np.isfinite(hard.log_likelihood(hard.predict(device, None, 1))).any()


def trace(resistance=50.0):
    """Square waves of 1 mA on a resistor, with rests."""
    time = np.arange(0.0, 4 * 4200.0, 10.0)
    phase, half = time % 4200.0, (time // 4200.0).astype(int)
    current = np.where(phase < 3600.0, 1e-3 * (-1.0) ** half, 0.0)
    return Trace(time=time, voltage=resistance * current, current=current)


def test_a_record_becomes_half_cycles():
    setup = Setup(area=1e-4, stack_pressure=4e6)
    found = of_trace(trace(), setup, CELL)
    assert found.count == 4 and found.pressure == 4e6
    assert found.value == pytest.approx([50.0 * 1e-4] * 4, rel=1e-6)
    assert found.current[:2] == pytest.approx([10.0, -10.0], rel=1e-6)
    assert found.rest[1:] == pytest.approx([600.0] * 3, abs=25.0)


def test_a_folder_with_cycling_is_learnt_from(tmp_path):
    rows = zip(trace().time, trace().voltage, trace().current, strict=True)
    text = "".join(f"{t!r},{v!r},{i!r}\n" for t, v, i in ((float(a), float(b), float(c))
                                                         for a, b, c in rows))  # fmt: skip
    (tmp_path / "cycles.csv").write_text("time [s],voltage [V],current [A]\n" + text)
    data = Reading(Setup(area=1e-4), CELL)(tmp_path)
    [seen] = data.observations
    assert isinstance(seen, Cycled) and seen.name == "cycling cycles.csv" and seen.count == 4
    assert seen.age == 0.0 and data.files == 1


def test_what_cannot_be_learnt_from_is_told():
    setup = Setup(area=1e-4)
    bare = Cell("Li6PS5Cl", "anode-free", capacity="1 mAh/cm2")
    with pytest.raises(DataError, match="symmetric"):
        of_trace(trace(), setup, bare)
    short = Trace(*(a[:4] for a in (trace().time, trace().voltage, trace().current)))
    with pytest.raises(DataError):
        of_trace(short, setup, CELL)
    with pytest.raises(DataError, match="above zero"):
        replace(ASKED, value=(0.0,) * COUNT)
