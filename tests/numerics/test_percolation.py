"""Thresholds of percolation against a search level by level, and shapes that are known."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from anolyte.numerics.percolation import thresholds


def directions(occupied: np.ndarray) -> int:
    """Independent ways through, by a walk over every cluster that remembers its cells."""
    cell: dict[tuple[int, ...], tuple[int, ...]] = {}
    best = 0
    for start in map(tuple, np.argwhere(occupied)):
        if start in cell:
            continue
        cell[start], queue, loops = (0, 0, 0), deque([start]), {(0, 0, 0)}
        while queue:
            here = queue.popleft()
            for step in np.ndindex(3, 3, 3):
                raw = [here[k] + step[k] - 1 for k in range(3)]
                moved = [raw[k] // occupied.shape[k] for k in range(3)]
                there = tuple(raw[k] % occupied.shape[k] for k in range(3))
                if not occupied[there]:
                    continue
                image = tuple(cell[here][k] + moved[k] for k in range(3))
                if there in cell:
                    loops.add(tuple(image[k] - cell[there][k] for k in range(3)))
                else:
                    cell[there] = image
                    queue.append(there)
        best = max(best, int(np.linalg.matrix_rank(np.array(sorted(loops)))))
    return best


@pytest.mark.parametrize("seed", range(25))
def test_levels_are_those_of_a_search_level_by_level(seed: int) -> None:
    draws = np.random.default_rng(seed)
    field = draws.random(tuple(draws.integers(1, 6, 3)))
    levels = np.sort(field.ravel())
    ways = [directions(field <= level) for level in levels]
    for dimension, found in enumerate(thresholds(field), 1):
        wanted = next((v for v, n in zip(levels, ways, strict=True) if n >= dimension), np.inf)
        assert found == wanted


def test_a_channel_a_sheet_and_nothing() -> None:
    field = np.full((6, 6, 6), 9.0)
    field[:, 2, 2] = 1.0  # a channel
    field[3, :, :] = np.where(field[3] == 1.0, 1.0, 2.0)  # a sheet across it
    assert thresholds(field) == (1.0, 2.0, 2.0)
    assert thresholds(np.full((4, 4, 4), 7.0), ceiling=5.0) == (np.inf,) * 3


def test_a_spiral_that_closes_on_itself_only_after_two_cells_is_a_way_through() -> None:
    # Diagonal steps: the path leaves through x and comes back shifted in y.
    field = np.full((4, 8, 3), 9.0)
    for k in range(8):
        field[k % 4, k, 0] = 1.0
    one, two, _ = thresholds(field)
    assert one == 1.0 and two == 9.0


def test_the_origin_of_the_grid_does_not_matter() -> None:
    field = np.random.default_rng(3).random((7, 5, 6))
    moved = np.roll(field, (3, 1, 4), axis=(0, 1, 2))
    assert thresholds(field) == thresholds(moved) == thresholds(field.transpose(2, 0, 1))
