"""The HTTP interface: the same answers as Python's, in one line where they cannot be given."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

import anolyte


def get(server, path, **query):
    text = urllib.parse.urlencode(query, doseq=True)
    with urllib.request.urlopen(f"{server.address.rstrip('/')}{path}?{text}", timeout=60) as found:
        data = found.read().decode()
        return json.loads(data) if "json" in found.headers["content-type"] else data


def refused(server, path, **query):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(server, path, **query)
    return caught.value.code, json.loads(caught.value.read())["error"]


CELL = {"electrolyte": "Li6PS5Cl", "anode": "Li", "layer": ["LiF:50 nm"], "pressure": "3 MPa"}


def test_an_interface_is_told_as_python_tells_it(server):
    found = get(server, "/api/interface", **CELL)
    cell = anolyte.Interface("Li6PS5Cl", "Li", layers=["LiF:50 nm"])
    python = anolyte.assess(cell, anolyte.Conditions(stack_pressure="3 MPa"))
    assert found["verdict"] == python.verdict and found["remedies"] == []
    heads = [(f["concern"], f["level"]) for f in found["findings"] if not f["more"]]
    assert heads == [(str(f.concern), str(f.level)) for f in python.headlines]
    whole = get(server, "/api/interface", **CELL, remedies=True)
    assert [r["title"] for r in whole["remedies"]] == [
        r.title for r in python.remedies if not r.against
    ]
    kept = get(server, "/api/interface/result.json", **CELL)
    assert kept["verdict"] == python.verdict and "provenance" in kept


def test_figures_are_those_of_the_report(server):
    found = get(server, "/api/interface/figures", **CELL)
    assert {"driving_force", "ladder", "reactions", "products"} <= set(found)
    assert found["driving_force"]["layout"]["xaxis"]["title"]["text"].endswith("(V vs Li/Li⁺)")


@pytest.mark.parametrize(
    ("anode", "program", "said"),
    [("Li", "ramp", "Critical current density"), ("Li", "cycles", "3 cycles"),
     ("Si", "usual", "carried through")],
)  # fmt: skip
def test_the_cell_under_current(server, anode, program, said):
    query = {"electrolyte": "Li6PS5Cl", "anode": anode, "program": program}
    found = get(server, "/api/interface/run", **query)
    assert said in found["headline"] and found["rows"] and found["figure"]["data"]


def test_tables_are_safe_for_spreadsheets(server):
    rows = list(csv.reader(io.StringIO(get(server, "/api/evidence.csv", electrolyte="LLZTO"))))
    assert len(rows) > 20
    assert not [c for row in rows for c in row if c.startswith(("=", "@", "\t"))]
    text = get(server, "/api/interface/findings.csv", **CELL)
    assert text.splitlines()[0].startswith("concern,level")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"electrolyte": "Li6PS5Clo", "anode": "Li"}, "Li6PS5Cl"),
        ({"electrolyte": "LLZO", "anode": "Li", "pressure": "5 V"}, "no unit of pressure"),
        ({"electrolyte": "LLZO", "anode": "Li", "temperature": "298"}, "C or K"),
        ({"electrolyte": "cell.yaml", "anode": "Li"}, "looks like a file"),
        ({"electrolyte": "Li", "anode": "LLZO"}, "electrolyte first"),
        ({"electrolyte": "LLZO"}, "anode: Field required"),
        ({"electrolyte": "x" * 300, "anode": "Li"}, "electrolyte: String should have at most"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(server, query, said):
    code, text = refused(server, "/api/interface", **query)
    assert code in (400, 422) and said in text and "\n" not in text


def test_structures_are_written_out(server):
    pytest.importorskip("pymatgen")
    from pymatgen.core import Structure

    names = [s["name"] for s in get(server, "/api/structures", text="Li2S")]
    assert names[0] == "Li2S"
    found = get(server, "/api/structure", name="beta-Li3PS4")
    ours = Structure.from_str(found["cif"], fmt="cif")
    assert ours.composition.reduced_formula == "Li3PS4"
    rows = dict(found["rows"])
    assert ours.composition["P"] == float(rows["formula units in the cell"])
    assert ours.get_space_group_info(symprec=0.01)[1] == 62
    code, said = refused(server, "/api/structure", name="Li2SS")
    assert code == 400 and "did you mean" in said


@pytest.mark.campaign
@pytest.mark.filterwarnings("ignore")
def test_no_question_makes_a_fault(server, campaign):
    """Questions made from the description of the interface itself, right and wrong ones."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given, settings

    most = campaign.size(reduced=6, full=400)
    schema = schemathesis.openapi.from_url(f"{server.address}openapi.json")
    asked = {"questions": 0, "faults": 0}
    for operation in schema.get_all_operations():
        one = operation.ok()
        if one.path.endswith(("/events", "/result.json", "/report.html")):
            continue  # a stream, and what takes a second each

        @settings(
            max_examples=most, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        @given(case=one.as_strategy())
        def check(case) -> None:
            response = case.call(timeout=60)
            asked["questions"] += 1
            asked["faults"] += response.status_code >= 500
            assert response.status_code < 500, (case.path, response.text)

        check()
    assert asked["questions"] > 20
    campaign.record(**asked)
