"""Leakage through a polycrystal: what opens pores, what boundaries do, what is refused."""

from dataclasses import replace

import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.units import FARADAY
from anolyte.faces.cli import main
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field.leakage import Leakage
from anolyte.studies.leaking import LeakSetup

SETUP = LeakSetup(
    Interface("LLZO", "Li"), Conditions(current_density=10.0), cells=48, resistance=1e-2,
    ratios=(0.0, 1e4, 1e6),
)  # fmt: skip


@pytest.fixture(scope="module")
def leaked():
    return SETUP()


def test_more_leaks_and_more_forms_the_better_boundaries_conduct(leaked):
    result, _ = leaked
    none, some, most = result.ratios
    assert none.leaking < some.leaking < most.leaking
    assert none.deep == 0.0 < most.deep < most.leaking / (1.0 - most.leaking)
    assert result.needed is not None and result.needed > 0.0
    assert result.finer is not None and result.finer.deep == pytest.approx(most.deep, rel=0.1)


def test_grains_alone_leak_as_a_slab(leaked):
    """sigma_e V / L over the current that the voltage drives."""
    result, _ = leaked
    alone = SETUP.grains_conduct * SETUP.voltage / SETUP.thickness
    even = Leakage(SETUP.ions, SETUP.electrons(0.0), SETUP.leakage(0.0).electrodes, SETUP.lithium)()
    assert even.leaking[-1] / SETUP.grid.lengths[1] == pytest.approx(alone, rel=1e-9)
    assert even.through[-1] / SETUP.grid.lengths[1] == pytest.approx(10.0, rel=1e-9)
    # sites near the anode hold electrons at what lithium is worth there: less drives them
    less = 1.0 - SETUP.overpotential / SETUP.voltage
    assert result.ratios[0].leaking == pytest.approx(less * alone / 10.0, rel=0.05)


def test_good_contact_leaves_too_little_drive_for_pores():
    tight, _ = replace(SETUP, resistance=None)()
    assert tight.overpotential < tight.threshold
    assert all(row.deep == 0.0 for row in tight.ratios)
    assert tight.needed is None
    wanted = 13.0e-6 * 0.5 / (FARADAY * tight.overpotential)
    assert tight.least_radius == pytest.approx(wanted, rel=1e-3)


def test_where_hardly_anything_leaks_nothing_is_said_of_where_it_ends():
    glass, _ = LeakSetup(Interface("LiPON", "Li"), SETUP.conditions, ratios=(0.0,))()
    assert glass.ratios[0].leaking < 1e-6 and glass.ratios[0].deep is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"conditions": Conditions(current_density=0.0)}, "above zero"),
        ({"ratios": (-1.0,)}, "not negative"),
        ({"sites": 1.5}, "between 0 and 1"),
        ({"cells": 4}, "24 and 256"),
        ({"cells": 24, "grain_size": 1e-6}, "cells"),
    ],
)
def test_what_cannot_be_is_refused(changed, said):
    with pytest.raises(DataError, match=said):
        replace(SETUP, **changed)()


def test_an_electrolyte_of_unknown_leak_says_what_is_missing():
    with pytest.raises(MissingProperty, match="electronic"):
        replace(SETUP, interface=Interface("LAGP", "Li"))()
    answer, _ = replace(SETUP, interface=Interface("LAGP", "Li"), electronic=1e-6)()
    assert answer.ratios[0].leaking > 0.0


def test_the_verb_tells_it_and_draws_it(capsys, tmp_path):
    page = tmp_path / "leak.html"
    command = ["simulate", "leak", "LLZO", "Li", "--cells", "48"]
    assert main([*command, "--plot", str(page)]) == 0
    out = capsys.readouterr().out
    assert "form no lithium inside" in out and "disputed" in out
    assert "How to read this" in page.read_text() and page.stat().st_size < 6e6
    assert main([*command, "--csv"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("ratio,leaking,deep") and len(lines) == 5
    assert main([*command, "--grain-size", "5 h"]) == 2
