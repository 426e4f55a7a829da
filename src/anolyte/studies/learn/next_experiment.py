r"""What to measure next: which experiment says most about the decision per hour of cycler time.

From the posterior draws $\theta_i$ each experiment is carried out in the model, $y_i \sim
p(y \mid \theta_i)$, and looked at with the eyes of all other draws,

$$ I_\theta = \frac1N \sum_i \ln \frac{p(y_i \mid \theta_i)}{\frac1N \sum_j p(y_i \mid \theta_j)},
   \qquad
   I_D = H(D) - \frac1N \sum_i H\!\left(D \mid y_i\right), \quad
   P(D \mid y_i) = \frac{\sum_j p(y_i \mid \theta_j)\, D_j}{\sum_j p(y_i \mid \theta_j)} $$

(nested Monte Carlo with the drawn one among the others: a lower bound of $I_\theta$ on average, and
never above $\ln N$). D is whether the cell is safe at the conditions that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import show
from anolyte.materials.protocol import Protocol, Step, sentence
from anolyte.numerics.tempering import Array

if TYPE_CHECKING:
    from anolyte.models.cell.engine import Device
    from anolyte.studies.cell import Cell
    from anolyte.studies.learn.observations import Observation

HOUR = 3600.0
SWEEP = (0.1, 1e6)
"""Hz; of a spectrum that is proposed."""
SWEPT = 600.0
"""s that such a spectrum takes: most of it below 1 Hz."""


@dataclass(frozen=True)
class Proposal:
    """An experiment with what it is worth.

    Args:
        name: In words.
        hours: Of cycler time, expected, s.
        decision: Expected information about safe or not, nats; zero where that is settled.
        parameters: About all numbers together, nats; a lower bound.
        steps: The protocol, sentences.
    """

    name: str
    hours: float = quantity("time")
    decision: float = 0.0
    parameters: float = 0.0
    steps: tuple[str, ...] = ()

    @property
    def rate(self) -> tuple[float, float]:
        """Nats an hour, of the decision and of the numbers."""
        hours = max(self.hours / HOUR, 1e-6)
        return self.decision / hours, self.parameters / hours

    def write(self, path: Path) -> Path:
        """The protocol as a file, a sentence a line."""
        path.write_text("\n".join([f"# {self.name}", *self.steps]) + "\n", encoding="utf-8")
        return path


@dataclass(frozen=True)
class Candidate:
    """An experiment that could be done.

    Args:
        name: In words.
        observations: What it would measure (their values do not matter).
        protocol: What is done.
        lasts: Cycler time of each draw, s, from its predictions.
    """

    name: str
    observations: tuple[Observation, ...]
    protocol: Protocol
    lasts: Callable[[Sequence[Array]], float]


def candidates(cell: Cell, *, age: float = 0.0) -> tuple[Candidate, ...]:
    """What is usually done next with a cell.

    Args:
        cell: With the conditions that matter.
        age: s since it was made.
    """
    c = cell.conditions
    p, t = c.stack_pressure, c.temperature
    span = max(age, 24.0 * HOUR)
    every = [(age + span * k / 8, p, t) for k in range(1, 9)]
    pressures = [(age + 2 * HOUR * (k + 1), p * 2.0**k, t) for k in range(4)]
    warmer = [(age + 2 * HOUR * (k + 1), p, t + 15.0 * k) for k in range(4)]
    found = [
        _spectra(f"eight spectra in {show(span, 'time')} of rest", every, age),
        _spectra(f"pressure series, four steps to {show(8.0 * p, 'pressure')}", pressures, age),
        _spectra(f"temperature series, four steps to {show(t + 45.0, 'temperature')}", warmer, age),
    ]
    return (*found, *(_ramp(cell, half, age) for half in (HOUR, HOUR / 4.0)))


def _spectra(name: str, points: Sequence[tuple[float, float, float]], age: float) -> Candidate:
    """Spectra at rest at some times (s since the cell was made), pressures and temperatures."""
    from anolyte.studies.learn.observations import Resistances

    n = len(points)
    time, pressure, kelvin = (tuple(map(float, x)) for x in zip(*points, strict=True))
    since = tuple(t - time[0] for t in time)
    made = [
        Resistances(name, (1.0,) * n, (0.05,) * n, since, pressure, kelvin, bulk=bulk, age=time[0])
        for bulk in (False, True)
    ]
    steps: list[Step] = []
    for before, (at, p, t) in zip([age, *time], points, strict=False):
        rest = max(at - before - SWEPT, 1.0)
        steps.append(Step(0.0, duration=rest, pressure=p, temperature=t))
        steps.append(Step(0.0, duration=1.0, impedance=SWEEP))
    last = time[-1] - age
    return Candidate(name, tuple(made), Protocol(tuple(steps), name), lambda _: last)


def _ramp(cell: Cell, half_cycle: float, age: float) -> Candidate:
    """A ramp of the current by a third a level with half cycles of a length."""
    from anolyte.studies.learn.observations import Ramp

    c = cell.conditions
    first = 0.2 * abs(c.current_density) or 0.5
    levels = tuple(float(f"{first * 1.33**k:.3g}") for k in range(16))
    name = f"ramp of the current, {show(half_cycle, 'time')} each way"
    ramp = Ramp(name, levels, survived=len(levels), failed=False, half_cycle=half_cycle,
                pressure=c.stack_pressure, temperature=c.temperature, age=age)  # fmt: skip

    def lasts(predicted: Sequence[Array]) -> float:
        reached = np.searchsorted(np.log(levels), predicted[0][:, 0])
        return float(np.minimum(reached + 0.5, len(levels)).mean()) * 2.0 * half_cycle

    steps = [Step(s * j, duration=half_cycle, cycle=k) for k, j in enumerate(levels)
             for s in (1.0, -1.0)]  # fmt: skip
    return Candidate(name, (ramp,), Protocol(tuple(steps), name), lasts)


def propose(
    experiments: Sequence[Candidate], device: Device, pick: Any, cells: int, safe: Array, *,
    seed: int = 0,
) -> tuple[Proposal, ...]:  # fmt: skip
    """Experiments by what they say about the decision an hour, the best first.

    Args:
        experiments: Of `candidates`, or others.
        device: The learnt law, assembled with `pick`.
        pick: Posterior draws.
        cells: How many.
        safe: Whether the cell is safe in each draw.
        seed: Of the experiments' errors.
    """
    found = []
    for experiment in experiments:
        predicted = [o.predict(device, pick, cells) for o in experiment.observations]
        rng = np.random.default_rng(seed)
        matrix = sum(
            likelihoods(o, p, rng) for o, p in zip(experiment.observations, predicted, strict=True)
        )
        decision, parameters = information(np.asarray(matrix), safe)
        steps = tuple(sentence(s) for s in experiment.protocol.steps)
        found.append(
            Proposal(
                experiment.name, float(experiment.lasts(predicted)), decision, parameters, steps
            )
        )
    return tuple(sorted(found, key=lambda p: (round(p.rate[0], 6), p.rate[1]), reverse=True))


def likelihoods(observation: Any, predicted: Array, rng: np.random.Generator) -> Array:
    """Logarithm of p(y_i | theta_j): data of draw i (rows) as draw j (columns) would give them."""
    made = observation.repeated(predicted, rng)
    return np.stack([observation.at(row).log_likelihood(predicted) for row in made])


def information(log_likelihood: Array, decision: Array) -> tuple[float, float]:
    """Expected information about a decision and about all numbers, nats.

    Args:
        log_likelihood: p(y_i | theta_j), (draws, draws).
        decision: Yes or no in each draw.

    >>> certain = np.where(np.eye(4), 0.0, -1e9)  # each experiment tells its draw
    >>> two, four = information(certain, np.array([1, 1, 0, 0]))
    >>> round(float(np.exp(two)), 6), round(float(np.exp(four)), 6)
    (2.0, 4.0)
    """
    top = log_likelihood.max(axis=1, keepdims=True)
    weights = np.exp(log_likelihood - top)
    mean = top[:, 0] + np.log(weights.mean(axis=1))
    parameters = float((np.diag(log_likelihood) - mean).mean())
    share = weights @ np.asarray(decision, dtype=float) / weights.sum(axis=1)
    settled = float(np.mean(decision))
    gained = float(_entropy(np.array(settled)) - _entropy(share).mean())
    return max(0.0, gained), max(0.0, parameters)


def _entropy(share: Array) -> Array:
    """Of yes or no, nats."""
    p = np.clip(share, 1e-300, 1.0 - 1e-16)
    return -p * np.log(p) - (1.0 - p) * np.log1p(-p)
