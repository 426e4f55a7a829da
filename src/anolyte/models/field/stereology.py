r"""How much surface lies between the cells of a map, from the lines that cross it.

$$ S_V = 2\,\bar P_L \ \text{(space)}, \qquad L_A = \tfrac{\pi}{2}\,\bar P_L \ \text{(plane)},
   \qquad \bar l = 1/\bar P_L $$

$\bar P_L$ counts the crossings of a length of line, averaged over all directions (Cauchy, Crofton).
The faces of cells overstate a surface by up to $\sqrt 2$ in the plane and $\sqrt 3$ in space; lines
between cell centres do not. Directions are those with steps of up to two cells, each with the share
of all directions that lie nearest to it; what is left of the staircase is up to 1.5 % of a flat
surface in the plane and 2.1 % in space, by its orientation, and less of one that faces all ways.
Two crossings nearer than a step are missed: of random grains 4 % in space where the mean intercept
is 16 cells, 6 % where it is 9. At a closed side the last cells count again beyond it.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np

from anolyte.numerics.grid import Field, Grid

STEPS = 2
"""Cells that a line goes along an axis from one centre to the next, at most."""
SPREAD = 20_000
"""Directions that are shared out."""
OF_CROSSINGS = {2: math.pi / 2.0, 3: 2.0}
"""Surface over crossings of a length of line."""


def surface_density(labels: np.ndarray, grid: Grid, within: np.ndarray | None = None) -> float:
    """1/m, surface between unlike cells for each volume (line for each area in the plane).

    Args:
        labels: Of the cells.
        grid: The cells.
        within: Where both cells must lie for a crossing to count; anywhere.

    >>> grid = Grid.cubic((64, 64), 1.0, periodic=(False, True))
    >>> flat = np.arange(64)[:, None] < 32 + np.zeros(64)
    >>> round(64 * surface_density(flat, grid), 2)
    0.99
    """
    return OF_CROSSINGS[grid.dimensions] * crossings(labels, grid, within)


def crossings(labels: np.ndarray, grid: Grid, within: np.ndarray | None = None) -> float:
    """1/m, of lines in all directions with what lies between unlike cells."""
    total = 0.0
    for step, share in zip(*_lines(grid.spacing), strict=True):
        unlike = labels != _beyond(labels, grid, step)
        if within is not None:
            unlike &= within & _beyond(within, grid, step)
        length = math.hypot(*(n * h for n, h in zip(step, grid.spacing, strict=True)))
        total += share * float(np.count_nonzero(unlike)) / (grid.cells * length)
    return total


def _beyond(values: np.ndarray, grid: Grid, step: tuple[int, ...]) -> np.ndarray:
    """The cell a step away from each; a closed side repeats its last one."""
    for axis, by in enumerate(step):
        size = values.shape[axis]
        place = np.arange(size) + by
        place = place % size if grid.periodic[axis] else np.clip(place, 0, size - 1)
        values = np.take(values, place, axis)
    return values


@lru_cache(maxsize=16)
def _lines(spacing: tuple[float, ...]) -> tuple[list[tuple[int, ...]], list[float]]:
    """Steps between centres that differ in direction, and the share of directions of each."""
    steps = [
        step
        for step in itertools.product(range(-STEPS, STEPS + 1), repeat=len(spacing))
        if step > (0,) * len(spacing) and math.gcd(*step) == 1
    ]
    ways = np.array(steps) * np.array(spacing)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    nearest = np.argmax(np.abs(_evenly(len(spacing)) @ ways.T), axis=1)
    return steps, (np.bincount(nearest, minlength=len(steps)) / SPREAD).tolist()


def _evenly(dimensions: int) -> Field:
    """Directions that cover all of them evenly: a circle, or a golden spiral on a sphere."""
    place = (np.arange(SPREAD) + 0.5) / SPREAD
    if dimensions == 2:
        return np.stack([np.cos(np.pi * place), np.sin(np.pi * place)], axis=1)
    height, turn = 1.0 - 2.0 * place, np.pi * (1.0 + math.sqrt(5.0)) * np.arange(SPREAD)
    ring = np.sqrt(1.0 - height * height)
    return np.stack([height, ring * np.cos(turn), ring * np.sin(turn)], axis=1)
