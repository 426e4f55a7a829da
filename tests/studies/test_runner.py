"""The runner: every task once, failures kept, and the same results however it is run."""

from __future__ import annotations

import _thread
import itertools
import random
import signal
import time
from dataclasses import dataclass

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.models.volume import VolumeResult
from anolyte.studies import runner as runner_module
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.runner import InProcess, attempt, run, seed_of


def name(i):
    return key("test", "1", {"i": i}, "", 0)


def tasks(count):
    return [(name(i), i) for i in range(count)]


def draw(i, seed):
    """A result that hangs on the seed."""
    return VolumeResult(f"interface {i}", ratio=float(np.random.default_rng(seed).random()))


def rows(ledger):
    return ledger._all("SELECT key, json FROM result ORDER BY key")


@dataclass(frozen=True)
class Backwards:
    """An engine that takes three chunks at once and finishes them in an order of its own."""

    seed: int
    name = "backwards"

    def map(self, function, chunks):
        dice, chunks = random.Random(self.seed), iter(chunks)
        while flying := list(itertools.islice(chunks, 3)):
            outcomes = [attempt(function, task) for chunk in flying for task in chunk]
            dice.shuffle(outcomes)
            cut = dice.randrange(len(outcomes))
            yield outcomes[:cut]
            yield outcomes[cut:]


def test_every_task_is_run_once_and_found():
    calls = []

    def work(i, seed):
        calls.append(i)
        return draw(i, seed)

    with Ledger() as ledger:
        first = run(work, tasks(60), ledger=ledger)
        again = run(work, tasks(90), ledger=ledger)
        assert (first.done, first.failed, first.skipped) == (60, 0, 0)
        assert (again.done, again.failed, again.skipped) == (30, 0, 60)
        assert calls == list(range(90))
        assert all(ledger.get(k).interface == f"interface {i}" for k, i in tasks(90))


def test_without_a_ledger_results_are_in_memory():
    summary = run(draw, tasks(3))
    assert [summary.ledger.get(k).interface for k, _ in tasks(3)] == [
        f"interface {i}" for i in range(3)
    ]


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize(
    "engine", [InProcess(), InProcess(patience=0.0), Backwards(1), Backwards(2)]
)
def test_order_chunks_and_engine_do_not_change_results(engine, chunk):
    shuffled = tasks(40)
    random.Random(chunk).shuffle(shuffled)
    expected = rows(run(draw, tasks(40)).ledger)
    assert rows(run(draw, shuffled, runner=engine, chunk=chunk).ledger) == expected


def test_seeds_follow_from_the_key_and_differ():
    words = {tuple(seed_of(name(i)).generate_state(4)) for i in range(1000)}
    assert len(words) == 1000
    assert (seed_of(name(1)).generate_state(4) == seed_of(name(1)).generate_state(4)).all()
    assert seed_of(name(1)).entropy == int.from_bytes(name(1).encode())


def test_failures_are_rows_and_the_run_goes_on():
    def work(i, seed):
        if i % 3 == 0:
            raise MissingProperty(f"no conductivity of {i}")
        if i % 3 == 1:
            return {}[i]
        return draw(i, seed)

    with Ledger() as ledger:
        summary = run(work, tasks(9), ledger=ledger, chunk=2)
        assert (summary.done, summary.failed) == (3, 6)
        failures = {f.key: f for f in ledger.failed()}
        assert failures[name(3)] == (name(3), "MissingProperty", "no conductivity of 3", 1)
        assert failures[name(1)].error == "KeyError"
        assert "test_runner.py, line" in failures[name(1)].text
        assert run(work, tasks(9), ledger=ledger).skipped == 9
        summary = run(draw, tasks(9), ledger=ledger, retry=True)
        assert (summary.done, summary.failed, summary.skipped) == (6, 0, 3)
        assert {a for (a,) in ledger._all("SELECT attempts FROM task")} == {1, 2}


@pytest.mark.parametrize("odd", [None, {"a": 1}, "text", VolumeResult("x", ratio=object())])
def test_an_answer_that_is_no_result_is_a_failure(odd):
    with Ledger() as ledger:
        assert run(lambda i, seed: odd, tasks(2), ledger=ledger).failed == 2
        assert {f.error for f in ledger.failed()} == {"TypeError"}


def test_tasks_are_read_as_needed():
    read = []

    def stream():
        for task in tasks(100):
            read.append(task)
            yield task

    def work(i, seed):
        assert len(read) <= i + 10
        return draw(i, seed)

    assert run(work, stream(), chunk=10).failed == 0


def test_progress_follows_what_is_stored():
    told = []
    with Ledger() as ledger:
        run(draw, tasks(5), ledger=ledger)

        def progress(done, total, what):
            assert ledger.status()["done"] == done
            told.append((done, total))

        run(draw, tasks(25), ledger=ledger, chunk=10, progress=progress)
    assert told == [(15, 25), (25, 25)]


def test_slow_tasks_are_stored_before_their_chunk_is_full():
    seen = []
    with Ledger() as ledger:

        def work(i, seed):
            seen.append(ledger.status()["done"])
            time.sleep(0.02)
            return draw(i, seed)

        run(work, tasks(6), ledger=ledger, chunk=6, runner=InProcess(patience=0.03))
    assert seen[-1] >= 2 and seen == sorted(seen)


def interrupted(path, work, **options):
    # What is started in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Ledger(path) as ledger:
        with pytest.raises(KeyboardInterrupt):
            run(work, tasks(20), ledger=ledger, chunk=4, **options)
        return ledger._all("SELECT status FROM run")[-1][0], ledger.status()["done"]


def test_ctrl_c_in_a_task_keeps_what_is_finished(tmp_path):
    def work(i, seed):
        if i == 10:
            _thread.interrupt_main()
            time.sleep(1.0)
        return draw(i, seed)

    assert interrupted(tmp_path / "ledger", work) == ("interrupted", 10)
    with Ledger(tmp_path / "ledger") as ledger:
        summary = run(draw, tasks(20), ledger=ledger)
        assert (summary.done, summary.skipped) == (10, 10)
        assert rows(ledger) == rows(run(draw, tasks(20)).ledger)


def test_ctrl_c_while_storing_keeps_what_is_finished(tmp_path, monkeypatch):
    put, calls = Ledger.put_many, []

    def put_many(self, *arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        put(self, *arguments)

    monkeypatch.setattr(Ledger, "put_many", put_many)
    assert interrupted(tmp_path / "ledger", draw) == ("interrupted", 12)


def test_ctrl_c_while_reading_tasks(tmp_path):
    def progress(done, total, what):
        if done == 8:
            raise KeyboardInterrupt

    assert interrupted(tmp_path / "ledger", draw, progress=progress) == ("interrupted", 8)


def test_an_engine_is_closed_however_a_run_ends():
    closed = []

    class Engine:
        name = "engine"

        def map(self, function, chunks):
            try:
                for chunk in chunks:
                    yield [attempt(function, task) for task in chunk]
            finally:
                closed.append(True)

    def progress(done, total, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(draw, tasks(50), runner=Engine(), progress=progress)
    assert closed == [True]


def test_a_full_disk_ends_the_run_with_one_line(tmp_path):
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        pages = ledger._all("PRAGMA page_count")[0][0]
        ledger._all(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(AnolyteError, match="disk is full"):
            run(draw, tasks(2000), ledger=ledger)
        kept = ledger.status()["done"]
    assert 0 < kept < 2000
    with Ledger(path) as ledger:
        assert run(draw, tasks(2000), ledger=ledger).skipped == kept
        assert rows(ledger) == rows(run(draw, tasks(2000)).ledger)


def test_the_engine_is_named_with_each_task():
    ledger = run(draw, tasks(2), runner=Backwards(1)).ledger
    assert ledger._all("SELECT DISTINCT engine, run FROM task") == [("backwards", 1)]
    assert runner_module.InProcess().name == "in-process"
