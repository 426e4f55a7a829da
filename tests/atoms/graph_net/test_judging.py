"""Judging: errors are those of rows that were not trained on, and transfer is told as it is."""

import numpy as np
import pytest

from anolyte.atoms.graph_net.judging import SCRATCH, TUNED, Recipe, Trial, judge
from anolyte.atoms.learned.baselines import Mean
from anolyte.atoms.learned.labels import Labelled, Target, folds
from anolyte.core.errors import DataError

ROWS = np.arange(12.0)


def trial(scratch, tuned):
    off = {SCRATCH: np.asarray(scratch, float), TUNED: np.asarray(tuned, float)}
    return Trial("eV", off, {name: np.ones(len(off[name])) for name in off})


def test_the_mean_is_that_of_the_other_folds():
    formulas = tuple(f"{m}{a}" for m in ("Li", "Na", "K", "Rb") for a in ("F", "Cl", "Br"))
    data = Labelled(formulas, (Target("t", "eV", "measured"),), ROWS[:, None])

    found = judge(data, (Mean(),), {}, Recipe(seed=3))
    expected = np.empty(12)
    for rows in folds(data, 5, 3):
        expected[rows] = ROWS[rows] - np.delete(ROWS, rows).mean()
    np.testing.assert_allclose(found.off["mean"], expected)
    assert found.errors["mean"] == pytest.approx(np.abs(expected).mean())


@pytest.mark.parametrize(
    ("scratch", "tuned", "said"),
    [
        (2.0 + 0.1 * ROWS, 1.0 + 0.09 * ROWS, "Transfer helped"),
        (1.0 + 0.09 * ROWS, -2.0 - 0.1 * ROWS, "Transfer did harm"),
        (1.0 + ROWS % 3, 1.0 + (ROWS + 1) % 3, "Transfer made no difference"),
    ],
)
def test_transfer_is_told_by_paired_errors(scratch, tuned, said):
    assert trial(scratch, tuned).transfer.startswith(said)


def test_only_rows_of_which_all_speak_count():
    scratch = np.where(ROWS < 6, 1.0, np.nan)
    found = trial(scratch, np.where(ROWS < 6, 2.0, 100.0))
    assert found.errors == {SCRATCH: 1.0, TUNED: 2.0}
    assert found.answered == {SCRATCH: 0.5, TUNED: 1.0}
    assert found.network == SCRATCH
    with pytest.raises(DataError, match="spoken of by every learner"):
        _ = trial(np.full(12, np.nan), ROWS).errors
