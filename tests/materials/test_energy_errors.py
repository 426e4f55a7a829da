"""The errors of the reference energies: nothing twice, nothing silently exact."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.core.provenance import Source
from anolyte.materials import formula
from anolyte.materials.energy_errors import energy_errors
from anolyte.materials.phases import Phase, Phases, embedded

SOURCE = Source("x")


def table(*rows: Phase) -> Phases:
    return Phases(rows, "test")


def test_the_whole_table_keeps_its_standard_deviations() -> None:
    errors = energy_errors(embedded(), 0.025)
    expected = [p.sigma for p in embedded().rows]
    np.testing.assert_allclose(errors.sigma, expected, atol=1e-6)
    assert errors.assumed == () and errors.warnings == ()


def test_what_the_anchors_leave_to_computed_phases_is_the_error_of_the_method() -> None:
    """Two root mean squares of the leave-one-out, or the floor of recalled structures."""
    phases = embedded()
    errors = energy_errors(phases, 0.025)
    column = {formula.write(formula.parse(f)): i for i, f in enumerate(errors.causes)}
    own = []
    for i, phase in enumerate(phases.rows):
        if phase.anchor and phase.source.known == "read":
            lowest = phases.find(phase.composition)
            assert lowest is not None
            own.append(errors.loading[i, column[formula.write(lowest.composition)]])
    near = [min(abs(x - 0.042), abs(x - 0.102)) < 5e-4 for x in own]
    assert len(own) > 150
    assert all(near)


def test_an_anchors_error_carries_over_and_cancels_in_the_reaction_with_it() -> None:
    phases = table(
        Phase("Li", 0.0, 0.0, SOURCE), Phase("S", 0.0, 0.0, SOURCE), Phase("P", 0.0, 0.0, SOURCE),
        Phase("Li2S", -1.5, 0.012, SOURCE), Phase("P2S5", -0.3, 0.03, SOURCE),
        Phase("Li3PS4", -1.1, 0.0445, SOURCE, anchor="Li3PS4 = 1.5 Li2S + 0.5 P2S5"),
        Phase("Li7PS6", -1.3, 0.0436, SOURCE, anchor="Li7PS6 = 3.5 Li2S + 0.5 P2S5"),
    )  # fmt: skip
    errors = energy_errors(phases, 0.0)
    drawn = errors.energies(errors.normal(20_000, 3)) - phases.energies
    np.testing.assert_allclose(drawn.std(axis=0), errors.sigma, rtol=0.02, atol=1e-15)
    reaction = 8 * drawn[:, 5] - 1.5 * 3 * drawn[:, 3] - 0.5 * 7 * drawn[:, 4]
    carried = (1.5 * 3 / 8 * 0.012) ** 2 + (0.5 * 7 / 8 * 0.03) ** 2
    assert reaction.std() == pytest.approx(8 * np.sqrt(0.0445**2 - carried), rel=0.02)
    covariance = np.cov(drawn[:, 5], drawn[:, 6])[0, 1]
    shared = (4.5 / 8) * (10.5 / 14) * 0.012**2 + (3.5 / 8) * (3.5 / 14) * 0.03**2
    assert covariance == pytest.approx(shared, rel=0.15)


def test_polymorphs_of_one_composition_share_their_error() -> None:
    phases = table(
        Phase("Li3PS4", -1.1, 0.04, SOURCE, name="a"), Phase("Li6P2S8", -1.0, 0.02, SOURCE)
    )
    drawn = energy_errors(phases, 0.0)
    moves = drawn.energies(drawn.normal(50, 0)) - phases.energies
    np.testing.assert_allclose(moves[:, 0], 2 * moves[:, 1], atol=1e-12)


def test_a_compound_without_a_standard_deviation_is_not_exact_and_is_named() -> None:
    phases = table(
        Phase("Li", -1.9, None, SOURCE), Phase("Cl2", -1.8, 0.01, SOURCE),
        Phase("LiCl", -3.9, None, SOURCE),
    )  # fmt: skip
    errors = energy_errors(phases, 0.025)
    assert errors.sigma.tolist() == [0.0, 0.01, 0.025]
    assert errors.assumed == ("LiCl",)
    assert "25 meV/atom" in errors.warnings[0]


def test_numbers_are_those_of_the_seed_and_the_composition_alone() -> None:
    whole = energy_errors(embedded().within({"Li", "P", "S", "Cl"}), 0.0)
    part = energy_errors(embedded().within({"Li", "S"}), 0.0)
    one = whole.normal(100, 7)[:, whole.causes.index("Li2S")]
    two = part.normal(100, 7)[:, part.causes.index("Li2S")]
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(two, part.normal(100, 8)[:, part.causes.index("Li2S")])


def test_an_anchor_that_the_table_lacks_leaves_its_part_with_the_phase() -> None:
    phases = table(Phase("Li3PS4", -1.1, 0.04, SOURCE, anchor="Li3PS4 = 1.5 Li2S + 0.5 P2S5"))
    assert energy_errors(phases, 0.0).loading.tolist() == [[0.04]]
