"""An engine of several processes on this machine.

Every worker answers one task at a time over a pipe of its own: a worker that dies costs the task
that it was at, and workers whose master dies, however it dies, find their pipe closed and end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing.connection import Connection, wait

from anolyte.core.errors import AnolyteError
from anolyte.studies.ledger import Outcome
from anolyte.studies.runner import Batches, Function, Task, attempt


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Processes:
    """Several tasks at a time, each in a process of its own.

    Workers are new interpreters: a script that uses this engine keeps its own work under
    `if __name__ == "__main__":`.

    Args:
        count: Workers; the cores that this process may use.
    """

    count: int = field(default_factory=cores)
    name = "processes"

    def map(self, function: Function, chunks: Iterable[Sequence[Task]]) -> Batches:
        """Batches of outcomes as workers answer.

        Raises:
            AnolyteError: Workers cannot be started.
        """
        tasks = chain.from_iterable(chunks)
        workers: list[_Worker] = []
        try:
            for task in islice(tasks, self.count):
                workers.append(_Worker(function, task))
            while workers:
                heard = wait([w.pipe for w in workers])
                if batch := [_next(w, tasks, workers) for w in tuple(workers) if w.pipe in heard]:
                    yield [outcome for outcome in batch if outcome]
        finally:
            for worker in workers:
                worker.end()


def _next(worker: _Worker, tasks: Iterator[Task], workers: list[_Worker]) -> Outcome | None:
    """The answer of a worker, which goes on with the next task or leaves."""
    if (outcome := worker.answer()) is None:
        return None
    if task := next(tasks, None):
        worker.go_on(task)
    else:
        workers.remove(worker)
        worker.end()
    return outcome


class _Worker:
    """A process and the task that it is at."""

    def __init__(self, function: Function, task: Task) -> None:
        self.function = function
        self._start()
        self._give(task)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.ready = False
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(self.function, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def _give(self, task: Task) -> None:
        self.task = task
        with suppress(OSError):  # it has died: `answer` finds out
            self.pipe.send(task)

    def answer(self) -> Outcome | None:
        """What it says; None: that it has begun.

        Raises:
            AnolyteError: It died before it began.
        """
        try:
            said = self.pipe.recv()
        except (EOFError, OSError):
            if not self.ready:
                raise AnolyteError(
                    "worker processes do not start here; a script must keep its work under "
                    "`if __name__ == '__main__':`"
                ) from None
            self.ready = False
            died = AnolyteError("the process died at this task: out of memory, or killed?")
            return Outcome.of(self.task[0], died)
        self.ready = True
        return said

    def go_on(self, task: Task) -> None:
        """Take the next task, in a new process if the old one died."""
        if not self.ready:
            self.end()
            self._start()
        self._give(task)

    def end(self) -> None:
        """Stop at once."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def _serve(function: Function, pipe: Connection) -> None:
    """Answer tasks until the pipe is closed; Ctrl-C is for the master."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            pipe.send(attempt(function, pipe.recv()))
