"""Small calculations from inputs to numbers: lithium by both codes, and an insulator.

Debian: `apt install quantum-espresso quantum-espresso-data gpaw gpaw-data`. The cutoffs are low, so
that the figures are those of a test and not of a material.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pymatgen", reason="cells need pymatgen")

from anolyte.atoms.first_principles.espresso import QuantumEspresso
from anolyte.atoms.first_principles.gpaw import Gpaw
from anolyte.atoms.first_principles.jobs import Settings
from anolyte.atoms.first_principles.profile import BOHR, RYDBERG, read_profile
from anolyte.core.units import ANGSTROM3_TO_MOLAR, ELEMENTARY_CHARGE
from anolyte.materials.entries import read_entries
from anolyte.studies.first_principles import Choice, write
from anolyte.studies.first_principles_results import FirstPrinciplesResult, collect, keep

PSEUDO = Path("/usr/share/espresso/pseudo")
FILES = (("Li", "Li.pbesol-s-kjpaw_psl.0.2.1.UPF"), ("O", "O.pbesol-n-kjpaw_psl.0.1.UPF"))
LITHIUM = [Choice("Li", "electrolyte", "a test")]
ESPRESSO = QuantumEspresso(str(PSEUDO), relaxed_slabs=False)


def needs(campaign, programs: tuple[str, ...], packages: str) -> None:
    """Skip, with the reason, where a small real calculation cannot be run."""
    if lacking := [p for p in programs if shutil.which(p) is None]:
        pytest.skip(f"no {', '.join(lacking)}: apt install {packages}")
    if not campaign.full:
        pytest.skip("takes a minute or two: run with --full-size")


def needs_espresso(campaign) -> None:
    needs(campaign, ("pw.x", "pp.x", "average.x"), "quantum-espresso quantum-espresso-data")
    if not all((PSEUDO / name).is_file() for _, name in FILES):
        pytest.skip(f"no {' and '.join(n for _, n in FILES)}: apt install quantum-espresso-data")


def run(folder: Path) -> FirstPrinciplesResult:
    """Run every job as a user does, and read it."""
    environment = os.environ | {
        "ANOLYTE": f"{sys.executable} -m anolyte", "OMP_NUM_THREADS": "1",
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }  # fmt: skip
    subprocess.run(
        ["nice", "sh", str(folder / "run.sh")], env=environment, timeout=1500, check=False,
        capture_output=True,
    )  # fmt: skip
    found = collect([folder])
    assert found.failures == ()
    return found


def levels(found: FirstPrinciplesResult, surface: str) -> dict[str, float]:
    """Properties of the bulk, or of a slab, eV."""
    return {p.what: p.value / ELEMENTARY_CHARGE for p in found.properties if p.surface == surface}


def lithium(found: FirstPrinciplesResult) -> tuple[float, float]:
    """Volume (angstrom^3) and work function (eV), which are those of lithium, roughly.

    Measured: 21.6 angstrom^3 at 298 K and 2.9 eV, both from memory; wide bands for low cutoffs.
    """
    (energy,) = found.energies
    volume = energy.volume / ANGSTROM3_TO_MOLAR
    surface = levels(found, "001")
    assert 15.0 < volume < 25.0
    assert 2.0 < surface["work_function"] < 4.0
    assert abs(surface["work_function"] - surface["work_function_below"]) < 0.05  # alike
    assert "band_gap" not in levels(found, "") | surface  # a metal
    return round(volume, 2), round(surface["work_function"], 3)


@pytest.mark.campaign
@pytest.mark.slow
def test_lithium(campaign, tmp_path):
    needs_espresso(campaign)
    settings = Settings("PBEsol", 550.0, 3300.0, 0.9, 0.3, pseudopotentials=FILES[:1])
    folder = tmp_path / "jobs"
    write(LITHIUM, ESPRESSO, settings, folder, surfaces=[(0, 0, 1)], thickness=5.0, gap=10.0)
    volume, work = lithium(run(folder))
    # average.x smooths the same potential by its own way: 5 bohr, third column, rydberg.
    slab = folder / "Li_001" / "avg.dat"
    theirs = np.loadtxt(slab)[:, 2]
    ours = np.array(read_profile(slab, length=BOHR).macroscopic(5.0 * BOHR).values)
    apart = float(np.abs(ours - theirs).max())
    assert apart < 1e-3 * np.ptp(theirs)
    campaign.record(volume_A3=volume, smoothed_Ry=f"{apart:.1e}", work_function_eV=work)


@pytest.mark.campaign
@pytest.mark.slow
def test_an_insulator(campaign, tmp_path):
    """Li2O: the gap that is read is that of the levels which pw.x prints."""
    needs_espresso(campaign)
    settings = Settings("PBEsol", 550.0, 3300.0, 0.9, 0.1, pseudopotentials=FILES)
    folder = tmp_path / "jobs"
    write([Choice("Li2O", "electrolyte", "a test")], ESPRESSO, settings, folder)
    found = run(folder)
    text = (folder / "Li2O" / "scf.out").read_text()
    blocks = re.findall(r"bands \(ev\):\s+((?:[-\d.]+\s+)+)", text)
    printed = np.sort(np.array([[float(e) for e in b.split()] for b in blocks]), axis=1)
    filled = 6  # Li 1s and 2s of two atoms, O 2s and 2p: 12 electrons
    bulk = levels(found, "")
    assert printed.shape[0] > 1
    assert bulk["valence_edge"] == pytest.approx(printed[:, filled - 1].max(), abs=1e-3)
    assert bulk["conduction_edge"] == pytest.approx(printed[:, filled].min(), abs=1e-3)
    assert 4.0 < bulk["band_gap"] < 7.5  # semilocal functionals; 8 eV measured, from memory
    (energy,) = found.energies
    (total,) = re.findall(r"^!\s+total energy\s+=\s+(\S+) Ry", text, re.MULTILINE)
    assert 3.0 * energy.energy / ELEMENTARY_CHARGE == pytest.approx(float(total) * RYDBERG)
    campaign.record(
        band_gap_eV=round(bulk["band_gap"], 3),
        volume_A3=round(energy.volume / ANGSTROM3_TO_MOLAR, 2),
    )


@pytest.mark.campaign
@pytest.mark.slow
def test_lithium_by_gpaw(campaign, tmp_path):
    needs(campaign, ("gpaw",), "gpaw gpaw-data")
    settings = Settings("PBE", 200.0, 1600.0, 1.2, 0.2)
    folder = tmp_path / "jobs"
    write(LITHIUM, Gpaw(), settings, folder, surfaces=[(0, 0, 1)], thickness=5.0, gap=10.0)
    found = run(folder)
    volume, work = lithium(found)
    table = read_entries(keep(found, folder)[0])
    assert table.kind.startswith("PBE total energy, GPAW, settings ")
    campaign.record(code=found.energies[0].code, volume_A3=volume, work_function_eV=work)
