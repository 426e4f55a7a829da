"""Composition models: formulas a second on one core, beside the same features in plain Python.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/learned.py [labels] [formulas] [runs]

Both sides learn the same labels with the same kind of forest, and are asked for new formulas in
turn. Ours is trained anew in every call, and that time counts. The reference reads each formula
with pymatgen, takes the statistics of its elements in plain Python and asks the forest row by row,
as a script would. Printed: medians, and the ratio.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from anolyte.atoms.learned import elements, heads
from anolyte.atoms.learned.baselines import Forest
from anolyte.atoms.learned.labels import Labelled, Target

METALS = ("Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba", "Al", "Ga", "Y", "La", "Ti", "Zr", "Zn")
ANIONS = ("F", "Cl", "Br", "I", "O", "S", "Se", "N", "P")


def materials(count: int, seed: int) -> tuple[str, ...]:
    """Ternary formulas, none twice."""
    draws = np.random.default_rng(seed)
    pairs = list(itertools.combinations(METALS, 2))
    found: dict[str, None] = {}
    while len(found) < count:
        one, two = pairs[draws.integers(len(pairs))]
        amounts = draws.integers(1, 6, 3)
        anion = ANIONS[draws.integers(len(ANIONS))]
        found[f"{one}{amounts[0]}{two}{amounts[1]}{anion}{amounts[2]}"] = None
    return tuple(found)


def labelled(formulas: Sequence[str]) -> Labelled:
    """Made-up labels: a smooth function of the mean properties of the elements."""
    rows = np.array([elements.statistics(f)[:5] for f in formulas])
    values = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return Labelled(tuple(formulas), (Target("made", "1", "made up"),), values.sum(axis=1)[:, None])


def described(text: str) -> list[float]:
    """Mean, spread, extremes and range of the elements' properties, in plain Python."""
    from pymatgen.core import Composition

    shares = Composition(text).fractional_composition.get_el_amt_dict()
    rows = [elements.element.__wrapped__(e) for e in shares]
    found: list[float] = []
    for column in zip(*rows, strict=True):
        mean = sum(x * y for x, y in zip(shares.values(), column, strict=True))
        spread = sum(x * abs(y - mean) for x, y in zip(shares.values(), column, strict=True))
        found += [mean, spread, min(column), max(column), max(column) - min(column)]
    return found


def plain(data: Labelled) -> Callable[[Sequence[str]], list[float]]:
    """The reference, trained."""
    from sklearn.ensemble import RandomForestRegressor

    model: Any = RandomForestRegressor(200, max_features=0.33, random_state=0)
    model.fit([described(f) for f in data.formulas], data.values[:, 0])
    return lambda formulas: [float(model.predict([described(f)])[0]) for f in formulas]


def timed(job: Callable[[], object]) -> float:
    """Seconds of processor time."""
    begun = time.process_time()
    job()
    return time.process_time() - begun


def main(labels: int, count: int, runs: int) -> None:
    """Print formulas a second of both, and their ratio."""
    data = labelled(materials(labels, 0))
    head = replace(heads.train(data), learner=Forest().name)  # the same on both sides
    slow = plain(data)
    ours, theirs = [], []
    for run in range(runs):
        asked = materials(count, 100 + run)
        few = asked[: max(count // 20, 1)]  # the reference takes long
        ours.append(count / timed(lambda asked=asked: head(asked)))
        theirs.append(len(few) / timed(lambda few=few: slow(few)))
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"{labels} labels, {count} new formulas, {runs} runs, one thread; learner: {head.learner}"
    )
    print(f"composition model: {mine:.0f} formulas a second ({min(ours):.0f}-{max(ours):.0f})")
    print(f"row by row:        {other:.1f} formulas a second ({min(theirs):.1f}-{max(theirs):.1f})")
    print(f"ratio: {mine / other:.0f}")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["200", "1000", "3"][len(sys.argv) - 1 :])))
