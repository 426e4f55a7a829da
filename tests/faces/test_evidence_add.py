"""`anolyte evidence add`: what it asks, what it refuses, and what lies in the file afterwards."""

import csv
import json
import os
import select
import subprocess
import sys

import pytest

from anolyte.core.errors import DataError
from anolyte.faces import evidence_add
from anolyte.faces.cli import main
from anolyte.materials.evidence import COLUMNS, evidence, parse, read

ROW = {
    "quantity": "interfacial_resistance", "value": "12", "unit": "ohm*cm^2", "source": "own:lab",
    "known": "read", "electrolyte": "LLZTO", "anode": "Li",
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "my.csv"


@pytest.fixture
def add(capsys, monkeypatch):
    """Add a row without a terminal; return exit code, what was printed, and what was said."""
    monkeypatch.setattr(evidence_add, "on_terminal", lambda: False)

    def call(path, *extra, **cells):
        pairs = [part for c, text in cells.items() for part in ("--set", f"{c}={text}")]
        code = main(["evidence", "add", "--file", str(path), *pairs, *extra])
        out, err = capsys.readouterr()
        assert "Traceback" not in err and err.count("\n") == (1 if code else 0), err
        return code, out, err

    return call


def test_a_new_file_has_the_header_and_one_row(add, path):
    code, out, _ = add(path, **ROW, before="900", temperature="25 C")
    assert code == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS) and len(lines) == 2
    (record,) = read(path)
    assert record.value.si == pytest.approx(12e-4) and record.before.si == pytest.approx(0.09)
    assert "900 → 12 Ω cm²" in out and "25 °C" in out
    assert f"anolyte evidence --file {path}" in out.replace("\n", " ") or path.name in out
    assert not list(path.parent.glob("*.part"))


def test_a_second_row_leaves_the_first_as_it_was(add, path):
    add(path, **ROW)
    before = path.read_bytes()
    code, *_ = add(path, **ROW | {"value": "13"})
    assert code == 0 and path.read_bytes().startswith(before) and len(read(path)) == 2


def test_the_proposed_id_is_free(add, path):
    add(path, **ROW)
    add(path, **ROW | {"value": "13"})
    first, second = (r.id for r in read(path))
    assert first == "llzto_intres_own_lab" and second == "llzto_intres_own_lab_2"


def test_own_columns_and_line_ends_are_kept(add, path):
    text = "\ufeffid,quantity,value,unit,source,known,electrolyte,anode\r\n"
    path.write_bytes(text.encode() + b"a,interfacial_resistance,5,ohm*cm^2,own:x,read,LLZO,Li")
    code, *_ = add(path, **ROW)
    assert code == 0
    lines = path.read_bytes().split(b"\r\n")
    assert len(lines) == 4 and lines[3] == b"" and lines[2].startswith(b"llzto_intres")
    code, _, said = add(path, **ROW | {"value": "14"}, temperature="25 C")
    assert code == 2 and "lacks the column temperature" in said
    assert path.read_bytes().split(b"\r\n") == lines


def test_json(add, path):
    _, out, _ = add(path, "--json", **ROW)
    data = json.loads(out)
    assert data["record"]["value"] == {"value": pytest.approx(12e-4), "unit": "ohm*m^2"}


def test_near_words_are_taken_as_the_file_has_them(add, path):
    code, *_ = add(path, **ROW | {"quantity": "Interfacial resistance", "known": "second-hand"})
    assert code == 0
    assert (read(path)[0].quantity, read(path)[0].source.known) == (
        "interfacial_resistance", "second_hand",
    )  # fmt: skip


def test_where_there_is_no_anode(add, path):
    bulk = ROW | {"quantity": "ionic_conductivity", "value": "1e-3", "unit": "S/cm", "anode": ""}
    code, *_ = add(path, **bulk)
    assert code == 0 and read(path)[0].anode == ""


REFUSED = [
    ({"value": None, "unit": None}, "missing: value, unit"),
    ({"anode": None}, "anode= where there is none"),
    ({"quantity": "capacity_retention", "value": "80", "unit": "%"}, "missing: protocol, cycle"),
    ({"unit": "ohm/cm^2"}, "did you mean 12 ohm cm2"),
    ({"unit": "mV"}, "unit"),
    ({"value": "twelve"}, "value"),
    ({"quantity": "interface_resistance"}, "interfacial_resistance"),
    ({"known": "seen"}, "second_hand"),
    ({"electrolyte": "LLZT0"}, "LLZTO"),
    ({"electrolyte": "class:oxid"}, "unknown electrolyte"),
    ({"anode": "Lithum"}, "unknown anode"),
    ({"id": "t1_oxide_sigma_max"}, "is taken"),
    ({"id": "Two words"}, "small letters"),
    ({"cycle": "ten"}, "no whole number"),
    ({"known": "recalled", "role": "calibration"}, "must not calibrate"),
    ({"quanty": "x"}, "quantity"),
    ({"note": "a\x1b[2Jb"}, "can be printed"),
    ({"as_printed": "12 Ω cm-2"}, "doubt"),
]


@pytest.mark.parametrize(("change", "hint"), REFUSED)
def test_refused_in_one_line_and_nothing_is_written(add, path, change, hint):
    cells = {c: text for c, text in (ROW | change).items() if text is not None}
    code, out, said = add(path, **cells)
    assert code == 2 and out == "" and hint in said
    assert not path.exists()


def test_more_refusals(add, path, capsys):
    add(path, **ROW)
    kept = path.read_bytes()
    for cells, hint in (
        (ROW, "see llzto_intres_own_lab"),
        (ROW | {"electrolyte": "Li6.5La3Zr1.5Ta0.5O12", "anode": ""}, "already gives 12 Ω cm²"),
        (ROW | {"value": "13", "id": "llzto_intres_own_lab"}, "is taken"),
    ):
        code, _, said = add(path, **cells)
        assert code == 2 and hint in said
    assert path.read_bytes() == kept
    assert main(["evidence", "add", "--file", str(path), "--set", "value"]) == 2
    assert "column=value" in capsys.readouterr().err
    assert main(["evidence", "add", "--file", str(path), *["--set", "value=1"] * 2]) == 2
    assert "given twice" in capsys.readouterr().err


def test_other_conditions_are_another_measurement(add, path):
    add(path, **ROW, temperature="25 C")
    assert add(path, **ROW, temperature="60 C")[0] == 0
    assert add(path, **ROW | {"electrolyte": "LLZO"}, temperature="25 C")[0] == 0
    assert add(path, **ROW)[0] == 2  # nothing tells it from the first
    assert len(read(path)) == 3


def test_a_row_of_the_package_is_not_added_again(add, path):
    ours = next(r for r in evidence() if r.id == "llzto_mgf2_rint")
    again = ROW | {"value": "6", "source": ours.source.key, "known": "second_hand"}
    code, _, said = add(path, **again)
    assert code == 2 and "llzto_mgf2_rint" in said


def test_a_broken_file_is_named_and_kept(add, path):
    path.write_text("id,quantity,value\nx,interfacial_resistance,5\n")
    code, _, said = add(path, **ROW)
    assert code == 2 and "my.csv:2" in said
    assert path.read_text().count("\n") == 2
    assert add(path.parent, **ROW)[0] == 2
    assert "cannot be written" in add(path.parent / "none" / "my.csv", **ROW)[2]


def test_repeats_looks_at_what_both_rows_say():
    def record(**cells):
        found = parse({"id": "x"} | ROW | cells)[0]
        assert found is not None
        return found

    assert evidence_add.repeats(record(), record(temperature="25 C"))
    assert evidence_add.repeats(record(value="0.012", unit="kohm*cm^2"), record())
    assert not evidence_add.repeats(record(layers="LiF"), record(layers="ZnO"))
    assert not evidence_add.repeats(record(value="12.1"), record())
    assert not evidence_add.repeats(record(source="own:other"), record())


class TestAsking:
    @pytest.fixture
    def answers(self, monkeypatch):
        """Answer each question from a list; return the questions that were asked."""
        import typer

        asked = []

        def use(*texts):
            left = list(texts)

            def prompt(text, default=None, **_):
                asked.append(text)
                given = left.pop(0)
                return default if given is None else given

            monkeypatch.setattr(evidence_add, "on_terminal", lambda: True)
            monkeypatch.setattr(typer, "prompt", prompt)
            return asked

        return use

    def test_asks_for_what_is_missing_only(self, answers, path, capsys):
        asked = answers("LLZTO", "Li", "half cell", "50", None, "Table 1", None, None)
        cells = {"quantity": "capacity_retention", "value": "80", "unit": "%", "source": "own:lab",
                 "known": "read"}  # fmt: skip
        pairs = [p for c, t in cells.items() for p in ("--set", f"{c}={t}")]
        assert main(["evidence", "add", "--file", str(path), *pairs]) == 0
        assert len(asked) == 8 and asked[0].startswith("electrolyte")
        (record,) = read(path)
        assert (record.cycle, record.protocol, record.source.where) == (50, "half cell", "Table 1")
        assert "cycle 50" in capsys.readouterr().out

    def test_asks_again_for_what_is_wrong(self, answers, path, capsys):
        answers("resistnce", "interfacial_resistance", "12", "ohm/cm^2", "own:lab", "read",
                "LLZT0", "Li", None, "", None, None, "ohm*cm^2", "LLZTO")  # fmt: skip
        assert main(["evidence", "add", "--file", str(path)]) == 0
        out = capsys.readouterr().out
        assert "interfacial_resistance?" in out or "did you mean" in out
        assert "did you mean 12 ohm cm2" in out and "LLZTO" in out
        assert read(path)[0].electrolyte == "LLZTO"

    def test_gives_up_in_one_line(self, answers, path, capsys):
        answers(*[None] * 4, *["x/y"] * 10)
        pairs = [p for c, t in (ROW | {"unit": "x"}).items() for p in ("--set", f"{c}={t}")]
        assert main(["evidence", "add", "--file", str(path), *pairs]) == 2
        assert capsys.readouterr().err.startswith("anolyte: not added: unit")
        assert not path.exists()


def test_column_twice_or_unknown():
    with pytest.raises(DataError, match="column=value"):
        evidence_add.given(["value"])
    assert evidence_add.given(["note=a=b"]) == {"note": "a=b"}


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX only")
def test_in_a_real_terminal(path):
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "anolyte", "evidence", "add", "--file", str(path)]
    for column, text in ROW.items():
        if column not in ("unit", "anode"):
            command += ["--set", f"{column}={text}"]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as child:
        os.close(slave)
        os.write(master, b"ohm*cm^2\nLi\n\n\n\n\n")
        said = b""
        while True:
            if not select.select([master], [], [], 60.0)[0]:  # it waits for an answer
                child.kill()
                break
            try:
                part = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            said += part
    os.close(master)
    assert child.returncode == 0, said
    assert b"unit" in said and b"added to" in said
    with path.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["unit"], row["anode"]) == ("ohm*cm^2", "Li")


def test_without_a_terminal_it_does_not_wait(path):
    command = [sys.executable, "-m", "anolyte", "evidence", "add", "--file", str(path)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "missing: quantity, value" in done.stderr
