"""Compiled ladders of many energy vectors beside `hull.ladder` asked of each."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.numerics import hull, resampled
from anolyte.numerics.resampled import ABSENT

OPEN = 0
LONG = 5
"""Seed of a table whose ladders have nine steps."""


def tables(seed: int, kind: int, draws: int = 8):
    """A phase table, energy vectors and a target; kinds 1 and 2 are degenerate on purpose."""
    rng = np.random.default_rng([seed, kind])
    size = int(rng.integers(2, 7))
    amounts = np.vstack([np.eye(size), rng.integers(0, 4, (int(rng.integers(2, 25)), size))])
    amounts = amounts[amounts.sum(axis=1) > 0]
    fractions = amounts / amounts.sum(axis=1, keepdims=True)
    pure = (amounts > 0).sum(axis=1) == 1
    energies = np.where(pure, 0.0, rng.normal(-0.6, 0.7, (draws, len(amounts))))
    if kind == 1:
        energies = np.round(2 * energies) / 2
    if kind == 2:
        energies = energies.mean(axis=0) + np.zeros((draws, 1))
        fractions = np.vstack([fractions, fractions[:4]])
        energies = np.hstack([energies, energies[:, :4]])
    energies = energies + fractions @ rng.uniform(-9, -1, size)
    target = rng.integers(0, 5, size).astype(float)
    target[1] += 1.0
    return fractions, energies, target / target.sum()


def assert_equal(many: resampled.Ladders, i: int, one: hull.Ladder, ground: float) -> None:
    assert many.count[i] == len(one.steps)
    steps = slice(0, many.count[i])
    for name in ("slope", "low", "high"):
        expected = [getattr(s, name) for s in one.steps]
        np.testing.assert_allclose(getattr(many, name)[i, steps], expected, atol=1e-10, rtol=0)
    assert many.ground[i] == pytest.approx(ground, abs=1e-10)
    assert one.steps[many.reduction[i]] is one.reduction
    step = many.oxidation[i]
    assert (one.steps[step] if step < many.count[i] else None) is one.oxidation


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_every_ladder_is_that_of_the_numpy_walk(kind: int) -> None:
    for seed in range(60):
        fractions, energies, target = tables(seed, kind)
        many = resampled.ladders(fractions, energies, target, OPEN)
        for i, vector in enumerate(energies):
            one = hull.ladder(fractions, vector, target, OPEN)
            assert_equal(many, i, one, hull.lower_hull(fractions, vector, target).energy)


def test_what_is_present_at_the_ends_holds_the_elements_of_the_target() -> None:
    for seed in range(30):
        fractions, energies, target = tables(seed, 0)
        many = resampled.ladders(fractions, energies, target, OPEN)
        closed = np.where(np.arange(target.size) == OPEN, 0.0, target)
        for ends in ("low", "high"):
            rows, amounts = getattr(many, f"at_{ends}"), getattr(many, f"amounts_{ends}")
            content = getattr(many, ends)
            finite = many.held & np.isfinite(content)
            amounts = np.where(rows == ABSENT, 0.0, amounts)[finite]
            held = np.einsum("nk,nki->ni", amounts, fractions[rows[finite]])
            expected = closed + content[finite][:, None] * np.eye(target.size)[OPEN]
            np.testing.assert_allclose(held, expected, atol=1e-10)


def test_a_phase_of_infinite_energy_is_not_there() -> None:
    for seed in range(30):
        fractions, energies, target = tables(seed, 0)
        compounds = np.flatnonzero((fractions > 0).sum(axis=1) > 1)
        vectors = np.repeat(energies[:1], len(compounds) + 1, axis=0)
        vectors[np.arange(1, len(vectors)), compounds] = np.inf
        many = resampled.ladders(fractions, vectors, target, OPEN)
        for i, row in enumerate(compounds, start=1):
            left, left_energies = np.delete(fractions, row, 0), np.delete(energies[0], row)
            one = hull.ladder(left, left_energies, target, OPEN)
            assert [s.slope for s in one.steps] == pytest.approx(
                many.slope[i, : many.count[i]], abs=1e-10
            )


def test_a_vector_that_stalls_is_asked_of_the_hull(monkeypatch: pytest.MonkeyPatch) -> None:
    fractions, energies, target = tables(LONG, 0)
    expected = resampled.ladders(fractions, energies, target, OPEN)
    walk_all = resampled.walk_all

    def stall(*args):
        walk_all(*args)
        args[8][::2] = resampled.STALLED

    monkeypatch.setattr(resampled, "walk_all", stall)
    monkeypatch.setattr(resampled, "STEPS", 1)
    found = resampled.ladders(fractions, energies, target, OPEN)
    np.testing.assert_array_equal(found.count, expected.count)
    np.testing.assert_allclose(
        found.potential[found.held], expected.potential[expected.held], atol=1e-10
    )


def test_little_room_is_enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    fractions, energies, target = tables(LONG, 0)
    expected = resampled.ladders(fractions, energies, target, OPEN)
    assert expected.count.max() > 2
    monkeypatch.setattr(resampled, "STEPS", 1)
    found = resampled.ladders(fractions, energies, target, OPEN)
    np.testing.assert_array_equal(found.slope[found.held], expected.slope[expected.held])


def test_energies_that_are_no_numbers_are_refused() -> None:
    fractions, energies, target = tables(3, 0)
    energies[2, 1] = np.nan
    with pytest.raises(ValueError, match="numbers"):
        resampled.ladders(fractions, energies, target, OPEN)
    with pytest.raises(ValueError, match="column"):
        resampled.ladders(fractions, energies[:1], target, 99)
