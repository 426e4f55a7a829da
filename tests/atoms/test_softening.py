"""The softening factor and its error; the reference tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from anolyte.atoms import softening as table
from anolyte.atoms import structures
from anolyte.atoms.softening import (
    BULK,
    SHEAR,
    SHEAR_ALONE,
    SHEAR_FROM_BULK,
    Pair,
    fit,
    references,
    softening,
)
from anolyte.core.errors import DataError


def pairs(ratios: list[float]) -> list[Pair]:
    return [Pair(f"X{k}", f"X{k}", r * 2e9, 2e9) for k, r in enumerate(ratios)]


def test_one_factor_for_all_is_found_without_error() -> None:
    found = fit(pairs([1.5, 1.5, 1.5]), "made")
    assert found.factor == pytest.approx(1.5) and found.sigma == pytest.approx(0.0, abs=1e-12)
    assert found.calibrated(4e9) == pytest.approx((6e9, 0.0), abs=1e-3)


def test_the_error_is_that_of_what_was_left_out() -> None:
    # Each of n values is off its own mean by n/(n-1) times what it is off the mean of all.
    logs = [0.1, -0.2, 0.4, 0.0]
    found = fit(pairs([math.exp(x) for x in logs]), "made")
    mean = sum(logs) / 4
    assert math.log(found.factor) == pytest.approx(mean)
    expected = math.sqrt(sum((4 / 3 * (x - mean)) ** 2 for x in logs) / 4)
    assert found.sigma == pytest.approx(expected)
    assert [p.left_out for p in found.pairs] == pytest.approx([4 / 3 * (x - mean) for x in logs])


def test_forms_of_one_formula_are_left_out_together() -> None:
    two = [Pair("A", "A1", 2e9, 1e9), Pair("A", "A2", 2e9, 1e9), Pair("B", "B", 1e9, 1e9)]
    found = fit(two, "made")
    assert [p.left_out for p in found.pairs] == pytest.approx(
        [math.log(2), math.log(2), -math.log(2)]
    )
    with pytest.raises(DataError, match="without two reference materials"):
        fit(two[:2], "made")


def test_every_reference_is_cited_and_plausible() -> None:
    known = references()
    assert len({r.structure for r in known}) == len(known) > 60
    for r in known:
        assert r.source and r.where
        assert all(m is None or 1e9 < m < 500e9 for m in (r.bulk, r.shear))
    formulas = {r.formula for r in known}
    assert {"LiF", "Li2O", "Li3N", "LiCl", "Li3P", "Li2S", "LiBr", "LiI"} <= formulas
    assert {"MgO", "AlN", "Si", "Li"} <= formulas


def test_the_computed_table_answers_for_its_potential_alone() -> None:
    bulk, shear = softening("CHGNet 0.3.0", BULK), softening("CHGNet 0.3.0", SHEAR)
    assert len(bulk.pairs) > 60 and 1.0 < bulk.factor < 1.2 and bulk.sigma < 0.35
    assert bulk.sigma < shear.sigma < 0.5
    with pytest.raises(DataError, match="two reference materials"):
        softening("another", BULK)


def test_the_mean_of_both_says_more_of_shear_than_either() -> None:
    both = softening("CHGNet 0.3.0", SHEAR)
    assert both.sigma < softening("CHGNet 0.3.0", SHEAR_FROM_BULK).sigma
    assert both.sigma < softening("CHGNet 0.3.0", SHEAR_ALONE).sigma
    assert SHEAR.raw(4e9, 1e9) == pytest.approx(2e9) and SHEAR_ALONE.raw(4e9, 1e9) == 1e9


def test_crystals_that_fail_are_kept_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pymatgen", reason="structures are built by pymatgen")
    salt = """- formula: LiF
  name: LiF
  space_group: 225
  cell: [4.03, 4.03, 4.03, 90, 90, 90]
  sites: [[Li, 0, 0, 0], [F, 1/2, 1/2, 1/2]]
  Z: 4
  source: made
  known: recalled
"""
    (tmp_path / "salt.yaml").write_text(salt)
    phases = structures.load(tmp_path)
    known = tuple(r for r in references() if r.structure == "LiF")
    monkeypatch.setattr(table, "references", lambda: known)
    monkeypatch.setattr(structures, "load", lambda: phases)

    class Pulls:
        model = "pulls"

        def many(self, crystals: Any) -> list[Any]:
            import numpy as np

            from anolyte.atoms.potentials import Point

            return [Point(0.0, np.zeros((len(c.symbols), 3)), -0.5 * np.eye(3)) for c in crystals]

    path = tmp_path / "computed.csv"
    assert "of its start" in table.compute(Pulls(), path)[0]
    assert table.compute(Pulls(), path) == []  # it is in the table now
    assert "of its start" in path.read_text()
