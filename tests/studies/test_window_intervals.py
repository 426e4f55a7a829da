"""Our intervals beside the published windows: counted, not tuned."""

from anolyte.studies.validate.window_intervals import to_markdown, window_intervals


def test_most_published_limits_lie_inside_our_intervals_and_misses_are_marked() -> None:
    """An interval of 90 % that held all of them would be too wide, one that held few too narrow."""
    found = window_intervals(draws=300)
    answered = [x for x in found if x.ours is not None]
    assert len(answered) >= 20
    for side in ("reduction", "oxidation"):
        judged = [y for y in (getattr(x, side) for x in answered) if y is not None]
        assert len(judged) >= 20
        assert 0.6 <= sum(judged) / len(judged) <= 1.0
    page = to_markdown(found)
    missed = sum(x.reduction is False for x in found) + sum(x.oxidation is False for x in found)
    assert page.count("**") == 2 * missed > 0
    assert len(page.splitlines()) == len(found) + 4
