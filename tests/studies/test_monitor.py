"""The watch: nothing lost, nothing twice, live and replayed alike."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.result import Level, Number
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import CIRCUIT, Pellet, ageing, measure, ramp
from anolyte.measure.traces.voids import find_voids
from anolyte.studies.monitor import content
from anolyte.studies.monitor.board import Board
from anolyte.studies.monitor.decision import Alarm, Decision
from anolyte.studies.monitor.folder import Folder, Readiness
from anolyte.studies.monitor.half_cycles import RowsJudge
from anolyte.studies.monitor.journal import Journal, Mark
from anolyte.studies.monitor.page import Page
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Watcher, Where

HEAD = "frequency [Hz],real [ohm],imaginary [ohm]\n"
ROWS = "time [s],voltage [V],current [mA]\n"


def points(spectrum) -> str:
    """A spectrum as rows of a table."""
    pairs = zip(spectrum.frequency.tolist(), spectrum.impedance.tolist(), strict=True)
    return "".join(f"{f!r},{z.real!r},{z.imag!r}\n" for f, z in pairs)


def rows(trace, part=slice(None)) -> str:
    """A trace as rows of a table."""
    columns = (trace.time[part], trace.voltage[part], 1e3 * trace.current[part])
    return "".join(f"{t!r},{v!r},{i!r}\n" for t, v, i in zip(*(c.tolist() for c in columns),
                                                              strict=True))  # fmt: skip


@dataclass
class Counting:
    """A chain that counts; its state shows what it was given before."""

    fails: tuple[str, ...] = ()
    log: list[str] = field(default_factory=list)

    def spectrum(self, spectrum, where, state):
        if where.file in self.fails:
            raise ZeroDivisionError("on purpose")
        total = state.get("total", 0.0) + abs(complex(spectrum.impedance[-1]))
        self.log.append(f"{where.file} {where.number}")
        said = Decision("spectrum", where.cell, where.file, where.number,
                        numbers={"total": Number(total, "resistance")})  # fmt: skip
        return (said,), {"total": total}

    def rows(self, rows, where, state):
        """One line each hundred rows, wherever they are cut."""
        count, said = state.get("count", 0), []
        for time, voltage in zip(rows.time.tolist(), rows.voltage.tolist(), strict=True):
            count += 1
            if count % 100 == 0:
                said.append(Decision("half cycle", where.cell, where.file, count // 100, time,
                                     numbers={"v": Number(voltage, "potential")}))  # fmt: skip
        return said, {"count": count}


class Bench:
    """A folder with a clock of its own, and a watch that can be started again."""

    def __init__(self, path, chain=None, readiness=None) -> None:
        self.path, self.log = path / "data", path / "watch.jsonl"
        self.path.mkdir(exist_ok=True)
        self.chain, self.now = chain or Counting(), 0.0
        self.readiness = readiness or Readiness(quiet=3.0)
        self.watcher = None

    def start(self, **more) -> Watcher:
        self.stop()
        folder = Folder(self.path, (self.log,), clock=lambda: self.now)
        folder._local = False  # the quiet rule, as on a share
        self.watcher = Watcher(
            folder, Journal(self.log, "data"), self.chain, lambda _: Setup(),
            readiness=self.readiness, clock=lambda: self.now, **more,
        )  # fmt: skip
        return self.watcher

    def stop(self) -> None:
        if self.watcher is not None:
            self.watcher.journal.close()
            self.watcher = None

    def looks(self, *times: float) -> list[str]:
        for seconds in times:
            self.now += seconds
            self.watcher.look()
        return self.names()

    def names(self) -> list[str]:
        return [d.name for d in decisions(self.log)]

    def write(self, name: str, text: str, mode: str = "w", stamp: float | None = None) -> None:
        where = self.path / name
        where.parent.mkdir(exist_ok=True)
        with where.open(mode) as file:
            file.write(text)
        if stamp is not None:
            os.utime(where, (stamp, stamp))


def decisions(path) -> list[Decision]:
    return [Decision.of_line(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def spectra():
    return ageing(count=6).spectra


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.stop()


def test_a_file_is_decided_once_it_is_quiet_and_only_once(bench, spectra):
    bench.start()
    bench.write("a.csv", HEAD + points(spectra[0]))
    assert bench.looks(0, 1, 1) == []
    assert bench.looks(1, 5, 5) == ["a.csv, spectrum 1"]
    os.utime(bench.path / "a.csv")  # touched: dates are no content
    assert bench.looks(1, 5) == ["a.csv, spectrum 1"]
    bench.start()
    assert bench.looks(1, 9) == ["a.csv, spectrum 1"]


def test_a_growing_file_gives_its_spectra_as_they_end(bench, spectra):
    bench.start()
    whole = "".join(points(s) for s in spectra[:3])
    lines = whole.splitlines(keepends=True)
    bench.write("a.csv", HEAD + "".join(lines[:40]))
    bench.looks(0, 1)
    bench.write("a.csv", "".join(lines[40:100]) + lines[100][:9], "a")  # a torn last line
    assert bench.looks(1) == ["a.csv, spectrum 1"]
    bench.start()  # stopped in the middle and started again
    bench.write("a.csv", lines[100][9:] + "".join(lines[101:255]), "a")
    assert bench.looks(1, 4, 4) == ["a.csv, spectrum 1", "a.csv, spectrum 2"]  # 0.2 Hz: slow
    bench.write("a.csv", "".join(lines[255:]), "a")
    assert bench.looks(1) == ["a.csv, spectrum 1", "a.csv, spectrum 2"]
    assert bench.looks(60) == ["a.csv, spectrum 1", "a.csv, spectrum 2"]  # 4 periods of 8 mHz
    assert bench.looks(600)[2:] == ["a.csv, spectrum 3"]
    assert bench.chain.log == [f"a.csv {k}" for k in (1, 2, 3)]


def test_states_go_on_where_they_stood(bench, spectra):
    """The sum over all spectra is that of one run, whatever was stopped in between."""
    for k, s in enumerate(spectra[:4]):
        bench.write(f"a{k}.csv", HEAD + points(s), stamp=1e9 + k)
        bench.start()
        bench.looks(0, 9)
    total = decisions(bench.log)[-1].numbers["total"].si
    assert total == sum(abs(complex(s.impedance[-1])) for s in spectra[:4])


def test_renamed_and_copied_files_are_not_doubled(bench, spectra):
    bench.start()
    bench.write("a.csv", HEAD + points(spectra[0]))
    bench.looks(0, 9)
    (bench.path / "a.csv").rename(bench.path / "b.csv")
    shutil.copy(bench.path / "b.csv", bench.path / "c.csv")
    assert bench.looks(0, 9) == ["a.csv, spectrum 1"]
    (bench.path / "c.csv").unlink()
    (bench.path / "b.csv").rename(bench.path / "d.csv")
    bench.write("d.csv", points(spectra[1]), "a")  # renamed and grown at once
    assert bench.looks(0, 9)[1:] == ["d.csv, spectrum 2"]


def test_a_file_written_anew_is_decided_anew(bench, spectra):
    bench.start()
    for s in spectra[:2]:
        bench.write("a.csv", HEAD + points(s))
        bench.looks(0, 900)
    assert bench.names() == ["a.csv, spectrum 1"] * 2


def test_rows_do_not_depend_on_how_they_came(bench, monkeypatch):
    """Portions, torn lines, restarts, and the reading of new rows only."""
    monkeypatch.setattr(content, "LARGE", 20_000)
    trace, _ = ramp()
    text = ROWS + rows(trace, slice(0, 3000))
    dice = np.random.default_rng(3)
    cuts = np.sort(dice.choice(np.arange(200, len(text)), 25, replace=False)).tolist()
    bench.start()
    for number, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(text)], strict=True)):
        bench.write("t.csv", text[a:b], "a")
        if number % 7 == 6:
            bench.start()
        bench.looks(5)
    bench.looks(9)
    live = bench.log.read_text()
    found = decisions(bench.log)
    assert [d.number for d in found] == list(range(1, 31))
    assert [d.numbers["v"].si for d in found] == trace.voltage[99:3000:100].tolist()
    assert live.count("\n") == 30


def test_only_new_rows_of_a_large_file_are_read(tmp_path):
    trace, _ = ramp()
    path = tmp_path / "t.csv"
    path.write_text(ROWS + rows(trace, slice(0, 7000)))
    _, size, tail = content.read_whole(path, "t.csv")
    assert size == path.stat().st_size and tail is not None and tail.rows == 7000
    with path.open("a") as file:
        file.write(rows(trace, slice(7000, 7010)))
    new, size, tail = content.read_new(path, "t.csv", tail)
    assert np.array_equal(new.trace.time, trace.time[7000:7010])
    assert size == path.stat().st_size and tail.rows == 7010
    text = path.read_text()
    path.write_text(text[: tail.offset] + text[tail.offset :].replace("7", "8", 1) + "1,1,1\n")
    assert content.read_new(path, "t.csv", tail) is None  # it is not what was read before


def test_files_of_a_cell_keep_their_order(bench, spectra):
    """The older of two waits to be quiet, and the younger waits for it; other cells do not."""
    bench.start()
    bench.write("x/a.csv", HEAD + points(spectra[0]), stamp=2e9)
    bench.looks(0)
    bench.write("x/b.csv", HEAD + points(spectra[1]), stamp=1e9)
    bench.write("y/c.csv", HEAD + points(spectra[2]), stamp=3e9)
    bench.looks(2.5)
    assert bench.looks(1) == []  # a is quiet, but b was written before it
    assert bench.looks(3)[:2] == ["x/b.csv, spectrum 1", "x/a.csv, spectrum 1"]


def test_a_replay_gives_the_lines_of_the_live_watch(bench, spectra, tmp_path):
    bench.start()
    for k, s in enumerate(spectra):
        bench.write(f"s{9 - k}.csv", HEAD + points(s), stamp=1e9 + k)
        bench.looks(0, 4)
    bench.write("bad.csv", HEAD + "1,2\n3,4,5\n", stamp=1e9 + 50)
    bench.write("t.csv", ROWS + rows(ramp()[0], slice(0, 500)), stamp=1e9 + 60)
    bench.looks(0, 9)
    live = bench.log.read_text()
    assert live.count("\n") == 6 + 1 + 5
    bench.log = tmp_path / "replay.jsonl"
    bench.start().replay()
    assert bench.log.read_text() == live


def test_damaged_files_are_noted_and_the_watch_goes_on(tmp_path, spectra):
    bench = Bench(tmp_path, Counting(fails=("fault.csv",)))
    bench.start()
    bench.write("0.csv", "what is this\n", stamp=1.0)
    bench.write("1.bin", "\0\1\2" * 99, stamp=2.0)
    bench.write("fault.csv", HEAD + points(spectra[0]), stamp=3.0)
    bench.write("good.csv", HEAD + points(spectra[1]), stamp=4.0)
    bench.write("empty.csv", "", stamp=5.0)
    bench.looks(0, 9, 9)
    found = decisions(bench.log)
    assert [d.kind for d in found] == ["file", "file", "spectrum", "spectrum"]
    assert [d.level for d in found] == [Level.UNKNOWN] * 3 + [Level.GOOD]
    assert found[0].because.startswith("0.csv: no known format") and "\n" not in found[0].because
    assert str(bench.path) not in found[0].because
    assert "a fault of anolyte (ZeroDivisionError: on purpose)" in found[2].because
    bench.stop()


# --- the journal --------------------------------------------------------------------------------


def test_a_torn_or_missing_line_is_completed(tmp_path):
    path = tmp_path / "j.jsonl"
    first, last = (Decision("spectrum", ".", "a", k) for k in (1, 2))
    with Journal(path, "d") as journal:
        journal.put([first], Mark("a", 1, 1, "p"))
        journal.put([last], Mark("a", 1, 1, "p", 2), {"s": {"x": 0.1}})
    whole = path.read_bytes()
    begin = len(first.line().encode())
    for cut in (begin, begin + 1, len(whole) - 1, len(whole)):
        path.write_bytes(whole[:cut])
        with Journal(path, "d") as journal:
            assert journal.state("s") == {"x": 0.1}
        assert path.read_bytes() == whole
    for wrong in (whole[: begin - 1], whole + b"x", whole[:-2] + b"xx"):
        path.write_bytes(wrong)
        with pytest.raises(DataError, match="not as the watch left it"):
            Journal(path, "d")
        assert path.read_bytes() == wrong


def test_a_journal_belongs_to_one_watch_of_one_folder(tmp_path):
    path = tmp_path / "j.jsonl"
    with Journal(path, "d"), pytest.raises(AnolyteError, match="another watch"):
        Journal(path, "d")
    with pytest.raises(DataError, match="belongs to the folder 'd'"):
        Journal(path, "e")
    path.write_text("{}\n")
    (tmp_path / "j.jsonl.state").unlink()
    with pytest.raises(DataError, match="has no j.jsonl.state beside it"):
        Journal(path, "d")
    (tmp_path / "k.jsonl.state").write_text("no database, but long enough to be looked at" * 9)
    with pytest.raises(DataError, match="no state of a watch"):
        Journal(tmp_path / "k.jsonl", "d")


def test_lines_are_json_and_floats_read_back(tmp_path):
    number = Number(0.1 + 0.2, "resistance", 1e-300)
    one = Decision("spectrum", "b", "ä.z", 3, 1.5, Level.BAD, "why", {"r": number})
    assert Decision.of_line(one.line()) == one
    assert json.loads(one.line())["numbers"]["r"]["unit"] == "ohm"
    with pytest.raises(ValueError):
        Decision("spectrum", ".", "a", time=float("nan")).line()


# --- the chain of cells -------------------------------------------------------------------------

CELL = Setup(area="0.7854 cm2", thickness="1 mm", electrodes="Li|Li", temperature=298.15)


def judged(series, judge=None, state=None):
    """Decisions on spectra one after the other, the state written and read each time."""
    judge, state, found = judge or SpectrumJudge(circuit=CIRCUIT), state or {}, []
    for k, spectrum in enumerate(series, 1):
        said, state = judge(spectrum, Where(".", "s", k, CELL), json.loads(json.dumps(state)))
        found += said
    return found, state


def names(decision):
    return [a.name for a in decision.alarms]


def test_a_healthy_cell_is_called_so_and_its_arcs_keep_their_names(spectra):
    found, state = judged([spectra[0]] * 2)
    assert [d.level for d in found] == [Level.GOOD] * 2
    numbers = found[-1].numbers
    assert numbers["charge transfer R3"].si == pytest.approx(120.0, rel=0.02)
    one = numbers["charge transfer R3, one interface"]
    assert one.kind == "area_resistance" and one.si == pytest.approx(60 * 0.7854e-4, rel=0.02)
    assert numbers["total"].si == pytest.approx(474.7, rel=0.02)
    assert len(json.dumps(state)) < 20_000


def test_a_collapsed_arc_and_a_short_are_told(spectra):
    r, c = Pellet().resistance, Pellet().capacitance
    soft = Pellet(resistance=(r[0], r[1], 0.3 * r[2]), capacitance=(c[0], c[1], c[2]))
    hard = Pellet(resistance=(0.5 * r[0], 0.5 * r[1], 0.3 * r[2]), capacitance=c, diffusion=10.0)
    made = measure([Pellet()] * 4 + [soft, hard], 0.003, 1, [{}] * 6).spectra
    found, _ = judged(made)
    assert all(not names(d) for d in found[:4])
    assert "soft short" in names(found[4]) and found[4].level is Level.BAD
    assert "short" in names(found[5]) and "its electrolyte alone" in found[5].alarms[0].because


def test_lost_contact_is_told_from_growth():
    r, c = Pellet().resistance, Pellet().capacitance
    less = [1.0] * 6 + [0.7] * 3
    lost = [Pellet(resistance=(r[0], r[1], r[2] / a), capacitance=(c[0], c[1], c[2] * a))
            for a in less]  # fmt: skip
    grown = [Pellet(resistance=(r[0], r[1], r[2] / a)) for a in less]
    for pellets, told in ((lost, True), (grown, False)):
        found, _ = judged(measure(pellets, 0.003, 2, [{}] * 9).spectra)
        assert any("contact area" in names(d) for d in found) is told


def test_a_warmer_cell_is_no_short(spectra):
    """Half the resistance at another temperature starts new references."""
    r = Pellet().resistance
    warm = Pellet(resistance=tuple(0.4 * x for x in r), diffusion=16.0)
    facts = [{"record": {"temperature": 298.0}}] * 4 + [{"record": {"temperature": 318.0}}] * 2
    found, _ = judged(measure([Pellet()] * 4 + [warm] * 2, 0.003, 3, facts).spectra)
    assert not any(names(d) for d in found)


def test_a_fit_above_the_noise_tells_no_arc(spectra):
    found, state = judged(spectra[:1], SpectrumJudge(circuit="R0-p(R1,C1)"))
    assert found[0].level is Level.CAUTION and "no arc is told" in found[0].because
    assert not any("R1" in n for n in found[0].numbers) and "values" not in state
    assert found[0].numbers["at the lowest frequency"].si == pytest.approx(474.0, rel=0.03)


def test_half_cycles_of_a_ramp_are_those_of_the_whole_trace():
    trace, truth = ramp()
    judge, where = RowsJudge(), Where(".", "t", 0, CELL)
    whole, end = judge(trace, where, {})
    cuts = [0, *np.sort(np.random.default_rng(0).choice(7000, 20, replace=False)), len(trace)]
    state, parts = {}, []
    for a, b in zip(cuts, cuts[1:], strict=False):
        said, state = judge(trace.part(slice(a, b)), where, json.loads(json.dumps(state)))
        parts += said
    assert [d.line() for d in parts] == [d.line() for d in whole]
    assert json.dumps(state) == json.dumps(end)
    bent = [d.number for d in whole if "void" in names(d)]
    short = next(d for d in whole if d.kind == "short")
    assert short.time == 36930.0 and names(short) == ["soft short"]
    told = [b.half_cycle for b in find_voids(trace, CELL).bends if b.voids]
    assert bent == [k for k in told if k < 21]


def test_the_board_never_grows(spectra):
    board = Board()
    for k in range(3000):
        number = Number(100.0 + k, "resistance", 1.0)
        board.add(Decision("spectrum", f"c{k % 99}", "f", 1, 1.7e9 + k, numbers={"r": number},
                           alarms=(Alarm("drift", Level.CAUTION, f"{k}"),)))  # fmt: skip
    assert len(board.cards) <= 64 and len(board.alarms) <= 60
    card = Board()
    for k in range(5000):
        card.add(Decision("spectrum", ".", "f", k, 1.7e9 + 60 * k,
                          numbers={"r": Number(1.0 * k, "resistance")}))  # fmt: skip
    kept = card.cards[".spectrum"].series["r"]
    assert len(kept.value) <= 400 and kept.value[0] == 0.0 and kept.value[-1] == 4999.0
    assert kept.time == sorted(kept.time)


def test_a_page_shows_names_as_text(tmp_path):
    page = Page(tmp_path / "p.html", "<b>data</b>", lambda name: {})
    page.decided(Decision("spectrum", ".", "<script>.z", 1, because="a & b"))
    page.looked()
    text = (tmp_path / "p.html").read_text()
    assert "<script" not in text and "<b>data" not in text and "a &amp; b" in text
    assert 'http-equiv="refresh"' in text
