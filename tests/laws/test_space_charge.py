"""Space charge: closed limits, second order, neutrality, statistics in each other's place."""

import numpy as np
import pytest
from scipy.integrate import quad

from anolyte.core.errors import NotConverged
from anolyte.laws import space_charge as laws
from anolyte.laws import space_charge_profile as grid
from anolyte.laws.space_charge import Dilute, SiteLimited, TwoMobile
from anolyte.laws.space_charge_profile import profile
from anolyte.materials.references import bibtex

T = 298.15
EPS = 10.0 * laws.VACUUM_PERMITTIVITY
UNIT = laws.thermal_voltage(T)
ALL = (SiteLimited(1.0e4, 4.0e4), Dilute(1.0e3), TwoMobile(1.0e3))
names = pytest.mark.parametrize("carriers", ALL, ids=lambda x: type(x).__name__)
GRIDS = (101, 201, 401)


def orders(errors: list[float]) -> np.ndarray:
    return np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))


def test_every_rival_is_tried() -> None:
    assert {type(x) for x in ALL} == set(laws.RIVALS)


@names
@pytest.mark.parametrize("reduced", [-6.0, -0.5, -1e-5, 1e-5, 0.5, 6.0])
def test_statistics_are_consistent_with_themselves(carriers, reduced: float) -> None:
    step = 1e-6 * max(1.0, abs(reduced))
    rise = carriers.charge(reduced + step) - carriers.charge(reduced - step)
    assert carriers.slope(reduced) == pytest.approx(rise / (2 * step), rel=1e-5)
    area, _ = quad(lambda x: -carriers.charge(x), 0.0, reduced, epsabs=0, epsrel=1e-11)
    assert carriers.stored(reduced) == pytest.approx(area, rel=1e-6)
    assert carriers.slope(reduced) < 0.0 < carriers.stored(reduced)


@names
def test_the_bulk_is_neutral_and_screens_by_its_slope(carriers) -> None:
    assert carriers.charge(0.0) == pytest.approx(0.0, abs=1e-9)
    assert -carriers.slope(0.0) == pytest.approx(carriers.screening)
    assert carriers.conducting(0.0) == pytest.approx(1.0)
    many = np.array([-2.0, 0.0, 3.0])
    for of in (carriers.charge, carriers.slope, carriers.stored, carriers.conducting):
        np.testing.assert_allclose(of(many), [float(of(x)) for x in many], rtol=1e-14)
    bibtex(carriers.references)
    assert isinstance(carriers.ranges, dict)


def test_few_ions_on_many_sites_are_dilute() -> None:
    few, dilute = SiteLimited(1.0, 1e9), Dilute(1.0)
    for reduced in (-5.0, 0.3, 5.0):
        assert few.charge(reduced) == pytest.approx(dilute.charge(reduced), rel=1e-6)


def test_ions_and_empty_sites_mirror_each_other() -> None:
    ions, holes = SiteLimited(1.0e4, 4.0e4), SiteLimited(3.0e4, 4.0e4)
    one = profile(ions, 10 * UNIT, EPS, T)
    other = profile(holes, -10 * UNIT, EPS, T)
    np.testing.assert_allclose(one.potential, -other.potential, atol=1e-12)


# --- Order, conservation --------------------------------------------------------------------------


@names
@pytest.mark.parametrize("reduced", [-12.0, -3.0, 0.2, 12.0])
def test_the_field_converges_to_the_first_integral_at_second_order(carriers, reduced) -> None:
    exact = laws.surface_field(carriers, reduced * UNIT, EPS, T)
    errors = [profile(carriers, reduced * UNIT, EPS, T, n).field / exact - 1 for n in GRIDS]
    assert orders(errors) == pytest.approx(2.0, abs=0.1)
    assert abs(errors[-1]) < 1e-3


@names
@pytest.mark.parametrize("reduced", [-12.0, -0.01, 3.0, 100.0])
def test_the_charge_is_the_flux_of_the_field(carriers, reduced) -> None:
    layer = profile(carriers, reduced * UNIT, EPS, T)
    assert layer.charge_per_area == pytest.approx(-EPS * layer.field, rel=1e-8)
    assert layer.potential[0] == pytest.approx(reduced * UNIT)
    assert np.all(np.diff(np.abs(layer.potential)) <= 1e-12 * abs(reduced) * UNIT)
    assert abs(layer.charge[-1]) < 1e-8 * np.max(np.abs(layer.charge))


@pytest.mark.parametrize("reduced", [1.0, 8.0])
def test_two_mobile_species_give_gouy_and_chapman_at_second_order(reduced: float) -> None:
    carriers = TwoMobile(1.0e3)
    length = laws.debye_length(EPS, carriers.screening, T)
    errors = []
    for nodes in GRIDS:
        layer = profile(carriers, reduced * UNIT, EPS, T, nodes)
        closed = laws.gouy_chapman(layer.position, reduced * UNIT, length, T)
        errors.append(float(np.max(np.abs(layer.potential - closed)) / UNIT))
    assert orders(errors) == pytest.approx(2.0, abs=0.15)
    assert errors[-1] < 1e-3


# --- Limits ---------------------------------------------------------------------------------------


@names
def test_small_potentials_fall_with_the_debye_length(carriers) -> None:
    length = laws.debye_length(EPS, carriers.screening, T)
    layer = profile(carriers, 1e-4 * UNIT, EPS, T)
    near = layer.position < 5 * length
    np.testing.assert_allclose(
        layer.potential[near], 1e-4 * UNIT * np.exp(-layer.position[near] / length), rtol=1e-3
    )


def test_large_depletion_approaches_mott_and_schottky() -> None:
    carriers, gaps = SiteLimited(1.0e3, 1.0e5), []
    for reduced in (10.0, 100.0, 1000.0):
        layer = profile(carriers, reduced * UNIT, EPS, T)
        width = laws.depletion_width(reduced * UNIT, EPS, carriers.bulk)
        closed = laws.mott_schottky(layer.position, reduced * UNIT, width)
        gaps.append(float(np.max(np.abs(layer.potential - closed)) / (reduced * UNIT)))
        inside = layer.position < 0.5 * width
        np.testing.assert_allclose(layer.charge[inside], -9.648533212e4 * 1e3, rtol=0.1)
    assert gaps[0] > 5 * gaps[1] > 25 * gaps[2]
    assert gaps[2] < 2e-3


def test_accumulation_stops_at_full_sites() -> None:
    carriers = SiteLimited(1.0e4, 4.0e4)
    layer = profile(carriers, -200 * UNIT, EPS, T)
    assert layer.charge[0] == pytest.approx(9.648533212e4 * 3.0e4, rel=1e-9)
    full = laws.depletion_width(200 * UNIT, EPS, 3.0e4)
    filled = layer.position[np.argmax(layer.charge < 0.5 * layer.charge[0])]
    assert filled == pytest.approx(full, rel=0.1)


def test_debye_length_of_the_gold_book_at_one_and_two_species() -> None:
    water = 78.4 * laws.VACUUM_PERMITTIVITY
    both, one = laws.debye_length(water, 2.0, T), laws.debye_length(water, 1.0, T)
    assert one == pytest.approx(np.sqrt(2) * both)
    k, e, na = 1.380649e-23, 1.602176634e-19, 6.02214076e23
    assert both == pytest.approx(np.sqrt(water * k * T / (2 * na * e**2)))


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_gouy_and_chapman_at_volts_begins_at_the_face_and_forgets_its_height(sign: float) -> None:
    """The hyperbolic tangent is one to rounding; the potential at the face is still itself."""
    high, higher = sign * 100.0 * UNIT, sign * 2000.0 * UNIT
    assert laws.gouy_chapman(0.0, high, 1e-9, T) == pytest.approx(high, rel=1e-12)
    assert laws.gouy_chapman(0.0, 0.0, 1e-9, T) == 0.0
    far = np.array([1e-9, 5e-9, 2e-8])
    found = laws.gouy_chapman(far, high, 1e-9, T)
    np.testing.assert_allclose(found, laws.gouy_chapman(far, higher, 1e-9, T), rtol=1e-12)
    np.testing.assert_allclose(found[-1], sign * 4.0 * UNIT * np.exp(-20.0), rtol=1e-8)


# --- Capacitance and resistance -------------------------------------------------------------------


@names
@pytest.mark.parametrize("reduced", [-4.0, 0.0, 4.0])
def test_capacitance_is_the_derivative_of_the_charge(carriers, reduced: float) -> None:
    step = 1e-3
    up, down = (laws.surface_field(carriers, (reduced + s) * UNIT, EPS, T) for s in (step, -step))
    slope = EPS * (up - down) / (2 * step * UNIT)
    assert laws.capacitance(carriers, reduced * UNIT, EPS, T) == pytest.approx(slope, rel=2e-3)


def test_capacitance_of_gouy_and_chapman_and_at_small_potentials() -> None:
    carriers = TwoMobile(1.0e3)
    flat = EPS / laws.debye_length(EPS, carriers.screening, T)
    potentials = np.array([0.0, 1.0, 5.0]) * UNIT
    found = laws.capacitance(carriers, potentials, EPS, T)
    np.testing.assert_allclose(found, flat * np.cosh([0.0, 0.5, 2.5]), rtol=1e-6)


def test_mott_schottky_plot_has_its_slope_and_its_thermal_term() -> None:
    """1/C2 = 2 (V - RT/F) / (eps F c), the line that flat-band potentials are read from."""
    carriers = Dilute(1.0e3)
    potentials = np.linspace(15.0, 40.0, 6) * UNIT
    plot = laws.capacitance(carriers, potentials, EPS, T) ** -2
    slope, intercept = np.polyfit(potentials, plot, 1)
    assert slope == pytest.approx(2.0 / (EPS * 9.648533212e4 * 1.0e3), rel=1e-4)
    assert -intercept / slope == pytest.approx(UNIT, rel=1e-3)


def test_depletion_resists_and_accumulation_without_limit_does_not() -> None:
    dilute = Dilute(1.0e3)
    assert profile(dilute, 5 * UNIT, EPS, T).resistance(0.1) > 0.0
    assert profile(dilute, -5 * UNIT, EPS, T).resistance(0.1) < 0.0
    full = SiteLimited(1.0e4, 4.0e4)
    small, large = (profile(full, p * UNIT, EPS, T).resistance(0.1) for p in (-5.0, -20.0))
    assert large > small > 0.0  # full sites block as empty ones do


def test_no_potential_is_no_layer() -> None:
    layer = profile(SiteLimited(1.0e4, 4.0e4), 0.0, EPS, T)
    assert layer.field == 0.0 and layer.charge_per_area == 0.0


def test_what_cannot_converge_says_so(monkeypatch) -> None:
    monkeypatch.setattr(grid, "NEWTON_STEPS", 2)
    with pytest.raises(NotConverged, match="did not converge"):
        profile(TwoMobile(1.0e3), 30 * UNIT, EPS, T)
    for carriers, reduced in ((TwoMobile(1.0e3), 2000.0), (Dilute(1.0e3), float("nan"))):
        with pytest.raises(NotConverged, match="limit the sites"):
            profile(carriers, reduced * UNIT, EPS, T)
