"""Many small least-squares problems at once: minima, bounds, independence of the batch."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.numerics.least_squares import LevenbergMarquardt

T = np.linspace(0.0, 2.0, 15)
TRUE = np.array([[2.0, 0.7], [0.5, 1.9], [3.0, 3.0]])
DATA = TRUE[:, :1] * np.exp(-TRUE[:, 1:] * T)


def decays(x, which):
    """a exp(-b t) less the data of the problems."""
    model = x[:, :1] * np.exp(-x[:, 1:] * T)
    slopes = np.stack([model / x[:, :1], -T * model], axis=1)
    return model - DATA[which], slopes


def rosenbrock(x, which):
    r = np.stack([10.0 * (x[:, 1] - x[:, 0] ** 2), 1.0 - x[:, 0]], axis=1)
    slopes = np.zeros((len(x), 2, 2))
    slopes[:, 0, 0], slopes[:, 1, 0], slopes[:, 0, 1] = -20.0 * x[:, 0], 10.0, -1.0
    return r, slopes


def test_every_problem_finds_its_own_minimum():
    found = LevenbergMarquardt()(decays, np.ones((3, 2)))
    assert found.converged.all()
    np.testing.assert_allclose(found.x, TRUE, rtol=1e-7)
    assert found.cost.max() < 1e-14


def test_a_curved_valley_is_followed():
    found = LevenbergMarquardt()(rosenbrock, np.array([[-1.2, 1.0]]))
    np.testing.assert_allclose(found.x, [[1.0, 1.0]], rtol=1e-6)


def test_a_problem_does_not_feel_the_others():
    start = np.array([[1.0, 1.0], [5.0, 0.1], [1.0, 9.0]])
    together = LevenbergMarquardt()(decays, start)
    for k in range(3):
        alone = LevenbergMarquardt()(lambda x, w, k=k: decays(x, w + k), start[k : k + 1])
        np.testing.assert_allclose(alone.x[0], together.x[k], rtol=1e-9)
        assert alone.iterations[0] == together.iterations[k]


def test_bounds_hold_and_the_rest_is_minimal():
    found = LevenbergMarquardt()(decays, np.ones((3, 2)), upper=np.array([np.inf, 1.0]))
    np.testing.assert_allclose(found.x[0], TRUE[0], rtol=1e-7)
    assert found.x[1, 1] == found.x[2, 1] == 1.0
    basis = np.exp(-T)
    np.testing.assert_allclose(found.x[1, 0], DATA[1] @ basis / (basis @ basis), rtol=1e-7)


def test_equal_bounds_hold_a_parameter():
    lower = np.array([[0.0, 0.3]] * 3)
    upper = np.array([[9.0, 0.3]] * 3)
    found = LevenbergMarquardt()(decays, np.ones((3, 2)), lower, upper)
    assert (found.x[:, 1] == 0.3).all()


def test_a_start_next_to_its_bound_is_not_moved_away():
    """A parameter of 6e-11 above a bound of zero must stay where it was put."""
    start = np.array([[6e-11, 1.0]])
    seen = []

    def watched(x, which):
        seen.append(x.copy())
        return decays(x, which)

    LevenbergMarquardt(most=1)(watched, start, lower=0.0)
    assert seen[0][0, 0] == 6e-11


def test_the_end_is_never_worse_than_the_start():
    rng = np.random.default_rng(0)
    start = np.exp(rng.normal(0.0, 1.0, (50, 2)))
    which = np.arange(50) % 3
    found = LevenbergMarquardt()(lambda x, w: decays(x, which[w]), start)
    first = np.sum(decays(start, which)[0] ** 2, axis=1)
    assert (found.cost <= first).all()


def test_a_start_without_a_number_ends_without_a_crash():
    with np.errstate(all="ignore"):
        found = LevenbergMarquardt()(decays, np.array([[np.nan, 1.0], [1.0, 1.0], [1.0, 1.0]]))
    assert not np.isfinite(found.cost[0])
    np.testing.assert_allclose(found.x[1], TRUE[1], rtol=1e-7)


def test_steps_that_run_out_are_said():
    found = LevenbergMarquardt(most=2)(rosenbrock, np.array([[-1.2, 1.0]]))
    assert not found.converged[0] and found.iterations[0] == 2


def test_a_parameter_without_effect_does_not_break_the_rest():
    def blind(x, which):
        r, slopes = decays(x[:, :2], which)
        return r, np.concatenate([slopes, np.zeros_like(slopes[:, :1])], axis=1)

    found = LevenbergMarquardt()(blind, np.ones((3, 3)))
    np.testing.assert_allclose(found.x[:, :2], TRUE, rtol=1e-6)


@pytest.mark.parametrize("largest", [0.01, 0.3])
def test_no_step_is_longer_than_allowed(largest):
    seen = []

    def watched(x, which):
        seen.append(x[0].copy())
        return decays(x, which)

    LevenbergMarquardt(most=20)(watched, np.array([[1.0, 1.0]]), largest=largest)
    assert np.abs(np.diff(seen[:2], axis=0)).max() <= largest + 1e-12


def test_a_parameter_at_its_bound_does_not_mislead_its_neighbours():
    """Two parameters that are nearly one: the free one must move as if the other were fixed."""
    matrix = np.array([[1.0, 0.999], [0.0, 0.02]])
    wanted = np.array([0.0, -1.0])

    def line(x, which):
        return x @ matrix.T - wanted, np.broadcast_to(matrix.T, (len(x), 2, 2))

    found = LevenbergMarquardt(most=12)(line, np.array([[5.0, 0.0]]), lower=np.array([-9.0, 0.0]))
    np.testing.assert_allclose(found.x, [[0.0, 0.0]], atol=1e-6)
