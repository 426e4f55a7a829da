"""Files and folders become a series, each spectrum with what it was taken at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.setup import Setup
from anolyte.studies.spectra.conditions import from_name
from anolyte.studies.spectra.gather import distinct, gather

F = np.logspace(5, 0, 21)
COLUMNS = "Freq(Hz) Ampl Bias Time(Sec) Z'(a) Z''(b) GD Err Range"
HEAD = f'"ZPLOT2 ASCII"\n"Area: 1"\n{COLUMNS}\nEnd Comments\n'


def write(path: Path, resistance: float = 100.0) -> Path:
    z = 10.0 + resistance / (1.0 + 2j * np.pi * F * 1e-4)
    rows = [f"{f:.9e},0,0,0,{v.real:.9e},{v.imag:.9e},0,0,1" for f, v in zip(F, z, strict=True)]
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def test_a_folder_gives_its_spectra_in_the_order_people_sort(tmp_path):
    for name in ("c10_40C.z", "c9_30C.z", "c11_50C.z"):
        write(tmp_path / name)
    (tmp_path / "notes.md").write_text("mine")
    series = gather([tmp_path])
    assert [m.setup.temperature for m in series.measured] == [303.15, 313.15, 323.15]
    assert series.varies("temperature")
    assert not series.varies("stack_pressure")
    assert all(m.from_name == ("temperature",) for m in series.measured)


def test_the_users_table_goes_before_the_file_name(tmp_path):
    write(tmp_path / "a_30C.z")
    write(tmp_path / "b_40C.z")
    (tmp_path / "conditions.csv").write_text(
        "file,temperature [C],pressure [MPa],time [h]\na_30C.z,60,5,2\nb_40C.z,70,10,1\n"
    )
    first, second = gather([tmp_path]).measured
    assert (first.setup.temperature, first.setup.stack_pressure) == (343.15, 10e6)
    assert (first.time, second.time) == (0.0, 3600.0)
    assert first.setup.origins["temperature"] == "conditions.csv"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,temperature [C]\n", "needs a header with a column 'file'"),
        ("file,colour\na.z,red\n", "unknown column 'colour'"),
        ("file,temperature [C]\na.z,warm\n", "line 2: temperature 'warm C'"),
        ("file,temperature [C]\na.z\n", "line 2: 1 cells under 2 columns"),
        ("file,temperature [C]\nother.z,20\n", "names none of the files"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_line(tmp_path, text, told):
    write(tmp_path / "a.z")
    (tmp_path / "conditions.csv").write_text(text)
    with pytest.raises(DataError) as error:
        gather([tmp_path])
    assert told in str(error.value)


def test_a_damaged_file_is_passed_over_in_a_folder_and_refused_by_name(tmp_path):
    write(tmp_path / "good.z")
    (tmp_path / "bad.z").write_bytes(b"\x00\x01\x02" * 50)
    series = gather([tmp_path])
    assert len(series.measured) == 1
    assert any("passed over" in f and "bad.z" in f for f in series.flags)
    with pytest.raises(DataError, match=r"bad\.z"):
        gather([tmp_path / "bad.z"])


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(DataError, match="no impedance spectrum"):
        gather([tmp_path])


def test_the_areas_of_headers_are_flagged_and_not_used(tmp_path):
    series = gather([write(tmp_path / "a.z")])
    assert series.measured[0].setup.area is None
    assert any("placeholder" in f for f in series.flags)


def test_what_was_said_of_all_holds_where_files_are_silent(tmp_path):
    write(tmp_path / "a_60C.z")
    write(tmp_path / "b.z")
    said = Setup(temperature="25 C", area="1 cm2")
    assert {m.setup.temperature for m in gather([tmp_path], said).measured} == {298.15}


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("cell_-10C", {"temperature": 263.15}),
        ("T=298.15K_run", {"temperature": 298.15}),
        ("cycle_1C", {}),  # a rate as often as a temperature
        ("LLZO 5MPa 20h", {"stack_pressure": 5e6, "time": 72000.0}),
        ("25C_to_60C", {}),  # two temperatures: neither
        ("pellet_0p85mm", {"thickness": 0.85e-3}),
        ("AC2000K", {}),
        ("C25C", {}),
    ],
)
def test_names_are_read_only_where_they_are_plain(stem, found):
    assert from_name(stem) == pytest.approx(found)


def test_tables_lie_beside_their_own_files(tmp_path):
    for folder, degrees in (("a", 30), ("b", 60)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "x.z")
        (tmp_path / folder / "conditions.csv").write_text(f"file,temperature [C]\nx.z,{degrees}\n")
    found = gather([tmp_path / "a", tmp_path / "b"]).measured
    assert [m.setup.temperature for m in found] == [303.15, 333.15]


def test_a_table_of_a_spreadsheet_with_decimal_commas(tmp_path):
    write(tmp_path / "x,1.z")
    (tmp_path / "conditions.csv").write_text("file;temperature [C]\nx,1.z;30,5\n")
    assert gather([tmp_path]).measured[0].setup.temperature == pytest.approx(303.65)
    (tmp_path / "conditions.csv").write_text('file,temperature [C]\n"x,1.z","30,5"\n')
    with pytest.raises(DataError, match="line 2"):  # a thousand and a half are both written so
        gather([tmp_path])


def test_rows_of_no_file_and_rows_that_stand_twice_are_told(tmp_path):
    write(tmp_path / "a.z")
    table = tmp_path / "conditions.csv"
    table.write_text("file,temperature [C]\na.z,30\nb.z,40\n")
    assert any("1 rows are of no file, as 'b.z'" in f for f in gather([tmp_path]).flags)
    table.write_text("file,temperature [C]\na.z,30\na.z,40\n")
    with pytest.raises(DataError, match="line 3: 'a.z' stands in it twice"):
        gather([tmp_path])


def test_times_that_count_from_different_moments_are_not_compared(tmp_path, monkeypatch):
    import sys

    from anolyte.measure.records import Recording, Spectrum

    module = sys.modules[gather.__module__]
    clocks = {"a.z": 1.7e9, "b.z": None, "c_2h.z": None}
    z = 10.0 + 100.0 / (1.0 + 2j * np.pi * F * 1e-4)

    def read(path: Path) -> Recording:
        made = [Spectrum(F, z, file=str(path), time=t) for t in (0.0, 60.0)]
        return Recording(str(path), "made", tuple(made), clock=clocks[path.name])

    monkeypatch.setattr(module, "read", read)
    for name in clocks:
        (tmp_path / name).write_text("")
    mixed = gather([tmp_path])
    assert all(m.time is None for m in mixed.measured)
    assert any("times are not compared" in f for f in mixed.flags)
    alone = gather([tmp_path / "b.z"])
    assert [m.time for m in alone.measured] == [0.0, 60.0]
    clocks["b.z"] = 1.7e9 + 3600.0
    two = gather([tmp_path / "b.z", tmp_path / "a.z"])
    assert [m.time for m in two.measured] == [0.0, 60.0, 3600.0, 3660.0]
    clocks |= {"a.z": None, "b.z": None}  # two files that each count from their own start
    assert all(m.time is None for m in gather([tmp_path / "a.z", tmp_path / "b.z"]).measured)


def test_a_name_that_says_otherwise_than_what_was_said_is_told(tmp_path):
    for name in ("a_25C.z", "a_60C.z"):
        write(tmp_path / name)
    series = gather([tmp_path], Setup(temperature="25 C", origins={"temperature": "--temperature"}))
    told = [f for f in series.flags if "the name says another" in f]
    assert len(told) == 1 and told[0].startswith("a_60C.z:") and "--temperature" in told[0]
    assert not any("the name says" in f for f in gather([tmp_path]).flags)


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(DataError, match=tmp_path.name):
        gather([tmp_path])


def test_readings_of_one_setting_are_one():
    assert distinct("temperature", [298.10, 298.20, 298.15]) == 1
    assert distinct("temperature", [298.15, 299.2, 300.3]) == 3
    assert distinct("stack_pressure", [5e6, 5.02e6, 10e6]) == 2


def test_few_degrees_are_a_temperature_beside_files_that_have_theirs(tmp_path):
    for name in ("p_8C", "p_-6C", "p_22C", "p_36C", "cycle_1C"):
        write(tmp_path / f"{name}.z")
    found = gather([tmp_path]).measured
    known = [(m.label, m.setup.temperature) for m in found]
    assert dict(known)["cycle_1C.z"] is None  # a rate, by a name of another form
    (tmp_path / "cycle_1C.z").unlink()
    found = gather([tmp_path]).measured
    assert [m.setup.temperature for m in found] == [267.15, 281.15, 295.15, 309.15]


def test_without_times_spectra_stand_by_what_varies(tmp_path):
    for name in ("c_40C_10MPa", "a_40C_5MPa", "b_25C_20MPa"):
        write(tmp_path / f"{name}.z")
    assert [m.label[0] for m in gather([tmp_path]).measured] == ["b", "a", "c"]


def test_rows_of_files_that_were_not_asked_for_are_no_fault(tmp_path):
    for name in ("a.z", "b.z"):
        write(tmp_path / name)
    (tmp_path / "conditions.csv").write_text("file,temperature [C]\na.z,30\nb.z,40\n")
    series = gather([tmp_path / "b.z"])
    assert series.measured[0].setup.temperature == 313.15
    assert not any("conditions.csv" in f for f in series.flags)
