"""Learning curves and active learning, on data whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from anolyte.atoms.learned.baselines import Mean
from anolyte.atoms.learned.labels import Labelled, Target
from anolyte.core.errors import DataError
from anolyte.core.result import Result
from anolyte.studies.active_learning import active_learning
from anolyte.studies.learning_curve import learning_curve

SYMBOLS = "Li Na K Rb Mg Ca Sr Ba Al Ga In Zn".split()
ANIONS = "F Cl Br I O S".split()


def data() -> Labelled:
    formulas = [m + a for m in SYMBOLS for a in ANIONS]
    values = [float(i % 7 + j) for i in range(len(SYMBOLS)) for j in range(len(ANIONS))]
    return Labelled(tuple(formulas), (Target("made", "1", "measured"),), np.array(values)[:, None])


@dataclass(frozen=True)
class Off:
    """Knows the answer but for a fixed error, and says nothing of some anions."""

    error: float
    name: str
    silent: str = ""

    def __call__(self, train: Labelled, test: Labelled, seed: int) -> np.ndarray:
        quiet = np.array([bool(self.silent) and self.silent in f for f in test.formulas])
        return np.where(quiet, np.nan, test.values[:, 0] + self.error)

    def spoken(self, train: Labelled, test: Labelled, seed: int) -> tuple[np.ndarray, np.ndarray]:
        return test.values[:, 0] + self.error, np.full(len(test), 0.1)


def test_the_curve_gives_the_errors_that_were_made() -> None:
    learners = [Mean(), Off(0.25, "near"), Off(-0.5, "quiet", "F")]
    curve = learning_curve(data(), learners, sizes=(10, 20), draws=3)
    for n in (10, 20):
        np.testing.assert_allclose(curve.errors("near", n), 0.25)
        np.testing.assert_allclose(curve.errors("quiet", n), 0.5)
        compared = curve.compare("near", "quiet", n)
        assert (compared.ratio, compared.wins, compared.draws) == (0.5, 3, 3)
    silent = [p for p in curve.points if p.learner == "quiet"]
    assert all(p.answered < 1.0 and p.judged < 24 for p in silent)
    # Every learner is judged on the same rows, also those that speak of more.
    assert all(len({p.judged for p in curve.points if p.draw == d}) <= 1 for d in range(3))
    row = next(r for r in curve.rows() if r["learner"] == "near")
    assert row["error [1]"] == pytest.approx(0.25) and row["label_kind"] == "measured"


def test_a_curve_is_kept_and_opened() -> None:
    curve = learning_curve(data(), [Mean()], sizes=(10,), draws=2)
    again = Result.from_dict.__func__(type(curve), curve.to_dict())
    assert again.errors("mean", 10).tolist() == curve.errors("mean", 10).tolist()


def test_the_same_seed_gives_the_same_curve() -> None:
    one, two, other = (
        learning_curve(data(), [Mean()], sizes=(10,), draws=2, seed=s).errors("mean", 10)
        for s in (0, 0, 5)
    )
    assert one.tolist() == two.tolist() != other.tolist()


def test_too_little_is_refused() -> None:
    with pytest.raises(DataError, match="two draws"):
        learning_curve(data(), [Mean()], draws=1)
    with pytest.raises(DataError, match="unlike names"):
        learning_curve(data(), [Mean(), Mean()])
    with pytest.raises(DataError, match="60 labels were asked for"):
        learning_curve(data(), [Mean()], sizes=(60,))
    with pytest.raises(DataError, match="too few"):
        active_learning(data(), Off(0.0, "oracle"), rounds=20)


def test_an_oracle_beats_chance_and_a_liar_does_not() -> None:
    pool = data()
    values = pool.values[:, 0] + np.linspace(0.0, 0.5, len(pool))  # no ties
    pool = Labelled(pool.formulas, pool.targets, values[:, None])
    found = active_learning(pool, Off(0.0, "oracle"), first=5, more=5, rounds=4, repeats=6)
    assert found.reached[0].gain == 0.0
    assert found.reached[2].chosen == 10.0 and "beats chance" in found.verdict
    assert found.reached[2].random == pytest.approx(10 * 15 / len(pool), abs=1.5)

    class Liar(Off):
        def spoken(self, train: Labelled, test: Labelled, seed: int):
            return -test.values[:, 0], np.full(len(test), 0.1)

    lied = active_learning(pool, Liar(0.0, "liar"), first=5, more=5, rounds=4, repeats=6)
    assert "beats" not in lied.verdict.replace("does not beat", "")


def test_forest_and_friends_learn() -> None:
    pytest.importorskip("sklearn", reason="forest, ridge and Gaussian process are scikit-learn's")
    pytest.importorskip("pymatgen", reason="the numbers of the elements are pymatgen's")
    from anolyte.atoms.learned.baselines import Forest, Gaussian, Ridge
    from anolyte.atoms.learned.elements import PROPERTIES, statistics

    place = PROPERTIES.index("electronegativity") + 2 * len(PROPERTIES)
    made = data()
    values = np.array([[statistics(f)[place]] for f in made.formulas])
    made = Labelled(made.formulas, made.targets, values)
    learners = [Mean(), Forest(trees=30), Ridge(), Gaussian()]
    curve = learning_curve(made, learners, sizes=(40,), draws=2)
    for learner in learners[1:]:
        assert curve.compare(learner.name, "mean", 40).most < 0.7
