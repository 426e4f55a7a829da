"""Our intervals beside the published windows: counted, not tuned, and every miss explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anolyte.materials.phases import embedded
from anolyte.studies.validate import window_coverage
from anolyte.studies.validate.window_intervals import (
    SIDES,
    WindowInterval,
    counts,
    to_markdown,
    window_intervals,
)
from anolyte.studies.validate.windows import published_rows, reasons


@pytest.fixture(scope="module")
def found() -> tuple[WindowInterval, ...]:
    return window_intervals()


def test_every_published_window_has_its_row_and_most_have_ours(found) -> None:
    assert [x.published for x in found] == list(published_rows())
    answered = {x.published.formula for x in found if x.ours is not None}
    assert len(answered) >= 40
    page = to_markdown(found)
    for x in found:
        assert f"| {x.published.formula} |" in page
    assert page.count("no energies") == sum(x.ours is None for x in found)


def test_whatever_disagrees_has_its_reason_in_the_data(found) -> None:
    """A limit outside our interval, or 0.1 V away: a reason in literature_windows.csv, or fail."""
    assert {
        (x.published.formula, x.published.source, x.unexplained) for x in found if x.unexplained
    } == set()
    told = {key for x in found for keys in x.published.reasons.values() for key in keys}
    assert told == set(reasons())  # no key without a sentence, no sentence without a use


def test_reasons_hold_with_the_energies_in_use(found) -> None:
    """A phase that is said to lack an energy lacks it; a quotation is one."""
    for x in found:
        keys = {key for side in x.published.reasons.values() for key in side}
        if x.nominal is not None and "not_in_table" in keys:
            assert x.nominal.energy_above_hull is None, x.published.formula
        if "quotation" in keys:
            assert x.published.method == "quoted"


def test_a_disagreement_without_a_reason_is_named(found) -> None:
    row = next(x for x in found if x.disagrees("oxidation"))
    bare = replace(row, published=replace(row.published, reasons={}))
    assert "oxidation" in bare.unexplained


def test_most_published_limits_lie_inside_our_intervals_and_misses_are_marked(found) -> None:
    """An interval of 90 % that held all of them would be too wide, one that held few too narrow."""
    for side in ("reduction", "oxidation"):
        hits, among = counts(found, side)
        assert among >= 40
        assert 0.6 <= hits / among <= 1.0
    page = to_markdown(found)
    missed = sum(
        x.inside(side) is False
        and (side != "energy" or bool(x.published.first_products or x.published.lithium_products))
        for x in found for side in SIDES
    )  # fmt: skip
    assert page.count("**") == 2 * missed > 0


def test_larger_errors_hold_more_and_smaller_ones_fewer() -> None:
    """The share inside is a statement on the errors: it follows them."""
    hits = [counts(window_intervals(draws=200, errors=e), "reduction")[0] for e in (0.2, 1.0, 3.0)]
    assert hits == sorted(hits) and hits[0] < hits[-1]


def test_the_scatter_of_the_papers_is_that_of_pairs_on_one_compound(found) -> None:
    two = [x for x in found if x.published.formula == "Li3PS4" and x.published.own]
    apart = abs((two[0].printed("reduction") or 0.0) - (two[1].printed("reduction") or 0.0))
    assert len(two) == 2
    assert window_coverage.scatter(two, "reduction") == pytest.approx(apart / 2**0.5)


def test_without_energies_a_row_says_so_and_judges_nothing() -> None:
    part = embedded().within({"Li", "S", "P"})
    row = next(x for x in window_intervals(part, draws=100) if x.published.formula == "LiCl")
    assert row.ours is None and row.inside("oxidation") is None and row.unexplained == ()
