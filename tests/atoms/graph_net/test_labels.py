"""Labels, splits without leakage, statistics of elements, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from anolyte.atoms.learned.conformal import calibrate, coverage
from anolyte.atoms.learned.labels import Labelled, Target, check, folds, split
from anolyte.core.errors import DataError

TARGET = Target("made", "1", "made for a test")


def labels(*formulas: str) -> Labelled:
    return Labelled(formulas, (TARGET,), np.arange(float(len(formulas)))[:, None])


def test_the_same_composition_on_both_sides_is_refused() -> None:
    with pytest.raises(DataError, match=r"leakage: 1 compositions .*Li2S"):
        check(labels("Li2S", "LiF"), labels("Li4S2", "NaCl"))
    check(labels("Li2S", "LiF"), labels("LiS"))


def test_no_chemical_system_is_on_both_sides_and_no_row_is_lost() -> None:
    data = labels("Li2S", "LiS", "LiF", "NaF", "Na2F", "NaCl", "KCl", "K2Cl", "LiCl")
    for seed in range(10):
        train, test = split(data, 0.33, seed)
        assert sorted([*train, *test]) == list(range(len(data)))
        systems = np.array(data.systems)
        assert not set(systems[train]) & set(systems[test])
        check(data.take(train), data.take(test))
    assert sorted(np.concatenate(folds(data, 3, 0)).tolist()) == list(range(len(data)))
    with pytest.raises(DataError, match="6 chemical systems"):
        folds(data, 7, 0)


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="shape"):
        Labelled(("LiF",), (TARGET,), np.zeros((2, 1)))
    with pytest.raises(DataError, match="infinite"):
        Labelled(("LiF",), (TARGET,), np.array([[np.inf]]))
    with pytest.raises(DataError, match="kind of label"):
        Target("energy", "eV", "")


def test_without_leaves_out_what_the_other_knows() -> None:
    assert labels("Li2S", "LiF", "NaCl").without(labels("Li4S2", "KBr")).formulas == ("LiF", "NaCl")


def test_the_digest_sees_every_label() -> None:
    first = labels("LiF", "NaCl")
    other = Labelled(first.formulas, first.targets, first.values + 1e-9)
    assert first.digest == labels("LiF", "NaCl").digest != other.digest


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_intervals_cover_what_they_promise(level: float) -> None:
    draws = np.random.default_rng(0)
    held = []
    for _ in range(300):
        spread = draws.gamma(2.0, 1.0, 80)
        errors = spread * draws.standard_t(3, 80)
        intervals = calibrate(errors[:40], spread[:40], level)
        held.append(coverage(errors[40:], intervals.half_width(spread[40:])))
    # Exact for exchangeable rows: between the level and 1/(n + 1) above it.
    assert level - 0.01 < np.mean(held) < level + 1.0 / 41 + 0.015


def test_too_few_labels_calibrate_nothing() -> None:
    with pytest.raises(DataError, match="5 held-out labels"):
        calibrate(np.ones(5), np.ones(5), 0.9)


def test_statistics_of_a_formula_do_not_depend_on_how_it_is_written() -> None:
    pytest.importorskip("pymatgen", reason="the numbers of the elements are pymatgen's")
    from anolyte.atoms.learned.elements import PROPERTIES, element, statistics

    np.testing.assert_allclose(statistics("Li2S"), statistics("Li4S2"))
    count = len(PROPERTIES)
    z = PROPERTIES.index("atomic number")
    row = np.array(statistics("Li2S"))
    assert row[z] == pytest.approx((2 * 3 + 16) / 3)
    assert row[z + 2 * count : z + 5 * count : count].tolist() == [3, 16, 13]
    assert element("F")[PROPERTIES.index("electronegativity")] == pytest.approx(3.98)
    with pytest.raises(DataError):
        element("Xx")
