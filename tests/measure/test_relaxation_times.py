"""Spectra of relaxation times: closed forms, areas, processes, bands, what they cannot show."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from anolyte.core.errors import DataError
from anolyte.core.result import decode
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.times import RelaxationResult, RelaxationTimes
from anolyte.measure.synthetic import ageing
from anolyte.numerics.regularised import (
    Discrepancy,
    Fixed,
    GeneralisedCrossValidation,
    LCurve,
)

F = np.logspace(6, -2, 81)
S = 2j * np.pi * F
PLAIN = RelaxationTimes(resamples=0)
MADE = ageing(noise=0.003, count=40, seed=17)


def _spectrum(clean, noise=0.0, seed=0, f=F) -> Spectrum:
    rng = np.random.default_rng(seed)
    scatter = rng.standard_normal(clean.shape) + 1j * rng.standard_normal(clean.shape)
    return Spectrum.of(f, clean * (1.0 + noise * scatter))


def _gamma(found: RelaxationResult):
    return np.array(found.time_constant), np.array(found.gamma)


# --- the least squares ----------------------------------------------------------------------------


def test_spectrum_is_that_of_scipy():
    """Columns, weights and penalty written out, solved by Lawson and Hanson's method."""
    spectrum = MADE.spectra[0]
    z, omega = spectrum.impedance, 2.0 * np.pi * spectrum.frequency
    found = PLAIN(spectrum)
    tau, gamma = _gamma(found)
    step = np.log(tau[1] / tau[0])
    size = np.real(z).max()
    columns = np.concatenate(
        [
            np.ones((z.size, 1)),
            1j * omega[:, None] / omega.max(),
            step / (1.0 + 1j * omega[:, None] * tau),
        ],
        axis=1,
    ) / (np.abs(z)[:, None] / size)
    bend = np.zeros((tau.size - 2, tau.size + 2))
    bend[:, 2:] = np.diff(np.eye(tau.size), 2, axis=0) / step**1.5
    design = np.concatenate([columns.real, columns.imag, np.sqrt(1e-3) * bend])
    unit = z / np.abs(z)
    wanted = np.concatenate([unit.real, unit.imag, np.zeros(tau.size - 2)])
    theirs, _ = nnls(design, wanted)
    assert np.allclose(gamma, theirs[2:] * size, atol=1e-5 * gamma.max())
    assert found.resistance == pytest.approx(theirs[0] * size, abs=1e-4)


# --- closed forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [1e-5, 1e-7])
def test_voigt_circuit_is_recovered(weight):
    clean = 10.0 + 100.0 / (1.0 + S * 1e-4) + 50.0 / (1.0 + S * 1e-1)
    found = RelaxationTimes(weight=Fixed(weight), resamples=0)(_spectrum(clean, 1e-4))
    assert [a.resistance for a in found.arcs] == pytest.approx([100.0, 50.0], rel=0.01)
    assert [a.time_constant for a in found.arcs] == pytest.approx([1e-4, 1e-1], rel=0.03)
    assert [a.capacitance for a in found.arcs] == pytest.approx([1e-6, 2e-3], rel=0.04)
    assert found.resistance == pytest.approx(10.0, rel=0.01)


@pytest.mark.parametrize(("exponent", "worst"), [(0.7, 0.04), (0.8, 0.15), (0.9, 0.42)])
def test_depressed_arc_has_the_gamma_of_cole_and_cole(exponent, worst):
    r"""$\gamma = \frac{R}{2\pi}\frac{\sin((1-n)\pi)}{\cosh(n\ln(\tau/\tau_0))-\cos((1-n)\pi)}$.

    The default penalty lowers the top of sharp arcs; areas and places stay.
    """
    clean = 5.0 + 100.0 / (1.0 + (S * 1e-2) ** exponent)
    tau, gamma = _gamma(PLAIN(_spectrum(clean)))
    turn = (1.0 - exponent) * np.pi
    exact = (
        100.0
        / (2.0 * np.pi)
        * np.sin(turn)
        / (np.cosh(exponent * np.log(tau / 1e-2)) - np.cos(turn))
    )
    assert np.abs(gamma - exact).max() < worst * exact.max()
    assert gamma.sum() == pytest.approx(exact.sum(), rel=0.01)
    assert tau[np.argmax(gamma)] == pytest.approx(1e-2, rel=0.13)


def test_gamma_converges_to_that_of_cole_and_cole():
    clean = 5.0 + 100.0 / (1.0 + (S * 1e-2) ** 0.8)
    turn = 0.2 * np.pi
    errors = []
    for weight in (1e-1, 1e-3, 1e-5, 1e-7):
        tau, gamma = _gamma(RelaxationTimes(weight=Fixed(weight), resamples=0)(_spectrum(clean)))
        exact = (
            100.0
            / (2.0 * np.pi)
            * np.sin(turn)
            / (np.cosh(0.8 * np.log(tau / 1e-2)) - np.cos(turn))
        )
        errors.append(np.abs(gamma - exact).max() / exact.max())
    ratio = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.all(ratio > 1.9)  # half for every two decades of the weight
    assert errors[-1] < 0.03


def test_gerischer_element():
    r"""$\gamma = \frac{R}{\pi}\sqrt{\tau/(\tau_0-\tau)}$ below $\tau_0$, nothing above."""
    clean = 5.0 + 100.0 / np.sqrt(1.0 + S * 0.1)
    tau, gamma = _gamma(RelaxationTimes(weight=Fixed(1e-4), resamples=0)(_spectrum(clean, 1e-4)))
    step = np.log(tau[1] / tau[0])
    passed = np.cumsum(gamma) * step - 0.5 * gamma * step
    exact = 100.0 * 2.0 / np.pi * np.arcsin(np.sqrt(np.minimum(tau / 0.1, 1.0)))
    away = (tau < 0.03) | (tau > 0.3)  # gamma is infinite at tau_0 = 0.1 s; no grid shows that
    assert np.abs(passed - exact)[away].max() < 3.0
    assert gamma[tau > 0.3].sum() < 0.02 * gamma.sum()


def test_warburg_is_one_process():
    root = np.sqrt(S * 10.0)
    clean = 5.0 + 100.0 * np.tanh(root) / root
    found = RelaxationTimes(weight=Fixed(1e-6))(_spectrum(clean, 1e-3, 2))
    assert len(found.arcs) == 1 and found.arcs[0].shape == "diffusion"
    assert found.arcs[0].resistance == pytest.approx(100.0, rel=0.02)
    assert found.arcs[0].time_constant == pytest.approx(10.0 * 4.0 / np.pi**2, rel=0.1)
    assert len(found.peaks) > 1


@pytest.mark.parametrize("weight", [Fixed(), Discrepancy(2.0), LCurve()])
def test_area_is_the_resistance(weight):
    tool = RelaxationTimes(weight=weight, resamples=0)
    for spectrum, truth in zip(MADE.spectra[::8], MADE.truths[::8], strict=True):
        found = tool(spectrum)
        whole = sum(truth.pellet.resistance) + 40.0
        assert found.polarisation + found.resistance == pytest.approx(whole, rel=0.04)
        assert sum(a.resistance for a in found.arcs) == pytest.approx(found.polarisation, rel=1e-9)


def test_scale_of_impedance_and_time_does_not_matter():
    one = PLAIN(MADE.spectra[0])
    f, z = MADE.frequency, MADE.impedance[0]
    other = PLAIN(Spectrum.of(f / 100.0, 1000.0 * z))
    assert np.allclose(np.array(other.gamma), 1000.0 * np.array(one.gamma), rtol=1e-6, atol=1e-6)
    assert np.allclose(np.array(other.time_constant), 100.0 * np.array(one.time_constant))


# --- processes ------------------------------------------------------------------------------------


def test_processes_of_a_garnet_cell():
    """Four processes, side peaks not counted; capacitances within the published factor."""
    tool = RelaxationTimes(resamples=0)
    counts, errors = [], []
    for spectrum, truth in zip(MADE.spectra, MADE.truths, strict=True):
        arcs = tool(spectrum).arcs
        counts.append(len(arcs))
        if len(arcs) == 4:
            assert [a.shape for a in arcs[:3]] == ["arc"] * 3
            wanted = [*truth.pellet.resistance, 40.0]
            errors.append([a.resistance / w - 1.0 for a, w in zip(arcs, wanted, strict=True)])
            for arc, capacitance in zip(arcs, truth.pellet.capacitance, strict=False):
                assert 0.5 < arc.capacitance / capacitance < 2.0
    assert counts.count(4) >= 0.9 * len(counts)
    assert np.all(np.median(np.abs(errors), axis=0) < [0.06, 0.22, 0.03, 0.2])


def test_bulk_above_the_highest_frequency_is_flagged():
    found = PLAIN(MADE.spectra[0])
    assert found.peaks[0].outside and not found.arcs[0].resolved
    assert any("above the highest frequency" in w for w in found.warnings)


def test_unfinished_process_is_flagged():
    clean = 5.0 + 100.0 / (1.0 + S * 100.0) + 50.0 / (1.0 + S * 1e-3)
    found = PLAIN(_spectrum(clean, 1e-3))
    assert any("below the lowest frequency" in w for w in found.warnings)


def test_errors_cover_the_truth():
    """Within three standard deviations, noise and smoothing together."""
    tool = RelaxationTimes(resamples=30)
    within = []
    for spectrum, truth in zip(MADE.spectra[::2], MADE.truths[::2], strict=True):
        arcs = tool(spectrum).arcs
        if len(arcs) != 4:
            continue
        for arc, wanted in zip(arcs, [*truth.pellet.resistance, 40.0], strict=True):
            assert arc.resistance_error is not None
            within.append(abs(arc.resistance / wanted - 1.0) < 3.0 * arc.resistance_error)
    assert np.mean(within) > 0.75


def test_band_is_reproducible_and_holds_the_spectrum():
    one, other = RelaxationTimes()(MADE.spectra[0]), RelaxationTimes()(MADE.spectra[0])
    assert one == other
    assert RelaxationTimes(seed=1)(MADE.spectra[0]).lower != one.lower
    tau, gamma = _gamma(one)
    high = gamma > 0.2 * gamma.max()
    assert np.all(np.array(one.lower)[high] <= gamma[high] * 1.05)
    assert np.all(np.array(one.upper)[high] >= gamma[high] * 0.95)


def test_band_grows_with_the_noise():
    clean = MADE.truths[0].clean
    widths = []
    for noise in (0.001, 0.003, 0.01):
        found = RelaxationTimes(seed=3)(_spectrum(clean, noise, 5, MADE.frequency))
        widths.append(np.sum(np.array(found.upper) - np.array(found.lower)))
    assert widths[0] < 0.6 * widths[1] < 0.36 * widths[2] * 2.0


# --- columns beside, weights ----------------------------------------------------------------------


def test_inductance_and_capacitance():
    clean = 10.0 + 100.0 / (1.0 + S * 1e-3) + S * 1e-6 + 1.0 / (S * 1e-2)
    found = PLAIN(_spectrum(clean, 1e-3))
    assert found.inductance == pytest.approx(1e-6, rel=0.02)
    assert found.capacitance == pytest.approx(1e-2, rel=0.03)
    assert found.arcs[0].resistance == pytest.approx(100.0, rel=0.05)
    assert RelaxationTimes(blocking=False, resamples=0)(_spectrum(clean)).capacitance is None


@pytest.mark.parametrize("weight", [GeneralisedCrossValidation(), LCurve(), Discrepancy()])
def test_chosen_weight_lies_between_the_limits(weight):
    found = RelaxationTimes(weight=weight, resamples=0)(MADE.spectra[0])
    assert 1e-7 <= found.weight <= 1.0
    assert found.noise < 2.5 * 0.003


def test_misfit_without_smoothing_is_the_noise():
    ratio = [PLAIN(s).rough_noise / 0.003 for s in MADE.spectra]
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.03)


def test_smoothing_that_costs_too_much_is_told():
    clean = 10.0 + 100.0 / (1.0 + S * 1e-4) + 50.0 / (1.0 + S * 1e-1)
    found = PLAIN(_spectrum(clean, 1e-4))
    assert any("smoothing costs more" in w for w in found.warnings)


# --- what positive relaxations cannot show --------------------------------------------------------


def test_positive_circuits_raise_no_alarm():
    for spectrum in MADE.spectra:
        assert PLAIN(spectrum).negative_chance > 1e-3
    rng = np.random.default_rng(4)
    for k in range(20):
        tau = 10.0 ** rng.uniform(-5, 1, 2)
        clean = 10.0 + 100.0 / (1.0 + S * tau[0]) + 50.0 / (1.0 + S * tau[1])
        assert PLAIN(_spectrum(clean, 1e-3, k)).negative_chance > 1e-3


def test_inductive_loop_is_told():
    clean = 10.0 + 100.0 / (1.0 + S * 1e-4) - 30.0 / (1.0 + S * 0.1)
    assert any("inductive loop" in w for w in PLAIN(_spectrum(clean, 1e-3)).warnings)


def test_negative_relaxation_without_a_loop_is_told():
    clean = 10.0 + 100.0 / (1.0 + S * 1e-4) - 5.0 / (1.0 + S * 1e-2) + 20.0 / (1.0 + S * 0.1)
    assert np.all(clean.imag < 0.0)
    found = PLAIN(_spectrum(clean, 1e-3))
    assert found.negative_chance < 1e-6
    assert any("negative relaxation" in w for w in found.warnings)


def test_a_bare_capacitor_has_no_process():
    found = PLAIN(Spectrum.of(F, 1.0 / (S * 1e-6)))
    assert found.capacitance == pytest.approx(1e-6, rel=1e-3)


def test_real_part_must_be_positive():
    z = 10.0 + 100.0 / (1.0 + S * 1e-4)
    z[3] = -1.0
    with pytest.raises(DataError, match="not positive at"):
        PLAIN(Spectrum.of(F, z))


def test_result_saves_and_loads():
    found = RelaxationTimes(resamples=5)(MADE.spectra[0])
    assert decode(RelaxationResult, found.to_dict()) == found
    assert len(found.rows()) == len(found.gamma)


def test_a_process_beyond_the_sweep_is_marked_on_its_arc():
    f = np.logspace(5, 0, 51)
    fast, slow = (100.0 / (1.0 + 2j * np.pi * f * tau) for tau in (0.6e-6, 1e-3))
    arcs = RelaxationTimes(resamples=0)(Spectrum(f, fast + slow)).arcs
    assert [a.in_sweep for a in arcs] == [False, True]
    assert arcs[0].frequency > 1e5 > arcs[1].frequency
