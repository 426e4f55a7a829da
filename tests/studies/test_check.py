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


# --- cathodes -------------------------------------------------------------------------------------

CATHODES = """\
cathodes:
  - name: Mine
    class: olivine
    formula: LiFePO4
    properties:
      specific_capacity: {value: 160 mAh/g, source: zhu2015, where: table 1, known: read}
      operating_potential: {value: 3.4 V, source: zhu2015, where: table 1, known: read}
      density: {value: 3.6 g/cm^3, sigma: 2 %, source: zhu2015, known: second_hand}
    active: {value: 75 %, source: zhu2015, known: recalled}
    additives: {value: 5 %, source: zhu2015, known: recalled}
    references: [zhu2015]
parts:
  - name: my foil
    class: collector
    properties:
      density: {value: 2.7 g/cm^3, source: zhu2015, known: recalled}
context:
  liquid: {value: 300 Wh/kg, source: zhu2015, known: recalled}
"""


def cathode_problems(folder: Path, text: str) -> list[str]:
    (folder / "cathodes.yaml").write_text(text)
    return [str(p) for p in checks.check(folder).problems]


def test_a_folder_of_cathodes_alone_is_counted(tmp_path):
    assert cathode_problems(tmp_path, CATHODES) == []
    counts = checks.check(tmp_path).counts["cathodes.yaml"]
    assert counts == {"read": 2, "second_hand": 1, "recalled": 4}


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("160 mAh/g", "160 V", 6, "expected a unit like"),
        ("160 mAh/g", "0 mAh/g", 6, "must be positive"),
        ("3.4 V, source: zhu2015", "3.4 V, source: nobody1999", 7, "entry for 'nobody1999'"),
        ("3.4 V, source: zhu2015,", "3.4 V,", 7, "needs value, source and known"),
        ("where: table 1, known: read}\n      op", "known: read}\n      op", 6, "where it stands"),
        ("sigma: 2 %", "sigma: -2 %", 8, "must not be negative"),
        ("known: second_hand", "known: guessed", 8, "'read'"),
        ("      density: {value: 3.6", "      hardnes: {value: 3.6", 5, "unknown property"),
        ("value: 75 %", "value: 99 %", 9, "sum to one"),
        ("value: 75 %", "value: 75 V", 9, "active"),
        ("LiFePO4", "Li20FePO4", 4, "not charge-balanced"),
        ("LiFePO4", "Xx", 2, "not a (stable) element"),
        ("[zhu2015]", "[nobody1999]", 11, "entry for 'nobody1999'"),
        ("class: olivine", "class: stone", 3, "class"),
        ("  - name: my foil", "  - name: my foil\n    colour: red", 14, "colour"),
        ("2.7 g/cm^3", "-2.7 g/cm^3", 16, "negative"),
        ("300 Wh/kg", "300 K", 18, "expected a unit like"),
        ("300 Wh/kg, source: zhu2015", "300 Wh/kg, source: nobody1999", 18, "nobody1999"),
        ("parts:", "partz:", 0, "holds nothing but"),
        ("cathodes:\n", "cathodes:\n  - Mine\n", 2, "expected fields"),
        ("cathodes:\n", "cathodes: [\n", 0, "not YAML"),
    ],
)  # fmt: skip
def test_a_broken_cathode_is_told_with_its_line(tmp_path, old, new, line, part):
    assert old in CATHODES
    told = cathode_problems(tmp_path, CATHODES.replace(old, new, 1))
    mine = [t for t in told if part in t]
    assert mine and all(t.startswith("cathodes.yaml") for t in told), told
    assert not line or any(f"cathodes.yaml:{line}:" in t for t in mine), told


def test_two_cathodes_of_one_name(tmp_path):
    body = CATHODES.partition("cathodes:\n")[2].partition("parts:")[0]
    told = cathode_problems(tmp_path, f"cathodes:\n{body}{body}")
    assert len(told) == 1 and "'Mine' also names entry 1" in told[0]


def test_what_a_stack_needs_is_asked_for(tmp_path):
    told = cathode_problems(tmp_path, CATHODES.replace("specific_capacity", "hardness", 1)
                            .replace("160 mAh/g", "1 GPa"))  # fmt: skip
    assert any("no specific_capacity" in t for t in told)


def test_the_cathodes_of_the_package_are_visited():
    found = checks.check()
    assert sum(found.counts["cathodes.yaml"].values()) >= 30
    assert not [p for p in found.problems if p.file == "cathodes.yaml"]


# --- potentials of hosts --------------------------------------------------------------------------

CURVE = {"branch": "mean", "temperature": "25 C", "source": "huggins2011alloys", "where": "page 1",
         "how": "measured", "known": "read", "points": [(0.0, 0.6), (1.0, 0.1)]}  # fmt: skip
WRONG_CURVES = {
    "no entry": ("Si", [CURVE | {"source": "nobody2000"}], "no bibliography entry for"),
    "not where": ("Si", [CURVE | {"where": ""}], "says where it stands"),
    "no anode": ("Xx", [CURVE], "no anode of the library"),
    "too high": ("Si", [CURVE | {"points": [(0.0, 4.6), (1.0, 0.1)]}], "potentials between"),
    "one branch": ("Si", [CURVE | {"branch": "lithiation"}], "needs a mean"),
    "crossing": (
        "Si",
        [CURVE | {"branch": "lithiation"},
         CURVE | {"branch": "delithiation", "points": [(0.0, 0.5), (1.0, 0.2)]}],
        "delithiation must lie above",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_CURVES)
def test_a_wrong_curve_of_a_host_is_told(name, monkeypatch) -> None:
    from anolyte.materials import host_potentials
    from anolyte.studies.check import check

    host, curves, part = WRONG_CURVES[name]
    made = host_potentials.HostCurves.model_validate(
        {"title": "t", "per": host, "full": 1.0, "full_where": "w", "curves": curves}
    )
    monkeypatch.setattr(host_potentials, "read", lambda: {host: made})
    problems = [p for p in check().problems if p.file == "host_potentials.yaml"]
    assert problems and part in problems[0].message and f"hosts.{host}" in problems[0].field


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"points": [(0.5, 0.6), (0.1, 0.1)]}, "must rise"),
        ({"points": [(0.1, 0.1), (0.5, 0.6)]}, "falls as lithium"),
        ({"points": [(0.1, 0.6), (1.5, 0.1)]}, "between 0 and 1"),
        ({"points": []}, "either points or galleries"),
        (
            {"points": [], "galleries": [{"share": 0.5, "potential": "0.1 V", "width": 1.0}]},
            "add up",
        ),
        (
            {"points": [], "galleries": [{"share": 1.0, "potential": "0.1 A", "width": 1.0}]},
            "potential",
        ),
        ({"branch": "up"}, "branch"),
    ],
)
def test_a_curve_that_is_none_does_not_load(change, part) -> None:
    from pydantic import ValidationError

    from anolyte.materials.host_potentials import Curve

    with pytest.raises((ValidationError, AnolyteError)) as caught:
        Curve.model_validate(CURVE | change)
    assert part in str(caught.value)
