"""Shorts from spectra: below the bulk, a collapsed arc, lost contact; detectors keep no history."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import MissingProperty
from anolyte.core.result import decode, encode
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.measure import synthetic
from anolyte.measure.detectors import ArcCollapse, BelowBulk, ContactLoss, Cusum, Sample
from anolyte.measure.processes.conductivity import published
from anolyte.measure.processes.short_test import (
    Expected,
    SeriesAlarms,
    ShortTest,
    fresh,
    from_library,
    total_below_bulk,
    watch_series,
)
from anolyte.measure.resistance import CellResistance
from anolyte.measure.series.arrhenius import of_conductivity, of_resistance
from anolyte.measure.setup import Setup

CELL = Setup(area=math.pi * 0.25e-4, thickness=1e-3, electrodes="Li|Li", temperature=298.15)
T = np.linspace(273.0, 333.0, 7)
SIGMA = 0.05 * 298.15 / T * np.exp(
    -0.3 * ELEMENTARY_CHARGE / BOLTZMANN * (1.0 / T - 1.0 / 298.15)
)  # fmt: skip


def healthy(count=60, relative=0.005, seed=0):
    rng = np.random.default_rng(seed)
    return [
        Sample(k, 120.0 * math.exp(relative * rng.standard_normal()), relative,
               2e-6 * math.exp(relative * rng.standard_normal()), relative, 2.4e-4)
        for k in range(count)
    ]  # fmt: skip


def test_the_expected_resistance_follows_temperature():
    law = of_conductivity(T, SIGMA, np.full(T.size, 0.01))
    room = fresh(law, CELL)
    assert room.resistance.value == pytest.approx(254.65, rel=1e-4)
    warm = fresh(law, replace(CELL, temperature=323.15))
    assert warm.resistance.value < 0.5 * room.resistance.value
    assert room.warnings == ()
    assert "extrapolated" in fresh(law, replace(CELL, temperature=400.0)).warnings[0]
    with pytest.raises(MissingProperty, match="of a conductivity"):
        fresh(of_resistance(T, [CellResistance(float(1 / s)) for s in SIGMA]), CELL)
    with pytest.raises(MissingProperty, match="area"):
        fresh(law, replace(CELL, area=None))


def test_a_total_below_the_bulk_is_a_short_and_two_deviations_are_asked():
    bulk = Expected(CellResistance(254.65, 5.0), "the same cell when fresh")
    found = total_below_bulk(CellResistance(180.0, 2.0), bulk)
    assert found.short
    assert 1.0 / found.least_path == pytest.approx(1.0 / 180.0 - 1.0 / 254.65)
    assert "electronic path" in found.warnings[0]
    assert not total_below_bulk(CellResistance(475.0, 2.0), bulk).short
    edge = 254.65 - 2.0 * math.hypot(5.0, 2.0)
    assert not total_below_bulk(CellResistance(edge + 0.1, 2.0), bulk).short
    assert total_below_bulk(CellResistance(edge - 0.1, 2.0), bulk).short
    assert ShortTest.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_false_shorts_are_as_rare_as_two_deviations():
    rng = np.random.default_rng(0)
    bulk = Expected(CellResistance(254.65, 5.0), "made")
    shorts = sum(
        total_below_bulk(CellResistance(254.65 + math.hypot(5, 3) * x, 3.0), bulk).short
        for x in rng.standard_normal(2000)
    )
    assert 0.012 < shorts / 2000 < 0.035  # one side of two deviations: 2.3 %


def test_the_library_stands_in_with_its_best_report():
    setup = replace(CELL, electrolyte="LLZTO")
    reports = published(setup)
    expected = from_library(reports, setup)
    assert expected.resistance.value == pytest.approx(1e-3 / (reports.high * CELL.area))
    assert "measure the cell when fresh" in expected.warnings[0]


def test_a_collapse_is_seen_at_once_and_noise_is_not():
    quiet = watch_series(healthy(200))
    assert quiet.alarms == ()
    short = [*healthy(20), *(replace(s, number=20 + k, resistance=60.0)
                             for k, s in enumerate(healthy(5)))]  # fmt: skip
    found = watch_series(short)
    assert [a.number for a in found.alarms] == [20, 21, 22, 23, 24]  # a short that lasts goes on
    assert {a.detector for a in found.alarms} == {"arc collapse"}
    assert "50%" in found.alarms[0].text
    small = [*healthy(20), Sample(20, 90.0, 0.005)]  # a quarter less is not a collapse
    assert watch_series(small).alarms == ()
    vague = [*healthy(20), Sample(20, 60.0, 0.5)]  # an error as large as the fall
    assert watch_series(vague).alarms == ()


def test_growth_is_no_collapse_and_no_lost_contact():
    made = synthetic.ageing(count=100).truths
    samples = [
        Sample(k, a.resistance, 0.005, a.capacitance, 0.005, a.time_constant)
        for k, a in enumerate(t.arcs[2] for t in made)
    ]
    assert watch_series(samples).alarms == ()


def test_a_change_of_conditions_starts_anew():
    cold = [replace(s, condition="25 C") for s in healthy(20)]
    warm = [replace(s, number=20 + k, resistance=20.0, condition="60 C")
            for k, s in enumerate(healthy(20))]  # fmt: skip
    assert watch_series([*cold, *warm]).alarms == ()
    assert watch_series([*cold, *(replace(s, condition="25 C") for s in warm)]).alarms


def test_lost_contact_has_less_capacitance_at_the_same_time_constant():
    """Half of the contact: R doubles, C halves, tau stays."""
    lost = [replace(s, number=20 + k, resistance=2 * s.resistance, capacitance=s.capacitance / 2)
            for k, s in enumerate(healthy(5))]  # fmt: skip
    found = watch_series([*healthy(20), *lost])
    assert {a.detector for a in found.alarms} == {"contact loss"}
    assert found.alarms[0].number == 21  # two in a row are asked
    assert "50%" in found.alarms[0].text
    slower = [replace(s, time_constant=2.0 * s.time_constant) for s in lost]
    assert watch_series([*healthy(20), *slower]).alarms == ()


def test_cusum_finds_a_small_lasting_shift_and_seldom_cries_without():
    detector = Cusum()
    delays, false = [], 0
    for seed in range(40):
        state, first = detector.start(), None
        samples = healthy(60, 0.01, seed)
        for k, sample in enumerate(samples):
            moved = sample if k < 30 else replace(sample, resistance=sample.resistance * 1.03)
            state, alarm = detector.feed(state, moved)
            if alarm is not None and first is None:
                first = k
        false += first is not None and first < 30
        if first is not None and first >= 30:
            delays.append(first - 30)
    assert false <= 4
    assert len(delays) >= 33
    assert np.median(delays) <= 5
    assert "risen" in _first(
        detector, [*healthy(20), *(replace(s, resistance=s.resistance * 1.1) for s in healthy(10))]
    )
    assert "fallen" in _first(
        detector, [*healthy(20), *(replace(s, resistance=s.resistance * 0.9) for s in healthy(10))]
    )


def _first(detector, samples):
    state = detector.start()
    for sample in samples:
        state, alarm = detector.feed(state, sample)
        if alarm is not None:
            return alarm.text
    return ""


@pytest.mark.parametrize("detector", [Cusum(), ArcCollapse(), ContactLoss(), BelowBulk(100.0)])
def test_a_detector_stopped_anywhere_goes_on_as_if_it_had_not(detector):
    samples = [*healthy(40), *(replace(s, number=40 + k, resistance=40.0, capacitance=6e-6)
                               for k, s in enumerate(healthy(10)))]  # fmt: skip
    whole, broken = detector.start(), detector.start()
    for sample in samples:
        whole, one = detector.feed(whole, sample)
        text = json.dumps(encode(broken))
        assert len(text) < 2000  # a few numbers, whatever came before
        broken, other = detector.feed(decode(type(broken), json.loads(text)), sample)
        assert one == other
    assert whole == broken


def test_alarms_go_through_json():
    found = watch_series([*healthy(20), Sample(20, 30.0, 0.005)])
    assert SeriesAlarms.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert found.rows()[0]["number"] == 20


@pytest.mark.parametrize("detector", [Cusum(), ArcCollapse(), ContactLoss()])
def test_a_resistance_that_the_fit_does_not_know_says_nothing(detector):
    """A wild value of unknown error raises no alarm and does not move the reference."""
    state = detector.start()
    for k in range(30):
        state, alarm = detector.feed(
            state, Sample(k, 100.0 + 0.1 * (k % 2), 0.01, 1e-6, 0.01, 1e-4)
        )
        assert alarm is None
    wild = Sample(30, 3.0, math.inf, 1e-8, 0.01, 1e-4)
    assert detector.feed(state, wild) == (state, None)
    assert detector.feed(state, replace(wild, resistance_error=0.01)) != (state, None)


def test_an_unknown_total_is_not_below_the_bulk():
    detector = BelowBulk(100.0)
    assert detector.feed(detector.start(), Sample(1, 3.0, math.inf))[1] is None
    assert detector.feed(detector.start(), Sample(1, 3.0, 0.1))[1] is not None


def test_an_error_that_is_no_number_is_no_short():
    detector = BelowBulk(100.0, math.nan)
    assert detector.feed(detector.start(), Sample(0, 50.0, 0.01))[1] is None
    sure = BelowBulk(100.0)
    assert sure.feed(sure.start(), Sample(0, 50.0, math.nan))[1] is None
    assert sure.feed(sure.start(), Sample(0, 50.0, 0.01))[1] is not None
