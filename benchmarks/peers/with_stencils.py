"""Runs every code on the same field, in turns; `benchmarks/stencils.py` starts it.

    PYTHON with_stencils.py ROUNDS LARGE

Any interpreter that has numpy, scipy and numba; JAX (Apache-2.0), py-pde (MIT) and FiPy (public
domain) as far as they are there.
"""

from __future__ import annotations

import sys
import time
from importlib.metadata import version
from statistics import median

import numpy as np
from numba import njit

from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Coefficients, Sides, advance

KAPPA, STEP = 1.0, 0.1
SMALL, FEW, MANY = 512, 40, 40
"""Edge of the field, and steps of a round; of the large field too."""
AGREED = 1e-13


def start(edge: int) -> np.ndarray:
    """A smooth field with fronts all over it, periodic."""
    x = 2.0 * np.pi * np.arange(edge) / edge
    ripple = np.sin(5.0 * x)[:, None] * np.cos(7.0 * x) + 0.3 * np.cos(3.0 * x)[:, None]
    return 0.5 + 0.45 * np.tanh(4.0 * ripple)


# --- ours, and what NumPy can do ----------------------------------------------------------------


def ours(edge: int):
    """Our loops, one thread."""
    sides = Sides(Grid.cubic((edge, edge), 1.0, periodic=(True, True)))
    numbers = Coefficients((STEP * KAPPA, STEP * KAPPA), 2.0 * STEP)
    return lambda field, steps: advance(field, sides, numbers, steps)


def with_numpy(edge: int):
    """Ghost cells, and every operation into an array that is there."""
    lap, well, room = (np.empty((edge, edge)) for _ in range(3))

    def run(field, steps):
        x = np.pad(field, 1, mode="wrap")
        here = x[1:-1, 1:-1]
        for _ in range(steps):
            x[0, 1:-1], x[-1, 1:-1] = x[-2, 1:-1], x[1, 1:-1]
            x[1:-1, 0], x[1:-1, -1] = x[1:-1, -2], x[1:-1, 1]
            np.add(x[:-2, 1:-1], x[2:, 1:-1], out=lap)
            np.add(lap, x[1:-1, :-2], out=lap)
            np.add(lap, x[1:-1, 2:], out=lap)
            np.multiply(here, 4.0, out=room)
            np.subtract(lap, room, out=lap)
            np.multiply(lap, STEP * KAPPA, out=lap)
            np.multiply(here, -2.0, out=well)
            np.add(well, 1.0, out=well)
            np.subtract(1.0, here, out=room)
            np.multiply(well, room, out=well)
            np.multiply(well, here, out=well)
            np.multiply(well, 2.0 * STEP, out=well)
            np.add(here, lap, out=here)
            np.subtract(here, well, out=here)
        return here.copy()

    return run


# --- peers --------------------------------------------------------------------------------------


def with_jax(edge: int) -> dict:
    """Three ways to write a stencil, each with all steps of a round in one compiled loop."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def react(x, lap):
        return x + STEP * KAPPA * lap - 2.0 * STEP * x * (1.0 - x) * (1.0 - 2.0 * x)

    def roll(x):
        near = sum(jnp.roll(x, shift, axis) for axis in (0, 1) for shift in (1, -1))
        return react(x, near - 4.0 * x)

    def pad(x):
        p = jnp.pad(x, 1, mode="wrap")
        near = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
        return react(x, near - 4.0 * x)

    kernel = jnp.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])[None, None]

    def convolution(x):
        p = jnp.pad(x, 1, mode="wrap")[None, None]
        return react(x, lax.conv_general_dilated(p, kernel, (1, 1), "VALID")[0, 0])

    def made(one):
        loop = jax.jit(lambda x, steps: lax.fori_loop(0, steps, lambda _, y: one(y), x))
        return lambda field, steps: np.asarray(loop(field, steps))

    return {f"JAX {one.__name__}": made(one) for one in (roll, pad, convolution)}


def with_pde(edge: int) -> dict:
    """py-pde's explicit solver with its compiled backend; preparation is not timed."""
    import pde

    grid = pde.CartesianGrid([(0, edge)] * 2, edge, periodic=True)
    equation = pde.PDE({"c": f"{KAPPA} * laplace(c) - 2 * c * (1 - c) * (1 - 2 * c)"})
    state = pde.ScalarField(grid, 0.5)
    solver = pde.EulerSolver(equation, backend="numba")
    stepper = solver.make_stepper(state, dt=STEP)

    def run(field, steps):
        state = pde.ScalarField(grid, field)
        out = stepper(state, 0.0, steps * STEP)
        return (state if not hasattr(out, "data") else out).data

    return {"py-pde numba": run}


def with_fipy(edge: int) -> dict:
    """FiPy's explicit diffusion term; its solver meets a diagonal matrix."""
    import fipy

    mesh = fipy.PeriodicGrid2D(dx=1.0, dy=1.0, nx=edge, ny=edge)

    def run(field, steps):
        c = fipy.CellVariable(mesh=mesh, value=field.ravel(), hasOld=True)
        well = 2.0 * c * (1.0 - c) * (1.0 - 2.0 * c)
        equation = fipy.TransientTerm() == fipy.ExplicitDiffusionTerm(coeff=KAPPA) - well
        for _ in range(steps):
            c.updateOld()
            equation.solve(var=c, dt=STEP)
        return np.array(c.value).reshape(edge, edge)

    return {"FiPy explicit": run}


def peers(edge: int) -> dict:
    """All that are installed."""
    found = {}
    for name, package, make in (
        ("jax", "jax", with_jax), ("py-pde", "py-pde", with_pde), ("fipy", "fipy", with_fipy)
    ):  # fmt: skip
        try:
            found |= make(edge)
        except ImportError:
            print(f"{name} is not here: pip install {package}")
        else:
            print(f"{name} {version(package)}")
    return found


# --- copies -------------------------------------------------------------------------------------


@njit
def copied(out, x):
    """The plainest compiled loop: one read, one write."""
    for i in range(x.shape[0]):
        here, there = out[i], x[i]
        for j in range(x.shape[1]):
            here[j] = there[j]


def copies(edge: int) -> dict:
    """A copy as a step, between two arrays that are there."""
    one, other = start(edge), np.empty((edge, edge))

    def loop(field, steps):
        for _ in range(steps):
            copied(other, one)

    def library(field, steps):
        for _ in range(steps):
            np.copyto(other, one)

    return {"copy, loop": loop, "copy, numpy": library}


# --- times --------------------------------------------------------------------------------------


def timed(run, field, steps: int) -> float:
    """ns of the processor for a cell and a step."""
    begin = time.process_time()
    run(field, steps)
    return 1e9 * (time.process_time() - begin) / (steps * field.size)


def compared(ways: dict, field, steps: dict, rounds: int) -> dict:
    """Medians of rounds in which all take turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            times[name].append(timed(run, field, steps.get(name, FEW)))
    return {name: median(some) for name, some in times.items()}


def small(rounds: int) -> None:
    """512 x 512: all codes, after equal answers."""
    field = start(SMALL)
    ways = {"ours": ours(SMALL), "NumPy in place": with_numpy(SMALL), **peers(SMALL)}
    steps = {"FiPy explicit": 1, "py-pde numba": 10}
    for name, run in ways.items():
        count = steps.get(name, FEW)
        wanted = ways["NumPy in place"](field, count)
        begin = time.process_time()
        off = float(np.abs(run(field, count) - wanted).max())
        print(f"  {name:<18} off by {off:.1e} after {count} steps, first call "
              f"{time.process_time() - begin:.2f} s")  # fmt: skip
        assert off <= AGREED, f"{name} solves another problem"
    ways |= copies(SMALL)
    for name in copies(SMALL):
        ways[name](field, FEW)
    found = compared(ways, field, steps, rounds)
    told(f"{SMALL} x {SMALL}, in cache", found)


def large(edge: int, rounds: int) -> None:
    """A field far larger than the cache: ours beside copies."""
    field = start(edge)
    ways = {"ours": ours(edge), **copies(edge)}
    for run in ways.values():
        run(field, 2)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        # `advance` copies the field in and out; few steps are taken from many to leave that out.
        few, many = (count * timed(ways["ours"], field, count) for count in (2, MANY + 2))
        times["ours"].append((many - few) / MANY)
        for name in copies(2):
            times[name].append(timed(ways[name], field, 4))
    told(f"{edge} x {edge}, in memory", {name: median(some) for name, some in times.items()})


def told(title: str, found: dict) -> None:
    """Times and ratios."""
    print(f"{title}: ns a cell and step, times ours")
    for name, cost in found.items():
        print(f"  {name:<18}{cost:>12.3f}{cost / found['ours']:>12.2f}")
    best = [cost for name, cost in found.items() if name.startswith("JAX")]
    if best:
        print(f"  best JAX / ours   {min(best) / found['ours']:12.2f}")


if __name__ == "__main__":
    small(int(sys.argv[1]))
    if int(sys.argv[2]):
        large(int(sys.argv[2]), max(1, int(sys.argv[1]) // 2))
