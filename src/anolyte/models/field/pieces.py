r"""Pieces of lithium in a field: which of them hang on the anode, and which are dead.

A piece is a set of cells, more than half metal, that touch across faces. One that has no path
through lithium to the side z = 0 is dead: no electron reaches it. It still is an equipotential, and
carries no net current,

$$ \int_\text{piece} i_n\,dA = 0, $$

so that it may plate on one side what it strips on the other. Its potential is found from that: the
net current falls as the potential rises, so that there is one answer and a bracketed search finds
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from anolyte.core.errors import DataError, NotConverged
from anolyte.models.field.potential import PotentialField, Problem
from anolyte.numerics.grid import Field, Grid

HALF = 0.5
"""Share of metal above which a cell belongs to a piece."""
BALANCED = 1e-9
"""Net current of a floating piece, relative to all that it passes both ways."""
AT_REST = 1e-5
"""Share of the exchange current that counts as passed: a piece at rest passes nothing else."""
MOST_SWEEPS = 60
WIDENINGS = 40


@dataclass(frozen=True, eq=False)
class Pieces:
    """Lithium by pieces.

    Args:
        labels: Of every cell, 1 to n; 0 where there is no piece.
        nearest: The label of the nearest piece, in every cell; 0 if there is none at all.
        volumes: m3 (m2 in two dimensions) of each piece. The thin rim of lithium in cells that are
            less than half metal goes to the nearest piece, so that nothing is lost.
        joined: Whether each piece has a path to the side z = 0.
    """

    labels: NDArray[np.int32]
    nearest: NDArray[np.int32]
    volumes: Field
    joined: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.volumes)

    @property
    def floating(self) -> tuple[int, ...]:
        """Labels of the pieces without a path to the side z = 0."""
        return tuple(int(k) + 1 for k in np.flatnonzero(~self.joined))

    @property
    def dead(self) -> float:
        """m3 (m2), of all pieces without a path to the side z = 0."""
        return float(self.volumes[~self.joined].sum())

    def dead_share(self, plated: float) -> float:
        """Dead lithium over all that had been plated.

        Args:
            plated: m3 (m2).

        Raises:
            DataError: Nothing had been plated.
        """
        if not plated > 0.0:
            raise DataError(f"a dead share needs a plated volume above zero, not {plated:g}")
        return self.dead / plated


def pieces(metal: Field, grid: Grid) -> Pieces:
    """The pieces of a field of lithium.

    Args:
        metal: Share of lithium in every cell.
        grid: The cells; pieces that meet across a periodic side are one.

    Raises:
        DataError: The field is not one of the grid.

    >>> grid = Grid.cubic((4, 4), 1.0)
    >>> metal = np.zeros(grid.shape)
    >>> metal[0], metal[2:, 1] = 1.0, 1.0
    >>> found = pieces(metal, grid)
    >>> found.volumes.tolist(), found.joined.tolist(), found.dead
    ([4.0, 2.0], [True, False], 2.0)
    """
    if metal.shape != grid.shape:
        raise DataError(f"the lithium has shape {metal.shape}, the grid {grid.shape}")
    labels = labelled(metal > HALF, grid)
    count = int(labels.max())
    nearest = _nearest(labels, grid)
    sums = np.bincount(nearest.ravel(), weights=metal.ravel(), minlength=count + 1)
    joined = np.isin(np.arange(1, count + 1), labels[0])
    return Pieces(labels, nearest, np.asarray(sums[1:] * grid.cell_volume, np.float64), joined)


def isolated(before: Pieces, after: Pieces) -> bool:
    """Whether lithium that hung on the anode no longer does: the event of dead lithium."""
    was_joined = np.concatenate([[False], before.joined])[before.labels]
    now_loose = np.concatenate([[False], ~after.joined])[after.labels]
    return bool((was_joined & now_loose).any())


def labelled(inside: NDArray[np.bool_], grid: Grid) -> NDArray[np.int32]:
    """1 to n for cells that touch across faces, periodic sides too; 0 outside."""
    labels = np.zeros(grid.shape, np.int32)
    ndimage.label(inside, output=labels)
    parent = np.arange(int(labels.max()) + 1)

    def root(label: int) -> int:
        while parent[label] != label:
            label = int(parent[label])
        return label

    for axis, periodic in enumerate(grid.periodic):
        ends = np.moveaxis(labels, axis, 0)
        if periodic:
            pairs = np.stack([ends[0].ravel(), ends[-1].ravel()], axis=1)
            for a, b in np.unique(pairs[(pairs > 0).all(axis=1)], axis=0):
                low, high = sorted((root(int(a)), root(int(b))))
                parent[high] = low
    roots = np.array([root(label) for label in range(len(parent))])
    _, names = np.unique(roots, return_inverse=True)
    return names.astype(np.int32)[labels]


def _nearest(labels: NDArray[np.int32], grid: Grid) -> NDArray[np.int32]:
    """The label of the nearest labelled cell, around periodic sides too."""
    if not labels.any():
        return labels
    extra = [n // 2 if wraps else 0 for n, wraps in zip(grid.shape, grid.periodic, strict=True)]
    ringed = np.pad(labels, np.array([(n, n) for n in extra]), mode="wrap")
    places = ndimage.distance_transform_edt(
        ringed == 0, sampling=grid.spacing, return_distances=False, return_indices=True
    )
    inner = tuple(slice(n, n + size) for n, size in zip(extra, labels.shape, strict=True))
    return np.asarray(ringed[tuple(np.asarray(places))][inner], np.int32)


@dataclass(frozen=True, eq=False)
class Floating:
    """The field around lithium of which some pieces float.

    Args:
        field: The potential.
        potentials: V against lithium of the anode, of each piece; zero where joined.
        currents: A (A/m) into each piece, positive where plated.
    """

    field: PotentialField
    potentials: Field
    currents: Field


def solve_floating(problem: Problem, found: Pieces, start: Floating | None = None) -> Floating:
    """The potential when dead pieces take the potential at which they carry no net current.

    One piece after the other is balanced, and again until all are. The potentials of pieces and of
    cells together minimise one convex function, so that these sweeps arrive.

    Args:
        problem: With joined lithium at zero; its shift is raised at each floating piece.
        found: The pieces of the same field.
        start: A solution nearby, of as many pieces.

    Raises:
        DataError: No lithium is joined to the anode, so that no potential is given.
        NotConverged: The pieces did not come to balance.
    """
    if not found.joined.any():
        raise DataError("no lithium is joined to the anode: there is nothing to pass a current")
    search = _Balance(problem, found, start)
    for _ in range(MOST_SWEEPS):
        for label in found.floating:
            if search.excess(label) > BALANCED:
                search.balance(label)
        if all(search.excess(label) <= BALANCED for label in found.floating):
            return Floating(search.field, search.potentials, search.currents())
    raise NotConverged(f"{len(found.floating)} floating pieces of lithium did not come to balance")


class _Balance:
    """The state of one search for the potentials of floating pieces."""

    def __init__(self, problem: Problem, found: Pieces, start: Floating | None) -> None:
        self.problem, self.found = problem, found
        self.areas = problem.surface.area
        known = start is not None and len(start.potentials) == found.count
        self.potentials = np.zeros(found.count)
        if start is not None and known:
            self.potentials = np.where(found.joined, 0.0, start.potentials)
        self.field = self.solve(start.field if start is not None else None)
        if not known:
            self._guess()

    def _guess(self) -> None:
        """Begin at the potential of the electrolyte around each piece."""
        for label in self.found.floating:
            weight = self.areas * (self.found.nearest == label)
            if weight.any():
                self.potentials[label - 1] = np.average(self.field.potential, weights=weight)
        self.field = self.solve(self.field)

    def solve(self, start: PotentialField | None) -> PotentialField:
        """The field at the present potentials."""
        surface = self.problem.surface
        raised = surface.shift + np.concatenate([[0.0], self.potentials])[self.found.nearest]
        return replace(self.problem, surface=replace(surface, shift=raised))(start)

    def currents(self) -> Field:
        """A into each piece."""
        weights = (self.areas * self.field.current_density).ravel()
        sums = np.bincount(self.found.nearest.ravel(), weights, self.found.count + 1)
        return np.asarray(sums[1:], np.float64)

    def excess(self, label: int) -> float:
        """Net current of a piece over what it passes both ways."""
        here = self.areas * (self.found.nearest == label)
        passed = float((here * np.abs(self.field.current_density)).sum())
        scale = passed + AT_REST * float((here * self.problem.surface.exchange).sum())
        return abs(self.currents()[label - 1]) / scale if scale > 0.0 else 0.0

    def net(self, label: int) -> Callable[[float], float]:
        """A into a piece as a function of its potential; it falls."""

        def at(potential: float) -> float:
            self.potentials[label - 1] = potential
            self.field = self.solve(self.field)
            return float(self.currents()[label - 1])

        return at

    def balance(self, label: int) -> None:
        """Find the potential of one piece."""
        net, here = self.net(label), float(self.potentials[label - 1])
        value, reach = net(here), 0.1 * self.problem.law.thermal
        if value == 0.0:
            return
        for _ in range(WIDENINGS):
            there = here + (reach if value > 0.0 else -reach)
            beyond = net(there)
            if beyond * value <= 0.0:
                break
            here, value, reach = there, beyond, 2.0 * reach
        else:
            raise NotConverged("no potential was found at which a floating piece is in balance")
        if beyond != 0.0:
            found = optimize.root_scalar(net, bracket=(here, there), xtol=1e-16, rtol=1e-13)
            net(float(found.root))
