"""Non-negative, regularised least squares against SciPy, its own optimality and known limits."""

import numpy as np
import pytest
from scipy.optimize import lsq_linear, nnls

from anolyte.numerics.regularised import (
    Discrepancy,
    Fixed,
    GeneralisedCrossValidation,
    LCurve,
    Quadratic,
    freedom_spent,
    one_by_one,
    path,
    solve,
    solve_many,
)

BEND = np.diff(np.eye(40), 2, axis=0)


def _problem(seed: int, rows: int = 60, columns: int = 40, noise: float = 0.01):
    """A smoothing kernel, a positive truth with two peaks, noise."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-3.0, 3.0, columns)
    y = np.linspace(-4.0, 4.0, rows)
    design = 1.0 / (1.0 + np.exp(2.0 * (y[:, None] - x)))
    truth = np.exp(-((x - 1.0) ** 2) / 0.3) + 0.5 * np.exp(-((x + 1.5) ** 2) / 0.3)
    wanted = design @ truth + noise * rng.standard_normal(rows)
    return design, wanted, truth


def _quadratic(design, wanted, bounded=None) -> Quadratic:
    bound = np.ones(design.shape[1], dtype=bool) if bounded is None else bounded
    return Quadratic(
        design.T @ design, design.T @ wanted, BEND.T @ BEND, wanted @ wanted, len(wanted), bound
    )


@pytest.mark.parametrize("weight", [0.0, 1e-8, 1e-4, 1e-2, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_minimum_is_that_of_scipy(seed, weight):
    design, wanted, _ = _problem(seed)
    found = solve(_quadratic(design, wanted), weight)
    stacked = np.concatenate([design, np.sqrt(weight) * BEND])
    target = np.concatenate([wanted, np.zeros(len(BEND))])
    theirs, norm = nnls(stacked, target)
    ours = np.linalg.norm(stacked @ found.unknown - target)
    assert np.all(found.unknown >= 0.0)
    assert ours == pytest.approx(norm, rel=1e-9)
    if weight >= 1e-4:  # below, many answers fit as well
        assert np.allclose(found.unknown, theirs, atol=1e-6)


def test_free_components_may_be_negative():
    design, wanted, _ = _problem(1)
    wanted = wanted - 0.7 * design[:, 5]
    bounded = np.ones(40, dtype=bool)
    bounded[5] = False
    found = solve(_quadratic(design, wanted, bounded), 1e-3).unknown
    stacked = np.concatenate([design, np.sqrt(1e-3) * BEND])
    target = np.concatenate([wanted, np.zeros(len(BEND))])
    low = np.where(bounded, 0.0, -np.inf)
    theirs = lsq_linear(stacked, target, (low, np.inf), tol=1e-14).x
    assert found[5] < 0.0
    assert np.allclose(found, theirs, atol=1e-5)


@pytest.mark.parametrize("weight", [1e-6, 1e-3])
def test_optimality(weight):
    design, wanted, _ = _problem(2)
    problem = _quadratic(design, wanted)
    found = solve(problem, weight)
    gradient = (problem.gram + weight * problem.penalty) @ found.unknown - problem.product
    assert np.abs(gradient[found.positive]).max() < 1e-8
    assert gradient[~found.positive].min() > -1e-8
    assert np.all(found.unknown[~found.positive] == 0.0)


def test_answer_does_not_hang_on_the_start():
    design, wanted, _ = _problem(3)
    problem = _quadratic(design, wanted)
    rng = np.random.default_rng(0)
    base = solve(problem, 1e-4).unknown
    for _ in range(20):
        assert np.allclose(solve(problem, 1e-4, rng.random(40) < 0.5).unknown, base, atol=1e-8)


def test_one_by_one_agrees_on_a_singular_problem():
    design, wanted, _ = _problem(4)
    twice = np.concatenate([design, design], axis=1)
    gram, product = twice.T @ twice, twice.T @ wanted
    x, positive, _ = one_by_one(gram, product, np.ones(80, bool), np.zeros(80, bool))
    assert np.linalg.norm(twice @ x - wanted) == pytest.approx(nnls(twice, wanted)[1], rel=1e-6)
    assert np.all(x >= 0.0) and np.all(x[~positive] == 0.0)


def test_many_right_hand_sides_are_each_solved():
    design, wanted, _ = _problem(5, noise=0.05)
    problem = _quadratic(design, wanted)
    solution = solve(problem, 1e-3)
    rng = np.random.default_rng(1)
    others = wanted + 0.05 * rng.standard_normal((30, len(wanted)))
    found = solve_many(problem, others @ design, solution)
    for x, b in zip(found, others, strict=True):
        assert np.allclose(x, solve(_quadratic(design, b), 1e-3).unknown, atol=1e-7)
    assert np.any((found > 0.0) != solution.positive)  # some had to be solved by themselves


def test_freedom_spent_is_the_sensitivity_of_the_fit():
    design, wanted, _ = _problem(6)
    solution = solve(_quadratic(design, wanted), 1e-2)
    step, total = 1e-6, 0.0
    for k in range(len(wanted)):
        moved = wanted.copy()
        moved[k] += step
        other = solve(_quadratic(design, moved), 1e-2, solution.positive)
        total += (design[k] @ (other.unknown - solution.unknown)) / step
    assert freedom_spent(_quadratic(design, wanted), solution) == pytest.approx(total, rel=1e-3)


def test_misfit_rises_and_roughness_falls_with_the_weight():
    problem = _quadratic(*_problem(7)[:2])
    found = path(problem, np.geomspace(1.0, 1e-8, 17))
    misfit = np.array([problem.misfit(s.unknown) for s in found])
    rough = np.array([problem.roughness(s.unknown) for s in found])
    assert np.all(np.diff(misfit) <= 1e-12) and np.all(np.diff(rough) >= -1e-12)


def test_weight_to_zero_converges_to_plain_least_squares():
    design, wanted, _ = _problem(8)
    floor = nnls(design, wanted)[1] ** 2
    problem = _quadratic(design, wanted)
    above = [problem.misfit(solve(problem, w).unknown) - floor for w in (1e-2, 1e-4, 1e-6, 1e-8)]
    assert all(a > b for a, b in zip(above[:-1], above[1:], strict=True))
    assert above[-1] < 1e-3 * floor


@pytest.mark.parametrize("choice", [GeneralisedCrossValidation(), LCurve(), Discrepancy()])
def test_chosen_weights_come_near_the_best(choice):
    """Within four times the error of the weight that a prophet would take, in the median."""
    lost = []
    for seed in range(12):
        design, wanted, truth = _problem(seed, noise=0.01)
        problem = _quadratic(design, wanted)
        best = min(
            np.linalg.norm(s.unknown - truth) for s in path(problem, np.geomspace(1.0, 1e-7, 15))
        )
        lost.append(np.linalg.norm(choice(problem).unknown - truth) / best)
    assert np.median(lost) < 4.0


def test_discrepancy_stays_within_the_noise():
    problem = _quadratic(*_problem(9)[:2])
    least = problem.misfit(solve(problem, 1e-7).unknown)
    smooth = Discrepancy(margin=1.0)(problem)
    assert least <= problem.misfit(smooth.unknown) <= least * (1.0 + np.sqrt(2.0 / 40.0))
    assert smooth.weight > 1e-6


def test_fixed_weight_is_kept():
    assert Fixed(0.02)(_quadratic(*_problem(0)[:2])).weight == 0.02
