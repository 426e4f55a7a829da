"""The driving force from the ladder equals that of the grand potential, potential by potential."""

import numpy as np
import pytest

from anolyte.core.errors import MissingPhases
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.materials import formula
from anolyte.materials.phases import embedded
from anolyte.numerics import hull

CASES = [
    "Li6PS5Cl", "Li10GeP2S12", "Li7La3Zr2O12", "Li1.3Al0.3Ti1.7(PO4)3", "Li3YCl6", "Li2S",
    "Li0.33La0.56TiO3",  # its rounded content lies inside a redox step
    "Si", "ZnO",  # without lithium
]  # fmt: skip


def driving_force(text: str, potential: float) -> float:
    """eV per atom of the electrolyte, straight from the definition."""
    composition = formula.parse(text)
    table = embedded().within({*composition, "Li"})
    lithium = table.elements.index("Li")
    target = table.vector(composition)
    metal = min(
        e for e, row in zip(table.energies, table.fractions, strict=True) if row[lithium] == 1.0
    )
    mu = metal - potential
    rows, energies = hull.grand_potential(table.fractions, table.energies, lithium, mu)
    closed = target.copy()
    closed[lithium] = 0.0
    left = closed.sum()
    products = hull.lower_hull(rows, energies, closed / left).energy * left
    own = hull.lower_hull(table.fractions, table.energies, target).energy
    return products - (own - mu * target[lithium])


@pytest.mark.parametrize("text", CASES)
def test_the_driving_force_is_that_of_the_grand_potential(text: str) -> None:
    ladder = lithium_ladder(embedded(), formula.parse(text), text)
    for potential in np.random.default_rng(0).uniform(0.0, 5.0, 12):
        expected = driving_force(text, float(potential))
        assert ladder.driving_force(float(potential)) == pytest.approx(expected, abs=1e-9)
        assert ladder.driving_force(float(potential)) <= 1e-12


@pytest.mark.parametrize("text", CASES)
def test_every_step_and_every_potential_gives_a_balanced_reaction(text: str) -> None:
    ladder = lithium_ladder(embedded(), formula.parse(text), text)
    for step in ladder.reductions:
        assert ladder.reaction(step, oxidation=False).imbalance() < 1e-9
    for step in ladder.oxidations:
        assert ladder.reaction(step, oxidation=True).imbalance() < 1e-9
    for potential in (0.0, 0.5, 1.7, 2.4, 4.0):
        assert ladder.reaction_at(potential).imbalance() < 1e-9
    potentials = [s.potential for s in ladder.reductions]
    assert potentials == sorted(potentials, reverse=True)
    assert [s.potential for s in ladder.oxidations] == sorted(
        s.potential for s in ladder.oxidations
    )


def test_of_two_polymorphs_the_lower_one_counts() -> None:
    phases = embedded()
    phase = phases.find({"Ti": 1, "O": 2})
    assert phase is not None
    others = [p for p in phases.rows if formula.same(p.composition, {"Ti": 1, "O": 2})]
    assert len(others) > 1
    assert phase.energy == min(p.energy for p in others)


def test_the_window_only_widens_when_a_competing_phase_is_gone() -> None:
    composition = formula.parse("Li6PS5Cl")
    full = lithium_ladder(embedded(), composition)
    own = embedded().find(composition)
    for name in ("P", "S", "P2S5", "Li4P2S6", "Li7PS6", "LiP"):
        try:
            less = lithium_ladder(embedded().without(name), composition)
        except MissingPhases:  # an element cannot be missed
            continue
        if own is not None and own.energy <= full.hull_energy + 1e-9:
            assert less.reduction_limit <= full.reduction_limit + 1e-9
        assert less.hull_energy >= full.hull_energy - 1e-12
