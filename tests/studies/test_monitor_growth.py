"""A growing resistance is told once, as a law with its forecast; leaving the law is told too."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.result import decode, encode
from anolyte.measure.detectors import Sample
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import CIRCUIT, ageing
from anolyte.studies.monitor.growth import Growth, GrowthState
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Where

HOUR = 3600.0
T = np.arange(200) * 0.5
"""Hours."""
MADE = {
    "parabolic": 120.0 + 24.0 * np.sqrt(T),
    "linear": 120.0 + 2.0 * T,
    "logarithmic": 120.0 + 40.0 * np.log1p(T),
    "saturating": 120.0 + 200.0 * (1.0 - np.exp(-T / 20.0)),
}
KINK = np.where(T < 50.0, 120.0 + 24.0 * np.sqrt(T), 120.0 + 24.0 * 50.0**0.5 + 6.0 * (T - 50.0))


def fed(values, seed=0, noise=0.002, hours=T, **more):
    """Alarms as (number, detector, text), and the last state; the state is saved each time."""
    rng = np.random.default_rng(seed)
    growth, told = Growth(), []
    state = growth.start()
    for k, v in enumerate(values):
        r = float(v * (1.0 + noise * rng.standard_normal()))
        sample = Sample(k, r, noise, condition="1", time=1e9 + HOUR * float(hours[k]))
        state = decode(GrowthState, json.loads(json.dumps(encode(state), allow_nan=False)))
        state, alarm = growth.feed(state, replace(sample, **more))
        if alarm is not None:
            told.append((k, alarm.detector, alarm.text))
    return told, state


@pytest.mark.parametrize("law", MADE)
@pytest.mark.parametrize("seed", range(3))
def test_growth_is_told_once_and_foretold(law, seed):
    told, state = fed(MADE[law], seed)
    assert [name for _, name, _ in told] == ["growth"]
    assert told[0][0] < 25 and "in as long again" in told[0][2]
    assert state.law is not None and len(state.times) <= 64
    ahead = (state.times[0] - 1e9 + state.law.knots[-1]) / HOUR
    truth = {
        "parabolic": 120.0 + 24.0 * ahead**0.5, "linear": 120.0 + 2.0 * ahead,
        "logarithmic": 120.0 + 40.0 * np.log1p(ahead),
        "saturating": 320.0 - 200.0 * np.exp(-ahead / 20.0),
    }[law]  # fmt: skip
    assert state.law.low[-1] <= truth <= state.law.high[-1]
    assert state.law.forecast == pytest.approx(truth, rel=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_told_of_a_constant(seed):
    assert fed(np.full(200, 120.0), seed) == ([], fed(np.full(200, 120.0), seed)[1])


@pytest.mark.parametrize("seed", range(3))
def test_a_law_that_is_left_is_told_once(seed):
    told, state = fed(KINK, seed)
    assert [name for _, name, _ in told] == ["growth", "growth"]
    assert "left its law" in told[1][2] and 100 < told[1][0] < 115
    assert state.law is not None and state.law.rises  # learned anew, silently
    assert state.law.exponent == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(("place", "step"), [(20, 0.05), (60, 0.05), (60, 0.01), (20, 0.01)])
@pytest.mark.parametrize("seed", range(3))
def test_a_step_is_a_drift_and_no_law(place, step, seed):
    values = np.where(np.arange(120) < place, 120.0, 120.0 * (1.0 + step))
    told, state = fed(values, seed, noise=0.003)
    assert [name for _, name, _ in told] == ["drift"] and state.law is None


def test_one_outlier_is_no_law():
    values = np.full(60, 120.0)
    values[40] = 130.0
    told, state = fed(values)
    assert [name for _, name, _ in told] in (["drift"], ["drift", "drift"]) and state.law is None


def test_a_resistance_that_falls_by_a_law_is_told_once_as_drift():
    told, state = fed(100.0 + 50.0 * np.exp(-T / 10.0))
    assert [name for _, name, _ in told] == ["drift"] and "falls" in told[0][2]
    assert state.law is not None and not state.law.rises


def test_without_a_clock_growth_drifts_as_ever():
    told, state = fed(MADE["linear"], time=None)
    assert len(told) > 3 and {name for _, name, _ in told} == {"drift"} and state.times == ()


def test_other_conditions_and_a_clock_set_back_begin_anew():
    growth = Growth()
    _, state = fed(MADE["parabolic"][:60])
    assert state.law is not None
    sample = Sample(60, 130.0, 0.002, condition="1", time=1e9)
    again, alarm = growth.feed(state, sample)
    assert again.law is None and again.times == (1e9,) and alarm is None
    other, alarm = growth.feed(state, replace(sample, condition="2", time=2e9))
    assert other.law is None and other.times == (2e9,) and alarm is None


def test_points_are_kept_evenly_in_the_root_of_time():
    _, state = fed(MADE["parabolic"])
    root = np.sqrt(np.array(state.times) - state.times[0])
    assert len(root) == 64 and state.times[-1] == 1e9 + HOUR * T[-1]
    assert np.diff(root)[2:].max() < 2.0 * np.median(np.diff(root))


def test_the_watch_tells_the_made_ageing_once_with_its_forecast():
    """Of the interface: 24 ohm a root hour. Numbers hold the forecast; a second run is the same."""
    made = ageing(count=60)
    setup = Setup(area="0.7854 cm2", thickness="1 mm", electrodes="Li|Li", temperature=298.15)
    lines = []
    for _ in range(2):
        judge, state, found = SpectrumJudge(circuit=CIRCUIT), {}, []
        for k, spectrum in enumerate(made.spectra, 1):
            at = replace(spectrum, clock=1e9 + (spectrum.time or 0.0))
            said, state = judge(at, Where(".", "s", k, setup), json.loads(json.dumps(state)))
            found += said
        lines.append([d.line() for d in found])
    assert lines[0] == lines[1]
    told = [(d.number, a) for d in found for a in d.alarms]
    face = [a for _, a in told if a.because.startswith("R3")]
    assert [a.name for a in face] == ["growth"] and "free exponent 0." in face[0].because
    assert not any(a.name == "drift" for _, a in told)
    last = found[-1].numbers
    ahead = (made.spectra[-1].time + last["R3, forecast in"].si) / HOUR
    forecast = last["R3, forecast"]
    assert forecast.si == pytest.approx(120.0 + 24.0 * ahead**0.5, abs=4.0 * forecast.sigma + 2.0)
    assert last["R3, exponent"].si == pytest.approx(0.5, abs=0.1)
    assert any(n.startswith("R3: grows") for d in found for n in d.notes)
    assert len(json.dumps(state)) < 40_000
