"""A screen whose driver and workers are killed with -9 at random ends as one nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

SCREEN = ["screen", "--electrolyte", "LLZTO", "--elements", "Li,Al,Zr,O,F,S,P", "--seed", "5",
          "--through", "reactions"]  # fmt: skip


def start(count: int, engine: str, *, resume=None) -> subprocess.Popen[str]:
    """The command line, as a user starts it."""
    command = [sys.executable, "-m", "anolyte", *SCREEN, "--count", str(count), "--json",
               "--engine", engine]  # fmt: skip
    command += ["--resume", str(resume)] if resume else []
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_quiet()
    )


def _quiet() -> dict[str, str]:
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def said(child: subprocess.Popen[str]):
    """The answer without what depends on the clock."""
    found = json.loads(child.communicate(timeout=1800)[0])
    for step in found["steps"]:
        step.pop("seconds")
    return found


def below(pid: int) -> list[int]:
    """Processes that another one started, all the way down."""
    text = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in text.splitlines()]
    found, wave = [], {pid}
    while wave := {p for p, parent in pairs if parent in wave}:
        found += sorted(wave)
    return found


def rows(ledger) -> int:
    """Groups that a ledger holds, however fast the computer is."""
    if not ledger.exists():
        return 0
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=30.0)) as database:
        try:
            return database.execute("SELECT count(*) FROM task").fetchone()[0]
        except sqlite3.OperationalError:  # it is being made
            return 0


def alive(pid: int) -> bool:
    """Whether a process runs and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.campaign
@pytest.mark.parametrize("engine", ["processes:2", "dask:2"])
def test_a_screen_killed_again_and_again_ends_the_same(campaign, tmp_path, engine) -> None:
    if engine.startswith("dask"):
        pytest.importorskip("distributed", reason="dask comes with the [cluster] extra")
    count, most = campaign.size(reduced=1200, full=30_000), 50 if campaign.full else 5
    dice = random.Random(campaign.seed)
    plain = said(start(count, "local"))
    ledger, drivers, workers, orphans = tmp_path / "killed.db", 0, 0, 0
    while drivers + workers < most:
        child = start(count, engine, resume=ledger)
        before = rows(ledger)
        while child.poll() is None and rows(ledger) <= before:
            time.sleep(0.05)
        time.sleep(dice.uniform(0.0, 1.5 if campaign.full else 0.5))
        if child.poll() is not None:
            break  # through before the kill
        family = below(child.pid)
        if family and dice.random() < 0.5:
            os.kill(dice.choice(family), signal.SIGKILL)
            workers += 1
            time.sleep(dice.uniform(0.5, 2.0))
            family = below(child.pid)
        child.send_signal(signal.SIGKILL)
        child.wait()
        drivers += 1
        until = time.monotonic() + 20.0
        while time.monotonic() < until and any(map(alive, family)):
            time.sleep(0.1)
        orphans += sum(map(alive, family))
    assert drivers >= 1
    if campaign.full:
        assert drivers + workers >= most, "it ended before it had been killed often enough"
    retried = start(count, engine, resume=ledger)
    found = said(retried)
    if found != plain:  # a worker killed at a group made it fail: --retry runs it again
        child = subprocess.Popen(
            [*retried.args, "--retry"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        found = said(child)
    assert orphans == 0
    assert found == plain
    campaign.record(
        engine=engine, candidates=count, drivers=drivers, workers=workers, orphans=orphans
    )
