"""Ladders of many draws beside `lithium_ladder` asked of each, and what must hold for all."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from anolyte.laws.equilibrium import lithium_ladder
from anolyte.laws.equilibrium_draws import lithium_ladders, without_each
from anolyte.materials import formula
from anolyte.materials.energy_errors import energy_errors
from anolyte.materials.phases import Phases, embedded

FORMULAS = [
    "Li6PS5Cl", "Li10GeP2S12", "Li7La3Zr2O12", "Li3YCl6", "LiTi2P3O12", "Li2S", "SiO2", "Li4PS4",
]  # fmt: skip
ZERO_WIDTH = "Li4PS4"
"""Lies inside a redox step of (nearly) every hull."""


def drawn(text: str, draws: int, seed: int = 1):
    composition = formula.parse(text)
    table = embedded().within({*composition, "Li"})
    errors = energy_errors(table, 0.025)
    energies = errors.energies(errors.normal(draws, seed))
    return table, composition, energies


def with_energies(table: Phases, energies: np.ndarray) -> Phases:
    pairs = zip(table.rows, energies, strict=True)
    return replace(table, rows=tuple(replace(row, energy=float(e)) for row, e in pairs))


@pytest.mark.parametrize("text", FORMULAS)
def test_every_draw_is_the_ladder_of_a_table_with_those_energies(text: str) -> None:
    table, composition, energies = drawn(text, 12)
    sample = lithium_ladders(table, composition, energies)
    potentials = np.linspace(0.0, 5.0, 23)
    atoms = formula.atoms(composition)
    for i, vector in enumerate(energies):
        one = lithium_ladder(with_energies(table, vector), composition)
        assert sample.reduction.limits[i] == pytest.approx(one.reduction_limit, abs=1e-10)
        assert sample.oxidation.limits[i] == pytest.approx(one.oxidation_limit, abs=1e-10)
        steps = [*reversed(one.reductions), *one.oxidations]
        held = sample.ladders.potential[i, 1 : sample.ladders.count[i]]
        if not sample.zero_width[i]:
            np.testing.assert_allclose(held, [s.potential for s in steps], atol=1e-10)
        force = sample.driving_force(potentials)[i]
        expected = [one.driving_force(v) for v in potentials]
        np.testing.assert_allclose(force, expected, atol=1e-10)
        assert sample.ladders.ground[i] == pytest.approx(one.hull_energy, abs=1e-10)
        assert held.size == 0 or sample.ladders.high[i, 1] * atoms == pytest.approx(
            steps[0].high, abs=1e-9
        )


@pytest.mark.parametrize("text", FORMULAS)
def test_products_have_the_names_that_the_ladder_gives_them(text: str) -> None:
    table, composition, energies = drawn(text, 12)
    sample = lithium_ladders(table, composition, energies)
    named = with_lowest_names(table)
    for i, vector in enumerate(energies):
        one = lithium_ladder(with_energies(table, vector), composition)
        for at in (0.0, 0.7, 1.8, 2.5, 4.4):
            expected = {named[f] for f in one.products(at)}
            assert set(sample.spelt(sample.products(at)[i])) == expected
        first = one.reductions[0].at_high if one.reductions else {}
        assert set(sample.spelt(sample.reduction.products[i])) == {named[f] for f in first}
        last = one.oxidations[0].at_low if one.oxidations else {}
        assert set(sample.spelt(sample.oxidation.products[i])) == {named[f] for f in last}


def with_lowest_names(table: Phases) -> dict[str, str]:
    found = {}
    for row in table.rows:
        lowest = table.find(row.composition)
        assert lowest is not None
        found[row.formula] = lowest.formula
    return found


def test_a_composition_inside_a_step_has_a_window_of_zero_width() -> None:
    table, composition, energies = drawn(ZERO_WIDTH, 50)
    sample = lithium_ladders(table, composition, energies)
    assert sample.zero_width.mean() > 0.9
    same = sample.reduction.limits == sample.oxidation.limits
    np.testing.assert_array_equal(same, sample.zero_width)


def test_the_first_vector_of_the_leave_one_out_is_the_whole_table() -> None:
    table, composition, _ = drawn("Li6PS5Cl", 1)
    names, without = without_each(table, composition)
    one = lithium_ladder(table, composition)
    assert names[0] == ""
    assert "Li3PS4" in names and "Li6PS5Cl" not in names and "P" not in names
    assert without.reduction.limits[0] == pytest.approx(one.reduction_limit, abs=1e-12)
    for name in ("Li3PS4", "Li2S"):
        other = lithium_ladder(table.without(name), composition)
        i = names.index(name)
        assert without.reduction.limits[i] == pytest.approx(other.reduction_limit, abs=1e-10)
        assert without.oxidation.limits[i] == pytest.approx(other.oxidation_limit, abs=1e-10)


@pytest.mark.parametrize(
    "text", [*FORMULAS, "Li3PS4", "Li3PO4", "LiAlO2", "LiNbO3", "LiAlCl4", "Li2ZrO3", "LiF"]
)
def test_windows_never_narrow_when_a_competing_phase_is_removed(text: str) -> None:
    """A competitor is a phase that the composition does not consist of at equilibrium.

    Its absence raises the hull around the composition and leaves it where it is there, so that the
    slopes on both sides, the limits, can only move apart.
    """
    table, composition, energies = drawn(text, 4)
    for vector in [table.energies, *energies]:
        part = with_energies(table, vector)
        names, without = without_each(part, composition)
        at_rest = {
            formula.write(formula.parse(f)) for f in lithium_ladder(part, composition).mixture
        }
        for i, name in enumerate(names):
            if name and formula.write(formula.parse(name)) not in at_rest:
                assert without.reduction.limits[i] <= without.reduction.limits[0] + 1e-9, name
                assert without.oxidation.limits[i] >= without.oxidation.limits[0] - 1e-9, name


def by_enumeration(fractions: np.ndarray, energies: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Hull energies of all draws from every set of phases that balances: no simplex, no walk."""
    sets = np.array(list(combinations(range(len(fractions)), fractions.shape[1])))
    bases = fractions[sets]
    sets = sets[np.abs(np.linalg.det(bases)) > 1e-9]
    amounts = np.linalg.solve(fractions[sets].transpose(0, 2, 1), target[None, :, None])[..., 0]
    able = (amounts > -1e-12).all(axis=1)
    parts = (energies[:, s] @ x for s, x in zip(sets[able], amounts[able], strict=True))
    return np.minimum.reduce(list(parts))


@pytest.mark.parametrize("text", ["Li3YCl6", "Li3PS4", "Li2S", "Li3N"])
def test_ten_thousand_draws_agree_with_brute_force(text: str) -> None:
    """Both limits are the slopes of the hull energy on both sides of the composition.

    Contents at which the products change are set by compositions alone, so that a small enough
    step reads the slope exactly.
    """
    table, composition, energies = drawn(text, 10_000)
    sample = lithium_ladders(table, composition, energies)
    target, step = table.vector(composition), 1e-5
    more = step * (np.array(table.elements) == "Li")
    below, at, above = (
        by_enumeration(table.fractions, energies, b) for b in (target - more, target, target + more)
    )
    metal = energies[:, table.fractions @ (more / step) > 1.0 - 1e-9].min(axis=1)
    np.testing.assert_allclose(sample.ladders.ground, at, atol=1e-10)
    np.testing.assert_allclose(sample.reduction.limits, metal - (above - at) / step, atol=1e-8)
    np.testing.assert_allclose(sample.oxidation.limits, metal - (at - below) / step, atol=1e-8)
