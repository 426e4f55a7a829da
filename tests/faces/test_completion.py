"""Completion: what a shell is told through the environment, what is installed, and bash itself."""

import os
import shutil
import subprocess
import sys

import pytest

from anolyte.faces import completion
from anolyte.faces.cli import VERBS, main
from anolyte.materials.library import DATA


@pytest.fixture
def ask(monkeypatch, capsys):
    """What is offered after some words, by the protocol of a shell."""

    def call(*words, shell="bash", joined="\n"):
        monkeypatch.setenv("_ANOLYTE_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", joined.join(["anolyte", *words]) + "\n" * (joined == "\n"))
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words)))
        assert main([]) == 0
        return capsys.readouterr().out.splitlines()

    return call


@pytest.fixture
def words(ask):
    """The same, the words alone."""
    return lambda *given: [line.removeprefix("plain,") for line in ask(*given)]


def test_verbs(words):
    assert words("") == list(VERBS)
    assert words("s") == [v for v in VERBS if v.startswith("s")]
    assert "--install-completion" in words("--")
    assert words("nonsense", "") == []
    assert words("simulate", "c") == ["ccd", "cycle"]
    assert words("--install-completion", "") == ["bash", "zsh", "fish"]


def test_materials_in_their_places_whatever_the_case(words):
    assert words("assess", "li6ps5c") == ["Li6PS5Cl"]
    assert "Si" in words("assess", "Li6PS5Cl", "S") and "LLZO" not in words("assess", "LLZO", "L")
    assert words("simulate", "ccd", "LLZT") == ["LLZTO", "LLZTO-0.6"]
    assert "LiF" in words("assess", "LLZO", "Li", "--interlayer", "li")
    assert "LLZO" in words("assess", "--current", "1 mA/cm2", "LLZ")  # a value is no name
    assert words("assess", "LLZO", "Li", "") == []
    assert words("strategies", "mgf2_f") == ["mgf2_film"]


def test_options_and_their_values(words):
    assert words("assess", "LLZO", "Li", "--cur") == ["--current"]
    assert "--json" in words("fit", "eis", "a.mpt", "--")
    used = words("assess", "LLZO", "Li", "--json", "--interlayer", "LiF", "--")
    assert "--json" not in used and "--interlayer" in used  # it may come twice
    assert words("compare", "") == ["electrolytes", "silicon"]
    assert words("dft", "write", "LLZO", "Li", "--code", "") == ["qe", "gpaw"]
    assert words("fit", "eis", "") == []  # a file: the shell's own affair


def test_every_verb_offers_its_options(words):
    for verb in VERBS:
        assert "--json" in words(verb, "--") or words(verb, ""), verb


def test_the_answer_has_the_shape_that_each_shell_reads(ask):
    assert ask("wi", shell="fish") == [f"plain,window\t{VERBS['window']}"]
    assert ask("wi", shell="zsh") == ["plain", "window", VERBS["window"]]
    assert ask("assess", "LAGP-", shell="zsh") == ["plain", "LAGP-0.3", "electrolyte"]
    assert ask("assess", "LAGP-", shell="fish") == ["plain,LAGP-0.3\telectrolyte"]
    assert ask("assess", "LAGP-", joined=" ") == ["plain,LAGP-0.3"]  # as click hands them over


@pytest.mark.parametrize("kind", completion.KINDS)
def test_every_name_is_one_of_the_library(kind):
    from anolyte.materials.library import default

    assert len(completion.names(kind)) == len(list((DATA / kind).glob("*.yaml"))) > 10
    find = getattr(default(), kind.removesuffix("s"))
    assert all(find(name, as_printed=True).origin == "library" for name in completion.names(kind))


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_it_is_installed_once(shell, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    start = tmp_path / f".{shell}rc"
    if shell != "fish":
        start.write_text("alias a=b")
    for arguments in ([], [shell]):
        assert main(["--install-completion", *arguments]) == 0
    assert "written: " in capsys.readouterr().out
    [written] = [
        p for p in tmp_path.rglob("*") if p.name in ("anolyte.fish", f"completion.{shell}")
    ]
    assert main(["--show-completion", shell]) == 0
    assert capsys.readouterr().out == written.read_text()
    if shell != "fish":
        first, second = start.read_text().splitlines()
        assert first == "alias a=b" and str(written) in second


def test_a_shell_that_is_not_known_is_one_line(monkeypatch, capsys):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert main(["--install-completion"]) == 2
    assert "write one of bash, zsh, fish" in capsys.readouterr().err
    assert main(["--install-completion", "tcsh"]) == 2
    assert main(["--show-completion"]) == 2


def test_verbs_are_completed_without_imports():
    code = (
        "import sys; from anolyte.faces.cli import main; main([]); "
        "print(*{n.split('.')[0] for n in sys.modules})"
    )
    asked = {"_ANOLYTE_COMPLETE": "bash_complete", "COMP_WORDS": "anolyte as", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True
    )
    offered, modules = done.stdout.splitlines()
    assert offered == "plain,assess"
    assert not set(modules.split()) & {"typer", "rich", "numpy", "yaml", "pydantic"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_itself(tmp_path):
    command = tmp_path / "anolyte"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m anolyte "$@"\n')
    command.chmod(0o755)
    asked = f"""
{completion.script("bash")}
COMP_WORDS=(anolyte assess "Li6PS5Cl" --interlayer "LiF:50 nm" S); COMP_CWORD=5
_anolyte_words {command}
printf '%s\\n' "${{COMPREPLY[@]}}"
COMP_WORDS=(anolyte wi); COMP_CWORD=1
_anolyte_words {command}
printf '%s\\n' "${{COMPREPLY[@]}}"
complete -p anolyte
"""
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert {"Si", "Sn"} <= set(lines[:-2]) and lines[-2] == "window", done.stderr
    assert "_anolyte_words" in lines[-1]
