r"""Grains of a polycrystal on a grid: cells nearest to seeds, spread evenly.

$$ S_V = 2 / \bar l \ \text{(space)}, \qquad L_A = \frac{\pi}{2} / \bar l \ \text{(plane)} $$

tie the boundaries in a volume to the mean length between them on a straight line; the grain size
here is that mean intercept length, as it is measured in a micrograph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.spatial import KDTree

from anolyte.core.errors import DataError
from anolyte.models.field.shapes import FEWEST_OF_WIDTH, generator, resolved
from anolyte.models.field.stereology import surface_density
from anolyte.numerics.grid import Field, Grid, rim

FEWEST_CELLS = 4.0
"""Across a grain."""
RATIO = {2: 1.20, 3: 1.30}
"""Square or cube root of the mean volume of a grain over the mean intercept, measured on grains
with evened seeds; seeds left at random have 1.27 in the plane and 1.46 in space."""
NEIGHBOURS = 8
"""Seeds that may share a boundary with the one that owns a cell, the owner among them."""


# --- which way crystals point -------------------------------------------------------------------


class Texture(Protocol):
    """How the axes of crystals are spread."""

    def axes(self, grains: int, dimensions: int, random: np.random.Generator) -> Field:
        """Unit vectors, (grains, dimensions)."""
        ...


@dataclass(frozen=True)
class Untextured:
    """Every direction alike.

    >>> Untextured().axes(5, 3, np.random.default_rng(0)).shape
    (5, 3)
    """

    def axes(self, grains: int, dimensions: int, random: np.random.Generator) -> Field:
        """Normal numbers know no direction."""
        return _units(random.standard_normal((grains, dimensions)))


@dataclass(frozen=True)
class Fibre:
    """Axes that lean about one direction, and are free to turn about it.

    Args:
        direction: In the order of the grid.
        spread: Standard deviation of their lean along each direction across, as a slope.
    """

    direction: tuple[float, ...]
    spread: float

    def axes(self, grains: int, dimensions: int, random: np.random.Generator) -> Field:
        """The direction and a normal slope across it."""
        if len(self.direction) != dimensions or not any(self.direction):
            raise DataError(
                f"a preferred direction needs {dimensions} numbers, not {self.direction}"
            )
        way = _units(np.array([self.direction], np.float64))[0]
        across = self.spread * random.standard_normal((grains, dimensions))
        return _units(way + across - np.outer(across @ way, way))


def _units(vectors: Field) -> Field:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# --- grains -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Grains:
    """A polycrystal in cells.

    Args:
        grid: The cells.
        grain: Number of the grain of each cell, from zero.
        seeds: m, (grains, axes), where they grew from.
        elongation: How much longer they are along z.
        axes: Unit vectors, (grains, axes), of each crystal; None: it does not matter.
    """

    grid: Grid
    grain: np.ndarray
    seeds: Field
    elongation: float = 1.0
    axes: Field | None = None

    def boundaries(self, axis: int) -> np.ndarray:
        """Whether a boundary lies on each face across an axis; outer sides are none."""
        mode = "wrap" if self.grid.periodic[axis] else "edge"
        beyond = rim(axis, self.grid.dimensions)
        return np.diff(np.pad(self.grain, beyond, mode=mode), axis=axis) != 0

    def intercept(self) -> float:
        """m, mean length between boundaries on lines along the axes."""
        length = crossings = 0.0
        for axis, edge in enumerate(self.grid.spacing):
            found = np.moveaxis(self.boundaries(axis), axis, 0)
            inner = found[1:] if self.grid.periodic[axis] else found[1:-1]
            crossings += float(inner.sum())
            length += inner.size * edge
        return length / crossings if crossings else math.inf

    def boundary_density(self) -> float:
        """1/m, boundary for each volume (line for each area in the plane), from all directions."""
        return surface_density(self.grain, self.grid)

    def beside(self) -> np.ndarray:
        """Cells that touch a boundary."""
        touched = np.zeros(self.grid.shape, bool)
        for axis in range(self.grid.dimensions):
            found = np.moveaxis(self.boundaries(axis), axis, 0)
            cells = np.moveaxis(touched, axis, 0)
            cells |= found[:-1] | found[1:]
        return touched

    def to_boundary(self) -> Field:
        """m, from the centre of each cell to the nearest boundary.

        A grain is the inside of the planes half-way to other seeds, so that the nearest of them is
        the boundary.
        """
        stretch = _stretch(self.elongation, self.grid.dimensions)
        seeds, places = self.seeds * stretch, _places(self.grid) * stretch
        box = np.array(self.grid.lengths) * stretch
        count = min(NEIGHBOURS, len(seeds))
        if count < 2:
            return np.full(self.grid.shape, math.hypot(*self.grid.lengths))
        order = _nearest(seeds, places, box, self.grid.periodic, count)
        own = _short(seeds[order[:, 0]] - places, box, self.grid.periodic)
        found = np.full(len(places), np.inf)
        for other in order.T[1:]:
            way = _short(seeds[other] - places, box, self.grid.periodic)
            farther = 0.5 * ((way * way).sum(axis=1) - (own * own).sum(axis=1))
            steep = np.linalg.norm((way - own) * stretch, axis=1)
            found = np.minimum(found, farther / steep)
        return found.reshape(self.grid.shape)


@dataclass(frozen=True)
class Polycrystal:
    """How grains are made.

    Args:
        grain_size: m, mean intercept length.
        elongation: How much longer grains are along z than across: columns above one.
        seed: Of the random numbers.
        rounds: In which seeds move to the middle of their grains: none is a pattern of nearest
            cells, a few make grains alike.
        texture: Of the crystal axes.

    >>> grains = Polycrystal(8.0, seed=1)(Grid.cubic((96, 96), 1.0, periodic=(False, True)))
    >>> 6.5 < grains.intercept() < 9.5
    True
    """

    grain_size: float
    elongation: float = 1.0
    seed: int = 0
    rounds: int = 3
    texture: Texture = Untextured()

    def __post_init__(self) -> None:
        """Refuse what is no grain."""
        if not (math.isfinite(self.elongation) and self.elongation > 0.0):
            raise DataError(f"an elongation of grains is positive, not {self.elongation:g}")

    def __call__(self, grid: Grid) -> Grains:
        """The grains of a grid.

        Raises:
            DataError: Grains are too small for the cells.
        """
        resolved("grains", self._shortest(grid.dimensions), FEWEST_CELLS, grid)
        stretch = _stretch(self.elongation, grid.dimensions)
        box = np.array(grid.lengths) * stretch
        count = max(1, round(float(np.prod(box / self._cell_size(grid.dimensions)))))
        random = generator(self.seed)
        seeds = random.random((count, grid.dimensions)) * box
        places = _places(grid) * stretch
        for _ in range(self.rounds):
            owner = _nearest(seeds, places, box, grid.periodic, 1)[:, 0]
            seeds = _middles(seeds, places, owner, box, grid.periodic)
        owner = _nearest(seeds, places, box, grid.periodic, 1)[:, 0]
        return Grains(
            grid, owner.reshape(grid.shape).astype(np.int32), seeds / stretch, self.elongation,
            self.texture.axes(count, grid.dimensions, random),
        )  # fmt: skip

    def _shortest(self, dimensions: int) -> float:
        """m, mean intercept along the axis in which grains are shortest."""
        unstretched = self.grain_size / self._share(dimensions)
        return min(unstretched, unstretched * self.elongation)

    def _share(self, dimensions: int) -> float:
        """Mean intercept over that across.

        It is measured along the axes of the stretched pattern, equal shares of lines along and
        across.
        """
        return dimensions / (1.0 / self.elongation + dimensions - 1.0)

    def _cell_size(self, dimensions: int) -> float:
        """m, square or cube root of the volume of a grain, before it is stretched."""
        return RATIO[dimensions] * self.grain_size / self._share(dimensions)


@dataclass(frozen=True)
class BetweenGrains:
    """A film along all grain boundaries, as a region that can be drawn.

    Args:
        grains: Between which it lies.
        thickness: m.
    """

    grains: Polycrystal
    thickness: float

    def distance(self, grid: Grid) -> Field:
        """m, to the surface of the film."""
        resolved("films", self.thickness, FEWEST_OF_WIDTH, grid)
        return self.grains(grid).to_boundary() - 0.5 * self.thickness


def _stretch(elongation: float, dimensions: int) -> Field:
    """What brings stretched grains back to equal lengths along all axes."""
    found = np.ones(dimensions)
    found[0] = 1.0 / elongation
    return found


def _places(grid: Grid) -> Field:
    """m, (cells, axes), centres."""
    axes = np.meshgrid(*(grid.centres(k) for k in range(grid.dimensions)), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _nearest(
    seeds: Field, places: Field, box: Field, periodic: tuple[bool, ...], count: int
) -> np.ndarray:
    """The nearest seeds of each place, through periodic sides, (places, count)."""
    span = np.where(periodic, box, 4.0 * box)  # far enough never to be met
    tree = KDTree(seeds % span, boxsize=span)
    found = np.asarray(tree.query(places % span, k=count)[1])
    return found.reshape(len(places), count)


def _short(away: Field, box: Field, periodic: tuple[bool, ...]) -> Field:
    """The short way round where a side is periodic."""
    return np.where(periodic, away - box * np.round(away / box), away)


def _middles(
    seeds: Field, places: Field, owner: np.ndarray, box: Field, periodic: tuple[bool, ...]
) -> Field:
    """Seeds moved to the mean of what they own, the short way round."""
    away = _short(places - seeds[owner], box, periodic)
    count = np.bincount(owner, minlength=len(seeds))
    moved = seeds.copy()
    for axis in range(seeds.shape[1]):
        total = np.bincount(owner, weights=away[:, axis], minlength=len(seeds))
        moved[:, axis] += np.divide(total, count, out=np.zeros(len(seeds)), where=count > 0)
    return np.where(periodic, moved % box, moved)
