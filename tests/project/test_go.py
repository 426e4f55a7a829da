"""go.py: the second call starts at once, and everything that can go wrong is one sentence."""

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def go(tmp_path, monkeypatch):
    """go.py as a module whose root is an empty folder with a pyproject.toml."""
    spec = importlib.util.spec_from_file_location("go_under_test", ROOT / "go.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "constraints.txt").write_text("numpy==2.4.6\n")
    monkeypatch.setattr(module, "ROOT", str(root))
    monkeypatch.delenv("ANOLYTE_VENV", raising=False)
    return module


@pytest.fixture
def fake(go, monkeypatch):
    """Replace venv and pip by children that touch files; returns the list of their commands."""
    commands = []

    def run(command, what, venv, lock=None):
        commands.append(command)
        if "venv" in command:
            fake_venv(go, Path(command[-1]))
        else:
            site_packages(go).joinpath("anolyte.dist-info").mkdir(exist_ok=True)

    monkeypatch.setattr(go, "run", run)
    return commands


def fake_venv(go, venv):
    python = Path(go.venv_program(str(venv)))
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text("")
    (venv / "pyvenv.cfg").write_text("version = 3.11.2\n")
    (venv / "lib" / "python3.11" / "site-packages").mkdir(parents=True, exist_ok=True)
    (venv / "Lib" / "site-packages").mkdir(parents=True, exist_ok=True)


def home(go):
    return Path(go.ROOT, ".venv")


def site_packages(go):
    return home(go) / ("Lib" if go.WINDOWS else "lib/python3.11") / "site-packages"


def made(commands):
    return sum("venv" in command for command in commands)


def installed(commands):
    return sum("pip" in command for command in commands)


def sentence(capsys):
    """Return what was said on stderr: one line and no traceback."""
    text = capsys.readouterr().err.strip()
    assert "Traceback" not in text
    return text.splitlines()[-1]


# ------------------------------------------------------------------------------ stamp and mending


def test_second_call_installs_nothing(go, fake):
    go.prepare(str(home(go)), "core")
    assert (made(fake), installed(fake)) == (1, 1)
    go.prepare(str(home(go)), "core")
    assert len(fake) == 2


def test_an_extra_brings_the_core(go, fake):
    go.prepare(str(home(go)), "test")
    go.prepare(str(home(go)), "core")
    go.prepare(str(home(go)), "bench")
    assert installed(fake) == 1
    assert fake[-1][-1].endswith("[test]")


def test_the_core_does_not_bring_an_extra(go, fake):
    go.prepare(str(home(go)), "core")
    go.prepare(str(home(go)), "test")
    assert (made(fake), installed(fake)) == (1, 2)


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_installs_again(go, fake, name):
    go.prepare(str(home(go)), "core")
    Path(go.ROOT, name).write_text("changed")
    go.prepare(str(home(go)), "core")
    assert (made(fake), installed(fake)) == (1, 2)


def test_energies_take_torch_first(go, fake):
    go.prepare(str(home(go)), "energies")
    packages = [command[-1] for command in fake if "pip" in command]
    assert packages[0] == "torch" and packages[1].endswith("[ml]")


def test_a_venv_without_its_python_is_made_anew(go, fake):
    go.prepare(str(home(go)), "core")
    os.remove(go.venv_program(str(home(go))))
    go.prepare(str(home(go)), "core")
    assert (made(fake), installed(fake)) == (2, 2)


def test_another_python_behind_the_venv_makes_it_anew(go, fake):
    go.prepare(str(home(go)), "core")
    (home(go) / "pyvenv.cfg").write_text("version = 3.13.0\n")
    go.prepare(str(home(go)), "core")
    assert made(fake) == 2


def test_killed_while_making_the_venv(go, fake, monkeypatch):
    good = go.run
    monkeypatch.setattr(go, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        go.prepare(str(home(go)), "core")
    monkeypatch.setattr(go, "run", good)
    go.prepare(str(home(go)), "core")
    assert go.is_ready(str(home(go)), "")


def interrupt(command, what, venv, lock=None):
    raise KeyboardInterrupt


def test_killed_while_packages_change(go, fake, monkeypatch):
    go.prepare(str(home(go)), "core")
    good = go.run

    def cut_short(command, what, venv, lock=None):
        site_packages(go).joinpath("half_of_numpy").mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(go, "run", cut_short)
    with pytest.raises(KeyboardInterrupt):
        go.prepare(str(home(go)), "test")
    assert not go.is_ready(str(home(go)), "") and not go.is_ready(str(home(go)), "test")
    monkeypatch.setattr(go, "run", good)
    go.prepare(str(home(go)), "test")
    assert made(fake) == 2 and not site_packages(go).joinpath("half_of_numpy").exists()


def test_failed_before_packages_change_keeps_the_venv(go, fake, monkeypatch):
    go.prepare(str(home(go)), "core")
    good = go.run

    def offline(command, what, venv, lock=None):
        raise go.Stop("no network")

    monkeypatch.setattr(go, "run", offline)
    with pytest.raises(go.Stop):
        go.prepare(str(home(go)), "test")
    assert go.is_ready(str(home(go)), ""), "the core that was there still starts, offline"
    monkeypatch.setattr(go, "run", good)
    go.prepare(str(home(go)), "test")
    assert made(fake) == 1


def test_a_strange_folder_is_left_alone(go, fake, capsys, monkeypatch):
    home(go).mkdir()
    (home(go) / "thesis.txt").write_text("all of it")
    assert go.main(["assess"]) == 2
    assert "move it away" in sentence(capsys)
    assert (home(go) / "thesis.txt").exists()


def test_two_calls_at_once_install_once(tmp_path):
    """Two processes: the second waits for the first and finds its work done."""
    (tmp_path / "go.py").write_bytes((ROOT / "go.py").read_bytes())
    code = (
        "import go, os, sys, time\n"
        "def run(command, what, venv, lock=None):\n"
        "    print(what, flush=True)\n"
        "    python = go.venv_program(command[-1])\n"
        "    if 'venv' in command:\n"
        "        os.makedirs(os.path.dirname(python))\n"
        "        open(python, 'w').close()\n"
        "    time.sleep(0.3)\n"
        "go.run = run\n"
        "go.prepare(os.path.join(go.ROOT, '.venv'), 'core')\n"
    )
    pipe = subprocess.PIPE
    calls = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=pipe, text=True)
        for _ in range(2)
    ]
    printed = "".join(call.communicate()[0] for call in calls)
    assert [call.returncode for call in calls] == [0, 0]
    assert printed.splitlines() == ["making the environment", "installing"]


# ------------------------------------------------------------------------------------- sentences


def test_old_python(go, capsys, monkeypatch):
    monkeypatch.setattr(go, "newer_python", lambda: None)
    with pytest.raises(
        go.Stop, match=r"needs Python 3\.11 or newer, and this is Python 3\.9; inst"
    ):
        go.check_python((3, 9))
    monkeypatch.setattr(go, "newer_python", lambda: "python3.12")
    with pytest.raises(go.Stop, match=r"newer one found here: python3\.12 go\.py"):
        go.check_python((3, 10))
    go.check_python((3, 11))
    go.check_python((4, 0))


def test_a_shim_that_starts_nothing_is_no_python(go, tmp_path, monkeypatch):
    if go.WINDOWS:
        pytest.skip("shell scripts")
    for name, code in (("python3.11", 127), ("python3.13", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert go.newer_python() == "python3.13"


def test_missing_venv_module(go, fake, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert go.main(["assess", "Li6PS5Cl", "Li"]) == 2
    told = sentence(capsys)
    assert "sudo apt install python3" in told and "-venv" in told
    assert not home(go).exists()


def test_full_disk_at_a_write_of_ours(go, capsys, monkeypatch):
    def full(venv, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(go, "prepare", full)
    assert go.main(["assess"]) == 2
    assert "the disk is full" in sentence(capsys)


def test_folder_that_cannot_be_written(go, capsys, monkeypatch):
    def refused(venv, target):
        raise PermissionError(errno.EACCES, "Permission denied", ".venv.lock")

    monkeypatch.setattr(go, "prepare", refused)
    assert go.main(["assess"]) == 2
    assert "--venv DIR" in sentence(capsys)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left", "disk"),
        ("The virtual environment was not created because ensurepip is not available.", "apt inst"),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for numpy",
            "check the network",
        ),
        ("ERROR: No matching distribution found for numpy==9", "has no version that fits"),
        ("Traceback (most recent call last):\n  File x\nERROR: odd thing", "odd thing"),
        ("", "failed"),
    ],
)
def test_reasons_of_a_failed_child(go, output, told):
    said = go.reason(output, "installing")
    assert told in said and "\n" not in said and "Traceback" not in said


def test_a_failed_child_is_one_sentence(go):
    code = "import sys; print('ERROR: No space left on device'); sys.exit(1)"
    with pytest.raises(go.Stop, match="the disk is full"):
        go.run([sys.executable, "-c", code], "installing", go.ROOT)


def test_a_child_that_fails_on_a_full_disk_without_saying_so(go, monkeypatch):
    usage = shutil.disk_usage(go.ROOT)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(go.Stop, match="the disk is full"):
        go.run([sys.executable, "-c", "import sys; sys.exit('ensurepip failed')"], "x", go.ROOT)


def test_ctrl_c_is_one_sentence(go, capsys, monkeypatch):
    monkeypatch.setattr(go, "prepare", lambda venv, target: interrupt(None, None, venv))
    assert go.main(["assess"]) == 130
    assert "goes on from here" in sentence(capsys)


# ------------------------------------------------------------------------------------- running


def test_exit_code_and_arguments_are_passed_on(go, monkeypatch):
    seen = []
    monkeypatch.setattr(go, "prepare", lambda venv, target: None)
    monkeypatch.setattr(go, "start", lambda command: seen.append(command) or 4)
    assert go.main(["assess", "Li6PS5Cl", "Li", "--json"]) == 4
    assert seen[0][1:] == ["-m", "anolyte", "assess", "Li6PS5Cl", "Li", "--json"]


def test_alone_it_helps_and_installs_nothing(go, fake, capsys):
    assert go.main([]) == go.main(["--help"]) == 0
    assert "go.py test" in capsys.readouterr().out
    assert not fake and not home(go).exists()


def test_another_place(go, tmp_path, monkeypatch):
    assert go.parse(["--venv", str(tmp_path / "e"), "test", "-x"]) == (
        str(tmp_path / "e"),
        "test",
        ["-x"],
    )
    monkeypatch.setenv("ANOLYTE_VENV", str(tmp_path / "f"))
    assert go.parse(["window", "LiF"]) == (str(tmp_path / "f"), "core", ["window", "LiF"])


def test_every_check_runs_and_the_closing_line_is_last(go, capsys, monkeypatch):
    """A failing check does not hide the others, nor behind a passing pytest."""
    child = [sys.executable, "-c", "import sys; print('=== 7 passed ==='); sys.exit(0)"]
    real = go.run_pytest
    monkeypatch.setattr(go, "run_pytest", lambda command: real(child))
    monkeypatch.setattr(go, "check", lambda name, command: print(name) or name != "pyright")
    assert go.run_test(str(home(go)), []) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["ruff check", "ruff format"] and "check-data" in lines
    assert lines[-2:] == ["FAILED beside pytest: pyright", "=== 7 passed ==="]


def test_a_failing_check_shows_what_it_said(go, capsys):
    assert not go.check("ruff", [sys.executable, "-c", "import sys; sys.exit('F401 unused')"])
    assert "F401 unused" in capsys.readouterr().out
    assert go.check("ruff", [sys.executable, "-c", "print('fine')"])
    assert "fine" not in capsys.readouterr().out


def test_unknown_benchmark(go, capsys, monkeypatch):
    monkeypatch.setattr(go, "prepare", lambda venv, target: None)
    assert go.main(["bench", "hul"]) == 2
    assert "no benchmark hul" in sentence(capsys)


def test_second_call_imports_little(go, fake, tmp_path):
    """A ready environment needs no pip, venv or subprocess, and costs about an interpreter."""
    go.prepare(str(home(go)), "core")
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('go', {str(ROOT / 'go.py')!r})\n"
        "go = importlib.util.module_from_spec(spec); spec.loader.exec_module(go)\n"
        f"go.ROOT = {go.ROOT!r}\n"
        "go.start = lambda command: 0\n"
        "assert go.main(['assess', 'Li6PS5Cl', 'Li']) == 0\n"
        "print([name for name in ('subprocess', 'venv', 'pip', 'shutil') if name in sys.modules])"
    )
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
    assert time.perf_counter() - begin < 5


def test_it_compiles_for_old_pythons():
    """The sentence about an old Python can only be read if the file compiles there."""
    import ast

    ast.parse((ROOT / "go.py").read_text(encoding="utf-8"), feature_version=(3, 7))
