"""The error bars of a window: what can be said exactly, and what must never be hidden."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import DataError, MissingPhases, MissingProperty
from anolyte.core.provenance import Source
from anolyte.materials.phases import Phase, Phases, embedded
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.window_uncertainty import (
    Chance,
    WindowUncertainty,
    WindowUncertaintyResult,
    window_uncertainty,
)

SOURCE = Source("x")


def chance(result: WindowUncertaintyResult, where: str, formula: str) -> float:
    found = [c for c in result.chances if (c.where, c.formula) == (where, formula)]
    return found[0].probability if found else 0.0


@pytest.mark.parametrize(("formula", "lithium"), [("LiCl", 1), ("Li2S", 2)])
def test_a_binary_has_the_error_of_its_own_energy(formula: str, lithium: int) -> None:
    """V_ox = -E n / x: normal, with the row's standard deviation."""
    phase = next(p for p in embedded().rows if p.formula == formula)
    sigma = (phase.sigma or 0.0) * (lithium + 1) / lithium
    limit = window_uncertainty(formula, draws=4000).oxidation
    assert limit.median == pytest.approx(limit.nominal, abs=0.05 * sigma)
    width = 2 * NormalDist().inv_cdf(0.95) * sigma
    assert limit.high - limit.low == pytest.approx(width, rel=0.05)
    assert limit.linear == pytest.approx(1.0, abs=1e-6)


def test_two_competing_reductions_have_the_probability_of_a_normal_difference() -> None:
    """X or Y first: which one is decided by the sign of one normal number."""
    rows = (
        Phase("Li", 0.0, 0.0, SOURCE), Phase("Cl", 0.0, 0.0, SOURCE), Phase("Zn", 0.0, 0.0, SOURCE),
        Phase("LiCl", -2.1, 0.0, SOURCE), Phase("ZnCl2", -1.43, 0.0, SOURCE),
        Phase("ZnCl", -1.075, 0.03, SOURCE),
    )  # fmt: skip
    # On the tie line Zn - ZnCl2 the hull at ZnCl lies at -1.0725 eV/atom.
    above = -1.075 + 1.43 * 3 / 4
    result = window_uncertainty("ZnCl2", phases=Phases(rows, "test"), draws=4000)
    expected = NormalDist().cdf(-above / 0.03)
    assert chance(result, "reduction", "ZnCl") == pytest.approx(expected, abs=0.02)
    assert chance(result, "reduction", "Zn") == pytest.approx(1.0 - expected, abs=0.02)
    assert {c.formula for c in result.chances if c.where == "reduction"} == {"LiCl", "Zn", "ZnCl"}
    assert sum(m.probability for m in result.reduction.modes) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["Li6PS5Cl", "LATP", "LLZO", "SiO2"])
def test_probabilities_of_the_product_sets_add_up(name: str) -> None:
    """Each draw has one set on each side; what is too rare to list is counted in the rest."""
    result = window_uncertainty(name, draws=500)
    for limit in (result.reduction, result.oxidation):
        assert sum(m.probability for m in limit.modes) + limit.rest == pytest.approx(1.0)
        assert 0.0 <= limit.rest < 0.4
        # A phase is as likely as the sets that hold it, the unlisted ones apart.
        for formula in {f for m in limit.modes for f in m.products}:
            held = sum(m.probability for m in limit.modes if formula in m.products)
            assert held <= chance(result, limit.side, formula) + 1e-12 <= held + limit.rest + 1e-9


def test_more_draws_move_an_interval_by_little() -> None:
    """The ends of 1000 draws are known to 0.03 V; ten times as many lie between two seeds."""
    many = window_uncertainty("Li6PS5Cl", draws=10_000)
    for seed in (0, 1):
        few = window_uncertainty("Li6PS5Cl", seed=seed)
        for one, other in ((few.reduction, many.reduction), (few.oxidation, many.oxidation)):
            ends = (one.low - other.low, one.median - other.median, one.high - other.high)
            assert max(map(abs, ends)) < 0.06


THREADS = """
from anolyte.models.window_uncertainty import window_uncertainty
import hashlib
print(hashlib.sha256(repr(window_uncertainty("LATP", draws=500)).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_bits_on_one_thread_and_on_two() -> None:
    found = set()
    for threads in ("1", "2"):
        more = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads,
                "NUMBA_NUM_THREADS": threads}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", THREADS], env=os.environ | more, capture_output=True, text=True,
            timeout=120, check=True,
        )  # fmt: skip
        found.add(done.stdout)
    assert len(found) == 1


def test_a_phase_that_a_twin_replaces_moves_nothing_when_it_goes() -> None:
    """Two ways to the same hull: without either one the other holds it, without both it moves."""
    rows = (
        Phase("Li", 0.0, 0.0, SOURCE), Phase("Cl", 0.0, 0.0, SOURCE), Phase("Zn", 0.0, 0.0, SOURCE),
        Phase("LiCl", -2.1, 0.0, SOURCE), Phase("ZnCl2", -1.43, 0.0, SOURCE),
        Phase("ZnCl", -1.1, 0.0, SOURCE), Phase("ZnCl", -1.1, 0.0, SOURCE, name="twin"),
        # On the line from ZnCl to ZnCl2: degenerate.
        Phase("Zn2Cl3", (-1.1 * 2 - 1.43 * 3) / 5, 0.0, SOURCE),
    )  # fmt: skip
    whole = Phases(rows, "test")
    result = window_uncertainty("ZnCl2", phases=whole, draws=100)
    # Either holds the line to ZnCl2, and with it the first step's potential.
    assert not {"ZnCl", "Zn2Cl3"} & {a.formula for a in result.absences}
    one = whole.without("Zn2Cl3")
    moved = {a.formula: a for a in window_uncertainty("ZnCl2", phases=one, draws=100).absences}
    without = anolyte.window("ZnCl2", phases=one.without("ZnCl"))  # both polymorphs
    assert moved["ZnCl"].reduction_limit == pytest.approx(without.reduction_limit)


def test_without_errors_every_draw_is_the_window() -> None:
    part = embedded().within({"Li", "P", "S", "Cl"})
    exact = replace(part, rows=tuple(replace(p, sigma=0.0) for p in part.rows))
    result = window_uncertainty("Li6PS5Cl", phases=exact, draws=100)
    window = anolyte.window("Li6PS5Cl")
    for limit, value in (
        (result.reduction, window.reduction_limit),
        (result.oxidation, window.oxidation_limit),
    ):
        numbers = (limit.nominal, limit.low, limit.median, limit.high)
        assert numbers == pytest.approx((value,) * 4, abs=1e-10)
        assert limit.linear is None and len(limit.modes) == 1
    assert result.at_anode.median[0] == pytest.approx(window.driving_force, rel=1e-9)
    assert result.shares == ()
    own = WindowUncertainty(exact, 100, on_hull=False)(Interface("Li6PS5Cl", "Li"), Conditions())
    above = window.energy_above_hull
    assert above is not None and above > 0.0
    assert own.at_anode.median[0] == pytest.approx(window.driving_force - above, rel=1e-9)


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    assert window_uncertainty("Li3YCl6", seed=5) == window_uncertainty("Li3YCl6", seed=5)
    assert window_uncertainty("Li3YCl6", seed=5) != window_uncertainty("Li3YCl6", seed=6)


def test_an_answer_survives_being_written_and_read() -> None:
    for name in ("Li6PS5Cl", "Li2S", "SiO2"):
        result = window_uncertainty(name, draws=200)
        assert WindowUncertaintyResult.from_dict(result.to_dict()) == result
        assert result.rows()


def test_limits_that_do_not_exist_are_said_not_invented() -> None:
    silica = window_uncertainty("SiO2", draws=200).oxidation
    assert silica.absent == 1.0 and math.isinf(silica.low) and silica.modes[0].products == ()
    sulfide = window_uncertainty("Li2S", draws=200)
    assert sulfide.reduction.absent == 1.0
    assert (sulfide.reduction.low, sulfide.reduction.high) == (0.0, 0.0)
    assert sulfide.inside == 1.0
    garnet = window_uncertainty("LLZO")
    assert 0.0 < garnet.reduction.absent < 1.0
    assert garnet.inside == pytest.approx(garnet.reduction.absent)


def test_the_leave_one_out_marks_what_nobody_doubts() -> None:
    absences = {a.formula: a for a in window_uncertainty("LGPS", draws=100).absences}
    assert absences["Li2S"].measured and not absences["Li4GeS4"].measured
    moves = [a.moved for a in absences.values()]
    assert moves == sorted(moves, reverse=True) and min(moves) > 0.01
    without = anolyte.window("LGPS", phases=embedded().without("Li4GeS4"))
    assert absences["Li4GeS4"].reduction_limit == pytest.approx(without.reduction_limit)
    assert absences["Li4GeS4"].oxidation_limit == pytest.approx(without.oxidation_limit)


def test_shares_of_the_variance_name_the_phase_that_makes_it() -> None:
    shares = window_uncertainty("Li2S").shares
    assert [s.formula for s in shares] == ["Li2S"]
    assert shares[0].oxidation == pytest.approx(1.0, abs=0.01)
    argyrodite = window_uncertainty("Li6PS5Cl")
    assert argyrodite.reduction.linear is not None
    total = sum(s.reduction for s in argyrodite.shares)
    assert total == pytest.approx(argyrodite.reduction.linear, abs=0.05)


def test_the_band_holds_the_driving_force_at_the_anode() -> None:
    result = WindowUncertainty(draws=300)(Interface("LGPS", "In"), Conditions())
    low, middle, high = (
        np.interp(result.at_anode.potentials[0], result.band.potentials, x)
        for x in (result.band.low, result.band.median, result.band.high)
    )
    assert low < middle < high <= 0.0
    assert result.at_anode.median[0] == pytest.approx(middle, rel=0.02)


def test_energies_without_standard_deviations_are_not_exact() -> None:
    part = embedded().within({"Li", "Y", "Cl"})
    unknown = replace(part, rows=tuple(replace(p, sigma=None) for p in part.rows))
    result = window_uncertainty("Li3YCl6", phases=unknown, draws=200)
    assert "assumed" in result.warnings[0]
    assert result.oxidation.high > result.oxidation.low


@pytest.mark.parametrize("wrong", [{"draws": 10}, {"draws": 10**6}, {"seed": -1}])
def test_draws_and_seed_out_of_range_are_refused_in_words(wrong: dict[str, int]) -> None:
    with pytest.raises(DataError, match="take"):
        window_uncertainty("Li2S", **wrong)


def test_what_has_no_energies_is_refused() -> None:
    with pytest.raises(MissingProperty, match="organic"):
        window_uncertainty("PEO")
    with pytest.raises(MissingPhases):
        window_uncertainty("Li3RuCl6")


def test_a_probability_has_a_place() -> None:
    where = {c.where for c in window_uncertainty("LGPS", draws=100).chances}
    assert where == {"reduction", "oxidation", "anode"}
    assert isinstance(window_uncertainty("LGPS", draws=100).chances[0], Chance)
