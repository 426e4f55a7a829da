"""The Kramers-Kronig gate: its least squares, its noise, its false alarms, what it finds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.result import decode
from anolyte.measure.quality import fit
from anolyte.measure.quality.answer import GateResult, Verdict
from anolyte.measure.quality.gate import Gate
from anolyte.measure.quality.sweep_drift import Periods, between
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.bank import ends
from anolyte.measure.synthetic import ageing, cabled, cells, drifting

GATE = Gate()
MADE = ageing(noise=0.003, count=100, seed=21)


def _verdicts(result: GateResult) -> Counter[Verdict]:
    return Counter(q.verdict for q in result.spectra)


def _spectrum(z, f=MADE.frequency, **facts) -> Spectrum:
    return Spectrum.of(f, z, **facts)


def _noisy(clean, noise, seed):
    rng = np.random.default_rng(seed)
    return clean * (
        1.0 + noise * (rng.standard_normal(clean.shape) + 1j * rng.standard_normal(clean.shape))
    )


# --- least squares --------------------------------------------------------------------------------


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("order", [3, 12, 25, 40, 60])
def test_every_order_is_the_least_squares_fit(order, blocking):
    """Against LAPACK's least squares on the columns themselves."""
    f, z = MADE.frequency, MADE.impedance[:1]
    omega = 2.0 * np.pi * f
    found = fit.all_orders(omega, z, np.ones(z.shape, bool), (3, 60), 0.5, blocking)
    tau = np.geomspace(*ends(omega, 0.5), order)
    beside = [np.ones_like(omega) + 0j, 1j * omega] + ([-1j / omega] if blocking else [])
    design = (
        np.concatenate([np.stack(beside, 1), 1.0 / (1.0 + 1j * omega[:, None] * tau)], axis=1)
        / np.abs(z[0])[:, None]
    )
    design = np.concatenate([design.real, design.imag])
    unit = z[0] / np.abs(z[0])
    wanted = np.concatenate([unit.real, unit.imag])
    length = np.linalg.norm(design, axis=0)
    x = np.linalg.lstsq(design / length, wanted, rcond=None)[0]
    misfit = wanted - design / length @ x
    resistance = (x / length)[len(beside) :]
    mu = 1.0 + resistance[resistance < 0.0].sum() / resistance[resistance > 0.0].sum()
    place = order - 3
    assert found.squares[0, place] == pytest.approx(misfit @ misfit, rel=1e-3)
    assert found.overfit[0, place] == pytest.approx(mu, abs=0.01)


def test_points_left_out_do_not_matter():
    f, z = MADE.frequency, MADE.impedance[:1].copy()
    kept = np.ones(z.shape, bool)
    kept[0, [4, 40, 70]] = False
    omega = 2.0 * np.pi * f
    before = fit.all_orders(omega, z, kept, (3, 40), 0.5, False).squares
    z[0, [4, 40, 70]] *= 3.0
    assert np.allclose(before, fit.all_orders(omega, z, kept, (3, 40), 0.5, False).squares)


def test_batch_gives_what_single_spectra_give():
    spectra = MADE.spectra[:20]
    together = GATE(spectra).spectra
    for one, quality in zip(spectra, together, strict=True):
        alone = GATE(one).spectra[0]
        assert (alone.verdict, alone.order) == (quality.verdict, quality.order)
        assert alone.noise == pytest.approx(quality.noise, rel=1e-6)


def test_units_of_impedance_and_frequency_do_not_matter():
    f, z = MADE.frequency, MADE.impedance[3]
    base = GATE(_spectrum(z)).spectra[0]
    scaled = GATE(_spectrum(1e6 * z, f / 1e4)).spectra[0]
    assert scaled.order == base.order
    assert scaled.noise == pytest.approx(base.noise, rel=1e-4)


# --- noise and false alarms -----------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.001, 0.003, 0.01])
def test_noise_is_unbiased(noise):
    found = GATE(ageing(noise=noise, count=100, seed=5).spectra).spectra
    ratio = np.array([q.noise for q in found]) / noise
    error = np.array([q.noise_error for q in found]) / noise
    assert abs(ratio.mean() - 1.0) < 0.02
    assert ratio.std() == pytest.approx(error.mean(), rel=0.3)


def test_residual_is_the_noise_put_in():
    spectrum, truth = MADE.spectra[10], MADE.truths[10]
    quality = GATE(spectrum).spectra[0]
    put_in = (spectrum.impedance - truth.clean) / np.abs(spectrum.impedance)
    found = np.array(quality.residual_real) + 1j * np.array(quality.residual_imaginary)
    assert np.corrcoef(found.real, put_in.real)[0, 1] > 0.85
    assert np.corrcoef(found.imag, put_in.imag)[0, 1] > 0.85


def test_few_false_alarms_on_many_cells():
    found = _verdicts(GATE(cells(300, seed=3).spectra))
    assert found[Verdict.PASSED] >= 294, found


def test_spectra_without_noise_pass():
    f = MADE.frequency
    for clean in (MADE.truths[0].clean, 10.0 + 50.0 / (1.0 + 2j * np.pi * f * 1e-3), 7.0 + 0j * f):
        quality = GATE(_spectrum(clean)).spectra[0]
        assert quality.verdict is Verdict.PASSED
        assert quality.noise < 1e-4


def test_first_overfit_is_the_published_choice():
    found = Gate(choice=fit.FirstOverfit(0.85))(MADE.spectra[:5]).spectra
    assert all(q.overfit < 0.85 for q in found)
    stricter = Gate(choice=fit.FirstOverfit(0.95))(MADE.spectra[:5]).spectra
    assert all(a.order >= b.order for a, b in zip(found, stricter, strict=True))


# --- drift ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("drift", "share"), [(0.5, 1.0), (0.2, 0.9)])
@pytest.mark.parametrize("noise", [None, 0.003])
def test_drift_is_seen(drift, share, noise):
    found = GATE(drifting(drift, count=40, seed=2).spectra, noise=noise).spectra
    assert sum(q.verdict is Verdict.DRIFT for q in found) >= share * 40


def test_what_is_not_seen_is_said():
    """Five per cent in one arc pass, and the sentence says how much would have to change."""
    quality = GATE(drifting(0.05, count=1, seed=2).spectra[0]).spectra[0]
    assert quality.verdict is Verdict.PASSED
    assert "does not show that the cell stood still" in quality.because
    assert "stationary" not in quality.because
    assert quality.drift.visible is not None and 0.005 < quality.drift.visible < 0.05


def test_visible_drift_is_seen_in_half_of_the_cases():
    clean = MADE.truths[0].clean
    visible = GATE(_spectrum(_noisy(clean, 0.003, 0))).spectra[0].drift.visible
    assert visible is not None
    passed = np.linspace(0.0, 1.0, clean.size)
    moved = [_spectrum(_noisy(clean * (1.0 + visible * passed), 0.003, k)) for k in range(60)]
    share = _verdicts(GATE(moved))[Verdict.DRIFT] / 60
    assert 0.25 < share < 0.75


def test_drift_in_real_time_is_seen_whatever_the_clock():
    """Linear in time where the slow points take all of it."""
    clean = MADE.truths[0].clean
    share = Periods()(MADE.frequency)
    moved = [_spectrum(_noisy(clean * (1.0 + 0.1 * share), 0.003, k)) for k in range(20)]
    assert _verdicts(GATE(moved))[Verdict.DRIFT] >= 18


def test_neighbours_see_what_kramers_kronig_cannot():
    """Five per cent of one arc a sweep: the next sweep goes on where this one ended."""
    pellet = ageing(count=1).truths[0].pellet
    r, f = pellet.resistance, MADE.frequency

    def sweep(number: int) -> Spectrum:
        grown = [1.0 + 0.05 * (number + k / (f.size - 1)) for k in range(f.size)]
        cells = [replace(pellet, resistance=(r[0], r[1], r[2] * g)) for g in grown]
        clean = [c.impedance(f[k : k + 1])[0] for k, c in enumerate(cells)]
        return _spectrum(_noisy(np.array(clean), 0.003, number))

    first, follow = sweep(0), sweep(1)
    assert GATE(first).spectra[0].verdict is Verdict.PASSED
    quality = GATE(first, neighbours=[follow]).spectra[0]
    assert quality.verdict is Verdict.DRIFT
    assert quality.drift.between is not None and 0.01 < quality.drift.between < 0.03
    assert "Kramers-Kronig alone would have passed this spectrum" in quality.warnings


def test_neighbours_that_do_not_change_raise_no_alarm():
    clean = MADE.truths[0].clean
    same = [_spectrum(_noisy(clean, 0.003, k)) for k in range(30)]
    found = GATE(same, neighbours=same)
    assert _verdicts(found)[Verdict.DRIFT] == 0
    assert all(q.drift.between is not None for q in found.spectra)
    assert all("stood still" not in q.because for q in found.spectra)


def test_a_sudden_event_does_not_mark_its_healthy_neighbour():
    """A short between the third and the fourth spectrum; a steady drift still shows."""
    clean = MADE.truths[0].clean
    level = [1.0, 1.0, 1.0, 0.4, 0.4, 0.4]
    series = [_spectrum(_noisy(a * clean, 0.003, k)) for k, a in enumerate(level)]
    assert _verdicts(GATE(series, neighbours=series))[Verdict.DRIFT] == 0
    grown = [_spectrum(_noisy((1.0 + 0.05 * k) * clean, 0.003, k)) for k in range(5)]
    assert _verdicts(GATE(grown, neighbours=grown))[Verdict.DRIFT] == 5


def test_a_single_neighbour_far_off_says_nothing_of_drift():
    clean = MADE.truths[0].clean
    sweep = Periods().duration(MADE.frequency)
    first = _spectrum(_noisy(clean, 0.003, 0), time=0.0)
    for sweeps, verdict in ((2.0, Verdict.DRIFT), (12.0, Verdict.PASSED)):
        later = _spectrum(_noisy(0.4 * clean, 0.003, 1), time=sweeps * sweep)
        assert GATE(first, neighbours=[later]).spectra[0].verdict is verdict


def test_chance_between_unchanged_spectra_is_a_probability():
    clean = MADE.truths[0].clean
    pairs = [[_spectrum(_noisy(clean, 0.003, 2 * k + j)) for j in (0, 1)] for k in range(300)]
    found = [between(one, other, 0.003, 5, Periods()) for one, other in pairs]
    chance = np.array([b.chance for b in found if b is not None])
    for level in (0.1, 0.5, 0.9):
        assert np.mean(chance < level) == pytest.approx(level, abs=0.1)


def test_repeated_frequencies_are_enough():
    clean = MADE.truths[0].clean
    first = _spectrum(_noisy(clean, 0.003, 1))
    few = [0, 20, 40, 60, 80]
    again = Spectrum.of(first.frequency[few], _noisy(1.05 * clean, 0.003, 2)[few])
    assert GATE(first, neighbours=[again]).spectra[0].verdict is Verdict.DRIFT


def test_change_between_spectra_far_apart_is_scaled_to_one_sweep():
    clean = MADE.truths[0].clean
    one = _spectrum(_noisy(clean, 0.003, 1), time=0.0)
    other = _spectrum(_noisy(1.05 * clean, 0.003, 2), time=1e6)
    sweep = Periods()
    found = between(one, other, 0.003, 5, sweep)
    assert found is not None
    assert found.change == pytest.approx(0.05 * sweep.duration(one.frequency) / 1e6, rel=0.1)
    assert GATE(one, neighbours=[other]).spectra[0].verdict is Verdict.PASSED


# --- bad points, ends, cables ---------------------------------------------------------------------


def test_three_points_are_located():
    rng = np.random.default_rng(8)
    found, extra, spectra, own = 0, 0, [], []
    for z in MADE.impedance:
        bad = rng.choice(z.size, 3, replace=False)
        z = z.copy()
        z[bad] *= 1.0 + 0.02 * np.exp(2j * np.pi * rng.random(3))
        spectra.append(_spectrum(z))
        own.append(set(bad.tolist()))
    for quality, bad in zip(GATE(spectra).spectra, own, strict=True):
        found += len(bad & set(quality.bad_points))
        extra += len(set(quality.bad_points) - bad)
    assert found >= 0.85 * 300
    assert extra <= 15


def test_one_outlier_does_not_spread():
    z = MADE.impedance[0].copy()
    z[40] *= 1.5
    quality = GATE(_spectrum(z)).spectra[0]
    assert quality.bad_points == (40,)
    assert quality.noise == pytest.approx(0.003, rel=0.2)


def test_cleaned_takes_the_named_points_and_nothing_else():
    z = MADE.impedance[0].copy()
    z[[10, 50]] *= 1.2
    lines = np.arange(7, 7 + z.size)
    spectrum = _spectrum(z, lines=lines)
    quality = GATE(spectrum).spectra[0]
    assert quality.verdict is Verdict.BAD_POINTS and "line 17" in quality.because
    cleaned = quality.cleaned(spectrum)
    assert np.array_equal(cleaned.impedance, np.delete(z, [10, 50]))
    assert np.array_equal(np.asarray(cleaned.lines), np.delete(lines, [10, 50]))
    assert GATE(cleaned).spectra[0].verdict is Verdict.PASSED
    with pytest.raises(DataError, match="not the spectrum that was judged"):
        quality.cleaned(cleaned)


def test_noisy_end_is_cut():
    rng = np.random.default_rng(3)
    z = MADE.impedance[1].copy()
    z[-8:] *= 1.0 + 0.1 * (rng.standard_normal(8) + 1j * rng.standard_normal(8))
    quality = GATE(_spectrum(z)).spectra[0]
    assert quality.verdict is Verdict.CUT
    assert quality.cut_below is not None and quality.cut_above is None
    assert 0.5 < quality.cut_below / MADE.frequency[-8] < 2.0


def test_short_cable_is_no_alarm_and_a_long_one_is_named():
    short = GATE(cabled(20e-9, count=20, seed=1).spectra).spectra
    assert all(q.inductive_above is None for q in short)
    assert not any("inductance" in w for q in short for w in q.warnings)
    for quality in GATE(cabled(10e-6, count=20, seed=1).spectra).spectra:
        assert quality.verdict is Verdict.PASSED
        assert quality.inductance is not None and quality.inductance_error is not None
        assert abs(quality.inductance - 10e-6) < 5.0 * quality.inductance_error
        assert quality.inductive_above is not None and quality.inductive_above > 2e5
        assert any("inductance" in w for w in quality.warnings)


def test_capacitance_of_a_blocking_cell():
    f = MADE.frequency
    s = 2j * np.pi * f
    clean = 10.0 + 200.0 / (1.0 + s * 1e-6) + 1.0 / (s * 1e-5)
    quality = GATE(_spectrum(_noisy(clean, 0.003, 1))).spectra[0]
    assert quality.verdict is Verdict.PASSED
    assert quality.capacitance == pytest.approx(1e-5, rel=0.02)
    assert Gate(blocking=False)(_spectrum(_noisy(clean, 0.003, 1))).spectra[0].capacitance is None


def test_not_positive_points_are_named():
    z = MADE.impedance[0].copy()
    z[5] = -z[5].real + 1j * z[5].imag
    quality = GATE(_spectrum(z)).spectra[0]
    assert quality.not_positive == (5,) and 5 in quality.bad_points
    assert any("not positive" in w for w in quality.warnings)


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (MADE.impedance[0].conj(), "wrong sign"),
        (-MADE.impedance[0], "real part is not positive"),
        (MADE.impedance[0][:6], "too few"),
    ],
)
def test_unreadable(z, words):
    quality = GATE(_spectrum(z, MADE.frequency[: z.size])).spectra[0]
    assert quality.verdict is Verdict.UNREADABLE and not quality.usable
    assert words in quality.because


def test_noise_and_nonsense_do_not_pass():
    rng = np.random.default_rng(0)
    loud = GATE(_spectrum(_noisy(MADE.truths[0].clean, 0.08, 1))).spectra[0]
    assert loud.verdict is Verdict.NOISY and re.search(r"noise is \d", loud.because)
    f = MADE.frequency
    nonsense = GATE(_spectrum(100.0 * rng.random(f.size) - 100j * rng.random(f.size))).spectra[0]
    assert nonsense.verdict is not Verdict.PASSED
    wrong = GATE(MADE.spectra[0], noise=0.0005).spectra[0]
    assert wrong.verdict is not Verdict.PASSED


@pytest.mark.parametrize("count", [10, 11, 14, 25])
def test_few_points_and_a_zero_are_survived(count):
    f = np.geomspace(1e5, 1.0, count)
    for place in (0, count // 2, count - 1):
        z = 10.0 + 100.0 / (1.0 + 2j * np.pi * f * 1e-3)
        z[place] = 0.0
        quality = GATE(Spectrum.of(f, z)).spectra[0]
        assert quality.verdict is Verdict.UNREADABLE or place in quality.bad_points


def test_inductive_loop_is_told():
    s = 2j * np.pi * MADE.frequency
    z = _noisy(10.0 + 100.0 / (1.0 + s * 1e-4) - 30.0 / (1.0 + s * 0.1), 0.001, 1)
    quality = GATE(_spectrum(z)).spectra[0]
    assert quality.verdict is Verdict.PASSED  # it obeys Kramers-Kronig
    assert any("inductive loop" in w for w in quality.warnings)


def test_impossible_noise_is_refused():
    with pytest.raises(DataError, match="relative noise"):
        GATE(MADE.spectra[0], noise=3.0)


def test_result_saves_and_loads():
    found = GATE(MADE.spectra[:2])
    assert decode(GateResult, found.to_dict()) == found
    assert len(found.rows()) == 2
    assert len(found.spectra[0].rows()) == MADE.frequency.size
