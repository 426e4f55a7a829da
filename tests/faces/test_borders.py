"""Objects of pymatgen, ASE, pandas and xarray at the borders: taken, and given back."""

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials.borders import as_text
from anolyte.materials.phases import embedded


def rock_salt():
    """LiCl as pymatgen has it."""
    core = pytest.importorskip("pymatgen.core")
    sites = [[0, 0, 0], [0.5, 0.5, 0.5]]
    return core.Structure.from_spacegroup("Fm-3m", core.Lattice.cubic(5.13), ["Li+", "Cl-"], sites)


def test_materials_of_pymatgen():
    core = pytest.importorskip("pymatgen.core")
    assert as_text(core.Composition("Li12P2S10Cl2")) == "Li6PS5Cl"
    assert as_text(core.Composition("Li5.5PS4.5Cl1.5")) == "Li5.5PS4.5Cl1.5"
    assert as_text(rock_salt()) == "LiCl"
    by_name = anolyte.window("Li6PS5Cl")
    assert anolyte.window(core.Composition("Li12P2S10Cl2")) == by_name
    both = anolyte.react(core.Composition("Li6PS5Cl"), core.Composition("LiCoO2"))
    assert both.profiles == anolyte.react("Li6PS5Cl", "LiCoO2").profiles
    found = anolyte.Interface(core.Composition("Li6PS5Cl"), core.Composition("Li"), "LiF:50 nm")
    assert found == anolyte.Interface("Li6PS5Cl", "Li", "LiF:50 nm")
    assert anolyte.Layer(core.Composition("LiF")).material.name == "LiF"
    with pytest.raises(AnolyteError, match="Xx"):
        anolyte.window(core.Composition("Xx2"))


def test_materials_of_ase():
    build = pytest.importorskip("ase.build")
    salt = build.bulk("LiCl", "rocksalt", a=5.13, cubic=True)
    assert as_text(salt) == "LiCl"
    assert anolyte.window(salt).formula == "LiCl"


def test_other_things_are_refused_in_one_line():
    for thing in (5, None, ["Li"], {"Li": "many"}, {}):
        with pytest.raises(AnolyteError):
            anolyte.window(thing)
    with pytest.raises(AnolyteError, match="pymatgen's Composition or Structure, ASE's Atoms"):
        anolyte.Interface(5, "Li")


def test_entries_of_pymatgen_are_those_of_their_file(tmp_path):
    pytest.importorskip("pymatgen.core")
    from monty.serialization import dumpfn
    from pymatgen.entries.computed_entries import ComputedEntry

    entries = [
        ComputedEntry("Li2", -3.8, entry_id="a"), ComputedEntry("Cl2", -3.6, entry_id="b"),
        ComputedEntry("LiCl", -7.6, correction=-0.6, entry_id="c"),
    ]  # fmt: skip
    given = anolyte.read_entries(entries)
    dumpfn(entries, tmp_path / "entries.json")
    assert given.digest == anolyte.read_entries(tmp_path / "entries.json").digest
    window = anolyte.window("LiCl", phases=entries)
    assert window.reduction_limit == 0.0 and window.oxidation_limit == pytest.approx(4.5)
    with pytest.raises(DataError, match="str is no entry of pymatgen"):
        anolyte.read_entries(["x"])
    with pytest.raises(DataError, match="not int"):
        anolyte.window("LiCl", phases=5)


def test_phases_go_to_a_frame_and_come_back():
    rows = tuple(p for p in embedded().rows if set(p.composition) <= {"Li", "Cl"})
    table = anolyte.Phases(rows, "mine")
    frame = table.to_frame()
    back = anolyte.read_entries(frame)
    assert back.kind == "mine" and len(back.rows) == len(table.rows)
    assert anolyte.window("LiCl", phases=frame).oxidation_limit == pytest.approx(
        anolyte.window("LiCl", phases=table).oxidation_limit
    )
    volumes = [(a.volume, b.volume) for a, b in zip(table.rows, back.rows, strict=True)]
    assert all(a == pytest.approx(b) for a, b in volumes if a is not None)


def test_frames_carry_the_unit_in_the_column():
    for result in (anolyte.window("Li6PS5Cl"), anolyte.react("Li6PS5Cl", "Li")):
        frame = result.to_frame()
        assert len(frame) and any("[" in column for column in frame.columns)


def test_series_go_to_xarray_with_their_units():
    cell = anolyte.Cell("Li6PS5Cl", "Li")
    run = cell.run(anolyte.cycling("0.5 mA/cm2", charge="0.1 mAh/cm2", cycles=1))
    found = run.to_xarray()
    assert found.voltage.dims == ("time",) and found.sizes["time"] == len(run.time)
    assert found.voltage.attrs["units"] == "V" and found.time.attrs["units"] == "s"
    np.testing.assert_array_equal(found.voltage, run.voltage)
    assert found.attrs["cell"] == run.cell
    with pytest.raises(DataError, match="no series"):
        anolyte.react("Li6PS5Cl", "Li").to_xarray()


def test_structures_go_to_ase_and_pymatgen_and_come_back():
    pytest.importorskip("ase")
    from anolyte.atoms.crystal import Crystal

    crystal = Crystal.of(rock_salt())
    assert Crystal.of(crystal.ase()) == crystal == Crystal.of(crystal.pymatgen())
    from ase import Atoms

    with pytest.raises(DataError, match="without a cell"):
        Crystal.of(Atoms("Li"))


def test_every_question_takes_them():
    core = pytest.importorskip("pymatgen.core")
    of = core.Composition
    sulfide, garnet = of("Li6PS5Cl"), of("Li7La3Zr2O12")
    assert anolyte.Cell(sulfide, of("Li")).interface == anolyte.Interface("Li6PS5Cl", "Li")
    assert anolyte.air(sulfide, "dry room") == anolyte.air("Li6PS5Cl", "dry room")
    assert anolyte.kinetic_window(sulfide) == anolyte.kinetic_window("Li6PS5Cl")
    found = anolyte.screen(garnet, of("Li"), [of("LiF")])
    assert found.candidates == anolyte.screen("LLZO", "Li", ["LiF"]).candidates
    marked = anolyte.stability_map(["Li", "P", "S"], [of("Li3PS4")]).marked
    assert marked == anolyte.stability_map(["Li", "P", "S"], ["Li3PS4"]).marked
    assert anolyte.query(electrolyte=sulfide) == anolyte.query(electrolyte="Li6PS5Cl")


def test_the_page_on_python_runs(tmp_path, monkeypatch):
    import re
    from pathlib import Path

    page = Path(__file__).resolve().parents[2] / "docs" / "howto" / "python.md"
    monkeypatch.chdir(tmp_path)
    space = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
        exec(block, space)
    assert (tmp_path / "window.html").is_file()
    assert space["limit"] == pytest.approx(2.25)  # three atoms, two lithium: 4.5 eV over 2
