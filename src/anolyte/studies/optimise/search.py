"""The search: Optuna's selection by rank and crowding, with children of our own.

A child is made as in differential evolution: a parent plus a part of the difference of two others,
taken over in some of the variables, and now and then a small jump. On fronts that are known this
finds with 2,000 designs what Optuna's own children do not (`tests/studies/optimise`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anolyte.core.errors import MissingExtra
from anolyte.models.cell.faces import Array

POPULATION = 20
DIFFERENCES, CROSSING = (0.2, 0.4, 0.8), 0.2
"""What part of a difference, at random, and the share of variables that take it over."""
JUMP = 0.01
"""Width of the jumps (a Cauchy law), of the whole range."""
WORST = 1e30
"""Of a design that cannot be run."""

Shares = Mapping[str, float | str]
"""Of every variable: how far along its range, or its choice."""


@dataclass(frozen=True)
class Tried:
    """What a design came to.

    Args:
        values: Of every objective; less is better. None: it cannot be run.
        violation: By how much it fails the limits, 0: it keeps them.
    """

    values: Sequence[float] | None
    violation: float = 0.0


@dataclass
class Children:
    """How new designs come from those that are kept."""

    random: np.random.Generator

    def __call__(self, study: Any, space: Mapping[str, Any], parents: list[Any]) -> dict[str, Any]:
        """A child's variables."""
        random = self.random
        target, base, one, other = (
            parents[k].params for k in random.choice(len(parents), 4, replace=False)
        )
        part = float(random.choice(DIFFERENCES))
        crossed = random.random(len(space)) < CROSSING
        crossed[random.integers(len(space))] = True
        jumps = random.random(len(space)) < 1.0 / len(space)
        child: dict[str, Any] = {}
        for name, taken, jump in zip(space, crossed, jumps, strict=True):
            if isinstance(target[name], float):
                step = base[name] + part * (one[name] - other[name])
                value = step if taken else target[name]
                value += JUMP * random.standard_cauchy() if jump else 0.0
                child[name] = _inside(value, base[name], random)
            else:
                child[name] = base[name] if taken else target[name]
                if jump:
                    child[name] = space[name].choices[random.integers(len(space[name].choices))]
        return child


def _inside(value: float, base: float, random: np.random.Generator) -> float:
    """Back between 0 and 1: somewhere between the parent and the bound."""
    if value < 0.0:
        return base * random.random()
    if value > 1.0:
        return base + (1.0 - base) * random.random()
    return float(value)


@dataclass
class Search:
    """A search that is asked for designs and told what they came to.

    Args:
        choices: Of every variable: its options, or None for a range.
        objectives: How many.
        seed: Same seed, same designs.
        first: Designs to begin with.
        population: Designs of a generation.

    Raises:
        MissingExtra: Optuna is not installed.
    """

    choices: Mapping[str, Sequence[str] | None]
    objectives: int
    seed: int = 0
    first: Sequence[Shares] = ()
    population: int = POPULATION
    _waiting: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            import optuna
        except ImportError:
            raise MissingExtra("optimising needs Optuna: pip install 'anolyte[opt]'") from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():  # that they may change: pinned by the tests
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.NSGAIISampler(
                population_size=self.population, seed=self.seed, constraints_func=_violation,
                child_generation_strategy=Children(np.random.default_rng(self.seed)),
            )  # fmt: skip
        directions: Any = ["minimize"] * self.objectives
        self.study = optuna.create_study(directions=directions, sampler=sampler)
        self.space: dict[str, Any] = {
            name: optuna.distributions.FloatDistribution(0.0, 1.0)
            if options is None
            else optuna.distributions.CategoricalDistribution(tuple(options))
            for name, options in self.choices.items()
        }
        for shares in self.first:
            self.study.enqueue_trial(dict(shares))

    def ask(self, count: int) -> list[Shares]:
        """Designs to be tried; they must be told of before the next are asked for."""
        self._waiting = [self.study.ask(self.space) for _ in range(count)]
        return [dict(trial.params) for trial in self._waiting]

    def tell(self, tried: Sequence[Tried]) -> None:
        """What they came to, in their order."""
        for trial, found in zip(self._waiting, tried, strict=True):
            trial.set_user_attr("violation", found.violation)
            values = [WORST] * self.objectives if found.values is None else list(found.values)
            self.study.tell(trial, values)


def _violation(trial: Any) -> Sequence[float]:
    return (float(trial.user_attrs["violation"]),)


def searched(
    search: Search, judge: Callable[[list[Shares]], Sequence[Tried]], evaluations: int
) -> tuple[list[Shares], list[Tried]]:
    """Generation after generation, until so many designs were tried."""
    points: list[Shares] = []
    found: list[Tried] = []
    while len(points) < evaluations:
        asked = search.ask(min(search.population, evaluations - len(points)))
        tried = judge(asked)
        search.tell(tried)
        points += asked
        found += tried
    return points, found


def table(found: Sequence[Tried], objectives: int) -> Array:
    """Values of all designs, one row each."""
    return np.array([[WORST] * objectives if f.values is None else f.values for f in found])
