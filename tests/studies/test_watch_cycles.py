"""Tables of capacities that grow: only new cycles, sudden losses, leaks and the knee."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anolyte.core.result import Level
from anolyte.measure.records import CycleTable
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.board import Board
from anolyte.studies.monitor.cycles import CyclesJudge
from anolyte.studies.monitor.decide import CellChain
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import Folder, Readiness
from anolyte.studies.monitor.journal import Journal
from anolyte.studies.monitor.page import Page
from anolyte.studies.monitor.watcher import Watcher, Where

HERE = Where(".", "t.csv", 0, Setup())


def table(law, count: int, noise: float = 1e-3, seed: int = 0) -> CycleTable:
    dice = np.random.default_rng(seed)
    x = np.arange(count)
    discharge = 10.0 * law(x) * (1.0 + noise * dice.standard_normal(count))
    charge = discharge / 0.998 * (1.0 + 0.2 * noise * dice.standard_normal(count))
    return CycleTable(x + 1, charge, discharge)


def linear(x):
    return 1.0 - 2e-4 * x


def alarms(found) -> list[tuple[int, str]]:
    return [(d.number, a.name) for d in found for a in d.alarms]


def judged(whole: CycleTable, cuts=(None,)) -> tuple[list[Decision], dict]:
    """Decisions on a table that comes in portions, its state written and read each time."""
    found, state = [], {}
    for end in cuts:
        said, state = CyclesJudge()(whole.part(slice(end)), HERE, json.loads(json.dumps(state)))
        found += said
    return found, state


@pytest.mark.parametrize("law", [linear, lambda x: 1.0 - 5e-3 * np.sqrt(x),
                                 lambda x: 0.93 + 0.07 * np.exp(-x / 10) - 1e-4 * x])  # fmt: skip
@pytest.mark.parametrize("noise", [1e-4, 5e-3])
def test_a_fade_without_events_gives_no_alarm(law, noise):
    found, _ = judged(table(law, 150, noise))
    assert len(found) == 150 and alarms(found) == []
    assert found[-1].numbers["efficiency"].si == pytest.approx(0.998, abs=5 * noise)


def test_sudden_loss_leak_and_knee_are_told_when_they_are_seen():
    found, _ = judged(table(lambda x: linear(x) - 0.04 * (x >= 60), 150))
    assert alarms(found) == [(61, "sudden loss")] and found[60].level is Level.CAUTION
    found, _ = judged(table(lambda x: linear(x) - 0.4 * (x >= 60), 80))
    assert alarms(found) == [(61, "sudden loss")] and found[60].level is Level.BAD
    leaks = table(linear, 100)
    leaks.charge[70] *= 1.01
    assert alarms(judged(leaks)[0]) == [(71, "efficiency")]
    bent = judged(table(lambda x: linear(x) - 2e-3 * np.maximum(0, x - 100), 200))[0]
    ((cycle, name),) = alarms(bent)
    assert name == "knee" and 100 < cycle < 125


def test_a_cycle_that_is_warmer_is_one_alarm_and_no_knee():
    dip = table(lambda x: linear(x) - 0.03 * (x == 50), 150)
    assert alarms(judged(dip)[0]) == [(51, "sudden loss")]


def test_the_portions_of_a_table_do_not_matter():
    whole = table(lambda x: linear(x) - 2e-3 * np.maximum(0, x - 60), 100)
    one, end = judged(whole)
    many, last = judged(whole, [1, 2, 7, 7, 40, *range(41, 101)])
    assert [d.line() for d in many] == [d.line() for d in one] and last == end


def test_a_last_cycle_that_was_unfinished_is_judged_again_and_another_table_anew():
    whole = table(linear, 30)
    part = whole.part(np.arange(20))
    part.discharge[-1] *= 0.3  # exported in the middle of a discharge
    first, state = CyclesJudge()(part, HERE, {})
    assert "sudden loss" in [a.name for a in first[-1].alarms]
    then, state = CyclesJudge()(whole, HERE, state)
    assert [d.number for d in then] == list(range(20, 31)) and alarms(then) == []
    other, _ = CyclesJudge()(table(linear, 5, seed=9), HERE, state)
    assert [d.number for d in other] == [1, 2, 3, 4, 5]


def test_cycles_without_numbers_are_said():
    whole = table(linear, 12)
    whole.discharge[4], whole.charge[5], whole.discharge[6] = 0.0, np.nan, np.nan
    found, state = judged(whole)
    assert [d.level for d in found[4:6]] == [Level.UNKNOWN, Level.GOOD]
    assert "efficiency" not in found[5].numbers and found[6].numbers["capacity"].si > 9.0
    json.dumps(state, allow_nan=False)
    nothing, _ = judged(CycleTable(np.array([1]), np.array([np.nan]), np.array([np.nan])))
    assert nothing[0].level is Level.UNKNOWN


def test_a_table_that_grows_in_a_folder_and_is_exported_anew(tmp_path):
    """Appended, then written anew with more: each cycle once; as a replay has it."""
    data, now = tmp_path / "data", [0.0]
    data.mkdir()
    whole = table(lambda x: linear(x) - 0.04 * (x >= 20), 30)
    lines = ["Cycle,Charge capacity [mAh],Discharge capacity [mAh]\n"]
    columns = (c.tolist() for c in (whole.cycle, whole.charge, whole.discharge))
    lines += [f"{n},{c!r},{d!r}\n" for n, c, d in zip(*columns, strict=True)]
    board = Board()

    def watch(log) -> Watcher:
        folder = Folder(data, clock=lambda: now[0])
        folder._local = False
        return Watcher(folder, Journal(log, "data"), CellChain(), lambda _: Setup(),
                       Readiness(quiet=3.0), clock=lambda: now[0])  # fmt: skip

    live = watch(tmp_path / "live.jsonl")
    for text, mode in (("".join(lines[:12]), "w"), ("".join(lines[12:21]), "a"),
                       ("\n" + "".join(lines), "w")):  # fmt: skip
        with (data / "t.csv").open(mode) as file:
            file.write(text)
        for _ in range(3):
            now[0] += 2.0
            live.look()
    live.journal.close()
    watch(tmp_path / "replay.jsonl").replay()
    text = (tmp_path / "live.jsonl").read_text()
    assert text == (tmp_path / "replay.jsonl").read_text()
    found = [Decision.of_line(line) for line in text.splitlines()]
    assert [d.number for d in found] == list(range(1, 31)) and live.counts.cycles == 30
    assert alarms(found) == [(21, "sudden loss")]
    for decision in found:
        board.add(decision)
    card = board.cards["t.csvcycle"]
    assert len(card.series["retention"].value) == 30 and card.series["efficiency"].time[-1] == 30.0
    page = Page(tmp_path / "p.html", "data", lambda name: {}, board=board)
    text = page.render()
    assert "30 cycles" in text and "number of the cycle" in text and "retention" in text
