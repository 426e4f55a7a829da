"""What a cell is made of before the current flows: phases, grains, boundaries and cracks in cells.

A microstructure is painted. The canvas is electrolyte, or a segmented image; each layer covers what
was there before it, so that a pore is drawn before the lithium that may lie over it, and a film on
the lithium before the lithium itself. The share of every phase in every cell is kept, and shares of
a cell always sum to one: volumes are second order in the size of the cells. Where three phases meet
in one cell, a layer takes the same share of both that were there.

Which numbers a phase has (conductivity, toughness) is not decided here.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from anolyte.core.errors import DataError
from anolyte.models.field.cut_cells import fraction
from anolyte.models.field.polycrystal import Grains, Polycrystal
from anolyte.models.field.shapes import Region, directions
from anolyte.models.field.stereology import surface_density
from anolyte.numerics.grid import Field, Grid

BROKEN = 0.5
"""Crack field from which lithium would fill a cell."""
EXACT = 1e-9
"""To which the shares of a cell sum to one."""


class Phase(IntEnum):
    """What can fill a cell."""

    ELECTROLYTE = 0
    LITHIUM = 1
    PORE = 2
    IMPURITY = 3
    INTERLAYER = 4
    COLLECTOR = 5


@dataclass(frozen=True)
class Layer:
    """A phase and where it is painted.

    Args:
        phase: What.
        region: Where.
    """

    phase: Phase
    region: Region


@dataclass(frozen=True)
class Crack:
    """A flat crack, one cell wide: a seed of the crack field. In space it goes through along y.

    Args:
        mouth: m, where it begins, in the order of the grid.
        length: m.
        angle: In which it runs, from z towards x.
        breadth: m, along y in space; through the whole.
    """

    mouth: tuple[float, ...]
    length: float
    angle: float = 0.0
    breadth: float = math.inf

    def seed(self, grid: Grid) -> np.ndarray:
        """The cells that it passes, in an unbroken row.

        Raises:
            DataError: It is shorter than two cells, or passes none.
        """
        if len(self.mouth) != grid.dimensions:
            raise DataError(f"a mouth at {self.mouth} does not fit {grid.dimensions} axes")
        if not self.length >= 2.0 * max(grid.spacing):
            raise DataError(
                f"a crack of {self.length:.3g} m needs cells of at most {0.5 * self.length:.3g} m; "
                f"they are {max(grid.spacing):.3g} m"
            )
        frame = directions(self.angle, 0.0, grid.dimensions)
        away = [
            _short(place - own, length, wraps)
            for place, own, length, wraps in zip(
                grid.mesh(), self.mouth, grid.lengths, grid.periodic, strict=True
            )
        ]
        own = [sum((c * a for c, a in zip(row, away, strict=True)), np.zeros(1)) for row in frame]
        # Half-open: between two rows of cells it takes one of them.
        half = 0.5 * sum(abs(c) * h for c, h in zip(frame[1], grid.spacing, strict=True))
        passed = (own[1] > -half * (1.0 - 1e-9)) & (own[1] <= half * (1.0 + 1e-9))
        passed = passed & (own[0] > -1e-9 * self.length) & (own[0] < self.length)
        for part in own[2:]:
            passed = passed & (np.abs(part) <= 0.5 * self.breadth)
        if not passed.any():
            raise DataError(f"a crack from {self.mouth} lies outside the field")
        return passed


@dataclass(frozen=True)
class Report:
    """What was made, as the cells have it.

    Args:
        shares: Of the whole volume, by phase.
        porosity: Pores over all that is not lithium and not collector.
        interface: 1/m, surface between metal (lithium, collectors) and all else, for each volume
            (line for each area in the plane); zero where the lithium is the side z = 0 itself.
        contact: Share of that surface which faces electrolyte or interlayer.
        grains: How many; 0: a single crystal.
        grain_size: m, mean intercept; None: a single crystal.
        boundary: 1/m, grain boundary between electrolyte for each volume.
        cracked: Share of the cells that a crack passes.
    """

    shares: Mapping[Phase, float]
    porosity: float
    interface: float
    contact: float | None
    grains: int
    grain_size: float | None
    boundary: float
    cracked: float


@dataclass(frozen=True, eq=False)
class Microstructure:
    """Phases, grains and cracks of the cells.

    Args:
        grid: The cells.
        shares: Of each phase in each cell, (phases, *cells).
        grains: Of the electrolyte; None: a single crystal.
        crack: Seed of the crack field, 0 intact to 1 broken.
    """

    grid: Grid
    shares: Field
    grains: Grains | None
    crack: Field

    def __post_init__(self) -> None:
        """Refuse shares that are none, and what is shorted before it begins."""
        if self.shares.shape != (len(Phase), *self.grid.shape):
            raise DataError(
                f"shares of {len(Phase)} phases in {self.grid.shape} cells are needed, not "
                f"{self.shares.shape}"
            )
        if np.abs(self.shares.sum(axis=0) - 1.0).max() > EXACT or self.shares.min() < 0.0:
            raise DataError("the shares of all phases must sum to one in every cell")
        if self.crack.shape != self.grid.shape:
            raise DataError(f"the crack field has {self.crack.shape}, the grid {self.grid.shape}")
        metal = self.share(Phase.LITHIUM) + self.share(Phase.COLLECTOR) > 0.5
        if joins(metal | (self.crack > BROKEN), self.grid):
            raise DataError(
                "metal, or a crack that it would fill, joins both electrodes: the cell is shorted "
                "before the current flows"
            )

    @classmethod
    def of(
        cls,
        grid: Grid,
        layers: Sequence[Layer] = (),
        *,
        polycrystal: Polycrystal | None = None,
        cracks: Sequence[Crack] = (),
        canvas: Mapping[int, Field] | None = None,
    ) -> Microstructure:
        """Paint one.

        Args:
            grid: The cells.
            layers: Each over those before it.
            polycrystal: Grains of the electrolyte.
            cracks: In electrolyte, inclusions and interlayers; pores and metal have none.
            canvas: Share of each phase in each cell below all layers, as of an image; electrolyte.

        Raises:
            DataError: Something is too small for the cells, or the cell is shorted.

        >>> from anolyte.models.field.shapes import HalfSpace
        >>> grid = Grid.cubic((32, 32), 1e-6, periodic=(False, True))
        >>> made = Microstructure.of(grid, [Layer(Phase.LITHIUM, HalfSpace(4.5e-6))])
        >>> round(made.report().shares[Phase.LITHIUM] * 32, 6)
        4.5
        """
        shares = _blank(grid, canvas)
        for layer in layers:
            covered = fraction(layer.region.distance(grid), grid)
            shares *= 1.0 - covered
            shares[layer.phase] += covered
        solid = np.argmax(shares, axis=0)
        breaks = np.isin(solid, (Phase.ELECTROLYTE, Phase.IMPURITY, Phase.INTERLAYER))
        crack = np.zeros(grid.shape)
        for each in cracks:
            crack[each.seed(grid) & breaks] = 1.0
        return cls(grid, shares, None if polycrystal is None else polycrystal(grid), crack)

    @property
    def phase(self) -> np.ndarray:
        """`Phase` that has most of each cell."""
        return np.argmax(self.shares, axis=0).astype(np.uint8)

    def share(self, phase: Phase) -> Field:
        """Of each cell."""
        return self.shares[phase]

    def boundaries(self, axis: int) -> np.ndarray:
        """Whether a boundary between two grains of electrolyte lies on each face across an axis."""
        if self.grains is None:
            return np.zeros(self.grid.face_shape(axis), bool)
        ends = np.moveaxis(self.phase == Phase.ELECTROLYTE, axis, 0)
        both = np.concatenate([ends[-1:], ends]) & np.concatenate([ends, ends[:1]])
        return self.grains.boundaries(axis) & np.moveaxis(both, 0, axis)

    def key(self) -> str:
        """A hash of everything that it is."""
        made = hashlib.sha256(repr((self.grid, [*Phase])).encode())
        parts = [self.shares, self.crack]
        if self.grains is not None:
            parts += [self.grains.grain, self.grains.seeds, self.grains.axes]
        for values in parts:
            made.update(b"none" if values is None else np.ascontiguousarray(values).tobytes())
        return made.hexdigest()

    def report(self) -> Report:
        """What was made."""
        shares = {phase: float(self.share(phase).mean()) for phase in Phase}
        ceramic = 1.0 - shares[Phase.LITHIUM] - shares[Phase.COLLECTOR]
        phase, grains = self.phase, self.grains
        electrolyte = phase == Phase.ELECTROLYTE
        metal = (phase == Phase.LITHIUM) | (phase == Phase.COLLECTOR)
        interface = surface_density(metal, self.grid)
        faced = metal | electrolyte | (phase == Phase.INTERLAYER)
        touching = surface_density(metal, self.grid, faced)
        return Report(
            shares=shares,
            porosity=shares[Phase.PORE] / ceramic if ceramic > 0.0 else 0.0,
            interface=interface,
            contact=touching / interface if interface > 0.0 else None,
            grains=0 if grains is None else len(grains.seeds),
            grain_size=None if grains is None else grains.intercept(),
            boundary=0.0
            if grains is None
            else surface_density(grains.grain, self.grid, electrolyte),
            cracked=float((self.crack > BROKEN).mean()),
        )


def _blank(grid: Grid, canvas: Mapping[int, Field] | None) -> Field:
    """Shares below all layers."""
    shares = np.zeros((len(Phase), *grid.shape))
    if canvas is None:
        shares[Phase.ELECTROLYTE] = 1.0
        return shares
    for phase, share in canvas.items():
        if not 0 <= phase < len(Phase) or np.shape(share) != grid.shape:
            raise DataError(
                f"a canvas of {grid.shape} cells has no phase {phase} of shape {np.shape(share)}"
            )
        shares[phase] = share
    return shares


def joins(conducts: np.ndarray, grid: Grid) -> bool:
    """Whether cells that share faces lead from z = 0 to z = H, through periodic sides too.

    >>> way = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 1]]) > 0
    >>> [joins(way, Grid.cubic((3, 4), 1.0, periodic=(False, wraps))) for wraps in (True, False)]
    [True, False]
    """
    labels = np.zeros(grid.shape, np.int32)
    ndimage.label(conducts, output=labels)
    count = int(labels.max())
    pairs = [np.zeros((0, 2), np.int32)]
    for axis, wraps in enumerate(grid.periodic):
        if wraps:
            ends = np.moveaxis(labels, axis, 0)
            met = np.stack([ends[0].ravel(), ends[-1].ravel()], axis=1)
            pairs.append(met[(met > 0).all(axis=1)])
    met = np.unique(np.concatenate(pairs), axis=0)
    links = sparse.coo_array((np.ones(len(met)), tuple(met.T)), shape=(count + 1, count + 1))
    piece = np.asarray(csgraph.connected_components(links, directed=False)[1])
    first, last = (piece[np.setdiff1d(labels[row], 0)] for row in (0, -1))
    return bool(np.intersect1d(first, last).size)


def _short(away: Field, length: float, wraps: bool) -> Field:
    """The short way round where a side is periodic."""
    return away - length * np.round(away / length) if wraps else away
