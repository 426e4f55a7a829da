"""What a layer does for the electrolyte behind it, and what the verdict makes of it."""

import pytest

from anolyte.core.errors import DataError
from anolyte.core.result import Concern, Finding, Level
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.passivation import Passivation
from anolyte.models.reactions import Reactions
from anolyte.studies.assess import assess, judge


def passivation(*cell):
    return Passivation()(Interface(*cell), Conditions())


def test_an_insulating_stable_layer_is_what_the_anode_faces() -> None:
    result = passivation("Li6PS5Cl", "Li", ["LiF:50 nm"])
    assert (result.junction, result.character) == ("LiF | Li", "stable")


@pytest.mark.parametrize("layer", ["Sb:20 nm", "Au:20 nm", "ZnO:50 nm"])
def test_a_layer_that_becomes_a_conductor_hands_the_potential_on(layer: str) -> None:
    result = passivation("Li6PS5Cl", "Li", [layer])
    assert result.junction == "Li6PS5Cl | Li"
    assert any("passes electrons" in w for w in result.warnings)
    bare = passivation("Li6PS5Cl", "Li")
    assert result.character == bare.character


def test_every_junction_is_listed_from_electrolyte_to_anode() -> None:
    result = Reactions()(Interface("LLZO", "Li", ["Li3N:50 nm", "Sb:20 nm"]), Conditions())
    pairs = list(dict.fromkeys((p.left, p.right) for p in result.profiles))
    assert pairs == [("LLZO", "Li3N"), ("Li3N", "Sb"), ("Sb", "Li")]
    assert {p.potential for p in result.profiles} == {None, 0.0}


def test_a_host_is_asked_at_each_of_its_plateaus() -> None:
    result = Reactions()(Interface("Li6PS5Cl", "Sn"), Conditions())
    potentials = {p.potential for p in result.profiles if p.potential is not None}
    assert len(potentials) >= 3
    for profile in result.profiles:
        for kink in profile.kinks:
            # All in all is never less exothermic than the part without mixing.
            assert abs(kink.energy) >= abs(kink.energy - kink.mutual) - 1e-30


def test_an_anode_free_cell_meets_lithium_and_its_bare_collector() -> None:
    result = Reactions()(Interface("Li6PS5Cl", "anode-free"), Conditions())
    rights = {p.right for p in result.profiles}
    assert rights == {"anode-free", "Cu (bare collector)"}
    bare = next(p for p in result.profiles if p.right == "Cu (bare collector)")
    assert bare.potential is None
    assert "Cu" in bare.worst.reaction


def test_lithium_is_no_electrolyte() -> None:
    with pytest.raises(DataError, match="solid electrolyte"):
        Interface("Li", "Li")


def headline(concern: Concern, level: Level, label: str) -> Finding:
    return Finding(concern, level, "", {}, (), label)


@pytest.mark.parametrize(
    ("window", "reaction", "verdict"),
    [
        ((Level.BAD, "reduced"), (Level.GOOD, "passivating"), "metastable: passivated"),
        ((Level.GOOD, "stable"), (Level.GOOD, "stable"), "stable against the anode"),
        ((Level.BAD, "reduced"), (Level.BAD, "mixed-conducting"), "keeps growing"),
        ((Level.BAD, "reduced"), (Level.BAD, "reactive"), "not known"),
        ((Level.UNKNOWN, "unknown"), (Level.UNKNOWN, "unknown"), "not judged"),
    ],
)
def test_the_verdict_keeps_concerns_apart(window, reaction, verdict: str) -> None:
    text, steps = judge((headline(Concern.WINDOW, *window), headline(Concern.REACTION, *reaction)))
    assert verdict in text
    assert steps


def test_current_temperature_and_thickness_reach_the_answer() -> None:
    interface = Interface("Li6PS5Cl", "Li")
    low = assess(interface, Conditions(current_density="0.1 mA/cm2")).result("transport")
    high = assess(interface, Conditions(current_density="1 mA/cm2")).result("transport")
    warm = assess(interface, Conditions(temperature="60 C")).result("transport")
    assert low is not None and high is not None and warm is not None
    assert high.drop == pytest.approx(10 * low.drop)
    assert warm.resistance < low.resistance
