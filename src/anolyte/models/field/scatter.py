r"""Pores or inclusions at random: balls of log-normal size, drawn until they fill a share.

Radii follow $\ln r \sim N(\ln r_m, s^2)$; those that the cells or the box cannot show are drawn
again, and it is said how many they were. Balls are added one by one, and what they fill together is
measured in the cells; the last one is left out where the share is nearer without it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anolyte.core.errors import DataError
from anolyte.models.field.cut_cells import fraction
from anolyte.models.field.shapes import FEWEST_OF_RADIUS, Ball, generator, resolved
from anolyte.numerics.grid import Field, Grid

TRIES = 64
"""Places that are tried at once."""
ROUNDS = 100
"""Of tries for one ball, before there is no room for it."""
DRAWS = 10_000
"""Of one radius, before none fits the cells and the box."""
MOST = 200_000
"""Balls."""


UNIT_BALL = {2: math.pi, 3: 4.0 / 3.0 * math.pi}


class Separation(Protocol):
    """Where a ball may lie beside those that are there."""

    def allows(self, away: Field, radii: Field, radius: float) -> np.ndarray:
        """Of (places, balls), m between centres, which places are free."""
        ...


@dataclass(frozen=True)
class Overlapping:
    """Anywhere: balls may run into each other."""

    def allows(self, away: Field, radii: Field, radius: float) -> np.ndarray:
        """Everywhere."""
        return np.ones(len(away), bool)


@dataclass(frozen=True)
class Apart:
    """Outside all others.

    Args:
        gap: m, left between surfaces.
    """

    gap: float = 0.0

    def allows(self, away: Field, radii: Field, radius: float) -> np.ndarray:
        """Farther from each than both radii and the gap."""
        return np.all(away >= radii + radius + self.gap, axis=1)


@dataclass(frozen=True, eq=False)
class Balls:
    """Many balls at once.

    Args:
        centres: m, (balls, axes).
        radii: m.
        filled: Share of the grid that they fill together, as its cells measure it.
        redrawn: Share of the radii that were drawn again.
    """

    centres: Field
    radii: Field
    filled: float = math.nan
    redrawn: float = 0.0

    def distance(self, grid: Grid) -> Field:
        """m, to the nearest surface; the nearest image of a ball is that of its centre."""
        found = np.full(grid.shape, math.hypot(*grid.lengths))
        for centre, radius in zip(self.centres, self.radii, strict=True):
            squares = [
                _short(place - own, length, wraps) ** 2
                for place, own, length, wraps in zip(
                    grid.mesh(), centre, grid.lengths, grid.periodic, strict=True
                )
            ]
            # Squares of lower rank are summed first: one pass over the whole.
            whole = squares[0] + sum(squares[1:], np.zeros(1))
            np.minimum(found, np.sqrt(whole) - radius, out=found)
        return found


@dataclass(frozen=True)
class Scattered:
    """Balls at random places.

    Args:
        share: Of the volume that they fill together.
        radius: m, median.
        spread: Standard deviation of the logarithm of the radius; 0: all alike.
        separation: `Apart` or `Overlapping`.
        low, high: m, heights between which centres lie; the whole field.
        seed: Of the random numbers.

    >>> pores = Scattered(0.1, 4.0, seed=1).placed(Grid.cubic((64, 64), 1.0))
    >>> abs(pores.filled - 0.1) < 0.5 * np.pi * 16.0 / 64**2
    True
    """

    share: float
    radius: float
    spread: float = 0.0
    separation: Separation = Apart()
    low: float = -math.inf
    high: float = math.inf
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no share and no spread."""
        if not 0.0 <= self.share < 1.0:
            raise DataError(f"a share of pores or inclusions lies in [0, 1), not {self.share:g}")
        if not (math.isfinite(self.spread) and self.spread >= 0.0):
            raise DataError(f"a spread of sizes is a number from 0 up, not {self.spread:g}")
        if not self.low < self.high:
            raise DataError(f"no height lies between {self.low:g} and {self.high:g} m")

    def distance(self, grid: Grid) -> Field:
        """m, to the nearest surface."""
        return self.placed(grid).distance(grid)

    def placed(self, grid: Grid) -> Balls:
        """The balls of a grid.

        Raises:
            DataError: They are too small for the cells, too large for the box, or too many to lie
                apart.
        """
        resolved("pore radii", self.radius, FEWEST_OF_RADIUS, grid)
        random = generator(self.seed)
        canvas = _Canvas(grid)
        centres, radii, drawn = [], [], 0
        while len(radii) < MOST:
            radius, tries = self._radius(random, grid)
            place = self._place(random, grid, np.array(centres), np.array(radii), radius)
            drawn += tries
            after = canvas.with_ball(place, radius) if place is not None else math.inf
            if after - self.share >= self.share - canvas.filled:
                if place is None:
                    self._no_room(canvas.filled, radius, grid)
                break
            canvas.keep(after)
            centres.append(place)
            radii.append(radius)
        found = np.array(centres).reshape(-1, grid.dimensions)
        return Balls(found, np.array(radii), canvas.filled, 1.0 - (len(radii) + 1) / drawn)

    def _no_room(self, filled: float, radius: float, grid: Grid) -> None:
        """Refuse, unless half a ball is all that lacks."""
        cells = UNIT_BALL[grid.dimensions] * radius**grid.dimensions / grid.cell_volume
        if self.share - filled <= 0.5 * cells / grid.cells:
            return
        raise DataError(
            f"no room is left for more than {filled:.3g} of the volume, {self.share:.3g} was "
            "asked for: let them overlap, or take sizes that differ more"
        )

    def _radius(self, random: np.random.Generator, grid: Grid) -> tuple[float, int]:
        """m, one that cells and box can show, and how many were drawn for it."""
        least, most = FEWEST_OF_RADIUS * max(grid.spacing), 0.5 * min(grid.lengths)
        for count in range(1, DRAWS + 1):
            radius = self.radius * math.exp(self.spread * float(random.standard_normal()))
            if least * (1.0 - 1e-9) <= radius <= most:
                return radius, count
        raise DataError(
            f"a pore radius of {self.radius:.3g} m does not fit into a field of "
            f"{min(grid.lengths):.3g} m"
        )

    def _place(
        self, random: np.random.Generator, grid: Grid, centres: Field, radii: Field, radius: float
    ) -> Field | None:
        """m, a free one; None: no try found one."""
        start = np.zeros(grid.dimensions)
        end = np.array(grid.lengths)
        start[0], end[0] = max(0.0, self.low), min(end[0], self.high)
        if start[0] >= end[0]:
            raise DataError(f"no cell lies between the heights {self.low:g} and {self.high:g} m")
        for _ in range(ROUNDS):
            places = start + random.random((TRIES, grid.dimensions)) * (end - start)
            if not len(radii):
                return places[0]
            parts = [
                _short(places[:, None, k] - centres[None, :, k], grid.lengths[k], grid.periodic[k])
                for k in range(grid.dimensions)
            ]
            away = np.sqrt(sum((part * part for part in parts), np.zeros(1)))
            free = np.flatnonzero(self.separation.allows(away, radii, radius))
            if free.size:
                return places[free[0]]
        return None


class _Canvas:
    """What balls fill together, kept up to date near the one that is added."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.filled = grid, 0.0
        # Farther than that no cell is cut; a lower ceiling keeps slopes small beside it.
        self.far = 2.0 * max(grid.spacing)
        self.distance = np.full(grid.shape, self.far)
        self.window: tuple[tuple[np.ndarray, ...], Field] | None = None

    def with_ball(self, centre: Field, radius: float) -> float:
        """Share that would be filled with one more."""
        rows = [self._rows(axis, centre[axis], radius) for axis in range(self.grid.dimensions)]
        index = np.ix_(*(row % n for row, n in zip(rows, self.grid.shape, strict=True)))
        places = np.meshgrid(
            *((row + 0.5) * h for row, h in zip(rows, self.grid.spacing, strict=True)),
            indexing="ij", sparse=True,
        )  # fmt: skip
        part = Grid(tuple(map(len, rows)), self.grid.spacing, (False,) * len(rows))
        before = self.distance[index]
        after = np.minimum(before, Ball(tuple(centre), radius).at(places))
        added = float((fraction(after, part) - fraction(before, part)).sum())
        self.window = index, after
        return self.filled + added / self.grid.cells

    def keep(self, filled: float) -> None:
        """The last one that was tried stays."""
        if self.window is not None:
            index, after = self.window
            self.distance[index] = after
            self.filled = filled

    def _rows(self, axis: int, centre: float, radius: float) -> np.ndarray:
        """Cells along an axis that it may touch, with room for slopes; each of them once."""
        n, h = self.grid.shape[axis], self.grid.spacing[axis]
        reach = radius + self.far + h
        low, high = math.floor((centre - reach) / h), math.ceil((centre + reach) / h)
        if not self.grid.periodic[axis]:
            return np.arange(max(low, 0), min(high, n))
        if high - low > n:
            low = math.floor(centre / h - 0.5 * n)
            high = low + n
        return np.arange(low, high)


def _short(away: Field, length: float, wraps: bool) -> Field:
    """The short way round where a side is periodic."""
    return away - length * np.round(away / length) if wraps else away
