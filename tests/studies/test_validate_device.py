"""The device model beside published results: nothing leaks, bounds are right, misses are named."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.provenance import Source
from anolyte.core.result import Number
from anolyte.laws.voids import FittedLimit
from anolyte.materials import references
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.materials.stack import Interface
from anolyte.studies.validate import device, device_rivals
from anolyte.studies.validate.claims import CHECKS, claims
from anolyte.studies.validate.device import DEVICE_PREDICTORS
from anolyte.studies.validate.device_cells import (
    OPEN_PRESSURE,
    Setting,
    assembled,
    drawn,
    fed,
    setting,
)
from anolyte.studies.validate.device_claims import DEVICE_CHECKS, OUT_OF_REACH
from anolyte.studies.validate.device_page import page, standing
from anolyte.studies.validate.device_rivals import GarnetPoint
from anolyte.studies.validate.device_signs import judged, rises
from anolyte.studies.validate.device_table import CHECK, Row, device_table
from anolyte.studies.validate.scorecard import PREDICTED, RowScorecard, score_rows

DOCS = Path(__file__).parents[2] / "docs"
RECORDS = {r.id: r for r in evidence()}
BY_QUANTITY = {q: p for p in DEVICE_PREDICTORS for q in p.quantities}
ROOM, MEGAPASCAL = 298.15, 1e6


@pytest.fixture(scope="module")
def card() -> RowScorecard:
    return score_rows(evidence(), DEVICE_PREDICTORS)


@pytest.fixture(scope="module")
def table() -> tuple[Row, ...]:
    return device_table()


def made(**fields: object) -> Record:
    plain: dict = {
        "id": "made", "electrolyte": "LLZTO", "anode": "Li",
        "quantity": "critical_current_density", "value": Number(10.0, "current_density"),
        "source": Source("nobody2099", "abstract"),
    }  # fmt: skip
    return Record(**(plain | fields))


def at(electrolyte: str, pressure: float, temperature: float = ROOM) -> Setting:
    return Setting(Interface(electrolyte, "Li"), temperature, (pressure,) * 3)


# --- no leak ------------------------------------------------------------------------------------


def test_no_prediction_leans_on_its_own_paper(card: RowScorecard) -> None:
    asked = [x for x in card.lines if x.use == PREDICTED and "creep" not in x.quantity]
    assert len(asked) >= 50
    for line in asked:
        record = RECORDS[line.id]
        where = setting(replace(record, anode=record.anode or "Li"))
        cell = assembled(where.interface, where.temperature, where.pressure)
        assert references.paper(record.source.key) not in fed(cell), line.id


@pytest.mark.parametrize("name", [
    "lpscl_life10mpa_doux2020",  # fitted the life under pressure
    "lpscl_plate_kasemchainan2019_review",  # its paper fitted the limit of stripping
    "llzo_ct_rint_eckhardt2023",  # quotes the paper that gave the charge transfer
    "lithium_creep_low_wang2020na",  # a range that holds our source
    "llzo_pressing41_rint_krauskopf2019acsami",
])  # fmt: skip
def test_records_of_papers_that_fed_a_number_are_inputs(name: str) -> None:
    record = RECORDS[name]
    assert BY_QUANTITY[record.quantity].predict(record) is None


def test_a_paper_named_in_a_files_note_has_fed_it() -> None:
    papers = fed(assembled(Interface("LLZO", "Li"), ROOM, (MEGAPASCAL,) * 3))
    assert references.paper("zni2garnet") in papers  # in the note on calibration alone
    assert references.paper("chang2021") not in papers  # named there as a miss


def test_a_conductivity_of_the_records_own_paper_is_taken_out() -> None:
    own = next(
        m.source for m in Interface("LLZTO", "Li").electrolyte.properties["ionic_conductivity"]
    )
    where = setting(made(source=Source(own, "abstract")))
    kept = where.interface.electrolyte.properties.get("ionic_conductivity", ())
    assert all(m.source != own for m in kept) or where.own


# --- what the model does not represent ----------------------------------------------------------


@pytest.mark.parametrize(("strategy", "word"), [
    ("sintering_aid", "relative_density"), ("fine_grain_sulfide", "grain_size"),
    ("element_doping", "ionic_conductivity"), ("halide_conversion_layer", "layer"),
    ("molten_lithium_anode", "molten"), ("fibre_reinforced_sulfide", "toughness"),
])  # fmt: skip
def test_a_treatment_that_no_law_reads_gets_no_answer_and_a_reason(
    strategy: str, word: str
) -> None:
    with pytest.raises(MissingProperty, match=word):
        BY_QUANTITY["critical_current_density"].predict(made(strategy=strategy))


def test_cleaning_is_read() -> None:
    bare = setting(made()).interface.surface
    clean = setting(made(strategy="thermal_surface_cleaning")).interface.surface
    assert (bare.cleaned, clean.cleaned) == (False, True)


def test_open_conditions_are_told_and_widen_the_interval() -> None:
    predict = BY_QUANTITY["critical_current_density"].predict
    stated = predict(made(electrolyte="Li6PS5Cl", stack_pressure=Number(2e6, "pressure"),
                          areal_capacity=Number(3.6e4, "areal_capacity")))  # fmt: skip
    unstated = predict(made(electrolyte="Li6PS5Cl"))
    assert stated is not None and unstated is not None
    assert "pressure not stated" in unstated.note and "pressure" not in stated.note.split(":")[0]
    assert unstated.high / unstated.low > stated.high / stated.low


def test_a_pressure_beyond_the_fit_is_out_of_range() -> None:
    record = made(stack_pressure=Number(25e6, "pressure"))
    found = BY_QUANTITY["critical_current_density"].predict(record)
    assert found is not None and not found.in_range


def test_open_pressures_are_even_in_the_logarithm_and_begin_in_the_middle() -> None:
    low, middle, high = OPEN_PRESSURE
    values = drawn(OPEN_PRESSURE)
    assert values[0] == middle
    assert low <= values.min() and values.max() <= high
    assert np.log(values).mean() == pytest.approx(np.log([low, high]).mean(), rel=0.01)


# --- answers ------------------------------------------------------------------------------------


def test_needed_pressure_turns_the_limit_of_stripping_round() -> None:
    cell = assembled(Interface("LLZO", "Li"), ROOM, (MEGAPASCAL,) * 3)
    found = device.needed_pressure(cell, ROOM, 4.0)
    law = cell.device.faces[0].voids
    assert isinstance(law, FittedLimit)
    reached = law.limit(found, ROOM)
    free = law.limit(0.0, ROOM)
    np.testing.assert_allclose(reached[free < 4.0], 4.0, rtol=1e-9)
    assert (found[free >= 4.0] == 0.0).all()


def test_a_ramp_carries_more_under_more_pressure() -> None:
    low, high = (device.carried(at("Li6PS5Cl", p * MEGAPASCAL)) for p in (1.0, 7.0))
    assert high[0] > low[0] and np.median(high) > np.median(low)


def test_a_life_is_no_longer_at_a_higher_current() -> None:
    slow, fast = (device.lasted(at("Li6PS5Cl", 3e6), j, 3600.0) for j in (0.5, 50.0))
    assert (fast <= slow * (1 + 1e-9)).mean() > 0.9 and fast[0] < slow[0]


# --- rivals -------------------------------------------------------------------------------------


def points(law: device_rivals.Law) -> list[GarnetPoint]:
    return [GarnetPoint(str(r), r * 1e-4, law(r * 1e-4), True) for r in (1.0, 5.0, 20.0, 80.0)]


@pytest.mark.parametrize(("fit", "law"), [
    (device_rivals.constant, lambda r: 12.0),
    (device_rivals.constant_overpotential, lambda r: 0.012 / r),
    (device_rivals.in_series, lambda r: 0.02 / (r + device_rivals.GRID[120])),
    (device_rivals.exponential, lambda r: 20.0 * math.exp(-r / 2e-3)),
])  # fmt: skip
def test_a_fit_finds_the_law_that_made_the_points(fit: device_rivals.Fit, law: device_rivals.Law
                                                  ) -> None:  # fmt: skip
    fitted = fit(points(law))
    for resistance in (2e-4, 5e-3):
        assert fitted(resistance) == pytest.approx(law(resistance), rel=1e-6)


def test_garnets_are_split_as_the_data_file_says() -> None:
    split = {p.paper: p.calibration for p in device_rivals.garnet_points()}
    fitted = {"chen2023burr", "hydrolysis2024", "lou2020", "srn2024", "zni2garnet"}
    assert {k for k, v in split.items() if v} == fitted
    assert {"chen2024gan", "lbhi2025", "nasir2025", "uniform2023"} <= set(split) - fitted


def test_the_current_held_by_the_fitted_limit_is_that_limit() -> None:
    _, law = device_rivals.void_laws("Li6PS5Cl")["fitted limit (FittedLimit)"]
    held = device_rivals.held_current(law, "Li6PS5Cl", 5e6, ROOM)
    assert held == pytest.approx(float(law.limit(5e6, ROOM)), rel=1e-6)  # type: ignore[attr-defined]


def test_an_overpotential_beats_a_constant_on_garnets_it_has_not_seen() -> None:
    error = {r.law: r.check_error for r in device_rivals.rivals() if r.question == "plating"}
    assert error["j R constant (OverpotentialLimit)"] < error["a constant current"]


def test_creep_without_breakdown_is_refuted() -> None:
    worst = {r.law: r.error for r in device_rivals.rivals() if r.question == "stripping"}
    assert worst["creep without breakdown, over the spacing"] > 3.0
    assert worst["fitted limit (FittedLimit)"] < 0.1


# --- the table ----------------------------------------------------------------------------------


def test_five_checks_and_more_come_from_papers_that_fed_nothing(table: tuple[Row, ...]) -> None:
    asked = ("sharafi2016", "spencerjolly2021", "duan2023", "chang2021", "narayan2018",
             "taylor2018")  # fmt: skip
    checks = {r.source.key for r in table if r.role == CHECK and r.ours is not None}
    assert set(asked) <= checks and len(checks) >= 20
    everything = frozenset().union(*(
        fed(assembled(Interface(e, "Li"), ROOM, (MEGAPASCAL,) * 3)) for e in ("LLZO", "Li6PS5Cl")
    ))  # fmt: skip
    assert not {references.paper(k) for k in asked} & everything


def test_recalled_numbers_are_not_in_the_table(table: tuple[Row, ...]) -> None:
    assert all(r.source.known in ("read", "second_hand") and r.source.key for r in table)


def test_every_miss_says_why(table: tuple[Row, ...]) -> None:
    bad = [r for r in table if r.verdict not in ("agrees", "bound kept")]
    assert bad and all(r.note for r in bad), [r.result for r in bad if not r.note]


def test_the_anchors(table: tuple[Row, ...]) -> None:
    found = {(r.source.key, r.result): r for r in table}

    def ratio(key: str, *words: str) -> float:
        rows = [r for (k, text), r in found.items() if k == key and all(w in text for w in words)]
        assert len(rows) == 1 and rows[0].ratio is not None, (key, words)
        return rows[0].ratio

    assert ratio("kasemchainan2019", "3 MPa") == pytest.approx(1.0, rel=0.02)
    assert ratio("kasemchainan2019", "7 MPa") == pytest.approx(1.0, rel=0.02)
    assert ratio("masias2019", "0.2 MPa") == pytest.approx(1.0, rel=0.5)
    assert ratio("masias2019", "0.6 MPa") == pytest.approx(1.0, rel=0.5)
    assert ratio("aktekin2023", "charge: Li6PS5Cl", "25 °C, 13 MPa, 400 h") == pytest.approx(
        1.0, rel=0.1
    )
    assert ratio("deysher2022") == pytest.approx(0.97, rel=0.02)
    assert ratio("krauskopf2019", "0.01 mA") == pytest.approx(1.0, rel=0.1)
    assert ratio("krauskopf2019", "0.1 mA") == pytest.approx(1.0, rel=0.1)
    assert ratio("krauskopf2019", "25 µm, 1 mA") == pytest.approx(0.46, rel=0.05)  # an open miss


def test_verdicts() -> None:
    row = Row("", "", Number(1.0, "time"), "exact", Number(1.9, "time"), 0, 0, CHECK, Source("x"))
    assert row.verdict == "agrees"
    assert replace(row, ours=Number(2.5, "time")).verdict == "near"
    assert replace(row, ours=Number(0.3, "time")).verdict == "miss"
    assert replace(row, bound="at_most").verdict == "miss: bound"
    assert replace(row, bound="at_least").verdict == "bound kept"
    assert replace(row, ours=None).verdict == "no answer"
    assert replace(row, published=Number(1.0, "number"), ours=Number(1.6, "number")).verdict != (
        "agrees"
    )


def test_the_model_stands_beside_what_needs_no_model() -> None:
    found = {s.group: s for s in standing()}
    ramp = found["critical current of a ramp"]
    assert ramp.n >= 15 and ramp.papers >= 10
    assert ramp.error < 0.35 and ramp.covered >= ramp.n // 2
    assert ramp.double <= ramp.triple <= ramp.n
    assert 0.0 < ramp.constant < 1.0 and 0.0 < ramp.others < 1.0


def test_the_page_of_the_docs_is_the_one_we_compute() -> None:
    assert page() in (DOCS / "models" / "cell.md").read_text(encoding="utf-8")


# --- claims -------------------------------------------------------------------------------------

PASSES = (
    "c_le_wetting", "c_ise_modulus", "c_li2co3_insulates", "c_dense_contact", "c_small_contact",
    "c_lattice_mismatch", "c_wetting_area", "c_li_contact_loss", "c_sse_strength",
    "c_local_factors", "c_dendrite_inputs", "c_dead_li", "c_miec", "c_byproduct_impedance",
    "c_gas_pressure", "c_side_effects",
)  # fmt: skip


def test_every_check_is_of_a_claim_and_overrides_none() -> None:
    assert set(DEVICE_CHECKS) <= {c.id for c in claims()}
    assert all(CHECKS.get(name, check) is check for name, check in DEVICE_CHECKS.items())


@pytest.mark.parametrize("name", PASSES)
def test_signs_hold_in_all_draws(name: str) -> None:
    holds, because = DEVICE_CHECKS[name]()
    assert holds, because


def test_what_is_out_of_reach_says_why() -> None:
    for name, reason in OUT_OF_REACH.items():
        with pytest.raises(MissingProperty, match=reason[:20]):
            DEVICE_CHECKS[name]()


def test_a_sign_that_holds_in_some_draws_is_untestable() -> None:
    draws = np.arange(64)
    assert judged(draws >= 0, "x") == (True, "x (in all 64 draws)")
    assert judged(draws < 0, "x") == (False, "x")
    with pytest.raises(MissingProperty, match="63 of 64"):
        judged(draws > 0, "x")


def test_a_rise_must_be_seen_at_the_best_values() -> None:
    one = np.ones(4)
    assert rises(one, 2.0 * one).all()
    assert not rises(one, one).any()
    assert not rises(2.0 * one, one).any()
    assert rises(one, np.array([2.0, 1.0, 0.5, 3.0])).tolist() == [True, True, False, True]


def test_a_claim_fails_when_the_law_is_turned_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """More contact, more resistance: every claim on contact must notice."""
    from anolyte.laws.constriction import CooperMikicYovanovich
    from anolyte.laws.kinetics import ChargeTransfer

    right = CooperMikicYovanovich.__call__
    monkeypatch.setattr(
        CooperMikicYovanovich, "__call__", lambda self, a, k=None: right(self, 1.0 - a)
    )
    forward = ChargeTransfer.__call__
    monkeypatch.setattr(
        ChargeTransfer, "__call__", lambda self, j, a, t: forward(self, j, 1.01 - a, t)
    )
    for name in ("c_small_contact", "c_dense_contact", "c_le_wetting"):
        try:
            holds, _ = DEVICE_CHECKS[name]()
        except AnolyteError:
            continue  # no longer in all draws
        assert not holds, name
