"""The template of docs/howto/plugin: installed as a package, used by the command line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "docs" / "howto" / "plugin"
BROKEN = {
    group: f'broken_{group} = "anolyte_example.absent:thing"'
    for group in ("models", "materials", "readers", "calculators", "sources")
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Variables of a process that has the template installed, with a broken part in each group."""
    folder = tmp_path_factory.mktemp("plugin")
    source, target = folder / "source", folder / "installed"
    shutil.copytree(TEMPLATE, source, ignore=shutil.ignore_patterns("__pycache__"))
    text = (source / "pyproject.toml").read_text()
    for group, line in BROKEN.items():
        head = f'[project.entry-points."anolyte.{group}"]\n'
        assert head in text
        text = text.replace(head, f"{head}{line}\n")
    (source / "pyproject.toml").write_text(text)
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--no-compile", "--quiet",
               "--disable-pip-version-check", "--no-cache-dir", "--target", target)  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, source], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    paths = [str(target), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def run(environment, *arguments, code=0):
    """What a command said: standard output and error."""
    command = [sys.executable, "-m", "anolyte", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_assess_asks_the_model_about_the_material(environment):
    out, err = run(environment, "assess", "ExampleGlass", "Li")
    assert "the template says: 4.85 µm of lithium a half cycle" in " ".join(out.split())
    assert "1 mS cm⁻¹" in out
    # a part that does not load is one line, however often it was asked for
    lines = err.splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        "anolyte: skipped materials broken_materials", "anolyte: skipped model broken_models"
    ]  # fmt: skip
    assert "No module named 'anolyte_example.absent'" in lines[0]


def test_materials_lists_the_material(environment):
    data = json.loads(run(environment, "materials", "ExampleGlass", "--json")[0])
    [found] = data["materials"]
    assert found["formula"] == "Li7PS6" and "anolyte_example" in found["origin"]


def test_fit_reads_the_file(environment, tmp_path):
    path = tmp_path / "pellet.dat"
    rows = []
    for k in range(31):
        f = 10.0 ** (6 - 0.2 * k)
        z = 20 + 80 / (1 + 2j * 3.141592653589793 * f * 1e-5)
        rows.append(f"{f:.8g} | {z.real:.10g} | {z.imag:.10g}")
    path.write_text("# bench 1\n" + "\n".join(rows) + "\n")
    asked = ("fit", "eis", path, "--circuit", "R0-p(R1,C1)", "--json")
    data = json.loads(run(environment, *asked)[0])
    resistances = [p["value"] for p in data["spectra"][0]["fit"]["parameters"][:2]]
    assert resistances == pytest.approx([20, 80], rel=1e-3)
    assert "no known format" in run(os.environ, *asked, code=2)[1]


def test_a_source_is_asked_and_a_broken_one_is_refused(environment):
    out, _ = run(environment, "window", "Li2S", "--entries", "example")
    assert "window" in out
    _, err = run(environment, "window", "Li2S", "--entries", "broken_sources", code=2)
    assert "anolyte_example.absent" in err.splitlines()[-1]


def test_doctor_lists_what_loads_and_what_does_not(environment):
    out, err = run(environment, "doctor", "--json")
    found = json.loads(out)
    assert err == ""
    for group, line in BROKEN.items():
        name = line.split(" ")[0]
        assert found["plug_ins"][f"anolyte.{group}"] == ["example"]
        assert [t for t in found["broken_plug_ins"] if t.startswith(f"{name} (")], name


def test_the_calculator_is_a_potential(environment):
    pytest.importorskip("ase", reason="the potential of the template is ASE's")
    code = (
        "from anolyte.atoms.potentials import Offered, offered;"
        "by = Offered('example'); print(offered(), type(by._loaded.calculator).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "'example'" in done.stdout and "LennardJones" in done.stdout, done.stderr


def test_a_model_of_others_that_fails_is_a_finding_and_stops_nothing():
    import anolyte
    from anolyte.core.result import Concern, Level

    class Failing:
        concern, references = Concern.VOLUME, ()

        def __call__(self, interface, conditions):
            raise KeyError("no {such} thing")

    found = anolyte.assess(anolyte.Interface("LLZO", "Li"), models=[Failing()], strategies=())
    volume = next(f for f in found.headlines if f.concern == Concern.VOLUME)
    assert volume.level == Level.UNKNOWN
    assert volume.reason == "the model Failing failed (KeyError: 'no (such) thing')"
