"""At which level the edges of a periodic graph lead through the crystal.

Nodes lie in one cell; an edge joins a node with the image of a node some cells away. Edges are
taken in order of their level and joined (union and find, with the cells between a node and its
root); one that closes a path to a shifted image of itself is a way through. One, two, three
independent shifts are ways in as many dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Shift = tuple[int, int, int]
Edge = tuple[int, int, Shift]
"""Node, node, and the cell in which the second one lies."""


def thresholds(edges: Sequence[Edge], levels: Sequence[float]) -> tuple[float, float, float]:
    """Levels at which the edges at or below them pass through in 1, 2 and 3 dimensions.

    Args:
        edges: Each once, in either direction.
        levels: Of each edge; an infinite one is never taken.

    Returns:
        Infinity where there is no way through.

    >>> chain = [(0, 1, (0, 0, 0)), (1, 0, (1, 0, 0)), (0, 0, (0, 1, 0))]
    >>> thresholds(chain, [0.1, 0.4, 0.7])
    (0.4, 0.7, inf)
    """
    parent: dict[int, tuple[int, np.ndarray]] = {}
    ways: dict[int, list[np.ndarray]] = {}
    found = [math.inf] * 3
    best = 0
    for place in sorted(range(len(edges)), key=lambda k: levels[k]):
        if math.isinf(levels[place]) and levels[place] > 0.0:
            break
        start, end, cells = edges[place]
        (a, of_a), (b, of_b) = _root(parent, start), _root(parent, end)
        between = of_a - of_b - np.array(cells)  # cell of root b as seen from root a, negative
        if a != b:
            parent[b] = (a, between)
            ways[a] = _independent([*ways.get(a, []), *ways.pop(b, [])])
        else:
            ways[a] = _independent([*ways.get(a, []), between])
        while best < len(ways[a]):
            found[best] = levels[place]
            best += 1
    return found[0], found[1], found[2]


def _root(parent: dict[int, tuple[int, np.ndarray]], node: int) -> tuple[int, np.ndarray]:
    """The root of a node and the cells between them."""
    cells = np.zeros(3, dtype=np.int64)
    while node in parent:
        node, step = parent[node]
        cells = cells + step
    return node, cells


def _independent(shifts: list[np.ndarray]) -> list[np.ndarray]:
    """As many of them as are linearly independent."""
    kept: list[np.ndarray] = []
    for shift in shifts:
        if int(np.linalg.matrix_rank(np.array([*kept, shift]))) > len(kept):
            kept.append(shift)
    return kept
