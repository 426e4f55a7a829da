r"""Lower convex hull of phase energies: equilibria, ladders of an open element, tie lines.

A phase table is two arrays: `compositions` (N, m), the fraction of each element in each phase (rows
sum to one), and `energies` (N,) per atom. Elements and phases are known by their indices only. The
equilibrium of composition b is

$$ E_{hull}(b) = \min_{x \ge 0} \sum_k E_k x_k \quad \text{where} \quad \sum_k x_k A_{ki} = b_i $$

and its dual variables are the chemical potentials. Every function keeps only the phases that can
take part (all their elements occur in the query or are open), which is exact. A row whose energy is
infinite takes no part anywhere. Potentials come in the unit of the energies (eV per atom).

Raises throughout: `MissingReference` (a ValueError) when an element that is needed has no phase of
its own in the table, `ValueError` for arrays that are no phase table, `NotConverged` when the
simplex gives up.

Range: up to about 12 elements; `hull_planes` up to 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anolyte.numerics.phase_table import (
    PURE,
    Array,
    Indices,
    MissingReference,
    PhaseTable,
    restricted,
    validated,
    validated_target,
)
from anolyte.numerics.simplex import LENGTH, Piece, factorise, minimise, walk

__all__ = [
    "Equilibrium",
    "Kink",
    "Ladder",
    "MissingReference",
    "Mixture",
    "Segment",
    "TieLine",
    "grand_potential",
    "hull_energies",
    "hull_planes",
    "ladder",
    "lower_hull",
    "tie_line",
]

NEGLIGIBLE = 1e-12
"""Amounts no larger than this are absent."""
FLAT = 1e-9
"""Neighbouring segments whose slopes differ by no more than this are one."""
STEEP = 1e-9
"""Facets whose unit normal points down by less are the walls of the hull, not its floor."""
BLOCK = 1024
"""Compositions evaluated at a time, so that one block of the product stays in the cache."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Phases (rows of the table) and their amounts in moles of atoms."""

    phases: tuple[int, ...]
    amounts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """Ground state of one composition.

    Attributes:
        mixture: phases present and their amounts, whose sum is that of the target.
        chemical_potentials: (m,), nan for elements that are absent.
        energy: hull energy, for the amounts of the target.
        basis: the phases that fix the potentials, those of zero amount included; a warm start.
    """

    mixture: Mixture
    chemical_potentials: Array
    energy: float
    basis: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A range over which the energy is linear and the phases stay the same.

    Attributes:
        low, high: ends of the range; `high` is infinite in the first step of a ladder.
        slope: energy per unit of range.
        at_low, at_high: what is present at the ends.
    """

    low: float
    high: float
    slope: float
    at_low: Mixture
    at_high: Mixture


@dataclass(frozen=True, slots=True)
class Ladder:
    """Equilibria of a closed composition against its content of one open element.

    Content and amounts are in moles of atoms per mole of atoms of the target, its own content of
    the open element included.

    Attributes:
        steps: from open-element-rich to poor; `slope` is the open element's chemical potential. The
            first step is excess of the pure open element: `high` and its amount are infinite.
        content: of the open element in the target itself.
    """

    steps: tuple[Segment, ...]
    content: float

    @property
    def reduction(self) -> Segment:
        """The step by which the target takes up the open element."""
        return next(step for step in reversed(self.steps) if step.high > self.content + LENGTH)

    @property
    def oxidation(self) -> Segment | None:
        """The step by which the target gives up the open element.

        It is `reduction` itself where the content lies inside a step (a window of zero width), and
        None where there is nothing to give up.
        """
        return next((step for step in self.steps if step.low < self.content - LENGTH), None)


@dataclass(frozen=True, slots=True)
class Kink:
    """A corner of a tie line.

    Attributes:
        x: fraction of the first end member.
        energy: hull energy.
        reaction_energy: the same less the straight line between the ends at their hull energies.
        mixture: what is present.
    """

    x: float
    energy: float
    reaction_energy: float
    mixture: Mixture


@dataclass(frozen=True, slots=True)
class TieLine:
    """Hull energy along x * first + (1 - x) * second; kinks include the ends, and x rises."""

    segments: tuple[Segment, ...]
    kinks: tuple[Kink, ...]


def lower_hull(
    compositions: ArrayLike,
    energies: ArrayLike,
    target: ArrayLike,
    *,
    start: Equilibrium | None = None,
) -> Equilibrium:
    """Ground state of `target`: the mixture of least energy.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (N,).
        target: amounts of the elements, (m,).
        start: an equilibrium of the same table over the same elements, for a shorter way.

    >>> table = [[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0]
    >>> result = lower_hull(*table, [0.75, 0.25])
    >>> result.mixture, result.energy, result.chemical_potentials
    (Mixture(phases=(0, 2), amounts=(0.5, 0.5)), -0.5, array([ 0., -2.]))
    """
    compositions, energies = validated(compositions, energies)
    target = validated_target(target, compositions)
    table = restricted(compositions, energies, target > 0.0)
    inside = target[table.elements]
    first = _warm(table, inside, start)
    first = table.pure() if first is None else first
    basis = minimise(table.compositions, table.energies, inside, first)
    potentials = np.full(target.size, np.nan)
    potentials[table.elements] = basis.prices
    return Equilibrium(
        mixture=_mixture(table, basis.columns, inside @ basis.inverse),
        chemical_potentials=potentials,
        energy=float(inside @ basis.prices),
        basis=tuple(table.rows[basis.columns].tolist()),
    )


def ladder(
    compositions: ArrayLike, energies: ArrayLike, target: ArrayLike, open_element: int
) -> Ladder:
    """Steps of the open element's chemical potential as it is added to, or taken from, `target`.

    The composition is b(t) = b_closed + t e_open, with t the content; the walk over t is exact.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (N,).
        target: fractions of the elements, (m,), the open element included.
        open_element: its column.

    >>> table = [[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0]
    >>> [(step.low, step.high, step.slope) for step in ladder(*table, [0.5, 0.5], 0).steps]
    [(0.5, inf, 0.0), (0.0, 0.5, -2.0)]
    """
    compositions, energies = validated(compositions, energies)
    target = validated_target(target, compositions)
    opened = np.arange(target.size) == open_element
    if not opened.any():
        raise ValueError(f"no element column {open_element} in a table of {target.size}")
    table = restricted(compositions, energies, (target > 0.0) | opened)
    direction = opened[table.elements].astype(np.float64)
    base = target[table.elements] * (1.0 - direction)
    # More of the open element than all phases together can hold: the pure phase is present.
    held = table.compositions @ direction
    mixed = held[held < 1.0 - PURE]
    excess = 1.0 + base.sum() * np.max(mixed / (1.0 - mixed), initial=0.0)
    rich = base + excess * direction
    basis = minimise(table.compositions, table.energies, rich, table.pure())
    pieces, _ = walk(table.compositions, table.energies, base, direction, basis, np.inf)
    return Ladder(_segments(table, pieces, direction), float(target[open_element]))


def grand_potential(
    compositions: ArrayLike, energies: ArrayLike, open_element: int, chemical_potential: float
) -> tuple[Array, Array]:
    r"""Phase table of the system open to one element at fixed chemical potential.

    $$ \Phi_k = \frac{E_k - \mu A_{ko}}{1 - A_{ko}}, \quad A'_{ki} = \frac{A_{ki}}{1 - A_{ko}} $$

    and A'_ko = 0. Shapes and indices stay as they are, so that the result is a phase table per atom
    that is not open. A pure open phase becomes a row of zeros of infinite potential: it takes no
    part.

    >>> grand_potential([[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0], 0, 0.0)[1]
    array([inf,  0., -2.])
    """
    closed = np.array(compositions, dtype=np.float64)
    taken = closed[:, open_element].copy()
    closed[:, open_element] = 0.0
    left = closed.sum(axis=1)
    pure = left <= PURE
    closed[pure] = 0.0
    left[pure] = 1.0
    potentials = (np.asarray(energies, dtype=np.float64) - chemical_potential * taken) / left
    potentials[pure] = np.inf
    return closed / left[:, None], potentials


def tie_line(
    compositions: ArrayLike, energies: ArrayLike, first: ArrayLike, second: ArrayLike
) -> TieLine:
    """Hull energy of mixtures of two compositions, with every change of products.

    For a system open to an element pass the table of `grand_potential`, and end members without it.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (N,).
        first: fractions of the elements, (m,), at x = 1.
        second: the same at x = 0.

    >>> line = tie_line([[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0], [1, 0], [0, 1])
    >>> [(kink.x, kink.energy, kink.mixture.phases) for kink in line.kinks]
    [(0.0, 0.0, (1,)), (0.5, -1.0, (2,)), (1.0, 0.0, (0,))]
    """
    compositions, energies = validated(compositions, energies)
    one, two = (validated_target(end, compositions) for end in (first, second))
    table = restricted(compositions, energies, (one > 0.0) | (two > 0.0))
    one, two = one[table.elements], two[table.elements]
    amounts, costs = table.compositions, table.energies
    # From the middle, where every element is present, a walk to each end: neither starts at a
    # corner where amounts are zero.
    basis = minimise(amounts, costs, (one + two) / 2, table.pure())
    down, _ = walk(amounts, costs, two, one - two, basis, 0.5)
    up, _ = walk(amounts, costs, one, two - one, basis, 0.5)
    pieces = [_mirrored(piece) for piece in reversed(up)] + down
    segments = _segments(table, pieces, one - two)[::-1]
    return TieLine(segments, _kinks(segments, energies))


def hull_planes(compositions: ArrayLike, energies: ArrayLike) -> Array:
    """Planes that support the hull from below, one row of m chemical potentials each.

    One convex hull of the whole table. Its cost grows steeply with the number of elements: from
    eight on, `growing_hull.GrowingHull` is the way.

    >>> planes = hull_planes([[1, 0], [0, 1], [0.5, 0.5]], [0.0, 0.0, -1.0])
    >>> sorted(planes.tolist())
    [[-2.0, 0.0], [0.0, -2.0]]
    """
    from scipy.spatial import ConvexHull  # heavy, and of no use to the other functions

    compositions, energies = validated(compositions, energies)
    table = restricted(compositions, energies, np.ones(compositions.shape[1], dtype=bool))
    pure = table.pure()
    references, size = table.energies[pure], pure.size
    formation = table.energies - table.compositions @ references
    bound = formation < 0.0
    bound[pure] = True
    amounts, formation = table.compositions[bound], formation[bound]
    if size == 1:
        return references[None, :]
    # One point high above the middle closes the hull; no lower facet holds it.
    points = np.vstack([np.column_stack([amounts[:, 1:], formation]), np.full(size, 1.0 / size)])
    points[-1, -1] = formation.max() + 1.0
    facets = ConvexHull(points).equations
    facets = facets[facets[:, -2] < -STEEP]
    first = -facets[:, -1] / facets[:, -2]
    others = first[:, None] - facets[:, :-2] / facets[:, -2:-1]
    planes = np.column_stack([first, others])
    # A plane that rounding lifted above some phase is lowered until it only touches that phase.
    planes -= (planes @ amounts.T - formation).max(axis=1, keepdims=True).clip(min=0.0)
    _, unique = np.unique(planes.round(9), axis=0, return_index=True)
    return planes[unique] + references


def hull_energies(planes: Array, compositions: ArrayLike) -> Array:
    """Hull energies (n,) of many compositions (n, m): the highest supporting plane at each.

    >>> hull_energies(np.array([[-2.0, 0.0], [0.0, -2.0]]), [[0.75, 0.25], [0.5, 0.5]])
    array([-0.5, -1. ])
    """
    points = np.atleast_2d(np.asarray(compositions, dtype=np.float64))
    highest = np.empty(len(points))
    for low in range(0, len(points), BLOCK):
        block = points[low : low + BLOCK]
        highest[low : low + BLOCK] = (planes @ block.T).max(axis=0)
    return highest


def _warm(table: PhaseTable, target: Array, start: Equilibrium | None) -> Indices | None:
    """The basis of `start` led to `target`, or None where that is not possible."""
    if start is None or len(start.basis) != target.size:
        return None
    columns = np.searchsorted(table.rows, start.basis)
    if (table.rows[columns.clip(max=table.rows.size - 1)] != start.basis).any():
        return None
    held = np.searchsorted(table.rows, start.mixture.phases)
    earlier = np.asarray(start.mixture.amounts) @ table.compositions[held]
    basis = factorise(table.compositions, table.energies, columns)
    change = earlier - target
    _, basis = walk(table.compositions, table.energies, target, change, basis, 1.0)
    return basis.columns if (target @ basis.inverse).min() >= -NEGLIGIBLE else None


def _segments(table: PhaseTable, pieces: Sequence[Piece], axis: Array) -> tuple[Segment, ...]:
    """Pieces with what is present at their ends, those of equal slope joined; from high to low."""
    segments: list[Segment] = []
    for piece in pieces:
        low, high = piece.low, piece.high
        slope = float(piece.prices @ axis)
        at_low = _mixture(table, piece.columns, piece.constant + piece.rate * low)
        last = segments[-1] if segments else None
        if last is not None and abs(last.slope - slope) <= FLAT:
            segments[-1] = Segment(low, last.high, last.slope, at_low, last.at_high)
            continue
        if np.isinf(high):
            amounts = np.where(piece.rate > PURE, np.inf, piece.constant)
        else:
            amounts = piece.constant + piece.rate * high
        at_high = _mixture(table, piece.columns, amounts)
        segments.append(Segment(low, high, slope, at_low, at_high))
    return tuple(segments)


def _mixture(table: PhaseTable, columns: Indices, amounts: Array) -> Mixture:
    present = amounts > NEGLIGIBLE
    phases = table.rows[columns[present]]
    return Mixture(tuple(phases.tolist()), tuple(amounts[present].tolist()))


def _mirrored(piece: Piece) -> Piece:
    """The same piece against 1 - s."""
    return piece._replace(
        low=1.0 - piece.high,
        high=1.0 - piece.low,
        constant=piece.constant + piece.rate,
        rate=-piece.rate,
    )


def _kinks(segments: tuple[Segment, ...], energies: Array) -> tuple[Kink, ...]:
    corners = [(segments[0].low, segments[0].at_low)] + [(s.high, s.at_high) for s in segments]
    heights = [float(np.dot(mix.amounts, energies[list(mix.phases)])) for _, mix in corners]
    return tuple(
        Kink(x, height, height - x * heights[-1] - (1.0 - x) * heights[0], mixture)
        for (x, mixture), height in zip(corners, heights, strict=True)
    )
