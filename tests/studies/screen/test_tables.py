"""Estimators that read tables: supply and electronic leak."""

import pytest

from anolyte.core.units import ELEMENTARY_CHARGE as E
from anolyte.materials import references
from anolyte.studies.screen.candidates import Candidate
from anolyte.studies.screen.estimates import Judged
from anolyte.studies.screen.estimators.leak import Leaking, OwnBarrier
from anolyte.studies.screen.estimators.supply import Supplied


def judged(text: str) -> Judged:
    return Judged(Candidate(text, text, "test"))


def test_supply_is_weighted_by_mass_and_unknown_where_an_element_is() -> None:
    salt, hydride = Supplied()([judged("LiF"), judged("LiH")])
    found = salt.best("supply_concentration")
    assert found is not None and found.value == pytest.approx(
        (6.94 * 2900 + 18.998 * 1500) / 25.938, rel=1e-3
    )
    for name in ("element_price", "crust_abundance", "hazard"):
        estimate = salt.best(name)
        assert estimate is not None and estimate.known
    missing = hydride.best("supply_concentration")
    assert missing is not None and not missing.known and "H" in missing.note


def test_own_barriers_override_the_model_with_their_sigma() -> None:
    own = {"LiF": OwnBarrier(0.5 * E, 0.1 * E)}
    model, given = Leaking()([judged("LiF")])[0], Leaking(own=own)([judged("F1Li1")])[0]
    first, second = model.best("electron_barrier"), given.best("electron_barrier")
    assert first is not None and first.value is not None and first.value > 3.0 * E
    assert second is not None and (second.value, second.sigma) == (0.5 * E, 0.1 * E)
    tight = given.best("electron_tightness")
    assert tight is not None and tight.note.startswith("bad")
    assert Leaking().digest != Leaking(own=own).digest


def test_without_a_gap_or_a_work_function_nothing_is_said() -> None:
    for estimator, text in ((Leaking(), "Li5Sr3"), (Leaking("Xx"), "LiF"), (Leaking(), "??")):
        found = estimator([judged(text)])[0].best("electron_barrier")
        assert found is not None and not found.known and found.note


def test_sources_are_in_the_bibliography() -> None:
    for j in (*Supplied()([judged("LiF")]), *Leaking()([judged("LiF")])):
        references.bibtex([e.source for e in j.estimates if e.source])
