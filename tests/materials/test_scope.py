"""Scopes: which materials a pattern means."""

import pytest
from pydantic import ValidationError

from anolyte.materials.library import default
from anolyte.materials.schema import Anode, Electrolyte, Material
from anolyte.materials.scope import Scope, elements, names

LIB = default()


def named(name: str) -> Material:
    anodes = {a.name for a in LIB.all(Anode)}
    return LIB.anode(name) if name in anodes else LIB.electrolyte(name)


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("any", "LLZTO", True),
        ("LLZTO", "LLZTO", True),
        ("llzto", "LLZTO", True),
        ("LPSCl", "Li6PS5Cl", True),  # an alias
        ("PS5ClLi6", "Li6PS5Cl", True),  # the formula, in another order
        ("Li12P2S10Cl2", "Li6PS5Cl", True),  # twice the formula unit
        ("LLZO", "LLZTO", False),
        ("class:sulfide", "Li6PS5Cl", True),
        ("class:sulfide", "LLZTO", False),
        ("class:oxide", "LLZTO", True),
        ("contains:La+Zr", "LLZTO", True),
        ("contains:La+Ti", "LLZTO", False),
        ("contains:Si", "Si", True),
        ("contains:C", "PVDF/LLZTO/LiTFSI", False),  # no formula, so no elements
        ("plated", "Li", True),
        ("plated", "anode-free", True),
        ("plated", "Si", False),
        ("plated", "LLZTO", False),
        ("no such thing", "LLZTO", False),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert Scope((pattern,)).match(named(name)) is fits


def test_one_of_several_patterns_is_enough_and_none_means_any() -> None:
    some = Scope(("class:sulfide", "LLZTO"))
    assert some.match(named("LLZTO")) and some.match(named("Li6PS5Cl"))
    assert not some.match(named("PEO")) and not some.is_any
    assert Scope().is_any and Scope(()).is_any and Scope(()).match(named("PEO"))
    assert Scope.model_validate("LLZTO") == Scope(("LLZTO",))


@pytest.mark.parametrize("pattern", ["klass:oxide", "class:", "contains: ", "Li: Si"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="write a name, class:oxide"):
        Scope((pattern,))


@pytest.mark.parametrize("cls", [Electrolyte, Anode])
def test_every_material_is_meant_by_its_name_class_and_elements(cls) -> None:
    for material in LIB.all(cls):
        for pattern in (material.name, *material.aliases, f"class:{material.family}", "any"):
            if ":" not in pattern or pattern.startswith("class:"):
                assert Scope((pattern,)).match(material), (pattern, material.name)
        assert names(material.name, material)
        if material.formula:
            assert Scope((f"contains:{'+'.join(elements(material))}",)).match(material)
        else:
            assert elements(material) == frozenset()


def test_a_scope_is_immutable_and_hashes() -> None:
    assert len({Scope(("any",)), Scope(("any",)), Scope(("plated",))}) == 2
    with pytest.raises(ValidationError):
        Scope(("any",)).root = ()  # type: ignore[misc]
