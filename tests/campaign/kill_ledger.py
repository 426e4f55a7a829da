"""Kill a study with -9 again and again and see what its ledger holds.

`kill_campaign` starts this file as the driver of a study, kills it at a random point, looks at the
ledger, starts it again, and so on until the study is through. Every other kill comes from outside
at a random time; the others hit a chosen SQL statement, so that the moment in the middle of a
transaction is met too.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from anolyte.models.volume import VolumeResult
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.runner import run

CHUNK = 10
STRIDE = 4 * CHUNK  # tasks for each kill: it falls within them
PAUSE = 1e-3  # s, length of a task


def tasks(count: int):
    """Yield key and arguments of each task."""
    for i in range(count):
        yield key("kill", "1", {"number": i}, "", 0), i


def answer(number: int, seed) -> VolumeResult:
    """The task: a number that follows from the seed alone, hence from the key."""
    ratio = int(seed.generate_state(1)[0]) / 2**32
    return VolumeResult(f"task {number}", ratio=ratio)


def drive(folder: Path, count: int, statement: int) -> None:
    """Run the study, logging every execution before and every commit after it."""
    executed = os.open(folder / "executed", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    stored = os.open(folder / "stored", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def work(number, seed):
        os.write(executed, f"{number}\n".encode())
        time.sleep(PAUSE)
        return answer(number, seed)

    def progress(done, total, what):
        os.write(stored, f"{done}\n".encode())

    if statement:
        sqlite3.connect = dying(statement)
    with Ledger(folder / "ledger") as ledger:
        run(work, tasks(count), ledger=ledger, progress=progress, chunk=CHUNK)


def dying(statement: int):
    """Return a `sqlite3.connect` that kills this process before a statement that may write."""
    connect, left = sqlite3.connect, statement

    def count_down(sql):
        nonlocal left
        left -= not sql.startswith("SELECT")
        if left == 0:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    def traced(*args, **options):
        db = connect(*args, **options)
        db.set_trace_callback(count_down)
        return db

    return traced


def lines(path: Path) -> list[int]:
    """Return the whole lines of a log."""
    if not path.exists():
        return []
    return [int(line) for line in path.read_text().split("\n")[:-1]]


def live(folder: Path, count: int, after: int, delay: float, statement: int) -> bool:
    """Start the driver and kill it; tell whether it was killed (and not through before)."""
    command = [sys.executable, __file__, str(folder), str(count), str(statement)]
    with subprocess.Popen(command) as child:
        while child.poll() is None and not statement and after >= 0:
            log = folder / "executed"
            if log.exists() and log.read_bytes().count(b"\n") >= after:
                time.sleep(delay)
                child.kill()
                break
            time.sleep(2e-4)
        return child.wait(timeout=120) != 0


def look(folder: Path, count: int) -> tuple[set[int], str]:
    """Read the ledger as another process would: the tasks found, and SQLite's own verdict.

    Nothing is written, so that the next driver finds what the kill has left.
    """
    path = folder / "ledger"
    if not path.exists():
        return set(), "ok"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
        if not db.execute("SELECT 1 FROM sqlite_master").fetchall():
            return set(), verdict  # killed before the tables were made: the next driver makes them
    with Ledger.open_read_only(path) as ledger:
        return {i for k, i in tasks(count) if ledger.get(k) is not None}, verdict


def kill_campaign(kills: int, seed: int) -> dict[str, float | int]:
    """Kill a study `kills` times, then let it end.

    Returns figures: `lost` counts rows that were stored and are gone, `wrong` rows that differ from
    those of an undisturbed study, `redone` executions beyond one a task, `redone_worst` the most of
    them by one kill, `damaged` failed integrity checks.
    """
    dice = random.Random(seed)
    count, began = STRIDE * (kills + 1), time.perf_counter()
    figures = {"kills": 0, "tasks": count, "chunk": CHUNK, "lost": 0, "wrong": 0, "redone": 0}
    figures |= {"redone_worst": 0, "damaged": 0, "at_statement": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before: set[int] = set()
        for _ in range(3 * kills + 10):  # a life without a kill is rare; without end, a fault
            if len(before) == count:
                break
            executed = len(lines(folder / "executed"))
            last = figures["kills"] == kills
            # 2 statements a task and 2 a chunk, and about 20 to begin with.
            statement = 0 if last or dice.random() < 0.5 else dice.randrange(1, 2 * STRIDE)
            after = -1 if last else executed + dice.randrange(STRIDE)
            figures["kills"] += live(folder, count, after, dice.uniform(0, 5e-3), statement)
            found, verdict = look(folder, count)
            promised = before | set(range(max(lines(folder / "stored"), default=0)))
            redone = len(lines(folder / "executed")) - executed - len(found - before)
            figures["lost"] += len(promised - found)
            figures["redone"] += redone
            figures["redone_worst"] = max(figures["redone_worst"], redone)
            figures["damaged"] += verdict != "ok"
            figures["at_statement"] += statement > 0
            before = found
        figures["wrong"] = wrong(folder / "ledger", count)
    return figures | {"seconds": round(time.perf_counter() - began, 1)}


def wrong(path: Path, count: int) -> int:
    """Count the rows that are missing or differ from those of an undisturbed study."""
    with Ledger() as clean:
        run(answer, tasks(count), ledger=clean)
        expected = clean._all("SELECT key, json, crc FROM result ORDER BY key")
    with Ledger.open_read_only(path) as ledger:
        rows = ledger._all("SELECT key, json, crc FROM result ORDER BY key")
        bad = ledger.status() != {"done": count, "failed": 0}
    return len(set(expected) ^ set(rows)) + bad


if __name__ == "__main__":
    if len(sys.argv) == 4:
        drive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(kill_campaign(*map(int, sys.argv[1:]))))
