"""Records in what was written, and asking again: the same bits, what changed, what is refused."""

import json
import shutil

import pytest

from anolyte.faces import record
from anolyte.faces.cli import main

STUDY = """
cell: {electrolyte: LLZO, anode: Li, sample: {thickness: 20 um}}
change: {stack pressure: 0.5 MPa to 20 MPa, temperature: 25 C to 60 C}
want: [critical current density, specific energy]
draws: 4
"""
WRITES = {"--plot", "--figure", "--report", "--save", "--page", "--frames", "--checkpoint",
          "--resume", "--structures", "--journal", "--out", "--folder", "--next"}  # fmt: skip
READS = {"--cell", "--materials", "--of", "--cv", "--targets", "--candidates", "--image", "--file",
         "--model", "--labels", "--entries", "--conditions", "--spectrum",
         "--compositions", "--learned", "--start", "--without"}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked_again(capsys, *words):
    capsys.readouterr()
    code = main(["rerun", *words])
    return code, capsys.readouterr()


@pytest.mark.parametrize(
    "command",
    [
        ["assess", "Li6PS5Cl", "Li", "--report", "a.html"],
        ["simulate", "ccd", "Li6PS5Cl", "Li", "--pressure", "3 MPa", "--draws", "8",
         "--save=a.json"],
        ["simulate", "leak", "LLZO", "Li", "--cells", "40", "--plot", "a.html"],
    ],
)  # fmt: skip
def test_the_same_answer_to_the_last_digit(here, capsys, command):
    assert main(command) in (0, 1)
    written = next(iter(here.glob("a.*")))
    before = written.read_bytes()
    code, said = asked_again(capsys, written.name)
    assert code == 0 and "the same answer, to the last digit" in said.out
    assert written.read_bytes() == before  # the first answer is left alone
    assert [p.name for p in here.iterdir()] == [written.name]


def test_the_files_that_it_read_come_with_it(here, capsys):
    """A study whose file, and whose folder, are gone."""
    pytest.importorskip("optuna")
    folder = here / "mine"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY)
    asked = ["optimise", "mine/study.yaml", "--evaluations", "30", "--save", "b.json",
             "--resume", "mine/s.db"]  # fmt: skip
    assert main(asked) == 0
    shutil.rmtree(folder)
    code, said = asked_again(capsys, "b.json", "--json")
    answer = json.loads(said.out)
    assert code == 0 and answer["same"] and answer["numbers"] > 50
    assert not folder.exists()


def changed(path, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_what_differs_is_named(here, capsys):
    main(["simulate", "ccd", "Li6PS5Cl", "Li", "--draws", "4", "--save", "c.json"])
    path = here / "c.json"
    changed(path, lambda d: d["current_density"].update(value=123.0))
    code, said = asked_again(capsys, "c.json")
    assert code == 1 and "current_density.value: then 123.0" in said.out
    assert asked_again(capsys, "c.json", "--tolerance", "1000")[0] == 0


def test_another_version_is_told_and_allows_a_little(here, capsys):
    main(["simulate", "ccd", "Li6PS5Cl", "Li", "--draws", "4", "--save", "d.json"])
    changed(here / "d.json", lambda d: d["record"]["environment"].update(numpy="0.1"))
    code, said = asked_again(capsys, "d.json")
    assert code == 0 and "numpy: then 0.1" in said.out and "within 1e-06" in said.out


def test_a_saved_result_with_a_record_is_still_read(here):
    import anolyte

    main(["simulate", "ccd", "Li6PS5Cl", "Li", "--draws", "4", "--save", "e.json"])
    assert anolyte.load(here / "e.json").draws == 4


def sealed(here, **changes):
    """A record of somebody else's making."""
    kept = {"argv": ["assess", "Li6PS5Cl", "Li", "--report", "x.html"], "written": ["x.html"],
            "inputs": [], "environment": {}}  # fmt: skip
    path = here / "made.json"
    path.write_text(json.dumps({"type": "x", "record": kept | changes}))
    return path.name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"argv": ["watch", "."]}, "not asked again"),
        ({"argv": []}, "not asked again"),
        ({"argv": "assess"}, "holds no record"),
        ({"inputs": [{"word": "w", "folder": True, "files": [
            {"name": "../out", "sha256": "", "content": ""}]}]}, "outside its folder"),
        ({"inputs": [{"word": "w", "folder": False, "files": [
            {"name": "big", "sha256": "", "content": None}]}]}, "too large to be kept"),
        ({"argv": ["assess", "Nonsense", "Li", "--report", "x.html"]}, "wrote no answer"),
    ],
)  # fmt: skip
def test_a_record_that_asks_for_more_than_an_answer_is_refused(here, capsys, changes, said):
    code, told = asked_again(capsys, sealed(here, **changes))
    assert code == 2 and said in told.err and told.err.count("\n") == 1


def test_a_record_writes_nowhere_but_beside(here, capsys):
    precious = here / "precious.json"
    precious.write_text("mine")
    name = sealed(here, argv=["simulate", "ccd", "Li6PS5Cl", "Li", "--draws", "4",
                              "--save", str(precious)], written=[str(precious)])  # fmt: skip
    asked_again(capsys, name)
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"record": {"argv": 1}}'])
def test_a_file_without_a_record_says_so(here, capsys, text):
    (here / "none.json").write_text(text)
    code, told = asked_again(capsys, "none.json")
    assert code == 2 and "record" in told.err
    assert asked_again(capsys, "missing.html")[0] == 2


def test_every_option_that_takes_a_path_is_known_to_read_or_to_write():
    """A new option that writes must be redirected by a repetition."""
    import typer

    from anolyte.faces.commands import app

    def paths(command, verb):
        for name, below in getattr(command, "commands", {}).items():
            yield from paths(below, verb or name)
        for parameter in command.params:
            is_path = "Path" in str(parameter.type_descriptor)
            if is_path and parameter.param_type_name == "option":
                yield verb, parameter.opts[0]

    found = set(paths(typer.main.get_command(app), ""))
    unknown = {(v, o) for v, o in found if v not in record.ONCE} - {
        (v, o) for v, o in found if o in WRITES | READS
    }
    assert not unknown and len(found) > 20
    assert set(record.OUTPUTS) == WRITES
