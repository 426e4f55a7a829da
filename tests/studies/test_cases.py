"""Measured cases: nearness, gains, controls, and weights that favour many papers over one."""

from dataclasses import replace

import pytest

from anolyte.core.provenance import Source
from anolyte.core.result import Concern, Number
from anolyte.materials.criteria import criteria
from anolyte.materials.records import Record
from anolyte.materials.stack import Cell, Interface
from anolyte.studies.cases import cases, family_mean, gain, nearness

LIMITS = criteria()
CELL = Cell(Interface("LLZTO", "Li"))


def record(name: str, value: float, before: float | None = None, **other: object) -> Record:
    kind = "area_resistance"
    found = Record(
        id=name, electrolyte="LLZTO", anode="Li", quantity="interfacial_resistance",
        value=Number(value * 1e-4, kind), source=Source(name, "abstract"),
        before=None if before is None else Number(before * 1e-4, kind), strategy="mgf2_film",
    )  # fmt: skip
    return replace(found, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("electrolyte", "anode"),
    [("LLZTO", "Li"), ("Li6.5La3Zr1.5Ta0.5O12", "Li"), ("llzto", "Li")],
)
def test_the_same_materials_by_any_name_are_nearest(electrolyte: str, anode: str) -> None:
    assert nearness(CELL, record("a", 1, electrolyte=electrolyte, anode=anode)) == 1.0


def test_nearness_falls_from_kin_to_class_to_strangers() -> None:
    order = ["LLZTO", "LLZO", "LATP", "Li6PS5Cl", ""]
    found = [nearness(CELL, record("a", 1, electrolyte=e)) for e in order]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[1] > found[2] > found[3]
    assert nearness(CELL, record("a", 1, anode="anode-free")) > nearness(
        CELL, record("a", 1, anode="Si")
    )


def test_a_gain_is_decades_from_the_papers_own_control() -> None:
    (found,) = cases(CELL, [record("a", 10, 1000)], LIMITS)
    assert found.decades == pytest.approx(2.0)
    assert (found.control, found.concern, found.weight) == ("same paper", Concern.WETTING, 1.0)


def test_more_is_better_for_a_current_and_gains_are_clipped() -> None:
    kind = "current_density"
    better = replace(
        record("a", 1), quantity="critical_current_density", value=Number(10.0, kind),
        before=Number(1.0, kind),
    )  # fmt: skip
    (found,) = cases(CELL, [better], LIMITS)
    assert found.decades == pytest.approx(1.0)
    (clipped,) = cases(CELL, [record("a", 1e-3, 1e6)], LIMITS)
    assert clipped.decades == LIMITS["gain_most"]
    (worse,) = cases(CELL, [record("a", 100, 10)], LIMITS)
    assert worse.decades == pytest.approx(-1.0)


def test_without_a_control_the_median_of_others_stands_in_one_vote_a_paper() -> None:
    untreated = [
        record(f"u{i}", v, strategy="", source=Source("one")) for i, v in enumerate([1.0, 1.0, 1.0])
    ] + [record("v", 100, strategy=""), record("w", 10000, strategy="")]
    found = cases(CELL, [record("a", 10), *untreated], LIMITS)
    assert [c.id for c in found] == ["a"]
    assert found[0].before.si == pytest.approx(100e-4)
    assert found[0].control == "median of others"
    assert found[0].weight == LIMITS["trust_other_control"]
    (alone,) = cases(CELL, [record("a", 10)], LIMITS)  # nobody measured an untreated one
    assert (alone.control, alone.before, alone.weight) == ("none", None, 0.0)
    assert gain([alone], LIMITS) == 0.0
    stranger = record("s", 10, electrolyte="Li6PS5Cl")
    assert cases(CELL, [stranger, *untreated], LIMITS) == ()  # nor is it compared with garnets


@pytest.mark.parametrize(
    "change", [{"method": "computed"}, {"quantity": "areal_capacity"}, {"strategy": ""}]
)
def test_computed_and_untreated_records_rank_nothing(change: dict) -> None:
    assert cases(CELL, [record("a", 10, 1000, **change)], LIMITS) == ()


def test_recalled_records_are_shown_and_weigh_nothing() -> None:
    recalled = record("a", 10, 1000, source=Source("a", known="recalled"))
    (found,) = cases(CELL, [recalled], LIMITS)
    assert found.weight == 0.0
    assert gain([found], LIMITS) == 0.0
    family = frozenset({"mgf2_film"})
    assert family_mean([found], family, Concern.WETTING, "sb_coating") == 0.0
    untreated = record("u", 5, strategy="", source=Source("u", known="recalled"))
    (alone,) = cases(CELL, [record("b", 10), untreated], LIMITS)
    assert alone.control == "none"  # nor do they stand in for a control


def test_second_hand_weighs_less_than_read() -> None:
    second = record("a", 10, 1000, source=Source("a", known="second_hand"))
    (found,) = cases(CELL, [second], LIMITS)
    assert found.weight == LIMITS["trust_second_hand"]


def test_many_papers_win_against_one_lucky_one() -> None:
    many = cases(CELL, [record(f"m{i}", 10, 500) for i in range(5)], LIMITS)
    one = cases(CELL, [record("x", 1, 1000)], LIMITS)
    assert gain(many, LIMITS) > 0.0
    assert gain(many, LIMITS) > gain(one, LIMITS) * 0.9
    lucky = [replace(c, decades=2.0) for c in one]
    assert gain(many, LIMITS) > gain(lucky, LIMITS)
    same = cases(CELL, [record(f"m{i}", 10, 500, source=Source("x")) for i in range(5)], LIMITS)
    assert gain(same, LIMITS) < gain(many, LIMITS)  # five rows of one paper are one paper


def test_a_papers_vote_is_the_mean_of_its_rows() -> None:
    two = [record("a", 10, 1000, source=Source("x")), record("b", 1000, 1000, source=Source("x"))]
    assert gain(cases(CELL, two, LIMITS), LIMITS) == pytest.approx(
        1.0 / (1.0 + LIMITS["prior_weight"])
    )
    one = cases(CELL, [record("a", 10, 1000)], LIMITS)
    assert gain(one, LIMITS) == pytest.approx(2.0 / (1.0 + LIMITS["prior_weight"]))


def test_a_familys_mean_leaves_the_strategy_itself_out() -> None:
    rows = [record("a", 10, 1000), record("b", 100, 1000, strategy="sb_coating")]
    found = cases(CELL, rows, LIMITS)
    family = frozenset({"mgf2_film", "sb_coating"})
    assert family_mean(found, family, Concern.WETTING, "mgf2_film") == pytest.approx(1.0)
    assert family_mean(found, family, Concern.DENDRITE, "mgf2_film") == 0.0


def test_losses_count_for_efficiencies_and_a_zero_is_a_whole_cure() -> None:
    kind = "fraction"
    better = replace(record("a", 1), quantity="coulombic_efficiency", value=Number(0.98, kind),
                     before=Number(0.88, kind))  # fmt: skip
    (found,) = cases(CELL, [better], LIMITS)
    assert found.decades == pytest.approx(0.778, abs=1e-3)  # log10(0.12 / 0.02)
    gone = replace(record("g", 1), quantity="gas_per_mass", value=Number(0.0, "specific_volume"),
                   before=Number(1e-4, "specific_volume"))  # fmt: skip
    (cured,) = cases(CELL, [gone], LIMITS)
    assert cured.decades == LIMITS["gain_most"]


def test_the_ratio_of_two_potentials_is_no_gain() -> None:
    kind = "electrode_potential"
    wider = replace(record("a", 1), quantity="oxidation_limit", value=Number(3.5, kind),
                    before=Number(2.4, kind))  # fmt: skip
    assert cases(CELL, [wider], LIMITS) == ()


def test_one_paper_is_one_paper_by_key_and_by_doi() -> None:
    from anolyte.materials.references import all_references, fields

    key = next(k for k in all_references() if fields(k).get("doi"))
    again = Source("doi:" + fields(key)["doi"].upper())
    two = [record("a", 10, 1000, source=Source(key)), record("b", 10, 1000, source=again)]
    found = cases(CELL, two, LIMITS)
    assert gain(found, LIMITS) == pytest.approx(gain(found[:1], LIMITS))


def test_a_users_own_material_is_the_same_by_its_name() -> None:
    from anolyte.materials.schema import Electrolyte

    mine = Electrolyte.model_validate({"name": "MyGarnet", "class": "oxide"})
    cell = Cell(Interface(mine, "Li"))
    assert nearness(cell, record("a", 1, electrolyte="MyGarnet")) == 1.0
