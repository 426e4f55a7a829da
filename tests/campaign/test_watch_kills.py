"""A watch that is killed with -9 again and again loses nothing and says nothing twice.

With ANOLYTE_SHARE="written:seen" the instruments write below the first folder and the watch looks
at the second, where the first one is mounted as a share.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import pytest

from anolyte.measure.synthetic import Pellet, ageing, ramp

PROGRAM = """
import sys
from pathlib import Path
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.decide import CellChain
from anolyte.studies.monitor.folder import Folder, Polling, Readiness
from anolyte.studies.monitor.journal import Journal
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Watcher

folder, log, circuit, stop = sys.argv[1:]
setup = Setup(area="0.785 cm2", thickness="1 mm", electrodes="Li|Li")
print("begins", flush=True)
with Journal(Path(log), "data") as journal:
    watcher = Watcher(
        Folder(Path(folder)), journal, CellChain(SpectrumJudge(circuit=circuit)),
        lambda cell: setup, Readiness(quiet=3.0, periods=0.0),
    )
    if stop == "end":
        watcher.replay()
    else:
        watcher.run(Polling(0.1))
"""
CIRCUIT = "p(R1,CPE1)-p(R2,CPE2)"
BEGIN, APART = 1.7e9, 600.0
"""Clock of the first sweep, and from one to the next, s."""


def fast(spectra, count):
    """Spectra with few points, so that fits are quick."""
    made = []
    for k in range(count):
        r = Pellet().resistance
        f = spectra[0].frequency[:60:2]
        pellet = Pellet(resistance=(r[0], r[1], r[2] * (1 + 0.1 * k)))
        made.append((f, pellet.impedance(f)))
    return made


def table(f, z, before: str = "") -> str:
    pairs = zip(f.tolist(), z.tolist(), strict=True)
    return "".join(f"{before}{a!r},{b.real!r},{b.imag!r}\n" for a, b in pairs)


class Instrument(threading.Thread):
    """Writes as instruments do: whole files that are renamed, and files that grow."""

    head = "frequency [Hz],real [ohm],imaginary [ohm]\n"
    rows_head = "time [s],voltage [V],current [A]\n"
    cycles_head = "Cycle,Charge capacity [mAh],Discharge capacity [mAh]\n"

    def __init__(self, folder, files: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.folder, self.files, self.dice = folder, files, random.Random(seed)
        self.pause = seconds / files
        made = fast(ageing(count=1).spectra, files)
        self.single = [self.head + table(*m) for m in made]
        self.loops = [table(*m).splitlines(keepends=True) for m in made]
        self.loops[0].insert(0, self.head)
        self.swept = [table(*m, before=f"{BEGIN + APART * k!r},") for k, m in enumerate(made)]
        self.swept = [t.splitlines(keepends=True) for t in self.swept]
        self.swept[0].insert(0, "unix time [s]," + self.head)
        trace, _ = ramp()
        columns = [c.tolist() for c in (trace.time, trace.voltage, trace.current)]
        lines = [f"{a!r},{b!r},{c!r}\n" for a, b, c in zip(*columns, strict=True)]
        self.rows = self.parts([self.rows_head, *lines], files)
        step = APART * files / len(trace)  # up to the start of the sweep that is written before
        times = [BEGIN - APART + step * k for k in range(len(trace))]
        lines = [f"{t!r},{b!r},{c!r}\n" for t, b, c in zip(times, *columns[1:], strict=True)]
        self.clocked = self.parts(["unix " + self.rows_head, *lines], files)
        self.cycles = [f"{k + 1},{10.0 - 0.01 * k!r},{9.9 - 0.011 * k!r}\n" for k in range(files)]

    @staticmethod
    def parts(lines: list[str], count: int) -> list[list[str]]:
        return [lines[k * len(lines) // count : (k + 1) * len(lines) // count]
                for k in range(count)]  # fmt: skip

    def run(self) -> None:
        for name in ("single", "loops", "rows", "both", "cycles"):
            (self.folder / name).mkdir(parents=True)
        for k in range(self.files):
            part = self.folder / "single" / f"s{k:04d}.csv.part"
            part.write_text(self.single[k])
            part.rename(part.with_suffix(""))
            half = self.dice.randrange(1, len(self.loops[k]))
            self.grow("loops", self.loops[k][:half])
            self.grow("both", self.swept[k][:half], "sweeps.csv")
            time.sleep(
                0.05
            )  # the next point; the watch waits for three seconds: on a busy computer
            # a writer may stand still for one, and a half spectrum would be taken for a whole one
            self.grow("loops", self.loops[k][half:])
            self.grow("both", self.swept[k][half:], "sweeps.csv")
            self.grow("both", self.clocked[k], "rows.csv")
            self.grow("rows", self.rows[k])
            self.grow("cycles", [*[self.cycles_head] * (k == 0), self.cycles[k]])
            time.sleep(self.dice.uniform(0.2, 1.8) * self.pause)

    def grow(self, name: str, lines: list[str], file_name: str = "grows.csv") -> None:
        """Append, the last line in two pieces."""
        with (self.folder / name / file_name).open("a") as file:
            text = "".join(lines)
            file.write(text[:-5])
            file.flush()
            os.fsync(file.fileno())
            file.write(text[-5:])


def share(folder: Path) -> tuple[Path, Path]:
    """Where the instruments write and where the watch looks."""
    given = os.environ.get("ANOLYTE_SHARE")
    if given is None:
        folder.mkdir()
        return folder, folder
    name = f"run {os.getpid()} {time.time_ns()}"
    written, seen = (Path(p) / name for p in given.split(":"))
    written.mkdir()
    return written, seen


def start(folder, log, stop="") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(log), CIRCUIT, stop]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def streams(log) -> dict[str, list[str]]:
    """Lines of each cell in their order; of rows beside spectra, each on its own."""
    found = defaultdict(list)
    for line in log.read_text().splitlines():
        one = json.loads(line)
        name = one["cell"] + (f" {one['file']}" if one["cell"] == "both" else "")
        found[name].append(line)
    return dict(found)


@pytest.mark.campaign
def test_a_killed_watch_ends_with_the_lines_of_one_that_nobody_disturbed(campaign, tmp_path):
    wanted = campaign.size(reduced=4, full=50)
    dice = random.Random(campaign.seed)
    folder, log, plain = tmp_path / "data", tmp_path / "w.jsonl", tmp_path / "plain.jsonl"
    written, folder = share(folder)
    instrument = Instrument(written, campaign.size(reduced=12, full=150),
                            campaign.size(reduced=10, full=150), campaign.seed)  # fmt: skip
    instrument.start()
    kills = 0
    while kills < wanted:
        child = start(folder, log)
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(dice.uniform(0.0, 8.0))
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
    instrument.join(timeout=600)
    live = sum(map(len, streams(log).values()))
    assert start(folder, log, "end").wait(timeout=1200) == 0
    assert start(folder, plain, "end").wait(timeout=1200) == 0
    seen, undisturbed = streams(log), streams(plain)
    assert {c: len(lines) for c, lines in seen.items()} == {
        c: len(lines) for c, lines in undisturbed.items()
    }
    assert seen == undisturbed
    assert len(seen["single"]) == len(seen["loops"]) == instrument.files
    assert len(seen["both sweeps.csv"]) == len(seen["cycles"]) == instrument.files
    assert len(seen["rows"]) > 20 and len(seen["both rows.csv"]) > 20
    assert live > 10  # something was done between the kills
    campaign.record(live=live, lines=sum(map(len, seen.values())), kills=kills, different=0)
