"""Current beside pores: closed forms, what charge transfer does, and the range of what is told."""

import pytest

from anolyte.core.errors import DataError
from anolyte.materials.stack import Interface
from anolyte.studies.pores import AtElectrode, InBulk, PoreSetup

BARE = 1e-12  # ohm m2: as good as no charge transfer


def setup(**changes):
    """A pore 10 um wide in a garnet, looked at over half its half-width."""
    asked = {"half_width": 5e-6, "length": 2.5e-6, "resistance": BARE} | changes
    return PoreSetup(Interface("LLZO", "Li"), **asked)


@pytest.mark.parametrize("shape", [AtElectrode(), InBulk(1.0), InBulk(0.25), InBulk(2.0)])
def test_channels_agree_with_their_closed_form(shape):
    """Within the error that is told, and 1 %."""
    result = setup(shape=shape)()
    assert result.closed_form is not None
    assert abs(result.factor - result.closed_form) < max(result.error, 0.01 * result.closed_form)
    assert abs(result.factor - result.closed_form) < 0.015 * result.closed_form


def test_a_ball_agrees_with_its_closed_form():
    """In space, within 1 %."""
    result = setup(shape=InBulk(1.0), dimensions=3)()
    assert result.factor == pytest.approx(result.closed_form, rel=0.01)


def test_charge_transfer_evens_the_current_out():
    """The more, the longer the Wagner length; a void then has no closed form."""
    found = [setup(resistance=r)() for r in (BARE, 1e-4, 1e-2)]
    factors = [result.factor for result in found]
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] == pytest.approx(1.0 / 0.95, abs=0.02)  # a twentieth is blocked
    assert found[1].closed_form is None
    assert found[1].wagner_length == pytest.approx(5.1e-6, rel=0.1)


def test_flatter_pores_and_shorter_lengths_crowd_more():
    """As the review's claim of concentrated fields has it."""
    flat, tall = setup(shape=InBulk(0.25))(), setup(shape=InBulk(2.0))()
    assert flat.factor > tall.factor > 1.0
    assert setup(length=1e-6)().factor > setup(length=5e-6)().factor


def test_lengths_that_the_grids_cannot_show_are_refused():
    """With those that they can."""
    with pytest.raises(DataError, match=r"averaged over 0\.625 to 47\.5 um, not 0\.1 um"):
        setup(length=1e-7)
    with pytest.raises(DataError, match="two or three dimensions"):
        setup(dimensions=4)
