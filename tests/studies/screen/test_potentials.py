"""A potential that another package offers, through a screen."""

import importlib.metadata
import json

import pytest

pytest.importorskip("ase", reason="the potential of these tests is ASE's")
pytest.importorskip("pymatgen", reason="structures are handed over as pymatgen's")

from anolyte.atoms import potentials
from anolyte.atoms.potentials import Offered
from anolyte.core.errors import DataError
from anolyte.faces.cli import main

pytestmark = pytest.mark.ml


def lennard_jones():
    """Of no use, and quick."""
    from ase.calculators.lj import LennardJones

    return LennardJones(sigma=1.8, epsilon=0.3, rc=5.0)


def broken():
    raise ImportError("no such library")


@pytest.fixture
def others(monkeypatch):
    """Two more potentials, as if packages had brought them."""
    entries = [
        importlib.metadata.EntryPoint(name, f"{__name__}:{what}", potentials.GROUP)
        for name, what in (("pairs", "lennard_jones"), ("lost", "broken"))
    ]
    monkeypatch.setattr(
        potentials, "entry_points", lambda group: entries if group == potentials.GROUP else []
    )
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda self: globals()[self.attr])


def test_names_are_known_and_faults_are_told(others):
    assert potentials.offered() == ("chgnet", "lost", "pairs")
    assert Offered().model == "CHGNet 0.3.0"
    assert Offered("pairs").model == "pairs"
    with pytest.raises(DataError, match="no potential 'mace'; installed are chgnet, lost, pairs"):
        Offered("mace")
    with pytest.raises(DataError, match="'lost' does not load: no such library"):
        _ = Offered("lost").model


def test_a_screen_asks_it_and_ties_nothing_to_it(others, tmp_path, capsys):
    salt = tmp_path / "LiF.cif"
    from pymatgen.core import Lattice, Structure

    Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(4.03), ["Li", "F"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    ).to(filename=str(salt))
    asked = ["screen", "--electrolyte", "LLZTO", "--candidates", str(salt), "--through", "moduli",
             "--engine", "local", "--json"]  # fmt: skip
    assert main([*asked, "--potential", "pairs"]) == 0
    [first] = json.loads(capsys.readouterr().out)["shortlist"]
    said = {e["name"]: e for e in first["estimates"]}
    densities = [e for e in first["estimates"] if e["name"] == "density"]
    assert densities[0]["value"] is not None and densities[0]["method"] == "pairs"
    assert said["above_hull"]["value"] is None
    assert "tied to CHGNet 0.3.0, not to pairs" in said["above_hull"]["note"]
    assert said["bulk_modulus"]["value"] is None
    assert "has not been calibrated" in said["bulk_modulus"]["note"]
    assert main([*asked, "--potential", "mace"]) == 2
    assert "no potential 'mace'" in capsys.readouterr().err
