r"""Cells that a surface cuts: how much of them lies inside, and how much surface lies in them.

In a cell the signed distance to the surface is taken to be linear; the share of the cell below the
plane where it vanishes, and the area of that plane in it, are exact:

$$ V(\alpha) = \frac{1}{k!\,\prod m_i}\sum_{S}(-1)^{|S|}\Big(\alpha - \sum_{i\in S} m_i\Big)_+^k ,
   \qquad m_i = h_i\,|\partial_i s|, \quad \alpha = \tfrac12\sum m_i - s $$

with the sum over all sets S of the k axes along which the distance changes. The volume of a smooth
body of radius r comes out too large by a share of about `(h/r)^2/12` in the plane and `(h/r)^2/4`
in space; its area scatters by about as much. Edges and tips are rounded within a cell, which is
second order too.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid

FLAT = 1e-4
"""Slope along an axis over the steepest one, below which it is none: rounding grows as 1e-16 over
its square."""
TIE = 1e-9
"""Of a cell, by which a plane between two cells is moved."""


def fraction(distance: Field, grid: Grid) -> Field:
    """Share of every cell that lies inside.

    Args:
        distance: m, at the centres, negative inside.
        grid: The cells.

    >>> grid = Grid.cubic((4, 4), 1.0)
    >>> fraction(grid.mesh()[0] + np.zeros(4) - 1.25, grid)[:, 0].tolist()
    [1.0, 0.25, 0.0, 0.0]
    """
    edges, cut = _reaches(distance, grid)
    share = np.where(distance < 0.0, 1.0, 0.0)
    share[distance == 0.0] = 0.5
    share[cut] = _below(-distance[cut], edges)
    return share


def surface(distance: Field, grid: Grid) -> Field:
    """m2 (m in the plane), area of the surface in every cell.

    A surface that lies in the faces between two cells is counted in one of them.

    Args:
        distance: m, at the centres, negative inside.
        grid: The cells.

    >>> grid = Grid.cubic((64, 64), 1.0)
    >>> z, x = grid.mesh()
    >>> circle = np.hypot(z - 32.2, x - 31.7) - 20.0
    >>> round(float(surface(circle, grid).sum() / 40.0), 2)
    3.14
    """
    edges, cut = _reaches(distance, grid)
    area = np.zeros(grid.shape)
    size = np.sqrt(sum((edge / h) ** 2 for edge, h in zip(edges, grid.spacing, strict=True)))
    area[cut] = grid.cell_volume * size * _section(-distance[cut], edges)
    return area


def slopes(values: Field, grid: Grid) -> tuple[Field, ...]:
    """Differences at the centres, by axis; one-sided at closed sides."""
    found = []
    for axis, (edge, wraps) in enumerate(zip(grid.spacing, grid.periodic, strict=True)):
        if wraps:
            found.append((np.roll(values, -1, axis) - np.roll(values, 1, axis)) / (2.0 * edge))
        else:
            found.append(np.gradient(values, edge, axis=axis))
    return tuple(found)


def _reaches(distance: Field, grid: Grid) -> tuple[Field, np.ndarray]:
    """How much the distance changes across each cell that the surface cuts, and which those are."""
    if distance.shape != grid.shape:
        raise DataError(f"the distance has shape {distance.shape}, the grid {grid.shape}")
    edges = np.stack(
        [np.abs(s) * h for s, h in zip(slopes(distance, grid), grid.spacing, strict=True)]
    )
    half = 0.5 * edges.sum(axis=0)
    # A plane between two cells belongs to one of them, whatever the rounding.
    shift = TIE * half
    cut = (distance > -half + shift) & (distance <= half + shift) & (half > 0.0)
    return edges[:, cut], cut


def _below(depth: Field, edges: Field) -> Field:
    """Share of a box below a plane; from the smaller side, where less is cancelled."""
    small = _corners(-np.abs(depth), edges, 0)
    return np.clip(np.where(depth > 0.0, 1.0 - small, small), 0.0, 1.0)


def _section(depth: Field, edges: Field) -> Field:
    """1/m, how fast that share grows with the depth."""
    return np.maximum(_corners(-np.abs(depth), edges, 1), 0.0)


def _corners(depth: Field, edges: Field, derivative: int) -> Field:
    """The sum over corners, for as many axes as the plane is inclined to."""
    order = np.sort(edges, axis=0)[::-1]
    total = np.zeros(depth.shape)
    inclined = np.sum(order > FLAT * order[0], axis=0)
    for count in range(1, len(edges) + 1):
        these = inclined == count
        total[these] = _corner_sum(depth[these], order[:count, these], derivative)
    return total


def _corner_sum(depth: Field, edges: Field, derivative: int) -> Field:
    power = len(edges) - derivative
    if power == 0:
        return 1.0 / edges[0]
    start = depth + 0.5 * edges.sum(axis=0)
    total = np.zeros(depth.shape)
    for chosen in itertools.product((0.0, 1.0), repeat=len(edges)):
        left = start - np.tensordot(chosen, edges, 1)
        term = np.maximum(left, 0.0) ** power
        total += term if sum(chosen) % 2 == 0.0 else -term
    return total / (math.factorial(power) * edges.prod(axis=0))
