"""BioLogic, Gamry, ZView and tables of text: every point of made samples, and what is refused."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingExtra
from anolyte.measure import readers
from anolyte.measure.readers import interpret, read, sheets
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.biologic import BioLogic
from anolyte.measure.readers.blocks import block
from anolyte.measure.readers.columns import Table, column, recognise, records
from anolyte.measure.readers.moments import moment, seconds
from anolyte.measure.readers.sweeps import correlation, split
from anolyte.measure.readers.tables import Plain
from anolyte.measure.setup import Setup

HERE = Path(__file__).parent / "samples" / "text"
SAMPLES = sorted(p for p in HERE.iterdir() if p.suffix in (".mpt", ".DTA", ".z", ".csv", ".txt"))
NOON = 1709553600.0  # 2024-03-04 12:00 UTC


def _made():
    spec = importlib.util.spec_from_file_location("made", HERE / "make_text_samples.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MADE = _made()
F = MADE.FREQUENCY
SERIES = MADE.series()


def raw(text: str | bytes, encoding: str = "utf-8") -> Raw:
    return Raw("a.txt", text if isinstance(text, bytes) else text.encode(encoding))


def table(f=F, z=None, head="Frequency [Hz],Re [Ohm],Im [Ohm]\n", form="{:.9g},{:.9g},{:.9g}\n"):
    z = MADE.impedance(f) if z is None else z
    return head + "".join(form.format(*p) for p in zip(f, z.real, z.imag, strict=True))


# --- all samples --------------------------------------------------------------------------------

SPECTRA = {
    "biologic_peis.mpt": 3, "biologic_loops_comma.mpt": 3, "biologic_no_header.mpt": 1,
    "biologic_growing.mpt": 3, "biologic_both.mpt": 1, "gamry_eis.DTA": 1, "gamry_comma.DTA": 1,
    "gamry_aborted.DTA": 1, "zview_tabs.z": 1, "zview_sweeps.z": 2, "zview_commas.z": 1,
    "table_units.csv": 1, "table_mark.csv": 1, "table_comma.csv": 1, "table_units_row.txt": 1,
    "table_positive.csv": 1, "table_bare.csv": 1, "table_polar.txt": 1, "table_sweeps.csv": 2,
    "table_wide.txt": 1, "table_old_ends.csv": 1, "table_growing.csv": 1,
}  # fmt: skip
SHORT = {
    ("gamry_aborted.DTA", 0): 20,
    ("table_growing.csv", 0): 30,
    ("biologic_growing.mpt", 2): 30,
}
TRACES = ("biologic_gcpl.mpt", "biologic_cv.mpt", "biologic_both.mpt", "gamry_cv.DTA",
          "table_trace.csv", "table_dates.txt")  # fmt: skip


@pytest.mark.parametrize(("name", "count"), SPECTRA.items())
def test_every_point_of_every_sweep_is_that_of_the_equation(name, count):
    found = read(HERE / name)
    assert len(found.spectra) == count
    for k, s in enumerate(found.spectra):
        n = len(s.frequency)
        assert n == SHORT.get((name, k), 31)
        assert s.frequency == pytest.approx(F[:n], rel=1e-6)
        assert np.abs(s.impedance / MADE.impedance(F[:n], 10.0 * k) - 1.0).max() < 1e-6
        assert s.number == k and s.file.endswith(name)
        text = Raw.of(HERE / name).lines[int(s.lines[3]) - 1].replace(",", ".")
        shown = 2 * np.pi * F[3] if "polar" in name else F[3]
        shown = shown / 1e3 if "comma.csv" in name else shown
        numbers = [float(x) for x in re.findall(r"\d+\.?\d*(?:[eE][+-]\d+)?", text)]
        assert min(abs(x / shown - 1) for x in numbers) < 1e-6


@pytest.mark.parametrize("name", TRACES)
def test_every_row_of_a_trace_is_that_of_the_made_series(name):
    found = read(HERE / name).trace
    assert found is not None
    assert found.time == pytest.approx(SERIES[:, 0])
    assert found.voltage == pytest.approx(SERIES[:, 1], abs=1e-9)
    assert found.current == pytest.approx(SERIES[:, 2], abs=1e-12)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_a_file_is_known_by_one_of_our_readers_besides_the_tables(path):
    raw = Raw.of(path)
    knowing = [r.name for r in readers._ours() if r.knows(raw)]
    assert len(knowing) <= 1
    wanted = path.name.split("_")[0]
    assert bool(knowing) == (wanted != "table")
    assert not knowing or wanted in knowing[0].lower()


def test_all_samples_of_all_readers_are_known_by_one():
    for path in HERE.parent.rglob("*"):
        if path.is_file() and path.suffix not in (".md", ".py", ".pyc", ".license"):
            assert len([r for r in readers._ours() if r.knows(Raw.of(path))]) <= 1, path


def test_a_format_is_known_by_content_not_by_suffix(tmp_path):
    (tmp_path / "a.csv").write_bytes((HERE / "biologic_peis.mpt").read_bytes())
    assert read(tmp_path / "a.csv").format == "BioLogic .mpt"


# --- what a header says -------------------------------------------------------------------------


def test_biologic_header_gives_claims_clock_loops_and_flags_of_a_placeholder():
    found = read(HERE / "biologic_peis.mpt")
    assert found.claims.area == pytest.approx(1e-7) and found.claims.mass == pytest.approx(1e-6)
    assert "placeholder" in Setup().doubts(found.claims)[0]
    assert found.clock == NOON + 0.5
    assert [s.clock for s in found.spectra] == [NOON + 0.5 + 100.0 * k for k in range(3)]
    assert [s.cycle for s in found.spectra] == [1, 2, 3]
    assert [s.time for s in found.spectra] == [0.0, 100.0, 200.0]
    assert found.header["technique"] == "Potentio Electrochemical Impedance Spectroscopy"
    assert found.header["Comments"] == "a made cell"
    assert [s.cycle for s in read(HERE / "biologic_loops_comma.mpt").spectra] == [0, 1, 2]
    assert found.spectra[0].voltage == pytest.approx(0.1)


def test_biologic_without_a_header_or_with_a_wrong_count_reads_the_same():
    text = Raw.of(HERE / "biologic_peis.mpt").text
    for change in (r"Nb header lines : 9", r"Nb header lines : 9999999", "nothing"):
        found = interpret(raw(re.sub(r"Nb header lines : \d+", change, text), "latin-1"))
        assert len(found.spectra) == 3
    bare = read(HERE / "biologic_no_header.mpt")
    assert bare.clock is None and bare.claims.area is None


def test_biologic_columns_of_time_give_charge_cycle_and_step():
    found = read(HERE / "biologic_gcpl.mpt").trace
    assert found is not None
    assert list(found.cycle) == list(SERIES[:, 3]) and list(found.step) == list(SERIES[:, 4])
    assert found.charge == pytest.approx(SERIES[:, 5], abs=1e-9)
    assert found.clock == NOON + 0.5


def test_an_open_circuit_has_no_current_and_says_so():
    for name in ("biologic_ocv.mpt", "gamry_ocv.DTA"):
        found = read(HERE / name)
        assert found.trace is not None and not found.trace.current.any()
    assert "open circuit" in " ".join(read(HERE / "biologic_ocv.mpt").flags)


def test_a_sweep_beside_a_series_gives_both():
    found = read(HERE / "biologic_both.mpt")
    assert len(found.spectra) == 1 and len(found.trace) == 40


def test_gamry_facts_clock_curves_and_abortion():
    found = read(HERE / "gamry_eis.DTA")
    assert found.clock == NOON and found.claims.area == pytest.approx(1e-4)
    assert found.header["NOTES"] == "a made cell; of 3 arcs"
    assert found.spectra[0].voltage == pytest.approx(0.1)
    assert read(HERE / "gamry_ocv.DTA").trace.temperature is None  # -327.67 C is none
    assert "aborted" in read(HERE / "gamry_aborted.DTA").flags[0]
    assert sorted(set(read(HERE / "gamry_cv.DTA").trace.cycle)) == [1, 2]


def test_gamry_curves_that_begin_at_zero_follow_one_another():
    text = Raw.of(HERE / "gamry_cv.DTA").text
    head, second = text.split("CURVE2")
    lines = second.split("\n")
    for k in range(3, 23):
        cells = lines[k].split("\t")
        lines[k] = "\t".join([*cells[:2], f"{float(cells[2]) - 600:g}", *cells[3:]])
    found = interpret(raw(head + "CURVE2" + "\n".join(lines))).trace
    assert found.time[19] == 570.0 and found.time[20] == 570.0 and found.time[-1] == 1140.0


def test_zview_header_gives_an_unconfirmed_area_and_a_clock():
    found = read(HERE / "zview_sweeps.z")
    assert found.claims.area == pytest.approx(1e-4) and found.clock == NOON
    assert [s.time for s in found.spectra] == [0.0, 100.0]
    assert read(HERE / "zview_commas.z").clock == NOON


def test_what_was_guessed_is_flagged():
    assert "no header" in " ".join(read(HERE / "table_bare.csv").flags)
    assert "taken as -Im Z" in " ".join(read(HERE / "table_positive.csv").flags)
    bare = interpret(raw(table(head="freq,Zre,Zim\n")))
    assert "taken as SI" in bare.flags[0] and "'Zre'" in bare.flags[0]
    assert interpret(raw(table())).flags == ()


def test_a_table_of_cycles_is_per_mass_where_its_unit_is():
    found = read(HERE / "table_cycles.csv").cycles
    assert found is not None and found.specific
    assert found.discharge[0] == pytest.approx(148.0 * 3600.0) and found.cycle[-1] == 20
    text = "cycle;Discharge capacity (mAh)\n1;1,5\n2;1,4\n3;1,3\n"
    found = interpret(raw(text)).cycles
    assert not found.specific and found.discharge[1] == pytest.approx(1.4 * 3.6)
    assert np.isnan(found.charge).all() and "no charge capacity" in found.flags[0]


def test_dates_and_temperatures_of_tables():
    found = read(HERE / "table_dates.txt").trace
    assert found.clock == NOON
    found = read(HERE / "table_trace.csv").trace
    assert found.temperature == pytest.approx(np.full(40, 298.15))


# --- columns ------------------------------------------------------------------------------------

SPELLINGS = {
    "frequency": "freq/Hz;Freq(Hz);Frequency [Hz];f (kHz);FREQ;Frequency / Hz;frequency_hz",
    "real": "Re(Z)/Ohm;Z' (Ohm);Zreal;Z' [Ω];Zre (ohms);real [ohm];Z_re/kOhm;Re Z (Ohm);Z'(a)",
    "imaginary": "-Im(Z)/Ohm;Z'' (Ohm);Zimag;-Z″ [Ω];Im(Z)/Ohm;imaginary [Ω];Z''(b)",
    "modulus": "|Z|/Ohm;|Z| (Ohm);Zmod (ohm)", "phase": "Phase(Z)/deg;Phase (°);theta [rad]",
    "time": "time/s;Test_Time(s);Time (h);t / s;Elapsed Time (s);Test Time / s;test_time_s",
    "voltage": "Ewe/V;Voltage(V);<Ewe>/V;Potential (V vs. Li/Li+);E / mV;Ewe/V vs. SCE;Voltage_V",
    "current": "<I>/mA;I/mA;Current (A);Current(uA);current / µA;I (A);Current_mA",
    "charge": "Capacity(mAh);(Q-Qo)/mA.h;Capacity/mA.h;Q (C);Capacity (Ah);Capacity (mA·h)",
    "cycle": "Cycle_Index;cycle number;Cycle;Cycle No.;Cycle Index;Cycle Count / 1",
    "step": "Step;Step_Index;Ns;Step Index", "stack pressure": "Pressure/MPa;Stack pressure (bar)",
    "temperature": "Temperature (C);T (K);Temperature/°C;Cell temperature [degC]",
    "charge capacity": "Charge_Capacity(Ah);Chg. Cap.(mAh);Q charge/mA.h",
    "discharge capacity": "Discharge_Capacity(Ah);DChg. Cap.(mAh);Q discharge/mA.h",
    "angular frequency": "omega (rad/s);w / rad/s", "clock": "Date_Time;Date;Realtime",
}  # fmt: skip
NOT_KNOWN = ("Voltage(A)", "Frequency (mhz)", "Temperature", "Capacity", "I Range", "P/W", "error",
             "dV/dt(V/s)", "Internal Resistance(Ohm)", "", "1.5", "Pressure", "Cs/µF")  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "spelling"), [(q, s) for q, text in SPELLINGS.items() for s in text.split(";")]
)
def test_spellings_of_a_quantity(quantity, spelling):
    found = column(spelling)
    assert found is not None and found.quantity == quantity


@pytest.mark.parametrize("spelling", NOT_KNOWN)
def test_a_wrong_or_missing_unit_is_not_guessed(spelling):
    assert column(spelling) is None


@pytest.mark.parametrize(
    ("spelling", "si"),
    [("f / mHz", 1e-3), ("f / MHz", 1e6), ("I (µA)", 1e-6), ("Q/mA.h", 3.6), ("t (min)", 60.0),
     ("Z' (MOhm)", 1e6), ("-Z'' (mΩ)", -1e-3), ("p (MPa)", 1e6), ("E/mV", 1e-3), ("Time (h)", 3600),
     ("phase (deg)", np.pi / 180), ("w (rad/s)", 0.5 / np.pi), ("Cap. (mAh/g)", 3600.0)],
)  # fmt: skip
def test_units_become_si(spelling, si):
    found = column(spelling)
    assert found is not None and found.si(np.ones(1))[0] == pytest.approx(si)


def test_of_two_columns_the_more_usual_one_and_the_whole_cell_are_taken():
    found = recognise(["Spec. Cap.(mAh/g)", "Capacity(mAh)", "Ecell/V", "Ewe/V", "<I>/mA", "I/mA"])
    assert found["charge"].header == "Capacity(mAh)"
    assert found["voltage"].header == "Ewe/V" and found["current"].header == "I/mA"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (table(head="f [Hz],Re [ohm cm2],Im [ohm cm2]\n"), "is per area"),
        ("time/s,E/V,j (mA/cm2)\n1,1,1\n2,1,1\n", "not of the whole cell"),
        ("cycle,Q charge (mAh/cm2),Q discharge (mAh/cm2)\n1,1,1\n2,1,1\n", "is per area"),
    ],
)
def test_numbers_per_area_are_refused(text, told):
    with pytest.raises(DataError, match=told):
        interpret(raw(text))


def test_steps_that_count_their_own_time_are_added_up():
    rows = "".join(f"{s},{t},1,0.1\n" for s in (1, 2, 3) for t in (0, 10, 20))
    found = interpret(raw("Step,Time(s),Voltage(V),Current(A)\n" + rows))
    assert list(found.trace.time) == [0, 10, 20, 20, 30, 40, 40, 50, 60]
    assert "added up" in found.trace.flags[0]
    with pytest.raises(DataError, match="line 5, line 8: time runs backwards"):
        rows = re.sub(r"(?m)^\d,", "", rows)
        interpret(raw("Time(s),Voltage(V),Current(A)\n" + rows))


def test_durations_and_dates():
    assert seconds("100:00:00") == 360000.0 and seconds("0:00:01,5") == 1.5
    assert moment("4.3.2024 12:00") == moment("3/4/2024 12:00:00 PM") == NOON
    assert moment("2024-03-04T13:00:00+01:00") == NOON
    assert moment("13/03/2024") == moment("03/13/2024")
    assert moment("99/99/2024") is None and moment("2024-13-01") is None


# --- sweeps and signs ---------------------------------------------------------------------------


def test_a_sweep_ends_where_the_frequency_jumps_back_or_turns():
    assert [len(p) for p in split(np.tile(F, 4))] == [31] * 4
    assert [len(p) for p in split(np.tile(F[::-1], 2))] == [31] * 2
    assert [len(p) for p in split(np.concatenate([F, F[::-1]]))] == [31, 31]
    assert [len(p) for p in split(np.concatenate([F, F, F[:3]]))] == [31, 31, 3]
    jitter = np.concatenate([F, F * (1 + 1e-4 * np.sin(np.arange(31)))])
    assert [len(p) for p in split(jitter)] == [31, 31]


def test_points_out_of_order_or_two_ranges_are_one_sweep():
    mixed = F[np.random.default_rng(0).permutation(31)]
    assert len(split(mixed)) == 1
    assert len(split(np.concatenate([F[15:], F[:15]]))) == 1
    found = interpret(raw(table(mixed)))
    assert "were sorted" in found.spectra[0].flags[0]
    assert found.spectra[0].frequency == pytest.approx(F)


def test_two_points_swapped_in_one_of_three_sweeps_do_not_make_a_fourth():
    f = np.tile(F, 3)
    f[[40, 41]] = f[[41, 40]]
    found = interpret(raw(table(f)))
    assert [len(s.frequency) for s in found.spectra] == [31, 31, 31]


def test_a_point_that_comes_twice_is_refused_with_its_line():
    with pytest.raises(DataError, match=r"a.txt: line 12: the frequency comes twice"):
        interpret(raw(table(np.insert(F, 10, F[10]))))


def _broken(line: int, new: str, sweeps: int = 3) -> str:
    rows = table(np.tile(F, sweeps)).splitlines()
    rows[line - 1] = new.replace("same", rows[line - 1].split(",")[0])
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    "new", ["nan,1,1", "inf,1,1", "same,nan,1", "same,1,-inf", "-5,1,1", "x,1,1"]
)
@pytest.mark.parametrize("line", [2, 40, 94])
def test_one_broken_row_loses_its_sweep_alone(new, line):
    found = interpret(raw(_broken(line, new)))
    assert len(found.spectra) == 2
    assert {s.number for s in found.spectra} == {0, 1, 2} - {(line - 2) // 31}
    for s in found.spectra:
        assert s.impedance == pytest.approx(MADE.impedance(F))
    assert any(f.startswith("a sweep was left out:") and f"line {line}:" in f for f in found.flags)


def test_a_file_whose_only_or_every_sweep_is_broken_is_refused_by_its_line():
    with pytest.raises(DataError, match=r"^a.txt: line 5: a number is missing"):
        interpret(raw(_broken(5, "same,nan,1", sweeps=1)))
    text = _broken(5, "same,nan,1", sweeps=2).splitlines()
    text[40] = text[40].split(",")[0] + ",1,inf"
    with pytest.raises(DataError, match="line 5: a number is missing"):
        interpret(raw("\n".join(text) + "\n"))


def test_of_several_curves_of_gamry_the_whole_ones_are_kept():
    text = Raw.of(HERE / "gamry_eis.DTA").text
    start = text.index("ZCURVE")
    first, second = text[:start], text[start:].rstrip() + "\n"
    rows = second.split("\n")
    cells = rows[5].split("\t")
    rows[5] = "\t".join([*cells[:4], "nan", *cells[5:]])
    found = interpret(raw(first + second + "\n".join(rows)))
    assert len(found.spectra) == 1 and any("a sweep was left out" in f for f in found.flags)
    with pytest.raises(DataError, match="missing or infinite"):
        interpret(raw(first + "\n".join(rows)))


@pytest.mark.parametrize(
    "head", ["Frequency [Hz],Re [Ohm],Im [Ohm]\n", "freq/Hz,|Z|/Ohm,Phase/deg\n"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_infinities_give_no_warning(head, place):
    import warnings

    for word in ("inf", "-inf", "1e999", "nan"):
        text = table(np.tile(F, 2), head=head).splitlines()
        for line in (3, 9, 20):
            cells = text[line].split(",")
            text[line] = ",".join([*cells[:place], word, *cells[place + 1 :]])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = Plain().read(raw("\n".join(text) + "\n"))
        assert len(found.spectra) == 1


def test_other_electrodes_are_told():
    head = "time/s\tEwe/V\t{}I/mA\n"
    rows = "".join(f"{k}\t1.0\t{{}}0.1\n" for k in range(5))
    for other in ("Ecell/V", "Ewe-Ece/V", "Ece/V", "<Ece>/V"):
        text = head.format(other + "\t") + rows.format(*["2.0\t"] * 5)
        found = interpret(raw(text))
        assert found.format == "BioLogic .mpt" and found.trace.voltage[0] == 1.0
        assert any("'Ewe/V', of the working electrode" in f and other in f for f in found.flags)
    assert interpret(raw(head.format("") + rows.format(*[""] * 5))).flags == ()
    names = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\tRe(Zce)/Ohm\t-Im(Zce)/Ohm\tRe(Zwe-ce)/Ohm\n"
    z = MADE.impedance(F)
    rows = "".join(f"{f}\t{v.real}\t{-v.imag}\t1\t2\t3\n" for f, v in zip(F, z, strict=True))
    found = interpret(raw(names + rows))
    assert found.spectra[0].impedance == pytest.approx(z)
    assert "'Re(Zce)/Ohm', '-Im(Zce)/Ohm', 'Re(Zwe-ce)/Ohm'" in " ".join(found.flags)


def test_dates_of_headers_and_columns_that_may_begin_with_the_day():
    text = Raw.of(HERE / "gamry_eis.DTA").text
    for date, told in (("3/4/2024", True), ("3/14/2024", False), ("2024-03-04", False)):
        found = interpret(raw(re.sub(r"(?m)^DATE\t.*$", f"DATE\tLABEL\t{date}\tDate", text)))
        assert any("4 March 2024" in f for f in found.flags) is told
    head = "Date,Voltage (V),Current (A)\n"
    one = interpret(raw(head + "03/04/2024 12:00:00,3,1\n03/04/2024 12:01:00,3,1\n"))
    assert one.trace.clock == NOON and any("4 March 2024" in f for f in one.flags)
    two = interpret(raw(head + "03/04/2024 12:00:00,3,1\n13/04/2024 12:01:00,3,1\n"))
    assert two.trace.clock == NOON + 30 * 86400.0 and two.flags == ()
    assert two.trace.time[1] == 10 * 86400.0 + 60.0
    assert not any("day first" in f for f in read(HERE / "biologic_peis.mpt").flags)
    text = "time/s\tEwe/V\tI/mA\n03/04/2024 12:00:00\t1\t1\n03/04/2024 12:00:05\t1\t1\n"
    found = interpret(raw(text))
    assert found.format == "BioLogic .mpt" and found.flags == () and found.trace.time[1] == 5.0


def test_a_last_sweep_of_few_points_is_left_out_and_said():
    found = interpret(raw(table(np.concatenate([F, F[:3]]))))
    assert len(found.spectra) == 1 and "line 33: a sweep of 3 points" in found.flags[0]


def test_the_sign_follows_from_the_real_part_even_where_most_points_are_inductive():
    s = 2j * np.pi * F
    inductive = 0.02 + s * 2e-6 + 0.005 / (1 + s * 0.3)
    assert np.mean(inductive.imag > 0) > 0.5 and correlation(F, inductive) > 0.2
    found = interpret(raw(table(z=inductive)))
    assert found.spectra[0].impedance == pytest.approx(inductive) and not found.flags
    turned = interpret(raw(table(z=inductive.conj())))
    assert turned.spectra[0].impedance == pytest.approx(inductive) and turned.flags


def test_the_sign_of_noisy_cells_and_of_a_capacitor_is_found():
    rng = np.random.default_rng(3)
    for k in range(50):
        s = 2j * np.pi * F
        z = 10.0 + 1.0 / (s * 1e-6) if k % 2 else MADE.impedance(F, float(rng.uniform(0, 1e3)))
        z = z + 0.005 * np.abs(z) * (rng.standard_normal(31) + 1j * rng.standard_normal(31))
        for sign, given in ((False, z), (True, z.conj())):
            found = interpret(raw(table(z=given)))
            assert bool(found.flags) == sign
            assert found.spectra[0].impedance == pytest.approx(z, rel=1e-6)


def test_a_header_with_a_minus_is_believed_unless_the_numbers_contradict_it():
    head = "f (Hz),Re (Ohm),-Im (Ohm)\n"
    z = MADE.impedance(F)
    assert interpret(raw(table(z=z.conj(), head=head))).flags == ()
    found = interpret(raw(table(z=z, head=head)))
    assert "contradicts" in found.flags[0]
    assert found.spectra[0].impedance == pytest.approx(z, rel=1e-6)


# --- bad files ----------------------------------------------------------------------------------


def test_a_file_that_is_still_being_written_gives_its_whole_rows():
    found = read(HERE / "biologic_growing.mpt")
    last = len(Raw.of(HERE / "biologic_growing.mpt").lines)
    assert not found.complete and f"line {last}: has no end" in found.flags[0]
    assert [len(s.frequency) for s in found.spectra] == [31, 31, 30]
    assert not read(HERE / "table_growing.csv").complete


@pytest.mark.parametrize("name", ["biologic_peis.mpt", "gamry_eis.DTA", "zview_tabs.z"])
def test_at_every_byte_of_the_last_rows_no_number_is_cut_short(name):
    data = (HERE / name).read_bytes()
    whole = read(HERE / name).spectra[-1].impedance
    for cut in range(len(data) - 400, len(data)):
        found = interpret(Raw("a", data[:cut]))
        z = found.spectra[-1].impedance
        assert np.array_equal(z, whole[: len(z)])
        ends = data[:cut].endswith(b"\n")
        assert len(z) >= 20 and (found.complete or not ends)


def test_a_last_line_of_whole_width_counts_though_it_has_no_end():
    text = table(form="{:.6E},{:.6E},{:.6E}\n").rstrip("\n")
    assert interpret(raw(text)).complete and len(interpret(raw(text)).spectra[0].frequency) == 31
    assert len(interpret(raw(text[:-1])).spectra[0].frequency) == 30


@pytest.mark.parametrize("rows", [20, 200])  # by Python and by pandas
def test_a_last_line_without_an_end_is_taken_unless_the_file_grows(rows):
    text = "time [s],voltage [V],current [A]\n"
    text += "".join(f"{k!r},{3 + 0.01 * k:.4g},{0.1 + 0.003 * k:.4g}\n" for k in range(rows))
    text = text.rstrip("\n") + "7"  # longer than the others, so that it is not surely whole
    found = interpret(raw(text))
    assert found.complete and len(found.trace) == rows
    assert found.trace.current[-1] == pytest.approx(0.1 + 0.003 * (rows - 1), rel=1e-2)
    assert f"line {rows + 1}: has no end; if" in found.flags[0]
    grown = interpret(Raw("a", text.encode(), growing=True))
    assert not grown.complete and len(grown.trace) == rows - 1
    assert f"line {rows + 1}: has no end and was left out" in grown.flags[0]
    for cut in (text[: text.rindex(",")], text[: text.rindex(",") + 1], text[: text.rindex(".")],
                text[: text.rindex(".") + 1], text[: text.rindex(".")] + "1e-0"):  # fmt: skip
        assert not interpret(raw(cut)).complete and len(interpret(raw(cut)).trace) == rows - 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (table().replace("100000,", "nan,"), "line 2: a number is missing or infinite"),
        (table().replace("100000,", ","), "line 2: a number is missing"),
        (table().replace("100000,", "-5,"), "line 2: the frequency is not positive"),
        (table() + "end\n", "line 33: 1 columns where 3 are expected"),
        (table(F[:4]), "4 points are no spectrum"),
        ("Frequency [Hz],Re [ohm],Im [ohm]\n", "no complete row"),
        (b"BIO-LOGIC MODULAR FILE\x1a\0\0\0" + b"\0" * 99, r"\.mpt"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary file of no known format"),
        ("just words\n" * 9, "no known format; known: BioLogic"),
        ("EXPLAIN\nTAG\tEISPOT\n", "no table"),
        ("ZPLOT2 ASCII\n", "was the header cut off"),
        ("EC-Lab ASCII FILE\nNb header lines : 3\n\n", "no row of column names"),
        ("Frequency (Hz)\tRe(Z)/Ohm\n1\t2\n", "no spectrum"),
        ("Re(Z)/Ohm\t-Im(Z)/Ohm\ttime/s\tEwe/V\tI/mA\n1\t2\t3\t4\t5\n", "without a frequency"),
        ("time/s\tEwe/V\tI/mA\n0\tx\t1\n1\ty\t1\n", "under the header of the voltage"),
        ("time/s\tEwe/V\tI/mA\n5\t1\t1\n4\t1\t1\n", "line 3: time runs backwards"),
    ],
)
def test_bad_files_are_refused_in_one_line_with_line_and_mend(data, told):
    with pytest.raises(DataError, match=told) as error:
        interpret(raw(data))
    assert str(error.value).startswith("a.txt") and "\n" not in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "  "])
def test_encodings_ends_and_separators_change_nothing(encoding, end, mark):
    text = table(head="Frequency [Hz],Z' (µOhm),Z'' (µOhm)\n").replace(",", mark)
    found = interpret(Raw("a", text.replace("\n", end).encode(encoding)))
    assert found.spectra[0].impedance == pytest.approx(1e-6 * MADE.impedance(F), rel=1e-6)
    assert list(found.spectra[0].lines[:2]) == [2, 3] and found.complete


def test_empty_lines_and_a_folder(tmp_path):
    text = table().replace("\n", "\n\n", 5)
    assert list(interpret(raw(text)).spectra[0].lines[:3]) == [3, 5, 7]
    with pytest.raises(DataError, match="is a folder"):
        read(tmp_path)
    (tmp_path / "a").write_bytes(b" \n")
    with pytest.raises(DataError, match="empty"):
        read(tmp_path / "a")


def test_quoted_numbers_and_separators_inside_quotes():
    text = table(
        head='"Frequency, [Hz]","Re [Ohm]","Im [Ohm]"\n', form='"{:.9g}","{:.9g}","{:.9g}"\n'
    )
    found = interpret(raw(text.replace('"Frequency, [Hz]"', '"Frequency [Hz]"')))
    assert found.spectra[0].impedance == pytest.approx(MADE.impedance(F), rel=1e-6)
    comma = text.replace("Frequency, ", "Frequency ").replace(".", ",")
    found = interpret(raw(comma))
    assert found.spectra[0].impedance == pytest.approx(MADE.impedance(F), rel=1e-6)


# --- spreadsheets and plug-ins --------------------------------------------------------------------


def test_a_spreadsheet_without_openpyxl_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"pip install 'anolyte\[files\]'"):
        interpret(raw(b"PK\x03\x04...xl/workbook.xml"))


def test_a_spreadsheet_gives_the_spectra_of_all_sheets(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, growth in (("one", 0.0), ("two", 10.0)):
        sheet = book.create_sheet(name)
        sheet.append(["made"])
        sheet.append(["Frequency [Hz]", "Z' [Ω]", "Z'' [Ω]", "Date"])
        for f, z in zip(F, MADE.impedance(F, growth), strict=True):
            sheet.append([float(f), float(z.real), float(z.imag)])
    book.create_sheet("notes").append(["nothing"])
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert [s.number for s in found.spectra] == [0, 1]
    assert found.spectra[1].impedance == pytest.approx(MADE.impedance(F, 10.0))
    assert "[two]" in found.spectra[1].file and found.spectra[0].lines[0] == 3
    with pytest.raises(DataError, match="damaged spreadsheet"):
        interpret(Raw("a.xlsx", (tmp_path / "a.xlsx").read_bytes()[:-300]))


class _Entry:
    def __init__(self, name, value):
        self.name, self.value = name, "somewhere:thing"
        self._value = value

    def load(self):
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


class Foreign:
    """As a third party would write it."""

    name = "foreign"

    def knows(self, raw):
        return raw.data.startswith(b"FOREIGN")

    def read(self, raw):
        return interpret(Raw(raw.path, raw.data[8:]))


@pytest.mark.parametrize("made", [Foreign, Foreign(), lambda: Foreign()])
def test_a_plug_in_is_asked_and_a_broken_one_is_named(monkeypatch, made):
    entries = [_Entry("good", made), _Entry("broken", ImportError("no such thing")),
               _Entry("odd", 5)]  # fmt: skip
    monkeypatch.setattr(readers, "_entries", lambda: entries)
    readers.plug_ins.cache_clear()
    try:
        found, problems = readers.plug_ins()
        assert [r.name for r in found] == ["foreign"]
        assert "broken (somewhere:thing): no such thing" in problems[0] and "odd" in problems[1]
        assert len(interpret(raw("FOREIGN\n" + table())).spectra) == 1
    finally:
        monkeypatch.undo()
        readers.plug_ins.cache_clear()


def test_a_slip_of_a_reader_is_a_line_that_names_the_file(monkeypatch):
    def slip(self, raw):
        raise KeyError("x\ny")

    monkeypatch.setattr(BioLogic, "read", slip)
    with pytest.raises(DataError, match="biologic_cv.mpt: damaged, or a variety") as error:
        read(HERE / "biologic_cv.mpt")
    assert "\n" not in str(error.value)


# --- speed and small parts ------------------------------------------------------------------------


def test_a_hundred_thousand_rows_take_little_more_than_pandas(tmp_path):
    import pandas as pd

    names = "mode\ttime/s\tcontrol/mA\tEwe/V\tI/mA\t(Q-Qo)/mA.h\tcycle number\tP/W"
    rows = np.random.default_rng(0).normal(size=(100_000, 8))
    rows[:, 0], rows[:, 1], rows[:, 6] = 1, np.arange(100_000), np.arange(100_000) // 1000
    path = tmp_path / "a.mpt"
    path.write_text(MADE.mpt("Cycling", names, MADE.rows(rows, "%.9E")), "latin-1")
    skip = Raw.of(path).lines.index(names)
    ours, theirs = [], []
    for _ in range(3):
        start = time.process_time()
        found = read(path)
        ours.append(time.process_time() - start)
        start = time.process_time()
        frame = pd.read_csv(path, sep="\t", skiprows=skip, encoding="latin-1")
        theirs.append(time.process_time() - start)
    assert np.array_equal(found.trace.voltage, frame["Ewe/V"])
    assert min(ours) < 0.5 and min(ours) < 4.0 * min(theirs)


def test_both_ways_of_reading_a_block_agree():
    text = table()
    straight = block(raw(text), 2, None, 3, ",")
    slow = block(raw(text), 2, 10_000, 3, ",")
    cells = block(raw(text + "\n"), 2, None, 3, ",")
    for other in (slow, cells):
        assert np.array_equal(straight.values, other.values)
        assert np.array_equal(straight.lines, other.lines)


def test_a_table_of_arrays_is_what_the_engine_takes():
    z = MADE.impedance(F)
    from anolyte.measure.readers.blocks import Block

    made = Table("x", recognise(["f/Hz", "Re(Z)/Ohm", "Im(Z)/Ohm"]),
                 Block(np.column_stack([F, z.real, z.imag]), np.arange(31)), clock=5.0,
                 steady={"temperature": 300.0})  # fmt: skip
    found = records(made).spectra[0]
    assert found.clock == 5.0 and found.temperature == 300.0


def test_a_date_in_a_cell_is_text_for_the_readers():
    from datetime import datetime, timedelta

    assert sheets._cell(datetime(2024, 3, 4, 12)) == "2024-03-04 12:00:00"
    assert sheets._cell(timedelta(seconds=90)) == "0:01:30.000000" and sheets._cell(None) == ""


def test_the_page_on_reading_files_runs(tmp_path, monkeypatch, capsys):
    page = Path(__file__).parents[2] / "docs" / "howto" / "read_files.md"
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {"__name__": "__main__"}  # dataclasses look it up
    for code in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        exec(compile(code, str(page), "exec"), known)
    told = capsys.readouterr().out
    assert "bad.csv: line 4: a number is missing or infinite" in told and "[0.01  0.011]" in told
    assert (tmp_path / "cell.bdf.csv").stat().st_size and not (
        page.parent / "cell.bdf.csv"
    ).exists()
