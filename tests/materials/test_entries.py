"""The user's own energies: CSV and pymatgen's JSON, one kind a hull, one clear line otherwise."""

import gzip
import json
from pathlib import Path

import pytest

from anolyte.core.errors import DataError
from anolyte.materials.entries import read_entries
from anolyte.materials.phases import embedded
from anolyte.models.window import window

CSV = """formula,energy_eV_per_atom,source
Li,0,own
P,0,own
S,0,own
Cl,0,own
Li2S,-1.5,own
LiCl,-2.1,own
Li3P,-0.9,own
Li3PS4,-1.1,own
"""
COLUMNS = CSV.splitlines()[0]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def entry(composition: dict, energy: float, **more) -> dict:
    return {"@class": "ComputedEntry", "composition": composition, "energy": energy} | more


ELEMENTS = [entry({"Li": 2}, -3.8), entry({"S": 32}, -131.2), entry({"P": 4}, -21.6)]


def test_csv_of_ones_own_makes_a_table_and_a_window(tmp_path: Path) -> None:
    phases = read_entries(write(tmp_path / "mine.csv", CSV))
    assert window("Li3PS4", phases=phases).reduction_limit > 0.0
    assert phases.kind == "user's energies"


def test_rows_of_the_embedded_kind_join_the_embedded_table(tmp_path: Path) -> None:
    text = f'formula,energy_eV_per_atom,source,kind\nLi9S3Cl3,-2.5,own,"{embedded().kind}"\n'
    phases = read_entries(write(tmp_path / "more.csv", text))
    assert len(phases.rows) == len(embedded().rows) + 1
    assert phases.digest != embedded().digest


@pytest.mark.parametrize("packed", [False, True])
def test_pymatgen_entries_with_their_corrections_once(tmp_path: Path, packed: bool) -> None:
    adjusted = entry(
        {"Li": 4, "S": 2}, -24.0, correction=-99.0,
        energy_adjustments=[
            {"@class": "CompositionEnergyAdjustment", "adj_per_atom": -0.5, "n_atoms": 2},
            {"@class": "ConstantEnergyAdjustment", "value": 0.1},
        ],
    )  # fmt: skip
    text = json.dumps([*ELEMENTS, adjusted])
    path = tmp_path / ("e.json.gz" if packed else "e.json")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    phase = read_entries(path).find({"Li": 2, "S": 1})
    assert phase is not None
    assert phase.energy == pytest.approx((-24.0 - 1.0 + 0.1) / 6)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "formula,energy\nLi,0\n", "no column energy_eV_per_atom, source"),
        ("a.csv", CSV + "Li2S,abc,own\n", "line 10"),
        ("a.csv", CSV + "Li2S,nan,own\n", "believable"),
        ("a.csv", CSV + "Xx2,-1,own\n", "element"),
        ("a.csv", CSV + "Li4S2,-1,\n", "no source"),
        ("a.csv", "formula,energy_eV_per_atom,source\nLi2S,-1.5,own\n", "no entry for the element"),
        ("a.csv", "formula,energy_eV_per_atom,source,kind\nLi,0,a,x\nS,0,a,y\n", "mixes kinds"),
        ("a.json", "{", "neither"),
        ("a.json", "[]", "expected a list"),
        ("a.json", '[{"a": 1}]', "no 'energy'"),
        ("a.json", json.dumps([entry({"Xx": 1}, -1)]), "element"),
        ("a.json", json.dumps([entry({"Li": -1}, -1)]), "negative"),
        ("a.json", json.dumps([entry({"Li": 1}, "inf")]), "believable"),
        ("a.json", json.dumps([
            entry({"Li": 1}, -1, parameters={"run_type": "GGA"}),
            entry({"S": 1}, -1, parameters={"run_type": "r2SCAN"}),
        ]), "mixes run types GGA, r2SCAN"),
        ("a.json.gz", "not gzip", "cannot be read"),
        ("a.csv", CSV.replace(",", ";"), "commas part them"),
        ("a.csv", f"{COLUMNS},sigma_eV_per_atom\nLi,0,own,-0.1\n", "-0.1 is not above 0"),
        ("a.csv", f"{COLUMNS},volume_A3_per_fu\nLi,0,own,0\n", "volume_A3_per_fu 0 is not above"),
        ("a.csv", f"{COLUMNS},state\nLi,0,own,plasma\n", "known are solid, liquid, gas"),
        ("a.json", json.dumps([
            entry({"Li": 1}, -1, structure={"lattice": {"volume": -4.0}})]), "is not above 0"),
        ("a.json", json.dumps([
            entry({"Li": 1}, -1, parameters={"run_type": "GGA"}),
            entry({"Fe": 2, "O": 3}, -30, parameters={"run_type": "GGA+U"}, entry_id="mp-1"),
        ]), "mp-1 is of GGA+U without its correction"),
    ],
)  # fmt: skip
def test_a_bad_entry_file_is_one_clear_line(tmp_path, name: str, text: str, says: str) -> None:
    with pytest.raises(DataError) as error:
        read_entries(write(tmp_path / name, text))
    assert says in str(error.value)
    assert "\n" not in str(error.value)
