"""The lower hull: answers known by hand, and what must hold on any phase table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anolyte.core.errors import NotConverged
from anolyte.numerics import hull, simplex

# Columns Li, P, S. Energies per atom; the pure elements lie at zero unless a test says otherwise.
LI, P, S = 0, 1, 2


def table(*rows):
    """Phases as (amounts, energy per atom)."""
    amounts = np.array([row for row, _ in rows], float)
    return amounts / amounts.sum(axis=1, keepdims=True), np.array([energy for _, energy in rows])


def share(*amounts):
    row = np.array(amounts, float)
    return row / row.sum()


ELEMENTS = [((1, 0, 0), 0.0), ((0, 1, 0), 0.0), ((0, 0, 1), 0.0)]
LI2S, LI3P, P2S5, LI3PS4 = (
    ((2, 0, 1), -1.5),
    ((3, 1, 0), -0.9),
    ((0, 2, 5), -0.4),
    ((3, 1, 4), -1.2),
)
LI_P_S = table(*ELEMENTS, LI2S, LI3P, P2S5, LI3PS4)


# --- answers known by hand ---------------------------------------------------------------------


def test_sulfide_is_reduced_to_phosphorus_then_to_phosphide():
    ladder = hull.ladder(*LI_P_S, share(3, 1, 4), LI)
    # Li3PS4 + 5 Li -> P + 4 Li2S: 8 atoms at -1.2 against 12 at -1.5.
    first = ladder.reduction
    assert first.slope == pytest.approx((12 * -1.5 - 8 * -1.2) / 5)
    assert (first.high - first.low) * 8 == pytest.approx(5)
    assert first.at_low.phases == (6,)
    products = dict(zip(first.at_high.phases, first.at_high.amounts, strict=True))
    assert products == pytest.approx({P: 1 / 8, 3: 12 / 8})
    # P + 3 Li -> Li3P
    second = ladder.steps[ladder.steps.index(first) - 1]
    assert second.slope == pytest.approx(4 * -0.9 / 3)
    assert (second.high - ladder.content) * 8 == pytest.approx(8)
    assert set(second.at_high.phases) == {3, 4}


def test_sulfide_is_oxidised_to_thiophosphate_and_sulfur():
    # 2 Li3PS4 -> P2S5 + 3 S + 6 Li: 16 x (-1.2) against 7 x (-0.4).
    ladder = hull.ladder(*LI_P_S, share(3, 1, 4), LI)
    assert ladder.oxidation.slope == pytest.approx((16 * -1.2 - 7 * -0.4) / 6)
    assert set(ladder.oxidation.at_low.phases) == {2, 5}
    assert ladder.oxidation.low == 0.0


def test_excess_of_the_open_element_is_the_first_step():
    first = hull.ladder(*LI_P_S, share(3, 1, 4), LI).steps[0]
    assert first.slope == 0.0
    assert np.isinf(first.high)
    assert set(first.at_low.phases) == {3, 4}
    assert dict(zip(first.at_high.phases, first.at_high.amounts, strict=True))[0] == np.inf


def test_stable_against_the_open_element_has_its_reference_as_reduction_limit():
    ladder = hull.ladder(*LI_P_S, share(2, 0, 1), LI)
    assert ladder.reduction is ladder.steps[0]
    assert ladder.oxidation.slope == pytest.approx(3 * -1.5 / 2)


def test_content_inside_a_step_has_a_window_of_zero_width():
    # Without a ternary phase Li4PS falls apart into three phases, as many as it has elements.
    ladder = hull.ladder(*table(*ELEMENTS, LI2S, LI3P), share(4, 1, 1), LI)
    assert len(hull.lower_hull(*table(*ELEMENTS, LI2S, LI3P), share(4, 1, 1)).mixture.phases) == 3
    assert ladder.reduction is ladder.oxidation
    assert ladder.reduction.low < ladder.content < ladder.reduction.high


def test_target_without_the_open_element_cannot_give_it_up():
    ladder = hull.ladder(*LI_P_S, share(0, 2, 5), LI)
    assert ladder.content == 0.0
    assert ladder.oxidation is None
    assert ladder.reduction.at_low.phases == (5,)


def test_target_of_the_open_element_alone():
    ladder = hull.ladder(*LI_P_S, share(1, 0, 0), LI)
    assert [(step.low, step.high, step.slope) for step in ladder.steps] == [(0.0, np.inf, 0.0)]
    assert ladder.reduction is ladder.oxidation


def test_degenerate_corner_gives_no_step_of_zero_length():
    # At Li3PS4 several amounts vanish at once; the pivots between have no length, and any slope.
    ladder = hull.ladder(*LI_P_S, share(3, 1, 4), LI)
    assert len(ladder.steps) == 4
    assert all(step.high - step.low > simplex.LENGTH for step in ladder.steps)


def test_phases_of_foreign_elements_take_no_part():
    # LiP bound so strongly that it would rule every corner, were P not absent from Li-S.
    foreign = ((1, 1, 0), -9.0)
    compositions, energies = table(*ELEMENTS, LI2S, foreign)
    ladder = hull.ladder(compositions, energies, share(2, 0, 1), LI)
    assert ladder == hull.ladder(compositions[:4], energies[:4], share(2, 0, 1), LI)
    assert (
        hull.lower_hull(compositions[[0, 2, 3, 4]], energies[[0, 2, 3, 4]], share(2, 0, 1)).energy
        == -1.5
    )


def test_polymorphs_and_duplicates_count_once():
    worse, same = (LI2S[0], -1.4), LI2S
    more = table(*ELEMENTS, worse, LI2S, same, ((2, 0, 0), 0.3))
    less = table(*ELEMENTS, LI2S)
    for content in (0.1, 0.5, 2 / 3, 0.9):
        target = share(content, 0, 1 - content)
        assert hull.lower_hull(*more, target).energy == hull.lower_hull(*less, target).energy
    ours, theirs = (hull.ladder(*t, share(1, 0, 1), LI) for t in (more, less))
    assert [s.slope for s in ours.steps] == pytest.approx([s.slope for s in theirs.steps])


def test_phases_of_positive_formation_energy_are_never_products():
    bad = ((1, 1, 1), 0.2)
    line = hull.tie_line(*table(*ELEMENTS, bad), share(1, 0, 0), share(0, 1, 1))
    assert [kink.x for kink in line.kinks] == [0.0, 1.0]
    assert line.kinks[0].reaction_energy == line.kinks[1].reaction_energy == 0.0


def test_phase_on_the_line_between_others_is_no_kink():
    between = ((6, 2, 4), (8 * -1.2 + 4 * -0.9) / 12)  # Li3PS4 and Li3P together
    compositions, energies = table(*ELEMENTS, LI3P, LI3PS4, between)
    line = hull.tie_line(compositions, energies, share(3, 1, 0), share(3, 1, 4))
    assert [kink.x for kink in line.kinks] == [0.0, 1.0]


def test_tie_line_of_lithium_and_sulfide():
    line = hull.tie_line(*LI_P_S, share(1, 0, 0), share(3, 1, 4))
    corner = min(line.kinks, key=lambda kink: kink.reaction_energy)
    assert corner.x == pytest.approx(8 / 16)  # 8 Li to 8 atoms of Li3PS4
    assert corner.reaction_energy == pytest.approx((4 * -0.9 + 12 * -1.5) / 16 - 0.5 * -1.2)
    assert set(corner.mixture.phases) == {3, 4}
    assert [s.high for s in line.segments[:-1]] == pytest.approx([s.low for s in line.segments[1:]])


def test_tie_line_of_a_composition_with_itself():
    line = hull.tie_line(*LI_P_S, share(3, 1, 4), share(3, 1, 4))
    assert [kink.x for kink in line.kinks] == [0.0, 1.0]
    assert [kink.energy for kink in line.kinks] == pytest.approx([-1.2, -1.2])


def test_grand_potential_opens_the_tie_line():
    # Open to Li at its own potential, Li3PS4 turns to Li3P + 4 Li2S by itself.
    opened = hull.grand_potential(*LI_P_S, LI, 0.0)
    result = hull.lower_hull(*opened, share(0, 1, 4))
    assert set(result.mixture.phases) == {3, 4}
    assert result.energy == pytest.approx((4 * -0.9 + 12 * -1.5) / 5)
    line = hull.tie_line(*opened, share(0, 1, 4), share(0, 0, 1))
    assert [kink.x for kink in line.kinks] == [0.0, 1.0]
    assert opened[1][LI] == np.inf


def test_one_element():
    compositions, energies = np.ones((3, 1)), np.array([1.0, -2.0, 0.5])
    assert hull.lower_hull(compositions, energies, [1.0]).energy == -2.0
    assert hull.ladder(compositions, energies, [1.0], 0).steps[0].slope == -2.0
    assert hull.hull_planes(compositions, energies).tolist() == [[-2.0]]


def test_hull_planes_of_elements_alone():
    assert hull.hull_planes(np.eye(3), [1.0, 2.0, 3.0]) == pytest.approx(
        np.array([[1.0, 2.0, 3.0]])
    )


# --- what is refused ---------------------------------------------------------------------------


def test_missing_reference_names_its_columns():
    compositions, energies = LI_P_S
    for call in (
        lambda: hull.lower_hull(compositions[1:], energies[1:], share(3, 1, 4)),
        lambda: hull.ladder(compositions[1:], energies[1:], share(0, 1, 4), LI),
        lambda: hull.tie_line(compositions[1:], energies[1:], share(1, 0, 0), share(0, 1, 0)),
        lambda: hull.hull_planes(compositions[1:], energies[1:]),
    ):
        with pytest.raises(
            hull.MissingReference, match="no pure phase for element column"
        ) as caught:
            call()
        assert caught.value.columns == (LI,)


@pytest.mark.parametrize(
    ("compositions", "energies", "target", "message"),
    [
        (np.eye(2), [0.0], [1, 0], "do not fit"),
        (np.eye(2), [0.0, 0.0], [1, 0, 0], "a target of shape"),
        (np.eye(2), [0.0, 0.0], [0, 0], "a target needs"),
        (np.eye(2), [0.0, 0.0], [2, -1], "a target needs"),
        (np.eye(2), [0.0, 0.0], [np.nan, 1], "a target needs"),
        (2 * np.eye(2), [0.0, 0.0], [1, 0], "sum to one"),
        ([[1, 0], [2, -1]], [0.0, 0.0], [1, 0], "sum to one"),
        (np.eye(2), [0.0, np.nan], [1, 0], "must be numbers"),
    ],
)
def test_arrays_that_are_no_phase_table(compositions, energies, target, message):
    with pytest.raises(ValueError, match=message):
        hull.lower_hull(compositions, energies, target)


def test_pivot_limit_raises(monkeypatch):
    monkeypatch.setattr(simplex, "LIMIT", 1)
    with pytest.raises(NotConverged, match="after 1 simplex pivots"):
        hull.lower_hull(*LI_P_S, share(3, 1, 4))


def test_bland_rule_solves_beales_programme(monkeypatch):
    # Beale (1955): a programme on which the rule of largest gain can cycle at a degenerate corner.
    amounts = np.array(
        [
            [0.25, 0.5, 0],
            [-60, -90, 0],
            [-0.04, -0.02, 1],
            [9, 3, 0],
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
        ]
    )
    energies = np.array([-0.75, 150, -0.02, 6, 0, 0, 0])
    target = np.array([0.0, 0.0, 1.0])
    for patience in (simplex.PATIENCE, 0, -1):
        monkeypatch.setattr(simplex, "PATIENCE", patience)
        basis = simplex.minimise(amounts, energies, target, np.array([4, 5, 6]))
        assert target @ basis.prices == pytest.approx(-0.05)


def test_bland_rule_takes_the_first_phase_that_gains(monkeypatch):
    compositions, energies = np.vstack([np.eye(2), np.full((2, 2), 0.5)]), [0.0, 0.0, -1.0, -2.0]
    monkeypatch.setattr(simplex, "LIMIT", 2)
    assert hull.lower_hull(compositions, energies, [0.5, 0.5]).energy == -2.0
    monkeypatch.setattr(simplex, "PATIENCE", -1)
    with pytest.raises(NotConverged):  # by way of the phase at -1: one pivot more
        hull.lower_hull(compositions, energies, [0.5, 0.5])


# --- what must hold on any table ---------------------------------------------------------------


class Case:
    """A seeded table: generic, or with energies on a coarse grid, duplicates, phases on edges."""

    def __init__(self, seed: int, size: int, coarse: bool):
        self.rng = rng = np.random.default_rng([seed, size, coarse])
        self.size = size
        amounts = rng.integers(0, 5, (rng.integers(2, 30), size)) * rng.integers(0, 2, size)
        amounts = np.vstack([np.eye(size), amounts[amounts.any(axis=1)], rng.integers(1, 4, size)])
        formation = rng.normal(-0.6, 0.8, len(amounts))
        formation[:size] = 0.0
        if coarse:
            formation = np.round(formation * 2) / 2
            again = rng.integers(0, len(amounts), 3)
            amounts = np.vstack([amounts, amounts[again]])
            formation = np.append(formation, formation[again])
        self.compositions = amounts / amounts.sum(axis=1, keepdims=True)
        self.energies = formation + self.compositions @ rng.uniform(-9, -1, size)

    @property
    def table(self):
        return self.compositions, self.energies

    def target(self):
        if self.rng.random() < 0.5:
            return self.compositions[self.rng.integers(self.size, len(self.energies))]
        return share(*(self.rng.integers(0, 6, self.size) + np.eye(self.size, dtype=int)[0]))

    def stable_target(self):
        """A phase on the hull that is not pure, or None."""
        for k in range(self.size, len(self.energies)):
            composition = self.compositions[k]
            if composition.max() < 1:
                if self.energies[k] <= hull.lower_hull(*self.table, composition).energy + 1e-10:
                    return k
        return None


cases = st.builds(Case, st.integers(0, 10**6), st.integers(1, 12), st.booleans())


def balance(case, mixture):
    return np.array(mixture.amounts) @ case.compositions[list(mixture.phases)]


@given(cases)
def test_equilibrium_is_balanced_and_bounded_by_its_potentials(case):
    target = case.target()
    result = hull.lower_hull(*case.table, target)
    assert balance(case, result.mixture) == pytest.approx(target, abs=1e-12)
    mixture = np.array(result.mixture.amounts) @ case.energies[list(result.mixture.phases)]
    assert mixture == pytest.approx(result.energy, abs=1e-10)
    able = ~(case.compositions[:, target == 0] > 0).any(axis=1)
    potentials = np.nan_to_num(result.chemical_potentials)
    assert (case.energies - case.compositions @ potentials)[able].min() > -1e-9
    assert np.isnan(result.chemical_potentials).tolist() == (target == 0).tolist()


@given(cases)
def test_warm_start_changes_nothing(case):
    earlier = hull.lower_hull(*case.table, case.target())
    target = case.target()
    warm = hull.lower_hull(*case.table, target, start=earlier)
    assert warm.energy == pytest.approx(hull.lower_hull(*case.table, target).energy, abs=1e-10)
    assert balance(case, warm.mixture) == pytest.approx(target, abs=1e-12)


@given(cases)
def test_bland_rule_alone_gives_the_same_answers(case):
    target, other = case.target(), case.target()
    ladder, line = (
        hull.ladder(*case.table, target, 0),
        hull.tie_line(*case.table, target, other),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplex, "PATIENCE", -1)
        same_steps(ladder, hull.ladder(*case.table, target, 0))
        same = hull.tie_line(*case.table, target, other)
    assert [k.x for k in line.kinks] == pytest.approx([k.x for k in same.kinks], abs=1e-7)


@given(cases)
def test_every_step_is_balanced_and_potentials_fall(case):
    target = case.target()
    ladder = hull.ladder(*case.table, target, 0)
    opened = np.eye(case.size)[0]
    closed = target * (1 - opened)
    for step in ladder.steps:
        assert step.high - step.low > simplex.LENGTH
        assert balance(case, step.at_low) == pytest.approx(closed + step.low * opened, abs=1e-12)
        if np.isfinite(step.high):
            assert balance(case, step.at_high) == pytest.approx(
                closed + step.high * opened, abs=1e-12
            )
    assert np.isinf(ladder.steps[0].high)
    assert ladder.steps[-1].low == 0.0
    slopes = [step.slope for step in ladder.steps]
    assert all(rich > poor for rich, poor in zip(slopes, slopes[1:], strict=False))
    for upper, lower in zip(ladder.steps, ladder.steps[1:], strict=False):
        assert upper.low == pytest.approx(lower.high, abs=2 * simplex.LENGTH)


@given(cases)
def test_step_energy_is_its_slope_times_its_length(case):
    target = case.target()
    assume((target[1:] > 0).any())
    for step in hull.ladder(*case.table, target, 0).steps[1:]:
        ends = [
            np.array(mix.amounts) @ case.energies[list(mix.phases)]
            for mix in (step.at_low, step.at_high)
        ]
        assert ends[1] - ends[0] == pytest.approx(step.slope * (step.high - step.low), abs=1e-8)


@given(cases)
def test_step_potentials_are_those_of_the_equilibrium_inside(case):
    target = case.target()
    opened = np.eye(case.size)[0]
    for step in hull.ladder(*case.table, target, 0).steps:
        if step.high - step.low > 1e-4:
            middle = step.low + 1 if np.isinf(step.high) else (step.low + step.high) / 2
            inside = hull.lower_hull(*case.table, target * (1 - opened) + middle * opened)
            assert inside.chemical_potentials[0] == pytest.approx(step.slope, abs=1e-8)


@given(cases)
def test_phase_on_the_hull_has_its_window_between_two_steps(case):
    k = case.stable_target()
    assume(k is not None)
    ladder = hull.ladder(*case.table, case.compositions[k], 0)
    if ladder.content > 0:
        assert ladder.reduction is not ladder.oxidation or on_line(case, k)


def on_line(case, k):
    """Whether the hull has no corner at phase k along the open element: others reach its energy."""
    composition, step = case.compositions[k], 1e-4 * np.eye(case.size)[0]
    step *= min(1.0, composition[0] / 1e-4)
    around = [hull.lower_hull(*case.table, composition + sign * step).energy for sign in (-1, 0, 1)]
    return abs(around[0] - 2 * around[1] + around[2]) < 1e-7


@given(cases)
def test_without_a_rival_a_window_is_never_narrower(case):
    k = case.stable_target()
    assume(k is not None and len(case.energies) > case.size + 1)
    rivals = [i for i in range(case.size, len(case.energies)) if i != k]
    left = np.delete(np.arange(len(case.energies)), case.rng.choice(rivals))
    target = case.compositions[k]
    full = hull.ladder(*case.table, target, 0)
    less = hull.ladder(case.compositions[left], case.energies[left], target, 0)
    # In slopes: the reduction step lies higher and the oxidation step lower, or as before.
    assert less.reduction.slope >= full.reduction.slope - 1e-8
    if full.oxidation is not None:
        assert less.oxidation.slope <= full.oxidation.slope + 1e-8


@given(cases)
def test_energy_is_convex_along_a_tie_line(case):
    first, second = case.target(), case.target()
    line = hull.tie_line(*case.table, first, second)
    assert (line.kinks[0].x, line.kinks[-1].x) == (0.0, 1.0)
    slopes = [segment.slope for segment in line.segments]
    assert all(low < high for low, high in zip(slopes, slopes[1:], strict=False))
    assert max(kink.reaction_energy for kink in line.kinks) < 1e-9
    for kink in line.kinks:
        mixed = kink.x * first + (1 - kink.x) * second
        assert balance(case, kink.mixture) == pytest.approx(mixed, abs=1e-12)
        assert kink.energy == pytest.approx(hull.lower_hull(*case.table, mixed).energy, abs=1e-9)
    middles = [(segment.low + segment.high) / 2 for segment in line.segments]
    drawn = np.interp(middles, [k.x for k in line.kinks], [k.energy for k in line.kinks])
    solved = [hull.lower_hull(*case.table, x * first + (1 - x) * second).energy for x in middles]
    assert drawn == pytest.approx(np.array(solved), abs=1e-8)


@given(cases)
def test_order_of_phases_and_elements_does_not_matter(case):
    target, other = case.target(), case.target()
    rows, columns = case.rng.permutation(len(case.energies)), case.rng.permutation(case.size)
    mixed = case.compositions[rows][:, columns], case.energies[rows]
    opened = int(np.flatnonzero(columns == 0)[0])
    same_steps(hull.ladder(*case.table, target, 0), hull.ladder(*mixed, target[columns], opened))
    ours = hull.tie_line(*case.table, target, other)
    theirs = hull.tie_line(*mixed, target[columns], other[columns])
    assert [k.x for k in ours.kinks] == pytest.approx([k.x for k in theirs.kinks], abs=1e-7)


def same_steps(ours, theirs, scale=1.0, shift=0.0):
    assert [s.slope * scale + shift for s in ours.steps] == pytest.approx(
        [s.slope for s in theirs.steps], abs=1e-8
    )
    assert [s.low for s in ours.steps] == pytest.approx([s.low for s in theirs.steps], abs=1e-8)


@given(cases)
def test_energies_scale_and_shift(case):
    target = case.target()
    ladder = hull.ladder(*case.table, target, 0)
    shift = case.rng.uniform(-1, 1, case.size)
    shifted = 2 * case.energies + case.compositions @ shift
    same_steps(ladder, hull.ladder(case.compositions, shifted, target, 0), 2.0, shift[0])


@given(cases)
def test_amounts_scale_with_the_target(case):
    target = case.target()
    one, three = (hull.lower_hull(*case.table, factor * target) for factor in (1.0, 3.0))
    assert three.energy == pytest.approx(3 * one.energy, abs=1e-9)


@given(cases)
def test_grand_potential_is_the_legendre_transform(case):
    # The least of E - mu t over the content t, found on the corners of the ladder.
    target = case.target()
    assume((target[1:] > 0).any())
    ladder = hull.ladder(*case.table, target, 0)
    potential = ladder.steps[0].slope - case.rng.uniform(0.0, 3.0)
    opened = hull.grand_potential(*case.table, 0, potential)
    closed = target * (1 - np.eye(case.size)[0])
    corners = [
        np.array(step.at_low.amounts) @ case.energies[list(step.at_low.phases)]
        - potential * step.low
        for step in ladder.steps
    ]
    assert hull.lower_hull(*opened, closed).energy == pytest.approx(min(corners), abs=1e-9)


@given(st.builds(Case, st.integers(0, 10**6), st.integers(1, 6), st.booleans()))
def test_planes_and_simplex_agree(case):
    points = np.array([case.target() for _ in range(10)])
    planes = hull.hull_planes(*case.table)
    solved = [hull.lower_hull(*case.table, point).energy for point in points]
    assert hull.hull_energies(planes, points) == pytest.approx(np.array(solved), abs=1e-9)


def test_hull_energies_of_no_compositions():
    assert hull.hull_energies(np.eye(2), np.empty((0, 2))).shape == (0,)
