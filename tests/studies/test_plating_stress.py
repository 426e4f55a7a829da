"""Lithium plated at a scratch: what walls hold back, what more of anything does, bad input."""

from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.faces.cli import main
from anolyte.materials.stack import Conditions, Interface
from anolyte.studies.plating_stress import PlatingStressSetup, Scratch

SETUP = PlatingStressSetup(
    Interface("LAGP", "Li"), Conditions(stack_pressure=5e6), Scratch(3e-6, 1e-6), cells=2
)


@pytest.fixture(scope="module")
def plated():
    return SETUP()


def test_stress_grows_with_plated_lithium_and_peaks_at_the_defect(plated):
    result, _ = plated
    assert (np.diff(result.bottom) > 0.0).all() and (np.diff(result.tension) > 0.0).all()
    assert result.bottom[-1] > result.mouth[-1] > result.face
    assert result.face == pytest.approx(5e6, rel=0.1)  # the stack alone
    assert result.tension[-1] > 0.0  # where nothing was pulled in the beginning
    # the first and the last steps: growth with the charge, then lithium slips
    rise = np.diff(result.bottom) / np.diff(result.charge)
    assert rise[-1] < 0.1 * rise[:5].max()


def test_the_walls_hold_back_what_slip_lets_them(plated):
    """2 S_y a/(sqrt(3) w) from end to end, less half a width at either for the means."""
    result, _ = plated
    between = result.bottom[-1] - result.mouth[-1]
    wanted = result.limit * (1.0 - result.width / result.depth)
    assert between == pytest.approx(wanted, rel=0.12)
    assert result.finer == pytest.approx(result.bottom[-1], rel=0.05)


def test_harder_lithium_and_a_deeper_scratch_press_more(plated):
    result, _ = plated
    harder, _ = replace(SETUP, yield_strength=4.0 * result.yield_strength)()
    deeper, _ = replace(SETUP, scratch=Scratch(4e-6, 1e-6))()
    assert harder.bottom[-1] > 2.0 * result.bottom[-1]
    assert deeper.bottom[-1] > result.bottom[-1]
    ratios = [one.toughness_ratio or 0.0 for one in (result, harder)]
    assert 0.0 < ratios[0] < ratios[1] < 1.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Scratch(0.0, 1e-6), "above zero"),
        (lambda: Scratch(20e-6, 1e-6), "times as deep as wide"),
        (lambda: replace(SETUP, cells=1), "cells across"),
    ],
)
def test_what_cannot_be_is_refused(wrong, said):
    with pytest.raises(DataError, match=said):
        wrong()


def test_a_material_without_a_modulus_says_what_is_missing():
    with pytest.raises(MissingProperty, match="modulus"):
        replace(SETUP, interface=Interface("Li2ZrCl6", "Li"))()


def test_the_verb_tells_it_and_draws_it(capsys, tmp_path):
    page = tmp_path / "stress.html"
    assert main(["simulate", "stress", "LAGP", "Li", "--cells", "2", "--depth", "2 um",
                 "--pressure", "1 MPa", "--plot", str(page)]) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert "closed form from end to end" in out and "assumed, not measured" in out
    assert "How to read this" in page.read_text() and page.stat().st_size < 6e6
    assert main(["simulate", "stress", "LAGP", "Li", "--depth", "1 h"]) == 2
