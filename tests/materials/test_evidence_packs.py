"""A third party's evidence pack, installed as such: read, or named by doctor where broken."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROW = (
    "id,electrolyte,anode,strategy,quantity,before,value,unit,as_printed,method,source,where,known\n"
    "lab_rint,LLZTO,Li,mgf2_film,interfacial_resistance,800,8,ohm*cm^2,8,experiment,"
    "own:lab book 7,page 3,read\n"
)


def install(folder: Path, target: str, module: str) -> dict[str, str]:
    """A package with metadata on the path, as pip leaves it."""
    (folder / "labpack.py").write_text(module, encoding="utf-8")
    (folder / "rows.csv").write_text(ROW, encoding="utf-8")
    info = folder / "labpack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: labpack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[anolyte.evidence]\nlab = {target}\n")
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def run(environment: dict[str, str], *arguments: str) -> dict:
    command = [sys.executable, "-m", "anolyte", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("target", "module"),
    [
        ("labpack:rows", "from pathlib import Path\nrows = Path(__file__).parent / 'rows.csv'\n"),
        ("labpack:rows", "import pathlib\ndef rows():\n    return pathlib.Path(__file__).with_name("
         "'rows.csv')\n"),
    ],
)  # fmt: skip
def test_a_pack_is_read_and_ranks_remedies(tmp_path: Path, target: str, module: str) -> None:
    environment = install(tmp_path, target, module)
    assert "lab_rint" in json.dumps(run(environment, "evidence", "lab_rint"))
    remedies = run(environment, "assess", "LLZTO", "Li")["remedies"]
    mgf2 = next(r for r in remedies if r["strategy"] == "mgf2_film")
    assert "lab_rint" in [c["id"] for c in mgf2["cases"]]


def test_a_broken_pack_stops_nothing_and_is_named(tmp_path: Path) -> None:
    environment = install(tmp_path, "labpack:rows", "raise RuntimeError('no disk')\n")
    assert run(environment, "evidence", "llzto_mgf2_rint")
    told = run(environment, "doctor")["broken_plug_ins"]
    assert any("no disk" in text for text in told)
