"""Half cycles, shorts, ramps, voids, overpotentials, lives and efficiencies of made traces."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.measure.records import CycleTable, Trace
from anolyte.measure.resistance import CellResistance
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import Short, ramp, soft_shorts
from anolyte.measure.traces.efficiency import (
    Accuracy,
    lithium_inventory,
    plating_efficiency,
    reservoir_efficiency,
)
from anolyte.measure.traces.half_cycles import HalfCycles, Series, Splitting, half_cycles, pieces
from anolyte.measure.traces.overpotential import (
    SpectrumParts,
    charge_transfer_overpotential,
    remainder,
    split_overpotential,
)
from anolyte.measure.traces.polarisation import SymmetricLife, symmetric_life
from anolyte.measure.traces.ramp import CriticalRamp, critical_current
from anolyte.measure.traces.reading import CellKind, CyclingReading, read_cycling
from anolyte.measure.traces.shorts import ShortCheck, ShortDetector, find_shorts
from anolyte.measure.traces.sweeps import made_sweep
from anolyte.measure.traces.voids import find_voids
from anolyte.measure.traces.watching import ShortState

AREA = 7.853981633974483e-05
KNOWN = Setup(area=AREA, temperature=298.15, stack_pressure=5e6, electrodes="Li|Li")


def square(currents, duration=1000.0, step=10.0, resistance=100.0, noise=0.0, seed=0) -> Trace:
    """Half cycles of given currents (A), rows at the end of each interval."""
    rows = round(duration / step)
    current = np.repeat(np.asarray(currents, float), rows)
    time = step * np.arange(1, current.size + 1)
    voltage = resistance * current
    voltage = voltage + noise * np.random.default_rng(seed).standard_normal(current.size)
    return Trace(time, voltage, current)


def healthy(rng: np.random.Generator) -> Trace:
    """A ramp without a short: levels, noise, growth, drift and rests drawn at random."""
    levels = np.linspace(1.0, rng.uniform(5.0, 20.0), rng.integers(4, 11)) * 1e-4
    rows = int(rng.integers(20, 120))
    rest = int(rng.integers(0, 4))
    growth, drift = rng.uniform(0.0, 0.6), rng.uniform(-0.02, 0.05)
    noise = 10.0 ** rng.uniform(-6.0, -3.5)
    x = np.linspace(0.0, 1.0, rows)
    current, shape = [], []
    for k, level in enumerate(levels):
        for sign in (1.0, -1.0):
            current += [sign * level] * rows + [0.0] * rest
            bend = 1.0 + growth * level / levels[-1] * x**2
            shape += list((1.0 + drift) ** k * bend) + [1.0] * rest
    i = np.array(current)
    v = 300.0 * np.array(shape) * i * (1.0 + noise * 10 * rng.standard_normal(i.size))
    return Trace(10.0 * np.arange(1, i.size + 1), v + noise * 1e-2 * rng.standard_normal(i.size), i)


# --- half cycles --------------------------------------------------------------------------------


def test_charge_adds_up_to_the_integral_of_the_current() -> None:
    trace, _ = ramp()
    found = half_cycles(trace)
    charges = [h.charge for h in found.half_cycles]
    assert len(charges) == 40
    assert sum(charges) == pytest.approx(found.throughput, rel=1e-12)
    assert sum(charges) == pytest.approx(np.sum(np.abs(trace.current)) * 10.0, rel=1e-12)
    assert charges[0] == pytest.approx(1.0 * AREA * 1800.0, rel=1e-12)
    assert [h.duration for h in found.half_cycles] == pytest.approx([1800.0] * 40)


@pytest.mark.parametrize("both_ends", [False, True])
def test_stamps_at_start_end_or_both_give_one_charge(both_ends: bool) -> None:
    ends = square([1e-3, -1e-3, 1e-3])
    starts = replace(ends, time=ends.time - 10.0)
    if both_ends:  # the row of a step's end and of the next one's start at the same time
        t = np.concatenate([1000.0 * k + np.linspace(0.0, 1000.0, 101) for k in range(3)])
        i = np.repeat([1e-3, -1e-3, 1e-3], 101)
        starts = Trace(t, 100.0 * i, i)
    for trace in (ends, starts):
        charges = [h.charge for h in half_cycles(trace).half_cycles]
        assert charges == pytest.approx([1.0] * 3, rel=1e-9)


def test_shift_of_time_and_units_of_current_change_nothing_else() -> None:
    trace, _ = ramp()
    plain = half_cycles(trace)
    later = half_cycles(replace(trace, time=trace.time + 1e6))
    larger = half_cycles(replace(trace, current=1e3 * trace.current, voltage=1e3 * trace.voltage))
    for a, b, c in zip(plain.half_cycles, later.half_cycles, larger.half_cycles, strict=True):
        assert b.charge == pytest.approx(a.charge, rel=1e-9)
        assert b.start - a.start == pytest.approx(1e6)
        assert c.charge == pytest.approx(1e3 * a.charge)
        assert c.resistance == pytest.approx(a.resistance)
    assert critical_current(replace(trace, time=trace.time + 1e6), KNOWN).survived == (
        critical_current(trace, KNOWN).survived
    )


def test_rests_split_nothing_and_carry_nothing() -> None:
    i = np.array([0.0] * 5 + [1e-3] * 50 + [0.0] * 20 + [1e-3] * 50 + [0.0] * 30 + [-1e-3] * 50)
    found = half_cycles(Trace(10.0 * np.arange(i.size), 100.0 * i, i))
    first, second = found.half_cycles
    assert first.charge == pytest.approx(1.0) and second.charge == pytest.approx(0.5)
    assert first.resting == pytest.approx(300.0) and found.resting == pytest.approx(550.0)


def test_a_rest_that_was_not_written_is_no_charge() -> None:
    trace = square([1e-3, -1e-3])
    time = trace.time + np.where(trace.current < 0.0, 3600.0, 0.0)
    assert half_cycles(replace(trace, time=time)).half_cycles[0].charge == pytest.approx(1.0)


def test_one_sided_ramps_are_cut_at_rises() -> None:
    current = np.repeat([1e-4, 2e-4, 3e-4], 30)
    current[30] = 1.3e-4  # the cycler is still on its way to the new level
    assert [p.size for p in pieces(current, Splitting())] == [30, 30, 30]


def test_skipped_seconds_do_not_count_for_the_resistance() -> None:
    trace = square([1e-3, -1e-3], step=1.0)
    voltage = trace.voltage.copy()
    voltage[1000:1009] = 0.0
    found = half_cycles(replace(trace, voltage=voltage), splitting=Splitting(skip=10.0))
    assert found.half_cycles[1].voltage_start == pytest.approx(-0.1)


def test_without_area_it_stays_ohm_and_says_so() -> None:
    trace, _ = ramp()
    assert "no area" in half_cycles(trace).warnings[0]
    assert "resistance [Ω]" in half_cycles(trace).rows()[0]
    per_area = half_cycles(trace, KNOWN)
    assert not per_area.warnings
    assert per_area.rows()[0]["resistance [Ω cm²]"] == pytest.approx(300.0, rel=0.01)
    assert HalfCycles.from_dict(json.loads(json.dumps(per_area.to_dict()))) == per_area


def test_no_current_is_refused() -> None:
    t = np.arange(100.0)
    for ask in (half_cycles, find_shorts, critical_current, find_voids, symmetric_life):
        with pytest.raises(DataError, match="no current"):
            ask(Trace(t, 0.1 + 0.0 * t, 1e-9 + 0.0 * t))


# --- shorts -------------------------------------------------------------------------------------


def test_the_made_ramp_gives_the_figures_of_its_definition() -> None:
    trace, truth = ramp()
    found = critical_current(trace, KNOWN)
    assert found.check.shorts[0].alarm == 36_930.0 and found.check.shorts[0].start == 36_910.0
    assert found.kind == "soft" and found.ending == "short"
    assert found.critical_current_density == pytest.approx(10.0)
    assert found.failed_current_density == pytest.approx(11.0)
    assert found.completed_areal_capacity == pytest.approx(5.5 * 3.6e4)
    assert found.cumulative_areal_capacity == pytest.approx(5.775 * 3.6e4)
    assert found.threshold_capacity == pytest.approx(0.275 * 3.6e4)
    assert found.increment / AREA == pytest.approx(1.0) and found.step_time == pytest.approx(1800.0)
    assert [q / AREA / 3.6e4 for q in found.step_charge] == pytest.approx([0.05, 0.5])
    assert not found.by_charge and not found.one_sided and found.interruption == 0.0
    assert truth.passed == pytest.approx(found.cumulative_areal_capacity)
    assert CriticalRamp.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_the_reference_stands_still_under_an_alarm() -> None:
    trace, _ = ramp()
    (short,) = find_shorts(trace).shorts
    assert short.end is None
    assert short.reference * AREA == pytest.approx(0.031, rel=0.01)
    assert find_shorts(trace).reference == short.reference


@pytest.mark.parametrize("seed", range(3))
def test_portions_give_the_answer_of_all_rows_at_once(seed: int) -> None:
    trace, _ = soft_shorts(seed + 1, seed=seed)[-1]
    detector = ShortDetector()
    whole = detector.watch(trace)
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(trace), 40))
    state = None
    for a, b in zip([0, *cuts], [*cuts, len(trace)], strict=True):
        state = detector.watch(trace.part(slice(a, b)), state)
        state = ShortState.from_dict(json.loads(json.dumps(state.to_dict())))  # after a kill
    assert state == whole
    assert len(json.dumps(whole.to_dict())) < 20_000
    assert detector.judge(whole) == replace(find_shorts(trace), file="")


def test_rows_that_were_seen_are_refused() -> None:
    trace, _ = ramp()
    detector = ShortDetector()
    state = detector.watch(trace.part(slice(0, 100)))
    with pytest.raises(DataError, match="seen already"):
        detector.watch(trace.part(slice(50, 150)), state)


def test_passing_shorts_of_random_depth_and_length() -> None:
    """Found in all ramps where three rows are low, and in no other place."""
    found = 0
    for trace, truth in soft_shorts(40, seed=3):
        (short,) = truth.shorts
        inside = (trace.time > short.start) & (trace.time <= short.start + short.length)
        check = find_shorts(trace)
        if inside.sum() < 4:  # a row may fall into the skipped start of a half cycle
            continue
        (seen,) = check.shorts
        found += 1
        assert 0.0 < seen.start - short.start <= 20.0
        assert seen.alarm - seen.start <= 30.0
        assert seen.kind == "soft"
        if seen.end is not None:
            assert abs(seen.end - short.start - short.length) <= 20.0
        else:
            assert trace.time[-1] - short.start - short.length < 30.0
        assert seen.resistance * AREA / 0.03 == pytest.approx(short.depth, rel=0.02)
    assert found >= 30


def test_a_healthy_ramp_raises_no_alarm() -> None:
    rng = np.random.default_rng(7)
    alarms = [find_shorts(healthy(rng)).kind for _ in range(150)]
    assert alarms.count("healthy") == len(alarms)


@pytest.mark.campaign
def test_false_alarms_of_healthy_ramps(campaign) -> None:
    rng = np.random.default_rng(campaign.seed)
    count = campaign.size(full=1000, reduced=50)
    false = sum(find_shorts(healthy(rng)).kind != "healthy" for _ in range(count))
    campaign.record(false_alarms=false)
    assert false == 0


def test_hard_and_soft_and_deep() -> None:
    deep = Short(start=36_900.0, length=np.inf, depth=0.02)
    assert find_shorts(ramp((deep,))[0]).kind == "hard"
    passing = Short(start=36_900.0, length=3000.0, depth=0.02)
    assert find_shorts(ramp((passing,))[0]).kind == "soft"
    bulk = ShortDetector(bulk=254.65)  # of 382 ohm: 2 % of the cell is 3 % of the bulk
    assert find_shorts(ramp((deep,))[0], detector=bulk).kind == "hard"
    tenth = ShortDetector(bulk=100.0)
    assert find_shorts(ramp((deep,))[0], detector=tenth).kind == "soft"


def test_noise_that_jumps_is_a_noisy_soft_short() -> None:
    trace, _ = ramp(())
    rng = np.random.default_rng(0)
    flicker = np.where(trace.time > 30_000, 0.02 * trace.voltage, 0.0)
    noisy = replace(trace, voltage=trace.voltage + flicker * rng.standard_normal(len(trace)))
    check = find_shorts(noisy)
    assert check.kind == "noisy-soft" and check.noisy[0] == 17
    assert any("loose contact" in w for w in check.warnings)


def test_a_cell_below_its_bulk_is_shorted_whatever_its_voltage_does() -> None:
    trace = square([1e-3, -1e-3] * 5)
    assert find_shorts(trace).kind == "healthy"
    check = find_shorts(trace, detector=ShortDetector(bulk=250.0))
    assert check.kind == "soft" and any("past the ions" in w for w in check.warnings)


def test_a_slow_fall_is_told_though_it_raises_no_alarm() -> None:
    halves = [1e-3, -1e-3] * 8
    parts = [square([i], resistance=100.0 * 0.9**k) for k, i in enumerate(halves)]
    time = 10.0 * np.arange(1, 100 * len(halves) + 1)
    trace = Trace(time, np.concatenate([p.voltage for p in parts]),
                  np.concatenate([p.current for p in parts]))  # fmt: skip
    check = find_shorts(trace)
    assert check.kind == "healthy"
    assert any("too slowly for an alarm" in w for w in check.warnings)


def test_silence_names_the_sampling_interval() -> None:
    check = find_shorts(ramp(())[0])
    assert check.kind == "healthy" and check.interval == pytest.approx(10.0)
    assert "sampling interval of 10 s" in check.warnings[0]
    assert ShortCheck.from_dict(json.loads(json.dumps(check.to_dict()))) == check


def test_one_good_row_does_not_end_a_short() -> None:
    trace = square([1e-3, -1e-3] * 3)
    voltage = trace.voltage.copy()
    voltage[330:390] *= 0.2
    voltage[350] *= 5.0
    (short,) = find_shorts(replace(trace, voltage=voltage)).shorts
    assert short.start == pytest.approx(trace.time[330])
    assert short.end == pytest.approx(trace.time[390])
    assert short.resistance == pytest.approx(20.0)


def test_a_rest_that_was_not_written_is_no_charge_row_by_row_either() -> None:
    trace = square([1e-3, -1e-3] * 2)
    gap = replace(trace, time=trace.time + np.where(np.arange(400) >= 100, 3600.0, 0.0))
    plain, late = ShortDetector().watch(trace), ShortDetector().watch(gap)
    assert late.throughput == pytest.approx(plain.throughput) == pytest.approx(4.0, rel=0.003)


def test_shorts_and_half_cycles_count_alike() -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        trace = healthy(rng)
        state = ShortDetector().watch(trace)
        assert state.number == len(half_cycles(trace).half_cycles)
        last = half_cycles(trace)
        assert state.throughput == pytest.approx(last.throughput, rel=0.02)


# --- ramps --------------------------------------------------------------------------------------


def test_a_critical_current_is_not_stated_without_its_conditions() -> None:
    trace, _ = ramp()
    for setup in (Setup(), Setup(area=AREA), Setup(area=AREA, temperature=298.15)):
        found = critical_current(trace, setup)
        assert found.critical_current_density is None
        assert found.survived == pytest.approx(10.0 * AREA)
        assert any("no critical current density is stated" in w for w in found.warnings)
    instrument = replace(trace, temperature=np.full(len(trace), 298.0),
                         stack_pressure=np.full(len(trace), 3e6))  # fmt: skip
    found = critical_current(instrument, Setup(area=AREA))
    assert found.critical_current_density == pytest.approx(10.0)
    assert found.stack_pressure == 3e6


def test_a_short_on_the_way_back_fails_its_own_level() -> None:
    back = Short(start=17_000.0, length=np.inf, depth=0.12)  # second half step at 0.5 mA/cm2
    found = critical_current(ramp((back,))[0], KNOWN)
    assert found.critical_current_density == pytest.approx(4.0)
    assert found.failed_current_density == pytest.approx(5.0)
    assert found.threshold_capacity == pytest.approx(5.0 * 800.0)


def test_no_ramp_is_refused() -> None:
    with pytest.raises(DataError, match="no ramp"):
        critical_current(square([1e-3, -1e-3] * 4), KNOWN)
    with pytest.raises(DataError, match="not held at levels"):
        critical_current(made_sweep(onset=2.4, turns=1), KNOWN)


def test_a_ramp_that_survives_or_stops() -> None:
    trace, _ = ramp(())
    whole = critical_current(trace, KNOWN)
    assert whole.ending == "not reached" and whole.failed is None
    assert whole.survived == pytest.approx(20.0 * AREA)
    stopped = critical_current(trace.part(slice(0, 3700)), KNOWN)
    assert stopped.ending == "stopped" and stopped.failed is None
    assert stopped.survived == pytest.approx(10.0 * AREA)


def test_a_half_step_that_ends_early_fails() -> None:
    long, cut = [1e-4, -1e-4, 2e-4, -2e-4, 3e-4], 3.0
    current = np.concatenate([np.repeat(long, 100), np.full(30, -3e-4), np.repeat([4e-4], 100)])
    trace = Trace(10.0 * np.arange(1, current.size + 1), 100 * cut * current, current)
    found = critical_current(trace, KNOWN)
    assert found.ending == "cut short" and found.survived == pytest.approx(2e-4)
    assert found.failed == pytest.approx(3e-4)
    assert found.charge_at_failure == pytest.approx(3e-4 * 300.0)


def test_ramps_of_constant_charge() -> None:
    levels = [1e-4, 2e-4, 4e-4, 5e-4]
    current = np.concatenate([np.repeat([j, -j], round(0.1 / j)) for j in levels])
    found = critical_current(
        Trace(10.0 * np.arange(1, current.size + 1), 300.0 * current, current), KNOWN
    )
    assert found.by_charge and found.ending == "not reached"
    assert found.step_charge == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("area", [None, AREA, 1e-4])
def test_protocol_is_in_words_whatever_the_area(area: float | None) -> None:
    words = critical_current(ramp()[0], Setup(area=area)).protocol
    assert "30 min a half step" in words and "forth and back" in words
    assert ("cm⁻²" in words) == (area is not None)


@pytest.mark.parametrize("electrolyte", ["Li6PS5Cl", "LLZTO"])
def test_detector_is_exact_on_ramps_of_the_cell_model(electrolyte: str) -> None:
    """A made short is appended where the model's cell cracked: level and charge come back."""
    from anolyte.materials.protocol import current_ramp
    from anolyte.studies.cell import Cell

    cell = Cell(electrolyte, "Li", thickness="0.5 mm", pressure="3 MPa")
    model = cell.critical_current(
        current_ramp("0.1 mA/cm2", "3 mA/cm2", "0.1 mA/cm2", time="1 h"), draws=1
    )
    run = model.run
    assert run is not None and model.failed_at is not None and model.current_density is not None
    grid = np.arange(5.0, run.time[-1], 5.0)
    j = np.asarray(run.current_density)
    current = j[np.clip(np.searchsorted(run.time, grid), 0, j.size - 1)]
    resistance = np.interp(grid, run.time, np.abs(run.voltage) / np.maximum(np.abs(j), 1e-12))
    tail = grid[-1] + 5.0 * np.arange(1, 361)
    last = np.sign(run.current_density[-1]) * model.failed_at
    voltage = np.concatenate([resistance * current, np.full(360, 0.12 * resistance[-1] * last)])
    trace = Trace(np.concatenate([grid, tail]), voltage * 1.0,
                  np.concatenate([current, np.full(360, last)]) * 1e-4)  # fmt: skip
    found = critical_current(trace, Setup(area=1e-4, temperature=298.15, stack_pressure=3e6))
    assert found.ending == "short" and len(found.check.shorts) == 1
    assert found.critical_current_density == pytest.approx(model.current_density)
    assert found.failed_current_density == pytest.approx(model.failed_at)
    assert found.completed_areal_capacity == pytest.approx(
        sum(2 * 3600.0 * k for k in range(1, round(model.current_density) + 1)), rel=0.01
    )


# --- voids, overpotentials, lives ---------------------------------------------------------------


def test_voids_begin_where_the_made_bend_passes_its_threshold() -> None:
    """r = 300 (1 + 0.15 j x2): 1 + 0.15 j passes 1.05 between 0.3 and 0.4 mA/cm2."""
    found = find_voids(ramp(())[0], KNOWN)
    assert found.first == 7
    assert [b.voids for b in found.bends] == [b.half_cycle >= 7 for b in found.bends]
    bend = found.bends[19]
    size = 10.0 * AREA
    assert bend.growth == pytest.approx(1.15, rel=0.01)
    exact = size * 0.03 / AREA * 0.15 / (size * 1800.0) ** 2
    assert bend.curvature == pytest.approx(exact, rel=0.02)
    assert found.onset_capacity is not None and 0.0 < found.onset_capacity < 0.2 * 3.6e4


def test_flat_and_falling_voltages_have_no_voids() -> None:
    x = np.arange(1.0, 101.0)
    i = np.concatenate([np.full(100, 1e-3), np.full(100, -1e-3)])
    for shape in (np.ones(100), 1.0 - 0.001 * x, 1.0 + 0.3 * (1 - np.exp(-x / 20.0))):
        v = np.tile(shape, 2) * i * 100.0
        v = v + 1e-5 * np.random.default_rng(0).standard_normal(200)
        assert find_voids(Trace(10.0 * np.arange(200.0), v, i)).first is None


def test_voltage_is_the_sum_of_its_parts() -> None:
    setup = Setup(area=AREA, temperature=298.15, electrodes="Li|Li")
    parts = SpectrumParts(bulk=CellResistance(250.0), grain_boundary=60.0, interface=40.0,
                          charge_transfer=120.0)  # fmt: skip
    i = np.concatenate([np.full(100, 1e-3), np.full(100, -1e-3)])
    eta = charge_transfer_overpotential(i, 120.0, 298.15)
    rise = 0.02 * np.sign(i) * np.tile(np.linspace(0.0, 1.0, 100), 2)
    trace = Trace(10.0 * np.arange(200.0), i * 350.0 + eta + rise, i)
    rest = remainder(trace, parts, setup)
    assert rest == pytest.approx(rise, abs=1e-12)
    found = split_overpotential(trace, parts, setup)
    for s in found.shares:
        total = s.bulk + s.grain_boundary + s.interface + s.charge_transfer + s.rest_end
        assert total == pytest.approx(s.voltage_end, rel=1e-12)
        assert abs(s.rest_end) == pytest.approx(0.02, rel=1e-6)
    assert found.rows()[0]["bulk [mV]"] == pytest.approx(250.0)


def test_charge_transfer_is_linear_at_first_and_logarithmic_far_out() -> None:
    low = charge_transfer_overpotential(1e-9, 100.0, 300.0)
    assert low == pytest.approx(1e-7, rel=1e-6)
    thermal = 8.314462618 * 300.0 / 96485.33212
    high = charge_transfer_overpotential(np.array([1.0, np.e]), 100.0, 300.0)
    assert np.diff(high)[0] == pytest.approx(4.0 * thermal, rel=1e-4)
    with pytest.raises(MissingProperty):
        split_overpotential(square([1e-3]), SpectrumParts(bulk=1.0, charge_transfer=1.0), Setup())


def test_the_spectrum_nearest_in_time_is_taken() -> None:
    trace = square([1e-3, -1e-3])
    early, late = SpectrumParts(bulk=100.0, time=0.0), SpectrumParts(bulk=80.0, time=2000.0)
    first, second = split_overpotential(trace, (early, late), Setup()).shares
    assert first.rest_end == pytest.approx(0.0, abs=1e-12)
    assert second.rest_end == pytest.approx(-0.02)


def test_life_ends_with_the_short_or_the_drift_or_not_at_all() -> None:
    assert symmetric_life(ramp()[0]).ending == "short"
    steady = symmetric_life(square([1e-3, -1e-3] * 10), KNOWN)
    assert steady.ending == "alive" and steady.life == pytest.approx(20_000.0)
    parts = [square([i], resistance=100.0 * 1.1**k) for k, i in enumerate([1e-3, -1e-3] * 10)]
    trace = Trace(10.0 * np.arange(1, 2001), np.concatenate([p.voltage for p in parts]),
                  np.concatenate([p.current for p in parts]))  # fmt: skip
    drifting = symmetric_life(trace)
    assert drifting.ending == "drift" and drifting.half_cycles == 8  # 1.1^8 > 2 x 1.05
    assert SymmetricLife.from_dict(json.loads(json.dumps(drifting.to_dict()))) == drifting


def test_lives_of_900_h_and_200_h_compare() -> None:
    """An interlayer's cell that was alive after 900 h, a control that shorted after 200 h."""
    hours = 3600.0
    good = square([5e-5, -5e-5] * 450, duration=hours, step=120.0)
    bad = square([5e-5, -5e-5] * 125, duration=hours, step=120.0)
    shorted = replace(bad, voltage=np.where(bad.time > 200 * hours, 0.1, 1.0) * bad.voltage)
    a, b = symmetric_life(good), symmetric_life(shorted)
    ratio, word = a.ratio(b)
    assert word == "at least" and ratio == pytest.approx(4.5, rel=1e-3)
    assert b.ratio(a)[1] == "at most"


# --- efficiency ---------------------------------------------------------------------------------


def collector(efficiencies, step: float = 10.0, reservoir: float = 0.0) -> Trace:
    """Plating of 1000 s and stripping of its efficient share, at 1 mA."""
    times = [] if not reservoir else [-reservoir]
    for e in efficiencies:
        times += [1000.0 * e, -1000.0] if reservoir else [-1000.0, 1000.0 * e]
    if reservoir:
        times.append(reservoir * 0.9)
    t, i, now = [], [], 0.0
    for length in times:
        k = round(abs(length) / step)
        t += [now + step * n for n in range(1, k + 1)]
        i += [1e-3 * np.sign(length)] * k
        now += k * step
    current = np.array(i)
    return Trace(np.array(t), 50.0 * current, current)


def test_efficiency_cycle_by_cycle_with_its_error() -> None:
    truth = [0.9, 0.95, 0.97, 0.98]
    found = plating_efficiency(collector(truth), KNOWN)
    assert [c.efficiency for c in found.cycles] == pytest.approx(truth, abs=1e-9)
    assert found.efficiency == pytest.approx(np.mean(truth)) and found.first == pytest.approx(0.9)
    assert found.lost == pytest.approx(sum(1.0 - e for e in truth))
    fine = plating_efficiency(collector(truth, step=1.0))
    assert found.cycles[0].sigma > 5 * fine.cycles[0].sigma > 0.0
    better = plating_efficiency(collector(truth), accuracy=Accuracy(mismatch=0.0, time=0.0))
    assert better.sigma == 0.0


def test_error_of_the_end_of_a_step_is_that_of_its_rows() -> None:
    """Steps that end between rows: the spread of many cells is the sigma that is given."""
    rng = np.random.default_rng(0)
    seen, sigma = [], []
    for _ in range(300):
        ends = np.cumsum([1000.0 + rng.uniform(0, 20), 900.0 + rng.uniform(0, 20)])
        t = np.arange(20.0, ends[-1], 20.0)
        i = np.where(t <= ends[0], -1e-3, 1e-3)
        found = plating_efficiency(Trace(t, 50 * i, i), accuracy=Accuracy(mismatch=0.0))
        seen.append(found.efficiency - (ends[1] - ends[0]) / ends[0])
        sigma.append(found.sigma)
    assert np.std(seen) / np.mean(sigma) == pytest.approx(np.sqrt(5 / 6), rel=0.12)  # one end exact


def test_reservoir_equation() -> None:
    n, big = 10, 5000.0
    found = reservoir_efficiency(collector([1.0] * n, reservoir=big), KNOWN)
    assert found.cycles == n
    assert found.reservoir == pytest.approx(5.0) and found.cycled == pytest.approx(1.0)
    assert found.efficiency == pytest.approx((n + 4.5) / (n + 5.0))
    assert found.per_cycle == pytest.approx(1.0 - 0.5 / n)
    assert any("was all stripped" in w for w in found.warnings)
    with pytest.raises(DataError, match="reservoir"):
        reservoir_efficiency(collector([0.9]))


def test_more_stripped_than_plated_is_no_efficiency() -> None:
    assert any("not an efficiency" in w for w in plating_efficiency(collector([1.1])).warnings)
    with pytest.raises(DataError, match="one way"):
        plating_efficiency(square([1e-3]))


def test_lithium_balance_closes() -> None:
    rng = np.random.default_rng(0)
    charge = 10.0 + rng.normal(0, 0.1, 20)
    discharge = charge * rng.uniform(0.95, 0.99, 20)
    found = lithium_inventory(CycleTable(np.arange(1, 21), charge, discharge))
    assert found.unexplained is not None
    left = 1.0 - found.lost[-1]
    assert left == pytest.approx(discharge[-1] / charge[0] - found.unexplained, rel=1e-12)
    loses = 0.98 ** np.arange(21)
    alone = lithium_inventory(CycleTable(np.arange(1, 21), loses[:-1], loses[1:]))
    assert alone.unexplained == pytest.approx(0.0, abs=1e-12)
    assert alone.product == pytest.approx(alone.retention)
    gaps = lithium_inventory(CycleTable(np.array([1, 5]), charge[:2], discharge[:2]))
    assert gaps.unexplained is None and "missing" in gaps.warnings[0]


def test_kind_of_cell_by_its_electrodes() -> None:
    trace, _ = ramp()
    assert read_cycling(trace, KNOWN).kind == "symmetric"
    assert read_cycling(trace).kind == "symmetric"  # by its voltage
    copper = read_cycling(collector([0.9] * 3), Setup(electrodes="Cu|Li"))
    assert copper.kind == "collector" and copper.efficiency is not None
    asked = read_cycling(collector([1.0] * 3, reservoir=5000.0), kind=CellKind.RESERVOIR)
    assert asked.reservoir is not None
    table = CycleTable(np.arange(1, 4), np.ones(3), np.array([1.0, 0.99, 0.98]))
    full = read_cycling(table)
    assert full.kind == "full" and full.fade is not None and full.inventory is not None
    assert CyclingReading.from_dict(json.loads(json.dumps(full.to_dict()))) == full
    with pytest.raises(DataError, match="no voltage"):
        read_cycling(table, kind=CellKind.SYMMETRIC)


def test_times_that_stand_still_are_refused_in_one_line() -> None:
    i = np.repeat([1e-3, -1e-3, 2e-3, -2e-3], 15)
    still = Trace(np.zeros(60), 100.0 * i, i, file="still.csv")
    for read in (critical_current, plating_efficiency, reservoir_efficiency):
        with pytest.raises(DataError, match=r"still\.csv"):
            read(still)
    find_voids(still)


def test_cycles_that_take_the_whole_reservoir_are_no_reservoir() -> None:
    i = np.concatenate([np.repeat([-1e-3, 1e-3], [100, 95])] * 6)
    trace = Trace(10.0 * np.arange(i.size), 50.0 * i, i)
    told = " ".join(reservoir_efficiency(trace).warnings)
    assert "whole reservoir" in told


def test_charge_that_does_not_go_in_again_is_called_so() -> None:
    n = np.arange(1, 41)
    less = 100.0 * np.exp(-0.01 * n)
    found = lithium_inventory(CycleTable(n, 1.001 * less, less))
    assert found.unexplained is not None and found.unexplained < -0.05
    assert any("did not go in again" in w for w in found.warnings)
    assert not any("beyond" in w for w in found.warnings)


def test_a_thinned_trace_keeps_its_peaks() -> None:
    time = np.arange(100_000.0)
    voltage = np.sin(time)
    voltage[54_321], voltage[77_777] = 5.0, -5.0
    thin = Series.of(Trace(time, voltage, np.full(time.size, 1e-3)))
    assert len(thin.time) <= 6000 and max(thin.voltage) == 5.0 and min(thin.voltage) == -5.0
    assert thin.time[0] == 0.0 and thin.time[-1] == time[-1]
    assert (np.diff(thin.time) > 0.0).all()


def test_a_voltage_at_rest_is_no_part_of_an_overpotential() -> None:
    i = np.concatenate([np.repeat([1e-3, -1e-3], 60)] * 3)
    full = Trace(10.0 * np.arange(1, i.size + 1), 3.8 + 100.0 * i, i)
    with pytest.raises(DataError, match="stands against the current in 3 of 6 half cycles"):
        split_overpotential(full, SpectrumParts(bulk=100.0), Setup())
    alike = Trace(full.time, 100.0 * i, i)
    assert len(split_overpotential(alike, SpectrumParts(bulk=100.0), Setup()).shares) == 6


def test_resistances_that_block_are_refused_and_a_timed_spectrum_goes_first() -> None:
    for wrong in (math.inf, math.nan, -1.0):
        with pytest.raises(DataError, match="finite"):
            SpectrumParts(bulk=wrong)
    i = np.repeat([1e-3, -1e-3], 60)
    trace = Trace(10.0 * np.arange(1, 121), 100.0 * i, i)
    parts = (SpectrumParts(bulk=1.0), SpectrumParts(bulk=100.0, time=0.0))
    first = split_overpotential(trace, parts, Setup()).shares[0]
    assert first.bulk == pytest.approx(0.1) and first.spectrum_age == pytest.approx(310.0, abs=15)


def test_a_low_last_row_of_every_half_cycle_does_not_hold_the_reference_back() -> None:
    """Instruments write a row in which the current still flows and the voltage is gone."""
    i, v = [], []
    for k in range(40):
        sign = 1.0 if k % 2 == 0 else -1.0
        resistance = 100.0 * (1.0 - 0.7 * k / 40.0)  # contact that gets better by itself
        i += [sign * 1e-3] * 60
        v += [sign * 1e-3 * resistance] * 59 + [0.0]
    trace = Trace(10.0 * np.arange(1, len(i) + 1), np.array(v), np.array(i))
    check = find_shorts(trace)
    assert check.shorts == () and check.reference == pytest.approx(34.0, abs=3.0)
