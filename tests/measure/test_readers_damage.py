"""Files made to mislead: swollen archives, endless rows, numbers that only look like numbers."""

import gzip
import importlib.util
import io
import json
import re
import resource
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.readers import blocks, cells, interpret
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.blocks import to_number
from anolyte.measure.readers.heads import heads, keys
from anolyte.measure.readers.moments import doubt, moment
from anolyte.measure.readers.potentiostats import _typed

SAMPLES = Path(__file__).parent / "samples"
absent = pytest.mark.skipif


def peak() -> float:
    """MB of memory that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def refused(data: bytes, match: str) -> None:
    """Refused in one line, soon, without much memory."""
    before, start = peak(), time.process_time()
    with pytest.raises(DataError, match=match) as caught:
        interpret(Raw("a.file", data))
    assert "\n" not in str(caught.value) and str(caught.value).startswith("a.file")
    assert "not known" not in str(caught.value)
    assert peak() - before < 150.0 and time.process_time() - start < 2.0


# --- spreadsheets -------------------------------------------------------------------------------


def workbook(edit=lambda name, xml: xml) -> bytes:
    """A trace of ten rows in one sheet, its parts edited."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["time (s)", "voltage (V)", "current (mA)"])
    for k in range(10):
        book.active.append([float(k), 3.0, 1.0])
    first, out = io.BytesIO(), io.BytesIO()
    book.save(first)
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(name, old.read(name).decode()))
    return out.getvalue()


def sheet(pattern: str, by: str) -> bytes:
    """The workbook with its sheet edited."""

    def edit(name: str, xml: str) -> str:
        return re.sub(pattern, by, xml) if "sheet1" in name else xml

    made = workbook(edit)
    assert made != workbook()
    return made


def test_a_sheet_that_lies_of_its_size_is_read_as_it_is():
    for size in ("A1:XFD1048576", "A1:B2", "A1:A1000000000"):
        trace = interpret(Raw("a.xlsx", sheet('ref="A1:C11"', f'ref="{size}"'))).trace
        np.testing.assert_allclose(trace.time, np.arange(10.0))


@pytest.mark.parametrize("row", ["1000000000", "99999999999999999999"])
def test_a_row_far_below_the_others_is_refused(row):
    refused(sheet('<row r="11"(.*?)A11', rf'<row r="{row}"\1A{row}'), "far more empty rows")


def test_a_cell_far_to_the_right_of_many_rows_is_refused():
    def edit(name: str, xml: str) -> str:
        far = "".join(f'<row r="{k}"><c r="XFD{k}"><v>1</v></c></row>' for k in range(12, 200))
        return xml.replace("</sheetData>", far + "</sheetData>") if "sheet1" in name else xml

    refused(workbook(edit), "far more empty rows or columns")


def test_a_spreadsheet_that_unpacks_to_fill_the_memory_is_refused():
    def edit(name: str, xml: str) -> str:
        return xml + " " * 60_000_000 if "styles" in name else xml

    refused(workbook(edit), "too large when unpacked")


def test_a_list_of_sheets_that_never_closes_is_quick():
    def edit(name: str, xml: str) -> str:
        return "<sheet " * 120_000 if name == "xl/workbook.xml" else xml

    refused(workbook(edit), "damaged spreadsheet")


# --- other packings -----------------------------------------------------------------------------


def test_a_gzip_that_unpacks_to_fill_the_memory_is_refused():
    text = (SAMPLES / "cyclers" / "cell.bdf.csv").read_bytes()
    refused(gzip.compress(text + b"\n" * 60_000_000), "too large when unpacked")


def test_a_parquet_file_that_promises_too_many_rows_is_refused(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    zeros = arrow.array(np.zeros(15_000_000))
    made = arrow.table({n: zeros for n in ("Test Time / s", "Voltage / V", "Current / A")})
    path = tmp_path / "a.parquet"
    parquet.write_table(made, path, row_group_size=15_000_000, data_page_size=1 << 30)
    assert path.stat().st_size < 200_000
    del made, zeros
    refused(path.read_bytes(), "more numbers than")


@absent(importlib.util.find_spec("fastnda") is None, reason="needs fastnda")
def test_what_a_package_says_in_lines_is_one_line():
    data = (SAMPLES / "cyclers" / "fastnda_rest.ndax").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {n: old.read(n) for n in old.namelist()}
    rng = np.random.default_rng(1)
    for _ in range(60):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as new:
            for name, content in parts.items():
                content = bytearray(content)
                for _ in range(10 * name.endswith(".ndc")):
                    content[rng.integers(len(content))] = 255
                new.writestr(name, bytes(content))
        try:
            interpret(Raw("a.ndax", out.getvalue()))
        except DataError as error:
            assert "\n" not in str(error)


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("few", [0, blocks.FEW])
@pytest.mark.parametrize("word", ["True", "FALSE", "٣", "1_000", "0x10", "1.5.5"])
def test_what_is_no_number_is_none_in_tables_of_any_size(monkeypatch, few: int, word: str):
    for module in (blocks, cells):
        monkeypatch.setattr(module, "FEW", few)
    rows = "".join(f"{k},{word},0.1\n" for k in range(10))
    for names in ("time (s),voltage (V),current (A)", "Test_Time(s),Voltage(V),Current(A)"):
        with pytest.raises(DataError):
            interpret(Raw("a.csv", f"{names}\n{rows}".encode()))
    assert np.isnan(to_number(word))


@pytest.mark.parametrize("name", ["text/table_units.csv", "cyclers/arbin.csv", "text/zview_tabs.z"])
def test_small_and_large_tables_are_read_alike(monkeypatch, name: str):
    raw = Raw.of(SAMPLES / name)
    found = []
    for few in (0, 10_000):
        for module in (blocks, cells):
            monkeypatch.setattr(module, "FEW", few)
        made = interpret(Raw("a", raw.data))
        trace = made.trace
        found.append([s.impedance.tolist() for s in made.spectra] or trace.voltage.tolist())
    assert found[0] == found[1]


@pytest.mark.parametrize("text", ["1e999", "inf", "nan", "-1", "0", "9" * 400])
def test_an_infinite_area_is_none(text: str):
    assert _typed(text, 1e-4) is None


def test_an_integer_too_large_for_a_float_is_no_point():
    path = SAMPLES / "potentiostats" / "session.pssession"
    text = path.read_bytes().decode("utf-16").strip("\ufeff\ufffe\0 \r\n")
    whole = interpret(Raw("a", json.dumps(json.loads(text)).encode("utf-16")))
    many = re.sub(r'("v": )[-0-9.e]+', r"\g<1>" + "9" * 400, json.dumps(json.loads(text)), count=1)
    try:
        found = interpret(Raw("a", many.encode("utf-16")))
    except DataError as error:
        assert "not known" not in str(error)
    else:
        assert len(found.spectra) <= len(whole.spectra)


# --- names --------------------------------------------------------------------------------------


def test_a_cell_of_spaces_or_brackets_is_quick():
    for filling in (" ", "(", "a ", "/", "[ "):
        cell = "a" + filling * 9_000 + "b"
        start = time.process_time()
        assert keys([cell]) == [""]
        heads("\n".join(["x,y," + cell[:9_000]] * 60))
        assert time.process_time() - start < 1.0


def test_rows_of_numbers_are_no_names():
    text = "Step,Time (s),Mode\n1,2.5,CC_Chg\n2,-.5,CC_Chg\n"
    assert [head.at for head in heads(text)] == [0]


def test_a_curve_or_a_loop_of_a_number_too_large_to_count():
    text = (SAMPLES / "text" / "gamry_cv.DTA").read_text()
    for number in ("18446744073709551616", "9" * 5000):
        with pytest.raises(DataError, match="no table"):
            interpret(Raw("a.file", re.sub(r"CURVE\d\t", f"CURVE{number}\t", text).encode()))
    text = (SAMPLES / "text" / "biologic_peis.mpt").read_text(encoding="latin-1")
    huge = re.sub(r"(Nb header lines\s*: )\d+", r"\g<1>" + "9" * 5000, text)
    assert huge != text
    found = interpret(Raw("a.file", huge.encode("latin-1")))
    assert len(found.spectra) == len(interpret(Raw("a.file", text.encode("latin-1"))).spectra)


def test_an_area_too_small_for_a_float_is_none():
    text = (SAMPLES / "text" / "gamry_eis.DTA").read_text("latin-1")
    tiny = re.sub(r"(AREA\t\w+\t)[0-9.,E+-]+", r"\g<1>1e-320", text)
    assert tiny != text
    assert interpret(Raw("a.file", tiny.encode())).claims.area is None


def test_a_date_of_many_letters_is_quick():
    start = time.process_time()
    for text in ("a" * 400_000, "1" * 400_000, "Mar " * 100_000, "12:" * 100_000):
        assert moment(text) is None and doubt(text) == ()
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("depth", [100, 400, 700, 5000])
def test_a_session_of_many_levels_is_refused(depth: int):
    deep = '"a": ' + "[" * depth + "]" * depth
    text = '{"Type": "PalmSens.DataFiles.SessionFile", "Measurements": [], ' + deep + "}"
    refused(text.encode("utf-16"), "session|no spectrum")


def test_wide_characters_of_either_order_without_a_mark():
    data = (SAMPLES / "text" / "table_units.csv").read_text("utf-8")
    found = [
        interpret(Raw("a", data.encode(kind))).spectra[0].impedance
        for kind in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])


@pytest.mark.parametrize("few", [0, blocks.FEW])
def test_a_column_that_ends_in_gaps_is_refused_by_line(monkeypatch, few: int):
    for module in (blocks, cells):
        monkeypatch.setattr(module, "FEW", few)
    head = "Potential (V)\tCurrent (A)\tElapsed Time (s)\tFrequency (Hz)\tZre (ohms)\tZim (ohms)\n"
    rows = "3.5\t-0.15\t10\t0\t0\t0\n3\n3.4\t-0.15\t20\t0\t0\t0\n3\n"
    refused((head + rows).encode(), "line 3")


def test_openpyxl_prints_nothing(capsys):
    def edit(name: str, xml: str) -> str:
        return re.sub(r'xfId="\d+"', 'xfId="1048577"', xml) if "styles" in name else xml

    openpyxl = pytest.importorskip("openpyxl")
    with suppress(Exception):
        openpyxl.load_workbook(io.BytesIO(workbook(edit)))
    assert "out of range" in capsys.readouterr().out
    with suppress(DataError):
        interpret(Raw("a.xlsx", workbook(edit)))
    assert capsys.readouterr().out == ""
