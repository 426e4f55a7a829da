"""`anolyte check-data` finds what is wrong, and where."""

import json
from pathlib import Path

import pytest

from anolyte.core.errors import AnolyteError
from anolyte.faces.cli import main
from anolyte.studies import check as checks
from anolyte.studies.check import tables as check_tables
from anolyte.studies.check.report import Report

GOOD = """\
name: Mine
class: oxide
formula: Li3PO4
properties:
  ionic_conductivity:
    - {value: 1 mS/cm, source: zhu2015, known: read}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "electrolytes").mkdir()
    return tmp_path


def problems(folder: Path, text: str) -> list[str]:
    (folder / "electrolytes" / "Mine.yaml").write_text(text)
    return [str(p) for p in checks.check(folder).problems]


def test_good_file_is_counted(folder):
    assert problems(folder, GOOD) == []
    assert checks.check(folder).counts["electrolytes"] == {"read": 1}


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("source: zhu2015, ", "", 6, "needs value, source and known"),
        (", known: read", "", 6, "needs value, source and known"),
        ("1 mS/cm", "1 MPa", 5, "expected a unit like"),
        ("zhu2015", "nobody1999", 6, "no bibliography entry for 'nobody1999'"),
        ("Li3PO4", "Li12PO4", 3, "not charge-balanced"),
        ("Li3PO4", "Xx2", 3, "not a (stable) element"),
        ("name: Mine", "name: Other", 1, "neither the file's name"),
        ("class: oxide", "class: stone", 2, "class"),
        ("ionic_conductivity", "ionic_conductivty", 4, "unknown property"),
        ("known: read", "known: guessed", 6, "'read'"),
        ("class: oxide", "class: [", 4, "not YAML"),
    ],
)
def test_problem_names_file_line_and_field(folder, old, new, line, part):
    (found,) = problems(folder, GOOD.replace(old, new))
    assert part in found and "electrolytes/Mine.yaml" in found
    assert not line or f"Mine.yaml:{line}:" in found


def test_all_problems_of_a_file_are_told(folder):
    text = GOOD.replace("source: zhu2015, ", "").replace("class: oxide", "class: stone")
    assert len(problems(folder, text)) == 2


def test_two_files_of_one_name(folder):
    (folder / "electrolytes" / "Other.yaml").write_text(GOOD.replace("Mine", "Other, aliases: []"))
    text = GOOD + "aliases: [Twin]\n"
    (folder / "electrolytes" / "Twin.yaml").write_text(GOOD.replace("Mine", "Twin"))
    assert any("'Twin' also names Mine.yaml" in p or "'Twin' also names" in p
               for p in problems(folder, text))  # fmt: skip


def test_empty_folder_is_told(tmp_path):
    assert checks.check(tmp_path).problems
    with pytest.raises(AnolyteError, match="no such folder"):
        checks.check(tmp_path / "none")


HEAD = ("formula,name,energy_eV_per_atom,sigma_eV_per_atom,kind,how,known,source,where,anchor,"
        "volume_A3_per_fu,volume_source,volume_known,note,state")  # fmt: skip


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("Li,,0,0,k,assumed,read,a,,,,,,,solid", None),
        ("Li2S,,nan,0,k,computed,read,a,,,,,,,solid", "not a finite number"),
        ("Li2S,,-99,0,k,computed,read,a,,,,,,,solid", "no formation enthalpy"),
        ("Li2S,,-1,0,k,computed,recalled,a,,,,,,,solid", "at least 0.05"),
        ("Li2S,,-1,0,other,computed,read,a,,,,,,,solid", "one hull needs one kind"),
        ("Li2S,,-1,0,k,computed,read,,,,,,,,solid", "without a source"),
        ("Li2S,,-1,0,k,computed,read,b,,,,,,,solid", "no bibliography entry for 'b'"),
        ("Xx,,-1,0,k,computed,read,a,,,,,,,solid", "not a (stable) element"),
        ("Li2S,,-1,0,k,guessed,read,a,,,,,,,solid", "none of measured"),
        ("Li2S,,-1,0,k,computed,read,a,,,47,,,,solid", "without a source"),
        ("Li2S,,-1,0,k,computed,read,a,,,-1,a,read,,solid", "positive"),
        ("Na2S,,-1,0,k,computed,read,a,,,,,,,solid", "no Na as an element"),
        ("Li,,0,0,k,assumed,read,a,,,,,,,solid\nLi,,0,0,k,assumed,read,a,,,,,,,solid", "already"),
        ("Li2S,,-1", "cells"),
    ],
)
def test_table_of_energies(tmp_path, monkeypatch, row, part):
    base = "Li,bcc,0,0,k,assumed,read,a,,,,,,,solid\nS,,0,0,k,assumed,read,a,,,,,,,solid"
    (tmp_path / "phases.csv").write_text(f"{HEAD}\n{base}\n{row}\n")
    monkeypatch.setattr(check_tables, "DATA", tmp_path)
    found = Report()
    check_tables.phases(frozenset({"a"}), found)
    told = [str(p) for p in found.problems]
    assert (told == []) if part is None else any(part in p for p in told), told


def test_package_data(capsys):
    """Whatever is to be mended is told in one line each, and the exit code says so."""
    code = main(["check-data", "--json"])
    out = capsys.readouterr().out
    found = json.loads(out)
    assert code == (2 if found["problems"] else 0)
    assert {"phases.csv", "electrolytes", "conductors.csv"} <= set(found["numbers"])
    for count in found["numbers"].values():
        assert set(count) == {"read", "second_hand", "recalled"}
