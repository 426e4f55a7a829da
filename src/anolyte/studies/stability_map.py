r"""Which phases of three or four elements live side by side, closed or open to lithium.

Two stable phases are joined by a tie line where the middle between them has no lower energy,

$$ E_{hull}\!\left(\tfrac12 (b_i + b_j)\right) = \tfrac12 \left(E_i + E_j\right) , $$

and no third phase lies between. Open to lithium at a potential the same holds for
$\Phi = (E - \mu_\mathrm{Li} x_\mathrm{Li})/(1 - x_\mathrm{Li})$ over the other elements.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE, habitual
from anolyte.laws.equilibrium import LITHIUM, lithium_ladder
from anolyte.materials import formula
from anolyte.materials.borders import as_text
from anolyte.materials.entries import as_phases
from anolyte.materials.phases import Phase, Phases, embedded
from anolyte.numerics import hull
from anolyte.numerics.growing_hull import GrowingHull

EV = ELEMENTARY_CHARGE
STABLE = 1e-8
"""eV per atom above the hull below which a phase is stable: rounding."""
BETWEEN = 1e-6
"""How near to a line a composition lies on it."""


@dataclass(frozen=True)
class Place:
    """A phase or a marked composition in the map.

    Args:
        formula: As the table writes it; of a mark its name.
        fractions: Of the map's elements; without lithium where the map is open to it.
        above_hull: Energy above the hull, J per atom (other than lithium, when open); None: a mark
            without a listed phase.
        reduction_limit, oxidation_limit: Where it is stable, V vs Li/Li+.
        at_rest: What it consists of at equilibrium.
    """

    formula: str
    fractions: tuple[float, ...]
    above_hull: float | None = quantity("energy_per_atom")
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")
    at_rest: tuple[str, ...] = ()

    @property
    def stable(self) -> bool:
        """Whether it is on the hull."""
        return self.above_hull is not None and self.above_hull <= STABLE * EV


@dataclass(frozen=True)
class StabilityMap(Result):
    """Phases, tie lines and marked compositions of a few elements.

    Args:
        elements: Corners of the map.
        places: One a composition of the table: the phase of lowest energy.
        ties: Pairs of numbers of `places` that coexist.
        marked: Compositions asked for, such as the electrolyte.
        potential: V vs Li/Li+ at which lithium enters and leaves; None: closed.
        missing: Known compounds of these elements without an energy here.
    """

    elements: tuple[str, ...]
    places: tuple[Place, ...]
    ties: tuple[tuple[int, int], ...]
    marked: tuple[Place, ...] = ()
    potential: float | None = quantity("electrode_potential", default=None)
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a phase, the marked ones last."""
        return [
            {"formula": p.formula}
            | {e: x for e, x in zip(self.elements, p.fractions, strict=True)}
            | {
                "above hull [eV/atom]": None
                if p.above_hull is None else habitual(p.above_hull, "energy_per_atom"),
                "reduction limit [V vs Li/Li+]": p.reduction_limit,
                "oxidation limit [V vs Li/Li+]": p.oxidation_limit,
                "at rest": " + ".join(p.at_rest),
            }
            for p in (*self.places, *self.marked)
        ]  # fmt: skip


def stability_map(
    elements: Sequence[str],
    marked: Mapping[str, Mapping[str, float]] | Iterable[Any] = (),
    *,
    phases: Any = None,
    potential: float | None = None,
) -> StabilityMap:
    """The phases of a few elements, which of them coexist, and where compositions lie.

    Args:
        elements: Three or four corners, lithium among them or not.
        marked: Formulas or objects with a composition, or names with their element amounts, made
            of these elements.
        phases: Reference energies; None: the embedded table; also what `read_entries` takes.
        potential: V vs Li/Li+ at which lithium enters and leaves; it then is no corner.

    Raises:
        DataError: Other than three or four corners, a mark of other elements.
        MissingPhases: The energies do not hold an element or a pair of cation and anion.

    >>> found = stability_map(["Li", "P", "S"], ["Li3PS4"])
    >>> {"Li2S", "Li3P"} <= {p.formula for p in found.places if p.stable}
    True
    >>> found.marked[0].at_rest
    ('Li3PS4',)
    """
    phases = as_phases(phases) or embedded()
    corners = _corners(elements, potential)
    system = dict.fromkeys((*corners, LITHIUM) if potential is not None else corners, 1.0)
    missing = phases.require(system).missing
    table = phases.within(system)
    rows = [p for p in _lowest(table) if potential is None or set(p.composition) != {LITHIUM}]
    heights = _Heights(table, corners, potential)
    points = np.array([heights.point(p.composition) for p in rows])
    own = np.array([heights.own(p.composition, p.energy) for p in rows])
    above = own - heights.hull(points)
    places = tuple(
        _place(phases, p.formula, p.composition, heights, float(a))
        for p, a in zip(rows, above, strict=True)
    )
    if not isinstance(marked, Mapping):
        marked = {name: formula.parse(name) for name in map(as_text, marked)}
    return StabilityMap(
        elements=corners,
        places=places,
        ties=_ties(points, own, above, heights),
        marked=tuple(_mark(phases, name, c, heights) for name, c in marked.items()),
        potential=potential,
        missing=missing,
        sources=tuple(dict.fromkeys(p.source.key for p in rows)),
        energies=f"{phases.kind} ({phases.origin})",
        energies_digest=phases.digest,
    )


def _corners(elements: Sequence[str], potential: float | None) -> tuple[str, ...]:
    """The elements that are corners: all, or all but lithium where the map is open to it."""
    corners = tuple(e for e in dict.fromkeys(elements) if potential is None or e != LITHIUM)
    if not 3 <= len(corners) <= 4:
        raise DataError(
            f"a map of {len(corners)} corners ({', '.join(corners)}) cannot be drawn: name three "
            "or four elements; with a potential lithium is no corner"
        )
    return corners


class _Heights:
    """Energies over the corners: of phases as they are, and of the hull."""

    def __init__(self, table: Phases, corners: tuple[str, ...], potential: float | None) -> None:
        self.corners, self.potential = corners, potential
        columns = [table.elements.index(e) for e in corners]
        fractions, energies = table.fractions, table.energies
        self._mu = 0.0
        if potential is not None:
            lithium = table.elements.index(LITHIUM)
            metal = table.find({LITHIUM: 1.0})
            self._mu = (metal.energy if metal else 0.0) - potential
            fractions, energies = hull.grand_potential(fractions, energies, lithium, self._mu)
        self._hull = GrowingHull(fractions[:, columns], energies)

    def point(self, composition: Mapping[str, float]) -> list[float]:
        """Fractions of the corners."""
        amounts = [composition.get(e, 0.0) for e in self.corners]
        return [n / sum(amounts) for n in amounts]

    def own(self, composition: Mapping[str, float], energy: float) -> float:
        """A phase's height from its energy per atom, eV."""
        if self.potential is None:
            return energy
        share = composition.get(LITHIUM, 0.0) / formula.atoms(composition)
        return (energy - self._mu * share) / (1.0 - share)

    def hull(self, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Heights of the hull, eV."""
        return self._hull.energies(points)


def _lowest(table: Phases) -> list[Phase]:
    """The phase of lowest energy of each composition."""
    return [p for p in table.rows if table.find(p.composition) is p]


def _place(
    phases: Phases, name: str, composition: Mapping[str, float], heights: _Heights,
    above: float | None,
) -> Place:  # fmt: skip
    ladder = lithium_ladder(phases, composition)
    return Place(
        formula=name,
        fractions=tuple(heights.point(composition)),
        above_hull=None if above is None else max(above, 0.0) * EV,
        reduction_limit=ladder.reduction_limit,
        oxidation_limit=ladder.oxidation_limit,
        at_rest=tuple(ladder.mixture),
    )


def _mark(phases: Phases, name: str, composition: Mapping[str, float], heights: _Heights) -> Place:
    allowed = {*heights.corners, *([LITHIUM] if heights.potential is not None else [])}
    if not set(composition) <= allowed or not set(composition) & set(heights.corners):
        raise DataError(
            f"{name} has no place in a map of {', '.join(heights.corners)}: name its own elements"
        )
    listed = phases.find(composition)
    above = None
    if listed is not None:
        height = heights.own(composition, listed.energy)
        above = height - float(heights.hull(np.array([heights.point(composition)]))[0])
    return _place(phases, name, composition, heights, above)


def _ties(
    points: np.ndarray[Any, Any],
    own: np.ndarray[Any, Any],
    above: np.ndarray[Any, Any],
    heights: _Heights,
) -> tuple[tuple[int, int], ...]:
    """Pairs of stable phases whose mixture is stable, the neighbours on each line."""
    stable = [int(i) for i in np.flatnonzero(above <= STABLE)]
    pairs = np.array(list(itertools.combinations(stable, 2)))
    middles = 0.5 * (points[pairs[:, 0]] + points[pairs[:, 1]])
    mixed = 0.5 * (own[pairs[:, 0]] + own[pairs[:, 1]])
    found = pairs[mixed - heights.hull(middles) <= STABLE]
    others = points[stable]
    return tuple(
        (int(i), int(j)) for i, j in found if not _interrupted(points[i], points[j], others)
    )


def _interrupted(
    first: np.ndarray[Any, Any], last: np.ndarray[Any, Any], others: np.ndarray[Any, Any]
) -> bool:
    """Whether another composition lies on the line between two."""
    way = last - first
    length = float(way @ way)
    if length < BETWEEN**2:
        return True
    share = (others - first) @ way / length
    off = np.linalg.norm(others - first - share[:, None] * way, axis=1)
    return bool(((off < BETWEEN) & (share > BETWEEN) & (share < 1.0 - BETWEEN)).any())
