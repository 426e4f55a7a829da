"""Inputs that other programs read, outputs in the documented formats, and everything damaged."""

from __future__ import annotations

import ast
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.atoms.first_principles.espresso import QuantumEspresso
from anolyte.atoms.first_principles.gpaw import Gpaw
from anolyte.atoms.first_principles.outcome import edges
from anolyte.atoms.first_principles.pseudopotentials import named_in
from anolyte.core.errors import AnolyteError, DataError

_spec = importlib.util.spec_from_file_location("made", Path(__file__).with_name("made.py"))
assert _spec is not None and _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

QE = QuantumEspresso("/pseudo")


def test_ase_reads_the_same_cell_from_the_input(tmp_path):
    ase = pytest.importorskip("ase.io.espresso", reason="ase is an oracle here")
    path = tmp_path / "relax.in"
    path.write_text(QE.write(made.CELL, made.JOB, made.SETTINGS)["relax.in"])
    with path.open() as file:
        data, _ = ase.read_fortran_namelist(file)
    with path.open() as file:
        atoms = ase.read_espresso_in(file)
    assert np.allclose(atoms.cell, made.CELL.vectors)
    assert np.allclose(atoms.get_scaled_positions(), made.CELL.positions)
    assert list(atoms.symbols) == ["Li", "F"]
    assert data["control"]["calculation"] == "vc-relax"
    assert data["system"]["ecutwfc"] * 13.605693 == pytest.approx(600.0, rel=1e-6)
    assert data["system"]["ecutrho"] == pytest.approx(8 * data["system"]["ecutwfc"], rel=1e-6)


def test_kpoints_follow_from_the_spacing():
    """|b| of this cell is 2 pi sqrt(3)/4: 2.72 per angstrom."""
    assert made.CELL.kpoints(0.3) == (10, 10, 10)
    assert made.CELL.kpoints(2.8) == (1, 1, 1)


def test_a_slab_has_one_point_across_a_dipole_and_an_average():
    files = QE.write(made.SLAB_CELL, made.SLAB, made.SETTINGS)
    assert set(files) == {"slab.in", "pp.in", "average.in"}
    assert re.search(r"K_POINTS automatic\n  \d+ \d+ 1 0 0 0", files["slab.in"])
    assert "dipfield = .true." in files["slab.in"] and "emaxpos = 0.975" in files["slab.in"]
    assert "plot_num = 11" in files["pp.in"]


def test_what_is_asked_for_is_written():
    settings = replace(made.SETTINGS, spin=True, hubbard=(("Ti-3d", 4.0), ("F-2p", 1.0)))
    text = QE.write(made.CELL, made.JOB, settings)["relax.in"]
    assert "nspin = 2" in text and "U F-2p 1.0000" in text and "Ti-3d" not in text
    assert "nspin" not in QE.write(made.CELL, made.JOB, made.SETTINGS)["relax.in"]
    with pytest.raises(DataError, match="no pseudopotential is named for Li"):
        QE.write(made.CELL, made.JOB, replace(made.SETTINGS, pseudopotentials=(("F", "a"),)))


@pytest.mark.parametrize("job", [made.JOB, made.SLAB])
def test_the_gpaw_script_is_python(job):
    cell = made.SLAB_CELL if job.surface else made.CELL
    text = Gpaw().write(cell, job, made.SETTINGS)["job.py"]
    ast.parse(text)
    assert ("pbc=(True, True, False)" in text) == bool(job.surface)
    assert ("'dipolelayer': 'xy'" in text) == bool(job.surface)


def test_xml_gives_energy_edges_and_atoms(tmp_path):
    found = QE.read(made.job_of(tmp_path), made.JOB, made.SETTINGS)
    assert found.energy == pytest.approx(-700.0)
    assert (found.gap, found.fermi) == (pytest.approx(9.0), pytest.approx(1.0))
    assert found.cell.volume == pytest.approx(16.0)
    assert np.allclose(found.cell.positions, made.CELL.positions)


def test_text_alone_is_not_enough(tmp_path):
    """It leaves out the occupations, without which an insulator would pass for a metal."""
    (tmp_path / "scf.out").write_text(made.out())
    with pytest.raises(DataError, match=r"LiF: scf.save/data-file-schema.xml is gone"):
        QE.read(tmp_path, made.JOB, made.SETTINGS)


UPF = (
    '<UPF version="2.0.1">\n<PP_HEADER element="Li" functional=" SLA  PW   PBX  PBC"\n'
    'wfc_cutoff="7.8D+001" />'
)


def test_headers_of_pseudopotentials_are_looked_at(tmp_path):
    (tmp_path / "li_pbe_v1.4.uspp.UPF").write_text(UPF)
    (tmp_path / "F.pbe.upf").write_text("no header")
    (tmp_path / "README.upf").write_text("Re adme")
    files = named_in(tmp_path)
    assert files.named == (("F", "F.pbe.upf"), ("Li", "li_pbe_v1.4.uspp.UPF"))
    assert files.check(replace(made.SETTINGS, cutoff=1100.0)) == ()
    (note,) = files.check(made.SETTINGS)
    assert note == "li_pbe_v1.4.uspp.UPF suggests a cutoff of 78 Ry for Li"
    with pytest.raises(DataError, match="made with PBE, --functional is PBEsol: pw.x takes that"):
        files.check(replace(made.SETTINGS, functional="PBEsol"))
    (tmp_path / "Li.upf").write_text("")
    with pytest.raises(DataError, match="are both for Li"):
        named_in(tmp_path)
    table = tmp_path / "files.csv"
    table.write_text("element,file\nLi,nowhere.upf\nF,F.pbe.upf\n")
    files = named_in(table)
    assert dict(files.named)["Li"] == "nowhere.upf" and files.check(made.SETTINGS) == ()


def test_a_relaxed_cell_goes_into_the_next_input(tmp_path):
    made.job_of(tmp_path, prefix="relax")
    text = QE.follow(tmp_path, made.JOB, made.SETTINGS)["scf.in"]
    assert "calculation = 'scf'" in text and "0.0000000000 2.0000000000 2.0000000000" in text


def test_a_metal_on_a_coarse_grid_has_no_gap():
    """Filled at one k-point and empty at another, with nothing in between."""
    assert edges([[(-1.0, 1.0), (1.0, 1.0)], [(-0.5, 1.0), (2.0, 0.0)]], 1.0) == (None, None)
    assert edges([[(-1.0, 1.0), (0.1, 0.4)]], 1.0) == (None, None)


def test_gpaw_result(tmp_path):
    (tmp_path / "result.json").write_text(made.gpaw())
    found = Gpaw().read(tmp_path, made.JOB, made.SETTINGS)
    assert (found.energy, found.gap, found.code) == (-9.0, 9.0, "GPAW 25.1")


BAD_XML = [
    (made.xml()[:900], "truncated"),
    (made.xml(achieved="false"), "electrons did not converge"),
    (made.xml(settings=replace(made.SETTINGS, cutoff=700.0)), "cutoff 700, the table with 600"),
    (made.xml(settings=replace(made.SETTINGS, functional="PBEsol")), "functional PBEsol"),
    (made.xml(settings=replace(made.SETTINGS, pseudopotentials=(("Li", "x"), ("F", "F.upf")))),
     "pseudopotentials x, F.upf"),
    (made.xml(replace(made.CELL, species=("Li", "Cl"))), "asked for LiF, the output is of Li1 Cl1"),
    (made.xml(energy=float("nan")), "not as pw.x writes it"),
    ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "entities"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BAD_XML)
def test_bad_xml_is_one_line(tmp_path, text, said):
    with pytest.raises(DataError) as error:
        QE.read(made.job_of(tmp_path, text=text), made.JOB, made.SETTINGS)
    assert said in str(error.value) and "\n" not in str(error.value)
    assert str(error.value).startswith("LiF: ")


@pytest.mark.parametrize(
    ("end", "said"),
    [("", "was the job killed"),
     ("     Error in routine readpp (1):\n     file ./pseudo/Li.upf not found\n",
      "pseudopotential Li.upf not found"),
     ("     Error in routine cdiaghg (79):\n     S matrix not positive definite\n", "cdiaghg"),
     ("     convergence NOT achieved after 100 iterations: stopping\n   JOB DONE.\n",
      "electrons did not converge")],
)  # fmt: skip
def test_a_run_that_failed_says_why(tmp_path, end, said):
    made.job_of(tmp_path)
    (tmp_path / "scf.out").write_text(made.out(end))
    with pytest.raises(DataError, match=said):
        QE.read(tmp_path, made.JOB, made.SETTINGS)


NO_DATA_SET = """Traceback (most recent call last):
FileNotFoundError: Could not find required PAW dataset file "Li.PBEsol".

You need to set the GPAW_SETUP_PATH environment variable to point to
for details.
"""


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "not run yet"), ({"job.txt": "  ___ ___"}, "was the job killed"),
     ({"job.txt": "  ___ ___", "job.log": NO_DATA_SET}, "data set Li.PBEsol is missing: Debian"),
     ({"job.txt": "  ___ ___", "job.log": "Traceback\ngpaw.KohnShamConvergenceError"},
      "electrons did not converge"),
     ({"job.txt": "  ___ ___", "job.log": "Traceback\nNameError: Unknown functional: PBEsole."},
      "stopped: NameError: Unknown functional"),
     ({"job.txt": "  ___ ___", "job.log": "gpts.py:43: UserWarning"}, "was the job killed"),
     ({"job.log": "sh: 1: gpaw: not found"}, "stopped: sh: 1: gpaw: not found"),
     ({"job.log": "ModuleNotFoundError: No module named 'gpaw'"}, "No module named 'gpaw'"),
     ({"result.json": made.gpaw()[:80]}, "truncated"),
     ({"result.json": made.gpaw(converged=False)}, "did not converge"),
     ({"result.json": made.gpaw(cutoff=300.0)}, "cutoff 300"),
     ({"result.json": made.gpaw(energy="x")}, "not as job.py writes")],
)  # fmt: skip
def test_bad_gpaw_is_one_line(tmp_path, files, said):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=said):
        Gpaw().read(tmp_path, made.JOB, made.SETTINGS)


def damaged(text: str, rng: np.random.Generator) -> str:
    """A text with pieces cut, doubled, or exchanged for odd ones."""
    odd = [
        "nan",
        "1e999",
        "-1",
        "",
        "<",
        "\x00",
        "999999999999",
        "é",
        "true",
        "[]",
        "null",
        "1e400",
    ]
    for _ in range(int(rng.integers(1, 5))):
        at, to = np.sort(rng.integers(0, len(text) + 1, 2))
        to = min(to, at + int(rng.integers(1, 40)))
        text = text[:at] + str(rng.choice(odd)) + text[to:]
    return text[: int(rng.integers(len(text) + 1))] if rng.random() < 0.1 else text


@pytest.mark.parametrize("seed", range(4))
def test_damaged_outputs_are_read_or_refused(tmp_path, seed):
    """4 x 75 cases: an outcome with finite numbers, or an error of ours."""
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(75):
        which = int(rng.integers(4))
        for path in list(tmp_path.rglob("*.*")):
            path.unlink() if path.is_file() else None
        slab = which == 2
        job, prefix = (made.SLAB, "slab") if slab else (made.JOB, "scf")
        made.job_of(tmp_path, job=job, prefix=prefix)
        xml = tmp_path / f"{prefix}.save" / "data-file-schema.xml"
        if which == 0:
            xml.write_text(damaged(made.xml(), rng))
        elif which == 1:
            (tmp_path / "scf.out").write_text(damaged(made.out(), rng))
        elif which == 2:
            (tmp_path / "avg.dat").write_text(damaged(made.average(), rng))
        else:
            (tmp_path / "result.json").write_text(damaged(made.gpaw(), rng))
        code = Gpaw() if which == 3 else QE
        try:
            found = code.read(tmp_path, job, made.SETTINGS)
        except AnolyteError as error:
            refused += 1
            assert "\n" not in str(error) and len(str(error)) < 400
            continue
        numbers = [found.energy, found.cell.volume, found.fermi, found.gap]
        assert all(np.isfinite(n) for n in numbers if n is not None)
    assert refused > 20
