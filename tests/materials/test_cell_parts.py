"""The parts of a cell: surface, anode form, additives; as objects, as JSON, as `cell.yaml`."""

import dataclasses
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import AnolyteError, DataError, UnitsError
from anolyte.core.result import decode, encode
from anolyte.materials.cell_file import read_cell, write_cell
from anolyte.materials.library import Library
from anolyte.materials.stack import (
    Additive,
    Cell,
    Conditions,
    Form,
    Interface,
    Layer,
    Sample,
    Shape,
    Surface,
)


def test_a_surface_reads_units_and_layers() -> None:
    surface = Surface(
        roughness="50 nm", film="Li2CO3:100 nm", contact="40 %", contact_angle="60 deg"
    )
    assert surface.film == Layer.parse("Li2CO3:100 nm") and not surface.cleaned
    numbers = (surface.roughness, surface.contact, surface.contact_angle, surface.liquid)
    assert numbers == pytest.approx((50e-9, 0.4, math.pi / 3.0, 0.0))


def test_nothing_known_of_a_surface_or_form_stays_unknown() -> None:
    assert Surface() == Surface(None, None, False, None, None, 0.0)
    assert set(dataclasses.astuple(Form())) == {None}


def test_a_cleaned_surface_bears_no_film() -> None:
    assert Surface(cleaned=True).film is None
    with pytest.raises(DataError, match="cleaned surface has no film of Li2CO3"):
        Surface(film="Li2CO3:5 nm", cleaned=True)


def test_a_form_reads_units_and_layers() -> None:
    form = Form("columns", "200 nm", "35 %", "LiAlO2:5 nm", "10 %", 0.2, "50 %")
    assert form.shape is Shape.COLUMNS and form.coating == Layer.parse("LiAlO2:5 nm")
    numbers = (form.size, form.free_volume, form.carbon, form.electrolyte, form.prelithiation)
    assert numbers == pytest.approx((200e-9, 0.35, 0.1, 0.2, 0.5))
    assert Form(Shape.FOIL).shape is Shape.FOIL


@pytest.mark.parametrize(
    ("text", "species", "fraction"),
    [
        ("LiDFOB", "LiDFOB", None),
        ("LiDFOB:5 %", "LiDFOB", 0.05),
        (" 12C4-TFSI : 0.1 ", "12C4-TFSI", 0.1),
    ],
)
def test_additives_from_text(text: str, species: str, fraction: float | None) -> None:
    assert Additive.parse(text) == Additive(species, fraction)
    interface = Interface("PEO", "Li", additives=text)
    assert interface.additives == Interface("PEO", "Li", additives=[text]).additives
    assert interface.additives == (Additive(species, fraction),)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: Surface(contact="140 %"), DataError),
        (lambda: Surface(liquid=-0.1), DataError),
        (lambda: Surface(contact=math.nan), DataError),
        (lambda: Surface(roughness="-5 nm"), UnitsError),
        (lambda: Surface(roughness="5 MPa"), UnitsError),
        (lambda: Surface(contact_angle="5 nm"), UnitsError),
        (lambda: Surface(film="Unobtainium:5 nm"), AnolyteError),
        (lambda: Form("cubes"), DataError),
        (lambda: Form(size="5 %"), UnitsError),
        (lambda: Form(free_volume="101 %"), DataError),
        (lambda: Form(prelithiation=-0.01), DataError),
        (lambda: Form(coating="LiF:0 nm"), DataError),
        (lambda: Additive(" "), DataError),
        (lambda: Additive("LiDFOB", 1.5), DataError),
        (lambda: Additive.parse("LiDFOB:5 nm"), UnitsError),
        (lambda: Additive.parse(":5 %"), DataError),
    ],
)
def test_impossible_parts_are_refused_in_one_line(make, kind: type[Exception]) -> None:
    with pytest.raises(kind) as error:
        make()
    assert "\n" not in str(error.value)


def test_every_part_is_in_the_digest() -> None:
    """Two interfaces that differ in one field of one part are two inputs of a model."""
    start = Interface("LLZTO", "Si")
    changed = [
        *(dataclasses.replace(start, surface=s) for s in (
            Surface(cleaned=True), Surface(contact_angle="60 deg"), Surface(liquid="5 %"),
            Surface(film="Li2CO3:5 nm"), Surface(contact="50 %"), Surface(roughness="1 um"))),
        *(dataclasses.replace(start, form=f) for f in (
            Form("film"), Form("rods"), Form(size="1 um"), Form(free_volume="30 %"),
            Form(coating="LiF:5 nm"), Form(carbon="3 %"), Form(electrolyte="3 %"),
            Form(prelithiation="3 %"))),
        dataclasses.replace(start, additives=(Additive("LiDFOB"),)),
        dataclasses.replace(start, additives=(Additive("LiDFOB", 0.05),)),
    ]  # fmt: skip
    assert len({x.digest for x in [start, *changed]}) == len(changed) + 1


share = st.floats(0.0, 1.0)
maybe = st.one_of(st.none(), share)
length = st.floats(1e-10, 1e-3)
layer = st.builds(Layer, st.sampled_from(["LiF", "Li2CO3", "MgF2"]), length)
surfaces = st.builds(
    Surface, roughness=st.one_of(st.none(), length), film=st.one_of(st.none(), layer),
    contact=maybe, contact_angle=st.one_of(st.none(), st.floats(0.0, math.pi)), liquid=share,
) | st.builds(Surface, cleaned=st.just(True), contact=maybe)  # fmt: skip
forms = st.builds(
    Form, shape=st.one_of(st.none(), st.sampled_from(Shape)), size=st.one_of(st.none(), length),
    free_volume=maybe, coating=st.one_of(st.none(), layer), carbon=maybe, electrolyte=maybe,
    prelithiation=maybe,
)  # fmt: skip
additives = st.lists(
    st.builds(Additive, st.sampled_from(["LiDFOB", "12C4-TFSI", "yes", "1e5", "null"]), maybe),
    max_size=3,
)
cells = st.builds(
    lambda s, f, a, x, c: Cell(
        Interface("LLZTO", "Si", tuple(x), s, Sample(thickness="1 mm"), f, tuple(a)), c
    ),
    surfaces, forms, additives, st.lists(layer, max_size=2),
    st.builds(Conditions, st.floats(-10.0, 10.0), st.floats(0.0, 1e8), st.floats(200.0, 500.0)),
)  # fmt: skip


@given(cells)
def test_a_cell_with_all_its_parts_survives_yaml_and_json(tmp_path_factory, cell: Cell) -> None:
    path: Path = tmp_path_factory.mktemp("cells") / "cell.yaml"
    path.write_text(yaml.safe_dump(write_cell(cell)), encoding="utf-8")
    again = read_cell(path)
    assert again == cell
    assert again.interface.digest == cell.interface.digest
    assert decode(Cell, encode(cell)) == cell


def test_a_file_as_a_person_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(
        "electrolyte: Li6PS5Cl\nanode: Si\nadditives: [LiDFOB:5 %]\n"
        "surface: {cleaned: true, contact_angle: 60 deg}\n"
        "form: {shape: columns, size: 200 nm, free_volume: 30 %, coating: LiF:5 nm}\n",
        encoding="utf-8",
    )
    interface = read_cell(path).interface
    assert interface.additives == (Additive("LiDFOB", 0.05),) and interface.surface.cleaned
    assert interface.form == Form(Shape.COLUMNS, "200 nm", "30 %", "LiF:5 nm")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("form: {shape: cubes}", "form: form shape 'cubes' is none of foil, film"),
        ("form: {size: 5 MPa}", "form: length"),
        ("form: {volume: 5 %}", "form: unknown field 'volume'; known: carbon, coating"),
        ("form: {free_volume: 0.3}", "form.free_volume: write the unit"),
        ("form: columns", "'form:' must hold fields"),
        ("surface: {cleaned: true, film: Li2CO3:5 nm}", "a cleaned surface has no film"),
        ("surface: {film: Unobtainium:5 nm}", "Unobtainium"),
        ("additives: LiDFOB", "'additives:' is a list like"),
        ("additives: [5]", "'additives:' is a list like"),
        ("additives: [LiDFOB:5 nm]", "fraction"),
    ],
)
def test_a_wrong_part_of_a_file_names_the_file_and_the_part(tmp_path, text, says) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(f"electrolyte: LLZTO\nanode: Si\n{text}\n", encoding="utf-8")
    with pytest.raises(AnolyteError) as error:
        read_cell(path)
    assert says in str(error.value) and "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_films_and_coatings_of_a_cell_file_come_from_the_users_library(tmp_path: Path) -> None:
    folder = tmp_path / "interlayers"
    folder.mkdir()
    (folder / "MyFilm.yaml").write_text("name: MyFilm\nclass: coating\n", encoding="utf-8")
    path = tmp_path / "cell.yaml"
    path.write_text(
        "electrolyte: LLZTO\nanode: Si\nsurface: {film: 'MyFilm:5 nm'}\n"
        "form: {coating: 'MyFilm:2 nm'}\n",
        encoding="utf-8",
    )
    found = read_cell(path, Library((tmp_path,))).interface
    assert found.surface.film is not None and found.surface.film.material.name == "MyFilm"
    assert found.form.coating is not None and found.form.coating.thickness == pytest.approx(2e-9)
