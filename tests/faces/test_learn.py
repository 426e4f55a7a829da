"""`anolyte learn cell.yaml data/`: what it prints, writes and refuses."""

import json

import numpy as np
import pytest

from anolyte.faces.cli import main
from anolyte.studies.files import load

CELL = """\
electrolyte: Li6PS5Cl
anode: Li
sample: {area: 0.785 cm2, thickness: 0.5 mm}
conditions: {stack_pressure: 5 MPa, temperature: 25 C, current_density: 0.3 mA/cm2,
             areal_capacity: 0.3 mAh/cm2}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A cell.yaml and four spectra of a face that grows."""
    place = tmp_path_factory.mktemp("learn")
    (place / "cell.yaml").write_text(CELL, encoding="utf-8")
    (place / "data").mkdir()
    (place / "empty").mkdir()
    hertz, rng = np.geomspace(1e7, 0.1, 41), np.random.default_rng(0)
    s, told = 2j * np.pi * hertz, ["file,time [h]"]
    for k, face in enumerate((4.0, 9.0, 14.0, 20.0)):
        z = 32.0 / (1.0 + s * 32.0 * 1e-9) + face / (1.0 + s * face * 1e-5)
        z = z * (1.0 + 0.002 * (rng.standard_normal(41) + 1j * rng.standard_normal(41)))
        rows = [f"{f!r},{v.real!r},{v.imag!r}" for f, v in zip(hertz.tolist(), z.tolist(),
                                                               strict=True)]  # fmt: skip
        text = "\n".join(["frequency [Hz],real [ohm],imaginary [ohm]", *rows])
        (place / "data" / f"{k}.csv").write_text(text + "\n", encoding="utf-8")
        told.append(f"{k}.csv,{100 * k}")
    (place / "data" / "conditions.csv").write_text("\n".join(told) + "\n", encoding="utf-8")
    return place


def asked(folder, *more):
    return ["learn", str(folder / "cell.yaml"), str(folder / "data"), "--draws", "100",
            "--circuit", "p(R1,C1)-p(R2,C2)", *more]  # fmt: skip


def test_it_says_what_changed_why_and_what_next(folder, capsys):
    files = {n: folder / n for n in ("next.txt", "learned.json", "page.html")}
    code = main(asked(folder, "--next", str(files["next.txt"]), "--save",
                      str(files["learned.json"]), "--plot", str(files["page.html"])))  # fmt: skip
    text = " ".join(capsys.readouterr().out.split())
    assert code == 0
    for said in ("explains the data", "not constrained by these data", "Rival laws",
                 "critical current density", "What to measure next", "of which the"):  # fmt: skip
        assert said in text
    assert files["next.txt"].read_text(encoding="utf-8").startswith("# ")
    assert load(files["learned.json"]).pick().cells == 100
    assert "what was learnt" in files["page.html"].read_text(encoding="utf-8")


def test_json_and_csv_hold_every_number(folder, capsys):
    assert main(asked(folder, "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["type"].endswith("Learned") and len(found["scores"]) == 100
    assert main(asked(folder, "--csv")) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 1 + len(found["learnt"]) and rows[0].startswith("number,unit,before 10 %")


@pytest.mark.parametrize(
    ("data", "says"),
    [("empty", "is empty"), ("nowhere", "no such folder")],
)
def test_mistakes_are_one_line(folder, capsys, data, says):
    assert main(["learn", str(folder / "cell.yaml"), str(folder / data)]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_units_that_do_not_fit_are_told(folder, capsys):
    assert main(asked(folder, "--age", "5 MPa")) == 2
    assert "time" in capsys.readouterr().err


def test_the_other_commands_of_learn_still_answer(capsys):
    assert main(["learn", "card", "none.safetensors"]) == 2
    assert "none.json is missing" in capsys.readouterr().err
