"""Remedies: tried on the models, ranked by models and measurements, contraindications shown."""

from pathlib import Path

import pytest

import anolyte
from anolyte.core.result import Concern, Level
from anolyte.materials.criteria import criteria
from anolyte.materials.evidence import evidence
from anolyte.materials.phases import embedded
from anolyte.materials.stack import Cell, Conditions, Interface, Layer, Surface
from anolyte.materials.strategy import Strategy, find, strategies
from anolyte.models import installed
from anolyte.studies.assess import assess
from anolyte.studies.diagnosis import ask, ask_many, headlines, reads
from anolyte.studies.files import load, save
from anolyte.studies.remedies import Remedy, remedies

LIMITS = criteria()


def named(result: anolyte.studies.assess.Assessment) -> dict[str, Remedy]:
    return {r.strategy: r for r in result.remedies}


@pytest.fixture(scope="module")
def garnet():
    return assess(Interface("LLZTO", "Li"))


def test_garnet_is_offered_coatings_and_cleaning_with_their_measured_values(garnet) -> None:
    found = named(garnet)
    for name in ("mgf2_film", "plss_layer", "acid_treatment", "thermal_surface_cleaning"):
        assert not found[name].against, name
        assert found[name].sources, name
    mgf2 = found["mgf2_film"]
    assert mgf2.interface == "LLZTO | MgF2 | Li"
    assert mgf2.basis.startswith("measured cases alone")
    case = mgf2.cases[0]
    assert (case.before.si, case.after.si) == pytest.approx((1190e-4, 6e-4))
    assert (case.source, case.known, case.control) == ("jia2024", "second_hand", "same paper")
    assert found["plss_layer"].cases[0].after.si in (pytest.approx(9e-4), pytest.approx(11.0))


def test_measured_ones_come_first_and_general_ways_last(garnet) -> None:
    usable = [r for r in garnet.remedies if not r.against]
    measured = [i for i, r in enumerate(usable) if r.gain is not None and r.gain > 0.0]
    general = [i for i, r in enumerate(usable) if r.general]
    assert measured and general
    assert max(measured) < min(general)
    scores = [usable[i].score for i in measured]
    assert scores == sorted(scores, reverse=True)


def test_only_concerns_that_are_not_good_are_mended(garnet) -> None:
    lacking = {f.concern for f in garnet.headlines if f.level != Level.GOOD}
    assert all(set(r.wanted) <= lacking and r.wanted for r in garnet.remedies)


def test_the_models_are_asked_again_and_their_shifts_are_true(garnet) -> None:
    for name in ("li3ocl_coating", "li_in_alloy_anode"):
        remedy = named(garnet)[name]
        after = find(name).apply(garnet.cell)
        again = {f.concern: f.level for f in assess(after.interface, after.conditions,
                                                   strategies=()).headlines}  # fmt: skip
        before = {f.concern: f.level for f in garnet.headlines}
        assert remedy.mends
        for shift in (*remedy.mends, *remedy.worsens):
            assert (shift.before, shift.after) == (before[shift.concern], again[shift.concern])


def test_a_layer_that_melts_is_contraindicated_when_it_is_hot() -> None:
    warm = named(assess(Interface("LLZTO", "Li"), Conditions(temperature="90 C")))
    cool = named(assess(Interface("LLZTO", "Li"), Conditions(temperature="25 C")))
    assert not cool["crystalline_peo_interlayer"].against
    assert warm["crystalline_peo_interlayer"].against
    order = [bool(r.against) for r in warm.values()]
    assert order == sorted(order)  # those with a reason against them come last


def test_water_and_acid_are_kept_from_sulfides() -> None:
    for strategy in strategies():
        cell = Cell(Interface("Li6PS5Cl", "Li"))
        if strategy.name == "acid_treatment":
            assert not strategy.applies(cell) or strategy.contraindicated(cell)


def test_cleaning_takes_a_contamination_film_away_and_the_models_see_it() -> None:
    dirty = Interface("LLZTO", "Li", surface=Surface(film=Layer("Li2CO3", 100e-9)))
    result = assess(dirty)
    transport = next(f for f in result.headlines if f.concern == Concern.TRANSPORT)
    assert "Li2CO3" in transport.reason
    clean = find("acid_treatment").apply(dirty)
    assert clean.surface.cleaned and clean.surface.film is None
    remedy = named(result)["acid_treatment"]
    assert any(s.concern == Concern.TRANSPORT and s.after == Level.GOOD for s in remedy.mends)


def test_a_remedy_that_is_there_already_is_not_offered(garnet) -> None:
    cleaned = Interface("LLZTO", "Li", surface=Surface(cleaned=True))
    offered = named(assess(cleaned))
    assert "in_situ_shield" in named(garnet)
    assert "acid_treatment" not in offered or find("acid_treatment").apply(cleaned) != cleaned


def test_records_of_a_paper_that_is_left_out_do_not_rank() -> None:
    cell = Cell(Interface("LLZTO", "Li"))
    answers = ask(installed(), cell, LIMITS)
    rest = [r for r in evidence() if r.source.key != "jia2024"]
    found = {r.strategy: r for r in remedies(cell, answers, LIMITS, None, rest)}
    assert found["mgf2_film"].cases == ()
    assert found["mgf2_film"].gain is None


def test_no_strategies_no_remedies_and_own_ones_count(tmp_path: Path) -> None:
    assert assess(Interface("LLZTO", "Li"), strategies=()).remedies == ()
    own = Strategy.model_validate(
        {"name": "mine", "title": "mine", "family": "wettability", "mechanism": "x",
         "mechanism_basis": "paper", "mends": ["wetting"], "references": ["anolyte"],
         "sets": [{"what": "layer", "value": "LiF:10 nm", "source": "anolyte", "known": "read"}]}
    )  # fmt: skip
    result = assess(Interface("LLZTO", "Li"), strategies=[own])
    assert [r.strategy for r in result.remedies] == ["mine"]
    save(result, tmp_path / "a.json")
    assert load(tmp_path / "a.json") == result


def test_answers_are_taken_over_only_where_nothing_that_is_read_changes() -> None:
    cell = Cell(Interface("Li6PS5Cl", "Li"))
    models = installed()
    answers = ask(models, cell, LIMITS)
    layered = Cell(cell.interface.with_layers("LiF:50 nm"))
    again = ask(models, layered, LIMITS, known=answers)
    kept = {type(a.model).__name__ for a, b in zip(answers, again, strict=True) if a is b}
    assert kept == {"Window"}
    fresh = ask(models, layered, LIMITS)
    assert headlines(again) == headlines(fresh)
    assert reads(models[0], cell, layered) == ()


def test_a_strategy_that_scales_what_nobody_knows_says_so_and_stays() -> None:
    found = named(assess(Interface("Li10SrP2S12", "Li")))
    untried = [r for r in found.values() if r.untried]
    assert all("no " in r.untried and not r.mends for r in untried)


def own(name: str, layer: str) -> Strategy:
    return Strategy.model_validate(
        {"name": name, "title": name, "family": "wettability", "mechanism": "x",
         "mechanism_basis": "paper", "mends": ["reaction", "wetting"], "references": ["anolyte"],
         "sets": [{"what": "layer", "value": layer, "source": "anolyte", "known": "read"}]}
    )  # fmt: skip


def test_a_layer_that_does_not_bear_the_heat_is_forbidden_by_the_model_alone() -> None:
    hot = assess(Interface("LLZTO", "Li"), Conditions(temperature="90 C"),
                 strategies=[own("soft", "PEO:1 um"), own("hard", "Li3N:100 nm")])  # fmt: skip
    found = named(hot)
    assert "90 °C" in found["soft"].against[0]
    assert not found["hard"].against


def test_levels_climbed_score_and_levels_fallen_cost() -> None:
    result = assess(Interface("LLZTO", "Li"), strategies=[own("stable", "Li2O:100 nm")], records=[])
    (remedy,) = result.remedies
    (up,) = [s for s in remedy.mends if s.concern == Concern.REACTION]
    assert (up.before, up.after) == (Level.BAD, Level.GOOD)
    assert remedy.score == pytest.approx(2.0)  # two levels, nothing measured, nothing lost
    good = assess(Interface("Li6PS5Cl", "Li"), strategies=[own("bare", "LLZTO:1 um")], records=[])
    for r in good.remedies:
        fallen = [s for s in r.worsens if Level.UNKNOWN not in (s.before, s.after)]
        assert not fallen or r.score < 0.0


def test_a_layer_that_eats_the_electrolyte_mends_nothing() -> None:
    """Li3N is stable against lithium and reacts with LATP: no credit for the half of it."""
    result = assess(Interface("LATP", "Li"), strategies=[own("nitride", "Li3N:100 nm")], records=[])
    (remedy,) = result.remedies
    assert not [s for s in remedy.mends if s.concern == Concern.REACTION]


def test_a_compound_whose_charges_do_not_balance_is_no_remedy() -> None:
    found = named(assess(Interface("LGPS", "Li")))
    assert "does not balance" in found["ge_to_sr_screening"].against[0]


def test_warm_operation_never_cools() -> None:
    names = {
        temperature: set(named(assess(Interface("LLZTO", "Li"),
                                      Conditions(temperature=temperature))))
        for temperature in ("25 C", "90 C")
    }  # fmt: skip
    assert "warm_operation" in names["25 C"]
    assert "warm_operation" not in names["90 C"]


def test_a_layer_that_is_there_is_not_put_on_twice() -> None:
    found = named(assess(Interface("LLZTO", "Li", layers=["MgF2:20 nm"])))
    assert "mgf2_film" not in found


def test_measurements_on_plated_lithium_rank_nothing_on_silicon() -> None:
    for r in named(assess(Interface("Li6PS5Cl", "Si"))).values():
        assert all("| Li" not in c.where or "Li6PS5Cl | Si" in c.where for c in r.cases), r.strategy


def test_what_was_seen_without_a_control_is_said_and_stands_before_what_was_not() -> None:
    result = assess(Interface("Li6PS5Cl", "Li"), Conditions(current_density="2 mA/cm2"))
    order = [r.strategy for r in result.remedies if not r.against]
    seen = named(result)["tellurene_interphase"]
    assert seen.seen or seen.papers
    never = [r.strategy for r in result.remedies
             if not (r.papers or r.seen or r.mends_wanted or r.against)]  # fmt: skip
    assert order.index("tellurene_interphase") < min(order.index(n) for n in never)


def test_many_cells_asked_at_once_answer_as_one_by_one() -> None:
    """To the last digit, though their cells run as one batch."""
    cell = Cell(Interface("LLZTO", "Li"), Conditions())
    known = ask(installed(embedded()), cell, criteria())
    models = [getattr(a.model, "quick", a.model) for a in known]
    treated = [
        Cell(Interface("LLZTO", "Li", layers=["Sb:20 nm"]), Conditions()),
        Cell(cell.interface, Conditions(stack_pressure="20 MPa")),
        Cell(cell.interface, Conditions(temperature="60 C", current_density="1 mA/cm2")),
        Cell(Interface("LLZTO", "Si"), Conditions()),
        Cell(Interface("Li3PO4", "Li"), Conditions()),
    ]
    together = ask_many(models, treated, criteria(), known=known)
    for one, answers in zip(treated, together, strict=True):
        alone = ask(models, one, criteria(), known=known)
        assert [a.findings for a in answers] == [a.findings for a in alone]
        assert [a.result for a in answers] == [a.result for a in alone]
