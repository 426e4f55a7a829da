"""Layouts that instruments really write: days before durations, minutes without a unit, sheets."""

import io
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.readers import interpret
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.columns import column
from anolyte.measure.readers.moments import moment, seconds

FOLDER = Path(__file__).parent / "samples" / "cyclers"


def made(text: str, encoding: str = "utf-8"):
    return interpret(Raw("a.csv", text.encode(encoding)))


def book(sheets: dict[str, list[list]]) -> Raw:
    openpyxl = pytest.importorskip("openpyxl")
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(out)
    return Raw("a.xlsx", out.getvalue())


# --- files of instruments -----------------------------------------------------------------------


def test_maccor_with_days_and_all_digits_of_a_second():
    found = interpret(Raw.of(FOLDER / "maccor_days.txt"))
    trace = found.trace
    assert found.format == "Maccor" and len(trace) == 12
    np.testing.assert_allclose(trace.time[[1, 2, 5]], [5.0, 5.05, 60.88], atol=1e-6)
    assert (trace.current[2:] < -0.49).all() and (trace.current[:2] == 0.0).all()
    assert found.clock == 1607689332.0  # 11 December 2020, 12:22:12, named with its month above
    assert not any("day first" in f for f in found.flags)


def test_maccor_in_minutes_without_a_unit_is_told_by_its_dates():
    found = interpret(Raw.of(FOLDER / "maccor_minutes.txt"))
    np.testing.assert_allclose(found.trace.time, 60.0 * np.arange(12.0))
    assert any("taken as minutes" in f for f in found.flags)
    assert not any("SI" in f for f in found.flags)
    text = (FOLDER / "maccor_minutes.txt").read_text()
    alone = made(text.replace("DPT Time", "Other"))  # nothing says which unit
    np.testing.assert_allclose(alone.trace.time, np.arange(12.0))
    assert any("taken as SI" in f for f in alone.flags)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 60.0, 3600.0, 7.0])
def test_a_time_without_unit_beside_dates(factor: float):
    start = np.datetime64("2026-04-02T00:00:00")
    dates = [start + np.timedelta64(int(100.0 * k), "s") for k in range(60)]
    rows = [f"{100.0 * k / factor},{d},3.0,0.1" for k, d in enumerate(dates)]
    found = made("Time,Date,Voltage (V),Current (A)\n" + "\n".join(rows) + "\n")
    known = factor if factor != 7.0 else 1.0
    np.testing.assert_allclose(found.trace.time, 100.0 * np.arange(60.0) * known / factor)
    assert any("taken as SI" in f for f in found.flags) == (known == 1.0)
    named = made("Time (s),Date,Voltage (V),Current (A)\n" + "\n".join(rows) + "\n")
    np.testing.assert_allclose(named.trace.time, 100.0 * np.arange(60.0) / factor)  # obeyed


def test_names_behind_a_tilde():
    found = interpret(Raw.of(FOLDER / "basytec.txt"))
    assert len(found.trace) == 17 and found.trace.time[-1] == pytest.approx(15.0027586666667)
    assert set(found.trace.cycle) <= {0, 1}


# --- sheets -------------------------------------------------------------------------------------

LANDT = ["Record", "TestTime/Sec", "StepTime/Sec", "Current/mA", "Capacity/mAh", "Voltage/V",
         "SysTime", "Cycle-Index", "Step-Index", "Step-State"]  # fmt: skip


def test_a_workbook_of_landt_with_its_cycles():
    rows = [[k, 10 * k, 10 * k, 1.0 if k < 5 else 2.0, 0.1 * k, 3.0, "2021-02-25 13:41:24", 1, 1,
             "C_CC" if k < 5 else "D_CC"] for k in range(10)]  # fmt: skip
    cycles = [["Cycle", "CapC/mAh", "CapD/mAh", "SpeCapC/mAh/g", "SpeCapD/mAh/g", "Efficiency/%"],
              [1, 2.5, 2.0, 3392.0, 3744.0, 90.0], [2, 2.4, 1.9, 2954.0, 3151.0, 93.0]]  # fmt: skip
    found = interpret(book({"Cycle-Tab": cycles, "Record-Tab": [LANDT, *rows], "Log": [["x"]]}))
    assert found.format == "Landt"
    np.testing.assert_allclose(found.trace.current, [1e-3] * 5 + [-2e-3] * 5)
    np.testing.assert_allclose(found.cycles.charge, [2.5 * 3.6, 2.4 * 3.6])
    np.testing.assert_allclose(found.cycles.discharge, [2.0 * 3.6, 1.9 * 3.6])
    assert not found.cycles.specific


def test_sheets_of_neware_with_names_in_chinese():
    names = ["记录号", "循环号", "工步号", "工步类型", "时间", "总时间", "电流(mA)", "电压(V)"]
    rows = [[k, 1, 1, "恒流充电" if k < 5 else "恒流放电", "0:00:01", f"0:00:{k:02d}", 1.0, 3.5]
            for k in range(10)]  # fmt: skip
    found = interpret(book({"工步层": [["工步号", "a", "b"]], "记录层": [names, *rows]}))
    assert found.format == "Neware" and found.file == "a.xlsx"
    np.testing.assert_allclose(found.trace.time, np.arange(10.0))
    np.testing.assert_allclose(found.trace.current, [1e-3] * 5 + [-1e-3] * 5)


def test_a_time_cell_of_a_sheet_is_a_duration_whatever_its_unit():
    from datetime import timedelta

    rows = [[timedelta(hours=30, seconds=k), 3.0, 1.0] for k in range(5)]
    for unit in ("h", "s", "min"):
        found = interpret(book({"one": [[f"Time ({unit})", "Voltage (V)", "Current (mA)"], *rows]}))
        np.testing.assert_allclose(found.trace.time, 108000.0 + np.arange(5.0))


# --- CH Instruments -----------------------------------------------------------------------------

CHI = """Feb. 10, 2026   13:13:18
{technique}
File: a.bin
Data Source:  Experiment
Instrument Model:  CHI660F
Header:
Note:

Init E (V) = 0.01
Run Time (sec) = 1e+5

{names}

{rows}
"""


def chi(technique: str, names: str) -> str:
    rows = "\n".join(f"{0.1 * k:.1f}, {1e-5 / (k + 1):.3e}" for k in range(10))
    return CHI.format(technique=technique, names=names, rows=rows)


def test_a_held_potential_stands_in_the_header():
    found = made(chi("Amperometric i-t Curve", "Time/sec, Current/A"))
    np.testing.assert_allclose(found.trace.voltage, 0.01)
    assert found.trace.current[1] == pytest.approx(5e-6)
    assert any("not a measured one" in f for f in found.flags)


def test_an_open_circuit_has_no_current():
    found = made(chi("Open Circuit Potential - Time", "Time/sec, Potential/V"))
    assert (found.trace.current == 0.0).all() and found.trace.voltage[1] == pytest.approx(5e-6)


def test_a_current_whose_sign_the_header_does_not_give_is_refused():
    with pytest.raises(DataError, match="no voltage or no current"):
        made(chi("Chronopotentiometry", "Time/sec, Potential/V"))


# --- tables -------------------------------------------------------------------------------------


def test_decimal_commas_beside_dates_with_points():
    rows = [f"{k},5;0{k + 1}.04.2024 12:00:01;3,{k};0,1" for k in range(5)]
    trace = made("Zeit [s];Datum;Spannung [V];Strom [A]\n" + "\n".join(rows) + "\n").trace
    np.testing.assert_allclose(trace.time, np.arange(5.0) + 0.5)
    np.testing.assert_allclose(trace.voltage, [3.0, 3.1, 3.2, 3.3, 3.4])


def test_rows_of_separators_alone_are_empty():
    rows = "".join(f"{k};3.0;0.1\n" for k in range(80))
    trace = made(f"t [s];U [V];I [A]\n{rows};;\n; ;\n").trace
    assert len(trace) == 80 and trace.lines[-1] == 81


def test_an_angular_frequency_is_never_taken_for_a_frequency():
    for unit in ("rad/s", "1/s", "s-1"):
        assert column(f"omega ({unit})").unit.factor == pytest.approx(0.5 / np.pi)
    assert column("omega (Hz)") is None and column("frequency (1/s)").unit.factor == 1.0


def test_a_column_of_dates_does_not_slow_the_others(monkeypatch):
    from anolyte.measure.readers import blocks

    rows = [f"{k},2026-04-02 00:00:{k % 60:02d},3.0,0.1" for k in range(200)]
    monkeypatch.setattr(blocks, "_slow", None)
    trace = made("Time (s),Date,Voltage (V),Current (A)\n" + "\n".join(rows) + "\n").trace
    np.testing.assert_allclose(trace.time, np.arange(200.0))


@pytest.mark.parametrize(
    ("text", "value"),
    [("  0d 00:00:5.05000019073486", 5.05000019073486), ("0:00:0", 0.0), ("1d 1:1:1", 90061.0)],
)
def test_durations_with_few_or_many_digits(text: str, value: float):
    assert seconds(text) == pytest.approx(value)
    assert moment("2026-04-02 00:00:05.050000190734863") == pytest.approx(1775088005.05)


def test_further_sheets_of_records_are_told():
    names = ["Record ID", "Cycle ID", "Step Type", "Total Time(s)", "Current(mA)", "Voltage(V)"]
    rows = [[k, 1, "CC_Chg", k, 1.0, 3.5] for k in range(5)]
    found = interpret(
        book({"cycle": [["x"]], "record": [names, *rows], "record_1": [names, *rows]})
    )
    assert len(found.trace) == 5
    assert any("only 'record' is given, not 'record_1'" in f for f in found.flags)
