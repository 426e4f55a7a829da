"""What a command imports: nothing heavy before it is needed."""

import json
import subprocess
import sys

import pytest

# Runs `python -m anolyte ARGS` in this process's place and writes the imported modules to a file.
PROBE = """
import json, runpy, sys
kept, sys.argv = sys.argv[1], ["anolyte", *sys.argv[2:]]
code = "a traceback"
try:
    runpy.run_module("anolyte", run_name="__main__", alter_sys=True)
    code = 0
except SystemExit as stop:
    code = stop.code
finally:
    with open(kept, "w") as file:
        json.dump([code or 0, sorted({name.split(".")[0] for name in sys.modules})], file)
"""
# Never on the main path, whatever the command.
EXTRAS = {"torch", "pymatgen", "ase", "chgnet", "dask", "fastapi", "optuna", "matplotlib"}
COMMANDS = {
    "help": (["--help"], {"numpy", "scipy", "numba", "pandas", "xarray", "plotly", "pint"}),
    "window": (["window", "Li6PS5Cl"], {"numba", "pandas", "xarray", "plotly"}),
    "react": (["react", "Li6PS5Cl", "Li"], {"numba", "pandas", "xarray", "plotly"}),
    "assess": (["assess", "Li6PS5Cl", "Li"], {"xarray"}),
}


def imported(tmp_path, arguments):
    """Return exit code and top-level modules of one anolyte command in its own process."""
    kept = tmp_path / "modules.json"
    command = [sys.executable, "-c", PROBE, str(kept), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert kept.exists(), done.stderr
    code, modules = json.loads(kept.read_text())
    return code, set(modules), done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_heavy_is_imported(tmp_path, name):
    arguments, banned = COMMANDS[name]
    code, modules, said = imported(tmp_path, arguments)
    assert code == 0, said
    assert "anolyte" in modules
    assert not modules & (banned | EXTRAS)


def test_import_alone_is_light():
    code = "import anolyte, sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = EXTRAS | {"numpy", "scipy", "numba", "pandas", "xarray", "plotly", "pint", "pydantic"}
    assert not set(done.stdout.split()) & (heavy | {"typer", "rich", "jinja2"})
