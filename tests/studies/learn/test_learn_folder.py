"""Files to observations: fitted spectra, ramps, and files of other cells."""

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.measure import synthetic
from anolyte.measure.records import Claims, Recording
from anolyte.measure.setup import Setup
from anolyte.measure.traces.ramp import critical_current
from anolyte.studies.cell import Cell
from anolyte.studies.learn.folder import Reading, of_ramp

SETUP = {"area": "0.785 cm2", "thickness": "0.5 mm", "electrodes": "Li|Li",
         "temperature": "25 C", "stack_pressure": "5 MPa"}  # fmt: skip
CELL = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa")
BULK, FACE = 15.0, np.array([4.0, 6.0, 8.0])


@pytest.fixture
def folder(tmp_path):
    """Three spectra, 10 h apart: 15 ohm of electrolyte, growing faces."""
    hertz = np.geomspace(1e7, 0.1, 61)
    s = 2j * np.pi * hertz
    rng = np.random.default_rng(0)
    told = ["file,temperature [C],time [h]"]
    for k, face in enumerate(FACE):
        z = BULK / (1.0 + s * BULK * 1e-9) + face / (1.0 + s * face * 1e-5)
        z = z * (1.0 + 0.002 * (rng.standard_normal(61) + 1j * rng.standard_normal(61)))
        rows = [f"{f!r},{v.real!r},{v.imag!r}" for f, v in zip(hertz.tolist(), z.tolist(),
                                                               strict=True)]  # fmt: skip
        head = "frequency [Hz],real [ohm],imaginary [ohm]"
        (tmp_path / f"day_{k}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        told.append(f"day_{k}.csv,25.1,{10 * k}")
    (tmp_path / "conditions.csv").write_text("\n".join(told) + "\n", encoding="utf-8")
    return tmp_path


def test_spectra_become_resistances_times_area(folder):
    found = Reading(Setup(**SETUP), CELL, "p(R1,C1)-p(R2,C2)")(folder)
    assert found.files == 3
    by_name = {o.name: o for o in found.observations}
    face, bulk = by_name["interface resistance"], by_name["resistance of the electrolyte"]
    assert face.value == pytest.approx(FACE * 0.785e-4, rel=0.02)
    assert bulk.value == pytest.approx(np.full(3, BULK * 0.785e-4), rel=0.02)
    assert face.time == pytest.approx((0.0, 36e3, 72e3))
    assert face.temperature == (298.15,) * 3  # 25.1 °C scatters about 25 °C
    assert all(0.03 <= e < 0.05 for e in face.error) and bulk.bulk and not face.bulk


def test_a_ramp_becomes_an_interval_of_the_critical_current():
    trace, truth = synthetic.ramp()
    setup = Setup(area=truth.setup.area, electrodes="Li|Li", temperature=298.15,
                  stack_pressure=5e6)  # fmt: skip
    found = of_ramp(critical_current(trace, setup), CELL)
    assert found.bounds == pytest.approx((truth.survived, truth.failed))
    assert found.half_cycle == pytest.approx(1800.0, rel=0.01) and found.half_cycles == 2
    whole = of_ramp(critical_current(synthetic.ramp(shorts=())[0], setup), CELL)
    assert whole.bounds == (pytest.approx(20.0), np.inf)


@pytest.mark.parametrize(
    ("recording", "says"),
    [(Recording("a.mpt", "x", claims=Claims(area=2e-4)), "a.mpt: its head says area 2 cm²"),
     (Recording("b.mpt", "x", header={"comment": "cell 7, LLZTO pellet"}), "speaks of LLZTO")],
)  # fmt: skip
def test_files_of_another_cell_are_named(recording, says):
    with pytest.raises(DataError, match=says):
        Reading(Setup(**SETUP), CELL)._refuse_another(recording)


@pytest.mark.parametrize(
    "recording",
    [Recording("a.mpt", "x", claims=Claims(area=1e-4)),  # the instrument's placeholder
     Recording("a.mpt", "x", claims=Claims(area=0.79e-4)),
     Recording("b.mpt", "x", header={"comment": "Li6PS5Cl, No 3, Channel 5, Potentio EIS"})],
)  # fmt: skip
def test_files_of_this_cell_are_taken(recording):
    Reading(Setup(**SETUP), CELL)._refuse_another(recording)


def test_what_cannot_be_learnt_from_is_told_in_one_line(tmp_path):
    read = Reading(Setup(**SETUP), CELL)
    with pytest.raises(DataError, match="no such folder"):
        read(tmp_path / "none")
    with pytest.raises(DataError, match="is empty"):
        read(tmp_path)
    (tmp_path / "notes.txt").write_text("shopping list\n", encoding="utf-8")
    with pytest.raises(DataError, match="nothing to learn from"):
        read(tmp_path)
    with pytest.raises(MissingProperty, match="area"):
        Reading(Setup(), CELL)(tmp_path)


def test_a_ramp_is_as_old_as_the_clocks_say():
    from anolyte.studies.learn.folder import _since

    spectrum = synthetic.ageing(count=1).spectra[0]
    first = Recording("s.mpt", "x", spectra=(spectrum,), clock=1000.0)
    later = Recording("r.mpt", "x", clock=4600.0)
    assert _since(later, (first, later)) == 3600.0
    assert _since(Recording("r.mpt", "x"), (first,)) is None
    assert _since(later, (later,)) == 0.0


def test_times_count_from_the_first_spectrum_also_where_it_is_not_used(folder):
    broken = folder / "day_0.csv"
    lines = broken.read_text(encoding="utf-8").splitlines()
    rng = np.random.default_rng(1)
    wild = [",".join([x.split(",")[0], *map(repr, rng.normal(20.0, 15.0, 2).tolist())])
            for x in lines[1:]]  # fmt: skip
    broken.write_text("\n".join([lines[0], *wild]) + "\n", encoding="utf-8")
    found = Reading(Setup(**SETUP), CELL, "p(R1,C1)-p(R2,C2)")(folder)
    assert found.observations[0].time == pytest.approx((36e3, 72e3))
    assert any("1 of 3 spectra are not used" in t for t in found.told)
