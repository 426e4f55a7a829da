"""A small calculation by Quantum ESPRESSO from inputs to numbers: lithium, bulk and slab.

Debian: `apt install quantum-espresso quantum-espresso-data`. The cutoffs are low, so that the
figures are those of a test and not of a material.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pymatgen", reason="cells need pymatgen")

from anolyte.atoms.first_principles.espresso import QuantumEspresso
from anolyte.atoms.first_principles.espresso_output import read_text, read_xml
from anolyte.atoms.first_principles.jobs import Settings
from anolyte.atoms.first_principles.profile import BOHR, read_profile
from anolyte.core.units import ANGSTROM3_TO_MOLAR, ELEMENTARY_CHARGE
from anolyte.studies.first_principles import Choice, write
from anolyte.studies.first_principles_results import collect

PSEUDO = Path("/usr/share/espresso/pseudo")
LITHIUM = "Li.pbesol-s-kjpaw_psl.0.2.1.UPF"
PROGRAMS = ("pw.x", "pp.x", "average.x")


@pytest.mark.campaign
@pytest.mark.slow
def test_lithium(campaign, tmp_path):
    lacking = [p for p in PROGRAMS if shutil.which(p) is None]
    if lacking or not (PSEUDO / LITHIUM).is_file():
        pytest.skip("apt install quantum-espresso quantum-espresso-data")
    if not campaign.full:
        pytest.skip("takes a minute or two: run with --full-size")
    settings = Settings("PBEsol", 550.0, 3300.0, 0.9, 0.3, pseudopotentials=(("Li", LITHIUM),))
    lithium = [Choice("Li", "electrolyte", "a test")]
    write(
        lithium, QuantumEspresso(str(PSEUDO), relaxed_slabs=False), settings, tmp_path / "jobs",
        surfaces=[(0, 0, 1)], thickness=5.0, gap=10.0,
    )  # fmt: skip
    environment = os.environ | {
        "ANOLYTE": f"{sys.executable} -m anolyte", "OMP_NUM_THREADS": "1",
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }  # fmt: skip
    subprocess.run(
        ["nice", "sh", str(tmp_path / "jobs" / "run.sh")], env=environment, timeout=1500,
        check=False, capture_output=True,
    )  # fmt: skip
    found = collect([tmp_path / "jobs"])
    assert found.failures == ()
    (energy,) = found.energies
    volume = energy.volume / ANGSTROM3_TO_MOLAR
    levels = {p.what: p.value / ELEMENTARY_CHARGE for p in found.properties if p.surface}
    work = (levels["work_function"], levels["work_function_below"])
    # Measured: 21.6 angstrom^3 at 298 K and 2.9 eV, both from memory; wide bands for low cutoffs.
    assert 15.0 < volume < 25.0
    assert 2.0 < work[0] < 4.0
    assert abs(work[0] - work[1]) < 0.05  # both faces are alike
    # average.x smooths the same potential by its own way: 5 bohr, third column, rydberg.
    slab = tmp_path / "jobs" / "Li_001" / "avg.dat"
    theirs = np.loadtxt(slab)[:, 2]
    ours = np.array(read_profile(slab, length=BOHR).macroscopic(5.0 * BOHR).values)
    apart = float(np.abs(ours - theirs).max())
    assert apart < 1e-3 * np.ptp(theirs)
    # The XML file and the text tell the same.
    bulk = tmp_path / "jobs" / "Li"
    xml, text = read_xml(bulk / "scf.save" / "data-file-schema.xml"), read_text(bulk / "scf.out")
    assert xml.energy == pytest.approx(text.energy, abs=1e-6)
    assert xml.cell.volume == pytest.approx(text.cell.volume, rel=1e-4)
    campaign.record(
        volume_A3=round(volume, 2), smoothed_Ry=f"{apart:.1e}", work_function_eV=round(work[0], 3)
    )
