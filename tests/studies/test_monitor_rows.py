"""Rows beside what the cell's other files said: references carried over, spectra held against."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.result import Level, Number
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import CIRCUIT, ageing
from anolyte.studies.monitor.bend_sums import BendSums
from anolyte.studies.monitor.decide import CellChain
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import Folder
from anolyte.studies.monitor.half_cycles import RowsJudge
from anolyte.studies.monitor.journal import Journal
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Watcher, Where

CELL = Setup(area="1 cm2", electrodes="Li|Li", temperature=298.15)


def halves(*resistances, current=1e-4, clock=1e9, each=200, seed=0, **more):
    """Half cycles of 10 s a row, then one row of the next, so that the last one ends."""
    sizes = [each] * len(resistances) + [1]
    r = np.repeat([*resistances, resistances[-1]], sizes)
    i = current * np.repeat([(-1.0) ** k for k in range(len(sizes))], sizes)
    noise = 1.0 + 1e-4 * np.random.default_rng(seed).standard_normal(r.size)
    columns = {n: np.full(r.size, v) if np.ndim(v) == 0 else v for n, v in more.items()}
    return Trace(10.0 * np.arange(r.size), r * i * noise, i, clock=clock, file="t", **columns)


def spectrum(total, clock=1e9, sigma=1.0, **numbers):
    """What the watch had said of a spectrum that was over at a time."""
    told = {"total": Number(total, "resistance", sigma), **numbers}
    return Decision("spectrum", ".", "s", 1, numbers=told, until=clock)


def judged(trace, known=(), state=None, setup=CELL, cuts=(), judge=None):
    """Decisions on a trace, in portions; `known` are decisions of earlier files."""

    def earlier(kind, clock):
        over = [d for d in known if d.kind == kind and d.until is not None and d.until <= clock]
        return max(over, key=lambda d: d.until, default=None)

    where, state, found = Where(".", "t", 0, setup, earlier), state or {}, []
    places = [0, *cuts, len(trace)]
    for a, b in zip(places, places[1:], strict=False):
        portion = trace.part(slice(a, b))
        said, state = (judge or RowsJudge())(portion, where, json.loads(json.dumps(state)))
        found += said
    return found, state


def names(found):
    return [a.name for d in found for a in d.alarms]


@pytest.mark.parametrize(
    ("total", "told"),
    [(300.0, False), (250.0, False), (380.0, False), (200.0, True), (500.0, True)],
)
def test_a_voltage_is_held_against_the_spectrum_before_it_once(total, told):
    trace = halves(300.0, 300.0, 300.0)
    found, _ = judged(trace, [spectrum(total, 1e9 - 7200.0)])
    assert names(found) == ["disagreement"] * told
    if told:
        assert found[0].level is Level.CAUTION
        text = found[0].alarms[0].because
        assert "the spectrum of 2 h before" in text
        assert ("constricted" if total < 300.0 else "path for electrons") in text


def test_errors_of_the_spectrum_and_other_cells_excuse_a_difference():
    trace = halves(300.0, 300.0)
    assert not names(judged(trace, [spectrum(200.0, sigma=40.0)])[0])
    for other in (replace(CELL, electrodes="Li|Cu"), replace(CELL, electrodes=None)):
        assert not names(judged(trace, [spectrum(200.0)], setup=other)[0])
    hot = spectrum(200.0, temperature=Number(330.0, "temperature"))
    assert not names(judged(trace, [hot])[0])
    assert not names(judged(replace(trace, clock=None), [spectrum(200.0)])[0])
    assert not names(judged(trace, [spectrum(200.0, 1e9 + 1e6)])[0])  # it comes later


def test_each_spectrum_is_compared_once_and_cuts_do_not_matter():
    trace = halves(300.0, 300.0, 300.0, 300.0)
    known = [spectrum(100.0, 1e9), spectrum(700.0, 1e9 + 4500.0)]
    whole, end = judged(trace, known)
    assert [names([d]) for d in whole] == [["disagreement"], [], [], ["disagreement"]]
    for seed in range(5):
        cuts = np.sort(np.random.default_rng(seed).choice(np.arange(1, 800), 9, replace=False))
        parts, state = judged(trace, known, cuts=cuts.tolist())
        assert [d.line() for d in parts] == [d.line() for d in whole]
        assert json.dumps(state) == json.dumps(end)


def test_the_reference_of_an_earlier_file_is_carried_over():
    """The short fell between two files: only the earlier one knows what the cell had."""
    first, _ = judged(halves(300.0, 300.0))
    assert first[-1].numbers["reference"].si == pytest.approx(300.0, rel=1e-3)
    assert first[-1].until == pytest.approx(1e9 + 3990.0)
    later = halves(60.0, 60.0, clock=1e9 + 1e4)
    alone, _ = judged(later)
    assert not any(d.kind == "short" for d in alone)
    found, _ = judged(later, first)
    assert names(found)[0] == "soft short" and found[0].kind == "short"
    assert found[0].numbers["reference"].si == first[-1].numbers["reference"].si
    assert "reference is of t" in found[0].because
    assert found[1].notes == ("shorts are told against the reference of t",)


@pytest.mark.parametrize("change", [
    {"current": 2e-4}, {"temperature": 333.15}, {"stack_pressure": 2e7}, {"clock": None},
])  # fmt: skip
def test_other_conditions_carry_nothing_over(change):
    setup = replace(CELL, stack_pressure=5e6)
    first, _ = judged(halves(300.0, 300.0), setup=setup)
    later = halves(60.0, 60.0, **({"clock": 1e9 + 1e4} | change))
    found, _ = judged(later, first, setup=setup)
    assert not any(d.kind == "short" for d in found)


def test_a_cell_that_is_warmed_within_a_file_is_no_short():
    trace = halves(300.0, 300.0, 60.0, 60.0)
    warm = np.where(np.arange(len(trace)) < 400, 298.15, 333.15)
    assert names(judged(trace)[0])[0] == "soft short"
    found, _ = judged(replace(trace, temperature=warm))
    assert not names(found)
    assert [d.numbers["temperature"].si for d in found] == [298.15] * 2 + [333.15] * 2
    gone = np.where(np.arange(len(trace)) < 400, 298.15, np.nan)  # not written is no change
    assert names(judged(replace(trace, temperature=gone))[0])[0] == "soft short"


def test_a_short_is_hard_by_its_median_and_not_by_its_first_row():
    trace = halves(300.0, 300.0, 300.0)
    v = trace.voltage.copy()
    v[450:] *= 0.01
    v[450] *= 30.0  # the row in which it fell
    found, _ = judged(replace(trace, voltage=v))
    short = next(d for d in found if d.kind == "short")
    assert names([short]) == ["short"] and short.numbers["resistance"].si < 15.0


def test_a_half_cycle_below_the_electrolyte_is_told_once():
    setup = Setup(area="1 cm2", thickness="1 mm", electrodes="Li|Li", temperature=298.15,
                  electrolyte="LLZTO")  # fmt: skip
    found, _ = judged(halves(20.0, 20.0, 20.0), setup=setup)
    assert names(found) == ["soft short"]
    assert "the electrolyte alone should have" in found[0].alarms[0].because
    assert not names(judged(halves(500.0, 500.0), setup=setup)[0])


def test_the_state_does_not_grow_with_shorts_that_were_told():
    blinking = np.tile(np.repeat([1.0, 0.1], 20), 200)[:4001]
    trace = halves(*[300.0] * 20)
    trace = replace(trace, voltage=trace.voltage * blinking[: len(trace)])
    found, state = judged(trace)
    assert sum(d.kind == "short" for d in found) > 50
    assert len(state["short"]["closed"]) < 10 and len(json.dumps(state)) < 60_000


def test_charges_that_do_not_move_have_no_bend():
    sums = BendSums()
    for k in range(30):
        sums.add(float(k > 15), 0.1 + 0.01 * (k > 15), 1e-3)
    assert sums.bent(RowsJudge().bends) is None


def test_files_of_a_folder_know_of_each_other(tmp_path):
    """A spectrum of 475 ohm, then rows of 200 ohm, then a file that begins shorted."""
    data = tmp_path / "data"
    data.mkdir()
    one = ageing(count=1).spectra[0]
    columns = (1.7e9 + np.cumsum(1.0 / one.frequency), one.frequency, one.impedance.real,
               one.impedance.imag)  # fmt: skip
    lines = "".join(f"{a!r},{b!r},{c!r},{d!r}\n" for a, b, c, d in np.array(columns).T.tolist())
    head = "Unix Time / s,frequency [Hz],real [ohm],imaginary [ohm]\n"
    (data / "s.csv").write_text(head + lines)
    for name, resistance, clock in (("a", 200.0, 1.7e9 + 9e3), ("b", 70.0, 1.7e9 + 5e4)):
        trace = halves(resistance, resistance)
        rows = np.array([clock + trace.time, trace.voltage, trace.current]).T.tolist()
        lines = "".join(f"{t!r},{v!r},{i!r}\n" for t, v, i in rows)
        (data / f"{name}.csv").write_text("Unix Time / s,voltage [V],current [A]\n" + lines)
    setup = replace(CELL, area=0.7854e-4, thickness=1e-3)
    with Journal(tmp_path / "j.jsonl", "data") as journal:
        chain = CellChain(SpectrumJudge(circuit=CIRCUIT))
        Watcher(Folder(data), journal, chain, lambda _: setup).replay()
        found = list(journal.decisions())
    assert [d.name for d in found] == [
        "s.csv, spectrum 1", "a.csv, half cycle 1", "a.csv, half cycle 2", "b.csv, short 1",
        "b.csv, half cycle 1", "b.csv, half cycle 2",
    ]  # fmt: skip
    assert names(found) == ["disagreement", "soft short"]
    assert found[3].because.endswith("the reference is of a.csv")
