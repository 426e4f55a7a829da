r"""At which level a scalar field on a periodic grid lets one pass through the crystal.

Grid points are taken in order of their value and joined with the neighbours that are lower
(union and find). Each join remembers by how many cells the two points are apart; a join within one
cluster that closes a path to a shifted image of itself is a way through, in the direction of that
shift. The level at which a cluster has one, two, three independent shifts is the threshold of
percolation in as many dimensions: exact on the grid, and found in one pass.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def thresholds(field: Array, ceiling: float = np.inf) -> tuple[float, float, float]:
    """Levels at which the points at or below them pass through in 1, 2 and 3 dimensions.

    Args:
        field: Values, periodic in all directions, (a, b, c).
        ceiling: Points above it are never taken.

    Returns:
        Infinity where there is no way through below the ceiling.

    Range: passages narrower than the grid are seen too high; neighbours share a face, an edge or a
    corner.

    >>> field = np.ones((4, 4, 4))
    >>> field[:, 0, 0] = 0.2
    >>> thresholds(field)
    (0.2, 1.0, 1.0)
    """
    shape = np.array(field.shape)
    flat = np.ascontiguousarray(field, dtype=float).ravel()
    taken = np.flatnonzero(flat <= ceiling)
    order = taken[np.argsort(flat[taken], kind="stable")]
    found = _scan(flat, order, shape)
    return float(found[0]), float(found[1]), float(found[2])


@numba.njit(cache=True)
def _find(parent, shift, i):  # type: ignore[no-untyped-def]
    """The root of a point and the cells between them; the path is shortened."""
    x, y, z = 0, 0, 0
    root = i
    while parent[root] != root:
        x += shift[root, 0]
        y += shift[root, 1]
        z += shift[root, 2]
        root = parent[root]
    a, b, c = x, y, z
    while parent[i] != root and i != root:
        following = parent[i]
        sx, sy, sz = shift[i, 0], shift[i, 1], shift[i, 2]
        parent[i] = root
        shift[i, 0], shift[i, 1], shift[i, 2] = a, b, c
        a, b, c = a - sx, b - sy, c - sz
        i = following
    return root, x, y, z


@numba.njit(cache=True)
def _add(basis, rank, vector):  # type: ignore[no-untyped-def]
    """The rank of a set of shifts with one more; a new direction is kept in `basis`."""
    if rank == 3 or (vector[0] == 0 and vector[1] == 0 and vector[2] == 0):
        return rank
    if rank == 1:
        b = basis[0]
        if (
            b[1] * vector[2] == b[2] * vector[1]
            and b[2] * vector[0] == b[0] * vector[2]
            and b[0] * vector[1] == b[1] * vector[0]
        ):
            return rank
    if rank == 2:
        b, d = basis[0], basis[1]
        volume = (
            (b[1] * d[2] - b[2] * d[1]) * vector[0]
            + (b[2] * d[0] - b[0] * d[2]) * vector[1]
            + (b[0] * d[1] - b[1] * d[0]) * vector[2]
        )
        if volume == 0:
            return rank
    basis[rank, 0], basis[rank, 1], basis[rank, 2] = vector[0], vector[1], vector[2]
    return rank + 1


@numba.njit(cache=True)
def _scan(flat, order, shape):  # type: ignore[no-untyped-def]
    """Thresholds of one, two and three independent ways through."""
    n = flat.size
    parent = np.full(n, -1, dtype=np.int64)
    shift = np.zeros((n, 3), dtype=np.int64)
    size = np.ones(n, dtype=np.int64)
    rank = np.zeros(n, dtype=np.int64)
    basis = np.zeros((n, 3, 3), dtype=np.int64)
    found = np.full(3, np.inf)
    best = 0
    vector = np.zeros(3, dtype=np.int64)
    for i in order:
        parent[i] = i
        x, y, z = i // (shape[1] * shape[2]), (i // shape[2]) % shape[1], i % shape[2]
        for step in range(27):
            if step == 13:
                continue
            u, v, w = x + step // 9 - 1, y + (step // 3) % 3 - 1, z + step % 3 - 1
            cx, cy, cz = u // shape[0], v // shape[1], w // shape[2]
            j = ((u - cx * shape[0]) * shape[1] + v - cy * shape[1]) * shape[2] + w - cz * shape[2]
            if parent[j] < 0:
                continue
            ri, ix, iy, iz = _find(parent, shift, i)
            rj, jx, jy, jz = _find(parent, shift, j)
            # Where the image of j beside i lies, seen from both roots.
            vector[0], vector[1], vector[2] = ix - jx + cx, iy - jy + cy, iz - jz + cz
            if ri == rj:
                rank[ri] = _add(basis[ri], rank[ri], vector)
                top = ri
            else:
                if size[ri] < size[rj]:
                    ri, rj = rj, ri
                    vector[0], vector[1], vector[2] = -vector[0], -vector[1], -vector[2]
                parent[rj] = ri
                shift[rj, 0], shift[rj, 1], shift[rj, 2] = vector[0], vector[1], vector[2]
                size[ri] += size[rj]
                for k in range(rank[rj]):
                    rank[ri] = _add(basis[ri], rank[ri], basis[rj, k])
                top = ri
            while best < rank[top]:
                found[best] = flat[i]
                best += 1
            if best == 3:
                return found
    return found
