"""What starts a filament: stress of plating, a filled flaw, a measured limit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.laws import fracture
from anolyte.laws.fracture import FilledFlaw, OverpotentialLimit, plating_stress

VOLUME = 13.0e-6
ETA = st.floats(1e-6, 1.0)
CONTACT = st.floats(1e-3, 1.0)


def test_plating_presses_with_seven_and_a_half_megapascal_a_millivolt() -> None:
    assert float(plating_stress(1e-3, VOLUME)) / 1e6 == pytest.approx(7.42, abs=0.005)


@pytest.mark.parametrize(
    ("toughness", "micrometres", "millivolts"),
    [(1.0, 0.5, 96), (1.0, 1.0, 68), (1.0, 5.0, 30), (0.23, 0.5, 22), (0.23, 1.0, 16),
     (0.23, 5.0, 7)],
)  # fmt: skip
def test_critical_overpotential_of_a_flaw(toughness, micrometres, millivolts) -> None:
    law = FilledFlaw(toughness * 1e6, micrometres * 1e-6, VOLUME)
    assert float(law.critical_overpotential) * 1e3 == pytest.approx(millivolts, abs=0.5)


@given(st.floats(1e4, 1e7), st.floats(1e-8, 1e-4), st.floats(0.5, 2.0))
def test_at_the_critical_overpotential_the_flaw_reaches_its_toughness(k, c, y) -> None:
    law = FilledFlaw(k, c, VOLUME, geometry=y)
    stress = plating_stress(law.critical_overpotential, VOLUME)
    assert float(y * stress * math.sqrt(math.pi * c)) == pytest.approx(k)
    assert float(law.load(law.critical_overpotential, 1.0)) == pytest.approx(1.0)
    larger = FilledFlaw(k, 4 * c, VOLUME, geometry=y)
    assert float(larger.critical_overpotential) == pytest.approx(
        float(law.critical_overpotential) / 2.0
    )


@given(ETA, CONTACT)
def test_rivals_load_alike_where_their_limits_are_the_same(eta, contact) -> None:
    flaw = FilledFlaw(0.5e6, 2e-6, VOLUME)
    measured = OverpotentialLimit(flaw.critical_overpotential)
    assert float(measured.load(eta, contact)) == pytest.approx(float(flaw.load(eta, contact)))
    assert float(measured.critical_overpotential) == float(flaw.critical_overpotential)


@pytest.mark.parametrize(
    "law", [OverpotentialLimit(0.02), FilledFlaw(1e6, 1e-6, VOLUME, focusing=3.0)]
)
@given(ETA, CONTACT)
def test_load_is_linear_in_overpotential_and_crowds_at_lost_contact(law, eta, contact) -> None:
    load = float(law.load(eta, contact))
    assert load == pytest.approx(float(law.load(eta, 1.0)) / contact)
    assert float(law.load(2 * eta, contact)) == pytest.approx(2 * load)
    assert float(law.load(0.0, contact)) == 0.0


def test_focusing_multiplies_the_load() -> None:
    plain, focused = (FilledFlaw(1e6, 1e-6, VOLUME, focusing=f) for f in (1.0, 2.5))
    assert float(focused.load(0.01, 0.5)) == pytest.approx(2.5 * float(plain.load(0.01, 0.5)))


def test_arrays_and_floats_agree_for_every_rival() -> None:
    several = (
        OverpotentialLimit(np.array([0.01, 0.02])),
        FilledFlaw(np.array([1e6, 2e5]), np.array([1e-6, 3e-6]), VOLUME),
    )
    single = (
        [OverpotentialLimit(x) for x in (0.01, 0.02)],
        [FilledFlaw(k, c, VOLUME) for k, c in ((1e6, 1e-6), (2e5, 3e-6))],
    )
    eta, contact = np.array([0.005, 0.03]), np.array([0.4, 1.0])
    assert {type(law) for law in several} == set(fracture.RIVALS)
    for law, each in zip(several, single, strict=True):
        expected = [float(x.load(*a)) for x, *a in zip(each, eta, contact, strict=True)]
        np.testing.assert_allclose(law.load(eta, contact), expected, rtol=1e-14)
