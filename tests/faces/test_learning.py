"""The verbs of `learn`: formulas, structures, made labels, and models in a screen."""

import json

import numpy as np
import pytest

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net import judging, made_labels
from anolyte.atoms.learned.baselines import Mean
from anolyte.faces.cli import main

pytest.importorskip("sklearn", reason="plain models are scikit-learn's")
pytest.importorskip("safetensors", reason="models are kept as safetensors")
pytest.importorskip("pymatgen", reason="element statistics are pymatgen's, of the [ml] extra")

pytestmark = pytest.mark.ml
METALS, ANIONS = ("Li", "Na", "K", "Mg", "Ca", "Al"), ("F", "Cl", "O", "S")
NETWORK = ("--members", "2", "--epochs", "1")


@pytest.fixture
def run(capsys):
    """Run one command in this process; what it printed on both streams."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        return capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    """A gap that falls from anion to anion and rises from metal to metal."""
    path = tmp_path_factory.mktemp("labels") / "gaps.csv"
    rows = [f"{m}{a},{9 - 2 * i + 0.2 * j}" for j, m in enumerate(METALS)
            for i, a in enumerate(ANIONS)]  # fmt: skip
    path.write_text("\n".join(["formula,my_gap [eV]", *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def model(labels):
    path = labels.with_name("gaps.safetensors")
    assert main(["learn", "train", str(labels), "--out", str(path)]) == 0
    return path


def salt(metal, anion, half):
    cell = half * (np.ones((3, 3)) - np.eye(3))
    return Crystal.of_arrays(cell, (metal, anion), np.array([[0.0] * 3, [0.5] * 3]))


@pytest.fixture(scope="module")
def salts(tmp_path_factory):
    """Labels that name CIF files, and the folder of these."""
    folder = tmp_path_factory.mktemp("cells")
    rows = []
    for i, metal in enumerate(("Li", "Na", "K", "Ag")):
        for j, anion in enumerate(("F", "Cl", "Br")):
            made = salt(metal, anion, 2.0 + 0.3 * i + 0.25 * j)
            made.pymatgen().to(filename=str(folder / f"{metal}{anion}.cif"))
            rows.append(f"{metal}{anion}.cif,{9 - 2 * j + 0.2 * i}")
    (folder / "labels.csv").write_text("\n".join(["structure,my_gap [eV]", *rows]) + "\n")
    return folder


def trained(run, folder, out, *more):
    pytest.importorskip("chgnet", reason="features of the potential need the [ml] extra")
    run("learn", "train", folder / "labels.csv", "--structures", folder, "--out", out, *NETWORK,
        "--level", "0.6", "--json", *more)  # fmt: skip
    return json.loads(out.with_suffix(".json").read_text())


def test_formulas_are_learned_beside_the_mean(run, model):
    card = json.loads(run("learn", "card", model, "--json").out)
    assert card["errors"][card["learner"]] == min(card["errors"].values())
    assert card["errors"][card["learner"]] < 0.5 * card["errors"]["mean"]
    assert (
        "Mean absolute error of held-out chemical systems [eV]" in run("learn", "card", model).out
    )
    out = run("learn", "predict", model, "LiF", "CsF").out
    assert "LiF  9" in out or "LiF  8" in out
    assert "CsF  unknown: no label holds Cs" in out


def test_another_hash_is_refused_unless_trusted(run, model, tmp_path):
    copy = tmp_path / "m.safetensors"
    copy.write_bytes(model.read_bytes())
    card = json.loads(model.with_suffix(".json").read_text())
    copy.with_suffix(".json").write_text(json.dumps({**card, "sha256": "0"}))
    said = run("learn", "predict", copy, "LiF", code=2).err
    assert "not the numbers of its card" in said and "Traceback" not in said
    assert "LiF" in run("learn", "predict", copy, "LiF", "--trust").out


def test_labels_without_a_unit_are_refused(run, labels, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(labels.read_text().replace("[eV]", "[furlong cow]"))
    said = run("learn", "train", bad, "--out", tmp_path / "m.safetensors", code=2).err
    assert "is not a unit that is known" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--out", "m.pt"), "are kept as .safetensors"),
        (("--out", "nowhere/m.safetensors"), "there is no folder"),
        (("--out", "m.safetensors", "--start", "s.safetensors"), "add --structures"),
        (("--out", "m.safetensors", "--structures", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_work_is_told_before_it_is_trained(run, more, said, tmp_path):
    (tmp_path / "l.csv").write_text("structure,formula,my_gap [eV]\na,LiF,9\n")
    told = run("learn", "train", tmp_path / "l.csv", *more, code=2).err
    assert said in told and "Traceback" not in told


def test_structures_are_learned_and_asked(run, salts, tmp_path):
    out = tmp_path / "s.safetensors"
    card = trained(run, salts, out)
    assert set(card["errors"]) >= {"mean", "element statistics, forest", card["learner"],
                                   "features of the potential, forest"}  # fmt: skip
    assert card["transfer"] == "Transfer was not tried: no pre-trained network was given."
    assert card["target"]["label_kind"] == "measured" and card["labels"] == 12
    said = run("learn", "predict", out, salts / "LiF.cif", salts / "labels.csv").out
    assert "LiF.cif  " in said and "±" in said
    assert "labels.csv  unknown: " in said
    asked = (*SCREEN[:4], str(salts), *SCREEN[5:], "--model", out, "--json")
    found = json.loads(run(*asked).out)["shortlist"]
    mine = {f["candidate"]["name"]: e for f in found for e in f["estimates"]
            if e["name"] == "my_gap"}  # fmt: skip
    assert mine["LiF.cif"]["value"] is not None and mine["LiF.cif"]["sigma"] > 0.0
    assert mine["LiF.cif"]["method"] == f"trained model: {card['learner']}"
    listed = json.loads(run(*SCREEN, "--model", out, "--json").out)["shortlist"]
    notes = [e["note"] for f in listed for e in f["estimates"] if e["name"] == "my_gap"]
    assert len(notes) == len(listed) and "no structure is known" in notes
    out.write_bytes(out.read_bytes()[:-4] + b"\0\0\0\0")
    assert "not those of their card" in run("learn", "predict", out, salts / "LiF.cif", code=2).err
    assert "LiF.cif  " in run("learn", "predict", out, salts / "LiF.cif", "--trust").out
    assert "not those of their card" in run(*asked, code=2).err
    assert len(json.loads(run(*asked, "--trust").out)["shortlist"]) == len(found)


def test_pre_training_goes_on_and_transfer_is_told(run, salts, tmp_path, monkeypatch):
    pytest.importorskip("chgnet", reason="made labels are of the potential")
    start, kept = tmp_path / "start.safetensors", tmp_path / "made.npz"
    asked = ("learn", "pretrain", "--out", start, "--labels", kept, "--count", "48", "--elements",
             "Li,Na,K,Ag,F,Cl,Br,O,S", "--epochs", "1", "--without", salts / "labels.csv",
             "--structures", salts)  # fmt: skip
    first = json.loads(run(*asked, "--json").out)
    assert first["label_kind"] == ["ML (CHGNet 0.3.0)"]
    assert not {"LiF", "NaCl", "KBr"} & set(first["compositions"])
    kept.unlink()
    with monkeypatch.context() as patch:  # stopped in its second part
        patch.setattr(made_labels, "PART", 16)
        label, parts = made_labels.label, iter((False, True))

        def stopped(*args):
            if next(parts):
                raise KeyboardInterrupt
            return label(*args)

        patch.setattr(made_labels, "label", stopped)
        run(*asked, code=130)
        patch.setattr(made_labels, "label", label)
        assert 0 < len(made_labels.read(kept)) <= 16
        assert json.loads(run(*asked, "--json").out)["sha256"] == first["sha256"]
    before = kept.stat().st_mtime_ns
    again = json.loads(run(*asked, "--json").out)
    assert kept.stat().st_mtime_ns == before
    assert again["sha256"] == first["sha256"]
    monkeypatch.setattr(judging, "plain", lambda _: (Mean(),))  # the forests take their time
    card = trained(run, salts, tmp_path / "t.safetensors", "--start", start)
    assert "networks, pre-trained" in card["errors"]
    assert card["transfer"].startswith(("Transfer helped", "Transfer did", "Transfer made no"))
    start.with_suffix(".json").write_text(json.dumps({**first, "compositions": ["LiF"]}))
    leak = run("learn", "train", salts / "labels.csv", "--structures", salts, "--start", start,
               "--out", tmp_path / "u.safetensors", *NETWORK, code=2).err  # fmt: skip
    assert "leakage: 1 compositions of the labels were pre-trained on: LiF" in leak
    assert "not of this seed" in run(*asked, "--seed", "1", code=2).err
    assert "too few to fill" in run(*asked, "--elements", "Li,F", code=2).err


SCREEN = ("screen", "--electrolyte", "LLZTO", "--candidates", "library", "--through", "tables",
          "--engine", "local")  # fmt: skip


def test_a_model_speaks_in_a_screen(run, model, tmp_path):
    aims = tmp_path / "aims.yaml"
    aims.write_text("my_gap: {at_least: 5 eV}\n")
    found = json.loads(run(*SCREEN, "--model", model, "--targets", aims, "--json").out)
    mine = [e for f in found["shortlist"] for e in f["estimates"] if e["name"] == "my_gap"]
    known = [e for e in mine if e["value"] is not None]
    assert known and all(e["sigma"] > 0.0 and e["how"] == "estimated" for e in known)
    assert all(e["method"].startswith("trained model: ") for e in mine)
    names = [f["candidate"]["name"] for f in found["shortlist"]]
    assert names.index("LiF") < names.index("LiCl")


def test_a_model_in_other_units_than_the_screen_is_refused(run, labels, tmp_path):
    bad, out = tmp_path / "bad.csv", tmp_path / "m.safetensors"
    few = labels.read_text().splitlines()[:13]
    bad.write_text("\n".join(few).replace("my_gap [eV]", "electron_barrier [GPa]") + "\n")
    run("learn", "train", bad, "--out", out, "--level", "0.6")
    said = run(*SCREEN, "--model", out, code=2).err
    assert "the model gives electron_barrier in 'GPa'" in said and "Traceback" not in said
