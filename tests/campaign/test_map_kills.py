"""A map that is killed with -9 again and again ends as one that nobody disturbed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import pytest

MAP = ["map", "Li6PS5Cl", "Li", "--current", "0.1 mA/cm2 to 2 mA/cm2", "--pressure",
       "2 MPa to 8 MPa", "--draws", "16"]  # fmt: skip


def start(runs: int, ledger, result) -> subprocess.Popen[bytes]:
    """The command line, as a user starts it."""
    command = [sys.executable, "-m", "anolyte", *MAP, "-n", str(runs),
               "--resume", str(ledger), "--save", str(result)]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.campaign
def test_a_killed_map_goes_on_and_ends_the_same(campaign, tmp_path) -> None:
    runs = campaign.size(reduced=15_000, full=300_000)
    dice = random.Random(campaign.seed)
    plain = tmp_path / "plain.json"
    begun = time.monotonic()
    assert start(runs, tmp_path / "plain.db", plain).wait(timeout=1200) == 0
    whole = time.monotonic() - begun
    ledger, result, kills = tmp_path / "killed.db", tmp_path / "killed.json", 0
    while kills < (60 if campaign.full else 3):
        child = start(runs, ledger, result)
        try:
            late = dice.uniform(1.5, 5.0) if campaign.full else dice.uniform(0.5, 0.9) * whole
            child.wait(timeout=late)
            break  # through before the kill
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
    if not result.exists():
        assert start(runs, ledger, result).wait(timeout=1200) == 0
    assert kills >= 1

    def said(path):
        found = json.loads(path.read_text())
        found.pop("provenance", None)
        found.pop("record")  # the two were asked with other files
        return found

    assert said(result) == said(plain)
    campaign.record(runs=runs, kills=kills, different=0, seconds=round(whole, 1))
