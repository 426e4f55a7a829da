"""Structure files of others: what is read, and that a broken one is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("pymatgen", reason="structure files are read by pymatgen")

from anolyte.atoms import files

SALT = """data_LiF
_cell_length_a 4.026
_cell_length_b 4.026
_cell_length_c 4.026
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Li1 Li 0 0 0 {occupancy}
F1 F 0.5 0.5 0.5 1
"""
POSCAR = (
    "LiF\n1.0\n0 2.013 2.013\n2.013 0 2.013\n2.013 2.013 0\nLi F\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
)


def test_files_of_several_kinds_give_the_same_crystal(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(SALT.format(occupancy=1))
    (tmp_path / "POSCAR").write_text(POSCAR)
    entry = {
        "attributes": {
            "lattice_vectors": [[0, 2.013, 2.013], [2.013, 0, 2.013], [2.013, 2.013, 0]],
            "species": [{"name": "Li1", "chemical_symbols": ["Li"], "concentration": [1.0]}],
            "species_at_sites": ["Li1", "F"],
            "cartesian_site_positions": [[0, 0, 0], [2.013, 2.013, 2.013]],
        }
    }
    (tmp_path / "p.jsonl").write_text(json.dumps(entry) + "\n{broken\n")
    found = list(files.read([tmp_path / "a.cif", tmp_path / "POSCAR", tmp_path / "p.jsonl"]))
    crystals = [f.crystal for f in found[:3]]
    for crystal in crystals:
        assert crystal is not None and crystal.formula == "LiF"
        assert crystal.volume / len(crystal.symbols) == pytest.approx(2.013**3, rel=1e-6)
    assert found[3].crystal is None and found[3].why.startswith("p.jsonl, line 2: not read")
    assert "\n" not in found[3].why


def test_broken_huge_and_absent_files_are_one_line_each(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text("nothing of the kind")
    (tmp_path / "b.cif").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "c.cif").write_bytes(b"#" * (files.LARGEST + 1))
    (tmp_path / "d.cif").write_text(SALT.format(occupancy=1).replace("0.5 0.5 0.5", "0 0 0.01"))
    paths = [tmp_path / f"{n}.cif" for n in "abcd"] + [tmp_path / "none.cif", tmp_path]
    found = list(files.read(paths))
    assert [f.crystal for f in found] == [None] * 6
    assert all(f.why and "\n" not in f.why and "Traceback" not in f.why for f in found)
    assert "larger than 5 MB" in found[2].why and "closer than 0.5" in found[3].why
    assert "cannot be read" in found[4].why and "is no file" in found[5].why


def test_partial_occupancies_are_ordered_or_refused_with_the_reason(tmp_path: Path) -> None:
    text = SALT.format(occupancy=0.5).replace("LiF", "LiMgF").replace(
        "F1 F 0.5", "Mg1 Mg 0 0 0 0.25\nF1 F 0.5"
    )  # fmt: skip
    (tmp_path / "a.cif").write_text(text)
    (tmp_path / "b.cif").write_text(SALT.format(occupancy=0.5))
    ordered, refused = files.read([tmp_path / "a.cif", tmp_path / "b.cif"])
    assert ordered.crystal is not None
    amounts = ordered.crystal.amounts
    assert amounts["Li"] / amounts["F"] == 0.5 and amounts["Mg"] / amounts["F"] == 0.25
    assert refused.crystal is None and "do not balance" in refused.why


def test_a_reader_that_hangs_is_killed_and_the_next_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.cif").write_text(SALT.format(occupancy=1))
    ask = files._Child.ask
    calls: list[str] = []

    def slow(self: files._Child, path: Path, patience: float) -> object:
        calls.append(path.name)
        return ask(self, path, 0.0 if len(calls) == 1 else patience)

    monkeypatch.setattr(files._Child, "ask", slow)
    first, second = files.read([tmp_path / "a.cif"] * 2)
    assert "did not survive" in first.why and second.crystal is not None
    assert second.crystal.formula == "LiF"
