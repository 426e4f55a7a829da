"""From a question to jobs and back to entries that the window accepts."""

from __future__ import annotations

import csv
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("pymatgen", reason="cells need pymatgen")

from anolyte.atoms.first_principles.espresso import QuantumEspresso
from anolyte.atoms.first_principles.gpaw import Gpaw
from anolyte.atoms.first_principles.jobs import MANIFEST, Settings, read_manifest
from anolyte.core.errors import DataError
from anolyte.core.result import encode
from anolyte.faces.cli import main
from anolyte.materials.entries import read_entries
from anolyte.materials.library import default
from anolyte.materials.stack import Interface
from anolyte.studies.first_principles import ByUncertainty, Choice, follow, plan, write
from anolyte.studies.first_principles_results import FirstPrinciplesResult, collect, keep

HELPERS = Path(__file__).parents[1] / "atoms" / "first_principles" / "made.py"
_spec = importlib.util.spec_from_file_location("made", HELPERS)
assert _spec is not None and _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

PSEUDO = (("Li", "Li.upf"), ("F", "F.upf"), ("S", "S.upf"))
SETTINGS = replace(made.SETTINGS, pseudopotentials=PSEUDO)
LI2S = (Choice("Li2S", "electrolyte", "asked"), Choice("Li", "element", "reference"),
        Choice("S", "element", "reference"))  # fmt: skip
QE = QuantumEspresso("/pseudo")


def finished(folder: Path, energies: dict[str, float], **changes) -> None:
    """Put the output of every bulk job beside its inputs."""
    from anolyte.atoms.first_principles.cells import bulk, from_structure, structure_of
    from anolyte.materials.formula import parse

    manifest = read_manifest(folder)
    for job in manifest.jobs:
        phase = structure_of(parse(job.formula))
        assert phase is not None
        cell = from_structure(bulk(phase))
        stated = replace(manifest.settings, pseudopotentials=tuple(
            p for p in manifest.settings.pseudopotentials if p[0] in cell.species))  # fmt: skip
        energy = energies[job.formula] * len(cell.species)
        for prefix in ("relax", "scf"):
            text = made.xml(cell, energy=energy, settings=stated, **changes)
            made.job_of(folder / job.name, text=text, prefix=prefix)


def test_the_plan_stands_by_itself():
    lib = default()
    asked = Interface(lib.electrolyte("Li6PS5Cl"), lib.anode("Li"))
    chosen = plan(asked, ByUncertainty(draws=200), 2)
    roles = [c.role for c in chosen]
    assert {c.formula for c in chosen if c.role == "element"} == {"Li", "P", "S", "Cl"}
    assert roles.count("decides") <= 2 and roles[0] == "electrolyte"
    weights = [c.weight for c in chosen if c.role == "decides"]
    assert weights == sorted(weights, reverse=True) and weights[0] > 0.0
    assert len({c.formula for c in chosen}) == len(chosen)


def test_energies_come_back_as_entries_of_one_kind(tmp_path):
    folder = tmp_path / "jobs"
    manifest = write(LI2S, QE, SETTINGS, folder)
    assert {job.digest for job in manifest.jobs} == {SETTINGS.digest("Quantum ESPRESSO")}
    finished(folder, {"Li": -200.0, "S": -300.0, "Li2S": -234.8})
    assert len(follow(folder)) == 3
    assert "/pseudo" in (folder / "Li2S" / "scf.in").read_text()
    found = collect([folder])
    assert found.failures == () and found.kind == manifest.kind
    entries, properties = keep(found, folder)
    table = read_entries(entries)
    assert table.kind == manifest.kind
    phase = table.find({"Li": 2, "S": 1})
    assert phase is not None and phase.sigma == pytest.approx(0.024)
    element = table.find({"Li": 1})
    assert element is not None and element.sigma is None
    # V_ox of Li2S with these numbers: -(E - 2 E(Li) - E(S)) / 2 = 3 * 1.4667 / 2
    assert main(["window", "Li2S", "--entries", str(entries), "--json"]) == 0
    with properties.open() as file:
        rows = {(r["formula"], r["property"]): float(r["value_eV"]) for r in csv.DictReader(file)}
    assert rows["Li2S", "band_gap"] == pytest.approx(9.0, abs=1e-5)
    assert FirstPrinciplesResult.from_dict(json.loads(json.dumps(encode(found)))) == found


def test_the_window_of_these_entries_is_theirs(tmp_path, capsys):
    folder = tmp_path / "jobs"
    write(LI2S, QE, SETTINGS, folder)
    finished(folder, {"Li": -200.0, "S": -300.0, "Li2S": -234.8})
    entries, _ = keep(collect([folder]), folder)
    assert main(["window", "Li2S", "--entries", str(entries), "--json"]) == 0
    limit = json.loads(capsys.readouterr().out)["oxidation_limit"]["value"]
    assert limit == pytest.approx(3.0 * (234.8 - 700.0 / 3.0) / 2.0, abs=1e-4)


def test_a_slab_gives_its_edges_against_vacuum(tmp_path):
    folder = tmp_path / "jobs"
    write([Choice("LiF", "electrolyte", "asked")], QE, made.SETTINGS, folder, surfaces=[(0, 0, 1)])
    made.job_of(folder / "LiF_001", job=made.SLAB, prefix="slab")
    levels = {p.what: p.value / 1.602176634e-19 for p in collect([folder]).properties}
    assert levels["ionisation_energy"] == pytest.approx(4.0 - -3.0, abs=1e-3)
    assert levels["electron_affinity"] == pytest.approx(4.0 - 6.0, abs=1e-3)
    assert "work_function" not in levels  # an insulator's Fermi level means nothing


def test_surface_states_and_other_versions_are_told(tmp_path):
    folder = tmp_path / "jobs"
    lif = [Choice("LiF", "electrolyte", "asked"), Choice("Li", "element", "reference")]
    write(lif, QE, made.SETTINGS, folder, surfaces=[(0, 0, 1)])
    finished(folder, {"LiF": -350.0, "Li": -200.0}, edges=(-8.0, 6.0))
    text = made.xml(made.SLAB_CELL, edges=(-3.0, 6.0))
    made.job_of(folder / "LiF_001", job=made.SLAB, prefix="slab", text=text)
    older = folder / "Li" / "scf.save" / "data-file-schema.xml"
    older.write_text(older.read_text().replace('VERSION="7.2"', 'VERSION="6.7"'))
    found = collect([folder])
    assert found.failures == ()
    versions, states = found.warnings
    assert versions == "computed by Quantum ESPRESSO 7.2 and Quantum ESPRESSO 6.7: take one"
    assert "LiF (001): a gap of 9.00 eV, in the bulk 14.00 eV" in states


def test_what_is_not_there_is_named(tmp_path):
    folder = tmp_path / "jobs"
    write(LI2S, QE, SETTINGS, folder)
    made.job_of(folder / "Li", text=made.xml()[:500])
    found = collect([folder])
    assert found.energies == () and len(found.failures) == 3
    assert all("\n" not in line for line in found.failures)


def test_settings_are_never_mixed(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    write(LI2S, QE, SETTINGS, one)
    write(LI2S, QE, replace(SETTINGS, cutoff=500.0), two)
    with pytest.raises(DataError, match="different kinds"):
        collect([one, two])
    data = json.loads((one / MANIFEST).read_text())
    data["jobs"][1]["digest"] = "0" * 12
    (one / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(DataError, match="mixes settings"):
        collect([one])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": 3}', "\x00", '{"settings": {}}'])
def test_a_damaged_manifest_is_one_line(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(DataError, match="no manifest"):
        collect([tmp_path])


def test_a_folder_in_use_is_left_alone(tmp_path):
    write(LI2S, Gpaw(), Settings(), tmp_path)
    with pytest.raises(DataError, match="already"):
        write(LI2S, Gpaw(), Settings(), tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--code", "vasp"], "known are qe, gpaw"), (["--surface", "0"], "three digits"),
     (["--hubbard", "Ti=4"], "Ti-3d=4.0"), (["--cutoff", "60 V"], "energy"),
     (["--pseudopotentials", "/nowhere"], "cannot be read"), (["--top", "-1"], "0 or more"),
     ([], "no pseudopotential is named for Y, Li, Cl")],
)  # fmt: skip
def test_slips_of_the_user_are_one_line(tmp_path, capsys, arguments, said):
    command = ["dft", "write", "Li3YCl6", "--folder", str(tmp_path / "x"), *arguments]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (tmp_path / "x" / MANIFEST).exists()


def test_json_of_every_verb(tmp_path, capsys):
    folder = tmp_path / "jobs"
    write(LI2S, QE, SETTINGS, folder)
    finished(folder, {"Li": -200.0, "S": -300.0, "Li2S": -234.8})
    assert main(["dft", "next", str(folder), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["written"]) == 3
    assert main(["dft", "read", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"].startswith("PBE total energy, Quantum")
