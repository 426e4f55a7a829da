r"""A crack and its displacement at rest in a window around a tip, all else held.

A crack moves where its tips are, and a step of it changes little far away. So between two turns of
the whole field displacement and crack are found in turns in a window alone: the same energy, the
same cells, the values outside held. Each such turn lowers the energy of the whole, and the whole
decides when the crack is at rest: a window saves turns, it changes no answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.models.field.crack_span import Span
from anolyte.models.field.drives import Drive
from anolyte.numerics.conjugate_gradients import dot
from anolyte.numerics.elasticity import Solid
from anolyte.numerics.elasticity_multigrid import Cycle, Layout, Matrix, conjugate_gradients
from anolyte.numerics.elasticity_sides import Clamped
from anolyte.numerics.elasticity_tensor import Tensor
from anolyte.numerics.grid import Field, Grid

if TYPE_CHECKING:
    from anolyte.models.field.fracture import Fracture

OUTLINE = 4
"""Cells from the outline at which what moves has left a window."""
MOST_KEPT = 500_000
"""Cells of all panes that are kept for windows to come: up to a gigabyte."""
MOST_TURNS = 200
"""In a window between two of what is around it."""
BEYOND = 1.8
"""How far d goes in a turn, over the way to the least energy: below 2."""
LOOSE = 1e-3
"""Forces left over in a turn, relative to those of the lithium: the next turn takes them up."""
DIGITS = np.float32
"""Of preconditioners: cracks are soft cells in stiff ones, for which few digits do."""
FEW_ITERATIONS = 12
"""At which a preconditioner of an earlier turn is given up."""


Outside = Callable[[float], float]
"""From what opens within to what opens in all, m3; where the outside gives way, m3/Pa."""


@dataclass(frozen=True, eq=False)
class Fields:
    """A crack and its displacements.

    Args:
        past: d that cannot heal.
        crack: d.
        values: m, displacements on the faces of each axis.
        eigenstrain: Strain without stress.
    """

    past: Field
    crack: Field
    values: Sequence[Field]
    eigenstrain: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Feed:
    """What the lithium is given.

    Args:
        drive: A pressure or a volume.
        pressure: Pa, to begin with.
        gives_way: Whether all displacements are in proportion to the pressure, so that what is held
            around a part follows it too: if the lithium is the only load.
        outside: From what opens in a part to what opens in all.
    """

    drive: Drive
    pressure: float
    gives_way: bool = False
    outside: Outside = float


@dataclass(frozen=True, eq=False)
class Pane:
    """What windows of one shape share.

    Args:
        cells: Along each axis, without the rim.
        spacing: m.
    """

    cells: tuple[int, ...]
    spacing: tuple[float, ...]

    @cached_property
    def grid(self) -> Grid:
        """The window and its rim."""
        return Grid(tuple(n + 2 for n in self.cells), self.spacing, (False,) * len(self.cells))

    @cached_property
    def solid(self) -> Solid:
        """Any solid of the shape: lends its frame."""
        side = Clamped((0.0,) * len(self.cells))
        ones = np.ones(self.grid.shape)
        return Solid(self.grid, ones, ones, ((side, side),) * len(self.cells))

    @cached_property
    def layout(self) -> Layout:
        """The unknowns: all within the window but what lies on its outline."""
        held = (((True, True),) * len(self.cells),) * len(self.cells)
        return Layout(self.cells, (False,) * len(self.cells), held)

    @cached_property
    def steps(self) -> Any:
        """Of the multigrid cycle."""
        return self.layout.steps()

    @cached_property
    def masks(self) -> tuple[np.ndarray, ...]:
        """For each component which of its values are unknowns."""
        found = []
        for component, part in enumerate(self.solid.frame.held_values):
            mask = np.zeros(part.shape, bool)
            inner = [slice(1, -1)] * mask.ndim
            inner[component] = slice(2, -2)
            mask[tuple(inner)] = True
            found.append(mask)
        return tuple(found)

    @cached_property
    def unknowns(self) -> np.ndarray:
        """Places of the unknowns among the free values of the solid."""
        return np.flatnonzero(self.solid.frame.vector([m.astype(float) for m in self.masks]))

    @cached_property
    def swept(self) -> np.ndarray:
        """Cells whose crack is found, flat."""
        inner = np.zeros(self.grid.shape, bool)
        inner[(slice(1, -1),) * inner.ndim] = True
        return np.flatnonzero(inner)


Panes = dict[tuple[int, ...], Pane]
"""By their cells."""


@dataclass(frozen=True, eq=False)
class _Forces:
    """What moves the unknowns of a window.

    Args:
        matrix: N/m, their stiffness.
        lack: N, with which stresses pull at them.
        push: N/Pa, of the lithium.
        pressure: Pa, of it, as known so far.
    """

    matrix: Matrix
    lack: Field
    push: Field
    pressure: float

    @cached_property
    def size(self) -> float:
        """N."""
        together = _size(self.lack + self.pressure * self.push)
        return max(together, abs(self.pressure) * _size(self.push))


@dataclass(eq=False)
class Window:
    """A part of a field while it comes to rest.

    Args:
        part: The cells of the window and its rim as a body of its own.
        pane: What its shape shares.
        panes: Of all shapes.
        fields: As they are by now.
    """

    part: Fracture
    pane: Pane
    panes: Panes
    fields: Fields
    _cycle: Cycle | None = None
    _pushed: Field | None = None
    _tired: bool = False

    def rest(self, feed: Feed) -> float:
        """Turns of displacement and crack until it is at rest, or reaches the outline.

        Returns:
            Pa.
        """
        for _ in range(MOST_TURNS):
            feed = replace(feed, pressure=self._deform(feed))
            if feed.gives_way and feed.pressure <= 0.0:
                break
            change = np.abs(self._crack(feed.pressure))
            if change.max() < self.part.rest or _near_outline(change > self.part.rest):
                break
            found = settled(self.part, self.panes, change, self.fields, feed)
            if found is not None:
                self.fields, pressure = found
                feed = replace(feed, pressure=pressure)
        return feed.pressure

    def _crack(self, pressure: float) -> Field:
        """Find d for the displacements as they are; how it changes."""
        part, now = self.part, self.fields
        deformation = part.solid.at(now.values, now.eigenstrain, of=self._softened())
        crack = part.surface.least(
            now.past,
            released=part.released(now.crack, deformation, now.eigenstrain),
            pulled=part.pulled(deformation, pressure),
            start=now.crack,
            cells=part.breakable(self.pane.swept),
        )
        self.fields = replace(now, crack=beyond(now.crack, crack, now.past))
        return crack - now.crack

    def _softened(self) -> Solid:
        now = self.fields
        normal, _ = self.part.solid.frame.strains(now.values)
        swelling = sum(normal, np.zeros(now.crack.shape))
        if now.eigenstrain is not None:
            swelling = swelling - now.eigenstrain.trace()
        return self.part.softened(now.crack, swelling)

    def _deform(self, feed: Feed) -> float:
        """Move the values to equilibrium at the pressure that the drive asks for: Pa."""
        solid, unknowns, now = self._softened(), self.pane.unknowns, self.fields
        frame, pushes = solid.frame, self.part.pushes(now.crack)
        matrix = solid.matrix[unknowns][:, unknowns].tocsr()
        push = frame.vector(pushes)[unknowns]
        lack = frame.vector(solid.pull(now.values, now.eigenstrain))[unknowns]
        forces = _Forces(matrix, lack, push, feed.pressure)
        if not forces.size:
            return feed.pressure
        if self._tired:
            self._cycle, self._tired = None, False
        self._fit(matrix)
        still = _opens(pushes, now.values)
        if feed.gives_way:
            moved = self._solved(forces, lack + feed.pressure * push, np.zeros_like(push))
            within = (still + dot(push, moved)) / feed.pressure
            pressure = feed.drive.pressure(lambda p: p * feed.outside(within), feed.pressure)
            ratio = pressure / feed.pressure
        else:
            moved, pushed = self._answers(forces)
            still, each = still + dot(push, moved), dot(push, pushed)
            pressure = feed.drive.pressure(lambda p: feed.outside(still + p * each), feed.pressure)
            moved, ratio = moved + pressure * pushed, 1.0
        whole = np.zeros(sum(int(mask.sum()) for mask in frame.free))
        whole[unknowns] = moved
        change = frame.spread(whole, frame.held_values)
        values = [ratio * (a + b) for a, b in zip(now.values, change, strict=True)]
        self.fields = replace(now, values=values)
        return pressure

    def _fit(self, matrix: Matrix) -> None:
        """A preconditioner."""
        if self._cycle is None:
            self._cycle = Cycle(matrix, self.pane.steps, DIGITS)
        else:
            self._cycle = self._cycle.for_matrix(matrix)

    def _solved(self, forces: _Forces, right: Field, start: Field, unit: float = 1.0) -> Field:
        """m, what forces move."""
        assert self._cycle is not None
        size = forces.size / unit
        moved, turns = conjugate_gradients(forces.matrix, right, self._cycle, start, LOOSE, size)
        self._tired = self._tired or turns > FEW_ITERATIONS
        return moved

    def _answers(self, forces: _Forces) -> tuple[Field, Field]:
        """m, what the forces that are left move, and each Pa."""
        still = np.zeros_like(forces.push)
        moved = self._solved(forces, forces.lack, still)
        start = still if self._pushed is None else self._pushed
        self._pushed = self._solved(forces, forces.push, start, max(abs(forces.pressure), 1.0))
        return moved, self._pushed

    def opened(self) -> float:
        """m3, between the faces of the crack within."""
        return _opens(self.part.pushes(self.fields.crack), self.fields.values)


def beyond(before: Field, least: Field, past: Field) -> Field:
    """d past the least energy of a turn, since the next turn would go on the same way.

    The energy is a parabola in d while the displacements are held, so that it does not rise.
    """
    return np.clip(before + BEYOND * (least - before), past, 1.0)


def _opens(pushes: Sequence[Field], values: Sequence[Field]) -> float:
    return sum(float((a * b).sum()) for a, b in zip(pushes, values, strict=True))


def _size(vector: Field) -> float:
    return math.sqrt(dot(vector, vector))


def _near_outline(moved: np.ndarray) -> bool:
    """Whether what moves has come within a few cells of the outline."""
    inner = moved[(slice(OUTLINE, -OUTLINE),) * moved.ndim]
    return int(moved.sum()) > int(inner.sum())


def settled(
    whole: Fracture, panes: Panes, change: Field, fields: Fields, feed: Feed
) -> tuple[Fields, float] | None:
    """Fields and pressure, Pa, with what has moved at rest; None: no window fits.

    Args:
        whole: What is around the window.
        panes: Kept for windows of shapes that were met before.
        change: Of d in the turn before.
        fields: As they are.
        feed: What the lithium is given.
    """
    grid = whole.solid.grid
    span = Span.around(change > whole.rest, grid)
    if span is None or (feed.gives_way and feed.pressure <= 0.0):
        return None
    window = _window(whole, panes, span, fields)
    pushes = whole.solid.frame.opened(whole.pushes(fields.crack))
    unit, around = (feed.pressure if feed.gives_way else 1.0), _opens(pushes, fields.values)
    around = (around - window.opened()) / unit
    pressure = window.rest(
        replace(feed, outside=lambda within: feed.outside(around + within))
    )  # fmt: skip
    crack, values = fields.crack.copy(), []
    crack[span.inside(grid)] = window.fields.crack
    ratio = pressure / unit if feed.gives_way else 1.0
    for axis, mask in enumerate(window.pane.masks):
        faces = span.faces(grid, axis)
        component = ratio * fields.values[axis]
        component[faces] = np.where(mask, window.fields.values[axis], component[faces])
        values.append(component)
    return replace(fields, crack=crack, values=values), pressure


def kept(panes: Panes, cells: tuple[int, ...], spacing: tuple[float, ...]) -> Pane:
    """The pane of a shape, made if need be; those used longest ago go when all are too large.

    >>> panes = {}
    >>> side = math.isqrt(MOST_KEPT // 2)
    >>> shapes = [(side, side), (8, 8), (side - 8, side), (8, 8), (side, side - 8)]
    >>> for shape in shapes:
    ...     pane = kept(panes, shape, (1.0, 1.0))
    >>> [shape in panes for shape in shapes]
    [False, True, True, True, True]
    """
    pane = panes.pop(cells, None) or Pane(cells, spacing)
    panes[cells] = pane
    while sum(math.prod(shape) for shape in panes) > MOST_KEPT and len(panes) > 1:
        del panes[next(iter(panes))]
    return pane


def _window(whole: Fracture, panes: Panes, span: Span, fields: Fields) -> Window:
    """A window into the fields as they are."""
    solid, surface, grid = whole.solid, whole.surface, whole.solid.grid
    cells, strain = span.inside(grid), fields.eigenstrain
    pane = kept(panes, span.cells, grid.spacing)
    part = replace(
        whole,
        solid=pane.solid.with_moduli(solid.first_lame[cells], solid.shear_modulus[cells]),
        surface=replace(surface, grid=pane.grid, fracture_energy=surface.fracture_energy[cells]),
        reached=None if whole.reached is None else whole.reached[cells],
    )
    if strain is not None:
        strain = Tensor(
            np.stack([entry[cells] for entry in strain.normal]),
            np.stack([entry[cells] for entry in strain.shear]),
        )
    values = [whole[span.faces(grid, axis)] for axis, whole in enumerate(fields.values)]
    return Window(
        part, pane, panes, Fields(fields.past[cells], fields.crack[cells], values, strain)
    )
