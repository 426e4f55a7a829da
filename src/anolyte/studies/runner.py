"""The runner: a function over a stream of tasks, each answered once and kept in a ledger.

An engine is one method: it takes chunks of tasks and hands back what is finished. Keys, seeds,
storage, failures and interruption are the same for all engines and live in `run`; so the engine,
the order and the chunks never change a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from operator import length_hint
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from anolyte.core.errors import AnolyteError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result
from anolyte.studies.ledger import DONE, FAILED, Ledger, Outcome

if TYPE_CHECKING:
    from numpy.random import SeedSequence

Task = tuple[str, Any]  # ledger key, arguments as one object
Function = Callable[[Any, "SeedSequence"], Result]  # arguments and the task's own seed
Batches = Generator[Sequence[Outcome], None, None]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Runner(Protocol):
    """An engine: one process, many, or a cluster."""

    name: str

    def map(self, function: Function, chunks: Iterable[Sequence[Task]]) -> Batches:
        """Take chunks when there is room for them; yield batches of outcomes as they finish.

        `attempt` runs one task, here or in a worker. Order is free, a batch may be part of a chunk,
        a task that kills its worker is an outcome too. Closing the generator stops all work.
        """
        ...


@dataclass(frozen=True)
class InProcess:
    """One task after the other, in this process.

    Args:
        patience: s after which what is finished is handed back although the chunk is not, so that
            a kill costs little where tasks are slow.
    """

    patience: float = 5.0
    name = "in-process"

    def map(self, function: Function, chunks: Iterable[Sequence[Task]]) -> Batches:
        """Batches of outcomes in the order of the tasks."""
        for chunk in chunks:
            finished: list[Outcome] = []
            began = time.monotonic()
            for task in chunk:
                try:
                    finished.append(attempt(function, task))
                except BaseException:  # Ctrl-C: what is finished is kept, then it goes on its way
                    yield finished
                    raise
                if time.monotonic() - began > self.patience:
                    yield finished
                    finished, began = [], time.monotonic()
            yield finished


@dataclass(frozen=True)
class Summary:
    """How many tasks a run did, and the ledger that holds the results."""

    ledger: Ledger
    done: int
    failed: int
    skipped: int


def run(
    function: Function,
    tasks: Iterable[Task],
    *,
    ledger: Ledger | None = None,
    runner: Runner | None = None,
    progress: Progress = silent,
    chunk: int = 25,
    retry: bool = False,
    inputs: Mapping[str, Any] = _NOTHING,
    hashes: Mapping[str, str] = _NOTHING,
) -> Summary:
    """Run the function on every task that the ledger does not hold.

    Args:
        function: Called as `function(arguments, seed)`; what it raises becomes a row of the ledger.
        tasks: Pairs of ledger key and arguments; read as needed, never held whole.
        ledger: Where results are and go; None: in memory.
        runner: The engine; None: this process.
        progress: Told after each batch is stored.
        chunk: Tasks that an engine takes at once.
        retry: Run again what has failed before.
        inputs, hashes: What was asked, and digests of data; kept with the run.

    Raises:
        AnolyteError: The ledger cannot be written; what was stored is safe.
        KeyboardInterrupt: Ctrl-C, after what is finished was stored.
    """
    ledger = Ledger() if ledger is None else ledger
    runner = runner or InProcess()
    total, count = length_hint(tasks), {DONE: 0, FAILED: 0, "skipped": 0}

    def wanted() -> Iterator[Task]:
        for task in tasks:
            state = ledger.state(task[0])
            if state is None or (retry and state == FAILED):
                yield task
            else:
                count["skipped"] += 1

    number = ledger.begin(inputs, hashes)
    try:
        with closing(runner.map(function, _chunks(wanted(), chunk))) as batches:
            for batch in batches:
                _store(ledger, batch, number, runner.name)
                for outcome in batch:
                    count[FAILED if outcome.json is None else DONE] += 1
                progress(sum(count.values()), total, f"{count[FAILED]} failed")
    except BaseException:
        with suppress(AnolyteError):  # a full disk must not hide why the run ends
            ledger.end(number, "interrupted")
        raise
    ledger.end(number)
    return Summary(ledger, **count)


def attempt(function: Function, task: Task) -> Outcome:
    """Run one task; an error is an outcome like any other."""
    key, arguments = task
    started = time.time()
    try:
        answer = function(arguments, seed_of(key))
        if not isinstance(answer, Result):
            raise TypeError(f"expected a Result, found {type(answer).__name__}")
        return Outcome.of(key, answer, started)
    except Exception as error:
        return Outcome.of(key, error, started)


def seed_of(key: str) -> SeedSequence:
    """The seed of a task follows from its key alone.

    >>> int(seed_of("ff" * 32).generate_state(1)[0])
    281192992
    """
    from numpy.random import SeedSequence

    return SeedSequence(int.from_bytes(key.encode()))


def _chunks(tasks: Iterator[Task], size: int) -> Iterator[Sequence[Task]]:
    while chunk := tuple(islice(tasks, max(1, size))):
        yield chunk


def _store(ledger: Ledger, batch: Sequence[Outcome], run: int, engine: str) -> None:
    """Store a batch, also when Ctrl-C comes while it is being stored."""
    try:
        ledger.put_many(batch, run, engine)
    except KeyboardInterrupt:
        ledger.put_many(batch, run, engine)
        raise
