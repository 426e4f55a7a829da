"""Humidity against steam tables, and texts that are refused."""

import pytest

from anolyte.core.errors import DataError
from anolyte.materials.atmosphere import (
    DewPoint,
    Fraction,
    RelativeHumidity,
    atmosphere,
    atmospheres,
    dew_point,
    partial_pressure,
    saturated,
    share,
)


@pytest.mark.parametrize(  # vapour pressure of ice and water, recalled steam tables, Pa
    ("celsius", "pressure"),
    [(-40.0, 12.84), (-20.0, 103.3), (0.0, 611.2), (20.0, 2339.0), (60.0, 19946.0),
     (100.0, 101418.0)],
)  # fmt: skip
def test_saturated_water(celsius, pressure):
    assert saturated(celsius + 273.15) == pytest.approx(pressure, rel=0.02)  # ideal vapour


def test_a_dry_room_holds_126_ppm_of_water():
    """doi 10.3389/fenrg.2022.882508: a -40 C dew point is around 126 ppm."""
    assert atmosphere("dry room").pressures(298.15)["H2O"] / 1e5 == pytest.approx(126e-6, rel=0.03)


@pytest.mark.parametrize("celsius", [-60.0, -1.0, 1.0, 25.0])
def test_dew_point_and_pressure_are_inverse(celsius):
    assert dew_point(saturated(celsius + 273.15)) == pytest.approx(celsius + 273.15, abs=1e-4)


def test_shares_add_up():
    for name in atmospheres():
        total = sum(atmosphere(name).pressures(298.15).values())
        assert total == pytest.approx(1e5, rel=2e-3), name


def test_humidity_in_three_ways():
    t = 298.15
    half = RelativeHumidity(0.5).pressure(t)
    assert Fraction(half / 1e5).pressure(t) == pytest.approx(half)
    assert DewPoint(dew_point(half)).pressure(t) == pytest.approx(half, rel=1e-6)
    with pytest.raises(DataError, match="condense"):
        DewPoint(330.0).pressure(t)


@pytest.mark.parametrize("text", ["", "50", "-1 %", "nan", "1e9 ppm", "much"])
def test_no_share(text):
    with pytest.raises(DataError):
        share(text)


def test_gases_as_text():
    assert partial_pressure("CO2:42 Pa") == ("CO2", 42.0)
    with pytest.raises(DataError):
        partial_pressure("O2")
    with pytest.raises(DataError, match="known: ambient"):
        atmosphere("moon")
