"""Temperature limits: the lowest decides, a composite is its weakest part, gaps are said."""

from pathlib import Path

import pytest

from anolyte.core.result import Level
from anolyte.materials.criteria import criteria
from anolyte.materials.library import default
from anolyte.materials.schema import Electrolyte
from anolyte.materials.stack import Conditions, Form, Interface, Layer, Surface
from anolyte.models.temperature import Temperature, lowest_limit


def level(interface: Interface, temperature: str) -> Level:
    result = Temperature()(interface, Conditions(temperature=temperature))
    return result.findings(criteria())[0].level


def composite(*parts: tuple[str, float]) -> Electrolyte:
    return Electrolyte.model_validate(
        {"name": "mix", "class": "composite", "components": [
            {"material": name, "volume_fraction": share, "source": "anolyte", "known": "recalled"}
            for name, share in parts]}
    )  # fmt: skip


def test_levels_follow_the_distance_to_the_lowest_limit() -> None:
    cell = Interface("LLZTO", "Li")
    melting = default().anode("Li").need("temperature_limit").si - 273.15
    assert melting == pytest.approx(180.5, abs=0.5)
    assert level(cell, "25 C") == Level.GOOD
    assert level(cell, f"{melting - 10} C") == Level.CAUTION
    assert level(cell, f"{melting + 0.1} C") == Level.BAD


@pytest.mark.parametrize(
    "interface",
    [
        Interface("LLZTO", "Li", layers=["PEO:1 um"]),
        Interface("LLZTO", "Li", form=Form(coating=Layer("PEO", 1e-7))),
        Interface("LLZTO", "Li", surface=Surface(film=Layer("PEO", 1e-7))),
    ],
)
def test_layers_coatings_and_films_count(interface: Interface) -> None:
    assert level(interface, "100 C") == Level.BAD
    assert level(Interface("LLZTO", "Li"), "100 C") == Level.GOOD


def test_a_composite_bears_what_its_weakest_part_bears() -> None:
    limit = lowest_limit(composite(("LATP", 0.5), ("PEO", 0.5)))
    alone = lowest_limit(default().electrolyte("PEO"))
    assert limit is not None and alone is not None
    assert (limit.temperature, limit.of) == (alone.temperature, "PEO")


def test_a_composite_with_a_part_of_unknown_limit_has_none() -> None:
    assert lowest_limit(composite(("PEO", 0.5), ("Li4GeS4", 0.5))) is None


def test_an_unknown_limit_is_said_and_a_known_one_below_still_decides() -> None:
    cell = Interface("Li4GeS4", "Li")
    result = Temperature()(cell, Conditions())
    (finding,) = result.findings(criteria())
    assert finding.level == Level.UNKNOWN
    assert "no limit known of Li4GeS4" in finding.reason
    assert level(cell, "200 C") == Level.BAD


def test_most_materials_of_the_library_have_a_sourced_limit() -> None:
    lib = default()
    from anolyte.materials.schema import Anode, Interlayer

    lacking = [m.name for cls in (Electrolyte, Anode, Interlayer) for m in lib.all(cls)
               if lowest_limit(m) is None]  # fmt: skip
    page = Path(__file__).parents[2] / "docs" / "models" / "temperature.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in lacking if f"`{name}`" not in text] == []
