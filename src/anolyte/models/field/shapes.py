"""Bodies on a grid: what has a surface, known by the signed distance from it, negative inside."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np

from anolyte.core.errors import DataError
from anolyte.numerics.grid import Field, Grid

Places = Sequence[Field]
"""m, coordinates along each axis, ready to broadcast."""
FEWEST_OF_RADIUS = 2.0
"""Cells in the radius of what is round."""
FEWEST_OF_WIDTH = 1.0
"""Cells in the width of what is flat."""
STILL = 1e-14
"""Relative to the square of the longest semi-axis: rounding."""
MOST_TURNS = 100


class Region(Protocol):
    """What can be drawn on a grid."""

    def distance(self, grid: Grid) -> Field:
        """m, signed, from the centres of the cells to the surface; negative inside."""
        ...


def resolved(name: str, length: float, cells: float, grid: Grid) -> None:
    """Refuse a length that takes fewer cells than it needs.

    Raises:
        DataError: With the cells that would show it.
    """
    if not (math.isfinite(length) and length > 0.0):
        raise DataError(f"{name} must be positive lengths, not {length:g} m")
    if length < cells * max(grid.spacing) * (1.0 - 1e-9):
        raise DataError(
            f"{name} of {length:.3g} m need cells of at most {length / cells:.3g} m; "
            f"they are {max(grid.spacing):.3g} m"
        )


def generator(seed: int) -> np.random.Generator:
    """Random numbers that a seed decides.

    Raises:
        DataError: A seed below zero.
    """
    if seed < 0:
        raise DataError(f"a seed is a whole number from 0 up, not {seed}")
    return np.random.default_rng(seed)


def _fits(name: str, values: Sequence[float], axes: int) -> None:
    """Refuse numbers that are not one for each axis."""
    if len(values) != axes or not all(math.isfinite(value) for value in values):
        raise DataError(f"{name} {tuple(values)} does not fit a grid of {axes} axes")


# --- bodies -------------------------------------------------------------------------------------


def directions(angle: float, azimuth: float, dimensions: int) -> Field:
    """Three (two) directions at right angles; the first is z turned by an angle towards x.

    Args:
        angle: From z.
        azimuth: In space, of that direction about z, from x towards y.
        dimensions: Of the space; coordinates are in the order of the grid, (z, x) or (z, y, x).

    >>> directions(np.pi / 2, 0.0, 3).round(12)[0].tolist()
    [0.0, 0.0, 1.0]
    """
    if not (math.isfinite(angle) and math.isfinite(azimuth)):
        raise DataError(f"angles are numbers in radian, not {angle:g} and {azimuth:g}")
    c, s = math.cos(angle), math.sin(angle)
    if dimensions == 2:
        return np.array([[c, s], [-s, c]])
    about, across = math.cos(azimuth), math.sin(azimuth)
    return np.array([[c, s * across, s * about], [-s, c * across, c * about], [0, about, -across]])


class Body(ABC):
    """A region that is known at any place; it appears again through periodic sides."""

    @abstractmethod
    def at(self, places: Places) -> Field:
        """m, signed distance of places."""

    def check(self, grid: Grid) -> None:
        """Refuse what the cells cannot show."""
        return

    def hull(self) -> Ball | None:
        """A ball that holds all of it; None: there is none."""
        return None

    @final
    def distance(self, grid: Grid) -> Field:
        """m, at the centres of cells, to the nearest of its images."""
        self.check(grid)
        places = grid.mesh()
        shifts = itertools.product(
            *(
                (0.0, -length, length) if wraps else (0.0,)
                for length, wraps in zip(grid.lengths, grid.periodic, strict=True)
            )
        )
        hull, found = self.hull(), np.full(grid.shape, np.inf)
        for shift in shifts:
            moved = [place - away for place, away in zip(places, shift, strict=True)]
            if hull is None:
                found = np.minimum(found, self.at(moved))
                continue
            near = hull.at(moved) < found  # elsewhere another image is nearer
            if near.any():
                these = [np.broadcast_to(place, grid.shape)[near] for place in moved]
                found[near] = np.minimum(found[near], self.at(these))
        return found


def _away(centre: Sequence[float], places: Places) -> list[Field]:
    _fits("a place", centre, len(places))
    return [place - own for place, own in zip(places, centre, strict=True)]


def _turned(away: Sequence[Field], angle: float, azimuth: float) -> list[Field]:
    """Coordinates along the directions of a body."""
    frame = directions(angle, azimuth, len(away))
    return [
        sum((c * part for c, part in zip(row, away, strict=True)), np.zeros(1)) for row in frame
    ]


def _norm(parts: Sequence[Field]) -> Field:
    return np.sqrt(sum((part * part for part in parts), np.zeros(1)))


@dataclass(frozen=True)
class HalfSpace(Body):
    """All that lies below a height.

    Args:
        level: m, along z.
    """

    level: float

    def check(self, grid: Grid) -> None:
        _fits("a level", (self.level,), 1)

    def at(self, places: Places) -> Field:
        return places[0] - self.level + sum((0.0 * place for place in places[1:]), np.zeros(1))


@dataclass(frozen=True)
class Slab(Body):
    """All that lies between two heights.

    Args:
        low, high: m, along z.
    """

    low: float
    high: float

    def check(self, grid: Grid) -> None:
        resolved("layers", self.high - self.low, FEWEST_OF_WIDTH, grid)

    def at(self, places: Places) -> Field:
        flat = np.maximum(self.low - places[0], places[0] - self.high)
        return flat + sum((0.0 * place for place in places[1:]), np.zeros(1))


@dataclass(frozen=True)
class Ball(Body):
    """A sphere, or a circle in the plane.

    Args:
        centre: m, in the order of the grid.
        radius: m.
    """

    centre: tuple[float, ...]
    radius: float

    def check(self, grid: Grid) -> None:
        resolved("radii", self.radius, FEWEST_OF_RADIUS, grid)

    def at(self, places: Places) -> Field:
        return _norm(_away(self.centre, places)) - self.radius


@dataclass(frozen=True)
class Ellipsoid(Body):
    """An ellipsoid, or an ellipse in the plane.

    Args:
        centre: m, in the order of the grid.
        semi_axes: m, half its lengths; the first along z, turned.
        angle: Of the first axis from z towards x.
        azimuth: In space, of that direction about z.

    >>> pore = Ellipsoid((0.0, 0.0), (2.0, 1.0))
    >>> pore.at([np.array([3.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])]).round(6).tolist()
    [1.0, 2.0, -1.0]
    """

    centre: tuple[float, ...]
    semi_axes: tuple[float, ...]
    angle: float = 0.0
    azimuth: float = 0.0

    def check(self, grid: Grid) -> None:
        _fits("a set of semi-axes", self.semi_axes, grid.dimensions)
        resolved("semi-axes", min(self.semi_axes), FEWEST_OF_RADIUS, grid)

    def hull(self) -> Ball:
        return Ball(self.centre, max(self.semi_axes))

    def at(self, places: Places) -> Field:
        r"""The nearest point is $x_i = r_i^2 y_i/(t + r_i^2)$; Newton's method for t from below.

        $\sum (r_i y_i/(t + r_i^2))^2 - 1$ falls and is convex beyond the last pole, so that no step
        goes too far.
        """
        axes = np.asarray(self.semi_axes)
        own = _turned(_away(self.centre, places), self.angle, self.azimuth)
        y = np.stack(np.broadcast_arrays(*own))
        r = axes.reshape(-1, *(1,) * (y.ndim - 1))
        inside = ((y / r) ** 2).sum(axis=0) < 1.0
        size = np.maximum(np.abs(y), 1e-9 * axes.min())  # on an axis of symmetry: beside it
        t = (r * size - r * r).max(axis=0)
        for _ in range(MOST_TURNS):
            part = r * size / (t + r * r)
            excess = (part * part).sum(axis=0) - 1.0
            step = excess / (2.0 * (part * part / (t + r * r)).sum(axis=0))
            t = t + step
            if float(np.max(step)) <= STILL * axes.max() ** 2:
                break
        away = np.sqrt(((size * t / (t + r * r)) ** 2).sum(axis=0))
        return np.where(inside, -away, away)


@dataclass(frozen=True)
class Block(Body):
    """A box, or a strip in the plane.

    Args:
        centre: m, in the order of the grid.
        edges: m, its lengths; the first along z, turned.
        angle: Of its first edge from z towards x.
        azimuth: In space, of that direction about z.
    """

    centre: tuple[float, ...]
    edges: tuple[float, ...]
    angle: float = 0.0
    azimuth: float = 0.0

    def check(self, grid: Grid) -> None:
        _fits("a set of edges", self.edges, grid.dimensions)
        resolved("edges", min(self.edges), FEWEST_OF_WIDTH, grid)

    def hull(self) -> Ball:
        return Ball(self.centre, 0.5 * math.hypot(*self.edges))

    def at(self, places: Places) -> Field:
        own = _turned(_away(self.centre, places), self.angle, self.azimuth)
        beyond = [np.abs(part) - 0.5 * edge for part, edge in zip(own, self.edges, strict=True)]
        outside = _norm([np.maximum(part, 0.0) for part in beyond])
        return outside + np.minimum(_largest(beyond), 0.0)


@dataclass(frozen=True)
class Slit(Body):
    """A thin notch from a mouth, with a round tip; in space it goes through along y.

    Args:
        mouth: m, middle of its opening, in the order of the grid.
        length: m, to the middle of its tip.
        width: m.
        angle: In which it runs, from z towards x.
        breadth: m, along y in space; through the whole.
    """

    mouth: tuple[float, ...]
    length: float
    width: float
    angle: float = 0.0
    breadth: float = math.inf

    def check(self, grid: Grid) -> None:
        resolved("slits", self.width, FEWEST_OF_WIDTH, grid)
        resolved("slit lengths", self.length, FEWEST_OF_WIDTH, grid)

    def at(self, places: Places) -> Field:
        along, *rest = _turned(_away(self.mouth, places), self.angle, 0.0)
        parts = [along - np.clip(along, 0.0, self.length), rest[0]]
        parts += [np.maximum(np.abs(part) - 0.5 * self.breadth, 0.0) for part in rest[1:]]
        return _norm(parts) - 0.5 * self.width


@dataclass(frozen=True)
class Union:
    """Several regions as one."""

    parts: tuple[Region, ...]

    def distance(self, grid: Grid) -> Field:
        return np.minimum.reduce([part.distance(grid) for part in self.parts])


@dataclass(frozen=True)
class Coated:
    """A region and a film on it; drawn below the region, the film is left.

    Args:
        region: What is coated.
        thickness: m.
    """

    region: Region
    thickness: float

    def distance(self, grid: Grid) -> Field:
        resolved("coatings", self.thickness, FEWEST_OF_WIDTH, grid)
        return self.region.distance(grid) - self.thickness


def _largest(parts: Sequence[Field]) -> Field:
    found = parts[0]
    for part in parts[1:]:
        found = np.maximum(found, part)
    return found
