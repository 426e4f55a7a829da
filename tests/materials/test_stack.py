"""The nouns: names and unit strings in, immutable SI out; equal content, equal hash."""

import dataclasses
from pathlib import Path

import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError, UnitsError, UnknownMaterial
from anolyte.core.result import decode, encode
from anolyte.materials.cell_file import read_cell, write_cell
from anolyte.materials.library import Library
from anolyte.materials.stack import Cell, Conditions, Interface, Layer


def test_names_and_unit_strings_become_materials_and_si() -> None:
    cell = Interface("Li6PS5Cl", "Li", layers=["LiF:50 nm"])
    assert cell.electrolyte.formula == "Li6PS5Cl"
    assert cell.layers[0].thickness == pytest.approx(50e-9)
    assert str(cell) == "Li6PS5Cl | LiF | Li"
    conditions = Conditions("0.5 mA/cm2", "5 MPa", "25 C", "1 mAh/cm2")
    assert dataclasses.astuple(conditions) == pytest.approx((5.0, 5e6, 298.15, 3.6e4))


def test_equal_content_is_equal_and_hashes_equal_another_thickness_does_not() -> None:
    one, two = Interface("LLZO", "Li"), Interface("LLZO", "Li")
    assert one == two
    assert hash(one) == hash(two)
    assert one.digest != Interface("LLZO", "Li", layers=["Sb:20 nm"]).digest
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.layers = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    "electrolyte", ["Li6PS5Cl", "PEO", "Li10SrP2S12", "Li9.54Si1.74P1.44S11.7Cl0.3"]
)
def test_a_cell_survives_json_and_yaml(electrolyte: str, tmp_path: Path) -> None:
    interface = Interface(electrolyte, "Si", layers=["LiF:50 nm"])
    cell = Cell(interface, Conditions(current_density="0.3 mA/cm2"))
    assert decode(Cell, encode(cell)) == cell
    import yaml

    path = tmp_path / "cell.yaml"
    path.write_text(yaml.safe_dump(write_cell(cell)), encoding="utf-8")
    again = read_cell(path)
    assert again.conditions == cell.conditions
    assert again.interface.digest == interface.digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("electrolyte: Li6PS5Cl", "'anode:' must be a name"),
        ("electrolyte: Li6PS5Cl\nanode: Li\ncolour: red", "unknown section colour"),
        ("electrolyte: Li6PS5Cl\nanode: Li\nconditions: {current: 1 mA/cm2}", "unknown field"),
        ("electrolyte: Li6PS5Cl\nanode: Li\nconditions: {temperature: 25}", "write the unit"),
        ("electrolyte: Li6PS5Cl\nanode: Li\nconditions: {temperature: 5 MPa}", "temperature"),
        ("electrolyte: Li6PS5Cl\nanode: Li\nlayers: LiF", "is a list"),
        ("electrolyte: Li6PS5Kl\nanode: Li", "did you mean"),
        ("- 1\n- 2", "expected sections"),
        ("a: [1", "not YAML"),
    ],
)
def test_a_cell_file_that_is_wrong_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnolyteError) as error:
        read_cell(path)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: Layer.parse("LiF:-5 nm"), UnitsError),
        (lambda: Layer.parse("LiF:0 nm"), DataError),
        (lambda: Layer.parse("LiF:5 MPa"), UnitsError),
        (lambda: Layer.parse("Unobtainium:5 nm"), UnknownMaterial),
        (lambda: Conditions(stack_pressure="-5 MPa"), DataError),
        (lambda: Conditions(temperature="5 ohm"), UnitsError),
        (lambda: anolyte.Sample(thickness="0 um"), DataError),
        (lambda: Interface("Li10SrP2S13", "Li"), UnknownMaterial),
    ],
)
def test_impossible_cells_are_refused(make, kind: type[Exception]) -> None:
    with pytest.raises(kind) as error:
        make()
    assert "\n" not in str(error.value)


def test_a_users_folder_overrides_and_leaves_its_digest(tmp_path: Path) -> None:
    folder = tmp_path / "electrolytes"
    folder.mkdir()
    (folder / "Li6PS5Cl.yaml").write_text(
        "name: Li6PS5Cl\nclass: sulfide\nformula: Li6PS5Cl\nproperties:\n"
        "  ionic_conductivity: {value: 5 mS/cm, source: own, known: read}\n",
        encoding="utf-8",
    )
    mine = Library((tmp_path,)).electrolyte("Li6PS5Cl")
    assert mine.need("ionic_conductivity").si == pytest.approx(0.5)
    assert mine.digest and mine.origin.endswith("Li6PS5Cl.yaml")
    assert Library().electrolyte("Li6PS5Cl").digest == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: X\nclass: sulfide\nproperties: {ionic_conductivity: {value: 1 mS/cm, known: read}}",
         "source"),
        ("name: X\nclass: sulfide\nproperties: {ionic_conductivity: {value: 1 MPa, source: a, "
         "known: read}}", "conductivity"),
        ("name: X\nclass: sulfide\nproperties: {colour: {value: 1, source: a, known: read}}",
         "unknown property colour"),
        ("name: X\nclass: granite", "class"),
        ("name: X\nclass: sulfide\nformula: Xx2", "element"),
        ("name: X\nclass: sulfide\nfolly: 1", "folly"),
    ],
)  # fmt: skip
def test_a_value_without_a_source_does_not_load(tmp_path: Path, text: str, says: str) -> None:
    folder = tmp_path / "electrolytes"
    folder.mkdir()
    (folder / "X.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        Library((tmp_path,)).electrolyte("X")
    assert says in str(error.value) and "X.yaml" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("stack_pressure", "-3 MPa", "stack pressure -3 MPa"),
        ("areal_capacity", "-1 mAh/cm2", "areal capacity '-1 mAh/cm2'"),
        ("areal_capacity", -3.6e4, "areal capacity -1 mA h"),
    ],
)
def test_a_negative_condition_is_named_with_its_value(name, value, told) -> None:
    with pytest.raises(AnolyteError) as caught:
        Conditions(**{name: value})
    assert told in str(caught.value) and "\n" not in str(caught.value)
