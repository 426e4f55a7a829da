"""What an experiment is worth, against closed forms; which one is proposed, and its protocol."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import integrate, stats

from anolyte.materials.protocol import Protocol, Step
from anolyte.studies.cell import Cell
from anolyte.studies.learn import Noise, candidates, propose
from anolyte.studies.learn.next_experiment import Candidate, information, likelihoods
from anolyte.studies.learn.numbers import Drawn, prior
from anolyte.studies.learn.rivals import LIBRARY


def linear_gaussian(slope, error, draws, seed=0):
    """y = slope theta + error, theta standard normal: the draws and all likelihoods."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(draws)
    y = slope * theta + error * rng.standard_normal(draws)
    z = (y[:, None] - slope * theta[None, :]) / error
    return theta, -0.5 * z**2 - math.log(error)


@pytest.mark.parametrize("slope", [0.3, 1.0, 3.0])
def test_information_of_a_linear_measurement_is_the_closed_form(slope):
    theta, log_likelihood = linear_gaussian(slope, 1.0, 2000)
    exact = 0.5 * math.log1p(slope**2)
    decision, parameters = information(log_likelihood, theta > 0.5)
    assert parameters == pytest.approx(exact, abs=0.04)
    share = stats.norm.sf(0.5)
    width = math.sqrt(1.0 / (1.0 + slope**2))  # of the posterior
    scale = math.sqrt(1.0 + slope**2)  # of y

    def rest(y):
        p = stats.norm.sf(0.5, loc=slope * y / scale**2, scale=width)
        return stats.norm.pdf(y, scale=scale) * stats.bernoulli(p).entropy()

    left = integrate.quad(rest, -8.0 * scale, 8.0 * scale)[0]
    exact = float(stats.bernoulli(share).entropy()) - left
    assert decision == pytest.approx(exact, abs=0.02)


def test_a_measurement_that_says_nothing_is_worth_nothing():
    theta, log_likelihood = linear_gaussian(0.0, 1.0, 500)
    assert information(log_likelihood, theta > 0.0) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert information(linear_gaussian(2.0, 1.0, 500)[1], np.ones(500))[0] == 0.0  # settled


def test_more_draws_come_closer_from_below():
    exact = 0.5 * math.log1p(400.0)
    few, many = (
        np.mean([information(linear_gaussian(20.0, 1.0, n, k)[1], np.ones(n))[1] for k in range(5)])
        for n in (30, 1000)
    )
    assert few < math.log(30) and few < many < exact + 0.05


@dataclass(frozen=True)
class Direct:
    """A number that is measured directly, with an error."""

    name: str
    column: int
    error: float
    measured: float = 0.0
    about = ""
    count = 1

    def predict(self, device, pick, cells):
        return np.asarray(pick.scores)[:, [self.column]]

    def repeated(self, predicted, rng):
        return predicted + self.error * rng.standard_normal(predicted.shape)

    def at(self, row):
        return Direct(self.name, self.column, self.error, float(row[0]))

    def log_likelihood(self, predicted):
        return Noise(np.array([self.measured]), np.array([self.error])).log_likelihood(predicted)

    def surprise(self, predicted):
        return (self.measured - predicted) / self.error


def test_what_decides_comes_first_and_time_counts():
    pick = Drawn(("a", "b"), prior(["a", "b"], 400))
    safe = pick.scores[:, 0] > 0.0

    def tried(name, column, hours):
        made = (Direct(name, column, 0.3),)
        return Candidate(name, made, Protocol((Step(0.0, duration=1.0),)), lambda _: 3600.0 * hours)

    ways = (tried("beside the point", 1, 1.0), tried("slow", 0, 10.0), tried("quick", 0, 2.0))
    found = propose(ways, None, pick, 400, safe)
    assert [p.name for p in found] == ["quick", "slow", "beside the point"]
    assert found[0].decision == pytest.approx(found[1].decision, abs=0.05)
    assert found[0].rate[0] > 4.0 * found[1].rate[0]
    matrix = likelihoods(ways[1].observations[0], pick.scores[:, [0]], np.random.default_rng(0))
    assert matrix.shape == (400, 400)


def test_candidates_of_a_cell_have_protocols_that_are_read_back(tmp_path):
    cell = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="2 MPa", current="0.5 mA/cm2")
    names = tuple(sorted(LIBRARY.asks(cell).values))
    pick = Drawn(names, prior(names, 40))
    device = LIBRARY.device(cell, pick)
    ways = candidates(cell, age=7200.0)
    found = propose(ways, device, pick, 40, np.arange(40) % 2 == 0)
    assert {p.name for p in found} == {w.name for w in ways}
    for proposal in found:
        assert proposal.hours > 0.0 and proposal.parameters >= 0.0
        text = proposal.write(tmp_path / "next.txt").read_text(encoding="utf-8")
        lines = [x for x in text.splitlines() if not x.startswith("#")]
        way = next(w for w in ways if w.name == proposal.name)
        again = Protocol.parse(*lines)
        assert [s.lasts for s in again.steps] == [s.lasts for s in way.protocol.steps]
        assert [s.pressure for s in again.steps] == [s.pressure for s in way.protocol.steps]
