"""The lower hull beside pymatgen's, which takes another road (qhull facets) to the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.numerics import hull

pytest.importorskip("pymatgen", reason="pymatgen is the oracle of this file")

from pymatgen.analysis.interface_reactions import (
    GrandPotentialInterfacialReactivity,
    InterfacialReactivity,
)
from pymatgen.analysis.phase_diagram import GrandPotentialPhaseDiagram, PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

ELEMENTS = ("Li", "P", "S", "Cl", "Si", "O", "Ge", "La")
OPEN = 0
TOLERANCE = 1e-8  # eV/atom
FAR = 1e-6  # a point this far from every corner of the ladder lies inside one step
pytestmark = pytest.mark.filterwarnings("ignore")


def random_amounts(rng: np.random.Generator, size: int) -> np.ndarray:
    row = np.zeros(size, int)
    held = rng.choice(size, size=rng.integers(2, min(size, 4) + 1), replace=False)
    row[held] = rng.integers(1, 7, held.size)
    return row


class Case:
    """A seeded phase table of `size` elements and its pymatgen twin.

    `kind` 0 is generic. 1 has formation energies on a coarse grid, zero and positive ones among
    them, so that corners and edges coincide. 2 has every fourth phase exactly on the line between
    two others. All kinds have duplicates and polymorphs.
    """

    def __init__(self, seed: int, size: int, kind: int):
        rng = self.rng = np.random.default_rng([seed, size, kind])
        self.size, self.elements = size, ELEMENTS[:size]
        amounts = [*np.eye(size, dtype=int)]
        amounts += [
            random_amounts(rng, size) for _ in range(rng.integers(1, 22 if size < 7 else 12))
        ]
        formation = np.concatenate([np.zeros(size), rng.normal(-0.6, 0.7, len(amounts) - size)])
        if kind == 1:
            formation = np.round(formation * 2) / 2
        if kind == 2:
            for _ in range(len(amounts) // 3):
                first, second = rng.integers(0, len(amounts), 2)
                n1, n2 = amounts[first].sum(), amounts[second].sum()
                amounts.append(amounts[first] + amounts[second])
                mean = (formation[first] * n1 + formation[second] * n2) / (n1 + n2)
                formation = np.append(formation, mean)
        for copied in rng.integers(0, len(amounts), 3):
            amounts.append(amounts[copied] * 2)
            formation = np.append(formation, formation[copied] + rng.choice([0.0, 0.1]))
        self.amounts = np.array(amounts)
        atoms = self.amounts.sum(axis=1)
        self.compositions = self.amounts / atoms[:, None]
        self.energies = formation + self.compositions @ rng.uniform(-9, -1, size)
        self.entries = [
            PDEntry(self.formula(row), energy * n)
            for row, energy, n in zip(self.amounts, self.energies, atoms, strict=True)
        ]
        self.diagram = PhaseDiagram(self.entries)

    def formula(self, row) -> Composition:
        return Composition({e: float(n) for e, n in zip(self.elements, row, strict=True) if n > 0})

    def query(self) -> np.ndarray:
        """A phase of the table or another composition, never the pure open element."""
        phase = self.amounts[self.rng.integers(self.size, len(self.amounts))]
        row = phase if self.rng.random() < 0.5 else self.rng.integers(0, 5, self.size)
        return row if row[1:].any() else row + 1


cases = st.builds(
    Case, st.integers(0, 10**6), st.sampled_from([2, 3, 3, 4, 4, 5, 5, 6, 7, 8]), st.integers(0, 2)
)


@given(cases)
def test_hull_energies_are_equal(case):
    rows = np.array([case.query() for _ in range(5)], float)
    rows /= rows.sum(axis=1, keepdims=True)
    theirs = [case.diagram.get_hull_energy_per_atom(case.formula(row)) for row in rows]
    ours = [hull.lower_hull(case.compositions, case.energies, row).energy for row in rows]
    np.testing.assert_allclose(ours, theirs, atol=TOLERANCE, rtol=0)
    planes = hull.hull_planes(case.compositions, case.energies)
    np.testing.assert_allclose(hull.hull_energies(planes, rows), theirs, atol=TOLERANCE, rtol=0)


def potential_at(ladder: hull.Ladder, content: float) -> float | None:
    """The open element's potential at a content, or None too near a corner to say."""
    for step in ladder.steps:
        if step.low + FAR < content < step.high - FAR:
            return step.slope
    return None


@given(cases)
def test_ladder_and_window_are_equal(case):
    row = case.query()
    atoms = row.sum()
    ladder = hull.ladder(case.compositions, case.energies, row / atoms, OPEN)
    profile = case.diagram.get_element_profile(Element("Li"), case.formula(row))
    corners = []
    following = [*(step["chempot"] for step in profile[1:]), None]
    for step, after in zip(profile, following, strict=True):
        critical = step["critical_composition"]
        closed = critical.num_atoms - critical["Li"]
        scale = (1 - row[OPEN] / atoms) / closed
        corners.append(critical["Li"] * scale)
        # Where a step is degenerate the peer cuts it in two, at one potential, and its reaction
        # and its critical composition may then name different contents.
        if after is None or abs(step["chempot"] - after) > TOLERANCE:
            taken = step["evolution"] / atoms
            assert taken == pytest.approx(corners[-1] - ladder.content, abs=1e-7)
        # The peer takes the potential a little to the rich side of the corner.
        ours = potential_at(ladder, (critical["Li"] + 1e-5) * scale)
        if ours is not None:
            assert step["chempot"] == pytest.approx(ours, abs=TOLERANCE)
    for step in ladder.steps:
        if step.high - step.low > 10 * FAR:
            assert np.abs(np.array(corners) - step.low).min() < 1e-7
    check_limits(ladder, profile, atoms)


def check_limits(ladder: hull.Ladder, profile: list[dict], atoms: float) -> None:
    """Limits read from the peer's profile: the last step at or above the content, and the next."""
    contents = [ladder.content + step["evolution"] / atoms for step in profile]
    above = [i for i, t in enumerate(contents) if t > ladder.content - 1e-7]
    below = [i for i, t in enumerate(contents) if t < ladder.content - 1e-7]
    inside = not any(abs(t - ladder.content) < 1e-7 for t in contents)
    reduction = profile[below[0] if inside else above[-1]]["chempot"]
    if resolved(ladder, ladder.reduction):
        assert ladder.reduction.slope == pytest.approx(reduction, abs=TOLERANCE)
    if ladder.oxidation is None:
        assert not below
    elif resolved(ladder, ladder.oxidation):
        assert ladder.oxidation.slope == pytest.approx(profile[below[0]]["chempot"], abs=TOLERANCE)


def resolved(ladder: hull.Ladder, step: hull.Segment) -> bool:
    """Whether the peer's offset of 1e-5 atoms from the corner stays within the step."""
    return step.high - step.low > 1e-4


@given(cases)
def test_closed_kinks_are_equal(case):
    first, second = distinct(case, lambda row: row)
    line = hull.tie_line(
        case.compositions, case.energies, first / first.sum(), second / second.sum()
    )
    peer = InterfacialReactivity(
        case.formula(first), case.formula(second), case.diagram, use_hull_energy=True
    )
    compare_kinks(line, peer.get_kinks(), (1.0, 1.0))


@given(cases.filter(lambda case: case.size > 2), st.floats(-3.0, 0.0))
def test_open_kinks_are_equal(case, shift):
    first, second = distinct(case, without_open)
    potential = case.energies[case.compositions[:, OPEN] == 1.0].min() + shift
    table = hull.grand_potential(case.compositions, case.energies, OPEN, potential)
    ends = np.array([first, second], float)
    left = 1 - ends[:, OPEN] / ends.sum(axis=1)
    ends[:, OPEN] = 0.0
    line = hull.tie_line(*table, *(ends / ends.sum(axis=1, keepdims=True)))
    peer = GrandPotentialInterfacialReactivity(
        case.formula(first),
        case.formula(second),
        GrandPotentialPhaseDiagram(case.entries, {Element("Li"): potential}),
        case.diagram,
    )
    compare_kinks(line, peer.get_kinks(), (left[0], left[1]))


def without_open(row):
    return row[1:]


def distinct(case: Case, seen) -> tuple[np.ndarray, np.ndarray]:
    """Two end members, of different composition in what `seen` leaves of them."""
    while True:
        pair = case.query(), case.query()
        parts = [np.asarray(seen(row), float) for row in pair]
        if all(part.any() for part in parts):
            shares = [part / part.sum() for part in parts]
            if np.abs(shares[0] - shares[1]).max() > 1e-6:
                return pair


def compare_kinks(line: hull.TieLine, peer: list[tuple], left: tuple[float, float]) -> None:
    """Energies on our line at the peer's kinks, and our kinks among the peer's.

    The peer's include changes of products where the energy has no corner. `left` are the fractions
    of the end members that are not open.
    """
    x = np.array([kink.x for kink in line.kinks])
    theirs = np.array([kink[1] for kink in peer])
    theirs = theirs * left[0] / (theirs * left[0] + (1 - theirs) * left[1])
    energies = np.interp(theirs, x, [kink.reaction_energy for kink in line.kinks])
    np.testing.assert_allclose(energies, [kink[2] for kink in peer], atol=TOLERANCE, rtol=0)
    assert np.abs(x[:, None] - theirs).min(axis=1).max() < 1e-7


@pytest.mark.campaign
def test_seeded_tables_agree_with_pymatgen(campaign):
    """Every check above on seeded tables of 2 to 8 elements, degenerate kinds included."""
    sizes = (2, 3, 3, 4, 4, 5, 5, 6, 7, 8)
    shifts = np.random.default_rng(campaign.seed).uniform(-3.0, 0.0, 10**5)
    for i in range(campaign.size(reduced=10, full=1500)):
        size = sizes[i % len(sizes)]
        for check in (
            test_hull_energies_are_equal,
            test_ladder_and_window_are_equal,
            test_closed_kinks_are_equal,
        ):
            check.hypothesis.inner_test(Case(campaign.seed * 10**6 + i, size, i % 3))
        if size > 2:
            case = Case(campaign.seed * 10**6 + i, size, i % 3)
            test_open_kinks_are_equal.hypothesis.inner_test(case, float(shifts[i]))
    campaign.record(tables=campaign.cases, within_eV_per_atom=TOLERANCE)
