"""Workers of dask: the same rows as one process, and nothing lost when any of them dies."""

import importlib
import os
import signal
import subprocess
import sys
import time

import pytest

from anolyte.core.errors import AnolyteError, DataError, MissingExtra
from anolyte.faces.engines import engine
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.runner import run

pytest.importorskip("distributed", reason="dask comes with the [cluster] extra")

from anolyte.studies.cluster import Address, Dask, Local

WORK = """
import os
import time

import numpy as np

from anolyte.core.errors import AnolyteError
from anolyte.models.volume import VolumeResult


def draw(i, seed):
    return VolumeResult(f"interface {i}", ratio=float(np.random.default_rng(seed).random()))


def slow(i, seed):
    time.sleep(0.1)
    return draw(i, seed)


def threads(i, seed):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return VolumeResult(",".join(os.environ.get(n, "?") for n in names), ratio=1.0)


def once(path, seed):
    if path.endswith("3") and not os.path.exists(path):
        open(path, "w").close()
        os.kill(os.getpid(), 9)
    return VolumeResult("interface", ratio=1.0)


def die(i, seed):
    if i == 5:
        os._exit(3)
    if i == 7:
        raise AnolyteError("no answer to 7")
    return draw(i, seed)
"""
DRIVER = """
import sys
import time

sys.path.insert(0, sys.argv[1])
import work_of_a_worker

from anolyte.studies.cluster import Dask, Local
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.runner import run

if __name__ == "__main__":
    tasks = [(key("test", "1", {"i": i}, "", 0), i) for i in range(int(sys.argv[3]))]
    with Ledger(sys.argv[2]) as ledger:
        run(work_of_a_worker.slow, tasks, ledger=ledger, runner=Dask(Local(2)), chunk=2)
"""


def tasks(count):
    return [(key("test", "1", {"i": i}, "", 0), i) for i in range(count)]


def rows(ledger):
    return ledger._all("SELECT key, json FROM result ORDER BY key")


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Functions of a module that workers find, too."""
    (tmp_path / "work_of_a_worker.py").write_text(WORK, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.delitem(sys.modules, "work_of_a_worker", raising=False)
    return importlib.import_module("work_of_a_worker")


def test_same_rows_as_in_one_process(work):
    expected = rows(run(work.draw, tasks(40)).ledger)
    assert rows(run(work.draw, tasks(40), runner=Dask(Local(2)), chunk=4).ledger) == expected
    assert run(work.draw, [], runner=Dask(Local(2))).done == 0


def test_a_poisoned_task_is_found_and_the_rest_goes_on(work):
    with Ledger() as ledger:
        engine = Dask(Local(2, deaths=1))
        summary = run(work.die, tasks(12), ledger=ledger, runner=engine, chunk=4)
        assert (summary.done, summary.failed) == (10, 2)
        told = sorted(f.text for f in ledger.failed())
    assert told[0] == "its workers died one after the other: out of memory?"
    assert told[1] == "no answer to 7"


def test_a_worker_killed_once_costs_nothing(work, tmp_path):
    paths = [(key("test", "1", {"i": i}, "", 0), str(tmp_path / f"mark{i}")) for i in range(6)]
    summary = run(work.once, paths, runner=Dask(Local(1)), chunk=2)
    assert (summary.done, summary.failed) == (6, 0)
    assert (tmp_path / "mark3").exists()


def test_workers_do_linear_algebra_with_one_thread(work, monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    ledger = run(work.threads, tasks(1), runner=Dask(Local(1))).ledger
    assert ledger.get(tasks(1)[0][0]).interface == "1,1,1"


def test_what_no_worker_can_read_is_refused_and_no_failure(work, monkeypatch):
    function, ledger = work.draw, Ledger()
    monkeypatch.setenv("PYTHONPATH", os.environ["PYTHONPATH"].split(os.pathsep, 1)[-1])
    monkeypatch.setattr(sys, "path", sys.path[1:])  # spawned workers inherit it
    with pytest.raises(AnolyteError, match="workers cannot run this"):
        run(function, tasks(4), ledger=ledger, runner=Dask(Local(1)))
    assert ledger.status() == {"done": 0, "failed": 0}


def test_a_stream_is_not_held(work):
    taken = 0

    def stream():
        nonlocal taken
        for task in tasks(60):
            taken += 1
            yield task

    answers = Dask(Local(1)).map(work.slow, ((t,) for t in stream()))
    next(answers)
    assert taken <= 8
    answers.close()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_driver_stopped_at_work_leaves_no_orphan_and_loses_nothing(work, tmp_path, how):
    driver, file, count = tmp_path / "driver.py", tmp_path / "ledger.db", 30
    driver.write_text(DRIVER, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(driver), str(tmp_path), str(file), str(count)],
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: done(file) >= 6)
    workers = children(process.pid)
    assert workers
    if how == signal.SIGINT:  # as a terminal does: to all of them
        os.killpg(process.pid, how)
    else:
        os.kill(process.pid, how)
    assert process.wait(timeout=60) != 0
    stored = done(file)
    wait_for(lambda: not any(map(alive, workers)))
    with Ledger(file) as ledger:
        summary = run(work.draw, tasks(count), ledger=ledger)
        assert (summary.skipped, summary.done) == (stored, count - stored)
        assert 6 <= stored < count
        assert rows(ledger) == rows(run(work.draw, tasks(count)).ledger)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"pip install 'anolyte\[cluster\]'"):
        list(Dask(Local(1)).map(len, [[("k", 1)]]))


def test_no_scheduler_is_one_line():
    with pytest.raises(AnolyteError, match=r"no scheduler answers at tcp://127.0.0.1:1 "):
        list(Dask(Address("tcp://127.0.0.1:1", patience=0.5)).map(len, [[("k", 1)]]))


@pytest.mark.parametrize("text", ["cloud", "dask:0", "slurm:", "processes:-1", "tcp:host"])
def test_an_unknown_engine_is_one_line(text):
    with pytest.raises(DataError, match="no engine"):
        engine(text)


def test_engines_by_name():
    assert engine("dask:3") == Dask(Local(3))
    assert engine("tcp://host:8786") == Dask(Address("tcp://host:8786"))
    slurm = engine("slurm:short:9")
    assert (slurm.cluster.queue, slurm.cluster.jobs) == ("short", 9)
    assert engine("local") is None


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def done(file):
    try:
        with Ledger.open_read_only(file) as ledger:
            return ledger.status()["done"]
    except AnolyteError:  # not there yet
        return 0


def children(pid):
    """Processes below one, all the way down."""
    text = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in text.splitlines()]
    found, wave = [], {pid}
    while wave := {p for p, parent in pairs if parent in wave}:
        found += sorted(wave)
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
