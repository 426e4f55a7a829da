"""The kernels of a GPU: in the simulator everywhere, on a GPU where there is one."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from anolyte.core.errors import MissingExtra
from anolyte.numerics.device import Cpu, Gpu, why_no_gpu
from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Coefficients, Held, Sides

# Both devices in one process; arrays are compared there, and the largest differences printed.
CHILD = """
import json, sys
import numpy as np
from anolyte.numerics.device import Cpu, Gpu
from anolyte.numerics.grid import Grid
from anolyte.numerics.stencils import Coefficients, Held, Sides

off, moved = [], []
for shape in ((5, 6), (3, 4, 3)):
    for wraps in (False, True):
        grid = Grid.cubic(shape, 1.0, periodic=(wraps,) + (not wraps,) * (len(shape) - 1))
        held = tuple((None, None) if p else (Held(0.3), None) for p in grid.periodic)
        sides, c = Sides(grid, held), Coefficients((0.1, 0.07, 0.05)[: len(shape)], 0.05, 0.01)
        start = np.random.default_rng(1).random(shape)
        ours, theirs = (d.advance(start, sides, c, 2) for d in (Cpu(), Gpu()))
        off.append(float(abs(ours - theirs).max()))
        moved.append(float(abs(ours - start).max()))
print(json.dumps([off, moved]))
"""


def test_simulated_threads_are_the_loops():
    """Every kind of side in two and three dimensions, bit for bit."""
    pytest.importorskip("numba.cuda")
    environment = dict(os.environ, NUMBA_ENABLE_CUDASIM="1")
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    off, moved = json.loads(done.stdout)
    assert min(moved) > 1e-3
    assert max(off) == 0.0


def test_a_gpu_that_is_not_there_is_asked_for_in_vain():
    if not why_no_gpu():
        pytest.skip("there is a GPU")
    with pytest.raises(MissingExtra, match="GPU"):
        Gpu()


@pytest.mark.skipif(bool(why_no_gpu()), reason=f"no GPU: {why_no_gpu()}")
@pytest.mark.parametrize("shape", [(257, 300), (33, 20, 70)])
def test_a_gpu_agrees_with_the_loops(shape):
    grid = Grid.cubic(shape, 1.0, periodic=(False, True, False)[: len(shape)])
    held = tuple((None, None) if p else (Held(0.3), None) for p in grid.periodic)
    sides, c = Sides(grid, held), Coefficients((0.1,) * len(shape), 0.05, 0.01)
    start = np.random.default_rng(1).random(shape)
    np.testing.assert_allclose(
        Gpu().advance(start, sides, c, 50), Cpu().advance(start, sides, c, 50), rtol=0, atol=1e-12
    )
