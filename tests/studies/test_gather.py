"""Files and folders become a series, each spectrum with what it was taken at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.setup import Setup
from anolyte.studies.spectra.gather import from_name, gather

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
