"""The verbs evidence, strategies, compare: what they print, in which forms, what they refuse."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

import anolyte
from anolyte.core.result import Number
from anolyte.faces.cli import main
from anolyte.faces.export import safe_csv
from anolyte.materials.evidence import COLUMNS
from anolyte.materials.schema import Electrolyte
from anolyte.materials.strategy import strategies
from anolyte.studies.query import EvidenceResult, query, same_material


@pytest.fixture
def run(capsys):
    """Run one command in this process; it must succeed; return what it printed."""

    def call(*arguments, code=0):
        assert main([str(a) for a in arguments]) == code
        out, err = capsys.readouterr()
        assert err == "" and "\x1b" not in out
        return out

    return call


@pytest.fixture
def refused(capsys):
    """Run one command that must be refused in one line; return the line."""

    def call(*arguments):
        assert main([str(a) for a in arguments]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and "Traceback" not in err, err
        return err

    return call


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def own_file(tmp_path, **cells):
    """A file of the user's with one row."""
    row = {
        "id": "mine", "electrolyte": "LLZTO", "anode": "Li", "quantity": "interfacial_resistance",
        "before": "900", "value": "12", "unit": "ohm*cm^2", "source": "own:lab", "known": "read",
    } | cells  # fmt: skip
    path = tmp_path / "mine.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    return path


class TestQuery:
    def test_every_word_narrows(self):
        found = query(electrolyte="LLZTO", anode="Li", quantity="interfacial_resistance")
        assert found.records
        for r in found.records:
            assert (r.electrolyte, r.quantity) == ("LLZTO", "interfacial_resistance")

    @pytest.mark.parametrize("name", ["LLZTO", "llzto", "Li6.5La3Zr1.5Ta0.5O12"])
    def test_one_material_by_whatever_name(self, name):
        assert query(electrolyte=name) == query(electrolyte="LLZTO")

    def test_kindred_materials_stay_apart(self):
        assert not same_material("LLZTO", "LLZTO-0.6", Electrolyte)

    def test_a_class_takes_its_members_and_statements_on_it(self):
        names = {r.electrolyte for r in query(electrolyte="oxide").records}
        assert {"LLZO", "LLZTO", "class:oxide"} <= names
        assert "Li6PS5Cl" not in names and "class:sulfide" not in names

    def test_totals(self):
        found = query(known="read", method="experiment")
        assert found.known["read"] == len(found.records) > 0
        assert len(found.papers) == len({r.source.key for r in found.records})

    def test_round_trip_and_frame(self):
        found = query(quantity="critical current density")
        assert EvidenceResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found
        frame = found.to_frame()
        assert len(frame) == len(found.records) and set(frame["unit"]) == {"mA cm⁻²"}


class TestEvidence:
    def test_before_and_after_with_source_and_totals(self, run):
        out = run("evidence", "--electrolyte", "LLZTO", "--quantity", "interfacial_resistance")
        assert "LLZTO | MgF2 | Li" in out and "1190 → 6 Ω cm²" in out
        assert "jia2024 [second-hand]" in out and "by mgf2_film" in out
        found = query(electrolyte="LLZTO", quantity="interfacial_resistance")
        total = f"{len(found.records)} records, {len(found.papers)} papers: "
        assert total + f"{found.known['read']} read" in out

    @pytest.mark.parametrize("columns", [80, 110])
    def test_lines_stay_in_the_terminal(self, run, monkeypatch, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        for arguments in (
            ("evidence",), ("evidence", "t2_si_lpscl16_c1"), ("strategies",),
            ("strategies", "mgf2_film"), ("compare", "electrolytes"), ("compare", "silicon"),
        ):  # fmt: skip
            lines = run(*arguments).splitlines()
            assert max(map(len, lines)) <= columns, arguments
            assert all(line == line.rstrip() for line in lines)

    def test_one_record_whole(self, run):
        out = run("evidence", "t2_si_lpscl16_c1")
        assert "2412 mA h g⁻¹" in out and "doubt" in out and "copying error" in out
        assert "Adv. Energy Mater." in out and "anolyte cite cao2024" in out

    def test_doubt_is_flagged(self, run):
        out = run("evidence", "--source", "cao2022")
        assert "cao2022 [second-hand] (!)" in out and "(!) is doubted" in out

    def test_json_has_si_with_units(self, run):
        data = json.loads(run("evidence", "--strategy", "mgf2_film", "--json"))
        assert data["count"] == len(data["records"]) >= 1
        record = next(r for r in data["records"] if r["id"] == "llzto_mgf2_rint")
        assert record["value"]["unit"] == "ohm*m^2"
        assert record["value"]["value"] == pytest.approx(6e-4)
        assert set(data["known"]) == {"read", "second_hand", "recalled"}

    def test_csv_holds_what_the_table_holds(self, run):
        rows = table(run("evidence", "--electrolyte", "LLZTO", "--csv"))
        assert [r["id"] for r in rows] == [r.id for r in query(electrolyte="LLZTO").records]
        row = next(r for r in rows if r["id"] == "llzto_mgf2_rint")
        assert (float(row["before"]), float(row["value"]), row["unit"]) == (1190, 6, "Ω cm²")

    def test_own_file_stands_beside_ours(self, run, tmp_path):
        path = own_file(tmp_path, note="=cmd()", strategy="-x")
        out = run("evidence", "--file", path, "--source", "own:lab")
        assert "900 → 12 Ω cm²" in out
        row = table(run("evidence", "--file", path, "--source", "own:lab", "--csv"))[0]
        assert (row["note"], row["strategy"], row["value"]) == ("'=cmd()", "'-x", "12.0")

    def test_nothing_found_is_an_answer(self, run):
        assert "no record matches" in run("evidence", "--electrolyte", "Li9N3")
        data = json.loads(run("evidence", "--electrolyte", "Li9N3", "--json"))
        assert data["count"] == 0 and data["records"] == []

    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (("--electrolyte", "LLZT0"), "LLZTO"),
            (("--electrolyte", ""), "electrolyte"),
            (("--anode", "Lithum"), "unknown anode"),
            (("--quantity", "interface_resistance"), "interfacial_resistance"),
            (("--strategy", "mgf2_fil"), "mgf2_film"),
            (("--source", "jia2023"), "jia2024"),
            (("--known", "seen"), "second_hand"),
            (("--method", "guess"), "experiment"),
            (("--file", "no-such.csv"), "no-such.csv"),
            (("--json", "--csv"), "choose one"),
            (("llzto_mgf2_rin",), "llzto_mgf2_rint"),
            (("llzto_mgf2_rint", "--anode", "Li"), "one record"),
            (("--plot", "figure.gif"), ".html"),
        ],
    )
    def test_bad_input_is_one_line_with_a_hint(self, refused, arguments, hint):
        assert hint in refused("evidence", *arguments)

    def test_a_row_without_unit_names_its_line(self, refused, tmp_path):
        said = refused("evidence", "--file", own_file(tmp_path, unit=""))
        assert "mine.csv:2" in said and "unit" in said

    def test_nothing_of_a_file_steers_the_terminal(self, run, tmp_path):
        path = own_file(tmp_path, protocol="\x1b[2J cleared", note="\x07bell")
        assert "\x1b" not in run("evidence", "mine", "--file", path)


class TestStrategies:
    def test_filters(self, run):
        rows = table(run("strategies", "--concern", "wetting", "--kind", "action", "--csv"))
        assert rows and all("wetting" in r["mends"] and r["kind"] == "action" for r in rows)
        rows = table(run("strategies", "--family", "wettability", "--csv"))
        assert {r["family"] for r in rows} == {"wettability"}

    def test_only_those_that_apply(self, run):
        cell = anolyte.Cell(anolyte.Interface("Li6PS5Cl", "Si"))
        rows = table(run("strategies", "--electrolyte", "Li6PS5Cl", "--anode", "Si", "--csv"))
        assert {r["name"] for r in rows} == {s.name for s in strategies() if s.applies(cell)}
        assert "mgf2_film" not in {r["name"] for r in rows}
        alone = table(run("strategies", "--electrolyte", "LLZTO", "--csv"))
        assert "mgf2_film" in {r["name"] for r in alone}

    def test_counts_what_was_measured(self, run):
        row = next(r for r in table(run("strategies", "--csv")) if r["name"] == "mgf2_film")
        own = [r for r in query(strategy="mgf2_film").records if r.counts]
        assert int(row["records"]) == len(own)
        assert int(row["papers"]) == len({r.source.key for r in own})

    def test_listing_tells_what_is_set_and_what_is_assumed(self, run):
        out = run("strategies", "--concern", "wetting", "--electrolyte", "LLZTO", "--anode", "Li")
        assert "layer MgF2 20 nm*" in out and "* assumed" in out
        assert "apply to LLZTO | Li" in out

    def test_one_whole(self, run):
        out = run("strategies", "mgf2_film")
        for part in ("How it works", "Where", "What it sets", "assumed, not measured", "Measured",
                     "1190 → 6 Ω cm²", "jia2024", "Adv. Funct. Mater."):  # fmt: skip
            assert part in out

    def test_contraindications_say_when_and_why(self, run):
        chosen = next(s for s in strategies() if s.contraindications)
        out = " ".join(run("strategies", chosen.name).split())
        assert "Not to be used where" in out and chosen.contraindications[0].because in out

    def test_json(self, run):
        data = json.loads(run("strategies", "mgf2_film", "--json"))["strategies"]
        assert len(data) == 1 and data[0]["sets"][0]["what"] == "layer"
        assert "llzto_mgf2_rint" in data[0]["measured"]["ids"]

    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (("mgf2",), "mgf2_film"),
            (("mgf2_film", "--kind", "action"), "one strategy"),
            (("--concern", "weting"), "wetting"),
            (("--family", "wetability"), "wettability"),
            (("--kind", "deed"), "action"),
            (("--electrolyte", "LLZT0"), "LLZTO"),
            (("--anode", "Xq"), "unknown anode"),
        ],
    )
    def test_bad_input_is_one_line_with_a_hint(self, refused, arguments, hint):
        assert hint in refused("strategies", *arguments)


class TestCompare:
    def test_electrolytes(self, run):
        out = run("compare", "electrolytes")
        for name in ("oxide", "sulfide", "halide", "polymer", "composite"):
            assert re.search(rf"^{name}$", out, re.MULTILINE)
        assert "1e-04 to 1e-03" in out and "V vs Li/Li⁺" in out and "passivated" in out

    def test_silicon_retentions(self, run):
        out = run("compare", "silicon")
        assert all(text in out for text in ("59.1%", "43.9%", "47.1%", "2305 in cycle 1"))
        rows = table(run("compare", "silicon", "--csv"))
        kept = {r["retention [%]"] for r in rows if r["retention computed"] == "yes"}
        assert {59.1, 43.9, 47.1} <= {round(float(k), 1) for k in kept}

    def test_json_reads_back(self, run):
        from anolyte.studies.files import from_dict

        data = json.loads(run("compare", "silicon", "--json"))
        assert from_dict(data) == anolyte.compare_silicon()

    def test_plot_is_one_page(self, run, tmp_path):
        for what in ("electrolytes", "silicon"):
            path = tmp_path / f"{what}.html"
            assert str(path.name) in run("compare", what, "--plot", path).replace("\n", "")
            page = path.read_text(encoding="utf-8")
            assert page.startswith("<!DOCTYPE html>") and "Plotly.newPlot" in page
            assert not re.findall(r'<script[^>]* src="', page)

    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (("electrolyte",), "electrolytes"),
            (("silicon", "--plot", "x.gif"), ".html"),
            (("silicon", "--plot", "/no/such/folder/x.html"), "cannot be written"),
            ((), "Missing argument"),
        ],
    )
    def test_bad_input_is_one_line_with_a_hint(self, refused, arguments, hint):
        assert hint in refused("compare", *arguments)


def test_safe_csv():
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", "a=b", ""]
    rows = table(safe_csv([{"text": t, "number": -1.5, "none": None} for t in texts]))
    assert [r["text"] for r in rows[:6]] == ["'" + t for t in texts[:6]]
    assert [r["text"] for r in rows[6:]] == texts[6:]
    assert {r["number"] for r in rows} == {"-1.5"} and {r["none"] for r in rows} == {""}


def test_numbers_are_shown_as_people_write_them():
    from anolyte.faces.evidence import amount

    for number, text in (
        (Number(0.119, "area_resistance"), "1190 Ω cm²"),
        (Number(2e-8, "length"), "20 nm"),
        (Number(200.0, "time"), "200 s"),
        (Number(5e-7, "electronic_conductivity"), "5e-09 S cm⁻¹"),
        (Number(0.9, "fraction"), "90%"),
        (Number(298.15, "temperature"), "25 °C"),
    ):
        assert amount(number.si, number.kind) == text


def test_figures_name_their_units():
    figure = anolyte.figure(query(quantity="interfacial_resistance"))
    assert figure.layout.xaxis.title.text == "interfacial resistance (Ω cm²)"
    assert figure.layout.xaxis.type == "log"
    drawn = sum(len(t.x) for t in figure.data if t.mode == "markers")
    assert drawn == len(query(quantity="interfacial_resistance").records)
    arrows = [t for t in figure.data if t.mode == "lines+markers"]
    assert any(list(a.x) == pytest.approx([1190, 6]) for a in arrows)
    assert "no record" in anolyte.figure(EvidenceResult(())).layout.annotations[0].text
    assert "S cm⁻¹" in anolyte.figure(anolyte.compare_electrolytes()).layout.xaxis.title.text
    assert "mA h g⁻¹" in anolyte.figure(anolyte.compare_silicon()).layout.yaxis.title.text


def test_doctor_lists_a_pack_that_does_not_load(run, monkeypatch):
    from importlib.metadata import EntryPoint

    from anolyte.materials import evidence

    broken = EntryPoint("lab", "no_such_module:path", "anolyte.evidence")
    monkeypatch.setattr(evidence, "entry_points", lambda group: [broken])
    found = json.loads(run("doctor", "--json"))
    assert any("no_such_module" in text for text in found["broken_plug_ins"])
    assert found["data"]["measurements"] == len(anolyte.query().records)


def test_validate_hands_its_options_on(run, monkeypatch):
    from anolyte.faces import scorecard

    asked = []
    monkeypatch.setattr(scorecard, "main", lambda **options: asked.append(options))
    run("validate", "--json")
    run("validate", "--markdown")
    run("validate", "--file", "mine.csv")
    assert asked == [
        {"json": True, "markdown": False, "files": (), "plot": None},
        {"json": False, "markdown": True, "files": (), "plot": None},
        {"json": False, "markdown": False, "files": (Path("mine.csv"),), "plot": None},
    ]
