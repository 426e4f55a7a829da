"""The wheel carries its data and runs in a clean environment, away from the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **options):
    """Run a command to its end and return what it printed; show all of it when it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def bare():
    """Return the environment variables without those that could show the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without the network by the hatchling of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", folder)
    run(sys.executable, "-m", "pip", "wheel", ROOT, *options)
    (built,) = folder.glob("anolyte-*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel, tmp_path_factory):
    """A fresh environment with the wheel; it borrows this one's dependencies, not its anolyte.

    A .pth file adds the folder of the dependencies; the .pth files inside that folder, the one
    of the editable install among them, are not read there.
    """
    venv = tmp_path_factory.mktemp("clean") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "--no-deps", "--no-index", "--disable-pip-version-check", wheel, env=bare())
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", ask, env=bare()).strip())
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n")
    return python


def test_wheel_holds_every_file_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "anolyte").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert not wanted - inside
    for ending in (".yaml", ".csv", ".bib"):
        assert any(name.startswith("anolyte/") and name.endswith(ending) for name in inside), ending
    assert not [name for name in inside if name.startswith(("tests/", "docs/", "benchmarks/"))]
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_the_checkout_is_out_of_sight(clean_python, tmp_path):
    ask = "import anolyte, sys; print(anolyte.__file__); print(*sys.path, sep='\\n')"
    where, *path = run(clean_python, "-c", ask, cwd=tmp_path, env=bare()).splitlines()
    assert Path(where).is_relative_to(clean_python.parent.parent)
    assert str(ROOT / "src") not in path and str(ROOT) not in path


def test_wheel_gives_a_verdict_away_from_the_checkout(clean_python, tmp_path):
    command = (clean_python, "-m", "anolyte", "assess", "Li6PS5Cl", "Li", "--json")
    answer = json.loads(run(*command, cwd=tmp_path, env=bare()))
    assert answer["headlines"]
    script = clean_python.with_name("anolyte.exe" if os.name == "nt" else "anolyte")
    assert "assess" in run(script, "--help", cwd=tmp_path, env=bare())
