"""Made measurements: what is said to be in them is in them."""

import math

import numpy as np
import pytest

from anolyte.measure import synthetic


@pytest.fixture(scope="module")
def aged() -> synthetic.Series:
    return synthetic.ageing()


def test_ageing_is_the_circuit_written_anew(aged):
    """The whole series, noise included, from equations written here a second time."""
    u = np.arange(200) / 199
    f = np.logspace(math.log10(7e6), -2, 89)
    s = 2j * np.pi * f

    def arc(r, q, n):
        return np.reshape(r, (-1, 1)) / (1 + np.reshape(r * q, (-1, 1)) * s**n)

    bulk = 0.1 / (5e-4 * math.pi * 0.25)  # ohm: 0.1 cm over 5e-4 S/cm and pi/4 cm2
    interface = 120 * (1 + 2 * np.sqrt(u))
    root = np.sqrt(s * 30)
    z = (
        arc(np.full(200, bulk), (3.5e-11) ** 0.97 * bulk**-0.03, 0.97)
        + arc(60 * (1 + 0.1 * u), (2e-9) ** 0.9 * 60**-0.1, 0.90)
        + arc(interface, (2e-6) ** 0.85 * interface**-0.15, 0.85)
        + 40 * np.tanh(root) / root
    )
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((200, 89)), rng.standard_normal((200, 89))
    z = z + 0.003 * np.abs(z) * (a + 1j * b)
    assert np.allclose(aged.impedance, z, rtol=1e-13, atol=0)
    assert np.allclose(aged.frequency, f, rtol=1e-14)


def test_ageing_has_the_noise_it_says(aged):
    apart = [abs((t.clean - s.impedance) / s.impedance) ** 2 for s, t in pairs(aged)]
    each = np.sum(apart, axis=1) / (2 * 89)
    assert np.median(each) == pytest.approx(9.0e-6, rel=0.02)


def test_values_are_in_the_order_of_the_circuit(aged):
    assert len(synthetic.NAMES) == len(aged.truths[0].values) == 11
    assert aged.values[0, 0] == pytest.approx(254.648, abs=1e-3)
    assert aged.values[-1, 6] == pytest.approx(360.0)
    assert np.all(np.ptp(aged.values[:, 4]) < 1e-20)  # the boundary's element is kept
    start = np.array(synthetic.cold_start()) / aged.values[0]
    assert start.min() >= 0.5 - 1e-12 and start.max() <= 2.0 + 1e-12


def test_temperatures_follow_their_energies():
    for constriction, energies in ((False, (0.30, 0.45, 0.55)), (True, (0.30, 0.45, 0.30))):
        made = synthetic.temperatures(constriction)
        t = np.array([s.temperature for s in made.spectra])
        r = np.array([x.pellet.resistance for x in made.truths])
        slope = [np.polyfit(1 / t, np.log(column / t), 1)[0] * 8.617333e-5 for column in r.T]
        assert slope == pytest.approx(energies, rel=1e-6)
        assert (t[0], t[-1]) == (243.0, 353.0)


def test_pressure_moves_only_the_third_arc():
    made = synthetic.pressures()
    r = np.array([x.pellet.resistance for x in made.truths])
    p = np.array([x.setup.stack_pressure for x in made.truths])
    assert np.ptp(r[:, :2], axis=0) == pytest.approx(0.0)
    assert np.polyfit(np.log(p), np.log(r[:, 2]), 1)[0] == pytest.approx(-0.5)
    assert np.ptp([x.arcs[2].time_constant for x in made.truths]) < 1e-12


def test_pellets_scale_with_their_thickness():
    made = synthetic.pellets((0.5e-3, 2e-3))
    thin, thick = (x.pellet for x in made.truths)
    ratio = np.array(thick.resistance) / thin.resistance
    assert ratio == pytest.approx([4.0, 4.0, 1.0])
    assert [x.setup.thickness for x in made.truths] == [0.5e-3, 2e-3]


def test_drift_leaves_the_first_point_and_moves_the_last():
    still, moved = synthetic.drifting(0.0, noise=0.0), synthetic.drifting(0.5, noise=0.0)
    z = moved.impedance[0] - still.impedance[0]
    assert abs(z[0]) < 1e-12 and z[-1].real == pytest.approx(60.0, rel=0.01)


def test_cable_is_seen_at_high_frequency():
    plain, cabled = synthetic.cabled(0.0, noise=0.0), synthetic.cabled(noise=0.0)
    apart = cabled.impedance[0] - plain.impedance[0]
    assert apart == pytest.approx(2j * np.pi * cabled.frequency * 20e-9)


def test_cells_are_many_different_ones_and_repeatable():
    made, again = synthetic.cells(300, seed=3), synthetic.cells(300, seed=3)
    assert np.array_equal(made.impedance, again.impedance)
    assert not np.array_equal(made.impedance, synthetic.cells(300, seed=4).impedance)
    noise = np.array([t.noise for t in made.truths])
    assert 0.001 <= noise.min() < 0.0015 and 0.008 < noise.max() <= 0.01
    for spectrum, truth in pairs(made):
        spread = np.std(np.abs(spectrum.impedance - truth.clean) / np.abs(truth.clean))
        assert spread < 2.0 * truth.noise
        times = [a.time_constant for a in truth.arcs]
        assert times == sorted(times)
    kinds = [t.pellet.interface for t in made.truths]
    assert 40 < kinds.count("interphase") < 110


def test_capacitances_of_cells_lie_in_the_bands_of_their_classes():
    for truth in synthetic.cells(200, seed=1).truths:
        area, thickness = truth.setup.area, truth.setup.thickness
        c = truth.pellet.capacitance
        bulk, boundary = (x * thickness / area / 100 for x in c[:2])  # F/cm
        layer = 2 * c[2] / area / 1e4  # F/cm2 of one side
        assert 3e-13 < bulk < 1e-11 < boundary < 1e-8
        low, high = (1e-9, 1e-7) if truth.pellet.interface == "interphase" else (1e-7, 1e-5)
        assert low < layer < high


def test_ramp_is_the_one_it_says():
    trace, truth = synthetic.ramp()
    j, v = trace.current / truth.setup.area, trace.voltage
    assert j[1] == pytest.approx(1.0) and j[-1] == pytest.approx(-20.0)
    good = trace.time <= 36_900.0
    assert v[1:][good[1:]] / j[1:][good[1:]] == pytest.approx(0.03, rel=0.2)
    first = int(np.flatnonzero(np.abs(v[1:] / j[1:]) < 0.015)[0]) + 1
    assert trace.time[first] == 36_910.0
    assert truth.charge / 3.6e4 == pytest.approx(5.5)
    assert truth.passed / 3.6e4 == pytest.approx(5.775)
    assert truth.last / 3.6e4 == pytest.approx(0.275)
    covered = np.sum(np.abs(j[1:first]) * np.diff(trace.time[:first]))
    assert covered == pytest.approx(truth.passed)
    assert not truth.shorts[0].hard


def test_healthy_and_passing_shorts():
    _, truth = synthetic.ramp(shorts=())
    assert truth.failed is None and truth.survived == 20.0
    assert truth.passed / 3.6e4 == pytest.approx(21.0)
    for trace, made in synthetic.soft_shorts(20, seed=2):
        (short,) = made.shorts
        r = np.abs(trace.voltage[1:]) / np.maximum(np.abs(trace.current[1:]), 1e-12)
        r = r * made.setup.area / made.resistance
        t = trace.time[1:]
        during = (t > short.start) & (t <= short.start + short.length)
        assert np.allclose(r[during], short.depth, atol=0.02)
        assert np.all(r[~during] > 0.9)
        assert made.failed is not None and made.survived == pytest.approx(made.failed - 1.0)


def pairs(made: synthetic.Series):
    return zip(made.spectra, made.truths, strict=True)
