"""`--entries mp`, `--entries optimade:URL` and `--entries FILE` from the command line."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("httpx", reason="databases are asked through httpx: pip install 'anolyte[mp]'")

from anolyte.faces.cli import main

KEY = "Made0Up1Key2For3Tests4Only5abcde"


@pytest.fixture
def with_key(service, monkeypatch):
    monkeypatch.setenv("MP_API_KEY", KEY)
    monkeypatch.setenv("MP_API_ENDPOINT", service.url)
    return service


def test_a_window_on_a_database_tells_version_and_day(with_key, capsys) -> None:
    assert main(["window", "Li6PS5Cl", "--entries", "mp", "--json"]) == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert "Materials Project 2025_09_25, asked 20" in answer["energies"]
    assert "GGA_GGA+U total energies" in answer["energies"]
    assert KEY not in out + err


def test_a_second_window_is_answered_from_disk_and_refresh_asks_anew(with_key, capsys) -> None:
    for options, more in (([], 3), ([], 0), (["--refresh"], 3)):
        asked = len(with_key.asked)
        assert main(["window", "Li3PS4", "--entries", "mp", *options, "--json"]) == 0
        assert len(with_key.asked) - asked == more
    capsys.readouterr()


def test_two_processes_at_once_leave_one_whole_answer(with_key, tmp_path) -> None:
    command = [sys.executable, "-m", "anolyte", "window", "Li3PS4", "--entries", "mp", "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0] and said[0] == said[1]
    assert len(with_key.asked) in (3, 6)  # 3 where one was done before the other asked
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_an_assessment_asks_for_every_element_of_the_interface(with_key, capsys) -> None:
    assert main(["assess", "Li6PS5Cl", "Li", "--interlayer", "LiCl:50 nm", "--entries", "mp"]) == 0
    assert "Cl-Li-P-S" in with_key.asked[1][0]
    out, err = capsys.readouterr()
    assert KEY not in out + err


def test_a_reaction_asks_for_both_solids(with_key, capsys) -> None:
    assert main(["react", "Li3PS4", "LiCl", "--entries", "mp", "--json"]) == 0
    assert "Materials Project 2025_09_25" in json.loads(capsys.readouterr().out)["energies"]
    assert "Cl-Li-P-S" in with_key.asked[1][0]


def test_a_screen_of_many_elements_is_no_question_for_a_database(with_key, capsys) -> None:
    line = refused(capsys, "react", "--all-interlayers", "Li3PS4", "Li", "--entries", "mp")
    assert "use a file, or the embedded energies" in line
    assert with_key.asked == []


def refused(capsys, *arguments: str) -> str:
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert "Traceback" not in err and len(err.strip().splitlines()) == 1 and KEY not in out + err
    return err


def test_what_goes_wrong_is_one_line(with_key, capsys, monkeypatch) -> None:
    with_key.before = lambda handler: handler.send(403, {"message": KEY}) or True
    line = refused(capsys, "window", "Li2S", "--entries", "mp")
    assert "403" in line and "MP_API_KEY" in line and "leave out --entries" in line
    monkeypatch.delenv("MP_API_KEY")
    assert "needs a key" in refused(capsys, "window", "Li2S", "--entries", "mp")
    monkeypatch.setenv("MP_API_KEY", "x" + KEY)
    line = refused(capsys, "window", "Li2S", "--entries", "mp")
    assert "is not one of 32 letters and digits" in line


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ("mp:scan", "mp:GGA_GGA+U, mp:R2SCAN"),
        ("mp:GGA_GGA+U_R2SCAN", "one kind of calculation a hull"),
        ("optimade:oqmd", "write optimade:https://HOST"),
        ("https://optimade.materialsproject.org", "write optimade:https://optimade"),
        ("none.json", "cannot be read"),
    ],
)
def test_what_is_no_source_is_told(capsys, entries, told) -> None:
    assert told in refused(capsys, "window", "Li2S", "--entries", entries)


def test_refresh_is_for_databases(capsys) -> None:
    assert "name one" in refused(capsys, "window", "Li2S", "--refresh")
    line = refused(capsys, "window", "Li2S", "--entries", "mine.csv", "--refresh")
    assert "a file is read anew" in line


def test_optimade_from_the_command_line(optimade_servers, capsys) -> None:
    option = f"optimade:{optimade_servers['oqmd']}"
    assert main(["window", "Li3PS4", "--entries", option, "--json"]) == 0
    assert "formation energies, PBE" in json.loads(capsys.readouterr().out)["energies"]


def test_without_httpx_the_way_to_it_is_told(with_key, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    line = refused(capsys, "window", "Li2S", "--entries", "mp")
    assert "pip install 'anolyte[mp]'" in line


def test_the_embedded_energies_load_nothing_of_this() -> None:
    code = (
        "import sys; from anolyte.faces.cli import main; main(['window', 'Li2S', '--json']); "
        "sys.exit('httpx' in sys.modules or 'anolyte.materials.remote' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0
