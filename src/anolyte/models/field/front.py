r"""The lithium front as a diffuse interface that keeps its width and conserves what is deposited.

$$ \frac{\partial\xi}{\partial t} = \frac{\Omega}{F}\,\delta\,i_n
   + \nabla\cdot\left\{M_n\left[\nabla\xi + \frac{4}{\ell}\,\xi(1-\xi)\,\mathbf n\right]\right\},
   \qquad \delta = |\nabla\xi|, \quad \mathbf n = -\nabla\xi/|\nabla\xi| $$

The second term only restores the profile (1 - tanh(2 s / l)) / 2 across the front; it moves no
lithium through a closed side, so that the deposit is the charge to rounding. Capillarity is not in
it but in the overpotential, and the width l is free of the surface energy. M_n is a numerical
mobility, the speed of the front times its width: a larger one damps perturbations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from anolyte.numerics.grid import Field, Grid, rim

FAINT = 1e-12
"""Share of the steepest gradient below which there is no surface."""
SEEN = 1e-3
"""Share of lithium, or of none, below which a profile no longer tells how far its front is."""
STABLE = 0.25
"""Mobility times step over h squared, summed over axes: half of what explicit diffusion allows."""


def profile(distance: Field, width: float) -> Field:
    """Share of lithium at a distance from the front, negative inside.

    >>> float(profile(np.array(0.0), 1.0))
    0.5
    """
    return np.asarray(0.5 * (1.0 - np.tanh(2.0 * distance / width)))


def padded(values: Field, grid: Grid) -> Field:
    """With a rim of one cell: the other side where periodic, the same cell again where closed."""
    for axis, periodic in enumerate(grid.periodic):
        values = np.pad(values, rim(axis, values.ndim), mode="wrap" if periodic else "edge")
    return values


def gradient(values: Field, grid: Grid) -> tuple[Field, ...]:
    """Central differences in every cell, by axis."""
    ringed = padded(values, grid)
    found = []
    for axis, edge in enumerate(grid.spacing):
        inner = [slice(1, -1)] * values.ndim
        ahead, back = list(inner), list(inner)
        ahead[axis], back[axis] = slice(2, None), slice(None, -2)
        found.append((ringed[tuple(ahead)] - ringed[tuple(back)]) / (2.0 * edge))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Shape:
    """What the surface of the lithium looks like.

    Args:
        density: 1/m, delta, area of surface for each volume.
        normal: Out of the lithium, by axis.
        curvature: 1/m, div n, positive where lithium bulges out; zero away from the surface.
    """

    density: Field
    normal: tuple[Field, ...]
    curvature: Field


def shape_of(share: Field, grid: Grid, width: float) -> Shape:
    """The surface of a field of lithium."""
    slopes = gradient(share, grid)
    size = np.sqrt(sum(slope * slope for slope in slopes))
    faint = FAINT / width
    density = np.where(size > faint, size, 0.0)
    normal = tuple(
        np.where(size > faint, -slope / np.maximum(size, faint), 0.0) for slope in slopes
    )
    return Shape(density, normal, bend(share, grid, width, _isotropic))


Vector = Callable[[tuple[Field, ...], int], Field]
"""One component, by axis, of a vector that depends on the normal."""


def _isotropic(normal: tuple[Field, ...], axis: int) -> Field:
    return normal[axis]


def bend(share: Field, grid: Grid, width: float, vector: Vector) -> Field:
    """div of a vector of the normal at the surface; of the normal itself the curvature.

    It is taken of the distance that the profile stands for, which is smooth where the share of
    lithium is not; it is left out where the share is too close to its limits to tell.
    """
    clear = (share > SEEN) & (share < 1.0 - SEEN)
    depth = np.clip(share, SEEN, 1.0 - SEEN)
    distance = -0.25 * width * np.log(depth / (1.0 - depth))
    total = np.zeros(grid.shape)
    for axis, edge in enumerate(grid.spacing):
        total += np.diff(vector(_on_faces(distance, grid, axis), axis), axis=axis) / edge
    return np.where(clear, total, 0.0)


def _on_faces(distance: Field, grid: Grid, axis: int) -> tuple[Field, ...]:
    """grad d / |grad d| on the faces across an axis."""
    ringed = padded(distance, grid)
    inner = [slice(1, -1)] * distance.ndim
    ahead, back = list(inner), list(inner)
    ahead[axis], back[axis] = slice(1, None), slice(None, -1)
    slopes = []
    for other, centre in enumerate(gradient(distance, grid)):
        values = ringed if other == axis else padded(centre, grid)
        one, two = values[tuple(ahead)], values[tuple(back)]
        slopes.append((one - two) / grid.spacing[axis] if other == axis else 0.5 * (one + two))
    size = np.sqrt(np.maximum(sum(slope * slope for slope in slopes), 1e-30))
    return tuple(slope / size for slope in slopes)


# --- one step -----------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _pull(below, above, edge, across1, across2, width):
    """M_n times this passes a face between two cells: diffusion, less what sharpens the profile.

    The other components of the gradient, `across1` and `across2`, only give the direction.
    """
    slope = (above - below) / edge
    size = math.sqrt(slope * slope + across1 * across1 + across2 * across2)
    if size < 1e-30:
        return 0.0
    mean = 0.5 * (below + above)
    return slope * (1.0 - 4.0 / width * mean * (1.0 - mean) / size)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _across(x, i, j, k, along, side):
    """Four times the difference to one side of a face, between the cell and the next one along."""
    i2, j2, k2 = i + along[0], j + along[1], k + along[2]
    a, b, c = side
    here = x[i + a, j + b, k + c] - x[i - a, j - b, k - c]
    return here + x[i2 + a, j2 + b, k2 + c] - x[i2 - a, j2 - b, k2 - c]


@njit(cache=True, nogil=True, error_model="numpy")
def _sharpen(out, x, edges, along, side, other, width):
    """Add the change through faces across one axis, for a unit mobility and time.

    Axes come as steps to the next cell. x has a rim of one cell, out has none. No lithium passes
    an outer side where the rim repeats the cell that it touches.
    """
    edge = edges[0]
    for i in range(1 - along[0], x.shape[0] - 1):
        for j in range(1 - along[1], x.shape[1] - 1):
            for k in range(1 - along[2], x.shape[2] - 1):
                i2, j2, k2 = i + along[0], j + along[1], k + along[2]
                first = 0.25 / edges[1] * _across(x, i, j, k, along, side)
                second = 0.25 / edges[2] * _across(x, i, j, k, along, other)
                flow = _pull(x[i, j, k], x[i2, j2, k2], edge, first, second, width) / edge
                if flow == 0.0:
                    continue
                if i > 0 and j > 0 and k > 0:
                    out[i - 1, j - 1, k - 1] += flow
                if i2 < x.shape[0] - 1 and j2 < x.shape[1] - 1 and k2 < x.shape[2] - 1:
                    out[i2 - 1, j2 - 1, k2 - 1] -= flow


AXES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def advance(
    share: Field, rate: Field, step: float, grid: Grid, *, width: float, speed: float
) -> Field:
    """The lithium after a step in which it was deposited at a rate.

    Args:
        share: Of every cell.
        rate: 1/s, Om delta i_n / F.
        step: s.
        grid: The cells.
        width: m, l.
        speed: m/s, of the front where it is fastest; the mobility is the width times this.
    """
    mobility = abs(speed) * width
    stiffness = mobility * sum(1.0 / (edge * edge) for edge in grid.spacing)
    turns = max(1, math.ceil(step * stiffness / STABLE))
    part = step / turns
    edges = _in_space(grid.spacing)
    change = np.zeros(_in_space(grid.shape, 1))
    for _ in range(turns):
        ringed = padded(share, grid)
        if grid.dimensions == 2:
            ringed = np.repeat(ringed[:, None, :], 3, axis=1)
        change[:] = 0.0
        for axis in range(3):
            a, b, c = axis, (axis + 1) % 3, (axis + 2) % 3
            sizes = edges[a], edges[b], edges[c]
            _sharpen(change, ringed, sizes, AXES[a], AXES[b], AXES[c], width)
        share = share + part * (rate + mobility * change.reshape(grid.shape))
    return share


def _in_space(axes: tuple, fill: float = 1.0) -> tuple:
    """Two axes as three: a plane is a slice of space in which nothing changes across."""
    return axes if len(axes) == 3 else (axes[0], fill, axes[1])
