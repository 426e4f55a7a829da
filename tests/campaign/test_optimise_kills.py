"""An optimisation that is killed with -9 again and again comes to the front of one left alone."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = Path(__file__).parents[2] / "docs" / "howto" / "study.yaml"


def start(designs: int, ledger, result) -> subprocess.Popen[bytes]:
    """The command line, as a user starts it."""
    command = [sys.executable, "-m", "anolyte", "optimise", str(STUDY), "--evaluations",
               str(designs), "--resume", str(ledger), "--save", str(result)]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.campaign
def test_a_killed_optimisation_comes_to_the_same_front(campaign, tmp_path) -> None:
    pytest.importorskip("optuna")
    designs = campaign.size(reduced=240, full=4000)
    dice = random.Random(campaign.seed)
    plain = tmp_path / "plain.json"
    begun = time.monotonic()
    assert start(designs, tmp_path / "plain.db", plain).wait(timeout=1200) == 0
    whole = time.monotonic() - begun
    ledger, result, kills = tmp_path / "killed.db", tmp_path / "killed.json", 0
    while kills < (30 if campaign.full else 2):
        child = start(designs, ledger, result)
        try:
            child.wait(timeout=dice.uniform(1.5, 4.0) if campaign.full else 0.6 * whole)
            break  # through before the kill
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
    if not result.exists():
        assert start(designs, ledger, result).wait(timeout=1200) == 0
    assert kills >= 1
    one, other = (json.loads(path.read_text()) for path in (plain, result))
    one.pop("record")
    other.pop("record", None)  # a kill between writing and sealing leaves a result without
    assert one == other
    campaign.record(designs=designs, kills=kills, different=0, seconds=round(whole, 1))
