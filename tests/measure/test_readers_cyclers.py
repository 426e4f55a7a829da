"""Readers of cyclers: one cell, charged, rested and discharged twice, in the layout of each."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, DataError, MissingExtra
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.bdf import BDF, write_bdf
from anolyte.measure.readers.cyclers import CYCLERS
from anolyte.measure.readers.packed import PACKED
from anolyte.measure.readers.potentiostats import POTENTIOSTATS
from anolyte.measure.records import Recording, Trace

FOLDER = Path(__file__).parent / "samples" / "cyclers"
OTHERS = FOLDER.parent / "potentiostats"
ALL = (*BDF, *PACKED, *POTENTIOSTATS, *CYCLERS)
MADE = {
    "arbin.csv": "Arbin", "neware_flat.csv": "Neware", "neware_no_total.csv": "Neware",
    "neware_nested.csv": "Neware", "maccor.txt": "Maccor", "maccor.csv": "Maccor",
    "landt.csv": "Landt", "landt_long.csv": "Landt", "cell.bdf.csv": "Battery Data Format",
}  # fmt: skip
CURRENT = np.tile(np.repeat([1e-3, 0.0, -1e-3], 4), 2)
TIME = np.concatenate([30.0 * k + 10.0 * np.arange(4) for k in range(6)])
VOLTAGE = 3.5 + 0.1 * np.tile(np.arange(4.0), 6) * np.sign(CURRENT)
absent = pytest.mark.skipif


def lacks(module: str) -> bool:
    return importlib.util.find_spec(module) is None


def known(raw: Raw) -> list[str]:
    return [r.name for r in ALL if r.knows(raw)]


def read(raw: Raw) -> Recording:
    return next(r for r in ALL if r.knows(raw)).read(raw)


def sample(name: str) -> Raw:
    return Raw.of(FOLDER / name)


def edited(name: str, change) -> Raw:
    return Raw(name, change((FOLDER / name).read_bytes()))


@pytest.mark.parametrize("name", MADE)
def test_the_same_cell_in_each_layout(name):
    raw = sample(name)
    assert known(raw) == [MADE[name]]
    found = read(raw)
    trace = found.trace
    assert trace is not None and found.complete and found.spectra == ()
    np.testing.assert_allclose(trace.time, TIME, atol=2e-3)
    np.testing.assert_allclose(trace.voltage, VOLTAGE, atol=1e-9)
    np.testing.assert_allclose(trace.current, CURRENT, atol=1e-12)
    assert trace.lines is not None and np.all(np.diff(trace.lines) >= 1)


@pytest.mark.parametrize("name", [n for n in MADE if n not in ("landt.csv", "cell.bdf.csv")])
def test_cycles_and_steps_as_the_instrument_counts(name):
    trace = read(sample(name)).trace
    np.testing.assert_array_equal(trace.cycle, np.repeat([1, 2], 12))
    np.testing.assert_array_equal(trace.step, np.tile(np.repeat([1, 2, 3], 4), 2))


@pytest.mark.parametrize("name", [n for n in MADE if n != "maccor.csv" and "maccor" not in n])
def test_the_clock_of_the_first_row(name):
    start = 1775088000.0 + (0.5 if name == "arbin.csv" else 0.0)  # 2026-04-02 00:00:00
    assert read(sample(name)).clock == pytest.approx(start, abs=1e-6)


def test_clocks_of_maccor():
    assert read(sample("maccor.txt")).clock == 1775153058.0  # 2026-04-02 18:04:18
    assert read(sample("maccor.csv")).clock == 1700754968.0  # 2023-11-23 15:56:08


@pytest.mark.parametrize("name", ["neware_no_total.csv", "maccor.txt", "landt.csv"])
def test_a_restored_sign_is_told(name):
    assert any("without sign" in f for f in read(sample(name)).trace.flags)


@pytest.mark.parametrize("name", ["arbin.csv", "neware_flat.csv", "neware_nested.csv"])
def test_a_sign_that_is_there_is_kept(name):
    assert read(sample(name)).trace.flags == ()


def test_magnitudes_without_a_kind_of_step_are_told():
    found = read(edited("maccor.txt", lambda b: b.replace(b"\tState\t", b"\tNothing\t")))
    assert (found.trace.current >= 0.0).all()
    assert any("no negative current" in f for f in found.trace.flags)


def test_charge_in_coulomb():
    arbin = read(sample("arbin.csv")).trace.charge
    np.testing.assert_allclose(arbin[:4], [0.0, 0.01, 0.02, 0.03], atol=4e-6)
    np.testing.assert_allclose(arbin[8:12], [0.0, -0.01, -0.02, -0.03], atol=4e-6)


SIGNED = [n for n in MADE if n not in ("neware_no_total.csv", "maccor.csv", "cell.bdf.csv")]


@pytest.mark.parametrize("name", SIGNED)
def test_a_charge_has_the_sign_of_its_current(name):
    trace = read(sample(name)).trace
    np.testing.assert_allclose(trace.charge[:4], [0.0, 0.01, 0.02, 0.03], atol=1e-3)
    out = trace.charge[8:12]
    np.testing.assert_allclose(out - out[0], [0.0, -0.01, -0.02, -0.03], atol=1e-3)
    assert trace.charge[11] < trace.charge[9] < 0.0 or name.startswith("landt_long")


def test_a_net_charge_keeps_its_sign_though_it_never_falls_below_zero(tmp_path):
    current = np.array([1.0, 1.0, 1.0, -1.0, -1.0])
    trace = Trace(np.arange(5.0), np.full(5, 3.0), current, charge=np.array([0, 5.0, 9, 5, 1]))
    write_bdf(trace, tmp_path / "a.bdf")
    np.testing.assert_allclose(read(Raw.of(tmp_path / "a.bdf")).trace.charge, trace.charge)
    rising = Trace(np.arange(5.0), np.full(5, 3.0), current, charge=np.arange(5.0))
    write_bdf(rising, tmp_path / "b.bdf")  # odd, but a net charge is signed by definition
    np.testing.assert_allclose(read(Raw.of(tmp_path / "b.bdf")).trace.charge, np.arange(5.0))


def test_temperature_in_kelvin():
    np.testing.assert_allclose(read(sample("arbin.csv")).trace.temperature, 298.15)
    np.testing.assert_allclose(read(sample("neware_no_total.csv")).trace.temperature, 298.65)


def test_a_sensor_of_zeros_is_no_pressure():
    assert read(sample("landt_long.csv")).trace.stack_pressure is None
    pressed = edited("landt_long.csv", lambda b: b.replace(b",0,CC_Chg", b",145.0377,CC_Chg"))
    assert read(pressed).trace.stack_pressure[0] == pytest.approx(1e6, rel=1e-6)


@pytest.mark.parametrize("name", MADE)
def test_a_file_that_is_still_being_written(name):
    whole = read(sample(name)).trace
    found = read(replace(edited(name, lambda b: b.rstrip()[:-4]), growing=True))
    assert not found.complete
    assert len(found.trace) == len(whole) - 1
    assert any("no end" in f for f in found.flags)


@pytest.mark.parametrize("name", MADE)
def test_old_line_ends_and_wide_characters(name):
    text = sample(name).text
    for data in (
        text.replace("\r\n", "\n").replace("\n", "\r").encode(),
        text.encode("utf-16"), text.encode("latin-1", "replace"),
    ):  # fmt: skip
        raw = Raw(name, data)
        assert known(raw) == [MADE[name]]
        np.testing.assert_allclose(read(raw).trace.current, CURRENT, atol=1e-12)


@pytest.mark.parametrize("name", ["arbin.csv", "neware_flat.csv", "landt.csv", "landt_long.csv"])
def test_decimal_commas(name):
    def comma(data: bytes) -> bytes:
        rows = data.decode("utf-8" if name != "neware_flat.csv" else "latin-1").splitlines()
        at = next(k for k, r in enumerate(rows) if r.count(",") > 6)
        body = [r.replace(",", ";").replace(".", ",") for r in rows[at + 1 :]]
        return "\n".join([*rows[:at], rows[at].replace(",", ";"), *body, ""]).encode()

    trace = read(edited(name, comma)).trace
    np.testing.assert_allclose(trace.current, CURRENT, atol=1e-12)
    np.testing.assert_allclose(trace.voltage, VOLTAGE, atol=1e-9)


@pytest.mark.parametrize("name", MADE)
def test_a_header_without_rows_is_one_line(name):
    text = sample(name).text
    rows = text.splitlines()
    first = next(k for k, r in enumerate(rows) if "10" in r and any(c.isdigit() for c in r[:3]))
    head = [r for r in rows[:first] if sum(c.isalpha() for c in r) > 8]
    with pytest.raises(DataError) as caught:
        read(Raw(name, ("\n".join(head) + "\n").encode()))
    assert "\n" not in str(caught.value) and name in str(caught.value)


@pytest.mark.parametrize("name", ["arbin.csv", "maccor.txt", "neware_flat.csv", "cell.bdf.csv"])
def test_a_word_among_the_numbers_is_named_by_its_line(name):
    rows = sample(name).text.splitlines()
    at = len(rows) - 3
    rows[at] = rows[at].replace("3.", "error", 1).replace("3500", "error").replace("3400", "error")
    rows[at] = rows[at].replace("3300", "error").replace("3200", "error")
    with pytest.raises(DataError, match=f"line {at + 1}"):
        read(Raw(name, ("\n".join(rows) + "\n").encode()))


def test_time_that_runs_backwards_is_named_by_its_line():
    rows = sample("arbin.csv").text.splitlines()
    rows[10], rows[12] = rows[12], rows[10]
    with pytest.raises(DataError, match="line 1[0-9]: time runs backwards"):
        read(Raw("a.csv", ("\n".join(rows) + "\n").encode()))


def test_voltages_of_another_unit_than_the_header_are_told():
    rows = sample("maccor.txt").text.replace("\t3.5", "\t3500.5")
    assert any("not of a cell" in f for f in read(Raw("m.txt", rows.encode())).flags)


def test_a_layer_that_was_not_exported():
    rows = [r for r in sample("neware_nested.csv").text.splitlines() if not r.startswith(",,")]
    rows.insert(2, sample("neware_nested.csv").text.splitlines()[2])
    with pytest.raises(DataError, match="all three layers"):
        read(Raw("n.csv", ("\n".join(rows) + "\n").encode()))


def test_nothing_else_is_known():
    for data in (
        b"a,b,c\n1,2,3\n",
        b"\0\1\2" * 100,
        b"PK\3\4 no zip",
        b"NEW",
        b"{}",
        b"\x1f\x8b\0",
    ):
        assert known(Raw("x", data)) == []


def test_cut_anywhere_is_a_recording_or_one_line():
    rng = np.random.default_rng(7)
    names = [*MADE, "fastnda_rest.ndax", "fastnda_v8.nda"]
    for _ in range(150):
        name = names[rng.integers(len(names))]
        data = bytearray((FOLDER / name).read_bytes())
        if rng.random() < 0.5:
            data = data[: rng.integers(1, len(data))]
        for _ in range(rng.integers(0, 6)):
            data[rng.integers(len(data))] = rng.integers(256)
        raw = Raw(name, bytes(data))
        for reader in ALL:
            if reader.knows(raw):
                try:
                    reader.read(raw)
                except AnolyteError as error:
                    assert "\n" not in str(error)


# --- headers in Chinese, dates ---------------------------------------------------------------

BTSDA = "循环号,工步号,工步类型,时间,绝对时间,电流(A),电压(V),充电容量(Ah),放电容量(Ah)\r\n"
ROWS = [
    f"{k // 6 + 1},{k % 6 // 3 + 1},{'恒流充电' if k % 6 < 3 else '恒流放电'},00:00:0{k % 3},"
    f"2022/8/4 8:27,0.002,{3.4 + 0.01 * k:.2f},{2e-4 * (k % 6 < 3)},{1e-4 * (k % 6 > 2)}\r\n"
    for k in range(12)
]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_names_in_chinese_are_read_in_any_encoding(encoding):
    raw = Raw("a.csv", (BTSDA + "".join(ROWS)).encode(encoding))
    assert known(raw) == ["Neware"]
    found = read(raw)
    trace = found.trace
    np.testing.assert_allclose(trace.current, np.tile(np.repeat([0.002, -0.002], 3), 2))
    assert list(trace.cycle) == [1] * 6 + [2] * 6 and trace.time[-1] == 8.0
    assert found.clock == 1659601620.0  # 2022-08-04 08:27
    assert trace.charge[0] > 0.0 > trace.charge[3]


def test_two_bytes_of_latin_1_are_no_chinese_character():
    text = "Time(s),Voltage(V),Current(µA),T (°C)\n0,3,1,25\n1,3,1,25\n"
    assert Raw("a.csv", text.encode("latin-1")).text == text
    words = "时间(s),电压(V),电流(mA)\n0,3,1\n"
    assert Raw("a.csv", words.encode("gbk")[:-1]).text == words[:-1]
    assert Raw("a.csv", words.encode("gbk") + "压".encode("gbk")[:1]).text == words


def test_a_table_of_landt_in_chinese_is_a_trace():
    from anolyte.measure.readers import interpret

    text = "测试时间/Sec,电流/mA,容量/mAh,SOC|DOD/%,电压/V\n0,1,0,0,3.5\n10,1,0.0028,0,3.6\n"
    trace = interpret(Raw("a.csv", text.encode("gb2312"))).trace
    np.testing.assert_allclose(trace.current, 1e-3)
    np.testing.assert_allclose(trace.charge, [0.0, 0.0028 * 3.6])


@pytest.mark.parametrize("name", ["arbin.csv", "landt_long.csv", "maccor.txt"])
def test_a_date_that_may_begin_with_the_day_is_told_until_a_row_decides(name):
    found = read(sample(name))
    assert sum("day first" in f for f in found.flags) == 1
    assert "2 April 2026" in next(f for f in found.flags if "day first" in f)
    text = sample(name).text.rstrip("\r\n")
    last = text.rindex("04/02/2026")
    for decided, start in (("13/02/2026", "2026-02-04"), ("02/13/2026", "2026-04-02")):
        raw = Raw(name, (text[:last] + decided + text[last + 10 :] + "\n").encode())
        again = read(raw)
        assert not any("day first" in f for f in again.flags)
        assert str(np.datetime64(int(again.clock), "s"))[:10] == start


def test_dates_that_cannot_be_mistaken_are_not_told():
    for name in ("neware_flat.csv", "maccor.csv", "landt.csv"):
        assert not any("day first" in f for f in read(sample(name)).flags)


def test_a_hundred_thousand_rows_with_times_in_words():
    import time

    rows = ["Record ID,Cycle ID,Step ID,Step Type,Time,Total Time,Current(mA),Voltage(V),Date"]
    rows += [
        f"{k},1,{k // 100},CC_Chg,0:00:{k % 60:02d}.000,{k // 3600}:{k // 60 % 60:02d}:{k % 60:02d}"
        f".500,1.0,3.5,2026-04-02 00:00:00" for k in range(100_000)
    ]  # fmt: skip
    raw = Raw("a.csv", ("\n".join(rows) + "\n").encode())
    spent = []
    for _ in range(3):
        start = time.process_time()
        found = read(Raw(raw.path, raw.data)).trace
        spent.append(time.process_time() - start)
    np.testing.assert_array_equal(found.time, np.arange(100_000.0) + 0.5)
    assert min(spent) < 0.6


# --- spreadsheets -------------------------------------------------------------------------------


def book(path: Path, sheets: dict[str, str]) -> Raw:
    openpyxl = pytest.importorskip("openpyxl")
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, text in sheets.items():
        sheet = made.create_sheet(name)
        for line in text.replace("\ufeff", "").splitlines():
            cells = [c.strip() for c in line.split(",")]
            sheet.append([float(c) if c.replace(".", "").isdigit() or c[:1] == "-" and len(c) > 1
                          else c for c in cells])  # fmt: skip
    made.save(path)
    return Raw.of(path)


def test_sheets_of_one_channel_are_joined(tmp_path):
    rows = sample("arbin.csv").text.splitlines()
    parts = {
        "Info": "Test,Name,x,y,z\n",
        "Channel_1-008_2": "\n".join([rows[0], *rows[13:]]),
        "Channel_1-008_1": "\n".join(rows[:13]),
    }
    raw = book(tmp_path / "arbin.xlsx", parts)
    assert known(raw) == ["Arbin"]
    trace = read(raw).trace
    np.testing.assert_allclose(trace.time, TIME, atol=1e-9)
    np.testing.assert_allclose(trace.current, CURRENT, atol=1e-12)
    assert any("2 sheets were joined" in f for f in trace.flags)


def test_sheets_of_two_channels_are_refused(tmp_path):
    text = sample("arbin.csv").text
    raw = book(tmp_path / "a.xlsx", {"Channel_1-001": text, "Channel_2-001": text})
    with pytest.raises(DataError, match="two tests at the same time"):
        read(raw)


def test_neware_sheets(tmp_path):
    cycles = "Cycle Index,Chg. Cap.(mAh),DChg. Cap.(mAh)\n1,0.00833,0.00833\n2,0.0083,0.0082\n"
    raw = book(tmp_path / "n.xlsx", {"unit": "a,b,c", "cycle": cycles,
                                     "record": sample("neware_flat.csv").text})  # fmt: skip
    assert known(raw) == ["Neware"]
    found = read(raw)
    np.testing.assert_allclose(found.trace.current, CURRENT, atol=1e-12)
    np.testing.assert_allclose(found.cycles.discharge, [0.029988, 0.02952], atol=1e-6)


def test_landt_sheets(tmp_path):
    raw = book(tmp_path / "l.xlsx", {"Record-Tab": sample("landt.csv").text})
    assert known(raw) == ["Landt"]
    np.testing.assert_allclose(read(raw).trace.current, CURRENT, atol=1e-12)


# --- binary files -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fastnda_rest.ndax", "fastnda_v8.nda"])
def test_packed_files_are_known_by_content(name):
    raw = Raw("no_suffix", (FOLDER / name).read_bytes())
    assert known(raw) == ["Neware .nda/.ndax"]


def test_a_missing_package_is_named_with_its_pip_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastnda", None)
    with pytest.raises(MissingExtra, match="pip install 'anolyte\\[files\\]'"):
        read(sample("fastnda_v8.nda"))


@pytest.mark.skipif(lacks("fastnda"), reason="needs fastnda")
def test_packed_traces():
    old = read(sample("fastnda_v8.nda")).trace
    assert len(old) == 21 and old.time[-1] == pytest.approx(543.0)
    assert old.current.min() == pytest.approx(-2.297e-3, rel=1e-3)
    rest = read(sample("fastnda_rest.ndax"))
    assert len(rest.trace) == 28 and not rest.trace.current.any()
    assert rest.clock == pytest.approx(1695897585.0)
    assert rest.trace.step[-1] == 4


@pytest.mark.skipif(lacks("fastnda"), reason="needs fastnda")
def test_a_damaged_packed_file_is_one_line():
    with pytest.raises(DataError, match="export it as CSV"):
        read(edited("fastnda_v8.nda", lambda b: b[:600]))


# --- the Battery Data Format --------------------------------------------------------------------


def made(size: int = 200) -> Trace:
    rng = np.random.default_rng(3)
    step = np.arange(size) // 20
    return Trace(
        time=np.cumsum(rng.random(size)) * 7.3, voltage=3.0 + rng.random(size),
        current=1e-3 * rng.standard_normal(size), cycle=step // 2, step=step,
        charge=0.1234 * (np.arange(size) % 20), temperature=298.15 + rng.random(size),
        stack_pressure=1e6 * rng.random(size), clock=1775088000.25,
    )  # fmt: skip


@pytest.mark.parametrize("suffix", [".bdf.csv", ".bdf.parquet"])
def test_written_and_read_again_to_rounding(tmp_path, suffix):
    if suffix.endswith("parquet"):
        pytest.importorskip("pyarrow")
    before, path = made(), tmp_path / f"a{suffix}"
    write_bdf(before, path)
    after = read(Raw.of(path)).trace
    for name in ("time", "voltage", "current", "cycle", "step", "charge", "temperature",
                 "stack_pressure", "clock"):  # fmt: skip
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-12)


def test_labels_units_and_sign_are_those_of_the_format(tmp_path):
    write_bdf(made(), tmp_path / "a.bdf")
    names, first = (tmp_path / "a.bdf").read_text().splitlines()[:2]
    row = dict(zip(names.split(","), map(float, first.split(",")), strict=True))
    assert names.startswith("Test Time / s,Voltage / V,Current / A,Unix Time / s")
    assert row["Current / A"] == made().current[0]
    assert row["Surface Temperature / degC"] == pytest.approx(made().temperature[0] - 273.15)
    assert row["Unix Time / s"] == 1775088000.25
    assert {"Cycle Count / 1", "Step Count / 1", "Step Net Capacity / Ah"} <= row.keys()


def test_steps_that_fall_are_identifiers_and_charges_may_run_on(tmp_path):
    from dataclasses import replace

    trace = replace(made(), step=np.tile(np.repeat([1, 2], 20), 5), charge=np.arange(200.0))
    write_bdf(trace, tmp_path / "a.bdf")
    names = (tmp_path / "a.bdf").read_text().split("\n", 1)[0]
    assert "Step ID" in names and "Step Count" not in names and ",Net Capacity / Ah" in names


def test_zipped_and_machine_readable_names(tmp_path):
    import gzip

    text = "test_time_second,voltage_volt,current_ampere\n0,3.5,0.001\n1,3.6,0.001\n"
    raw = Raw("a.bdf.gz", gzip.compress(text.encode()))
    assert known(raw) == ["Battery Data Format"]
    np.testing.assert_array_equal(read(raw).trace.voltage, [3.5, 3.6])


@pytest.mark.parametrize("suffix", [".bdf.csv", ".bdf.parquet"])
@pytest.mark.parametrize("older", [False, True])
def test_names_of_older_files_of_the_format(tmp_path, suffix, older):
    columns = {
        "Test Time / s" if older else "test_time_second": [0.0, 1.0, 2.0, 3.0],
        "VOLTAGE / V" if older else "Voltage_Volt": [3.5, 3.6, 3.5, 3.4],
        "Current / A" if older else "current_ampere": [1.0, 1.0, -1.0, -1.0],
        "Step Capacity / Ah" if older else "step_capacity_ah": [0.0, 1.0, 0.0, 1.0],
        "Temperature / degC" if older else "temperature_celsius": [25.0] * 4,
        "Step Index / 1" if older else "step_index": [1, 1, 2, 2],
    }
    path = tmp_path / f"a{suffix}"
    if suffix.endswith("parquet"):
        arrow, parquet = (pytest.importorskip(n) for n in ("pyarrow", "pyarrow.parquet"))
        parquet.write_table(arrow.table(columns), path)
    else:
        rows = zip(*columns.values(), strict=True)
        path.write_text("\n".join([",".join(columns), *(",".join(map(str, r)) for r in rows), ""]))
    raw = Raw.of(path)
    assert known(raw) == ["Battery Data Format"]
    trace = read(raw).trace
    np.testing.assert_allclose(trace.voltage, [3.5, 3.6, 3.5, 3.4])
    np.testing.assert_allclose(trace.charge, [0.0, 3600.0, 0.0, -3600.0])
    np.testing.assert_allclose(trace.temperature, 298.15)
    assert list(trace.step) == [1, 1, 2, 2]


def test_a_recording_without_a_trace_is_not_written(tmp_path):
    with pytest.raises(DataError, match="^eis.mpt: no trace over time"):
        write_bdf(Recording("eis.mpt", "BioLogic .mpt"), tmp_path / "a.bdf")
    assert not (tmp_path / "a.bdf").exists()
    with pytest.raises(DataError, match="cannot be written"):
        write_bdf(made(), tmp_path / "no folder" / "a.bdf")
