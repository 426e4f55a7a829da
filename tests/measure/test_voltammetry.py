"""Onsets of made voltammograms, and their place beside a computed window."""

import json
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.sweeps import made_sweep, sweeps
from anolyte.measure.traces.voltammetry import (
    ElectrodeKind,
    OnsetRules,
    Voltammogram,
    voltammetry,
)

CELL = Setup(area=1e-4, electrodes="C|Li")


def triangle(low=0.0, high=4.0, start=2.5, cycles=2, rate=1e-3, step=2e-3) -> tuple:
    """Time and voltage: down to `low`, up to `high`, back to the start, so many times."""
    down, up = np.arange(start, low, -step), np.arange(low, high, step)
    back = np.arange(high, start, -step)
    voltage = np.concatenate([np.concatenate([down, up, back])] * cycles)
    return np.arange(voltage.size) * step / rate, voltage


def made(reduction=1.7, oxidation=3.2, noise=2e-8, seed=0, cycles=2, rate=1e-3) -> Trace:
    """A wave with a peak below one potential going down, a rise above another going up."""
    time, voltage = triangle(cycles=cycles, rate=rate)
    rising = np.gradient(voltage) > 0.0
    x = np.maximum(0.0, reduction - voltage)
    wave = -4e-4 * x * np.exp(-x / 0.3) * ~rising
    rise = 2e-4 * np.maximum(0.0, voltage - oxidation) * rising
    double = 2e-7 * np.where(rising, 1.0, -1.0)
    random = noise * np.random.default_rng(seed).standard_normal(voltage.size)
    return Trace(time, voltage, wave + rise + double + 5e-8 * voltage + random, file="made")


def test_sweeps_and_scan_rate_come_from_the_rows() -> None:
    for rate in (1e-4, 1e-3, 5e-2):
        found = sweeps(made(rate=rate))
        assert [s.rises for s in found] == [False, True, False, True, False]
        assert [s.rate for s in found] == pytest.approx([rate] * 5, rel=1e-3)


def test_both_onsets_in_both_directions_and_every_cycle() -> None:
    found = voltammetry(made(cycles=3), CELL, ElectrodeKind.CARBON_COMPOSITE)
    down = [o for o in found.onsets if o.direction == "reduction"]
    up = [o for o in found.onsets if o.direction == "oxidation"]
    assert len(up) == 3
    for o in up:
        assert o.tangent == pytest.approx(3.2, abs=0.02)
        assert o.threshold == pytest.approx(3.2 + 1e-5 / 2e-4, abs=0.01)
    first = down[0]
    assert first.threshold == pytest.approx(1.7 - 1e-5 / 4e-4, abs=0.02)
    assert first.tangent == pytest.approx(1.7, abs=0.02)
    assert first.peak_current < 0.0
    assert found.scan_rate == pytest.approx(1e-3, rel=1e-3)
    assert found.reduction == first and found.oxidation == up[0]
    assert Voltammogram.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize("noise", [1e-8, 1e-7, 5e-7])
def test_noise_moves_onsets_little(noise: float) -> None:
    for seed in range(5):
        found = voltammetry(made(noise=noise, seed=seed), CELL)
        assert found.oxidation is not None and found.reduction is not None
        assert found.oxidation.tangent == pytest.approx(3.2, abs=0.03)
        assert found.reduction.tangent == pytest.approx(1.7, abs=0.05)


def test_a_sloping_background_is_taken_off() -> None:
    trace = made()
    leaking = replace(trace, current=trace.current + 3e-6 * trace.voltage)
    found, leaky = voltammetry(trace, CELL), voltammetry(leaking, CELL)
    assert leaky.oxidation is not None and found.oxidation is not None
    assert leaky.oxidation.tangent == pytest.approx(found.oxidation.tangent, abs=0.02)
    assert leaky.oxidation.threshold == pytest.approx(found.oxidation.threshold, abs=0.02)
    without = np.interp(3.0, trace.voltage[1300:3200], leaking.current[1300:3200])
    assert without > 8e-6  # the leak alone comes near the threshold


def test_the_tangent_is_that_of_the_first_of_two_waves() -> None:
    trace = made(reduction=1.9)
    x = np.maximum(0.0, 0.5 - trace.voltage)
    steep = np.where(np.gradient(trace.voltage) > 0.0, 0.0, -4e-3 * x)
    found = voltammetry(replace(trace, current=trace.current + steep), CELL)
    assert found.reduction is not None
    assert found.reduction.tangent == pytest.approx(1.9, abs=0.03)


def test_shift_of_time_changes_nothing_and_a_higher_threshold_moves_outwards() -> None:
    trace = made()
    later = voltammetry(replace(trace, time=trace.time + 1e5), CELL)
    plain = voltammetry(trace, CELL)
    assert [o.tangent for o in later.onsets] == pytest.approx([o.tangent for o in plain.onsets])
    outer = voltammetry(trace, CELL, rules=OnsetRules(threshold=0.3))
    assert outer.oxidation.threshold > plain.oxidation.threshold + 0.05
    assert outer.reduction.threshold < plain.reduction.threshold - 0.02
    assert outer.oxidation.tangent == pytest.approx(plain.oxidation.tangent, abs=0.01)


def test_nothing_happens_and_nothing_is_found() -> None:
    found = voltammetry(made(reduction=-1.0, oxidation=9.0), CELL)
    assert found.reduction is None and found.oxidation is None
    assert all(o.tangent is None for o in found.onsets)


def test_what_is_not_known_is_told() -> None:
    found = voltammetry(made(), Setup())
    text = " ".join(found.warnings)
    assert "no area" in text and "counter electrode" in text and "--electrode" in text
    assert not found.against_lithium
    bare = voltammetry(made(), CELL, ElectrodeKind.BARE_METAL)
    assert any("bare metal" in w for w in bare.warnings)
    loud = voltammetry(made(noise=5e-6), CELL)
    assert any("noise, not the rule" in w for w in loud.warnings)


def test_gradual_onsets_are_told() -> None:
    time, voltage = triangle(cycles=1)
    current = 1e-9 * np.exp((voltage - 1.0) / 0.25) * (np.gradient(voltage) > 0)
    found = voltammetry(Trace(time, voltage, current), CELL)
    assert any("gradual" in w for w in found.warnings)


def test_a_window_of_the_users_own_is_taken_or_refused() -> None:
    rules = OnsetRules(window=(2.0, 2.4))
    found = voltammetry(made(), CELL, rules=rules)
    assert found.onsets[1].quiet == (2.0, 2.4)
    with pytest.raises(DataError, match="no rows of a sweep"):
        voltammetry(made(), CELL, rules=OnsetRules(window=(8.0, 9.0)))


def test_cycling_data_are_no_voltammogram() -> None:
    t = np.arange(1000.0)
    with pytest.raises(DataError, match="not swept"):
        voltammetry(Trace(t, np.where(t % 100 < 50, 0.1, -0.1), np.ones(1000)), CELL)
    with pytest.raises(DataError, match="not swept"):
        voltammetry(Trace(t[:4], t[:4], t[:4]), CELL)


def test_beside_the_computed_window() -> None:
    from anolyte.studies.measured_window import MeasuredWindow, beside_computed

    narrow = voltammetry(made(reduction=1.0, oxidation=3.2), CELL, ElectrodeKind.BARE_METAL)
    found = beside_computed(narrow, "Li6PS5Cl")
    assert 1.6 < found.reduction_limit < 2.0 < found.oxidation_limit < 2.5
    assert found.reduction_gap == pytest.approx(found.reduction_limit - narrow.reduction.threshold)
    assert found.oxidation_gap > 0.5
    assert any("passivation" in r for r in found.reasons)
    assert any("flat electrode" in r for r in found.reasons)
    assert any("7 V" in r for r in found.reported)  # the review's contrast with 1.71-2.01 V
    assert MeasuredWindow.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    inside = beside_computed(voltammetry(made_sweep(onset=1.8), CELL), "Li6PS5Cl")
    assert inside.oxidation_gap < -0.1 and any("narrower" in r for r in inside.reasons)
    with pytest.raises(DataError, match="against Li"):
        beside_computed(voltammetry(made(), Setup()), "Li6PS5Cl")


def test_a_sweep_of_few_rows_has_a_limit_and_says_what_set_it() -> None:
    voltage = np.linspace(1.0, 3.0, 10)  # a fifth of it holds two rows: no noise to speak of
    current = 1e-7 + 1e-4 * np.maximum(0.0, voltage - 2.0)
    found = voltammetry(Trace(1e3 * (voltage - 1.0), voltage, current), Setup(area="1 cm2"))
    assert np.isfinite(found.onsets[0].threshold_current)
    assert any("noise, not the rule" in w for w in found.warnings)


def test_noise_does_not_move_the_tangent_of_a_straight_rise() -> None:
    cell, off = Setup(area="1 cm2", electrodes="C|Li"), []
    for seed in range(20):
        scan = voltammetry(made_sweep(onset=2.2, turns=1, noise=1e-7, seed=seed), cell)
        assert scan.oxidation is not None and scan.oxidation.tangent is not None
        off.append(abs(scan.oxidation.tangent - 2.2))
    assert np.median(off) < 3e-3  # it was 12 mV: a slope far from the onset, steeper by chance
