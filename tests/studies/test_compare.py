"""The live comparison tables: every number comes from the library, the models or the records."""

import csv
import dataclasses
import json

import pytest

from anolyte.core.provenance import KNOWN
from anolyte.materials import references
from anolyte.materials.evidence import evidence, parse
from anolyte.materials.library import default
from anolyte.materials.schema import Electrolyte
from anolyte.models.window import window
from anolyte.studies import compare
from anolyte.studies.compare import (
    CLASSES,
    FATES,
    NOTES,
    ElectrolyteComparison,
    compare_electrolytes,
)
from anolyte.studies.files import from_dict
from anolyte.studies.silicon import compare_silicon, fade, has_silicon


@pytest.fixture(scope="module")
def classes():
    return {c.name: c for c in compare_electrolytes().classes}


def record(**cells):
    found, problems = parse(
        {"id": "x", "electrolyte": "Li6PS5Cl", "anode": "Si", "quantity": "specific_capacity",
         "unit": "mAh/g", "source": "own:lab", "known": "read", "protocol": "half cell"} | cells
    )  # fmt: skip
    assert found is not None, problems
    return found


# --- electrolytes ---------------------------------------------------------------------------------


def test_every_electrolyte_of_a_class_is_counted(classes):
    every = default().all(Electrolyte)
    for name in CLASSES:
        assert classes[name].materials == sum(m.family == name for m in every)
        assert sum(n for _, n in classes[name].fates) == classes[name].materials
        assert {fate for fate, _ in classes[name].fates} <= set(FATES)


def test_conductivities_are_measured_at_room_temperature(classes):
    for c in classes.values():
        if c.conductivity_low is None:
            assert c.measured == 0 and not c.conductors
            continue
        assert c.conductivity_low <= c.conductivity_median <= c.conductivity_high
        assert len(c.conductors) == c.measured <= c.materials
        for name, end in ((c.lowest, c.conductivity_low), (c.highest, c.conductivity_high)):
            values = default().electrolyte(name).values("ionic_conductivity")
            value = next(v for v in values if v.si == end)
            assert value.source.how == "measured" and value.source.known != "recalled"
            assert 288.15 <= value.temperature <= 303.15


def test_an_estimate_from_a_printed_range_is_no_measurement(classes):
    assert default().electrolyte("PEO").has("ionic_conductivity")
    assert "PEO" not in [m.name for m in classes["polymer"].conductors]


def test_printed_ranges_come_from_the_records():
    one = {c.name: c for c in compare_electrolytes(()).classes}
    assert not any(c.printed for c in one.values())
    changed = [
        dataclasses.replace(r, value=dataclasses.replace(r.value, si=7.0))
        for r in evidence()
        if r.id == "t1_oxide_sigma_max"
    ]
    assert next(iter(compare_electrolytes(changed).classes)).printed == (7.0,)


def test_the_review_s_ranges(classes):
    assert classes["oxide"].printed == pytest.approx((1e-2, 1e-1))  # S/m
    assert classes["sulfide"].printed == pytest.approx((1e-1, 1.0))
    assert classes["halide"].printed == pytest.approx((1e-1,))
    assert classes["polymer"].printed == pytest.approx((1e-5, 1e-3))
    assert classes["composite"].printed == ()


def test_windows_and_fates_agree_with_the_models(classes):
    sulfides = dict(classes["sulfide"].members)
    assert sulfides["Li6PS5Cl"] == "passivated" and sulfides["Li4GeS4"] == "unstable"
    assert dict(classes["oxide"].members)["LLZO"] == "stable"
    assert classes["halide"].oxidation_low > classes["sulfide"].oxidation_high
    assert classes["polymer"].windows == 0 and classes["polymer"].reduction_low is None


@pytest.mark.parametrize("name", ["oxide", "sulfide", "halide"])
def test_limits_are_those_of_the_window_model(classes, name):
    members = [m for m in default().all(Electrolyte) if m.family == name][:4]
    for m in members:
        limits = window(m.name)
        c = classes[name]
        assert c.reduction_low <= limits.reduction_limit <= c.reduction_high
        assert c.oxidation_low <= limits.oxidation_limit <= c.oxidation_high
        assert (limits.reduction_limit, limits.oxidation_limit) == compare._limits(m)


def test_every_class_has_its_notes(classes):
    for c in classes.values():
        assert all(c.said(kind) for kind in ("advantage", "disadvantage", "issue"))


def test_notes_are_sourced():
    with NOTES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    for row in rows:
        assert None not in row and all(row.values()), row
        assert row["class"] in CLASSES and row["kind"] in ("advantage", "disadvantage", "issue")
        assert row["known"] in KNOWN and row["source"] in references.all_references()


def test_electrolytes_survive_json():
    found = compare_electrolytes()
    again = from_dict(json.loads(json.dumps(found.to_dict())))
    assert isinstance(again, ElectrolyteComparison) and again == found
    assert len(found.to_frame()) == len(CLASSES)


# --- silicon --------------------------------------------------------------------------------------


def test_retentions_of_the_review_s_table_are_computed():
    kept = {s.source: s for s in compare_silicon().systems if s.computed}
    for source, first, last, cycle, printed in (
        ("han2022", 2305, 1362, 10, 59.1),
        ("gu2022", 2279, 1001, 20, 43.9),
        ("cao2024", 2412, 1136, 50, 47.1),
    ):
        s = kept[source]
        assert (s.first / 3600, s.last / 3600) == pytest.approx((first, last))
        assert (s.first_cycle, s.last_cycle) == (1, cycle)
        assert s.retention == s.last / s.first
        assert round(100 * s.retention, 1) == printed
        assert (1.0 - s.fade) ** (cycle - 1) == pytest.approx(s.retention)


def test_a_retention_follows_its_records():
    rows = [record(id="a", value="1000", cycle="1"), record(id="b", value="250", cycle="11")]
    (s,) = compare_silicon(rows).systems
    assert s.computed and s.retention == pytest.approx(0.25) and s.records == ("a", "b")


@pytest.mark.parametrize(
    "other",
    [{"source": "own:other"}, {"current_density": "200 mA/g"}, {"temperature": "60 C"},
     {"electrolyte": "LLZTO"}],
)  # fmt: skip
def test_capacities_of_different_cells_are_never_paired(other):
    rows = [
        record(id="a", value="1000", cycle="1"),
        record(id="b", value="250", cycle="11", **other),
    ]
    found = compare_silicon(rows).systems
    assert len(found) == 2 and not any(s.computed for s in found)


def test_each_later_cycle_makes_a_pair_with_the_first():
    rows = [record(id=f"c{n}", value=str(1000 - n), cycle=str(n)) for n in (50, 1, 10)]
    found = compare_silicon(rows).systems
    assert [(s.first_cycle, s.last_cycle) for s in found] == [(1, 10), (1, 50)]


def test_a_printed_retention_is_not_called_computed():
    row = record(quantity="capacity_retention", value="80", unit="%", cycle="500")
    (s,) = compare_silicon([row]).systems
    assert not s.computed and s.retention == pytest.approx(0.8) and s.last_cycle == 500


def test_conductivity_is_that_of_the_same_source():
    sigma = {"quantity": "ionic_conductivity", "unit": "S/cm", "anode": "", "protocol": ""}
    rows = [
        record(id="a", value="1000", cycle="1"),
        record(id="s", value="1e-3", source="own:other", **sigma),
    ]
    assert compare_silicon(rows).systems[0].conductivity is None
    rows.append(record(id="t", value="2e-3", temperature="25 C", **sigma))
    (s,) = compare_silicon(rows).systems
    assert s.conductivity == pytest.approx(0.2) and "t" in s.records


def test_doubts_and_printed_names_are_kept():
    found = {s.records[0]: s for s in compare_silicon().systems}
    assert any("copying error" in d for d in found["t2_si_lpscl_c1"].doubts)
    assert found["t2_si_n_mxene_c1"].anode_as_printed == "Si-N-MXene"
    assert found["t2_si_lpo_c1_05"].anode_as_printed == "Si@SiO2@LPO@C"


@pytest.mark.parametrize(
    ("anode", "yes"), [("Si", True), ("Si-C", True), ("Li15Si4", True), ("Sn", False), ("", False)]
)
def test_which_anodes_hold_silicon(anode, yes):
    assert has_silicon(record(anode=anode, value="1", cycle="1")) is yes


def test_fade_without_a_pair_of_cycles():
    assert fade(None, 1, 10) is None and fade(0.9, 10, 10) is None and fade(0.9, None, 10) is None


def test_silicon_survives_json():
    found = compare_silicon()
    assert from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert len(found.to_frame()) == len(found.systems)
