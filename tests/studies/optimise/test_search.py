"""The search against fronts that are known, and the geometry of fronts."""

import itertools

import numpy as np
import pytest

from anolyte.studies.optimise.front import hypervolume, knee, nondominated, spread_out
from anolyte.studies.optimise.search import Search, Tried, searched

pytest.importorskip("optuna", reason="Optuna is in the [opt] extra")

VARIABLES, EVALUATIONS = 8, 2000
FINE = np.linspace(0.0, 1.0, 20001)
REFERENCE = np.array([1.1, 1.1])


def zitzler(number, x):
    """ZDT1 to ZDT3 (Zitzler, Deb and Thiele 2000)."""
    first, rest = x[0], 1.0 + 9.0 * np.mean(x[1:])
    ratio = first / rest
    shape = {1: 1.0 - np.sqrt(ratio), 2: 1.0 - ratio**2,
             3: 1.0 - np.sqrt(ratio) - ratio * np.sin(10.0 * np.pi * first)}  # fmt: skip
    return first, rest * shape[number]


def best(number):
    """The volume of the whole front."""
    shape = {1: 1.0 - np.sqrt(FINE), 2: 1.0 - FINE**2,
             3: 1.0 - np.sqrt(FINE) - FINE * np.sin(10.0 * np.pi * FINE)}[number]  # fmt: skip
    lowest = np.minimum.accumulate(shape)
    steps = np.diff(np.append(FINE, REFERENCE[0]))
    return float((np.maximum(REFERENCE[1] - lowest, 0.0) * steps).sum())


def run(function, search, evaluations=EVALUATIONS):
    def judge(asked):
        return [Tried(function(list(shares.values()))) for shares in asked]

    _, found = searched(search, judge, evaluations)
    return np.array([f.values for f in found])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_known_fronts_of_two_are_found_in_two_thousand_designs(number):
    choices = {f"x{k}": None for k in range(VARIABLES)}
    values = run(lambda x: zitzler(number, x), Search(choices, 2, seed=1))
    assert hypervolume(values[nondominated(values)], REFERENCE) >= 0.95 * best(number)


def test_a_ball_of_three_objectives():
    """DTLZ2 (Deb and others 2002), five variables: an eighth of a ball."""

    def ball(x):
        x = np.array(x)
        rest = 1.0 + ((x[2:] - 0.5) ** 2).sum()
        one, two = 0.5 * np.pi * x[:2]
        return (
            rest * np.cos(one) * np.cos(two), rest * np.cos(one) * np.sin(two),
            rest * np.sin(one),
        )  # fmt: skip

    values = run(ball, Search({f"x{k}": None for k in range(5)}, 3, seed=1))
    front = values[nondominated(values)]
    whole = 1.1**3 - np.pi / 6.0
    assert hypervolume(front, np.full(3, 1.1)) >= 0.95 * whole


def test_names_and_numbers_together():
    """The front of each name is known; the better name wins, the other is left."""

    def judged(values):
        name, x, y = values
        lost = {"good": 0.0, "bad": 0.5, "worse": 1.0}[name] + y
        return x + lost, 1.0 - x + lost

    choices = {"name": ("worse", "bad", "good"), "x": None, "y": None}
    values = run(judged, Search(choices, 2, seed=2), 600)
    assert hypervolume(values, REFERENCE) > 0.95 * (1.21 - 0.5)


def test_limits_come_first():
    """What fails a limit less is better than what fails it more, whatever else it gives."""

    def judge(asked):
        return [Tried((s["x"], 1.0 - s["x"]), max(0.0, 0.7 - s["x"])) for s in asked]

    _, found = searched(Search({"x": None, "y": None}, 2, seed=3), judge, 400)
    late = [f for f in found[200:] if f.values is not None]
    assert np.mean([f.violation == 0.0 for f in late]) > 0.8


def test_the_same_seed_asks_the_same():
    first, again = (
        run(lambda x: zitzler(1, x), Search({"a": None, "b": None}, 2, seed=5), 200)
        for _ in range(2)
    )
    assert np.array_equal(first, again)


def test_what_cannot_be_run_is_left_behind():
    def judge(asked):
        return [Tried(None, 1e30) if s["x"] > 0.5 else Tried((s["x"], 1.0 - s["x"])) for s in asked]

    points, found = searched(Search({"x": None, "y": None}, 2, seed=4), judge, 400)
    assert np.mean([f.values is None for f in found[200:]]) < 0.3
    assert max(float(s["x"]) for s, f in zip(points, found, strict=True) if f.values) > 0.45


def test_hypervolume_by_counting():
    random = np.random.default_rng(0)
    values = random.integers(0, 6, (12, 3)).astype(float)
    cells = itertools.product(range(6), repeat=3)
    counted = sum(any((v <= cell).all() for v in values) for cell in map(np.array, cells))
    assert hypervolume(values, np.full(3, 6.0)) == counted


def test_the_knee_and_what_stands_for_a_front():
    x = np.linspace(0.0, 1.0, 101)
    values = np.stack([x, (1.0 - x) ** 4], axis=1)
    assert 0.2 < values[knee(values), 0] < 0.5
    few = spread_out(values, 5)
    assert len(few) == 5 and {0, 100} <= set(few)
