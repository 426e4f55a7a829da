"""A watch that is killed with -9 again and again loses nothing and says nothing twice."""

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


def fast(spectra, count):
    """Spectra with few points, so that fits are quick."""
    made = []
    for k in range(count):
        r = Pellet().resistance
        f = spectra[0].frequency[:60:2]
        pellet = Pellet(resistance=(r[0], r[1], r[2] * (1 + 0.1 * k)))
        made.append((f, pellet.impedance(f)))
    return made


def table(f, z) -> str:
    pairs = zip(f.tolist(), z.tolist(), strict=True)
    return "".join(f"{a!r},{b.real!r},{b.imag!r}\n" for a, b in pairs)


class Instrument(threading.Thread):
    """Writes as instruments do: whole files that are renamed, and files that grow."""

    head = "frequency [Hz],real [ohm],imaginary [ohm]\n"

    def __init__(self, folder, files: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.folder, self.files, self.dice = folder, files, random.Random(seed)
        self.pause = seconds / files
        made = fast(ageing(count=1).spectra, files)
        self.single = [self.head + table(*m) for m in made]
        self.loops = [table(*m).splitlines(keepends=True) for m in made]
        self.loops[0].insert(0, self.head)
        trace, _ = ramp()
        rows = zip(trace.time.tolist(), trace.voltage.tolist(), trace.current.tolist(),
                   strict=True)  # fmt: skip
        lines = [
            "time [s],voltage [V],current [A]\n",
            *(f"{a!r},{b!r},{c!r}\n" for a, b, c in rows),
        ]
        self.rows = [lines[k * len(lines) // files : (k + 1) * len(lines) // files]
                     for k in range(files)]  # fmt: skip

    def run(self) -> None:
        for name in ("single", "loops", "rows"):
            (self.folder / name).mkdir(parents=True)
        for k in range(self.files):
            part = self.folder / "single" / f"s{k:04d}.csv.part"
            part.write_text(self.single[k])
            part.rename(part.with_suffix(""))
            half = self.dice.randrange(1, len(self.loops[k]))
            self.grow("loops", self.loops[k][:half])
            time.sleep(
                0.05
            )  # the next point; the watch waits for three seconds: on a busy computer
            # a writer may stand still for one, and a half spectrum would be taken for a whole one
            self.grow("loops", self.loops[k][half:])
            self.grow("rows", self.rows[k])
            time.sleep(self.dice.uniform(0.2, 1.8) * self.pause)

    def grow(self, name: str, lines: list[str]) -> None:
        """Append, the last line in two pieces."""
        with (self.folder / name / "grows.csv").open("a") as file:
            text = "".join(lines)
            file.write(text[:-5])
            file.flush()
            os.fsync(file.fileno())
            file.write(text[-5:])


def start(folder, log, stop="") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(log), CIRCUIT, stop]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def by_cell(log) -> dict[str, list[str]]:
    """Lines of each cell in their order; cells do not wait for each other."""
    found = defaultdict(list)
    for line in log.read_text().splitlines():
        found[json.loads(line)["cell"]].append(line)
    return dict(found)


@pytest.mark.campaign
def test_a_killed_watch_ends_with_the_lines_of_one_that_nobody_disturbed(campaign, tmp_path):
    wanted = campaign.size(reduced=4, full=50)
    dice = random.Random(campaign.seed)
    folder, log, plain = tmp_path / "data", tmp_path / "w.jsonl", tmp_path / "plain.jsonl"
    folder.mkdir()
    instrument = Instrument(folder, campaign.size(reduced=12, full=150),
                            campaign.size(reduced=10, full=150), campaign.seed)  # fmt: skip
    instrument.start()
    kills = 0
    while kills < wanted:
        child = start(folder, log)
        time.sleep(dice.uniform(0.5, 8.0))
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
    instrument.join(timeout=600)
    live = sum(map(len, by_cell(log).values()))
    assert start(folder, log, "end").wait(timeout=1200) == 0
    assert start(folder, plain, "end").wait(timeout=1200) == 0
    seen, undisturbed = by_cell(log), by_cell(plain)
    assert {c: len(lines) for c, lines in seen.items()} == {
        c: len(lines) for c, lines in undisturbed.items()
    }
    assert seen == undisturbed
    assert len(seen["single"]) == len(seen["loops"]) == instrument.files
    assert len(seen["rows"]) > 20 and live > 10  # something was done between the kills
    campaign.record(live=live, lines=sum(map(len, seen.values())), kills=kills, different=0)
