"""What `anolyte doctor` says of plug-ins that read instrument files."""

import json

import pytest

from anolyte.faces import doctor
from anolyte.measure import readers


class Broken:
    """An entry point whose package is damaged."""

    name, value = "bench", "my_package.bench:Bench"

    def load(self):
        raise ImportError("no module named my_package")


def test_a_reader_that_does_not_load_is_listed_with_its_reason(monkeypatch, capsys):
    monkeypatch.setattr(readers, "_entries", lambda: [Broken()])
    readers.plug_ins.cache_clear()
    try:
        found = doctor.examine()
        doctor._show(found)
    finally:
        monkeypatch.undo()
        readers.plug_ins.cache_clear()
    line = "bench (my_package.bench:Bench): no module named my_package"
    assert line in found["broken_plug_ins"]
    assert "Plug-ins that do not load" in capsys.readouterr().out


def test_programs_are_found_or_told_how_to_get(monkeypatch, tmp_path, capsys):
    program = tmp_path / "pw.x"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor.examine()
    assert {k: e["found"] for k, e in found["programs"].items()} == {
        "pw.x": True, "pp.x": False, "average.x": False, "gpaw": False
    }  # fmt: skip
    doctor._show(found)
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert lines["pw.x"].split()[1:] == ["found"]
    assert "apt install gpaw gpaw-data" in lines["gpaw"]


@pytest.mark.parametrize(
    ("settings", "variable", "said"),
    [("", "", "needs a key: put yours in MP_API_KEY"),
     ("", "sesame", "from MP_API_KEY is not one of 32 letters and digits"),
     ("PMG_MAPI_KEY: sesame", "", "from PMG_MAPI_KEY in ~/.config/.pmgrc.yaml is not one of"),
     ("PMG_MAPI_KEY: [sesame", "", "~/.config/.pmgrc.yaml: is not YAML"),
     (f"PMG_MAPI_KEY: {'sesame' * 5}xy", "", "found in PMG_MAPI_KEY in ~/.config/.pmgrc.yaml")],
)  # fmt: skip
def test_a_key_is_looked_for_in_every_place_and_never_shown(
    monkeypatch, tmp_path, capsys, settings, variable, said
):
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / ".pmgrc.yaml").write_text(settings)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MP_API_KEY", variable)
    found = doctor.examine()
    doctor._show(found)
    out = capsys.readouterr().out
    assert said in " ".join(out.split())
    assert "sesame" not in out + json.dumps(found)


def test_speed_is_told_beside_a_plain_loop_of_the_same_run(monkeypatch):
    from anolyte.faces import machine

    found = machine.speed()
    assert found["plain_loop"]["value"] > 0.0
    assert found["cells_by_loop"] > 3.0  # arrays that are no faster than a loop: a broken numpy
    assert 1e-3 < found["window_by_loop"] < 100.0
    # twice the plain work halves the multiples: they are ratios of one run, not seconds
    monkeypatch.setattr(machine, "ADDITIONS", 4 * machine.ADDITIONS)
    assert machine.speed()["window_by_loop"] < 0.6 * found["window_by_loop"]


def test_windows_are_computed_anew_each_time(monkeypatch):
    from anolyte.faces import machine
    from anolyte.laws import equilibrium

    seen = []
    real = equilibrium._ladder
    monkeypatch.setattr(equilibrium, "_ladder", lambda *a: seen.append(a[-1]) or real(*a))
    machine._windows()
    assert seen == list(machine.WINDOWS) * machine.REPEATS


def test_what_the_computer_lacks_is_told_with_what_to_do(monkeypatch, tmp_path, capsys):
    from anolyte.faces import print_figure

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(print_figure.WHERE, raising=False)
    found = doctor.examine()
    doctor._show(found)
    out = " ".join(capsys.readouterr().out.split())
    assert "none, for figures as .svg, .pdf, .png: Debian: apt install chromium" in out
    assert "GB free" in out and "times a plain loop of" in out
    assert found["room"]["here"]["free"]["value"] > 0 and found["usable_processors"] >= 1
    assert set(found["gpu"]) == {"found", "missing"}
    json.dumps(found, allow_nan=False)
