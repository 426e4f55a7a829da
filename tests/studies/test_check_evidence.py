"""`anolyte check-data` on measurements, strategies, claims and the bibliography.

Every rule has a bad row or file that breaks it alone: the problem is told once, with its line.
"""

import csv
import dataclasses
import io
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anolyte.core.provenance import KNOWN
from anolyte.core.units import KINDS, habitual
from anolyte.faces.cli import main
from anolyte.materials import references
from anolyte.materials.evidence import COLUMNS, FILE, parse, read
from anolyte.materials.evidence import rows as rows_of
from anolyte.materials.library import DATA
from anolyte.materials.records import QUANTITIES, Record
from anolyte.studies import check as checks
from anolyte.studies.check import evidence as check_evidence
from anolyte.studies.check import strategies as check_strategies
from anolyte.studies.check.report import Report

KEYS = frozenset({"jia2024", "yang2023"})
GOOD = {
    "id": "mine_rint", "electrolyte": "LLZTO", "anode": "Li", "layers": "MgF2:20 nm; LiF",
    "quantity": "interfacial_resistance", "before": "1190", "value": "6", "unit": "ohm*cm^2",
    "as_printed": "6 Ω cm²", "temperature": "25 C", "current_density": "0.2 mA/cm^2",
    "protocol": "symmetric cell", "source": "jia2024", "where": "abstract", "known": "read",
}  # fmt: skip


def table(*rows: dict[str, str], columns=COLUMNS) -> str:
    """Rows as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def told(folder: Path, text: str) -> Report:
    """What the check says of an evidence.csv in a user's folder."""
    (folder / "evidence.csv").write_text(text, encoding="utf-8")
    found = Report()
    check_evidence.check(folder, KEYS, found)
    return found


def test_good_rows_have_no_problem_and_are_counted(tmp_path: Path) -> None:
    other = GOOD | {"id": "other", "value": "7", "known": "recalled"}
    found = told(tmp_path, table(GOOD, other))
    assert found.problems == []
    assert found.counts["evidence.csv"] == {"read": 1, "recalled": 1}


CCD = {"quantity": "critical_current_density", "unit": "mA/cm^2", "as_printed": ""}
BAD = [
    ({"id": ""}, "id", "is empty"),
    ({"value": ""}, "value", "what was measured?"),
    ({"unit": ""}, "unit", "without a unit is refused"),
    ({"source": ""}, "source", "without a source does not count"),
    ({"known": ""}, "known", "say how it is known"),
    ({"known": "guessed"}, "known", "none of read, second_hand, recalled"),
    ({"bound": "about"}, "bound", "is none of exact"),
    ({"method": "guess"}, "method", "is none of experiment"),
    ({"role": "fit"}, "role", "is none of calibration"),
    ({"known": "recalled", "role": "calibration"}, "role", "must not calibrate"),
    ({"quantity": "interfacial_resistence"}, "quantity", "did you mean interfacial_resistance"),
    ({"value": "six"}, "value", "no number"),
    ({"value": "nan"}, "unit", "no number"),
    ({"value": "-6"}, "unit", "not negative"),
    ({"before": "many"}, "before", "no number"),
    ({"unit": "furlong"}, "unit", "expected a unit like ohm"),
    ({"unit": "ohm"}, "unit", "expected a unit like ohm"),
    ({"temperature": "25 MPa"}, "temperature", "temperature"),
    ({"stack_pressure": "5 C"}, "stack_pressure", "pressure"),
    ({"duration": "5 nm"}, "duration", "time"),
    ({"cycle": "third"}, "cycle", "no whole number"),
    ({"current_density": "0.2 mAh/cm^2"}, "current_density", "did you mean 0.2 mA/cm2?"),
    (CCD | {"protocol": ""}, "protocol", "means little without it"),
    ({"electrolyte": "LLZTP"}, "electrolyte", "did you mean"),
    ({"electrolyte": "class:stone"}, "electrolyte", "no such class; known: oxide"),
    ({"anode": "Lithum metal"}, "anode", "unknown anode"),
    ({"anode": "class:oxide"}, "anode", "no such class; known: metal"),
    ({"layers": "LiF; Unobtainium:5 nm"}, "layers", "Unobtainium"),
    ({"layers": "LiF:5 MPa"}, "layers", "length"),
    ({"strategy": "mgf2_flim"}, "strategy", "did you mean mgf2_film?"),
    ({"source": "jia2042"}, "source", "did you mean jia2024?"),
    ({"source": "doi:11/x"}, "source", "no bibliography entry"),
    ({"source": "own:"}, "source", "no bibliography entry"),
]


@pytest.mark.parametrize(("change", "column", "says"), BAD)
def test_a_bad_row_is_told_with_its_line_and_column(tmp_path, change, column, says) -> None:
    other = GOOD | {"id": "fine", "value": "8"}
    (problem,) = told(tmp_path, table(other, GOOD | change)).problems
    assert (problem.file, problem.line, problem.field) == ("evidence.csv", 3, column)
    assert says in problem.message
    assert "\n" not in str(problem) and str(problem).startswith(f"evidence.csv:3: {column}: ")


def test_several_problems_of_a_row_are_all_told(tmp_path: Path) -> None:
    bad = GOOD | {"unit": "", "anode": "Lithum metal", "strategy": "nothing_like_it"}
    fields = {p.field for p in told(tmp_path, table(bad)).problems}
    assert fields == {"unit", "anode", "strategy"}


@pytest.mark.parametrize("unit", ["ohm/cm^2", "ohm cm-2", "Ω cm⁻²", "Ω·cm⁻²", "Ω/cm2"])
def test_a_resistance_per_area_is_flagged_and_never_converted(tmp_path, unit: str) -> None:
    (problem,) = told(tmp_path, table(GOOD | {"unit": unit, "before": ""})).problems
    assert problem.field == "unit" and "did you mean 6 ohm cm2?" in problem.message


@pytest.mark.parametrize("unit", ["mAh/cm^2", "mA h cm-2", "mA h cm⁻²", "mA·h·cm⁻²"])
def test_a_current_density_in_ampere_hours_is_flagged_and_never_converted(tmp_path, unit) -> None:
    (problem,) = told(tmp_path, table(GOOD | CCD | {"unit": unit, "before": ""})).problems
    assert problem.field == "unit" and "did you mean 6 mA/cm2?" in problem.message


PER_AREA = ("Ω cm⁻²", "Ω cm-2", "ohm cm^-2", "kΩ cm–2", "Ohm cm^{-2}", "Ω·cm⁻²", "Ω/cm2",
            "Ω / cm²", "\u2126 cm−2")  # fmt: skip
IN_HOURS = ("mAh cm-2", "mA h cm⁻²", "mAh/cm2", "mA h/cm²", "mA·h·cm⁻²", "mAh·cm⁻²")


@pytest.mark.parametrize(
    ("change", "printed"),
    [
        *(({}, f"6 {unit}") for unit in PER_AREA),
        *((CCD, f"6 {unit}") for unit in IN_HOURS),
    ],
)
def test_a_wrong_print_needs_a_doubt(tmp_path: Path, change, printed: str) -> None:
    row = GOOD | change | {"as_printed": printed}
    (problem,) = told(tmp_path, table(row)).problems
    assert problem.field == "as_printed" and "'doubt'" in problem.message
    assert told(tmp_path, table(row | {"doubt": "printed so; read as it must be"})).problems == []


@pytest.mark.parametrize(
    ("change", "printed"),
    [({}, "6 Ω cm²"), ({}, "6 Ω·cm^2"), ({}, "6 ohm cm"), (CCD, "6 mA cm⁻²"), (CCD, "6 mA/cm2")],
)
def test_a_right_print_needs_none(tmp_path: Path, change, printed: str) -> None:
    assert told(tmp_path, table(GOOD | change | {"as_printed": printed})).problems == []


def test_ids_and_measurements_stand_once(tmp_path: Path) -> None:
    (same_id,) = told(tmp_path, table(GOOD, GOOD | {"value": "7"})).problems
    assert (same_id.line, same_id.field) == (3, "id") and "line 2 already" in same_id.message
    # Six ohm in another spelling, in a row that differs in nothing that makes a measurement.
    twin = GOOD | {"id": "twin", "value": "0.006", "before": "1.19", "unit": "kohm*cm^2",
                   "note": "again"}  # fmt: skip
    (again,) = told(tmp_path, table(GOOD, twin)).problems
    assert (again.line, again.field) == (3, "value") and "line 2 (mine_rint)" in again.message


@pytest.mark.parametrize(
    "change",
    [{"temperature": "60 C"}, {"cycle": "2"}, {"current_density": "0.5 mA/cm^2"}, {"anode": "Si"},
     {"layers": ""}, {"source": "yang2023"}, {"value": "7"}, {"strategy": "mgf2_film"}],
)  # fmt: skip
def test_another_condition_is_another_measurement(tmp_path: Path, change) -> None:
    assert told(tmp_path, table(GOOD, GOOD | {"id": "other"} | change)).problems == []


@pytest.mark.parametrize("source", ["doi:10.1021/acs.nanolett.4c00001", "own:notebook 7, page 3"])
def test_a_users_own_source_is_accepted_from_a_user_only(tmp_path, monkeypatch, source) -> None:
    text = table(GOOD | {"source": source})
    assert told(tmp_path, text).problems == []
    monkeypatch.setattr(check_evidence, "DATA", tmp_path)  # as if the folder were the package's
    (problem,) = told(tmp_path, text).problems
    assert problem.field == "source" and "doi:" not in problem.message.partition(";")[2]


def test_a_users_folder_brings_its_own_materials_and_strategies(tmp_path: Path) -> None:
    row = GOOD | {"electrolyte": "My glass", "strategy": "my_way"}
    assert {p.field for p in told(tmp_path, table(row)).problems} == {"electrolyte", "strategy"}
    for name, text in (("electrolytes", "name: My glass\nclass: oxide\n"), ("strategies", "")):
        (tmp_path / name).mkdir()
        stem = "My glass" if name == "electrolytes" else "my_way"
        (tmp_path / name / f"{stem}.yaml").write_text(text)
    assert told(tmp_path, table(row)).problems == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (table(GOOD, columns=(*COLUMNS, "colour")), 1, "unknown column"),
        (table({k: v for k, v in GOOD.items() if k != "unit"},
               columns=[c for c in COLUMNS if c != "unit"]), 1, "this column is missing"),
        (table(GOOD) + "one,cell too few\n", 3, "more or fewer cells"),
        ("", 0, "the first line must name columns"),
        (table(GOOD) + '"never closed', 0, "not CSV"),
    ],
)  # fmt: skip
def test_a_broken_file_is_told(tmp_path: Path, text: str, line: int, says: str) -> None:
    found = told(tmp_path, text).problems
    assert (found[0].line, says in found[0].message) == (line, True)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "evidence.csv").write_bytes(b"\xff\xfe\x00")
    found = Report()
    check_evidence.check(tmp_path, KEYS, found)
    assert "not UTF-8" in str(found.problems[0]) and str(tmp_path) not in str(found.problems[0])


def test_the_command_checks_a_users_folder(tmp_path: Path, capsys) -> None:
    (tmp_path / "evidence.csv").write_text(table(GOOD), encoding="utf-8")
    assert checks.check(tmp_path).problems == []  # a folder of measurements alone is no mistake
    (tmp_path / "evidence.csv").write_text(table(GOOD | {"unit": "ohm/cm^2"}), encoding="utf-8")
    assert main(["check-data", "--materials", str(tmp_path)]) == 2
    assert "evidence.csv:2: unit: " in capsys.readouterr().out


def test_the_package_counts_each_row_once() -> None:
    report = checks.check()
    count = report.counts["evidence.csv"]
    assert sum(count.values()) == sum(1 for _ in rows_of(FILE)) and set(count) <= set(KNOWN)
    assert report.counts["strategies"]["read"] + report.counts["strategies"]["recalled"] > 0


# --- whatever is in the cells -----------------------------------------------------------------

PACKAGE = [cells for _, cells in rows_of(FILE) if cells]
UNITS = sorted({spelling for k in KINDS.values() for spelling in (k.si, k.habitual, k.label)})
WORDS = st.one_of(
    st.sampled_from(["", " ", *UNITS, *QUANTITIES]),
    st.sampled_from(UNITS).map("5 {}".format),
    st.text(max_size=20),
    st.text(alphabet=string.digits + ".eE+-% ^*/()ΩµcmAhSVPaC-rate", max_size=15),
)  # fmt: skip


@st.composite
def mutants(draw) -> dict[str, str]:
    """A row of the package with cells swapped, emptied, or with other text in them."""
    row = dict(draw(st.sampled_from(PACKAGE)))
    for _ in range(draw(st.integers(1, 4))):
        one, two = draw(st.sampled_from(COLUMNS)), draw(st.sampled_from(COLUMNS))
        if draw(st.booleans()):
            row[one], row[two] = row[two], row[one]
        else:
            row[one] = draw(WORDS)
    return row


ODD = [
    "1.2.3 C-rate", ". C-rate", "٣ C-rate", "²", "٣", "\u200b", "\0", "1 degF", "5 dB", "5 pH",
    "1 mA**1e9", "1 kg^1.5e308", "1 degC*degC", "1 [x]", "9" * 400, "1e999", "-0", "nan", "inf",
    "0.1 - 0.5 mA/cm^2", "class:", "own:", "; ;", "LiF:", "a\nb", "=1+1", "5 MPa; 6 MPa",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_text_in_any_cell_is_refused_in_words_or_taken(tmp_path: Path, text: str) -> None:
    start = GOOD | {"cycle": "3", "stack_pressure": "5 MPa", "duration": "3 h", "sigma": "1"}
    for column in COLUMNS:
        row = start | {column: text}
        record, problems = parse(row, 2)
        assert (record is None) == bool(problems), column
        told(tmp_path, table(row))


FUZZ = max(300, settings.default.max_examples if settings.default else 0)


@settings(max_examples=FUZZ)
@given(mutants())
def test_no_mutant_breaks_the_parser_or_passes_without_unit_or_source(row) -> None:
    record, problems = parse(row, 7, "mutant.csv")
    assert (record is None) == bool(problems)
    assert all(p.line == 7 and p.column and "\n" not in p.message for p in problems)
    if record is not None:
        assert row["unit"].strip() and row["source"].strip() and row["id"].strip()
        assert record.source.known in KNOWN and record.value.kind == record.about.kind
        assert all(row[c].strip() for c in record.about.needs)
        assert not (record.role == "calibration" and record.source.known == "recalled")


@settings(max_examples=60)
@given(st.lists(mutants(), min_size=1, max_size=5))
def test_no_mutant_breaks_the_check(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("mutants")
    lines = set(range(len(table(*rows).splitlines()) + 100))
    for problem in told(folder, table(*rows)).problems:
        assert problem.line in lines and problem.message and "\n" not in str(problem)


def row_of(record: Record) -> dict[str, str]:
    """A record as the row that gives it again."""

    def text(number, unit: bool = True) -> str:
        if number is None:
            return ""
        shown = repr(habitual(number.si, number.kind))
        return f"{shown} {KINDS[number.kind].habitual}" if unit else shown

    plain = ("id", "electrolyte", "anode", "strategy", "quantity", "bound", "as_printed",
             "protocol", "method", "role", "doubt", "note")  # fmt: skip
    numbers = ("temperature", "stack_pressure", "fabrication_pressure", "areal_capacity",
               "duration")  # fmt: skip
    sigma = record.value.sigma
    factor = KINDS[record.value.kind].factor
    return {
        **{name: getattr(record, name) for name in plain},
        **{name: text(getattr(record, name)) for name in numbers},
        "layers": "; ".join(record.layers), "before": text(record.before, unit=False),
        "value": text(record.value, unit=False), "unit": KINDS[record.value.kind].habitual,
        "sigma": "" if sigma is None else repr(sigma / factor),
        "current_density": record.current_text,
        "cycle": "" if record.cycle is None else str(record.cycle),
        "source": record.source.key, "where": record.source.where, "known": record.source.known,
    }  # fmt: skip


@given(st.sampled_from(read(FILE)), st.floats(1e-6, 1e6), st.sampled_from(["", "0.5"]))
def test_a_record_survives_as_a_row(record: Record, value: float, sigma: str) -> None:
    start, problems = parse(row_of(record) | {"value": repr(value), "sigma": sigma}, 3, "a.csv")
    assert start is not None, problems
    again, _ = parse(row_of(start), 3, "a.csv")
    assert again is not None
    for f in dataclasses.fields(Record):
        one, two = getattr(start, f.name), getattr(again, f.name)
        if hasattr(one, "si"):
            assert two.kind == one.kind and two.si == pytest.approx(one.si, rel=1e-12)
            assert (two.sigma or 0.0) == pytest.approx(one.sigma or 0.0, rel=1e-12)
        else:
            assert two == one


# --- claims and systems -----------------------------------------------------------------------

CLAIM = {
    "id": "c_one", "claim": "It holds.", "section": "1", "sources": "jia2024;yang2023",
    "kind": "kinetic", "test": "a sign", "systems": "S1;S2", "evidence": "mine_rint",
}  # fmt: skip
SYSTEM = {"id": "S1", "title": "One", "tier": "A", "question": "Which?", "evidence": "mine_rint"}


def tables(folder: Path, claim=None, system=None) -> list[str]:
    """What the checks of claims and systems say of one of each."""
    (folder / "evidence.csv").write_text(table(GOOD), encoding="utf-8")
    systems = [SYSTEM | (system or {}), SYSTEM | {"id": "S2"}]
    for name, rows, columns in (
        ("claims.csv", [CLAIM | (claim or {})], check_evidence.CLAIMS),
        ("systems.csv", systems, check_evidence.SYSTEMS),
    ):
        (folder / name).write_text(table(*rows, columns=columns), encoding="utf-8")
    found = Report()
    check_evidence.claims(folder, KEYS, found)
    check_evidence.systems(folder, KEYS, found)
    return [str(p) for p in found.problems]


@pytest.mark.parametrize(
    ("claim", "system", "says"),
    [
        ({"sources": "jia2024;jia2042"}, {}, "claims.csv:2: sources: no bibliography entry for"),
        ({"systems": "S1;S99"}, {}, "claims.csv:2: systems: systems.csv has no 'S99'"),
        ({"evidence": "mine_rit"}, {}, "claims.csv:2: evidence: evidence.csv has no row"),
        ({"claim": " "}, {}, "claims.csv:2: claim: is empty"),
        ({"id": ""}, {}, "claims.csv:2: id: is empty"),
        ({}, {"evidence": "none;mine_rint"}, "systems.csv:2: evidence: evidence.csv has no row"),
        ({}, {"tier": "D"}, "systems.csv:2: tier: 'D' is none of A, B, C"),
        ({}, {"title": ""}, "systems.csv:2: title: is empty"),
    ],
)  # fmt: skip
def test_claims_and_systems_name_what_exists(tmp_path: Path, claim, system, says) -> None:
    assert tables(tmp_path) == []
    (problem,) = tables(tmp_path, claim, system)
    assert problem.startswith(says)


def test_an_id_that_stands_twice_and_a_wrong_header(tmp_path: Path) -> None:
    tables(tmp_path)
    (tmp_path / "claims.csv").write_text(
        table(CLAIM, CLAIM, columns=check_evidence.CLAIMS) + "x,y\n"
    )
    (tmp_path / "systems.csv").write_text("id,name\nS1,One\n")
    found = Report()
    check_evidence.claims(tmp_path, KEYS, found)
    check_evidence.systems(tmp_path, KEYS, found)
    said = [str(p) for p in found.problems]
    assert "claims.csv:3: id: stands on line 2 already" in said
    assert "claims.csv:4: has more or fewer cells than the first line" in said
    columns = ",".join(check_evidence.SYSTEMS)
    assert said[-1] == f"systems.csv:1: the first line must read {columns}"
    (tmp_path / "systems.csv").unlink()
    check_evidence.systems(tmp_path, KEYS, found)
    assert str(found.problems[-1]).startswith("systems.csv: cannot be read")


# --- the bibliography -------------------------------------------------------------------------

BIB = """@article{one2020, author = {One, A.}, title = {A long title of a paper on an interface},
  journal = {Advanced Energy Materials}, volume = {10}, pages = {1--9}, year = {2020},
  doi = {10.1000/ABC}}
"""
OTHER = {"title": "An altogether different paper on something else", "journal": "Joule",
         "volume": "3", "pages": "7", "year": "2019", "doi": "10.1000/xyz"}  # fmt: skip


def twins(tmp_path: Path, monkeypatch, **changes: str) -> list[str]:
    """What is said of a second entry beside `one2020`."""
    body = ", ".join(f"{k} = {{{v}}}" for k, v in (OTHER | changes).items() if v)
    (tmp_path / "a.bib").write_text(BIB + f"\n@article{{two2020, {body}}}\n", encoding="utf-8")
    monkeypatch.setattr(references, "BIB", tmp_path)
    references.all_references.cache_clear()
    found = Report()
    try:
        checks.bibliography(found)
    finally:
        references.all_references.cache_clear()
    return [str(p) for p in found.problems]


@pytest.mark.parametrize(
    "changes",
    [
        {"doi": "https://doi.org/10.1000/abc"},
        {"doi": "doi:10.1000/abc"},
        {"journal": "Adv. Energy Mater.", "volume": "10", "pages": "1", "doi": ""},
        {"journal": "ADVANCED ENERGY MATERIALS", "volume": "10", "pages": "1–12"},
        {"title": "A long title of a paper on an Interface", "year": "2020", "doi": ""},
    ],
)
def test_a_paper_with_two_keys_is_told_with_both(tmp_path, monkeypatch, changes) -> None:
    (problem,) = twins(tmp_path, monkeypatch, **changes)
    assert problem.startswith("a.bib:5: two2020: is the same paper as 'one2020'")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"journal": "Adv. Mater.", "volume": "10", "pages": "1"},
        {"journal": "Adv. Energy Mater.", "volume": "11", "pages": "1"},
        {"journal": "Adv. Energy Mater.", "volume": "10", "pages": "19"},
        {"title": "A long title of a paper on an interface", "year": "2021"},
        {"journal": "", "volume": "", "pages": "", "doi": ""},
    ],
)
def test_two_papers_keep_their_keys(tmp_path: Path, monkeypatch, changes) -> None:
    assert twins(tmp_path, monkeypatch, **changes) == []


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("J. Am. Chem. Soc.", "Journal of the American Chemical Society", True),
        ("Angew. Chem. Int. Ed.", "Angewandte Chemie (International Edition)", False),
        ("Angew. Chem. Int. Ed.", "Angewandte Chemie International Edition", True),
        ("Nat. Commun.", "Nature Communications", True),
        ("Natl. Sci. Rev.", "National Science Review", True),
        ("ACS Appl. Mater. Interfaces", "ACS Applied Materials & Interfaces", True),
        ("Joule", "Journal of Power Sources", False),
        ("Nature Energy", "Nature Materials", False),
    ],
)
def test_journals_by_their_abbreviations(one: str, two: str, same: bool) -> None:
    assert checks.same_journal(one, two) is checks.same_journal(two, one) is same


# --- strategies -------------------------------------------------------------------------------

WAY = """\
name: my_way
title: A film
family: wettability
mechanism: It wets.
mechanism_basis: paper
applies_to:
  electrolytes: ['contains:La+Zr', LLZTO, 'class:sulfide']
  anodes: [plated]
mends: [wetting]
process: dry
worsens:
  - {concern: transport, because: it is thick, source: jia2024, known: read}
sets:
  - {what: layer, value: 'MgF2:20 nm', source: jia2024, known: recalled}
  - {what: surface.roughness, value: 5 nm, source: jia2024, known: read}
  - {what: surface.cleaned, value: true, source: jia2024, known: read}
  - {what: electrolyte.youngs_modulus, value: 5 GPa, source: jia2024, known: read}
contraindications:
  - when: {temperature_above: 60 C, anodes: Si}
    because: it melts
    source: yang2023
    known: second_hand
references: [jia2024]
"""


def way(folder: Path, text: str, name: str = "my_way") -> Report:
    """What the check says of a strategy in a user's folder."""
    (folder / "strategies").mkdir(exist_ok=True)
    (folder / "strategies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = Report()
    check_strategies.check(folder, KEYS, found)
    return found


def test_a_good_strategy_has_no_problem_and_its_numbers_are_counted(tmp_path: Path) -> None:
    found = way(tmp_path, WAY)
    assert found.problems == []
    assert found.counts["strategies"] == {"recalled": 1, "read": 3}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("name: my_way", "name: your_way", 1, "is not the file's name; write my_way"),
        ("title: A film\n", "", 0, "title: is missing"),
        ("family: wettability", "family: magic", 3, "is not one of"),
        ("basis: paper", "basis: rumour", 5, "'rumour' is none of 'review', 'paper'"),
        ("process: dry", "proces: dry", 10, "unknown field; did you mean process"),
        ("mends: [wetting]", "mends: [weting]", 9, "'weting' is none of"),
        ("mends: [wetting]", "mends: [", 11, "not YAML"),
        ("La+Zr", "La+Xx", 7, "no element Xx"),
        ("class:sulfide", "class:stone", 7, "no such class; known: oxide"),
        ("LLZTO,", "LLZTP,", 7, "did you mean"),
        ("LLZTO,", "PEO-LATP,", 7, "a file's name; write 'PEO/LATP'"),
        ("LLZTO,", "plated,", 7, "'plated' speaks of anodes"),
        ("[plated]", "[Unobtainium]", 8, "unknown anode"),
        ("thick, source: jia2024", "thick, source: jia2042", 12, "did you mean jia2024?"),
        ("thick, source: jia2024", "thick", 12, "without a source does not count"),
        ("MgF2:20 nm", "Unobtainium:20 nm", 14, "unknown interlayer"),
        ("MgF2:20 nm", "MgF2:20 MPa", 14, "length"),
        ("known: recalled", "known: guessed", 14, "'guessed' is none of"),
        ("roughness, value: 5 nm", "roughnes, value: 5 nm", 15, "is no field"),
        ("roughness, value: 5 nm", "roughness, value: 5 MPa", 15, "length"),
        ("roughness, value: 5 nm", "roughness, value: 5.0", 15, "with its unit"),
        ("surface.roughness", "surfaces.roughness", 15, "no part of an interface"),
        ("value: true", "value: 'no'", 16, "neither true nor false"),
        ("youngs_modulus, value: 5 GPa", "youngs_modulus, value: 5 nm", 17, "modulus"),
        ("youngs_modulus", "young_modulus", 17, "did you mean youngs_modulus"),
        ("value: 5 GPa", "times: 2, value: 5 GPa", 17, "give either"),
        ("60 C", "60 MPa", 18, "temperature"),
        ("anodes: Si}", "anodes: Sj}", 19, "unknown anode"),
        ("yang2023", "yang2032", 21, "did you mean yang2023?"),
        ("references: [jia2024]", "references: [jia2042]", 23, "no bibliography entry"),
        ("title: A film", "title: A film\nkind: observational", 0, "leave 'sets:' out"),
    ],
)  # fmt: skip
def test_a_bad_strategy_is_told_with_its_line(tmp_path: Path, old, new, line, says) -> None:
    assert old in WAY
    (problem,) = way(tmp_path, WAY.replace(old, new)).problems
    assert says in str(problem) and "\n" not in str(problem)
    assert problem.file == "strategies/my_way.yaml"
    if not (says == "temperature" and problem.line == 19):  # the bound itself, or its section
        assert problem.line == line


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("electrolytes: ['class:nitride']", "is meant for no electrolyte and anode"),
        ("electrolytes: [Li10SrP2S13]", None),  # a formula beyond the library is a cell too
    ],
)
def test_an_action_is_meant_for_some_cell(tmp_path: Path, change: str, says: str | None) -> None:
    text = WAY.replace("electrolytes: ['contains:La+Zr', LLZTO, 'class:sulfide']", change)
    problems = [str(p) for p in way(tmp_path, text).problems]
    assert problems == [] if says is None else says in problems[0]


def test_an_action_that_changes_nothing_is_told(tmp_path: Path) -> None:
    start = WAY.index("  - {what: layer")
    rest = WAY[WAY.index("contraindications") :]
    same = "  - {what: anode, value: Li, source: jia2024, known: read}\n"
    text = WAY[:start].replace("anodes: [plated]", "anodes: [Li]") + same + rest
    (problem,) = way(tmp_path, text).problems
    assert "changes no cell" in problem.message and problem.line == 13
    factor = "  - {what: electrolyte.hardness, times: 2, source: jia2024, known: read}\n"
    text = (WAY[:start] + factor + rest).replace("'contains:La+Zr', LLZTO, 'class:sulfide'",
                                                 "Li10SrP2S13")  # fmt: skip
    (problem,) = way(tmp_path, text).problems
    assert "can be applied to no cell" in problem.message and "hardness" in problem.message


def test_what_is_no_strategy_at_all(tmp_path: Path) -> None:
    (problem,) = way(tmp_path, "- one\n- two\n").problems
    assert "expected fields" in problem.message


def test_broken_materials_do_not_hide_the_strategies(tmp_path: Path) -> None:
    (tmp_path / "electrolytes").mkdir()
    (tmp_path / "electrolytes" / "Bad.yaml").write_text("name: [")
    (problem,) = way(tmp_path, WAY.replace("jia2024, known: recalled", "x, known: read")).problems
    assert "no bibliography entry for 'x'" in problem.message


def test_the_packages_strategies_follow_their_schema() -> None:
    found = Report()
    keys = frozenset(references.all_references())
    check_strategies.check(DATA, keys, found)
    assert not [str(p) for p in found.problems if "schema" in p.message or "YAML" in p.message]
