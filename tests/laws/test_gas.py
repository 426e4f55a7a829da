"""Gas: Faraday, the ideal gas, and a bound that stands above what was measured."""

import numpy as np
import pytest

from anolyte.core.units import FARADAY
from anolyte.laws import gas as laws
from anolyte.laws.gas import ElectrochemicalGas, Hydrolysis
from anolyte.materials.formula import molar_mass, parse


def test_two_faradays_make_a_mole_of_hydrogen() -> None:
    assert ElectrochemicalGas(1.0, 2.0)(2 * FARADAY) == pytest.approx(1.0)


def test_a_mole_at_standard_conditions_fills_its_molar_volume() -> None:
    """22.413969 L/mol at 0 C and 101325 Pa, CODATA."""
    assert laws.gas_pressure(1.0, 22.413969e-3, 273.15) == pytest.approx(101325.0, rel=1e-6)


def test_pressure_is_linear_and_arrays_are_floats() -> None:
    law = ElectrochemicalGas(1.0, 2.0)
    charges = np.array([0.0, 36.0, 72.0])
    pressures = law.pressure(charges, 10e-6, 298.15)
    assert pressures[0] == 0.0 and pressures[2] == pytest.approx(2 * pressures[1])
    assert pressures[1] == law.pressure(36.0, 10e-6, 298.15)
    assert law.pressure(36.0, 20e-6, 298.15) == pytest.approx(pressures[1] / 2)
    assert law.ranges["charge"][0] == 0.0


def test_sulfide_bound_stands_above_the_dry_room() -> None:
    """0.1 cm3/g H2S was measured on a sulfide powder in 30 min at a dew point of -40 C."""
    law = Hydrolysis(4.0, molar_mass(parse("Li3PS4")))
    bound = law.volume(1.0, 298.15, 101325.0) * 1e3  # m3/kg to cm3/g
    assert bound == pytest.approx(4 * 24465.4 / 180.034, rel=1e-4)  # cm3/mol of gas at 25 C
    assert bound > 100 * 0.1
    assert law(0.5) == pytest.approx(law(1.0) / 2)
    assert law.volume(0.0, 298.15, 101325.0) == 0.0


def test_all_of_it_is_called_an_unvalidated_bound() -> None:
    for kind in (ElectrochemicalGas, Hydrolysis):
        assert "bound" in kind.basis and "not validated" in kind.basis


def test_the_volume_of_a_gas_follows_its_temperature_and_its_pressure() -> None:
    law = Hydrolysis(2.0, 0.1)
    at_rest = law.volume(1.0, 300.0, 1e5)
    assert at_rest == pytest.approx(20.0 * 8.314462618 * 300.0 / 1e5)
    assert law.volume(1.0, 600.0, 1e5) == pytest.approx(2.0 * at_rest)
    assert law.volume(1.0, 300.0, 2e5) == pytest.approx(0.5 * at_rest)
