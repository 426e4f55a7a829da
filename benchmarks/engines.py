"""What a candidate costs to hand out: engines of this package beside the bare tools below them.

The task does nothing, so that all of the time is the engine's. Wall time by its nature; the best
of three rounds, in which the engines take turns, with two workers each that are started first.
"""

import multiprocessing
import sys
import time

from anolyte.models.volume import VolumeResult
from anolyte.studies.cluster import Dask, Local
from anolyte.studies.ledger import Outcome
from anolyte.studies.processes import Processes
from anolyte.studies.runner import InProcess, Runner, attempt

WORKERS = 2
ROUNDS = 3
ANSWER = VolumeResult("nothing", ratio=1.0)


def nothing(number: int, seed: object) -> VolumeResult:
    """A candidate that costs nothing."""
    return ANSWER


def chunks(count: int, size: int):
    """Tasks in chunks."""
    tasks = [(f"{i:064x}", i) for i in range(count)]
    return [tasks[i : i + size] for i in range(0, count, size)]


def answer(chunk) -> list[Outcome]:
    """What a bare pool is given: a chunk."""
    return [attempt(nothing, task) for task in chunk]


def ours(engine: Runner, count: int, size: int) -> float:
    """us a task from the first answer on: starting workers is left out."""
    answers = engine.map(nothing, chunks(count + size, size))
    next(answers)
    began = time.perf_counter()
    seen = sum(map(len, answers))
    return 1e6 * (time.perf_counter() - began) / seen


def pool(count: int, size: int) -> float:
    """us a task of `multiprocessing.Pool`."""
    with multiprocessing.get_context("spawn").Pool(WORKERS) as workers:
        workers.map(answer, chunks(2 * size * WORKERS, size))
        began = time.perf_counter()
        seen = sum(map(len, workers.imap_unordered(answer, chunks(count, size))))
        return 1e6 * (time.perf_counter() - began) / seen


def bare(count: int, size: int) -> float:
    """us a task of dask's own `client.map`, all futures at once."""
    with Local(WORKERS).client() as client:
        client.gather(client.map(answer, chunks(2 * size * WORKERS, size), pure=False))
        began = time.perf_counter()
        futures = client.map(answer, chunks(count, size), pure=False)
        seen = sum(map(len, client.gather(futures)))
        return 1e6 * (time.perf_counter() - began) / seen


def main(count: int = 1000) -> None:
    """Print us a task for chunks of one and of 25."""
    ways = {
        "in-process": lambda size: ours(InProcess(), count, size),
        "processes": lambda size: ours(Processes(WORKERS), count, size),
        "multiprocessing.Pool": lambda size: pool(count, size),
        "dask": lambda size: ours(Dask(Local(WORKERS)), count, size),
        "client.map": lambda size: bare(count, size),
    }
    for size in (1, 25):
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(ROUNDS):
            for name, way in ways.items():
                best[name] = min(best[name], way(size))
        print(f"chunks of {size}: us a task, two workers")
        for name, cost in best.items():
            print(f"  {name:<22}{cost:>9.0f}")
        print(f"  processes / Pool      {best['processes'] / best['multiprocessing.Pool']:9.2f}")
        print(f"  dask / client.map     {best['dask'] / best['client.map']:9.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
