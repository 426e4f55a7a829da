"""The evidence base: rows to records, files that override, packs of third parties."""

import csv
import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from anolyte.core.errors import DataError
from anolyte.core.result import Concern
from anolyte.core.units import KINDS
from anolyte.materials import evidence as base
from anolyte.materials.evidence import COLUMNS, evidence, packs, papers, parse, read
from anolyte.materials.records import QUANTITIES, Record, flat

ROW = {
    "id": "x", "electrolyte": "LLZTO", "anode": "Li", "layers": "MgF2:20 nm; LiF",
    "strategy": "mgf2_film", "quantity": "interfacial_resistance", "before": "1190", "value": "6",
    "unit": "ohm*cm^2", "sigma": "0.5", "temperature": "25 C", "current_density": "0.2 mA/cm^2",
    "stack_pressure": "5 MPa", "fabrication_pressure": "0.37 GPa", "areal_capacity": "1 mAh/cm^2",
    "cycle": "3", "duration": "90 min", "source": "jia2024", "where": "abstract", "known": "read",
}  # fmt: skip


def record(**changes: str) -> Record:
    found, problems = parse(ROW | changes, 4, "mine.csv")
    assert found is not None, problems
    return found


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_numbers_are_si_and_texts_stand_as_written() -> None:
    r = record()
    assert r.before is not None and r.value.si == pytest.approx(6e-4)
    assert r.before.si == pytest.approx(0.119) and r.value.sigma == pytest.approx(5e-5)
    conditions = (r.temperature, r.current, r.stack_pressure, r.fabrication_pressure,
                  r.areal_capacity, r.duration)  # fmt: skip
    assert [n.si for n in conditions if n] == pytest.approx([298.15, 2.0, 5e6, 3.7e8, 3.6e4, 5400])
    assert (r.cycle, r.layers) == (3, ("MgF2:20 nm", "LiF"))
    assert (r.file, r.line, r.source.how) == ("mine.csv", 4, "measured")
    assert (r.bound, r.method, r.role) == ("exact", "experiment", "check")


@pytest.mark.parametrize(
    ("text", "kind", "si"),
    [
        ("0.2 mA/cm^2", "current_density", 2.0),
        ("200 mA/g", "specific_current", 200.0),
        ("0.5 C-rate", "rate", 0.5 / 3600.0),
        ("0.1 - 1 mA/cm^2", None, None),
        ("0.1 to 1 mA/cm^2", None, None),
        ("", None, None),
    ],
)
def test_a_current_is_a_density_a_specific_current_or_a_rate(text, kind, si) -> None:
    r = record(current_density=text)
    assert r.current_text == text
    assert (r.current is None) == (kind is None)
    if r.current is not None:
        assert (r.current.kind, r.current.si) == (kind, pytest.approx(si))


@pytest.mark.parametrize(
    ("changes", "gain"),
    [
        ({}, 1190 / 6),
        ({"quantity": "critical_current_density", "unit": "mA/cm^2", "before": "0.4", "value": "1",
          "protocol": "ramp"}, 2.5),
        ({"before": ""}, None),
        ({"before": "0"}, None),
        ({"quantity": "creep_exponent", "unit": "1", "before": "2", "value": "6"}, None),
    ],
)  # fmt: skip
def test_the_gain_is_above_one_where_the_treatment_helps(changes, gain) -> None:
    assert record(**changes).gain == (None if gain is None else pytest.approx(gain))


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"known": "second_hand"}, True),
        ({"known": "recalled"}, False),
        ({"method": "computed"}, False),
        ({"method": "review"}, False),
    ],
)
def test_only_measurements_that_are_not_recalled_count(changes, counts) -> None:
    assert record(**changes).counts is counts


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_has_a_unit_a_sign_and_needs_that_exist(name: str) -> None:
    about = QUANTITIES[name]
    assert about.kind in KINDS and about.better in (-1, 0, 1)
    assert set(about.needs) <= set(COLUMNS)
    assert about.concern is None or about.concern in list(Concern)
    row = ROW | {"quantity": name, "unit": KINDS[about.kind].habitual, "protocol": "p"}
    assert parse(row | {"sigma": ""})[1] == []
    for column in about.needs:
        assert [p.column for p in parse(row | {"sigma": "", column: ""})[1]] == [column]


def test_a_flat_row_is_plain_and_in_habitual_units() -> None:
    row = flat(record())
    assert json.loads(json.dumps(row)) == row
    assert (row["before"], row["value"], row["unit"]) == (1190.0, 6.0, "Ω cm²")
    assert (row["temperature [°C]"], row["fabrication pressure [MPa]"]) == (25.0, 370.0)
    assert (row["layers"], row["known"], row["source"]) == ("MgF2:20 nm; LiF", "read", "jia2024")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the first line must name columns"),
        (b"a,b\n1,2\n", "the first line must name columns"),
        (b"id,quantity\nx\n", ":2: has more or fewer cells"),
        (b"id,quantity\nx,y,z\n", ":2: has more or fewer cells"),
        (b"id,quantity\nx,interfacial_resistance\n", ":2: value"),
        (b'id,quantity\n"x', "not CSV"),
        (b"id,quantity\n\xff,y\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_stand_is_refused_with_its_place(tmp_path, content, says) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read(path)
    assert says in str(error.value) and "bad.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_or_a_huge_file(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        evidence([tmp_path / "none.csv"])
    monkeypatch.setattr(base, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="larger than"):
        read(write(tmp_path / "big.csv", ROW))


def test_a_byte_order_mark_of_a_spreadsheet_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", ROW)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path)[0].id == "x"


def test_a_users_row_stands_beside_ours_and_is_read_anew(tmp_path: Path) -> None:
    ours = evidence()
    path = write(tmp_path / "mine.csv", ROW)
    found = {r.id: r for r in evidence([path])}
    assert len(found) == len({r.id for r in ours} | {"x"})
    write(path, ROW | {"value": "78.25", "note": "another length, another time"})
    assert {r.id: r for r in evidence([path])}["x"].value.si == pytest.approx(78.25e-4)


def test_a_users_row_may_not_replace_ours_unseen(tmp_path: Path) -> None:
    old = next(r for r in evidence() if r.quantity == "interfacial_resistance")
    path = write(tmp_path / "mine.csv", ROW | {"id": old.id, "value": "77"})
    with pytest.raises(DataError, match=f"'{old.id}' is a row of evidence.csv already"):
        evidence([path])


GOOD_PACK: Path | None = None


def pack() -> Path | None:
    """What a pack's entry point names."""
    return GOOD_PACK


def broken() -> Path:
    raise RuntimeError("not today")


class _Entry(EntryPoint):
    """An entry point of this file, found without an installed package."""

    def load(self):
        return globals()[self.attr]


def test_packs_join_and_broken_ones_are_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(globals(), "GOOD_PACK", write(tmp_path / "pack.csv", ROW | {"id": "p1"}))
    entries = [_Entry(n, f"test:{n}", "anolyte.evidence") for n in ("pack", "broken", "absent")]
    monkeypatch.setattr(base, "entry_points", lambda group: entries)
    paths, failed = packs()
    assert [p.name for p in paths] == ["pack.csv"]
    assert [f.partition(" ")[0] for f in failed] == ["broken", "absent"]
    assert "not today" in failed[0]
    assert "p1" in {r.id for r in evidence()}


def test_papers_are_named_once() -> None:
    assert papers([record(), record(id="y"), record(source="yang2023")]) == ("jia2024", "yang2023")
