"""Files of one cell that grow at the same time: live and replayed alike, by the clocks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from anolyte.core.result import Number
from anolyte.measure.setup import Setup
from anolyte.studies.monitor import content
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.folder import Folder, Readiness
from anolyte.studies.monitor.journal import Journal
from anolyte.studies.monitor.order import over
from anolyte.studies.monitor.watcher import Watcher

BEGIN = 1.7e9
SWEEP = "unix time [s],frequency [Hz],real [ohm],imaginary [ohm]\n"
ROWS = "unix time [s],voltage [V],current [A]\n"
FREQUENCY = np.geomspace(1e4, 0.1, 12)


@dataclass
class Asking:
    """Spectra that build on each other; rows that ask for the last spectrum and earlier rows."""

    def spectrum(self, spectrum, where, state):
        total = 0.5 * state.get("total", 0.0) + float(spectrum.impedance.real[0])
        said = Decision("spectrum", where.cell, where.file, where.number, spectrum.clock,
                        numbers={"total": Number(total, "resistance")})  # fmt: skip
        return (said,), {"total": total}

    def rows(self, rows, where, state):
        count, said = state.get("count", 0), []
        left = state.get("left")
        if not count and (found := where.earlier("half cycle", rows.clock)) is not None:
            left = found.time
        for time, voltage in zip(rows.time.tolist(), rows.voltage.tolist(), strict=True):
            count += 1
            if count % 7 == 0:
                clock = rows.clock + time
                numbers = {"v": Number(voltage, "potential")}
                if (found := where.earlier("spectrum", clock)) is not None:
                    numbers["spectrum"] = Number(found.time, "time")
                if left is not None:
                    numbers["half cycle"] = Number(left, "time")
                said.append(Decision("half cycle", where.cell, where.file, count // 7, clock,
                                     numbers=numbers, until=clock + 1.0))  # fmt: skip
        return said, {"count": count, "left": left}

    def cycles(self, cycles, where, state):
        return (), state


def sweep(start: float, real: float, pace: float = 1.0) -> list[tuple[float, str]]:
    """Lines of a sweep and when they are written: an overhead and two periods a point."""
    found, now = [], start
    for f in FREQUENCY.tolist():
        now += pace * (0.3 + 2.0 / f)
        found.append((now, f"{BEGIN + start!r},{f!r},{real + 0.1 / f!r},{-1.0 / (1 + f)!r}\n"))
    return found


def rows(start: float, end: float, every: float = 2.0) -> list[tuple[float, str]]:
    times = np.arange(start, end, every).tolist()
    return [(t, f"{BEGIN + t!r},{0.01 * t!r},0.001\n") for t in times]


class Cell:
    """A folder that is filled in the order of time, and a watch over it."""

    def __init__(self, path, chain=None, quiet: float = 6.0) -> None:
        self.folder, self.log, self.now = path / "data", path / "live.jsonl", 0.0
        self.folder.mkdir()
        self.chain, self.quiet = chain or Asking(), quiet
        self.watcher = None

    def start(self, log=None) -> Watcher:
        if self.watcher is not None:
            self.watcher.journal.close()
        folder = Folder(self.folder, clock=lambda: self.now)
        folder._local = False
        self.watcher = Watcher(
            folder, Journal(log or self.log, "data"), self.chain, lambda _: Setup(),
            Readiness(quiet=self.quiet), clock=lambda: self.now,
        )  # fmt: skip
        return self.watcher

    def live(self, files: dict[str, list[tuple[float, str]]], seed=0, torn=True, pace=2.5):
        """Write lines when they are due, look now and then, and start again now and then."""
        dice = np.random.default_rng(seed)
        due = sorted((t, name, text) for name, lines in files.items() for t, text in lines)
        self.start()
        rest: dict[str, str] = defaultdict(str)
        while due or any(rest.values()):
            self.now += pace * dice.uniform(0.3, 1.7)
            while due and due[0][0] <= self.now:
                _, name, text = due.pop(0)
                rest[name] += text
            for name, text in rest.items():
                keep = min(int(dice.integers(0, 9)), len(text)) if torn and due else 0
                write, rest[name] = text[: len(text) - keep], text[max(0, len(text) - keep) :]
                with (self.folder / name).open("a") as file:
                    file.write(write)
            if dice.random() < 0.1:
                self.start()
            self.watcher.look()
        for _ in range(4):
            self.now += 200.0
            self.watcher.look()
        return streams(self.log)

    def replay(self) -> dict[str, list[str]]:
        log = self.log.with_name("replay.jsonl")
        self.start(log).replay()
        self.watcher.journal.close()
        self.watcher = None
        return streams(log)


def streams(log) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in log.read_text().splitlines():
        found[Decision.of_line(line).kind].append(line)
    return dict(found)


HEADS = {"s": SWEEP, "z": SWEEP, "r": ROWS, "q": ROWS}


def headed(files):
    return {name: [(lines[0][0] - 0.1, HEADS[name[0]]), *lines] for name, lines in files.items()}


@pytest.mark.parametrize("seed", range(3))
def test_spectra_and_rows_that_grow_together_give_the_lines_of_a_replay(tmp_path, seed):
    sweeps = [line for k in range(8) for line in sweep(100.0 * k, 50.0 + 7 * k)]
    files = headed({"s.csv": sweeps, "r.csv": rows(10.0, 800.0)})
    cell = Cell(tmp_path)
    live = cell.live(files, seed)
    assert live == cell.replay()
    assert len(live["spectrum"]) == 8 and len(live["half cycle"]) == 395 // 7
    seen = [Decision.of_line(x).numbers for x in live["half cycle"]]
    known = [n["spectrum"].si for n in seen if "spectrum" in n]
    assert len(set(known)) == 8 and known == sorted(known)
    one = Decision.of_line(live["half cycle"][-1])
    assert one.time - 150.0 < one.numbers["spectrum"].si < one.time


@pytest.mark.parametrize("seed", range(2))
def test_two_files_of_spectra_and_two_of_rows_are_merged_by_their_clocks(tmp_path, seed):
    """Two instruments take turns; the state of the cell goes through the spectra in time."""
    first = [line for k in range(5) for line in sweep(140.0 * k, 50.0 + k)]
    second = [line for k in range(5) for line in sweep(140.0 * k + 60.0, 80.0 + k)]
    files = {
        "z.csv": first,
        "s.csv": second,
        "r.csv": rows(5.0, 300.0),
        "q.csv": rows(330.0, 700.0),
    }
    cell = Cell(tmp_path)
    live = cell.live(headed(files), seed)
    assert live == cell.replay()
    times = [Decision.of_line(x).time for x in live["spectrum"]]
    assert len(times) == 10 and times == sorted(times)
    q = [Decision.of_line(x) for x in live["half cycle"] if '"q.csv"' in x]
    assert q[0].numbers["half cycle"].si < BEGIN + 330.0  # what the earlier file of rows left


def test_rows_wait_for_a_sweep_that_takes_longer_than_any_should(tmp_path):
    """A pause of half a minute within a sweep: rows that could build on it stay behind."""
    lines = sweep(0.0, 50.0)
    late = [*lines[:6], *((t + 40.0, text) for t, text in lines[6:]), *sweep(200.0, 60.0)]
    cell = Cell(tmp_path, quiet=60.0)
    live = cell.live(headed({"s.csv": late, "r.csv": rows(1.0, 300.0)}))
    assert live == cell.replay()
    numbers = [Decision.of_line(x).numbers for x in live["half cycle"]]
    assert {n["spectrum"].si for n in numbers if "spectrum" in n} == {BEGIN, BEGIN + 200.0}


def test_a_slow_sweep_is_not_cut_short_by_rows_beside_it(tmp_path):
    """The rows were written last at every look; the sweep rests longer than a quiet file."""
    slow = [(1.5 * t, text) for t, text in sweep(0.0, 50.0)] + sweep(200.0, 60.0)
    cell = Cell(tmp_path, quiet=4.0)
    live = cell.live(headed({"s.csv": slow, "r.csv": rows(0.0, 330.0)}), torn=False)
    assert live == cell.replay()
    assert len(live["spectrum"]) == 2


def test_without_clocks_a_replay_takes_file_after_file(tmp_path):
    cell = Cell(tmp_path)
    head = "frequency [Hz],real [ohm],imaginary [ohm]\n"
    for name, real in (("b.csv", 1.0), ("a.csv", 2.0)):
        text = "".join(line.split(",", 1)[1] for k in range(2) for _, line in sweep(0.0, real + k))
        (cell.folder / name).write_text(head + text)
    import os

    os.utime(cell.folder / "b.csv", (1e9, 1e9))
    found = [Decision.of_line(x) for x in cell.replay()["spectrum"]]
    assert [d.name for d in found] == [f"{n}.csv, spectrum {k}" for n in "ba" for k in (1, 2)]
    assert all(d.until is None for d in found)


def test_rows_that_are_written_anew_begin_anew(tmp_path):
    cell = Cell(tmp_path)
    cell.start()
    for begin in (0.0, 1000.0):
        text = ROWS + "".join(x for _, x in rows(begin, begin + 30.0))
        (cell.folder / "r.csv").write_text(text)
        cell.now += 20.0
        cell.watcher.look()
        cell.now += 20.0
        cell.watcher.look()
    found = [Decision.of_line(x) for x in streams(cell.log)["half cycle"]]
    assert [d.number for d in found] == [1, 2, 1, 2]


def test_many_files_are_not_kept_in_memory(tmp_path, monkeypatch):
    cell = Cell(tmp_path)
    for k in range(12):
        text = SWEEP + "".join(x for _, x in sweep(100.0 * (11 - k), 50.0 + k))
        (cell.folder / f"s{k:02d}.csv").write_text(text)
    batches = next(iter(cell.start().intake.all()))
    assert sum(b.content is not None for b in batches) == 4
    times = [Decision.of_line(x).time for x in cell.replay()["spectrum"]]
    assert len(times) == 12 and times == sorted(times)


def test_new_rows_keep_the_clock_of_their_file(tmp_path, monkeypatch):
    """A date in each row is not the start of the trace."""
    monkeypatch.setattr(content, "LARGE", 2000)
    path = tmp_path / "r.csv"
    lines = [f"{BEGIN + t!r},{t!r},0.01,0.001\n" for t in np.arange(0.0, 200.0, 1.0).tolist()]
    path.write_text("unix time [s],time [s],voltage [V],current [A]\n" + "".join(lines[:150]))
    whole, _, tail = content.read_whole(path, "r.csv")
    with path.open("a") as file:
        file.write("".join(lines[150:]))
    new, *_ = content.read_new(path, "r.csv", tail)
    assert len(new.trace) == 50 and new.trace.clock == whole.trace.clock == BEGIN


def test_a_last_line_without_an_end_is_taken_once_the_file_rests(tmp_path):
    cell = Cell(tmp_path)
    cell.start()
    lines = "".join(x for _, x in rows(0.0, 28.0))
    (cell.folder / "r.csv").write_text(ROWS + lines[:100])
    cell.watcher.look()
    (cell.folder / "r.csv").write_text(ROWS + lines.rstrip("\n"))
    cell.now += 1.0
    cell.watcher.look()
    assert len(streams(cell.log)["half cycle"]) == 1  # fourteen rows, the last without an end
    cell.now += 30.0
    cell.watcher.look()
    assert streams(cell.log) == cell.replay() and len(streams(cell.log)["half cycle"]) == 2


def test_a_sweep_is_over_after_its_points():
    from anolyte.measure.records import Spectrum

    found = over(Spectrum.of(FREQUENCY, np.ones(12), clock=BEGIN))
    assert found == pytest.approx(BEGIN + 12 + 4 * float(np.sum(1 / FREQUENCY)))
    assert over(Spectrum.of(FREQUENCY, np.ones(12))) is None
