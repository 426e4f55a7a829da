"""Labels of structures: read from a folder or JSON lines, refused in one line."""

import json

import pytest

from anolyte.atoms import files
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.files import Found
from anolyte.atoms.learned import structure_file
from anolyte.core.errors import DataError

pytest.importorskip("pymatgen", reason="structures are read by pymatgen")

pytestmark = pytest.mark.ml


def poscar(metal, half=2.0):
    cell = f"0 {half} {half}\n{half} 0 {half}\n{half} {half} 0"
    return f"salt\n1.0\n{cell}\n{metal} F\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n"


@pytest.fixture
def folder(tmp_path):
    for name, metal, half in (("a", "Li", 2.0), ("b", "Na", 2.3), ("c", "Li", 2.1)):
        (tmp_path / name).write_text(poscar(metal, half))
    return tmp_path


def ask(folder, text, structures=None):
    (folder / "labels.csv").write_text(text)
    return structure_file.read(folder / "labels.csv", structures or folder)


def test_polymorphs_have_labels_of_their_own(folder):
    found = ask(folder, "structure,formula,g [GPa]\na,LiF,50\nb,NaF,30\nc,Li2F2,40\n")
    assert found.formulas == ("LiF", "NaF", "LiF")
    assert found.values.ravel().tolist() == [50.0, 30.0, 40.0]
    assert found.crystals[2].volume == pytest.approx(2 * 2.1**3)


def test_json_lines_are_named_by_their_number(folder):
    entry = {"lattice_vectors": [[0, 2, 2], [2, 0, 2], [2, 2, 0]],
             "species_at_sites": ["Li", "F"],
             "cartesian_site_positions": [[0, 0, 0], [2, 2, 2]]}  # fmt: skip
    lines = folder / "s.jsonl"
    other = {**entry, "species_at_sites": ["Na", "F"]}
    lines.write_text(json.dumps(entry) + "\n" + json.dumps(other) + "\n")
    found = ask(folder, "structure,g [GPa]\n2,30\n1,50\n", lines)
    assert found.formulas == ("NaF", "LiF")
    with pytest.raises(DataError, match="has no line '7'"):
        ask(folder, "structure,g [GPa]\n7,30\n", lines)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("structure,g [GPa]\na,50\nnone,30\n", "line 3: none: cannot be read"),
        ("structure,g [GPa]\n../a,50\n", "is not the name of a file"),
        ("structure,g [GPa]\na,50\na,51\n", "has a label in line 2 already"),
        ("structure,formula,g [GPa]\na,NaF,50\n", "the label is of NaF, the structure of LiF"),
        ("structure,g\na,50\n", "has no unit"),
        ("formula,g [GPa]\nLiF,50\n", "one column 'structure' is needed"),
    ],
)
def test_refused(folder, rows, said, monkeypatch):
    salt = Crystal(((0, 2, 2), (2, 0, 2), (2, 2, 0)), ("Li", "F"), ((0, 0, 0), (0.5, 0.5, 0.5)))
    told = {"a": Found("a", salt), "none": Found("none", why="none: cannot be read")}
    monkeypatch.setattr(files, "read", lambda paths: [told[p.name] for p in paths])
    with pytest.raises(DataError, match=said) as caught:
        ask(folder, rows)
    assert "\n" not in str(caught.value)
