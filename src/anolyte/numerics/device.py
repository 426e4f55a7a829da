"""Where explicit steps are taken: on the CPU, or on a GPU from the same function of a cell.

A GPU needs the package numba-cuda and a driver; `why_no_gpu` says what is missing. With
NUMBA_ENABLE_CUDASIM=1 in the environment the kernels run in numba's simulator, slowly, on the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from anolyte.core.errors import DataError, MissingExtra
from anolyte.numerics.grid import Field
from anolyte.numerics.stencils import (
    Coefficients,
    Sides,
    advance,
    beyond,
    plane_cell,
    space_cell,
)

cuda: Any  # in the globals of the kernels: there the simulator looks for it
try:
    from numba import cuda
except ImportError:  # pragma: no cover - a numba that leaves it to numba-cuda
    cuda = None

BLOCKS: tuple[tuple[int, ...], ...] = ((32, 8), (32, 4, 2))
"""Threads of a block; the first count is along the last axis, whose cells lie side by side."""


class Device(Protocol):
    """What takes steps."""

    def advance(
        self, values: Field, sides: Sides, coefficients: Coefficients, steps: int
    ) -> Field: ...


@dataclass(frozen=True)
class Cpu:
    """Loops over rows; the same bits on any number of threads."""

    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse no thread at all."""
        if self.threads < 1:
            raise DataError(f"steps need at least one thread, not {self.threads}")

    def advance(self, values: Field, sides: Sides, coefficients: Coefficients, steps: int) -> Field:
        """The field after some steps."""
        return advance(values, sides, coefficients, steps, threads=self.threads)


@dataclass(frozen=True)
class Gpu:
    """One thread a cell; equal to the CPU up to the last digits, since products are fused there.

    Raises:
        MissingExtra: There is no GPU, or no way to reach it.
    """

    def __post_init__(self) -> None:
        """Refuse where there is none."""
        if missing := why_no_gpu():
            raise MissingExtra(f"steps on a GPU were asked for, but {missing}")

    def advance(self, values: Field, sides: Sides, coefficients: Coefficients, steps: int) -> Field:
        """The field after some steps."""
        kernel, block = kernels()[values.ndim - 2], BLOCKS[values.ndim - 2]
        blocks = tuple(-(-n // b) for n, b in zip(values.shape[::-1], block, strict=True))
        x = cuda.to_device(np.ascontiguousarray(values))
        out = cuda.device_array(values.shape, np.float64)
        around = (np.array(sides.grid.periodic), sides.signs, sides.offsets)
        wraps, signs, offsets = map(cuda.to_device, around)
        numbers = (*coefficients.weights, coefficients.well, coefficients.push)
        for _ in range(steps):
            kernel[blocks, block](out, x, *numbers, wraps, signs, offsets)
            x, out = out, x
        return x.copy_to_host()


def why_no_gpu() -> str:
    """What stands in the way of a GPU, or nothing.

    >>> why_no_gpu() == "" or "GPU" in why_no_gpu()
    True
    """
    if cuda is None:
        return "the package that drives a GPU is not installed: pip install numba-cuda"
    if not cuda.is_available():
        return "no GPU with a working driver was found (or numba-cuda is not installed)"
    return ""


@lru_cache(maxsize=1)
def kernels() -> tuple[Any, Any]:
    """The kernels for two and for three axes, compiled when they are first called.

    They are kept in memory only: a cache on disk would not notice a change of the cell functions,
    which stand in another file.
    """
    two, three = cuda.jit(device=True)(plane_cell), cuda.jit(device=True)(space_cell)
    ghost = cuda.jit(device=True)(beyond)

    # fmt: off
    @cuda.jit
    def plane(out, x, w0, w1, well, push, wraps, s, o):  # pragma: no cover - compiled
        j, i = cuda.grid(2)
        n, m = x.shape
        if i >= n or j >= m:
            return
        at = x[i, j]
        low0 = x[i - 1, j] if i > 0 else ghost(at, x[n - 1, j], wraps[0], s[0, 0], o[0, 0])
        high0 = x[i + 1, j] if i < n - 1 else ghost(at, x[0, j], wraps[0], s[0, 1], o[0, 1])
        low1 = x[i, j - 1] if j > 0 else ghost(at, x[i, m - 1], wraps[1], s[1, 0], o[1, 0])
        high1 = x[i, j + 1] if j < m - 1 else ghost(at, x[i, 0], wraps[1], s[1, 1], o[1, 1])
        out[i, j] = two(at, low0, high0, low1, high1, w0, w1, well, push)

    @cuda.jit
    def space(out, x, w0, w1, w2, well, push, wraps, s, o):  # pragma: no cover - compiled
        k, j, i = cuda.grid(3)
        h, n, m = x.shape
        if i >= h or j >= n or k >= m:
            return
        at = x[i, j, k]
        low0 = x[i - 1, j, k] if i > 0 else ghost(at, x[h - 1, j, k], wraps[0], s[0, 0], o[0, 0])
        high0 = x[i + 1, j, k] if i < h - 1 else ghost(at, x[0, j, k], wraps[0], s[0, 1], o[0, 1])
        low1 = x[i, j - 1, k] if j > 0 else ghost(at, x[i, n - 1, k], wraps[1], s[1, 0], o[1, 0])
        high1 = x[i, j + 1, k] if j < n - 1 else ghost(at, x[i, 0, k], wraps[1], s[1, 1], o[1, 1])
        low2 = x[i, j, k - 1] if k > 0 else ghost(at, x[i, j, m - 1], wraps[2], s[2, 0], o[2, 0])
        high2 = x[i, j, k + 1] if k < m - 1 else ghost(at, x[i, j, 0], wraps[2], s[2, 1], o[2, 1])
        out[i, j, k] = three(
            at, low0, high0, low1, high1, low2, high2, w0, w1, w2, well, push
        )
    # fmt: on

    return plane, space
