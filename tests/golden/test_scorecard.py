"""The scorecard may not get worse, lose rows, or differ from the page of the docs.

`scorecard.json` holds the floors. A change that moves one on purpose changes the file with it, in
the same commit, where a reviewer sees it.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from anolyte.core.provenance import Source
from anolyte.core.result import Number, decode
from anolyte.materials.evidence import evidence, papers
from anolyte.materials.records import Record
from anolyte.studies.validate import Scorecard, validate
from anolyte.studies.validate.claims import CHECKS, claims
from anolyte.studies.validate.page import page
from anolyte.studies.validate.predictions import PREDICTORS, Prediction, Predictor
from anolyte.studies.validate.scorecard import PREDICTED, score_rows
from anolyte.studies.validate.systems import systems

HERE = Path(__file__).parent
FLOORS = json.loads((HERE / "scorecard.json").read_text(encoding="utf-8"))
SLACK = 1.001


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return validate()


def test_no_count_falls(card: Scorecard) -> None:
    found = {
        "records": card.records.records,
        "sources": card.records.papers,
        "read": card.records.known[0],
        "predicted": sum(x.use == PREDICTED for x in card.records.lines),
        "claims passed": card.claims.count("pass"),
        "claims testable": card.claims.count("pass") + card.claims.count("fail"),
        "backtest hits": card.backtest.hits()[0],
        "backtest papers": card.backtest.hits()[1],
    }
    fallen = {k: (v, FLOORS["counts"][k]) for k, v in found.items() if v < FLOORS["counts"][k]}
    assert not fallen


def test_no_score_gets_worse(card: Scorecard) -> None:
    for score in card.records.scores:
        floor = FLOORS["scores"][score.predictor]
        assert score.n >= floor["n"], score.predictor
        if score.error is not None:
            assert score.error <= floor["error"] * SLACK, score.predictor


def test_claims_that_passed_still_pass(card: Scorecard) -> None:
    passing = {v.claim.id for v in card.claims.verdicts if v.outcome == "pass"}
    assert set(FLOORS["claims"]) <= passing


def test_the_page_of_the_docs_is_the_one_we_compute(card: Scorecard) -> None:
    text = (HERE.parents[1] / "docs" / "scorecard.md").read_text(encoding="utf-8")
    assert page(card) in text


def test_the_readme_quotes_the_scorecard(card: Scorecard) -> None:
    text = " ".join((HERE.parents[1] / "README.md").read_text(encoding="utf-8").split())
    hits, n = card.backtest.hits()
    predicted = sum(x.use == PREDICTED for x in card.records.lines)
    assert f"{card.records.records} records from {card.records.papers} sources" in text
    assert f"tested on {predicted} of them" in text
    passed, failed, rest = (card.claims.count(o) for o in ("pass", "fail", "untestable"))
    assert f"{passed} pass, {failed} fail, {rest} wait for models" in text
    assert f"In {hits} of {n} trials" in text


def test_the_ranking_beats_chance_and_families(card: Scorecard) -> None:
    hits, n = card.backtest.hits()
    assert hits / n > card.backtest.expected("chance")
    assert hits / n > card.backtest.expected("by_class")


def test_every_check_is_of_a_claim_and_every_system_is_there() -> None:
    assert set(CHECKS) <= {c.id for c in claims()}
    assert [s.id for s in systems()] == [f"S{i}" for i in range(1, 45)] or len(systems()) == 44


def test_the_evidence_holds_what_was_asked_of_it() -> None:
    records = evidence()
    further = [r for r in records if "wang2025review" not in r.source.where
               and r.source.key != "wang2025review"]  # fmt: skip
    read = [r for r in further if r.source.known == "read"]
    assert len([r for r in further if r.source.known != "recalled"]) >= 60
    assert len(read) >= 30
    assert len(papers(read)) >= 30
    assert all(r.source.where for r in read)


def test_a_scorecard_survives_json(card: Scorecard) -> None:
    again = decode(Scorecard, json.loads(json.dumps(card.to_dict())))
    assert again.records.scores == card.records.scores
    assert again.backtest == card.backtest


# --- what may count ---------------------------------------------------------------------------


def made(name: str, value: float, **other: object) -> Record:
    fields: dict = {
        "id": name, "electrolyte": "LLZO", "anode": "Li", "quantity": "theoretical_capacity",
        "value": Number(value, "specific_capacity"), "source": Source(name, "abstract"),
    }  # fmt: skip
    return Record(**(fields | other))


def constant(value: float, parameters: int = 0) -> tuple[Predictor, ...]:
    def predict(record: Record) -> Prediction:
        return Prediction(value, 0.9 * value, 1.1 * value)

    return (Predictor("x", "m", ("theoretical_capacity",), predict, parameters=parameters),)


def test_calibration_and_recalled_rows_never_count_as_prediction() -> None:
    rows = [
        made("a", 1.0),
        made("b", 1.0, role="calibration"),
        made("c", 1.0, source=Source("c", known="recalled")),
    ]
    found = score_rows(rows, constant(2.0))
    assert [x.use for x in found.lines] == ["prediction", "calibration", "recalled"]
    assert found.scores[0].n == 1
    assert found.scores[0].error == pytest.approx(1.0 / 3600.0)


def test_a_law_with_as_many_parameters_as_rows_scores_nothing() -> None:
    rows = [made("a", 1.0), made("b", 2.0)]
    assert score_rows(rows, constant(1.0, parameters=2)).scores[0].error is None
    assert score_rows(rows, constant(1.0, parameters=1)).scores[0].error is not None


def test_bounds_are_kept_or_not_and_have_no_error() -> None:
    rows = [
        made("a", 1.0, bound="at_least"), made("b", 3.0, bound="at_least"),
        made("c", 15.0, bound="order"), made("d", 50.0, bound="order"),
        made("e", 1.0, bound="at_most"),
    ]  # fmt: skip
    found = score_rows(rows, constant(2.0))
    assert [x.agrees for x in found.lines] == [True, False, True, False, False]
    assert (found.scores[0].n, found.scores[0].bounds, found.scores[0].kept) == (0, 5, 2)


def test_a_materials_own_paper_is_an_input_not_a_prediction() -> None:
    """Take the only source of a conductivity away and nothing is left to predict from."""
    conductivity = next(p for p in PREDICTORS if p.name == "ionic conductivity")
    from anolyte.materials.library import default

    material = default().electrolyte("LiPON")
    for measurement in material.properties["ionic_conductivity"]:
        record = replace(
            made("a", 1.0), electrolyte="LiPON", quantity="ionic_conductivity",
            value=Number(1e-4, "conductivity"), source=Source(measurement.source, "abstract"),
        )  # fmt: skip
        found = conductivity.predict(record)
        others = [m for m in material.properties["ionic_conductivity"]
                  if m.source != measurement.source]  # fmt: skip
        assert (found is None) == (not others)


def test_a_treated_sample_is_not_predicted_from_the_untreated_one() -> None:
    record = replace(
        made("a", 1.0), quantity="ionic_conductivity", value=Number(0.1, "conductivity"),
        strategy="sintering_aid",
    )  # fmt: skip
    (line,) = score_rows([record]).lines
    assert line.use == "no answer"
    assert "treat" in line.note
