"""Conductivity laws against their limits; composites between their bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import MissingProperty
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.conductivity import (
    Arrhenius,
    VogelTammannFulcher,
    bruggeman,
    hashin_shtrikman,
)
from anolyte.materials import library
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.transport import Transport, conductivity

SIGMA = st.floats(1e-8, 1e3)
SHARE = st.floats(0.01, 0.99)


@given(SIGMA, st.floats(0.1, 1.0), st.floats(250.0, 400.0))
def test_arrhenius_is_exact_at_its_reference_and_its_slope_is_the_energy(s, e, t) -> None:
    law = Arrhenius(s, e * ELEMENTARY_CHARGE, t)
    assert law(t) == pytest.approx(s)
    hot = t + 30.0
    slope = math.log(law(hot) * hot / (law(t) * t)) / (1 / t - 1 / hot)
    assert slope * BOLTZMANN / ELEMENTARY_CHARGE == pytest.approx(e, rel=1e-9)


def test_vtf_tends_to_its_prefactor_and_to_arrhenius_far_above_the_glass() -> None:
    law = VogelTammannFulcher(100.0, 0.1 * ELEMENTARY_CHARGE, 200.0)
    assert law(1e9) == pytest.approx(100.0, rel=1e-3)
    assert law(350.0) > law(320.0) > law(250.0)
    with pytest.raises(ValueError, match="ideal glass"):
        law(200.0)


@given(SIGMA, SIGMA, SHARE)
def test_effective_medium_lies_between_the_bounds_and_the_constituents(a, b, f) -> None:
    low, high = hashin_shtrikman([a, b], [f, 1 - f])
    middle = bruggeman([a, b], [f, 1 - f])
    slack = 1e-9 * max(a, b)
    assert min(a, b) - slack <= low <= middle + slack
    assert middle - slack <= high <= max(a, b) + slack


def test_bounds_of_hashin_and_shtrikman_for_a_dilute_insulator() -> None:
    """A few insulating spheres: sigma = 1 - 3 f / 2 to first order."""
    _, high = hashin_shtrikman([1.0, 0.0], [0.999, 0.001])
    assert high == pytest.approx(1.0 - 1.5 * 0.001, abs=1e-6)


def test_bruggeman_percolates_at_one_third() -> None:
    assert bruggeman([1.0, 0.0], [0.33, 0.67]) == pytest.approx(0.0, abs=1e-9)
    assert bruggeman([1.0, 0.0], [0.34, 0.66]) == pytest.approx(0.01, abs=1e-6)


def test_the_drop_is_current_times_thickness_over_conductivity() -> None:
    interface = Interface("Li6PS5Cl", "Li")
    result = Transport()(interface, Conditions(current_density="0.5 mA/cm2"))
    expected = interface.sample.thickness / result.conductivity.value
    assert result.resistance == pytest.approx(expected)
    assert result.drop == pytest.approx(5.0 * expected)


def test_warmer_conducts_better_and_far_outside_the_range_is_marked() -> None:
    material = library.default().electrolyte("LLZO")
    assert conductivity(material, 333.15).value > conductivity(material, 298.15).value
    assert conductivity(material, 600.0).extrapolated
    assert not conductivity(material, 298.15).extrapolated


def test_a_polymer_below_its_melting_point_is_marked_although_the_law_gives_a_number() -> None:
    material = library.default().electrolyte("PEO")
    assert conductivity(material, 313.15).extrapolated
    assert not conductivity(material, 343.15).extrapolated


def test_an_electrolyte_without_a_conductivity_says_what_to_add() -> None:
    material = library.default().electrolyte("Li4Ti5O12", as_printed=True)
    with pytest.raises(MissingProperty, match="ionic_conductivity"):
        conductivity(material, 298.15)
