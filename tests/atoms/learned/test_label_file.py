"""Labels from a user's CSV: what is read, and that all else is refused in one line."""

import random

import pytest

from anolyte.atoms.learned import label_file
from anolyte.core.errors import AnolyteError, DataError

GOOD = "formula,band_gap [eV],temperature [K]\nLiF,13.6,298\n# a comment\nLi2O,7.9,298\n"


def test_read(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    found = label_file.read(path, "ML (X)")
    assert found.formulas == ("LiF", "Li2O")
    assert found.values.tolist() == [[13.6], [7.9]]
    assert [(t.name, t.unit, t.label_kind) for t in found.targets] == [("band_gap", "eV", "ML (X)")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace(" [eV]", ""), "has no unit"),
        (GOOD.replace("[eV]", "[parsec cow]"), "not a unit"),
        (GOOD.replace("13.6", "<13.6"), "is a limit"),
        (GOOD.replace("7.9,298", "7.9,400"), "2 values, from 298 to 400"),
        (GOOD.replace("Li2O", "Li2F2"), "line 2 already"),
        (GOOD.replace("13.6", "nan"), "not finite"),
        (GOOD.replace("13.6", ""), "not a number"),
        (GOOD.replace("LiF,13.6", "LiF"), "2 cells under 3"),
        (GOOD.replace("LiF", "Xx3"), "line 2"),
        (GOOD.replace("formula", "name [eV]"), "one column 'formula'"),
        ("", "a line of headers"),
    ],
)
def test_refused(text, said):
    with pytest.raises(DataError, match=said) as caught:
        label_file.parse(text)
    assert "\n" not in str(caught.value)


def test_folder_and_bytes(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "x.csv", tmp_path / "none.csv"):
        with pytest.raises(DataError):
            label_file.read(path)


def test_mutated_files_are_read_or_refused():
    draws = random.Random(0)
    letters = 'LiFO0123456789.,-<>[]"\n\r\t eVK#\x00é'
    for _ in range(1000):
        text = list(GOOD)
        for _ in range(draws.randint(1, 6)):
            text[draws.randrange(len(text))] = draws.choice(letters)
        try:
            label_file.parse("".join(text))
        except AnolyteError:
            pass
