"""Retention, laws of fade, knee and forecast: published pairs, made curves, coverage."""

import json

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.materials.evidence import evidence
from anolyte.measure.records import CycleTable, Trace
from anolyte.measure.setup import Setup
from anolyte.measure.traces.cycle_sums import capacities, cycle_table
from anolyte.measure.traces.fade_laws import BENT, LAWS
from anolyte.measure.traces.retention import FadeResult, FadeRules, fade

ROWS = {r.id: r for r in evidence()}
CYCLES = np.arange(1, 201)


@pytest.mark.parametrize(
    ("first", "last", "percent"),
    [
        ("t2_si_n_mxene_c1", "t2_si_n_mxene_c10", 59.1),
        ("t2_si_lpo_c1_05", "t2_si_lpo_c20_05", 43.9),
        ("t2_si_lpscl16_c1", "t2_si_lpscl16_c50", 47.1),
    ],
)
def test_pairs_of_published_capacities(first: str, last: str, percent: float) -> None:
    a, b = ROWS[first], ROWS[last]
    pair = np.array([a.value.si, b.value.si])
    table = CycleTable(np.array([a.cycle, b.cycle]), pair, pair, specific=True)
    found = fade(table)
    assert round(100 * found.last, 1) == percent
    assert found.specific_capacity == pytest.approx(a.value.si) and found.capacity is None
    assert found.reached is not None and a.cycle < found.reached < b.cycle
    assert any("cannot tell one law" in w for w in found.warnings)


@pytest.mark.parametrize(
    ("row", "cycle", "share"),
    [("peo_cryst_lfp_retention", 2000, 0.89), ("si_mof_full_ret", 500, 0.731),
     ("glc_lpscl_ret", 200, 0.90)],
)  # fmt: skip
def test_published_retentions(row: str, cycle: int, share: float) -> None:
    record = ROWS[row]
    assert (record.cycle, record.value.si) == (cycle, pytest.approx(share))
    found = fade(([1, record.cycle], [1.0, record.value.si]))
    assert found.last == pytest.approx(share)
    if share > 0.8:  # the laws span the forecast: no point of it is better known
        assert found.end_low < found.end_cycle < found.end_high
        linear = next(f for f in found.fades if f.law == "linear")
        assert linear.end_cycle == pytest.approx(1 + (cycle - 1) * 0.2 / (1 - share))
    else:
        assert found.reached == pytest.approx(1 + (cycle - 1) * 0.2 / (1 - share))


def curve(law: str) -> np.ndarray:
    x = CYCLES - 1.0
    return {
        "linear": 1 - 5e-4 * x, "square root": 1 - 8e-3 * np.sqrt(x), "exponential":
        np.exp(-1e-3 * x), "two lines": 1 - 2e-4 * x - 2e-3 * np.maximum(0.0, x - 120.0),
    }[law]  # fmt: skip


@pytest.mark.parametrize("law", ["linear", "square root", "exponential", "two lines"])
def test_each_law_is_found_in_its_own_curve(law: str) -> None:
    y = curve(law) + 5e-4 * np.random.default_rng(1).standard_normal(200)
    found = fade((CYCLES, 3.6 * y))
    assert found.fades[0].law == law
    assert (found.knee is not None) == (law == "two lines")
    assert sum(f.weight for f in found.fades) == pytest.approx(1.0)
    assert FadeResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_knee_and_its_interval() -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(30):
        found = fade((CYCLES, curve("two lines") + 2e-3 * rng.standard_normal(200)))
        assert found.knee == pytest.approx(121.0, abs=4.0)
        inside += found.knee_low <= 121.0 <= found.knee_high
    assert 24 <= inside <= 30


def test_a_bend_of_a_fifth_is_no_knee() -> None:
    x = CYCLES - 1.0
    y = 1 - 1e-3 * x - 2e-4 * np.maximum(0.0, x - 100.0)
    found = fade((CYCLES, y + 1e-5 * np.random.default_rng(0).standard_normal(200)))
    assert found.knee is None
    assert fade((CYCLES, y), FadeRules(sharper=1.1)).knee == pytest.approx(101.0, abs=1.0)


def test_smooth_fade_has_no_knee() -> None:
    rng = np.random.default_rng(3)
    for law in ("linear", "square root", "exponential"):
        for _ in range(8):
            assert fade((CYCLES, curve(law) + 2e-3 * rng.standard_normal(200))).knee is None


@pytest.mark.parametrize("law", ["linear", "square root", "exponential"])
def test_forecasts_cover_what_comes(law: str) -> None:
    """From 150 cycles: 80 % of the first capacity as it was measured."""
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(40):
        y = (curve(law) + 1e-3 * rng.standard_normal(200))[:150]
        found = fade((CYCLES[:150], y))
        end = 0.8 * y[0]
        truth = {"linear": 1 + (1 - end) / 5e-4, "square root": 1 + ((1 - end) / 8e-3) ** 2,
                 "exponential": 1 - np.log(end) / 1e-3}[law]  # fmt: skip
        inside += found.end_low <= truth <= found.end_high
    assert 31 <= inside <= 40


def test_neighbours_that_move_together_widen_the_interval() -> None:
    rng = np.random.default_rng(5)
    white = 1e-3 * rng.standard_normal(200)
    slow = np.empty(200)
    slow[0] = white[0]
    for k in range(1, 200):
        slow[k] = 0.9 * slow[k - 1] + np.sqrt(1 - 0.81) * white[k]
    plain, moving = (fade((CYCLES, curve("linear") + n)) for n in (white, slow))
    a, b = (next(f.rate_sigma for f in r.fades if f.law == "linear") for r in (plain, moving))
    assert b > 2.0 * a


def test_units_and_numbering_change_no_retention() -> None:
    y = curve("two lines") + 1e-3 * np.random.default_rng(6).standard_normal(200)
    plain, large = fade((CYCLES, y)), fade((CYCLES, 3600.0 * y))
    assert large.retention == pytest.approx(plain.retention)
    assert large.knee == pytest.approx(plain.knee)
    later = fade((CYCLES + 50, y))
    assert later.knee == pytest.approx(plain.knee + 50)


def test_reference_cycle_and_end_are_the_users() -> None:
    y = curve("linear")
    found = fade((CYCLES, y), FadeRules(reference=5, end=0.95))
    assert found.reference == 5 and found.retention[4] == 1.0
    assert found.reached == pytest.approx(1 + (1 - 0.95 * y[4]) / 5e-4, abs=0.01)
    with pytest.raises(DataError, match="no cycle 999"):
        fade((CYCLES, y), FadeRules(reference=999))


def test_one_low_cycle_is_not_the_end() -> None:
    y = curve("linear").copy()
    y[50] = 0.5
    assert fade((CYCLES, y)).reached is None


def test_capacity_that_does_not_fall_never_ends() -> None:
    found = fade((CYCLES, 1.0 + 1e-5 * CYCLES))
    assert found.end_cycle is None and any("does not fall" in w for w in found.warnings)


@pytest.mark.parametrize(
    ("cycle", "capacity", "told"),
    [([1, 1], [1.0, 0.9], "sort"), ([1, 2], [1.0, np.nan], "take the cycle"),
     ([1, 2], [1.0, 0.0], "take the cycle"), ([], [], "0 cycles"), ([1], [1.0, 2.0], "beside")],
)  # fmt: skip
def test_bad_tables_are_refused(cycle, capacity, told: str) -> None:
    with pytest.raises(DataError, match=told):
        fade((np.array(cycle), np.array(capacity)))


def test_one_cycle_is_a_retention_of_one() -> None:
    found = fade(([3], [5.0]))
    assert found.last == 1.0 and found.fades == ()


def test_slopes_are_the_derivatives_of_their_laws() -> None:
    x = np.linspace(0.5, 100.0, 50)
    for law in (*LAWS,):
        p = np.array([1.1, 2e-3, 3e-3, 40.3])[: law.parameters]
        exact = law.slopes(x, p)
        for k in range(law.parameters):
            step = 1e-6 * max(abs(p[k]), 1e-3)
            up, down = p.copy(), p.copy()
            up[k], down[k] = p[k] + step, p[k] - step
            assert exact[:, k] == pytest.approx((law(x, up) - law(x, down)) / (2 * step), rel=1e-4,
                                                abs=1e-6)  # fmt: skip
        at = law.crossing(0.8, p)
        assert law(np.array([at]), p)[0] == pytest.approx(0.8)
    assert BENT.crossing(0.8, np.array([1.0, 0.0, 0.0, 50.0])) == np.inf


# --- whatever holds capacities ------------------------------------------------------------------


def full_cell(capacities_, cycles=None) -> Trace:
    """Charge at 2 mA and discharge at 1 mA, rests between; rows every 10 s."""
    current = []
    for q in capacities_:
        current += [2e-3] * round(q / 2e-3 / 10) + [0.0] * 6 + [-1e-3] * round(q / 1e-3 / 10)
        current += [0.0] * 6
    i = np.array(current)
    return Trace(10.0 * np.arange(1, i.size + 1), 3.5 + 100 * i, i, cycle=cycles)


def test_charge_of_a_trace_is_summed_by_cycle() -> None:
    q = 10.0 - np.arange(8)
    table = cycle_table(full_cell(q))
    assert table.cycle.tolist() == list(range(1, 9))
    assert table.charge == pytest.approx(q) and table.discharge == pytest.approx(q)
    found = fade(full_cell(q))
    assert found.retention == pytest.approx(q / 10.0)
    per_mass = cycle_table(full_cell(q), Setup(mass=5e-6))
    assert per_mass.specific and per_mass.charge == pytest.approx(q / 5e-6)


def test_cycles_of_the_instrument_come_first() -> None:
    trace = full_cell([10.0, 9.0])
    half = np.cumsum(np.abs(trace.current)) * 10.0 > 20.01
    numbered = full_cell([10.0, 9.0], cycles=np.where(half, 8, 7))
    assert cycle_table(numbered).cycle.tolist() == [7, 8]


def test_a_last_half_cycle_is_left_out_and_told() -> None:
    trace = full_cell([10.0, 9.0])
    cut = trace.part(slice(0, int(0.8 * len(trace))))
    table = cycle_table(cut)
    whole = capacities(cut)
    assert table.discharge.size == whole.cycle.size <= 2
    only = trace.part(trace.current >= 0.0)
    with pytest.raises(DataError, match="not one cycle"):
        cycle_table(only)


def test_data_frames_by_their_headings() -> None:
    import pandas as pd

    frame = pd.DataFrame({"Cycle": [1, 2], "Discharge capacity (mAh/g)": [150.0, 120.0]})
    found = fade(frame)
    assert found.specific_capacity == pytest.approx(150 * 3600.0) and found.last == 0.8
    charge = pd.DataFrame({"cycle": [1, 2], "charge [mA h]": [1.0, 0.9]})
    assert capacities(charge, of_charge=True).capacity == pytest.approx([3.6, 3.24])
    with pytest.raises(DataError, match="columns are"):
        fade(pd.DataFrame({"n": [1], "q": [1.0]}))
