"""The command line: what each verb prints, its JSON, its speed."""

import csv
import io
import json
import subprocess
import sys

import pytest

from anolyte.faces.cli import VERBS, help_text, main


@pytest.fixture
def run(capsys):
    """Run one command in this process; it must succeed; return what it printed."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        out, err = capsys.readouterr()
        assert "\x1b" not in out  # no colour where there is no terminal
        assert err == ""
        return out

    return call


def words(text):
    """Text without its line breaks."""
    return " ".join(text.split())


def units_of(data):
    """Every {value, unit} of a JSON tree."""
    if isinstance(data, dict):
        if set(data) == {"value", "unit"}:
            yield data["unit"]
        for value in data.values():
            yield from units_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from units_of(value)


def test_help_names_every_verb(run):
    for arguments in ((), ("--help",), ("-h",)):
        assert run(*arguments).strip() == help_text()
    for verb in VERBS:
        assert verb in help_text()
        arguments = (verb, "ccd") if verb in ("simulate", "fit") else (verb,)
        assert "--json" in run(*arguments, "--help")


def test_version(run):
    import anolyte

    assert run("--version").strip() == f"anolyte {anolyte.__version__}"


ASSESS = ("assess", "Li6PS5Cl", "Li", "--current", "0.5 mA/cm2", "--pressure", "5 MPa",
          "--temperature", "25 C")  # fmt: skip


class TestAssess:
    def test_verdict_comes_first_then_one_line_a_concern(self, run):
        out = run(*ASSESS)
        lines = out.splitlines()
        assert lines[0] == "Li6PS5Cl | Li"
        assert "0.5 mA cm⁻²" in lines[1] and "5 MPa" in lines[1] and "25 °C" in lines[1]
        assert lines[3].startswith("Verdict: ")
        concerns = [
            "window", "reaction", "volume", "wetting", "dendrite", "transport", "temperature",
        ]  # fmt: skip
        starts = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
        assert [s for s in starts if s in concerns] == concerns
        assert "Look at next" in out and "sources (anolyte cite)" in out
        assert all(len(line) <= 100 and line == line.rstrip() for line in lines)

    def test_narrow_terminal(self, run, monkeypatch):
        monkeypatch.setenv("COLUMNS", "80")
        assert all(len(line) <= 80 for line in run(*ASSESS).splitlines())

    def test_json_names_the_unit_beside_each_value(self, run):
        data = json.loads(run(*ASSESS, "--json"))
        assert data["schema"] == 1 and data["type"] == "anolyte.studies.assess:Assessment"
        conditions = data["cell"]["conditions"]
        assert conditions["current_density"] == {"value": 5.0, "unit": "A/m^2"}
        assert conditions["temperature"] == {"value": 298.15, "unit": "K"}
        assert {"V", "J", "C/kg"} <= set(units_of(data["results"]))

    def test_saved_result_reads_back(self, run, tmp_path):
        import anolyte

        path = tmp_path / "result.json"
        run(*ASSESS, "--save", path)
        loaded = anolyte.load(path)
        assert loaded.to_dict() | {"record": ...} == json.loads(path.read_text()) | {"record": ...}
        assert loaded.verdict in run(*ASSESS)

    def test_fail_on_bad(self, run):
        run(*ASSESS)
        run(*ASSESS, "--fail-on", "bad", code=1)  # lithium reduces Li6PS5Cl: the window is bad

    def test_interlayers_stand_in_order(self, run):
        layers = ("--interlayer", "LiF:50 nm", "--interlayer", "Li3N:20 nm")
        out = run(*ASSESS, *layers)
        assert out.startswith("Li6PS5Cl | LiF (50 nm) | Li3N (20 nm) | Li")

    def test_cell_file_is_the_same_as_its_options(self, run, tmp_path):
        path = tmp_path / "cell.yaml"
        path.write_text(
            "electrolyte: Li6PS5Cl\nanode: Li\nconditions: {current_density: 0.5 mA/cm2, "
            "stack_pressure: 5 MPa, temperature: 25 C}\n"
        )
        assert run("assess", path) == run(*ASSESS)
        changed = run("assess", path, "--temperature", "60 C")
        assert "60 °C" in changed.splitlines()[1]

    def test_own_materials(self, run, tmp_path):
        folder = tmp_path / "electrolytes"
        folder.mkdir()
        (folder / "Mine.yaml").write_text(
            "name: Mine\nclass: sulfide\nformula: Li3PS4\nproperties:\n  ionic_conductivity:\n"
            "    - {value: 7 mS/cm, source: mine2026, known: read, at: {temperature: 25 C}}\n"
        )
        out = run("assess", "Mine", "Li", "--materials", tmp_path)
        assert "7 mS cm⁻¹" in out
        data = json.loads(run("assess", "Mine", "Li", "--materials", tmp_path, "--json"))
        assert data["provenance"]["materials"]["Mine"]  # the digest of the user's file

    def test_unknown_formula_is_assessed_on_its_composition(self, run):
        out = run("assess", "Li5PS5", "Li", "--as-printed")
        assert "not in the library" in words(out)


class TestWindow:
    def test_limits_ladder_convention(self, run):
        out = run("window", "Li3YCl6")
        first = out.splitlines()[0]
        assert "window" in first and "V vs Li/Li⁺" in first
        assert "Convention: on hull" in out and "Li3YCl6 + 3 Li → " in out and "mAh/g" in out

    def test_own_energy_is_named(self, run):
        assert "Convention: own energy" in run("window", "Li6PS5Cl", "--own-energy")

    def test_anode(self, run):
        assert "At Si (" in run("window", "Li6PS5Cl", "--anode", "Si")

    def test_json(self, run):
        data = json.loads(run("window", "Li3YCl6", "--json"))
        assert data["reduction_limit"]["unit"] == "V"
        assert data["steps"][0]["capacity"]["unit"] == "C/kg"

    def test_own_entries(self, run, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text("formula,energy_eV_per_atom,source\nLi,0,me\nCl,0,me\nLiCl,-2.0,me\n")
        out = run("window", "LiCl", "--entries", path)
        assert "0.00 to 4.00 V" in out and "own.csv" in words(out)


class TestReact:
    def test_every_junction_closed_and_open(self, run):
        out = run("react", "Li6PS5Cl", "Si", "--interlayer", "LiF")
        assert "Li6PS5Cl | LiF, closed" in out and "LiF | Si, closed" in out
        assert "open to lithium at" in out

    def test_two_solids_are_closed(self, run):
        out = run("react", "LLZO", "LiCoO2")
        assert "LLZO | LiCoO2, closed" in out and "open to lithium" not in out

    def test_two_solids_open_at_a_chosen_potential(self, run):
        out = run("react", "Li6PS5Cl", "LiCoO2", "--potential", "4 V vs Li/Li+")
        assert "open to lithium at 4.00 V" in out and out.count("open to lithium") == 1

    def test_molecular_rule(self, run):
        assert "C2H4O + 2 Li → Li2O + C2H4(g)" in run("react", "PEO", "Li")

    def test_json(self, run):
        data = json.loads(run("react", "Li6PS5Cl", "Li", "--json"))
        assert data["profiles"][0]["kinks"][0]["energy"]["unit"] == "J"


class TestMaterials:
    def test_list_and_class(self, run):
        out = run("materials")
        assert "electrolytes" in out and "anodes" in out and "interlayers" in out
        halides = run("materials", "--class", "halide")
        assert "Li3YCl6" in halides and "LLZO" not in halides
        assert "LLZO" not in run("materials", "--class", "anodes")

    def test_one_material_with_units_and_sources(self, run):
        out = run("materials", "Li6PS5Cl")
        assert "mS cm⁻¹" in out and "[measured, " in words(out) and "Sources" in out

    def test_json_of_one(self, run):
        data = json.loads(run("materials", "Li6PS5Cl", "--json"))
        value = data["materials"][0]["properties"]["ionic_conductivity"][0]
        assert value["unit"] == "S/m" and value["source"] and value["known"]
        assert json.loads(run("materials", "--json"))["materials"]

    def test_phases_as_csv(self, run):
        rows = list(csv.DictReader(io.StringIO(run("materials", "--phases"))))
        assert rows and {"formula", "energy_eV_per_atom", "source", "known"} <= set(rows[0])


class TestCite:
    def test_of_anolyte_keys_and_an_interface(self, run):
        assert "@misc{anolyte," in run("cite")
        assert run("cite", "zhu2015").startswith("@article{zhu2015,")
        data = json.loads(run("cite", "zhu2015", "zhu2015", "--json"))
        assert [r["key"] for r in data["references"]] == ["zhu2015"]

    def test_of_a_saved_result(self, run, tmp_path, capsys):
        path = tmp_path / "r.json"
        run(*ASSESS, "--save", path)
        assert main(["cite", "--of", str(path)]) == 0
        assert "@article{zhu2015," in capsys.readouterr().out


def test_doctor(run, monkeypatch):
    secret = "verySecret" + 22 * "x"
    monkeypatch.setenv("MP_API_KEY", secret)
    out = run("doctor")
    assert "found in MP_API_KEY" in out and secret not in out
    assert "Self-check passed" in out
    found = json.loads(run("doctor", "--json"))
    assert found["self_check"]["passed"] and secret not in json.dumps(found)
    assert found["keys"] == {"Materials Project": {"found": "MP_API_KEY", "problem": None}}


def test_colour_only_in_a_terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    command = [sys.executable, "-m", "anolyte", "window", "Li3YCl6"]
    plain = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "\x1b[" in plain.stdout
    monkeypatch.setenv("NO_COLOR", "1")
    plain = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "\x1b[3" not in plain.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="CPU time of children is POSIX only")
def test_help_costs_less_than_three_interpreter_starts():
    import resource

    def seconds(*arguments):
        spent = []
        for _ in range(7):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(spent)

    assert seconds("-m", "anolyte", "--help") < 3.0 * seconds("-c", "pass")
