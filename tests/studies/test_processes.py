"""Several processes: the same rows as one, and nothing lost when any of them dies."""

import importlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anolyte.core.errors import AnolyteError
from anolyte.studies.interlayers import ask
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.processes import Processes
from anolyte.studies.runner import run


def name(i):
    return key("test", "1", {"i": i}, "", 0)


def tasks(count):
    return [(name(i), i) for i in range(count)]


WORK = """
import os
import sys

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.models.volume import VolumeResult


def draw(i, seed):
    return VolumeResult(f"interface {i}", ratio=float(np.random.default_rng(seed).random()))


def die(i, seed):
    if i in (2, 5):
        os._exit(3)
    if i == 7:
        raise AnolyteError("no answer to 7")
    return draw(i, seed)


class Unreadable:
    def __call__(self, i, seed):
        return draw(i, seed)

    def __reduce__(self):
        return sys.exit, (1,)
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Functions of a module that a new interpreter finds, too."""
    (tmp_path / "work_of_a_worker.py").write_text(WORK, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "work_of_a_worker", raising=False)
    return importlib.import_module("work_of_a_worker")


def rows(ledger):
    return ledger._all("SELECT key, json FROM result ORDER BY key")


def test_same_rows_as_in_one_process(work):
    expected = rows(run(work.draw, tasks(30)).ledger)
    assert rows(run(work.draw, tasks(30), runner=Processes(2), chunk=4).ledger) == expected
    assert run(work.draw, [], runner=Processes(2)).done == 0


def test_a_worker_that_dies_costs_its_own_task_only(work):
    with Ledger() as ledger:
        summary = run(work.die, tasks(10), ledger=ledger, runner=Processes(2))
        assert (summary.done, summary.failed) == (7, 3)
        failures = {f.key: f.text for f in ledger.failed()}
        assert "the process died at this task" in failures[name(2)]
        assert "the process died at this task" in failures[name(5)]
        assert failures[name(7)] == "no answer to 7"


def test_a_screen_is_the_same_in_two_processes():
    question = ask("LLZO", "Li", [f"Li{2 * i}Al2O{i + 3}" for i in range(1, 121)])
    assert len(question.tasks) == 3
    assert question.run(Ledger(), runner=Processes(2)) == question.run(Ledger())


def test_a_function_that_no_other_process_can_read_is_refused(work):
    with pytest.raises(AnolyteError, match="worker processes do not start"):
        run(work.Unreadable(), tasks(2), runner=Processes(1))


SCRIPT = """
import sys, time
from anolyte.models.volume import VolumeResult
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.processes import Processes
from anolyte.studies.runner import run

def slow(i, seed):
    time.sleep(0.05)
    return VolumeResult(str(i), ratio=1.0)

if __name__ == "__main__":
    tasks = [(key("t", "1", {"i": i}, "", 0), i) for i in range(400)]
    with Ledger(sys.argv[1]) as ledger:
        run(slow, tasks, ledger=ledger, runner=Processes(2))
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_killed_at_any_moment_keeps_what_is_done_and_leaves_no_process(tmp_path, how):
    script, path = tmp_path / "script.py", tmp_path / "ledger.db"
    script.write_text(SCRIPT, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, script, path], stderr=subprocess.PIPE, start_new_session=True
    )
    wait_for(lambda: done(path) >= 5)
    os.killpg(process.pid, how) if how == signal.SIGINT else os.kill(process.pid, how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    wait_for(lambda: not alive(process.pid))
    with Ledger(path) as ledger:
        kept = ledger.status()
    assert 5 <= kept["done"] < 400 and kept["failed"] == 0


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def done(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with Ledger.open_read_only(path) as ledger:
            return ledger.status()["done"]
    except AnolyteError:  # not yet made
        return 0


def alive(group: int) -> bool:
    """Whether any process of the script's session is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
