"""Explicit Allen-Cahn steps on a GPU: equal to the CPU, and how much of a measured copy they reach.

    python benchmarks/stencils_gpu.py [--edge 8192] [--space 320] [--steps 50] [--rounds 5]

Needs `pip install 'anolyte[gpu]'` and a GPU. First both devices take the same steps, in two and in
three dimensions, and the greatest difference is printed (1e-12 is wanted; products are fused on a
GPU). Then the time of a step is that of N steps and of 2 N steps apart, so that carrying the field
there and back does not count, beside a kernel that copies the same field: bytes that a step must
move (each number read and written once) over the time, as a share of what the copy moves. Last the
CPU of the same machine with all its threads. Medians of rounds. With NUMBA_ENABLE_CUDASIM=1 and
--edge 32 --space 8 --steps 2 the script runs without a GPU, and its times mean nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from anolyte.core.errors import MissingExtra
from anolyte.numerics.device import Cpu, Gpu, cuda
from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Coefficients, Sides

EQUAL = 1e-12


def main() -> None:
    """Compare, then time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edge", type=int, default=8192, help="cells along an edge of the plane")
    parser.add_argument("--space", type=int, default=320, help="the same in space")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    try:
        gpu = Gpu()
    except MissingExtra as missing:
        sys.exit(f"stencils_gpu: {missing}")
    for shape in ((given.edge, given.edge), (given.space,) * 3):
        small = tuple(min(n, 64) for n in shape)
        print(f"{' x '.join(map(str, shape))}")
        print(f"  greatest difference from the CPU  {difference(gpu, small):.1e} (want {EQUAL:g})")
        moved = 16.0 * float(np.prod(shape))  # bytes: read and written once, 8 each
        ours = a_step(gpu, shape, given.steps, given.rounds)
        copied = a_copy(shape, given.steps, given.rounds)
        threads = os.cpu_count() or 1
        cpu = a_step(Cpu(threads), shape, max(given.steps // 10, 1), given.rounds)
        for name, spent in (("a step", ours), ("a copy by a kernel", copied)):
            print(f"  {name:<34}{1e3 * spent:.3f} ms, {moved / spent / 1e9:.0f} GB/s")
        print(f"  share of the copy                 {copied / ours:.0%}")
        print(f"  over {threads} threads of this machine   {cpu / ours:.1f} times")


def case(shape: tuple[int, ...]) -> tuple[np.ndarray, Sides, Coefficients]:
    """A periodic field that moves in every cell."""
    grid = Grid.cubic(shape, 1.0, periodic=(True,) * len(shape))
    start = np.random.default_rng(0).random(shape)
    return start, Sides(grid), Coefficients((0.1,) * len(shape), 0.05)


def difference(gpu: Gpu, shape: tuple[int, ...]) -> float:
    """Greatest one after three steps."""
    ours, theirs = (device.advance(*case(shape), 3) for device in (Cpu(), gpu))
    return float(np.abs(ours - theirs).max())


def a_step(device: Any, shape: tuple[int, ...], steps: int, rounds: int) -> float:
    """s, of one step."""
    start, sides, coefficients = case(shape)
    device.advance(start, sides, coefficients, 1)  # compiles

    def take(many: int) -> Callable[[], object]:
        return lambda: device.advance(start, sides, coefficients, many)

    found = [(timed(take(2 * steps)) - timed(take(steps))) / steps for _ in range(rounds)]
    return max(statistics.median(found), 1e-12)


def a_copy(shape: tuple[int, ...], steps: int, rounds: int) -> float:
    """s, to copy a field on the GPU by a kernel."""

    @cuda.jit
    def copy(out: Any, x: Any) -> None:
        place = cuda.grid(1)
        if place < x.size:
            out[place] = x[place]

    x = cuda.to_device(np.random.default_rng(0).random(int(np.prod(shape))))
    out, blocks = cuda.device_array_like(x), -(-x.size // 256)

    def run() -> None:
        for _ in range(steps):
            copy[blocks, 256](out, x)
        cuda.synchronize()

    run()  # compiles
    return statistics.median(timed(run) for _ in range(rounds)) / steps


def timed(work: Callable[[], object]) -> float:
    """s of wall clock: a GPU has no time of this process."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
