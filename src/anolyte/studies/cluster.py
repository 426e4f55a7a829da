"""An engine over dask.distributed: workers of this machine, of a scheduler, or of a batch system.

Chunks are handed out as there is room, a few for each worker, so that a stream of candidates is
never held. Only the driver writes the ledger. A worker that dies costs the chunk that it was at:
it runs again elsewhere. The tasks of a chunk whose workers died again and again wait for the end of
the stream and then run with nothing beside them, for a scheduler blames whatever a dead worker was
holding: so the task that kills is found, that one is a failure, and the rest goes on. Workers of
`Local` watch their driver and end with it, however it dies.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from itertools import chain
from typing import Any, Protocol

from anolyte.core.errors import AnolyteError, MissingExtra
from anolyte.studies.ledger import Outcome
from anolyte.studies.processes import cores
from anolyte.studies.runner import Batches, Function, Task, attempt

DEATHS = 3
"""Workers that a chunk may kill before it is taken apart, and a task before it is given up, where
the scheduler is our own."""
AHEAD = 3
"""Chunks that are handed out for each worker: one at work, the next on its way."""
_MISSING = "{} is not installed: pip install 'anolyte[cluster]'"
_KILLS = "its workers died one after the other: out of memory?"
JOIN = 600.0
"""s to wait for the first worker: a batch system may let jobs wait."""


RECOUNT = 1.0
"""s after which workers are counted again: they come and go."""


class Cluster(Protocol):
    """Where workers come from."""

    def client(self) -> AbstractContextManager[Any]:
        """A client of a scheduler; leaving it ends what it started.

        Raises:
            AnolyteError: The scheduler cannot be reached, or workers cannot be started.
            MissingExtra: dask is not installed.
        """
        ...


@dataclass(frozen=True)
class Local:
    """Workers on this machine, each a process of its own.

    Args:
        workers: How many; the cores that this process may use.
        deaths: Workers that a task may kill before it is given up.
    """

    workers: int = field(default_factory=cores)
    deaths: int = DEATHS

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client of a scheduler in this process."""
        distributed = _distributed()
        with (
            _settings(self.deaths),
            distributed.LocalCluster(
                n_workers=self.workers, threads_per_worker=1, processes=True,
                dashboard_address=None, silence_logs=50,
            ) as cluster,
            distributed.Client(cluster, set_as_default=False) as client,
        ):  # fmt: skip
            yield client


@dataclass(frozen=True)
class Address:
    """A scheduler that runs already, with workers that have this package.

    Args:
        url: As `dask scheduler` prints it, `tcp://host:8786`.
        patience: s to wait for it.
    """

    url: str
    patience: float = 10.0

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client of that scheduler."""
        distributed = _distributed()
        try:
            client = distributed.Client(self.url, timeout=self.patience, set_as_default=False)
        except (OSError, ValueError) as error:
            raise AnolyteError(
                f"no scheduler answers at {self.url} ({type(error).__name__}); start one by "
                "`dask scheduler`, and workers by `dask worker ADDRESS`"
            ) from None
        with client:
            yield client


@dataclass(frozen=True)
class Slurm:
    """Jobs of a SLURM queue, each a worker.

    Args:
        queue: Partition.
        jobs: How many.
        memory: Of each.
        walltime: Of each.
    """

    queue: str
    jobs: int = 4
    memory: str = "4GB"
    walltime: str = "02:00:00"

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client of a scheduler in this process, whose workers are jobs."""
        distributed = _distributed()
        dask_jobqueue = _imported("dask_jobqueue")
        with (
            _settings(DEATHS),
            dask_jobqueue.SLURMCluster(
                queue=self.queue, cores=1, processes=1, memory=self.memory, walltime=self.walltime,
                local_directory="/tmp",
            ) as cluster,
        ):  # fmt: skip
            cluster.scale(jobs=self.jobs)
            with distributed.Client(cluster, set_as_default=False) as client:
                yield client


@dataclass(frozen=True)
class Dask:
    """Chunks on the workers of a cluster.

    Args:
        cluster: Where workers come from.
    """

    cluster: Cluster = field(default_factory=Local)
    name = "dask"

    def map(self, function: Function, chunks: Iterable[Sequence[Task]]) -> Batches:
        """Batches of outcomes as chunks finish.

        Raises:
            AnolyteError: No scheduler, or no worker within ten minutes.
            MissingExtra: dask is not installed.
        """
        waiting = iter(chunks)
        first = next(waiting, None)
        if first is None:  # nothing is left to do: no worker is started
            return
        with self.cluster.client() as client:
            yield from _Flight(client, function).fly(chain([first], waiting))


class _Flight:
    """Chunks under way on one client."""

    def __init__(self, client: Any, function: Function) -> None:
        self.client, self.distributed = client, _distributed()
        try:
            client.wait_for_workers(1, timeout=JOIN)
        except TimeoutError:
            raise AnolyteError(f"no worker came within {JOIN:.0f} s; is the queue right?") from None
        # With every chunk: what is scattered once is lost with the workers that hold it.
        self.function = pickle.dumps(function)
        self.chunks: dict[Any, Sequence[Task]] = {}
        self.suspects: list[Sequence[Task]] = []
        self.ended = self.distributed.as_completed(
            loop=client.loop, with_results=True, raise_errors=False
        )
        self.workers, self.counted = 1, float("-inf")

    @property
    def room(self) -> int:
        """Chunks that may still be handed out."""
        if time.monotonic() > self.counted + RECOUNT:
            self.workers = max(sum(self.client.nthreads().values()), 1)
            self.counted = time.monotonic()
        return AHEAD * self.workers - len(self.chunks)

    def fly(self, chunks: Iterator[Sequence[Task]]) -> Iterator[list[Outcome]]:
        """Hand out and collect until nothing is left, then the suspects one by one."""
        more = True
        try:
            while more or self.chunks:
                for _ in range(max(self.room, 0) if more else 0):
                    if (chunk := next(chunks, None)) is None:
                        more = False
                        break
                    self._hand_out(chunk)
                if self.chunks and (found := self._next(self.suspects)) is not None:
                    yield found
            for chunk in self.suspects:
                for task in chunk:
                    self._hand_out([task])
                    yield self._next([]) or [Outcome.of(task[0], AnolyteError(_KILLS))]
        finally:
            self.client.cancel(list(self.chunks), force=True)

    def _hand_out(self, chunk: Sequence[Task]) -> None:
        future = self.client.submit(_answer, self.function, list(chunk), pure=False)
        self.chunks[future] = chunk
        self.ended.add(future)

    def _next(self, suspects: list[Sequence[Task]]) -> list[Outcome] | None:
        """The outcomes of the next chunk that ends; None: its workers died, it is a suspect.

        Raises:
            AnolyteError: The scheduler is gone, or workers cannot read what they are given.
        """
        future, found = next(self.ended)  # the answer comes along: no further trip to the scheduler
        chunk = self.chunks.pop(future)
        if future.cancelled():
            raise AnolyteError("the scheduler is gone; what is done is kept, and can be resumed")
        if future.status == "finished":
            return list(found)
        error = future.exception()
        if not isinstance(error, self.distributed.KilledWorker):
            raise AnolyteError(
                f"workers cannot run this ({type(error).__name__}: {error}); do they have this "
                "package, in the same version?"
            )
        suspects.append(chunk)
        return None


def _answer(function: bytes, chunk: Sequence[Task]) -> list[Outcome]:
    """On a worker."""
    known = _function(function)
    return [attempt(known, task) for task in chunk]


@lru_cache(maxsize=1)
def _function(pickled: bytes) -> Function:
    """Read once a worker, so that what it keeps for itself lasts from chunk to chunk."""
    return pickle.loads(pickled)


def _settings(deaths: int) -> Any:
    """Of a scheduler that is started here; dask gives up at one death more than is allowed."""
    config = _imported("dask.config")
    return config.set({"distributed.scheduler.allowed-failures": deaths - 1})


def _distributed() -> Any:
    return _imported("distributed")


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtra(_MISSING.format(name.partition(".")[0])) from None
