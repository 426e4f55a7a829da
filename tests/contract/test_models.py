"""One battery of checks for every model, ours and anybody else's."""

import dataclasses
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import anolyte
from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Finding, Level, Result, decode, find_type
from anolyte.core.units import KINDS
from anolyte.materials import library
from anolyte.materials.criteria import criteria
from anolyte.materials.references import all_references
from anolyte.materials.schema import Anode, Electrolyte, Interlayer
from anolyte.materials.stack import (
    Cell,
    Conditions,
    Form,
    Interface,
    Layer,
    Sample,
    Surface,
)
from anolyte.models import ALL
from anolyte.studies.assess import assess
from anolyte.studies.files import load, save

CELLS = [
    ("Li6PS5Cl", "Li", ()),
    ("LLZO", "Li", ()),
    ("LGPS", "Li", ()),
    ("Li3YCl6", "Li", ()),
    ("LATP", "Si", ()),
    ("Li6PS5Cl", "Li", ("LiF:50 nm",)),
    ("LLZTO", "Li", ("Sb:20 nm",)),
    ("Li3PS4", "anode-free", ()),
    ("PEO", "Li", ()),
    ("Li10SrP2S12", "graphite", ()),
]


def interfaces() -> list[Interface]:
    return [Interface(e, a, layers) for e, a, layers in CELLS]


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
def test_a_model_is_a_frozen_dataclass_with_concern_and_references(cls: type[Any]) -> None:
    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert isinstance(cls.concern, Concern)
    known = all_references()
    assert cls.references
    assert all(key in known for key in cls.references)
    assert cls.__doc__
    assert cls.__call__.__doc__


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
def test_a_model_has_its_page_in_the_docs(cls: type[Any]) -> None:
    page = Path(__file__).parents[2] / "docs" / "models" / f"{cls.__module__.split('.')[-1]}.md"
    assert cls.__module__.split(".")[-1] in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
@pytest.mark.parametrize("cell", CELLS, ids=lambda c: " | ".join([c[0], *c[2], c[1]]))
def test_a_model_answers_or_says_what_is_missing(cls: type[Any], cell: tuple) -> None:
    interface = Interface(*cell)
    before = interface.digest
    try:
        result = cls()(interface, Conditions())
    except AnolyteError as error:
        assert "\n" not in str(error)
        return
    assert isinstance(result, Result)
    assert interface.digest == before  # nothing is written into what was given
    for finding in result.findings(criteria()):
        assert isinstance(finding, Finding)
        assert finding.concern == cls.concern
        assert finding.reason
        assert "{" not in finding.reason
    again = decode(find_type(result.to_dict()["type"]), json.loads(json.dumps(result.to_dict())))
    assert again == result
    assert list(result.rows()) == list(again.rows())
    _numbers_have_units(result)


def _numbers_have_units(obj: Any) -> None:
    """Every float field of a result declares its kind."""
    for field in dataclasses.fields(obj):
        value = getattr(obj, field.name)
        if isinstance(value, float):
            assert field.metadata.get("kind") in KINDS, f"{type(obj).__name__}.{field.name}"
            assert not math.isnan(value)
        for item in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(item) and not isinstance(item, type):
                _numbers_have_units(item)


def test_every_electrolyte_and_anode_of_the_library_is_assessed_without_an_error(request) -> None:
    """With --full-size every layer and all remedies; else of every fifth: they take longest."""
    lib = library.default()
    each = 1 if request.config.getoption("--full-size") else 5
    cells = [Interface(electrolyte, "Li") for electrolyte in lib.all(Electrolyte)]
    cells += [Interface("Li6PS5Cl", anode) for anode in lib.all(Anode)]
    layers = list(lib.all(Interlayer))[::each]
    cells += [Interface("LLZO", "Li", layers=(anolyte.Layer(layer),)) for layer in layers]
    for k, cell in enumerate(cells):
        assessment = assess(cell, strategies=() if k % each else None)
        assert [f.concern for f in assessment.headlines] == list(Concern)
        assert assessment.verdict


def test_concerns_without_a_model_say_so_plainly() -> None:
    cell = Interface("Li6PS5Cl", "Li")
    by_concern = {f.concern: f for f in assess(cell, models=[]).headlines}
    for concern in (Concern.WETTING, Concern.DENDRITE):
        assert by_concern[concern].level == Level.UNKNOWN
        assert by_concern[concern].reason == "no model yet"


def test_an_assessment_is_saved_loaded_and_run_again(tmp_path) -> None:
    first = assess(Interface("Li6PS5Cl", "Si", layers=["LiF:50 nm"]))
    loaded = load(save(first, tmp_path / "a.json"))
    assert loaded == first
    again = assess(loaded.cell.interface, loaded.cell.conditions)
    assert again == first
    assert again.to_dict() == first.to_dict()


def test_a_missing_element_is_unknown_in_assess_and_an_error_alone() -> None:
    interface = Interface("Li2HgCl4", "Li")
    finding = assess(interface).headlines[0]
    assert finding.level == Level.UNKNOWN
    assert "Hg" in finding.reason
    with pytest.raises(AnolyteError) as error:
        anolyte.window("Li2HgCl4")
    for way in ("--entries", "your own copy", "pull request"):
        assert way in str(error.value)


VARIANTS = {
    "layers": lambda c: replace(c, interface=c.interface.with_layers("LiF:50 nm")),
    "surface": lambda c: replace(
        c, interface=replace(c.interface, surface=Surface(film=Layer("Li2CO3", 1e-7), contact=0.5))
    ),
    "sample": lambda c: replace(c, interface=replace(c.interface, sample=Sample(1e-3, 0.9))),
    "form": lambda c: replace(
        c, interface=replace(c.interface, form=Form(free_volume=0.4, coating=Layer("Al2O3", 1e-8)))
    ),
    "additives": lambda c: replace(c, interface=replace(c.interface, additives=("LiDFOB:5 %",))),
    "current_density": lambda c: replace(c, conditions=replace(c.conditions, current_density=9.0)),
    "stack_pressure": lambda c: replace(c, conditions=replace(c.conditions, stack_pressure=7e7)),
    "temperature": lambda c: replace(c, conditions=replace(c.conditions, temperature=333.15)),
    "areal_capacity": lambda c: replace(c, conditions=replace(c.conditions, areal_capacity=9e4)),
}


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
@pytest.mark.parametrize("part", VARIANTS)
def test_a_model_reads_what_it_says_and_nothing_else(cls: type[Any], part: str) -> None:
    """Remedies reuse answers by `reads`: a part that is not declared must not change the answer."""
    declared = {name.partition(".")[2] or name for name in cls.reads}
    cell = Cell(Interface("Li6PS5Cl", "Li"))
    changed = VARIANTS[part](cell)
    same = cls()(changed.interface, changed.conditions) == cls()(cell.interface, cell.conditions)
    assert same or part in declared


@pytest.mark.parametrize("interface", interfaces(), ids=str)
def test_a_quick_model_finds_the_same(interface: Interface) -> None:
    for cls in ALL:
        model = cls()
        try:
            whole = model(interface, Conditions()).findings(criteria())
        except AnolyteError:
            continue
        quick = getattr(model, "quick", model)(interface, Conditions())
        judged = [(f.concern, f.level, f.label, f.basis) for f in quick.findings(criteria())]
        assert judged == [(f.concern, f.level, f.label, f.basis) for f in whole]
