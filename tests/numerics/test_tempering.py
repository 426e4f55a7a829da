"""The tempered ensemble against closed forms and an independent sampler."""

import math

import numpy as np
import pytest

from anolyte.core.errors import DataError, NotConverged
from anolyte.numerics.tempering import tempered


def gaussian(design, data, error):
    """Log-likelihood of a linear model, its posterior and its evidence."""
    n = len(data)

    def log_likelihood(z):
        rest = (data - z @ design.T) / error
        return -0.5 * (rest**2).sum(axis=1) - n * math.log(error * math.sqrt(2 * math.pi))

    precision = np.eye(design.shape[1]) + design.T @ design / error**2
    covariance = np.linalg.inv(precision)
    mean = covariance @ design.T @ data / error**2
    total = design @ design.T + error**2 * np.eye(n)
    sign, log_det = np.linalg.slogdet(total)
    evidence = -0.5 * (data @ np.linalg.solve(total, data) + log_det + n * math.log(2 * math.pi))
    return log_likelihood, mean, covariance, evidence


@pytest.mark.parametrize("error", [0.5, 0.01])
def test_a_linear_problem_has_its_closed_posterior_and_evidence(error):
    rng = np.random.default_rng(1)
    design = rng.standard_normal((8, 5))
    design[:, 4] = design[:, 3]  # of two numbers only the sum is known
    data = design @ np.array([0.5, -1.0, 1.5, 0.3, 0.3]) + error * rng.standard_normal(8)
    log_likelihood, mean, covariance, evidence = gaussian(design, data, error)
    found = tempered(log_likelihood, 5, particles=2000, seed=2)
    sigma = np.sqrt(np.diag(covariance))
    assert np.abs((found.draws.mean(axis=0) - mean) / sigma).max() < 0.15
    assert found.draws.std(axis=0) == pytest.approx(sigma, rel=0.1)
    assert np.corrcoef(found.draws.T)[3, 4] == pytest.approx(
        covariance[3, 4] / sigma[3] / sigma[4], abs=0.02
    )
    assert abs(found.log_evidence - evidence) < max(4.0 * found.evidence_error, 0.05)
    assert found.evidence_error < 0.2


def test_two_modes_are_kept_with_their_weights():
    def log_likelihood(z):  # 3 : 1 at +2 and -2, sharp
        x = z[:, 0]
        near = [math.log(0.75) - 0.5 * ((x - 2) / 0.1) ** 2,
                math.log(0.25) - 0.5 * ((x + 2) / 0.1) ** 2]  # fmt: skip
        return np.logaddexp(*near)

    found = tempered(log_likelihood, 2, particles=3000, seed=0)
    assert float((found.draws[:, 0] > 0).mean()) == pytest.approx(0.75, abs=0.05)
    exact = math.log(0.1) - 0.5 * 4.0 / 1.01 - 0.5 * math.log(1.01)
    assert found.log_evidence == pytest.approx(exact, abs=4.0 * found.evidence_error + 0.03)


def test_the_stated_error_of_the_evidence_is_what_repeats_scatter_by():
    rng = np.random.default_rng(3)
    design = rng.standard_normal((6, 3))
    data = design @ np.ones(3)
    log_likelihood, _, _, evidence = gaussian(design, data, 0.05)
    runs = [tempered(log_likelihood, 3, particles=300, seed=k) for k in range(12)]
    off = np.array([r.log_evidence - evidence for r in runs])
    stated = np.mean([r.evidence_error for r in runs])
    assert 0.4 < off.std() / stated < 2.5
    assert abs(off.mean()) < 3.0 * stated


def test_a_banana_agrees_with_an_independent_sampler():
    emcee = pytest.importorskip("emcee")

    def log_likelihood(z):
        return -0.5 * ((z[:, 1] - z[:, 0] ** 2 + 1.0) / 0.2) ** 2

    def log_posterior(z):
        return log_likelihood(z) - 0.5 * (z**2).sum(axis=1)

    ours = tempered(log_likelihood, 2, particles=3000, seed=1).draws
    start = np.random.default_rng(0).standard_normal((40, 2))
    sampler = emcee.EnsembleSampler(40, 2, log_posterior, vectorize=True)
    sampler.random_state = np.random.RandomState(0).get_state()
    sampler.run_mcmc(start, 3000)
    theirs = sampler.get_chain(discard=500, flat=True)
    grid = [10, 25, 50, 75, 90]
    for k in range(2):
        one, other = np.percentile(ours[:, k], grid), np.percentile(theirs[:, k], grid)
        assert one == pytest.approx(other, abs=0.12)


def test_likelihoods_one_after_the_other_are_those_together():
    rng = np.random.default_rng(4)
    design = rng.standard_normal((6, 4))
    data = design @ np.ones(4)
    whole, mean, covariance, evidence = gaussian(design, data, 0.2)
    parts = [gaussian(design[k : k + 3], data[k : k + 3], 0.2)[0] for k in (0, 3)]
    found = tempered(parts, 4, particles=2000, seed=1)
    sigma = np.sqrt(np.diag(covariance))
    assert np.abs((found.draws.mean(axis=0) - mean) / sigma).max() < 0.15
    assert found.log_likelihood == pytest.approx(whole(found.draws))
    assert abs(found.log_evidence - evidence) < 4.0 * found.evidence_error + 0.03
    assert found.temperatures[-1] == 2.0


def test_numbers_of_which_nothing_is_known_keep_their_spread():
    found = tempered(lambda z: -0.5 * ((z[:, 0] - 1.0) / 0.01) ** 2, 20, particles=200, seed=0)
    assert found.draws[:, 1:].std() == pytest.approx(1.0, abs=0.06)
    assert np.abs(found.draws[:, 1:].mean(axis=0)).max() < 0.3


def test_same_seed_same_draws():
    runs = [tempered(lambda z: -(z**2).sum(axis=1), 3, particles=50, seed=5) for _ in range(2)]
    assert (runs[0].draws == runs[1].draws).all()


def test_what_cannot_be_is_told():
    with pytest.raises(NotConverged, match="no draw of the prior"):
        tempered(lambda z: np.full(len(z), -np.inf), 1, particles=50)
    with pytest.raises(DataError, match="20 or more"):
        tempered(lambda z: z[:, 0], 1, particles=5)
